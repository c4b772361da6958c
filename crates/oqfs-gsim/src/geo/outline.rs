//! The outline of a patch of a mesh on a plane: what Joyner-Boore distances of near sites are measured to.
//!
//! The engine (`RectangularMesh._get_proj_enclosing_polygon`) simplifies the projected stripes between rows by 5 m, enlarges them by 5 m
//! with corners in steps of 45 degrees, joins them and simplifies the whole again. So do we: 5 m are a thousandth at 5 km.

use super::mesh::{Patch, RectMesh};
use super::polygon::{distance_to_segment, inside};
use super::projection::{Bounds, Orthographic};
use super::stripes::Stripes;
use crate::elementary::hypot;
use crate::elementary::scalar::{acos, atan2, cos, sin};

/// By how much the outline is simplified and enlarged, km.
pub(super) const TOLERANCE: f64 = 0.005;

/// The step of the arcs around corners, radians.
pub(super) const ARC_STEP: f64 = std::f64::consts::FRAC_PI_4;

/// Points nearer than this are one, km.
const NO_LENGTH: f64 = 1e-6;

/// The projected outline of a patch.
#[derive(Clone, Debug)]
pub struct Outline {
    projection: Orthographic,
    ring: Vec<[f64; 2]>,
}

impl Outline {
    /// The outline of a patch, projected around its own centre. `None` for one wider than half the globe.
    pub fn new(mesh: &RectMesh, patch: Patch) -> Option<Outline> {
        let (lons, lats): (Vec<f64>, Vec<f64>) = mesh.outline(patch).map(|p| (p.lon, p.lat)).unzip();
        let projection = Orthographic::centred_on(Bounds::of(&lons, &lats)?);
        let at = |row: usize, col: usize| {
            let point = mesh.at(patch.row + row, patch.col + col);
            projection.project(point.lon, point.lat)
        };
        let row = |row: usize| (0..patch.cols).map(|col| at(row, col)).collect();
        let ends: Vec<_> = (0..patch.rows).map(|row| (at(row, 0), at(row, patch.cols - 1))).collect();
        let union = Stripes::new(&ends, &row).and_then(|stripes| stripes.union()).or_else(|| strip(&ends, &row));
        let ring = union.unwrap_or_else(|| {
            let points: Vec<[f64; 2]> =
                lons.iter().zip(&lats).map(|(&lon, &lat)| projection.project(lon, lat)).collect();
            by_sides(&points, patch)
        });
        Some(Outline { projection, ring: simplify_ring(&ring) })
    }

    /// Distance from a site, km; 0 within.
    pub fn distance(&self, lon: f64, lat: f64) -> f64 {
        let point = self.projection.project(lon, lat);
        if inside(&self.ring, point) {
            return 0.0;
        }
        let n = self.ring.len();
        let sides = (0..n).map(|i| distance_to_segment(point, self.ring[i], self.ring[(i + 1) % n]));
        sides.fold(f64::INFINITY, f64::min)
    }
}

/// The enlarged outline of a vertical patch, whose rows are one line on the plane; `None` of any other.
///
/// The engine's union of its stripes, which are the same, starts so many points behind the westernmost end of a cap as there are unions
/// of its first operand.
fn strip(ends: &[([f64; 2], [f64; 2])], row: &dyn Fn(usize) -> Vec<[f64; 2]>) -> Option<Vec<[f64; 2]>> {
    let near = |a: [f64; 2], b: [f64; 2]| hypot(a[0] - b[0], a[1] - b[1]) < NO_LENGTH;
    let is_vertical = ends.iter().all(|end| near(end.0, ends[0].0) && near(end.1, ends[0].1));
    if !is_vertical || near(ends[0].0, ends[0].1) {
        return None;
    }
    let mut line: Vec<[f64; 2]> = row(0).into_iter().rev().chain(row(1)).collect();
    let end = row(0).len() - 1;
    line.push(line[0]);
    let mut places: Vec<[f64; 2]> = simplified_ring(&line).into_iter().map(|i| line[i]).collect();
    // a corner may stand for both rows
    places.dedup_by(|a, b| near(*a, *b));
    if places.len() > 2 && near(places[0], places[places.len() - 1]) {
        places.pop();
    }
    let mut ring = Vec::new();
    let mut caps = Vec::new();
    for (k, &place) in places.iter().enumerate() {
        let before = ring.len();
        corner(places[(k + places.len() - 1) % places.len()], place, places[(k + 1) % places.len()], &mut ring);
        if near(place, line[0]) || near(place, line[end]) {
            caps.extend([before, ring.len() - 1]);
        }
    }
    let by_place = |a: &usize, b: &usize| ring[*a][0].total_cmp(&ring[*b][0]).then(ring[*a][1].total_cmp(&ring[*b][1]));
    let start = caps.into_iter().min_by(by_place)?;
    let unions = (ends.len() - 1).ilog2() as usize;
    let length = ring.len();
    ring.rotate_left((start + unions) % length);
    Some(ring)
}

