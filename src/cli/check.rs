//! `oqfs check`: whether all of a calculation can be read.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::long_calls::{Calls, interval, longest_call};
use super::out;
use crate::datastore::{Beside, CalcRef, DataDir};
use crate::view::{self, Guard};

/// Read all of a calculation, as a mount would show it, and say what cannot be read.
///
/// Of datasets over 512 MiB the beginning and the end are read. A damaged file can make the HDF5 library crash or loop: here that
/// harms no mount. A loop is told and ends the check.
#[derive(Debug, Args)]
pub struct Check {
    /// The calculation: its number, calc_N, last, or an HDF5 file.
    calc: CalcRef,
}

impl Check {
    /// Print what cannot be read, with its path; an error if there was anything.
    pub fn execute(self) -> Result<()> {
        // Paths lead through it as long as it is open.
        let (dir, path) = self.place()?;
        let beside = match &dir {
            Some(dir) => Beside::new(dir, path.strip_prefix(dir.path())?, None)?,
            None => Beside::around(&path)?,
        };
        let (mut problems, mut printed) = (0u64, Ok(()));
        let guard = Guard::shared().context("no memory for notes")?;
        end_if_it_loops(&path, guard.clone())?;
        let files = view::check(&path, beside, guard, &mut |at, e| {
            problems += 1;
            if printed.is_ok() {
                printed = out::line(format_args!("{at}: {e}"));
            }
        })?;
        printed?;
        if problems > 0 {
            bail!("{}: {problems} of {files} files cannot be read", path.display());
        }
        out::line(format_args!("{}: {files} files, all of them can be read", path.display()))
    }

    /// The file, and the data directory it is in if it was not named by its path.
    fn place(&self) -> Result<(Option<DataDir>, PathBuf)> {
        if let CalcRef::Path(path) = &self.calc {
            return Ok((None, path.clone()));
        }
        let dir = DataDir::open_existing(&DataDir::default_path()?)?;
        let path = dir.find(&self.calc)?.real;
        Ok((Some(dir), path))
    }
}

/// Ends this process, with a word, once a call of the HDF5 library does not return.
fn end_if_it_loops(path: &Path, guard: Guard) -> Result<()> {
    let (limit, path) = (longest_call()?, path.display().to_string());
    let watch = move || {
        let (mut calls, me) = (Calls::default(), std::process::id().cast_signed());
        loop {
            std::thread::sleep(interval(limit));
            if calls.longest(me, guard.noted(), limit).is_some() {
                let seconds = limit.as_secs_f64();
                out::tell(format_args!(
                    "{path}: the HDF5 library does not come back within {seconds} s of processor time"
                ));
                std::process::exit(1);
            }
        }
    };
    std::thread::Builder::new().name("watch".into()).spawn(watch).context("no thread")?;
    Ok(())
}
