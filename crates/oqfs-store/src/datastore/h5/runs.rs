//! Selections as runs of bytes.

use hdf5_sys::h5p::H5P_DEFAULT;
use hdf5_sys::h5s::{H5Sget_select_npoints, H5Ssel_iter_create, H5Ssel_iter_get_seq_list};
use hdf5_sys::h5t::H5Tconvert;

use super::{Id, call, memory_size};
use crate::datastore::dtype::DType;

/// Runs asked for at a time.
const RUNS: usize = 1024;

/// How many elements are selected.
pub(super) fn points(space: &Id) -> hdf5::Result<u64> {
    // SAFETY: the space is live.
    call(|| unsafe { H5Sget_select_npoints(space.get()) }).map(|n| n as u64)
}

/// Gives each run of bytes that is selected in `space`, elements of `item` bytes, to `each`: where it starts, and its length.
fn each_run(space: &Id, item: usize, mut each: impl FnMut(u64, usize) -> hdf5::Result<()>) -> hdf5::Result<()> {
    // SAFETY: the space is live.
    let runs = Id::new(|| unsafe { H5Ssel_iter_create(space.get(), item, 0) })?;
    let (mut starts, mut lens) = ([0u64; RUNS], [0usize; RUNS]);
    loop {
        let (mut n, mut bytes) = (0, 0);
        let (starts_at, lens_at) = (starts.as_mut_ptr(), lens.as_mut_ptr());
        // SAFETY: there is room for as many runs as said.
        call(|| unsafe {
            H5Ssel_iter_get_seq_list(runs.get(), RUNS, usize::MAX, &raw mut n, &raw mut bytes, starts_at, lens_at)
        })?;
        if n == 0 {
            return Ok(());
        }
        starts.iter().zip(&lens).take(n).try_for_each(|(start, len)| each(*start, *len))?;
    }
}

/// Copies the elements selected in `from`, of which `raw` fills a buffer with the bytes from some byte on, to those selected in
/// `into`, the space of `buffer`, converted from `file` to `memory`; neither type may have pointers.
pub(super) fn copy(
    mut raw: impl FnMut(u64, &mut [u8]) -> hdf5::Result<()>,
    file: (&Id, &DType),
    memory: &(Id, DType),
    from: &Id,
    into: &Id,
    buffer: &mut [u8],
) -> hdf5::Result<()> {
    let (n, item, wanted) = (points(from)? as usize, file.1.size(), memory_size(&memory.1));
    if file.1.is_in_heap() || memory.1.is_in_heap() || n as u64 != points(into)? {
        return Err(format!("{n} elements of {} as {}", file.1, memory.1).into());
    }
    let size = n.checked_mul(item.max(wanted)).ok_or("too many elements")?;
    let mut elements = vec![0u8; size];
    let mut at = 0;
    each_run(from, item, |start, len| {
        let part = elements.get_mut(at..at + len).ok_or("more elements than are selected")?;
        at += len;
        raw(start, part)
    })?;
    if *file.1 != memory.1 {
        let mut background = vec![0u8; size];
        let (bytes, background) = (elements.as_mut_ptr().cast(), background.as_mut_ptr().cast());
        // SAFETY: both buffers hold so many elements of either type, which are live and have no pointers.
        call(|| unsafe { H5Tconvert(file.0.get(), memory.0.get(), n, bytes, background, H5P_DEFAULT) })?;
    }
    let mut at = 0;
    each_run(into, wanted, |start, len| {
        let to = usize::try_from(start).ok().and_then(|start| buffer.get_mut(start..start.checked_add(len)?));
        let part = elements.get(at..at + len);
        at += len;
        to.zip(part).map(|(to, part)| to.copy_from_slice(part)).ok_or_else(|| "elements beyond a buffer".into())
    })
}
