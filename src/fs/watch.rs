//! What changes on disk, so that the kernel forgets what it was told for long.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::nodes::Key;
use super::{Access, Errno, Fs, Ino, ROOT, Result, sys};
use crate::datastore::{DataDir, file_id, folder_id};

/// What the kernel can be told. Called from a thread of its own, for a request may wait for the answer.
pub trait Kernel: Send + Sync {
    /// Forget what `name` in `parent` is.
    fn forget_entry(&self, parent: Ino, name: &OsStr);
    /// Forget attributes and content of an inode.
    fn forget_inode(&self, ino: Ino);
    /// Forget the attributes of an inode alone; this waits for no request.
    fn forget_attributes(&self, ino: Ino);
}

const CHANGES: u32 = libc::IN_CREATE
    | libc::IN_DELETE
    | libc::IN_MOVE
    | libc::IN_MODIFY
    | libc::IN_CLOSE_WRITE
    | libc::IN_ATTRIB
    | libc::IN_DELETE_SELF
    | libc::IN_MOVE_SELF
    | libc::IN_ONLYDIR;

/// The directories that are watched: the data directory, and the folders of calculations that do not change any more.
pub(super) struct Watched {
    inotify: Option<OwnedFd>,
    dir: DataDir,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The calculation whose folder is watched, by watch; `None` for the data directory.
    watches: HashMap<i32, Option<u32>>,
    /// The calculations the kernel was told of for long.
    told: HashSet<u32>,
    /// How often the datastore of an engine's calculation is open for writing through the mount.
    writers: HashMap<u32, usize>,
}

impl Watched {
    pub fn new(dir: &DataDir) -> Self {
        // SAFETY: the new descriptor has one owner.
        let inotify = unsafe {
            let fd = libc::inotify_init1(libc::IN_CLOEXEC);
            (fd >= 0).then(|| OwnedFd::from_raw_fd(fd))
        };
        let watched = Self { inotify, dir: dir.clone(), state: Mutex::default() };
        if let Some(watch) = watched.add(&dir.path()) {
            watched.state().watches.insert(watch, None);
        }
        watched
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, path: &Path) -> Option<i32> {
        let path = std::ffi::CString::new(path.as_os_str().as_bytes()).ok()?;
        // SAFETY: the descriptor is open, the path ends with NUL.
        let watch = unsafe { libc::inotify_add_watch(self.inotify.as_ref()?.as_raw_fd(), path.as_ptr(), CHANGES) };
        (watch >= 0).then_some(watch)
    }

    /// Makes sure that a change of calculation `id` will be noticed; false if that cannot be.
    pub fn watch(&self, id: u32) -> bool {
        let mut state = self.state();
        if state.writers.contains_key(&id) {
            return false;
        }
        if state.told.contains(&id) {
            return true;
        }
        if !state.watches.values().any(Option::is_none) {
            return false;
        }
        let folder = self.dir.path().join(format!("calc_{id}"));
        if folder.is_dir() {
            let Some(watch) = self.add(&folder) else { return false };
            state.watches.insert(watch, Some(id));
        }
        state.told.insert(id);
        true
    }

    /// The datastore of an engine's calculation is open for writing from now on.
    pub fn begin_writing(&self, id: u32) {
        *self.state().writers.entry(id).or_default() += 1;
    }

    /// It was closed once.
    pub fn end_writing(&self, id: u32) {
        let mut state = self.state();
        if let Some(n) = state.writers.get_mut(&id) {
            *n = n.saturating_sub(1);
            if *n == 0 {
                state.writers.remove(&id);
            }
        }
    }

