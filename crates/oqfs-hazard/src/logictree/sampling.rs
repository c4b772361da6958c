//! Draws as the engine makes them of numpy's random numbers, so that its seeds give its realizations.

use super::compose::Sampling;
use crate::job::SamplingMethod;

/// `rows` × `cols` numbers in [0, 1), row-major, on a Latin hypercube where the method says so. The rows are as many as the
/// samples; `tree` counts the trees that are drawn from: each has the seed after that of the one before.
pub fn random(sampling: Sampling, cols: usize, tree: SampledTree) -> Vec<f64> {
    let Sampling { samples: rows, seed, method, generator } = sampling;
    let mut next = generator.numbers(u64::from(seed) + tree as u64);
    let mut numbers: Vec<f64> = (0..rows * cols).map(|_| next()).collect();
    if matches!(method, SamplingMethod::EarlyLatin | SamplingMethod::LateLatin) {
        for col in 0..cols {
            let column: Vec<f64> = (0..rows).map(|row| numbers[row * cols + col]).collect();
            let mut order: Vec<usize> = (0..rows).collect();
            order.sort_by(|&a, &b| column[a].total_cmp(&column[b]));
            for row in 0..rows {
                numbers[row * cols + col] = (order[row] as f64 + column[row]) / rows as f64;
            }
        }
    }
    numbers
}

/// Which tree is drawn from: its place among the seeds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampledTree {
    /// That of the source models, with the seed of the job.
    SourceModels = 0,
    /// That of the ground-motion models, with the next one.
    Gsims = 1,
}

/// The branch that a random number falls on: by cumulative weight, or evenly for the late methods.
pub fn draw(weights: &[f64], x: f64, method: SamplingMethod) -> usize {
    let n = weights.len();
    let early = matches!(method, SamplingMethod::EarlyWeights | SamplingMethod::EarlyLatin);
    let mut total = 0.0;
    let found = weights.iter().enumerate().position(|(i, w)| {
        total = if early { total + w } else { (i + 1) as f64 / n as f64 };
        x <= total
    });
    found.unwrap_or(n.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::super::Generator;
    use super::*;

    fn five(method: SamplingMethod) -> Sampling {
        Sampling { samples: 5, seed: 42, method, generator: Generator::Pcg64 }
    }

    #[test]
    fn rows_come_one_after_the_other() {
        // numpy.random.default_rng(42).uniform(size=(5, 2)); the next seed for the other tree
        let numbers = random(five(SamplingMethod::EarlyWeights), 2, SampledTree::SourceModels);
        assert_eq!(numbers[..4], [0.7739560485559633, 0.4388784397520523, 0.8585979199113825, 0.6973680290593639]);
        assert_eq!(random(five(SamplingMethod::LateWeights), 1, SampledTree::Gsims)[0], 0.6522992627009107);
    }

    #[test]
    fn the_engines_latin_hypercube() {
        // openquake.hazardlib.lt.random((5, 2), 42, 'early_latin') of 3.26.2
        let expected = [
            [0.5547912097111927, 0.08777568795041046],
            [0.9717195839822764, 0.9394736058118728],
            [0.6188354695775299, 0.3951244703273512],
            [0.15222794039807058, 0.7572128610553908],
            [0.22562272653510917, 0.49007718757911345],
        ];
        assert_eq!(random(five(SamplingMethod::EarlyLatin), 2, SampledTree::SourceModels), expected.concat());
    }

    #[test]
    fn draws_by_weight_and_evenly() {
        let draws = |method| [0.05, 0.3, 0.9].map(|x| draw(&[0.1, 0.7, 0.2], x, method));
        assert_eq!(draws(SamplingMethod::EarlyWeights), [0, 1, 2]);
        assert_eq!(draws(SamplingMethod::LateWeights), [0, 0, 2]);
    }
}
