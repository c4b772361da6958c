//! Sharma et al. (2009), for the Himalaya and Zagros.
//!
//! Sharma M.L., Douglas J., Bungum H., Kotadia J., 2009. Ground-motion prediction equations based on data from the Himalayan and
//! Zagros regions. Journal of Earthquake Engineering 13(8), 1191-1210, doi:10.1080/13632460902859151.
//!
//! - Component: geometric mean. Units: g. Valid for magnitude 5 to 7 and Joyner-Boore distances up to 100 km.
//! - Rock is above 760 m/s. Normal faulting counts as strike-slip. `PGA` is spectral acceleration at 0.04 s.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{LN_G, plain, style_of_faulting};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "SharmaEtAl2009",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Sa],
        params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
        std_devs: TOTAL_ONLY,
        component: Component::GeometricMean,
        reference: "Sharma et al. (2009), Ground-motion prediction equations based on data from the \
                Himalayan and Zagros regions, Journal of Earthquake Engineering 13(8), 1191-1210",
        doi: Some("10.1080/13632460902859151"),
        validity: Validity::NOT_STATED.magnitude(5.0, 7.0).distance(Param::Rjb, 0.0, 100.0),
    },
    make: |info, _| plain(info, &COEFFS, |_, c| Row(c), Terms::new),
}];

coefficients! {
    /// Table 3, in common logarithms of m/s^2.
    struct Coeffs { b1, b2, b3, b4, b5, b6, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("SharmaEtAl2009.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
    /// 1 on rock, else 0.
    rock: f64,
    /// 1 unless faulting is reverse, else 0.
    not_reverse: f64,
}

impl Terms {
    fn new([mag, rake, rjb, vs30]: [f64; 4]) -> Terms {
        let [_, _, reverse] = style_of_faulting(rake);
        Terms { mag, rjb, rock: f64::from(vs30 > 760.0), not_reverse: 1.0 - reverse }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let path = c.b3 * 0.5 * LOG10_E * ln(t.rjb * t.rjb + c.b4 * c.b4);
        let log10 = c.b1 + c.b2 * t.mag + path + c.b5 * t.rock + c.b6 * t.not_reverse;
        Estimate::total(LN_10 * (log10 + 2.0) - LN_G, LN_10 * c.sigma)
    }
}
