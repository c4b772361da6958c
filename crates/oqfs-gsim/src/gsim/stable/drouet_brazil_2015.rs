//! Drouet (2015), for Brazil, made as that of Drouet and Cotton (2015) for the Alps.
//!
//! Drouet S., Cotton F., 2015. Regional stochastic GMPEs in low-seismicity areas: scaling and aleatory variability analysis -
//! application to the French Alps. Bulletin of the Seismological Society of America 105(4), 1883-1902, doi:10.1785/0120140240.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`. Hard rock.
//!
//! `withDepth` depends on the depth of the hypocentre.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{ln_unit, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "DrouetBrazil2015",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Drouet (2015), for Brazil, after Drouet and Cotton (2015), Regional stochastic GMPEs in \
                low-seismicity areas: scaling and aleatory variability analysis - application to the \
                French Alps, Bulletin of the Seismological Society of America 105(4), 1883-1902",
    doi: Some("10.1785/0120140240"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: BASE,
        make: |info, _| plain(info, &COEFFS, Row::new, |[mag, rjb]| Terms { mag: mag - 8.0, rjb, depth: 0.0 }),
    },
    Model {
        info: ModelInfo {
            name: "DrouetBrazil2015withDepth",
            params: &[Param::Mag, Param::Rjb, Param::HypoDepth],
            ..BASE
        },
        make: |info, _| plain(info, &WITH_DEPTH, Row::new, |[mag, rjb, depth]| Terms { mag: mag - 8.0, rjb, depth }),
    },
];

coefficients! {
    /// Natural logarithms of m/s^2 and m/s; h is 0 where the depth is that of the hypocentre.
    struct Coeffs { c1, c2, c3, c4, c5, h, c6, sigma, tau }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("DrouetBrazil2015.csv");
static WITH_DEPTH: LazyLock<Table<Coeffs>> = table!("DrouetBrazil2015_depth.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        Row { c, ln_unit: ln_unit(imt) - ln(100.0) }
    }
}

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    /// M - 8
    mag: f64,
    rjb: f64,
    /// Of the hypocentre, or 0, km.
    depth: f64,
}

/// Equation 8 of Drouet and Cotton (2015).
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let ln_r = 0.5 * ln(t.rjb * t.rjb + c.h * c.h + t.depth * t.depth);
        let magnitude = c.c1 + (c.c2 + c.c3 * t.mag) * t.mag;
        let mean = magnitude + (c.c4 + c.c5 * (t.mag + 8.0)) * ln_r + c.c6 * t.rjb - self.ln_unit;
        Estimate { mean, sig: (c.tau * c.tau + c.sigma * c.sigma).sqrt(), tau: c.tau, phi: c.sigma }
    }
}
