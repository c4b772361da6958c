//! Groups whose members depend on each other: mutually exclusive sources and ruptures, clusters.
//!
//! The whole group is one computation: what its sources give is combined to the probability that no level is exceeded, and
//! that made into rates, so that groups are summed as all others are.

use crate::elementary::scalar::{exp_m1, ln, ln_1p};
use crate::source::{Dependence, Occurrence};

/// How what ruptures give is summed up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sum {
    /// Rates of independent ruptures.
    #[default]
    Rates,
    /// Probabilities of ruptures that exclude each other.
    Probabilities,
    /// Minus logarithms of the probabilities that each rupture, which is there, exceeds no level.
    Certain,
}

impl Sum {
    /// Add what a rupture gives, by the probability that it exceeds each level.
    pub fn add(self, occurrence: &Occurrence, time: f64, poes: &[f64], sums: &mut [f64]) {
        for (sum, &poe) in sums.iter_mut().zip(poes) {
            *sum += match self {
                Sum::Rates => -ln(occurrence.no_exceedance(poe, time)) / time,
                Sum::Probabilities => occurrence.weight() * (1.0 - occurrence.no_exceedance(poe, time)),
                Sum::Certain => -ln_1p(-poe),
            };
        }
    }
}

/// No exceedance is at least as probable as this, the engine's bound.
const LEAST_PROBABLE: f64 = 1.11e-16;

/// Combines the sources of a group.
pub struct Combination<'a> {
    rule: &'a Dependence,
    /// The investigation time, years.
    time: f64,
    /// Probabilities of exceedance so far, as (models) of (T, M, L).
    total: Vec<Vec<f64>>,
}

impl<'a> Combination<'a> {
    /// For a group with `models` arrays of a length.
    pub fn new(rule: &'a Dependence, time: f64, models: usize, length: usize) -> Combination<'a> {
        Combination { rule, time, total: vec![vec![0.0; length]; models] }
    }

    /// Make the arrays longer.
    pub fn grow(&mut self, length: usize) {
        self.total.iter_mut().for_each(|total| total.resize(length, 0.0));
    }

    /// How the ruptures of its sources are summed up.
    pub fn sum(rule: &Dependence) -> Sum {
        match rule {
            Dependence { ruptures_exclude: true, .. } => Sum::Probabilities,
            Dependence { cluster: Some(_), .. } => Sum::Certain,
            _ => Sum::Rates,
        }
    }

    /// Add what the ruptures of a source gave, and set that back to zero.
    pub fn add(&mut self, weight: f64, of_source: &mut [Vec<f64>]) {
        let sum = Combination::sum(self.rule);
        for (total, found) in self.total.iter_mut().zip(of_source) {
            for (p, x) in total.iter_mut().zip(found) {
                let exceeded = match sum {
                    Sum::Rates => -exp_m1(-*x * self.time),
                    Sum::Probabilities => *x,
                    Sum::Certain => -exp_m1(-*x),
                };
                *p = if self.rule.sources_exclude { *p + weight * exceeded } else { *p + exceeded - *p * exceeded };
                *x = 0.0;
            }
        }
    }

    /// Annual rates of the group.
    pub fn rates(mut self) -> Vec<Vec<f64>> {
        let grouped = self.rule.sources_exclude || self.rule.ruptures_exclude;
        for p in self.total.iter_mut().flatten() {
            if grouped {
                *p *= self.rule.probability;
            }
            *p = match self.rule.cluster {
                // the number of clusters is that of a Poisson process
                Some(rate) => rate * *p,
                None => (-ln_1p(-*p)).min(-ln(LEAST_PROBABLE)) / self.time,
            };
        }
        self.total
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule() -> Dependence {
        Dependence {
            group: ("m.xml".into(), 0),
            sources_exclude: false,
            ruptures_exclude: false,
            probability: 1.0,
            cluster: None,
        }
    }

    fn combined(rule: &Dependence, sources: &[(f64, f64)]) -> f64 {
        let mut combination = Combination::new(rule, 50.0, 1, 1);
        for &(weight, x) in sources {
            let mut found = vec![vec![x]];
            combination.add(weight, &mut found);
            assert_eq!(found[0][0], 0.0);
        }
        combination.rates()[0][0]
    }

    #[test]
    fn exclusive_sources_share_one_probability() {
        let rule = Dependence { sources_exclude: true, probability: 0.5, ..rule() };
        let rate = combined(&rule, &[(0.3, 1e-3), (0.7, 2e-3)]);
        let p = |x: f64| 1.0 - (-x * 50.0).exp();
        let expected = 0.5 * (0.3 * p(1e-3) + 0.7 * p(2e-3));
        assert!((1.0 - (-rate * 50.0).exp() - expected).abs() < 1e-15);
    }

    #[test]
    fn a_cluster_exceeds_where_any_of_its_ruptures_does() {
        let rule = Dependence { cluster: Some(0.01), ..rule() };
        let rate = combined(&rule, &[(1.0, -(0.8f64).ln()), (1.0, -(0.5f64).ln())]);
        assert!((rate - 0.01 * (1.0 - 0.8 * 0.5)).abs() < 1e-15);
    }

    #[test]
    fn certain_exceedance_stays_finite() {
        let rule = Dependence { ruptures_exclude: true, ..rule() };
        assert!((combined(&rule, &[(1.0, 1.0)]) * 50.0 - 36.74).abs() < 0.01);
    }
}
