//! Other processes by descriptors: the number of one that ended may be another's by now.

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

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

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
