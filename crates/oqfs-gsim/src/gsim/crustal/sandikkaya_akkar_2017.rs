//! Sandıkkaya and Akkar (2017), cumulative absolute velocity and Arias intensity in Europe.
//!
//! Sandıkkaya M.A., Akkar S., 2017. Cumulative absolute velocity, Arias intensity and significant duration predictive models from
//! a pan-European strong-motion dataset. Bulletin of Earthquake Engineering 15, 1881-1898, doi:10.1007/s10518-016-0066-6.
//!
//! - Component: geometric mean. Units: g s, m/s. The names say which distance it takes.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const RJB: ModelInfo = ModelInfo {
    name: "SandikkayaAkkar2017Rjb",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Cav, ImtKind::Ia],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Sandıkkaya and Akkar (2017), Cumulative absolute velocity, Arias intensity and significant duration \
                predictive models from a pan-European strong-motion dataset, Bulletin of Earthquake Engineering 15, \
                1881-1898",
    doi: Some("10.1007/s10518-016-0066-6"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: RJB, make: |info, _| plain(info, &COEFFS_RJB, Row::new, Terms::new) },
    Model {
        info: ModelInfo {
            name: "SandikkayaAkkar2017Repi",
            params: &[Param::Mag, Param::Rake, Param::Repi, Param::Vs30],
            ..RJB
        },
        make: |info, _| plain(info, &COEFFS_REPI, Row::new, Terms::new),
    },
    Model {
        info: ModelInfo {
            name: "SandikkayaAkkar2017Rhyp",
            params: &[Param::Mag, Param::Rake, Param::Rhypo, Param::Vs30],
            ..RJB
        },
        make: |info, _| plain(info, &COEFFS_RHYPO, Row::new, Terms::new),
    },
];

coefficients! {
    /// Table 2.
    struct Coeffs { a1, a2, a3, a4, a5, a6, a7, a8, a9, phi, tau }
}

static COEFFS_RJB: LazyLock<Table<Coeffs>> = table!("SandikkayaAkkar2017.csv", "rjb");
static COEFFS_REPI: LazyLock<Table<Coeffs>> = table!("SandikkayaAkkar2017.csv", "repi");
static COEFFS_RHYPO: LazyLock<Table<Coeffs>> = table!("SandikkayaAkkar2017.csv", "rhypo");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
}

impl Row {
    /// Cumulative absolute velocity is in cm/s.
    fn new(imt: &Imt, c: Coeffs) -> Row {
        Row { c, ln_unit: if imt.kind() == ImtKind::Cav { ln(981.0) } else { 0.0 } }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    distance: f64,
    /// 1 for normal and for reverse faulting, else 0.
    normal: f64,
    reverse: f64,
    ln_vs30: f64,
}

impl Terms {
    fn new([mag, rake, distance, vs30]: [f64; 4]) -> Terms {
        let [normal, reverse] = [-90.0, 90.0].map(|middle: f64| f64::from((rake - middle).abs() < 45.0));
        Terms { mag, distance, normal, reverse, ln_vs30: ln(vs30.min(1000.0) / 750.0) }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let above = t.mag - 6.75;
        let magnitude = c.a1 + c.a2 * above + c.a3 * (8.5 - t.mag) * (8.5 - t.mag);
        let path = (c.a4 + c.a5 * above) * 0.5 * ln(t.distance * t.distance + c.a6 * c.a6);
        let mean = magnitude + path + c.a7 * t.normal + c.a8 * t.reverse + c.a9 * t.ln_vs30 - self.ln_unit;
        Estimate { mean, sig: (c.tau * c.tau + c.phi * c.phi).sqrt(), tau: c.tau, phi: c.phi }
    }
}
