//! Abrahamson and Silva (2008).
//!
//! Abrahamson N., Silva W., 2008. Summary of the Abrahamson & Silva NGA ground-motion relations. Earthquake Spectra
//! 24(1), 67-97, doi:10.1193/1.2924360; with the errata of 2009 (hanging wall and standard deviation).
//!
//! - Component: GMRotI50. Units: g, and cm/s for `PGV`; `z1pt0` in m.
//! - Valid for magnitude 5 to 8.5, rupture distances up to 200 km, active shallow crust.
//!
//! As in the engine, every earthquake is a main shock (the aftershock term is 0), and the model of constant displacement at
//! long periods (equations 21 and 22) is not used.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar::{self, cos};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "AbrahamsonSilva2008",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[
        Param::Mag,
        Param::Rake,
        Param::Dip,
        Param::Ztor,
        Param::Width,
        Param::Rrup,
        Param::Rjb,
        Param::Rx,
        Param::Vs30,
        Param::Vs30Measured,
        Param::Z1pt0,
    ],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GmRotI50,
    reference: "Abrahamson and Silva (2008), Summary of the Abrahamson & Silva NGA ground-motion relations, Earthquake \
                Spectra 24(1), 67-97",
    doi: Some("10.1193/1.2924360"),
    validity: Validity::NOT_STATED.magnitude(5.0, 8.5).distance(Param::Rrup, 0.0, 200.0),
};

pub(in crate::gsim) static MODELS: &[Model] =
    &[Model { info: BASE, make: |info, _| Ok(Arc::new(AbrahamsonSilva2008 { info })) }];

coefficients! {
    /// Tables 5a, 5b and 6.
    struct Coeffs {
        vlin, b, a1, a2, a8, a10, a12, a13, a14, a16, a18, s1est, s2est, s1mea, s2mea, s3, s4, rho,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AbrahamsonSilva2008.csv");

// Table 4: coefficients that are the same for all periods.
const C1: f64 = 6.75;
const C4: f64 = 4.5;
const A3: f64 = 0.265;
const A4: f64 = -0.231;
const A5: f64 = -0.398;
const N: f64 = 1.18;
const C: f64 = 1.88;
const C2: f64 = 50.0;

/// Standard deviation of site amplification.
const SIGMA_AMP: f64 = 0.3;

/// From this `vs30` there is no effect of shallow soil, m/s.
const VS30_NO_SOIL: f64 = 1000.0;

/// Abrahamson and Silva (2008).
#[derive(Debug)]
struct AbrahamsonSilva2008 {
    info: &'static ModelInfo,
}

impl Gsim for AbrahamsonSilva2008 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let pga = COEFFS.at(&Imt::PGA);
        let rows: Vec<Row> = imts.iter().map(Row::at).collect();
        batch::compute(ctx.len(), &rows, out, terms(ctx, &pga));
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// Equation 6.
    v1: f64,
    /// e2 over -ln(VS30 / 1000) (equation 19).
    e2: f64,
    /// Equation 20.
    a22: f64,
}

impl Row {
    fn at(imt: &Imt) -> Row {
        let c = COEFFS.at(imt);
        match imt.period() {
            // Of `PGV`, for which the paper takes e2 at 1 s.
            None => Row { c, v1: 862.0, e2: e2(1.0), a22: 0.0 },
            Some(period) => Row { c, v1: v1(period), e2: e2(period), a22: 0.0625 * (period - 2.0).max(0.0) },
        }
    }
}

/// Equation 6.
fn v1(period: f64) -> f64 {
    if period <= 0.5 {
        1500.0
    } else if period <= 1.0 {
        scalar::exp(8.0 - 0.795 * scalar::ln(period / 0.21))
    } else if period < 2.0 {
        scalar::exp(6.76 - 0.297 * scalar::ln(period))
    } else {
        700.0
    }
}

/// Equation 19, over -ln(VS30 / 1000).
fn e2(period: f64) -> f64 {
    0.25 * scalar::ln(period.clamp(0.35, 2.0) / 0.35)
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    vs30: f64,
    /// ln((Z1.0 + c2) / (median Z1.0 + c2)), of equation 16.
    ln_depth: f64,
    /// -ln(VS30 / 1000), at least 0.
    ln_soft: f64,
    /// 1 if shallow soil has an effect, else 0.
    shallow: f64,
    /// ln(Z1.0 / 200), at least 0.
    ln_deep: f64,
    /// PGA on rock of 1,100 m/s, g.
    pga1100: f64,
    /// 1 if VS30 was measured, else 0.
    measured: f64,
    /// Equations 27 and 28: magnitude between 5 and 7, from 0 to 1.
    ramp: f64,
    /// sigma_B and tau_B of PGA.
    pga_base: [f64; 2],
}

/// What the model needs of a rupture and its distances.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    /// ln(R), equation 3
    ln_r: f64,
    /// FRV: 1 for reverse faulting, else 0.
    reverse: f64,
    /// FNM: 1 for normal faulting, else 0.
    normal: f64,
    /// f4 / a14
    hanging: f64,
    /// f6 / a16
    depth: f64,
    /// f8 / a18
    far: f64,
}

