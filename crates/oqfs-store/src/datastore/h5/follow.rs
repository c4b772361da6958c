//! Datasets by the names that virtual datasets have for them, in their own file and in others.
//!
//! The library is never asked to find them: it would open whatever a name or a link leads to.

use std::collections::VecDeque;
use std::rc::Rc;

use super::links::{LinkedObject, ObjectKind, Target, steps, target};
use super::{Id, open};
use crate::datastore::beside::{Beside, Search, path_of};
use crate::datastore::open::open_apart;

/// Links followed before a name is given up.
const HOPS: u32 = 40;
/// Virtual datasets of virtual datasets are followed so deep.
const DEEP: u32 = 8;
/// Datasets opened for a virtual one that is the source of another, at most.
const MANY: u32 = 10_000;
/// Files kept open.
const FILES: usize = 64;

/// What is at the name that a virtual dataset has for a source.
pub(super) enum Sought {
    Dataset(Id, Beside),
    /// The file is not there, or not yet: the elements have the fill value.
    NoFile,
    /// The file is there and has no such dataset, which is no reason to take fill values for data.
    NoDataset,
}

impl Sought {
    /// The error of a source that is not in its file.
    pub fn no_dataset(file: &[u8], path: &[u8]) -> hdf5::Error {
        let [file, path] = [file, path].map(String::from_utf8_lossy);
        let file = if file == "." { "the same file".into() } else { format!("another file, {file}") };
        format!("its elements are in {file}: no dataset {path} there").into()
    }
}

/// The way from a virtual dataset to its sources: what is open on it, and how far it went.
#[derive(Default)]
pub(crate) struct Way {
    /// Files that were opened, by device and inode.
    files: Vec<((u64, u64), Rc<Id>)>,
    depth: u32,
    opened: u32,
}

impl Way {
    /// Goes one step further with `step`.
    ///
    /// # Errors
    /// If that is too far.
    pub fn further<T>(&mut self, step: impl FnOnce(&mut Self) -> hdf5::Result<T>) -> hdf5::Result<T> {
        self.opened += u32::from(self.depth > 0);
        if self.depth >= DEEP || self.opened > MANY {
            return Err("a virtual dataset of too many virtual datasets, or of itself".into());
        }
        self.depth += 1;
        let result = step(self);
        self.depth -= 1;
        result
    }

    /// The file called `name`, and what is beside it; `None` if there is none.
    fn file(&mut self, beside: &Beside, name: &[u8]) -> hdf5::Result<Option<(Rc<Id>, Beside)>> {
        let says = |why: String| format!("its elements are in another file, {}: {why}", String::from_utf8_lossy(name));
        let Some(found) = beside.open(name, Search::Moved).map_err(says)? else { return Ok(None) };
        let key = found.key();
        if let Some((_, file)) = self.files.iter().find(|(other, _)| *other == key) {
            return Ok(Some((file.clone(), found.beside)));
        }
        let _inside = found.beside.enter().map_err(says)?;
        let opened = open_apart(&path_of(&found.file), &found.shown);
        let file = Rc::new(opened.map_err(|e| format!("its elements are in another file: {e}"))?);
        if self.files.len() >= FILES {
            self.files.remove(0);
        }
        self.files.push((key, file.clone()));
        Ok(Some((file, found.beside)))
    }

    /// The dataset at `path` of the file called `name`, `.` being `own`, the file that is asked from.
    pub fn dataset(&mut self, own: &Rc<Id>, beside: &Beside, name: &[u8], path: &[u8]) -> hdf5::Result<Sought> {
        let found = if name == b"." {
            self.follow(own, beside, path, 0)?
        } else {
            let Some((file, beside)) = self.file(beside, name)? else { return Ok(Sought::NoFile) };
            self.follow(&file, &beside, path, 0)?
        };
        Ok(found.map_or(Sought::NoDataset, |(id, beside)| Sought::Dataset(id, beside)))
    }

    fn follow(
        &mut self,
        file: &Rc<Id>,
        beside: &Beside,
        path: &[u8],
        mut hops: u32,
    ) -> hdf5::Result<Option<(Id, Beside)>> {
        let _inside = beside.enter().map_err(hdf5::Error::from)?;
        let mut todo: VecDeque<Vec<u8>> = steps(path).collect();
        let mut group: Option<Id> = None;
        while let Some(name) = todo.pop_front() {
            let at = group.as_ref().map_or(file.get(), Id::get);
            let Some(target) = target(at, &name)? else { return Ok(None) };
            hops += u32::from(matches!(target, Target::Soft(_) | Target::External { .. }));
            if hops > HOPS {
                return Ok(None);
            }
            match target {
                Target::Hard(LinkedObject { kind: ObjectKind::Group, token, .. }) => {
                    group = Some(open(file.get(), token)?)
                }
                Target::Hard(LinkedObject { kind: ObjectKind::Dataset, token, .. }) if todo.is_empty() => {
                    return Ok(Some((open(file.get(), token)?, beside.clone())));
                }
                Target::Soft(path) => {
                    if path.starts_with(b"/") {
                        group = None;
                    }
                    steps(&path).rev().for_each(|step| todo.push_front(step));
                }
                Target::External { file, path } => {
                    let Some((file, beside)) = self.file(beside, &file)? else { return Ok(None) };
                    let path = steps(&path).chain(todo).collect::<Vec<_>>().join(&b'/');
                    return self.follow(&file, &beside, &path, hops);
                }
                Target::Hard(_) | Target::Unknown(_) => return Ok(None),
            }
        }
        Ok(None)
    }
}
