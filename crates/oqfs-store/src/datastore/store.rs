//! The datastore: an HDF5 file in a folder of its own, used like a dictionary.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use hdf5::types::VarLenUnicode;
use hdf5::{Group, H5Type};
use ndarray::{Array, ArrayView, Dimension};
use serde::{Serialize, de::DeserializeOwned};

use super::error::io;
use super::folder::{FoundDatastore, INDEX, OUTPUT, PARTIAL};
use super::h5::{self, RawAttr};
use super::value::Data;
use super::{ArrayData, Attr, CalcFolder, CalcRef, DataDir, Error, Result, index, open};

/// A datastore. Keys are paths such as `/some/data`; the slash at the start may be left out.
///
/// ```no_run
/// use ndarray::{Array2, array};
/// use oqfs_store::datastore::DataStore;
///
/// let store = DataStore::create()?; // the next id under $OQ_DATADIR
/// store.set("/some/data", &array![[1.0, 2.0], [3.0, 4.0]])?;
/// let data: Array2<f64> = store.get("/some/data")?;
/// assert_eq!(store.keys("/some")?, ["data"]);
/// store.close()?; // output.hdf5.partial becomes output.hdf5
/// # Ok::<(), oqfs_store::datastore::Error>(())
/// ```
#[derive(Debug)]
pub struct DataStore {
    file: hdf5::File,
    folder: Option<CalcFolder>,
    shown: PathBuf,
    mode: Mode,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Read,
    Edit,
    /// Partial until it is closed.
    New,
}

impl DataStore {
    /// A new datastore with the next id in the data directory of the environment.
    pub fn create() -> Result<Self> {
        Self::create_in(&DataDir::open_default()?)
    }

    /// A new datastore with the next id in `dir`.
    pub fn create_in(dir: &DataDir) -> Result<Self> {
        Self::create_at(dir.new_calc()?)
    }

    /// A new datastore in the folder of a calculation that has its id already. What an earlier attempt left unfinished there
    /// is replaced; a complete datastore is kept until the new one is closed.
    pub fn create_at(folder: CalcFolder) -> Result<Self> {
        let shown = folder.shown().join(PARTIAL);
        // Removed and not emptied: who reads the old one keeps a whole file.
        for old in [folder.partial(), folder.path().join(INDEX)] {
            remove_if_there(&old).map_err(io(&shown))?;
        }
        let file = open::create(&folder.partial(), &shown)?;
        Ok(Self { file, folder: Some(folder), shown, mode: Mode::New })
    }

    /// Opens calculation `calc` (an id, a path, -1 for the last) of the data directory of the environment, for reading.
    ///
    /// # Errors
    /// [`Error::NoCalculation`], and those of [`open::open_for_reading`]: a file being written, not closed by its writer,
    /// truncated, no HDF5 file.
    pub fn open(calc: impl Into<CalcRef>) -> Result<Self> {
        Self::open_as(Self::default_dir(), &calc.into(), Mode::Read)
    }

    /// Opens calculation `calc` of `dir` for reading.
    pub fn open_in(dir: &DataDir, calc: impl Into<CalcRef>) -> Result<Self> {
        Self::open_as(|| Ok(dir.clone()), &calc.into(), Mode::Read)
    }

    /// Opens calculation `calc` of the data directory of the environment, for changing.
    pub fn edit(calc: impl Into<CalcRef>) -> Result<Self> {
        Self::open_as(Self::default_dir(), &calc.into(), Mode::Edit)
    }

    /// Opens calculation `calc` of `dir` for changing.
    pub fn edit_in(dir: &DataDir, calc: impl Into<CalcRef>) -> Result<Self> {
        Self::open_as(|| Ok(dir.clone()), &calc.into(), Mode::Edit)
    }

    fn default_dir() -> impl FnOnce() -> Result<DataDir> {
        DataDir::open_default
    }

    fn open_as(dir: impl FnOnce() -> Result<DataDir>, calc: &CalcRef, mode: Mode) -> Result<Self> {
        let (found, folder) = match calc {
            CalcRef::Path(path) => (FoundDatastore { id: None, real: path.clone(), shown: path.clone() }, None),
            _ => {
                let dir = dir()?;
                let found = dir.find(calc)?;
                let folder = found.id.and_then(|id| dir.calc(id).ok());
                (found, folder)
            }
        };
        let file = match mode {
            Mode::Read => open::open_for_reading(&found.real, &found.shown)?,
            Mode::Edit | Mode::New => open::open_for_writing(&found.real, &found.shown)?,
        };
        Ok(Self { file, folder, shown: found.shown, mode })
    }