fn terms(ctx: &Contexts, pga: &Coeffs) -> impl Fn(usize) -> Terms {
    let [mag, rake, rrup, ztor] = ctx.columns([Param::Mag, Param::Rake, Param::Rrup, Param::Ztor]);
    let [dip, width, rjb, rx] = ctx.columns([Param::Dip, Param::Width, Param::Rjb, Param::Rx]);
    let [vs30, measured, z1pt0] = ctx.columns([Param::Vs30, Param::Vs30Measured, Param::Z1pt0]);
    move |k| {
        let rupture = Rupture {
            mag: mag[k],
            ln_r: 0.5 * ln(rrup[k] * rrup[k] + C4 * C4),
            reverse: f64::from(rake[k] > 30.0 && rake[k] < 150.0),
            normal: f64::from(rake[k] > -120.0 && rake[k] < -60.0),
            hanging: hanging_wall(mag[k], rjb[k], rx[k], dip[k], width[k], ztor[k]),
            depth: (ztor[k] / 10.0).min(1.0),
            far: (rrup[k] - 100.0).max(0.0) * (0.5 * (6.5 - mag[k]) + 0.5).clamp(0.5, 1.0),
        };
        // On rock of 1,100 m/s soil has no effect on PGA.
        let pga1100 = exp(ln_base(pga, &rupture) + linear_site(pga, 1100.0));
        let median_z1 = median_z1pt0(vs30[k]);
        let z1pt0 = if z1pt0[k] == NO_DEPTH { median_z1 } else { z1pt0[k] };
        let measured = f64::from(measured[k] != 0.0);
        let ramp = 0.5 * (mag[k].clamp(5.0, 7.0) - 5.0);
        Terms {
            rupture,
            vs30: vs30[k],
            ln_depth: scalar::ln((z1pt0 + C2) / (median_z1 + C2)),
            ln_soft: -scalar::ln(vs30[k] / VS30_NO_SOIL).min(0.0),
            shallow: f64::from(vs30[k] < VS30_NO_SOIL),
            ln_deep: scalar::ln((z1pt0 / 200.0).max(1.0)),
            pga1100,
            measured,
            ramp,
            pga_base: [sigma_b(pga, measured, ramp), tau_0(pga, ramp)],
        }
    }
}

/// Equations 7 to 11, over a14; T5 as in the errata.
fn hanging_wall(mag: f64, rjb: f64, rx: f64, dip: f64, width: f64, ztor: f64) -> f64 {
    if rx <= 0.0 || dip == 90.0 {
        return 0.0;
    }
    let across = width * cos(dip.to_radians());
    let t1 = (1.0 - rjb / 30.0).max(0.0);
    let t2 = if rx <= across { 0.5 + rx / (2.0 * across) } else { 1.0 };
    let t3 = if rx < ztor { rx / ztor } else { 1.0 };
    let t4 = (mag - 6.0).clamp(0.0, 1.0);
    let t5 = 1.0 - (dip - 30.0).max(0.0) / 60.0;
    t1 * t2 * t3 * t4 * t5
}

