//! McVerry et al. (2006), for the crust, volcanic paths, the interface and the slab in New Zealand.
//!
//! McVerry G.H., Zhao J.X., Abrahamson N.A., Somerville P.G., 2006. New Zealand acceleration response spectrum attenuation
//! relations for crustal and subduction zone earthquakes. Bulletin of the New Zealand Society for Earthquake Engineering
//! 39(1), 1-58, doi:10.5459/bnzsee.39.1.1-58.
//!
//! - Component: greater of the two horizontal. Units: g.
//! - Valid for magnitude 5.25 to 7.5, distances up to 400 km; rock, shallow and deep soil, by `vs30` or, in the models
//!   `SC`, by `siteclass`.
//!
//! The whole path is volcanic in the models `Volc`. As in the engine, there is no hanging-wall term.
//!
//! The models `Chch` are those of the Canterbury seismic hazard model: `StressDrop` has the stress drop of ruptures in
//! its region (`in_cshm`) half as large again, with the adjustment of Atkinson and Boore (2006),
//! doi:10.1785/0120050245, table 7. As in the engine, `AdditionalSigma` has no additional standard deviation.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Make, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the crust.
const CRUST: ModelInfo = ModelInfo {
    name: "McVerry2006Asc",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GreaterHorizontal,
    reference: "McVerry et al. (2006), New Zealand acceleration response spectrum attenuation relations for crustal and \
                subduction zone earthquakes, Bulletin of the New Zealand Society for Earthquake Engineering 39(1), 1-58",
    doi: Some("10.5459/bnzsee.39.1.1-58"),
    validity: Validity::NOT_STATED.magnitude(5.25, 7.5).distance(Param::Rrup, 0.0, 400.0),
};

/// The model for the crust, by site class.
const CRUST_BY_CLASS: ModelInfo =
    ModelInfo { params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Siteclass], ..CRUST };

/// The models of the Canterbury seismic hazard model.
const CANTERBURY: ModelInfo =
    ModelInfo { params: &[Param::Mag, Param::Rake, Param::InCshm, Param::Rrup, Param::Siteclass], ..CRUST };

/// The models for subduction.
const SUBDUCTION: ModelInfo = ModelInfo { params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30], ..CRUST };

/// The models for subduction, by site class.
const SUBDUCTION_BY_CLASS: ModelInfo =
    ModelInfo { params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Siteclass], ..CRUST };

pub(in crate::gsim) static MODELS: &[Model] = &[
    model("McVerry2006Asc", Trt::ActiveShallowCrust, CRUST, |info, _| make(info, Source::Crust)),
    model("McVerry2006AscSC", Trt::ActiveShallowCrust, CRUST_BY_CLASS, |info, _| make(info, Source::Crust)),
    model("McVerry2006Chch", Trt::ActiveShallowCrust, CANTERBURY, |info, _| make(info, Source::Crust)),
    model("McVerry2006ChchAdditionalSigma", Trt::ActiveShallowCrust, CANTERBURY, |info, _| make(info, Source::Crust)),
    model("McVerry2006ChchStressDrop", Trt::ActiveShallowCrust, CANTERBURY, |info, _| make(info, Source::HighStress)),
    model("McVerry2006Volc", Trt::Volcanic, CRUST, |info, _| make(info, Source::Volcanic)),
    model("McVerry2006VolcSC", Trt::Volcanic, CRUST_BY_CLASS, |info, _| make(info, Source::Volcanic)),
    model("McVerry2006SInter", Trt::SubductionInterface, SUBDUCTION, |info, _| make(info, Source::Interface)),
    model("McVerry2006SInterSC", Trt::SubductionInterface, SUBDUCTION_BY_CLASS, |info, _| {
        make(info, Source::Interface)
    }),
    model("McVerry2006SSlab", Trt::SubductionIntraslab, SUBDUCTION, |info, _| make(info, Source::Slab)),
    model("McVerry2006SSlabSC", Trt::SubductionIntraslab, SUBDUCTION_BY_CLASS, |info, _| make(info, Source::Slab)),
];

