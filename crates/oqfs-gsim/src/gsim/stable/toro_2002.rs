//! Toro et al. (1997, 2002), with the variants of the SHARE project and of the 2008 hazard maps of the USA.
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
//! `ToroEtAl2002SHARE` adjusts to style of faulting and rock (see `share`). The `NSHMP2008` models have other
//! coefficients, for firm rock, and a constant standard deviation; they cap the mean (see `nshmp2008`). `ExampleA2021` is
//! `ToroEtAl2002` by another name, that of an example of the engine.

use std::sync::{Arc, LazyLock};

use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::hazard_models::nshmp2008::{self, Magnitude};
use crate::gsim::hazard_models::share::{LnFactors, Style, StyleAndRock};
use crate::gsim::math::{exp, ln};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt};

/// The model as published.
const BASE: ModelInfo = ModelInfo {
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
};

/// With adjustments.
const SHARE: ModelInfo =
    ModelInfo { name: "ToroEtAl2002SHARE", params: &[Param::Mag, Param::Rjb, Param::Rake], ..BASE };

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(Toro2002 { info, share: false })) },
    Model {
        info: ModelInfo { name: "ExampleA2021", ..BASE },
        make: |info, _| Ok(Arc::new(Toro2002 { info, share: false })),
    },
    Model { info: SHARE, make: |info, _| Ok(Arc::new(Toro2002 { info, share: true })) },
    Model {
        info: ModelInfo { name: "ToroEtAl1997MwNSHMP2008", ..BASE },
        make: |info, _| Ok(Arc::new(Toro1997 { info, coeffs: &NSHMP2008_MW, conversions: [Magnitude::Mw; 2] })),
    },
    Model {
        info: ModelInfo { name: "ToroEtAl1997MblgNSHMP2008", ..BASE },
        make: |info, _| Ok(Arc::new(Toro1997 { info, coeffs: &NSHMP2008_MBLG, conversions: MBLG })),
    },
];

const MBLG: [Magnitude; 2] = [Magnitude::MblgAtkinsonBoore1987, Magnitude::MblgJohnston1996];

coefficients! {
    /// Table 2.
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7 }
}

coefficients! {
    /// Table 3: aleatory uncertainty at magnitudes 5, 5.5 and 8 and at distances of 5 and 20 km.
    struct Aleatory { m50, m55, m80, r5, r20 }
}

coefficients! {
    /// The constant standard deviation of the 2008 hazard maps.
    struct Constant { sig }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ToroEtAl2002.csv");
static ALEATORY: LazyLock<Table<Aleatory>> = table!("ToroEtAl2002.csv");
static STYLE_AND_ROCK: LazyLock<Table<StyleAndRock>> = table!("ToroEtAl2002_share.csv");

/// The tables of a model of the 2008 hazard maps.
#[derive(Debug)]
struct Nshmp2008 {
    coeffs: LazyLock<Table<Coeffs>>,
    std_dev: LazyLock<Table<Constant>>,
}

static NSHMP2008_MW: Nshmp2008 =
    Nshmp2008 { coeffs: table!("ToroEtAl1997_mw_nshmp2008.csv"), std_dev: table!("ToroEtAl1997_mw_nshmp2008.csv") };
static NSHMP2008_MBLG: Nshmp2008 =
    Nshmp2008 { coeffs: table!("ToroEtAl1997_mblg_nshmp2008.csv"), std_dev: table!("ToroEtAl1997_mblg_nshmp2008.csv") };

/// Toro et al. (1997) with the modification of 2002.
#[derive(Debug)]
struct Toro2002 {
    info: &'static ModelInfo,
    share: bool,
}

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
        if self.share { STYLE_AND_ROCK.check(self.info, imt) } else { Ok(()) }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rjb] = ctx.columns([Param::Mag, Param::Rjb]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let rake = if self.share { ctx.columns([Param::Rake])[0] } else { &[] };
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
            adjustment: if self.share { STYLE_AND_ROCK.at(imt).ln_factors() } else { LnFactors::default() },
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

/// Toro et al. (1997) as in the 2008 hazard maps of the USA.
#[derive(Debug)]
struct Toro1997 {
    info: &'static ModelInfo,
    coeffs: &'static Nshmp2008,
    /// To the moment magnitudes whose saturation is averaged.
    conversions: [Magnitude; 2],
}

impl Gsim for Toro1997 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rjb] = ctx.columns([Param::Mag, Param::Rjb]);
        let Nshmp2008 { coeffs, std_dev } = self.coeffs;
        let row = |imt| Row1997 { c: coeffs.at(imt), sig: std_dev.at(imt).sig, cap: nshmp2008::cap(imt) };
        let rows: Vec<_> = imts.iter().map(row).collect();
        let terms = |k: usize| {
            // The geometric mean of the saturations is the saturation of the mean magnitude.
            let mw = self.conversions.map(|scale| scale.to_mw(mag[k]));
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
