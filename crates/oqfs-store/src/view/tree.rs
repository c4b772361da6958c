//! The tree of one HDF5 file in one state.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Map, Value};

use super::Result;
use super::at::at;
use super::attrs::attrs_json;
use super::export::exports;
use super::file::File;
use super::links::{Resolved, file_path, relative, resolve};
use super::names::file_name;
use super::plots::{PlotSet, is_calculation, plots};
use super::report::{ReportTold, report};
use super::source::{Object, ViewSource, What};

/// Finds the tree of another HDF5 file that an external link names, and the way to its top from the top of this one.
pub(super) type Elsewhere = Box<dyn Fn(&[u8]) -> Option<(ViewSource, String)> + Send + Sync>;

/// The name of the directory of exports, at the top.
pub(super) const EXPORT: &str = "export";
/// The attribute of a file that is made: the keys of the datasets that it was made from.
const MADE_FROM: &str = "made_from";

/// The view of an HDF5 file in one state.
pub struct Tree {
    source: Arc<ViewSource>,
    /// The calculation it is of.
    calc: u32,
    generation: u64,
    elsewhere: Elsewhere,
    root: Arc<Dir>,
    /// The directory of each group that has one, by the names on the way to it.
    homes: Mutex<HashMap<Object, Vec<Vec<u8>>>>,
    attrs: OnceLock<Arc<File>>,
    /// The pictures of it, if it is a calculation.
    plots: Arc<PlotSet>,
    report: OnceLock<Arc<File>>,
}

/// A group, or what is made from the datastore, as a directory.
#[derive(Debug)]
pub struct Dir {
    content: DirContent,
    /// The names of the groups on the way to it.
    names: Vec<Vec<u8>>,
    entries: OnceLock<Vec<TreeEntry>>,
}

#[derive(Debug)]
enum DirContent {
    Group(Object),
    Made(Box<dyn MadeDir>),
}

/// What is in a directory that no group is. It is asked for when somebody looks.
pub(super) trait MadeDir: std::fmt::Debug + Send + Sync {
    /// What is listed, in any order.
    ///
    /// # Errors
    /// If what the entries are made from cannot be read.
    fn entries(&self) -> Result<Vec<TreeEntry>>;

    /// What is not listed and is there all the same.
    ///
    /// # Errors
    /// As [`Self::entries`].
    fn unlisted(&self, _name: &str) -> Result<Option<TreeEntry>> {
        Ok(None)
    }

    /// True if [`Self::unlisted`] answers without reading array data.
    fn is_near(&self, _name: &str) -> bool {
        true
    }
}

/// A name in a directory.
#[derive(Clone, Debug)]
pub struct TreeEntry {
    pub name: String,
    pub node: ViewNode,
    about: About,
}

/// Whose attributes an entry shows.
#[derive(Clone, Debug)]
enum About {
    Object(Object),
    /// The keys of the datasets that it was made from.
    MadeFrom(Vec<String>),
    Nothing,
}

impl TreeEntry {
    /// A file that was made from the datasets with these keys.
    pub(super) fn made(name: impl Into<String>, file: impl Into<Arc<File>>, keys: &[impl AsRef<str>]) -> Self {
        let keys: Vec<String> = keys.iter().map(|key| key.as_ref().to_string()).collect();
        let about = if keys.is_empty() { About::Nothing } else { About::MadeFrom(keys) };
        Self { name: name.into(), node: ViewNode::File(file.into()), about }
    }

