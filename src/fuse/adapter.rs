//! Each request of the kernel, as a call of [`Fs`] and its reply.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::SystemTime;

use fuser::{
    BackingId, BsdFileFlags, CopyFileRangeFlags, FileHandle, Filesystem, FopenFlags, Generation, INodeNo, InitFlags,
    IoctlFlags, KernelConfig, LockOwner, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory,
    ReplyDirectoryPlus, ReplyEmpty, ReplyEntry, ReplyIoctl, ReplyLock, ReplyLseek, ReplyOpen, ReplyStatfs, ReplyWrite,
    ReplyXattr, Request, TimeOrNow, WriteFlags,
};

use super::READ_AHEAD_KIB;
use super::backing::Backings;
use super::reply::{
    caller, file_attr, file_type, lock_asked, open_flags, reply_attr, reply_empty, reply_entry, reply_lock, reply_xattr,
};
use crate::fs::{self, Errno, Fs, Ino, KernelCache, Opened, SetAttr, SetTime, Wish};

/// The largest write the kernel sends at once.
const MAX_WRITE: u32 = 1 << 20;

/// Answers the kernel.
#[derive(Clone)]
pub struct Adapter {
    fs: Arc<Fs>,
    backings: Arc<Mutex<Backings>>,
    passthrough: bool,
    /// There once it is mounted.
    kernel: Arc<OnceLock<Arc<dyn KernelCache>>>,
}
impl Adapter {
    /// For a file system; `kernel` is set once it is mounted.
    pub fn new(fs: Arc<Fs>, kernel: Arc<OnceLock<Arc<dyn KernelCache>>>) -> Adapter {
        Adapter { fs, backings: Arc::default(), passthrough: false, kernel }
    }

    fn backings(&self) -> MutexGuard<'_, Backings> {
        self.backings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the kernel shall read and write itself for an opened file, if it can.
    fn backing(
        &self,
        ino: Ino,
        opened: &Opened,
        open: impl FnOnce(std::os::fd::BorrowedFd) -> io::Result<BackingId>,
    ) -> Option<Arc<BackingId>> {
        if self.passthrough { self.backings().get(ino, opened, open) } else { None }
    }

    fn reply_open(&self, ino: Ino, opened: fs::Result<Opened>, reply: ReplyOpen) {
        match opened {
            Ok(opened) => match self.backing(ino, &opened, |fd| reply.open_backing(fd)) {
                Some(id) => reply.opened_passthrough(FileHandle(opened.fh), open_flags(&opened), &id),
                None => reply.opened(FileHandle(opened.fh), open_flags(&opened)),
            },
            Err(e) => reply.error(e.into()),
        }
    }

    /// A lock was taken, or not; the kernel forgets what it has of the file first, if that is said.
    fn locked(&self, ino: Ino, result: fs::Result<bool>, reply: ReplyEmpty) {
        if let (Ok(true), Some(kernel)) = (&result, self.kernel.get()) {
            kernel.forget_inode(ino);
        }
        reply_empty(reply, result.map(drop));
    }
}

/// Runs what may wait on a thread of its own, so that it does not hold up other requests.
fn aside(run: impl FnOnce() + Send + 'static) {
    if let Err(e) = std::thread::Builder::new().name("waiting".into()).spawn(run) {
        // The reply was dropped with the closure, which answers EIO.
        log::error!("no thread for a request that may wait: {e}");
    }
}

/// Runs it on this thread, or [`aside`] if it may wait.
fn here_or_aside(may_wait: bool, run: impl FnOnce() + Send + 'static) {
    if may_wait { aside(run) } else { run() }
}

