//! What arrives in the spool, told to [`super::Jobs`] in turn, and what comes of it.
//!
//! A job's check may take long. It runs beside the turns, and whoever closed the last file waits for it: until it is over, until a signal
//! is to end it, and for [`PATIENCE`] at most.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::process::is_to_end;
use super::said::Said;
use super::settling::Settling;
use super::spool::Spool;
use super::{Arrival, Caller, Check, Errno, Moved, Result, Verdict, sys};

/// How long the close of a file waits for the check of its job; then the job is accepted and the check goes on.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often is looked whether a signal waits for whoever waits for a check.
const LOOK: Duration = Duration::from_millis(20);
/// The same for a check that nobody waits for, which may be called off.
const AGAIN: Duration = Duration::from_millis(200);

/// Gives the files of the spool that somebody is still writing.
type Unfinished = Box<dyn Fn() -> Vec<PathBuf> + Send + Sync>;

/// What is known of arrivals.
#[derive(Default)]
pub struct Arrivals {
    unfinished: OnceLock<Unfinished>,
    /// Held while a job is judged.
    turn: Mutex<()>,
    /// The folders in which something arrived lately.
    pub(super) settling: Arc<Settling>,
}

impl Spool {
    /// Tells of what arrived at `path`, by the caller: a file, or all files of a directory.
    ///
    /// # Errors
    /// `EINVAL` if the job it belongs to cannot be right; `EINTR` if a signal is to end the caller during its check, which goes on.
    pub fn arrived(self: &Arc<Self>, path: &Path, caller: Caller) -> Result<()> {
        if !self.is_served() {
            return Ok(());
        }
        self.writers.add(path, caller.thread);
        for file in self.files_at(path) {
            let unfinished = self.unfinished();
            // one before it may have completed a job that it went with
            if !unfinished.contains(&file) && self.has(&file) {
                self.judge(Arrival { root: self.path(), file, unfinished, settled: false, by: caller })?;
            }
        }
        self.settle_later(path, caller);
        Ok(())
    }

    /// Starts the thread that looks at folders in which nothing has arrived for a while, those of an earlier mount included. It ends with
    /// the spool. `unfinished` gives the files that somebody is still writing.
    pub fn watch(self: &Arc<Self>, unfinished: impl Fn() -> Vec<PathBuf> + Send + Sync + 'static) -> io::Result<()> {
        let _ = self.arrivals.unfinished.set(Box::new(unfinished));
        for entry in self.list(Path::new("")).unwrap_or_default() {
            let Ok(st) = sys::stat_at(&self.root, &entry.name) else { continue };
            self.settle_later(Path::new(&entry.name), Caller { uid: st.st_uid, gid: st.st_gid, thread: 0, umask: 0 });
        }
        // not the spool itself, which would never end
        let (settling, spool) = (self.arrivals.settling.clone(), Arc::downgrade(self));
        let run = move || {
            while let Some((folder, by)) = settling.next() {
                let Some(spool) = spool.upgrade() else { return };
                let is_written = spool.unfinished().iter().any(|file| file.starts_with(&folder));
                if is_written { spool.settle_later(&folder, by) } else { spool.settled(&folder, by) }
            }
        };
        std::thread::Builder::new().name("spool".into()).spawn(run).map(drop)
    }

    fn unfinished(&self) -> Vec<PathBuf> {
        self.arrivals.unfinished.get().map(|unfinished| unfinished()).unwrap_or_default()
    }

    fn turn(&self) -> MutexGuard<'_, ()> {
        self.arrivals.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has(&self, file: &Path) -> bool {
        sys::stat_at(&self.root, file.as_os_str()).is_ok()
    }

    /// What comes of an arrival, for which somebody waits.
    fn judge(self: &Arc<Self>, mut arrival: Arrival) -> Result<()> {
        let Some(jobs) = &self.jobs else { return Ok(()) };
        let mut turn = self.turn();
        let mut verdict = jobs.arrived(&arrival);
        let until = Instant::now() + PATIENCE;
        while let Verdict::Checking { job, mut check } = verdict {
            self.say(job.clone(), Some(Said::Checking));
            drop(turn);
            if !wait_for(&mut *check, arrival.by.thread, until) {
                self.conclude_later(job, Said::Checking, check, arrival);
                return Err(Errno(libc::EINTR));
            }
            turn = self.turn();
            arrival.unfinished = self.unfinished();
            verdict = check.conclude(&arrival);
        }
        let (file, by) = (arrival.file.clone(), arrival.by);
        let took_files = matches!(&verdict, Verdict::Accepted { moved, .. } if !moved.is_empty());
        self.heed(verdict, arrival)?;
        drop(turn);
        if took_files && self.has(&file) {
            // another job waits for the same file
            let unfinished = self.unfinished();
            return self.judge(Arrival { root: self.path(), file, unfinished, settled: false, by });
        }
        Ok(())
    }

