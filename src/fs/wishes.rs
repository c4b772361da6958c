//! What users ask of a calculation through the mount, because they cannot reach its folder beneath: in root's mount, that is any other
//! user.
//!
//! A wish is an extended attribute that is set on the folder of the calculation and never kept. Its name begins with `system.`: the kernel
//! leaves it to the file system who may set such a one.

use std::ffi::OsStr;

use super::nodes::Node;
use super::{Caller, Errno, Fs, Ino, Result, sys};
use crate::datastore::Move;

const BEFORE: &str = "system.oqfs.before";

/// What is asked of a calculation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// That it be stopped, or not run.
    Cancel,
    /// That it be deleted.
    Remove,
    /// That it be run at another turn.
    Move(Move),
}

/// Why a wish is not granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declined {
    /// The calculation is over.
    Over,
    /// Somebody works on it.
    Busy,
    /// It does not wait for its turn.
    NotWaiting,
    /// The other one, before which it is to be run, does not wait.
    OtherNotWaiting,
    /// The other one is another user's.
    Others,
    /// It is no calculation of this program.
    NotOurs,
    /// It cannot be done, for this reason.
    Failed(String),
}

impl Wish {
    /// The name of the attribute.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::Cancel => "system.oqfs.cancel",
            Self::Remove => "system.oqfs.remove",
            Self::Move(Move::First) => "system.oqfs.first",
            Self::Move(Move::Last) => "system.oqfs.last",
            Self::Move(Move::Before(_)) => BEFORE,
        }
    }

    /// Its value: the number of the other calculation, if it is about one.
    pub fn value(self) -> String {
        match self {
            Self::Move(Move::Before(other)) => other.to_string(),
            Self::Cancel | Self::Remove | Self::Move(Move::First | Move::Last) => String::new(),
        }
    }

    /// What an attribute of this name and value asks, if anything.
    pub fn of_attribute(name: &OsStr, value: &[u8]) -> Option<Wish> {
        let plain = [Self::Cancel, Self::Remove, Self::Move(Move::First), Self::Move(Move::Last)];
        plain.into_iter().find(|wish| name == wish.attribute()).or_else(|| {
            let other = std::str::from_utf8(value).ok().filter(|_| name == BEFORE)?;
            Some(Self::Move(Move::Before(other.parse().ok()?)))
        })
    }
}

impl Fs {
    /// Grants a wish of whoever owns the calculation, serves the mount, or is root. It may wait for a calculation to stop.
    ///
    /// # Errors
    /// `EPERM` for anybody else; `EALREADY` if it is over or not waiting, `EBUSY` if somebody works on it, `ENOTSUP` if it is not this
    /// program's, `EROFS` if the mount takes no jobs; `EINVAL` and `EACCES` if the one before which it is to be run does not wait or is
    /// another user's.
    pub fn grant(&self, ino: Ino, wish: Wish, caller: Caller) -> Result<()> {
        let Node::Calc(id) = *self.nodes.get(ino)? else { return Err(Errno::ENOTSUP) };
        let folder = sys::stat_at(self.dir.fd(), OsStr::new(&format!("calc_{id}"))).map_err(|e| match e {
            Errno::ENOENT => Errno::ENOTSUP,
            other => other,
        })?;
        let server = rustix::process::geteuid().as_raw();
        if ![0, server, folder.st_uid].contains(&caller.uid) {
            return Err(Errno::EPERM);
        }
        let jobs = self.spool.jobs.as_ref().ok_or(Errno::EROFS)?;
        // who serves the mount, and root, may do anything to all
        let owner = Some(caller.uid).filter(|uid| ![0, server].contains(uid));
        jobs.asked(id, wish, owner).map_err(|declined| match declined {
            Declined::OtherNotWaiting => Errno::EINVAL,
            Declined::Others => Errno(libc::EACCES),
            Declined::Over | Declined::NotWaiting => Errno(libc::EALREADY),
            Declined::Busy => Errno(libc::EBUSY),
            Declined::NotOurs => Errno::ENOTSUP,
            Declined::Failed(why) => {
                log::error!("calc_{id}: {why}");
                Errno::EIO
            }
        })
    }
}
