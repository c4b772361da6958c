//! The chunks of a dataset, read and decoded without the HDF5 library: on many threads at a time.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;

use flate2::{Decompress, FlushDecompress, Status};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Error, Result};

/// The largest chunk decoded here, in bytes, so that memory is bounded.
const LARGEST: u64 = 16 << 20;
/// The most chunks whose places are kept.
const MOST: u64 = 1 << 19;
/// Bytes of memory that a thread keeps for the next chunk.
const KEPT: usize = 4 << 20;
/// The bytes of a checksum, at the end of what it is of.
const CHECKSUM: usize = 4;

/// What a chunk goes through on its way to the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ChunkFilter {
    /// Compressed, in the format of zlib.
    Deflate,
    /// The first bytes of all elements of this size, then the second ones, and so on.
    Shuffle(usize),
    /// Followed by a checksum.
    Fletcher32,
}

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
        let fits = chunk.len() == shape.len() && !chunk.is_empty() && (1..=LARGEST).contains(&bytes);
        // What is inside a compressed stream has a known length once alone.
        let once = filters.iter().enumerate().all(|(i, f)| {
            let same = |other: &ChunkFilter| std::mem::discriminant(other) == std::mem::discriminant(f);
            !filters[..i].iter().any(same)
        });
        if !fits || !once {
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
    pub fn read(&self, file: &File, start: &[u64], count: &[u64]) -> Result<Option<Vec<u8>>> {
        let mut touched = vec![];
        self.touched(start, count, &mut vec![], &mut touched);
        if touched.iter().any(|(_, place)| place.address == u64::MAX) {
            return Ok(None);
        }
        if let [(first, place)] = &touched[..]
            && (&first[..], count) == (start, &self.chunk[..])
        {
            return self.decode(file, *place).map(Some);
        }
        let mut block = vec![0; count.iter().product::<u64>() as usize * self.item];
        let decoded = touched.par_iter().map(|(first, place)| Ok((first, self.decode(file, *place)?)));
        for chunk in decoded.collect::<Vec<Result<_>>>() {
            let (first, bytes) = chunk?;
            self.copy(&bytes, first, start, count, &mut block);
        }
        Ok(Some(block))
    }

    /// Finds the chunks of a block, each with its first element; `at` is their place in the grid so far.
    fn touched(&self, start: &[u64], count: &[u64], at: &mut Vec<u64>, found: &mut Vec<(Vec<u64>, ChunkPlace)>) {
        let axis = at.len();
        if axis == self.chunk.len() {
            let first = at.iter().zip(&self.chunk).map(|(x, c)| x * c).collect();
            return found.push((first, self.places[self.number(at.iter().copied())]));
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

    /// The elements of a chunk.
    fn decode(&self, file: &File, place: ChunkPlace) -> Result<Vec<u8>> {
        let elements = self.chunk.iter().product::<u64>() as usize * self.item;
        let applied: Vec<ChunkFilter> =
            self.filters.iter().enumerate().filter(|(i, _)| place.skipped >> i & 1 == 0).map(|(_, f)| *f).collect();
        // The bytes before each filter, as far as they are known.
        let mut sizes = vec![elements];
        for filter in &applied {
            sizes.push(sizes[sizes.len() - 1] + if *filter == ChunkFilter::Fletcher32 { CHECKSUM } else { 0 });
        }
        // Compression makes nothing larger but by a little.
        let bound = sizes[applied.len()] + elements / 64 + 1024;
        let size = place.size as usize;
        let expected =
            if applied.contains(&ChunkFilter::Deflate) { size <= bound } else { size == sizes[applied.len()] };
        if !expected {
            return Err(self.damaged(place, &format!("{size} bytes for {elements} bytes of elements")));
        }
        thread_local! {
            /// What is read: clearing fresh memory for each chunk would take as long as reading it.
            static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(vec![]) };
        }
        let decoded = BUFFER.with_borrow_mut(|buffer| {
            buffer.resize(buffer.len().max(size), 0);
            file.read_exact_at(&mut buffer[..size], place.address).map_err(|e| self.damaged(place, &e.to_string()))?;
            let mut bytes = Cow::Borrowed(&buffer[..size]);
            for (filter, size) in applied.iter().zip(sizes).rev() {
                bytes = filter.undo(bytes, size).map_err(|reason| self.damaged(place, reason))?;
            }
            let decoded = bytes.into_owned();
            buffer.truncate(KEPT);
            buffer.shrink_to(KEPT);
            Ok::<_, Error>(decoded)
        })?;
        if decoded.len() != elements {
            return Err(self.damaged(place, &format!("{} bytes for {elements} bytes of elements", decoded.len())));
        }
        Ok(decoded)
    }

    fn damaged(&self, place: ChunkPlace, reason: &str) -> Error {
        let reason = format!("the chunk at byte {} of the file is damaged: {reason}", place.address);
        Error::Hdf5 { path: self.shown.clone().into(), key: "a dataset".into(), reason }
    }
}

impl ChunkFilter {
    /// What went into the filter to become `bytes`; that is `size` bytes if the filter compresses.
    fn undo(self, bytes: Cow<[u8]>, size: usize) -> Result<Cow<[u8]>, &'static str> {
        match self {
            Self::Deflate => inflate(&bytes, size).map(Cow::Owned),
            Self::Shuffle(width) => Ok(Cow::Owned(unshuffle(&bytes, width))),
            Self::Fletcher32 => {
                let len = check(&bytes)?;
                Ok(match bytes {
                    Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[..len]),
                    Cow::Owned(mut bytes) => {
                        bytes.truncate(len);
                        Cow::Owned(bytes)
                    }
                })
            }
        }
    }
}

