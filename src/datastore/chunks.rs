//! The chunks of a dataset, read and decoded without the HDF5 library: on many threads at a time.

use std::cell::RefCell;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use flate2::{Decompress, FlushDecompress, Status};
use rayon::prelude::*;

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// Compressed, in the format of zlib.
    Deflate,
    /// The first bytes of all elements of this size, then the second ones, and so on.
    Shuffle(usize),
    /// Followed by a checksum.
    Fletcher32,
}

/// A chunk's bytes in the file.
#[derive(Clone, Copy, Debug)]
struct Place {
    address: u64,
    size: u32,
    /// A bit for each filter it did not go through.
    skipped: u32,
}

impl Place {
    const NONE: Self = Self { address: u64::MAX, size: 0, skipped: 0 };
}

/// Where the chunks of a dataset lie, and how to decode them.
#[derive(Debug)]
pub struct Chunks {
    /// The extents of the dataset and of a chunk.
    shape: Vec<u64>,
    chunk: Vec<u64>,
    /// Bytes of an element.
    item: usize,
    /// In the order of writing.
    filters: Vec<Filter>,
    /// Of all chunks there may be, in row-major order.
    places: Vec<Place>,
    /// The file, for messages.
    shown: PathBuf,
}

impl Chunks {
    /// Of a dataset of `shape` in chunks of shape `chunk`, elements of `item` bytes, no chunk being in the file yet; `None` if
    /// it takes the library to read it.
    pub(super) fn new(shape: &[u64], chunk: &[u64], item: usize, filters: Vec<Filter>, shown: PathBuf) -> Option<Self> {
        let product = |mut factors: Box<dyn Iterator<Item = u64> + '_>| factors.try_fold(1u64, u64::checked_mul);
        let bytes = product(Box::new(chunk.iter().copied().chain([item as u64])))?;
        let fits = chunk.len() == shape.len() && !chunk.is_empty() && (1..=LARGEST).contains(&bytes);
        // What is inside a compressed stream has a known length once alone.
        let once = filters.iter().enumerate().all(|(i, f)| {
            let same = |other: &Filter| std::mem::discriminant(other) == std::mem::discriminant(f);
            !filters[..i].iter().any(same)
        });
        if !fits || !once {
            return None;
        }
        let grid = product(Box::new(shape.iter().zip(chunk).map(|(n, c)| n.div_ceil(*c))))?;
        let places = (grid <= MOST).then(|| vec![Place::NONE; grid as usize])?;
        Some(Self { shape: shape.to_vec(), chunk: chunk.to_vec(), item, filters, places, shown })
    }

    /// Notes the chunk that starts with element `start`; `skipped` has a bit for each filter it did not go through.
    pub(super) fn put(&mut self, start: &[u64], address: u64, size: u64, skipped: u32) {
        let at = start.iter().zip(&self.chunk).map(|(s, c)| s / c);
        let inside = start.len() == self.shape.len() && start.iter().zip(&self.shape).all(|(s, n)| s < n);
        if let (true, Ok(size)) = (inside, u32::try_from(size)) {
            let n = self.number(at);
            self.places[n] = Place { address, size, skipped };
        }
    }

