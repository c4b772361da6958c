//! The checks: a row each.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use rustix::fs::{Access, statvfs};

use super::engine::{engine, python};
use super::machine::Machine;
use super::{Check, Finding, quoted};
use crate::datastore::{DataDir, Error, HIDDEN, MountInfo, file_id, folder_id, hdf5_version};
use crate::fs::DirLock;
use crate::fuse;
use crate::schema::agrees_with;

pub const CHECKS: [Check; 12] = [
    ("program", program),
    ("fuse", device),
    ("fusermount3", fusermount),
    ("other users", other_users),
    ("open files", open_files),
    ("directory", directory),
    ("layout", layout),
    ("space", space),
    ("mount", mount),
    ("lock", lock),
    ("engine", engine),
    ("python", python),
];

/// Descriptors without which a mount is refused, and those with which it serves many programs.
const LEAST_FILES: u64 = 256;
const ENOUGH_FILES: u64 = 1024;
/// Bytes and files below which nothing can be computed, and below which it is soon so.
const LEAST_BYTES: u64 = 100 << 20;
const ENOUGH_BYTES: u64 = 1 << 30;
const LEAST_INODES: u64 = 1000;

const CLEAN: &str = "oqfs remove --older-than 90d --keep-last 20";

fn program(_: &Machine) -> Finding {
    let (version, hdf5) = (env!("CARGO_PKG_VERSION"), hdf5_version());
    Finding::ok(format!("oqfs {version} with HDF5 {hdf5}; numbers are those of {}", agrees_with()))
}

fn device(machine: &Machine) -> Finding {
    let device = machine.path("/dev/fuse");
    match File::options().read(true).write(true).open(&device) {
        Ok(_) => Finding::ok("/dev/fuse can be opened"),
        Err(e) if e.kind() == ErrorKind::NotFound => Finding::problem(
            "/dev/fuse is missing: nothing can be mounted (oqfs ls, cat, cp and run need no mount)",
            "sudo modprobe fuse    # a container is started with --device /dev/fuse --cap-add SYS_ADMIN",
        ),
        Err(e) if e.kind() == ErrorKind::PermissionDenied => {
            Finding::problem("/dev/fuse may not be opened by this user", "sudo chmod 666 /dev/fuse")
        }
        Err(e) => Finding::problem(
            format!("/dev/fuse: {e}"),
            "sudo modprobe fuse    # a container is started with --device /dev/fuse --cap-add SYS_ADMIN",
        ),
    }
}

fn fusermount(machine: &Machine) -> Finding {
    const INSTALL: &str = "sudo apt install fuse3    # or: sudo dnf install fuse3";
    match machine.program("fusermount3") {
        Some(path) => Finding::ok(path.display().to_string()),
        None if machine.is_root => Finding::note("not in PATH; root mounts without it").by(INSTALL),
        None => Finding::problem("not in PATH: this user cannot mount", INSTALL),
    }
}

fn other_users(machine: &Machine) -> Finding {
    let conf = fs::read_to_string(machine.path("/etc/fuse.conf")).unwrap_or_default();
    if conf.lines().any(|line| line.trim() == "user_allow_other") {
        return Finding::ok("user_allow_other is in /etc/fuse.conf: --allow-other works");
    }
    if machine.is_root {
        return Finding::ok("root may use --allow-other");
    }
    Finding::note("/etc/fuse.conf has no user_allow_other: --allow-other is refused")
        .by("echo user_allow_other | sudo tee -a /etc/fuse.conf")
}

fn open_files(machine: &Machine) -> Finding {
    match machine.files {
        None => Finding::ok("no limit"),
        Some(most) if most < LEAST_FILES => Finding::problem(
            format!("{most} at most; a mount needs {LEAST_FILES}"),
            format!("ulimit -Hn {ENOUGH_FILES}"),
        ),
        Some(most) if most < ENOUGH_FILES => Finding::note(format!("{most} at most, which is few for many programs"))
            .by(format!("ulimit -Hn {ENOUGH_FILES}")),
        Some(most) => Finding::ok(format!("{most} at most")),
    }
}

/// The data directory, if it is there and can be looked at without asking a mount: that beneath, if one is on it.
fn opened(machine: &Machine) -> Option<DataDir> {
    if stale(&machine.dir) {
        return None;
    }
    DataDir::open_existing(&machine.dir).ok().filter(|dir| !dir.is_through_mount())
}

fn directory(machine: &Machine) -> Finding {
    let (dir, shown) = (&machine.dir, machine.dir.display());
    if stale(dir) {
        return Finding::note(format!("{shown}: its mount is dead"));
    }
    let found = match DataDir::open_existing(dir) {
        Ok(found) => found,
        Err(_) if fs::symlink_metadata(dir).is_err_and(|e| e.kind() == ErrorKind::NotFound) => {
            return Finding::note(format!("{shown} is not there; oqfs mount and oqfs run make it"));
        }
        Err(e @ Error::NewerLayout { .. }) => {
            return Finding::problem(
                e.to_string(),
                "pip install --upgrade oqfs    # or the package of a newer version",
            );
        }
        Err(e) => return Finding::problem(e.to_string(), format!("mv {0} {0}.old && mkdir {0}", quoted(dir))),
    };
    if found.is_through_mount() {
        return Finding::ok(format!("{shown}, which another user serves"));
    }
    let can_write = rustix::fs::access(found.path(), Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK);
    match can_write {
        Ok(()) => Finding::ok(shown.to_string()),
        Err(e) => Finding::problem(
            format!("{shown}: this user may not write there: {e}"),
            format!("sudo chown -R \"$USER\" {}    # or another one: export OQ_DATADIR=...", quoted(dir)),
        ),
    }
}

