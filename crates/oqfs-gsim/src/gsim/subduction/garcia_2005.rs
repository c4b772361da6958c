//! García et al. (2005), for the slab below central Mexico.
//!
//! García D., Singh S.K., Herráiz M., Ordaz M., Pacheco J.F., 2005. Inslab earthquakes of central Mexico: peak
//! ground-motion parameters and response spectra. Bulletin of the Seismological Society of America 95(6), 2272-2282,
//! doi:10.1785/0120050072.
//!
//! - Component: geometric mean, or vertical. Units: g, and cm/s for `PGV`.
//! - Hard sites (NEHRP class B). Distances are those to the rupture from magnitude 6.5 on, else those to the hypocentre.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::hypot;
use crate::elementary::scalar::log10;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for horizontal motion.
const HORIZONTAL: ModelInfo = ModelInfo {
    name: "GarciaEtAl2005SSlab",
    trt: Trt::SubductionIntraslab,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Rhypo],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "García et al. (2005), Inslab earthquakes of central Mexico: peak ground-motion parameters and response \
                spectra, Bulletin of the Seismological Society of America 95(6), 2272-2282",
    doi: Some("10.1785/0120050072"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: HORIZONTAL, make: |info, _| Ok(Arc::new(GarciaEtAl2005 { info, coeffs: &COEFFS })) },
    Model {
        info: ModelInfo { name: "GarciaEtAl2005SSlabVert", component: Component::Vertical, ..HORIZONTAL },
        make: |info, _| Ok(Arc::new(GarciaEtAl2005 { info, coeffs: &VERTICAL })),
    },
];

coefficients! {
    /// Tables 2 and 3, in common logarithms.
    struct Coeffs { c1, c2, c3, c4, c5, sigma, tau, phi }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("GarciaEtAl2005.csv");
static VERTICAL: LazyLock<Table<Coeffs>> = table!("GarciaEtAl2005_vertical.csv");

/// García et al. (2005).
#[derive(Debug)]
struct GarciaEtAl2005 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
}

impl Gsim for GarciaEtAl2005 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, hypo_depth, rrup, rhypo] = ctx.columns([Param::Mag, Param::HypoDepth, Param::Rrup, Param::Rhypo]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row::new(imt, self.coeffs.at(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let delta = 0.0075 * exp(LN_10 * 0.507 * mag[k]);
            let r = hypot(if mag[k] < 6.5 { rhypo[k] } else { rrup[k] }, delta);
            Terms { mag: mag[k], depth: hypo_depth[k], r, log10_r: LOG10_E * ln(r) }
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// log10 of the unit, cm/s^2.
    log10_unit: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        const G: f64 = 980.665;
        Row { c, log10_unit: if imt.kind() == ImtKind::Pgv { 0.0 } else { log10(G) } }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    depth: f64,
    /// Distance, with the size of the source, km.
    r: f64,
    log10_r: f64,
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let log10 = c.c1 + c.c2 * t.mag + c.c3 * t.r - c.c4 * t.log10_r + c.c5 * t.depth - self.log10_unit;
        let [sig, tau, phi] = [c.sigma, c.tau, c.phi].map(|sigma| LN_10 * sigma);
        Estimate { mean: LN_10 * log10, sig, tau, phi }
    }
}
