//! Boore, Stewart, Seyhan and Atkinson (2014), an NGA-West2 model, for three attenuations and three kinds of basins.
//!
//! Boore D.M., Stewart J.P., Seyhan E., Atkinson G.M., 2014. NGA-West2 equations for predicting PGA, PGV, and 5% damped
//! PSA for shallow crustal earthquakes. Earthquake Spectra 30(3), 1057-1085, doi:10.1193/070113EQS184M.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`; `z1pt0` in m.
//! - Valid for magnitude 3 to 8.5 (strike-slip and reverse) or 7 (normal), Joyner-Boore distances up to 400 km, `vs30` of
//!   150 to 1,500 m/s, active shallow crust.
//!
//! The names say what a model takes: `HighQ` and `LowQ` regions attenuate less and more than the average region, a
//! `Basin` model has the depth term of its region, and `NoSOF` is for an unspecified style of faulting. As in the engine,
//! the basin coefficients of `LowQ` are rounded to three decimals. The argument `sigma_mu_epsilon` adds so many standard
//! deviations of epistemic uncertainty; `region`, `sof`, `usgs_basin_scaling` and `cybershake_basin_adj` (basins of southern
//! California from simulations, above 1.9 s) change a model into its relatives.

use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::{powi, scalar};
use crate::gsim::arguments::Arguments;
use crate::gsim::basin_scaling::{BasinScaling, Cybershake};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::crustal::nga_west2::with_epsilon;
use crate::gsim::model_info::{TOTAL_AND_PARTS, debug_as_name};
use crate::gsim::registry::{Made, Make, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model without a basin.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "BooreEtAl2014",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Boore et al. (2014), NGA-West2 equations for predicting PGA, PGV, and 5% damped PSA for shallow crustal \
                earthquakes, Earthquake Spectra 30(3), 1057-1085",
    doi: Some("10.1193/070113EQS184M"),
    validity: Validity::NOT_STATED.magnitude(3.0, 8.5).distance(Param::Rjb, 0.0, 400.0).vs30(150.0, 1500.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    plain("BooreEtAl2014", |info, arguments| make(info, arguments, &AVERAGE, None, KNOWN)),
    plain("BooreEtAl2014NoSOF", |info, arguments| make(info, arguments, &AVERAGE, None, UNSPECIFIED)),
    basin("BooreEtAl2014CaliforniaBasin", |info, arguments| {
        make(info, arguments, &AVERAGE, Some(california_z1), KNOWN)
    }),
    basin("BooreEtAl2014CaliforniaBasinNoSOF", |info, arguments| {
        make(info, arguments, &AVERAGE, Some(california_z1), UNSPECIFIED)
    }),
    basin("BooreEtAl2014JapanBasin", |info, arguments| make(info, arguments, &AVERAGE, Some(japan_z1), KNOWN)),
    basin("BooreEtAl2014JapanBasinNoSOF", |info, arguments| {
        make(info, arguments, &AVERAGE, Some(japan_z1), UNSPECIFIED)
    }),
    plain("BooreEtAl2014HighQ", |info, arguments| make(info, arguments, &HIGH_Q, None, KNOWN)),
    plain("BooreEtAl2014HighQNoSOF", |info, arguments| make(info, arguments, &HIGH_Q, None, UNSPECIFIED)),
    basin("BooreEtAl2014HighQCaliforniaBasin", |info, arguments| {
        make(info, arguments, &HIGH_Q, Some(california_z1), KNOWN)
    }),
    basin("BooreEtAl2014HighQCaliforniaBasinNoSOF", |info, arguments| {
        make(info, arguments, &HIGH_Q, Some(california_z1), UNSPECIFIED)
    }),
    basin("BooreEtAl2014HighQJapanBasin", |info, arguments| make(info, arguments, &HIGH_Q, Some(japan_z1), KNOWN)),
    basin("BooreEtAl2014HighQJapanBasinNoSOF", |info, arguments| {
        make(info, arguments, &HIGH_Q, Some(japan_z1), UNSPECIFIED)
    }),
    plain("BooreEtAl2014LowQ", |info, arguments| make(info, arguments, &LOW_Q, None, KNOWN)),
    plain("BooreEtAl2014LowQNoSOF", |info, arguments| make(info, arguments, &LOW_Q, None, UNSPECIFIED)),
    basin("BooreEtAl2014LowQCaliforniaBasin", |info, arguments| {
        make(info, arguments, &LOW_Q, Some(california_z1), KNOWN)
    }),
    basin("BooreEtAl2014LowQCaliforniaBasinNoSOF", |info, arguments| {
        make(info, arguments, &LOW_Q, Some(california_z1), UNSPECIFIED)
    }),
    basin("BooreEtAl2014LowQJapanBasin", |info, arguments| make(info, arguments, &LOW_Q, Some(japan_z1), KNOWN)),
    basin("BooreEtAl2014LowQJapanBasinNoSOF", |info, arguments| {
        make(info, arguments, &LOW_Q, Some(japan_z1), UNSPECIFIED)
    }),
];

const fn plain(name: &'static str, make: Make) -> Model {
    Model { info: ModelInfo { name, ..BASE }, make }
}

const fn basin(name: &'static str, make: Make) -> Model {
    Model { info: ModelInfo { name, params: BASIN_PARAMS, ..BASE }, make }
}

/// Those of a model with a basin term.
const BASIN_PARAMS: &[Param] = &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30, Param::Z1pt0];

