//! The folders of the spool in which something arrived lately.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::{Caller, SETTLED};

/// Folders, each with when nothing will have arrived there for a while, and who dropped what did.
#[derive(Debug, Default)]
pub struct Settling {
    state: Mutex<Folders>,
    /// Told when the state changes.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Folders {
    due: BTreeMap<PathBuf, (Instant, Caller)>,
    is_over: bool,
}

impl Settling {
    fn state(&self) -> MutexGuard<'_, Folders> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something arrived in `folder`.
    pub fn add(&self, folder: PathBuf, by: Caller) {
        self.state().due.insert(folder, (Instant::now() + SETTLED, by));
        self.changed.notify_one();
    }

    /// There are none any more.
    pub fn end(&self) {
        self.state().is_over = true;
        self.changed.notify_one();
    }

    /// Waits until nothing has arrived for a while in some folder, and gives that one; `None` at the end. It sleeps as long as nothing can
    /// settle.
    pub fn next(&self) -> Option<(PathBuf, Caller)> {
        let mut state = self.state();
        while !state.is_over {
            let first =
                state.due.iter().min_by_key(|(_, (due, _))| *due).map(|(folder, (due, by))| (folder, *due, *by));
            state = match first {
                None => self.changed.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some((folder, due, by)) => {
                    match due.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
                        Some(left) => self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0,
                        None => {
                            let folder = folder.clone();
                            state.due.remove(&folder);
                            return Some((folder, by));
                        }
                    }
                }
            };
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    /// How often a thread gave up the processor of its own will.
    fn sleeps() -> u64 {
        let status = std::fs::read_to_string("/proc/thread-self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:")).unwrap();
        line.trim().parse().unwrap()
    }

    #[test]
    fn who_waits_wakes_when_something_settles_and_at_the_end_alone() {
        let by = Caller { uid: 1, gid: 2, thread: 3, umask: 0 };
        let settling = Arc::new(Settling::default());
        let waiting = settling.clone();
        let waits = thread::spawn(move || {
            let before = sleeps();
            let (folder, who) = waiting.next().unwrap();
            let settled_at = Instant::now();
            assert!(waiting.next().is_none());
            (folder, who.uid, settled_at, sleeps() - before)
        });
        let start = Instant::now();
        settling.add("demo".into(), by);
        thread::sleep(SETTLED + Duration::from_millis(1500));
        settling.end();
        let (folder, uid, settled_at, sleeps) = waits.join().unwrap();
        assert_eq!((folder, uid), ("demo".into(), 1));
        assert!(settled_at - start >= SETTLED);
        assert!(sleeps < 8, "it woke {sleeps} times");
    }
}
