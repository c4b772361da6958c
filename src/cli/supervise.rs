//! The process that looks after the one that serves a mount.
//!
//! The serving process can be lost to a damaged file: the HDF5 library crashes reading it, or never returns. This process, which
//! opens no such file, then notes the file as refused, takes the dead mount away and starts the next server.

use std::io::{self, PipeWriter, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::long_calls::{Calls, interval, longest_call};
use super::refused::RefusedList;
use super::signals::{Signals, die_with_parent, tell_crashes};
use crate::datastore::{DataDir, MountInfo};
use crate::fs::DirLock;
use crate::fuse;
use crate::view::{Guard, Noted, RefusedFile};

/// So many servers may die within [`SPELL`] without a file to blame, unless `$OQFS_DEATHS` says another.
const DEATHS: usize = 5;
const SPELL: Duration = Duration::from_secs(60);

/// What the serving process is given.
pub struct Serving<'a> {
    /// Notes what it asks the HDF5 library for.
    pub guard: Guard,
    /// To be closed when the mount answers.
    pub said: &'a mut Option<PipeWriter>,
}

/// How a server ended.
#[derive(Debug, PartialEq)]
enum ServerEnd {
    /// Unmounted.
    Done,
    /// It could not go on, and said so.
    Failed,
    /// By itself, with what it was inside the library with then.
    Died { how: String, noted: Vec<Noted> },
    /// One call did not return, and it was killed.
    Hung(Noted),
}

/// Looks after servers, one after the other.
#[derive(Debug)]
pub struct Supervisor<'a> {
    point: &'a Path,
    list: RefusedList,
    guard: Guard,
    signals: Signals,
    /// Of processor time.
    limit: Duration,
    deaths: usize,
    stopping: bool,
}

impl<'a> Supervisor<'a> {
    /// For the mount of `dir` on `point`. `signals` are those that end it.
    ///
    /// # Errors
    /// If there is no memory to share.
    pub fn new(dir: &DataDir, point: &'a Path, signals: Signals) -> Result<Self> {
        let guard = Guard::shared().context("memory to share")?;
        let limit = longest_call()?;
        let deaths = std::env::var("OQFS_DEATHS").ok().map_or(Ok(DEATHS), |text| text.parse());
        let deaths = deaths.context("$OQFS_DEATHS")?;
        Ok(Self { point, deaths, list: RefusedList::read(dir), guard, signals, limit, stopping: false })
    }

    /// Has processes run `serve` until one ends as it should; closes `starter` when the first one's mount answers. The lock stays
    /// with this process: when it is killed, its server is too, and another may take its place.
    ///
    /// No thread may have been started: processes are forked.
    pub fn run(
        mut self,
        lock: DirLock,
        serve: impl Fn(Serving) -> Result<()>,
        starter: &mut Option<PipeWriter>,
    ) -> Result<()> {
        let mut lock = Some(lock);
        let mut deaths: Vec<Instant> = vec![];
        loop {
            let server = self.start(&mut lock, starter, &serve)?;
            drop(starter.take());
            let blamed = match self.watch(server)? {
                ServerEnd::Done => return Ok(()),
                ServerEnd::Failed => bail!("{}: the serving process failed", self.point.display()),
                ServerEnd::Died { how, noted } => {
                    log::error!("the serving process ended: {how}");
                    let crashed = noted.into_iter().find(|noted| noted.signal != 0);
                    crashed.map(|n| (n.file, format!("the HDF5 library crashed reading it (signal {})", n.signal)))
                }
                ServerEnd::Hung(noted) => {
                    let seconds = self.limit.as_secs_f64();
                    Some((noted.file, format!("the HDF5 library did not come back within {seconds} s")))
                }
            };
            self.take_away()?;
            if self.stopping {
                return Ok(());
            }
            match blamed {
                Some((file, why)) => self.list.add(RefusedFile { file, why })?,
                None => {
                    deaths.retain(|at| at.elapsed() < SPELL);
                    deaths.push(Instant::now());
                    if deaths.len() > self.deaths {
                        bail!("{}: given up: {} servers died within a minute", self.point.display(), deaths.len());
                    }
                }
            }
        }
    }

