//! Rectangular meshes of points: the surfaces of faults, and the patches of them that are ruptures.

use super::geodetic::{self, intervals_between, middle_point, point_at};
use super::kite;
use super::line::{self, LineError};
use super::{Point, Vec3, cross, dot, norm, normalized, sub};
use crate::elementary::scalar::{atan2, sin, tan};

/// Why the surface of a simple fault cannot be built.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum MeshError {
    /// The trace is not a usable line.
    #[error("fault trace: {0}")]
    Trace(#[from] LineError),
    /// The mesh has a single row or column.
    #[error(
        "the fault is meshed with {rows} x {cols} points by a spacing of {spacing} km; it needs 2 x 2 at least: \
             the mesh spacing is too large for its length or width"
    )]
    TooCoarse {
        /// Points down dip.
        rows: usize,
        /// Points along strike.
        cols: usize,
        /// The mesh spacing, km.
        spacing: f64,
    },
    /// More mesh points than can be held.
    #[error(
        "meshed by {spacing} km the fault has about {points:.0} points, over the {MOST_POINTS:.0} that are possible: choose \
         a wider spacing (rupture_mesh_spacing, complex_fault_mesh_spacing)"
    )]
    TooFine {
        /// The mesh spacing, km.
        spacing: f64,
        /// How many points there would be.
        points: f64,
    },
}

/// A mesh of more points is refused.
const MOST_POINTS: f64 = 1e7;

/// An error if a surface of this length and width, km, has too many mesh points.
fn check_number(length: f64, width: f64, spacing: f64) -> Result<(), MeshError> {
    let points = (length / spacing + 1.0) * (width / spacing + 1.0);
    if points > MOST_POINTS { Err(MeshError::TooFine { spacing, points }) } else { Ok(()) }
}

/// A mesh of `rows` × `cols` points; rows run along strike, the first is the top edge. Arrays are row-major.
#[derive(Clone, Debug)]
pub struct RectMesh {
    /// Points down dip.
    pub rows: usize,
    /// Points along strike.
    pub cols: usize,
    /// Longitude, latitude and depth of each point.
    pub points: Vec<Point>,
    /// Cartesian position of each point, km.
    pub xyz: Vec<Vec3>,
    /// Cartesian position of its projection on the surface, km.
    pub surface_xyz: Vec<Vec3>,
}

/// A rectangular part of a mesh: rows `row..row + rows`, columns `col..col + cols`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patch {
    /// First row.
    pub row: usize,
    /// First column.
    pub col: usize,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub cols: usize,
}

impl RectMesh {
    /// A mesh from its points, row-major.
    pub fn new(rows: usize, cols: usize, points: Vec<Point>) -> RectMesh {
        let xyz = points.iter().map(Point::xyz).collect();
        let surface_xyz = points.iter().map(|p| geodetic::to_cartesian(p.lon, p.lat, 0.0)).collect();
        RectMesh { rows, cols, points, xyz, surface_xyz }
    }

    /// The surface of a simple fault: the trace resampled by `spacing`, projected down dip to the seismogenic depths.
    pub fn of_simple_fault(
        trace: &[Point],
        (upper_depth, lower_depth): (f64, f64),
        dip: f64,
        spacing: f64,
    ) -> Result<RectMesh, MeshError> {
        let trace = line::clean(trace)?;
        let (first, last) = (trace[0], trace[trace.len() - 1]);
        let azimuth = (geodetic::azimuth(first.lon, first.lat, last.lon, last.lat) + 90.0).rem_euclid(360.0);
        let (vtop, vbottom) = (upper_depth - first.depth, lower_depth - first.depth);
        let tan_dip = tan(dip.to_radians());
        check_number(line::length(&trace), (lower_depth - upper_depth) / sin(dip.to_radians()), spacing)?;
        let columns: Vec<Vec<Point>> = line::resample(&trace, spacing)?
            .iter()
            .map(|p| {
                let down = |vdist: f64| {
                    let (lon, lat) = point_at(p.lon, p.lat, azimuth, vdist / tan_dip);
                    Point { lon, lat, depth: p.depth + vdist }
                };
                intervals_between(down(vtop), down(vbottom), spacing)
            })
            .collect();
        let (rows, cols) = (columns.iter().map(Vec::len).min().unwrap_or(0), columns.len());
        if rows < 2 || cols < 2 {
            return Err(MeshError::TooCoarse { rows, cols, spacing });
        }
        let points = (0..rows).flat_map(|r| columns.iter().map(move |column| column[r])).collect();
        Ok(RectMesh::new(rows, cols, points))
    }

