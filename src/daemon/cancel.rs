//! Stopping a calculation, whichever process runs it, or nobody yet.

use std::time::{Duration, Instant};

use super::slurm;
use crate::datastore::{self, CalcFolder, JobState, Share, State};

/// Who runs a calculation is given so long to stop it. It takes a second at most, but while a large model is read.
const PATIENCE: Duration = Duration::from_secs(20);
const BETWEEN: Duration = Duration::from_millis(10);

/// Why a calculation was not cancelled.
#[derive(Debug, thiserror::Error)]
pub enum NotCancelled {
    /// It will not change any more.
    #[error("calculation {id} is {state}")]
    Final { id: u32, state: State },
    /// Its folder has no state.
    #[error("calculation {id} is not accepted yet, or no job of this program")]
    NoJob { id: u32 },
    /// Whoever runs it does not look.
    #[error("calculation {id} was asked to stop and has not yet, after {} s", PATIENCE.as_secs())]
    Slow { id: u32 },
    #[error(transparent)]
    Datastore(#[from] datastore::Error),
}

/// Cancel a calculation: one that is queued is not run, one that runs is stopped. When this returns its state is
/// `cancelled`.
///
/// # Errors
/// [`NotCancelled::Final`] if it was final already, or became so before it could be stopped.
pub fn cancel(folder: &CalcFolder) -> Result<(), NotCancelled> {
    folder.as_owner(|| cancel_as_owner(folder))?
}

fn cancel_as_owner(folder: &CalcFolder) -> Result<(), NotCancelled> {
    let mut asked = false;
    let share = Share::open(folder)?;
    if share.is_some() {
        // its workers have no claim
        unfinished(folder, false)?;
        folder.ask_to_cancel()?;
        asked = true;
        slurm::forget(folder);
    }
    let result = ask(folder, share.as_ref(), &mut asked);
    if asked && !matches!(result, Err(NotCancelled::Slow { .. })) {
        folder.forget_to_cancel()?;
    }
    result
}

fn ask(folder: &CalcFolder, share: Option<&Share>, asked: &mut bool) -> Result<(), NotCancelled> {
    let until = Instant::now() + PATIENCE;
    loop {
        if unfinished(folder, *asked)?.is_none() {
            return Ok(());
        }
        if let Some(_claim) = folder.claim()? {
            // nobody runs it, and nobody can until this returns
            let Some(state) = unfinished(folder, *asked)? else { return Ok(()) };
            if state.state == State::Waiting {
                return Err(NotCancelled::NoJob { id: folder.id() });
            }
            let cancelled = |state: JobState| JobState { state: State::Cancelled, left: None, ..state };
            return match share {
                // a worker may say just now how far it is
                Some(share) => match share.change_state(PATIENCE, |state| Ok(Some(cancelled(state))))? {
                    true => Ok(()),
                    false => Err(NotCancelled::Slow { id: folder.id() }),
                },
                None => Ok(folder.set_state(&cancelled(state))?),
            };
        }
        if !*asked {
            folder.ask_to_cancel()?;
            *asked = true;
        } else if Instant::now() > until {
            return Err(NotCancelled::Slow { id: folder.id() });
        }
        std::thread::sleep(BETWEEN);
    }
}

/// The state of a calculation that is not final; `None` if it was cancelled as asked.
fn unfinished(folder: &CalcFolder, asked: bool) -> Result<Option<JobState>, NotCancelled> {
    match folder.state()?.unwrap_or_default() {
        JobState { state: State::Cancelled, .. } if asked => Ok(None),
        JobState { state, .. } if state.is_final() => Err(NotCancelled::Final { id: folder.id(), state }),
        state => Ok(Some(state)),
    }
}
