//! Abrahamson, Gregor and Addo (2016), the BC Hydro model for the interface and the slab of subduction zones, and Montalva et
//! al. (2017), the same for Chile.
//!
//! Abrahamson N., Gregor N., Addo K., 2016. BC Hydro ground motion prediction equations for subduction earthquakes.
//! Earthquake Spectra 32(1), 23-44, doi:10.1193/051712EQS188MR.
//!
//! Montalva G.A., Bastías N., Rodriguez-Marek A., 2017. Ground-motion prediction equation for the Chilean subduction zone.
//! Bulletin of the Seismological Society of America 107(2), 901-911, doi:10.1785/0120160221.
//!
//! - Component: geometric mean. Units: g.
//! - Valid for magnitude 6 to 9 (interface) or 5 to 8 (slab), distances up to 300 km; `backarc` is 1 behind the volcanic arc.
//!
//! `High` and `Low` scale great magnitudes otherwise; `scaled` gives the maximum component. Arguments: `ergodic`,
//! `theta6_adjustment` and `sigma_mu_epsilon`. The models of a hazard model may take the distance from the volcanic front,
//! `xvf`, in place of `backarc`, with a taper between the two sides, the argument `faba_taper_model` with its own, and an
//! attenuation of their own ([`Variant::attenuated`]).

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::arguments::Arguments;
use crate::gsim::backarc::Taper;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::soil::Soil;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "AbrahamsonEtAl2015SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Vs30, Param::Backarc],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Abrahamson et al. (2016), BC Hydro ground motion prediction equations for subduction earthquakes, \
                Earthquake Spectra 32(1), 23-44",
    doi: Some("10.1193/051712EQS188MR"),
    validity: Validity::NOT_STATED.magnitude(6.0, 9.0).distance(Param::Rrup, 0.0, 300.0),
};

/// The model for the slab.
const SLAB: ModelInfo = ModelInfo {
    name: "AbrahamsonEtAl2015SSlab",
    trt: Trt::SubductionIntraslab,
    params: &[Param::Mag, Param::HypoDepth, Param::Rhypo, Param::Vs30, Param::Backarc],
    validity: Validity::NOT_STATED.magnitude(5.0, 8.0).distance(Param::Rhypo, 0.0, 300.0),
    ..INTERFACE
};

/// The model for the interface in Chile.
const CHILE_INTERFACE: ModelInfo = ModelInfo {
    name: "MontalvaEtAl2017SInter",
    reference: "Montalva et al. (2017), Ground-motion prediction equation for the Chilean subduction zone, Bulletin of the \
                Seismological Society of America 107(2), 901-911",
    doi: Some("10.1785/0120160221"),
    validity: Validity::NOT_STATED,
    ..INTERFACE
};

/// The model for the slab in Chile.
const CHILE_SLAB: ModelInfo = ModelInfo {
    name: "MontalvaEtAl2017SSlab",
    reference: CHILE_INTERFACE.reference,
    doi: CHILE_INTERFACE.doi,
    validity: Validity::NOT_STATED,
    ..SLAB
};

/// The models with the distance from the volcanic front.
pub(in crate::gsim) const FRONT_INTERFACE: ModelInfo =
    ModelInfo { params: &[Param::Mag, Param::Rrup, Param::Vs30, Param::Xvf], ..INTERFACE };
pub(in crate::gsim) const FRONT_SLAB: ModelInfo =
    ModelInfo { params: &[Param::Mag, Param::HypoDepth, Param::Rhypo, Param::Vs30, Param::Xvf], ..SLAB };

/// What the variants differ in.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct Variant {
    coeffs: &'static LazyLock<Table<Coeffs>>,
    single_station: Option<&'static LazyLock<Table<SingleStation>>>,
    /// In place of theta6 of the table.
    attenuation: Option<&'static LazyLock<Table<Attenuation>>>,
    scaling: Scaling,
    /// C1 in the term of magnitude and in that of distance.
    c1: f64,
    slab: bool,
}

impl Variant {
    /// The variant with another attenuation.
    pub(in crate::gsim) const fn attenuated(self, attenuation: &'static LazyLock<Table<Attenuation>>) -> Variant {
        Variant { attenuation: Some(attenuation), ..self }
    }
}

