//! The rates of pieces of shared work, as a calculation uses them.

use std::collections::HashSet;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::reuse::{decoded, encoded};
use crate::calc::{BlockRates, Digest, RateStore};
use crate::datastore::{Error, Share};

/// The pieces of a share, and, for those that it lacks, what earlier calculations kept.
pub struct SharedRates<'a> {
    share: &'a Share,
    earlier: Option<&'a dyn RateStore>,
    /// Those found in the share: they need not be kept again.
    found: Mutex<HashSet<Digest>>,
    failure: OnceLock<Error>,
}

impl<'a> SharedRates<'a> {
    /// Those of a share, with those of an earlier calculation.
    pub fn new(share: &'a Share, earlier: Option<&'a dyn RateStore>) -> SharedRates<'a> {
        SharedRates { share, earlier, found: Mutex::default(), failure: OnceLock::new() }
    }

    /// Why a piece could not be kept, if one could not: work for this store is of no use then.
    pub fn failure(&self) -> Option<&Error> {
        self.failure.get()
    }

    /// The same, at the end.
    pub fn into_failure(self) -> Option<Error> {
        self.failure.into_inner()
    }

    fn found(&self) -> std::sync::MutexGuard<'_, HashSet<Digest>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RateStore for SharedRates<'_> {
    fn keeps_all(&self) -> bool {
        true
    }

    fn get(&self, piece: &Digest) -> Option<BlockRates> {
        let kept = self.share.piece(&piece.to_hex()).unwrap_or_else(|error| {
            log::warn!("{error}: computed again");
            None
        });
        match kept.and_then(|bytes| decoded(&bytes)) {
            Some(rates) => {
                self.found().insert(*piece);
                Some(rates)
            }
            None => self.earlier?.get(piece),
        }
    }

    fn put(&self, piece: &Digest, rates: &BlockRates) {
        if self.found().contains(piece) {
            return;
        }
        if let Err(error) = self.share.keep(&piece.to_hex(), &encoded(rates)) {
            let _ = self.failure.set(error);
        }
    }
}
