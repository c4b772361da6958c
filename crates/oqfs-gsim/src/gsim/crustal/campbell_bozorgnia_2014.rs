//! Campbell and Bozorgnia (2014), an NGA-West2 model, and their model of 2019 for `IA` and `CAV`.
//!
//! Campbell K.W., Bozorgnia Y., 2014. NGA-West2 ground motion model for the average horizontal components of PGA, PGV, and
//! 5% damped linear acceleration response spectra. Earthquake Spectra 30(3), 1087-1115, doi:10.1193/062913EQS175M.
//!
//! Campbell K.W., Bozorgnia Y., 2019. Ground motion models for the horizontal components of Arias intensity (AI) and
//! cumulative absolute velocity (CAV) using the NGA-West2 database. Earthquake Spectra 35(3), 1289-1310,
//! doi:10.1193/090818EQS212M.
//!
//! - Component: RotD50 (2014), geometric mean (2019). Units: g, cm/s for `PGV`, m/s for `IA`, g s for `CAV`; `z2pt5` in km.
//! - Valid for magnitude 3.3 to 8.5 (strike-slip), 8 (reverse) or 7.5 (normal), rupture distances up to 300 km, `vs30` of
//!   150 to 1,500 m/s, active shallow crust.
//!
//! As in the engine, the models of both years have all coefficients and thus the same numbers. `HighQ` and `LowQ` regions
//! attenuate less and more than the average region; a `JapanSite` model has the site and basin terms of Japan. Arguments:
//! `sigma_mu_epsilon`, `usgs_basin_scaling`, `cybershake_basin_adj` (basins of southern California from simulations, above 1.9 s), and `estimate_ztor`, `estimate_width` and `estimate_hypo_depth` for ruptures of which
//! these are not known. As in the engine, scaled basins are all as deep as that of rock.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar::{self, cos, exp10, sin};
use crate::gsim::arguments::Arguments;
use crate::gsim::basin_scaling::{BasinScaling, Cybershake};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::crustal::chiou_youngs_2014::mean_ztor;
use crate::gsim::crustal::nga_west2::epistemic_sigma;
use crate::gsim::hard_ground::HardGround;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The parameters of the models that estimate widths.
const WITH_ZBOT: &[Param] = &[
    Param::Mag,
    Param::Rake,
    Param::Dip,
    Param::Ztor,
    Param::Zbot,
    Param::Width,
    Param::HypoDepth,
    Param::Rrup,
    Param::Rjb,
    Param::Rx,
    Param::Vs30,
    Param::Z2pt5,
];

/// The model of 2014.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "CampbellBozorgnia2014",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa, ImtKind::Ia, ImtKind::Cav],
    params: &[
        Param::Mag,
        Param::Rake,
        Param::Dip,
        Param::Ztor,
        Param::Width,
        Param::HypoDepth,
        Param::Rrup,
        Param::Rjb,
        Param::Rx,
        Param::Vs30,
        Param::Z2pt5,
    ],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Campbell and Bozorgnia (2014), NGA-West2 ground motion model for the average horizontal components of PGA, \
                PGV, and 5% damped linear acceleration response spectra, Earthquake Spectra 30(3), 1087-1115",
    doi: Some("10.1193/062913EQS175M"),
    validity: Validity::NOT_STATED.magnitude(3.3, 8.5).distance(Param::Rrup, 0.0, 300.0).vs30(150.0, 1500.0),
};

