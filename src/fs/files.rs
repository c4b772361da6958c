//! Requests about open files.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::calcs::unreadable;
use super::handles::Handle;
use super::names::Place;
use super::nodes::Node;
use super::real::real_flags;
use super::{Caching, Caller, Entry, Errno, Fh, Fs, Ino, Opened, Result, sys};

impl Fs {
    /// Creates and opens a file.
    pub fn create(&self, parent: Ino, name: &OsStr, mode: u32, flags: i32, caller: Caller) -> Result<(Entry, Opened)> {
        match self.place(parent, name)? {
            Place::Real(dir, name) => self.in_dir(&dir, |fd| self.create_real(fd, &name, flags, mode, caller)),
            Place::Spool(path) => {
                let fd = self.spool.create(&path, flags, mode, caller)?;
                let entry = self.lookup(parent, name)?;
                Ok((entry, self.open_spooled(fd, entry.attr.ino)))
            }
        }
    }

    fn open_spooled(&self, fd: OwnedFd, ino: Ino) -> Opened {
        let fh = self.handles.add(Handle::Spooled { fd, ino, written: AtomicBool::new(false) });
        // No backing: writes must be seen to know that a file arrived.
        Opened { fh, caching: Caching::Fresh, no_flush: false, backing: None }
    }

    /// Opens a file.
    pub fn open(&self, ino: Ino, flags: i32) -> Result<Opened> {
        let node = self.nodes.get(ino)?;
        let writes = flags & libc::O_ACCMODE != libc::O_RDONLY || flags & libc::O_TRUNC != 0;
        match &*node {
            Node::Real { fd, access } => self.open_real(fd, flags, *access),
            Node::Spool(path) => {
                if writes {
                    self.spool.revive(path)?;
                }
                let fd = sys::reopen(self.spool.find(path)?.fd(), real_flags(flags))?;
                Ok(self.open_spooled(fd, ino))
            }
            Node::Gone => Err(Errno(libc::ESTALE)),
            _ if writes => Err(Errno::EROFS),
            Node::Said(_) => {
                let handle = Handle::Text { ino, text: Mutex::default() };
                let fh = self.handles.add(handle);
                Ok(Opened { fh, caching: Caching::Direct, no_flush: true, backing: None })
            }
            other => self.open_calc_file(ino, other),
        }
    }

    /// Reads from an open file into `buffer`; gives the number of bytes, less than asked for at the end alone.
    pub fn read(&self, fh: Fh, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        match &*self.handles.get(fh)? {
            Handle::Real(fd) | Handle::Spooled { fd, .. } => sys::read(fd, buffer, offset),
            Handle::View(file) => file.read_at(offset, buffer).map_err(unreadable),
            Handle::Text { ino, text } => {
                let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
                if offset == 0 {
                    *text = self.text(*ino)?;
                }
                let from = usize::try_from(offset).unwrap_or(usize::MAX).min(text.len());
                let len = buffer.len().min(text.len() - from);
                buffer[..len].copy_from_slice(&text[from..from + len]);
                Ok(len)
            }
            Handle::Dir { .. } => Err(Errno::EISDIR),
        }
    }

    fn text(&self, ino: Ino) -> Result<Vec<u8>> {
        match &*self.nodes.get(ino)? {
            Node::Status(id) => Ok(self.look(*id)?.status()),
            Node::Said(name) => self.said_text(name).ok_or(Errno::ENOENT),
            _ => Err(Errno::EBADF),
        }
    }

    /// Writes to an open file; gives the number of bytes.
    pub fn write(&self, fh: Fh, offset: u64, data: &[u8]) -> Result<usize> {
        match &*self.handles.get(fh)? {
            Handle::Real(fd) => sys::write(fd, data, offset),
            Handle::Spooled { fd, written, .. } => {
                let n = sys::write(fd, data, offset)?;
                if n > 0 {
                    written.store(true, Ordering::Release);
                }
                Ok(n)
            }
            _ => Err(Errno::EBADF),
        }
    }

    /// True if [`Self::flush`] of this file may take long, so that it should not hold up other requests.
    pub fn flush_may_wait(&self, fh: Fh) -> bool {
        matches!(self.handles.get(fh).as_deref(), Ok(Handle::Spooled { written, .. }) if written.load(Ordering::Acquire))
    }

    /// A descriptor of an open file is closed. A file of the spool arrives, if it has new data.
    pub fn flush(&self, fh: Fh) -> Result<()> {
        let handle = self.handles.get(fh)?;
        if let Handle::Spooled { ino, written, .. } = &*handle
            && written.swap(false, Ordering::AcqRel)
            && let Node::Spool(path) = &*self.nodes.get(*ino)?
        {
            return self.spool.arrived(path);
        }
        Ok(())
    }

    /// Nobody has the file open any more.
    pub fn release(&self, fh: Fh) {
        self.handles.remove(fh);
    }

    /// Writes an open file to disk.
    pub fn fsync(&self, fh: Fh, data_only: bool) -> Result<()> {
        match self.handles.get(fh)?.fd() {
            Some(fd) => sys::sync(fd, data_only),
            None => Ok(()),
        }
    }

    /// Allocates or frees space of an open file.
    pub fn fallocate(&self, fh: Fh, mode: i32, offset: u64, len: u64) -> Result<()> {
        let handle = self.handles.get(fh)?;
        sys::allocate(handle.fd().ok_or(Errno::EBADF)?, mode, offset, len)
    }

    /// Finds data or a hole in an open file.
    pub fn lseek(&self, fh: Fh, offset: i64, whence: i32) -> Result<u64> {
        match &*self.handles.get(fh)? {
            Handle::Real(fd) | Handle::Spooled { fd, .. } => sys::seek(fd, offset, whence),
            // All of it is data.
            Handle::View(file) => {
                let size = file.size().map_err(unreadable)?;
                match u64::try_from(offset) {
                    Ok(at) if at < size => Ok(if whence == libc::SEEK_HOLE { size } else { at }),
                    _ => Err(Errno(libc::ENXIO)),
                }
            }
            _ => Err(Errno::EINVAL),
        }
    }

    /// `flock(2)` on an open file: with the real file, so that processes that have it open beside the mount take part.
    pub fn flock(&self, fh: Fh, operation: i32) -> Result<()> {
        match self.handles.get(fh)?.fd() {
            Some(fd) => sys::lock(fd, operation),
            // What cannot be written needs no lock.
            None => Ok(()),
        }
    }
}
