//! One calculation, from its inputs to its datastore.

use std::time::Instant;

use anyhow::{Context, Result, bail};

use super::control::Control;
use super::estimate::Forecast;
use super::provenance::Provenance;
use super::reporter::Reporter;
use super::results::{Results, write_model, write_summary};
use super::reuse::{KeptRates, reused};
use super::runner::RunOptions;
use super::share_store::SharedRates;
use super::space;
use super::submission::shown;
use crate::calc::{
    CalcError, Model, Monitor, RateStore, SourceGroup, Threads, classical, in_two_passes, is_small, second_passes,
};
use crate::datastore::{CalcFolder, DataStore, JobEstimate, Share, State, Writer};

/// Run a calculation whose folder the caller has claimed: the model that `read` gives. The state, the log and the datastore are kept
/// there; on success `output.hdf5` is complete. An error is kept as the reason why the calculation failed, and returned.
/// The pieces of work that are in a `share` are not computed again, and those that are not are put there.
/// With reuse, rates that an earlier calculation left are not computed again, and new ones are left for later. The threads are those that the
/// caller has.
pub fn run(
    folder: &CalcFolder,
    description: &str,
    read: impl FnOnce() -> Result<Model>,
    control: &dyn Control,
    options: RunOptions,
    share: Option<&Share>,
) -> Result<()> {
    let mut reporter = Reporter::new(folder, description.to_string(), control);
    if let Some(share) = share {
        let estimate = folder.state()?.and_then(|state| state.estimate);
        reporter.began_before(share.since_begun()?, estimate);
    }
    reporter.state(State::Executing, None);
    let result = compute(folder, read, &reporter, options, share);
    match &result {
        Ok(()) => {
            reporter.log(log::Level::Info, &format!("complete after {:.2} s", reporter.elapsed()));
            reporter.state(State::Complete, None);
        }
        Err(error) if matches!(error.downcast_ref(), Some(CalcError::Cancelled)) => {
            reporter.stopped();
        }
        Err(error) => {
            let message = shown(&format!("{error:#}"), &folder.path(), &folder.shown());
            if !reporter.fail(&message) {
                // what it has written may be what fills the disk, and is worth less than the reason
                folder.discard_partial();
                reporter.fail(&message);
            }
        }
    }
    // whoever is told should read paths that exist for him
    result.map_err(|e| match e.downcast_ref::<CalcError>() {
        Some(CalcError::Cancelled) => e,
        _ => anyhow::anyhow!("{}", shown(&format!("{e:#}"), &folder.path(), &folder.shown())),
    })
}

fn compute(
    folder: &CalcFolder,
    read: impl FnOnce() -> Result<Model>,
    reporter: &Reporter,
    options: RunOptions,
    share: Option<&Share>,
) -> Result<()> {
    let model = read()?;
    if reporter.is_cancelled() {
        bail!(CalcError::Cancelled);
    }
    for warning in &model.warnings {
        reporter.log(log::Level::Warn, warning);
    }
    let ruptures: usize = model.groups.iter().map(SourceGroup::ruptures).sum();
    reporter.log(
        log::Level::Info,
        &format!(
            "{} sites, {} sources in {} groups, {ruptures} ruptures, {} realizations",
            model.sites.len(),
            model.groups.iter().map(|g| g.sources.len()).sum::<usize>(),
            model.groups.len(),
            model.tree.realizations.len()
        ),
    );
    space::check(&model, &folder.path(), options.limits).map_err(anyhow::Error::msg)?;
    let (reading, start) = (reporter.elapsed(), Instant::now());
    let provenance = Provenance::new(&model, folder)?;
    folder.set_provenance(&provenance)?;
    let writer = Writer::start(DataStore::create_at(folder.clone())?)?;
    let handle = writer.handle();
    write_model(&handle, &model, &folder.path())?;
    handle.set_attrs("/", provenance.attrs())?;
    // what others have computed takes no time
    if !is_small(&model) && share.is_none() {
        let written = (handle.bytes() as f64, start.elapsed().as_secs_f64());
        let forecast = Forecast::quick(&model, reading, written, reporter)?;
        reporter.log(log::Level::Info, &format!("expected: {}", said(&forecast)));
        reporter.expect(forecast);
    }
    let start = Instant::now();
    let mut results = Results::new(handle.clone());
    let kept = options.reuse.then(|| KeptRates::new(folder, reporter.work_log()));
    let kept = kept.as_ref().map(|kept| kept as &dyn RateStore);
    let shared = share.map(|share| SharedRates::new(share, kept));
    let store = shared.as_ref().map(|shared| shared as &dyn RateStore).or(kept).unwrap_or(&());
    let summary = match second_passes(&model) {
        0 => classical(&model, &mut results, &Threads, reporter, store)?,
        _ => in_two_passes(&model, &mut results, &Threads, reporter, store)?,
    };
    if share.is_none() {
        reused(&model, &summary).iter().for_each(|line| reporter.log(log::Level::Info, line));
    }
    let computed = start.elapsed().as_secs_f64();
    let stage = model.job.params.calculation_mode.name();
    write_summary(&handle, &model, &summary, &[("reading the model", reading), (stage, computed)])?;
    writer.finish().context("the datastore could not be completed")?;
    if let Err(error) = folder.set_provenance(&provenance.finished()) {
        reporter.log(log::Level::Warn, &error.to_string());
    }
    Ok(())
}

/// A forecast in a line of the log.
fn said(Forecast { job, .. }: &Forecast) -> String {
    let JobEstimate { seconds, error, memory, disk, contexts } = *job;
    let (memory, disk, error) = (space::shown(memory), space::shown(disk), 100.0 * error);
    format!("{seconds:.1} s ± {error:.0} %, {contexts:.0} contexts, {memory} of memory, a datastore of {disk}")
}
