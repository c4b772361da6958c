//! Statistics over realizations: mean, standard deviation, quantiles, maximum.

use crate::job::Params;

/// A statistic over realizations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// The weighted mean.
    Mean,
    /// The weighted standard deviation.
    Std,
    /// The value that this share of the weight does not exceed.
    Quantile(f64),
    /// The largest value.
    Max,
}

impl Statistic {
    /// The statistics that a job asks for, in the engine's order.
    pub fn of(params: &Params) -> Vec<Statistic> {
        let mut out = Vec::new();
        if params.mean {
            out.push(Statistic::Mean);
        }
        if params.std {
            out.push(Statistic::Std);
        }
        out.extend(params.quantiles.iter().map(|&q| Statistic::Quantile(q)));
        if params.max {
            out.push(Statistic::Max);
        }
        out
    }

    /// The engine's name: `mean`, `quantile-0.15`.
    pub fn name(&self) -> String {
        match self {
            Statistic::Mean => "mean".to_string(),
            Statistic::Std => "std".to_string(),
            // Python writes 1.0 and 0.5, as Rust's debug format does
            Statistic::Quantile(q) => format!("quantile-{q:?}"),
            Statistic::Max => "max".to_string(),
        }
    }

    /// The statistic of each column of `values` (R, L) by the weights (R,), put into `out` (L,).
    pub fn compute(&self, values: &[f64], weights: &[f64], out: &mut [f64]) {
        match self {
            Statistic::Mean => mean(values, weights, out),
            Statistic::Std => std(values, weights, out),
            Statistic::Quantile(q) => quantile(*q, values, weights, out),
            Statistic::Max => {
                out.fill(f64::NEG_INFINITY);
                for row in values.chunks(out.len()) {
                    out.iter_mut().zip(row).for_each(|(m, &v)| *m = m.max(v));
                }
            }
        }
    }
}

fn mean(values: &[f64], weights: &[f64], out: &mut [f64]) {
    out.fill(0.0);
    for (row, &weight) in values.chunks(out.len()).zip(weights) {
        out.iter_mut().zip(row).for_each(|(sum, &v)| *sum += weight * v);
    }
    let total: f64 = weights.iter().sum();
    out.iter_mut().for_each(|sum| *sum /= total);
}

fn std(values: &[f64], weights: &[f64], out: &mut [f64]) {
    let mut means = vec![0.0; out.len()];
    mean(values, weights, &mut means);
    out.fill(0.0);
    for (row, &weight) in values.chunks(out.len()).zip(weights) {
        for ((sum, &v), &m) in out.iter_mut().zip(row).zip(&means) {
            *sum += weight * (m - v) * (m - v);
        }
    }
    out.iter_mut().for_each(|sum| *sum = sum.sqrt());
}

/// By linear interpolation of the cumulative weights of the sorted values (engine behaviour, `quantile_curve`).
///
/// Values count in single precision, as they are stored, and equal ones are sorted by ascending weight. Where a branch of a
/// logic tree does not matter at a site, realizations differ in the last bits of a double alone: these must not decide between
/// which values to interpolate. Where levels are far apart that changes a quantile by tens of percent.
fn quantile(q: f64, values: &[f64], weights: &[f64], out: &mut [f64]) {
    let levels = out.len();
    let mut sorted: Vec<(f64, f64)> = Vec::with_capacity(weights.len());
    for (l, result) in out.iter_mut().enumerate() {
        sorted.clear();
        sorted.extend(weights.iter().enumerate().map(|(r, &w)| (f64::from(values[r * levels + l] as f32), w)));
        // equal values by weight: numpy sorts the records of the engine so, and it decides between which to interpolate
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let (mut before, mut cumulative) = ((0.0, f64::NAN), 0.0); // (cumulative weight, value)
        *result = sorted.last().map_or(0.0, |s| s.0);
        for (i, &(value, weight)) in sorted.iter().enumerate() {
            cumulative += weight;
            if q <= cumulative {
                let share = (q - before.0) / (cumulative - before.0);
                *result = if i == 0 { value } else { before.1 + (value - before.1) * share };
                break;
            }
            before = (cumulative, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(statistic: Statistic, values: &[f64], weights: &[f64]) -> f64 {
        let mut out = [0.0];
        statistic.compute(values, weights, &mut out);
        out[0]
    }

    #[test]
    fn as_the_engine_documents_quantiles() {
        let values = [0.15, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 0.8, 0.9];
        // values are in single precision
        let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-7, "{found} {expected}");
        close(of(Statistic::Quantile(0.8), &values, &[1.0 / 9.0; 9]), 0.76);
        close(of(Statistic::Quantile(0.85), &[0.15; 3], &[1.0 / 3.0; 3]), 0.15);
        close(of(Statistic::Quantile(0.01), &values, &[1.0 / 9.0; 9]), 0.15);
    }

    #[test]
    fn equal_values_count_the_light_one_first() {
        let of = |weights: &[f64]| of(Statistic::Quantile(0.65), &[1.0, 3.0, 3.0], weights);
        // from 1 at 0.6 to 3 at 0.7, whichever of the equal realizations is named first
        assert!((of(&[0.6, 0.3, 0.1]) - 2.0).abs() < 1e-12 && (of(&[0.6, 0.1, 0.3]) - 2.0).abs() < 1e-12);
    }

    #[test]
    fn values_that_are_equal_as_stored_are_equal() {
        // two branches that do not matter and differ by a bit, whichever way round
        let median = |a: f64, b: f64| of(Statistic::Quantile(0.5), &[a, b, 0.2], &[0.3, 0.15, 0.55]);
        let above = f64::from_bits(0.1f64.to_bits() + 1);
        assert_eq!(median(0.1, above), median(above, 0.1));
        assert_eq!(median(0.1, above), median(0.1, 0.1));
    }

    #[test]
    fn weighted_mean_and_deviation() {
        assert_eq!(of(Statistic::Mean, &[1.0, 5.0], &[0.75, 0.25]), 2.0);
        assert_eq!(of(Statistic::Std, &[1.0, 5.0], &[0.75, 0.25]), 3f64.sqrt());
        assert_eq!(of(Statistic::Max, &[1.0, 5.0], &[0.75, 0.25]), 5.0);
    }

    #[test]
    fn names() {
        assert_eq!(Statistic::Quantile(0.05).name(), "quantile-0.05");
        assert_eq!(Statistic::Quantile(1.0).name(), "quantile-1.0");
    }
}
