//! The data directory, calculation ids and the folder of a calculation.

use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, File, Metadata};
use std::io::ErrorKind;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::{env, fmt, process};

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};

use super::calc_folder::CalcFolder;
use super::error::io;
use super::mounts::{MountInfo, source_of};
use super::{Error, Result};

/// Symlinks that are followed before a path is given up.
pub(super) const SYMLINKS: u32 = 40;

/// A directory of calculations, held open.
///
/// The directory is reached through a descriptor, so it stays the same one when a file system is mounted over it; and if
/// oqfs is mounted on it already, the descriptor is that of the directory beneath the mount. Cheap to clone.
#[derive(Clone, Debug)]
pub struct DataDir {
    fd: Arc<OwnedFd>,
    shown: Arc<Path>,
    /// The process that opened it.
    opener: u32,
    /// It is what another user's mount shows of the directory.
    through_mount: bool,
}

impl DataDir {
    /// The path of the data directory: `$OQ_DATADIR`, else the mount that the working directory is in, else `$HOME/oqdata`.
    ///
    /// # Errors
    /// [`Error::NoDataDir`] if there is none of them.
    pub fn default_path() -> Result<PathBuf> {
        let set = |name: &str| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        let mount = || {
            // the kernel knows it, no mount is asked
            let here = env::current_dir().ok()?;
            let shows_one = |point: &&Path| MountInfo::at(point).is_some_and(|mount| mount.is_of_directory());
            here.ancestors().find(shows_one).map(Path::to_owned)
        };
        let home = || set("HOME").map(|home| home.join("oqdata"));
        set("OQ_DATADIR").or_else(mount).or_else(home).ok_or(Error::NoDataDir)
    }

    /// The data directory of a calculation and which one it is, if `path` is that of its folder, as its text says.
    pub fn of_calc(path: &Path) -> Option<(PathBuf, CalcRef)> {
        let path = std::path::absolute(path).ok()?;
        let which = match path.file_name()?.to_str()? {
            "last" => CalcRef::Last,
            name => CalcRef::Id(folder_id(name)?),
        };
        Some((path.parent()?.to_owned(), which))
    }

    /// Opens the data directory of the environment; creates it if missing.
    pub fn open_default() -> Result<Self> {
        Self::open(&Self::default_path()?)
    }

    /// Opens `path` as a data directory; creates it if missing. Otherwise as [`Self::open_existing`].
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be created or opened, for instance because it is a file.
    pub fn open(path: &Path) -> Result<Self> {
        let mount = MountInfo::on(path).map_err(io(path))?;
        if mount.is_none() {
            fs::create_dir_all(path).map_err(io(path))?;
        }
        Self::open_under(path, mount)
    }

    /// Opens `path` as a data directory. The mount is not asked for the directory beneath it, so this never waits for the daemon. Of
    /// another user's mount, where the directory beneath cannot be reached, what the mount shows is opened.
    ///
    /// # Errors
    /// [`Error::DeadMount`] if nobody serves the mount on it any more;
    /// [`Error::Io`] if it is not there or cannot be opened; [`Error::NewerLayout`] if it is for a newer program.
    pub fn open_existing(path: &Path) -> Result<Self> {
        let mount = MountInfo::on(path).map_err(io(path))?;
        Self::open_under(path, mount)
    }

    fn open_under(path: &Path, mount: Option<MountInfo>) -> Result<Self> {
        let shown = std::path::absolute(path).map_err(io(path))?;
        let beneath = mount.as_ref().and_then(MountInfo::beneath).and_then(|beneath| open_dir(&beneath).ok());
        // asked after the attempt: a daemon that dies in between is dead by now
        if beneath.is_none() && mount.as_ref().is_some_and(MountInfo::is_dead) {
            return Err(Error::DeadMount { dir: shown });
        }
        let through_mount = mount.is_some() && beneath.is_none();
        let fd = match beneath {
            Some(fd) => fd,
            None => open_dir(path).map_err(io(path))?,
        };
        let dir = Self { fd: Arc::new(fd), shown: shown.into(), opener: process::id(), through_mount };
        dir.check_layout()?;
        Ok(dir)
    }

    /// Opens the data directory that users know as `shown` at a path where nothing is mounted over it.
    pub fn open_shown(path: &Path, shown: &Path) -> Result<Self> {
        Ok(Self { shown: shown.into(), ..Self::open(path)? })
    }

