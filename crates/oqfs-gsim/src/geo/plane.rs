//! The plane through a cloud of points.

use super::projection::{Bounds, Orthographic};
use super::{Point, dot, sub};
use crate::elementary::hypot;
use crate::elementary::scalar::atan2;

/// Strike and dip (degrees) of the plane that fits points best; it dips to the right of its strike. Two points have the strike of the
/// line from the first to the second, and a dip that is not a number (engine behaviour). `None` for fewer, and for points that extend over
/// half the globe.
pub fn strike_dip(points: &[Point]) -> Option<(f64, f64)> {
    if points.len() < 2 {
        return None;
    }
    let (lons, lats): (Vec<f64>, Vec<f64>) = points.iter().map(|p| (p.lon, p.lat)).unzip();
    let projection = Orthographic::centred_on(Bounds::of(&lons, &lats)?);
    let flat: Vec<[f64; 3]> = points
        .iter()
        .map(|p| {
            let [x, y] = projection.project(p.lon, p.lat);
            [x, y, -p.depth]
        })
        .collect();
    if let [first, second] = flat[..] {
        let azimuth = atan2(second[0] - first[0], second[1] - first[1]).to_degrees();
        return Some((azimuth.rem_euclid(360.0), f64::NAN));
    }
    let [x, y, z] = normal(&flat);
    let horizontal = hypot(x, y);
    // the normal leans to where the plane dips
    let azimuth = if horizontal > 0.0 { atan2(x, y).to_degrees() } else { 90.0 };
    Some(((azimuth - 90.0).rem_euclid(360.0), 90.0 - atan2(z, horizontal).to_degrees()))
}

/// The upward unit normal of the plane with the least squares of distances.
fn normal(points: &[[f64; 3]]) -> [f64; 3] {
    let n = points.len() as f64;
    let centre: [f64; 3] = std::array::from_fn(|k| points.iter().map(|p| p[k]).sum::<f64>() / n);
    let mut moments = [[0.0; 3]; 3];
    for point in points {
        let d = sub(*point, centre);
        (0..3).for_each(|i| (0..3).for_each(|j| moments[i][j] += d[i] * d[j]));
    }
    let (values, vectors) = eigen(moments);
    let least = (1..3).fold(0, |best, k| if values[k] < values[best] { k } else { best });
    let axis: [f64; 3] = std::array::from_fn(|i| vectors[i][least]);
    let length = dot(axis, axis).sqrt();
    let sign = if axis[2] < 0.0 { -length } else { length };
    axis.map(|x| x / sign)
}

/// Eigenvalues and eigenvectors (columns) of a symmetric matrix, by Jacobi's rotations.
fn eigen(mut a: [[f64; 3]; 3]) -> ([f64; 3], [[f64; 3]; 3]) {
    const SWEEPS: usize = 50;
    let mut v = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..SWEEPS {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if a[p][q] == 0.0 {
                continue;
            }
            let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
            let t = theta.signum() / (theta.abs() + hypot(theta, 1.0));
            let c = 1.0 / hypot(t, 1.0);
            let s = t * c;
            let turned = |x: f64, y: f64| (c * x - s * y, s * x + c * y);
            for row in a.iter_mut().chain(&mut v) {
                (row[p], row[q]) = turned(row[p], row[q]);
            }
            let (upper, lower) = (a[p], a[q]);
            for (k, (&x, y)) in upper.iter().zip(lower).enumerate() {
                (a[p][k], a[q][k]) = turned(x, y);
            }
        }
    }
    ([a[0][0], a[1][1], a[2][2]], v)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::mesh::RectMesh;

    #[test]
    fn the_plane_of_a_simple_fault() {
        let trace = [Point::new(13.0, 42.0, 0.0), Point::new(13.2, 42.25, 0.0)];
        let mesh = RectMesh::of_simple_fault(&trace, (1.0, 12.0), 55.0, 1.0).unwrap();
        let (strike, dip) = strike_dip(&mesh.points).unwrap();
        assert!((strike - 30.6).abs() < 0.3 && (dip - 55.0).abs() < 0.2, "{strike} {dip}");
    }

    #[test]
    fn two_points_have_a_strike_and_no_dip() {
        let pair = [Point::new(13.0, 42.0, 5.0), Point::new(13.1, 41.9, 9.0)];
        let (strike, dip) = strike_dip(&pair).unwrap();
        assert!((strike - 143.4).abs() < 0.1 && dip.is_nan(), "{strike} {dip}");
        assert_eq!(strike_dip(&pair[..1]), None);
    }
}
