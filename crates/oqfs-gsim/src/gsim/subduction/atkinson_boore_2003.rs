//! Atkinson and Boore (2003), for the interface and the slab of subduction zones, and Gupta (2010) of the same form.
//!
//! Atkinson G.M., Boore D.M., 2003. Empirical ground-motion relations for subduction-zone earthquakes and their application
//! to Cascadia and other regions. Bulletin of the Seismological Society of America 93(4), 1703-1729,
//! doi:10.1785/0120020156. Erratum: 98(5), 2567-2569, doi:10.1785/0120080108.
//!
//! Gupta I.D., 2010. Response spectral attenuation relations for in-slab earthquakes in Indo-Burmese subduction zone. Soil
//! Dynamics and Earthquake Engineering 30(5), 368-377, doi:10.1016/j.soildyn.2009.12.009.
//!
//! - Component: random horizontal (2003), geometric mean (2010). Units: g.
//! - Valid for magnitude 5 to 8.5 (interface) or 8 (slab), rupture distances up to 500 km, hypocentres down to 100 km; four
//!   site classes by `vs30`.
//!
//! `Cascadia` and `Japan` have the constants of those regions. `NSHMP2008` gives sites above 760 m/s half the amplification
//! of class C, and takes hypocentres of the interface at 20 km. As in the engine, the ln-mean at 4 s is that of the
//! coefficients of 3 s over 0.55.

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "AtkinsonBoore2003SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RandomHorizontal,
    reference: "Atkinson and Boore (2003), Empirical ground-motion relations for subduction-zone earthquakes and their \
                application to Cascadia and other regions, Bulletin of the Seismological Society of America 93(4), \
                1703-1729",
    doi: Some("10.1785/0120020156"),
    validity: Validity::NOT_STATED
        .magnitude(5.0, 8.5)
        .distance(Param::Rrup, 0.0, 500.0)
        .depth(f64::NEG_INFINITY, 100.0),
};

/// The model for the slab.
const SLAB: ModelInfo = ModelInfo {
    name: "AtkinsonBoore2003SSlab",
    trt: Trt::SubductionIntraslab,
    validity: INTERFACE.validity.magnitude(5.0, 8.0),
    ..INTERFACE
};

const GUPTA: ModelInfo = ModelInfo {
    name: "Gupta2010SSlab",
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Gupta (2010), Response spectral attenuation relations for in-slab earthquakes in Indo-Burmese subduction \
                zone, Soil Dynamics and Earthquake Engineering 30(5), 368-377",
    doi: Some("10.1016/j.soildyn.2009.12.009"),
    validity: Validity::NOT_STATED,
    ..SLAB
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    interface(INTERFACE.name, |info, _| Ok(Arc::new(AtkinsonBoore2003 { info, source: ON_INTERFACE, nshmp: false }))),
    interface("AtkinsonBoore2003SInterNSHMP2008", |info, _| {
        Ok(Arc::new(AtkinsonBoore2003 { info, source: ON_INTERFACE, nshmp: true }))
    }),
    slab(SLAB.name, |info, _| Ok(Arc::new(AtkinsonBoore2003 { info, source: in_slab(&SLAB_COEFFS), nshmp: false }))),
    slab("AtkinsonBoore2003SSlabNSHMP2008", |info, _| {
        Ok(Arc::new(AtkinsonBoore2003 { info, source: in_slab(&SLAB_COEFFS), nshmp: true }))
    }),
    slab("AtkinsonBoore2003SSlabCascadia", |info, _| {
        Ok(Arc::new(AtkinsonBoore2003 { info, source: in_slab(&CASCADIA), nshmp: false }))
    }),
    slab("AtkinsonBoore2003SSlabCascadiaNSHMP2008", |info, _| {
        Ok(Arc::new(AtkinsonBoore2003 { info, source: in_slab(&CASCADIA), nshmp: true }))
    }),
    slab("AtkinsonBoore2003SSlabJapan", |info, _| {
        Ok(Arc::new(AtkinsonBoore2003 { info, source: in_slab(&JAPAN), nshmp: false }))
    }),
    slab("AtkinsonBoore2003SSlabJapanNSHMP2008", |info, _| {
        Ok(Arc::new(AtkinsonBoore2003 { info, source: in_slab(&JAPAN), nshmp: true }))
    }),
    Model { info: GUPTA, make: |info, _| Ok(Arc::new(Gupta2010 { info })) },
];

