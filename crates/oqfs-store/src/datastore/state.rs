//! The state of a calculation, as kept in `calc_N/job.json`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a calculation stands. Lower case in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its inputs are not all there.
    #[default]
    Waiting,
    /// Accepted, though its inputs are still being checked.
    Checking,
    /// Accepted, not started.
    Queued,
    /// Running.
    Executing,
    /// Finished; its datastore is `output.hdf5`.
    Complete,
    /// Stopped by an error.
    Failed,
    /// Stopped by the user.
    Cancelled,
    /// It cannot be told now. No `job.json` says so.
    Unknown,
}

impl State {
    /// True if the calculation will not change any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Complete | Self::Failed | Self::Cancelled)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Waiting => "waiting",
            Self::Checking => "checking",
            Self::Queued => "queued",
            Self::Executing => "executing",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        })
    }
}

/// What `job.json` holds. `Display` is the line shown in `calc_N/status`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobState {
    pub state: State,
    /// Part done, 0 to 1.
    pub progress: f64,
    /// What is being done, in a word or two, such as `classical`.
    pub stage: String,
    /// Seconds since the start.
    pub elapsed: f64,
    /// Seconds left, estimated.
    pub left: Option<f64>,
    /// Why it failed.
    pub error: Option<String>,
    /// The job's description.
    pub description: String,
    /// What it takes, as estimated when it started; none of a job that is done sooner than that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimate: Option<JobEstimate>,
}

/// What a calculation takes, estimated before it computes. Rates that earlier calculations kept may make it shorter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct JobEstimate {
    /// Seconds from its start to its end.
    pub seconds: f64,
    /// The standard error of the seconds, as a part of them.
    pub error: f64,
    /// The most memory that it holds, bytes.
    pub memory: f64,
    /// The size of its datastore, bytes.
    pub disk: f64,
    /// The number of its contexts.
    pub contexts: f64,
}

impl JobState {
    /// Part done, rounded down: 100 is said of what is complete alone.
    pub fn percent(&self) -> u32 {
        (self.progress.clamp(0.0, 1.0) * 100.0).floor() as u32
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}", self.state)?;
        match self.state {
            State::Waiting | State::Checking | State::Queued | State::Unknown => {}
            State::Executing => {
                write!(f, " {}%", self.percent())?;
                if !self.stage.is_empty() {
                    write!(f, " {}", self.stage)?;
                }
                write!(f, ", {} elapsed", Clock(self.elapsed))?;
                if let Some(left) = self.left {
                    write!(f, ", {} left", Clock(left))?;
                }
            }
            State::Complete | State::Failed | State::Cancelled => write!(f, ", {} elapsed", Clock(self.elapsed))?,
        }
        if let Some(error) = &self.error {
            // One line, whatever the error says.
            write!(f, ": {}", error.split_whitespace().collect::<Vec<_>>().join(" "))?;
        }
        Ok(())
    }
}

/// Seconds as `HH:MM:SS`.
pub struct Clock(pub f64);

impl fmt::Display for Clock {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let s = self.0.max(0.0).round() as u64;
        write!(f, "{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_a_state() {
        let mut job =
            JobState { state: State::Executing, progress: 0.639, stage: "classical".into(), ..Default::default() };
        job.elapsed = 12.3;
        job.left = Some(7.1);
        assert_eq!(job.to_string(), "executing 63% classical, 00:00:12 elapsed, 00:00:07 left");
        job.state = State::Failed;
        job.error = Some("job.ini:3: bad\nvalue".into());
        job.elapsed = 3661.0;
        assert_eq!(job.to_string(), "failed, 01:01:01 elapsed: job.ini:3: bad value");
        assert_eq!(JobState::default().to_string(), "waiting");
    }

    #[test]
    fn json_is_forgiving_about_what_is_missing() {
        let job: JobState = serde_json::from_str(r#"{"state": "executing", "progress": 0.5}"#).unwrap();
        assert_eq!(job.to_string(), "executing 50%, 00:00:00 elapsed");
        assert!(serde_json::from_str::<JobState>(r#"{"state": "dancing"}"#).is_err());
    }
}
