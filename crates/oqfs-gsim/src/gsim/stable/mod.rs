//! Stable continental crust.

pub(super) mod allen_2012;
pub(super) mod atkinson_boore_1995;
pub(super) mod atkinson_boore_2006;
pub(super) mod bayless_somerville_2024;
pub(super) mod bindi_2017;
pub(super) mod campbell_2003;
pub(super) mod douglas_2024;
pub(super) mod drouet_brazil_2015;
pub(super) mod frankel_1996;
pub(super) mod pezeshk_2011;
pub(super) mod raghukanth_iyengar_2007;
pub(super) mod rietbrock_2013;
pub(super) mod shahjouei_pezeshk_2016;
pub(super) mod silva_2002;
pub(super) mod somerville_2001;
pub(super) mod somerville_2009;
pub(super) mod stewart_2020;
pub(super) mod taherian_2024;
pub(super) mod tavakoli_pezeshk_2005;
pub(super) mod toro_2002;
