//! `calc_N/`: the view of a datastore, and the files on disk beside it. All of it is read-only.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::Metadata;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::acl::{self, ACCESS_ACL};
use super::handles::{Handle, entry};
use super::nodes::{Access, Key, Node, Stamp, ViewPath, parts_of};
use super::watch::Noticed;
use super::{Attributes, Caching, DirEntry, Entry, Errno, FileKind, Fs, Ino, LONG, Opened, ROOT, Result, SHORT, sys};
use crate::datastore::JOB;
use crate::view::{self, Calc, Tree};

pub(super) const STATUS: &str = "status";
/// The name of a log, which is a file on disk if one process alone writes it.
const LOG: &str = "log";
pub(super) const ATTRS: &str = "attrs.json";
const REPORT: &str = "report.html";

/// A calculation as it is now, for one request.
pub(super) struct Look {
    calc: Arc<Calc>,
    /// `None` if there is no datastore that can be read now.
    tree: Option<Arc<Tree>>,
    /// Whose owner and times the files of the view have.
    like: Metadata,
    /// Who may read them, as the read bits of a mode.
    readers: u32,
    ttl: Duration,
    /// Array data is not to be read for attributes: they are `EAGAIN` then.
    at_once: bool,
}

impl Fs {
    /// Looks at calculation `id`.
    pub(super) fn look(&self, id: u32) -> Result<Look> {
        // as it was told to the kernel, which will be told if it changes
        if let Some((like, readers)) = self.watched.seen(id)
            && let Some(calc) = self.views.known(id)
            && let Some(tree) = calc.last_tree()
        {
            return Ok(Look { calc, tree: Some(tree), like, readers, ttl: LONG, at_once: false });
        }
        let calc = self.views.calc(id).ok_or(Errno::ENOENT)?;
        let (seen, is_final) = self.watched_if_final(id, || {
            let seen = calc.see().ok_or(Errno::ENOENT)?;
            let is_final = seen.is_final;
            Ok((seen, is_final))
        })?;
        let tree = match seen.tree {
            Ok(tree) => tree,
            Err(e) => {
                log::debug!("calc_{id}: {e}");
                None
            }
        };
        let (like, readers) = (seen.metadata, seen.readers);
        if is_final {
            self.watched.note(id, &like, readers);
        }
        Ok(Look { calc, tree, like, readers, ttl: if is_final { LONG } else { SHORT }, at_once: false })
    }

    /// What `see` sees of calculation `id`, and whether that is for good, which it says too: the kernel will be told if it changes all the
    /// same.
    fn watched_if_final<T>(&self, id: u32, see: impl Fn() -> Result<(T, bool)>) -> Result<(T, bool)> {
        let (seen, is_final) = see()?;
        match is_final.then(|| self.watched.watch(id)) {
            None | Some(Noticed::No) => Ok((seen, false)),
            Some(Noticed::Already) => Ok((seen, true)),
            // It may have changed before it was watched.
            Some(Noticed::FromNowOn) => see(),
        }
    }

    /// The attributes of the folder of calculation `id` under the number `ino`. No datastore is looked into.
    pub(super) fn calc_attr(&self, id: u32, ino: Ino) -> Result<Attributes> {
        let calc = self.views.calc(id).ok_or(Errno::ENOENT)?;
        let ((like, readers), is_final) = self.watched_if_final(id, || calc.see_folder().ok_or(Errno::ENOENT))?;
        Ok(Attributes::of_view(ino, FileKind::Dir, 0, &like, readers, if is_final { LONG } else { SHORT }))
    }

    /// Looks at calculation `id` for a request that is not to wait for array data to be read.
    pub(super) fn look_at_once(&self, id: u32) -> Result<Look> {
        Ok(Look { at_once: true, ..self.look(id)? })
    }

    /// The folder of calculation `id`, looked up in the root.
    pub(super) fn lookup_calc(&self, id: u32) -> Result<Entry> {
        let attr = self.calc_attr(id, self.nodes.peek(&Key::Calc(id)))?;
        self.nodes.lookup(Key::Calc(id), || Node::Calc(id));
        Ok(Entry { attr, ttl: attr.ttl })
    }

