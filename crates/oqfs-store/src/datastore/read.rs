//! An HDF5 file as a reader sees it: groups, links, datasets, attributes, by identity and not by path.
//!
//! Links that lead to another file are told, not followed. Elements that are in other files are read from those that [`Beside`]
//! opens, and from no other.

use std::ffi::CString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use super::chunks::Chunks;
use super::dtype::DType;
pub(crate) use super::h5::unpadded;
use super::h5::{self, H5Source, Paths};
pub use super::h5::{External, Link, LinkedObject, ObjectKind, Storage, Target, Token, steps};
use super::{Beside, Error, Result, open};

/// An element without pointers as JSON: `null` if `bytes` are too few, or `dtype` has pointers.
pub fn value_json(dtype: &DType, bytes: &[u8]) -> Value {
    if dtype.is_in_heap() {
        return Value::Null;
    }
    // SAFETY: without heap data, any bytes are elements; too few are seen to.
    unsafe { h5::array_json(dtype, &[], bytes, &|_| Value::Null) }
}

/// An HDF5 file open for reading.
#[derive(Debug)]
pub struct H5File {
    file: hdf5::File,
    shown: PathBuf,
    beside: Beside,
    paths: Arc<Paths>,
}

impl H5File {
    /// Opens the file at `real`, with what is `beside` it; errors speak of `shown`. See [`open::open_for_reading`].
    pub fn open(real: &Path, shown: &Path, beside: Beside) -> Result<Self> {
        Ok(Self { file: open::open_for_reading(real, shown)?, shown: shown.into(), beside, paths: Arc::default() })
    }

    /// The same of a file of which what [`open::look`] tells is known.
    pub fn open_looked_at(real: &Path, shown: &Path, beside: Beside) -> Result<Self> {
        Ok(Self { file: open::open_looked_at(real, shown)?, shown: shown.into(), beside, paths: Arc::default() })
    }

    /// The root group.
    pub fn root(&self) -> Result<LinkedObject> {
        h5::object_of(self.file.id()).map_err(|e| self.error("/", &e))
    }

    /// The links of a group, by name.
    pub fn links(&self, group: Token) -> Result<Vec<Link>> {
        let links = h5::open(self.file.id(), group).and_then(|id| h5::links_of(id.get()));
        links.map_err(|e| self.error("a group", &e))
    }

    /// The attributes of an object as JSON, by name. One that cannot be read says why.
    pub fn attrs(&self, object: Token) -> Result<Map<String, Value>> {
        let id = h5::open(self.file.id(), object).map_err(|e| self.error("an object", &e))?;
        attrs_of(&id, &self.paths).map_err(|e| self.error("attributes", &e))
    }

    /// Opens a dataset. Its decoded chunks are cached up to `cache` bytes while it is open.
    pub fn dataset(&self, dataset: Token, cache: usize) -> Result<H5Dataset> {
        let open = || {
            let id = h5::open(self.file.id(), dataset)?;
            let id = if cache > 0 { h5::with_cache(id, cache)? } else { id };
            H5Source::new(id, &self.beside)
        };
        let source = open().map_err(|e| self.error("a dataset", &e))?;
        Ok(H5Dataset { source, shown: self.shown.clone(), paths: self.paths.clone() })
    }

    fn error(&self, key: &str, error: &hdf5::Error) -> Error {
        Error::hdf5(&self.shown, key, error)
    }
}

/// The attributes of an object.
fn attrs_of(id: &h5::Id, paths: &Paths) -> hdf5::Result<Map<String, Value>> {
    let value =
        |name: &CString| h5::attr_json(id.get(), name, paths).unwrap_or_else(|e| format!("unreadable: {e}").into());
    let names = h5::attr_names(id.get())?;
    Ok(names.iter().map(|name| (name.to_string_lossy().into_owned(), value(name))).collect())
}

/// What is known of a dataset without its elements.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Description {
    /// The type of its elements in the file.
    pub dtype: DType,
    /// Its extents: none for a scalar; `None` if its dataspace is null.
    pub shape: Option<Vec<u64>>,
    pub storage: Storage,
    /// The files that it is to have elements from and that are not there: these elements have the fill value.
    pub missing: Vec<String>,
    /// Why its elements cannot be read, as far as that can be told without reading them.
    pub refusal: Option<String>,
    /// How to lay out its elements with strings of fixed length: unchanged if it has no strings of any length; why not, if the library
    /// cannot read such elements.
    pub packing: Result<Packing, String>,
}

/// A dataset open for reading. Its file stays open as long.
#[derive(Debug)]
pub struct H5Dataset {
    source: H5Source,
    shown: PathBuf,
    paths: Arc<Paths>,
}

impl H5Dataset {
    /// The type of its elements in the file.
    pub fn dtype(&self) -> &DType {
        &self.source.dtype
    }

