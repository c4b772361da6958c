//! Abrahamson, Silva and Kamai (2014), an NGA-West2 model, for four regions.
//!
//! Abrahamson N.A., Silva W.J., Kamai R., 2014. Summary of the ASK14 ground motion relation for active crustal regions.
//! Earthquake Spectra 30(3), 1025-1055, doi:10.1193/070913EQS198M.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`; `z1pt0` in m, a negative one is taken as its mean.
//! - Valid for magnitude 3 to 8.5, rupture distances up to 300 km, `vs30` of 180 to 1,000 m/s, active shallow crust.
//!
//! The region is California, or China, Japan or Taiwan as the names say. As in the engine, every earthquake is a main
//! shock. Arguments: `region` (`CHN`, `JPN` or `TWN`), `usgs_basin_scaling`, `cybershake_basin_adj` (basins
//! of southern California from simulations, above 1.9 s) and `sigma_mu_epsilon`.

use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::powi;
use crate::elementary::scalar::{self, cos, tan};
use crate::gsim::arguments::Arguments;
use crate::gsim::basin_scaling::{BasinScaling, Cybershake};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::nga_west2::with_epsilon;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for California.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "AbrahamsonEtAl2014",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[
        Param::Mag,
        Param::Rake,
        Param::Dip,
        Param::Width,
        Param::Ztor,
        Param::Rrup,
        Param::Rx,
        Param::Ry0,
        Param::Vs30,
        Param::Vs30Measured,
        Param::Z1pt0,
    ],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Abrahamson et al. (2014), Summary of the ASK14 ground motion relation for active crustal regions, \
                Earthquake Spectra 30(3), 1025-1055",
    doi: Some("10.1193/070913EQS198M"),
    validity: Validity::NOT_STATED.magnitude(3.0, 8.5).distance(Param::Rrup, 0.0, 300.0).vs30(180.0, 1000.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: BASE,
        make: |info, arguments| {
            let regions =
                [("CAL", Region::California), ("CHN", Region::China), ("JPN", Region::Japan), ("TWN", Region::Taiwan)];
            let region = arguments.choice("region", regions)?;
            make(info, arguments, region)
        },
    },
    Model {
        info: ModelInfo { name: "AbrahamsonEtAl2014RegCHN", ..BASE },
        make: |info, arguments| make(info, arguments, Region::China),
    },
    Model {
        info: ModelInfo { name: "AbrahamsonEtAl2014RegJPN", ..BASE },
        make: |info, arguments| make(info, arguments, Region::Japan),
    },
    Model {
        info: ModelInfo { name: "AbrahamsonEtAl2014RegTWN", ..BASE },
        make: |info, arguments| make(info, arguments, Region::Taiwan),
    },
];

fn make(info: &'static ModelInfo, arguments: &mut Arguments, region: Region) -> Made {
    let (scaling, cybershake) = (BasinScaling::read(arguments)?, Cybershake::read(arguments)?);
    with_epsilon(arguments, info, AbrahamsonEtAl2014 { info, region, scaling, cybershake })
}

