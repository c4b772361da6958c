//! Geomatrix Consultants (1993), for the slab, as in the national hazard maps of the United States of 2008.
//!
//! Geomatrix Consultants, 1993. Seismic margin earthquake for the Trojan site. Report to Portland General Electric.
//!
//! - Component: geometric mean. Units: g. Ground of class B/C.

use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "Geomatrix1993SSlabNSHMP2008",
        trt: Trt::SubductionIntraslab,
        imts: &[ImtKind::Pga, ImtKind::Sa],
        params: &[Param::Mag, Param::Ztor, Param::Rrup],
        std_devs: TOTAL_ONLY,
        component: Component::GeometricMean,
        reference: "Geomatrix Consultants (1993), Seismic margin earthquake for the Trojan site, Report to Portland General \
                    Electric",
        doi: None,
        validity: Validity::NOT_STATED,
    },
    make: |info, _| {
        plain(
            info,
            &COEFFS,
            |_, c| Row(c),
            |[mag, ztor, rrup]| Terms { mag, ztor, ln_distance: ln(rrup + 1.7818 * exp(0.554 * mag)) },
        )
    },
}];

coefficients! {
    /// As in the program of the hazard maps.
    struct Coeffs { gc1, gc2, gc3, gc4, gc5 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("Geomatrix1993.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    ztor: f64,
    /// ln(R + 1.7818 exp(0.554 M))
    ln_distance: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let below = 10.0 - t.mag;
        let source = 0.2418 + 0.3846 + 0.00607 * t.ztor + c.gc1 + 1.414 * t.mag + c.gc2 * below * below * below;
        Estimate::total(source + c.gc3 * t.ln_distance, c.gc4 + c.gc5 * t.mag.min(8.0))
    }
}
