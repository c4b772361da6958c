//! Chiou and Youngs (2008), an NGA model.
//!
//! Chiou B.S.-J., Youngs R.R., 2008. An NGA model for the average horizontal component of peak ground motion and
//! response spectra. Earthquake Spectra 24(1), 173-215, doi:10.1193/1.2894832.
//!
//! - Component: GMRotI50. Units: g, and cm/s for `PGV`; `z1pt0` in m.
//! - Valid for magnitude 4 to 8.5 (strike-slip) or 8 (others), rupture distances up to 200 km, `vs30` of 150 to 1,500
//!   m/s, active shallow crust.
//!
//! As in the engine, every earthquake is a main shock (the aftershock terms are 0) and `z1pt0` must be given.
//!
//! Hazard models [`adjusted`] it to their region.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{cosh, exp, ln, sech, tanh};
use crate::elementary::powi;
use crate::elementary::scalar::{self, cos};
use crate::gsim::adjustment::{self, Adjusted};
use crate::gsim::batch::{self, CHUNK, Columns, Estimate, Last, all_same, estimate_each};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::model_info::{TOTAL_AND_PARTS, debug_as_name};
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The unadjusted model.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "ChiouYoungs2008",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[
        Param::Mag,
        Param::Rake,
        Param::Dip,
        Param::Ztor,
        Param::Rrup,
        Param::Rjb,
        Param::Rx,
        Param::Vs30,
        Param::Vs30Measured,
        Param::Z1pt0,
    ],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GmRotI50,
    reference: "Chiou and Youngs (2008), An NGA model for the average horizontal component of peak ground motion and \
                response spectra, Earthquake Spectra 24(1), 173-215",
    doi: Some("10.1193/1.2894832"),
    validity: Validity::NOT_STATED.magnitude(4.0, 8.5).distance(Param::Rrup, 0.0, 200.0).vs30(150.0, 1500.0),
};

pub(in crate::gsim) static MODELS: &[Model] =
    &[Model { info: BASE, make: |info, _| Ok(Arc::new(ChiouYoungs2008 { info, adjusted: None })) }];

/// The model adjusted to a region.
pub(in crate::gsim) fn adjusted(info: &'static ModelInfo, adjusted: Adjusted) -> Made {
    Ok(Arc::new(ChiouYoungs2008 { info, adjusted: Some(adjusted) }))
}

coefficients! {
    /// Tables 2 and 3.
    pub(in crate::gsim) struct Coeffs {
        c1, c1a, c1b, cn, cm, c5, c6, c7, c9, c9a, cg1, cg2, phi1, phi2, phi3, phi4, phi5, phi6, phi7, phi8, tau1, tau2,
        sig1, sig2, sig3,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ChiouYoungs2008.csv");

// Table 1: coefficients that are the same for all periods.
const C2: f64 = 1.06;
const C4: f64 = -2.1;
const C4A: f64 = -0.5;
const CRB: f64 = 50.0;
const CHM: f64 = 3.0;
const CG3: f64 = 4.0;

/// Above this `vs30` there is no site amplification, m/s.
const VREF: f64 = 1130.0;

/// Chiou and Youngs (2008), adjusted or not.
struct ChiouYoungs2008 {
    info: &'static ModelInfo,
    adjusted: Option<Adjusted>,
}

debug_as_name!(ChiouYoungs2008);

impl Gsim for ChiouYoungs2008 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        self.adjusted.map_or(Ok(()), |adjusted| adjusted.check(self.info, imt))
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        match self.adjusted {
            None => compute_base(ctx, imts, out),
            Some(adjusted) => compute_adjusted(adjusted, ctx, imts, out),
        }
    }
}

fn compute_base(ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
    let [vs30, z1pt0, measured] = ctx.columns([Param::Vs30, Param::Z1pt0, Param::Vs30Measured]);
    let rows: Vec<Row> = imts.iter().map(Row::at).collect();
    let terms = terms(ctx, |k| vs30[k], |k| z1pt0[k], |k| measured[k] != 0.0);
    batch::compute(ctx.len(), &rows, out, terms);
}

