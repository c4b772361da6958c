//! One daemon a directory.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};

use super::{Errno, HIDDEN, LockKind, sys};
use crate::datastore::DataDir;

/// Held by the daemon of a data directory as long as it lives; the system gives it back however the process ends.
#[derive(Debug)]
pub struct DirLock(#[allow(dead_code)] File); // Held, not read.

/// Why a directory cannot be locked.
#[derive(Debug, thiserror::Error)]
pub enum NotLocked {
    /// Another daemon has it.
    #[error("held by process {0}")]
    Held(String),
    /// The same, where that one could not write down which process it is.
    #[error("held by another process; which one is written nowhere, because the file system is read-only")]
    HeldUnsaid,
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl DirLock {
    /// Takes the lock of `dir` and writes this process' id into it.
    ///
    /// Where nothing can be written, the lock is that of the directory itself.
    pub fn take(dir: &DataDir) -> Result<Self, NotLocked> {
        let hidden = dir.path().join(HIDDEN);
        let mut options = File::options();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = match fs::create_dir_all(&hidden).and_then(|()| options.open(hidden.join("lock"))) {
            Err(e) if e.kind() == io::ErrorKind::ReadOnlyFilesystem => return Self::of_directory(dir),
            file => file?,
        };
        match sys::lock_open_file(&file, LockKind::Exclusive) {
            Ok(()) => {}
            Err(Errno(libc::EWOULDBLOCK)) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder)?;
                return Err(NotLocked::Held(holder.trim().to_string()));
            }
            Err(e) => return Err(io::Error::from_raw_os_error(e.0).into()),
        }
        file.set_len(0)?;
        file.write_all_at(format!("{}\n", std::process::id()).as_bytes(), 0)?;
        file.flush()?;
        dir.mark_layout();
        Ok(Self(file))
    }

    /// The process that holds the lock of `dir`; `None` if nobody does. Nothing is made.
    ///
    /// # Errors
    /// If the file of the lock cannot be opened.
    pub fn holder(dir: &DataDir) -> io::Result<Option<String>> {
        let mut file = match File::open(dir.path().join(HIDDEN).join("lock")) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        match sys::lock_open_file(&file, LockKind::Shared) {
            Ok(()) => Ok(None),
            Err(Errno(libc::EWOULDBLOCK)) => {
                let mut holder = String::new();
                file.read_to_string(&mut holder)?;
                Ok(Some(holder.trim().to_string()))
            }
            Err(e) => Err(io::Error::from_raw_os_error(e.0)),
        }
    }

    fn of_directory(dir: &DataDir) -> Result<Self, NotLocked> {
        let file = File::open(dir.path())?;
        match sys::lock_open_file(&file, LockKind::Exclusive) {
            Ok(()) => Ok(Self(file)),
            Err(Errno(libc::EWOULDBLOCK)) => Err(NotLocked::HeldUnsaid),
            Err(e) => Err(io::Error::from_raw_os_error(e.0).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_one_is_told_who_holds_it() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(tmp.path()).unwrap();
        let lock = DirLock::take(&dir).unwrap();
        let held = DirLock::take(&dir).unwrap_err().to_string();
        assert_eq!(held, format!("held by process {}", std::process::id()));
        assert_eq!(DirLock::holder(&dir).unwrap(), Some(std::process::id().to_string()));
        drop(lock);
        assert_eq!(DirLock::holder(&dir).unwrap(), None);
        DirLock::take(&dir).unwrap();
    }
}
