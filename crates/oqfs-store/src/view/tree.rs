//! The tree of one HDF5 file in one state.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value};

use super::Result;
use super::attrs::attrs_json;
use super::export::exports;
use super::file::File;
use super::links::{Resolved, file_path, relative, resolve};
use super::names::file_name;
use super::source::{Object, ViewSource, What};

/// Finds the tree of another HDF5 file that an external link names, and the way to its top from the top of this one.
pub(super) type Elsewhere = Box<dyn Fn(&[u8]) -> Option<(ViewSource, String)> + Send + Sync>;

/// The name of the directory of exports, at the top.
pub(super) const EXPORT: &str = "export";

/// The view of an HDF5 file in one state.
pub struct Tree {
    source: ViewSource,
    /// The calculation it is of.
    calc: u32,
    generation: u64,
    elsewhere: Elsewhere,
    root: Arc<Dir>,
    /// The directory of each group that has one, by the names on the way to it.
    homes: Mutex<HashMap<Object, Vec<Vec<u8>>>>,
    attrs: OnceLock<Arc<File>>,
}

/// A group, or the exports, as a directory.
#[derive(Debug)]
pub struct Dir {
    /// None of the exports, whose entries are there from the start.
    object: Option<Object>,
    /// The names of the groups on the way to it.
    names: Vec<Vec<u8>>,
    entries: OnceLock<Vec<TreeEntry>>,
}

/// A name in a directory.
#[derive(Clone, Debug)]
pub struct TreeEntry {
    pub name: String,
    pub node: ViewNode,
    /// The object whose attributes it shows; none for a symlink.
    object: Option<Object>,
}

/// What a name in a directory is.
#[derive(Clone, Debug)]
pub enum ViewNode {
    Dir(Arc<Dir>),
    File(Arc<File>),
    /// A symlink with this content.
    Link(String),
}

impl std::fmt::Debug for Tree {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Tree").field("source", &self.source).finish_non_exhaustive()
    }
}

impl Tree {
    /// The tree of `source`, the one of this `generation` of those of calculation `calc`.
    pub(super) fn new(source: ViewSource, calc: u32, generation: u64, elsewhere: Elsewhere) -> Result<Self> {
        let object = source.root()?;
        let homes = Mutex::new(HashMap::from([(object.clone(), vec![])]));
        let root = Arc::new(Dir { object: Some(object), names: vec![], entries: OnceLock::new() });
        Ok(Self { source, calc, generation, elsewhere, root, homes, attrs: OnceLock::new() })
    }

    /// The root group.
    pub fn root(&self) -> &Arc<Dir> {
        &self.root
    }

    /// If something of it, as far as it was looked at, is in other files than the HDF5 file: what tells it from trees of other
    /// states of those files.
    pub fn generation(&self) -> Option<u64> {
        self.source.beside().is_used().then_some(self.generation)
    }

    /// True if one of those files has changed since it was looked at first.
    pub(super) fn has_changed(&self) -> bool {
        self.source.beside().has_changed()
    }