/// The model of 2019.
const LATER: ModelInfo = ModelInfo {
    name: "CampbellBozorgnia2019",
    component: Component::GeometricMean,
    reference: "Campbell and Bozorgnia (2019), Ground motion models for the horizontal components of Arias intensity (AI) \
                and cumulative absolute velocity (CAV) using the NGA-West2 database, Earthquake Spectra 35(3), 1289-1310",
    doi: Some("10.1193/090818EQS212M"),
    ..BASE
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, arguments| made(info, arguments, &AVERAGE, false) },
    Model {
        info: ModelInfo { name: "CampbellBozorgnia2014HighQ", ..BASE },
        make: |info, arguments| made(info, arguments, &HIGH_Q, false),
    },
    Model {
        info: ModelInfo { name: "CampbellBozorgnia2014LowQ", ..BASE },
        make: |info, arguments| made(info, arguments, &LOW_Q, false),
    },
    Model {
        info: ModelInfo { name: "CampbellBozorgnia2014JapanSite", ..BASE },
        make: |info, arguments| made(info, arguments, &AVERAGE, true),
    },
    Model {
        info: ModelInfo { name: "CampbellBozorgnia2014HighQJapanSite", ..BASE },
        make: |info, arguments| made(info, arguments, &HIGH_Q, true),
    },
    Model {
        info: ModelInfo { name: "CampbellBozorgnia2014LowQJapanSite", ..BASE },
        make: |info, arguments| made(info, arguments, &LOW_Q, true),
    },
    Model { info: LATER, make: |info, arguments| made(info, arguments, &AVERAGE, false) },
    Model {
        info: ModelInfo { name: "CampbellBozorgnia2019HighQ", ..LATER },
        make: |info, arguments| made(info, arguments, &HIGH_Q, false),
    },
    Model {
        info: ModelInfo { name: "CampbellBozorgnia2019LowQ", ..LATER },
        make: |info, arguments| made(info, arguments, &LOW_Q, false),
    },
    Model {
        info: ModelInfo { name: "CampbellBozorgnia2019JapanSite", ..LATER },
        make: |info, arguments| made(info, arguments, &AVERAGE, true),
    },
    Model {
        info: ModelInfo { name: "CampbellBozorgnia2019HighQJapanSite", ..LATER },
        make: |info, arguments| made(info, arguments, &HIGH_Q, true),
    },
    Model {
        info: ModelInfo { name: "CampbellBozorgnia2019LowQJapanSite", ..LATER },
        make: |info, arguments| made(info, arguments, &LOW_Q, true),
    },
];

/// The model with another site term on hard ground, and without a basin on rock.
pub(in crate::gsim) fn on_hard_ground(arguments: &mut Arguments) -> Made {
    let model = read(&BASE, arguments, &AVERAGE, false)?;
    Ok(Arc::new(CampbellBozorgnia2014 { hard_ground: true, ..model }))
}

fn made(
    info: &'static ModelInfo,
    arguments: &mut Arguments,
    region: &'static LazyLock<Table<Region>>,
    japan: bool,
) -> Made {
    Ok(Arc::new(read(info, arguments, region, japan)?))
}

fn read(
    info: &'static ModelInfo,
    arguments: &mut Arguments,
    region: &'static LazyLock<Table<Region>>,
    japan: bool,
) -> Result<CampbellBozorgnia2014, GsimError> {
    let estimates = Estimates {
        ztor: arguments.flag_or("estimate_ztor", false)?,
        width: arguments.flag_or("estimate_width", false)?,
        depth: arguments.flag_or("estimate_hypo_depth", false)?,
    };
    let epsilon = arguments.number_or("sigma_mu_epsilon", 0.0)?;
    let basins = Basins { scaling: BasinScaling::read(arguments)?, cybershake: Cybershake::read(arguments)? };
    Ok(CampbellBozorgnia2014 { info, coeffs: &COEFFS, region, japan, hard_ground: false, basins, estimates, epsilon })
}

/// A model of the same equations for the vertical component.
pub(in crate::gsim) fn vertical(
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    region: &'static LazyLock<Table<Region>>,
    japan: bool,
) -> Made {
    let estimates = Estimates { ztor: false, width: false, depth: false };
    let basins = Basins { scaling: BasinScaling::NONE, cybershake: Cybershake::NONE };
    let model =
        CampbellBozorgnia2014 { info, coeffs, region, japan, hard_ground: false, basins, estimates, epsilon: 0.0 };
    Ok(Arc::new(model))
}

/// What of a rupture is estimated rather than taken from it.
#[derive(Clone, Copy, Debug)]
struct Estimates {
    ztor: bool,
    width: bool,
    depth: bool,
}

impl Estimates {
    /// Depth of the top, width and depth of the hypocentre, km; `zbot` is the depth of the bottom.
    fn of(self, mag: f64, rake: f64, dip: f64, [ztor, width, depth]: [f64; 3], zbot: impl Fn() -> f64) -> [f64; 3] {
        let sin_dip = sin(dip.to_radians());
        let ztor = if self.ztor { mean_ztor(mag, rake > 30.0 && rake < 150.0) } else { ztor };
        let width = if self.width {
            // Equation 39.
            let of_mag = exp10((mag - 4.07) / 0.98).sqrt();
            if sin_dip.abs() > 0.0 { of_mag.min((zbot() - ztor) / sin_dip) } else { of_mag }
        } else {
            width
        };
        let depth = if self.depth {
            // Equations 35 to 37.
            let of_mag = if mag < 6.75 { -4.317 + 0.984 * mag } else { 2.325 };
            let of_dip = 0.0445 * (dip - 40.0).min(0.0);
            let height = width * sin_dip;
            ztor + if height > 0.0 { scalar::exp((of_mag + of_dip).min(scalar::ln(0.9 * height))) } else { 0.0 }
        } else {
            depth
        };
        [ztor, width, depth]
    }
}