    /// The same directory, which users know as `shown` from now on.
    pub fn shown_as(self, shown: &Path) -> Self {
        Self { shown: shown.into(), ..self }
    }

    /// A path that leads to the directory whatever is mounted over it; good in this process alone.
    pub fn path(&self) -> PathBuf {
        format!("/proc/self/fd/{}", self.fd.as_raw_fd()).into()
    }

    /// Such a path to the file at `path` in the directory, without symlinks.
    pub fn reach(&self, path: &Path) -> PathBuf {
        self.path().join(self.follow(path))
    }

    /// Where `path`, from the directory, leads: from the directory too, or absolute if that is outside of it.
    ///
    /// Where symlinks lead is taken from their text, because the system, and the HDF5 library, would go there through the mount.
    pub fn follow(&self, path: &Path) -> PathBuf {
        self.follow_by(path, |at| self.path().join(at))
    }

    /// The same where `place` says where a path, from the directory or absolute, is on disk.
    pub fn follow_by(&self, path: &Path, place: impl Fn(&Path) -> PathBuf) -> PathBuf {
        let parts = |path: &Path| path.components().map(|part| part.as_os_str().to_owned()).collect::<VecDeque<_>>();
        let top = || fs::read_link(self.path()).unwrap_or_else(|_| self.shown.to_path_buf());
        let (mut at, mut todo, mut links) = (PathBuf::new(), parts(path), 0);
        while let Some(part) = todo.pop_front() {
            if part == "." {
                continue;
            }
            if part == ".." {
                if at.as_os_str().is_empty() {
                    at = top();
                }
                at.pop();
                continue;
            }
            at.push(part);
            if at.is_absolute()
                && let Ok(within) = at.strip_prefix(top()).or_else(|_| at.strip_prefix(&*self.shown))
            {
                at = within.to_owned();
            }
            let target = match fs::read_link(place(&at)) {
                Ok(target) => target,
                Err(e) if e.raw_os_error() == Some(libc::EINVAL) => continue,
                // What is not there leads nowhere.
                Err(_) => {
                    at.extend(todo);
                    break;
                }
            };
            links += 1;
            if links > SYMLINKS {
                break;
            }
            at.pop();
            let rest = std::mem::replace(&mut todo, parts(&target));
            todo.extend(rest);
        }
        at
    }

    /// What the file at `path` in the directory is, where symlinks lead if it is one, [`Self::follow`]ed.
    ///
    /// # Errors
    /// As [`fs::metadata`].
    pub fn metadata(&self, path: &Path) -> std::io::Result<Metadata> {
        let place = match (path.parent(), path.file_name()) {
            (Some(folder), Some(name)) => self.reach(folder).join(name),
            _ => self.reach(path),
        };
        let metadata = fs::symlink_metadata(&place)?;
        if metadata.is_symlink() { fs::metadata(self.reach(path)) } else { Ok(metadata) }
    }

    /// Such a path for other processes: good as long as the process lives that opened the directory, which may have forked since.
    pub fn path_for_others(&self) -> PathBuf {
        format!("/proc/{}/fd/{}", self.opener, self.fd.as_raw_fd()).into()
    }

    /// Whether the process that opened the directory is gone.
    pub fn is_left(&self) -> bool {
        let opener = Pid::from_raw(self.opener.cast_signed());
        opener.is_none_or(|opener| test_kill_process(opener) == Err(Errno::SRCH))
    }

    /// A message with the path of the directory that users know in place of those that are good in processes alone.
    pub fn told(&self, message: &str) -> String {
        let shown = format!("{}/", self.shown.display());
        [self.path(), self.path_for_others()]
            .iter()
            .fold(message.to_string(), |message, path| message.replace(&format!("{}/", path.display()), &shown))
    }

    /// The same directory, with another process named as its opener in [`DataDir::path_for_others`].
    pub fn opened_by(self, opener: u32) -> Self {
        Self { opener, ..self }
    }

    /// The source of a mount on this directory: [`MountInfo`] finds the directory beneath by it.
    pub fn mount_source(&self) -> String {
        source_of(self.opener, self.fd.as_raw_fd().cast_unsigned())
    }

    /// Whether it is what another user's mount shows: calculations in it are views, which only whoever serves the mount can change.
    pub fn is_through_mount(&self) -> bool {
        self.through_mount
    }

