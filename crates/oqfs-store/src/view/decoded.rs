//! The elements of a dataset that are decoded or converted: which parts of it are made, and when.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use super::blocks::{Blocks, TARGET};
use super::cache::FileId;
use super::decoded_chunks::{DecodedChunk, Made, read_runs};
use super::file::Store;
use super::grid::{Grid, GridRun};
use super::{Error, Result};
use crate::datastore::DType;
use crate::datastore::read::{Chunks, Packing, Token};
use crate::datastore::scratch::{Buffer, ScratchSpace};
use crate::npy::Npy;

/// Bytes to decode before they are asked for, at most, unless one block is more.
const AHEAD: usize = 8 << 20;
/// Runs shorter than this are collected to blocks before they are given to anybody.
const SHORT: u64 = 128;
/// Runs of so many bytes are read where they are, if they need no decoding.
const LONG: u64 = 4096;
/// The most bytes that a reader is asked for at a time, unless one element is more.
const PIECE: u64 = 16 << 20;

#[derive(Debug)]
pub(super) struct Decoded {
    store: Arc<Store>,
    dataset: Token,
    shape: Vec<u64>,
    /// The shape of its chunks, if it has any.
    chunk: Option<Vec<u64>>,
    blocks: Blocks,
    packing: Packing,
    /// What is made when a part is asked for: found when that is so first.
    cut: OnceLock<Cut>,
    /// The block that was asked for last, or the highest chunk that was.
    last: AtomicU64,
    /// Where the part ended that was asked for last.
    end: AtomicU64,
    /// Found when first asked for, because strings of any length have to be read for it.
    layout: OnceLock<FileLayout>,
    /// Held while the layout is found.
    finding: Mutex<()>,
}

/// What is made when a part is asked for.
#[derive(Clone, Debug)]
enum Cut {
    /// The block that it is in.
    Blocks,
    /// The block that it is in, for who reads in order; for others the chunks of this shape, of which blocks are made.
    BlocksOrChunks(Vec<u64>),
    /// The chunks of this shape that it is in: they have other elements too than those of a block.
    Chunks { chunk: Vec<u64>, by_library: bool },
}

#[derive(Debug)]
pub(super) struct FileLayout {
    pub npy: Npy,
    /// Bytes of an element.
    item: usize,
    /// Bytes of strings of any length.
    widths: Vec<usize>,
    /// The elements as they are in the file that is shown.
    pub dtype: DType,
}

impl Decoded {
    /// The dataset with this identity, of `shape`, in chunks of shape `chunk`, if in chunks.
    ///
    /// # Errors
    /// [`Error::Unsupported`] if an `.npy` file cannot hold it.
    pub fn new(
        store: &Arc<Store>,
        dataset: Token,
        shape: Vec<u64>,
        chunk: Option<&[u64]>,
        packing: Packing,
    ) -> Result<Self> {
        let most = store.cache().most();
        let blocks = Blocks::new(&shape, packing.unpacked(), chunk, most);
        let dtype = packed(packing.dtype(), &mut std::iter::repeat(1));
        let npy = Npy::new(&dtype, Some(&shape))?;
        let layout = OnceLock::new();
        if packing.places() == 0 {
            let _ = layout.set(FileLayout { npy, item: packing.item(), widths: vec![], dtype });
        }
        let (last, end, finding) = (AtomicU64::new(u64::MAX), AtomicU64::new(0), Mutex::new(()));
        let (store, chunk, cut) = (store.clone(), chunk.map(<[u64]>::to_vec), OnceLock::new());
        Ok(Self { store, dataset, shape, chunk, blocks, packing, cut, last, end, layout, finding })
    }

    /// How many elements there are.
    pub fn count(&self) -> u64 {
        self.shape.iter().fold(1u64, |n, d| n.saturating_mul(*d))
    }

    /// True if the layout is known.
    pub fn has_layout(&self) -> bool {
        self.layout.get().is_some()
    }

