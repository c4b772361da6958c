//! What follows the curves: a second pass over the ruptures, at the levels of the mean curves.
//!
//! The first pass is the classical one, and gives the curves. The second makes the same contexts and motions once more, for what the job wants to
//! know at these levels: which ruptures exceed them ([`super::disagg`]), and which spectra these have ([`super::spectra`]).

mod first;
mod motions;
mod pass;

use super::calculation::calculate;
use super::classical::{Output, Summary, classical};
use super::disagg::{DisaggLayout, SiteDisaggregation, SiteLevels, SourceDisaggregation, chosen};
use super::executor::Executor;
use super::model::Model;
use super::reuse::RateStore;
use super::spectra::Spectra;
use super::{CalcError, Monitor};
use first::{Pass, Tap, levels};
use pass::Second;

/// Who keeps the results.
pub trait SecondOutput: Output {
    /// The shapes of a disaggregation that will come; the curves are there already.
    fn disaggregation(&mut self, layout: &DisaggLayout) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;

    /// The disaggregation of a site; sites come in order, each once.
    fn site(&mut self, results: &SiteDisaggregation) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;

    /// That of a site by source, after the other.
    fn sources(&mut self, results: &SourceDisaggregation) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;

    /// The conditional spectra of all sites.
    fn spectra(&mut self, results: &Spectra) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// How many times the contexts of a model are made once more.
pub fn second_passes(model: &Model) -> usize {
    let sites = model.sites.len();
    match &model.disaggregation {
        Some(of) => of.passes(sites),
        None => usize::from(model.spectra.is_some()),
    }
}

/// Compute the hazard of a model and what the job wants to know at its levels, and hand the results to `output`.
///
/// # Errors
/// Those of [`classical`]; if there is no hazard at the probabilities of the job.
pub fn in_two_passes(
    model: &Model,
    output: &mut dyn SecondOutput,
    executor: &dyn Executor,
    monitor: &dyn Monitor,
    store: &dyn RateStore,
) -> Result<Summary, CalcError> {
    let passes = second_passes(model) + 1;
    let mut tap = Tap::new(model, output);
    let summary = classical(model, &mut tap, executor, &Pass { monitor, pass: 0, passes }, store)?;
    let Tap { means, by_pair, .. } = tap;
    let (by_site, realizations) = (levels(model, &means)?, realizations(model));
    let mut near = Vec::new();
    if let Some(of) = &model.disaggregation {
        near = chosen(model, of, &realizations, &by_pair);
        output.disaggregation(&DisaggLayout::of(model, of, &near, &by_site)).map_err(CalcError::Output)?;
    }
    let levels = SiteLevels::of(model, &by_site);
    let (sites, mut moments) = (model.sites.len(), Vec::new());
    let at_once = model.disaggregation.as_ref().map_or(sites, |of| of.sites_at_once());
    for pass in 1..passes {
        let range = (pass - 1) * at_once..(pass * at_once).min(sites);
        let mut second = Second::new(model, &levels, (&realizations, &near), range);
        calculate(&mut second, model, executor, &Pass { monitor, pass, passes })?;
        let Second { bins, spectra, .. } = second;
        for (results, by_source) in bins.into_iter().flat_map(|bins| bins.finish()) {
            output.site(&results).map_err(CalcError::Output)?;
            by_source.map_or(Ok(()), |by_source| output.sources(&by_source)).map_err(CalcError::Output)?;
        }
        moments.extend(spectra.into_iter().flat_map(|spectra| spectra.finish()));
    }
    if let Some(of) = &model.spectra {
        let spectra = Spectra::of(model, of, &realizations, &moments, &by_site)?;
        output.spectra(&spectra).map_err(CalcError::Output)?;
    }
    Ok(summary)
}

/// The realizations of each pair of a group and a model.
fn realizations(model: &Model) -> Vec<Vec<u32>> {
    let of_pair = |(group, gsim): (usize, usize)| {
        let group = &model.groups[group];
        model.tree.realizations_of(&group.paths, group.trt_index, gsim)
    };
    model.pairs().into_iter().map(of_pair).collect()
}
