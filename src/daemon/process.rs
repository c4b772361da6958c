//! Other processes by descriptors: the number of one that ended may be another's by now.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

/// A process to wait for, somebody's child or not.
pub struct Process(OwnedFd);

impl Process {
    /// The process of number `pid`.
    ///
    /// # Errors
    /// `ESRCH` if there is none.
    pub fn find(pid: u32) -> io::Result<Self> {
        // SAFETY: a plain system call; the new descriptor has one owner.
        match unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) } {
            -1 => Err(io::Error::last_os_error()),
            // SAFETY: as above.
            fd => Ok(Self(unsafe { OwnedFd::from_raw_fd(fd as i32) })),
        }
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// `ESRCH` if it is over.
    pub fn signal(&self, signal: i32) -> io::Result<()> {
        let (fd, no_more) = (self.0.as_raw_fd(), std::ptr::null::<libc::siginfo_t>());
        // SAFETY: the descriptor is open; without more to say, the signal is as `kill` sends it.
        match unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, no_more, 0) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }

    /// Waits so long, or until it is over: true if it is. It is when it does nothing any more, though nobody may have asked how
    /// it ended: in a container there may be no such process.
    pub fn is_over(&self, most: Duration) -> io::Result<bool> {
        let until = Instant::now() + most;
        loop {
            let mut poll = libc::pollfd { fd: self.0.as_raw_fd(), events: libc::POLLIN, revents: 0 };
            let left = until.saturating_duration_since(Instant::now());
            // SAFETY: one structure, which outlives the call.
            match unsafe { libc::poll(&raw mut poll, 1, left.as_millis() as i32) } {
                -1 if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
                -1 => return Err(io::Error::last_os_error()),
                n => return Ok(n > 0),
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
        let process = Process::find(child.id()).unwrap();
        assert!(!process.is_over(Duration::from_millis(1)).unwrap());
        process.signal(libc::SIGKILL).unwrap();
        assert!(process.is_over(Duration::from_secs(60)).unwrap());
        child.wait().unwrap();
        assert!(process.is_over(Duration::ZERO).unwrap());
        assert_eq!(process.signal(libc::SIGTERM).unwrap_err().raw_os_error(), Some(libc::ESRCH));
    }
}