#[allow(clippy::too_many_arguments)] // The trait's.
impl Filesystem for Adapter {
    fn init(&mut self, _: &Request, config: &mut KernelConfig) -> io::Result<()> {
        let wanted = [
            InitFlags::FUSE_AUTO_INVAL_DATA,
            InitFlags::FUSE_DO_READDIRPLUS,
            InitFlags::FUSE_READDIRPLUS_AUTO,
            InitFlags::FUSE_PARALLEL_DIROPS,
            InitFlags::FUSE_FLOCK_LOCKS,
            InitFlags::FUSE_POSIX_LOCKS,
            InitFlags::FUSE_ASYNC_DIO,
            // the kernel asks for access control lists, and leaves masks to the lists of directories
            InitFlags::FUSE_POSIX_ACL,
            InitFlags::FUSE_DONT_MASK,
        ];
        for flag in wanted {
            if config.add_capabilities(flag).is_err() {
                log::debug!("the kernel lacks {flag:?}");
            }
        }
        let _ = config.set_max_write(MAX_WRITE);
        let _ = config.set_max_readahead(READ_AHEAD_KIB << 10);
        self.passthrough =
            config.add_capabilities(InitFlags::FUSE_PASSTHROUGH).is_ok() && config.set_max_stack_depth(1).is_ok();
        Ok(())
    }

    fn lookup(&self, r: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let caller = caller(r);
        match self.fs.lookup_at_once(parent.0, name, caller) {
            Err(Errno::EAGAIN) => {
                let (fs, name) = (self.fs.clone(), name.to_owned());
                aside(move || reply_entry(reply, fs.lookup(parent.0, &name, caller)));
            }
            found => reply_entry(reply, found),
        }
    }

    fn forget(&self, _: &Request, ino: INodeNo, nlookup: u64) {
        self.fs.forget(ino.0, nlookup);
    }

    fn getattr(&self, _: &Request, ino: INodeNo, fh: Option<FileHandle>, reply: ReplyAttr) {
        let (fs, fh) = (self.fs.clone(), fh.map(|fh| fh.0));
        match fs.getattr_at_once(ino.0, fh) {
            Err(Errno::EAGAIN) => aside(move || reply_attr(reply, fs.getattr(ino.0, fh))),
            attr => reply_attr(reply, attr),
        }
    }

    fn setattr(
        &self,
        _: &Request,
        ino: INodeNo,
        mode: Option<u32>,
        uid: Option<u32>,
        gid: Option<u32>,
        size: Option<u64>,
        atime: Option<TimeOrNow>,
        mtime: Option<TimeOrNow>,
        _ctime: Option<SystemTime>,
        fh: Option<FileHandle>,
        _crtime: Option<SystemTime>,
        _chgtime: Option<SystemTime>,
        _bkuptime: Option<SystemTime>,
        _flags: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let time = |time: Option<TimeOrNow>| {
            time.map(|time| match time {
                TimeOrNow::Now => SetTime::Now,
                TimeOrNow::SpecificTime(at) => SetTime::At(at),
            })
        };
        let set = SetAttr { mode, uid, gid, size, atime: time(atime), mtime: time(mtime) };
        reply_attr(reply, self.fs.setattr(ino.0, fh.map(|fh| fh.0), &set));
    }

    fn readlink(&self, _: &Request, ino: INodeNo, reply: ReplyData) {
        match self.fs.readlink(ino.0) {
            Ok(target) => reply.data(&target),
            Err(e) => reply.error(e.into()),
        }
    }

    fn mknod(&self, r: &Request, parent: INodeNo, name: &OsStr, mode: u32, umask: u32, rdev: u32, reply: ReplyEntry) {
        reply_entry(reply, self.fs.mknod(parent.0, name, mode, rdev, caller(r).with_umask(umask)));
    }

    fn mkdir(&self, r: &Request, parent: INodeNo, name: &OsStr, mode: u32, umask: u32, reply: ReplyEntry) {
        reply_entry(reply, self.fs.mkdir(parent.0, name, mode, caller(r).with_umask(umask)));
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        reply_empty(reply, self.fs.unlink(parent.0, name));
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        reply_empty(reply, self.fs.rmdir(parent.0, name));
    }

