//! Complex fault sources: ruptures that float over a surface given by edges from top to bottom.

use std::collections::HashSet;

use super::fault::{FaultRuptures, Floating, Hypocentres};
use super::{Source, SourceError, check, check_rake};
use crate::elementary::scalar::acos;
use crate::geo::mesh::{CellSums, Patch, RectMesh, Regularity};
use crate::geo::polygon::ring_crosses_itself;
use crate::geo::{Point, cross, dot, geodetic, normalized, sub};

/// A complex fault source: NRML `complexFaultSource`.
#[derive(Clone, Debug, PartialEq)]
pub struct ComplexFaultSource {
    /// The edges from the top of the fault to its bottom.
    pub edges: Vec<Vec<Point>>,
    /// Rake, degrees.
    pub rake: f64,
    /// Spacing of the mesh that ruptures are made of, km.
    pub mesh_spacing: f64,
}

impl ComplexFaultSource {
    /// An error if the geometry cannot be.
    pub fn check(&self) -> Result<(), SourceError> {
        check_rake(self.rake)?;
        check_edges(&self.edges, self.mesh_spacing)
    }

    /// Its mesh.
    ///
    /// # Errors
    /// If it cannot be meshed.
    pub fn mesh(&self) -> Result<RectMesh, SourceError> {
        Ok(RectMesh::of_complex_fault(&self.edges, self.mesh_spacing)?)
    }

    /// Points whose box holds the surface projection: those of the edges.
    pub fn projection_vertices(&self) -> Vec<(f64, f64)> {
        self.edges.iter().flatten().map(|p| (p.lon, p.lat)).collect()
    }
}

/// An error unless edges make a surface that dips to the right of its strike (Aki and Richards).
pub fn check_edges(edges: &[Vec<Point>], mesh_spacing: f64) -> Result<(), SourceError> {
    check("the mesh spacing", mesh_spacing, mesh_spacing > 0.0, "it must be positive")?;
    check("the number of edges", edges.len() as f64, edges.len() >= 2, "a complex fault needs two at least")?;
    let shortest = edges.iter().map(Vec::len).min().unwrap_or(0);
    check("the number of points of an edge", shortest as f64, shortest >= 2, "it needs two at least")?;
    check_order(edges)?;
    let (top, bottom) = (&edges[0], &edges[edges.len() - 1]);
    let [ul, bl, br] = [top[0], bottom[0], bottom[1]].map(|p| p.xyz());
    // the engine takes the upper right corner at the depth of the lower one
    let ur = Point { depth: bottom[1].depth, ..top[1] }.xyz();
    let along = sub(ur, ul);
    for (corner, down) in [(ul, sub(bl, ul)), (ur, sub(br, ur))] {
        let normal = cross(down, along);
        if dot(normal, normal) == 0.0 {
            return Ok(());
        }
        let angle = acos(dot(normalized(corner), normalized(normal)).clamp(-1.0, 1.0)).to_degrees();
        let rounded = (angle * 10.0).round() / 10.0;
        let accepted = "the surface must dip to the right of its edges (Aki and Richards); are they in order?";
        check("the angle of the surface normal to the vertical", angle, rounded <= 90.0, accepted)?;
    }
    Ok(())
}

/// By how much (km) a row of a mesh may lie above the one before it: the last digits of a depth.
const LEVEL: f64 = 1e-9;

/// An error if a row of a mesh is shallower than the one before: then it has no strike and no dip (the engine's demand).
pub fn check_descent(mesh: &RectMesh) -> Result<(), SourceError> {
    for col in 0..mesh.cols {
        for row in 1..mesh.rows {
            let (above, below) = (mesh.at(row - 1, col), mesh.at(row, col));
            if below.depth < above.depth - LEVEL {
                return Err(SourceError::Parameter {
                    parameter: "complexFaultGeometry",
                    found: format!(
                        "a surface that goes up from one edge to the next, from {:.2} km to {:.2} km near {:.4} {:.4}",
                        above.depth, below.depth, below.lon, below.lat
                    ),
                    accepted: "each edge must be below the one before it".into(),
                });
            }
        }
    }
    Ok(())
}

