//! `oqfs`: a directory of seismic-hazard calculations as a file system, and a classical PSHA calculator.
//!
//! Data flows one way, from a job to the reader:
//!
//! ```text
//! job.ini ──> job ──> (nrml, site, logictree, source, gsim) ──> calc ──> datastore ──> view ──> fs ──> fuse
//!             parse        the model, plain data               numbers    HDF5       files   tree   kernel
//! ```
//!
//! The modules stand in that order. None uses one to its right; `cli` and `daemon` sit on top and tie them together. All up to
//! `view` are the crates `oqfs-gsim`, `oqfs-hazard` and `oqfs-store`; their modules are named here too.

// they panic where nobody reads; `cli::out` does not
#![warn(clippy::print_stdout, clippy::print_stderr)]

pub use oqfs_hazard::{arrays, calc, geo, gsim, job, logictree, nearest, nrml, site, source};
pub use oqfs_store::{datastore, npy, reader, schema, view};

pub mod cli;
pub mod daemon;
pub mod fs;
pub mod fuse;