/// Whether a mount on the directory has nobody who serves it.
fn stale(dir: &Path) -> bool {
    MountInfo::at(dir).is_some_and(|mount| mount.is_dead())
}

fn layout(machine: &Machine) -> Finding {
    let Some(dir) = opened(machine) else { return Finding::note("no data directory to look at") };
    let names = match fs::read_dir(dir.path()) {
        Ok(entries) => entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()),
        Err(e) => return Finding::problem(e.to_string(), format!("ls -la {}", quoted(&machine.dir))),
    };
    let (mut folders, mut files, mut odd) = (vec![], vec![], vec![]);
    for name in names {
        let path = dir.path().join(&name);
        match (folder_id(&name), file_id(&name)) {
            (Some(id), _) if path.is_dir() => folders.push(id),
            (_, Some(id)) if !path.is_dir() => files.push(id),
            (Some(_), _) | (_, Some(_)) => odd.push(name),
            _ if name == "new" && !path.is_symlink() => odd.push(name),
            _ => {}
        }
    }
    let both: Vec<_> = folders.iter().filter(|id| files.contains(id)).map(|id| format!("calc_{id}.hdf5")).collect();
    let inside =
        |names: &[String]| names.iter().map(|name| quoted(&machine.dir.join(name))).collect::<Vec<_>>().join(" ");
    if !odd.is_empty() {
        let found = format!("a mount hides what has a name that it needs: {}", odd.join(", "));
        return Finding::problem(found, format!("mkdir -p ~/oqfs-hidden && mv {} ~/oqfs-hidden/", inside(&odd)));
    }
    let counts = format!("{} calculations of this program, {} of others", folders.len(), files.len() - both.len());
    if both.is_empty() {
        Finding::ok(counts)
    } else {
        Finding::note(format!("{counts}; a folder of the same number hides {}", both.join(", ")))
    }
}

fn space(machine: &Machine) -> Finding {
    // where it is not there yet, it will be on the disk of the directory above
    let above = || machine.dir.ancestors().skip(1).find_map(|above| statvfs(above).ok());
    let found =
        if stale(&machine.dir) { None } else { opened(machine).map_or_else(above, |dir| statvfs(dir.path()).ok()) };
    let Some(stat) = found else { return Finding::note("it cannot be told now") };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    // some file systems have no number of inodes
    let inodes = Some(stat.f_favail).filter(|_| stat.f_files > 0);
    let found = match inodes {
        Some(inodes) => format!("{} free, for {inodes} more files", Bytes(free)),
        None => format!("{} free", Bytes(free)),
    };
    if free < LEAST_BYTES || inodes.is_some_and(|inodes| inodes < LEAST_INODES) {
        return Finding::problem(found, CLEAN);
    }
    if free < ENOUGH_BYTES { Finding::note(found).by(CLEAN) } else { Finding::ok(found) }
}

/// A number of bytes in words.
struct Bytes(u64);

