//! Lines of points: fault traces and their resampling into equal sections.

use super::projection::{Bounds, Orthographic};
use super::{Point, geodetic};
use crate::elementary::hypot;

/// Why a line cannot be resampled.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum LineError {
    /// Fewer than two distinct points.
    #[error("a line needs at least two distinct points")]
    TooShort,
    /// It is shorter than the spacing that it is sampled by.
    #[error("the line is {length:.2} km long, which is too short for points spaced by {spacing} km")]
    TooShortFor {
        /// Its length, km.
        length: f64,
        /// The spacing, km.
        spacing: f64,
    },
    /// The points extend over half the globe.
    #[error("the points of the line extend over more than 180 degrees of longitude")]
    TooWide,
    /// A sampling step found no point at its distance on the trace.
    #[error("could not place a point {spacing} km from the previous one along the line; is it folded on itself?")]
    Folded {
        /// The section length asked for, km.
        spacing: f64,
    },
}

/// Adjacent points nearer than this (km) are one point.
const SAME_POINT_KM: f64 = 1e-3;

/// The points without the adjacent duplicates.
pub fn clean(points: &[Point]) -> Result<Vec<Point>, LineError> {
    let mut out: Vec<Point> = Vec::with_capacity(points.len());
    for &p in points {
        let is_new = out
            .last()
            .is_none_or(|q| hypot(geodetic::distance(p.lon, p.lat, q.lon, q.lat), p.depth - q.depth) > SAME_POINT_KM);
        if is_new {
            out.push(p);
        }
    }
    if out.len() < 2 { Err(LineError::TooShort) } else { Ok(out) }
}

/// The orthographic projection centred on the points.
pub fn projection_of(points: &[Point]) -> Result<Orthographic, LineError> {
    let lons: Vec<f64> = points.iter().map(|p| p.lon).collect();
    let lats: Vec<f64> = points.iter().map(|p| p.lat).collect();
    Bounds::of(&lons, &lats).map(Orthographic::centred_on).ok_or(LineError::TooWide)
}

/// Length of a line with the depths of its points, km.
pub fn length(points: &[Point]) -> f64 {
    points.windows(2).map(|w| distance(w[0], w[1])).sum()
}

fn distance(p: Point, q: Point) -> f64 {
    hypot(geodetic::distance(p.lon, p.lat, q.lon, q.lat), p.depth - q.depth)
}

/// Nearer to a vertex than this (km), a resampled point is the vertex.
const AT_VERTEX: f64 = 1e-5;

/// `n` points, two at least, that are equally spaced along a line of two points at least (engine behaviour,
/// `Line.resample_to_num_points`).
pub fn resample_to(points: &[Point], n: usize) -> Vec<Point> {
    let section = length(points) / (n - 1) as f64;
    let mut out = vec![points[0]];
    let (mut segment, mut passed, mut last) = (0, 0.0, 0.0);
    for i in 1..n {
        let target = i as f64 * section;
        while target > passed && segment + 1 < points.len() {
            last = distance(points[segment], points[segment + 1]);
            passed += last;
            segment += 1;
        }
        let start = points[segment.max(1) - 1];
        let offset = target - (passed - last);
        out.push(if offset < AT_VERTEX {
            start
        } else {
            let towards = geodetic::intervals_between(start, points[segment.max(1)], offset);
            towards.get(1).copied().unwrap_or(start)
        });
    }
    out
}

/// Resample a line so that consecutive points are `spacing` km apart, on the plane of its orthographic projection.
///
/// The first point stays. Each next one is where a sphere of that radius around the last cuts the trace, so corners
/// are cut. The last may lie beyond the end of the trace, if that is nearer to a whole number of sections (engine
/// behaviour, `Line.resample`).
pub fn resample(points: &[Point], spacing: f64) -> Result<Vec<Point>, LineError> {
    let projection = projection_of(points)?;
    let trace = on_plane(points, &projection);
    let mut placed = place(&trace, spacing)?;
    add_last(&mut placed, &trace, points, &projection, spacing);
    let out = on_sphere(&placed, points[0], &projection);
    if out.len() < 2 { Err(LineError::TooShortFor { length: length(points), spacing }) } else { Ok(out) }
}

