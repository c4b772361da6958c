//! The processes that read HDF5 files, as many as are needed.

use std::collections::HashSet;
use std::fmt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use super::ask::{Answer, Ask, FileRef, Request};
use super::open_files::OpenFiles;
use super::process::{Loss, ReaderProcess, Starter, longest_answer};
use super::{Error, FileState, RefusedFile, RefusedList, Result};
use crate::datastore::DataDir;
use crate::datastore::beside::FoundFile;

/// The most processes at a time; whoever asks more waits.
const MOST: usize = 16;
/// How long all may be at work before there is another one.
const PATIENCE: Duration = Duration::from_millis(50);
/// How often a question is asked again of another process, because one was lost.
const TRIES: usize = 4;

/// Told of a file that is refused from then on.
type OnRefusal = Box<dyn Fn(&FileState) + Send + Sync>;

/// Who reads HDF5 files.
pub struct Readers {
    how: How,
    keys: AtomicU64,
    /// The keys of files that are held open.
    live: Mutex<HashSet<u64>>,
    refused: Mutex<RefusedList>,
    on_refusal: OnceLock<OnRefusal>,
}

enum How {
    Here(Mutex<OpenFiles>),
    Processes(Pool),
}

/// Processes.
struct Pool {
    program: PathBuf,
    dir: Option<DataDir>,
    starter: OnceLock<Starter>,
    limit: Duration,
    state: Mutex<PoolState>,
    changed: Condvar,
}

#[derive(Default)]
struct PoolState {
    idle: Vec<ReaderProcess>,
    /// Those at work too.
    count: usize,
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Readers").finish_non_exhaustive()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Readers {
    /// This process itself, which a file can crash; those of `refused` are not read. Files are of `dir`, or of anywhere.
    pub fn here(dir: Option<DataDir>, refused: RefusedList) -> Arc<Self> {
        Self::new(How::Here(Mutex::new(OpenFiles::new(dir, Box::new(|_| ())))), refused)
    }

    /// Processes of `program`, which does [`super::serve()`] when called as `read-hdf5`. What they are lost to is added to the list that
    /// `dir` has.
    pub fn of_program(program: PathBuf, dir: Option<DataDir>) -> Arc<Self> {
        let refused = dir.as_ref().map_or_else(RefusedList::default, RefusedList::read);
        let (starter, limit) = (OnceLock::new(), longest_answer());
        let pool = Pool { program, dir, starter, limit, state: Mutex::default(), changed: Condvar::new() };
        Self::new(How::Processes(pool), refused)
    }

    fn new(how: How, refused: RefusedList) -> Arc<Self> {
        let (live, refused) = (Mutex::default(), Mutex::new(refused));
        Arc::new(Self { how, keys: AtomicU64::new(0), live, refused, on_refusal: OnceLock::new() })
    }

    /// Has `tell` told of each file that is refused from now on; a second one is not told.
    pub fn on_refusal(&self, tell: OnRefusal) {
        let _ = self.on_refusal.set(tell);
    }

    /// Why a file is not given to the library; `None` if it may be.
    pub fn refusal(&self, file: &FileState) -> Option<String> {
        let refused = lock(&self.refused);
        refused.files().iter().find(|refused| refused.file == *file).map(|refused| refused.why.clone())
    }

    fn refuse(&self, file: FileState, why: &str) {
        lock(&self.refused).add(RefusedFile { file, why: why.into() });
        if let Some(tell) = self.on_refusal.get() {
            tell(&file);
        }
    }

    pub(super) fn new_key(&self) -> u64 {
        let key = self.keys.fetch_add(1, Ordering::Relaxed);
        lock(&self.live).insert(key);
        key
    }

    /// Closes the file of that key, wherever it is open.
    pub(super) fn close(&self, key: u64) {
        lock(&self.live).remove(&key);
        match &self.how {
            How::Here(files) => drop(lock(files).answer(Request { close: vec![key], refused: vec![], ask: None })),
            How::Processes(pool) => {
                // those at work close it when they are done
                for process in pool.take_idle_with(key) {
                    self.give_back(pool, process);
                }
            }
        }
    }

    /// Asks about a file: the answer, and what was found of files beside it.
    pub(super) fn ask(&self, file: &FileRef, ask: Ask) -> Result<(Answer, Vec<FoundFile>)> {
        let request = |close| {
            if let Some(why) = self.refusal(&file.state) {
                return Err(Error::Refused(why));
            }
            let refused = lock(&self.refused).files().to_vec();
            Ok(Request { close, refused, ask: Some((file.clone(), ask.clone())) })
        };
        let silent = || Error::Process(std::io::Error::other("it gives no answer"));
        let pool = match &self.how {
            How::Here(files) => {
                let request = request(vec![])?;
                return lock(files).answer(request).ok_or_else(silent);
            }
            How::Processes(pool) => pool,
        };
        for _ in 0..TRIES {
            let mut process = pool.take(file.key)?;
            let request = match request(self.stale(&process)) {
                Ok(request) => request,
                Err(e) => {
                    self.give_back(pool, process);
                    return Err(e);
                }
            };
            match process.exchange(&request, pool.limit) {
                Ok(answered) => {
                    self.give_back(pool, process);
                    return Ok(answered);
                }
                Err(Loss { why, inside }) => {
                    pool.lost(process);
                    if let Some(why) = why {
                        self.refuse(inside.unwrap_or(file.state), &why);
                    }
                }
            }
        }
        Err(self.refusal(&file.state).map_or_else(silent, Error::Refused))
    }

    /// The files that a process may have open and nobody holds.
    fn stale(&self, process: &ReaderProcess) -> Vec<u64> {
        let live = lock(&self.live);
        process.opened.iter().filter(|key| !live.contains(key)).copied().collect()
    }

    fn give_back(&self, pool: &Pool, mut process: ReaderProcess) {
        let close = self.stale(&process);
        if !close.is_empty() && process.close(close).is_err() {
            return pool.lost(process);
        }
        lock(&pool.state).idle.push(process);
        pool.changed.notify_one();
    }
}

impl Pool {
    /// A process that nobody asks, one that has the file open if there is one. If all are at work for long, another one is started.
    fn take(&self, key: u64) -> Result<ReaderProcess> {
        let mut state = lock(&self.state);
        loop {
            let idle = &mut state.idle;
            if let Some(at) = idle.iter().rposition(|process| process.opened.contains(&key)) {
                return Ok(idle.remove(at));
            }
            if let Some(process) = idle.pop() {
                return Ok(process);
            }
            let waits = state.count > 0;
            if waits {
                let is_none = |state: &mut PoolState| state.idle.is_empty();
                let waited = self.changed.wait_timeout_while(state, PATIENCE, is_none);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            if state.idle.is_empty() && state.count < MOST {
                state.count += 1;
                drop(state);
                return self.start().inspect_err(|_| lock(&self.state).count -= 1).map_err(Error::Process);
            }
        }
    }

    fn start(&self) -> std::io::Result<ReaderProcess> {
        let starter = match self.starter.get() {
            Some(starter) => starter,
            None => {
                let starter = Starter::new(self.program.clone(), self.dir.clone())?;
                self.starter.get_or_init(|| starter)
            }
        };
        starter.start()
    }

    fn take_idle_with(&self, key: u64) -> Vec<ReaderProcess> {
        lock(&self.state).idle.extract_if(.., |process| process.opened.contains(&key)).collect()
    }

    fn lost(&self, process: ReaderProcess) {
        drop(process);
        lock(&self.state).count -= 1;
        self.changed.notify_one();
    }
}
