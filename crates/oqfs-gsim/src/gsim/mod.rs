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
mod multi;
mod nga_sub;
mod nga_west2;
mod nrcan15;
mod nshmp2008;
mod packed;
mod parker_2020_places;
mod plain;
mod registry;
mod share;
mod soil;
mod swiss;
mod vertical_ratio;
mod volcanic_zones;

mod abrahamson_2014;
mod abrahamson_2015;
mod abrahamson_2018;
mod abrahamson_gulerce_2020;
mod abrahamson_silva_1997;
mod abrahamson_silva_2008;
mod afshari_stewart_2016;
mod akkar_2014;
mod akkar_bommer_2010;
mod akkar_cagnan_2010;
mod allen_2012;
mod allen_2022;
mod allen_wald_2012;
mod ambraseys_2005;
mod ameri_2017;
mod aristeidou_2024;
mod armenia_2016;
mod arroyo_2010;
mod arteta_2021;
mod arteta_2023;
mod atkinson_2015;
mod atkinson_2022;
mod atkinson_boore_1995;
mod atkinson_boore_2003;
mod atkinson_boore_2006;
mod atkinson_macias_2009;
mod bahrampouri_2021_duration;
mod baumont_2018;
mod bayless_abrahamson_2018;
mod berge_thierry_2003;
mod bindi_2011;
mod bindi_2011_ipe;
mod bindi_2014;
mod bindi_2017;
mod bommer_2009;
mod boore_1993;
mod boore_1997;
mod boore_2014;
mod boore_2020;
mod boore_atkinson_2008;
mod bora_2019;
mod bozorgnia_campbell_2016;
mod bradley_2013;
mod campbell_1997;
mod campbell_2003;
mod campbell_bozorgnia_2003;
mod campbell_bozorgnia_2008;
mod campbell_bozorgnia_2014;
mod can15;
mod canada_shm6;
mod cauzzi_2014;
mod cauzzi_faccioli_2008;
mod chao_2020;
mod chiou_youngs_2008;
mod chiou_youngs_2014;
mod climent_1994;
mod convertito_2012;
mod derras_2014;
mod dost_2004;
mod douglas_2013;
mod dowrick_rhoades_2005;
mod drouet_alpes_2015;
mod drouet_brazil_2015;
mod ecos_2009;
mod edwards_fah_2013;
mod faccioli_cauzzi_2006;
mod frankel_1996;
mod fukushima_tanaka_1990;
mod garcia_2005;
mod geomatrix_1993;
mod ghasemi_2009;
mod ghofrani_atkinson_2014;
mod gmpe_table;
mod gulerce_2017;
mod gulerce_abrahamson_2011;
mod hassani_atkinson_2020;
mod hong_goda_2007;
mod idini_2017;
mod idriss_2014;
mod jaimes_2020;
mod kale_2015;
mod kanno_2006;
mod kotha_2016;
mod kotha_2020;
mod kuehn_2020;
mod lanzano_2016;
mod lanzano_2019;
mod lanzano_2020;
mod lanzano_luzi_2019;
mod lateral_spread;
mod lin_2009;
mod lin_2011;
mod lin_lee_2008;
mod manea_2021;
mod mcverry_2006;
mod megawati_2003;
mod megawati_pan_2010;
mod morikawa_fujiwara_2013;
mod munson_thurber_1997;
mod nath_2012;
mod nbcc_2015;
mod nga_east;
mod pankow_pechmann_2004;
mod parker_2020;
mod pezeshk_2011;
mod phung_2020_crust;
mod phung_2020_subduction;
mod raghukanth_iyengar_2007;
mod rietbrock_2013;
mod sadigh_1997;
mod sandikkaya_akkar_2017;
mod sera_amplification;
mod shahjouei_pezeshk_2016;
mod sharma_2009;
mod si_2020;
mod si_midorikawa_1999;
mod silva_2002;
mod skarlatoudis_2013;
mod somerville_2001;
mod somerville_2009;
mod spline;
mod stafford_2022;
mod stewart_2016;
mod tavakoli_pezeshk_2005;
mod toro_2002;
mod travasarou_2003;
mod tromans_2019;
mod tusa_langer_2016;
mod tusa_langer_azzaro_2019;
mod van_houtte_2018;
mod wong_2022;
mod yenier_atkinson_2015;
mod youngs_1997;
mod yu_2013;
mod zafarani_2018;
mod zalachoris_rathje_2019;
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
