//! Youngs et al. (1997), for the interface and the slab of subduction zones.
//!
//! Youngs R.R., Chiou S.-J., Silva W.J., Humphrey J.R., 1997. Strong ground motion attenuation relationships for subduction
//! zone earthquakes. Seismological Research Letters 68(1), 58-73, doi:10.1785/gssrl.68.1.58.
//!
//! - Component: geometric mean. Units: g.
//! - Valid for magnitude 5 and above, rupture distances of 10 to 500 km; rock from a `vs30` of 760 m/s, soil below.
//!
//! `NSHMP2008` takes hypocentres at 20 km. The `GSC` models, of the Geological Survey of Canada for 2010, are for firm
//! ground. As in the engine, the ln-mean on rock at 4 s is that of the coefficients of 3 s over 0.399.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::powi;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "YoungsEtAl1997SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Youngs et al. (1997), Strong ground motion attenuation relationships for subduction zone earthquakes, \
                Seismological Research Letters 68(1), 58-73",
    doi: Some("10.1785/gssrl.68.1.58"),
    validity: Validity::NOT_STATED.magnitude(5.0, f64::INFINITY).distance(Param::Rrup, 10.0, 500.0),
};

/// The model for the slab.
const SLAB: ModelInfo = ModelInfo { name: "YoungsEtAl1997SSlab", trt: Trt::SubductionIntraslab, ..INTERFACE };

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: INTERFACE,
        make: |info, _| Ok(Arc::new(YoungsEtAl1997 { info, slab: false, depth: None, shift: None })),
    },
    Model {
        info: ModelInfo { name: "YoungsEtAl1997SInterNSHMP2008", ..INTERFACE },
        make: |info, _| Ok(Arc::new(YoungsEtAl1997 { info, slab: false, depth: Some(20.0), shift: None })),
    },
    Model { info: SLAB, make: |info, _| Ok(Arc::new(YoungsEtAl1997 { info, slab: true, depth: None, shift: None })) },
    Model {
        info: ModelInfo { name: "YoungsEtAl1997GSCSSlabBest", ..SLAB },
        make: |info, _| Ok(Arc::new(YoungsEtAl1997 { info, slab: true, depth: None, shift: Some(0.0) })),
    },
    Model {
        info: ModelInfo { name: "YoungsEtAl1997GSCSSlabUpperLimit", ..SLAB },
        make: |info, _| Ok(Arc::new(YoungsEtAl1997 { info, slab: true, depth: None, shift: Some(0.7) })),
    },
    Model {
        info: ModelInfo { name: "YoungsEtAl1997GSCSSlabLowerLimit", ..SLAB },
        make: |info, _| Ok(Arc::new(YoungsEtAl1997 { info, slab: true, depth: None, shift: Some(-0.7) })),
    },
];

coefficients! {
    /// Table 2.
    struct Coeffs { c1, c2, c3, c4, c5 }
}

static ROCK: LazyLock<Table<Coeffs>> = table!("YoungsEtAl1997_rock.csv");
static SOIL: LazyLock<Table<Coeffs>> = table!("YoungsEtAl1997_soil.csv");

/// Table 2: what is the same for all periods.
#[derive(Clone, Copy, Debug)]
struct Ground {
    constant: f64,
    mag: f64,
    /// Factor and exponent of the term of magnitude in the distance.
    saturation: [f64; 2],
    depth: f64,
    /// For the slab.
    slab: f64,
}

const ON_ROCK: Ground =
    Ground { constant: 0.2418, mag: 1.414, saturation: [1.7818, 0.554], depth: 0.00607, slab: 0.3846 };
const ON_SOIL: Ground =
    Ground { constant: -0.6687, mag: 1.438, saturation: [1.097, 0.617], depth: 0.00648, slab: 0.3643 };

/// From this `vs30` on a site is rock, m/s.
const ROCK_VS30: f64 = 760.0;

/// Factor from rock to firm ground of the models for Canada.
const FIRM: f64 = 1.162;

/// Youngs et al. (1997).
#[derive(Debug)]
struct YoungsEtAl1997 {
    info: &'static ModelInfo,
    slab: bool,
    /// In place of that of the hypocentre, km.
    depth: Option<f64>,
    /// Of a model for Canada: what is added to its ln-mean.
    shift: Option<f64>,
}

impl Gsim for YoungsEtAl1997 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        ROCK.check(self.info, imt)?;
        SOIL.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, hypo_depth, rrup, vs30] = ctx.columns([Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let is_rock = vs30[k] >= ROCK_VS30;
            let ground = if is_rock { ON_ROCK } else { ON_SOIL };
            let [factor, exponent] = ground.saturation;
            let depth = self.depth.unwrap_or(hypo_depth[k]);
            Terms {
                rock: f64::from(is_rock),
                fixed: ground.constant + ground.mag * mag[k] + ground.depth * depth,
                cubed: powi(10.0 - mag[k], 3),
                ln_distance: ln(rrup[k] + factor * exp(exponent * mag[k])),
                mag: mag[k].min(8.0),
            }
        });
    }
}

impl YoungsEtAl1997 {
    fn row(&self, imt: &Imt) -> Row {
        let divisor = if imt.period() == Some(4.0) { 0.399 } else { 1.0 };
        let shift = self.shift.map_or(0.0, |shift| shift + ln(FIRM));
        let slab = if self.slab { [ON_ROCK.slab / divisor, ON_SOIL.slab] } else { [0.0; 2] };
        Row { rock: ROCK.at(imt), soil: SOIL.at(imt), divisor, constant: slab.map(|slab| slab + shift) }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    rock: Coeffs,
    soil: Coeffs,
    /// What the ln-mean on rock is divided by.
    divisor: f64,
    /// What is added on rock and on soil.
    constant: [f64; 2],
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// 1 on rock, 0 on soil.
    rock: f64,
    /// The sum of the terms whose coefficients are the same for all periods.
    fixed: f64,
    /// (10 - M)^3
    cubed: f64,
    /// ln(R + factor exp(exponent M))
    ln_distance: f64,
    /// M, at most 8, of the standard deviation.
    mag: f64,
}

/// Table 2.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let on = |c: &Coeffs| t.fixed + c.c1 + c.c2 * t.cubed + c.c3 * t.ln_distance;
        let (rock, soil) = (on(&self.rock) / self.divisor + self.constant[0], on(&self.soil) + self.constant[1]);
        let sigma = |c: &Coeffs| c.c4 + c.c5 * t.mag;
        if t.rock > 0.0 { Estimate::total(rock, sigma(&self.rock)) } else { Estimate::total(soil, sigma(&self.soil)) }
    }
}
