//! The models of Canada's sixth hazard model, of 2020: published models with site terms of its own, and with the
//! periods that they lack.
//!
//! Kolaj M., Halchuk S., Adams J., Allen T.I., 2020. Sixth Generation Seismic Hazard Model of Canada: input files to
//! produce values proposed for the 2020 National Building Code of Canada. Geological Survey of Canada, Open File 8630,
//! doi:10.4095/327322.
//!
//! - Component and units: those of the models. Periods from 0.05 to 10 s.
//!
//! Above 1,100 m/s sites are as hard rock of 2,000 m/s is to rock after Atkinson and Adams (2013), unless the model
//! itself has them softer. Models of the slab have hypocentres at 30 or 55 km, as their names say. Where a model has no
//! `PGV`, it is that of a period of spectral acceleration; beyond its periods the spectrum is as that of the BC Hydro
//! model. The models of stable crust are in `stable`.

mod site;
pub(in crate::gsim) mod stable;

use std::sync::{Arc, LazyLock};

use self::site::Site;
use crate::gsim::adapt::forward::forward;
use crate::gsim::arguments::{Arguments, NO_FILES};
use crate::gsim::coeffs::{Table, table};
use crate::gsim::crustal::campbell_bozorgnia_2014;
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::registry::{self, Made, Make, Model};
use crate::gsim::subduction::abrahamson_2015;
use crate::gsim::{
    Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, StdDev, Trt, Validity,
};

/// The shortest and the longest period, s.
const PERIODS: [f64; 2] = [0.05, 10.0];

/// A model of the crust.
const CRUST: ModelInfo = ModelInfo {
    name: "CanadaSHM6_ActiveCrust_BooreEtAl2014",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Kolaj et al. (2020), Sixth Generation Seismic Hazard Model of Canada: input files to produce values \
                proposed for the 2020 National Building Code of Canada, Geological Survey of Canada, Open File 8630",
    doi: Some("10.4095/327322"),
    validity: Validity::NOT_STATED,
};

/// A model of the slab.
const SLAB: ModelInfo = ModelInfo {
    name: "CanadaSHM6_InSlab_AbrahamsonEtAl2015SSlab55",
    trt: Trt::SubductionIntraslab,
    params: &[Param::Mag, Param::Rhypo, Param::Vs30, Param::Backarc],
    component: Component::GeometricMean,
    ..CRUST
};

/// The parameters of those that measure distances to the rupture.
const WITH_RRUP: &[Param] = &[Param::Mag, Param::Rrup, Param::Vs30, Param::Backarc];

