//! Campbell and Bozorgnia (2008).
//!
//! Campbell K.W., Bozorgnia Y., 2008. NGA ground motion model for the geometric mean horizontal component of PGA, PGV,
//! PGD and 5% damped linear elastic response spectra for periods ranging from 0.01 to 10 s. Earthquake Spectra 24(1),
//! 139-171, doi:10.1193/1.2857546.
//!
//! - Component: GMRotI50; `CampbellBozorgnia2008Arbitrary` has the total standard deviation of the arbitrary horizontal
//!   component (equation 18). Units: g, cm/s for `PGV`, cm for `PGD`, g s for `CAV`; `z2pt5` in km.
//! - Valid for magnitude 4 to 8.5 (strike-slip), 8 (reverse) or 7.5 (normal), rupture distances up to 200 km, `vs30` of
//!   150 to 1,500 m/s, active shallow crust.
//!
//! `CAV` has the same equations with the coefficients of Campbell K.W., Bozorgnia Y., 2010. A ground motion prediction
//! equation for the horizontal component of cumulative absolute velocity (CAV) based on the PEER-NGA strong motion
//! database. Earthquake Spectra 26(3), 635-650, doi:10.1193/1.3457158.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::crustal::chiou_youngs_2008::mean_z1pt0;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the geometric mean.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "CampbellBozorgnia2008",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Pgd, ImtKind::Cav, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Dip, Param::Ztor, Param::Rrup, Param::Rjb, Param::Vs30, Param::Z2pt5],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GmRotI50,
    reference: "Campbell and Bozorgnia (2008), NGA ground motion model for the geometric mean horizontal component of \
                PGA, PGV, PGD and 5% damped linear elastic response spectra for periods ranging from 0.01 to 10 s, \
                Earthquake Spectra 24(1), 139-171",
    doi: Some("10.1193/1.2857546"),
    validity: Validity::NOT_STATED.magnitude(4.0, 8.5).distance(Param::Rrup, 0.0, 200.0).vs30(150.0, 1500.0),
};

/// For the arbitrary horizontal component.
const ARBITRARY: ModelInfo =
    ModelInfo { name: "CampbellBozorgnia2008Arbitrary", component: Component::Horizontal, ..BASE };

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(CampbellBozorgnia2008 { info, arbitrary: false })) },
    Model { info: ARBITRARY, make: |info, _| Ok(Arc::new(CampbellBozorgnia2008 { info, arbitrary: true })) },
];

coefficients! {
    /// Tables 2 and 3.
    struct Coeffs { c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, k1, k2, k3, s_lny, t_lny, c_lny, rho }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("CampbellBozorgnia2008.csv");

// Table 2: coefficients that are the same for all periods.
const C: f64 = 1.88;
const N: f64 = 1.18;

/// Standard deviation of site amplification (table 3).
const S_LN_AF: f64 = 0.3;

/// Above this `vs30` site amplification is constant, m/s; that of A1100.
const VS30_ROCK: f64 = 1100.0;

/// Campbell and Bozorgnia (2008).
#[derive(Debug)]
struct CampbellBozorgnia2008 {
    info: &'static ModelInfo,
    /// Whether the total standard deviation is that of the arbitrary horizontal component.
    arbitrary: bool,
}

impl Gsim for CampbellBozorgnia2008 {
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
        let rows: Vec<Row> = imts.iter().map(|imt| Row::at(imt, &pga, self.arbitrary)).collect();
        batch::compute(ctx.len(), &rows, out, terms(ctx, &pga));
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// Within-event standard deviation of PGA at the base of the site profile.
    sigma_ln_ab: f64,
    /// Variance of the component (equation 18).
    component: f64,
    /// Whether the motion is at least PGA.
    at_least_pga: bool,
}

impl Row {
    fn at(imt: &Imt, pga: &Coeffs, arbitrary: bool) -> Row {
        let c = COEFFS.at(imt);
        let component = if arbitrary { c.c_lny * c.c_lny } else { 0.0 };
        let at_least_pga = imt.period().is_some_and(|period| period > 0.0 && period < 0.25);
        Row { c, sigma_ln_ab: base(pga.s_lny), component, at_least_pga }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    vs30: f64,
    /// A1100: PGA on rock of 1,100 m/s.
    a1100: f64,
    /// ln of PGA at the site.
    ln_pga: f64,
}

/// What the model needs of a rupture, its distance and the basin.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rrup: f64,
    /// FRV fflt,Z: 1 for reverse faulting, less if it is shallow, else 0.
    reverse: f64,
    /// FNM: 1 for normal faulting, else 0.
    normal: f64,
    /// fhng / c9
    hanging: f64,
    /// fsed / c11
    shallow: f64,
    /// fsed / (c12 k3)
    deep: f64,
}

fn terms(ctx: &Contexts, pga: &Coeffs) -> impl Fn(usize) -> Terms {
    let [mag, rake, dip, ztor] = ctx.columns([Param::Mag, Param::Rake, Param::Dip, Param::Ztor]);
    let [rrup, rjb, vs30, z2pt5] = ctx.columns([Param::Rrup, Param::Rjb, Param::Vs30, Param::Z2pt5]);
    // where it is not known, by the mean depth to 1.0 km/s
    let z2pt5 = move |k: usize| {
        if z2pt5[k] == NO_DEPTH { 0.519 + 3.595 * mean_z1pt0(vs30[k]) / 1000.0 } else { z2pt5[k] }
    };
    move |k| {
        let (reverse, normal) = (rake[k] > 30.0 && rake[k] < 150.0, rake[k] > -150.0 && rake[k] < -30.0);
        let hanging = hanging_distance(rrup[k], rjb[k], ztor[k])
            * hanging_magnitude(mag[k])
            * hanging_depth(ztor[k])
            * hanging_dip(dip[k]);
        let rupture = Rupture {
            mag: mag[k],
            rrup: rrup[k],
            reverse: f64::from(reverse) * ztor[k].min(1.0),
            normal: f64::from(normal),
            hanging,
            shallow: (z2pt5(k) - 1.0).min(0.0),
            deep: exp(-0.75) * (1.0 - scalar::exp(-0.25 * (z2pt5(k) - 3.0).max(0.0))),
        };
        let ln_base = ln_base(pga, &rupture);
        let a1100 = exp(ln_base + linear_site(pga, VS30_ROCK));
        Terms { rupture, vs30: vs30[k], a1100, ln_pga: ln_base + site(pga, vs30[k], a1100) }
    }
}

/// Equation 7.
fn hanging_distance(rrup: f64, rjb: f64, ztor: f64) -> f64 {
    if rjb <= 0.0 {
        1.0
    } else if ztor < 1.0 {
        let longest = rrup.max((rjb * rjb + 1.0).sqrt());
        (longest - rjb) / longest
    } else {
        (rrup - rjb) / rrup
    }
}

/// Equation 8.
fn hanging_magnitude(mag: f64) -> f64 {
    (2.0 * (mag - 6.0)).clamp(0.0, 1.0)
}

/// Equation 9.
fn hanging_depth(ztor: f64) -> f64 {
    ((20.0 - ztor) / 20.0).max(0.0)
}

/// Equation 10.
fn hanging_dip(dip: f64) -> f64 {
    if dip > 70.0 { (90.0 - dip) / 20.0 } else { 1.0 }
}

/// Equations 1 and 15 to 18.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let mean = ln_base(&self.c, &t.rupture) + site(&self.c, t.vs30, t.a1100);
        let (tau, variance) = (self.c.t_lny, within_variance(self, t));
        Estimate {
            mean: if self.at_least_pga { mean.max(t.ln_pga) } else { mean },
            sig: (variance + tau * tau + self.component).sqrt(),
            tau,
            phi: variance.sqrt(),
        }
    }
}