coefficients! {
    /// Table 4 and the tables of regions and of standard deviations, but for coefficients that are 0.
    struct Coeffs {
        m1, vlin, b, c, c4, a1, a2, a3, a4, a5, a6, a7, a8, a10, a11, a12, a13, a15, a17, a43, a44, a45, a46, a25, a28,
        a29, a31, a36, a37, a38, a39, a40, a41, a42, s1e, s2e, s3, s4, s1m, s2m, s5, s6,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AbrahamsonEtAl2014.csv");

coefficients! {
    /// Of the basin term, from simulations.
    struct Simulated { a44, a45 }
}

static SIMULATED: LazyLock<Table<Simulated>> = table!("AbrahamsonEtAl2014_cybershake.csv");

#[derive(Clone, Copy, Debug, PartialEq)]
enum Region {
    California,
    China,
    Japan,
    Taiwan,
}

/// Abrahamson et al. (2014).
#[derive(Debug)]
struct AbrahamsonEtAl2014 {
    info: &'static ModelInfo,
    region: Region,
    scaling: BasinScaling,
    cybershake: Cybershake,
}

impl AbrahamsonEtAl2014 {
    fn row(&self, imt: &Imt) -> Row {
        let row = Row { scaling: self.scaling.of_imt(imt), ..Row::new(imt, self.region) };
        if !self.cybershake.is_for(imt) {
            return row;
        }
        let simulated = SIMULATED.at(imt);
        let c = Coeffs { a44: simulated.a44, a45: simulated.a45, ..row.c };
        // rock has it too, but where its basin, which is none, is scaled (engine behaviour)
        let of_rock = if self.scaling.scales() { 0.0 } else { Cybershake::ADDED };
        Row { c, rock_site: row.rock_site + of_rock, added: Cybershake::ADDED, ..row }
    }
}

impl Gsim for AbrahamsonEtAl2014 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        self.cybershake.check(&SIMULATED, self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, dip, width] = ctx.columns([Param::Mag, Param::Rake, Param::Dip, Param::Width]);
        let [ztor, rrup, rx, ry0] = ctx.columns([Param::Ztor, Param::Rrup, Param::Rx, Param::Ry0]);
        let [vs30, measured, z1pt0] = ctx.columns([Param::Vs30, Param::Vs30Measured, Param::Z1pt0]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            rrup: rrup[k],
            faulting: (mag[k] - 4.0).clamp(0.0, 1.0),
            reverse: f64::from(rake[k] > 30.0 && rake[k] < 150.0),
            normal: f64::from(rake[k] > -150.0 && rake[k] < -30.0),
            hanging: hanging_wall(mag[k], dip[k], width[k], ztor[k], [rx[k], ry0[k]], 3.0),
            depth: (ztor[k] / 20.0).min(1.0),
            vs30: vs30[k],
            measured: f64::from(measured[k] != 0.0),
            ln_z1: ln_z1_over_mean(self.region, vs30[k], z1pt0[k]),
            scaling: self.scaling.of_z1pt0(z1pt0[k]),
            basin: [[150.0, 250.0], [250.0, 400.0], [400.0, 700.0]].map(|bounds| ramp(vs30[k], bounds)),
        });
    }
}

/// From 0 at the first to 1 at the second bound, constant beyond.
#[inline(always)]
fn ramp(x: f64, [from, to]: [f64; 2]) -> f64 {
    ((x - from) / (to - from)).clamp(0.0, 1.0)
}

/// The hanging wall but for its coefficient a13, and the tapers 1 to 5 (equations 11 to 15). It reaches `far` times as far
/// as the rupture.
pub(in crate::gsim) fn hanging_wall(mag: f64, dip: f64, width: f64, ztor: f64, [rx, ry0]: [f64; 2], far: f64) -> f64 {
    const A2: f64 = 0.2;
    if rx <= 0.0 || dip == 90.0 || mag <= 5.5 || ztor > 10.0 {
        return 0.0;
    }
    let of_dip = ((90.0 - dip) / 45.0).min(60.0 / 45.0);
    let above = mag - 6.5;
    let of_mag = 1.0 + A2 * above - (1.0 - A2) * powi(above.min(0.0), 2);
    let r1 = width * cos(dip.to_radians());
    let x = rx / r1;
    let of_rx = if x < 1.0 { 0.25 + 1.5 * x - 0.75 * x * x } else { (1.0 - (x - 1.0) / (far - 1.0)).max(0.0) };
    let of_depth = 1.0 - ztor * ztor / 100.0;
    let off_end = ry0 - rx * tan(20f64.to_radians());
    of_dip * of_mag * of_rx * of_depth * (1.0 - off_end / 5.0).clamp(0.0, 1.0)
}

/// Equations 17 and 18: ln((Z1 + 0.01) / (mean Z1 + 0.01)), depths in km.
fn ln_z1_over_mean(region: Region, vs30: f64, z1pt0: f64) -> f64 {
    let ln_mean = if region == Region::Japan {
        -5.23 / 2.0 * scalar::ln((powi(vs30, 2) + powi(412.0, 2)) / (powi(1360.0, 2) + powi(412.0, 2)))
    } else {
        -7.67 / 4.0 * scalar::ln((powi(vs30, 4) + powi(610.0, 4)) / (powi(1360.0, 4) + powi(610.0, 4)))
    };
    let mean = scalar::exp(ln_mean) / 1000.0;
    if z1pt0 < 0.0 { 0.0 } else { scalar::ln((z1pt0 / 1000.0 + 0.01) / (mean + 0.01)) }
}

