//! Bahrampouri, Rodriguez-Marek and Green (2021), significant duration in Japan.
//!
//! Bahrampouri M., Rodriguez-Marek A., Green R.A., 2021. Ground motion prediction equations for significant duration using the
//! KiK-net database. Earthquake Spectra 37(2), 903-920, doi:10.1177/8755293020970971.
//!
//! - Component: geometric mean. Units: s; `z1pt0` in m. For the crust, the interface and the slab.
//!
//! As in the engine, the terms are rounded to four decimals.

use std::f64::consts::LN_10;
use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::{hypot, powi, scalar};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::plain_with_mean_depths;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const CRUST: ModelInfo = ModelInfo {
    name: "BahrampouriEtAldm2021Asc",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Rsd575, ImtKind::Rsd595],
    params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30, Param::Z1pt0],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Bahrampouri et al. (2021), Ground motion prediction equations for significant duration \
                using the KiK-net database, Earthquake Spectra 37(2), 903-920",
    doi: Some("10.1177/8755293020970971"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: CRUST, make: |info, _| plain_with_mean_depths(info, &OF_CRUST, |_, c| Row::new(c), Terms::new) },
    Model {
        info: ModelInfo { name: "BahrampouriEtAldm2021SInter", trt: Trt::SubductionInterface, ..CRUST },
        make: |info, _| plain_with_mean_depths(info, &OF_INTERFACE, |_, c| Row::new(c), Terms::new),
    },
    Model {
        info: ModelInfo { name: "BahrampouriEtAldm2021SSlab", trt: Trt::SubductionIntraslab, ..CRUST },
        make: |info, _| plain_with_mean_depths(info, &OF_SLAB, |_, c| Row::new(c), Terms::new),
    },
];

coefficients! {
    /// The coefficients of the models; at the interface those of reverse faulting hold for all styles.
    struct Coeffs { m1, m2, m3_rs, m3_ss, m3_ns, m_low, m_high, r1, r2, r_far, s1, s2, s3, sigma, tau, phi_s2s, phi_ss }
}

static OF_CRUST: LazyLock<Table<Coeffs>> = table!("BahrampouriEtAl2021_duration.csv", "crust");
static OF_INTERFACE: LazyLock<Table<Coeffs>> = table!("BahrampouriEtAl2021_duration.csv", "interface");
static OF_SLAB: LazyLock<Table<Coeffs>> = table!("BahrampouriEtAl2021_duration.csv", "slab");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    phi: f64,
}

impl Row {
    fn new(c: Coeffs) -> Row {
        Row { c, phi: hypot(c.phi_ss, c.phi_s2s) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// Strike-slip, normal and reverse: one of these is 1.
    style: [f64; 3],
    ln_vs30: f64,
    /// The depth to 1.0 km/s beyond its mean, at most 250 m.
    dz1: f64,
}

impl Terms {
    fn new([mag, rake, rrup, vs30, z1pt0]: [f64; 5]) -> Terms {
        let (reverse, normal) = ((45.0..=135.0).contains(&rake), (-135.0..=-45.0).contains(&rake));
        let style = [!(reverse || normal), normal, reverse].map(f64::from);
        let c = powi(412.39, 2);
        let mean_z1 = scalar::exp(-5.23 / 2.0 * scalar::ln((powi(vs30, 2) + c) / (powi(1360.0, 2) + c)) - 0.9);
        let dz1 = if z1pt0 == NO_DEPTH { 0.0 } else { rounded(z1pt0 - mean_z1).min(250.0) };
        Terms { mag, rrup, style, ln_vs30: ln(vs30.min(600.0) / 600.0), dz1 }
    }
}

fn rounded(x: f64) -> f64 {
    (x * 1e4).round_ties_even() / 1e4
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let site = rounded(c.s1 * t.ln_vs30 + c.s2 * t.dz1 + c.s3);
        let mean = ln(source(c, t) + path(c, t)) + site;
        Estimate { mean, sig: c.sigma, tau: c.tau, phi: self.phi }
    }
}

/// Equation 8.
#[inline(always)]
fn source(c: &Coeffs, t: &Terms) -> f64 {
    let [strike_slip, normal, reverse] = t.style;
    let m3 = c.m3_ss * strike_slip + c.m3_ns * normal + c.m3_rs * reverse;
    rounded(exp(LN_10 * c.m1 * (t.mag - c.m2)) + m3)
}

/// Equations 9 to 11.
#[inline(always)]
fn path(c: &Coeffs, t: &Terms) -> f64 {
    let slope = c.r1 + c.r2 * (t.mag - 4.0);
    let great = ((t.mag - c.m_low) / (c.m_high - c.m_low)).clamp(0.0, 1.0);
    rounded(slope * (t.rrup.min(c.r_far) + great * (t.rrup - c.r_far).max(0.0)))
}
