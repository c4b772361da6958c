//! The datasets of a disaggregation.

use crate::datastore::{ArrayData, Attrs};

/// Datasets that stand under one key, or one dataset.
#[derive(Clone, Copy, Debug)]
pub struct KeyedSchema {
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
/// The group of the disaggregations by source.
pub const DISAGG_BY_SRC: &str = "mean_disagg_by_src";

const ALWAYS: &str = "in disaggregations";

/// The datasets of a disaggregation.
pub const DISAGG: &[KeyedSchema] = &[
    KeyedSchema {
        key: "disagg-rlzs/MARGINAL",
        axes: "site_id, bins of each axis of the marginal, imt, poe, Z",
        dtype: "float64",
        meaning: "the probability that ruptures of a bin exceed the level in the investigation time, by the realizations of `best_rlzs`; a marginal \
                  is one of `disagg_outputs`, and the attribute `shape_descr` has the axes",
        when: ALWAYS,
    },
    KeyedSchema {
        key: "disagg-stats/MARGINAL",
        axes: "site_id, bins of each axis of the marginal, imt, poe, 1",
        dtype: "float64",
        meaning: "the same by the mean of the rates of these realizations, each with its weight",
        when: "with several realizations",
    },
    KeyedSchema {
        key: "disagg-bins/AXIS",
        axes: "edges; of `Lon` and `Lat` site_id, edges",
        dtype: "float64",
        meaning: "the edges of the bins of `Mag`, `Dist` (km), `Lon`, `Lat` (degrees) and `Eps`; the names of the bins of `TRT`",
        when: ALWAYS,
    },
    KeyedSchema {
        key: BEST_RLZS,
        axes: "site_id, Z",
        dtype: "int64",
        meaning: "the realizations that are disaggregated, those whose curves at the site are nearest to the mean ones first",
        when: ALWAYS,
    },
    KeyedSchema {
        key: DISAGG_LEVELS,
        axes: "site_id, imt, poe",
        dtype: "float64",
        meaning: "the levels that are disaggregated: those of the mean curves at the probabilities, or those of `iml_disagg`; 0 where there is no hazard",
        when: ALWAYS,
    },
    KeyedSchema {
        key: DISAGG_ALL,
        axes: "site_id, imt, poe, Z",
        dtype: "float64",
        meaning: "the probability that ruptures of any bin exceed the level; 1e-12 at least",
        when: ALWAYS,
    },
    KeyedSchema {
        key: "mean_disagg_by_src/SITE/array",
        axes: "source_id, mag, dist, eps, imt; at probabilities poe too",
        dtype: "float64",
        meaning: "how often ruptures of a source are expected to exceed the level in the investigation time, the mean over all realizations. A \
                  source is there that gives more than a tenth of what the first one gives at some level. What stands along the axes is in \
                  datasets beside it, of bins their middles; `iml` has the levels",
        when: "with `disagg_by_src`; the engine has it of `postproc_func = disagg_by_rel_sources.main`, at one level",
    },
];

/// The attribute of a marginal that names its axes.
pub fn axes_of_marginal(axes: &[&str]) -> Attrs {
    let all = std::iter::once("site_id").chain(axes.iter().copied()).chain(["imt", "poe", "Z"]);
    vec![("shape_descr".to_string(), all.collect::<Vec<&str>>().into())]
}

/// What stands along the axes of a disaggregation by source, each with its name.
pub fn axes_by_source<'a>(
    sources: &[String],
    [mag, dist, eps]: [&[f64]; 3],
    imts: &[String],
    poes: &[f64],
) -> Vec<(&'a str, ArrayData)> {
    let middles = |edges: &[f64]| edges.windows(2).map(|two| (two[0] + two[1]) / 2.0).collect::<Vec<f64>>().into();
    let mut axes = vec![
        ("source_id", ArrayData::fixed_strings(sources)),
        ("mag", middles(mag)),
        ("dist", middles(dist)),
        ("eps", middles(eps)),
        ("imt", ArrayData::fixed_strings(imts)),
    ];
    if !poes.is_empty() {
        axes.push(("poe", poes.to_vec().into()));
    }
    axes
}