const fn model(name: &'static str, trt: Trt, info: ModelInfo, make: Make) -> Model {
    Model { info: ModelInfo { name, trt, ..info }, make }
}

fn make(info: &'static ModelInfo, source: Source) -> crate::gsim::registry::Made {
    Ok(Arc::new(McVerryEtAl2006 { info, source }))
}

coefficients! {
    /// Tables 3 and 4: of spectral acceleration ("primed"), and of `PGA` ("unprimed").
    struct Coeffs {
        c1, c3as, c4as, c5, c6as, c8, c10as, c11, c12y, c13y, c15, c17, c18y, c19y, c20, c24, c29, c30as, c32, c33as, c43,
        c46,
    }
}

coefficients! {
    /// Table 5: standard deviations.
    struct Sigma { sigmam6, sigslope, tau }
}

coefficients! {
    /// Atkinson and Boore (2006), table 7: adjustment to another stress drop.
    struct Stress { delta, m1, mh }
}

static PRIMED: LazyLock<Table<Coeffs>> = table!("McVerryEtAl2006_primed.csv");
static UNPRIMED: LazyLock<Table<Coeffs>> = table!("McVerryEtAl2006_unprimed.csv");
static SIGMA: LazyLock<Table<Sigma>> = table!("McVerryEtAl2006_sigma.csv");
static STRESS: LazyLock<Table<Stress>> = table!("McVerryEtAl2006_stress.csv");

/// Where an earthquake and its path are.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Source {
    Crust,
    /// With a higher stress drop in Canterbury.
    HighStress,
    Volcanic,
    Interface,
    Slab,
}

/// McVerry et al. (2006).
#[derive(Debug)]
struct McVerryEtAl2006 {
    info: &'static ModelInfo,
    source: Source,
}

impl Gsim for McVerryEtAl2006 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        PRIMED.check(self.info, imt)?;
        SIGMA.check(self.info, imt)?;
        if self.source == Source::HighStress { STRESS.check(self.info, imt) } else { Ok(()) }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let of_crust = matches!(self.source, Source::Crust | Source::HighStress | Source::Volcanic);
        let by_class = self.info.params.contains(&Param::Siteclass);
        let [mag, rrup] = ctx.columns([Param::Mag, Param::Rrup]);
        let [site] = ctx.columns([if by_class { Param::Siteclass } else { Param::Vs30 }]);
        let (rake, depth) = (ctx.column(Param::Rake), ctx.column(Param::HypoDepth));
        let in_canterbury = if self.source == Source::HighStress { ctx.column(Param::InCshm) } else { &[] };
        let stress = |imt| if in_canterbury.is_empty() { NO_STRESS } else { STRESS.at(imt) };
        let row = |imt| Row { c: PRIMED.at(imt), sigma: SIGMA.at(imt), stress: stress(imt), of_crust };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        let (primed, unprimed) = (PRIMED.at(&Imt::PGA), UNPRIMED.at(&Imt::PGA));
        batch::compute(ctx.len(), &rows, out, |k| {
            let [normal, reverse] = rake.get(k).map_or([0.0; 2], |&rake| mechanism(rake));
            let rupture = Rupture {
                mag: mag[k],
                rrup: rrup[k],
                volcanic: if self.source == Source::Volcanic { rrup[k] } else { 0.0 },
                normal,
                reverse,
                depth: depth.get(k).copied().unwrap_or_default(),
                interface: f64::from(self.source == Source::Interface),
                soil: if by_class { soil_of_class(site[k]) } else { soil_of_vs30(site[k]) },
            };
            let of_pga = |c: &Coeffs| ln_motion(c, of_crust, &rupture);
            let high_stress = in_canterbury.get(k).copied().unwrap_or_default();
            Terms { rupture, ln_pga_ratio: of_pga(&unprimed) - of_pga(&primed), high_stress }
        });
    }
}

