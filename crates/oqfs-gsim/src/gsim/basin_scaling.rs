//! What the hazard model of the United States of 2023 makes of basin terms at long periods: it scales them, as much as the basin is
//! deep, and takes those of southern California from simulations.
//!
//! Moschetti M.P., Aagaard B.T., Ahdi S.K., Altekruse J., Boyd O.S., et al., 2024. The 2023 US National Seismic Hazard Model:
//! ground-motion characterization for the conterminous United States. Earthquake Spectra 40(2), 1158-1190,
//! doi:10.1177/87552930231223995.

use super::arguments::Arguments;
use super::coeffs::{Coefficients, Table};
use super::{GsimError, Imt, ModelInfo};

/// Whether a model scales its basin term.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct BasinScaling(bool);

impl BasinScaling {
    /// None, for models that do not take the argument.
    pub(in crate::gsim) const NONE: BasinScaling = BasinScaling(false);

    /// As the argument `usgs_basin_scaling` says.
    pub(in crate::gsim) fn read(arguments: &mut Arguments) -> Result<BasinScaling, GsimError> {
        arguments.flag_or(BasinScaling::ARGUMENT, false).map(BasinScaling)
    }

    /// The name of the argument.
    pub(in crate::gsim) const ARGUMENT: &str = "usgs_basin_scaling";

    /// Scaling, or none.
    pub(in crate::gsim) fn when(scales: bool) -> BasinScaling {
        BasinScaling(scales)
    }

    /// Whether there is scaling.
    pub(in crate::gsim) fn scales(self) -> bool {
        self.0
    }

    /// The factor of an intensity measure.
    pub(in crate::gsim) fn of_imt(&self, imt: &Imt) -> f64 {
        match imt.period().unwrap_or(0.0) {
            _ if !self.0 => 1.0,
            period if period <= 0.5 => 0.0,
            0.75 => 0.585,
            _ => 1.0,
        }
    }

    /// The factor of a depth to 2.5 km/s, km.
    pub(in crate::gsim) fn of_depth(&self, z2pt5: f64) -> f64 {
        if self.0 { ((z2pt5 - 1.0) / 2.0).clamp(0.0, 1.0) } else { 1.0 }
    }

    /// The factor of a depth to 1.0 km/s, m.
    pub(in crate::gsim) fn of_z1pt0(&self, z1pt0: f64) -> f64 {
        if self.0 { ((z1pt0 - 300.0) / 200.0).clamp(0.0, 1.0) } else { 1.0 }
    }
}

/// Whether a model takes the basins of southern California from simulations (CyberShake), at periods above 1.9 s.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct Cybershake(bool);

impl Cybershake {
    /// It does not.
    pub(in crate::gsim) const NONE: Cybershake = Cybershake(false);

    /// What is added to a basin term that is from simulations.
    pub(in crate::gsim) const ADDED: f64 = 0.1;

    /// As the argument `cybershake_basin_adj` says.
    pub(in crate::gsim) fn read(arguments: &mut Arguments) -> Result<Cybershake, GsimError> {
        arguments.flag_or("cybershake_basin_adj", false).map(Cybershake)
    }

    /// Whether an intensity measure has such a basin term.
    pub(in crate::gsim) fn is_for(self, imt: &Imt) -> bool {
        self.0 && imt.period().is_some_and(|period| period > 1.9)
    }

    /// An error if an intensity measure has such a basin term, but no coefficients of it.
    pub(in crate::gsim) fn check<C: Coefficients>(
        self,
        table: &Table<C>,
        info: &ModelInfo,
        imt: &Imt,
    ) -> Result<(), GsimError> {
        if self.is_for(imt) { table.check(info, imt) } else { Ok(()) }
    }
}
