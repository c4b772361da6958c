//! Decoded blocks of datasets that cannot be read in place, and where their chunks lie; both bounded.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Result;
use crate::datastore::read::Chunks;

/// Bytes of decoded blocks kept.
pub const BLOCKS: usize = 16 << 20;
/// Bytes of places of chunks kept.
const PLACES: usize = 16 << 20;
/// The most threads that decode.
const THREADS: usize = 8;

/// Keeps what was used last, up to a weight.
struct Recent<K, V> {
    items: HashMap<K, (V, usize, u64)>,
    by_use: BTreeMap<u64, K>,
    weight: usize,
    limit: usize,
    clock: u64,
}

impl<K: Hash + Eq + Clone, V: Clone> Recent<K, V> {
    fn new(limit: usize) -> Self {
        Self { items: HashMap::new(), by_use: BTreeMap::new(), weight: 0, limit, clock: 0 }
    }

    fn get(&mut self, key: &K) -> Option<V> {
        self.clock += 1;
        let (value, _, used) = self.items.get_mut(key)?;
        self.by_use.remove(used);
        *used = self.clock;
        self.by_use.insert(self.clock, key.clone());
        Some(value.clone())
    }

    /// Takes `value` in and drops what was not used for longest. What alone is above the limit is not kept.
    fn put(&mut self, key: K, value: V, weight: usize) {
        self.remove(&key);
        if weight > self.limit {
            return;
        }
        self.clock += 1;
        self.weight += weight;
        self.items.insert(key.clone(), (value, weight, self.clock));
        self.by_use.insert(self.clock, key);
        while self.weight > self.limit {
            let Some((_, oldest)) = self.by_use.pop_first() else { break };
            self.remove(&oldest);
        }
    }

    fn remove(&mut self, key: &K) {
        if let Some((_, weight, used)) = self.items.remove(key) {
            self.weight -= weight;
            self.by_use.remove(&used);
        }
    }
}

/// A file of a view, for the cache: unique in the process.
pub(super) type FileId = u64;

/// Decoded elements.
type Decoded = Arc<Vec<u8>>;

/// A block, from when somebody begins to decode it.
#[derive(Default)]
struct CacheSlot {
    state: Mutex<Progress>,
    settled: Condvar,
}

#[derive(Clone, Default)]
enum Progress {
    #[default]
    Decoding,
    Decoded(Decoded),
    Failed,
}

impl CacheSlot {
    fn settle(&self, state: Progress) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.settled.notify_all();
    }

    /// The block when it is decoded; `None` if that failed.
    fn wait(&self) -> Option<Decoded> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = |state: &mut Progress| matches!(state, Progress::Decoding);
        match &*self.settled.wait_while(state, waiting).unwrap_or_else(PoisonError::into_inner) {
            Progress::Decoded(block) => Some(block.clone()),
            Progress::Decoding | Progress::Failed => None,
        }
    }
}

/// The right to decode a block, which others wait for until this is dropped.
struct Decoding<'a> {
    cache: &'a Cache,
    key: (FileId, u64),
    slot: Arc<CacheSlot>,
}

impl Decoding<'_> {
    fn decode(self, make: impl FnOnce() -> Result<Vec<u8>>) -> Result<Decoded> {
        let block = Arc::new(make()?);
        self.slot.settle(Progress::Decoded(block.clone()));
        Ok(block)
    }
}

impl Drop for Decoding<'_> {
    fn drop(&mut self) {
        let is_done = matches!(*self.slot.state.lock().unwrap_or_else(PoisonError::into_inner), Progress::Decoded(_));
        if !is_done {
            self.cache.blocks().remove(&self.key);
            self.slot.settle(Progress::Failed);
        }
    }
}

/// The cache all views of a mount share, and the threads that decode for it.
pub struct Cache {
    blocks: Mutex<Recent<(FileId, u64), Arc<CacheSlot>>>,
    chunks: Mutex<Recent<FileId, Option<Arc<Chunks>>>>,
    threads: OnceLock<Option<ThreadPool>>,
}

impl Default for Cache {
    fn default() -> Self {
        Self {
            blocks: Mutex::new(Recent::new(BLOCKS)),
            chunks: Mutex::new(Recent::new(PLACES)),
            threads: OnceLock::new(),
        }
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    fn blocks(&self) -> MutexGuard<'_, Recent<(FileId, u64), Arc<CacheSlot>>> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The right to decode a block of `weight` bytes, or what somebody else makes of it.
    fn claim(&self, key: (FileId, u64), weight: usize) -> Result<Decoding<'_>, Arc<CacheSlot>> {
        let mut blocks = self.blocks();
        if let Some(slot) = blocks.get(&key) {
            return Err(slot);
        }
        let slot = Arc::<CacheSlot>::default();
        blocks.put(key, slot.clone(), weight);
        Ok(Decoding { cache: self, key, slot })
    }

