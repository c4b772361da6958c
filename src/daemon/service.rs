//! The daemon behind `new/`: jobs that arrive there are taken in, checked and queued.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use tempfile::TempDir;

use super::cancel::{NotCancelled, cancel};
use super::checking::{Checking, Places};
use super::intake::{Dropped, Finding, look};
use super::job_check::JobCheck;
use super::on_end::OnEnd;
use super::order::{NotMoved, reorder};
use super::parcel::{adopt, is_parcel};
use super::queue::Queue;
use super::remove::{NotRemoved, remove};
use super::runner::Runner;
use super::stage::{Contents, clean, rights_of, unpacking};
use super::submission::shown;
use crate::datastore::{CalcFolder, CalcRef, DataDir};
use crate::fs::{Arrival, Declined, HIDDEN, Jobs, Moved, Verdict, Wish};
use crate::job::{extract, found_in, is_archive};

/// Takes in jobs and runs them. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Daemon(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    dir: DataDir,
    runner: Runner,
    queue: Queue,
    on_end: Option<OnEnd>,
    places: Arc<Places>,
}

impl Daemon {
    /// Start with the jobs that were accepted and not finished; run `jobs` at a time, each where `runner` says.
    /// `on_end` is called with each calculation that has ended.
    pub fn start(dir: DataDir, jobs: usize, runner: Runner, on_end: Option<OnEnd>) -> Result<Daemon> {
        clean(&dir);
        let queue = Queue::start_telling(dir.clone(), jobs, runner.clone(), on_end.clone())?;
        Ok(Daemon(Arc::new(Shared { dir, runner, queue, on_end, places: Arc::default() })))
    }

    /// A calculation has ended that was accepted and is not run.
    pub(super) fn ended(&self, folder: &CalcFolder) {
        if let Some(on_end) = &self.0.on_end {
            on_end.tell(folder);
        }
    }

    /// Stop what runs, which is `queued` then, and start no more.
    pub fn stop(&self) {
        self.0.queue.stop();
    }

    /// Run a calculation whose job has been accepted.
    pub(super) fn run(&self, calc: u32) {
        self.0.queue.push(calc);
    }

    /// What is to be said of the job of something that came. Those of `wrong`, job files, are known to be wrong.
    pub(super) fn judge(&self, came: Came, wrong: BTreeSet<PathBuf>) -> Verdict {
        self.told(self.found(came, wrong))
    }

    /// A verdict with the paths that users know.
    pub(super) fn told(&self, verdict: Verdict) -> Verdict {
        let told = |text: &str| self.0.dir.told(text);
        match verdict {
            Verdict::Waiting { job, what } => Verdict::Waiting { job, what: told(&what) },
            Verdict::Refused { job, why, by_it } => Verdict::Refused { job, why: told(&why), by_it },
            other @ (Verdict::NotAJob | Verdict::Checking { .. } | Verdict::Accepted { .. }) => other,
        }
    }

    fn found(&self, came: Came, wrong: BTreeSet<PathBuf>) -> Verdict {
        let of_archive = |why: String| Verdict::Refused {
            job: came.name(&came.dropped.label),
            why: format!("{}: {why}", came.dropped.label.display()),
            by_it: true,
        };
        match look(&came.dropped, &wrong) {
            Finding::NoJob if came.archive.is_some() => of_archive("its job file is empty".into()),
            Finding::Waiting { what, .. } if came.archive.is_some() => of_archive(format!("it {what}")),
            Finding::NoJob => Verdict::NotAJob,
            Finding::Waiting { job_file, what } => Verdict::Waiting { job: came.name(&job_file), what },
            Finding::Refused { job_file, why, by_it } => Verdict::Refused { job: came.name(&job_file), why, by_it },
            Finding::Complete(complete) => {
                let (job, complete) = (came.name(&complete.job_file), Arc::new(complete));
                match Checking::start(&complete, &self.0.runner, &self.0.places) {
                    Ok(checking) => Verdict::Checking {
                        job: job.clone(),
                        check: Box::new(JobCheck::new(self.clone(), came, complete, checking, job, wrong)),
                    },
                    Err(error) => {
                        Verdict::Refused { job, why: format!("the job cannot be checked: {error}"), by_it: true }
                    }
                }
            }
        }
    }

