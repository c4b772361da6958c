//! The bins of a disaggregation: their edges, and in which bin something is.
//!
//! All of it is the engine's: edges to the last bit, which side of an edge belongs to a bin, what becomes of what is in no bin.

use std::collections::BTreeSet;

use super::super::sources::SourceGroup;
use crate::elementary::scalar::cos;
use crate::job::{BinEdges, DisaggAxis, Job, JobError};
use crate::site::SiteCollection;

/// Edges of the bins of each axis.
#[derive(Clone, Debug, PartialEq)]
pub struct DisaggBins {
    /// Of magnitudes.
    pub mag: Vec<f64>,
    /// Of distances, km.
    pub dist: Vec<f64>,
    /// Of longitudes, degrees, by site.
    pub lon: Vec<Vec<f64>>,
    /// Of latitudes, degrees, by site.
    pub lat: Vec<Vec<f64>>,
    /// Of epsilon.
    pub eps: Vec<f64>,
    /// The tectonic region types.
    pub trts: Vec<String>,
}

/// A degree over a kilometre.
const KM_TO_DEGREES: f64 = 0.0089932;

/// Degrees below this are none.
const NOTHING: f64 = 1e-12;

impl DisaggBins {
    /// Those of a job.
    ///
    /// # Errors
    /// If edges of places are given for several sites, or no source has a magnitude.
    pub fn of(
        job: &Job,
        sites: &SiteCollection,
        groups: &[SourceGroup],
        trts: Vec<String>,
    ) -> Result<DisaggBins, JobError> {
        let params = &job.params;
        let edges = params.disagg_bin_edges.clone().unwrap_or_default();
        let farthest = params.maximum_distance.farthest();
        let (lon, lat) = of_places(job, sites, &edges, farthest)?;
        let dist = match (edges.dist, params.distance_bin_width) {
            (Some(edges), _) => edges,
            (None, Some(width)) => uniform(0.0, (farthest / width).ceil(), width),
            (None, None) => vec![0.0, farthest],
        };
        let mag = match edges.mag {
            Some(edges) => edges,
            None => of_magnitudes(&magnitudes(job, groups), params.mag_bin_width).ok_or_else(|| {
                job.error(
                    params.lines.mag_bin_width,
                    "no source has a magnitude that counts: there is nothing to disaggregate",
                )
            })?,
        };
        let has_eps = marginals_of(job).iter().any(|marginal| marginal.axes.contains(&DisaggAxis::Eps));
        let count = if has_eps { params.num_epsilon_bins } else { 1 };
        let eps = edges.eps.unwrap_or_else(|| between(params.truncation_level, count));
        Ok(DisaggBins { mag, dist, lon, lat, eps, trts })
    }

    /// How many bins an axis has.
    pub fn count(&self, axis: DisaggAxis) -> usize {
        let between = |edges: &[f64]| edges.len().saturating_sub(1);
        match axis {
            DisaggAxis::Trt => self.trts.len(),
            DisaggAxis::Mag => between(&self.mag),
            DisaggAxis::Dist => between(&self.dist),
            // as many at all sites
            DisaggAxis::Lon => self.lon.first().map_or(0, |edges| between(edges)),
            DisaggAxis::Lat => self.lat.first().map_or(0, |edges| between(edges)),
            DisaggAxis::Eps => between(&self.eps),
        }
    }

    /// The bin of a magnitude; `None` above the last one. The upper edge belongs to a bin.
    pub fn of_mag(&self, mag: f64) -> Option<usize> {
        let bin = self.mag.partition_point(|edge| *edge < single(mag)).saturating_sub(1);
        (bin < self.count(DisaggAxis::Mag)).then_some(bin)
    }

    /// The bin of a distance.
    pub fn of_dist(&self, dist: f64) -> usize {
        closed_below(&self.dist, single(dist))
    }

