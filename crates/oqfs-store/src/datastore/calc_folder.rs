//! The folder of one calculation, and what this program keeps in it.

use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{Duration, SystemTime};

use serde::{Serialize, de::DeserializeOwned};

use super::error::io;
use super::folder::{DataDir, INDEX, JOB, OUTPUT, PARTIAL, PROVENANCE, SUBMISSION};
use super::own::read_own;
use super::{Error, JobState, Result, Rights};

/// A `job.json` that changes again within this time may have the same times as before.
const TIMES_TELL_APART: Duration = Duration::from_millis(50);

/// What a `job.json` is to the system; any later change gives another.
#[derive(Clone, Debug, PartialEq)]
pub struct StateStamp {
    inode: (u64, u64),
    size: u64,
    times: [(i64, i64); 2],
}

/// The folder of one calculation, `calc_N`. Cheap to clone.
#[derive(Clone, Debug)]
pub struct CalcFolder {
    id: u32,
    dir: DataDir,
}

impl CalcFolder {
    /// The folder of calculation `id`, which may not be there.
    pub(super) fn new(id: u32, dir: DataDir) -> Self {
        Self { id, dir }
    }

    pub fn id(&self) -> u32 {
        self.id
    }

    /// The data directory it is in.
    pub fn dir(&self) -> &DataDir {
        &self.dir
    }

    /// The folder, good in this process alone; see [`DataDir::path`].
    pub fn path(&self) -> PathBuf {
        self.dir.path().join(format!("calc_{}", self.id))
    }

