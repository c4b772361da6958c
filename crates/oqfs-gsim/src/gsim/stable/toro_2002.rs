//! Toro et al. (1997, 2002), for central and eastern North America.
//!
//! Toro G.R., Abrahamson N.A., Schneider J.F., 1997. Model of strong ground motions from earthquakes in central and
//! eastern North America: best estimates and uncertainties. Seismological Research Letters 68(1), 41-57,
//! doi:10.1785/gssrl.68.1.41. Toro G.R., 2002. Modification of the Toro et al. (1997) attenuation equations for large
//! magnitudes and short distances. Risk Engineering Inc.
//!
//! - Component: geometric mean of the two horizontal components. Units: g.
//! - Valid for magnitude 5 to 8 and Joyner-Boore distances up to 500 km, on hard rock of the mid-continent of North
//!   America.
//!
//! As in the engine, `SA(3.0)` and `SA(4.0)` have the coefficients of 2 s and a ln-mean divided by 0.612 and 0.559; the
//! periods between 2 and 4 s have no such factor.
//!
//! Hazard models have variants: [`adjusted`] to style of faulting and rock, or [`capped`], of 1997 with other coefficients,
//! for firm rock, a constant standard deviation and a greatest median. `ExampleA2021` is `ToroEtAl2002` by another name,
//! that of an example of the engine.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::cap::cap;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::magnitude::Magnitude;
use crate::gsim::model_info::{TOTAL_ONLY, debug_as_name};
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::style_and_rock::{LnFactors, Style, StyleAndRock};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model as published.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "ToroEtAl2002",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Toro et al. (1997), Model of strong ground motions from earthquakes in central and eastern North \
                America: best estimates and uncertainties, Seismological Research Letters 68(1), 41-57, and Toro \
                (2002), Modification of the Toro et al. (1997) attenuation equations for large magnitudes and short \
                distances, Risk Engineering Inc.",
    doi: Some("10.1785/gssrl.68.1.41"),
    validity: Validity::NOT_STATED.magnitude(5.0, 8.0).distance(Param::Rjb, 0.0, 500.0),
};

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "ToroEtAl2002": BASE => published(),
    "ExampleA2021": BASE => published(),
};

fn published(info: &'static ModelInfo, _: &mut Arguments) -> Made {
    Ok(Arc::new(Toro2002 { info, adjustment: None }))
}

/// The model adjusted to style of faulting and rock.
pub(in crate::gsim) fn adjusted(info: &'static ModelInfo, adjustment: &'static LazyLock<Table<StyleAndRock>>) -> Made {
    Ok(Arc::new(Toro2002 { info, adjustment: Some(adjustment) }))
}

/// The model of 1997 with other coefficients and a greatest median.
pub(in crate::gsim) fn capped(info: &'static ModelInfo, variant: Capped) -> Made {
    Ok(Arc::new(Toro1997 { info, variant }))
}

coefficients! {
    /// Table 2.
    pub(in crate::gsim) struct Coeffs { c1, c2, c3, c4, c5, c6, c7 }
}

coefficients! {
    /// Table 3: aleatory uncertainty at magnitudes 5, 5.5 and 8 and at distances of 5 and 20 km.
    struct Aleatory { m50, m55, m80, r5, r20 }
}

coefficients! {
    /// A constant standard deviation.
    pub(in crate::gsim) struct Constant { sig }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ToroEtAl2002.csv");
static ALEATORY: LazyLock<Table<Aleatory>> = table!("ToroEtAl2002.csv");

/// What a variant of the model of 1997 has of its own.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct Capped {
    pub(in crate::gsim) coeffs: &'static LazyLock<Table<Coeffs>>,
    pub(in crate::gsim) std_dev: &'static LazyLock<Table<Constant>>,
    /// To the moment magnitudes whose saturation is averaged.
    pub(in crate::gsim) conversions: [Magnitude; 2],
}

/// Toro et al. (1997) with the modification of 2002.
struct Toro2002 {
    info: &'static ModelInfo,
    adjustment: Option<&'static LazyLock<Table<StyleAndRock>>>,
}

debug_as_name!(Toro2002);

/// What differs between intensity measures.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    aleatory: Aleatory,
    /// Equation 6: epistemic uncertainty at magnitude 6, and its slope.
    epistemic: [f64; 2],
    /// What the ln-mean is divided by.
    decay: f64,
    adjustment: LnFactors,
}

/// What differs between contexts.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
    /// The term of large magnitudes in the distance RM, before c7.
    saturation: f64,
    style: Style,
}

impl Gsim for Toro2002 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        self.adjustment.map_or(Ok(()), |table| table.check(self.info, imt))
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rjb] = ctx.columns([Param::Mag, Param::Rjb]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let rake = if self.adjustment.is_some() { ctx.columns([Param::Rake])[0] } else { &[] };
        let terms = |k: usize| Terms {
            mag: mag[k],
            rjb: rjb[k],
            saturation: saturation(mag[k]),
            style: rake.get(k).map_or_else(Style::default, |&rake| Style::from_rake(rake)),
        };
        batch::compute(ctx.len(), &rows, out, terms);
    }
}