fn make(
    info: &'static ModelInfo,
    arguments: &mut Arguments,
    region: &'static LazyLock<Table<Region>>,
    mean_z1: Option<MeanZ1>,
    faulting: Faulting,
) -> Made {
    const REGIONS: [(&str, Option<MeanZ1>); 4] =
        [("nobasin", None), ("CAL", Some(california_z1)), ("JPN", Some(japan_z1)), ("CHN", Some(california_z1))];
    let mean_z1 = arguments.one_of("region", &REGIONS)?.unwrap_or(mean_z1);
    let faulting = if arguments.flag_or("sof", true)? { faulting } else { UNSPECIFIED };
    let scaling = BasinScaling::read(arguments)?;
    if scaling.scales() && mean_z1.is_none() {
        return Err(arguments.wrong(BasinScaling::ARGUMENT, &true, "false, as the model has no basin term"));
    }
    let cybershake = Cybershake::read(arguments)?;
    let model = BooreEtAl2014 { info, coeffs: &COEFFS, region, mean_z1, scaling, cybershake, faulting };
    with_epsilon(arguments, info, model)
}

coefficients! {
    /// The electronic supplement's table, but for the coefficients of a region.
    pub(in crate::gsim) struct Coeffs { e0, e1, e2, e3, e4, e5, e6, mh, c1, c2, c3, h, c, vc, f4, f5, r1, r2, dfr, dfv, f1, f2, tau1, tau2 }
}

coefficients! {
    /// What regions differ in: anelastic attenuation and basins.
    pub(in crate::gsim) struct Region { dc3, f6, f7 }
}

coefficients! {
    /// Of the basin term, from simulations, with the depth to 1.0 km/s beyond its mean, km.
    struct Simulated { f6, f7, dz1 }
}

static SIMULATED: LazyLock<Table<Simulated>> = table!("BooreEtAl2014_cybershake.csv");
static COEFFS: LazyLock<Table<Coeffs>> = table!("BooreEtAl2014.csv");
static AVERAGE: LazyLock<Table<Region>> = table!("BooreEtAl2014.csv");
static HIGH_Q: LazyLock<Table<Region>> = table!("BooreEtAl2014_highq.csv");
static LOW_Q: LazyLock<Table<Region>> = table!("BooreEtAl2014_lowq.csv");

/// The mean depth to 1.0 km/s of sites with a `vs30`, km.
pub(in crate::gsim) type MeanZ1 = fn(f64) -> f64;

/// Equation 11.
pub(in crate::gsim) fn california_z1(vs30: f64) -> f64 {
    let c = powi(570.94, 4);
    scalar::exp(-7.15 / 4.0 * scalar::ln((powi(vs30, 4) + c) / (powi(1360.0, 4) + c))) / 1000.0
}

/// Equation 12.
pub(in crate::gsim) fn japan_z1(vs30: f64) -> f64 {
    let c = powi(412.39, 2);
    scalar::exp(-5.23 / 2.0 * scalar::ln((powi(vs30, 2) + c) / (powi(1360.0, 2) + c))) / 1000.0
}