/// dC1: what great magnitudes are scaled with.
#[derive(Clone, Copy, Debug)]
enum Scaling {
    ByPeriod(&'static LazyLock<Table<Dc1>>),
    Same(f64),
}

/// The published variants for the interface.
pub(in crate::gsim) const CENTRAL: Variant = Variant {
    coeffs: &COEFFS,
    single_station: Some(&SINGLE_STATION),
    attenuation: None,
    scaling: Scaling::ByPeriod(&DC1),
    c1: 7.8,
    slab: false,
};
pub(in crate::gsim) const HIGH: Variant = Variant { scaling: Scaling::ByPeriod(&DC1_HIGH), ..CENTRAL };
pub(in crate::gsim) const LOW: Variant = Variant { scaling: Scaling::ByPeriod(&DC1_LOW), ..CENTRAL };
/// The published variants for the slab.
pub(in crate::gsim) const IN_SLAB: Variant = Variant { scaling: Scaling::Same(-0.3), slab: true, ..CENTRAL };
pub(in crate::gsim) const IN_SLAB_HIGH: Variant = Variant { scaling: Scaling::Same(-0.1), ..IN_SLAB };
pub(in crate::gsim) const IN_SLAB_LOW: Variant = Variant { scaling: Scaling::Same(-0.5), ..IN_SLAB };
const MAXIMUM: Variant = Variant { coeffs: &SCALED, single_station: Some(&SCALED_SINGLE_STATION), ..CENTRAL };
const CHILE_2016: Variant = Variant { coeffs: &MONTALVA_2016, single_station: None, ..CENTRAL };
const CHILE: Variant =
    Variant { coeffs: &MONTALVA_2017, scaling: Scaling::ByPeriod(&MONTALVA_DC1), c1: 7.2, ..CHILE_2016 };

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "AbrahamsonEtAl2015SInter": INTERFACE => make(CENTRAL),
    "AbrahamsonEtAl2015SInterHigh": INTERFACE => make(HIGH),
    "AbrahamsonEtAl2015SInterLow": INTERFACE => make(LOW),
    "AbrahamsonEtAl2015SInter_scaled": INTERFACE => make(MAXIMUM),
    "AbrahamsonEtAl2015SSlab": SLAB => make(IN_SLAB),
    "AbrahamsonEtAl2015SSlabHigh": SLAB => make(IN_SLAB_HIGH),
    "AbrahamsonEtAl2015SSlabLow": SLAB => make(IN_SLAB_LOW),
    "AbrahamsonEtAl2015SSlab_scaled": SLAB => make(Variant { scaling: Scaling::Same(-0.3), slab: true, ..MAXIMUM }),
    "MontalvaEtAl2016SInter": CHILE_INTERFACE => make(CHILE_2016),
    "MontalvaEtAl2016SSlab": CHILE_SLAB => make(Variant { scaling: Scaling::Same(-0.3), slab: true, ..CHILE_2016 }),
    "MontalvaEtAl2017SInter": CHILE_INTERFACE => make(CHILE),
    "MontalvaEtAl2017SSlab": CHILE_SLAB => make(Variant { scaling: Scaling::Same(-0.3), slab: true, ..CHILE }),
};

/// A variant of the model.
pub(in crate::gsim) fn make(info: &'static ModelInfo, arguments: &mut Arguments, variant: Variant) -> Made {
    let by_front = info.params.contains(&Param::Xvf);
    let taper = if by_front { Some(Taper::read(arguments)?) } else { None };
    let theta6 = arguments.number_or("theta6_adjustment", 0.0)?;
    let epsilon = arguments.number_or("sigma_mu_epsilon", 0.0)?;
    let ergodic = match variant.single_station {
        Some(_) => arguments.flag_or("ergodic", true)?,
        None => true,
    };
    Ok(Arc::new(AbrahamsonEtAl2015 { info, variant, theta6, epsilon, ergodic, taper }))
}

/// A branch of a hazard model by the distance from the volcanic front: a variant, what is added to theta6, and how many
/// standard deviations of epistemic uncertainty are added to the ln-mean.
pub(in crate::gsim) fn branch(
    info: &'static ModelInfo,
    variant: Variant,
    theta6: f64,
    epsilon: f64,
    taper: Taper,
) -> Made {
    Ok(Arc::new(AbrahamsonEtAl2015 { info, variant, theta6, epsilon, ergodic: true, taper: Some(taper) }))
}

/// The model of the slab with a scaling of great magnitudes by period.
pub(in crate::gsim) fn slab_by_period(arguments: &mut Arguments, dc1: &'static LazyLock<Table<Dc1>>) -> Made {
    make(&SLAB, arguments, Variant { scaling: Scaling::ByPeriod(dc1), ..IN_SLAB })
}

