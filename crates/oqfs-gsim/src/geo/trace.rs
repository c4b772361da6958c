//! Coordinates along and across the traces of several faults: GC2 of Spudich and Chiou (2015), *Strike-parallel and
//! strike-normal coordinate system around geometrically complicated rupture traces*, USGS Open-File Report 2015-1028.
//!
//! T is the distance across the traces, U along them; each segment counts with a weight that falls with its distance.
//! Values are kept in single precision between the lines and their sum, as the engine keeps them.

use super::Point;
use super::geodetic::{azimuth, distance};
use super::projection::{Bounds, Orthographic};
use crate::elementary::hypot;
use crate::elementary::scalar::{atan, atan2, cos, sin};

/// T, U (km) and the weight of a line at a place.
pub type Tuw = [f32; 3];

/// A change of direction (degrees) that makes a corner of a top edge.
const CORNER: f64 = 1.0;

/// Nearer to a segment or its prolongation than this (km), a place is on it.
const ON_LINE: f64 = 0.1;

/// What keeps the weight of a place on a segment finite, km.
const ON_SEGMENT: f64 = 0.01;

/// Below this azimuth (degrees) a line strikes to the north, which counts as to the east.
const NORTHWARDS: f64 = 0.1;

/// The line of a top edge.
#[derive(Clone, Debug)]
pub struct Trace {
    points: Vec<(f64, f64)>,
    projection: Orthographic,
    /// As it is, turned round, and turned round with the directions of its segments left in their order.
    directions: [Segments; 3],
    length: f64,
    azimuth: f64,
}

/// Which way a trace is run along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// As it is.
    Forwards,
    /// Turned round.
    Backwards,
    /// Turned round, but each segment with the direction and the length of that with its number from the other end: what
    /// the engine does where the surfaces of one rupture alone make the line.
    BackwardsUnsorted,
}

#[derive(Clone, Debug)]
struct Segments {
    starts: Vec<[f64; 2]>,
    along: Vec<[f64; 2]>,
    lengths: Vec<f64>,
}

impl Trace {
    /// The line through points (longitude, latitude), two distinct ones at least. `None` for fewer and for lines wider than
    /// half the globe.
    pub fn new(points: Vec<(f64, f64)>) -> Option<Trace> {
        let mut points = points;
        points.dedup();
        if points.len() < 2 {
            return None;
        }
        let (lons, lats): (Vec<f64>, Vec<f64>) = points.iter().copied().unzip();
        let projection = Orthographic::centred_on(Bounds::of(&lons, &lats)?);
        let flat: Vec<[f64; 2]> = points.iter().map(|&(lon, lat)| projection.project(lon, lat)).collect();
        let forwards = Segments::new(&flat);
        let turned: Vec<[f64; 2]> = flat.iter().rev().copied().collect();
        let unsorted = Segments {
            starts: turned[..turned.len() - 1].to_vec(),
            along: forwards.along.iter().map(|a| [-a[0], -a[1]]).collect(),
            lengths: forwards.lengths.clone(),
        };
        let steps: Vec<(f64, f64)> = points
            .windows(2)
            .map(|w| (azimuth(w[0].0, w[0].1, w[1].0, w[1].1), distance(w[0].0, w[0].1, w[1].0, w[1].1)))
            .collect();
        let length = steps.iter().map(|s| s.1).sum();
        let azimuth = if let [(only, _)] = steps[..] { only } else { mean_angle(&steps) };
        Some(Trace { points, projection, directions: [forwards, Segments::new(&turned), unsorted], length, azimuth })
    }

    /// The line of a top edge: its ends and the corners between them.
    pub fn of_top_edge(edge: &[Point]) -> Option<Trace> {
        let mut all: Vec<(f64, f64)> = edge.iter().map(|p| (p.lon, p.lat)).collect();
        all.dedup();
        let azimuths: Vec<f64> = all.windows(2).map(|w| azimuth(w[0].0, w[0].1, w[1].0, w[1].1)).collect();
        let last = all.len().saturating_sub(1);
        let stays = |i: usize| i == 0 || i == last || (azimuths[i] - azimuths[i - 1]).abs() > CORNER;
        Trace::new((0..all.len()).filter(|&i| stays(i)).map(|i| all[i]).collect())
    }

    /// The first and the last point.
    pub fn ends(&self) -> [(f64, f64); 2] {
        [self.points[0], self.points[self.points.len() - 1]]
    }

    /// Mean azimuth, degrees.
    pub fn azimuth(&self) -> f64 {
        self.azimuth
    }

