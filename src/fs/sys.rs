//! The system calls of the file system, relative to open directories.
//!
//! All unsafe code of the file system is in here. It rests on: descriptors are borrowed from their owners for the length of a
//! call, strings end with NUL, buffers are passed with their length.

use std::ffi::{CStr, CString, OsStr, OsString};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::time::UNIX_EPOCH;

use super::attr::{Kind, SetTime};
use super::{Errno, Lock, LockKind, Result};

fn c(name: &OsStr) -> Result<CString> {
    CString::new(name.as_bytes()).map_err(|_| Errno::EINVAL)
}

fn check(result: libc::c_int) -> Result<libc::c_int> {
    if result < 0 { Err(Errno::last()) } else { Ok(result) }
}

fn check_len(result: isize) -> Result<usize> {
    usize::try_from(result).map_err(|_| Errno::last())
}

/// A path to what a descriptor is open on, whatever its name.
pub fn path_of(fd: impl AsFd) -> CString {
    let text = format!("/proc/self/fd/{}", fd.as_fd().as_raw_fd());
    CString::new(text).unwrap_or_default()
}

/// The status of what `fd` is open on.
pub fn stat(fd: impl AsFd) -> Result<libc::stat> {
    stat_at(fd, OsStr::new(""))
}

/// The status of `name` in `dir`; a symlink's own.
pub fn stat_at(dir: impl AsFd, name: &OsStr) -> Result<libc::stat> {
    let (mut st, name) = (MaybeUninit::<libc::stat>::zeroed(), c(name)?);
    let flags = libc::AT_SYMLINK_NOFOLLOW | libc::AT_EMPTY_PATH;
    // SAFETY: as the module says; the struct is filled by the call.
    check(unsafe { libc::fstatat(dir.as_fd().as_raw_fd(), name.as_ptr(), st.as_mut_ptr(), flags) })?;
    // SAFETY: filled, and zeros are a value.
    Ok(unsafe { st.assume_init() })
}

/// Opens `name` in `dir`.
pub fn open_at(dir: impl AsFd, name: &OsStr, flags: i32, mode: u32) -> Result<OwnedFd> {
    let name = c(name)?;
    // SAFETY: as the module says; the new descriptor has one owner.
    unsafe {
        let fd = check(libc::openat(dir.as_fd().as_raw_fd(), name.as_ptr(), flags | libc::O_CLOEXEC, mode))?;
        Ok(OwnedFd::from_raw_fd(fd))
    }
}

/// Opens what an `O_PATH` descriptor is open on.
pub fn reopen(fd: impl AsFd, flags: i32) -> Result<OwnedFd> {
    let path = path_of(&fd);
    // SAFETY: as above.
    unsafe { Ok(OwnedFd::from_raw_fd(check(libc::open(path.as_ptr(), flags | libc::O_CLOEXEC))?)) }
}

/// A descriptor of `name` in `dir` that names it and does nothing else; of a symlink itself.
pub fn handle_at(dir: impl AsFd, name: &OsStr) -> Result<OwnedFd> {
    open_at(dir, name, libc::O_PATH | libc::O_NOFOLLOW, 0)
}

pub fn mkdir_at(dir: impl AsFd, name: &OsStr, mode: u32) -> Result<()> {
    let name = c(name)?;
    // SAFETY: as the module says.
    check(unsafe { libc::mkdirat(dir.as_fd().as_raw_fd(), name.as_ptr(), mode) }).map(drop)
}

pub fn mknod_at(dir: impl AsFd, name: &OsStr, mode: u32, rdev: u32) -> Result<()> {
    let name = c(name)?;
    // SAFETY: as the module says.
    check(unsafe { libc::mknodat(dir.as_fd().as_raw_fd(), name.as_ptr(), mode, rdev.into()) }).map(drop)
}

pub fn symlink_at(target: &OsStr, dir: impl AsFd, name: &OsStr) -> Result<()> {
    let (target, name) = (c(target)?, c(name)?);
    // SAFETY: as the module says.
    check(unsafe { libc::symlinkat(target.as_ptr(), dir.as_fd().as_raw_fd(), name.as_ptr()) }).map(drop)
}

