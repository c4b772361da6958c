//! Descriptors that name files on disk, of which there may be only so many.
//!
//! Each file that the kernel knows has one, so that it is found whatever becomes of its name. Beyond a number, those that nobody has
//! open let go of theirs, the ones known longest first. Who asks for such a file is told `ESTALE`: the kernel then looks the name up
//! again, which gives it a new one. Directories keep theirs, because what is in them is found through it.

use std::collections::VecDeque;
use std::os::fd::OwnedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::nodes::Node;
use super::{Errno, Ino, Result, sys};

/// The most that are kept, however many the system allows.
const MOST: usize = 1 << 16;

/// The descriptor of a file.
#[derive(Debug)]
pub struct NamedFile(Mutex<NamedSlot>);

#[derive(Debug)]
struct NamedSlot {
    fd: Option<Arc<OwnedFd>>,
    /// It is among [`ToClose`]'s.
    queued: bool,
}

impl NamedFile {
    pub fn new(fd: Arc<OwnedFd>) -> Self {
        Self(Mutex::new(NamedSlot { fd: Some(fd), queued: false }))
    }

    fn slot(&self) -> MutexGuard<'_, NamedSlot> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The descriptor; it is kept as long as somebody has this.
    ///
    /// # Errors
    /// `ESTALE` if it was let go.
    pub fn fd(&self) -> Result<Arc<OwnedFd>> {
        self.slot().fd.clone().ok_or(Errno(libc::ESTALE))
    }

    /// The descriptor, `fd` if there was none any more.
    pub fn or(&self, fd: Arc<OwnedFd>) -> Arc<OwnedFd> {
        self.slot().fd.get_or_insert(fd).clone()
    }

    /// Lets go of the descriptor; false if somebody has it.
    fn let_go(&self) -> bool {
        let mut slot = self.slot();
        slot.fd.take_if(|fd| Arc::strong_count(fd) == 1);
        slot.queued = slot.fd.is_some();
        !slot.queued
    }
}

/// The files whose descriptors may be let go, the next one first.
#[derive(Debug)]
pub(super) struct ToClose {
    inodes: VecDeque<Ino>,
    most: usize,
}

impl ToClose {
    /// For as many as leave half of what this process may have to directories, open files and all else.
    pub fn new() -> Self {
        Self { inodes: VecDeque::new(), most: MOST.min(sys::most_descriptors() / 2) }
    }

    /// Notes that `ino` has a descriptor, and lets go of others if there are too many; `node` finds those the kernel still knows.
    pub fn add<'a>(&mut self, ino: Ino, node: impl Fn(Ino) -> Option<&'a Node>) {
        if let Some(Node::Real { named, .. }) = node(ino)
            && !std::mem::replace(&mut named.slot().queued, true)
        {
            self.inodes.push_back(ino);
        }
        // Twice as fast as they come, so that open ones, which stay, do not fill the queue.
        for _ in 0..2 {
            if self.inodes.len() <= self.most {
                return;
            }
            let Some(oldest) = self.inodes.pop_front() else { return };
            if let Some(Node::Real { named, .. }) = node(oldest)
                && !named.let_go()
            {
                self.inodes.push_back(oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Access;

    fn file() -> Node {
        let named = NamedFile::new(Arc::new(tempfile::tempfile().unwrap().into()));
        Node::Real { named, access: Access::ReadWrite, engine: None }
    }

    #[test]
    fn the_oldest_that_nobody_has_open_are_let_go() {
        let nodes: Vec<Node> = (0..10).map(|_| file()).collect();
        let named = |ino: u64| match &nodes[ino as usize] {
            Node::Real { named, .. } => named,
            other => panic!("{other:?}"),
        };
        let open = named(1).fd().unwrap();
        let mut queue = ToClose { inodes: VecDeque::new(), most: 4 };
        for ino in (0..10).chain([1, 9]) {
            queue.add(ino, |ino| nodes.get(ino as usize));
        }
        let kept: Vec<u64> = (0..10).filter(|ino| named(*ino).fd().is_ok()).collect();
        assert_eq!(kept, [1, 7, 8, 9]);
        assert_eq!(named(0).fd().unwrap_err(), Errno(libc::ESTALE));
        let again: Arc<OwnedFd> = Arc::new(tempfile::tempfile().unwrap().into());
        assert!(Arc::ptr_eq(&named(0).or(again.clone()), &again));
        assert!(Arc::ptr_eq(&named(1).or(again), &open), "there is one a file");
    }
}
