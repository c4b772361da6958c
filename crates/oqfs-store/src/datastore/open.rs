//! Opening an HDF5 file, and saying why it cannot be opened.

use std::fs::{self, File, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::Path;

use hdf5::MinorErrorCode;
use hdf5::plist::file_access::LibraryVersion;

use super::error::io;
use super::held::{opened_by, writer_of};
use super::own::open_regular;
use super::{Error, Result, h5};

/// Opens the HDF5 file at `real` for reading; errors speak of `shown`.
///
/// No lock is taken, so no writer is ever kept out. That nobody writes is asked first.
///
/// # Errors
/// [`Error::BeingWritten`], [`Error::NotClosed`], [`Error::Truncated`], [`Error::NotHdf5`], each its own case; else
/// [`Error::Io`] or [`Error::Hdf5`].
pub fn open_for_reading(real: &Path, shown: &Path) -> Result<hdf5::File> {
    look(real, shown)?;
    open_looked_at(real, shown)
}

/// The same of a file of which what [`look`] tells is known.
pub(crate) fn open_looked_at(real: &Path, shown: &Path) -> Result<hdf5::File> {
    ours_alone(h5::open_unlocked(real), real, shown)
}

/// The same, as a file apart from the same file open elsewhere in this process: the library would give the metadata it has of
/// that one, which may have changed since. Only one at a time may be open so.
pub(crate) fn open_apart(real: &Path, shown: &Path) -> Result<h5::Id> {
    look(real, shown)?;
    h5::open_apart(real).map_err(|e| why(&e, real, shown))
}

/// Opens it for changing, with the lock every HDF5 program takes.
pub(crate) fn open_for_writing(real: &Path, shown: &Path) -> Result<hdf5::File> {
    look(real, shown)?;
    let mut builder = hdf5::FileBuilder::new();
    builder.with_fapl(|f| f.file_locking(true));
    ours_alone(builder.open_rw(real), real, shown)
}

/// Creates it, or empties it, in the format of HDF5 1.10: any later library reads it.
pub(crate) fn create(real: &Path, shown: &Path) -> Result<hdf5::File> {
    let mut builder = hdf5::FileBuilder::new();
    builder.with_fapl(|f| f.file_locking(true).libver_bounds(LibraryVersion::V110, LibraryVersion::V110));
    ours_alone(builder.create(real), real, shown)
}

fn ours_alone(opened: hdf5::Result<hdf5::File>, real: &Path, shown: &Path) -> Result<hdf5::File> {
    let opened = opened.and_then(|file| h5::close_on_exec(&file).map(|()| file));
    opened.map_err(|e| why(&e, real, shown))
}

/// The version of the HDF5 library that is compiled in.
pub fn hdf5_version() -> String {
    let (major, minor, release) = hdf5::library_version();
    format!("{major}.{minor}.{release}")
}

/// What can be told before the library is asked: what the file is to the system.
///
/// # Errors
/// [`Error::BeingWritten`] if somebody has it locked, [`Error::NotHdf5`] if it has no signature, [`Error::Io`] if it cannot be opened.
pub fn look(real: &Path, shown: &Path) -> Result<Metadata> {
    if !fs::metadata(real).map_err(io(shown))?.is_file() {
        return Err(Error::NotHdf5 { path: shown.into(), reason: "not a regular file".into() });
    }
    let file = open_regular(real).map_err(io(shown))?;
    let metadata = file.metadata().map_err(io(shown))?;
    if let Some(mut pid) = writer_of(&metadata).map_err(io(shown))? {
        // The lock of a program that works through this process' own mount is held by this process.
        if pid == std::process::id() {
            pid = opened_by(shown).unwrap_or(pid);
        }
        return Err(Error::BeingWritten { path: shown.into(), pid: (pid > 0).then_some(pid) });
    }
    if !has_signature(&file, metadata.len()).map_err(io(shown))? {
        let reason = match metadata.len() {
            0 => "the file is empty".into(),
            n => format!("no HDF5 signature in its {n} bytes"),
        };
        return Err(Error::NotHdf5 { path: shown.into(), reason });
    }
    Ok(metadata)
}

/// Whether a file is closed and whole by what its first bytes say, without the library. Where they say something else, or say it in a
/// way that is not known here, the library may find the file good all the same.
pub fn is_whole(real: &Path) -> bool {
    let mut start = [0; 48];
    let Ok(file) = open_regular(real) else { return false };
    let Ok(len) = file.metadata().map(|m| m.len()) else { return false };
    file.read_exact_at(&mut start, 0).is_ok() && end_of(&start).is_some_and(|end| end <= len)
}

/// The end of a file by its superblock, of numbers of 8 bytes (HDF5 file format specification 3.0, II.A); `None` if it is not at the start
/// of the file, not that of a file that is closed, or of another kind.
fn end_of(start: &[u8; 48]) -> Option<u64> {
    let number = |at: usize| start.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes);
    let rest = start.strip_prefix(SIGNATURE)?;
    let (is_closed, base, end) = match rest {
        [0, _, _, _, _, 8, 8, ..] => (start[20..24] == [0; 4], 24, 40),
        [2 | 3, 8, 8, flags, ..] => (*flags == 0, 12, 28),
        _ => return None,
    };
    (is_closed && number(base)? == 0).then(|| number(end))?
}

