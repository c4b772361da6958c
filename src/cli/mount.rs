//! `oqfs mount`.

use std::fs::{self, File};
use std::io::{self, PipeWriter, Read, Write};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::limits::RunArgs;
use super::place::is_file;
use super::point::{BETWEEN, PATIENCE, clear, make_empty, opened, point, refuse_circle, refuse_what_is_needed};
use super::reading::readers;
use super::signals::Signals;
use super::standin::StandIn;
use super::supervise::{Serving, Supervisor};
use crate::daemon::{Daemon, OnEnd, Runner, SlurmPlan};
use crate::datastore::{DataDir, LoneFile, mounted_by};
use crate::fs::{Arrival, Declined, DirLock, Fs, HIDDEN, Jobs, NotLocked, Verdict, Wish};
use crate::fuse::{Mounted, Options};
use crate::view::Views;

/// Mount the data directory, with its calculations as folders: over itself, or elsewhere. Or mount one HDF5 file.
///
/// Returns when the mount answers; a daemon goes on serving it until `oqfs umount`, through a process of its own that is started
/// again should it crash. A file is shown read-only, with groups as folders and datasets as `.npy` files, whatever program wrote it.
#[derive(Debug, Args)]
pub struct Mount {
    /// The data directory [default: $OQ_DATADIR, else ~/oqdata], created if missing; or an HDF5 file
    dir: Option<PathBuf>,
    /// Where to show the HDF5 file: a directory that is empty, or is created
    #[arg(value_name = "POINT", conflicts_with = "at")]
    point: Option<PathBuf>,
    /// Show it at this directory, which is empty or is created, and not over itself
    #[arg(long, value_name = "POINT")]
    at: Option<PathBuf>,
    /// Stay in the foreground, with the log on the terminal; Ctrl-C unmounts
    #[arg(short, long)]
    foreground: bool,
    /// Let other users look in (/etc/fuse.conf must have user_allow_other, unless you are root)
    #[arg(long)]
    allow_other: bool,
    /// Take no writes and run no jobs: everything says "Read-only file system"
    #[arg(long)]
    read_only: bool,
    /// Run no programs from the mount
    #[arg(long)]
    no_exec: bool,
    /// How many jobs run at a time, each on all cores
    #[arg(long, default_value_t = 1)]
    jobs: usize,
    /// Give jobs to Slurm, for so many workers each; what follows -- are options of sbatch
    #[arg(long, value_name = "N", conflicts_with = "read_only")]
    slurm: Option<NonZero<usize>>,
    /// Options of sbatch
    #[arg(last = true, value_name = "SBATCH ARGUMENT", requires = "slurm")]
    sbatch: Vec<String>,
    #[command(flatten)]
    how: RunArgs,
    /// Call this command of the shell when a job has ended, with the folder of its calculation and the state as arguments
    #[arg(long, value_name = "COMMAND")]
    on_end: Option<String>,
}

/// What is mounted, and where.
#[derive(Debug)]
struct Target {
    what: Source,
    point: PathBuf,
}

#[derive(Debug)]
enum Source {
    /// The data directory at this path.
    Directory(PathBuf),
    /// The HDF5 file at this path.
    File(PathBuf),
}

impl Mount {
    pub fn run(self) -> anyhow::Result<()> {
        let target = self.target()?;
        refuse_what_is_needed(&target.point)?;
        if self.foreground {
            return self.supervise(&target, &mut None);
        }
        let (reader, writer) = io::pipe()?;
        // SAFETY: no thread was started yet, so the child may do anything a process may.
        match unsafe { libc::fork() } {
            -1 => Err(io::Error::last_os_error()).context("cannot start the daemon"),
            0 => {
                drop(reader);
                let mut writer = Some(writer);
                let result = detach().and_then(|()| self.supervise(&target, &mut writer));
                if let Err(error) = result {
                    log::error!("{error:#}");
                    if let Some(mut writer) = writer {
                        write!(writer, "{error:#}")?;
                    }
                    std::process::exit(1);
                }
                std::process::exit(0);
            }
            daemon => {
                drop(writer);
                wait_for(reader, &target.point, daemon as u32)
            }
        }
    }

