//! What stands where `new/` is, in the directory beneath, while nothing is mounted over it for a moment.
//!
//! A mount whose server died is taken away before the next one is there. What is copied to `new` just then would make a file or
//! directory of that name, which the next mount hides; a link that leads nowhere makes the copy fail instead. Where the directory is shown
//! elsewhere, the link is there all the while.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use crate::datastore::DataDir;

/// The name of the spool.
const NAME: &str = "new";
/// Where the link leads.
const NOWHERE: &str = ".oqfs/not-mounted/new";

/// The link, taken away when this is dropped.
#[derive(Debug)]
pub struct StandIn(PathBuf);

impl StandIn {
    /// Puts the link into the directory. If something else is there it stays, and the log says that the mount hides it.
    pub fn put(dir: &DataDir) -> Option<Self> {
        let path = dir.path().join(NAME);
        match symlink(NOWHERE, &path) {
            Ok(()) => Some(Self(path)),
            // left by one that was killed
            Err(e) if e.kind() == ErrorKind::AlreadyExists && is_standin(&path) => Some(Self(path)),
            Err(e) => {
                let shown = dir.shown().join(NAME);
                log::warn!("{}: {e}; what is there is hidden by the mount", shown.display());
                None
            }
        }
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        if is_standin(&self.0) {
            let _ = fs::remove_file(&self.0);
        }
    }
}

fn is_standin(path: &Path) -> bool {
    fs::read_link(path).is_ok_and(|target| target == Path::new(NOWHERE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_and_leaves_what_is_another_s() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(tmp.path()).unwrap();
        std::fs::create_dir(tmp.path().join(".oqfs")).unwrap();
        let link = tmp.path().join("new");
        let left = StandIn::put(&dir).unwrap();
        assert!(fs::write(link.join("job.ini"), "").is_err() && fs::create_dir(&link).is_err());
        std::mem::forget(left);
        drop(StandIn::put(&dir).unwrap());
        assert!(fs::symlink_metadata(&link).is_err());
        fs::create_dir(&link).unwrap();
        assert!(StandIn::put(&dir).is_none());
        assert!(link.is_dir());
    }
}
