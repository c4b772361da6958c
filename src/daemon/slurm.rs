//! Slurm: who starts the workers of a shared calculation on a cluster, and then the one that finishes it.

use std::fs;
use std::io::ErrorKind;
use std::num::NonZero;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::control::Control;
use super::sharing::{share, share_again};
use super::submission::{Submission, shown};
use super::work::{ended, take};
use crate::calc::Model;
use crate::datastore::{CalcFolder, DataDir, Error, SAID, STALE, SUBMISSION, Share, State, open_arrays};
use crate::job::Job;

/// The folder of its scripts, in that of the calculation.
const FOLDER: &str = "slurm";
const WORKERS: &str = "workers.sh";
const FINISH: &str = "finish.sh";
/// The key of what is known of its jobs.
const KEY: &str = "slurm";

/// So often the one that finishes has workers started again.
const AGAIN: u32 = 2;

/// How long workers are given to be ready to change a state.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(20);

/// How a calculation is given to Slurm.
#[derive(Clone, Debug, PartialEq)]
pub struct SlurmPlan {
    /// How many workers.
    pub tasks: usize,
    /// Options of sbatch for them and for the one that finishes.
    pub arguments: Vec<String>,
    /// Whether rates that earlier calculations left are used.
    pub reuse: bool,
    /// This program.
    pub program: PathBuf,
}

impl SlurmPlan {
    /// How many threads the workers have together, as far as the options of sbatch say.
    pub fn threads(&self) -> NonZero<usize> {
        const CPUS: &str = "--cpus-per-task";
        let mut cpus = NonZero::<usize>::MIN;
        let mut arguments = self.arguments.iter();
        while let Some(argument) = arguments.next() {
            let value = match argument.strip_prefix(CPUS).or_else(|| argument.strip_prefix("-c")) {
                Some("") => arguments.next().map(String::as_str),
                Some(value) => Some(value.strip_prefix('=').unwrap_or(value)),
                None => None,
            };
            cpus = value.and_then(|value| value.parse().ok()).unwrap_or(cpus);
        }
        cpus.saturating_mul(NonZero::new(self.tasks).unwrap_or(NonZero::<usize>::MIN))
    }
}

/// The jobs of Slurm of a calculation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct SlurmJobs {
    /// The array of workers, and the one that finishes, those that were submitted last.
    jobs: Vec<String>,
    /// How often the one that finishes had workers started again.
    again: u32,
}

/// Give a shared calculation to Slurm: the numbers of its jobs. Scripts that are there are submitted as they are, unless there is a new plan.
///
/// # Errors
/// If the scripts cannot be written, or Slurm does not take them: with what it says.
pub fn submit(folder: &CalcFolder, plan: Option<&SlurmPlan>) -> Result<Vec<String>> {
    submit_for_time(folder, plan, 0)
}

/// Share a calculation of the queue and give it to Slurm, unless it is over or shared already. What is wrong with it is in its state.
///
/// # Errors
/// If that cannot be said there.
pub fn give_to_slurm(dir: &DataDir, id: u32, control: &dyn Control, plan: &SlurmPlan) -> Result<()> {
    let Some((folder, claim)) = take(dir, id, control)? else { return Ok(()) };
    if folder.is_shared() {
        return Ok(());
    }
    let give = || -> Result<()> {
        let job_file = folder.path().join(folder.get_object::<Submission>(SUBMISSION)?.job_file);
        let model = Model::read(Job::read(&job_file)?, &open_arrays)?;
        let share = share(&folder, &model, STALE, plan.threads())?;
        submit(&folder, Some(plan)).map(drop).inspect_err(|_| {
            if let Err(error) = share.end() {
                log::warn!("calc_{id}: {error}");
            }
        })
    };
    let given = give();
    drop(claim);
    match given {
        Ok(()) => Ok(()),
        Err(error) => {
            let why = shown(&format!("{error:#}"), &folder.path(), &folder.shown());
            ended(dir, id, State::Failed, &why)
        }
    }
}

fn submit_for_time(folder: &CalcFolder, plan: Option<&SlurmPlan>, again: u32) -> Result<Vec<String>> {
    // sbatch is another process
    let path = folder.dir().path_for_others().join(format!("calc_{}", folder.id())).join(FOLDER);
    match plan {
        Some(plan) => write_scripts(folder, plan)?,
        None => ensure!(
            path.join(WORKERS).is_file() && path.join(FINISH).is_file(),
            "calculation {} has no scripts of Slurm: say how many workers, --tasks N",
            folder.id()
        ),
    }
    let workers = sbatch(&path.join(WORKERS), &[])?;
    let finish = sbatch(&path.join(FINISH), &[format!("--dependency=afterany:{workers}")]);
    let jobs = match finish {
        Ok(finish) => vec![workers, finish],
        Err(error) => {
            scancel(&[workers]);
            return Err(error);
        }
    };
    folder.set_object(KEY, &SlurmJobs { jobs: jobs.clone(), again })?;
    Ok(jobs)
}

