//! What users ask of a calculation through the mount, because they cannot reach its folder beneath: in root's mount, that is any other
//! user.
//!
//! A wish is an extended attribute that is set on the folder of the calculation and never kept. Its name begins with `system.`: the kernel
//! leaves it to the file system who may set such a one.

use std::ffi::OsStr;

use super::nodes::Node;
use super::{Caller, Errno, Fs, Ino, Result, sys};

/// What is asked of a calculation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// That it be stopped, or not run.
    Cancel,
    /// That it be deleted.
    Remove,
}

/// Why a wish is not granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Declined {
    /// The calculation is over.
    Over,
    /// Somebody works on it.
    Busy,
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
        }
    }

    /// What an attribute of this name asks, if anything.
    pub fn of_attribute(name: &OsStr) -> Option<Wish> {
        [Self::Cancel, Self::Remove].into_iter().find(|wish| name == wish.attribute())
    }
}

impl Fs {
    /// Grants a wish of whoever owns the calculation, serves the mount, or is root. It may wait for a calculation to stop.
    ///
    /// # Errors
    /// `EPERM` for anybody else; `EALREADY` if it is over, `EBUSY` if somebody works on it, `ENOTSUP` if it is not this program's, `EROFS`
    /// if the mount takes no jobs.
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
        jobs.asked(id, wish).map_err(|declined| match declined {
            Declined::Over => Errno(libc::EALREADY),
            Declined::Busy => Errno(libc::EBUSY),
            Declined::NotOurs => Errno::ENOTSUP,
            Declined::Failed(why) => {
                log::error!("calc_{id}: {why}");
                Errno::EIO
            }
        })
    }
}
