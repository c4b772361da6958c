//! Displacement by lateral spread of soil that liquefies: Youd et al. (2002) and Zhang and Zhao (2005).
//!
//! Youd T.L., Hansen C.M., Bartlett S.F., 2002. Revised multilinear regression equations for prediction of lateral spread
//! displacement. Journal of Geotechnical and Geoenvironmental Engineering 128(12), 1007-1017,
//! doi:10.1061/(ASCE)1090-0241(2002)128:12(1007).
//!
//! Zhang J., Zhao J.X., 2005. Empirical models for estimating liquefaction-induced lateral spread displacement. Soil Dynamics and
//! Earthquake Engineering 25(6), 439-450, doi:10.1016/j.soildyn.2004.06.009.
//!
//! - Units: m. `slope` is in per cent; where it is 0, `freeface_ratio` is the height of a free face over the distance from it.
//! - `T_15` is the thickness of saturated layers of low blow counts, m; `F_15` their fines, per cent; `D50_15` the mean grain
//!   size, mm.
//!
//! The models of Zhang and Zhao take the motion of published models of spectral displacement. For the crust the engine takes the
//! style of faulting and the magnitude class of one of its contexts; here they are those of each. Its magnitudes above 8.5,
//! where the engine gives no number, scale as 8.5.

use std::f64::consts::LN_10;
use std::sync::LazyLock;

use crate::elementary::powi;
use crate::elementary::scalar::{exp, exp10, ln, log10};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

/// Youd et al. (2002).
const YOUD: ModelInfo = ModelInfo {
    name: "YoudEtAl2002",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Lsd],
    params: &[
        Param::Slope,
        Param::FreefaceRatio,
        Param::T15,
        Param::F15,
        Param::D5015,
        Param::Mag,
        Param::HypoDepth,
        Param::Repi,
    ],
    std_devs: TOTAL_ONLY,
    component: Component::Horizontal,
    reference: "Youd et al. (2002), Revised multilinear regression equations for prediction of lateral spread displacement, \
                Journal of Geotechnical and Geoenvironmental Engineering 128(12), 1007-1017",
    doi: Some("10.1061/(ASCE)1090-0241(2002)128:12(1007)"),
    validity: Validity::NOT_STATED,
};

/// Zhang and Zhao (2005).
const CRUST: ModelInfo = ModelInfo {
    name: "Zhang_Zhao2005Crust",
    params: &[
        Param::Slope,
        Param::FreefaceRatio,
        Param::T15,
        Param::F15,
        Param::D5015,
        Param::Mag,
        Param::Rake,
        Param::Rrup,
    ],
    reference: "Zhang and Zhao (2005), Empirical models for estimating liquefaction-induced lateral spread displacement, \
                Soil Dynamics and Earthquake Engineering 25(6), 439-450",
    doi: Some("10.1016/j.soildyn.2004.06.009"),
    ..YOUD
};

const INTERFACE: ModelInfo = ModelInfo {
    name: "Zhang_Zhao2005SInter",
    trt: Trt::SubductionInterface,
    params: &[
        Param::Slope,
        Param::FreefaceRatio,
        Param::T15,
        Param::F15,
        Param::D5015,
        Param::Mag,
        Param::HypoDepth,
        Param::Rrup,
    ],
    ..CRUST
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: YOUD, make: |info, _| plain(info, &OF_YOUD, |_, c| Row(c), |context| Terms::new(context, youd)) },
    Model { info: CRUST, make: |info, _| plain(info, &OF_ZHANG, |_, c| Row(c), |context| Terms::new(context, crust)) },
    Model {
        info: INTERFACE,
        make: |info, _| plain(info, &OF_ZHANG, |_, c| Row(c), |context| Terms::new(context, interface)),
    },
    Model {
        info: ModelInfo { name: "Zhang_Zhao2005SSlab", trt: Trt::SubductionIntraslab, ..INTERFACE },
        make: |info, _| plain(info, &OF_ZHANG, |_, c| Row(c), |context| Terms::new(context, slab)),
    },
];

coefficients! {
    /// The constant and the factor of ground or of a free face; thickness, its logarithm, fines and grain size. In common
    /// logarithms.
    struct Coeffs { constant, face_constant, slope, face, thickness, log10_thickness, fines, grain, sigma }
}

static OF_YOUD: LazyLock<Table<Coeffs>> = table!("LateralSpread.csv", "youd");
static OF_ZHANG: LazyLock<Table<Coeffs>> = table!("LateralSpread.csv", "zhang");

/// The coefficients of the intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    /// log10 of what the earthquake gives.
    log10_motion: f64,
    /// 1 at a free face, else 0.
    face: f64,
    /// log10 of the slope or of the ratio at a free face.
    log10_slope: f64,
    thickness: f64,
    log10_thickness: f64,
    /// log10(100 - F15)
    fines: f64,
    /// log10(D50 + 0.1)
    grain: f64,
}

impl Terms {
    /// `motion` is by magnitude, a parameter of the rupture, and a distance.
    fn new([slope, ratio, t15, f15, d50, mag, param, distance]: [f64; 8], motion: fn(f64, f64, f64) -> f64) -> Terms {
        let (face, slope) = if slope == 0.0 { (1.0, ratio) } else { (0.0, slope) };
        Terms {
            log10_motion: motion(mag, param, distance),
            face,
            log10_slope: log10(slope),
            thickness: t15,
            log10_thickness: log10(t15),
            fines: log10(100.0 - f15),
            grain: log10(d50 + 0.1),
        }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let constant = c.constant + (c.face_constant - c.constant) * t.face;
        let slope = (c.slope + (c.face - c.slope) * t.face) * t.log10_slope;
        let soil = c.thickness * t.thickness + c.log10_thickness * t.log10_thickness + c.fines * t.fines;
        let log10 = constant + slope + soil + c.grain * t.grain + t.log10_motion;
        Estimate::total(LN_10 * log10, LN_10 * c.sigma)
    }
}

/// Youd et al. (2002), equations 6.
fn youd(mag: f64, depth: f64, repi: f64) -> f64 {
    let repi = if repi < 5.0 && depth >= 50.0 { 5.0 } else { repi };
    let r = exp10(0.89 * mag - 5.64) + repi;
    1.532 * mag - 1.406 * log10(r) - 0.012 * repi
}

/// The displacement spectrum after Sadigh et al. (1997).
fn crust(mag: f64, rake: f64, rrup: f64) -> f64 {
    let [c1, c6] = if (45.0..=135.0).contains(&rake) { [-1.92, 0.8285] } else { [-2.17, 0.8494] };
    let near = if mag >= 6.5 { 0.3825 * exp(0.5882 * mag) } else { 2.1863 * exp(0.32 * mag) };
    let below = (8.5 - mag).max(0.0);
    let ln_motion = c1 + mag - 1.7 * ln(rrup + near) + c6 - 0.033 * below * below * below.sqrt();
    1.856 * (const { ln(0.06212) } + ln_motion) / LN_10
}

/// The displacement spectrum after Youngs et al. (1997).
fn interface(mag: f64, depth: f64, rrup: f64) -> f64 {
    let near = 1.097 * exp(0.617 * mag);
    let ln_motion = -3.5387 + 1.438 * mag - 0.0066 * powi(10.0 - mag, 3) - 1.785 * ln(rrup + near) + 0.00648 * depth;
    1.856 * (const { ln(0.2485) } + ln_motion) / LN_10
}

fn slab(mag: f64, depth: f64, rrup: f64) -> f64 {
    interface(mag, depth, rrup) + 1.856 * 0.3643 / LN_10
}
