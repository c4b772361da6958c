//! The files that are not given to the HDF5 library any more, kept in the data directory.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::datastore::{CalcRef, DataDir, HIDDEN};

/// Its name, in the hidden directory.
const NAME: &str = "damaged.json";

/// A file in one state: another one when it is replaced or changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    pub device: u64,
    pub inode: u64,
    /// In bytes.
    pub size: u64,
    /// Seconds and nanoseconds.
    pub mtime: (i64, i64),
}

impl From<&Metadata> for FileState {
    fn from(m: &Metadata) -> Self {
        Self { device: m.dev(), inode: m.ino(), size: m.len(), mtime: (m.mtime(), m.mtime_nsec()) }
    }
}

/// A file that is not given to the library any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedFile {
    pub file: FileState,
    /// What the library did, as `status` tells it.
    pub why: String,
}

/// The list of one data directory, or of none, which is kept in memory.
#[derive(Debug, Default)]
pub struct RefusedList {
    dir: Option<DataDir>,
    refused: Vec<RefusedFile>,
}

impl RefusedList {
    /// Reads the list; a file that has changed since is forgotten. What cannot be read is an empty list, and is logged.
    pub fn read(dir: &DataDir) -> Self {
        let mut list = Self { dir: Some(dir.clone()), refused: vec![] };
        let read = fs::read(path(dir)).map(|bytes| serde_json::from_slice(&bytes));
        match read {
            Ok(Ok(refused)) => list.refused = refused,
            Ok(Err(e)) => log::warn!("{HIDDEN}/{NAME}: {e}"),
            Err(e) if e.kind() == ErrorKind::NotFound => {}
            Err(e) => log::warn!("{HIDDEN}/{NAME}: {e}"),
        }
        if !list.refused.is_empty() {
            let there = there(dir);
            list.refused.retain(|refused| there.values().any(|state| *state == refused.file));
        }
        list
    }

    /// A list in memory.
    pub fn of(refused: Vec<RefusedFile>) -> Self {
        Self { dir: None, refused }
    }

    /// All of it.
    pub fn files(&self) -> &[RefusedFile] {
        &self.refused
    }

    /// Adds a file, says so in the log, and writes the list. One that cannot be written is of this process alone, which is logged.
    pub fn add(&mut self, refused: RefusedFile) {
        if self.refused.contains(&refused) {
            return;
        }
        self.refused.push(refused.clone());
        let Some(dir) = &self.dir else { return };
        let found = there(dir).into_iter().find(|(_, state)| *state == refused.file);
        let name = found.map_or_else(|| format!("inode {}", refused.file.inode), |(id, _)| format!("calc_{id}"));
        log::error!("{name}: {}; it is shown without its datasets until it changes", refused.why);
        let write = || -> io::Result<()> {
            let (path, new) = (path(dir), path(dir).with_extension("tmp"));
            fs::write(&new, serde_json::to_vec_pretty(&self.refused)?)?;
            fs::rename(&new, &path)
        };
        if let Err(e) = write() {
            log::warn!("{HIDDEN}/{NAME}: {e}");
        }
    }
}

fn path(dir: &DataDir) -> PathBuf {
    dir.path().join(HIDDEN).join(NAME)
}

/// The datastore of each calculation, as it is now.
fn there(dir: &DataDir) -> BTreeMap<u32, FileState> {
    let ids = dir.ids().unwrap_or_default();
    let state = |id: u32| {
        let real = dir.find(&CalcRef::Id(id)).ok()?.real;
        Some((id, FileState::from(&fs::metadata(real).ok()?)))
    };
    ids.into_iter().filter_map(state).collect()
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
        assert!(list.files().is_empty());
        list.add(refused.clone());
        list.add(refused.clone());
        assert_eq!(RefusedList::read(&dir).files(), [refused]);
        fs::write(&file, "good").unwrap();
        assert!(RefusedList::read(&dir).files().is_empty());
    }
}
