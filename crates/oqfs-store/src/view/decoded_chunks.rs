//! Chunks of datasets that are decoded once and read in any order.
//!
//! Those read last are in memory, up to a bound. A chunk that has to go before all of it was read goes to a file in the cache folder, and so
//! does a chunk that is too large for memory, when it is decoded. Those files have no name and a bounded size; what was put there first goes
//! first.

use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use super::cache::{PartKey, Shared};
use super::grid::GridRun;
use super::{Error, Result};
use crate::datastore::scratch::{Buffer, ScratchSpace};

/// The most bytes in the cache folder, and the part of the space that is left there.
const MOST_ON_DISK: u64 = 4 << 30;
const SHARE_OF_FREE: u64 = 2;
/// Small chunks share files of so many bytes.
const FILE: u64 = 64 << 20;

/// The bytes of a chunk.
#[derive(Debug)]
enum ChunkBytes {
    Memory(Vec<u8>),
    File {
        file: Arc<File>,
        at: u64,
    },
    /// Every element is this one.
    Fill(Vec<u8>),
}

/// A chunk.
#[derive(Debug)]
pub(super) struct DecodedChunk {
    bytes: ChunkBytes,
    /// Bytes of it that are in the array, how many were given, and up to where.
    len: u64,
    given: AtomicU64,
    reached: AtomicU64,
    /// It was not read in order, so that the bytes that were given may be the same ones.
    is_scattered: AtomicBool,
}

/// What a chunk was made into.
pub(super) enum Made {
    Elements(Buffer),
    /// Every element is this one.
    Fill(Vec<u8>),
}

impl DecodedChunk {
    fn new(bytes: ChunkBytes, len: u64) -> Arc<Self> {
        let (given, reached, is_scattered) = (AtomicU64::new(0), AtomicU64::new(0), AtomicBool::new(false));
        Arc::new(Self { bytes, len, given, reached, is_scattered })
    }

    /// Of a file that has the bytes from `at` on.
    pub fn in_file(file: Arc<File>, at: u64) -> Arc<Self> {
        Self::new(ChunkBytes::File { file, at }, 0)
    }

    /// Notes that the same bytes may be asked for again by one who reads in order.
    pub fn expect_more(&self) {
        self.is_scattered.store(true, Ordering::Relaxed);
    }

    /// True if nobody will ask for it again who reads in order.
    fn is_done(&self) -> bool {
        self.given.load(Ordering::Relaxed) >= self.len && !self.is_scattered.load(Ordering::Relaxed)
    }