impl std::fmt::Display for Bytes {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let units = [(1u64 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB")];
        let (unit, name) = units.into_iter().find(|(unit, _)| self.0 >= *unit).unwrap_or((1 << 10, "KiB"));
        write!(f, "{:.1} {name}", self.0 as f64 / unit as f64)
    }
}

fn mount(machine: &Machine) -> Finding {
    let dir = &machine.dir;
    match MountInfo::serving(dir) {
        Ok(None) => Finding::ok("not mounted; oqfs mount mounts it"),
        Err(e) => Finding::note(e.to_string()),
        Ok(Some((at, mount))) if fuse::is_dead(&mount, &at) => Finding::problem(
            format!("{}: nobody serves the mount any more", at.display()),
            if at == *dir { format!("oqfs mount {}", quoted(dir)) } else { format!("oqfs umount {}", quoted(&at)) },
        ),
        Ok(Some((at, mount))) => Finding::ok(match mount.daemon() {
            Some(pid) => format!("mounted at {} by process {pid}", at.display()),
            None => format!("mounted at {} by another user", at.display()),
        }),
    }
}

fn lock(machine: &Machine) -> Finding {
    let Some(dir) = opened(machine) else { return Finding::note("no data directory to look at") };
    let mounted = MountInfo::serving(&machine.dir).ok().flatten().is_some();
    match DirLock::holder(&dir) {
        Ok(None) => Finding::ok("free"),
        Ok(Some(pid)) if mounted => Finding::ok(format!("held by process {pid}, which serves the mount")),
        Ok(Some(pid)) => Finding::problem(
            format!(
                "held by process {pid}, but no mount is seen here: it may be in another container, or is just starting"
            ),
            format!("kill {pid}    # ends that daemon; its jobs run again with the next mount"),
        ),
        Err(e) => Finding::problem(
            format!("{}: {e}", machine.dir.join(HIDDEN).join("lock").display()),
            format!("sudo chown -R \"$USER\" {}", quoted(&machine.dir.join(HIDDEN))),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::os::unix::fs::PermissionsExt;

    use super::super::{Health, rows};
    use super::*;

    /// A machine without anything, and the directory that it is in.
    fn bare() -> (tempfile::TempDir, Machine) {
        let tmp = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(tmp.path()).unwrap();
        let dir = root.join("oqdata");
        let env = BTreeMap::from([("PATH".into(), "/usr/bin:/opt/oq/bin".into())]);
        (tmp, Machine { root, env, dir, is_root: false, files: Some(4096) })
    }

    fn put(machine: &Machine, path: &str, text: &str) {
        let path = machine.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn health(machine: &Machine, check: &str) -> (Health, String, String) {
        let row = rows(machine).into_iter().find(|row| row.check == check).unwrap();
        (row.finding.health, row.finding.found, row.finding.mend.unwrap_or_default())
    }

    #[test]
    fn what_is_missing_is_told_with_what_mends_it() {
        let (_tmp, mut machine) = bare();
        let problem = |machine: &Machine, check: &str, mend: &str| {
            let (state, found, mends) = health(machine, check);
            assert!(state == Health::Problem && mends.contains(mend), "{check}: {state:?} {found} {mends}");
        };
        problem(&machine, "fuse", "modprobe fuse");
        problem(&machine, "fusermount3", "apt install fuse3");
        let (state, _, mend) = health(&machine, "other users");
        assert!(state == Health::Note && mend.contains("user_allow_other"));
        assert_eq!(health(&machine, "directory").0, Health::Note);
        machine.files = Some(100);
        problem(&machine, "open files", "ulimit");
        machine.files = Some(500);
        assert_eq!(health(&machine, "open files").0, Health::Note);
        machine.is_root = true;
        assert_eq!(health(&machine, "fusermount3").0, Health::Note);
        fs::write(&machine.dir, "a file").unwrap();
        problem(&machine, "directory", "mkdir");
    }

    #[test]
    fn what_is_as_it_should_be_is_ok() {
        let (_tmp, machine) = bare();
        put(&machine, "/dev/fuse", "");
        put(&machine, "/usr/bin/fusermount3", "");
        put(&machine, "/etc/fuse.conf", "# a comment\n  user_allow_other\n");
        fs::create_dir_all(machine.dir.join("calc_1")).unwrap();
        fs::write(machine.dir.join("calc_2.hdf5"), "").unwrap();
        for check in
            ["program", "fuse", "fusermount3", "other users", "open files", "directory", "layout", "mount", "lock"]
        {
            let (state, found, _) = health(&machine, check);
            assert_eq!(state, Health::Ok, "{check}: {found}");
        }
        assert_eq!(health(&machine, "layout").1, "1 calculations of this program, 1 of others");
        assert!(!machine.dir.join(HIDDEN).exists(), "nothing is made");
    }

    #[test]
    fn names_that_a_mount_hides_are_told() {
        let (_tmp, machine) = bare();
        fs::create_dir_all(machine.dir.join("new")).unwrap();
        fs::create_dir(machine.dir.join("calc_7.hdf5")).unwrap();
        let (state, found, mend) = health(&machine, "layout");
        assert!(state == Health::Problem && found.contains("new") && found.contains("calc_7.hdf5"), "{found}");
        assert!(mend.contains("oqdata/new"), "{mend}");
        fs::remove_dir(machine.dir.join("new")).unwrap();
        fs::remove_dir(machine.dir.join("calc_7.hdf5")).unwrap();
        fs::create_dir(machine.dir.join("calc_3")).unwrap();
        fs::write(machine.dir.join("calc_3.hdf5"), "").unwrap();
        let (state, found, _) = health(&machine, "layout");
        assert!(state == Health::Note && found.contains("hides calc_3.hdf5"), "{found}");
    }

    #[test]
    fn a_lock_without_a_mount_is_told() {
        let (_tmp, machine) = bare();
        let lock = DirLock::take(&DataDir::open(&machine.dir).unwrap()).unwrap();
        let (state, found, mend) = health(&machine, "lock");
        assert!(
            state == Health::Problem && mend.starts_with(&format!("kill {}", std::process::id())),
            "{found}; {mend}"
        );
        drop(lock);
        assert_eq!(health(&machine, "lock").0, Health::Ok);
    }

    #[test]
    fn numbers_of_bytes_are_read() {
        for (bytes, text) in [(0, "0.0 KiB"), (3 << 29, "1.5 GiB"), (5 << 20, "5.0 MiB")] {
            assert_eq!(Bytes(bytes).to_string(), text);
        }
    }
}
