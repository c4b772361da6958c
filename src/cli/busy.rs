//! Who uses a mount.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fmt;
use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::datastore::MountInfo;

/// A process that has something of a mount open, mapped, or as its directory.
#[derive(Debug)]
pub struct User {
    pid: u32,
    command: String,
    paths: BTreeSet<PathBuf>,
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "process {} ({})", self.pid, self.command)?;
        let Some(first) = self.paths.first() else { return Ok(()) };
        write!(f, ": {}", first.display())?;
        match self.paths.len() {
            1 => Ok(()),
            n => write!(f, " and {} more", n - 1),
        }
    }
}

/// The processes that use `mount`, as far as this user may see, without this one and `daemon`.
///
/// Only `/proc` is read: whether a name is in the mount is told by numbers that the kernel has at hand, because asking the
/// mount itself could wait for ever.
pub fn users_of(mount: &MountInfo, daemon: Option<u32>) -> Vec<User> {
    let Ok(processes) = fs::read_dir("/proc") else { return vec![] };
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let others = pids.filter(|pid| *pid != std::process::id() && Some(*pid) != daemon);
    let used = others.map(|pid| (pid, used_by(Path::new(&format!("/proc/{pid}")), mount)));
    let mut users: Vec<_> = used
        .filter(|(_, paths)| !paths.is_empty())
        .map(|(pid, paths)| {
            let command = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default().trim().to_string();
            User { pid, command, paths }
        })
        .collect();
    users.sort_by_key(|user| user.pid);
    users
}

/// The paths of `mount` that the process at `proc` uses.
fn used_by(proc: &Path, mount: &MountInfo) -> BTreeSet<PathBuf> {
    let mut paths = BTreeSet::new();
    for name in ["cwd", "root"] {
        // Opening a name alone asks no file system.
        let open = File::options().read(true).custom_flags(libc::O_PATH).open(proc.join(name));
        let here = |file: &File| mount_of(&PathBuf::from(format!("/proc/self/fdinfo/{}", file.as_raw_fd())));
        if open.ok().and_then(|file| here(&file)) == Some(mount.id) {
            paths.extend(fs::read_link(proc.join(name)));
        }
    }
    for entry in fs::read_dir(proc.join("fd")).into_iter().flatten().flatten() {
        if mount_of(&proc.join("fdinfo").join(entry.file_name())) == Some(mount.id) {
            paths.extend(fs::read_link(entry.path()));
        }
    }
    paths.extend(mapped(&fs::read(proc.join("maps")).unwrap_or_default(), mount.device));
    paths
}

/// The mount that an open file is in.
fn mount_of(fdinfo: &Path) -> Option<u32> {
    let text = fs::read_to_string(fdinfo).ok()?;
    text.lines().find_map(|line| line.strip_prefix("mnt_id:"))?.trim().parse().ok()
}

/// The paths of files of a device in `/proc/PID/maps`.
fn mapped(maps: &[u8], (major, minor): (u32, u32)) -> Vec<PathBuf> {
    let device = format!("{major:02x}:{minor:02x}");
    let path = |line: &[u8]| {
        // 7f0-7f1 r--s 00000000 00:2f 1234      /path
        let mut words = line.splitn(6, |b| *b == b' ');
        let of_it = words.nth(3)? == device.as_bytes();
        let path = words.nth(1).filter(|_| of_it)?.trim_ascii_start();
        Some(PathBuf::from(OsStr::from_bytes(path)))
    };
    maps.split(|b| *b == b'\n').filter_map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mapped_files_of_a_device() {
        let maps = b"55-56 r--p 00000000 fe:00 1308                       /usr/bin/x\n\
            7f0-7f1 r--s 00001000 00:2f 4611686018427      /data/calc_1/a b.npy\n7f2-7f3 rw-p 00000000 00:00 0 \n\n";
        assert_eq!(mapped(maps, (0, 0x2f)), [PathBuf::from("/data/calc_1/a b.npy")]);
        assert_eq!(mapped(maps, (0xfe, 0)), [PathBuf::from("/usr/bin/x")]);
    }

    #[test]
    fn a_user_in_words() {
        let mut user = User { pid: 7, command: "less".into(), paths: ["/b".into()].into() };
        assert_eq!(user.to_string(), "process 7 (less): /b");
        user.paths.extend(["/a".into(), "/c".into()]);
        assert_eq!(user.to_string(), "process 7 (less): /a and 2 more");
    }
}
