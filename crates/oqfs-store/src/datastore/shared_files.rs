//! What processes on several machines do to files that all of them see: NFS, Lustre, or the disk of one machine.
//!
//! What is relied upon: a file is made by one of several that try (`O_EXCL`); a rename replaces a name in one step; who opens a file after
//! another has closed it sees all of it; and times are those of the file server's clock, which is one clock. No lock is relied upon.

use std::fmt::Debug;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Write};
use std::path::Path;
use std::time::SystemTime;

use rustix::fs::{Timespec, Timestamps, UTIME_NOW, futimens};
use rustix::io::Errno;

/// The operations, so that tests can have a file system that is slow or says what is not so.
pub trait SharedFiles: Debug + Send + Sync {
    /// Makes a file with these bytes; false if it is there already.
    fn make(&self, path: &Path, bytes: &[u8]) -> io::Result<bool>;

    /// Says that a file is in use now, by the clock of the server.
    fn touch(&self, path: &Path) -> io::Result<()>;

    /// What a file holds, and when it was changed or touched, by the clock of the server; `None` if it is not there.
    fn read(&self, path: &Path) -> io::Result<Option<(Vec<u8>, SystemTime)>>;

    /// Writes a file that nobody else writes, and has the server keep it.
    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()>;

    /// Gives a file another name, in place of what has that.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file, if it is there.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// The names in a folder; none if it is not there.
    fn names(&self, folder: &Path) -> io::Result<Vec<String>>;
}

/// Those of the operating system.
#[derive(Debug)]
pub struct SystemFiles;

impl SharedFiles for SystemFiles {
    fn make(&self, path: &Path, bytes: &[u8]) -> io::Result<bool> {
        match File::create_new(path) {
            Ok(mut file) => {
                let written = file.write_all(bytes);
                // one that says nothing of its maker would stand in the way
                written.map(|()| true).inspect_err(|_| drop(fs::remove_file(path)))
            }
            Err(e) if e.kind() == ErrorKind::AlreadyExists => Ok(false),
            Err(e) => Err(e),
        }
    }

    fn touch(&self, path: &Path) -> io::Result<()> {
        // a time that this machine gave would be by its own clock
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        let file = File::options().write(true).open(path)?;
        Ok(futimens(&file, &Timestamps { last_access: now, last_modification: now })?)
    }

    fn read(&self, path: &Path) -> io::Result<Option<(Vec<u8>, SystemTime)>> {
        // that it is opened makes NFS ask the server, both for the bytes and for the time
        let read = || {
            let mut file = File::open(path)?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok((bytes, file.metadata()?.modified()?))
        };
        match again_if_stale(read) {
            Err(e) if is_gone(&e) => Ok(None),
            read => read.map(Some),
        }
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
        let list =
            || fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect();
        match again_if_stale(list) {
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            names => names,
        }
    }
}

/// So often something is done again that the server does not know any more: another machine has replaced or removed it meanwhile.
const TRIES: usize = 3;

/// Do something again, from its beginning, if the server says that it does not know what was opened.
pub(super) fn again_if_stale<T>(run: impl Fn() -> io::Result<T>) -> io::Result<T> {
    for _ in 1..TRIES {
        match run() {
            Err(e) if is_stale(&e) => {}
            done => return done,
        }
    }
    run()
}

fn is_stale(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::STALE.raw_os_error())
}

/// Whether an error says that a file is not there, or not any more.
pub(super) fn is_gone(error: &io::Error) -> bool {
    error.kind() == ErrorKind::NotFound || is_stale(error)
}

/// A file system that is worse than most, for tests.
#[cfg(test)]
pub(super) mod awkward {
    use std::cell::Cell;
    use std::time::Duration;

    use super::*;

    /// Files of the disk, as a bad server would give them.
    #[derive(Debug, Default)]
    pub struct Awkward {
        /// How long each operation takes to come to the server, and as long again to come back.
        pub delay: Duration,
        /// Every second operation finds first that the server does not know the file any more.
        pub stale: bool,
        /// Renames are done, and said not to be: the answer was lost, and what was asked again found nothing to rename.
        pub loses_answers: bool,
        /// The disk is full: nothing can be written.
        pub full: bool,
        /// By how many seconds its clock differs.
        pub clock: i64,
    }

    thread_local! {
        /// Whether the next operation of a thread finds that.
        static IS_STALE: Cell<bool> = const { Cell::new(true) };
    }

    impl Awkward {
        fn done<T>(&self, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
            std::thread::sleep(self.delay);
            if self.stale && IS_STALE.replace(!IS_STALE.get()) {
                return Err(Errno::STALE.into());
            }
            let done = run();
            std::thread::sleep(self.delay);
            done
        }

        fn writes<T>(&self, run: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
            self.done(|| if self.full { Err(Errno::NOSPC.into()) } else { run() })
        }

        fn by_its_clock(&self, time: SystemTime) -> SystemTime {
            let difference = Duration::from_secs(self.clock.unsigned_abs());
            if self.clock < 0 { time - difference } else { time + difference }
        }
    }

    impl SharedFiles for Awkward {
        fn make(&self, path: &Path, bytes: &[u8]) -> io::Result<bool> {
            self.writes(|| SystemFiles.make(path, bytes))
        }

        fn touch(&self, path: &Path) -> io::Result<()> {
            self.done(|| SystemFiles.touch(path))
        }

        fn read(&self, path: &Path) -> io::Result<Option<(Vec<u8>, SystemTime)>> {
            let read = again_if_stale(|| self.done(|| SystemFiles.read(path)))?;
            Ok(read.map(|(bytes, time)| (bytes, self.by_its_clock(time))))
        }

        fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
            self.writes(|| SystemFiles.write(path, bytes))
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.done(|| SystemFiles.rename(from, to))?;
            if self.loses_answers { Err(ErrorKind::NotFound.into()) } else { Ok(()) }
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            self.done(|| SystemFiles.remove(path))
        }

        fn names(&self, folder: &Path) -> io::Result<Vec<String>> {
            again_if_stale(|| self.done(|| SystemFiles.names(folder)))
        }
    }
}
