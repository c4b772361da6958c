//! A model with modifications, one after the other in the order in which a logic tree gives them.
//!
//! The argument `gmpe` names the model with the arguments it takes itself (`gmpe.AkkarEtAlRjb2014 = {}`); each of the
//! others is a modification with its own (`set_between_epsilon.epsilon_tau = 0.5`). Terms of a site amplify what the model
//! gives on their reference rock.

use std::sync::Arc;

use crate::elementary::hypot;
use crate::elementary::scalar::ln;
use crate::gsim::adapt::conditional::Conditionals;
use crate::gsim::adapt::forward::forward;
use crate::gsim::arguments::{Arguments, NO_FILES, unexpected};
use crate::gsim::coeffs::{Table, coefficients};
use crate::gsim::crustal::boore_2014::WholeSiteTerm;
use crate::gsim::crustal::boore_atkinson_2008;
use crate::gsim::crustal::campbell_bozorgnia_2014;
use crate::gsim::crustal::chiou_youngs_2014;
use crate::gsim::hazard_models::nga_east::{Choice, Sigma, Stations};
use crate::gsim::hazard_models::nrcan15::{self, SiteTerm};
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::registry::{Made, Model};
use crate::gsim::stable::stewart_2020::{self, Amplification, Conditions};
use crate::gsim::{
    Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, StdDev, Trt, Validity,
};

const MODIFIABLE: ModelInfo = ModelInfo {
    name: "ModifiableGMPE",
    trt: Trt::Any,
    imts: &[],
    params: &[Param::Mag],
    std_devs: TOTAL_ONLY,
    component: Component::Any,
    reference: "a model with modifications",
    doi: None,
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: MODIFIABLE, make: modified },
    Model {
        info: of_one("NRCan15SiteTerm", "a model with the site term of the hazard model of Canada of 2015"),
        make: |info, arguments| with_one(info, arguments, Modification::Nrcan15(nrcan15::Kind::Base)),
    },
    Model {
        info: of_one(
            "NRCan15SiteTermLinear",
            "a model with the site term of the hazard model of Canada of 2015, interpolated to hard rock",
        ),
        make: |info, arguments| with_one(info, arguments, Modification::Nrcan15(nrcan15::Kind::Linear)),
    },
    Model {
        info: of_one("CY14SiteTerm", "a model with the site term of Chiou and Youngs (2014)"),
        make: |info, arguments| with_one(info, arguments, Modification::Cy14),
    },
    Model {
        info: of_one("BA08SiteTerm", "a model with the site term of Boore and Atkinson (2008)"),
        make: |info, arguments| with_one(info, arguments, Modification::Ba08),
    },
    Model {
        info: of_one("BSSA14SiteTerm", "a model with the site term of Boore et al. (2014)"),
        make: |info, arguments| with_one(info, arguments, Modification::Bssa14),
    },
    Model {
        info: of_one("CB14BasinTerm", "a model with the basin term of Campbell and Bozorgnia (2014)"),
        make: |info, arguments| with_one(info, arguments, Modification::Cb14Basin),
    },
    Model {
        info: of_one("SplitSigmaGMPE", "a model with its total standard deviation split"),
        make: |info, arguments| {
            let between = arguments.number("between_absolute")?.map(|sigma| (StdDev::BetweenEvent, sigma));
            let within = arguments.number("within_absolute")?.map(|sigma| (StdDev::WithinEvent, sigma));
            let (part, sigma) = between.or(within).ok_or_else(|| arguments.missing("between_absolute"))?;
            with_one(info, arguments, Modification::Split(part, sigma))
        },
    },
    Model {
        info: of_one("M9BasinTerm", "a model with the basin term of Moschetti et al. (2024) for the Seattle Basin"),
        make: |info, arguments| with_one(info, arguments, Modification::M9Basin),
    },
];

/// A model of another with one modification.
const fn of_one(name: &'static str, reference: &'static str) -> ModelInfo {
    ModelInfo { name, reference, ..MODIFIABLE }
}

fn with_one(info: &'static ModelInfo, arguments: &mut Arguments, modification: Modification) -> Made {
    let name = arguments.needed_text("gmpe_name")?;
    let model = arguments.wrapped(&name)?;
    Ok(Arc::new(Modified::new(info, model, vec![modification])))
}

