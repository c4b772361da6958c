//! `oqfs pack` and `oqfs unpack`: a calculation in one file.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::calcs::{Calcs, NamedCalc};
use super::out;
use crate::daemon::{adopt, is_parcel, pack, unpacking};
use crate::datastore::{DataDir, HIDDEN};
use crate::job::extract;

/// Pack a calculation with its inputs and results into one file, to be moved to another machine.
///
/// A drop of that file into new/ there, or `oqfs unpack`, makes it a calculation again, under a number of its own.
#[derive(Debug, Args)]
pub struct Pack {
    /// The calculation: its number, calc_N, last, or the path of its folder. It must be over
    calc: NamedCalc,
    /// The file, which must not be there; calc_N.zip by default
    #[arg(short, long, value_name = "FILE.zip")]
    output: Option<PathBuf>,
}

/// Make a calculation of a file that `oqfs pack` made.
#[derive(Debug, Args)]
pub struct Unpack {
    /// The file
    file: PathBuf,
}

impl Pack {
    pub fn execute(self) -> Result<()> {
        let calcs = Calcs::open_for(std::slice::from_ref(&self.calc))?;
        let id = calcs.one(&self.calc)?;
        let standing = calcs.standing(id)?;
        ensure!(standing.job.state.is_final(), "calculation {id} is {standing}: what is not over is not packed");
        let output = self.output.unwrap_or_else(|| format!("calc_{id}.zip").into());
        pack(&calcs.dir, id, &output)?;
        out::line(output.display())
    }
}

impl Unpack {
    pub fn execute(self) -> Result<()> {
        let dir = DataDir::open_default()?;
        let unpacked = unpacking(&dir).with_context(|| dir.shown().join(HIDDEN).display().to_string())?;
        let shown = self.file.display().to_string();
        extract(&self.file, unpacked.path())?;
        ensure!(is_parcel(unpacked.path()), "{shown} is no packed calculation; a job is run with `oqfs run {shown}`");
        let id = adopt(&dir, unpacked.path(), None).with_context(|| shown)?;
        out::line(dir.shown().join(format!("calc_{id}")).display())
    }
}
