//! Bayless and Abrahamson (2019): Fourier amplitude spectra in California.
//!
//! Bayless J., Abrahamson N.A., 2019. Summary of the BA18 ground-motion model for Fourier amplitude spectra for crustal
//! earthquakes in California. Bulletin of the Seismological Society of America 109(5), 2088-2105, doi:10.1785/0120190077.
//!
//! - Component: horizontal. Units: g s; `z1pt0` in m.
//! - Valid for magnitude 3 to 8, rupture distances up to 300 km, `vs30` of 180 to 1,500 m/s, frequencies of 0.1 to 24 Hz.
//!
//! The engine goes on to 100 Hz, with a median that falls off and a standard deviation of no meaning.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{cosh, exp, ln};
use crate::elementary::{hypot, powi, scalar};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "BaylessAbrahamson2018",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Eas],
        params: &[Param::Mag, Param::Rake, Param::Ztor, Param::Rrup, Param::Vs30, Param::Z1pt0],
        std_devs: TOTAL_AND_PARTS,
        component: Component::Horizontal,
        reference: "Bayless and Abrahamson (2019), Summary of the BA18 ground-motion model for Fourier amplitude spectra for \
                    crustal earthquakes in California, Bulletin of the Seismological Society of America 109(5), 2088-2105",
        doi: Some("10.1785/0120190077"),
        validity: Validity::NOT_STATED.magnitude(3.0, 8.0).distance(Param::Rrup, 0.0, 300.0).vs30(180.0, 1500.0),
    },
    make: |info, _| Ok(Arc::new(BaylessAbrahamson2018 { info })),
}];

coefficients! {
    /// The electronic supplement's table.
    struct Coeffs {
        c1, c2, c3, cn, cm, c4, c5, c6, chm, c7, c8, c9, c10, c11a, c11b, c11c, c11d, c1a, s1, s2, s3, s4, s5, s6,
    }
}

coefficients! {
    /// The nonlinear site term.
    struct Nonlinear { f3, f4, f5 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("BaylessAbrahamson2018.csv");
static NONLINEAR: LazyLock<Table<Nonlinear>> = table!("BaylessAbrahamson2018.csv");

/// The nonlinear terms of all frequencies, which ascend, Hz: where one is the least, those of higher ones are the same.
static SPECTRUM: LazyLock<Vec<(f64, Nonlinear)>> = LazyLock::new(|| {
    let of = |imt: &Imt| Some((frequency(imt), NONLINEAR.get(imt)?));
    let mut spectrum: Vec<_> = NONLINEAR.imts().filter_map(of).collect();
    spectrum.sort_by(|a, b| a.0.total_cmp(&b.0));
    spectrum
});

/// The frequency whose amplitude on rock stands for the strength of shaking, Hz.
const STRENGTH: f64 = 5.0118725;

/// The highest frequency with a coefficient of its own, Hz.
const HIGHEST: f64 = 24.0;

fn frequency(imt: &Imt) -> f64 {
    imt.period().map_or(0.0, f64::recip)
}

/// Bayless and Abrahamson (2019).
#[derive(Debug)]
struct BaylessAbrahamson2018 {
    info: &'static ModelInfo,
}

impl Gsim for BaylessAbrahamson2018 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        if frequency(imt) < HIGHEST {
            return Ok(());
        }
        Err(GsimError::PeriodOutOfRange { model: self.info.name, imt: *imt, min: 1.0 / HIGHEST, max: 10.0 })
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, ztor] = ctx.columns([Param::Mag, Param::Rake, Param::Ztor]);
        let [rrup, vs30, z1pt0] = ctx.columns([Param::Rrup, Param::Vs30, Param::Z1pt0]);
        let rows: Vec<Row> = imts.iter().map(Row::new).collect();
        let strength = Imt::eas(STRENGTH).and_then(|imt| COEFFS.get(&imt));
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture {
                mag: mag[k],
                rrup: rrup[k],
                ln_far: 0.5 * ln(rrup[k] * rrup[k] + 2500.0),
                ztor: ztor[k].min(20.0),
                normal: f64::from(rake[k] > -150.0 && rake[k] < -30.0),
            };
            // Equation 10e.
            let ln_outcrop = strength.map_or(0.0, |c| 1.238 + 0.846 * ln_rock(&c, &rupture));
            Terms::new(rupture, exp(ln_outcrop), vs30[k], z1pt0[k])
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    nonlinear: Nonlinear,
    frequency: f64,
}

