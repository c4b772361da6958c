//! A file of a view: its size, and its bytes at any offset.

use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use super::cache::{Cache, FileId};
use super::decoded::Decoded;
use super::table::TextTable;
use super::{Error, Result};
use crate::datastore::read::{Description, External, Storage, Token};
use crate::datastore::{Beside, DType};
use crate::npy::Npy;
use crate::reader::{self, ReadFile};

/// The HDF5 file behind a view.
#[derive(Debug)]
pub(super) struct Store {
    /// For reading bytes in place.
    pub(super) raw: Arc<std::fs::File>,
    /// For everything else; `None` while the file is written, and when it was changed since.
    h5: RwLock<Option<ReadFile>>,
    /// The files beside it that hold elements.
    beside: Beside,
    cache: Arc<Cache>,
}

/// The HDF5 file behind a view, held as it is.
pub(super) struct HeldFile<'a>(RwLockReadGuard<'a, Option<ReadFile>>);

impl Store {
    /// Of a file that is read by others than the library alone.
    pub fn new(raw: std::fs::File, beside: Beside, cache: Arc<Cache>) -> Self {
        Self { raw: Arc::new(raw), h5: RwLock::new(None), beside, cache }
    }

    /// Of a file that the library can read.
    pub fn whole(raw: std::fs::File, h5: ReadFile, cache: Arc<Cache>) -> Self {
        Self { raw: Arc::new(raw), beside: h5.beside().clone(), h5: RwLock::new(Some(h5)), cache }
    }

    /// The files beside the HDF5 file.
    pub fn beside(&self) -> &Beside {
        &self.beside
    }

    /// Where decoded blocks are kept.
    pub fn cache(&self) -> &Arc<Cache> {
        &self.cache
    }

    /// True if the library reads it, unless it was changed since.
    pub fn is_of_library(&self) -> bool {
        self.h5.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// The HDF5 file; it stays open as long as this is held.
    ///
    /// # Errors
    /// If it was changed since.
    pub fn h5(&self) -> Result<HeldFile<'_>> {
        let h5 = self.h5.read().unwrap_or_else(PoisonError::into_inner);
        if h5.is_some() { Ok(HeldFile(h5)) } else { Err(reader::Error::Changed.into()) }
    }

    /// Closes the HDF5 file and all that is open in it: the library would give its old metadata to whoever opens it anew.
    pub fn revoke(&self) {
        *self.h5.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Looks for the files beside it anew.
    pub fn look_anew(&self) {
        match &mut *self.h5.write().unwrap_or_else(PoisonError::into_inner) {
            Some(h5) => h5.look_anew(),
            None => self.beside.forget(),
        }
    }
}

impl HeldFile<'_> {
    /// Asks about it.
    pub fn ask<T>(&self, ask: impl FnOnce(&ReadFile) -> reader::Result<T>) -> Result<T> {
        let h5 = self.0.as_ref().ok_or(reader::Error::Changed)?;
        Ok(ask(h5)?)
    }
}

/// A regular file of a view. Its content does not change: what changes is another file of a later view.
#[derive(Debug)]
pub struct File {
    id: FileId,
    content: FileContent,
}

#[derive(Debug)]
enum FileContent {
    /// All of it, and what its elements are if it is an `.npy` file.
    Bytes(Vec<u8>, Option<ArrayElements>),
    /// A header, then bytes of the HDF5 file.
    InPlace { store: Arc<Store>, header: Vec<u8>, offset: u64, len: u64, dtype: DType },
    /// A header, then bytes of other files.
    External { store: Arc<Store>, header: Vec<u8>, external: External, len: u64, dtype: DType },
    /// A header, then elements that are decoded or converted.
    Decoded(Arc<Decoded>),
    /// A header, then zeros.
    Zeros { header: Vec<u8>, len: u64, dtype: DType },
    /// Text made of other files, row by row.
    TextTable(TextTable),
    /// Made of other files in one piece.
    Whole(WholeFile),
}

/// Makes the bytes of a file; always the same ones.
type Make = Box<dyn Fn() -> Result<Vec<u8>> + Send + Sync>;

/// A file that is made in one piece when it is first asked for, its size included.
struct WholeFile {
    make: Make,
    cache: Arc<Cache>,
    size: OnceLock<u64>,
}

impl std::fmt::Debug for WholeFile {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("WholeFile").field("size", &self.size).finish_non_exhaustive()
    }
}

impl WholeFile {
    fn bytes(&self, id: FileId) -> Result<Arc<Vec<u8>>> {
        let weight = self.size.get().map_or(WHOLE, |size| *size as usize);
        let bytes = self.cache.block(id, 0, weight, || (self.make)())?;
        self.size.get_or_init(|| bytes.len() as u64);
        Ok(bytes)
    }

