//! Somebody who takes jobs, for tests of the file system.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use oqfs::datastore::DataDir;
use oqfs::fs::{Arrival, Declined, Jobs, Moved, Verdict, Wish};

/// Takes a job as a directory of its own would: `*.ini` that says `refuse` is refused; one that says `needs NAME` waits for
/// that file; any other is accepted, with all that is in its folder.
pub struct FakeJobs {
    dir: DataDir,
    pub seen: Mutex<Vec<PathBuf>>,
}

impl FakeJobs {
    pub fn new(dir: &DataDir) -> Self {
        Self { dir: dir.clone(), seen: Mutex::default() }
    }
}

impl Jobs for FakeJobs {
    fn asked(&self, calc: u32, wish: Wish, _: Option<u32>) -> Result<(), Declined> {
        Err(Declined::Failed(format!("{wish:?} of {calc}")))
    }

    fn arrived(&self, arrival: &Arrival) -> Verdict {
        self.seen.lock().unwrap().push(arrival.file.clone());
        let folder = arrival.folder();
        let job = arrival.folder_name().map_or("job".into(), |name| name.to_str().unwrap().to_string());
        let Ok(text) = fs::read_to_string(folder.join("job.ini")) else { return Verdict::NotAJob };
        if text.contains("refuse") {
            return Verdict::Refused { job, why: "job.ini:1: found refuse".into(), by_it: true };
        }
        if let Some(needed) = text.trim().strip_prefix("needs ")
            && !folder.join(needed).exists()
        {
            return Verdict::Waiting { job, what: needed.into() };
        }
        let calc = self.dir.new_calc().unwrap();
        fs::create_dir(calc.inputs()).unwrap();
        let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
        let moved = names.iter().map(|name| {
            let to = calc.inputs().join(name);
            fs::rename(folder.join(name), &to).unwrap();
            let from = arrival.folder_name().map_or(PathBuf::new(), Path::to_owned).join(name);
            Moved { from, to }
        });
        let mut moved: Vec<_> = moved.collect();
        if let Some(name) = arrival.folder_name() {
            fs::remove_dir(&folder).unwrap();
            moved.push(Moved { from: name.to_owned(), to: calc.inputs() });
        }
        Verdict::Accepted { job, calc: calc.id(), moved, check: None }
    }
}
