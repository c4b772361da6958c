//! Sadigh et al. (1997).
//!
//! Sadigh K., Chang C.-Y., Egan J.A., Makdisi F., Youngs R.R., 1997. Attenuation relationships for shallow crustal
//! earthquakes based on California strong motion data. Seismological Research Letters 68(1), 180-189,
//! doi:10.1785/gssrl.68.1.180.
//!
//! - Component: geometric mean of the two horizontal components. Units: g.
//! - Valid for magnitude 4 to 8+ and rupture distances up to 100 km, active shallow crust.
//! - Rock above a `vs30` of 750 m/s, deep soil otherwise.
//!
//! As in the engine, normal ruptures count as strike-slip, magnitudes above 8.5 as 8.5 in the mean, and a period must
//! be in the tables of both rock and soil.

use std::sync::{Arc, LazyLock};

use crate::elementary::scalar::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "SadighEtAl1997",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Sa],
        params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30],
        std_devs: TOTAL_ONLY,
        component: Component::GeometricMean,
        reference: "Sadigh et al. (1997), Attenuation relationships for shallow crustal earthquakes based on California \
                    strong motion data, Seismological Research Letters 68(1), 180-189",
        doi: Some("10.1785/gssrl.68.1.180"),
        validity: Validity::NOT_STATED.magnitude(4.0, f64::INFINITY).distance(Param::Rrup, 0.0, 100.0),
    },
    make: |info, _| Ok(Arc::new(SadighEtAl1997 { info })),
}];

coefficients! {
    /// Table 2, rock; `c2`, `c5` and `c6` are the same for all periods.
    struct Rock { c1, c3, c4, c7 }
}

coefficients! {
    /// Table 3, standard deviation on rock: intercept at magnitude 0, and the value above magnitude 7.21.
    struct RockSigma { sig0, sigmin }
}

coefficients! {
    /// Table 4, deep soil.
    struct Soil { c6ss, c6r, c7, sig0 }
}

static ROCK_LOW: LazyLock<Table<Rock>> = table!("SadighEtAl1997_rock_low.csv");
static ROCK_HIGH: LazyLock<Table<Rock>> = table!("SadighEtAl1997_rock_high.csv");
static ROCK_SIGMA: LazyLock<Table<RockSigma>> = table!("SadighEtAl1997_rock_sigma.csv");
static SOIL: LazyLock<Table<Soil>> = table!("SadighEtAl1997_soil.csv");

/// Above this `vs30` a site is rock, m/s (page 180).
const ROCK_VS30: f64 = 750.0;

/// Above this magnitude the coefficients of near-field saturation change (page 184).
const SATURATION_MAG: f64 = 6.5;

/// The mean of greater magnitudes is that of this one.
const MAX_MAG: f64 = 8.5;

/// Footnote of table 2: reverse ruptures are 1.2 times stronger on rock. ln(1.2).
const LN_REVERSE: f64 = 0.1823215567939546;

/// Sadigh et al. (1997).
#[derive(Debug)]
struct SadighEtAl1997 {
    info: &'static ModelInfo,
}

impl Gsim for SadighEtAl1997 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        ROCK_LOW.check(self.info, imt)?;
        ROCK_HIGH.check(self.info, imt)?;
        ROCK_SIGMA.check(self.info, imt)?;
        SOIL.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rrup, vs30] = ctx.columns([Param::Mag, Param::Rake, Param::Rrup, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(Row::at).collect();
        let terms = |k: usize| {
            let reverse = (45.0..=135.0).contains(&rake[k]);
            if vs30[k] > ROCK_VS30 { rock(mag[k], reverse, rrup[k]) } else { deep_soil(mag[k], reverse, rrup[k]) }
        };
        batch::compute(ctx.len(), &rows, out, terms);
    }
}

/// Which coefficients of a row a context takes.
#[derive(Clone, Copy)]
enum Category {
    RockLow,
    RockHigh,
    SoilStrikeSlip,
    SoilReverse,
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    /// By [`Category`], those of soil in the columns of rock.
    rows: [Rock; 4],
    rock_sigma: RockSigma,
    soil_sig0: f64,
}

impl Row {
    fn at(imt: &Imt) -> Row {
        let soil = SOIL.at(imt);
        let as_rock = |c6| Rock { c1: c6, c3: soil.c7, c4: 0.0, c7: 0.0 };
        let rows = [ROCK_LOW.at(imt), ROCK_HIGH.at(imt), as_rock(soil.c6ss), as_rock(soil.c6r)];
        Row { rows, rock_sigma: ROCK_SIGMA.at(imt), soil_sig0: soil.sig0 }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        Estimate::total(ln_mean(self, t), std_dev(self, t))
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    category: Category,
    mag: f64,
    /// The sum of the terms whose coefficients are the same for all periods.
    fixed: f64,
    /// (8.5 - M)^2.5
    curvature: f64,
    /// ln(R + exp(c5 + c6 M)) of table 2
    ln_distance: f64,
    /// ln(R + 2) of table 2
    ln_near: f64,
}

/// Table 2: the terms on rock.
fn rock(mag: f64, reverse: bool, rrup: f64) -> Terms {
    let m = mag.min(MAX_MAG);
    let (category, c2, c5, c6) = if m <= SATURATION_MAG {
        (Category::RockLow, 1.0, 1.29649, 0.250)
    } else {
        (Category::RockHigh, 1.1, -0.48451, 0.524)
    };
    Terms {
        category,
        mag,
        fixed: c2 * m + if reverse { LN_REVERSE } else { 0.0 },
        curvature: curvature(m),
        ln_distance: ln(rrup + exp(c5 + c6 * m)),
        ln_near: ln(rrup + 2.0),
    }
}

/// Table 4: the terms on deep soil. Those in `ln_distance` and `ln_near` have the coefficient 0.
fn deep_soil(mag: f64, reverse: bool, rrup: f64) -> Terms {
    const C2: f64 = 1.0;
    const C3: f64 = 1.7;
    let m = mag.min(MAX_MAG);
    let (category, c1) = if reverse { (Category::SoilReverse, -1.92) } else { (Category::SoilStrikeSlip, -2.17) };
    let (c4, c5) = if m <= SATURATION_MAG { (2.1863, 0.32) } else { (0.3825, 0.5882) };
    Terms {
        category,
        mag,
        fixed: c1 + C2 * m - C3 * ln(rrup + c4 * exp(c5 * m)),
        curvature: curvature(m),
        ln_distance: 0.0,
        ln_near: 0.0,
    }
}

/// (8.5 - M)^2.5
fn curvature(mag: f64) -> f64 {
    let x = MAX_MAG - mag;
    x * x * x.sqrt()
}

/// The equations of tables 2 and 4.
fn ln_mean(c: &Row, t: &Terms) -> f64 {
    let row = &c.rows[t.category as usize];
    t.fixed + row.c1 + row.c3 * t.curvature + row.c4 * t.ln_distance + row.c7 * t.ln_near
}

/// Table 3 on rock; the last column of table 4 on soil, constant above magnitude 7.
fn std_dev(c: &Row, t: &Terms) -> f64 {
    match t.category {
        Category::RockLow | Category::RockHigh if t.mag > 7.21 => c.rock_sigma.sigmin,
        Category::RockLow | Category::RockHigh => c.rock_sigma.sig0 - 0.14 * t.mag,
        Category::SoilStrikeSlip | Category::SoilReverse => c.soil_sig0 - 0.16 * t.mag.min(7.0),
    }
}
