//! Ambraseys, Simpson and Bommer (1996), as the seismic hazard map of Italy of 2004 took it.
//!
//! Ambraseys N.N., Simpson K.A., Bommer J.J., 1996. Prediction of horizontal response spectra in Europe. Earthquake Engineering
//! and Structural Dynamics 25(4), 371-400, doi:10.1002/(SICI)1096-9845(199604)25:4<371::AID-EQE550>3.0.CO;2-A.
//!
//! Montaldo V., Faccioli E., Zonno G., Akinci A., Malagnini L., 2005. Treatment of ground-motion predictive relationships for
//! the reference seismic hazard map of Italy. Journal of Seismology 9(3), 295-316, doi:10.1007/s10950-005-5966-x: moment
//! magnitude is converted to surface-wave magnitude, and above magnitude 6 epicentral distance to that to the surface projection,
//! with factors of the style of faulting.
//!
//! - Component: greater of the two horizontal ones. Units: g.

use std::f64::consts::LN_10;
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{plain, style_of_faulting};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "AmbraseysEtAl1996",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Sa],
        params: &[Param::Mag, Param::Rake, Param::Repi, Param::Vs30],
        std_devs: TOTAL_ONLY,
        component: Component::GreaterHorizontal,
        reference: "Ambraseys et al. (1996), Prediction of horizontal response spectra in Europe, Earthquake Engineering and \
                    Structural Dynamics 25(4), 371-400",
        doi: Some("10.1002/(SICI)1096-9845(199604)25:4<371::AID-EQE550>3.0.CO;2-A"),
        validity: Validity::NOT_STATED,
    },
    make: |info, _| plain(info, &COEFFS, |_, c| Row(c), Terms::new),
}];

coefficients! {
    /// Table 3, in common logarithms.
    struct Coeffs { c1, c2, h, c4, ca, cs, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AmbraseysEtAl1996.csv");

/// Surface-wave magnitude from moment magnitude, as the map of Italy takes it.
pub(in crate::gsim) fn surface_wave_magnitude(mag: f64) -> f64 {
    (mag - 1.938) / 0.673
}

/// Montaldo et al. (2005), table 2: the natural logarithm of the factor of the style of faulting, from magnitude 6 on; the
/// factors are of strike-slip, normal and reverse faulting.
pub(in crate::gsim) fn ln_style(mag: f64, rake: f64, factors: [f64; 3]) -> f64 {
    if mag < 6.0 {
        return 0.0;
    }
    style_of_faulting(rake).iter().zip(factors).map(|(of, factor)| of * scalar::ln(factor)).sum()
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    ms: f64,
    distance: f64,
    /// 1 for stiff and for soft soil, else 0.
    soil: [f64; 2],
    ln_style: f64,
}

impl Terms {
    fn new([mag, rake, repi, vs30]: [f64; 4]) -> Terms {
        // Montaldo et al. (2005), equation 3
        let distance = if mag >= 6.0 { (0.8845 * repi - 3.5525).max(0.0) } else { repi };
        let soil = [vs30 > 360.0 && vs30 <= 750.0, vs30 <= 360.0].map(f64::from);
        Terms { ms: surface_wave_magnitude(mag), distance, soil, ln_style: ln_style(mag, rake, [0.93, 0.88, 1.13]) }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let log10 = c.c1 + c.c2 * t.ms + c.ca * t.soil[0] + c.cs * t.soil[1];
        let ln_distance = 0.5 * ln(t.distance * t.distance + c.h * c.h);
        Estimate::total(LN_10 * log10 + c.c4 * ln_distance + t.ln_style, LN_10 * c.sigma)
    }
}
