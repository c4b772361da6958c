//! Atkinson and Boore (2006), for eastern North America, with the modification of 2011.
//!
//! Atkinson G.M., Boore D.M., 2006. Earthquake ground-motion prediction equations for eastern North America. Bulletin of the
//! Seismological Society of America 96(6), 2181-2205, doi:10.1785/0120050245.
//!
//! Atkinson G.M., Boore D.M., 2011. Modifications to existing ground-motion prediction equations in light of new data.
//! Bulletin of the Seismological Society of America 101(3), 1121-1135, doi:10.1785/0120100270.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 4 to 8, rupture distances up to 1,000 km; hard rock from a `vs30` of 2,000 m/s.
//!
//! `Modified2011` has a stress drop that depends on magnitude, and `SGS` distances of at least 5 km. Hazard models have
//! variants ([`Variant`]) that convert magnitudes, have another stress drop and a greatest median. As in the engine, that of
//! `PGV` is the number of `PGA`, the site term is that of the final Boore and Atkinson (2008), and its `PGA` on rock takes
//! the adjustment to the stress drop of the intensity measure.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::scalar::{exp10, log2, log10};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::cap::cap;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::boore_atkinson_2008::{SITE, Site};
use crate::gsim::magnitude::Magnitude;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model of 2006.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "AtkinsonBoore2006",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Atkinson and Boore (2006), Earthquake ground-motion prediction equations for eastern North America, Bulletin \
                of the Seismological Society of America 96(6), 2181-2205",
    doi: Some("10.1785/0120050245"),
    validity: Validity::NOT_STATED.magnitude(4.0, 8.0).distance(Param::Rrup, 0.0, 1000.0),
};

/// The model of 2011.
const MODIFIED: ModelInfo = ModelInfo {
    name: "AtkinsonBoore2006Modified2011",
    reference: "Atkinson and Boore (2011), Modifications to existing ground-motion prediction equations in light of new \
                data, Bulletin of the Seismological Society of America 101(3), 1121-1135",
    doi: Some("10.1785/0120100270"),
    validity: Validity::NOT_STATED,
    ..BASE
};

/// The model as published.
pub(in crate::gsim) const PLAIN: Variant = Variant { stress: Stress::Fixed(0.0), min_rrup: 1.0, capped: None };

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "AtkinsonBoore2006": BASE => make(PLAIN),
    "AtkinsonBoore2006Modified2011": MODIFIED => make(Variant { stress: Stress::ByMagnitude, ..PLAIN }),
    "AtkinsonBoore2006SGS": BASE => make(Variant { min_rrup: 5.0, ..PLAIN }),
};

/// A variant of the model.
pub(in crate::gsim) fn make(info: &'static ModelInfo, _: &mut Arguments, variant: Variant) -> Made {
    Ok(Arc::new(AtkinsonBoore2006 { info, variant }))
}

coefficients! {
    /// Table 6, hard rock, and table 9, rock of 760 m/s.
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7, c8, c9, c10 }
}

coefficients! {
    /// Table 7: adjustment to another stress drop.
    struct StressDrop { delta, m1, mh }
}

static HARD_ROCK: LazyLock<Table<Coeffs>> = table!("AtkinsonBoore2006_hard_rock.csv");
static ROCK: LazyLock<Table<Coeffs>> = table!("AtkinsonBoore2006_bc.csv");
static STRESS: LazyLock<Table<StressDrop>> = table!("AtkinsonBoore2006_stress.csv");

/// What the variants differ in.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct Variant {
    pub(in crate::gsim) stress: Stress,
    /// The least distance that counts, km.
    pub(in crate::gsim) min_rrup: f64,
    /// The scale of magnitudes of a variant with a greatest median.
    pub(in crate::gsim) capped: Option<Magnitude>,
}

/// log2 of the stress drop over 140 bars.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) enum Stress {
    Fixed(f64),
    ByMagnitude,
}

/// From this `vs30` on a site is hard rock, m/s.
const HARD_ROCK_VS30: f64 = 2000.0;

