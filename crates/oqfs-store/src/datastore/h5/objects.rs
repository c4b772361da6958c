//! Datasets and attributes as raw bytes.

use std::ffi::CStr;
use std::os::raw::{c_char, c_void};
use std::ptr;

use hdf5::globals::{H5P_ATTRIBUTE_CREATE, H5P_LINK_CREATE};
use hdf5_sys::h5a::{H5Acreate2, H5Adelete, H5Aexists, H5Aget_space, H5Aread, H5Awrite};
use hdf5_sys::h5d::{H5Dcreate2, H5Dflush, H5Dget_offset, H5Dget_space, H5Dread, H5Dwrite};
use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pcreate, H5Pset_char_encoding, H5Pset_create_intermediate_group};
use hdf5_sys::h5s::{
    H5S_ALL, H5S_SCALAR, H5S_SELECT_SET, H5Screate, H5Screate_simple, H5Sget_simple_extent_npoints, H5Sselect_hyperslab,
};
use hdf5_sys::h5t::{H5T_CSET_UTF8, H5Treclaim};

use super::{Id, c_name, call, memory_type, type_of};
use crate::datastore::dtype::DType;

/// A dataspace of `shape`; a scalar if the shape is empty.
pub(crate) fn space(shape: &[u64]) -> hdf5::Result<Id> {
    if shape.is_empty() {
        // SAFETY: plain constructor.
        return Id::new(|| unsafe { H5Screate(H5S_SCALAR) });
    }
    // SAFETY: it has as many extents as said; NULL means the largest extents are the current ones.
    Id::new(|| unsafe { H5Screate_simple(shape.len() as i32, shape.as_ptr(), ptr::null()) })
}

/// As the library counts.
fn wide(counts: &[usize]) -> Vec<u64> {
    counts.iter().map(|&n| n as u64).collect()
}

/// A link creation list: UTF-8 names, groups on the way made as needed.
pub(crate) fn making_groups() -> hdf5::Result<Id> {
    // SAFETY: the class is predefined; the list is ours to change.
    let list = Id::new(|| unsafe { H5Pcreate(*H5P_LINK_CREATE) })?;
    // SAFETY: as above.
    call(|| unsafe { H5Pset_create_intermediate_group(list.get(), 1) })?;
    // SAFETY: as above.
    call(|| unsafe { H5Pset_char_encoding(list.get(), H5T_CSET_UTF8) })?;
    Ok(list)
}

/// A dataset open for writing raw bytes.
#[derive(Debug)]
pub(crate) struct RawDataset {
    id: Id,
    memory: Id,
    shape: Vec<usize>,
}

impl RawDataset {
    /// Creates a contiguous dataset under `key`, and the groups on the way.
    pub fn create(file: hid_t, key: &str, dtype: &DType, shape: &[usize]) -> hdf5::Result<Self> {
        let (name, memory, space, links) = (c_name(key)?, type_of(dtype)?, space(&wide(shape))?, making_groups()?);
        let make = || unsafe {
            // SAFETY: `file` is a live file by the contract of the caller, the others are live here.
            H5Dcreate2(file, name.as_ptr(), memory.get(), space.get(), links.get(), H5P_DEFAULT, H5P_DEFAULT)
        };
        Ok(Self { id: Id::new(make)?, memory, shape: shape.to_vec() })
    }

