//! Chiou and Youngs (2014), an NGA-West2 model, for four regions.
//!
//! Chiou B.S.-J., Youngs R.R., 2014. Update of the Chiou and Youngs NGA model for the average horizontal component of peak
//! ground motion and response spectra. Earthquake Spectra 30(3), 1117-1153, doi:10.1193/072813EQS219M.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`; `z1pt0` in m, 0 and below is taken as its mean.
//! - Valid for magnitude 3.5 to 8.5 (strike-slip) or 8 (others), rupture distances up to 300 km, `vs30` of 180 to 1,500
//!   m/s, active shallow crust.
//!
//! The region is California, or Japan, Italy or Wenchuan as the names say; they differ in the attenuation of distant
//! motion, Japan in the site terms too. `PEER` is for the tests of that center, with one standard deviation. As in the
//! engine, there is no directivity. Arguments: `region` (`CAL`, `JPN`, `ITA`, `WEN`), `sigma_mu_epsilon`, `use_hw` (false
//! for no hanging wall), `alpha_nm` (a factor of the term of normal faulting) , `usgs_basin_scaling` and
//! `cybershake_basin_adj` (basins of southern California from simulations, above 1.9 s).
//!
//! Adapted to other regions (`host_to_target`): `add_delta_c1`, a correction of long periods; `source_function_tab`, with
//! `stress_par_host` and `stress_par_target`; `delta_gamma_tab`.

use std::sync::LazyLock;

use crate::elementary::branchless::{cosh, exp, ln, sech, tanh};
use crate::elementary::powi;
use crate::elementary::scalar::{self, cos};
use crate::gsim::arguments::Arguments;
use crate::gsim::basin_scaling::{BasinScaling, Cybershake};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::crustal::host_to_target::{PathChange, StressChange};
use crate::gsim::crustal::nga_west2::with_epsilon;
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for California.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "ChiouYoungs2014",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[
        Param::Mag,
        Param::Rake,
        Param::Dip,
        Param::Ztor,
        Param::Rrup,
        Param::Rjb,
        Param::Rx,
        Param::Vs30,
        Param::Vs30Measured,
        Param::Z1pt0,
    ],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Chiou and Youngs (2014), Update of the Chiou and Youngs NGA model for the average horizontal component of \
                peak ground motion and response spectra, Earthquake Spectra 30(3), 1117-1153",
    doi: Some("10.1193/072813EQS219M"),
    validity: Validity::NOT_STATED.magnitude(3.5, 8.5).distance(Param::Rrup, 0.0, 300.0).vs30(180.0, 1500.0),
};

const PEER: ModelInfo = ModelInfo { name: "ChiouYoungs2014PEER", imts: &[ImtKind::Pga], std_devs: TOTAL_ONLY, ..BASE };

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: BASE,
        make: |info, arguments| {
            let regions = [
                ("CAL", Region::California),
                ("JPN", Region::Japan),
                ("ITA", Region::Italy),
                ("WEN", Region::Wenchuan),
            ];
            let region = arguments.choice("region", regions)?;
            make(info, arguments, region, false)
        },
    },
    Model {
        info: ModelInfo { name: "ChiouYoungs2014Japan", ..BASE },
        make: |info, arguments| make(info, arguments, Region::Japan, false),
    },
    Model {
        info: ModelInfo { name: "ChiouYoungs2014Italy", ..BASE },
        make: |info, arguments| make(info, arguments, Region::Italy, false),
    },
    Model {
        info: ModelInfo { name: "ChiouYoungs2014Wenchuan", ..BASE },
        make: |info, arguments| make(info, arguments, Region::Wenchuan, false),
    },
    Model { info: PEER, make: |info, arguments| make(info, arguments, Region::California, true) },
];