    /// Fills `into` with what is in the chunk from `from` on.
    pub fn read(&self, from: u64, into: &mut [u8]) -> io::Result<()> {
        match &self.bytes {
            ChunkBytes::Memory(bytes) => {
                let part = usize::try_from(from).ok().and_then(|from| bytes.get(from..from.checked_add(into.len())?));
                into.copy_from_slice(part.ok_or_else(|| io::Error::other("elements beyond the end of a chunk"))?);
            }
            ChunkBytes::File { file, at } => file.read_exact_at(into, at + from)?,
            ChunkBytes::Fill(element) => {
                let first = (from % element.len().max(1) as u64) as usize;
                into.iter_mut().zip(element.iter().cycle().skip(first)).for_each(|(byte, of)| *byte = *of);
            }
        }
        self.given.fetch_add(into.len() as u64, Ordering::Relaxed);
        // Those who read in order may be answered a little out of order.
        if self.reached.fetch_max(from + into.len() as u64, Ordering::Relaxed) > from + self.len / 4 {
            self.is_scattered.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// All of them.
pub(super) struct DecodedChunks {
    kept: Shared<Arc<DecodedChunk>>,
    spilled: Spilled,
    flight: Flight,
    scratch: ScratchSpace,
    decodings: AtomicU64,
}

impl DecodedChunks {
    /// Up to `bytes` in memory, and as many on the way there; others in files of `folder`.
    pub fn new(bytes: usize, folder: PathBuf) -> Self {
        Self {
            kept: Shared::new(bytes),
            spilled: Spilled::default(),
            flight: Flight { most: bytes, now: Mutex::new(0), less: Condvar::new() },
            // What is decoded may have an intermediate form that is as large.
            scratch: ScratchSpace::new(folder, bytes),
            decodings: AtomicU64::new(0),
        }
    }

    pub fn scratch(&self) -> &ScratchSpace {
        &self.scratch
    }

    pub fn decodings(&self) -> u64 {
        self.decodings.load(Ordering::Relaxed)
    }

    /// The most bytes of chunks to have at a time.
    pub fn most(&self) -> u64 {
        self.scratch.most() as u64
    }

    /// The chunk of that key, of `weight` bytes when decoded, `len` of them in the array: decoded with `make`, unless that was done.
    pub fn get(
        &self,
        key: PartKey,
        weight: u64,
        len: u64,
        make: impl FnOnce(&ScratchSpace) -> Result<Made>,
    ) -> Result<Arc<DecodedChunk>> {
        if let Some(chunk) = self.spilled.get(key, len) {
            return Ok(chunk);
        }
        let made = || self.make(key, weight, len, make);
        let chunk = self.kept.get(key, self.weight(weight), |key, chunk| self.spilled.note(key, chunk), made);
        self.spill();
        chunk
    }

    /// Decodes a chunk that somebody will ask for.
    pub fn make_ahead(&self, key: PartKey, weight: u64, len: u64, make: impl FnOnce(&ScratchSpace) -> Result<Made>) {
        let made = || self.make(key, weight, len, make);
        self.kept.make_ahead(key, self.weight(weight), |key, chunk| self.spilled.note(key, chunk), made);
        self.spill();
    }

    /// Whether it is there, or is being decoded.
    pub fn is_known(&self, key: PartKey) -> bool {
        self.kept.is_known(key) || self.spilled.is_known(key)
    }

    /// What a chunk takes of the memory for those that are kept: nothing if it goes to a file.
    fn weight(&self, weight: u64) -> usize {
        if weight > self.most() { 0 } else { weight as usize }
    }

    fn make(
        &self,
        key: PartKey,
        weight: u64,
        len: u64,
        make: impl FnOnce(&ScratchSpace) -> Result<Made>,
    ) -> Result<Arc<DecodedChunk>> {
        // It may have gone there since it was looked for.
        if let Some(chunk) = self.spilled.get(key, len) {
            self.kept.remove(&key);
            return Ok(chunk);
        }
        let made = {
            let _flight = self.flight.start(self.weight(weight));
            make(&self.scratch)?
        };
        Ok(match made {
            Made::Fill(element) => DecodedChunk::new(ChunkBytes::Fill(element), len),
            Made::Elements(elements) => {
                self.decodings.fetch_add(1, Ordering::Relaxed);
                match elements {
                    Buffer::Memory(bytes) => DecodedChunk::new(ChunkBytes::Memory(bytes), len),
                    Buffer::Mapped(mapping) => {
                        let place = (mapping.file().clone(), 0);
                        self.spilled.add(key, place.clone(), mapping.len() as u64, &self.scratch);
                        // It is found there from now on, and not kept from going.
                        self.kept.remove(&key);
                        DecodedChunk::new(ChunkBytes::File { file: place.0, at: place.1 }, len)
                    }
                }
            }
        })
    }

    /// Puts the chunks into files that went out of memory before all of them was read.
    fn spill(&self) {
        while let Some((key, chunk)) = self.spilled.next() {
            let ChunkBytes::Memory(bytes) = &chunk.bytes else { continue };
            let put = self.spilled.put(key, bytes, &self.scratch);
            self.spilled.lock().going.remove(&key);
            if let Err(e) = put
                && !self.spilled.has_failed.swap(true, Ordering::Relaxed)
            {
                log::warn!("chunks are decoded more than once: {e}");
            }
        }
    }
}

/// Chunks in files.
#[derive(Default)]
struct Spilled {
    state: Mutex<SpilledState>,
    has_failed: AtomicBool,
}

#[derive(Default)]
struct SpilledState {
    places: HashMap<PartKey, (Arc<File>, u64)>,
    /// Those on their way there, and whether nobody writes them yet.
    going: HashMap<PartKey, (Arc<DecodedChunk>, bool)>,
    /// The oldest first; small chunks go to the last one.
    files: VecDeque<SpillFile>,
    bytes: u64,
}

struct SpillFile {
    file: Arc<File>,
    keys: Vec<PartKey>,
    bytes: u64,
}

impl Spilled {
    fn lock(&self) -> MutexGuard<'_, SpilledState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, key: PartKey, len: u64) -> Option<Arc<DecodedChunk>> {
        let state = self.lock();
        if let Some((chunk, _)) = state.going.get(&key) {
            return Some(chunk.clone());
        }
        let (file, at) = state.places.get(&key)?.clone();
        Some(DecodedChunk::new(ChunkBytes::File { file, at }, len))
    }

    fn is_known(&self, key: PartKey) -> bool {
        let state = self.lock();
        state.going.contains_key(&key) || state.places.contains_key(&key)
    }

    /// Notes a chunk that goes out of memory, if it is to be in a file.
    fn note(&self, key: PartKey, chunk: Arc<DecodedChunk>) {
        if matches!(chunk.bytes, ChunkBytes::Memory(_)) && !chunk.is_done() {
            let mut state = self.lock();
            if !state.places.contains_key(&key) {
                state.going.insert(key, (chunk, true));
            }
        }
    }

    /// A chunk that is to be written, by who asks.
    fn next(&self) -> Option<(PartKey, Arc<DecodedChunk>)> {
        let mut state = self.lock();
        let (key, (chunk, waits)) = state.going.iter_mut().find(|(_, (_, waits))| *waits)?;
        *waits = false;
        Some((*key, chunk.clone()))
    }

    /// Takes in a file that is a chunk.
    fn add(&self, key: PartKey, place: (Arc<File>, u64), bytes: u64, scratch: &ScratchSpace) {
        let mut state = self.lock();
        // before the one that is being filled
        let at = state.files.len().saturating_sub(1);
        state.files.insert(at, SpillFile { file: place.0.clone(), keys: vec![key], bytes });
        state.places.insert(key, place);
        state.bytes += bytes;
        state.make_room(0, scratch);
    }

    /// Writes a chunk to a file.
    fn put(&self, key: PartKey, bytes: &[u8], scratch: &ScratchSpace) -> io::Result<()> {
        let len = bytes.len() as u64;
        let (file, at) = {
            let mut state = self.lock();
            if state.places.contains_key(&key) {
                return Ok(());
            }
            if state.files.back().is_none_or(|last| last.bytes > 0 && last.bytes + len > FILE) {
                state.make_room(FILE.max(len), scratch);
                let file = Arc::new(scratch.file()?);
                state.files.push_back(SpillFile { file, keys: vec![], bytes: 0 });
            }
            let Some(last) = state.files.back_mut() else { return Err(io::Error::other("no file")) };
            let at = last.bytes;
            last.bytes += len;
            last.keys.push(key);
            let file = last.file.clone();
            state.bytes += len;
            (file, at)
        };
        file.write_all_at(bytes, at)?;
        let mut state = self.lock();
        // The file may have gone meanwhile, to make room.
        if state.files.iter().any(|there| Arc::ptr_eq(&there.file, &file)) {
            state.places.insert(key, (file, at));
        }
        Ok(())
    }
}

impl SpilledState {
    /// Lets the oldest files go until there is room for `more` bytes; the newest stays.
    fn make_room(&mut self, more: u64, scratch: &ScratchSpace) {
        let free = rustix::fs::statvfs(scratch.folder()).map_or(0, |fs| fs.f_bavail.saturating_mul(fs.f_frsize));
        let most = MOST_ON_DISK.min(self.bytes.saturating_add(free) / SHARE_OF_FREE);
        while self.bytes.saturating_add(more) > most && self.files.len() > 1 {
            let Some(oldest) = self.files.pop_front() else { return };
            self.bytes -= oldest.bytes;
            for key in oldest.keys {
                if self.places.get(&key).is_some_and(|(file, _)| Arc::ptr_eq(file, &oldest.file)) {
                    self.places.remove(&key);
                }
            }
        }
    }
}

/// The bytes of chunks that are being decoded.
struct Flight {
    most: usize,
    now: Mutex<usize>,
    less: Condvar,
}

struct InFlight<'a>(&'a Flight, usize);

impl Flight {
    /// Waits until so many bytes may be decoded. Who decodes waits for nobody, so that its turn comes.
    fn start(&self, bytes: usize) -> InFlight<'_> {
        let now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let is_full = |now: &mut usize| *now > 0 && *now + bytes > self.most;
        *self.less.wait_while(now, is_full).unwrap_or_else(PoisonError::into_inner) += bytes;
        InFlight(self, bytes)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        *self.0.now.lock().unwrap_or_else(PoisonError::into_inner) -= self.1;
        self.0.less.notify_all();
    }
}

