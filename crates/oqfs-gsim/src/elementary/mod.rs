//! Elementary functions that give the same bits on every processor.
//!
//! - [`fused`]: for loops over many numbers, which the compiler vectorises

pub mod fused;
