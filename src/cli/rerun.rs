//! `oqfs rerun`: a calculation from the inputs of another.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use super::calcs::{Calcs, NamedCalc};
use super::limits::RunArgs;
use super::run::in_foreground;
use crate::daemon::Provenance;
use crate::job::{parameters, usage, with_values};
use crate::nearest::nearest;

/// Run a calculation again, from its own inputs, perhaps with other parameters.
///
/// The new calculation has an id of its own and a copy of the inputs; the old one stays. What both have in common is not computed again: rates
/// that an earlier calculation left are taken from where they are kept.
#[derive(Debug, Args)]
pub struct Rerun {
    /// The calculation: its number, calc_N, last, or the path of its folder. It is one of this program
    calc: NamedCalc,
    /// A parameter of the job and its new value; without a value the parameter is left out. May be given several times
    #[arg(long = "set", value_name = "PARAM=VALUE", value_parser = parse_setting)]
    settings: Vec<(String, String)>,
    #[command(flatten)]
    how: RunArgs,
}

fn parse_setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("expected PARAM=VALUE, for example truncation_level=3")?;
    let name = name.trim().to_lowercase();
    if name.is_empty() || name.starts_with(['[', '#', ';']) || name.contains([':', '\n']) {
        return Err(format!("{name:?} is no name of a parameter"));
    }
    if value.contains('\n') {
        return Err("a value of one line is expected".into());
    }
    Ok((name, value.trim().into()))
}

impl Rerun {
    pub fn execute(self) -> Result<()> {
        let calcs = Calcs::open_for(std::slice::from_ref(&self.calc))?;
        let id = calcs.one(&self.calc)?;
        let folder = calcs.dir.folder(id);
        let folder =
            folder.with_context(|| format!("calculation {id} is another program's: its inputs are not here"))?;
        let job = Provenance::job_file(&folder)?;
        let inputs = folder.inputs();
        let place =
            job.strip_prefix(&inputs).with_context(|| format!("the job file of calculation {id} is no input"))?;
        if let Some((unknown, _)) = self.settings.iter().find(|(name, _)| usage(name).is_none()) {
            let names = parameters().map(|(name, _)| name);
            bail!("--set: there is no parameter {unknown}; the nearest are {}", nearest(unknown, names).join(", "));
        }
        // where the copies are, for messages: those of the old calculation are the ones that the user knows
        let copies = OnceLock::new();
        let make = |made: &Path| {
            let _ = copies.set(made.display().to_string());
            copy_all(&inputs, made).with_context(|| format!("the inputs of calculation {id}"))?;
            let job = made.join(place);
            if !self.settings.is_empty() {
                set(&job, &self.settings)?;
            }
            Ok(job)
        };
        let ran = in_foreground(make, || Ok(calcs.dir.clone()), self.how.options());
        let shown = folder.shown().join("inputs").display().to_string();
        ran.map_err(|error| match copies.get() {
            Some(copies) => anyhow!("{}", format!("{error:#}").replace(copies, &shown)),
            None => error,
        })
    }
}

/// Changes parameters of a job file.
fn set(job: &Path, settings: &[(String, String)]) -> Result<()> {
    let shown = job.file_name().map(PathBuf::from).unwrap_or_default();
    let text = fs::read_to_string(job).with_context(|| shown.display().to_string())?;
    fs::write(job, with_values(&text, settings)).with_context(|| shown.display().to_string())
}

/// Copies a folder with all that is in it.
pub(super) fn copy_all(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            fs::create_dir(&target)?;
            copy_all(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
