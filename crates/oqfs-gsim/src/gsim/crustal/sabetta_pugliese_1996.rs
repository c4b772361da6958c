//! Sabetta and Pugliese (1996), as the seismic hazard map of Italy of 2004 took it.
//!
//! Sabetta F., Pugliese A., 1996. Estimation of response spectra and simulation of nonstationary earthquake ground motions.
//! Bulletin of the Seismological Society of America 86(2), 337-352, with the conversions and the style of faulting of Montaldo
//! et al. (2005), doi:10.1007/s10950-005-5966-x.
//!
//! - Component: greater of the two horizontal ones. Units: g.
//!
//! Moment magnitude is converted to local magnitude below 5.5 and to surface-wave magnitude from there on. As in the engine,
//! `PGV` is that in m/s divided by 9.80665, as if it were an acceleration.

use std::f64::consts::{LN_10, PI};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::ambraseys_1996::{ln_style, surface_wave_magnitude};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "SabettaPugliese1996",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rake, Param::Repi, Param::Vs30],
        std_devs: TOTAL_ONLY,
        component: Component::GreaterHorizontal,
        reference: "Sabetta and Pugliese (1996), Estimation of response spectra and simulation of nonstationary earthquake \
                    ground motions, Bulletin of the Seismological Society of America 86(2), 337-352",
        doi: None,
        validity: Validity::NOT_STATED,
    },
    make: |info, _| plain(info, &COEFFS, Row::new, Terms::new),
}];

coefficients! {
    /// Table 2, in common logarithms: of g, of cm/s for `PGV`, and of pseudo-velocity in cm/s for `SA`.
    struct Coeffs { a, b, c, e1, e2, h, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("SabettaPugliese1996.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// ln of what turns the motion into g.
    ln_factor: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        let ln_factor = match (imt.kind(), imt.period()) {
            (ImtKind::Sa, Some(period)) => scalar::ln(2.0 * PI / period) - LN_G,
            (ImtKind::Pgv, _) => -LN_G, // engine behaviour
            _ => 0.0,
        };
        Row { c, ln_factor }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    magnitude: f64,
    repi: f64,
    /// 1 for shallow and for deep soil, else 0.
    soil: [f64; 2],
    ln_style: f64,
}

impl Terms {
    fn new([mag, rake, repi, vs30]: [f64; 4]) -> Terms {
        let magnitude = if mag < 5.5 { (mag - 1.145) / 0.812 } else { surface_wave_magnitude(mag) };
        let soil = [(400.0..800.0).contains(&vs30), vs30 < 400.0].map(f64::from);
        Terms { magnitude, repi, soil, ln_style: ln_style(mag, rake, [0.94, 0.89, 1.15]) }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let log10 = c.a + c.b * t.magnitude + c.e1 * t.soil[0] + c.e2 * t.soil[1];
        let ln_distance = 0.5 * ln(t.repi * t.repi + c.h * c.h);
        Estimate::total(LN_10 * log10 + c.c * ln_distance + t.ln_style + self.ln_factor, LN_10 * c.sigma)
    }
}