const fn interface(name: &'static str, make: crate::gsim::registry::Make) -> Model {
    Model { info: ModelInfo { name, ..INTERFACE }, make }
}

const fn slab(name: &'static str, make: crate::gsim::registry::Make) -> Model {
    Model { info: ModelInfo { name, ..SLAB }, make }
}

coefficients! {
    /// Table 1, but for the standard deviations within and between events.
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7, sigma }
}

coefficients! {
    /// Table 1: the standard deviations within and between events.
    struct Parts { s1, s2 }
}

static INTERFACE_COEFFS: LazyLock<Table<Coeffs>> = table!("AtkinsonBoore2003_interface.csv");
static INTERFACE_PARTS: LazyLock<Table<Parts>> = table!("AtkinsonBoore2003_interface.csv");
static SLAB_COEFFS: LazyLock<Table<Coeffs>> = table!("AtkinsonBoore2003_slab.csv");
static SLAB_PARTS: LazyLock<Table<Parts>> = table!("AtkinsonBoore2003_slab.csv");
static CASCADIA: LazyLock<Table<Coeffs>> = table!("AtkinsonBoore2003_slab_cascadia.csv");
static JAPAN: LazyLock<Table<Coeffs>> = table!("AtkinsonBoore2003_slab_japan.csv");
static GUPTA_COEFFS: LazyLock<Table<Coeffs>> = table!("Gupta2010.csv");

/// What the models for the interface and the slab differ in.
#[derive(Clone, Copy, Debug)]
struct Source {
    coeffs: &'static LazyLock<Table<Coeffs>>,
    parts: &'static LazyLock<Table<Parts>>,
    is_interface: bool,
    max_mag: f64,
    /// Of g in equation 1, as its exponent of 10: the constant and the factor of magnitude.
    spreading: [f64; 2],
}

const ON_INTERFACE: Source = Source {
    coeffs: &INTERFACE_COEFFS,
    parts: &INTERFACE_PARTS,
    is_interface: true,
    max_mag: 8.5,
    spreading: [1.2, -0.18],
};

/// The standard deviations are the same in every region.
const fn in_slab(coeffs: &'static LazyLock<Table<Coeffs>>) -> Source {
    Source { coeffs, parts: &SLAB_PARTS, is_interface: false, max_mag: 8.0, spreading: [0.301, -0.01] }
}

/// Atkinson and Boore (2003).
#[derive(Debug)]
struct AtkinsonBoore2003 {
    info: &'static ModelInfo,
    source: Source,
    nshmp: bool,
}

impl Gsim for AtkinsonBoore2003 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.source.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        compute(&self.source, self.nshmp, ctx, imts, out, |imt| Some(self.source.parts.at(imt)));
    }
}

/// Gupta (2010), of the form of the model for the slab.
#[derive(Debug)]
struct Gupta2010 {
    info: &'static ModelInfo,
}

impl Gsim for Gupta2010 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        GUPTA_COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        compute(&in_slab(&GUPTA_COEFFS), false, ctx, imts, out, |_| None);
    }
}

fn compute(
    source: &Source,
    nshmp: bool,
    ctx: &Contexts,
    imts: &[Imt],
    out: &mut GroundMotion,
    parts: impl Fn(&Imt) -> Option<Parts>,
) {
    let [mag, hypo_depth, rrup, vs30] = ctx.columns([Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30]);
    let pga = source.coeffs.at(&Imt::PGA);
    let row = |imt: &Imt| Row::new(imt, smoothed(source, imt), source.coeffs.at(imt).sigma, parts(imt));
    let rows: Vec<Row> = imts.iter().map(row).collect();
    batch::compute(ctx.len(), &rows, out, |k| {
        let mag = mag[k].min(source.max_mag);
        let delta = 0.00724 * exp(LN_10 * 0.507 * mag);
        let r = (rrup[k] * rrup[k] + delta * delta).sqrt();
        let [constant, slope] = source.spreading;
        let g = exp(LN_10 * (constant + slope * mag));
        let depth = if nshmp && source.is_interface { 20.0 } else { hypo_depth[k].min(100.0) };
        let rupture = Rupture { mag, depth, r, spreading: g * LOG10_E * ln(r) };
        let pga_rock = exp(LN_10 * log10_rock(&pga, &rupture));
        Terms { rupture, class: class(nshmp, vs30[k]), strength: strength(pga_rock) }
    });
}

