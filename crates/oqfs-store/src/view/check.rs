//! Reading all of an HDF5 file the way a mount does.

use std::path::Path;
use std::sync::Arc;

use super::file::{File, Store};
use super::guard::{Guard, Guarded};
use super::source::ViewSource;
use super::tree::{Dir, Tree, ViewNode};
use super::{Error, Result};
use crate::datastore::Beside;
use crate::datastore::read::H5File;

/// Bytes read at a time.
const PIECE: usize = 1 << 20;
/// Bytes read at either end of a file; what is longer may be a shape that somebody made up.
const END: u64 = 256 << 20;

/// What a mount would show of the HDF5 file at `path`, with what is `beside` it, read once: gives the number of files. Of a file of
/// more than 512 MiB the first and the last 256 MiB are read. What cannot be read is told to `problem` by its path. `guard` notes what the HDF5
/// library is asked for.
///
/// # Errors
/// If the file cannot be opened as HDF5.
pub fn check(path: &Path, beside: Beside, guard: Guard, problem: &mut dyn FnMut(&str, &Error)) -> Result<u64> {
    let raw = std::fs::File::open(path)?;
    let guarded = Guarded::new(&Arc::new(guard), &raw.metadata()?);
    let file = {
        let _inside = guarded.inside();
        H5File::open(path, path, beside.clone())?
    };
    let store = Store::new(raw, Some(file), beside, Arc::default(), guarded);
    let tree = Tree::new(ViewSource::h5(Arc::new(store)), 0, 0, Box::new(|_| None))?;
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
    Ok(files)
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