    fn symlink(&self, r: &Request, parent: INodeNo, name: &OsStr, target: &Path, reply: ReplyEntry) {
        let (fs, name, target, caller) = (self.fs.clone(), name.to_owned(), target.to_owned(), caller(r));
        let run = move || reply_entry(reply, fs.symlink(parent.0, &name, target.as_os_str(), caller));
        here_or_aside(self.fs.arrival_may_wait(parent.0), run);
    }

    fn rename(
        &self,
        r: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let (fs, name, newname, caller) = (self.fs.clone(), name.to_owned(), newname.to_owned(), caller(r));
        let run = move || reply_empty(reply, fs.rename(parent.0, &name, newparent.0, &newname, flags.bits(), caller));
        here_or_aside(self.fs.arrival_may_wait(newparent.0), run);
    }

    fn link(&self, r: &Request, ino: INodeNo, newparent: INodeNo, newname: &OsStr, reply: ReplyEntry) {
        let (fs, newname, caller) = (self.fs.clone(), newname.to_owned(), caller(r));
        let run = move || reply_entry(reply, fs.link(ino.0, newparent.0, &newname, caller));
        here_or_aside(self.fs.arrival_may_wait(newparent.0), run);
    }

    fn open(&self, r: &Request, ino: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        let caller = caller(r);
        if let (Some(calc), Some(kernel)) = (self.fs.open_makes_stale(ino.0, flags.0), self.kernel.get()) {
            // On another thread: the kernel may ask for something before it has forgotten.
            let (adapter, kernel) = (self.clone(), kernel.clone());
            return aside(move || {
                let opened = adapter.fs.open(ino.0, flags.0, caller);
                adapter.fs.forget_calc(calc, &*kernel);
                adapter.reply_open(ino.0, opened, reply);
            });
        }
        self.reply_open(ino.0, self.fs.open(ino.0, flags.0, caller), reply);
    }

    fn create(
        &self,
        r: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        umask: u32,
        flags: i32,
        reply: ReplyCreate,
    ) {
        let (entry, opened) = match self.fs.create(parent.0, name, mode, flags, caller(r).with_umask(umask)) {
            Ok(created) => created,
            Err(e) => return reply.error(e.into()),
        };
        let (attr, fh, flags) = (file_attr(&entry.attr), FileHandle(opened.fh), open_flags(&opened));
        match self.backing(entry.attr.ino, &opened, |fd| reply.open_backing(fd)) {
            Some(id) => reply.created_passthrough(&entry.ttl, &attr, Generation(0), fh, flags, &id),
            None => reply.created(&entry.ttl, &attr, Generation(0), fh, flags),
        }
    }

    fn read(
        &self,
        _: &Request,
        _ino: INodeNo,
        fh: FileHandle,
        offset: u64,
        size: u32,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyData,
    ) {
        thread_local! {
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
        }
        BUFFER.with_borrow_mut(|buffer| {
            if buffer.len() < size as usize {
                buffer.resize(size as usize, 0);
            }
            match self.fs.read(fh.0, offset, &mut buffer[..size as usize]) {
                Ok(n) => reply.data(&buffer[..n]),
                Err(e) => reply.error(e.into()),
            }
        });
    }

    fn write(
        &self,
        _: &Request,
        _ino: INodeNo,
        fh: FileHandle,
        offset: u64,
        data: &[u8],
        write_flags: WriteFlags,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let mapped = write_flags.contains(WriteFlags::FUSE_WRITE_CACHE);
        let written = if mapped { self.fs.write_mapped(fh.0, offset, data) } else { self.fs.write(fh.0, offset, data) };
        match written {
            Ok(n) => reply.written(n as u32),
            Err(e) => reply.error(e.into()),
        }
    }

