//! The intensity prediction equations of the earthquake catalogue of Switzerland of 2009 (ECOS-09).
//!
//! Fäh D., Giardini D., Kästli P., et al., 2011. ECOS-09 earthquake catalogue of Switzerland release 2011: report and database,
//! appendix D, calibration of historical earthquakes. Swiss Seismological Service.
//!
//! - Intensity itself, not its logarithm. The depth is 10 km, but that of the hypocentre in `VariableDepth`.
//!
//! `Highest` is calibrated on the three highest levels of intensity. `FixedDepth` is `ECOS2009` with standard deviations between and
//! within events, which `VariableDepth` has too.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::hypot;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
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
    Model { info: BASE, make: |info, _| plain(info, &ALL, |_, c| Row::new(c, None), Terms::new) },
    Model {
        info: ModelInfo { name: "ECOS2009Highest", ..BASE },
        make: |info, _| plain(info, &HIGHEST, |_, c| Row::new(c, None), Terms::new),
    },
    Model {
        info: ModelInfo { name: "ECOS2009FixedDepth", std_devs: TOTAL_AND_PARTS, ..BASE },
        make: |info, _| plain(info, &ALL, |_, c| Row::new(c, Some(PARTS)), Terms::new),
    },
    Model {
        info: ModelInfo {
            name: "ECOS2009VariableDepth",
            std_devs: TOTAL_AND_PARTS,
            params: &[Param::Mag, Param::Rhypo, Param::HypoDepth],
            ..BASE
        },
        make: |info, _| plain(info, &VARIABLE, |_, c| Row::new(c, Some(PARTS)), Terms::at_depth),
    },
];

coefficients! {
    /// Tables 4 and 5.
    struct Coeffs { a, b, alpha, beta, sigma }
}

static ALL: LazyLock<Table<Coeffs>> = table!("ECOS2009.csv", "all");
static VARIABLE: LazyLock<Table<Coeffs>> = table!("ECOS2009.csv", "variable");
static HIGHEST: LazyLock<Table<Coeffs>> = table!("ECOS2009.csv", "highest");

/// The coefficients of the intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// Between and within events, if they are known.
    parts: Option<[f64; 2]>,
}

/// Standard deviations between and within events.
const PARTS: [f64; 2] = [0.373, 0.227];

/// km
const DEPTH: f64 = 10.0;

impl Row {
    fn new(c: Coeffs, parts: Option<[f64; 2]>) -> Row {
        Row { c, parts }
    }
}

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// Rhypo less the depth, and its logarithm over that of the depth.
    rhypo: f64,
    ln_rhypo: f64,
    /// 30 km less the depth, and its logarithm over that of the depth.
    depth: f64,
    ln_depth: f64,
}

impl Terms {
    fn new([mag, rhypo]: [f64; 2]) -> Terms {
        Terms::at_depth([mag, rhypo, DEPTH])
    }

    fn at_depth([mag, rhypo, depth]: [f64; 3]) -> Terms {
        let (ln_rhypo, ln_depth) = (ln(rhypo / depth), ln(30.0 / depth));
        Terms { mag, rhypo: rhypo - depth, ln_rhypo, depth: 30.0 - depth, ln_depth }
    }
}

/// Equation 8, solved for intensity.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        // c0 of equation 9
        let c0 = c.alpha * (c.a * t.ln_depth + c.b * t.depth) + c.beta;
        let mean = (t.mag - c0) / c.alpha + c.a * t.ln_rhypo + c.b * t.rhypo;
        match self.parts {
            Some([tau, phi]) => Estimate { mean, sig: hypot(tau, phi), tau, phi },
            None => Estimate::total(mean, c.sigma),
        }
    }
}
