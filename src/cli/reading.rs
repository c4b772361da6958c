//! `oqfs read-hdf5`: HDF5 files read for another process of this program, which a damaged file may not harm.

use std::fs;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Args;
use rustix::stdio::stdin;

use super::signals::die_with_parent;
use crate::datastore::DataDir;
use crate::reader::{Readers, serve};

/// Read HDF5 files for another process, which asks by the socket that is standard input.
#[derive(Debug, Args)]
pub struct ReadHdf5 {
    /// The process that asks, without which this one ends
    #[arg(long)]
    parent: u32,
    /// The data directory, which is the working directory, as users know it
    #[arg(long)]
    shown: Option<PathBuf>,
}

impl ReadHdf5 {
    /// Answers until nobody asks any more.
    pub fn execute(self) -> Result<()> {
        die_with_parent(self.parent);
        // if memory runs out, another process does what this one did; that it cannot be said is no reason not to
        let _ = fs::write("/proc/self/oom_score_adj", "1000");
        let socket = UnixStream::from(stdin().try_clone_to_owned().context("the socket")?);
        let dir = self.shown.map(|shown| DataDir::open_shown(Path::new("/proc/self/cwd"), &shown)).transpose()?;
        Ok(serve(socket, dir)?)
    }
}

/// Readers of this program in processes of their own, for the files of a data directory, or for files anywhere.
pub fn readers(dir: Option<DataDir>) -> Arc<Readers> {
    Readers::of_program("/proc/self/exe".into(), dir)
}
