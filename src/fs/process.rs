//! Which process asks. The kernel tells a thread.

use std::fs;

use rustix::process::{Pid, PidfdFlags, pidfd_open};

/// A process: its number, and what tells it from others, because numbers are given again. All that the system hides from this process,
/// those of an outer container say, are one to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    pid: u32,
    unique: u64,
}

/// The file system that descriptors of processes are in, from Linux 6.9 on: an inode there is a process for good.
const PIDFS: i64 = 0x5049_4446;

impl Process {
    /// That of a thread, by the number that the kernel tells.
    ///
    /// Whoever asks may wait for the answer in the middle of `execve`, and `/proc/PID/stat` waits for the end of that: it is not read where
    /// the kernel has another way.
    pub fn of(thread: u32) -> Self {
        Self::found(thread).unwrap_or(Self { pid: thread, unique: 0 })
    }

    fn found(thread: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{thread}/status")).ok()?;
        let pid: u32 = status.lines().find_map(|line| line.strip_prefix("Tgid:"))?.trim().parse().ok()?;
        let descriptor = pidfd_open(Pid::from_raw(pid.cast_signed())?, PidfdFlags::empty()).ok()?;
        let has_inode = rustix::fs::fstatfs(&descriptor).is_ok_and(|fs| fs.f_type == PIDFS);
        let unique = if has_inode { rustix::fs::fstat(&descriptor).ok()?.st_ino } else { started(pid)? };
        Some(Self { pid, unique })
    }

    /// Whether it has not ended.
    pub fn lives(self) -> bool {
        Self::of(self.pid) == self
    }
}

/// When a process started, in ticks.
fn started(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name before it may have blanks and brackets; the start is field 22, counted from 1, and the name is field 2.
    stat.rsplit_once(')')?.1.split_whitespace().nth(22 - 3)?.parse().ok()
}

/// True if a signal that it does not block waits for the thread.
pub fn has_signal(thread: u32) -> bool {
    Signals::of(thread).is_some_and(|signals| signals.pending & !signals.blocked != 0)
}

/// True if a signal waits for the thread that ends its process, or that people send to have it end. One that the process takes note of
/// otherwise, such as that of a timer, is none: few programs expect to be interrupted where they close a file.
pub fn is_to_end(thread: u32) -> bool {
    const ASKING: [i32; 4] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP, libc::SIGQUIT];
    const STOPPING: [i32; 4] = [libc::SIGSTOP, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU];
    let set = |signals: [i32; 4]| signals.iter().fold(0u64, |set, signal| set | 1 << (signal - 1));
    let ends = |signals: Signals| signals.pending & !signals.blocked & (!signals.caught | set(ASKING)) & !set(STOPPING);
    Signals::of(thread).is_some_and(|signals| ends(signals) != 0)
}

/// The signals of a thread, a bit each.
struct Signals {
    pending: u64,
    blocked: u64,
    /// Those that the process has handlers for.
    caught: u64,
}

impl Signals {
    fn of(thread: u32) -> Option<Self> {
        let status = fs::read_to_string(format!("/proc/{thread}/status")).ok()?;
        let set = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|set| u64::from_str_radix(set.trim(), 16).ok()).unwrap_or(0)
        };
        let pending = set("SigPnd:") | set("ShdPnd:");
        Some(Self { pending, blocked: set("SigBlk:"), caught: set("SigCgt:") })
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_thread_is_its_process() {
        let me = Process::of(std::process::id());
        assert!(me.pid == std::process::id() && me.unique > 0);
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
