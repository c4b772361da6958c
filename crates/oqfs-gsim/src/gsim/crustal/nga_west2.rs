//! Epistemic uncertainty of the NGA-West2 models: the models of the United States' national maps of 2014, and the argument
//! `sigma_mu_epsilon` of the others.
//!
//! Petersen M.D., Moschetti M.P., Powers P.M., Mueller C.S., et al., 2014. Documentation for the 2014 update of the
//! United States national seismic hazard maps. USGS Open-File Report 2014-1091, doi:10.3133/ofr20141091, table 17.
//!
//! The models `Lower` and `Upper` are the published one less and plus the adjustment of the table; `Mean` stands for all
//! three, whose probabilities of exceedance are averaged.

use std::sync::Arc;

use crate::gsim::adapt::forward::forward;
use crate::gsim::adapt::mixture;
use crate::gsim::arguments::Arguments;
use crate::gsim::crustal::abrahamson_2014;
use crate::gsim::crustal::boore_2014;
use crate::gsim::crustal::campbell_bozorgnia_2014;
use crate::gsim::crustal::chiou_youngs_2014;
use crate::gsim::crustal::idriss_2014;
use crate::gsim::registry::{self, Made, Model};
use crate::gsim::{Contexts, GroundMotion, Gsim, Imt, ModelInfo, Param};

/// The parameters of Boore et al. (2014) with those of the adjustment.
const WITH_RRUP: &[Param] = &[Param::Mag, Param::Rake, Param::Rrup, Param::Rjb, Param::Vs30];

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: ModelInfo { name: "NSHMP2014", ..ANY }, make: any },
    nshmp(abrahamson_2014::BASE, "AbrahamsonEtAl2014NSHMPMean", |info, _| mean("AbrahamsonEtAl2014", info)),
    nshmp(abrahamson_2014::BASE, "AbrahamsonEtAl2014NSHMPLower", |info, _| adjusted("AbrahamsonEtAl2014", info, -1.0)),
    nshmp(abrahamson_2014::BASE, "AbrahamsonEtAl2014NSHMPUpper", |info, _| adjusted("AbrahamsonEtAl2014", info, 1.0)),
    nshmp(BOORE, "BooreEtAl2014NSHMPMean", |info, _| mean("BooreEtAl2014", info)),
    nshmp(BOORE, "BooreEtAl2014NSHMPLower", |info, _| adjusted("BooreEtAl2014", info, -1.0)),
    nshmp(BOORE, "BooreEtAl2014NSHMPUpper", |info, _| adjusted("BooreEtAl2014", info, 1.0)),
    nshmp(CAMPBELL, "CampbellBozorgnia2014NSHMPMean", |info, _| mean("CampbellBozorgnia2014", info)),
    nshmp(CAMPBELL, "CampbellBozorgnia2014NSHMPLower", |info, _| adjusted("CampbellBozorgnia2014", info, -1.0)),
    nshmp(CAMPBELL, "CampbellBozorgnia2014NSHMPUpper", |info, _| adjusted("CampbellBozorgnia2014", info, 1.0)),
    nshmp(chiou_youngs_2014::BASE, "ChiouYoungs2014NSHMPMean", |info, _| mean("ChiouYoungs2014", info)),
    nshmp(chiou_youngs_2014::BASE, "ChiouYoungs2014NSHMPLower", |info, _| adjusted("ChiouYoungs2014", info, -1.0)),
    nshmp(chiou_youngs_2014::BASE, "ChiouYoungs2014NSHMPUpper", |info, _| adjusted("ChiouYoungs2014", info, 1.0)),
    nshmp(idriss_2014::INFO, "Idriss2014NSHMPMean", |info, _| mean("Idriss2014", info)),
    nshmp(idriss_2014::INFO, "Idriss2014NSHMPLower", |info, _| adjusted("Idriss2014", info, -1.0)),
    nshmp(idriss_2014::INFO, "Idriss2014NSHMPUpper", |info, _| adjusted("Idriss2014", info, 1.0)),
];

const BOORE: ModelInfo = ModelInfo { params: WITH_RRUP, ..boore_2014::BASE };
const CAMPBELL: ModelInfo = campbell_bozorgnia_2014::BASE;

/// Any of the models, given by arguments.
const ANY: ModelInfo = ModelInfo {
    reference: "Petersen et al. (2014), Documentation for the 2014 update of the United States national seismic hazard \
                maps, USGS Open-File Report 2014-1091",
    doi: Some("10.3133/ofr20141091"),
    ..BOORE
};

const fn nshmp(info: ModelInfo, name: &'static str, make: registry::Make) -> Model {
    Model { info: ModelInfo { name, ..info }, make }
}

