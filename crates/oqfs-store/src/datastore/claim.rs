//! Who works on a calculation, and the wish that it be stopped.
//!
//! Whoever runs a calculation, or changes what is to become of it, holds its claim: a lock on a file in its folder, which the
//! system gives back however the process ends, and a lease beside it, because a lock may be seen on this machine alone. The lease names the
//! machine, and the run of its system: a process of another machine is not taken for dead because its lock is not to be seen. The wish to stop one is a file beside it that whoever runs it looks at; it
//! works from any process, with a mount or without.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::error::io;
use super::lease::{Lease, LeaseStanding, Leases};
use super::own::open_own;
use super::share::STALE;
use super::shared_files::SystemFiles;
use super::{CalcFolder, JOB, OUTPUT, PARTIAL, Result};

/// The file that is locked by whoever works on a calculation.
pub const CLAIM: &str = "job.lock";
/// The wish that a calculation be stopped.
pub const CANCEL: &str = "job.cancel";

/// How often a lock is tried: who only looks whether it is held keeps others from it for a moment.
const TRIES: usize = 5;
const BETWEEN: Duration = Duration::from_millis(5);

/// The lease of whoever works on a calculation, for other machines.
pub(super) const CLAIM_LEASE: &str = "job.claim";

/// The right to work on a calculation. It is given back when this is dropped, or when the process ends.
#[derive(Debug)]
#[allow(dead_code)] // Held, not read; the lease is given back first.
pub struct Claim {
    lease: Lease,
    /// None where the file system has no locks.
    lock: Option<File>,
}

/// Whether a name in the folder of a calculation is that of a claim's lease.
pub fn is_claim_lease(name: &str) -> bool {
    name.strip_prefix(CLAIM_LEASE).is_some_and(|rest| rest.starts_with('.'))
}

impl CalcFolder {
    fn claim_file(&self) -> PathBuf {
        self.path().join(CLAIM)
    }

    /// Claims the calculation; `None` if somebody else works on it.
    ///
    /// # Errors
    /// [`super::Error::NoCalculation`] if it is gone.
    pub fn claim(&self) -> Result<Option<Claim>> {
        let (path, shown) = (self.claim_file(), self.shown().join(CLAIM));
        let mut tries = TRIES;
        loop {
            let mut options = File::options();
            let file = match options.read(true).write(true).create(true).truncate(false).mode(0o600).open(&path) {
                Ok(file) => file,
                Err(e) if e.kind() == ErrorKind::NotFound => return Err(self.dir().no_calculation(self.id())),
                Err(e) => return Err(io(&shown)(e)),
            };
            match file.try_lock() {
                // The folder may have been removed since, and its id taken anew.
                Ok(()) if is_at(&file, &path) => return self.leased(Some(file)),
                Ok(()) => {}
                Err(TryLockError::WouldBlock) if tries == 0 => return Ok(None),
                Err(TryLockError::WouldBlock) => {
                    tries -= 1;
                    std::thread::sleep(BETWEEN);
                }
                Err(TryLockError::Error(e)) if has_no_locks(&e) => return self.leased(None),
                Err(TryLockError::Error(e)) => return Err(io(&shown)(e)),
            }
        }
    }

    /// The claim of whoever has its lock, where there are locks, if no other machine has it.
    fn leased(&self, lock: Option<File>) -> Result<Option<Claim>> {
        let leases = Leases::new(Arc::new(SystemFiles), &self.path(), Duration::from_secs_f64(STALE));
        let take = || {
            let there = leases.list()?;
            match leases.standing(CLAIM_LEASE, &there)? {
                // who had the lock on this machine has it no more
                LeaseStanding::Held(Some(holder)) if holder.is_here() && lock.is_some() => {
                    leases.take_over(CLAIM_LEASE, &there)
                }
                LeaseStanding::Held(Some(holder)) if holder.is_dead() => leases.take_over(CLAIM_LEASE, &there),
                LeaseStanding::Held(_) => Ok(None),
                LeaseStanding::Free | LeaseStanding::Stale(_) => leases.take(CLAIM_LEASE, &there),
            }
        };
        match take() {
            Ok(lease) => Ok(lease.map(|lease| {
                leases.clear_before(&lease);
                Claim { lease, lock }
            })),
            Err(e) if e.kind() == ErrorKind::NotFound => Err(self.dir().no_calculation(self.id())),
            Err(e) => Err(io(&self.shown().join(CLAIM_LEASE))(e)),
        }
    }

    /// Whether another machine works on the calculation, or a process of this one where there are no locks.
    fn is_leased(&self, has_locks: bool) -> bool {
        let leases = Leases::looked_at(Arc::new(SystemFiles), &self.path(), Duration::from_secs_f64(STALE));
        let standing = leases.list().and_then(|there| leases.standing(CLAIM_LEASE, &there));
        match standing {
            Ok(LeaseStanding::Held(Some(holder))) => !(holder.is_dead() || (holder.is_here() && has_locks)),
            Ok(LeaseStanding::Held(None)) => true,
            Ok(LeaseStanding::Free | LeaseStanding::Stale(_)) => false,
            // it cannot be told, and is not taken for dead
            Err(_) => true,
        }
    }

