//! Open files and directories.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs::Metadata;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::attr::{DirEntry, Fh, Ino};
use super::process::Process;
use super::{Errno, Result, sys};
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
    /// A text that is made when it is read from its beginning; a log also when it is read to its end.
    Text { ino: Ino, text: Mutex<Vec<u8>> },
    /// A directory.
    Dir(OpenDir),
}

/// An open directory.
#[derive(Debug)]
pub struct OpenDir {
    pub ino: Ino,
    /// As they were when it was opened or read from its beginning.
    pub entries: Mutex<Arc<Vec<DirEntry>>>,
    /// Nobody has read them yet.
    pub fresh: AtomicBool,
    /// Of a directory on disk, the descriptor that names it, which is kept meanwhile.
    pub named: Option<Arc<OwnedFd>>,
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
    /// Whether it keeps descriptors of its own; files of a view share those of their datastore.
    fn has_descriptors(&self) -> bool {
        matches!(self, Self::Real { .. } | Self::Spooled(_) | Self::Dir(OpenDir { named: Some(_), .. }))
    }

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
#[derive(Debug)]
pub struct Handles {
    open: Mutex<HashMap<Fh, Arc<Handle>>>,
    next: AtomicU64,
    /// How many may have descriptors.
    most: usize,
    with_descriptors: AtomicUsize,
    /// It was said that there are too many.
    said: AtomicBool,
}

impl Default for Handles {
    /// For so many that with two descriptors each, and with those of [`super::named`], a part is left for all else.
    fn default() -> Self {
        let most = sys::most_descriptors() / 16 * 6;
        let (open, next, with_descriptors) = Default::default();
        Self { open, next, most, with_descriptors, said: AtomicBool::new(false) }
    }
}

impl Handles {
    /// Notes that something is open.
    ///
    /// # Errors
    /// `ENFILE` if so much is open that what is not open could not be served any more.
    pub fn add(&self, handle: Handle) -> Result<Fh> {
        if handle.has_descriptors() {
            // Where files are refused, one can still look what is there.
            let most = if matches!(handle, Handle::Dir(_)) { self.most + self.most / 6 } else { self.most };
            if self.with_descriptors.fetch_add(1, Ordering::AcqRel) >= most {
                self.with_descriptors.fetch_sub(1, Ordering::AcqRel);
                if !self.said.swap(true, Ordering::AcqRel) {
                    let limit = sys::most_descriptors();
                    log::warn!("{most} files are open in the mount, as many as `ulimit -n` ({limit}) lets it serve");
                }
                return Err(Errno(libc::ENFILE));
            }
            self.said.store(false, Ordering::Release);
        }
        let fh = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(fh, Arc::new(handle));
        Ok(fh)
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
        let handle = self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(&fh);
        if handle.as_ref().is_some_and(|handle| handle.has_descriptors()) {
            self.with_descriptors.fetch_sub(1, Ordering::AcqRel);
        }
        handle
    }
}

/// An entry for a listing.
pub fn entry(name: impl Into<OsString>, kind: super::FileKind, ino: Ino) -> DirEntry {
    DirEntry { name: name.into(), kind, ino }
}
