//! Bicubic splines through the points of a regular grid.

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
            let columns: Vec<Vec<f64>> =
                (0..y.count).map(|j| slopes(&(0..x.count).map(|i| of[i * y.count + j]).collect::<Vec<_>>())).collect();
            (0..x.count * y.count).map(|at| columns[at % y.count][at / y.count]).collect()
        };
        let along_y = |of: &[f64]| -> Vec<f64> { of.chunks(y.count).flat_map(slopes).collect() };
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

/// What the value and the slope at the start, and those at the end, of an interval count inside it.
fn hermite(t: f64) -> [[f64; 2]; 2] {
    let s = 1.0 - t;
    [[(1.0 + 2.0 * t) * s * s, t * s * s], [(1.0 + 2.0 * s) * t * t, -s * t * t]]
}

/// The slopes of the spline through equally spaced values, at least 4, in units of the spacing.
fn slopes(values: &[f64]) -> Vec<f64> {
    let n = values.len();
    let end = |a: f64, b: f64, c: f64| -2.5 * a + 2.0 * b + 0.5 * c;
    // a tridiagonal system: 1 2 | 1 4 1 | ... | 2 1
    let mut upper = vec![2.0];
    let mut right = vec![end(values[0], values[1], values[2])];
    for i in 1..n {
        let (lower, diagonal, above, value) = if i + 1 < n {
            (1.0, 4.0, 1.0, 3.0 * (values[i + 1] - values[i - 1]))
        } else {
            (2.0, 1.0, 0.0, -end(values[i], values[i - 1], values[i - 2]))
        };
        let pivot = diagonal - lower * upper[i - 1];
        right.push((value - lower * right[i - 1]) / pivot);
        upper.push(above / pivot);
    }
    for i in (0..n - 1).rev() {
        right[i] -= upper[i] * right[i + 1];
    }
    right
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