    /// Whether somebody works on the calculation; `None` if nobody ever claimed it, as in a folder that was made by hand.
    pub fn is_claimed(&self) -> Option<bool> {
        let file = open_own(&self.claim_file()).ok()?;
        match file.try_lock_shared() {
            Ok(()) => Some(self.is_leased(true)),
            Err(TryLockError::WouldBlock) => Some(true),
            Err(TryLockError::Error(e)) if has_no_locks(&e) => Some(self.is_leased(false)),
            Err(TryLockError::Error(_)) => None,
        }
    }

    /// The claim of a folder that was made for a calculation and never accepted, because whoever made it died before.
    pub(super) fn abandoned(&self) -> Result<Option<Claim>> {
        let is_accepted = || [JOB, PARTIAL, OUTPUT].into_iter().any(|name| self.path().join(name).exists());
        if is_accepted() || self.is_claimed() != Some(false) {
            return Ok(None);
        }
        Ok(self.claim()?.filter(|_| !is_accepted()))
    }

    /// Asks whoever runs the calculation, or will, to stop it.
    pub fn ask_to_cancel(&self) -> Result<()> {
        let mut options = File::options();
        let made = options.write(true).create(true).truncate(false).mode(0o600).open(self.path().join(CANCEL));
        made.map(drop).map_err(io(&self.shown().join(CANCEL)))
    }

    /// Whether somebody asked that it be stopped.
    pub fn is_asked_to_cancel(&self) -> bool {
        self.path().join(CANCEL).exists()
    }

    /// Takes the wish back, or away when it was granted.
    pub fn forget_to_cancel(&self) -> Result<()> {
        match fs::remove_file(self.path().join(CANCEL)) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(io(&self.shown().join(CANCEL))(e)),
            _ => Ok(()),
        }
    }
}

/// Whether an error says that the file system has no locks, as Lustre has none unless it is mounted with them.
fn has_no_locks(error: &std::io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EOPNOTSUPP | libc::ENOLCK))
}

/// True if `file` is the one at `path`.
fn is_at(file: &File, path: &std::path::Path) -> bool {
    match (file.metadata(), fs::metadata(path)) {
        (Ok(a), Ok(b)) => (a.dev(), a.ino()) == (b.dev(), b.ino()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datastore::DataDir;

    #[test]
    fn one_at_a_time_has_a_calculation() {
        let tmp = tempfile::tempdir().unwrap();
        let folder = DataDir::open(tmp.path()).unwrap().new_calc().unwrap();
        assert_eq!(folder.is_claimed(), None);
        let claim = folder.claim().unwrap().unwrap();
        assert!(folder.claim().unwrap().is_none());
        assert_eq!(folder.is_claimed(), Some(true));
        drop(claim);
        assert_eq!(folder.is_claimed(), Some(false));
        assert!(folder.claim().unwrap().is_some());
    }

    #[test]
    fn what_another_machine_works_on_is_claimed_though_no_lock_is_seen() {
        let tmp = tempfile::tempdir().unwrap();
        let folder = DataDir::open(tmp.path()).unwrap().new_calc().unwrap();
        drop(folder.claim().unwrap().unwrap());
        assert_eq!(folder.is_claimed(), Some(false));
        let lease = folder.path().join("job.claim.0");
        let by = |host: &str, boot: &str| {
            let text = format!(r#"{{"host":"{host}","boot":"{boot}","pid":1,"began":1}}"#);
            fs::write(&lease, text).unwrap();
        };
        by("elsewhere", "b");
        assert_eq!(folder.is_claimed(), Some(true));
        assert!(folder.claim().unwrap().is_none());
        // nobody has touched it for long
        let long_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
        File::options().write(true).open(&lease).unwrap().set_modified(long_ago).unwrap();
        assert_eq!(folder.is_claimed(), Some(false));
        drop(folder.claim().unwrap().unwrap());
        assert!(fs::read_dir(folder.path()).unwrap().count() == 1, "its lock alone is left");
        // this machine before it was started anew
        by(fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim(), "b");
        assert_eq!(folder.is_claimed(), Some(false));
        assert!(folder.claim().unwrap().is_some());
    }

    #[test]
    fn a_folder_whose_maker_died_before_it_was_accepted_is_abandoned() {
        let tmp = tempfile::tempdir().unwrap();
        let folder = DataDir::open(tmp.path()).unwrap().new_calc().unwrap();
        assert!(folder.abandoned().unwrap().is_none(), "it was just made");
        let claim = folder.claim().unwrap().unwrap();
        assert!(folder.abandoned().unwrap().is_none(), "somebody works on it");
        drop(claim);
        drop(folder.abandoned().unwrap().unwrap());
        folder.set_state(&Default::default()).unwrap();
        assert!(folder.abandoned().unwrap().is_none(), "it was accepted");
    }

    #[test]
    fn a_folder_that_is_gone_cannot_be_claimed() {
        let tmp = tempfile::tempdir().unwrap();
        let folder = DataDir::open(tmp.path()).unwrap().new_calc().unwrap();
        fs::remove_dir(folder.path()).unwrap();
        let error = folder.claim().unwrap_err().to_string();
        assert!(error.ends_with("no calculation 1; none there"), "{error}");
    }
}
