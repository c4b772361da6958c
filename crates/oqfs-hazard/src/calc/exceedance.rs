//! The probability that ground motion exceeds a level, given an earthquake.

use crate::digest::digested;
use crate::vector::Vectorised;

/// Beyond this many standard deviations a double cannot tell the normal distribution from 0 or 1.
const REACH: f64 = 8.3;

/// Levels are computed so many at once: few contexts end their levels at another block than the one before, and there is
/// enough to do while a term waits for the one before it. A multiple of what the widest vector instructions take.
pub(super) const LANES: usize = 16;
/// Of the last levels, no whole block, a half, a quarter and what is left.
const HALF: usize = LANES / 2;
const QUARTER: usize = HALF / 2;

/// Survival function of a normal distribution truncated symmetrically at b.
///
/// `(phi(b) - phi(x)) / (phi(b) - phi(-b))` for |x| < b, as the engine has it, 1 below and 0 above. With t = x / b and u = t^2 it is
/// `(1 - t) (1/2 - t (1 + t) R(u))`, where R is smooth and small: a polynomial in 2u - 1 through its values at Chebyshev's points, of
/// as many terms as the truncation needs. The factor (1 - t) keeps what is left of rare motion near b right in proportion to itself.
/// The error is below 1e-14 + 1e-10 of the probability. A truncation of 0 gives a step: ground motion is its median.
#[derive(Clone, Debug)]
pub struct Exceedance {
    pub(super) bound: f64,
    pub(super) remainder: Remainder,
}

/// The polynomial R, lowest power first, by how many terms it has: an even number.
#[derive(Clone, Debug)]
pub(super) enum Remainder {
    /// For truncations up to 1.
    Of8([f64; 8]),
    /// Up to 2.
    Of12([f64; 12]),
    /// Up to 3.
    Of14([f64; 14]),
    /// Up to 4.
    Of18([f64; 18]),
    /// Up to 6.
    Of26([f64; 26]),
    /// Up to where there is no truncation any more.
    Of36([f64; 36]),
}

/// Evaluate an expression for the coefficients of whichever polynomial.
macro_rules! with_terms {
    ($remainder:expr, $terms:ident => $value:expr) => {
        match $remainder {
            Remainder::Of8($terms) => $value,
            Remainder::Of12($terms) => $value,
            Remainder::Of14($terms) => $value,
            Remainder::Of18($terms) => $value,
            Remainder::Of26($terms) => $value,
            Remainder::Of36($terms) => $value,
        }
    };
}
pub(super) use with_terms;

/// Levels of one intensity measure, ascending, prepared for sums of rates.
#[derive(Clone, Debug)]
pub struct PaddedLevels {
    count: usize,
    /// Followed by infinities, which nothing exceeds, to a multiple of [`LANES`].
    values: Vec<[f64; LANES]>,
}

digested!(struct PaddedLevels { count, values });

impl PaddedLevels {
    /// Those of ascending levels.
    pub fn new(levels: &[f64]) -> PaddedLevels {
        let block = |levels: &[f64]| std::array::from_fn(|k| levels.get(k).copied().unwrap_or(f64::INFINITY));
        PaddedLevels { count: levels.len(), values: levels.chunks(LANES).map(block).collect() }
    }

    /// They.
    pub fn iter(&self) -> impl Iterator<Item = f64> {
        self.values.as_flattened()[..self.count].iter().copied()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// They with the infinities that follow.
    pub(super) fn blocks(&self) -> &[[f64; LANES]] {
        &self.values
    }
}

/// The motions of contexts by one model in one intensity measure, and how often they occur.
#[derive(Clone, Copy, Debug)]
pub struct Motions<'a> {
    /// Means, of the logarithm as the levels are.
    pub mean: &'a [f64],
    /// Standard deviations, above 0 if motions scatter.
    pub sigma: &'a [f64],
    /// What is summed up: annual rates, or weights.
    pub rate: &'a [f64],
    /// Where the sums of each context begin.
    pub start: &'a [usize],
}

