//! Contexts of ruptures of whole surfaces: distances to each surface once, then their least over those of a rupture.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::CalcError;
use super::added_rates::Added;
use super::contexts::{Collector, Evaluate, Measure, RuptureParams, in_canterbury};
use super::filter::{MagnitudeDistance, in_box};
use super::placed::{PLACES, Placed, Workload, extremes, some_of};
use crate::geo::mesh::{RectMesh, Regularity};
use crate::geo::points::Points;
use crate::geo::surface::{Shape, Surface};
use crate::geo::trace::{Direction, Tuw, off_the_ends, unsorted};
use crate::gsim::Param;
use crate::source::surfaces::{RuptureLine, SurfaceRupture, SurfaceRuptures};
use crate::source::{Mfd, Occurrence, Source};

/// A range of ruptures of whole surfaces has so many at least, if there are: they share distances to the surfaces.
const FEWEST_OF_SURFACES: usize = 256;

/// A source whose ruptures are whole surfaces. Its parts are the ruptures.
#[derive(Clone, Debug)]
pub struct PlacedSurfaces(pub SurfaceRuptures);

impl Placed for PlacedSurfaces {
    fn ruptures(&self) -> usize {
        self.0.ruptures.len()
    }

    fn with_added(&self, Added(added): &Added) -> Option<Arc<dyn Placed>> {
        let mut changed = self.0.clone();
        for (rupture, added) in changed.ruptures.iter_mut().zip(&**added) {
            match &mut rupture.occurrence {
                Occurrence::Rate(rate) => *rate += added,
                Occurrence::Counts(_) => return None,
            }
        }
        Some(Arc::new(PlacedSurfaces(changed)))
    }

    fn mfd<'a>(&self, source: &'a Source, time: f64) -> Cow<'a, Mfd> {
        let exclude = source.member.as_ref().is_some_and(|member| member.rule.ruptures_exclude);
        let share = |occurrence: &Occurrence| if exclude { occurrence.weight() } else { 1.0 };
        let of = |(mag, occurrence): (f64, &Occurrence)| (mag, occurrence.annual_rate(time) * share(occurrence));
        let (magnitudes, rates) = self.0.occurrences().map(of).unzip();
        Cow::Owned(Mfd::Arbitrary { magnitudes, rates })
    }

    fn depths(&self) -> Option<(f64, f64)> {
        extremes(self.0.ruptures.iter().map(|rupture| rupture.hypocentre.depth))
    }

    fn longitudes(&self) -> Option<(f64, f64)> {
        extremes(self.0.ruptures.iter().map(|rupture| rupture.middle.lon))
    }

    fn places(&self, parts: Range<usize>) -> Vec<(f64, f64)> {
        let middle = |i: usize| self.0.ruptures[i].middle;
        some_of(parts, PLACES).map(|i| (middle(i).lon, middle(i).lat)).collect()
    }

    fn cut(&self, target: u64) -> Vec<(Range<usize>, u64)> {
        let (count, step) = (self.0.ruptures.len(), (target as usize).max(FEWEST_OF_SURFACES));
        let part = |start: usize| {
            let range = start..(start + step).min(count);
            (range.clone(), range.len() as u64)
        };
        (0..count).step_by(step).map(part).collect()
    }

    fn surfaces(&self) -> &[Surface] {
        &self.0.surfaces
    }

    fn irregular_meshes(&self) -> Vec<&RectMesh> {
        fn mesh(surface: &Surface) -> Option<&RectMesh> {
            match &surface.shape {
                Shape::Mesh(mesh, Regularity::Irregular) => Some(mesh),
                Shape::Mesh(..) | Shape::Planar(_) | Shape::Cloud(_) => None,
            }
        }
        self.0.surfaces.iter().filter_map(mesh).collect()
    }

    fn add(
        &self,
        _: &Source,
        parts: Range<usize>,
        work: &Workload,
        collector: &mut Collector<dyn Evaluate + '_>,
    ) -> Result<(), CalcError> {
        add_surface_ruptures(&self.0, parts, work.tile(), &work.reach.maximum_distance, collector);
        work.check()
    }
}

/// Distances from near sites to each surface, as they are asked for.
struct Distances<'a> {
    all: &'a SurfaceRuptures,
    points: &'a Points,
    near: &'a [u32],
    rrup: Vec<Option<Vec<f64>>>,
    rjb: Vec<Option<Vec<f64>>>,
    /// Coordinates along and across the trace of each section in both directions.
    tuw: Vec<Option<Vec<[Tuw; 2]>>>,
}

