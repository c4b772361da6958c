//! Classical probabilistic seismic-hazard analysis: a job in, hazard curves out. Knows no HDF5 and no file system in user space.
//!
//! ```text
//! job.ini ──> job ──> (nrml, site, logictree, source, gsim) ──> calc
//!             parse        the model, plain data               numbers
//! ```
//!
//! The modules stand in that order, and none uses one to its right. Ground-motion models and geometry are a crate of their own,
//! `oqfs-gsim`, whose modules are named here too.

pub use oqfs_gsim::{arrays, geo, gsim, nearest};

pub mod calc;
pub mod job;
pub mod logictree;
pub mod nrml;
pub mod site;
pub mod source;
