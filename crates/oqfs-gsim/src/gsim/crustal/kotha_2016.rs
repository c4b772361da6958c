//! Kotha et al. (2016), for Europe and the Middle East, with the differences of three regions.
//!
//! Kotha S.R., Bindi D., Cotton F., 2016. Partially non-ergodic region specific GMPE for Europe and Middle-East.
//! Bulletin of Earthquake Engineering 14(4), 1245-1263, doi:10.1007/s10518-016-9875-x. The equations are numbered as
//! there.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::{hypot, scalar};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, debug_as_name};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model without regions.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "KothaEtAl2016",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Kotha et al. (2016), Partially non-ergodic region specific GMPE for Europe and Middle-East, Bulletin of \
                Earthquake Engineering 14(4), 1245-1263",
    doi: Some("10.1007/s10518-016-9875-x"),
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(KothaEtAl2016 { info, region: |_| [0.0; 3] })) },
    Model {
        info: ModelInfo { name: "KothaEtAl2016Italy", ..BASE },
        make: |info, _| Ok(Arc::new(KothaEtAl2016 { info, region: |c| [c.dc3it, c.dg1it, c.dg2it] })),
    },
    Model {
        info: ModelInfo { name: "KothaEtAl2016Other", ..BASE },
        make: |info, _| Ok(Arc::new(KothaEtAl2016 { info, region: |c| [c.dc3oth, c.dg1oth, c.dg2oth] })),
    },
    Model {
        info: ModelInfo { name: "KothaEtAl2016Turkey", ..BASE },
        make: |info, _| Ok(Arc::new(KothaEtAl2016 { info, region: |c| [c.dc3tr, c.dg1tr, c.dg2tr] })),
    },
];

coefficients! {
    /// The electronic supplement's table.
    struct Coeffs {
        e1, b1, b2, b3, c1, c2, c3, h, g1, g2, tau, phi0, phis2s, sigma, dc3it, dc3oth, dc3tr, dg1it, dg1oth, dg1tr, dg2it,
        dg2oth, dg2tr,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("KothaEtAl2016.csv");

/// Kotha et al. (2016).
struct KothaEtAl2016 {
    info: &'static ModelInfo,
    /// What the region adds to c3, g1 and g2.
    region: fn(&Coeffs) -> [f64; 3],
}

debug_as_name!(KothaEtAl2016);

impl Gsim for KothaEtAl2016 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rjb, vs30] = ctx.columns([Param::Mag, Param::Rjb, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms { mag: mag[k], rjb: rjb[k], ln_vs30: ln(vs30[k]) });
    }
}

impl KothaEtAl2016 {
    fn row(&self, imt: &Imt) -> Row {
        const G: f64 = 9.80665; // m/s^2
        let c = COEFFS.at(imt);
        let [c3, g1, g2] = (self.region)(&c);
        // from m/s^2 and m/s
        let unit = if imt.kind() == ImtKind::Pgv { 0.01f64 } else { G };
        let phi = hypot(c.phi0, c.phis2s);
        Row { c, constant: c.e1 + c.g1 + g1 - scalar::ln(unit), c3: c.c3 + c3, g2: c.g2 + g2, phi }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// e1 and g1, with the unit.
    constant: f64,
    c3: f64,
    g2: f64,
    phi: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
    ln_vs30: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let mean = self.constant + magnitude(c, t.mag) + distance(self, t) + self.g2 * t.ln_vs30;
        Estimate { mean, sig: c.sigma, tau: c.tau, phi: self.phi }
    }
}

/// Equation 2.
#[inline(always)]
fn distance(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    let r = (t.rjb * t.rjb + c.h * c.h).sqrt();
    (c.c1 + c.c2 * (t.mag - 5.5)) * ln(r) + row.c3 * (r - 1.0)
}

/// Equation 3, without its constant.
#[inline(always)]
fn magnitude(c: &Coeffs, mag: f64) -> f64 {
    let above = mag - 6.75;
    if above >= 0.0 { c.b3 * above } else { (c.b1 + c.b2 * above) * above }
}