    /// The descriptor, opened with `O_PATH`.
    pub fn fd(&self) -> &OwnedFd {
        &self.fd
    }

    /// The path to tell the user.
    pub fn shown(&self) -> &Path {
        &self.shown
    }

    /// The ids taken: of folders `calc_N` and of files `calc_N.hdf5`.
    pub fn ids(&self) -> Result<BTreeSet<u32>> {
        let entries = fs::read_dir(self.path()).map_err(io(&self.shown))?;
        let mut ids = BTreeSet::new();
        for entry in entries {
            let name = entry.map_err(io(&self.shown))?.file_name();
            let name = name.to_string_lossy();
            ids.extend(folder_id(&name).or_else(|| file_id(&name)));
        }
        Ok(ids)
    }

    /// Takes the next id by making its folder: the highest one there is or was plus one, from 1.
    ///
    /// `mkdir` fails if the folder exists, so two processes never get the same id, however they race.
    pub fn new_calc(&self) -> Result<CalcFolder> {
        self.mark_layout();
        loop {
            let removed = self.removed_ids()?.last().copied();
            let id = self.ids()?.last().copied().max(removed).map_or(1, |last| last + 1);
            let folder = CalcFolder::new(id, self.clone());
            match fs::create_dir(folder.path()) {
                // Another may have taken the same id and removed it since.
                Ok(()) if self.removed_ids()?.last().is_none_or(|removed| *removed < id) => return Ok(folder),
                Ok(()) => fs::remove_dir(folder.path()).map_err(io(&folder.shown()))?,
                Err(e) if e.kind() == ErrorKind::AlreadyExists => continue,
                Err(e) => return Err(io(&folder.shown())(e)),
            }
        }
    }

    /// The folder of calculation `id`, which must exist.
    ///
    /// # Errors
    /// [`Error::NoCalculation`] if there is no such folder (the engine's calculations are files, without one).
    pub fn calc(&self, id: u32) -> Result<CalcFolder> {
        self.folder(id).ok_or_else(|| self.no_calculation(id))
    }

    /// The same; `None` if there is no such folder.
    pub fn folder(&self, id: u32) -> Option<CalcFolder> {
        Some(self.folder_of(id)).filter(|folder| folder.path().is_dir())
    }

    /// The folder of calculation `id`, there or not.
    pub(crate) fn folder_of(&self, id: u32) -> CalcFolder {
        CalcFolder::new(id, self.clone())
    }

    /// The HDF5 file of `calc` and its id, if it has one: `calc_N/output.hdf5`, else `calc_N/output.hdf5.partial`, else
    /// the engine's `calc_N.hdf5`.
    ///
    /// # Errors
    /// [`Error::NoCalculation`] if there is none.
    pub fn find(&self, calc: &CalcRef) -> Result<FoundDatastore> {
        let id = match calc {
            CalcRef::Id(id) => *id,
            CalcRef::Last => *self.ids()?.last().ok_or_else(|| self.no_calculation("at all"))?,
            CalcRef::Path(path) => return Ok(FoundDatastore { id: None, real: path.clone(), shown: path.clone() }),
        };
        let folder = CalcFolder::new(id, self.clone());
        let engine = format!("calc_{id}.hdf5");
        let places = [
            (folder.datastore(), folder.shown().join(OUTPUT)),
            (folder.partial(), folder.shown().join(PARTIAL)),
            (self.reach(Path::new(&engine)), self.shown.join(&engine)),
        ];
        let found = places.into_iter().find(|(real, _)| real.exists());
        let (real, shown) = found.ok_or_else(|| self.no_calculation(id))?;
        Ok(FoundDatastore { id: Some(id), real, shown })
    }

    pub(super) fn no_calculation(&self, wanted: impl ToString) -> Error {
        let there = match self.ids() {
            Ok(ids) => match (ids.first(), ids.last()) {
                (Some(first), Some(last)) => format!("{} there, from {first} to {last}", ids.len()),
                _ => "none there".into(),
            },
            Err(e) => e.to_string(),
        };
        Error::NoCalculation { dir: self.shown.to_path_buf(), wanted: wanted.to_string(), there }
    }
}

/// A datastore found in a data directory, or named by its path.
#[derive(Clone, Debug)]
pub struct FoundDatastore {
    /// The id, if the datastore was named by one.
    pub id: Option<u32>,
    /// The path to open.
    pub real: PathBuf,
    /// The path to show.
    pub shown: PathBuf,
}

