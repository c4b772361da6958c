//! `oqfs run`: a calculation in the foreground.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::calcs::NamedCalc;
use super::earlier::{job_after, named_in};
use super::limits::RunArgs;
use super::out;
use super::signals::on_stop;
use crate::calc::Model;
use crate::daemon::{Control, GRACE, RunOptions, check_space, copy_inputs, run};
use crate::datastore::{self, CalcFolder, Claim, DataDir, JobState, State, open_arrays};
use crate::job::{Job, is_archive, unpack};

/// Run a job in the foreground and leave its results in the data directory.
///
/// The results are in calc_N/output.hdf5 under $OQ_DATADIR (~/oqdata by default), with a copy of the inputs and a log.
/// The exit status is 0 only if the calculation is complete.
#[derive(Debug, Args)]
pub struct Run {
    /// The job file; the files that it names are found from its folder. Or a zip archive with all of them
    job: PathBuf,
    /// Go on from an earlier calculation (its number, calc_N, last, or the path of its folder), of this program or the engine: with its
    /// sources, sites and ground-motion models, and the parameters of this job. The job may name it too, as hazard_calculation_id
    #[arg(long, value_name = "CALC")]
    hc: Option<NamedCalc>,
    #[command(flatten)]
    how: RunArgs,
}

/// Set by Ctrl-C and the like.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

impl Run {
    /// Run the job.
    pub fn execute(self) -> Result<()> {
        let job = |made: &Path| {
            let job = if is_archive(&self.job) { unpack(&self.job, made)? } else { self.job };
            let named = if self.hc.is_some() { self.hc } else { named_in(&job)? };
            named.map_or(Ok(job.clone()), |earlier| job_after(&earlier, &job, &made.join("earlier")))
        };
        in_foreground(job, DataDir::open_default, self.how.options())
    }
}

/// Runs the job that `make` gives, which may put files into a folder that is gone at the end, in the data directory that `open` opens.
pub(super) fn in_foreground(
    make: impl FnOnce(&Path) -> Result<PathBuf>,
    open: impl FnOnce() -> datastore::Result<DataDir> + Send,
    options: RunOptions,
) -> Result<()> {
    let made = tempfile::tempdir().context("a folder for the inputs")?;
    let started = Arc::<OnceLock<CalcFolder>>::default();
    stop_on_signals(made.path(), started.clone())?;
    let job = make(made.path())?;
    let read = Job::read(&job)?;
    let limits = options.limits.with_those_of(&read.params);
    limits.on_threads(|| run_job(read, open, options, &started))?
}

fn run_job(
    job: Job,
    open: impl FnOnce() -> datastore::Result<DataDir> + Send,
    options: RunOptions,
    started: &OnceLock<CalcFolder>,
) -> Result<()> {
    let check = |model: &Model, dir: &DataDir| check_space(model, &dir.path(), options.limits);
    let TakenIn { folder, model, _claim } = take_in(job, open, check)?;
    let name = folder.shown().display().to_string();
    let _ = started.set(folder.clone());
    let bar = Bar::new();
    let description = model.job.params.given.description.clone();
    run(&folder, &description, || Ok(model), &bar, options, None)?;
    out::line(format_args!("{name}/output.hdf5"))
}

/// A job that has become a calculation, with a copy of its inputs.
pub(super) struct TakenIn {
    pub folder: CalcFolder,
    /// That of the copy.
    pub model: Model,
    pub _claim: Claim,
}

/// Takes a job in that passes a check. One that cannot be right gets no id and leaves nothing behind.
pub(super) fn take_in(
    job: Job,
    open: impl FnOnce() -> datastore::Result<DataDir>,
    check: impl FnOnce(&Model, &DataDir) -> Result<(), String>,
) -> Result<TakenIn> {
    let job_file = job.path.clone();
    let mut model = Model::read(job, &open_arrays)?;
    let dir = open()?;
    check(&model, &dir).map_err(|why| anyhow!("{}: {why}", job_file.display()))?;
    let folder = dir.new_calc()?;
    let claim = folder.claim()?.context("somebody else works on the new calculation")?;
    let name = folder.shown().display().to_string();
    let copied = copy_inputs(&model.job, &folder.inputs())?;
    model.job.move_to(|file| copied.of(file));
    std::fs::copy(&job_file, folder.path().join("job.ini")).with_context(|| format!("{name}/job.ini"))?;
    Ok(TakenIn { folder, model, _claim: claim })
}

/// Progress on the terminal.
struct Bar {
    bar: ProgressBar,
}

impl Bar {
    fn new() -> Bar {
        let bar = ProgressBar::new(1000);
        if let Ok(style) =
            ProgressStyle::with_template("{msg:12} [{bar:40}] {percent:>3}% {elapsed_precise} (left {eta})")
        {
            bar.set_style(style.progress_chars("=> "));
        }
        Bar { bar }
    }
}

impl Control for Bar {
    fn changed(&self, state: &JobState) {
        self.bar.set_message(state.stage.clone());
        self.bar.set_position((state.progress * 1000.0) as u64);
        match state.state {
            State::Complete => self.bar.finish(),
            s if s.is_final() => self.bar.abandon(),
            _ => {}
        }
    }

    fn is_cancelled(&self) -> bool {
        INTERRUPTED.load(Ordering::Relaxed)
    }
}

/// On Ctrl-C and the like the calculation stops by itself, soon after it has been `started`; if it does not, or is not, the process ends. The
/// folder `made` is removed.
fn stop_on_signals(made: &Path, started: Arc<OnceLock<CalcFolder>>) -> Result<()> {
    let made = made.to_path_buf();
    on_stop(move |signal| {
        INTERRUPTED.store(true, Ordering::Relaxed);
        let status = match started.get() {
            Some(folder) => {
                std::thread::sleep(GRACE);
                give_up(folder);
                1
            }
            None => 128 + signal,
        };
        // it is only untidy
        let _ = std::fs::remove_dir_all(made);
        std::process::exit(status);
    })
}

/// A calculation that does not stop by itself is cancelled all the same.
fn give_up(folder: &CalcFolder) {
    let state = folder.state().ok().flatten().unwrap_or_default();
    if !state.state.is_final() {
        folder.discard_partial();
        let cancelled = JobState { state: State::Cancelled, left: None, ..state };
        if let Err(error) = folder.set_state(&cancelled) {
            out::tell(format_args!("{error}"));
        }
    }
}
