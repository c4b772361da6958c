//! Contexts of ruptures that float over a mesh: distances to the whole mesh first, then minima under sliding windows.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::CalcError;
use super::added_rates::Added;
use super::contexts::{Collector, Evaluate, Measure, RuptureParams, in_canterbury};
use super::filter::{MagnitudeDistance, in_box};
use super::placed::{PLACES, Placed, Workload, extremes, some_of};
use crate::geo::geodetic::arc_normal;
use crate::geo::mesh::{Patch, RectMesh, Regularity};
use crate::geo::points::Points;
use crate::geo::rim::TopEdge;
use crate::geo::surface::{Footprint, OUTLINE_DISTANCE, beyond};
use crate::geo::window::{Scratch, sliding_2d};
use crate::geo::{Vec3, dot, sub};
use crate::gsim::Param;
use crate::source::fault::Hypocentres;
use crate::source::fault::{FaultRuptures, Floating};
use crate::source::{Mfd, NodalPlane, Occurrence, Source};

/// A fault that ruptures float over. Its parts are the magnitudes.
#[derive(Clone, Debug)]
pub struct PlacedFault {
    ruptures: FaultRuptures,
    around: Vec<(f64, f64)>,
    /// What is added to the rates of its ruptures: by magnitude, by position.
    added: Option<Added>,
}

impl PlacedFault {
    /// From its ruptures and points whose box holds the surface projection.
    pub fn new(ruptures: FaultRuptures, around: Vec<(f64, f64)>) -> PlacedFault {
        PlacedFault { ruptures, around, added: None }
    }
}

impl Placed for PlacedFault {
    fn ruptures(&self) -> usize {
        self.ruptures.floating.iter().map(|floating| floating.patches.len()).sum()
    }

    fn with_added(&self, added: &Added) -> Option<Arc<dyn Placed>> {
        let has_one = matches!(self.ruptures.hypocentres, Hypocentres::Middle);
        has_one.then(|| Arc::new(PlacedFault { added: Some(added.clone()), ..self.clone() }) as Arc<dyn Placed>)
    }

    fn mfd<'a>(&self, _: &'a Source, _: f64) -> Cow<'a, Mfd> {
        let floating = &self.ruptures.floating;
        let mut rates: Vec<f64> = floating.iter().map(|f| f.rate * f.patches.len() as f64).collect();
        if let Some(Added(added)) = &self.added {
            let mut first = 0;
            for (rate, floating) in rates.iter_mut().zip(floating) {
                let end = first + floating.patches.len();
                *rate += added[first..end].iter().sum::<f64>();
                first = end;
            }
        }
        Cow::Owned(Mfd::Arbitrary { magnitudes: floating.iter().map(|f| f.mag).collect(), rates })
    }

    fn depths(&self) -> Option<(f64, f64)> {
        let patches = self.ruptures.floating.iter().flat_map(|floating| &floating.patches);
        let hypocentres = patches.flat_map(|patch| self.ruptures.hypocentres_of(*patch));
        extremes(hypocentres.filter(|(_, share)| *share > 0.0).map(|(point, _)| point.depth))
    }

    fn longitudes(&self) -> Option<(f64, f64)> {
        extremes(self.around.iter().map(|(lon, _)| *lon))
    }

    fn places(&self, _: Range<usize>) -> Vec<(f64, f64)> {
        // floating ruptures of each magnitude are all over it
        some_of(0..self.around.len(), PLACES).map(|i| self.around[i]).collect()
    }

    fn cut(&self, _: u64) -> Vec<(Range<usize>, u64)> {
        let part = |(i, floating): (usize, &Floating)| (i..i + 1, floating.patches.len() as u64);
        self.ruptures.floating.iter().enumerate().map(part).collect()
    }

    fn irregular_meshes(&self) -> Vec<&RectMesh> {
        match self.ruptures.sums.regularity() {
            Regularity::Irregular => vec![&self.ruptures.mesh],
            Regularity::Regular | Regularity::Kite => Vec::new(),
        }
    }

    fn add(
        &self,
        _: &Source,
        parts: Range<usize>,
        work: &Workload,
        collector: &mut Collector<dyn Evaluate + '_>,
    ) -> Result<(), CalcError> {
        let distance = &work.reach.maximum_distance;
        let before: usize = self.ruptures.floating[..parts.start].iter().map(|floating| floating.patches.len()).sum();
        let mut first = before;
        for floating in &self.ruptures.floating[parts] {
            let range = first..first + floating.patches.len();
            first = range.end;
            if !distance.has(floating.mag) {
                continue;
            }
            work.check()?;
            let added = self.added.as_ref().map_or(&[][..], |Added(all)| &all[range]);
            let mut floating = FloatingRuptures::new(&self.ruptures, floating, collector.params, added);
            floating.add(&self.around, work.tile(), distance, collector);
        }
        Ok(())
    }
}