/// `gmpe_name` names the model; `sgn` is -1, 0 or 1 for lower, mean and upper.
fn any(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let name = arguments.needed_text("gmpe_name")?;
    let sign = arguments.needed_number("sgn")?;
    let model = arguments.wrapped(&name)?;
    if sign == 0.0 { Ok(mean_of(model, info)) } else { Ok(Arc::new(Shifted::new(info, model, Shift::Usgs2014, sign))) }
}

fn mean(name: &str, info: &'static ModelInfo) -> Made {
    Ok(mean_of(registry::by_name(name)?, info))
}

fn adjusted(name: &str, info: &'static ModelInfo, sign: f64) -> Made {
    let model = registry::by_name(name)?;
    Ok(Arc::new(Shifted::new(info, model, Shift::Usgs2014, sign)))
}

fn mean_of(model: Arc<dyn Gsim>, info: &'static ModelInfo) -> Arc<dyn Gsim> {
    let shifted = |sign| -> Arc<dyn Gsim> { Arc::new(Shifted::new(info, model.clone(), Shift::Usgs2014, sign)) };
    mixture::of(shifted(0.0), vec![(0.185, shifted(-1.0)), (0.63, shifted(0.0)), (0.185, shifted(1.0))])
}

/// A model with the argument `sigma_mu_epsilon`: so many of its epistemic standard deviations are added to the ln-mean.
pub(in crate::gsim) fn with_epsilon(
    arguments: &mut Arguments,
    info: &'static ModelInfo,
    model: impl Gsim + 'static,
) -> Made {
    match arguments.number("sigma_mu_epsilon")? {
        Some(epsilon) if epsilon != 0.0 => {
            Ok(Arc::new(Shifted::new(info, Arc::new(model), Shift::EpistemicSigma, epsilon)))
        }
        _ => Ok(Arc::new(model)),
    }
}

/// A shift of the ln-mean, by magnitude and rupture distance.
#[derive(Clone, Copy, Debug)]
enum Shift {
    /// Of the United States' maps of 2014.
    Usgs2014,
    /// Of New Zealand's model.
    EpistemicSigma,
}

impl Shift {
    fn function(self) -> fn(f64, f64) -> f64 {
        match self {
            Shift::Usgs2014 => usgs_2014,
            Shift::EpistemicSigma => epistemic_sigma,
        }
    }
}

/// Petersen et al. (2014), table 17.
fn usgs_2014(mag: f64, rrup: f64) -> f64 {
    let place = usize::from(rrup >= 10.0) + usize::from(rrup >= 30.0);
    let row = if mag < 6.0 {
        [0.37, 0.22, 0.22]
    } else if mag < 7.0 {
        [0.25, 0.23, 0.23]
    } else {
        [0.40, 0.36, 0.33]
    };
    row[place]
}

/// After the United States' maps, by the number of earthquakes in bins of magnitude and distance of New Zealand's data. As
/// in the engine, magnitudes below 5 count as those above 7.
pub(in crate::gsim) fn epistemic_sigma(mag: f64, rrup: f64) -> f64 {
    let place = usize::from(rrup > 10.0) + usize::from(rrup >= 30.0);
    let counts = if (5.0..6.0).contains(&mag) {
        [11.0, 38.0, 94.0]
    } else if (6.0..7.0).contains(&mag) {
        [2.0, 7.0, 13.0]
    } else {
        [2.0, 2.0, 4.0]
    };
    let count: f64 = counts[place];
    0.4 * (2.0 / count).sqrt()
}

/// A model with a shift of the ln-mean.
#[derive(Debug)]
struct Shifted {
    info: &'static ModelInfo,
    model: Arc<dyn Gsim>,
    shift: Shift,
    factor: f64,
    params: Vec<Param>,
}

impl Shifted {
    fn new(info: &'static ModelInfo, model: Arc<dyn Gsim>, shift: Shift, factor: f64) -> Shifted {
        let params = Param::union(model.params(), &[Param::Mag, Param::Rrup]);
        Shifted { info, model, shift, factor, params }
    }
}

impl Gsim for Shifted {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    forward!(model: validities, std_devs, component, check, check_vs30, infers_depths, outside);

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        self.model.compute(ctx, imts, out);
        let [mag, rrup] = ctx.columns([Param::Mag, Param::Rrup]);
        let shift = self.shift.function();
        for m in 0..imts.len() {
            let at = out.row(m);
            for ((mean, &mag), &rrup) in out.mean[at].iter_mut().zip(mag).zip(rrup) {
                *mean += self.factor * shift(mag, rrup);
            }
        }
    }
}
