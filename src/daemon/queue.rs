//! The queue of accepted jobs: first in, first out unless somebody changed the order, a few at a time; it survives restarts.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::control::Control;
use super::on_end::OnEnd;
use super::runner::Runner;
use super::shortage::is_shortage;
use crate::datastore::{CalcFolder, DataDir, JobState, State};

/// How soon a calculation is tried again that could not be run for want of something.
const AGAIN: Duration = Duration::from_secs(2);

/// The queue, with the threads that work on it. They stop when it is dropped; what runs is stopped and runs again at
/// the next start.
#[derive(Debug)]
pub struct Queue {
    shared: Arc<Shared>,
    workers: Mutex<Vec<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    dir: DataDir,
    runner: Runner,
    on_end: Option<OnEnd>,
    state: Mutex<QueueState>,
    changed: Condvar,
}

/// How often is looked whether calculations that others compute have ended.
const LOOK: Duration = Duration::from_secs(1);

#[derive(Debug, Default)]
struct QueueState {
    /// Those that workers elsewhere compute, whose end somebody wants to be told of.
    elsewhere: Vec<u32>,
    waiting: VecDeque<u32>,
    running: HashMap<u32, Arc<Stop>>,
    stopping: bool,
}

/// Interrupts a calculation when the queue stops.
#[derive(Debug, Default)]
struct Stop(AtomicBool);

impl Control for Stop {
    fn changed(&self, _: &JobState) {}

