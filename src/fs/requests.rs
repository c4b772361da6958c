//! Requests about inodes and directories: what is there. See `names` for what changes directories, `files` for open files.

use std::collections::HashSet;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::acl::ACCESS_ACL;
use super::calcs::{Look, unreadable};
use super::handles::{Handle, OpenDir, entry};
use super::nodes::{Access, Key, Node, parts_of};
use super::real::{real_attr, set_attrs};
use super::said::Said;
use super::spool::Found;
use super::{
    Attributes, Caller, DirEntry, Entry, Errno, Fh, FileKind, Fs, HIDDEN, Ino, OpenedDir, ROOT, Result, SHORT, SetAttr,
    sys,
};
use crate::datastore::{ORDER_XATTR, file_id, folder_id};

/// The extended attribute of the root that tells programs where the directory beneath is. This program believes the mount table alone.
const BENEATH_XATTR: &str = "user.oqfs.beneath";

pub(super) const NEW: &str = "new";
pub(super) const LAST: &str = "last";

impl Fs {
    /// Finds `name` in the directory `parent`; the kernel knows the inode from then on.
    pub fn lookup(&self, parent: Ino, name: &OsStr, caller: Caller) -> Result<Entry> {
        self.lookup_by(parent, name, caller, Self::look)
    }

    /// As [`Self::lookup`], for one who holds up others.
    ///
    /// # Errors
    /// `EAGAIN` if array data has to be read first.
    pub fn lookup_at_once(&self, parent: Ino, name: &OsStr, caller: Caller) -> Result<Entry> {
        self.lookup_by(parent, name, caller, Self::look_at_once)
    }

    fn lookup_by(
        &self,
        parent: Ino,
        name: &OsStr,
        caller: Caller,
        look: fn(&Self, u32) -> Result<Look>,
    ) -> Result<Entry> {
        match &*self.nodes.get(parent)? {
            Node::Root => self.lookup_in_root(name),
            Node::Real { named, access, .. } => self.lookup_real(self.fd_of(named)?, parent, name, *access),
            Node::Spool(path) => self.lookup_in_spool(path, name, caller),
            Node::Calc(id) => self.lookup_in_calc(&look(self, *id)?, name),
            Node::View(id, _, path) => {
                let name = name.to_str().ok_or(Errno::ENOENT)?.to_string();
                let path: Vec<_> = parts_of(path).into_iter().chain([name]).collect();
                self.lookup_in_view(&look(self, *id)?, &path)
            }
            Node::Gone => Err(Errno::ESTALE),
            Node::Said(_) | Node::Last | Node::Status(_) | Node::Log(_) | Node::Attrs(..) | Node::Report(..) => {
                Err(Errno::ENOTDIR)
            }
        }
    }

    fn lookup_in_root(&self, name: &OsStr) -> Result<Entry> {
        match name.to_str() {
            Some(NEW) if self.spool.is_served() => {
                let ino = self.nodes.lookup(Key::Spool(PathBuf::new()), || Node::Spool(PathBuf::new()));
                Ok(Entry { attr: spool_attr(ino, Path::new(""), &self.spool.find(Path::new(""))?)?, ttl: SHORT })
            }
            Some(LAST) => {
                let attr = self.last_attr(self.nodes.peek(&Key::Last))?;
                self.nodes.lookup(Key::Last, || Node::Last);
                Ok(Entry { attr, ttl: Duration::ZERO })
            }
            Some(HIDDEN | NEW) => Err(Errno::ENOENT),
            text => match text.and_then(folder_id) {
                Some(id) => self.lookup_calc(id),
                None => self
                    .lookup_labelled(self.dir.fd(), ROOT, name, Access::ReadWrite, text.and_then(file_id))
                    .map(|(entry, _)| entry),
            },
        }
    }

    fn lookup_in_spool(&self, dir: &Path, name: &OsStr, caller: Caller) -> Result<Entry> {
        let path = dir.join(name);
        let ttl = Duration::ZERO;
        let key = Key::Spool(path.clone());
        let found = self.spool.find_for(&path, caller);
        match found.and_then(|found| spool_attr(self.nodes.peek(&key), &path, &found)) {
            Ok(attr) => {
                self.nodes.lookup(key, || Node::Spool(path));
                Ok(Entry { attr, ttl })
            }
            Err(Errno::ENOENT) if dir.as_os_str().is_empty() => {
                let key = Key::Said(name.into());
                let attr = self.said_attr(self.nodes.peek(&key), name)?;
                self.nodes.lookup(key, || Node::Said(name.into()));
                Ok(Entry { attr, ttl: attr.ttl })
            }
            Err(e) => Err(e),
        }
    }

