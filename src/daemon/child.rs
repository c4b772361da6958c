//! A calculation in a process of its own: what becomes of it, memory that runs out included, becomes of it alone.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rustix::fs::{MemfdFlags, memfd_create};

use super::control::Control;
use super::inputs::normalized;
use super::limits::Limits;
use super::process::ProcessHandle;
use super::reporter::INTERRUPTED;
use super::runner::RunOptions;
use super::shortage::is_for_want;
use super::slurm::SlurmPlan;
use super::stage::Stage;
use super::work::{ended, take};
use crate::datastore::{CalcFolder, DataDir, Error, KeptFiles, Rights, State};
use crate::job::ByteSize;

/// How often is looked whether it is to stop.
const LOOK: Duration = Duration::from_millis(50);
/// So long a calculation may take to stop by itself where somebody asked for that; then it is stopped.
pub const GRACE: Duration = Duration::from_millis(700);

/// How a calculation is run, and given to Slurm if it is.
type How<'a> = (RunOptions, Option<&'a SlurmPlan>);

/// Run a calculation of the queue by `program`, until it is over or `stop` says so: it is `queued` again then. All of it is done with the
/// rights of whoever the calculation belongs to.
///
/// # Errors
/// If it cannot be started. How it went is in its state and its log.
pub fn run(program: &Path, how: How, dir: &DataDir, id: u32, stop: &dyn Control) -> Result<()> {
    let folder = match dir.calc(id) {
        Err(Error::NoCalculation { .. }) => return Ok(()), // removed
        folder => folder?,
    };
    if how.0.reuse
        && let Err(error) = KeptFiles::prepare(&folder)
    {
        log::warn!("calc_{id}: rates cannot be kept for later: {error}");
    }
    match folder.as_owner(|| run_as_owner(program, how, dir, id, stop)) {
        Err(Error::NoCalculation { .. }) => Ok(()),
        ran => ran?,
    }
}

fn run_as_owner(program: &Path, how: How, dir: &DataDir, id: u32, stop: &dyn Control) -> Result<()> {
    // the claim is given back for the process to take
    let Some((folder, _)) = take(dir, id, stop)? else { return Ok(()) };
    let mut child = match start(program, how, dir, &folder) {
        Ok(child) => child,
        Err(error) if is_for_want(&error) => return Err(error).context("no process can be started for it"),
        Err(error) => return ended(dir, id, State::Failed, &format!("no process can be started for it: {error}")),
    };
    match watch(&mut child, &folder, stop).context("waiting for its process")? {
        ProcessEnd::Itself(status) if status.success() => Ok(()),
        // the one in charge was killed, which this process will be too
        ProcessEnd::Itself(_) if dir.is_left() => ended(dir, id, State::Queued, INTERRUPTED),
        ProcessEnd::Itself(status) => ended(dir, id, State::Failed, &why(status)),
        ProcessEnd::Interrupted => ended(dir, id, State::Queued, INTERRUPTED),
        ProcessEnd::Cancelled => ended(dir, id, State::Cancelled, "cancelled"),
    }
}

/// Read all of a job whose files are copied in a stage, in a process by `program` that has the rights of whoever dropped it: what the user
/// says of it if it can run, else what is wrong with it. The process is killed once the check is `called_off`.
pub fn check(
    program: &Path,
    limits: Limits,
    (stage, job_file): (&Stage, &Path),
    called_off: &AtomicBool,
) -> Result<String, String> {
    let run = || -> io::Result<(ExitStatus, String, String)> {
        // the process may have no right to go the way to the folder, but it may be there
        let folder = File::options().read(true).custom_flags(libc::O_PATH | libc::O_DIRECTORY).open(stage.folder())?;
        let (out, errors) = (memory_file("said")?, memory_file("errors")?);
        let mut command = Command::new(program);
        command.current_dir(format!("/proc/self/fd/{}", folder.as_raw_fd()));
        command
            .arg0("oqfs")
            .arg("inspect")
            .arg(normalized(job_file))
            .arg("--parent")
            .arg(std::process::id().to_string())
            .args(arguments(limits));
        command.env("RUST_BACKTRACE", "0").stdin(Stdio::null()).stdout(out.try_clone()?).stderr(errors.try_clone()?);
        if let Some((uid, gid)) = stage.rights().map(Rights::user) {
            command.uid(uid).gid(gid);
        }
        let mut child = command.spawn()?;
        let process = ProcessHandle::find(child.id())?;
        while !process.is_over(LOOK)? {
            if called_off.load(Ordering::Relaxed) {
                child.kill()?;
            }
        }
        Ok((child.wait()?, text_of(out)?, text_of(errors)?))
    };
    let (status, said, errors) =
        run().map_err(|e| format!("the job cannot be checked: no process can be started: {e}"))?;
    match status.code() {
        Some(0) => Ok(said),
        Some(REFUSED) => Err(said),
        _ if called_off.load(Ordering::Relaxed) => Err("the check was called off".into()),
        _ => Err(format!("the job cannot be checked: {}: {errors}", why(status))),
    }
}

