//! The files beside an HDF5 file that hold elements of its datasets: which names are followed, and what was found.
//!
//! Only regular files of the data directory are opened, from its descriptor and beneath it, whatever `..` and symlinks a path
//! has, and on its file system alone: no path leads back through a mount of this program, which would wait for itself. Root opens them with
//! the rights of the HDF5 file's owner, who says what is in it, and nobody's file may name what this program keeps for itself.

use std::any::Any;
use std::collections::{BTreeMap, VecDeque};
use std::ffi::{CString, OsStr, OsString};
use std::fmt;
use std::fs::{File, Metadata};
use std::io::Error;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::folder::SYMLINKS;
use super::{DataDir, HIDDEN, Rights};

/// How often it is asked, at most, whether files have changed.
const OFTEN: Duration = Duration::from_millis(200);

/// Who looks after the HDF5 library is told of each file that it is given.
pub trait Watcher: Send + Sync {
    /// Why the file is not to be given to the library; `None` if it may.
    fn refusal(&self, file: &Metadata) -> Option<String>;
    /// Notes that this thread is inside the library with the file, until what this gives is dropped.
    fn inside(&self, file: &Metadata) -> Box<dyn Any>;
}

/// What tells a file in one state from another: device, inode, size and time of its last change.
type FileStamp = (u64, u64, u64, i64, i64);

/// Why there is no state: the error of the system; none if it is no regular file.
type Amiss = Option<i32>;

/// Whose names are searched for where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// In the folder of the HDF5 file, as the name says.
    Plain,
    /// An absolute name that is not there is searched for in that folder too, as HDF5 does with HDF5 files.
    Moved,
}

/// Opens files by the names that an HDF5 file has for them. Cheap to clone.
#[derive(Clone)]
pub struct Beside {
    all: Arc<All>,
    /// The folder the HDF5 file is in, from the data directory.
    folder: PathBuf,
    /// The HDF5 file, if it was found beside another.
    of: Option<Arc<Metadata>>,
}

struct All {
    root: OwnedFd,
    /// The absolute paths by which the data directory is known.
    known_as: Vec<PathBuf>,
    watcher: Option<Arc<dyn Watcher>>,
    /// Those of the owner of the HDF5 file that everything starts from.
    rights: Option<Rights>,
    found: Mutex<FoundDatastore>,
}

struct FoundDatastore {
    states: BTreeMap<PathBuf, Result<FileStamp, Amiss>>,
    asked: Instant,
}

/// A file that was asked for, from the data directory, and what it was then.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FoundFile {
    path: OsString,
    state: Result<FileStamp, Amiss>,
}

/// A file that was found, open for reading.
pub(crate) struct Neighbour {
    pub file: File,
    /// Its path, for messages.
    pub shown: PathBuf,
    /// What is beside it.
    pub beside: Beside,
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.debug_struct("Beside").field("folder", &self.folder).finish_non_exhaustive()
    }
}

impl Beside {
    /// What is beside `file`, a path from the data directory.
    ///
    /// # Errors
    /// If the directory's descriptor cannot be copied.
    pub fn new(dir: &DataDir, file: &Path, watcher: Option<Arc<dyn Watcher>>) -> std::io::Result<Self> {
        let root = dir.fd().try_clone()?;
        let folder = file.parent().unwrap_or(Path::new("")).to_owned();
        let rights = dir.metadata(file).ok().and_then(|file| Rights::of(file.uid(), file.gid(), Vec::new()));
        Ok(Self::of_root(root, Some(dir.shown()), folder, watcher, rights))
    }

    /// What is beside `file`, wherever that is: its folder counts as the data directory.
    ///
    /// # Errors
    /// If the folder cannot be opened.
    pub fn around(file: &Path) -> std::io::Result<Self> {
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let flags = libc::O_PATH | libc::O_DIRECTORY | libc::O_CLOEXEC;
        let root = File::options().read(true).custom_flags(flags).open(folder)?;
        Ok(Self::of_root(root.into(), None, PathBuf::new(), None, None))
    }

    fn of_root(
        root: OwnedFd,
        shown: Option<&Path>,
        folder: PathBuf,
        watcher: Option<Arc<dyn Watcher>>,
        rights: Option<Rights>,
    ) -> Self {
        // The text of a link: nothing on the way is looked at.
        let real = std::fs::read_link(path_of(&root)).ok();
        let known_as = shown.map(Path::to_owned).into_iter().chain(real).collect();
        let found = Mutex::new(FoundDatastore { states: BTreeMap::new(), asked: Instant::now() });
        Self { all: Arc::new(All { root, known_as, watcher, rights, found }), folder, of: None }
    }