/// The epistemic standard deviation of the ln-mean, of the slab or the interface.
pub(in crate::gsim) fn epistemic_sigma(imt: &Imt, slab: bool) -> f64 {
    let e = EPISTEMIC.at(imt);
    if slab { e.sigma_mu_sslab / 1.65 } else { e.sigma_mu_sinter / 1.65 }
}

coefficients! {
    /// Tables 2 and 3; theta3 to theta5 depend on the period in Chile alone.
    struct Coeffs {
        vlin, b, theta1, theta2, theta3, theta4, theta5, theta6, theta7, theta8, theta10, theta11, theta12, theta13,
        theta14, theta15, theta16, phi, tau, sigma,
    }
}

coefficients! {
    /// Table 3: the standard deviation at a single station.
    struct SingleStation { sigma_ss }
}

coefficients! {
    /// Anelastic attenuation.
    pub(in crate::gsim) struct Attenuation { theta6 }
}

coefficients! {
    /// Table 4.
    pub(in crate::gsim) struct Dc1 { dc1 }
}

coefficients! {
    /// Abrahamson et al. (2018): epistemic uncertainty, 1.65 standard deviations.
    struct Epistemic { sigma_mu_sinter, sigma_mu_sslab }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AbrahamsonEtAl2015.csv");
static SINGLE_STATION: LazyLock<Table<SingleStation>> = table!("AbrahamsonEtAl2015.csv");
static SCALED: LazyLock<Table<Coeffs>> = table!("AbrahamsonEtAl2015_scaled.csv");
static SCALED_SINGLE_STATION: LazyLock<Table<SingleStation>> = table!("AbrahamsonEtAl2015_scaled.csv");
static MONTALVA_2016: LazyLock<Table<Coeffs>> = table!("MontalvaEtAl2016.csv");
static MONTALVA_2017: LazyLock<Table<Coeffs>> = table!("MontalvaEtAl2017.csv");
static DC1: LazyLock<Table<Dc1>> = table!("AbrahamsonEtAl2015_dc1.csv");
static DC1_HIGH: LazyLock<Table<Dc1>> = table!("AbrahamsonEtAl2015_dc1_high.csv");
static DC1_LOW: LazyLock<Table<Dc1>> = table!("AbrahamsonEtAl2015_dc1_low.csv");
static MONTALVA_DC1: LazyLock<Table<Dc1>> = table!("MontalvaEtAl2017_dc1.csv");
static EPISTEMIC: LazyLock<Table<Epistemic>> = table!("AbrahamsonEtAl2018_epistemic.csv");

// Table 2: coefficients that are the same for all periods; n and c are those of `Soil`.
const THETA9: f64 = 0.4;
const C4: f64 = 10.0;

/// `PGA` on rock is for this `vs30`, m/s.
const ROCK: f64 = 1000.0;

/// Abrahamson et al. (2016).
#[derive(Debug)]
struct AbrahamsonEtAl2015 {
    info: &'static ModelInfo,
    variant: Variant,
    /// What is added to theta6.
    theta6: f64,
    /// How many standard deviations of epistemic uncertainty are added to the ln-mean.
    epsilon: f64,
    /// Whether the standard deviation is that of all sites.
    ergodic: bool,
    /// From the side of the trench to that of the arc, of a model with `xvf`.
    taper: Option<Taper>,
}

impl Gsim for AbrahamsonEtAl2015 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        // the table of the break in magnitude begins at 0.02 s, that of the coefficients of Chile before
        if let Scaling::ByPeriod(table) = self.variant.scaling {
            table.check(self.info, imt)?;
        }
        self.variant.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let slab = self.variant.slab;
        let [mag, vs30] = ctx.columns([Param::Mag, Param::Vs30]);
        let [distance] = ctx.columns([if slab { Param::Rhypo } else { Param::Rrup }]);
        let depth = ctx.column(Param::HypoDepth);
        let side = ctx.column(if self.taper.is_some() { Param::Xvf } else { Param::Backarc });
        let pga = self.row(&Imt::PGA);
        let rock = pga.soil.ln_amplification_of_rock(ROCK);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let nearest = if slab { 85.0 } else { 100.0 };
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture {
                mag: mag[k],
                distance: distance[k],
                ln_distance: ln(distance[k] + C4 * exp((mag[k] - 6.0) * THETA9)),
                depth: if slab { depth[k].min(120.0) - 60.0 } else { 0.0 },
                backarc: match &self.taper {
                    Some(taper) => taper.of(-side[k]),
                    None => f64::from(side[k] != 0.0),
                },
                ln_backarc: ln(distance[k].max(nearest) / 40.0),
            };
            Terms { rupture, vs30: vs30[k], pga1000: exp(ln_rock(&pga, &rupture) + rock) }
        });
    }
}

