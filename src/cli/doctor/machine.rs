//! What `oqfs doctor` looks at.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, geteuid, getrlimit};

/// A machine, or what a test has in place of one.
#[derive(Debug)]
pub struct Machine {
    /// Where its files are.
    pub root: PathBuf,
    pub env: BTreeMap<OsString, OsString>,
    /// The data directory.
    pub dir: PathBuf,
    pub is_root: bool,
    /// How many files a process may have open at most; `None` if there is no limit.
    pub files: Option<u64>,
}

impl Machine {
    /// The one this runs on.
    pub fn this(dir: PathBuf) -> Self {
        let (root, env) = (PathBuf::from("/"), env::vars_os().collect());
        Self { root, env, dir, is_root: geteuid().is_root(), files: getrlimit(Resource::Nofile).maximum }
    }

    /// A file of the machine.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// A variable of the environment that is not empty.
    pub fn var(&self, name: &str) -> Option<&Path> {
        self.env.get(OsString::from(name).as_os_str()).filter(|value| !value.is_empty()).map(Path::new)
    }

    /// A program of this name in `$PATH`.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        let is_program = |path: &PathBuf| fs::metadata(path).is_ok_and(|file| file.is_file());
        env::split_paths(self.var("PATH")?).map(|dir| self.path(dir.join(name))).find(is_program)
    }
}