/// The weights of e0 to e3 (unspecified, strike-slip, normal, reverse) at a rake.
pub(in crate::gsim) type Faulting = fn(f64) -> [f64; 4];

pub(in crate::gsim) const UNSPECIFIED: Faulting = |_| [1.0, 0.0, 0.0, 0.0];

/// Within 30 degrees of horizontal is strike-slip.
pub(in crate::gsim) const KNOWN: Faulting = |rake| {
    let (reverse, normal) = (rake > 30.0 && rake < 150.0, rake < -30.0 && rake > -150.0);
    [false, !(reverse || normal), normal, reverse].map(f64::from)
};

/// Boore et al. (2014).
pub(in crate::gsim) struct BooreEtAl2014 {
    pub(in crate::gsim) info: &'static ModelInfo,
    pub(in crate::gsim) coeffs: &'static LazyLock<Table<Coeffs>>,
    pub(in crate::gsim) region: &'static LazyLock<Table<Region>>,
    /// Of a model with a basin term.
    pub(in crate::gsim) mean_z1: Option<MeanZ1>,
    pub(in crate::gsim) scaling: BasinScaling,
    pub(in crate::gsim) cybershake: Cybershake,
    pub(in crate::gsim) faulting: Faulting,
}

debug_as_name!(BooreEtAl2014);

impl Gsim for BooreEtAl2014 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        if self.mean_z1.is_some() { BASIN_PARAMS } else { self.info.params }
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)?;
        self.region.check(self.info, imt)?;
        self.cybershake.check(&SIMULATED, self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rjb, vs30] = ctx.columns([Param::Mag, Param::Rake, Param::Rjb, Param::Vs30]);
        let pga = self.row(&Imt::PGA);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let rupture = |k: usize| Rupture { mag: mag[k], rjb: rjb[k], faulting: (self.faulting)(rake[k]) };
        match self.mean_z1 {
            None => batch::compute(ctx.len(), &rows, out, |k| Terms::new(&pga, rupture(k), vs30[k], 0.0)),
            Some(mean_z1) => {
                let [z1pt0] = ctx.columns([Param::Z1pt0]);
                batch::compute(ctx.len(), &rows, out, |k| {
                    let mean = 1000.0 * mean_z1(vs30[k]);
                    let z1 = if z1pt0[k] == NO_DEPTH { mean } else { z1pt0[k] };
                    let terms = Terms::new(&pga, rupture(k), vs30[k], (z1 - mean) / 1000.0);
                    Terms { scaling: self.scaling.of_z1pt0(z1), ..terms }
                });
            }
        }
    }
}

impl BooreEtAl2014 {
    fn row(&self, imt: &Imt) -> Row {
        let (c, region) = (self.coeffs.at(imt), self.region.at(imt));
        // Equation 9: there is no basin term at short periods.
        let deep = self.mean_z1.is_some() && imt.period().is_some_and(|period| period >= 0.65);
        let basin = match deep {
            false => [0.0; 3],
            true if self.cybershake.is_for(imt) => [0.0, 0.0, simulated_basin(&SIMULATED.at(imt))],
            true => [region.f6, region.f7, 0.0],
        };
        Row {
            c,
            anelastic: c.c3 + region.dc3,
            basin,
            scaling: self.scaling.of_imt(imt),
            site: SiteTerm::of(&c),
            ln_r: [scalar::ln(c.r1), scalar::ln(c.r2)],
        }
    }
}

/// The basin term from simulations, which is the same at all sites. The depth is held against f6 itself (engine behaviour).
fn simulated_basin(c: &Simulated) -> f64 {
    (if c.dz1 <= c.f6 { c.f6 * c.dz1 } else { c.f7 }) + Cybershake::ADDED
}

const VREF: f64 = 760.0;

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// c3 + Dc3
    anelastic: f64,
    /// f6, f7 and what is added to the term of these; or 0.
    basin: [f64; 3],
    /// The factor of the basin term.
    scaling: f64,
    site: SiteTerm,
    /// ln(R1) and ln(R2)
    ln_r: [f64; 2],
}