    /// How the elements are laid out; those with strings of any length are read for it.
    pub fn layout(&self, id: FileId) -> Result<&FileLayout> {
        if let Some(layout) = self.layout.get() {
            return Ok(layout);
        }
        let _finding = self.finding.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(layout) = self.layout.get() {
            return Ok(layout);
        }
        let mut widths = vec![1; self.packing.places()];
        let mut measure = |start: &[u64], count: &[u64]| {
            let longest = self.store.h5()?.ask(|h5| h5.longest(self.dataset, start, count))?;
            widths.iter_mut().zip(longest).for_each(|(width, len)| *width = len.max(*width));
            Ok::<_, Error>(())
        };
        match self.cut(id)? {
            Cut::Blocks | Cut::BlocksOrChunks(_) => {
                for n in 0..self.blocks.count() {
                    let (start, count) = self.blocks.place(n);
                    measure(&start, &count)?;
                }
            }
            Cut::Chunks { chunk, .. } => {
                let grid = Grid::new(&self.shape, self.packing.unpacked(), chunk, true);
                for n in 0..grid.count() {
                    let (start, count) = grid.place(n);
                    measure(&start, &count)?;
                }
            }
        }
        let mut packing = self.packing.clone();
        packing.set_widths(&widths);
        let dtype = packed(packing.dtype(), &mut widths.iter().copied());
        let npy = Npy::new(&dtype, Some(&self.shape))?;
        Ok(self.layout.get_or_init(|| FileLayout { npy, item: packing.item(), widths, dtype }))
    }

    /// Blocks if each is of whole chunks, and no chunk is decoded for what is far from what was asked for; chunks otherwise.
    fn cut(&self, id: FileId) -> Result<&Cut> {
        if let Some(cut) = self.cut.get() {
            return Ok(cut);
        }
        let item = self.packing.unpacked() as u64;
        let fits = |most: u64| {
            let largest = self.blocks.largest().saturating_mul(item) <= most;
            largest && self.chunk.as_deref().is_none_or(|chunk| self.blocks.are_whole(chunk))
        };
        let by_library = |chunk: Vec<u64>| Cut::Chunks { chunk, by_library: true };
        let cut = match &self.chunk {
            _ if self.count() == 0 => Cut::Blocks,
            Some(chunk) if self.chunks(id)?.is_some() => {
                if fits(TARGET.min(self.store.cache().most())) {
                    Cut::BlocksOrChunks(chunk.clone())
                } else {
                    Cut::Chunks { chunk: chunk.clone(), by_library: false }
                }
            }
            Some(chunk) if !fits(self.store.cache().most()) => by_library(self.grown(chunk)),
            None if !fits(self.store.cache().most()) => by_library(vec![1; self.shape.len()]),
            _ => Cut::Blocks,
        };
        Ok(self.cut.get_or_init(|| cut))
    }

    /// The shape of as many chunks beside each other as a reader had better be asked for at once.
    fn grown(&self, chunk: &[u64]) -> Vec<u64> {
        let mut grown = chunk.to_vec();
        for axis in (0..grown.len()).rev() {
            let bytes = grown.iter().fold(self.packing.unpacked() as u64, |n, c| n.saturating_mul(*c));
            let times = (TARGET / bytes.max(1)).max(1);
            grown[axis] = grown[axis].saturating_mul(times).min(self.shape[axis].next_multiple_of(chunk[axis]));
            if grown[axis] < self.shape[axis] {
                break;
            }
        }
        grown
    }

    /// Reads elements' bytes from `at`, counted from the first element, into all of `buffer`.
    pub fn read(self: &Arc<Self>, id: FileId, at: u64, buffer: &mut [u8]) -> Result<()> {
        let item = self.layout(id)?.item.max(1);
        let in_order = self.is_in_order(at, buffer.len());
        match self.cut(id)? {
            Cut::Chunks { chunk, by_library } => {
                let grid = Grid::new(&self.shape, item, chunk, *by_library);
                if grid.run() >= SHORT {
                    return self.gather(id, &grid, *by_library, at, buffer);
                }
            }
            Cut::BlocksOrChunks(chunk) if !in_order => {
                let grid = Grid::new(&self.shape, item, chunk, false);
                return self.gather(id, &grid, false, at, buffer);
            }
            Cut::BlocksOrChunks(_) | Cut::Blocks => {}
        }
        let item = item as u64;
        let mut done = 0;
        while done < buffer.len() {
            let at = at + done as u64;
            let (n, first) = self.blocks.find(at / item);
            let block = self.block(id, n)?;
            let from = (at - first * item) as usize;
            let part = block.get(from..).filter(|part| !part.is_empty());
            let part = part.ok_or_else(|| Error::Unsupported("elements beyond the end of a dataset".into()))?;
            let len = part.len().min(buffer.len() - done);
            buffer[done..done + len].copy_from_slice(&part[..len]);
            done += len;
        }
        Ok(())
    }