/// The same, but the last point stays too: it is nearer to the one before it.
pub fn resample_keeping_end(points: &[Point], spacing: f64) -> Result<Vec<Point>, LineError> {
    let projection = projection_of(points)?;
    let placed = place(&on_plane(points, &projection), spacing)?;
    let mut out = on_sphere(&placed, points[0], &projection);
    out.extend(points.last());
    out.dedup();
    if out.len() < 2 { Err(LineError::TooShortFor { length: length(points), spacing }) } else { Ok(out) }
}

fn on_plane(points: &[Point], projection: &Orthographic) -> Vec<[f64; 3]> {
    let flat = |p: &Point| {
        let [x, y] = projection.project(p.lon, p.lat);
        [x, y, p.depth]
    };
    points.iter().map(flat).collect()
}

fn on_sphere(placed: &[[f64; 3]], first: Point, projection: &Orthographic) -> Vec<Point> {
    let point = |&[x, y, depth]: &[f64; 3]| {
        let (lon, lat) = projection.unproject([x, y]);
        Point { lon, lat, depth }
    };
    std::iter::once(first).chain(placed.iter().skip(1).map(point)).collect()
}

/// Points `spacing` km apart along a trace on the plane, from its first point until none more fits.
fn place(trace: &[[f64; 3]], spacing: f64) -> Result<Vec<[f64; 3]>, LineError> {
    let mut placed = vec![trace[0]];
    let mut next_vertex = 0;
    loop {
        let last = placed[placed.len() - 1];
        let index = last_vertex_within(trace, last, spacing, next_vertex);
        if index + 1 == trace.len() {
            return Ok(placed);
        }
        let pnt = at_distance(trace[index + 1], trace[index], last, spacing).ok_or(LineError::Folded { spacing })?;
        placed.push(pnt);
        let end = trace[index + 1];
        let rest = gap(end, pnt);
        let direction = [(end[0] - pnt[0]) / rest, (end[1] - pnt[1]) / rest, (end[2] - pnt[2]) / rest];
        let mut here = pnt;
        while gap(end, here) > spacing * 0.9999 {
            here = step(here, direction, spacing);
            placed.push(here);
        }
        next_vertex = index + 1;
    }
}

/// One more section after the last if the end of the trace is over half a section ahead, or under half behind.
fn add_last(placed: &mut Vec<[f64; 3]>, trace: &[[f64; 3]], points: &[Point], projection: &Orthographic, spacing: f64) {
    let n = trace.len();
    let last = placed[placed.len() - 1];
    let same_direction = placed.len() < 2 || goes_on(placed[placed.len() - 2], last, points[n - 1], projection);
    let to_end = gap(last, trace[n - 1]);
    if (to_end > spacing / 2.0 && same_direction) || (to_end < spacing / 2.0 && !same_direction) {
        let (a, b) = (trace[n - 2], trace[n - 1]);
        let length = gap(a, b);
        let direction = [(b[0] - a[0]) / length, (b[1] - a[1]) / length, (b[2] - a[2]) / length];
        placed.push(step(last, direction, spacing));
    }
}

/// Sections with ends nearer than this (degrees) are taken for vertical ones (engine behaviour).
const SHORT: f64 = 1e-2;

/// Whether the end of the trace lies ahead of the last section, from `before` to `last`.
fn goes_on(before: [f64; 3], last: [f64; 3], end: Point, projection: &Orthographic) -> bool {
    let lonlat = |p: [f64; 3]| projection.unproject([p[0], p[1]]);
    let (a, b) = (lonlat(before), lonlat(last));
    if (a.0 - b.0).abs() < SHORT && (a.1 - b.1).abs() < SHORT {
        return end.depth >= last[2];
    }
    let sampled = geodetic::azimuth(a.0, a.1, b.0, b.1);
    let remaining = geodetic::azimuth(b.0, b.1, end.lon, end.lat);
    (sampled - remaining).abs() < 30.0
}

fn gap(a: [f64; 3], b: [f64; 3]) -> f64 {
    super::norm(super::sub(a, b))
}

