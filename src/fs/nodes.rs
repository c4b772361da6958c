//! The inodes the kernel knows.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::attr::{FileKind, Ino, ROOT};
use super::named::{NamedFile, Place, ToClose};
use super::{Errno, Result};
use crate::datastore::folder_id;

/// What may be done to a file on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    ReadWrite,
    ReadOnly,
}

/// Tells states of a datastore apart whose files are not the same: they are other inodes, because the kernel keeps bytes by
/// inode, and one who still reads the old file must not show its bytes to those who open the new one. 0 for what has no bytes.
pub type Stamp = u64;

/// Where something is in a view: the names on the way to it, with slashes between. There are many, and each is kept once.
pub type ViewPath = Arc<str>;

/// The names on the way to what is at a path.
pub fn parts_of(path: &ViewPath) -> Vec<String> {
    path.split('/').map(str::to_string).collect()
}

/// What an inode stands for.
#[derive(Debug)]
pub enum Node {
    /// The mount point.
    Root,
    /// A file or directory on disk. `engine` is the calculation whose datastore it is, if it is an engine's.
    Real { named: Arc<NamedFile>, access: Access, engine: Option<u32> },
    /// `new/` and what is below, by path from there.
    Spool(PathBuf),
    /// `new/NAME.status` or `new/NAME.error`.
    Said(OsString),
    /// The symlink to the newest calculation.
    Last,
    /// The folder of a calculation.
    Calc(u32),
    /// `calc_N/status`.
    Status(u32),
    /// `calc_N/log`, where several processes write it.
    Log(u32),
    /// `calc_N/attrs.json`.
    Attrs(u32, Stamp),
    /// `calc_N/report.html`.
    Report(u32, Stamp),
    /// What the HDF5 file of a calculation has at this path.
    View(u32, Stamp, ViewPath),
    /// A file of the spool that was removed or replaced; it can be open still.
    Gone,
}

/// What makes two inodes the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Key {
    Root,
    Real {
        dev: u64,
        ino: u64,
        access: Access,
    },
    Spool(PathBuf),
    Said(OsString),
    Last,
    Calc(u32),
    Status(u32),
    Log(u32),
    Attrs(u32, Stamp),
    Report(u32, Stamp),
    View(u32, Stamp, ViewPath),
    /// Nothing that has a name any more.
    Gone(Ino),
}

impl Node {
    /// The calculation it is part of.
    pub fn calc(&self) -> Option<u32> {
        match self {
            Self::Calc(id)
            | Self::Status(id)
            | Self::Log(id)
            | Self::Attrs(id, _)
            | Self::Report(id, _)
            | Self::View(id, ..) => Some(*id),
            _ => None,
        }
    }
}

/// Inodes by number and by what they stand for. One is kept as long as the kernel knows it.
#[derive(Debug)]
pub struct Nodes {
    table: Mutex<Table>,
    to_close: Mutex<ToClose>,
    /// Told when there are more than [`MOST`].
    grown: Condvar,
    /// The device of the data directory.
    dev: u64,
}

#[derive(Debug, Default)]
struct Table {
    nodes: HashMap<Ino, Known>,
    numbers: HashMap<Key, Ino>,
    /// Those of the spool, by path: what is below a folder follows it.
    spooled: BTreeMap<PathBuf, Ino>,
    of_calcs: HashMap<u32, HashSet<Ino>>,
    /// Files, by when they became known.
    files: VecDeque<Ino>,
}

/// The kernel keeps what it was told as long as it has memory, and so would this process. Of more inodes than this it is asked to forget
/// the files that it has known for longest.
const MOST: usize = 1 << 15;

impl Table {
    /// Notes a file.
    fn add_file(&mut self, ino: Ino) {
        if self.files.len() > 2 * MOST {
            let nodes = &self.nodes;
            self.files.retain(|ino| nodes.contains_key(ino));
        }
        self.files.push_back(ino);
    }

