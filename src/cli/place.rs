//! Places in calculations and HDF5 files as they are named on the command line, and the tree that a mount would show there.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail, ensure};
use rustix::process::{getegid, geteuid};

use super::reading::readers;
use crate::datastore::{CalcRef, DataDir, LoneFile, MountInfo, OUTPUT};
use crate::fs::{Attributes, Caller, Errno, Fh, FileKind, Fs, Ino, OpenedDir, ROOT};
use crate::nearest::nearest;
use crate::view::{Tree, Views};

/// Symlinks followed before a path is given up.
const LINKS: usize = 40;

/// A header that is longer is none of this program's, nor one that numpy takes.
const LONGEST_HEADER: usize = 1 << 24;

/// A file, directory or symlink of a tree.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    pub attr: Attributes,
}

impl Found {
    pub fn is_dir(&self) -> bool {
        self.attr.kind == FileKind::Dir
    }
}

/// The tree that a mount would show: of a data directory, or of one HDF5 file.
#[derive(Debug)]
pub struct FileTree {
    fs: Rc<Fs>,
    /// The names on the way to the calculation; none of a file.
    top: Vec<OsString>,
    /// What the calculation or the file is called by itself.
    name: OsString,
    views: Arc<Views>,
    /// The number of the calculation.
    id: u32,
}

/// A place that was named.
#[derive(Debug)]
pub struct Place {
    pub tree: Rc<FileTree>,
    /// The names below the calculation or the file.
    path: Vec<OsString>,
    /// As it was named.
    text: PathBuf,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.text.display())
    }
}

/// The trees of the places that were named so far.
#[derive(Debug, Default)]
pub struct Trees {
    /// By the names of their calculations and files.
    of_places: BTreeMap<PathBuf, Rc<FileTree>>,
    /// By the names of data directories, so that very many of their calculations can be named.
    of_dirs: BTreeMap<PathBuf, Rc<DirTree>>,
}

/// The tree of a data directory.
#[derive(Debug)]
struct DirTree {
    dir: DataDir,
    fs: Rc<Fs>,
    views: Arc<Views>,
    ids: BTreeSet<u32>,
}

impl Trees {
    /// The place of this name: a calculation's number, `last` or -1, the path of its folder, or an HDF5 file, and a path below.
    ///
    /// # Errors
    /// If no calculation and no HDF5 file is named so.
    pub fn place(&mut self, text: &Path) -> Result<Place> {
        let parts: Vec<Component> = text.components().collect();
        for end in 1..=parts.len() {
            let (above, rest) = parts.split_at(end);
            if let Some(tree) = self.tree(&above.iter().collect::<PathBuf>(), end == 1)? {
                let path = rest.iter().map(|part| part.as_os_str().to_owned()).collect();
                return Ok(Place { tree, path, text: text.to_owned() });
            }
        }
        bail!(
            "{}: there is no such calculation and no such file; expected a number, calc_N, last, the path of a calculation's folder, or an \
             HDF5 file, and a path below it",
            text.display()
        )
    }

    /// The tree of a calculation or a file of this name, if it is the name of one; one by itself may be a number or the like.
    fn tree(&mut self, name: &Path, by_itself: bool) -> Result<Option<Rc<FileTree>>> {
        if let Some(known) = self.of_places.get(name) {
            return Ok(Some(known.clone()));
        }
        let which = name.to_str().filter(|_| by_itself).map(str::parse);
        let made = match which {
            Some(Ok(which @ (CalcRef::Id(_) | CalcRef::Last))) => self.dir(&DataDir::default_path()?)?.calc(&which)?,
            _ => match self.of_folder(name) {
                Some(tree) => tree,
                None if is_file(name) => FileTree::of_file(name)?,
                None => return Ok(None),
            },
        };
        Ok(Some(self.of_places.entry(name.to_owned()).or_insert(Rc::new(made)).clone()))
    }

    /// That of a calculation, if `path` is that of its folder.
    fn of_folder(&mut self, path: &Path) -> Option<FileTree> {
        let (dir, which) = DataDir::of_calc(path)?;
        self.dir(&dir).ok()?.calc(&which).ok()
    }

    fn dir(&mut self, path: &Path) -> Result<Rc<DirTree>> {
        if let Some(known) = self.of_dirs.get(path) {
            return Ok(known.clone());
        }
        let dir = DataDir::open_existing(path)?;
        let views = Views::with_readers(dir.clone(), readers(Some(dir.clone())));
        let ids = dir.ids()?;
        let made = Rc::new(DirTree { dir, fs: Rc::new(Fs::of_views(views.clone(), None)?), views, ids });
        Ok(self.of_dirs.entry(path.to_owned()).or_insert(made).clone())
    }
}