impl<'a> Motions<'a> {
    /// Those of a range of the contexts.
    pub fn part(&self, range: std::ops::Range<usize>) -> Motions<'a> {
        let Motions { mean, sigma, rate, start } = *self;
        let r = || range.clone();
        Motions { mean: &mean[r()], sigma: &sigma[r()], rate: &rate[r()], start: &start[r()] }
    }
}

impl Exceedance {
    /// The function for a truncation level in standard deviations.
    pub fn new(truncation: f64) -> Exceedance {
        let bound = truncation.min(REACH);
        let remainder = match bound {
            ..=1.0 => Remainder::Of8(remainder(bound)),
            ..=2.0 => Remainder::Of12(remainder(bound)),
            ..=3.0 => Remainder::Of14(remainder(bound)),
            ..=4.0 => Remainder::Of18(remainder(bound)),
            ..=6.0 => Remainder::Of26(remainder(bound)),
            _ => Remainder::Of36(remainder(bound)),
        };
        Exceedance { bound, remainder }
    }

    /// The probability that a standard normal variable exceeds `x`.
    pub fn of(&self, x: f64) -> f64 {
        match self.bound == 0.0 {
            true => step(x),
            false => with_terms!(&self.remainder, terms => tail(terms, x / self.bound)),
        }
    }

    /// Add to sums, of as many levels as there are for each context, its rate times the probability of exceeding each level.
    pub fn accumulate(&self, levels: &PaddedLevels, motions: Motions, sums: &mut [f64]) {
        if self.bound == 0.0 {
            for (k, &start) in motions.start.iter().enumerate() {
                let exceeded = levels.iter().map(|level| motions.rate[k] * step(level - motions.mean[k]));
                sums[start..].iter_mut().zip(exceeded).for_each(|(sum, rate)| *sum += rate);
            }
            return;
        }
        with_terms!(&self.remainder, terms => Sums { bound: self.bound, terms, levels, motions, sums }.vectorised());
    }

    /// The same for one context of a mean and a standard deviation.
    pub fn accumulate_one(&self, levels: &PaddedLevels, (mean, sigma): (f64, f64), rate: f64, sums: &mut [f64]) {
        self.accumulate(levels, Motions { mean: &[mean], sigma: &[sigma], rate: &[rate], start: &[0] }, sums);
    }
}

/// The probability that motion that is 0 for certain exceeds `x`.
fn step(x: f64) -> f64 {
    match x {
        0.0 => 0.5,
        _ => f64::from(x < 0.0),
    }
}

/// The probability of more than t times the bound.
#[inline(always)]
pub(super) fn tail<const N: usize>(terms: &[f64; N], t: f64) -> f64 {
    const { assert!(N >= 2 && N.is_multiple_of(2)) }
    let t = t.clamp(-1.0, 1.0);
    let v = (2.0 * t).mul_add(t, -1.0);
    let square = v * v;
    // even and odd powers by themselves: each step waits for half as many; an iterator would stay a call where debug assertions are on
    let (mut even, mut odd, mut k) = (terms[N - 2], terms[N - 1], N - 2);
    while k > 0 {
        k -= 2;
        even = even.mul_add(square, terms[k]);
        odd = odd.mul_add(square, terms[k + 1]);
    }
    let rest = odd.mul_add(v, even);
    (1.0 - t) * (t.mul_add(t, t)).mul_add(-rest, 0.5)
}

/// The same of levels by motion of a mean; `scale` is one over the bound times the standard deviation.
#[inline(always)]
fn tails<const N: usize, const W: usize>(terms: &[f64; N], levels: &[f64; W], mean: f64, scale: f64) -> [f64; W] {
    let mut exceeded = [0.0; W];
    for k in 0..W {
        exceeded[k] = tail(terms, (levels[k] - mean) * scale);
    }
    exceeded
}

