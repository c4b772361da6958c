//! Kite surfaces from their profiles: a mesh of nearly square cells between lines that run down dip.
//!
//! Engine behaviour throughout (`KiteSurface.from_profiles`): profiles are resampled, the points of one number on all of
//! them are edges, and edges are resampled from the longest profile to both sides. Where profiles have different lengths
//! the mesh has gaps: points that are not numbers.

use super::geodetic::azimuth;
use super::line::{self, LineError};
use super::mesh::RectMesh;
use super::projection::{Bounds, Orthographic};
use super::trace::mean_angle;
use super::{Point, kite, plane};

/// Why profiles make no surface.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum ProfileError {
    /// A line that cannot be resampled.
    #[error("profile: {0}")]
    Line(#[from] LineError),
    /// Too few profiles.
    #[error("a kite surface needs two profiles at least, found {0}")]
    TooFew(usize),
    /// The mesh has too few points.
    #[error("the profiles make no mesh with a spacing of {0} km: it is too large for their length or distance")]
    TooCoarse(f64),
}

/// A point that is not there.
const GAP: Point = Point { lon: f64::NAN, lat: f64::NAN, depth: f64::NAN };

/// Profiles of one length (km) within this share of the spacing need no reference other than the first.
const ALIKE: f64 = 0.1;

/// A piece of an edge: the column that it starts at, the number of the edge, its points.
type Piece = (usize, usize, Vec<Point>);

/// The mesh between profiles, each a line from top to bottom, resampled by `along_dip` and `along_strike` km.
pub fn mesh(profiles: &[Vec<Point>], along_dip: f64, along_strike: f64) -> Result<RectMesh, ProfileError> {
    if profiles.len() < 2 {
        return Err(ProfileError::TooFew(profiles.len()));
    }
    let mut resampled = resampled(profiles, along_dip)?;
    let reference = reference(&resampled, along_dip);
    let rows = resampled.iter().map(Vec::len).max().unwrap_or(0);
    resampled.iter_mut().for_each(|p| p.resize(rows, GAP));
    let bounds = bounds(&resampled).ok_or(ProfileError::TooCoarse(along_dip))?;
    let projection = Orthographic::centred_on(bounds);
    let towards = |of: &[&Vec<Point>]| columns(of, along_strike, &projection);
    let forward: Vec<&Vec<Point>> = resampled[reference..].iter().collect();
    let backward: Vec<&Vec<Point>> = resampled[..=reference].iter().rev().collect();
    let mut columns = if forward.len() > 1 { towards(&forward)? } else { Vec::new() };
    columns.reverse();
    if backward.len() > 1 {
        let shared = usize::from(!columns.is_empty());
        columns.extend(towards(&backward)?.into_iter().skip(shared));
    }
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    columns.iter_mut().for_each(|column| column.resize(rows, GAP));
    if columns.len() < 2 || rows < 2 {
        return Err(ProfileError::TooCoarse(along_strike));
    }
    let mut grid: Vec<Vec<Point>> = (0..rows).map(|r| columns.iter().map(|column| column[r]).collect()).collect();
    drop_loose(&mut grid);
    sort_by_depth(&mut grid);
    orient(&mut grid);
    let cols = columns.len();
    let mesh = RectMesh::new(rows, cols, grid.into_iter().flatten().collect());
    kite::cleaned(&mesh).ok_or(ProfileError::TooCoarse(along_strike))
}

/// Profiles resampled by `along_dip` km.
fn resampled(profiles: &[Vec<Point>], along_dip: f64) -> Result<Vec<Vec<Point>>, LineError> {
    profiles.iter().map(|profile| line::resample(&line::clean(profile)?, along_dip)).collect()
}

/// The lines through points of one number of all profiles, resampled by `along_dip` km: what becomes the edges of the mesh.
pub(super) fn edges(profiles: &[Vec<Point>], along_dip: f64) -> Result<Vec<Vec<Point>>, LineError> {
    let resampled = resampled(profiles, along_dip)?;
    let rows = resampled.iter().map(Vec::len).min().unwrap_or(0);
    Ok((0..rows).map(|row| resampled.iter().map(|profile| profile[row]).collect()).collect())
}

/// The profile that edges start from: the longest, if they differ.
fn reference(profiles: &[Vec<Point>], spacing: f64) -> usize {
    let lengths: Vec<f64> = profiles.iter().map(|p| line::length(p)).collect();
    let longest = (1..lengths.len()).fold(0, |best, i| if lengths[i] > lengths[best] { i } else { best });
    let shortest = lengths.iter().copied().fold(f64::INFINITY, f64::min);
    if lengths[longest] - shortest > spacing * ALIKE { longest } else { 0 }
}

fn bounds(profiles: &[Vec<Point>]) -> Option<Bounds> {
    let there = || profiles.iter().flatten().filter(|p| is_there(p));
    let least = |f: fn(&Point) -> f64| there().map(f).fold(f64::INFINITY, f64::min);
    let bounds =
        Bounds { west: least(|p| p.lon), south: least(|p| p.lat), east: -least(|p| -p.lon), north: -least(|p| -p.lat) };
    bounds.west.is_finite().then_some(bounds)
}

