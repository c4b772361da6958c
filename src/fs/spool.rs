//! `new/`: files that are dropped, told to [`Jobs`] when they are closed.
//!
//! On disk the spool is `.oqfs/new` in the data directory, so that what was dropped survives a restart. A file whose job was
//! accepted has been moved away and is not listed any more, but its name answers those that wrote it, for some seconds, with the file
//! where it is now ([`super::ghosts`]). Writing to such a name makes a new file.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::arrivals::Arrivals;
use super::ghosts::{Ghosts, Writers};
use super::said::{README, Said, SaidFile};
use super::{Caller, DirEntry, Errno, HIDDEN, Jobs, Result, real, sys};
use crate::datastore::DataDir;

const STATUS: &str = ".status";
const ERROR: &str = ".error";

pub struct Spool {
    pub(super) root: OwnedFd,
    said_file: SaidFile,
    said: Mutex<BTreeMap<String, Said>>,
    pub(super) ghosts: Ghosts,
    pub(super) writers: Writers,
    pub(super) jobs: Option<Arc<dyn Jobs>>,
    pub(super) arrivals: Arrivals,
    /// Keeps the directory open that the path of `said` goes through.
    _dir: DataDir,
}

/// What is at a path of the spool.
pub enum Found {
    Here(OwnedFd),
    /// Moved away.
    Ghost(OwnedFd),
}

impl Found {
    pub fn fd(&self) -> &OwnedFd {
        match self {
            Self::Here(fd) | Self::Ghost(fd) => fd,
        }
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.arrivals.settling.end();
    }
}

/// The spool of a data directory, made if it is missing.
fn spool_of(dir: &DataDir) -> io::Result<OwnedFd> {
    let path = dir.path().join(HIDDEN).join("new");
    match fs::create_dir_all(&path) {
        Err(e) if e.kind() == io::ErrorKind::ReadOnlyFilesystem => return nowhere(),
        made => made?,
    }
    // who may write in the data directory may drop jobs; one whose owner is another stays as that one made it
    let _ = fs::set_permissions(&path, fs::metadata(dir.path())?.permissions());
    let new = Path::new(HIDDEN).join("new");
    sys::open_at(dir.fd(), new.as_os_str(), libc::O_PATH, 0).map_err(|e: Errno| io::Error::from_raw_os_error(e.0))
}

/// A directory that is gone: nothing was dropped there, and nothing can be.
fn nowhere() -> io::Result<OwnedFd> {
    Ok(fs::File::open(tempfile::tempdir()?.path())?.into())
}

impl Spool {
    pub fn open(dir: &DataDir, jobs: Option<Arc<dyn Jobs>>) -> io::Result<Self> {
        let root = if jobs.is_some() { spool_of(dir)? } else { nowhere()? };
        let said_file = SaidFile::new(dir.path().join(HIDDEN).join("said.json"));
        let said = said_file.read();
        Ok(Self {
            root,
            said_file,
            said: Mutex::new(said),
            ghosts: Ghosts::default(),
            writers: Writers::default(),
            jobs,
            arrivals: Arrivals::default(),
            _dir: dir.clone(),
        })
    }

    /// True if somebody takes jobs.
    pub fn is_served(&self) -> bool {
        self.jobs.is_some()
    }

    /// The spool on disk; good in this process alone.
    pub fn path(&self) -> PathBuf {
        PathBuf::from(OsStr::new(sys::path_of(&self.root).to_str().unwrap_or_default()))
    }

    pub(super) fn said(&self) -> MutexGuard<'_, BTreeMap<String, Said>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is at `path`, or was until a moment ago.
    pub fn find(&self, path: &Path) -> Result<Found> {
        self.find_or(path, || self.ghosts.find(path))
    }

    /// As [`Self::find`], for a caller, who sees what was moved away only if it wrote that.
    pub fn find_for(&self, path: &Path, caller: Caller) -> Result<Found> {
        self.find_or(path, || self.ghosts.find_for(path, caller.thread))
    }