/// A model with the site term of central and eastern North America of 2020.
pub(in crate::gsim) fn with_ceus2020(
    info: &'static ModelInfo,
    model: Arc<dyn Gsim>,
    conditions: Conditions,
) -> Arc<dyn Gsim> {
    Arc::new(Modified::new(info, model, vec![Modification::Ceus2020(conditions)]))
}

/// The names of the modifications.
pub(in crate::gsim) const METHODS: &[&str] = &[
    "set_between_epsilon",
    "set_scale_median_scalar",
    "set_scale_median_vector",
    "set_scale_total_sigma_scalar",
    "set_scale_total_sigma_vector",
    "set_fixed_total_sigma",
    "add_delta_to_total_std_scalar",
    "add_delta_to_tau_std_scalar",
    "add_delta_to_phi_std_scalar",
    "add_delta_to_total_std_vector",
    "add_delta_to_tau_std_vector",
    "add_delta_to_phi_std_vector",
    "set_total_std_as_tau_plus_delta",
    "add_between_within_stds",
    "apply_swiss_amplification",
    "nrcan15_site_term",
    "cy14_site_term",
    "ba08_site_term",
    "bssa14_site_term",
    "ceus2020_site_term",
    "cb14_basin_term",
    "m9_basin_term",
    "apply_swiss_amplification_sa",
    "sigma_model_alatik2015",
    "conditional_gmpe",
];

fn modified(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let wrapped = arguments.table("gmpe")?.ok_or_else(|| arguments.missing("gmpe"))?;
    let mut names = wrapped.iter();
    let (Some((name, toml::Value::Table(values))), None) = (names.next(), names.next()) else {
        return Err(arguments.wrong(
            "gmpe",
            &wrapped,
            "one model with its arguments, as in `gmpe.SadighEtAl1997 = {}`",
        ));
    };
    if let Some(mixture) = values.get("mixture_model") {
        let found = format!("{name}.mixture_model = {mixture}");
        return Err(arguments.wrong("gmpe", &found, "mixture_model beside gmpe, where it is of the modified model"));
    }
    let model = arguments.make(name, values.clone())?;
    let rest = arguments.rest();
    let modification = |(method, value): (String, toml::Value)| {
        let Some(&method) = METHODS.iter().find(|known| **known == method) else {
            let accepted: Vec<&str> = ["gmpe"].iter().chain(METHODS).copied().collect();
            return Err(unexpected(info.name, &method, &accepted));
        };
        let toml::Value::Table(values) = value else {
            return Err(arguments.wrong(method, &value, "a table of arguments"));
        };
        let mut arguments = Arguments::new(method, values, NO_FILES);
        let modification = Modification::read(method, &mut arguments)?;
        arguments.finish()?;
        Ok(modification)
    };
    let modifications = rest.into_iter().map(modification).collect::<Result<Vec<_>, _>>()?;
    let needs_tau = |m: &Modification| matches!(m, Modification::BetweenEpsilon(_) | Modification::TauPlusDelta(_));
    if modifications.iter().any(needs_tau) && !model.std_devs().contains(&StdDev::BetweenEvent) {
        let reason = "it gives no standard deviation between events";
        return Err(GsimError::Unsuitable { model: info.name, wrapped: name.clone(), reason });
    }
    Ok(Arc::new(Modified::new(info, model, modifications)))
}

coefficients! {
    /// A number for an intensity measure.
    struct Value { value }
}

/// A number for every intensity measure, or one for each.
#[derive(Debug)]
enum Factor {
    Same(f64),
    ByImt(Table<Value>),
}

impl Factor {
    fn same(name: &'static str, arguments: &mut Arguments) -> Result<Factor, GsimError> {
        arguments.needed_number(name).map(Factor::Same)
    }

    fn by_imt(name: &'static str, arguments: &mut Arguments) -> Result<Factor, GsimError> {
        let values = arguments.by_imt(name)?.ok_or_else(|| arguments.missing(name))?;
        Ok(Factor::ByImt(Table::of(values.into_iter().map(|(imt, value)| (imt, vec![value])).collect())))
    }

