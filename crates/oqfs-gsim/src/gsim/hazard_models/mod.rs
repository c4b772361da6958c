//! The models of national and regional hazard models: those of their own, and the variants and branches that they make of
//! published models. They use the files of the published models, which do not use these.

pub(super) mod armenia_2016;
pub(super) mod aus23;
pub(super) mod bc_hydro_2012;
pub(super) mod can15;
pub(super) mod canada_shm6;
pub(super) mod emme24;
pub(super) mod eshm20;
pub(super) mod nbcc_2015;
pub(super) mod nga_east;
pub(super) mod nrcan15;
pub(super) mod nshmp2008;
pub(super) mod share;
pub(super) mod swiss;
