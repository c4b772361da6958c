//! Bindi et al. (2011), for Italy, and the lower and upper models of the Italian backbone of 2019.
//!
//! Bindi D., Pacor F., Luzi L., Puglia R., Massa M., Ameri G., Paolucci R., 2011. Ground motion prediction equations derived
//! from the Italian strong motion database. Bulletin of Earthquake Engineering 9(6), 1899-1920,
//! doi:10.1007/s10518-011-9313-z.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 4.1 to 6.9, Joyner-Boore distances up to 200 km; Eurocode 8 classes by `vs30`, where 0 is class E.
//!
//! `Ita19Low` and `Ita19Upp` are shifted by a function of magnitude; `scaled` gives the maximum component.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "BindiEtAl2011",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Bindi et al. (2011), Ground motion prediction equations derived from the Italian strong motion database, \
                Bulletin of Earthquake Engineering 9(6), 1899-1920",
    doi: Some("10.1007/s10518-011-9313-z"),
    validity: Validity::NOT_STATED.magnitude(4.1, 6.9).distance(Param::Rjb, 0.0, 200.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| make(info, &COEFFS, 0.0) },
    Model { info: ModelInfo { name: "BindiEtAl2011Ita19Low", ..BASE }, make: |info, _| make(info, &COEFFS, -1.0) },
    Model { info: ModelInfo { name: "BindiEtAl2011Ita19Upp", ..BASE }, make: |info, _| make(info, &COEFFS, 1.0) },
    Model { info: ModelInfo { name: "BindiEtAl2011scaled", ..BASE }, make: |info, _| make(info, &SCALED, 0.0) },
];

fn make(info: &'static ModelInfo, coeffs: &'static LazyLock<Table<Coeffs>>, shift: f64) -> Made {
    Ok(Arc::new(BindiEtAl2011 { info, coeffs, shift }))
}

coefficients! {
    /// Table 1.
    struct Coeffs { e1, c1, c2, h, c3, b1, b2, sa, sb, sc, sd, se, f1, f2, f3, sigmab, sigmaw, sigmatot }
}

coefficients! {
    /// The parabola in magnitude between the models of the backbone.
    struct Delta { a, b, c }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("BindiEtAl2011.csv");
static SCALED: LazyLock<Table<Coeffs>> = table!("BindiEtAl2011_scaled.csv");
static DELTA: LazyLock<Table<Delta>> = table!("BindiEtAl2011_delta.csv");

/// Bindi et al. (2011).
#[derive(Debug)]
struct BindiEtAl2011 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    /// What the parabola is multiplied by.
    shift: f64,
}

impl Gsim for BindiEtAl2011 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)?;
        if self.shift == 0.0 { Ok(()) } else { DELTA.check(self.info, imt) }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rjb, vs30] = ctx.columns([Param::Mag, Param::Rake, Param::Rjb, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            rjb: rjb[k],
            style: style(rake[k]),
            class: class(vs30[k]),
        });
    }
}

impl BindiEtAl2011 {
    fn row(&self, imt: &Imt) -> Row {
        let c = self.coeffs.at(imt);
        let delta = if self.shift == 0.0 { Delta { a: 0.0, b: 0.0, c: 0.0 } } else { DELTA.at(imt) };
        Row { c, delta: [delta.a, delta.b, delta.c].map(|d| self.shift * d), ln_unit: -ln_unit(imt) }
    }
}

/// Normal, reverse and strike-slip: one of these is 1, the others 0.
pub(in crate::gsim) fn style(rake: f64) -> [f64; 3] {
    let (normal, reverse) = (rake > -150.0 && rake < -30.0, rake > 30.0 && rake < 150.0);
    [normal, reverse, !(normal || reverse)].map(f64::from)
}

/// Eurocode 8 classes A to E: one of these is 1, the others 0.
fn class(vs30: f64) -> [f64; 5] {
    let index = match vs30 {
        v if v >= 800.0 => 0,
        v if v >= 360.0 => 1,
        v if v >= 180.0 => 2,
        v if v > 0.0 => 3,
        _ => 4,
    };
    std::array::from_fn(|i| f64::from(i == index))
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The parabola in magnitude that is added.
    delta: [f64; 3],
    /// ln of the unit in g or cm/s.
    ln_unit: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
    style: [f64; 3],
    class: [f64; 5],
}

/// Equation 1, in log10.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let [a, b, d] = self.delta;
        let log10 = magnitude(c, t) + distance(c, t) + site(c, t) + style_term(c, t);
        let mean = LN_10 * log10 + self.ln_unit + (a * t.mag + b) * t.mag + d;
        Estimate { mean, sig: LN_10 * c.sigmatot, tau: LN_10 * c.sigmab, phi: LN_10 * c.sigmaw }
    }
}

/// Equation 2.
#[inline(always)]
fn distance(c: &Coeffs, t: &Terms) -> f64 {
    const MREF: f64 = 5.0;
    const RREF: f64 = 1.0;
    let r = (t.rjb * t.rjb + c.h * c.h).sqrt();
    (c.c1 + c.c2 * (t.mag - MREF)) * ln(r / RREF) / LN_10 - c.c3 * (r - RREF)
}

/// Equation 3, where b3 is 0.
#[inline(always)]
fn magnitude(c: &Coeffs, t: &Terms) -> f64 {
    let below = (t.mag - 6.75).min(0.0);
    c.e1 + (c.b1 + c.b2 * below) * below
}

/// The site class in equation 1.
#[inline(always)]
fn site(c: &Coeffs, t: &Terms) -> f64 {
    let [a, b, cc, d, e] = t.class;
    c.sa * a + c.sb * b + c.sc * cc + c.sd * d + c.se * e
}

/// The style of faulting in equation 1.
#[inline(always)]
fn style_term(c: &Coeffs, t: &Terms) -> f64 {
    c.f1 * t.style[0] + c.f2 * t.style[1] + c.f3 * t.style[2]
}
