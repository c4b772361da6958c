//! Campbell (2003), for eastern North America.
//!
//! Campbell K.W., 2003. Prediction of strong ground motion using the hybrid empirical method and its use in the
//! development of ground-motion (attenuation) relations in eastern North America. Bulletin of the Seismological
//! Society of America 93(3), 1012-1033, doi:10.1785/0120020002; with the erratum of 2004.
//!
//! - Component: geometric mean of the two horizontal components. Units: g.
//! - Valid for magnitude 5 to 8.2 and rupture distances up to 1,000 km, on hard rock of stable continental crust.
//!
//! Hazard models have variants: adjusted to style of faulting and rock, or with other coefficients, for firm rock, a
//! greatest median and mbLg for a magnitude ([`Variant`]).

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::cap::cap;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::magnitude::Magnitude;
use crate::gsim::model_info::{TOTAL_ONLY, debug_as_name};
use crate::gsim::registry::{Made, Model};
use crate::gsim::style_and_rock::{LnFactors, Style, StyleAndRock};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model as published.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "Campbell2003",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Campbell (2003), Prediction of strong ground motion using the hybrid empirical method and its use in \
                the development of ground-motion (attenuation) relations in eastern North America, Bulletin of the \
                Seismological Society of America 93(3), 1012-1033",
    doi: Some("10.1785/0120020002"),
    validity: Validity::NOT_STATED.magnitude(5.0, 8.2).distance(Param::Rrup, 0.0, 1000.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[Model { info: BASE, make: |info, _| made(info, Variant::Published) }];

/// A variant of the model.
pub(in crate::gsim) fn made(info: &'static ModelInfo, variant: Variant) -> Made {
    Ok(Arc::new(Campbell2003 { info, variant }))
}

coefficients! {
    /// Table 6.
    pub(in crate::gsim) struct Coeffs { c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("Campbell2003.csv");

/// Campbell (2003).
struct Campbell2003 {
    info: &'static ModelInfo,
    variant: Variant,
}

debug_as_name!(Campbell2003);

/// What the variants differ in.
#[derive(Clone, Copy)]
pub(in crate::gsim) enum Variant {
    /// As published.
    Published,
    /// Adjusted to style of faulting and rock.
    Adjusted(&'static LazyLock<Table<StyleAndRock>>),
    /// With other coefficients and a greatest median, for magnitudes of this scale.
    Capped(&'static LazyLock<Table<Coeffs>>, Magnitude),
}

/// What differs between intensity measures.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    adjustment: LnFactors,
    cap: f64,
}

/// What differs between contexts.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// ln(Rrup / 70 km), at least 0.
    ln_70: f64,
    /// ln(Rrup / 130 km), at least 0.
    ln_130: f64,
    style: Style,
}

impl Gsim for Campbell2003 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        match self.variant {
            Variant::Published => COEFFS.check(self.info, imt),
            Variant::Adjusted(table) => COEFFS.check(self.info, imt).and_then(|()| table.check(self.info, imt)),
            Variant::Capped(coeffs, _) => coeffs.check(self.info, imt),
        }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup] = ctx.columns([Param::Mag, Param::Rrup]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let scale = if let Variant::Capped(_, scale) = self.variant { scale } else { Magnitude::Mw };
        let rake = if let Variant::Adjusted(_) = self.variant { ctx.columns([Param::Rake])[0] } else { &[] };
        let terms = |k: usize| Terms {
            mag: scale.to_mw(mag[k]),
            rrup: rrup[k],
            ln_70: ln(rrup[k] / 70.0).max(0.0),
            ln_130: ln(rrup[k] / 130.0).max(0.0),
            style: rake.get(k).map_or_else(Style::default, |&rake| Style::from_rake(rake)),
        };
        batch::compute(ctx.len(), &rows, out, terms);
    }
}

impl Campbell2003 {
    fn row(&self, imt: &Imt) -> Row {
        let published = || Row { c: COEFFS.at(imt), adjustment: LnFactors::default(), cap: f64::INFINITY };
        match self.variant {
            Variant::Published => published(),
            Variant::Adjusted(table) => Row { adjustment: table.at(imt).ln_factors(), ..published() },
            Variant::Capped(coeffs, _) => Row { c: coeffs.at(imt), cap: cap(imt), ..published() },
        }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let mean = ln_mean(&self.c, t) + self.adjustment.of(t.style);
        Estimate::total(mean.min(self.cap), std_dev(&self.c, t))
    }
}

/// Equation 30.
#[inline(always)]
fn ln_mean(c: &Coeffs, t: &Terms) -> f64 {
    c.c1 + f1(c, t) + f2(c, t) + f3(c, t)
}

/// Equation 31.
#[inline(always)]
fn f1(c: &Coeffs, t: &Terms) -> f64 {
    let below = 8.5 - t.mag;
    c.c2 * t.mag + c.c3 * below * below
}

/// Equations 32 and 33.
#[inline(always)]
fn f2(c: &Coeffs, t: &Terms) -> f64 {
    let saturation = c.c7 * exp(c.c8 * t.mag);
    let ln_distance = 0.5 * ln(t.rrup * t.rrup + saturation * saturation);
    c.c4 * ln_distance + (c.c5 + c.c6 * t.mag) * t.rrup
}

/// Equation 34, as corrected in the erratum.
#[inline(always)]
fn f3(c: &Coeffs, t: &Terms) -> f64 {
    c.c9 * t.ln_70 + c.c10 * t.ln_130
}

/// Equation 35.
#[inline(always)]
fn std_dev(c: &Coeffs, t: &Terms) -> f64 {
    if t.mag < 7.16 { c.c11 + c.c12 * t.mag } else { c.c13 }
}
