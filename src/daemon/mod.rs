//! Jobs: taking them in, queueing them, running them to a complete datastore.

mod inputs;
mod intake;
mod queue;
mod results;
mod run;
mod service;
mod watch;

pub use inputs::copy_inputs;
pub use intake::{Arrival, Ready, Taken, accept, look};
pub use queue::{Queue, SUBMISSION, Submission};
pub use run::run;
pub use service::Daemon;
pub use watch::{Reporter, Watch};
