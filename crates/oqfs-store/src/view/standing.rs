//! Where a calculation stands.

use std::fmt;

use crate::datastore::JobState;

/// Where a calculation stands. `Display` is the line of `status`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// Of another program's calculation, only the state, and the reason as its error.
    pub job: JobState,
    /// False if another program computes it, or whoever does keeps no state.
    pub ours: bool,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.job.error {
            _ if self.ours => self.job.fmt(f),
            Some(why) => write!(f, "{}: {why}", self.job.state),
            None => self.job.state.fmt(f),
        }
    }
}