    /// A job that came as an archive has to be all in it. A packed calculation becomes one here.
    fn unpacked(&self, arrival: &Arrival) -> Result<Unpacked, String> {
        let (path, label) = (arrival.path(), Path::new("new").join(&arrival.file));
        let metadata = fs::metadata(&path).map_err(|e| format!("{}: {e}", label.display()))?;
        let unpacked = unpacking(&self.0.dir).map_err(|e| format!("it cannot be unpacked: {e}"))?;
        let as_shown = |message: String| shown(&shown(&message, &path, &label), unpacked.path(), &label);
        extract(&path, unpacked.path()).map_err(|e| as_shown(e.to_string()))?;
        if is_parcel(unpacked.path()) {
            let adopted = adopt(&self.0.dir, unpacked.path(), rights_of(arrival.by).as_ref());
            let calc = adopted.map_err(|e| as_shown(format!("{}: {e:#}", label.display())))?;
            // it is safe as a calculation; what stays in the spool is only untidy
            let _ = fs::remove_file(&path);
            // programs look at what they have just written: there is nothing better to show for it
            let found =
                self.0.dir.find(&CalcRef::Id(calc)).map(|found| Moved { from: arrival.file.clone(), to: found.real });
            return Ok(Unpacked::Calculation { calc, moved: found.into_iter().collect() });
        }
        let job_file = found_in(&path, unpacked.path()).map_err(|e| as_shown(e.to_string()))?;
        let scope = Path::new(HIDDEN).join(unpacked.path().file_name().unwrap_or_default());
        let inside = job_file.strip_prefix(unpacked.path()).map_err(|e| e.to_string())?;
        let dropped = Dropped {
            dir: self.0.dir.clone(),
            file: scope.join(inside),
            scope,
            is_folder: true,
            label,
            unfinished: Vec::new(),
            rights: rights_of(arrival.by),
            settled: false,
        };
        let archive =
            Archive { path, file: arrival.file.clone(), contents: Contents::of(&metadata), _unpacked: unpacked };
        Ok(Unpacked::Job(Box::new(Came { dropped, name: Some(stem(&arrival.file)), archive: Some(archive) })))
    }

    /// A file that arrived, with those beside it.
    pub(super) fn files(&self, arrival: &Arrival) -> Came {
        let (spool, folder) = (Path::new("new"), arrival.folder_name());
        let scope = folder.map_or(spool.to_path_buf(), |name| spool.join(name));
        let dropped = Dropped {
            dir: self.0.dir.clone(),
            file: spool.join(&arrival.file),
            is_folder: folder.is_some(),
            label: scope.clone(),
            scope,
            unfinished: arrival.unfinished.iter().map(|file| spool.join(file)).collect(),
            rights: rights_of(arrival.by),
            settled: arrival.settled,
        };
        Came { dropped, name: folder.map(|folder| folder.to_string_lossy().into_owned()), archive: None }
    }
}

impl Jobs for Daemon {
    fn arrived(&self, arrival: &Arrival) -> Verdict {
        if arrival.folder_name().is_some() || !is_archive(&arrival.file) {
            return self.judge(self.files(arrival), BTreeSet::new());
        }
        match self.unpacked(arrival) {
            Ok(Unpacked::Job(came)) => self.judge(*came, BTreeSet::new()),
            Ok(Unpacked::Calculation { calc, moved }) => {
                Verdict::Accepted { job: stem(&arrival.file), calc, moved, check: None }
            }
            Err(why) => self.told(Verdict::Refused { job: stem(&arrival.file), why, by_it: true }),
        }
    }

    fn asked(&self, calc: u32, wish: Wish, owner: Option<u32>) -> Result<(), Declined> {
        let folder = self.0.dir.calc(calc).map_err(|_| Declined::NotOurs)?;
        match wish {
            Wish::Cancel => cancel(&folder).map_err(|error| match error {
                NotCancelled::Final { .. } => Declined::Over,
                NotCancelled::NoJob { .. } => Declined::NotOurs,
                NotCancelled::Slow { .. } => Declined::Busy,
                NotCancelled::Datastore(error) => Declined::Failed(error.to_string()),
            }),
            Wish::Remove => remove(&folder).map_err(|error| match error {
                NotRemoved::NoJob { .. } => Declined::NotOurs,
                NotRemoved::InUse { .. } => Declined::Busy,
                NotRemoved::Datastore(error) => Declined::Failed(error.to_string()),
            }),
            Wish::Move(to) => reorder(&self.0.dir, calc, to, owner).map_err(|error| match error {
                NotMoved::NotWaiting(id) if id == calc => Declined::NotWaiting,
                NotMoved::NotWaiting(_) => Declined::OtherNotWaiting,
                NotMoved::Others(_) => Declined::Others,
                NotMoved::Datastore(error) => Declined::Failed(error.to_string()),
            }),
        }
    }
}

/// What an archive is.
enum Unpacked {
    Job(Box<Came>),
    /// A packed calculation, which is one here now; the archive is gone.
    Calculation {
        calc: u32,
        moved: Vec<Moved>,
    },
}

/// What came: a file with those beside it, or an archive.
#[derive(Debug)]
pub(super) struct Came {
    pub dropped: Dropped,
    /// The name of the folder or of the archive, which the job has; a job file by itself names its job.
    name: Option<String>,
    pub archive: Option<Archive>,
}

/// An archive, unpacked.
#[derive(Debug)]
pub(super) struct Archive {
    /// On disk.
    pub path: PathBuf,
    /// From the spool.
    pub file: PathBuf,
    /// What was unpacked.
    pub contents: Contents,
    _unpacked: TempDir,
}

impl Came {
    /// The name of its job, by the job file.
    fn name(&self, job_file: &Path) -> String {
        self.name.clone().unwrap_or_else(|| stem(job_file))
    }
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
