//! Jobs: taking them in, queueing them, running them to a complete datastore.

mod cancel;
mod child;
mod inputs;
mod intake;
mod process;
mod queue;
mod results;
mod reuse;
mod run;
mod runner;
mod service;
mod space;
mod watch;
mod work;

pub use cancel::{NotCancelled, cancel};
pub use child::{REFUSED, prepare};
pub use inputs::copy_inputs;
pub use intake::{Arrival, Ready, Taken, accept, look};
pub use process::Process;
pub use queue::{Queue, Submission};
pub use run::run;
pub use runner::{Runner, check};
pub use service::Daemon;
pub use watch::{Reporter, Watch};
pub use work::work;
