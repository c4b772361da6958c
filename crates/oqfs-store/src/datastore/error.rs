//! What can go wrong with a datastore, by case.

use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A datastore error. Every message names the file and, where there is one, the key, and says all: none has a source.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The operating system refused something.
    #[error("{path}: {error}", path = .path.display())]
    Io { path: PathBuf, error: std::io::Error },

    /// The data directory cannot be named.
    #[error("no data directory: neither OQ_DATADIR nor HOME is set")]
    NoDataDir,

    /// A newer program laid the data directory out.
    #[error("{dir}: its layout is {found}, and this program knows those up to {known}: use a newer oqfs", dir = .dir.display())]
    NewerLayout { dir: PathBuf, found: String, known: u32 },

    /// What served the mount on the data directory died, and the mount hides the directory.
    #[error("{dir}: the oqfs that was mounted here has died: `oqfs mount` mounts again, `oqfs umount` takes the mount away", dir = .dir.display())]
    DeadMount { dir: PathBuf },

    /// There is no such calculation.
    #[error("{dir}: no calculation {wanted}; {there}", dir = .dir.display())]
    NoCalculation { dir: PathBuf, wanted: String, there: String },

    /// Another process (or this one) has the file open for writing, so its content is in motion.
    #[error("{path}: being written by {by}", path = .path.display(), by = holder(.pid))]
    BeingWritten { path: PathBuf, pid: Option<u32> },

    /// The file says it is open for writing and nobody holds it: its writer died.
    #[error("{path}: not closed by its writer: {reason}", path = .path.display())]
    NotClosed { path: PathBuf, reason: String },

    /// The file is shorter than its own superblock says.
    #[error("{path}: truncated: {reason}", path = .path.display())]
    Truncated { path: PathBuf, reason: String },

    /// The file does not hold what was written.
    #[error("{path}: damaged", path = .path.display())]
    Damaged { path: PathBuf },

    /// The file has no HDF5 signature.
    #[error("{path}: not an HDF5 file: {reason}", path = .path.display())]
    NotHdf5 { path: PathBuf, reason: String },

    /// There is nothing under that key.
    #[error("{path}: no {key}", path = .path.display())]
    NoKey { path: PathBuf, key: String },

    /// The key holds something that cannot be read as what was asked for.
    #[error("{path}: {key}: found {found}, wanted {wanted}", path = .path.display())]
    WrongType { path: PathBuf, key: String, found: String, wanted: String },

    /// The datastore was opened for reading only.
    #[error("{path}: opened for reading, cannot change {key}", path = .path.display())]
    ReadOnly { path: PathBuf, key: String },

    /// An array does not fit the dataset it is sent to.
    #[error("{path}: {key}: found {found}, accepted {accepted}", path = .path.display())]
    Shape { path: PathBuf, key: String, found: String, accepted: String },

    /// A key, a field name or an attribute name that HDF5 cannot hold.
    #[error("{path}: {key}: bad name: {reason}", path = .path.display())]
    BadName { path: PathBuf, key: String, reason: String },

    /// The HDF5 library refused something else.
    #[error("{path}: {key}: {reason}", path = .path.display())]
    Hdf5 { path: PathBuf, key: String, reason: String },

    /// A dataset of which rows were never written would read as zeros.
    #[error("{path}: {key}: {written} of {rows} rows were written", path = .path.display())]
    Unwritten { path: PathBuf, key: String, written: usize, rows: usize },

    /// An object or a job state that is not the JSON it should be.
    #[error("{path}: {error}", path = .path.display())]
    Json { path: PathBuf, error: serde_json::Error },

    /// The writer thread failed on something sent to it earlier.
    #[error("the writer stopped: {0}")]
    Writer(Arc<Error>),

    /// The writer thread is gone: the datastore was finished or abandoned.
    #[error("{path}: {key}: the datastore is closed", path = .path.display())]
    Closed { path: PathBuf, key: String },
}

/// The result of a datastore operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

fn holder(pid: &Option<u32>) -> String {
    match pid {
        Some(pid) if *pid == std::process::id() => "this process".into(),
        Some(pid) => format!("process {pid}"),
        None => "another process".into(),
    }
}

impl Error {
    /// What the HDF5 library says of a key; of what the system refused it, the system's words alone.
    pub(super) fn hdf5(path: &Path, key: &str, error: &hdf5::Error) -> Error {
        let said = error.to_string();
        let system = || {
            let (function, rest) = said.split_once(": ")?;
            let (_, rest) = rest.split_once("error message = '")?;
            Some(format!("{function}: {}", rest.split('\'').next()?))
        };
        Error::Hdf5 { path: path.to_owned(), key: key.into(), reason: system().unwrap_or_else(|| said.clone()) }
    }
}

/// `map_err` for I/O errors about `path`.
pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
    move |error| Error::Io { path: path.to_owned(), error }
}