coefficients! {
    /// Tables 2 and 3, but for the coefficient of a region.
    pub(in crate::gsim) struct Coeffs {
        c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16, c17, c18, c19, c20, a2, h1, h2, h3, h5,
        h6, k1, k2, k3, phi1, phi2, tau1, tau2, rho1pga, rho2pga, philnaf, rholny,
    }
}

coefficients! {
    /// What regions differ in: anelastic attenuation.
    pub(in crate::gsim) struct Region { dc20 }
}

coefficients! {
    /// Of deep basins, from simulations.
    struct Simulated { slope }
}

static SIMULATED: LazyLock<Table<Simulated>> = table!("CampbellBozorgnia2014_cybershake.csv");
static COEFFS: LazyLock<Table<Coeffs>> = table!("CampbellBozorgnia2014.csv");
static AVERAGE: LazyLock<Table<Region>> = table!("CampbellBozorgnia2014.csv");
static HIGH_Q: LazyLock<Table<Region>> = table!("CampbellBozorgnia2014_highq.csv");
static LOW_Q: LazyLock<Table<Region>> = table!("CampbellBozorgnia2014_lowq.csv");

// Coefficients that are the same for all periods.
const C: f64 = 1.88;
const N: f64 = 1.18;
const H4: f64 = 1.0;

/// A depth to 2.5 km/s that changes nothing, km.
const NO_BASIN: f64 = 2.0;

/// `vs30` of the rock on which nonlinear site effects depend, m/s.
const ROCK: f64 = 1100.0;

/// What is made of basin terms.
#[derive(Clone, Copy, Debug)]
struct Basins {
    /// Whether sites have the basin of rock (engine behaviour: what the scaling comes to).
    scaling: BasinScaling,
    cybershake: Cybershake,
}

/// Campbell and Bozorgnia (2014, 2019).
#[derive(Debug)]
struct CampbellBozorgnia2014 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    region: &'static LazyLock<Table<Region>>,
    japan: bool,
    /// Whether hard ground has the term of [`HardGround`], and rock has no basin.
    hard_ground: bool,
    basins: Basins,
    estimates: Estimates,
    /// How many standard deviations of epistemic uncertainty are added to the ln-mean.
    epsilon: f64,
}

impl Gsim for CampbellBozorgnia2014 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        if self.estimates.width { WITH_ZBOT } else { self.info.params }
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)?;
        self.region.check(self.info, imt)?;
        self.basins.cybershake.check(&SIMULATED, self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [vs30, z2pt5] = ctx.columns([Param::Vs30, Param::Z2pt5]);
        let pga = self.row(&Imt::PGA);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let rock = Site::new(ROCK, self.z2pt5_of_rock());
        let rupture = ruptures(ctx, self.estimates, self.epsilon);
        let site = |k: usize| {
            let site = Site::new(vs30[k], z2pt5_or_mean(self.japan, z2pt5[k], vs30[k]));
            if self.basins.scaling.scales() { Site { z2pt5: rock.z2pt5, ..site } } else { site }
        };
        batch::compute(ctx.len(), &rows, out, |k| Terms::new(&pga, rupture(k), &rock, site(k)));
    }
}

impl CampbellBozorgnia2014 {
    fn row(&self, imt: &Imt) -> Row {
        let mut c = self.coeffs.at(imt);
        let (is_simulated, is_scaled) = (self.basins.cybershake.is_for(imt), self.basins.scaling.scales());
        if is_simulated && !is_scaled {
            c.c16 = SIMULATED.at(imt).slope / c.k3;
        }
        let later = matches!(imt.kind(), ImtKind::Ia | ImtKind::Cav);
        let hard = self.hard_ground.then(|| HardGround::new(imt, c.c11 + c.k2 * N, f64::INFINITY));
        Row {
            c,
            anelastic: c.c20 + self.region.at(imt).dc20,
            japan: f64::from(self.japan),
            ln_k1: scalar::ln(c.k1),
            rho: if later { [c.rho1pga, c.rho2pga] } else { [c.rholny; 2] },
            at_least_pga: imt.kind() == ImtKind::Sa && imt.period().is_some_and(|period| period < 0.25),
            hard,
            basin: self.scaled_basin(imt),
            without_basin: if is_simulated && is_scaled { Cybershake::ADDED } else { 0.0 },
        }
    }

