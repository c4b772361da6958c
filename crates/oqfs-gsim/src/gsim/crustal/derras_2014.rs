//! Derras, Bard and Cotton (2014), a neural network for Europe.
//!
//! Derras B., Bard P.-Y., Cotton F., 2014. Towards fully data driven ground-motion prediction models for Europe. Bulletin of
//! Earthquake Engineering 12, 495-516, doi:10.1007/s10518-013-9481-0.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 3.6 to 7.6, Joyner-Boore distances up to 547 km, depths up to 25 km, `vs30` of 92 to 1,598 m/s.
//!
//! `RhypoGermany` takes the Joyner-Boore distance that is usual at a hypocentral distance where a rupture has no width; its
//! argument `adjustment_factor` multiplies the median.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::scalar::{ln, powf, tanh};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "DerrasEtAl2014",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::HypoDepth, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Derras et al. (2014), Towards fully data driven ground-motion prediction models for \
                Europe, Bulletin of Earthquake Engineering 12, 495-516",
    doi: Some("10.1007/s10518-013-9481-0"),
    validity: Validity::NOT_STATED
        .magnitude(3.6, 7.6)
        .distance(Param::Rjb, 0.0, 547.0)
        .vs30(92.0, 1598.0)
        .depth(f64::NEG_INFINITY, 25.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(DerrasEtAl2014 { info, ln_factor: 0.0 })) },
    Model {
        info: ModelInfo {
            name: "DerrasEtAl2014RhypoGermany",
            params: &[Param::Mag, Param::Rake, Param::HypoDepth, Param::Rjb, Param::Vs30, Param::Width, Param::Rhypo],
            ..BASE
        },
        make: |info, arguments| {
            let factor = arguments.number_or("adjustment_factor", 1.0)?;
            Ok(Arc::new(DerrasEtAl2014 { info, ln_factor: ln(factor) }))
        },
    },
];

coefficients! {
    /// The output layer and the standard deviations, in common logarithms of m/s^2 and m/s.
    struct Coeffs { tmin, tmax, w_21, w_22, w_23, w_24, w_25, b_2, tau, phi }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("DerrasEtAl2014.csv");

/// The weights and the bias of the hidden layer: distance, magnitude, `vs30`, depth and style of faulting.
const HIDDEN: [([f64; 5], f64); 5] = [
    (
        [2.64789163499967, -1.07021796037281, 0.17408775755006, 0.0921912871948344, -0.0137636792052785],
        -1.27123248786939,
    ),
    (
        [-1.90867543649709, -0.535017368544537, -0.705141622684165, 0.167611582811541, -0.0266104896709684],
        1.51261102820133,
    ),
    (
        [0.203542142916709, 1.78055763562862, -0.0804945913340041, 0.0135963560304775, 0.061508209289909],
        0.591089008801986,
    ),
    (
        [-0.69273749797066, 0.441505231956003, 0.775579972551313, -0.0317177329335344, -0.163065710494178],
        -0.126622688054921,
    ),
    (
        [0.0161628210842544, 0.218141338606675, -1.60609944707351, -0.0416362555063091, 0.0260579832482612],
        -0.415721221840192,
    ),
];

/// Derras et al. (2014).
#[derive(Debug)]
struct DerrasEtAl2014 {
    info: &'static ModelInfo,
    /// ln of what the median is multiplied by.
    ln_factor: f64,
}

impl Gsim for DerrasEtAl2014 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, depth] = ctx.columns([Param::Mag, Param::Rake, Param::HypoDepth]);
        let [rjb, vs30] = ctx.columns([Param::Rjb, Param::Vs30]);
        let in_germany = self.info.params.contains(&Param::Rhypo);
        let (width, rhypo) = (ctx.column(Param::Width), ctx.column(Param::Rhypo));
        let rows: Vec<Row> = imts.iter().map(|imt| Row::new(imt, self.ln_factor)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let is_point = in_germany && width[k] <= 1e-3;
            let rjb = if is_point { usual_rjb(rhypo[k], mag[k]) } else { rjb[k] };
            Terms::new(mag[k], rake[k], depth[k], rjb, vs30[k])
        });
    }
}

/// The Joyner-Boore distance that is usual at a hypocentral distance, km.
fn usual_rjb(rhypo: f64, mag: f64) -> f64 {
    let rrup = rhypo - (4.853 + 1.347e-6 * powf(mag, 8.163));
    if rrup >= 3.0 { (rrup * rrup - 9.0).sqrt() } else { 0.0 }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The factor, and the unit.
    constant: f64,
}

impl Row {
    fn new(imt: &Imt, ln_factor: f64) -> Row {
        let ln_unit = ln_unit(imt);
        Row { c: COEFFS.at(imt), constant: ln_factor + ln(100.0) - ln_unit }
    }
}

/// The hidden layer, which is the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms([f64; 5]);

impl Terms {
    fn new(mag: f64, rake: f64, depth: f64, rjb: f64, vs30: f64) -> Terms {
        let style = if rake > 45.0 && rake < 135.0 {
            3.0
        } else if rake > -135.0 && rake < -45.0 {
            1.0
        } else {
            4.0
        };
        let between = |x: f64, min: f64, max: f64| 2.0 * (x - min) / (max - min) - 1.0;
        let inputs = [
            between(ln(rjb.max(0.1)), const { ln(0.1) }, const { ln(547.0) }),
            between(mag, 3.6, 7.6),
            between(ln(vs30), const { ln(92.0) }, const { ln(1597.7) }),
            between(depth, 0.0, 25.0),
            between(style, 1.0, 4.0),
        ];
        Terms(HIDDEN.map(|(weights, bias)| tanh(bias + dot(&weights, &inputs))))
    }
}

#[inline(always)]
fn dot(a: &[f64; 5], b: &[f64; 5]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// Equation 2.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let output = dot(&[c.w_21, c.w_22, c.w_23, c.w_24, c.w_25], &t.0) + c.b_2;
        let log10 = (output + 1.0) * (c.tmax - c.tmin) / 2.0 + c.tmin;
        let (tau, phi) = (LN_10 * c.tau, LN_10 * c.phi);
        Estimate { mean: LN_10 * log10 + self.constant, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}
