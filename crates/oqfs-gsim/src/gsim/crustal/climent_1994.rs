//! Climent et al. (1994), for Central America.
//!
//! Climent A., Taylor W., Ciudad Real M., Strauch W., Villagrán M., Dahle A., Bungum H., 1994. Spectral strong motion
//! attenuation in Central America. NORSAR Technical Report 2-17.
//!
//! - Component: the greater horizontal. Units: g. Distances below 6.06 km count as that; soil is below 760 m/s.
//!
//! Spectral acceleration is made of the velocity spectrum of the report, and from the greater component to the geometric
//! mean by the ratios of Beyer and Bommer (2006).

use std::f64::consts::PI;
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "ClimentEtAl1994",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Sa],
        params: &[Param::Mag, Param::Rhypo, Param::Vs30],
        std_devs: TOTAL_ONLY,
        component: Component::GreaterHorizontal,
        reference: "Climent et al. (1994), Spectral strong motion attenuation in Central America, NORSAR Technical Report \
                    2-17",
        doi: None,
        validity: Validity::NOT_STATED,
    },
    make: |info, _| {
        plain(info, &COEFFS, Row::new, |[mag, rhypo, vs30]| {
            let rhypo = rhypo.max(6.056877878);
            Terms { mag, rhypo, ln_rhypo: ln(rhypo), soil: f64::from(vs30 < 760.0) }
        })
    },
}];

coefficients! {
    /// The table of the report, and the ratios between components.
    struct Coeffs { c1, c2, c3, c4, c5, sigma, r_sa, r_std }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ClimentEtAl1994.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// c1, with the unit (m/s^2, or m/s at a period) and the component.
    constant: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        let spectrum = match imt.period().filter(|period| *period > 0.0) {
            Some(period) => scalar::ln(2.0 * PI / period),
            None => 0.0,
        };
        Row { c, constant: c.c1 + spectrum - (LN_G - ln(100.0)) - scalar::ln(c.r_sa) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rhypo: f64,
    ln_rhypo: f64,
    /// 1 on soil, else 0.
    soil: f64,
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let mean = self.constant + c.c2 * t.mag + c.c3 * t.ln_rhypo + c.c4 * t.rhypo + c.c5 * t.soil;
        Estimate::total(mean, c.sigma / c.r_std)
    }
}