    fn is_interrupted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Queue {
    /// Start `jobs` workers on a data directory. Calculations that were queued or interrupted are taken up again, in
    /// the order of their ids.
    pub fn start(dir: DataDir, jobs: usize, runner: Runner) -> Result<Queue> {
        Self::start_telling(dir, jobs, runner, None)
    }

    /// The same, with what is done when a calculation has ended.
    pub fn start_telling(dir: DataDir, jobs: usize, runner: Runner, on_end: Option<OnEnd>) -> Result<Queue> {
        let Unfinished { waiting, elsewhere } = unfinished(&dir)?;
        let state = QueueState { waiting: waiting.into(), elsewhere, ..QueueState::default() };
        let shared = Arc::new(Shared { dir, runner, on_end, state: Mutex::new(state), changed: Condvar::new() });
        let worker = |i: usize| {
            let shared = shared.clone();
            let name = format!("job-{i}");
            std::thread::Builder::new().name(name).spawn(move || shared.work()).context("cannot start a worker")
        };
        let mut workers = (0..jobs.max(1)).map(worker).collect::<Result<Vec<_>>>()?;
        if shared.on_end.is_some() {
            let shared = shared.clone();
            let watch = std::thread::Builder::new().name("elsewhere".into()).spawn(move || shared.watch());
            workers.push(watch.context("cannot start a thread")?);
        }
        Ok(Queue { shared, workers: Mutex::new(workers) })
    }

    /// Add an accepted calculation at the end.
    pub fn push(&self, id: u32) {
        self.shared.lock().waiting.push_back(id);
        self.shared.changed.notify_all();
    }

    /// Stop what runs, which is `queued` then, and start no more. Returns when nothing runs.
    pub fn stop(&self) {
        {
            let mut state = self.shared.lock();
            state.stopping = true;
            state.running.values().for_each(|stop| stop.0.store(true, Ordering::Relaxed));
        }
        self.shared.changed.notify_all();
        for worker in self.workers.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            // a worker that panicked has nothing left to do
            let _ = worker.join();
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    /// The state; a panic of another holder leaves it consistent, as every change is one step.
    fn lock(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        let mut told = None;
        while let Some((id, stop)) = self.next() {
            let failure = self.runner.run(&self.dir, id, &*stop).err();
            let folder = self.dir.folder(id);
            if let (Some(on_end), Some(folder)) = (&self.on_end, &folder) {
                on_end.tell(folder);
            }
            let mut state = self.lock();
            state.running.remove(&id);
            if folder.is_some_and(|folder| is_elsewhere(&folder)) {
                state.elsewhere.push(id);
            }
            let Some(error) = failure else { continue };
            let again = is_shortage(&error);
            let message = format!(
                "calc_{id}: {}{}",
                self.dir.told(&format!("{error:#}")),
                if again { "; it is tried again" } else { "" }
            );
            if told.as_ref() != Some(&message) {
                log::warn!("{message}");
                told = Some(message);
            }
            if again {
                // it keeps its turn
                state.waiting.push_front(id);
                let until = Instant::now() + AGAIN;
                while !state.stopping
                    && let Some(left) = until.checked_duration_since(Instant::now())
                {
                    state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
                }
            }
        }
    }

    /// Tells of the end of calculations that others compute, until the queue stops.
    fn watch(&self) {
        let mut state = self.lock();
        while !state.stopping {
            let elsewhere = std::mem::take(&mut state.elsewhere);
            drop(state);
            // one that was removed ends no more
            let folders = elsewhere.into_iter().filter_map(|id| self.dir.folder(id));
            let (left, ended): (Vec<_>, Vec<_>) = folders.partition(is_elsewhere);
            if let Some(on_end) = &self.on_end {
                ended.iter().for_each(|folder| on_end.tell(folder));
            }
            state = self.lock();
            state.elsewhere.extend(left.iter().map(CalcFolder::id));
            state = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Takes out of those that wait the one that is to be run next.
    fn take(&self, waiting: &mut VecDeque<u32>) -> Option<u32> {
        let in_order = self.dir.in_order(waiting.iter().copied().collect()).unwrap_or_else(|error| {
            log::warn!("the order of the queue is not known: {error}");
            waiting.iter().copied().collect()
        });
        let next = *in_order.first()?;
        waiting.retain(|id| *id != next);
        Some(next)
    }

    /// Wait for a calculation to run; `None` when the queue stops.
    fn next(&self) -> Option<(u32, Arc<Stop>)> {
        let mut state = self.lock();
        loop {
            if state.stopping {
                return None;
            }
            if let Some(id) = self.take(&mut state.waiting) {
                let stop = Arc::new(Stop::default());
                state.running.insert(id, stop.clone());
                return Some((id, stop));
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Whether processes elsewhere compute a calculation that came through the queue, or will: it is shared and has not ended.
fn is_elsewhere(folder: &CalcFolder) -> bool {
    let is_over = || folder.state().is_ok_and(|state| state.is_some_and(|state| state.state.is_final()));
    folder.is_submitted() && folder.is_shared() && !is_over()
}

/// The calculations that were accepted and are not finished, in the order of their ids.
struct Unfinished {
    /// Those to be run. All are `queued` from here on.
    waiting: Vec<u32>,
    /// Those that others compute.
    elsewhere: Vec<u32>,
}

fn unfinished(dir: &DataDir) -> Result<Unfinished> {
    let mut found = Unfinished { waiting: Vec::new(), elsewhere: Vec::new() };
    for folder in dir.ids()?.into_iter().filter_map(|id| dir.folder(id)) {
        // its files are in the spool still
        match dir.remove_if_abandoned(&folder) {
            Ok(false) => {}
            Ok(true) => continue,
            Err(error) => log::error!("calc_{}, which was never accepted: {error}", folder.id()),
        }
        // those of `oqfs run` are their own, and so are those of workers elsewhere
        if is_elsewhere(&folder) {
            found.elsewhere.push(folder.id());
        }
        if !folder.is_submitted() || folder.is_shared() {
            continue;
        }
        match folder.as_owner(|| queued_again(&folder)).flatten() {
            Ok(true) => found.waiting.push(folder.id()),
            Ok(false) => {}
            Err(error) => log::error!("calc_{}: {error}", folder.id()),
        }
    }
    Ok(found)
}

/// True if a calculation is not final; one that was interrupted, in its check too, is queued again: a run reads its inputs anyway.
fn queued_again(folder: &CalcFolder) -> crate::datastore::Result<bool> {
    let Some(state) = folder.state()?.filter(|state| !state.state.is_final()) else { return Ok(false) };
    if matches!(state.state, State::Executing | State::Checking)
        && let Some(_claim) = folder.claim()?
    {
        let description = state.description;
        folder.set_state(&JobState { state: State::Queued, description, ..JobState::default() })?;
    }
    Ok(true)
}
