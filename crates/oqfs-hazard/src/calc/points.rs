//! Contexts of point sources: those alone, those of areas and multi-point sources, and those that stand for several.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::CalcError;
use super::added_rates::Added;
use super::contexts::{Collector, Evaluate, Measure, RuptureParams, in_canterbury};
use super::filter::{Area, in_box, straight_distance};
use super::placed::{PLACES, Placed, Reach, Workload, extremes, some_of};
use crate::geo::planar::PlanarMeasure;
use crate::geo::points::{Columns, Points};
use crate::geo::{Point, norm, sub};
use crate::source::point::{MagnitudeBin, PlanarRupture, PointRuptures, Spread};
use crate::source::{Mfd, Occurrence, Source};

/// A source that is a set of equal point sources. Its parts are the points.
#[derive(Clone, Debug)]
pub struct PlacedPoints {
    /// Longitude and latitude of each point, degrees.
    pub locations: Vec<(f64, f64)>,
    /// How the ruptures at each point lie.
    pub spread: Spread,
    /// The number of ruptures at each point.
    pub per_location: usize,
    /// The sites of the source that it is or is a part of, where that is not taken apart into points.
    pub whole: Option<Area>,
    /// What is added to the rates of its ruptures: by point, by magnitude, by nodal plane and depth.
    pub added: Option<Added>,
}

impl PlacedPoints {
    /// Magnitudes with their annual rates at one point.
    pub fn rates(&self, source: &Source) -> Vec<(f64, f64)> {
        source.mfd.shared(self.locations.len())
    }

    /// The ruptures at one point.
    pub fn ruptures_at(&self, source: &Source, shift_hypo: bool) -> PointRuptures {
        PointRuptures::new(source, &self.spread, &self.rates(source)).shifting(shift_hypo)
    }
}

impl Placed for PlacedPoints {
    fn ruptures(&self) -> usize {
        self.locations.len() * self.per_location
    }

    fn with_added(&self, added: &Added) -> Option<Arc<dyn Placed>> {
        Some(Arc::new(PlacedPoints { added: Some(added.clone()), ..self.clone() }))
    }

    fn mfd<'a>(&self, source: &'a Source, _: f64) -> Cow<'a, Mfd> {
        let Some(Added(added)) = &self.added else { return Cow::Borrowed(&source.mfd) };
        let (magnitudes, mut rates): (Vec<f64>, Vec<f64>) = source.mfd.rates().into_iter().unzip();
        for point in added.chunks(self.per_location.max(1)) {
            let of_magnitude = point.chunks(self.spread.count().max(1));
            rates.iter_mut().zip(of_magnitude).for_each(|(rate, added)| *rate += added.iter().sum::<f64>());
        }
        Cow::Owned(Mfd::Arbitrary { magnitudes, rates })
    }

    fn depths(&self) -> Option<(f64, f64)> {
        extremes(self.spread.hypo_depths.iter().map(|(_, depth)| *depth))
    }

    fn longitudes(&self) -> Option<(f64, f64)> {
        extremes(self.locations.iter().map(|(lon, _)| *lon))
    }

    fn places(&self, parts: Range<usize>) -> Vec<(f64, f64)> {
        some_of(parts, PLACES).map(|i| self.locations[i]).collect()
    }

    fn cut(&self, target: u64) -> Vec<(Range<usize>, u64)> {
        let per_location = self.per_location.max(1) as u64;
        let step = target.div_ceil(per_location).max(1) as usize;
        let part = |start: usize| {
            let stop = (start + step).min(self.locations.len());
            (start..stop, (stop - start) as u64 * per_location)
        };
        (0..self.locations.len()).step_by(step).map(part).collect()
    }

    fn points(&self) -> Option<&PlacedPoints> {
        Some(self)
    }

    fn add(
        &self,
        source: &Source,
        parts: Range<usize>,
        work: &Workload,
        collector: &mut Collector<dyn Evaluate + '_>,
    ) -> Result<(), CalcError> {
        let ruptures = self.ruptures_at(source, work.shift_hypo);
        let mut scratch = PointScratch::default();
        for place in parts {
            work.check()?;
            let added = self.added.as_ref().map(|Added(all)| &all[place * self.per_location..][..self.per_location]);
            let point = PointAt { ruptures: &ruptures, location: self.locations[place], added };
            match &self.whole {
                Some(area) => add_point_of(&point, area, work.tile(), work.reach, collector, &mut scratch),
                None => add_point_source(&point, work.tile(), work.reach, collector, &mut scratch),
            }
        }
        Ok(())
    }
}

/// Buffers of [`add_point_source`].
#[derive(Default)]
pub struct PointScratch {
    near: NearSites,
    distances: Vec<f64>,
    close: NearSites,
    far: NearSites,
    ruptures: Vec<PlanarRupture>,
    felt: Felt,
}

/// Sites that may feel ruptures, as columns to measure to.
#[derive(Default)]
struct NearSites {
    sites: Vec<u32>,
    columns: Columns,
}

