//! Descriptors that name files and directories on disk, of which there may be only so many.
//!
//! Each that the kernel knows may have one, so that it is found whatever becomes of its name. Beyond a number, those that nobody has open
//! or has used lately let go of theirs. They are found again by the name under which they were seen last, from the descriptor of the
//! directory that they are in, which may have to be found the same way first. What is found must be the same file, by device and inode.
//! If it is not, somebody renamed or removed it beneath the mount: who asks is told `ESTALE`, and the kernel looks the name up again.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::{Errno, Ino, Result, sys};

/// The most that are kept, however many the system allows.
const MOST: usize = 1 << 16;

/// Where a file was seen last.
#[derive(Clone, Debug)]
pub struct Place {
    /// The directory.
    pub parent: Ino,
    /// Its name there; a path, of a file beside a datastore.
    pub name: OsString,
}

/// A file or directory on disk, with its descriptor or the way to it.
#[derive(Debug)]
pub struct NamedFile {
    /// Its device and inode.
    is: (u64, u64),
    slot: Mutex<NamedSlot>,
}

#[derive(Debug)]
struct NamedSlot {
    fd: Option<Arc<OwnedFd>>,
    place: Place,
    /// It is among [`ToClose`]'s.
    queued: bool,
    /// Somebody asked for the descriptor since it was the next one to go.
    used: bool,
}

impl NamedFile {
    pub fn new(st: &sys::Stat, place: Place) -> Self {
        let slot = NamedSlot { fd: None, place, queued: false, used: false };
        Self { is: (st.st_dev, st.st_ino), slot: Mutex::new(slot) }
    }

    fn slot(&self) -> MutexGuard<'_, NamedSlot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The descriptor, unless it was let go; it is kept as long as somebody has this.
    pub fn fd(&self) -> Option<Arc<OwnedFd>> {
        let mut slot = self.slot();
        slot.used = true;
        slot.fd.clone()
    }

    /// Where it was seen last.
    pub fn place(&self) -> Place {
        self.slot().place.clone()
    }

    /// It was seen at `place`.
    pub fn seen(&self, place: Place) {
        self.slot().place = place;
    }

    /// The descriptor, `fd` if there was none any more.
    pub fn or(&self, fd: OwnedFd) -> Arc<OwnedFd> {
        self.slot().fd.get_or_insert_with(|| Arc::new(fd)).clone()
    }

    /// A descriptor of it by its name in `dir`, the directory in which it was seen last.
    ///
    /// # Errors
    /// `ESTALE` if it is there no more.
    pub fn find(&self, dir: impl AsFd) -> Result<OwnedFd> {
        let fd = match sys::handle_at(dir, &self.place().name) {
            Err(Errno::ENOENT | Errno::ENOTDIR) => return Err(Errno::ESTALE),
            fd => fd?,
        };
        let st = sys::stat(&fd)?;
        if (st.st_dev, st.st_ino) == self.is { Ok(fd) } else { Err(Errno::ESTALE) }
    }

    /// Lets go of the descriptor; false if somebody has it, or used it lately.
    fn let_go(&self) -> bool {
        let mut slot = self.slot();
        if !std::mem::take(&mut slot.used) {
            slot.fd.take_if(|fd| Arc::strong_count(fd) == 1);
        }
        slot.queued = slot.fd.is_some();
        !slot.queued
    }
}

/// The files whose descriptors may be let go, the next one first.
#[derive(Debug)]
pub(super) struct ToClose {
    files: VecDeque<Weak<NamedFile>>,
    most: usize,
}

impl ToClose {
    /// For as many as leave three quarters of what this process may have to open files and all else.
    pub fn new() -> Self {
        Self { files: VecDeque::new(), most: MOST.min(sys::most_descriptors() / 4) }
    }

    /// Notes that `file` has a descriptor, and lets go of others if there are too many.
    pub fn add(&mut self, file: &Arc<NamedFile>) {
        if !std::mem::replace(&mut file.slot().queued, true) {
            self.files.push_back(Arc::downgrade(file));
        }
        // Several times as fast as they come, so that those that stay do not fill the queue.
        for _ in 0..8 {
            if self.files.len() <= self.most {
                return;
            }
            let Some(oldest) = self.files.pop_front() else { return };
            // The kernel may have forgotten it.
            if oldest.upgrade().is_some_and(|file| !file.let_go()) {
                self.files.push_back(oldest);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::ROOT;

    struct Files {
        folder: tempfile::TempDir,
        named: Vec<Arc<NamedFile>>,
    }

    impl Files {
        fn new(n: usize) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let named = |i: usize| {
                std::fs::write(folder.path().join(i.to_string()), "").unwrap();
                let dir = std::fs::File::open(folder.path()).unwrap();
                let fd = sys::handle_at(&dir, i.to_string().as_ref()).unwrap();
                let place = Place { parent: ROOT, name: i.to_string().into() };
                let named = NamedFile::new(&sys::stat(&fd).unwrap(), place);
                named.or(fd);
                Arc::new(named)
            };
            Self { named: (0..n).map(named).collect(), folder }
        }

        fn has(&self, i: usize) -> bool {
            self.named[i].slot().fd.is_some()
        }
    }

    #[test]
    fn the_oldest_that_nobody_has_open_or_uses_are_let_go() {
        let files = Files::new(10);
        let open = files.named[1].fd().unwrap();
        files.named[2].fd().unwrap();
        let mut queue = ToClose { files: VecDeque::new(), most: 5 };
        for i in (0..10).chain([1, 9]) {
            queue.add(&files.named[i]);
        }
        let kept: Vec<usize> = (0..10).filter(|i| files.has(*i)).collect();
        assert_eq!(kept, [1, 2, 7, 8, 9]);
        assert!(files.named[0].fd().is_none());
        drop(open);
    }

    #[test]
    fn what_was_let_go_is_found_by_its_name_if_it_is_the_same() {
        let files = Files::new(3);
        let dir = std::fs::File::open(files.folder.path()).unwrap();
        let is = |fd: Result<OwnedFd>| sys::stat(fd.unwrap()).unwrap().st_ino;
        let inode = sys::stat(files.named[0].fd().unwrap()).unwrap().st_ino;
        assert_eq!(is(files.named[0].find(&dir)), inode);
        std::fs::rename(files.folder.path().join("0"), files.folder.path().join("x")).unwrap();
        assert_eq!(files.named[0].find(&dir).unwrap_err(), Errno::ESTALE);
        std::fs::rename(files.folder.path().join("1"), files.folder.path().join("0")).unwrap();
        assert_eq!(files.named[0].find(&dir).unwrap_err(), Errno::ESTALE, "another file of its name");
        files.named[0].seen(Place { parent: ROOT, name: "x".into() });
        assert_eq!(is(files.named[0].find(&dir)), inode);
        let first = files.named[2].fd().unwrap();
        assert!(Arc::ptr_eq(&files.named[2].or(files.named[2].find(&dir).unwrap()), &first), "there is one a file");
    }
}