/// Limits as the arguments of a process.
fn arguments(Limits { threads, memory }: Limits) -> Vec<String> {
    let threads = threads.map(|threads| format!("--threads={threads}"));
    let memory = memory.map(|ByteSize(bytes)| format!("--memory={bytes}"));
    threads.into_iter().chain(memory).collect()
}

/// A file in memory that a process writes to; unlike a pipe it does not have to be emptied meanwhile.
fn memory_file(name: &str) -> io::Result<File> {
    Ok(File::from(memfd_create(name, MemfdFlags::CLOEXEC)?))
}

fn text_of(mut file: File) -> io::Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_string())
}

/// Start a process; what it says beside the log, in a panic say, is added to the log.
fn start(program: &Path, (options, slurm): How, dir: &DataDir, folder: &CalcFolder) -> io::Result<Child> {
    let log = File::options().create(true).append(true).open(folder.log())?;
    let mut command = Command::new(program);
    // as a process is listed
    command.arg0("oqfs").arg("run-queued").arg(folder.id().to_string()).arg("--shown").arg(dir.shown());
    // another user may not go the way to the directory
    command.current_dir(dir.path());
    command.arg("--parent").arg(std::process::id().to_string());
    if !options.reuse {
        command.arg("--no-reuse");
    }
    command.args(arguments(options.limits));
    if let Some(plan) = slurm {
        command.arg("--slurm").arg(plan.tasks.to_string()).arg("--").args(&plan.arguments);
    }
    // what it logs goes into the log of the calculation already
    command.env_remove("OQFS_LOG").env("RUST_BACKTRACE", "0");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log).spawn()
}

/// How a process ended.
enum ProcessEnd {
    Itself(ExitStatus),
    /// It was killed because the queue stops.
    Interrupted,
    /// It was killed because it did not stop in time when it should.
    Cancelled,
}

fn watch(child: &mut Child, folder: &CalcFolder, stop: &dyn Control) -> io::Result<ProcessEnd> {
    let process = ProcessHandle::find(child.id())?;
    let mut asked: Option<Instant> = None;
    while !process.is_over(LOOK)? {
        if asked.is_none() && folder.is_asked_to_cancel() {
            asked = Some(Instant::now());
        }
        let end = match asked {
            _ if stop.is_interrupted() => ProcessEnd::Interrupted,
            Some(at) if at.elapsed() > GRACE => ProcessEnd::Cancelled,
            _ => continue,
        };
        child.kill()?;
        child.wait()?;
        return Ok(end);
    }
    child.wait().map(ProcessEnd::Itself)
}

/// Why a process ended that did not say so itself.
fn why(status: ExitStatus) -> String {
    match status.signal() {
        Some(libc::SIGKILL) => "its process was killed (signal 9): by the system if memory ran out".into(),
        Some(libc::SIGABRT) => "its process gave up (signal 6), for want of memory if the log says so".into(),
        Some(signal) => format!("its process crashed (signal {signal}); this is a fault of the program"),
        None if status.code() == Some(PANICKED) => {
            "the calculation panicked; this is a fault of the program, and the log says where".into()
        }
        None => "its process failed; the log says why".into(),
    }
}

/// The exit status of a Rust program that panicked.
const PANICKED: i32 = 101;

/// The exit status of a check that found what is wrong and printed it.
pub const REFUSED: i32 = 3;

/// Prepare this process for a calculation: it leaves the processor to who reads results, and is the first to go if memory
/// runs out.
pub fn prepare() {
    // none of these is what a calculation fails for
    let _ = fs::write("/proc/self/oom_score_adj", "1000");
    let _ = rustix::process::nice(NICE);
}

/// How far calculations stand back behind the processes that read results.
const NICE: i32 = 5;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::Submission;
    use crate::datastore::SUBMISSION;

    #[test]
    fn a_process_that_finds_nobody_in_charge_leaves_its_job_queued() {
        let here = tempfile::tempdir().unwrap();
        let dir = DataDir::open(here.path()).unwrap();
        let mut gone = Command::new("true").spawn().unwrap();
        gone.wait().unwrap();
        for (dir, state) in [(dir.clone().opened_by(gone.id()), State::Queued), (dir, State::Failed)] {
            let folder = dir.new_calc().unwrap();
            folder.set_object(SUBMISSION, &Submission { name: "job".into(), job_file: "job.ini".into() }).unwrap();
            run(Path::new("false"), (RunOptions::default(), None), &dir, folder.id(), &()).unwrap();
            assert_eq!(folder.state().unwrap().unwrap().state, state);
        }
    }
}
