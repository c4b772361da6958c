//! The files that are not given to the HDF5 library any more, kept in the data directory.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::datastore::{CalcRef, DataDir};
use crate::fs::HIDDEN;
use crate::view::{FileState, RefusedFile};

/// Its name, in the hidden directory.
const NAME: &str = "damaged.json";

/// The list of one data directory.
#[derive(Debug)]
pub struct RefusedList {
    dir: DataDir,
    refused: Vec<RefusedFile>,
}

impl RefusedList {
    /// Reads the list; a file that has changed since is forgotten. What cannot be read is an empty list, and is logged.
    pub fn read(dir: &DataDir) -> Self {
        let mut list = Self { dir: dir.clone(), refused: vec![] };
        let read = fs::read(list.path()).map(|bytes| serde_json::from_slice(&bytes));
        match read {
            Ok(Ok(refused)) => list.refused = refused,
            Ok(Err(e)) => log::warn!("{HIDDEN}/{NAME}: {e}"),
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => log::warn!("{HIDDEN}/{NAME}: {e}"),
        }
        if !list.refused.is_empty() {
            let there = list.there();
            list.refused.retain(|refused| there.values().any(|state| *state == refused.file));
        }
        list
    }

    pub fn refused(&self) -> Vec<RefusedFile> {
        self.refused.clone()
    }

    /// Adds a file, says so in the log, and writes the list.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn add(&mut self, refused: RefusedFile) -> Result<()> {
        let found = self.there().into_iter().find(|(_, state)| *state == refused.file);
        let name = found.map_or_else(|| format!("inode {}", refused.file.inode), |(id, _)| format!("calc_{id}"));
        log::error!("{name}: {}; it is shown without its datasets until it changes", refused.why);
        self.refused.push(refused);
        let (path, new) = (self.path(), self.path().with_extension("tmp"));
        fs::write(&new, serde_json::to_vec_pretty(&self.refused)?)
            .and_then(|()| fs::rename(&new, &path))
            .with_context(|| format!("{HIDDEN}/{NAME}"))
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join(HIDDEN).join(NAME)
    }

    /// The datastore of each calculation, as it is now.
    fn there(&self) -> BTreeMap<u32, FileState> {
        let ids = self.dir.ids().unwrap_or_default();
        let state = |id: u32| {
            let real = self.dir.find(&CalcRef::Id(id)).ok()?.real;
            Some((id, FileState::from(&fs::metadata(real).ok()?)))
        };
        ids.into_iter().filter_map(state).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_kept_until_it_changes() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(tmp.path()).unwrap();
        fs::create_dir(tmp.path().join(HIDDEN)).unwrap();
        let file = tmp.path().join("calc_7.hdf5");
        fs::write(&file, "bad").unwrap();
        let refused = RefusedFile { file: (&fs::metadata(&file).unwrap()).into(), why: "why".into() };
        let mut list = RefusedList::read(&dir);
        assert!(list.refused().is_empty());
        list.add(refused.clone()).unwrap();
        assert_eq!(RefusedList::read(&dir).refused(), [refused]);
        fs::write(&file, "good").unwrap();
        assert!(RefusedList::read(&dir).refused().is_empty());
    }
}
