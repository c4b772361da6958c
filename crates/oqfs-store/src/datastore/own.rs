//! Files that this program keeps in the folders of calculations. Who owns a folder may have put something else in their place: a link that
//! leads elsewhere, a pipe that keeps whoever opens it waiting, a device that never ends.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The bytes of the largest such file that is read.
const LARGEST: u64 = 64 << 20;

/// Opens such a file for reading.
///
/// # Errors
/// If it cannot be opened; [`ErrorKind::InvalidData`] if it is no regular file.
pub(crate) fn open_own(path: &Path) -> io::Result<File> {
    open_with(path, libc::O_NOFOLLOW)
}

/// Opens a file for reading that may as well be a link to one.
///
/// # Errors
/// As above, or if somebody has a lease on it, who is told to give it up.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    open_with(path, 0)
}

fn open_with(path: &Path, flags: i32) -> io::Result<File> {
    let is_none = || io::Error::new(ErrorKind::InvalidData, "not a regular file");
    let file = OpenOptions::new().read(true).custom_flags(flags | libc::O_NONBLOCK).open(path);
    let file = file.map_err(|e| if e.raw_os_error() == Some(libc::ELOOP) { is_none() } else { e })?;
    if file.metadata()?.is_file() { Ok(file) } else { Err(is_none()) }
}

/// Reads such a file.
///
/// # Errors
/// As above; [`ErrorKind::InvalidData`] too if it is larger than any of them.
pub(crate) fn read_own(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open_own(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    let is_too_large = || io::Error::new(ErrorKind::InvalidData, format!("more than {LARGEST} bytes"));
    if bytes.len() as u64 > LARGEST { Err(is_too_large()) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use rustix::fs::{CWD, FileType, mknodat};

    use super::*;

    #[test]
    fn what_is_put_in_the_place_of_a_file_of_ours_is_not_read() {
        let tmp = tempfile::tempdir().unwrap();
        let at = |name: &str| tmp.path().join(name);
        fs::write(at("file"), "x").unwrap();
        assert_eq!(read_own(&at("file")).unwrap(), b"x");
        symlink("file", at("link")).unwrap();
        symlink("/dev/zero", at("device")).unwrap();
        mknodat(CWD, at("pipe"), FileType::Fifo, 0o600.into(), 0).unwrap();
        fs::create_dir(at("folder")).unwrap();
        File::create(at("sparse")).unwrap().set_len(LARGEST + 1).unwrap();
        for name in ["link", "device", "pipe", "folder", "sparse"] {
            let error = read_own(&at(name)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{name}");
            assert_eq!(open_regular(&at(name)).is_ok(), ["link", "sparse"].contains(&name), "{name}");
        }
        assert_eq!(read_own(&at("none")).unwrap_err().kind(), ErrorKind::NotFound);
    }
}
