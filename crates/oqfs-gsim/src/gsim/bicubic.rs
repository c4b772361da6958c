//! Bicubic splines through the points of a regular grid.

use super::spline::{hermite, slopes};

/// A spline through n × m values, cubic along both axes with the end condition "not a knot"; constant beyond the grid.
#[derive(Debug)]
pub(super) struct Bicubic {
    x: Axis,
    y: Axis,
    /// At each point, x-major: the value, its slopes along x and y, and the twist, in steps of the grid.
    points: Vec<[f64; 4]>,
}

/// Equally spaced points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axis {
    pub(super) start: f64,
    pub(super) step: f64,
    /// At least 4.
    pub(super) count: usize,
}

impl Axis {
    /// The points in steps of the grid.
    fn steps(&self) -> Vec<f64> {
        (0..self.count).map(|i| i as f64).collect()
    }

    /// The interval of a coordinate, and where it is inside, from 0 to 1.
    fn place(&self, at: f64) -> (usize, f64) {
        let steps = ((at - self.start) / self.step).clamp(0.0, (self.count - 1) as f64);
        let interval = (steps as usize).min(self.count - 2);
        (interval, steps - interval as f64)
    }
}

impl Bicubic {
    /// Through `values`, x-major.
    pub(super) fn new(x: Axis, y: Axis, values: &[f64]) -> Bicubic {
        let along_x = |of: &[f64]| -> Vec<f64> {
            let column = |j: usize| (0..x.count).map(|i| of[i * y.count + j]).collect::<Vec<_>>();
            let columns: Vec<Vec<f64>> = (0..y.count).map(|j| slopes(&x.steps(), &column(j))).collect();
            (0..x.count * y.count).map(|at| columns[at % y.count][at / y.count]).collect()
        };
        let along_y = |of: &[f64]| -> Vec<f64> { of.chunks(y.count).flat_map(|row| slopes(&y.steps(), row)).collect() };
        let (dx, dy) = (along_x(values), along_y(values));
        let twist = along_y(&dx);
        let points = (0..values.len()).map(|at| [values[at], dx[at], dy[at], twist[at]]).collect();
        Bicubic { x, y, points }
    }

    /// The value at a place, that of the nearest edge beyond the grid.
    pub(super) fn at(&self, x: f64, y: f64) -> f64 {
        let ((i, u), (j, v)) = (self.x.place(x), self.y.place(y));
        let (at_u, at_v) = (hermite(u), hermite(v));
        let mut sum = 0.0;
        for (a, b) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
            let [value, dx, dy, twist] = self.points[(i + a) * self.y.count + j + b];
            let ([p, dp], [q, dq]) = (at_u[a], at_v[b]);
            sum += (value * p + dx * dp) * q + (dy * p + twist * dp) * dq;
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cubic_is_its_own_spline_and_beyond_the_grid_its_edge() {
        let f = |x: f64, y: f64| (1.0 - 2.0 * x + x * x * x) * (3.0 + y - 0.5 * y * y * y) + x * x * y;
        let (x, y) = (Axis { start: -1.0, step: 0.5, count: 6 }, Axis { start: 2.0, step: 0.25, count: 5 });
        let at = |axis: &Axis, i: usize| axis.start + axis.step * i as f64;
        let values: Vec<f64> = (0..30).map(|k| f(at(&x, k / 5), at(&y, k % 5))).collect();
        let spline = Bicubic::new(x, y, &values);
        for (px, py) in [(-1.0, 2.0), (-0.3, 2.9), (0.77, 2.41), (1.5, 3.0), (1.49, 2.01)] {
            assert!((spline.at(px, py) - f(px, py)).abs() < 1e-12, "{px} {py}");
        }
        assert_eq!(spline.at(9.0, 2.3), spline.at(1.5, 2.3));
        assert_eq!(spline.at(0.1, -9.0), spline.at(0.1, 2.0));
    }
}
