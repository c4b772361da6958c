//! The queue of accepted jobs: first in, first out, a few at a time; it survives restarts.

use std::collections::{HashMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::run::run;
use crate::datastore::{CalcFolder, DataDir, JobState, State};

/// The key under which a calculation keeps how it was submitted.
pub const SUBMISSION: &str = "submission";

/// How a job came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// The name in `new/` that it came under.
    pub name: String,
    /// The job file, from the folder of the calculation.
    pub job_file: PathBuf,
}

/// The queue, with the threads that work on it. They stop when it is dropped; what runs is stopped and runs again at
/// the next start.
#[derive(Debug)]
pub struct Queue {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    dir: DataDir,
    state: Mutex<QueueState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct QueueState {
    waiting: VecDeque<u32>,
    running: HashMap<u32, Arc<AtomicBool>>,
    stopping: bool,
}

impl Queue {
    /// Start `jobs` workers on a data directory. Calculations that were queued or interrupted are taken up again, in
    /// the order of their ids.
    pub fn start(dir: DataDir, jobs: usize) -> Result<Queue> {
        let unfinished = unfinished(&dir)?;
        let state = QueueState { waiting: unfinished.into(), ..QueueState::default() };
        let shared = Arc::new(Shared { dir, state: Mutex::new(state), changed: Condvar::new() });
        let worker = |i: usize| {
            let shared = shared.clone();
            let name = format!("job-{i}");
            std::thread::Builder::new().name(name).spawn(move || shared.work()).context("cannot start a worker")
        };
        let workers = (0..jobs.max(1)).map(worker).collect::<Result<_>>()?;
        Ok(Queue { shared, workers })
    }

    /// Add an accepted calculation at the end.
    pub fn push(&self, id: u32) {
        self.shared.lock().waiting.push_back(id);
        self.shared.changed.notify_one();
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.stopping = true;
            state.running.values().for_each(|stop| stop.store(true, Ordering::Relaxed));
        }
        self.shared.changed.notify_all();
        for worker in self.workers.drain(..) {
            // a worker that panicked has nothing left to do
            let _ = worker.join();
        }
    }
}

impl Shared {
    /// The state; a panic of another holder leaves it consistent, as every change is one step.
    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some((id, stop)) = self.next() {
            let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| self.run(id, &stop)));
            let stopping = {
                let mut state = self.lock();
                state.running.remove(&id);
                state.stopping
            };
            match outcome {
                Ok(Ok(())) => {}
                // it was stopped because the daemon stops: it runs again at the next start
                Ok(Err(_)) if stopping && stop.load(Ordering::Relaxed) => self.requeue(id),
                Ok(Err(error)) => log::warn!("calc_{id}: {error:#}"),
                Err(_) => self.fail(id, "the calculation panicked; this is a fault of the program"),
            }
        }
    }

    /// Wait for a calculation to run; `None` when the queue stops.
    fn next(&self) -> Option<(u32, Arc<AtomicBool>)> {
        let mut state = self.lock();
        loop {
            if state.stopping {
                return None;
            }
            if let Some(id) = state.waiting.pop_front() {
                let stop = Arc::new(AtomicBool::new(false));
                state.running.insert(id, stop.clone());
                return Some((id, stop));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn run(&self, id: u32, stop: &AtomicBool) -> Result<()> {
        let folder = self.dir.calc(id)?;
        let submission: Submission = folder.get_object(SUBMISSION)?;
        run(&folder, &folder.path().join(submission.job_file), stop)
    }

    fn requeue(&self, id: u32) {
        let description = self.dir.calc(id).ok().and_then(|f| f.state().ok()?).map(|s| s.description);
        let state =
            JobState { state: State::Queued, description: description.unwrap_or_default(), ..JobState::default() };
        self.set(id, &state);
    }

    fn fail(&self, id: u32, why: &str) {
        self.set(id, &JobState { state: State::Failed, error: Some(why.to_string()), ..JobState::default() });
    }

    fn set(&self, id: u32, state: &JobState) {
        if let Err(error) = self.dir.calc(id).and_then(|folder| folder.set_state(state)) {
            log::error!("calc_{id}: the state could not be written: {error}");
        }
    }
}

/// The calculations that were accepted and are not finished, in the order of their ids.
fn unfinished(dir: &DataDir) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for id in dir.ids()? {
        let Ok(folder) = dir.calc(id) else { continue };
        match folder.state() {
            Ok(Some(state)) if !state.state.is_final() && is_submitted(&folder) => found.push(id),
            Ok(_) => {}
            Err(error) => log::error!("calc_{id}: {error}"),
        }
    }
    Ok(found)
}

/// Whether a calculation came through the queue; those of `oqfs run` are their own.
fn is_submitted(folder: &CalcFolder) -> bool {
    folder.get_object::<Submission>(SUBMISSION).is_ok_and(|s| folder.path().join(s.job_file).is_file())
}

/// Put the path that the user knows in place of the one that this process uses.
pub fn shown(message: &str, real: &Path, shown: &Path) -> String {
    message.replace(&*real.to_string_lossy(), &shown.to_string_lossy())
}