/// Equation 1 without the shallow site response.
#[inline(always)]
fn ln_base(c: &Coeffs, r: &Rupture) -> f64 {
    magnitude(c, r) + distance(c, r) + faulting(c, r) + c.c9 * r.hanging + basin(c, r)
}

/// Equation 2.
#[inline(always)]
fn magnitude(c: &Coeffs, r: &Rupture) -> f64 {
    c.c0 + c.c1 * r.mag + c.c2 * (r.mag - 5.5).max(0.0) + c.c3 * (r.mag - 6.5).max(0.0)
}

/// Equation 3.
#[inline(always)]
fn distance(c: &Coeffs, r: &Rupture) -> f64 {
    (c.c4 + c.c5 * r.mag) * 0.5 * ln(r.rrup * r.rrup + c.c6 * c.c6)
}

/// Equations 4 and 5.
#[inline(always)]
fn faulting(c: &Coeffs, r: &Rupture) -> f64 {
    c.c7 * r.reverse + c.c8 * r.normal
}

/// Equation 12.
#[inline(always)]
fn basin(c: &Coeffs, r: &Rupture) -> f64 {
    c.c11 * r.shallow + c.c12 * c.k3 * r.deep
}

/// Equation 11.
#[inline(always)]
fn site(c: &Coeffs, vs30: f64, a1100: f64) -> f64 {
    let ln_ratio = ln(vs30 / c.k1);
    let soft = c.c10 * ln_ratio + c.k2 * (ln(a1100 + C * exp(N * ln_ratio)) - ln(a1100 + C));
    if vs30 < c.k1 { soft } else { linear_site(c, vs30) }
}

/// Equation 11, second and third line.
#[inline(always)]
fn linear_site(c: &Coeffs, vs30: f64) -> f64 {
    (c.c10 + c.k2 * N) * ln(vs30.min(VS30_ROCK) / c.k1)
}

/// Equation 15: the square of the within-event standard deviation.
#[inline(always)]
fn within_variance(row: &Row, t: &Terms) -> f64 {
    let (y, a) = (base(row.c.s_lny), alpha(&row.c, t) * row.sigma_ln_ab);
    y * y + S_LN_AF * S_LN_AF + a * a + 2.0 * row.c.rho * y * a
}

/// The within-event standard deviation at the base of the site profile, of that at the surface.
#[inline(always)]
fn base(surface: f64) -> f64 {
    (surface * surface - S_LN_AF * S_LN_AF).sqrt()
}

/// Equation 17.
#[inline(always)]
fn alpha(c: &Coeffs, t: &Terms) -> f64 {
    let soft = 1.0 / (t.a1100 + C * exp(N * ln(t.vs30 / c.k1))) - 1.0 / (t.a1100 + C);
    if t.vs30 < c.k1 { c.k2 * t.a1100 * soft } else { 0.0 }
}