    /// Its extents: none for a scalar; `None` if its dataspace is null.
    pub fn shape(&self) -> Option<&[u64]> {
        self.source.shape.as_deref()
    }

    pub fn storage(&self) -> &Storage {
        &self.source.storage
    }

    /// The bytes of one of its chunks in memory; 0 if it has none.
    pub fn chunk_bytes(&self) -> u64 {
        let Storage::Chunked(chunk) = self.storage() else { return 0 };
        chunk.iter().fold(self.dtype().size() as u64, |n, c| n.saturating_mul(*c))
    }

    /// Its attributes as [`H5File::attrs`] gives them.
    pub fn attrs(&self) -> Result<Map<String, Value>> {
        attrs_of(self.source.id(), &self.paths).map_err(|e| Error::hdf5(&self.shown, "attributes", &e))
    }

    /// What can be told of it without reading elements.
    pub fn describe(&self) -> Description {
        Description {
            dtype: self.dtype().clone(),
            shape: self.shape().map(<[u64]>::to_vec),
            storage: self.storage().clone(),
            missing: self.source.missing.iter().cloned().collect(),
            refusal: self.refusal(),
            packing: self.packing().map_err(|e| e.to_string()),
        }
    }

    fn refusal(&self) -> Option<String> {
        match self.storage() {
            Storage::Unreadable(reason) => Some(reason.clone()),
            Storage::External(external) => external.check(&self.source.beside).err(),
            _ => None,
        }
    }

    /// The elements of the block of shape `count` at `start`, as `packing` lays them out.
    ///
    /// # Errors
    /// [`Error::Hdf5`] if they cannot be read, or the block is not inside.
    pub fn read(&self, start: &[u64], count: &[u64], packing: &Packing) -> Result<Vec<u8>> {
        let read = |bytes: &[u8]| {
            // SAFETY: these are elements of the type `packing` was made for, as `memory_of` sees to, their heap data not reclaimed yet.
            unsafe { packing.pack(bytes) }
        };
        let memory = self.memory_of(packing)?;
        self.source.read(&memory, start, count, read).map_err(|e| self.error(&e))
    }

    /// The longest string, in bytes, at each place of `packing` that holds strings, in the block of shape `count` at `start`.
    pub fn longest(&self, start: &[u64], count: &[u64], packing: &Packing) -> Result<Vec<usize>> {
        // SAFETY: as above.
        let measure = |bytes: &[u8]| unsafe { packing.longest(bytes) };
        let memory = self.memory_of(packing)?;
        self.source.read(&memory, start, count, measure).map_err(|e| self.error(&e))
    }

    /// The elements of the block of shape `count` at `start` as JSON.
    pub fn json(&self, start: &[u64], count: &[u64]) -> Result<Value> {
        let memory = self.source.memory().map_err(|e| self.error(&e))?;
        let refs = |reference: &[u8]| self.paths.json(self.source.id().get(), reference);
        // SAFETY: as above; the buffer has shape `count`.
        let json = |bytes: &[u8]| unsafe { h5::array_json(&memory.1, count, bytes, &refs) };
        self.source.read(&memory, start, count, json).map_err(|e| self.error(&e))
    }

    /// The type of elements in memory, for which `packing` is to have been made.
    fn memory_of(&self, packing: &Packing) -> Result<(h5::Id, DType)> {
        let memory = self.source.memory().map_err(|e| self.error(&e))?;
        if memory.1 == packing.memory { Ok(memory) } else { Err(self.error(&"a layout of other elements".into())) }
    }

    /// How to lay out its elements with strings of fixed length: unchanged if it has no strings of any length.
    ///
    /// # Errors
    /// [`Error::Hdf5`] if the library cannot read such elements.
    pub fn packing(&self) -> Result<Packing> {
        let dtype = h5::in_memory(self.dtype());
        // The library can always make a plain number's type; whether it can make this one is found by doing so.
        if !matches!(dtype, DType::Int { .. } | DType::Float { .. }) {
            self.source.memory().map_err(|e| self.error(&e))?;
        }
        let mut packing =
            Packing { item: h5::memory_size(&dtype), memory: dtype.clone(), pieces: vec![], widths: vec![] };
        packing.add(&dtype, 0);
        Ok(packing)
    }

