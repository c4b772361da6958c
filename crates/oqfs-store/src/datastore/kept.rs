//! What calculations leave for later ones: files by name in a folder of bounded size, those used least lately go first.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, lchown};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

use rustix::process::geteuid;

use super::error::io;
use super::{CalcFolder, DataDir, Error, HIDDEN, Result, Rights};

/// The folder, in `.oqfs` of the data directory. Another user than root in root's directory has one of that user's own, `rates-UID`: nobody
/// takes numbers that somebody else may have made.
pub const KEPT: &str = "rates";

/// What a file begins with, before the digest of what follows.
const MAGIC: &[u8] = b"oqfs kept 1\n";

/// Once the bound is reached, room is made for more than the next file.
const SHARE_LEFT: f64 = 0.9;

/// A file; in the order in which they make room.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct KeptFile {
    /// Of the maker that looks.
    is_own: bool,
    used: SystemTime,
    bytes: u64,
    path: PathBuf,
}

/// Files that may go at any time and are not synced: one that was damaged is noticed and taken for none.
#[derive(Debug)]
pub struct KeptFiles {
    dir: DataDir,
    folder: String,
    /// What the names of its files begin with: others cannot be used.
    maker: String,
    most: u64,
    /// The bytes there are, as far as known.
    size: Mutex<Option<u64>>,
}

impl KeptFiles {
    /// Those of a data directory, `most` bytes together. What was kept by another `maker` is not looked at, and goes first.
    pub fn new(dir: DataDir, maker: &str, most: u64) -> KeptFiles {
        let (user, hidden) = (geteuid().as_raw(), fs::metadata(dir.path().join(HIDDEN)));
        let folder = if hidden.is_ok_and(|hidden| hidden.uid() != user) { folder_of(user) } else { KEPT.into() };
        KeptFiles { dir, folder, maker: format!("{maker}-"), most, size: Mutex::new(None) }
    }

    /// Makes the folder of whoever a calculation belongs to, who may not be able to, where this process can.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn prepare(calc: &CalcFolder) -> Result<()> {
        let (dir, owner) = (calc.dir(), fs::metadata(calc.path()).map_err(io(&calc.shown()))?);
        let Some((uid, gid)) = Rights::of_owner(&owner).map(|rights| rights.user()) else { return Ok(()) };
        let (path, name) = (dir.path().join(HIDDEN), folder_of(uid));
        let make = || match DirBuilder::new().mode(0o700).create(path.join(&name)) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(()),
            made => made.and_then(|()| lchown(path.join(&name), Some(uid), Some(gid))),
        };
        make().map_err(io(&dir.shown().join(HIDDEN).join(&name)))
    }

    /// The bytes that only others kept; `None` if there are none, or this maker has kept something since.
    pub fn left_by_others(&self) -> Option<u64> {
        let files = self.files().ok()?;
        let is_new = files.iter().all(|file| !file.is_own);
        (is_new && !files.is_empty()).then(|| files.iter().map(|file| file.bytes).sum())
    }

    fn file_of(&self, name: &str) -> PathBuf {
        self.path().join(format!("{}{name}", self.maker))
    }

    /// The bytes kept under a name, which was used just now. `None` if there are none.
    ///
    /// # Errors
    /// [`Error::Damaged`] if they are not what was kept, [`Error::Io`] if they cannot be read.
    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let shown = self.shown(name);
        let mut file = match File::open(self.file_of(name)) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(None),
            file => file.map_err(io(&shown))?,
        };
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io(&shown))?;
        let Some(payload) = payload(&bytes) else { return Err(Error::Damaged { path: shown }) };
        // who may not say so has it removed early
        let _ = file.set_modified(SystemTime::now());
        let header = bytes.len() - payload.len();
        bytes.drain(..header);
        Ok(Some(bytes))
    }

    /// Keeps bytes under a name, in place of what was there, all or nothing; more than there may be together are not kept.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<()> {
        if bytes.len() as u64 > self.most {
            return Ok(());
        }
        let shown = self.shown(name);
        let path = self.path();
        fs::create_dir_all(&path).map_err(io(&shown))?;
        self.make_room(bytes.len() as u64)?;
        // its message would name the path that this process uses
        let plain = |e: std::io::Error| io(&shown)(e.kind().into());
        let mut file = tempfile::NamedTempFile::new_in(&path).map_err(plain)?;
        file.write_all(&framed(bytes)).map_err(plain)?;
        file.persist(self.file_of(name)).map_err(|e| io(&shown)(e.error))?;
        Ok(())
    }

    /// Takes a file that [`super::Share`] kept as one of its own; more than there may be together are not taken.
    ///
    /// # Errors
    /// If the file cannot be moved; it is where it was then.
    pub fn adopt(&self, name: &str, file: &Path) -> Result<()> {
        let (shown, path) = (self.shown(name), self.path());
        let bytes = fs::metadata(file).map_err(io(&shown))?.len();
        if bytes > self.most {
            return Ok(());
        }
        fs::create_dir_all(&path).map_err(io(&shown))?;
        self.make_room(bytes)?;
        fs::rename(file, self.file_of(name)).map_err(io(&shown))
    }

    /// Removes what was used least lately if `more` bytes would be too many.
    fn make_room(&self, more: u64) -> Result<()> {
        let Ok(mut size) = self.size.lock() else { return Ok(()) };
        if let Some(known) = *size
            && known + more <= self.most
        {
            *size = Some(known + more);
            return Ok(());
        }
        let mut files = self.files()?;
        files.sort();
        let mut found: u64 = files.iter().map(|file| file.bytes).sum();
        if found + more > self.most {
            let aim = (self.most as f64 * SHARE_LEFT) as u64;
            for KeptFile { bytes, path, .. } in files {
                if found + more <= aim {
                    break;
                }
                // another process may have removed it
                let _ = fs::remove_file(path);
                found -= bytes;
            }
        }
        *size = Some(found + more);
        Ok(())
    }

    /// All files, unfinished ones too.
    fn files(&self) -> Result<Vec<KeptFile>> {
        let shown = self.shown("");
        let mut files = Vec::new();
        for entry in fs::read_dir(self.path()).map_err(io(&shown))? {
            let entry = entry.map_err(io(&shown))?;
            // one that is gone since needs no room
            let Ok(about) = entry.metadata() else { continue };
            let is_own = entry.file_name().to_string_lossy().starts_with(&self.maker);
            let used = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            files.push(KeptFile { is_own, used, bytes: about.len(), path: entry.path() });
        }
        Ok(files)
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join(HIDDEN).join(&self.folder)
    }

    fn shown(&self, name: &str) -> PathBuf {
        self.dir.shown().join(HIDDEN).join(&self.folder).join(name)
    }
}

