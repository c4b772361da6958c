//! The parts of the HDF5 C library that the `hdf5` crate does not wrap: types made and taken apart at run time, raw bytes,
//! links and object identities.
//!
//! All unsafe code about HDF5 is in here. It rests on two facts:
//!
//! 1. The library is built without its own locking; every call is made inside [`call`] or [`hdf5::sync::sync`], which hold
//!    the one (re-entrant) lock that the `hdf5` crate uses too.
//! 2. An [`Id`] owns one reference to a library object and gives it back when dropped, so ids passed to a call are live.

use std::ffi::{CStr, CString};

use hdf5::sync::sync;
use hdf5_sys::h5::H5free_memory;
use hdf5_sys::h5i::{H5Idec_ref, hid_t};

mod objects;
mod types;

pub(crate) use objects::*;
pub(crate) use types::{dtype_of, memory_type, type_of};

/// One reference to an object of the library: a type, a space, a dataset, a group, an attribute.
#[derive(Debug)]
pub(crate) struct Id(hid_t);

impl Id {
    /// Takes over the reference that `f` returns; negative is an error.
    pub fn new(f: impl FnOnce() -> hid_t) -> hdf5::Result<Self> {
        call(f).map(Self)
    }

    pub fn get(&self) -> hid_t {
        self.0
    }
}

impl Drop for Id {
    fn drop(&mut self) {
        // SAFETY: the reference is ours and is given back once.
        sync(|| unsafe { H5Idec_ref(self.0) });
    }
}

/// Calls the library under its lock; a negative result becomes the error the library recorded.
pub(crate) fn call<T: PartialOrd + Default>(f: impl FnOnce() -> T) -> hdf5::Result<T> {
    sync(|| {
        let result = f();
        if result < T::default() { Err(hdf5::Error::query()?) } else { Ok(result) }
    })
}

/// A name as the library takes it.
pub(crate) fn c_name(name: &str) -> hdf5::Result<CString> {
    CString::new(name).map_err(|_| hdf5::Error::Internal(format!("{name:?} has a NUL")))
}

/// Takes over a string allocated by the library. Bytes that are no UTF-8 are replaced.
///
/// # Safety
/// `text` is NULL or a NUL-terminated string the caller has to free.
unsafe fn take_string(text: *mut std::os::raw::c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: not NULL, so a string by the contract; freed once, with the library's own function.
    unsafe {
        let string = CStr::from_ptr(text).to_string_lossy().into_owned();
        H5free_memory(text.cast());
        string
    }
}