    /// Looks `name` up in the folder of calculation `id`.
    pub(super) fn lookup_in_calc(&self, look: &Look, name: &OsStr) -> Result<Entry> {
        let id = look.calc.id();
        let text = name.to_str().ok_or(Errno::ENOENT)?;
        match text {
            STATUS => {
                let ino = self.nodes.lookup(Key::Status(id), || Node::Status(id));
                return Ok(Entry { attr: look.status_attr(ino), ttl: look.ttl });
            }
            LOG if look.calc.has_shared_log() => {
                let attr = look.log_attr(self.nodes.peek(&Key::Log(id)))?;
                self.nodes.lookup(Key::Log(id), || Node::Log(id));
                return Ok(Entry { attr, ttl: SHORT });
            }
            ATTRS if look.tree.is_some() => {
                let size = look.attrs_size()?;
                let stamp = look.stamp(FileKind::File);
                let ino = self.nodes.lookup(Key::Attrs(id, stamp), || Node::Attrs(id, stamp));
                return Ok(Entry { attr: look.attr(ino, FileKind::File, size), ttl: look.ttl() });
            }
            REPORT if look.has_report() => {
                let stamp = look.stamp(FileKind::File);
                let (key, node) = (Key::Report(id, stamp), Node::Report(id, stamp));
                let attr = look.report_attr(self.nodes.peek(&key))?;
                self.nodes.lookup(key, || node);
                return Ok(Entry { attr, ttl: attr.ttl });
            }
            _ => {}
        }
        let in_view = || self.lookup_in_view(look, &[text.to_string()]);
        if Calc::is_reserved(text) {
            return self.lookup_beside(look, text);
        }
        match in_view() {
            Err(Errno::ENOENT) => self.lookup_beside(look, text),
            found => found,
        }
    }

    /// A file on disk in the folder.
    fn lookup_beside(&self, look: &Look, name: &str) -> Result<Entry> {
        let real = look.calc.real_file(name).ok_or(Errno::ENOENT)?;
        let mut entry = self.lookup_real(self.dir.fd(), ROOT, real.path.as_os_str(), Access::ReadOnly)?;
        if look.ttl == LONG {
            (entry.ttl, entry.attr.ttl) = (LONG, LONG);
        } else if name == JOB {
            // each state is another file, and who was told one by `status` finds it here
            entry.ttl = Duration::ZERO;
        }
        Ok(entry)
    }

    /// Looks up what the view has at `path`.
    pub(super) fn lookup_in_view(&self, look: &Look, path: &[String]) -> Result<Entry> {
        let (key, node) = look.named(path, kind_of(&look.at(path)?));
        let attr = look.view_attr(self.nodes.peek(&key), path)?;
        self.nodes.lookup(key, || node);
        Ok(Entry { attr, ttl: look.ttl() })
    }

    /// What is in the folder of a calculation.
    pub(super) fn list_calc(&self, look: &Look) -> Result<Vec<DirEntry>> {
        let id = look.calc.id();
        self.ahead.asked_for(id);
        let mut entries = BTreeMap::new();
        let mut add = |name: &str, kind, ino| drop(entries.insert(name.to_string(), entry(name, kind, ino)));
        for real in look.calc.reals() {
            if let Ok(st) = sys::stat_at(self.dir.fd(), real.path.as_os_str()) {
                add(&real.name, FileKind::of_mode(st.st_mode), st.st_ino);
            }
        }
        if let Some(tree) = &look.tree {
            let view = tree.entries(tree.root()).map_err(unreadable)?;
            for found in view.iter().filter(|found| !Calc::is_reserved(&found.name)) {
                let kind = kind_of(&found.node);
                add(&found.name, kind, self.nodes.peek(&look.named(std::slice::from_ref(&found.name), kind).0));
            }
            add(ATTRS, FileKind::File, self.nodes.peek(&Key::Attrs(id, look.stamp(FileKind::File))));
        }
        if look.has_report() {
            let stamp = look.stamp(FileKind::File);
            add(REPORT, FileKind::File, self.nodes.peek(&Key::Report(id, stamp)));
        }
        add(STATUS, FileKind::File, self.nodes.peek(&Key::Status(id)));
        if look.calc.has_shared_log() {
            add(LOG, FileKind::File, self.nodes.peek(&Key::Log(id)));
        }
        Ok(entries.into_values().collect())
    }

    /// What is in a directory of the view.
    pub(super) fn list_view(&self, look: &Look, path: &[String]) -> Result<Vec<DirEntry>> {
        let tree = look.tree.as_ref().ok_or(Errno::ENOENT)?;
        let Some(view::ViewNode::Dir(dir)) = tree.at(path).map_err(unreadable)? else { return Err(Errno::ENOTDIR) };
        let entries = tree.entries(&dir).map_err(unreadable)?;
        let number = |name: &str, kind| {
            let path: Vec<_> = path.iter().cloned().chain([name.to_string()]).collect();
            self.nodes.peek(&look.named(&path, kind).0)
        };
        let listed = |e: &view::TreeEntry| entry(&e.name, kind_of(&e.node), number(&e.name, kind_of(&e.node)));
        Ok(entries.iter().map(listed).collect())
    }

