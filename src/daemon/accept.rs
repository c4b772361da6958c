//! Accepting a job for good: its files become those of a calculation.

use std::fs::{self, File};
use std::os::unix::fs::{chown, lchown};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::inputs::common_folder;
use super::intake::{CompleteJob, Dropped};
use super::stage::on_disk;
use super::submission::Submission;
use crate::datastore::{CalcFolder, JobState, Rights, SUBMISSION, State};

/// A job that was accepted.
#[derive(Debug)]
pub struct Taken {
    /// Its calculation.
    pub folder: CalcFolder,
    /// Where each file of the spool was, as the mount shows it, and where it is now.
    pub files: Vec<(PathBuf, PathBuf)>,
}

/// Accept a job: give it an id, keep its files with the calculation, on disk. When this returns no crash loses the job. It is `queued` if
/// it has been checked, which gave its description; else it is `checking`.
///
/// The files are taken out of the spool only after the state says so: at any moment a crash leaves the job either in the spool or
/// accepted. A folder that has nothing else in it goes too. Files that another job beside it names stay for that.
///
/// # Errors
/// If it cannot be kept; there is no calculation then.
pub fn accept(dropped: &Dropped, job: &CompleteJob, name: &str, checked: Option<&str>) -> Result<Taken> {
    let dir = &dropped.dir;
    let folder = dir.new_calc()?;
    let _claim = folder.claim()?.context("somebody else works on it")?;
    let kept = keep(dropped, &folder, job, name, checked);
    let files = kept.inspect_err(|_| {
        if let Err(error) = dir.remove_calc(folder.id()) {
            log::error!("calc_{}, which was not accepted: {error}", folder.id());
        }
    })?;
    let others = dropped.files_of_others(&job.job_file);
    let is_taken = |path: &PathBuf| path.starts_with(&dropped.scope) && !others.contains(path);
    let mut files: Vec<_> = files.into_iter().filter(|(path, _)| is_taken(path)).collect();
    for (path, _) in &files {
        // it is safe with the calculation; what stays in the spool is only untidy
        let _ = fs::remove_file(on_disk(dir, path));
    }
    if dropped.is_folder && remove_empty(&on_disk(dir, &dropped.scope)) {
        files.push((dropped.scope.clone(), folder.inputs()));
    }
    Ok(Taken { folder, files })
}

/// Keep a job with its calculation: each of its files, as the mount showed it, and where it is kept.
fn keep(
    dropped: &Dropped,
    folder: &CalcFolder,
    job: &CompleteJob,
    name: &str,
    checked: Option<&str>,
) -> Result<Vec<(PathBuf, PathBuf)>> {
    let inputs = folder.inputs();
    let mut folders = vec![inputs.clone()];
    fs::create_dir(&inputs).context("inputs")?;
    // the deepest folder of all: paths of the mount begin at its root here
    let rooted = |path: &Path| Path::new("/").join(path);
    let all: Vec<PathBuf> = job.stage.files().iter().map(|path| rooted(path)).collect();
    let root = common_folder(&rooted(&dropped.scope), &all);
    let inside = |path: &Path| rooted(path).strip_prefix(&root).map(Path::to_path_buf);
    let mut files = Vec::with_capacity(all.len());
    for path in job.stage.files() {
        let to = inputs.join(inside(path).with_context(|| format!("{} is too far from the job", path.display()))?);
        if let Some(parent) = to.parent() {
            fs::create_dir_all(parent).context("inputs")?;
            folders.push(parent.to_path_buf());
        }
        // a check that goes on reads the other name
        fs::hard_link(job.stage.place(path), &to).with_context(|| format!("cannot keep {}", path.display()))?;
        files.push((path.clone(), to));
    }
    let inside = inside(&job.job_file).context("the job file is not with its inputs")?;
    fs::hard_link(inputs.join(&inside), folder.path().join("job.ini")).context("job.ini")?;
    let submission = Submission { name: name.to_string(), job_file: Path::new("inputs").join(inside) };
    folder.set_object(SUBMISSION, &submission)?;
    for folder in &folders {
        File::open(folder).and_then(|f| f.sync_all()).context("cannot sync the folder of the inputs")?;
    }
    File::open(dropped.dir.path()).and_then(|f| f.sync_all()).context("cannot sync the data directory")?;
    let state = if checked.is_some() { State::Queued } else { State::Checking };
    let description = checked.unwrap_or_default().to_string();
    let state = JobState { state, description, ..JobState::default() };
    folder.set_state(&state)?;
    if let Some((uid, gid)) = job.stage.rights().map(Rights::user) {
        give(&folder.path(), uid, gid).context("the owner of the calculation")?;
    }
    folder.sync()?;
    Ok(files)
}

/// Give all that is in a folder to a user, and then the folder, into which nobody else could reach before.
pub(super) fn give(folder: &Path, uid: u32, gid: u32) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            give(&entry.path(), uid, gid)?;
        } else {
            lchown(entry.path(), Some(uid), Some(gid))?;
        }
    }
    chown(folder, Some(uid), Some(gid))
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
