//! Calculations as they are named on the command line, and how they stand.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow, bail, ensure};
use rustix::io::Errno;

use super::out;
use super::reading::readers;
use crate::datastore::{CalcRef, DataDir, Error, MountInfo};
use crate::fs::Wish;
use crate::view::{Standing, Tree, Views};

/// A calculation, as it is named.
#[derive(Clone, Debug)]
pub struct NamedCalc {
    /// The data directory, if it is named by its path.
    pub dir: Option<PathBuf>,
    which: WhichCalc,
}

#[derive(Clone, Copy, Debug)]
enum WhichCalc {
    Id(u32),
    Last,
}

impl FromStr for NamedCalc {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let Ok(named) = text.parse();
        let (dir, calc) = match &named {
            CalcRef::Path(path) => DataDir::of_calc(path).map(|(dir, calc)| (Some(dir), calc)),
            CalcRef::Id(_) | CalcRef::Last => Some((None, named.clone())),
        }
        .unwrap_or((None, named));
        let which = match calc {
            CalcRef::Id(id) => WhichCalc::Id(id),
            CalcRef::Last => WhichCalc::Last,
            CalcRef::Path(_) => return Err("expected a number, calc_N, last, or the path of a calculation's folder"),
        };
        Ok(Self { dir, which })
    }
}

/// Where the folders of calculations are to be seen.
pub struct Shown {
    /// The absolute path of the data directory: where it is mounted, if it is.
    pub dir: PathBuf,
    /// Whether it is that of a mount with somebody in charge.
    pub mounted: bool,
}

/// The calculations of the data directory.
pub struct Calcs {
    pub dir: DataDir,
    views: Arc<Views>,
}

impl Calcs {
    /// Those of the data directory of the environment, which is not made.
    pub fn open() -> Result<Calcs> {
        Calcs::open_if_there()?.with_context(|| match DataDir::default_path() {
            Ok(dir) => format!("there is no calculation: {} is not there", dir.display()),
            Err(error) => error.to_string(),
        })
    }

    /// Those of the data directory in which calculations are named: that of their paths if they are named by such.
    ///
    /// # Errors
    /// If they are in more than one.
    pub fn open_for(named: &[NamedCalc]) -> Result<Calcs> {
        let dirs: BTreeSet<&Path> = named.iter().filter_map(|named| named.dir.as_deref()).collect();
        let mut dirs = dirs.into_iter();
        match (dirs.next(), dirs.next()) {
            (None, _) => Calcs::open(),
            (Some(dir), None) => Ok(Calcs::of(DataDir::open_existing(dir)?)),
            (Some(a), Some(b)) => {
                bail!("calculations of one data directory at a time: found {} and {}", a.display(), b.display())
            }
        }
    }

    /// The same; `None`, which the user is told, if the directory is not there.
    pub fn open_if_there() -> Result<Option<Calcs>> {
        let path = DataDir::default_path()?;
        match DataDir::open_existing(&path) {
            Ok(dir) => Ok(Some(Calcs::of(dir))),
            Err(Error::Io { error, .. }) if error.kind() == ErrorKind::NotFound => {
                out::tell(format_args!("{}: there is no such directory", path.display()));
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub fn of(dir: DataDir) -> Calcs {
        Calcs { views: Views::with_readers(dir.clone(), readers(Some(dir.clone()))), dir }
    }

    /// Where they are to be seen. No mount is asked.
    pub fn shown(&self) -> Result<Shown> {
        let dir = std::path::absolute(self.dir.shown())?;
        let mount = MountInfo::serving(&dir)?.filter(|(_, mount)| !mount.is_dead());
        let mounted = mount.is_some();
        Ok(Shown { dir: mount.map_or(dir, |(point, _)| point), mounted })
    }

    /// The ids of all.
    pub fn ids(&self) -> Result<BTreeSet<u32>> {
        Ok(self.dir.ids()?)
    }

    /// The ids of those that were named; all must be there.
    pub fn named(&self, named: &[NamedCalc]) -> Result<BTreeSet<u32>> {
        let ids = self.ids()?;
        let id = |named: &NamedCalc| {
            let id = match named.which {
                WhichCalc::Id(id) => id,
                WhichCalc::Last => *ids.last().context("there is no calculation")?,
            };
            ensure!(ids.contains(&id), "there is no calculation {id} in {}", self.dir.shown().display());
            Ok(id)
        };
        named.iter().map(id).collect()
    }

    /// The id of one that was named.
    pub fn one(&self, named: &NamedCalc) -> Result<u32> {
        self.named(std::slice::from_ref(named))?.first().copied().context("there is no calculation")
    }

    /// The tree of the datastore of one; `None` if it has none.
    pub fn tree(&self, id: u32) -> Result<Option<Arc<Tree>>> {
        let calc = self.views.calc(id).with_context(|| format!("calculation {id} was removed"))?;
        calc.tree().map_err(|error| anyhow!("calculation {id}: {error}"))
    }

    /// When one changed last, as the time of its folder in a mount says; `None` if it was removed.
    pub fn changed(&self, id: u32) -> Option<SystemTime> {
        let ((metadata, _), _) = self.views.calc(id)?.see_folder()?;
        metadata.modified().ok()
    }

    /// How one stands now.
    pub fn standing(&self, id: u32) -> Result<Standing> {
        let calc = self.views.calc(id).with_context(|| format!("calculation {id} was removed"))?;
        Ok(calc.standing())
    }
}

/// Ask whoever serves the mount for what only the process in charge can do to a calculation.
///
/// # Errors
/// If it is not done, with the reason.
pub fn ask_mount(calcs: &Calcs, id: u32, wish: Wish) -> Result<()> {
    let folder = calcs.dir.path().join(format!("calc_{id}"));
    match rustix::fs::setxattr(folder, wish.attribute(), wish.value().as_bytes(), rustix::fs::XattrFlags::empty()) {
        Ok(()) => Ok(()),
        Err(Errno::PERM) => bail!("calculation {id} belongs to another user"),
        Err(Errno::ALREADY) => bail!("calculation {id} is {}", calcs.standing(id)?.job.state),
        Err(Errno::INVAL | Errno::ACCESS) => {
            let other = wish.value();
            bail!("calculation {other} does not wait to be run, or belongs to another user")
        }
        Err(Errno::BUSY) => bail!("calculation {id} is in use by another oqfs"),
        Err(Errno::NOTSUP) => bail!("calculation {id} is another program's"),
        Err(Errno::ROFS) => bail!("calculation {id} cannot be changed: the mount is read-only"),
        Err(error) => Err(error).with_context(|| format!("calculation {id}: whoever serves the mount cannot do that")),
    }
}

/// Do something to each; what goes wrong with one is told, and the others are done all the same.
pub fn for_each(ids: &BTreeSet<u32>, mut act: impl FnMut(u32) -> Result<()>) -> Result<()> {
    let mut failures = out::Failures::default();
    ids.iter().for_each(|id| failures.note(act(*id)));
    failures.end()
}
