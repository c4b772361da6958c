//! The check of a job that arrived, and what follows from it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;

use super::accept::{Taken, accept};
use super::checking::Checking;
use super::intake::CompleteJob;
use super::service::{Came, Daemon};
use super::work::{ended, take};
use crate::datastore::{CalcFolder, JobState, State};
use crate::fs::{Arrival, Check, Jobs, Moved, Verdict};

/// What the archive of a job is called in its calculation's folder.
const ARCHIVE: &str = "job.zip";

/// The check of a job, all of whose files have arrived.
#[derive(Debug)]
pub struct JobCheck {
    daemon: Daemon,
    came: Came,
    complete: Arc<CompleteJob>,
    checking: Checking,
    /// What the job is called in `new/`.
    job: String,
    /// The job files beside it that are known to be wrong.
    wrong: BTreeSet<PathBuf>,
    /// Its calculation, if it was accepted before the check was over.
    calc: Option<CalcFolder>,
}

impl JobCheck {
    /// One that has been started.
    pub(super) fn new(
        daemon: Daemon,
        came: Came,
        complete: Arc<CompleteJob>,
        checking: Checking,
        job: String,
        wrong: BTreeSet<PathBuf>,
    ) -> JobCheck {
        JobCheck { daemon, came, complete, checking, job, wrong, calc: None }
    }

    /// Whether what is checked is what is in the spool still.
    fn is_current(&self, arrival: &Arrival) -> bool {
        match &self.came.archive {
            Some(archive) => archive.contents.are_at(&archive.path),
            None => {
                let unfinished: Vec<PathBuf> =
                    arrival.unfinished.iter().map(|file| Path::new("new").join(file)).collect();
                self.complete.stage.is_current(&unfinished)
            }
        }
    }

    /// Accepts the job, with its description if the check is over.
    fn accept(mut self: Box<Self>, checked: Option<&str>) -> Verdict {
        let job = self.job.clone();
        let Taken { folder, files } = match accept(&self.came.dropped, &self.complete, &job, checked) {
            Ok(taken) => taken,
            Err(error) => {
                return Verdict::Refused { job, why: format!("the job could not be kept: {error:#}"), by_it: true };
            }
        };
        let from = |path: PathBuf| path.strip_prefix("new").map_or(path.clone(), Path::to_path_buf);
        let mut moved: Vec<Moved> = files.into_iter().map(|(old, to)| Moved { from: from(old), to }).collect();
        if let Some(archive) = &self.came.archive {
            // programs look at what they have just written
            let kept = folder.path().join(ARCHIVE);
            let is_moved = std::fs::rename(&archive.path, &kept).is_ok();
            moved = is_moved.then(|| Moved { from: archive.file.clone(), to: kept }).into_iter().collect();
        }
        let calc = folder.id();
        if checked.is_some() {
            self.daemon.run(calc);
            return Verdict::Accepted { job, calc, moved, check: None };
        }
        self.calc = Some(folder);
        Verdict::Accepted { job, calc, moved, check: Some(self) }
    }

    /// Refuses the job, unless the file that arrived completes another one.
    fn refuse(self, why: &str, arrival: &Arrival) -> Verdict {
        let JobCheck { daemon, came, complete, job, mut wrong, .. } = self;
        let why = came.dropped.said(&complete.stage, why);
        if came.archive.is_none() && !came.dropped.settled {
            wrong.insert(complete.job_file.clone());
            let verdict = daemon.judge(daemon.files(arrival), wrong);
            if matches!(verdict, Verdict::Checking { .. }) {
                return verdict;
            }
        }
        Verdict::Refused { job, why, by_it: true }
    }

    /// Says what was found of a job that was accepted already.
    fn conclude_accepted(mut self: Box<Self>, folder: CalcFolder) -> Verdict {
        let (job, calc) = (self.job.clone(), folder.id());
        let accepted = |check| Verdict::Accepted { job: job.clone(), calc, moved: Vec::new(), check };
        let Some(checked) = self.checking.result().cloned() else {
            self.calc = Some(folder);
            return accepted(Some(self));
        };
        let said = match checked {
            Ok(description) => {
                folder.as_owner(|| queue(&folder, description)).map_err(Into::into).flatten().map(|is| {
                    if is {
                        self.daemon.run(calc)
                    } else {
                        self.daemon.ended(&folder)
                    }
                    None
                })
            }
            // it was cancelled or removed meanwhile
            Err(_) if !is_going_on(&folder) => {
                self.daemon.ended(&folder);
                Ok(None)
            }
            Err(why) => {
                let why = self.came.dropped.said(&self.complete.stage, &why);
                let end = || ended(folder.dir(), calc, State::Failed, &why);
                let ended = folder.as_owner(end).map_err(Into::into).flatten();
                self.daemon.ended(&folder);
                ended.map(|()| Some(why.clone()))
            }
        };
        match said {
            Ok(None) => accepted(None),
            Ok(Some(why)) => Verdict::Refused { job, why, by_it: false },
            Err(error) => {
                log::error!("calc_{calc}: {error:#}");
                Verdict::NotAJob
            }
        }
    }
}

impl Check for JobCheck {
    fn is_over(&mut self, most: Duration) -> bool {
        if self.calc.as_ref().is_some_and(|folder| !is_going_on(folder) || folder.is_asked_to_cancel()) {
            self.checking.call_off();
        }
        self.checking.is_over(most)
    }

    fn conclude(mut self: Box<Self>, arrival: &Arrival) -> Verdict {
        if let Some(folder) = self.calc.take() {
            return self.conclude_accepted(folder);
        }
        if !self.is_current(arrival) {
            return self.daemon.arrived(arrival);
        }
        match self.checking.result().cloned() {
            Some(Ok(description)) => self.accept(Some(&description)),
            Some(Err(why)) => self.refuse(&why, arrival),
            None if self.complete.stage.is_copied() => self.accept(None),
            None => Verdict::Checking { job: self.job.clone(), check: self },
        }
    }
}

/// Queues a calculation whose check is over; false if it was cancelled or removed meanwhile.
fn queue(folder: &CalcFolder, description: String) -> Result<bool> {
    let Some((folder, _claim)) = take(folder.dir(), folder.id(), &())? else { return Ok(false) };
    folder.set_state(&JobState { state: State::Queued, description, ..JobState::default() })?;
    Ok(true)
}

/// Whether a calculation is there and not over.
fn is_going_on(folder: &CalcFolder) -> bool {
    folder.state().is_ok_and(|state| state.is_some_and(|job| !job.state.is_final()))
}
