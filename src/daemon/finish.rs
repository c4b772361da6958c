//! The process that finishes a calculation whose work several shared: the only one that writes its datastore.

use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::control::Control;
use super::reporter::WorkLog;
use super::reuse::{KeptRates, adopt};
use super::run::run;
use super::runner::RunOptions;
use super::sharing::share_again;
use super::shortage::is_shortage;
use super::taking::{Left, Pieces};
use super::work::ended;
use crate::calc::{CalcError, Model, RateStore, SharedWork};
use crate::datastore::{Share, State, open_arrays};
use crate::job::Job;

/// Of what is missing so much is computed here, as a part of all the work.
const LITTLE: f64 = 0.05;

/// How often is looked what others have done.
const BETWEEN: Duration = Duration::from_millis(500);

/// How finishing a calculation went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finished {
    /// It is complete.
    Complete,
    /// So many pieces are missing, which is more than is computed here.
    Missing(usize),
}

/// Put together what the processes have kept that shared the work of a calculation: the little that is missing is computed, `all` that is
/// missing if that is wanted; pieces that others do are waited for. Then the datastore is written and the calculation complete; what was
/// shared becomes rates that are kept for later. How it went is in the state and the log too.
///
/// # Errors
/// If somebody else works on it, or it failed, or somebody stopped it.
pub fn finish(share: &Share, control: &dyn Control, options: RunOptions, all: bool) -> Result<Finished> {
    let finished = finish_with(share, control, options, all);
    if let Err(error) = &finished
        && is_shortage(error)
    {
        // a disk that is full has room for this
        share.release();
        ended(share.folder().dir(), share.folder().id(), State::Failed, &format!("{error:#}"))?;
    }
    finished
}

fn finish_with(share: &Share, control: &dyn Control, options: RunOptions, all: bool) -> Result<Finished> {
    let (folder, id) = (share.folder(), share.folder().id());
    let state = folder.state()?.unwrap_or_default();
    match state.state {
        State::Complete => return Ok(Finished::Complete),
        State::Cancelled => bail!("calculation {id} is cancelled; to go on: oqfs submit --again {id}"),
        _ => {}
    }
    let Some(_claim) = folder.claim()? else { bail!("calculation {id} is being finished by another process") };
    if state.state == State::Failed {
        // from here on others may take part again
        share.change_state(Duration::from_secs(60), |state| Ok(Some(share_again(state))))?;
    }
    Share::merge_logs(folder).context("the logs of the workers")?;
    let job_file = folder.path().join(&share.about().job_file);
    let read = Job::read(&job_file).map_err(anyhow::Error::from).and_then(|job| Ok(Model::read(job, &open_arrays)?));
    let model = match read {
        Ok(model) => match gathered(share, &model, control, options, all) {
            Ok(Left { free: 0, held: 0, .. }) => Ok(model),
            Ok(left) => return Ok(Finished::Missing(left.free + left.held)),
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    run(folder, &state.description, || model, control, options, Some(share))?;
    Share::merge_logs(folder).context("the logs of the workers")?;
    if options.reuse
        && let Err(error) = adopt(share)
    {
        log::warn!("calc_{id}: rates cannot be kept for later: {error}");
    }
    if let Err(error) = share.end() {
        log::warn!("calc_{id}: {error}");
    }
    Ok(Finished::Complete)
}

/// A calculation fails because pieces are missing: what its state says then.
///
/// # Errors
/// If that cannot be written.
pub fn missing(share: &Share, pieces: usize) -> Result<String> {
    let (folder, id) = (share.folder(), share.folder().id());
    share.release();
    let why = format!("{pieces} pieces missing; to go on: oqfs submit --again {id}");
    ended(folder.dir(), id, State::Failed, &why)?;
    Ok(why)
}

/// Have all pieces kept, if what nobody does is little or `all` is wanted; what is left otherwise.
fn gathered(share: &Share, model: &Model, control: &dyn Control, options: RunOptions, all: bool) -> Result<Left> {
    let work = SharedWork::of(model);
    let log = WorkLog::of(share);
    let pieces = Pieces::of(share, &work, &log)?;
    let kept = options.reuse.then(|| KeptRates::new(share.folder(), &log));
    loop {
        let left = pieces.left()?;
        if (left.free == 0 && left.held == 0) || (left.part > LITTLE && !all) {
            return Ok(left);
        }
        if control.is_cancelled() || control.is_interrupted() || share.folder().is_asked_to_cancel() {
            bail!(CalcError::Cancelled);
        }
        if left.free > 0 {
            log.say(log::Level::Info, &format!("{} pieces are missing, and are computed here", left.free));
            pieces.compute(control, kept.as_ref().map(|kept| kept as &dyn RateStore))?;
        } else {
            std::thread::sleep(BETWEEN);
        }
    }
}
