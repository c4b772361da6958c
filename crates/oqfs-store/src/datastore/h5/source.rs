//! Datasets and attributes open for reading.

use std::collections::BTreeSet;
use std::ffi::CStr;
use std::os::raw::{c_char, c_uint};
use std::ptr;

use hdf5::globals::H5P_DATASET_ACCESS;
use hdf5::sync::sync;
use hdf5_sys::h5a::{H5Aget_space, H5Aget_type, H5Aopen, H5Aread};
use hdf5_sys::h5d::{
    H5D_CHUNKED, H5D_VIRTUAL, H5Dget_create_plist, H5Dget_offset, H5Dget_space, H5Dget_type, H5Dopen2, H5Dread,
};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::*;
use hdf5_sys::h5s::*;
use hdf5_sys::h5t::H5Treclaim;
use hdf5_sys::h5z::H5Zfilter_avail;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::follow::Way;
use super::gather::file_of;
use super::virtuals::{MadeVirtual, Mapping};
use super::{External, Id, Paths, array_json, call, copy, dtype_of, in_memory, memory_size, memory_type, space};
use crate::datastore::beside::Beside;
use crate::datastore::dtype::DType;
use crate::datastore::filters::{ChunkFilter, register};

/// How a dataset's elements are kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Storage {
    /// One after the other, from this offset in the file on.
    Contiguous(u64),
    /// In blocks of this shape, perhaps compressed.
    Chunked(Vec<u64>),
    /// With the metadata, or not written at all: all elements are the fill value.
    Inside,
    /// As raw bytes of other files.
    External(External),
    /// In other datasets, perhaps of other files.
    Virtual,
    /// They cannot be read, for this reason.
    Unreadable(String),
}

/// The extents of a dataspace: `None` if it is null, no extents for a scalar.
pub(crate) fn shape_of(space: &Id) -> hdf5::Result<Option<Vec<u64>>> {
    // SAFETY: `space` is live; `dims` has as many places as it has dimensions.
    let class = sync(|| unsafe { H5Sget_simple_extent_type(space.get()) });
    if class == H5S_NULL {
        return Ok(None);
    }
    // SAFETY: as above.
    let n = call(|| unsafe { H5Sget_simple_extent_ndims(space.get()) })?;
    let mut dims = vec![0u64; n as usize];
    // SAFETY: as above.
    call(|| unsafe { H5Sget_simple_extent_dims(space.get(), dims.as_mut_ptr(), ptr::null_mut()) })?;
    Ok(Some(dims))
}

/// A dataset open for reading.
#[derive(Debug)]
pub(crate) struct H5Source {
    pub(super) id: Id,
    space: Id,
    datatype: Id,
    pub dtype: DType,
    pub shape: Option<Vec<u64>>,
    pub storage: Storage,
    /// The properties it was made with, and what it is made of, if it is virtual.
    made_of: Option<(Id, Vec<Mapping>)>,
    /// Files of other datasets that it is made of and that are not there: their elements have the fill value.
    pub missing: BTreeSet<String>,
    pub beside: Beside,
}

impl H5Source {
    /// Takes over an open dataset. Other files are opened only if it is virtual and its shape depends on them.
    pub fn new(id: Id, beside: &Beside) -> hdf5::Result<Self> {
        // One thread at a time: what it has open apart, another must not find open.
        sync(|| Self::on_the_way(id, beside, &mut Way::default()))
    }