    fn find_or(&self, path: &Path, ghost: impl FnOnce() -> Option<PathBuf>) -> Result<Found> {
        if path.as_os_str().is_empty() {
            return Ok(Found::Here(sys::open_at(&self.root, OsStr::new("."), libc::O_PATH, 0)?));
        }
        match sys::handle_at(&self.root, path.as_os_str()) {
            Err(Errno::ENOENT | Errno::ENOTDIR) => {
                let to = ghost().ok_or(Errno::ENOENT)?;
                // The path is absolute, so the directory does not count.
                Ok(Found::Ghost(sys::handle_at(&self.root, to.as_os_str())?))
            }
            found => Ok(Found::Here(found?)),
        }
    }

    /// Makes the directories above `path` that were moved away.
    fn revive_above(&self, path: &Path) -> Result<()> {
        let mut above: Vec<&Path> = path.ancestors().skip(1).filter(|p| !p.as_os_str().is_empty()).collect();
        above.reverse();
        for dir in above {
            if let Found::Ghost(_) = self.find(dir)? {
                sys::mkdir_at(&self.root, dir.as_os_str(), 0o755)?;
            }
        }
        Ok(())
    }

    /// Makes sure that the file at `path` is here to be written to: if it was moved away, it is a copy.
    pub fn revive(&self, path: &Path) -> Result<()> {
        let Found::Ghost(fd) = self.find(path)? else { return Ok(()) };
        self.revive_above(path)?;
        let mut from = fs::File::from(sys::reopen(&fd, libc::O_RDONLY)?);
        let st = sys::stat(&fd)?;
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL;
        let mut to = fs::File::from(sys::open_at(&self.root, path.as_os_str(), flags, st.st_mode & 0o7777)?);
        io::copy(&mut from, &mut to)?;
        self.ghosts.bury(path);
        Ok(())
    }

    /// Notes that something new is at `path`, which the caller made. True if that name answered others still.
    fn made(&self, path: &Path, caller: Caller) -> bool {
        self.writers.add(path, caller.thread);
        self.ghosts.bury(path)
    }

    /// Creates a file. Here and below, true if the name answered others still: what they know is another inode.
    pub fn create(&self, path: &Path, flags: i32, mode: u32, caller: Caller) -> Result<(OwnedFd, bool)> {
        self.revive_above(path)?;
        let (file, _) = real::create_file(&self.root, path.as_os_str(), flags, mode, caller)?;
        Ok((file, self.made(path, caller)))
    }

    pub fn mkdir(&self, path: &Path, mode: u32, caller: Caller) -> Result<()> {
        self.revive_above(path)?;
        let make = |mode| sys::mkdir_at(&self.root, path.as_os_str(), mode);
        real::make_node(&self.root, path.as_os_str(), mode, caller, make)?;
        self.made(path, caller);
        Ok(())
    }

    pub fn symlink(&self, path: &Path, target: &OsStr, caller: Caller) -> Result<bool> {
        self.revive_above(path)?;
        sys::symlink_at(target, &self.root, path.as_os_str())?;
        real::finish_new(sys::handle_at(&self.root, path.as_os_str())?, None, caller)?;
        Ok(self.made(path, caller))
    }

    /// Links a file to `path`.
    pub fn link(&self, fd: impl AsFd, path: &Path, caller: Caller) -> Result<bool> {
        self.revive_above(path)?;
        sys::link_at(fd, &self.root, path.as_os_str())?;
        Ok(self.made(path, caller))
    }

    /// Removes a file, or an empty directory if `flags` say so.
    pub fn remove(&self, path: &Path, flags: i32) -> Result<()> {
        match sys::unlink_at(&self.root, path.as_os_str(), flags) {
            Err(Errno::ENOENT | Errno::ENOTDIR) => {
                if self.ghosts.bury(path) {
                    Ok(())
                } else {
                    Err(Errno::ENOENT)
                }
            }
            result => result.inspect(|()| self.writers.forget(path)),
        }
    }

