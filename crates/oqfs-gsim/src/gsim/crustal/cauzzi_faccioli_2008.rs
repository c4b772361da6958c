//! Cauzzi and Faccioli (2008), from a worldwide dataset, and Faccioli et al. (2010).
//!
//! Cauzzi C., Faccioli E., 2008. Broadband (0.05 to 20 s) prediction of displacement response spectra based on worldwide
//! digital records. Journal of Seismology 12(4), 453-475, doi:10.1007/s10950-008-9098-y.
//!
//! Faccioli E., Bianchini A., Villani M., 2010. New ground motion prediction equations for T > 1 s and their influence on
//! seismic hazard assessment. Proceedings of the University of Tokyo Symposium on Long-Period Ground Motion and Urban
//! Disaster Mitigation.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 5 to 7.2 (2008) or 4.5 to 7.6 (2010), distances up to 150 km; Eurocode 8 classes by `vs30`.
//!
//! The equations give displacement spectra, from which spectral acceleration follows. Hazard models [`adjusted`] that of 2008
//! to their region.

use std::f64::consts::{LN_10, TAU};
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::{powi, scalar};
use crate::gsim::adjustment::{self, Adjusted};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_ONLY, debug_as_name};
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model of 2008.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "CauzziFaccioli2008",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rhypo, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Cauzzi and Faccioli (2008), Broadband (0.05 to 20 s) prediction of displacement response spectra based on \
                worldwide digital records, Journal of Seismology 12(4), 453-475",
    doi: Some("10.1007/s10950-008-9098-y"),
    validity: Validity::NOT_STATED.magnitude(5.0, 7.2).distance(Param::Rhypo, 0.0, 150.0),
};

/// The model of 2010.
const LATER: ModelInfo = ModelInfo {
    name: "FaccioliEtAl2010",
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30],
    reference: "Faccioli et al. (2010), New ground motion prediction equations for T > 1 s and their influence on seismic \
                hazard assessment, Proceedings of the University of Tokyo Symposium on Long-Period Ground Motion and Urban \
                Disaster Mitigation",
    doi: None,
    validity: Validity::NOT_STATED.magnitude(4.5, 7.6).distance(Param::Rrup, 0.0, 150.0),
    ..BASE
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(CauzziFaccioli2008 { info, adjusted: None })) },
    Model { info: LATER, make: |info, _| Ok(Arc::new(FaccioliEtAl2010 { info })) },
];

/// The model of 2008 adjusted to a region, with a standard deviation between events.
pub(in crate::gsim) fn adjusted(
    info: &'static ModelInfo,
    adjusted: Adjusted,
    tau: &'static LazyLock<Table<BetweenEvents>>,
) -> Made {
    Ok(Arc::new(CauzziFaccioli2008 { info, adjusted: Some((adjusted, tau)) }))
}

coefficients! {
    /// Table 2 of 2008, or the tables of 2010, but for the saturation of distance.
    struct Coeffs { a1, a2, an, ar, ass, a3, ab, ac, ad, sigma }
}

coefficients! {
    /// 2010: saturation of distance.
    struct Saturation { a4, a5 }
}

coefficients! {
    /// The standard deviation between events of an adjusted model, of log10.
    pub(in crate::gsim) struct BetweenEvents { tau }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("CauzziFaccioli2008.csv");
static COEFFS_2010: LazyLock<Table<Coeffs>> = table!("FaccioliEtAl2010.csv");
static SATURATION: LazyLock<Table<Saturation>> = table!("FaccioliEtAl2010.csv");

/// Cauzzi and Faccioli (2008), adjusted or not.
struct CauzziFaccioli2008 {
    info: &'static ModelInfo,
    adjusted: Option<(Adjusted, &'static LazyLock<Table<BetweenEvents>>)>,
}

debug_as_name!(CauzziFaccioli2008);

impl Gsim for CauzziFaccioli2008 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        self.adjusted.map_or(Ok(()), |(adjusted, tau)| {
            adjusted.check(self.info, imt)?;
            tau.check(self.info, imt)
        })
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rhypo, vs30] = ctx.columns([Param::Mag, Param::Rake, Param::Rhypo, Param::Vs30]);
        let row = |imt| Row {
            c: COEFFS.at(imt),
            ln_unit: ln_unit(imt),
            saturation: None,
            adjusted: self.adjusted.map(|(adjusted, tau)| (adjusted.at(imt), LN_10 * tau.at(imt).tau)),
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let vs30 = self.adjusted.map_or(vs30[k], |(adjusted, _)| adjusted.vs30);
            Terms::new(mag[k], rake[k], rhypo[k], vs30)
        });
    }
}

/// Faccioli et al. (2010).
#[derive(Debug)]
struct FaccioliEtAl2010 {
    info: &'static ModelInfo,
}

impl Gsim for FaccioliEtAl2010 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS_2010.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rrup, vs30] = ctx.columns([Param::Mag, Param::Rake, Param::Rrup, Param::Vs30]);
        let row = |imt| Row {
            c: COEFFS_2010.at(imt),
            ln_unit: ln_unit(imt),
            saturation: Some(SATURATION.at(imt)),
            adjusted: None,
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms::new(mag[k], rake[k], rrup[k], vs30[k]));
    }
}

/// From displacement, cm, to acceleration, g; `PGA` is in m/s^2 and velocity in cm/s.
fn ln_unit(imt: &Imt) -> f64 {
    const G: f64 = 9.80665;
    match imt.period() {
        Some(0.0) => -ln(G),
        Some(period) => scalar::ln(powi(TAU / period, 2) / (100.0 * G)),
        None => 0.0,
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// ln of the factor to the unit that is wanted.
    ln_unit: f64,
    /// Of 2010.
    saturation: Option<Saturation>,
    /// The adjustment, and the standard deviation between events.
    adjusted: Option<(adjustment::OfImt, f64)>,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    distance: f64,
    /// Normal, reverse and strike-slip: one of these is 1, the others 0.
    style: [f64; 3],
    /// 1 for the site classes B to D, else 0.
    class: [f64; 3],
}

impl Terms {
    fn new(mag: f64, rake: f64, distance: f64, vs30: f64) -> Terms {
        let (normal, reverse) = (rake > -120.0 && rake <= -60.0, rake > 30.0 && rake <= 150.0);
        let class =
            [360.0..800.0, 180.0..360.0, f64::NEG_INFINITY..180.0].map(|class| f64::from(class.contains(&vs30)));
        Terms { mag, distance, style: [normal, reverse, !(normal || reverse)].map(f64::from), class }
    }
}

/// Equations 2 and 5 of 2008, adjusted or not.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let site = c.ab * t.class[0] + c.ac * t.class[1] + c.ad * t.class[2];
        let style = c.an * t.style[0] + c.ar * t.style[1] + c.ass * t.style[2];
        let log10 = c.a1 + c.a2 * t.mag + distance(self, t) + site + style;
        let mean = LN_10 * log10 + self.ln_unit;
        match &self.adjusted {
            None => Estimate::total(mean, LN_10 * c.sigma),
            Some((adjustment, tau)) => adjustment.estimate(mean, *tau, t.mag, t.distance),
        }
    }
}

/// The term of distance: at least 15 km in 2008, saturated with magnitude in 2010.
#[inline(always)]
fn distance(row: &Row, t: &Terms) -> f64 {
    let r = match &row.saturation {
        None => t.distance.max(15.0),
        Some(s) => t.distance + s.a4 * exp(LN_10 * s.a5 * t.mag),
    };
    row.c.a3 * ln(r) / LN_10
}