/// A model of the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "CanadaSHM6_Interface_AbrahamsonEtAl2015SInter",
    trt: Trt::SubductionInterface,
    params: WITH_RRUP,
    ..SLAB
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: ModelInfo {
            name: "CanadaSHM6_ActiveCrust_AbrahamsonEtAl2014",
            params: &[
                Param::Mag,
                Param::Rake,
                Param::Dip,
                Param::Width,
                Param::Ztor,
                Param::Rrup,
                Param::Rx,
                Param::Ry0,
                Param::Vs30,
                Param::Vs30Measured,
            ],
            ..CRUST
        },
        make: |info, arguments| made(info, published("AbrahamsonEtAl2014", arguments)?, NO_Z1PT0, Site::Abrahamson),
    },
    Model { info: CRUST, make: |info, arguments| made(info, published("BooreEtAl2014", arguments)?, &[], Site::Boore) },
    Model {
        info: ModelInfo {
            name: "CanadaSHM6_ActiveCrust_CampbellBozorgnia2014",
            params: &[
                Param::Mag,
                Param::Rake,
                Param::Dip,
                Param::Ztor,
                Param::Width,
                Param::HypoDepth,
                Param::Rrup,
                Param::Rjb,
                Param::Rx,
                Param::Vs30,
            ],
            ..CRUST
        },
        make: |info, arguments| made(info, campbell_bozorgnia_2014::on_hard_ground(arguments)?, NO_Z2PT5, Site::None),
    },
    Model {
        info: ModelInfo {
            name: "CanadaSHM6_ActiveCrust_ChiouYoungs2014",
            params: &[
                Param::Mag,
                Param::Rake,
                Param::Dip,
                Param::Ztor,
                Param::Rrup,
                Param::Rjb,
                Param::Rx,
                Param::Vs30,
                Param::Vs30Measured,
            ],
            ..CRUST
        },
        make: |info, arguments| made(info, published("ChiouYoungs2014", arguments)?, NO_Z1PT0, Site::Chiou),
    },
    slab("CanadaSHM6_InSlab_AbrahamsonEtAl2015SSlab30", SLAB, |info, arguments| bc_hydro(info, arguments, &[DEPTH_30])),
    slab("CanadaSHM6_InSlab_AbrahamsonEtAl2015SSlab55", SLAB, |info, arguments| bc_hydro(info, arguments, &[DEPTH_55])),
    slab("CanadaSHM6_InSlab_AtkinsonBoore2003SSlabCascadia30", ATKINSON, |info, arguments| {
        atkinson_slab(info, arguments, &[DEPTH_30, HARD_ROCK])
    }),
    slab("CanadaSHM6_InSlab_AtkinsonBoore2003SSlabCascadia55", ATKINSON, |info, arguments| {
        atkinson_slab(info, arguments, &[DEPTH_55, HARD_ROCK])
    }),
    slab("CanadaSHM6_InSlab_GarciaEtAl2005SSlab30", SLAB, |info, arguments| garcia_slab(info, arguments, &[DEPTH_30])),
    slab("CanadaSHM6_InSlab_GarciaEtAl2005SSlab55", SLAB, |info, arguments| garcia_slab(info, arguments, &[DEPTH_55])),
    slab("CanadaSHM6_InSlab_ZhaoEtAl2006SSlabCascadia30", ZHAO, |info, arguments| {
        zhao_slab(info, arguments, &[DEPTH_30, HARD_ROCK])
    }),
    slab("CanadaSHM6_InSlab_ZhaoEtAl2006SSlabCascadia55", ZHAO, |info, arguments| {
        zhao_slab(info, arguments, &[DEPTH_55, HARD_ROCK])
    }),
    Model { info: INTERFACE, make: bc_hydro_interface },
    Model {
        info: ModelInfo {
            name: "CanadaSHM6_Interface_AtkinsonMacias2009",
            params: &[Param::Mag, Param::Rrup, Param::Vs30],
            std_devs: TOTAL_ONLY,
            component: Component::RandomHorizontal,
            ..INTERFACE
        },
        make: |info, arguments| {
            let model = published("AtkinsonMacias2009", arguments)?;
            Ok(Arc::new(Shm6 { velocity: Some(OF_INTERFACE), ..Shm6::new(info, model, &[], Site::Atkinson) }))
        },
    },
    Model {
        info: ModelInfo { name: "CanadaSHM6_Interface_GhofraniAtkinson2014Cascadia", ..INTERFACE },
        make: |info, arguments| {
            let model = published("GhofraniAtkinson2014Cascadia", arguments)?;
            let beyond = Beyond { periods: [0.07, 9.09], ..Beyond::of_interface()? };
            Ok(Arc::new(Shm6 { beyond: Some(beyond), ..Shm6::new(info, model, &[], Site::Ghofrani) }))
        },
    },
    Model {
        info: ModelInfo { name: "CanadaSHM6_Interface_ZhaoEtAl2006SInterCascadia", ..INTERFACE },
        make: |info, arguments| {
            let model = published("ZhaoEtAl2006SInterCascadia", arguments)?;
            let made = Shm6::new(info, model, &[DEPTH_30, HARD_ROCK], Site::Zhao);
            let beyond = Some(Beyond { periods: [0.05, 5.0], ..Beyond::of_interface()? });
            Ok(Arc::new(Shm6 { velocity: Some(OF_INTERFACE), beyond, ..made }))
        },
    },
];

/// The models of the slab that measure distances to the rupture.
const ZHAO: ModelInfo = ModelInfo { params: WITH_RRUP, ..SLAB };
const ATKINSON: ModelInfo = ModelInfo { component: Component::RandomHorizontal, ..ZHAO };

const fn slab(name: &'static str, info: ModelInfo, make: Make) -> Model {
    Model { info: ModelInfo { name, ..info }, make }
}

/// Values of parameters for all contexts: no basin, the depth of hypocentres, and rock.
type Fixed = &'static [(Param, f64)];
const NO_Z1PT0: Fixed = &[(Param::Z1pt0, -1.0)];
const NO_Z2PT5: Fixed = &[(Param::Z2pt5, 2.0)];
const DEPTH_30: (Param, f64) = (Param::HypoDepth, 30.0);
const DEPTH_55: (Param, f64) = (Param::HypoDepth, 55.0);
const HARD_ROCK: (Param, f64) = (Param::Vs30, 2000.0);

