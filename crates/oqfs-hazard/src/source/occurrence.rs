//! How often ruptures occur, and how they depend on each other.

use crate::elementary::scalar::{exp, powf};
use std::sync::Arc;

/// How often a rupture occurs.
#[derive(Clone, Debug, PartialEq)]
pub enum Occurrence {
    /// So many times a year, as a Poisson process.
    Rate(f64),
    /// So many times in the investigation time, each with its probability.
    Counts(Arc<Counts>),
}

/// The numbers of occurrences of a rupture in the investigation time.
#[derive(Clone, Debug, PartialEq)]
pub struct Counts {
    /// The probability of no occurrence, one, two, ...
    pub probabilities: Vec<f64>,
    /// The share of the rupture where those of a source exclude each other.
    pub weight: f64,
}

impl Occurrence {
    /// By the probabilities of no occurrence, one, two, ...
    pub fn counts(probabilities: &[f64], weight: f64) -> Occurrence {
        Occurrence::Counts(Arc::new(Counts { probabilities: probabilities.to_vec(), weight }))
    }

    /// The probability that a level is not exceeded in `time` years, which each occurrence exceeds with the probability
    /// `poe`.
    pub fn no_exceedance(&self, poe: f64, time: f64) -> f64 {
        match self {
            Occurrence::Rate(rate) => exp(-rate * time * poe),
            Occurrence::Counts(counts) => {
                let mut power = 1.0;
                let mut sum = 0.0;
                for probability in &counts.probabilities {
                    sum += probability * power;
                    power *= 1.0 - poe;
                }
                sum.clamp(0.0, 1.0)
            }
        }
    }

    /// The mean number of occurrences in a year, of `time` years that the numbers are for.
    pub fn annual_rate(&self, time: f64) -> f64 {
        match self {
            Occurrence::Rate(rate) => *rate,
            Occurrence::Counts(counts) => {
                let weighted = counts.probabilities.iter().enumerate().map(|(number, p)| number as f64 * p);
                weighted.sum::<f64>() / time
            }
        }
    }

    /// The share of the rupture where those of a source exclude each other.
    pub fn weight(&self) -> f64 {
        match self {
            Occurrence::Rate(_) => 1.0,
            Occurrence::Counts(counts) => counts.weight,
        }
    }
}

/// The temporal occurrence model of a source.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Tom {
    /// Poisson processes.
    #[default]
    Poisson,
    /// Numbers of occurrences have a negative binomial distribution with this dispersion: Kagan and Jackson, 2010, GJI 180,
    /// 1-18, doi:10.1111/j.1365-246X.2009.04409.x. The mean of a rupture is its rate.
    NegativeBinomial {
        /// Variance over squared mean, less that of a Poisson process.
        dispersion: f64,
    },
}

/// Probabilities of more occurrences than this together are left out.
const NEGLIGIBLE: f64 = 1e-14;

/// So many numbers of occurrences count at least.
const FEWEST: usize = 4;

impl Tom {
    /// How often a rupture of this annual rate occurs in `time` years.
    pub fn occurrence(self, rate: f64, time: f64) -> Occurrence {
        let Tom::NegativeBinomial { dispersion } = self else { return Occurrence::Rate(rate) };
        let tau = 1.0 / dispersion;
        let theta = tau / (tau + rate * time);
        let mut probabilities = Vec::new();
        let (mut probability, mut total) = (powf(theta, tau), 0.0);
        while probabilities.len() < FEWEST || (total < 1.0 - NEGLIGIBLE && probability > 0.0) {
            probabilities.push(probability);
            total += probability;
            let k = probabilities.len() as f64;
            probability *= (k - 1.0 + tau) / k * (1.0 - theta);
        }
        Occurrence::counts(&probabilities, 1.0)
    }
}

/// How the members of a group of sources depend on each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependence {
    /// Which group: the file and its place there.
    pub group: (String, usize),
    /// Whether only one of the sources is the case.
    pub sources_exclude: bool,
    /// Whether only one of the ruptures of a source is the case.
    pub ruptures_exclude: bool,
    /// The probability of the group.
    pub probability: f64,
    /// The annual rate of the cluster, where all sources occur together.
    pub cluster: Option<f64>,
}

/// A source's part in a group whose members depend on each other.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupMember {
    /// The group's rule.
    pub rule: Arc<Dependence>,
    /// The probability of the source, where sources exclude each other.
    pub weight: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listed_counts_and_rates_agree_where_they_say_the_same() {
        let (rate, time) = (0.01f64, 50.0);
        let mut probabilities = vec![(-rate * time).exp()];
        for k in 1..30 {
            probabilities.push(probabilities[k - 1] * rate * time / k as f64);
        }
        let listed = Occurrence::counts(&probabilities, 1.0);
        for poe in [0.0, 1e-3, 0.2, 1.0] {
            let expected = Occurrence::Rate(rate).no_exceedance(poe, time);
            assert!((listed.no_exceedance(poe, time) - expected).abs() < 1e-12, "{poe}");
        }
    }

    #[test]
    fn a_negative_binomial_has_its_mean_and_dispersion() {
        let Occurrence::Counts(counts) = Tom::NegativeBinomial { dispersion: 0.5 }.occurrence(0.04, 50.0) else {
            panic!()
        };
        let moment = |n: i32| counts.probabilities.iter().enumerate().map(|(k, p)| (k as f64).powi(n) * p).sum::<f64>();
        assert!((moment(0) - 1.0).abs() < 1e-12 && (moment(1) - 2.0).abs() < 1e-9);
        assert!((moment(2) - 4.0 - (2.0 + 0.5 * 4.0)).abs() < 1e-8);
        assert!((Occurrence::Counts(counts.clone()).annual_rate(50.0) - 0.04).abs() < 1e-10);
        assert_eq!(Tom::Poisson.occurrence(0.04, 50.0), Occurrence::Rate(0.04));
    }
}