    /// Writes `bytes`, the elements of a block of shape `count` at `start`.
    pub fn write(&self, start: &[usize], count: &[usize], bytes: &[u8], element: usize) -> hdf5::Result<()> {
        let inside = start.len() == self.shape.len()
            && count.len() == self.shape.len()
            && start
                .iter()
                .zip(count)
                .zip(&self.shape)
                .all(|((s, c), n)| s.checked_add(*c).is_some_and(|end| end <= *n));
        if !inside || bytes.len() != count.iter().product::<usize>() * element {
            return Err(format!("{} bytes at {start:?} of {count:?}, into {:?}", bytes.len(), self.shape).into());
        }
        if bytes.is_empty() {
            return Ok(());
        }
        if self.shape.is_empty() {
            // SAFETY: the buffer holds the one element, checked above.
            call(|| unsafe {
                H5Dwrite(self.id.get(), self.memory.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.as_ptr().cast())
            })?;
            return Ok(());
        }
        let (start, count) = (wide(start), wide(count));
        let (file, memory) = (space(&wide(&self.shape))?, space(&count)?);
        // SAFETY: start and count have as many places as the space has dimensions; NULL stands for ones.
        call(|| unsafe {
            H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, start.as_ptr(), ptr::null(), count.as_ptr(), ptr::null())
        })?;
        // SAFETY: the buffer holds as many elements as the selection, checked above.
        call(|| unsafe {
            H5Dwrite(self.id.get(), self.memory.get(), memory.get(), file.get(), H5P_DEFAULT, bytes.as_ptr().cast())
        })?;
        Ok(())
    }

    /// Writes variable-length strings into a dataset of that type, all of it.
    pub fn write_strings(&self, strings: &[String]) -> hdf5::Result<()> {
        if strings.len() != self.shape.iter().product::<usize>() {
            return Err(format!("{} strings into {:?}", strings.len(), self.shape).into());
        }
        let strings = strings.iter().map(|s| c_name(s)).collect::<hdf5::Result<Vec<_>>>()?;
        let pointers: Vec<_> = strings.iter().map(|s| s.as_ptr()).collect();
        if pointers.is_empty() {
            return Ok(());
        }
        // SAFETY: one pointer to a NUL-terminated string an element, checked above; the library copies the strings.
        call(|| unsafe {
            H5Dwrite(self.id.get(), self.memory.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, pointers.as_ptr().cast())
        })?;
        Ok(())
    }

    pub fn get(&self) -> hid_t {
        self.id.get()
    }

    /// Hands what is buffered of this dataset to the operating system.
    pub fn flush(&self) -> hdf5::Result<()> {
        // SAFETY: the dataset is live.
        call(|| unsafe { H5Dflush(self.id.get()) }).map(drop)
    }

    /// Where its bytes start in the file; `None` if it has none there.
    pub fn offset(&self) -> Option<u64> {
        // SAFETY: the dataset is live.
        let offset = hdf5::sync::sync(|| unsafe { H5Dget_offset(self.id.get()) });
        (offset != u64::MAX).then_some(offset)
    }
}

