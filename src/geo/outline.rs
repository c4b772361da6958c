//! The outline of a patch of a mesh on a plane: what Joyner-Boore distances of near sites are measured to.
//!
//! The engine (`RectangularMesh._get_proj_enclosing_polygon`) simplifies the projected outline by 5 m, enlarges it by 5 m
//! with corners in steps of 45 degrees and simplifies it again. So do we: 5 m are a thousandth at 5 km.

use super::mesh::{Patch, RectMesh};
use super::polygon::{distance_to_segment, inside};
use super::projection::{Bounds, Orthographic};

/// By how much the outline is simplified and enlarged, km.
const TOLERANCE: f64 = 0.005;

/// The step of the arcs around corners, radians.
const ARC_STEP: f64 = std::f64::consts::FRAC_PI_4;

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
        let points: Vec<[f64; 2]> = lons.iter().zip(&lats).map(|(&lon, &lat)| projection.project(lon, lat)).collect();
        // from the bottom right corner on; the corners stay as each side is simplified by itself
        let (across, down) = (patch.cols - 1, patch.rows - 1);
        let mut ring = Vec::new();
        for (start, stop) in [
            (across + down, 2 * across + down),
            (2 * across + down, points.len()),
            (0, across),
            (across, across + down),
        ] {
            ring.push(points[start]);
            simplify(&points[start..stop], points[stop % points.len()], &mut ring);
        }
        // the sides of a vertical fault have no length on the plane
        let near = |a: &[f64; 2], b: &[f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]) < NO_LENGTH;
        ring.dedup_by(|a, b| near(a, b));
        if ring.len() > 2 && near(&ring[0], &ring[ring.len() - 1]) {
            ring.pop();
        }
        let enlarged = enlarge(&ring);
        Some(Outline { projection, ring: simplify_ring(&enlarged) })
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

/// Put into `out` the points between the first and `last` that lie off the line, by Douglas and Peucker.
fn simplify(points: &[[f64; 2]], last: [f64; 2], out: &mut Vec<[f64; 2]>) {
    if let Some((i, _)) = farthest(points, last).filter(|(_, d)| *d > TOLERANCE) {
        simplify(&points[..i], points[i], out);
        out.push(points[i]);
        simplify(&points[i..], last, out);
    }
}

/// A closed ring simplified from its first point on. The farthest point of all and those of both halves stay: a ring
/// must not collapse.
fn simplify_ring(ring: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let mut out = vec![ring[0]];
    let Some((opposite, _)) = farthest(ring, ring[0]) else { return out };
    for (half, last) in [(&ring[..opposite], ring[opposite]), (&ring[opposite..], ring[0])] {
        if let Some((i, _)) = farthest(half, last) {
            simplify(&half[..i], half[i], &mut out);
            out.push(half[i]);
            simplify(&half[i..], last, &mut out);
        }
        if last != ring[0] {
            out.push(last);
        }
    }
    out
}

/// The index of the point after the first that is farthest from the line between the first and `last`, and how far.
fn farthest(points: &[[f64; 2]], last: [f64; 2]) -> Option<(usize, f64)> {
    let off = |i: usize| (i, distance_to_segment(points[i], points[0], last));
    (1..points.len()).map(off).reduce(|best, other| if other.1 > best.1 { other } else { best })
}

/// The ring moved outwards, with an arc around each convex corner; it starts in the middle of its first arc.
fn enlarge(ring: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let n = ring.len();
    let area: f64 = (0..n).map(|i| ring[i][0] * ring[(i + 1) % n][1] - ring[(i + 1) % n][0] * ring[i][1]).sum();
    // the outside is on the left of a clockwise ring
    let side = if area > 0.0 { -1.0 } else { 1.0 };
    let mut out = Vec::new();
    let mut first_arc = 0;
    for i in 0..n {
        let (a, b, c) = (ring[(i + n - 1) % n], ring[i], ring[(i + 1) % n]);
        let (before, after) = (outwards(a, b, side), outwards(b, c, side));
        let cos = (before[0] * after[0] + before[1] * after[1]).clamp(-1.0, 1.0);
        let turn = (before[0] * after[1] - before[1] * after[0]) * side;
        if turn > 0.0 {
            // concave: where the two moved sides meet
            let k = TOLERANCE / (1.0 + cos);
            out.push([b[0] + k * (before[0] + after[0]), b[1] + k * (before[1] + after[1])]);
            continue;
        }
        let angle = cos.acos();
        let steps = (angle / ARC_STEP + 0.5).floor().max(1.0);
        let start = before[1].atan2(before[0]);
        for k in 0..=steps as usize {
            let at = start - side * angle * k as f64 / steps;
            out.push([b[0] + TOLERANCE * at.cos(), b[1] + TOLERANCE * at.sin()]);
        }
        if i == 0 {
            first_arc = out.len();
        }
    }
    out.rotate_left(first_arc / 2);
    out
}

/// Unit normal of the direction from `a` to `b`: on its left, or on its right for a negative `side`.
fn outwards(a: [f64; 2], b: [f64; 2], side: f64) -> [f64; 2] {
    let (dx, dy) = (b[0] - a[0], b[1] - a[1]);
    let length = dx.hypot(dy);
    [-dy / length * side, dx / length * side]
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
        // the engine gives 6.97426; where it starts to simplify is not ours, within the tolerance
        assert!((outline.distance(lon, lat) - 6.97426).abs() < TOLERANCE, "{}", outline.distance(lon, lat));
        let (lon, lat) = geodetic::point_at(10.1, 45.15, geodetic::azimuth(10.0, 45.0, 10.2, 45.3) + 90.0, 2.0);
        assert_eq!(outline.distance(lon, lat), 0.0);
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