    /// What the scaling takes from the basin term of this measure and from that of `PGA` at the same period: at 0.075 s it has
    /// a factor of 0.585 (engine behaviour).
    fn scaled_basin(&self, imt: &Imt) -> [f64; 2] {
        if !self.basins.scaling.scales() || imt.period() != Some(0.075) {
            return [0.0; 2];
        }
        let of_rock = |imt| basin(&self.coeffs.at(imt), f64::from(self.japan), mean_z2pt5(self.japan, ROCK));
        [imt, &Imt::PGA].map(|imt| (0.585 - 1.0) * of_rock(imt))
    }

    /// Equations 33 and 34: the mean depth to 2.5 km/s, km.
    fn z2pt5_of_rock(&self) -> f64 {
        if self.hard_ground {
            return NO_BASIN;
        }
        mean_z2pt5(self.japan, ROCK)
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// c20 + Dc20
    anelastic: f64,
    /// 1 for sites in Japan, else 0.
    japan: f64,
    ln_k1: f64,
    /// Correlation with `PGA` at small and at large magnitudes.
    rho: [f64; 2],
    /// At short periods, spectral acceleration is not below `PGA`.
    at_least_pga: bool,
    /// What is added on hard ground.
    hard: Option<HardGround>,
    /// What is added to the ln-mean, and to that of `PGA` which it is not below.
    basin: [f64; 2],
    /// What is added at sites without a basin, where basins are scaled (engine behaviour).
    without_basin: f64,
}

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    /// What is added to the ln-mean.
    shift: f64,
    dip: f64,
    rrup: f64,
    /// 1 for the style of faulting, else 0.
    reverse: f64,
    normal: f64,
    /// Equation 22.
    depth: f64,
    /// Equations 13, 15 and 16.
    hanging: f64,
    /// 1 if the site is above the rupture, else 0, and Rx / R1.
    above: [f64; 2],
    /// 1 if the site is beyond the rupture, else 0, and (Rx - R1) / (R2 - R1).
    beyond: [f64; 2],
}

fn ruptures(ctx: &Contexts, estimates: Estimates, epsilon: f64) -> impl Fn(usize) -> Rupture {
    let [mag, rake, dip, ztor] = ctx.columns([Param::Mag, Param::Rake, Param::Dip, Param::Ztor]);
    let [width, depth] = ctx.columns([Param::Width, Param::HypoDepth]);
    let [rrup, rjb, rx] = ctx.columns([Param::Rrup, Param::Rjb, Param::Rx]);
    let zbot = if estimates.width { ctx.column(Param::Zbot) } else { &[] };
    move |k| {
        let [ztor, width, depth] = estimates.of(mag[k], rake[k], dip[k], [ztor[k], width[k], depth[k]], || zbot[k]);
        let near = if rrup[k] > 0.0 { (rrup[k] - rjb[k]) / rrup[k] } else { 1.0 };
        let shallow = if ztor > 16.66 { 0.0 } else { 1.0 - 0.06 * ztor };
        // Equations 11 and 12.
        let (r1, r2) = (width * cos(dip[k].to_radians()), 62.0 * mag[k] - 350.0);
        Rupture {
            mag: mag[k],
            shift: epsilon * epistemic_sigma(mag[k], rrup[k]),
            dip: dip[k],
            rrup: rrup[k],
            reverse: f64::from(rake[k] > 30.0 && rake[k] < 150.0),
            normal: f64::from(rake[k] > -150.0 && rake[k] < -30.0),
            depth: (depth - 7.0).clamp(0.0, 13.0),
            hanging: near * shallow * (90.0 - dip[k]) / 45.0,
            above: if rx[k] >= 0.0 && rx[k] < r1 { [1.0, rx[k] / r1] } else { [0.0; 2] },
            beyond: if rx[k] >= r1 { [1.0, (rx[k] - r1) / (r2 - r1)] } else { [0.0; 2] },
        }
    }
}

/// What the model needs of a site.
#[derive(Clone, Copy)]
struct Site {
    vs30: f64,
    ln_vs30: f64,
    z2pt5: f64,
    /// 1 where waves reach 2.5 km/s within a kilometre, else 0.
    shallow: f64,
}

