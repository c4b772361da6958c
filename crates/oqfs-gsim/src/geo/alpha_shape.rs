//! The outline of the surface projection of a cloud of points: what Joyner-Boore distances of near sites are measured to.
//!
//! It is the alpha shape with the smallest triangles that leave no point out (Edelsbrunner et al., 1983, doi:10.1109/TIT.1983.1056714), as
//! the engine takes it (`Mesh.get_joyner_boore_distance`, `alpha_shapes.Alpha_Shaper.optimize`): triangles of the Delaunay triangulation
//! of the projected points, scaled to a square, are added from the smallest circumcircle on until all points have one, a third of them at least.

use std::collections::HashMap;

use delaunator::{Point as Flat, triangulate};

use super::points::Points;
use super::polygon::{distance_to_segment, is_crossed};
use super::projection::{Bounds, Orthographic};
use crate::elementary::{hypot, powi};

/// The outline of a cloud of points on a plane.
#[derive(Clone, Debug)]
pub struct AlphaShape {
    projection: Orthographic,
    /// The sides of one triangle alone.
    border: Vec<[[f64; 2]; 2]>,
}

/// Circumcircles whose squared radii differ by less than this share are of one size: those of the halves of a rectangle, and of cells
/// that mirror each other. They are taken together, where the engine takes some of them by their last digits.
const SAME_SIZE: f64 = 1e-9;

impl AlphaShape {
    /// Of points. `None` for fewer than three, those on one parallel or meridian of the plane, or wider than half the globe.
    pub fn new(points: &Points) -> Option<AlphaShape> {
        let projection = Orthographic::centred_on(Bounds::of(&points.lon, &points.lat)?);
        let project = |(&lon, &lat): (&f64, &f64)| projection.project(lon, lat);
        let flat: Vec<[f64; 2]> = points.lon.iter().zip(&points.lat).map(project).collect();
        let scaled = scaled(&flat)?;
        let triangulation = triangulate(&scaled);
        let (triangles, _) = triangulation.triangles.as_chunks::<3>();
        let kept = smallest_that_cover(&scaled, triangles)?;
        let border = border(&kept).into_iter().map(|side| side.map(|i| flat[i])).collect();
        Some(AlphaShape { projection, border })
    }

    /// Distance from a site, km; 0 within.
    pub fn distance(&self, lon: f64, lat: f64) -> f64 {
        let point = self.projection.project(lon, lat);
        let crossed = self.border.iter().filter(|[a, b]| is_crossed(point, *a, *b)).count();
        if crossed % 2 == 1 {
            return 0.0;
        }
        self.border.iter().map(|&[a, b]| distance_to_segment(point, a, b)).fold(f64::INFINITY, f64::min)
    }
}

/// Points around their mean, as wide as high. `None` for those without a width or a height.
fn scaled(points: &[[f64; 2]]) -> Option<Vec<Flat>> {
    let n = points.len() as f64;
    let [(cx, width), (cy, height)] = [0, 1].map(|k| {
        let along = || points.iter().map(|p| p[k]);
        let (least, greatest) = along().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
        (along().sum::<f64>() / n, greatest - least)
    });
    let is_flat = width <= 0.0 || height <= 0.0;
    (!is_flat).then(|| points.iter().map(|p| Flat { x: (p[0] - cx) / width, y: (p[1] - cy) / height }).collect())
}

/// The triangles with the smallest circumcircles that have all vertices among them. `None` if there are no triangles.
fn smallest_that_cover(points: &[Flat], triangles: &[[usize; 3]]) -> Option<Vec<[usize; 3]>> {
    let mut sized: Vec<(f64, [usize; 3])> = triangles.iter().map(|&t| (squared_radius(points, t), t)).collect();
    sized.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut first_of = vec![usize::MAX; points.len()];
    for (place, (_, triangle)) in sized.iter().enumerate() {
        triangle.iter().for_each(|&vertex| first_of[vertex] = first_of[vertex].min(place));
    }
    let covering = first_of.into_iter().filter(|&place| place != usize::MAX).max()?;
    let largest = sized[covering.max(sized.len() / 3)].0 * (1.0 + SAME_SIZE);
    Some(sized.into_iter().take_while(|&(size, _)| size <= largest).map(|(_, triangle)| triangle).collect())
}

