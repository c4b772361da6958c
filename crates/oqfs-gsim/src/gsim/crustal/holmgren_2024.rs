//! Holmgren et al. (2024), for south-eastern Africa.
//!
//! Holmgren J.M., Werner M.J., Goda K., Villani M., Silva V., Chindandali P., 2024. Ranking and developing ground-motion models
//! for Southeastern Africa. Earthquake Spectra 40(2), 1552-1576, doi:10.1177/87552930241236765.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_ONLY, debug_as_name};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "HolmgrenEtAl2024",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rhypo, Param::Vs30],
        std_devs: TOTAL_ONLY,
        component: Component::GeometricMean,
        reference: "Holmgren et al. (2024), Ranking and developing ground-motion models for Southeastern Africa, Earthquake \
                    Spectra 40(2), 1552-1576",
        doi: Some("10.1177/87552930241236765"),
        validity: Validity::NOT_STATED,
    },
    make: |info, _| Ok(Arc::new(HolmgrenEtAl2024 { info })),
}];

coefficients! {
    /// Table S2; f1 and f3 are the same for all intensity measures.
    struct Coeffs { e2, e4, e5, e6, mh, c, vc, f4, f5, c1, c2, c3, sigma1, sigma2, sigma3, sigma4 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("HolmgrenEtAl2024.csv");

/// The motion on rock where soil begins to yield, g.
const F3: f64 = 0.1;
/// The `vs30` of rock, m/s.
const VREF: f64 = 760.0;

/// Holmgren et al. (2024).
struct HolmgrenEtAl2024 {
    info: &'static ModelInfo,
}

debug_as_name!(HolmgrenEtAl2024);

impl Gsim for HolmgrenEtAl2024 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rhypo, vs30] = ctx.columns([Param::Mag, Param::Rhypo, Param::Vs30]);
        let pga = COEFFS.at(&Imt::PGA);
        let rows: Vec<Row> = imts.iter().map(|imt| Row(COEFFS.at(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            // the pseudo-depth of Yenier and Atkinson (2015)
            let h = exp(LN_10 * (-0.405 + 0.235 * mag[k]));
            let r = (rhypo[k] * rhypo[k] + h * h).sqrt();
            let point = Point { mag: mag[k], r, ln_r: ln(r) };
            Terms { point, vs30: vs30[k], ln_yielding: ln((exp(ln_rock(&pga, &point)) + F3) / F3) }
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// What the motion on rock depends on.
#[derive(Clone, Copy)]
struct Point {
    mag: f64,
    r: f64,
    ln_r: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    point: Point,
    vs30: f64,
    /// How far the motion on rock makes soil yield.
    ln_yielding: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let linear = c.c * ln(t.vs30.min(c.vc) / VREF);
        let f2 = c.f4 * (exp(c.f5 * (t.vs30.min(VREF) - 360.0)) - exp(c.f5 * (VREF - 360.0)));
        Estimate::total(ln_rock(c, &t.point) + linear + f2 * t.ln_yielding, sigma(c, t.point.mag))
    }
}

#[inline(always)]
fn ln_rock(c: &Coeffs, p: &Point) -> f64 {
    let above = p.mag - c.mh;
    let magnitude = if above <= 0.0 { (c.e4 + c.e5 * above) * above } else { c.e6 * above };
    c.e2 + magnitude + (c.c1 + c.c2 * (p.mag - 4.5)) * p.ln_r + c.c3 * (p.r - 1.0)
}

/// Equation 16.
#[inline(always)]
fn sigma(c: &Coeffs, mag: f64) -> f64 {
    let ramp = |from: f64, to: f64| ((mag - from) / (to - from)).clamp(0.0, 1.0);
    c.sigma1
        + (c.sigma2 - c.sigma1) * ramp(4.5, 5.0)
        + (c.sigma3 - c.sigma2) * ramp(5.0, 5.5)
        + (c.sigma4 - c.sigma3) * ramp(5.5, 6.5)
}