    /// Opens the file called `name`; `None` if there is none.
    ///
    /// # Errors
    /// If it may not be opened, or cannot be: the reason.
    pub(crate) fn open(&self, name: &[u8], search: Search) -> Result<Option<Neighbour>, String> {
        for path in self.candidates(name, search)? {
            let handle = match self.all.look(&path) {
                Ok(handle) => handle,
                Err(Some(libc::ENOENT | libc::ENOTDIR)) => continue,
                Err(Some(libc::EXDEV)) => return Err(OUTSIDE.into()),
                Err(None) => return Err("not a regular file".into()),
                Err(Some(code)) => return Err(Error::from_raw_os_error(code).to_string()),
            };
            // A regular file: opening it waits for nobody.
            let file = self.all.with_rights(|| File::open(path_of(&handle))).map_err(|e| e.to_string())?;
            let metadata = file.metadata().map_err(|e| e.to_string())?;
            let shown = self.all.known_as.first().map_or_else(|| path.clone(), |top| top.join(&path));
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            let beside = Self { all: self.all.clone(), folder, of: Some(Arc::new(metadata)) };
            return Ok(Some(Neighbour { file, shown, beside }));
        }
        Ok(None)
    }

    /// Where a file of this name may be, from the data directory.
    fn candidates(&self, name: &[u8], search: Search) -> Result<Vec<PathBuf>, String> {
        let path = Path::new(OsStr::from_bytes(name));
        if name.is_empty() || name.contains(&0) {
            return Err("no name of a file".into());
        }
        if path.is_relative() {
            return Ok(vec![self.folder.join(path)]);
        }
        let mut candidates = vec![self.all.below(path).ok_or(OUTSIDE)?];
        candidates.extend(path.file_name().filter(|_| search == Search::Moved).map(|last| self.folder.join(last)));
        Ok(candidates)
    }

    /// Notes that this thread is inside the HDF5 library with the file that this is beside of, if another led to it.
    ///
    /// # Errors
    /// If the file is not to be given to the library: the reason.
    pub(crate) fn enter(&self) -> Result<Option<Box<dyn Any>>, String> {
        let (Some(watcher), Some(file)) = (&self.all.watcher, &self.of) else { return Ok(None) };
        watcher.refusal(file).map_or_else(|| Ok(Some(watcher.inside(file))), Err)
    }

    /// True if one of the files that were asked for is not what it was when it was first.
    pub fn has_changed(&self) -> bool {
        let mut found = self.all.found();
        if found.states.is_empty() || found.asked.elapsed() < OFTEN {
            return false;
        }
        found.asked = Instant::now();
        found.states.iter().any(|(path, state)| self.all.state(path).map(|(_, state)| state) != *state)
    }

    /// True if any file was asked for.
    pub fn is_used(&self) -> bool {
        !self.all.found().states.is_empty()
    }

    /// The files that were asked for, as they were first.
    pub fn found_files(&self) -> Vec<FoundFile> {
        let found = self.all.found();
        found.states.iter().map(|(path, state)| FoundFile { path: path.into(), state: *state }).collect()
    }

    /// Takes files as found that another process has asked for.
    pub fn note(&self, files: Vec<FoundFile>) {
        let mut found = self.all.found();
        for file in files {
            found.states.entry(file.path.into()).or_insert(file.state);
        }
    }

    /// Forgets what was found: whoever asks now does so for the first time.
    pub fn forget(&self) {
        self.all.found().states.clear();
    }
}

impl Neighbour {
    /// What the file has in common with itself by another name: device and inode.
    pub fn key(&self) -> (u64, u64) {
        self.beside.of.as_ref().map_or((0, 0), |m| (m.dev(), m.ino()))
    }
}

const OUTSIDE: &str = "outside the data directory";

impl All {
    fn found(&self) -> MutexGuard<'_, FoundDatastore> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A descriptor of the file, which names it and does nothing else. What was found first is kept.
    fn look(&self, path: &Path) -> Result<File, Amiss> {
        let found = self.state(path);
        let state = found.as_ref().map(|(_, state)| *state).map_err(|amiss| *amiss);
        self.found().states.entry(path.to_owned()).or_insert(state);
        found.map(|(handle, _)| handle)
    }

