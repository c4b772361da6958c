//! `oqfs work`: a worker of a calculation whose work several processes share.

use anyhow::Result;
use clap::Args;

use super::calcs::{Calcs, NamedCalc};
use super::limits::RunArgs;
use super::out;
use super::sharers::Sharer;
use crate::daemon::{Done, share_work};

/// Do a part of a calculation that `oqfs submit` shared, with other workers, on this machine or others.
///
/// A worker takes one piece of work after the other for each of its threads, and ends when there is none left that nobody does. It can be
/// killed at any time: what it was at is done by another. On SIGTERM it gives that back at once. `oqfs finish` makes the results of what the
/// workers have computed.
#[derive(Debug, Args)]
pub struct Work {
    /// The calculation: its number, calc_N, last, or the path of its folder
    #[arg(long, value_name = "CALC")]
    share: NamedCalc,
    #[command(flatten)]
    how: RunArgs,
}

impl Work {
    /// Do it; prints how many pieces were done.
    pub fn execute(self) -> Result<()> {
        let calcs = Calcs::open_for(std::slice::from_ref(&self.share))?;
        let folder = calcs.dir.calc(calcs.one(&self.share)?)?;
        let (sharer, options) = (Sharer::start(&folder)?, self.how.options());
        let Done { pieces, of } = sharer.on_threads(options, || share_work(&sharer.share, &sharer, options))?;
        out::line(format_args!("{pieces} of {of} pieces computed"))
    }
}
