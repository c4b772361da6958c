//! Boore, Joyner and Fumal (1993), for western North America, as in the hazard model of Canada of 2010.
//!
//! Boore D.M., Joyner W.B., Fumal T.E., 1993. Estimation of response spectra and peak accelerations from western North American
//! earthquakes: an interim report. U.S. Geological Survey Open-File Report 93-509.
//!
//! - Component: a random horizontal one. Units: g. `Best`, `UpperLimit` and `LowerLimit` are the branches of the Geological
//!   Survey of Canada.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "BooreEtAl1993GSCBest",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb],
    std_devs: TOTAL_ONLY,
    component: Component::RandomHorizontal,
    reference: "Boore et al. (1993), Estimation of response spectra and peak accelerations from western North American \
                earthquakes: an interim report, U.S. Geological Survey Open-File Report 93-509",
    doi: None,
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: BASE,
        make: |info, _| plain(info, &COEFFS, |_, c| Row::new(c, c.c1), |[mag, rjb]| Terms { mag, rjb }),
    },
    Model {
        info: ModelInfo { name: "BooreEtAl1993GSCLowerLimit", ..BASE },
        make: |info, _| plain(info, &COEFFS, |_, c| Row::new(c, c.c1_lower), |[mag, rjb]| Terms { mag, rjb }),
    },
    Model {
        info: ModelInfo { name: "BooreEtAl1993GSCUpperLimit", ..BASE },
        make: |info, _| plain(info, &COEFFS, |_, c| Row::new(c, c.c1_upper), |[mag, rjb]| Terms { mag, rjb }),
    },
];

coefficients! {
    /// As used by the Geological Survey of Canada, in common logarithms, with c1 of the branches.
    struct Coeffs { c1, c1_lower, c1_upper, c2, c3, c4, c5, c6, c7, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("BooreEtAl1993.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    constant: f64,
}

impl Row {
    fn new(c: Coeffs, constant: f64) -> Row {
        Row { c, constant }
    }
}

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        const FAR: f64 = 100.0;
        let c = &self.c;
        let (mag, d) = (t.mag - 6.0, (t.rjb * t.rjb + c.c7 * c.c7).sqrt());
        let near = c.c5 * LOG10_E * ln(d.min(FAR));
        let beyond = -LOG10_E * ln(d.max(FAR) / FAR) + c.c4 * (d - FAR).max(0.0);
        let log10 = self.constant + (c.c2 + c.c3 * mag) * mag + c.c6 + near + beyond;
        Estimate::total(LN_10 * log10 - LN_G, c.sigma)
    }
}
