//! The thin adapter between [`crate::fs`] and the kernel, through `fuser`.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use fuser::{
    BackgroundSession, BackingId, BsdFileFlags, Config, CopyFileRangeFlags, FileAttr, FileHandle, FileType, Filesystem,
    FopenFlags, Generation, INodeNo, InitFlags, IoctlFlags, KernelConfig, LockOwner, MountOption, Notifier, OpenFlags,
    RenameFlags, ReplyAttr, ReplyCreate, ReplyData, ReplyDirectory, ReplyDirectoryPlus, ReplyEmpty, ReplyEntry,
    ReplyIoctl, ReplyLseek, ReplyOpen, ReplyStatfs, ReplyWrite, ReplyXattr, Request, Session, SessionACL, TimeOrNow,
    WriteFlags,
};

use crate::fs::{self, Caching, Caller, Entry, Errno, Fs, Ino, Kernel, Kind, Opened, SetAttr, SetTime, Watch};

/// The source of the mount in `/proc/mounts`; its type is `fuse`, or `fuse.oqfs` if `fusermount3` made it.
pub const SUBTYPE: &str = "oqfs";
/// More threads give nothing, nor does a descriptor for each.
const THREADS: usize = 2;
/// The largest write the kernel sends at once.
const MAX_WRITE: u32 = 1 << 20;
/// What the kernel reads ahead of a program, if it can be set.
const READ_AHEAD_KIB: u32 = 1024;

/// A mount, unmounted when dropped.
#[derive(Debug)]
pub struct Mounted {
    session: Option<BackgroundSession>,
    point: PathBuf,
}

impl Mounted {
    /// Mounts `fs` on `point`; other users may look in if `allow_other`.
    ///
    /// # Errors
    /// If the kernel or `fusermount3` refuses.
    pub fn new(fs: Fs, point: &Path, allow_other: bool) -> io::Result<Self> {
        let fs = Arc::new(fs);
        let mut config = Config::default();
        config.mount_options = vec![
            MountOption::FSName(SUBTYPE.into()),
            MountOption::Subtype(SUBTYPE.into()),
            MountOption::DefaultPermissions,
            MountOption::NoSuid,
            MountOption::NoDev,
        ];
        config.acl = if allow_other { SessionACL::All } else { SessionACL::Owner };
        config.n_threads = Some(THREADS);
        let kernel = Arc::<OnceLock<Arc<dyn Kernel>>>::default();
        let adapter = Adapter { fs: fs.clone(), backings: Arc::default(), passthrough: false, kernel: kernel.clone() };
        let session = Session::new(adapter, point, &config)?.spawn()?;
        let told: Arc<dyn Kernel> = Arc::new(Told(session.notifier()));
        let _ = kernel.set(told.clone());
        Watch::start(fs, told)?;
        let mounted = Self { session: Some(session), point: point.to_owned() };
        mounted.read_ahead();
        Ok(mounted)
    }

    /// Where it is mounted.
    pub fn point(&self) -> &Path {
        &self.point
    }

    /// Unmounts, from a busy mount too: what is open stays readable until it is closed. Returns when nothing is left to do.
    pub fn unmount(mut self) -> io::Result<()> {
        self.finish()
    }

    /// True while the mount is there: nobody unmounted it from outside.
    pub fn is_alive(&self) -> bool {
        self.session.as_ref().is_some_and(|session| !session.guard.is_finished())
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some(session) = self.session.take() else { return Ok(()) };
        if session.guard.is_finished() {
            return session.join();
        }
        unmount(&self.point)?;
        // What is open in a mount that is no longer in the tree is served while this process lives; not longer.
        let until = std::time::Instant::now() + Duration::from_secs(2);
        while !session.guard.is_finished() && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
        if session.guard.is_finished() { session.join() } else { Ok(()) }
    }

