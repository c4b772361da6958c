//! The files that the kernel reads and writes itself (FUSE passthrough).

use std::collections::HashMap;
use std::io;
use std::os::fd::BorrowedFd;
use std::sync::{Arc, Weak};

use fuser::BackingId;

use crate::fs::{Ino, Opened};

/// The files the kernel reads and writes itself. All openings of an inode at a time must share one.
#[derive(Default)]
pub struct Backings {
    by_inode: HashMap<Ino, Weak<BackingId>>,
    by_handle: HashMap<u64, Arc<BackingId>>,
}
impl Backings {
    /// The backing of an inode that was opened as `opened`, if the kernel takes one.
    pub fn get(
        &mut self,
        ino: Ino,
        opened: &Opened,
        open: impl FnOnce(BorrowedFd) -> io::Result<BackingId>,
    ) -> Option<Arc<BackingId>> {
        let fd = opened.backing?;
        let backing = match self.by_inode.get(&ino).and_then(Weak::upgrade) {
            Some(backing) => backing,
            None => {
                // SAFETY: the handle that was just made owns the descriptor and is not released yet.
                let fd = unsafe { BorrowedFd::borrow_raw(fd) };
                let backing = Arc::new(open(fd).inspect_err(|e| log::debug!("no passthrough: {e}")).ok()?);
                self.by_inode.insert(ino, Arc::downgrade(&backing));
                backing
            }
        };
        self.by_handle.insert(opened.fh, backing.clone());
        Some(backing)
    }

    /// True if the kernel reads and writes itself what this handle is open on.
    pub fn has(&self, fh: u64) -> bool {
        self.by_handle.contains_key(&fh)
    }

    /// Let go of the backing of a handle, and of that of its inode with the last.
    pub fn release(&mut self, ino: Ino, fh: u64) {
        if self.by_handle.remove(&fh).is_some() && self.by_inode.get(&ino).is_some_and(|weak| weak.strong_count() == 0)
        {
            self.by_inode.remove(&ino);
        }
    }
}
