//! Adjustments of published models to a region: a factor to its ground, a correction for small magnitudes, and the standard
//! deviation of single stations in place of that within events.
//!
//! Edwards B., Cauzzi C., Danciu L., Fäh D., 2016. Region-specific assessment, adjustment, and weighting of
//! ground-motion prediction models: application to the 2015 Swiss Seismic Hazard Maps. Bulletin of the Seismological
//! Society of America 106(4), 1840-1857, doi:10.1785/0120150367. Single-station standard deviations after
//! Rodriguez-Marek et al. (2013), doi:10.1785/0120130030.

use std::sync::LazyLock;

use super::batch::Estimate;
use super::coeffs::{Table, coefficients};
use super::{GsimError, Imt, ModelInfo};
use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;

coefficients! {
    /// Small-magnitude correction (`a1` to `rm`) and single-station standard deviation.
    pub(in crate::gsim) struct Adjustment { a1, a2, b1, b2, rm, phi_11, phi_21, c2, mean_phi_ss, rc11, rc21 }
}

coefficients! {
    /// Single-station standard deviation within events.
    pub(in crate::gsim) struct SingleStation { phi_11, phi_21, c2, mean_phi_ss, rc11, rc21 }
}

impl SingleStation {
    /// The mean of one that depends on magnitude and distance (km) and one that does not.
    #[inline(always)]
    pub(in crate::gsim) fn phi_ss(&self, mag: f64, distance: f64) -> f64 {
        const MAG: [f64; 2] = [5.0, 7.0];
        let small = self.phi_11 + (self.phi_21 - self.phi_11) * ramp(distance, [self.rc11, self.rc21]);
        let dependent = small + (self.c2 - small) * ramp(mag, MAG);
        0.5 * (dependent + self.mean_phi_ss)
    }
}

/// How a model is adjusted.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct Adjusted {
    /// The `vs30` for which the model is computed, m/s.
    pub(in crate::gsim) vs30: f64,
    pub(in crate::gsim) table: &'static LazyLock<Table<Adjustment>>,
    /// The factor to the rock of the region and its attenuation near the site (kappa).
    pub(in crate::gsim) factor: fn(&Imt) -> f64,
}

impl Adjusted {
    /// Whether the adjustment is defined for an intensity measure.
    pub(in crate::gsim) fn check(&self, info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        self.table.check(info, imt)?;
        // between two periods there may be some for which the correction is no number
        if self.table.at(imt).is_defined() { Ok(()) } else { Err(info.not_defined(imt)) }
    }

    /// The adjustment of an intensity measure that has passed [`Adjusted::check`].
    pub(in crate::gsim) fn at(&self, imt: &Imt) -> OfImt {
        OfImt { adjustment: self.table.at(imt), ln_factor: scalar::ln((self.factor)(imt)) }
    }
}

/// The adjustment of one intensity measure.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct OfImt {
    adjustment: Adjustment,
    ln_factor: f64,
}

impl OfImt {
    /// What is made of a model's ln-mean and of the standard deviation between events, at a distance in km.
    #[inline(always)]
    pub(in crate::gsim) fn estimate(&self, mean: f64, tau: f64, mag: f64, distance: f64) -> Estimate {
        let mean = mean + self.ln_factor + self.adjustment.ln_small_magnitude(mag, distance);
        let phi = self.adjustment.phi_ss(mag, distance);
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

impl Adjustment {
    /// Whether the small-magnitude correction is a number for every magnitude: not the fractional power of a negative.
    fn is_defined(&self) -> bool {
        self.a1 > 0.0 || self.a2 == 1.0
    }

    /// What is added to the ln-mean for magnitudes of 3 to 5.5, at a distance in km.
    #[inline(always)]
    fn ln_small_magnitude(&self, mag: f64, distance: f64) -> f64 {
        let ln_distance = ln(distance.min(self.rm).max(10.0) / 20.0);
        let ratio = (5.5 - mag) / self.a1;
        let growth = if self.a2 == 1.0 { ratio } else { exp(self.a2 * ln(ratio)) };
        if (3.0..5.5).contains(&mag) { -growth * (self.b1 + self.b2 * ln_distance) } else { 0.0 }
    }

    /// The single-station within-event standard deviation.
    #[inline(always)]
    fn phi_ss(&self, mag: f64, distance: f64) -> f64 {
        let Adjustment { phi_11, phi_21, c2, mean_phi_ss, rc11, rc21, .. } = *self;
        SingleStation { phi_11, phi_21, c2, mean_phi_ss, rc11, rc21 }.phi_ss(mag, distance)
    }
}

/// From 0 at the first to 1 at the second bound, constant beyond.
#[inline(always)]
fn ramp(x: f64, [from, to]: [f64; 2]) -> f64 {
    ((x - from) / (to - from)).clamp(0.0, 1.0)
}