    fn check(&self, info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        match self {
            Factor::ByImt(table) if table.get(imt).is_none() => {
                let defined = table.imts().map(Imt::to_string).collect::<Vec<_>>().join(", ");
                Err(GsimError::ImtNotDefined { model: info.name, imt: *imt, defined })
            }
            _ => Ok(()),
        }
    }

    fn at(&self, imt: &Imt) -> f64 {
        match self {
            Factor::Same(value) => *value,
            Factor::ByImt(table) => table.at(imt).value,
        }
    }
}

/// What is done to a model's ground motion.
#[derive(Debug)]
enum Modification {
    /// So many standard deviations between events are added to the ln-mean; within events alone remains.
    BetweenEpsilon(f64),
    /// The median is multiplied.
    ScaleMedian(Factor),
    /// The total standard deviation is multiplied.
    ScaleSigma(Factor),
    /// The total standard deviation is set.
    FixedSigma(Factor),
    /// The square of a standard deviation is added to that of the total, or taken away if it is negative.
    SigmaPlusDelta(Factor),
    /// The same of a part of the standard deviation, of which the total is made anew.
    PartPlusDelta(StdDev, Factor),
    /// The total is that between events with the square of a standard deviation added.
    TauPlusDelta(f64),
    /// The total standard deviation is split, given the ratio of within to between events.
    BetweenWithin(f64),
    /// A part of the total standard deviation is given.
    Split(StdDev, f64),
    /// The standard deviations of Al Atik (2015), and whether those between stations are part of them.
    AlAtik(Box<Sigma>, bool),
    /// The amplification of the site is added to the ln-mean, and the parts of the standard deviation within events are
    /// those of the site.
    SwissSpectrum,
    /// The amplification of the site is added to the ln-mean.
    SwissAmplification,
    /// The site term of Canada's model, on rock of 760 m/s.
    Nrcan15(nrcan15::Kind),
    /// The site term of Chiou and Youngs (2014), on rock of 1,130 m/s.
    Cy14,
    /// The site term of Boore and Atkinson (2008), on rock of 760 m/s.
    Ba08,
    /// That of Boore et al. (2014), without basins.
    Bssa14,
    /// The site term of Stewart et al. (2020), on rock of 760 m/s.
    Ceus2020(Conditions),
    /// The basin term of Campbell and Bozorgnia (2014).
    Cb14Basin,
    /// Twice the motion in deep basins at long periods.
    M9Basin,
    /// The motion in some intensity measures is that of conditional models.
    Conditional(Conditionals),
}

