//! `oqfs cancel`: a job that shall not run, or not run on.

use anyhow::{Result, ensure};
use clap::Args;

use super::calcs::{Calcs, NamedCalc, for_each};
use crate::daemon::cancel;

/// Stop jobs: a queued one is not run, one that runs stops within a second.
///
/// It works on jobs of a mount, on those of `oqfs run` in another terminal, and without a mount. What a job has computed so
/// far can be read on. An error if a job is complete, failed or cancelled already.
#[derive(Debug, Args)]
pub struct Cancel {
    /// Which calculations: numbers, calc_N, or last.
    #[arg(required = true)]
    calcs: Vec<NamedCalc>,
}

impl Cancel {
    /// Cancel them; returns when they are.
    pub fn execute(self) -> Result<()> {
        let calcs = Calcs::open()?;
        for_each(&calcs.named(&self.calcs)?, |id| {
            ensure!(
                calcs.standing(id)?.ours,
                "calculation {id} is another program's: {}",
                calcs.standing(id)?.job.state
            );
            Ok(cancel(&calcs.dir.calc(id)?)?)
        })
    }
}