    /// Reads ahead more than the kernel's default; only root may, and it is only faster.
    fn read_ahead(&self) {
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let point = self.point.to_string_lossy();
        // 36 35 98:0 /root /mnt ... : the third word is the device, the fifth the mount point.
        let device = mounts.lines().rev().find_map(|line| {
            let words: Vec<_> = line.split(' ').collect();
            (words.get(4)? == &point).then(|| words[2].to_string())
        });
        if let Some(device) = device {
            let _ = std::fs::write(format!("/sys/class/bdi/{device}/read_ahead_kb"), READ_AHEAD_KIB.to_string());
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Err(e) = self.finish() {
            log::warn!("{}: cannot unmount: {e}", self.point.display());
        }
    }
}

/// Takes the mount on `point` out of the tree; what is open in it stays open.
///
/// # Errors
/// If nothing is mounted there or this user may not.
pub fn unmount(point: &Path) -> io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    let path = std::ffi::CString::new(point.as_os_str().as_bytes())?;
    // SAFETY: the path ends with NUL.
    if unsafe { libc::umount2(path.as_ptr(), libc::MNT_DETACH) } == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    if error.raw_os_error() != Some(libc::EPERM) {
        return Err(error);
    }
    // Only root may, except through this program.
    let output = std::process::Command::new("fusermount3").args(["-u", "-z", "--"]).arg(point).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_string()))
}

/// The kernel, to be told of changes.
struct Told(Notifier);

impl Kernel for Told {
    fn forget_entry(&self, parent: Ino, name: &OsStr) {
        // It says ENOENT of what it does not know.
        let _ = self.0.inval_entry(INodeNo(parent), name);
    }

    fn forget_inode(&self, ino: Ino) {
        let _ = self.0.inval_inode(INodeNo(ino), 0, 0);
    }
}

#[derive(Clone)]
struct Adapter {
    fs: Arc<Fs>,
    backings: Arc<Mutex<Backings>>,
    passthrough: bool,
    /// There once it is mounted.
    kernel: Arc<OnceLock<Arc<dyn Kernel>>>,
}

/// The files the kernel reads and writes itself. All openings of an inode at a time must share one.
#[derive(Default)]
struct Backings {
    by_inode: HashMap<Ino, Weak<BackingId>>,
    by_handle: HashMap<u64, Arc<BackingId>>,
}

