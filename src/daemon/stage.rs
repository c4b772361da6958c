//! The files of a job apart from the spool: what is checked there is what the calculation gets, and nobody else can reach it.
//!
//! A stage is a folder in `.oqfs` that mirrors a part of the data directory as the mount shows it: `new/demo/job.ini`, and
//! `models/x.xml` if the job names that. Symlinks are followed once, as text within the mount, with the rights of whoever dropped the
//! job, and kept as contents.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, chown, fchown, symlink};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::TempDir;

use super::copy::copy;
use super::inputs::normalized;
use crate::datastore::{DataDir, Rights};
use crate::fs::{Caller, HIDDEN};

/// What the names of stages begin with.
const STAGED: &str = "staged-";
/// The same of folders that archives are unpacked in.
const UNPACKED: &str = "unpacked-";

/// Removes what a process that was killed left in the middle of taking a job in.
pub fn clean(dir: &DataDir) {
    let hidden = dir.path().join(HIDDEN);
    for entry in fs::read_dir(&hidden).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if [STAGED, UNPACKED].iter().any(|prefix| name.to_string_lossy().starts_with(prefix))
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            log::warn!("{}: {error}", dir.shown().join(HIDDEN).join(name).display());
        }
    }
}

/// A folder for what an archive holds. It goes when it is dropped, or at the next start.
///
/// # Errors
/// If it cannot be made.
pub fn unpacking(dir: &DataDir) -> io::Result<TempDir> {
    passing(dir, UNPACKED)
}

fn passing(dir: &DataDir, prefix: &str) -> io::Result<TempDir> {
    let hidden = dir.path().join(HIDDEN);
    fs::create_dir_all(&hidden)?;
    let folder = tempfile::Builder::new().prefix(prefix).tempdir_in(hidden);
    // its message would name the path that this process uses
    folder.map_err(|e| io::Error::from(e.kind()))
}

/// The rights of a caller; `None` where this process has no more than the caller has.
pub fn rights_of(caller: Caller) -> Option<Rights> {
    let status = fs::read_to_string(format!("/proc/{}/status", caller.thread)).unwrap_or_default();
    let groups = status.lines().find_map(|line| line.strip_prefix("Groups:")).unwrap_or_default();
    let groups = groups.split_whitespace().filter_map(|group| group.parse().ok()).collect();
    Rights::of(caller.uid, caller.gid, groups)
}

/// Opens a regular file for reading; anything else is an error, and never waited for.
fn open(path: &Path, rights: Option<&Rights>) -> io::Result<File> {
    let open = || -> io::Result<File> {
        let file = File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no regular file")) }
    };
    rights.map_or_else(open, |rights| rights.run(open))
}

/// The files of a job.
#[derive(Debug)]
pub struct Stage {
    dir: DataDir,
    folder: TempDir,
    rights: Option<Rights>,
    /// Files that are still written, as the mount shows them.
    unfinished: Vec<PathBuf>,
    /// What is in it, from its folder.
    files: BTreeSet<PathBuf>,
    /// Where that was, symlinks followed, and what it was then.
    sources: BTreeMap<PathBuf, Contents>,
    is_copied: AtomicBool,
}

/// What tells the contents of a file from those that are at its path later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contents {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Contents {
    /// Those of a file.
    pub fn of(metadata: &Metadata) -> Contents {
        let modified = (metadata.mtime(), metadata.mtime_nsec());
        let changed = (metadata.ctime(), metadata.ctime_nsec());
        Contents { device: metadata.dev(), inode: metadata.ino(), size: metadata.len(), modified, changed }
    }

    /// Whether they are still at a path.
    pub fn are_at(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|now| Contents::of(&now) == *self)
    }
}