    /// A name of a listing of the folder of a calculation, looked at for a request that is not to wait.
    pub(super) fn listed_in_calc(&self, look: &Look, listed: &DirEntry) -> Result<Entry> {
        let id = look.calc.id();
        match (self.lookup_in_calc(look, &listed.name), listed.name.to_str()) {
            (Err(Errno::EAGAIN), Some(ATTRS)) => {
                let stamp = look.stamp(listed.kind);
                Ok(self.unknown((Key::Attrs(id, stamp), Node::Attrs(id, stamp)), listed.kind))
            }
            (Err(Errno::EAGAIN), Some(REPORT)) => {
                let stamp = look.stamp(listed.kind);
                Ok(self.unknown((Key::Report(id, stamp), Node::Report(id, stamp)), listed.kind))
            }
            (Err(Errno::EAGAIN), Some(name)) => {
                Ok(self.unknown(look.named(&[name.to_string()], listed.kind), listed.kind))
            }
            (found, _) => found,
        }
    }

    /// A name of a listing of the directory of the view at `path`, of a calculation looked at for a request that is not to wait.
    pub(super) fn listed_in_view(&self, look: &Look, path: &[String], listed: &DirEntry) -> Result<Entry> {
        let name = listed.name.to_str().ok_or(Errno::ENOENT)?.to_string();
        let path: Vec<_> = path.iter().cloned().chain([name]).collect();
        match self.lookup_in_view(look, &path) {
            Err(Errno::EAGAIN) => Ok(self.unknown(look.named(&path, listed.kind), listed.kind)),
            found => found,
        }
    }

    /// An inode whose attributes are left for when somebody asks.
    fn unknown(&self, (key, node): (Key, Node), kind: FileKind) -> Entry {
        let ino = self.nodes.lookup(key, || node);
        Entry { attr: Attributes::unknown(ino, kind), ttl: Duration::ZERO }
    }

    /// Opens a file of a calculation.
    pub(super) fn open_calc_file(&self, ino: Ino, node: &Node) -> Result<Opened> {
        let id = node.calc().ok_or(Errno::EBADF)?;
        let look = self.look(id)?;
        look.same(node)?;
        let view = |file| Handle::View { file, like: Box::new(look.like.clone()), readers: look.readers };
        let (handle, caching) = match node {
            Node::Status(_) | Node::Log(_) => (Handle::Text { ino, text: Default::default() }, Caching::Direct),
            Node::Report(..) => match look.lasting_report() {
                Some(file) => (view(file), look.caching()),
                None => (Handle::Text { ino, text: Default::default() }, Caching::Direct),
            },
            Node::Attrs(..) => {
                let tree = look.tree.as_ref().ok_or(Errno::ENOENT)?;
                (view(tree.attrs().map_err(unreadable)?), look.caching())
            }
            Node::View(_, _, path) => match look.at(&parts_of(path))? {
                view::ViewNode::File(file) => (view(file), look.caching()),
                view::ViewNode::Dir(_) => return Err(Errno::EISDIR),
                view::ViewNode::Link(_) => return Err(Errno(libc::ELOOP)),
            },
            _ => return Err(Errno::EISDIR),
        };
        Ok(Opened { fh: self.handles.add(handle)?, caching, no_flush: true, backing: None })
    }

    /// The extended attributes of a calculation's file: the HDF5 attributes, as text.
    pub(super) fn calc_xattrs(&self, node: &Node) -> Result<Vec<(String, Vec<u8>)>> {
        let Some((id, path)) = in_calc(node) else { return Ok(vec![]) };
        let look = self.look(id)?;
        let Some(tree) = &look.tree else { return Ok(vec![]) };
        let attrs = tree.attrs_at(&path).map_err(unreadable)?;
        Ok(attrs.into_iter().filter_map(|(name, value)| xattr_of(&name, value)).collect())
    }

    /// The value of the extended attribute `name` of a calculation's file.
    pub(super) fn calc_xattr(&self, node: &Node, name: &str) -> Result<Option<Vec<u8>>> {
        let (Some((id, path)), Some(attr)) = (in_calc(node), name.strip_prefix(USER)) else { return Ok(None) };
        let look = self.look(id)?;
        let Some(tree) = &look.tree else { return Ok(None) };
        let value = tree.attr_at(&path, attr).map_err(unreadable)?;
        Ok(value.and_then(|value| xattr_of(attr, value)).map(|(_, text)| text))
    }
}

/// What the names of all extended attributes of calculations begin with.
const USER: &str = "user.";