    /// The directory in which the kernel knows a file, and its name there.
    fn place_of(&self, ino: Ino) -> Option<(Ino, OsString)> {
        let known = self.nodes.get(&ino)?;
        let in_calc = |id| Some(*self.numbers.get(&Key::Calc(id))?);
        match (&known.key, &*known.node) {
            (Key::View(id, _, path), _) => match path.rsplit_once('/') {
                Some((dir, name)) => Some((*self.numbers.get(&Key::View(*id, 0, dir.into()))?, name.into())),
                None => Some((in_calc(*id)?, OsString::from(&**path))),
            },
            (Key::Said(name), _) => Some((*self.numbers.get(&Key::Spool(PathBuf::new()))?, name.clone())),
            (_, Node::Real { named, .. }) => {
                let Place { parent, name } = named.place();
                let path = Path::new(&name);
                match path.parent().and_then(|folder| folder_id(folder.to_str()?)) {
                    Some(id) => Some((in_calc(id)?, path.file_name()?.to_os_string())),
                    None => Some((parent, name)),
                }
            }
            _ => None,
        }
    }

    /// The spool paths known at `base` and below.
    fn spooled(&self, base: &Path) -> Vec<(PathBuf, Ino)> {
        let from = self.spooled.range(base.to_path_buf()..);
        from.take_while(|(path, _)| path.starts_with(base)).map(|(path, ino)| (path.clone(), *ino)).collect()
    }

    fn set_number(&mut self, key: Key, ino: Ino) {
        if let Key::Spool(path) = &key {
            self.spooled.insert(path.clone(), ino);
        }
        self.numbers.insert(key, ino);
    }

    fn remove_number(&mut self, key: &Key) {
        if let Key::Spool(path) = key {
            self.spooled.remove(path);
        }
        self.numbers.remove(key);
    }

    fn remove_spool(&mut self, base: &Path) {
        for (path, ino) in self.spooled(base) {
            self.remove_number(&Key::Spool(path));
            if let Some(known) = self.nodes.get_mut(&ino) {
                known.key = Key::Gone(ino);
                known.node = Arc::new(Node::Gone);
            }
        }
    }
}

#[derive(Debug)]
struct Known {
    node: Arc<Node>,
    key: Key,
    /// How often the kernel was told of it and has not forgotten it.
    lookups: u64,
}

impl Nodes {
    /// Those of a data directory, on the device `dev`.
    pub fn new(dev: u64) -> Self {
        Self::with_root(Key::Root, Node::Root, dev)
    }

    /// Those of one calculation, whose folder is the mount point.
    pub fn of_one(id: u32, dev: u64) -> Self {
        Self::with_root(Key::Calc(id), Node::Calc(id), dev)
    }

