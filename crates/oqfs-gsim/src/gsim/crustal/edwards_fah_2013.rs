//! Edwards and Fäh (2013), for the Alps and their foreland in Switzerland, with nine stress parameters.
//!
//! Edwards B., Fäh D., 2013. A stochastic ground-motion model for Switzerland. Bulletin of the Seismological Society of
//! America 103(1), 78-98, doi:10.1785/0120110331; as Cauzzi C. parametrised it.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for rock of 1,105 m/s. The names say the region and the greatest stress parameter, bar.
//!
//! The standard deviation within events is that of single stations. The model of 3 bar is that of 10 bar in the foreland with a
//! correction of the median by magnitude and distance.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::adjustment::SingleStation;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::{Make, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const fn model(name: &'static str, make: Make) -> Model {
    let info = ModelInfo {
        name,
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rrup],
        std_devs: TOTAL_AND_PARTS,
        component: Component::GeometricMean,
        reference: "Edwards and Fäh (2013), A stochastic ground-motion model for Switzerland, Bulletin of the Seismological \
                    Society of America 103(1), 78-98",
        doi: Some("10.1785/0120110331"),
        validity: Validity::NOT_STATED,
    };
    Model { info, make }
}

/// The models with their variants in the table, their regions and the corrections of their medians.
macro_rules! models {
    ($($name:literal $variant:literal $region:ident $correction:expr,)+) => {
        &[$(model($name, |info, _| {
            static COEFFS: LazyLock<Table<Coeffs>> = table!("EdwardsFah2013.csv", $variant);
            static STATION: LazyLock<Table<SingleStation>> = table!("EdwardsFah2013.csv", $variant);
            Ok(Arc::new(EdwardsFah2013 { info, coeffs: &COEFFS, station: &STATION, least: $region, correction: $correction }))
        }),)+]
    };
}

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "EdwardsFah2013Alpine10Bars" "Alpine10Bars" ALPINE None,
    "EdwardsFah2013Alpine20Bars" "Alpine20Bars" ALPINE None,
    "EdwardsFah2013Alpine30Bars" "Alpine30Bars" ALPINE None,
    "EdwardsFah2013Alpine50Bars" "Alpine50Bars" ALPINE None,
    "EdwardsFah2013Alpine60Bars" "Alpine60Bars" ALPINE None,
    "EdwardsFah2013Alpine75Bars" "Alpine75Bars" ALPINE None,
    "EdwardsFah2013Alpine90Bars" "Alpine90Bars" ALPINE None,
    "EdwardsFah2013Alpine120Bars" "Alpine120Bars" ALPINE None,
    "EdwardsFah2013Foreland3Bars" "Foreland10Bars" FORELAND Some(&TO_3_BARS),
    "EdwardsFah2013Foreland10Bars" "Foreland10Bars" FORELAND None,
    "EdwardsFah2013Foreland20Bars" "Foreland20Bars" FORELAND None,
    "EdwardsFah2013Foreland30Bars" "Foreland30Bars" FORELAND None,
    "EdwardsFah2013Foreland50Bars" "Foreland50Bars" FORELAND None,
    "EdwardsFah2013Foreland60Bars" "Foreland60Bars" FORELAND None,
    "EdwardsFah2013Foreland75Bars" "Foreland75Bars" FORELAND None,
    "EdwardsFah2013Foreland90Bars" "Foreland90Bars" FORELAND None,
    "EdwardsFah2013Foreland120Bars" "Foreland120Bars" FORELAND None,
};

coefficients! {
    /// The polynomials in magnitude of each power of the logarithm of distance, and the standard deviation between events.
    struct Coeffs {
        a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, tau,
    }
}

coefficients! {
    /// The correction to 3 bar: a line in magnitude up to 4, up to 5 and above, less a polynomial in the logarithm of distance.
    struct Correction { c1, c2, c3, c4, c5, cmag35, cmag4, cmag41, cmag5, cmag51, cmag6 }
}

static TO_3_BARS: LazyLock<Table<Correction>> = table!("EdwardsFah2013_3bars.csv");

