//! The command line: one file a subcommand.

mod mount;
mod umount;

use clap::{Parser, Subcommand};

/// A directory of seismic-hazard calculations as a file system.
#[derive(Debug, Parser)]
#[command(name = "oqfs", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Mount(mount::Mount),
    Umount(umount::Umount),
}

impl Cli {
    /// Does what was asked for.
    pub fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Mount(mount) => mount.run(),
            Command::Umount(umount) => umount.run(),
        }
    }
}