    /// The surface of a complex fault: edges from top to bottom, each resampled to as many points as its mean length has
    /// steps of `spacing`, joined down dip and resampled again.
    pub fn of_complex_fault(edges: &[Vec<Point>], spacing: f64) -> Result<RectMesh, MeshError> {
        let mean = |lines: &[Vec<Point>]| lines.iter().map(|l| line::length(l)).sum::<f64>() / lines.len() as f64;
        let count = |lines: &[Vec<Point>]| (mean(lines) / spacing).round_ties_even() as usize + 1;
        let edges = edges.iter().map(|edge| line::clean(edge)).collect::<Result<Vec<_>, _>>()?;
        let down: Vec<Point> = edges.iter().map(|edge| edge[0]).collect();
        check_number(mean(&edges), line::length(&down), spacing)?;
        let cols = count(&edges);
        if cols < 2 || edges.len() < 2 {
            return Err(MeshError::TooCoarse { rows: edges.len(), cols, spacing });
        }
        let edges: Vec<Vec<Point>> = edges.iter().map(|edge| line::resample_to(edge, cols)).collect();
        let columns = (0..cols).map(|c| line::clean(&edges.iter().map(|e| e[c]).collect::<Vec<_>>()));
        let columns = columns.collect::<Result<Vec<_>, _>>()?;
        let rows = count(&columns);
        if rows < 2 {
            return Err(MeshError::TooCoarse { rows, cols, spacing });
        }
        let columns: Vec<Vec<Point>> = columns.iter().map(|column| line::resample_to(column, rows)).collect();
        let points = (0..rows).flat_map(|r| columns.iter().map(move |column| column[r])).collect();
        Ok(RectMesh::new(rows, cols, points))
    }

    /// Everything as a patch.
    pub fn whole(&self) -> Patch {
        Patch { row: 0, col: 0, rows: self.rows, cols: self.cols }
    }

    /// A point of the mesh.
    #[inline]
    pub fn at(&self, row: usize, col: usize) -> &Point {
        &self.points[row * self.cols + col]
    }

    /// The middle of a patch: of its middle points, where their number is even.
    pub fn middle_point(&self, patch: Patch) -> Point {
        let row_middle = |row: usize| {
            let mid = patch.col + patch.cols / 2;
            if patch.cols % 2 == 1 { *self.at(row, mid) } else { between(self.at(row, mid - 1), self.at(row, mid)) }
        };
        let mid = patch.row + patch.rows / 2;
        if patch.rows % 2 == 1 { row_middle(mid) } else { between(&row_middle(mid - 1), &row_middle(mid)) }
    }

    /// Depth of the shallowest point of the top edge of a patch, km.
    pub fn top_depth(&self, patch: Patch) -> f64 {
        (patch.col..patch.col + patch.cols).map(|c| self.at(patch.row, c).depth).fold(f64::INFINITY, f64::min)
    }

    /// Area of the surface, km².
    pub fn area(&self) -> f64 {
        let cells = (0..self.rows - 1).flat_map(|r| (0..self.cols - 1).map(move |c| (r, c)));
        cells.map(|(r, c)| Cell::new(self, r, c).areas.iter().sum::<f64>()).sum()
    }

    /// The outline of a patch, clockwise from its first point: top edge, right side, bottom edge, left side.
    pub fn outline(&self, patch: Patch) -> impl Iterator<Item = &Point> {
        let (r0, c0) = (patch.row, patch.col);
        let (r1, c1) = (patch.row + patch.rows - 1, patch.col + patch.cols - 1);
        let top = (c0..c1).map(move |c| (r0, c));
        let right = (r0..r1).map(move |r| (r, c1));
        let bottom = (c0 + 1..=c1).rev().map(move |c| (r1, c));
        let left = (r0 + 1..=r1).rev().map(move |r| (r, c0));
        top.chain(right).chain(bottom).chain(left).map(|(r, c)| self.at(r, c))
    }
}

/// The point between two, on their great circle, at their mean depth.
fn between(a: &Point, b: &Point) -> Point {
    let (lon, lat) = middle_point(a.lon, a.lat, b.lon, b.lat);
    Point { lon, lat, depth: (a.depth + b.depth) / 2.0 }
}

/// How the orientation and the width of a patch follow from its cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regularity {
    /// All rows are alike and all columns are: of a simple fault. The top row and the first column stand for all.
    Regular,
    /// Every cell counts: of a complex fault.
    Irregular,
    /// Columns count, and the top row; there may be gaps: of a kite fault.
    Kite,
}

