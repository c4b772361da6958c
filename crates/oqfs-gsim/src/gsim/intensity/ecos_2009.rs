//! The intensity prediction equations of the earthquake catalogue of Switzerland of 2009 (ECOS-09).
//!
//! Fäh D., Giardini D., Kästli P., et al., 2011. ECOS-09 earthquake catalogue of Switzerland release 2011: report and database,
//! appendix D, calibration of historical earthquakes. Swiss Seismological Service.
//!
//! - Intensity itself, not its logarithm. The depth is 10 km.
//!
//! `Highest` is calibrated on the three highest levels of intensity.

use std::sync::LazyLock;

use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::math::ln;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "ECOS2009",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Mmi],
    params: &[Param::Mag, Param::Rhypo],
    std_devs: TOTAL_ONLY,
    component: Component::Horizontal,
    reference: "Fäh et al. (2011), ECOS-09 earthquake catalogue of Switzerland release 2011: report and \
                database, Swiss Seismological Service",
    doi: None,
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| plain(info, &ALL, |_, c| Row::new(c), Terms::new) },
    Model {
        info: ModelInfo { name: "ECOS2009Highest", ..BASE },
        make: |info, _| plain(info, &HIGHEST, |_, c| Row::new(c), Terms::new),
    },
];

coefficients! {
    /// Tables 4 and 5.
    struct Coeffs { a, b, alpha, beta, sigma }
}

static ALL: LazyLock<Table<Coeffs>> = table!("ECOS2009.csv", "all");
static HIGHEST: LazyLock<Table<Coeffs>> = table!("ECOS2009.csv", "highest");

/// The coefficients of the intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// c0 of equation 9.
    c0: f64,
}

/// km
const DEPTH: f64 = 10.0;

impl Row {
    fn new(c: Coeffs) -> Row {
        Row { c, c0: c.alpha * (c.a * (30.0 / DEPTH).ln() + c.b * (30.0 - DEPTH)) + c.beta }
    }
}

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rhypo: f64,
    /// ln(Rhypo / depth)
    ln_rhypo: f64,
}

impl Terms {
    fn new([mag, rhypo]: [f64; 2]) -> Terms {
        Terms { mag, rhypo, ln_rhypo: ln(rhypo / DEPTH) }
    }
}

/// Equation 8, solved for intensity.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let path = c.a * t.ln_rhypo + c.b * (t.rhypo - DEPTH);
        Estimate::total((t.mag - self.c0) / c.alpha + path, c.sigma)
    }
}
