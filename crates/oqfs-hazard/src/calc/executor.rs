//! Who has the pieces of a calculation's work done.

use std::num::NonZero;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use super::CalcError;

/// Does pieces of work, which are independent of each other, in whichever order.
pub trait Executor: Sync {
    /// Call `work` once with each number below `count`.
    fn each(&self, count: usize, work: &(dyn Fn(usize) + Sync));
}

/// The threads of this process: as many as the processors that it may use, by its affinity and its control group.
pub struct Threads;

impl Threads {
    /// How many there are.
    pub fn count(&self) -> usize {
        rayon::current_num_threads()
    }

    /// Do something once on each of them.
    pub fn on_each(&self, run: &(dyn Fn() + Sync)) {
        rayon::broadcast(|_| run());
    }

    /// Do something that has so many, whatever the process has.
    ///
    /// # Errors
    /// If they cannot be started.
    pub fn with<T: Send>(count: NonZero<usize>, run: impl FnOnce() -> T + Send) -> std::io::Result<T> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count.get()).build();
        Ok(pool.map_err(std::io::Error::other)?.install(run))
    }
}

impl Executor for Threads {
    fn each(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..count).into_par_iter().with_max_len(1).for_each(work);
    }
}

/// One piece after the other, on the thread that asks.
pub struct OneByOne;

impl Executor for OneByOne {
    fn each(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
        (0..count).for_each(work);
    }
}

/// What `work` gives for each number below `count`, in their order. After an error no more work begins.
///
/// # Errors
/// The first, in the order of the numbers, of those that occurred.
pub fn gather<T: Send + Sync>(
    executor: &dyn Executor,
    count: usize,
    work: impl Fn(usize) -> Result<T, CalcError> + Sync,
) -> Result<Vec<T>, CalcError> {
    let places: Vec<OnceLock<T>> = (0..count).map(|_| OnceLock::new()).collect();
    let errors: Vec<OnceLock<CalcError>> = (0..count).map(|_| OnceLock::new()).collect();
    let has_failed = AtomicBool::new(false);
    executor.each(count, &|i| {
        if has_failed.load(Ordering::Relaxed) {
            return;
        }
        // an executor that calls twice for one number gets the same twice
        match work(i) {
            Ok(found) => drop(places[i].set(found)),
            Err(error) => {
                has_failed.store(true, Ordering::Relaxed);
                drop(errors[i].set(error));
            }
        }
    });
    match errors.into_iter().find_map(OnceLock::into_inner) {
        Some(error) => Err(error),
        None => places.into_iter().map(|place| place.into_inner().ok_or(CalcError::Undone)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Leaves the last piece out.
    struct Lazy;

    impl Executor for Lazy {
        fn each(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
            OneByOne.each(count - 1, work);
        }
    }

    #[test]
    fn results_are_in_order_whoever_does_the_work() {
        let squares: Vec<usize> = (0..100).map(|i| i * i).collect();
        for executor in [&Threads as &dyn Executor, &OneByOne] {
            assert_eq!(gather(executor, 100, |i| Ok(i * i)).unwrap(), squares);
        }
    }

    #[test]
    fn the_first_error_stops_the_rest() {
        let done = std::sync::Mutex::new(Vec::new());
        let work = |i| {
            done.lock().unwrap().push(i);
            if i == 3 { Err(CalcError::Cancelled) } else { Ok(()) }
        };
        assert!(matches!(gather(&OneByOne, 10, work), Err(CalcError::Cancelled)));
        assert_eq!(*done.lock().unwrap(), [0, 1, 2, 3]);
    }

    #[test]
    fn work_that_is_not_done_is_an_error() {
        assert!(matches!(gather(&Lazy, 3, Ok), Err(CalcError::Undone)));
    }
}
