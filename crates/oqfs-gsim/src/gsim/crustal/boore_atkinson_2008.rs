//! Boore and Atkinson (2008), and the models that adjust it.
//!
//! Boore D.M., Atkinson G.M., 2008. Ground-motion prediction equations for the average horizontal component of PGA,
//! PGV, and 5%-damped PSA at spectral periods between 0.01 s and 10.0 s. Earthquake Spectra 24(1), 99-138,
//! doi:10.1193/1.2830434.
//!
//! - Component: GMRotI50. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 5 to 8, Joyner-Boore distances up to 200 km, `vs30` of 180 to 1,300 m/s, active shallow crust.
//!
//! As in the engine, the fault type is always known (the coefficient e1 is not used), Rref is 1 km for all periods
//! (erratum of 2008), and the site terms are interpolated in a table with more periods than the others.
//!
//! Adjusted models, each adding to the ln-mean:
//! - `BooreAtkinson2011`: a correction for small magnitudes. Atkinson G.M., Boore D.M., 2011. Modifications to existing
//!   ground-motion prediction equations in light of new data. Bulletin of the Seismological Society of America 101(3),
//!   1121-1135, doi:10.1785/0120100270.
//! - `Atkinson2008prime`: the same correction and a factor to eastern North America. Atkinson G.M., 2008. Ground-motion
//!   prediction equations for eastern North America from a referenced empirical approach: implications for epistemic
//!   uncertainty. Bulletin of the Seismological Society of America 98(3), 1304-1318, doi:10.1785/0120070199.
//! - `Atkinson2010Hawaii`: a factor to Hawaii. Atkinson G.M., 2010. Ground-motion prediction equations for Hawaii from a
//!   referenced empirical approach. Bulletin of the Seismological Society of America 100(2), 751-761,
//!   doi:10.1785/0120090098.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate, Last};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model as published.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "BooreAtkinson2008",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GmRotI50,
    reference: "Boore and Atkinson (2008), Ground-motion prediction equations for the average horizontal component of \
                PGA, PGV, and 5%-damped PSA at spectral periods between 0.01 s and 10.0 s, Earthquake Spectra 24(1), \
                99-138",
    doi: Some("10.1193/1.2830434"),
    validity: Validity::NOT_STATED.magnitude(5.0, 8.0).distance(Param::Rjb, 0.0, 200.0).vs30(180.0, 1300.0),
};

/// With the correction for small magnitudes.
const CORRECTED: ModelInfo = ModelInfo {
    name: "BooreAtkinson2011",
    reference: "Atkinson and Boore (2011), Modifications to existing ground-motion prediction equations in light of new \
                data, Bulletin of the Seismological Society of America 101(3), 1121-1135",
    doi: Some("10.1785/0120100270"),
    validity: Validity::NOT_STATED,
    ..BASE
};

/// Adjusted to eastern North America.
const EASTERN: ModelInfo = ModelInfo { name: "Atkinson2008prime", trt: Trt::StableShallowCrust, ..CORRECTED };

/// Adjusted to Hawaii.
const HAWAII: ModelInfo = ModelInfo {
    name: "Atkinson2010Hawaii",
    trt: Trt::Volcanic,
    params: &[Param::Mag, Param::Rake, Param::HypoDepth, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Atkinson (2010), Ground-motion prediction equations for Hawaii from a referenced empirical approach, \
                Bulletin of the Seismological Society of America 100(2), 751-761",
    doi: Some("10.1785/0120090098"),
    validity: Validity::NOT_STATED,
    ..BASE
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(BooreAtkinson2008 { info, variant: Variant::Published })) },
    Model { info: CORRECTED, make: |info, _| Ok(Arc::new(BooreAtkinson2008 { info, variant: Variant::Corrected })) },
    Model { info: EASTERN, make: |info, _| Ok(Arc::new(BooreAtkinson2008 { info, variant: Variant::Eastern })) },
    Model { info: HAWAII, make: |info, _| Ok(Arc::new(BooreAtkinson2008 { info, variant: Variant::Hawaii })) },
];

coefficients! {
    /// Tables 6, 7 and 8.
    struct Coeffs { c1, c2, c3, h, e2, e3, e4, e5, e6, e7, mh, sig, tau, phi }
}

