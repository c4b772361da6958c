//! Morikawa and Fujiwara (2013), for the crust, the interface and the slab of subduction in Japan, up to magnitude 9.
//!
//! Morikawa N., Fujiwara H., 2013. A new ground motion prediction equation for Japan applicable up to M9
//! mega-earthquake. Journal of Disaster Research 8(5), 878-888, doi:10.20965/jdr.2013.p0878. This is its model 1,
//! quadratic in magnitude.
//!
//! - Component: geometric mean. Units: g.
//! - `z1pt4`, m; `xvf`, the distance from the volcanic front, km, positive on the side of the trench.
//!
//! `NE` and `SW` have the anomalous intensities of north-eastern and south-western Japan. As in the engine, `PGV` and
//! `JMA` are divided by the acceleration of gravity too, and `JMA` is a logarithm.

use std::sync::{Arc, LazyLock};

use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::math::{exp, ln};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::{Make, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the crust.
const CRUST: ModelInfo = ModelInfo {
    name: "MorikawaFujiwara2013Crustal",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa, ImtKind::Jma],
    params: &PARAMS,
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Morikawa and Fujiwara (2013), A new ground motion prediction equation for Japan applicable up to M9 \
                mega-earthquake, Journal of Disaster Research 8(5), 878-888",
    doi: Some("10.20965/jdr.2013.p0878"),
    validity: Validity::NOT_STATED,
};

const PARAMS: [Param; 6] = [Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30, Param::Z1pt4, Param::Xvf];
const INTERFACE: ModelInfo = ModelInfo { trt: Trt::SubductionInterface, ..CRUST };
const SLAB: ModelInfo = ModelInfo { trt: Trt::SubductionIntraslab, ..CRUST };

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: CRUST, make: PLAIN },
    Model { info: ModelInfo { name: "MorikawaFujiwara2013SubInterface", ..INTERFACE }, make: PLAIN },
    Model { info: ModelInfo { name: "MorikawaFujiwara2013SubInterfaceNE", ..INTERFACE }, make: NORTH_EAST },
    Model { info: ModelInfo { name: "MorikawaFujiwara2013SubInterfaceSW", ..INTERFACE }, make: SOUTH_WEST },
    Model { info: ModelInfo { name: "MorikawaFujiwara2013SubSlab", ..SLAB }, make: PLAIN },
    Model { info: ModelInfo { name: "MorikawaFujiwara2013SubSlabNE", ..SLAB }, make: NORTH_EAST },
    Model { info: ModelInfo { name: "MorikawaFujiwara2013SubSlabSW", ..SLAB }, make: SOUTH_WEST },
];

const PLAIN: Make = |info, _| Ok(Arc::new(MorikawaFujiwara2013 { info, region: Region::Any }));
const NORTH_EAST: Make = |info, _| Ok(Arc::new(MorikawaFujiwara2013 { info, region: Region::NorthEast }));
const SOUTH_WEST: Make = |info, _| Ok(Arc::new(MorikawaFujiwara2013 { info, region: Region::SouthWest }));

coefficients! {
    /// The coefficients of model 1, in common logarithms.
    struct Coeffs { a, b1, b2, b3, c1, c2, c3, d, pd, dlmin, ps, vsmax, v0, gne, gew, ph, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("MorikawaFujiwara2013.csv");

/// Where in Japan.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Region {
    Any,
    NorthEast,
    SouthWest,
}

/// Morikawa and Fujiwara (2013).
#[derive(Debug)]
struct MorikawaFujiwara2013 {
    info: &'static ModelInfo,
    region: Region,
}

impl Gsim for MorikawaFujiwara2013 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, depth, rrup, vs30, z1pt4, xvf] = ctx.columns(PARAMS);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let mag = mag[k].min(8.2);
            Terms {
                below: (mag - 16.0) * (mag - 16.0),
                near_source: exp(0.5 * std::f64::consts::LN_10 * mag),
                rrup: rrup[k],
                anomaly: xvf[k].min(75.0) * (depth[k] - 30.0).max(0.0),
                shallow: f64::from(depth[k] < 80.0),
                z1pt4: z1pt4[k],
                vs30: vs30[k],
            }
        });
    }
}

impl MorikawaFujiwara2013 {
    fn row(&self, imt: &Imt) -> Row {
        let c = COEFFS.at(imt);
        let (b, constant) = match self.info.trt {
            Trt::SubductionInterface => (c.b2, c.c2),
            Trt::SubductionIntraslab => (c.b3, c.c3),
            _ => (c.b1, c.c1),
        };
        let (gamma, shallow) = match self.region {
            Region::Any => (0.0, 0.0),
            Region::NorthEast => (c.gne, 0.0),
            Region::SouthWest => (c.gew, if self.info.trt == Trt::SubductionIntraslab { c.ph } else { 0.0 }),
        };
        Row { c, b, constant: constant - 980.665f64.log10(), gamma, shallow }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    b: f64,
    /// c, with the unit.
    constant: f64,
    gamma: f64,
    /// What hypocentres above 80 km in the slab add in the south-west.
    shallow: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// (M - 16)^2
    below: f64,
    /// What d multiplies.
    near_source: f64,
    rrup: f64,
    /// What gamma multiplies.
    anomaly: f64,
    /// 1 if the hypocentre is above 80 km, else 0.
    shallow: f64,
    z1pt4: f64,
    vs30: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        const LN_10: f64 = std::f64::consts::LN_10;
        let c = &self.c;
        let source =
            self.constant + c.a * t.below + self.b * t.rrup + self.shallow * t.shallow + self.gamma * t.anomaly;
        let basin = c.pd * ln(t.z1pt4.max(c.dlmin) / 300.0);
        let site = c.ps * ln(t.vs30.min(c.vsmax) / c.v0);
        Estimate::total(LN_10 * source - ln(t.rrup + c.d * t.near_source) + basin + site, LN_10 * c.sigma)
    }
}