    /// The bins of the longitude and the latitude of a place by those around a site.
    pub fn of_place(&self, site: usize, (lon, lat): (f64, f64)) -> (usize, usize) {
        // an edge is often at the equator or the meridian of Greenwich, and rounding errors about 0 are no place
        let exact = |degrees: f64| if degrees.abs() < NOTHING { 0.0 } else { single(degrees) };
        (of_longitude(&self.lon[site], exact(lon)), closed_below(&self.lat[site], exact(lat)))
    }
}

/// The marginals that a job asks for.
pub fn marginals_of(job: &Job) -> Vec<crate::job::Marginal> {
    let given = job.params.disagg_outputs.clone().filter(|given| !given.is_empty());
    given.unwrap_or_else(|| crate::job::Marginal::ALL.to_vec())
}

/// The engine keeps contexts in single precision between its two passes: that decides on which side of an edge something is.
fn single(x: f64) -> f64 {
    f64::from(x as f32)
}

/// The lower edge belongs to a bin. What is outside of all is in the last one, which the engine has no other place for.
fn closed_below(edges: &[f64], x: f64) -> usize {
    let last = edges.len().saturating_sub(2);
    edges.partition_point(|edge| *edge <= x).checked_sub(1).map_or(last, |bin| bin.min(last))
}

/// The same of longitudes, whose bins may cross the date line: there what is outside is in the first one.
fn of_longitude(edges: &[f64], lon: f64) -> usize {
    let (first, last) = (edges[0], edges[edges.len() - 1]);
    if first * last >= 0.0 || (first - last).abs() <= 180.0 {
        return closed_below(edges, lon);
    }
    let east_of = |of: f64, lon: f64| (lon - of + 180.0).rem_euclid(360.0) - 180.0;
    let is_in = |bin: usize| east_of(lon, edges[bin + 1]) > 0.0 && (bin == 0 || east_of(edges[bin], lon) >= 0.0);
    (0..edges.len() - 1).rfind(|&bin| is_in(bin)).unwrap_or(0)
}

/// `width` times the whole numbers from `first` to `last`.
fn uniform(first: f64, last: f64, width: f64) -> Vec<f64> {
    (first as i64..=last as i64).map(|n| width * n as f64).collect()
}

/// Edges around magnitudes that ascend; `None` if there are none.
fn of_magnitudes(magnitudes: &[f64], width: f64) -> Option<Vec<f64>> {
    let (least, most) = (magnitudes.first()?, magnitudes.last()?);
    let (first, mut last) = ((least / width).floor(), (most / width).ceil());
    // a magnitude at the last edge needs a bin above it
    if last == first || *most >= (width * last * 1e3).round_ties_even() / 1e3 {
        last += 1.0;
    }
    Some(uniform(first, last, width))
}

/// The magnitudes of sources with two digits, as the engine keeps them, ascending.
fn magnitudes(job: &Job, groups: &[SourceGroup]) -> Vec<f64> {
    let mut hundredths = BTreeSet::new();
    for group in groups {
        let least = job.params.maximum_distance.for_trt(&group.trt).first().map_or(0.0, |pair| pair.0);
        let all = group.sources.iter().flat_map(|source| source.magnitudes());
        // the text of a float is rounded as Python's is
        let rounded = all.filter_map(|mag| format!("{:.2}", mag as f32).parse::<f64>().ok());
        hundredths.extend(rounded.filter(|mag| *mag >= least).map(|mag| (mag * 100.0).round() as i64));
    }
    hundredths.into_iter().filter_map(|mag| format!("{}.{:02}", mag / 100, mag % 100).parse().ok()).collect()
}

/// The edges of bins that cut what is between minus and plus a number.
fn between(bound: f64, count: usize) -> Vec<f64> {
    let step = 2.0 * bound / count as f64;
    let edge = |n: usize| if n == count { bound } else { n as f64 * step - bound };
    (0..=count).map(edge).collect()
}

type ByPlace = (Vec<Vec<f64>>, Vec<Vec<f64>>);

