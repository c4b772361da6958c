//! Locks on files on disk, `fcntl`'s and `flock`'s: taken on the real file, so that processes that have it open beside the mount
//! take part.
//!
//! The kernel says whose a lock is by a number, that of a process (`fcntl`) or of an open file (`flock`). Each has an open file
//! description of its own here; on it a lock of a process is one of the description. It goes with the first descriptor that the process
//! closes, or with the last of the open file, as the locks themselves do.
//!
//! Which of the two is asked for is not told: `fuser` does not pass that on. What is asked for a part of a file can only be
//! `fcntl`'s. What is asked for all of it may be either and is taken as both, unless the file is open in a way for which the kernel
//! refuses it to `fcntl`.
//!
//! Who gets a lock sees what those who had it before wrote, beside the mount too: if the file changed since that owner had a lock,
//! the kernel is to forget what it keeps of it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::process::has_signal;
use super::{Errno, Fh, Fs, Ino, Result, sys};

/// Tries for a lock that another has are at first so far apart, and twice as far each time, to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(16);

/// A file that changes again within this time may have the same times as before.
const TIMES_TELL_APART: Duration = Duration::from_millis(50);

/// What a lock lets others do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockKind {
    /// Have it too.
    Shared,
    /// Have none.
    Exclusive,
    /// All: there is none, or none any more.
    Free,
}

impl LockKind {
    /// The kind that `fcntl` calls so; `None` if it is none of its.
    pub fn of_fcntl(kind: i32) -> Option<Self> {
        match kind {
            libc::F_RDLCK => Some(Self::Shared),
            libc::F_WRLCK => Some(Self::Exclusive),
            libc::F_UNLCK => Some(Self::Free),
            _ => None,
        }
    }

    /// What `fcntl` calls it.
    pub fn to_fcntl(self) -> i32 {
        match self {
            Self::Shared => libc::F_RDLCK,
            Self::Exclusive => libc::F_WRLCK,
            Self::Free => libc::F_UNLCK,
        }
    }
}

/// A lock that is asked for, or in the way of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    pub kind: LockKind,
    /// The first byte.
    pub start: u64,
    /// The last byte; [`Lock::END`] for all to the end, wherever that is.
    pub end: u64,
    /// Whose it is, by the kernel's number.
    pub owner: u64,
    /// The process that has it or asks for it; 0 if not known.
    pub pid: u32,
}

impl Lock {
    /// The last byte a file can have.
    pub const END: u64 = i64::MAX as u64;

    fn is_of_all(&self) -> bool {
        self.start == 0 && self.end >= Self::END
    }

    /// True if `fcntl` cannot have asked for it on a file that is open for `access`.
    fn is_of_open_file(&self, access: i32) -> bool {
        match self.kind {
            LockKind::Shared => access == libc::O_WRONLY,
            LockKind::Exclusive => access == libc::O_RDONLY,
            LockKind::Free => false,
        }
    }
}

/// The open file description of an owner of locks.
#[derive(Debug)]
struct Held {
    fd: OwnedFd,
    writable: bool,
    /// What was open when it was made.
    fh: Fh,
    pid: u32,
    /// The file as it was when a lock was given last.
    seen: Mutex<Option<Seen>>,
}

/// Size and times of a file; any later change gives others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    size: i64,
    modified: (i64, u64),
    changed: (i64, u64),
}

impl Held {
    /// True if the file may be another than when this owner had a lock last.
    fn may_have_changed(&self) -> Result<bool> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let st = sys::stat(&self.fd)?;
        let (modified, changed) = ((st.st_mtime, st.st_mtime_nsec), (st.st_ctime, st.st_ctime_nsec));
        let seen = Seen { size: st.st_size, modified, changed };
        let last = Duration::new(u64::try_from(changed.0).unwrap_or(0), u32::try_from(changed.1).unwrap_or(0));
        let settled = now.saturating_sub(last) > TIMES_TELL_APART;
        let before =
            std::mem::replace(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner), settled.then_some(seen));
        Ok(before != Some(seen))
    }
}

/// Who has locks, by inode and owner.
#[derive(Debug, Default)]
pub(super) struct Locks(Mutex<HashMap<(Ino, u64), Arc<Held>>>);

