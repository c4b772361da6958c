//! Volcanic regions.

pub(super) mod lanzano_luzi_2019;
pub(super) mod munson_thurber_1997;
pub(super) mod ramadan_2023;
pub(super) mod scala_2025;
pub(super) mod tusa_langer_2016;
pub(super) mod tusa_langer_azzaro_2019;
pub(super) mod wong_2022;
