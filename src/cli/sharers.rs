//! What `oqfs work` and `oqfs finish` have in common: they stop on a signal, and give back what they hold.

use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Result;

use super::signals::on_stop;
use crate::daemon::{Control, GRACE, RunOptions, open_share};
use crate::datastore::{CalcFolder, JobState, Share};
use crate::job::Job;

/// Set by SIGTERM and the like.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// This process, as one of those that share the work of a calculation.
pub struct Sharer {
    pub share: Share,
}

impl Sharer {
    /// For a calculation. On SIGTERM and the like its work stops by itself, or else the process ends after a moment.
    ///
    /// # Errors
    /// If its work is not shared, or not by this program.
    pub fn start(folder: &CalcFolder) -> Result<Sharer> {
        let share = open_share(folder)?;
        let leases = share.leases().clone();
        on_stop(move |signal| {
            INTERRUPTED.store(true, Ordering::Relaxed);
            std::thread::sleep(GRACE);
            leases.give_back();
            std::process::exit(128 + signal);
        })?;
        Ok(Sharer { share })
    }

    /// Does something on as many threads as the options and the job say.
    ///
    /// # Errors
    /// Those of what is done, or if the threads cannot be started.
    pub fn on_threads<T: Send>(&self, options: RunOptions, run: impl FnOnce() -> Result<T> + Send) -> Result<T> {
        let job_file = self.share.folder().path().join(&self.share.about().job_file);
        // a job that cannot be read says so in its run
        let limits = Job::read(&job_file).map_or(options.limits, |job| options.limits.with_those_of(&job.params));
        limits.on_threads(run)?
    }
}

impl Control for Sharer {
    fn changed(&self, _: &JobState) {}

    fn is_interrupted(&self) -> bool {
        INTERRUPTED.load(Ordering::Relaxed)
    }
}
