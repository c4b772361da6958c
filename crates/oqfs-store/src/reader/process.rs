//! A process that reads HDF5 files, as the one that asks it sees it.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::FileState;
use super::ask::{Answer, Reply, Request, receive, send};
use crate::datastore::DataDir;
use crate::datastore::beside::FoundFile;

/// The processor time that one answer may take, in seconds, unless `$OQFS_HDF5_SECONDS` says another.
const ANSWER_SECONDS: f64 = 20.0;

/// The processor time that one answer may take.
pub(super) fn longest_answer() -> Duration {
    let set = std::env::var("OQFS_HDF5_SECONDS").ok().and_then(|text| text.parse().ok());
    let set = set.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    set.unwrap_or(Duration::from_secs_f64(ANSWER_SECONDS))
}

/// Starts processes, on a thread that lives as long as this: a process ends with the thread that started it.
#[derive(Debug)]
pub(super) struct Starter {
    wanted: Sender<Sender<io::Result<ReaderProcess>>>,
}

impl Starter {
    /// Of `program`, which reads files of `dir`.
    ///
    /// # Errors
    /// If no thread can be started.
    pub fn new(program: PathBuf, dir: Option<DataDir>) -> io::Result<Self> {
        let (wanted, asked): (_, Receiver<Sender<io::Result<ReaderProcess>>>) = channel();
        let run = move || {
            for answer in asked {
                // nobody may want it any more
                let _ = answer.send(ReaderProcess::start(&program, dir.as_ref()));
            }
        };
        std::thread::Builder::new().name("readers".into()).spawn(run)?;
        Ok(Self { wanted })
    }

    pub fn start(&self) -> io::Result<ReaderProcess> {
        let (sender, started) = channel();
        let gone = || io::Error::other("nobody starts one");
        self.wanted.send(sender).map_err(|_| gone())?;
        started.recv().map_err(|_| gone())?
    }
}

/// A process that answers.
#[derive(Debug)]
pub(super) struct ReaderProcess {
    child: Child,
    socket: UnixStream,
    /// The files it may have open.
    pub opened: HashSet<u64>,
}

/// A process that did not answer, and is no more.
#[derive(Debug)]
pub(super) struct Loss {
    /// What the library did; `None` if it is not known to have done anything.
    pub why: Option<String>,
    /// The other file that it was inside the library with, if it was.
    pub inside: Option<FileState>,
}

impl ReaderProcess {
    fn start(program: &PathBuf, dir: Option<&DataDir>) -> io::Result<Self> {
        let (socket, theirs) = UnixStream::pair()?;
        let mut command = Command::new(program);
        command.arg0("oqfs").arg("read-hdf5").arg("--parent").arg(std::process::id().to_string());
        if let Some(dir) = dir {
            command.arg("--shown").arg(dir.shown()).current_dir(dir.path());
        }
        command.env("RUST_BACKTRACE", "0").stdin(Stdio::from(OwnedFd::from(theirs))).stdout(Stdio::null());
        Ok(Self { child: command.spawn()?, socket, opened: HashSet::new() })
    }

    /// Tells it to close files; it says nothing of that.
    pub fn close(&mut self, close: Vec<u64>) -> Result<(), Loss> {
        self.send(&Request { close, refused: vec![], ask: None })
    }

    fn send(&mut self, request: &Request) -> Result<(), Loss> {
        for key in &request.close {
            self.opened.remove(key);
        }
        self.opened.extend(request.ask.iter().map(|(file, _)| file.key));
        if send(&mut self.socket, request).is_err() { Err(self.end(None)) } else { Ok(()) }
    }

    /// Asks it; of a process that is lost there is nothing more to ask.
    pub fn exchange(&mut self, request: &Request, limit: Duration) -> Result<(Answer, Vec<FoundFile>), Loss> {
        self.send(request)?;
        let mut inside = None;
        let often = (limit / 10).clamp(Duration::from_millis(20), Duration::from_secs(1));
        // The processor time it had used when it had not answered for so long.
        let mut before = None;
        loop {
            match self.is_ready(often) {
                Ok(true) => {}
                Ok(false) => {
                    let now = cpu_time(self.child.id()).unwrap_or_default();
                    let used = now.saturating_sub(*before.get_or_insert(now)) + often;
                    if used < limit {
                        continue;
                    }
                    let seconds = limit.as_secs_f64();
                    self.kill();
                    let why = Some(format!("the HDF5 library did not come back within {seconds} s"));
                    return Err(Loss { why, inside });
                }
                Err(_) => return Err(self.end(inside)),
            }
            match receive(&mut self.socket) {
                Ok(Some(Reply::Inside(file))) => inside = file,
                Ok(Some(Reply::Answered(answer, found))) => return Ok((*answer, found)),
                Ok(None) | Err(_) => return Err(self.end(inside)),
            }
        }
    }

    /// Whether it says something within `most`.
    fn is_ready(&self, most: Duration) -> io::Result<bool> {
        let most = Timespec { tv_sec: most.as_secs().cast_signed(), tv_nsec: most.subsec_nanos().into() };
        match poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(&most)) {
            Err(Errno::INTR) => Ok(false),
            ready => Ok(ready? > 0),
        }
    }

    /// How a process ended that says nothing any more.
    fn end(&mut self, inside: Option<FileState>) -> Loss {
        // it may say nothing for another reason
        let _ = self.child.kill();
        let signal = self.child.wait().ok().and_then(|status| status.signal());
        let crashed = [libc::SIGSEGV, libc::SIGBUS, libc::SIGILL, libc::SIGFPE, libc::SIGABRT];
        let signal = signal.filter(|signal| crashed.contains(signal));
        Loss { why: signal.map(|signal| format!("the HDF5 library crashed reading it (signal {signal})")), inside }
    }

    fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for ReaderProcess {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The processor time of a process; `None` if there is no such process.
fn cpu_time(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name before it may have blanks and brackets; utime and stime are fields 14 and 15, counted from 1.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks: u64 = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    let per_second = Some(rustix::param::clock_ticks_per_second()).filter(|n| *n > 0)?;
    Some(Duration::from_millis(ticks * 1000 / per_second))
}