/// An error if the outline of the surface crosses itself, seen across the strike of its top edge: then edges or their points are
/// not in order.
fn check_order(edges: &[Vec<Point>]) -> Result<(), SourceError> {
    let (Some(top), Some(bottom)) = (edges.first(), edges.last()) else { return Ok(()) };
    let between = edges.get(1..edges.len() - 1).unwrap_or_default();
    let right = between.iter().filter_map(|edge| edge.last());
    let left = between.iter().filter_map(|edge| edge.first());
    let outline = top.iter().chain(right).chain(bottom.iter().rev()).chain(left.rev());
    let (first, last) = (top[0], top[top.len() - 1]);
    // a vertical plane of 10 km by 10 km below the top edge, as in the engine
    const SIDE: f64 = 10.0;
    let strike = geodetic::azimuth(first.lon, first.lat, last.lon, last.lat);
    let (lon, lat) = geodetic::point_at(first.lon, first.lat, strike, SIDE);
    let origin = first.xyz();
    let along = normalized(sub(Point { lon, lat, depth: first.depth }.xyz(), origin));
    let down = normalized(sub(Point { depth: first.depth + SIDE, ..first }.xyz(), origin));
    let seen = outline.map(|p| sub(p.xyz(), origin)).map(|v| [dot(v, along), dot(v, down)]);
    if ring_crosses_itself(&seen.collect::<Vec<_>>()) {
        return Err(SourceError::Parameter {
            parameter: "complexFaultGeometry",
            found: "edges whose outline crosses itself".into(),
            accepted: "edges go from the top down, their points all in the direction of the strike".into(),
        });
    }
    Ok(())
}

/// Mesh a complex fault and float the ruptures of each magnitude over it.
pub fn ruptures(source: &Source, fault: &ComplexFaultSource) -> Result<FaultRuptures, SourceError> {
    let mesh = fault.mesh()?;
    let sums = CellSums::new(&mesh, Regularity::Irregular);
    let mut floating = Vec::new();
    for (mag, rate) in source.mfd.rates() {
        let area = source.msr.median_area(mag, fault.rake);
        let patches = float(&mesh, &sums, area, (area * source.aspect_ratio.of(mag)).sqrt());
        let accepted = format!("no rupture of magnitude {mag} can be placed on the fault");
        check("the area of the rupture", area, !patches.is_empty(), &accepted)?;
        floating.push(Floating { mag, rate: rate / patches.len() as f64, patches });
    }
    let (rake, spacing, hypocentres) = (fault.rake, fault.mesh_spacing, Hypocentres::Middle);
    Ok(FaultRuptures { mesh, sums, rake, floating, spacing, hypocentres, rows: (0.0, 0.0) })
}

/// The places of a rupture of an area (km²) and length (km): from each point as many columns as come nearest to the
/// length, then as many rows as come nearest to the area; where the rows do not suffice, more columns. One that is larger
/// than the fault is the whole of it (engine behaviour, `_float_ruptures`).
fn float(mesh: &RectMesh, sums: &CellSums, area: f64, length: f64) -> Vec<Patch> {
    let (rows, cols) = (mesh.rows - 1, mesh.cols - 1);
    let total: f64 = (0..rows).flat_map(|r| (0..cols).map(move |c| sums.size(r, c)[2])).sum();
    if area >= total {
        return vec![mesh.whole()];
    }
    let mut patches = Vec::new();
    let mut dead_ends = HashSet::new();
    for row in 0..rows {
        for col in 0..cols {
            if dead_ends.contains(&col) {
                continue;
            }
            let (wide, found) = nearest_sum((col..cols).map(|c| sums.size(row, c)[0]), length);
            let mut last_col = col + wide;
            if last_col == cols && found < length && col != 0 {
                break; // it does not fit along this row any more
            }
            let row_area = |r: usize| (col..last_col).map(|c| sums.size(r, c)[2]).sum::<f64>();
            let (high, found) = nearest_sum((row..rows).map(row_area), area);
            let last_row = row + high;
            if last_row == rows && found < area {
                if row != 0 {
                    dead_ends.insert(col);
                } else if last_col == cols {
                    return patches;
                } else {
                    let col_area = |c: usize| (0..rows).map(|r| sums.size(r, c)[2]).sum::<f64>();
                    let (wider, found) = nearest_sum((col..cols).map(col_area), area);
                    last_col = col + wider;
                    if last_col == cols && found < area {
                        return patches;
                    }
                }
            }
            patches.push(Patch { row, col, rows: last_row - row + 1, cols: last_col - col + 1 });
        }
    }
    patches
}