fn make(info: &'static ModelInfo, arguments: &mut Arguments, region: Region, peer: bool) -> Made {
    let hanging_wall = arguments.flag_or("use_hw", true)?;
    let normal = arguments.number_or("alpha_nm", 1.0)?;
    let (scaling, cybershake) = (BasinScaling::read(arguments)?, Cybershake::read(arguments)?);
    let long_periods = arguments.flag_or("add_delta_c1", false)?;
    let (stress, path) = (StressChange::read(info, arguments)?, PathChange::read(info, arguments)?);
    let basins = Basins { scaling, cybershake };
    let model = ChiouYoungs2014 { info, region, peer, hanging_wall, normal, basins, long_periods, stress, path };
    with_epsilon(arguments, info, model)
}

coefficients! {
    /// Tables 1 to 5, but for coefficients that are the same for all periods.
    struct Coeffs {
        c1, c1a, c1b, c1c, c1d, cn, cm, c3, c5, chm, c6, c7, c7b, c9, c9a, c9b, c11b, cg1, cg2, cg3, phi1, phi2, phi3,
        phi4, phi5, gjpit, gwn, phi1jp, phi5jp, tau1, tau2, sig1, sig2, sig3,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ChiouYoungs2014.csv");

coefficients! {
    /// Of the basin term, from simulations.
    struct Simulated { phi5, phi6 }
}

static SIMULATED: LazyLock<Table<Simulated>> = table!("ChiouYoungs2014_cybershake.csv");

// Table 1: coefficients that are the same for all periods.
const C2: f64 = 1.06;
const C4: f64 = -2.1;
const C4A: f64 = -0.5;
const CRB: f64 = 50.0;
const C11: f64 = 0.0;

/// The coefficients of the site term, for other models to take it.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct SiteTerm(Row);

impl SiteTerm {
    /// The `vs30` above which there is no amplification, m/s.
    pub(in crate::gsim) const ROCK: f64 = 1130.0;

    /// `None` at a period that the model does not define.
    pub(in crate::gsim) fn get(imt: &Imt) -> Option<SiteTerm> {
        Some(SiteTerm(Row::new(imt, COEFFS.get(imt)?, Region::California, false)))
    }

    /// The part that does not depend on the motion.
    pub(in crate::gsim) fn linear(&self, vs30: f64) -> f64 {
        self.0.phi1 * scalar::ln(vs30 / SiteTerm::ROCK).min(0.0)
    }

    /// What is added to the ln-mean on rock, without the basin.
    pub(in crate::gsim) fn ln_amplification(&self, vs30: f64, ln_rock: f64) -> f64 {
        let vs30 = vs30.min(SiteTerm::ROCK);
        let site = Site { vs30, ln_vs30: scalar::ln(vs30 / SiteTerm::ROCK), measured: 0.0, dz1: 0.0, scaling: 1.0 };
        linear(&self.0, &site) + nonlinear_b(&self.0, &site) * pga_dependence(&self.0.c, scalar::exp(ln_rock))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Region {
    California,
    Japan,
    Italy,
    Wenchuan,
}

/// Chiou and Youngs (2014).
#[derive(Debug)]
struct ChiouYoungs2014 {
    info: &'static ModelInfo,
    region: Region,
    /// Whether the standard deviation is 0.65.
    peer: bool,
    /// Whether there is a hanging-wall term.
    hanging_wall: bool,
    /// Factor of the term of normal faulting.
    normal: f64,
    basins: Basins,
    /// Whether there is a correction of long periods.
    long_periods: bool,
    stress: Option<StressChange>,
    path: Option<PathChange>,
}

/// What is made of basin terms; nothing of those of Japan (engine behaviour).
#[derive(Clone, Copy, Debug)]
struct Basins {
    scaling: BasinScaling,
    cybershake: Cybershake,
}

impl ChiouYoungs2014 {
    fn row(&self, imt: &Imt) -> Row {
        let mut c = COEFFS.at(imt);
        if let Some(stress) = &self.stress {
            let bend = stress.of_imt(imt);
            (c.cm, c.c1) = (c.cm + bend, c.c1 - (C2 - c.c3) * bend);
        }
        let is_long = self.long_periods && imt.kind() == ImtKind::Sa;
        let row = Row::new(imt, c, self.region, self.peer);
        let (basin, scaling) = match self.region {
            Region::Japan => (row.basin, 1.0),
            _ if self.basins.cybershake.is_for(imt) => {
                let simulated = SIMULATED.at(imt);
                ([simulated.phi5, simulated.phi6, Cybershake::ADDED], self.basins.scaling.of_imt(imt))
            }
            _ => (row.basin, self.basins.scaling.of_imt(imt)),
        };
        Row {
            path: self.path.as_ref().map_or([0.0; 4], |path| path.of_imt(imt)),
            basin,
            scaling,
            ln_period: imt.period().filter(|_| is_long).map_or(f64::NEG_INFINITY, scalar::ln),
            ..row
        }
    }

    fn site(&self, vs30: f64, measured: f64, z1pt0: f64) -> Site {
        let z1 = if z1pt0 == NO_DEPTH { scalar::exp(ln_mean_z1(self.region, vs30)) } else { z1pt0 };
        let scaling = if self.region == Region::Japan { 1.0 } else { self.basins.scaling.of_z1pt0(z1) };
        Site { scaling, ..Site::new(self.region, vs30, measured, z1pt0) }
    }
}

impl Gsim for ChiouYoungs2014 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        self.basins.cybershake.check(&SIMULATED, self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, dip, ztor] = ctx.columns([Param::Mag, Param::Rake, Param::Dip, Param::Ztor]);
        let [rrup, rjb, rx] = ctx.columns([Param::Rrup, Param::Rjb, Param::Rx]);
        let [vs30, measured, z1pt0] = ctx.columns([Param::Vs30, Param::Vs30Measured, Param::Z1pt0]);
        let pga = self.row(&Imt::PGA);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let published = Rupture::new(mag[k], rake[k], dip[k], ztor[k], [rrup[k], rjb[k], rx[k]]);
            let rupture = Rupture {
                normal: published.normal * self.normal,
                hanging: if self.hanging_wall { published.hanging } else { 0.0 },
                ..published
            };
            Terms::new(&pga, rupture, self.site(vs30[k], measured[k], z1pt0[k]))
        });
    }
}

