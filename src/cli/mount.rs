//! `oqfs mount`.

use std::fs::{self, File};
use std::io::{self, PipeWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::Args;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::reading::readers;
use super::signals::Signals;
use super::standin::StandIn;
use super::supervise::{Serving, Supervisor};
use crate::daemon::{Daemon, Runner};
use crate::datastore::{DataDir, MountInfo, mounted_by, point_of};
use crate::fs::{Arrival, Declined, DirLock, Fs, HIDDEN, Jobs, NotLocked, Verdict, Wish};
use crate::fuse::{self, Mounted, Options};
use crate::view::Views;

/// Mount the data directory over itself, with its calculations as folders.
///
/// Returns when the mount answers; a daemon goes on serving it until `oqfs umount`, through a process of its own that is started
/// again should it crash.
#[derive(Debug, Args)]
pub struct Mount {
    /// The data directory [default: $OQ_DATADIR, else ~/oqdata]; created if missing
    dir: Option<PathBuf>,
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
    /// Have jobs compute everything, also what an earlier calculation computed already
    #[arg(long)]
    no_reuse: bool,
}

impl Mount {
    pub fn run(self) -> anyhow::Result<()> {
        let point = point(self.dir.as_deref())?;
        refuse_what_is_needed(&point)?;
        if self.foreground {
            return self.supervise(&point, &mut None);
        }
        let (reader, writer) = io::pipe()?;
        // SAFETY: no thread was started yet, so the child may do anything a process may.
        match unsafe { libc::fork() } {
            -1 => Err(io::Error::last_os_error()).context("cannot start the daemon"),
            0 => {
                drop(reader);
                let mut writer = Some(writer);
                let result = detach().and_then(|()| self.supervise(&point, &mut writer));
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
                wait_for(reader, &point, daemon as u32)
            }
        }
    }

    /// Has the directory served until a signal or an unmount from outside; closes `starter`, without a word, when the
    /// mount answers.
    fn supervise(&self, point: &Path, starter: &mut Option<PipeWriter>) -> anyhow::Result<()> {
        let signals = Signals::block();
        let dir = opened(point)?;
        let lock = take_lock(&dir).with_context(|| point.display().to_string())?;
        self.start_log(&dir).with_context(|| point.display().to_string())?;
        more_files().with_context(|| point.display().to_string())?;
        let _standin = (!self.read_only).then(|| StandIn::put(&dir));
        Supervisor::new(point, signals)?.run(lock, |serving| self.serve(&dir, point, serving), starter)
    }

    /// The log of a daemon is a file in the data directory; a mount that takes no writes has none where there can be none.
    fn start_log(&self, dir: &DataDir) -> anyhow::Result<()> {
        if !self.foreground {
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
                Daemon::start(dir.clone(), self.jobs, self.runner()).with_context(|| point.display().to_string())?,
            )),
        };
        let jobs = daemon.clone().map_or(Arc::new(NoJobs) as Arc<dyn Jobs>, |daemon| daemon);
        let views = Views::with_readers(dir.clone(), readers(Some(dir.clone())));
        let fs = Fs::of_views(views, Some(jobs)).with_context(|| point.display().to_string())?;
        let how = Options { allow_other: self.allow_other, read_only: self.read_only, no_exec: self.no_exec };
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
        mounted.unmount().with_context(|| format!("{}: cannot unmount", point.display()))?;
        daemon.inspect(|daemon| daemon.stop());
        log::info!("unmounted");
        Ok(())
    }

    /// Jobs are checked and run by this program, though its file may have been replaced.
    fn runner(&self) -> Runner {
        Runner::Program { path: "/proc/self/exe".into(), reuse: !self.no_reuse }
    }
}

/// Whoever runs jobs in a read-only mount, where none can arrive.
struct NoJobs;

impl Jobs for NoJobs {
    fn arrived(&self, _: &Arrival) -> Verdict {
        Verdict::NotAJob
    }

    fn asked(&self, _: u32, _: Wish) -> std::result::Result<(), Declined> {
        Err(Declined::Failed("the mount takes no jobs".into()))
    }
}

/// The mount point, absolute, as it is in `/proc/mounts`. No mount is asked.
pub(super) fn point(dir: Option<&Path>) -> anyhow::Result<PathBuf> {
    let dir = dir.map_or_else(DataDir::default_path, |dir| Ok(dir.to_owned()))?;
    point_of(&dir).with_context(|| dir.display().to_string())
}

/// Directories that the system or every program relies on, with all that is in them.
const SYSTEM: [&str; 11] =
    ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin", "/sys"];
/// The same, but for what is in them.
const SHARED: [&str; 8] = ["/home", "/media", "/mnt", "/opt", "/run", "/srv", "/tmp", "/var"];

/// Refuses to mount over a directory that others, or this program, need as it is.
fn refuse_what_is_needed(point: &Path) -> anyhow::Result<()> {
    let is_systems = SYSTEM.iter().any(|dir| point.starts_with(dir)) || point.starts_with("/usr");
    if is_systems || SHARED.iter().any(|dir| point == Path::new(dir)) || point.parent().is_none() {
        bail!("{}: a directory of the system; a data directory is one of its own, like ~/oqdata", point.display());
    }
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    let needed = [("this program", std::env::current_exe().ok()), ("your home directory", home.map(PathBuf::from))];
    for (what, place) in needed {
        let place = place.and_then(|place| fs::canonicalize(place).ok());
        if let Some(place) = place.filter(|place| place.starts_with(point)) {
            bail!("{}: {what} is there ({}), and would not be reached any more", point.display(), place.display());
        }
    }
    Ok(())
}

/// How long is waited for what a daemon that was killed leaves: its mount, and its lock.
const PATIENCE: Duration = Duration::from_secs(5);
const BETWEEN: Duration = Duration::from_millis(20);

/// Opens the directory to mount over, once no dead mount is on it.
///
/// # Errors
/// If a living daemon has it, or it cannot be opened.
fn opened(point: &Path) -> anyhow::Result<DataDir> {
    let until = Instant::now() + PATIENCE;
    loop {
        let mount = MountInfo::at(point);
        let is_dead = mount.as_ref().is_some_and(|mount| fuse::is_dead(mount, point));
        match mount {
            Some(_) if is_dead => {
                log::warn!("{}: a mount without a daemon; replaced", point.display());
                match fuse::unmount(point) {
                    Err(e) if Instant::now() > until => {
                        return Err(e).with_context(|| format!("{}: a mount without a daemon", point.display()));
                    }
                    _ => {}
                }
            }
            Some(mount) => match mount.daemon() {
                Some(pid) => bail!("{}: already mounted by process {pid}", point.display()),
                None => bail!("{}: another user's mount is on it", point.display()),
            },
            None => match DataDir::open(point) {
                // a mount came or went since it was looked at
                Err(_) if Instant::now() < until && !is_settled(point) => {}
                opened => return Ok(opened?),
            },
        }
        std::thread::sleep(BETWEEN);
    }
}

/// Whether what is at a path, or that nothing is, can be told.
fn is_settled(point: &Path) -> bool {
    match fs::symlink_metadata(point) {
        Err(e) => e.raw_os_error() != Some(libc::ENOTCONN),
        Ok(metadata) => !metadata.is_dir(),
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
