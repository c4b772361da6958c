//! Elements that are the raw bytes of other files (HDF5's external storage).

use std::os::raw::c_char;
use std::os::unix::fs::FileExt;

use hdf5_sys::h5p::{H5Pget_external, H5Pget_external_count};

use serde::{Deserialize, Serialize};

use super::{Id, call};
use crate::datastore::beside::{Beside, Search};

/// The longest path that Linux takes.
const PATH_MAX: usize = libc::PATH_MAX as usize;

/// The files that hold the elements, one after the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct External {
    segments: Vec<ExternalSegment>,
}

/// A part of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ExternalSegment {
    name: Vec<u8>,
    offset: u64,
    /// The first byte of the elements that is in it, and the first that is not any more.
    start: u64,
    end: u64,
}

impl External {
    /// The files in a list of properties of a dataset of `bytes` bytes; `None` if it names none.
    ///
    /// # Errors
    /// If they cannot hold so many bytes: the reason.
    pub(crate) fn of_list(list: &Id, bytes: u64) -> hdf5::Result<Result<Option<Self>, String>> {
        // SAFETY: `list` is live.
        let n = call(|| unsafe { H5Pget_external_count(list.get()) })?;
        let (mut segments, mut start) = (vec![], 0u64);
        for i in 0..n as u32 {
            let mut name = vec![0u8; PATH_MAX];
            let (mut offset, mut size) = (0, 0);
            let room = name.as_mut_ptr().cast::<c_char>();
            // SAFETY: `list` is live, there is room for as much of the name as said, the others are writable.
            call(|| unsafe { H5Pget_external(list.get(), i, PATH_MAX, room, &raw mut offset, &raw mut size) })?;
            let Some(end) = name.iter().position(|b| *b == 0) else {
                return Ok(Err("a name of a file that is longer than any path".into()));
            };
            name.truncate(end);
            let Ok(offset) = u64::try_from(offset) else {
                return Ok(Err(format!("{} from byte {offset} on", String::from_utf8_lossy(&name))));
            };
            // The last one may have no end: its size is the largest number.
            let end = start.saturating_add(size);
            segments.push(ExternalSegment { name, offset, start, end });
            start = end;
        }
        if n > 0 && start < bytes {
            return Ok(Err(format!("{start} bytes of other files for {bytes} bytes of elements")));
        }
        segments.retain(|segment| segment.start < segment.end.min(bytes));
        Ok(Ok((n > 0).then_some(Self { segments })))
    }

    /// Says why the elements cannot be read now, if a file is not there or may not be opened.
    pub fn check(&self, beside: &Beside) -> Result<(), String> {
        self.segments.iter().try_for_each(|segment| segment.open(beside).map(drop))
    }

    /// Fills `buffer` with the elements' bytes from `at` on. Where a file ends too early, HDF5 has zeros.
    ///
    /// # Errors
    /// If a file is not there any more or cannot be read: the reason.
    pub fn read_at(&self, beside: &Beside, mut at: u64, mut buffer: &mut [u8]) -> Result<(), String> {
        let first = self.segments.partition_point(|segment| segment.end <= at);
        for segment in self.segments.get(first..).unwrap_or(&[]) {
            if buffer.is_empty() {
                return Ok(());
            }
            let len = usize::try_from(segment.end - at).unwrap_or(usize::MAX).min(buffer.len());
            let (part, rest) = buffer.split_at_mut(len);
            segment.read_at(beside, at - segment.start, part)?;
            (at, buffer) = (at + len as u64, rest);
        }
        if buffer.is_empty() { Ok(()) } else { Err("elements beyond the end of a dataset".into()) }
    }
}

impl ExternalSegment {
    fn open(&self, beside: &Beside) -> Result<std::fs::File, String> {
        let found = beside.open(&self.name, Search::Plain).and_then(|found| found.ok_or("no such file".into()));
        found.map(|found| found.file).map_err(|why| self.says(&why))
    }

    fn read_at(&self, beside: &Beside, at: u64, buffer: &mut [u8]) -> Result<(), String> {
        let file = self.open(beside)?;
        let mut done = 0;
        while done < buffer.len() {
            let from = self.offset.checked_add(at + done as u64).filter(|from| i64::try_from(*from).is_ok());
            // Beyond any file there are zeros too.
            match from.map_or(Ok(0), |from| file.read_at(&mut buffer[done..], from)) {
                Ok(0) => {
                    buffer[done..].fill(0);
                    break;
                }
                Ok(n) => done += n,
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                Err(e) => return Err(self.says(&e.to_string())),
            }
        }
        Ok(())
    }

    fn says(&self, why: &str) -> String {
        format!("its elements are in another file, {}: {why}", String::from_utf8_lossy(&self.name))
    }
}
