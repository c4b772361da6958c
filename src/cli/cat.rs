//! `oqfs cat`: the bytes of a file of a mount, without a mount.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::out;
use super::place::Trees;

/// Print files of a calculation or of any HDF5 file, as a mount shows them, without a mount.
///
/// The bytes of `.npy`, CSV, JSON and text files are those that the mount has. They are printed as they are read, so that a
/// dataset may be larger than memory: oqfs cat last/hcurves-stats.npy > curves.npy.
#[derive(Debug, Args)]
pub struct Cat {
    /// A calculation (its number, calc_N, last, or the path of its folder) or an HDF5 file, and the path of a file below it:
    /// last/hcurves-stats.npy, results.hdf5/group/x.npy.
    #[arg(required = true, value_name = "FILE|CALC/PATH")]
    places: Vec<PathBuf>,
}

impl Cat {
    /// Print them one after the other; an error if one cannot be read, after the others.
    pub fn execute(self) -> Result<()> {
        let mut failures = out::Failures::default();
        let mut trees = Trees::default();
        self.places.iter().for_each(|text| failures.note(print(&mut trees, text)));
        failures.end()
    }
}

fn print(trees: &mut Trees, text: &Path) -> Result<()> {
    let place = trees.place(text)?;
    let found = place.find(true)?;
    if found.is_dir() {
        bail!("{place}: a directory; oqfs ls {place} lists it");
    }
    let print = |piece: &[u8]| {
        out::write_with(|out| out.write_all(piece))?;
        Ok(!out::is_closed())
    };
    place.tree.read(&found, print).with_context(|| place.to_string())
}
