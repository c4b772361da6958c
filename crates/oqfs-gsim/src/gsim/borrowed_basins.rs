//! The basin terms that the hazard model of the United States of 2023 lends to models without one: that of Campbell and Bozorgnia
//! (2014), and in deep basins at long periods, in its place, that of Moschetti et al. (2024).

use super::arguments::Arguments;
use super::crustal::campbell_bozorgnia_2014::{basin_of_average_region, z2pt5_or_mean};
use super::{Contexts, GsimError, Imt, ModelInfo, Param};

/// Which of both a model has.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct BorrowedBasins {
    basin: bool,
    deep: bool,
}

impl BorrowedBasins {
    /// None of them.
    pub(in crate::gsim) const NONE: BorrowedBasins = BorrowedBasins { basin: false, deep: false };

    /// As the arguments `cb14_basin_term` and `m9_basin_term` say.
    pub(in crate::gsim) fn read(arguments: &mut Arguments) -> Result<BorrowedBasins, GsimError> {
        let basin = arguments.flag_or("cb14_basin_term", false)?;
        Ok(BorrowedBasins { basin, deep: arguments.flag_or("m9_basin_term", false)? })
    }

    const PARAMS: [Param; 2] = [Param::Z2pt5, Param::Vs30];

    /// The site parameters that they need.
    pub(in crate::gsim) fn params(self) -> &'static [Param] {
        if self.basin || self.deep { &BorrowedBasins::PARAMS } else { &[] }
    }

    /// An error at a period that a term does not define.
    pub(in crate::gsim) fn check(self, info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        if self.basin && basin_of_average_region(imt).is_none() { Err(info.not_defined(imt)) } else { Ok(()) }
    }

    /// Add them to the ln-mean of one intensity measure.
    pub(in crate::gsim) fn add(self, imt: &Imt, ctx: &Contexts, mean: &mut [f64]) {
        if !(self.basin || self.deep) {
            return;
        }
        let basin = basin_of_average_region(imt).filter(|_| self.basin);
        let is_long = self.deep && imt.period().is_some_and(|period| period >= 1.9);
        let [z2pt5, vs30] = ctx.columns(BorrowedBasins::PARAMS);
        for (k, mean) in mean.iter_mut().enumerate() {
            *mean += if is_long && z2pt5_or_mean(false, z2pt5[k], vs30[k]) >= 6.0 {
                std::f64::consts::LN_2
            } else {
                basin.as_ref().map_or(0.0, |basin| basin(z2pt5[k], vs30[k]))
            };
        }
    }
}
