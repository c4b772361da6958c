//! Models of the project NGA-West (2008) as BC Hydro takes them: with an epistemic shift of the median by period, and a standard
//! deviation at a single station.
//!
//! BC Hydro, 2012. Probabilistic seismic hazard analysis (PSHA) model, volume 3: ground motion characterization model.
//!
//! The arguments are `sigma_mu_epsilon`, how many shifts are added to the ln-mean, and `single_stat_sigma`.

use std::sync::{Arc, LazyLock};

use crate::gsim::adapt::forward::forward;
use crate::gsim::arguments::Arguments;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::{abrahamson_silva_2008, boore_atkinson_2008, campbell_bozorgnia_2008, chiou_youngs_2008};
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Contexts, GroundMotion, Gsim, GsimError, Imt, ModelInfo};

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "AbrahamsonSilva2008BCHydro": abrahamson_silva_2008::BASE => make("AbrahamsonSilva2008", &FOUR_HUNDREDTHS),
    "BooreAtkinson2008BCHydro": boore_atkinson_2008::BASE => make("BooreAtkinson2008", &WITHOUT),
    "CampbellBozorgnia2008BCHydro": campbell_bozorgnia_2008::BASE => make("CampbellBozorgnia2008", &WITHOUT),
    "ChiouYoungs2008BCHydro": chiou_youngs_2008::BASE => make("ChiouYoungs2008", &FOUR_HUNDREDTHS),
};

coefficients! {
    /// The factor of the standard deviation, and the shift of the ln-mean.
    struct Coeffs { s2sss, fe }
}

/// With a row for 0.04 s, and without.
static FOUR_HUNDREDTHS: LazyLock<Table<Coeffs>> = table!("BCHydro2012_nga.csv", "four");
static WITHOUT: LazyLock<Table<Coeffs>> = table!("BCHydro2012_nga.csv", "two");

fn make(
    info: &'static ModelInfo,
    arguments: &mut Arguments,
    published: &str,
    coeffs: &'static LazyLock<Table<Coeffs>>,
) -> Made {
    let epsilon = arguments.number_or("sigma_mu_epsilon", 0.0)?;
    let single_station = arguments.flag_or("single_stat_sigma", false)?;
    let model = arguments.make(published, toml::Table::new())?;
    Ok(Arc::new(Adjusted { info, model, coeffs, epsilon, single_station }))
}

/// A published model with BC Hydro's adjustments.
#[derive(Debug)]
struct Adjusted {
    info: &'static ModelInfo,
    model: Arc<dyn Gsim>,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    epsilon: f64,
    single_station: bool,
}

impl Gsim for Adjusted {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    forward!(model: check_vs30, infers_depths, outside);

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)?;
        self.model.check(imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        self.model.compute(ctx, imts, out);
        for (m, imt) in imts.iter().enumerate() {
            let (c, row) = (self.coeffs.at(imt), out.row(m));
            out.mean[row.clone()].iter_mut().for_each(|mean| *mean += self.epsilon * c.fe);
            if self.single_station {
                out.sig[row].iter_mut().for_each(|sig| *sig *= c.s2sss);
            }
        }
    }
}