/// The coefficients, mixed at 0.2 and 0.4 s of the interface as the erratum has it.
fn smoothed(source: &Source, imt: &Imt) -> Coeffs {
    let c = source.coeffs.at(imt);
    let other = match imt.period() {
        Some(0.2) if source.is_interface => 0.4,
        Some(0.4) if source.is_interface => 0.2,
        _ => return c,
    };
    let Some(o) = Imt::sa(other).and_then(|imt| source.coeffs.get(&imt)) else { return c };
    let mix = |a: f64, b: f64| 0.333 * a + 0.667 * b;
    Coeffs {
        c1: mix(c.c1, o.c1),
        c2: mix(c.c2, o.c2),
        c3: mix(c.c3, o.c3),
        c4: mix(c.c4, o.c4),
        c5: mix(c.c5, o.c5),
        c6: mix(c.c6, o.c6),
        c7: mix(c.c7, o.c7),
        sigma: c.sigma,
    }
}

/// Page 1706: the weights of c5 to c7 at a site.
fn class(nshmp: bool, vs30: f64) -> [f64; 3] {
    if vs30 > 760.0 {
        [if nshmp { 0.5 } else { 0.0 }, 0.0, 0.0]
    } else if vs30 > 360.0 {
        [1.0, 0.0, 0.0]
    } else if vs30 >= 180.0 {
        [0.0, 1.0, 0.0]
    } else {
        [0.0, 0.0, 1.0]
    }
}

/// How much of the amplification strong motion takes away: none at long periods, all at short ones.
fn nonlinear(imt: &Imt) -> f64 {
    match imt.period().unwrap_or_default() {
        period if period >= 1.0 => 0.0,
        period if period > 0.5 => 1.0 / period - 1.0,
        _ => 1.0,
    }
}

/// `PGA` on rock between 100 and 500 cm/s^2, from 0 to 1.
fn strength(pga_rock: f64) -> f64 {
    ((pga_rock - 100.0) / 400.0).clamp(0.0, 1.0)
}

/// c5 to c7 of Cascadia, for other models to take them.
pub(in crate::gsim) fn classes_of_cascadia(imt: &Imt) -> [f64; 3] {
    let c = CASCADIA.at(imt);
    [c.c5, c.c6, c.c7]
}

/// sl, which the amplification is multiplied by, for other models to take it; `ln_pga_rock` is of g.
pub(in crate::gsim) fn linear_factor(imt: &Imt, ln_pga_rock: f64) -> f64 {
    1.0 - nonlinear(imt) * strength(scalar::exp(ln_pga_rock + LN_G))
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    nonlinear: f64,
    /// What the ln-mean is divided by.
    divisor: f64,
    sig: f64,
    tau: f64,
    phi: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs, sigma: f64, parts: Option<Parts>) -> Row {
        let period = imt.period().unwrap_or_default();
        let [tau, phi] = parts.map_or([0.0; 2], |parts| [LN_10 * parts.s2, LN_10 * parts.s1]);
        let divisor = if period == 4.0 { 0.55 } else { 1.0 };
        Row { c, nonlinear: nonlinear(imt), divisor, sig: LN_10 * sigma, tau, phi }
    }
}

/// Of 980.665 cm/s^2.
const LN_G: f64 = 6.888_230_916_953_265;

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    depth: f64,
    r: f64,
    /// g log10(R)
    spreading: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    /// The weights of c5 to c7.
    class: [f64; 3],
    /// `PGA` on rock between 100 and 500 cm/s^2, from 0 to 1.
    strength: f64,
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let log10 = log10_rock(&self.c, &t.rupture) + site(self, t);
        let mean = (LN_10 * log10 - LN_G) / self.divisor;
        Estimate { mean, sig: self.sig, tau: self.tau, phi: self.phi }
    }
}

/// Equation 1 without the site, log10 of cm/s^2.
#[inline(always)]
fn log10_rock(c: &Coeffs, r: &Rupture) -> f64 {
    c.c1 + c.c2 * r.mag + c.c3 * r.depth + c.c4 * r.r - r.spreading
}

/// Equation 1: the site, with sl.
#[inline(always)]
fn site(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    let amplification = c.c5 * t.class[0] + c.c6 * t.class[1] + c.c7 * t.class[2];
    amplification * (1.0 - row.nonlinear * t.strength)
}
