//! Nath et al. (2012), for the Shillong Plateau of India.
//!
//! Nath S.K., Thingbaijam K.K.S., Maiti S.K., Nayak A., 2012. Ground-motion predictions in Shillong region, northeast India. Journal
//! of Seismology 16(3), 475-488, doi:10.1007/s10950-012-9285-8.
//!
//! - Component: vertical. Units: g. Bedrock. `Lower` is for depths of 25 to 45 km, `Upper` above 25 km.

use std::f64::consts::LN_10;
use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const LOWER: ModelInfo = ModelInfo {
    name: "NathEtAl2012Lower",
    trt: Trt::SubductionIntraslab,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup],
    std_devs: TOTAL_ONLY,
    component: Component::Vertical,
    reference: "Nath et al. (2012), Ground-motion predictions in Shillong region, northeast India, \
                Journal of Seismology 16(3), 475-488",
    doi: Some("10.1007/s10950-012-9285-8"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: LOWER,
        make: |info, _| plain(info, &COEFFS, |_, c| Row { c, ln_factor: 0.0 }, |[mag, rrup]| Terms { mag, rrup }),
    },
    Model {
        info: ModelInfo { name: "NathEtAl2012Upper", ..LOWER },
        make: |info, _| {
            let row = |_: &Imt, c: Coeffs| Row { c, ln_factor: scalar::ln(c.correction) };
            plain(info, &COEFFS, row, |[mag, rrup]| Terms { mag, rrup })
        },
    },
];

coefficients! {
    /// Table 5, with the correction to the upper crust.
    struct Coeffs { c1, c2, c3, c4, c5, c6, sigma, correction }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("NathEtAl2012.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// ln of the correction.
    ln_factor: f64,
}

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
}

/// Equation 11.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let below = 10.0 - t.mag;
        let path = c.c4 * ln(t.rrup + c.c5 * exp(c.c6 * t.mag));
        Estimate::total(c.c1 + c.c2 * t.mag + c.c3 * below * below * below + path + self.ln_factor, LN_10 * c.sigma)
    }
}