    fn flush(&self, r: &Request, ino: INodeNo, fh: FileHandle, lock_owner: LockOwner, reply: ReplyEmpty) {
        let (fs, caller) = (self.fs.clone(), caller(r));
        let run = move || reply_empty(reply, fs.flush(ino.0, fh.0, lock_owner.0, caller));
        here_or_aside(self.fs.flush_may_wait(fh.0), run);
    }

    fn release(
        &self,
        _: &Request,
        ino: INodeNo,
        fh: FileHandle,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        _flush: bool,
        reply: ReplyEmpty,
    ) {
        self.fs.release(fh.0);
        self.backings().release(ino.0, fh.0);
        reply.ok();
    }

    fn fsync(&self, _: &Request, _ino: INodeNo, fh: FileHandle, datasync: bool, reply: ReplyEmpty) {
        reply_empty(reply, self.fs.fsync(fh.0, datasync));
    }

    fn opendir(&self, _: &Request, ino: INodeNo, _flags: OpenFlags, reply: ReplyOpen) {
        match self.fs.opendir(ino.0) {
            Ok(opened) => {
                let keep = FopenFlags::FOPEN_CACHE_DIR | FopenFlags::FOPEN_KEEP_CACHE;
                reply.opened(FileHandle(opened.fh), if opened.cache { keep } else { FopenFlags::empty() });
            }
            Err(e) => reply.error(e.into()),
        }
    }

    fn readdir(&self, _: &Request, _ino: INodeNo, fh: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let entries = match self.fs.readdir(fh.0, offset == 0) {
            Ok(entries) => entries,
            Err(e) => return reply.error(e.into()),
        };
        let from = usize::try_from(offset).unwrap_or(usize::MAX);
        for (i, entry) in entries.iter().enumerate().skip(from) {
            if reply.add(INodeNo(entry.ino), i as u64 + 1, file_type(entry.kind), &entry.name) {
                break;
            }
        }
        reply.ok();
    }

    fn readdirplus(&self, r: &Request, ino: INodeNo, fh: FileHandle, offset: u64, mut reply: ReplyDirectoryPlus) {
        let entries = match self.fs.readdir(fh.0, offset == 0) {
            Ok(entries) => entries,
            Err(e) => return reply.error(e.into()),
        };
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(entries.len());
        let mut next = offset;
        let result = self.fs.readdir_plus(ino.0, &entries[from..], caller(r), |entry, found| {
            next += 1;
            let ttl = found.ttl.min(found.attr.ttl);
            !reply.add(INodeNo(found.attr.ino), next, &entry.name, &ttl, &file_attr(&found.attr), Generation(0))
        });
        match result {
            Ok(()) => reply.ok(),
            Err(e) => reply.error(e.into()),
        }
    }

    fn releasedir(&self, _: &Request, _ino: INodeNo, fh: FileHandle, _flags: OpenFlags, reply: ReplyEmpty) {
        self.fs.release(fh.0);
        reply.ok();
    }

    fn fsyncdir(&self, _: &Request, ino: INodeNo, _fh: FileHandle, datasync: bool, reply: ReplyEmpty) {
        reply_empty(reply, self.fs.fsyncdir(ino.0, datasync));
    }

    fn statfs(&self, _: &Request, _ino: INodeNo, reply: ReplyStatfs) {
        match self.fs.statfs() {
            Ok(s) => reply.statfs(
                s.f_blocks,
                s.f_bfree,
                s.f_bavail,
                s.f_files,
                s.f_ffree,
                s.f_bsize as u32,
                s.f_namemax as u32,
                s.f_frsize as u32,
            ),
            Err(e) => reply.error(e.into()),
        }
    }

    fn setxattr(
        &self,
        r: &Request,
        ino: INodeNo,
        name: &OsStr,
        value: &[u8],
        flags: i32,
        _position: u32,
        reply: ReplyEmpty,
    ) {
        let Some(wish) = Wish::of_attribute(name, value) else {
            return reply_empty(reply, self.fs.setxattr(ino.0, name, value, flags));
        };
        let (fs, caller) = (self.fs.clone(), caller(r));
        aside(move || reply_empty(reply, fs.grant(ino.0, wish, caller)));
    }

