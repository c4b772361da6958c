//! Checks of jobs, each on a thread of its own, a few at a time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::intake::CompleteJob;
use super::runner::Runner;

/// How many checks run at a time, at least: one that takes long holds up no other.
const LEAST: usize = 4;

/// Places for the checks that run at a time: one each processor, or [`LEAST`].
#[derive(Debug)]
pub struct Places {
    free: Mutex<usize>,
    changed: Condvar,
}

impl Default for Places {
    fn default() -> Places {
        let most = std::thread::available_parallelism().map_or(LEAST, |n| n.get().max(LEAST));
        Places { free: Mutex::new(most), changed: Condvar::new() }
    }
}

impl Places {
    fn with<T>(&self, run: impl FnOnce() -> T) -> T {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.changed.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        drop(free);
        let _place = Place(self);
        run()
    }
}

/// A place that is taken; it is given back when this is dropped, in a panic too.
struct Place<'a>(&'a Places);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.changed.notify_one();
    }
}

/// The description of a job that is right, or why it is not.
type Checked = Result<String, String>;

/// The check of a job that runs on a thread of its own. It is called off if this is dropped before it is over.
#[derive(Debug)]
pub struct Checking {
    from_thread: Receiver<Checked>,
    result: Option<Checked>,
    called_off: Arc<AtomicBool>,
}

impl Drop for Checking {
    fn drop(&mut self) {
        self.call_off();
    }
}

impl Checking {
    /// Starts the check of a job: its files are copied, then read.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn start(job: &Arc<CompleteJob>, runner: &Runner, places: &Arc<Places>) -> std::io::Result<Checking> {
        let (sender, from_thread) = sync_channel(1);
        let called_off = Arc::<AtomicBool>::default();
        let (job, runner, places, stop) = (job.clone(), runner.clone(), places.clone(), called_off.clone());
        let run = move || {
            // what is copied can be accepted, though its check waits for a place
            let copied = job.stage.copy();
            let checked = copied.and_then(|()| places.with(|| runner.check(&job.stage, &job.job_file, &stop)));
            // nobody may want to know any more
            let _ = sender.send(checked);
        };
        std::thread::Builder::new().name("checking".into()).spawn(run)?;
        Ok(Checking { from_thread, result: None, called_off })
    }

    /// Waits until it is over, at most so long: true if it is.
    pub fn is_over(&mut self, most: Duration) -> bool {
        if self.result.is_none() {
            self.result = match self.from_thread.recv_timeout(most) {
                Ok(checked) => Some(checked),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => {
                    Some(Err("the job cannot be checked: the check panicked; this is a fault of the program".into()))
                }
            };
        }
        self.result.is_some()
    }

    /// What it found; `None` if it is not over.
    pub fn result(&mut self) -> Option<&Result<String, String>> {
        self.is_over(Duration::ZERO);
        self.result.as_ref()
    }

    /// Has it end soon: nobody wants to know any more.
    pub fn call_off(&self) {
        self.called_off.store(true, Ordering::Relaxed);
    }
}
