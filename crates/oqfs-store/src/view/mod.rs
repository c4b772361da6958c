//! What a calculation looks like as files.
//!
//! A [`Tree`] is the view of one HDF5 file in one state: directories for groups, `.npy` files for datasets, text beside scalar
//! strings, symlinks for links. It is made from metadata alone, group by group, as it is looked at. A [`Calc`] is the folder
//! of a calculation: the tree, the files beside it, its status; it gives a new tree when the HDF5 file has changed, or another
//! file that holds elements of it.
//!
//! While a datastore is written, its tree comes from the index its writer publishes ([`crate::datastore::index`]), never from
//! the HDF5 library: it has the datasets that are complete, and their bytes are read in place.

mod at;
mod attrs;
mod blocks;
mod cache;
mod calc;
mod check;
pub mod compare;
mod csv;
mod decoded;
mod decoded_chunks;
mod export;
mod file;
mod grid;
mod links;
pub mod names;
pub mod plots;
mod ragged;
mod report;
mod results;
mod source;
mod standing;
mod table;
mod tree;
mod views;

pub use cache::Cache;
pub use calc::{Calc, Real, Seen};
pub use check::{Checked, check};
pub use file::File;
pub use standing::Standing;
pub use tree::{Dir, Tree, TreeEntry, ViewNode};
pub use views::Views;

/// Why something of a view cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Datastore(#[from] crate::datastore::Error),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// Whoever reads the HDF5 file cannot.
    #[error(transparent)]
    Reader(crate::reader::Error),
    /// No file can hold it, for this reason.
    #[error("{0}")]
    Unsupported(String),
}

impl From<crate::reader::Error> for Error {
    fn from(error: crate::reader::Error) -> Self {
        match error {
            crate::reader::Error::Datastore(error) => Self::Datastore(error),
            other => Self::Reader(other),
        }
    }
}

impl From<crate::npy::Unsupported> for Error {
    fn from(why: crate::npy::Unsupported) -> Self {
        Self::Unsupported(why.0)
    }
}

/// The result of looking at a view.
pub type Result<T, E = Error> = std::result::Result<T, E>;