fn compute_adjusted(adjusted: Adjusted, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
    let row = |imt| AdjustedRow { row: Row::at(imt), adjustment: adjusted.at(imt) };
    let rows: Vec<AdjustedRow> = imts.iter().map(row).collect();
    let [z1pt0] = ctx.columns([Param::Z1pt0]);
    let terms = terms(ctx, |_| adjusted.vs30, |k| z1pt0[k], |_| true);
    batch::compute(ctx.len(), &rows, out, terms);
}

/// Equations 13b and 19 to 21.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        self.estimate_with(t, &self.of_magnitude(t), &self.of_site(t))
    }

    #[inline(always)]
    fn estimate_chunk(&self, chunk: &[Terms; CHUNK], columns: Columns) {
        let row = *self;
        if !all_same(chunk, |t| t.mag) {
            return estimate_each(row, chunk, columns);
        }
        let magnitude = row.of_magnitude(&chunk[0]);
        if all_same(chunk, |t| t.vs30) && all_same(chunk, |t| t.z1pt0) {
            estimate_each(OfOneSite { row, magnitude, site: row.of_site(&chunk[0]) }, chunk, columns);
        } else {
            estimate_each(OfOneMagnitude { row, magnitude }, chunk, columns);
        }
    }
}

/// The equations for contexts of one magnitude.
#[derive(Clone, Copy)]
struct OfOneMagnitude {
    row: Row,
    magnitude: OfMagnitude,
}

impl batch::Row for OfOneMagnitude {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        self.row.estimate_with(t, &self.magnitude, &self.row.of_site(t))
    }
}

/// The equations for contexts of one magnitude at one site, or at sites that do not differ.
#[derive(Clone, Copy)]
struct OfOneSite {
    row: Row,
    magnitude: OfMagnitude,
    site: OfSite,
}

impl batch::Row for OfOneSite {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        self.row.estimate_with(t, &self.magnitude, &self.site)
    }
}

/// Equations 13b and 19, adjusted.
impl batch::Row for AdjustedRow {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let AdjustedRow { row, adjustment } = self;
        let site = row.of_site(t);
        let ln_y_ref = ln_y_ref(row, t, &row.of_magnitude(t));
        let y_ref = exp(ln_y_ref);
        adjustment.estimate(ln_y(row, t, &site, ln_y_ref, y_ref), tau(row, t, site.b, y_ref), t.mag, t.rjb)
    }
}

/// The coefficients of one intensity measure, adjusted.
#[derive(Clone, Copy)]
struct AdjustedRow {
    row: Row,
    adjustment: adjustment::OfImt,
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct Row {
    c: Coeffs,
    regional: Regional,
    /// exp(phi3 (1130 - 360)), of equation 10.
    exp_ref: f64,
}

/// What a model for another region may have its own of.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct Regional {
    /// Scaling with magnitude.
    pub(in crate::gsim) c3: f64,
    /// The greatest depth of the top of the rupture that counts, km.
    pub(in crate::gsim) max_ztor: f64,
    /// By how much more a volcanic path attenuates.
    pub(in crate::gsim) volcanic: f64,
    /// ln of the ratio to 1,130 m/s of the `vs30` above which there is no amplification.
    pub(in crate::gsim) ln_v1: f64,
}

impl Row {
    fn at(imt: &Imt) -> Row {
        Row::new(COEFFS.at(imt), Regional { c3: 3.45, max_ztor: f64::INFINITY, volcanic: 0.0, ln_v1: 0.0 })
    }

    pub(in crate::gsim) fn new(c: Coeffs, regional: Regional) -> Row {
        Row { c, regional, exp_ref: scalar::exp(c.phi3 * (VREF - 360.0)) }
    }

    #[inline(always)]
    fn of_magnitude(&self, t: &Terms) -> OfMagnitude {
        OfMagnitude { scaling: magnitude(self, t), near: self.c.c5 * cosh(self.c.c6 * (t.mag - CHM).max(0.0)) }
    }

    #[inline(always)]
    fn of_site(&self, t: &Terms) -> OfSite {
        OfSite { b: nonlinear_b(self, t), basin: basin(&self.c, t) }
    }

