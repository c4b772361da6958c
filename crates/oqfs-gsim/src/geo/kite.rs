//! Surfaces of quadrilaterals that may have gaps, as kite faults are made of (engine behaviour, `KiteSurface`). A gap is a
//! point that is not a number.

use super::geodetic::{azimuth, distance, point_at, to_cartesian};
use super::mesh::{Patch, RectMesh};
use super::polygon::{distance_to_segment, inside};
use super::projection::{Bounds, Orthographic};
use super::{Point, Vec3, norm, sub};
use crate::elementary::hypot;
use crate::elementary::scalar::atan;

/// Within this angle (degrees) of the left of the strike, a surface dips to the wrong side.
const TO_THE_LEFT: f64 = 40.0;

/// Steeper than this (degrees), a profile is vertical.
const VERTICAL: f64 = 89.9;

/// Half the width that the outline of a vertical surface is given, km.
const HALF_WIDTH: f64 = 0.1;

fn is_there(p: &Point) -> bool {
    p.lon.is_finite()
}

/// The mesh without rows and columns of gaps alone, turned so that it dips to the right of its top edge. `None` for one without
/// a single cell.
pub fn cleaned(mesh: &RectMesh) -> Option<RectMesh> {
    let rows: Vec<usize> = (0..mesh.rows).filter(|&r| (0..mesh.cols).any(|c| is_there(mesh.at(r, c)))).collect();
    let cols: Vec<usize> = (0..mesh.cols).filter(|&c| (0..mesh.rows).any(|r| is_there(mesh.at(r, c)))).collect();
    if rows.len() < 2 || cols.len() < 2 {
        return None;
    }
    let at = |r: usize, c: usize| mesh.at(rows[r], cols[c]);
    let is_cell = |r: usize, c: usize| (0..4).all(|k| is_there(at(r + k / 2, c + k % 2)));
    // the engine passes over the first column of all rows but the first
    let cells = (0..rows.len() - 1).flat_map(|r| (usize::from(r > 0)..cols.len() - 1).map(move |c| (r, c)));
    let (r, c) = cells.into_iter().find(|&(r, c)| is_cell(r, c))?;
    let [corner, along, down] = [at(r, c), at(r, c + 1), at(r + 1, c)];
    let strike = azimuth(corner.lon, corner.lat, along.lon, along.lat);
    let dips_to = azimuth(corner.lon, corner.lat, down.lon, down.lat);
    let turned = ((strike - 90.0).rem_euclid(360.0) - dips_to).abs() < TO_THE_LEFT;
    let last = cols.len() - 1;
    let points = (0..rows.len()).flat_map(|r| (0..=last).map(move |c| (r, if turned { last - c } else { c })));
    Some(RectMesh::new(rows.len(), cols.len(), points.map(|(r, c)| *at(r, c)).collect()))
}

/// Neighbours down dip in a column of a patch, both there.
fn steps(mesh: &RectMesh, patch: Patch, col: usize) -> impl Iterator<Item = (&Point, &Point)> {
    let rows = patch.row..patch.row + patch.rows - 1;
    rows.map(move |r| (mesh.at(r, col), mesh.at(r + 1, col))).filter(|(a, b)| is_there(a) && is_there(b))
}

/// Horizontal distance, vertical distance and dip of a step.
fn inclination((a, b): (&Point, &Point)) -> (f64, f64, f64) {
    let (across, down) = (distance(a.lon, a.lat, b.lon, b.lat), b.depth - a.depth);
    let dip = if across > 1e-20 { atan(down / across).to_degrees() } else { 90.0 };
    (across, down, dip)
}

/// Strike and dip of a patch, degrees: the mean azimuth of its top edge, the mean dip of its columns by their length.
pub fn strike_dip(mesh: &RectMesh, patch: Patch) -> (f64, f64) {
    let top: Vec<&Point> = top_row(mesh, patch).collect();
    // a thousandth of a degree so that edges to the north do not count half as 0, half as 360
    let azimuths = top.windows(2).map(|w| (azimuth(w[0].lon, w[0].lat, w[1].lon, w[1].lat) + 0.001).rem_euclid(360.0));
    let strike = azimuths.sum::<f64>() / (top.len() - 1).max(1) as f64;
    let (mut weighted, mut total) = (0.0, 0.0);
    for col in patch.col..patch.col + patch.cols {
        let found: Vec<_> = steps(mesh, patch, col).map(inclination).collect();
        if !found.is_empty() {
            let length: f64 = found.iter().map(|(across, down, _)| hypot(*across, *down)).sum();
            weighted += length * found.iter().map(|f| f.2).sum::<f64>() / found.len() as f64;
            total += length;
        }
    }
    // the mean of right angles may be above one by its last digit
    (strike, (weighted / total).min(90.0))
}

fn top_row(mesh: &RectMesh, patch: Patch) -> impl Iterator<Item = &Point> {
    (patch.col..patch.col + patch.cols).map(move |c| mesh.at(patch.row, c)).filter(|p| is_there(p))
}