/// The site amplification of one intensity measure, equation 5, which other models take too.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct SiteTerm {
    c: f64,
    f4: f64,
    f5: f64,
    /// ln(Vc / Vref)
    ln_vc: f64,
    /// exp(f5 (760 - 360)), of equation 8.
    exp_ref: f64,
}

impl SiteTerm {
    fn of(c: &Coeffs) -> SiteTerm {
        let (ln_vc, exp_ref) = (scalar::ln(c.vc / VREF), scalar::exp(c.f5 * (VREF - 360.0)));
        SiteTerm { c: c.c, f4: c.f4, f5: c.f5, ln_vc, exp_ref }
    }

    /// Whether the term is defined for an intensity measure; the error says that `info` is not.
    pub(in crate::gsim) fn check(info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(info, imt)
    }

    /// Of an intensity measure that has passed [`SiteTerm::check`].
    pub(in crate::gsim) fn at(imt: &Imt) -> SiteTerm {
        SiteTerm::of(&COEFFS.at(imt))
    }

    /// The factor of ln(vs30), and the greatest ln(vs30) that counts, of the linear part.
    pub(in crate::gsim) fn slope_and_cap(&self) -> (f64, f64) {
        (self.c, self.ln_vc + ln(VREF))
    }

    /// The linear part alone.
    pub(in crate::gsim) fn linear_at(&self, vs30: f64) -> f64 {
        self.c * scalar::ln(vs30 / VREF).min(self.ln_vc)
    }

    /// The rock that a model is for, and a site, where the model gives this `PGA` on its rock: what the site term of the
    /// second is over that of the first is the amplification.
    pub(in crate::gsim) fn rock_and_site(&self, rock: f64, vs30: f64, ln_pga: f64) -> [Site; 2] {
        let rock = Site::new(rock, ln_pga);
        [rock, Site::new(vs30, ln_pga - self.ln_amplification(&rock))]
    }

    /// What is added to the ln-mean on rock.
    #[inline(always)]
    pub(in crate::gsim) fn ln_amplification(&self, site: &Site) -> f64 {
        self.linear(site) + self.nonlinear(site)
    }

    /// Equation 6.
    #[inline(always)]
    fn linear(&self, site: &Site) -> f64 {
        self.c * site.ln_vs30.min(self.ln_vc)
    }

    /// Equations 7 and 8, where f1 is 0.
    #[inline(always)]
    fn nonlinear(&self, site: &Site) -> f64 {
        self.f4 * (exp(self.f5 * site.soft) - self.exp_ref) * site.pga
    }
}

/// What site amplification depends on.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct Site {
    /// ln(VS30 / Vref)
    ln_vs30: f64,
    /// min(VS30, 760) - 360
    soft: f64,
    /// ln((PGAr + f3) / f3)
    pga: f64,
}

impl Site {
    /// Of a site where `PGA` on rock is given as its logarithm.
    pub(in crate::gsim) fn new(vs30: f64, ln_pga_rock: f64) -> Site {
        const F3: f64 = 0.1;
        Site {
            ln_vs30: scalar::ln(vs30 / VREF),
            soft: vs30.min(VREF) - 360.0,
            pga: scalar::ln((scalar::exp(ln_pga_rock) + F3) / F3),
        }
    }
}

/// The site amplification of one intensity measure, for `PGA` on rock of the model itself, which other models take.
pub(in crate::gsim) struct WholeSiteTerm {
    pga: Row,
    site: SiteTerm,
}

impl WholeSiteTerm {
    /// Of this rock, m/s.
    pub(in crate::gsim) const ROCK: f64 = VREF;

    /// What [`WholeSiteTerm::ln_amplification`] depends on.
    pub(in crate::gsim) const PARAMS: [Param; 4] = [Param::Mag, Param::Rake, Param::Rjb, Param::Vs30];

    /// `None` at a period that the term does not define.
    pub(in crate::gsim) fn get(imt: &Imt) -> Option<WholeSiteTerm> {
        let published = BooreEtAl2014 {
            info: &BASE,
            coeffs: &COEFFS,
            region: &AVERAGE,
            mean_z1: None,
            scaling: BasinScaling::NONE,
            cybershake: Cybershake::NONE,
            faulting: KNOWN,
        };
        Some(WholeSiteTerm { pga: published.row(&Imt::PGA), site: SiteTerm::of(&COEFFS.get(imt)?) })
    }

