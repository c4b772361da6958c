//! Open files and directories.

use std::collections::HashMap;
use std::ffi::OsString;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::attr::{DirEntry, Fh, Ino};
use super::{Errno, Result};
use crate::view::File;

/// An open file or directory.
#[derive(Debug)]
pub enum Handle {
    /// A file on disk.
    Real(OwnedFd),
    /// A file of the spool; its inode, and whether it has new data since it was told of.
    Spooled { fd: OwnedFd, ino: Ino, written: AtomicBool },
    /// A file of a view.
    View(Arc<File>),
    /// A text that is made when it is read from its beginning.
    Text { ino: Ino, text: Mutex<Vec<u8>> },
    /// A directory: its inode, and its entries as they were when it was opened or read from its beginning.
    Dir { ino: Ino, entries: Mutex<Arc<Vec<DirEntry>>> },
}

impl Handle {
    /// The descriptor of a file on disk.
    pub fn fd(&self) -> Option<&OwnedFd> {
        match self {
            Self::Real(fd) | Self::Spooled { fd, .. } => Some(fd),
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

    pub fn remove(&self, fh: Fh) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&fh);
    }
}

/// An entry for a listing.
pub fn entry(name: impl Into<OsString>, kind: super::Kind, ino: Ino) -> DirEntry {
    DirEntry { name: name.into(), kind, ino }
}