/// Share the work of a calculation again that was cancelled or failed, or whose workers are gone.
///
/// # Errors
/// If it is complete, or somebody works on it, or its state cannot be written.
pub fn share_anew(share: &Share) -> Result<()> {
    let (folder, id) = (share.folder(), share.folder().id());
    let state = folder.state()?.unwrap_or_default().state;
    ensure!(state != State::Complete, "calculation {id} is complete");
    ensure!(!share.is_alive(), "calculation {id} has workers that are at it; oqfs cancel {id} stops them");
    let Some(_claim) = folder.claim()? else { bail!("calculation {id} is being finished by another process") };
    folder.forget_to_cancel()?;
    share.reserve()?;
    let is_set = share.change_state(PATIENCE, |state| Ok(Some(share_again(state))))?;
    ensure!(is_set, "calculation {id}: another process changes its state");
    Ok(())
}

/// Have workers started again for pieces that are missing, by the one that finishes the calculation; false if that was done as often as it may
/// be.
///
/// # Errors
/// As [`submit`].
pub fn again(folder: &CalcFolder) -> Result<bool> {
    let known = jobs_of(folder)?;
    if known.again >= AGAIN {
        return Ok(false);
    }
    submit_for_time(folder, None, known.again + 1)?;
    Ok(true)
}

/// Has Slurm forget the jobs of a calculation, if it has any. What goes wrong is logged: those jobs end by themselves once they begin.
pub(super) fn forget(folder: &CalcFolder) {
    match jobs_of(folder) {
        Ok(known) if known.jobs.is_empty() => {}
        Ok(known) => scancel(&known.jobs),
        Err(error) => log::warn!("calc_{}: its jobs of Slurm are not known: {error}", folder.id()),
    }
}

fn jobs_of(folder: &CalcFolder) -> Result<SlurmJobs, Error> {
    match folder.get_object(KEY) {
        Err(Error::NoKey { .. }) => Ok(SlurmJobs::default()),
        known => known,
    }
}

/// Writes the scripts of a calculation.
fn write_scripts(folder: &CalcFolder, plan: &SlurmPlan) -> Result<()> {
    let SlurmPlan { tasks, arguments, reuse, program } = plan;
    let id = folder.id();
    // a path that other machines know too, whatever is mounted over it here
    let dir = fs::read_link(folder.dir().path()).context("the data directory")?;
    let place = folder.path().join(FOLDER);
    fs::create_dir_all(&place).with_context(|| folder.shown().join(FOLDER).display().to_string())?;
    make_said(folder.dir()).with_context(|| folder.dir().shown().join(SAID).display().to_string())?;
    let options = match arguments.is_empty() {
        true => String::new(),
        false => format!("#SBATCH {}\n", arguments.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(" ")),
    };
    let reuse = if *reuse { "" } else { " --no-reuse" };
    let script = |name: &str, what: &str, special: &str, command: &str| {
        let output = dir.join(SAID).join(format!("calc_{id}-{name}-%A{special}.out"));
        format!(
            "#!/bin/bash\n# {what} of calculation {id}. This file may be edited; `oqfs submit --again {id}` submits it as it is.\n\
             {options}#SBATCH --job-name=oqfs-{id}-{name}\n#SBATCH --output={}\n#SBATCH --open-mode=append\n{}\
             export OQ_DATADIR={}\nexec {} {command}{reuse} \
             ${{SLURM_CPUS_PER_TASK:+--threads \"$SLURM_CPUS_PER_TASK\"}}\n",
            quoted(&output.to_string_lossy()),
            if name == "workers" { format!("#SBATCH --array=1-{tasks}\n") } else { String::new() },
            quoted(&dir.to_string_lossy()),
            quoted(&program.to_string_lossy()),
        )
    };
    let write = |name: &str, text: String| -> Result<()> {
        let path = place.join(name);
        fs::write(&path, text)
            .and_then(|()| fs::set_permissions(&path, fs::Permissions::from_mode(0o755)))
            .with_context(|| folder.shown().join(FOLDER).join(name).display().to_string())
    };
    write(WORKERS, script("workers", "The workers", "_%a", &format!("work --share {id}")))?;
    write(FINISH, script("finish", "The process that makes the results", "", &format!("finish {id} --submit-again")))
}