impl Site {
    fn new(vs30: f64, z2pt5: f64) -> Site {
        Site { vs30, ln_vs30: ln(vs30), z2pt5, shallow: f64::from(z2pt5 <= 1.0) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    site: Site,
    /// PGA on rock, A1100.
    a1100: f64,
    /// ln-mean of `PGA` at the site.
    ln_pga: f64,
    /// Standard deviations of `PGA` on rock between and within events.
    tau_pga: f64,
    phi_pga: f64,
}

impl Terms {
    fn new(pga: &Row, rupture: Rupture, rock: &Site, site: Site) -> Terms {
        // Rock is stiffer than k1 of `PGA`: A1100 itself does not depend on A1100.
        let a1100 = exp(ln_source(pga, &rupture) + ln_site(pga, rock, 0.0));
        let ln_pga = ln_source(pga, &rupture) + ln_site(pga, &site, a1100);
        let (tau_pga, phi_pga) = (tau_ln_y(&pga.c, &rupture), phi_rock(&pga.c, &rupture));
        Terms { rupture, site, a1100, ln_pga, tau_pga, phi_pga }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let [added, added_to_pga] = self.basin;
        let mean =
            ln_source(self, &t.rupture) + ln_site(self, &t.site, t.a1100) + added + self.without_basin * t.site.shallow;
        let mean = mean + t.rupture.shift;
        // the shift is added again to short periods (engine behaviour)
        let mean = if self.at_least_pga { mean.max(t.ln_pga + added_to_pga) + t.rupture.shift } else { mean };
        let alpha = alpha(self, t);
        let rho = between(self.rho[0], self.rho[1], t.rupture.mag - 4.5);
        let (tau, phi) = (tau(self, t, alpha, rho), phi(self, t, alpha, rho));
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// From one value to another, as a third number goes from 0 to 1.
#[inline(always)]
fn between(low: f64, high: f64, at: f64) -> f64 {
    low + (high - low) * at.clamp(0.0, 1.0)
}

/// Equation 1 without the terms of the site.
#[inline(always)]
fn ln_source(row: &Row, r: &Rupture) -> f64 {
    let c = &row.c;
    magnitude(c, r)
        + geometric(c, r)
        + faulting(c, r)
        + hanging_wall(c, r)
        + depth(c, r)
        + dip(c, r)
        + anelastic(row, r)
}

/// The terms of the site in equation 1.
#[inline(always)]
fn ln_site(row: &Row, site: &Site, a1100: f64) -> f64 {
    let hard = match &row.hard {
        Some(hard) => hard.ln_amplification(site.ln_vs30),
        None => 0.0,
    };
    shallow_site(row, site, a1100) + japan_site(row, site) + basin(&row.c, row.japan, site.z2pt5) + hard
}

/// Equation 2.
#[inline(always)]
fn magnitude(c: &Coeffs, r: &Rupture) -> f64 {
    let above = |magnitude: f64| (r.mag - magnitude).max(0.0);
    c.c0 + c.c1 * r.mag + c.c2 * above(4.5) + c.c3 * above(5.5) + c.c4 * above(6.5)
}

/// Equation 3.
#[inline(always)]
fn geometric(c: &Coeffs, r: &Rupture) -> f64 {
    (c.c5 + c.c6 * r.mag) * 0.5 * ln(r.rrup * r.rrup + c.c7 * c.c7)
}

/// Equations 4 to 6.
#[inline(always)]
fn faulting(c: &Coeffs, r: &Rupture) -> f64 {
    (c.c8 * r.reverse + c.c9 * r.normal) * (r.mag - 4.5).clamp(0.0, 1.0)
}

/// Equations 7 to 10 and 14, times the rest of the factors.
#[inline(always)]
fn hanging_wall(c: &Coeffs, r: &Rupture) -> f64 {
    let ([is_above, x1], [is_beyond, x2]) = (r.above, r.beyond);
    let above = c.h1 + (c.h2 + c.h3 * x1) * x1;
    let beyond = (H4 + (c.h5 + c.h6 * x2) * x2).max(0.0);
    let magnitude = (r.mag - 5.5).clamp(0.0, 1.0) * (1.0 + c.a2 * (r.mag - 6.5));
    c.c10 * (is_above * above + is_beyond * beyond) * magnitude * r.hanging
}

/// Equations 21 and 23.
#[inline(always)]
fn depth(c: &Coeffs, r: &Rupture) -> f64 {
    r.depth * between(c.c17, c.c18, r.mag - 5.5)
}

/// Equation 24.
#[inline(always)]
fn dip(c: &Coeffs, r: &Rupture) -> f64 {
    c.c19 * r.dip * (5.5 - r.mag).clamp(0.0, 1.0)
}

/// Equation 25.
#[inline(always)]
fn anelastic(row: &Row, r: &Rupture) -> f64 {
    row.anelastic * (r.rrup - 80.0).max(0.0)
}

/// Equation 18.
#[inline(always)]
fn shallow_site(row: &Row, site: &Site, a1100: f64) -> f64 {
    let c = &row.c;
    let ln_v = site.ln_vs30 - row.ln_k1;
    let soft = ln(a1100 + C * exp(N * ln_v)) - ln(a1100 + C);
    c.c11 * ln_v + c.k2 * if ln_v > 0.0 { N * ln_v } else { soft }
}

/// Equation 19.
#[inline(always)]
fn japan_site(row: &Row, site: &Site) -> f64 {
    const SOFT: f64 = 200.0;
    let c = &row.c;
    let ln_soft = if site.vs30 <= SOFT { site.ln_vs30 - const { scalar::ln(SOFT) } } else { 0.0 };
    let stiff = (c.c13 + c.k2 * N) * (site.ln_vs30 - row.ln_k1);
    row.japan * (stiff + (c.c12 + c.k2 * N) * ln_soft)
}

/// Equation 20.
#[inline(always)]
fn basin(c: &Coeffs, japan: f64, z2pt5: f64) -> f64 {
    let deep = 1.0 - exp(-0.25 * (z2pt5 - 3.0).max(0.0));
    (c.c14 + c.c15 * japan) * (z2pt5 - 1.0).min(0.0) + c.c16 * c.k3 * const { scalar::exp(-0.75) } * deep
}

/// The basin term outside Japan of a depth, km, and a `vs30`, for other models to take it; `None` at a period that the model does
/// not define.
pub(in crate::gsim) fn basin_of_average_region(imt: &Imt) -> Option<impl Fn(f64, f64) -> f64> {
    let c = COEFFS.get(imt)?;
    Some(move |z2pt5, vs30| basin(&c, 0.0, z2pt5_or_mean(false, z2pt5, vs30)))
}

/// A depth to 2.5 km/s, km, or where a site has none (-999) the mean of sites with this `vs30`.
pub(in crate::gsim) fn z2pt5_or_mean(japan: bool, z2pt5: f64, vs30: f64) -> f64 {
    if z2pt5 == NO_DEPTH { mean_z2pt5(japan, vs30) } else { z2pt5 }
}

/// Equations 33 and 34: the mean depth to 2.5 km/s of sites with a `vs30`, km.
fn mean_z2pt5(japan: bool, vs30: f64) -> f64 {
    if japan { scalar::exp(5.359 - 1.102 * scalar::ln(vs30)) } else { scalar::exp(7.089 - 1.144 * scalar::ln(vs30)) }
}

/// Equation 27.
#[inline(always)]
fn tau_ln_y(c: &Coeffs, r: &Rupture) -> f64 {
    between(c.tau1, c.tau2, r.mag - 4.5)
}

/// Equation 28, without the variability of site amplification.
#[inline(always)]
fn phi_rock(c: &Coeffs, r: &Rupture) -> f64 {
    let phi = between(c.phi1, c.phi2, r.mag - 4.5);
    (phi * phi - c.philnaf * c.philnaf).sqrt()
}

/// Equation 31.
#[inline(always)]
fn alpha(row: &Row, t: &Terms) -> f64 {
    let ln_v = t.site.ln_vs30 - row.ln_k1;
    let slope = t.a1100 * (1.0 / (t.a1100 + C * exp(N * ln_v)) - 1.0 / (t.a1100 + C));
    if ln_v < 0.0 { row.c.k2 * slope } else { 0.0 }
}

/// Equation 29.
#[inline(always)]
fn tau(row: &Row, t: &Terms, alpha: f64, rho: f64) -> f64 {
    let (rock, pga) = (tau_ln_y(&row.c, &t.rupture), alpha * t.tau_pga);
    (rock * rock + pga * pga + 2.0 * rho * rock * pga).sqrt()
}

/// Equation 30.
#[inline(always)]
fn phi(row: &Row, t: &Terms, alpha: f64, rho: f64) -> f64 {
    let (rock, pga, site) = (phi_rock(&row.c, &t.rupture), alpha * t.phi_pga, row.c.philnaf);
    (rock * rock + site * site + pga * pga + 2.0 * rho * rock * pga).sqrt()
}
