//! Polygons on the sphere and the uniform grids of points inside them.

use super::geodetic;
use super::line::{self, LineError};
use super::projection::{Bounds, Orthographic, longitudinal_extent};
use super::{KM_TO_DEGREES, Point};
use crate::elementary::scalar::{acos, atan2, cos, sin};
use crate::elementary::{hypot, powi};

/// Edges longer than this (km) get intermediate vertices on their great circle before they are projected.
const UPSAMPLING_STEP_KM: f64 = 100.0;

/// Segments of a quarter circle where a dilated polygon turns around a vertex.
const QUADRANT_SEGMENTS: f64 = 16.0;

/// Why a polygon cannot be used.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum PolygonError {
    /// Fewer than three distinct vertices.
    #[error("a polygon needs at least 3 distinct vertices, found {0}")]
    TooFew(usize),
    /// The vertices extend over half the globe.
    #[error("the polygon extends over more than 180 degrees of longitude")]
    TooWide,
    /// The perimeter crosses itself.
    #[error("the perimeter of the polygon intersects itself")]
    SelfIntersecting,
    /// No grid point falls inside.
    #[error("no point of a grid spaced by {0} km falls inside the polygon: the spacing is too large")]
    NoPoints(f64),
    /// More grid points than can be held.
    #[error(
        "a grid spaced by {spacing} km has about {points:.0} points, over the {MOST_POINTS:.0} that are possible: \
         choose a wider spacing (region_grid_spacing, area_source_discretization)"
    )]
    TooManyPoints {
        /// The spacing, km.
        spacing: f64,
        /// How many there would be.
        points: f64,
    },
}

/// A grid of more points is refused.
const MOST_POINTS: f64 = 1e7;

/// A simple polygon whose vertices are joined by great circles.
#[derive(Clone, Debug)]
pub struct Polygon {
    vertices: Vec<(f64, f64)>,
}

/// A convex hull without area is made one this wide, km (engine behaviour).
const LEAST_WIDTH: f64 = 0.005;

/// The points (longitude, latitude) of a grid over the convex hull of places, dilated by its spacing (km).
///
/// # Errors
/// If the places extend over half the globe, or the grid has no or too many points.
pub fn discretize_hull(places: &[(f64, f64)], spacing: f64) -> Result<Vec<(f64, f64)>, PolygonError> {
    let (lons, lats): (Vec<f64>, Vec<f64>) = places.iter().copied().unzip();
    let bounds = Bounds::of(&lons, &lats).ok_or(PolygonError::TooWide)?;
    let projection = Orthographic::centred_on(bounds);
    let ring = match &convex_hull(places.iter().map(|&(lon, lat)| projection.project(lon, lat)).collect())[..] {
        [] => return Err(PolygonError::TooFew(0)),
        &[a] => widened(a, a),
        &[a, b] => widened(a, b),
        ring => ring.to_vec(),
    };
    Projected { projection, ring, extra: Vec::new(), bounds }.dilated(spacing)?.discretize(spacing)
}

/// The convex hull of points, anticlockwise, without points on its edges (Andrew, 1979).
fn convex_hull(mut points: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    points.sort_by(|a, b| a[0].total_cmp(&b[0]).then(a[1].total_cmp(&b[1])));
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let turns_left =
        |a: [f64; 2], b: [f64; 2], c: [f64; 2]| (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]) > 0.0;
    let chain = |points: &mut dyn Iterator<Item = &[f64; 2]>| {
        let mut chain: Vec<[f64; 2]> = Vec::new();
        for &point in points {
            while let [.., a, b] = chain[..]
                && !turns_left(a, b, point)
            {
                chain.pop();
            }
            chain.push(point);
        }
        // it ends where the other one starts
        chain.pop();
        chain
    };
    let mut hull = chain(&mut points.iter());
    hull.extend(chain(&mut points.iter().rev()));
    hull
}

/// The line from `a` to `b`, or a point, as a hexagon or square a little wider and longer.
fn widened(a: [f64; 2], b: [f64; 2]) -> Vec<[f64; 2]> {
    let left = if a == b { [0.0, 1.0] } else { left_of(a, b) };
    let along = [left[1], -left[0]];
    let moved = |p: [f64; 2], by: [f64; 2], k: f64| [p[0] + k * by[0], p[1] + k * by[1]];
    let w = LEAST_WIDTH;
    convex_hull(vec![
        moved(a, left, w),
        moved(a, left, -w),
        moved(a, along, -w),
        moved(b, left, w),
        moved(b, left, -w),
        moved(b, along, w),
    ])
}