/// Makes the folder for what jobs print, in which all may write who may in the data directory.
fn make_said(dir: &DataDir) -> std::io::Result<()> {
    let said = dir.path().join(SAID);
    match fs::create_dir(&said) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => made.and_then(|()| fs::set_permissions(&said, fs::metadata(dir.path())?.permissions())),
    }
}

/// A text as one word, for the shell and for sbatch alike.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,%@+".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text.to_string(),
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Submits a script; the number of its job.
fn sbatch(script: &Path, arguments: &[String]) -> Result<String> {
    let output = slurm("sbatch").arg("--parsable").args(arguments).arg(script).output();
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound => anyhow::anyhow!("there is no sbatch here; without Slurm: oqfs submit --by-hand"),
        _ => anyhow::anyhow!("sbatch: {error}"),
    })?;
    let said = text_of(&output);
    ensure!(output.status.success(), "sbatch: {said}");
    // NUMBER or NUMBER;CLUSTER, after what it warns of
    let number = said.lines().last().and_then(|line| line.split(';').next()).unwrap_or_default().trim().to_string();
    ensure!(
        !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()),
        "sbatch: found no number of a job: {said}"
    );
    Ok(number)
}

fn scancel(jobs: &[String]) {
    match slurm("scancel").args(jobs).output() {
        Ok(output) if output.status.success() => {}
        Ok(output) => log::warn!("scancel {}: {}", jobs.join(" "), text_of(&output)),
        Err(error) => log::warn!("scancel {}: {error}", jobs.join(" ")),
    }
}

/// A command of Slurm. What a job of Slurm has in its environment would be taken for options.
fn slurm(name: &str) -> Command {
    let mut command = Command::new(name);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("SLURM_") && text != "SLURM_CONF" {
            command.env_remove(&name);
        }
    }
    command.stdin(Stdio::null());
    command
}

fn text_of(output: &Output) -> String {
    let bytes = [&output.stderr[..], &output.stdout[..]].concat();
    String::from_utf8_lossy(&bytes).trim().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datastore::DataDir;

    #[test]
    fn the_scripts_say_what_was_asked_for() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(&tmp.path().join("it's here")).unwrap();
        let folder = dir.new_calc().unwrap();
        let arguments = ["-A", "account", "--comment=two words"].map(str::to_string).to_vec();
        let plan = SlurmPlan { tasks: 12, arguments, reuse: false, program: "/opt/oqfs".into() };
        write_scripts(&folder, &plan).unwrap();
        let read = |name: &str| fs::read_to_string(folder.path().join(FOLDER).join(name)).unwrap();
        let workers = read(WORKERS);
        for line in [
            "#SBATCH -A account '--comment=two words'",
            "#SBATCH --array=1-12",
            "#SBATCH --job-name=oqfs-1-workers",
            "exec /opt/oqfs work --share 1 --no-reuse ${SLURM_CPUS_PER_TASK:+--threads \"$SLURM_CPUS_PER_TASK\"}",
        ] {
            assert!(workers.lines().any(|found| found == line), "{line}\n{workers}");
        }
        assert!(workers.contains(r"export OQ_DATADIR='/") && workers.contains(r"it'\''s here'"), "{workers}");
        assert!(read(FINISH).contains("exec /opt/oqfs finish 1 --submit-again --no-reuse"));
        for name in [WORKERS, FINISH] {
            let path = dir.path_for_others().join("calc_1").join(FOLDER).join(name);
            let parsed = Command::new("bash").arg("-n").arg(path).status().unwrap();
            assert!(parsed.success());
        }
    }

    #[test]
    fn the_threads_of_the_workers_follow_from_the_options() {
        let threads = |arguments: &[&str]| {
            let arguments = arguments.iter().map(|text| text.to_string()).collect();
            SlurmPlan { tasks: 3, arguments, reuse: true, program: "oqfs".into() }.threads().get()
        };
        for some in [&["-c", "16"][..], &["-c16"], &["--cpus-per-task=16"], &["-A", "a", "--cpus-per-task", "16"]] {
            assert_eq!(threads(some), 48, "{some:?}");
        }
        assert_eq!((threads(&[]), threads(&["--comment=-c", "-c"])), (3, 3));
    }

    #[test]
    fn a_calculation_without_scripts_is_not_submitted_again() {
        let tmp = tempfile::tempdir().unwrap();
        let folder = DataDir::open(tmp.path()).unwrap().new_calc().unwrap();
        let error = submit(&folder, None).unwrap_err().to_string();
        assert_eq!(error, "calculation 1 has no scripts of Slurm: say how many workers, --tasks N");
    }
}