impl DirTree {
    fn calc(&self, which: &CalcRef) -> Result<FileTree> {
        let there = match which {
            CalcRef::Id(id) => self.ids.get(id),
            _ => self.ids.last(),
        };
        let shown = self.dir.shown().display();
        let id = *there.with_context(|| format!("there is no calculation {which} in {shown}"))?;
        let name = OsString::from(format!("calc_{id}"));
        Ok(FileTree { fs: self.fs.clone(), top: vec![name.clone()], name, views: self.views.clone(), id })
    }
}

impl Place {
    /// What the place itself is called, as a copy of it would be.
    pub fn name(&self) -> &OsStr {
        self.path.last().map_or(&self.tree.name, |name| name)
    }

    /// What is there. Symlinks on the way are followed, and the last one if `follow` says so.
    ///
    /// # Errors
    /// If nothing is there, with what is near.
    pub fn find(&self, follow: bool) -> Result<Found> {
        self.tree.find(&self.tree.top, &self.path, follow).map_err(|missing| self.explained(missing))
    }

    /// The view of the datastore, if the place is a calculation or an HDF5 file by itself.
    ///
    /// # Errors
    /// If it is something below one, or the datastore cannot be read.
    pub fn datastore(&self) -> Result<Arc<Tree>> {
        let is_whole = matches!(&self.path[..], [] | [_]) && self.path.iter().all(|name| name == OUTPUT);
        ensure!(is_whole, "{self}: expected a calculation or an HDF5 file, and nothing below it");
        let calc = self.tree.views.calc(self.tree.id).with_context(|| format!("{self}: it was removed"))?;
        let tree = calc.tree().map_err(|error| anyhow!("{self}: {error}"))?;
        tree.with_context(|| format!("{self}: it has no datastore yet"))
    }

    fn explained(&self, missing: Missing) -> anyhow::Error {
        let Missing { error, within, name } = missing;
        if error != Errno::ENOENT {
            return anyhow!("{self}: {error}");
        }
        let why = match self.tree.views.calc(self.tree.id).map(|calc| calc.tree()) {
            Some(Err(unreadable)) => format!(" ({unreadable})"),
            _ => String::new(),
        };
        let there = within.and_then(|dir| self.tree.names_in(dir).ok()).unwrap_or_default();
        let there: Vec<_> = there.iter().filter_map(|name| name.to_str()).collect();
        let close = nearest(&name.to_string_lossy(), there);
        let hint = if close.is_empty() { String::new() } else { format!("; did you mean {}?", close.join(", ")) };
        anyhow!("{self}: there is no {}{why}{hint}", name.display())
    }
}

/// Whether a path is that of a file. A mount of this program is not asked: the directory beneath is.
pub fn is_file(path: &Path) -> bool {
    let Ok(path) = std::path::absolute(path) else { return false };
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else { return false };
    if !MountInfo::on(&path).is_ok_and(|mount| mount.is_none()) {
        return false;
    }
    DataDir::open_existing(parent).is_ok_and(|dir| dir.metadata(Path::new(name)).is_ok_and(|found| found.is_file()))
}

/// Why a path leads to nothing.
struct Missing {
    error: Errno,
    /// The directory in which a name is missing.
    within: Option<Ino>,
    name: OsString,
}

impl FileTree {
    fn of_file(path: &Path) -> Result<Self> {
        let lone = LoneFile::open(path)?;
        let name = lone.name().file_stem().unwrap_or_default().to_owned();
        let id = lone.id();
        let views = Views::of_file_alone(lone.clone(), readers(Some(lone.dir().clone())));
        Ok(Self { fs: Rc::new(Fs::of_views(views.clone(), None)?), top: vec![], name, views, id })
    }

    /// What is at `path` below `from`.
    fn find(&self, from: &[OsString], path: &[OsString], follow: bool) -> Result<Found, Missing> {
        let root = self.fs.getattr(ROOT, None).map_err(|error| Missing { error, within: None, name: "it".into() })?;
        let mut at = vec![Found { attr: root }];
        let mut todo: VecDeque<OsString> = from.iter().chain(path).cloned().collect();
        let mut links = 0;
        while let Some(name) = todo.pop_front() {
            if name == "." || name == ".." {
                at.truncate(if name == ".." { (at.len() - 1).max(1) } else { at.len() });
                continue;
            }
            let dir = at[at.len() - 1];
            let missing = |error| Missing { error, within: Some(dir.attr.ino), name: name.clone() };
            let found = self.entry(&dir, &name).map_err(missing)?;
            if found.attr.kind != FileKind::Symlink || todo.is_empty() && !follow {
                at.push(found);
                continue;
            }
            links += 1;
            let target = self.link(&found).map_err(missing)?;
            if links > LINKS || target.is_absolute() {
                return Err(missing(Errno(if links > LINKS { libc::ELOOP } else { libc::EXDEV })));
            }
            let steps = target.components().map(|part| part.as_os_str().to_owned());
            todo = steps.chain(todo).collect();
        }
        Ok(at.swap_remove(at.len() - 1))
    }

