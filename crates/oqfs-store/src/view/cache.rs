//! Decoded blocks and chunks of datasets that cannot be read in place, and where their chunks lie; all bounded.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use super::Result;
use super::decoded_chunks::DecodedChunks;
use crate::datastore::read::Chunks;
use crate::datastore::scratch::ScratchSpace;

/// The memory of a cache, in megabytes, unless `$OQFS_CACHE_MB` says another.
const DEFAULT_MB: usize = 100;
/// The least of them: a block has to fit.
const LEAST_MB: usize = 10;
/// The shares of it: one for blocks, one for places of chunks, two for chunks that are kept, four for those being decoded.
const SHARES: usize = 8;
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

    /// Takes `value` in; gives what was not used for longest and had to go for it. What alone is above the limit is not kept.
    fn put(&mut self, key: K, value: V, weight: usize) -> Vec<(K, V)> {
        self.remove(&key);
        if weight > self.limit {
            return vec![];
        }
        self.clock += 1;
        self.weight += weight;
        self.items.insert(key.clone(), (value, weight, self.clock));
        self.by_use.insert(self.clock, key);
        let mut gone = vec![];
        while self.weight > self.limit {
            let Some((_, oldest)) = self.by_use.pop_first() else { break };
            gone.extend(self.remove(&oldest).map(|value| (oldest, value)));
        }
        gone
    }

    fn remove(&mut self, key: &K) -> Option<V> {
        let (value, weight, used) = self.items.remove(key)?;
        self.weight -= weight;
        self.by_use.remove(&used);
        Some(value)
    }
}

/// A file of a view, for the cache: unique in the process.
pub(super) type FileId = u64;

/// Decoded elements.
type Decoded = Arc<Vec<u8>>;

/// A part of a file: which file, and the number of the part.
pub(super) type PartKey = (FileId, u64);

/// A part, from when somebody begins to make it.
struct Slot<V> {
    state: Mutex<Progress<V>>,
    settled: Condvar,
}

enum Progress<V> {
    Making,
    Made(V),
    Failed,
}

impl<V: Clone> Slot<V> {
    fn new() -> Self {
        Self { state: Mutex::new(Progress::Making), settled: Condvar::new() }
    }

    fn settle(&self, state: Progress<V>) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
        self.settled.notify_all();
    }

    /// The part when it is made; `None` if that failed.
    fn wait(&self) -> Option<V> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = |state: &mut Progress<V>| matches!(state, Progress::Making);
        match &*self.settled.wait_while(state, waiting).unwrap_or_else(PoisonError::into_inner) {
            Progress::Made(value) => Some(value.clone()),
            Progress::Making | Progress::Failed => None,
        }
    }

    /// The part if it is made.
    fn made(&self) -> Option<V> {
        match &*self.state.lock().unwrap_or_else(PoisonError::into_inner) {
            Progress::Made(value) => Some(value.clone()),
            Progress::Making | Progress::Failed => None,
        }
    }
}

/// Parts of files that are made once for all who ask, those used last kept up to a weight.
pub(super) struct Shared<V> {
    parts: Mutex<Recent<PartKey, Arc<Slot<V>>>>,
}

/// The right to make a part, which others wait for until this is dropped.
struct Claimed<'a, V: Clone> {
    shared: &'a Shared<V>,
    key: PartKey,
    slot: Arc<Slot<V>>,
}

impl<V: Clone> Claimed<'_, V> {
    fn make(self, gone: impl Fn(PartKey, V), make: impl FnOnce() -> Result<V>) -> Result<V> {
        let value = make()?;
        self.slot.settle(Progress::Made(value.clone()));
        let is_kept = self.shared.parts().items.get(&self.key).is_some_and(|(slot, ..)| Arc::ptr_eq(slot, &self.slot));
        if !is_kept {
            // it had to go before it was there
            gone(self.key, value.clone());
        }
        Ok(value)
    }
}

impl<V: Clone> Drop for Claimed<'_, V> {
    fn drop(&mut self) {
        if self.slot.made().is_none() {
            self.shared.remove(&self.key);
            self.slot.settle(Progress::Failed);
        }
    }
}

impl<V: Clone> Shared<V> {
    pub fn new(limit: usize) -> Self {
        Self { parts: Mutex::new(Recent::new(limit)) }
    }

    fn parts(&self) -> MutexGuard<'_, Recent<PartKey, Arc<Slot<V>>>> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a part is there, or is being made.
    pub fn is_known(&self, key: PartKey) -> bool {
        self.parts().items.contains_key(&key)
    }

    pub fn remove(&self, key: &PartKey) {
        self.parts().remove(key);
    }