    /// The id of the calculation; `None` if it was opened by path or is the engine's.
    pub fn id(&self) -> Option<u32> {
        self.folder.as_ref().map(CalcFolder::id)
    }

    /// The folder of the calculation, where its log, inputs and objects are.
    pub fn folder(&self) -> Option<&CalcFolder> {
        self.folder.as_ref()
    }

    /// The path of the file, as told to the user.
    pub fn path(&self) -> &Path {
        &self.shown
    }

    /// The array under `key`, its numbers converted to `T` if they are of another type; `T` may be a record
    /// (`#[derive(H5Type)]`).
    ///
    /// # Errors
    /// [`Error::NoKey`]; [`Error::WrongType`] if it is no array of `D`'s dimension, or its elements are no `T`.
    pub fn get<T: H5Type, D: Dimension>(&self, key: &str) -> Result<Array<T, D>> {
        let dataset = self.dataset(key)?;
        dataset.read().map_err(|e| {
            let found =
                format!("{:?} of {}", dataset.shape(), dataset.dtype().map_or("?".into(), |d| format!("{d:?}")));
            let wanted =
                format!("{} dimensions of {} ({e})", D::NDIM.map_or("any".into(), |n| n.to_string()), name_of::<T>());
            Error::WrongType { path: self.shown.clone(), key: key.into(), found, wanted }
        })
    }

    /// The scalar under `key`.
    pub fn get_scalar<T: H5Type>(&self, key: &str) -> Result<T> {
        let array = self.get::<T, ndarray::Ix0>(key)?;
        array.into_iter().next().ok_or_else(|| self.wrong(key, "no element".into(), name_of::<T>()))
    }

    /// The string under `key`, of fixed or any length.
    pub fn get_string(&self, key: &str) -> Result<String> {
        let (strings, shape) = self.strings(key)?;
        let [string] =
            <[String; 1]>::try_from(strings).map_err(|_| self.wrong(key, format!("{shape:?} strings"), "one"))?;
        Ok(string)
    }

    /// The strings under `key`, of fixed or any length, in row-major order.
    pub fn get_strings(&self, key: &str) -> Result<Vec<String>> {
        Ok(self.strings(key)?.0)
    }

    fn strings(&self, key: &str) -> Result<(Vec<String>, Vec<usize>)> {
        let dataset = self.dataset(key)?;
        let dtype = dataset.dtype().and_then(|t| h5::dtype_of(t.id())).map_err(self.hdf5(key))?;
        let bytes = h5::read_strings(dataset.id(), &dtype).map_err(self.hdf5(key))?;
        let bytes = bytes.ok_or_else(|| self.wrong(key, dtype.to_string(), "strings"))?;
        Ok((bytes.into_iter().map(|b| String::from_utf8_lossy(&b).into_owned()).collect(), dataset.shape()))
    }

