//! Calculations on disk, and how they look as files: between the calculator and the file system.
//!
//! ```text
//! calc ──> datastore ──> reader ──> view ──> fs
//! numbers    HDF5       processes  files
//! ```
//!
//! [`datastore`] alone calls the HDF5 library. [`reader`] has processes of their own call it for whoever shows
//! datastores; [`view`] shows a datastore as directories, `.npy` files and text; [`npy`] writes their
//! headers. [`schema`] says what a calculation has in its datastore. What comes before is `oqfs-hazard`, whose modules that are used here are named too.

pub use oqfs_hazard::{arrays, geo, logictree};

pub mod datastore;
pub mod npy;
pub mod reader;
pub mod schema;
pub mod view;
