//! Hassani and Atkinson (2020), for the crust, the interface and the slab of Japan: point sources fitted to its motion.
//!
//! Hassani B., Atkinson G.M., 2021. Equivalent point-source ground-motion model for subduction earthquakes in Japan.
//! Bulletin of the Seismological Society of America 111(2), 951-974, doi:10.1785/0120200265.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - `f0`, Hz, changes spectral acceleration alone; 0 or less is an unknown one. `z2pt5`, of which the engine compares
//!   km with m, so that every basin is shallow; below 0 it is unknown.
//!
//! Arguments: `kappa`, the attenuation near the site, s, 0.04 by default; `backarc`, `forearc_ne` and `forearc_sw`, the
//! parts of the path behind the volcanic arc and before it in the north-east (all by default) and the south-west.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar::{self, log10};
use crate::elementary::{hypot, powi};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Coefficients, Table, coefficients, table};
use crate::gsim::crustal::campbell_bozorgnia_2014::z2pt5_or_mean;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "HassaniAtkinson2020SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &PARAMS,
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Hassani and Atkinson (2021), Equivalent point-source ground-motion model for subduction earthquakes in Japan, \
                Bulletin of the Seismological Society of America 111(2), 951-974",
    doi: Some("10.1785/0120200265"),
    validity: Validity::NOT_STATED,
};

const PARAMS: [Param; 6] = [Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30, Param::Z2pt5, Param::F0];

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: ModelInfo { name: "HassaniAtkinson2020Asc", trt: Trt::ActiveShallowCrust, ..INTERFACE }, make },
    Model { info: INTERFACE, make },
    Model { info: ModelInfo { name: "HassaniAtkinson2020SSlab", trt: Trt::SubductionIntraslab, ..INTERFACE }, make },
];

fn make(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let kappa = arguments.number_or("kappa", 0.04)?;
    if kappa <= 0.0 {
        return Err(arguments.wrong("kappa", &kappa, "a number above 0"));
    }
    let parts = [
        arguments.number_or("backarc", 0.0)?,
        arguments.number_or("forearc_ne", 1.0)?,
        arguments.number_or("forearc_sw", 0.0)?,
    ];
    let sum: f64 = parts.iter().sum();
    if sum == 0.0 {
        return Err(arguments.wrong("forearc_ne", &parts[1], "parts of the path whose sum is not 0"));
    }
    Ok(Arc::new(HassaniAtkinson2020 { info, ln_kappa: log10(kappa), parts: parts.map(|part| part / sum) }))
}

coefficients! {
    /// The electronic supplement's table, in common logarithms, but for kappa: `if` of the interface, `is` of the slab, `cr` of
    /// the crust.
    struct Coeffs {
        f, amp_cr, b3, b4, chf, clf0_if, clf1_if, clf0_is, clf1_is, clf0_cr, clf1_cr, cv1, cv2, cz0, cz1, cz2, barc_if,
        farc_ne_if, farc_sw_if, barc_is, farc_ne_is, farc_sw_is, barc_cr, farc_ne_cr, farc_sw_cr, mh, e0, e1, e2, e3, f4, f5,
        g10, g11, g12, g13, g14, g20, g21, g22, g23, g24, tau, ps2s, pss_if, pss_is, pss_cr, s_if, s_is, s_cr,
    }
}

/// The coefficients of kappa, by its power less 1, then by the power of the logarithm of magnitude and of stress.
#[derive(Clone, Copy, Debug)]
struct Kappa([f64; 48]);

