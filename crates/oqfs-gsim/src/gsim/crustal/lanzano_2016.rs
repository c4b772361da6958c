//! Lanzano et al. (2016), for northern Italy, with distances to the fault's surface projection or to the hypocentre.
//!
//! Lanzano G., D'Amico M., Felicetta C., Puglia R., Luzi L., Pacor F., Bindi D., 2016. Ground-motion prediction equations
//! for region-specific probabilistic seismic-hazard analysis. Bulletin of the Seismological Society of America 106(1),
//! 73-92, doi:10.1785/0120150096.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 4 to 6.4, distances up to 200 km, sites of the Eurocode 8 classes A to C, by `vs30`.
//!
//! The sites north of a line through the Apennines attenuate otherwise than those south of it, and those on the sediments
//! of the Po Plain are marked by `bas`.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, debug_as_name};
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// With distances to the surface projection.
const RJB: ModelInfo = ModelInfo {
    name: "LanzanoEtAl2016_RJB",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Lon, Param::Lat, Param::Vs30, Param::Bas],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Lanzano et al. (2016), Ground-motion prediction equations for region-specific probabilistic \
                seismic-hazard analysis, Bulletin of the Seismological Society of America 106(1), 73-92",
    doi: Some("10.1785/0120150096"),
    validity: Validity::NOT_STATED.magnitude(4.0, 6.4).distance(Param::Rjb, 0.0, 200.0),
};

/// With distances to the hypocentre.
const RHYPO: ModelInfo = ModelInfo {
    name: "LanzanoEtAl2016_Rhypo",
    params: &[Param::Mag, Param::Rake, Param::Rhypo, Param::Lon, Param::Lat, Param::Vs30, Param::Bas],
    validity: RJB.validity.by(Param::Rhypo),
    ..RJB
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: RJB,
        make: |info, _| {
            let h: DepthOf = |imt| PSEUDO_DEPTH.at(imt).h;
            Ok(Arc::new(LanzanoEtAl2016 { info, table: &COEFFS_RJB, distance: Param::Rjb, h }))
        },
    },
    Model {
        info: RHYPO,
        make: |info, _| {
            Ok(Arc::new(LanzanoEtAl2016 { info, table: &COEFFS_RHYPO, distance: Param::Rhypo, h: |_| 0.0 }))
        },
    },
];

coefficients! {
    /// Tables S2 and S3.
    struct Coeffs {
        a, b1, b2, c11, c21, c12, c22, c13, c23, c14, c24, fnf, ftf, fun, sa, sb, sc, dbas, tau, phi, sig,
    }
}

coefficients! {
    /// Table S2: the pseudo-depth, km.
    struct PseudoDepth { h }
}

static COEFFS_RJB: LazyLock<Table<Coeffs>> = table!("LanzanoEtAl2016_rjb.csv");
static PSEUDO_DEPTH: LazyLock<Table<PseudoDepth>> = table!("LanzanoEtAl2016_rjb.csv");
static COEFFS_RHYPO: LazyLock<Table<Coeffs>> = table!("LanzanoEtAl2016_rhypo.csv");

/// The pseudo-depth of an intensity measure, km.
type DepthOf = fn(&Imt) -> f64;

/// Lanzano et al. (2016).
struct LanzanoEtAl2016 {
    info: &'static ModelInfo,
    table: &'static LazyLock<Table<Coeffs>>,
    distance: Param,
    h: DepthOf,
}

debug_as_name!(LanzanoEtAl2016);

impl Gsim for LanzanoEtAl2016 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.table.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, distance] = ctx.columns([Param::Mag, Param::Rake, self.distance]);
        let [lon, lat, vs30, bas] = ctx.columns([Param::Lon, Param::Lat, Param::Vs30, Param::Bas]);
        let row = |imt| Row { c: self.table.at(imt), h: (self.h)(imt), ln_unit: ln_unit(imt) };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k] - MREF,
            distance: distance[k],
            north: f64::from(lat[k] >= -0.33 * lon[k] + 48.3),
            faulting: faulting(rake[k]),
            class: [vs30[k] >= 800.0, (360.0..800.0).contains(&vs30[k]), vs30[k] < 360.0].map(f64::from),
            basin: f64::from(bas[k] == 1.0),
        });
    }
}

const MREF: f64 = 5.0;

/// Unknown, which strike-slip is taken as; normal; reverse: one of these is 1, the others 0.
fn faulting(rake: f64) -> [f64; 3] {
    let (reverse, normal) = (rake > 30.0 && rake < 150.0, rake < -30.0 && rake > -150.0);
    [!(reverse || normal), normal, reverse].map(f64::from)
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    h: f64,
    /// ln of the unit in which the result is wanted.
    ln_unit: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// M - Mr
    mag: f64,
    distance: f64,
    /// 1 for a site in the north, else 0.
    north: f64,
    faulting: [f64; 3],
    /// Eurocode 8 classes A to C: one of these is 1, the others 0.
    class: [f64; 3],
    /// 1 on the Po Plain, else 0.
    basin: f64,
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let log10 = magnitude(c, t) + distance(self, t) + site(c, t) + c.dbas * t.basin + style(c, t);
        let [sig, tau, phi] = [c.sig, c.tau, c.phi].map(|log10| LN_10 * log10);
        Estimate { mean: LN_10 * log10 - self.ln_unit, sig, tau, phi }
    }
}

/// Equation 5.
#[inline(always)]
fn magnitude(c: &Coeffs, t: &Terms) -> f64 {
    c.a + (c.b1 + c.b2 * t.mag) * t.mag
}

/// Equation 4: north and south, near and far.
#[inline(always)]
fn distance(row: &Row, t: &Terms) -> f64 {
    const RH: f64 = 70.0;
    let c = &row.c;
    let r = (t.distance * t.distance + row.h * row.h).sqrt();
    let near = if r <= RH { 1.0 } else { 0.0 };
    let slope = |near_1: f64, near_2: f64, far_1: f64, far_2: f64| {
        near * (near_1 + near_2 * t.mag) + (1.0 - near) * (far_1 + far_2 * t.mag)
    };
    let (north, south) = (slope(c.c11, c.c21, c.c12, c.c22), slope(c.c13, c.c23, c.c14, c.c24));
    (t.north * north + (1.0 - t.north) * south) * ln(r / RH) * LOG10_E
}

/// The style of faulting in equation 1.
#[inline(always)]
fn style(c: &Coeffs, t: &Terms) -> f64 {
    c.fun * t.faulting[0] + c.fnf * t.faulting[1] + c.ftf * t.faulting[2]
}

/// The site in equation 1.
#[inline(always)]
fn site(c: &Coeffs, t: &Terms) -> f64 {
    c.sa * t.class[0] + c.sb * t.class[1] + c.sc * t.class[2]
}