    /// The same, on the way from a virtual dataset.
    pub(super) fn on_the_way(id: Id, beside: &Beside, way: &mut Way) -> hdf5::Result<Self> {
        // SAFETY: `id` is a live dataset.
        let datatype = Id::new(|| unsafe { H5Dget_type(id.get()) })?;
        let dtype = dtype_of(datatype.get())?;
        // SAFETY: as above. Only of a contiguous dataset with elements in this file there is one; its list of properties, which
        // the library copies piece by piece, tells no more.
        let offset = sync(|| unsafe { H5Dget_offset(id.get()) });
        if offset != u64::MAX {
            let space = space_of(&id)?;
            let shape = shape_of(&space)?;
            let (storage, missing) = (Storage::Contiguous(offset), BTreeSet::new());
            return Ok(Self {
                id,
                space,
                datatype,
                dtype,
                shape,
                storage,
                made_of: None,
                missing,
                beside: beside.clone(),
            });
        }
        // SAFETY: as above.
        let list = Id::new(|| unsafe { H5Dget_create_plist(id.get()) })?;
        // SAFETY: as above.
        if sync(|| unsafe { H5Pget_layout(list.get()) }) == H5D_VIRTUAL {
            return Self::of_virtual(id, (datatype, dtype), list, beside, way);
        }
        let space = space_of(&id)?;
        let shape = shape_of(&space)?;
        let storage = storage_of(&list, &dtype, shape.as_deref().unwrap_or(&[]))?;
        let missing = BTreeSet::new();
        Ok(Self { id, space, datatype, dtype, shape, storage, made_of: None, missing, beside: beside.clone() })
    }

    /// A virtual dataset, whose shape is not asked for: the library would open its sources.
    fn of_virtual(
        id: Id,
        (datatype, dtype): (Id, DType),
        list: Id,
        beside: &Beside,
        way: &mut Way,
    ) -> hdf5::Result<Self> {
        let mut missing = BTreeSet::new();
        let (space, storage, mappings) = match MadeVirtual::of_list(&list, &file_of(&id)?, beside, way)? {
            Ok(Some(made)) => {
                missing = made.missing;
                (made.space, Storage::Virtual, made.mappings)
            }
            Ok(None) => (space_of(&id)?, Storage::Virtual, vec![]),
            Err(reason) => (space(&[])?, Storage::Unreadable(reason), vec![]),
        };
        let shape = shape_of(&space)?;
        let made_of = Some((list, mappings));
        Ok(Self { id, space, datatype, dtype, shape, storage, made_of, missing, beside: beside.clone() })
    }

    /// The dataset, open.
    pub fn id(&self) -> &Id {
        &self.id
    }

    /// The type elements are read as.
    pub fn memory(&self) -> hdf5::Result<(Id, DType)> {
        memory_type(&self.dtype)
    }

    /// Reads the block of shape `count` at `start` as elements of `memory` and gives them to `with`. Strings and lists of
    /// any length are pointers in them, good until `with` returns.
    pub fn read<T>(
        &self,
        memory: &(Id, DType),
        start: &[u64],
        count: &[u64],
        with: impl FnOnce(&[u8]) -> T,
    ) -> hdf5::Result<T> {
        let shape = self.shape.as_deref().unwrap_or(&[]);
        let fits = start.len() == shape.len()
            && count.len() == shape.len()
            && start.iter().zip(count).zip(shape).all(|((s, c), n)| s.checked_add(*c).is_some_and(|end| end <= *n));
        let elements = count.iter().try_fold(1usize, |n, c| n.checked_mul(usize::try_from(*c).ok()?));
        let bytes = elements.and_then(|n| n.checked_mul(memory_size(&memory.1)));
        let (Some(bytes), true) = (bytes, fits && self.shape.is_some()) else {
            return Err(format!("a block {count:?} at {start:?} of {shape:?}").into());
        };
        let mut buffer = vec![0u8; bytes];
        if bytes == 0 {
            return Ok(with(&buffer));
        }
        // SAFETY: the space is live.
        let from = Id::new(|| unsafe { H5Scopy(self.space.get()) })?;
        let into = space(count)?;
        if !shape.is_empty() {
            let (start, count) = (start.as_ptr(), count.as_ptr());
            // SAFETY: start and count have as many places as the space has dimensions.
            call(|| unsafe {
                H5Sselect_hyperslab(from.get(), H5S_SELECT_SET, start, ptr::null(), count, ptr::null())
            })?;
        }
        // One thread at a time, as in `new`.
        sync(|| self.read_into(memory, &from, &into, &mut buffer, &mut Way::default()))?;
        let result = with(&buffer);
        if memory.1.is_in_heap() {
            // SAFETY: type, space and buffer are those of the read; nothing of the heap outlives `with`.
            call(|| unsafe { H5Treclaim(memory.0.get(), into.get(), H5P_DEFAULT, buffer.as_mut_ptr().cast()) })?;
        }
        Ok(result)
    }