/// The published model with the arguments that it takes.
fn published(name: &str, arguments: &mut Arguments) -> Made {
    arguments.wrapped(name)
}

fn made(info: &'static ModelInfo, model: Arc<dyn Gsim>, fixed: Fixed, site: Site) -> Made {
    Ok(Arc::new(Shm6::new(info, model, fixed, site)))
}

static DC1: LazyLock<Table<abrahamson_2015::Dc1>> = table!("CanadaSHM6_dc1.csv");

fn bc_hydro(info: &'static ModelInfo, arguments: &mut Arguments, fixed: Fixed) -> Made {
    let model = abrahamson_2015::slab_by_period(arguments, &DC1)?;
    Ok(Arc::new(Shm6 { velocity: Some(OF_SLAB), ..Shm6::new(info, model, fixed, Site::None) }))
}

fn bc_hydro_interface(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let epsilon = arguments.number_or("sigma_mu_epsilon", 0.0)?;
    let model = published("AbrahamsonEtAl2015SInter", arguments)?;
    Ok(Arc::new(Shm6 { velocity: Some(OF_INTERFACE), epsilon, ..Shm6::new(info, model, &[], Site::None) }))
}

fn zhao_slab(info: &'static ModelInfo, arguments: &mut Arguments, fixed: Fixed) -> Made {
    let model = published("ZhaoEtAl2006SSlabCascadia", arguments)?;
    let beyond = Some(Beyond { periods: [0.05, 5.0], by_rrup: true, ..Beyond::of_slab(fixed)? });
    Ok(Arc::new(Shm6 { velocity: Some(OF_SLAB), beyond, ..Shm6::new(info, model, fixed, Site::Zhao) }))
}

fn atkinson_slab(info: &'static ModelInfo, arguments: &mut Arguments, fixed: Fixed) -> Made {
    let model = published("AtkinsonBoore2003SSlabCascadia", arguments)?;
    let beyond = Some(Beyond { periods: [0.04, 3.0], by_rrup: true, ..Beyond::of_slab(fixed)? });
    Ok(Arc::new(Shm6 { velocity: Some(OF_SLAB), beyond, ..Shm6::new(info, model, fixed, Site::AtkinsonSlab) }))
}

fn garcia_slab(info: &'static ModelInfo, arguments: &mut Arguments, fixed: Fixed) -> Made {
    let model = published("GarciaEtAl2005SSlab", arguments)?;
    let beyond = Some(Beyond { periods: [0.04, 5.0], ..Beyond::of_slab(fixed)? });
    Ok(Arc::new(Shm6 { beyond, ..Shm6::new(info, model, fixed, Site::Garcia) }))
}

/// `PGV` by the spectral acceleration at a period: a line between their logarithms.
#[derive(Clone, Copy, Debug)]
struct Velocity {
    /// s
    period: f64,
    slope: f64,
    constant: f64,
}

const OF_SLAB: Velocity = Velocity { period: 0.5, slope: 0.995, constant: 3.937 };
const OF_INTERFACE: Velocity = Velocity { period: 1.92, slope: 0.897, constant: 4.835 };

/// The spectrum beyond the periods of a model, s.
#[derive(Debug)]
struct Beyond {
    periods: [f64; 2],
    model: Arc<dyn Gsim>,
    /// Whether distances to the hypocentre are those to the rupture.
    by_rrup: bool,
}

impl Beyond {
    fn of(name: &str) -> Result<Beyond, GsimError> {
        let model = registry::make(name, toml::Table::new(), NO_FILES)?;
        Ok(Beyond { periods: PERIODS, model, by_rrup: false })
    }

    fn of_interface() -> Result<Beyond, GsimError> {
        Beyond::of(INTERFACE.name)
    }

    fn of_slab(fixed: Fixed) -> Result<Beyond, GsimError> {
        let is_30 = fixed.contains(&DEPTH_30);
        Beyond::of(if is_30 { "CanadaSHM6_InSlab_AbrahamsonEtAl2015SSlab30" } else { SLAB.name })
    }

    /// The measure at the end of the periods, of one beyond it.
    fn end(&self, imt: &Imt) -> Option<Imt> {
        let period = imt.period().filter(|_| imt.kind() == ImtKind::Sa)?;
        let end = period.clamp(self.periods[0], self.periods[1]);
        if end == period { None } else { Imt::sa(end) }
    }

