//! Both trees together: the realizations.

use super::compose::{Realization, Sampling, realizations};
use super::{GsimLogicTree, LogicTreeError, SourceModelLogicTree, SourceModelPath};
use crate::gsim::Imt;
use crate::job::{MOST_PATHS, Params};

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
    /// The GSIM trees of labelled sites, in the order of the labels: they have other models and weights, and the same realizations.
    pub labelled: Vec<LabelledTree>,
}

/// The GSIM tree of the sites of a label.
#[derive(Clone, Debug)]
pub struct LabelledTree {
    /// The tree.
    pub gsims: GsimLogicTree,
    /// The weights that it gives the realizations.
    weights: Vec<f64>,
}

impl FullLogicTree {
    /// Compose both trees, all paths or as many samples as the job says. `labelled` are the GSIM trees of labelled sites, like the
    /// first in number of models.
    pub fn new(
        source_models: SourceModelLogicTree,
        gsims: GsimLogicTree,
        labelled: Vec<GsimLogicTree>,
        params: &Params,
    ) -> Result<FullLogicTree, LogicTreeError> {
        let sampling = Sampling::of(params);
        let source_model_paths = match sampling {
            Some(sampling) => source_models.sample(sampling),
            None => {
                let found = source_models.count().saturating_mul(gsims.count());
                // where only the mean of rates is wanted max_potential_paths does not count
                if !params.has_fast_mean() && found > params.max_potential_paths {
                    return Err(LogicTreeError::TooMany { found, limit: params.max_potential_paths });
                }
                if found > MOST_PATHS {
                    return Err(LogicTreeError::TooManyToHold { found, limit: MOST_PATHS });
                }
                let mut paths = source_models.paths();
                paths.iter_mut().for_each(|path| path.samples = gsims.count());
                paths
            }
        };
        let paths: Vec<(f64, usize)> = source_model_paths.iter().map(|path| (path.weight, path.samples)).collect();
        // samples are drawn by the weights of the first tree; where they weigh by their branches they are the same for all trees, because
        // branches are drawn alike then (engine behaviour)
        let with_weights = |gsims: GsimLogicTree| {
            let weights = realizations(&paths, &gsims.weights(), sampling).iter().map(|r| r.weight).collect();
            LabelledTree { gsims, weights }
        };
        let labelled = labelled.into_iter().map(with_weights).collect();
        let realizations = realizations(&paths, &gsims.weights(), sampling);
        Ok(FullLogicTree { source_models, source_model_paths, gsims, realizations, labelled })
    }

    /// The GSIM tree of the sites of a label, of which 0 stands for none.
    pub fn gsims_for(&self, label: usize) -> &GsimLogicTree {
        label.checked_sub(1).and_then(|at| self.labelled.get(at)).map_or(&self.gsims, |tree| &tree.gsims)
    }

    /// The GSIM trees: that of sites without a label, then those of the labels.
    pub fn all_gsims(&self) -> impl Iterator<Item = &GsimLogicTree> {
        std::iter::once(&self.gsims).chain(self.labelled.iter().map(|tree| &tree.gsims))
    }

    /// The weights of the realizations at the sites of a label.
    pub fn weights_for(&self, label: usize) -> Vec<f64> {
        match label.checked_sub(1).and_then(|at| self.labelled.get(at)) {
            Some(tree) => tree.weights.clone(),
            None => self.realizations.iter().map(|r| r.weight).collect(),
        }
    }

    /// The weights of the realizations at the sites of a label for each intensity measure, if they differ. Samples weigh the same for all.
    ///
    /// For an intensity measure that some branch gives a weight for, only such weights count: branches that say nothing of
    /// it weigh 1 (engine behaviour).
    pub fn weights_by_imt(&self, label: usize, imts: &[Imt], params: &Params) -> Option<Vec<Vec<f64>>> {
        let branches = self.gsims_for(label).branches.values();
        let weights = self.weights_for(label);
        let named: Vec<&Imt> = branches.clone().flatten().flat_map(|b| &b.weights_by_imt).map(|(imt, _)| imt).collect();
        if params.number_of_logic_tree_samples > 0 || named.is_empty() {
            return None;
        }
        let of = |(r, weight): (&Realization, &f64), imt: &Imt| {
            if !named.contains(&imt) {
                return *weight;
            }
            let chosen = branches.clone().zip(&r.gsims).map(|(models, &choice)| &models[choice]);
            let models = chosen.map(|branch| branch.weight_for(imt).unwrap_or(1.0));
            self.source_model_paths[r.source_model].weight * models.product::<f64>()
        };
        let with_weights = || self.realizations.iter().zip(&weights);
        Some(imts.iter().map(|imt| with_weights().map(|realization| of(realization, imt)).collect()).collect())
    }

    /// The realizations that see source models `paths` through model `gsim` of the tectonic region type `trt`.
    pub fn realizations_of(&self, paths: &[usize], trt: usize, gsim: usize) -> Vec<u32> {
        let matches = |r: &Realization| paths.contains(&r.source_model) && r.gsims[trt] == gsim;
        self.realizations.iter().enumerate().filter(|(_, r)| matches(r)).map(|(i, _)| i as u32).collect()
    }
}