    #[inline(always)]
    fn estimate_with(&self, t: &Terms, magnitude: &OfMagnitude, site: &OfSite) -> Estimate {
        let ln_y_ref = ln_y_ref(self, t, magnitude);
        let y_ref = exp(ln_y_ref);
        let (tau, phi) = (tau(self, t, site.b, y_ref), sigma(self, t, site.b, y_ref));
        Estimate { mean: ln_y(self, t, site, ln_y_ref, y_ref), sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// What follows from the magnitude alone.
#[derive(Clone, Copy)]
struct OfMagnitude {
    /// Equation 13a, second line.
    scaling: f64,
    /// What the third line adds to the distance.
    near: f64,
}

/// What follows from the site alone.
#[derive(Clone, Copy)]
struct OfSite {
    /// Equation 10: b.
    b: f64,
    /// Equation 13b, third line.
    basin: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct Terms {
    mag: f64,
    rrup: f64,
    rjb: f64,
    /// 1 for reverse faulting, else 0.
    reverse: f64,
    /// 1 for normal faulting, else 0.
    normal: f64,
    ztor: f64,
    /// ln(sqrt(Rrup^2 + crb^2))
    ln_far: f64,
    /// 1 / cosh(max(M - cg3, 0))
    anelastic: f64,
    /// Rx cos^2(dip)
    hanging_x: f64,
    /// 1 - sqrt(Rjb^2 + Ztor^2) / (Rrup + 0.001) on the hanging wall, else 0.
    hanging: f64,
    /// min(VS30, 1130)
    vs30: f64,
    /// ln(VS30 / 1130)
    ln_vs30: f64,
    /// 1 if VS30 was measured, else 0.
    measured: f64,
    z1pt0: f64,
    /// 1 / cosh(0.15 max(Z1.0 - 15, 0))
    shallow: f64,
}

/// The terms of the contexts, at sites with these `vs30`, m/s, and `z1pt0`, m.
pub(in crate::gsim) fn terms(
    ctx: &Contexts,
    vs30: impl Fn(usize) -> f64,
    z1pt0: impl Fn(usize) -> f64,
    measured: impl Fn(usize) -> bool,
) -> impl Fn(usize) -> Terms {
    let [mag, rake, dip, ztor] = ctx.columns([Param::Mag, Param::Rake, Param::Dip, Param::Ztor]);
    let [rrup, rjb, rx] = ctx.columns([Param::Rrup, Param::Rjb, Param::Rx]);
    // the contexts of a rupture follow each other, and sites are mostly alike
    let (cos_dip, anelastic) =
        (Last::new(|dip: f64| cos(dip.to_radians())), Last::new(|mag: f64| sech((mag - CG3).max(0.0))));
    let (mean_z1pt0, shallow) = (Last::new(mean_z1pt0), Last::new(|z1pt0: f64| sech(0.15 * (z1pt0 - 15.0).max(0.0))));
    let ln_vs30 = Last::new(|vs30| ln(vs30 / VREF));
    move |k| {
        let vs30 = vs30(k);
        let z1pt0 = if z1pt0(k) == NO_DEPTH { mean_z1pt0.of(vs30) } else { z1pt0(k) };
        let cos_dip = cos_dip.of(dip[k]);
        let hanging = 1.0 - (rjb[k] * rjb[k] + ztor[k] * ztor[k]).sqrt() / (rrup[k] + 0.001);
        Terms {
            mag: mag[k],
            rrup: rrup[k],
            rjb: rjb[k],
            reverse: f64::from((30.0..=150.0).contains(&rake[k])),
            normal: f64::from((-120.0..=-60.0).contains(&rake[k])),
            ztor: ztor[k],
            ln_far: 0.5 * ln(rrup[k] * rrup[k] + CRB * CRB),
            anelastic: anelastic.of(mag[k]),
            hanging_x: rx[k] * cos_dip * cos_dip,
            hanging: if rx[k] >= 0.0 { hanging } else { 0.0 },
            vs30: vs30.min(VREF),
            ln_vs30: ln_vs30.of(vs30),
            measured: f64::from(measured(k)),
            z1pt0,
            shallow: shallow.of(z1pt0),
        }
    }
}

/// The mean depth to 1.0 km/s of sites with a `vs30`, m (equation 1).
pub(in crate::gsim) fn mean_z1pt0(vs30: f64) -> f64 {
    scalar::exp(28.5 - 3.82 / 8.0 * scalar::ln(powi(vs30, 8) + powi(378.7, 8)))
}

/// Equation 13a, for a main shock.
#[inline(always)]
fn ln_y_ref(row: &Row, t: &Terms, of: &OfMagnitude) -> f64 {
    let c = &row.c;
    c.c1 + faulting(row, t)
        + of.scaling
        + near_source(t, of)
        + (C4A - C4) * t.ln_far
        + anelastic(row, t)
        + hanging_wall(c, t)
}

/// Equation 13a, first line: style of faulting and depth.
#[inline(always)]
fn faulting(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    c.c1a * t.reverse + c.c1b * t.normal + c.c7 * (t.ztor.min(row.regional.max_ztor) - 4.0)
}

/// Equation 13a, second line.
#[inline(always)]
fn magnitude(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    C2 * (t.mag - 6.0) + (C2 - row.regional.c3) / c.cn * ln(1.0 + exp(c.cn * (c.cm - t.mag)))
}

/// Equation 13a, third line.
#[inline(always)]
fn near_source(t: &Terms, of: &OfMagnitude) -> f64 {
    C4 * ln(t.rrup + of.near)
}

/// Equation 13a, fifth line.
#[inline(always)]
fn anelastic(row: &Row, t: &Terms) -> f64 {
    (row.c.cg1 + row.c.cg2 * t.anelastic) * (1.0 + row.regional.volcanic) * t.rrup
}

/// Equation 13a, sixth line.
#[inline(always)]
fn hanging_wall(c: &Coeffs, t: &Terms) -> f64 {
    c.c9 * tanh(t.hanging_x / c.c9a) * t.hanging
}

/// Equation 10: b.
#[inline(always)]
fn nonlinear_b(row: &Row, t: &Terms) -> f64 {
    row.c.phi2 * (exp(row.c.phi3 * (t.vs30 - 360.0)) - row.exp_ref)
}

/// Equation 13b.
#[inline(always)]
fn ln_y(row: &Row, t: &Terms, site: &OfSite, ln_y_ref: f64, y_ref: f64) -> f64 {
    let c = &row.c;
    ln_y_ref + c.phi1 * t.ln_vs30.min(row.regional.ln_v1) + site.b * ln((y_ref + c.phi4) / c.phi4) + site.basin
}

/// Equation 13b, third line: deep and shallow sediments.
#[inline(always)]
fn basin(c: &Coeffs, t: &Terms) -> f64 {
    c.phi5 * (1.0 - sech(c.phi6 * (t.z1pt0 - c.phi7).max(0.0))) + c.phi8 * t.shallow
}

/// Magnitude between 5 and 7, from 0 to 1, of equations 19 and 20.
#[inline(always)]
fn magnitude_ramp(t: &Terms) -> f64 {
    0.5 * (t.mag.clamp(5.0, 7.0) - 5.0)
}

/// 1 + NL, where NL is the derivative of site amplification (equation 20).
#[inline(always)]
fn one_plus_nl(c: &Coeffs, b: f64, y_ref: f64) -> f64 {
    1.0 + b * y_ref / (y_ref + c.phi4)
}

/// Equation 19, with the effect of nonlinear sites as in equation 21.
#[inline(always)]
fn tau(row: &Row, t: &Terms, b: f64, y_ref: f64) -> f64 {
    let c = &row.c;
    (one_plus_nl(c, b, y_ref) * (c.tau1 + (c.tau2 - c.tau1) * magnitude_ramp(t))).abs()
}

/// Equation 20, for a main shock.
#[inline(always)]
fn sigma(row: &Row, t: &Terms, b: f64, y_ref: f64) -> f64 {
    let c = &row.c;
    let site = c.sig3 * (1.0 - t.measured) + 0.7 * t.measured;
    let nonlinear = one_plus_nl(c, b, y_ref);
    (c.sig1 + (c.sig2 - c.sig1) * magnitude_ramp(t)) * (site + nonlinear * nonlinear).sqrt()
}