impl Locks {
    fn table(&self) -> MutexGuard<'_, HashMap<(Ino, u64), Arc<Held>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The description of the owner of `lock`, made if it has none; `file` is open for `access`.
    fn description(&self, ino: Ino, fh: Fh, file: &OwnedFd, access: i32, lock: &Lock) -> Result<Arc<Held>> {
        let open = || -> Result<Arc<Held>> {
            // For a reader alone that locks as HDF5 does: one open for writing would, when it is closed, be taken for a writer.
            let reads = access == libc::O_RDONLY && lock.is_of_all();
            let wanted = if reads { libc::O_RDONLY } else { libc::O_RDWR };
            let opened = sys::reopen(file, wanted).map(|fd| (fd, wanted));
            let (fd, has) = opened.or_else(|_| sys::reopen(file, access).map(|fd| (fd, access)))?;
            Ok(Arc::new(Held { fd, writable: has != libc::O_RDONLY, fh, pid: lock.pid, seen: Mutex::default() }))
        };
        match self.table().entry((ino, lock.owner)) {
            Entry::Vacant(place) => Ok(place.insert(open()?).clone()),
            Entry::Occupied(mut place) => {
                if lock.kind == LockKind::Exclusive && access != libc::O_RDONLY && !place.get().writable {
                    place.insert(open()?);
                }
                Ok(place.get().clone())
            }
        }
    }

    /// Takes a lock on what `file` is open on, or gives it up. True as [`Fs::lock`] says.
    fn set(&self, ino: Ino, fh: Fh, file: &OwnedFd, lock: &Lock) -> Result<bool> {
        let frees = lock.kind == LockKind::Free;
        if frees && !self.table().contains_key(&(ino, lock.owner)) {
            return Ok(false);
        }
        let access = sys::access_of(file)?;
        let held = self.description(ino, fh, file, access, lock)?;
        if lock.is_of_all() {
            sys::lock_open_file(&held.fd, lock.kind)?;
        }
        if !lock.is_of_open_file(access) {
            sys::lock_bytes(&held.fd, lock).inspect_err(|_| {
                if lock.is_of_all() {
                    let _ = sys::lock_open_file(&held.fd, LockKind::Free);
                }
            })?;
        }
        Ok(!frees && held.may_have_changed()?)
    }

    /// The lock in the way of `lock`; its kind is [`LockKind::Free`] if there is none.
    fn in_the_way(&self, ino: Ino, file: &OwnedFd, lock: &Lock) -> Result<Lock> {
        let table = self.table();
        let mut found = match table.get(&(ino, lock.owner)) {
            Some(held) => sys::lock_in_the_way(&held.fd, lock)?,
            None => sys::lock_in_the_way(file, lock)?,
        };
        if found.kind != LockKind::Free && found.pid == 0 {
            // A description's, most likely one of these.
            let mut others = table.iter().filter(|((of, owner), _)| *of == ino && *owner != lock.owner);
            if let (Some((_, held)), None) = (others.next(), others.next()) {
                found.pid = held.pid;
            }
        }
        Ok(found)
    }

    /// `owner` closed a descriptor of `ino`: if it is a process, its locks are gone.
    pub fn closed_by(&self, ino: Ino, owner: u64) {
        self.table().remove(&(ino, owner));
    }

    /// An open file is closed for good: so are its locks.
    pub fn released(&self, fh: Fh) {
        self.table().retain(|_, held| held.fh != fh);
    }
}

impl Fs {
    /// Takes a lock on an open file or gives it up, without waiting. True if the kernel must forget what it keeps of the file before
    /// the lock is told of. What is on no disk, which nobody can change, needs no lock.
    ///
    /// # Errors
    /// `EAGAIN` if another has a lock that is in the way.
    pub fn lock(&self, ino: Ino, fh: Fh, lock: &Lock) -> Result<bool> {
        match self.handles.get(fh)?.fd() {
            Some(file) => self.locks.set(ino, fh, file, lock),
            None => Ok(false),
        }
    }

    /// As [`Self::lock`], waiting for it on behalf of the thread `waiter`.
    ///
    /// # Errors
    /// `EINTR` once a signal waits for that thread, which nothing else would get out of the request.
    pub fn lock_when_free(&self, ino: Ino, fh: Fh, lock: &Lock, waiter: u32) -> Result<bool> {
        let mut pause = FIRST_PAUSE;
        loop {
            match self.lock(ino, fh, lock) {
                Err(Errno::EAGAIN) if has_signal(waiter) => return Err(Errno(libc::EINTR)),
                Err(Errno::EAGAIN) => std::thread::sleep(pause),
                result => return result,
            }
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    /// The lock in the way of `lock` on an open file; its kind is [`LockKind::Free`] if there is none.
    pub fn lock_in_the_way(&self, ino: Ino, fh: Fh, lock: &Lock) -> Result<Lock> {
        match self.handles.get(fh)?.fd() {
            Some(file) => self.locks.in_the_way(ino, file, lock),
            None => Ok(Lock { kind: LockKind::Free, ..*lock }),
        }
    }
}