    /// What `name` in a directory is.
    pub fn entry(&self, dir: &Found, name: &OsStr) -> Result<Found, Errno> {
        if !dir.is_dir() {
            return Err(Errno::ENOTDIR);
        }
        Ok(Found { attr: self.fs.lookup(dir.attr.ino, name, caller())?.attr })
    }

    /// The names in a directory, in the order of their bytes.
    pub fn names(&self, dir: &Found) -> Result<Vec<OsString>, Errno> {
        self.names_in(dir.attr.ino)
    }

    fn names_in(&self, dir: Ino) -> Result<Vec<OsString>, Errno> {
        let OpenedDir { fh, .. } = self.fs.opendir(dir)?;
        let entries = self.fs.readdir(fh, true);
        self.fs.release(fh);
        let mut names: Vec<_> = entries?.iter().map(|entry| entry.name.clone()).collect();
        names.retain(|name| name != "." && name != "..");
        names.sort_by(|a, b| a.as_bytes().cmp(b.as_bytes()));
        Ok(names)
    }

    /// Where a symlink leads, as its text says.
    pub fn link(&self, link: &Found) -> Result<PathBuf, Errno> {
        Ok(PathBuf::from(OsStr::from_bytes(&self.fs.readlink(link.attr.ino)?)))
    }

    /// Reads all of a file, a piece at a time; `take` gives false when it wants no more.
    pub fn read(&self, file: &Found, mut take: impl FnMut(&[u8]) -> Result<bool>) -> Result<()> {
        const PIECE: usize = 1 << 20;
        let opened = self.fs.open(file.attr.ino, libc::O_RDONLY, caller())?;
        let mut piece = vec![0; PIECE];
        let mut at = 0;
        let done = loop {
            match self.fs.read(opened.fh, at, &mut piece) {
                Ok(0) => break Ok(()),
                Ok(n) => match take(&piece[..n]) {
                    Ok(true) => at += n as u64,
                    Ok(false) => break Ok(()),
                    Err(error) => break Err(error),
                },
                Err(error) => break Err(error.into()),
            }
        };
        self.fs.release(opened.fh);
        done
    }

    /// The header of an array, the text that numpy reads before the elements; `None` of what is no array.
    pub fn array_header(&self, file: &Found) -> Result<Option<String>, Errno> {
        let opened = self.fs.open(file.attr.ino, libc::O_RDONLY, caller())?;
        let header = self.header_of(opened.fh);
        self.fs.release(opened.fh);
        header
    }

    fn header_of(&self, fh: Fh) -> Result<Option<String>, Errno> {
        // the signature, the version of the format, and the length, in as many bytes as the version says
        let start = self.part(fh, 0, 12)?;
        let (version, at, length) = match start[..] {
            [0x93, b'N', b'U', b'M', b'P', b'Y', 1, _, a, b, ..] => (1, 10, u32::from(u16::from_le_bytes([a, b]))),
            [0x93, b'N', b'U', b'M', b'P', b'Y', version @ (2 | 3), _, a, b, c, d] => {
                (version, 12, u32::from_le_bytes([a, b, c, d]))
            }
            _ => return Ok(None),
        };
        let length = usize::try_from(length).ok().filter(|length| *length <= LONGEST_HEADER);
        let Some(length) = length else { return Ok(None) };
        let header = self.part(fh, at, length)?;
        // Latin-1, and UTF-8 since version 3
        let text = if version < 3 {
            header.into_iter().map(char::from).collect()
        } else {
            String::from_utf8(header).unwrap_or_default()
        };
        Ok(Some(text.trim_end().to_string()).filter(|text| !text.is_empty()))
    }

    /// So many bytes of an open file; fewer at its end.
    fn part(&self, fh: Fh, at: u64, length: usize) -> Result<Vec<u8>, Errno> {
        let mut part = vec![0; length];
        let mut filled = 0;
        while let Some(rest) = part.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.fs.read(fh, at + filled as u64, rest)? {
                0 => break,
                n => filled += n,
            }
        }
        part.truncate(filled);
        Ok(part)
    }

    /// What was found is not needed any more: it takes no memory from now on.
    pub fn forget(&self, found: &Found) {
        self.fs.forget(found.attr.ino, 1);
    }
}

/// This process, as the file system knows who asks.
fn caller() -> Caller {
    Caller { uid: geteuid().as_raw(), gid: getegid().as_raw(), thread: 0, umask: 0 }
}
