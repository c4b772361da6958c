//! Travasarou et al. (2003), Arias intensity.
//!
//! Travasarou T., Bray J.D., Abrahamson N.A., 2003. Empirical attenuation relationship for Arias intensity. Earthquake Engineering
//! and Structural Dynamics 32, 1133-1155, doi:10.1002/eqe.270.
//!
//! - Component: geometric mean. Units: m/s. Valid for magnitude 4.7 to 7.6 and distances up to 250 km.

use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "TravasarouEtAl2003",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Ia],
        params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30],
        std_devs: TOTAL_AND_PARTS,
        component: Component::GeometricMean,
        reference: "Travasarou et al. (2003), Empirical attenuation relationship for Arias intensity, \
                Earthquake Engineering and Structural Dynamics 32, 1133-1155",
        doi: Some("10.1002/eqe.270"),
        validity: Validity::NOT_STATED.magnitude(4.7, 7.6).distance(Param::Rrup, 0.0, 250.0),
    },
    make: |info, _| plain(info, &COEFFS, |_, c| Row(c), Terms::new),
}];

coefficients! {
    /// Table 1.
    struct Coeffs { c1, c2, c3, c4, h, s11, s12, s21, s22, f1, f2 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("TravasarouEtAl2003.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// Stiff and soft soil: one of these is 1, or none.
    soil: [f64; 2],
    /// Normal and reverse faulting: one of these is 1, or none.
    normal: f64,
    reverse: f64,
    /// Standard deviation within events of weak and of strong motion.
    phi: [f64; 2],
    tau: f64,
}

impl Terms {
    fn new([mag, rake, rrup, vs30]: [f64; 4]) -> Terms {
        let (soil, phi) = if vs30 < 360.0 {
            ([0.0, 1.0], [0.96, 0.73])
        } else if vs30 < 760.0 {
            ([1.0, 0.0], [1.17, 0.93])
        } else {
            ([0.0, 0.0], [1.18, 0.94])
        };
        let [normal, reverse] = [-112.5..=-67.5, 22.5..=157.5].map(|range| f64::from(range.contains(&rake)));
        let tau = if mag > 7.6 { 0.475 } else { 0.611 - 0.047 * (mag - 4.7).max(0.0) };
        Terms { mag, rrup, soil, normal, reverse, phi, tau }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let above = t.mag - 6.0;
        let magnitude = c.c1 + c.c2 * above + c.c3 * ln(t.mag / 6.0);
        let path = c.c4 * 0.5 * ln(t.rrup * t.rrup + c.h * c.h);
        let [stiff, soft] = t.soil;
        let site = (c.s11 + c.s12 * above) * stiff + (c.s21 + c.s22 * above) * soft;
        let mean = magnitude + path + site + c.f1 * t.normal + c.f2 * t.reverse;
        let phi = phi(t, mean);
        Estimate { mean, sig: (t.tau * t.tau + phi * phi).sqrt(), tau: t.tau, phi }
    }
}

/// It falls as motion grows from 0.013 to 0.125 m/s.
#[inline(always)]
fn phi(t: &Terms, mean: f64) -> f64 {
    let arias = exp(mean);
    if arias <= 0.013 {
        t.phi[0]
    } else if arias < 0.125 {
        t.phi[0] - 0.106 * (mean - const { scalar::ln(0.0132) })
    } else {
        t.phi[1]
    }
}
