//! `oqfs submit`: a calculation that several machines compute.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use super::calcs::{Calcs, NamedCalc};
use super::out;
use super::run::{TakenIn, take_in};
use super::wait::wait_for;
use crate::calc::{Model, Threads};
use crate::daemon::{SlurmPlan, check_disk, open_share, share, share_anew, submit};
use crate::datastore::{CalcFolder, DataDir, STALE};
use crate::job::{Job, is_archive, unpack};

/// Have a job computed by the nodes of a cluster, which see the same data directory; prints the number of its calculation.
///
/// Slurm gets an array of workers, and a job that makes the results when they are over. Their scripts are in calc_N/slurm. With --by-hand
/// nothing is started: start as many workers as you like, where you like, with `oqfs work --share N`, and then `oqfs finish N`.
#[derive(Debug, Args)]
pub struct Submit {
    /// The job file; the files that it names are found from its folder. Or a zip archive with all of them
    #[arg(required_unless_present = "again", conflicts_with = "again")]
    job: Option<PathBuf>,
    /// How many workers there are
    #[arg(long, value_name = "N", required_unless_present_any = ["by_hand", "again"], conflicts_with = "by_hand")]
    tasks: Option<usize>,
    /// Go on with a shared calculation that failed or was cancelled, or whose workers are gone; what they have computed is not computed again.
    /// Without --tasks the scripts are submitted as they are
    #[arg(long, value_name = "CALC")]
    again: Option<NamedCalc>,
    /// Start nothing
    #[arg(long)]
    by_hand: bool,
    /// Wait until the calculation is over; the exit status is 0 only if it is complete
    #[arg(long)]
    wait: bool,
    /// How long a worker may give no sign of life until others do its pieces
    #[arg(long, value_name = "SECONDS", default_value_t = STALE, conflicts_with = "again")]
    stale: f64,
    /// Compute everything, also what an earlier calculation computed already
    #[arg(long)]
    no_reuse: bool,
    /// Options of sbatch, for the workers and for the job that makes the results
    #[arg(last = true, value_name = "SBATCH ARGUMENT", conflicts_with = "by_hand")]
    sbatch: Vec<String>,
}

impl Submit {
    /// Take the job in, share it, and have Slurm start workers.
    pub fn execute(self) -> Result<()> {
        ensure!(self.stale >= 1.0, "--stale: found {}, expected 1 or more", self.stale);
        ensure!(self.tasks != Some(0), "--tasks: found 0, expected 1 or more");
        if let Some(named) = &self.again {
            let calcs = Calcs::open_for(std::slice::from_ref(named))?;
            let folder = calcs.dir.calc(calcs.one(named)?)?;
            share_anew(&open_share(&folder)?)?;
            let plan = self.tasks.map(|tasks| self.plan(tasks)).transpose()?;
            ensure!(plan.is_some() || self.sbatch.is_empty(), "options of sbatch are for new scripts: say --tasks N");
            if !self.by_hand {
                submit(&folder, plan.as_ref())?;
            }
            return self.end(&folder);
        }
        let Some(job) = &self.job else { bail!("no job: expected the path of a job file") };
        let folder = self.taken_in(job)?;
        if let Some(tasks) = self.tasks
            && let Err(error) = submit(&folder, Some(&self.plan(tasks)?))
        {
            // what Slurm does not take is as if it had never come
            folder.dir().remove_calc(folder.id())?;
            return Err(error);
        }
        self.end(&folder)
    }

    fn taken_in(&self, job: &Path) -> Result<CalcFolder> {
        let unpacked = tempfile::tempdir().context("a folder for the inputs")?;
        let job = if is_archive(job) { unpack(job, unpacked.path())? } else { job.to_path_buf() };
        let check = |model: &Model, dir: &DataDir| check_disk(model, &dir.path());
        let TakenIn { folder, model, _claim } = take_in(Job::read(&job)?, DataDir::open_default, check)?;
        // somebody who starts workers by hand may start one like this process
        let threads = match self.tasks {
            Some(tasks) => self.plan(tasks)?.threads(),
            None => NonZero::new(Threads.count()).unwrap_or(NonZero::<usize>::MIN),
        };
        share(&folder, &model, self.stale, threads)?;
        Ok(folder)
    }

    fn plan(&self, tasks: usize) -> Result<SlurmPlan> {
        let program = std::env::current_exe().context("the path of this program")?;
        Ok(SlurmPlan { tasks, arguments: self.sbatch.clone(), reuse: !self.no_reuse, program })
    }

    fn end(&self, folder: &CalcFolder) -> Result<()> {
        out::line(folder.id())?;
        if self.wait { wait_for(&Calcs::of(folder.dir().clone()), vec![folder.id()]) } else { Ok(()) }
    }
}