fn step(from: [f64; 3], direction: [f64; 3], length: f64) -> [f64; 3] {
    super::add_scaled(from, direction, length)
}

/// The vertex, not before `from`, whose distance from `last` is the greatest that does not exceed `spacing`.
fn last_vertex_within(trace: &[[f64; 3]], last: [f64; 3], spacing: f64, from: usize) -> usize {
    let mut best = (0, f64::NEG_INFINITY);
    for (i, &vertex) in trace.iter().enumerate() {
        let d = if i < from { f64::INFINITY } else { gap(vertex, last) };
        if d <= spacing && d > best.1 {
            best = (i, d);
        }
    }
    best.0
}

/// The point of the segment `p`–`q` at this distance from a centre.
fn at_distance(p: [f64; 3], q: [f64; 3], centre: [f64; 3], radius: f64) -> Option<[f64; 3]> {
    let d = super::sub(q, p);
    let f = super::sub(p, centre);
    let (a, b, c) = (super::dot(d, d), 2.0 * super::dot(d, f), super::dot(f, f) - radius * radius);
    let discriminant = b * b - 4.0 * a * c;
    if discriminant < 0.0 {
        return None;
    }
    let root = discriminant.sqrt();
    let point = |u: f64| super::add_scaled(p, d, u);
    let first = point((-b + root) / (2.0 * a));
    let between = (0..3).all(|i| first[i] >= p[i].min(q[i]) && first[i] <= p[i].max(q[i]));
    Some(if between { first } else { point((-b - root) / (2.0 * a)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn straight_trace_is_cut_in_equal_sections() {
        let points = [Point::new(0.0, 0.0, 0.0), Point::new(0.0, 0.2, 0.0)];
        let line = resample(&points, 2.0).unwrap();
        assert_eq!(line.len(), 12); // 22.24 km: eleven sections, the last ends 0.24 km short
        for w in line.windows(2) {
            assert!((geodetic::distance(w[0].lon, w[0].lat, w[1].lon, w[1].lat) - 2.0).abs() < 1e-4);
        }
    }

    #[test]
    fn the_last_section_may_pass_the_end() {
        let points = [Point::new(0.0, 0.0, 0.0), Point::new(0.0, 0.19, 0.0)]; // 21.1 km
        let line = resample(&points, 2.0).unwrap();
        assert_eq!(line.len(), 12);
        assert!(line[11].lat > 0.19);
    }

    #[test]
    fn a_whole_number_of_short_sections_gets_no_more() {
        let end = 0.0449660802959; // 10 km of the equator in all
        let line = resample(&[Point::new(-end, 0.0, 0.0), Point::new(end, 0.0, 0.0)], 0.1).unwrap();
        assert_eq!(line.len(), 101);
    }

    #[test]
    fn corners_are_cut() {
        let points = [Point::new(0.0, 0.0, 0.0), Point::new(0.1, 0.0, 0.0), Point::new(0.1, 0.1, 0.0)];
        let line = resample(&points, 3.0).unwrap();
        let p = projection_of(&points).unwrap();
        for w in line.windows(2) {
            let (a, b) = (p.project(w[0].lon, w[0].lat), p.project(w[1].lon, w[1].lat));
            assert!(((a[0] - b[0]).hypot(a[1] - b[1]) - 3.0).abs() < 1e-6);
        }
    }

    #[test]
    fn a_number_of_points_equally_spaced() {
        let points = [Point::new(10.0, 45.0, 0.0), Point::new(10.1, 45.0, 2.0), Point::new(10.1, 45.2, 5.0)];
        let line = resample_to(&points, 12);
        assert_eq!(line.len(), 12);
        let step = length(&points) / 11.0;
        // only across the vertex they are nearer than along the line
        let near = line.windows(2).filter(|w| (distance(w[0], w[1]) - step).abs() < 1e-3).count();
        assert!(near >= 10, "{near}");
        assert!(distance(line[11], points[2]) < 1e-3);
    }

    #[test]
    fn one_point_is_no_line() {
        assert_eq!(clean(&[Point::new(1.0, 1.0, 0.0); 3]), Err(LineError::TooShort));
    }
}
