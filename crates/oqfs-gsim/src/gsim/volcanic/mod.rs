//! Volcanic regions.

pub(super) mod lanzano_luzi_2019;
pub(super) mod munson_thurber_1997;
pub(super) mod tusa_langer_2016;
pub(super) mod tusa_langer_azzaro_2019;
pub(super) mod wong_2022;
