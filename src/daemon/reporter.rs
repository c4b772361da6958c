//! What a calculation that runs reports: its state in `job.json`, its log, and progress to whoever controls it; and the wish to stop it, which
//! comes the other way.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

use super::control::Control;
use super::estimate::Forecast;
use crate::calc::{Monitor, Piece};
use crate::datastore::{CalcFolder, Holder, JobEstimate, JobState, Share, State};

/// What the log says of a calculation that is queued again.
pub(super) const INTERRUPTED: &str = "interrupted; it runs again at the next start";

/// What the log says of a calculation whose work several processes share.
const LEFT: &str = "interrupted; oqfs finish goes on";

/// How often the state is written while a calculation runs.
const INTERVAL: Duration = Duration::from_millis(250);
/// How often is looked whether somebody asked that it be stopped.
const LOOK: Duration = Duration::from_millis(50);

/// Keeps the state and the log of a calculation up to date.
pub struct Reporter<'a> {
    folder: &'a CalcFolder,
    control: &'a dyn Control,
    start: Instant,
    /// How long others worked on it before.
    before: Duration,
    /// What was known before of what it takes.
    estimate: Option<JobEstimate>,
    description: String,
    last: Mutex<LastProgress>,
    log: WorkLog,
    asked: Mutex<Asked>,
    forecast: OnceLock<Forecast>,
}

/// What is said of the work on a calculation, line by line.
pub struct WorkLog {
    id: u32,
    /// Whose lines they are, if several write logs of their own.
    by: String,
    file: Mutex<Option<File>>,
}

impl WorkLog {
    /// The log of a calculation. Whatever is said is added to it.
    fn of_calc(folder: &CalcFolder) -> WorkLog {
        Self::at(folder.id(), String::new(), &folder.log())
    }

    /// The log of this process, which is one of those that share the work.
    pub fn of(share: &Share) -> WorkLog {
        Self::at(share.folder().id(), format!("{}: ", Holder::this().name()), &share.own_log())
    }

    fn at(id: u32, by: String, path: &Path) -> WorkLog {
        let file = OpenOptions::new().create(true).append(true).open(path);
        if let Err(error) = &file {
            log::warn!("calc_{id}: its log cannot be written: {error}");
        }
        WorkLog { id, by, file: Mutex::new(file.ok()) }
    }

    /// Adds a line.
    pub fn say(&self, level: log::Level, message: &str) {
        let Self { id, by, file } = self;
        log::log!(level, "calc_{id}: {by}{message}");
        let now = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S");
        if let Ok(mut file) = file.lock()
            && let Some(file) = file.as_mut()
        {
            // in one piece, because others may write too; the log is not what a calculation fails for
            let _ = file.write_all(format!("{now} {level:5} {by}{message}\n").as_bytes());
        }
    }
}

/// Whether somebody asked that the calculation be stopped, as of when.
struct Asked {
    is: bool,
    seen: Option<Instant>,
}

struct LastProgress {
    done: f64,
    stage: String,
    /// When the first stage began after the reading.
    began: Instant,
    written: Option<Instant>,
}