/// A polygon on the plane of a projection, perhaps dilated, with its bounds on the sphere.
#[derive(Clone, Debug)]
pub struct Projected {
    projection: Orthographic,
    ring: Vec<[f64; 2]>,
    /// Convex outlines that are added to the ring: one an edge and one a corner of the dilated polygon.
    extra: Vec<Vec<[f64; 2]>>,
    bounds: Bounds,
}

impl Polygon {
    /// A polygon from its vertices (longitude, latitude in degrees), in either direction, closed or not.
    pub fn new(vertices: &[(f64, f64)]) -> Result<Polygon, PolygonError> {
        let points: Vec<Point> = vertices.iter().map(|&(lon, lat)| Point::new(lon, lat, 0.0)).collect();
        let cleaned = match line::clean(&points) {
            Ok(points) => points,
            Err(
                LineError::TooShort | LineError::TooShortFor { .. } | LineError::TooWide | LineError::Folded { .. },
            ) => {
                return Err(PolygonError::TooFew(vertices.len().min(1)));
            }
        };
        let mut vertices: Vec<(f64, f64)> = cleaned.iter().map(|p| (p.lon, p.lat)).collect();
        if vertices.len() > 1 && vertices.first() == vertices.last() {
            vertices.pop();
        }
        if vertices.len() < 3 {
            return Err(PolygonError::TooFew(vertices.len()));
        }
        let polygon = Polygon { vertices };
        if ring_crosses_itself(&polygon.project()?.ring) {
            return Err(PolygonError::SelfIntersecting);
        }
        Ok(polygon)
    }

    /// Longitudes and latitudes of the vertices, degrees.
    pub fn vertices(&self) -> &[(f64, f64)] {
        &self.vertices
    }

    /// The points (longitude, latitude) of a grid spaced by `spacing` km that fall inside, from north to south and
    /// west to east: the point sources of an area source.
    pub fn discretize(&self, spacing: f64) -> Result<Vec<(f64, f64)>, PolygonError> {
        self.project()?.discretize(spacing)
    }

    /// The same after the polygon has been dilated by `spacing` km: the sites of a region.
    pub fn discretize_dilated(&self, spacing: f64) -> Result<Vec<(f64, f64)>, PolygonError> {
        self.project()?.dilated(spacing)?.discretize(spacing)
    }

    /// On the plane of the orthographic projection centred on it.
    ///
    /// # Errors
    /// [`PolygonError::TooWide`].
    pub fn project(&self) -> Result<Projected, PolygonError> {
        let resampled = self.resampled();
        let (lons, lats): (Vec<f64>, Vec<f64>) = resampled.iter().copied().unzip();
        let bounds = Bounds::of(&lons, &lats).ok_or(PolygonError::TooWide)?;
        let projection = Orthographic::centred_on(bounds);
        let ring = resampled.iter().map(|&(lon, lat)| projection.project(lon, lat)).collect();
        Ok(Projected { projection, ring, extra: Vec::new(), bounds })
    }

    /// The vertices with more of them on edges over [`UPSAMPLING_STEP_KM`].
    fn resampled(&self) -> Vec<(f64, f64)> {
        let n = self.vertices.len();
        let mut out = Vec::with_capacity(n);
        for i in 0..n {
            let (a, b) = (self.vertices[i], self.vertices[(i + 1) % n]);
            out.push(a);
            let d = geodetic::distance(a.0, a.1, b.0, b.1);
            let points = (d / UPSAMPLING_STEP_KM) as usize + 1;
            if points > 2 {
                let start = Point::new(a.0, a.1, 0.0);
                let along = geodetic::points_towards(start, geodetic::azimuth(a.0, a.1, b.0, b.1), d, 0.0, points);
                out.extend(along[1..points - 1].iter().map(|p| (p.lon, p.lat)));
            }
        }
        out
    }
}