    /// How much the ln-mean is off that at the end of the periods, added to `mean`.
    fn add(&self, ctx: &Contexts, imt: &Imt, mean: &mut [f64]) {
        let Some(end) = self.end(imt) else { return };
        let mut motion = GroundMotion::default();
        if self.by_rrup {
            let mut changed = ctx.clone();
            let rrup = ctx.column(Param::Rrup).to_vec();
            *changed.column_mut(Param::Rhypo) = rrup;
            self.model.compute(&changed, &[*imt, end], &mut motion);
        } else {
            self.model.compute(ctx, &[*imt, end], &mut motion);
        }
        let (beyond, at_end) = motion.mean.split_at(ctx.len());
        for (mean, (beyond, at_end)) in mean.iter_mut().zip(beyond.iter().zip(at_end)) {
            *mean += beyond - at_end;
        }
    }
}

/// A published model as the hazard model has it.
#[derive(Debug)]
struct Shm6 {
    info: &'static ModelInfo,
    model: Arc<dyn Gsim>,
    fixed: Fixed,
    site: Site,
    velocity: Option<Velocity>,
    beyond: Option<Beyond>,
    /// How many of the epistemic standard deviations of the interface are added to the ln-mean.
    epsilon: f64,
}

impl Shm6 {
    fn new(info: &'static ModelInfo, model: Arc<dyn Gsim>, fixed: Fixed, site: Site) -> Shm6 {
        Shm6 { info, model, fixed, site, velocity: None, beyond: None, epsilon: 0.0 }
    }

    /// The measure that the published model is computed for.
    fn native(&self, imt: &Imt) -> Imt {
        let of_velocity = self.velocity.filter(|_| imt.kind() == ImtKind::Pgv).and_then(|v| Imt::sa(v.period));
        let end = self.beyond.as_ref().and_then(|beyond| beyond.end(imt));
        of_velocity.or(end).unwrap_or(*imt)
    }

    /// The contexts with the parameters that are the same for all.
    fn contexts(&self, ctx: &Contexts) -> Contexts {
        let mut changed = ctx.clone();
        for &(param, value) in self.fixed {
            let column = changed.column_mut(param);
            column.clear();
            column.resize(ctx.len(), value);
        }
        // of small earthquakes as of large ones, distances to the rupture are those to the hypocentre
        if matches!(self.site, Site::Garcia) {
            *changed.column_mut(Param::Rrup) = ctx.column(Param::Rhypo).to_vec();
        }
        changed
    }
}

impl Gsim for Shm6 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn std_devs(&self) -> &'static [StdDev] {
        self.model.std_devs()
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        check(self.info, imt)?;
        self.model.check(&self.native(imt))
    }

    forward!(model: outside);

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let changed = self.contexts(ctx);
        let natives: Vec<Imt> = imts.iter().map(|imt| self.native(imt)).collect();
        self.model.compute(&changed, &natives, out);
        let mut rock = GroundMotion::default();
        if self.site.needs_rock() {
            self.model.compute(&changed, &[Imt::PGA], &mut rock);
        }
        let [vs30] = ctx.columns([Param::Vs30]);
        for (m, (imt, native)) in imts.iter().zip(&natives).enumerate() {
            let row = out.row(m);
            let mean = &mut out.mean[row];
            self.site.add(native, vs30, &rock.mean, mean);
            if let Some(beyond) = &self.beyond {
                beyond.add(ctx, imt, mean);
            }
            if let Some(velocity) = self.velocity.filter(|_| imt.kind() == ImtKind::Pgv) {
                mean.iter_mut().for_each(|mean| *mean = velocity.slope * *mean + velocity.constant);
            }
            if self.epsilon != 0.0 {
                let shift = self.epsilon * abrahamson_2015::epistemic_sigma(native, false);
                mean.iter_mut().for_each(|mean| *mean += shift);
            }
        }
    }
}

/// Whether the hazard model has the intensity measure.
fn check(info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
    info.check_kind(imt)?;
    let [min, max] = PERIODS;
    match imt.period().filter(|_| imt.kind() == ImtKind::Sa) {
        Some(period) if !(min..=max).contains(&period) => {
            Err(GsimError::PeriodOutOfRange { model: info.name, imt: *imt, min, max })
        }
        _ => Ok(()),
    }
}
