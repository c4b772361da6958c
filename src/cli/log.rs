//! `oqfs log`: the log of a calculation.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::calcs::{Calcs, NamedCalc};
use super::out;
use crate::datastore::{CalcFolder, SharedLog};

/// Print the log of a calculation.
#[derive(Debug, Args)]
pub struct Log {
    /// Which calculation: its number, calc_N, last, or the path of its folder.
    calc: NamedCalc,
    /// Go on with what is added, until the calculation is complete, failed or cancelled.
    #[arg(short, long)]
    follow: bool,
}

const BETWEEN: Duration = Duration::from_millis(100);

impl Log {
    /// Print it.
    pub fn execute(self) -> Result<()> {
        let calcs = Calcs::open_for(std::slice::from_ref(&self.calc))?;
        let id = calcs.one(&self.calc)?;
        let folder = calcs.dir.calc(id).ok().filter(|_| calcs.standing(id).is_ok_and(|s| s.ours));
        let folder = folder.with_context(|| format!("calculation {id} is another program's, without a log here"))?;
        if folder.is_shared() {
            return self.execute_shared(&calcs, &folder);
        }
        let mut log = None;
        loop {
            // first: what is written after it is final would be missed else
            let is_over = !self.follow || calcs.standing(id)?.job.state.is_final();
            if log.is_none() {
                log = open(&folder.log()).with_context(|| folder.shown().join("log").display().to_string())?;
            }
            if let Some(log) = &mut log {
                out::write_with(|out| io::copy(log, out).map(drop))?;
            }
            if out::is_closed() {
                return Ok(());
            }
            if is_over {
                ensure!(log.is_some() || self.follow, "calculation {id} has no log yet: {}", calcs.standing(id)?);
                return Ok(());
            }
            std::thread::sleep(BETWEEN);
        }
    }
}

impl Log {
    /// The same of a calculation whose workers write logs of their own: their lines, in the order of their times.
    fn execute_shared(&self, calcs: &Calcs, folder: &CalcFolder) -> Result<()> {
        let (mut log, mut told) = (SharedLog::default(), 0);
        loop {
            let is_over = !self.follow || calcs.standing(folder.id())?.job.state.is_final();
            let text = log.now(folder).with_context(|| folder.shown().join("log").display().to_string())?;
            out::print(&text[told..])?;
            told = text.len();
            if is_over || out::is_closed() {
                return Ok(());
            }
            // there may be very many files
            std::thread::sleep(BETWEEN * 10);
        }
    }
}

/// `None` before anything was logged.
fn open(path: &std::path::Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}