impl NearSites {
    /// Those of `from` of which `is_wanted`, by their place, says so.
    fn select(&mut self, points: &Points, from: &[u32], is_wanted: impl Fn(usize) -> bool) {
        self.sites.clear();
        self.sites.extend(from.iter().enumerate().filter(|(k, _)| is_wanted(*k)).map(|(_, site)| *site));
        self.columns.fill(points, &self.sites);
    }
}

/// The sites that feel a rupture.
#[derive(Default)]
struct Felt {
    /// To each site that may feel it, km.
    rrup: Vec<f64>,
    measured: Vec<f64>,
    /// The places of those that do, and they themselves.
    places: Vec<usize>,
    sites: Vec<u32>,
}

/// What makes ruptures around one place.
pub trait PointLike {
    /// The place that distances to the source are measured to.
    fn origin(&self) -> Point;

    /// Its magnitudes.
    fn magnitudes(&self) -> &[MagnitudeBin];

    /// Whether a magnitude makes more than one rupture.
    fn is_spread(&self) -> bool;

    /// By how much the source is larger than its ruptures, km.
    fn slack(&self) -> f64;

    /// Put the ruptures of the n-th magnitude into `out`.
    fn at(&self, magnitude: usize, out: &mut Vec<PlanarRupture>);

    /// Put the one rupture that stands for the n-th magnitude far away into `out`.
    fn mean_at(&self, magnitude: usize, out: &mut Vec<PlanarRupture>);
}

/// A point source at its location.
pub struct PointAt<'a> {
    /// Its ruptures.
    pub ruptures: &'a PointRuptures,
    /// Longitude and latitude, degrees.
    pub location: (f64, f64),
    /// What is added to the rates of its ruptures.
    pub added: Option<&'a [f64]>,
}

impl PointAt<'_> {
    /// What is added to the rates of the ruptures of a magnitude.
    fn added(&self, magnitude: usize) -> &[f64] {
        let Some(added) = self.added else { return &[] };
        let count = added.len() / self.magnitudes().len();
        &added[magnitude * count..][..count]
    }
}

impl PointLike for PointAt<'_> {
    fn origin(&self) -> Point {
        Point::new(self.location.0, self.location.1, 0.0)
    }

    fn magnitudes(&self) -> &[MagnitudeBin] {
        self.ruptures.magnitudes()
    }

    fn is_spread(&self) -> bool {
        self.ruptures.is_spread()
    }

    fn slack(&self) -> f64 {
        0.0
    }

    fn at(&self, magnitude: usize, out: &mut Vec<PlanarRupture>) {
        out.clear();
        self.ruptures.add_at(&self.magnitudes()[magnitude], self.location, out);
        out.iter_mut().zip(self.added(magnitude)).for_each(|(rupture, added)| rupture.rate += added);
    }

    fn mean_at(&self, magnitude: usize, out: &mut Vec<PlanarRupture>) {
        self.ruptures.mean_at(&self.magnitudes()[magnitude], self.location, out);
        let added: f64 = self.added(magnitude).iter().sum();
        out.iter_mut().for_each(|rupture| rupture.rate += added);
    }
}

/// Add the ruptures of a point source for the sites in a range.
pub fn add_point_source(
    source: &impl PointLike,
    candidates: Range<usize>,
    reach: &Reach,
    collector: &mut Collector<dyn Evaluate + '_>,
    scratch: &mut PointScratch,
) {
    let distance = &reach.maximum_distance;
    let bins = source.magnitudes();
    let largest = bins.iter().filter(|b| distance.of(b.mag) > 0.0).map(|b| b.mag).fold(f64::NEG_INFINITY, f64::max);
    let Some(last) = bins.last().filter(|_| largest.is_finite()) else { return };
    let points = &collector.sites.points;
    let enlarged = |km: f64| km + last.radius.min(km / 2.0) + source.slack();
    let (origin, place) = (source.origin().xyz(), (source.origin().lon, source.origin().lat));
    let PointScratch { near, distances, close, far, ruptures, felt } = scratch;
    in_box(points, candidates, std::iter::once(place), enlarged(distance.last()), &mut near.sites);
    let limit = enlarged(distance.of(largest));
    near.sites.retain(|&s| straight_distance(points, s, origin) <= limit);
    if near.sites.is_empty() {
        return;
    }
    near.columns.fill(points, &near.sites);
    distances.clear();
    distances.extend(near.sites.iter().map(|&s| straight_distance(points, s, origin)));
    for (magnitude, bin) in bins.iter().enumerate().filter(|(_, b)| distance.has(b.mag)) {
        let maximum = distance.of(bin.mag);
        // the minimum distance applies before the maximum (engine behaviour)
        let minimum = collector.minimum_distance;
        let is_felt = |d: f64| d.max(minimum) < maximum;
        let reach_of_all = bin.radius.min(maximum / 2.0) + source.slack() + reach.pointsource_distance.of(bin.mag);
        let count_close = distances.iter().filter(|d| **d <= reach_of_all).count();
        let all_are_close =
            !source.is_spread() || count_close == near.sites.len() || (reach.few_sites && count_close > 0);
        if all_are_close {
            source.at(magnitude, ruptures);
            add_planar(bin.mag, ruptures, near, is_felt, collector, felt);
            continue;
        }
        far.select(points, &near.sites, |k| distances[k] > reach_of_all);
        source.mean_at(magnitude, ruptures);
        add_planar(bin.mag, ruptures, far, is_felt, collector, felt);
        if count_close > 0 {
            close.select(points, &near.sites, |k| distances[k] <= reach_of_all);
            source.at(magnitude, ruptures);
            add_planar(bin.mag, ruptures, close, is_felt, collector, felt);
        }
    }
}

