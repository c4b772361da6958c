//! Bindi et al. (2011): macroseismic intensity in central Asia, with the depth of the earthquake or a fixed one, or with hypocentral distance.
//!
//! Bindi D., Parolai S., Oth A., Abdrakhmatov K., Muraliev A., Zschau J., 2011. Intensity prediction equations for Central
//! Asia. Geophysical Journal International 187(1), 327-337, doi:10.1111/j.1365-246X.2011.05142.x.
//!
//! - Units: degrees of MSK-64, given as Modified Mercalli Intensity; mean and standard deviation are not of logarithms.
//! - Valid for magnitude 4.6 to 8.3, epicentral distances up to 600 km.

use std::f64::consts::LN_10;
use std::sync::Arc;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "BindiEtAl2011Repi",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Mmi],
    params: &[Param::Mag, Param::HypoDepth, Param::Repi],
    std_devs: TOTAL_ONLY,
    component: Component::Horizontal,
    reference: "Bindi et al. (2011), Intensity prediction equations for Central Asia, Geophysical Journal International \
                187(1), 327-337",
    doi: Some("10.1111/j.1365-246X.2011.05142.x"),
    validity: Validity::NOT_STATED.magnitude(4.6, 8.3).distance(Param::Repi, 0.0, 600.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(BindiEtAl2011Ipe { info, row: BY_DEPTH })) },
    Model {
        info: ModelInfo { name: "BindiEtAl2011RepiFixedH", params: &[Param::Mag, Param::Repi], ..BASE },
        make: |info, _| Ok(Arc::new(BindiEtAl2011Ipe { info, row: FIXED_DEPTH })),
    },
    Model {
        info: ModelInfo {
            name: "BindiEtAl2011Rhypo",
            params: &[Param::Mag, Param::Rhypo],
            std_devs: TOTAL_AND_PARTS,
            validity: Validity::NOT_STATED.magnitude(4.6, 8.3),
            ..BASE
        },
        make: |info, _| Ok(Arc::new(ByRhypo { info })),
    },
];

/// Hypocentral distance (table 1).
#[derive(Debug)]
struct ByRhypo {
    info: &'static ModelInfo,
}

impl Gsim for ByRhypo {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rhypo] = ctx.columns([Param::Mag, Param::Rhypo]);
        batch::compute(ctx.len(), &vec![RhypoRow; imts.len()], out, |k| RhypoTerms { mag: mag[k], rhypo: rhypo[k] });
    }
}

#[derive(Clone, Copy)]
struct RhypoRow;

#[derive(Clone, Copy)]
struct RhypoTerms {
    mag: f64,
    rhypo: f64,
}

impl batch::Row for RhypoRow {
    type Terms = RhypoTerms;

    #[inline(always)]
    fn estimate(&self, t: &RhypoTerms) -> Estimate {
        const TAU: f64 = 0.373;
        const PHI: f64 = 0.227;
        // from moment magnitude to that of surface waves
        let ms = if t.mag <= 6.5 { 6.5 - (6.5 - t.mag) * 1.5 } else { t.mag };
        let mean = 1.071 * ms + 1.003 - 2.621 * ln(t.rhypo / 10.0) / LN_10 - 0.0005567 * (t.rhypo - 10.0);
        Estimate { mean, sig: (TAU * TAU + PHI * PHI).sqrt(), tau: TAU, phi: PHI }
    }
}

/// Tables 2 and 3.
const BY_DEPTH: Row = Row { a1: 0.898, a2: 1.215, a3: 1.809, a4: 0.003447, sigma: 0.737 };
const FIXED_DEPTH: Row = Row { a1: 1.049, a2: 0.686, a3: 2.706, a4: 0.0001811, sigma: 0.689 };

/// The depth of every earthquake of the model with a fixed one, km.
const DEPTH: f64 = 15.0;

/// Bindi et al. (2011).
#[derive(Debug)]
struct BindiEtAl2011Ipe {
    info: &'static ModelInfo,
    row: Row,
}

impl Gsim for BindiEtAl2011Ipe {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, repi] = ctx.columns([Param::Mag, Param::Repi]);
        let by_depth = self.info.params.contains(&Param::HypoDepth);
        let depth = if by_depth { ctx.column(Param::HypoDepth) } else { &[] };
        let rows = vec![self.row; imts.len()];
        let terms = |k: usize| Terms { mag: mag[k], repi: repi[k], depth: depth.get(k).copied().unwrap_or(DEPTH) };
        batch::compute(ctx.len(), &rows, out, terms);
    }
}

#[derive(Clone, Copy, Debug)]
struct Row {
    a1: f64,
    a2: f64,
    a3: f64,
    a4: f64,
    sigma: f64,
}

#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    repi: f64,
    depth: f64,
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let r = (t.repi * t.repi + t.depth * t.depth).sqrt();
        let path = self.a3 * ln(r / t.depth) / LN_10 + self.a4 * (r - t.depth);
        Estimate::total(self.a1 * t.mag + self.a2 - path, self.sigma)
    }
}
