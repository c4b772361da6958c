//! How the probability of exceedance of a level is shared by bins of epsilon.
//!
//! Motion that exceeds a level which is `x` standard deviations above its mean has an epsilon above `x`: it belongs to the upper part of
//! the bin of `x`, and to all bins above that. With epsilon* the whole probability is in the bin of `x` (Bazzurro and Cornell, 1999,
//! Disaggregation of seismic hazard, Bulletin of the Seismological Society of America 89(2), 501-520).

use super::super::exceedance::Exceedance;

/// Shares probabilities out.
#[derive(Clone, Debug)]
pub struct Epsilon {
    edges: Vec<f64>,
    /// The probability of each bin.
    bands: Vec<f64>,
    /// The probability of each bin with those above it, and 0 behind the last one.
    from: Vec<f64>,
    is_star: bool,
    exceedance: Exceedance,
}

impl Epsilon {
    /// By bins with these edges of a normal distribution with this truncation.
    pub fn new(edges: &[f64], truncation: f64, is_star: bool) -> Epsilon {
        let exceedance = Exceedance::new(truncation);
        let bands: Vec<f64> = edges.windows(2).map(|two| exceedance.of(two[0]) - exceedance.of(two[1])).collect();
        let from = (0..=bands.len()).map(|bin| bands[bin..].iter().sum()).collect();
        Epsilon { edges: edges.to_vec(), bands, from, is_star, exceedance }
    }

    /// How many bins there are.
    pub fn count(&self) -> usize {
        self.bands.len()
    }

    /// Add `weight` times the probability of exceeding a level `x` standard deviations above the mean to its bins.
    pub fn share(&self, x: f64, weight: f64, out: &mut [f64]) {
        let above = self.edges.partition_point(|edge| *edge < x);
        if self.is_star {
            let bin = above.checked_sub(1).filter(|_| x < self.edges[self.count()]);
            if let Some(out) = bin.and_then(|bin| out.get_mut(bin)) {
                *out += weight * self.exceedance.of(x);
            }
            return;
        }
        if let Some(inside) = above.checked_sub(1).and_then(|bin| out.get_mut(bin)) {
            *inside += weight * (self.exceedance.of(x) - self.from[above]);
        }
        out.iter_mut().zip(&self.bands).skip(above).for_each(|(out, band)| *out += weight * band);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares(epsilon: &Epsilon, x: f64) -> Vec<f64> {
        let mut out = vec![0.0; epsilon.count()];
        epsilon.share(x, 2.0, &mut out);
        out
    }

    #[test]
    fn what_is_shared_is_the_whole() {
        let epsilon = Epsilon::new(&[-3.0, -1.0, 1.0, 3.0], 3.0, false);
        let exceedance = Exceedance::new(3.0);
        for x in [-5.0, -3.0, -2.9, -1.0, 0.3, 1.0, 2.999, 3.0, 4.0] {
            let sum: f64 = shares(&epsilon, x).iter().sum();
            assert!((sum - 2.0 * exceedance.of(x)).abs() < 1e-14, "{x}: {sum}");
        }
        let of = shares(&epsilon, 0.3);
        assert!(of[0] == 0.0 && of[1] > 0.0 && (of[2] - 2.0 * exceedance.of(1.0)).abs() < 1e-15, "{of:?}");
    }

    #[test]
    fn epsilon_star_is_that_which_takes_the_mean_to_the_level() {
        let epsilon = Epsilon::new(&[-3.0, -1.0, 1.0, 3.0], 3.0, true);
        let all = 2.0 * Exceedance::new(3.0).of(0.3);
        assert_eq!(shares(&epsilon, 0.3), [0.0, all, 0.0]);
        for outside in [-3.5, 3.0, 3.5] {
            assert_eq!(shares(&epsilon, outside), [0.0; 3], "{outside}");
        }
    }
}
