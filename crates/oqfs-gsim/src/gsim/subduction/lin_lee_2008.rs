//! Lin and Lee (2008), for the interface and the slab of subduction in northeastern Taiwan.
//!
//! Lin P.-S., Lee C.-T., 2008. Ground-motion attenuation relationships for subduction-zone earthquakes in northeastern
//! Taiwan. Bulletin of the Seismological Society of America 98(1), 220-240, doi:10.1785/0120060002.
//!
//! - Component: geometric mean. Units: g.
//! - Valid for magnitude 4.1 to 8.1, hypocentral distances of 15 to 630 km; rock from a `vs30` of 360 m/s, soil below.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "LinLee2008SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::HypoDepth, Param::Rhypo, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Lin and Lee (2008), Ground-motion attenuation relationships for subduction-zone earthquakes in northeastern \
                Taiwan, Bulletin of the Seismological Society of America 98(1), 220-240",
    doi: Some("10.1785/0120060002"),
    validity: Validity::NOT_STATED.magnitude(4.1, 8.1).distance(Param::Rhypo, 15.0, 630.0),
};

/// The model for the slab.
const SLAB: ModelInfo = ModelInfo { name: "LinLee2008SSlab", trt: Trt::SubductionIntraslab, ..INTERFACE };

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: INTERFACE, make: |info, _| Ok(Arc::new(LinLee2008 { info, slab: 0.0 })) },
    Model { info: SLAB, make: |info, _| Ok(Arc::new(LinLee2008 { info, slab: 1.0 })) },
];

coefficients! {
    /// Tables 3 and 4.
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7, sigma }
}

static ROCK: LazyLock<Table<Coeffs>> = table!("LinLee2008_rock.csv");
static SOIL: LazyLock<Table<Coeffs>> = table!("LinLee2008_soil.csv");

/// From this `vs30` on a site is rock, m/s.
const ROCK_VS30: f64 = 360.0;

/// Lin and Lee (2008).
#[derive(Debug)]
struct LinLee2008 {
    info: &'static ModelInfo,
    /// 1 for the slab, else 0.
    slab: f64,
}

impl Gsim for LinLee2008 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        ROCK.check(self.info, imt)?;
        SOIL.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, depth, rhypo, vs30] = ctx.columns([Param::Mag, Param::HypoDepth, Param::Rhypo, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row { rock: ROCK.at(imt), soil: SOIL.at(imt) }).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            rhypo: rhypo[k],
            depth: depth[k],
            slab: self.slab,
            is_rock: vs30[k] >= ROCK_VS30,
        });
    }
}

#[derive(Clone, Copy)]
struct Row {
    rock: Coeffs,
    soil: Coeffs,
}

#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rhypo: f64,
    depth: f64,
    slab: f64,
    is_rock: bool,
}

/// Equations 10 and 11.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = if t.is_rock { &self.rock } else { &self.soil };
        let distance = c.c3 * ln(t.rhypo + c.c4 * exp(c.c5 * t.mag));
        Estimate::total(c.c1 + c.c2 * t.mag + distance + c.c6 * t.depth + c.c7 * t.slab, c.sigma)
    }
}
