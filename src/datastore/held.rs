//! Who is writing a file.

use std::fs::{self, Metadata};
use std::os::unix::fs::MetadataExt;

/// The process that holds an exclusive lock on the file, as every HDF5 program does while it writes; `None` if nobody.
///
/// Read from `/proc/locks`: asking by trying to lock would, for a moment, make a writer that starts just then fail.
pub(crate) fn writer_of(file: &Metadata) -> Option<u32> {
    let locks = fs::read_to_string("/proc/locks").ok()?;
    let (major, minor) = (libc::major(file.dev()), libc::minor(file.dev()));
    let place = format!("{major:02x}:{minor:02x}:{}", file.ino());
    locks.lines().find_map(|line| {
        // 1: FLOCK  ADVISORY  WRITE 709 fe:00:787 0 EOF
        let words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            [_, "FLOCK" | "OFDLCK", _, "WRITE", pid, at, ..] if at == place => Some(pid.parse().unwrap_or(0)),
            _ => None,
        }
    })
}

/// True if no process writes the file, though its name says it is being written.
pub fn is_left(file: &Metadata) -> bool {
    writer_of(file).is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    #[test]
    fn an_exclusive_lock_is_seen_a_shared_one_is_not() {
        let file = tempfile::tempfile().unwrap();
        let metadata = file.metadata().unwrap();
        assert_eq!(writer_of(&metadata), None);
        // SAFETY: the descriptor is open.
        assert_eq!(unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_SH) }, 0);
        assert_eq!(writer_of(&metadata), None);
        // SAFETY: the descriptor is open.
        assert_eq!(unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX) }, 0);
        assert_eq!(writer_of(&metadata), Some(std::process::id()));
    }
}
