//! Ground-shaking intensity models: ln-mean and standard deviations of an intensity measure for ruptures seen from sites.
//!
//! One file a family of models, in the folder of the region that it was published for; the branches of hazard models and models made of
//! others have folders of their own. Coefficient tables in `coeffs/NAME.csv`, and a registry that finds a model by the name
//! that stands in a logic tree. A model is computed in batches: a structure of arrays of contexts in, an (M, U) array
//! of mean and of each standard deviation out.
//!
//! To add a model: write its family's file with `MODELS`, the declarations with the ranges that each is valid for; its
//! coefficients as `coefficients!` and `table!`; what is the same for all intensity measures as the terms of a context; and the
//! equations as a `batch::Row`. Name the file in the `mod.rs` beside it and in `registry::FAMILIES`, and put the engine's
//! results under `tests/data/gsim/tables`.

mod adapt;
mod crustal;
mod hazard_models;
mod induced;
mod intensity;
mod stable;
mod subduction;
mod volcanic;

mod absent;
mod adjustment;
mod arguments;
mod backarc;
mod basin_scaling;
mod batch;
mod bicubic;
mod borrowed_basins;
mod cap;
mod chi_square;
mod coeffs;
mod contexts;
mod correlation;
mod error;
mod front;
mod ground_motion;
mod hard_ground;
mod imt;
mod interpolate;
mod magnitude;
mod model_info;
mod motion_table;
mod packed;
mod plain;
mod registry;
mod soil;
mod style_and_rock;
mod validity;
mod volcanic_zones;

mod spline;

pub use adapt::average::average_of_probabilities;
pub use adapt::geometric_mean::to_geometric_mean;
pub use contexts::{Contexts, Param};
pub use correlation::CrossCorrelation;
pub use error::GsimError;
pub use ground_motion::GroundMotion;
pub use imt::{Imt, ImtError, ImtKind};
pub use interpolate::interpolate;
pub use model_info::{Component, ModelInfo, StdDev, Trt};
pub use registry::{Identified, Identity, by_name, files_of, info, names, with_files};
pub use validity::{Range, Validity};

use std::sync::Arc;

/// A ground-shaking intensity model.
pub trait Gsim: Send + Sync + std::fmt::Debug {
    /// What is declared of the model: its name, tectonic region, intensity measures, parameters and reference.
    fn info(&self) -> &ModelInfo;

    /// What the model needs of the rupture, the site and the distances. Those of a model made of others are theirs too.
    fn params(&self) -> &[Param] {
        self.info().params
    }

    /// The standard deviations it gives.
    fn std_devs(&self) -> &'static [StdDev] {
        self.info().std_devs
    }

    /// The component of ground motion.
    fn component(&self) -> Component {
        self.info().component
    }

    /// The published models that it computes, by name with the ranges that each is valid for: itself, or those it is made of.
    fn validities(&self) -> Vec<(&'static str, Validity)> {
        vec![(self.info().name, self.info().validity)]
    }

    /// Models with weights whose probabilities of exceedance are to be averaged in place of this model's own. None for
    /// most models.
    fn parts(&self) -> &[(f64, Arc<dyn Gsim>)] {
        &[]
    }

    /// An error naming the model and the intensity measure if the model does not define it (type or period).
    fn check(&self, imt: &Imt) -> Result<(), GsimError>;

    /// An error naming the model if it is not defined for a site with this `vs30`, m/s.
    fn check_vs30(&self, _vs30: f64) -> Result<(), GsimError> {
        Ok(())
    }

    /// Whether -999 for a depth of the ground stands for the depth that the model itself relates to vs30 (engine behaviour since 3.26).
    fn infers_depths(&self) -> bool {
        false
    }

    /// Why the model is not defined for the `at`-th of `ctx`, where it says more than that its motion is not a number: a
    /// magnitude outside a table, say. `None` if it is defined, or does not know why it is not.
    fn outside(&self, _ctx: &Contexts, _at: usize) -> Option<String> {
        None
    }

    /// Fill `out` (resized to `imts.len()` × `ctx.len()`) with ln-mean, sigma, tau and phi for every intensity measure
    /// and context. `imts` have passed [`Gsim::check`] and the columns named by [`Gsim::params`] are filled. Where the model
    /// is not defined for a context, the mean is not a number, and whoever asked stops: see [`Gsim::outside`].
    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion);
}
