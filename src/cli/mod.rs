//! The command line: one file a subcommand.

mod bibtex;
mod busy;
mod calcs;
mod cancel;
mod cat;
mod check;
mod cite;
mod compare;
mod compare_page;
mod cp;
mod datasets;
mod doctor;
mod earlier;
mod estimate;
mod finish;
mod generate;
mod gsims;
mod limits;
mod log;
mod ls;
mod mount;
mod mount_fuse;
mod notify;
pub mod out;
mod pack;
mod parameters;
mod place;
mod plot;
mod point;
mod queue;
mod queued;
mod reading;
mod remove;
mod rerun;
mod run;
mod sharers;
mod signals;
mod standin;
mod status;
mod submit;
mod supervise;
mod umount;
mod wait;
mod work;

use std::process::ExitCode;
use std::sync::LazyLock;

use clap::{Parser, Subcommand};

pub use self::mount_fuse::arguments;
use crate::schema::agrees_with;

/// A directory of seismic-hazard calculations as a file system, and a classical PSHA calculator.
#[derive(Debug, Parser)]
#[command(name = "oqfs", version = VERSION.as_str(), about, max_term_width = 100, after_help = EXIT)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// What `--version` says after the name.
static VERSION: LazyLock<String> =
    LazyLock::new(|| format!("{}, whose numbers are those of {}", env!("CARGO_PKG_VERSION"), agrees_with()));

const EXIT: &str =
    "Exit status: 0 done; 1 failed or refused, with the reason on standard error; 2 the command line is wrong.
`oqfs run` and `oqfs wait` exit with 0 only if all is complete, `oqfs check` only if all can be read.
`oqfs compare` exits with 0 if the calculations agree, 1 if they differ, and 2 if they cannot be compared.";

#[derive(Debug, Subcommand)]
enum Command {
    Mount(mount::Mount),
    Umount(umount::Umount),
    Run(run::Run),
    Rerun(rerun::Rerun),
    Submit(submit::Submit),
    Work(work::Work),
    Finish(finish::Finish),
    Estimate(estimate::EstimateJob),
    Status(status::Status),
    Wait(wait::Wait),
    Log(log::Log),
    Ls(ls::Ls),
    Cat(cat::Cat),
    Cp(cp::Cp),
    Plot(plot::Plot),
    Cancel(cancel::Cancel),
    Queue(queue::Queue),
    Remove(remove::Remove),
    Gsims(gsims::Gsims),
    Parameters(parameters::Parameters),
    Datasets(datasets::Datasets),
    Check(check::Check),
    Compare(compare::Compare),
    Cite(cite::Cite),
    Pack(pack::Pack),
    Unpack(pack::Unpack),
    Doctor(doctor::Doctor),
    #[command(hide = true)]
    MountFuse(mount_fuse::MountFuse),
    #[command(hide = true)]
    Generate(generate::Generate),
    #[command(hide = true)]
    RunQueued(queued::RunQueued),
    #[command(hide = true)]
    Inspect(queued::Inspect),
    #[command(hide = true)]
    ReadHdf5(reading::ReadHdf5),
}

impl Cli {
    /// Does what was asked for; the exit status.
    ///
    /// # Errors
    /// If it is not done, with the reason.
    pub fn run(self) -> anyhow::Result<ExitCode> {
        signals::start_afresh();
        match &self.command {
            // it may become a daemon, with a log of its own, or is read by one
            Command::Mount(_) | Command::MountFuse(_) | Command::ReadHdf5(_) => {}
            // a calculation's log is its own file, and its error is printed once
            Command::Run(_)
            | Command::Rerun(_)
            | Command::Submit(_)
            | Command::Work(_)
            | Command::Finish(_)
            | Command::Estimate(_)
            | Command::RunQueued(_)
            | Command::Inspect(_) => start_log("off"),
            _ => start_log("warn"),
        }
        match self.command {
            Command::Mount(mount) => mount.run(),
            Command::Umount(umount) => umount.run(),
            Command::Run(run) => run.execute(),
            Command::Rerun(rerun) => rerun.execute(),
            Command::Submit(submit) => submit.execute(),
            Command::Work(work) => work.execute(),
            Command::Finish(finish) => finish.execute(),
            Command::Estimate(estimate) => estimate.execute(),
            Command::Status(status) => status.execute(),
            Command::Wait(wait) => wait.execute(),
            Command::Log(log) => log.execute(),
            Command::Ls(ls) => ls.execute(),
            Command::Cat(cat) => cat.execute(),
            Command::Cp(cp) => cp.execute(),
            Command::Plot(plot) => plot.execute(),
            Command::Cancel(cancel) => cancel.execute(),
            Command::Queue(queue) => queue.execute(),
            Command::Remove(remove) => remove.execute(),
            Command::Gsims(gsims) => gsims.execute(),
            Command::Parameters(parameters) => parameters.execute(),
            Command::Datasets(datasets) => datasets.execute(),
            Command::Check(check) => check.execute(),
            Command::Compare(compare) => return Ok(compare.execute()),
            Command::Cite(cite) => cite.execute(),
            Command::Pack(pack) => pack.execute(),
            Command::Unpack(unpack) => unpack.execute(),
            Command::Doctor(doctor) => doctor.execute(),
            Command::MountFuse(mount) => mount.execute(),
            Command::Generate(generate) => generate.execute(),
            Command::RunQueued(run) => run.execute(),
            Command::Inspect(inspect) => inspect.execute(),
            Command::ReadHdf5(read) => read.execute(),
        }?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Log to the terminal what `$OQFS_LOG` says, or from this level on.
fn start_log(level: &str) {
    let env = env_logger::Env::new().filter_or("OQFS_LOG", level);
    env_logger::Builder::from_env(env).format_target(false).init();
}
