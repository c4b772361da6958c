//! The chunks of a dataset, read and decoded without the HDF5 library: on many threads at a time.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::filters::{self, CHECKSUM, ChunkFilter, Failed};
use super::scratch::{Buffer, ScratchSpace};
use super::{Error, Result};

/// The most chunks whose places are kept.
const MOST: u64 = 1 << 19;
/// Bytes of memory that a thread keeps for the next chunk.
const KEPT: usize = 4 << 20;

/// A chunk's bytes in the file.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct ChunkPlace {
    address: u64,
    size: u32,
    /// A bit for each filter it did not go through.
    skipped: u32,
}

impl ChunkPlace {
    const NONE: Self = Self { address: u64::MAX, size: 0, skipped: 0 };
}

/// Where the chunks of a dataset lie, and how to decode them.
#[derive(Debug, Serialize, Deserialize)]
pub struct Chunks {
    /// The extents of the dataset and of a chunk.
    shape: Vec<u64>,
    chunk: Vec<u64>,
    /// Bytes of an element.
    item: usize,
    /// In the order of writing.
    filters: Vec<ChunkFilter>,
    /// Of all chunks there may be, in row-major order.
    places: Vec<ChunkPlace>,
    /// The file, for messages.
    shown: OsString,
}

impl Chunks {
    /// Of a dataset of `shape` in chunks of shape `chunk`, elements of `item` bytes, no chunk being in the file yet; `None` if
    /// it takes the library to read it.
    pub(super) fn new(
        shape: &[u64],
        chunk: &[u64],
        item: usize,
        filters: Vec<ChunkFilter>,
        shown: &Path,
    ) -> Option<Self> {
        let bytes = chunk.iter().try_fold(item as u64, |n, c| n.checked_mul(*c))?;
        // What is inside a compressed stream has a known length once alone.
        let once = filters.iter().filter(|filter| filter.compresses()).count() <= 1;
        if chunk.len() != shape.len() || chunk.is_empty() || !(1..=u64::from(u32::MAX)).contains(&bytes) || !once {
            return None;
        }
        let grid = shape.iter().zip(chunk).try_fold(1u64, |n, (d, c)| n.checked_mul(d.div_ceil(*c)))?;
        let places = (grid <= MOST).then(|| vec![ChunkPlace::NONE; grid as usize])?;
        Some(Self { shape: shape.to_vec(), chunk: chunk.to_vec(), item, filters, places, shown: shown.into() })
    }

    /// Notes the chunk that starts with element `start`; `skipped` has a bit for each filter it did not go through.
    pub(super) fn put(&mut self, start: &[u64], address: u64, size: u64, skipped: u32) {
        let at = start.iter().zip(&self.chunk).map(|(s, c)| s / c);
        let inside = start.len() == self.shape.len() && start.iter().zip(&self.shape).all(|(s, n)| s < n);
        if let (true, Ok(size)) = (inside, u32::try_from(size)) {
            let n = self.number(at);
            self.places[n] = ChunkPlace { address, size, skipped };
        }
    }

    /// Bytes of memory this takes.
    pub fn weight(&self) -> usize {
        self.places.len() * size_of::<ChunkPlace>()
    }

    /// The number of the chunk at a place of the grid.
    fn number(&self, at: impl Iterator<Item = u64>) -> usize {
        at.zip(self.shape.iter().zip(&self.chunk)).fold(0, |n, (x, (d, c))| n * d.div_ceil(*c) + x) as usize
    }