    /// Does something to the calculation with the rights of whoever it belongs to, where this process has more: what the owner may have put
    /// in place of a file of the folder, a symlink say, leads nowhere that the owner may not go.
    ///
    /// # Errors
    /// [`Error::NoCalculation`] if it is gone; [`Error::Io`] if those rights cannot be taken on. Nothing is done then.
    pub fn as_owner<T: Send>(&self, run: impl FnOnce() -> T + Send) -> Result<T> {
        let folder = match fs::metadata(self.path()) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Err(self.dir.no_calculation(self.id)),
            folder => folder.map_err(io(&self.shown()))?,
        };
        match Rights::of_owner(&folder) {
            Some(rights) => rights.run(|| Ok(run())).map_err(io(&self.shown())),
            None => Ok(run()),
        }
    }

    /// The path of the folder to tell the user.
    pub fn shown(&self) -> PathBuf {
        self.dir.shown().join(format!("calc_{}", self.id))
    }

    /// The complete datastore.
    pub fn datastore(&self) -> PathBuf {
        self.path().join(OUTPUT)
    }

    /// The datastore while it is written.
    pub fn partial(&self) -> PathBuf {
        self.path().join(PARTIAL)
    }

    /// The input files of the job, in a folder that may not exist.
    pub fn inputs(&self) -> PathBuf {
        self.path().join("inputs")
    }

    /// The log of the calculation.
    pub fn log(&self) -> PathBuf {
        self.path().join("log")
    }

    /// The state of the calculation; `None` before it has one.
    pub fn state(&self) -> Result<Option<JobState>> {
        read_json(&self.path().join(JOB), &self.shown().join(JOB))
    }

    /// Tells the file that says the state from one that says another; `None` if there is none, or if it was written just now.
    pub fn state_stamp(&self) -> Option<StateStamp> {
        let m = fs::metadata(self.path().join(JOB)).ok()?;
        let age = m.modified().ok().and_then(|at| SystemTime::now().duration_since(at).ok())?;
        let times = [(m.mtime(), m.mtime_nsec()), (m.ctime(), m.ctime_nsec())];
        (age > TIMES_TELL_APART).then(|| StateStamp { inode: (m.dev(), m.ino()), size: m.size(), times })
    }

    /// When the state was replaced last, if it was.
    pub fn state_changed(&self) -> Option<SystemTime> {
        fs::metadata(self.path().join(JOB)).and_then(|file| file.modified()).ok()
    }

    /// Replaces the state of the calculation: a reader sees the old one or the new one. Where the disk is full, the index of a complete
    /// datastore makes room for it.
    pub fn set_state(&self, state: &JobState) -> Result<()> {
        let write = || write_json(&self.path().join(JOB), &self.shown().join(JOB), state);
        let written = write();
        let is_full = matches!(&written, Err(Error::Io { error, .. }) if error.kind() == ErrorKind::StorageFull);
        if is_full && self.datastore().exists() && fs::remove_file(self.path().join(INDEX)).is_ok() {
            return write();
        }
        written
    }

    /// Keeps what the calculation was made of and by, as JSON for people to read.
    pub fn set_provenance<T: Serialize + ?Sized>(&self, provenance: &T) -> Result<()> {
        let (path, shown) = (self.path().join(PROVENANCE), self.shown().join(PROVENANCE));
        let text = serde_json::to_vec_pretty(provenance).map_err(|error| Error::Json { path: shown.clone(), error })?;
        replace(&path, &shown, &text)
    }

    /// What the calculation was made of and by; `None` if that was not kept.
    pub fn provenance<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        read_json(&self.path().join(PROVENANCE), &self.shown().join(PROVENANCE))
    }

    /// Keeps `value` under `key` in the folder, as JSON in `objects/`; replaces what was there, all or nothing.
    pub fn set_object<T: Serialize + ?Sized>(&self, key: &str, value: &T) -> Result<()> {
        let name = self.object_name(key)?;
        let objects = self.path().join(OBJECTS);
        match fs::create_dir(&objects) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(io(&self.shown().join(OBJECTS))(e)),
            _ => {}
        }
        write_json(&objects.join(&name), &self.shown().join(OBJECTS).join(&name), value)
    }

    /// Whether the calculation came through the queue, which runs it again when it was interrupted.
    pub fn is_submitted(&self) -> bool {
        self.path().join(OBJECTS).join(SUBMISSION).with_extension("json").is_file()
    }

    /// The object kept under `key`.
    ///
    /// # Errors
    /// [`Error::NoKey`] if there is none, [`Error::Json`] if it is no `T`.
    pub fn get_object<T: DeserializeOwned>(&self, key: &str) -> Result<T> {
        let name = self.object_name(key)?;
        let shown = self.shown().join(OBJECTS).join(&name);
        read_json(&self.path().join(OBJECTS).join(&name), &shown)?
            .ok_or_else(|| Error::NoKey { path: self.shown().join(OBJECTS), key: key.into() })
    }

    fn object_name(&self, key: &str) -> Result<String> {
        let good = |b: u8| b.is_ascii_alphanumeric() || b"_-.".contains(&b);
        if key.is_empty() || key.starts_with('.') || key.len() > 200 || !key.bytes().all(good) {
            let reason = "accepted: up to 200 letters, digits, '_', '-' and '.', no '.' at the start".into();
            return Err(Error::BadName { path: self.shown().join(OBJECTS), key: key.into(), reason });
        }
        Ok(format!("{key}.json"))
    }

    /// Gives back the space of a datastore that will not be complete, though somebody may have it open.
    pub fn discard_partial(&self) {
        // who cannot do either has no use for the reason
        let _ = File::options().write(true).open(self.partial()).and_then(|file| file.set_len(0));
        let _ = fs::remove_file(self.partial());
    }

    /// Makes what was renamed in the folder, and the objects kept there, survive a power cut.
    ///
    /// # Errors
    /// If the file system cannot promise it.
    pub fn sync(&self) -> Result<()> {
        for name in ["", OBJECTS] {
            match File::open(self.path().join(name)).and_then(|dir| dir.sync_all()) {
                Err(e) if e.kind() == ErrorKind::NotFound && name == OBJECTS => {}
                done => done.map_err(io(&self.shown().join(name)))?,
            }
        }
        Ok(())
    }
}

const OBJECTS: &str = "objects";

pub(super) fn read_json<T: DeserializeOwned>(path: &Path, shown: &Path) -> Result<Option<T>> {
    match read_own(path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).map(Some).map_err(|error| Error::Json { path: shown.into(), error })
        }
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) if e.kind() == ErrorKind::InvalidData => {
            Err(Error::Json { path: shown.into(), error: serde::de::Error::custom(e) })
        }
        Err(e) => Err(io(shown)(e)),
    }
}

pub(super) fn write_json<T: Serialize + ?Sized>(path: &Path, shown: &Path, value: &T) -> Result<()> {
    let text = serde_json::to_vec(value).map_err(|error| Error::Json { path: shown.into(), error })?;
    replace(path, shown, &text)
}

/// Writes beside `path`, syncs, and renames over it.
pub(super) fn replace(path: &Path, shown: &Path, text: &[u8]) -> Result<()> {
    // The name differs between writers, so two of them cannot mix their halves.
    let unique = format!("{}-{:?}", process::id(), std::thread::current().id()).replace(['(', ')'], "");
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{unique}.tmp"));
    let temporary = PathBuf::from(temporary);
    let write = || {
        let mut file = File::create(&temporary)?;
        file.write_all(text)?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    write().map_err(|e| {
        // The error that matters is the first one.
        let _ = fs::remove_file(&temporary);
        io(shown)(e)
    })
}