    fn size(&self, id: FileId) -> Result<u64> {
        match self.size.get() {
            Some(size) => Ok(*size),
            None => Ok(self.bytes(id)?.len() as u64),
        }
    }
}

/// What the elements of an `.npy` file are.
#[derive(Clone, Debug)]
pub(super) struct ArrayElements {
    /// Strings in it have a fixed length.
    pub dtype: DType,
    /// Where the first one starts.
    pub start: u64,
}

/// Elements that are read, or fields that are written, in no time.
const FEW: u64 = 1 << 11;
/// What a file that is made in one piece takes in the cache as long as its size is not known, about.
const WHOLE: usize = 1 << 16;

/// A number for what the cache keeps.
pub(super) fn next_id() -> FileId {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

impl File {
    /// A file of these bytes.
    pub(super) fn of_bytes(bytes: Vec<u8>) -> Self {
        Self { id: next_id(), content: FileContent::Bytes(bytes, None) }
    }

    /// The `.npy` file of strings of so many bytes each, one after the other.
    fn of_fixed_strings(width: usize, shape: &[u64], strings: impl FnOnce(&mut Vec<u8>)) -> Result<Self> {
        let dtype = DType::fixed_string(width);
        let mut bytes = Npy::new(&dtype, Some(shape))?.header;
        let start = bytes.len() as u64;
        strings(&mut bytes);
        Ok(Self { id: next_id(), content: FileContent::Bytes(bytes, Some(ArrayElements { dtype, start })) })
    }

    /// The `.npy` file of a dataset that is in one piece at `offset`, or nowhere: all zeros.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if an `.npy` file cannot hold it.
    pub(super) fn in_place(store: &Arc<Store>, dtype: &DType, shape: &[u64], offset: Option<u64>) -> Result<Self> {
        let npy = Npy::new(dtype, Some(shape))?;
        let len = npy.len() - npy.header.len() as u64;
        let content = match offset {
            Some(offset) => {
                FileContent::InPlace { store: store.clone(), header: npy.header, offset, len, dtype: dtype.clone() }
            }
            None => FileContent::Zeros { header: npy.header, len, dtype: dtype.clone() },
        };
        Ok(Self { id: next_id(), content })
    }

    /// The `.npy` file of a dataset whose bytes are in other files.
    fn external(store: &Arc<Store>, dtype: &DType, shape: &[u64], external: &External) -> Result<Self> {
        let npy = Npy::new(dtype, Some(shape))?;
        let len = npy.len() - npy.header.len() as u64;
        let (store, external, dtype) = (store.clone(), external.clone(), dtype.clone());
        let content = FileContent::External { store, header: npy.header, external, len, dtype };
        Ok(Self { id: next_id(), content })
    }

    /// The `.npy` file of strings, one-dimensional or a scalar.
    pub(super) fn of_strings(strings: &[String], shape: &[u64]) -> Result<Self> {
        let width = strings.iter().map(String::len).max().unwrap_or(0).max(1);
        Self::of_fixed_strings(width, shape, |bytes| {
            for string in strings {
                bytes.extend(string.as_bytes());
                bytes.resize(bytes.len() + width - string.len(), 0);
            }
        })
    }

    /// The `.npy` file of the dataset with this identity; `text` is all of it, if it is one string.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if an `.npy` file cannot hold it, with the reason.
    pub(super) fn of_dataset(
        store: &Arc<Store>,
        dataset: Token,
        described: &Description,
        text: Option<&[u8]>,
    ) -> Result<Self> {
        if let Some(reason) = &described.refusal {
            return Err(Error::Unsupported(reason.clone()));
        }
        let packing = described.packing.clone().map_err(Error::Unsupported)?;
        // What the file has is what numpy reads: no conversion, no pointers.
        match (&described.storage, described.shape.as_deref()) {
            (Storage::Contiguous(offset), Some(shape)) if packing.is_of(&described.dtype) => {
                return Self::in_place(store, &described.dtype, shape, Some(*offset));
            }
            (Storage::External(external), Some(shape)) if packing.is_of(&described.dtype) => {
                return Self::external(store, &described.dtype, shape, external);
            }
            _ => {}
        }
        let shape = described.shape.clone().unwrap_or(vec![0]);
        if let Some(text) = text {
            return Self::of_fixed_strings(text.len(), &shape, |bytes| bytes.extend(text));
        }
        let chunk = match &described.storage {
            Storage::Chunked(chunk) => Some(&chunk[..]),
            _ => None,
        };
        let decoded = Decoded::new(store, dataset, shape, chunk, packing)?;
        Ok(Self { id: next_id(), content: FileContent::Decoded(Arc::new(decoded)) })
    }

    /// The file of a table's text.
    pub(super) fn of_table(table: TextTable) -> Self {
        Self { id: next_id(), content: FileContent::TextTable(table) }
    }

    /// The file of what `make` makes, which is always the same; `size` is how large it is, if that is known beforehand.
    pub(super) fn made(
        cache: &Arc<Cache>,
        size: Option<u64>,
        make: impl Fn() -> Result<Vec<u8>> + Send + Sync + 'static,
    ) -> Self {
        let size = size.map_or_else(OnceLock::new, OnceLock::from);
        Self {
            id: next_id(),
            content: FileContent::Whole(WholeFile { make: Box::new(make), cache: cache.clone(), size }),
        }
    }

    /// What the elements are; `None` if it is no `.npy` file. Array data is read for it only if it holds strings of any length.
    pub(super) fn elements(&self) -> Result<Option<ArrayElements>> {
        let (dtype, header) = match &self.content {
            FileContent::InPlace { dtype, header, .. }
            | FileContent::External { dtype, header, .. }
            | FileContent::Zeros { dtype, header, .. } => (dtype, header),
            FileContent::Decoded(decoded) => {
                let layout = decoded.layout(self.id)?;
                (&layout.dtype, &layout.npy.header)
            }
            FileContent::Bytes(_, elements) => return Ok(elements.clone()),
            FileContent::TextTable(_) | FileContent::Whole(_) => return Ok(None),
        };
        Ok(Some(ArrayElements { dtype: dtype.clone(), start: header.len() as u64 }))
    }

    /// True if the size is known without reading array data, or with a little that is read in no time.
    pub fn size_is_near(&self) -> bool {
        match &self.content {
            FileContent::Decoded(decoded) => decoded.has_layout() || decoded.count() <= FEW,
            FileContent::TextTable(table) => table.size_is_near(FEW),
            FileContent::Whole(whole) => whole.size.get().is_some(),
            _ => true,
        }
    }

    /// The size in bytes, exact. Array data is read for it only if it holds strings of any length, or is a table's.
    pub fn size(&self) -> Result<u64> {
        Ok(match &self.content {
            FileContent::Bytes(bytes, _) => bytes.len() as u64,
            FileContent::InPlace { header, len, .. }
            | FileContent::External { header, len, .. }
            | FileContent::Zeros { header, len, .. } => header.len() as u64 + len,
            FileContent::Decoded(decoded) => decoded.layout(self.id)?.npy.len(),
            FileContent::TextTable(table) => table.size(self.id)?,
            FileContent::Whole(whole) => whole.size(self.id)?,
        })
    }

    /// Reads at `offset` into `buffer`; gives the number of bytes, less than asked for at the end alone.
    ///
    /// # Errors
    /// If the HDF5 file cannot be read or is shorter than its metadata says.
    pub fn read_at(&self, offset: u64, buffer: &mut [u8]) -> Result<usize> {
        let size = self.size()?;
        if offset >= size {
            return Ok(0);
        }
        let len = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = &mut buffer[..len];
        let header = match &self.content {
            FileContent::Bytes(bytes, _) => &bytes[..],
            FileContent::InPlace { header, .. }
            | FileContent::External { header, .. }
            | FileContent::Zeros { header, .. } => header,
            FileContent::Decoded(decoded) => &decoded.layout(self.id)?.npy.header,
            FileContent::TextTable(table) => {
                table.read(self.id, offset, buffer)?;
                return Ok(len);
            }
            FileContent::Whole(whole) => {
                let bytes = whole.bytes(self.id)?;
                let part = usize::try_from(offset).ok().and_then(|at| bytes.get(at..at.checked_add(len)?));
                buffer.copy_from_slice(part.ok_or_else(|| Error::Unsupported("what was made has changed".into()))?);
                return Ok(len);
            }
        };
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(header.len());
        let head = (header.len() - from).min(len);
        buffer[..head].copy_from_slice(&header[from..from + head]);
        let (at, rest) = (offset.saturating_add(head as u64).saturating_sub(header.len() as u64), &mut buffer[head..]);
        match &self.content {
            FileContent::Bytes(..) | FileContent::TextTable(_) | FileContent::Whole(_) => {}
            FileContent::Zeros { .. } => rest.fill(0),
            FileContent::InPlace { store, offset, .. } => {
                store.raw.read_exact_at(rest, offset + at).map_err(Error::Io)?
            }
            FileContent::External { store, external, .. } => {
                external.read_at(&store.beside, at, rest).map_err(Error::Unsupported)?;
            }
            FileContent::Decoded(decoded) => decoded.read(self.id, at, rest)?,
        }
        Ok(len)
    }

    /// All of it; for small files.
    pub fn read(&self) -> Result<Vec<u8>> {
        let size = usize::try_from(self.size()?).map_err(|_| Error::Unsupported("too large for memory".into()))?;
        let mut bytes = vec![0; size];
        self.read_at(0, &mut bytes)?;
        Ok(bytes)
    }
}