    /// Waits for a check on a thread of its own, and heeds what comes of it, unless something else than `said` is said of the job by then.
    fn conclude_later(self: &Arc<Self>, job: String, said: Said, mut check: Box<dyn Check>, mut arrival: Arrival) {
        let spool = Arc::clone(self);
        let run = move || {
            loop {
                while !check.is_over(AGAIN) {}
                let _turn = spool.turn();
                arrival.unfinished = spool.unfinished();
                let verdict = check.conclude(&arrival);
                if let Verdict::Checking { check: again, .. } = verdict {
                    check = again;
                    continue;
                }
                if spool.said().get(&job) == Some(&said) {
                    // nobody waits for the answer; a refusal is in its file
                    let _ = spool.heed(verdict, arrival);
                }
                return;
            }
        };
        if let Err(error) = std::thread::Builder::new().name("check".into()).spawn(run) {
            log::error!("no thread waits for the check of a job: {error}");
        }
    }

    /// Keeps what was said.
    fn heed(self: &Arc<Self>, verdict: Verdict, arrival: Arrival) -> Result<()> {
        match verdict {
            Verdict::NotAJob => {}
            Verdict::Waiting { job, what } => self.say(job, Some(Said::Waiting(what))),
            Verdict::Checking { job, check } => {
                self.say(job.clone(), Some(Said::Checking));
                self.conclude_later(job, Said::Checking, check, arrival);
            }
            Verdict::Refused { job, why, by_it } => {
                let said = Said::Refused(why);
                let is_news = self.said().get(&job) != Some(&said);
                self.say(job, Some(said));
                if by_it || is_news {
                    return Err(Errno::EINVAL);
                }
            }
            Verdict::Accepted { job, calc, moved, check } => {
                self.say(job.clone(), Some(Said::Calc(calc)));
                for Moved { from, to } in &moved {
                    self.ghosts.add(from, Some(to.clone()), self.writers.of(from));
                }
                for Moved { from, .. } in &moved {
                    self.writers.forget(from);
                }
                if let Some(check) = check {
                    self.conclude_later(job, Said::Calc(calc), check, arrival);
                }
            }
        }
        Ok(())
    }

    /// Has [`Self::settled`] called for the folder that a path is in, or is, when nothing has arrived there for a while.
    fn settle_later(&self, path: &Path, by: Caller) {
        let Some(top) = path.components().next().map(|first| PathBuf::from(first.as_os_str())) else { return };
        if sys::stat_at(&self.root, top.as_os_str()).is_ok_and(|st| st.st_mode & libc::S_IFMT == libc::S_IFDIR) {
            self.arrivals.settling.add(top, by);
        }
    }

    /// Nothing has arrived in a folder for a while: a job may start whose file's name alone does not say that it is one.
    fn settled(self: &Arc<Self>, folder: &Path, by: Caller) {
        let (Some(jobs), Some(file)) = (&self.jobs, self.files_at(folder).into_iter().next()) else { return };
        let arrival = Arrival { root: self.path(), file, unfinished: Vec::new(), settled: true, by };
        let _turn = self.turn();
        let verdict = jobs.arrived(&arrival);
        // nobody waits for the answer; a refusal is in its file
        let _ = self.heed(verdict, arrival);
    }

    /// The regular files at `path` and below that have content, and the symlinks.
    fn files_at(&self, path: &Path) -> Vec<PathBuf> {
        let Ok(st) = sys::stat_at(&self.root, path.as_os_str()) else { return vec![] };
        match st.st_mode & libc::S_IFMT {
            libc::S_IFREG if st.st_size > 0 => vec![path.to_owned()],
            libc::S_IFLNK => vec![path.to_owned()],
            libc::S_IFDIR => {
                let mut names: Vec<_> = self.list(path).unwrap_or_default().into_iter().map(|e| e.name).collect();
                names.sort();
                names.iter().flat_map(|name| self.files_at(&path.join(name))).collect()
            }
            _ => vec![],
        }
    }
}

/// Waits for a check on behalf of a thread, until then at most; false if a signal is to end the thread's process first.
fn wait_for(check: &mut dyn Check, thread: u32, until: Instant) -> bool {
    while !check.is_over(LOOK) && Instant::now() <= until {
        if is_to_end(thread) {
            return false;
        }
    }
    true
}
