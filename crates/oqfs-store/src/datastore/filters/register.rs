//! Filters that the HDF5 library has not, given to it for what it reads itself.

use std::ffi::c_void;
use std::os::raw::{c_char, c_int, c_uint};
use std::ptr;
use std::sync::Once;

use hdf5::sync::sync;
use hdf5_sys::h5::{H5allocate_memory, H5free_memory};
use hdf5_sys::h5z::{H5Z_CLASS_T_VERS, H5Z_FLAG_REVERSE, H5Z_class2_t, H5Zfilter_avail, H5Zregister};

use super::ChunkFilter;
use crate::datastore::scratch::ScratchSpace;

/// Their numbers in HDF5's register, and their names. The library takes none of the numbers of its own filters, such as szip.
const ALL: [(c_int, &std::ffi::CStr); 5] =
    [(307, c"bzip2"), (32004, c"lz4"), (32008, c"bitshuffle"), (32015, c"zstd"), (32026, c"blosc2")];
/// The most bytes of a chunk.
const MOST: usize = u32::MAX as usize;

/// Gives them to the library, once.
pub(crate) fn register() {
    static REGISTERED: Once = Once::new();
    let functions = [undo::<307>, undo::<32004>, undo::<32008>, undo::<32015>, undo::<32026>];
    REGISTERED.call_once(|| {
        for ((id, name), function) in ALL.into_iter().zip(functions) {
            let class = H5Z_class2_t {
                version: H5Z_CLASS_T_VERS as _,
                id,
                encoder_present: 0,
                decoder_present: 1,
                name: name.as_ptr(),
                can_apply: None,
                set_local: None,
                filter: Some(function),
            };
            // SAFETY: the library copies the class; its name and its function live as long as the program.
            let failed = sync(|| unsafe { H5Zfilter_avail(id) <= 0 && H5Zregister(ptr::from_ref(&class).cast()) < 0 });
            if failed {
                log::warn!("the HDF5 library does not take the filter {}", name.to_string_lossy());
            }
        }
    });
}

/// What the library calls with a chunk: 0 if it cannot be undone, as it wants it.
extern "C" fn undo<const ID: c_int>(
    flags: c_uint,
    count: usize,
    values: *const c_uint,
    len: usize,
    size: *mut usize,
    buffer: *mut *mut c_void,
) -> usize {
    if flags & H5Z_FLAG_REVERSE == 0 || buffer.is_null() || size.is_null() {
        return 0;
    }
    // SAFETY: the library passes as many values as it says.
    let values = if count == 0 { &[] } else { unsafe { std::slice::from_raw_parts(values, count) } };
    // SAFETY: it passes a buffer of at least `len` bytes, which are not changed meanwhile.
    let bytes = unsafe { std::slice::from_raw_parts((*buffer).cast::<u8>(), len) };
    // A panic must not reach the library.
    let undone = std::panic::catch_unwind(|| {
        let filter = ChunkFilter::of(ID, values)?;
        let scratch = ScratchSpace::new(ScratchSpace::users_folder(), MOST);
        // What does not say its length gets ever more room.
        let mut most = filter.len(bytes).unwrap_or_else(|| len.saturating_mul(16)).min(MOST);
        loop {
            match filter.undo(bytes, most, &scratch) {
                Ok(elements) => return Some(elements.into_vec()),
                Err(_) if filter.len(bytes).is_some() || most >= MOST => return None,
                Err(_) => most = most.saturating_mul(16).min(MOST),
            }
        }
    });
    let Ok(Some(undone)) = undone else { return 0 };
    // SAFETY: as many bytes are allocated as are copied; the library's buffer is freed once and replaced.
    unsafe {
        let new = H5allocate_memory(undone.len().max(1), 0).cast::<c_char>();
        if new.is_null() {
            return 0;
        }
        ptr::copy_nonoverlapping(undone.as_ptr().cast(), new, undone.len());
        H5free_memory(*buffer);
        *buffer = new.cast();
        *size = undone.len();
    }
    undone.len()
}
