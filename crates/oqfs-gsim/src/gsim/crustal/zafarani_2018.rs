//! Zafarani et al. (2018), for Iran.
//!
//! Zafarani H., Luzi L., Lanzano G., Soghrat M.R., 2018. Empirical equations for the prediction of PGA and pseudo spectral
//! accelerations using Iranian strong-motion data. Journal of Seismology 22, 263-285, doi:10.1007/s10950-017-9704-y.
//!
//! - Component: geometric mean, or the ratio of vertical to horizontal. Units: g.
//! - Valid for magnitude 4 to 7.3 and Joyner-Boore distances up to 200 km. Classes of Eurocode 8 by `vs30`.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{LN_G, plain, style_of_faulting};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "ZafaraniEtAl2018",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Zafarani et al. (2018), Empirical equations for the prediction of PGA and pseudo \
                spectral accelerations using Iranian strong-motion data, Journal of Seismology 22, \
                263-285",
    doi: Some("10.1007/s10950-017-9704-y"),
    validity: Validity::NOT_STATED.magnitude(4.0, 7.3).distance(Param::Rjb, 0.0, 200.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| plain(info, &COEFFS, |_, c| Row { c, ln_unit: LN_G }, Terms::new) },
    Model {
        info: ModelInfo { name: "ZafaraniEtAl2018VHratio", component: Component::VerticalRatio, ..BASE },
        make: |info, _| plain(info, &RATIO, |_, c| Row { c, ln_unit: 0.0 }, Terms::new),
    },
];

coefficients! {
    /// In common logarithms.
    struct Coeffs { mh, e1, b1, b2, b3, c1, h, fss, ftf, sb, sc, sd, sigma, tau, phi }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ZafaraniEtAl2018.csv");
static RATIO: LazyLock<Table<Coeffs>> = table!("ZafaraniEtAl2018_ratio.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
    /// Classes B, C and D: one of these is 1, or none.
    class: [f64; 3],
    /// Strike-slip, normal and reverse faulting.
    style: [f64; 3],
}

impl Terms {
    fn new([mag, rake, rjb, vs30]: [f64; 4]) -> Terms {
        let class = [(360.0..800.0).contains(&vs30), (180.0..360.0).contains(&vs30), vs30 < 180.0].map(f64::from);
        Terms { mag, rjb, class, style: style_of_faulting(rake) }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let above = t.mag - c.mh;
        let magnitude = c.e1 + if above <= 0.0 { (c.b1 + c.b2 * above) * above } else { c.b3 * above };
        let path = c.c1 * 0.5 * LOG10_E * ln(t.rjb * t.rjb + c.h * c.h);
        let [b, class_c, d] = t.class;
        let [strike_slip, _, reverse] = t.style;
        let log10 = magnitude + path + c.sb * b + c.sc * class_c + c.sd * d + c.fss * strike_slip + c.ftf * reverse;
        let [sig, tau, phi] = [c.sigma, c.tau, c.phi].map(|sigma| LN_10 * sigma);
        Estimate { mean: LN_10 * log10 - self.ln_unit, sig, tau, phi }
    }
}