/// Atkinson and Boore (2006).
#[derive(Debug)]
struct AtkinsonBoore2006 {
    info: &'static ModelInfo,
    variant: Variant,
}

impl Gsim for AtkinsonBoore2006 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        HARD_ROCK.check(self.info, imt)?;
        ROCK.check(self.info, imt)?;
        STRESS.check(self.info, imt)?;
        SITE.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let Variant { stress, min_rrup, capped } = self.variant;
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row::new(imt, capped.is_some())).collect();
        let pga = ROCK.at(&Imt::PGA);
        batch::compute(ctx.len(), &rows, out, |k| {
            let mag = capped.map_or(mag[k], |scale| scale.to_mw(mag[k]));
            let rupture = Rupture::new(mag, rrup[k].max(min_rrup));
            let stress = match stress {
                Stress::Fixed(stress) => stress,
                Stress::ByMagnitude => log2(exp10(3.45 - 0.2 * mag.max(5.0)) / 140.0),
            };
            Terms { rupture, stress, vs30: vs30[k], log10_pga: log10_motion(&pga, &rupture) }
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    hard_rock: Coeffs,
    rock: Coeffs,
    stress: StressDrop,
    site: Site,
    /// ln of the unit in g or cm/s.
    ln_unit: f64,
    /// The greatest ln-mean.
    cap: f64,
}

const LN_G: f64 = 6.888_230_916_953_265; // of 980.665 cm/s^2

impl Row {
    fn new(imt: &Imt, capped: bool) -> Row {
        Row {
            hard_rock: HARD_ROCK.at(imt),
            rock: ROCK.at(imt),
            stress: STRESS.at(imt),
            site: SITE.at(imt),
            ln_unit: -ln_unit(imt),
            cap: match imt.kind() {
                _ if !capped => f64::INFINITY,
                ImtKind::Pgv => cap(&Imt::PGA),
                _ => cap(imt),
            },
        }
    }
}

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rrup: f64,
    /// f0, f1 and f2 of equation 5.
    f: [f64; 3],
}

impl Rupture {
    fn new(mag: f64, rrup: f64) -> Rupture {
        let log10_r = log10(rrup);
        let f = [(1.0 - log10_r).max(0.0), log10_r.min(log10(70.0)), (log10_r - log10(140.0)).max(0.0)];
        Rupture { mag, rrup, f }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    /// log2 of the stress drop over 140 bars.
    stress: f64,
    vs30: f64,
    /// log10 of `PGA` on rock for 140 bars, cm/s^2.
    log10_pga: f64,
}

/// Equations 5 and 6.
impl batch::Row for Row {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        const SIGMA: f64 = 0.30 * LN_10;
        let stress = stress_drop(&self.stress, t);
        let mean = if t.vs30 >= HARD_ROCK_VS30 {
            LN_10 * (log10_motion(&self.hard_rock, &t.rupture) + stress)
        } else {
            let ln_pga = LN_10 * (t.log10_pga + stress) - LN_G;
            let ln_rock = LN_10 * (log10_motion(&self.rock, &t.rupture) + stress);
            ln_rock + self.site.ln_amplification(t.vs30, ln_pga)
        };
        Estimate::total((mean + self.ln_unit).min(self.cap), SIGMA)
    }
}

/// Equation 5 without the site.
#[inline(always)]
fn log10_motion(c: &Coeffs, r: &Rupture) -> f64 {
    let [f0, f1, f2] = r.f;
    let source = c.c1 + (c.c2 + c.c3 * r.mag) * r.mag;
    let path = (c.c4 + c.c5 * r.mag) * f1 + (c.c6 + c.c7 * r.mag) * f2 + (c.c8 + c.c9 * r.mag) * f0;
    source + path + c.c10 * r.rrup
}

/// Equation 6.
#[inline(always)]
fn stress_drop(c: &StressDrop, t: &Terms) -> f64 {
    let great = (t.rupture.mag - c.m1).max(0.0) / (c.mh - c.m1);
    t.stress * (0.05 + c.delta * great).min(0.05 + c.delta)
}