coefficients! {
    /// Table 3, site amplification.
    pub(in crate::gsim) struct Site { blin, b1, b2 }
}

coefficients! {
    /// Atkinson (2008): factor to eastern North America, log10, and its growth with distance.
    struct East { c, d }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("BooreAtkinson2008.csv");
pub(in crate::gsim) static SITE: LazyLock<Table<Site>> = table!("BooreAtkinson2008_site.csv");
static EAST: LazyLock<Table<East>> = table!("Atkinson2008prime.csv");

/// Boore and Atkinson (2008).
#[derive(Debug)]
struct BooreAtkinson2008 {
    info: &'static ModelInfo,
    variant: Variant,
}

#[derive(Clone, Copy, Debug)]
enum Variant {
    Published,
    Corrected,
    Eastern,
    Hawaii,
}

impl Gsim for BooreAtkinson2008 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        SITE.check(self.info, imt)?;
        if let Variant::Eastern = self.variant { EAST.check(self.info, imt) } else { Ok(()) }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rjb, vs30] = ctx.columns([Param::Mag, Param::Rake, Param::Rjb, Param::Vs30]);
        let pga = COEFFS.at(&Imt::PGA);
        // sites are mostly alike
        let site = Last::new(ground);
        let published = |k: usize| Terms::new(&pga, mag[k], rake[k], rjb[k], site.of(vs30[k]));
        let corrected = |k: usize| CorrectedTerms::new(published(k));
        match self.variant {
            Variant::Published => compute(ctx, imts, out, Row::at, published),
            Variant::Corrected => compute(ctx, imts, out, |imt| CorrectedRow(Row::at(imt)), corrected),
            Variant::Eastern => compute(ctx, imts, out, |imt| EasternRow(Row::at(imt), EAST.at(imt)), corrected),
            Variant::Hawaii => {
                let [depth] = ctx.columns([Param::HypoDepth]);
                compute(ctx, imts, out, HawaiiRow::at, |k| HawaiiTerms::new(published(k), depth[k]));
            }
        }
    }
}

fn compute<R: batch::Row>(
    ctx: &Contexts,
    imts: &[Imt],
    out: &mut GroundMotion,
    row: impl Fn(&Imt) -> R,
    terms: impl Fn(usize) -> R::Terms,
) {
    let rows: Vec<R> = imts.iter().map(row).collect();
    batch::compute(ctx.len(), &rows, out, terms);
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    site: Site,
}

impl Row {
    fn at(imt: &Imt) -> Row {
        Row { c: COEFFS.at(imt), site: SITE.at(imt) }
    }
}

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rjb: f64,
    /// Fault type (table 2): one of these is 1, the others 0.
    strike_slip: f64,
    normal: f64,
    reverse: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    /// ln(VS30 / Vref)
    ln_vs30: f64,
    /// bnl = s b1 + t b2, for the slope (s, t)
    slope: [f64; 2],
    /// FNL / bnl
    pga: f64,
}

impl Terms {
    fn new(pga: &Coeffs, mag: f64, rake: f64, rjb: f64, (ln_vs30, slope): (f64, [f64; 2])) -> Terms {
        // Table 2: within 30 degrees of horizontal is strike-slip.
        let (reverse, normal) = (rake > 30.0 && rake < 150.0, rake < -30.0 && rake > -150.0);
        let [strike_slip, normal, reverse] = [!(reverse || normal), normal, reverse].map(f64::from);
        let rupture = Rupture { mag, rjb, strike_slip, normal, reverse };
        let pga = pga_dependence(ln_rock(pga, &rupture));
        Terms { rupture, ln_vs30, slope, pga }
    }
}

/// Equations 1 and 6.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let Row { c, site } = self;
        let mean = ln_rock(c, &t.rupture) + linear(site, t) + nonlinear(site, t);
        Estimate { mean, sig: c.sig, tau: c.tau, phi: c.phi }
    }
}

/// Equation 1 without site amplification, for VS30 = Vref; of `PGA` it is ln(pga4nl).
#[inline(always)]
fn ln_rock(c: &Coeffs, r: &Rupture) -> f64 {
    magnitude_scaling(c, r) + distance_scaling(c, r)
}