    fn state(&self, path: &Path) -> Result<(File, FileStamp), Amiss> {
        let walked = self.with_rights(|| Ok(self.handle(path)));
        let handle = walked.map_err(|e| e.raw_os_error()).flatten()?;
        let m = handle.metadata().map_err(|e| e.raw_os_error())?;
        let state = (m.dev(), m.ino(), m.len(), m.mtime(), m.mtime_nsec());
        if m.is_file() { Ok((handle, state)) } else { Err(None) }
    }

    /// Runs it with the rights of the owner of the HDF5 file.
    fn with_rights<T: Send>(&self, run: impl FnOnce() -> std::io::Result<T> + Send) -> std::io::Result<T> {
        match &self.rights {
            Some(rights) => rights.run(run),
            None => run(),
        }
    }

    /// Goes to `path` name by name: the system would go from a directory back to the top by `..`, and so into what is mounted there.
    fn handle(&self, path: &Path) -> Result<File, Amiss> {
        let mut todo: VecDeque<OsString> = names(path).collect();
        let mut way: Vec<File> = vec![];
        let mut links = 0;
        while let Some(name) = todo.pop_front() {
            if name == ".." {
                way.pop().ok_or(Some(libc::EXDEV))?;
                continue;
            }
            if way.is_empty() && name == HIDDEN {
                return Err(Some(libc::EXDEV));
            }
            let at = way.last().map_or(self.root.as_raw_fd(), AsRawFd::as_raw_fd);
            let found = step(at, &name).map_err(|e| e.raw_os_error())?;
            if !found.metadata().map_err(|e| e.raw_os_error())?.is_symlink() {
                way.push(found);
                continue;
            }
            links += 1;
            if links > SYMLINKS {
                return Err(Some(libc::ELOOP));
            }
            let mut target = target(&found).map_err(|e| e.raw_os_error())?;
            if target.is_absolute() {
                target = self.below(&target).ok_or(Some(libc::EXDEV))?;
                way.clear();
            }
            names(&target).rev().for_each(|name| todo.push_front(name));
        }
        way.pop().ok_or(None)
    }

    /// An absolute path from the data directory, if it is in there.
    fn below(&self, path: &Path) -> Option<PathBuf> {
        self.known_as.iter().find_map(|top| path.strip_prefix(top).ok()).map(Path::to_owned)
    }
}

/// The names in a relative path.
fn names(path: &Path) -> impl DoubleEndedIterator<Item = OsString> {
    let name = |part: Component| match part {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some("..".into()),
        _ => None,
    };
    path.components().filter_map(name).collect::<Vec<_>>().into_iter()
}

/// A descriptor of `name` in the directory `at`, which names it and does nothing else; of a symlink itself. Not what is mounted
/// there.
fn step(at: RawFd, name: &OsStr) -> std::io::Result<File> {
    let name = CString::new(name.as_bytes())?;
    // SAFETY: plain integers, of which zeros are values.
    let mut how = unsafe { std::mem::zeroed::<libc::open_how>() };
    how.flags = (libc::O_PATH | libc::O_NOFOLLOW | libc::O_CLOEXEC) as u64;
    how.resolve = libc::RESOLVE_BENEATH | libc::RESOLVE_NO_MAGICLINKS | libc::RESOLVE_NO_XDEV;
    // SAFETY: the name ends with NUL, the struct is as long as said, and the new descriptor has one owner.
    unsafe {
        let fd = libc::syscall(libc::SYS_openat2, at, name.as_ptr(), &raw const how, size_of_val(&how));
        if fd < 0 { Err(Error::last_os_error()) } else { Ok(File::from_raw_fd(fd as i32)) }
    }
}

/// Where a symlink leads.
fn target(link: &File) -> std::io::Result<PathBuf> {
    let mut text = vec![0u8; libc::PATH_MAX as usize];
    // SAFETY: the buffer is as long as said; an empty path is the descriptor itself.
    let n = unsafe { libc::readlinkat(link.as_raw_fd(), c"".as_ptr(), text.as_mut_ptr().cast(), text.len()) };
    text.truncate(usize::try_from(n).map_err(|_| Error::last_os_error())?);
    Ok(PathBuf::from(OsString::from_vec(text)))
}

