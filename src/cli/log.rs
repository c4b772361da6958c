//! `oqfs log`: the log of a calculation.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;

use super::calcs::{Calcs, NamedCalc};
use super::out;
use crate::daemon::merged_log;
use crate::datastore::CalcFolder;

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
        let mut told = HashMap::<String, usize>::new();
        loop {
            let is_over = !self.follow || calcs.standing(folder.id())?.job.state.is_final();
            let merged = merged_log(folder).with_context(|| folder.shown().join("log").display().to_string())?;
            let mut seen = HashMap::<&str, usize>::new();
            for line in merged.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
                let times = seen.entry(line).or_default();
                *times += 1;
                let before = told.entry(line.to_string()).or_default();
                if *times > *before {
                    *before = *times;
                    out::print(line)?;
                }
            }
            if is_over || out::is_closed() {
                return Ok(());
            }
            // all of the logs is read each time
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