/// Equation 9: the ground above which there is no more site effect, m/s, given how it falls with the period.
pub(in crate::gsim) fn hardest(imt: &Imt, slope: f64) -> f64 {
    match imt.period().filter(|_| imt.kind() == ImtKind::Sa) {
        Some(period) if period >= 3.0 => 800.0,
        Some(period) if period > 0.5 => scalar::exp(slope * scalar::ln(period / 0.5) + ln(1500.0)),
        _ => 1500.0,
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// Equation 9: above this there is no more site effect, m/s.
    v1: f64,
    /// The site term of rock of 1,180 m/s, with that of the region.
    rock_site: f64,
    /// Of distance: the anelastic attenuation with that of the region.
    anelastic: f64,
    /// a31 of Taiwan, else 0.
    taiwan: f64,
    /// The site term of Japan at the `vs30` of [`JAPAN_VS30`]; else 0.
    japan: Option<[f64; 7]>,
    /// The factor of the basin term.
    scaling: f64,
    /// What is added to the basin term.
    added: f64,
}

/// Where the site term of Japan has its values (page 1043).
const JAPAN_VS30: [f64; 7] = [150.0, 250.0, 350.0, 450.0, 600.0, 850.0, 1150.0];

const ROCK: f64 = 1180.0;
const N: f64 = 1.5;

impl Row {
    fn new(imt: &Imt, region: Region) -> Row {
        let c = COEFFS.at(imt);
        let v1 = hardest(imt, -0.35);
        let japan = (region == Region::Japan).then_some([c.a36, c.a37, c.a38, c.a39, c.a40, c.a41, c.a42]);
        let taiwan = if region == Region::Taiwan { c.a31 } else { 0.0 };
        let ln_rock = scalar::ln(ROCK.min(v1) / c.vlin);
        let regional = match region {
            Region::California => 0.0,
            Region::China => c.a28,
            Region::Japan => c.a29,
            Region::Taiwan => c.a25,
        };
        let of_japan = japan.map_or(0.0, |values| japan_site(&values, ROCK));
        Row {
            c,
            v1,
            rock_site: (c.a10 + c.b * N + taiwan) * ln_rock + of_japan,
            anelastic: c.a17 + regional,
            taiwan,
            japan,
            scaling: 1.0,
            added: 0.0,
        }
    }
}

/// The factor of ln(vs30) on ground that does not yield, and the greatest ln(vs30) that counts, for other models.
pub(in crate::gsim) fn slope_and_cap(imt: &Imt) -> (f64, f64) {
    let row = Row::new(imt, Region::California);
    (row.c.a10 + row.c.b * N, scalar::ln(row.v1))
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// Of equations 5 and 6, from 0 to 1.
    faulting: f64,
    /// 1 for reverse faulting, else 0.
    reverse: f64,
    /// 1 for normal faulting, else 0.
    normal: f64,
    /// Of equation 10, but for a13.
    hanging: f64,
    /// min(Ztor / 20, 1)
    depth: f64,
    vs30: f64,
    /// 1 if VS30 was measured, else 0.
    measured: f64,
    /// Of equation 17.
    ln_z1: f64,
    /// The factor of the basin term of the site.
    scaling: f64,
    /// How far VS30 has gone from each value of the basin's coefficient to the next.
    basin: [f64; 3],
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let ln_reference = basic(self, t) + faulting(c, t) + c.a13 * t.hanging + c.a15 * t.depth;
        let sa1180 = exp(ln_reference + self.rock_site);
        let mean = ln_reference + site(self, t, sa1180) + self.scaling * t.scaling * (basin(c, t) + self.added);
        let amplification = 1.0 + derivative(c, t, sa1180);
        let (tau, phi) = (tau(c, t) * amplification, phi(self, t, amplification));
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Equations 2 to 4, with the anelastic attenuation of the region.
#[inline(always)]
fn basic(row: &Row, t: &Terms) -> f64 {
    const M2: f64 = 5.0;
    let c = &row.c;
    let depth = (c.c4 - (c.c4 - 1.0) * (5.0 - t.mag)).clamp(1.0, c.c4);
    let ln_r = 0.5 * ln(t.rrup * t.rrup + depth * depth);
    let (mag, below) = (t.mag.max(M2), (t.mag - M2).min(0.0));
    let slope = if mag >= c.m1 { c.a5 } else { c.a4 };
    let source = c.a1 + slope * (mag - c.m1) + c.a8 * (8.5 - mag) * (8.5 - mag) + (c.a6 + c.a7 * below) * below;
    source + (c.a2 + c.a3 * (mag - c.m1)) * ln_r + row.anelastic * t.rrup
}

/// Equations 5 and 6.
#[inline(always)]
fn faulting(c: &Coeffs, t: &Terms) -> f64 {
    (c.a11 * t.reverse + c.a12 * t.normal) * t.faulting
}

/// Equation 7, with the site term of the region.
#[inline(always)]
fn site(row: &Row, t: &Terms, sa1180: f64) -> f64 {
    let c = &row.c;
    let ratio = t.vs30.min(row.v1) / c.vlin;
    let ln_ratio = ln(ratio);
    let stiff = c.b * N * ln_ratio;
    let soft = c.b * (ln(sa1180 + c.c * ratio * ratio.sqrt()) - ln(sa1180 + c.c));
    let nonlinear = if t.vs30 >= c.vlin { stiff } else { soft };
    let japan = match &row.japan {
        Some(values) => japan_site(values, t.vs30),
        None => 0.0,
    };
    (c.a10 + row.taiwan) * ln_ratio + nonlinear + japan
}

/// The site term of Japan: between its values linear, below them on as between the first two.
#[inline(always)]
fn japan_site(values: &[f64; 7], vs30: f64) -> f64 {
    let v = &JAPAN_VS30;
    let first = ((vs30 - v[0]) / (v[1] - v[0])).min(1.0);
    let mut found = values[0] + (values[1] - values[0]) * first;
    for i in 1..6 {
        found += (values[i + 1] - values[i]) * ramp(vs30, [v[i], v[i + 1]]);
    }
    found
}

/// Equation 17.
#[inline(always)]
fn basin(c: &Coeffs, t: &Terms) -> f64 {
    let [a, b, d] = t.basin;
    (c.a43 + (c.a44 - c.a43) * a + (c.a45 - c.a44) * b + (c.a46 - c.a45) * d) * t.ln_z1
}

/// Equation 30: the derivative of ln-amplification by that of motion on rock.
#[inline(always)]
fn derivative(c: &Coeffs, t: &Terms, sa1180: f64) -> f64 {
    let ratio = t.vs30 / c.vlin;
    let soft = c.b * sa1180 * (1.0 / (sa1180 + c.c * ratio * ratio.sqrt()) - 1.0 / (sa1180 + c.c));
    if t.vs30 < c.vlin { soft } else { 0.0 }
}

/// Equation 25, on rock.
#[inline(always)]
fn tau(c: &Coeffs, t: &Terms) -> f64 {
    c.s3 + (c.s4 - c.s3) * 0.5 * (t.mag.clamp(5.0, 7.0) - 5.0)
}

/// Equations 24 (26 in Japan), 27 and 28.
#[inline(always)]
fn phi(row: &Row, t: &Terms, amplification: f64) -> f64 {
    const OF_AMPLIFICATION: f64 = 0.4;
    let c = &row.c;
    let (s1, s2) = (c.s1e + (c.s1m - c.s1e) * t.measured, c.s2e + (c.s2m - c.s2e) * t.measured);
    let elsewhere = s1 + (s2 - s1) * 0.5 * (t.mag.clamp(4.0, 6.0) - 4.0);
    let phi = match row.japan {
        Some(_) => c.s5 + (c.s6 - c.s5) * ramp(t.rrup, [30.0, 80.0]),
        None => elsewhere,
    };
    // the authors have it so where the whole is less than this part of it
    let of_site = if phi < OF_AMPLIFICATION { 0.99 * phi } else { OF_AMPLIFICATION };
    let of_site = of_site * of_site;
    ((phi * phi - of_site) * amplification * amplification + of_site).sqrt()
}