impl From<Buffer> for Made {
    fn from(elements: Buffer) -> Self {
        Self::Elements(elements)
    }
}

/// Fills parts of `buffer` with what is in a chunk: at `to`, from `from` on, `len` bytes.
pub(super) fn read_runs(chunk: &DecodedChunk, runs: &[GridRun], buffer: &mut [u8]) -> Result<()> {
    let failed = |e: io::Error| Error::Io(io::Error::new(e.kind(), format!("a chunk of a dataset: {e}")));
    // Runs in a file that are close to each other are read at once.
    if let (ChunkBytes::File { .. }, [first, .., last]) = (&chunk.bytes, runs) {
        let span = (last.from + last.len as u64).saturating_sub(first.from);
        let wanted: usize = runs.iter().map(|run| run.len).sum();
        if runs.is_sorted_by_key(|run| run.from) && span <= 2 * wanted as u64 + SPAN {
            let mut bytes = vec![0; span as usize];
            chunk.read(first.from, &mut bytes).map_err(failed)?;
            for run in runs {
                let at = (run.from - first.from) as usize;
                buffer[run.to..run.to + run.len].copy_from_slice(&bytes[at..at + run.len]);
            }
            return Ok(());
        }
    }
    for run in runs {
        chunk.read(run.from, &mut buffer[run.to..run.to + run.len]).map_err(failed)?;
    }
    Ok(())
}

/// What is read at once may have so many bytes that nobody asked for.
const SPAN: u64 = 64 << 10;