    /// Renames within the spool. True if a file is in its place now that was not moved away before.
    pub fn rename(&self, from: &Path, to: &Path, flags: u32, caller: Caller) -> Result<bool> {
        let source = self.find(from)?;
        if let Found::Ghost(_) = source {
            let (now_at, writers) = (self.ghosts.find(from), self.ghosts.writers(from));
            self.ghosts.bury(from);
            self.ghosts.add(to, now_at, writers);
            return Ok(false);
        }
        self.revive_above(to)?;
        sys::rename_at(&self.root, from.as_os_str(), &self.root, to.as_os_str(), flags)?;
        if flags & libc::RENAME_EXCHANGE == 0 {
            self.writers.rename(from, to);
        }
        self.made(to, caller);
        Ok(true)
    }

    /// Renames `name` in `dir`, a directory outside, to `to` in the spool.
    pub fn rename_in(&self, dir: impl AsFd, name: &OsStr, to: &Path, flags: u32, caller: Caller) -> Result<()> {
        self.revive_above(to)?;
        sys::rename_at(dir, name, &self.root, to.as_os_str(), flags)?;
        self.writers.forget(to);
        self.made(to, caller);
        Ok(())
    }

    /// Renames `from` in the spool to `name` in `dir`, a directory outside.
    pub fn rename_out(&self, from: &Path, dir: impl AsFd, name: &OsStr, flags: u32) -> Result<()> {
        sys::rename_at(&self.root, from.as_os_str(), dir, name, flags)?;
        self.writers.forget(from);
        Ok(())
    }

    /// What is in the directory at `path`; nothing if it was moved away.
    pub fn list(&self, path: &Path) -> Result<Vec<DirEntry>> {
        let Found::Here(fd) = self.find(path)? else { return Ok(vec![]) };
        let listed = match sys::read_dir(sys::reopen(fd, libc::O_RDONLY | libc::O_DIRECTORY)?) {
            // The spool of a mount that cannot have one is a directory that was removed.
            Err(Errno::ENOENT) => vec![],
            listed => listed?,
        };
        Ok(listed.into_iter().map(|(name, kind, ino)| DirEntry { name, kind, ino }).collect())
    }

    /// Notes what is said of a job.
    pub(super) fn say(&self, job: String, what: Option<Said>) {
        // That it cannot be kept is no reason to refuse a job.
        if let Err(e) = self.said_file.add(&job, what.as_ref()) {
            log::warn!("{HIDDEN}/said.json: {e}");
        }
        let mut said = self.said();
        match what {
            Some(what) => drop(said.insert(job, what)),
            None => drop(said.remove(&job)),
        }
    }

    /// What was said under the name of a file in `new/`.
    pub fn said_as(&self, name: &OsStr) -> Option<Said> {
        let name = name.to_str()?;
        if name == README {
            return self.is_served().then_some(Said::How);
        }
        let said = self.said();
        if let Some(found) = name.strip_suffix(ERROR).and_then(|job| said.get(job)) {
            return matches!(found, Said::Refused(_)).then(|| found.clone());
        }
        let found = name.strip_suffix(STATUS).and_then(|job| said.get(job))?;
        (!matches!(found, Said::Refused(_))).then(|| found.clone())
    }

    /// The names of the files in `new/` that say what became of jobs.
    pub fn said_names(&self) -> Vec<OsString> {
        let name = |(job, said): (&String, &Said)| match said {
            Said::Refused(_) => format!("{job}{ERROR}").into(),
            Said::Waiting(_) | Said::Checking | Said::Calc(_) | Said::How => format!("{job}{STATUS}").into(),
        };
        let how = self.is_served().then(|| README.into());
        how.into_iter().chain(self.said().iter().map(name)).collect()
    }

    /// Forgets what was said under the name of a file in `new/`.
    pub fn unsay(&self, name: &OsStr) {
        let text = name.to_string_lossy();
        if let Some(job) = text.strip_suffix(ERROR).or_else(|| text.strip_suffix(STATUS)) {
            self.say(job.to_string(), None);
        }
    }
}
