//! Where jobs are checked and calculations run.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use anyhow::Result;

use super::control::Control;
use super::limits::Limits;
use super::slurm::SlurmPlan;
use super::stage::Stage;
use super::work::{ended, work};
use super::{child, space};
use crate::calc::Model;
use crate::datastore::{DataDir, State, open_arrays};
use crate::job::Job;

/// Where jobs are checked and calculations run.
#[derive(Clone, Debug, PartialEq)]
pub enum Runner {
    /// In this process. One that takes all memory takes the process with it.
    Here,
    /// Each in a process of its own.
    Program {
        /// The program that does it, this one.
        path: PathBuf,
        /// How calculations are run.
        options: RunOptions,
        /// How they are given to Slurm, if they are.
        slurm: Option<SlurmPlan>,
    },
}

/// How a calculation is run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RunOptions {
    /// Whether rates that earlier calculations left are used.
    pub reuse: bool,
    /// What it may have of the machine.
    pub limits: Limits,
}

impl Default for RunOptions {
    fn default() -> RunOptions {
        RunOptions { reuse: true, limits: Limits::default() }
    }
}

impl Runner {
    /// Read all of a job whose files are copied in a stage, until `called_off`: what the user says of it if it can run, else what is wrong
    /// with it.
    pub fn check(&self, stage: &Stage, job_file: &Path, called_off: &AtomicBool) -> Result<String, String> {
        match self {
            Runner::Here => check(&stage.place(job_file), Limits::default()),
            Runner::Program { path, options, .. } => child::check(path, options.limits, (stage, job_file), called_off),
        }
    }

    /// Run a calculation of the queue until it is over, or given to Slurm, or `stop` says that it is to be queued again. How it went is in its state and its log.
    ///
    /// # Errors
    /// If that cannot be said there.
    pub fn run(&self, dir: &DataDir, id: u32, stop: &dyn Control) -> Result<()> {
        match self {
            Runner::Program { path, options, slurm } => child::run(path, (*options, slurm.as_ref()), dir, id, stop),
            Runner::Here => match catch_unwind(AssertUnwindSafe(|| work(dir, id, stop, RunOptions::default()))) {
                Ok(result) => result,
                Err(_) => ended(dir, id, State::Failed, "the calculation panicked; this is a fault of the program"),
            },
        }
    }
}

/// Read all of a job in this process: what the user says of it if it can run, else what is wrong with it.
pub fn check(job_file: &Path, limits: Limits) -> Result<String, String> {
    let job = Job::read(job_file).map_err(|e| format!("{:#}", anyhow::Error::from(e)))?;
    let all = limits.with_those_of(&job.params);
    let read = || -> Result<String, String> {
        let model = Model::read(job, &open_arrays).map_err(|e| format!("{:#}", anyhow::Error::from(e)))?;
        space::check(&model, job_file, limits).map_err(|why| format!("{}: {why}", job_file.display()))?;
        Ok(model.job.params.given.description)
    };
    all.on_threads(read).map_err(|e| format!("{e:#}"))?
}