fn is_there(p: &Point) -> bool {
    p.lon.is_finite()
}

/// The columns of the mesh from the first profile to the last; each holds one point an edge.
fn columns(profiles: &[&Vec<Point>], spacing: f64, projection: &Orthographic) -> Result<Vec<Vec<Point>>, ProfileError> {
    let mut runs = runs(profiles);
    // by their start, the longest first
    runs.sort_by_key(|&(start, stop, edge)| (start, std::cmp::Reverse(stop), edge));
    let mut pieces: Vec<Piece> = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    let first = runs.first().map_or(0, |run| run.0);
    for (i, &(start, stop, edge)) in runs.iter().enumerate() {
        let points: Vec<Point> = profiles[start..stop].iter().map(|p| p[edge]).collect();
        if start == first {
            let mut placed = line::resample_keeping_end(&points, spacing)?;
            if placed.len() > 2 {
                placed.pop();
            }
            pieces.push((0, edge, placed));
        } else if let Some((column, crossings)) = crossings(&points, &lines, projection) {
            pieces.push((column, edge, crossings));
        }
        if runs.get(i + 1).is_none_or(|next| next.0 != start) {
            lines.extend(profile_lines(&pieces, start, projection));
        }
    }
    let edges = joined(pieces);
    let longest = edges.iter().map(Vec::len).max().unwrap_or(0);
    Ok((0..longest).map(|c| edges.iter().map(|edge| edge.get(c).copied().unwrap_or(GAP)).collect()).collect())
}

/// Where edges run without gaps over two profiles at least: first profile, the one after the last, number of the edge.
fn runs(profiles: &[&Vec<Point>]) -> Vec<(usize, usize, usize)> {
    let mut runs = Vec::new();
    for edge in 0..profiles[0].len() {
        let mut start = None;
        for i in 0..=profiles.len() {
            let there = profiles.get(i).is_some_and(|p| is_there(&p[edge]));
            match (there, start) {
                (true, None) => start = Some(i),
                (false, Some(first)) => {
                    if i - first > 1 {
                        runs.push((first, i, edge));
                    }
                    start = None;
                }
                _ => {}
            }
        }
    }
    runs
}

/// The pieces of each edge in one line, edges in the order of their first piece. A lone point is no edge.
fn joined(pieces: Vec<Piece>) -> Vec<Vec<Point>> {
    let mut edges: Vec<(usize, Vec<Point>)> = Vec::new();
    for (column, number, points) in pieces {
        if column == 0 && points.len() < 2 {
            continue;
        }
        let place = edges.iter().position(|(n, _)| *n == number).unwrap_or_else(|| {
            edges.push((number, Vec::new()));
            edges.len() - 1
        });
        let edge = &mut edges[place].1;
        edge.resize(edge.len().max(column), GAP);
        edge.extend(points);
    }
    edges.into_iter().map(|(_, edge)| edge).collect()
}

/// The line of a new profile on the plane: slope and intercept, or the abscissa of a vertical one.
enum Line {
    Sloping(f64, f64),
    Vertical(f64),
}

/// Profiles whose points lie nearer than this (km) in x are vertical on the plane.
const VERTICAL: f64 = 1e-5;

/// The lines through the points of one number of all pieces that start at a column.
fn profile_lines(pieces: &[Piece], start: usize, projection: &Orthographic) -> Vec<Line> {
    let of_start = || pieces.iter().filter(|(column, ..)| *column == start).map(|(_, _, points)| points);
    let count = of_start().map(Vec::len).max().unwrap_or(0);
    let line = |k: usize| {
        let points = of_start().filter_map(|points| points.get(k));
        let flat: Vec<[f64; 2]> = points.map(|p| projection.project(p.lon, p.lat)).collect();
        if flat.iter().all(|p| (flat[0][0] - p[0]).abs() < VERTICAL) {
            return Line::Vertical(flat[0][0]);
        }
        let (slope, intercept) = regression(&flat);
        Line::Sloping(slope, intercept)
    };
    (0..count).map(line).collect()
}

fn regression(points: &[[f64; 2]]) -> (f64, f64) {
    let n = points.len() as f64;
    let mean = |k: usize| points.iter().map(|p| p[k]).sum::<f64>() / n;
    let (mx, my) = (mean(0), mean(1));
    let sxy: f64 = points.iter().map(|p| (p[0] - mx) * (p[1] - my)).sum();
    let sxx: f64 = points.iter().map(|p| (p[0] - mx) * (p[0] - mx)).sum();
    (sxy / sxx, my - sxy / sxx * mx)
}

