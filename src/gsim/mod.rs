//! Ground-shaking intensity models: ln-mean and standard deviations of an intensity measure for ruptures seen from sites.
//!
//! One file a family of models, coefficient tables in `coeffs/NAME.csv`, and a registry that finds a model by the name
//! that stands in a logic tree. A model is computed in batches: a structure of arrays of contexts in, an (M, U) array
//! of mean and of each standard deviation out.

mod contexts;
mod ground_motion;
mod imt;

pub use contexts::{Contexts, Param};
pub use ground_motion::GroundMotion;
pub use imt::{Imt, ImtError};

/// A ground-shaking intensity model.
pub trait Gsim: Send + Sync + std::fmt::Debug {
    /// What is declared of the model: its name, tectonic region, intensity measures, parameters and reference.
    fn info(&self) -> &ModelInfo;

    /// An error naming the model and the intensity measure if the model does not define it (type or period).
    fn check(&self, imt: &Imt) -> Result<(), GsimError>;

    /// Fill `out` (resized to `imts.len()` × `ctx.len()`) with ln-mean, sigma, tau and phi for every intensity measure
    /// and context. `imts` have passed [`Gsim::check`] and the columns named by `info().params` are filled.
    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion);
}
