//! The parts of the HDF5 C library that the `hdf5` crate does not wrap: types made and taken apart at run time, raw bytes,
//! links and object identities.
//!
//! All unsafe code about HDF5 is in here. It rests on two facts:
//!
//! 1. The library is built without its own locking; every call is made inside [`call`] or [`hdf5::sync::sync`], which hold
//!    the one (re-entrant) lock that the `hdf5` crate uses too.
//! 2. An [`Id`] owns one reference to a library object and gives it back when dropped, so ids passed to a call are live.

use std::ffi::{CStr, CString};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;

use hdf5::globals::H5P_FILE_ACCESS;
use hdf5::sync::sync;
use hdf5_sys::h5::H5free_memory;
use hdf5_sys::h5f::{H5F_ACC_RDONLY, H5Fget_vfd_handle, H5Fopen};
use hdf5_sys::h5i::{H5Idec_ref, hid_t};
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pcreate, H5Pset_fapl_stdio, H5Pset_file_locking};

mod chunks;
mod external;
mod follow;
mod gather;
mod header;
mod links;
mod objects;
mod paths;
mod runs;
mod slab;
mod source;
mod types;
mod values;
mod virtuals;

pub use external::External;
pub use links::{Link, LinkedObject, ObjectKind, Target, Token, steps};
pub(crate) use links::{attr_names, links_of, object_of, open};
pub(crate) use objects::*;
pub(crate) use paths::Paths;
use runs::{copy, points};
pub use source::Storage;
pub(crate) use source::{H5Source, attr_json, with_cache};
pub(crate) use types::{dtype_of, in_memory, integer, memory_type, type_of};
pub(crate) use values::{array_json, memory_size, string_at, unpadded};

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

unsafe extern "C" {
    fn H5Pset_relax_file_integrity_checks(access: hid_t, flags: u64) -> std::os::raw::c_int;
}

/// Properties for opening a file for reading, without a lock, and without taking for damage what programs do write: numbers in
/// which many bits are not used. The same list for all files.
fn unlocked() -> hdf5::Result<&'static Id> {
    static LIST: OnceLock<Id> = OnceLock::new();
    match LIST.get() {
        Some(list) => Ok(list),
        None => make_unlocked().map(|list| LIST.get_or_init(|| list)),
    }
}

fn make_unlocked() -> hdf5::Result<Id> {
    // SAFETY: the class is predefined, the list is ours; the check is declared as in H5Ppublic.h of HDF5 2.0.
    let list = Id::new(|| unsafe { H5Pcreate(*H5P_FILE_ACCESS) })?;
    // SAFETY: as above.
    call(|| unsafe { H5Pset_file_locking(list.get(), 0, 1) })?;
    // SAFETY: as above.
    call(|| unsafe { H5Pset_relax_file_integrity_checks(list.get(), 1) })?;
    Ok(list)
}

fn path_name(path: &Path) -> hdf5::Result<CString> {
    CString::new(path.as_os_str().as_bytes()).map_err(|_| "a path with a NUL".into())
}

/// Opens a file for reading, without a lock.
pub(crate) fn open_unlocked(path: &Path) -> hdf5::Result<hdf5::File> {
    let (name, list) = (path_name(path)?, unlocked()?);
    // SAFETY: the name ends with NUL; the reference to the file goes to who owns it from here on.
    unsafe { hdf5::from_id(call(|| H5Fopen(name.as_ptr(), H5F_ACC_RDONLY, list.get()))?) }
}

/// The same by C's streams: for the library it is another file then than one that [`open_unlocked`] has open. Nor does that
/// driver ask where symlinks lead, which could be through a mount of this program.
pub(crate) fn open_apart(path: &Path) -> hdf5::Result<Id> {
    let (name, list) = (path_name(path)?, make_unlocked()?);
    // SAFETY: the list is live, the name ends with NUL.
    call(|| unsafe { H5Pset_fapl_stdio(list.get()) })?;
    // SAFETY: as above.
    let file = Id::new(|| unsafe { H5Fopen(name.as_ptr(), H5F_ACC_RDONLY, list.get()) })?;
    let mut handle = std::ptr::null_mut::<std::os::raw::c_void>();
    // SAFETY: the file is live; that driver's handle is a pointer to its stream, which is open.
    unsafe {
        call(|| H5Fget_vfd_handle(file.get(), list.get(), &mut handle))?;
        if let Some(stream) = handle.cast::<*mut libc::FILE>().as_ref() {
            libc::fcntl(libc::fileno(*stream), libc::F_SETFD, libc::FD_CLOEXEC);
        }
    }
    Ok(file)
}

/// The descriptor the library has the file open on; it lives as long as `file`.
fn descriptor(file: &hdf5::File) -> hdf5::Result<BorrowedFd<'_>> {
    let mut handle = std::ptr::null_mut::<std::os::raw::c_void>();
    // SAFETY: the file is live; the default driver's handle is a pointer to its descriptor.
    unsafe {
        call(|| H5Fget_vfd_handle(file.id(), H5P_DEFAULT, &mut handle))?;
        if handle.is_null() {
            return Err("a file without a descriptor".into());
        }
        Ok(BorrowedFd::borrow_raw(*handle.cast::<i32>()))
    }
}

/// Keeps the file's descriptor, and the lock that goes with it, from programs this process starts.
pub(crate) fn close_on_exec(file: &hdf5::File) -> hdf5::Result<()> {
    let fd = descriptor(file)?;
    // SAFETY: the descriptor is open.
    unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_SETFD, libc::FD_CLOEXEC) };
    Ok(())
}

/// The lock of an open file, to be given up after the file is closed: closing alone does not give it up where a process that
/// was started just then has a copy of the descriptor.
#[derive(Debug)]
pub(crate) struct FileLock(OwnedFd);

impl FileLock {
    pub fn of(file: &hdf5::File) -> hdf5::Result<Self> {
        let fd = descriptor(file)?.try_clone_to_owned();
        fd.map(Self).map_err(|e| e.to_string().into())
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // SAFETY: the descriptor is open.
        unsafe { libc::flock(self.0.as_raw_fd(), libc::LOCK_UN) };
    }
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
