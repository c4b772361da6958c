//! Leases: who does what, among processes on machines that share nothing but files.
//!
//! A lease is a file that one process makes, `NAME.0`, and touches while it holds it. One that nobody has touched for long is stale: its
//! holder is dead, or cut off. Whoever finds `NAME.0` stale makes `NAME.1`, which again one process alone can make. So nobody has to
//! remove what another made. Times are compared by the clock of the file server alone.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::holder::Holder;
use super::shared_files::{SharedFiles, again_if_stale, is_gone};

/// A lease is touched so many times before it would be stale.
const TOUCHES: u32 = 8;

/// For how long what is known of the server's clock is good.
const CLOCK: Duration = Duration::from_secs(60);

/// How often this process has asked for the time.
static ASKED: AtomicU64 = AtomicU64::new(0);

/// The leases of a folder.
#[derive(Clone, Debug)]
pub struct Leases(Arc<LeaseFolder>);

#[derive(Debug)]
struct LeaseFolder {
    files: Arc<dyn SharedFiles>,
    folder: PathBuf,
    holder: Holder,
    stale: Duration,
    /// The files of those that this process holds.
    held: Mutex<BTreeSet<PathBuf>>,
    /// Whether nothing may be written, so that the server's clock cannot be asked.
    only_looks: bool,
    /// What the server's clock said, and when.
    clock: Mutex<Option<(SystemTime, Instant)>>,
    /// Ends the thread that touches, when this is dropped.
    toucher: Mutex<Option<Sender<()>>>,
}

/// The files that there are of leases, by name: the number of the last one.
pub type Generations = BTreeMap<String, u32>;

/// How a lease stands.
#[derive(Debug, PartialEq)]
pub enum LeaseStanding {
    /// Nobody has it.
    Free,
    /// Its holder was there lately.
    Held(Option<Holder>),
    /// Nobody has touched it for long.
    Stale(Option<Holder>),
}

/// A lease that this process holds; it is given back when this is dropped.
#[derive(Debug)]
pub struct Lease {
    path: PathBuf,
    of: Arc<LeaseFolder>,
}

impl Leases {
    /// Those in a folder, which is there. A lease is stale that was not touched for so long.
    pub fn new(files: Arc<dyn SharedFiles>, folder: &Path, stale: Duration) -> Leases {
        Self::with(files, folder, stale, false)
    }

    /// Those in a folder, for somebody who looks how they stand and writes nothing: times are compared with the clock of this machine then.
    pub fn looked_at(files: Arc<dyn SharedFiles>, folder: &Path, stale: Duration) -> Leases {
        Self::with(files, folder, stale, true)
    }

    fn with(files: Arc<dyn SharedFiles>, folder: &Path, stale: Duration, only_looks: bool) -> Leases {
        Leases(Arc::new(LeaseFolder {
            files,
            folder: folder.to_owned(),
            holder: Holder::this(),
            stale,
            held: Mutex::default(),
            only_looks,
            clock: Mutex::default(),
            toucher: Mutex::default(),
        }))
    }

