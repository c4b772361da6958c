//! `oqfs check`: whether all of a calculation can be read.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::datastore::{CalcRef, DataDir};
use crate::view;

/// Read all of a calculation, as a mount would show it, and say what cannot be read.
///
/// Of datasets over 512 MiB the beginning and the end are read. A damaged file can make the HDF5 library crash or loop: here that
/// harms no mount.
#[derive(Debug, Args)]
pub struct Check {
    /// The calculation: its number, calc_N, last, or an HDF5 file.
    calc: CalcRef,
}

impl Check {
    /// Print what cannot be read, with its path; an error if there was anything.
    pub fn execute(self) -> Result<()> {
        let path = self.path()?;
        let mut problems = 0u64;
        let files = view::check(&path, &mut |at, e| {
            problems += 1;
            println!("{at}: {e}");
        })?;
        if problems > 0 {
            bail!("{}: {problems} of {files} files cannot be read", path.display());
        }
        println!("{}: {files} files, all of them can be read", path.display());
        Ok(())
    }

    fn path(&self) -> Result<PathBuf> {
        if let CalcRef::Path(path) = &self.calc {
            return Ok(path.clone());
        }
        Ok(DataDir::open_default()?.find(&self.calc)?.real)
    }
}