    /// Bytes of memory this takes.
    pub fn weight(&self) -> usize {
        self.places.len() * size_of::<Place>()
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
    fn touched(&self, start: &[u64], count: &[u64], at: &mut Vec<u64>, found: &mut Vec<(Vec<u64>, Place)>) {
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
    fn decode(&self, file: &File, place: Place) -> Result<Vec<u8>> {
        let elements = self.chunk.iter().product::<u64>() as usize * self.item;
        let applied: Vec<Filter> =
            self.filters.iter().enumerate().filter(|(i, _)| place.skipped >> i & 1 == 0).map(|(_, f)| *f).collect();
        // The bytes before each filter, as far as they are known.
        let mut sizes = vec![elements];
        for filter in &applied {
            sizes.push(sizes[sizes.len() - 1] + if *filter == Filter::Fletcher32 { CHECKSUM } else { 0 });
        }
        // Compression makes nothing larger but by a little.
        let bound = sizes[applied.len()] + elements / 64 + 1024;
        let size = place.size as usize;
        let expected = if applied.contains(&Filter::Deflate) { size <= bound } else { size == sizes[applied.len()] };
        if !expected {
            return Err(self.damaged(place, &format!("{size} bytes for {elements} bytes of elements")));
        }
        thread_local! {
            /// What is read, and what it becomes: clearing fresh memory for each chunk would take as long as reading it.
            static BUFFERS: RefCell<(Vec<u8>, Vec<u8>)> = const { RefCell::new((vec![], vec![])) };
        }
        BUFFERS.with_borrow_mut(|(bytes, undone)| {
            let mut kept = vec![];
            bytes.resize(size, 0);
            file.read_exact_at(bytes, place.address).map_err(|e| self.damaged(place, &e.to_string()))?;
            for (i, (filter, size)) in applied.iter().zip(sizes).enumerate().rev() {
                if i == 0 {
                    // This one's are given away.
                    kept = std::mem::replace(undone, vec![0; elements]);
                }
                filter.undo(bytes, undone, size).map_err(|reason| self.damaged(place, reason))?;
            }
            if bytes.len() != elements {
                return Err(self.damaged(place, &format!("{} bytes for {elements} bytes of elements", bytes.len())));
            }
            let decoded = std::mem::replace(bytes, kept);
            for buffer in [bytes, undone] {
                buffer.truncate(KEPT);
                buffer.shrink_to(KEPT);
            }
            Ok(decoded)
        })
    }

    fn damaged(&self, place: Place, reason: &str) -> Error {
        let reason = format!("the chunk at byte {} of the file is damaged: {reason}", place.address);
        Error::Hdf5 { path: self.shown.clone(), key: "a dataset".into(), reason }
    }
}

impl Filter {
    /// Makes of `bytes` what went into the filter, which is `size` bytes if it can compress; `other` is memory to use.
    fn undo(self, bytes: &mut Vec<u8>, other: &mut Vec<u8>, size: usize) -> Result<(), &'static str> {
        match self {
            Self::Deflate => {
                other.resize(size, 0);
                inflate(bytes, other)?;
                std::mem::swap(bytes, other);
            }
            Self::Shuffle(width) => {
                other.resize(bytes.len(), 0);
                unshuffle(bytes, width, other);
                std::mem::swap(bytes, other);
            }
            Self::Fletcher32 => {
                check(bytes)?;
                bytes.truncate(bytes.len() - CHECKSUM);
            }
        }
        Ok(())
    }
}

/// Decompresses to as many bytes as there are places, no more and no less.
fn inflate(bytes: &[u8], inflated: &mut [u8]) -> Result<(), &'static str> {
    let mut stream = Decompress::new(true);
    match stream.decompress(bytes, inflated, FlushDecompress::Finish) {
        Ok(Status::StreamEnd) if stream.total_out() == inflated.len() as u64 => Ok(()),
        Ok(_) => Err("it decompresses to another size"),
        Err(_) => Err("it does not decompress"),
    }
}

/// Puts elements of `width` bytes together again; bytes after the last whole one are as they were.
fn unshuffle(bytes: &[u8], width: usize, elements: &mut [u8]) {
    let n = bytes.len().checked_div(width).unwrap_or(0);
    if width <= 1 || n <= 1 {
        return elements.copy_from_slice(bytes);
    }
    match width {
        2 => together::<2>(bytes, elements),
        4 => together::<4>(bytes, elements),
        8 => together::<8>(bytes, elements),
        _ => {
            for (byte, plane) in bytes.chunks_exact(n).take(width).enumerate() {
                elements[byte..].iter_mut().step_by(width).zip(plane).for_each(|(to, from)| *to = *from);
            }
        }
    }
    elements[n * width..].copy_from_slice(&bytes[n * width..]);
}

fn together<const WIDTH: usize>(bytes: &[u8], elements: &mut [u8]) {
    let n = bytes.len() / WIDTH;
    let planes: [&[u8]; WIDTH] = std::array::from_fn(|byte| &bytes[byte * n..][..n]);
    let (elements, _) = elements.as_chunks_mut::<WIDTH>();
    for (i, element) in elements.iter_mut().enumerate() {
        *element = std::array::from_fn(|byte| planes[byte][i]);
    }
}

/// Holds bytes against the checksum at their end.
fn check(bytes: &[u8]) -> Result<(), &'static str> {
    let Some((data, stored)) = bytes.split_last_chunk::<CHECKSUM>() else { return Err("it is too short") };
    let (sum, stored) = (fletcher32(data), u32::from_le_bytes(*stored));
    // HDF5 before 1.6.3 swapped the bytes of each half.
    let swapped = (sum & 0x00ff_00ff) << 8 | (sum & 0xff00_ff00) >> 8;
    if stored != sum && stored != swapped {
        return Err("its checksum is wrong");
    }
    Ok(())
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
