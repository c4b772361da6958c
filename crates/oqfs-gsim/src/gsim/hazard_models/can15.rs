//! The models of the seismic hazard model of Canada of 2015, made of other models.
//!
//! Atkinson G.M., Adams J., 2013. Ground motion prediction equations for application to the 2015 Canadian national
//! seismic hazard maps. Canadian Journal of Civil Engineering 40(10), 988-998, doi:10.1139/cjce-2012-0544.
//!
//! - Component and units: those of the models. The ground is rock of 760 m/s.
//! - The total standard deviation is the same for all; as in the engine, a model of one other gives that one's parts,
//!   which do not make up the total. Distances to the rupture are those usual at the epicentral distance.
//!
//! `WesternCan15` is Boore and Atkinson (2011), `OceanicCan15` the same for half a magnitude less, `EasternCan15` five
//! models of stable crust, `SInterCan15` four of the interface, and `SSlabCan15` that of Zhao et al. (2006). `Low` and
//! `Upp` are the branches of epistemic uncertainty. `AtkinsonMacias2009NSHMP2014` is the model of its name on the same
//! rock.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::hypot;
use crate::elementary::scalar::{exp, exp10, ln};
use crate::gsim::arguments::NO_FILES;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::registry::{self, Made, Make, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The models for western Canada.
const WEST: ModelInfo = ModelInfo {
    name: "WesternCan15Mid",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Repi, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GmRotI50,
    reference: "Atkinson and Adams (2013), Ground motion prediction equations for application to the 2015 Canadian national \
                seismic hazard maps, Canadian Journal of Civil Engineering 40(10), 988-998",
    doi: Some("10.1139/cjce-2012-0544"),
    validity: Validity::NOT_STATED,
};

/// The same with a given distance to the surface projection.
const WEST_RJB: ModelInfo = ModelInfo { params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30], ..WEST };

/// The models for eastern Canada.
const EAST: ModelInfo =
    ModelInfo { trt: Trt::StableShallowCrust, imts: &[ImtKind::Pga, ImtKind::Sa], std_devs: TOTAL_ONLY, ..WEST };

/// The models for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30, Param::Backarc],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    ..WEST
};