/// Mean length of the columns of a patch, km.
pub fn width(mesh: &RectMesh, patch: Patch) -> f64 {
    let length = |(a, b): (&Point, &Point)| hypot(distance(a.lon, a.lat, b.lon, b.lat), a.depth - b.depth);
    let columns =
        (patch.col..patch.col + patch.cols).map(|col| steps(mesh, patch, col).map(length).collect::<Vec<_>>());
    let widths: Vec<f64> = columns.filter(|c| !c.is_empty()).map(|c| c.iter().sum()).collect();
    widths.iter().sum::<f64>() / widths.len() as f64
}

/// Area of a mesh, km²; cells with a gap do not count.
pub fn area(mesh: &RectMesh) -> f64 {
    let length = |a: &Point, b: &Point| hypot(distance(a.lon, a.lat, b.lon, b.lat), a.depth - b.depth);
    let triangle = |a: f64, b: f64, c: f64| {
        let s = (a + b + c) / 2.0;
        (s * (s - a) * (s - b) * (s - c)).max(0.0).sqrt()
    };
    let cell = |r: usize, c: usize| {
        let [tl, tr, bl, br] = [mesh.at(r, c), mesh.at(r, c + 1), mesh.at(r + 1, c), mesh.at(r + 1, c + 1)];
        let diagonal = length(br, tl);
        triangle(length(tr, tl), length(bl, tl), diagonal) + triangle(length(br, bl), length(br, tr), diagonal)
    };
    let cells = (0..mesh.rows - 1).flat_map(|r| (0..mesh.cols - 1).map(move |c| cell(r, c)));
    cells.filter(|a| a.is_finite()).sum()
}

/// Where the surface begins in each column, where that is one of the first two rows.
pub fn top_edge(mesh: &RectMesh) -> Vec<Point> {
    let first = |c: usize| (0..mesh.rows.min(2)).map(|r| *mesh.at(r, c)).find(is_there);
    (0..mesh.cols).filter_map(first).collect()
}

/// The point of a patch at the middle of its rows and columns: the hypocentre of a rupture of a kite fault.
pub fn centre(mesh: &RectMesh, patch: Patch) -> Point {
    let middle = |n: usize| ((n as f64 / 2.0).round_ties_even() as usize).min(n - 1);
    *mesh.at(patch.row + middle(patch.rows), patch.col + middle(patch.cols))
}

/// The point of a patch that is nearest to the mean of all, gaps aside (engine behaviour since 3.26).
pub fn middle(mesh: &RectMesh, patch: Patch) -> Point {
    let rows = patch.row..patch.row + patch.rows;
    let places = rows.flat_map(|row| (patch.col..patch.col + patch.cols).map(move |col| row * mesh.cols + col));
    let there: Vec<usize> = places.filter(|&i| is_there(&mesh.points[i])).collect();
    let n = there.len() as f64;
    let mean: Vec3 = std::array::from_fn(|k| there.iter().map(|&i| mesh.xyz[i][k]).sum::<f64>() / n);
    let off = |i: usize| norm(sub(mean, mesh.xyz[i]));
    let nearest = there.into_iter().reduce(|best, i| if off(i) < off(best) { i } else { best });
    nearest.map_or(mesh.points[0], |i| mesh.points[i])
}

/// Nearer than this (km), Joyner-Boore distances are to the outline on a plane, not to its points.
const NEAR: f64 = 40.0;

/// The outline of the surface projection: what Joyner-Boore distances are measured to.
#[derive(Clone, Debug)]
pub struct KiteOutline {
    corners: Vec<Vec3>,
    projection: Orthographic,
    ring: Vec<[f64; 2]>,
}

impl KiteOutline {
    /// Of a patch. `None` for one wider than half the globe.
    pub fn new(mesh: &RectMesh, patch: Patch) -> Option<KiteOutline> {
        let boundary = if is_vertical(mesh, patch) { strip(mesh, patch)? } else { boundary(mesh, patch) };
        let (lons, lats): (Vec<f64>, Vec<f64>) = boundary.iter().copied().unzip();
        let projection = Orthographic::centred_on(Bounds::of(&lons, &lats)?);
        Some(KiteOutline {
            corners: boundary.iter().map(|&(lon, lat)| to_cartesian(lon, lat, 0.0)).collect(),
            ring: boundary.iter().map(|&(lon, lat)| projection.project(lon, lat)).collect(),
            projection,
        })
    }

    /// Distance from a site, km, which is at `on_surface` in space; 0 within.
    pub fn distance(&self, lon: f64, lat: f64, on_surface: Vec3) -> f64 {
        let to_corners = self.corners.iter().map(|&c| norm(sub(c, on_surface))).fold(f64::INFINITY, f64::min);
        if to_corners >= NEAR {
            return to_corners;
        }
        let point = self.projection.project(lon, lat);
        if inside(&self.ring, point) {
            return 0.0;
        }
        let n = self.ring.len();
        let sides = (0..n).map(|i| distance_to_segment(point, self.ring[i], self.ring[(i + 1) % n]));
        sides.fold(f64::INFINITY, f64::min)
    }
}

