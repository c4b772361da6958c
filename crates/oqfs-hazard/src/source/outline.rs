//! The geometry of a source for a map: points, lines and polygons, from what the source model gives.
//!
//! A fault has the line of its top edge (a simple fault its trace) and the border of the horizontal projection of its surface, and so has
//! each surface that ruptures as a whole. A vertical surface has no border. Nothing is meshed, and there are no gaps.

use super::characteristic::FaultSurface;
use super::kite_fault::KiteGeometry;
use super::simple_fault::down_dip;
use super::{SeismogenicDepths, Source, Typology};
use crate::elementary::hypot;
use crate::elementary::scalar::cos;
use crate::geo::Point;
use crate::geo::projection::longitudinal_extent;

/// Longitude and latitude, degrees.
type Place = (f64, f64);

/// What a part of an outline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum PartKind {
    /// The location of a point source.
    Point = 0,
    /// Points without an order: those of surfaces that have no edges.
    Points = 1,
    /// The top edge of a surface.
    Line = 2,
    /// The border of an area, or of the horizontal projection of a surface. The last vertex is joined to the first.
    Polygon = 3,
}

/// A part of an outline.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// What it is.
    pub kind: PartKind,
    /// Longitudes and latitudes, degrees; all are finite, and there is one at least.
    pub vertices: Vec<Place>,
}

/// An outline has no more vertices.
pub const MOST_VERTICES: usize = 20_000;

/// An outline has no more points of surfaces without edges.
const MOST_POINTS: usize = 2_000;

/// A part keeps so many vertices at least, if it has them.
const FEWEST: usize = 4;

/// The outline of a source: no more than [`MOST_VERTICES`] vertices.
///
/// One that would have more keeps the ends of its lines and vertices spaced evenly between them. Where that is not enough, surfaces with
/// a top edge have that alone, and then only every second, third, ... part is kept. Of surfaces without edges some points in their order are
/// kept.
pub fn outline(source: &Source) -> Vec<Part> {
    let mut sketch = Sketch::default();
    match &source.typology {
        Typology::Point(point) => sketch.add(PartKind::Point, vec![point.location]),
        Typology::Area(area) => sketch.area(area.polygon.clone()),
        Typology::SimpleFault(fault) => sketch.dipping(&fault.trace, fault.depths, fault.dip),
        Typology::ComplexFault(fault) => sketch.edges(&fault.edges),
        Typology::KiteFault(fault) => match &fault.geometry {
            KiteGeometry::Profiles(profiles) => sketch.profiles(profiles),
            KiteGeometry::Simple { trace, depths, dip } => sketch.dipping(trace, *depths, *dip),
        },
        Typology::Characteristic(fault) => fault.surfaces.iter().for_each(|surface| sketch.surface(surface)),
        Typology::Listed(list) => list.surfaces.iter().for_each(|surface| sketch.surface(surface)),
    }
    sketch.finish()
}

/// The parts so far.
#[derive(Default)]
struct Sketch {
    parts: Vec<Part>,
    /// The points of all surfaces without edges.
    cloud: Vec<Place>,
}

fn place(point: &Point) -> Place {
    (point.lon, point.lat)
}

fn places(points: &[Point]) -> Vec<Place> {
    points.iter().map(place).collect()
}

/// The points of a line but for its ends.
fn between(points: &[Point]) -> &[Point] {
    points.get(1..points.len().saturating_sub(1)).unwrap_or_default()
}

impl Sketch {
    fn add(&mut self, kind: PartKind, mut vertices: Vec<Place>) {
        vertices.retain(|(lon, lat)| lon.is_finite() && lat.is_finite());
        if !vertices.is_empty() {
            self.parts.push(Part { kind, vertices });
        }
    }

    /// A polygon, closed or not.
    fn area(&mut self, mut polygon: Vec<Place>) {
        if polygon.len() > 1 && polygon.first() == polygon.last() {
            polygon.pop();
        }
        self.add(PartKind::Polygon, polygon);
    }

