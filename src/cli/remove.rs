//! `oqfs remove`: calculations deleted.

use std::fs;
use std::io::{self, BufRead, IsTerminal};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use super::calcs::{Calcs, NamedCalc, ask_mount, for_each};
use super::out;
use crate::datastore::State;
use crate::fs::Wish;

/// Delete calculations, with their results, inputs and logs.
///
/// One that is executing is refused: cancel it first. Programs that have a file of it open can read on. Its number is not
/// given to another one.
#[derive(Debug, Args)]
pub struct Remove {
    /// Which calculations: numbers, calc_N, last, or paths of their folders.
    #[arg(required = true)]
    calcs: Vec<NamedCalc>,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

impl Remove {
    /// Ask on a terminal, and delete.
    pub fn execute(self) -> Result<()> {
        let calcs = Calcs::open_for(&self.calcs)?;
        let ids = calcs.named(&self.calcs)?;
        for_each(&ids, |id| {
            refuse_if_executing(&calcs, id)?;
            if self.yes || confirmed(&calcs, id)? { remove(&calcs, id) } else { Ok(()) }
        })
    }
}

fn refuse_if_executing(calcs: &Calcs, id: u32) -> Result<()> {
    let standing = calcs.standing(id)?;
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
    if claim.is_none() || !calcs.standing(id)?.ours {
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

fn confirmed(calcs: &Calcs, id: u32) -> Result<bool> {
    ensure!(io::stdin().is_terminal(), "calculation {id} is deleted without a question only with --yes");
    let standing = calcs.standing(id)?;
    let description = Some(&standing.job.description).filter(|d| !d.is_empty()).map(|d| format!(", {d:?}"));
    let description = description.unwrap_or_default();
    out::print(format_args!("Delete calculation {id} ({}{description})? [y/N] ", standing.job.state))?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(["y", "yes"].contains(&answer.trim().to_lowercase().as_str()))
}
