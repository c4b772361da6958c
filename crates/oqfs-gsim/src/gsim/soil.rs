//! Amplification by soil that yields: the more, the stronger the motion of the rock below it. The form that the models
//! of BC Hydro and of NGA-Subduction share, after
//!
//! Walling M., Silva W., Abrahamson N., 2008. Nonlinear site amplification factors for constraining the NGA models.
//! Earthquake Spectra 24(1), 243-255, doi:10.1193/1.2934350.

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;

const N: f64 = 1.18;
const C: f64 = 1.88;

/// The coefficients of one intensity measure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Soil {
    /// Of the logarithm of `vs30`, whatever the motion.
    pub(super) linear: f64,
    /// Of the part that depends on the motion.
    pub(super) b: f64,
    /// The `vs30` below which soil yields, m/s.
    pub(super) vlin: f64,
}

impl Soil {
    /// What is added to the ln-mean at `vs30`, m/s; `pga` is that on rock, g.
    #[inline(always)]
    pub(super) fn ln_amplification(&self, vs30: f64, pga: f64) -> f64 {
        self.ln_amplification_up_to(f64::INFINITY, vs30, pga)
    }

    /// The same, where ground harder than `hardest` amplifies as that, and yields if its own `vs30` is below `vlin`.
    #[inline(always)]
    pub(super) fn ln_amplification_up_to(&self, hardest: f64, vs30: f64, pga: f64) -> f64 {
        let ln_ratio = ln(vs30.min(hardest) / self.vlin);
        let stiff = self.b * N * ln_ratio;
        let soft = self.b * (ln(pga + C * exp(N * ln_ratio)) - ln(pga + C));
        self.linear * ln_ratio + if vs30 >= self.vlin { stiff } else { soft }
    }

    /// The same on ground that does not yield.
    pub(super) fn ln_amplification_of_rock(&self, vs30: f64) -> f64 {
        (self.linear + self.b * N) * scalar::ln(vs30 / self.vlin)
    }

    /// How it changes with the logarithm of `pga`; 0 on ground that does not yield.
    #[inline(always)]
    pub(super) fn derivative(&self, vs30: f64, pga: f64) -> f64 {
        let softness = C * exp(N * ln(vs30 / self.vlin));
        let change = self.b * pga * (1.0 / (pga + softness) - 1.0 / (pga + C));
        if vs30 < self.vlin { change } else { 0.0 }
    }
}

/// The variance of motion on soil of motion on rock: `variance` without yielding, `amplified` and `pga` the standard
/// deviations of the measure and of `PGA` on rock, `rho` their correlation.
#[inline(always)]
pub(super) fn softened(variance: f64, derivative: f64, pga: f64, amplified: f64, rho: f64) -> f64 {
    let added = derivative * pga;
    variance + added * added + 2.0 * added * amplified * rho
}
