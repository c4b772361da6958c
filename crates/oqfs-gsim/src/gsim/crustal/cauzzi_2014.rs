//! Cauzzi et al. (2014), from a global dataset, with three kinds of site terms.
//!
//! Cauzzi C., Faccioli E., Vanini M., Bianchini A., 2015. Updated predictive equations for broadband (0.01-10 s) horizontal
//! response spectra and peak ground motions, based on a global dataset of digital acceleration records. Bulletin of
//! Earthquake Engineering 13(6), 1587-1612, doi:10.1007/s10518-014-9685-y.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 4.5 to 7.9, rupture distances up to 150 km, active shallow crust.
//!
//! The equations give displacement spectra, from which spectral acceleration follows; `PGA` is that of 0.01 s. The names
//! say what a model takes: `FixedVs30` a reference `vs30` of 800 m/s for all periods, `Eurocode8` the site classes A to D
//! by `vs30`, and `NoSOF` an unspecified style of faulting.

use std::f64::consts::{LN_10, LOG10_E, TAU};
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::powi;
use crate::elementary::scalar::{self, powf};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// With a style of faulting.
pub(in crate::gsim) const KNOWN: ModelInfo = ModelInfo {
    name: "CauzziEtAl2014",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Cauzzi et al. (2015), Updated predictive equations for broadband (0.01-10 s) horizontal response spectra \
                and peak ground motions, based on a global dataset of digital acceleration records, Bulletin of \
                Earthquake Engineering 13(6), 1587-1612",
    doi: Some("10.1007/s10518-014-9685-y"),
    validity: Validity::NOT_STATED.magnitude(4.5, 7.9).distance(Param::Rrup, 0.0, 150.0),
};

/// The same where ruptures may be points.
const IN_GERMANY: ModelInfo =
    ModelInfo { params: &[Param::Mag, Param::Rake, Param::Width, Param::Rhypo, Param::Rrup, Param::Vs30], ..KNOWN };

/// Without it.
const UNKNOWN: ModelInfo =
    ModelInfo { name: "CauzziEtAl2014NoSOF", params: &[Param::Mag, Param::Rrup, Param::Vs30], ..KNOWN };

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "CauzziEtAl2014": KNOWN => make(&COEFFS, SiteTerm::Vs30, true),
    "CauzziEtAl2014NoSOF": UNKNOWN => make(&COEFFS, SiteTerm::Vs30, false),
    "CauzziEtAl2014Eurocode8scaled": KNOWN => make(&SCALED, SiteTerm::Eurocode8, true),
    "CauzziEtAl2014RhypoGermany": IN_GERMANY => make(&COEFFS, SiteTerm::Vs30, true),
    "CauzziEtAl2014FixedVs30": KNOWN => make(&COEFFS, SiteTerm::FixedVs30, true),
    "CauzziEtAl2014FixedVs30NoSOF": UNKNOWN => make(&COEFFS, SiteTerm::FixedVs30, false),
    "CauzziEtAl2014Eurocode8": KNOWN => make(&COEFFS, SiteTerm::Eurocode8, true),
    "CauzziEtAl2014Eurocode8NoSOF": UNKNOWN => make(&COEFFS, SiteTerm::Eurocode8, false),
};

fn make(
    info: &'static ModelInfo,
    arguments: &mut Arguments,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    site: SiteTerm,
    faulting: bool,
) -> Made {
    let factor = arguments.number_or("adjustment_factor", 1.0)?;
    if factor <= 0.0 {
        return Err(arguments.wrong("adjustment_factor", &factor, "a number above 0"));
    }
    Ok(Arc::new(CauzziEtAl2014 { info, coeffs, site, faulting, ln_factor: scalar::ln(factor) }))
}

coefficients! {
    /// The electronic supplement's table; `tau_m` and `sig_m` are those of a known style of faulting.
    struct Coeffs {
        c1, m1, m2, r1, r2, r3, sb, sc, sd, bv, bv800, va, fnm, fr, fss, phi, tau, sig, tau_m, sig_m,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("CauzziEtAl2014.csv");
static SCALED: LazyLock<Table<Coeffs>> = table!("CauzziEtAl2014_scaled.csv");

/// Which of the site terms a model has.
#[derive(Clone, Copy, Debug)]
enum SiteTerm {
    Vs30,
    FixedVs30,
    Eurocode8,
}

/// Cauzzi et al. (2014).
#[derive(Debug)]
struct CauzziEtAl2014 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    site: SiteTerm,
    /// Whether the style of faulting counts.
    faulting: bool,
    /// ln of what the median is multiplied by.
    ln_factor: f64,
}

impl Gsim for CauzziEtAl2014 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        // In Germany point ruptures have no width, and the distance to the rupture is that usual at a hypocentral distance.
        let point = if self.info.params.contains(&Param::Rhypo) {
            Some(ctx.columns([Param::Width, Param::Rhypo]))
        } else {
            None
        };
        let distance = |k: usize| match point {
            Some([width, rhypo]) if width[k] <= 1e-3 => (rhypo[k] - (0.7108 + 2.496e-6 * powf(mag[k], 7.982))).max(3.0),
            _ => rrup[k],
        };
        let terms = |k: usize, style| Terms::new(mag[k], distance(k), vs30[k], style);
        if self.faulting {
            let [rake] = ctx.columns([Param::Rake]);
            batch::compute(ctx.len(), &rows, out, |k| terms(k, style(rake[k])));
        } else {
            batch::compute(ctx.len(), &rows, out, |k| terms(k, [0.0; 3]));
        }
    }
}