/// Links what `fd` is open on to `name` in `dir`.
pub fn link_at(fd: impl AsFd, dir: impl AsFd, name: &OsStr) -> Result<()> {
    let (path, name) = (path_of(&fd), c(name)?);
    let (dir, flags) = (dir.as_fd().as_raw_fd(), libc::AT_SYMLINK_FOLLOW);
    // SAFETY: as the module says.
    check(unsafe { libc::linkat(libc::AT_FDCWD, path.as_ptr(), dir, name.as_ptr(), flags) }).map(drop)
}

/// Removes `name` from `dir`; `flags` is `AT_REMOVEDIR` for a directory.
pub fn unlink_at(dir: impl AsFd, name: &OsStr, flags: i32) -> Result<()> {
    let name = c(name)?;
    // SAFETY: as the module says.
    check(unsafe { libc::unlinkat(dir.as_fd().as_raw_fd(), name.as_ptr(), flags) }).map(drop)
}

pub fn rename_at(from: impl AsFd, name: &OsStr, to: impl AsFd, new_name: &OsStr, flags: u32) -> Result<()> {
    let (name, new_name) = (c(name)?, c(new_name)?);
    let (from, to) = (from.as_fd().as_raw_fd(), to.as_fd().as_raw_fd());
    // SAFETY: as the module says.
    check(unsafe { libc::renameat2(from, name.as_ptr(), to, new_name.as_ptr(), flags) }).map(drop)
}

/// The content of the symlink `fd` is open on.
pub fn read_link(fd: impl AsFd) -> Result<OsString> {
    let mut buffer = vec![0u8; libc::PATH_MAX as usize];
    // SAFETY: as the module says; an empty path means the descriptor itself.
    let n = check_len(unsafe {
        libc::readlinkat(fd.as_fd().as_raw_fd(), c"".as_ptr(), buffer.as_mut_ptr().cast(), buffer.len())
    })?;
    buffer.truncate(n);
    Ok(OsString::from_vec(buffer))
}

/// Sets permissions of what an `O_PATH` descriptor is open on.
pub fn chmod(fd: impl AsFd, mode: u32) -> Result<()> {
    let path = path_of(&fd);
    // SAFETY: as the module says.
    check(unsafe { libc::chmod(path.as_ptr(), mode & 0o7777) }).map(drop)
}

/// Sets owner and group; `None` keeps.
pub fn chown(fd: impl AsFd, uid: Option<u32>, gid: Option<u32>) -> Result<()> {
    let (uid, gid) = (uid.unwrap_or(u32::MAX), gid.unwrap_or(u32::MAX));
    let flags = libc::AT_EMPTY_PATH | libc::AT_SYMLINK_NOFOLLOW;
    // SAFETY: as the module says.
    check(unsafe { libc::fchownat(fd.as_fd().as_raw_fd(), c"".as_ptr(), uid, gid, flags) }).map(drop)
}

/// Sets the length of a file open for writing.
pub fn truncate(fd: impl AsFd, size: u64) -> Result<()> {
    let size = i64::try_from(size).map_err(|_| Errno(libc::EFBIG))?;
    // SAFETY: as the module says.
    check(unsafe { libc::ftruncate(fd.as_fd().as_raw_fd(), size) }).map(drop)
}

/// Sets times of access and modification; `None` keeps.
pub fn set_times(fd: impl AsFd, atime: Option<SetTime>, mtime: Option<SetTime>) -> Result<()> {
    let spec = |time: Option<SetTime>| {
        let (s, ns) = match time {
            None => (0, libc::UTIME_OMIT),
            Some(SetTime::Now) => (0, libc::UTIME_NOW),
            Some(SetTime::At(time)) => match time.duration_since(UNIX_EPOCH) {
                Ok(since) => (since.as_secs() as i64, i64::from(since.subsec_nanos())),
                Err(before) => {
                    let before = before.duration().as_nanos() as i128;
                    let (s, ns) = ((-before).div_euclid(1_000_000_000), (-before).rem_euclid(1_000_000_000));
                    (s as i64, ns as i64)
                }
            },
        };
        libc::timespec { tv_sec: s, tv_nsec: ns }
    };
    let times = [spec(atime), spec(mtime)];
    // SAFETY: as the module says; two times are passed.
    check(unsafe { libc::utimensat(fd.as_fd().as_raw_fd(), c"".as_ptr(), times.as_ptr(), libc::AT_EMPTY_PATH) })
        .map(drop)
}