/// A path to what a descriptor is open on: the system goes there at once, through no other directory.
pub(crate) fn path_of(fd: &impl AsRawFd) -> PathBuf {
    format!("/proc/self/fd/{}", fd.as_raw_fd()).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn only_regular_files_of_the_data_directory_are_opened() {
        let tmp = tempfile::tempdir().unwrap();
        let top = tmp.path().join("oqdata");
        let dir = DataDir::open(&top).unwrap();
        fs::create_dir(top.join("calc_1")).unwrap();
        for name in ["oqdata/a", "oqdata/calc_1/b", "out"] {
            fs::write(tmp.path().join(name), name).unwrap();
        }
        symlink("../a", top.join("calc_1/within")).unwrap();
        symlink("../../out", top.join("calc_1/leads_out")).unwrap();
        symlink(tmp.path(), top.join("up")).unwrap();
        symlink(top.join("calc_1"), top.join("down")).unwrap();
        symlink("loop", top.join("loop")).unwrap();
        let pipe = CString::new(top.join("pipe").as_os_str().as_bytes()).unwrap();
        // SAFETY: a path that ends with NUL.
        assert_eq!(unsafe { libc::mkfifo(pipe.as_ptr(), 0o600) }, 0);
        let beside = Beside::new(&dir, Path::new("calc_1/output.hdf5"), None).unwrap();
        let content = |name: &str, search| {
            let found = beside.open(name.as_bytes(), search)?;
            Ok(found.map(|mut found| std::io::read_to_string(&mut found.file).unwrap()))
        };
        let at = |name: &str| top.join(name).to_str().unwrap().to_string();
        for (name, expected) in [
            ("b", Ok(Some("oqdata/calc_1/b"))),
            ("../a", Ok(Some("oqdata/a"))),
            ("within", Ok(Some("oqdata/a"))),
            (&at("a"), Ok(Some("oqdata/a"))),
            ("../down/../calc_1/./b", Ok(Some("oqdata/calc_1/b"))),
            (&at("none/a"), Ok(None)),
            ("none", Ok(None)),
            ("b/none", Ok(None)),
            ("../../out", Err(OUTSIDE)),
            ("leads_out", Err(OUTSIDE)),
            ("../up/out", Err(OUTSIDE)),
            (&at("../out"), Err(OUTSIDE)),
            ("/etc/passwd", Err(OUTSIDE)),
            ("../../oqdata/a", Err(OUTSIDE)),
            ("/proc/self/exe", Err(OUTSIDE)),
            ("../pipe", Err("not a regular file")),
            ("../calc_1", Err("not a regular file")),
            ("../loop", Err("Too many levels of symbolic links (os error 40)")),
            ("", Err("no name of a file")),
            ("a\0b", Err("no name of a file")),
        ] {
            let expected = expected.map(|content| content.map(str::to_string)).map_err(str::to_string);
            assert_eq!(content(name, Search::Plain), expected, "{name}");
        }
        assert_eq!(content(&at("none/b"), Search::Moved), Ok(Some("oqdata/calc_1/b".to_string())));
        assert_eq!(content("/none/b", Search::Moved), Err(OUTSIDE.to_string()));
    }

    #[test]
    fn a_file_that_changes_comes_or_goes_is_noticed() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(tmp.path()).unwrap();
        fs::write(tmp.path().join("a"), "1").unwrap();
        let beside = Beside::new(&dir, Path::new("calc_1.hdf5"), None).unwrap();
        let changed = || {
            std::thread::sleep(OFTEN);
            beside.has_changed()
        };
        let look = || ["a", "b"].map(|name| beside.open(name.as_bytes(), Search::Plain).unwrap().is_some());
        assert!(!beside.is_used() && !changed());
        assert_eq!(look(), [true, false]);
        assert!(beside.is_used() && !changed());
        for (change, expected) in [
            (&(|| fs::write(tmp.path().join("a"), "22").unwrap()) as &dyn Fn(), [true, false]),
            (&|| fs::write(tmp.path().join("b"), "1").unwrap(), [true, true]),
            (&|| fs::remove_file(tmp.path().join("a")).unwrap(), [false, true]),
        ] {
            change();
            assert!(changed() && changed(), "until it is forgotten");
            beside.forget();
            assert_eq!(look(), expected);
            assert!(!changed());
        }
    }
}
