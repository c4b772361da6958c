//! What the kernel says of mounts of this program. Reading it asks no file system, so it never waits for one.
//!
//! The source of a mount is `oqfs:PID:FD`: the process in charge, and its descriptor of the directory beneath. So every command reaches
//! that directory without asking the mount. It is believed of mounts that root or this user made, and of nothing else: a name or an
//! extended attribute is anybody's to make.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::folder::SYMLINKS;

/// What the source of a mount begins with, and its subtype: the type in `/proc/mounts` is `fuse`, or `fuse.oqfs` if `fusermount3`
/// mounted it.
pub const SUBTYPE: &str = "oqfs";

/// A mount of this program, dead or alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountInfo {
    /// The number that `/proc/PID/fdinfo/N` has as `mnt_id`.
    pub id: u32,
    /// The device of all files in it: major and minor number.
    pub device: (u32, u32),
    /// The user who mounted it.
    user: u32,
    /// The process in charge, and its descriptor of the directory beneath.
    daemon: (u32, u32),
}

/// The source that [`MountInfo`] finds the directory beneath by.
pub fn source_of(pid: u32, fd: u32) -> String {
    format!("{SUBTYPE}:{pid}:{fd}")
}

impl MountInfo {
    /// The mount of this program on `point`, which is absolute and without symlinks; `None` if something else, or nothing, is
    /// mounted there.
    pub fn at(point: &Path) -> Option<Self> {
        found_in(&fs::read("/proc/self/mountinfo").ok()?, point)
    }

    /// The mount of this program on the directory at `path`, however that is written; no mount is asked.
    ///
    /// # Errors
    /// As [`point_of`].
    pub fn on(path: &Path) -> io::Result<Option<Self>> {
        Ok(Self::at(&point_of(path)?))
    }

    /// The mount that shows the directory at `path`, and where: on the directory itself, or elsewhere. No mount is asked.
    ///
    /// # Errors
    /// As [`point_of`].
    pub fn serving(path: &Path) -> io::Result<Option<(PathBuf, Self)>> {
        let point = point_of(path)?;
        if let Some(mount) = Self::at(&point) {
            return Ok(Some((point, mount)));
        }
        let Ok(here) = fs::metadata(&point) else { return Ok(None) };
        let is_here = |mount: &Self| {
            let beneath = mount.beneath().and_then(|beneath| fs::metadata(beneath).ok());
            beneath.is_some_and(|beneath| (beneath.dev(), beneath.ino()) == (here.dev(), here.ino()))
        };
        Ok(Self::all()?.into_iter().find(|(_, mount)| is_here(mount)))
    }

    /// All mounts of this program, by where they are.
    ///
    /// # Errors
    /// If the kernel does not say.
    pub fn all() -> io::Result<Vec<(PathBuf, Self)>> {
        let points = points_in(&fs::read("/proc/self/mountinfo")?);
        Ok(points.into_iter().filter_map(|point| Self::at(&point).map(|mount| (point, mount))).collect())
    }

    /// Whether it shows a data directory, as far as this user may tell; else one HDF5 file.
    pub fn is_of_directory(&self) -> bool {
        self.beneath().and_then(|beneath| fs::metadata(beneath).ok()).is_none_or(|beneath| beneath.is_dir())
    }

    /// The process in charge; `None` of another plain user's mount, whose word counts for nothing.
    pub fn daemon(&self) -> Option<u32> {
        self.is_believed().then_some(self.daemon.0)
    }

    /// A path to the directory beneath, while the daemon lives; `None` as for [`Self::daemon`].
    pub fn beneath(&self) -> Option<PathBuf> {
        let (pid, fd) = self.daemon;
        self.is_believed().then(|| format!("/proc/{pid}/fd/{fd}").into())
    }

    /// Whether nobody is in charge any more, as far as this user may tell.
    pub fn is_dead(&self) -> bool {
        self.beneath()
            .is_some_and(|beneath| fs::symlink_metadata(beneath).is_err_and(|e| e.kind() == io::ErrorKind::NotFound))
    }

    fn is_believed(&self) -> bool {
        self.user == 0 || self.user == rustix::process::geteuid().as_raw()
    }
}

/// The mount points whose source begins as those of this program do.
fn points_in(mounts: &[u8]) -> BTreeSet<PathBuf> {
    let point = |line: &[u8]| {
        let words: Vec<&[u8]> = line.split(|b| *b == b' ').collect();
        let dash = words.iter().position(|word| *word == b"-")?;
        let is_ours = words.get(dash + 2)?.starts_with(SUBTYPE.as_bytes());
        Some(PathBuf::from(unescaped(words.get(4)?))).filter(|_| is_ours)
    };
    mounts.split(|b| *b == b'\n').filter_map(point).collect()
}

/// The last line for a mount point is that of the mount on top.
fn found_in(mounts: &[u8], point: &Path) -> Option<MountInfo> {
    let mut lines = mounts.split(|b| *b == b'\n').map(|line| line.split(|b| *b == b' ').collect::<Vec<_>>());
    let on_top = lines.rfind(|words| words.get(4).is_some_and(|path| unescaped(path) == point.as_os_str()))?;
    // 36 35 98:0 /root /mnt options [optional ...] - type source options
    let dash = on_top.iter().position(|word| word == b"-")?;
    let text = |at: usize| on_top.get(at).and_then(|word| std::str::from_utf8(word).ok());
    let kind = text(dash + 1)?;
    if kind != "fuse" && kind.strip_prefix("fuse.") != Some(SUBTYPE) {
        return None;
    }
    let (pid, fd) = text(dash + 2)?.strip_prefix(SUBTYPE)?.strip_prefix(':')?.split_once(':')?;
    let user = text(dash + 3)?.split(',').find_map(|option| option.strip_prefix("user_id="))?;
    let (major, minor) = text(2)?.split_once(':')?;
    Some(MountInfo {
        id: text(0)?.parse().ok()?,
        device: (major.parse().ok()?, minor.parse().ok()?),
        user: user.parse().ok()?,
        daemon: (pid.parse().ok()?, fd.parse().ok()?),
    })
}

