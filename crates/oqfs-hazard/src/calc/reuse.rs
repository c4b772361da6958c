//! Rates of exceedance that an earlier calculation computed already.
//!
//! The work of a calculation is cut into blocks of sources by tiles of sites ([`super::pieces`]). What a block gives by one
//! ground-motion model follows from its sources, the sites, some parameters, the model and the program: their digest is the
//! name under which it is kept. Weights and what is made of rates in the end are not in it, so that a job with another
//! weight, or with one more branch, computes only what is new.

use std::fmt::{Debug, Write};
use std::ops::Range;

use rayon::prelude::*;

use super::model::Model;
use super::pieces::Block;
use super::sources::SourceGroup;
use crate::gsim::Param;
use crate::job::Params;
use crate::logictree::GsimBranch;

/// Names what follows from something: two that differ have different digests.
pub type Digest = blake3::Hash;

/// What is kept of a block of sources at a tile of sites.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockRates {
    /// The number of contexts of each of its sources, by their places in the group.
    pub contexts: Vec<(usize, u64)>,
    /// Annual rates of exceedance, (T, M, L), by the digest of the ground-motion model.
    pub by_model: Vec<(Digest, Vec<f64>)>,
}

/// Who keeps rates from one calculation for the next.
pub trait RateStore: Sync {
    /// Whether anything is to be kept.
    fn is_on(&self) -> bool {
        true
    }

    /// What is kept of a block; `None` if nothing is, or nothing good.
    fn get(&self, block: &Digest) -> Option<BlockRates>;

    /// Keep it, if that is possible.
    fn put(&self, block: &Digest, rates: &BlockRates);
}

/// Nothing is kept.
impl RateStore for () {
    fn is_on(&self) -> bool {
        false
    }

    fn get(&self, _: &Digest) -> Option<BlockRates> {
        None
    }

    fn put(&self, _: &Digest, _: &BlockRates) {}
}

/// A calculation with less work is done faster than looked up. Work is counted in pairs of a rupture and a site, for each
/// intensity measure by each model.
const LEAST_WORK: usize = 1_000_000;

/// So is one with less work for each source: every source has to be taken in by the digest.
const LEAST_WORK_A_SOURCE: usize = 500;

/// Another program may give other digits.
const PROGRAM: &str = env!("OQFS_BUILD");

/// The digests of the groups of a model and of their ground-motion models.
pub struct Digests {
    groups: Vec<GroupDigests>,
}

struct GroupDigests {
    sources: Digest,
    models: Vec<Digest>,
}

impl Digests {
    /// Those of a model; `None` if its rates are not to be kept, or that would not pay.
    pub fn of(model: &Model, store: &dyn RateStore) -> Option<Digests> {
        let sources: usize = model.groups.iter().map(|g| g.sources.len()).sum();
        if !store.is_on()
            || model.by_source.is_some()
            || work(model) < LEAST_WORK.max(sources.saturating_mul(LEAST_WORK_A_SOURCE))
        {
            return None;
        }
        let mut common = Hasher::default();
        common.add(&PROGRAM);
        common.add_params(&model.job.params);
        let points = &model.sites.points;
        common.add(&(&points.lon, &points.lat, &points.depth));
        common.add(&model.kernel);
        Some(Digests { groups: model.groups.par_iter().map(|g| GroupDigests::of(g, model, &common)).collect() })
    }

    /// The digest of a block at a tile.
    pub fn block(&self, block: &Block, tile: &Range<usize>) -> Digest {
        let mut hasher = Hasher::default();
        hasher.add(&self.groups[block.group].sources.as_bytes());
        hasher.add(&(tile, &block.units));
        hasher.finish()
    }

    /// The digests of the ground-motion models of a group, in order.
    pub fn models(&self, group: usize) -> &[Digest] {
        &self.groups[group].models
    }
}

/// See [`LEAST_WORK`].
fn work(model: &Model) -> usize {
    let of_group =
        |group: &SourceGroup| group.ruptures().saturating_mul(model.tree.gsims.models(group.trt_index).len());
    let ruptures = model.groups.iter().map(of_group).fold(0, usize::saturating_add);
    ruptures.saturating_mul(model.sites.len()).saturating_mul(model.job.params.imtls.len())
}

impl GroupDigests {
    fn of(group: &SourceGroup, model: &Model, common: &Hasher) -> GroupDigests {
        // what is placed and the cells follow from the sources, the sites and the parameters
        let SourceGroup { trt, trt_index, paths: _, rule, sources, placed: _, cells: _ } = group;
        let mut hasher = common.clone();
        hasher.add(&(trt, rule, sources));
        let branches = model.tree.gsims.models(*trt_index);
        let models = branches.iter().map(|branch| digest_of_branch(branch, model)).collect();
        GroupDigests { sources: hasher.finish(), models }
    }
}

/// What rates by a ground-motion model depend on, beside those that all depend on.
fn digest_of_branch(branch: &GsimBranch, model: &Model) -> Digest {
    let params = &model.job.params;
    let used: Vec<bool> = params.imtls.iter().map(|(imt, _)| branch.is_used_for(imt, params)).collect();
    let sites: Vec<(Param, &[f64])> = model.sites.params().filter(|(p, _)| branch.gsim.params().contains(p)).collect();
    let mut hasher = Hasher::default();
    hasher.add(&(branch.gsim.info().name, &branch.gsim, used, sites));
    hasher.finish()
}

/// Takes in what it is given as `Debug` says it: all of it, and numbers to the last digit.
#[derive(Clone, Default)]
struct Hasher(blake3::Hasher);

impl Hasher {
    fn add(&mut self, part: &dyn Debug) {
        // it cannot fail: taking in text does not
        let _ = writeln!(self, "{part:?}");
    }

    /// The parameters that rates depend on. A new one has to be decided upon: it does not compile before.
    fn add_params(&mut self, params: &Params) {
        let Params {
            description: _,
            // their sites are added
            sites: _,
            exposure: _,
            reference: _,
            override_vs30: _,
            prefers_reference: _,
            tile: _,
            // their sources and models are added
            source_model_logic_tree: _,
            smlt_branch: _,
            gsims: _,
            collapsed_sets: _,
            // what it does to ruptures is added
            amplification: _,
            // keeps nothing
            disagg_by_src: _,
            source_settings,
            investigation_time,
            imtls,
            truncation_level,
            collapsed,
            // no site feels what is below it
            minimum_magnitude: _,
            maximum_distance,
            minimum_distance,
            pointsource_distance,
            ps_grid_spacing,
            split_sources,
            shift_hypo,
            max_sites_disagg,
            // branches are added as they are
            number_of_logic_tree_samples: _,
            forbids_oversampling: _,
            sampling_method: _,
            random_seed: _,
            max_potential_paths: _,
            horiz_comp_to_geom_mean,
            // what is made of rates
            individual_rlzs: _,
            mean: _,
            std: _,
            max: _,
            quantiles: _,
            use_rates: _,
            poes: _,
            uniform_hazard_spectra: _,
        } = params;
        for (imt, levels) in imtls {
            self.add(&(imt.kind(), imt, imt.period(), levels));
        }
        self.add(&(source_settings, investigation_time, truncation_level, collapsed));
        self.add(&(maximum_distance, minimum_distance, pointsource_distance, ps_grid_spacing));
        self.add(&(split_sources, shift_hypo, max_sites_disagg, horiz_comp_to_geom_mean));
    }

    fn finish(&self) -> Digest {
        self.0.finalize()
    }
}

impl Write for Hasher {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.0.update(text.as_bytes());
        Ok(())
    }
}
