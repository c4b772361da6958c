//! The calculations of a data directory, or one HDF5 file, as views.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use super::cache::Cache;
use super::calc::Calc;
use crate::datastore::{DataDir, LoneFile};
use crate::reader::{FileState, Readers, RefusedList};

/// Trees kept while nobody looks at them.
const TREES: usize = 16;

/// The views of the calculations of a data directory.
#[derive(Debug)]
pub struct Views {
    pub(super) dir: DataDir,
    lone: Option<LoneFile>,
    pub(super) cache: Arc<Cache>,
    pub(super) readers: Arc<Readers>,
    calcs: Mutex<HashMap<u32, Arc<Calc>>>,
    /// Whose trees are kept, the one used last at the end.
    kept: Mutex<VecDeque<u32>>,
}

impl Views {
    pub fn new(dir: DataDir) -> Arc<Self> {
        let readers = Readers::here(Some(dir.clone()), RefusedList::default());
        Self::with_readers(dir, readers)
    }

    /// The views of what `readers` read.
    pub fn with_readers(dir: DataDir, readers: Arc<Readers>) -> Arc<Self> {
        Self::made(dir, None, readers, Arc::default())
    }

    /// The same, with what is decoded kept in `cache`.
    pub fn with_cache(dir: DataDir, readers: Arc<Readers>, cache: Arc<Cache>) -> Arc<Self> {
        Self::made(dir, None, readers, cache)
    }

    /// The view of one HDF5 file, which has the number [`LoneFile::id`], and of nothing else; `readers` are for the directory it is in.
    pub fn of_file_alone(lone: LoneFile, readers: Arc<Readers>) -> Arc<Self> {
        Self::made(lone.dir().clone(), Some(lone), readers, Arc::default())
    }

    fn made(dir: DataDir, lone: Option<LoneFile>, readers: Arc<Readers>, cache: Arc<Cache>) -> Arc<Self> {
        Arc::new(Self { dir, lone, cache, readers, calcs: Mutex::default(), kept: Mutex::default() })
    }

    /// The file that they are the view of, if they are that of one file alone.
    pub fn lone(&self) -> Option<&LoneFile> {
        self.lone.as_ref()
    }

    pub fn dir(&self) -> &DataDir {
        &self.dir
    }

    /// Who reads HDF5 files for them.
    pub fn readers(&self) -> &Arc<Readers> {
        &self.readers
    }

    /// The view of calculation `id`; `None` if there is no such calculation.
    pub fn calc(self: &Arc<Self>, id: u32) -> Option<Arc<Calc>> {
        let known = self.calcs.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let calc = known.unwrap_or_else(|| Arc::new(Calc::new(self, id)));
        let mut calcs = self.calcs.lock().unwrap_or_else(PoisonError::into_inner);
        if calc.is_there() {
            return Some(calcs.entry(id).or_insert(calc).clone());
        }
        calcs.remove(&id);
        None
    }

    /// The view of calculation `id`, if it was looked at before.
    pub fn known(&self, id: u32) -> Option<Arc<Calc>> {
        self.calcs.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    /// The calculations that were looked at and have this file as their datastore.
    pub fn of_file(&self, file: &FileState) -> Vec<u32> {
        let calcs = self.calcs.lock().unwrap_or_else(PoisonError::into_inner);
        let known: Vec<Arc<Calc>> = calcs.values().cloned().collect();
        drop(calcs);
        known.iter().filter(|calc| calc.is_of(file)).map(|calc| calc.id()).collect()
    }

    /// Notes that the tree of `id` was used; drops the one not used for longest.
    pub(super) fn used(&self, id: u32) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|other| *other != id);
        kept.push_back(id);
        if kept.len() > TREES
            && let Some(oldest) = kept.pop_front()
            && let Some(calc) = self.calcs.lock().unwrap_or_else(PoisonError::into_inner).get(&oldest)
        {
            calc.let_go();
        }
    }
}
