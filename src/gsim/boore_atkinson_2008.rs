//! Boore and Atkinson (2008).
//!
//! Boore D.M., Atkinson G.M., 2008. Ground-motion prediction equations for the average horizontal component of PGA,
//! PGV, and 5%-damped PSA at spectral periods between 0.01 s and 10.0 s. Earthquake Spectra 24(1), 99-138,
//! doi:10.1193/1.2830434.
//!
//! - Component: GMRotI50. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 5 to 8, Joyner-Boore distances up to 200 km, `vs30` of 180 to 1,300 m/s, active shallow crust.
//!
//! As in the engine, the fault type is always known (the coefficient e1 is not used), Rref is 1 km for all periods
//! (erratum of 2008), and the site terms are interpolated in a table with more periods than the others.

use std::sync::{Arc, LazyLock};

use super::batch::{self, Estimate};
use super::coeffs::{Table, coefficients, table};
use super::model_info::TOTAL_AND_PARTS;
use super::registry::Model;
use super::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt};

pub(super) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "BooreAtkinson2008",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
        std_devs: TOTAL_AND_PARTS,
        component: Component::GmRotI50,
        reference: "Boore and Atkinson (2008), Ground-motion prediction equations for the average horizontal component \
                    of PGA, PGV, and 5%-damped PSA at spectral periods between 0.01 s and 10.0 s, Earthquake Spectra \
                    24(1), 99-138",
        doi: Some("10.1193/1.2830434"),
    },
    make: |info| Arc::new(BooreAtkinson2008 { info }),
}];

coefficients! {
    /// Tables 6, 7 and 8.
    struct Coeffs { c1, c2, c3, h, e2, e3, e4, e5, e6, e7, mh, sig, tau, phi }
}

coefficients! {
    /// Table 3, site amplification.
    struct Site { blin, b1, b2 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("BooreAtkinson2008.csv");
static SITE: LazyLock<Table<Site>> = table!("BooreAtkinson2008_site.csv");

/// Boore and Atkinson (2008).
#[derive(Debug)]
struct BooreAtkinson2008 {
    info: &'static ModelInfo,
}

impl Gsim for BooreAtkinson2008 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        SITE.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rjb, vs30] = ctx.columns([Param::Mag, Param::Rake, Param::Rjb, Param::Vs30]);
        let coeffs: Vec<(Coeffs, Site)> = imts.iter().map(|imt| (COEFFS.at(imt), SITE.at(imt))).collect();
        let pga = COEFFS.at(&Imt::PGA);
        let terms = |k: usize| Terms::new(&pga, mag[k], rake[k], rjb[k], vs30[k]);
        batch::compute(ctx.len(), &coeffs, out, terms, |(c, site), t| {
            let mean = ln_rock(c, &t.rupture) + linear(site, t) + nonlinear(site, t);
            Estimate { mean, sig: c.sig, tau: c.tau, phi: c.phi }
        });
    }
}

/// Fault type from the rake (table 2).
#[derive(Clone, Copy)]
enum Fault {
    StrikeSlip,
    Normal,
    Reverse,
}

#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rjb: f64,
    fault: Fault,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    /// ln(VS30 / Vref)
    ln_vs30: f64,
    /// bnl = slope[0] b1 + slope[1] b2
    slope: [f64; 2],
    /// FNL / bnl
    pga: f64,
}

impl Terms {
    fn new(pga: &Coeffs, mag: f64, rake: f64, rjb: f64, vs30: f64) -> Terms {
        let rupture = Rupture { mag, rjb, fault: fault(rake) };
        let ln_vs30 = (vs30 / VREF).ln();
        Terms { rupture, ln_vs30, slope: slope(vs30), pga: pga_dependence(ln_rock(pga, &rupture)) }
    }
}

/// Table 2: within 30 degrees of horizontal is strike-slip.
fn fault(rake: f64) -> Fault {
    if rake > 30.0 && rake < 150.0 {
        Fault::Reverse
    } else if rake < -30.0 && rake > -150.0 {
        Fault::Normal
    } else {
        Fault::StrikeSlip
    }
}

/// Equation 1 without site amplification, for VS30 = Vref; of `PGA` it is ln(pga4nl).
fn ln_rock(c: &Coeffs, r: &Rupture) -> f64 {
    magnitude_scaling(c, r) + distance_scaling(c, r)
}

/// Equations 3 and 4.
fn distance_scaling(c: &Coeffs, r: &Rupture) -> f64 {
    const MREF: f64 = 4.5;
    const RREF: f64 = 1.0;
    let distance = (r.rjb * r.rjb + c.h * c.h).sqrt();
    (c.c1 + c.c2 * (r.mag - MREF)) * (distance / RREF).ln() + c.c3 * (distance - RREF)
}

/// Equations 5a and 5b.
fn magnitude_scaling(c: &Coeffs, r: &Rupture) -> f64 {
    let fault = match r.fault {
        Fault::StrikeSlip => c.e2,
        Fault::Normal => c.e3,
        Fault::Reverse => c.e4,
    };
    let above = r.mag - c.mh;
    fault + if above <= 0.0 { c.e5 * above + c.e6 * above * above } else { c.e7 * above }
}

/// Equation 7.
fn linear(site: &Site, t: &Terms) -> f64 {
    site.blin * t.ln_vs30
}

/// Equations 8a to 8c.
fn nonlinear(site: &Site, t: &Terms) -> f64 {
    (t.slope[0] * site.b1 + t.slope[1] * site.b2) * t.pga
}

const V1: f64 = 180.0;
const V2: f64 = 300.0;
const VREF: f64 = 760.0;

/// Equations 13a to 13d: the weights of b1 and b2 in bnl.
fn slope(vs30: f64) -> [f64; 2] {
    if vs30 <= V1 {
        [1.0, 0.0]
    } else if vs30 <= V2 {
        let part = (vs30 / V2).ln() / (V1 / V2).ln();
        [part, 1.0 - part]
    } else if vs30 < VREF {
        [0.0, (vs30 / VREF).ln() / (V2 / VREF).ln()]
    } else {
        [0.0, 0.0]
    }
}

/// Equations 8a to 8c and 10 to 12, over bnl, to which all are proportional.
fn pga_dependence(ln_pga4nl: f64) -> f64 {
    const A1: f64 = 0.03;
    const A2: f64 = 0.09;
    const PGA_LOW: f64 = 0.06;
    let (ln_a1, ln_a2, low) = (A1.ln(), A2.ln(), (PGA_LOW / 0.1).ln());
    if ln_pga4nl <= ln_a1 {
        low
    } else if ln_pga4nl <= ln_a2 {
        let dx = ln_a2 - ln_a1;
        let dy = (A2 / PGA_LOW).ln();
        let c = (3.0 * dy - dx) / (dx * dx);
        let d = -(2.0 * dy - dx) / (dx * dx * dx);
        let x = ln_pga4nl - ln_a1;
        low + c * x * x + d * x * x * x
    } else {
        ln_pga4nl - 0.1f64.ln()
    }
}
