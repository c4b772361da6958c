//! Who controls a calculation that this process runs.

use crate::datastore::JobState;

/// Whoever asked for a calculation: is told how far it is, and may stop it.
pub trait Control: Sync {
    /// The state has changed.
    fn changed(&self, state: &JobState);

    /// Whether the calculation should stop for good.
    fn is_cancelled(&self) -> bool {
        false
    }

    /// Whether it should stop now and be run again later.
    fn is_interrupted(&self) -> bool {
        false
    }
}

/// Nobody is told, and nobody stops it.
impl Control for () {
    fn changed(&self, _: &JobState) {}
}
