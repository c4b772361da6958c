//! Where a tree comes from: the HDF5 library, by those who read for others, or the index of a datastore that is being written.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value};

use super::attrs::ATTRIBUTES;
use super::cache::Cache;
use super::csv::{ColumnSource, Records};
use super::file::{File, Store};
use super::ragged::Ragged;
use super::table::TextTable;
use super::{Error, Result};
use crate::datastore::index::{Bytes, Complete, IndexEntry};
use crate::datastore::read::{Link, ObjectKind, Target, Token};
use crate::datastore::{Beside, DType};
use crate::reader::{ObjectInfo, Survey};
use crate::schema::COLUMNS;

/// A group or a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Object {
    H5(Token),
    /// By its path, without a slash at the start.
    Key(String),
}

/// What a name in a group stands for.
#[derive(Clone, Debug)]
pub(super) enum What {
    Group(Object),
    Dataset(Object),
    /// A named datatype.
    Datatype(Object),
    /// A path in the same file.
    Soft(Vec<u8>),
    External {
        file: Vec<u8>,
        path: Vec<u8>,
    },
    /// Nothing that can be a file, for this reason.
    Other(String),
}

/// A name in a group.
#[derive(Clone, Debug)]
pub(super) struct Child {
    pub name: Vec<u8>,
    pub what: What,
}

#[derive(Debug)]
pub(super) struct ViewSource {
    store: Arc<Store>,
    kind: SourceKind,
    /// Of the datasets looked at.
    files: Mutex<HashMap<Object, Arc<DatasetFiles>>>,
}

#[derive(Debug)]
enum SourceKind {
    H5(Mutex<KnownObjects>),
    Index(IndexedObjects),
}

/// What an index says of a file.
#[derive(Debug)]
struct IndexedObjects {
    entries: BTreeMap<String, IndexEntry>,
    /// What is in groups, by key.
    listed: HashMap<String, Arc<Vec<Child>>>,
}

/// What was told of an HDF5 file; each group and object is asked for once.
#[derive(Debug, Default)]
struct KnownObjects {
    root: Option<Token>,
    /// All of the file was told.
    is_whole: bool,
    /// What is in groups, or why that cannot be read.
    listed: HashMap<Token, Result<Arc<Vec<Child>>, String>>,
    objects: HashMap<Token, Arc<ObjectInfo>>,
}

impl KnownObjects {
    fn add(&mut self, survey: Survey) {
        self.is_whole |= survey.is_whole;
        let child = |link: Link| Child { name: link.name, what: what(link.target) };
        let children = |links: Vec<Link>| Arc::new(links.into_iter().map(child).collect());
        self.listed.extend(survey.links.into_iter().map(|(group, links)| (group, links.map(children))));
        self.objects.extend(survey.objects.into_iter().map(|(object, info)| (object, Arc::new(info))));
    }
}

/// The files a dataset becomes, by suffix, and why it is no `.npy` if it is none.
#[derive(Debug, Default)]
pub(super) struct DatasetFiles {
    pub files: Vec<(&'static str, Arc<File>)>,
    pub refused: Option<String>,
    /// Its elements, if they are lists of any length or references.
    pub lists: Option<Arc<Ragged>>,
    /// The files that are missing, so that elements have the fill value.
    pub missing: Vec<String>,
}

impl DatasetFiles {
    fn refused(reason: String) -> Self {
        Self { refused: Some(reason), ..Self::default() }
    }

    /// The `.npy` file, if it is one.
    pub fn npy(&self) -> Option<&Arc<File>> {
        self.files.iter().find(|(suffix, _)| *suffix == ".npy").map(|(_, file)| file)
    }
}

impl ViewSource {
    /// From an open HDF5 file.
    pub fn h5(store: Arc<Store>) -> Self {
        Self { store, kind: SourceKind::H5(Mutex::default()), files: Mutex::default() }
    }

    /// From an index.
    pub fn index(store: Arc<Store>, entries: BTreeMap<String, IndexEntry>) -> Self {
        Self { store, kind: SourceKind::Index(IndexedObjects::new(entries)), files: Mutex::default() }
    }