/// The name of a complete datastore in its folder.
pub const OUTPUT: &str = "output.hdf5";
/// Its name while it is written.
pub const PARTIAL: &str = "output.hdf5.partial";
/// The datasets that are complete in a datastore being written; see [`super::index`].
pub const INDEX: &str = "output.hdf5.index";
/// The state of the calculation, a [`super::JobState`].
pub const JOB: &str = "job.json";
/// What a calculation was made of and by: its inputs, the program, the machine.
pub const PROVENANCE: &str = "provenance.json";
/// What this program keeps for itself in the data directory.
pub const HIDDEN: &str = ".oqfs";
/// The key under which a calculation keeps how it was submitted, if it came through the queue.
pub const SUBMISSION: &str = "submission";

/// The id in a folder name `calc_N`.
pub fn folder_id(name: &str) -> Option<u32> {
    let digits = name.strip_prefix("calc_")?;
    let canonical = digits == "0" || !digits.starts_with('0');
    (canonical && digits.bytes().all(|b| b.is_ascii_digit())).then(|| digits.parse().ok())?
}

/// The id in the name of an engine's datastore, `calc_N.hdf5`.
pub fn file_id(name: &str) -> Option<u32> {
    folder_id(name.strip_suffix(".hdf5")?)
}

/// Which calculation: an id, a path, or -1 for the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CalcRef {
    Id(u32),
    Path(PathBuf),
    Last,
}

impl From<u32> for CalcRef {
    fn from(id: u32) -> Self {
        Self::Id(id)
    }
}

impl From<i32> for CalcRef {
    /// A negative number is the last calculation.
    fn from(id: i32) -> Self {
        u32::try_from(id).map_or(Self::Last, Self::Id)
    }
}

impl From<&Path> for CalcRef {
    fn from(path: &Path) -> Self {
        Self::Path(path.to_owned())
    }
}

impl From<PathBuf> for CalcRef {
    fn from(path: PathBuf) -> Self {
        Self::Path(path)
    }
}

impl FromStr for CalcRef {
    type Err = std::convert::Infallible;

    /// As on a command line: `42`, `calc_42`, `-1`, `last`, else a path.
    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Ok(match s {
            "-1" | "last" => Self::Last,
            _ => match folder_id(s).or_else(|| folder_id(&format!("calc_{s}"))) {
                Some(id) => Self::Id(id),
                None => Self::Path(s.into()),
            },
        })
    }
}

impl fmt::Display for CalcRef {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Last => f.write_str("last"),
        }
    }
}

fn open_dir(path: &Path) -> std::io::Result<OwnedFd> {
    let flags = libc::O_PATH | libc::O_DIRECTORY | libc::O_CLOEXEC;
    Ok(File::options().read(true).custom_flags(flags).open(path)?.into())
}

#[cfg(test)]
mod tests {
    use super::super::JobState;
    use super::*;

    fn data_dir() -> (tempfile::TempDir, DataDir) {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(&tmp.path().join("oqdata")).unwrap();
        (tmp, dir)
    }

    #[test]
    fn ids_follow_folders_and_files_alike() {
        let (tmp, dir) = data_dir();
        assert_eq!(dir.new_calc().unwrap().id(), 1);
        File::create(tmp.path().join("oqdata/calc_41.hdf5")).unwrap();
        for other in ["calc_99.hdf5.bak", "calc_099", "calc_", "calc_4294967296", "xcalc_77", "calc_88.txt", "calc_+9"]
        {
            File::create(tmp.path().join("oqdata").join(other)).unwrap();
        }
        assert_eq!(dir.new_calc().unwrap().id(), 42);
        assert_eq!(dir.ids().unwrap().into_iter().collect::<Vec<_>>(), [1, 41, 42]);
    }