    /// Keeps `array` under `key`; replaces what was there. `T` may be a number or a record (`#[derive(H5Type)]`).
    pub fn set<'a, T: H5Type, D: Dimension>(&self, key: &str, array: impl Into<ArrayView<'a, T, D>>) -> Result<()> {
        self.clear_for(key)?;
        let builder = self.file.new_dataset_builder().with_data(array);
        builder.create(key).map(drop).map_err(self.hdf5(key))
    }

    /// Keeps the scalar `value` under `key`; replaces what was there.
    pub fn set_scalar<T: H5Type>(&self, key: &str, value: &T) -> Result<()> {
        self.clear_for(key)?;
        let dataset = self.file.new_dataset::<T>().create(key).map_err(self.hdf5(key))?;
        dataset.write_scalar(value).map_err(self.hdf5(key))
    }

    /// Keeps `value` under `key`, as h5py keeps a `str`; replaces what was there.
    pub fn set_string(&self, key: &str, value: &str) -> Result<()> {
        let value = VarLenUnicode::from_str(value).map_err(|e| self.wrong(key, format!("{value:?}: {e}"), "no NUL"))?;
        self.set_scalar(key, &value)
    }

    /// Keeps `block`, whose type may be made at run time, under `key`; replaces what was there.
    pub fn set_block(&self, key: &str, block: &ArrayData) -> Result<()> {
        self.clear_for(key)?;
        let shape = block.shape();
        let raw = h5::RawDataset::create(self.file.id(), key, block.dtype(), shape).map_err(self.hdf5(key))?;
        match block.data() {
            Data::Bytes(bytes) => raw.write(&vec![0; shape.len()], shape, (**bytes).as_ref(), block.dtype().size()),
            Data::Strings(strings) => raw.write_strings(strings),
        }
        .map_err(self.hdf5(key))
    }

    /// Sets the attribute `name` of the group or dataset under `key`; replaces what was there.
    pub fn set_attr(&self, key: &str, name: &str, value: impl Into<Attr>) -> Result<()> {
        self.writable(key)?;
        let location = self.location(key)?;
        let block = value.into().to_block();
        let value = match block.data() {
            Data::Bytes(bytes) => RawAttr::Bytes((**bytes).as_ref()),
            Data::Strings(strings) => RawAttr::Strings(strings),
        };
        h5::write_attr(location.id(), name, block.dtype(), block.shape(), value).map_err(self.hdf5(key))
    }

    /// The attribute `name` of the group or dataset under `key`, a number or an array of them.
    pub fn get_attr<T: H5Type, D: Dimension>(&self, key: &str, name: &str) -> Result<Array<T, D>> {
        let attr = self.location(key)?.attr(name);
        attr.and_then(|a| a.read()).map_err(self.hdf5(&format!("{key}@{name}")))
    }

    /// The attribute `name` of the group or dataset under `key`, a string.
    pub fn get_attr_string(&self, key: &str, name: &str) -> Result<String> {
        let at = format!("{key}@{name}");
        let attr = self.location(key)?.attr(name).map_err(self.hdf5(&at))?;
        let dtype = attr.dtype().and_then(|t| h5::dtype_of(t.id())).map_err(self.hdf5(&at))?;
        let strings = h5::read_attr_strings(attr.id(), &dtype).map_err(self.hdf5(&at))?;
        match strings.as_deref() {
            Some([string]) => Ok(String::from_utf8_lossy(string).into_owned()),
            _ => Err(self.wrong(&at, dtype.to_string(), "one string")),
        }
    }

    /// The names of the attributes of the group or dataset under `key`, sorted.
    pub fn attrs(&self, key: &str) -> Result<Vec<String>> {
        let mut names = self.location(key)?.attr_names().map_err(self.hdf5(key))?;
        names.sort();
        Ok(names)
    }

    /// The names in the group under `key`, sorted: groups and datasets alike. `/` is the whole file.
    pub fn keys(&self, key: &str) -> Result<Vec<String>> {
        let group = if is_root(key) { self.file.as_group() } else { self.file.group(key) };
        let mut names = group.and_then(|g| g.member_names()).map_err(|e| self.missing(key, &e, "a group"))?;
        names.sort();
        Ok(names)
    }

    /// True if there is a group or dataset under `key`.
    pub fn contains(&self, key: &str) -> bool {
        is_root(key) || {
            // The library fails on a path whose beginning does not exist; each step is asked for.
            let steps = key.match_indices('/').map(|(at, _)| &key[..at]).filter(|step| !is_root(step));
            steps.chain([key]).all(|step| self.file.link_exists(step))
        }
    }

    /// Removes the group or dataset under `key`.
    ///
    /// # Errors
    /// [`Error::NoKey`] if there is none.
    pub fn remove(&self, key: &str) -> Result<()> {
        self.writable(key)?;
        if is_root(key) || !self.contains(key) {
            return Err(Error::NoKey { path: self.shown.clone(), key: key.into() });
        }
        self.file.unlink(key).map_err(self.hdf5(key))
    }

    /// Keeps `value`, an object that is no array, as JSON in the calculation's folder.
    pub fn set_object<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<()> {
        self.writable(key)?;
        self.own_folder(key)?.set_object(key, value)
    }

    /// The object kept under `key` in the calculation's folder.
    pub fn get_object<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        self.own_folder(key)?.get_object(key)
    }

    fn own_folder(&self, key: &str) -> Result<&CalcFolder> {
        self.folder.as_ref().ok_or_else(|| Error::NoKey { path: self.shown.clone(), key: format!("{key} (no folder)") })
    }

    /// Hands what is buffered to the operating system.
    pub fn flush(&self) -> Result<()> {
        self.file.flush().map_err(self.hdf5("/"))
    }

    /// Flushes and closes. A new datastore becomes complete: synced to disk and renamed from `output.hdf5.partial` to
    /// `output.hdf5`. One that is dropped without this stays partial.
    pub fn close(self) -> Result<()> {
        self.close_with(false)
    }

    /// The same; the index is kept if it `tells_all`.
    pub(crate) fn close_with(self, tells_all: bool) -> Result<()> {
        if self.mode != Mode::Read {
            self.flush()?;
        }
        let lock = h5::FileLock::of(&self.file).map_err(self.hdf5("/"))?;
        let Self { file, folder, shown, mode } = self;
        file.close().map_err(|e| Error::hdf5(&shown, "/", &e))?;
        drop(lock);
        match folder {
            Some(folder) if mode == Mode::New => complete(&folder, tells_all),
            _ => Ok(()),
        }
    }

    pub(crate) fn file(&self) -> &hdf5::File {
        &self.file
    }

    pub(crate) fn is_new(&self) -> bool {
        self.mode == Mode::New
    }

    fn writable(&self, key: &str) -> Result<()> {
        match self.mode {
            Mode::Read => Err(Error::ReadOnly { path: self.shown.clone(), key: key.into() }),
            Mode::Edit | Mode::New => Ok(()),
        }
    }

    fn clear_for(&self, key: &str) -> Result<()> {
        self.writable(key)?;
        if is_root(key) {
            let reason = "it is the file itself".into();
            return Err(Error::BadName { path: self.shown.clone(), key: key.into(), reason });
        }
        if self.contains(key) { self.file.unlink(key).map_err(self.hdf5(key)) } else { Ok(()) }
    }

    fn dataset(&self, key: &str) -> Result<hdf5::Dataset> {
        self.file.dataset(key).map_err(|e| self.missing(key, &e, "a dataset"))
    }

    fn location(&self, key: &str) -> Result<hdf5::Location> {
        if is_root(key) {
            return Ok(self.file.as_group().map_err(self.hdf5(key))?.into_location());
        }
        match self.file.group(key) {
            Ok(group) => Ok(group.into_location()),
            Err(_) => Ok(self.dataset(key)?.into_location()),
        }
    }

    fn missing(&self, key: &str, error: &hdf5::Error, wanted: &str) -> Error {
        if self.contains(key) {
            self.wrong(key, error.to_string(), wanted)
        } else {
            Error::NoKey { path: self.shown.clone(), key: key.into() }
        }
    }

    fn wrong(&self, key: &str, found: String, wanted: &str) -> Error {
        Error::WrongType { path: self.shown.clone(), key: key.into(), found, wanted: wanted.into() }
    }

    fn hdf5(&self, key: &str) -> impl Fn(hdf5::Error) -> Error {
        let (path, key) = (self.shown.clone(), key.to_string());
        move |e| Error::hdf5(&path, &key, &e)
    }
}

