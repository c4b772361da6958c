//! The greatest median of models for central and eastern North America.
//!
//! Petersen M.D., et al., 2008. Documentation for the 2008 update of the United States national seismic hazard maps.
//! USGS Open-File Report 2008-1128, and its program `hazgridXnga2`.

use super::Imt;

/// The greatest ln-mean: of 1.5 g for `PGA` and of 3 g for periods between 0.02 and 0.55 s.
pub(in crate::gsim) fn cap(imt: &Imt) -> f64 {
    match imt.period() {
        Some(0.0) => 0.405,
        Some(period) if period > 0.02 && period < 0.55 => 1.099,
        _ => f64::INFINITY,
    }
}
