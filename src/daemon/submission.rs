//! How a job came, and the paths that its user knows.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// How a job came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Submission {
    /// The name in `new/` that it came under.
    pub name: String,
    /// The job file, from the folder of the calculation.
    pub job_file: PathBuf,
}

/// Put the path that the user knows in place of the one that this process uses.
pub fn shown(message: &str, real: &Path, shown: &Path) -> String {
    message.replace(&*real.to_string_lossy(), &shown.to_string_lossy())
}