/// The edges of longitudes and of latitudes by site.
fn of_places(job: &Job, sites: &SiteCollection, edges: &BinEdges, farthest: f64) -> Result<ByPlace, JobError> {
    if let (Some(lon), Some(lat)) = (&edges.lon, &edges.lat) {
        if sites.len() > 1 {
            let message = format!(
                "disagg_bin_edges: lon and lat are for one site, and there are {}; leave them out",
                sites.len()
            );
            return Err(job.error(job.params.lines.disagg_bin_edges, message));
        }
        return Ok((vec![lon.clone()], vec![lat.clone()]));
    }
    let count = (farthest * KM_TO_DEGREES / job.params.coordinate_bin_width).ceil();
    let of_site = |site: usize| {
        let (lon, lat) = (sites.points.lon[site], sites.points.lat[site]);
        let reach = (farthest * KM_TO_DEGREES / cos(lat.to_radians())).min(180.0);
        (around(lon, reach, count), around(lat, (farthest * KM_TO_DEGREES).min(90.0), count))
    };
    Ok((0..sites.len()).map(of_site).unzip())
}

/// `count` bins from `reach` before a place to as much behind it, with the rounding of `numpy.arange`.
fn around(place: f64, reach: f64, count: f64) -> Vec<f64> {
    let first = -reach;
    let step = (first + 2.0 * reach / count) - first;
    (0..=count as usize).map(|n| place + if n == 0 { first } else { first + n as f64 * step }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_enclose_the_magnitudes() {
        assert_eq!(of_magnitudes(&[5.05, 6.95], 1.0), Some(vec![5.0, 6.0, 7.0]));
        // one at the last edge needs another bin
        assert_eq!(of_magnitudes(&[5.0, 6.0], 0.5), Some(vec![5.0, 5.5, 6.0, 6.5]));
        assert_eq!(of_magnitudes(&[6.0], 1.0), Some(vec![6.0, 7.0]));
        assert_eq!(of_magnitudes(&[], 1.0), None);
        assert_eq!(uniform(0.0, 3.0, 0.1)[3], 0.1 * 3.0);
    }

    #[test]
    fn what_is_on_an_edge_is_in_one_bin() {
        let bins = DisaggBins {
            mag: vec![5.0, 6.0, 7.0],
            dist: vec![0.0, 10.0, 20.0],
            lon: vec![vec![12.0, 13.0, 14.0]],
            lat: vec![vec![41.0, 42.0, 43.0]],
            eps: between(3.0, 3),
            trts: vec!["Volcanic".into()],
        };
        assert_eq!(
            [4.0, 5.0, 6.0, 6.1, 7.0, 7.1].map(|mag| bins.of_mag(mag)),
            [Some(0), Some(0), Some(0), Some(1), Some(1), None]
        );
        assert_eq!([0.0, 10.0, 20.0, 25.0].map(|dist| bins.of_dist(dist)), [0, 1, 1, 1]);
        // a tenth is below the float nearest to it
        assert_eq!(DisaggBins { dist: vec![0.0, 0.1, 0.2], ..bins.clone() }.of_dist(0.1), 1);
        assert_eq!(bins.of_place(0, (12.5, 42.0)), (0, 1));
        // before the first edge as behind the last one
        assert_eq!(bins.of_place(0, (11.5, 44.0)), (1, 1));
        assert_eq!(bins.eps, [-3.0, -1.0, 1.0, 3.0]);
    }

    #[test]
    fn bins_may_cross_the_date_line() {
        let edges = [170.0, 180.0, -170.0];
        assert_eq!([171.0, 179.0, -179.0, -171.0, 0.0].map(|lon| of_longitude(&edges, lon)), [0, 0, 1, 1, 0]);
        assert_eq!([179.0, 181.0].map(|lon| of_longitude(&[170.0, 180.0, 190.0], lon)), [0, 1]);
    }
}
