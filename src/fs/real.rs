//! Files and directories on disk.

use std::ffi::OsStr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::handles::Handle;
use super::named::{NamedFile, Place};
use super::nodes::{Access, Key, Node};
use super::{
    Attributes, Caching, Caller, DirEntry, Entry, Errno, FileKind, Fs, Ino, Opened, ROOT, Result, SHORT, SetAttr, sys,
};

/// More directories than are below each other anywhere.
const DEEPEST: usize = 1 << 16;

/// Permissions to write that a read-only mirror has not.
const OTHERS_WRITE: u16 = 0o022;
/// The one that it always has, for the reason [`Attributes::of_view`] gives.
const OWNER_WRITES: u16 = 0o200;

impl Fs {
    /// The descriptor of what is on disk: the one there is, or one by the name under which it was seen last.
    ///
    /// # Errors
    /// `ESTALE` if it is there no more.
    pub(super) fn fd_of(&self, named: &Arc<NamedFile>) -> Result<Arc<OwnedFd>> {
        if let Some(fd) = named.fd() {
            return Ok(fd);
        }
        // The directories above that have none either, the next one first.
        let mut above: Vec<Arc<Node>> = vec![];
        let mut parent = named.place().parent;
        let mut dir = loop {
            if parent == ROOT {
                break None;
            }
            let node = self.nodes.get(parent)?;
            let Node::Real { named, .. } = &*node else { return Err(Errno::ESTALE) };
            if let Some(fd) = named.fd() {
                break Some(fd);
            }
            parent = named.place().parent;
            // What others rename beneath the mount meanwhile can look like a circle.
            if above.len() > DEEPEST {
                return Err(Errno::ESTALE);
            }
            above.push(node);
        };
        let find = |dir: &Option<Arc<OwnedFd>>, named: &Arc<NamedFile>| {
            let fd = named.find(dir.as_deref().unwrap_or(self.dir.fd()))?;
            Ok(self.nodes.keep(named, fd))
        };
        for node in above.iter().rev() {
            if let Node::Real { named, .. } = &**node {
                dir = Some(find(&dir, named)?);
            }
        }
        find(&dir, named)
    }

    /// Looks `name` up in `dir`, the directory `parent` on disk.
    pub(super) fn lookup_real(&self, dir: impl AsFd, parent: Ino, name: &OsStr, access: Access) -> Result<Entry> {
        self.lookup_labelled(dir, parent, name, access, None).map(|(entry, _)| entry)
    }

    /// As [`Self::lookup_real`], of what is the datastore of an engine's calculation; gives what names it too.
    pub(super) fn lookup_labelled(
        &self,
        dir: impl AsFd,
        parent: Ino,
        name: &OsStr,
        access: Access,
        engine: Option<u32>,
    ) -> Result<(Entry, Arc<OwnedFd>)> {
        let fd = sys::handle_at(dir, name)?;
        let st = sys::stat(&fd)?;
        let place = Place { parent, name: name.to_os_string() };
        let (ino, named) = self.nodes.lookup_real(&st, place, access, engine, fd)?;
        let attr = real_attr(ino, &st, access);
        // A program's file beside the one it locks may be gone or another one: the kernel asks each time.
        let changes = access == Access::ReadWrite && attr.kind == FileKind::File;
        Ok((Entry { attr, ttl: if changes { Duration::ZERO } else { SHORT } }, named))
    }

    /// Opens a file on disk.
    pub(super) fn open_real(
        &self,
        named: Arc<OwnedFd>,
        flags: i32,
        access: Access,
        engine: Option<u32>,
    ) -> Result<Opened> {
        let writes = flags & libc::O_ACCMODE != libc::O_RDONLY;
        if access == Access::ReadOnly && writes {
            return Err(Errno::EROFS);
        }
        self.opened(sys::reopen(&named, real_flags(flags))?, named, access, engine.filter(|_| writes))
    }

    fn opened(&self, file: OwnedFd, named: Arc<OwnedFd>, access: Access, writes: Option<u32>) -> Result<Opened> {
        let backing = Some(file.as_raw_fd());
        let fh = self.handles.add(Handle::Real { fd: file, writes, _named: named })?;
        if let Some(id) = writes {
            self.watched.begin_writing(id);
        }
        Ok(Opened { fh, caching: Caching::Fresh, no_flush: access == Access::ReadOnly, backing })
    }

    /// Creates a file on disk, or opens the one there is.
    pub(super) fn create_real(
        &self,
        (dir, parent): (impl AsFd, Ino),
        name: &OsStr,
        flags: i32,
        mode: u32,
        caller: Caller,
        engine: Option<u32>,
    ) -> Result<(Entry, Opened)> {
        let (file, made) = create_file(&dir, name, flags, mode, caller)?;
        let entry = self.lookup_labelled(&dir, parent, name, Access::ReadWrite, engine);
        if entry.is_err() && made {
            // Nobody was told of it.
            let _ = sys::unlink_at(&dir, name, 0);
        }
        let (entry, named) = entry?;
        Ok((entry, self.opened(file, named, Access::ReadWrite, engine)?))
    }

