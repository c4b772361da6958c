//! The index of a datastore that is being written: which datasets are complete, and where they are.
//!
//! Whoever reads a calculation that runs must never see half a dataset, and cannot ask the HDF5 library: the metadata of an
//! open file is in its writer's memory. So the writer says it beside the file, in `output.hdf5.index`: one line of JSON an
//! object, appended with one `write(2)` after the object's bytes were handed to the operating system. A reader takes the
//! lines that end with a newline and reads the bytes at the offset given. When the datastore is complete, the index goes.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::dtype::DType;

/// One line of the index: a group or a complete dataset, or more attributes of one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexEntry {
    /// The path in the file, without a slash at the start; empty for the root.
    pub key: String,
    /// Its attributes so far, as JSON; a later line replaces an earlier one.
    pub attrs: BTreeMap<String, Value>,
    /// `None` for a group.
    pub dataset: Option<Complete>,
}

/// A complete dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Complete {
    pub dtype: DType,
    pub shape: Vec<u64>,
    pub bytes: Bytes,
}

/// Where the elements of a complete dataset are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Bytes {
    /// In the HDF5 file, from this offset on.
    At(u64),
    /// Here: strings of any length.
    Strings(Vec<String>),
    /// Nowhere: no element was written, all are zeros.
    Unwritten,
}

/// Appends to an index.
#[derive(Debug)]
pub(crate) struct Publisher(File);

impl Publisher {
    /// Starts an empty index.
    pub fn create(path: &Path) -> std::io::Result<Self> {
        // Appending and not truncating in place: who has the old one open keeps a whole file.
        match std::fs::remove_file(path) {
            Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
            _ => {}
        }
        OpenOptions::new().create_new(true).append(true).open(path).map(Self)
    }

    /// Publishes `entry`, in one write.
    pub fn publish(&mut self, entry: &IndexEntry) -> std::io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.0.write_all(&line)
    }
}

/// The objects in the index at `path`, by key, each as its last line says; an index that is not there is empty.
///
/// # Errors
/// If the file cannot be read or a whole line is no entry.
pub fn read(path: &Path) -> std::io::Result<BTreeMap<String, IndexEntry>> {
    let mut text = Vec::new();
    match File::open(path) {
        Ok(mut file) => file.read_to_end(&mut text)?,
        Err(e) if e.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(e) => return Err(e),
    };
    // What follows the last newline is a line that is still being written.
    let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    let mut entries = BTreeMap::new();
    for line in text[..whole].split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        let entry: IndexEntry = serde_json::from_slice(line)?;
        entries.insert(entry.key.clone(), entry);
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_its_end_is_not_there_yet() {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("index");
        assert!(read(&path).unwrap().is_empty());
        let mut publisher = Publisher::create(&path).unwrap();
        let bytes = Bytes::At(2048);
        let dataset = Some(Complete { dtype: DType::F32, shape: vec![3, 4], bytes });
        let mut entry = IndexEntry { key: "a/b".into(), attrs: BTreeMap::new(), dataset };
        publisher.publish(&entry).unwrap();
        entry.attrs.insert("json".into(), "{}".into());
        publisher.publish(&entry).unwrap();
        publisher.0.write_all(b"{\"key\": \"c\", ").unwrap();
        assert_eq!(read(&path).unwrap(), BTreeMap::from([("a/b".to_string(), entry)]));
    }
}
