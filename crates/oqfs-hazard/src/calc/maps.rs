//! Hazard maps: the ground motion that is exceeded with a given probability.

use crate::elementary::branchless::ln;
use crate::elementary::scalar::exp;
use crate::vector::Vectorised;

/// Probabilities below this count as this, so that they have a logarithm.
const LEAST: f64 = 1e-30;

/// The level at which a curve has each of `poes`, put into `out`; 0 where the curve stays below the probability.
///
/// Levels and probabilities are interpolated by their logarithms; beyond the last level it is the last (engine
/// behaviour, `compute_hazard_maps`). The curve does not increase; `log_levels` are ascending logarithms.
pub fn hazard_map(curve: &[f32], log_levels: &[f64], log_poes: &[f64], out: &mut [f32]) {
    each_level(curve, log_levels, log_poes, |i, level| out[i] = level as f32);
}

/// The same in double precision.
pub fn levels_at(curve: &[f32], log_levels: &[f64], log_poes: &[f64]) -> Vec<f64> {
    let mut levels = vec![0.0; log_poes.len()];
    each_level(curve, log_levels, log_poes, |i, level| levels[i] = level);
    levels
}

fn each_level(curve: &[f32], log_levels: &[f64], log_poes: &[f64], mut put: impl FnMut(usize, f64)) {
    let mut log_curve = vec![0.0; curve.len()];
    Logarithms { of: curve, out: &mut log_curve }.vectorised();
    for (i, &log_poe) in log_poes.iter().enumerate() {
        let never = log_curve.first().is_none_or(|&first| log_poe > first);
        put(i, if never { 0.0 } else { exp(level_at(&log_curve, log_levels, log_poe)) });
    }
}

/// The logarithms of probabilities.
struct Logarithms<'a> {
    of: &'a [f32],
    out: &'a mut [f64],
}

impl Vectorised for Logarithms<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.out.iter_mut().zip(self.of).for_each(|(out, &p)| *out = ln(f64::from(p).max(LEAST)));
    }
}

/// Interpolate the level at a probability that the curve has: on the first interval that descends to it.
fn level_at(log_curve: &[f64], log_levels: &[f64], log_poe: f64) -> f64 {
    match log_curve.iter().position(|&p| p <= log_poe) {
        None => log_levels[log_levels.len() - 1],
        Some(0) => log_levels[0],
        Some(i) => {
            let (low, high) = (log_curve[i], log_curve[i - 1]);
            log_levels[i] + (log_levels[i - 1] - log_levels[i]) * (log_poe - low) / (high - low)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_levels_beyond_and_below() {
        let levels = [0.1f64, 0.2, 0.4].map(f64::ln);
        let mut out = [0.0; 4];
        let poes = [0.9, 0.5, 0.05, 0.001].map(|p: f64| p.ln());
        hazard_map(&[0.5, 0.1, 0.01], &levels, &poes, &mut out);
        assert_eq!(out[0], 0.0); // never that probable
        assert!((out[1] - 0.1).abs() < 1e-7);
        let share = (0.05f64 / 0.1).ln() / (0.01f64 / 0.1).ln();
        assert!((f64::from(out[2]) - 0.2 * 2f64.powf(share)).abs() < 1e-7);
        assert!((out[3] - 0.4).abs() < 1e-7);
    }

    #[test]
    fn a_zero_curve_has_no_map() {
        let mut out = [1.0];
        hazard_map(&[0.0, 0.0], &[0.0, 1.0], &[0.1f64.ln()], &mut out);
        assert_eq!(out, [0.0]);
    }
}
