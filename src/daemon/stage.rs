//! The files of a job apart from the spool: what is checked there is what the calculation gets, and nobody else can reach it.
//!
//! A stage is a folder in `.oqfs` that mirrors a part of the data directory as the mount shows it: `new/demo/job.ini`, and
//! `models/x.xml` if the job names that. Symlinks are followed once, as text within the mount, with the rights of whoever dropped the
//! job, and kept as contents.

use std::collections::BTreeSet;
use std::fs::{self, File, FileTimes};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, symlink};
use std::path::{Component, Path, PathBuf};

use rustix::process::{Gid, Uid, geteuid};
use tempfile::TempDir;

use super::inputs::normalized;
use crate::datastore::DataDir;
use crate::fs::{Caller, HIDDEN};

/// What the names of stages begin with.
const STAGED: &str = "staged-";
/// The same of folders that archives are unpacked in.
pub const UNPACKED: &str = "unpacked-";

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

/// The rights of another user, which root takes on to open what that user names.
#[derive(Clone, Debug, PartialEq)]
pub struct Rights {
    uid: u32,
    gid: u32,
    groups: Vec<u32>,
}

impl Rights {
    /// Those of a caller; `None` where this process has no more than the caller has.
    pub fn of(caller: Caller) -> Option<Rights> {
        if !geteuid().is_root() || caller.uid == 0 {
            return None;
        }
        let status = fs::read_to_string(format!("/proc/{}/status", caller.thread)).unwrap_or_default();
        let groups = status.lines().find_map(|line| line.strip_prefix("Groups:")).unwrap_or_default();
        let groups = groups.split_whitespace().filter_map(|group| group.parse().ok()).collect();
        Some(Rights { uid: caller.uid, gid: caller.gid, groups })
    }

    /// Who it is.
    pub fn user(&self) -> (u32, u32) {
        (self.uid, self.gid)
    }

    /// Has this thread, and no other, give up all but these rights for good.
    fn take_on(&self) -> io::Result<()> {
        let groups: Vec<Gid> = self.groups.iter().map(|group| Gid::from_raw(*group)).collect();
        rustix::thread::set_thread_groups(&groups)?;
        let (gid, uid) = (Gid::from_raw(self.gid), Uid::from_raw(self.uid));
        rustix::thread::set_thread_res_gid(gid, gid, gid)?;
        Ok(rustix::thread::set_thread_res_uid(uid, uid, uid)?)
    }
}

/// Opens a regular file for reading; anything else is an error, and never waited for.
fn open(path: &Path, rights: Option<&Rights>) -> io::Result<File> {
    let open = || -> io::Result<File> {
        let file = File::options().read(true).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)?;
        if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("it is no regular file")) }
    };
    let Some(rights) = rights else { return open() };
    let with_rights = || rights.take_on().and_then(|()| open());
    let opened = std::thread::scope(|scope| scope.spawn(with_rights).join());
    opened.unwrap_or_else(|_| Err(io::Error::other("it could not be opened")))
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
    /// Where that was, symlinks followed.
    sources: BTreeSet<PathBuf>,
}

impl Stage {
    /// An empty one. Files of `unfinished` are not there yet.
    ///
    /// # Errors
    /// If its folder cannot be made.
    pub fn new(dir: &DataDir, rights: Option<Rights>, unfinished: Vec<PathBuf>) -> io::Result<Stage> {
        let hidden = dir.path().join(HIDDEN);
        fs::create_dir_all(&hidden)?;
        let folder = tempfile::Builder::new().prefix(STAGED).tempdir_in(hidden);
        // its message would name the path that this process uses
        let folder = folder.map_err(|e| io::Error::from(e.kind()))?;
        Ok(Stage { dir: dir.clone(), folder, rights, unfinished, files: BTreeSet::new(), sources: BTreeSet::new() })
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
            Err(e) => return Err(format!("{}: {e}", path.display())),
        };
        let place = self.place(&kept);
        let put = || -> io::Result<bool> {
            if file.metadata()?.len() == 0 {
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
            self.sources.insert(at);
        }
        Ok(is_there)
    }

    /// Makes all of it copies, synced to the disk, that no one else has open.
    ///
    /// # Errors
    /// If one cannot be copied.
    pub fn copy(&self) -> Result<(), String> {
        let mut folders = BTreeSet::new();
        for kept in &self.files {
            let place = self.place(kept);
            let copied = || -> io::Result<()> {
                if fs::symlink_metadata(&place)?.is_symlink() {
                    let file = open(&place, None)?;
                    fs::remove_file(&place)?;
                    copy(&file, &place)?;
                }
                File::open(&place)?.sync_all()
            };
            copied().map_err(|e| format!("{}: it cannot be kept: {e}", kept.display()))?;
            folders.extend(place.parent().map(Path::to_path_buf));
        }
        let sync = |folder: &PathBuf| File::open(folder).and_then(|folder| folder.sync_all());
        folders.iter().try_for_each(sync).map_err(|e| format!("the job cannot be kept: {e}"))
    }

    /// Whether a file is in it, under its own name or one that leads there.
    pub fn holds(&self, path: &Path) -> bool {
        let path = normalized(path);
        self.files.contains(&path) || self.sources.contains(&path)
    }
}

/// Where a path of the mount is on disk: what the mount shows as `new` is the spool.
pub fn on_disk(dir: &DataDir, at: &Path) -> PathBuf {
    match at.strip_prefix("new") {
        Ok(rest) => dir.path().join(HIDDEN).join("new").join(rest),
        Err(_) => dir.path().join(at),
    }
}

/// Copies a file, with its times, mode and owner as far as that is allowed; shares its blocks where the disk can.
fn copy(mut from: &File, to: &Path) -> io::Result<()> {
    let metadata = from.metadata()?;
    let mode = metadata.mode() & 0o777 | 0o400;
    let mut copy = File::options().write(true).create_new(true).mode(mode).open(to)?;
    if rustix::fs::ioctl_ficlone(&copy, from).is_err() {
        io::copy(&mut from, &mut copy)?;
    }
    // the times are a courtesy, and so is the owner
    let _ = copy.set_times(FileTimes::new().set_accessed(metadata.accessed()?).set_modified(metadata.modified()?));
    let _ = std::os::unix::fs::fchown(&copy, Some(metadata.uid()), Some(metadata.gid()));
    Ok(())
}