impl Modification {
    fn read(method: &str, arguments: &mut Arguments) -> Result<Modification, GsimError> {
        Ok(match method {
            "set_between_epsilon" => Modification::BetweenEpsilon(arguments.needed_number("epsilon_tau")?),
            "set_scale_median_scalar" => Modification::ScaleMedian(Factor::same("scaling_factor", arguments)?),
            "set_scale_median_vector" => Modification::ScaleMedian(Factor::by_imt("scaling_factor", arguments)?),
            "set_scale_total_sigma_scalar" => Modification::ScaleSigma(Factor::same("scaling_factor", arguments)?),
            "set_scale_total_sigma_vector" => Modification::ScaleSigma(Factor::by_imt("scaling_factor", arguments)?),
            "set_fixed_total_sigma" => Modification::FixedSigma(Factor::by_imt("total_sigma", arguments)?),
            "add_delta_to_total_std_scalar" => Modification::SigmaPlusDelta(Factor::same("delta", arguments)?),
            "add_delta_to_tau_std_scalar" => {
                Modification::PartPlusDelta(StdDev::BetweenEvent, Factor::same("delta", arguments)?)
            }
            "add_delta_to_phi_std_scalar" => {
                Modification::PartPlusDelta(StdDev::WithinEvent, Factor::same("delta", arguments)?)
            }
            "add_delta_to_total_std_vector" => Modification::SigmaPlusDelta(Factor::by_imt("delta", arguments)?),
            "add_delta_to_tau_std_vector" => {
                Modification::PartPlusDelta(StdDev::BetweenEvent, Factor::by_imt("delta", arguments)?)
            }
            "add_delta_to_phi_std_vector" => {
                Modification::PartPlusDelta(StdDev::WithinEvent, Factor::by_imt("delta", arguments)?)
            }
            "set_total_std_as_tau_plus_delta" => Modification::TauPlusDelta(arguments.needed_number("delta")?),
            "add_between_within_stds" => Modification::BetweenWithin(arguments.needed_number("with_betw_ratio")?),
            "apply_swiss_amplification" => Modification::SwissAmplification,
            "nrcan15_site_term" => {
                let kinds = [("base", nrcan15::Kind::Base), ("linear", nrcan15::Kind::Linear)];
                Modification::Nrcan15(arguments.choice("kind", kinds)?)
            }
            "cy14_site_term" => Modification::Cy14,
            "ba08_site_term" => Modification::Ba08,
            "bssa14_site_term" => Modification::Bssa14,
            "ceus2020_site_term" => {
                let impedance = arguments.needed_number("wimp")?;
                let rock = arguments.needed_number("ref_vs30")?;
                if rock != 760.0 && rock != 3000.0 {
                    return Err(arguments.wrong("ref_vs30", &rock, "760 or 3000"));
                }
                let is_usgs = arguments.flag_or("usgs", false)?;
                Modification::Ceus2020(Conditions { impedance, rock, is_usgs })
            }
            "cb14_basin_term" => Modification::Cb14Basin,
            "apply_swiss_amplification_sa" => Modification::SwissSpectrum,
            "sigma_model_alatik2015" => {
                let ergodic = arguments.flag_or("ergodic", true)?;
                Modification::AlAtik(Box::new(Sigma::Parts(Choice::of_stations(arguments)?)), ergodic)
            }
            "conditional_gmpe" => Modification::Conditional(Conditionals::read("conditional_gmpe", arguments)?),
            _ => Modification::M9Basin,
        })
    }

