//! Quantiles of the chi-square distribution.
//!
//! Press W.H., Teukolsky S.A., Vetterling W.T., Flannery B.P., 2007. Numerical recipes: the art of scientific computing, third
//! edition. Cambridge University Press, section 6.2: the incomplete gamma function as a series and as a continued fraction.

use crate::elementary::scalar::{exp, ln};

/// The quantile for a probability within (0, 1) and `freedom` degrees of freedom, above 0.
pub(in crate::gsim) fn quantile(probability: f64, freedom: f64) -> f64 {
    let shape = 0.5 * freedom;
    let (mut low, mut high) = (0.0, shape + 1.0);
    while gamma_p(shape, high) < probability {
        (low, high) = (high, 2.0 * high);
    }
    // halving reaches the precision of a number whatever its size
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if gamma_p(shape, middle) < probability { low = middle } else { high = middle }
    }
    low + high
}

/// The regularised lower incomplete gamma function P(a, x).
fn gamma_p(a: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    let front = exp(a * ln(x) - x - libm::lgamma(a));
    if x < a + 1.0 { front * series(a, x) } else { 1.0 - front * fraction(a, x) }
}

/// The power series of P(a, x) without its front factor.
fn series(a: f64, x: f64) -> f64 {
    let (mut term, mut sum, mut n) = (1.0 / a, 1.0 / a, a);
    while term > sum * f64::EPSILON {
        n += 1.0;
        term *= x / n;
        sum += term;
    }
    sum
}

/// The continued fraction of 1 - P(a, x) without its front factor, by the method of Lentz.
fn fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let (mut c, mut d) = (1e300, 1.0 / b);
    let mut found = d;
    for i in 1..10_000 {
        let n = f64::from(i);
        let numerator = -n * (n - a);
        b += 2.0;
        d = 1.0 / (numerator * d + b);
        c = b + numerator / c;
        found *= d * c;
        if (d * c - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_tables() {
        for (probability, freedom, expected) in
            [(0.95, 1.0, 3.841458820694124), (0.05, 10.0, 3.9402991361190605), (0.5, 100.0, 99.33412923598846)]
        {
            let found = quantile(probability, freedom);
            assert!((found - expected).abs() < 1e-9 * expected, "{found}, expected {expected}");
        }
    }
}
