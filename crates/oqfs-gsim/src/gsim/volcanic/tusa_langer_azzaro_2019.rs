//! Tusa, Langer and Azzaro (2020), for shallow earthquakes of Mount Etna.
//!
//! Tusa G., Langer H., Azzaro R., 2020. Localizing ground-motion models in volcanic terranes: shallow events at Mt. Etna, Italy,
//! revisited. Bulletin of the Seismological Society of America 110(6), 2843-2861, doi:10.1785/0120190325.
//!
//! - Component: the greater horizontal. Units: g.
//! - Valid for local magnitude 3 to 4.8, depths up to 6 km, hypocentral distances up to 100 km, or 60 km (`60b`). Classes of
//!   Eurocode 8 by `vs30`.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::hypot;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "TusaLangerAzzaro2019_100b",
    trt: Trt::Volcanic,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rhypo, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GreaterHorizontal,
    reference: "Tusa et al. (2020), Localizing ground-motion models in volcanic terranes: shallow events at Mt. Etna, \
                Italy, revisited, Bulletin of the Seismological Society of America 110(6), 2843-2861",
    doi: Some("10.1785/0120190325"),
    validity: Validity::NOT_STATED.magnitude(3.0, 4.8).distance(Param::Rhypo, 0.0, 100.0).depth(f64::NEG_INFINITY, 6.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| plain(info, &UP_TO_100, |_, c| Row(c), Terms::new) },
    Model {
        info: ModelInfo {
            name: "TusaLangerAzzaro2019_60b",
            validity: BASE.validity.distance(Param::Rhypo, 0.0, 60.0),
            ..BASE
        },
        make: |info, _| plain(info, &UP_TO_60, |_, c| Row(c), Terms::new),
    },
];

coefficients! {
    /// In common logarithms.
    struct Coeffs { a, b1, b2, c1, c2, c3, sa, sb, scd, sigma }
}

static UP_TO_100: LazyLock<Table<Coeffs>> = table!("TusaLangerAzzaro2019.csv", "100b");
static UP_TO_60: LazyLock<Table<Coeffs>> = table!("TusaLangerAzzaro2019.csv", "60b");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// Distance with a depth that grows with magnitude, km.
    r: f64,
    log10_r: f64,
    /// The class of the site: A, B, or C and D; one of these is 1.
    class: [f64; 3],
}

impl Terms {
    fn new([mag, rhypo, vs30]: [f64; 3]) -> Terms {
        let r = hypot(rhypo, exp(LN_10 * (mag - 3.391) / 2.076));
        let class = [vs30 >= 800.0, (360.0..800.0).contains(&vs30), vs30 < 360.0].map(f64::from);
        Terms { mag, r, log10_r: LOG10_E * ln(r), class }
    }
}

/// Equation 9.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let path = (c.c1 + c.c2 * (t.mag - 3.6)) * t.log10_r + c.c3 * (t.r - 1.0);
        let [a, b, cd] = t.class;
        let log10 = c.a + (c.b1 + c.b2 * t.mag) * t.mag + path + c.sa * a + c.sb * b + c.scd * cd;
        Estimate::total(LN_10 * log10 - LN_G, LN_10 * c.sigma)
    }
}