/// What cells of a mesh contribute to strike, dip and width of any patch of them.
///
/// Each cell is two triangles; their inclination and azimuth enter weighted by area, as means of circular quantities
/// (engine behaviour, `RectangularMesh.get_mean_inclination_and_azimuth`). Sums are cumulative, so that those of a
/// patch are a difference.
#[derive(Clone, Debug)]
pub struct CellSums {
    cols: usize,
    regularity: Regularity,
    /// Cumulative along each row of cells: inclination (x, y) and azimuth (x, y).
    along: Vec<[f64; 4]>,
    /// Length, width and area of each cell.
    sizes: Vec<[f64; 3]>,
}

impl CellSums {
    /// The sums of a mesh.
    pub fn new(mesh: &RectMesh, regularity: Regularity) -> CellSums {
        if regularity == Regularity::Kite {
            return CellSums { cols: 0, regularity, along: Vec::new(), sizes: Vec::new() };
        }
        let (rows, cols) = (mesh.rows - 1, mesh.cols - 1);
        let mut along = vec![[0.0; 4]; rows * (cols + 1)];
        let mut sizes = Vec::with_capacity(rows * cols);
        for r in 0..rows {
            for c in 0..cols {
                let cell = Cell::new(mesh, r, c);
                let before = along[r * (cols + 1) + c];
                let here = cell.orientation();
                along[r * (cols + 1) + c + 1] = std::array::from_fn(|k| before[k] + here[k]);
                sizes.push(cell.size());
            }
        }
        CellSums { cols, regularity, along, sizes }
    }

    /// Length, width (km) and area (km²) of a cell.
    pub fn size(&self, row: usize, col: usize) -> [f64; 3] {
        self.sizes[row * self.cols + col]
    }

    /// How the cells count.
    pub fn regularity(&self) -> Regularity {
        self.regularity
    }

    /// Strike and dip of a patch of the mesh, degrees.
    pub fn strike_dip(&self, mesh: &RectMesh, patch: Patch) -> (f64, f64) {
        if self.regularity == Regularity::Kite {
            return kite::strike_dip(mesh, patch);
        }
        let rows = if self.regularity == Regularity::Regular { 1 } else { patch.rows - 1 };
        let mut sums = [0.0; 4];
        for row in patch.row..patch.row + rows {
            let at = |c: usize| self.along[row * (self.cols + 1) + c];
            let (start, stop) = (at(patch.col), at(patch.col + patch.cols - 1));
            (0..4).for_each(|k| sums[k] += stop[k] - start[k]);
        }
        let [ix, iy, ax, ay] = sums;
        let dip = atan2(iy, ix).to_degrees();
        let strike = atan2(ay, ax).to_degrees().rem_euclid(360.0);
        if dip > 90.0 { ((strike + 180.0).rem_euclid(360.0), 180.0 - dip) } else { (strike, dip) }
    }

    /// Down-dip width of a patch of the mesh, km: the mean over its columns of cells, weighted by their mean length.
    pub fn width(&self, mesh: &RectMesh, patch: Patch) -> f64 {
        if self.regularity == Regularity::Kite {
            return kite::width(mesh, patch);
        }
        let cols = if self.regularity == Regularity::Regular { 1 } else { patch.cols - 1 };
        let (mut weighted, mut total) = (0.0, 0.0);
        for col in patch.col..patch.col + cols {
            let (mut width, mut length_area, mut area) = (0.0, 0.0, 0.0);
            for row in patch.row..patch.row + patch.rows - 1 {
                let [l, w, a] = self.size(row, col);
                width += w;
                length_area += l * a;
                area += a;
            }
            let length = length_area / area;
            weighted += width * length;
            total += length;
        }
        weighted / total
    }
}

/// A cell of a mesh as two triangles, at its top left and its bottom right.
struct Cell {
    corners: [Vec3; 2],
    along: [Vec3; 2],
    updip: [Vec3; 2],
    areas: [f64; 2],
}

impl Cell {
    fn new(mesh: &RectMesh, r: usize, c: usize) -> Cell {
        let p = |r: usize, c: usize| mesh.xyz[r * mesh.cols + c];
        let (tl, tr, bl, br) = (p(r, c), p(r, c + 1), p(r + 1, c), p(r + 1, c + 1));
        let (along, updip, diagonal) = ([sub(tr, tl), sub(br, bl)], [sub(tl, bl), sub(tr, br)], sub(tr, bl));
        let areas = [0, 1].map(|k| triangle_area(norm(along[k]), norm(updip[k]), norm(diagonal)));
        Cell { corners: [tl, br], along, updip, areas }
    }