    /// What is in a directory on disk, open for reading.
    pub(super) fn list_real(&self, dir: OwnedFd, access: Access) -> Result<Vec<DirEntry>> {
        let dev = sys::stat(&dir)?.st_dev;
        let number = |ino| self.nodes.peek(&Key::Real { dev, ino, access });
        let listed = sys::read_dir(dir)?;
        Ok(listed.into_iter().map(|(name, kind, ino)| DirEntry { name, kind, ino: number(ino) }).collect())
    }
}

/// The attributes of a file on disk under the number `ino`.
pub(super) fn real_attr(ino: Ino, st: &sys::Stat, access: Access) -> Attributes {
    let mut attr = Attributes::of_stat(ino, st, SHORT);
    if access == Access::ReadOnly && attr.kind != FileKind::Symlink {
        attr.perm = attr.perm & !OTHERS_WRITE | OWNER_WRITES;
    }
    attr
}

/// Flags for the real file: symlinks were followed by the kernel, and buffers here are not aligned as `O_DIRECT` asks.
pub(super) fn real_flags(flags: i32) -> i32 {
    flags & !(libc::O_NOFOLLOW | libc::O_DIRECT | libc::O_CREAT | libc::O_EXCL | libc::O_NOCTTY)
}

/// Creates or opens `name` in `dir`; tells whether it was made.
pub(super) fn create_file(
    dir: impl AsFd,
    name: &OsStr,
    flags: i32,
    mode: u32,
    caller: Caller,
) -> Result<(OwnedFd, bool)> {
    let flags_for = |extra: i32| real_flags(flags) | libc::O_NOFOLLOW | extra;
    let by_list = has_default_acl(&dir, name)?;
    // nobody else opens it before it has its owner, but where a list says who may
    let first = if by_list { mode } else { 0o600 };
    match sys::open_at(&dir, name, flags_for(libc::O_CREAT | libc::O_EXCL), first) {
        Ok(file) => {
            finish_new(&file, (!by_list).then_some(mode & !caller.umask), caller)?;
            Ok((file, true))
        }
        Err(Errno::EEXIST) if flags & libc::O_EXCL == 0 => Ok((sys::open_at(&dir, name, flags_for(0), 0)?, false)),
        Err(e) => Err(e),
    }
}

/// Makes what is no regular file at `path` from `dir` by `make`, which is given the mode to make it with.
pub(super) fn make_node(
    dir: impl AsFd,
    path: &OsStr,
    mode: u32,
    caller: Caller,
    make: impl FnOnce(u32) -> Result<()>,
) -> Result<()> {
    let by_list = has_default_acl(&dir, path)?;
    make(mode)?;
    let mode = (!by_list).then_some(mode & 0o7777 & !caller.umask);
    finish_new(sys::handle_at(&dir, path)?, mode, caller)
}

/// Whether the directory of `path`, from `dir`, has an access control list that decides upon the modes of what is made in it, in place of
/// masks.
fn has_default_acl(dir: impl AsFd, path: &OsStr) -> Result<bool> {
    let above;
    let directory = match Path::new(path).parent().filter(|above| !above.as_os_str().is_empty()) {
        Some(parent) => {
            above = sys::handle_at(&dir, parent.as_os_str())?;
            above.as_fd()
        }
        None => dir.as_fd(),
    };
    Ok(sys::get_xattr(directory, OsStr::new(DEFAULT_ACL)).is_ok_and(|list| !list.is_empty()))
}

/// The extended attribute that is such a list.
const DEFAULT_ACL: &str = "system.posix_acl_default";

/// Gives what was just made its mode, if it has not got it from a list, and its owner, if another user's.
pub(super) fn finish_new(fd: impl AsFd, mode: Option<u32>, caller: Caller) -> Result<()> {
    let st = sys::stat(&fd)?;
    let keep_group = st.st_mode & libc::S_ISGID != 0 || st.st_gid == caller.gid;
    if st.st_uid != caller.uid {
        // Only root can; a file that stays the mount owner's is what anybody else gets.
        let _ = sys::chown(&fd, Some(caller.uid), (!keep_group).then_some(caller.gid));
    }
    match mode {
        Some(mode) => sys::chmod(&fd, mode | st.st_mode & libc::S_ISGID),
        None => Ok(()),
    }
}

/// Sets attributes of what `fd`, an `O_PATH` descriptor, is open on; its length through `open`, if it is open for writing.
pub(super) fn set_attrs(fd: &OwnedFd, open: Option<&OwnedFd>, set: &SetAttr) -> Result<()> {
    if set.uid.is_some() || set.gid.is_some() {
        sys::chown(fd, set.uid, set.gid)?;
    }
    if let Some(mode) = set.mode {
        sys::chmod(fd, mode)?;
    }
    if let Some(size) = set.size {
        match open {
            Some(open) => sys::truncate(open, size)?,
            None => sys::truncate(sys::reopen(fd, libc::O_WRONLY)?, size)?,
        }
    }
    if set.atime.is_some() || set.mtime.is_some() {
        sys::set_times(fd, set.atime, set.mtime)?;
    }
    Ok(())
}
