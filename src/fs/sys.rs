//! The system calls of the file system, relative to open directories.
//!
//! `rustix` makes them. It has no locks on ranges of bytes: the unsafe code of the file system is those two calls.

use std::ffi::{CString, OsStr, OsString};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::time::UNIX_EPOCH;

use rustix::fs::{
    self as rfs, AtFlags, FallocateFlags, FlockOperation, Gid, Mode, OFlags, RawDir, Timespec, Timestamps, Uid,
};
use rustix::process::{Resource, getrlimit};

use super::attr::{FileKind, SetTime};
use super::{Errno, Lock, LockKind, Result};

/// The status of a file.
pub use rustix::fs::{Stat, StatVfs};

fn check(result: libc::c_int) -> Result<libc::c_int> {
    if result < 0 { Err(Errno::last()) } else { Ok(result) }
}

/// A path to what a descriptor is open on, whatever its name.
pub fn path_of(fd: impl AsFd) -> CString {
    let text = format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd());
    CString::new(text).unwrap_or_default()
}

/// The status of what `fd` is open on.
pub fn stat(fd: impl AsFd) -> Result<Stat> {
    stat_at(fd, OsStr::new(""))
}

/// The status of `name` in `dir`; a symlink's own.
pub fn stat_at(dir: impl AsFd, name: &OsStr) -> Result<Stat> {
    Ok(rfs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW | AtFlags::EMPTY_PATH)?)
}

fn flags_of(flags: i32) -> OFlags {
    OFlags::from_bits_retain(flags.cast_unsigned()) | OFlags::CLOEXEC
}

/// Opens `name` in `dir`.
pub fn open_at(dir: impl AsFd, name: &OsStr, flags: i32, mode: u32) -> Result<OwnedFd> {
    Ok(rfs::openat(dir, name, flags_of(flags), Mode::from_raw_mode(mode))?)
}

/// Opens what an `O_PATH` descriptor is open on.
pub fn reopen(fd: impl AsFd, flags: i32) -> Result<OwnedFd> {
    Ok(rfs::open(path_of(&fd), flags_of(flags), Mode::empty())?)
}

/// A descriptor of `name` in `dir` that names it and does nothing else; of a symlink itself.
pub fn handle_at(dir: impl AsFd, name: &OsStr) -> Result<OwnedFd> {
    open_at(dir, name, libc::O_PATH | libc::O_NOFOLLOW, 0)
}

pub fn mkdir_at(dir: impl AsFd, name: &OsStr, mode: u32) -> Result<()> {
    Ok(rfs::mkdirat(dir, name, Mode::from_raw_mode(mode))?)
}

pub fn mknod_at(dir: impl AsFd, name: &OsStr, mode: u32, rdev: u32) -> Result<()> {
    // of no type is a regular file
    let kind = if mode & libc::S_IFMT == 0 { libc::S_IFREG } else { mode & libc::S_IFMT };
    let (kind, mode) = (rfs::FileType::from_raw_mode(kind), Mode::from_raw_mode(mode));
    Ok(rfs::mknodat(dir, name, kind, mode, rdev.into())?)
}

pub fn symlink_at(target: &OsStr, dir: impl AsFd, name: &OsStr) -> Result<()> {
    Ok(rfs::symlinkat(target, dir, name)?)
}

/// Links what `fd` is open on to `name` in `dir`.
pub fn link_at(fd: impl AsFd, dir: impl AsFd, name: &OsStr) -> Result<()> {
    Ok(rfs::linkat(rfs::CWD, path_of(&fd), dir, name, AtFlags::SYMLINK_FOLLOW)?)
}

/// Removes `name` from `dir`; `flags` is `AT_REMOVEDIR` for a directory.
pub fn unlink_at(dir: impl AsFd, name: &OsStr, flags: i32) -> Result<()> {
    Ok(rfs::unlinkat(dir, name, AtFlags::from_bits_retain(flags.cast_unsigned()))?)
}

pub fn rename_at(from: impl AsFd, name: &OsStr, to: impl AsFd, new_name: &OsStr, flags: u32) -> Result<()> {
    Ok(rfs::renameat_with(from, name, to, new_name, rfs::RenameFlags::from_bits_retain(flags))?)
}

/// The content of the symlink `fd` is open on.
pub fn read_link(fd: impl AsFd) -> Result<OsString> {
    // an empty path means the descriptor itself
    Ok(OsString::from_vec(rfs::readlinkat(fd, c"", Vec::new())?.into_bytes()))
}

/// Sets permissions of what an `O_PATH` descriptor is open on.
pub fn chmod(fd: impl AsFd, mode: u32) -> Result<()> {
    Ok(rfs::chmod(path_of(&fd), Mode::from_raw_mode(mode))?)
}