    /// The site parameters that it needs.
    fn params(&self) -> &'static [Param] {
        match self {
            Modification::SwissAmplification => &[Param::Amplfactor],
            Modification::Nrcan15(_)
            | Modification::Cy14
            | Modification::Ceus2020(_)
            | Modification::AlAtik(_, true) => &[Param::Vs30],
            Modification::Ba08 => &boore_atkinson_2008::SiteTerm::PARAMS,
            Modification::Bssa14 => &WholeSiteTerm::PARAMS,
            Modification::Cb14Basin => &[Param::Z2pt5, Param::Vs30],
            Modification::M9Basin => &[Param::Z2pt5],
            Modification::SwissSpectrum => SWISS.as_flattened(),
            _ => &[],
        }
    }

    /// The `vs30` for which the model is to be computed before a site term is added.
    fn rock(&self) -> Option<f64> {
        match self {
            Modification::Nrcan15(_) => Some(nrcan15::ROCK),
            Modification::Cy14 => Some(chiou_youngs_2014::SiteTerm::ROCK),
            Modification::Ba08 => Some(boore_atkinson_2008::SiteTerm::ROCK),
            Modification::Bssa14 => Some(WholeSiteTerm::ROCK),
            Modification::Ceus2020(_) => Some(760.0),
            _ => None,
        }
    }

    /// The conditional models, if it is those.
    fn conditionals(&self) -> Option<&Conditionals> {
        if let Modification::Conditional(models) = self { Some(models) } else { None }
    }

    fn check(&self, info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        match self {
            Modification::ScaleMedian(factor)
            | Modification::ScaleSigma(factor)
            | Modification::FixedSigma(factor)
            | Modification::SigmaPlusDelta(factor)
            | Modification::PartPlusDelta(_, factor) => factor.check(info, imt),
            Modification::Nrcan15(_) => SiteTerm::check(info, imt),
            Modification::AlAtik(sigma, _) => {
                let info = ModelInfo { imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa], ..info.clone() };
                sigma.check(&info, imt)
            }
            Modification::SwissSpectrum if swiss(imt).is_none() => {
                let defined = "SA(0.3), SA(0.6)".to_owned();
                Err(GsimError::ImtNotDefined { model: info.name, imt: *imt, defined })
            }
            Modification::Cy14 if chiou_youngs_2014::SiteTerm::get(imt).is_none() => Err(info.not_defined(imt)),
            Modification::Ba08 if boore_atkinson_2008::SiteTerm::get(imt).is_none() => Err(info.not_defined(imt)),
            Modification::Bssa14 if WholeSiteTerm::get(imt).is_none() => Err(info.not_defined(imt)),
            Modification::Ceus2020(conditions) if Amplification::get(*conditions, imt).is_none() => {
                Err(info.not_defined(imt))
            }
            Modification::Cb14Basin if campbell_bozorgnia_2014::basin_of_average_region(imt).is_none() => {
                Err(info.not_defined(imt))
            }
            _ => Ok(()),
        }
    }

    /// Change the ground motion of one intensity measure.
    fn apply(&self, imt: &Imt, ctx: &Contexts, motion: Motion) {
        let Motion { mean, sig, tau, phi, ln_pga_rock, base } = motion;
        let column = self.params().first().map_or(&[][..], |&param| ctx.column(param));
        match self {
            Modification::BetweenEpsilon(epsilon) => {
                mean.iter_mut().zip(&*tau).for_each(|(mean, tau)| *mean += epsilon * tau);
                tau.fill(0.0);
                sig.copy_from_slice(phi);
            }
            Modification::ScaleMedian(factor) => {
                let ln_factor = ln(factor.at(imt));
                mean.iter_mut().for_each(|mean| *mean += ln_factor);
            }
            Modification::ScaleSigma(factor) => {
                let factor = factor.at(imt);
                sig.iter_mut().for_each(|sig| *sig *= factor);
            }
            Modification::FixedSigma(sigma) => sig.fill(sigma.at(imt)),
            Modification::SigmaPlusDelta(delta) => {
                let delta = delta.at(imt);
                sig.iter_mut().for_each(|sig| *sig = plus_delta(*sig, delta));
            }
            Modification::PartPlusDelta(part, delta) => {
                let delta = delta.at(imt);
                let changed = if *part == StdDev::BetweenEvent { &mut *tau } else { &mut *phi };
                changed.iter_mut().for_each(|sigma| *sigma = plus_delta(*sigma, delta));
                for k in 0..sig.len() {
                    sig[k] = hypot(tau[k], phi[k]);
                }
            }
            Modification::TauPlusDelta(delta) => {
                sig.iter_mut().zip(&*tau).for_each(|(sig, tau)| *sig = plus_delta(*tau, *delta));
            }
            Modification::BetweenWithin(ratio) => {
                tau.iter_mut().zip(&*sig).for_each(|(tau, sig)| *tau = sig / (1.0 + ratio * ratio).sqrt());
                phi.iter_mut().zip(&*tau).for_each(|(phi, tau)| *phi = ratio * tau);
            }
            Modification::Split(part, given) => {
                let (given_part, rest) = if *part == StdDev::BetweenEvent { (tau, phi) } else { (phi, tau) };
                given_part.fill(*given);
                rest.iter_mut().zip(&*sig).for_each(|(rest, sig)| *rest = (sig * sig - given * given).max(0.0).sqrt());
            }
            Modification::AlAtik(sigma, ergodic) => {
                let (sigma, stations) = (sigma.at(imt), Stations::at(imt));
                for (k, &mag) in ctx.column(Param::Mag).iter().enumerate() {
                    let [_, between, within] = sigma.at(mag);
                    let station = if *ergodic { stations.sigma(column[k]) } else { 0.0 };
                    (tau[k], phi[k]) = (between, hypot(within, station));
                    sig[k] = hypot(between, phi[k]);
                }
            }
            Modification::SwissSpectrum => {
                let Some(columns) = swiss(imt).map(|params| ctx.columns(*params)) else { return };
                let [amplification, between_sites, at_site] = columns;
                for k in 0..mean.len() {
                    mean[k] += amplification[k];
                    phi[k] = hypot(between_sites[k], at_site[k]);
                    sig[k] = hypot(tau[k], phi[k]);
                }
            }
            Modification::SwissAmplification => mean.iter_mut().zip(column).for_each(|(mean, factor)| *mean += factor),
            Modification::Nrcan15(kind) => {
                let term = SiteTerm::new(*kind, imt);
                mean.iter_mut().zip(column).for_each(|(mean, &vs30)| *mean += term.ln_amplification(vs30, *mean));
            }
            Modification::Cy14 => {
                if let Some(term) = chiou_youngs_2014::SiteTerm::get(imt) {
                    mean.iter_mut().zip(column).for_each(|(mean, &vs30)| *mean += term.ln_amplification(vs30, *mean));
                }
            }
            Modification::Ba08 => {
                if let Some(term) = boore_atkinson_2008::SiteTerm::get(imt) {
                    add(mean, ctx.columns(boore_atkinson_2008::SiteTerm::PARAMS), |site| term.ln_amplification(site));
                }
            }
            Modification::Bssa14 => {
                if let Some(term) = WholeSiteTerm::get(imt) {
                    add(mean, ctx.columns(WholeSiteTerm::PARAMS), |site| term.ln_amplification(site));
                }
            }
            Modification::Ceus2020(conditions) => {
                if let Some(term) = Amplification::get(*conditions, imt) {
                    add(mean, [column, ln_pga_rock], |[vs30, ln_pga]| term.ln_amplification(vs30, ln_pga));
                }
            }
            Modification::Cb14Basin => {
                if let Some(basin) = campbell_bozorgnia_2014::basin_of_average_region(imt) {
                    add(mean, ctx.columns([Param::Z2pt5, Param::Vs30]), |[z2pt5, vs30]| basin(z2pt5, vs30));
                }
            }
            Modification::M9Basin => {
                let deep = |z2pt5: f64| imt.period().is_some_and(|period| period > 1.9) && z2pt5 >= 6.0;
                let ln_factor = |z2pt5: f64| if deep(z2pt5) { std::f64::consts::LN_2 } else { 0.0 };
                mean.iter_mut().zip(column).for_each(|(mean, &z2pt5)| *mean += ln_factor(z2pt5));
            }
            Modification::Conditional(models) => models.apply(imt, ctx, base, [mean, sig, tau, phi]),
        }
    }
}

