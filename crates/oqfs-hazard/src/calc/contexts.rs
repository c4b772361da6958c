//! Batches of contexts: ruptures with the sites that feel them, column by column.

use super::filter::{Area, MagnitudeDistance, in_box, straight_distance};
use crate::geo::geodetic::{azimuth, distance_of_units, to_unit};
use crate::geo::{Point, norm, sub};
use crate::gsim::{Contexts, Param};
use crate::site::SiteCollection;
use crate::source::point::{MagnitudeBin, PlanarRupture, PointRuptures};
use crate::source::{NodalPlane, Occurrence, Tom};

/// Contexts are evaluated when there are so many: their columns and ground motions fit the cache.
pub const BATCH: usize = 512;

/// Contexts on their way to the ground-motion models.
#[derive(Debug, Default)]
pub struct Batch {
    /// The columns.
    pub contexts: Contexts,
    /// The site of each context.
    pub sites: Vec<u32>,
    /// How often the rupture of each context occurs.
    pub occurrences: Vec<Occurrence>,
}

/// Who takes a full batch.
pub trait Evaluate {
    /// Use the contexts; they are forgotten afterwards.
    fn evaluate(&mut self, batch: &Batch);
}

/// What is constant over a rupture.
#[derive(Clone, Debug)]
pub struct RuptureParams {
    /// Magnitude.
    pub mag: f64,
    /// Orientation.
    pub plane: NodalPlane,
    /// Down-dip width, km.
    pub width: f64,
    /// Depth of the top edge, km.
    pub ztor: f64,
    /// Depth of the bottom edge, km.
    pub zbot: f64,
    /// Hypocentre.
    pub hypocentre: Point,
    /// Where azimuths of sites are taken from: the middle of a surface, the hypocentre of a rupture of a point source (engine behaviour).
    pub azimuth_from: Point,
    /// Whether a point of its surface is in [`CANTERBURY`]; false if no model asks for it.
    pub in_cshm: bool,
    /// How often it occurs.
    pub occurrence: Occurrence,
}

/// The region of the Canterbury seismic hazard model: ranges of longitude and latitude, degrees.
pub const CANTERBURY: [(f64, f64); 2] = [(171.6, 173.2), (-43.9, -43.3)];

/// Whether a surface has one of its points (longitude, latitude) in the region, if a model asks for it.
pub fn in_canterbury(params: &[Param], points: impl IntoIterator<Item = (f64, f64)>) -> bool {
    let [lon, lat] = CANTERBURY.map(|(from, to)| move |at: f64| at > from && at < to);
    params.contains(&Param::InCshm) && points.into_iter().any(|point| lon(point.0) && lat(point.1))
}

/// Collects contexts and hands them on in batches.
pub struct Collector<'a, E> {
    /// The sites.
    pub sites: &'a SiteCollection,
    /// The parameters that models require, sorted.
    pub params: &'a [Param],
    /// Distances below this count as this, km.
    pub minimum_distance: f64,
    /// The investigation time, years.
    pub time: f64,
    /// The temporal occurrence model of the source whose ruptures are added.
    pub tom: Tom,
    /// Who takes the batches.
    pub evaluator: E,
    batch: Batch,
    /// How many contexts there were.
    pub count: u64,
}

impl<'a, E: Evaluate> Collector<'a, E> {
    /// A collector without contexts.
    pub fn new(sites: &'a SiteCollection, params: &'a [Param], minimum_distance: f64, time: f64, evaluator: E) -> Self {
        let (tom, batch) = (Tom::default(), Batch::default());
        Collector { sites, params, minimum_distance, time, tom, evaluator, batch, count: 0 }
    }

    /// Add a rupture with the sites that feel it. `distance` gives a distance or closest point for the k-th site.
    pub fn add(&mut self, rupture: &RuptureParams, sites: &[u32], mut distance: impl FnMut(Param, usize) -> f64) {
        let start = self.batch.sites.len();
        self.batch.sites.extend_from_slice(sites);
        let len = self.batch.sites.len();
        let occurrence = match &rupture.occurrence {
            Occurrence::Rate(rate) => self.tom.occurrence(*rate, self.time),
            counts => counts.clone(),
        };
        self.batch.occurrences.resize(len, occurrence);
        self.batch.contexts.set_len(len);
        let hypo_unit = to_unit(rupture.hypocentre.lon, rupture.hypocentre.lat);
        for &param in self.params {
            let column = self.batch.contexts.column_mut(param);
            debug_assert_eq!(column.len(), start);
            match rupture_param(param, rupture) {
                Some(value) => column.resize(len, value),
                None => match self.sites.param(param) {
                    Some(values) => column.extend(sites.iter().map(|&s| values[s as usize])),
                    None => {
                        for (k, &site) in sites.iter().enumerate() {
                            let s = site as usize;
                            let epicentral = || distance_of_units(hypo_unit, self.sites.points.unit[s]);
                            let value = match param {
                                Param::Repi => epicentral(),
                                Param::Azimuth => {
                                    let (from, to) = (rupture.azimuth_from, &self.sites.points);
                                    let north = azimuth(from.lon, from.lat, to.lon[s], to.lat[s]);
                                    (north - rupture.plane.strike).rem_euclid(360.0)
                                }
                                Param::Rhypo => {
                                    epicentral().hypot(rupture.hypocentre.depth - self.sites.points.depth[s])
                                }
                                // as in the engine, which does not compute it
                                Param::Rvolc => 0.0,
                                _ => distance(param, k),
                            };
                            column.push(value);
                        }
                        if self.minimum_distance > 0.0 && !matches!(param, Param::Clon | Param::Clat | Param::Azimuth) {
                            let least = self.minimum_distance;
                            // not max(), which would make a distance of what is not a number
                            column[start..].iter_mut().filter(|d| **d < least).for_each(|d| *d = least);
                        }
                    }
                },
            }
        }
        if len >= BATCH {
            self.flush();
        }
    }

