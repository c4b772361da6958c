//! Jaimes and García-Soto (2020), for the slab below Mexico.
//!
//! Jaimes M.A., García-Soto A.D., 2020. Updated ground motion prediction model for Mexican intermediate-depth intraslab
//! earthquakes including V/H ratios. Earthquake Spectra 36(3), 1298-1330, doi:10.1177/8755293019899947.
//!
//! - Component: quadratic mean of the horizontal ones, vertical, or the ratio. Units: g, and cm/s for `PGV`. Rock sites.
//! - Distances are those to the rupture above magnitude 6.5, else those to the hypocentre.

use std::f64::consts::LN_10;
use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::hypot;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{ln_unit, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const HORIZONTAL: ModelInfo = ModelInfo {
    name: "JaimesEtAl2020SSlab",
    trt: Trt::SubductionIntraslab,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Rhypo],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Jaimes and García-Soto (2020), Updated ground motion prediction model for Mexican intermediate-depth \
                intraslab earthquakes including V/H ratios, Earthquake Spectra 36(3), 1298-1330",
    doi: Some("10.1177/8755293019899947"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: HORIZONTAL, make: |info, _| plain(info, &COEFFS, Row::new, Terms::new) },
    Model {
        info: ModelInfo { name: "JaimesEtAl2020SSlabVert", component: Component::Vertical, ..HORIZONTAL },
        make: |info, _| plain(info, &VERTICAL, Row::new, Terms::new),
    },
    Model {
        info: ModelInfo { name: "JaimesEtAl2020SSlabVHratio", component: Component::VerticalRatio, ..HORIZONTAL },
        make: |info, _| plain(info, &RATIO, |_, c| RatioRow::new(c), Terms::new),
    },
];

coefficients! {
    /// Tables 3 and 4.
    struct Coeffs { c1, c2, c3, c4, c5, sigma, tau, phi }
}

coefficients! {
    /// Table 5, with the standard deviations of the components and their correlations.
    struct Ratio { c1, c2, c3, rho_b, rho_w, sh_b, sh_w, sv_b, sv_w }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("JaimesEtAl2020.csv");
static VERTICAL: LazyLock<Table<Coeffs>> = table!("JaimesEtAl2020_vertical.csv");
static RATIO: LazyLock<Table<Ratio>> = table!("JaimesEtAl2020_ratio.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        Row { c, ln_unit: ln_unit(imt) }
    }
}

/// Those of the ratio.
#[derive(Clone, Copy)]
struct RatioRow {
    c: Ratio,
    /// Total, between and within events.
    sigma: [f64; 3],
}

impl RatioRow {
    fn new(c: Ratio) -> RatioRow {
        let of = |v: f64, h: f64, rho: f64| (v * v + h * h - 2.0 * rho * v * h).sqrt();
        let (tau, phi) = (of(c.sv_b, c.sh_b, c.rho_b), of(c.sv_w, c.sh_w, c.rho_w));
        RatioRow { c, sigma: [hypot(tau, phi), tau, phi] }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// The depth of the hypocentre, at most 75 km, below 50 km.
    depth: f64,
    /// Distance, with the size of the source, km.
    r: f64,
    ln_r: f64,
}

impl Terms {
    fn new([mag, hypo_depth, rrup, rhypo]: [f64; 4]) -> Terms {
        let delta = 0.0075 * exp(LN_10 * 0.507 * mag);
        let r = hypot(if mag > 6.5 { rrup } else { rhypo }, delta);
        Terms { mag, depth: hypo_depth.min(75.0) - 50.0, r, ln_r: ln(r) }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let mean = c.c1 + c.c2 * t.mag + c.c3 * t.ln_r + c.c4 * t.r + c.c5 * t.depth - self.ln_unit;
        Estimate { mean, sig: c.sigma, tau: c.tau, phi: c.phi }
    }
}

impl batch::Row for RatioRow {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let [sig, tau, phi] = self.sigma;
        Estimate { mean: self.c.c1 + self.c.c2 * t.mag + self.c.c3 * t.r, sig, tau, phi }
    }
}
