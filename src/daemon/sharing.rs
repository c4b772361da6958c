//! A process that does its part of a calculation whose work several share.

use std::num::NonZero;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::control::Control;
use super::estimate::Forecast;
use super::reporter::WorkLog;
use super::reuse::KeptRates;
use super::runner::RunOptions;
use super::share_store::SharedRates;
use super::space;
use super::taking::Pieces;
use crate::calc::{BUILD, Model, Monitor, RateStore, SharedWork, is_small};
use crate::datastore::{CalcFolder, JobState, Share, ShareAbout, State, open_arrays};
use crate::job::Job;

/// How often the state is written, whoever writes it, and how often is looked whether the work is to stop.
pub(super) const OFTEN: Duration = Duration::from_secs(1);

/// What a process did of shared work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// How many pieces.
    pub pieces: usize,
    /// How many there are in all.
    pub of: usize,
}

/// The share of a calculation.
///
/// # Errors
/// If its work is not shared, or by another program than this one.
pub fn open_share(folder: &CalcFolder) -> Result<Share> {
    let id = folder.id();
    let share = Share::open(folder)?;
    let share = share.with_context(|| format!("calculation {id} is not shared; oqfs submit shares one"))?;
    let about = share.about();
    if about.program != BUILD {
        bail!(
            "calculation {id} is computed by another build of oqfs, whose numbers may differ: found {} ({}), expected {} ({}); run the \
             same program on all machines",
            env!("CARGO_PKG_VERSION"),
            short(BUILD),
            about.version,
            short(&about.program)
        );
    }
    Ok(share)
}

fn short(build: &str) -> &str {
    build.get(..12).unwrap_or(build)
}

/// Share the work of a calculation from now on, which is `queued` then, with an estimate for workers that have so many threads together. Its
/// model has been read from the folder; a lease that was not touched for `stale` seconds is taken over.
///
/// # Errors
/// If that cannot be written.
pub fn share(folder: &CalcFolder, model: &Model, stale: f64, threads: NonZero<usize>) -> Result<Share> {
    let job_file = model.job.path.strip_prefix(folder.path()).context("the job file is not with its inputs")?;
    let work = SharedWork::of(model);
    let mut about = ShareAbout::new(BUILD, env!("CARGO_PKG_VERSION"), job_file, Pieces::number(&work), stale);
    let (costs, estimate) = if is_small(model) {
        (work.weights(), None)
    } else {
        let (forecast, finishing) = Forecast::shared(model, &folder.path(), threads)?;
        about.finishing = finishing;
        (work.expected(&forecast.calculation), Some(forecast.job))
    };
    let costs: Vec<f32> = costs.into_iter().map(|cost| cost as f32).collect();
    let share = Share::begin(folder, &about, &costs)?;
    let description = model.job.params.given.description.clone();
    folder.set_state(&JobState { state: State::Queued, description, estimate, ..JobState::default() })?;
    folder.sync()?;
    Ok(share)
}

/// The state of a calculation whose work is shared again after it was stopped or failed.
pub fn share_again(state: JobState) -> JobState {
    JobState { state: State::Queued, error: None, left: None, ..state }
}

/// Do pieces of the shared work of a calculation, on the threads that the caller has, until there is none left that nobody does.
///
/// # Errors
/// If the job cannot be read, a piece cannot be computed or kept, or somebody stops it.
pub fn share_work(share: &Share, control: &dyn Control, options: RunOptions) -> Result<Done> {
    let (folder, of) = (share.folder(), share.about().pieces);
    let state = folder.state()?.unwrap_or_default().state;
    ensure!(!state.is_final(), "calculation {} is {state}", folder.id());
    let log = WorkLog::of(share);
    let model = Model::read(Job::read(&folder.path().join(&share.about().job_file))?, &open_arrays)?;
    space::check(&model, &folder.path(), options.limits).map_err(anyhow::Error::msg)?;
    let work = SharedWork::of(&model);
    let kept = options.reuse.then(|| KeptRates::new(folder, &log));
    let pieces = Pieces::of(share, &work, &log)?;
    log.say(log::Level::Info, &format!("begins: {} of {of} pieces are kept", pieces.kept()?));
    let result = pieces.compute(control, kept.as_ref().map(|kept| kept as &dyn RateStore));
    let done = Done { pieces: pieces.done_here(), of };
    match &result {
        Ok(()) => {
            log.say(log::Level::Info, &format!("ends after {} pieces: none is left that nobody does", done.pieces))
        }
        Err(error) => log.say(log::Level::Warn, &format!("ends after {} pieces: {error:#}", done.pieces)),
    }
    result.map(|()| done)
}

/// Whether shared work is to stop.
pub(super) struct Watch<'a> {
    share: &'a Share,
    store: &'a SharedRates<'a>,
    control: &'a dyn Control,
    /// When the folder was looked at, and what it said.
    looked: Mutex<(Option<Instant>, bool)>,
}

impl<'a> Watch<'a> {
    /// For work whose pieces go to a store.
    pub fn new(share: &'a Share, store: &'a SharedRates<'a>, control: &'a dyn Control) -> Watch<'a> {
        Watch { share, store, control, looked: Mutex::new((None, false)) }
    }
}

impl Monitor for Watch<'_> {
    fn progress(&self, _: &str, _: f64) {}

    fn is_cancelled(&self) -> bool {
        if self.control.is_cancelled() || self.control.is_interrupted() || self.store.failure().is_some() {
            return true;
        }
        // who finds another looking goes on
        let Ok(mut looked) = self.looked.try_lock() else { return false };
        if looked.0.is_none_or(|at| at.elapsed() >= OFTEN) {
            let folder = self.share.folder();
            let is_over = || folder.state().is_ok_and(|state| state.is_none_or(|state| state.state.is_final()));
            *looked = (Some(Instant::now()), folder.is_asked_to_cancel() || is_over());
        }
        looked.1
    }
}