impl Projected {
    /// Dilate by `distance` km: a rectangle outside each edge, a fan of [`QUADRANT_SEGMENTS`] around each corner.
    fn dilated(mut self, distance: f64) -> Result<Projected, PolygonError> {
        let n = self.ring.len();
        let clockwise = signed_area(&self.ring) < 0.0;
        if !clockwise {
            self.ring.reverse();
        }
        let mut outline: Vec<[f64; 2]> = Vec::new();
        let quantum = std::f64::consts::FRAC_PI_2 / QUADRANT_SEGMENTS;
        for i in 0..n {
            let (a, b, c) = (self.ring[i], self.ring[(i + 1) % n], self.ring[(i + 2) % n]);
            let (out_ab, out_bc) = (left_of(a, b), left_of(b, c));
            let shift = |p: [f64; 2], n: [f64; 2]| [p[0] + n[0] * distance, p[1] + n[1] * distance];
            let rectangle = vec![a, shift(a, out_ab), shift(b, out_ab), b];
            outline.extend(&rectangle[1..3]);
            self.extra.push(rectangle);
            // clockwise ring: the outside is on the left; it turns right at a convex vertex
            let turn = out_ab[0] * out_bc[1] - out_ab[1] * out_bc[0];
            if turn < 0.0 {
                let start = atan2(out_ab[1], out_ab[0]);
                let total = acos((out_ab[0] * out_bc[0] + out_ab[1] * out_bc[1]).clamp(-1.0, 1.0));
                let segments = (total / quantum + 0.5).floor().max(1.0);
                let mut fan = vec![b];
                for k in 0..segments as usize {
                    let angle = start - total / segments * k as f64;
                    fan.push([b[0] + distance * cos(angle), b[1] + distance * sin(angle)]);
                }
                fan.push(shift(b, out_bc));
                outline.extend(&fan[1..]);
                self.extra.push(fan);
            }
        }
        let (lons, lats): (Vec<f64>, Vec<f64>) = outline.iter().map(|&p| self.projection.unproject(p)).unzip();
        self.bounds = Bounds::of(&lons, &lats).ok_or(PolygonError::TooWide)?;
        Ok(self)
    }

    /// Whether a point of the sphere, in degrees, is inside.
    pub fn contains(&self, lon: f64, lat: f64) -> bool {
        let point = self.projection.project(lon, lat);
        inside(&self.ring, point) || self.extra.iter().any(|outline| inside(outline, point))
    }

    /// Cover the bounds from north to south, and on each parallel from west to east, by steps of `spacing` km.
    fn discretize(&self, spacing: f64) -> Result<Vec<(f64, f64)>, PolygonError> {
        let mut points = Vec::new();
        let Bounds { west, east, north, south } = self.bounds;
        self.check_number(spacing)?;
        let mut lat = north;
        while lat > south {
            let mut lon = west;
            while longitudinal_extent(lon, east) > 0.0 {
                if self.contains(lon, lat) {
                    points.push((lon, lat));
                }
                lon = geodetic::point_at(lon, lat, 90.0, spacing).0;
            }
            lat = geodetic::point_at(west, lat, 180.0, spacing).1;
        }
        if points.is_empty() { Err(PolygonError::NoPoints(spacing)) } else { Ok(points) }
    }
}

impl Projected {
    /// An error if a grid over the bounds has too many points.
    fn check_number(&self, spacing: f64) -> Result<(), PolygonError> {
        const KM_PER_DEGREE: f64 = 111.2;
        let Bounds { west, east, north, south } = self.bounds;
        let across = longitudinal_extent(west, east).abs() * cos(((north + south) / 2.0).to_radians());
        let points = (north - south) * across * powi(KM_PER_DEGREE / spacing, 2);
        if points > MOST_POINTS { Err(PolygonError::TooManyPoints { spacing, points }) } else { Ok(()) }
    }
}

/// Unit normal on the left of the direction from `a` to `b`.
fn left_of(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = hypot(dx, dy);
    [-dy / length, dx / length]
}

/// Twice the area of a ring, positive if it runs anticlockwise.
fn signed_area(ring: &[[f64; 2]]) -> f64 {
    let n = ring.len();
    (0..n).map(|i| ring[i][0] * ring[(i + 1) % n][1] - ring[(i + 1) % n][0] * ring[i][1]).sum()
}