/// Add a rate to the sums of a whole block.
#[inline(always)]
pub(super) fn add_to_block(sums: &mut [f64], rate: f64) {
    // an iterator would stay a call where debug assertions are on
    let mut k = 0;
    while k < LANES {
        sums[k] += rate;
        k += 1;
    }
}

/// Motion of one context.
#[derive(Clone, Copy)]
struct Motion {
    mean: f64,
    /// One over the standard deviation times the bound.
    scale: f64,
    rate: f64,
}

/// Add to the first sums what exceeds the first `W` levels that are left; whether there were so many sums.
#[inline(always)]
fn add<const N: usize, const W: usize>(terms: &[f64; N], levels: &[f64], motion: Motion, sums: &mut [f64]) -> bool {
    let (Some(levels), Some(sums)) = (levels.first_chunk::<W>(), sums.first_chunk_mut::<W>()) else { return false };
    let exceeded = tails(terms, levels, motion.mean, motion.scale);
    for k in 0..W {
        sums[k] = motion.rate.mul_add(exceeded[k], sums[k]);
    }
    true
}

/// Add to sums, fewer than of a block, what exceeds its levels; none that motion cannot reach are computed beyond half of it.
#[inline(always)]
fn add_last<const N: usize>(terms: &[f64; N], levels: &[f64; LANES], reached: f64, motion: Motion, sums: &mut [f64]) {
    let mut at = 0;
    if add::<N, HALF>(terms, levels, motion, sums) {
        at = HALF;
        if levels[at] >= reached {
            return;
        }
    }
    if add::<N, QUARTER>(terms, &levels[at..], motion, &mut sums[at..]) {
        at += QUARTER;
    }
    if let Some(levels) = levels[at..].first_chunk::<QUARTER>()
        && at < sums.len()
    {
        let exceeded = tails(terms, levels, motion.mean, motion.scale);
        for k in at..sums.len() {
            sums[k] = motion.rate.mul_add(exceeded[k - at], sums[k]);
        }
    }
}

/// See [`Exceedance::accumulate`].
struct Sums<'a, const N: usize> {
    bound: f64,
    terms: &'a [f64; N],
    levels: &'a PaddedLevels,
    motions: Motions<'a>,
    sums: &'a mut [f64],
}

impl<const N: usize> Vectorised for Sums<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Motions { mean, sigma, rate, start } = self.motions;
        let count = self.levels.count;
        for u in 0..start.len() {
            let (mean, reach, rate) = (mean[u], self.bound * sigma[u], rate[u]);
            // of a scatter next to nothing, no 0 times infinity
            let motion = Motion { mean, scale: (1.0 / reach).min(f64::MAX), rate };
            let sums = &mut self.sums[start[u]..start[u] + count];
            for (block, levels) in self.levels.values.iter().enumerate() {
                // levels ascend
                if levels[0] >= mean + reach {
                    break;
                }
                let sums = &mut sums[block * LANES..];
                if sums.len() < LANES {
                    add_last(self.terms, levels, mean + reach, motion, sums);
                } else if levels[LANES - 1] <= mean - reach {
                    add_to_block(sums, rate);
                } else {
                    add::<N, LANES>(self.terms, levels, motion, sums);
                }
            }
        }
    }
}

