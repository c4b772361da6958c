//! A calculation whose work several processes share, on machines that see the same files.
//!
//! `calc_N/share` has what they need: `share.json` says what they are to compute and by which program; `leases` has who does which piece
//! (see [`Leases`]); `pieces` has what was computed, each piece a file whose name is the digest of all that it follows from; `log` has
//! what each process says (see [`super::SharedLog`]); `costs.json` has what each piece is expected to take, and `measured.json` what those
//! that are kept took. A piece is there whole or not at all.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self as stdio, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::calc_folder::{read_json, write_json};
use super::error::io;
use super::holder::Holder;
use super::kept::{framed, payload};
use super::lease::{Generations, Lease, Leases};
use super::shared_files::{SharedFiles, SystemFiles, again_if_stale};
use super::{CalcFolder, Error, JobState, Result};

/// The folder, in that of the calculation.
pub const SHARE: &str = "share";
const ABOUT: &str = "share.json";
const LEASES: &str = "leases";
const PIECES: &str = "pieces";
const LOGS: &str = "log";
const COSTS: &str = "costs.json";
const MEASURED: &str = "measured.json";

/// How the folder is laid out.
const VERSION: u32 = 2;

/// The lease of whoever replaces the state of the calculation.
const STATE: &str = "state";

/// A lease that was not touched for so long, seconds, is stale, unless somebody says otherwise: longer than NFS may go without asking.
pub const STALE: f64 = 120.0;

/// What the processes need to know.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareAbout {
    share: u32,
    /// What tells the program from others, which may give other numbers.
    pub program: String,
    /// Its version, for people.
    pub version: String,
    /// The job file, from the folder of the calculation.
    pub job_file: PathBuf,
    /// How many pieces there are.
    pub pieces: usize,
    /// After how long an untouched lease is stale, seconds.
    pub stale: f64,
    /// How long the results take to make of the pieces, seconds, as far as that is known.
    pub finishing: f64,
}

impl ShareAbout {
    /// Of work by a program with its version, of a job file in the folder of the calculation.
    pub fn new(program: &str, version: &str, job_file: &Path, pieces: usize, stale: f64) -> ShareAbout {
        let (program, version) = (program.to_string(), version.to_string());
        ShareAbout { share: VERSION, program, version, job_file: job_file.to_owned(), pieces, stale, finishing: 0.0 }
    }
}

impl CalcFolder {
    /// Whether several processes share its work.
    pub fn is_shared(&self) -> bool {
        self.path().join(SHARE).join(ABOUT).is_file()
    }
}

/// The shared work of a calculation.
#[derive(Clone, Debug)]
pub struct Share {
    folder: CalcFolder,
    about: ShareAbout,
    files: Arc<dyn SharedFiles>,
    leases: Leases,
}