impl Adapter {
    /// The backing of an inode that was opened as `opened`, if the kernel takes one.
    fn backing(
        &self,
        ino: Ino,
        opened: &Opened,
        open: impl FnOnce(std::os::fd::BorrowedFd) -> io::Result<BackingId>,
    ) -> Option<Arc<BackingId>> {
        let fd = opened.backing.filter(|_| self.passthrough)?;
        let mut backings = self.backings.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = backings.by_inode.get(&ino).and_then(Weak::upgrade);
        let backing = match shared {
            Some(backing) => backing,
            None => {
                // SAFETY: the handle that was just made owns the descriptor and is not released yet.
                let fd = unsafe { std::os::fd::BorrowedFd::borrow_raw(fd) };
                let backing = Arc::new(open(fd).inspect_err(|e| log::debug!("no passthrough: {e}")).ok()?);
                backings.by_inode.insert(ino, Arc::downgrade(&backing));
                backing
            }
        };
        backings.by_handle.insert(opened.fh, backing.clone());
        Some(backing)
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

    fn release_backing(&self, ino: Ino, fh: u64) {
        let mut backings = self.backings.lock().unwrap_or_else(PoisonError::into_inner);
        if backings.by_handle.remove(&fh).is_some()
            && backings.by_inode.get(&ino).is_some_and(|weak| weak.strong_count() == 0)
        {
            backings.by_inode.remove(&ino);
        }
    }
}

impl From<Errno> for fuser::Errno {
    fn from(errno: Errno) -> Self {
        Self::from_i32(errno.0)
    }
}

fn file_type(kind: Kind) -> FileType {
    match kind {
        Kind::File => FileType::RegularFile,
        Kind::Dir => FileType::Directory,
        Kind::Symlink => FileType::Symlink,
        Kind::Pipe => FileType::NamedPipe,
        Kind::Socket => FileType::Socket,
        Kind::CharDevice => FileType::CharDevice,
        Kind::BlockDevice => FileType::BlockDevice,
    }
}

fn file_attr(attr: &fs::Attr) -> FileAttr {
    FileAttr {
        ino: INodeNo(attr.ino),
        size: attr.size,
        blocks: attr.blocks,
        atime: attr.atime,
        mtime: attr.mtime,
        ctime: attr.ctime,
        crtime: attr.mtime,
        kind: file_type(attr.kind),
        perm: attr.perm,
        nlink: attr.nlink,
        uid: attr.uid,
        gid: attr.gid,
        rdev: attr.rdev,
        blksize: 1 << 17,
        flags: 0,
    }
}

fn caller(request: &Request) -> Caller {
    Caller { uid: request.uid(), gid: request.gid() }
}

fn open_flags(opened: &Opened) -> FopenFlags {
    let caching = match opened.caching {
        Caching::Keep => FopenFlags::FOPEN_KEEP_CACHE,
        Caching::Fresh => FopenFlags::empty(),
        Caching::Direct => FopenFlags::FOPEN_DIRECT_IO,
    };
    if opened.no_flush { caching | FopenFlags::FOPEN_NOFLUSH } else { caching }
}

fn reply_entry(reply: ReplyEntry, entry: fs::Result<Entry>) {
    match entry {
        Ok(e) => reply.entry_with_ttls(&e.attr.ttl, &e.ttl, &file_attr(&e.attr), Generation(0)),
        Err(e) => reply.error(e.into()),
    }
}

fn reply_empty(reply: ReplyEmpty, result: fs::Result<()>) {
    match result {
        Ok(()) => reply.ok(),
        Err(e) => reply.error(e.into()),
    }
}

fn reply_xattr(reply: ReplyXattr, size: u32, value: fs::Result<Vec<u8>>) {
    match value {
        Ok(value) if size == 0 => reply.size(value.len() as u32),
        Ok(value) if value.len() > size as usize => reply.error(Errno::ERANGE.into()),
        Ok(value) => reply.data(&value),
        Err(e) => reply.error(e.into()),
    }
}

/// Runs what may wait on a thread of its own, so that it does not hold up other requests.
fn aside(run: impl FnOnce() + Send + 'static) {
    if let Err(e) = std::thread::Builder::new().name("waiting".into()).spawn(run) {
        // The reply was dropped with the closure, which answers EIO.
        log::error!("no thread for a request that may wait: {e}");
    }
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
            InitFlags::FUSE_ASYNC_DIO,
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

    fn lookup(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        reply_entry(reply, self.fs.lookup(parent.0, name));
    }

    fn forget(&self, _: &Request, ino: INodeNo, nlookup: u64) {
        self.fs.forget(ino.0, nlookup);
    }

    fn getattr(&self, _: &Request, ino: INodeNo, fh: Option<FileHandle>, reply: ReplyAttr) {
        match self.fs.getattr(ino.0, fh.map(|fh| fh.0)) {
            Ok(attr) => reply.attr(&attr.ttl, &file_attr(&attr)),
            Err(e) => reply.error(e.into()),
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
        match self.fs.setattr(ino.0, fh.map(|fh| fh.0), &set) {
            Ok(attr) => reply.attr(&attr.ttl, &file_attr(&attr)),
            Err(e) => reply.error(e.into()),
        }
    }

    fn readlink(&self, _: &Request, ino: INodeNo, reply: ReplyData) {
        match self.fs.readlink(ino.0) {
            Ok(target) => reply.data(&target),
            Err(e) => reply.error(e.into()),
        }
    }

    fn mknod(&self, r: &Request, parent: INodeNo, name: &OsStr, mode: u32, _umask: u32, rdev: u32, reply: ReplyEntry) {
        reply_entry(reply, self.fs.mknod(parent.0, name, mode, rdev, caller(r)));
    }

    fn mkdir(&self, r: &Request, parent: INodeNo, name: &OsStr, mode: u32, _umask: u32, reply: ReplyEntry) {
        reply_entry(reply, self.fs.mkdir(parent.0, name, mode, caller(r)));
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        reply_empty(reply, self.fs.unlink(parent.0, name));
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        reply_empty(reply, self.fs.rmdir(parent.0, name));
    }

    fn symlink(&self, r: &Request, parent: INodeNo, name: &OsStr, target: &Path, reply: ReplyEntry) {
        reply_entry(reply, self.fs.symlink(parent.0, name, target.as_os_str(), caller(r)));
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        newparent: INodeNo,
        newname: &OsStr,
        flags: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let (fs, name, newname) = (self.fs.clone(), name.to_owned(), newname.to_owned());
        let run = move || fs.rename(parent.0, &name, newparent.0, &newname, flags.bits());
        if self.fs.rename_may_wait(newparent.0) {
            aside(move || reply_empty(reply, run()));
        } else {
            reply_empty(reply, run());
        }
    }

    fn link(&self, _: &Request, ino: INodeNo, newparent: INodeNo, newname: &OsStr, reply: ReplyEntry) {
        let (fs, newname) = (self.fs.clone(), newname.to_owned());
        let run = move || fs.link(ino.0, newparent.0, &newname);
        if self.fs.rename_may_wait(newparent.0) {
            aside(move || reply_entry(reply, run()));
        } else {
            reply_entry(reply, run());
        }
    }

    fn open(&self, _: &Request, ino: INodeNo, flags: OpenFlags, reply: ReplyOpen) {
        if let (Some(calc), Some(kernel)) = (self.fs.open_makes_stale(ino.0, flags.0), self.kernel.get()) {
            // On another thread: the kernel may ask for something before it has forgotten.
            let (adapter, kernel) = (self.clone(), kernel.clone());
            return aside(move || {
                let opened = adapter.fs.open(ino.0, flags.0);
                adapter.fs.forget_calc(calc, &*kernel);
                adapter.reply_open(ino.0, opened, reply);
            });
        }
        self.reply_open(ino.0, self.fs.open(ino.0, flags.0), reply);
    }

    fn create(
        &self,
        r: &Request,
        parent: INodeNo,
        name: &OsStr,
        mode: u32,
        _umask: u32,
        flags: i32,
        reply: ReplyCreate,
    ) {
        let (entry, opened) = match self.fs.create(parent.0, name, mode, flags, caller(r)) {
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
        _write_flags: WriteFlags,
        _flags: OpenFlags,
        _lock_owner: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        match self.fs.write(fh.0, offset, data) {
            Ok(n) => reply.written(n as u32),
            Err(e) => reply.error(e.into()),
        }
    }

    fn flush(&self, _: &Request, _ino: INodeNo, fh: FileHandle, _lock_owner: LockOwner, reply: ReplyEmpty) {
        if self.fs.flush_may_wait(fh.0) {
            let fs = self.fs.clone();
            aside(move || reply_empty(reply, fs.flush(fh.0)));
        } else {
            reply_empty(reply, self.fs.flush(fh.0));
        }
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
        self.release_backing(ino.0, fh.0);
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

    fn readdirplus(&self, _: &Request, ino: INodeNo, fh: FileHandle, offset: u64, mut reply: ReplyDirectoryPlus) {
        let entries = match self.fs.readdir(fh.0, offset == 0) {
            Ok(entries) => entries,
            Err(e) => return reply.error(e.into()),
        };
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(entries.len());
        let mut next = offset;
        let result = self.fs.readdir_plus(ino.0, &entries[from..], |entry, found| {
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
        _: &Request,
        ino: INodeNo,
        name: &OsStr,
        value: &[u8],
        flags: i32,
        _position: u32,
        reply: ReplyEmpty,
    ) {
        reply_empty(reply, self.fs.setxattr(ino.0, name, value, flags));
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

    /// `flock(2)` alone: the kernel was not asked for POSIX locks, which it keeps itself.
    fn setlk(
        &self,
        _: &Request,
        _ino: INodeNo,
        fh: FileHandle,
        _lock_owner: LockOwner,
        _start: u64,
        _end: u64,
        typ: i32,
        _pid: u32,
        sleep: bool,
        reply: ReplyEmpty,
    ) {
        let operation = match typ {
            libc::F_RDLCK => libc::LOCK_SH,
            libc::F_WRLCK => libc::LOCK_EX,
            libc::F_UNLCK => libc::LOCK_UN,
            _ => return reply.error(Errno::EINVAL.into()),
        };
        // At once, if it can be: the answer to a lock that is free needs no thread.
        match self.fs.flock(fh.0, operation | libc::LOCK_NB) {
            Err(Errno(libc::EWOULDBLOCK)) if sleep => {
                let fs = self.fs.clone();
                aside(move || reply_empty(reply, fs.flock(fh.0, operation)));
            }
            result => reply_empty(reply, result),
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