/// Decompresses to `size` bytes and no more.
fn inflate(bytes: &[u8], size: usize) -> Result<Vec<u8>, &'static str> {
    let mut inflated = Vec::with_capacity(size);
    // Writes no more than there is room for.
    match Decompress::new(true).decompress_vec(bytes, &mut inflated, FlushDecompress::Finish) {
        Ok(Status::StreamEnd) if inflated.len() == size => Ok(inflated),
        Ok(_) => Err("it decompresses to another size"),
        Err(_) => Err("it does not decompress"),
    }
}

/// Puts elements of `width` bytes together again; bytes after the last whole one are as they were.
fn unshuffle(bytes: &[u8], width: usize) -> Vec<u8> {
    let n = bytes.len().checked_div(width).unwrap_or(0);
    if width <= 1 || n <= 1 {
        return bytes.to_vec();
    }
    let mut elements = Vec::with_capacity(bytes.len());
    match width {
        2 => together::<2>(bytes, &mut elements),
        4 => together::<4>(bytes, &mut elements),
        8 => together::<8>(bytes, &mut elements),
        _ => elements.extend((0..n).flat_map(|i| (0..width).map(move |byte| bytes[byte * n + i]))),
    }
    elements.extend_from_slice(&bytes[n * width..]);
    elements
}

/// Adds elements of `WIDTH` bytes, put together, to `elements`.
fn together<const WIDTH: usize>(bytes: &[u8], elements: &mut Vec<u8>) {
    /// So many at a time, on the stack: what is added need not be cleared before.
    const RUN: usize = 64;
    let n = bytes.len() / WIDTH;
    let planes: [&[u8]; WIDTH] = std::array::from_fn(|byte| &bytes[byte * n..][..n]);
    let mut run = [[0u8; WIDTH]; RUN];
    for first in (0..n).step_by(RUN) {
        let len = RUN.min(n - first);
        let planes: [&[u8]; WIDTH] = std::array::from_fn(|byte| &planes[byte][first..][..len]);
        for (i, element) in run[..len].iter_mut().enumerate() {
            *element = std::array::from_fn(|byte| planes[byte][i]);
        }
        elements.extend_from_slice(run[..len].as_flattened());
    }
}

/// Holds bytes against the checksum at their end; gives the number of bytes before it.
fn check(bytes: &[u8]) -> Result<usize, &'static str> {
    let Some((data, stored)) = bytes.split_last_chunk::<CHECKSUM>() else { return Err("it is too short") };
    let (sum, stored) = (fletcher32(data), u32::from_le_bytes(*stored));
    // HDF5 before 1.6.3 swapped the bytes of each half.
    let swapped = (sum & 0x00ff_00ff) << 8 | (sum & 0xff00_ff00) >> 8;
    if stored != sum && stored != swapped {
        return Err("its checksum is wrong");
    }
    Ok(data.len())
}

/// Fletcher's checksum of big-endian words of 16 bits, an odd byte counting as the upper one of a word.
fn fletcher32(data: &[u8]) -> u32 {
    let fold = |sum: u32| (sum & 0xffff) + (sum >> 16);
    let (mut low, mut high) = (0u32, 0u32);
    let (words, odd) = data.as_chunks::<2>();
    // So many can be summed before 32 bits overflow.
    for run in words.chunks(360) {
        for word in run {
            low += u32::from(u16::from_be_bytes(*word));
            high += low;
        }
        (low, high) = (fold(low), fold(high));
    }
    if let [last] = odd {
        low += u32::from(*last) << 8;
        high += low;
        (low, high) = (fold(low), fold(high));
    }
    fold(high) << 16 | fold(low)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_was_shuffled_is_put_together(bytes in prop::collection::vec(any::<u8>(), 0..1000), width in 0usize..20) {
            let n = bytes.len().checked_div(width).unwrap_or(0);
            let mut shuffled: Vec<u8> =
                (0..width).flat_map(|byte| (0..n).map(move |i| (i, byte))).map(|(i, byte)| bytes[i * width + byte]).collect();
            shuffled.extend(&bytes[n * width..]);
            prop_assert_eq!(unshuffle(&shuffled, width), bytes);
        }

        #[test]
        fn no_bytes_at_all_make_it_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..300), size in 0usize..300, width in 0usize..20,
        ) {
            for filter in [ChunkFilter::Deflate, ChunkFilter::Shuffle(width), ChunkFilter::Fletcher32] {
                if let Ok(undone) = filter.undo(Cow::Borrowed(&bytes), size) {
                    prop_assert!(undone.len() <= bytes.len().max(size));
                }
            }
        }
    }

    #[test]
    fn checksums_of_old_and_new_libraries() {
        // As H5_checksum_fletcher32 sums them: 0x0102 + 0x0300.
        let sum = 0x0504_0402u32;
        assert_eq!(fletcher32(&[1, 2, 3]), sum);
        // Little-endian; and with the bytes of each half the other way round.
        for stored in [[0x02, 0x04, 0x04, 0x05], [0x04, 0x02, 0x05, 0x04]] {
            assert_eq!(check(&[&[1, 2, 3][..], &stored].concat()), Ok(3));
        }
        assert!(check(&[1, 2, 3, 0, 0, 0, 0]).is_err() && check(&[1]).is_err());
    }
}
