//! How the 2008 national seismic hazard maps of the USA use models for the central and eastern states.
//!
//! Petersen M.D., et al., 2008. Documentation for the 2008 update of the United States national seismic hazard maps.
//! USGS Open-File Report 2008-1128, and its program `hazgridXnga2`.

use crate::gsim::Imt;

/// The scale of the magnitudes of ruptures, which a model converts to moment magnitude.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) enum Magnitude {
    /// Moment magnitude: nothing to convert.
    Mw,
    /// mbLg, converted after Atkinson and Boore (1987).
    MblgAtkinsonBoore1987,
    /// mbLg, converted after Johnston (1996).
    MblgJohnston1996,
}

impl Magnitude {
    /// Moment magnitude.
    pub(in crate::gsim) fn to_mw(self, mag: f64) -> f64 {
        match self {
            Magnitude::Mw => mag,
            Magnitude::MblgAtkinsonBoore1987 => 2.715 - 0.277 * mag + 0.127 * mag * mag,
            Magnitude::MblgJohnston1996 => 1.14 + 0.24 * mag + 0.0933 * mag * mag,
        }
    }
}

/// The greatest ln-mean: of 1.5 g for `PGA` and of 3 g for periods between 0.02 and 0.55 s.
pub(in crate::gsim) fn cap(imt: &Imt) -> f64 {
    match imt.period() {
        Some(0.0) => 0.405,
        Some(period) if period > 0.02 && period < 0.55 => 1.099,
        _ => f64::INFINITY,
    }
}