/// Reads at `offset` until the buffer is full or the file ends; gives the number of bytes.
pub fn read(fd: impl AsFd, buffer: &mut [u8], offset: u64) -> Result<usize> {
    let mut done = 0;
    while done < buffer.len() {
        let rest = &mut buffer[done..];
        let at = i64::try_from(offset + done as u64).map_err(|_| Errno::EINVAL)?;
        // SAFETY: as the module says.
        match check_len(unsafe { libc::pread(fd.as_fd().as_raw_fd(), rest.as_mut_ptr().cast(), rest.len(), at) }) {
            Ok(0) => break,
            Ok(n) => done += n,
            Err(Errno(libc::EINTR)) => {}
            Err(e) => return Err(e),
        }
    }
    Ok(done)
}

/// Writes at `offset`; gives the number of bytes, less than asked for if the disk is full, say.
pub fn write(fd: impl AsFd, data: &[u8], offset: u64) -> Result<usize> {
    let mut done = 0;
    while done < data.len() {
        let rest = &data[done..];
        let at = i64::try_from(offset + done as u64).map_err(|_| Errno(libc::EFBIG))?;
        // SAFETY: as the module says.
        match check_len(unsafe { libc::pwrite(fd.as_fd().as_raw_fd(), rest.as_ptr().cast(), rest.len(), at) }) {
            Ok(n) => done += n,
            Err(Errno(libc::EINTR)) => {}
            Err(_) if done > 0 => break,
            Err(e) => return Err(e),
        }
    }
    Ok(done)
}

pub fn sync(fd: impl AsFd, data_only: bool) -> Result<()> {
    let fd = fd.as_fd().as_raw_fd();
    // SAFETY: as the module says.
    check(unsafe { if data_only { libc::fdatasync(fd) } else { libc::fsync(fd) } }).map(drop)
}

pub fn allocate(fd: impl AsFd, mode: i32, offset: u64, len: u64) -> Result<()> {
    let (offset, len) = (offset as i64, len as i64);
    // SAFETY: as the module says.
    check(unsafe { libc::fallocate(fd.as_fd().as_raw_fd(), mode, offset, len) }).map(drop)
}

pub fn seek(fd: impl AsFd, offset: i64, whence: i32) -> Result<u64> {
    // SAFETY: as the module says.
    let at = unsafe { libc::lseek(fd.as_fd().as_raw_fd(), offset, whence) };
    u64::try_from(at).map_err(|_| Errno::last())
}

/// How many descriptors this process may have.
pub fn most_descriptors() -> usize {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the struct is filled by the call.
    let known = check(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) });
    known.map_or(0, |_| usize::try_from(limit.rlim_cur).unwrap_or(usize::MAX))
}

/// How a descriptor is open: `O_RDONLY`, `O_WRONLY` or `O_RDWR`.
pub fn access_of(fd: impl AsFd) -> Result<i32> {
    // SAFETY: as the module says.
    let flags = check(unsafe { libc::fcntl(fd.as_fd().as_raw_fd(), libc::F_GETFL) })?;
    Ok(flags & libc::O_ACCMODE)
}

/// `flock(2)`, without waiting.
pub fn lock_open_file(fd: impl AsFd, kind: LockKind) -> Result<()> {
    let operation = match kind {
        LockKind::Shared => libc::LOCK_SH,
        LockKind::Exclusive => libc::LOCK_EX,
        LockKind::Free => libc::LOCK_UN,
    };
    // SAFETY: as the module says.
    check(unsafe { libc::flock(fd.as_fd().as_raw_fd(), operation | libc::LOCK_NB) }).map(drop)
}

/// Takes a lock of the open file description on bytes, or gives it up, without waiting.
pub fn lock_bytes(fd: impl AsFd, lock: &Lock) -> Result<()> {
    let asked = bytes_of(lock)?;
    // SAFETY: as the module says; the struct is only read.
    check(unsafe { libc::fcntl(fd.as_fd().as_raw_fd(), libc::F_OFD_SETLK, &raw const asked) }).map(drop)
}

