//! What changes on disk, so that the kernel forgets what it was told for long.

use std::collections::{HashMap, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::Metadata;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};

use super::nodes::Key;
use super::{Access, Errno, Fs, Ino, ROOT, Result, sys};
use crate::datastore::{DataDir, file_id, folder_id};
use crate::reader::FileState;

/// What the kernel can be told. Called from a thread of its own, for a request may wait for the answer.
pub trait KernelCache: Send + Sync {
    /// Forget what `name` in `parent` is.
    fn forget_entry(&self, parent: Ino, name: &OsStr);
    /// Forget attributes and content of an inode.
    fn forget_inode(&self, ino: Ino);
    /// Forget the attributes of an inode alone; this waits for no request.
    fn forget_attributes(&self, ino: Ino);
}

/// What a watch tells of.
fn changes() -> WatchFlags {
    WatchFlags::CREATE
        | WatchFlags::DELETE
        | WatchFlags::MOVE
        | WatchFlags::MODIFY
        | WatchFlags::CLOSE_WRITE
        | WatchFlags::ATTRIB
        | WatchFlags::DELETE_SELF
        | WatchFlags::MOVE_SELF
        | WatchFlags::ONLYDIR
}

/// The directories that are watched: the data directory, and the folders of calculations that do not change any more.
pub(super) struct Watched {
    inotify: Option<OwnedFd>,
    dir: DataDir,
    state: Mutex<Watching>,
}

#[derive(Default)]
struct Watching {
    /// The calculation whose folder is watched, by watch; `None` for the data directory.
    watches: HashMap<i32, Option<u32>>,
    /// The watch of the data directory, while it is there.
    of_directory: Option<i32>,
    /// The calculations the kernel was told of for long.
    told: HashSet<u32>,
    /// Of those, what was seen of them: the file whose owner and times they have, and who may read them.
    seen: HashMap<u32, (Metadata, u32)>,
    /// How often the datastore of an engine's calculation is open for writing through the mount.
    writers: HashMap<u32, usize>,
}

/// Whether a change is noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Noticed {
    No,
    /// What was seen before may have changed since.
    FromNowOn,
    Already,
}

impl Watched {
    pub fn new(dir: &DataDir) -> Self {
        let inotify = inotify::init(CreateFlags::CLOEXEC).ok();
        let watched = Self { inotify, dir: dir.clone(), state: Mutex::default() };
        if let Some(watch) = watched.add(&dir.path()) {
            let mut state = watched.state();
            state.watches.insert(watch, None);
            state.of_directory = Some(watch);
        }
        watched
    }

    fn state(&self) -> std::sync::MutexGuard<'_, Watching> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, path: &Path) -> Option<i32> {
        inotify::add_watch(self.inotify.as_ref()?, path, changes()).ok()
    }

    /// Makes sure that a change of calculation `id` will be noticed.
    pub fn watch(&self, id: u32) -> Noticed {
        let mut state = self.state();
        if state.writers.contains_key(&id) {
            return Noticed::No;
        }
        if state.told.contains(&id) {
            return Noticed::Already;
        }
        if state.of_directory.is_none() {
            return Noticed::No;
        }
        let folder = self.dir.path().join(format!("calc_{id}"));
        if folder.is_dir() {
            let Some(watch) = self.add(&folder) else { return Noticed::No };
            state.watches.insert(watch, Some(id));
        }
        state.told.insert(id);
        Noticed::FromNowOn
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
        let mut buffer = [MaybeUninit::uninit(); 16 * 1024];
        let mut events = inotify::Reader::new(inotify, &mut buffer);
        let mut changes = vec![];
        loop {
            let event = events.next()?;
            let mut state = self.state();
            if let Some(dir) = state.watches.get(&event.wd()).copied() {
                let name = event.file_name().map_or(&b""[..], |name| name.to_bytes());
                changes.push((dir, OsStr::from_bytes(name).to_os_string()));
            }
            if event.events().contains(ReadFlags::IGNORED) {
                state.watches.remove(&event.wd());
                state.of_directory.take_if(|watch| *watch == event.wd());
            }
            if events.is_buffer_empty() {
                return Ok(changes);
            }
        }
    }

    /// Keeps what was seen of calculation `id`, which is as it was told to the kernel for long.
    pub fn note(&self, id: u32, metadata: &Metadata, readers: u32) {
        let mut state = self.state();
        if state.told.contains(&id) {
            state.seen.insert(id, (metadata.clone(), readers));
        }
    }

    /// What was seen of calculation `id`, if no change was noticed since.
    pub fn seen(&self, id: u32) -> Option<(Metadata, u32)> {
        let state = self.state();
        if state.writers.contains_key(&id) { None } else { state.seen.get(&id).cloned() }
    }

    /// True if the kernel was told of calculation `id` for long, until now.
    fn was_told(&self, id: u32) -> bool {
        let mut state = self.state();
        state.seen.remove(&id);
        state.told.remove(&id)
    }
}