/// The enlarged outline where its stripes are about as thin as lines: each side of the patch is simplified by itself.
fn by_sides(points: &[[f64; 2]], patch: Patch) -> Vec<[f64; 2]> {
    // from the bottom right corner on
    let (across, down) = (patch.cols - 1, patch.rows - 1);
    let closed: Vec<[f64; 2]> = points.iter().chain(points.first()).copied().collect();
    let mut ring = Vec::new();
    for (start, stop) in
        [(across + down, 2 * across + down), (2 * across + down, points.len()), (0, across), (across, across + down)]
    {
        ring.push(closed[start]);
        ring.extend(simplified(&closed, start, stop).into_iter().map(|i| closed[i]));
    }
    // the sides of a vertical fault have no length on the plane
    let near = |a: &[f64; 2], b: &[f64; 2]| hypot(a[0] - b[0], a[1] - b[1]) < NO_LENGTH;
    ring.dedup_by(|a, b| near(a, b));
    if ring.len() > 2 && near(&ring[0], &ring[ring.len() - 1]) {
        ring.pop();
    }
    enlarge(ring)
}

/// The indices of the points strictly between the `first` and the `last` that lie off the line, by Douglas and Peucker.
pub(super) fn simplified(points: &[[f64; 2]], first: usize, last: usize) -> Vec<usize> {
    let mut kept = Vec::new();
    simplify(points, first, last, &mut kept);
    kept
}

fn simplify(points: &[[f64; 2]], first: usize, last: usize, kept: &mut Vec<usize>) {
    if let Some((i, _)) = farthest(points, first, last).filter(|(_, d)| *d > TOLERANCE) {
        simplify(points, first, i, kept);
        kept.push(i);
        simplify(points, i, last, kept);
    }
}

/// A ring simplified from its first point on.
fn simplify_ring(ring: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let closed: Vec<[f64; 2]> = ring.iter().chain(ring.first()).copied().collect();
    simplified_ring(&closed).into_iter().map(|i| closed[i]).collect()
}

/// The indices of the points of a closed line that its simplification leaves, the last one aside. The farthest point of all and that
/// of the first half stay, and that of the second if there would be less than four points: a ring must not collapse.
fn simplified_ring(closed: &[[f64; 2]]) -> Vec<usize> {
    const LEAST: usize = 4;
    let mut kept = vec![0];
    let last = closed.len() - 1;
    let Some((opposite, _)) = farthest(closed, 0, last) else { return kept };
    for (from, to) in [(0, opposite), (opposite, last)] {
        match farthest(closed, from, to).filter(|_| kept.len() < LEAST) {
            Some((i, _)) => {
                simplify(closed, from, i, &mut kept);
                kept.push(i);
                simplify(closed, i, to, &mut kept);
            }
            None => simplify(closed, from, to, &mut kept),
        }
        if to == opposite {
            kept.push(opposite);
        }
    }
    kept
}

/// The index of the point strictly between the `first` and the `last` that is farthest from the line between them, and how far.
fn farthest(points: &[[f64; 2]], first: usize, last: usize) -> Option<(usize, f64)> {
    let off = |i: usize| (i, distance_to_segment(points[i], points[first], points[last]));
    (first + 1..last).map(off).reduce(|best, other| if other.1 > best.1 { other } else { best })
}

/// The ring moved outwards, with an arc around each convex corner, clockwise; it starts in the middle of its first arc.
fn enlarge(mut ring: Vec<[f64; 2]>) -> Vec<[f64; 2]> {
    let n = ring.len();
    let area: f64 = (0..n).map(|i| ring[i][0] * ring[(i + 1) % n][1] - ring[(i + 1) % n][0] * ring[i][1]).sum();
    if area > 0.0 {
        ring[1..].reverse();
    }
    let mut out = Vec::new();
    let mut first_arc = 0;
    for i in 0..n {
        corner(ring[(i + n - 1) % n], ring[i], ring[(i + 1) % n], &mut out);
        if i == 0 {
            first_arc = out.len();
        }
    }
    out.rotate_left(first_arc / 2);
    out
}

/// The corner at `b` of a clockwise ring moved outwards: an arc, or where the sides meet if it is concave.
pub(super) fn corner(a: [f64; 2], b: [f64; 2], c: [f64; 2], out: &mut Vec<[f64; 2]>) {
    let (before, after) = (outwards(a, b), outwards(b, c));
    let cos_angle = (before[0] * after[0] + before[1] * after[1]).clamp(-1.0, 1.0);
    // the end of a line is none, to whichever side it turns back by rounding
    const TURNS_BACK: f64 = -0.999;
    if before[0] * after[1] - before[1] * after[0] > 0.0 && cos_angle > TURNS_BACK {
        let k = TOLERANCE / (1.0 + cos_angle);
        out.push([b[0] + k * (before[0] + after[0]), b[1] + k * (before[1] + after[1])]);
        return;
    }
    let angle = acos(cos_angle);
    let steps = (angle / ARC_STEP + 0.5).floor().max(1.0);
    let start = atan2(before[1], before[0]);
    for k in 0..=steps as usize {
        let at = start - angle * k as f64 / steps;
        out.push([b[0] + TOLERANCE * cos(at), b[1] + TOLERANCE * sin(at)]);
    }
}

