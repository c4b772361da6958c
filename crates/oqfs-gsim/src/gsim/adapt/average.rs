//! Averages of models with weights: of their ground motions, or of their probabilities of exceedance.
//!
//! The arguments name each model with its weight, and with the arguments it takes itself:
//! `b1.AkkarBommer2010.weight = 0.4` and `b2.ChiouYoungs2008.weight = 0.6`.

use std::sync::Arc;

use crate::gsim::adapt::mixture;
use crate::gsim::arguments::Arguments;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ModelInfo, Param, StdDev, Trt, Validity};

/// The average of ground motions.
const MOTION: ModelInfo = ModelInfo {
    name: "AvgGMPE",
    trt: Trt::Any,
    imts: &[],
    params: &[Param::Mag],
    std_devs: TOTAL_ONLY,
    component: Component::Any,
    reference: "the average of models with weights: of the ln-mean and of the squares of the standard deviations",
    doi: None,
    validity: Validity::NOT_STATED,
};

/// The average of probabilities.
const PROBABILITY: ModelInfo = ModelInfo {
    name: "AvgPoeGMPE",
    reference: "models with weights whose probabilities of exceedance are averaged",
    ..MOTION
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: MOTION, make: |info, arguments| Ok(Arc::new(Average::new(info, parts(arguments)?))) },
    Model { info: PROBABILITY, make: |info, arguments| Ok(of_probabilities(info, parts(arguments)?)) },
];

/// The model whose probabilities of exceedance are the averages of those of `parts`, with their weights.
pub fn average_of_probabilities(parts: Vec<(f64, Arc<dyn Gsim>)>) -> Arc<dyn Gsim> {
    of_probabilities(&PROBABILITY, parts)
}

fn of_probabilities(info: &'static ModelInfo, parts: Parts) -> Arc<dyn Gsim> {
    mixture::of(Arc::new(Average::new(info, parts.clone())), parts)
}

type Parts = Vec<(f64, Arc<dyn Gsim>)>;

fn parts(arguments: &mut Arguments) -> Result<Parts, GsimError> {
    let parts: Parts = arguments
        .rest()
        .into_iter()
        .map(|(branch, value)| match weighted(&value) {
            Some((name, weight, values)) => Ok((weight, arguments.make(&name, values)?)),
            None => {
                let expected = "a model with its weight, as in `b1.SadighEtAl1997.weight = 0.5`";
                Err(arguments.wrong(&branch, &value, expected))
            }
        })
        .collect::<Result<_, GsimError>>()?;
    if parts.is_empty() { Err(arguments.missing("b1")) } else { Ok(parts) }
}

/// Name, weight and arguments of `{ Name = { weight = ..., ... } }`.
fn weighted(value: &toml::Value) -> Option<(String, f64, toml::Table)> {
    let table = value.as_table().filter(|table| table.len() == 1)?;
    let (name, values) = table.iter().next()?;
    let mut values = values.as_table()?.clone();
    let weight = values.remove("weight")?;
    let weight = weight.as_float().or_else(|| weight.as_integer().map(|integer| integer as f64))?;
    (weight.is_finite() && weight >= 0.0).then(|| (name.clone(), weight, values))
}

/// The average of the ground motions of models.
#[derive(Debug)]
struct Average {
    info: &'static ModelInfo,
    parts: Parts,
    params: Vec<Param>,
    std_devs: &'static [StdDev],
}

impl Average {
    fn new(info: &'static ModelInfo, parts: Parts) -> Average {
        let params = parts.iter().fold(Vec::new(), |params, (_, part)| Param::union(&params, part.params()));
        let mut of_parts = parts.iter().map(|(_, part)| part.std_devs());
        let first = of_parts.next().unwrap_or(info.std_devs);
        let std_devs = if of_parts.all(|std_devs| std_devs == first) { first } else { info.std_devs };
        Average { info, parts, params, std_devs }
    }
}

impl Gsim for Average {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    fn std_devs(&self) -> &'static [StdDev] {
        self.std_devs
    }

    /// No component that could be converted, as in the engine.
    fn component(&self) -> Component {
        Component::Horizontal
    }

    fn validities(&self) -> Vec<(&'static str, Validity)> {
        self.parts.iter().flat_map(|(_, model)| model.validities()).collect()
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.parts.iter().try_for_each(|(_, part)| part.check(imt))
    }

    fn check_vs30(&self, vs30: f64) -> Result<(), GsimError> {
        self.parts.iter().try_for_each(|(_, part)| part.check_vs30(vs30))
    }

    fn infers_depths(&self) -> bool {
        self.parts.iter().all(|(_, part)| part.infers_depths())
    }

    fn outside(&self, ctx: &Contexts, at: usize) -> Option<String> {
        self.parts.iter().find_map(|(_, part)| part.outside(ctx, at))
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let mut motion = GroundMotion::default();
        out.reset(imts.len(), ctx.len());
        let total: f64 = self.parts.iter().map(|(weight, _)| weight).sum();
        for (weight, part) in &self.parts {
            part.compute(ctx, imts, &mut motion);
            let weight = weight / total;
            add(&mut out.mean, &motion.mean, |mean| weight * mean);
            for (sums, of_part) in
                [(&mut out.sig, &motion.sig), (&mut out.tau, &motion.tau), (&mut out.phi, &motion.phi)]
            {
                add(sums, of_part, |sigma| weight * sigma * sigma);
            }
        }
        for sums in [&mut out.sig, &mut out.tau, &mut out.phi] {
            sums.iter_mut().for_each(|sum| *sum = sum.sqrt());
        }
    }
}

fn add(sums: &mut [f64], values: &[f64], term: impl Fn(f64) -> f64) {
    sums.iter_mut().zip(values).for_each(|(sum, &value)| *sum += term(value));
}
