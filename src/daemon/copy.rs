//! Copies of input files.

use std::fs::{File, FileTimes};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

/// Copies a file, with its times, mode and owner as far as that is allowed; shares its blocks where the disk can.
pub fn copy(mut from: &File, to: &Path) -> io::Result<()> {
    let metadata = from.metadata()?;
    let mode = metadata.mode() & 0o777 | 0o400;
    let mut copy = File::options().write(true).create_new(true).mode(mode).open(to)?;
    if rustix::fs::ioctl_ficlone(&copy, from).is_err() {
        io::copy(&mut from, &mut copy)?;
    }
    // the times are a courtesy, and so is the owner
    let _ = copy.set_times(FileTimes::new().set_accessed(metadata.accessed()?).set_modified(metadata.modified()?));
    let _ = fchown(&copy, Some(metadata.uid()), Some(metadata.gid()));
    Ok(())
}
