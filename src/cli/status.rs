//! `oqfs status`: the calculations as a table.

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::calcs::{Calcs, NamedCalc, Shown};
use super::out;
use crate::datastore::{Clock, JobState, State};
use crate::view::Standing;

/// Show the calculations of the data directory, or one of them.
#[derive(Debug, Args)]
pub struct Status {
    /// Which calculation: its number, calc_N, last, or the path of its folder; all of them if not given.
    calc: Option<NamedCalc>,
    /// As JSON, for programs: what job.json says, with the id, the folder, and whether a mount shows that; a list unless one calculation is
    /// asked for.
    #[arg(long)]
    json: bool,
}

/// A calculation for programs.
#[derive(Serialize)]
struct StatusRow {
    id: u32,
    #[serde(flatten)]
    job: JobState,
    /// Its path, in the mount if there is one.
    folder: String,
    /// Whether a mount that answers shows it there.
    mounted: bool,
}

impl StatusRow {
    fn new(place: &Shown, id: u32, standing: Standing) -> Self {
        let folder = place.dir.join(format!("calc_{id}")).to_string_lossy().into_owned();
        Self { id, job: standing.job, folder, mounted: place.mounted }
    }
}

impl Status {
    /// Print the table, or the line of one calculation.
    pub fn execute(self) -> Result<()> {
        if let Some(one) = &self.calc {
            let calcs = Calcs::open_for(std::slice::from_ref(one))?;
            let id = calcs.one(one)?;
            let standing = calcs.standing(id)?;
            return match self.json {
                true => out::line(serde_json::to_string(&StatusRow::new(&calcs.shown()?, id, standing))?),
                false => out::line(standing),
            };
        }
        let calcs = Calcs::open_if_there()?;
        let ids = calcs.as_ref().map(Calcs::ids).transpose()?.unwrap_or_default();
        // one that was removed meanwhile is none
        let found = ids.into_iter().filter_map(|id| Some((id, calcs.as_ref()?.standing(id).ok()?)));
        match (self.json, &calcs) {
            (true, Some(calcs)) => out::line(as_json(calcs, found)?),
            (true, None) => out::line("[]"),
            (false, _) => out::print(table(found)),
        }
    }
}

/// Calculations as a list for programs.
pub(super) fn as_json(calcs: &Calcs, found: impl Iterator<Item = (u32, Standing)>) -> Result<String> {
    let place = calcs.shown()?;
    let rows: Vec<_> = found.map(|(id, standing)| StatusRow::new(&place, id, standing)).collect();
    Ok(serde_json::to_string_pretty(&rows)?)
}

const COLUMNS: usize = 6;

/// The table of calculations.
pub(super) fn table(calcs: impl Iterator<Item = (u32, Standing)>) -> String {
    let mut rows = vec![["calc", "state", "done", "elapsed", "left", "description"].map(str::to_string)];
    rows.extend(calcs.map(|(id, standing)| row(id, &standing)));
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: [usize; COLUMNS] = std::array::from_fn(width);
    let [id, state, done, elapsed, left, _] = widths;
    let line = |[a, b, c, d, e, f]: &[String; COLUMNS]| {
        format!("{a:>id$}  {b:state$}  {c:>done$}  {d:elapsed$}  {e:left$}  {f}").trim_end().to_string() + "\n"
    };
    rows.iter().map(line).collect()
}

fn row(id: u32, Standing { job, ours }: &Standing) -> [String; COLUMNS] {
    let started = *ours && !matches!(job.state, State::Waiting | State::Checking | State::Queued);
    let if_started = |text: String| if started { text } else { String::new() };
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let description = if *ours { words(&job.description) } else { "(of another program)".to_string() };
    let error = job.error.as_deref().map(|error| format!(" [{}]", words(error))).unwrap_or_default();
    [
        id.to_string(),
        job.state.to_string(),
        if_started(format!("{}%", job.percent())),
        if_started(Clock(job.elapsed).to_string()),
        job.left.filter(|_| job.state == State::Executing).map(|left| Clock(left).to_string()).unwrap_or_default(),
        (description + &error).trim().to_string(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ours(state: State, of: JobState) -> Standing {
        Standing { job: JobState { state, ..of }, ours: true }
    }

    #[test]
    fn a_row_for_each_calculation() {
        let done = JobState { elapsed: 3.2, progress: 1.0, description: "Étna".into(), ..JobState::default() };
        let runs = JobState { elapsed: 61.0, left: Some(5.0), progress: 0.639, ..done.clone() };
        let failed = JobState { progress: 0.0, error: Some("no\nsites".into()), ..done.clone() };
        let other = Standing { job: JobState { state: State::Complete, ..JobState::default() }, ours: false };
        let rows = [
            (1, ours(State::Complete, done)),
            (2, ours(State::Executing, runs)),
            (3, ours(State::Failed, failed)),
            (4, ours(State::Queued, JobState::default())),
            (17, other),
        ];
        let expected = "\
calc  state      done  elapsed   left      description
   1  complete   100%  00:00:03            Étna
   2  executing   63%  00:01:01  00:00:05  Étna
   3  failed       0%  00:00:03            Étna [no sites]
   4  queued
  17  complete                             (of another program)
";
        assert_eq!(table(rows.into_iter()), expected);
    }
}
