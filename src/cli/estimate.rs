//! `oqfs estimate`: what a job takes, before it runs.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, anyhow};
use clap::Args;
use serde::Serialize;

use super::limits::LimitArgs;
use super::out;
use crate::calc::{Model, Threads};
use crate::daemon::{Forecast, check_space, free, shown_size};
use crate::datastore::{DataDir, JobEstimate, open_arrays};
use crate::job::{Job, is_archive, unpack};

/// Say what a job would take, without running it: contexts, time on this machine, memory and disk.
///
/// Contexts are counted if that takes seconds, otherwise a sample tells their number. The time follows from parts of the work that are tried
/// out. A job that does not fit into the memory or onto the disk is refused, as it would be if it were run.
#[derive(Debug, Args)]
pub struct EstimateJob {
    /// The job file, or a zip archive with all of it
    job: PathBuf,
    /// As JSON, for programs; seconds and bytes
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    limits: LimitArgs,
}

/// What is said of a job.
#[derive(Serialize)]
struct Said {
    sites: usize,
    sources: usize,
    groups: usize,
    ruptures: u64,
    /// Whether the contexts were counted.
    counted: bool,
    /// The standard error of their number otherwise.
    contexts_error: f64,
    realizations: usize,
    /// Pairs of a source group and a ground-motion model.
    models: usize,
    imts: usize,
    levels: usize,
    threads: usize,
    /// The free space of the disk, bytes.
    free: Option<f64>,
    #[serde(flatten)]
    estimate: JobEstimate,
}

impl EstimateJob {
    /// Print the estimate.
    pub fn execute(self) -> Result<()> {
        let start = Instant::now();
        let unpacked = tempfile::tempdir().context("a folder for the inputs")?;
        let job = if is_archive(&self.job) { unpack(&self.job, unpacked.path())? } else { self.job.clone() };
        let job = Job::read(&job)?;
        let limits = self.limits.limits();
        let said = limits.with_those_of(&job.params).on_threads(|| -> Result<Said> {
            let model = Model::read(job, &open_arrays)?;
            let reading = start.elapsed().as_secs_f64();
            let place = results_at()?;
            check_space(&model, &place, limits).map_err(|why| anyhow!("{}: {why}", self.job.display()))?;
            let folder = model.job.path.parent().unwrap_or(Path::new(".")).to_path_buf();
            Ok(Said::of(&model, &Forecast::thorough(&model, &folder, reading)?, free(&place)))
        })??;
        if self.json { out::line(serde_json::to_string(&said)?) } else { out::print(said.table()) }
    }
}

/// Where the results would be: the data directory, or where it would be made.
fn results_at() -> Result<PathBuf> {
    let path = DataDir::default_path()?;
    let there = path.ancestors().find(|path| path.is_dir());
    Ok(there.filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf())
}

impl Said {
    fn of(model: &Model, Forecast { job, calculation }: &Forecast, free: Option<f64>) -> Said {
        Said {
            sites: model.sites.len(),
            sources: model.groups.iter().map(|group| group.sources.len()).sum(),
            groups: model.groups.len(),
            ruptures: calculation.ruptures,
            counted: calculation.is_counted,
            contexts_error: calculation.contexts_error,
            realizations: model.tree.realizations.len(),
            models: model.pairs().len(),
            imts: model.imts().len(),
            levels: model.job.params.levels(),
            threads: Threads.count(),
            free,
            estimate: *job,
        }
    }

    fn table(&self) -> String {
        let JobEstimate { seconds, error, memory, disk, contexts } = self.estimate;
        let mut text = String::new();
        // writing to a text cannot fail
        let mut row = |name: &str, value: String| {
            let _ = writeln!(text, "{name:14} {value}");
        };
        row("sites", self.sites.to_string());
        row("sources", format!("{} in {} groups", self.sources, self.groups));
        row("ruptures", self.ruptures.to_string());
        row(
            "contexts",
            match self.counted {
                true => format!("{contexts:.0}, counted"),
                false => {
                    format!("{contexts:.3e} ± {:.1} %, from a sample", 100.0 * self.contexts_error / contexts.max(1.0))
                }
            },
        );
        row("realizations", self.realizations.to_string());
        let Said { models, imts, levels, .. } = self;
        row("motions", format!("{models} models of source groups x {imts} intensity measures x {levels} levels"));
        row("peak memory", shown_size(memory));
        let free = self.free.map_or(String::new(), |free| format!(", of {} free", shown_size(free)));
        row("datastore", shown_size(disk) + &free);
        let (error, threads) = (100.0 * error, self.threads);
        row(
            "time",
            format!("{seconds:.1} s ± {error:.0} % on {threads} threads; less where kept rates are used again"),
        );
        text
    }
}