    /// True if this part is near the one that was asked for last: those who read in order may be answered a little out of order.
    fn is_in_order(&self, at: u64, len: usize) -> bool {
        let end = self.end.swap(at.saturating_add(len as u64), Ordering::Relaxed);
        end.abs_diff(at) <= TARGET
    }

    fn block(self: &Arc<Self>, id: FileId, n: u64) -> Result<Arc<Vec<u8>>> {
        let (cache, item) = (self.store.cache(), self.layout(id)?.item);
        let weight = |n| self.blocks.place(n).1.iter().product::<u64>() as usize * item;
        if let Cut::Chunks { chunk, by_library } = self.cut(id)? {
            let grid = Grid::new(&self.shape, item, chunk, *by_library);
            return cache.block(id, n, weight(n), || {
                let mut block = vec![0; weight(n)];
                let first = self.blocks.first(n) * item as u64;
                self.gather(id, &grid, *by_library, first, &mut block)?;
                Ok(block)
            });
        }
        let last = self.last.swap(n, Ordering::Relaxed);
        // Those who read in order may be answered out of order.
        if matches!(n.wrapping_sub(last), 1 | 2) && self.chunks(id)?.is_some() {
            let most = (AHEAD / weight(n).max(1)).max(1) as u64;
            for next in (n + 1..self.blocks.count()).take(cache.ahead().min(most) as usize) {
                let decoded = self.clone();
                cache.block_ahead(id, next, weight(next), move || decoded.decode(id, next));
            }
        }
        cache.block(id, n, weight(n), || self.decode(id, n))
    }

    fn decode(&self, id: FileId, n: u64) -> Result<Vec<u8>> {
        let (start, count) = self.blocks.place(n);
        if let Some(chunks) = self.chunks(id)? {
            let (cache, raw) = (self.store.cache(), &self.store.raw);
            let block = cache.on_threads(|| chunks.read(raw, &start, &count, cache.decoded.scratch()))?;
            // The file was not held meanwhile: a thread that waits for others may take up another block.
            drop(self.store.h5()?);
            if let Some(block) = block {
                return Ok(block);
            }
        }
        self.by_library(id, &start, &count)
    }

    fn by_library(&self, id: FileId, start: &[u64], count: &[u64]) -> Result<Vec<u8>> {
        let widths = &self.layout(id)?.widths;
        self.store.h5()?.ask(|h5| h5.read(self.dataset, start, count, widths))
    }

    /// Reads from all chunks that have a part of what is asked for; as many at a time as there is memory for.
    fn gather(self: &Arc<Self>, id: FileId, grid: &Grid, by_library: bool, at: u64, buffer: &mut [u8]) -> Result<()> {
        let cache = self.store.cache();
        let runs = grid.runs(at, buffer.len());
        let mut parts: Vec<&[GridRun]> = runs.chunk_by(|a, b| a.chunk == b.chunk).collect();
        if let Some([GridRun { chunk: highest, .. }, ..]) = parts.last() {
            self.ahead(id, grid, by_library, parts.len() as u64, *highest);
        }
        let weight = grid.weight().max(1);
        let at_a_time = (cache.decoded.most() / 4 / weight).clamp(1, 1 << 10) as usize;
        while !parts.is_empty() {
            let rest = parts.split_off(parts.len().min(at_a_time));
            let chunk = |part: &&[GridRun]| self.chunk(id, grid, by_library, part[0].chunk);
            let new = parts.iter().filter(|part| !cache.decoded.is_known((id, part[0].chunk))).count();
            let chunks: Vec<Arc<DecodedChunk>> = if new > 1 && !by_library {
                cache.on_threads(|| parts.par_iter().map(chunk).collect::<Result<_>>())?
            } else {
                parts.iter().map(chunk).collect::<Result<_>>()?
            };
            for (chunk, runs) in chunks.iter().zip(&parts) {
                if grid.run() < SHORT {
                    // the block that they are collected to may have to be made again
                    chunk.expect_more();
                }
                read_runs(chunk, runs, buffer)?;
            }
            parts = rest;
        }
        Ok(())
    }

