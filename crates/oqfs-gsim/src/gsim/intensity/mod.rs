//! Macroseismic intensity.

pub(super) mod allen_wald_2012;
pub(super) mod baumont_2018;
pub(super) mod bindi_2011_ipe;
pub(super) mod dowrick_rhoades_2005;
pub(super) mod ecos_2009;
