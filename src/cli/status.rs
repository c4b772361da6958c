//! `oqfs status`: the calculations as a table.

use anyhow::{Context, Result};
use clap::Args;

use crate::datastore::{CalcRef, DataDir, JobState};

/// Show the calculations of the data directory, or one of them.
#[derive(Debug, Args)]
pub struct Status {
    /// Which calculation: its number, calc_N, or last; all of them if not given.
    calc: Option<CalcRef>,
}

impl Status {
    /// Print the table, or the line of one calculation.
    pub fn execute(self) -> Result<()> {
        let dir = DataDir::open_default()?;
        let ids = dir.ids()?;
        let id = match &self.calc {
            None => {
                print!("{}", table(&dir, ids.iter().copied()));
                return Ok(());
            }
            Some(CalcRef::Id(id)) => *id,
            Some(CalcRef::Last) => *ids.last().context("there is no calculation")?,
            Some(CalcRef::Path(path)) => anyhow::bail!("{}: expected a number, calc_N or last", path.display()),
        };
        anyhow::ensure!(ids.contains(&id), "there is no calculation {id} in {}", dir.shown().display());
        match state(&dir, id) {
            Some(state) => println!("{state}"),
            None => println!("complete: calculated by another program"),
        }
        Ok(())
    }
}

/// The state of a calculation of this program.
fn state(dir: &DataDir, id: u32) -> Option<JobState> {
    dir.calc(id).ok()?.state().ok()?
}

fn table(dir: &DataDir, ids: impl Iterator<Item = u32>) -> String {
    let mut rows = vec![["calc", "status", "description"].map(str::to_string)];
    for id in ids {
        let (status, description) = match state(dir, id) {
            Some(state) => (state.to_string(), state.description),
            None => ("complete".to_string(), "(calculated by another program)".to_string()),
        };
        rows.push([id.to_string(), status, description]);
    }
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (id, status) = (width(0), width(1));
    let line = |row: &[String; 3]| format!("{:>id$}  {:status$}  {}", row[0], row[1], row[2]).trim_end().to_string();
    rows.iter().map(|row| line(row) + "\n").collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datastore::State;

    #[test]
    fn a_row_for_each_calculation() {
        let tmp = tempfile::tempdir().unwrap();
        let dir = DataDir::open(tmp.path()).unwrap();
        let done =
            JobState { state: State::Complete, elapsed: 3.2, description: "Étna".into(), ..JobState::default() };
        dir.new_calc().unwrap().set_state(&done).unwrap();
        std::fs::write(tmp.path().join("calc_7.hdf5"), "").unwrap();
        let text = table(&dir, dir.ids().unwrap().into_iter());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "   1  complete, 00:00:03 elapsed  Étna");
        assert!(lines[2].starts_with("   7  complete ") && lines[2].ends_with("another program)"));
    }
}