    /// The kernel has forgotten `count` lookups of an inode.
    pub fn forget(&self, ino: Ino, count: u64) {
        self.nodes.forget(ino, count);
    }

    /// The attributes of an inode.
    pub fn getattr(&self, ino: Ino, fh: Option<Fh>) -> Result<Attributes> {
        self.getattr_by(ino, fh, Self::look)
    }

    /// As [`Self::getattr`], for one who holds up others.
    ///
    /// # Errors
    /// `EAGAIN` if array data has to be read first.
    pub fn getattr_at_once(&self, ino: Ino, fh: Option<Fh>) -> Result<Attributes> {
        self.getattr_by(ino, fh, Self::look_at_once)
    }

    fn getattr_by(&self, ino: Ino, fh: Option<Fh>, look: fn(&Self, u32) -> Result<Look>) -> Result<Attributes> {
        let handle = fh.and_then(|fh| self.handles.get(fh).ok());
        if let Some(fd) = handle.as_ref().and_then(|h| h.fd()) {
            let access = match &*self.nodes.get(ino)? {
                Node::Real { access, .. } => *access,
                _ => Access::ReadWrite,
            };
            return Ok(real_attr(ino, &sys::stat(fd)?, access));
        }
        match (self.attr(ino, look), handle.as_deref()) {
            // Removed or replaced since, but open: it can be read on.
            (Err(Errno::ENOENT | Errno::ESTALE), Some(Handle::View { file, like, readers })) => {
                let size = file.size().map_err(unreadable)?;
                let attr = Attributes::of_view(ino, FileKind::File, size, like, *readers, Duration::ZERO);
                Ok(Attributes { nlink: 0, ..attr })
            }
            (attr, _) => attr,
        }
    }

    fn attr(&self, ino: Ino, look: fn(&Self, u32) -> Result<Look>) -> Result<Attributes> {
        let node = self.nodes.get(ino)?;
        match &*node {
            Node::Root => Ok(Attributes::of_stat(ino, &sys::stat(self.dir.fd())?, SHORT)),
            Node::Real { named, access, .. } => Ok(real_attr(ino, &sys::stat(self.fd_of(named)?)?, *access)),
            Node::Spool(path) => spool_attr(ino, path, &self.spool.find(path)?),
            Node::Said(name) => self.said_attr(ino, name),
            Node::Last => self.last_attr(ino),
            Node::Calc(id) => self.calc_attr(*id, ino),
            Node::Status(id) => Ok(self.look(*id)?.status_attr(ino)),
            Node::Log(id) => self.look(*id)?.log_attr(ino),
            Node::Attrs(id, _) | Node::Report(id, _) | Node::View(id, ..) => {
                let look = look(self, *id)?;
                look.same(&node)?;
                match &*node {
                    Node::View(_, _, path) => look.view_attr(ino, &parts_of(path)),
                    Node::Report(..) => look.report_attr(ino),
                    _ => look.attrs_attr(ino),
                }
            }
            Node::Gone => Err(Errno::ESTALE),
        }
    }

    fn said_attr(&self, ino: Ino, name: &OsStr) -> Result<Attributes> {
        let (text, ttl) = self.said_for(name).ok_or(Errno::ENOENT)?;
        let like = std::fs::metadata(self.spool.path())?;
        Ok(Attributes::of_view(ino, FileKind::File, text.len() as u64, &like, like.mode(), ttl))
    }

    /// The text of a file of `new/` that says what became of a job.
    pub(super) fn said_text(&self, name: &OsStr) -> Option<Vec<u8>> {
        self.said_for(name).map(|(text, _)| text.into_bytes())
    }

    /// That text, and how long it may be believed. What is said of a job that is over changes only when its name is dropped again: who lists
    /// very many need not ask again for each. Its bytes are asked for each time all the same.
    fn said_for(&self, name: &OsStr) -> Option<(String, Duration)> {
        Some(match self.spool.said_as(name)? {
            Said::Waiting(what) => (format!("waiting: {what}\n"), Duration::ZERO),
            Said::Checking => ("checking\n".into(), Duration::ZERO),
            Said::Refused(why) => (format!("{why}\n"), Duration::ZERO),
            Said::How => (Said::how(), Duration::ZERO),
            Said::Calc(id) => match self.views.calc(id).map(|calc| calc.standing()) {
                Some(standing) => {
                    let is_over = standing.ours && standing.job.state.is_final();
                    (format!("calc_{id} {standing}\n"), if is_over { SHORT } else { Duration::ZERO })
                }
                None => (format!("calc_{id} removed\n"), Duration::ZERO),
            },
        })
    }