    /// A block of `file`, of `weight` bytes: decoded with `make`, unless somebody has done so or does so now.
    pub(super) fn block(
        &self,
        file: FileId,
        block: u64,
        weight: usize,
        make: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Decoded> {
        loop {
            match self.claim((file, block), weight) {
                Ok(claim) => return claim.decode(make),
                // Who failed at it has told who asked; this one is told by trying.
                Err(slot) => {
                    if let Some(block) = slot.wait() {
                        return Ok(block);
                    }
                }
            }
        }
    }

    /// Has a block decoded that somebody will ask for, unless somebody has done so or does so when its turn comes.
    pub(super) fn block_ahead(
        self: &Arc<Self>,
        file: FileId,
        block: u64,
        weight: usize,
        make: impl FnOnce() -> Result<Vec<u8>> + Send + 'static,
    ) {
        if self.blocks().get(&(file, block)).is_some() {
            return;
        }
        let cache = self.clone();
        if let Some(threads) = self.threads() {
            threads.spawn(move || {
                // Never waits: what it would wait for may need this very thread. Who asks for the block is told of an error.
                if let Ok(claim) = cache.claim((file, block), weight) {
                    let _ = claim.decode(make);
                }
            });
        }
    }

    /// Threads for decoding alone: those of calculations are busy for long.
    fn threads(&self) -> Option<&ThreadPool> {
        let start = || {
            let n = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS);
            let threads = ThreadPoolBuilder::new().num_threads(n).thread_name(|i| format!("decode-{i}")).build();
            threads.inspect_err(|e| log::warn!("no threads to decode with: {e}")).ok()
        };
        self.threads.get_or_init(start).as_ref()
    }

    /// Does `work` on many threads.
    pub(super) fn on_threads<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        match self.threads() {
            Some(threads) => threads.install(work),
            None => work(),
        }
    }

    /// How many blocks to decode before they are asked for.
    pub(super) fn ahead(&self) -> u64 {
        self.threads().map_or(0, |threads| threads.current_num_threads() as u64)
    }

    /// Where the chunks of `file` lie, found with `find` if it is not known; `None` if the library has to read them.
    pub(super) fn chunks(
        &self,
        file: FileId,
        find: impl FnOnce() -> Result<Option<Chunks>>,
    ) -> Result<Option<Arc<Chunks>>> {
        if let Some(chunks) = self.chunks.lock().unwrap_or_else(PoisonError::into_inner).get(&file) {
            return Ok(chunks);
        }
        let chunks = find()?.map(Arc::new);
        let weight = chunks.as_ref().map_or(0, |chunks| chunks.weight()) + size_of::<Chunks>();
        self.chunks.lock().unwrap_or_else(PoisonError::into_inner).put(file, chunks.clone(), weight);
        Ok(chunks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_is_decoded_once_for_all_who_ask_and_again_after_a_failure() {
        let (cache, calls) = (Cache::default(), std::sync::atomic::AtomicUsize::new(0));
        let count = || calls.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let make = || {
                        count();
                        std::thread::sleep(std::time::Duration::from_millis(20));
                        Ok(vec![7])
                    };
                    assert_eq!(*cache.block(1, 2, 1, make).unwrap(), [7]);
                });
            }
        });
        assert_eq!(count(), 1);
        cache.block(1, 3, 1, || Err(crate::view::Error::Unsupported("no".into()))).unwrap_err();
        assert_eq!(*cache.block(1, 3, 1, || Ok(vec![8])).unwrap(), [8]);
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let mut recent = Recent::new(10);
        recent.put("a", 1, 4);
        recent.put("b", 2, 4);
        assert_eq!(recent.get(&"a"), Some(1));
        recent.put("c", 3, 4);
        assert_eq!((recent.get(&"a"), recent.get(&"b"), recent.get(&"c")), (Some(1), None, Some(3)));
        recent.put("huge", 4, 11);
        assert_eq!((recent.get(&"huge"), recent.get(&"a"), recent.weight), (None, Some(1), 8));
        recent.put("a", 5, 6);
        assert_eq!((recent.get(&"a"), recent.weight, recent.by_use.len()), (Some(5), 10, 2));
    }
}
