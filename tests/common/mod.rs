//! What the test files share.
#![allow(dead_code)] // Each test file uses its part.

pub mod disk;
pub mod irpinia;
pub mod jobs;
pub mod mount;
pub mod npy;
pub mod peer;
pub mod program;
pub mod tree;

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// A Python that can import h5py and numpy: `$OQFS_PYTHON`, else `python3`. Where there is none, the caller must go through
/// [`skip`], so that a run says how much it left out.
pub fn python() -> Option<&'static PathBuf> {
    static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
    let able = |python: &PathBuf| {
        let mut command = Command::new(python);
        command.args(["-c", "import h5py, numpy"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let candidates = || std::env::var_os("OQFS_PYTHON").map(PathBuf::from).into_iter().chain(["python3".into()]);
    PYTHON.get_or_init(|| candidates().find(able)).as_ref()
}

/// Says on the terminal, past the capture of the test harness, that a test is left out. Where `$OQFS_ABSENT` is set, as in continuous
/// integration, that fails unless the reason holds one of its texts, which commas separate: what is not there must be known.
pub fn skip(test: &str, why: &str) {
    use std::io::Write;
    if let Ok(absent) = std::env::var("OQFS_ABSENT") {
        let is_known = absent.split(',').map(str::trim).any(|text| !text.is_empty() && why.contains(text));
        assert!(is_known, "{test} is left out ({why}), and OQFS_ABSENT does not say so");
    }
    let _ = writeln!(std::io::stderr().lock(), "SKIPPED {test}: {why}");
}

/// Runs a Python script; gives its output.
pub fn run_python(script: &str, args: &[&str]) -> String {
    let python = python().expect("asked for before");
    let output = Command::new(python).arg("-c").arg(script).args(args).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "python failed:\n{out}\n{err}");
    out.into_owned()
}

/// Leaves the test, loudly, if there is no Python with h5py.
#[macro_export]
macro_rules! need_python {
    ($test:expr) => {
        if $crate::common::python().is_none() {
            return $crate::common::skip($test, "no Python with h5py and numpy; set OQFS_PYTHON");
        }
    };
}
