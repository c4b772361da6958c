//! Running jobs: from an accepted job to a complete datastore.

mod inputs;
mod results;
mod run;
mod watch;

pub use inputs::copy_inputs;
pub use run::run;
pub use watch::{Reporter, Watch};
