//! Ground-motion models for seismic hazard, and the geometry that they and the sources need. Reads and writes no file.
//!
//! - [`gsim`]: the models, one file a family, their registry and their coefficient tables
//! - [`geo`]: geodetic distances, projections, polygons, meshes and surfaces, on a sphere
//! - [`arrays`]: files of named arrays, as code sees them that may not open one
//! - [`elementary`]: exponential, logarithm and the like, of the same bits on every processor
//! - [`nearest`]: suggestions for misspelt names
//! - [`vector`]: the vector instructions of the processor

// tests hold against the C library what the crate computes without it
#![cfg_attr(test, allow(clippy::disallowed_methods))]

pub mod arrays;
pub mod elementary;
pub mod geo;
pub mod gsim;
pub mod nearest;
pub mod vector;