    /// True if all of the file is known, and it is not large.
    pub fn is_known_and_small(&self) -> bool {
        match &self.kind {
            SourceKind::H5(known) => {
                let known = lock(known);
                known.is_whole && known.objects.len() <= FEW
            }
            SourceKind::Index(indexed) => indexed.entries.len() <= FEW,
        }
    }

    /// Where blocks of files that are made are kept.
    pub fn cache(&self) -> &Arc<Cache> {
        self.store.cache()
    }

    /// The files beside the HDF5 file that hold elements.
    pub fn beside(&self) -> &Beside {
        self.store.beside()
    }

    pub fn root(&self) -> Result<Object> {
        match &self.kind {
            SourceKind::H5(known) => {
                if let Some(root) = lock(known).root {
                    return Ok(Object::H5(root));
                }
                let survey = self.store.h5()?.ask(|h5| h5.survey(None))?;
                let root = survey.group;
                let mut known = lock(known);
                known.root = Some(root);
                known.add(survey);
                Ok(Object::H5(root))
            }
            SourceKind::Index(_) => Ok(Object::Key(String::new())),
        }
    }

    /// What is in a group, by name.
    pub fn children(&self, group: &Object) -> Result<Arc<Vec<Child>>> {
        match (&self.kind, group) {
            (SourceKind::H5(known), Object::H5(token)) => {
                let listed = || lock(known).listed.get(token).cloned();
                let listed = match listed() {
                    Some(listed) => Some(listed),
                    None => {
                        let survey = self.store.h5()?.ask(|h5| h5.survey(Some(*token)))?;
                        lock(known).add(survey);
                        listed()
                    }
                };
                listed.unwrap_or_else(|| Err("it was not told of".into())).map_err(Error::Unsupported)
            }
            (SourceKind::Index(indexed), Object::Key(key)) => Ok(indexed.listed.get(key).cloned().unwrap_or_default()),
            _ => Ok(Arc::default()),
        }
    }

    /// The attributes of a group, dataset or named datatype; why there are none, if they cannot be read.
    pub fn attrs(&self, object: &Object) -> Result<Map<String, Value>> {
        match (&self.kind, object) {
            (SourceKind::H5(known), Object::H5(token)) => {
                let said = |reason: &String| Map::from_iter([(ATTRIBUTES.to_string(), reason.clone().into())]);
                Ok(self.info(known, *token, false)?.attrs.clone().unwrap_or_else(|reason| said(&reason)))
            }
            (SourceKind::Index(indexed), Object::Key(key)) => {
                Ok(indexed.entries.get(key).map(|e| e.attrs.clone().into_iter().collect()).unwrap_or_default())
            }
            _ => Ok(Map::new()),
        }
    }

    /// One attribute of them, if there is one of that name.
    pub fn attr(&self, object: &Object, name: &str) -> Result<Option<Value>> {
        if let (SourceKind::H5(known), Object::H5(token)) = (&self.kind, object)
            && let Ok(attrs) = &self.info(known, *token, false)?.attrs
        {
            return Ok(attrs.get(name).cloned());
        }
        Ok(self.attrs(object)?.remove(name))
    }

    /// What is known of an object of an HDF5 file.
    fn info(&self, known: &Mutex<KnownObjects>, object: Token, is_dataset: bool) -> Result<Arc<ObjectInfo>> {
        let told = lock(known).objects.get(&object).filter(|info| !is_dataset || info.dataset.is_some()).cloned();
        if let Some(info) = told {
            return Ok(info);
        }
        let info = Arc::new(self.store.h5()?.ask(|h5| h5.object(object, is_dataset))?);
        lock(known).objects.insert(object, info.clone());
        Ok(info)
    }

    /// What is known of a dataset of an HDF5 file, or why nothing is.
    fn described(&self, known: &Mutex<KnownObjects>, dataset: Token) -> Result<Result<Arc<ObjectInfo>, String>> {
        match self.info(known, dataset, true) {
            Ok(info) => Ok(match &info.dataset {
                Some(Err(reason)) => Err(reason.clone()),
                Some(Ok(_)) | None => Ok(info),
            }),
            Err(e @ Error::Datastore(_)) => Ok(Err(e.to_string())),
            Err(e) => Err(e),
        }
    }

