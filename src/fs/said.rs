//! What was said of the jobs that were dropped in `new/`, and the file that keeps it over a restart.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// The file that says how jobs are dropped.
pub const README: &str = "README";
const HOW: &str = "\
Copy a job here and it runs; its results are the next folder calc_N beside this one.
  cp -r demo new/           a folder: its job is job.ini or job_....ini, and starts when all files that it names are here;
                            a single .ini of another name starts two seconds after the last file
  cp *.xml job.ini new/     files side by side, in any order: any .ini is a job
  cp demo.zip new/          an archive with a job file and all that it needs
A job is checked when its last file is closed. One that cannot be right makes cp fail (within ten seconds), and NAME.error says why.
NAME.status says what a job waits for, then how far its calculation is: \"calc_42 executing 63%\".
Once cp has returned the job is kept, whatever crashes; its files move from here to calc_N/inputs.
A calculation: cat calc_N/status, tail -f calc_N/log, ls calc_N, numpy.load('calc_N/hcurves-stats.npy').
Commands: oqfs status, oqfs wait N, oqfs cancel N, oqfs remove N; oqfs --help for all.
";

/// What was said of a job.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Said {
    Waiting(String),
    /// Its files are being checked.
    Checking,
    Refused(String),
    Calc(u32),
    /// How jobs are dropped; of no job.
    #[serde(skip)]
    How,
}

impl Said {
    /// The text that tells how jobs are dropped.
    pub fn how() -> String {
        HOW.to_string()
    }
}

/// The file that keeps what was said: a line for each saying, a JSON object of what was said by job, or of `null` where nothing is said any
/// more. A later line goes before an earlier one.
#[derive(Debug)]
pub struct SaidFile {
    path: PathBuf,
    /// Open once there is something to add.
    file: Mutex<Option<File>>,
}

impl SaidFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: Mutex::default() }
    }

    /// All that was said, by job. Where there is much more in the file, it is written anew.
    pub fn read(&self) -> BTreeMap<String, Said> {
        // What was said is worth less than a mount: what cannot be read is nothing.
        let text = fs::read_to_string(&self.path).unwrap_or_default();
        let mut said = BTreeMap::new();
        let lines = text.lines().filter_map(|line| serde_json::from_str::<BTreeMap<String, Option<Said>>>(line).ok());
        for (job, what) in lines.flatten() {
            match what {
                Some(what) => drop(said.insert(job, what)),
                None => drop(said.remove(&job)),
            }
        }
        if text.lines().count() > 1
            && let Err(e) = self.replace(&said)
        {
            log::debug!("{}: {e}", self.path.display());
        }
        said
    }

    fn replace(&self, said: &BTreeMap<String, Said>) -> io::Result<()> {
        let temporary = self.path.with_extension("tmp");
        fs::write(&temporary, serde_json::to_vec(said)?)?;
        fs::rename(&temporary, &self.path)
    }

    /// Keeps one more line.
    pub fn add(&self, job: &str, what: Option<&Said>) -> io::Result<()> {
        // What is before it may be a line that was cut.
        let mut line = vec![b'\n'];
        serde_json::to_writer(&mut line, &BTreeMap::from([(job, what)]))?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let file = match &mut *file {
            Some(file) => file,
            none => none.insert(File::options().create(true).append(true).open(&self.path)?),
        };
        file.write_all(&line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_said_last_is_kept_and_what_is_cut_is_not_believed() {
        let tmp = tempfile::tempdir().unwrap();
        let path = tmp.path().join("said.json");
        fs::write(&path, r#"{"a":{"calc":1},"b":{"waiting":"for x"}}"#).unwrap();
        let file = SaidFile::new(path.clone());
        assert_eq!(file.read().len(), 2);
        file.add("b", Some(&Said::Calc(7))).unwrap();
        file.add("a", None).unwrap();
        file.add("c", Some(&Said::Refused("two\nlines".into()))).unwrap();
        fs::write(&path, fs::read_to_string(&path).unwrap() + "\n{\"c\":{\"cal").unwrap();
        file.add("d", Some(&Said::Calc(8))).unwrap();
        let (b, c, d) = (Said::Calc(7), Said::Refused("two\nlines".into()), Said::Calc(8));
        let expected = BTreeMap::from([("b".into(), b), ("c".into(), c), ("d".into(), d)]);
        assert_eq!(SaidFile::new(path.clone()).read(), expected);
        assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 1);
        assert_eq!(SaidFile::new(path).read(), expected);
    }
}
