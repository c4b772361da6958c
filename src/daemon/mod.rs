//! Jobs: taking them in, queueing them, running them to a complete datastore.

mod accept;
mod cancel;
mod checking;
mod child;
mod control;
mod copy;
mod inputs;
mod intake;
mod job_check;
mod process;
mod queue;
mod reporter;
mod results;
mod reuse;
mod run;
mod runner;
mod service;
mod shortage;
mod space;
mod stage;
mod submission;
mod work;

pub use accept::{Taken, accept};
pub use cancel::{NotCancelled, cancel};
pub use child::{GRACE, REFUSED, prepare};
pub use control::Control;
pub use inputs::{Copied, copy_inputs};
pub use intake::{CompleteJob, Dropped, Finding, look};
pub use process::ProcessHandle;
pub use queue::Queue;
pub use reporter::Reporter;
pub use run::run;
pub use runner::{Runner, check};
pub use service::Daemon;
pub use submission::Submission;
pub use work::work;
