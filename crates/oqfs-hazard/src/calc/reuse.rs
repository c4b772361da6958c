//! Rates of exceedance that an earlier calculation computed already.
//!
//! The work of a calculation is cut into pieces, blocks of sources by tiles of sites ([`super::pieces`]). What a piece gives by one
//! ground-motion model follows from its sources, the sites, some parameters, the model and the program: their digest
//! ([`crate::digest`]) is the name of the piece, under which its rates are kept. Weights and what is made of rates in the end are not
//! in it, so that a job with another weight, or with one more branch, computes only what is new.

use rayon::prelude::*;

use super::by_source::MeanRates;
use super::calculation::Piece;
use super::model::Model;
use super::sources::{SourceGroup, Unit};
use crate::digest::{Digest, Digester, digested};
use crate::gsim::Param;
use crate::logictree::{GsimBranch, GsimLogicTree};

/// What is kept of a piece of work.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BlockRates {
    /// The number of contexts of each of its sources, by their places in the group.
    pub contexts: Vec<(usize, u64)>,
    /// Annual rates of exceedance, (T, M, L), by the digest of the ground-motion model.
    pub by_model: Vec<(Digest, Vec<f64>)>,
    /// The mean rates by source, where the job asks for them.
    pub by_source: Vec<MeanRates>,
}

/// Who keeps rates from one calculation for the next.
pub trait RateStore: Sync {
    /// Whether anything is to be kept.
    fn is_on(&self) -> bool {
        true
    }

    /// Whether every piece is to be kept, however little work it was: somebody waits for it.
    fn keeps_all(&self) -> bool {
        false
    }

    /// What is kept of a piece; `None` if nothing is, or nothing good.
    fn get(&self, piece: &Digest) -> Option<BlockRates>;

    /// Keep it, if that is possible.
    fn put(&self, piece: &Digest, rates: &BlockRates);
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

/// What tells the numbers of this program from those of another, which may have other digits: of its sources and how it was compiled.
pub const BUILD: &str = env!("OQFS_BUILD");

/// The digests of the groups of a model and of their ground-motion models.
pub struct Digests {
    groups: Vec<GroupDigests>,
}

struct GroupDigests {
    sources: Digest,
    /// By the label of sites.
    models: Vec<Vec<Digest>>,
    /// What mean rates by source depend on, where the job asks for them.
    by_source: Option<Digest>,
}

impl Digests {
    /// Those under which a store keeps the rates of a model; `None` if they are not to be kept, or that would not pay.
    pub(super) fn for_store(model: &Model, store: &dyn RateStore) -> Option<Digests> {
        let sources: usize = model.groups.iter().map(|g| g.sources.len()).sum();
        let pays = || work(model) >= LEAST_WORK.max(sources.saturating_mul(LEAST_WORK_A_SOURCE));
        let is_kept = store.is_on() && (store.keeps_all() || pays());
        is_kept.then(|| Digests::of(model, BUILD))
    }

    /// Those of a model, computed by a program.
    pub fn of(model: &Model, program: &str) -> Digests {
        let mut common = Digester::default();
        common.begin("model");
        common.add(program);
        model.job.params.given.add_rates_to(&mut common);
        let points = &model.sites.points;
        common.add(&points.lon).add(&points.lat).add(&points.depth);
        common.add(&model.kernel);
        let common = common.finish();
        let of_group = |(index, group)| GroupDigests::of((index, group), model, &common);
        Digests { groups: model.groups.par_iter().enumerate().map(of_group).collect() }
    }

    /// The digest of a piece of work: what its rates depend on, beside the ground-motion model. Mean rates by source are of all models
    /// together, and where they are wanted, rates are summed by source first, which may give other last digits.
    pub fn piece(&self, Piece { tile, block }: Piece) -> Digest {
        let group = &self.groups[block.group];
        let mut digester = Digester::default();
        digester.begin("piece");
        digester.add(&group.sources).add(tile).add(&block.units);
        if let Some(by_source) = &group.by_source {
            digester.add(by_source);
        }
        digester.finish()
    }

    /// The digest of the sources of a group, with what rates by all ground-motion models depend on.
    pub fn sources(&self, group: usize) -> &Digest {
        &self.groups[group].sources
    }

    /// The digests of the ground-motion models of a group at the sites of a label, in order.
    pub fn models(&self, group: usize, label: usize) -> &[Digest] {
        &self.groups[group].models[label]
    }
}

/// Whether a model is computed faster than anything is found out about it.
pub fn is_small(model: &Model) -> bool {
    work(model) < LEAST_WORK
}

/// See [`LEAST_WORK`].
pub(super) fn work(model: &Model) -> usize {
    let of_group =
        |group: &SourceGroup| group.ruptures().saturating_mul(model.tree.gsims.models(group.trt_index).len());
    let ruptures = model.groups.iter().map(of_group).fold(0, usize::saturating_add);
    ruptures.saturating_mul(model.sites.len()).saturating_mul(model.job.params.imtls().len())
}

digested!(enum Unit { 1: Parts { source, range }, 2: Cells { range } });

impl GroupDigests {
    fn of((index, group): (usize, &SourceGroup), model: &Model, common: &Digest) -> GroupDigests {
        // what is placed and the cells follow from the sources, the sites and the parameters
        let SourceGroup { trt, trt_index, paths: _, rule, sources, placed: _, added, cells: _ } = group;
        let mut digester = Digester::default();
        digester.begin("sources");
        digester.add(common).add(trt).add(rule).add(sources);
        if !added.is_empty() {
            digester.begin("added rates");
            digester.add(added);
        }
        let of_tree = |gsims: &GsimLogicTree| {
            gsims.models(*trt_index).iter().map(|branch| digest_of_branch(branch, model)).collect()
        };
        let models: Vec<Vec<Digest>> = model.tree.all_gsims().map(of_tree).collect();
        let by_source = model.by_source.as_ref().map(|by_source| {
            let mut digester = Digester::default();
            by_source.add_to(index, &mut digester);
            digester.add(&models);
            digester.finish()
        });
        GroupDigests { sources: digester.finish(), models, by_source }
    }
}

/// What rates by a ground-motion model depend on, beside those that all depend on.
fn digest_of_branch(branch: &GsimBranch, model: &Model) -> Digest {
    let params = &model.job.params;
    let used: Vec<bool> = params.imtls().iter().map(|(imt, _)| branch.is_used_for(imt, params)).collect();
    let sites: Vec<(Param, &[f64])> = model.sites.params().filter(|(p, _)| branch.gsim.params().contains(p)).collect();
    let mut digester = Digester::default();
    digester.begin("ground-motion model");
    digester.add(&branch.identity).add(&used).add(&sites);
    digester.finish()
}