impl Coefficients for Kappa {
    #[rustfmt::skip]
    const COLUMNS: &'static [&'static str] = &[
        "d000", "d001", "d002", "d010", "d011", "d012", "d020", "d021", "d022", "d030", "d031", "d032",
        "d100", "d101", "d102", "d110", "d111", "d112", "d120", "d121", "d122", "d130", "d131", "d132",
        "d200", "d201", "d202", "d210", "d211", "d212", "d220", "d221", "d222", "d230", "d231", "d232",
        "d300", "d301", "d302", "d310", "d311", "d312", "d320", "d321", "d322", "d330", "d331", "d332",
    ];

    fn from_columns(value: impl FnMut(usize) -> f64) -> Kappa {
        Kappa(std::array::from_fn(value))
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("HassaniAtkinson2020.csv");
static KAPPA: LazyLock<Table<Kappa>> = table!("HassaniAtkinson2020.csv");

/// What a region changes.
struct Region {
    constant: f64,
    /// Where the spreading becomes slower, km.
    transition: f64,
    /// The logarithm of stress, its slope with depth, and from where to where that holds, km.
    stress: [f64; 4],
}

const OF_INTERFACE: Region = Region { constant: 0.85, transition: 150.0, stress: [1.606, 0.0097, 25.0, 55.0] };
const OF_SLAB: Region = Region { constant: 0.9, transition: 250.0, stress: [1.9241, 0.0133, 40.0, 90.0] };
const OF_CRUST: Region = Region { constant: 0.45, transition: 50.0, stress: [2.5011, 0.0, 0.0, 30.0] };

/// Hassani and Atkinson (2020).
#[derive(Debug)]
struct HassaniAtkinson2020 {
    info: &'static ModelInfo,
    /// The common logarithm of kappa.
    ln_kappa: f64,
    /// The parts of the path behind the arc, and before it in the north-east and the south-west.
    parts: [f64; 3],
}

impl Gsim for HassaniAtkinson2020 {
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
        let [mag, depth, rrup, vs30, z2pt5, f0] = ctx.columns(PARAMS);
        let Region { transition, stress: [stress, slope, from, to], .. } = self.region();
        let pga = self.row(&Imt::PGA);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let mag = (mag[k] * 100.0).round_ties_even() / 100.0;
            let h = exp(LN_10 * (0.235 * mag - 0.405));
            let r = hypot(rrup[k], h);
            let point = Point {
                mag,
                ln_mag: log10(mag),
                stress: stress + slope * (depth[k].clamp(from, to) - from),
                rrup: rrup[k],
                spreading: -1.3 * log10(r.min(transition)) - 0.5 * log10(r.max(transition) / transition),
                ln_r: log10(r / hypot(1.0, h)),
            };
            let pga_rock = exp(LN_10 * lg_rock(&pga, &point));
            Terms {
                point,
                vs30: vs30[k],
                ln_yielding: ln((pga_rock + F3) / F3),
                basin: basin(z2pt5_or_mean(true, z2pt5[k], vs30[k])),
                ln_f0: if f0[k] > 0.0 { log10(f0[k]) } else { f64::NAN },
            }
        });
    }
}

/// What cz0, cz1 and cz2 multiply.
fn basin(z2pt5: f64) -> [f64; 3] {
    const X0: f64 = 150.0;
    const X1: f64 = 800.0;
    const X2: f64 = 4200.0;
    if z2pt5 < 0.0 {
        return [0.0; 3];
    }
    [1.0, log10(z2pt5.clamp(X0, X1) / X0), log10(z2pt5.clamp(X1, X2) / X1)]
}

/// The motion on rock where soil begins to yield, cm/s^2.
const F3: f64 = 98.1;
/// The `vs30` of rock, m/s.
const VREF: f64 = 760.0;

impl HassaniAtkinson2020 {
    fn region(&self) -> Region {
        match self.info.trt {
            Trt::SubductionInterface => OF_INTERFACE,
            Trt::SubductionIntraslab => OF_SLAB,
            _ => OF_CRUST,
        }
    }

    fn row(&self, imt: &Imt) -> Row {
        let c = COEFFS.at(imt);
        let (low, gamma, sig, pss) = match self.info.trt {
            Trt::SubductionInterface => {
                ([c.clf0_if, c.clf1_if], [c.barc_if, c.farc_ne_if, c.farc_sw_if], c.s_if, c.pss_if)
            }
            Trt::SubductionIntraslab => {
                ([c.clf0_is, c.clf1_is], [c.barc_is, c.farc_ne_is, c.farc_sw_is], c.s_is, c.pss_is)
            }
            _ => ([c.clf0_cr, c.clf1_cr], [c.barc_cr, c.farc_ne_cr, c.farc_sw_cr], c.s_cr, c.pss_cr),
        };
        const G: f64 = 981.0; // cm/s^2
        Row {
            c,
            constant: c.e0 + self.region().constant + low[0] + c.chf + c.amp_cr,
            low: low[1],
            gamma: gamma.iter().zip(self.parts).map(|(gamma, part)| gamma * part).sum(),
            kappa: self.kappa(&KAPPA.at(imt)),
            at_reference: scalar::exp(c.f5 * (VREF - 360.0)),
            unit: if imt.kind() == ImtKind::Pgv { 0.0 } else { ln(G) },
            peak: if imt.kind() == ImtKind::Sa { c.f } else { f64::NAN },
            sig,
            phi: hypot(c.ps2s, pss),
        }
    }

