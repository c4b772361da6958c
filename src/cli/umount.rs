//! `oqfs umount`.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use super::busy::users_of;
use crate::datastore::mounted_by;
use crate::fuse::{self, MountInfo};

/// How long the daemon may take to finish what it does.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long looking for processes that use the mount may take.
const LOOKING: Duration = Duration::from_secs(5);

/// Unmount the data directory and end its daemon.
///
/// Says which processes still use it; what they have open can be used no more.
#[derive(Debug, Args)]
pub struct Umount {
    /// The data directory [default: $OQ_DATADIR, else ~/oqdata]
    dir: Option<PathBuf>,
}

impl Umount {
    pub fn run(self) -> anyhow::Result<()> {
        let point = super::mount::point(self.dir.as_deref())?;
        let shown = point.display();
        let Some(mount) = MountInfo::at(&point) else { bail!("{shown}: oqfs is not mounted there") };
        // Nobody if it died.
        let daemon = mounted_by(&point);
        tell_users(&mount, daemon);
        // Here first: if this cannot be, the daemon goes on, and no mount is left that nobody serves.
        fuse::unmount(&point).with_context(|| format!("{shown}: cannot unmount"))?;
        if MountInfo::at(&point).as_ref() == Some(&mount) {
            bail!("{shown}: cannot unmount: it is still mounted, though no error was said");
        }
        match daemon {
            Some(pid) => wait_for_end(pid).with_context(|| shown.to_string()),
            None => Ok(()),
        }
    }
}

/// Says who uses the mount.
fn tell_users(mount: &MountInfo, daemon: Option<u32>) {
    let (sender, receiver) = mpsc::channel();
    let mount = mount.clone();
    // On a thread that is left behind if some process cannot be looked at: a mount is taken away to get rid of such.
    std::thread::spawn(move || sender.send(users_of(&mount, daemon)));
    for user in receiver.recv_timeout(LOOKING).unwrap_or_default() {
        eprintln!("oqfs: in use by {user}");
    }
}

/// Has the daemon finish what it does. It has ended when it does nothing any more, though nobody may ask how it ended: in a
/// container there may be no such process.
fn wait_for_end(pid: u32) -> anyhow::Result<()> {
    let failed = || -> anyhow::Result<()> {
        match io::Error::last_os_error() {
            e if e.raw_os_error() == Some(libc::ESRCH) => Ok(()),
            e => Err(e).with_context(|| format!("process {pid}, which mounted it")),
        }
    };
    // SAFETY: a plain system call; a descriptor that it gives has one owner.
    let daemon = unsafe {
        match libc::syscall(libc::SYS_pidfd_open, pid, 0) {
            fd @ 0.. => OwnedFd::from_raw_fd(fd as i32),
            _ => return failed(),
        }
    };
    // SAFETY: a plain system call.
    if unsafe { libc::kill(pid as i32, libc::SIGTERM) } != 0 {
        return failed();
    }
    let mut ended = libc::pollfd { fd: daemon.as_raw_fd(), events: libc::POLLIN, revents: 0 };
    // SAFETY: one struct, whose descriptor is open.
    match unsafe { libc::poll(&raw mut ended, 1, PATIENCE.as_millis() as i32) } {
        1.. => Ok(()),
        0 => bail!("process {pid} does not end"),
        _ => failed(),
    }
}
