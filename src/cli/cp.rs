//! `oqfs cp`: files of a mount copied, without a mount.

use std::fs::{self, File, FileTimes, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;

use super::place::{Found, Place, Trees};
use crate::fs::FileKind;

/// Copy files of a calculation or of any HDF5 file, as a mount shows them, without a mount.
///
/// A copy has the bytes and the time of what it is a copy of. It appears under its name when it is complete. Links are
/// copied as links when a directory is.
#[derive(Debug, Args)]
pub struct Cp {
    /// A calculation (its number, calc_N, last, -1, or the path of its folder) or an HDF5 file, and a path below it.
    #[arg(required = true, value_name = "FILE|CALC[/PATH]", allow_negative_numbers = true)]
    places: Vec<PathBuf>,
    /// The directory to copy into; of one place, also the name of the copy
    #[arg(value_name = "DIR")]
    to: PathBuf,
    /// Copy directories with all that is in them
    #[arg(short, long)]
    recursive: bool,
    /// Replace files that are there
    #[arg(short, long)]
    force: bool,
}

impl Cp {
    /// Copy them; stops at the first that cannot be.
    pub fn execute(self) -> Result<()> {
        let into = self.to.is_dir();
        ensure!(into || self.places.len() == 1, "{}: no directory, for several copies", self.to.display());
        let mut trees = Trees::default();
        for text in &self.places {
            let place = trees.place(text)?;
            let found = place.find(!self.recursive)?;
            if found.is_dir() {
                ensure!(self.recursive, "{place}: a directory; -r copies it");
            }
            let to = if into { self.to.join(place.name()) } else { self.to.clone() };
            self.copy(&place, &found, &to)?;
        }
        Ok(())
    }

    fn copy(&self, place: &Place, found: &Found, to: &Path) -> Result<()> {
        let shown = || to.display().to_string();
        match found.attr.kind {
            FileKind::Dir => self.copy_dir(place, found, to),
            FileKind::Symlink => self.copy_link(place, found, to).with_context(shown),
            FileKind::File => self.copy_file(place, found, to).with_context(shown),
            FileKind::Pipe | FileKind::Socket | FileKind::CharDevice | FileKind::BlockDevice => {
                bail!("{}: what it were a copy of is neither file nor directory nor link", to.display())
            }
        }
    }

    fn copy_dir(&self, place: &Place, dir: &Found, to: &Path) -> Result<()> {
        match fs::create_dir(to) {
            Err(e) if e.kind() == ErrorKind::AlreadyExists && to.is_dir() => {}
            made => made.with_context(|| to.display().to_string())?,
        }
        for name in place.tree.names(dir)? {
            let found = place.tree.entry(dir, &name).with_context(|| format!("{place}: {}", name.display()))?;
            self.copy(place, &found, &to.join(&name))?;
            place.tree.forget(&found);
        }
        // after its files were made there
        Ok(File::open(to)?.set_times(FileTimes::new().set_modified(dir.attr.mtime))?)
    }

    fn copy_file(&self, place: &Place, file: &Found, to: &Path) -> Result<()> {
        self.refuse_what_is_there(to)?;
        let mode = Permissions::from_mode(u32::from(file.attr.perm & 0o777));
        let mut copy = tempfile::Builder::new().prefix(".oqfs-cp-").permissions(mode).tempfile_in(folder(to))?;
        place.tree.read(file, |piece| Ok(copy.write_all(piece).map(|()| true)?))?;
        copy.as_file().set_times(FileTimes::new().set_modified(file.attr.mtime))?;
        // another may have made it meanwhile
        match self.force {
            true => copy.persist(to)?,
            false => copy.persist_noclobber(to)?,
        };
        Ok(())
    }

    fn copy_link(&self, place: &Place, link: &Found, to: &Path) -> Result<()> {
        self.refuse_what_is_there(to)?;
        let target = place.tree.link(link)?;
        if !self.force {
            return Ok(symlink(target, to)?);
        }
        let beside = tempfile::Builder::new().prefix(".oqfs-cp-").tempdir_in(folder(to))?;
        let made = beside.path().join("link");
        symlink(target, &made)?;
        Ok(fs::rename(made, to)?)
    }

    /// Says that a file is there before anything is read.
    fn refuse_what_is_there(&self, to: &Path) -> Result<()> {
        match fs::symlink_metadata(to) {
            Ok(there) if there.is_dir() => bail!("there is a directory of this name"),
            Ok(_) if !self.force => bail!("there is a file of this name; -f replaces it"),
            Ok(_) => Ok(()),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            Err(e) => Err(e.into()),
        }
    }
}

/// The directory that a file is to be in.
fn folder(to: &Path) -> &Path {
    to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
