//! Lin (2009), for crustal earthquakes in Taiwan.
//!
//! Lin P.-S., 2009. Ground-motion attenuation relationship and path-effect study using Taiwan data set. PhD dissertation,
//! National Central University, Taiwan.
//!
//! - Component: geometric mean. Units: g. The rock is of 1,130 m/s.
//!
//! `AdjustedSigma` has the standard deviations of Cheng et al. (2013).

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::scalar::exp;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "Lin2009",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Lin (2009), Ground-motion attenuation relationship and path-effect study using Taiwan data set, PhD \
                dissertation, National Central University, Taiwan",
    doi: None,
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| plain(info, &COEFFS, |_, c| Row::new(c, c.sigma), Terms::new) },
    Model {
        info: ModelInfo { name: "Lin2009AdjustedSigma", ..BASE },
        make: |info, _| plain(info, &COEFFS, |_, c| Row::new(c, c.sigma_adjusted), Terms::new),
    },
];

coefficients! {
    /// The table of the dissertation, and the standard deviation of Cheng et al. (2013).
    struct Coeffs { c1, c2, c3, c4, c5, h, c6, c7, c8, sigma, sigma_adjusted }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("Lin2009.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    sigma: f64,
    /// exp(H), km.
    depth: f64,
}

impl Row {
    fn new(c: Coeffs, sigma: f64) -> Row {
        Row { c, sigma, depth: exp(c.h) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// 1 for normal and for reverse faulting, else 0.
    normal: f64,
    reverse: f64,
    ln_vs30: f64,
}

impl Terms {
    fn new([mag, rake, rrup, vs30]: [f64; 4]) -> Terms {
        let [normal, reverse] = [-120.0..=-60.0, 30.0..=150.0].map(|range| f64::from(range.contains(&rake)));
        Terms { mag, rrup, normal, reverse, ln_vs30: ln(vs30 / 1130.0) }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let above = t.mag - 6.3;
        let slope = if above > 0.0 { -c.h * c.c5 } else { c.c2 };
        let magnitude = c.c1 + slope * above + c.c3 * (8.5 - t.mag) * (8.5 - t.mag);
        let path = (c.c4 + c.c5 * above) * 0.5 * ln(t.rrup * t.rrup + self.depth * self.depth);
        let mean = magnitude + path + c.c6 * t.normal + c.c7 * t.reverse + c.c8 * t.ln_vs30;
        Estimate::total(mean, self.sigma)
    }
}
