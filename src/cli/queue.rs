//! `oqfs queue`: what waits and runs, and in which order.

use anyhow::{Result, bail};
use clap::Args;

use super::calcs::{Calcs, NamedCalc, ask_mount};
use super::out;
use super::status::{as_json, table};
use crate::daemon::{NotMoved, reorder, waiting};
use crate::datastore::{Move, State};
use crate::fs::Wish;

/// Show the calculations that run and those that wait, in the order in which they are run, or change that order.
///
/// A change counts from the next calculation that is begun, and is kept over restarts; no daemon need run. What runs goes on. In
/// another user's mount, your calculations change places with each other: nobody goes before others.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub struct Queue {
    /// Run this one next
    #[arg(long, value_name = "CALC")]
    first: Option<NamedCalc>,
    /// Run this one after all others
    #[arg(long, value_name = "CALC")]
    last: Option<NamedCalc>,
    /// Run the first one before the other
    #[arg(long, num_args = 2, value_names = ["CALC", "OTHER"])]
    before: Vec<NamedCalc>,
    /// As JSON, for programs: a list in the order in which they are run
    #[arg(long)]
    json: bool,
}

impl Queue {
    /// Print the queue, or move a calculation in it.
    pub fn execute(self) -> Result<()> {
        let named: Vec<NamedCalc> = self.first.iter().chain(&self.last).chain(&self.before).cloned().collect();
        if named.is_empty() {
            return self.show();
        }
        let calcs = Calcs::open_for(&named)?;
        let to = match &self.before[..] {
            [_, other] => Move::Before(calcs.one(other)?),
            _ if self.first.is_some() => Move::First,
            _ => Move::Last,
        };
        let calc = calcs.one(&named[0])?;
        if calcs.dir.is_through_mount() {
            return ask_mount(&calcs, calc, Wish::Move(to));
        }
        match reorder(&calcs.dir, calc, to, None) {
            Err(NotMoved::NotWaiting(id)) => {
                bail!("calculation {id} does not wait to be run: it is {}", calcs.standing(id)?.job.state)
            }
            moved => Ok(moved?),
        }
    }

    fn show(&self) -> Result<()> {
        let Some(calcs) = Calcs::open_if_there()? else { return Ok(()) };
        let standing = |id: u32| Some((id, calcs.standing(id).ok()?));
        let runs = calcs.ids()?.into_iter().filter_map(standing);
        let runs = runs.filter(|(_, standing)| standing.ours && standing.job.state == State::Executing);
        // one that began or was removed meanwhile waits no more
        let waits = waiting(&calcs.dir)?.into_iter().filter_map(standing);
        let waits = waits.filter(|(_, standing)| matches!(standing.job.state, State::Queued | State::Checking));
        match self.json {
            true => out::line(as_json(&calcs, runs.chain(waits))?),
            false => out::print(table(runs.chain(waits))),
        }
    }
}
