//! Megawati and Pan (2010), for Singapore, of earthquakes of the Sumatran megathrust.
//!
//! Megawati K., Pan T.-C., 2010. Ground-motion attenuation relationship for the Sumatran megathrust earthquakes. Earthquake
//! Engineering and Structural Dynamics 39(8), 827-845, doi:10.1002/eqe.967.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`. Valid for magnitude 5 to 9 and distances of 200 to 1,500 km.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{ln_unit, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "MegawatiPan2010",
        trt: Trt::SubductionInterface,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rhypo],
        std_devs: TOTAL_ONLY,
        component: Component::GeometricMean,
        reference: "Megawati and Pan (2010), Ground-motion attenuation relationship for the Sumatran \
                megathrust earthquakes, Earthquake Engineering and Structural Dynamics 39(8), 827-845",
        doi: Some("10.1002/eqe.967"),
        validity: Validity::NOT_STATED.magnitude(5.0, 9.0).distance(Param::Rhypo, 200.0, 1500.0),
    },
    make: |info, _| plain(info, &COEFFS, Row::new, Terms::new),
}];

coefficients! {
    /// The coefficients of the paper.
    struct Coeffs { a0, a1, a2, a3, a4, a5, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("MegawatiPan2010.csv");

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
    rhypo: f64,
    ln_rhypo: f64,
}

impl Terms {
    fn new([mag, rhypo]: [f64; 2]) -> Terms {
        Terms { mag, rhypo, ln_rhypo: ln(rhypo) }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let above = t.mag - 6.0;
        let source = c.a0 + (c.a1 + c.a2 * above) * above;
        let path = c.a3 * t.ln_rhypo + (c.a4 + c.a5 * t.mag) * t.rhypo;
        Estimate::total(source + path - self.ln_unit, c.sigma)
    }
}