/// Add to the ln-mean of each context what a function gives of its values.
fn add<const N: usize>(mean: &mut [f64], columns: [&[f64]; N], term: impl Fn([f64; N]) -> f64) {
    mean.iter_mut().enumerate().for_each(|(k, mean)| *mean += term(columns.map(|column| column[k])));
}

/// The amplification of a Swiss site and its standard deviations, of `SA(0.3)` and of `SA(0.6)`.
static SWISS: [[Param; 3]; 2] =
    [[Param::ChAmpl03, Param::ChPhis2s03, Param::ChPhiss03], [Param::ChAmpl06, Param::ChPhis2s06, Param::ChPhiss06]];

/// The parameters of an intensity measure.
fn swiss(imt: &Imt) -> Option<&'static [Param; 3]> {
    let period = imt.period().filter(|_| imt.kind() == ImtKind::Sa)?;
    [0.3, 0.6].iter().position(|known| *known == period).and_then(|at| SWISS.get(at))
}

/// The root of the sum of squares; the square of a negative delta is taken away.
fn plus_delta(sigma: f64, delta: f64) -> f64 {
    (sigma * sigma + delta * delta.abs()).sqrt()
}

/// The ground motion of one intensity measure.
struct Motion<'a> {
    mean: &'a mut [f64],
    sig: &'a mut [f64],
    tau: &'a mut [f64],
    phi: &'a mut [f64],
    /// The ln-mean of `PGA` on the rock of [`Modification::Ceus2020`], if there is that.
    ln_pga_rock: &'a [f64],
    /// The model that is modified, with the contexts that it is computed for.
    base: (&'a dyn Gsim, &'a Contexts),
}

/// A model with its modifications.
#[derive(Debug)]
struct Modified {
    info: &'static ModelInfo,
    model: Arc<dyn Gsim>,
    modifications: Vec<Modification>,
    params: Vec<Param>,
    std_devs: &'static [StdDev],
}