/// Equations 4 and 5: the mean depth of the top of a rupture, km.
pub(in crate::gsim) fn mean_ztor(mag: f64, reverse: bool) -> f64 {
    let root = if reverse { 2.704 - 1.226 * (mag - 5.849).max(0.0) } else { 2.673 - 1.136 * (mag - 4.970).max(0.0) };
    powi(root.max(0.0), 2)
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy, Debug)]
struct Row {
    c: Coeffs,
    /// The factors of the attenuation of distant motion, for all magnitudes and for those from 6 to 6.9.
    attenuation: [f64; 2],
    /// phi1 of the region.
    phi1: f64,
    /// phi5 and phi6 of the region, and what is added to the term of these.
    basin: [f64; 3],
    /// exp(phi3 (1130 - 360)), of equation 12.
    exp_ref: f64,
    /// Whether the mean is at least that of `PGA` (page 1144).
    at_least_pga: bool,
    peer: bool,
    /// What is added to the anelastic attenuation, by the power of magnitude less 6.
    path: [f64; 4],
    /// The factor of the basin term.
    scaling: f64,
    /// The logarithm of the period, of those that a correction of long periods is for.
    ln_period: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs, region: Region, peer: bool) -> Row {
        let attenuation = match region {
            Region::California => [1.0, 1.0],
            Region::Japan | Region::Italy => [1.0, c.gjpit],
            Region::Wenchuan => [c.gwn, c.gwn],
        };
        let japan = region == Region::Japan;
        Row {
            c,
            attenuation,
            phi1: if japan { c.phi1jp } else { c.phi1 },
            basin: if japan { [c.phi5jp, 800.0, 0.0] } else { [c.phi5, 300.0, 0.0] },
            exp_ref: scalar::exp(c.phi3 * (SiteTerm::ROCK - 360.0)),
            at_least_pga: imt.kind() == ImtKind::Sa && imt.period().is_some_and(|period| period <= 0.3),
            peer,
            path: [0.0; 4],
            scaling: 1.0,
            ln_period: f64::NEG_INFINITY,
        }
    }
}