impl Share {
    /// Shares the work of a calculation from now on; what was computed of it already stays. `costs` says what each piece is expected to take.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn begin(folder: &CalcFolder, about: &ShareAbout, costs: &[f32]) -> Result<Share> {
        let (path, shown) = (folder.path().join(SHARE), folder.shown().join(SHARE));
        for name in ["", LEASES, PIECES, LOGS] {
            fs::create_dir_all(path.join(name)).map_err(io(&shown.join(name)))?;
        }
        write_json(&path.join(COSTS), &shown.join(COSTS), costs)?;
        write_json(&path.join(ABOUT), &shown.join(ABOUT), about)?;
        let share = Self::with(folder, about.clone(), Arc::new(SystemFiles));
        share.reserve()?;
        Ok(share)
    }

    /// Takes some room on the disk, so that the end can be said of a calculation that has filled it.
    ///
    /// # Errors
    /// If there is none.
    pub fn reserve(&self) -> Result<()> {
        again_if_stale(|| self.files.write(&self.path(ROOM), &[0; ROOM_BYTES])).map_err(io(&self.shown(ROOM)))
    }

    /// Gives that room back.
    pub fn release(&self) {
        // who cannot has no use for the reason
        let _ = self.files.remove(&self.path(ROOM));
    }

    /// That of a calculation; `None` if its work is not shared.
    ///
    /// # Errors
    /// If it cannot be read, or another program laid it out.
    pub fn open(folder: &CalcFolder) -> Result<Option<Share>> {
        let (path, shown) = (folder.path().join(SHARE).join(ABOUT), folder.shown().join(SHARE).join(ABOUT));
        let Some(about) = read_json::<ShareAbout>(&path, &shown)? else { return Ok(None) };
        if about.share != VERSION {
            let (dir, found) = (folder.shown().join(SHARE), about.share.to_string());
            return Err(Error::NewerLayout { dir, found, known: VERSION });
        }
        Ok(Some(Self::with(folder, about, Arc::new(SystemFiles))))
    }

    fn with(folder: &CalcFolder, about: ShareAbout, files: Arc<dyn SharedFiles>) -> Share {
        let stale = Duration::from_secs_f64(about.stale.clamp(0.1, 1e6));
        let leases = Leases::new(files.clone(), &folder.path().join(SHARE).join(LEASES), stale);
        Share { folder: folder.clone(), about, files, leases }
    }

    /// The calculation.
    pub fn folder(&self) -> &CalcFolder {
        &self.folder
    }

    /// What the processes need to know.
    pub fn about(&self) -> &ShareAbout {
        &self.about
    }

    /// Who does which piece.
    pub fn leases(&self) -> &Leases {
        &self.leases
    }

    /// What each piece is expected to take, in the order of the cut and in one unit.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn costs(&self) -> Result<Vec<f32>> {
        Ok(read_json(&self.path(COSTS), &self.shown(COSTS))?.unwrap_or_default())
    }

    /// What pieces took. Only who may change the state may add to it: see [`Self::change_state`].
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn measured<T: DeserializeOwned + Default>(&self) -> Result<T> {
        Ok(read_json(&self.path(MEASURED), &self.shown(MEASURED))?.unwrap_or_default())
    }

    /// Replaces that.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn set_measured<T: Serialize>(&self, measured: &T) -> Result<()> {
        write_json(&self.path(MEASURED), &self.shown(MEASURED), measured)
    }

    /// The names of the pieces that are kept.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn kept(&self) -> Result<BTreeSet<String>> {
        let names = self.files.names(&self.path(PIECES)).map_err(io(&self.shown(PIECES)))?;
        Ok(names.into_iter().filter(|name| !name.ends_with(TEMPORARY)).collect())
    }

    /// The bytes kept of a piece; `None` if there are none.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they are not what was kept.
    pub fn piece(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let shown = self.shown(PIECES).join(name);
        let Some((bytes, _)) = self.files.read(&self.path(PIECES).join(name)).map_err(io(&shown))? else {
            return Ok(None);
        };
        match payload(&bytes) {
            Some(payload) => Ok(Some(payload.to_vec())),
            None => Err(Error::Damaged { path: shown }),
        }
    }

    /// Keeps the bytes of a piece: when this returns without an error they are on the server's disk.
    pub fn keep(&self, name: &str, bytes: &[u8]) -> Result<()> {
        let (path, shown) = (self.path(PIECES).join(name), self.shown(PIECES).join(name));
        let mine = format!("{name}-{}{TEMPORARY}", Holder::this().name());
        let temporary = self.path(PIECES).join(mine);
        let framed = framed(bytes);
        let write = || {
            again_if_stale(|| self.files.write(&temporary, &framed))?;
            self.renamed(&temporary, &path, &framed)
        };
        write().map_err(|error| {
            // the error that matters is the first one
            let _ = self.files.remove(&temporary);
            io(&shown)(error)
        })
    }

    /// Gives a file its name. A server whose answer is lost is asked again, and says that there is nothing to rename.
    fn renamed(&self, from: &Path, to: &Path, bytes: &[u8]) -> stdio::Result<()> {
        let Err(error) = again_if_stale(|| self.files.rename(from, to)) else { return Ok(()) };
        let is_there = || self.files.read(to).is_ok_and(|read| read.is_some_and(|(found, _)| found == bytes));
        if error.kind() == ErrorKind::NotFound && is_there() { Ok(()) } else { Err(error) }
    }

    /// Whether a piece is kept.
    pub fn is_kept(&self, name: &str) -> bool {
        self.piece_file(name).exists()
    }

    /// The file of a piece, which is as one of [`super::KeptFiles`].
    pub fn piece_file(&self, name: &str) -> PathBuf {
        self.path(PIECES).join(name)
    }

    /// The file that this process adds to what is said.
    pub fn own_log(&self) -> PathBuf {
        self.path(LOGS).join(Holder::this().name())
    }

    /// The files that say what each process did.
    pub fn logs(folder: &CalcFolder) -> Vec<PathBuf> {
        let logs = fs::read_dir(folder.path().join(SHARE).join(LOGS)).into_iter().flatten().flatten();
        let mut logs: Vec<PathBuf> = logs.map(|entry| entry.path()).collect();
        logs.sort();
        logs
    }

    /// Replaces the state of the calculation by what `change` makes of it, unless that is nothing, while no other process does. False if
    /// another does for longer than `patience`.
    ///
    /// # Errors
    /// If the state cannot be read or written, or what `change` says.
    pub fn change_state(
        &self,
        patience: Duration,
        change: impl FnOnce(JobState) -> Result<Option<JobState>>,
    ) -> Result<bool> {
        let shown = self.shown(LEASES);
        let until = std::time::Instant::now() + patience;
        let _lease = loop {
            match self.take(STATE).map_err(io(&shown))? {
                Some(lease) => break lease,
                None if std::time::Instant::now() >= until => return Ok(false),
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        match change(self.folder.state()?.unwrap_or_default())? {
            Some(state) => self.folder.set_state(&state).map(|()| true),
            None => Ok(true),
        }
    }

    fn take(&self, name: &str) -> stdio::Result<Option<Lease>> {
        let lease = self.leases.take(name, &self.leases.list()?)?;
        Ok(lease.inspect(|lease| self.leases.clear_before(lease)))
    }

    /// Whether some process did something lately, as far as the clock of this machine can tell. Nothing is written.
    pub fn is_alive(&self) -> bool {
        let there = self.leases.list().unwrap_or_default();
        let touched = |name: &String, last: &u32| {
            let path = self.path(LEASES).join(format!("{name}.{last}"));
            fs::metadata(path).and_then(|file| file.modified()).ok()
        };
        let lately = Duration::from_secs_f64(self.about.stale.clamp(0.1, 1e6)) * 2;
        // a clock that is behind that of the server says that it was just now
        let is_late = |time: SystemTime| time.elapsed().map_or(true, |age| age < lately);
        there.iter().filter(|(name, _)| *name != STATE).filter_map(|(name, last)| touched(name, last)).any(is_late)
    }

    /// How long ago the first process began, by the clock of the server; it is now if none has.
    ///
    /// # Errors
    /// If that cannot be told or noted.
    pub fn since_begun(&self) -> Result<Duration> {
        let path = self.path("").join(BEGUN);
        let note = || {
            again_if_stale(|| self.files.make(&path, b""))?;
            let begun = self.files.read(&path)?;
            let now = self.leases.now()?;
            Ok(begun.and_then(|(_, begun)| now.duration_since(begun).ok()).unwrap_or_default())
        };
        note().map_err(io(&self.shown(BEGUN)))
    }

    /// Which leases there are.
    ///
    /// # Errors
    /// If that cannot be told.
    pub fn there(&self) -> Result<Generations> {
        self.leases.list().map_err(io(&self.shown(LEASES)))
    }

    /// Removes all that was shared: the calculation is complete.
    ///
    /// # Errors
    /// If something cannot be removed.
    pub fn end(&self) -> Result<()> {
        let path = self.folder.path().join(SHARE);
        // without this file nobody takes it for shared any more, whatever stays
        self.files.remove(&path.join(ABOUT)).map_err(io(&self.shown(ABOUT)))?;
        fs::remove_dir_all(&path).map_err(io(&self.folder.shown().join(SHARE)))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(SHARE).join(name)
    }

    fn shown(&self, name: &str) -> PathBuf {
        self.folder.shown().join(SHARE).join(name)
    }
}

/// When the first process began is the time of this file.
const BEGUN: &str = "begun";

/// Room that is taken for what is said in the end.
const ROOM: &str = "room";
const ROOM_BYTES: usize = 256 << 10;

/// What the name of a file that is being written ends with.
const TEMPORARY: &str = ".tmp";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datastore::shared_files::awkward::Awkward;
    use crate::datastore::{DataDir, State};

    fn shared() -> (tempfile::TempDir, Share) {
        let tmp = tempfile::tempdir().unwrap();
        let folder = DataDir::open(tmp.path()).unwrap().new_calc().unwrap();
        let about = ShareAbout::new("build", "1", Path::new("inputs/job.ini"), 3, 1.0);
        assert!(Share::open(&folder).unwrap().is_none());
        (tmp, Share::begin(&folder, &about, &[1.0, 2.0, 3.0]).unwrap())
    }

    fn on(share: &Share, files: Awkward) -> Share {
        Share::with(&share.folder, share.about.clone(), Arc::new(files))
    }

    #[test]
    fn a_piece_is_kept_whole_whatever_the_server_says() {
        let (_tmp, share) = shared();
        assert_eq!(Share::open(&share.folder).unwrap().unwrap().about, share.about);
        assert_eq!(share.costs().unwrap(), [1.0, 2.0, 3.0]);
        let slow = on(&share, Awkward { stale: true, loses_answers: true, ..Awkward::default() });
        slow.keep("a", b"rates").unwrap();
        assert_eq!(share.piece("a").unwrap().as_deref(), Some(&b"rates"[..]));
        assert_eq!(slow.piece("a").unwrap().as_deref(), Some(&b"rates"[..]));
        assert_eq!(share.kept().unwrap(), ["a".to_string()].into());
        assert_eq!(share.piece("b").unwrap(), None);
        let path = share.piece_file("a");
        let mut bytes = fs::read(&path).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&path, bytes).unwrap();
        assert!(matches!(share.piece("a"), Err(Error::Damaged { .. })));
    }

    #[test]
    fn a_full_disk_keeps_nothing_and_leaves_nothing() {
        let (_tmp, share) = shared();
        let full = on(&share, Awkward { full: true, ..Awkward::default() });
        let error = full.keep("a", b"rates").unwrap_err().to_string();
        assert!(error.contains("share/pieces/a: No space left"), "{error}");
        assert_eq!(fs::read_dir(share.path(PIECES)).unwrap().count(), 0);
    }

    #[test]
    fn the_state_is_changed_by_one_at_a_time() {
        let (_tmp, share) = shared();
        let others: Vec<Share> = (0..4).map(|_| on(&share, Awkward::default())).collect();
        std::thread::scope(|scope| {
            for other in &others {
                scope.spawn(move || {
                    for _ in 0..10 {
                        let more = |state: JobState| Ok(Some(JobState { elapsed: state.elapsed + 1.0, ..state }));
                        assert!(other.change_state(Duration::from_secs(60), more).unwrap());
                    }
                });
            }
        });
        let state = share.folder.state().unwrap().unwrap();
        assert_eq!((state.elapsed, state.state), (40.0, State::Waiting));
        let _held = others[0].take(STATE).unwrap().unwrap();
        assert!(!share.change_state(Duration::ZERO, |_| panic!("another does")).unwrap());
    }
}
