//! Akkar and Bommer (2010), for Europe, the Mediterranean and the Middle East.
//!
//! Akkar S., Bommer J.J., 2010. Empirical equations for the prediction of PGA, PGV, and spectral accelerations in Europe,
//! the Mediterranean region, and the Middle East. Seismological Research Letters 81(2), 195-206,
//! doi:10.1785/gssrl.81.2.195.
//!
//! For `PGA` and periods up to 0.05 s the coefficients are those of table 5 of Bommer J.J., Akkar S., Drouet S., 2012.
//! Extending ground-motion prediction equations for spectral accelerations to higher response frequencies. Bulletin of
//! Earthquake Engineering 10(2), 379-399.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 5 to 7.6, Joyner-Boore distances up to 100 km, active shallow crust.
//!
//! As in the engine, rakes within 45 degrees of vertical are reverse or normal, and there is a period of 4 s, for which
//! the ln-mean of 3 s is divided by 0.8.
//!
//! Hazard models [`adjusted`] it to their region.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::adjustment::{self, Adjusted};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, debug_as_name};
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The unadjusted model.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "AkkarBommer2010",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Akkar and Bommer (2010), Empirical equations for the prediction of PGA, PGV, and spectral accelerations \
                in Europe, the Mediterranean region, and the Middle East, Seismological Research Letters 81(2), 195-206",
    doi: Some("10.1785/gssrl.81.2.195"),
    validity: Validity::NOT_STATED.magnitude(5.0, 7.6).distance(Param::Rjb, 0.0, 100.0),
};

pub(in crate::gsim) static MODELS: &[Model] =
    &[Model { info: BASE, make: |info, _| Ok(Arc::new(AkkarBommer2010 { info, adjusted: None })) }];

/// The model adjusted to a region.
pub(in crate::gsim) fn adjusted(info: &'static ModelInfo, adjusted: Adjusted) -> Made {
    Ok(Arc::new(AkkarBommer2010 { info, adjusted: Some(adjusted) }))
}

coefficients! {
    /// Table 1, for log10 of motion in cm/s^2 or cm/s.
    struct Coeffs { b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, sigma1, tau, sigmatot }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AkkarBommer2010.csv");

/// Akkar and Bommer (2010), adjusted or not.
struct AkkarBommer2010 {
    info: &'static ModelInfo,
    adjusted: Option<Adjusted>,
}

debug_as_name!(AkkarBommer2010);

impl Gsim for AkkarBommer2010 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        self.adjusted.map_or(Ok(()), |adjusted| adjusted.check(self.info, imt))
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        match self.adjusted {
            None => {
                let [vs30] = ctx.columns([Param::Vs30]);
                let rows: Vec<Row> = imts.iter().map(Row::at).collect();
                batch::compute(ctx.len(), &rows, out, terms(ctx, |k| vs30[k]));
            }
            Some(adjusted) => {
                let row = |imt| AdjustedRow { row: Row::at(imt), adjustment: adjusted.at(imt) };
                let rows: Vec<AdjustedRow> = imts.iter().map(row).collect();
                batch::compute(ctx.len(), &rows, out, terms(ctx, |_| adjusted.vs30));
            }
        }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// ln of the equation's unit in g or cm/s.
    ln_unit: f64,
    /// What the ln-mean is divided by.
    divisor: f64,
}

impl Row {
    fn at(imt: &Imt) -> Row {
        let ln_unit = -ln_unit(imt);
        let divisor = if imt.period() == Some(4.0) { 0.8 } else { 1.0 };
        Row { c: COEFFS.at(imt), ln_unit, divisor }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
    /// SS: 1 for soft soil, else 0.
    soft: f64,
    /// SA: 1 for stiff soil, else 0.
    stiff: f64,
    /// FN: 1 for normal faulting, else 0.
    normal: f64,
    /// FR: 1 for reverse faulting, else 0.
    reverse: f64,
}

fn terms(ctx: &Contexts, vs30: impl Fn(usize) -> f64) -> impl Fn(usize) -> Terms {
    let [mag, rake, rjb] = ctx.columns([Param::Mag, Param::Rake, Param::Rjb]);
    move |k| {
        let vs30 = vs30(k);
        Terms {
            mag: mag[k],
            rjb: rjb[k],
            soft: f64::from(vs30 < 360.0),
            stiff: f64::from((360.0..=750.0).contains(&vs30)),
            normal: f64::from((-135.0..=-45.0).contains(&rake[k])),
            reverse: f64::from((45.0..=135.0).contains(&rake[k])),
        }
    }
}

/// Equations 1 and 2.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let ln_y = LN_10 * (magnitude(c, t) + site(c, t) + faulting(c, t)) + ln_distance(c, t) + self.ln_unit;
        let [sig, tau, phi] = [c.sigmatot, c.tau, c.sigma1].map(|log10| LN_10 * log10);
        Estimate { mean: ln_y / self.divisor, sig, tau, phi }
    }
}

/// Equation 1, b1 to b3.
#[inline(always)]
fn magnitude(c: &Coeffs, t: &Terms) -> f64 {
    c.b1 + (c.b2 + c.b3 * t.mag) * t.mag
}

/// Equation 1, b4 to b6, in natural logarithms.
#[inline(always)]
fn ln_distance(c: &Coeffs, t: &Terms) -> f64 {
    (c.b4 + c.b5 * t.mag) * 0.5 * ln(t.rjb * t.rjb + c.b6 * c.b6)
}

/// Equation 1, b7 and b8.
#[inline(always)]
fn site(c: &Coeffs, t: &Terms) -> f64 {
    c.b7 * t.soft + c.b8 * t.stiff
}

/// Equation 1, b9 and b10.
#[inline(always)]
fn faulting(c: &Coeffs, t: &Terms) -> f64 {
    c.b9 * t.normal + c.b10 * t.reverse
}

/// The coefficients of one intensity measure, adjusted.
#[derive(Clone, Copy)]
struct AdjustedRow {
    row: Row,
    adjustment: adjustment::OfImt,
}

/// Equation 1, adjusted.
impl batch::Row for AdjustedRow {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let Estimate { mean, tau, .. } = self.row.estimate(t);
        self.adjustment.estimate(mean, tau, t.mag, t.rjb)
    }
}