    /// Which there are, held or stale.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn list(&self) -> io::Result<Generations> {
        let mut all = Generations::new();
        for name in self.0.files.names(&self.0.folder)? {
            if let Some((name, Ok(generation))) = name.rsplit_once('.').map(|(name, last)| (name, last.parse::<u32>()))
            {
                let last = all.entry(name.to_string()).or_default();
                *last = generation.max(*last);
            }
        }
        Ok(all)
    }

    /// Takes a lease that stands as it does in `there`, just now; `None` if another holds it, or was faster.
    ///
    /// # Errors
    /// If the file system refuses it.
    pub fn take(&self, name: &str, there: &Generations) -> io::Result<Option<Lease>> {
        let next = match there.get(name) {
            None => 0,
            Some(last) => match self.standing_of(name, *last)? {
                LeaseStanding::Held(_) => return Ok(None),
                // given back since
                LeaseStanding::Free => 0,
                LeaseStanding::Stale(_) => last.saturating_add(1),
            },
        };
        self.make(name, next)
    }

    /// Takes a lease whose last holder is known to be dead.
    pub(super) fn take_over(&self, name: &str, there: &Generations) -> io::Result<Option<Lease>> {
        self.make(name, there.get(name).map_or(0, |last| last.saturating_add(1)))
    }

    /// How a lease stands.
    ///
    /// # Errors
    /// If the file system refuses to tell.
    pub fn standing(&self, name: &str, there: &Generations) -> io::Result<LeaseStanding> {
        there.get(name).map_or(Ok(LeaseStanding::Free), |last| self.standing_of(name, *last))
    }

    /// Removes what is left of leases of a name that others held before this one.
    pub fn clear_before(&self, lease: &Lease) {
        let name = lease.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let own = lease.path.extension().and_then(|number| number.to_string_lossy().parse::<u32>().ok()).unwrap_or(0);
        for earlier in 0..own {
            self.0.remove(&self.0.folder.join(format!("{name}.{earlier}")));
        }
    }

    /// Gives back all that this process holds, whoever has them.
    pub fn give_back(&self) {
        for path in std::mem::take(&mut *self.0.lock_held()) {
            self.0.remove(&path);
        }
    }

    /// What the clock of the file server says now.
    ///
    /// # Errors
    /// If nothing can be written there.
    pub fn now(&self) -> io::Result<SystemTime> {
        if self.0.only_looks {
            return Ok(SystemTime::now());
        }
        let mut clock = self.0.clock.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((time, at)) = *clock
            && at.elapsed() < CLOCK
        {
            return Ok(time + at.elapsed());
        }
        // others of this process may ask just now
        let number = ASKED.fetch_add(1, Ordering::Relaxed);
        let path = self.0.folder.join(format!("clock-{}-{number}.tmp", self.0.holder.name()));
        again_if_stale(|| self.0.files.write(&path, b""))?;
        let read = self.0.files.read(&path)?;
        let at = Instant::now();
        self.0.remove(&path);
        let (_, time) = read.ok_or_else(|| io::Error::other(format!("{}: it was removed", path.display())))?;
        *clock = Some((time, at));
        Ok(time)
    }

    fn standing_of(&self, name: &str, generation: u32) -> io::Result<LeaseStanding> {
        let Some((bytes, touched)) = self.0.files.read(&self.0.folder.join(format!("{name}.{generation}")))? else {
            return Ok(LeaseStanding::Free);
        };
        let holder = Holder::of_bytes(&bytes);
        let age = self.now()?.duration_since(touched).unwrap_or_default();
        Ok(if age > self.0.stale { LeaseStanding::Stale(holder) } else { LeaseStanding::Held(holder) })
    }

    fn make(&self, name: &str, generation: u32) -> io::Result<Option<Lease>> {
        let path = self.0.folder.join(format!("{name}.{generation}"));
        if !again_if_stale(|| self.0.files.make(&path, &self.0.holder.to_bytes()))? {
            return Ok(None);
        }
        self.0.lock_held().insert(path.clone());
        self.0.clone().keep_touching()?;
        Ok(Some(Lease { path, of: self.0.clone() }))
    }
}

impl LeaseFolder {
    /// The files held; a panic of another holder of the lock leaves them as they are.
    fn lock_held(&self) -> MutexGuard<'_, BTreeSet<PathBuf>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Removes a file; one that stays is only untidy.
    fn remove(&self, path: &Path) {
        let _ = again_if_stale(|| self.files.remove(path));
    }

