//! The rates of many contexts that differ in their means alone, from the moments of the means.
//!
//! The probability that motion of mean m and standard deviation sigma exceeds a level l depends on (l - m) / sigma, smoothly but for the two
//! means at which the truncation cuts it. [`Bins`] end at these means, of all levels. So within a bin each probability has a Taylor
//! series about the centre of the bin, with x = (l - centre) / sigma and d = (m - centre) / sigma,
//!
//! `P(x - d) = P(x) + phi(x) / (Phi(b) - Phi(-b)) * sum over k >= 1 of d^k / k! He_(k-1)(x)`,
//!
//! where He are Hermite's polynomials and b is the truncation (Abramowitz and Stegun, 1964, 26.2.31). Summed over contexts it needs the sums of rate
//! times powers of d, whatever the level is. [`KEPT`] powers are summed; of the next ones up to [`USED`] the best polynomial of those
//! that are kept takes the place (economization by Chebyshev's polynomials). The error is below 1e-10 of the rates of a bin.

use std::f64::consts::{FRAC_1_SQRT_2, PI};
use std::sync::LazyLock;

use super::exceedance::{Exceedance, LANES, PaddedLevels, Remainder, add_to_block, tail, with_terms};
use crate::elementary::branchless::exp;
use crate::vector::Vectorised;

/// So many moments of a bin are kept.
pub const KEPT: usize = 8;

/// So many terms of the series are summed.
const USED: usize = 12;

/// No bin is wider, in standard deviations.
const WIDEST: f64 = 0.4;

/// So many cells lead to a bin, on average.
const CELLS: usize = 4;

/// Whatever rounding does, a mean is in its cell or this part of one beside it.
const MARGIN: f64 = 1e-3;

/// Two ends of bins that are closer, in proportion, are one.
const SAME: f64 = 1e-14;

/// More bins are not made: that many would never be filled.
const MOST: usize = 1024;

/// Sums of rate times power of the place in a bin, which goes from -1 to 1: a line of the cache.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub struct Moments([f64; KEPT]);

/// The powers from [`KEPT`] to [`USED`] by those below.
static REPLACED: LazyLock<[[f64; KEPT]; USED - KEPT]> = LazyLock::new(|| std::array::from_fn(|i| replaced(KEPT + i)));

/// Hermite's polynomials by powers, lowest first: He_(n+1) = x He_n - n He_(n-1).
const HERMITE: [[f64; USED - 1]; USED - 1] = {
    let mut all = [[0.0; USED - 1]; USED - 1];
    (all[0][0], all[1][1]) = (1.0, 1.0);
    let mut n = 1;
    while n + 2 < USED {
        let mut k = 0;
        while k < USED - 1 {
            let shifted = if k == 0 { 0.0 } else { all[n][k - 1] };
            all[n + 1][k] = shifted - n as f64 * all[n - 1][k];
            k += 1;
        }
        n += 1;
    }
    all
};

/// The polynomial of powers below [`KEPT`] that is nearest to s^power on [-1, 1]: s^n = 2^(1-n) sum over i of (n over i) T_(n-2i), of
/// which T_0 counts half, without the T that are too high.
fn replaced(power: usize) -> [f64; KEPT] {
    let mut found = [0.0; KEPT];
    let mut choose = 1.0;
    for i in 0..=power / 2 {
        let order = power - 2 * i;
        if order < KEPT {
            let share = if order == 0 { 0.5 } else { 1.0 } * choose / f64::from(1 << (power - 1));
            found.iter_mut().zip(chebyshev(order)).for_each(|(sum, of)| *sum += share * of);
        }
        choose *= (power - i) as f64 / (i + 1) as f64;
    }
    found
}

/// Chebyshev's polynomial T of an order below [`KEPT`], by powers.
fn chebyshev(order: usize) -> [f64; KEPT] {
    let (mut before, mut this) = ([0.0; KEPT], [0.0; KEPT]);
    this[0] = 1.0;
    for n in 0..order {
        let factor = if n == 0 { 1.0 } else { 2.0 };
        let next = |k: usize| if k == 0 { 0.0 } else { factor * this[k - 1] } - before[k];
        (before, this) = (this, std::array::from_fn(next));
    }
    this
}

