//! The backbone of the Earthquake Model of the Middle East of 2024 (EMME24): Chiou and Youngs (2014) for California, with another
//! term of the ground and fifteen branches of scaling.
//!
//! Güryuva B., Kale Ö., Sandıkkaya M.A., Danciu L., as the engine has it.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`.
//!
//! `GMM1` to `GMM5` are the medians: lower range, lower body, centre, upper body and upper range; `SGM1` to `SGM3` the lower, the
//! central and the upper standard deviations.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::chiou_youngs_2014::{self, Backbone, Rupture};
use crate::gsim::model_info::debug_as_name;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param};

const BASE: ModelInfo = ModelInfo {
    params: &[Param::Mag, Param::Rake, Param::Dip, Param::Ztor, Param::Rrup, Param::Rjb, Param::Rx, Param::Vs30],
    ..chiou_youngs_2014::BASE
};

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "EMME24BB_GMM1SGM1": BASE => make(&LOWER_RANGE, &LOW),
    "EMME24BB_GMM1SGM2": BASE => make(&LOWER_RANGE, &CENTRAL),
    "EMME24BB_GMM1SGM3": BASE => make(&LOWER_RANGE, &HIGH),
    "EMME24BB_GMM2SGM1": BASE => make(&LOWER_BODY, &LOW),
    "EMME24BB_GMM2SGM2": BASE => make(&LOWER_BODY, &CENTRAL),
    "EMME24BB_GMM2SGM3": BASE => make(&LOWER_BODY, &HIGH),
    "EMME24BB_GMM3SGM1": BASE => make(&CENTRE, &LOW),
    "EMME24BB_GMM3SGM2": BASE => make(&CENTRE, &CENTRAL),
    "EMME24BB_GMM3SGM3": BASE => make(&CENTRE, &HIGH),
    "EMME24BB_GMM4SGM1": BASE => make(&UPPER_BODY, &LOW),
    "EMME24BB_GMM4SGM2": BASE => make(&UPPER_BODY, &CENTRAL),
    "EMME24BB_GMM4SGM3": BASE => make(&UPPER_BODY, &HIGH),
    "EMME24BB_GMM5SGM1": BASE => make(&UPPER_RANGE, &LOW),
    "EMME24BB_GMM5SGM2": BASE => make(&UPPER_RANGE, &CENTRAL),
    "EMME24BB_GMM5SGM3": BASE => make(&UPPER_RANGE, &HIGH),
};

fn make(
    info: &'static ModelInfo,
    _: &mut Arguments,
    median: &'static LazyLock<Table<Median>>,
    sigma: &'static LazyLock<Table<Sigma>>,
) -> Made {
    Ok(Arc::new(Emme24 { info, median, sigma }))
}

coefficients! {
    /// The scaling of the median.
    struct Median { c1, c2, c3, c4, c5, c6 }
}

coefficients! {
    /// The standard deviations of small and of great earthquakes.
    struct Sigma { tau1, tau2, phi1, phi2 }
}

coefficients! {
    /// The term of the ground.
    struct Ground { a1, a2, a3, a4, vc }
}

static LOWER_RANGE: LazyLock<Table<Median>> = table!("EMME24_median.csv", "GMM1");
static LOWER_BODY: LazyLock<Table<Median>> = table!("EMME24_median.csv", "GMM2");
static CENTRE: LazyLock<Table<Median>> = table!("EMME24_median.csv", "GMM3");
static UPPER_BODY: LazyLock<Table<Median>> = table!("EMME24_median.csv", "GMM4");
static UPPER_RANGE: LazyLock<Table<Median>> = table!("EMME24_median.csv", "GMM5");
static LOW: LazyLock<Table<Sigma>> = table!("EMME24_sigma.csv", "SGM1");
static CENTRAL: LazyLock<Table<Sigma>> = table!("EMME24_sigma.csv", "SGM2");
static HIGH: LazyLock<Table<Sigma>> = table!("EMME24_sigma.csv", "SGM3");
static GROUND: LazyLock<Table<Ground>> = table!("EMME24_site.csv");

/// The `vs30` of rock, m/s.
const VREF: f64 = 800.0;

/// A branch of the backbone.
struct Emme24 {
    info: &'static ModelInfo,
    median: &'static LazyLock<Table<Median>>,
    sigma: &'static LazyLock<Table<Sigma>>,
}

debug_as_name!(Emme24);

