//! Afshari and Stewart (2016), significant duration.
//!
//! Afshari K., Stewart J.P., 2016. Physically parameterized prediction equations for significant duration in active crustal
//! regions. Earthquake Spectra 32(4), 2057-2081, doi:10.1193/063015EQS106M.
//!
//! - Component: geometric mean. Units: s; `z1pt0` in m. Valid for magnitude 3 to 7.9 and distances up to 300 km.
//!
//! `Japan` has the mean depth of basins in Japan. As in the engine, means are in km and depths in m.

use std::f64::consts::LN_10;
use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::crustal::boore_2014::{california_z1, japan_z1};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::plain_with_mean_depths;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "AfshariStewart2016",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Rsd2080, ImtKind::Rsd575, ImtKind::Rsd595],
    params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30, Param::Z1pt0],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Afshari and Stewart (2016), Physically parameterized prediction equations for \
                significant duration in active crustal regions, Earthquake Spectra 32(4), 2057-2081",
    doi: Some("10.1193/063015EQS106M"),
    validity: Validity::NOT_STATED.magnitude(3.0, 7.9).distance(Param::Rrup, 0.0, 300.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: BASE,
        make: |info, _| {
            plain_with_mean_depths(info, &COEFFS, |_, c| Row::new(c), |context| Terms::new(context, california_z1))
        },
    },
    Model {
        info: ModelInfo { name: "AfshariStewart2016Japan", ..BASE },
        make: |info, _| {
            plain_with_mean_depths(info, &COEFFS, |_, c| Row::new(c), |context| Terms::new(context, japan_z1))
        },
    },
];

coefficients! {
    /// Table 2.
    struct Coeffs { m1, m2, b0n, b0r, b0ss, b1n, b1r, b1ss, b2, b3, c1, c2, c3, c4, c5, vref, tau1, tau2, phi1, phi2 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AfshariStewart2016.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_vref: f64,
}

impl Row {
    fn new(c: Coeffs) -> Row {
        Row { c, ln_vref: scalar::ln(c.vref) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// Strike-slip, normal and reverse: one of these is 1.
    style: [f64; 3],
    rrup: f64,
    /// ln(vs30), at most that of 600 m/s.
    ln_vs30: f64,
    /// The depth to 1.0 km/s beyond its mean, at most 200.
    dz1: f64,
}

impl Terms {
    fn new([mag, rake, rrup, vs30, z1pt0]: [f64; 5], mean_z1: fn(f64) -> f64) -> Terms {
        let (reverse, normal) = ((45.0..=135.0).contains(&rake), (-135.0..=-45.0).contains(&rake));
        let style = [!(reverse || normal), normal, reverse].map(f64::from);
        let dz1 = if z1pt0 == NO_DEPTH { 0.0 } else { (z1pt0 - mean_z1(vs30)).min(200.0) };
        Terms { mag, style, rrup, ln_vs30: ln(vs30.min(600.0)), dz1 }
    }
}

/// Equation 2.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let mean = ln(source(c, t) + path(c, t.rrup)) + c.c5 * t.dz1 + c.c4 * (t.ln_vs30 - self.ln_vref);
        // Equations 14 and 15.
        let tau = c.tau1 + (c.tau2 - c.tau1) * ((t.mag - 6.5) / 0.5).clamp(0.0, 1.0);
        let phi = c.phi1 + (c.phi2 - c.phi1) * ((t.mag - 5.5) / 0.25).clamp(0.0, 1.0);
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Equations 3 to 6.
#[inline(always)]
fn source(c: &Coeffs, t: &Terms) -> f64 {
    let [strike_slip, normal, reverse] = t.style;
    if t.mag <= c.m1 {
        return c.b0ss * strike_slip + c.b0n * normal + c.b0r * reverse;
    }
    let b1 = c.b1ss * strike_slip + c.b1n * normal + c.b1r * reverse;
    let ln_stress = b1 + c.b2 * (t.mag.min(c.m2) - 6.0) + c.b3 * (t.mag - c.m2).max(0.0);
    let ln_moment = LN_10 * (1.5 * t.mag + 16.05);
    exp((ln_moment - ln_stress) / 3.0) / (4.9e6 * 3.2)
}

/// Equation 7.
#[inline(always)]
fn path(c: &Coeffs, rrup: f64) -> f64 {
    c.c1 * rrup.min(10.0) + c.c2 * (rrup.clamp(10.0, 50.0) - 10.0) + c.c3 * (rrup.max(50.0) - 50.0)
}