/// What the model needs of a rupture and its distances.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct Rupture {
    mag: f64,
    rrup: f64,
    /// 1 for reverse faulting, else 0.
    reverse: f64,
    /// 1 or the factor of the model for normal faulting, else 0.
    normal: f64,
    /// Ztor less its mean.
    depth: f64,
    /// 1 / cosh(2 max(M - 4.5, 0))
    small: f64,
    /// cos^2(dip)
    cos2_dip: f64,
    /// ln(sqrt(Rrup^2 + crb^2))
    ln_far: f64,
    /// 1 for magnitudes between 6 and 6.9, else 0.
    middle: f64,
    rx: f64,
    /// cos(dip) (1 - sqrt(Rjb^2 + Ztor^2) / (Rrup + 1)) on the hanging wall, else 0.
    hanging: f64,
}

impl Rupture {
    /// The distances are those to the rupture, to its surface projection, and Rx.
    pub(in crate::gsim) fn new(mag: f64, rake: f64, dip: f64, ztor: f64, [rrup, rjb, rx]: [f64; 3]) -> Rupture {
        let reverse = (30.0..=150.0).contains(&rake);
        let hanging = 1.0 - (rjb * rjb + ztor * ztor).sqrt() / (rrup + 1.0);
        let cos_dip = cos(dip.to_radians());
        Rupture {
            mag,
            rrup,
            reverse: f64::from(reverse),
            normal: f64::from((-120.0..=-60.0).contains(&rake)),
            depth: ztor - mean_ztor(mag, reverse),
            small: sech(2.0 * (mag - 4.5).max(0.0)),
            cos2_dip: cos_dip * cos_dip,
            ln_far: 0.5 * scalar::ln(rrup * rrup + CRB * CRB),
            middle: f64::from(mag > 6.0 && mag < 6.9),
            rx,
            hanging: if rx >= 0.0 { cos_dip * hanging } else { 0.0 },
        }
    }
}

/// The model as one of New Zealand takes it: for California, with other coefficients of depth and attenuation.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct Backbone(Row);

impl Backbone {
    /// Whether the model has an intensity measure; the error says that `info` has not.
    pub(in crate::gsim) fn check(info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(info, imt)
    }

    /// Of an intensity measure that the model defines; what is added to c7, c7b and cg1.
    pub(in crate::gsim) fn new(imt: &Imt, [c7, c7b, cg1]: [f64; 3]) -> Backbone {
        let c = COEFFS.at(imt);
        let c = Coeffs { c7: c.c7 + c7, c7b: c.c7b + c7b, cg1: c.cg1 + cg1, ..c };
        Backbone(Row::new(imt, c, Region::California, false))
    }

    /// The ln-mean, where `shift` is added to that on the reference rock, and NL0 of equation 13.
    #[inline(always)]
    pub(in crate::gsim) fn estimate(&self, rupture: &Rupture, site: &Site, shift: f64) -> [f64; 2] {
        let row = &self.0;
        let ln_y_ref = ln_y_ref(row, rupture) + shift;
        let y_ref = exp(ln_y_ref);
        let b = nonlinear_b(row, site);
        [ln_y(row, site, b, ln_y_ref, y_ref), b * y_ref / (y_ref + row.c.phi4)]
    }

    /// The ln-mean on the reference rock.
    #[inline(always)]
    pub(in crate::gsim) fn ln_rock(&self, rupture: &Rupture) -> f64 {
        ln_y_ref(&self.0, rupture)
    }