    /// The factors of the powers of the logarithms of magnitude and of stress, with this kappa over that of 0.001 s.
    fn kappa(&self, Kappa(d): &Kappa) -> [[f64; 3]; 4] {
        let power = |i: usize| powi(self.ln_kappa, i as u32 + 1) - powi(-3.0, i as u32 + 1);
        std::array::from_fn(|j| std::array::from_fn(|q| (0..4).map(|i| power(i) * d[12 * i + 3 * j + q]).sum()))
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    constant: f64,
    /// The slope of calibration at low frequencies.
    low: f64,
    /// Anelastic attenuation of the path.
    gamma: f64,
    kappa: [[f64; 3]; 4],
    /// The exponential of yielding on rock.
    at_reference: f64,
    /// The natural logarithm of the unit.
    unit: f64,
    /// The logarithm of the frequency of spectral acceleration; not a number of others.
    peak: f64,
    sig: f64,
    phi: f64,
}

/// What the model needs of a point source. Logarithms are common.
#[derive(Clone, Copy)]
struct Point {
    mag: f64,
    ln_mag: f64,
    /// The logarithm of stress.
    stress: f64,
    rrup: f64,
    /// The geometric spreading.
    spreading: f64,
    /// The logarithm of the effective distance over that at 1 km.
    ln_r: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    point: Point,
    vs30: f64,
    /// The natural logarithm of how far the motion on rock makes soil yield.
    ln_yielding: f64,
    basin: [f64; 3],
    /// The logarithm of the site's frequency; not a number if it has none.
    ln_f0: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let soft = exp(c.f5 * (t.vs30.min(VREF) - 360.0)) - self.at_reference;
        let basin = c.cz0 * t.basin[0] + c.cz1 * t.basin[1] + c.cz2 * t.basin[2];
        let site = linear_site(c, t.vs30) + c.f4 * soft * t.ln_yielding + basin + frequency(t.ln_f0 - self.peak);
        let mean = LN_10 * (lg_rock(self, &t.point) + site) - self.unit;
        Estimate { mean, sig: self.sig, tau: c.tau, phi: self.phi }
    }
}

/// The common logarithm of motion on rock.
#[inline(always)]
fn lg_rock(row: &Row, p: &Point) -> f64 {
    let c = &row.c;
    let above = p.mag - c.mh;
    let magnitude = if above <= 0.0 { (c.e1 + c.e2 * above) * above } else { c.e3 * above };
    let low = row.low * (p.mag.min(7.0) - 5.5).max(0.0);
    let path = p.spreading + (c.b3 + c.b4 * p.mag) * p.ln_r + row.gamma * p.rrup;
    row.constant + magnitude + low + path + stress(c, p) + kappa(&row.kappa, p)
}

/// Stress over that of 100 bar.
#[inline(always)]
fn stress(c: &Coeffs, p: &Point) -> f64 {
    let m = p.mag;
    let eds1 = c.g10 + m * (c.g11 + m * (c.g12 + m * (c.g13 + m * c.g14)));
    let eds2 = c.g20 + m * (c.g21 + m * (c.g22 + m * (c.g23 + m * c.g24)));
    eds1 * (p.stress - 2.0) + eds2 * (p.stress * p.stress - 4.0)
}

#[inline(always)]
fn kappa(kappa: &[[f64; 3]; 4], p: &Point) -> f64 {
    let [p0, p1, p2, p3] = kappa.map(|[d0, d1, d2]| d0 + p.stress * (d1 + p.stress * d2));
    p0 + p.ln_mag * (p1 + p.ln_mag * (p2 + p.ln_mag * p3))
}

#[inline(always)]
fn linear_site(c: &Coeffs, vs30: f64) -> f64 {
    let vs30 = vs30.clamp(100.0, 1000.0);
    LOG10_E * (c.cv1 * ln(vs30.min(250.0) / 250.0) + c.cv2 * ln(vs30.max(250.0) / VREF))
}

/// How near the frequency of the measure is to that of the site, by the logarithm of their ratio; 0 if that is not a number.
#[inline(always)]
fn frequency(ratio: f64) -> f64 {
    const HALF: f64 = -std::f64::consts::LOG10_2;
    const MOST: f64 = 0.397_940_008_672_037_6; // lg 2.5
    let [up, down, back] = [ratio.clamp(HALF, 0.0) - HALF, ratio.clamp(0.0, MOST), (ratio - MOST).max(0.0)];
    if ratio.is_nan() { 0.0 } else { 0.421 * up - 0.604 * down + 0.086 * back - 0.011 }
}
