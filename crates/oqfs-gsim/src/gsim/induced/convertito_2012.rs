//! Convertito et al. (2012), for earthquakes induced in the geothermal field of The Geysers.
//!
//! Convertito V., Maercklin N., Sharma N., Zollo A., 2012. From induced seismicity to direct time-dependent seismic hazard.
//! Bulletin of the Seismological Society of America 102(6), 2563-2573, doi:10.1785/0120120036.
//!
//! - Component: the greater horizontal. Units: g. Soil is below 760 m/s.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "ConvertitoEtAl2012Geysers",
        trt: Trt::Geothermal,
        imts: &[ImtKind::Pga],
        params: &[Param::Mag, Param::Rhypo, Param::Vs30],
        std_devs: TOTAL_ONLY,
        component: Component::GreaterHorizontal,
        reference: "Convertito et al. (2012), From induced seismicity to direct time-dependent seismic \
                hazard, Bulletin of the Seismological Society of America 102(6), 2563-2573",
        doi: Some("10.1785/0120120036"),
        validity: Validity::NOT_STATED,
    },
    make: |info, _| {
        plain(info, &COEFFS, |_, c| Row(c), |[mag, rhypo, vs30]| Terms { mag, rhypo, soil: f64::from(vs30 < 760.0) })
    },
}];

coefficients! {
    /// In common logarithms of m/s^2.
    struct Coeffs { a, b, c, d, h, e, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ConvertitoEtAl2012.csv");

/// The coefficients of the intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rhypo: f64,
    /// 1 on soil, else 0.
    soil: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let path = c.c * 0.5 * LOG10_E * ln(t.rhypo * t.rhypo + c.h * c.h) + c.d * t.rhypo;
        let log10 = c.a + c.b * t.mag + path + c.e * t.soil;
        Estimate::total(LN_10 * (log10 + 2.0) - LN_G, LN_10 * c.sigma)
    }
}