    /// What is to be mounted where.
    fn target(&self) -> anyhow::Result<Target> {
        let elsewhere = self.point.as_deref().or(self.at.as_deref());
        let elsewhere = elsewhere.map(|elsewhere| point(Some(elsewhere))).transpose()?;
        if let Some(file) = self.dir.as_deref().filter(|dir| is_file(dir)) {
            let shown = file.display();
            let Some(point) = elsewhere else {
                bail!("{shown}: a file, which is shown at a directory: oqfs mount {shown} POINT")
            };
            return Ok(Target { what: Source::File(std::path::absolute(file)?), point });
        }
        let dir = point(self.dir.as_deref())?;
        if self.point.is_some() {
            bail!("{}: no HDF5 file; a data directory is shown elsewhere by --at", dir.display());
        }
        let Some(point) = elsewhere else {
            return Ok(Target { what: Source::Directory(dir.clone()), point: dir });
        };
        refuse_circle(&dir, &point)?;
        Ok(Target { what: Source::Directory(dir), point })
    }

    /// Has it served until a signal or an unmount from outside; closes `starter`, without a word, when the mount answers.
    fn supervise(&self, target: &Target, starter: &mut Option<PipeWriter>) -> anyhow::Result<()> {
        let signals = Signals::block();
        let point = &target.point;
        let shown = || point.display().to_string();
        match &target.what {
            Source::Directory(path) => {
                let dir = opened(path)?;
                let lock = take_lock(&dir).with_context(|| path.display().to_string())?;
                if path != point {
                    clear(point)?;
                    make_empty(point)?;
                }
                self.start_log(Some(&dir)).with_context(shown)?;
                more_files().with_context(shown)?;
                let _standin = (!self.read_only).then(|| StandIn::put(&dir));
                let shown_there = dir.clone().shown_as(point);
                let serve = |serving: Serving| self.serve(&shown_there, point, serving);
                Supervisor::new(point, signals)?.run(Some(lock), serve, starter)
            }
            Source::File(path) => {
                clear(point)?;
                make_empty(point)?;
                let file = LoneFile::open(path)?;
                self.start_log(None)?;
                more_files().with_context(shown)?;
                let serve = |serving: Serving| self.serve_file(&file, point, serving);
                Supervisor::new(point, signals)?.run(None, serve, starter)
            }
        }
    }

    /// The log of a daemon is a file in the data directory; a mount that takes no writes has none where there can be none, and neither has
    /// that of one file.
    fn start_log(&self, dir: Option<&DataDir>) -> anyhow::Result<()> {
        if let Some(dir) = dir.filter(|_| !self.foreground) {
            let hidden = dir.path().join(HIDDEN);
            let opened = fs::create_dir_all(&hidden)
                .and_then(|()| File::options().create(true).append(true).open(hidden.join("daemon.log")));
            match opened {
                // errors and panics go the same way as the log
                Ok(file) => rustix::stdio::dup2_stderr(&file)?,
                Err(e) if self.read_only && e.kind() == io::ErrorKind::ReadOnlyFilesystem => {}
                Err(e) => return Err(e.into()),
            }
        }
        let env = env_logger::Env::new().filter_or("OQFS_LOG", "oqfs=info,fuser=error,warn");
        // A second mount in one process keeps the first one's log.
        let _ = env_logger::Builder::from_env(env).try_init();
        Ok(())
    }

    /// Mounts and serves, in a process of its own.
    fn serve(&self, dir: &DataDir, point: &Path, serving: Serving) -> anyhow::Result<()> {
        let signals = Signals::block();
        let daemon = match self.read_only {
            true => None,
            false => Some(Arc::new(
                Daemon::start(dir.clone(), self.jobs, self.runner(), self.on_end.clone().map(OnEnd::new))
                    .with_context(|| point.display().to_string())?,
            )),
        };
        let jobs = daemon.clone().map_or(Arc::new(NoJobs) as Arc<dyn Jobs>, |daemon| daemon);
        let views = Views::with_readers(dir.clone(), readers(Some(dir.clone())));
        let fs = Fs::of_views(views, Some(jobs)).with_context(|| point.display().to_string())?;
        let how = Options { allow_other: self.allow_other, read_only: self.read_only, no_exec: self.no_exec };
        serve_until_told(fs, point, how, &signals, serving)?;
        daemon.inspect(|daemon| daemon.stop());
        log::info!("unmounted");
        Ok(())
    }