impl Correction {
    /// What is added to the common logarithm of motion.
    #[inline(always)]
    fn at(&self, t: &Terms) -> f64 {
        let d = t.log10_rrup;
        let [at_0, slope] = if t.mag <= 4.0 {
            [self.cmag35, self.cmag4]
        } else if t.mag <= 5.0 {
            [self.cmag41, self.cmag5]
        } else {
            [self.cmag51, self.cmag6]
        };
        at_0 + slope * t.mag - (self.c1 + d * (self.c2 + d * (self.c3 + d * (self.c4 + d * self.c5))))
    }
}

/// The least distance that counts for a magnitude: on lines above and below a magnitude of 4.7, km.
type Least = [[f64; 2]; 2];

const ALPINE: Least = [[14.55, -2.80], [2.65, -0.295]];
const FORELAND: Least = [[11.92, -2.067], [3.48, -0.291]];

fn least_rrup(least: &Least, mag: f64) -> f64 {
    let [above, below] = least.map(|[at_0, slope]| at_0 + slope * mag);
    if mag > 5.0 {
        0.55
    } else if mag > 4.7 {
        above
    } else {
        below
    }
}

/// Edwards and Fäh (2013).
#[derive(Debug)]
struct EdwardsFah2013 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    station: &'static LazyLock<Table<SingleStation>>,
    least: Least,
    correction: Option<&'static LazyLock<Table<Correction>>>,
}

impl Gsim for EdwardsFah2013 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)?;
        self.correction.map_or(Ok(()), |correction| correction.check(self.info, imt))
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup] = ctx.columns([Param::Mag, Param::Rrup]);
        let row = |imt: &Imt| Row { c: self.coeffs.at(imt), station: self.station.at(imt), ln_unit: ln_unit(imt) };
        let terms = |k: usize| Terms {
            mag: mag[k],
            rrup: rrup[k],
            log10_rrup: LOG10_E * ln(rrup[k].max(least_rrup(&self.least, mag[k]))),
        };
        match self.correction {
            None => {
                let rows: Vec<Row> = imts.iter().map(row).collect();
                batch::compute(ctx.len(), &rows, out, terms);
            }
            Some(correction) => {
                let corrected = |imt| CorrectedRow { row: row(imt), correction: correction.at(imt) };
                let rows: Vec<CorrectedRow> = imts.iter().map(corrected).collect();
                batch::compute(ctx.len(), &rows, out, terms);
            }
        }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    station: SingleStation,
    /// ln of the unit.
    ln_unit: f64,
}

#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    log10_rrup: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let (tau, phi) = (self.c.tau, self.station.phi_ss(t.mag, t.rrup));
        let mean = LN_10 * log10_motion(&self.c, t) - self.ln_unit;
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// The coefficients of one intensity measure with the correction.
#[derive(Clone, Copy)]
struct CorrectedRow {
    row: Row,
    correction: Correction,
}

impl batch::Row for CorrectedRow {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let published = self.row.estimate(t);
        Estimate { mean: published.mean + LN_10 * self.correction.at(t), ..published }
    }
}

/// A polynomial in the logarithm of distance, whose coefficients are polynomials in magnitude.
#[inline(always)]
fn log10_motion(c: &Coeffs, t: &Terms) -> f64 {
    let (m, d) = (t.mag, t.log10_rrup);
    let cubic = |a: f64, b: f64, c: f64, d: f64| a + m * (b + m * (c + m * d));
    let at_0 = c.a1 + m * (c.a2 + m * (c.a3 + m * cubic(c.a4, c.a5, c.a6, c.a7)));
    let rest = [
        cubic(c.a8, c.a9, c.a10, c.a11),
        cubic(c.a12, c.a13, c.a14, c.a15),
        cubic(c.a16, c.a17, c.a18, c.a19),
        cubic(c.a20, c.a21, c.a22, c.a23),
    ];
    at_0 + d * (rest[0] + d * (rest[1] + d * (rest[2] + d * rest[3])))
}
