//! Atkinson and Macias (2009), for great earthquakes on the interface of the Cascadia subduction zone.
//!
//! Atkinson G.M., Macias M., 2009. Predicted ground motions for great interface earthquakes in the Cascadia subduction zone.
//! Bulletin of the Seismological Society of America 99(3), 1552-1578, doi:10.1785/0120080147.
//!
//! - Component: random horizontal. Units: g.
//! - Valid for magnitude 7.5 to 9, rupture distances up to 400 km, rock of 760 m/s.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::math::ln;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "AtkinsonMacias2009",
        trt: Trt::SubductionInterface,
        imts: &[ImtKind::Pga, ImtKind::Sa],
        params: &[Param::Mag, Param::Rrup],
        std_devs: TOTAL_ONLY,
        component: Component::RandomHorizontal,
        reference: "Atkinson and Macias (2009), Predicted ground motions for great interface earthquakes in the Cascadia \
                    subduction zone, Bulletin of the Seismological Society of America 99(3), 1552-1578",
        doi: Some("10.1785/0120080147"),
        validity: Validity::NOT_STATED.magnitude(7.5, 9.0).distance(Param::Rrup, 0.0, 400.0),
    },
    make: |info, _| Ok(Arc::new(AtkinsonMacias2009 { info })),
}];

coefficients! {
    /// Table 4.
    struct Coeffs { c0, c1, c2, c3, c4, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AtkinsonMacias2009.csv");

/// Atkinson and Macias (2009).
#[derive(Debug)]
struct AtkinsonMacias2009 {
    info: &'static ModelInfo,
}

impl Gsim for AtkinsonMacias2009 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup] = ctx.columns([Param::Mag, Param::Rrup]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row(COEFFS.at(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let h = mag[k] * mag[k] - 3.1 * mag[k] - 14.55;
            let distance = rrup[k].hypot(h);
            Terms { mag: mag[k] - 8.0, distance, log10_distance: ln(distance) / LN_10 }
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// M - 8
    mag: f64,
    /// With the depth of saturation.
    distance: f64,
    log10_distance: f64,
}

/// Equations 4 and 5, log10 of cm/s^2.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        const LN_G: f64 = 6.888_230_916_953_265; // of 980.665 cm/s^2
        let c = &self.0;
        let log10 = c.c0 + (c.c3 + c.c4 * t.mag) * t.mag + c.c1 * t.log10_distance + c.c2 * t.distance;
        Estimate::total(LN_10 * log10 - LN_G, LN_10 * c.sigma)
    }
}
