//! Si, Midorikawa and Kishida (2020), for the interface and the slab of subduction in Japan.
//!
//! Si H., Midorikawa S., Kishida T., 2020. Development of NGA-Sub ground-motion model of 5%-damped pseudo-spectral
//! acceleration based on database for subduction earthquakes in Japan. Pacific Earthquake Engineering Research Center,
//! Report 2020/06. The equations are numbered as there.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`. The crust is 30 km thick everywhere, as in the engine.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::campbell_bozorgnia_2014::z2pt5_or_mean;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "SiEtAl2020SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &PARAMS,
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Si et al. (2020), Development of NGA-Sub ground-motion model of 5%-damped pseudo-spectral acceleration based \
                on database for subduction earthquakes in Japan, PEER Report 2020/06",
    doi: None,
    validity: Validity::NOT_STATED,
};

const PARAMS: [Param; 5] = [Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30, Param::Z2pt5];

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: INTERFACE, make: |info, _| Ok(Arc::new(SiEtAl2020 { info })) },
    Model {
        info: ModelInfo { name: "SiEtAl2020SSlab", trt: Trt::SubductionIntraslab, ..INTERFACE },
        make: |info, _| Ok(Arc::new(SiEtAl2020 { info })),
    },
];

coefficients! {
    /// The report's table, in common logarithms but for the site.
    struct Coeffs { e, a1, d0, d1, a2, h, cd, dd, c, vc, vref, f1, f3, f4, f5, phi, tau, c_gs, c_attn }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("SiEtAl2020.csv");

/// Si et al. (2020).
#[derive(Debug)]
struct SiEtAl2020 {
    info: &'static ModelInfo,
}

impl Gsim for SiEtAl2020 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        const MOHO: f64 = 30.0;
        let [mag, depth, rrup, vs30, z2pt5] = ctx.columns(PARAMS);
        let pga = self.row(&Imt::PGA);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let beyond = 1.7 * depth[k];
            let rupture = Rupture {
                mag: mag[k],
                near_source: exp(0.5 * std::f64::consts::LN_10 * mag[k].min(8.3)),
                depth: depth[k],
                rrup: rrup[k],
                bend: if depth[k] > MOHO && rrup[k] >= beyond { beyond } else { rrup[k] },
                z2pt5: z2pt5_or_mean(true, z2pt5[k], vs30[k]),
            };
            Terms { rupture, pga760: exp(ln_rock(&pga, &rupture)), vs30: vs30[k] }
        });
    }
}

impl SiEtAl2020 {
    fn row(&self, imt: &Imt) -> Row {
        let c = COEFFS.at(imt);
        let is_long = imt.period().is_some_and(|period| period >= 2.0);
        Row {
            c,
            constant: c.e + if self.info.trt == Trt::SubductionInterface { c.d0 } else { c.d1 } + c.cd,
            great: if is_long { 7.5 } else { 8.3 },
            at_reference: scalar::exp(c.f5 * (VREF - 360.0)),
        }
    }
}

/// Harder ground yields as this, m/s.
const VREF: f64 = 760.0;

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// e, with d0 or d1 and the constant of the basin.
    constant: f64,
    /// The magnitude where the scaling breaks.
    great: f64,
    /// The exponential of equation 3.4 at the reference velocity.
    at_reference: f64,
}

/// What the model needs of a rupture, its distance, and the basin.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    /// What c_gs multiplies.
    near_source: f64,
    depth: f64,
    rrup: f64,
    /// The distance where spreading becomes faster, if the site is beyond that, else its own, km.
    bend: f64,
    z2pt5: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    pga760: f64,
    vs30: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let (tau, phi) = (self.c.tau, self.c.phi);
        let mean = ln_rock(self, &t.rupture) + site(self, t);
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Equations 3.10 and 3.13 to 3.16.
#[inline(always)]
fn ln_rock(row: &Row, r: &Rupture) -> f64 {
    let c = &row.c;
    let near_source = c.c_gs * r.near_source;
    let spreading = 0.6 * ln(r.bend + near_source) - 1.6 * ln(r.rrup + near_source);
    let magnitude = c.a1 * r.mag + (c.a2 - c.a1) * (r.mag - row.great).max(0.0);
    let common = row.constant + magnitude + c.h * r.depth + c.c_attn * r.rrup + c.dd * r.z2pt5;
    std::f64::consts::LN_10 * common + spreading
}

/// Equations 3.2 to 3.4.
#[inline(always)]
fn site(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    let f2 = 0.5 * c.f4 * (exp(c.f5 * (t.vs30.min(VREF) - 360.0)) - row.at_reference);
    c.c * ln(t.vs30.min(c.vc) / c.vref) + c.f1 + f2 * ln((t.pga760 + c.f3) / c.f3)
}
