//! What the file system answers, in the terms of `fuser`.

use fuser::{
    FileAttr, FileType, FopenFlags, Generation, INodeNo, LockOwner, ReplyAttr, ReplyEmpty, ReplyEntry, ReplyLock,
    ReplyXattr, Request,
};

use crate::fs::{self, Caching, Caller, Entry, Errno, FileKind, Lock, LockKind, Opened};

impl From<Errno> for fuser::Errno {
    fn from(errno: Errno) -> Self {
        Self::from_i32(errno.0)
    }
}

pub fn file_type(kind: FileKind) -> FileType {
    match kind {
        FileKind::File => FileType::RegularFile,
        FileKind::Dir => FileType::Directory,
        FileKind::Symlink => FileType::Symlink,
        FileKind::Pipe => FileType::NamedPipe,
        FileKind::Socket => FileType::Socket,
        FileKind::CharDevice => FileType::CharDevice,
        FileKind::BlockDevice => FileType::BlockDevice,
    }
}

pub fn file_attr(attr: &fs::Attributes) -> FileAttr {
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

pub fn caller(request: &Request) -> Caller {
    Caller { uid: request.uid(), gid: request.gid(), thread: request.pid(), umask: 0 }
}

pub fn open_flags(opened: &Opened) -> FopenFlags {
    let caching = match opened.caching {
        Caching::Keep => FopenFlags::FOPEN_KEEP_CACHE,
        Caching::Fresh => FopenFlags::empty(),
        Caching::Direct => FopenFlags::FOPEN_DIRECT_IO,
    };
    if opened.no_flush { caching | FopenFlags::FOPEN_NOFLUSH } else { caching }
}

/// A lock as the kernel asks for one; `kind` is its `F_RDLCK`, `F_WRLCK` or `F_UNLCK`.
pub fn lock_asked(kind: i32, start: u64, end: u64, owner: LockOwner, pid: u32) -> fs::Result<Lock> {
    let kind = LockKind::of_fcntl(kind).ok_or(Errno::EINVAL)?;
    Ok(Lock { kind, start, end, owner: owner.0, pid })
}

pub fn reply_lock(reply: ReplyLock, lock: fs::Result<Lock>) {
    match lock {
        Ok(lock) => reply.locked(lock.start, lock.end, lock.kind.to_fcntl(), lock.pid),
        Err(e) => reply.error(e.into()),
    }
}

pub fn reply_attr(reply: ReplyAttr, attr: fs::Result<fs::Attributes>) {
    match attr {
        Ok(attr) => reply.attr(&attr.ttl, &file_attr(&attr)),
        Err(e) => reply.error(e.into()),
    }
}

pub fn reply_entry(reply: ReplyEntry, entry: fs::Result<Entry>) {
    match entry {
        Ok(e) => reply.entry_with_ttls(&e.attr.ttl, &e.ttl, &file_attr(&e.attr), Generation(0)),
        Err(e) => reply.error(e.into()),
    }
}

pub fn reply_empty(reply: ReplyEmpty, result: fs::Result<()>) {
    match result {
        Ok(()) => reply.ok(),
        Err(e) => reply.error(e.into()),
    }
}

pub fn reply_xattr(reply: ReplyXattr, size: u32, value: fs::Result<Vec<u8>>) {
    match value {
        Ok(value) if size == 0 => reply.size(value.len() as u32),
        Ok(value) if value.len() > size as usize => reply.error(Errno::ERANGE.into()),
        Ok(value) => reply.data(&value),
        Err(e) => reply.error(e.into()),
    }
}