    /// Hand on what is left.
    pub fn flush(&mut self) {
        if self.batch.sites.is_empty() {
            return;
        }
        self.count += self.batch.sites.len() as u64;
        self.evaluator.evaluate(&self.batch);
        self.batch.contexts.reset(0);
        self.batch.sites.clear();
        self.batch.occurrences.clear();
    }
}

/// A parameter of the rupture; `None` if it is of the site or between both.
fn rupture_param(param: Param, rupture: &RuptureParams) -> Option<f64> {
    Some(match param {
        // the engine rounds magnitudes before models see them
        Param::Mag => (rupture.mag * 1e3).round_ties_even() / 1e3,
        Param::Rake => rupture.plane.rake,
        Param::Dip => rupture.plane.dip,
        Param::Strike => rupture.plane.strike,
        Param::Width => rupture.width,
        Param::Ztor => rupture.ztor,
        Param::Zbot => rupture.zbot,
        Param::InCshm => f64::from(rupture.in_cshm),
        Param::HypoDepth => rupture.hypocentre.depth,
        Param::HypoLon => rupture.hypocentre.lon,
        Param::HypoLat => rupture.hypocentre.lat,
        _ => return None,
    })
}

/// What decides which ruptures of a point source each site feels.
#[derive(Clone, Debug)]
pub struct PointFilter {
    /// Maximum distance by magnitude.
    pub maximum_distance: MagnitudeDistance,
    /// Beyond this distance from the source, and the size of the rupture, one rupture stands for a magnitude.
    pub pointsource_distance: MagnitudeDistance,
    /// Whether all sites count as near if one is (engine behaviour with few sites).
    pub few_sites: bool,
}

/// Buffers of [`add_point_source`].
#[derive(Default)]
pub struct PointScratch {
    near_sites: Vec<u32>,
    distances: Vec<f64>,
    close: Vec<u32>,
    far: Vec<u32>,
    ruptures: Vec<PlanarRupture>,
    felt: Vec<u32>,
    rrup: Vec<f64>,
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
    }

    fn mean_at(&self, magnitude: usize, out: &mut Vec<PlanarRupture>) {
        self.ruptures.mean_at(&self.magnitudes()[magnitude], self.location, out);
    }
}

/// Add the ruptures of a point source for the sites in a range.
pub fn add_point_source<E: Evaluate>(
    source: &impl PointLike,
    candidates: std::ops::Range<usize>,
    filter: &PointFilter,
    collector: &mut Collector<E>,
    scratch: &mut PointScratch,
) {
    let distance = &filter.maximum_distance;
    let bins = source.magnitudes();
    let largest = bins.iter().filter(|b| distance.of(b.mag) > 0.0).map(|b| b.mag).fold(f64::NEG_INFINITY, f64::max);
    let Some(last) = bins.last().filter(|_| largest.is_finite()) else { return };
    let points = &collector.sites.points;
    let reach = |km: f64| km + last.radius.min(km / 2.0) + source.slack();
    let (origin, place) = (source.origin().xyz(), (source.origin().lon, source.origin().lat));
    in_box(points, candidates, std::iter::once(place), reach(distance.last()), &mut scratch.near_sites);
    let limit = reach(distance.of(largest));
    scratch.near_sites.retain(|&s| straight_distance(points, s, origin) <= limit);
    if scratch.near_sites.is_empty() {
        return;
    }
    scratch.distances.clear();
    scratch.distances.extend(scratch.near_sites.iter().map(|&s| straight_distance(points, s, origin)));
    for (magnitude, bin) in bins.iter().enumerate().filter(|(_, b)| distance.has(b.mag)) {
        let maximum = distance.of(bin.mag);
        // the minimum distance applies before the maximum (engine behaviour)
        let minimum = collector.minimum_distance;
        let is_felt = |d: f64| d.max(minimum) < maximum;
        let PointScratch { near_sites, distances, close, far, ruptures, felt, rrup } = scratch;
        close.clear();
        far.clear();
        if source.is_spread() {
            let near = bin.radius.min(maximum / 2.0) + source.slack() + filter.pointsource_distance.of(bin.mag);
            for (&site, &d) in near_sites.iter().zip(distances.iter()) {
                if d <= near { close.push(site) } else { far.push(site) }
            }
            if filter.few_sites && !close.is_empty() {
                close.clone_from(near_sites);
                far.clear();
            }
        } else {
            close.clone_from(near_sites);
        }
        if !far.is_empty() {
            source.mean_at(magnitude, ruptures);
            add_planar(bin.mag, ruptures, far, is_felt, collector, felt, rrup);
        }
        if !close.is_empty() {
            source.at(magnitude, ruptures);
            add_planar(bin.mag, ruptures, close, is_felt, collector, felt, rrup);
        }
    }
}