/// Equations 3 and 4.
#[inline(always)]
fn distance_scaling(c: &Coeffs, r: &Rupture) -> f64 {
    const MREF: f64 = 4.5;
    const RREF: f64 = 1.0;
    let distance = (r.rjb * r.rjb + c.h * c.h).sqrt();
    (c.c1 + c.c2 * (r.mag - MREF)) * ln(distance / RREF) + c.c3 * (distance - RREF)
}

/// Equations 5a and 5b.
#[inline(always)]
fn magnitude_scaling(c: &Coeffs, r: &Rupture) -> f64 {
    let above = r.mag - c.mh;
    let fault = c.e2 * r.strike_slip + c.e3 * r.normal + c.e4 * r.reverse;
    fault + if above <= 0.0 { (c.e5 + c.e6 * above) * above } else { c.e7 * above }
}

/// Equation 7.
#[inline(always)]
fn linear(site: &Site, t: &Terms) -> f64 {
    site.blin * t.ln_vs30
}

/// Equations 8a to 8c.
#[inline(always)]
fn nonlinear(site: &Site, t: &Terms) -> f64 {
    (t.slope[0] * site.b1 + t.slope[1] * site.b2) * t.pga
}

/// The site amplification of one intensity measure, for `PGA` on rock of the model itself, which other models take.
pub(in crate::gsim) struct SiteTerm {
    pga: Coeffs,
    site: Site,
}

impl SiteTerm {
    /// Of this rock, m/s.
    pub(in crate::gsim) const ROCK: f64 = VREF;

    /// What [`SiteTerm::ln_amplification`] depends on.
    pub(in crate::gsim) const PARAMS: [Param; 4] = [Param::Mag, Param::Rake, Param::Rjb, Param::Vs30];

    /// `None` at a period that the term does not define.
    pub(in crate::gsim) fn get(imt: &Imt) -> Option<SiteTerm> {
        Some(SiteTerm { pga: COEFFS.at(&Imt::PGA), site: SITE.get(imt)? })
    }

    /// What is added to the ln-mean on rock.
    #[inline(always)]
    pub(in crate::gsim) fn ln_amplification(&self, [mag, rake, rjb, vs30]: [f64; 4]) -> f64 {
        let t = Terms::new(&self.pga, mag, rake, rjb, ground(vs30));
        linear(&self.site, &t) + nonlinear(&self.site, &t)
    }
}

impl Site {
    /// The site amplification of a motion on rock of 760 m/s.
    pub(in crate::gsim) fn ln_amplification(&self, vs30: f64, ln_pga4nl: f64) -> f64 {
        let ln_vs30 = scalar::ln(vs30 / VREF);
        let [first, second] = slope(vs30, ln_vs30);
        self.blin * ln_vs30 + (first * self.b1 + second * self.b2) * pga_dependence(ln_pga4nl)
    }
}

const V1: f64 = 180.0;
const V2: f64 = 300.0;
const VREF: f64 = 760.0;

/// What the terms are of a `vs30`: ln(vs30 / VREF), and [`slope`].
#[inline(always)]
fn ground(vs30: f64) -> (f64, [f64; 2]) {
    let ln_vs30 = ln(vs30 / VREF);
    (ln_vs30, slope(vs30, ln_vs30))
}

/// Equations 13a to 13d: the weights of b1 and b2 in bnl, given ln(vs30 / VREF) too.
fn slope(vs30: f64, ln_vs30: f64) -> [f64; 2] {
    if vs30 <= V1 {
        [1.0, 0.0]
    } else if vs30 <= V2 {
        let part = (ln_vs30 - const { scalar::ln(V2 / VREF) }) / const { scalar::ln(V1 / V2) };
        [part, 1.0 - part]
    } else if vs30 < VREF {
        [0.0, ln_vs30 / const { scalar::ln(V2 / VREF) }]
    } else {
        [0.0, 0.0]
    }
}

