//! Boore et al. (2021), for shallow crust in Greece.
//!
//! Boore D.M., Stewart J.P., Skarlatoudis A.A., Seyhan E., Margaris B., Theodoulidis N., Scordilis E., Kalogeras I., Klimis N.,
//! Melis N.S., 2021. A ground-motion prediction model for shallow crustal earthquakes in Greece. Bulletin of the Seismological
//! Society of America 111(2), 857-874, doi:10.1785/0120200270.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`. Valid for magnitude 4 to 7 and Joyner-Boore distances up to 300 km.

use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{plain, style_of_faulting};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "BooreEtAl2020",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
        std_devs: TOTAL_AND_PARTS,
        component: Component::RotD50,
        reference: "Boore et al. (2021), A ground-motion prediction model for shallow crustal earthquakes in \
                Greece, Bulletin of the Seismological Society of America 111(2), 857-874",
        doi: Some("10.1785/0120200270"),
        validity: Validity::NOT_STATED.magnitude(4.0, 7.0).distance(Param::Rjb, 0.0, 300.0),
    },
    make: |info, _| plain(info, &COEFFS, Row::new, Terms::new),
}];

coefficients! {
    /// The electronic supplement.
    struct Coeffs { e1, e2, e3, e4, e5, e6, mh, c1, c2, c3, h, clin, v1, vc, vref, f1, f3, f4, f5, phi, tau1, tau2, mtau1, mtau2 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("BooreEtAl2020.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
    /// exp(f5 (760 - 360))
    exp_ref: f64,
}

impl Row {
    /// The unit is cm/s^2, of a g of 981 cm/s^2.
    fn new(imt: &Imt, c: Coeffs) -> Row {
        let ln_unit = if imt.kind() == ImtKind::Pgv { 0.0 } else { ln(981.0) };
        Row { c, ln_unit, exp_ref: scalar::exp(c.f5 * 400.0) }
    }
}

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rjb: f64,
    /// Strike-slip, normal and reverse.
    style: [f64; 3],
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    vs30: f64,
    /// `PGA` on rock, cm/s^2.
    pga: f64,
}

impl Terms {
    fn new([mag, rake, rjb, vs30]: [f64; 4]) -> Terms {
        let rupture = Rupture { mag, rjb, style: style_of_faulting(rake) };
        Terms { rupture, vs30, pga: exp(ln_rock(&COEFFS.at(&Imt::PGA), &rupture)) }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let mean = ln_rock(c, &t.rupture) + linear(c, t.vs30) + nonlinear(self, t) - self.ln_unit;
        let great = ((t.rupture.mag - c.mtau1) / (c.mtau2 - c.mtau1)).clamp(0.0, 1.0);
        let tau = c.tau1 + (c.tau2 - c.tau1) * great;
        Estimate { mean, sig: (tau * tau + c.phi * c.phi).sqrt(), tau, phi: c.phi }
    }
}

/// Equations 2 to 4.
#[inline(always)]
fn ln_rock(c: &Coeffs, r: &Rupture) -> f64 {
    let above = r.mag - c.mh;
    let [strike_slip, normal, reverse] = r.style;
    let style = c.e1 * strike_slip + c.e2 * normal + c.e3 * reverse;
    let magnitude = if above <= 0.0 { (c.e4 + c.e5 * above) * above } else { c.e6 * above };
    let distance = (r.rjb * r.rjb + c.h * c.h).sqrt();
    style + magnitude + (c.c1 + c.c2 * (r.mag - 4.5)) * ln(distance) + c.c3 * (distance - 1.0)
}

/// Equation 6.
#[inline(always)]
fn linear(c: &Coeffs, vs30: f64) -> f64 {
    let reference = if vs30 > c.v1 && vs30 <= c.vc { c.vref } else { 760.0 };
    c.clin * ln(vs30.max(c.v1).min(c.vc) / reference)
}

/// Equation 7.
#[inline(always)]
fn nonlinear(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    c.f1 + c.f4 * (exp(c.f5 * (t.vs30.min(760.0) - 360.0)) - row.exp_ref) * ln(1.0 + t.pga / c.f3)
}