/// The ruptures of one magnitude of a fault, with what their distances need.
pub struct FloatingRuptures<'a> {
    fault: &'a FaultRuptures,
    floating: &'a Floating,
    /// By position; hypocentres of one position are neighbours.
    ruptures: Vec<RuptureParams>,
    /// The number of hypocentres at a position.
    hypocentres: usize,
    sizes: Vec<Size>,
    outlines: Vec<Option<Footprint>>,
    arcs: Vec<[Vec3; 2]>,
    top_edge: Option<TopEdge>,
}

/// The positions of ruptures of one size.
struct Size {
    /// Rows and columns of points.
    window: (usize, usize),
    /// The position, and where a window at it is among all windows over the mesh.
    places: Vec<(usize, usize)>,
}

/// The greatest depth of a part of a mesh, km, which is in its last row.
fn bottom_depth(mesh: &RectMesh, patch: Patch) -> f64 {
    let last = (patch.row + patch.rows).saturating_sub(1);
    (patch.col..patch.col + patch.cols).map(|col| mesh.at(last, col).depth).fold(f64::NEG_INFINITY, f64::max)
}

/// Longitude and latitude of the points of a part of a mesh.
fn points_of(mesh: &RectMesh, patch: Patch) -> impl Iterator<Item = (f64, f64)> {
    let rows = patch.row..patch.row + patch.rows;
    let places = rows.flat_map(move |row| (patch.col..patch.col + patch.cols).map(move |col| (row, col)));
    places.map(|(row, col)| mesh.at(row, col)).map(|point| (point.lon, point.lat))
}

/// Distances of one site to all positions.
#[derive(Default)]
struct SiteDistances {
    to_points: Vec<f64>,
    windows: Vec<f64>,
    rrup2: Vec<f64>,
    surface2: Vec<f64>,
    rx: Vec<f64>,
}

