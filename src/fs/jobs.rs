//! What the file system asks of whoever runs jobs.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{Caller, Declined, Wish};

/// Takes the jobs that are dropped in `new/`.
///
/// Calls come one at a time, on a thread that may wait, and should be short: others wait for their turn. An implementation must not touch
/// the mount point: it gets paths to the real files, good in this process alone.
pub trait Jobs: Send + Sync {
    /// A file in the spool was closed after new data, or renamed into place.
    fn arrived(&self, arrival: &Arrival) -> Verdict;

    /// Somebody who may ask for it wants something of a calculation: its `owner`, or, if there is none here, who may do anything to all.
    /// Comes beside the other calls, and may wait.
    fn asked(&self, calc: u32, wish: Wish, owner: Option<u32>) -> Result<(), Declined>;
}

/// The check of a job, which may take long and runs beside the turns of [`Jobs`].
pub trait Check: fmt::Debug + Send {
    /// Waits until it is over, at most so long: true if it is.
    fn is_over(&mut self, most: Duration) -> bool;

    /// What follows from it, in a turn: `arrival` is the one that began it, with what is unfinished now. A job whose check is not over is
    /// accepted, and its check goes on.
    fn conclude(self: Box<Self>, arrival: &Arrival) -> Verdict;
}

/// A file that arrived.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The spool, `new/`, on disk.
    pub root: PathBuf,
    /// The file's path from there: `job.ini`, or `demo/job.ini` in a spool folder.
    pub file: PathBuf,
    /// The files that somebody is still writing, by the same kind of path: they have not arrived.
    pub unfinished: Vec<PathBuf>,
    /// Nothing has arrived for [`SETTLED`] in the folder of the file.
    pub settled: bool,
    /// Who dropped it.
    pub by: Caller,
}

/// How long nothing arrives in a folder of the spool before a job starts whose file's name alone does not say that it is one.
pub const SETTLED: Duration = Duration::from_secs(2);

impl Arrival {
    /// The file on disk.
    pub fn path(&self) -> PathBuf {
        self.root.join(&self.file)
    }

    /// The folder the job's files are spooled in: `new/` itself, or a folder of it.
    pub fn folder(&self) -> PathBuf {
        match self.file.components().next() {
            Some(first) if self.file.components().count() > 1 => self.root.join(first),
            _ => self.root.clone(),
        }
    }

    /// The name of that folder, which names its job; `None` in `new/` itself.
    pub fn folder_name(&self) -> Option<&Path> {
        let first = self.file.components().next()?;
        (self.file.components().count() > 1).then(|| Path::new(first.as_os_str()))
    }
}

/// What becomes of a job. `job` names it in `new/`: `new/JOB.status`, `new/JOB.error`.
#[derive(Debug)]
pub enum Verdict {
    /// The file is no job and completes none.
    NotAJob,
    /// Files are missing, or more may come; `new/JOB.status` says which.
    Waiting { job: String, what: String },
    /// Its files are all here and are being checked.
    Checking { job: String, check: Box<dyn Check> },
    /// It is calculation `calc`; its files were moved. `new/JOB.status` follows the calculation. If its check goes on, that may refuse it
    /// yet.
    Accepted { job: String, calc: u32, moved: Vec<Moved>, check: Option<Box<dyn Check>> },
    /// It cannot be right, and `new/JOB.error` says why. Closing the file fails if that is news, or the file has a part in it.
    Refused { job: String, why: String, by_it: bool },
}

/// A file or folder that was moved out of the spool.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Its path from `new/`.
    pub from: PathBuf,
    /// Where it is now, on disk.
    pub to: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_an_arrival() {
        let arrival = |file: &str| Arrival {
            root: "/spool".into(),
            file: file.into(),
            unfinished: Vec::new(),
            settled: false,
            by: Caller { uid: 0, gid: 0, thread: 0, umask: 0 },
        };
        assert_eq!(arrival("job.ini").folder(), Path::new("/spool"));
        assert_eq!(arrival("job.ini").folder_name(), None);
        assert_eq!(arrival("demo/sub/x.xml").folder(), Path::new("/spool/demo"));
        assert_eq!(arrival("demo/sub/x.xml").folder_name(), Some(Path::new("demo")));
    }
}