    /// Where its chunks lie, so that they can be read without the library; `None` if they cannot: the library has to decode or
    /// convert them, or they are too many or too large.
    ///
    /// # Errors
    /// [`Error::Hdf5`] if the library cannot find them.
    pub fn chunks(&self, packing: &Packing) -> Result<Option<Chunks>> {
        let (Storage::Chunked(chunk), Some(shape)) = (self.storage(), self.shape()) else { return Ok(None) };
        if !packing.is_of(self.dtype()) {
            return Ok(None);
        }
        let find = || {
            let Some(filters) = self.source.filters()? else { return Ok(None) };
            let Some(mut chunks) = Chunks::new(shape, chunk, packing.item(), filters, &self.shown) else {
                return Ok(None);
            };
            self.source.each_chunk(|at| chunks.put(at.start, at.address, at.size, at.skipped))?;
            Ok(Some(chunks))
        };
        find().map_err(|e| self.error(&e))
    }

    fn error(&self, error: &hdf5::Error) -> Error {
        Error::hdf5(&self.shown, "a dataset", error)
    }
}

/// How elements in memory become elements without pointers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Packing {
    /// The type of elements in memory.
    memory: DType,
    /// Bytes of an element in memory.
    item: usize,
    pieces: Vec<RowPiece>,
    /// For each place that holds strings of any length, the bytes they are given.
    widths: Vec<usize>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum RowPiece {
    Bytes { at: usize, len: usize },
    String { at: usize, place: usize },
}

impl Packing {
    /// The type of elements in memory; strings of any length are in it as such.
    pub fn dtype(&self) -> &DType {
        &self.memory
    }

    /// True if elements of the type `file` are the same bytes in the file and when packed: no conversion, no pointers.
    pub fn is_of(&self, file: &DType) -> bool {
        self.dtype() == file && self.places() == 0
    }

    /// How many places hold strings of any length. An array of them is one place, so is a field of a record.
    pub fn places(&self) -> usize {
        self.widths.len()
    }

    /// Gives the strings at each place so many bytes.
    pub fn set_widths(&mut self, widths: &[usize]) {
        for (width, new) in self.widths.iter_mut().zip(widths) {
            *width = *new;
        }
    }

    /// Bytes of an element when packed.
    pub fn item(&self) -> usize {
        self.pieces.iter().map(|p| self.len(*p)).sum()
    }

    /// Bytes of an element in memory, before it is packed.
    pub fn unpacked(&self) -> usize {
        self.item
    }

    fn len(&self, piece: RowPiece) -> usize {
        match piece {
            RowPiece::Bytes { len, .. } => len,
            RowPiece::String { place, .. } => self.widths[place],
        }
    }

    fn add(&mut self, dtype: &DType, at: usize) {
        match dtype {
            DType::VarString { .. } => {
                self.widths.push(1);
                self.pieces.push(RowPiece::String { at, place: self.widths.len() - 1 });
            }
            DType::Compound { fields, .. } if dtype.is_in_heap() => {
                fields.iter().for_each(|f| self.add(&f.dtype, at + f.offset));
            }
            DType::Array { base, dims } if dtype.is_in_heap() => {
                let (first, step) = (self.widths.len(), h5::memory_size(base));
                for i in 0..dims.iter().product() {
                    // Every element of the array has the same places.
                    self.widths.truncate(first);
                    self.add(base, at + i * step);
                }
            }
            _ => match self.pieces.last_mut() {
                Some(RowPiece::Bytes { at: start, len }) if *start + *len == at => *len += h5::memory_size(dtype),
                _ => self.pieces.push(RowPiece::Bytes { at, len: h5::memory_size(dtype) }),
            },
        }
    }

    /// # Safety
    /// `bytes` are elements of the memory type, their heap data not reclaimed yet.
    unsafe fn pack(&self, bytes: &[u8]) -> Vec<u8> {
        if self.widths.is_empty() {
            return bytes.to_vec();
        }
        let mut packed = Vec::with_capacity(bytes.len() / self.item.max(1) * self.item());
        for item in bytes.chunks_exact(self.item.max(1)) {
            for piece in &self.pieces {
                match *piece {
                    RowPiece::Bytes { at, len } => packed.extend_from_slice(&item[at..at + len]),
                    RowPiece::String { at, place } => {
                        // SAFETY: a pointer is there, by the contract.
                        let string = unsafe { h5::string_at(&item[at..]) };
                        let width = self.widths[place];
                        let end = packed.len() + width;
                        packed.extend_from_slice(&string[..string.len().min(width)]);
                        packed.resize(end, 0);
                    }
                }
            }
        }
        packed
    }

    /// # Safety
    /// As for [`Self::pack`].
    unsafe fn longest(&self, bytes: &[u8]) -> Vec<usize> {
        let mut longest = vec![0; self.widths.len()];
        for item in bytes.chunks_exact(self.item.max(1)) {
            for piece in &self.pieces {
                if let RowPiece::String { at, place } = *piece {
                    // SAFETY: a pointer is there, by the contract.
                    let len = unsafe { h5::string_at(&item[at..]) }.len();
                    longest[place] = longest[place].max(len);
                }
            }
        }
        longest
    }
}