impl Row {
    fn new(imt: &Imt) -> Row {
        Row { c: COEFFS.at(imt), nonlinear: NONLINEAR.at(imt), frequency: frequency(imt) }
    }
}

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rrup: f64,
    /// ln(sqrt(Rrup^2 + 50^2))
    ln_far: f64,
    /// At most 20 km.
    ztor: f64,
    /// 1 for normal faulting, else 0.
    normal: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    /// The strength of shaking on rock.
    outcrop: f64,
    vs30: f64,
    /// ln((Z1 + 0.01) / (mean Z1 + 0.01)), depths in km.
    ln_z1: f64,
    /// The frequency at which the nonlinear term is the least, Hz, and its value there.
    least: [f64; 2],
}

impl Terms {
    fn new(rupture: Rupture, outcrop: f64, vs30: f64, z1pt0: f64) -> Terms {
        let mean = scalar::exp(
            -7.67 / 4.0 * scalar::ln((powi(vs30, 4) + powi(610.0, 4)) / (powi(1360.0, 4) + powi(610.0, 4))),
        );
        let z1pt0 = if z1pt0 == NO_DEPTH { mean } else { z1pt0 };
        let ln_z1 = scalar::ln(((z1pt0 / 1000.0).min(2.0) + 0.01) / (mean / 1000.0 + 0.01));
        let mut least = [f64::INFINITY; 2];
        for (frequency, c) in SPECTRUM.iter() {
            let value = nonlinear(c, outcrop, vs30);
            if value < least[1] {
                least = [*frequency, value];
            }
        }
        Terms { rupture, outcrop, vs30, ln_z1, least }
    }
}

/// Equations 1 to 10 and the standard deviations.
impl batch::Row for Row {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let [from, least] = t.least;
        let nonlinear = if self.frequency >= from { least } else { nonlinear(&self.nonlinear, t.outcrop, t.vs30) };
        let mean = ln_rock(c, &t.rupture) + c.c8 * scalar::ln(t.vs30.min(1000.0) / 1000.0) + basin(c, t) + nonlinear;
        let great = 0.5 * (t.rupture.mag.clamp(4.0, 6.0) - 4.0);
        let ramp = |small: f64, large: f64| small + (large - small) * great;
        let (tau, phi) = (ramp(c.s1, c.s2), hypot(ramp(c.s3, c.s4), ramp(c.s5, c.s6)));
        Estimate { mean, sig: (tau * tau + phi * phi + c.c1a * c.c1a).sqrt(), tau, phi }
    }
}

/// Equations 2 to 4 and 7 to 9: the source and the path.
#[inline(always)]
fn ln_rock(c: &Coeffs, r: &Rupture) -> f64 {
    let magnitude = c.c1 + c.c2 * (r.mag - 6.0) + (c.c2 - c.c3) / c.cn * ln(1.0 + exp(c.cn * (c.cm - r.mag)));
    let near = c.c4 * ln(r.rrup + c.c5 * cosh(c.c6 * (r.mag - c.chm).max(0.0)));
    let far = (-0.5 - c.c4) * r.ln_far + c.c7 * r.rrup;
    magnitude + near + far + c.c9 * r.ztor + c.c10 * r.normal
}

/// Equation 10: the nonlinear site term.
fn nonlinear(c: &Nonlinear, outcrop: f64, vs30: f64) -> f64 {
    const VREF: f64 = 760.0;
    let f2 = c.f4 * (scalar::exp(c.f5 * (vs30.min(VREF) - 360.0)) - scalar::exp(c.f5 * (VREF - 360.0)));
    f2 * scalar::ln((outcrop + c.f3) / c.f3)
}

/// Equation 6.
fn basin(c: &Coeffs, t: &Terms) -> f64 {
    let c11 = if t.vs30 <= 200.0 {
        c.c11a
    } else if t.vs30 <= 300.0 {
        c.c11b
    } else if t.vs30 <= 500.0 {
        c.c11c
    } else {
        c.c11d
    };
    c11 * t.ln_z1
}
