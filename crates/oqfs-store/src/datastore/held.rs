//! Who is writing a file.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// The process that holds an exclusive lock on the file, as every HDF5 program does while it writes; `None` if nobody.
///
/// Read from `/proc/locks`: asking by trying to lock would, for a moment, make a writer that starts just then fail.
///
/// # Errors
/// If it cannot be told now. Where the system does not tell at all, nobody does.
pub(crate) fn writer_of(file: &Metadata) -> io::Result<Option<u32>> {
    let locks = match fs::read_to_string("/proc/locks") {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        locks => locks?,
    };
    let (major, minor) = (libc::major(file.dev()), libc::minor(file.dev()));
    let place = format!("{major:02x}:{minor:02x}:{}", file.ino());
    let writers = locks.lines().filter_map(|line| {
        // 1: FLOCK  ADVISORY  WRITE 709 fe:00:787 0 EOF
        let words: Vec<_> = line.split_whitespace().collect();
        match words[..] {
            [_, "FLOCK" | "OFDLCK", _, "WRITE", pid, at, ..] if at == place => Some(pid.parse().unwrap_or(0)),
            _ => None,
        }
    });
    // Locks of open file descriptions have no process there.
    Ok(writers.max())
}

/// A process that has the file at `path` (absolute, without symlinks) open for writing; `None` if none can be seen.
///
/// For writers that hold no lock: HDF5 gives it up when it lets others read along (SWMR), as the engine does. Only names are
/// read: asking for the file itself could ask this very process, if it is in a mount of its own.
pub(crate) fn opened_by(path: &Path) -> Option<u32> {
    let processes = fs::read_dir("/proc").ok()?;
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.into_iter().find(|pid| *pid != std::process::id() && writes(*pid, path))
}

/// True if process `pid` has the file at `path` open for writing.
fn writes(pid: u32, path: &Path) -> bool {
    let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else { return false };
    let named = files.flatten().filter(|file| fs::read_link(file.path()).is_ok_and(|to| to == path));
    named.into_iter().any(|file| {
        let info = format!("/proc/{pid}/fdinfo/{}", file.file_name().to_string_lossy());
        let flags = fs::read_to_string(info).ok().and_then(|info| {
            let octal = info.lines().find_map(|line| line.strip_prefix("flags:"))?;
            i32::from_str_radix(octal.trim(), 8).ok()
        });
        flags.is_some_and(|flags| flags & libc::O_ACCMODE != libc::O_RDONLY)
    })
}

/// True if process `pid`, which was seen to write the file, still does.
///
/// What it has open is asked first: reading the locks takes the system some milliseconds, in which nobody gets one.
pub fn still_writes(pid: u32, file: &Metadata, path: &Path) -> bool {
    writes(pid, path) || writer_of(file).is_ok_and(|writer| writer == Some(pid))
}

/// True if no process writes the file, though its name says it is being written.
pub fn is_left(file: &Metadata) -> bool {
    writer_of(file).is_ok_and(|writer| writer.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;

    #[test]
    fn an_exclusive_lock_is_seen_a_shared_one_is_not() {
        let file = tempfile::tempfile().unwrap();
        let metadata = file.metadata().unwrap();
        assert_eq!(writer_of(&metadata).unwrap(), None);
        // SAFETY: the descriptor is open.
        assert_eq!(unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_SH) }, 0);
        assert_eq!(writer_of(&metadata).unwrap(), None);
        // SAFETY: the descriptor is open.
        assert_eq!(unsafe { libc::flock(file.as_raw_fd(), libc::LOCK_EX) }, 0);
        assert_eq!(writer_of(&metadata).unwrap(), Some(std::process::id()));
    }
}
