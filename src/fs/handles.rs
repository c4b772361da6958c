//! Open files and directories.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::Metadata;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::attr::{DirEntry, Fh, Ino};
use super::process::Process;
use super::{Errno, Result};
use crate::view::File;

/// An open file or directory.
#[derive(Debug)]
pub enum Handle {
    /// A file on disk; the calculation whose datastore it is, if it is an engine's and open for writing; the descriptor that names it,
    /// which is kept meanwhile.
    Real { fd: OwnedFd, writes: Option<u32>, _named: Arc<OwnedFd> },
    /// A file of the spool.
    Spooled(Spooled),
    /// A file of a view, and whose owner and times it had when it was opened.
    View { file: Arc<File>, like: Box<Metadata>, readers: u32 },
    /// A text that is made when it is read from its beginning.
    Text { ino: Ino, text: Mutex<Vec<u8>> },
    /// A directory: its inode, and its entries as they were when it was opened or read from its beginning.
    Dir { ino: Ino, entries: Mutex<Arc<Vec<DirEntry>>> },
}

/// An open file of the spool.
#[derive(Debug)]
pub struct Spooled {
    pub ino: Ino,
    /// Who opened it.
    pub by: Process,
    pub flags: i32,
    pub fd: OwnedFd,
    /// What `fd` is open on was moved away, and is not to be written to.
    pub taken: bool,
    /// The file that is written to instead, once it is.
    pub fresh: OnceLock<OwnedFd>,
    /// There is data since it was told of.
    pub written: AtomicBool,
}

impl Spooled {
    /// Whether a close by a process says that the file is written: by the process that opened it, or by one that has a copy of the
    /// descriptor when that process has ended. A child that gives up its copy says nothing.
    pub fn is_closed_by(&self, process: Process) -> bool {
        self.by == process || !self.by.lives()
    }
}

impl Handle {
    /// The descriptor of a file on disk.
    pub fn fd(&self) -> Option<&OwnedFd> {
        match self {
            Self::Real { fd, .. } => Some(fd),
            Self::Spooled(spooled) => Some(spooled.fresh.get().unwrap_or(&spooled.fd)),
            _ => None,
        }
    }
}

/// All that is open, by number.
#[derive(Debug, Default)]
pub struct Handles {
    open: Mutex<HashMap<Fh, Arc<Handle>>>,
    next: AtomicU64,
}

impl Handles {
    pub fn add(&self, handle: Handle) -> Fh {
        let fh = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(fh, Arc::new(handle));
        fh
    }

    pub fn get(&self, fh: Fh) -> Result<Arc<Handle>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).get(&fh).cloned().ok_or(Errno::EBADF)
    }

    /// The files of the spool that are open for writing.
    pub fn written_in_spool(&self) -> Vec<Arc<Handle>> {
        let is_written = |handle: &Handle| matches!(handle, Handle::Spooled(spooled) if spooled.flags & libc::O_ACCMODE != libc::O_RDONLY);
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.values().filter(|handle| is_written(handle)).cloned().collect()
    }

    pub fn remove(&self, fh: Fh) -> Option<Arc<Handle>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&fh)
    }
}

/// An entry for a listing.
pub fn entry(name: impl Into<OsString>, kind: super::FileKind, ino: Ino) -> DirEntry {
    DirEntry { name: name.into(), kind, ino }
}
