//! `oqfs`: a directory of seismic-hazard calculations as a file system, and a classical PSHA calculator.
//!
//! Data flows one way, from a job to the reader:
//!
//! ```text
//! job.ini ──> job ──> (nrml, site, logictree, source, gsim) ──> calc ──> datastore ──> view ──> fs ──> fuse
//!             parse        the model, plain data               numbers    HDF5       files   tree   kernel
//! ```
//!
//! The modules stand in that order. None uses one to its right; `cli` and `daemon` sit on top and tie them together.
//! `nearest` and `arrays` stand aside: suggestions for misspelt names, for whoever reports one, and files of arrays as those
//! see them who may not open one.

pub mod arrays;
pub mod calc;
pub mod cli;
pub mod daemon;
pub mod datastore;
pub mod fs;
pub mod fuse;
pub mod geo;
pub mod gsim;
pub mod job;
pub mod logictree;
pub mod nearest;
pub mod npy;
pub mod nrml;
pub mod site;
pub mod source;
pub mod view;
