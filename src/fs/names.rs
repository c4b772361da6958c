//! Requests that change directories: names made, removed, renamed.

use std::ffi::{OsStr, OsString};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::named::Place;
use super::nodes::{Access, Node};
use super::real::{finish_new, make_node};
use super::requests::{LAST, NEW};
use super::said::README;
use super::spool::Found;
use super::{Caller, Entry, Errno, FileKind, Fs, HIDDEN, Ino, Result, sys};
use crate::datastore::folder_id;

/// A place where a name can be made, removed or renamed.
pub(super) enum NamePlace {
    /// In a directory on disk, which is this inode.
    Real(Arc<Node>, OsString),
    /// In the spool.
    Spool(PathBuf),
}

impl Fs {
    /// Where `name` in `parent` can be changed.
    pub(super) fn place(&self, parent: Ino, name: &OsStr) -> Result<NamePlace> {
        let node = self.nodes.get(parent)?;
        match &*node {
            Node::Root => {
                let text = name.to_str();
                let ours = text.is_some_and(|text| [NEW, LAST, HIDDEN].contains(&text) || folder_id(text).is_some());
                if ours { Err(Errno::EROFS) } else { Ok(NamePlace::Real(node, name.into())) }
            }
            Node::Real { access: Access::ReadWrite, .. } => Ok(NamePlace::Real(node, name.into())),
            Node::Spool(path) => Ok(NamePlace::Spool(path.join(name))),
            Node::Gone => Err(Errno::ESTALE),
            _ => Err(Errno::EROFS),
        }
    }

    /// Calls with the descriptor of a directory on disk.
    pub(super) fn in_dir<T>(&self, node: &Node, call: impl FnOnce(&OwnedFd) -> Result<T>) -> Result<T> {
        match node {
            Node::Root => call(self.dir.fd()),
            Node::Real { named, access: Access::ReadWrite, .. } => call(&*self.fd_of(named)?),
            _ => Err(Errno::EROFS),
        }
    }

    /// Something is made at a path of the spool: if that took a name, others know what had it.
    pub(super) fn replaced_in_spool(&self, path: &Path, replaced: bool) {
        if replaced {
            self.nodes.remove_spool(path);
        }
    }

    /// Creates a directory.
    pub fn mkdir(&self, parent: Ino, name: &OsStr, mode: u32, caller: Caller) -> Result<Entry> {
        match self.place(parent, name)? {
            NamePlace::Real(dir, name) => {
                self.in_dir(&dir, |fd| make_node(fd, &name, mode, caller, |mode| sys::mkdir_at(fd, &name, mode)))?
            }
            NamePlace::Spool(path) => self.spool.mkdir(&path, mode, caller)?,
        }
        self.lookup(parent, name, caller)
    }

    /// Creates a regular file or, outside the spool, a pipe, socket or device.
    pub fn mknod(&self, parent: Ino, name: &OsStr, mode: u32, rdev: u32, caller: Caller) -> Result<Entry> {
        match self.place(parent, name)? {
            NamePlace::Real(dir, name) => {
                self.in_dir(&dir, |fd| make_node(fd, &name, mode, caller, |mode| sys::mknod_at(fd, &name, mode, rdev)))?
            }
            NamePlace::Spool(path) if FileKind::of_mode(mode) == FileKind::File => {
                let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_EXCL;
                let (_, replaced) = self.spool.create(&path, flags, mode & 0o7777, caller)?;
                self.replaced_in_spool(&path, replaced);
            }
            NamePlace::Spool(_) => return Err(Errno::EPERM),
        }
        self.lookup(parent, name, caller)
    }

    /// Creates a symlink.
    pub fn symlink(&self, parent: Ino, name: &OsStr, target: &OsStr, caller: Caller) -> Result<Entry> {
        match self.place(parent, name)? {
            NamePlace::Real(dir, name) => self.in_dir(&dir, |fd| {
                sys::symlink_at(target, fd, &name)?;
                finish_new(sys::handle_at(fd, &name)?, None, caller)
            })?,
            NamePlace::Spool(path) => {
                let replaced = self.spool.symlink(&path, target, caller)?;
                self.replaced_in_spool(&path, replaced);
                // it may be the last that its job waits for; the link is there, whatever is said of the job
                let _ = self.arrived(&path, caller);
            }
        }
        self.lookup(parent, name, caller)
    }

