//! Ghasemi et al. (2009), for Iran.
//!
//! Ghasemi H., Zare M., Fukushima Y., Koketsu K., 2009. An empirical spectral ground-motion model for Iran. Journal of
//! Seismology 13, 499-515, doi:10.1007/s10950-008-9143-x.
//!
//! - Component: GMRotI50. Units: g. Valid for magnitude 5 to 7.4 and distances up to 100 km. Rock is from 760 m/s on.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "GhasemiEtAl2009",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Sa],
        params: &[Param::Mag, Param::Rrup, Param::Vs30],
        std_devs: TOTAL_ONLY,
        component: Component::GmRotI50,
        reference: "Ghasemi et al. (2009), An empirical spectral ground-motion model for Iran, Journal of \
                Seismology 13, 499-515",
        doi: Some("10.1007/s10950-008-9143-x"),
        validity: Validity::NOT_STATED.magnitude(5.0, 7.4).distance(Param::Rrup, 0.0, 100.0),
    },
    make: |info, _| plain(info, &COEFFS, |_, c| Row(c), Terms::new),
}];

coefficients! {
    /// Table 3, in common logarithms.
    struct Coeffs { a1, a2, a3, a4, a6, a7, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("GhasemiEtAl2009.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// 10^(a5 M)
    size: f64,
    /// 1 on rock, else 0.
    rock: f64,
}

impl Terms {
    fn new([mag, rrup, vs30]: [f64; 3]) -> Terms {
        Terms { mag, rrup, size: exp(LN_10 * 0.42 * mag), rock: f64::from(vs30 >= 760.0) }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let path = c.a3 * LOG10_E * ln(t.rrup + c.a4 * t.size);
        let log10 = c.a1 + c.a2 * t.mag + path + c.a7 + (c.a6 - c.a7) * t.rock;
        Estimate::total(LN_10 * log10 - LN_G, LN_10 * c.sigma)
    }
}
