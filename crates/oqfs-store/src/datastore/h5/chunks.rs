//! Where the chunks of a dataset lie in its file, and through which filters they went.

use std::os::raw::{c_int, c_uint, c_void};
use std::ptr;

use hdf5_sys::h5d::{H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS, H5Dchunk_iter, H5Dget_create_plist};
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pget_chunk_opts, H5Pget_filter2, H5Pget_nfilters};

use super::{H5Source, Id, call};
use crate::datastore::filters::ChunkFilter;

/// The values that a filter was told, as far as one of those known here needs them.
const VALUES: usize = 8;

/// A chunk in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chunk<'a> {
    /// Its first element.
    pub start: &'a [u64],
    /// A bit for each filter that it did not go through, the first one's the lowest.
    pub skipped: u32,
    /// Where its bytes start in the file, and how many there are.
    pub address: u64,
    pub size: u64,
}

impl H5Source {
    /// The filters of a chunked dataset, in the order of writing; `None` if one of them is not known here, or not all chunks
    /// go through them alike.
    pub fn filters(&self) -> hdf5::Result<Option<Vec<ChunkFilter>>> {
        // SAFETY: the dataset is live.
        let list = Id::new(|| unsafe { H5Dget_create_plist(self.id.get()) })?;
        let mut options = 0;
        // SAFETY: the list is live and of a chunked dataset.
        call(|| unsafe { H5Pget_chunk_opts(list.get(), &mut options) })?;
        if options & H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS != 0 {
            return Ok(None);
        }
        // SAFETY: the list is live.
        let n = call(|| unsafe { H5Pget_nfilters(list.get()) })?;
        let mut filters = vec![];
        for i in 0..n as c_uint {
            let (mut flags, mut values, mut count, mut config) = (0, [0; VALUES], VALUES, 0);
            let to = values.as_mut_ptr();
            // SAFETY: there is room for as many values as said; no name is asked for.
            let id = call(|| unsafe {
                H5Pget_filter2(list.get(), i, &mut flags, &mut count, to, 0, ptr::null_mut(), &mut config)
            })?;
            match ChunkFilter::of(id, &values[..count.min(VALUES)]) {
                Some(filter) => filters.push(filter),
                None => return Ok(None),
            }
        }
        Ok(Some(filters))
    }

    /// Gives every chunk that is in the file to `each`, which must not panic.
    pub fn each_chunk<F: FnMut(Chunk)>(&self, mut each: F) -> hdf5::Result<()> {
        extern "C" fn pass<F: FnMut(Chunk)>(
            start: *const u64,
            skipped: c_uint,
            address: u64,
            size: u64,
            with: *mut c_void,
        ) -> c_int {
            // SAFETY: the pointer given to the iteration below.
            let (ndims, each) = unsafe { &mut *with.cast::<(usize, &mut F)>() };
            // SAFETY: the library gives a place for each dimension of the dataset.
            let start = unsafe { std::slice::from_raw_parts(start, *ndims) };
            each(Chunk { start, skipped, address, size });
            0
        }
        let mut with = (self.shape.as_deref().unwrap_or(&[]).len(), &mut each);
        let with = ptr::from_mut(&mut with).cast();
        // SAFETY: the dataset is live and chunked; the callback has the signature asked for and does not outlive `with`.
        call(|| unsafe { H5Dchunk_iter(self.id.get(), H5P_DEFAULT, Some(pass::<F>), with) }).map(drop)
    }
}
