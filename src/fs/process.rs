//! Which process asks. The kernel tells a thread.

use std::fs;

/// A process: its number, and when it started, because numbers are given again. All that the system hides from this process, those of
/// an outer container say, are one to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    pid: u32,
    started: u64,
}

impl Process {
    /// That of a thread, by the number that the kernel tells.
    pub fn of(thread: u32) -> Self {
        Self::found(thread).unwrap_or(Self { pid: thread, started: 0 })
    }

    fn found(thread: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{thread}/status")).ok()?;
        let pid = status.lines().find_map(|line| line.strip_prefix("Tgid:"))?.trim().parse().ok()?;
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        // The name before it may have blanks and brackets; the start is field 22, counted from 1, and the name is field 2.
        let started = stat.rsplit_once(')')?.1.split_whitespace().nth(22 - 3)?.parse().ok()?;
        Some(Self { pid, started })
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_thread_is_its_process() {
        let me = Process::of(std::process::id());
        assert!(me.pid == std::process::id() && me.started > 0);
        let inside = std::thread::spawn(|| {
            let thread = rustix::thread::gettid().as_raw_nonzero().get().cast_unsigned();
            (thread, Process::of(thread))
        });
        let (thread, of_it) = inside.join().unwrap();
        assert!(thread != me.pid && of_it == me);
        let mut child = Command::new("sleep").arg("60").spawn().unwrap();
        assert_ne!(Process::of(child.id()), me);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn what_cannot_be_told_is_one() {
        assert_eq!(Process::of(0), Process::of(0));
        assert_ne!(Process::of(0), Process::of(std::process::id()));
    }
}