/// Watches the data directory for a mount.
pub struct DirectoryWatch;

impl DirectoryWatch {
    /// Tells `kernel` what changed, until the process ends. If the system cannot watch, nothing is told for long.
    pub fn start(fs: Arc<Fs>, kernel: Arc<dyn KernelCache>) -> std::io::Result<()> {
        let (views, of_refused, told) = (fs.views.clone(), Arc::downgrade(&fs), kernel.clone());
        views.readers().on_refusal(Box::new(move |file| {
            if let Some(fs) = of_refused.upgrade() {
                fs.refused(*file, told.clone());
            }
        }));
        let run = move || {
            while let Ok(changes) = fs.watched.wait() {
                changes.iter().for_each(|(dir, name)| fs.changed(*dir, name, &*kernel));
            }
        };
        std::thread::Builder::new().name("watch".into()).spawn(run).map(drop)
    }
}

/// How long the kernel has for forgetting before it is asked again.
const PAUSE: Duration = Duration::from_millis(100);

/// Has the kernel forget files when it knows very many, until the process ends: what it knows is in the memory of this process too.
pub struct Forgetting;

impl Forgetting {
    pub fn start(fs: &Fs, kernel: Arc<dyn KernelCache>) -> std::io::Result<()> {
        let nodes = fs.nodes.clone();
        let run = move || {
            loop {
                nodes.too_many().iter().for_each(|(dir, name)| kernel.forget_entry(*dir, name));
                std::thread::sleep(PAUSE);
            }
        };
        std::thread::Builder::new().name("forget".into()).spawn(run).map(drop)
    }
}

impl Fs {
    /// The kernel forgets all of calculation `id`, if it was told of it for long.
    pub fn forget_calc(&self, id: u32, kernel: &dyn KernelCache) {
        if self.watched.was_told(id) {
            self.make_forget(id, kernel);
        }
    }

    fn make_forget(&self, id: u32, kernel: &dyn KernelCache) {
        for ino in self.nodes.of_calc(id) {
            kernel.forget_inode(ino);
        }
        kernel.forget_entry(ROOT, OsStr::new(&format!("calc_{id}")));
    }

    /// The HDF5 library is not asked about a file any more. The kernel is told by a thread of its own, for a request waits for this.
    fn refused(self: Arc<Self>, file: FileState, kernel: Arc<dyn KernelCache>) {
        let forget = move || {
            for id in self.views.of_file(&file) {
                self.make_forget(id, &*kernel);
            }
        };
        if let Err(e) = std::thread::Builder::new().name("refused".into()).spawn(forget) {
            log::warn!("the kernel is not told of a file that is refused: {e}");
        }
    }

    /// `name` in the data directory, or in the folder of a calculation, has changed.
    fn changed(&self, calc: Option<u32>, name: &OsStr, kernel: &dyn KernelCache) {
        let id = match self.views.lone() {
            Some(lone) => (lone.name() == name).then(|| lone.id()),
            None => {
                let text = name.to_string_lossy();
                calc.or_else(|| folder_id(&text)).or_else(|| file_id(&text))
            }
        };
        if let Some(id) = id
            && (self.watched.was_told(id) || self.views.calc(id).is_none())
        {
            self.make_forget(id, kernel);
        }
        if calc.is_some() || self.views.lone().is_some() {
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