/// Page 23: CN and CR.
fn mechanism(rake: f64) -> [f64; 2] {
    let normal = if rake > -147.0 && rake < -33.0 { -1.0 } else { 0.0 };
    let reverse = if rake > 67.0 && rake < 123.0 {
        1.0
    } else if rake > 33.0 && rake < 66.0 {
        0.5
    } else {
        0.0
    };
    [normal, reverse]
}

/// Shallow and deep soil, classes C and D: one of these is 1, or both are 0 on rock.
fn soil_of_vs30(vs30: f64) -> [f64; 2] {
    [(360.0..760.0).contains(&vs30), vs30 < 360.0].map(f64::from)
}

fn soil_of_class(class: f64) -> [f64; 2] {
    ["C", "D"].map(|letter| f64::from(Param::Siteclass.parse(letter) == Some(class)))
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    sigma: Sigma,
    stress: Stress,
    /// Whether equation 1 holds, or equation 2.
    of_crust: bool,
}

/// What the model needs of a rupture, its distance and the site.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rrup: f64,
    /// The volcanic part of the path, km.
    volcanic: f64,
    /// CN
    normal: f64,
    /// CR
    reverse: f64,
    /// Of the hypocentre, km.
    depth: f64,
    /// 1 for the interface, else 0.
    interface: f64,
    /// Of equation 4.
    soil: [f64; 2],
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    /// ln(PGA / PGA')
    ln_pga_ratio: f64,
    /// 1 where the stress drop is higher, else 0.
    high_stress: f64,
}

/// Of models that have no higher stress drop.
const NO_STRESS: Stress = Stress { delta: 0.0, m1: 0.0, mh: 1.0 };

/// Equations 5 and 8.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let mean = ln_motion(&self.c, self.of_crust, &t.rupture) + t.ln_pga_ratio;
        let mean = mean + t.high_stress * ln_stress(&self.stress, t.rupture.mag);
        let (tau, phi) = (self.sigma.tau, phi(&self.sigma, t.rupture.mag));
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Equation 4.
#[inline(always)]
fn ln_motion(c: &Coeffs, of_crust: bool, r: &Rupture) -> f64 {
    let ln_rock = if of_crust { crust(c, r) } else { subduction(c, r) };
    let [shallow, deep] = r.soil;
    ln_rock + c.c29 * shallow + (c.c30as * ln(exp(ln_rock) + 0.03) + c.c43) * deep
}

/// Equation 1.
#[inline(always)]
fn crust(c: &Coeffs, r: &Rupture) -> f64 {
    let source = c.c1 + c.c4as * (r.mag - 6.0) + c.c3as * (8.5 - r.mag) * (8.5 - r.mag);
    let ln_distance = 0.5 * ln(r.rrup * r.rrup + c.c10as * c.c10as);
    let path = c.c5 * r.rrup + (c.c8 + c.c6as * (r.mag - 6.0)) * ln_distance + c.c46 * r.volcanic;
    source + path + c.c32 * r.normal + c.c33as * r.reverse
}

/// Equation 2.
#[inline(always)]
fn subduction(c: &Coeffs, r: &Rupture) -> f64 {
    let below = 10.0 - r.mag;
    let slope = c.c12y + (c.c15 - c.c17) * c.c19y;
    let source = c.c11 + slope * (r.mag - 6.0) + c.c13y * below * below * below;
    let path = c.c17 * ln(r.rrup + c.c18y * exp(c.c19y * r.mag));
    source + path + c.c20 * r.depth + c.c24 * r.interface
}

/// Atkinson and Boore (2006), equation 6, for 1.5 times the stress drop.
#[inline(always)]
fn ln_stress(c: &Stress, mag: f64) -> f64 {
    const LOG2_FACTOR: f64 = 0.584962500721156;
    let place = ((mag - c.m1).max(0.0) / (c.mh - c.m1)).min(1.0);
    std::f64::consts::LN_10 * LOG2_FACTOR * (0.05 + c.delta * place)
}

/// Equation 8.
#[inline(always)]
fn phi(s: &Sigma, mag: f64) -> f64 {
    s.sigmam6 + s.sigslope * (mag.clamp(5.0, 7.0) - 6.0)
}
