//! The adapter between [`crate::fs`] and the kernel, through `fuser`: the mount here, the requests in `adapter`.

mod adapter;
mod backing;
mod reply;

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use fuser::{BackgroundSession, Config, INodeNo, MountOption, Notifier, Session, SessionACL};

use self::adapter::Adapter;
use crate::datastore::{MountInfo, SUBTYPE};
use crate::fs::{DirectoryWatch, Forgetting, Fs, Ino, KernelCache};

/// More threads give nothing, nor does a descriptor for each.
const THREADS: usize = 2;
/// What the kernel reads ahead of a program, if it can be set.
const READ_AHEAD_KIB: u32 = 1024;

/// How to mount.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Other users may look in.
    pub allow_other: bool,
    /// The kernel refuses all that would change something.
    pub read_only: bool,
    /// The kernel runs no program from it.
    pub no_exec: bool,
}

/// A mount, unmounted when dropped.
#[derive(Debug)]
pub struct Mounted {
    session: Option<BackgroundSession>,
    point: PathBuf,
    info: Option<MountInfo>,
}

impl Mounted {
    /// Mounts `fs` on `point`.
    ///
    /// # Errors
    /// If the kernel or `fusermount3` refuses.
    pub fn new(fs: Fs, point: &Path, how: Options) -> io::Result<Self> {
        let fs = Arc::new(fs);
        let mut config = Config::default();
        config.mount_options = vec![
            MountOption::FSName(fs.mount_source()),
            MountOption::Subtype(SUBTYPE.into()),
            MountOption::DefaultPermissions,
            MountOption::NoSuid,
            MountOption::NoDev,
        ];
        if how.read_only {
            config.mount_options.push(MountOption::RO);
        }
        if how.no_exec {
            config.mount_options.push(MountOption::NoExec);
        }
        config.acl = if how.allow_other { SessionACL::All } else { SessionACL::Owner };
        config.n_threads = Some(THREADS);
        let kernel = Arc::<OnceLock<Arc<dyn KernelCache>>>::default();
        let adapter = Adapter::new(fs.clone(), kernel.clone());
        let session = Session::new(adapter, point, &config)?.spawn()?;
        let told: Arc<dyn KernelCache> = Arc::new(Told(session.notifier()));
        let _ = kernel.set(told.clone());
        Forgetting::start(&fs, told.clone())?;
        DirectoryWatch::start(fs, told)?;
        let mounted = Self { session: Some(session), point: point.to_owned(), info: MountInfo::at(point) };
        mounted.read_ahead();
        Ok(mounted)
    }

    /// Where it is mounted.
    pub fn point(&self) -> &Path {
        &self.point
    }

    /// Unmounts, from a busy mount too: what is open stays readable until it is closed. Returns when nothing is left to do.
    pub fn unmount(mut self) -> io::Result<()> {
        self.finish()
    }

    /// True while the mount is there: nobody unmounted it from outside.
    pub fn is_alive(&self) -> bool {
        self.session.as_ref().is_some_and(|session| !session.guard.is_finished())
    }

    fn finish(&mut self) -> io::Result<()> {
        let Some(session) = self.session.take() else { return Ok(()) };
        if session.guard.is_finished() {
            return session.join();
        }
        // Somebody may have taken it out of the tree before, or mounted something over it.
        if MountInfo::at(&self.point) == self.info {
            unmount(&self.point)?;
        }
        // What is open in a mount that is no longer in the tree is served while this process lives; not longer.
        let until = std::time::Instant::now() + Duration::from_secs(2);
        while !session.guard.is_finished() && std::time::Instant::now() < until {
            std::thread::sleep(Duration::from_millis(2));
        }
        if session.guard.is_finished() { session.join() } else { Ok(()) }
    }

    /// Reads ahead more than the kernel's default; only root may, and it is only faster.
    fn read_ahead(&self) {
        if let Some(MountInfo { device: (major, minor), .. }) = self.info {
            let file = format!("/sys/class/bdi/{major}:{minor}/read_ahead_kb");
            let _ = std::fs::write(file, READ_AHEAD_KIB.to_string());
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        if let Err(e) = self.finish() {
            log::warn!("{}: cannot unmount: {e}", self.point.display());
        }
    }
}

/// How long a mount whose daemon cannot be seen may take to answer.
const ANSWER: Duration = Duration::from_secs(2);

/// Whether nobody serves a mount on `point` any more.
///
/// The mount table says who is in charge. Another user's mount has to be asked, and may not answer; it is not dead then.
pub fn is_dead(mount: &MountInfo, point: &Path) -> bool {
    if mount.daemon().is_some() {
        return mount.is_dead();
    }
    let (sender, receiver) = std::sync::mpsc::channel();
    let point = point.to_path_buf();
    // The kernel may answer stat for a dead server, from memory, but not statfs.
    let asking = std::thread::spawn(move || sender.send(rustix::fs::statvfs(&point).err()));
    let Ok(error) = receiver.recv_timeout(ANSWER) else { return false };
    // none is left behind where there is an answer: processes are forked from this one
    let _ = asking.join();
    error == Some(rustix::io::Errno::NOTCONN)
}

/// Takes the mount on `point` out of the tree; what is open in it stays open.
///
/// # Errors
/// If nothing is mounted there or this user may not.
pub fn unmount(point: &Path) -> io::Result<()> {
    match rustix::mount::unmount(point, rustix::mount::UnmountFlags::DETACH) {
        Ok(()) => return Ok(()),
        Err(rustix::io::Errno::PERM) => {}
        Err(error) => return Err(error.into()),
    }
    // Only root may, except through this program.
    let output = std::process::Command::new("fusermount3").args(["-u", "-z", "--"]).arg(point).output();
    let output = output.map_err(|e| io::Error::new(e.kind(), format!("fusermount3: {e}")))?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_string()))
}

/// The kernel, to be told of changes.
struct Told(Notifier);

impl KernelCache for Told {
    fn forget_entry(&self, parent: Ino, name: &OsStr) {
        // It says ENOENT of what it does not know.
        let _ = self.0.inval_entry(INodeNo(parent), name);
    }

    fn forget_inode(&self, ino: Ino) {
        let _ = self.0.inval_inode(INodeNo(ino), 0, 0);
    }

    fn forget_attributes(&self, ino: Ino) {
        // No content is before the beginning.
        let _ = self.0.inval_inode(INodeNo(ino), -1, 0);
    }
}
