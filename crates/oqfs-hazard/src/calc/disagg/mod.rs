//! Disaggregation: which ruptures the hazard at a site comes from, by tectonic region type, magnitude, distance, place and epsilon, and by
//! source.
//!
//! The first pass over the ruptures, the classical one, gives the mean curves; of them are the levels at the probabilities of the job, and the
//! curves of realizations say which of them are near the mean. The second pass ([`super::second`]) makes the same contexts, and sums up by bin
//! how often each level is expected to be exceeded. These numbers add up over bins: a marginal is a sum over the other axes, and becomes a
//! probability in the end. So no array of all axes is ever made; magnitude, distance and epsilon are summed up in one array, magnitude and
//! place in another, and of both the rows that something is in. By source it is the mean over all realizations that is summed up.

mod bins;
mod by_source;
mod choice;
mod dependent;
mod epsilon;
mod keys;
mod results;
mod rows;
mod split;
mod tally;

use std::collections::BTreeSet;

pub use bins::DisaggBins;
pub use by_source::SourceDisaggregation;
pub use choice::chosen;
pub use results::{DisaggLayout, SiteDisaggregation};
pub use split::{SiteLevels, Splitter, with_params_of_bins};
pub use tally::{BinPart, BinTally};

use super::CalcError;
use super::by_source::BySource;
use super::sources::SourceGroup;
use crate::job::{Job, Marginal, Mode};
use crate::logictree::FullLogicTree;
use crate::site::SiteCollection;
use bins::marginals_of;
use keys::Keys;

/// What a job disaggregates, and how.
#[derive(Clone, Debug)]
pub struct Disaggregation {
    /// The bins.
    pub bins: DisaggBins,
    /// The marginals that are kept.
    pub marginals: Vec<Marginal>,
    /// How many realizations are disaggregated at each site.
    pub realizations: usize,
    /// The number of intensity measures.
    imts: usize,
    /// The number of levels at each site, of all intensity measures together.
    levels: usize,
    /// The number of sources that are told apart; 0 if none are.
    sources: usize,
}

impl Disaggregation {
    /// That of a job; `None` if it is none.
    ///
    /// # Errors
    /// If there are more sites or fewer realizations than the job says, or no bins.
    pub fn of(
        job: &Job,
        tree: &FullLogicTree,
        groups: &[SourceGroup],
        sites: &SiteCollection,
        by_source: Option<&BySource>,
    ) -> Result<Option<Disaggregation>, CalcError> {
        let params = &job.params;
        if params.calculation_mode != Mode::Disaggregation {
            return Ok(None);
        }
        let (lines, found) = (&params.lines, tree.realizations.len());
        if sites.len() > params.max_sites_disagg {
            let message = format!(
                "there are {} sites, and max_sites_disagg is {}; set that to {0} or leave out sites",
                sites.len(),
                params.max_sites_disagg
            );
            return Err(job.error(lines.max_sites_disagg, message).into());
        }
        if params.num_rlzs_disagg > found {
            let message = format!("num_rlzs_disagg is {}, and there are {found} realizations", params.num_rlzs_disagg);
            return Err(job.error(lines.num_rlzs_disagg, message).into());
        }
        if let Some(beyond) = params.rlz_index.iter().find(|index| **index >= found) {
            let message = format!("rlz_index: found {beyond}; there are {found} realizations, numbered from 0");
            return Err(job.error(lines.rlz_index, message).into());
        }
        // by name, as a single model has one branch set for all of them
        let trts: BTreeSet<String> = groups.iter().map(|group| group.trt.clone()).collect();
        let realizations = match (params.rlz_index.len(), params.num_rlzs_disagg) {
            (0, 0) => found,
            (0, count) => count,
            (count, _) => count,
        };
        let imts = params.imtls().len();
        Ok(Some(Disaggregation {
            bins: DisaggBins::of(job, sites, groups, trts.into_iter().collect())?,
            marginals: marginals_of(job),
            realizations,
            imts,
            levels: imts * params.poes.len().max(1),
            sources: by_source.map_or(0, |by_source| by_source.names.len()),
        }))
    }

    /// How many sites are summed up at once.
    pub fn sites_at_once(&self) -> usize {
        ((SITES_BYTES / self.bytes_of_site().max(1.0)) as usize).max(1)
    }

    /// How many times the contexts of so many sites are made once more.
    pub fn passes(&self, sites: usize) -> usize {
        sites.div_ceil(self.sites_at_once())
    }

    fn has_places(&self) -> bool {
        self.marginals.iter().any(Marginal::is_of_places)
    }

    fn keys(&self) -> Keys {
        Keys::of(&self.bins)
    }
}

/// The sums of so many sites are in memory at once as take this, bytes, and those of one at least.
const SITES_BYTES: f64 = 256e6;
