//! The outline of a patch of a mesh on a plane: what Joyner-Boore distances of near sites are measured to.

use super::mesh::{Patch, RectMesh};
use super::polygon::{distance_to_segment, inside};
use super::projection::{Bounds, Orthographic};

/// By how much the engine simplifies and then enlarges the outline, km.
const TOLERANCE: f64 = 0.005;

/// The projected outline of a patch.
#[derive(Clone, Debug)]
pub struct Outline {
    projection: Orthographic,
    ring: Vec<[f64; 2]>,
}

impl Outline {
    /// Project the outline of a patch around its own centre and leave out the vertices that lie on straight lines.
    pub fn new(mesh: &RectMesh, patch: Patch) -> Option<Outline> {
        let (lons, lats): (Vec<f64>, Vec<f64>) = mesh.outline(patch).map(|p| (p.lon, p.lat)).unzip();
        let projection = Orthographic::centred_on(Bounds::of(&lons, &lats)?);
        let points: Vec<[f64; 2]> = lons.iter().zip(&lats).map(|(&lon, &lat)| projection.project(lon, lat)).collect();
        // the corners stay: each side is simplified by itself
        let (across, down) = (patch.cols - 1, patch.rows - 1);
        let corners = [0, across, across + down, 2 * across + down, points.len()];
        let mut ring = Vec::new();
        for side in corners.windows(2) {
            let last = side[1] % points.len();
            ring.push(points[side[0]]);
            simplify(&points[side[0]..side[1]], points[last], &mut ring);
        }
        Some(Outline { projection, ring })
    }

    /// Distance from a site, km; 0 within.
    pub fn distance(&self, lon: f64, lat: f64) -> f64 {
        let point = self.projection.project(lon, lat);
        if inside(&self.ring, point) {
            return 0.0;
        }
        let n = self.ring.len();
        let sides = (0..n).map(|i| distance_to_segment(point, self.ring[i], self.ring[(i + 1) % n]));
        (sides.fold(f64::INFINITY, f64::min) - TOLERANCE).max(0.0)
    }
}

/// Put into `out` the points between the first and `last` that lie off the line, by Douglas and Peucker.
fn simplify(points: &[[f64; 2]], last: [f64; 2], out: &mut Vec<[f64; 2]>) {
    let off = |i: usize| distance_to_segment(points[i], points[0], last);
    let farthest = (1..points.len()).map(|i| (i, off(i))).max_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((i, d)) = farthest.filter(|(_, d)| *d > TOLERANCE) {
        debug_assert!(d > 0.0);
        simplify(&points[..i], points[i], out);
        out.push(points[i]);
        simplify(&points[i..], last, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::{Point, geodetic};

    #[test]
    fn a_straight_fault_is_a_quadrilateral() {
        let trace = [Point::new(10.0, 45.0, 0.0), Point::new(10.2, 45.3, 0.0)];
        let mesh = RectMesh::of_simple_fault(&trace, (0.0, 10.0), 60.0, 1.0).unwrap();
        let outline = Outline::new(&mesh, mesh.whole()).unwrap();
        assert_eq!(outline.ring.len(), 4);
        let (lon, lat) = geodetic::point_at(10.1, 45.15, geodetic::azimuth(10.0, 45.0, 10.2, 45.3) + 270.0, 7.0);
        assert!((outline.distance(lon, lat) - 7.0).abs() < 0.02, "{}", outline.distance(lon, lat));
        let (lon, lat) = geodetic::point_at(10.1, 45.15, geodetic::azimuth(10.0, 45.0, 10.2, 45.3) + 90.0, 2.0);
        assert_eq!(outline.distance(lon, lat), 0.0);
    }

    #[test]
    fn a_bent_fault_keeps_its_corner() {
        let trace = [Point::new(10.0, 45.0, 0.0), Point::new(10.2, 45.0, 0.0), Point::new(10.3, 45.2, 0.0)];
        let mesh = RectMesh::of_simple_fault(&trace, (0.0, 10.0), 60.0, 1.0).unwrap();
        assert!(Outline::new(&mesh, mesh.whole()).unwrap().ring.len() > 4);
    }
}