    fn surface(&mut self, surface: &FaultSurface) {
        match surface {
            FaultSurface::Simple(fault) => self.dipping(&fault.trace, fault.depths, fault.dip),
            FaultSurface::Complex(fault) => self.edges(&fault.edges),
            FaultSurface::Planar([top_left, top_right, bottom_left, bottom_right]) => {
                self.edges(&[vec![*top_left, *top_right], vec![*bottom_left, *bottom_right]]);
            }
            FaultSurface::Kite { profiles, .. } => self.profiles(profiles),
            FaultSurface::Cloud(points) => self.cloud.extend(points.iter().map(place)),
        }
    }

    /// A surface by a trace, two depths (km) and a dip (degrees).
    fn dipping(&mut self, trace: &[Point], (upper, lower): SeismogenicDepths, dip: f64) {
        let Some(first) = trace.first() else { return };
        let at = |depth: f64| down_dip(trace, depth - first.depth, dip);
        self.add(PartKind::Line, places(trace));
        self.border([at(upper), Vec::new(), at(lower)], Vec::new());
    }

    /// A surface by edges from top to bottom.
    fn edges(&mut self, edges: &[Vec<Point>]) {
        let [top, middle @ .., bottom] = edges else { return };
        let right = middle.iter().filter_map(|edge| edge.last()).map(place).collect();
        let left = middle.iter().filter_map(|edge| edge.first()).map(place).collect();
        self.add(PartKind::Line, places(top));
        self.border([places(top), right, places(bottom)], left);
    }

    /// A surface by profiles, each from top to bottom.
    fn profiles(&mut self, profiles: &[Vec<Point>]) {
        let (Some(first), Some(last)) = (profiles.first(), profiles.last()) else { return };
        let top: Vec<Place> = profiles.iter().filter_map(|profile| profile.first()).map(place).collect();
        let bottom = profiles.iter().filter_map(|profile| profile.last()).map(place).collect();
        self.add(PartKind::Line, top.clone());
        self.border([top, places(between(last)), bottom], places(between(first)));
    }

    /// The border of a surface: its top from left to right, its right side downwards, its bottom from left to right, its left side
    /// downwards. The corners are those of the top and of the bottom.
    fn border(&mut self, [top, right, bottom]: [Vec<Place>; 3], left: Vec<Place>) {
        let ring: Vec<Place> =
            top.into_iter().chain(right).chain(bottom.into_iter().rev()).chain(left.into_iter().rev()).collect();
        if has_width(&ring) {
            self.add(PartKind::Polygon, ring);
        }
    }

    fn finish(mut self) -> Vec<Part> {
        let cloud = std::mem::take(&mut self.cloud);
        self.add(PartKind::Points, cloud);
        if let Some(Part { kind: PartKind::Points, vertices }) = self.parts.last_mut() {
            thin(vertices, MOST_POINTS);
        }
        bounded(self.parts)
    }
}

/// Keep the ends, and so many evenly spaced vertices in all, two at least.
fn thin(vertices: &mut Vec<Place>, most: usize) {
    if vertices.len() > most {
        let last = vertices.len() - 1;
        *vertices = (0..most).map(|i| vertices[i * last / (most - 1)]).collect();
    }
}

/// The border of a vertical surface encloses less than this for its length, degrees: it is about ten metres wide.
const NO_WIDTH: f64 = 5e-5;

/// Whether a ring encloses something.
fn has_width(ring: &[Place]) -> bool {
    let Some(&(west, south)) = ring.first() else { return false };
    let shrink = cos(south.to_radians());
    let flat = |i: usize| {
        let (lon, lat) = ring[i % ring.len()];
        (longitudinal_extent(west, lon) * shrink, lat - south)
    };
    let sides = (0..ring.len()).map(|i| (flat(i), flat(i + 1)));
    let (area, length) = sides.fold((0.0, 0.0), |(area, length), ((x, y), (next_x, next_y))| {
        (area + (x * next_y - next_x * y) / 2.0, length + hypot(next_x - x, next_y - y))
    });
    area.abs() > NO_WIDTH * length
}

/// The number of vertices if no part has more than `most`.
fn vertices(parts: &[Part], most: usize) -> usize {
    parts.iter().map(|part| part.vertices.len().min(most)).sum()
}

