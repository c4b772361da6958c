//! The daemon behind `new/`: jobs that arrive there are taken in and queued.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::intake::{Dropped, Finding, Taken, accept, look};
use super::queue::Queue;
use super::runner::Runner;
use super::stage::{Rights, UNPACKED, clean};
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
        clean(&dir);
        Ok(Daemon { queue: Queue::start(dir.clone(), jobs, runner.clone())?, dir, runner })
    }

    /// Stop what runs, which is `queued` then, and start no more.
    pub fn stop(&self) {
        self.queue.stop();
    }
}

impl Jobs for Daemon {
    fn arrived(&self, arrival: &Arrival) -> Verdict {
        match self.judge(arrival) {
            Verdict::Waiting { job, what } => Verdict::Waiting { job, what: self.dir.told(&what) },
            Verdict::Refused { job, why, by_it } => Verdict::Refused { job, why: self.dir.told(&why), by_it },
            other => other,
        }
    }
}

impl Daemon {
    fn judge(&self, arrival: &Arrival) -> Verdict {
        let folder = arrival.folder_name().map(Path::to_path_buf);
        if folder.is_none() && is_archive(&arrival.file) {
            return self.archive_arrived(arrival);
        }
        let spool = Path::new("new");
        let scope = folder.as_ref().map_or(spool.to_path_buf(), |name| spool.join(name));
        let dropped = Dropped {
            dir: &self.dir,
            file: spool.join(&arrival.file),
            is_folder: folder.is_some(),
            label: scope.clone(),
            scope,
            unfinished: arrival.unfinished.iter().map(|file| spool.join(file)).collect(),
            rights: Rights::of(arrival.by),
            settled: arrival.settled,
        };
        // a folder names its job, as does a job file by itself
        let named = |job_file: &Path| match &folder {
            Some(folder) => folder.to_string_lossy().into_owned(),
            None => stem(job_file),
        };
        match look(&dropped, &self.runner) {
            Finding::NoJob => Verdict::NotAJob,
            Finding::Waiting { job_file, what } => Verdict::Waiting { job: named(&job_file), what },
            Finding::Refused { job_file, why, by_it } => Verdict::Refused { job: named(&job_file), why, by_it },
            Finding::Ready(ready) => {
                let job = named(&ready.job_file);
                match accept(&dropped, &ready, &job) {
                    Ok(Taken { folder: calc, files }) => {
                        self.queue.push(calc.id());
                        let from = |path: PathBuf| path.strip_prefix(spool).map_or(path.clone(), Path::to_path_buf);
                        let moved = files.into_iter().map(|(old, to)| Moved { from: from(old), to }).collect();
                        Verdict::Accepted { job, calc: calc.id(), moved }
                    }
                    Err(error) => Verdict::Refused { job, why: not_kept(error), by_it: true },
                }
            }
        }
    }

    /// A job that came as an archive has to be all in it.
    fn archive_arrived(&self, arrival: &Arrival) -> Verdict {
        let job = stem(&arrival.file);
        match self.take_archive(arrival, &job) {
            Ok(verdict) => verdict,
            Err(why) => Verdict::Refused { job, why, by_it: true },
        }
    }

    fn take_archive(&self, arrival: &Arrival, job: &str) -> Result<Verdict, String> {
        let (archive, label) = (arrival.path(), Path::new("new").join(&arrival.file));
        let beside = self.dir.path().join(HIDDEN);
        let unpacked = tempfile::Builder::new().prefix(UNPACKED).tempdir_in(beside);
        let unpacked = unpacked.map_err(|e| format!("it cannot be unpacked: {}", e.kind()))?;
        let as_shown = |message: String| shown(&shown(&message, &archive, &label), unpacked.path(), &label);
        let job_file = unpack(&archive, unpacked.path()).map_err(|e| as_shown(e.to_string()))?;
        let scope = Path::new(HIDDEN).join(unpacked.path().file_name().unwrap_or_default());
        let inside = job_file.strip_prefix(unpacked.path()).map_err(|e| e.to_string())?;
        let dropped = Dropped {
            dir: &self.dir,
            file: scope.join(inside),
            scope,
            is_folder: true,
            label,
            unfinished: Vec::new(),
            rights: Rights::of(arrival.by),
            settled: false,
        };
        let ready = match look(&dropped, &self.runner) {
            Finding::Ready(ready) => ready,
            Finding::Refused { why, .. } => return Err(why),
            Finding::Waiting { what, .. } => return Err(format!("{}: it {what}", dropped.label.display())),
            Finding::NoJob => return Err(format!("{}: its job file is empty", dropped.label.display())),
        };
        let calc = accept(&dropped, &ready, job).map_err(not_kept)?.folder;
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
