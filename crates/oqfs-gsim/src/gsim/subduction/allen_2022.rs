//! Allen (2022), for the north Australian craton, of distant earthquakes at the margin of the plate.
//!
//! Allen T.I., 2022. A far-field ground-motion model for the north Australian craton from plate-margin earthquakes. Bulletin of
//! the Seismological Society of America 112(2), 1041-1059, doi:10.1785/0120210191.
//!
//! - Component: median horizontal. Units: g, and cm/s for `PGV`. Valid for distances of 500 to 1,800 km.

use std::f64::consts::LOG10_E;
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "Allen2022",
        trt: Trt::SubductionIntraslab,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::HypoDepth, Param::Rhypo, Param::Vs30],
        std_devs: TOTAL_AND_PARTS,
        component: Component::MedianHorizontal,
        reference: "Allen (2022), A far-field ground-motion model for the north Australian craton from \
                plate-margin earthquakes, Bulletin of the Seismological Society of America 112(2), \
                1041-1059",
        doi: Some("10.1785/0120210191"),
        validity: Validity::NOT_STATED.distance(Param::Rhypo, 500.0, 1800.0),
    },
    make: |info, _| plain(info, &COEFFS, |_, c| Row(c), Terms::new),
}];

coefficients! {
    /// The coefficients of the model.
    struct Coeffs { c0, c1, c2, c3, c4, d0, d1, d2, d3, n0, s0, s1, tau, phi, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("Allen2022.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// M - 6
    mag: f64,
    log10_depth: f64,
    /// log10 of the distance up to the hinge, less that of the hinge, and beyond it.
    near: f64,
    far: f64,
    /// 1 / log10(vs30 / 150)
    softness: f64,
}

impl Terms {
    fn new([mag, depth, rhypo, vs30]: [f64; 4]) -> Terms {
        let log10_r = LOG10_E * ln(rhypo / HINGE);
        let softness = 1.0 / (LOG10_E * ln(vs30 / 150.0));
        Terms {
            mag: mag - 6.0,
            log10_depth: LOG10_E * ln(depth.clamp(DEPTHS[0], DEPTHS[1])),
            near: log10_r.min(0.0),
            far: log10_r.max(0.0),
            softness,
        }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let magnitude = c.c0 + (c.c2 + c.c1 * t.mag) * t.mag;
        let path = c.c3 * (t.near + LOG10_E * const { scalar::ln(HINGE) }) + c.n0 * t.near + c.c4 * t.far;
        let depth = c.d0 + (c.d3 + (c.d2 + c.d1 * t.log10_depth) * t.log10_depth) * t.log10_depth;
        let mean = magnitude + path + depth + c.s0 + c.s1 * t.softness;
        Estimate { mean, sig: c.sigma, tau: c.tau, phi: c.phi }
    }
}

/// Depths beyond these count as they, km (page 1049).
const DEPTHS: [f64; 2] = [10.0, 500.0];

/// Where the attenuation changes, km.
const HINGE: f64 = 600.0;
