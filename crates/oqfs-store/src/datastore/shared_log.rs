//! The log of a calculation whose work several processes share: each writes one of its own, and this is all of them.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self as stdio, ErrorKind, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::own::open_own;
use super::{CalcFolder, Share};

/// What a calculation and those that share its work have logged, as it grows: a line that was there once stays where it is. Lines that are
/// new together are in the order of their times.
#[derive(Debug)]
pub struct SharedLog {
    text: String,
    /// The bits of a mode that say who may read it: those who may read all of it.
    readers: u32,
    /// How far each file was read.
    read: HashMap<PathBuf, Place>,
    /// How often each line was found in the log of the calculation, and in those of the others: in the end they are added to that.
    found: HashMap<String, [usize; 2]>,
}

/// Up to where a file was read, and which file it was.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Place {
    inode: u64,
    end: u64,
}

impl Default for SharedLog {
    fn default() -> SharedLog {
        SharedLog { text: String::new(), readers: 0o444, read: HashMap::new(), found: HashMap::new() }
    }
}

impl SharedLog {
    /// What there is of it now, whole lines, with that which was there before.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn now(&mut self, folder: &CalcFolder) -> stdio::Result<&str> {
        let own = folder.log();
        let mut new = Vec::new();
        for (path, is_own) in Share::logs(folder).into_iter().map(|path| (path, false)).chain([(own, true)]) {
            for (time, line) in timed(&self.added(&path)?) {
                let [of_own, of_others] = self.found.entry(line.clone()).or_default();
                let before = (*of_own).max(*of_others);
                *(if is_own { &mut *of_own } else { &mut *of_others }) += 1;
                if (*of_own).max(*of_others) > before {
                    new.push((time, line));
                }
            }
        }
        new.sort_by(|a, b| a.0.cmp(&b.0));
        self.text.extend(new.into_iter().map(|(_, line)| line));
        Ok(&self.text)
    }

    /// The read bits of a mode: who may read all that was read.
    pub fn readers(&self) -> u32 {
        self.readers
    }

    /// The whole lines that were added to a file; nothing if there is none.
    fn added(&mut self, path: &Path) -> stdio::Result<String> {
        let mut file = match open_own(path) {
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(String::new()),
            file => file?,
        };
        let metadata = file.metadata()?;
        self.readers &= metadata.mode();
        let place = self.read.entry(path.to_owned()).or_default();
        if place.inode != metadata.ino() || place.end > metadata.len() {
            *place = Place { inode: metadata.ino(), end: 0 };
        }
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(place.end))?;
        file.read_to_end(&mut bytes)?;
        bytes.truncate(bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1));
        place.end += bytes.len() as u64;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

impl Share {
    /// Adds the lines of all processes to the log of the calculation, in the order of their times.
    ///
    /// # Errors
    /// If that cannot be done.
    pub fn merge_logs(folder: &CalcFolder) -> stdio::Result<()> {
        let files = Self::logs(folder);
        let texts = files.iter().filter_map(|file| fs::read_to_string(file).ok());
        let mut lines: Vec<(String, String)> = texts.flat_map(|text| timed(&text)).collect();
        if lines.is_empty() {
            return Ok(());
        }
        lines.sort_by(|a, b| a.0.cmp(&b.0));
        let mut log = File::options().create(true).append(true).open(folder.log())?;
        log.write_all(lines.into_iter().map(|(_, line)| line).collect::<String>().as_bytes())?;
        for file in files {
            // a line that is written just now is in the log twice, or is not there: it is only the log
            fs::remove_file(file)?;
        }
        Ok(())
    }
}

/// The lines of a log, each with its time. What has no time is told with the line before it.
fn timed(log: &str) -> Vec<(String, String)> {
    /// How long a time is, as in `2026-11-28 03:14:15`.
    const TIME: usize = 19;
    let mut last = String::new();
    let of_line = |line: &str| {
        let time = line.get(..TIME).filter(|time| time.starts_with(|c: char| c.is_ascii_digit()));
        if let Some(time) = time {
            last = time.to_string();
        }
        (last.clone(), line.to_string())
    };
    log.split_inclusive('\n').map(of_line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datastore::{DataDir, ShareAbout};

    /// The last word of each line.
    fn words(text: &str) -> Vec<&str> {
        text.lines().map(|line| line.rsplit(' ').next().unwrap()).collect()
    }

    fn add(path: &Path, text: &str) {
        let mut file = File::options().create(true).append(true).open(path).unwrap();
        file.write_all(text.as_bytes()).unwrap();
    }

    #[test]
    fn lines_of_all_are_in_order_and_each_is_there_once_whatever_becomes_of_its_file() {
        let tmp = tempfile::tempdir().unwrap();
        let folder = DataDir::open(tmp.path()).unwrap().new_calc().unwrap();
        let mut log = SharedLog::default();
        assert_eq!(log.now(&folder).unwrap(), "");
        let about = ShareAbout::new("build", "1", Path::new("inputs/job.ini"), 3, 1.0);
        Share::begin(&folder, &about, &[1.0; 3]).unwrap();
        let [a, b] = ["a", "b"].map(|name| folder.path().join("share/log").join(name));
        add(&a, "2026-11-28 03:14:15 INFO  a\nmore of a\n2026-11-28 03:14:17 INFO  c\n2026-11-28 03:14:18 INFO  hal");
        add(&b, "2026-11-28 03:14:16 INFO  b\n2026-11-28 03:14:16 INFO  b\n");
        assert_eq!(words(log.now(&folder).unwrap()), ["a", "a", "b", "b", "c"]);
        let before = log.now(&folder).unwrap().to_string();
        // what comes late is told late
        add(&b, "2026-11-28 03:14:10 INFO  late\n");
        add(&a, "f\n");
        assert_eq!(words(log.now(&folder).unwrap()), ["a", "a", "b", "b", "c", "late", "half"]);
        assert!(log.now(&folder).unwrap().starts_with(&before));
        Share::merge_logs(&folder).unwrap();
        assert!(!a.exists() && !b.exists());
        add(&folder.log(), "2026-11-28 03:14:19 INFO  end\n");
        assert_eq!(words(log.now(&folder).unwrap()), ["a", "a", "b", "b", "c", "late", "half", "end"]);
        let merged = fs::read_to_string(folder.log()).unwrap();
        assert_eq!(words(&merged), ["late", "a", "a", "b", "b", "c", "half", "end"]);
        assert_eq!(words(SharedLog::default().now(&folder).unwrap()), words(&merged));
    }

    #[test]
    fn what_is_no_file_is_no_log() {
        let tmp = tempfile::tempdir().unwrap();
        let folder = DataDir::open(tmp.path()).unwrap().new_calc().unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.log()).unwrap();
        assert!(SharedLog::default().now(&folder).is_err());
        fs::remove_file(folder.log()).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, folder.log(), rustix::fs::FileType::Fifo, 0o644.into(), 0).unwrap();
        assert!(SharedLog::default().now(&folder).is_err());
    }
}