    /// Has a thread touch what is held, from the first lease on.
    fn keep_touching(self: Arc<Self>) -> io::Result<()> {
        let mut toucher = self.toucher.lock().unwrap_or_else(PoisonError::into_inner);
        if toucher.is_some() {
            return Ok(());
        }
        let (ends, ended) = channel();
        let (of, every) = (Arc::downgrade(&self), self.stale / TOUCHES);
        let touch = move || {
            while ended.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
                let Some(of) = of.upgrade() else { return };
                let held = of.lock_held().clone();
                for path in held {
                    match of.files.touch(&path) {
                        Ok(()) => {}
                        // another took it for stale, and is done
                        Err(e) if is_gone(&e) => {}
                        Err(e) => log::warn!("a lease cannot be kept: {}: {e}", path.display()),
                    }
                }
            }
        };
        std::thread::Builder::new().name("leases".into()).spawn(touch)?;
        *toucher = Some(ends);
        Ok(())
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // what was given back already may be another's now
        if self.of.lock_held().remove(&self.path) {
            self.of.remove(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datastore::shared_files::SystemFiles;
    use crate::datastore::shared_files::awkward::Awkward;

    const STALE: Duration = Duration::from_millis(400);

    fn leases(folder: &Path) -> Leases {
        Leases::new(Arc::new(SystemFiles), folder, STALE)
    }

    fn take(leases: &Leases, name: &str) -> Option<Lease> {
        leases.take(name, &leases.list().unwrap()).unwrap()
    }

    /// Has nobody touch what a process holds any more, as if it were dead.
    fn die(leases: &Leases) {
        leases.0.toucher.lock().unwrap().take();
        leases.0.lock_held().clear();
    }

    #[test]
    fn one_alone_has_a_lease_until_it_is_given_back() {
        let tmp = tempfile::tempdir().unwrap();
        let (a, b) = (leases(tmp.path()), leases(tmp.path()));
        let lease = take(&a, "x").unwrap();
        // longer than one that is not touched would last
        std::thread::sleep(STALE * 2);
        assert!(take(&b, "x").is_none() && take(&b, "y").is_some());
        drop(lease);
        assert!(take(&b, "x").is_some());
        assert_eq!(a.list().unwrap(), Generations::new());
    }

    #[test]
    fn what_a_dead_process_held_is_taken_by_one_alone() {
        let tmp = tempfile::tempdir().unwrap();
        let dead = leases(tmp.path());
        let lost = take(&dead, "x").unwrap();
        die(&dead);
        let all: Vec<Leases> = (0..8).map(|_| leases(tmp.path())).collect();
        assert!(all.iter().all(|one| take(one, "x").is_none()), "it may live");
        std::thread::sleep(STALE * 2);
        let seen = all[0].list().unwrap();
        let taken: Vec<_> = std::thread::scope(|scope| {
            let seen = &seen;
            let threads: Vec<_> = all.iter().map(|one| scope.spawn(move || one.take("x", seen).unwrap())).collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(taken.len(), 1);
        // it lives all the same, and gives back what it has lost
        drop(lost);
        assert!(take(&all[0], "x").is_none());
        drop(taken);
        std::thread::sleep(STALE * 2);
        assert!(take(&all[0], "x").is_some());
    }

    #[test]
    fn a_clock_that_is_wrong_makes_nothing_stale() {
        let tmp = tempfile::tempdir().unwrap();
        // the server's clock is an hour behind this machine's, then an hour before it
        for hour in [-3600, 3600] {
            let files = Arc::new(Awkward { clock: hour, ..Awkward::default() });
            let all: Vec<Leases> = (0..2).map(|_| Leases::new(files.clone(), tmp.path(), STALE)).collect();
            let lease = take(&all[0], "x").unwrap();
            assert!(take(&all[1], "x").is_none());
            drop(lease);
        }
    }

    #[test]
    fn a_slow_server_that_forgets_what_is_open_gives_no_lease_twice() {
        let tmp = tempfile::tempdir().unwrap();
        let files = Arc::new(Awkward { delay: Duration::from_millis(3), stale: true, ..Awkward::default() });
        let all: Vec<Leases> =
            (0..6).map(|_| Leases::new(files.clone(), tmp.path(), Duration::from_secs(60))).collect();
        let names: Vec<String> = (0..20).map(|n| format!("piece{n}")).collect();
        let taken: Vec<Vec<Lease>> = std::thread::scope(|scope| {
            let of = |one: &Leases| names.iter().filter_map(|name| take(one, name)).collect();
            let threads: Vec<_> = all.iter().map(|one| scope.spawn(move || of(one))).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(taken.iter().flatten().count(), names.len());
    }
}