    /// Reads what is selected in `from`, a space of the dataset's shape, as elements of `memory`, to what is selected in `into`, a
    /// space of the shape of `buffer`.
    pub(super) fn read_into(
        &self,
        memory: &(Id, DType),
        from: &Id,
        into: &Id,
        buffer: &mut [u8],
        way: &mut Way,
    ) -> hdf5::Result<()> {
        let _inside = self.beside.enter()?;
        // SAFETY: the space is live.
        let places = call(|| unsafe { H5Sget_simple_extent_npoints(into.get()) })? as usize;
        if places.checked_mul(memory_size(&memory.1)).is_none_or(|bytes| bytes > buffer.len()) {
            return Err("a buffer that is too small".into());
        }
        match &self.storage {
            Storage::Unreadable(reason) => Err(reason.as_str().into()),
            Storage::External(external) => {
                let raw = |at, bytes: &mut [u8]| Ok(external.read_at(&self.beside, at, bytes)?);
                copy(raw, (&self.datatype, &self.dtype), memory, from, into, buffer)
            }
            Storage::Virtual => match &self.made_of {
                Some((list, mappings)) => self.gather((list, mappings), memory, from, into, buffer, way),
                None => Err("a virtual dataset made of nothing".into()),
            },
            Storage::Contiguous(_) | Storage::Chunked(_) | Storage::Inside => {
                let to = buffer.as_mut_ptr().cast();
                // SAFETY: the ids are live; the buffer holds all elements of the space `into` in the type asked for.
                call(|| unsafe { H5Dread(self.id.get(), memory.0.get(), into.get(), from.get(), H5P_DEFAULT, to) })
                    .map(drop)
            }
        }
    }
}

/// Opens the dataset `id` anew with a cache of `bytes` for its chunks.
pub(crate) fn with_cache(id: Id, bytes: usize) -> hdf5::Result<Id> {
    // SAFETY: the class is predefined, the list is ours; a prime number of slots as the library advises.
    let list = Id::new(|| unsafe { H5Pcreate(*H5P_DATASET_ACCESS) })?;
    // SAFETY: as above.
    call(|| unsafe { H5Pset_chunk_cache(list.get(), 521, bytes, 0.75) })?;
    // SAFETY: as above.
    Id::new(|| unsafe { H5Dopen2(id.get(), c".".as_ptr(), list.get()) })
}

/// The dataspace of a dataset.
fn space_of(id: &Id) -> hdf5::Result<Id> {
    // SAFETY: `id` is a live dataset.
    Id::new(|| unsafe { H5Dget_space(id.get()) })
}

/// How a dataset is kept that is not virtual and has no elements at an offset.
fn storage_of(list: &Id, dtype: &DType, shape: &[u64]) -> hdf5::Result<Storage> {
    let ndims = shape.len();
    let bytes = shape.iter().try_fold(dtype.size() as u64, |n, d| n.checked_mul(*d));
    match External::of_list(list, bytes.unwrap_or(u64::MAX))? {
        Ok(None) => {}
        Ok(Some(_)) if dtype.is_in_heap() => {
            return Ok(Storage::Unreadable(format!("{dtype}, of which the pointers are in another file")));
        }
        Ok(Some(external)) => return Ok(Storage::External(external)),
        Err(reason) => return Ok(Storage::Unreadable(reason)),
    }
    // SAFETY: the list is live; `chunk` has as many places as said.
    Ok(match sync(|| unsafe { H5Pget_layout(list.get()) }) {
        H5D_CHUNKED => {
            let mut chunk = vec![1u64; ndims];
            // SAFETY: as above.
            call(|| unsafe { H5Pget_chunk(list.get(), ndims as i32, chunk.as_mut_ptr()) })?;
            match missing_filter(list, dtype)? {
                Some(reason) => Storage::Unreadable(reason),
                None => Storage::Chunked(chunk),
            }
        }
        // Compact, or contiguous and not written yet.
        _ => Storage::Inside,
    })
}

