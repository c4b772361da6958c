//! The folder of a calculation: the tree of its datastore, the files beside it, its status. One HDF5 file by itself looks as the datastore
//! of another program does.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, SystemTime};

use super::cache::Cache;
use super::file::{File, Store};
use super::names::RESERVED;
use super::report::{ReportTold, report, warnings};
use super::source::ViewSource;
use super::standing::Standing;
use super::tree::{EXPORT, Elsewhere, Tree};
use super::views::Views;
use super::{Error, Result};
use crate::datastore::{
    self, Beside, CANCEL, CLAIM, DataDir, INDEX, JobState, OUTPUT, PARTIAL, SHARE, Share, SharedLog, State, StateStamp,
    index, is_claim_lease,
};
use crate::reader::{self, FileState, ReadFile, Readers};

/// A datastore nobody holds and nobody has touched for so long was left by its writer.
const LEFT: Duration = Duration::from_secs(60);

/// A calculation in one state.
#[derive(Debug)]
pub struct Seen {
    /// As [`Calc::tree`] gives it.
    pub tree: Result<Option<Arc<Tree>>, Arc<Error>>,
    /// That of the datastore, whose times and owner the files of the view have; of the folder if there is none.
    pub metadata: Metadata,
    /// Who may read it, as the read bits of a mode.
    pub readers: u32,
    /// Nothing in the folder will change any more.
    pub is_final: bool,
}

/// A file or directory that exists on disk.
#[derive(Clone, Debug)]
pub struct Real {
    pub name: String,
    /// Its path from the data directory; absolute if it is elsewhere.
    pub path: PathBuf,
}

/// The view of one calculation.
#[derive(Debug)]
pub struct Calc {
    id: u32,
    dir: DataDir,
    /// The HDF5 file, if it is one by itself.
    lone: Option<PathBuf>,
    views: Weak<Views>,
    cache: Arc<Cache>,
    readers: Arc<Readers>,
    current: Mutex<Option<Current>>,
    last: Mutex<(Option<DatastoreStamp>, Weak<Store>)>,
    /// The state in which the job is for good, and the `job.json` that says so.
    over: Mutex<Option<(StateStamp, JobState)>>,
    /// What those that share its work have logged, as far as somebody has looked at it.
    log: Mutex<SharedLog>,
    /// How many trees were made.
    trees: AtomicU64,
}

/// A tree and the state of the file it was made from.
#[derive(Debug)]
struct Current {
    stamp: DatastoreStamp,
    tree: Result<Arc<Tree>, Arc<Error>>,
}

/// The datastore of a calculation, as found on disk.
#[derive(Clone, Debug, PartialEq)]
struct DatastoreStamp {
    path: PathBuf,
    which: Which,
    inode: (u64, u64),
    size: u64,
    mtime: (i64, i64),
    /// Bytes of the index, for a partial one.
    index: u64,
}