fn folder_of(user: u32) -> String {
    format!("{KEPT}-{user}")
}

/// What a file that holds these bytes is.
pub(super) fn framed(bytes: &[u8]) -> Vec<u8> {
    [MAGIC, blake3::hash(bytes).as_bytes(), bytes].concat()
}

/// What a file holds, if that is what was written.
pub(super) fn payload(bytes: &[u8]) -> Option<&[u8]> {
    let (digest, payload) = bytes.strip_prefix(MAGIC)?.split_first_chunk::<{ blake3::OUT_LEN }>()?;
    (blake3::hash(payload) == *digest).then_some(payload)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(most: u64) -> (tempfile::TempDir, KeptFiles) {
        let here = tempfile::tempdir().unwrap();
        let dir = DataDir::open(here.path()).unwrap();
        (here, KeptFiles::new(dir, "this", most))
    }

    #[test]
    fn what_is_kept_is_there_until_it_is_replaced() {
        let (_here, files) = files(1000);
        assert_eq!(files.get("a").unwrap(), None);
        files.put("a", b"first").unwrap();
        assert_eq!(files.get("a").unwrap().as_deref(), Some(&b"first"[..]));
        files.put("a", b"").unwrap();
        assert_eq!(files.get("a").unwrap().as_deref(), Some(&b""[..]));
    }

    #[test]
    fn a_byte_that_changed_or_is_missing_is_noticed() {
        let (_here, files) = files(1000);
        files.put("a", b"something").unwrap();
        let path = files.file_of("a");
        let good = fs::read(&path).unwrap();
        for place in 0..good.len() {
            let mut bad = good.clone();
            bad[place] ^= 1;
            fs::write(&path, bad).unwrap();
            assert!(matches!(files.get("a"), Err(Error::Damaged { .. })), "{place}");
            fs::write(&path, &good[..place]).unwrap();
            assert!(matches!(files.get("a"), Err(Error::Damaged { .. })), "{place}");
        }
        files.put("a", b"again").unwrap();
        assert_eq!(files.get("a").unwrap().as_deref(), Some(&b"again"[..]));
    }

    #[test]
    fn what_another_build_kept_makes_room_first() {
        let (_here, old) = files(1000);
        assert_eq!(old.left_by_others(), None);
        old.put("a", &[0; 400]).unwrap();
        let new = KeptFiles::new(old.dir.clone(), "other", 1000);
        assert!(new.left_by_others().is_some_and(|bytes| bytes > 400));
        assert_eq!(new.get("a").unwrap(), None, "another build may give other numbers");
        new.put("b", &[0; 200]).unwrap();
        assert_eq!(new.left_by_others(), None, "it is said once");
        // the old one was used last
        old.get("a").unwrap().unwrap();
        new.put("c", &[0; 400]).unwrap();
        assert!(old.get("a").unwrap().is_none() && new.get("b").unwrap().is_some() && new.get("c").unwrap().is_some());
    }

    #[test]
    fn what_was_used_least_lately_makes_room() {
        let (_here, files) = files(1000);
        let names = ["a", "b", "c", "d"];
        for (age, name) in names.iter().enumerate() {
            files.put(name, &[0; 200]).unwrap();
            let used = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(age as u64);
            File::options().write(true).open(files.file_of(name)).unwrap().set_modified(used).unwrap();
        }
        files.get("a").unwrap();
        let later = KeptFiles::new(files.dir.clone(), "this", 1000);
        later.put("e", &[0; 200]).unwrap();
        let there: Vec<bool> = names.iter().map(|name| later.get(name).unwrap().is_some()).collect();
        assert_eq!(there, [true, false, false, true]);
        assert!(later.get("e").unwrap().is_some());
        later.put("f", &[0; 2000]).unwrap();
        assert!(later.get("f").unwrap().is_none() && later.get("e").unwrap().is_some());
    }
}