/// The squared radius of the circumcircle of a triangle.
fn squared_radius(points: &[Flat], triangle: [usize; 3]) -> f64 {
    let [p, q, r] = triangle.map(|i| &points[i]);
    let length = |a: &Flat, b: &Flat| hypot(a.x - b.x, a.y - b.y);
    let (a, b, c) = (length(p, q), length(q, r), length(r, p));
    let s = (a + b + c) / 2.0;
    powi(a * b * c, 2) / (16.0 * s * ((s - a) * (s - b) * (s - c)))
}

/// The sides, by their vertices, that belong to one triangle alone.
fn border(triangles: &[[usize; 3]]) -> Vec<[usize; 2]> {
    let sides = |&[a, b, c]: &[usize; 3]| [[a, b], [b, c], [c, a]].map(|[i, j]| [i.min(j), i.max(j)]);
    let mut counts: HashMap<[usize; 2], u32> = HashMap::new();
    triangles.iter().flat_map(sides).for_each(|side| *counts.entry(side).or_default() += 1);
    // in the order of the triangles, so that distances do not hang on that of a map
    triangles.iter().flat_map(sides).filter(|side| counts[side] == 1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(places: &[(f64, f64)]) -> Points {
        let (lons, lats): (Vec<f64>, Vec<f64>) = places.iter().copied().unzip();
        let depths = vec![5.0; lons.len()];
        Points::new(lons, lats, depths)
    }

    /// An L of points a tenth of a degree apart, near Valparaiso: 1 by 0.2 and 0.2 by 1 degrees.
    fn angle() -> Points {
        let grid = (0..=10).flat_map(|i| (0..=10).map(move |j| (i, j)));
        let places = grid.filter(|&(i, j)| i <= 2 || j <= 2);
        points(&places.map(|(i, j)| (-71.6 + 0.1 * f64::from(i), -33.0 + 0.1 * f64::from(j))).collect::<Vec<_>>())
    }

    #[test]
    fn a_site_within_is_at_no_distance_and_the_notch_is_outside() {
        let shape = AlphaShape::new(&angle()).unwrap();
        assert_eq!(shape.distance(-71.45, -32.45), 0.0);
        assert_eq!(shape.distance(-70.85, -32.85), 0.0);
        // half a degree into the notch from both arms
        let off = shape.distance(-71.4 + 0.5, -32.8 + 0.5);
        assert!((off - 0.5 * 111.19 * 32.3f64.to_radians().cos()).abs() < 0.5, "{off}");
        // south of the long arm
        assert!((shape.distance(-71.0, -33.1) - 11.119).abs() < 0.1);
    }

    #[test]
    fn triangles_of_one_size_are_taken_together() {
        let grid = (0..5).flat_map(|i| (0..5).map(move |j| (f64::from(i), f64::from(j))));
        let places: Vec<(f64, f64)> = grid.map(|(i, j)| (120.28707 + 0.02698 * i, 0.18224 + 0.02698 * j)).collect();
        let shape = AlphaShape::new(&points(&places)).unwrap();
        // as far from the grid to the west as to the east
        let middle = 120.28707 + 2.0 * 0.02698;
        for (off, lat) in [(0.1, 0.3), (0.02, 0.24), (0.045, 0.2), (0.01, 0.19)] {
            let (west, east) = (shape.distance(middle - off, lat), shape.distance(middle + off, lat));
            assert!((west - east).abs() < 1e-6, "{west} {east}");
        }
    }

    #[test]
    fn fewer_than_three_points_have_no_shape() {
        assert!(AlphaShape::new(&points(&[(10.0, 45.0), (10.1, 45.1)])).is_none());
        assert!(AlphaShape::new(&points(&[(10.0, 45.0)])).is_none());
    }

    #[test]
    fn a_point_given_twice_counts_once() {
        let mut places: Vec<(f64, f64)> = vec![(10.0, 45.0), (10.2, 45.0), (10.2, 45.2), (10.0, 45.2)];
        let once = AlphaShape::new(&points(&places)).unwrap();
        places.push((10.2, 45.2));
        let twice = AlphaShape::new(&points(&places)).unwrap();
        let site = (10.3, 45.25);
        assert_eq!((once.distance(10.1, 45.1), once.distance(site.0, site.1)), (0.0, twice.distance(site.0, site.1)));
    }
}
