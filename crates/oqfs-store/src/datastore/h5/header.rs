//! The names of the attributes of an object of which the library can decode not all: it then tells of none.

use std::ffi::{CStr, CString};
use std::os::fd::BorrowedFd;

use hdf5_sys::h5f::{H5Fget_create_plist, H5Fget_vfd_handle};
use hdf5_sys::h5i::{H5Iget_file_id, hid_t};
use hdf5_sys::h5p::{H5P_DEFAULT, H5Pget_userblock};

use super::{Id, call, object_of};

/// The most bytes of a header, and blocks that it may have.
const MOST: u64 = 16 << 20;
const BLOCKS: usize = 1 << 10;
/// The types of the messages looked for.
const ATTRIBUTE: u16 = 0x0c;
const CONTINUATION: u16 = 0x10;

/// The names of the attributes that are in the header of the object `id`, in the order of the header.
pub(super) fn names(id: hid_t) -> hdf5::Result<Vec<CString>> {
    // SAFETY: `id` is live by the contract of the caller.
    let file = Id::new(|| unsafe { H5Iget_file_id(id) })?;
    // SAFETY: the file is live.
    let list = Id::new(|| unsafe { H5Fget_create_plist(file.get()) })?;
    let mut base = 0;
    // SAFETY: the list is live.
    call(|| unsafe { H5Pget_userblock(list.get(), &mut base) })?;
    let mut handle = std::ptr::null_mut::<std::os::raw::c_void>();
    // SAFETY: the file is live; the default driver's handle is a pointer to its descriptor.
    call(|| unsafe { H5Fget_vfd_handle(file.get(), H5P_DEFAULT, &mut handle) })?;
    if handle.is_null() {
        return Err("a file without a descriptor".into());
    }
    // SAFETY: as above; the descriptor is open as long as the file is.
    let fd = unsafe { BorrowedFd::borrow_raw(*handle.cast::<i32>()) };
    let read = |at: u64, len: u64| -> Option<Vec<u8>> {
        let mut bytes = vec![0; usize::try_from(len).ok().filter(|_| len <= MOST)?];
        let n = rustix::io::pread(fd, &mut bytes, base.checked_add(at)?).ok()?;
        bytes.truncate(n);
        Some(bytes)
    };
    Ok(names_at(&read, object_of(id)?.token.address()))
}

/// The names in the header at `address`.
fn names_at(read: &dyn Fn(u64, u64) -> Option<Vec<u8>>, address: u64) -> Vec<CString> {
    let mut names = vec![];
    let Some(start) = read(address, 64) else { return names };
    let Some((layout, first)) = Layout::of(&start, address) else { return names };
    let mut blocks = vec![first];
    let mut done = 0;
    while let Some((at, len)) = blocks.get(done).copied()
        && done < BLOCKS
    {
        done += 1;
        let Some(bytes) = read(at, len) else { continue };
        let mut rest = match layout {
            // the signature before the messages, the checksum after them
            Layout::New { .. } if done > 1 => bytes.get(4..bytes.len().saturating_sub(4)).unwrap_or(&[]),
            _ => &bytes[..],
        };
        while let Some((kind, message, after)) = layout.message(rest) {
            rest = after;
            match kind {
                ATTRIBUTE => names.extend(name_of(message)),
                CONTINUATION => blocks.extend(number(message, 0, 8).zip(number(message, 8, 8))),
                _ => {}
            }
        }
    }
    names
}

/// How messages follow each other.
#[derive(Clone, Copy)]
enum Layout {
    Old,
    New { has_order: bool },
}

impl Layout {
    /// By the first bytes of a header at `address`; and where its first messages are, and how many bytes they take.
    fn of(start: &[u8], address: u64) -> Option<(Self, (u64, u64))> {
        if start.first_chunk() == Some(b"OHDR") {
            let flags = *start.get(5)?;
            let times = if flags & 0x20 != 0 { 16 } else { 0 };
            let phases = if flags & 0x10 != 0 { 4 } else { 0 };
            let (at, width) = (6 + times + phases, 1 << (flags & 3));
            let first = (address + (at + width) as u64, number(start, at, width)?);
            return Some((Self::New { has_order: flags & 4 != 0 }, first));
        }
        (start.first() == Some(&1)).then_some((Self::Old, (address + 16, number(start, 8, 4)?)))
    }

    /// The type of the first message of `bytes`, what is in it, and what follows it.
    fn message(self, bytes: &[u8]) -> Option<(u16, &[u8], &[u8])> {
        let (kind, len, head) = match self {
            Self::Old => (number(bytes, 0, 2)?, number(bytes, 2, 2)?, 8),
            Self::New { has_order } => (number(bytes, 0, 1)?, number(bytes, 1, 2)?, if has_order { 6 } else { 4 }),
        };
        let (message, rest) = bytes.get(head..)?.split_at_checked(len as usize)?;
        Some((kind as u16, message, rest))
    }
}

/// The name in an attribute's message.
fn name_of(message: &[u8]) -> Option<CString> {
    let len = number(message, 2, 2)? as usize;
    // the third version has a character set there
    let at = if *message.first()? >= 3 { 9 } else { 8 };
    CStr::from_bytes_until_nul(message.get(at..at + len)?).ok().map(CStr::to_owned)
}

/// The little-endian number in `len` bytes from `at` on.
fn number(bytes: &[u8], at: usize, len: usize) -> Option<u64> {
    Some(bytes.get(at..at + len)?.iter().rev().fold(0, |n, byte| n << 8 | u64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(mut bytes in prop::collection::vec(any::<u8>(), 0..300), is_new: bool) {
            bytes.splice(..bytes.len().min(4), if is_new { *b"OHDR" } else { [1, 0, 9, 0] });
            let read = |at: u64, len: u64| {
                let from = usize::try_from(at).ok()?.min(bytes.len());
                Some(bytes[from..(from + len.min(300) as usize).min(bytes.len())].to_vec())
            };
            names_at(&read, 0);
        }
    }
}