impl Gsim for Emme24 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        Backbone::check(self.info, imt)?;
        GROUND.check(self.info, imt)?;
        self.median.check(self.info, imt)?;
        self.sigma.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, dip, ztor] = ctx.columns([Param::Mag, Param::Rake, Param::Dip, Param::Ztor]);
        let [rrup, rjb, rx, vs30] = ctx.columns([Param::Rrup, Param::Rjb, Param::Rx, Param::Vs30]);
        let pga = OnGround::new(&Imt::PGA);
        let row = |imt: &Imt| Row {
            ground: OnGround::new(imt),
            at_least_pga: imt.kind() == ImtKind::Sa && imt.period().is_some_and(|period| period <= 0.3),
            correction: if imt.kind() == ImtKind::Pgv { OF_PGV } else { OF_ACCELERATION },
            median: self.median.at(imt),
            sigma: self.sigma.at(imt),
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture::new(mag[k], rake[k], dip[k], ztor[k], [rrup[k], rjb[k], rx[k]]);
            let near = rrup[k].max(1.0);
            Terms {
                rupture,
                mag: mag[k],
                vs30: vs30[k],
                ln_pga: pga.ln_motion(&rupture, vs30[k]),
                // the fictitious depth is 3 km, the reference distance 30 km
                ln_distance: 0.5 * ln(rrup[k] * rrup[k] + 9.0) - ln(30.0),
                small_and_near: ln((11.0 - near).max(1.0)) * (mag[k] - 4.8).min(0.0),
                great_and_far: ln((near - 9.0).max(1.0)) * (mag[k] - 7.2).max(0.0),
            }
        });
    }
}

/// Chiou and Youngs (2014) on the ground of EMME24.
#[derive(Clone, Copy)]
struct OnGround {
    backbone: Backbone,
    c: Ground,
    /// exp(a3 (800 - 360))
    at_reference: f64,
}

impl OnGround {
    fn new(imt: &Imt) -> OnGround {
        let c = GROUND.at(imt);
        OnGround { backbone: Backbone::new(imt, [0.0; 3]), c, at_reference: scalar::exp(c.a3 * (VREF - 360.0)) }
    }

    #[inline(always)]
    fn ln_motion(&self, rupture: &Rupture, vs30: f64) -> f64 {
        let c = &self.c;
        let ln_rock = self.backbone.ln_rock(rupture);
        let linear = c.a1 * ln(vs30.min(c.vc) / VREF);
        let yielding = c.a2 * (exp(c.a3 * (vs30.min(VREF) - 360.0)) - self.at_reference);
        ln_rock + linear + yielding * ln(1.0 + exp(ln_rock) / c.a4)
    }
}

/// The coefficients of the correction of distance.
const OF_PGV: [f64; 5] = [0.0367, 0.0069, -0.0316, -0.3334, 0.0112];
const OF_ACCELERATION: [f64; 5] = [-0.0037, 0.0126, -0.0131, -0.3888, -0.0591];

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    ground: OnGround,
    /// Whether the mean before the scaling is at least that of `PGA`.
    at_least_pga: bool,
    correction: [f64; 5],
    median: Median,
    sigma: Sigma,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    mag: f64,
    vs30: f64,
    /// The ln-mean of `PGA` before the scaling.
    ln_pga: f64,
    ln_distance: f64,
    /// What is corrected for small earthquakes within 10 km, and for great ones beyond.
    small_and_near: f64,
    great_and_far: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let published = self.ground.ln_motion(&t.rupture, t.vs30);
        let published = if self.at_least_pga { published.max(t.ln_pga) } else { published };
        let mean = published + scaling(&self.median, t) + correction(&self.correction, t);
        let s = &self.sigma;
        let tau = s.tau1 + (s.tau2 - s.tau1) * ((t.mag - 5.0) / 1.2).clamp(0.0, 1.0);
        let phi = s.phi1 + (s.phi2 - s.phi1) * (t.mag - 5.0).clamp(0.0, 1.0);
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

#[inline(always)]
fn scaling(c: &Median, t: &Terms) -> f64 {
    let (m, d) = (t.mag - 6.75, t.ln_distance);
    c.c1 + (c.c2 + c.c3 * m) * m + (c.c4 + c.c5 * d + c.c6 * m) * d
}

#[inline(always)]
fn correction(c: &[f64; 5], t: &Terms) -> f64 {
    let m = t.mag - 6.5;
    c[0] + (c[1] + c[2] * m) * m + c[3] * t.small_and_near + c[4] * t.great_and_far
}
