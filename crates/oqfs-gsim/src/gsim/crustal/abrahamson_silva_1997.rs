//! Abrahamson and Silva (1997), for horizontal and vertical motion.
//!
//! Abrahamson N.A., Silva W.J., 1997. Empirical response spectral attenuation relations for shallow crustal earthquakes.
//! Seismological Research Letters 68(1), 94-127, doi:10.1785/gssrl.68.1.94.
//!
//! - Component: geometric mean, or vertical. Units: g.
//! - Valid for magnitude 4 to 7.5, rupture distances up to 220 km; deep soil below a `vs30` of 600 m/s, rock above.
//!
//! As in the engine, sites are on the hanging wall of every reverse rupture.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "AbrahamsonSilva1997",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Abrahamson and Silva (1997), Empirical response spectral attenuation relations for shallow crustal \
                earthquakes, Seismological Research Letters 68(1), 94-127",
    doi: Some("10.1785/gssrl.68.1.94"),
    validity: Validity::NOT_STATED.magnitude(4.0, 7.5).distance(Param::Rrup, 0.0, 220.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: BASE,
        make: |info, _| Ok(Arc::new(AbrahamsonSilva1997 { info, coeffs: &HORIZONTAL, sigma: &HORIZONTAL_SIGMA })),
    },
    Model {
        info: ModelInfo { name: "AbrahamsonSilva1997Vertical", component: Component::Vertical, ..BASE },
        make: |info, _| Ok(Arc::new(AbrahamsonSilva1997 { info, coeffs: &VERTICAL, sigma: &VERTICAL_SIGMA })),
    },
];

coefficients! {
    /// Table 3.
    struct Coeffs { c4, a1, a2, a3, a4, a5, a6, a9, a10, a11, a12, a13, c1, c5, n }
}

coefficients! {
    /// Table 4: standard deviations.
    struct Sigma { b5, b6 }
}

static HORIZONTAL: LazyLock<Table<Coeffs>> = table!("AbrahamsonSilva1997.csv");
static HORIZONTAL_SIGMA: LazyLock<Table<Sigma>> = table!("AbrahamsonSilva1997_sigma.csv");
static VERTICAL: LazyLock<Table<Coeffs>> = table!("AbrahamsonSilva1997_vertical.csv");
static VERTICAL_SIGMA: LazyLock<Table<Sigma>> = table!("AbrahamsonSilva1997_vertical_sigma.csv");

/// Abrahamson and Silva (1997).
#[derive(Debug)]
struct AbrahamsonSilva1997 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    sigma: &'static LazyLock<Table<Sigma>>,
}

impl Gsim for AbrahamsonSilva1997 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)?;
        self.sigma.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rrup, vs30] = ctx.columns([Param::Mag, Param::Rake, Param::Rrup, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row { c: self.coeffs.at(imt), s: self.sigma.at(imt) }).collect();
        let pga = self.coeffs.at(&Imt::PGA);
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture {
                mag: mag[k],
                rrup: rrup[k],
                reverse: f64::from((45.0..=135.0).contains(&rake[k])),
                hanging: hanging(mag[k], rrup[k]),
            };
            let pga_rock = exp(ln_rock(&pga, &rupture));
            Terms { rupture, pga_rock, soil: f64::from(vs30[k] < 600.0) }
        });
    }
}

/// Equations 7 to 9, but for a9.
fn hanging(mag: f64, rrup: f64) -> f64 {
    let of_distance = if rrup > 24.0 || rrup <= 4.0 {
        0.0
    } else if rrup > 18.0 {
        1.0 - (rrup - 18.0) / 7.0
    } else {
        ((rrup - 4.0) / 4.0).min(1.0)
    };
    (mag - 5.5).clamp(0.0, 1.0) * of_distance
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    s: Sigma,
}

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rrup: f64,
    /// 1 for reverse faulting, else 0.
    reverse: f64,
    /// Of equations 7 to 9, but for a9.
    hanging: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    pga_rock: f64,
    /// 1 on deep soil, else 0.
    soil: f64,
}

/// Equations 3 and 13.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let soil = c.a10 + c.a11 * ln(t.pga_rock + c.c5);
        let sigma = self.s.b5 - self.s.b6 * (t.rupture.mag - 5.0).clamp(0.0, 2.0);
        Estimate::total(ln_rock(c, &t.rupture) + soil * t.soil, sigma)
    }
}

/// Equation 3 on rock.
#[inline(always)]
fn ln_rock(c: &Coeffs, r: &Rupture) -> f64 {
    base(c, r) + r.reverse * (style(c, r.mag) + c.a9 * r.hanging)
}

/// Equation 4.
#[inline(always)]
fn base(c: &Coeffs, r: &Rupture) -> f64 {
    let above = r.mag - c.c1;
    let slope = if above <= 0.0 { c.a2 } else { c.a4 };
    let below = 8.5 - r.mag;
    let curvature = below * below * if c.n == 3.0 { below } else { 1.0 };
    let ln_r = 0.5 * ln(r.rrup * r.rrup + c.c4 * c.c4);
    c.a1 + slope * above + c.a12 * curvature + (c.a3 + c.a13 * above) * ln_r
}

/// Equation 6.
#[inline(always)]
fn style(c: &Coeffs, mag: f64) -> f64 {
    c.a5 + (c.a6 - c.a5) * ((mag - 5.8) / (c.c1 - 5.8)).clamp(0.0, 1.0)
}
