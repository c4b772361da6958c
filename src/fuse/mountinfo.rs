//! What the kernel says of mounts. Reading it asks no file system, so it never waits for one.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;

use super::SUBTYPE;

/// A mount of this program, dead or alive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MountInfo {
    /// The number that `/proc/PID/fdinfo/N` has as `mnt_id`.
    pub id: u32,
    /// The device of all files in it: major and minor number.
    pub device: (u32, u32),
}

impl MountInfo {
    /// The mount of this program on `point`, which is absolute and without symlinks; `None` if something else, or nothing, is
    /// mounted there.
    pub fn at(point: &Path) -> Option<Self> {
        found_in(&std::fs::read("/proc/self/mountinfo").ok()?, point)
    }
}

/// The last line for a mount point is that of the mount on top.
fn found_in(mounts: &[u8], point: &Path) -> Option<MountInfo> {
    let mut lines = mounts.split(|b| *b == b'\n').map(|line| line.split(|b| *b == b' ').collect::<Vec<_>>());
    let on_top = lines.rfind(|words| words.get(4).is_some_and(|path| unescaped(path) == point.as_os_str()))?;
    // 36 35 98:0 /root /mnt options [optional ...] - type source options
    let dash = on_top.iter().position(|word| word == b"-")?;
    let text = |at: usize| on_top.get(at).and_then(|word| std::str::from_utf8(word).ok());
    if text(dash + 2)? != SUBTYPE {
        return None;
    }
    let (major, minor) = text(2)?.split_once(':')?;
    Some(MountInfo { id: text(0)?.parse().ok()?, device: (major.parse().ok()?, minor.parse().ok()?) })
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
            40 22 0:47 / /a\\040b rw,nosuid shared:7 - fuse.oqfs oqfs rw\n\
            41 40 0:48 / /a\\040b rw master:3 shared:8 - fuse.oqfs oqfs rw\n\
            42 22 0:49 / /c rw - fuse.oqfs oqfs rw\n43 42 0:50 / /c rw - tmpfs none rw\nnonsense\n\n";
        let at = |path: &str| found_in(mounts, Path::new(path));
        assert_eq!(at("/a b"), Some(MountInfo { id: 41, device: (0, 48) }));
        assert_eq!([at("/c"), at("/"), at("/a"), at("")], [None, None, None, None]);
        assert_eq!(unescaped(br"\134\0\1234"), OsString::from(r"\\0S4"));
    }
}
