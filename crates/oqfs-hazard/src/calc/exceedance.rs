//! The probability that ground motion exceeds a level, given an earthquake.

/// Entries of the table per standard deviation.
const PER_UNIT: f64 = 64.0;

/// Beyond this many standard deviations a double cannot tell the normal distribution from 0 or 1.
const REACH: f64 = 8.3;

/// A power of two above `2 * REACH * PER_UNIT`.
const ENTRIES: usize = 2048;

/// Adding this to a number below 2^51 rounds it to a whole one, which then stands in its last bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// One expansion; a cache line, of which six numbers are used.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct Expansion([f64; 6]);

/// Survival function of a normal distribution truncated symmetrically at b, tabulated.
///
/// `(phi(b) - phi(x)) / (phi(b) - phi(-b))` for |x| < b, as the engine has it. Each table entry is a Taylor expansion
/// of fifth order around a multiple of 1/64, in error by under 1e-14: it costs a division and an exponential less than
/// the function itself. A truncation of 0 gives a step: ground motion is its median.
#[derive(Clone, Debug)]
pub struct Exceedance {
    bound: f64,
    table: Box<[Expansion; ENTRIES]>,
}

impl Exceedance {
    /// The function for a truncation level in standard deviations.
    pub fn new(truncation: f64) -> Exceedance {
        let bound = truncation.min(REACH);
        let mut table = Box::new([Expansion::default(); ENTRIES]);
        if bound > 0.0 {
            let upper = normal_cdf(truncation);
            let last = (2.0 * bound * PER_UNIT).ceil() as usize;
            for (i, entry) in table.iter_mut().enumerate().take(last + 1) {
                *entry = expansion(i as f64 / PER_UNIT - bound, upper);
            }
        }
        Exceedance { bound, table }
    }

    /// The probability that a standard normal variable exceeds `x`.
    #[inline]
    pub fn of(&self, x: f64) -> f64 {
        if x >= self.bound {
            return if x == 0.0 { 0.5 } else { 0.0 };
        }
        if x <= -self.bound {
            return 1.0;
        }
        self.inside((x + self.bound) * PER_UNIT)
    }

    /// The probability at a place of the table, within its bounds.
    #[inline(always)]
    fn inside(&self, place: f64) -> f64 {
        let rounded = place + ROUND;
        let entry = &self.table[rounded.to_bits() as usize % ENTRIES].0;
        let d = place - (rounded - ROUND);
        let [a, b, c, e, f, g] = *entry;
        (a + d * (b + d * (c + d * (e + d * (f + d * g))))).clamp(0.0, 1.0)
    }

    /// Add `rate` times the probability of exceeding each level to `rates`; levels ascend.
    ///
    /// `mean` and `sigma` are of the logarithm, as are the levels.
    #[inline]
    pub fn accumulate(&self, levels: &[f64], mean: f64, sigma: f64, rate: f64, rates: &mut [f64]) {
        if self.bound == 0.0 {
            for (sum, &level) in rates.iter_mut().zip(levels) {
                *sum += rate * self.of(level - mean);
            }
            return;
        }
        let reach = self.bound * sigma;
        let certain = levels.iter().take_while(|&&level| level <= mean - reach).count();
        let possible = levels.iter().take_while(|&&level| level < mean + reach).count().max(certain);
        rates[..certain].iter_mut().for_each(|sum| *sum += rate);
        let scale = PER_UNIT / sigma;
        let shift = self.bound * PER_UNIT - mean * scale;
        for (sum, &level) in rates[certain..possible].iter_mut().zip(&levels[certain..possible]) {
            *sum += rate * self.inside(level * scale + shift);
        }
    }
}

/// The expansion around `x` by powers of 1/64, given the distribution at the upper bound.
fn expansion(x: f64, upper: f64) -> Expansion {
    let total = 2.0 * upper - 1.0;
    let density = (-x * x / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
    // derivatives of -phi over factorials: Hermite polynomials
    let scale = -density / total;
    let x2 = x * x;
    let coefficients = [
        (upper - normal_cdf(x)) / total,
        scale,
        scale * -x / 2.0,
        scale * (x2 - 1.0) / 6.0,
        scale * x * (3.0 - x2) / 24.0,
        scale * (x2 * x2 - 6.0 * x2 + 3.0) / 120.0,
    ];
    let mut power = 1.0;
    Expansion(coefficients.map(|c| {
        let scaled = c * power;
        power /= PER_UNIT;
        scaled
    }))
}

/// Distribution function of the standard normal.
pub(super) fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_agrees_with_the_function() {
        for truncation in [1.0, 2.0, 3.0, 6.0, 99.0] {
            let exceedance = Exceedance::new(truncation);
            let upper = normal_cdf(truncation);
            for i in -9000..9000 {
                let x = f64::from(i) / 1000.0;
                let expected = ((upper - normal_cdf(x)) / (2.0 * upper - 1.0)).clamp(0.0, 1.0);
                assert!((exceedance.of(x) - expected).abs() < 1e-14, "{truncation} {x}");
            }
        }
    }

    #[test]
    fn a_truncation_of_zero_means_the_median() {
        let median = Exceedance::new(0.0);
        assert_eq!([median.of(-0.1), median.of(0.0), median.of(0.1)], [1.0, 0.5, 0.0]);
        let mut rates = [0.0; 3];
        median.accumulate(&[-1.0, 0.0, 1.0], 0.0, 0.5, 2.0, &mut rates);
        assert_eq!(rates, [2.0, 1.0, 0.0]);
    }

    #[test]
    fn accumulation_is_the_product() {
        let exceedance = Exceedance::new(3.0);
        let levels: Vec<f64> = (0..40).map(|i| -4.0 + 0.2 * f64::from(i)).collect();
        let mut rates = vec![1.0; 40];
        exceedance.accumulate(&levels, 0.3, 0.6, 0.01, &mut rates);
        for (level, rate) in levels.iter().zip(rates) {
            assert!((rate - 1.0 - 0.01 * exceedance.of((level - 0.3) / 0.6)).abs() < 1e-15);
        }
    }
}