/// Unit normal on the left of the direction from `a` to `b`: outwards on a clockwise ring.
pub(super) fn outwards(a: [f64; 2], b: [f64; 2]) -> [f64; 2] {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = hypot(dx, dy);
    [-dy / length, dx / length]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::{Point, geodetic};

    #[test]
    fn a_straight_fault_is_a_quadrilateral_five_metres_larger() {
        let trace = [Point::new(10.0, 45.0, 0.0), Point::new(10.2, 45.3, 0.0)];
        let mesh = RectMesh::of_simple_fault(&trace, (0.0, 10.0), 60.0, 1.0).unwrap();
        let outline = Outline::new(&mesh, mesh.whole()).unwrap();
        assert!((4..=6).contains(&outline.ring.len()), "{:?}", outline.ring);
        let (lon, lat) = geodetic::point_at(10.1, 45.15, geodetic::azimuth(10.0, 45.0, 10.2, 45.3) + 270.0, 7.0);
        // as the engine gives it
        assert!((outline.distance(lon, lat) - 6.97426).abs() < 1e-5, "{}", outline.distance(lon, lat));
        let (lon, lat) = geodetic::point_at(10.1, 45.15, geodetic::azimuth(10.0, 45.0, 10.2, 45.3) + 90.0, 2.0);
        assert_eq!(outline.distance(lon, lat), 0.0);
    }

    #[test]
    fn the_outline_is_the_engines_point_by_point() {
        let trace = [Point::new(1.0, -0.2, 0.0), Point::new(1.4, 0.0, 0.0), Point::new(1.7, 0.0, 0.0)];
        let mesh = RectMesh::of_simple_fault(&trace, (5.0, 15.0), 30.0, 2.0).unwrap();
        let outline = Outline::new(&mesh, mesh.whole()).unwrap();
        let expected = [
            [41.76790, 2.78742],
            [7.76920, 2.78799],
            [5.92555, 2.01586],
            [-37.00571, -19.45087],
            [-37.01275, -19.44777],
            [-41.77143, -2.79380],
            [1.16315, 18.67900],
            [3.01014, 19.45212],
            [37.01317, 19.45065],
            [41.77270, 2.79379],
        ];
        assert_eq!(outline.ring.len(), expected.len(), "{:?}", outline.ring);
        for (found, expected) in outline.ring.iter().zip(expected) {
            let off = (found[0] - expected[0]).hypot(found[1] - expected[1]);
            assert!(off < 2e-5, "{found:?}, not {expected:?}");
        }
    }

    #[test]
    fn distances_are_the_engines() {
        let trace = [Point::new(10.0, 45.0, 0.0), Point::new(10.1, 45.12, 0.0), Point::new(10.3, 45.2, 0.0)];
        let sites = [(10.0, 45.1), (10.2, 45.05), (10.25, 45.3), (10.4, 45.2), (9.95, 44.95), (10.15, 45.16)];
        for (dip, expected) in [
            (45.0, [7.553307, 0.0, 13.695846, 6.140996, 6.708535, 3.865106]),
            (89.0, [5.66351, 10.429201, 11.905735, 8.096646, 6.76617, 1.957351]),
            (90.0, [5.631763, 10.641376, 11.87825, 8.241003, 6.805248, 1.924837]),
        ] {
            let mesh = RectMesh::of_simple_fault(&trace, (2.0, 12.0), dip, 1.5).unwrap();
            let outline = Outline::new(&mesh, mesh.whole()).unwrap();
            for ((lon, lat), expected) in sites.into_iter().zip(expected) {
                let found = outline.distance(lon, lat);
                assert!((found - expected).abs() < 2e-6, "{dip} {lon} {lat}: {found}, not {expected}");
            }
        }
    }

    #[test]
    fn a_vertical_fault_is_a_strip() {
        let trace = [Point::new(10.0, 45.0, 0.0), Point::new(10.0, 45.3, 0.0)];
        let mesh = RectMesh::of_simple_fault(&trace, (0.0, 10.0), 90.0, 1.0).unwrap();
        let outline = Outline::new(&mesh, mesh.whole()).unwrap();
        let (lon, lat) = geodetic::point_at(10.0, 45.15, 90.0, 3.0);
        // the engine gives 2.99753
        assert!((outline.distance(lon, lat) - 2.99753).abs() < 1e-4, "{}", outline.distance(lon, lat));
    }

    #[test]
    fn a_bent_fault_keeps_its_corner() {
        let trace = [Point::new(10.0, 45.0, 0.0), Point::new(10.2, 45.0, 0.0), Point::new(10.3, 45.2, 0.0)];
        let mesh = RectMesh::of_simple_fault(&trace, (0.0, 10.0), 60.0, 1.0).unwrap();
        assert!(Outline::new(&mesh, mesh.whole()).unwrap().ring.len() > 5);
    }
}