    /// The same for one file, in which nothing can be changed.
    fn serve_file(&self, file: &LoneFile, point: &Path, serving: Serving) -> anyhow::Result<()> {
        let signals = Signals::block();
        let views = Views::of_file_alone(file.clone(), readers(Some(file.dir().clone())));
        let fs = Fs::of_views(views, None).with_context(|| point.display().to_string())?;
        serve_until_told(
            fs,
            point,
            Options { allow_other: self.allow_other, read_only: true, no_exec: self.no_exec },
            &signals,
            serving,
        )
    }

    /// Jobs are checked and run by this program, though its file may have been replaced.
    fn runner(&self) -> Runner {
        let (path, options) = (PathBuf::from("/proc/self/exe"), self.how.options());
        let plan = |tasks: NonZero<usize>| SlurmPlan {
            tasks: tasks.get(),
            arguments: self.sbatch.clone(),
            reuse: options.reuse,
            program: path.clone(),
        };
        Runner::Program { slurm: self.slurm.map(plan), path: path.clone(), options }
    }
}

/// Mounts, and serves until a signal or an unmount from outside.
fn serve_until_told(fs: Fs, point: &Path, how: Options, signals: &Signals, serving: Serving) -> anyhow::Result<()> {
    let mounted = Mounted::new(fs, point, how).with_context(|| refusal(point))?;
    log::info!("mounted on {}", point.display());
    drop(serving.said.take());
    while mounted.is_alive() {
        let signal = signals.wait(Duration::from_millis(500)).filter(|signal| *signal != libc::SIGCHLD);
        if let Some(signal) = signal {
            log::info!("signal {signal}: unmounting");
            break;
        }
    }
    mounted.unmount().with_context(|| format!("{}: cannot unmount", point.display()))
}

/// Whoever runs jobs in a read-only mount, where none can arrive.
struct NoJobs;

impl Jobs for NoJobs {
    fn arrived(&self, _: &Arrival) -> Verdict {
        Verdict::NotAJob
    }

    fn asked(&self, _: u32, _: Wish, _: Option<u32>) -> std::result::Result<(), Declined> {
        Err(Declined::Failed("the mount takes no jobs".into()))
    }
}

/// The lock of a daemon that was killed is free a moment after its mount is dead.
fn take_lock(dir: &DataDir) -> Result<DirLock, NotLocked> {
    let until = Instant::now() + PATIENCE;
    loop {
        match DirLock::take(dir) {
            Err(NotLocked::Held(_) | NotLocked::HeldUnsaid) if Instant::now() < until => std::thread::sleep(BETWEEN),
            result => return result,
        }
    }
}

fn refusal(point: &Path) -> String {
    let device = File::options().read(true).write(true).open("/dev/fuse");
    match device {
        Err(e) => format!("{}: cannot mount: /dev/fuse: {e}", point.display()),
        Ok(_) => format!("{}: cannot mount", point.display()),
    }
}

/// Leaves the terminal and the working directory.
fn detach() -> anyhow::Result<()> {
    rustix::process::setsid().context("setsid")?;
    std::env::set_current_dir("/")?;
    let null = File::options().read(true).write(true).open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    Ok(rustix::stdio::dup2_stderr(&null)?)
}

/// Descriptors without which a mount cannot serve: each of some datastores and mirrored files has a few, whatever is open.
const LEAST_FILES: u64 = 256;

/// Raises the limit of descriptors as far as it goes: a part of them names mirrored files that the kernel knows.
///
/// # Errors
/// If it stays too low.
fn more_files() -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    // whoever may not have more goes on with what there is
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    match getrlimit(Resource::Nofile).current {
        Some(most) if most < LEAST_FILES => bail!(
            "the limit of open files is {most} (ulimit -n); a mount needs {LEAST_FILES} at least, and 1024 or more to serve many programs"
        ),
        _ => Ok(()),
    }
}

/// In the process that was started: waits until the daemon says how it went, then asks the mount itself.
fn wait_for(mut reader: io::PipeReader, point: &Path, daemon: u32) -> anyhow::Result<()> {
    let mut said = String::new();
    reader.read_to_string(&mut said)?;
    if !said.is_empty() {
        bail!("{said}");
    }
    match mounted_by(point) {
        Some(pid) if pid == daemon => Ok(()),
        _ => bail!("{}: the daemon ended while mounting", point.display()),
    }
}
