//! What another process has to know to tell which file the HDF5 library does not come back from.
//!
//! A damaged file can make the library loop for ever or crash, and with it the process it is in. So each thread notes, in memory
//! shared with the process that looks after this one, which file it is inside the library with; noting costs a few stores.

use std::any::Any;
use std::cell::RefCell;
use std::fs::Metadata;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use crate::datastore::{Watcher, count_calls};

/// Threads that can note a file at a time; what a further one does is not noted.
const SLOTS: usize = 256;

/// A file in one state: another one when it is replaced or changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileState {
    pub device: u64,
    pub inode: u64,
    /// In bytes.
    pub size: u64,
    /// Seconds and nanoseconds.
    pub mtime: (i64, i64),
}

impl From<&Metadata> for FileState {
    fn from(m: &Metadata) -> Self {
        Self { device: m.dev(), inode: m.ino(), size: m.len(), mtime: (m.mtime(), m.mtime_nsec()) }
    }
}

/// A file that is not given to the library any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedFile {
    pub file: FileState,
    /// What the library did, as `status` tells it.
    pub why: String,
}

/// What one thread does. All zero: nobody's.
#[derive(Debug)]
#[repr(C)]
struct ThreadSlot {
    /// The thread; 0 if the slot is free.
    thread: AtomicI32,
    /// 1 while it is inside the library.
    inside: AtomicI32,
    /// The signal it died of.
    signal: AtomicI32,
    /// Grows with every call of the library.
    calls: AtomicU64,
    file: [AtomicU64; 5],
}

impl ThreadSlot {
    fn file(&self) -> FileState {
        let [device, inode, size, seconds, nanos] = [0, 1, 2, 3, 4].map(|i| self.file[i].load(Ordering::Relaxed));
        FileState { device, inode, size, mtime: (seconds as i64, nanos as i64) }
    }

    fn set_file(&self, file: &FileState) {
        let values = [file.device, file.inode, file.size, file.mtime.0 as u64, file.mtime.1 as u64];
        self.file.iter().zip(values).for_each(|(place, value)| place.store(value, Ordering::Relaxed));
    }
}

/// What a thread is inside the library with, as another process sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    /// The thread's id.
    pub thread: i32,
    /// The number of its calls so far; the same number twice is the same call.
    pub calls: u64,
    pub file: FileState,
    /// The signal the thread crashed with; 0 if it did not.
    pub signal: i32,
}

/// The notes, and the files that are refused. Without shared memory (the default) nothing is noted.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    slots: Option<&'static [ThreadSlot; SLOTS]>,
    refused: Vec<RefusedFile>,
}

/// The notes of this process, for [`crashed`].
static CRASHES: AtomicPtr<[ThreadSlot; SLOTS]> = AtomicPtr::new(std::ptr::null_mut());

impl Guard {
    /// A guard whose notes are seen by the processes forked from here on.
    ///
    /// # Errors
    /// If there is no memory.
    pub fn shared() -> io::Result<Self> {
        let (access, how) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        // SAFETY: new memory, nothing is replaced.
        let memory = unsafe { libc::mmap(std::ptr::null_mut(), size_of::<[ThreadSlot; SLOTS]>(), access, how, -1, 0) };
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: as large as said, aligned to a page, all zero, which is a free slot; never unmapped; only atomics are in it.
        let slots = unsafe { &*memory.cast::<[ThreadSlot; SLOTS]>() };
        CRASHES.store(memory.cast(), Ordering::Release);
        Ok(Self { slots: Some(slots), refused: vec![] })
    }

    /// The same notes with these files refused.
    pub fn refusing(&self, refused: Vec<RefusedFile>) -> Self {
        Self { slots: self.slots, refused }
    }

    /// Why `file` is not to be given to the library; `None` if it may.
    pub fn refusal(&self, file: &FileState) -> Option<&str> {
        self.refused.iter().find(|refused| refused.file == *file).map(|refused| &*refused.why)
    }

    /// All that threads are inside the library with.
    pub fn noted(&self) -> Vec<Noted> {
        let inside = |slot: &&ThreadSlot| slot.inside.load(Ordering::Acquire) != 0;
        let note = |slot: &ThreadSlot| Noted {
            thread: slot.thread.load(Ordering::Relaxed),
            calls: slot.calls.load(Ordering::Relaxed),
            file: slot.file(),
            signal: slot.signal.load(Ordering::Relaxed),
        };
        self.slots.into_iter().flatten().filter(inside).map(note).collect()
    }

    /// Forgets what a process that is gone had noted.
    pub fn clear(&self) {
        for slot in self.slots.into_iter().flatten() {
            slot.inside.store(0, Ordering::Relaxed);
            slot.signal.store(0, Ordering::Relaxed);
            slot.thread.store(0, Ordering::Release);
        }
    }