    #[test]
    fn symlinks_are_followed_by_their_text() {
        use std::os::unix::fs::symlink;
        let (tmp, dir) = data_dir();
        let top = tmp.path().join("oqdata");
        fs::create_dir(top.join("store")).unwrap();
        for file in [top.join("store/a"), tmp.path().join("b")] {
            fs::write(file, "").unwrap();
        }
        symlink(top.join("store/a"), top.join("absolute")).unwrap();
        symlink("./store/../store/a", top.join("relative")).unwrap();
        symlink("relative", top.join("twice")).unwrap();
        symlink(tmp.path().join("b"), top.join("outside")).unwrap();
        symlink("../b", top.join("above")).unwrap();
        symlink("./../b", top.join("dotted")).unwrap();
        symlink("circle", top.join("circle")).unwrap();
        let of = |name: &str| dir.reach(Path::new(name));
        symlink(&top, tmp.path().join("back")).unwrap();
        symlink("../back/store", top.join("folder")).unwrap();
        for name in ["store/a", "absolute", "relative", "twice", "folder/a", "folder/../absolute"] {
            assert_eq!(of(name), dir.path().join("store/a"), "{name}");
            assert!(dir.metadata(Path::new(name)).unwrap().is_file(), "{name}");
        }
        for name in ["outside", "above", "dotted"] {
            assert_eq!(of(name), tmp.path().join("b"), "{name}");
            assert!(dir.metadata(Path::new(name)).unwrap().is_file(), "{name}");
        }
        assert_eq!(of("none/x"), dir.path().join("none/x"));
        assert!(!of("circle").exists());
        let missing = ["none", "none/x", "circle", "store/a/x"].map(|name| dir.metadata(Path::new(name)));
        assert!(missing.iter().all(Result::is_err));
    }

    #[test]
    fn messages_have_the_path_that_users_know() {
        let (tmp, dir) = data_dir();
        let (here, for_others) = (dir.path(), dir.path_for_others());
        let message = format!("{}/a: no; at {}/b, {}7/c", here.display(), for_others.display(), here.display());
        let shown = tmp.path().join("oqdata");
        let told = format!("{0}/a: no; at {0}/b, {1}7/c", shown.display(), here.display());
        assert_eq!(dir.told(&message), told, "another descriptor is another directory");
    }

    #[test]
    fn racing_threads_get_different_ids() {
        let (_tmp, dir) = data_dir();
        let ids: Vec<u32> = std::thread::scope(|s| {
            let take = || (0..20).map(|_| dir.new_calc().unwrap().id()).collect::<Vec<_>>();
            let threads: Vec<_> = (0..16).map(|_| s.spawn(take)).collect();
            threads.into_iter().flat_map(|t| t.join().unwrap()).collect()
        });
        assert_eq!(ids.iter().copied().collect::<BTreeSet<_>>(), (1..=320).collect());
    }

    #[test]
    fn a_reference_to_a_calculation() {
        let refs = ["42", "calc_42", "-1", "last", "dir/calc_42.hdf5"].map(|s| s.parse::<CalcRef>().unwrap());
        let path = CalcRef::Path("dir/calc_42.hdf5".into());
        assert_eq!(refs, [CalcRef::Id(42), CalcRef::Id(42), CalcRef::Last, CalcRef::Last, path]);
        assert_eq!(CalcRef::from(-1), CalcRef::Last);
    }

    #[test]
    fn objects_are_kept_whole() {
        let (_tmp, dir) = data_dir();
        let calc = dir.new_calc().unwrap();
        calc.set_object("trts", &["Active Shallow Crust", "Stable"]).unwrap();
        calc.set_object("trts", &["Volcanic"]).unwrap();
        assert_eq!(calc.get_object::<Vec<String>>("trts").unwrap(), ["Volcanic"]);
        assert!(matches!(calc.get_object::<Vec<f64>>("trts"), Err(Error::Json { .. })));
        assert!(matches!(calc.get_object::<f64>("none"), Err(Error::NoKey { .. })));
        assert!(matches!(calc.set_object("../x", &1), Err(Error::BadName { .. })));
        assert_eq!(fs::read_dir(calc.path().join("objects")).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn the_state_is_replaced_whole() {
        let (_tmp, dir) = data_dir();
        let calc = dir.new_calc().unwrap();
        assert_eq!(calc.state().unwrap(), None);
        let state = JobState { progress: 0.5, description: "démo".into(), ..Default::default() };
        calc.set_state(&state).unwrap();
        assert_eq!(calc.state().unwrap(), Some(state));
        assert!(dir.calc(1).is_ok());
        let error = dir.calc(7).unwrap_err().to_string();
        assert!(error.ends_with("oqdata: no calculation 7; 1 there, from 1 to 1"), "{error}");
    }
}