/// Bins of means of one standard deviation, for the levels of an intensity measure.
#[derive(Clone, Debug)]
pub struct Bins {
    /// The standard deviation.
    pub sigma: f64,
    /// Below it no level is exceeded.
    first: f64,
    /// Cells of equal width, each with a bin that is not above its beginning; how many there are to a unit of the mean; how
    /// many bins further on any mean of a cell may be.
    cells: Vec<u16>,
    cells_a_unit: f64,
    steps: usize,
    bins: Vec<Bin>,
}

#[derive(Clone, Copy, Debug)]
struct Bin {
    /// Where the next one begins.
    end: f64,
    centre: f64,
    half_width: f64,
    /// 0 for the last one, which has no width: above it every level is exceeded.
    per_half_width: f64,
}

impl Bins {
    /// For levels and a standard deviation; `None` if they would be too many to pay, or the truncation makes a step.
    pub fn new(levels: &PaddedLevels, exceedance: &Exceedance, sigma: f64) -> Option<Bins> {
        let reach = exceedance.bound * sigma;
        let mut cuts: Vec<f64> = levels.iter().flat_map(|level| [level - reach, level + reach]).collect();
        cuts.sort_by(f64::total_cmp);
        cuts.dedup_by(|cut, before| *cut - *before <= SAME * (cut.abs() + reach));
        let (&first, &last) = (cuts.first()?, cuts.last()?);
        if !(reach > 0.0 && (last - first) / (WIDEST * sigma) < (MOST - cuts.len().min(MOST)) as f64) {
            return None;
        }
        let mut bins = Vec::new();
        for ends in cuts.windows(2) {
            let count = ((ends[1] - ends[0]) / (WIDEST * sigma)).ceil().max(1.0);
            let width = (ends[1] - ends[0]) / count;
            let half_width = width / 2.0;
            bins.extend((0..count as usize).map(|i| {
                let start = ends[0] + width * i as f64;
                Bin { end: start + width, centre: start + half_width, half_width, per_half_width: 1.0 / half_width }
            }));
            // where a level is cut, to the bit
            bins.last_mut()?.end = ends[1];
        }
        bins.push(Bin { end: f64::INFINITY, centre: last + reach, half_width: 0.0, per_half_width: 0.0 });
        let count = CELLS * bins.len();
        let cells_a_unit = count as f64 / (last - first);
        let bin_at = |mean: f64| bins.partition_point(|bin| bin.end <= mean) as u16;
        let cell_at = |cell: f64| bin_at(first + cell / cells_a_unit);
        let cells: Vec<u16> = (0..count).map(|cell| cell_at(cell as f64 - MARGIN)).collect();
        let last_of = |cell: usize| cell_at((cell + 1) as f64 + MARGIN);
        let steps = cells.iter().enumerate().map(|(cell, bin)| usize::from(last_of(cell) - bin)).max()?;
        Some(Bins { sigma, first, cells, cells_a_unit, steps, bins })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.bins.len()
    }

    /// The bin of a mean, and where it is in the bin, from -1 to 1; `None` if no level is exceeded.
    #[inline(always)]
    pub fn place(&self, mean: f64) -> Option<(usize, f64)> {
        if mean < self.first {
            return None;
        }
        let cell = ((mean - self.first) * self.cells_a_unit) as usize;
        let mut at = usize::from(self.cells[cell.min(self.cells.len() - 1)]);
        // no branch, which the processor would guess wrong
        for _ in 0..self.steps {
            at += usize::from(self.bins[at].end <= mean);
        }
        let bin = &self.bins[at];
        Some((at, ((mean - bin.centre) * bin.per_half_width).clamp(-1.0, 1.0)))
    }

    /// Add to sums, of as many levels as there are, the rates of exceedance of the contexts of some bins, given with their moments.
    pub fn accumulate<'a>(
        &self,
        exceedance: &Exceedance,
        levels: &PaddedLevels,
        filled: impl Iterator<Item = (usize, &'a Moments)>,
        sums: &mut [f64],
    ) {
        let bound = exceedance.bound;
        let norm = 1.0 / ((2.0 * PI).sqrt() * libm::erf(bound * FRAC_1_SQRT_2));
        let replaced = &*REPLACED;
        for (bin, moments) in filled {
            let Bin { centre, half_width, .. } = self.bins[bin];
            let series = moments.series(half_width / self.sigma, norm, replaced);
            let (scale, rate) = (1.0 / (bound * self.sigma), moments.0[0]);
            with_terms!(&exceedance.remainder, terms =>
                Cluster { terms, bound, scale, centre, rate, series, levels, sums: &mut *sums }.vectorised());
        }
    }
}

