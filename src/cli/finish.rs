//! `oqfs finish`: the results of a calculation whose work several processes shared.

use anyhow::{Result, bail};
use clap::Args;

use super::calcs::{Calcs, NamedCalc};
use super::limits::RunArgs;
use super::out;
use super::sharers::Sharer;
use crate::daemon::{Finished, finish, missing, submit_again};
use crate::datastore::State;

/// Make the results of a calculation that `oqfs submit` shared, of what its workers have computed.
///
/// What is missing is computed if it is little, 5 % of the work; pieces that workers are at are waited for. If more is missing, the calculation
/// fails, and says how to go on: nothing of what was computed is lost.
#[derive(Debug, Args)]
pub struct Finish {
    /// The calculation: its number, calc_N, last, or the path of its folder
    calc: NamedCalc,
    /// Compute all that is missing, however much it is
    #[arg(long)]
    all: bool,
    /// If more is missing, have Slurm start workers again, as often as that is done; the scripts that `oqfs submit` writes say so
    #[arg(long, conflicts_with = "all")]
    submit_again: bool,
    #[command(flatten)]
    how: RunArgs,
}

impl Finish {
    /// Make them; prints the datastore.
    pub fn execute(self) -> Result<()> {
        let calcs = Calcs::open_for(std::slice::from_ref(&self.calc))?;
        let folder = calcs.dir.calc(calcs.one(&self.calc)?)?;
        let is_complete = folder.state()?.is_some_and(|state| state.state == State::Complete);
        if !is_complete {
            let (sharer, options) = (Sharer::start(&folder)?, self.how.options());
            let finished = sharer.on_threads(options, || finish(&sharer.share, &sharer, options, self.all))?;
            if let Finished::Missing(pieces) = finished {
                let submitted = if self.submit_again { submit_again(&folder) } else { Ok(false) };
                if let Ok(true) = submitted {
                    return out::line(format_args!("{pieces} pieces missing: workers are submitted again"));
                }
                let why = missing(&sharer.share, pieces)?;
                match submitted {
                    Err(error) => return Err(error.context(why)),
                    Ok(_) => bail!("{why}"),
                }
            }
        }
        out::line(format_args!("{}/output.hdf5", folder.shown().display()))
    }
}
