//! Idini et al. (2017), for the interface and the slab of subduction in Chile.
//!
//! Idini B., Rojas F., Ruiz S., Pastén C., 2017. Ground motion prediction equations for the Chilean subduction zone. Bulletin
//! of Earthquake Engineering 15(5), 1853-1880, doi:10.1007/s10518-016-0050-1.
//!
//! - Component: geometric mean. Units: g.
//! - Valid for magnitude 5.5 to 9, distances of 40 to 300 km; `soiltype` 2 to 6 has a site term, any other is rock.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::hypot;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "IdiniEtAl2017SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Rhypo, Param::Vs30, Param::Soiltype],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Idini et al. (2017), Ground motion prediction equations for the Chilean subduction zone, Bulletin of \
                Earthquake Engineering 15(5), 1853-1880",
    doi: Some("10.1007/s10518-016-0050-1"),
    validity: Validity::NOT_STATED.magnitude(5.5, 9.0).distance(Param::Rrup, 40.0, 300.0),
};

/// The model for the slab.
const SLAB: ModelInfo = ModelInfo {
    name: "IdiniEtAl2017SSlab",
    trt: Trt::SubductionIntraslab,
    params: &[Param::Mag, Param::HypoDepth, Param::Rhypo, Param::Vs30, Param::Soiltype],
    validity: INTERFACE.validity.by(Param::Rhypo),
    ..INTERFACE
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: INTERFACE, make: |info, _| Ok(Arc::new(IdiniEtAl2017 { info, slab: false })) },
    Model { info: SLAB, make: |info, _| Ok(Arc::new(IdiniEtAl2017 { info, slab: true })) },
];

coefficients! {
    /// Tables 3 to 5.
    struct Coeffs { c1, c2, c9, c8, dc1, dc2, sigma_e, c3, c5, dc3, sigma_r, s2, s3, s4, s5, s6 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("IdiniEtAl2017.csv");

/// From this magnitude on the distance of the interface is that to the rupture.
const EXTENDED_MAG: f64 = 7.7;

/// Idini et al. (2017).
#[derive(Debug)]
struct IdiniEtAl2017 {
    info: &'static ModelInfo,
    slab: bool,
}

impl Gsim for IdiniEtAl2017 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rhypo, vs30, soil] = ctx.columns([Param::Mag, Param::Rhypo, Param::Vs30, Param::Soiltype]);
        let [other] = ctx.columns([if self.slab { Param::HypoDepth } else { Param::Rrup }]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row::new(imt, self.slab)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let by_rupture = !self.slab && mag[k] >= EXTENDED_MAG;
            let distance = if by_rupture { other[k] } else { rhypo[k] };
            let near = if self.slab { 0.0 } else { 5.0 * exp(LN_10 * 0.35 * (mag[k] - MREF)) };
            Terms {
                mag: mag[k],
                depth: if self.slab { other[k] - 50.0 } else { 0.0 },
                distance,
                log10_distance: ln(distance + near) / LN_10,
                log10_vs30: ln(vs30[k] / 1530.0) / LN_10,
                soil: [2.0, 3.0, 4.0, 5.0, 6.0].map(|s| f64::from(soil[k] == s)),
            }
        });
    }
}

const MREF: f64 = 5.0;

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    /// Of magnitude: constant, linear and squared.
    source: [f64; 3],
    depth: f64,
    /// c3, with that of the slab.
    spreading: f64,
    attenuation: f64,
    site: [f64; 5],
    sig: f64,
    tau: f64,
    phi: f64,
}

impl Row {
    /// The squared magnitude counts on the interface alone, depth and the differences in the slab alone.
    fn new(imt: &Imt, slab: bool) -> Row {
        let c = COEFFS.at(imt);
        let in_slab = if slab { 1.0 } else { 0.0 };
        let (tau, phi) = (LN_10 * c.sigma_e, LN_10 * c.sigma_r);
        Row {
            source: [c.c1 + in_slab * c.dc1, c.c2 + in_slab * c.dc2, (1.0 - in_slab) * c.c9],
            depth: in_slab * c.c8,
            spreading: c.c3 + in_slab * c.dc3,
            attenuation: c.c5,
            site: [c.s2, c.s3, c.s4, c.s5, c.s6],
            sig: hypot(tau, phi),
            tau,
            phi,
        }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// Of the hypocentre less 50 km.
    depth: f64,
    distance: f64,
    log10_distance: f64,
    /// log10(VS30 / 1530)
    log10_vs30: f64,
    /// 1 for the soil types 2 to 6, else 0.
    soil: [f64; 5],
}

/// Equations 3, 5 and 18, in log10.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let [constant, linear, squared] = self.source;
        let source = constant + (linear + squared * t.mag) * t.mag + self.depth * t.depth;
        let path = (self.spreading + 0.1 * (t.mag - MREF)) * t.log10_distance + self.attenuation * t.distance;
        let site: f64 = self.site.iter().zip(&t.soil).map(|(s, is)| s * is).sum();
        let mean = LN_10 * (source + path + site * t.log10_vs30);
        Estimate { mean, sig: self.sig, tau: self.tau, phi: self.phi }
    }
}
