//! Atkinson (2015), for small to moderate earthquakes nearby, such as induced ones.
//!
//! Atkinson G.M., 2015. Ground-motion prediction equation for small-to-moderate events at short hypocentral distances,
//! with application to induced-seismicity hazards. Bulletin of the Seismological Society of America 105(2A), 981-992,
//! doi:10.1785/0120140142.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 3 to 6, hypocentral distances up to 40 km, ground of class B/C.
//!
//! `AltDistSat` is the alternative with a stronger saturation of distance (page 986).

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::hypot;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{ln_unit, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "Atkinson2015",
    trt: Trt::Induced,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rhypo],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Atkinson (2015), Ground-motion prediction equation for small-to-moderate events at short hypocentral \
                distances, with application to induced-seismicity hazards, Bulletin of the Seismological Society of \
                America 105(2A), 981-992",
    doi: Some("10.1785/0120140142"),
    validity: Validity::NOT_STATED.magnitude(3.0, 6.0).distance(Param::Rhypo, 0.0, 40.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: BASE,
        make: |info, _| plain(info, &COEFFS, Row::new, |[mag, rhypo]| Terms::new(mag, rhypo, [-1.72, 0.43])),
    },
    Model {
        info: ModelInfo { name: "Atkinson2015AltDistSat", ..BASE },
        make: |info, _| plain(info, &COEFFS, Row::new, |[mag, rhypo]| Terms::new(mag, rhypo, [-0.28, 0.19])),
    },
];

coefficients! {
    /// Table 2, in common logarithms.
    struct Coeffs { c0, c1, c2, c3, c4, phi, tau, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("Atkinson2015.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        Row { c, ln_unit: ln_unit(imt) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// The effective distance, km.
    r: f64,
    log10_r: f64,
}

impl Terms {
    /// Equations 2 and 3; the effective depth is a power of 10, a line in magnitude.
    fn new(mag: f64, rhypo: f64, [constant, slope]: [f64; 2]) -> Terms {
        let depth = exp(LN_10 * (constant + slope * mag)).max(1.0);
        let r = hypot(rhypo, depth);
        Terms { mag, r, log10_r: LOG10_E * ln(r) }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let log10 = c.c0 + (c.c1 + c.c2 * t.mag) * t.mag + c.c3 * t.log10_r + c.c4 * t.r;
        let [sig, tau, phi] = [c.sigma, c.tau, c.phi].map(|sigma| LN_10 * sigma);
        Estimate { mean: LN_10 * log10 - self.ln_unit, sig, tau, phi }
    }
}
