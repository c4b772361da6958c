//! `oqfs wait`: until jobs are over.

use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use super::calcs::{Calcs, NamedCalc};
use super::out;
use crate::datastore::{State, mounted_by};

/// Wait until calculations are complete, failed or cancelled, and say which.
///
/// The exit status is 0 only if all are complete.
#[derive(Debug, Args)]
pub struct Wait {
    /// Which calculations: numbers, calc_N, last, or paths of their folders; all that are not over yet if none is given.
    calcs: Vec<NamedCalc>,
}

const BETWEEN: Duration = Duration::from_millis(100);

impl Wait {
    /// Print a line for each when it is over.
    pub fn execute(self) -> Result<()> {
        let found = if self.calcs.is_empty() { Calcs::open_if_there()? } else { Some(Calcs::open_for(&self.calcs)?) };
        let Some(calcs) = found else { return Ok(()) };
        let left: Vec<u32> = if self.calcs.is_empty() {
            let running = |id: &u32| calcs.standing(*id).is_ok_and(|s| !s.job.state.is_final());
            calcs.ids()?.into_iter().filter(running).collect()
        } else {
            calcs.named(&self.calcs)?.into_iter().collect()
        };
        wait_for(&calcs, left)
    }
}

/// Print a line for each of some calculations when it is over.
///
/// # Errors
/// If not all are complete.
pub fn wait_for(calcs: &Calcs, mut left: Vec<u32>) -> Result<()> {
    let all = left.len();
    let (mut complete, mut told) = (0, false);
    loop {
        let mut queued = vec![];
        let mut still = vec![];
        for id in left {
            let standing = calcs.standing(id)?;
            match standing.job.state {
                state if state.is_final() => {
                    out::line(format_args!("calc_{id}: {standing}"))?;
                    complete += usize::from(state == State::Complete);
                }
                State::Queued if !calcs.dir.calc(id)?.is_shared() => queued.push(id),
                _ => still.push(id),
            }
        }
        if still.is_empty() && queued.is_empty() {
            break;
        }
        if still.is_empty() && !told && mounted_by(calcs.dir.shown()).is_none() {
            let shown = calcs.dir.shown().display();
            out::tell(format_args!("queued jobs run when {shown} is mounted: oqfs mount"));
            told = true;
        }
        left = still;
        left.append(&mut queued);
        std::thread::sleep(BETWEEN);
    }
    if complete < all {
        bail!("{} of {all} calculations are not complete", all - complete);
    }
    Ok(())
}
