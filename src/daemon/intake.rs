//! Taking in jobs that arrive in `new/`: is a job complete, is it right, and then it is accepted for good.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::inputs::{common_folder, normalized};
use super::runner::Runner;
use super::submission::{Submission, shown};
use crate::datastore::{CalcFolder, DataDir, JobState, SUBMISSION, State};
use crate::job::{in_other_case, is_job_file, job_files_below, needed_files};

/// What is found of the job of a file that arrived.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// It belongs to no job that is known yet.
    NoJob,
    /// Its job waits for more files.
    Waiting {
        /// The job file.
        job_file: PathBuf,
        /// For which files, or why not yet.
        what: String,
    },
    /// Its job can run: here is everything that it consists of.
    Ready(Ready),
    /// Its job cannot be right.
    Refused {
        /// The job file.
        job_file: PathBuf,
        /// What is wrong, where, and what is accepted.
        why: String,
    },
}

/// A job that has arrived completely and has been checked.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    /// The job file.
    pub job_file: PathBuf,
    /// All its files that are in the spool.
    pub files: Vec<PathBuf>,
    /// What the user says of it.
    pub description: String,
}

/// Look at the job that a closed file belongs to. `scope` is the folder in `new/` that it came in, or `new/` itself for
/// flat files; `label` is the path of the scope that the user knows.
pub fn look(scope: &Path, file: &Path, is_folder: bool, label: &Path, runner: &Runner) -> Finding {
    let jobs = job_files(scope, is_folder);
    if jobs.is_empty() {
        return match inis(scope).next().filter(|_| is_folder) {
            Some(job_file) => {
                let name = job_file.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let what = format!(
                    "waits for a job file: {name} does not start a job in a folder; name it job.ini or job_....ini"
                );
                Finding::Waiting { job_file, what }
            }
            None => Finding::NoJob,
        };
    }
    let mut waiting = Finding::NoJob;
    for job in jobs {
        match look_at(scope, &job, file, runner) {
            Finding::NoJob => {}
            Finding::Waiting { job_file, what } if waiting == Finding::NoJob => {
                waiting = Finding::Waiting { job_file, what: shown(&what, scope, label) };
            }
            Finding::Waiting { .. } => {}
            Finding::Refused { job_file, why } => {
                return Finding::Refused { job_file, why: shown(&why, scope, label) };
            }
            ready => return ready,
        }
    }
    waiting
}

/// The job files of a scope. In a folder only those whose name starts with `job`, at any depth; flat, any `.ini`.
fn job_files(scope: &Path, is_folder: bool) -> Vec<PathBuf> {
    if is_folder {
        return job_files_below(scope);
    }
    let mut found: Vec<PathBuf> = inis(scope).filter(|path| path.is_file()).collect();
    found.sort();
    found
}

/// What is named as a job file directly in a folder.
fn inis(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|e| e.path()).filter(|p| is_job_file(p))
}

/// Look at one job, of which `file` may be a part.
fn look_at(scope: &Path, job_file: &Path, file: &Path, runner: &Runner) -> Finding {
    // an empty file has been made and not been written yet
    if fs::metadata(job_file).is_ok_and(|m| m.len() == 0) {
        return Finding::NoJob;
    }
    let waiting = |what: String| Finding::Waiting { job_file: job_file.to_path_buf(), what };
    let refused = |why: String| Finding::Refused { job_file: job_file.to_path_buf(), why };
    let needed = match needed_files(job_file) {
        Ok(needed) => needed,
        // what is wrong with another file is no fault of the one that has just arrived
        Err(error) if error.path == file => return refused(error.to_string()),
        Err(error) => return waiting(error.to_string()),
    };
    let empty = needed.present.iter().filter(|p| fs::metadata(p).is_ok_and(|m| m.len() == 0));
    let missing: Vec<String> = needed.missing.iter().chain(empty).map(|p| waited_for(p, scope)).collect();
    if !missing.is_empty() {
        return waiting(format!("waits for {}", missing.join(", ")));
    }
    if !needed.present.iter().any(|p| p == file) {
        return Finding::NoJob;
    }
    match runner.check(job_file) {
        Ok(description) => Finding::Ready(Ready {
            job_file: job_file.to_path_buf(),
            files: needed.present.into_iter().filter(|p| normalized(p).starts_with(scope)).collect(),
            description,
        }),
        Err(why) => refused(why),
    }
}

/// The name of a file that a job waits for, with what is there instead.
fn waited_for(path: &Path, scope: &Path) -> String {
    let name = path.strip_prefix(scope).unwrap_or(path).display();
    in_other_case(path).map_or(name.to_string(), |other| format!("{name} ({other})"))
}

/// A job that was accepted.
#[derive(Debug)]
pub struct Taken {
    /// Its calculation.
    pub folder: CalcFolder,
    /// Where each file of the spool was and where it is now.
    pub files: Vec<(PathBuf, PathBuf)>,
}