/// Equation 17, m.
fn median_z1pt0(vs30: f64) -> f64 {
    let ln_median = if vs30 > 500.0 {
        5.394 - 4.48 * scalar::ln(vs30 / 500.0)
    } else {
        6.745 - 1.35 * scalar::ln((vs30 / 180.0).max(1.0))
    };
    scalar::exp(ln_median)
}

/// Equations 1, 24 and 25.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let mean = ln_base(c, &t.rupture) + site(self, t) + soil_depth(self, t);
        let amplification = amplification_slope(c, t);
        let phi2 =
            combined(sigma_b(c, t.measured, t.ramp), t.pga_base[0], amplification, c.rho) + SIGMA_AMP * SIGMA_AMP;
        let tau2 = combined(tau_0(c, t.ramp), t.pga_base[1], amplification, c.rho);
        Estimate { mean, sig: (phi2 + tau2).sqrt(), tau: tau2.sqrt(), phi: phi2.sqrt() }
    }
}

/// Equation 1 without the terms of the site.
#[inline(always)]
fn ln_base(c: &Coeffs, r: &Rupture) -> f64 {
    base_model(c, r) + c.a12 * r.reverse + c.a13 * r.normal + c.a14 * r.hanging + c.a16 * r.depth + c.a18 * r.far
}

/// Equation 2.
#[inline(always)]
fn base_model(c: &Coeffs, r: &Rupture) -> f64 {
    let (above, below_max) = (r.mag - C1, 8.5 - r.mag);
    let slope = if above <= 0.0 { A4 } else { A5 };
    c.a1 + slope * above + c.a8 * below_max * below_max + (c.a2 + A3 * above) * r.ln_r
}

/// Equations 4 and 5.
#[inline(always)]
fn site(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    let vs30 = t.vs30.min(row.v1);
    let ln_ratio = ln(vs30 / c.vlin);
    let nonlinear = c.b * (ln(t.pga1100 + C * exp(N * ln_ratio)) - ln(t.pga1100 + C));
    if t.vs30 < c.vlin { c.a10 * ln_ratio + nonlinear } else { linear_site(c, vs30) }
}

/// Equation 4, for VS30* of VLIN and more.
#[inline(always)]
fn linear_site(c: &Coeffs, vs30: f64) -> f64 {
    (c.a10 + c.b * N) * ln(vs30 / c.vlin)
}

/// Equations 16 and 18: the effect of shallow soil and of stiffness together is not negative.
#[inline(always)]
fn soil_depth(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    let stiffness = (c.a10 + c.b * N) * ln(t.vs30.min(row.v1) / row.v1.min(VS30_NO_SOIL));
    t.shallow * (row.e2 * t.ln_soft * t.ln_depth).max(-stiffness) + row.a22 * t.ln_deep
}

/// Equation 26, as in the errata: the derivative of site amplification.
#[inline(always)]
fn amplification_slope(c: &Coeffs, t: &Terms) -> f64 {
    let pga = t.pga1100;
    let slope = c.b * pga * (1.0 / (pga + C * exp(N * ln(t.vs30 / c.vlin))) - 1.0 / (pga + C));
    if t.vs30 < c.vlin { slope } else { 0.0 }
}

/// The variance of a motion at the surface, of its standard deviation on rock and that of PGA (equations 24 and 25).
#[inline(always)]
fn combined(rock: f64, pga: f64, amplification: f64, rho: f64) -> f64 {
    let pga = amplification * pga;
    rock * rock + pga * pga + 2.0 * rho * rock * pga
}

/// Equations 23 and 27.
#[inline(always)]
fn sigma_b(c: &Coeffs, measured: f64, ramp: f64) -> f64 {
    let s1 = c.s1est + (c.s1mea - c.s1est) * measured;
    let s2 = c.s2est + (c.s2mea - c.s2est) * measured;
    let sigma_0 = s1 + (s2 - s1) * ramp;
    (sigma_0 * sigma_0 - SIGMA_AMP * SIGMA_AMP).sqrt()
}

/// Equation 28.
#[inline(always)]
fn tau_0(c: &Coeffs, ramp: f64) -> f64 {
    c.s3 + (c.s4 - c.s3) * ramp
}