trait IntoLocation {
    fn into_location(self) -> hdf5::Location;
}

impl IntoLocation for Group {
    fn into_location(self) -> hdf5::Location {
        (*self).clone()
    }
}

impl IntoLocation for hdf5::Dataset {
    fn into_location(self) -> hdf5::Location {
        (**self).clone()
    }
}

fn is_root(key: &str) -> bool {
    key.bytes().all(|b| b == b'/')
}

fn name_of<T>() -> &'static str {
    let name = std::any::type_name::<T>();
    name.rsplit("::").next().unwrap_or(name)
}

/// Makes the closed partial datastore of `folder` the complete one, on disk first. Its index is kept if it `tells_all` and can be.
fn complete(folder: &CalcFolder, tells_all: bool) -> Result<()> {
    let (partial, beside) = (folder.partial(), folder.path().join(INDEX));
    let synced = File::open(&partial).and_then(|file| file.sync_all().and_then(|()| file.metadata()));
    let metadata = synced.map_err(io(&folder.shown().join(PARTIAL)))?;
    let is_kept = tells_all && index::close(&beside, &metadata).is_ok();
    fs::rename(&partial, folder.datastore()).map_err(io(&folder.shown().join(OUTPUT)))?;
    if !is_kept {
        remove_if_there(&beside).map_err(io(&folder.shown().join(INDEX)))?;
    }
    folder.sync()
}

fn remove_if_there(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(()),
        result => result,
    }
}