    fn last_attr(&self, ino: Ino) -> Result<Attributes> {
        let size = self.last()?.len() as u64;
        let like = std::fs::metadata(self.dir.path())?;
        Ok(Attributes::of_view(ino, FileKind::Symlink, size, &like, 0o444, Duration::ZERO))
    }

    fn last(&self) -> Result<String> {
        let ids = self.dir.ids().map_err(|_| Errno::EIO)?;
        ids.last().map(|id| format!("calc_{id}")).ok_or(Errno::ENOENT)
    }

    /// Sets attributes.
    pub fn setattr(&self, ino: Ino, fh: Option<Fh>, set: &SetAttr) -> Result<Attributes> {
        let handle = fh.and_then(|fh| self.handles.get(fh).ok());
        let open = handle.as_ref().and_then(|handle| handle.fd());
        let node = self.nodes.get(ino)?;
        match &*node {
            Node::Root => {
                let fd = sys::open_at(self.dir.fd(), OsStr::new("."), libc::O_PATH, 0)?;
                set_attrs(&fd, None, set)?;
            }
            Node::Real { named, access: Access::ReadWrite, .. } => set_attrs(&*self.fd_of(named)?, open, set)?,
            Node::Spool(path) => {
                let open = match handle.as_deref() {
                    Some(Handle::Spooled(spooled)) if set.size.is_some() => Some(self.writable(spooled)?),
                    _ => open,
                };
                if set.size.is_some() && open.is_none() {
                    self.spool.revive(path)?;
                }
                set_attrs(self.spool.find(path)?.fd(), open, set)?;
            }
            Node::Gone => {
                let fd = open.ok_or(Errno::ESTALE)?;
                set_attrs(fd, Some(fd), set)?;
            }
            Node::Real { .. } | Node::Said(_) | Node::Last => return Err(Errno::EROFS),
            Node::Calc(_) | Node::Status(_) | Node::Log(_) | Node::Attrs(..) | Node::Report(..) | Node::View(..) => {
                return Err(Errno::EROFS);
            }
        }
        self.getattr(ino, fh)
    }

    /// The content of a symlink.
    pub fn readlink(&self, ino: Ino) -> Result<Vec<u8>> {
        match &*self.nodes.get(ino)? {
            Node::Real { named, .. } => Ok(sys::read_link(self.fd_of(named)?)?.into_vec()),
            Node::Spool(path) => Ok(sys::read_link(self.spool.find(path)?.fd())?.into_vec()),
            Node::Last => Ok(self.last()?.into_bytes()),
            Node::View(id, _, path) => self.look(*id)?.link(&parts_of(path)),
            _ => Err(Errno::EINVAL),
        }
    }

    /// Opens a directory.
    pub fn opendir(&self, ino: Ino) -> Result<OpenedDir> {
        let node = self.nodes.get(ino)?;
        let look = self.looked(&node)?;
        let named = match &*node {
            Node::Real { named, .. } => Some(self.fd_of(named)?),
            _ => None,
        };
        let entries = Mutex::new(Arc::new(self.list(ino, &node, look.as_ref())?));
        // After it was listed, which may have found elements in other files.
        let cache = look.is_some_and(|look| look.may_be_kept());
        let dir = OpenDir { ino, entries, fresh: AtomicBool::new(true), named };
        Ok(OpenedDir { fh: self.handles.add(Handle::Dir(dir))?, cache })
    }