    /// Has the chunks decoded that follow those that were read, `highest` the last of `count`, if somebody reads in order.
    fn ahead(self: &Arc<Self>, id: FileId, grid: &Grid, by_library: bool, count: u64, highest: u64) {
        let last = self.last.load(Ordering::Relaxed);
        if highest == last {
            return;
        }
        self.last.store(highest, Ordering::Relaxed);
        let cache = self.store.cache();
        // What is ahead and what is read have to fit beside each other: what has to go while it is decoded is decoded again.
        let fit = cache.decoded.most() / 4 / grid.weight().max(1);
        if highest.wrapping_sub(last) > count {
            return;
        }
        let Ok(chunks) = self.chunks(id) else { return };
        let is_in_place = |n: u64| chunks.as_ref().is_some_and(|chunks| chunks.in_place(n as usize).is_some());
        // a reader answers one question at a time
        let most = if by_library { 1 } else { cache.ahead() };
        let next = highest + 1..grid.count().min(highest + 1 + most.min(fit));
        for n in next.filter(|n| !is_in_place(*n) && !cache.decoded.is_known((id, *n))) {
            let (decoded, grid) = (self.clone(), grid.clone());
            cache.spawn(move || {
                let (weight, len) = (grid.weight(), grid.bytes(n));
                let make = |scratch: &ScratchSpace| decoded.make(id, &grid, by_library, n, scratch);
                decoded.store.cache().decoded.make_ahead((id, n), weight, len, make);
            });
        }
    }

    fn chunk(&self, id: FileId, grid: &Grid, by_library: bool, n: u64) -> Result<Arc<DecodedChunk>> {
        let is_large = grid.run() >= LONG || grid.weight() > self.store.cache().decoded.most();
        if !by_library
            && is_large
            && let Some(at) = self.chunks(id)?.and_then(|chunks| chunks.in_place(n as usize))
        {
            return Ok(DecodedChunk::in_file(self.store.raw.clone(), at));
        }
        let make = |scratch: &ScratchSpace| self.make(id, grid, by_library, n, scratch);
        self.store.cache().decoded.get((id, n), grid.weight(), grid.bytes(n), make)
    }

    /// Decodes chunk `n`. It waits for no other chunk.
    fn make(&self, id: FileId, grid: &Grid, by_library: bool, n: u64, scratch: &ScratchSpace) -> Result<Made> {
        let (start, count) = grid.place(n);
        if by_library {
            return self.by_pieces(id, &start, &count, scratch).map(Made::from);
        }
        let Some(chunks) = self.chunks(id)? else {
            return Err(Error::Unsupported("the chunks of the dataset have changed".into()));
        };
        let elements = chunks.elements(&self.store.raw, n as usize, scratch)?;
        drop(self.store.h5()?);
        match elements {
            Some(elements) => Ok(Made::Elements(elements)),
            // One of them says what they all are.
            None => self.by_library(id, &start, &vec![1; count.len()]).map(Made::Fill),
        }
    }

    /// Elements from a reader, as many at a time as a message should have.
    fn by_pieces(&self, id: FileId, start: &[u64], count: &[u64], scratch: &ScratchSpace) -> Result<Buffer> {
        let item = self.layout(id)?.item;
        let no_room = |error| crate::datastore::Error::Io { path: scratch.folder().into(), error }.into();
        let pieces = Blocks::of_bytes(count, item, PIECE);
        if pieces.count() <= 1 {
            return scratch.keep(self.by_library(id, start, count)?).map_err(no_room);
        }
        let mut elements = scratch.room(count.iter().product::<u64>() as usize * item).map_err(no_room)?;
        for n in 0..pieces.count() {
            let (first, part) = pieces.place(n);
            let first: Vec<u64> = first.iter().zip(start).map(|(first, start)| first + start).collect();
            let bytes = self.by_library(id, &first, &part)?;
            let at = pieces.first(n) as usize * item;
            elements
                .get_mut(at..at + bytes.len())
                .ok_or_else(|| Error::Unsupported("more elements than there are".into()))?
                .copy_from_slice(&bytes);
        }
        Ok(elements)
    }

    /// Where its chunks lie; `None` if the library has to read them.
    fn chunks(&self, id: FileId) -> Result<Option<Arc<Chunks>>> {
        self.store.cache().chunks(id, || self.store.h5()?.ask(|h5| h5.chunks(self.dataset)))
    }
}

/// `dtype` with its strings of any length given the next of `widths`, laid out as [`Packing`] does.
fn packed(dtype: &DType, widths: &mut dyn Iterator<Item = usize>) -> DType {
    match dtype {
        DType::VarString { .. } => DType::fixed_string(widths.next().unwrap_or(1)),
        DType::Array { base, dims } if dtype.is_in_heap() => DType::array(packed(base, widths), dims),
        DType::Compound { fields, .. } if dtype.is_in_heap() => {
            DType::record(fields.iter().map(|f| (f.name.clone(), packed(&f.dtype, widths))))
        }
        other => other.clone(),
    }
}
