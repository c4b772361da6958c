//! A model that gives the same motion everywhere, for branches of a logic tree whose weight is 0 or that have no sources.

use std::sync::Arc;

use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "DummyGMPE",
        trt: Trt::Any,
        imts: &[],
        params: &[Param::Mag, Param::Rrup],
        std_devs: TOTAL_AND_PARTS,
        component: Component::Any,
        reference: "a motion of 1 everywhere, for branches that do not count",
        doi: None,
        validity: Validity::NOT_STATED,
    },
    make: |info, arguments| {
        // tells several of them in one branch set from each other
        arguments.number("ordinal")?;
        Ok(Arc::new(Dummy { info }))
    },
}];

/// A motion of 1 in the unit of the intensity measure.
#[derive(Debug)]
struct Dummy {
    info: &'static ModelInfo,
}

impl Gsim for Dummy {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, _imt: &Imt) -> Result<(), GsimError> {
        Ok(())
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        out.reset(imts.len(), ctx.len());
        out.sig.fill(0.005);
        out.tau.fill(0.003);
        out.phi.fill(0.004);
    }
}