/// The models for the slab.
const SLAB: ModelInfo = ModelInfo {
    trt: Trt::SubductionIntraslab,
    params: &[Param::Mag, Param::HypoDepth, Param::Repi, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    ..INTERFACE
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    of(WEST, "WesternCan15Low", |info, _| west(info, West::Equivalent, -1.0)),
    of(WEST, "WesternCan15Mid", |info, _| west(info, West::Equivalent, 0.0)),
    of(WEST, "WesternCan15Upp", |info, _| west(info, West::Equivalent, 1.0)),
    of(WEST_RJB, "WesternCan15RjbLow", |info, _| west(info, West::Given, -1.0)),
    of(WEST_RJB, "WesternCan15RjbMid", |info, _| west(info, West::Given, 0.0)),
    of(WEST_RJB, "WesternCan15RjbUpp", |info, _| west(info, West::Given, 1.0)),
    of(WEST, "OceanicCan15Low", |info, _| west(info, West::Oceanic, -1.0)),
    of(WEST, "OceanicCan15Mid", |info, _| west(info, West::Oceanic, 0.0)),
    of(WEST, "OceanicCan15Upp", |info, _| west(info, West::Oceanic, 1.0)),
    of(EAST, "EasternCan15Low", |info, _| east(info, -1.0)),
    of(EAST, "EasternCan15Mid", |info, _| east(info, 0.0)),
    of(EAST, "EasternCan15Upp", |info, _| east(info, 1.0)),
    of(INTERFACE, "SInterCan15Low", |info, _| interface(info, -1.0)),
    of(INTERFACE, "SInterCan15Mid", |info, _| interface(info, 0.0)),
    of(INTERFACE, "SInterCan15Upp", |info, _| interface(info, 1.0)),
    of(SLAB, "SSlabCan15Low", |info, _| slab(info, -1.0)),
    of(SLAB, "SSlabCan15Mid", |info, _| slab(info, 0.0)),
    of(SLAB, "SSlabCan15Upp", |info, _| slab(info, 1.0)),
    Model {
        info: ModelInfo {
            name: "AtkinsonMacias2009NSHMP2014",
            imts: &[ImtKind::Pga, ImtKind::Sa],
            params: &[Param::Mag, Param::Rrup],
            component: Component::RandomHorizontal,
            ..INTERFACE
        },
        make: |info, _| {
            let parts = vec![part("AtkinsonMacias2009", 1.0, Distances::Given, Factor::Interface)?];
            Ok(Arc::new(Can15 { info, parts, branch: Branch::Published }))
        },
    },
];

const fn of(info: ModelInfo, name: &'static str, make: Make) -> Model {
    Model { info: ModelInfo { name, ..info }, make }
}

/// Which distances and magnitude a western model has.
#[derive(Clone, Copy)]
enum West {
    Equivalent,
    Given,
    Oceanic,
}

fn west(info: &'static ModelInfo, kind: West, sign: f64) -> Made {
    let distances = match kind {
        West::Equivalent => Distances::West { less: 0.0 },
        West::Given => Distances::Given,
        West::Oceanic => Distances::West { less: 0.5 },
    };
    let parts = vec![part("BooreAtkinson2011", 1.0, distances, Factor::None)?];
    Ok(Arc::new(Can15 { info, parts, branch: Branch::West { sign, distances } }))
}

fn east(info: &'static ModelInfo, sign: f64) -> Made {
    let (near, far) = (Distances::East { saturated: true }, Distances::East { saturated: false });
    let parts = vec![
        part("PezeshkEtAl2011", 0.2, far, Factor::HardRock)?,
        part("Atkinson2008prime", 0.2, far, Factor::None)?,
        part("SilvaEtAl2002SingleCornerSaturation", 0.2, far, Factor::HardRock)?,
        part("SilvaEtAl2002DoubleCornerSaturation", 0.2, far, Factor::HardRock)?,
        part("AtkinsonBoore2006Modified2011", 0.2, near, Factor::None)?,
    ];
    Ok(Arc::new(Can15 { info, parts, branch: Branch::East { sign } }))
}

fn interface(info: &'static ModelInfo, sign: f64) -> Made {
    let parts = vec![
        part("ZhaoEtAl2006SInter", 0.1, Distances::Given, Factor::Interface)?,
        part("AtkinsonMacias2009", 0.5, Distances::Given, Factor::None)?,
        part("AbrahamsonEtAl2015SInter", 0.2, Distances::Given, Factor::None)?,
        part("GhofraniAtkinson2014", 0.2, Distances::Given, Factor::Interface)?,
    ];
    Ok(Arc::new(Can15 { info, parts, branch: Branch::Interface { sign } }))
}

fn slab(info: &'static ModelInfo, sign: f64) -> Made {
    let parts = vec![part("ZhaoEtAl2006SSlab", 1.0, Distances::Slab, Factor::Slab)?];
    Ok(Arc::new(Can15 { info, parts, branch: Branch::Slab { sign } }))
}

fn part(name: &str, weight: f64, distances: Distances, factor: Factor) -> Result<Part, GsimError> {
    Ok(Part { model: registry::make(name, toml::Table::new(), NO_FILES)?, weight, distances, factor })
}

coefficients! {
    /// Factor to rock of 760 m/s: a common logarithm in the east and in the slab, the factor itself at the interface.
    struct Rock { mf }
}

static EAST_ROCK: LazyLock<Table<Rock>> = table!("Can15_east.csv");
static INTERFACE_ROCK: LazyLock<Table<Rock>> = table!("Can15_interface.csv");
static SLAB_ROCK: LazyLock<Table<Rock>> = table!("Can15_slab.csv");

/// One of the models that a model is made of.
#[derive(Debug)]
struct Part {
    model: Arc<dyn Gsim>,
    weight: f64,
    distances: Distances,
    factor: Factor,
}

/// What is added to a part for rock of 760 m/s.
#[derive(Clone, Copy, Debug)]
enum Factor {
    None,
    HardRock,
    Interface,
    Slab,
}

impl Factor {
    fn check(self, info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        match self {
            Factor::None => Ok(()),
            Factor::HardRock if imt.kind() == ImtKind::Pga => Ok(()),
            Factor::HardRock => EAST_ROCK.check(info, imt),
            Factor::Interface => INTERFACE_ROCK.check(info, imt),
            Factor::Slab => SLAB_ROCK.check(info, imt),
        }
    }

    /// A constant, and the factor of the logarithm of the epicentral distance.
    fn ln(self, imt: &Imt) -> [f64; 2] {
        match self {
            Factor::None => [0.0; 2],
            Factor::HardRock if imt.kind() == ImtKind::Pga => [-0.3 * LN_10, 0.15],
            Factor::HardRock => [EAST_ROCK.at(imt).mf * LN_10, 0.0],
            Factor::Interface => [ln(INTERFACE_ROCK.at(imt).mf), 0.0],
            Factor::Slab => [SLAB_ROCK.at(imt).mf * LN_10, 0.0],
        }
    }
}

/// Distances to the rupture: as given, or those usual at an epicentral distance, after Atkinson (2012), appendix A.
#[derive(Clone, Copy, Debug)]
enum Distances {
    Given,
    /// Of faults in active crust, and a magnitude less than that of the rupture.
    West {
        less: f64,
    },
    /// Of shorter faults in stable crust; those of small earthquakes are deeper if `saturated`.
    East {
        saturated: bool,
    },
    /// Of a slab 50 km deep.
    Slab,
}

impl Distances {
    /// To the surface projection and to the rupture, km.
    fn equivalent(self, mag: f64, repi: f64) -> [f64; 2] {
        const FOCUS: f64 = 10.0;
        let (factor, top) = match self {
            Distances::Slab => {
                let radius = (exp10(0.89 * mag - 3.225) / std::f64::consts::PI).sqrt();
                let rjb = (repi - radius).max(0.0);
                return [rjb, hypot(rjb, 50.0)];
            }
            Distances::East { saturated: true } => (0.6, 21.0 - 2.5 * mag),
            Distances::East { saturated: false } => (0.6, 0.0),
            Distances::West { .. } | Distances::Given => (1.0, 0.0),
        };
        let [length, width] = [exp10(0.59 * mag - 2.44), exp10(0.32 * mag - 1.01)].map(|size| factor * size);
        let rjb = (repi - 0.3 * length).max(0.1);
        [rjb, hypot(rjb, (FOCUS - 0.5 * width).max(top).max(0.0))]
    }

    fn magnitude(self, mag: f64) -> f64 {
        if let Distances::West { less } = self { mag - less } else { mag }
    }

    /// The contexts with these distances and magnitudes; `None` if they are those given.
    fn contexts(self, ctx: &Contexts) -> Option<Contexts> {
        if matches!(self, Distances::Given) {
            return None;
        }
        let [mag, repi] = ctx.columns([Param::Mag, Param::Repi]);
        let mag = mag.iter().map(|&mag| self.magnitude(mag));
        let mut changed = ctx.clone();
        for param in [Param::Mag, Param::Rjb, Param::Rrup] {
            let values = mag.clone().zip(repi).map(|(mag, &repi)| match (param, self.equivalent(mag, repi)) {
                (Param::Rjb, [rjb, _]) => rjb,
                (Param::Rrup, [_, rrup]) => rrup,
                _ => mag,
            });
            let column = changed.column_mut(param);
            column.clear();
            column.extend(values);
        }
        Some(changed)
    }
}

/// The branch of epistemic uncertainty: -1, 0 or 1 times what is added to the ln-mean.
#[derive(Clone, Copy, Debug)]
enum Branch {
    /// None, and the standard deviations of the part.
    Published,
    West {
        sign: f64,
        distances: Distances,
    },
    East {
        sign: f64,
    },
    Interface {
        sign: f64,
    },
    Slab {
        sign: f64,
    },
}

/// A model of Canada's hazard model.
#[derive(Debug)]
struct Can15 {
    info: &'static ModelInfo,
    parts: Vec<Part>,
    branch: Branch,
}

impl Gsim for Can15 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)?;
        for part in &self.parts {
            part.model.check(imt)?;
            part.factor.check(self.info, imt)?;
        }
        Ok(())
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        out.reset(imts.len(), ctx.len());
        let repi = ctx.column(Param::Repi);
        let mut motion = GroundMotion::default();
        for part in &self.parts {
            let changed = part.distances.contexts(ctx);
            part.model.compute(changed.as_ref().unwrap_or(ctx), imts, &mut motion);
            for (m, imt) in imts.iter().enumerate() {
                let [constant, by_distance] = part.factor.ln(imt);
                for k in 0..ctx.len() {
                    let at = m * ctx.len() + k;
                    let ln_repi = if by_distance == 0.0 { 0.0 } else { repi.get(k).map_or(0.0, |repi| ln(*repi)) };
                    out.mean[at] += part.weight * (motion.mean[at] + constant + by_distance * ln_repi);
                    out.sig[at] += part.weight * exp(motion.sig[at]);
                }
            }
        }
        if self.parts.len() == 1 {
            (out.tau, out.phi) = (motion.tau, motion.phi);
        }
        for (m, imt) in imts.iter().enumerate() {
            for k in 0..ctx.len() {
                let at = m * ctx.len() + k;
                let sigma = ln(out.sig[at]);
                out.mean[at] += self.spread(ctx, k, sigma);
                out.sig[at] = if matches!(self.branch, Branch::Published) { sigma } else { total(imt) };
            }
        }
    }
}

impl Can15 {
    /// What the branch adds for the k-th context; `sigma` is the standard deviation of the parts.
    fn spread(&self, ctx: &Contexts, k: usize, sigma: f64) -> f64 {
        let column = |param| ctx.column(param)[k];
        match self.branch {
            Branch::Published => 0.0,
            Branch::West { sign, distances } => {
                let rjb = match distances {
                    Distances::Given => column(Param::Rjb),
                    _ => distances.equivalent(distances.magnitude(column(Param::Mag)), column(Param::Repi))[0],
                };
                sign * LN_10 * (0.1 + 0.0007 * rjb).min(0.3)
            }
            Branch::East { sign } => sign * (sigma + (0.1 - 0.001 * column(Param::Repi)).max(0.0)),
            Branch::Interface { sign } => sign * (0.15 - 0.0007 * column(Param::Rrup)).min(0.35),
            Branch::Slab { sign } => sign * LN_10 * 0.15,
        }
    }
}

/// The standard deviation of an intensity measure.
fn total(imt: &Imt) -> f64 {
    let long = ((imt.period().unwrap_or(0.0) - 0.2) / 0.8).clamp(0.0, 1.0);
    LN_10 * (0.23 + 0.04 * long)
}
