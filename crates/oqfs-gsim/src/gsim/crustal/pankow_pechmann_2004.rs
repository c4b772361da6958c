//! Pankow and Pechmann (2004), for extensional regimes.
//!
//! Pankow K.L., Pechmann J.C., 2004. The SEA99 ground-motion predictive relations for extensional tectonic regimes: revisions and
//! a new peak ground velocity relation. Bulletin of the Seismological Society of America 94(1), 341-348, doi:10.1785/0120030010.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`. Rock is above 910 m/s. Spectral acceleration is made of the velocity
//!   spectrum of the paper.

use std::f64::consts::{LN_10, LOG10_E, PI};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "PankowPechmann2004",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rjb, Param::Vs30],
        std_devs: TOTAL_ONLY,
        component: Component::GeometricMean,
        reference: "Pankow and Pechmann (2004), The SEA99 ground-motion predictive relations for extensional \
                tectonic regimes: revisions and a new peak ground velocity relation, Bulletin of the \
                Seismological Society of America 94(1), 341-348",
        doi: Some("10.1785/0120030010"),
        validity: Validity::NOT_STATED,
    },
    make: |info, _| plain(info, &COEFFS, Row::new, Terms::new),
}];

coefficients! {
    /// In common logarithms.
    struct Coeffs { b1, b2, b3, b5, b6, h, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("PankowPechmann2004.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// From the velocity spectrum to acceleration.
    ln_unit: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        let spectrum = match imt.period().filter(|_| imt.kind() == ImtKind::Sa) {
            Some(period) => scalar::ln(2.0 * PI / period) - LN_G,
            None => 0.0,
        };
        Row { c, ln_unit: spectrum }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// M - 6
    mag: f64,
    rjb: f64,
    /// 1 on soil, else 0.
    soil: f64,
}

impl Terms {
    fn new([mag, rjb, vs30]: [f64; 3]) -> Terms {
        Terms { mag: mag - 6.0, rjb, soil: f64::from(vs30 <= 910.0) }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let log10_r = 0.5 * LOG10_E * ln(t.rjb * t.rjb + c.h * c.h);
        let log10 = c.b1 + (c.b2 + c.b3 * t.mag) * t.mag + c.b5 * log10_r + c.b6 * t.soil;
        Estimate::total(LN_10 * log10 + self.ln_unit, LN_10 * c.sigma)
    }
}
