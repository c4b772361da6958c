//! One calculation of the queue, until it is over.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::control::Control;
use super::reporter::Reporter;
use super::run::run;
use super::runner::RunOptions;
use super::submission::Submission;
use crate::calc::Model;
use crate::datastore::{CalcFolder, Claim, DataDir, Error, JobState, SUBMISSION, State, open_arrays};
use crate::job::Job;

/// How long somebody else works on a calculation that is only queued: as long as it takes to cancel or remove it.
const MOMENT: Duration = Duration::from_millis(50);
/// How long it may take until nobody works any more on a calculation whose process is gone.
const PATIENCE: Duration = Duration::from_secs(5);

/// Run a calculation of the queue, unless it is over, once nobody else works on it; see [`run()`] for the options. How it went is in
/// its state and its log.
///
/// # Errors
/// If it cannot be taken, or failed.
pub fn work(dir: &DataDir, id: u32, control: &dyn Control, options: RunOptions) -> Result<()> {
    let Some((folder, claim)) = take(dir, id, control)? else { return Ok(()) };
    match folder.get_object::<Submission>(SUBMISSION) {
        Ok(submission) => {
            let description = folder.state()?.unwrap_or_default().description;
            let job_file = folder.path().join(submission.job_file);
            let read = || Ok(Model::read(Job::read(&job_file)?, &open_arrays)?);
            // a job that cannot be read says so in its run
            let limits = Job::read(&job_file).map_or(options.limits, |job| options.limits.with_those_of(&job.params));
            limits.on_threads(|| run(&folder, &description, read, control, options, None))?
        }
        Err(error) => {
            drop(claim);
            ended(dir, id, State::Failed, &format!("it is not known which job it is: {error}"))
        }
    }
}

/// Claim a calculation; `None` if it is not to be run any more, or not now.
pub(super) fn take(dir: &DataDir, id: u32, control: &dyn Control) -> Result<Option<(CalcFolder, Claim)>> {
    while !control.is_interrupted() {
        let folder = match dir.calc(id) {
            Err(Error::NoCalculation { .. }) => return Ok(None), // removed
            folder => folder?,
        };
        let Some(claim) = folder.claim()? else {
            std::thread::sleep(MOMENT);
            continue;
        };
        let state = folder.state()?.unwrap_or_default();
        if folder.is_asked_to_cancel() && !state.state.is_final() {
            folder.set_state(&JobState { state: State::Cancelled, ..state })?;
            return Ok(None);
        }
        return Ok((!state.state.is_final()).then_some((folder, claim)));
    }
    Ok(None)
}

/// Say what became of a calculation whose run ended before it could say so itself; one that is over stays as it is.
pub fn ended(dir: &DataDir, id: u32, state: State, why: &str) -> Result<()> {
    let folder = dir.calc(id)?;
    let until = Instant::now() + PATIENCE;
    let _claim = loop {
        match folder.claim()? {
            Some(claim) => break claim,
            None if Instant::now() > until => bail!("somebody else works on it, though its run ended: {why}"),
            None => std::thread::sleep(MOMENT),
        }
    };
    let last = folder.state()?.unwrap_or_default();
    if last.state.is_final() {
        return Ok(());
    }
    let reporter = Reporter::new(&folder, last.description.clone(), &());
    let level = if state == State::Failed { log::Level::Error } else { log::Level::Warn };
    reporter.log(level, why);
    let set = |why: String| {
        let ended = match state {
            State::Queued => JobState { description: last.description.clone(), ..JobState::default() },
            _ => JobState { left: None, error: (state == State::Failed).then_some(why), ..last.clone() },
        };
        folder.set_state(&JobState { state, ..ended })
    };
    match set(why.to_string()) {
        Err(error) if state == State::Failed => {
            // what it has written may be what fills the disk, and is worth less than the reason
            folder.discard_partial();
            Ok(set(format!("{why}; {error}"))?)
        }
        written => Ok(written?),
    }
}
