//! The daemon behind `new/`: jobs that arrive there are taken in and queued.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::intake::{Finding, Taken, accept, look};
use super::queue::Queue;
use super::runner::Runner;
use super::submission::shown;
use crate::datastore::DataDir;
use crate::fs::{Arrival, HIDDEN, Jobs, Moved, Verdict};
use crate::job::{is_archive, unpack};

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
        if folder.is_none() && is_archive(&arrival.file) {
            return self.archive_arrived(arrival);
        }
        let label = folder.as_ref().map_or(PathBuf::from("new"), |name| Path::new("new").join(name));
        let looked = look(&scope, &arrival.path(), folder.is_some(), &label, &self.runner);
        // a folder names its job, as does a job file by itself
        let named = |job_file: &Path| match &folder {
            Some(folder) => folder.to_string_lossy().into_owned(),
            None => stem(job_file),
        };
        match looked {
            Finding::NoJob => Verdict::NotAJob,
            Finding::Waiting { job_file, what } => Verdict::Waiting { job: named(&job_file), what },
            Finding::Refused { job_file, why } => Verdict::Refused { job: named(&job_file), why },
            Finding::Ready(ready) => {
                let job = named(&ready.job_file);
                match accept(&self.dir, &scope, folder.is_some(), &ready, &job) {
                    Ok(Taken { folder: calc, files }) => {
                        self.queue.push(calc.id());
                        let from = |path: PathBuf| path.strip_prefix(&arrival.root).unwrap_or(&path).to_path_buf();
                        let moved = files.into_iter().map(|(old, to)| Moved { from: from(old), to }).collect();
                        Verdict::Accepted { job, calc: calc.id(), moved }
                    }
                    Err(error) => Verdict::Refused { job, why: not_kept(error) },
                }
            }
        }
    }
}

impl Daemon {
    /// A job that came as an archive has to be all in it.
    fn archive_arrived(&self, arrival: &Arrival) -> Verdict {
        let job = stem(&arrival.file);
        match self.take_archive(arrival, &job) {
            Ok(verdict) => verdict,
            Err(why) => Verdict::Refused { job, why },
        }
    }

    fn take_archive(&self, arrival: &Arrival, job: &str) -> Result<Verdict, String> {
        let (archive, label) = (arrival.path(), Path::new("new").join(&arrival.file));
        let beside = self.dir.path().join(HIDDEN);
        let unpacked = tempfile::Builder::new().prefix("unpacked-").tempdir_in(beside).map_err(|e| e.to_string())?;
        let scope = unpacked.path();
        let job_file = unpack(&archive, scope).map_err(|e| shown(&e.to_string(), &archive, &label))?;
        let ready = match look(scope, &job_file, true, &label, &self.runner) {
            Finding::Ready(ready) => ready,
            Finding::Refused { why, .. } => return Err(why),
            Finding::Waiting { what, .. } => return Err(format!("{}: it {what}", label.display())),
            Finding::NoJob => return Err(format!("{}: its job file is empty", label.display())),
        };
        let calc = accept(&self.dir, scope, true, &ready, job).map_err(not_kept)?.folder;
        self.queue.push(calc.id());
        // programs look at what they have just written
        let kept = calc.path().join(ARCHIVE);
        let moved = match std::fs::rename(&archive, &kept) {
            Ok(()) => vec![Moved { from: arrival.file.clone(), to: kept }],
            Err(_) => vec![],
        };
        Ok(Verdict::Accepted { job: job.to_string(), calc: calc.id(), moved })
    }
}

/// What the archive of a job is called in its calculation's folder.
const ARCHIVE: &str = "job.zip";

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

fn not_kept(error: anyhow::Error) -> String {
    format!("the job could not be kept: {error:#}")
}