    /// What is added to the ln-mean on rock.
    #[inline(always)]
    pub(in crate::gsim) fn ln_amplification(&self, [mag, rake, rjb, vs30]: [f64; 4]) -> f64 {
        let rupture = Rupture { mag, rjb, faulting: KNOWN(rake) };
        self.site.ln_amplification(&Site::new(vs30, ln_rock(&self.pga, &rupture)))
    }
}

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rjb: f64,
    /// The weights of e0 to e3.
    faulting: [f64; 4],
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    ln_rjb: f64,
    site: Site,
    /// Equation 10: the depth to 1.0 km/s beyond its mean, km.
    dz1: f64,
    /// The factor of the basin term.
    scaling: f64,
    /// Magnitude between 4.5 and 5.5, from 0 to 1, of equations 14 and 17.
    magnitude_ramp: f64,
    /// How much of DfV equation 15 takes.
    site_ramp: f64,
}

impl Terms {
    fn new(pga: &Row, rupture: Rupture, vs30: f64, dz1: f64) -> Terms {
        Terms {
            rupture,
            ln_rjb: scalar::ln(rupture.rjb),
            site: Site::new(vs30, ln_rock(pga, &rupture)),
            dz1,
            scaling: 1.0,
            magnitude_ramp: (rupture.mag - 4.5).clamp(0.0, 1.0),
            site_ramp: site_ramp(vs30),
        }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let mean = ln_rock(self, &t.rupture) + self.site.ln_amplification(&t.site) + basin_depth(self, t);
        let (tau, phi) = (tau(&self.c, t), phi(self, t));
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Equation 1 without site amplification; of `PGA` it is ln(PGAr).
#[inline(always)]
fn ln_rock(row: &Row, r: &Rupture) -> f64 {
    event(&row.c, r) + path(row, r)
}

/// Equation 2.
#[inline(always)]
fn event(c: &Coeffs, r: &Rupture) -> f64 {
    let above = r.mag - c.mh;
    let [unspecified, strike_slip, normal, reverse] = r.faulting;
    let faulting = c.e0 * unspecified + c.e1 * strike_slip + c.e2 * normal + c.e3 * reverse;
    faulting + if above <= 0.0 { (c.e4 + c.e5 * above) * above } else { c.e6 * above }
}

/// Equations 3 and 4.
#[inline(always)]
fn path(row: &Row, r: &Rupture) -> f64 {
    const MREF: f64 = 4.5;
    const RREF: f64 = 1.0;
    let c = &row.c;
    let distance = (r.rjb * r.rjb + c.h * c.h).sqrt();
    (c.c1 + c.c2 * (r.mag - MREF)) * ln(distance / RREF) + row.anelastic * (distance - RREF)
}

/// Equation 9: f6 dz1 up to f7.
#[inline(always)]
fn basin_depth(row: &Row, t: &Terms) -> f64 {
    let [f6, f7, added] = row.basin;
    ((f6 * t.dz1).min(f7) + added) * row.scaling * t.scaling
}

/// Equation 14.
#[inline(always)]
fn tau(c: &Coeffs, t: &Terms) -> f64 {
    c.tau1 + (c.tau2 - c.tau1) * t.magnitude_ramp
}

/// Equations 15 to 17.
#[inline(always)]
fn phi(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    let [ln_r1, ln_r2] = row.ln_r;
    let far = ((t.ln_rjb - ln_r1) / (ln_r2 - ln_r1)).clamp(0.0, 1.0);
    c.f1 + (c.f2 - c.f1) * t.magnitude_ramp + c.dfr * far - c.dfv * t.site_ramp
}

/// Equation 15: from 1 on soft sites to 0 on stiff ones. At V1 itself the engine takes DfV twice.
fn site_ramp(vs30: f64) -> f64 {
    const V1: f64 = 225.0;
    const V2: f64 = 300.0;
    if vs30 == V1 { 2.0 } else { (scalar::ln(V2 / vs30) / ln(V2 / V1)).clamp(0.0, 1.0) }
}