impl Modified {
    fn new(info: &'static ModelInfo, model: Arc<dyn Gsim>, modifications: Vec<Modification>) -> Modified {
        let mut needed = modifications.iter().flat_map(Modification::params).copied().collect::<Vec<_>>();
        needed.extend(modifications.iter().filter_map(Modification::conditionals).flat_map(Conditionals::params));
        let params = Param::union(model.params(), &needed);
        let is_split = |m: &Modification| {
            matches!(m, Modification::BetweenWithin(_) | Modification::Split(..) | Modification::AlAtik(..))
        };
        let splits = modifications.iter().any(is_split);
        let std_devs = if splits { TOTAL_AND_PARTS } else { model.std_devs() };
        Modified { info, model, modifications, params, std_devs }
    }

    /// The conditional models, if there are some.
    fn conditionals(&self) -> Option<&Conditionals> {
        self.modifications.iter().find_map(Modification::conditionals)
    }

    /// The ln-mean of `PGA` on the rock of a site term that needs it, else nothing.
    fn ln_pga_rock(&self, ctx: &Contexts) -> Vec<f64> {
        let rock =
            |m: &Modification| if let Modification::Ceus2020(Conditions { rock, .. }) = m { Some(*rock) } else { None };
        let Some(rock) = self.modifications.iter().find_map(rock) else { return Vec::new() };
        let mut motion = GroundMotion::default();
        self.model.compute(&ctx.with(Param::Vs30, rock), &[Imt::PGA], &mut motion);
        motion.mean
    }
}

impl Gsim for Modified {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    fn std_devs(&self) -> &'static [StdDev] {
        self.std_devs
    }

    forward!(model: component, outside);

    /// Those of the model, whose ground is another where a site term is added.
    fn validities(&self) -> Vec<(&'static str, Validity)> {
        let mut found = self.model.validities();
        found.extend(self.conditionals().into_iter().flat_map(Conditionals::validities));
        match self.modifications.iter().find_map(Modification::rock) {
            Some(_) => found.into_iter().map(|(name, validity)| (name, validity.on_any_ground())).collect(),
            None => found,
        }
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        match self.conditionals() {
            Some(models) => models.check(&*self.model, imt)?,
            None => self.model.check(imt)?,
        }
        if self.modifications.iter().any(|m| matches!(m, Modification::Ceus2020(_))) {
            self.model.check(&Imt::PGA)?;
        }
        self.modifications.iter().try_for_each(|modification| modification.check(self.info, imt))
    }

    fn check_vs30(&self, vs30: f64) -> Result<(), GsimError> {
        let is_ceus = |m: &Modification| matches!(m, Modification::Ceus2020(_));
        if vs30 < stewart_2020::SOFTEST && self.modifications.iter().any(is_ceus) {
            return Err(GsimError::Vs30OutOfRange { model: self.info.name, vs30, accepted: "200 m/s and more" });
        }
        if self.modifications.iter().any(|m| m.rock().is_some()) { Ok(()) } else { self.model.check_vs30(vs30) }
    }

    fn infers_depths(&self) -> bool {
        let is_m9 = |m: &Modification| matches!(m, Modification::M9Basin);
        let of_model = self.model.infers_depths() || !self.model.params().contains(&Param::Z2pt5);
        of_model && !self.modifications.iter().any(is_m9)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let on_rock = self.modifications.iter().find_map(Modification::rock).map(|vs30| ctx.with(Param::Vs30, vs30));
        let base = (&*self.model, on_rock.as_ref().unwrap_or(ctx));
        match self.conditionals() {
            Some(models) => models.compute_others(base.0, base.1, imts, out),
            None => self.model.compute(base.1, imts, out),
        }
        let ln_pga_rock = self.ln_pga_rock(ctx);
        for modification in &self.modifications {
            for (m, imt) in imts.iter().enumerate() {
                let at = out.row(m);
                let [mean, sig, tau, phi] =
                    [&mut out.mean, &mut out.sig, &mut out.tau, &mut out.phi].map(|array| &mut array[at.clone()]);
                modification.apply(imt, ctx, Motion { mean, sig, tau, phi, ln_pga_rock: &ln_pga_rock, base });
            }
        }
    }
}
