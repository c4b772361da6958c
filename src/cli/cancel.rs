//! `oqfs cancel`: a job that shall not run, or not run on.

use anyhow::{Result, ensure};
use clap::Args;

use super::calcs::{Calcs, NamedCalc, ask_mount, for_each};
use crate::daemon::cancel;
use crate::fs::Wish;

/// Stop jobs: a queued one is not run, one that runs stops within a second.
///
/// It works on jobs of a mount, on those of `oqfs run` in another terminal, and without a mount. What a job has computed so
/// far can be read on. An error if a job is complete, failed or cancelled already.
#[derive(Debug, Args)]
pub struct Cancel {
    /// Which calculations: numbers, calc_N, last, or paths of their folders.
    #[arg(required = true)]
    calcs: Vec<NamedCalc>,
}

impl Cancel {
    /// Cancel them; returns when they are.
    pub fn execute(self) -> Result<()> {
        let calcs = Calcs::open_for(&self.calcs)?;
        for_each(&calcs.named(&self.calcs)?, |id| {
            ensure!(
                calcs.standing(id)?.ours,
                "calculation {id} is another program's: {}",
                calcs.standing(id)?.job.state
            );
            if calcs.dir.is_through_mount() {
                return ask_mount(&calcs, id, Wish::Cancel);
            }
            Ok(cancel(&calcs.dir.calc(id)?)?)
        })
    }
}
