//! Jobs: taking them in, queueing them, running them to a complete datastore.

mod cancel;
mod inputs;
mod intake;
mod queue;
mod results;
mod run;
mod service;
mod watch;

pub use cancel::{NotCancelled, cancel};
pub use inputs::copy_inputs;
pub use intake::{Arrival, Ready, Taken, accept, look};
pub use queue::{Queue, Submission};
pub use run::run;
pub use service::Daemon;
pub use watch::{Reporter, Watch};