/// Add the ruptures of a point of a source that is not taken apart, for the sites in a range: all of them, however far the
/// point is, where they are within the distance of their magnitude.
pub fn add_point_of<E: Evaluate>(
    source: &impl PointLike,
    area: &Area,
    candidates: std::ops::Range<usize>,
    filter: &PointFilter,
    collector: &mut Collector<E>,
    scratch: &mut PointScratch,
) {
    let points = &collector.sites.points;
    let origin = source.origin().xyz();
    let PointScratch { near_sites, distances, close, ruptures, felt, rrup, .. } = scratch;
    area.select(points, candidates, near_sites);
    distances.clear();
    distances.extend(near_sites.iter().map(|&s| straight_distance(points, s, origin)));
    for (magnitude, bin) in source.magnitudes().iter().enumerate() {
        if !filter.maximum_distance.has(bin.mag) {
            continue;
        }
        let maximum = filter.maximum_distance.of(bin.mag);
        source.at(magnitude, ruptures);
        // no rupture reaches further from the point than its corners: what is beyond spares its distances
        let corners = ruptures.iter().flat_map(|r| r.surface.corners);
        let extent = corners.map(|c| norm(sub(c.xyz(), origin))).fold(0.0, f64::max);
        let reach = maximum + extent + ROUNDING;
        close.clear();
        close.extend(near_sites.iter().zip(distances.iter()).filter(|(_, d)| **d <= reach).map(|(&site, _)| site));
        add_planar(bin.mag, ruptures, close, |d| d <= maximum, collector, felt, rrup);
    }
}

/// More than the rounding of a distance, km.
const ROUNDING: f64 = 1e-3;

/// Add planar ruptures of one magnitude for the sites at a closest distance (km) that they are felt at.
fn add_planar<E: Evaluate>(
    mag: f64,
    ruptures: &[PlanarRupture],
    sites: &[u32],
    is_felt: impl Fn(f64) -> bool,
    collector: &mut Collector<E>,
    felt: &mut Vec<u32>,
    rrup: &mut Vec<f64>,
) {
    for rupture in ruptures {
        let surface = &rupture.surface;
        felt.clear();
        rrup.clear();
        let points = &collector.sites.points;
        for &site in sites {
            let d = surface.rrup(points.xyz[site as usize]);
            if is_felt(d) {
                felt.push(site);
                rrup.push(d);
            }
        }
        if felt.is_empty() {
            continue;
        }
        add_felt(mag, rupture, felt, rrup, collector);
    }
}

/// Add a planar rupture with the sites that feel it and their closest distances.
fn add_felt<E: Evaluate>(mag: f64, rupture: &PlanarRupture, felt: &[u32], rrup: &[f64], collector: &mut Collector<E>) {
    let (surface, points) = (&rupture.surface, &collector.sites.points);
    let params = RuptureParams {
        mag,
        plane: rupture.plane,
        width: surface.width,
        ztor: surface.corners[0].depth,
        zbot: surface.corners[2].depth,
        hypocentre: rupture.hypocentre,
        azimuth_from: rupture.hypocentre,
        in_cshm: in_canterbury(collector.params, surface.corners.iter().map(|p| (p.lon, p.lat))),
        occurrence: Occurrence::Rate(rupture.rate),
    };
    collector.add(&params, felt, |param, k| {
        let site = felt[k] as usize;
        let (unit, xyz) = (points.unit[site], points.xyz[site]);
        match param {
            Param::Rrup => rrup[k],
            Param::Rjb => surface.rjb(unit, xyz),
            Param::Rx => surface.rx(unit),
            Param::Ry0 => surface.ry0(unit),
            Param::Clon => surface.closest_point(xyz).lon,
            Param::Clat => surface.closest_point(xyz).lat,
            _ => f64::NAN,
        }
    });
}