impl<'a> Distances<'a> {
    fn new(all: &'a SurfaceRuptures, points: &'a Points, near: &'a [u32]) -> Distances<'a> {
        let n = all.surfaces.len();
        Distances { all, points, near, rrup: vec![None; n], rjb: vec![None; n], tuw: vec![None; n] }
    }

    /// Have the distances that a rupture needs.
    fn prepare(&mut self, rupture: &SurfaceRupture, params: &[Param]) {
        let sites = || self.near.iter().map(|&s| s as usize);
        let shared = rupture.line.as_ref().is_some_and(|line| line.is_of_sections);
        let across = shared && (params.contains(&Param::Rx) || params.contains(&Param::Ry0));
        for &part in &rupture.parts {
            let (i, surface) = (part as usize, &self.all.surfaces[part as usize]);
            if self.rrup[i].is_none() {
                self.rrup[i] = Some(sites().map(|s| surface.rrup(self.points, s)).collect());
            }
            if self.rjb[i].is_none() && params.contains(&Param::Rjb) {
                self.rjb[i] = Some(sites().map(|s| surface.rjb(self.points, s)).collect());
            }
            if let Some(trace) = surface.trace.as_ref().filter(|_| across && self.tuw[i].is_none()) {
                let both = |s: usize| {
                    [Direction::Forwards, Direction::Backwards]
                        .map(|d| trace.measure(self.points.lon[s], self.points.lat[s], d))
                };
                self.tuw[i] = Some(sites().map(both).collect());
            }
        }
    }

    /// The least of distances to the surfaces of a rupture.
    fn least(by_surface: &[Option<Vec<f64>>], parts: &[u32], site: usize) -> f64 {
        let of = |&part: &u32| by_surface[part as usize].as_ref().map_or(f64::NAN, |d| d[site]);
        parts.iter().map(of).fold(f64::INFINITY, f64::min)
    }

    /// T and U of a site.
    fn coordinates(&self, rupture: &SurfaceRupture, line: &RuptureLine, site: usize) -> (f32, f32) {
        let s = self.near[site] as usize;
        let of = |&(i, turned): &(usize, bool)| {
            let part = rupture.parts[i] as usize;
            match (&self.tuw[part], &self.all.surfaces[part].trace) {
                (Some(shared), _) => shared[site][usize::from(turned)],
                (None, Some(trace)) => trace.measure(self.points.lon[s], self.points.lat[s], unsorted(turned)),
                (None, None) => [f32::NAN; 3],
            }
        };
        line.traces.combine(line.traces.order.iter().map(of))
    }

    fn value(&self, rupture: &SurfaceRupture, measure: Measure, site: usize) -> f64 {
        let s = self.near[site] as usize;
        let first = &self.all.surfaces[rupture.parts[0] as usize];
        match (measure, &rupture.line) {
            (Measure::Rrup, _) => Self::least(&self.rrup, &rupture.parts, site),
            (Measure::Rjb, _) => Self::least(&self.rjb, &rupture.parts, site),
            (Measure::Rx, None) => first.rx(self.points, s),
            (Measure::Ry0, None) => first.ry0(self.points, s),
            (Measure::Rx, Some(line)) => f64::from(self.coordinates(rupture, line, site).0),
            (Measure::Ry0, Some(line)) => off_the_ends(self.coordinates(rupture, line, site).1, line.largest_u),
            (Measure::Clon | Measure::Clat, _) => {
                let distance = |part: &u32| self.rrup[*part as usize].as_ref().map_or(f64::NAN, |d| d[site]);
                let nearest = rupture.parts.iter().min_by(|a, b| distance(a).total_cmp(&distance(b)));
                let surface = nearest.map_or(first, |&part| &self.all.surfaces[part as usize]);
                let point = surface.closest_point(self.points, s);
                if measure == Measure::Clon { point.lon } else { point.lat }
            }
        }
    }
}

/// Add ruptures of whole surfaces, those in a range of all, for the sites in a range within the distance of their magnitude.
fn add_surface_ruptures(
    all: &SurfaceRuptures,
    range: Range<usize>,
    candidates: Range<usize>,
    distance: &MagnitudeDistance,
    collector: &mut Collector<dyn Evaluate + '_>,
) {
    let points = &collector.sites.points;
    let mut near = Vec::new();
    in_box(points, candidates, all.around().into_iter(), distance.last(), &mut near);
    if near.is_empty() {
        return;
    }
    let mut distances = Distances::new(all, points, &near);
    let (mut felt, mut places) = (Vec::new(), Vec::new());
    for rupture in all.ruptures[range].iter().filter(|r| distance.has(r.mag)) {
        distances.prepare(rupture, collector.params);
        let maximum = distance.of(rupture.mag);
        felt.clear();
        places.clear();
        for (k, &site) in near.iter().enumerate() {
            if Distances::least(&distances.rrup, &rupture.parts, k) <= maximum {
                felt.push(site);
                places.push(k);
            }
        }
        if felt.is_empty() {
            continue;
        }
        let parts = rupture.parts.iter().map(|&part| &all.surfaces[part as usize]);
        let params = RuptureParams {
            mag: rupture.mag,
            plane: rupture.plane,
            width: rupture.width,
            ztor: rupture.ztor,
            zbot: rupture.zbot,
            hypocentre: rupture.hypocentre,
            azimuth_from: rupture.middle,
            in_cshm: in_canterbury(collector.params, parts.flat_map(|surface| surface.points())),
            occurrence: rupture.occurrence.clone(),
        };
        collector.add(&params, &felt, |measure, out| {
            out.iter_mut().zip(&places).for_each(|(out, &place)| *out = distances.value(rupture, measure, place));
        });
    }
}
