//! Atkinson and Boore (1995), for eastern North America, as in the hazard model of Canada of 2010.
//!
//! Atkinson G.M., Boore D.M., 1995. Ground-motion relations for eastern North America. Bulletin of the Seismological Society of
//! America 85(1), 17-30.
//!
//! - Component: a random horizontal one. Units: g.
//! - The equation is fitted to the tables of the paper by the Geological Survey of Canada. It takes magnitude mbLg and converts
//!   it after Atkinson (1993). `Best`, `UpperLimit` and `LowerLimit` are the branches.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "AtkinsonBoore1995GSCBest",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rhypo],
    std_devs: TOTAL_ONLY,
    component: Component::RandomHorizontal,
    reference: "Atkinson and Boore (1995), Ground-motion relations for eastern North America, Bulletin of the \
                Seismological Society of America 85(1), 17-30",
    doi: None,
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| plain(info, &BEST, |_, c| Row(c), Terms::new) },
    Model {
        info: ModelInfo { name: "AtkinsonBoore1995GSCLowerLimit", ..BASE },
        make: |info, _| plain(info, &LOWER, |_, c| Row(c), Terms::new),
    },
    Model {
        info: ModelInfo { name: "AtkinsonBoore1995GSCUpperLimit", ..BASE },
        make: |info, _| plain(info, &UPPER, |_, c| Row(c), Terms::new),
    },
];

coefficients! {
    /// As used by the Geological Survey of Canada.
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7, c8 }
}

static BEST: LazyLock<Table<Coeffs>> = table!("AtkinsonBoore1995.csv", "best");
static LOWER: LazyLock<Table<Coeffs>> = table!("AtkinsonBoore1995.csv", "lower");
static UPPER: LazyLock<Table<Coeffs>> = table!("AtkinsonBoore1995.csv", "upper");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rhypo: f64,
    /// ln of the distance up to 70 km, and from 130 km on.
    ln_near: f64,
    ln_far: f64,
}

impl Terms {
    fn new([mag, rhypo]: [f64; 2]) -> Terms {
        let rhypo = rhypo.max(10.0);
        let mag = if mag <= 5.5 { 0.98 * mag - 0.39 } else { 2.715 - 0.277 * mag + 0.127 * mag * mag };
        Terms { mag, rhypo, ln_near: ln(rhypo.min(70.0)), ln_far: ln(rhypo.max(130.0) / 130.0) }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let magnitude = c.c1 + (c.c2 + c.c3 * t.mag) * t.mag;
        let path = (c.c4 + c.c5 * t.mag) * t.ln_near + (c.c6 + c.c7 * t.mag) * t.ln_far + c.c8 * t.rhypo;
        Estimate::total(magnitude + path, 0.69)
    }
}
