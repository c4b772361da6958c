//! Requests about open files.

use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::calcs::unreadable;
use super::handles::{Handle, Handles, Spooled};
use super::names::NamePlace;
use super::nodes::{Access, Node, Nodes};
use super::process::Process;
use super::real::real_flags;
use super::spool::Found;
use super::{Caching, Caller, Entry, Errno, Fh, Fs, Ino, Opened, Result, sys};
use crate::datastore::file_id;

/// The files of the spool that are open for writing: the path, who opened it, and whether there is data since it was told of.
fn spool_writers(handles: &Handles, nodes: &Nodes) -> Vec<(PathBuf, Process, bool)> {
    let writer = |handle: &Arc<Handle>| {
        let Handle::Spooled(Spooled { ino, by, written, .. }) = &**handle else { return None };
        let Node::Spool(path) = &*nodes.get(*ino).ok()? else { return None };
        Some((path.clone(), *by, written.load(Ordering::Acquire)))
    };
    handles.written_in_spool().iter().filter_map(writer).collect()
}

/// The files of the spool that somebody is still writing.
pub(super) fn unfinished(handles: &Handles, nodes: &Nodes) -> Vec<PathBuf> {
    let written = spool_writers(handles, nodes).into_iter().filter(|(.., is_new)| *is_new);
    written.map(|(path, ..)| path).collect()
}

impl Fs {
    /// Creates and opens a file.
    pub fn create(&self, parent: Ino, name: &OsStr, mode: u32, flags: i32, caller: Caller) -> Result<(Entry, Opened)> {
        match self.place(parent, name)? {
            NamePlace::Real(dir, name) => {
                let engine = name.to_str().and_then(file_id).filter(|_| matches!(*dir, Node::Root));
                self.in_dir(&dir, |fd| self.create_real((fd, parent), &name, flags, mode, caller, engine))
            }
            NamePlace::Spool(path) => {
                let by = Process::of(caller.thread);
                self.refuse_second_writer(&path, by)?;
                let (fd, replaced) = self.spool.create(&path, flags, mode, caller)?;
                self.replaced_in_spool(&path, replaced);
                let entry = self.lookup(parent, name, caller)?;
                Ok((entry, self.open_spooled(fd, entry.attr.ino, flags, false, by)?))
            }
        }
    }

    fn open_spooled(&self, fd: OwnedFd, ino: Ino, flags: i32, taken: bool, by: Process) -> Result<Opened> {
        let spooled = Spooled { ino, by, flags, fd, taken, fresh: OnceLock::new(), written: AtomicBool::new(false) };
        let fh = self.handles.add(Handle::Spooled(spooled))?;
        // No backing: writes must be seen to know that a file arrived.
        Ok(Opened { fh, caching: Caching::Fresh, no_flush: false, backing: None })
    }