    /// The files a dataset becomes.
    pub fn files(&self, dataset: &Object) -> Result<Arc<DatasetFiles>> {
        if let Some(files) = self.files.lock().unwrap_or_else(PoisonError::into_inner).get(dataset) {
            return Ok(files.clone());
        }
        let files = Arc::new(self.make_files(dataset)?);
        let mut all = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        // The first ones stay, so that all see the same files.
        Ok(all.entry(dataset.clone()).or_insert(files).clone())
    }

    fn make_files(&self, dataset: &Object) -> Result<DatasetFiles> {
        let found = match (&self.kind, dataset) {
            (SourceKind::H5(known), Object::H5(token)) => {
                let info = match self.described(known, *token)? {
                    Ok(info) => info,
                    Err(reason) => return Ok(DatasetFiles::refused(reason)),
                };
                let Some(Ok(described)) = &info.dataset else { return Ok(DatasetFiles::default()) };
                let npy = File::of_dataset(&self.store, *token, described, info.text.as_deref());
                let missing = described.missing.clone();
                if npy.is_err()
                    && let Some(ragged) = Ragged::of_dataset(&self.store, *token, described)
                {
                    let ragged = Arc::new(ragged);
                    let files = vec![(".json", self.table(ragged.clone()))];
                    return Ok(DatasetFiles { files, missing, lists: Some(ragged), refused: None });
                }
                (npy, described.dtype.clone(), described.shape.clone(), missing)
            }
            (SourceKind::Index(indexed), Object::Key(key)) => {
                let Some(complete) = indexed.dataset(key) else {
                    return Ok(DatasetFiles::default());
                };
                let (dtype, shape) = (&complete.dtype, &complete.shape);
                let npy = match &complete.bytes {
                    Bytes::At(offset) => File::in_place(&self.store, dtype, shape, Some(*offset)),
                    Bytes::Unwritten => File::in_place(&self.store, dtype, shape, None),
                    Bytes::Strings(strings) => File::of_strings(strings, shape),
                };
                (npy, dtype.clone(), Some(shape.clone()), vec![])
            }
            _ => return Ok(DatasetFiles::default()),
        };
        match found {
            (Ok(npy), dtype, shape, missing) => {
                Ok(DatasetFiles { missing, ..self.with_text(Arc::new(npy), &dtype, shape.as_deref())? })
            }
            (Err(refused), ..) => Ok(DatasetFiles::refused(refused.to_string())),
        }
    }

    /// An `.npy` file, and the text beside it if it has one.
    fn with_text(&self, npy: Arc<File>, dtype: &DType, shape: Option<&[u64]>) -> Result<DatasetFiles> {
        let mut files = vec![(".npy", npy.clone())];
        match (dtype, shape) {
            (DType::VarString { .. } | DType::FixedString { .. }, Some([])) if npy.size()? <= MOST_TEXT => {
                let (suffix, text) = text_of(&npy)?;
                files.push((suffix, Arc::new(File::of_bytes(text))));
            }
            (DType::Compound { .. }, Some([count])) => {
                files.extend(Records::of_records(&npy, dtype, *count).map(|rows| (".csv", self.table(rows))));
            }
            _ => {}
        }
        Ok(DatasetFiles { files, ..DatasetFiles::default() })
    }

    fn table(&self, rows: impl super::table::Rows + 'static) -> Arc<File> {
        Arc::new(File::of_table(TextTable::new(rows, self.cache())))
    }

    /// The table that a group of columns is, by the attribute that names them.
    pub fn table_of(&self, group: &Object) -> Result<Option<Arc<File>>> {
        let attrs = self.attrs(group)?;
        let Some(names) = attrs.get(COLUMNS).and_then(Value::as_str) else { return Ok(None) };
        let children = self.children(group)?;
        let mut columns = vec![];
        let mut count = None;
        for name in names.split_whitespace() {
            let found = children.binary_search_by(|c| (*c.name).cmp(name.as_bytes()));
            let Some(Child { what: What::Dataset(object), .. }) = found.ok().map(|i| &children[i]) else {
                return Ok(None);
            };
            let Some((source, extent)) = self.column(object)? else { return Ok(None) };
            if *count.get_or_insert(extent) != extent {
                return Ok(None);
            }
            columns.push((name.to_string(), source));
        }
        Ok(count.and_then(|count| Records::of_columns(columns, count)).map(|rows| self.table(rows)))
    }

