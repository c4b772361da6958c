//! Bayless and Somerville (2024), for the cratons of Australia and the rest of it, from simulations.
//!
//! Bayless J., Somerville P., 2024. An updated ground motion model for Australia developed using broadband ground motion
//! simulations. Proceedings of the AEES 2024 National Conference, Adelaide; with the coefficients and the depth scaling of May
//! 2026. The hanging wall is that of Abrahamson et al. (2014), the ground that of Boore et al. (2014), the standard deviations
//! those of Al Atik (2015).
//!
//! - Component: RotD50. Units: g.
//! - Valid for magnitude 4 to 8, rupture distances up to 300 km, `vs30` of 150 to 1,500 m/s.
//!
//! As in the engine, `z1pt0` is taken as if it were in km. The engine takes `ry0` where another model of the calculation asks for it,
//! and else 0; here it is always taken. The argument `hwflag` is 1, or 0 for no hanging wall.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::abrahamson_2014::hanging_wall;
use crate::gsim::crustal::boore_2014::california_z1;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "BaylessSomerville2024Cratonic",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[
        Param::Mag,
        Param::Dip,
        Param::Width,
        Param::Ztor,
        Param::Rrup,
        Param::Rx,
        Param::Ry0,
        Param::Vs30,
        Param::Z1pt0,
    ],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Bayless and Somerville (2024), An updated ground motion model for Australia developed using broadband ground \
                motion simulations, Proceedings of the AEES 2024 National Conference",
    doi: None,
    validity: Validity::NOT_STATED.magnitude(4.0, 8.0).distance(Param::Rrup, 0.0, 300.0).vs30(150.0, 1500.0),
};

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "BaylessSomerville2024Cratonic": BASE => make(&CRATONIC),
    "BaylessSomerville2024NonCratonic": BASE => make(&NON_CRATONIC),
};

fn make(info: &'static ModelInfo, arguments: &mut Arguments, coeffs: &'static LazyLock<Table<Coeffs>>) -> Made {
    let hanging_wall = match arguments.number_or("hwflag", 1.0)? {
        0.0 => 0.0,
        1.0 => 1.0,
        flag => return Err(arguments.wrong("hwflag", &flag, "0 or 1")),
    };
    Ok(Arc::new(BaylessSomerville2024 { info, coeffs, hanging_wall }))
}

coefficients! {
    /// Appendix D.
    struct Coeffs {
        a1, a17, m1, c4, a2, a3, a4, a5, a6, a7, a8, d1, d2, d3, d4, a13, c_site, vc, b4, b5, b6, b7, phi_a, phi_b,
    }
}

static CRATONIC: LazyLock<Table<Coeffs>> = table!("BaylessSomerville2024.csv", "cratonic");
static NON_CRATONIC: LazyLock<Table<Coeffs>> = table!("BaylessSomerville2024.csv", "noncratonic");

/// The period whose motion on rock makes soil yield, s.
const OF_ROCK: f64 = 0.01;
/// Below this magnitude, small ones have their own scaling.
const M2: f64 = 5.0;
/// The `vs30` of rock, m/s.
const VREF: f64 = 760.0;

/// Bayless and Somerville (2024).
struct BaylessSomerville2024 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    /// 1, or 0 for no hanging wall.
    hanging_wall: f64,
}

impl std::fmt::Debug for BaylessSomerville2024 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.info.name, self.hanging_wall)
    }
}