    /// T, U and weight at a place.
    pub fn measure(&self, lon: f64, lat: f64, direction: Direction) -> Tuw {
        self.directions[direction as usize].measure(self.projection.project(lon, lat))
    }
}

impl Segments {
    fn new(points: &[[f64; 2]]) -> Segments {
        let step = |w: &[[f64; 2]]| [w[1][0] - w[0][0], w[1][1] - w[0][1]];
        let lengths: Vec<f64> = points.windows(2).map(|w| hypot(step(w)[0], step(w)[1])).collect();
        let along = points.windows(2).zip(&lengths).map(|(w, l)| step(w).map(|x| x / l)).collect();
        Segments { starts: points[..points.len() - 1].to_vec(), along, lengths }
    }

    fn measure(&self, [x, y]: [f64; 2]) -> Tuw {
        let (mut t_sum, mut u_sum, mut total, mut passed, mut is_on) = (0.0, 0.0, 0.0, 0.0, false);
        for ((start, along), &length) in self.starts.iter().zip(&self.along).zip(&self.lengths) {
            let (dx, dy) = (x - start[0], y - start[1]);
            let u = dx * along[0] + dy * along[1];
            let t = dx * along[1] - dy * along[0];
            let weight = if t.abs() >= ON_LINE {
                (atan((length - u) / t) - atan(-u / t)) / t
            } else if u < -ON_LINE || u > length + ON_LINE {
                1.0 / (u - length) - 1.0 / u
            } else {
                is_on = true;
                1.0 / (-ON_SEGMENT - length) + 1.0 / ON_SEGMENT
            };
            t_sum += t * weight;
            u_sum += (u + passed) * weight;
            total += weight;
            passed += length;
        }
        let t = if is_on { 0.0 } else { t_sum / total };
        [t as f32, (u_sum / total) as f32, total as f32]
    }
}

/// Several traces in one order and direction.
#[derive(Clone, Debug)]
pub struct MultiTrace {
    /// The traces in their order, and whether each is turned round.
    pub order: Vec<(usize, bool)>,
    /// Where along the strike each of them starts, km.
    shifts: Vec<f32>,
}

impl MultiTrace {
    /// Put traces into the order of their mean strike. `None` if they extend over half the globe.
    pub fn new(traces: &[&Trace]) -> Option<MultiTrace> {
        let ends: Vec<(f64, f64)> = traces.iter().flat_map(|t| t.ends()).collect();
        let (lons, lats): (Vec<f64>, Vec<f64>) = ends.iter().copied().unzip();
        let projection = Orthographic::centred_on(Bounds::of(&lons, &lats)?);
        let (turned, strike) = common_direction(traces);
        let x: Vec<[f64; 2]> = ends.iter().map(|&(lon, lat)| projection.project(lon, lat)).collect();
        let eastwards = (strike > 0.0 && strike <= 180.0) || strike.abs() < NORTHWARDS;
        let before = |a: f64, b: f64| if eastwards { a < b } else { a > b };
        let first = (1..x.len()).fold(0, |best, i| if before(x[i][0], x[best][0]) { i } else { best });
        let (lon, lat) = projection.unproject(x[first]);
        let western = |i: usize| x[2 * i][0].min(x[2 * i + 1][0]);
        let mut order: Vec<usize> = (0..traces.len()).collect();
        order.sort_by(|&a, &b| western(a).total_cmp(&western(b)));
        if !eastwards {
            order.reverse();
        }
        let shift = |&i: &usize| {
            let start = ends[2 * i + usize::from(turned[i])];
            let off = cos((strike - azimuth(lon, lat, start.0, start.1)).to_radians());
            (off * distance(lon, lat, start.0, start.1)) as f32
        };
        let shifts = order.iter().map(shift).collect();
        Some(MultiTrace { order: order.iter().map(|&i| (i, turned[i])).collect(), shifts })
    }

    /// T and U of all traces, from those of each in their order.
    pub fn combine(&self, of_traces: impl Iterator<Item = Tuw>) -> (f32, f32) {
        let (mut t_sum, mut u_sum, mut total) = (0f32, 0f32, 0f32);
        for ([t, u, w], shift) in of_traces.zip(&self.shifts) {
            t_sum += t * w;
            u_sum += (u + shift) * w;
            total += w;
        }
        (t_sum / total, u_sum / total)
    }

    /// The largest U of the ends of the traces, km: where the rupture ends.
    pub fn largest_u(&self, traces: &[&Trace]) -> f32 {
        let at = |(lon, lat): (f64, f64)| {
            let of = |&(i, turned): &(usize, bool)| traces[i].measure(lon, lat, unsorted(turned));
            self.combine(self.order.iter().map(of)).1.abs()
        };
        traces.iter().flat_map(|t| t.ends()).map(at).fold(0.0, f32::max)
    }
}