impl CauzziEtAl2014 {
    fn row(&self, imt: &Imt) -> Row {
        let c = self.coeffs.at(imt);
        let none = [0.0; 3];
        let (slope, reference, class) = match self.site {
            SiteTerm::Vs30 => (c.bv, c.va, none),
            SiteTerm::FixedVs30 => (c.bv800, 800.0, none),
            SiteTerm::Eurocode8 => (0.0, 800.0, [c.sb, c.sc, c.sd]),
        };
        let [sig, tau] = if self.faulting { [c.sig_m, c.tau_m] } else { [c.sig, c.tau] };
        let [sig, tau, phi] = [sig, tau, c.phi].map(|log10| LN_10 * log10);
        Row {
            c,
            slope,
            ln_reference: scalar::ln(reference),
            class,
            ln_unit: ln_unit(imt) + self.ln_factor,
            sig,
            tau,
            phi,
        }
    }
}

/// From displacement, cm, to acceleration, g; velocity is cm/s.
fn ln_unit(imt: &Imt) -> f64 {
    const G: f64 = 980.665;
    match imt.kind() {
        ImtKind::Pgv => 0.0,
        _ => scalar::ln(powi(TAU / imt.period().filter(|&period| period > 0.0).unwrap_or(0.01), 2) / G),
    }
}

/// Normal, reverse and strike-slip: one of these is 1, the others 0.
fn style(rake: f64) -> [f64; 3] {
    let (normal, reverse) = (rake > -150.0 && rake <= -30.0, rake > 30.0 && rake <= 150.0);
    [normal, reverse, !(normal || reverse)].map(f64::from)
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// Of log10(VS30 / reference).
    slope: f64,
    ln_reference: f64,
    /// Of the site classes B to D.
    class: [f64; 3],
    /// ln of the factor to the unit that is wanted.
    ln_unit: f64,
    sig: f64,
    tau: f64,
    phi: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    ln_vs30: f64,
    /// 1 for the site classes B to D, else 0.
    class: [f64; 3],
    /// 1 for the style of faulting, else 0.
    style: [f64; 3],
}

impl Terms {
    fn new(mag: f64, rrup: f64, vs30: f64, style: [f64; 3]) -> Terms {
        let class =
            [360.0..800.0, 180.0..360.0, f64::NEG_INFINITY..180.0].map(|class| f64::from(class.contains(&vs30)));
        Terms { mag, rrup, ln_vs30: ln(vs30), class, style }
    }
}

/// The sum of the terms, in log10, and the units.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let log10 = magnitude(c, t) + distance(c, t) + faulting(c, t) + site(self, t);
        Estimate { mean: LN_10 * log10 + self.ln_unit, sig: self.sig, tau: self.tau, phi: self.phi }
    }
}

/// The magnitude term.
#[inline(always)]
fn magnitude(c: &Coeffs, t: &Terms) -> f64 {
    c.c1 + (c.m1 + c.m2 * t.mag) * t.mag
}

/// The distance term.
#[inline(always)]
fn distance(c: &Coeffs, t: &Terms) -> f64 {
    (c.r1 + c.r2 * t.mag) * LOG10_E * ln(t.rrup + c.r3)
}

/// The term of the style of faulting.
#[inline(always)]
fn faulting(c: &Coeffs, t: &Terms) -> f64 {
    c.fnm * t.style[0] + c.fr * t.style[1] + c.fss * t.style[2]
}

/// The site term, by `vs30` or by class.
#[inline(always)]
fn site(row: &Row, t: &Terms) -> f64 {
    let class = row.class[0] * t.class[0] + row.class[1] * t.class[1] + row.class[2] * t.class[2];
    row.slope * LOG10_E * (t.ln_vs30 - row.ln_reference) + class
}
