//! Where something is mounted: which directories may be, and what must be gone from there before.

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::daemon::is_ending;
use crate::datastore::{DataDir, MountInfo, point_of};
use crate::fuse;

/// The mount point, absolute, as it is in `/proc/mounts`. No mount is asked.
pub fn point(dir: Option<&Path>) -> anyhow::Result<PathBuf> {
    let dir = dir.map_or_else(DataDir::default_path, |dir| Ok(dir.to_owned()))?;
    point_of(&dir).with_context(|| dir.display().to_string())
}

/// Directories that the system or every program relies on, with all that is in them.
const SYSTEM: [&str; 11] =
    ["/bin", "/boot", "/dev", "/etc", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sbin", "/sys"];
/// The same, but for what is in them.
const SHARED: [&str; 8] = ["/home", "/media", "/mnt", "/opt", "/run", "/srv", "/tmp", "/var"];

/// Refuses to mount over a directory that others, or this program, need as it is.
pub fn refuse_what_is_needed(point: &Path) -> anyhow::Result<()> {
    let is_systems = SYSTEM.iter().any(|dir| point.starts_with(dir)) || point.starts_with("/usr");
    if is_systems || SHARED.iter().any(|dir| point == Path::new(dir)) || point.parent().is_none() {
        bail!("{}: a directory of the system; a data directory is one of its own, like ~/oqdata", point.display());
    }
    let home = std::env::var_os("HOME").filter(|home| !home.is_empty());
    let needed = [("this program", std::env::current_exe().ok()), ("your home directory", home.map(PathBuf::from))];
    for (what, place) in needed {
        let place = place.and_then(|place| fs::canonicalize(place).ok());
        if let Some(place) = place.filter(|place| place.starts_with(point)) {
            bail!("{}: {what} is there ({}), and would not be reached any more", point.display(), place.display());
        }
    }
    Ok(())
}

/// How long is waited for what a daemon that was killed leaves: its mount, and its lock.
pub const PATIENCE: Duration = Duration::from_secs(5);
pub const BETWEEN: Duration = Duration::from_millis(20);

/// Opens the data directory at `dir`, once no dead mount is on it.
///
/// # Errors
/// If a living daemon has it, or it cannot be opened.
pub fn opened(dir: &Path) -> anyhow::Result<DataDir> {
    let until = Instant::now() + PATIENCE;
    loop {
        clear(dir)?;
        match DataDir::open(dir) {
            // a mount came or went since it was looked at
            Err(_) if Instant::now() < until && !is_settled(dir) => std::thread::sleep(BETWEEN),
            opened => return Ok(opened?),
        }
    }
}

/// Takes dead mounts away from `point`.
///
/// # Errors
/// If a living daemon has it, or shows the directory elsewhere, or a dead mount cannot be taken away.
pub fn clear(point: &Path) -> anyhow::Result<()> {
    let until = Instant::now() + PATIENCE;
    while let Some((at, mount)) = MountInfo::serving(point).with_context(|| point.display().to_string())? {
        if fuse::is_dead(&mount, &at) {
            log::warn!("{}: a mount without a daemon; replaced", at.display());
            match fuse::unmount(&at) {
                Err(e) if Instant::now() > until => {
                    return Err(e).with_context(|| format!("{}: a mount without a daemon", at.display()));
                }
                _ => std::thread::sleep(BETWEEN),
            }
            continue;
        }
        let place = if at == point { String::new() } else { format!(", at {}", at.display()) };
        match mount.daemon() {
            // its mount is dead in a moment
            Some(pid) if is_ending(pid) && Instant::now() < until => std::thread::sleep(BETWEEN),
            Some(pid) => bail!("{}: already mounted by process {pid}{place}", point.display()),
            None => bail!("{}: another user's mount is on it", point.display()),
        }
    }
    Ok(())
}

/// Refuses to show a data directory within itself, or over one that it is in.
pub fn refuse_circle(dir: &Path, point: &Path) -> anyhow::Result<()> {
    let over = "without --at it is mounted over itself";
    if dir == point {
        bail!("{}: the data directory itself; {over}", point.display());
    }
    if point.starts_with(dir) {
        bail!("{}: within the data directory, {}; {over}", point.display(), dir.display());
    }
    if dir.starts_with(point) {
        bail!("{}: the data directory, {}, is in it, and would be hidden; {over}", point.display(), dir.display());
    }
    Ok(())
}

/// Makes the directory at `point`, to mount over, if there is none.
///
/// # Errors
/// If something is in it, which the mount would hide.
pub fn make_empty(point: &Path) -> anyhow::Result<()> {
    const TOLD: usize = 3;
    let listed = fs::create_dir_all(point).and_then(|()| fs::read_dir(point)?.collect::<io::Result<Vec<_>>>());
    let mut names: Vec<_> =
        listed.with_context(|| point.display().to_string())?.iter().map(DirEntry::file_name).collect();
    names.sort();
    let told: Vec<_> = names.iter().take(TOLD).map(|name| name.display().to_string()).collect();
    match names.len() {
        0 => Ok(()),
        n if n <= TOLD => bail!("{}: not empty: {} would be hidden", point.display(), told.join(", ")),
        n => bail!("{}: not empty: {} and {} more would be hidden", point.display(), told.join(", "), n - TOLD),
    }
}

/// Whether what is at a path, or that nothing is, can be told.
fn is_settled(point: &Path) -> bool {
    match fs::symlink_metadata(point) {
        Err(e) => e.raw_os_error() != Some(libc::ENOTCONN),
        Ok(metadata) => !metadata.is_dir(),
    }
}