/// Accept a job: give it an id, keep its files with the calculation, on disk. When this returns no crash loses the job.
///
/// The files are linked first and taken out of the spool only after the state says `queued`: at any moment a crash leaves
/// the job either in the spool or accepted. A folder that has nothing else in it goes too.
///
/// # Errors
/// If it cannot be kept; there is no calculation then.
pub fn accept(dir: &DataDir, scope: &Path, is_folder: bool, ready: &Ready, name: &str) -> Result<Taken> {
    let folder = dir.new_calc()?;
    let _claim = folder.claim()?.context("somebody else works on it")?;
    let kept = keep(dir, &folder, scope, ready, name);
    let mut files = kept.inspect_err(|_| {
        if let Err(error) = dir.remove_calc(folder.id()) {
            log::error!("calc_{}, which was not accepted: {error}", folder.id());
        }
    })?;
    for (file, _) in &files {
        // it is safe with the calculation; what stays in the spool is only untidy
        let _ = fs::remove_file(file);
    }
    if is_folder && remove_empty(scope) {
        files.push((scope.to_path_buf(), folder.inputs()));
    }
    Ok(Taken { folder, files })
}

/// Keep a job with its calculation: where each of its files is and where it is kept.
fn keep(
    dir: &DataDir,
    folder: &CalcFolder,
    scope: &Path,
    ready: &Ready,
    name: &str,
) -> Result<Vec<(PathBuf, PathBuf)>> {
    let inputs = folder.inputs();
    let mut folders = vec![inputs.clone()];
    let mut files = Vec::with_capacity(ready.files.len());
    fs::create_dir(&inputs).context("inputs")?;
    let root = common_folder(scope, &ready.files);
    let inside = |file: &Path| normalized(file).strip_prefix(&root).map(Path::to_path_buf);
    for file in &ready.files {
        let inside = inside(file).with_context(|| format!("{} is not in the spool", file.display()))?;
        let to = inputs.join(&inside);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).context("inputs")?;
            folders.push(parent.to_path_buf());
        }
        link(file, &to).with_context(|| format!("cannot keep {}", inside.display()))?;
        File::open(&to).and_then(|f| f.sync_all()).with_context(|| format!("cannot sync {}", inside.display()))?;
        files.push((file.clone(), to));
    }
    link(&ready.job_file, &folder.path().join("job.ini")).context("job.ini")?;
    let inside = inside(&ready.job_file).context("the job file is not in the spool")?;
    let submission = Submission { name: name.to_string(), job_file: Path::new("inputs").join(inside) };
    folder.set_object(SUBMISSION, &submission)?;
    for folder in &folders {
        File::open(folder).and_then(|f| f.sync_all()).context("cannot sync the folder of the inputs")?;
    }
    File::open(dir.path()).and_then(|f| f.sync_all()).context("cannot sync the data directory")?;
    let state = JobState { state: State::Queued, description: ready.description.clone(), ..JobState::default() };
    folder.set_state(&state)?;
    folder.sync()?;
    Ok(files)
}

/// Remove a folder and those in it if there is no file in them; true if it is gone.
fn remove_empty(folder: &Path) -> bool {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            remove_empty(&entry.path());
        }
    }
    fs::remove_dir(folder).is_ok()
}

