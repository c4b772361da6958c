//! Removing calculations, so that their ids are never taken again.
//!
//! What is removed is moved to `.oqfs/removed` first, in one step: a reader sees all of a calculation or nothing. The empty
//! folder of the highest id stays there, and counts when an id is taken.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self as stdio, ErrorKind};
use std::path::{Path, PathBuf};

use super::error::io;
use super::folder::folder_id;
use super::{CalcFolder, DataDir, HIDDEN, Result};

/// The folder of the data directory for what jobs of Slurm print, in files `calc_N-*.out`: in that of the calculation a mount would let nobody
/// write.
pub const SAID: &str = "slurm";

impl DataDir {
    fn removed(&self) -> PathBuf {
        self.path().join(HIDDEN).join("removed")
    }

    /// Removes calculation `id`: the folder `calc_N` with what jobs of Slurm have printed for it, the engine's file `calc_N.hdf5`, or both. Who
    /// has a file of it open can read on.
    ///
    /// The caller holds the claim of the folder, or nobody can work on it.
    ///
    /// # Errors
    /// [`super::Error::NoCalculation`] if there is none; [`super::Error::Io`] with the calculation there still, or, if it could be
    /// moved and not deleted, in `.oqfs/removed`.
    pub fn remove_calc(&self, id: u32) -> Result<()> {
        let name = format!("calc_{id}");
        let file = format!("{name}.hdf5");
        let at = self.removed().join(&name);
        let shown = self.shown().join(HIDDEN).join("removed").join(&name);
        // once the folder is gone nobody could tell whose it was
        if let Some(folder) = self.folder(id)
            && let Err(error) = folder.as_owner(|| self.remove_said(id))?
        {
            log::warn!("calc_{id}: what its jobs of Slurm have printed cannot be removed: {error}");
        }
        // From here on the id is not taken again.
        fs::create_dir_all(&at).map_err(io(&shown))?;
        empty(&at).map_err(io(&shown))?;
        let folder_was_there = gone(fs::rename(self.path().join(&name), &at)).map_err(io(&self.shown().join(&name)))?;
        let file_was_there = gone(fs::remove_file(self.path().join(&file))).map_err(io(&self.shown().join(&file)))?;
        empty(&at).map_err(io(&shown))?;
        self.forget_lower();
        if folder_was_there || file_was_there { Ok(()) } else { Err(self.no_calculation(id)) }
    }

    /// Removes what jobs of Slurm have printed for a calculation.
    fn remove_said(&self, id: u32) -> stdio::Result<()> {
        let (said, of_it) = (self.path().join(SAID), format!("calc_{id}-"));
        let entries = match fs::read_dir(&said) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for name in entries.flatten().map(|entry| entry.file_name()) {
            let text = name.to_string_lossy();
            if text.starts_with(&of_it) && text.ends_with(".out") {
                gone(fs::remove_file(said.join(&name)))?;
            }
        }
        Ok(())
    }

    /// Removes a folder that was made for a calculation which was never accepted, because whoever made it died before. True if it was.
    ///
    /// # Errors
    /// If its claim cannot be looked at, or the folder cannot be removed.
    pub fn remove_if_abandoned(&self, folder: &CalcFolder) -> Result<bool> {
        // nothing was in it yet; fails where something is
        if fs::remove_dir(folder.path()).is_ok() {
            return Ok(true);
        }
        match folder.abandoned()? {
            Some(_claim) => self.remove_calc(folder.id()).map(|()| true),
            None => Ok(false),
        }
    }

    /// The ids of calculations that were removed: the highest, and those whose removal is not over.
    pub(super) fn removed_ids(&self) -> Result<BTreeSet<u32>> {
        let removed = self.removed();
        match fs::read_dir(&removed) {
            Ok(entries) => Ok(entries.flatten().filter_map(|e| folder_id(&e.file_name().to_string_lossy())).collect()),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(BTreeSet::new()),
            Err(e) => Err(io(&self.shown().join(HIDDEN).join("removed"))(e)),
        }
    }

    /// The highest id says it for all below.
    fn forget_lower(&self) {
        let ids = self.removed_ids().unwrap_or_default();
        for id in ids.iter().rev().skip(1) {
            // One that is not empty is another's, who removes it now.
            let _ = fs::remove_dir(self.removed().join(format!("calc_{id}")));
        }
    }
}

/// True if it was there, false if not.
fn gone(done: stdio::Result<()>) -> stdio::Result<bool> {
    match done {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        done => done.map(|()| true),
    }
}

/// Removes what is in a directory.
fn empty(dir: &Path) -> stdio::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let done =
            if entry.file_type()?.is_dir() { fs::remove_dir_all(entry.path()) } else { fs::remove_file(entry.path()) };
        gone(done)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_was_removed_is_not_taken_again() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(tmp.path()).unwrap();
        for id in 1..=3 {
            let folder = dir.new_calc().unwrap();
            assert_eq!(folder.id(), id);
            fs::create_dir(folder.inputs()).unwrap();
            fs::write(folder.inputs().join("x"), "x").unwrap();
        }
        fs::write(tmp.path().join("calc_9.hdf5"), "").unwrap();
        for id in [9, 2, 3] {
            dir.remove_calc(id).unwrap();
        }
        assert_eq!(dir.ids().unwrap().into_iter().collect::<Vec<_>>(), [1]);
        assert_eq!(dir.removed_ids().unwrap().into_iter().collect::<Vec<_>>(), [9]);
        assert_eq!(fs::read_dir(dir.removed().join("calc_9")).unwrap().count(), 0);
        assert_eq!(dir.new_calc().unwrap().id(), 10);
        dir.remove_calc(10).unwrap();
        assert_eq!(dir.new_calc().unwrap().id(), 11);
    }

    #[test]
    fn what_jobs_have_printed_goes_with_the_calculation() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(tmp.path()).unwrap();
        dir.new_calc().unwrap();
        let said = tmp.path().join(SAID);
        fs::create_dir(&said).unwrap();
        for name in ["calc_1-workers-7_1.out", "calc_1-finish-8.out", "calc_11-finish-9.out", "calc_1-notes"] {
            fs::write(said.join(name), "said").unwrap();
        }
        dir.remove_calc(1).unwrap();
        let mut left: Vec<_> = fs::read_dir(&said).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["calc_1-notes", "calc_11-finish-9.out"]);
    }

    #[test]
    fn what_a_crash_left_is_removed_with_the_next() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(tmp.path()).unwrap();
        dir.new_calc().unwrap();
        fs::create_dir_all(dir.removed().join("calc_1/inputs")).unwrap();
        dir.remove_calc(1).unwrap();
        assert_eq!(fs::read_dir(dir.removed().join("calc_1")).unwrap().count(), 0);
    }
}
