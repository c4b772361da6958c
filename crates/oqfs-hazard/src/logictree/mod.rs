//! Logic trees: source models and ground-motion models with their weights, and the realizations that they make.
//!
//! A realization is one path through both trees. Without sampling there is one for every pair of paths, those of the
//! source model tree sorted by their branch ids; with sampling they are drawn with the engine's seeds, in its order.

mod compose;
mod full;
mod generator;
mod gsim_tree;
mod sampling;
mod short;
mod source_model_tree;
mod uncertainty;

pub use compose::{Realization, Sampling, realizations};
pub use full::{FullLogicTree, LabelledTree};
pub use generator::Generator;
pub use gsim_tree::{GsimBranch, GsimLogicTree};
pub use short::{FirstLetters, ShortNames};
pub use source_model_tree::{Filter, SourceModelLogicTree, SourceModelPath};
pub use uncertainty::{Applied, Uncertainty};

use crate::nrml::NrmlError;

/// Why a logic tree cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LogicTreeError {
    /// What is wrong in a file.
    #[error(transparent)]
    File(#[from] NrmlError),
    /// Too many realizations.
    #[error(
        "the logic tree has {found} potential realizations, over max_potential_paths = {limit}: sample it with \
         number_of_logic_tree_samples, raise the limit, or have the mean alone with use_rates = true"
    )]
    TooMany {
        /// How many there would be.
        found: usize,
        /// How many are accepted.
        limit: usize,
    },
    /// More realizations than can be held.
    #[error(
        "the logic tree has {found} potential realizations, over the {limit} that can be held: sample it with \
         number_of_logic_tree_samples"
    )]
    TooManyToHold {
        /// How many there would be.
        found: usize,
        /// How many can be held.
        limit: usize,
    },
}