/// The coefficients of R for a bound, in powers of 2u - 1.
fn remainder<const N: usize>(bound: f64) -> [f64; N] {
    let angle = |k: usize| std::f64::consts::PI * (k as f64 + 0.5) / N as f64;
    let values: [f64; N] = std::array::from_fn(|k| remainder_at((0.5 + 0.5 * libm::cos(angle(k))).sqrt(), bound));
    // by Chebyshev's polynomials T_j, which are made into powers: T_(j+1) = 2 v T_j - T_(j-1)
    let (mut before, mut polynomial) = ([0.0; N], [0.0; N]);
    polynomial[0] = 1.0;
    let mut terms = [0.0; N];
    for j in 0..N {
        let of_value = |(k, value): (usize, &f64)| value * libm::cos(j as f64 * angle(k));
        let sum = values.iter().enumerate().map(of_value).sum::<f64>();
        let coefficient = sum * if j == 0 { 1.0 } else { 2.0 } / N as f64;
        terms.iter_mut().zip(polynomial).for_each(|(term, power)| *term += coefficient * power);
        let factor = if j == 0 { 1.0 } else { 2.0 };
        let shifted = |k: usize| if k == 0 { 0.0 } else { factor * polynomial[k - 1] };
        (before, polynomial) = (polynomial, std::array::from_fn(|k| shifted(k) - before[k]));
    }
    terms
}

/// R where |x| is t times the bound, 0 < t < 1: the value that makes [`tail`] the truncated normal distribution.
fn remainder_at(t: f64, bound: f64) -> f64 {
    if bound == 0.0 {
        return 0.0;
    }
    let (x, half) = (t * bound * std::f64::consts::FRAC_1_SQRT_2, bound * std::f64::consts::FRAC_1_SQRT_2);
    if bound > 1.0 && t > 0.5 {
        // near the bound, where the tail is small
        let beyond = (libm::erfc(x) - libm::erfc(half)) / (2.0 * libm::erf(half));
        (0.5 - beyond / (1.0 - t)) / (t * (1.0 + t))
    } else {
        (libm::erf(x) / (2.0 * t * libm::erf(half)) - 0.5) / ((1.0 - t) * (1.0 + t))
    }
}

