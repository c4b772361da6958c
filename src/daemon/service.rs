//! The daemon behind `new/`: jobs that arrive there are taken in and queued.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::intake::{Taken, accept, look};
use super::queue::Queue;
use super::runner::Runner;
use crate::datastore::DataDir;
use crate::fs::{Arrival, Jobs, Moved, Verdict};

/// Takes in jobs and runs them.
#[derive(Debug)]
pub struct Daemon {
    dir: DataDir,
    runner: Runner,
    queue: Queue,
}

impl Daemon {
    /// Start with the jobs that were accepted and not finished; run `jobs` at a time, each where `runner` says.
    pub fn start(dir: DataDir, jobs: usize, runner: Runner) -> Result<Daemon> {
        Ok(Daemon { queue: Queue::start(dir.clone(), jobs, runner.clone())?, dir, runner })
    }

    /// Stop what runs, which is `queued` then, and start no more.
    pub fn stop(&self) {
        self.queue.stop();
    }
}

impl Jobs for Daemon {
    fn arrived(&self, arrival: &Arrival) -> Verdict {
        let scope = arrival.folder();
        let folder = arrival.folder_name().map(Path::to_path_buf);
        let label = folder.as_ref().map_or(PathBuf::from("new"), |name| Path::new("new").join(name));
        let looked = look(&scope, &arrival.path(), folder.is_some(), &label, &self.runner);
        // a folder names its job, as does a job file by itself
        let named = |job_file: &Path| match &folder {
            Some(folder) => folder.to_string_lossy().into_owned(),
            None => job_file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
        };
        match looked {
            super::Arrival::NoJob => Verdict::NotAJob,
            super::Arrival::Waiting { job_file, what } => Verdict::Waiting { job: named(&job_file), what },
            super::Arrival::Refused { job_file, why } => Verdict::Refused { job: named(&job_file), why },
            super::Arrival::Ready(ready) => {
                let job = named(&ready.job_file);
                match accept(&self.dir, &scope, folder.is_some(), &ready, &job) {
                    Ok(Taken { folder: calc, files }) => {
                        self.queue.push(calc.id());
                        let from = |path: PathBuf| path.strip_prefix(&arrival.root).unwrap_or(&path).to_path_buf();
                        let moved = files.into_iter().map(|(old, to)| Moved { from: from(old), to }).collect();
                        Verdict::Accepted { job, calc: calc.id(), moved }
                    }
                    Err(error) => Verdict::Refused { job, why: format!("the job could not be kept: {error:#}") },
                }
            }
        }
    }
}
