//! Dost et al. (2004), for induced earthquakes in the Netherlands.
//!
//! Dost B., van Eck T., Haak H., 2004. Scaling of peak ground acceleration and peak ground velocity recorded in the
//! Netherlands. Bollettino di Geofisica Teorica ed Applicata 45(3), 153-168.
//!
//! - Component: GMRotD100. Units: g and cm/s.
//!
//! `BommerAdaptation` is that of Bommer et al. (2013) to greater magnitudes.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "DostEtAl2004",
    trt: Trt::Induced,
    imts: &[ImtKind::Pga, ImtKind::Pgv],
    params: &[Param::Mag, Param::Rhypo],
    std_devs: TOTAL_ONLY,
    component: Component::GmRotD100,
    reference: "Dost et al. (2004), Scaling of peak ground acceleration and peak ground velocity recorded in the \
                Netherlands, Bollettino di Geofisica Teorica ed Applicata 45(3), 153-168",
    doi: None,
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| plain(info, &COEFFS, Row::new, |[mag, rhypo]| Terms::new(mag, rhypo)) },
    Model {
        info: ModelInfo { name: "DostEtAl2004BommerAdaptation", std_devs: TOTAL_AND_PARTS, ..BASE },
        make: |info, _| plain(info, &BOMMER, Row::new, |[mag, rhypo]| Terms::new(mag, rhypo)),
    },
];

coefficients! {
    /// In common logarithms; c1e and the parts of the standard deviation are of the adaptation.
    struct Coeffs { c0, c1, c1e, c2, c3, tau, phi, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("DostEtAl2004.csv");
static BOMMER: LazyLock<Table<Coeffs>> = table!("DostEtAl2004_bommer.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
}

impl Row {
    /// The unit is m/s^2 or cm/s.
    fn new(imt: &Imt, c: Coeffs) -> Row {
        Row { c, ln_unit: if imt.kind() == ImtKind::Pgv { 0.0 } else { LN_G - ln(100.0) } }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rhypo: f64,
    log10_rhypo: f64,
}

impl Terms {
    fn new(mag: f64, rhypo: f64) -> Terms {
        Terms { mag, rhypo, log10_rhypo: LOG10_E * ln(rhypo) }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let magnitude = c.c0 + c.c1 * t.mag + c.c1e * (t.mag - 4.5) * (t.mag - 4.5);
        let log10 = magnitude + c.c2 * t.rhypo + c.c3 * t.log10_rhypo;
        let [sig, tau, phi] = [c.sigma, c.tau, c.phi].map(|sigma| LN_10 * sigma);
        Estimate { mean: LN_10 * log10 - self.ln_unit, sig, tau, phi }
    }
}