    /// The right to make a part of `weight` bytes, or what somebody else makes of it; what went for it is given to `gone`,
    /// before anybody can see that it went.
    fn claim(&self, key: PartKey, weight: usize, gone: impl Fn(PartKey, V)) -> Result<Claimed<'_, V>, Arc<Slot<V>>> {
        let mut parts = self.parts();
        if let Some(slot) = parts.get(&key) {
            return Err(slot);
        }
        let slot = Arc::new(Slot::new());
        for (key, slot) in parts.put(key, slot.clone(), weight) {
            if let Some(value) = slot.made() {
                gone(key, value);
            }
        }
        drop(parts);
        Ok(Claimed { shared: self, key, slot })
    }

    /// A part of `weight` bytes: made with `make`, unless somebody has done so or does so now.
    pub fn get(
        &self,
        key: PartKey,
        weight: usize,
        gone: impl Fn(PartKey, V),
        make: impl FnOnce() -> Result<V>,
    ) -> Result<V> {
        loop {
            match self.claim(key, weight, &gone) {
                Ok(claim) => return claim.make(gone, make),
                // Who failed at it has told who asked; this one is told by trying.
                Err(slot) => {
                    if let Some(value) = slot.wait() {
                        return Ok(value);
                    }
                }
            }
        }
    }

    /// Makes a part that somebody will ask for. Never waits for who makes it now: that may need this very thread. Who asks for it is told of
    /// an error.
    pub fn make_ahead(&self, key: PartKey, weight: usize, gone: impl Fn(PartKey, V), make: impl FnOnce() -> Result<V>) {
        if let Ok(claim) = self.claim(key, weight, &gone) {
            let _ = claim.make(gone, make);
        }
    }
}

/// The cache all views of a mount share, and the threads that decode for it.
pub struct Cache {
    blocks: Shared<Decoded>,
    most: u64,
    /// The chunks of datasets whose blocks are not of whole chunks.
    pub(super) decoded: DecodedChunks,
    chunks: Mutex<Recent<FileId, Option<Arc<Chunks>>>>,
    threads: OnceLock<Option<ThreadPool>>,
}

impl Default for Cache {
    /// Of as many megabytes of memory as `$OQFS_CACHE_MB` says, else of 100, with the cache folder of the user.
    fn default() -> Self {
        let set = std::env::var("OQFS_CACHE_MB").ok();
        let megabytes =
            set.as_deref().map_or(Some(DEFAULT_MB), |text| text.trim().parse().ok().filter(|mb| *mb >= LEAST_MB));
        let megabytes = megabytes.unwrap_or_else(|| {
            let set = set.unwrap_or_default();
            log::error!("OQFS_CACHE_MB is {set:?}, which is no number of megabytes from {LEAST_MB} on; it is taken to be {DEFAULT_MB}");
            DEFAULT_MB
        });
        Self::new(megabytes.saturating_mul(1_000_000), ScratchSpace::users_folder())
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    /// Of so many bytes of memory; what does not fit goes to files of `folder`.
    pub fn new(bytes: usize, folder: PathBuf) -> Self {
        let share = bytes / SHARES;
        Self {
            blocks: Shared::new(share),
            most: share as u64,
            decoded: DecodedChunks::new(2 * share, folder),
            chunks: Mutex::new(Recent::new(share)),
            threads: OnceLock::new(),
        }
    }

    /// How many chunks were decoded that are kept one by one.
    pub fn decodings(&self) -> u64 {
        self.decoded.decodings()
    }

    /// The bytes of the largest block that is kept.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// A block of `file`, of `weight` bytes: decoded with `make`, unless somebody has done so or does so now.
    pub(super) fn block(
        &self,
        file: FileId,
        block: u64,
        weight: usize,
        make: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Decoded> {
        self.blocks.get((file, block), weight, |_, _| (), || make().map(Arc::new))
    }

    /// Has a block decoded that somebody will ask for, unless somebody has done so or does so when its turn comes.
    pub(super) fn block_ahead(
        self: &Arc<Self>,
        file: FileId,
        block: u64,
        weight: usize,
        make: impl FnOnce() -> Result<Vec<u8>> + Send + 'static,
    ) {
        if self.blocks.is_known((file, block)) {
            return;
        }
        let cache = self.clone();
        self.spawn(move || cache.blocks.make_ahead((file, block), weight, |_, _| (), || make().map(Arc::new)));
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

    /// Does `work` on one of the threads, some time.
    pub(super) fn spawn(&self, work: impl FnOnce() + Send + 'static) {
        if let Some(threads) = self.threads() {
            threads.spawn(work);
        }
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
