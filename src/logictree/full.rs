//! Both trees together: the realizations.

use super::{GsimLogicTree, LogicTreeError, SourceModelLogicTree, SourceModelPath};
use crate::gsim::Imt;
use crate::job::Params;

/// One path through both trees.
#[derive(Clone, Debug, PartialEq)]
pub struct Realization {
    /// The index of its source model path.
    pub source_model: usize,
    /// The index of the model for each tectonic region type, in the order of the GSIM tree.
    pub gsims: Vec<usize>,
    /// Its weight; all weights sum to one.
    pub weight: f64,
}

/// The composition of both trees.
#[derive(Clone, Debug)]
pub struct FullLogicTree {
    /// The source model tree.
    pub source_models: SourceModelLogicTree,
    /// The paths through it, sampled or all.
    pub source_model_paths: Vec<SourceModelPath>,
    /// The GSIM tree.
    pub gsims: GsimLogicTree,
    /// The realizations in the engine's order.
    pub realizations: Vec<Realization>,
}

impl FullLogicTree {
    /// Compose both trees, all paths or as many samples as the job says.
    pub fn new(
        source_models: SourceModelLogicTree,
        gsims: GsimLogicTree,
        params: &Params,
    ) -> Result<FullLogicTree, LogicTreeError> {
        let (source_model_paths, mut realizations) = if params.number_of_logic_tree_samples > 0 {
            sampled(&source_models, &gsims, params)
        } else {
            enumerated(&source_models, &gsims, params)?
        };
        let total: f64 = realizations.iter().map(|r| r.weight).sum();
        if total != 1.0 {
            realizations.iter_mut().for_each(|r| r.weight /= total);
        }
        Ok(FullLogicTree { source_models, source_model_paths, gsims, realizations })
    }

    /// The weights of the realizations for each intensity measure, if they differ. Samples weigh the same for all.
    ///
    /// For an intensity measure that some branch gives a weight for, only such weights count: branches that say nothing of
    /// it weigh 1 (engine behaviour).
    pub fn weights_by_imt(&self, imts: &[Imt], params: &Params) -> Option<Vec<Vec<f64>>> {
        let branches = self.gsims.branches.values();
        let named: Vec<&Imt> = branches.clone().flatten().flat_map(|b| &b.weights_by_imt).map(|(imt, _)| imt).collect();
        if params.number_of_logic_tree_samples > 0 || named.is_empty() {
            return None;
        }
        let of = |r: &Realization, imt: &Imt| {
            if !named.contains(&imt) {
                return r.weight;
            }
            let chosen = branches.clone().zip(&r.gsims).map(|(models, &choice)| &models[choice]);
            let models = chosen.map(|branch| branch.weight_for(imt).unwrap_or(1.0));
            self.source_model_paths[r.source_model].weight * models.product::<f64>()
        };
        Some(imts.iter().map(|imt| self.realizations.iter().map(|r| of(r, imt)).collect()).collect())
    }

    /// The realizations that see source models `paths` through model `gsim` of the tectonic region type `trt`.
    pub fn realizations_of(&self, paths: &[usize], trt: usize, gsim: usize) -> Vec<u32> {
        let matches = |r: &Realization| paths.contains(&r.source_model) && r.gsims[trt] == gsim;
        self.realizations.iter().enumerate().filter(|(_, r)| matches(r)).map(|(i, _)| i as u32).collect()
    }
}

/// Every source model path with every GSIM path.
fn enumerated(
    source_models: &SourceModelLogicTree,
    gsims: &GsimLogicTree,
    params: &Params,
) -> Result<(Vec<SourceModelPath>, Vec<Realization>), LogicTreeError> {
    let found = source_models.count().saturating_mul(gsims.count());
    if found > params.max_potential_paths {
        return Err(LogicTreeError::TooMany { found, limit: params.max_potential_paths });
    }
    let mut paths = source_models.paths();
    let gsim_paths = gsims.paths();
    let mut realizations = Vec::with_capacity(found);
    for (source_model, path) in paths.iter_mut().enumerate() {
        path.samples = gsim_paths.len();
        realizations.extend(gsim_paths.iter().map(|g| Realization {
            source_model,
            gsims: g.choice.clone(),
            weight: path.weight * g.weight,
        }));
    }
    Ok((paths, realizations))
}

/// Samples of both trees side by side: the source models in groups of equal paths, the GSIMs as they are drawn.
fn sampled(
    source_models: &SourceModelLogicTree,
    gsims: &GsimLogicTree,
    params: &Params,
) -> (Vec<SourceModelPath>, Vec<Realization>) {
    use crate::job::SamplingMethod::{EarlyLatin, EarlyWeights};
    let (n, seed, method) = (params.number_of_logic_tree_samples, params.random_seed, params.sampling_method);
    let paths = source_models.sample(n, seed, method);
    let drawn = gsims.sample(n, seed.wrapping_add(1), method);
    let early = matches!(method, EarlyWeights | EarlyLatin);
    let expanded = paths.iter().enumerate().flat_map(|(i, p)| std::iter::repeat_n((i, p.weight), p.samples));
    let realizations = expanded
        .zip(drawn)
        .map(|((source_model, weight), g)| Realization {
            source_model,
            gsims: g.choice,
            weight: if early { 1.0 / n as f64 } else { weight * g.weight },
        })
        .collect();
    (paths, realizations)
}