/// The value of an attribute to write: raw elements, or strings of any length.
pub(crate) enum RawAttr<'a> {
    Bytes(&'a [u8]),
    Strings(&'a [String]),
}

/// Sets the attribute `name` of the object `on`; replaces what was there.
pub(crate) fn write_attr(on: hid_t, name: &str, dtype: &DType, shape: &[usize], value: RawAttr) -> hdf5::Result<()> {
    let (name, memory, space) = (c_name(name)?, type_of(dtype)?, space(&wide(shape))?);
    // SAFETY: the class is predefined; the list is ours to change.
    let list = Id::new(|| unsafe { H5Pcreate(*H5P_ATTRIBUTE_CREATE) })?;
    // SAFETY: as above.
    call(|| unsafe { H5Pset_char_encoding(list.get(), H5T_CSET_UTF8) })?;
    // SAFETY: `on` is live by the contract of the caller, the name ends with NUL.
    if call(|| unsafe { H5Aexists(on, name.as_ptr()) })? > 0 {
        // SAFETY: as above.
        call(|| unsafe { H5Adelete(on, name.as_ptr()) })?;
    }
    // SAFETY: as above.
    let id = Id::new(|| unsafe { H5Acreate2(on, name.as_ptr(), memory.get(), space.get(), list.get(), H5P_DEFAULT) })?;
    let n = shape.iter().product::<usize>();
    match value {
        RawAttr::Bytes(bytes) if bytes.len() == n * dtype.size() && !dtype.is_in_heap() => {
            // SAFETY: the buffer holds all elements, checked above.
            call(|| unsafe { H5Awrite(id.get(), memory.get(), bytes.as_ptr().cast()) })?;
        }
        RawAttr::Strings(strings) if strings.len() == n && matches!(dtype, DType::VarString { .. }) => {
            let strings = strings.iter().map(|s| c_name(s)).collect::<hdf5::Result<Vec<_>>>()?;
            let pointers: Vec<_> = strings.iter().map(|s| s.as_ptr()).collect();
            // SAFETY: one pointer to a NUL-terminated string an element, checked above.
            call(|| unsafe { H5Awrite(id.get(), memory.get(), pointers.as_ptr().cast()) })?;
        }
        _ => return Err(format!("an attribute of {dtype} and shape {shape:?} has another number of elements").into()),
    }
    Ok(())
}

/// The strings of the dataset `id`, whose type is `dtype`, in row-major order; `None` if it holds no strings.
pub(crate) fn read_strings(id: hid_t, dtype: &DType) -> hdf5::Result<Option<Vec<Vec<u8>>>> {
    // SAFETY: `id` is a live dataset by the contract of the caller.
    let space = Id::new(|| unsafe { H5Dget_space(id) })?;
    read_strings_with(&space, dtype, |memory, buffer| {
        // SAFETY: the buffer is as large as the space and the type ask for.
        call(|| unsafe { H5Dread(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer) })
    })
}

/// The strings of the attribute `id`, whose type is `dtype`; `None` if it holds no strings.
pub(crate) fn read_attr_strings(id: hid_t, dtype: &DType) -> hdf5::Result<Option<Vec<Vec<u8>>>> {
    // SAFETY: `id` is a live attribute by the contract of the caller.
    let space = Id::new(|| unsafe { H5Aget_space(id) })?;
    read_strings_with(&space, dtype, |memory, buffer| {
        // SAFETY: the buffer is as large as the space and the type ask for.
        call(|| unsafe { H5Aread(id, memory, buffer) })
    })
}

fn read_strings_with(
    space: &Id,
    dtype: &DType,
    read: impl FnOnce(hid_t, *mut c_void) -> hdf5::Result<i32>,
) -> hdf5::Result<Option<Vec<Vec<u8>>>> {
    // SAFETY: the space is live.
    let n = call(|| unsafe { H5Sget_simple_extent_npoints(space.get()) })? as usize;
    let (memory, dtype) = memory_type(dtype)?;
    match dtype {
        DType::FixedString { size, .. } => {
            let mut bytes = vec![0u8; n * size];
            if n > 0 {
                read(memory.get(), bytes.as_mut_ptr().cast())?;
            }
            let cut = |s: &[u8]| s.iter().position(|b| *b == 0).map_or(s.to_vec(), |end| s[..end].to_vec());
            Ok(Some(bytes.chunks_exact(size).map(cut).collect()))
        }
        DType::VarString { .. } => {
            let mut pointers = vec![ptr::null_mut::<c_char>(); n];
            if n > 0 {
                read(memory.get(), pointers.as_mut_ptr().cast())?;
            }
            // SAFETY: each pointer is NULL or a NUL-terminated string allocated by the library until it is reclaimed.
            let text =
                |p: &*mut c_char| unsafe { if p.is_null() { vec![] } else { CStr::from_ptr(*p).to_bytes().to_vec() } };
            let strings = pointers.iter().map(text).collect();
            if n > 0 {
                // SAFETY: type, space and buffer are those of the read.
                call(|| unsafe { H5Treclaim(memory.get(), space.get(), H5P_DEFAULT, pointers.as_mut_ptr().cast()) })?;
            }
            Ok(Some(strings))
        }
        _ => Ok(None),
    }
}
