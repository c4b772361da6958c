//! The top edge of a mesh, and the distance across strike that is measured to it.

use super::Vec3;
use super::geodetic::{Segment, SemiArc, SiteDirection, arc_normal, azimuth, distance_to_arc};
use super::mesh::RectMesh;
use super::window::sliding;

/// The top edges of ruptures, segment by segment: what the distance across strike (Rx) is measured to.
///
/// For each segment of a patch's top edge it is the distance to the segment, for the first and the last one to the
/// half great circle that goes on beyond the end; the smallest counts, with its sign: positive on the right of the edge
/// (engine behaviour, `get_rx_distance`).
#[derive(Clone, Debug)]
pub struct TopEdge {
    rows: usize,
    segments: Vec<EdgeSegment>,
}

#[derive(Clone, Copy, Debug)]
struct EdgeSegment {
    /// From the end of the segment backwards beyond its start.
    first: SemiArc,
    middle: Segment,
    /// From its start beyond its end.
    last: SemiArc,
    /// Normal of its great circle.
    normal: Vec3,
}

impl TopEdge {
    /// The edges of ruptures that start in the first `rows` rows of a mesh.
    pub fn new(mesh: &RectMesh, rows: usize) -> TopEdge {
        let mut segments = Vec::with_capacity(rows * (mesh.cols - 1));
        for row in 0..rows {
            for col in 0..mesh.cols - 1 {
                let (a, b) = (mesh.at(row, col), mesh.at(row, col + 1));
                let forward = azimuth(a.lon, a.lat, b.lon, b.lat);
                segments.push(EdgeSegment {
                    first: SemiArc::new(b.lon, b.lat, azimuth(b.lon, b.lat, a.lon, a.lat)),
                    middle: Segment::new((a.lon, a.lat), (b.lon, b.lat)),
                    last: SemiArc::new(a.lon, a.lat, forward),
                    normal: arc_normal(a.lon, a.lat, forward),
                });
            }
        }
        TopEdge { rows, segments }
    }

    /// Rx of a site for patches of `cols` columns at each position, row-major.
    pub fn measure(&self, site: SiteDirection, cols: usize, out: &mut Vec<f64>) {
        out.clear();
        let nearer = |a: f64, b: f64| a.abs() < b.abs();
        let (mut middle, mut minima, mut scratch) = (Vec::new(), Vec::new(), Vec::new());
        for edge in self.segments.chunks(self.segments.len() / self.rows) {
            if cols == 2 {
                out.extend(edge.iter().map(|segment| distance_to_arc(segment.normal, site.unit)));
                continue;
            }
            let last = cols - 2; // of a patch's segments
            middle.clear();
            let to_middle = |segment: &EdgeSegment| {
                let d = segment.middle.distance(site);
                if d.is_nan() { f64::INFINITY } else { d }
            };
            middle.extend(edge.iter().map(to_middle));
            sliding(&middle[1..], last - 1, nearer, &mut scratch, &mut minima);
            for start in 0..edge.len() - last {
                let mut best = -edge[start].first.distance(site.unit);
                let between = if last > 1 { Some(minima[start]) } else { None };
                for d in between.into_iter().chain([edge[start + last].last.distance(site.unit)]) {
                    if nearer(d, best) {
                        best = d;
                    }
                }
                out.push(best);
            }
        }
    }

    /// Rx of a site for the whole first row. Segments at a gap do not count.
    pub fn whole(&self, site: SiteDirection) -> f64 {
        let edge = &self.segments[..self.segments.len() / self.rows];
        if let [only] = edge {
            return distance_to_arc(only.normal, site.unit);
        }
        let there = |i: usize| !edge[i].normal[0].is_nan();
        let first = (0..edge.len()).find(|&i| there(i));
        let last = (0..edge.len()).rev().find(|&i| there(i));
        let mut best = f64::INFINITY;
        for i in (0..edge.len()).filter(|&i| there(i)) {
            let d = if i == 0 {
                -edge[i].first.distance(site.unit)
            } else if Some(i) == first || Some(i) == last {
                edge[i].last.distance(site.unit)
            } else {
                edge[i].middle.distance(site)
            };
            if d.abs() < best.abs() {
                best = d;
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geo::Point;
    use crate::geo::geodetic::point_at;

    fn mesh() -> RectMesh {
        let trace = [Point::new(10.0, 45.0, 0.0), Point::new(10.0, 45.4, 0.0)];
        RectMesh::of_simple_fault(&trace, (0.0, 10.0), 60.0, 2.0).unwrap()
    }

    #[test]
    fn rx_across_a_straight_edge_is_the_same_for_all_sizes() {
        let edge = TopEdge::new(&mesh(), 1);
        for (az, sign) in [(90.0, 1.0), (270.0, -1.0)] {
            let (lon, lat) = point_at(10.0, 45.2, az, 15.0);
            let mut out = Vec::new();
            for cols in [2, 3, 4, 10] {
                edge.measure(SiteDirection::new(lon, lat), cols, &mut out);
                assert_eq!(out.len(), edge.segments.len() + 2 - cols);
                assert!(out.iter().all(|rx| (rx - sign * 15.0).abs() < 0.01), "{cols} {out:?}");
            }
            assert!((edge.whole(SiteDirection::new(lon, lat)) - sign * 15.0).abs() < 0.01);
        }
    }
}