    /// A directory that is made.
    pub(super) fn made_dir(name: impl Into<String>, content: impl MadeDir + 'static) -> Self {
        let name = name.into();
        let content = DirContent::Made(Box::new(content));
        let dir = Dir { content, names: vec![name.clone().into()], entries: OnceLock::new() };
        Self { name, node: ViewNode::Dir(Arc::new(dir)), about: About::Nothing }
    }
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
        let root = Arc::new(Dir { content: DirContent::Group(object), names: vec![], entries: OnceLock::new() });
        let source = Arc::new(source);
        Ok(Self {
            plots: Arc::new(PlotSet::new(&source, calc)),
            source,
            calc,
            generation,
            elsewhere,
            root,
            homes,
            attrs: OnceLock::new(),
            report: OnceLock::new(),
        })
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
        match &dir.content {
            DirContent::Group(object) => {
                for child in self.source.children(object)?.iter() {
                    self.add(dir, &child.name, &child.what, &mut entries)?;
                }
            }
            DirContent::Made(made) => entries = made.entries()?,
        }
        if dir.names.is_empty() {
            // what the file itself has of such a name keeps it
            let made: Vec<_> =
                self.made().into_iter().filter(|made| entries.iter().all(|entry| entry.name != made.name)).collect();
            entries.extend(made);
        }
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(dir.entries.get_or_init(|| entries))
    }

    /// The directories at the top that are made. What cannot be made is no reason to leave out the rest.
    fn made(&self) -> Vec<TreeEntry> {
        let exports = exports(&self.source, self.calc);
        let mut made = vec![];
        if !exports.is_empty() {
            made.push(TreeEntry::made_dir(EXPORT, ExportDir(exports)));
        }
        match at(&self.source, self.calc) {
            Ok(at) => made.extend(at),
            Err(e) => log::warn!("calc_{}: no hazard at places: {e}", self.calc),
        }
        match plots(&self.plots) {
            Ok(plots) => made.extend(plots),
            Err(e) => log::warn!("calc_{}: no pictures: {e}", self.calc),
        }
        made
    }

    /// The entry called `name`, listed or not.
    pub fn lookup(&self, dir: &Dir, name: &str) -> Result<Option<TreeEntry>> {
        let entries = self.entries(dir)?;
        match (entries.binary_search_by(|e| (*e.name).cmp(name)), &dir.content) {
            (Ok(i), _) => Ok(Some(entries[i].clone())),
            (Err(_), DirContent::Made(made)) => made.unlisted(name),
            (Err(_), DirContent::Group(_)) => Ok(None),
        }
    }

    /// The entry at `path` below the root, symlinks not followed.
    pub fn at(&self, path: &[String]) -> Result<Option<ViewNode>> {
        let mut node = ViewNode::Dir(self.root.clone());
        for name in path {
            let ViewNode::Dir(dir) = &node else { return Ok(None) };
            match self.lookup(dir, name)? {
                Some(entry) => node = entry.node,
                None => return Ok(None),
            }
        }
        Ok(Some(node))
    }

    /// True if what is at `path` below the root is found without reading array data.
    pub fn is_near(&self, path: &[String]) -> Result<bool> {
        let mut dir = self.root.clone();
        for (depth, name) in path.iter().enumerate() {
            match &dir.content {
                DirContent::Made(made) if !made.is_near(name) => return Ok(false),
                // what is made is at the top
                DirContent::Group(_) if depth > 0 => return Ok(true),
                DirContent::Made(_) | DirContent::Group(_) => {}
            }
            match self.lookup(&dir, name)?.map(|entry| entry.node) {
                Some(ViewNode::Dir(below)) => dir = below,
                _ => return Ok(true),
            }
        }
        Ok(true)
    }

    /// The HDF5 attributes of the group or dataset that is shown at `path` below the root; of what is made, the datasets that it was made
    /// from; none for a symlink and for what is not there.
    pub fn attrs_at(&self, path: &[String]) -> Result<Map<String, Value>> {
        match self.about(path)? {
            About::Object(object) => self.source.attrs(&object),
            About::MadeFrom(keys) => Ok(Map::from_iter([(MADE_FROM.to_string(), keys.join(" ").into())])),
            About::Nothing => Ok(Map::new()),
        }
    }

    /// One of them: who asks for one after the other does not wait for all each time.
    pub fn attr_at(&self, path: &[String], name: &str) -> Result<Option<Value>> {
        match self.about(path)? {
            About::Object(object) => self.source.attr(&object, name),
            About::MadeFrom(_) | About::Nothing => Ok(self.attrs_at(path)?.remove(name)),
        }
    }

    /// Whose attributes are shown at `path` below the root.
    fn about(&self, path: &[String]) -> Result<About> {
        let Some((last, parents)) = path.split_last() else { return Ok(About::Object(self.source.root()?)) };
        let Some(ViewNode::Dir(dir)) = self.at(parents)? else { return Ok(About::Nothing) };
        Ok(self.lookup(&dir, last)?.map_or(About::Nothing, |entry| entry.about))
    }

    /// `attrs.json`: the attributes of every object, by path, and what is not shown.
    pub fn attrs(&self) -> Result<Arc<File>> {
        if let Some(file) = self.attrs.get() {
            return Ok(file.clone());
        }
        let is_home = |object: &Object, names: &[Vec<u8>]| self.is_home(object, names);
        let text = attrs_json(&self.source, &is_home)?;
        Ok(self.attrs.get_or_init(|| Arc::new(File::of_bytes(text))).clone())
    }

    /// True if the directory of a group is the one with these names, which it is from now on if it had none.
    fn is_home(&self, object: &Object, names: &[Vec<u8>]) -> bool {
        let mut homes = self.homes.lock().unwrap_or_else(PoisonError::into_inner);
        homes.entry(object.clone()).or_insert_with(|| names.to_vec()) == names
    }

    /// Where it comes from.
    pub(super) fn source(&self) -> &Arc<ViewSource> {
        &self.source
    }

    /// Whether the file is the datastore of a calculation, as far as its names say.
    pub fn is_calculation(&self) -> bool {
        is_calculation(&self.source).unwrap_or(false)
    }

    /// Its pictures.
    pub(super) fn plots(&self) -> &Arc<PlotSet> {
        &self.plots
    }

    /// The report of this state of the file; what else it says is `told` when it is asked for first.
    pub(super) fn report(&self, told: impl FnOnce() -> ReportTold) -> Arc<File> {
        let make = || {
            let (plots, told) = (self.plots.clone(), told());
            Arc::new(File::made(self.source.cache(), None, move || report(Some(&plots), &told)))
        };
        self.report.get_or_init(make).clone()
    }

    /// True if the size of [`Self::attrs`] costs next to nothing: it was asked for before, or all of a small file is known.
    pub fn attrs_are_near(&self) -> bool {
        self.attrs.get().is_some() || self.source.is_known_and_small()
    }

    fn add(&self, dir: &Dir, name: &[u8], what: &What, entries: &mut Vec<TreeEntry>) -> Result<()> {
        let (depth, top) = (dir.names.len(), dir.names.is_empty());
        let mut link = |suffix: &str, to: String| {
            entries.push(TreeEntry {
                name: file_name(name, suffix, top),
                node: ViewNode::Link(to),
                about: About::Nothing,
            });
        };
        match what {
            What::Group(object) => {
                let names: Vec<_> = dir.names.iter().cloned().chain([name.to_vec()]).collect();
                if !self.is_home(object, &names) {
                    let homes = self.homes.lock().unwrap_or_else(PoisonError::into_inner);
                    link("", relative(depth, &file_path(homes.get(object).unwrap_or(&names), "")));
                    return Ok(());
                }
                let content = DirContent::Group(object.clone());
                let node = ViewNode::Dir(Arc::new(Dir { content, names, entries: OnceLock::new() }));
                let about = About::Object(object.clone());
                entries.push(TreeEntry { name: file_name(name, "", top), node, about: about.clone() });
                if let Some(table) = self.source.table_of(object)? {
                    let node = ViewNode::File(table);
                    entries.push(TreeEntry { name: file_name(name, ".csv", top), node, about });
                }
            }
            What::Dataset(object) => {
                for (suffix, file) in &self.source.files(object)?.files {
                    let name = file_name(name, suffix, top);
                    let about = About::Object(object.clone());
                    entries.push(TreeEntry { name, node: ViewNode::File(file.clone()), about });
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
            What::Datatype(_) | What::Other(_) => {}
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

/// The exports, which are found when the top is listed.
#[derive(Debug)]
struct ExportDir(Vec<(String, Arc<File>)>);

impl MadeDir for ExportDir {
    fn entries(&self) -> Result<Vec<TreeEntry>> {
        let entry = |(name, file): &(String, Arc<File>)| TreeEntry {
            name: name.clone(),
            node: ViewNode::File(file.clone()),
            about: About::Nothing,
        };
        Ok(self.0.iter().map(entry).collect())
    }
}
