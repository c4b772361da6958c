//! A model for each intensity measure.
//!
//! The arguments name a model for each intensity measure, with the arguments it takes itself: `PGA.SadighEtAl1997 = {}`
//! and `"SA(0.2)".AkkarBommer2010 = {}`.

use std::sync::Arc;

use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ModelInfo, Param, StdDev, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "MultiGMPE",
        trt: Trt::Any,
        imts: &[],
        params: &[Param::Mag],
        std_devs: TOTAL_ONLY,
        component: Component::Horizontal,
        reference: "a model for each intensity measure",
        doi: None,
        validity: Validity::NOT_STATED,
    },
    make: |info, arguments| {
        let models = arguments.rest().into_iter().map(|(name, value)| {
            let expected = "one model with its arguments, as in `PGA.SadighEtAl1997 = {}`";
            let imt = Imt::parse(&name).map_err(|e| arguments.wrong(&name, &value, e.to_string()))?;
            let mut models = value.as_table().into_iter().flatten();
            let (Some((model, toml::Value::Table(values))), None) = (models.next(), models.next()) else {
                return Err(arguments.wrong(&name, &value, expected));
            };
            let model = arguments.make(model, values.clone())?;
            model.check(&imt)?;
            Ok((imt, model))
        });
        let models: Vec<(Imt, Arc<dyn Gsim>)> = models.collect::<Result<_, GsimError>>()?;
        if models.is_empty() {
            return Err(arguments.missing("PGA"));
        }
        let params = models.iter().fold(Vec::new(), |params, (_, model)| Param::union(&params, model.params()));
        Ok(Arc::new(Multi { info, models, params }))
    },
}];

/// A model for each intensity measure.
#[derive(Debug)]
struct Multi {
    info: &'static ModelInfo,
    models: Vec<(Imt, Arc<dyn Gsim>)>,
    params: Vec<Param>,
}

impl Multi {
    fn model(&self, imt: &Imt) -> Option<&dyn Gsim> {
        self.models.iter().find(|(known, _)| known == imt).map(|(_, model)| &**model)
    }
}

impl Gsim for Multi {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    fn std_devs(&self) -> &'static [StdDev] {
        let gives_parts = self.models.iter().any(|(_, model)| model.std_devs().contains(&StdDev::BetweenEvent));
        if gives_parts { TOTAL_AND_PARTS } else { TOTAL_ONLY }
    }

    fn validities(&self) -> Vec<(&'static str, Validity)> {
        self.models.iter().flat_map(|(_, model)| model.validities()).collect()
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        let defined = || self.models.iter().map(|(known, _)| known.to_string()).collect::<Vec<_>>().join(", ");
        let unknown = || GsimError::ImtNotDefined { model: self.info.name, imt: *imt, defined: defined() };
        self.model(imt).ok_or_else(unknown)?.check(imt)
    }

    fn check_vs30(&self, vs30: f64) -> Result<(), GsimError> {
        self.models.iter().try_for_each(|(_, model)| model.check_vs30(vs30))
    }

    fn infers_depths(&self) -> bool {
        self.models.iter().all(|(_, model)| model.infers_depths())
    }

    fn outside(&self, ctx: &Contexts, at: usize) -> Option<String> {
        self.models.iter().find_map(|(_, model)| model.outside(ctx, at))
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        out.reset(imts.len(), ctx.len());
        let mut motion = GroundMotion::default();
        for (m, imt) in imts.iter().enumerate() {
            let Some(model) = self.model(imt) else { continue };
            model.compute(ctx, &[*imt], &mut motion);
            let row = out.row(m);
            out.mean[row.clone()].copy_from_slice(&motion.mean);
            out.sig[row.clone()].copy_from_slice(&motion.sig);
            out.tau[row.clone()].copy_from_slice(&motion.tau);
            out.phi[row].copy_from_slice(&motion.phi);
        }
    }
}
