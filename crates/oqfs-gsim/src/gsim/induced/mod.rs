//! Induced and geothermal earthquakes.

pub(super) mod atkinson_2015;
pub(super) mod convertito_2012;
pub(super) mod dost_2004;
pub(super) mod douglas_2013;
pub(super) mod zalachoris_rathje_2019;
