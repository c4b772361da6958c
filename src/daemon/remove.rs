//! Deleting a calculation of this program, whoever asked for it.

use crate::datastore::{self, CalcFolder};

/// Why a calculation was not deleted.
#[derive(Debug, thiserror::Error)]
pub enum NotRemoved {
    /// A process runs it.
    #[error("calculation {id} is in use by another oqfs")]
    InUse { id: u32 },
    /// Its folder has no state.
    #[error("calculation {id} is no job of this program")]
    NoJob { id: u32 },
    #[error(transparent)]
    Datastore(#[from] datastore::Error),
}

/// Delete a calculation that no process runs.
///
/// # Errors
/// As [`NotRemoved`]; then it is there still.
pub fn remove(folder: &CalcFolder) -> Result<(), NotRemoved> {
    let id = folder.id();
    let claim = || -> Result<_, NotRemoved> {
        let state = folder.state()?.ok_or(NotRemoved::NoJob { id })?;
        if folder.is_shared() && !state.state.is_final() {
            return Err(NotRemoved::InUse { id });
        }
        folder.claim()?.ok_or(NotRemoved::InUse { id })
    };
    let _claim = folder.as_owner(claim)??;
    Ok(folder.dir().remove_calc(id)?)
}
