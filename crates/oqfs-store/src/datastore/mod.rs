//! Calculations on disk: ids and folders, the datastore, its single writer, HDF5 types.
//!
//! | here | what |
//! |---|---|
//! | [`DataDir`], [`CalcFolder`], [`CalcRef`] | the data directory, the folder `calc_N`, a way to name a calculation |
//! | [`DataStore`] | an HDF5 file used like a dictionary |
//! | [`Writer`], [`WriterHandle`] | the one thread that writes, and what is given to those who compute |
//! | [`ArrayData`], [`Attr`] | an array and an attribute value on their way to the writer |
//! | [`open_arrays`] | an HDF5 file among the inputs of a job |
//! | [`read`] | an HDF5 file as a reader sees it, object by object |
//! | [`Beside`] | the files beside it that hold elements of its datasets |
//! | [`DType`] | an HDF5 type as plain data |
//! | [`index`] | which datasets of a datastore being written are complete |
//! | [`Claim`] | the right to work on a calculation, of one process at a time |
//! | [`Rights`] | what another user may open |
//! | [`KeptFiles`] | what calculations leave for later ones |
//! | [`Share`], [`Leases`] | a calculation whose work several processes share, and who of them does what |
//! | [`SharedLog`] | what all of them have logged |
//! | [`JobState`] | what `job.json` holds and `status` shows |
//!
//! The HDF5 library takes one call at a time, whatever the number of threads: the `hdf5` crate holds one lock around each.

mod arrays;
pub mod beside;
mod calc_folder;
mod chunks;
mod claim;
pub mod dtype;
mod error;
mod filters;
mod folder;
mod h5;
mod held;
mod holder;
pub mod index;
mod kept;
mod layout;
mod lease;
mod lone;
mod mounts;
pub(crate) mod numpy_tag;
pub mod open;
mod order;
mod own;
pub mod read;
mod remove;
mod rights;
pub mod scratch;
mod share;
mod shared_files;
mod shared_log;
mod state;
mod store;
mod value;
mod writer;
mod writing;

pub use arrays::open_arrays;
pub use beside::{Beside, Watcher};
pub use calc_folder::{CalcFolder, StateStamp};
pub use claim::{CANCEL, CLAIM, Claim, is_claim_lease};
pub use dtype::DType;
pub use error::{Error, Result};
pub use folder::{
    CalcRef, DataDir, FoundDatastore, HIDDEN, INDEX, JOB, OUTPUT, PARTIAL, PROVENANCE, SUBMISSION, file_id, folder_id,
};
pub use held::{is_left, still_writes};
pub use holder::Holder;
pub use kept::{KEPT, KeptFiles};
pub use layout::LAYOUT;
pub use lease::{Generations, Lease, LeaseStanding, Leases};
pub use lone::LoneFile;
pub use mounts::{MountInfo, SUBTYPE, mounted_by, point_of};
pub use open::hdf5_version;
pub use order::{Move, ORDER_XATTR};
pub(crate) use own::{open_own, open_regular};
pub use remove::SAID;
pub use rights::Rights;
pub use share::{SHARE, STALE, Share, ShareAbout};
pub use shared_log::SharedLog;
pub use state::{Clock, JobEstimate, JobState, State};
pub use store::DataStore;
pub use value::{ArrayData, Attr, Element, float_json};
pub use writer::{Attrs, QUEUE, Writer, WriterHandle};

pub use hdf5::H5Type;
