//! What a calculation that runs reports: its state in `job.json`, its log, and progress to whoever controls it; and the wish to stop it, which
//! comes the other way.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::control::Control;
use crate::calc::Monitor;
use crate::datastore::{CalcFolder, JobState, State};

/// What the log says of a calculation that is queued again.
pub(super) const INTERRUPTED: &str = "interrupted; it runs again at the next start";

/// How often the state is written while a calculation runs.
const INTERVAL: Duration = Duration::from_millis(250);
/// How often is looked whether somebody asked that it be stopped.
const LOOK: Duration = Duration::from_millis(50);

/// Keeps the state and the log of a calculation up to date.
pub struct Reporter<'a> {
    folder: &'a CalcFolder,
    control: &'a dyn Control,
    start: Instant,
    description: String,
    last: Mutex<LastProgress>,
    log: Mutex<Option<File>>,
    asked: Mutex<Asked>,
}

/// Whether somebody asked that the calculation be stopped, as of when.
struct Asked {
    is: bool,
    seen: Option<Instant>,
}

struct LastProgress {
    done: f64,
    stage: String,
    written: Option<Instant>,
}

impl<'a> Reporter<'a> {
    /// For the calculation in a folder. Whatever is logged is added to its log.
    pub fn new(folder: &'a CalcFolder, description: String, control: &'a dyn Control) -> Reporter<'a> {
        let log = OpenOptions::new().create(true).append(true).open(folder.log());
        if let Err(error) = &log {
            log::warn!("{}: cannot be written: {error}", folder.shown().join("log").display());
        }
        let last = Mutex::new(LastProgress { done: 0.0, stage: "reading".to_string(), written: None });
        let asked = Mutex::new(Asked { is: false, seen: None });
        Reporter { folder, control, start: Instant::now(), description, last, log: Mutex::new(log.ok()), asked }
    }

    /// Add a line to the log of the calculation.
    pub fn log(&self, level: log::Level, message: &str) {
        log::log!(level, "calc_{}: {message}", self.folder.id());
        let now = jiff::Zoned::now().strftime("%Y-%m-%d %H:%M:%S");
        if let Ok(mut file) = self.log.lock()
            && let Some(file) = file.as_mut()
        {
            // the log is not what a calculation fails for
            let _ = writeln!(file, "{now} {level:5} {message}");
        }
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
            self.log(log::Level::Warn, INTERRUPTED);
            let description = self.description.clone();
            self.set(&JobState { state: State::Queued, description, ..JobState::default() });
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

    /// Write the state now; true if that was possible.
    pub fn state(&self, state: State, error: Option<String>) -> bool {
        let done = self.last.lock().map_or(0.0, |p| p.done);
        let stage = self.last.lock().map_or_else(|_| String::new(), |p| p.stage.clone());
        let elapsed = self.elapsed();
        let left = (state == State::Executing && done > 0.01).then(|| elapsed * (1.0 - done) / done);
        let progress = if state == State::Complete { 1.0 } else { done };
        let description = self.description.clone();
        self.set(&JobState { state, progress, stage, elapsed, left, error, description })
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

impl Monitor for Reporter<'_> {
    fn progress(&self, stage: &str, done: f64) {
        let due = match self.last.lock() {
            Ok(mut last) => {
                last.done = last.done.max(done);
                if last.stage != stage {
                    last.stage = stage.to_string();
                }
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

    fn is_cancelled(&self) -> bool {
        self.control.is_cancelled() || self.control.is_interrupted() || self.is_asked_to_cancel()
    }
}