impl AbrahamsonEtAl2015 {
    fn row(&self, imt: &Imt) -> Row {
        let Variant { coeffs, single_station, attenuation, scaling, c1, slab } = self.variant;
        let c = coeffs.at(imt);
        let dc1 = match scaling {
            Scaling::ByPeriod(table) => table.at(imt).dc1,
            Scaling::Same(dc1) => dc1,
        };
        let shift = if self.epsilon == 0.0 { 0.0 } else { self.epsilon * epistemic_sigma(imt, slab) };
        let (sig, phi) = match single_station.filter(|_| !self.ergodic).map(|table| table.at(imt).sigma_ss) {
            Some(sigma) => (sigma, (sigma * sigma - c.tau * c.tau).sqrt()),
            None => (c.sigma, c.phi),
        };
        Row {
            c,
            hinge: c1 + dc1,
            constant: c.theta1 + c.theta4 * dc1,
            c1,
            spreading: c.theta2 + if slab { c.theta14 } else { 0.0 },
            attenuation: attenuation.map_or(c.theta6, |table| table.at(imt).theta6) + self.theta6,
            slab: if slab { c.theta10 } else { 0.0 },
            backarc: if slab { [c.theta7, c.theta8] } else { [c.theta15, c.theta16] },
            shift,
            soil: Soil { linear: c.theta12, b: c.b, vlin: c.vlin },
            sig,
            phi,
        }
    }
}

/// The constant and the factor behind the arc of earthquakes in the slab, for other models to take them.
pub(in crate::gsim) fn backarc_of_slab(imt: &Imt) -> [f64; 2] {
    let c = COEFFS.at(imt);
    [c.theta7, c.theta8]
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// C1 + dC1
    hinge: f64,
    /// theta1 + theta4 dC1
    constant: f64,
    /// C1 in the term of distance.
    c1: f64,
    /// theta2, with theta14 in the slab.
    spreading: f64,
    /// theta6
    attenuation: f64,
    /// theta10 in the slab, else 0.
    slab: f64,
    /// The constant and the factor behind the arc.
    backarc: [f64; 2],
    /// What is added to the ln-mean.
    shift: f64,
    /// Equation 9.
    soil: Soil,
    sig: f64,
    phi: f64,
}

/// What the model needs of a rupture, its distance, and the side of the site.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    distance: f64,
    /// ln(R + C4 exp(theta9 (M - 6)))
    ln_distance: f64,
    /// min(Zh, 120) - 60 in the slab, else 0.
    depth: f64,
    /// 1 behind the arc, 0 before it.
    backarc: f64,
    /// ln(R / 40), R at least 85 or 100 km.
    ln_backarc: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    vs30: f64,
    pga1000: f64,
}

/// Equations 1 and 2.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let site = self.soil.ln_amplification_up_to(ROCK, t.vs30, t.pga1000);
        let mean = ln_rock(self, &t.rupture) + site + self.shift;
        Estimate { mean, sig: self.sig, tau: self.c.tau, phi: self.phi }
    }
}

/// Equations 1 and 2 without the site.
#[inline(always)]
fn ln_rock(row: &Row, r: &Rupture) -> f64 {
    let c = &row.c;
    let [constant, factor] = row.backarc;
    magnitude(row, r) + distance(row, r) + c.theta11 * r.depth + (constant + factor * r.ln_backarc) * r.backarc
}

/// Equation 3, with the constants.
#[inline(always)]
fn magnitude(row: &Row, r: &Rupture) -> f64 {
    let c = &row.c;
    let above = r.mag - row.hinge;
    let slope = if above > 0.0 { c.theta5 } else { c.theta4 };
    row.constant + slope * above + c.theta13 * (10.0 - r.mag) * (10.0 - r.mag)
}

/// Equations 1 and 2: distance.
#[inline(always)]
fn distance(row: &Row, r: &Rupture) -> f64 {
    (row.spreading + row.c.theta3 * (r.mag - row.c1)) * r.ln_distance + row.attenuation * r.distance + row.slab
}