    /// Takes the mount of a server that died out of the tree.
    fn take_away(&self) -> Result<()> {
        let is_ours = |mount: MountInfo| mount.daemon() == Some(std::process::id());
        if MountInfo::at(self.point).is_some_and(is_ours) {
            fuse::unmount(self.point).with_context(|| format!("{}: cannot unmount", self.point.display()))?;
        }
        Ok(())
    }

    /// Starts a server; returns when its mount answers, or it died without a word.
    fn start(
        &self,
        lock: &mut Option<DirLock>,
        starter: &mut Option<PipeWriter>,
        serve: &impl Fn(Serving) -> Result<()>,
    ) -> Result<i32> {
        self.guard.clear();
        let (mut reader, writer) = io::pipe()?;
        let parent = std::process::id();
        // SAFETY: this process has no other thread, so the child may do anything a process may.
        match unsafe { libc::fork() } {
            -1 => Err(io::Error::last_os_error()).context("cannot start the serving process"),
            0 => {
                // These copies would keep them from being given back.
                drop((lock.take(), starter.take(), reader));
                die_with_parent(parent);
                tell_crashes();
                let mut said = Some(writer);
                let result = serve(Serving { guard: self.guard.refusing(self.list.refused()), said: &mut said });
                std::process::exit(match result {
                    Ok(()) => 0,
                    Err(error) => {
                        log::error!("{error:#}");
                        if let Some(mut said) = said {
                            let _ = write!(said, "{error:#}");
                        }
                        1
                    }
                })
            }
            server => {
                drop(writer);
                let mut said = String::new();
                reader.read_to_string(&mut said)?;
                if !said.is_empty() {
                    wait(server, 0)?;
                    bail!("{said}");
                }
                Ok(server)
            }
        }
    }

    /// Waits for the end of a server, and brings it about if it hangs or a signal says so.
    fn watch(&mut self, server: i32) -> Result<ServerEnd> {
        let often = interval(self.limit);
        let mut calls = Calls::default();
        loop {
            if let Some(signal) = self.signals.wait(often).filter(|signal| *signal != libc::SIGCHLD) {
                log::info!("signal {signal}");
                self.stopping = true;
                kill(server, libc::SIGTERM);
                // one that was stopped hears nothing
                kill(server, libc::SIGCONT);
            }
            if let Some(status) = wait(server, libc::WNOHANG)? {
                return Ok(self.end(status));
            }
            let Some(hung) = calls.longest(server, self.guard.noted(), self.limit) else { continue };
            kill(server, libc::SIGKILL);
            let status = wait(server, 0)?.unwrap_or_default();
            // It may have returned at the last moment.
            let still = self.guard.noted().contains(&hung);
            return Ok(if still { ServerEnd::Hung(hung) } else { self.end(status) });
        }
    }

    fn end(&self, status: i32) -> ServerEnd {
        match (libc::WIFEXITED(status), libc::WEXITSTATUS(status)) {
            (true, 0) => ServerEnd::Done,
            (true, 1) => ServerEnd::Failed,
            (true, status) => ServerEnd::Died { how: format!("status {status}"), noted: vec![] },
            _ => ServerEnd::Died { how: format!("signal {}", libc::WTERMSIG(status)), noted: self.guard.noted() },
        }
    }
}

fn kill(process: i32, signal: i32) {
    // SAFETY: a child that was not waited for, so the number is still its own.
    unsafe { libc::kill(process, signal) };
}

/// The status of a child that ended; `None` if it has not.
fn wait(child: i32, options: i32) -> Result<Option<i32>> {
    let mut status = 0;
    loop {
        // SAFETY: `status` is a place for it.
        match unsafe { libc::waitpid(child, &mut status, options) } {
            0 => return Ok(None),
            -1 if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            -1 => return Err(io::Error::last_os_error()).context("the serving process"),
            _ => return Ok(Some(status)),
        }
    }
}
