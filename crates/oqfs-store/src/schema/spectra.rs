//! The datasets of conditional spectra.

use super::KeyedSchema;

/// The group of the spectra of each realization.
pub const CS_RLZS: &str = "cs-rlzs";
/// The group of the spectra of the mean over the realizations.
pub const CS_STATS: &str = "cs-stats";
/// The rates of the motions that the spectra are of.
pub const CS_SHARES: &str = "cs-shares";

const WANTED: &str = "with `postproc_func = conditional_spectrum.main`";

/// The datasets of conditional spectra.
pub const CONDITIONAL_SPECTRA: &[KeyedSchema] = &[
    KeyedSchema {
        key: "cs-rlzs/array",
        axes: "site_id, poe, rlz, period, mea and std",
        dtype: "float64",
        meaning: "`mea`: the exponential of the mean logarithm of motion at a period, g, given motion above the level of `imt_ref` at the \
                  probability, where the weights of all such motion count as 1 together; `std`: the standard deviation of the logarithm, about the \
                  mean over the realizations. What stands along the axes is in datasets beside it",
        when: WANTED,
    },
    KeyedSchema {
        key: "cs-stats/array",
        axes: "site_id, poe, stat, period, mea and std",
        dtype: "float64",
        meaning: "the same of the mean over the realizations; `stat` is `mean`",
        when: WANTED,
    },
    KeyedSchema {
        key: CS_SHARES,
        axes: "site_id, poe, rlz",
        dtype: "float64",
        meaning: "what the weights are together: the rate of motion above the level by realization, over the rate of the probability",
        when: WANTED,
    },
];