    /// Area-weighted cosine and sine of inclination, and of azimuth, summed over the triangles.
    fn orientation(&self) -> [f64; 4] {
        let mut out = [0.0; 4];
        for k in 0..2 {
            let (point, area) = (self.corners[k], self.areas[k]);
            let normal = normalized(cross(self.along[k], self.updip[k]));
            let incl = dot(normalized(point), normal).clamp(-1.0, 1.0);
            let east = normalized(cross([0.0, 0.0, 1.0], point));
            let north = normalized(cross(point, east));
            let along = normalized(self.along[k]);
            let sign = if dot(along, east) < 0.0 { -1.0 } else { 1.0 };
            let cos = dot(along, north);
            out[0] += area * incl;
            out[1] += area * (1.0 - incl * incl).max(0.0).sqrt();
            out[2] += area * cos;
            out[3] += area * (1.0 - cos * cos).max(0.0).sqrt() * sign;
        }
        out
    }

    /// Length, width and area of the cell; its sides count by the areas of their triangles.
    fn size(&self) -> [f64; 3] {
        let [a, b] = self.areas;
        let mean = |sides: &[Vec3; 2]| (norm(sides[0]) * a + norm(sides[1]) * b) / (a + b);
        [mean(&self.along), mean(&self.updip), a + b]
    }
}

/// Heron's formula.
fn triangle_area(a: f64, b: f64, c: f64) -> f64 {
    let s = (a + b + c) / 2.0;
    (s * (s - a) * (s - b) * (s - c)).max(0.0).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault() -> RectMesh {
        let trace = [Point::new(10.0, 45.0, 0.0), Point::new(10.0, 45.5, 0.0)];
        RectMesh::of_simple_fault(&trace, (2.0, 12.0), 45.0, 2.0).unwrap()
    }

    #[test]
    fn strike_dip_and_width_of_a_patch() {
        let mesh = fault();
        assert_eq!((mesh.rows, mesh.cols), (8, 29));
        let sums = CellSums::new(&mesh, Regularity::Regular);
        let patch = Patch { row: 1, col: 3, rows: 5, cols: 10 };
        let (strike, dip) = sums.strike_dip(&mesh, patch);
        assert!(!(0.2..=359.8).contains(&strike), "{strike}");
        assert!((dip - 45.0).abs() < 0.1, "{dip}");
        assert!((sums.width(&mesh, patch) - 8.0).abs() < 0.02);
    }

    #[test]
    fn the_same_surface_as_a_complex_fault() {
        let simple = fault();
        let corner = |row: usize, col: usize| *simple.at(row, col);
        let edges = [vec![corner(0, 0), corner(0, 28)], vec![corner(7, 0), corner(7, 28)]];
        let complex = RectMesh::of_complex_fault(&edges, 2.0).unwrap();
        assert_eq!((complex.rows, complex.cols), (8, 29));
        let patch = Patch { row: 1, col: 3, rows: 5, cols: 10 };
        let of = |mesh: &RectMesh, regularity| {
            let sums = CellSums::new(mesh, regularity);
            (sums.strike_dip(mesh, patch), sums.width(mesh, patch))
        };
        let ((_, dip), width) = of(&complex, Regularity::Irregular);
        let ((_, regular_dip), regular_width) = of(&simple, Regularity::Regular);
        assert!((dip - regular_dip).abs() < 0.1 && (width - regular_width).abs() < 0.01);
        assert!((complex.area() / simple.area() - 1.0).abs() < 1e-3);
    }

    #[test]
    fn a_coarse_mesh_is_refused() {
        let trace = [Point::new(10.0, 45.0, 0.0), Point::new(10.0, 45.5, 0.0)];
        let error = RectMesh::of_simple_fault(&trace, (2.0, 12.0), 45.0, 40.0).unwrap_err();
        assert!(matches!(error, MeshError::TooCoarse { .. }), "{error}");
    }

    #[test]
    fn middle_and_outline() {
        let mesh = fault();
        let patch = Patch { row: 0, col: 0, rows: 3, cols: 3 };
        assert_eq!(mesh.middle_point(patch), *mesh.at(1, 1));
        assert_eq!(mesh.outline(patch).count(), 8);
        let even = mesh.middle_point(Patch { row: 0, col: 0, rows: 2, cols: 2 });
        assert!((even.depth - (mesh.at(0, 0).depth + mesh.at(1, 0).depth) / 2.0).abs() < 1e-9);
    }
}