impl<'a> FloatingRuptures<'a> {
    /// Prepare the ruptures of a magnitude for the required parameters. `added` is what is added to the rate at each position, or
    /// empty.
    pub fn new(
        fault: &'a FaultRuptures,
        floating: &'a Floating,
        params: &[Param],
        added: &[f64],
    ) -> FloatingRuptures<'a> {
        let mut ruptures = Vec::new();
        let mut arcs = Vec::new();
        for (position, &patch) in floating.patches.iter().enumerate() {
            let rate = floating.rate + added.get(position).copied().unwrap_or_default();
            let (strike, dip) = fault.sums.strike_dip(&fault.mesh, patch);
            if params.contains(&Param::Ry0) {
                let ends = [fault.mesh.at(patch.row, patch.col), fault.mesh.at(patch.row, patch.col + patch.cols - 1)];
                arcs.push(ends.map(|p| arc_normal(p.lon, p.lat, (strike + 90.0).rem_euclid(360.0))));
            }
            let middle = params.contains(&Param::Azimuth).then(|| fault.middle_of(patch));
            let of_hypocentre = |(hypocentre, share)| RuptureParams {
                mag: floating.mag,
                plane: NodalPlane { strike, dip, rake: fault.rake },
                width: fault.sums.width(&fault.mesh, patch),
                ztor: fault.mesh.top_depth(patch),
                zbot: bottom_depth(&fault.mesh, patch),
                hypocentre,
                azimuth_from: middle.unwrap_or(hypocentre),
                in_cshm: in_canterbury(params, points_of(&fault.mesh, patch)),
                occurrence: Occurrence::Rate(rate * share),
            };
            ruptures.extend(fault.hypocentres_of(patch).into_iter().map(of_hypocentre));
        }
        let positions = floating.patches.len();
        let top_rows = floating.patches.iter().map(|patch| patch.row + 1).max().unwrap_or(0);
        FloatingRuptures {
            fault,
            floating,
            hypocentres: ruptures.len() / positions.max(1),
            ruptures,
            sizes: sizes(&fault.mesh, &floating.patches),
            outlines: vec![None; positions],
            arcs,
            top_edge: params.contains(&Param::Rx).then(|| TopEdge::new(&fault.mesh, top_rows)),
        }
    }

    /// Add the ruptures for the sites in a range within the distance of their magnitude. `around` are points of the
    /// surface projection.
    pub fn add(
        &mut self,
        around: &[(f64, f64)],
        candidates: Range<usize>,
        distance: &MagnitudeDistance,
        collector: &mut Collector<dyn Evaluate + '_>,
    ) {
        let points = &collector.sites.points;
        let mut near = Vec::new();
        in_box(points, candidates, around.iter().copied(), distance.last(), &mut near);
        let maximum = distance.of(self.floating.mag);
        let mut scratch = Scratch::default();
        let mut d = SiteDistances::default();
        for site in near {
            self.measure(points, site as usize, &mut d, &mut scratch, collector.params);
            for (i, &d2) in d.rrup2.iter().enumerate() {
                if d2 <= maximum * maximum {
                    self.add_position(i, site, &d, collector);
                }
            }
        }
    }

    /// Distances of a site to the patch at each position.
    fn measure(&self, points: &Points, site: usize, d: &mut SiteDistances, scratch: &mut Scratch, params: &[Param]) {
        let mesh = &self.fault.mesh;
        let SiteDistances { to_points, windows, rrup2, surface2, rx } = d;
        let mut minima = |from: Vec3, positions: &[Vec3], out: &mut Vec<f64>| {
            let squared = |p: &Vec3| {
                let v = sub(*p, from);
                let d2 = dot(v, v);
                // a gap is nobody's nearest point
                if d2.is_nan() { f64::INFINITY } else { d2 }
            };
            to_points.clear();
            to_points.extend(positions.iter().map(squared));
            self.by_size(out, windows, |window, found| {
                sliding_2d(to_points, (mesh.rows, mesh.cols), window, scratch, found);
            });
        };
        minima(points.xyz[site], &mesh.xyz, rrup2);
        if params.contains(&Param::Rjb) {
            let on_surface = points.unit[site].map(|x| x * crate::geo::EARTH_RADIUS);
            minima(on_surface, &mesh.surface_xyz, surface2);
        }
        if let Some(top_edge) = &self.top_edge {
            let direction = points.direction(site);
            self.by_size(rx, windows, |(_, cols), found| top_edge.measure(direction, cols, found));
        }
    }

    /// A value for each position, from those that `measure` finds for all windows of a size over the mesh.
    fn by_size(
        &self,
        out: &mut Vec<f64>,
        windows: &mut Vec<f64>,
        mut measure: impl FnMut((usize, usize), &mut Vec<f64>),
    ) {
        out.clear();
        out.resize(self.floating.patches.len(), 0.0);
        for size in &self.sizes {
            measure(size.window, windows);
            for &(position, place) in &size.places {
                out[position] = windows[place];
            }
        }
    }

    fn add_position(
        &mut self,
        position: usize,
        site: u32,
        d: &SiteDistances,
        collector: &mut Collector<dyn Evaluate + '_>,
    ) {
        let points = &collector.sites.points;
        let s = site as usize;
        let patch = self.floating.patches[position];
        let mut rjb = f64::NAN;
        if let Some(&surface2) = d.surface2.get(position) {
            rjb = surface2.sqrt();
            // the engine measures to the outline of a kite whatever the distance
            let regularity = self.fault.sums.regularity();
            if rjb < OUTLINE_DISTANCE || regularity == Regularity::Kite {
                let outline = match &mut self.outlines[position] {
                    Some(outline) => Some(&*outline),
                    empty => {
                        *empty = Footprint::new(&self.fault.mesh, patch, regularity);
                        empty.as_ref()
                    }
                };
                rjb = outline.map_or(rjb, |o| o.distance(points, s));
            }
        }
        let range = position * self.hypocentres..(position + 1) * self.hypocentres;
        for rupture in &self.ruptures[range] {
            collector.add(rupture, &[site], |measure, out| {
                out.fill(match measure {
                    Measure::Rrup => d.rrup2[position].sqrt(),
                    Measure::Rjb => rjb,
                    Measure::Rx => d.rx[position],
                    Measure::Ry0 => beyond(&self.arcs[position], points.unit[s]),
                    Measure::Clon => closest(&self.fault.mesh, patch, points.xyz[s]).0,
                    Measure::Clat => closest(&self.fault.mesh, patch, points.xyz[s]).1,
                })
            });
        }
    }
}

/// Patches by their size, in the order of their first.
fn sizes(mesh: &RectMesh, patches: &[Patch]) -> Vec<Size> {
    let mut sizes: Vec<Size> = Vec::new();
    for (position, patch) in patches.iter().enumerate() {
        let window = (patch.rows, patch.cols);
        let place = (position, patch.row * (mesh.cols + 1 - patch.cols) + patch.col);
        match sizes.iter_mut().find(|size| size.window == window) {
            Some(size) => size.places.push(place),
            None => sizes.push(Size { window, places: vec![place] }),
        }
    }
    sizes
}

/// Longitude and latitude of the point of a patch that is closest to a position.
fn closest(mesh: &RectMesh, patch: Patch, xyz: Vec3) -> (f64, f64) {
    let mut best = (f64::INFINITY, (f64::NAN, f64::NAN));
    for row in patch.row..patch.row + patch.rows {
        for col in patch.col..patch.col + patch.cols {
            let v = sub(mesh.xyz[row * mesh.cols + col], xyz);
            let d2 = dot(v, v);
            if d2 < best.0 {
                let p = mesh.at(row, col);
                best = (d2, (p.lon, p.lat));
            }
        }
    }
    best.1
}
