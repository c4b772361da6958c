//! Bommer et al. (2009), significant duration.
//!
//! Bommer J.J., Stafford P.J., Alarcón J.E., 2009. Empirical equations for the prediction of the significant, bracketed, and
//! uniform duration of earthquake ground motion. Bulletin of the Seismological Society of America 99(6), 3217-3233,
//! doi:10.1785/0120080298.
//!
//! - Component: geometric mean. Units: s. Valid for magnitude 4.8 to 7.9 and distances up to 100 km.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "BommerEtAl2009RSD",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Rsd575, ImtKind::Rsd595],
        params: &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30],
        std_devs: TOTAL_AND_PARTS,
        component: Component::GeometricMean,
        reference: "Bommer et al. (2009), Empirical equations for the prediction of the significant, \
                bracketed, and uniform duration of earthquake ground motion, Bulletin of the \
                Seismological Society of America 99(6), 3217-3233",
        doi: Some("10.1785/0120080298"),
        validity: Validity::NOT_STATED.magnitude(4.8, 7.9).distance(Param::Rrup, 0.0, 100.0),
    },
    make: |info, _| {
        plain(info, &COEFFS, |_, c| Row(c), |[mag, ztor, rrup, vs30]| Terms { mag, ztor, rrup, ln_vs30: ln(vs30) })
    },
}];

coefficients! {
    /// Table 2.
    struct Coeffs { c0, m1, r1, r2, h1, v1, z1, tau, phi }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("BommerEtAl2009.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    ztor: f64,
    rrup: f64,
    ln_vs30: f64,
}

/// Equation 5.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let path = (c.r1 + c.r2 * t.mag) * 0.5 * ln(t.rrup * t.rrup + c.h1 * c.h1);
        let mean = c.c0 + c.m1 * t.mag + path + c.v1 * t.ln_vs30 + c.z1 * t.ztor;
        Estimate { mean, sig: (c.tau * c.tau + c.phi * c.phi).sqrt(), tau: c.tau, phi: c.phi }
    }
}