/// Whether a point is inside a ring, by the parity of the edges that a ray to the east crosses.
pub fn inside(ring: &[[f64; 2]], point: [f64; 2]) -> bool {
    let n = ring.len();
    (0..n).filter(|&i| is_crossed(point, ring[i], ring[(i + 1) % n])).count() % 2 == 1
}

/// Whether a ray from a point to the east crosses the edge `a`–`b`.
pub fn is_crossed([x, y]: [f64; 2], a: [f64; 2], b: [f64; 2]) -> bool {
    (a[1] > y) != (b[1] > y) && x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
}

/// Distance from a point to the segment `a`–`b` of the plane.
pub fn distance_to_segment([x, y]: [f64; 2], a: [f64; 2], b: [f64; 2]) -> f64 {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length2 = dx * dx + dy * dy;
    let t = if length2 > 0.0 { (((x - a[0]) * dx + (y - a[1]) * dy) / length2).clamp(0.0, 1.0) } else { 0.0 };
    hypot(x - a[0] - t * dx, y - a[1] - t * dy)
}

/// Whether two edges of a ring that are not neighbours meet.
pub fn ring_crosses_itself(ring: &[[f64; 2]]) -> bool {
    let closed: Vec<[f64; 2]> = ring.iter().chain(ring.first()).copied().collect();
    line_crosses_itself(&closed)
}

/// Whether two edges of a line that are not neighbours meet.
pub fn line_crosses_itself(line: &[[f64; 2]]) -> bool {
    let side = |a: [f64; 2], b: [f64; 2], p: [f64; 2]| (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
    let extent = |axis: usize| {
        let values = || line.iter().map(|p| p[axis]);
        values().fold(f64::NEG_INFINITY, f64::max) - values().fold(f64::INFINITY, f64::min)
    };
    // along the longer axis few edges of a line overlap
    let axis = usize::from(extent(1) > extent(0));
    let mut edges: Vec<(usize, [f64; 2], [f64; 2])> =
        line.windows(2).enumerate().map(|(i, w)| (i, w[0], w[1])).collect();
    edges.sort_by(|(_, a, b), (_, c, d)| a[axis].min(b[axis]).total_cmp(&c[axis].min(d[axis])));
    edges.iter().enumerate().any(|(place, &(i, a, b))| {
        let end = a[axis].max(b[axis]);
        let overlapping = edges[place + 1..].iter().take_while(|(_, c, d)| c[axis].min(d[axis]) <= end);
        overlapping
            .filter(|(j, ..)| i.abs_diff(*j) > 1)
            .any(|&(_, c, d)| side(a, b, c) * side(a, b, d) < 0.0 && side(c, d, a) * side(c, d, b) < 0.0)
    })
}

/// A box of longitudes and latitudes, enlarged by a distance: the engine's first filter of sites around a source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeoBox {
    min_lon: f64,
    min_lat: f64,
    max_lon: f64,
    max_lat: f64,
}

impl GeoBox {
    /// The box around points enlarged by `km`; `None` if it would be wider than half the globe (no filter then).
    pub fn around(points: impl Iterator<Item = (f64, f64)> + Clone, km: f64) -> Option<GeoBox> {
        GeoBox::of(points).enlarged(km)
    }

    /// The box of points.
    pub fn of(points: impl Iterator<Item = (f64, f64)> + Clone) -> GeoBox {
        let fold =
            |f: fn((f64, f64)) -> f64, init: f64, pick: fn(f64, f64) -> f64| points.clone().map(f).fold(init, pick);
        let (mut west, mut east) = (fold(|p| p.0, f64::INFINITY, f64::min), fold(|p| p.0, f64::NEG_INFINITY, f64::max));
        if longitudinal_extent(west, east) < 0.0 {
            west = fold(|p| p.0.rem_euclid(360.0), f64::INFINITY, f64::min);
            east = fold(|p| p.0.rem_euclid(360.0), f64::NEG_INFINITY, f64::max);
        }
        let south = fold(|p| p.1, f64::INFINITY, f64::min);
        let north = fold(|p| p.1, f64::NEG_INFINITY, f64::max);
        GeoBox { min_lon: west, min_lat: south, max_lon: east, max_lat: north }
    }