    fn with_root(key: Key, node: Node, dev: u64) -> Self {
        let of_calcs = node.calc().map(|id| (id, HashSet::from([ROOT]))).into_iter().collect();
        let numbers = HashMap::from([(key.clone(), ROOT)]);
        let nodes = HashMap::from([(ROOT, Known { node: Arc::new(node), key, lookups: 1 })]);
        Self {
            table: Mutex::new(Table { nodes, numbers, of_calcs, ..Table::default() }),
            to_close: Mutex::new(ToClose::new()),
            grown: Condvar::new(),
            dev,
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `ino` stands for.
    pub fn get(&self, ino: Ino) -> Result<Arc<Node>> {
        self.table().nodes.get(&ino).map(|known| known.node.clone()).ok_or(Errno::ESTALE)
    }

    /// The number of what `key` says, made with `node` if it is new; counts as one lookup.
    pub fn lookup(&self, key: Key, node: impl FnOnce() -> Node) -> Ino {
        let mut table = self.table();
        let ino = self.number(&table, &key);
        let Table { nodes, of_calcs, .. } = &mut *table;
        let known = nodes.entry(ino).or_insert_with(|| {
            let node = node();
            if let Some(id) = node.calc() {
                of_calcs.entry(id).or_default().insert(ino);
            }
            Known { node: Arc::new(node), key: key.clone(), lookups: 0 }
        });
        known.lookups += 1;
        if known.lookups == 1 {
            // Of a view, only files have a stamp.
            if matches!(key, Key::View(_, 1.., _) | Key::Said(_)) {
                table.add_file(ino);
            }
            table.set_number(key, ino);
            if table.nodes.len() > MOST {
                self.grown.notify_one();
            }
        }
        ino
    }

    /// As [`Self::lookup`], of what is on disk at `place`, where `fd` names it: gives the descriptor that does from now on.
    pub fn lookup_real(
        &self,
        st: &super::sys::Stat,
        place: Place,
        access: Access,
        engine: Option<u32>,
        fd: OwnedFd,
    ) -> Result<(Ino, Arc<OwnedFd>)> {
        let key = Key::Real { dev: st.st_dev, ino: st.st_ino, access };
        let mut is_new = false;
        let ino = self.lookup(key, || {
            is_new = true;
            Node::Real { named: Arc::new(NamedFile::new(st, place.clone())), access, engine }
        });
        let node = self.get(ino)?;
        let Node::Real { named, .. } = &*node else { return Err(Errno::ESTALE) };
        named.seen(place);
        if is_new && FileKind::of_mode(st.st_mode) != FileKind::Dir {
            self.table().add_file(ino);
        }
        Ok((ino, self.keep(named, fd)))
    }

    /// Waits until the kernel knows more than it should, and gives the files that it has known for longest, each by the directory and its
    /// name there.
    pub fn too_many(&self) -> Vec<(Ino, OsString)> {
        let mut table = self.table();
        while table.nodes.len() <= MOST || table.files.is_empty() {
            table = self.grown.wait(table).unwrap_or_else(PoisonError::into_inner);
        }
        let (mut found, wanted) = (vec![], table.nodes.len() - MOST / 8 * 7);
        while found.len() < wanted
            && let Some(oldest) = table.files.pop_front()
        {
            found.extend(table.place_of(oldest));
        }
        found
    }

    /// Has `named` keep `fd`, unless it has one; others may let go of theirs.
    pub fn keep(&self, named: &Arc<NamedFile>, fd: OwnedFd) -> Arc<OwnedFd> {
        let fd = named.or(fd);
        self.to_close.lock().unwrap_or_else(PoisonError::into_inner).add(named);
        fd
    }

    /// What is on disk as `st` says is at `place` now, under either access.
    pub fn moved(&self, st: &super::sys::Stat, place: &Place) {
        for access in [Access::ReadWrite, Access::ReadOnly] {
            let key = Key::Real { dev: st.st_dev, ino: st.st_ino, access };
            if let Some(Node::Real { named, .. }) = self.known(&key).as_deref() {
                named.seen(place.clone());
            }
        }
    }

    /// What `key` says, if the kernel knows it.
    fn known(&self, key: &Key) -> Option<Arc<Node>> {
        let table = self.table();
        table.nodes.get(table.numbers.get(key)?).map(|known| known.node.clone())
    }

    /// The number `key` has or would have.
    pub fn peek(&self, key: &Key) -> Ino {
        self.number(&self.table(), key)
    }

    /// The same thing has the same number again after it was forgotten, as far as numbers allow.
    fn number(&self, table: &Table, key: &Key) -> Ino {
        if let Some(ino) = table.numbers.get(key) {
            return *ino;
        }
        let mut ino = match key {
            Key::Root => ROOT,
            Key::Real { dev, ino, access } if *dev == self.dev && *ino < 1 << 60 => {
                let class = if *access == Access::ReadWrite { 1 } else { 2 };
                class << 60 | ino
            }
            _ => {
                let mut hasher = DefaultHasher::new();
                key.hash(&mut hasher);
                3 << 60 | hasher.finish() >> 4
            }
        };
        while table.nodes.get(&ino).is_some_and(|known| known.key != *key) {
            ino += 1;
        }
        ino
    }

    /// The kernel has forgotten `count` lookups of `ino`.
    pub fn forget(&self, ino: Ino, count: u64) {
        let mut table = self.table();
        let Some(known) = table.nodes.get_mut(&ino) else { return };
        known.lookups = known.lookups.saturating_sub(count);
        if known.lookups == 0 && ino != ROOT {
            let (key, calc) = (known.key.clone(), known.node.calc());
            table.nodes.remove(&ino);
            if table.numbers.get(&key) == Some(&ino) {
                table.remove_number(&key);
            }
            if let Some(id) = calc
                && let Some(inodes) = table.of_calcs.get_mut(&id)
            {
                inodes.remove(&ino);
                if inodes.is_empty() {
                    table.of_calcs.remove(&id);
                }
            }
        }
    }

    /// The numbers of all inodes of a calculation.
    pub fn of_calc(&self, id: u32) -> Vec<Ino> {
        self.table().of_calcs.get(&id).into_iter().flatten().copied().collect()
    }

    /// What is at this spool path, and below, has no name any more: another file of that name is another inode.
    pub fn remove_spool(&self, path: &Path) {
        self.table().remove_spool(path);
    }

    /// Gives the spool paths below `from` (and itself) their places below `to`; what was known at those is not any more.
    pub fn move_spool(&self, from: &Path, to: &Path) {
        let mut table = self.table();
        table.remove_spool(to);
        for (path, ino) in table.spooled(from) {
            table.remove_number(&Key::Spool(path.clone()));
            let Ok(rest) = path.strip_prefix(from) else { continue };
            // Joining nothing would leave a slash behind.
            let path = if rest.as_os_str().is_empty() { to.to_owned() } else { to.join(rest) };
            if let Some(known) = table.nodes.get_mut(&ino) {
                known.key = Key::Spool(path.clone());
                known.node = Arc::new(Node::Spool(path.clone()));
                table.set_number(Key::Spool(path), ino);
            }
        }
    }

    /// How many inodes are known.
    #[cfg(test)]
    pub fn len(&self) -> usize {
        self.table().nodes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_lives_as_long_as_the_kernel_knows_it_and_comes_back() {
        let nodes = Nodes::new(7);
        let ino = nodes.lookup(Key::Calc(3), || Node::Calc(3));
        assert_eq!(nodes.lookup(Key::Calc(3), || panic!("known")), ino);
        nodes.forget(ino, 1);
        assert_eq!(nodes.get(ino).unwrap().calc(), Some(3));
        nodes.forget(ino, 1);
        assert_eq!((nodes.get(ino).unwrap_err(), nodes.len()), (Errno::ESTALE, 1));
        assert_eq!(nodes.lookup(Key::Calc(3), || Node::Calc(3)), ino);
        nodes.forget(ROOT, 100);
        assert!(nodes.get(ROOT).is_ok());
    }

    #[test]
    fn moved_in_the_spool() {
        let nodes = Nodes::new(7);
        let add = |path: &str| nodes.lookup(Key::Spool(path.into()), || Node::Spool(path.into()));
        let (a, inner, over, other) = (add("a"), add("a/x"), add("b"), add("ab"));
        nodes.move_spool("a".as_ref(), "b".as_ref());
        let path = |ino| match &*nodes.get(ino).unwrap() {
            Node::Spool(path) => path.to_str().unwrap().to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!([path(a), path(inner), path(other)], ["b", "b/x", "ab"]);
        assert_eq!(nodes.peek(&Key::Spool("b".into())), a);
        nodes.forget(over, 1);
        assert_eq!(nodes.peek(&Key::Spool("b".into())), a, "the one that was replaced takes nothing with it");
        nodes.remove_spool("b".as_ref());
        assert!(matches!(*nodes.get(inner).unwrap(), Node::Gone));
        assert_ne!(add("b"), a, "a new file of that name is not the old one, which may be open");
    }
}