    /// A dataset of one dimension as a column, and its extent.
    fn column(&self, dataset: &Object) -> Result<Option<(ColumnSource, u64)>> {
        let files = self.files(dataset)?;
        let (dtype, shape) = match (&self.kind, dataset) {
            (SourceKind::H5(known), Object::H5(token)) => match &self.info(known, *token, true)?.dataset {
                Some(Ok(described)) => (described.dtype.clone(), described.shape.clone()),
                Some(Err(_)) | None => return Ok(None),
            },
            (SourceKind::Index(indexed), Object::Key(key)) => {
                let Some(complete) = indexed.dataset(key) else { return Ok(None) };
                (complete.dtype.clone(), Some(complete.shape.clone()))
            }
            _ => return Ok(None),
        };
        match shape.as_deref() {
            Some([count]) => {
                let array = files.npy().map(|file| ColumnSource::Array(file.clone(), dtype));
                let source = array.or_else(|| files.lists.clone().map(ColumnSource::Lists));
                Ok(source.map(|source| (source, *count)))
            }
            _ => Ok(None),
        }
    }
}

fn lock(known: &Mutex<KnownObjects>) -> MutexGuard<'_, KnownObjects> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

fn what(target: Target) -> What {
    match target {
        Target::Hard(object) => match object.kind {
            ObjectKind::Group => What::Group(Object::H5(object.token)),
            ObjectKind::Dataset => What::Dataset(Object::H5(object.token)),
            ObjectKind::Datatype => What::Datatype(Object::H5(object.token)),
            ObjectKind::Unknown => What::Other("an object of an unknown kind".into()),
        },
        Target::Soft(path) => What::Soft(path),
        Target::External { file, path } => What::External { file, path },
        Target::Unknown(reason) => What::Other(reason),
    }
}

impl IndexedObjects {
    /// Those on the way to a key are groups.
    fn new(entries: BTreeMap<String, IndexEntry>) -> Self {
        let mut groups: HashMap<&str, BTreeMap<&str, bool>> = HashMap::new();
        for (key, entry) in &entries {
            let mut is_dataset = entry.dataset.is_some();
            let mut below = &key[..];
            while !below.is_empty() {
                let (group, name) = below.rsplit_once('/').unwrap_or(("", below));
                let known = groups.entry(group).or_default().insert(name, is_dataset);
                if known.is_some() {
                    break;
                }
                (below, is_dataset) = (group, false);
            }
        }
        let child = |group: &str, name: &str, is_dataset: bool| {
            let object = Object::Key(if group.is_empty() { name.into() } else { format!("{group}/{name}") });
            let what = if is_dataset { What::Dataset(object) } else { What::Group(object) };
            Child { name: name.as_bytes().to_vec(), what }
        };
        let children = |(group, names): (&str, BTreeMap<&str, bool>)| {
            let children = names.into_iter().map(|(name, is_dataset)| child(group, name, is_dataset));
            (group.to_string(), Arc::new(children.collect()))
        };
        Self { listed: groups.into_iter().map(children).collect(), entries }
    }

    fn dataset(&self, key: &str) -> Option<&Complete> {
        self.entries.get(key)?.dataset.as_ref()
    }
}

/// So many objects are told of in no time.
const FEW: usize = 1000;

/// The bytes of the longest string that is a text too, about: all of it is in memory. A type may say any length in a small file.
const MOST_TEXT: u64 = 4 << 20;

/// The text of a scalar string, from its `.npy` file, and the suffix for it.
fn text_of(npy: &File) -> Result<(&'static str, Vec<u8>)> {
    let bytes = npy.read()?;
    // Magic, version, the length of the rest of the header in 2 bytes: this header is short.
    let header = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    let text = bytes.get(header..).unwrap_or(&[]);
    let end = text.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    let text = text[..end].to_vec();
    let composite = matches!(text.trim_ascii_start().first(), Some(b'{' | b'['));
    let json = composite && serde_json::from_slice::<serde::de::IgnoredAny>(&text).is_ok();
    Ok((if json { ".json" } else { ".txt" }, text))
}