    /// A site of California.
    pub(in crate::gsim) fn site(vs30: f64, z1pt0: f64) -> Site {
        Site::new(Region::California, vs30, 0.0, z1pt0)
    }
}

/// What the model needs of a site.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct Site {
    /// min(VS30, 1130)
    vs30: f64,
    /// ln(VS30 / 1130), at most 0.
    ln_vs30: f64,
    /// 1 if VS30 was measured, else 0.
    measured: f64,
    /// Z1.0 less its mean, m.
    dz1: f64,
    /// The factor of the basin term.
    scaling: f64,
}

/// Equation 1: the logarithm of the mean Z1.0 of sites with a `vs30`, m.
fn ln_mean_z1(region: Region, vs30: f64) -> f64 {
    if region == Region::Japan {
        let c = powi(412.39, 2);
        -5.23 / 2.0 * scalar::ln((powi(vs30, 2) + c) / (powi(1360.0, 2) + c))
    } else {
        let c = powi(570.94, 4);
        -7.15 / 4.0 * scalar::ln((powi(vs30, 4) + c) / (powi(1360.0, 4) + c))
    }
}

impl Site {
    fn new(region: Region, vs30: f64, measured: f64, z1pt0: f64) -> Site {
        let ln_mean = ln_mean_z1(region, vs30);
        let vs30 = vs30.min(SiteTerm::ROCK);
        Site {
            vs30,
            ln_vs30: scalar::ln(vs30 / SiteTerm::ROCK),
            measured: f64::from(measured != 0.0),
            dz1: if z1pt0 > 0.0 { z1pt0 - scalar::exp(ln_mean) } else { 0.0 },
            scaling: 1.0,
        }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    site: Site,
    /// The ln-mean of `PGA`.
    ln_pga: f64,
}

impl Terms {
    fn new(pga: &Row, rupture: Rupture, site: Site) -> Terms {
        let ln_y_ref = ln_y_ref(pga, &rupture);
        let ln_pga = ln_y(pga, &site, nonlinear_b(pga, &site), ln_y_ref, scalar::exp(ln_y_ref));
        Terms { rupture, site, ln_pga }
    }
}

/// Equations 11 to 13.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let ln_y_ref = ln_y_ref(self, &t.rupture);
        let y_ref = exp(ln_y_ref);
        let b = nonlinear_b(self, &t.site);
        let mean = ln_y(self, &t.site, b, ln_y_ref, y_ref);
        let mean = if self.at_least_pga { mean.max(t.ln_pga) } else { mean };
        if self.peer {
            return Estimate::total(mean, 0.65);
        }
        let nonlinear = 1.0 + b * y_ref / (y_ref + self.c.phi4);
        let (tau, phi) = ((nonlinear * tau(&self.c, t)).abs(), phi(&self.c, t, nonlinear));
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Equation 11.
#[inline(always)]
fn ln_y_ref(row: &Row, r: &Rupture) -> f64 {
    let c = &row.c;
    c.c1 + source(c, r)
        + magnitude(c, r)
        + near_source(c, r)
        + (C4A - C4) * r.ln_far
        + anelastic(row, r)
        + hanging_wall(c, r)
        + long_period(row, r)
}

/// Boore et al. (2022), equations 2 and 3: the correction of periods above 2 s, or less for great magnitudes.
#[inline(always)]
fn long_period(row: &Row, r: &Rupture) -> f64 {
    if row.ln_period == f64::NEG_INFINITY {
        return 0.0;
    }
    let great = (r.mag - 7.0).max(0.0);
    let beyond = (row.ln_period - ln(2.0 - great)).max(0.0);
    let [s1, s2, s3] = [0.2704 - 0.0694 * great, -0.1342 + 0.0716 * great, 0.2513 - 0.0419 * great];
    (s1 + s2 * sech(s3 * r.rrup.min(100.0))) * beyond * beyond
}

/// Equation 11, lines 1 to 5: style of faulting, depth and dip.
#[inline(always)]
fn source(c: &Coeffs, r: &Rupture) -> f64 {
    (c.c1a + c.c1c * r.small) * r.reverse
        + (c.c1b + c.c1d * r.small) * r.normal
        + (c.c7 + c.c7b * r.small) * r.depth
        + (C11 + c.c11b * r.small) * r.cos2_dip
}

/// Equation 11, line 6.
#[inline(always)]
fn magnitude(c: &Coeffs, r: &Rupture) -> f64 {
    C2 * (r.mag - 6.0) + (C2 - c.c3) / c.cn * ln(1.0 + exp(c.cn * (c.cm - r.mag)))
}

/// Equation 11, line 7.
#[inline(always)]
fn near_source(c: &Coeffs, r: &Rupture) -> f64 {
    C4 * ln(r.rrup + c.c5 * cosh(c.c6 * (r.mag - c.chm).max(0.0)))
}

/// Equation 11, line 9, and table 4. In Wenchuan the geometric spreading is no part of what is scaled.
#[inline(always)]
fn anelastic(row: &Row, r: &Rupture) -> f64 {
    let c = &row.c;
    let [always, middle] = row.attenuation;
    let factor = always + (middle - always) * r.middle;
    let [p0, p1, p2, p3] = row.path;
    let m = r.mag - 6.0;
    let added = p0 + m * (p1 + m * (p2 + m * p3));
    (c.cg1 + c.cg2 * sech((r.mag - c.cg3).max(0.0)) + added) * r.rrup * factor
}

/// Equation 11, last line.
#[inline(always)]
fn hanging_wall(c: &Coeffs, r: &Rupture) -> f64 {
    c.c9 * r.hanging * (c.c9a + (1.0 - c.c9a) * tanh(r.rx / c.c9b))
}

/// Equation 12, line 1.
#[inline(always)]
fn linear(row: &Row, site: &Site) -> f64 {
    row.phi1 * site.ln_vs30
}

/// Equation 12, line 2: what multiplies the logarithm.
#[inline(always)]
fn nonlinear_b(row: &Row, site: &Site) -> f64 {
    row.c.phi2 * (exp(row.c.phi3 * (site.vs30 - 360.0)) - row.exp_ref)
}

/// Equation 12, line 2: the logarithm.
#[inline(always)]
fn pga_dependence(c: &Coeffs, y_ref: f64) -> f64 {
    ln((y_ref + c.phi4) / c.phi4)
}

/// Equation 12.
#[inline(always)]
fn ln_y(row: &Row, site: &Site, b: f64, ln_y_ref: f64, y_ref: f64) -> f64 {
    let [phi5, phi6, added] = row.basin;
    let basin = (phi5 * (1.0 - exp(-site.dz1 / phi6)) + added) * row.scaling * site.scaling;
    ln_y_ref + linear(row, site) + b * pga_dependence(&row.c, y_ref) + basin
}

/// Magnitude between 5 and 6.5, from 0 to 1, of equation 13.
#[inline(always)]
fn magnitude_ramp(t: &Terms) -> f64 {
    (t.rupture.mag.clamp(5.0, 6.5) - 5.0) / 1.5
}

/// Equation 13, line 2.
#[inline(always)]
fn tau(c: &Coeffs, t: &Terms) -> f64 {
    c.tau1 + (c.tau2 - c.tau1) * magnitude_ramp(t)
}

/// Equation 13, line 3, where `nonlinear` is 1 + NL0.
#[inline(always)]
fn phi(c: &Coeffs, t: &Terms, nonlinear: f64) -> f64 {
    let site = c.sig3 * (1.0 - t.site.measured) + 0.7 * t.site.measured;
    (c.sig1 + (c.sig2 - c.sig1) * magnitude_ramp(t)) * (site + nonlinear * nonlinear).sqrt()
}