fn is_vertical(mesh: &RectMesh, patch: Patch) -> bool {
    (patch.col..patch.col + patch.cols).all(|col| steps(mesh, patch, col).all(|step| inclination(step).2 > VERTICAL))
}

/// A narrow rectangle around the top edge of a vertical patch.
fn strip(mesh: &RectMesh, patch: Patch) -> Option<Vec<(f64, f64)>> {
    let top = |col: usize| (patch.row..patch.row + patch.rows).map(|r| mesh.at(r, col)).find(|p| is_there(p));
    let (a, b) = (top(patch.col)?, top(patch.col + patch.cols - 1)?);
    let strike = azimuth(a.lon, a.lat, b.lon, b.lat);
    let beside = |p: &Point, turn: f64| point_at(p.lon, p.lat, strike + turn, HALF_WIDTH);
    Some(vec![beside(a, -90.0), beside(a, 90.0), beside(b, 90.0), beside(b, -90.0)])
}

/// The points around a patch: along the top, down the right side, back along the bottom, up the left side.
fn boundary(mesh: &RectMesh, patch: Patch) -> Vec<(f64, f64)> {
    let there = |r: usize, c: usize| is_there(mesh.at(patch.row + r, patch.col + c));
    let column = |c: usize| {
        let mut rows = (0..patch.rows).filter(move |&r| there(r, c));
        let first = rows.next().unwrap_or(0);
        (first, rows.next_back().unwrap_or(first))
    };
    let row = |r: usize| {
        let mut cols = (0..patch.cols).filter(move |&c| there(r, c));
        let first = cols.next().unwrap_or(0);
        (first, cols.next_back().unwrap_or(first))
    };
    let last = patch.cols - 1;
    let mut out: Vec<(usize, usize)> = (0..=last).map(|c| (column(c).0, c)).collect();
    out.extend((column(last).0 + 1..column(last).1).map(|r| (r, row(r).1)));
    out.extend((0..=last).rev().map(|c| (column(c).1, c)));
    out.extend((column(0).0 + 1..column(0).1).rev().map(|r| (r, row(r).0)));
    let place = |(r, c)| {
        let p: &Point = mesh.at(patch.row + r, patch.col + c);
        (p.lon, p.lat)
    };
    out.into_iter().map(place).filter(|p| p.0.is_finite()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::mesh::CellSums;
    use crate::geo::mesh::Regularity;

    fn simple(dip: f64) -> RectMesh {
        let trace = [Point::new(10.0, 45.0, 0.0), Point::new(10.2, 45.3, 0.0)];
        RectMesh::of_simple_fault(&trace, (1.0, 11.0), dip, 1.0).unwrap()
    }

    #[test]
    fn a_surface_without_gaps_is_measured_as_any_mesh() {
        let mesh = simple(50.0);
        let sums = CellSums::new(&mesh, Regularity::Regular);
        let ((strike, dip), (other_strike, other_dip)) =
            (strike_dip(&mesh, mesh.whole()), sums.strike_dip(&mesh, mesh.whole()));
        assert!((strike - other_strike).abs() < 0.2 && (dip - other_dip).abs() < 0.2, "{strike} {dip}");
        assert!((width(&mesh, mesh.whole()) - sums.width(&mesh, mesh.whole())).abs() < 0.05);
        assert!((area(&mesh) / mesh.area() - 1.0).abs() < 0.01);
    }

    #[test]
    fn gaps_at_the_rim_are_cut_off_and_the_dip_is_to_the_right() {
        let mesh = simple(50.0);
        let mut points: Vec<Point> = mesh.points.chunks(mesh.cols).flat_map(|row| row.iter().rev().copied()).collect();
        points[..mesh.cols].fill(Point::new(f64::NAN, f64::NAN, f64::NAN));
        let cleaned = cleaned(&RectMesh::new(mesh.rows, mesh.cols, points)).unwrap();
        assert_eq!((cleaned.rows, cleaned.cols), (mesh.rows - 1, mesh.cols));
        assert_eq!(cleaned.points, mesh.points[mesh.cols..]);
    }

    #[test]
    fn the_outline_has_its_sides_and_a_vertical_one_is_a_strip() {
        let mesh = simple(50.0);
        let at = |azimuth: f64, km: f64| point_at(10.1, 45.15, 25.2 + azimuth, km);
        let of = |mesh: &RectMesh, (lon, lat): (f64, f64)| {
            KiteOutline::new(mesh, mesh.whole()).unwrap().distance(lon, lat, to_cartesian(lon, lat, 0.0))
        };
        assert_eq!(of(&mesh, at(90.0, 4.0)), 0.0);
        assert!((of(&mesh, at(-90.0, 10.0)) - 10.84).abs() < 0.1);
        assert!((of(&simple(90.0), at(-90.0, 10.0)) - 9.9).abs() < 0.05);
    }
}