    /// Creates a hard link to the file `ino`. In the spool, the file arrives.
    pub fn link(&self, ino: Ino, parent: Ino, name: &OsStr, caller: Caller) -> Result<Entry> {
        let node = self.nodes.get(ino)?;
        let (found, named);
        let source = match &*node {
            Node::Real { named: file, access: Access::ReadWrite, .. } => {
                named = self.fd_of(file)?;
                &*named
            }
            Node::Spool(path) => {
                found = self.spool.find(path)?;
                match &found {
                    Found::Here(fd) => fd,
                    // A calculation's input is nobody's file any more.
                    Found::Ghost(_) => return Err(Errno::EPERM),
                }
            }
            _ => return Err(Errno::EROFS),
        };
        match self.place(parent, name)? {
            NamePlace::Real(dir, name) => self.in_dir(&dir, |fd| sys::link_at(source, fd, &name))?,
            NamePlace::Spool(path) => {
                let replaced = self.spool.link(source, &path, caller)?;
                self.replaced_in_spool(&path, replaced);
                self.arrived(&path, caller)?;
            }
        }
        self.lookup(parent, name, caller)
    }

    /// Removes a file.
    pub fn unlink(&self, parent: Ino, name: &OsStr) -> Result<()> {
        match self.place(parent, name)? {
            NamePlace::Real(dir, name) => self.in_dir(&dir, |fd| sys::unlink_at(fd, &name, 0)),
            NamePlace::Spool(path) => match self.spool.remove(&path, 0) {
                Err(Errno::ENOENT) if path == Path::new(README) => Err(Errno::EROFS),
                Err(Errno::ENOENT) if path == Path::new(name) && self.spool.said_as(name).is_some() => {
                    self.spool.unsay(name);
                    Ok(())
                }
                removed => {
                    removed?;
                    self.nodes.remove_spool(&path);
                    Ok(())
                }
            },
        }
    }

    /// Removes an empty directory.
    pub fn rmdir(&self, parent: Ino, name: &OsStr) -> Result<()> {
        match self.place(parent, name)? {
            NamePlace::Real(dir, name) => self.in_dir(&dir, |fd| sys::unlink_at(fd, &name, libc::AT_REMOVEDIR)),
            NamePlace::Spool(path) => {
                self.spool.remove(&path, libc::AT_REMOVEDIR)?;
                self.nodes.remove_spool(&path);
                Ok(())
            }
        }
    }

    /// What is at a place on disk, in the directory `dir`, was put there: it is found there from now on.
    fn now_at(&self, dir: impl AsFd, place: Place) {
        // One that is gone again needs no place.
        if let Ok(st) = sys::stat_at(dir, &place.name) {
            self.nodes.moved(&st, &place);
        }
    }

    /// True if something that is renamed or linked into the directory `parent` may have to be judged first.
    pub fn arrival_may_wait(&self, parent: Ino) -> bool {
        matches!(self.nodes.get(parent).as_deref(), Ok(Node::Spool(_)))
    }

    /// Renames. What is renamed into the spool arrives; if its job is refused, it stays where it was.
    pub fn rename(&self, from: Ino, name: &OsStr, to: Ino, new_name: &OsStr, flags: u32, caller: Caller) -> Result<()> {
        let (from_ino, to_ino) = (from, to);
        match (self.place(from, name)?, self.place(to, new_name)?) {
            (NamePlace::Real(from, name), NamePlace::Real(to, new_name)) => self.in_dir(&from, |a| {
                self.in_dir(&to, |b| {
                    sys::rename_at(a, &name, b, &new_name, flags)?;
                    self.now_at(b, Place { parent: to_ino, name: new_name });
                    if flags & libc::RENAME_EXCHANGE != 0 {
                        self.now_at(a, Place { parent: from_ino, name });
                    }
                    Ok(())
                })
            }),
            (NamePlace::Real(from, name), NamePlace::Spool(to)) => self.in_dir(&from, |fd| {
                self.spool.rename_in(fd, &name, &to, flags, caller)?;
                self.nodes.remove_spool(&to);
                self.arrived(&to, caller).inspect_err(|_| {
                    if let Err(e) = self.spool.rename_out(&to, fd, &name, libc::RENAME_NOREPLACE) {
                        log::warn!("new/{}: refused, and cannot go back: {e}", to.display());
                    }
                })
            }),
            (NamePlace::Spool(from), NamePlace::Real(to, new_name)) => {
                self.in_dir(&to, |fd| self.spool.rename_out(&from, fd, &new_name, flags))?;
                self.nodes.remove_spool(&from);
                Ok(())
            }
            (NamePlace::Spool(from), NamePlace::Spool(to)) => {
                let is_here = self.spool.rename(&from, &to, flags, caller)?;
                if flags & libc::RENAME_EXCHANGE == 0 {
                    self.nodes.move_spool(&from, &to);
                }
                if !is_here {
                    return Ok(());
                }
                self.arrived(&to, caller).inspect_err(|_| {
                    match self.spool.rename(&to, &from, libc::RENAME_NOREPLACE, caller) {
                        Ok(_) => self.nodes.move_spool(&to, &from),
                        Err(e) => log::warn!("new/{}: refused, and cannot go back: {e}", to.display()),
                    }
                })
            }
        }
    }
}
