//! Van Houtte et al. (2018), significant duration.
//!
//! Van Houtte C., Denolle M., Ktenidou O.-J., 2018. Significant duration and response-spectrum compatible durations of ground
//! motion. Bulletin of the Seismological Society of America 108(3A), 1452-1461, doi:10.1785/0120170076.
//!
//! - Component: geometric mean. Units: s.

use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "VanHoutteEtAl2018RSD",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Rsd575],
        params: &[Param::Mag, Param::Rrup, Param::Vs30],
        std_devs: TOTAL_AND_PARTS,
        component: Component::GeometricMean,
        reference: "Van Houtte et al. (2018), the model of significant duration, Bulletin of the \
                Seismological Society of America 108(3A)",
        doi: Some("10.1785/0120170076"),
        validity: Validity::NOT_STATED,
    },
    make: |info, _| {
        plain(
            info,
            &COEFFS,
            |_, c| Row(c),
            |[mag, rrup, vs30]| Terms { mag: mag - 6.0, rrup, ln_vs30: ln(vs30 / 1000.0) },
        )
    },
}];

coefficients! {
    /// The coefficients of the paper.
    struct Coeffs { b0, b1, b2, b3, b4, b5, b6, b7, tau, phi }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("VanHoutteEtAl2018.csv");

/// The coefficients of the intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    /// M - 6
    mag: f64,
    rrup: f64,
    ln_vs30: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        const FAR: f64 = 100.0;
        let c = &self.0;
        let saturation = exp(c.b4 + c.b5 * t.mag);
        let ln_r = |r: f64| 0.5 * ln(r * r + saturation * saturation);
        let path = c.b3 * ln_r(t.rrup.min(FAR)) + c.b6 * (ln_r(t.rrup.max(FAR)) - ln_r(FAR));
        let mean = c.b0 + (c.b1 + c.b2 * t.mag) * t.mag + path + c.b7 * t.ln_vs30;
        Estimate { mean, sig: (c.tau * c.tau + c.phi * c.phi).sqrt(), tau: c.tau, phi: c.phi }
    }
}
