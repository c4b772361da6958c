//! The rights of another user, with which root opens what that user names.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;

use rustix::process::{Gid, Uid, geteuid};

/// The rights of another user than root, which this process, being root, takes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rights {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
}

impl Rights {
    /// Those of a user with groups; `None` where this process has no more rights than its own user, or the user is root.
    pub fn of(uid: u32, gid: u32, groups: Vec<u32>) -> Option<Rights> {
        (geteuid().is_root() && uid != 0).then_some(Rights { uid, gid, groups })
    }

    /// Those of whoever a file belongs to, with the groups that the system gives that user; `None` as above.
    pub fn of_owner(file: &Metadata) -> Option<Rights> {
        let rights = Rights::of(file.uid(), file.gid(), Vec::new())?;
        let user = uzers::get_user_by_uid(rights.uid);
        let groups = user.and_then(|user| uzers::get_user_groups(user.name(), user.primary_group_id()));
        Some(Rights { groups: groups.iter().flatten().map(uzers::Group::gid).collect(), ..rights })
    }

    /// The user and the group.
    pub fn user(&self) -> (u32, u32) {
        (self.uid, self.gid)
    }

    /// Runs it on a thread that has these rights and no others.
    ///
    /// # Errors
    /// If the thread cannot be started, or cannot take them on; then nothing is run.
    pub fn run<T: Send>(&self, run: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        let with_rights = || self.take_on().and_then(|()| run());
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("rights".into()).spawn_scoped(scope, with_rights)?;
            thread.join().unwrap_or_else(|_| Err(io::Error::other("the thread that opens it panicked")))
        })
    }

    /// Has this thread, and no other, give up all but these rights for good.
    fn take_on(&self) -> io::Result<()> {
        let groups: Vec<Gid> = self.groups.iter().map(|group| Gid::from_raw(*group)).collect();
        rustix::thread::set_thread_groups(&groups)?;
        let (gid, uid) = (Gid::from_raw(self.gid), Uid::from_raw(self.uid));
        rustix::thread::set_thread_res_gid(gid, gid, gid)?;
        Ok(rustix::thread::set_thread_res_uid(uid, uid, uid)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_thread_has_no_more_rights_than_the_user() {
        let Some(rights) = Rights::of(65534, 65534, vec![]) else { return };
        let tmp = tempfile::tempdir().unwrap();
        fs::set_permissions(tmp.path(), fs::Permissions::from_mode(0o755)).unwrap();
        for (name, mode, is_open) in [("open", 0o644, true), ("closed", 0o600, false)] {
            let path = tmp.path().join(name);
            fs::write(&path, name).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(rights.run(|| File::open(&path)).is_ok(), is_open, "{name}");
            assert!(File::open(&path).is_ok(), "the other threads keep theirs");
        }
        assert_eq!(Rights::of(0, 0, vec![]), None);
    }
}
