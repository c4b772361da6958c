//! The compression of liblzf, h5py's own.

use super::Failed;

/// Decompresses to no more than `elements` has room for; gives how many bytes that are.
pub(super) fn decompress(bytes: &[u8], elements: &mut [u8]) -> Result<usize, Failed> {
    let damaged = || Failed::from("it does not decompress");
    let mut rest = bytes.iter();
    let mut done = 0;
    while let Some(control) = rest.next() {
        let control = usize::from(*control);
        if control < 32 {
            let (run, after) = rest.as_slice().split_at_checked(control + 1).ok_or_else(damaged)?;
            elements.get_mut(done..done + run.len()).ok_or_else(damaged)?.copy_from_slice(run);
            done += run.len();
            rest = after.iter();
            continue;
        }
        let mut next = || rest.next().map(|byte| usize::from(*byte)).ok_or_else(damaged);
        let len = 2 + if control >> 5 == 7 { 7 + next()? } else { control >> 5 };
        let distance = ((control & 0x1f) << 8) + next()? + 1;
        done = repeat(elements, done, distance, len).ok_or_else(damaged)?;
    }
    Ok(done)
}

/// Copies `len` bytes from `distance` before `done` to `done`, where they may be the ones that are copied; gives where they end.
pub(super) fn repeat(bytes: &mut [u8], done: usize, distance: usize, len: usize) -> Option<usize> {
    let (from, end) = (done.checked_sub(distance)?, done.checked_add(len)?);
    if end > bytes.len() {
        return None;
    }
    if distance >= len {
        bytes.copy_within(from..from + len, done);
    } else if distance == 1 {
        let byte = bytes[from];
        bytes[done..end].fill(byte);
    } else {
        for at in done..end {
            bytes[at] = bytes[at - distance];
        }
    }
    Some(end)
}
