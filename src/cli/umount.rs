//! `oqfs umount`.

use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use rustix::process::Signal;

use super::busy::users_of;
use super::out;
use super::point::point;
use crate::daemon::ProcessHandle;
use crate::datastore::MountInfo;
use crate::fuse;

/// How long the daemon may take to finish what it does.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long looking for processes that use the mount may take.
const LOOKING: Duration = Duration::from_secs(5);

/// Unmount a data directory, or one HDF5 file, and end its daemon.
///
/// Says which processes still use it; what they have open can be used no more.
#[derive(Debug, Args)]
pub struct Umount {
    /// The data directory, or where it or a file is shown [default: $OQ_DATADIR, else ~/oqdata]
    dir: Option<PathBuf>,
}

impl Umount {
    pub fn run(self) -> anyhow::Result<()> {
        let dir = point(self.dir.as_deref())?;
        let Some((point, mount)) = MountInfo::serving(&dir)? else {
            bail!("{}: oqfs is not mounted there", dir.display())
        };
        let shown = point.display();
        // Nobody if it died.
        let daemon = mount.daemon();
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
        out::tell(format_args!("in use by {user}"));
    }
}

/// Has the daemon finish what it does.
fn wait_for_end(pid: u32) -> anyhow::Result<()> {
    let ended = ProcessHandle::find(pid).and_then(|daemon| {
        daemon.signal(Signal::TERM)?;
        // one that was stopped hears nothing
        daemon.signal(Signal::CONT)?;
        daemon.is_over(PATIENCE)
    });
    match ended {
        Ok(true) => Ok(()),
        Ok(false) => bail!("process {pid} does not end"),
        Err(e) if e.raw_os_error() == Some(libc::ESRCH) => Ok(()),
        Err(e) => Err(e).with_context(|| format!("process {pid}, which mounted it")),
    }
}