    /// The box enlarged by `km`; `None` if it would be wider than half the globe.
    pub fn enlarged(self, km: f64) -> Option<GeoBox> {
        let GeoBox { min_lon: west, min_lat: south, max_lon: east, max_lat: north } = self;
        let dlat = (km * KM_TO_DEGREES).min(90.0);
        let dlon = km * KM_TO_DEGREES / cos(south.abs().max(north.abs()).to_radians());
        if !(east - west + 2.0 * dlon <= 180.0) {
            return None;
        }
        Some(GeoBox { min_lon: west - dlon, min_lat: south - dlat, max_lon: east + dlon, max_lat: north + dlat })
    }

    /// Whether a site is strictly inside.
    pub fn contains(&self, lon: f64, lat: f64) -> bool {
        let half = (self.max_lon - self.min_lon) / 2.0;
        longitudinal_extent(self.min_lon + half, lon).abs() < half && self.min_lat < lat && lat < self.max_lat
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn square_of_one_degree_holds_the_expected_grid() {
        let square = Polygon::new(&[(10.0, 45.0), (11.0, 45.0), (11.0, 46.0), (10.0, 46.0)]).unwrap();
        let points = square.discretize(10.0).unwrap();
        assert!(points.len() > 75 && points.len() < 96, "{}", points.len());
        assert!(points.iter().all(|p| p.0 > 10.0 && p.0 < 11.0 && p.1 > 45.0 && p.1 < 46.01));
    }

    #[test]
    fn dilated_region_reaches_one_spacing_out() {
        let square = Polygon::new(&[(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 0.0)]).unwrap();
        let points = square.discretize_dilated(10.0).unwrap();
        let km = 0.5f64.to_radians() * crate::geo::EARTH_RADIUS;
        let expected = (km + 20.0).powi(2) / 100.0;
        assert!((points.len() as f64 - expected).abs() < 12.0, "{} {expected}", points.len());
    }

    #[test]
    fn a_hull_is_what_is_outside() {
        let square = [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]];
        let mut points = vec![[1.0, 1.0], [1.0, 0.0], [0.5, 1.9], [2.0, 2.0]];
        points.extend(square);
        assert_eq!(convex_hull(points), square);
        assert_eq!(convex_hull(vec![[0.0, 0.0], [2.0, 2.0], [1.0, 1.0]]).len(), 2);
        assert_eq!((widened([1.0, 1.0], [1.0, 1.0]).len(), widened([1.0, 1.0], [3.0, 2.0]).len()), (4, 6));
    }

    #[test]
    fn a_grid_covers_the_hull_of_places() {
        let corners = [(0.0, 0.0), (0.0, 0.5), (0.5, 0.5), (0.5, 0.0), (0.2, 0.3)];
        let of_square = Polygon::new(&corners[..4]).unwrap().discretize_dilated(10.0).unwrap();
        assert_eq!(discretize_hull(&corners, 10.0).unwrap(), of_square);
        // a circle of 10 km around one place
        let around = discretize_hull(&[(13.0, 42.0)], 2.0).unwrap();
        assert!(around.len() <= 4 && !around.is_empty(), "{around:?}");
        assert_eq!(discretize_hull(&[], 2.0), Err(PolygonError::TooWide));
    }

    #[test]
    fn bow_tie_is_refused() {
        let error = Polygon::new(&[(0.0, 0.0), (1.0, 1.0), (1.0, 0.0), (0.0, 1.0)]).unwrap_err();
        assert_eq!(error, PolygonError::SelfIntersecting);
        assert!(matches!(Polygon::new(&[(0.0, 0.0), (1.0, 1.0)]), Err(PolygonError::TooFew(2))));
    }

    #[test]
    fn an_open_line_is_not_closed_to_be_checked() {
        let zigzag = [[0.0, 3.0], [2.0, 1.0], [2.5, 0.0], [4.5, -1.0]];
        assert!(!line_crosses_itself(&zigzag));
        assert!(line_crosses_itself(&[[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0]]));
        // as a ring its closing edge would cut the second
        assert!(ring_crosses_itself(&[[0.0, 0.0], [2.0, 2.0], [2.0, 0.0], [0.0, 2.0]]));
    }

    #[test]
    fn box_crosses_the_date_line() {
        let b = GeoBox::around([(179.5, 0.0), (-179.5, 0.0)].into_iter(), 100.0).unwrap();
        assert!(b.contains(-179.0, 0.5) && b.contains(179.0, -0.5) && !b.contains(0.0, 0.0));
    }
}
