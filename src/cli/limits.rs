//! Options of all commands that run jobs.

use std::num::NonZero;

use clap::Args;

use crate::daemon::{Limits, RunOptions};
use crate::job::ByteSize;

/// What calculations may have of the machine.
#[derive(Clone, Debug, Args)]
pub struct LimitArgs {
    /// How many threads a job may have [default: the processors that this process may use, by its affinity and its control group]
    #[arg(long, value_name = "N")]
    threads: Option<NonZero<usize>>,
    /// The most memory that a job may take, such as 8G; one that takes more is refused before it computes
    #[arg(long, value_name = "SIZE")]
    memory: Option<ByteSize>,
}

impl LimitArgs {
    /// The same for the daemon.
    pub fn limits(&self) -> Limits {
        Limits { threads: self.threads, memory: self.memory }
    }
}

/// How jobs are run.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// Compute everything, also what an earlier calculation computed already
    #[arg(long)]
    no_reuse: bool,
    #[command(flatten)]
    limits: LimitArgs,
}

impl RunArgs {
    /// The same for the daemon.
    pub fn options(&self) -> RunOptions {
        RunOptions { reuse: !self.no_reuse, limits: self.limits.limits() }
    }
}
