//! The process that looks after the one that serves a mount.
//!
//! When the serving process dies, this one takes the dead mount away and starts the next server.

use std::io::{self, PipeWriter, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::notify::ServiceManager;
use super::signals::{Signals, die_with_parent};
use crate::datastore::MountInfo;
use crate::fs::DirLock;
use crate::fuse;

/// So many servers may die within [`SPELL`], unless `$OQFS_DEATHS` says another.
const DEATHS: usize = 5;
const SPELL: Duration = Duration::from_secs(60);
/// How often is looked for its end, if no signal tells of it.
const OFTEN: Duration = Duration::from_secs(1);

/// What the serving process is given.
pub struct Serving<'a> {
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
    /// By itself.
    Died(String),
}

/// Looks after servers, one after the other.
#[derive(Debug)]
pub struct Supervisor<'a> {
    point: &'a Path,
    signals: Signals,
    manager: ServiceManager,
    deaths: usize,
    stopping: bool,
}

impl<'a> Supervisor<'a> {
    /// For the mount on `point`. `signals` are those that end it.
    ///
    /// # Errors
    /// If the environment says something that is no number.
    pub fn new(point: &'a Path, signals: Signals) -> Result<Self> {
        let deaths = std::env::var("OQFS_DEATHS").ok().map_or(Ok(DEATHS), |text| text.parse());
        let deaths = deaths.context("$OQFS_DEATHS")?;
        Ok(Self { point, deaths, signals, manager: ServiceManager::of_environment(), stopping: false })
    }

    /// Has processes run `serve` until one ends as it should; closes `starter` when the first one's mount answers. The lock stays
    /// with this process: when it is killed, its server is too, and another may take its place. One HDF5 file has no lock.
    ///
    /// No thread may have been started: processes are forked.
    pub fn run(
        mut self,
        mut lock: Option<DirLock>,
        serve: impl Fn(Serving) -> Result<()>,
        starter: &mut Option<PipeWriter>,
    ) -> Result<()> {
        let mut deaths: Vec<Instant> = vec![];
        loop {
            let server = self.start(&mut lock, starter, &serve)?;
            drop(starter.take());
            self.manager.is_ready();
            match self.watch(server)? {
                ServerEnd::Done => return Ok(()),
                ServerEnd::Failed => bail!("{}: the serving process failed", self.point.display()),
                ServerEnd::Died(how) => log::error!("the serving process ended: {how}"),
            }
            self.take_away()?;
            if self.stopping {
                return Ok(());
            }
            deaths.retain(|at| at.elapsed() < SPELL);
            deaths.push(Instant::now());
            if deaths.len() > self.deaths {
                bail!("{}: given up: {} servers died within a minute", self.point.display(), deaths.len());
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
        let (mut reader, writer) = io::pipe()?;
        let parent = std::process::id();
        // SAFETY: this process has no other thread, so the child may do anything a process may.
        match unsafe { libc::fork() } {
            -1 => Err(io::Error::last_os_error()).context("cannot start the serving process"),
            0 => {
                // These copies would keep them from being given back.
                drop((lock.take(), starter.take(), reader));
                die_with_parent(parent);
                let mut said = Some(writer);
                let result = serve(Serving { said: &mut said });
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

    /// Waits for the end of a server, and brings it about if a signal says so.
    fn watch(&mut self, server: i32) -> Result<ServerEnd> {
        loop {
            if let Some(signal) = self.signals.wait(OFTEN).filter(|signal| *signal != libc::SIGCHLD) {
                log::info!("signal {signal}");
                self.manager.is_stopping();
                self.stopping = true;
                kill(server, libc::SIGTERM);
                // one that was stopped hears nothing
                kill(server, libc::SIGCONT);
            }
            if let Some(status) = wait(server, libc::WNOHANG)? {
                return Ok(Self::end(status));
            }
        }
    }

    fn end(status: i32) -> ServerEnd {
        match (libc::WIFEXITED(status), libc::WEXITSTATUS(status)) {
            (true, 0) => ServerEnd::Done,
            (true, 1) => ServerEnd::Failed,
            (true, status) => ServerEnd::Died(format!("status {status}")),
            _ => ServerEnd::Died(format!("signal {}", libc::WTERMSIG(status))),
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