/// Why chunks with elements of type `dtype` cannot be read; `None` if they can.
fn missing_filter(list: &Id, dtype: &DType) -> hdf5::Result<Option<String>> {
    // Elements that are the same in memory are decoded without the library.
    let is_plain = !dtype.is_in_heap() && in_memory(dtype) == *dtype;
    register();
    // SAFETY: `list` is live; no values are asked for; the name is asked for with the size of its buffer.
    let n = call(|| unsafe { H5Pget_nfilters(list.get()) })?;
    for i in 0..n as c_uint {
        let (mut flags, mut values, mut config) = (0, 0usize, 0);
        let mut name = [0 as c_char; 64];
        let (flags, values, config) = (&mut flags, &mut values, &mut config);
        // SAFETY: as above.
        let filter = call(|| unsafe {
            H5Pget_filter2(list.get(), i, flags, values, ptr::null_mut(), name.len(), name.as_mut_ptr(), config)
        })?;
        // SAFETY: as above.
        let is_there = call(|| unsafe { H5Zfilter_avail(filter) })? > 0;
        if !(is_there || is_plain && ChunkFilter::of(filter, &[0]).is_some()) {
            name[63] = 0;
            // SAFETY: ends with NUL, if nowhere else at its last place.
            let name = unsafe { CStr::from_ptr(name.as_ptr()) }.to_string_lossy().into_owned();
            return Ok(Some(format!("compressed with filter {filter} ({name}), which is not built in")));
        }
    }
    Ok(None)
}

/// The value of the attribute `name` of the object `on`, as JSON; `null` if its dataspace is null.
pub(crate) fn attr_json(on: hid_t, name: &CStr, paths: &Paths) -> hdf5::Result<Value> {
    // SAFETY: `on` is live by the contract of the caller, the name ends with NUL.
    let id = Id::new(|| unsafe { H5Aopen(on, name.as_ptr(), H5P_DEFAULT) })?;
    // SAFETY: as above.
    let space = Id::new(|| unsafe { H5Aget_space(id.get()) })?;
    // SAFETY: as above.
    let datatype = Id::new(|| unsafe { H5Aget_type(id.get()) })?;
    let dtype = dtype_of(datatype.get())?;
    let Some(shape) = shape_of(&space)? else { return Ok(Value::Null) };
    let memory = match memory_type(&dtype) {
        Ok(memory) => memory,
        Err(_) => return Ok(Value::String(format!("{dtype}, which has no JSON"))),
    };
    let elements = shape.iter().try_fold(1usize, |n, d| n.checked_mul(usize::try_from(*d).ok()?));
    let bytes =
        elements.and_then(|n| n.checked_mul(memory_size(&memory.1))).ok_or("an attribute too large for memory")?;
    let mut buffer = vec![0u8; bytes];
    if bytes > 0 {
        // SAFETY: the buffer holds all elements in the type asked for.
        call(|| unsafe { H5Aread(id.get(), memory.0.get(), buffer.as_mut_ptr().cast()) })?;
    }
    // SAFETY: the buffer holds them, and they are reclaimed only after.
    let value = unsafe { array_json(&memory.1, &shape, &buffer, &|reference| paths.json(on, reference)) };
    if bytes > 0 && memory.1.is_in_heap() {
        // SAFETY: type, space and buffer are those of the read.
        call(|| unsafe { H5Treclaim(memory.0.get(), space.get(), H5P_DEFAULT, buffer.as_mut_ptr().cast()) })?;
    }
    Ok(value)
}