impl DatastoreStamp {
    /// The file, if the HDF5 library may be asked about it.
    fn file(&self) -> Option<FileState> {
        let Self { inode: (device, inode), size, mtime, .. } = *self;
        (self.which != Which::Partial).then_some(FileState { device, inode, size, mtime })
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Which {
    Output,
    Partial,
    Engine,
}

impl Calc {
    pub(super) fn new(views: &Arc<Views>, id: u32) -> Self {
        Self {
            id,
            dir: views.dir.clone(),
            lone: views.lone().map(|lone| lone.name().to_owned()),
            views: Arc::downgrade(views),
            cache: views.cache.clone(),
            readers: views.readers.clone(),
            current: Mutex::default(),
            last: Mutex::new((None, Weak::new())),
            over: Mutex::default(),
            log: Mutex::default(),
            trees: AtomicU64::new(0),
        }
    }

    pub fn id(&self) -> u32 {
        self.id
    }

    /// Whether there is such a calculation.
    pub(super) fn is_there(&self) -> bool {
        self.real_folder().is_some_and(|m| m.is_dir()) || self.real(&self.engine()).is_some()
    }

    /// Whether a file is its datastore as it is.
    pub(super) fn is_of(&self, file: &FileState) -> bool {
        self.stamp().and_then(|stamp| stamp.file()) == Some(*file)
    }

    /// Lets go of the tree, unless somebody is about to look at it.
    pub(super) fn let_go(&self) {
        if let Ok(mut current) = self.current.try_lock() {
            *current = None;
        }
    }

    /// The path of the folder of this program; a file by itself has none.
    fn folder(&self) -> Option<PathBuf> {
        self.lone.is_none().then(|| format!("calc_{}", self.id).into())
    }

    /// The path of the datastore that is in no such folder.
    fn engine(&self) -> PathBuf {
        self.lone.clone().unwrap_or_else(|| format!("calc_{}.hdf5", self.id).into())
    }

    fn real_folder(&self) -> Option<Metadata> {
        self.real(&self.folder()?)
    }

    fn real(&self, path: &Path) -> Option<Metadata> {
        self.dir.metadata(path).ok()
    }

    fn stamp(&self) -> Option<DatastoreStamp> {
        self.datastore().map(|(stamp, _)| stamp)
    }

    /// The datastore on disk, and what it is to the system.
    fn datastore(&self) -> Option<(DatastoreStamp, Metadata)> {
        let folder = self.folder().filter(|folder| self.real(folder).is_some());
        let file = |path: PathBuf, which| self.real(&path).filter(Metadata::is_file).map(|m| (path, which, m));
        let ours = |name, which| file(folder.as_ref()?.join(name), which);
        let found = ours(OUTPUT, Which::Output).or_else(|| ours(PARTIAL, Which::Partial));
        let (path, which, m) = found.or_else(|| file(self.engine(), Which::Engine))?;
        let index = match which {
            Which::Partial => self.real(&path.with_file_name(INDEX)).map_or(0, |m| m.len()),
            Which::Output | Which::Engine => 0,
        };
        // What a writer adds to a partial datastore shows when it is published, not before.
        let (size, mtime) = if which == Which::Partial { (0, (0, 0)) } else { (m.len(), (m.mtime(), m.mtime_nsec())) };
        Some((DatastoreStamp { path, which, inode: (m.dev(), m.ino()), size, mtime, index }, m))
    }

    /// The calculation as it is now; `None` if it is gone.
    pub fn see(&self) -> Option<Seen> {
        let found = self.datastore();
        // The state first: what is seen after it can only be newer.
        let is_over = self.is_over(found.as_ref().map(|(stamp, _)| stamp.which));
        let is_engines = matches!(&found, Some((DatastoreStamp { which: Which::Engine, .. }, _)));
        let readers = self.readers(found.as_ref().map(|(_, metadata)| metadata));
        let (tree, metadata) = match found {
            Some((stamp, metadata)) => (self.tree_of(stamp), metadata),
            None => (Ok(None), self.real_folder()?),
        };
        let is_final = is_over && (!is_engines || matches!(tree, Ok(Some(_))));
        Some(Seen { tree, metadata, readers, is_final })
    }

    /// Who may read the view, as the read bits of a mode: who may read the datastore and, if it is in a folder of this program, may look
    /// into that.
    fn readers(&self, datastore: Option<&Metadata>) -> u32 {
        let looks_in = |folder: Metadata| folder.mode() & 0o444 & ((folder.mode() & 0o111) << 2);
        let folder = self.real_folder().filter(Metadata::is_dir).map_or(0o444, looks_in);
        folder & datastore.map_or(0o444, Metadata::mode)
    }

    /// Where on disk those are who may read the view: the datastore, and the folder of this program that it is in; good in this process
    /// alone.
    pub fn read_by(&self) -> (Option<PathBuf>, Option<PathBuf>) {
        let datastore = self.datastore().map(|(stamp, _)| self.dir.reach(&stamp.path));
        let folder = self.folder().filter(|folder| self.real(folder).is_some());
        (datastore, folder.map(|folder| self.dir.reach(&folder)))
    }

    /// The view of the datastore that was made last, unless it depends on files beside that: that of the datastore as it is, for who knows
    /// that this has not changed.
    pub fn last_tree(&self) -> Option<Arc<Tree>> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        match &*current {
            Some(Current { tree: Ok(tree), stamp }) if tree.generation().is_none() => {
                let is_refused = stamp.file().is_some_and(|file| self.readers.refusal(&file).is_some());
                (!is_refused).then(|| tree.clone())
            }
            _ => None,
        }
    }

    /// The metadata of the calculation with the read bits of those who may read it, and whether nothing in its folder will change any more,
    /// without a look into the datastore; `None` if it is gone. Of another program's it is known only once somebody has looked into it.
    pub fn see_folder(&self) -> Option<((Metadata, u32), bool)> {
        let found = self.datastore();
        let readers = self.readers(found.as_ref().map(|(_, metadata)| metadata));
        match found {
            Some((stamp, metadata)) if stamp.which == Which::Engine => {
                let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
                let is_read = matches!(&*current, Some(Current { stamp: old, tree: Ok(_) }) if *old == stamp);
                Some(((metadata, readers), is_read))
            }
            Some((stamp, metadata)) => Some(((metadata, readers), self.is_over(Some(stamp.which)))),
            None => Some(((self.real_folder()?, readers), self.is_over(None))),
        }
    }

    /// Whether the job is over, if it is one of this program.
    fn is_over(&self, which: Option<Which>) -> bool {
        match which {
            Some(Which::Output) => self.job_state().is_ok_and(|job| job.is_none_or(|job| job.state.is_final())),
            Some(Which::Partial) | None => {
                self.job_state().is_ok_and(|job| job.is_some_and(|job| job.state.is_final()))
            }
            Some(Which::Engine) => true,
        }
    }

    /// What `job.json` says; `None` if there is none that says anything.
    ///
    /// # Errors
    /// If it cannot be read now.
    fn job_state(&self) -> Result<Option<JobState>> {
        if self.lone.is_some() {
            return Ok(None);
        }
        let folder = self.dir.folder_of(self.id);
        let stamp = folder.state_stamp();
        let mut over = self.over.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, job)) = &*over
            && Some(known) == stamp.as_ref()
        {
            return Ok(Some(job.clone()));
        }
        let job = match folder.state() {
            Err(datastore::Error::Json { .. }) => None,
            state => state?,
        };
        *over = stamp.zip(job.clone().filter(|job| job.state.is_final()));
        Ok(job)
    }

    /// The view of the datastore as it is now; `None` if there is no datastore yet. The same tree while it does not change.
    ///
    /// # Errors
    /// If the datastore cannot be read now: another process writes it, it is truncated, it is no HDF5 file.
    pub fn tree(&self) -> Result<Option<Arc<Tree>>, Arc<Error>> {
        match self.stamp() {
            Some(stamp) => self.tree_of(stamp),
            None => Ok(None),
        }
    }

    fn tree_of(&self, stamp: DatastoreStamp) -> Result<Option<Arc<Tree>>, Arc<Error>> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = stamp.file().and_then(|file| self.readers.refusal(&file)) {
            *current = None;
            return Err(Arc::new(reader::Error::Refused(why).into()));
        }
        if let Some(Current { stamp: old, tree: Err(e) }) = &*current
            && (&old.path, old.inode) == (&stamp.path, stamp.inode)
            && self.is_still_written(&stamp, e)
        {
            // However often its writer writes, there is nothing to read yet.
            return Err(e.clone());
        }
        if let Some(Current { stamp: old, tree }) = &*current
            && *old == stamp
        {
            match tree {
                Ok(tree) if !tree.has_changed() => return Ok(Some(tree.clone())),
                Ok(_) => {}
                // Whether somebody still writes does not show in the stamp.
                Err(e) if !may_pass(e) => return Err(e.clone()),
                Err(_) => {}
            }
        }
        *current = None;
        let mut stamp = stamp;
        let tree = loop {
            let tree = self.load(&stamp);
            match self.stamp() {
                // It became complete while this looked for the partial one.
                Some(now) if now.which != stamp.which => stamp = now,
                _ => break tree.map(Arc::new).map_err(Arc::new),
            }
        };
        *current = Some(Current { stamp, tree: tree.clone() });
        drop(current);
        if let Some(views) = self.views.upgrade() {
            views.used(self.id);
        }
        tree.map(Some)
    }

    fn is_still_written(&self, stamp: &DatastoreStamp, error: &Error) -> bool {
        let Error::Datastore(datastore::Error::BeingWritten { pid: Some(pid), .. }) = error else { return false };
        let metadata = self.real(&stamp.path);
        metadata.is_some_and(|m| datastore::still_writes(*pid, &m, &self.dir.shown().join(&stamp.path)))
    }

    fn load(&self, stamp: &DatastoreStamp) -> Result<Tree> {
        let index = self.index(stamp)?;
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let store = match last.1.upgrade() {
            // Somebody still reads the file, and it has not changed.
            Some(store) if last.0.as_ref() == Some(stamp) && store.is_of_library() == index.is_none() => {
                store.look_anew();
                store
            }
            old => {
                if let Some(old) = old.filter(|_| last.0.as_ref().is_some_and(|l| l.which != Which::Partial)) {
                    old.revoke();
                }
                Arc::new(open_store(&self.dir, &stamp.path, index.is_none(), &self.cache, &self.readers)?)
            }
        };
        *last = (Some(stamp.clone()), Arc::downgrade(&store));
        let source = match index {
            Some(index) => ViewSource::index(store, index),
            None => ViewSource::h5(store),
        };
        Tree::new(source, self.id, self.trees.fetch_add(1, Ordering::Relaxed), self.elsewhere())
    }

    /// What the writer of the datastore says is in it: of a partial one what is complete; `None` if that is left to the library.
    ///
    /// # Errors
    /// If the datastore cannot be read now.
    fn index(&self, stamp: &DatastoreStamp) -> Result<Option<BTreeMap<String, index::IndexEntry>>> {
        let path = self.dir.path().join(stamp.path.with_file_name(INDEX));
        match stamp.which {
            Which::Partial => Ok(Some(index::read(&path)?)),
            Which::Output => {
                let real = self.dir.reach(&stamp.path);
                let index = fs::metadata(&real).ok().and_then(|metadata| index::read_closed(&path, &metadata));
                if index.is_some() {
                    // nobody may be writing it; who opens it for the library looks too
                    datastore::open::look(&real, &self.dir.shown().join(&stamp.path))?;
                }
                Ok(index)
            }
            Which::Engine => Ok(None),
        }
    }

    /// External links into a calculation of the same data directory are followed by name; those of a file by itself lead nowhere.
    fn elsewhere(&self) -> Elsewhere {
        if self.lone.is_some() {
            return Box::new(|_| None);
        }
        let (dir, cache, readers) = (self.dir.clone(), self.cache.clone(), self.readers.clone());
        let own = self.stamp().map(|s| s.path);
        Box::new(move |file| {
            let path = inside(&dir, own.as_deref()?, file)?;
            let name = path.to_str()?;
            let id = datastore::file_id(name)
                .or_else(|| name.strip_suffix(OUTPUT)?.strip_suffix('/').and_then(datastore::folder_id))?;
            let store = open_store(&dir, &path, true, &cache, &readers).ok()?;
            Some((ViewSource::h5(Arc::new(store)), format!("../calc_{id}")))
        })
    }

    /// What is in the folder on disk, apart from what is this program's own business.
    pub fn reals(&self) -> Vec<Real> {
        let mut reals = vec![];
        let listed = self.folder().and_then(|folder| Some((fs::read_dir(self.dir.path().join(&folder)).ok()?, folder)));
        if let Some((entries, folder)) = listed {
            let name = |e: std::io::Result<fs::DirEntry>| e.ok()?.file_name().into_string().ok();
            let names = entries.filter_map(name).filter(|name| !is_own(name));
            reals.extend(names.map(|name| Real { path: folder.join(&name), name }));
        } else if self.real(&self.engine()).is_some() {
            reals.push(Real { name: OUTPUT.into(), path: self.dir.follow(&self.engine()) });
        }
        reals.sort_by(|a, b| a.name.cmp(&b.name));
        reals
    }

    /// The file or directory `name` of the folder on disk, if it is shown under that name.
    pub fn real_file(&self, name: &str) -> Option<Real> {
        let ours = self.folder().filter(|folder| self.real(folder).is_some());
        let shown = if ours.is_some() { !is_own(name) } else { name == OUTPUT };
        // The text of a symlink would lead elsewhere from here.
        let path = ours.map_or_else(|| self.dir.follow(&self.engine()), |folder| folder.join(name));
        (shown && fs::symlink_metadata(self.dir.path().join(&path)).is_ok()).then(|| Real { name: name.into(), path })
    }

    /// True if `name` is a file on disk even where the datastore has an object of that file name.
    pub fn is_reserved(name: &str) -> bool {
        name != EXPORT && RESERVED.contains(&name)
    }

    /// Whether its log is that of several processes, of which each writes its own.
    pub fn has_shared_log(&self) -> bool {
        self.dir.folder(self.id).is_some_and(|folder| folder.is_shared())
    }

    /// That log as it is now, which only grows, and the read bits of a mode: who may read all of it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn shared_log(&self) -> Result<(Vec<u8>, u32)> {
        let folder = self.dir.calc(self.id)?;
        let read = || -> Result<(Vec<u8>, u32)> {
            let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
            let text = log.now(&folder)?.as_bytes().to_vec();
            Ok((text, log.readers()))
        };
        folder.as_owner(read)?
    }

    /// The line of `status`, with its newline.
    pub fn status(&self) -> String {
        format!("{}\n", self.standing())
    }

    /// Where the calculation stands, whoever computes it.
    pub fn standing(&self) -> Standing {
        let other = |state, why: Option<String>| Standing {
            job: JobState { state, error: why, ..JobState::default() },
            ours: false,
        };
        let found = self.datastore();
        if let Some(why) = found.as_ref().and_then(|(stamp, metadata)| self.refusal(stamp, metadata)) {
            return other(State::Failed, Some(why));
        }
        let is_whole = || found.as_ref().is_some_and(|(stamp, _)| self.is_whole(stamp));
        let which = found.as_ref().map(|(stamp, _)| stamp.which);
        let unknown = |e: &Error| other(State::Unknown, Some(format!("it cannot be told now: {e}")));
        let job = match self.job_state() {
            Err(e) => return unknown(&e),
            Ok(None) if which.is_none() => Some(JobState::default()),
            Ok(job) => job,
        };
        match (job, which) {
            (Some(job), which) => Standing { job: self.unless_interrupted(job, which), ours: true },
            (None, Some(Which::Partial)) if self.was_left() => {
                other(State::Failed, Some("interrupted, no process writes it any more".into()))
            }
            (None, Some(Which::Partial)) => other(State::Executing, None),
            (None, _) if is_whole() => other(State::Complete, None),
            (None, _) => match self.tree() {
                Ok(_) => other(State::Complete, None),
                Err(e) if is_systems(&e) => unknown(&e),
                Err(e) if may_pass(&e) => other(State::Executing, Some(e.to_string())),
                Err(e) => other(State::Failed, Some(e.to_string())),
            },
        }
    }

    /// Whether there is a report: not of an HDF5 file that is no calculation, nor, as long as nothing can be read, without a job of this
    /// program.
    pub fn has_report(&self, tree: Option<&Tree>) -> bool {
        match tree {
            Some(tree) => tree.is_calculation(),
            None => matches!(self.job_state(), Ok(Some(_))),
        }
    }

    /// `report.html` as it is now, of this tree of the calculation.
    ///
    /// # Errors
    /// If something of the datastore cannot be read.
    pub fn report(&self, tree: Option<&Tree>) -> Result<Vec<u8>> {
        report(tree.map(Tree::plots), &self.told())
    }

    /// `report.html` for as long as the calculation stays as it is.
    pub fn lasting_report(&self, tree: &Tree) -> Arc<File> {
        tree.report(|| self.told())
    }

    fn told(&self) -> ReportTold {
        let readers = self.readers(self.datastore().as_ref().map(|(_, metadata)| metadata));
        let folder = self.folder().zip(self.real_folder());
        let log = |(folder, metadata): (PathBuf, Metadata)| warnings(&self.dir.path().join(folder), &metadata, readers);
        ReportTold { calc: self.id, standing: self.standing(), warnings: folder.map(log).unwrap_or_default() }
    }

    /// The state of a job, though the process that ran it may have died.
    fn unless_interrupted(&self, mut job: JobState, which: Option<Which>) -> JobState {
        let Some(folder) = self.dir.folder(self.id) else { return job };
        if job.state == State::Executing && folder.is_claimed() == Some(false) {
            // whoever had it may have finished since the state was read
            job = folder.state().ok().flatten().unwrap_or(job);
            if job.state == State::Executing && folder.is_shared() {
                // its workers have no claim; what they have computed is there still
                let is_alive = Share::open(&folder).is_ok_and(|share| share.is_some_and(|share| share.is_alive()));
                let state = if is_alive { State::Executing } else { State::Queued };
                return JobState { state, left: job.left.filter(|_| is_alive), ..job };
            }
            if job.state == State::Executing && folder.is_submitted() {
                let description = job.description;
                return JobState { state: State::Queued, description, ..JobState::default() };
            }
            if job.state == State::Executing {
                (job.state, job.left) = (State::Failed, None);
                job.error = Some("interrupted: the process that ran it is gone".into());
            }
        } else if !job.state.is_final() && which == Some(Which::Partial) && self.was_left() {
            job.state = State::Failed;
            job.error = Some("interrupted: no process writes its datastore any more".into());
        }
        job
    }

    /// Why the datastore is not given to the HDF5 library.
    fn refusal(&self, stamp: &DatastoreStamp, metadata: &Metadata) -> Option<String> {
        let is_whole = stamp.which != Which::Partial;
        self.readers.refusal(&metadata.into()).filter(|_| is_whole)
    }

    /// True if the file says that it is closed and whole, and nobody has it locked: that is as much as can be told of very many files.
    fn is_whole(&self, stamp: &DatastoreStamp) -> bool {
        let real = self.dir.reach(&stamp.path);
        stamp.file().is_some()
            && datastore::open::look(&real, &self.dir.shown().join(&stamp.path)).is_ok()
            && datastore::open::is_whole(&real)
    }

    /// True if the partial datastore has no writer any more.
    fn was_left(&self) -> bool {
        let Some(metadata) = self.folder().and_then(|folder| self.real(&folder.join(PARTIAL))) else { return false };
        let idle = metadata.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok());
        datastore::is_left(&metadata) && idle.is_some_and(|idle| idle > LEFT)
    }
}