/// The calculation that a node is of, and the way to it from the top.
fn in_calc(node: &Node) -> Option<(u32, Vec<String>)> {
    match node {
        Node::View(id, _, path) => Some((*id, parts_of(path))),
        Node::Calc(id) => Some((*id, vec![])),
        _ => None,
    }
}

/// An HDF5 attribute as an extended one; what the kernel has no room for is in attrs.json alone.
fn xattr_of(name: &str, value: Value) -> Option<(String, Vec<u8>)> {
    let (name, text) = match value {
        Value::String(text) => (format!("{USER}{name}"), text.into_bytes()),
        other => (format!("{USER}{name}"), other.to_string().into_bytes()),
    };
    (name.len() <= 255 && !name.contains('\0') && text.len() <= 65536).then_some((name, text))
}

impl Look {
    pub(super) fn attr(&self, ino: Ino, kind: FileKind, size: u64) -> Attributes {
        Attributes::of_view(ino, kind, size, &self.like, self.readers, self.ttl())
    }

    /// How long the kernel may believe what it is told of what was looked at.
    fn ttl(&self) -> Duration {
        if self.may_be_kept() { LONG } else { SHORT }
    }

    fn caching(&self) -> Caching {
        if self.may_be_kept() { Caching::Keep } else { Caching::Fresh }
    }

    /// What tells the files of this state of the datastore, and of the files beside it that hold elements, from those of another.
    fn stamp(&self, kind: FileKind) -> Stamp {
        match (kind, self.tree.as_ref().and_then(|tree| tree.generation())) {
            (FileKind::File, Some(generation)) => {
                let mut hasher = DefaultHasher::new();
                (self.datastore_stamp(kind), generation).hash(&mut hasher);
                hasher.finish()
            }
            _ => self.datastore_stamp(kind),
        }
    }

    /// What tells the files of this state of the datastore from those of another.
    fn datastore_stamp(&self, kind: FileKind) -> Stamp {
        match kind {
            FileKind::File if self.is_final() => {
                let mut hasher = DefaultHasher::new();
                (self.writing_stamp(), self.like.mtime(), self.like.mtime_nsec(), self.like.size()).hash(&mut hasher);
                hasher.finish()
            }
            FileKind::File => self.writing_stamp(),
            _ => 0,
        }
    }

    /// The same one as long as it is written: what shows stays as it is, and stays so when it is complete.
    fn writing_stamp(&self) -> Stamp {
        let mut hasher = DefaultHasher::new();
        (self.like.dev(), self.like.ino()).hash(&mut hasher);
        hasher.finish()
    }

    /// The access control list of a file of the view.
    ///
    /// # Errors
    /// `ENODATA` if there is none.
    pub(super) fn access_list(&self, node: &Node) -> Result<Vec<u8>> {
        let kind = match node {
            Node::Calc(_) => FileKind::Dir,
            Node::View(_, _, path) => kind_of(&self.at(&parts_of(path))?),
            _ => FileKind::File,
        };
        let list = |path: Option<PathBuf>| sys::get_xattr_of(&path?, OsStr::new(ACCESS_ACL)).ok();
        let (datastore, folder) = self.calc.read_by();
        let of_folder = folder.filter(|_| matches!(node, Node::Calc(_)));
        let found = match list(of_folder) {
            Some(of_folder) => acl::of_view(&of_folder, true, kind),
            None => list(datastore).and_then(|of_datastore| acl::of_view(&of_datastore, false, kind)),
        };
        found.ok_or(Errno::ENODATA)
    }

    /// What the view has at `path`, as an inode.
    fn named(&self, path: &[String], kind: FileKind) -> (Key, Node) {
        let (id, stamp, path) = (self.calc.id(), self.stamp(kind), ViewPath::from(path.join("/")));
        (Key::View(id, stamp, path.clone()), Node::View(id, stamp, path))
    }

    /// `ESTALE` if the node is a file of another state of the datastore; the kernel then looks the name up again.
    pub(super) fn same(&self, node: &Node) -> Result<()> {
        match node {
            Node::View(_, stamp, _) | Node::Attrs(_, stamp) | Node::Report(_, stamp) => {
                // What was told before anything of another file was looked at is of none.
                let good = [0, self.writing_stamp(), self.datastore_stamp(FileKind::File), self.stamp(FileKind::File)];
                if good.contains(stamp) { Ok(()) } else { Err(Errno::ESTALE) }
            }
            _ => Ok(()),
        }
    }

