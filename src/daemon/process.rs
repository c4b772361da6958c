//! Other processes by descriptors: the number of one that ended may be another's by now.

use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// A process to wait for, somebody's child or not.
pub struct ProcessHandle(OwnedFd);

impl ProcessHandle {
    /// The process of number `pid`.
    ///
    /// # Errors
    /// `ESRCH` if there is none.
    pub fn find(pid: u32) -> io::Result<Self> {
        let pid = Pid::from_raw(pid.cast_signed()).ok_or(Errno::SRCH)?;
        Ok(Self(pidfd_open(pid, PidfdFlags::empty())?))
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// `ESRCH` if it is over.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(pidfd_send_signal(&self.0, signal)?)
    }

    /// Waits so long, or until it is over: true if it is. It is when it does nothing any more, though nobody may have asked how
    /// it ended: in a container there may be no such process.
    pub fn is_over(&self, most: Duration) -> io::Result<bool> {
        let until = Instant::now() + most;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let left = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: left.subsec_nanos().into() };
            match poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&left)) {
                Err(Errno::INTR) => {}
                ready => return Ok(ready? > 0),
            }
        }
    }
}

/// Whether a process was killed and has not ended yet: what it holds is given back soon.
pub fn is_ending(pid: u32) -> bool {
    // of the kernel's sched.h
    const EXITING: u64 = 0x4;
    const KILL: u64 = 1 << (libc::SIGKILL - 1);
    let read = |name: &str| fs::read_to_string(format!("/proc/{pid}/{name}")).unwrap_or_default();
    let status = read("status");
    let pending = status.lines().filter_map(|l| l.strip_prefix("SigPnd:").or_else(|| l.strip_prefix("ShdPnd:")));
    let is_killed = pending.filter_map(|mask| u64::from_str_radix(mask.trim(), 16).ok()).any(|mask| mask & KILL != 0);
    // after the name, which may hold anything: state, parent, group, session, terminal, its group, flags
    let stat = read("stat");
    let flags = stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(6)?.parse::<u64>().ok());
    is_killed || flags.is_some_and(|flags| flags & EXITING != 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_process_that_was_killed_is_ending() {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        assert!(!is_ending(child.id()) && !is_ending(std::process::id()) && !is_ending(0));
        child.kill().unwrap();
        assert!(is_ending(child.id()), "from the kill on until somebody asks how it ended");
        assert!(ProcessHandle::find(child.id()).unwrap().is_over(Duration::from_secs(60)).unwrap());
        assert!(is_ending(child.id()));
        child.wait().unwrap();
    }

    #[test]
    fn a_process_is_over_before_it_was_asked_how_it_ended() {
        let mut child = Command::new("sleep").arg("600").spawn().unwrap();
        let process = ProcessHandle::find(child.id()).unwrap();
        assert!(!process.is_over(Duration::from_millis(1)).unwrap());
        process.signal(Signal::KILL).unwrap();
        assert!(process.is_over(Duration::from_secs(60)).unwrap());
        child.wait().unwrap();
        assert!(process.is_over(Duration::ZERO).unwrap());
        assert_eq!(process.signal(Signal::TERM).unwrap_err().raw_os_error(), Some(libc::ESRCH));
    }
}
