//! Decoded blocks of datasets that cannot be read in place, and the datasets open for it; both bounded.

use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use crate::datastore::read::H5Dataset;

/// Bytes of decoded blocks kept.
pub const BLOCKS: usize = 24 << 20;
/// Datasets kept open.
pub const DATASETS: usize = 4;
/// Bytes of chunks the library keeps for each of them.
pub const CHUNKS: usize = 4 << 20;

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
type Block = Arc<Vec<u8>>;

/// The cache all views of a mount share.
pub struct Cache {
    blocks: Mutex<Recent<(FileId, u64), Block>>,
    datasets: Mutex<Recent<FileId, Arc<Mutex<H5Dataset>>>>,
}

impl Default for Cache {
    fn default() -> Self {
        Self { blocks: Mutex::new(Recent::new(BLOCKS)), datasets: Mutex::new(Recent::new(DATASETS)) }
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str("Cache")
    }
}

impl Cache {
    pub(super) fn block(&self, file: FileId, block: u64) -> Option<Block> {
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner).get(&(file, block))
    }

    pub(super) fn keep_block(&self, file: FileId, block: u64, bytes: Block) {
        let weight = bytes.len();
        self.blocks.lock().unwrap_or_else(PoisonError::into_inner).put((file, block), bytes, weight);
    }

    /// The dataset of `file`, opened with `open` if it is not open.
    pub(super) fn dataset<E>(
        &self,
        file: FileId,
        open: impl FnOnce() -> Result<H5Dataset, E>,
    ) -> Result<Arc<Mutex<H5Dataset>>, E> {
        let mut datasets = self.datasets.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dataset) = datasets.get(&file) {
            return Ok(dataset);
        }
        let dataset = Arc::new(Mutex::new(open()?));
        datasets.put(file, dataset.clone(), 1);
        Ok(dataset)
    }

    /// Closes the dataset of `file`, if it is open.
    pub(super) fn close(&self, file: FileId) {
        self.datasets.lock().unwrap_or_else(PoisonError::into_inner).remove(&file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