/// How many of the values add up nearest to a target, the first such number, and their sum.
fn nearest_sum(values: impl Iterator<Item = f64>, target: f64) -> (usize, f64) {
    let mut sum = 0.0;
    let mut best = (0, 0.0, f64::INFINITY);
    for (i, value) in values.enumerate() {
        sum += value;
        let off = (sum - target).abs();
        if off < best.2 {
            best = (i + 1, sum, off);
        }
    }
    (best.0, best.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{AspectRatio, Mfd, Msr, Typology};

    fn fault() -> (Source, ComplexFaultSource) {
        // a splay south of Crete that dips to the south
        let edge = |lat: f64, depth: f64| vec![Point::new(22.0, lat, depth), Point::new(23.0, lat - 0.2, depth)];
        let fault =
            ComplexFaultSource { edges: vec![edge(35.4, 15.0), edge(35.0, 30.0)], rake: 90.0, mesh_spacing: 5.0 };
        let source = Source {
            id: "hellenic".into(),
            name: String::new(),
            trt: "Subduction Interface".into(),
            mfd: Mfd::incremental(6.5, 0.5, vec![0.01, 0.003]).unwrap(),
            msr: Msr::Wc1994,
            aspect_ratio: AspectRatio::Constant(1.5),
            tom: Default::default(),
            member: None,
            origin: Default::default(),
            typology: Typology::ComplexFault(fault.clone()),
        };
        (source, fault)
    }

    #[test]
    fn ruptures_have_their_area_and_keep_the_rate() {
        let (source, fault) = fault();
        fault.check().unwrap();
        let made = ruptures(&source, &fault).unwrap();
        for (floating, (mag, rate)) in made.floating.iter().zip(source.mfd.rates()) {
            assert!((floating.rate * floating.patches.len() as f64 / rate - 1.0).abs() < 1e-12);
            let area = source.msr.median_area(mag, 90.0);
            for patch in &floating.patches {
                let cells = (patch.row..patch.row + patch.rows - 1)
                    .flat_map(|r| (patch.col..patch.col + patch.cols - 1).map(move |c| (r, c)));
                let found: f64 = cells.map(|(r, c)| made.sums.size(r, c)[2]).sum();
                // in steps of a row of cells
                assert!((found / area - 1.0).abs() < 0.5, "{mag} {found} {area}");
            }
        }
    }

    #[test]
    fn a_rupture_larger_than_the_fault_is_the_whole_of_it() {
        let (mut source, fault) = fault();
        source.mfd = Mfd::arbitrary(vec![9.0], vec![0.001]).unwrap();
        let made = ruptures(&source, &fault).unwrap();
        assert_eq!((made.floating[0].rate, &made.floating[0].patches[..]), (0.001, &[made.mesh.whole()][..]));
    }

    #[test]
    fn edges_in_the_wrong_order_are_refused() {
        let (_, mut fault) = fault();
        fault.edges.reverse();
        assert!(fault.check().unwrap_err().to_string().contains("dip to the right"));
        fault.edges.truncate(1);
        assert!(fault.check().unwrap_err().to_string().contains("edges is 1"));
    }

    #[test]
    fn edges_that_go_up_are_refused() {
        let edge = |lat: f64, depth: f64| vec![Point::new(22.0, lat, depth), Point::new(23.0, lat - 0.2, depth)];
        let made = |edges: Vec<Vec<Point>>| {
            let fault = ComplexFaultSource { edges, rake: 90.0, mesh_spacing: 5.0 };
            fault.check().and_then(|()| check_descent(&fault.mesh()?)).map_err(|e| e.to_string())
        };
        made(vec![edge(35.4, 15.0), edge(35.2, 22.0), edge(35.0, 30.0)]).unwrap();
        let shallower = made(vec![edge(35.4, 15.0), edge(35.2, 31.0), edge(35.0, 30.0)]).unwrap_err();
        assert!(shallower.contains("outline crosses itself"), "{shallower}");
        let mut crossing = edge(35.0, 30.0);
        crossing.reverse();
        assert!(made(vec![edge(35.4, 15.0), crossing]).unwrap_err().contains("outline crosses itself"));
        // from the deep edge to the shallow one, with the strike turned round: it dips to the right, but goes up
        let turned = |lat: f64, depth: f64| vec![Point::new(23.0, lat - 0.2, depth), Point::new(22.0, lat, depth)];
        let up = made(vec![turned(35.0, 30.0), turned(35.4, 15.0)]).unwrap_err();
        assert!(up.contains("goes up from one edge to the next, from 30.00 km"), "{up}");
    }

    #[test]
    fn nearest_sums() {
        assert_eq!(nearest_sum([1.0, 1.0, 1.0].into_iter(), 2.2), (2, 2.0));
        assert_eq!(nearest_sum([1.0, 1.0].into_iter(), 9.0), (2, 2.0));
    }
}
