//! Kanno et al. (2006), for shallow and deep earthquakes in Japan.
//!
//! Kanno T., Narita A., Morikawa N., Fujiwara H., Fukushima Y., 2006. A new attenuation relation for strong ground motion in
//! Japan based on recorded data. Bulletin of the Seismological Society of America 96(3), 879-897, doi:10.1785/0120050138.
//!
//! - Component: peak of the vector sum of the horizontal components. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 5.5 to 8.2, rupture distances up to 500 km; deep is below 30 km.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar::log10;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for shallow earthquakes.
const SHALLOW: ModelInfo = ModelInfo {
    name: "Kanno2006Shallow",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::PeakVectorSum,
    reference: "Kanno et al. (2006), A new attenuation relation for strong ground motion in Japan based on recorded data, \
                Bulletin of the Seismological Society of America 96(3), 879-897",
    doi: Some("10.1785/0120050138"),
    validity: Validity::NOT_STATED.magnitude(5.5, 8.2).distance(Param::Rrup, 0.0, 500.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: SHALLOW, make: |info, _| Ok(Arc::new(Kanno2006 { info, coeffs: &COEFFS_SHALLOW })) },
    Model {
        info: ModelInfo { name: "Kanno2006Deep", trt: Trt::SubductionIntraslab, ..SHALLOW },
        make: |info, _| Ok(Arc::new(Kanno2006 { info, coeffs: &COEFFS_DEEP })),
    },
];

coefficients! {
    /// Tables 3 and 4.
    struct Coeffs { a, b, c, d, epsilon }
}

coefficients! {
    /// Table 6: the site.
    struct Site { p, q }
}

static COEFFS_SHALLOW: LazyLock<Table<Coeffs>> = table!("Kanno2006_shallow.csv");
static SITE: LazyLock<Table<Site>> = table!("Kanno2006_site.csv");
static COEFFS_DEEP: LazyLock<Table<Coeffs>> = table!("Kanno2006_deep.csv");

/// Kanno et al. (2006).
#[derive(Debug)]
struct Kanno2006 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
}

impl Gsim for Kanno2006 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)?;
        SITE.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let row = |imt: &Imt| {
            let ln_unit = -ln_unit(imt);
            Row { c: self.coeffs.at(imt), site: SITE.at(imt), ln_unit }
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            rrup: rrup[k],
            near: exp(LN_10 * 0.5 * mag[k]),
            log10_vs30: log10(vs30[k]),
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

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// 10^(M / 2)
    near: f64,
    log10_vs30: f64,
}

/// Equations 5 and 8, in log10.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let Row { c, site, ln_unit } = self;
        let path = c.b * t.rrup - ln(t.rrup + c.d * t.near) / LN_10;
        let log10 = c.c + c.a * t.mag + path + site.p * t.log10_vs30 + site.q;
        Estimate::total(LN_10 * log10 + ln_unit, LN_10 * c.epsilon)
    }
}