/// Equations 8a to 8c and 10 to 12, over bnl, to which all are proportional.
fn pga_dependence(ln_pga4nl: f64) -> f64 {
    const A1: f64 = 0.03;
    const A2: f64 = 0.09;
    const PGA_LOW: f64 = 0.06;
    let (ln_a1, ln_a2, low) = const { (scalar::ln(A1), scalar::ln(A2), scalar::ln(PGA_LOW / 0.1)) };
    if ln_pga4nl <= ln_a1 {
        low
    } else if ln_pga4nl <= ln_a2 {
        let dx = ln_a2 - ln_a1;
        let dy = const { scalar::ln(A2 / PGA_LOW) };
        let c = (3.0 * dy - dx) / (dx * dx);
        let d = -(2.0 * dy - dx) / (dx * dx * dx);
        let x = ln_pga4nl - ln_a1;
        low + c * x * x + d * x * x * x
    } else {
        ln_pga4nl - const { scalar::ln(0.1) }
    }
}

/// Atkinson and Boore (2011).
#[derive(Clone, Copy)]
struct CorrectedRow(Row);

#[derive(Clone, Copy)]
struct CorrectedTerms {
    published: Terms,
    /// Equation 5: the correction for small magnitudes.
    correction: f64,
}

impl CorrectedTerms {
    fn new(published: Terms) -> CorrectedTerms {
        let Rupture { mag, rjb, .. } = published.rupture;
        let log10 = (3.888 - 0.674 * mag).max(0.0) - (2.933 - 0.510 * mag).max(0.0) * scalar::log10(rjb + 10.0);
        CorrectedTerms { published, correction: LN_10 * log10 }
    }
}

impl batch::Row for CorrectedRow {
    type Terms = CorrectedTerms;

    #[inline(always)]
    fn estimate(&self, t: &CorrectedTerms) -> Estimate {
        let published = self.0.estimate(&t.published);
        Estimate { mean: published.mean + t.correction, ..published }
    }
}

/// Atkinson (2008) with the correction of 2011.
#[derive(Clone, Copy)]
struct EasternRow(Row, East);

impl batch::Row for EasternRow {
    type Terms = CorrectedTerms;

    #[inline(always)]
    fn estimate(&self, t: &CorrectedTerms) -> Estimate {
        let EasternRow(row, east) = self;
        let published = row.estimate(&t.published);
        let factor = LN_10 * (east.c + east.d * t.published.rupture.rjb);
        Estimate { mean: published.mean + t.correction + factor, ..published }
    }
}

/// Atkinson (2010).
#[derive(Clone, Copy)]
struct HawaiiRow {
    row: Row,
    /// Equations 4a to 4c: depths below 20, from 20 to 35, and above 35 km.
    x0: [f64; 3],
    /// Equation 3.
    x1: f64,
}

impl HawaiiRow {
    fn at(imt: &Imt) -> HawaiiRow {
        let frequency: f64 = match imt.period() {
            None => 2.0,
            Some(0.0) => 50.0,
            Some(period) => 1.0 / period,
        };
        let log = scalar::log10(frequency);
        let (shallow, deep) = ((0.217 - 0.321 * log).max(0.0), (0.263 + 0.0924 * log).min(0.35));
        HawaiiRow { row: Row::at(imt), x0: [shallow, 0.2, deep], x1: (-0.18 + 0.17 * log).min(0.0) }
    }
}

#[derive(Clone, Copy)]
struct HawaiiTerms {
    published: Terms,
    /// 1 for the class of depth, else 0.
    depth: [f64; 3],
    /// log10(Rjb), of 1 km at least.
    log_rjb: f64,
}

impl HawaiiTerms {
    fn new(published: Terms, depth: f64) -> HawaiiTerms {
        let depth = [depth < 20.0, (20.0..=35.0).contains(&depth), depth > 35.0].map(f64::from);
        HawaiiTerms { published, depth, log_rjb: scalar::log10(published.rupture.rjb.max(1.0)) }
    }
}

/// Equations 2 and 5; the standard deviation is 0.26 in log10 (caption of table 2).
impl batch::Row for HawaiiRow {
    type Terms = HawaiiTerms;

    #[inline(always)]
    fn estimate(&self, t: &HawaiiTerms) -> Estimate {
        let x0 = self.x0[0] * t.depth[0] + self.x0[1] * t.depth[1] + self.x0[2] * t.depth[2];
        let factor = LN_10 * (x0 + self.x1 * t.log_rjb);
        Estimate::total(self.row.estimate(&t.published).mean + factor, 0.26 * LN_10)
    }
}
