//! Jobs that go on from an earlier calculation, of this program or of the engine.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use serde_json::Value;

use super::calcs::{Calcs, NamedCalc};
use super::rerun::copy_all;
use crate::daemon::{Provenance, copy_inputs};
use crate::datastore::{DataDir, DataStore};
use crate::job::{Job, earlier_calculation, with_earlier};
use crate::schema;

/// The calculation that a job names as the earlier one.
///
/// # Errors
/// If the job cannot be read, or what it names is no calculation.
pub(super) fn named_in(job: &Path) -> Result<Option<NamedCalc>> {
    let text = Job::text_of(job)?;
    let Some(named) = earlier_calculation(&text).map_err(told_of(job))? else { return Ok(None) };
    let wrong = |accepted| anyhow!("{}: hazard_calculation_id: found {named:?}; {accepted}", job.display());
    named.parse().map(Some).map_err(wrong)
}

/// Put the inputs of an earlier calculation into a folder, with a job that has them and the parameters of `job`.
///
/// # Errors
/// If the inputs are not there any more.
pub(super) fn job_after(earlier: &NamedCalc, job: &Path, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let calcs = Calcs::open_for(std::slice::from_ref(earlier))?;
    let id = calcs.one(earlier)?;
    let made = match calcs.dir.folder(id) {
        Some(of) => {
            let (inputs, first) = (of.inputs(), Provenance::job_file(&of)?);
            let place = first.strip_prefix(&inputs);
            let place = place.with_context(|| format!("the job file of calculation {id} is no input"))?;
            copy_all(&inputs, folder).with_context(|| format!("the inputs of calculation {id}"))?;
            folder.join(place)
        }
        None => of_engine(&calcs.dir, id, folder).with_context(|| format!("the inputs of calculation {id}"))?,
    };
    let text = with_earlier(&Job::text_of(&made)?, &Job::text_of(job)?).map_err(told_of(job))?;
    fs::write(&made, text).with_context(|| made.display().to_string())?;
    Ok(made)
}

/// Makes an error of what is wrong in a line of a job.
fn told_of(job: &Path) -> impl Fn((usize, String)) -> anyhow::Error {
    move |(line, message)| anyhow!("{}, line {line}: {message}", job.display())
}

/// The engine keeps no inputs, but says where they were.
fn of_engine(dir: &DataDir, id: u32, folder: &Path) -> Result<PathBuf> {
    let store = DataStore::open(dir.path().join(format!("calc_{id}.hdf5")))?;
    let params: Value = serde_json::from_str(&store.get_string(schema::OQPARAM)?)?;
    let first = params["inputs"]["job_ini"].as_str().context("the datastore does not say which job it is of")?;
    let first = Job::read(Path::new(first))?;
    let copied = copy_inputs(&first, folder)?;
    copied.of(&first.path).context("its job file is not among them")
}
