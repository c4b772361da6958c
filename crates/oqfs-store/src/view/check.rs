//! Reading all of an HDF5 file the way a mount does.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::attrs::{DATATYPE, NOT_SHOWN};
use super::file::{File, Store};
use super::source::ViewSource;
use super::tree::{Dir, Tree, ViewNode};
use super::{Error, Result};
use crate::reader::{self, ReadFile};

/// Bytes read at a time.
const PIECE: usize = 1 << 20;
/// Bytes read at either end of a file; what is longer may be a shape that somebody made up.
const END: u64 = 256 << 20;

/// What was read of an HDF5 file.
#[derive(Debug, Default)]
pub struct Checked {
    /// How many files a mount shows of it.
    pub files: u64,
    /// The paths of what a mount does not show, by the reason.
    pub not_shown: BTreeMap<String, Vec<String>>,
}

/// What a mount would show of the HDF5 file `file`, read once. `path` leads to it too. Of a file of more than 512
/// MiB the first and the last 256 MiB are read. What cannot be read is told to `problem` by its path.
///
/// # Errors
/// If the file cannot be opened as HDF5, or the library does not come back from it.
pub fn check(path: &Path, file: ReadFile, problem: &mut dyn FnMut(&str, &Error)) -> Result<Checked> {
    let store = Store::whole(crate::datastore::open_regular(path)?, file, Arc::default());
    let tree = Tree::new(ViewSource::h5(Arc::new(store)), 0, 0, Box::new(|_| None))?;
    let mut refused = None;
    let files = read_all(&tree, &mut |at, error| match error {
        Error::Reader(reader::Error::Refused(why)) => refused = Some(why.clone()),
        error => problem(at, error),
    });
    match refused {
        Some(why) => Err(reader::Error::Refused(why).into()),
        None => Ok(Checked { files, not_shown: not_shown(&tree) }),
    }
}

/// What `attrs.json` says of what is not shown; of named datatypes, which have no elements, nothing.
fn not_shown(tree: &Tree) -> BTreeMap<String, Vec<String>> {
    let mut not_shown = BTreeMap::<String, Vec<String>>::new();
    let text = tree.attrs().and_then(|file| file.read()).unwrap_or_default();
    let said: BTreeMap<String, Map<String, Value>> = serde_json::from_slice(&text).unwrap_or_default();
    for (path, said) in said {
        if let Some(Value::String(reason)) = said.get(NOT_SHOWN)
            && reason != DATATYPE
        {
            not_shown.entry(reason.clone()).or_default().push(path);
        }
    }
    not_shown
}

/// Reads all of a tree: gives the number of files.
fn read_all(tree: &Tree, problem: &mut dyn FnMut(&str, &Error)) -> u64 {
    let mut todo: Vec<(String, Arc<Dir>)> = vec![(String::new(), tree.root().clone())];
    let mut files = 0;
    match tree.attrs() {
        Ok(file) => read(&file).unwrap_or_else(|e| problem("/attrs.json", &e)),
        Err(e) => problem("/attrs.json", &e),
    }
    while let Some((at, dir)) = todo.pop() {
        let entries = match tree.entries(&dir) {
            Ok(entries) => entries,
            Err(e) => {
                problem(if at.is_empty() { "/" } else { &at }, &e);
                continue;
            }
        };
        for entry in entries {
            let at = format!("{at}/{}", entry.name);
            match &entry.node {
                ViewNode::Dir(dir) => todo.push((at, dir.clone())),
                ViewNode::File(file) => {
                    files += 1;
                    read(file).unwrap_or_else(|e| problem(&at, &e));
                }
                ViewNode::Link(_) => {}
            }
        }
    }
    files
}

fn read(file: &File) -> Result<()> {
    let mut piece = vec![0; PIECE];
    let size = file.size()?;
    let mut at = 0;
    loop {
        let n = file.read_at(at, &mut piece)?;
        if n == 0 {
            return Ok(());
        }
        at += n as u64;
        if at >= END {
            at = at.max(size.saturating_sub(END));
        }
    }
}
