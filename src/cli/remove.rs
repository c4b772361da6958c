//! `oqfs remove`: calculations deleted.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, IsTerminal};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use super::calcs::{Calcs, NamedCalc, ask_mount, for_each};
use super::out;
use super::status::table;
use crate::datastore::{CalcFolder, State};
use crate::fs::Wish;

/// Delete calculations, with their results, inputs and logs.
///
/// One that is executing is refused: cancel it first. Programs that have a file of it open can read on. Its number is not
/// given to another one. With --older-than or --keep-last, those that are over are chosen by age and number: what runs or waits
/// is never among them.
#[derive(Debug, Args)]
pub struct Remove {
    /// Which calculations: numbers, calc_N, last, or paths of their folders.
    #[arg(required_unless_present_any = ["older_than", "keep_last"], conflicts_with_all = ["older_than", "keep_last"])]
    calcs: Vec<NamedCalc>,
    /// Those that have not changed for this long: hours, days or weeks, such as 12h, 90d, 8w
    #[arg(long, value_name = "AGE", value_parser = age)]
    older_than: Option<Duration>,
    /// Those that are not the last N by their numbers; with --older-than both must hold
    #[arg(long, value_name = "N")]
    keep_last: Option<usize>,
    /// Show what would be deleted, and delete nothing
    #[arg(long)]
    dry_run: bool,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

impl Remove {
    /// Ask on a terminal, and delete.
    pub fn execute(self) -> Result<()> {
        let calcs = Calcs::open_for(&self.calcs)?;
        let chosen = self.calcs.is_empty();
        let ids = if chosen { self.chosen(&calcs)? } else { calcs.named(&self.calcs)? };
        if chosen || self.dry_run {
            let standing = |id: &u32| Some((*id, calcs.standing(*id).ok()?));
            out::print(table(ids.iter().filter_map(standing)))?;
        }
        if self.dry_run || ids.is_empty() {
            return Ok(());
        }
        if chosen {
            let question = format!("Delete these {} calculations?", ids.len());
            return match self.yes || confirmed(&format!("{} calculations are", ids.len()), &question)? {
                true => for_each(&ids, |id| remove(&calcs, id)),
                false => Ok(()),
            };
        }
        for_each(&ids, |id| {
            refuse_if_executing(&calcs, id)?;
            if self.yes || one_confirmed(&calcs, id)? { remove(&calcs, id) } else { Ok(()) }
        })
    }

    /// Those that are over, old enough, and none of the last.
    fn chosen(&self, calcs: &Calcs) -> Result<BTreeSet<u32>> {
        let ids = calcs.ids()?;
        let before = match self.older_than {
            Some(age) => Some(SystemTime::now().checked_sub(age).context("--older-than: before all time")?),
            None => None,
        };
        let earlier = ids.len().saturating_sub(self.keep_last.unwrap_or(0));
        let is_old = |id: &u32| before.is_none_or(|before| calcs.changed(*id).is_some_and(|changed| changed < before));
        let is_over = |id: &u32| calcs.standing(*id).is_ok_and(|standing| standing.job.state.is_final());
        Ok(ids.into_iter().take(earlier).filter(|id| is_old(id) && is_over(id)).collect())
    }
}

/// An age: a whole number of hours, days or weeks.
fn age(text: &str) -> Result<Duration, String> {
    let units = [('h', 3600), ('d', 24 * 3600), ('w', 7 * 24 * 3600)];
    let seconds = units.into_iter().find_map(|(unit, seconds)| {
        let count: u64 = text.strip_suffix(unit)?.parse().ok()?;
        count.checked_mul(seconds)
    });
    seconds.map(Duration::from_secs).ok_or_else(|| "expected a number with h, d or w: 12h, 90d, 8w".into())
}

fn refuse_if_executing(calcs: &Calcs, id: u32) -> Result<()> {
    let standing = calcs.standing(id)?;
    let is_shared = calcs.dir.folder(id).is_some_and(|folder| folder.is_shared() && !standing.job.state.is_final());
    ensure!(!is_shared, "calculation {id} is shared by workers; cancel it first: oqfs cancel {id}");
    if standing.job.state != State::Executing {
        return Ok(());
    }
    ensure!(!standing.ours, "calculation {id} is executing; cancel it first: oqfs cancel {id}");
    bail!("calculation {id}: {standing}")
}

fn remove(calcs: &Calcs, id: u32) -> Result<()> {
    if calcs.dir.is_through_mount() {
        return remove_in_mount(calcs, id);
    }
    let folder = calcs.dir.calc(id).ok();
    let claim = folder.as_ref().map(|folder| folder.as_owner(|| folder.claim())?).transpose()?.flatten();
    // who has the claim knows that no job runs; it may have begun since it was looked at
    if claim.is_none() || !calcs.standing(id)?.ours || folder.as_ref().is_some_and(CalcFolder::is_shared) {
        refuse_if_executing(calcs, id)?;
        ensure!(claim.is_some() || folder.is_none(), "calculation {id} is in use by another oqfs");
    }
    Ok(calcs.dir.remove_calc(id)?)
}

/// Delete what another user's mount shows: an engine's datastore is a file of the mount, for those who may write in its directory.
fn remove_in_mount(calcs: &Calcs, id: u32) -> Result<()> {
    match fs::remove_file(calcs.dir.path().join(format!("calc_{id}.hdf5"))) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => ask_mount(calcs, id, Wish::Remove),
        done => done.with_context(|| format!("calculation {id}")),
    }
}

fn one_confirmed(calcs: &Calcs, id: u32) -> Result<bool> {
    let standing = calcs.standing(id)?;
    let description = Some(&standing.job.description).filter(|d| !d.is_empty()).map(|d| format!(", {d:?}"));
    let description = description.unwrap_or_default();
    let question = format!("Delete calculation {id} ({}{description})?", standing.job.state);
    confirmed(&format!("calculation {id} is"), &question)
}

/// Asks on a terminal.
///
/// # Errors
/// If there is none, with what would have been deleted.
fn confirmed(what_is: &str, question: &str) -> Result<bool> {
    ensure!(io::stdin().is_terminal(), "{what_is} deleted without a question only with --yes");
    out::print(format_args!("{question} [y/N] "))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_a_unit() {
        for (text, hours) in [("12h", 12), ("90d", 90 * 24), ("8w", 8 * 7 * 24), ("0d", 0)] {
            assert_eq!(age(text).unwrap(), Duration::from_secs(hours * 3600));
        }
        for text in ["90", "d", "1.5d", "-1d", "90 d", "99999999999999999999d", "9999999999999999w", "3m"] {
            assert!(age(text).is_err(), "{text}");
        }
    }
}