/// The absolute path without symlinks of a directory, or of one that is to be made, found without asking a mount of this program that is
/// on it.
///
/// # Errors
/// If there is no working directory for a relative path, or symlinks lead in a circle.
pub fn point_of(path: &Path) -> io::Result<PathBuf> {
    let mut path = std::path::absolute(path)?;
    for _ in 0..=SYMLINKS {
        let (Some(above), Some(name)) = (path.parent(), path.file_name()) else { return fs::canonicalize(&path) };
        let Ok(above) = fs::canonicalize(above) else { return Ok(path) };
        let place = above.join(name);
        if MountInfo::at(&place).is_some() {
            return Ok(place);
        }
        match fs::read_link(&place) {
            Ok(target) => path = above.join(target),
            Err(_) => return Ok(place),
        }
    }
    Err(io::Error::from_raw_os_error(libc::ELOOP))
}

/// The process that is in charge of the oqfs mounted on `path`, or showing that directory elsewhere, if one is and lives.
pub fn mounted_by(path: &Path) -> Option<u32> {
    let (_, mount) = MountInfo::serving(path).ok()??;
    Some(mount).filter(|mount| !mount.is_dead())?.daemon()
}

/// A path of mountinfo, where spaces, tabs, newlines and backslashes are three octal digits after a backslash.
fn unescaped(path: &[u8]) -> OsString {
    let mut plain = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((&byte, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|_| byte == b'\\').and_then(|digits| std::str::from_utf8(digits).ok());
        match octal.and_then(|digits| u8::from_str_radix(digits, 8).ok()) {
            Some(escaped) => {
                plain.push(escaped);
                rest = &after[3..];
            }
            None => {
                plain.push(byte);
                rest = after;
            }
        }
    }
    OsString::from_vec(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mount_on_top_counts() {
        let mounts = b"22 1 254:0 / / rw - ext4 /dev/vda rw\n\
            40 22 0:47 / /a\\040b rw,nosuid shared:7 - fuse.oqfs oqfs:7:3 rw,user_id=0,group_id=0\n\
            41 40 0:48 / /a\\040b rw master:3 shared:8 - fuse oqfs:8:4 rw,user_id=0,group_id=0\n\
            42 22 0:49 / /c rw - fuse.oqfs oqfs:9:3 rw,user_id=0\n43 42 0:50 / /c rw - tmpfs none rw\nnonsense\n\n";
        let at = |path: &str| found_in(mounts, Path::new(path));
        assert_eq!(at("/a b"), Some(MountInfo { id: 41, device: (0, 48), user: 0, daemon: (8, 4) }));
        assert_eq!(at("/a b").unwrap().beneath(), Some("/proc/8/fd/4".into()));
        assert_eq!([at("/c"), at("/"), at("/a"), at("")], [None, None, None, None]);
        assert_eq!(points_in(mounts), ["/a b", "/c"].map(PathBuf::from).into());
        assert_eq!(unescaped(br"\134\0\1234"), OsString::from(r"\\0S4"));
    }

    #[test]
    fn only_mounts_of_root_and_of_this_user_are_believed() {
        let me = rustix::process::geteuid().as_raw();
        let line = |kind: &str, source: &str, user: u32| {
            let text = format!("40 22 0:47 / /a rw - {kind} {source} rw,user_id={user},group_id=0");
            found_in(text.as_bytes(), Path::new("/a"))
        };
        assert_eq!(line("fuse.oqfs", "oqfs:7:3", me).and_then(|mount| mount.daemon()), Some(7));
        assert_eq!(line("fuse.oqfs", "oqfs:7:3", 0).and_then(|mount| mount.daemon()), Some(7));
        let another = line("fuse.oqfs", "oqfs:7:3", me + 1).unwrap();
        assert_eq!((another.daemon(), another.beneath(), another.is_dead()), (None, None, false));
        for (kind, source) in [
            ("fuse.sshfs", "oqfs:7:3"),
            ("tmpfs", "oqfs:7:3"),
            ("fuse", "oqfs"),
            ("fuse", "oqfs:7:../x"),
            ("fuse", "x:7:3"),
        ] {
            assert_eq!(line(kind, source, me), None, "{kind} {source}");
        }
    }

    #[test]
    fn a_point_is_found_by_its_parent() {
        let tmp = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(tmp.path()).unwrap();
        fs::create_dir(top.join("real")).unwrap();
        std::os::unix::fs::symlink("real", top.join("link")).unwrap();
        std::os::unix::fs::symlink("circle", top.join("circle")).unwrap();
        for (path, point) in
            [("real", "real"), ("link", "real"), ("none", "none"), ("real/../link", "real"), ("real/..", "")]
        {
            assert_eq!(point_of(&top.join(path)).unwrap(), top.join(point).components().collect::<PathBuf>(), "{path}");
        }
        assert!(point_of(&top.join("circle")).is_err());
    }
}