impl Toro2002 {
    fn row(&self, imt: &Imt) -> Row {
        let period = imt.period().unwrap_or(0.0);
        Row {
            c: COEFFS.at(imt),
            aleatory: ALEATORY.at(imt),
            epistemic: if period < 1.0 { [0.36, 0.07] } else { [0.34, 0.06] },
            decay: match period {
                3.0 => 0.612,
                4.0 => 0.559,
                _ => 1.0,
            },
            adjustment: self.adjustment.map_or_else(LnFactors::default, |table| table.at(imt).ln_factors()),
        }
    }
}

/// Equation 3 with the distance of 2002.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let rm = distance(&self.c, t);
        let ln_rm = ln(rm);
        let mean = magnitude(&self.c, t.mag) - attenuation(&self.c, rm, ln_rm, ln_rm - LN_100);
        Estimate::total(mean / self.decay + self.adjustment.of(t.style), std_dev(self, t))
    }
}

const LN_100: f64 = 2.0 * std::f64::consts::LN_10;

/// Equation 3: the terms in magnitude.
#[inline(always)]
fn magnitude(c: &Coeffs, mag: f64) -> f64 {
    let above = mag - 6.0;
    c.c1 + c.c2 * above + c.c3 * above * above
}

/// Equation 4-3 of 2002: the factor of c7.
#[inline(always)]
fn saturation(mw: f64) -> f64 {
    exp(-1.25 + 0.227 * mw)
}

/// Equation 4-3 of 2002: RM.
#[inline(always)]
fn distance(c: &Coeffs, t: &Terms) -> f64 {
    let h = c.c7 * t.saturation;
    (t.rjb * t.rjb + h * h).sqrt()
}

/// Equation 3: the terms in distance; `ln_far` is the logarithm of the distance over 100 km.
#[inline(always)]
fn attenuation(c: &Coeffs, rm: f64, ln_rm: f64, ln_far: f64) -> f64 {
    c.c4 * ln_rm + (c.c5 - c.c4) * ln_far.max(0.0) + c.c6 * rm
}

/// Equations 5 and 6.
#[inline(always)]
fn std_dev(row: &Row, t: &Terms) -> f64 {
    let a = &row.aleatory;
    let by_mag =
        if t.mag < 5.5 { between(t.mag, 5.0, a.m50, 5.5, a.m55) } else { between(t.mag, 5.5, a.m55, 8.0, a.m80) };
    let by_distance = between(t.rjb, 5.0, a.r5, 20.0, a.r20);
    let epistemic = row.epistemic[0] + row.epistemic[1] * (t.mag - 6.0);
    (by_mag * by_mag + by_distance * by_distance + epistemic * epistemic).sqrt()
}

/// Linear from (x0, y0) to (x1, y1), constant beyond.
#[inline(always)]
fn between(x: f64, x0: f64, y0: f64, x1: f64, y1: f64) -> f64 {
    y0 + (y1 - y0) * ((x - x0) / (x1 - x0)).clamp(0.0, 1.0)
}

/// Toro et al. (1997), as a hazard model has it.
struct Toro1997 {
    info: &'static ModelInfo,
    variant: Capped,
}

debug_as_name!(Toro1997);

impl Gsim for Toro1997 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.variant.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rjb] = ctx.columns([Param::Mag, Param::Rjb]);
        let Capped { coeffs, std_dev, conversions } = self.variant;
        let row = |imt| Row1997 { c: coeffs.at(imt), sig: std_dev.at(imt).sig, cap: cap(imt) };
        let rows: Vec<_> = imts.iter().map(row).collect();
        let terms = |k: usize| {
            // The geometric mean of the saturations is the saturation of the mean magnitude.
            let mw = conversions.map(|scale| scale.to_mw(mag[k]));
            let saturation = saturation(0.5 * (mw[0] + mw[1]));
            (Terms { mag: mag[k], rjb: rjb[k], saturation, style: Style::default() }, ln(rjb[k] / 100.0))
        };
        batch::compute(ctx.len(), &rows, out, terms);
    }
}

/// What differs between intensity measures.
#[derive(Clone, Copy)]
struct Row1997 {
    c: Coeffs,
    sig: f64,
    cap: f64,
}

/// Equation 3; unlike in 2002, what lies beyond 100 km is measured from the surface projection (`ln_far`).
impl batch::Row for Row1997 {
    type Terms = (Terms, f64);

    #[inline(always)]
    fn estimate(&self, (t, ln_far): &(Terms, f64)) -> Estimate {
        let rm = distance(&self.c, t);
        let mean = magnitude(&self.c, t.mag) - attenuation(&self.c, rm, ln(rm), *ln_far);
        Estimate::total(mean.min(self.cap), self.sig)
    }
}
