//! Classical PSHA: from the model of a job to hazard curves and maps. Numbers only; who keeps them implements [`Output`].

// a typology, a distribution or a parameter more does not compile before each place has decided upon it
#![warn(clippy::wildcard_enum_match_arm)]

mod accumulate;
mod added_rates;
mod amplification;
mod by_source;
mod calculation;
mod classical;
mod contexts;
mod costs;
mod curves;
mod demands;
mod dependence;
mod deposits;
mod differences;
mod disagg;
mod estimate;
mod exceedance;
mod executor;
mod fault;
mod filter;
mod grid;
mod group;
mod kernel;
mod maps;
mod model;
mod moments;
mod pieces;
mod placed;
mod points;
mod preclassical;
mod probe;
mod reuse;
mod second;
mod shapes;
mod shared;
mod sites;
#[cfg(test)]
mod small;
mod sources;
mod spectra;
mod stats;
mod surfaces;
mod validity;

pub use crate::digest::Digest;
pub use added_rates::Added;
pub use calculation::Piece;
pub use classical::{Output, Summary, classical};
pub use costs::PieceCosts;
pub use curves::{Curves, Layout};
pub use disagg::{DisaggBins, DisaggLayout, Disaggregation, SiteDisaggregation, SourceDisaggregation};
pub use estimate::{Effort, Estimate, SPEED_ERROR, working_memory};
pub use exceedance::{Exceedance, Motions, PaddedLevels};
pub use executor::{Executor, OneByOne, Threads};
pub use grid::Cell;
pub use group::{GroupCurves, group_curves};
pub use model::{KeptCurves, Model};
pub use pieces::Block;
pub use placed::Placed;
pub use preclassical::preclassical;
pub use reuse::{BUILD, BlockRates, Digests, RateStore, is_small};
pub use second::{SecondOutput, in_two_passes, second_passes};
pub use shapes::{PartRows, ShapePart, SourceRows, SourceShapes};
pub use shared::SharedWork;
pub use sources::{SourceGroup, Unit};
pub use spectra::{ConditionalSpectra, Spectra};
pub use stats::Statistic;

use crate::gsim::GsimError;
use crate::job::JobError;
use crate::logictree::LogicTreeError;
use crate::nrml::NrmlError;
use crate::site::SiteError;
use crate::source::{Origin, Source, SourceError};

/// Why there is no hazard.
#[derive(Debug, thiserror::Error)]
pub enum CalcError {
    /// The job file.
    #[error(transparent)]
    Job(#[from] JobError),
    /// An input file.
    #[error(transparent)]
    Input(#[from] NrmlError),
    /// The logic trees.
    #[error(transparent)]
    LogicTree(#[from] LogicTreeError),
    /// A ground-motion model.
    #[error(transparent)]
    Gsim(#[from] GsimError),
    /// The sites.
    #[error(transparent)]
    Sites(#[from] SiteError),
    /// A source.
    #[error("{origin}: source {id}: {error}")]
    Source {
        /// Its id.
        id: String,
        /// Where it is defined.
        origin: Origin,
        /// What is wrong with it.
        error: SourceError,
    },
    /// No rupture is near any site.
    #[error("the sites are far from all sources: no rupture is within the maximum_distance of any site")]
    FarFromSources,
    /// A model gives no scatter where the job asks for it.
    #[error("{model} gives a standard deviation of zero for {imt}; with it truncation_level must be 0")]
    NoScatter {
        /// The model.
        model: String,
        /// The intensity measure.
        imt: String,
    },
    /// A model gives no motion for a context that it should be defined for.
    #[error(
        "{model} gives no motion for {imt}: ln-mean {mean}, standard deviation {sigma}; source {id}, with {context}"
    )]
    NotFinite {
        /// The model.
        model: String,
        /// The intensity measure.
        imt: String,
        /// The source.
        id: String,
        /// The ln-mean that it gave.
        mean: f64,
        /// The standard deviation with it.
        sigma: f64,
        /// What the model was asked for.
        context: String,
    },
    /// A context that a model is not defined for.
    #[error("{model} gives no motion for {imt}: {reason}; source {id}, with {context}")]
    Outside {
        /// The model.
        model: String,
        /// The intensity measure.
        imt: String,
        /// The source.
        id: String,
        /// Why.
        reason: String,
        /// What the model was asked for.
        context: String,
    },
    /// Two parts of the program do not agree on what a source is.
    #[error("source {id}: {what}; this is a fault of the program, please report it")]
    Inconsistent {
        /// The source.
        id: String,
        /// What they do not agree on.
        what: &'static str,
    },
    /// The executor left work out.
    #[error("a piece of the calculation's work was not done; this is a fault of the program, please report it")]
    Undone,
    /// Somebody stopped it.
    #[error("cancelled")]
    Cancelled,
    /// The results could not be kept.
    #[error("the results could not be written: {0}")]
    Output(Box<dyn std::error::Error + Send + Sync>),
}

impl CalcError {
    /// What is wrong with a source.
    fn of_source(source: &Source, error: SourceError) -> CalcError {
        CalcError::Source { id: source.id.clone(), origin: source.origin.clone(), error }
    }
}

/// Who watches a calculation.
pub trait Monitor: Sync {
    /// A stage has come this far, from 0 to 1.
    fn progress(&self, stage: &str, done: f64);

    /// What a piece of work is expected to take, in whatever unit: progress counts by it.
    fn expected(&self, piece: Piece) -> f64 {
        piece.pairs()
    }

    /// Whether the calculation should stop; it is asked often.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// Nobody watches.
impl Monitor for () {
    fn progress(&self, _: &str, _: f64) {}
}
