//! The index of a datastore that is being written: which datasets are complete, and where they are.
//!
//! Whoever reads a calculation that runs must never see half a dataset, and cannot ask the HDF5 library: the metadata of an
//! open file is in its writer's memory. So the writer says it beside the file, in `output.hdf5.index`: one line of JSON an
//! object, appended with one `write(2)` after the object's bytes were handed to the operating system. A reader takes the
//! lines that end with a newline and reads the bytes at the offset given.
//!
//! When the datastore is complete, a last line says of which file in which state the index is. As long as the datastore is that, a reader
//! need not ask the library either: its metadata costs more than all the rest of a listing.

use std::collections::BTreeMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::dtype::DType;
use super::own::{open_own, read_own};

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

/// The last line of the index of a complete datastore.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Closed {
    closed: ClosedFile,
}

/// The file that the index of a complete datastore is of: a copy of both with their times is as good.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct ClosedFile {
    /// In bytes.
    size: u64,
    /// Seconds and nanoseconds.
    mtime: (i64, i64),
}

/// What the last line of the index of a complete datastore begins with, and no other.
const CLOSED: &[u8] = b"{\"closed\":";

/// The bytes of the longest index that is kept: of a longer one the strings are most, and the library is faster.
const LONGEST: u64 = 1 << 20;
/// The bytes of its last line, at most.
const MOST_CLOSED: u64 = 1 << 10;

impl From<&Metadata> for ClosedFile {
    fn from(m: &Metadata) -> Self {
        Self { size: m.len(), mtime: (m.mtime(), m.mtime_nsec()) }
    }
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

/// Says in the index at `path`, in which everything is, that `datastore` is complete.
///
/// # Errors
/// If it is too long, or cannot be written: then it says nothing of a complete datastore.
pub(crate) fn close(path: &Path, datastore: &Metadata) -> std::io::Result<()> {
    let mut file = OpenOptions::new().append(true).open(path)?;
    if file.metadata()?.len() > LONGEST {
        return Err(std::io::Error::from(ErrorKind::FileTooLarge));
    }
    let mut line = serde_json::to_vec(&Closed { closed: datastore.into() })?;
    line.push(b'\n');
    file.write_all(&line)
}

/// The objects in the index at `path` of a datastore that is written, by key, each as its last line says; an index that is not there is
/// empty.
///
/// # Errors
/// If the file cannot be read or a whole line is no entry.
pub fn read(path: &Path) -> std::io::Result<BTreeMap<String, IndexEntry>> {
    match read_own(path) {
        Ok(text) => entries(&text),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(e) => Err(e),
    }
}

/// The objects of the complete `datastore`, if the index at `path` says all of this file in this state.
pub fn read_closed(path: &Path, datastore: &Metadata) -> Option<BTreeMap<String, IndexEntry>> {
    let mut text = Vec::new();
    open_own(path).ok()?.take(LONGEST + MOST_CLOSED).read_to_end(&mut text).ok()?;
    let last = lines(&text).next_back().filter(|line| line.starts_with(CLOSED))?;
    let closed: Closed = serde_json::from_slice(last).ok()?;
    if closed.closed != datastore.into() {
        return None;
    }
    entries(&text).ok()
}

/// The lines of an index. What follows the last newline is a line that is still being written.
fn lines(text: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
    text[..whole].split(|b| *b == b'\n').filter(|line| !line.is_empty())
}

fn entries(text: &[u8]) -> std::io::Result<BTreeMap<String, IndexEntry>> {
    let mut entries = BTreeMap::new();
    for line in lines(text).filter(|line| !line.starts_with(CLOSED)) {
        let entry: IndexEntry = serde_json::from_slice(line)?;
        if !entry.key.is_empty() && entry.key.split('/').any(str::is_empty) {
            return Err(std::io::Error::other(format!("no key of the index: {:?}", entry.key)));
        }
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
