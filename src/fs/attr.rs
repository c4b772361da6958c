//! What requests carry and what replies say.

use std::ffi::OsString;
use std::os::fd::RawFd;
use std::os::unix::fs::MetadataExt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::Stat;

/// The number of an inode.
pub type Ino = u64;
/// The number of an open file or directory.
pub type Fh = u64;

/// The inode of the mount point.
pub const ROOT: Ino = 1;

/// What an inode is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    File,
    Dir,
    Symlink,
    Pipe,
    Socket,
    CharDevice,
    BlockDevice,
}

impl FileKind {
    /// From the type bits of a mode.
    pub fn of_mode(mode: u32) -> Self {
        match mode & libc::S_IFMT {
            libc::S_IFDIR => Self::Dir,
            libc::S_IFLNK => Self::Symlink,
            libc::S_IFIFO => Self::Pipe,
            libc::S_IFSOCK => Self::Socket,
            libc::S_IFCHR => Self::CharDevice,
            libc::S_IFBLK => Self::BlockDevice,
            _ => Self::File,
        }
    }
}

/// The attributes of an inode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Attributes {
    pub ino: Ino,
    pub kind: FileKind,
    /// Permissions, set-id and sticky bits.
    pub perm: u16,
    pub size: u64,
    /// Of 512 bytes.
    pub blocks: u64,
    pub nlink: u32,
    pub uid: u32,
    pub gid: u32,
    pub rdev: u32,
    pub atime: SystemTime,
    pub mtime: SystemTime,
    pub ctime: SystemTime,
    /// How long the kernel may believe this.
    pub ttl: Duration,
}

impl Attributes {
    /// Those of a file on disk.
    pub fn of_stat(ino: Ino, st: &Stat, ttl: Duration) -> Self {
        let time = |s: i64, ns: u64| at(s, ns as i64);
        Self {
            ino,
            kind: FileKind::of_mode(st.st_mode),
            perm: (st.st_mode & 0o7777) as u16,
            size: st.st_size as u64,
            blocks: st.st_blocks as u64,
            nlink: st.st_nlink as u32,
            uid: st.st_uid,
            gid: st.st_gid,
            rdev: st.st_rdev as u32,
            atime: time(st.st_atime, st.st_atime_nsec),
            mtime: time(st.st_mtime, st.st_mtime_nsec),
            ctime: time(st.st_ctime, st.st_ctime_nsec),
            ttl,
        }
    }

    /// Those of something that was not looked at, which may not be believed.
    pub fn unknown(ino: Ino, kind: FileKind) -> Self {
        let (zero, ttl) = (UNIX_EPOCH, Duration::ZERO);
        Self {
            ino,
            kind,
            perm: 0,
            size: 0,
            blocks: 0,
            nlink: 1,
            uid: 0,
            gid: 0,
            rdev: 0,
            atime: zero,
            mtime: zero,
            ctime: zero,
            ttl,
        }
    }

    /// Those of something that is on no disk, with the owner and the time of what it is a view of. `readers` are the read bits of its mode;
    /// who may read a directory may also look into it. Its owner may write as far as the kernel knows, so that the request comes and the
    /// answer is that it is read-only.
    pub fn of_view(ino: Ino, kind: FileKind, size: u64, like: &std::fs::Metadata, readers: u32, ttl: Duration) -> Self {
        let mtime = at(like.mtime(), like.mtime_nsec());
        let readers = (readers & 0o444) as u16;
        let (perm, nlink) = match kind {
            FileKind::Dir => (readers | readers >> 2 | 0o200, 2),
            FileKind::Symlink => (0o777, 1),
            FileKind::File | FileKind::Pipe | FileKind::Socket | FileKind::CharDevice | FileKind::BlockDevice => {
                (readers | 0o200, 1)
            }
        };
        let (uid, gid, blocks) = (like.uid(), like.gid(), size.div_ceil(512));
        let (atime, ctime) = (mtime, at(like.ctime(), like.ctime_nsec()));
        Self { ino, kind, perm, size, blocks, nlink, uid, gid, rdev: 0, atime, mtime, ctime, ttl }
    }
}

fn at(seconds: i64, nanoseconds: i64) -> SystemTime {
    let nanoseconds = Duration::from_nanos(nanoseconds.clamp(0, 999_999_999) as u64);
    match u64::try_from(seconds) {
        Ok(s) => UNIX_EPOCH + Duration::from_secs(s) + nanoseconds,
        Err(_) => UNIX_EPOCH - Duration::from_secs(seconds.unsigned_abs()) + nanoseconds,
    }
}

/// An inode found under a name.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub attr: Attributes,
    /// How long the kernel may believe that the name is this inode.
    pub ttl: Duration,
}

/// How the kernel may cache an open file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caching {
    /// What it read at an earlier opening still holds.
    Keep,
    /// From this opening on.
    Fresh,
    /// Not at all: sizes and bytes come from the file system each time.
    Direct,
}

/// A file that was opened.
#[derive(Clone, Copy, Debug)]
pub struct Opened {
    pub fh: Fh,
    pub caching: Caching,
    /// Closing it needs no flush.
    pub no_flush: bool,
    /// The descriptor of the real file, if the kernel may use that instead of asking.
    pub backing: Option<RawFd>,
}

/// A directory that was opened.
#[derive(Clone, Copy, Debug)]
pub struct OpenedDir {
    pub fh: Fh,
    /// The kernel may keep its entries.
    pub cache: bool,
}

/// A name in a directory.
#[derive(Clone, Debug)]
pub struct DirEntry {
    pub name: OsString,
    pub kind: FileKind,
    /// The inode, if the name was looked up; else a number for the listing alone.
    pub ino: Ino,
}

/// Who asks.
#[derive(Clone, Copy, Debug)]
pub struct Caller {
    pub uid: u32,
    pub gid: u32,
    /// By its number; 0 if the system hides it.
    pub thread: u32,
    /// The bits that it takes from the modes of what it makes.
    pub umask: u32,
}

impl Caller {
    /// The same with a file mode creation mask.
    pub fn with_umask(self, umask: u32) -> Self {
        Self { umask, ..self }
    }
}

/// A time to set.
#[derive(Clone, Copy, Debug)]
pub enum SetTime {
    Now,
    At(SystemTime),
}

/// Attributes to set; what is `None` stays.
#[derive(Clone, Copy, Debug, Default)]
pub struct SetAttr {
    pub mode: Option<u32>,
    pub uid: Option<u32>,
    pub gid: Option<u32>,
    pub size: Option<u64>,
    pub atime: Option<SetTime>,
    pub mtime: Option<SetTime>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_before_1970() {
        assert_eq!(UNIX_EPOCH.duration_since(at(-1, 250_000_000)).unwrap(), Duration::from_millis(750));
        assert_eq!(at(1, 5).duration_since(UNIX_EPOCH).unwrap(), Duration::new(1, 5));
    }
}