    pub(super) fn status_attr(&self, ino: Ino) -> Attributes {
        let size = self.calc.status().len() as u64;
        Attributes {
            ttl: if self.ttl == LONG { SHORT } else { Duration::ZERO },
            ..self.attr(ino, FileKind::File, size)
        }
    }

    /// The log of several processes as it is now.
    pub(super) fn log(&self) -> Result<Vec<u8>> {
        self.calc.shared_log().map(|(text, _)| text).map_err(unreadable)
    }

    pub(super) fn log_attr(&self, ino: Ino) -> Result<Attributes> {
        let (text, readers) = self.calc.shared_log().map_err(unreadable)?;
        let readers = readers & self.readers;
        Ok(Attributes::of_view(ino, FileKind::File, text.len() as u64, &self.like, readers, Duration::ZERO))
    }

    pub(super) fn attrs_attr(&self, ino: Ino) -> Result<Attributes> {
        let size = self.attrs_size()?;
        Ok(self.attr(ino, FileKind::File, size))
    }

    fn has_report(&self) -> bool {
        self.calc.has_report(self.tree.as_deref())
    }

    /// The report, if nothing that it tells of changes any more.
    fn lasting_report(&self) -> Option<Arc<view::File>> {
        self.tree.as_ref().filter(|_| self.may_be_kept()).map(|tree| self.calc.lasting_report(tree))
    }

    /// The report as it is now.
    pub(super) fn report(&self) -> Result<Vec<u8>> {
        self.calc.report(self.tree.as_deref()).map_err(unreadable)
    }

    pub(super) fn report_attr(&self, ino: Ino) -> Result<Attributes> {
        match self.lasting_report() {
            Some(file) if self.at_once && !file.size_is_near() => Err(Errno::EAGAIN),
            Some(file) => Ok(self.attr(ino, FileKind::File, file.size().map_err(unreadable)?)),
            None if self.at_once => Err(Errno::EAGAIN),
            None => {
                let size = self.report()?.len() as u64;
                Ok(Attributes { ttl: Duration::ZERO, ..self.attr(ino, FileKind::File, size) })
            }
        }
    }

    fn attrs_size(&self) -> Result<u64> {
        let tree = self.tree.as_ref().ok_or(Errno::ENOENT)?;
        if self.at_once && !tree.attrs_are_near() {
            return Err(Errno::EAGAIN);
        }
        tree.attrs().and_then(|file| file.size()).map_err(unreadable)
    }

    fn at(&self, path: &[String]) -> Result<view::ViewNode> {
        let tree = self.tree.as_ref().ok_or(Errno::ENOENT)?;
        if self.at_once && !tree.is_near(path).map_err(unreadable)? {
            return Err(Errno::EAGAIN);
        }
        tree.at(path).map_err(unreadable)?.ok_or(Errno::ENOENT)
    }

    pub(super) fn view_attr(&self, ino: Ino, path: &[String]) -> Result<Attributes> {
        let node = self.at(path)?;
        let size = match &node {
            view::ViewNode::Dir(_) => 0,
            view::ViewNode::Link(to) => to.len() as u64,
            view::ViewNode::File(file) if self.at_once && !file.size_is_near() => return Err(Errno::EAGAIN),
            view::ViewNode::File(file) => file.size().map_err(unreadable)?,
        };
        Ok(self.attr(ino, kind_of(&node), size))
    }

    pub(super) fn link(&self, path: &[String]) -> Result<Vec<u8>> {
        match self.at(path)? {
            view::ViewNode::Link(to) => Ok(to.into_bytes()),
            _ => Err(Errno::EINVAL),
        }
    }

    pub(super) fn status(&self) -> Vec<u8> {
        self.calc.status().into_bytes()
    }

    /// True if nothing in the folder changes any more, and the kernel will be told if it does.
    pub(super) fn is_final(&self) -> bool {
        self.ttl == LONG
    }

    /// True if nothing of what was looked at changes any more, or the kernel will be told: nothing tells of files beside the
    /// datastore.
    pub(super) fn may_be_kept(&self) -> bool {
        self.is_final() && self.tree.as_ref().is_none_or(|tree| tree.generation().is_none())
    }
}

fn kind_of(node: &view::ViewNode) -> FileKind {
    match node {
        view::ViewNode::Dir(_) => FileKind::Dir,
        view::ViewNode::File(_) => FileKind::File,
        view::ViewNode::Link(_) => FileKind::Symlink,
    }
}

/// What the kernel is told of a view that cannot be read; the log has the reason.
pub(super) fn unreadable(error: view::Error) -> Errno {
    log::warn!("{error}");
    match error {
        view::Error::Io(e) => e.into(),
        _ => Errno::EIO,
    }
}