    fn getxattr(&self, _: &Request, ino: INodeNo, name: &OsStr, size: u32, reply: ReplyXattr) {
        reply_xattr(reply, size, self.fs.getxattr(ino.0, name));
    }

    fn listxattr(&self, _: &Request, ino: INodeNo, size: u32, reply: ReplyXattr) {
        reply_xattr(reply, size, self.fs.listxattr(ino.0));
    }

    fn removexattr(&self, _: &Request, ino: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        reply_empty(reply, self.fs.removexattr(ino.0, name));
    }

    fn getlk(
        &self,
        _: &Request,
        ino: INodeNo,
        fh: FileHandle,
        lock_owner: LockOwner,
        start: u64,
        end: u64,
        typ: i32,
        pid: u32,
        reply: ReplyLock,
    ) {
        let in_the_way =
            lock_asked(typ, start, end, lock_owner, pid).and_then(|lock| self.fs.lock_in_the_way(ino.0, fh.0, &lock));
        reply_lock(reply, in_the_way);
    }

    fn setlk(
        &self,
        r: &Request,
        ino: INodeNo,
        fh: FileHandle,
        lock_owner: LockOwner,
        start: u64,
        end: u64,
        typ: i32,
        pid: u32,
        sleep: bool,
        reply: ReplyEmpty,
    ) {
        let lock = match lock_asked(typ, start, end, lock_owner, pid) {
            Ok(lock) => lock,
            Err(e) => return reply.error(e.into()),
        };
        let (ino, fh, waiter) = (ino.0, fh.0, r.pid());
        let result = self.fs.lock(ino, fh, &lock);
        match result {
            Err(Errno::EAGAIN) if sleep => {
                let adapter = self.clone();
                aside(move || adapter.locked(ino, adapter.fs.lock_when_free(ino, fh, &lock, waiter), reply));
            }
            // The kernel has no content of what it reads itself.
            Ok(true) if self.backings().has(fh) => {
                self.kernel.get().inspect(|kernel| kernel.forget_attributes(ino));
                reply.ok();
            }
            // It may ask for something before it has forgotten.
            Ok(true) => {
                let adapter = self.clone();
                aside(move || adapter.locked(ino, result, reply));
            }
            result => reply_empty(reply, result.map(drop)),
        }
    }

    fn fallocate(
        &self,
        _: &Request,
        _ino: INodeNo,
        fh: FileHandle,
        offset: u64,
        length: u64,
        mode: i32,
        reply: ReplyEmpty,
    ) {
        reply_empty(reply, self.fs.fallocate(fh.0, mode, offset, length));
    }

    fn lseek(&self, _: &Request, _ino: INodeNo, fh: FileHandle, offset: i64, whence: i32, reply: ReplyLseek) {
        match self.fs.lseek(fh.0, offset, whence) {
            Ok(at) => reply.offset(at as i64),
            Err(e) => reply.error(e.into()),
        }
    }

    /// No file here is a device; programs ask whether it is a terminal.
    fn ioctl(
        &self,
        _: &Request,
        _ino: INodeNo,
        _fh: FileHandle,
        _flags: IoctlFlags,
        _cmd: u32,
        _in_data: &[u8],
        _out_size: u32,
        reply: ReplyIoctl,
    ) {
        reply.error(fuser::Errno::ENOTTY);
    }

    /// The kernel copies through reads and writes instead, which the spool must see.
    fn copy_file_range(
        &self,
        _: &Request,
        _ino_in: INodeNo,
        _fh_in: FileHandle,
        _offset_in: u64,
        _ino_out: INodeNo,
        _fh_out: FileHandle,
        _offset_out: u64,
        _len: u64,
        _flags: CopyFileRangeFlags,
        reply: ReplyWrite,
    ) {
        reply.error(fuser::Errno::ENOSYS);
    }
}