    /// Reads the block of shape `count` at `start` from `file`, many chunks at a time; `None` if not all of it is in the file, so
    /// that it has fill values.
    ///
    /// # Errors
    /// If a chunk cannot be read, or is damaged.
    pub fn read(&self, file: &File, start: &[u64], count: &[u64], scratch: &ScratchSpace) -> Result<Option<Vec<u8>>> {
        let mut touched = vec![];
        self.touched(start, count, &mut vec![], &mut touched);
        if touched.iter().any(|(_, n)| !self.is_there(*n)) {
            return Ok(None);
        }
        let bytes = count.iter().product::<u64>() as usize * self.item;
        if let [(first, n)] = &touched[..]
            && (&first[..], count) == (start, &self.chunk[..])
        {
            let chunk = self.decode(file, *n, scratch)?.into_vec();
            if chunk.len() == bytes {
                return Ok(Some(chunk));
            }
        }
        let mut block = vec![0; bytes];
        let decoded = touched.par_iter().map(|(first, n)| Ok((first, self.decode(file, *n, scratch)?)));
        for chunk in decoded.collect::<Vec<Result<_>>>() {
            let (first, bytes) = chunk?;
            self.copy(&bytes, first, start, count, &mut block);
        }
        Ok(Some(block))
    }

    /// The elements of chunk `n`, in row-major order of chunks; `None` if it is not in the file, so that they have the fill value. Fewer
    /// bytes than a chunk has end where the elements of the dataset do.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn elements(&self, file: &File, n: usize, scratch: &ScratchSpace) -> Result<Option<Buffer>> {
        if self.is_there(n) { self.decode(file, n, scratch).map(Some) } else { Ok(None) }
    }

    /// Where chunk `n` is in the file, if that has its elements as they are.
    pub fn in_place(&self, n: usize) -> Option<u64> {
        let place = self.places.get(n).filter(|place| place.address != u64::MAX)?;
        let is_plain = (0..self.filters.len()).all(|i| place.skipped >> i & 1 == 1);
        let size = self.chunk.iter().product::<u64>().saturating_mul(self.item as u64);
        (is_plain && u64::from(place.size) == size).then_some(place.address)
    }

    fn is_there(&self, n: usize) -> bool {
        self.places.get(n).is_some_and(|place| place.address != u64::MAX)
    }

    /// Finds the chunks of a block, each with its first element and its number; `at` is their place in the grid so far.
    fn touched(&self, start: &[u64], count: &[u64], at: &mut Vec<u64>, found: &mut Vec<(Vec<u64>, usize)>) {
        let axis = at.len();
        if axis == self.chunk.len() {
            let first = at.iter().zip(&self.chunk).map(|(x, c)| x * c).collect();
            return found.push((first, self.number(at.iter().copied())));
        }
        let extent = self.chunk[axis];
        for x in start[axis] / extent..(start[axis] + count[axis]).div_ceil(extent) {
            at.push(x);
            self.touched(start, count, at, found);
            at.pop();
        }
    }

    /// Copies what the chunk that starts with element `first` and the block have in common into the block.
    fn copy(&self, chunk: &[u8], first: &[u64], start: &[u64], count: &[u64], block: &mut [u8]) {
        let ndims = self.chunk.len();
        let from: Vec<u64> = (0..ndims).map(|i| first[i].max(start[i])).collect();
        let len: Vec<u64> =
            (0..ndims).map(|i| (first[i] + self.chunk[i]).min(start[i] + count[i]).saturating_sub(from[i])).collect();
        // All axes after this one are whole in both, so that they are one run.
        let axis = (1..ndims).rev().find(|&i| len[i] != self.chunk[i] || len[i] != count[i]).unwrap_or(0);
        let run = len[axis..].iter().product::<u64>() as usize * self.item;
        let place = |at: &[u64], origin: &[u64], shape: &[u64]| {
            (0..ndims).fold(0, |n, i| n * shape[i] + (at[i] - origin[i])) as usize * self.item
        };
        let mut at = from.clone();
        for _ in 0..len[..axis].iter().product() {
            let (source, target) = (place(&at, first, &self.chunk), place(&at, start, count));
            block[target..target + run].copy_from_slice(&chunk[source..source + run]);
            for i in (0..axis).rev() {
                at[i] += 1;
                if at[i] < from[i] + len[i] {
                    break;
                }
                at[i] = from[i];
            }
        }
    }

    /// The bytes of chunk `n` up to the last element that the dataset has: a chunk at its edge may end there.
    fn needed(&self, mut n: usize) -> usize {
        let (mut last, mut step) = (0, 1);
        for (extent, chunk) in self.shape.iter().zip(&self.chunk).rev() {
            let along = extent.div_ceil(*chunk).max(1) as usize;
            let first = (n % along) as u64 * chunk;
            last += (extent.saturating_sub(first).min(*chunk).max(1) - 1) * step;
            step *= chunk;
            n /= along;
        }
        (last + 1) as usize * self.item
    }

    /// The elements of chunk `n`, which is in the file.
    fn decode(&self, file: &File, n: usize, scratch: &ScratchSpace) -> Result<Buffer> {
        let place = self.places[n];
        let elements = self.chunk.iter().product::<u64>() as usize * self.item;
        let applied: Vec<&ChunkFilter> =
            self.filters.iter().enumerate().filter(|(i, _)| place.skipped >> i & 1 == 0).map(|(_, f)| f).collect();
        // The most bytes before each filter.
        let mut sizes = vec![elements];
        for filter in &applied {
            sizes.push(sizes[sizes.len() - 1] + if **filter == ChunkFilter::Fletcher32 { CHECKSUM } else { 0 });
        }
        // Compression makes nothing larger but by a little.
        let bound = sizes[applied.len()] + elements / 16 + (64 << 10);
        let size = place.size as usize;
        let compressed = applied.iter().any(|filter| filter.compresses());
        let expected = if compressed { size <= bound } else { size == sizes[applied.len()] };
        if !expected {
            return Err(self.damaged(place, &format!("{size} bytes for {elements} bytes of elements")));
        }
        let decoded = self.with_bytes(file, place, scratch, |bytes| {
            let mut undone: Option<Buffer> = None;
            let mut len = bytes.len();
            for (filter, most) in applied.iter().zip(sizes).rev() {
                let bytes = &undone.as_deref().unwrap_or(bytes)[..len];
                if **filter == ChunkFilter::Fletcher32 {
                    len = filters::checked(bytes)?.len();
                } else {
                    let next = filter.undo(bytes, most, scratch)?;
                    len = next.len();
                    undone = Some(next);
                }
            }
            match undone {
                Some(mut undone) => {
                    undone.truncate(len);
                    Ok(undone)
                }
                None => filters::copied(&bytes[..len], scratch),
            }
        })?;
        if !(self.needed(n)..=elements).contains(&decoded.len()) {
            return Err(self.damaged(place, &format!("{} bytes for {elements} bytes of elements", decoded.len())));
        }
        Ok(decoded)
    }

    /// Does `work` with the bytes of a chunk as they are in the file.
    fn with_bytes<T>(
        &self,
        file: &File,
        place: ChunkPlace,
        scratch: &ScratchSpace,
        work: impl FnOnce(&[u8]) -> Result<T, Failed>,
    ) -> Result<T> {
        thread_local! {
            /// What is read: clearing fresh memory for each chunk would take as long as reading it.
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(vec![]) };
        }
        let size = place.size as usize;
        let read = |buffer: &mut [u8]| file.read_exact_at(buffer, place.address).map_err(|e| e.to_string().into());
        let done = if size <= KEPT {
            BUFFER.with_borrow_mut(|buffer| {
                buffer.resize(buffer.len().max(size), 0);
                read(&mut buffer[..size]).and_then(|()| work(&buffer[..size]))
            })
        } else {
            scratch.room(size).map_err(Failed::Room).and_then(|mut room| read(&mut room).and_then(|()| work(&room)))
        };
        done.map_err(|failed| match failed {
            Failed::Damaged(reason) => self.damaged(place, &reason),
            Failed::Room(error) => Error::Io { path: scratch.folder().into(), error },
        })
    }

    fn damaged(&self, place: ChunkPlace, reason: &str) -> Error {
        let reason = format!("the chunk at byte {} of the file is damaged: {reason}", place.address);
        Error::Hdf5 { path: self.shown.clone().into(), key: "a dataset".into(), reason }
    }
}
