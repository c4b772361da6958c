//! Ground-shaking intensity models: ln-mean and standard deviations of an intensity measure for ruptures seen from sites.
//!
//! One file a family of models, coefficient tables in `coeffs/NAME.csv`, and a registry that finds a model by the name
//! that stands in a logic tree. A model is computed in batches: a structure of arrays of contexts in, an (M, U) array
//! of mean and of each standard deviation out.
//!
//! To add a model: write its family's file with `MODELS`, the declarations; its coefficients as `coefficients!` and
//! `table!`; what is the same for all intensity measures as the terms of a context; and the equations as a
//! `batch::Row`. Name the file in `registry::FAMILIES`, and put the engine's results under `tests/data/gsim/tables`.

mod arguments;
mod average;
mod average_sa;
mod backarc;
mod batch;
mod bicubic;
mod coeffs;
mod contexts;
mod error;
mod eshm20;
mod forward;
mod geometric_mean;
mod ground_motion;
mod imt;
mod kuehn_2020_sigma_mu;
mod math;
mod mixture;
mod model_info;
mod modifiable;
mod motion_table;
mod nga_sub;
mod nga_west2;
mod nrcan15;
mod nshmp2008;
mod packed;
mod parker_2020_places;
mod registry;
mod share;
mod soil;
mod swiss;
mod vertical_ratio;

mod abrahamson_2014;
mod abrahamson_2015;
mod abrahamson_2018;
mod abrahamson_gulerce_2020;
mod abrahamson_silva_1997;
mod abrahamson_silva_2008;
mod akkar_2014;
mod akkar_bommer_2010;
mod akkar_cagnan_2010;
mod allen_wald_2012;
mod ameri_2017;
mod armenia_2016;
mod arteta_2021;
mod arteta_2023;
mod atkinson_boore_2003;
mod atkinson_boore_2006;
mod atkinson_macias_2009;
mod bayless_abrahamson_2018;
mod bindi_2011;
mod bindi_2011_ipe;
mod bindi_2014;
mod boore_1997;
mod boore_2014;
mod boore_atkinson_2008;
mod bradley_2013;
mod campbell_1997;
mod campbell_2003;
mod campbell_bozorgnia_2003;
mod campbell_bozorgnia_2008;
mod campbell_bozorgnia_2014;
mod can15;
mod cauzzi_2014;
mod cauzzi_faccioli_2008;
mod chao_2020;
mod chiou_youngs_2008;
mod chiou_youngs_2014;
mod douglas_2013;
mod dowrick_rhoades_2005;
mod drouet_alpes_2015;
mod edwards_fah_2013;
mod faccioli_cauzzi_2006;
mod frankel_1996;
mod ghofrani_atkinson_2014;
mod gmpe_table;
mod hassani_atkinson_2020;
mod idini_2017;
mod idriss_2014;
mod kanno_2006;
mod kotha_2016;
mod kotha_2020;
mod kuehn_2020;
mod lanzano_2016;
mod lanzano_2019;
mod lanzano_luzi_2019;
mod lin_lee_2008;
mod mcverry_2006;
mod morikawa_fujiwara_2013;
mod munson_thurber_1997;
mod nbcc_2015;
mod nga_east;
mod parker_2020;
mod pezeshk_2011;
mod phung_2020_crust;
mod phung_2020_subduction;
mod sadigh_1997;
mod sera_amplification;
mod si_2020;
mod si_midorikawa_1999;
mod silva_2002;
mod somerville_2001;
mod stewart_2016;
mod tavakoli_pezeshk_2005;
mod toro_2002;
mod tusa_langer_2016;
mod yenier_atkinson_2015;
mod youngs_1997;
mod yu_2013;
mod zhao_2006;
mod zhao_2016;

pub use average::average_of_probabilities;
pub use contexts::{Contexts, Param};
pub use error::GsimError;
pub use geometric_mean::to_geometric_mean;
pub use ground_motion::GroundMotion;
pub use imt::{Imt, ImtError, ImtKind};
pub use math::interpolate;
pub use model_info::{Component, ModelInfo, StdDev, Trt};
pub use registry::{by_name, files_of, info, names, with_files};

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

    /// Fill `out` (resized to `imts.len()` × `ctx.len()`) with ln-mean, sigma, tau and phi for every intensity measure
    /// and context. `imts` have passed [`Gsim::check`] and the columns named by [`Gsim::params`] are filled.
    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion);
}
