//! `oqfs run-queued`, `oqfs inspect`: a calculation of the queue, and the check of a job, in a process that the daemon starts for it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::Args;

use super::limits::{LimitArgs, RunArgs};
use super::out;
use super::signals::die_with_parent;
use crate::daemon::{REFUSED, SlurmPlan, check, give_to_slurm, prepare, work};
use crate::datastore::DataDir;

/// Run a calculation of the queue; the daemon asks for it.
#[derive(Debug, Args)]
pub struct RunQueued {
    /// The calculation
    id: u32,
    /// The data directory, which is the working directory, as users know it
    #[arg(long)]
    shown: PathBuf,
    /// The process that asks, without which this one ends
    #[arg(long)]
    parent: u32,
    #[command(flatten)]
    how: RunArgs,
    /// Give it to Slurm, for so many workers
    #[arg(long)]
    slurm: Option<usize>,
    /// Options of sbatch
    #[arg(last = true)]
    sbatch: Vec<String>,
}

impl RunQueued {
    /// Runs it; the status is 0 if its state says how it went.
    pub fn execute(self) -> Result<()> {
        die_with_parent(self.parent);
        prepare();
        let dir = DataDir::open_shown(Path::new("/proc/self/cwd"), &self.shown)?;
        // it is stopped by files in its folder, or killed
        let options = self.how.options();
        let done = match self.slurm {
            Some(tasks) => {
                let program = std::env::current_exe()?;
                let plan = SlurmPlan { tasks, arguments: self.sbatch, reuse: options.reuse, program };
                give_to_slurm(&dir, self.id, &(), &plan)
            }
            None => work(&dir, self.id, &(), options),
        };
        match done {
            // the daemon is told by the state, the user by the log
            Err(_) if dir.calc(self.id)?.state()?.is_some_and(|job| job.state.is_final()) => Ok(()),
            result => result,
        }
    }
}

/// Read all of a job; the daemon asks for it.
#[derive(Debug, Args)]
pub struct Inspect {
    /// The job file
    job: PathBuf,
    /// The process that asks, without which this one ends
    #[arg(long)]
    parent: u32,
    #[command(flatten)]
    limits: LimitArgs,
}

impl Inspect {
    /// Prints what the user says of the job, or what is wrong with it.
    pub fn execute(self) -> Result<()> {
        die_with_parent(self.parent);
        prepare();
        match check(&self.job, self.limits.limits()) {
            Ok(description) => out::line(description)?,
            Err(why) => {
                out::line(why)?;
                std::process::exit(REFUSED);
            }
        }
        Ok(())
    }
}