impl Stage {
    /// An empty one. Files of `unfinished` are not there yet.
    ///
    /// # Errors
    /// If its folder cannot be made.
    pub fn new(dir: &DataDir, rights: Option<Rights>, unfinished: Vec<PathBuf>) -> io::Result<Stage> {
        let folder = passing(dir, STAGED)?;
        let (files, sources, is_copied) = (BTreeSet::new(), BTreeMap::new(), AtomicBool::new(false));
        Ok(Stage { dir: dir.clone(), folder, rights, unfinished, files, sources, is_copied })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The rights with which it was gathered; none for all that this process has.
    pub fn rights(&self) -> Option<&Rights> {
        self.rights.as_ref()
    }

    /// Where the file at a path of the mount is in the stage.
    pub fn place(&self, path: &Path) -> PathBuf {
        self.folder.path().join(normalized(path))
    }

    /// The path of the mount that a path in the stage stands for; `None` if it leads elsewhere.
    pub fn path_of<'a>(&self, place: &'a Path) -> Option<&'a Path> {
        place.strip_prefix(self.folder.path()).ok()
    }

    /// What is in it, as paths of the mount.
    pub fn files(&self) -> &BTreeSet<PathBuf> {
        &self.files
    }

    /// A message with the paths of the mount in place of those of the stage.
    pub fn shown(&self, message: &str) -> String {
        message.replace(&format!("{}/", self.folder.path().display()), "")
    }

    /// Takes the file at a path of the mount, wherever symlinks lead. False if it has not arrived.
    ///
    /// # Errors
    /// If it is there and may not be read, or is no regular file.
    pub fn take(&mut self, path: &Path) -> Result<bool, String> {
        let kept = normalized(path);
        if kept.components().next() == Some(Component::ParentDir) || self.files.contains(&kept) {
            return Ok(false);
        }
        let at = self.dir.follow_by(path, |at| on_disk(&self.dir, at));
        if self.unfinished.contains(&at) {
            return Ok(false);
        }
        let file = match open(&on_disk(&self.dir, &at), self.rights.as_ref()) {
            Ok(file) => file,
            Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => return Ok(false),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                let busy = "another program has a lease on it, which must end before the job can be read";
                return Err(format!("{}: {busy}", path.display()));
            }
            Err(e) => return Err(format!("{}: {e}", path.display())),
        };
        let contents = Contents::of(&file.metadata().map_err(|e| format!("{}: {e}", path.display()))?);
        let place = self.place(&kept);
        let put = || -> io::Result<bool> {
            if contents.size == 0 {
                return Ok(false);
            }
            if let Some(parent) = place.parent() {
                fs::create_dir_all(parent)?;
            }
            // what others may exchange meanwhile is copied at once
            if self.rights.is_some() {
                copy(&file, &place)?
            } else {
                symlink(on_disk(&self.dir, &at), &place)?
            }
            Ok(true)
        };
        let is_there = put().map_err(|e| format!("{}: it cannot be kept: {e}", path.display()))?;
        if is_there {
            self.files.insert(kept);
            self.sources.insert(at, contents);
        }
        Ok(is_there)
    }

    /// Makes all of it copies, synced to the disk, that no one else has open; they belong to the user whose rights it has, if any.
    ///
    /// # Errors
    /// If one cannot be copied.
    pub fn copy(&self) -> Result<(), String> {
        let mut folders = BTreeSet::from([self.folder.path().to_path_buf()]);
        let user = self.rights.as_ref().map(Rights::user);
        for kept in &self.files {
            let place = self.place(kept);
            let copied = || -> io::Result<()> {
                if fs::symlink_metadata(&place)?.is_symlink() {
                    let file = open(&place, None)?;
                    fs::remove_file(&place)?;
                    copy(&file, &place)?;
                }
                let copy = File::open(&place)?;
                if let Some((uid, gid)) = user {
                    fchown(&copy, Some(uid), Some(gid))?;
                }
                copy.sync_all()
            };
            copied().map_err(|e| format!("{}: it cannot be kept: {e}", kept.display()))?;
            folders.extend(place.ancestors().take_while(|at| *at != self.folder.path()).skip(1).map(Path::to_path_buf));
        }
        let finish = |folder: &PathBuf| {
            // whose job it is checks it
            user.map_or(Ok(()), |(uid, gid)| chown(folder, Some(uid), Some(gid)))?;
            File::open(folder)?.sync_all()
        };
        folders.iter().try_for_each(finish).map_err(|e| format!("the job cannot be kept: {e}"))?;
        self.is_copied.store(true, Ordering::Release);
        Ok(())
    }

    /// Whether [`Self::copy`] has made everything its own.
    pub fn is_copied(&self) -> bool {
        self.is_copied.load(Ordering::Acquire)
    }

    /// Whether the files of the spool that it was taken from are there still, unchanged, and not among `unfinished`.
    pub fn is_current(&self, unfinished: &[PathBuf]) -> bool {
        let mut sources = self.sources.iter().filter(|(at, _)| at.starts_with("new"));
        sources.all(|(at, contents)| !unfinished.contains(at) && contents.are_at(&on_disk(&self.dir, at)))
    }

    /// Whether a file is in it, under its own name or one that leads there.
    pub fn holds(&self, path: &Path) -> bool {
        let path = normalized(path);
        self.files.contains(&path) || self.sources.contains_key(&path)
    }
}

/// Where a path of the mount is on disk: what the mount shows as `new` is the spool.
pub fn on_disk(dir: &DataDir, at: &Path) -> PathBuf {
    match at.strip_prefix("new") {
        Ok(rest) => dir.path().join(HIDDEN).join("new").join(rest),
        Err(_) => dir.path().join(at),
    }
}