/// Distribution function of the standard normal.
pub(super) fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::Instructions;

    const TRUNCATIONS: [f64; 17] =
        [1e-9, 0.01, 0.3, 0.99, 1.0, 1.3, 2.0, 2.01, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.5, 8.3, 99.0];

    /// Of the standard normal, from `x` to `y`, with no cancellation that matters: each half has its own function.
    fn between(x: f64, y: f64) -> f64 {
        let half = std::f64::consts::FRAC_1_SQRT_2;
        match (x > 0.5, x < -0.5) {
            (true, _) => 0.5 * (libm::erfc(x * half) - libm::erfc(y * half)),
            (_, true) => 0.5 * (libm::erf(y * half) + libm::erf(-x * half)),
            _ => 0.5 * (libm::erf(y * half) - libm::erf(x * half)),
        }
    }

    #[test]
    fn errors_are_below_what_is_promised_for_each_truncation_over_the_whole_range() {
        for truncation in TRUNCATIONS {
            let (exceedance, bound) = (Exceedance::new(truncation), truncation.min(REACH));
            let mut worst = (0.0, 0.0);
            let whole = (-1100..=1100).map(|i| f64::from(i) / 1000.0);
            // what is left of the range below the bound, down to nothing
            let near = (0..400).flat_map(|i| [-1.0, 1.0].map(|end| end * (1.0 - 10f64.powf(-f64::from(i) / 25.0))));
            for t in whole.chain(near) {
                let x = t * bound;
                let inside = between(x, bound) / (2.0 * between(0.0, bound));
                let expected = if t >= 1.0 {
                    0.0
                } else if t <= -1.0 {
                    1.0
                } else {
                    inside
                };
                // the difference of two numbers near the bound is known to so much alone
                let known = 4e-16 * (1.0 + bound) * (-bound * bound / 2.0).exp().max(1e-30);
                let error = ((exceedance.of(x) - expected).abs() - known) / (1e-14 + 1e-10 * expected);
                if error > worst.0 {
                    worst = (error, t);
                }
            }
            assert!(worst.0 < 1.0, "truncation {truncation}: {worst:?} of what is promised");
        }
    }

    #[test]
    fn what_is_certain_and_what_cannot_be_is_exact() {
        for truncation in TRUNCATIONS {
            let exceedance = Exceedance::new(truncation);
            let bound = truncation.min(REACH);
            assert_eq!([-2.0, -1.0, 1.0, 2.0].map(|t| exceedance.of(t * bound)), [1.0, 1.0, 0.0, 0.0]);
            assert!((exceedance.of(0.0) - 0.5).abs() < 1e-16);
        }
    }

    #[test]
    fn probabilities_descend() {
        for truncation in TRUNCATIONS {
            let exceedance = Exceedance::new(truncation);
            let of = |i: i32| exceedance.of(f64::from(i) / 4096.0 * truncation.min(REACH));
            assert!((-4096..4096).all(|i| of(i) >= of(i + 1) - 1e-15), "{truncation}");
        }
    }

    #[test]
    fn a_truncation_of_zero_means_the_median() {
        let median = Exceedance::new(0.0);
        assert_eq!([median.of(-0.1), median.of(0.0), median.of(0.1)], [1.0, 0.5, 0.0]);
        let mut rates = [0.0; 3];
        median.accumulate_one(&PaddedLevels::new(&[-1.0, 0.0, 1.0]), (0.0, 0.5), 2.0, &mut rates);
        assert_eq!(rates, [2.0, 1.0, 0.0]);
    }

    /// Contexts of means, standard deviations and rates; two sites take turns.
    fn motions(count: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let column = |from: f64, step: f64| (0..count).map(|k| from + step * k as f64).collect();
        (column(-4.5, 0.01), column(0.45, 0.0003), column(1e-4, 1e-6))
    }

    /// The sums of a number of levels at two sites.
    fn sums(exceedance: &Exceedance, levels: &[f64], set: Instructions) -> Vec<f64> {
        let (mean, sigma, rate) = motions(700);
        let start: Vec<usize> = (0..700).map(|k| k % 2 * levels.len()).collect();
        let mut sums = vec![1.0; 2 * levels.len()];
        let motions = Motions { mean: &mean, sigma: &sigma, rate: &rate, start: &start };
        let levels = PaddedLevels::new(levels);
        let (bound, sums_of) = (exceedance.bound, &mut sums);
        with_terms!(&exceedance.remainder, terms =>
            Sums { bound, terms, levels: &levels, motions, sums: sums_of }.with(set));
        sums
    }

    #[test]
    fn accumulation_is_the_product_for_any_number_of_levels_and_the_same_with_each_set_of_instructions() {
        for truncation in TRUNCATIONS {
            let exceedance = Exceedance::new(truncation);
            for count in 1..=33 {
                let levels: Vec<f64> = (0..count).map(|i| -6.0 + 0.2 * f64::from(i)).collect();
                let (mean, sigma, rate) = motions(700);
                let found = sums(&exceedance, &levels, Instructions::Plain);
                for (k, found) in found.iter().enumerate() {
                    let (site, level) = (k / levels.len(), levels[k % levels.len()]);
                    let of = |u: usize| rate[u] * exceedance.of((level - mean[u]) / sigma[u]);
                    let expected: f64 = (0..700).filter(|u| u % 2 == site).map(of).sum();
                    assert!((found - 1.0 - expected).abs() < 1e-12, "{truncation} {count} {k}: {found} {expected}");
                }
                for set in Instructions::ALL.into_iter().filter(|set| set.are_here()) {
                    assert!(sums(&exceedance, &levels, set) == found, "{truncation} {count} {set:?}");
                }
            }
        }
    }

    #[test]
    fn next_to_no_scatter_is_a_step() {
        let mut rates = [0.0; 3];
        let levels = PaddedLevels::new(&[-1.0, 0.0, 1.0]);
        Exceedance::new(3.0).accumulate_one(&levels, (0.0, f64::MIN_POSITIVE), 2.0, &mut rates);
        assert_eq!(rates, [2.0, 1.0, 0.0]);
    }
}