/// True if `name` in the folder is this program's own business.
fn is_own(name: &str) -> bool {
    [INDEX, CLAIM, CANCEL, SHARE].contains(&name) || is_claim_lease(name) || name.ends_with(".tmp")
}

/// True if another moment may bring another answer, the file being the same.
fn may_pass(error: &Error) -> bool {
    matches!(error, Error::Datastore(datastore::Error::BeingWritten { .. })) || is_systems(error)
}

/// True if the system refused something, say because too many files are open: that says nothing of the calculation.
fn is_systems(error: &Error) -> bool {
    match error {
        Error::Datastore(datastore::Error::Io { error, .. })
        | Error::Io(error)
        | Error::Reader(reader::Error::Process(error)) => error.raw_os_error().is_some(),
        _ => false,
    }
}

fn open_store(dir: &DataDir, path: &Path, whole: bool, cache: &Arc<Cache>, readers: &Arc<Readers>) -> Result<Store> {
    let shown = |error| datastore::Error::Io { path: dir.shown().join(path), error };
    let raw = datastore::open_regular(&dir.reach(path)).map_err(shown)?;
    let beside = Beside::new(dir, path, None)?;
    if !whole {
        return Ok(Store::new(raw, beside, cache.clone()));
    }
    Ok(Store::whole(raw, ReadFile::in_dir(readers, dir, path, beside)?, cache.clone()))
}

/// The path from the data directory of the file an external link in `own` names, if it is in there. Told by the text alone:
/// nothing is opened, for the path may lead through the mount.
fn inside(dir: &DataDir, own: &Path, file: &[u8]) -> Option<PathBuf> {
    let file = Path::new(std::str::from_utf8(file).ok()?);
    let whole =
        if file.is_absolute() { file.strip_prefix(dir.shown()).ok()?.to_owned() } else { own.parent()?.join(file) };
    let mut path = PathBuf::new();
    for part in whole.components() {
        match part {
            std::path::Component::Normal(name) => path.push(name),
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir if path.pop() => {}
            _ => return None,
        }
    }
    let found = fs::symlink_metadata(dir.path().join(&path));
    match found {
        Ok(metadata) if metadata.is_file() => Some(path),
        Err(e) if e.kind() == ErrorKind::NotFound => None,
        _ => None,
    }
}
