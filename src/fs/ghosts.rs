//! Names of the spool whose files were moved away. They answer those that wrote them, for some seconds: programs look at what they have
//! just written, set its times, rename it. Nobody else sees them: a program that copies what is not there yet would take it for there.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::process::Process;

/// How long a name answers after its file was moved away, from its last use.
const AFTER: Duration = Duration::from_secs(10);
/// How long in any case.
const AFTER_AT_MOST: Duration = Duration::from_secs(60);

/// A name whose file was moved away.
#[derive(Debug)]
struct Ghost {
    /// Where to; `None` if the name was removed since, though its folder answers still.
    to: Option<PathBuf>,
    writers: Vec<Process>,
    since: Instant,
    used: Instant,
}

impl Ghost {
    fn is_over(&self) -> bool {
        self.used.elapsed() > AFTER || self.since.elapsed() > AFTER_AT_MOST
    }
}

/// All names that answer still, and below a folder's what was in it.
#[derive(Debug, Default)]
pub struct Ghosts(Mutex<HashMap<PathBuf, Ghost>>);

impl Ghosts {
    fn table(&self) -> MutexGuard<'_, HashMap<PathBuf, Ghost>> {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        table.retain(|_, ghost| !ghost.is_over());
        table
    }

    /// What was at `from` is at `to` now. `writers` wrote it.
    pub fn add(&self, from: &Path, to: Option<PathBuf>, writers: Vec<Process>) {
        let now = Instant::now();
        self.table().insert(from.to_owned(), Ghost { to, writers, since: now, used: now });
    }

    /// Where the file went that was at `path`, or the folder it was in.
    pub fn find(&self, path: &Path) -> Option<PathBuf> {
        self.find_if(path, |_| true)
    }

    /// As [`Self::find`], for a thread; `None` also if its process did not write it.
    pub fn find_for(&self, path: &Path, thread: u32) -> Option<PathBuf> {
        self.find_if(path, |writers| writers.contains(&Process::of(thread)))
    }

    fn find_if(&self, path: &Path, may: impl FnOnce(&[Process]) -> bool) -> Option<PathBuf> {
        let mut table = self.table();
        let above = path.ancestors().find(|above| table.contains_key(*above))?.to_owned();
        let ghost = table.get_mut(&above)?;
        let (to, rest) = (ghost.to.clone()?, path.strip_prefix(&above).ok()?);
        if !may(&ghost.writers) {
            return None;
        }
        ghost.used = Instant::now();
        Some(if rest.as_os_str().is_empty() { to } else { to.join(rest) })
    }

    /// Who wrote what was at `path`, or the folder it was in.
    pub fn writers(&self, path: &Path) -> Vec<Process> {
        let table = self.table();
        let found = path.ancestors().find_map(|above| table.get(above));
        found.map(|ghost| ghost.writers.clone()).unwrap_or_default()
    }

    /// What was moved away from `path` and below does not answer any more. True if it did.
    pub fn bury(&self, path: &Path) -> bool {
        let answered = self.find(path).is_some();
        let mut table = self.table();
        table.retain(|name, _| !name.starts_with(path));
        let above = path.ancestors().find_map(|above| table.get(above)).map(|ghost| (ghost.since, ghost.used));
        if let Some((since, used)) = above {
            table.insert(path.to_owned(), Ghost { to: None, writers: vec![], since, used });
        }
        answered
    }
}

/// So many processes are remembered of a name.
const MOST_WRITERS: usize = 16;

/// Who wrote what is in the spool.
#[derive(Debug, Default)]
pub struct Writers(Mutex<HashMap<PathBuf, Vec<Process>>>);

impl Writers {
    fn table(&self) -> MutexGuard<'_, HashMap<PathBuf, Vec<Process>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process of `thread` wrote what is at `path`, and so in the folders above.
    pub fn add(&self, path: &Path, thread: u32) {
        let process = Process::of(thread);
        let mut table = self.table();
        for name in path.ancestors().filter(|name| !name.as_os_str().is_empty()) {
            let writers = table.entry(name.to_owned()).or_default();
            if !writers.contains(&process) {
                writers.push(process);
            }
            if writers.len() > MOST_WRITERS {
                writers.remove(0);
            }
        }
    }

    /// Who wrote what is at `path`.
    pub fn of(&self, path: &Path) -> Vec<Process> {
        self.table().get(path).cloned().unwrap_or_default()
    }

    /// What was at `path` and below is not there any more.
    pub fn forget(&self, path: &Path) {
        self.table().retain(|name, _| !name.starts_with(path));
    }

    /// What was at `from` and below is at `to` now.
    pub fn rename(&self, from: &Path, to: &Path) {
        let mut table = self.table();
        table.retain(|name, _| !name.starts_with(to));
        let moved: Vec<_> = table.extract_if(|name, _| name.starts_with(from)).collect();
        table.extend(moved.into_iter().map(|(name, writers)| match name.strip_prefix(from) {
            Ok(rest) if !rest.as_os_str().is_empty() => (to.join(rest), writers),
            _ => (to.to_owned(), writers),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writers_move_with_what_they_wrote() {
        let writers = Writers::default();
        let me = std::process::id();
        writers.add("a/b/x".as_ref(), me);
        writers.add("ab".as_ref(), 0);
        let mine = vec![Process::of(me)];
        for name in ["a", "a/b", "a/b/x"] {
            assert_eq!(writers.of(name.as_ref()), mine, "{name}");
        }
        writers.add("c/b/x".as_ref(), 0);
        writers.rename("a".as_ref(), "c".as_ref());
        assert_eq!(writers.of("c/b/x".as_ref()), mine, "what was replaced is not remembered");
        assert!(writers.of("a/b".as_ref()).is_empty());
        writers.forget("c/b".as_ref());
        assert_eq!([writers.of("c/b/x".as_ref()), writers.of("c".as_ref())], [vec![], mine]);
        assert_eq!(writers.of("ab".as_ref()), [Process::of(0)]);
    }

    #[test]
    fn a_folder_that_was_moved_answers_for_what_is_in_it() {
        let (ghosts, me) = (Ghosts::default(), std::process::id());
        ghosts.add("demo".as_ref(), Some("/calc_1/inputs".into()), vec![Process::of(me)]);
        let at = |path: &str| ghosts.find_for(path.as_ref(), me);
        assert_eq!(at("demo/sub/x").as_deref(), Some(Path::new("/calc_1/inputs/sub/x")));
        assert_eq!((at("demo2"), ghosts.find_for("demo/x".as_ref(), 0)), (None, None));
        assert!(ghosts.bury("demo/x".as_ref()));
        assert_eq!((at("demo/x"), at("demo/y").is_some(), at("demo").is_some()), (None, true, true));
        assert!(!ghosts.bury("demo/x".as_ref()) && ghosts.bury("demo".as_ref()) && !ghosts.bury("demo".as_ref()));
    }
}