impl<'a> Reporter<'a> {
    /// For the calculation in a folder. Whatever is logged is added to its log.
    pub fn new(folder: &'a CalcFolder, description: String, control: &'a dyn Control) -> Reporter<'a> {
        let last =
            Mutex::new(LastProgress { done: 0.0, stage: "reading".to_string(), began: Instant::now(), written: None });
        let asked = Mutex::new(Asked { is: false, seen: None });
        let (start, log, forecast) = (Instant::now(), WorkLog::of_calc(folder), OnceLock::new());
        let (before, estimate) = (Duration::ZERO, None);
        Reporter { folder, control, start, before, estimate, description, last, log, asked, forecast }
    }

    /// Others began to work on it so long before this process, and it is known what it takes.
    pub fn began_before(&mut self, before: Duration, estimate: Option<JobEstimate>) {
        (self.before, self.estimate) = (before, estimate);
    }

    /// Add a line to the log of the calculation.
    pub fn log(&self, level: log::Level, message: &str) {
        self.log.say(level, message);
    }

    /// The log of the calculation.
    pub fn work_log(&self) -> &WorkLog {
        &self.log
    }

    /// Seconds since the start.
    pub fn elapsed(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }

    /// Whether somebody asked that the calculation be stopped, in whatever process.
    fn is_asked_to_cancel(&self) -> bool {
        // who finds another looking goes on
        let Ok(mut asked) = self.asked.try_lock() else { return false };
        if !asked.is && asked.seen.is_none_or(|at| at.elapsed() >= LOOK) {
            *asked = Asked { is: self.folder.is_asked_to_cancel(), seen: Some(Instant::now()) };
        }
        asked.is
    }

    /// The state of a calculation that was stopped: `cancelled`, or `queued` if it is to run again.
    pub fn stopped(&self) {
        if self.control.is_interrupted() && !self.control.is_cancelled() && !self.folder.is_asked_to_cancel() {
            self.log(log::Level::Warn, if self.folder.is_shared() { LEFT } else { INTERRUPTED });
            let (description, estimate) = (self.description.clone(), self.estimate);
            self.set(&JobState { state: State::Queued, description, estimate, ..JobState::default() });
        } else {
            self.log(log::Level::Warn, "cancelled");
            self.state(State::Cancelled, None);
        }
    }

    /// The calculation failed: say why in its state, then in its log. True if the state was written.
    pub fn fail(&self, why: &str) -> bool {
        let is_written = self.state(State::Failed, Some(why.to_string()));
        if is_written {
            self.log(log::Level::Error, why);
        }
        is_written
    }

    /// Say what the calculation is expected to take; only the first forecast counts.
    pub fn expect(&self, forecast: Forecast) {
        let _ = self.forecast.set(forecast);
        self.state(State::Executing, None);
    }

    /// Write the state now; true if that was possible.
    pub fn state(&self, state: State, error: Option<String>) -> bool {
        let last = self.last.lock().map(|p| (p.done, p.stage.clone(), p.began.elapsed().as_secs_f64()));
        let (done, stage, since) = last.unwrap_or_default();
        let elapsed = self.before.as_secs_f64() + self.elapsed();
        let whole = self.forecast.get().map(|forecast| forecast.calculation.seconds);
        let left = if state == State::Executing { left(whole, done, since) } else { None };
        let estimate = self.forecast.get().map(|forecast| forecast.job).or(self.estimate);
        let progress = if state == State::Complete { 1.0 } else { done };
        let description = self.description.clone();
        self.set(&JobState { state, progress, stage, elapsed, left, error, description, estimate })
    }

    fn set(&self, state: &JobState) -> bool {
        let written = self.folder.set_state(state);
        if let Err(error) = &written {
            self.log(log::Level::Error, &format!("the state could not be written: {error}"));
        }
        self.control.changed(state);
        written.is_ok()
    }
}

/// Seconds that are left of a stage that began so long ago: at first as it was forecast, then as it went so far.
fn left(forecast: Option<f64>, done: f64, since: f64) -> Option<f64> {
    /// From here on what was done says more than a forecast.
    const ENOUGH: f64 = 0.1;
    /// Below this it says nothing.
    const LITTLE: f64 = 0.01;
    let rest = 1.0 - done;
    let found = (done > LITTLE).then(|| since * rest / done);
    let forecast = forecast.map(|whole| whole * rest);
    match (forecast, found) {
        (Some(forecast), Some(found)) => {
            let share = (done / ENOUGH).min(1.0);
            Some(share * found + (1.0 - share) * forecast)
        }
        (forecast, found) => found.or(forecast),
    }
}

impl Monitor for Reporter<'_> {
    fn progress(&self, stage: &str, done: f64) {
        let due = match self.last.lock() {
            Ok(mut last) => {
                if last.stage != stage {
                    last.stage = stage.to_string();
                    // a later stage goes on where the one before it ended
                    if last.done == 0.0 {
                        last.began = Instant::now();
                    }
                }
                last.done = last.done.max(done);
                let due = last.written.is_none_or(|at| at.elapsed() >= INTERVAL);
                if due {
                    last.written = Some(Instant::now());
                }
                due
            }
            Err(_) => false,
        };
        if due {
            self.state(State::Executing, None);
        }
    }

    fn expected(&self, piece: Piece) -> f64 {
        self.forecast.get().map_or_else(|| piece.pairs(), |forecast| forecast.calculation.pieces.of(piece))
    }

    fn is_cancelled(&self) -> bool {
        self.control.is_cancelled() || self.control.is_interrupted() || self.is_asked_to_cancel()
    }
}

#[cfg(test)]
mod tests {
    use super::left;

    #[test]
    fn what_is_left_is_forecast_first_and_found_later() {
        assert_eq!(left(None, 0.0, 3.0), None);
        assert_eq!(left(Some(100.0), 0.0, 3.0), Some(100.0));
        assert_eq!(left(None, 0.5, 3.0), Some(3.0));
        assert_eq!(left(Some(100.0), 0.5, 3.0), Some(3.0));
        // halfway to where the forecast does not count any more
        assert!((left(Some(100.0), 0.05, 10.0).unwrap() - (95.0 + 190.0) / 2.0).abs() < 1e-9);
        assert_eq!(left(Some(100.0), 1.0, 90.0), Some(0.0));
    }
}
