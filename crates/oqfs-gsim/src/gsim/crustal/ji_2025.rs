//! Ji et al. (2025), for the Azores, from simulations on rock.
//!
//! Ji K., Karimzadeh S., Yaghmaei-Sabegh S., Hou R., Carvalho A., Lourenço P.B., 2025. Ground motion model using simulated
//! scenario earthquake records in Azores Plateau (Portugal) at bedrock. Soil Dynamics and Earthquake Engineering 197, 109521,
//! doi:10.1016/j.soildyn.2025.109521.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`. For rock of 760 to 1,000 m/s.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::hypot;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "JiEtAl2025Azores",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::HypoDepth, Param::Rjb],
        std_devs: TOTAL_AND_PARTS,
        component: Component::GeometricMean,
        reference: "Ji et al. (2025), Ground motion model using simulated scenario earthquake records in Azores Plateau \
                    (Portugal) at bedrock, Soil Dynamics and Earthquake Engineering 197, 109521",
        doi: Some("10.1016/j.soildyn.2025.109521"),
        validity: Validity::NOT_STATED,
    },
    make: |info, _| plain(info, &COEFFS, |_, c| Row::new(c), Terms::new),
}];

coefficients! {
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7, tau, phi }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("JiEtAl2025Azores.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    sig: f64,
}

impl Row {
    fn new(c: Coeffs) -> Row {
        Row { c, sig: hypot(c.tau, c.phi) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    ln_near: f64,
    /// About the distance to the hypocentre, km.
    slant: f64,
}

impl Terms {
    fn new([mag, depth, rjb]: [f64; 3]) -> Terms {
        const PSEUDO_DEPTH: f64 = 3.0;
        Terms { mag, ln_near: 0.5 * ln(rjb * rjb + PSEUDO_DEPTH * PSEUDO_DEPTH), slant: hypot(rjb, depth) }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let magnitude = c.c1 + c.c2 * t.mag + c.c3 * (t.mag - 5.5).max(0.0) + c.c4 * (t.mag - 6.5).max(0.0);
        let mean = magnitude + (c.c5 + c.c6 * (t.mag - 4.5)) * t.ln_near + c.c7 * t.slant;
        Estimate { mean, sig: self.sig, tau: c.tau, phi: c.phi }
    }
}
