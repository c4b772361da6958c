//! The datasets of a disaggregation.

use crate::datastore::Attrs;

/// Datasets that stand under one key, or one dataset.
#[derive(Clone, Copy, Debug)]
pub struct DisaggSchema {
    /// The key; `MARGINAL` and `AXIS` stand for names.
    pub key: &'static str,
    /// Its axes, for readers.
    pub axes: &'static str,
    /// Its type.
    pub dtype: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// When it is there.
    pub when: &'static str,
}

/// The group of the marginals of each realization.
pub const DISAGG_RLZS: &str = "disagg-rlzs";
/// The group of the marginals of the mean over the realizations.
pub const DISAGG_STATS: &str = "disagg-stats";
/// The group of the edges of bins.
pub const DISAGG_BINS: &str = "disagg-bins";
/// The realizations of each site.
pub const BEST_RLZS: &str = "best_rlzs";
/// The levels that are disaggregated.
pub const DISAGG_LEVELS: &str = "hmap3";
/// The probabilities of exceedance of all bins together.
pub const DISAGG_ALL: &str = "poe4";

const ALWAYS: &str = "in disaggregations";

/// The datasets of a disaggregation.
pub const DISAGG: &[DisaggSchema] = &[
    DisaggSchema {
        key: "disagg-rlzs/MARGINAL",
        axes: "site_id, bins of each axis of the marginal, imt, poe, Z",
        dtype: "float64",
        meaning: "the probability that ruptures of a bin exceed the level in the investigation time, by the realizations of `best_rlzs`; a marginal \
                  is one of `disagg_outputs`, and the attribute `shape_descr` has the axes",
        when: ALWAYS,
    },
    DisaggSchema {
        key: "disagg-stats/MARGINAL",
        axes: "site_id, bins of each axis of the marginal, imt, poe, 1",
        dtype: "float64",
        meaning: "the same by the mean of the rates of these realizations, each with its weight",
        when: "with several realizations",
    },
    DisaggSchema {
        key: "disagg-bins/AXIS",
        axes: "edges; of `Lon` and `Lat` site_id, edges",
        dtype: "float64",
        meaning: "the edges of the bins of `Mag`, `Dist` (km), `Lon`, `Lat` (degrees) and `Eps`; the names of the bins of `TRT`",
        when: ALWAYS,
    },
    DisaggSchema {
        key: BEST_RLZS,
        axes: "site_id, Z",
        dtype: "int64",
        meaning: "the realizations that are disaggregated, those whose curves at the site are nearest to the mean ones first",
        when: ALWAYS,
    },
    DisaggSchema {
        key: DISAGG_LEVELS,
        axes: "site_id, imt, poe",
        dtype: "float64",
        meaning: "the levels that are disaggregated: those of the mean curves at the probabilities, or those of `iml_disagg`; 0 where there is no hazard",
        when: ALWAYS,
    },
    DisaggSchema {
        key: DISAGG_ALL,
        axes: "site_id, imt, poe, Z",
        dtype: "float64",
        meaning: "the probability that ruptures of any bin exceed the level; 1e-12 at least",
        when: ALWAYS,
    },
];

/// The attribute of a marginal that names its axes.
pub fn axes_of_marginal(axes: &[&str]) -> Attrs {
    let all = std::iter::once("site_id").chain(axes.iter().copied()).chain(["imt", "poe", "Z"]);
    vec![("shape_descr".to_string(), all.collect::<Vec<&str>>().into())]
}