/// The direction in which a trace of one rupture's own surfaces is run along.
pub fn unsorted(turned: bool) -> Direction {
    if turned { Direction::BackwardsUnsorted } else { Direction::Forwards }
}

/// Distance off the ends of a rupture, km, from U and the largest U; 0 beside it.
pub fn off_the_ends(u: f32, largest: f32) -> f64 {
    f64::from(if u < 0.0 {
        -u
    } else if u > largest {
        u - largest
    } else {
        0.0
    })
}

/// Which traces to turn round for one direction, and the mean strike then.
fn common_direction(traces: &[&Trace]) -> (Vec<bool>, f64) {
    let mut azimuths: Vec<(f64, f64)> = traces.iter().map(|t| (t.azimuth, t.length)).collect();
    let mean = mean_angle(&azimuths);
    let (low, high) = ((mean - 90.0).rem_euclid(360.0), (mean + 90.0).rem_euclid(360.0));
    let alike = |azimuth: f64| {
        if (90.0..=270.0).contains(&mean) { azimuth >= low && azimuth < high } else { azimuth >= low || azimuth < high }
    };
    let part = |(azimuth, length): (f64, f64)| length * cos((azimuth - mean).abs().to_radians()).abs();
    let total: f64 = azimuths.iter().map(|&a| part(a)).sum();
    let same: f64 = azimuths.iter().filter(|a| alike(a.0)).map(|&a| part(a)).sum();
    let most = same / total > 0.5;
    let turned: Vec<bool> = azimuths.iter().map(|a| alike(a.0) != most).collect();
    for (azimuth, _) in azimuths.iter_mut().zip(&turned).filter(|(_, turned)| **turned).map(|(a, _)| a) {
        *azimuth = (*azimuth + 180.0).rem_euclid(360.0);
    }
    let strike = mean_angle(&azimuths);
    (turned, strike)
}

/// The weighted mean of angles, degrees in [0, 360).
pub fn mean_angle(weighted: &[(f64, f64)]) -> f64 {
    let sum = |f: fn(f64) -> f64| weighted.iter().map(|&(angle, weight)| f(angle.to_radians()) * weight).sum::<f64>();
    atan2(sum(sin), sum(cos)).to_degrees().rem_euclid(360.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(points: &[(f64, f64)]) -> Trace {
        Trace::new(points.to_vec()).unwrap()
    }

    #[test]
    fn one_straight_trace_has_plain_coordinates() {
        let north = trace(&[(13.0, 42.0), (13.0, 42.3)]);
        let [t, u, _] = north.measure(13.2, 42.1, Direction::Forwards);
        assert!((f64::from(t) - distance(13.0, 42.1, 13.2, 42.1)).abs() < 0.02, "{t}");
        assert!((f64::from(u) - distance(13.0, 42.0, 13.0, 42.1)).abs() < 0.03, "{u}");
        let [back, _, _] = north.measure(13.2, 42.1, Direction::Backwards);
        assert!((t + back).abs() < 1e-4);
    }

    #[test]
    fn corners_stay_and_points_on_a_line_go() {
        let edge: Vec<Point> = [(13.0, 42.0), (13.0, 42.1), (13.0, 42.2), (13.2, 42.3)]
            .iter()
            .map(|&(lon, lat)| Point::new(lon, lat, 3.0))
            .collect();
        assert_eq!(Trace::of_top_edge(&edge).unwrap().points, [(13.0, 42.0), (13.0, 42.2), (13.2, 42.3)]);
        assert!(Trace::of_top_edge(&edge[..1]).is_none());
    }

    #[test]
    fn traces_are_ordered_along_strike_and_turned_alike() {
        let (first, second) = (trace(&[(13.0, 42.0), (13.3, 42.15)]), trace(&[(13.5, 42.25), (13.35, 42.175)]));
        let all = [&second, &first];
        let multi = MultiTrace::new(&all).unwrap();
        assert_eq!(multi.order, [(1, false), (0, true)]);
        let length = distance(13.0, 42.0, 13.5, 42.25);
        assert!((f64::from(multi.largest_u(&all)) / length - 1.0).abs() < 0.02);
        assert_eq!((off_the_ends(-2.0, 9.0), off_the_ends(5.0, 9.0), off_the_ends(10.0, 9.0)), (2.0, 0.0, 1.0));
    }
}