impl Gsim for BaylessSomerville2024 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, dip, width, ztor] = ctx.columns([Param::Mag, Param::Dip, Param::Width, Param::Ztor]);
        let [rrup, rx, ry0] = ctx.columns([Param::Rrup, Param::Rx, Param::Ry0]);
        let [vs30, z1pt0] = ctx.columns([Param::Vs30, Param::Z1pt0]);
        let Some(of_rock) = Imt::sa(OF_ROCK).and_then(|imt| self.coeffs.get(&imt)) else { return };
        let rows: Vec<Row> = imts.iter().map(|imt| Row::new(imt, self.coeffs.at(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture { mag: mag[k], rrup: rrup[k], depth: (ztor[k] - 10.0).min(5.0) };
            let mean_z1 = california_z1(vs30[k]);
            Terms {
                rupture,
                hanging: self.hanging_wall * hanging_wall(mag[k], dip[k], width[k], ztor[k], [rx[k], ry0[k]], 3.0),
                vs30: vs30[k],
                ln_yielding: ln((exp(ln_rock(&of_rock, &rupture)) + 0.1) / 0.1),
                dz1: if z1pt0[k] < 0.0 { 0.0 } else { z1pt0[k] - mean_z1 },
            }
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The slope of the basin term, its end, and what it is beyond, of Boore et al. (2014).
    basin: [f64; 3],
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        let end = if c.b6.abs() > 1e-9 { c.b7 / c.b6 } else { 1e9 };
        let has_basin = imt.period().is_some_and(|period| period >= 0.65);
        Row { c, basin: if has_basin { [c.b6, end, c.b7] } else { [0.0, 1e9, 0.0] } }
    }
}

/// What the motion on rock depends on.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rrup: f64,
    /// Ztor beyond 10 km, at most 5.
    depth: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    hanging: f64,
    vs30: f64,
    /// How far the motion on rock makes soil yield.
    ln_yielding: f64,
    /// Z1.0 less its mean.
    dz1: f64,
}

/// Equation 2.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let linear = c.c_site * ln(t.vs30.min(c.vc) / VREF);
        let b2 = c.b4 * (exp(c.b5 * (t.vs30.min(VREF) - 360.0)) - exp(c.b5 * (VREF - 360.0)));
        let [slope, end, beyond] = self.basin;
        let basin = if t.dz1 <= end { slope * t.dz1 } else { beyond };
        let mean = ln_rock(c, &t.rupture) + linear + b2 * t.ln_yielding + basin + c.a13 * t.hanging;
        let (tau, phi) = (tau(t.rupture.mag), phi(c, t.rupture.mag));
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

#[inline(always)]
fn ln_rock(c: &Coeffs, r: &Rupture) -> f64 {
    let depth = c.d4 + r.depth * (c.d3 + r.depth * (c.d2 + r.depth * c.d1));
    magnitude(c, r.mag) + path(c, r) + depth
}

/// Equation 3.
#[inline(always)]
fn magnitude(c: &Coeffs, mag: f64) -> f64 {
    let large = mag.max(M2);
    let slope = if large >= c.m1 { c.a5 } else { c.a4 };
    let small = mag.min(M2) - M2;
    c.a1 + slope * (large - c.m1) + c.a8 * (8.5 - large) * (8.5 - large) + small * (c.a6 + c.a7 * small)
}

/// Equation 4.
#[inline(always)]
fn path(c: &Coeffs, r: &Rupture) -> f64 {
    let c4 = c.c4 - (c.c4 - 2.0) * (5.0 - r.mag).clamp(0.0, 1.0);
    (c.a2 + c.a3 * (r.mag.max(M2) - c.m1)) * 0.5 * ln(r.rrup * r.rrup + c4 * c4) + c.a17 * r.rrup
}

/// Al Atik (2015), equation 5.6.
#[inline(always)]
fn tau(mag: f64) -> f64 {
    const TAU: [f64; 4] = [0.4518, 0.4270, 0.3863, 0.3508];
    let ramp = |from: f64, to: f64| ((mag - from) / (to - from)).clamp(0.0, 1.0);
    TAU[0]
        + (TAU[1] - TAU[0]) * ramp(4.5, 5.0)
        + (TAU[2] - TAU[1]) * ramp(5.0, 5.5)
        + (TAU[3] - TAU[2]) * ramp(5.5, 6.5)
}

/// Al Atik (2015), equation 5.14.
#[inline(always)]
fn phi(c: &Coeffs, mag: f64) -> f64 {
    c.phi_a + (c.phi_b - c.phi_a) * ((mag - 5.0) / 1.5).clamp(0.0, 1.0)
}