    /// What is in an open directory, as it was when it was opened, or as it is now if it is read from the beginning again.
    pub fn readdir(&self, fh: Fh, from_beginning: bool) -> Result<Arc<Vec<DirEntry>>> {
        let handle = self.handles.get(fh)?;
        let Handle::Dir(dir) = &*handle else { return Err(Errno::ENOTDIR) };
        if from_beginning && !dir.fresh.swap(false, Ordering::AcqRel) {
            let node = self.nodes.get(dir.ino)?;
            let fresh = Arc::new(self.list(dir.ino, &node, self.looked(&node)?.as_ref())?);
            *dir.entries.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
        Ok(dir.entries.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    /// As many of `entries`, names in the directory `ino`, as `each` takes (it gives false when it is full), with their
    /// attributes. Attributes that cost reading array data are left for when somebody asks: the kernel may not believe them.
    pub fn readdir_plus(
        &self,
        ino: Ino,
        entries: &[DirEntry],
        caller: Caller,
        mut each: impl FnMut(&DirEntry, &Entry) -> bool,
    ) -> Result<()> {
        let node = self.nodes.get(ino)?;
        let look = match &*node {
            Node::Calc(id) | Node::View(id, ..) => Some(self.look_at_once(*id)?),
            _ => None,
        };
        for listed in entries {
            if listed.name == "." || listed.name == ".." {
                // The kernel knows these.
                let attr = Attributes::unknown(listed.ino, listed.kind);
                if !each(listed, &Entry { attr, ttl: Duration::ZERO }) {
                    break;
                }
                continue;
            }
            let found = match (&*node, &look) {
                (Node::Calc(_), Some(look)) => self.listed_in_calc(look, listed),
                (Node::View(_, _, path), Some(look)) => self.listed_in_view(look, &parts_of(path), listed),
                _ => self.lookup(ino, &listed.name, caller),
            };
            // What cannot be looked up is gone since it was listed.
            let Ok(found) = found else { continue };
            if !each(listed, &found) {
                self.forget(found.attr.ino, 1);
                break;
            }
        }
        Ok(())
    }

    /// The calculation that a directory is in, as it is now.
    fn looked(&self, node: &Node) -> Result<Option<Look>> {
        match node {
            Node::Calc(id) | Node::View(id, ..) => self.look(*id).map(Some),
            _ => Ok(None),
        }
    }

    fn list(&self, ino: Ino, node: &Node, look: Option<&Look>) -> Result<Vec<DirEntry>> {
        let mut entries = vec![entry(".", FileKind::Dir, ino), entry("..", FileKind::Dir, ROOT)];
        entries.extend(match (node, look) {
            (Node::Root, _) => self.list_root()?,
            (Node::Real { named, access, .. }, _) => {
                self.list_real(sys::reopen(self.fd_of(named)?, libc::O_RDONLY | libc::O_DIRECTORY)?, *access)?
            }
            (Node::Spool(path), _) => {
                let mut entries = self.spool.list(path)?;
                if path.as_os_str().is_empty() {
                    let number = |name: &OsString| self.nodes.peek(&Key::Said(name.clone()));
                    let here: HashSet<OsString> = entries.iter().map(|e| e.name.clone()).collect();
                    let said = self.spool.said_names().into_iter().filter(|name| !here.contains(name));
                    let said: Vec<_> = said.map(|name| entry(name.clone(), FileKind::File, number(&name))).collect();
                    entries.extend(said);
                }
                entries
            }
            (Node::Calc(_), Some(look)) => self.list_calc(look)?,
            (Node::View(_, _, path), Some(look)) => self.list_view(look, &parts_of(path))?,
            _ => return Err(Errno::ENOTDIR),
        });
        Ok(entries)
    }

    fn list_root(&self) -> Result<Vec<DirEntry>> {
        let dir = sys::open_at(self.dir.fd(), OsStr::new("."), libc::O_RDONLY | libc::O_DIRECTORY, 0)?;
        let ours = |name: &OsStr| match name.to_str() {
            Some(text) => [NEW, LAST, HIDDEN].contains(&text) || folder_id(text).is_some(),
            None => false,
        };
        let mut entries = self.list_real(dir, Access::ReadWrite)?;
        entries.retain(|listed| !ours(&listed.name));
        let ids = self.dir.ids().map_err(|_| Errno::EIO)?;
        entries.extend(
            ids.iter()
                .filter(|id| self.views.calc(**id).is_some())
                .map(|id| entry(format!("calc_{id}"), FileKind::Dir, self.nodes.peek(&Key::Calc(*id)))),
        );
        if self.spool.is_served() {
            entries.push(entry(NEW, FileKind::Dir, self.nodes.peek(&Key::Spool(PathBuf::new()))));
        }
        if !ids.is_empty() {
            entries.push(entry(LAST, FileKind::Symlink, self.nodes.peek(&Key::Last)));
        }
        Ok(entries)
    }

    /// Writes a directory to disk.
    pub fn fsyncdir(&self, ino: Ino, data_only: bool) -> Result<()> {
        let flags = libc::O_RDONLY | libc::O_DIRECTORY;
        match &*self.nodes.get(ino)? {
            Node::Root => sys::sync(sys::open_at(self.dir.fd(), OsStr::new("."), flags, 0)?, data_only),
            Node::Real { named, .. } => sys::sync(sys::reopen(self.fd_of(named)?, flags)?, data_only),
            Node::Spool(path) => sys::sync(sys::reopen(self.spool.find(path)?.fd(), flags)?, data_only),
            _ => Ok(()),
        }
    }

    /// The state of the file system on disk.
    pub fn statfs(&self) -> Result<sys::StatVfs> {
        sys::statvfs(self.dir.fd())
    }

    /// The value of an extended attribute.
    pub fn getxattr(&self, ino: Ino, name: &OsStr) -> Result<Vec<u8>> {
        let node = self.nodes.get(ino)?;
        match &*node {
            Node::Root if name == BENEATH_XATTR => {
                // Good in any process of this user, not in this one alone.
                Ok(self.dir.path_for_others().into_os_string().into_encoded_bytes())
            }
            Node::Root if name == ORDER_XATTR => self.dir.order_text().map_err(|_| Errno::EIO),
            Node::Root => sys::get_xattr(self.dir.fd(), name),
            Node::Real { named, .. } => sys::get_xattr(self.fd_of(named)?, name),
            Node::Spool(path) => sys::get_xattr(self.spool.find(path)?.fd(), name),
            Node::Calc(id) | Node::Status(id) | Node::Attrs(id, _) | Node::Report(id, _) | Node::View(id, ..)
                if name == ACCESS_ACL =>
            {
                self.look(*id)?.access_list(&node)
            }
            // Capabilities and the like: asked for by `ls -l` for each file.
            _ if !name.as_encoded_bytes().starts_with(b"user.") => Err(Errno::ENOTSUP),
            Node::Calc(_) | Node::View(..) => {
                let name = name.to_str().ok_or(Errno::ENODATA)?;
                self.calc_xattr(&node, name)?.ok_or(Errno::ENODATA)
            }
            _ => Err(Errno::ENODATA),
        }
    }

    /// The names of the extended attributes, each followed by NUL.
    pub fn listxattr(&self, ino: Ino) -> Result<Vec<u8>> {
        let node = self.nodes.get(ino)?;
        match &*node {
            Node::Root => sys::list_xattrs(self.dir.fd()),
            Node::Real { named, .. } => sys::list_xattrs(self.fd_of(named)?),
            Node::Spool(path) => sys::list_xattrs(self.spool.find(path)?.fd()),
            _ => Ok(self
                .calc_xattrs(&node)?
                .into_iter()
                .flat_map(|(name, _)| [name.as_bytes(), b"\0"].concat())
                .collect()),
        }
    }

    /// Sets an extended attribute.
    pub fn setxattr(&self, ino: Ino, name: &OsStr, value: &[u8], flags: i32) -> Result<()> {
        match &*self.nodes.get(ino)? {
            Node::Root => sys::set_xattr(self.dir.fd(), name, value, flags),
            Node::Real { named, access: Access::ReadWrite, .. } => {
                sys::set_xattr(self.fd_of(named)?, name, value, flags)
            }
            Node::Spool(path) => sys::set_xattr(self.spool.find(path)?.fd(), name, value, flags),
            _ => Err(Errno::EROFS),
        }
    }

    /// Removes an extended attribute.
    pub fn removexattr(&self, ino: Ino, name: &OsStr) -> Result<()> {
        match &*self.nodes.get(ino)? {
            Node::Root => sys::remove_xattr(self.dir.fd(), name),
            Node::Real { named, access: Access::ReadWrite, .. } => sys::remove_xattr(self.fd_of(named)?, name),
            Node::Spool(path) => sys::remove_xattr(self.spool.find(path)?.fd(), name),
            _ => Err(Errno::EROFS),
        }
    }
}

/// The attributes of what was found at a path of the spool, under the number `ino`.
fn spool_attr(ino: Ino, path: &Path, found: &Found) -> Result<Attributes> {
    let ttl = if path.as_os_str().is_empty() { SHORT } else { Duration::ZERO };
    Ok(Attributes::of_stat(ino, &sys::stat(found.fd())?, ttl))
}
