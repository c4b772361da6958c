//! What a calculation may have of the machine: threads and memory.

use std::num::NonZero;

use anyhow::{Context, Result};

use crate::calc::Threads;
use crate::job::{ByteSize, Params};

/// Limits of a calculation. What has none takes what there is: as many threads as processors that this process may use (its affinity and
/// the control group count), and the memory that is available.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Limits {
    /// How many threads compute.
    pub threads: Option<NonZero<usize>>,
    /// The most memory that it may take.
    pub memory: Option<ByteSize>,
}

impl Limits {
    /// Those and what a job says of itself: the lower ones.
    #[must_use]
    pub fn with_those_of(self, params: &Params) -> Limits {
        let threads = params.oqfs_threads.and_then(NonZero::new);
        Limits {
            threads: self.threads.into_iter().chain(threads).min(),
            memory: self.memory.into_iter().chain(params.oqfs_memory).min(),
        }
    }

    /// Do something whose parallel work has no more threads than it may.
    ///
    /// # Errors
    /// If the threads cannot be started.
    pub fn on_threads<T: Send>(self, run: impl FnOnce() -> T + Send) -> Result<T> {
        let Some(threads) = self.threads else { return Ok(run()) };
        Threads::with(threads, run).with_context(|| format!("{threads} threads cannot be started"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parallel_work_has_the_threads_that_it_may() {
        for threads in [1, 2, 5] {
            let limits = Limits { threads: NonZero::new(threads), memory: None };
            assert_eq!(limits.on_threads(|| Threads.count()).unwrap(), threads);
        }
        assert_eq!(Limits::default().on_threads(|| 7).unwrap(), 7);
    }
}