/// The lock that is in the way of a lock of the open file description; `pid` is 0 if that is another description's.
pub fn lock_in_the_way(fd: impl AsFd, lock: &Lock) -> Result<Lock> {
    let mut found = bytes_of(lock)?;
    // SAFETY: as the module says; the struct is filled by the call.
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
pub fn statvfs(fd: impl AsFd) -> Result<libc::statvfs> {
    let mut st = MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: as the module says; the struct is filled by the call, and zeros are a value.
    unsafe {
        check(libc::fstatvfs(fd.as_fd().as_raw_fd(), st.as_mut_ptr()))?;
        Ok(st.assume_init())
    }
}

pub fn get_xattr(fd: impl AsFd, name: &OsStr) -> Result<Vec<u8>> {
    let (path, name) = (path_of(&fd), c(name)?);
    // SAFETY: as the module says; no buffer asks for the size.
    whole(|buffer, len| unsafe { libc::getxattr(path.as_ptr(), name.as_ptr(), buffer.cast(), len) })
}

/// The names of all extended attributes, each followed by NUL.
pub fn list_xattrs(fd: impl AsFd) -> Result<Vec<u8>> {
    let path = path_of(&fd);
    // SAFETY: as above.
    whole(|buffer, len| unsafe { libc::listxattr(path.as_ptr(), buffer.cast(), len) })
}

/// Calls with the size that a call without a buffer gives, again if it grew since.
fn whole(call: impl Fn(*mut u8, usize) -> isize) -> Result<Vec<u8>> {
    loop {
        let mut buffer = vec![0u8; check_len(call(std::ptr::null_mut(), 0))?];
        if buffer.is_empty() {
            return Ok(buffer);
        }
        match check_len(call(buffer.as_mut_ptr(), buffer.len())) {
            Ok(n) => {
                buffer.truncate(n);
                return Ok(buffer);
            }
            Err(Errno::ERANGE) => {}
            Err(e) => return Err(e),
        }
    }
}

pub fn set_xattr(fd: impl AsFd, name: &OsStr, value: &[u8], flags: i32) -> Result<()> {
    let (path, name) = (path_of(&fd), c(name)?);
    // SAFETY: as the module says.
    check(unsafe { libc::setxattr(path.as_ptr(), name.as_ptr(), value.as_ptr().cast(), value.len(), flags) }).map(drop)
}

pub fn remove_xattr(fd: impl AsFd, name: &OsStr) -> Result<()> {
    let (path, name) = (path_of(&fd), c(name)?);
    // SAFETY: as the module says.
    check(unsafe { libc::removexattr(path.as_ptr(), name.as_ptr()) }).map(drop)
}

/// The names in a directory open for reading, without `.` and `..`.
pub fn read_dir(dir: OwnedFd) -> Result<Vec<(OsString, Kind, u64)>> {
    use std::os::fd::IntoRawFd;
    // SAFETY: the stream owns the descriptor if this succeeds; if not, it is closed here.
    let stream = unsafe {
        let fd = dir.into_raw_fd();
        let stream = libc::fdopendir(fd);
        if stream.is_null() {
            let error = Errno::last();
            libc::close(fd);
            return Err(error);
        }
        stream
    };
    let mut entries = vec![];
    let result = loop {
        // SAFETY: the stream is open; errno is this thread's; an entry lives until the next call.
        unsafe {
            *libc::__errno_location() = 0;
            let entry = libc::readdir64(stream);
            if entry.is_null() {
                break if *libc::__errno_location() == 0 { Ok(()) } else { Err(Errno::last()) };
            }
            let name = CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes();
            if name != b"." && name != b".." {
                let name = OsString::from_vec(name.to_vec());
                let kind = match (*entry).d_type {
                    // Some file systems do not say.
                    libc::DT_UNKNOWN => {
                        let dir = BorrowedFd::borrow_raw(libc::dirfd(stream));
                        stat_at(dir, &name).map_or(Kind::File, |st| Kind::of_mode(st.st_mode))
                    }
                    // The type of an entry is the type bits of a mode, shifted.
                    bits => Kind::of_mode(u32::from(bits) << 12),
                };
                entries.push((name, kind, (*entry).d_ino));
            }
        }
    };
    // SAFETY: open, and closed once.
    unsafe { libc::closedir(stream) };
    result.map(|()| entries)
}
