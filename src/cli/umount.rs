//! `oqfs umount`.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;

use crate::datastore::mounted_by;
use crate::fuse;

/// How long the daemon may take to finish what it does.
const PATIENCE: Duration = Duration::from_secs(60);

/// Unmount the data directory and end its daemon.
#[derive(Debug, Args)]
pub struct Umount {
    /// The data directory [default: $OQ_DATADIR, else ~/oqdata]
    dir: Option<PathBuf>,
}

impl Umount {
    pub fn run(self) -> anyhow::Result<()> {
        let point = super::mount::point(self.dir.as_deref())?;
        let Some(pid) = mounted_by(&point) else {
            let stale = std::fs::metadata(&point).is_err_and(|e| e.raw_os_error() == Some(libc::ENOTCONN));
            if !stale {
                bail!("{}: oqfs is not mounted there", point.display());
            }
            return fuse::unmount(&point).with_context(|| point.display().to_string());
        };
        // The daemon unmounts, and finishes what it does.
        if !signal(pid, libc::SIGTERM)? {
            return fuse::unmount(&point).with_context(|| point.display().to_string());
        }
        let until = Instant::now() + PATIENCE;
        while signal(pid, 0)? {
            if Instant::now() > until {
                bail!("{}: process {pid} does not end", point.display());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }
}

/// Sends a signal, or asks with 0; false if there is no such process.
fn signal(pid: u32, signal: i32) -> anyhow::Result<bool> {
    // SAFETY: a plain system call.
    if unsafe { libc::kill(pid as i32, signal) } == 0 {
        return Ok(true);
    }
    match io::Error::last_os_error() {
        e if e.raw_os_error() == Some(libc::ESRCH) => Ok(false),
        e => Err(e).with_context(|| format!("process {pid}, which mounted it")),
    }
}
