//! What waits to be run, and in which order.

use std::fs;
use std::os::unix::fs::MetadataExt;

use crate::datastore::{self, CalcFolder, DataDir, Move, State};

/// Why a calculation was not moved in the queue.
#[derive(Debug, thiserror::Error)]
pub enum NotMoved {
    /// It runs, is over, or is none of the queue.
    #[error("calculation {0} does not wait to be run")]
    NotWaiting(u32),
    /// It belongs to another user, with whose calculations those of this one do not change places.
    #[error("calculation {0} belongs to another user")]
    Others(u32),
    #[error(transparent)]
    Datastore(#[from] datastore::Error),
}

/// The calculations that wait to be run, in the order in which they are.
///
/// # Errors
/// If the directory or the order cannot be read.
pub fn waiting(dir: &DataDir) -> datastore::Result<Vec<u32>> {
    dir.in_order(in_state(dir, Turn::Waits)?)
}

/// Moves a calculation in the queue, for `owner`, who may move what is theirs among itself, or, if there is none, for who may move all.
///
/// # Errors
/// As [`NotMoved`]; then all is in the order in which it was.
pub fn reorder(dir: &DataDir, id: u32, to: Move, owner: Option<u32>) -> Result<(), NotMoved> {
    let mine = |id: u32| owner.is_none_or(|owner| owner_of(dir, id) == Some(owner));
    let change = |order: &[u32]| {
        let named = [Some(id), if let Move::Before(other) = to { Some(other) } else { None }];
        for id in named.into_iter().flatten() {
            if !order.contains(&id) {
                return Err(NotMoved::NotWaiting(id));
            }
            if !mine(id) {
                return Err(NotMoved::Others(id));
            }
        }
        let moved = to.made(order, id, mine).ok_or(NotMoved::NotWaiting(id))?;
        // what runs is next if it is interrupted
        Ok(in_state(dir, Turn::Runs)?.into_iter().chain(moved).collect())
    };
    dir.change_order(|| Ok(in_state(dir, Turn::Waits)?), change)
}

fn owner_of(dir: &DataDir, id: u32) -> Option<u32> {
    Some(fs::metadata(dir.folder(id)?.path()).ok()?.uid())
}

/// Where a calculation of the queue stands in it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Turn {
    Waits,
    Runs,
}

/// Those of the queue that stand so, by their ids, which is the order in which they were accepted.
fn in_state(dir: &DataDir, wanted: Turn) -> datastore::Result<Vec<u32>> {
    let stands = |id: &u32| dir.folder(*id).and_then(|folder| turn_of(&folder)) == Some(wanted);
    Ok(dir.ids()?.into_iter().filter(stands).collect())
}

/// How a calculation stands in the queue; `None` if it did not come through it, is over, or its state cannot be read.
fn turn_of(folder: &CalcFolder) -> Option<Turn> {
    let is_in_queue = || folder.is_submitted() && !folder.is_shared();
    let state = folder.as_owner(|| if is_in_queue() { folder.state() } else { Ok(None) });
    match state.ok()?.ok()??.state {
        State::Queued | State::Checking => Some(Turn::Waits),
        // it was interrupted
        State::Executing if folder.is_claimed() == Some(false) => Some(Turn::Waits),
        State::Executing => Some(Turn::Runs),
        State::Waiting | State::Complete | State::Failed | State::Cancelled | State::Unknown => None,
    }
}
