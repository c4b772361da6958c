//! Faccioli and Cauzzi (2006): macroseismic intensity around the Mediterranean.
//!
//! Faccioli E., Cauzzi C., 2006. Macroseismic intensities for seismic scenarios estimated from instrumentally based
//! correlations. First European Conference on Earthquake Engineering and Seismology, paper 569.
//!
//! - Units: degrees, given as Modified Mercalli Intensity; mean and standard deviation are not of logarithms.
//! - Valid for magnitude 4.5 to 7, epicentral distances up to 100 km.

use std::sync::Arc;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "FaccioliCauzzi2006",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Mmi],
        params: &[Param::Mag, Param::Repi],
        std_devs: TOTAL_ONLY,
        component: Component::Horizontal,
        reference: "Faccioli and Cauzzi (2006), Macroseismic intensities for seismic scenarios estimated from instrumentally \
                    based correlations, First European Conference on Earthquake Engineering and Seismology, paper 569",
        doi: None,
        validity: Validity::NOT_STATED.magnitude(4.5, 7.0).distance(Param::Repi, 0.0, 100.0),
    },
    make: |info, _| Ok(Arc::new(FaccioliCauzzi2006 { info })),
}];

/// Faccioli and Cauzzi (2006).
#[derive(Debug)]
struct FaccioliCauzzi2006 {
    info: &'static ModelInfo,
}

impl Gsim for FaccioliCauzzi2006 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, repi] = ctx.columns([Param::Mag, Param::Repi]);
        let rows = vec![Mmi; imts.len()];
        batch::compute(ctx.len(), &rows, out, |k| Terms { mag: mag[k], repi: repi[k] });
    }
}

#[derive(Clone, Copy)]
struct Mmi;

#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    repi: f64,
}

impl batch::Row for Mmi {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        const H: f64 = 2.0;
        let ln_distance = 0.5 * ln(t.repi * t.repi + H * H);
        Estimate::total(1.0157 + 1.2566 * t.mag - 0.6547 * ln_distance, 0.5344)
    }
}
