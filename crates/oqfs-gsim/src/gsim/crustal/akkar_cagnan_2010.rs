//! Akkar and Çağnan (2010), for Turkey.
//!
//! Akkar S., Çağnan Z., 2010. A local ground-motion predictive model for Turkey, and its comparison with other regional and
//! global ground-motion models. Bulletin of the Seismological Society of America 100(6), 2978-2995, doi:10.1785/0120090367.
//! The site term is that of Boore and Atkinson (2008).
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 5 to 7.6, Joyner-Boore distances up to 200 km, active shallow crust.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::boore_atkinson_2008::{SITE, Site};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "AkkarCagnan2010",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
        std_devs: TOTAL_AND_PARTS,
        component: Component::GeometricMean,
        reference: "Akkar and Çağnan (2010), A local ground-motion predictive model for Turkey, and its comparison with \
                    other regional and global ground-motion models, Bulletin of the Seismological Society of America \
                    100(6), 2978-2995",
        doi: Some("10.1785/0120090367"),
        validity: Validity::NOT_STATED.magnitude(5.0, 7.6).distance(Param::Rjb, 0.0, 200.0),
    },
    make: |info, _| Ok(Arc::new(AkkarCagnan2010 { info })),
}];

coefficients! {
    /// Table 3.
    struct Coeffs { a1, a2, a3, a4, a5, a6, a7, a8, a9, sigma, tau }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AkkarCagnan2010.csv");

const LN_G: f64 = 6.888_230_916_953_265; // of 980.665 cm/s^2

/// Akkar and Çağnan (2010).
#[derive(Debug)]
struct AkkarCagnan2010 {
    info: &'static ModelInfo,
}

impl Gsim for AkkarCagnan2010 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        SITE.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rjb, vs30] = ctx.columns([Param::Mag, Param::Rake, Param::Rjb, Param::Vs30]);
        let row = |imt: &Imt| {
            let ln_unit = -ln_unit(imt);
            Row { c: COEFFS.at(imt), site: SITE.at(imt), ln_unit }
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        let pga = COEFFS.at(&Imt::PGA);
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture {
                mag: mag[k],
                rjb: rjb[k],
                normal: f64::from(rake[k] > -135.0 && rake[k] < -45.0),
                reverse: f64::from(rake[k] > 45.0 && rake[k] < 135.0),
            };
            Terms { rupture, vs30: vs30[k], ln_pga4nl: ln_rock(&pga, &rupture) - LN_G }
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    site: Site,
    /// ln of the unit in g or cm/s.
    ln_unit: f64,
}

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rjb: f64,
    /// 1 for normal faulting, else 0.
    normal: f64,
    /// 1 for reverse faulting, else 0.
    reverse: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    vs30: f64,
    /// ln of `PGA` on rock, g.
    ln_pga4nl: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        let Row { c, site, ln_unit } = self;
        let mean = ln_rock(c, &t.rupture) + site.ln_amplification(t.vs30, t.ln_pga4nl) + ln_unit;
        Estimate { mean, sig: (c.sigma * c.sigma + c.tau * c.tau).sqrt(), tau: c.tau, phi: c.sigma }
    }
}

/// Equation 1.
#[inline(always)]
fn ln_rock(c: &Coeffs, r: &Rupture) -> f64 {
    let above = r.mag - 6.5;
    let slope = if above <= 0.0 { c.a2 } else { c.a3 };
    let source = c.a1 + slope * above + c.a4 * (8.5 - r.mag) * (8.5 - r.mag);
    let path = (c.a5 + c.a6 * above) * 0.5 * ln(r.rjb * r.rjb + c.a7 * c.a7);
    source + path + c.a8 * r.normal + c.a9 * r.reverse
}