    /// The descriptor to write to: of a copy, if the file was moved away.
    pub(super) fn writable<'a>(&self, spooled: &'a Spooled) -> Result<&'a OwnedFd> {
        if !spooled.taken {
            return Ok(&spooled.fd);
        }
        if let Some(fresh) = spooled.fresh.get() {
            return Ok(fresh);
        }
        let node = self.nodes.get(spooled.ino)?;
        let Node::Spool(path) = &*node else { return Err(Errno::ESTALE) };
        self.spool.revive(path)?;
        let fresh = sys::reopen(self.spool.find(path)?.fd(), real_flags(spooled.flags))?;
        Ok(spooled.fresh.get_or_init(|| fresh))
    }

    /// A file of the spool has one process that writes it at a time: two that drop the same name would have one calculation of both.
    ///
    /// # Errors
    /// `EBUSY` if another process has it open for writing.
    fn refuse_second_writer(&self, path: &Path, me: Process) -> Result<()> {
        let is_others = |(written, by, _): &(PathBuf, Process, bool)| written == path && *by != me;
        if spool_writers(&self.handles, &self.nodes).iter().any(is_others) { Err(Errno(libc::EBUSY)) } else { Ok(()) }
    }

    /// Tells of what arrived in the spool; see [`super::spool::Spool::arrived`].
    pub(super) fn arrived(&self, path: &Path, caller: Caller) -> Result<()> {
        self.spool.arrived(path, caller)
    }

    /// Opens a file.
    pub fn open(&self, ino: Ino, flags: i32, caller: Caller) -> Result<Opened> {
        let node = self.nodes.get(ino)?;
        let writes = flags & libc::O_ACCMODE != libc::O_RDONLY || flags & libc::O_TRUNC != 0;
        match &*node {
            Node::Real { named, access, engine } => self.open_real(self.fd_of(named)?, flags, *access, *engine),
            Node::Spool(path) => {
                let by = Process::of(caller.thread);
                if writes {
                    self.refuse_second_writer(path, by)?;
                }
                let found = self.spool.find(path)?;
                let taken = matches!(found, Found::Ghost(_));
                // Opening is not writing: `touch` opens too.
                let flags_now = if taken { libc::O_RDONLY } else { real_flags(flags) };
                let fd = sys::reopen(found.fd(), flags_now)?;
                self.open_spooled(fd, ino, flags, taken && writes, by)
            }
            Node::Gone => Err(Errno::ESTALE),
            _ if writes => Err(Errno::EROFS),
            Node::Said(_) => {
                let handle = Handle::Text { ino, text: Mutex::default() };
                let fh = self.handles.add(handle)?;
                Ok(Opened { fh, caching: Caching::Direct, no_flush: true, backing: None })
            }
            other => self.open_calc_file(ino, other),
        }
    }

    /// The calculation whose view [`Self::open`] of this inode makes stale: the kernel must forget it before the answer.
    pub fn open_makes_stale(&self, ino: Ino, flags: i32) -> Option<u32> {
        let writes = flags & libc::O_ACCMODE != libc::O_RDONLY;
        match self.nodes.get(ino).as_deref() {
            Ok(Node::Real { engine: Some(id), access: Access::ReadWrite, .. }) if writes => Some(*id),
            _ => None,
        }
    }

    /// Reads from an open file into `buffer`; gives the number of bytes, less than asked for at the end alone.
    pub fn read(&self, fh: Fh, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let handle = self.handles.get(fh)?;
        if let Some(fd) = handle.fd() {
            return sys::read(fd, buffer, offset);
        }
        match &*handle {
            Handle::View { file, .. } => file.read_at(offset, buffer).map_err(unreadable),
            Handle::Text { ino, text } => {
                let mut text = text.lock().unwrap_or_else(PoisonError::into_inner);
                let from = usize::try_from(offset).unwrap_or(usize::MAX);
                // what grows is looked at again at its end
                let is_log = matches!(&*self.nodes.get(*ino)?, Node::Log(_));
                if from == 0 || (is_log && from >= text.len()) {
                    *text = self.text(*ino)?;
                }
                let from = from.min(text.len());
                let len = buffer.len().min(text.len() - from);
                buffer[..len].copy_from_slice(&text[from..from + len]);
                Ok(len)
            }
            _ => Err(Errno::EISDIR),
        }
    }

    fn text(&self, ino: Ino) -> Result<Vec<u8>> {
        match &*self.nodes.get(ino)? {
            Node::Status(id) => Ok(self.look(*id)?.status()),
            Node::Log(id) => self.look(*id)?.log(),
            Node::Report(id, _) => self.look(*id)?.report(),
            Node::Said(name) => self.said_text(name).ok_or(Errno::ENOENT),
            _ => Err(Errno::EBADF),
        }
    }

    /// Writes to an open file; gives the number of bytes.
    pub fn write(&self, fh: Fh, offset: u64, data: &[u8]) -> Result<usize> {
        match &*self.handles.get(fh)? {
            Handle::Real { fd, .. } => sys::write(fd, data, offset),
            Handle::Spooled(spooled) => {
                let n = sys::write(self.writable(spooled)?, data, offset)?;
                if n > 0 {
                    spooled.written.store(true, Ordering::Release);
                }
                Ok(n)
            }
            _ => Err(Errno::EBADF),
        }
    }

    /// Writes what was written through a mapping. Unlike [`Self::write`], that takes no set-user-ID and set-group-ID bits away.
    pub fn write_mapped(&self, fh: Fh, offset: u64, data: &[u8]) -> Result<usize> {
        let handle = self.handles.get(fh)?;
        let Handle::Real { fd, .. } = &*handle else { return self.write(fh, offset, data) };
        let mode = sys::stat(fd)?.st_mode;
        let written = sys::write(fd, data, offset)?;
        if mode & (libc::S_ISUID | libc::S_ISGID) != 0 {
            // Another user's file in which this one may write keeps what the write left.
            let _ = sys::chmod(fd, mode);
        }
        Ok(written)
    }

    /// True if [`Self::flush`] of this file may take long, so that it should not hold up other requests.
    pub fn flush_may_wait(&self, fh: Fh) -> bool {
        matches!(self.handles.get(fh).as_deref(), Ok(Handle::Spooled(s)) if s.written.load(Ordering::Acquire))
    }

    /// A descriptor of an open file is closed, by `owner` of locks. A file of the spool arrives, if it has new data.
    pub fn flush(&self, ino: Ino, fh: Fh, owner: u64, caller: Caller) -> Result<()> {
        self.locks.closed_by(ino, owner);
        let handle = self.handles.get(fh)?;
        if let Handle::Spooled(spooled) = &*handle
            && spooled.written.load(Ordering::Acquire)
            && spooled.is_closed_by(Process::of(caller.thread))
            && spooled.written.swap(false, Ordering::AcqRel)
            && let Node::Spool(path) = &*self.nodes.get(spooled.ino)?
        {
            // its job was accepted without what was written since
            if !spooled.taken && matches!(self.spool.find(path), Ok(Found::Ghost(_))) {
                return Err(Errno::ESTALE);
            }
            return self.arrived(path, caller);
        }
        Ok(())
    }

    /// Nobody has the file open any more.
    pub fn release(&self, fh: Fh) {
        self.locks.released(fh);
        if let Some(Handle::Real { writes: Some(id), .. }) = self.handles.remove(fh).as_deref() {
            self.watched.end_writing(*id);
        }
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
        if let Handle::Spooled(spooled) = &*handle {
            return sys::allocate(self.writable(spooled)?, mode, offset, len);
        }
        sys::allocate(handle.fd().ok_or(Errno::EBADF)?, mode, offset, len)
    }

    /// Finds data or a hole in an open file.
    pub fn lseek(&self, fh: Fh, offset: i64, whence: i32) -> Result<u64> {
        let handle = self.handles.get(fh)?;
        if let Some(fd) = handle.fd() {
            return sys::seek(fd, offset, whence);
        }
        match &*handle {
            // All of it is data.
            Handle::View { file, .. } => {
                let size = file.size().map_err(unreadable)?;
                match u64::try_from(offset) {
                    Ok(at) if at < size => Ok(if whence == libc::SEEK_HOLE { size } else { at }),
                    _ => Err(Errno(libc::ENXIO)),
                }
            }
            _ => Err(Errno::EINVAL),
        }
    }
}
