//! Fukushima and Tanaka (1990), peak acceleration in Japan.
//!
//! Fukushima Y., Tanaka T., 1990. A new attenuation relation for peak horizontal acceleration of strong earthquake ground motion
//! in Japan. Bulletin of the Seismological Society of America 80(4), 757-783.
//!
//! - Component: geometric mean. Units: g.
//!
//! `Site` raises it by 40 % on soft soil (up to 360 m/s) and lowers it by 40 % on rock (above 760 m/s), as the authors say.

use std::f64::consts::LN_10;
use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "FukushimaTanaka1990",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga],
    params: &[Param::Mag, Param::Rrup],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Fukushima and Tanaka (1990), A new attenuation relation for peak horizontal acceleration of strong \
                earthquake ground motion in Japan, Bulletin of the Seismological Society of America 80(4), 757-783",
    doi: None,
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: BASE,
        make: |info, _| plain(info, &COEFFS, |_, c| Row(c), |[mag, rrup]| Terms { mag, rrup, ln_site: 0.0 }),
    },
    Model {
        info: ModelInfo { name: "FukushimaTanakaSite1990", params: &[Param::Mag, Param::Rrup, Param::Vs30], ..BASE },
        make: |info, _| {
            plain(
                info,
                &COEFFS,
                |_, c| Row(c),
                |[mag, rrup, vs30]| {
                    let factor: f64 = if vs30 <= 360.0 {
                        1.4
                    } else if vs30 > 760.0 {
                        0.6
                    } else {
                        1.0
                    };
                    Terms { mag, rrup, ln_site: scalar::ln(factor) }
                },
            )
        },
    },
];

coefficients! {
    /// In common logarithms.
    struct Coeffs { c1, c2, c3, c4, c5, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("FukushimaTanaka1990.csv");

/// The coefficients of the intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// ln of the amplification of the site.
    ln_site: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let near = t.rrup + c.c2 * exp(LN_10 * c.c3 * t.mag);
        let log10 = c.c1 * t.mag + c.c5 - c.c4 * t.rrup;
        Estimate::total(LN_10 * log10 - ln(near) - LN_G + t.ln_site, LN_10 * c.sigma)
    }
}