/// The same with no more than [`MOST_VERTICES`] vertices.
fn bounded(mut parts: Vec<Part>) -> Vec<Part> {
    if vertices(&parts, usize::MAX) <= MOST_VERTICES {
        return parts;
    }
    if vertices(&parts, FEWEST) > MOST_VERTICES {
        let mut before = PartKind::Polygon;
        parts.retain(|part| {
            let has_line = std::mem::replace(&mut before, part.kind) == PartKind::Line;
            !(has_line && part.kind == PartKind::Polygon)
        });
    }
    if vertices(&parts, FEWEST) > MOST_VERTICES {
        let step = (parts.len() * FEWEST).div_ceil(MOST_VERTICES);
        parts = parts.into_iter().step_by(step).collect();
    }
    // the largest number that each part may have
    let (mut most, mut too_many) = (FEWEST, MOST_VERTICES + 1);
    while too_many - most > 1 {
        let middle = most.midpoint(too_many);
        if vertices(&parts, middle) <= MOST_VERTICES { most = middle } else { too_many = middle }
    }
    parts.iter_mut().for_each(|part| thin(&mut part.vertices, most));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::geodetic::{azimuth, distance};
    use crate::source::area::AreaSource;
    use crate::source::characteristic::CharacteristicFaultSource;
    use crate::source::complex_fault::ComplexFaultSource;
    use crate::source::fault::Hypocentres;
    use crate::source::kite_fault::KiteFaultSource;
    use crate::source::listed::{ListedKind, ListedSource};
    use crate::source::point::{PointSource, Spread};
    use crate::source::simple_fault::SimpleFaultSource;
    use crate::source::{Mfd, NodalPlane};

    fn of(typology: Typology) -> Vec<Part> {
        outline(&Source::plain("s", "Active Shallow Crust", Mfd::Listed, typology))
    }

    fn of_surfaces(surfaces: Vec<FaultSurface>) -> Vec<Part> {
        of(Typology::Characteristic(CharacteristicFaultSource { surfaces, rake: 0.0 }))
    }

    fn line(points: &[(f64, f64, f64)]) -> Vec<Point> {
        points.iter().map(|&(lon, lat, depth)| Point::new(lon, lat, depth)).collect()
    }

    /// From south to north near L'Aquila: it dips to the east.
    fn simple(depths: SeismogenicDepths, dip: f64) -> SimpleFaultSource {
        let trace = line(&[(13.4, 42.2, 0.0), (13.4, 42.3, 0.0), (13.4, 42.4, 0.0)]);
        SimpleFaultSource { trace, depths, dip, rake: -90.0, mesh_spacing: 1.0, hypocentres: Hypocentres::Middle }
    }

    fn spread() -> Spread {
        let nodal_planes = vec![(1.0, NodalPlane { strike: 0.0, dip: 90.0, rake: 0.0 })];
        Spread { depths: (0.0, 20.0), nodal_planes, hypo_depths: vec![(1.0, 8.0)], down_dip: Vec::new() }
    }

    #[test]
    fn a_point_is_its_location_and_an_area_its_corners() {
        let point = PointSource { location: (15.3, 40.8), spread: spread(), part_of: None };
        let expected = Part { kind: PartKind::Point, vertices: vec![(15.3, 40.8)] };
        assert_eq!(of(Typology::Point(point)), [expected]);
        let corners = vec![(13.0, 42.0), (14.0, 42.0), (13.5, 42.8)];
        let closed = [corners.clone(), vec![corners[0]]].concat();
        for polygon in [corners.clone(), closed] {
            let area = AreaSource { polygon, discretization: 10.0, spread: spread() };
            assert_eq!(of(Typology::Area(area)), [Part { kind: PartKind::Polygon, vertices: corners.clone() }]);
        }
    }

    #[test]
    fn a_simple_fault_is_as_wide_as_it_reaches_down_and_lies_on_the_side_that_it_dips_to() {
        for (depths, near) in [((0.0, 12.0), 0.0), ((3.0, 12.0), 3.0)] {
            let fault = simple(depths, 45.0);
            let trace: Vec<Place> = places(&fault.trace);
            let parts = of(Typology::SimpleFault(fault.clone()));
            assert_eq!(parts[0], Part { kind: PartKind::Line, vertices: trace.clone() });
            let [_, Part { kind: PartKind::Polygon, vertices }] = &parts[..] else { panic!("{parts:?}") };
            let (top, bottom) = vertices.split_at(3);
            let bottom: Vec<Place> = bottom.iter().rev().copied().collect();
            for i in 0..3 {
                let ((lon, lat), off) = (trace[i], |to: Place| distance(trace[i].0, trace[i].1, to.0, to.1));
                assert!((off(top[i]) - near).abs() < 1e-6 && (off(bottom[i]) - 12.0).abs() < 1e-6, "{vertices:?}");
                assert!((azimuth(lon, lat, bottom[i].0, bottom[i].1) - 90.0).abs() < 1e-6);
            }
            // the surface of a characteristic fault and a kite fault are the same
            assert_eq!(of_surfaces(vec![FaultSurface::Simple(fault.clone())]), parts);
            let geometry = KiteGeometry::Simple { trace: fault.trace, depths, dip: 45.0 };
            let kite = KiteFaultSource { geometry, rake: 0.0, mesh_spacing: 1.0, floating_steps: (0.0, 0.0) };
            assert_eq!(of(Typology::KiteFault(kite)), parts);
        }
    }

    #[test]
    fn a_vertical_surface_has_its_line_alone() {
        let kinds = |parts: Vec<Part>| parts.iter().map(|part| part.kind).collect::<Vec<_>>();
        for dip in [90.0, 89.99] {
            assert_eq!(kinds(of(Typology::SimpleFault(simple((0.0, 12.0), dip)))), [PartKind::Line]);
        }
        let corners = line(&[(179.9, -17.0, 0.0), (-179.8, -17.1, 0.0), (179.9, -17.0, 9.0), (-179.8, -17.1, 9.0)]);
        let plane = |corners: &[Point]| FaultSurface::Planar(std::array::from_fn(|i| corners[i]));
        assert_eq!(kinds(of_surfaces(vec![plane(&corners)])), [PartKind::Line]);
        let mut dipping = corners;
        dipping[2..].iter_mut().for_each(|corner| corner.lat -= 0.05);
        assert_eq!(kinds(of_surfaces(vec![plane(&dipping)])), [PartKind::Line, PartKind::Polygon]);
    }

    #[test]
    fn a_border_goes_around_edges_and_profiles() {
        let edges = vec![
            line(&[(22.0, 35.0, 10.0), (22.0, 35.4, 10.0), (22.0, 35.8, 10.0)]),
            line(&[(22.2, 34.9, 20.0), (22.2, 35.9, 20.0)]),
            line(&[(22.5, 35.0, 35.0), (22.5, 35.8, 35.0)]),
        ];
        let top = vec![(22.0, 35.0), (22.0, 35.4), (22.0, 35.8)];
        let around = [&top[..], &[(22.2, 35.9), (22.5, 35.8), (22.5, 35.0), (22.2, 34.9)]].concat();
        let expected =
            [Part { kind: PartKind::Line, vertices: top }, Part { kind: PartKind::Polygon, vertices: around }];
        let fault = ComplexFaultSource { edges, rake: 90.0, mesh_spacing: 5.0 };
        assert_eq!(of(Typology::ComplexFault(fault.clone())), expected);
        assert_eq!(of_surfaces(vec![FaultSurface::Complex(fault)]), expected);

        let profiles = vec![
            line(&[(10.0, 45.0, 0.0), (10.1, 45.0, 6.0), (10.3, 45.0, 12.0)]),
            line(&[(10.0, 45.2, 0.0), (10.2, 45.2, 9.0)]),
            line(&[(10.0, 45.4, 0.0), (10.1, 45.4, 5.0), (10.2, 45.4, 10.0)]),
        ];
        let top = vec![(10.0, 45.0), (10.0, 45.2), (10.0, 45.4)];
        let around = [&top[..], &[(10.1, 45.4), (10.2, 45.4), (10.2, 45.2), (10.3, 45.0), (10.1, 45.0)]].concat();
        let expected =
            [Part { kind: PartKind::Line, vertices: top }, Part { kind: PartKind::Polygon, vertices: around }];
        let geometry = KiteGeometry::Profiles(profiles.clone());
        let fault = KiteFaultSource { geometry, rake: 90.0, mesh_spacing: 2.0, floating_steps: (0.0, 0.0) };
        assert_eq!(of(Typology::KiteFault(fault)), expected);
        assert_eq!(of_surfaces(vec![FaultSurface::Kite { profiles, mesh_spacing: 2.0 }]), expected);
    }

    #[test]
    fn clouds_are_points_without_what_is_no_number() {
        let cloud = |points: &[(f64, f64, f64)]| FaultSurface::Cloud(line(points));
        let nothing = f64::NAN;
        let surfaces =
            vec![cloud(&[(-71.6, -33.0, 20.0), (nothing, nothing, nothing)]), cloud(&[(-71.5, -32.9, 25.0)])];
        let expected = Part { kind: PartKind::Points, vertices: vec![(-71.6, -33.0), (-71.5, -32.9)] };
        assert_eq!(of_surfaces(surfaces), [expected]);
    }

    fn listed(surfaces: Vec<FaultSurface>) -> Vec<Part> {
        let (sections, ruptures) = Default::default();
        let kind = ListedKind::MultiFault { infers_rates: false };
        of(Typology::Listed(ListedSource { kind, sections, surfaces: surfaces.into(), ruptures }))
    }

    #[test]
    fn an_outline_is_bounded_and_keeps_its_ends() {
        // a trace of many points among short ones
        let trace = |n: usize| (0..n).map(|i| Point::new(13.0 + i as f64 / n as f64, 42.0, 0.0)).collect::<Vec<_>>();
        let long = |n: usize| FaultSurface::Simple(SimpleFaultSource { trace: trace(n), ..simple((0.0, 12.0), 45.0) });
        let parts = listed(vec![long(3), long(50_000), long(3)]);
        let count = vertices(&parts, usize::MAX);
        assert!((MOST_VERTICES - 10..=MOST_VERTICES).contains(&count), "{count}");
        assert_eq!((parts.len(), parts[0].vertices.len(), parts[1].vertices.len()), (6, 3, 6));
        let (first, last) = (parts[2].vertices[0], parts[2].vertices[parts[2].vertices.len() - 1]);
        assert_eq!((first, last), ((13.0, 42.0), (13.0 + 49_999.0 / 50_000.0, 42.0)));

        // sections of six vertices: all lines stay as long as they fit, then some surfaces go
        let section = |i: usize| {
            let lat = -40.0 + 0.01 * i as f64;
            let profile = |lon: f64| line(&[(lon, lat, 0.0), (lon, lat + 0.05, 10.0)]);
            FaultSurface::Kite { profiles: vec![profile(174.0), profile(174.1)], mesh_spacing: 2.0 }
        };
        for (sections, lines, polygons) in [(3000, 3000, 3000), (6000, 6000, 0), (12_000, 4000, 0)] {
            let parts = listed((0..sections).map(section).collect());
            let count = |kind: PartKind| parts.iter().filter(|part| part.kind == kind).count();
            assert_eq!((count(PartKind::Line), count(PartKind::Polygon)), (lines, polygons), "{sections}");
            assert!(vertices(&parts, usize::MAX) <= MOST_VERTICES);
            assert_eq!(parts[0].vertices[0], (174.0, -40.0));
        }
        let points = (0..1_000_000).map(|i| Point::new(140.0 + 1e-6 * f64::from(i), 35.0, 30.0)).collect();
        let parts = listed(vec![FaultSurface::Cloud(points)]);
        let Part { vertices, .. } = &parts[0];
        assert_eq!(
            (parts.len(), vertices.len(), vertices[MOST_POINTS - 1].0),
            (1, MOST_POINTS, 140.0 + 1e-6 * 999_999.0)
        );
    }
}
