//! `oqfs doctor`: what may keep this program from working here, and the command that mends it.

mod checks;
mod engine;
mod machine;

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use self::checks::CHECKS;
use self::machine::Machine;
use super::out;
use super::point::point;

/// Look for what may keep oqfs from working here, and say for each problem the command that mends it.
///
/// It looks at /dev/fuse and fusermount3, the space and the layout of the data directory, its mount and its lock, the limit of
/// open files, the versions, and the engine's environment. Nothing is changed, and no mount is asked, so that it answers where a
/// mount does not. The exit status is 1 if there is a problem; notes are none.
#[derive(Debug, Args)]
pub struct Doctor {
    /// The data directory [default: $OQ_DATADIR, else ~/oqdata]
    dir: Option<PathBuf>,
    /// As JSON, for programs: a list with check, state (ok, note or problem), found, and mend
    #[arg(long)]
    json: bool,
}

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    Ok,
    /// It works, but for what is said.
    Note,
    /// It does not work.
    Problem,
}

/// What a check found.
#[derive(Debug, PartialEq, Serialize)]
struct Finding {
    #[serde(rename = "state")]
    health: Health,
    found: String,
    /// The command that mends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

impl Finding {
    fn ok(found: impl Into<String>) -> Self {
        Self { health: Health::Ok, found: found.into(), mend: None }
    }

    fn note(found: impl Into<String>) -> Self {
        Self { health: Health::Note, ..Self::ok(found) }
    }

    fn problem(found: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { health: Health::Problem, found: found.into(), mend: Some(mend.into()) }
    }

    /// The same with the command that changes it.
    fn by(self, mend: impl Into<String>) -> Self {
        Self { mend: Some(mend.into()), ..self }
    }
}

/// A check by its name, and the function that does it.
type Check = (&'static str, fn(&Machine) -> Finding);

#[derive(Serialize)]
struct Row {
    check: &'static str,
    #[serde(flatten)]
    finding: Finding,
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let health = match self.finding.health {
            Health::Ok => "ok",
            Health::Note => "note",
            Health::Problem => "problem",
        };
        write!(f, "{health:8} {:12} {}", self.check, self.finding.found)?;
        self.finding.mend.as_ref().map_or(Ok(()), |mend| write!(f, "\n{:21} mend: {mend}", ""))
    }
}

impl Doctor {
    /// Print what was found; an error if there is a problem.
    pub fn execute(self) -> Result<()> {
        let rows = rows(&Machine::this(point(self.dir.as_deref())?));
        match self.json {
            true => out::line(serde_json::to_string_pretty(&rows)?)?,
            false => rows.iter().try_for_each(out::line)?,
        }
        match rows.iter().filter(|row| row.finding.health == Health::Problem).count() {
            0 => Ok(()),
            1 => bail!("there is a problem"),
            n => bail!("there are {n} problems"),
        }
    }
}

fn rows(machine: &Machine) -> Vec<Row> {
    CHECKS.iter().map(|(check, look)| Row { check, finding: look(machine) }).collect()
}

/// A path as a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+~".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