/// A hard link, or a copy where the file system has none.
fn link(from: &Path, to: &Path) -> io::Result<()> {
    fs::hard_link(from, to).or_else(|_| fs::copy(from, to).map(|_| ()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const JOB: &str = "[general]\ndescription = one source\ncalculation_mode = classical\nsites = 15.3 40.9\n\
        investigation_time = 50\ntruncation_level = 3\nmaximum_distance = 200\nwidth_of_mfd_bin = 0.2\n\
        reference_vs30_value = 600\nintensity_measure_types_and_levels = {'PGA': [0.1, 0.2]}\n\
        source_model_logic_tree_file = ssmLT.xml\ngsim = BooreAtkinson2008\n";
    const TREE: &str = "<nrml><logicTree><logicTreeBranchSet uncertaintyType='sourceModel' branchSetID='a'>\
        <logicTreeBranch branchID='b'><uncertaintyModel>m.xml</uncertaintyModel>\
        <uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch></logicTreeBranchSet></logicTree></nrml>";
    const MODEL: &str = "<nrml><sourceModel><pointSource id='1' tectonicRegion='Active Shallow Crust'><pointGeometry>\
        <Point><pos>15.3 40.8</pos></Point><upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth>\
        </pointGeometry><magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>\
        <truncGutenbergRichterMFD aValue='3.1' bValue='0.9' minMag='5' maxMag='6.8'/><nodalPlaneDist>\
        <nodalPlane probability='1' strike='310' dip='60' rake='-90'/></nodalPlaneDist><hypoDepthDist>\
        <hypoDepth probability='1' depth='9'/></hypoDepthDist></pointSource></sourceModel></nrml>";

    struct Spool {
        tmp: tempfile::TempDir,
    }

    impl Spool {
        fn new() -> Spool {
            let tmp = tempfile::tempdir().unwrap();
            fs::create_dir(tmp.path().join("demo")).unwrap();
            Spool { tmp }
        }

        fn drop_in(&self, name: &str, text: &str) -> Finding {
            let scope = self.tmp.path().join("demo");
            fs::write(scope.join(name), text).unwrap();
            look(&scope, &scope.join(name), true, Path::new("new/demo"), &Runner::Here)
        }
    }

    #[test]
    fn a_folder_is_ready_with_its_last_file_in_any_order() {
        let files = [("job.ini", JOB), ("ssmLT.xml", TREE), ("m.xml", MODEL)];
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]] {
            let spool = Spool::new();
            for &i in &order[..2] {
                let arrival = spool.drop_in(files[i].0, files[i].1);
                assert!(matches!(arrival, Finding::NoJob | Finding::Waiting { .. }), "{order:?} {arrival:?}");
            }
            let Finding::Ready(ready) = spool.drop_in(files[order[2]].0, files[order[2]].1) else {
                panic!("{order:?}")
            };
            assert_eq!(ready.files.len(), 3);
            assert_eq!(ready.description, "one source");
        }
    }

    #[test]
    fn it_says_what_it_waits_for() {
        let spool = Spool::new();
        spool.drop_in("job.ini", JOB);
        let Finding::Waiting { what, .. } = spool.drop_in("ssmLT.xml", TREE) else { panic!() };
        assert_eq!(what, "waits for m.xml");
    }

    #[test]
    fn mistakes_are_refused_with_the_path_that_the_user_knows() {
        let spool = Spool::new();
        let Finding::Refused { why: text, .. } = spool.drop_in("job.ini", &JOB.replace("= classical", "= classic"))
        else {
            panic!()
        };
        assert!(text.starts_with("new/demo/job.ini, line 3: calculation_mode is \"classic\""), "{text}");
        let spool = Spool::new();
        spool.drop_in("job.ini", JOB);
        spool.drop_in("ssmLT.xml", TREE);
        let Finding::Refused { why: text, .. } = spool.drop_in("m.xml", &MODEL.replace("WC1994", "WC94")) else {
            panic!()
        };
        assert!(text.contains("new/demo/m.xml, line 1") && text.contains("magScaleRel is WC94"), "{text}");
    }

    #[test]
    fn other_ini_files_of_a_folder_start_nothing() {
        let spool = Spool::new();
        let Finding::Waiting { what: text, .. } = spool.drop_in("rup.ini", JOB) else { panic!() };
        assert!(text.contains("rup.ini does not start a job"), "{text}");
    }

    #[test]
    fn an_accepted_job_has_left_the_spool_and_is_queued() {
        let spool = Spool::new();
        for (name, text) in [("ssmLT.xml", TREE), ("m.xml", MODEL)] {
            spool.drop_in(name, text);
        }
        let Finding::Ready(ready) = spool.drop_in("job.ini", JOB) else { panic!() };
        let dir = DataDir::open(&spool.tmp.path().join("oqdata")).unwrap();
        let scope = spool.tmp.path().join("demo");
        let folder = accept(&dir, &scope, true, &ready, "demo").unwrap().folder;
        assert_eq!(folder.state().unwrap().unwrap().state, State::Queued);
        assert!(!scope.exists());
        let submission: Submission = folder.get_object(SUBMISSION).unwrap();
        assert_eq!(submission.job_file, Path::new("inputs/job.ini"));
        assert!(folder.inputs().join("m.xml").is_file());
    }

    #[test]
    fn a_queue_takes_up_what_was_accepted_and_runs_it() {
        let spool = Spool::new();
        for (name, text) in [("ssmLT.xml", TREE), ("m.xml", MODEL)] {
            spool.drop_in(name, text);
        }
        let Finding::Ready(ready) = spool.drop_in("job.ini", JOB) else { panic!() };
        let dir = DataDir::open(&spool.tmp.path().join("oqdata")).unwrap();
        let folder = accept(&dir, &spool.tmp.path().join("demo"), true, &ready, "demo").unwrap().folder;
        let queue = super::super::queue::Queue::start(dir, 1, Runner::Here).unwrap();
        let started = std::time::Instant::now();
        while !folder.state().unwrap().unwrap().state.is_final() {
            assert!(started.elapsed().as_secs() < 60, "the job does not finish");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(folder.state().unwrap().unwrap().state, State::Complete);
        assert!(folder.datastore().is_file());
        drop(queue);
    }
}