/// Where an edge crosses the lines of new profiles, with the number of the first of them.
fn crossings(edge: &[Point], lines: &[Line], projection: &Orthographic) -> Option<(usize, Vec<Point>)> {
    let mut found = Vec::new();
    let mut first = usize::MAX;
    for pair in edge.windows(2) {
        let [a, b] = [0, 1].map(|k| projection.project(pair[k].lon, pair[k].lat));
        let (slope, intercept) = regression(&[a, b]);
        for (number, line) in lines.iter().enumerate() {
            let x = match line {
                Line::Vertical(x) => *x,
                Line::Sloping(other, at_zero) => (intercept - at_zero) / (other - slope),
            };
            let y = x * slope + intercept;
            let between = |v: f64, p: f64, q: f64| v > p.min(q) && v < p.max(q);
            if between(x, a[0], b[0]) && between(y, a[1], b[1]) {
                let (lon, lat) = projection.unproject([x, y]);
                let depth = pair[0].depth + (pair[1].depth - pair[0].depth) * (x - a[0]) / (b[0] - a[0]);
                found.push(Point { lon, lat, depth });
                first = first.min(number);
            }
        }
    }
    (!found.is_empty()).then_some((first, found))
}

/// Take out points that are no corner of a cell: those without a neighbour along strike or down dip.
fn drop_loose(grid: &mut [Vec<Point>]) {
    let (rows, cols) = (grid.len(), grid[0].len());
    for r in 0..rows {
        for c in 0..cols {
            let at = |r: usize, c: usize| is_there(&grid[r][c]);
            let along = (c > 0 && at(r, c - 1)) || (c + 1 < cols && at(r, c + 1));
            let down = (r > 0 && at(r - 1, c)) || (r + 1 < rows && at(r + 1, c));
            if !(along && down) {
                grid[r][c] = GAP;
            }
        }
    }
}

/// Edges from the shallowest to the deepest.
fn sort_by_depth(grid: &mut [Vec<Point>]) {
    let mean = |edge: &[Point]| {
        let depths: Vec<f64> = edge.iter().filter(|p| is_there(p)).map(|p| p.depth).collect();
        if depths.is_empty() { f64::INFINITY } else { depths.iter().sum::<f64>() / depths.len() as f64 }
    };
    grid.sort_by(|a, b| mean(a).total_cmp(&mean(b)));
    // an edge that is above one before it anywhere changes places with it
    for upper in 0..grid.len() - 1 {
        for lower in upper..grid.len() - 1 {
            if grid[lower].iter().zip(&grid[upper]).any(|(l, u)| l.depth < u.depth) {
                grid.swap(upper, lower);
            }
        }
    }
}

/// Beyond this angle (degrees) between the top edge and the strike of the plane through all points the mesh is turned.
const AGAINST: f64 = 60.0;

/// Let edges run so that the surface dips to their right.
fn orient(grid: &mut [Vec<Point>]) {
    let all: Vec<Point> = grid.iter().flatten().filter(|p| is_there(p)).copied().collect();
    let Some((strike, _)) = plane::strike_dip(&all) else { return };
    let top: Vec<&Point> = grid[0].iter().filter(|p| is_there(p)).collect();
    let step = |w: &[&Point]| {
        let ([a, b], length) = ([w[0], w[1]], super::geodetic::distance(w[0].lon, w[0].lat, w[1].lon, w[1].lat));
        (azimuth(a.lon, a.lat, b.lon, b.lat), length)
    };
    let along = mean_angle(&top.windows(2).map(step).collect::<Vec<_>>());
    let off = (strike - along + 180.0).rem_euclid(360.0) - 180.0;
    if !(off.abs() < AGAINST) {
        grid.iter_mut().for_each(|edge| edge.reverse());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(lon: f64, lat: f64, down: [f64; 3]) -> Vec<Point> {
        vec![Point::new(lon, lat, 0.0), Point::new(lon + down[0], lat + down[1], down[2])]
    }

    #[test]
    fn two_parallel_profiles_make_a_full_mesh_that_dips_to_the_right() {
        // dips to the north; the strike is to the west
        let profiles = [profile(10.0, 45.0, [0.0, 0.1, 10.0]), profile(10.4, 45.0, [0.0, 0.1, 10.0])];
        let mesh = mesh(&profiles, 2.5, 2.5).unwrap();
        assert!(mesh.points.iter().all(is_there));
        assert!(mesh.at(0, 0).lon > mesh.at(0, mesh.cols - 1).lon && mesh.at(1, 0).lat > mesh.at(0, 0).lat);
        assert!((4..=7).contains(&mesh.rows) && (12..=14).contains(&mesh.cols), "{} {}", mesh.rows, mesh.cols);
    }

    #[test]
    fn a_shorter_profile_leaves_gaps() {
        let profiles = [
            profile(10.0, 45.0, [0.0, 0.05, 6.0]),
            profile(10.2, 45.0, [0.0, 0.1, 12.0]),
            profile(10.4, 45.0, [0.0, 0.1, 12.0]),
        ];
        let mesh = mesh(&profiles, 2.0, 2.0).unwrap();
        assert!(mesh.points.iter().any(|p| !is_there(p)));
        assert!((0..mesh.cols).all(|c| is_there(mesh.at(0, c)) && is_there(mesh.at(1, c))));
    }

    #[test]
    fn one_profile_is_no_surface() {
        assert_eq!(mesh(&[profile(10.0, 45.0, [0.0, 0.1, 10.0])], 2.0, 2.0).unwrap_err(), ProfileError::TooFew(1));
    }
}
