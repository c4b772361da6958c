//! The file system: what every request of the kernel does. It knows nothing of `fuser`, so tests call it without a mount.
//!
//! | inode | what it does |
//! |---|---|
//! | the root, files and directories on disk | mirrored read-write, through descriptors ([`real`]) |
//! | `calc_N/`, what is in it | read-only: the view of a datastore, and files on disk beside it ([`calcs`]) |
//! | `last` | a symlink to the newest calculation |
//! | `new/` | a spool, a directory on disk whose files are told to [`Jobs`] when they are closed ([`spool`]) |
//!
//! The real directory is reached through a descriptor that was opened before anything was mounted over it. Nothing here ever
//! names a path below the mount point: a request that waits for another request of the same mount would wait for ever.

mod acl;
mod ahead;
mod arrivals;
mod attr;
mod calcs;
mod errno;
mod files;
mod ghosts;
mod handles;
mod jobs;
mod lock;
mod locks;
mod named;
mod names;
mod nodes;
mod process;
mod real;
mod requests;
mod said;
mod settling;
mod spool;
mod sys;
mod watch;
mod wishes;

use std::sync::Arc;
use std::time::Duration;

pub use crate::datastore::HIDDEN;
pub use attr::*;
pub use errno::{Errno, Result};
pub use jobs::{Arrival, Check, Jobs, Moved, SETTLED, Verdict};
pub use lock::{DirLock, NotLocked};
pub use locks::{Lock, LockKind};
pub use nodes::Access;
pub use sys::statvfs;
pub use watch::{DirectoryWatch, Forgetting, KernelCache};
pub use wishes::{Declined, Wish};

use crate::datastore::DataDir;
use crate::view::Views;
use handles::Handles;
use locks::Locks;
use nodes::Nodes;
use spool::Spool;

/// How long the kernel may believe what does not change any more; it is told when it changes nevertheless.
pub const LONG: Duration = Duration::from_secs(24 * 3600);
/// How long it may believe what may change.
pub const SHORT: Duration = Duration::from_secs(1);

/// The file system over one data directory.
pub struct Fs {
    dir: DataDir,
    views: Arc<Views>,
    nodes: Arc<Nodes>,
    handles: Arc<Handles>,
    locks: Locks,
    spool: Arc<Spool>,
    watched: watch::Watched,
    ahead: ahead::Ahead,
}

impl std::fmt::Debug for Fs {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.debug_struct("Fs").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Fs {
    /// The file system over `dir`, which must have been opened before the mount. `jobs` takes what is dropped in `new/`;
    /// without it there is no `new/`, and nothing is made in the directory.
    ///
    /// # Errors
    /// If the spool, `.oqfs/new` in the data directory, cannot be made or opened.
    pub fn new(dir: DataDir, jobs: Option<Arc<dyn Jobs>>) -> std::io::Result<Self> {
        Self::of_views(Views::new(dir), jobs)
    }

    /// The same over the directory of these views; of the view of one file, that is the root.
    pub fn of_views(views: Arc<Views>, jobs: Option<Arc<dyn Jobs>>) -> std::io::Result<Self> {
        let dir = views.dir().clone();
        let dev = sys::stat(dir.fd()).map_err(|e| std::io::Error::from_raw_os_error(e.0))?.st_dev;
        let spool = Arc::new(Spool::open(&dir, jobs)?);
        let nodes = views.lone().map_or_else(|| Nodes::new(dev), |lone| Nodes::of_one(lone.id(), dev));
        let (nodes, handles) = (Arc::new(nodes), Arc::<Handles>::default());
        let open = (handles.clone(), nodes.clone());
        if spool.is_served() {
            spool.watch(move || files::unfinished(&open.0, &open.1))?;
        }
        let watched = watch::Watched::new(&dir);
        let (locks, ahead) = (Locks::default(), ahead::Ahead::new(&views));
        Ok(Self { views, nodes, handles, locks, spool, watched, ahead, dir })
    }

    /// The source of a mount of this file system.
    pub fn mount_source(&self) -> String {
        self.views.lone().map_or_else(|| self.dir.mount_source(), |lone| lone.mount_source())
    }

    /// The spool on disk.
    pub fn spool(&self) -> std::path::PathBuf {
        self.spool.path()
    }
}