    /// Waits for changes: the directory (`None` for the data directory) and the name in it.
    fn wait(&self) -> Result<Vec<(Option<u32>, OsString)>> {
        let inotify = self.inotify.as_ref().ok_or(Errno::ENOTSUP)?;
        let mut buffer = [0u8; 16 * 1024];
        // SAFETY: the buffer is as long as said.
        let n = unsafe { libc::read(inotify.as_raw_fd(), buffer.as_mut_ptr().cast(), buffer.len()) };
        let mut rest = buffer.get(..usize::try_from(n).map_err(|_| Errno::last())?).unwrap_or(&[]);
        let mut changes = vec![];
        let mut state = self.state();
        while let Some((watch, mask, name, next)) = event(rest) {
            rest = next;
            if let Some(dir) = state.watches.get(&watch).copied() {
                changes.push((dir, OsString::from_vec(name)));
            }
            if mask & libc::IN_IGNORED != 0 {
                state.watches.remove(&watch);
            }
        }
        Ok(changes)
    }

    /// True if the kernel was told of calculation `id` for long, until now.
    fn was_told(&self, id: u32) -> bool {
        self.state().told.remove(&id)
    }
}

/// The first event: watch, mask, name; and what follows it.
fn event(bytes: &[u8]) -> Option<(i32, u32, Vec<u8>, &[u8])> {
    let word = |at: usize| Some(u32::from_ne_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (watch, mask, len) = (word(0)? as i32, word(4)?, word(12)? as usize);
    let name = bytes.get(16..16 + len)?;
    let name = name.split(|b| *b == 0).next().unwrap_or(&[]).to_vec();
    Some((watch, mask, name, &bytes[16 + len..]))
}

/// Watches the data directory for a mount.
pub struct Watch;

impl Watch {
    /// Tells `kernel` what changed, until the process ends. If the system cannot watch, nothing is told for long.
    pub fn start(fs: Arc<Fs>, kernel: Arc<dyn Kernel>) -> std::io::Result<()> {
        let run = move || {
            while let Ok(changes) = fs.watched.wait() {
                changes.iter().for_each(|(dir, name)| fs.changed(*dir, name, &*kernel));
            }
        };
        std::thread::Builder::new().name("watch".into()).spawn(run).map(drop)
    }
}

impl Fs {
    /// The kernel forgets all of calculation `id`, if it was told of it for long.
    pub fn forget_calc(&self, id: u32, kernel: &dyn Kernel) {
        if self.watched.was_told(id) {
            self.make_forget(id, kernel);
        }
    }

    fn make_forget(&self, id: u32, kernel: &dyn Kernel) {
        for ino in self.nodes.of_calc(id) {
            kernel.forget_inode(ino);
        }
        kernel.forget_entry(ROOT, OsStr::new(&format!("calc_{id}")));
    }

    /// `name` in the data directory, or in the folder of a calculation, has changed.
    fn changed(&self, calc: Option<u32>, name: &OsStr, kernel: &dyn Kernel) {
        let text = name.to_string_lossy();
        let id = calc.or_else(|| folder_id(&text)).or_else(|| file_id(&text));
        if let Some(id) = id
            && (self.watched.was_told(id) || self.views.calc(id).is_none())
        {
            self.make_forget(id, kernel);
        }
        if calc.is_some() {
            return;
        }
        if let Ok(st) = sys::stat_at(self.dir.fd(), name) {
            let key = Key::Real { dev: st.st_dev, ino: st.st_ino, access: Access::ReadOnly };
            kernel.forget_inode(self.nodes.peek(&key));
        } else {
            kernel.forget_entry(ROOT, name);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_taken_apart() {
        let mut bytes = vec![];
        for (watch, mask, name) in [(1i32, 2u32, &b"calc_1\0\0"[..]), (3, 4, b"")] {
            bytes.extend(watch.to_ne_bytes());
            bytes.extend([mask, 0, name.len() as u32].iter().flat_map(|w| w.to_ne_bytes()));
            bytes.extend(name);
        }
        let (watch, mask, name, rest) = event(&bytes).unwrap();
        assert_eq!((watch, mask, &name[..]), (1, 2, &b"calc_1"[..]));
        let (watch, mask, name, rest) = event(rest).unwrap();
        assert_eq!((watch, mask, &name[..], rest), (3, 4, &b""[..], &[][..]));
        assert!(event(rest).is_none() && event(&bytes[..20]).is_none());
    }
}