/// Add the ruptures of a point of a source that is not taken apart, for the sites in a range: all of them, however far the
/// point is, where they are within the distance of their magnitude.
pub fn add_point_of(
    source: &impl PointLike,
    area: &Area,
    candidates: Range<usize>,
    reach: &Reach,
    collector: &mut Collector<dyn Evaluate + '_>,
    scratch: &mut PointScratch,
) {
    let points = &collector.sites.points;
    let origin = source.origin().xyz();
    let PointScratch { near, distances, close, ruptures, felt, .. } = scratch;
    area.select(points, candidates, &mut near.sites);
    distances.clear();
    distances.extend(near.sites.iter().map(|&s| straight_distance(points, s, origin)));
    for (magnitude, bin) in source.magnitudes().iter().enumerate() {
        if !reach.maximum_distance.has(bin.mag) {
            continue;
        }
        let maximum = reach.maximum_distance.of(bin.mag);
        source.at(magnitude, ruptures);
        // no rupture reaches further from the point than its corners: what is beyond spares its distances
        let corners = ruptures.iter().flat_map(|r| r.surface.corners_xyz());
        let extent = corners.map(|corner| norm(sub(corner, origin))).fold(0.0, f64::max);
        let limit = maximum + extent + ROUNDING;
        close.select(points, &near.sites, |k| distances[k] <= limit);
        add_planar(bin.mag, ruptures, close, |d| d <= maximum, collector, felt);
    }
}

/// More than the rounding of a distance, km.
const ROUNDING: f64 = 1e-3;

/// Add planar ruptures of one magnitude for the sites at a closest distance (km) that they are felt at.
fn add_planar(
    mag: f64,
    ruptures: &[PlanarRupture],
    near: &NearSites,
    is_felt: impl Fn(f64) -> bool,
    collector: &mut Collector<dyn Evaluate + '_>,
    felt: &mut Felt,
) {
    for rupture in ruptures {
        let Felt { rrup, places, sites, .. } = felt;
        rrup.resize(near.sites.len(), 0.0);
        rupture.surface.measure(PlanarMeasure::Rrup, &near.columns, rrup);
        places.clear();
        places.extend((0..rrup.len()).filter(|&k| is_felt(rrup[k])));
        if places.is_empty() {
            continue;
        }
        sites.clear();
        sites.extend(places.iter().map(|&k| near.sites[k]));
        add_felt(mag, rupture, near, felt, collector);
    }
}

/// Add a planar rupture with the sites that feel it.
fn add_felt(
    mag: f64,
    rupture: &PlanarRupture,
    near: &NearSites,
    felt: &mut Felt,
    collector: &mut Collector<dyn Evaluate + '_>,
) {
    let (surface, points) = (&rupture.surface, &collector.sites.points);
    let corners = std::iter::once_with(|| surface.corners()).flatten().map(|p| (p.lon, p.lat));
    let params = RuptureParams {
        mag,
        plane: rupture.plane,
        width: surface.width,
        ztor: surface.depths[0],
        zbot: surface.depths[1],
        hypocentre: rupture.hypocentre,
        azimuth_from: rupture.hypocentre,
        in_cshm: in_canterbury(collector.params, corners),
        occurrence: Occurrence::Rate(rupture.rate),
    };
    let Felt { rrup, measured, places, sites } = felt;
    collector.add(&params, sites, |measure, out| {
        let closest = |k: usize| surface.closest_point(points.xyz[near.sites[k] as usize]);
        let what = match measure {
            Measure::Rrup => return out.iter_mut().zip(&*places).for_each(|(out, &k)| *out = rrup[k]),
            Measure::Clon => return out.iter_mut().zip(&*places).for_each(|(out, &k)| *out = closest(k).lon),
            Measure::Clat => return out.iter_mut().zip(&*places).for_each(|(out, &k)| *out = closest(k).lat),
            Measure::Rjb => PlanarMeasure::Rjb,
            Measure::Rx => PlanarMeasure::Rx,
            Measure::Ry0 => PlanarMeasure::Ry0,
        };
        if places.len() == near.sites.len() {
            return surface.measure(what, &near.columns, out);
        }
        measured.resize(near.sites.len(), 0.0);
        surface.measure(what, &near.columns, measured);
        out.iter_mut().zip(&*places).for_each(|(out, &k)| *out = measured[k]);
    });
}
