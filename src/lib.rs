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
//! `calc` are the crates `oqfs-gsim` and `oqfs-hazard`; their modules are named here too.

pub use oqfs_hazard::{arrays, calc, geo, gsim, job, logictree, nearest, nrml, site, source};

pub mod cli;
pub mod daemon;
pub mod datastore;
pub mod fs;
pub mod fuse;
pub mod npy;
pub mod view;