const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";

/// The signature is at 0, 512, 1024, 2048 and so on.
fn has_signature(file: &File, len: u64) -> std::io::Result<bool> {
    let mut at = 0;
    while at + 8 <= len {
        let mut bytes = [0; 8];
        match file.read_exact_at(&mut bytes, at) {
            Ok(()) if bytes == SIGNATURE => return Ok(true),
            Err(e) if e.kind() != ErrorKind::UnexpectedEof => return Err(e),
            _ => {}
        }
        at = if at == 0 { 512 } else { at * 2 };
    }
    Ok(false)
}

/// What the system refused the library, by its number in what the library says.
fn systems<'a>(mut said: impl Iterator<Item = &'a str>) -> Option<std::io::Error> {
    let number = said.find_map(|text| text.split_once("errno = ")?.1.split(',').next()?.trim().parse().ok())?;
    Some(std::io::Error::from_raw_os_error(number))
}

/// The case an error of the library is.
fn why(error: &hdf5::Error, real: &Path, shown: &Path) -> Error {
    let as_shown = |said: &str| said.replace(&*real.to_string_lossy(), &shown.to_string_lossy());
    let (path, reason) = (shown.to_owned(), as_shown(&error.to_string()));
    let Some(stack) = error.stack() else { return Error::Hdf5 { path, key: "/".into(), reason } };
    let said = |words: &str| stack.iter().any(|frame| frame.desc().contains(words));
    if stack.contains_minor(MinorErrorCode::Truncated) || said("truncated file") {
        // The frame that knows the sizes is not the outermost.
        let reason = stack.iter().map(|f| f.desc()).find(|d| d.contains("truncated")).map(as_shown).unwrap_or(reason);
        Error::Truncated { path, reason }
    } else if said("unable to lock file") {
        Error::BeingWritten { path, pid: None }
    } else if said("file is already open for") {
        if let Some(pid) = opened_by(shown) {
            return Error::BeingWritten { path, pid: Some(pid) };
        }
        Error::NotClosed {
            path,
            reason: "it says it is open for writing and nobody holds it; `h5clear -s` clears that".into(),
        }
    } else if let Some(error) = systems(stack.iter().map(|frame| frame.desc())) {
        Error::Io { path, error }
    } else if stack.contains_minor(MinorErrorCode::NotHdf5) {
        Error::NotHdf5 { path, reason }
    } else {
        Error::Hdf5 { path, key: "/".into(), reason }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_superblock_says_whether_the_file_is_closed_and_where_it_ends() {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("a.hdf5");
        for (version, bounds, place_of_flags) in [
            (0, [LibraryVersion::Earliest, LibraryVersion::V18], 20),
            (2, [LibraryVersion::V18, LibraryVersion::V18], 11),
            (3, [LibraryVersion::V110, LibraryVersion::V110], 11),
        ] {
            let mut builder = hdf5::FileBuilder::new();
            builder.with_fapl(|f| f.libver_bounds(bounds[0], bounds[1]));
            let file = builder.create(&path).unwrap();
            file.new_dataset_builder().with_data(&[1.5; 100]).create("x").unwrap();
            assert!(version < 3 || !is_whole(&path), "{version}: it is open");
            drop(file);
            let bytes = std::fs::read(&path).unwrap();
            assert_eq!(bytes[8], version);
            assert!(is_whole(&path), "{version}");
            let mut open = bytes.clone();
            open[place_of_flags] = 1;
            for (other, what) in [(&open[..], "open"), (&bytes[..bytes.len() - 1], "short"), (&bytes[..20], "a bit")] {
                std::fs::write(&path, other).unwrap();
                assert!(!is_whole(&path), "{version}: {what}");
            }
        }
    }
}