    fn slot(&self) -> Option<&'static ThreadSlot> {
        let slots = self.slots?;
        OWN.try_with(|own| {
            let mut own = own.borrow_mut();
            if own.0.is_none() {
                // SAFETY: a plain system call.
                let thread = unsafe { libc::gettid() };
                let take = |slot: &&ThreadSlot| {
                    slot.thread.compare_exchange(0, thread, Ordering::AcqRel, Ordering::Relaxed).is_ok()
                };
                own.0 = slots.iter().find(take);
                count_calls(own.0.map(|slot| &slot.calls));
            }
            own.0
        })
        .ok()?
    }
}

/// The slot of a thread, given back when it ends.
struct Own(Option<&'static ThreadSlot>);

impl Drop for Own {
    fn drop(&mut self) {
        if let Some(slot) = self.0 {
            slot.inside.store(0, Ordering::Relaxed);
            slot.thread.store(0, Ordering::Release);
        }
    }
}

thread_local! {
    static OWN: RefCell<Own> = const { RefCell::new(Own(None)) };
}

/// Notes that this thread died of `signal`, if it is inside the library. May be called in a signal handler.
pub fn crashed(signal: i32) {
    let slots = CRASHES.load(Ordering::Acquire);
    // SAFETY: null, or set by `Guard::shared` to memory that is never unmapped and has only atomics in it.
    let Some(slots) = (unsafe { slots.as_ref() }) else { return };
    // SAFETY: a plain system call.
    let thread = unsafe { libc::gettid() };
    if let Some(slot) = slots.iter().find(|slot| slot.thread.load(Ordering::Relaxed) == thread) {
        slot.signal.store(signal, Ordering::Relaxed);
    }
}

/// A guarded file.
#[derive(Clone, Debug)]
pub(super) struct Guarded {
    guard: Arc<Guard>,
    file: FileState,
}

impl Guarded {
    pub fn new(guard: &Arc<Guard>, file: &Metadata) -> Self {
        Self { guard: guard.clone(), file: file.into() }
    }

    /// Notes that this thread is inside the library with the file, until what this gives is dropped.
    pub fn inside(&self) -> Inside {
        let slot = self.guard.slot();
        let before = slot.and_then(|slot| (slot.inside.load(Ordering::Relaxed) != 0).then(|| slot.file()));
        if let Some(slot) = slot {
            slot.set_file(&self.file);
            slot.calls.fetch_add(1, Ordering::Relaxed);
            slot.inside.store(1, Ordering::Release);
        }
        Inside { slot, before }
    }
}

impl Watcher for Arc<Guard> {
    fn refusal(&self, file: &Metadata) -> Option<String> {
        Guard::refusal(self, &file.into()).map(str::to_string)
    }

    fn inside(&self, file: &Metadata) -> Box<dyn Any> {
        Box::new(Guarded::new(self, file).inside())
    }
}

/// A thread being inside the library.
pub(super) struct Inside {
    slot: Option<&'static ThreadSlot>,
    /// The file it was inside with already.
    before: Option<FileState>,
}

impl Drop for Inside {
    fn drop(&mut self) {
        let Some(slot) = self.slot else { return };
        match &self.before {
            Some(file) => slot.set_file(file),
            None => slot.inside.store(0, Ordering::Release),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_thread_is_inside_with_is_noted_for_as_long() {
        let guard = Arc::new(Guard::shared().unwrap());
        let file = |inode| Guarded { guard: guard.clone(), file: FileState { inode, ..FileState::default() } };
        let inodes = || guard.noted().iter().map(|noted| noted.file.inode).collect::<Vec<_>>();
        let (outer, inner) = (file(1), file(2));
        assert!(guard.noted().is_empty());
        let first = outer.inside();
        let calls = guard.noted()[0].calls;
        assert_eq!(inodes(), [1]);
        let second = inner.inside();
        assert_eq!(inodes(), [2]);
        assert!(guard.noted()[0].calls > calls);
        crashed(libc::SIGSEGV);
        assert_eq!(guard.noted()[0].signal, libc::SIGSEGV);
        drop(second);
        assert_eq!(inodes(), [1]);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _inside = inner.inside();
                assert_eq!(inodes(), [1, 2]);
            });
        });
        drop(first);
        assert!(guard.noted().is_empty());
    }

    #[test]
    fn a_file_is_refused_until_it_changes() {
        let tmp = tempfile::NamedTempFile::new().unwrap();
        let state = || FileState::from(&tmp.as_file().metadata().unwrap());
        let guard = Guard::default().refusing(vec![RefusedFile { file: state(), why: "why".into() }]);
        assert_eq!(guard.refusal(&state()), Some("why"));
        std::fs::write(tmp.path(), "more").unwrap();
        assert_eq!(guard.refusal(&state()), None);
    }
}
