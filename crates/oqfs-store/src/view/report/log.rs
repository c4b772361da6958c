//! The log of a calculation of this program.

use std::fs::Metadata;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use crate::datastore::open_own;

/// The bytes of a log in which warnings are looked for, and how many are told.
const MOST_LOG: u64 = 1 << 20;
const MOST_WARNINGS: usize = 100;
const LOG: &str = "log";

/// The warnings of the log in a folder, if whoever may read the view (the read bits `readers`) may read that, and it is of the owner of the
/// folder.
pub(in crate::view) fn warnings(path: &Path, folder: &Metadata, readers: u32) -> Vec<String> {
    let Ok(log) = open_own(&path.join(LOG)) else { return vec![] };
    let is_theirs = |log: &Metadata| log.uid() == folder.uid() && log.mode() & readers == readers;
    let mut text = vec![];
    if log.metadata().is_ok_and(|log| is_theirs(&log)) {
        let _ = log.take(MOST_LOG).read_to_end(&mut text);
    }
    let text = String::from_utf8_lossy(&text);
    text.lines().filter(|line| line.contains(" WARN ")).take(MOST_WARNINGS).map(String::from).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_log_is_told_to_those_who_may_read_it_and_nothing_else_is_taken_for_one() {
        let tmp = tempfile::tempdir().unwrap();
        let (folder, log) = (fs::metadata(tmp.path()).unwrap(), tmp.path().join(LOG));
        let told = |readers| warnings(tmp.path(), &folder, readers);
        assert!(told(0o444).is_empty());
        fs::write(&log, "t INFO  begun\nt WARN  odd\n").unwrap();
        for (mode, readers, is_told) in
            [(0o644, 0o444, true), (0o600, 0o444, false), (0o600, 0o400, true), (0o640, 0o444, false)]
        {
            fs::set_permissions(&log, Permissions::from_mode(mode)).unwrap();
            assert_eq!(told(readers).len(), usize::from(is_told), "{mode:o} {readers:o}");
        }
        let other = tmp.path().join("other");
        fs::rename(&log, &other).unwrap();
        std::os::unix::fs::symlink(&other, &log).unwrap();
        assert!(told(0o400).is_empty());
        // what is no file is not waited for
        fs::remove_file(&log).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &log, rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
        assert!(told(0o400).is_empty());
    }
}