    /// What is in a directory, by name. It is found once.
    pub fn entries<'a>(&self, dir: &'a Dir) -> Result<&'a [TreeEntry]> {
        if let Some(entries) = dir.entries.get() {
            return Ok(entries);
        }
        let mut entries = vec![];
        if let Some(object) = &dir.object {
            for child in self.source.children(object)?.iter() {
                self.add(dir, &child.name, &child.what, &mut entries)?;
            }
        }
        if dir.names.is_empty() {
            entries.extend(self.export_dir());
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(dir.entries.get_or_init(|| entries))
    }

    /// The directory of the exports, if there are any.
    fn export_dir(&self) -> Option<TreeEntry> {
        let files = exports(&self.source, self.calc);
        let entry = |(name, file)| TreeEntry { name, node: ViewNode::File(file), object: None };
        let mut entries: Vec<_> = files.into_iter().map(entry).collect();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        let shown = !entries.is_empty();
        let dir = Dir { object: None, names: vec![EXPORT.into()], entries: OnceLock::from(entries) };
        shown.then(|| TreeEntry { name: EXPORT.into(), node: ViewNode::Dir(Arc::new(dir)), object: None })
    }

    /// The entry called `name`.
    pub fn lookup<'a>(&self, dir: &'a Dir, name: &str) -> Result<Option<&'a TreeEntry>> {
        let entries = self.entries(dir)?;
        Ok(entries.binary_search_by(|e| (*e.name).cmp(name)).ok().map(|i| &entries[i]))
    }

    /// The entry at `path` below the root, symlinks not followed.
    pub fn at(&self, path: &[String]) -> Result<Option<ViewNode>> {
        let mut node = ViewNode::Dir(self.root.clone());
        for name in path {
            let ViewNode::Dir(dir) = &node else { return Ok(None) };
            match self.lookup(dir, name)? {
                Some(entry) => node = entry.node.clone(),
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// The HDF5 attributes of the group or dataset that is shown at `path` below the root; none for a symlink and for what is
    /// not there.
    pub fn attrs_at(&self, path: &[String]) -> Result<Map<String, Value>> {
        let Some((last, parents)) = path.split_last() else { return self.source.attrs(&self.source.root()?) };
        let Some(ViewNode::Dir(dir)) = self.at(parents)? else { return Ok(Map::new()) };
        match self.lookup(&dir, last)?.and_then(|e| e.object.as_ref()) {
            Some(object) => self.source.attrs(object),
            None => Ok(Map::new()),
        }
    }

    /// `attrs.json`: the attributes of every object, by path, and what is not shown.
    pub fn attrs(&self) -> Result<Arc<File>> {
        if let Some(file) = self.attrs.get() {
            return Ok(file.clone());
        }
        let text = attrs_json(&self.source)?;
        Ok(self.attrs.get_or_init(|| Arc::new(File::of_bytes(text))).clone())
    }

    /// True if the size of [`Self::attrs`] costs next to nothing: it was asked for before, or all of a small file is known.
    pub fn attrs_are_near(&self) -> bool {
        self.attrs.get().is_some() || self.source.is_known_and_small()
    }

    fn add(&self, dir: &Dir, name: &[u8], what: &What, entries: &mut Vec<TreeEntry>) -> Result<()> {
        let (depth, top) = (dir.names.len(), dir.names.is_empty());
        let mut link = |suffix: &str, to: String| {
            entries.push(TreeEntry { name: file_name(name, suffix, top), node: ViewNode::Link(to), object: None });
        };
        match what {
            What::Group(object) => {
                let names: Vec<_> = dir.names.iter().cloned().chain([name.to_vec()]).collect();
                let mut homes = self.homes.lock().unwrap_or_else(PoisonError::into_inner);
                let home = homes.entry(object.clone()).or_insert_with(|| names.clone());
                if *home != names {
                    link("", relative(depth, &file_path(home, "")));
                    return Ok(());
                }
                let node =
                    ViewNode::Dir(Arc::new(Dir { object: Some(object.clone()), names, entries: OnceLock::new() }));
                entries.push(TreeEntry { name: file_name(name, "", top), node, object: Some(object.clone()) });
                if let Some(table) = self.source.table_of(object)? {
                    let node = ViewNode::File(table);
                    entries.push(TreeEntry { name: file_name(name, ".csv", top), node, object: Some(object.clone()) });
                }
            }
            What::Dataset(object) => {
                for (suffix, file) in &self.source.files(object)?.files {
                    let name = file_name(name, suffix, top);
                    entries.push(TreeEntry { name, node: ViewNode::File(file.clone()), object: Some(object.clone()) });
                }
            }
            What::Soft(path) => match resolve(&self.source, &dir.names, path)? {
                Resolved::Group(names, _) => link("", relative(depth, &file_path(&names, ""))),
                Resolved::Dataset(names, object) => {
                    for (suffix, _) in &self.source.files(&object)?.files {
                        link(suffix, relative(depth, &file_path(&names, suffix)));
                    }
                }
                Resolved::Nothing => link("", dangling(path)),
            },
            What::External { file, path } => self.external(depth, file, path, &mut link)?,
            What::Other(_) => {}
        }
        Ok(())
    }

    /// A link into another calculation leads to its folder; into any other file, nowhere: the file is not opened.
    fn external(&self, depth: usize, file: &[u8], path: &[u8], link: &mut dyn FnMut(&str, String)) -> Result<()> {
        let nowhere = || dangling(&[file, b":", path].concat());
        let Some((source, top)) = (self.elsewhere)(file) else {
            link("", nowhere());
            return Ok(());
        };
        let to = |names: &[Vec<u8>], suffix: &str| relative(depth, &format!("{top}/{}", file_path(names, suffix)));
        match resolve(&source, &[], path)? {
            Resolved::Group(names, _) => link("", to(&names, "")),
            Resolved::Dataset(names, object) => {
                source.files(&object)?.files.iter().for_each(|(suffix, _)| link(suffix, to(&names, suffix)));
            }
            Resolved::Nothing => link("", nowhere()),
        }
        Ok(())
    }
}

/// The content of a symlink that leads nowhere, whatever is in the file: it tells the path that was meant.
fn dangling(path: &[u8]) -> String {
    // Below a name that is in no directory, so that it cannot lead anywhere by accident.
    format!("%dangling/{}", file_path(&[path.to_vec()], "").trim_start_matches('/'))
}
