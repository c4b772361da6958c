//! Ambraseys et al. (2005), for Europe and the Middle East.
//!
//! Ambraseys N.N., Douglas J., Sarma S.K., Smit P.M., 2005. Equations for the estimation of strong ground motions from
//! shallow crustal earthquakes using data from Europe and the Middle East: horizontal peak ground acceleration and
//! spectral acceleration. Bulletin of Earthquake Engineering 3(1), 1-53, doi:10.1007/s10518-005-0183-0; vertical peak
//! ground acceleration and spectral acceleration, 55-73, doi:10.1007/s10518-005-0186-x.
//!
//! - Component: the greater horizontal, or vertical. Units: g.
//! - Valid for magnitude 5 and greater, Joyner-Boore distances up to 100 km.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{LN_G, plain, style_of_faulting};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const HORIZONTAL: ModelInfo = ModelInfo {
    name: "AmbraseysEtAl2005",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GreaterHorizontal,
    reference: "Ambraseys et al. (2005), Equations for the estimation of strong ground motions from shallow crustal \
                earthquakes using data from Europe and the Middle East: horizontal peak ground acceleration and spectral \
                acceleration, Bulletin of Earthquake Engineering 3(1), 1-53",
    doi: Some("10.1007/s10518-005-0183-0"),
    validity: Validity::NOT_STATED.magnitude(5.0, f64::INFINITY).distance(Param::Rjb, 0.0, 100.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: HORIZONTAL, make: |info, _| plain(info, &COEFFS, |_, c| Row(c), Terms::new) },
    Model {
        info: ModelInfo {
            name: "AmbraseysEtAl2005Vertical",
            component: Component::Vertical,
            reference: "Ambraseys et al. (2005), Equations for the estimation of strong ground motions from shallow \
                        crustal earthquakes using data from Europe and the Middle East: vertical peak ground acceleration \
                        and spectral acceleration, Bulletin of Earthquake Engineering 3(1), 55-73",
            doi: Some("10.1007/s10518-005-0186-x"),
            ..HORIZONTAL
        },
        make: |info, _| plain(info, &VERTICAL, |_, c| Row(c), Terms::new),
    },
];

coefficients! {
    /// Table 3, in common logarithms.
    struct Coeffs { a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, sig1a, sig1b, sig2a, sig2b }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AmbraseysEtAl2005.csv");
static VERTICAL: LazyLock<Table<Coeffs>> = table!("AmbraseysEtAl2005_vertical.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
    /// 1 for soft soil and for stiff soil, else 0.
    soil: [f64; 2],
    /// Strike-slip, normal and reverse.
    style: [f64; 3],
}

impl Terms {
    fn new([mag, rake, rjb, vs30]: [f64; 4]) -> Terms {
        let soil = [vs30 <= 360.0, vs30 > 360.0 && vs30 <= 750.0].map(f64::from);
        Terms { mag, rjb, soil, style: style_of_faulting(rake) }
    }
}

/// Equation 5. The unit is m/s^2.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let log10_r = 0.5 * LOG10_E * ln(t.rjb * t.rjb + c.a5 * c.a5);
        let [soft, stiff] = t.soil;
        let [other, normal, reverse] = t.style;
        let log10 = c.a1 + c.a2 * t.mag + (c.a3 + c.a4 * t.mag) * log10_r + c.a6 * soft + c.a7 * stiff;
        let log10 = log10 + c.a8 * normal + c.a9 * reverse + c.a10 * other;
        let (phi, tau) = (LN_10 * (c.sig1a - c.sig1b * t.mag), LN_10 * (c.sig2a - c.sig2b * t.mag));
        let mean = LN_10 * (log10 + 2.0) - LN_G;
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}
