//! Random numbers and draws as numpy makes them, so that the engine's seeds give the engine's realizations.

use rand_mt::Mt;

use crate::job::SamplingMethod;

/// `rows` × `cols` numbers in [0, 1), row-major: numpy's legacy `RandomState(seed).uniform`, on a Latin hypercube where
/// the method says so.
pub fn random(rows: usize, cols: usize, seed: u32, method: SamplingMethod) -> Vec<f64> {
    let mut generator = Mt::new(seed);
    let mut numbers: Vec<f64> = (0..rows * cols).map(|_| uniform(&mut generator)).collect();
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

/// A double with 53 random bits (Matsumoto and Nishimura's `genrand_res53`).
fn uniform(generator: &mut Mt) -> f64 {
    let (a, b) = (generator.next_u32() >> 5, generator.next_u32() >> 6);
    (f64::from(a) * 67_108_864.0 + f64::from(b)) / 9_007_199_254_740_992.0
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
    use super::*;

    #[test]
    fn numpys_numbers() {
        // numpy.random.seed(42); numpy.random.uniform(size=3)
        let expected = [0.3745401188473625, 0.9507143064099162, 0.7319939418114051];
        assert_eq!(random(3, 1, 42, SamplingMethod::EarlyWeights), expected);
    }

    #[test]
    fn latin_samples_fill_every_stratum() {
        let numbers = random(10, 2, 7, SamplingMethod::EarlyLatin);
        for col in 0..2 {
            let mut strata: Vec<usize> = (0..10).map(|row| (numbers[row * 2 + col] * 10.0) as usize).collect();
            strata.sort();
            assert_eq!(strata, (0..10).collect::<Vec<_>>());
        }
    }

    #[test]
    fn draws_by_weight_and_evenly() {
        let draws = |method| [0.05, 0.3, 0.9].map(|x| draw(&[0.1, 0.7, 0.2], x, method));
        assert_eq!(draws(SamplingMethod::EarlyWeights), [0, 1, 2]);
        assert_eq!(draws(SamplingMethod::LateWeights), [0, 0, 2]);
    }
}