/// Sets owner and group; `None` keeps.
pub fn chown(fd: impl AsFd, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
    let (uid, gid) = (uid.map(Uid::from_raw), gid.map(Gid::from_raw));
    Ok(rfs::chownat(fd, c"", uid, gid, AtFlags::EMPTY_PATH | AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Sets the length of a file open for writing.
pub fn truncate(fd: impl AsFd, size: u64) -> Result<()> {
    i64::try_from(size).map_err(|_| Errno(libc::EFBIG))?;
    Ok(rfs::ftruncate(fd, size)?)
}

/// Sets times of access and modification; `None` keeps.
pub fn set_times(fd: impl AsFd, atime: Option<SetTime>, mtime: Option<SetTime>) -> Result<()> {
    let spec = |time: Option<SetTime>| {
        let (tv_sec, tv_nsec) = match time {
            None => (0, rfs::UTIME_OMIT),
            Some(SetTime::Now) => (0, rfs::UTIME_NOW),
            Some(SetTime::At(time)) => match time.duration_since(UNIX_EPOCH) {
                Ok(since) => (since.as_secs() as i64, i64::from(since.subsec_nanos())),
                Err(before) => {
                    let before = before.duration().as_nanos() as i128;
                    let (s, ns) = ((-before).div_euclid(1_000_000_000), (-before).rem_euclid(1_000_000_000));
                    (s as i64, ns as i64)
                }
            },
        };
        Timespec { tv_sec, tv_nsec }
    };
    let times = Timestamps { last_access: spec(atime), last_modification: spec(mtime) };
    Ok(rfs::utimensat(fd, c"", &times, AtFlags::EMPTY_PATH)?)
}

/// Reads at `offset` until the buffer is full or the file ends; gives the number of bytes.
pub fn read(fd: impl AsFd, buffer: &mut [u8], offset: u64) -> Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        let at = place(offset, done).ok_or(Errno::EINVAL)?;
        match rustix::io::pread(&fd, &mut buffer[done..], at) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(done)
}

/// Writes at `offset`; gives the number of bytes, less than asked for if the disk is full, say.
pub fn write(fd: impl AsFd, data: &[u8], offset: u64) -> Result<usize> {
    let mut done = 0;
    while done < data.len() {
        let at = place(offset, done).ok_or(Errno(libc::EFBIG))?;
        match rustix::io::pwrite(&fd, &data[done..], at) {
            Ok(n) => done += n,
            Err(rustix::io::Errno::INTR) => {}
            Err(_) if done > 0 => break,
            Err(e) => return Err(e.into()),
        }
    }
    Ok(done)
}

/// Where to go on; `None` where no file has bytes.
fn place(offset: u64, done: usize) -> Option<u64> {
    offset.checked_add(done as u64).filter(|at| i64::try_from(*at).is_ok())
}

pub fn sync(fd: impl AsFd, data_only: bool) -> Result<()> {
    Ok(if data_only { rfs::fdatasync(fd) } else { rfs::fsync(fd) }?)
}

pub fn allocate(fd: impl AsFd, mode: i32, offset: u64, len: u64) -> Result<()> {
    Ok(rfs::fallocate(fd, FallocateFlags::from_bits_retain(mode.cast_unsigned()), offset, len)?)
}

/// Moves to data or a hole, or to a place; `whence` is as in `lseek(2)`.
pub fn seek(fd: impl AsFd, offset: i64, whence: i32) -> Result<u64> {
    let from_start = || u64::try_from(offset).map_err(|_| Errno::EINVAL);
    let to = match whence {
        libc::SEEK_SET => rfs::SeekFrom::Start(from_start()?),
        libc::SEEK_CUR => rfs::SeekFrom::Current(offset),
        libc::SEEK_END => rfs::SeekFrom::End(offset),
        // the system says of a place before the file that there is nothing
        libc::SEEK_DATA => rfs::SeekFrom::Data(u64::try_from(offset).map_err(|_| Errno(libc::ENXIO))?),
        libc::SEEK_HOLE => rfs::SeekFrom::Hole(u64::try_from(offset).map_err(|_| Errno(libc::ENXIO))?),
        _ => return Err(Errno::EINVAL),
    };
    Ok(rfs::seek(fd, to)?)
}

/// How many descriptors this process may have.
pub fn most_descriptors() -> usize {
    getrlimit(Resource::Nofile).current.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or(usize::MAX))
}

/// How a descriptor is open: `O_RDONLY`, `O_WRONLY` or `O_RDWR`.
pub fn access_of(fd: impl AsFd) -> Result<i32> {
    Ok(rfs::fcntl_getfl(fd)?.bits().cast_signed() & libc::O_ACCMODE)
}

/// `flock(2)`, without waiting.
pub fn lock_open_file(fd: impl AsFd, kind: LockKind) -> Result<()> {
    let operation = match kind {
        LockKind::Shared => FlockOperation::NonBlockingLockShared,
        LockKind::Exclusive => FlockOperation::NonBlockingLockExclusive,
        LockKind::Free => FlockOperation::NonBlockingUnlock,
    };
    Ok(rfs::flock(fd, operation)?)
}

/// Takes a lock of the open file description on bytes, or gives it up, without waiting.
pub fn lock_bytes(fd: impl AsFd, lock: &Lock) -> Result<()> {
    let asked = bytes_of(lock)?;
    // SAFETY: the descriptor is borrowed for the length of the call; the struct is only read.
    check(unsafe { libc::fcntl(fd.as_fd().as_raw_fd(), libc::F_OFD_SETLK, &raw const asked) }).map(drop)
}

/// The lock that is in the way of a lock of the open file description; `pid` is 0 if that is another description's.
pub fn lock_in_the_way(fd: impl AsFd, lock: &Lock) -> Result<Lock> {
    let mut found = bytes_of(lock)?;
    // SAFETY: the descriptor is borrowed for the length of the call, which fills the struct.
    check(unsafe { libc::fcntl(fd.as_fd().as_raw_fd(), libc::F_OFD_GETLK, &raw mut found) })?;
    let kind = LockKind::of_fcntl(found.l_type.into()).unwrap_or(LockKind::Free);
    let start = u64::try_from(found.l_start).unwrap_or(0);
    let end = if found.l_len == 0 { Lock::END } else { start.saturating_add_signed(found.l_len - 1) };
    Ok(Lock { kind, start, end, owner: 0, pid: u32::try_from(found.l_pid).unwrap_or(0) })
}

fn bytes_of(lock: &Lock) -> Result<libc::flock> {
    let l_type = lock.kind.to_fcntl() as i16;
    let length = if lock.end >= Lock::END { Some(0) } else { lock.end.checked_sub(lock.start).map(|n| n as i64 + 1) };
    let (Ok(l_start), Some(l_len)) = (i64::try_from(lock.start), length) else { return Err(Errno::EINVAL) };
    Ok(libc::flock { l_type, l_whence: libc::SEEK_SET as i16, l_start, l_len, l_pid: 0 })
}

/// `statvfs(2)` of the file system that an open file is on.
pub fn statvfs(fd: impl AsFd) -> Result<StatVfs> {
    Ok(rfs::fstatvfs(fd)?)
}

pub fn get_xattr(fd: impl AsFd, name: &OsStr) -> Result<Vec<u8>> {
    get_xattr_of(Path::new(OsStr::from_bytes(path_of(&fd).to_bytes())), name)
}

/// The same of what is at a path.
pub fn get_xattr_of(path: &Path, name: &OsStr) -> Result<Vec<u8>> {
    whole(|| rfs::getxattr_query(path, name), |buffer| rfs::getxattr(path, name, buffer))
}

/// The names of all extended attributes, each followed by NUL.
pub fn list_xattrs(fd: impl AsFd) -> Result<Vec<u8>> {
    let path = path_of(&fd);
    whole(|| rfs::listxattr_query(&path), |buffer| rfs::listxattr(&path, buffer))
}

/// Calls with a buffer of the size that `size` gives, again if it grew since. (`rustix` says of an empty buffer that all of it was filled.)
fn whole(
    size: impl Fn() -> rustix::io::Result<usize>,
    call: impl Fn(&mut [u8]) -> rustix::io::Result<usize>,
) -> Result<Vec<u8>> {
    loop {
        let mut buffer = vec![0u8; size()?];
        if buffer.is_empty() {
            return Ok(buffer);
        }
        match call(&mut buffer) {
            Ok(n) => {
                buffer.truncate(n);
                return Ok(buffer);
            }
            Err(rustix::io::Errno::RANGE) => {}
            Err(e) => return Err(e.into()),
        }
    }
}

pub fn set_xattr(fd: impl AsFd, name: &OsStr, value: &[u8], flags: i32) -> Result<()> {
    Ok(rfs::setxattr(path_of(&fd), name, value, rfs::XattrFlags::from_bits_retain(flags.cast_unsigned()))?)
}

pub fn remove_xattr(fd: impl AsFd, name: &OsStr) -> Result<()> {
    Ok(rfs::removexattr(path_of(&fd), name)?)
}

/// The bytes of entries that are read at a time.
const ENTRIES: usize = 32 * 1024;

/// The names in a directory open for reading, without `.` and `..`.
pub fn read_dir(dir: OwnedFd) -> Result<Vec<(OsString, FileKind, u64)>> {
    let mut buffer = Vec::with_capacity(ENTRIES);
    let mut listing = RawDir::new(&dir, buffer.spare_capacity_mut());
    let mut entries = vec![];
    while let Some(entry) = listing.next() {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        let name = OsStr::from_bytes(name).to_os_string();
        let kind = match entry.file_type() {
            // some file systems do not say
            rfs::FileType::Unknown => stat_at(&dir, &name).map_or(FileKind::File, |st| FileKind::of_mode(st.st_mode)),
            known => FileKind::of_mode(known.as_raw_mode()),
        };
        entries.push((name, kind, entry.ino()));
    }
    Ok(entries)
}
