//! `oqfs check`: whether all of a calculation can be read.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::out;
use super::reading::readers;
use crate::datastore::{Beside, CalcRef, DataDir};
use crate::reader::ReadFile;
use crate::view;

/// Read all of a calculation, as a mount would show it, and say what cannot be read.
///
/// Of datasets over 512 MiB the beginning and the end are read. A damaged file can make the HDF5 library crash or loop:
/// that is told, and ends the check. Datasets that a mount does not show are told by the reason: a filter that is not built in, for instance.
#[derive(Debug, Args)]
pub struct Check {
    /// The calculation: its number, calc_N, last, the path of its folder, or an HDF5 file.
    calc: CalcRef,
}

impl Check {
    /// Print what cannot be read, with its path; an error if there was anything.
    pub fn execute(self) -> Result<()> {
        // Paths lead through it as long as it is open.
        let (dir, path) = self.place()?;
        let readers = readers(dir.clone());
        let file = match &dir {
            Some(dir) => {
                let inside = path.strip_prefix(dir.path())?;
                ReadFile::in_dir(&readers, dir, inside, Beside::new(dir, inside, None)?)?
            }
            None => ReadFile::alone(&readers, &path)?,
        };
        let (mut problems, mut printed) = (0u64, Ok(()));
        let checked = view::check(&path, file, &mut |at, e| {
            problems += 1;
            if printed.is_ok() {
                printed = out::line(format_args!("{at}: {e}"));
            }
        });
        let checked = checked.with_context(|| path.display().to_string())?;
        printed?;
        let files = checked.files;
        for (reason, paths) in &checked.not_shown {
            let more = if paths.len() > 1 { format!(" and {} more", paths.len() - 1) } else { String::new() };
            out::line(format_args!("not shown: {}{more}: {reason}", paths[0]))?;
        }
        if problems > 0 {
            bail!("{}: {problems} of {files} files cannot be read", path.display());
        }
        let not_shown = match checked.not_shown.values().map(Vec::len).sum::<usize>() {
            0 => String::new(),
            1 => "; 1 dataset is not shown".into(),
            n => format!("; {n} datasets are not shown"),
        };
        out::line(format_args!("{}: {files} files, all of them can be read{not_shown}", path.display()))
    }

    /// The file, and the data directory it is in if it was not named by its path.
    fn place(&self) -> Result<(Option<DataDir>, PathBuf)> {
        let (dir, calc) = match &self.calc {
            CalcRef::Path(path) => match DataDir::of_calc(path) {
                Some((dir, calc)) => (DataDir::open_existing(&dir)?, calc),
                None => return Ok((None, path.clone())),
            },
            named => (DataDir::open_existing(&DataDir::default_path()?)?, named.clone()),
        };
        let path = dir.find(&calc)?.real;
        Ok((Some(dir), path))
    }
}
