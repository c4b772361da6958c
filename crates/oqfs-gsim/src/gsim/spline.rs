//! Cubic splines through points, with the end condition "not a knot".

/// What the value and the slope at the start, and those at the end, of an interval of length 1 count inside it.
pub(super) fn hermite(t: f64) -> [[f64; 2]; 2] {
    let s = 1.0 - t;
    [[(1.0 + 2.0 * t) * s * s, t * s * s], [(1.0 + 2.0 * s) * t * t, -s * t * t]]
}

/// The slopes of the spline through values, at least 4, at places that ascend or descend.
pub(super) fn slopes(at: &[f64], values: &[f64]) -> Vec<f64> {
    let n = values.len();
    let step = |i: usize| at[i + 1] - at[i];
    let secant = |i: usize| (values[i + 1] - values[i]) / step(i);
    // The first or last equation, given the steps and secants of the interval at the end and the next.
    let end = |[h, next]: [f64; 2], [at_end, beside]: [f64; 2]| {
        ((h + 2.0 * (h + next)) * next * at_end + h * h * beside) / (h + next)
    };
    // A tridiagonal system, by elimination.
    let mut upper = vec![(step(0) + step(1)) / step(1)];
    let mut right = vec![end([step(0), step(1)], [secant(0), secant(1)]) / step(1)];
    for i in 1..n {
        let (lower, diagonal, above, value) = if i + 1 < n {
            let (before, after) = (step(i - 1), step(i));
            (after, 2.0 * (before + after), before, 3.0 * (after * secant(i - 1) + before * secant(i)))
        } else {
            let (last, beside) = (step(n - 2), step(n - 3));
            (last + beside, beside, 0.0, end([last, beside], [secant(n - 2), secant(n - 3)]))
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
    fn a_cubic_is_its_own_spline() {
        let at = [-1.0, -0.4, 0.3, 0.5, 2.0];
        let [value, slope] = [|x: f64| 1.0 - 2.0 * x + x * x * x, |x: f64| -2.0 + 3.0 * x * x];
        for (found, x) in slopes(&at, &at.map(value)).into_iter().zip(at) {
            assert!((found - slope(x)).abs() < 1e-12, "{x}: {found}");
        }
    }
}