impl Moments {
    /// Add a context at a place of the bin.
    #[inline(always)]
    pub fn add(&mut self, rate: f64, place: f64) {
        let (square, fourth) = (place * place, (place * place) * (place * place));
        let low = [rate, rate * place, rate * square, rate * place * square];
        let mut k = 0;
        while k < KEPT / 2 {
            self.0[k] += low[k];
            self.0[k + KEPT / 2] += low[k] * fourth;
            k += 1;
        }
    }

    /// The polynomial of x that makes the sum of the series, but for its first term, times exp(-x^2 / 2): by powers of x, lowest
    /// first. `half_width` is in standard deviations.
    fn series(&self, half_width: f64, norm: f64, replaced: &[[f64; KEPT]; USED - KEPT]) -> [f64; USED - 1] {
        let mut polynomial = [0.0; USED - 1];
        let mut factor = norm;
        for order in 1..USED {
            factor *= half_width / order as f64;
            let moment = match self.0.get(order) {
                Some(moment) => *moment,
                None => {
                    let replaced = &replaced[order - KEPT];
                    (order % 2..KEPT).step_by(2).map(|k| replaced[k] * self.0[k]).sum()
                }
            };
            let term = factor * moment;
            // a polynomial of Hermite has every other power
            for k in (1 - order % 2..order).step_by(2) {
                polynomial[k] += term * HERMITE[order - 1][k];
            }
        }
        polynomial
    }
}

/// The contexts of a bin.
struct Cluster<'a, const N: usize> {
    terms: &'a [f64; N],
    bound: f64,
    /// One over the standard deviation times the bound.
    scale: f64,
    centre: f64,
    /// The sum of their rates.
    rate: f64,
    series: [f64; USED - 1],
    levels: &'a PaddedLevels,
    sums: &'a mut [f64],
}

