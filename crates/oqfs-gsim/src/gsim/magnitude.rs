//! The scales of magnitudes of earthquakes in eastern North America.
//!
//! Atkinson G.M., Boore D.M., 1987. On the mN, M relation for eastern North American earthquakes. Seismological Research
//! Letters 58(4), 119-124. Johnston A.C., 1996. Seismic moment assessment of earthquakes in stable continental regions.
//! Geophysical Journal International 124(2), 381-414, doi:10.1111/j.1365-246X.1996.tb07028.x.

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