impl<const N: usize> Vectorised for Cluster<'_, N> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        let Cluster { terms, bound, scale, centre, rate, series, levels, sums } = self;
        for (block, levels) in levels.blocks().iter().enumerate() {
            // levels ascend
            if (levels[0] - centre) * scale >= 1.0 {
                break;
            }
            let sums = &mut sums[block * LANES..];
            if (levels[LANES - 1] - centre) * scale <= -1.0 {
                // no block that is not whole
                add_to_block(sums, rate);
                continue;
            }
            let mut rates = [0.0; LANES];
            for k in 0..LANES {
                let t = (levels[k] - centre) * scale;
                let x = t.clamp(-1.0, 1.0) * bound;
                let mut rest = series[USED - 2];
                let mut order = USED - 2;
                while order > 0 {
                    order -= 1;
                    rest = rest.mul_add(x, series[order]);
                }
                let inside = if t.abs() < 1.0 { rest } else { 0.0 };
                // next to where a level is cut the series may miss 0 by its error
                rates[k] = rate.mul_add(tail(terms, t), exp(-0.5 * x * x) * inside).max(0.0);
            }
            for k in 0..sums.len().min(LANES) {
                sums[k] += rates[k];
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vector::Instructions;

    const TRUNCATIONS: [f64; 8] = [0.01, 0.5, 1.0, 2.0, 3.0, 4.5, 6.0, 99.0];

    /// Rates of so many levels: with the moments of bins, and context by context.
    fn both(levels: &[f64], truncation: f64, sigma: f64, contexts: &[(f64, f64)]) -> (Vec<f64>, Vec<f64>) {
        let (padded, exceedance) = (PaddedLevels::new(levels), Exceedance::new(truncation));
        let bins = Bins::new(&padded, &exceedance, sigma).unwrap();
        let mut moments = vec![Moments::default(); bins.len()];
        for &(mean, rate) in contexts {
            if let Some((bin, place)) = bins.place(mean) {
                assert!(bin == 0 || bins.bins[bin - 1].end <= mean);
                assert!(mean < bins.bins[bin].end && (-1.0..=1.0).contains(&place));
                moments[bin].add(rate, place);
            }
        }
        let (mut found, mut expected) = (vec![0.0; levels.len()], vec![0.0; levels.len()]);
        let filled = moments.iter().enumerate().filter(|(_, moments)| moments.0[0] > 0.0);
        bins.accumulate(&exceedance, &padded, filled, &mut found);
        for &(mean, rate) in contexts {
            exceedance.accumulate_one(&padded, (mean, sigma), rate, &mut expected);
        }
        (found, expected)
    }

    /// Levels as jobs have them: equal steps of logarithms, other steps, one alone.
    fn scales() -> [Vec<f64>; 4] {
        [
            (0..45).map(|i| -5.3 + 0.1376 * f64::from(i)).collect(),
            (0..20).map(|i| -5.3 + 0.3187 * f64::from(i)).collect(),
            [2.0f64, 4.0, 6.0, 8.0, 11.0, 20.0, 35.0, 60.0, 100.0, 300.0].map(f64::ln).to_vec(),
            vec![-2.0],
        ]
    }

    #[test]
    fn the_moments_of_contexts_give_what_each_of_them_gives() {
        for truncation in TRUNCATIONS {
            for levels in scales() {
                for sigma in [0.3, 0.5642, 1.2] {
                    let spread = |i: u32| (-9.0 + 0.0173 * f64::from(i), 1e-4 * (1.0 + f64::from(i % 7)));
                    let contexts: Vec<_> = (0..900).map(spread).collect();
                    let (found, expected) = both(&levels, truncation, sigma, &contexts);
                    for (found, expected) in found.iter().zip(&expected) {
                        let error = (found - expected).abs();
                        assert!(error < 1e-9 * expected + 1e-15, "{truncation} {sigma}: {found} {expected}");
                    }
                }
            }
        }
    }

    /// One context alone is the hardest: nothing averages its error. It is anywhere, with what is left of rare motion too.
    #[test]
    fn the_error_is_as_small_as_promised_wherever_a_mean_is() {
        let levels: Vec<f64> = (0..20).map(|i| -5.3 + 0.3187 * f64::from(i)).collect();
        for truncation in TRUNCATIONS {
            let mut worst: f64 = 0.0;
            for i in 0..20_000 {
                let mean = -8.0 + 0.000_613 * f64::from(i);
                let (found, expected) = both(&levels, truncation, 0.6, &[(mean, 1.0)]);
                for (found, expected) in found.iter().zip(&expected) {
                    worst = worst.max((found - expected).abs() - 1e-9 * expected);
                }
            }
            assert!(worst < 1e-10, "{truncation}: {worst:e}");
        }
    }

    #[test]
    fn a_mean_at_a_cut_or_beyond_all_levels_is_in_its_bin() {
        let levels: Vec<f64> = (0..20).map(|i| -5.0 + 0.25 * f64::from(i)).collect();
        // steps of levels that divide the reach: cuts of different levels meet
        let contexts: Vec<_> = (0..60).map(|i| (-8.0 + 0.25 * f64::from(i), 1.0)).collect();
        for truncation in TRUNCATIONS {
            let (found, expected) = both(&levels, truncation, 0.5, &contexts);
            assert!(found.iter().zip(&expected).all(|(a, b)| (a - b).abs() < 1e-9 * b), "{found:?} {expected:?}");
        }
        let (found, _) = both(&levels, 3.0, 0.5, &[(90.0, 2.0), (-90.0, 2.0)]);
        assert_eq!(found, vec![2.0; levels.len()]);
    }

    #[test]
    fn no_bins_are_made_of_a_step_nor_more_than_pay() {
        let levels = PaddedLevels::new(&[-5.0, 0.0]);
        assert!(Bins::new(&levels, &Exceedance::new(0.0), 0.5).is_none());
        assert!(Bins::new(&levels, &Exceedance::new(3.0), 0.0).is_none());
        assert!(Bins::new(&levels, &Exceedance::new(3.0), 1e-3).is_none());
        assert!(Bins::new(&levels, &Exceedance::new(3.0), 0.5).is_some());
    }

    #[test]
    fn every_set_of_instructions_gives_the_same_bits() {
        let (levels, exceedance) = (PaddedLevels::new(&scales()[0]), Exceedance::new(3.0));
        let sums = |set: Instructions| {
            let mut sums = vec![0.5; 45];
            let moments = Moments([1.0, 0.3, 0.4, 0.2, 0.3, 0.1, 0.2, 0.1]);
            let (bound, scale, series) = (3.0, 1.0 / 1.7, moments.series(0.2, 0.4, &REPLACED));
            let (centre, rate, levels) = (-3.0, 1.0, &levels);
            with_terms!(&exceedance.remainder, terms =>
                Cluster { terms, bound, scale, centre, rate, series, levels, sums: &mut sums }.with(set));
            sums
        };
        let plain = sums(Instructions::Plain);
        for set in Instructions::ALL.into_iter().filter(|set| set.are_here()) {
            assert!(sums(set) == plain, "{set:?}");
        }
    }
}
