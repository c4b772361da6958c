//! Abrahamson and Gulerce (2020), for the interface and the slab of subduction zones, worldwide and in seven regions,
//! with the changes made for New Zealand's hazard model of 2022.
//!
//! Abrahamson N., Gulerce Z., 2020. Regionalized ground-motion models for subduction earthquakes based on the NGA-SUB
//! database. Pacific Earthquake Engineering Research Center, Report 2020/25. The equations are numbered as there, with
//! the report's erratum.
//!
//! - Component: RotD50. Units: g.
//! - `z2pt5`, km, is needed in Cascadia and in Japan alone, `ztor` in the slab.
//!
//! Arguments: `region`, of a name that says none; `ergodic`; `apply_usa_adjustment`, the authors' adjustment of Alaska
//! and Cascadia; `usgs_basin_scaling`, in Cascadia; `ak23_bias_adj`, of the hazard model of the United States for Alaska of 2023, at
//! the interface worldwide; `sigma_mu_epsilon`, how many standard deviations of the median are added.
//!
//! The models `NZNSHM2022` add a term behind the volcanic arc for the slab. They have no region Cascadia: the engine
//! cannot compute it. Where sites vary less (`ergodic = false`) the engine subtracts from the variance of `PGA` the
//! site term of the intensity measure itself, but for Central America, Japan and South America; so does this.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::arguments::Arguments;
use crate::gsim::basin_scaling::BasinScaling;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::soil::{Soil, softened};
use crate::gsim::subduction::alaska_bias::with_bias;
use crate::gsim::subduction::nga_sub::{self, Edition, Region};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "AbrahamsonGulerce2020SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Abrahamson and Gulerce (2020), Regionalized ground-motion models for subduction earthquakes based on the \
                NGA-SUB database, PEER Report 2020/25",
    doi: None,
    validity: Validity::NOT_STATED,
};

/// The parameters of regions with a basin term.
const INTERFACE_BASIN: &[Param] = &[Param::Mag, Param::Rrup, Param::Vs30, Param::Z2pt5];
const SLAB: &[Param] = &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30];
const SLAB_BASIN: &[Param] = &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30, Param::Z2pt5];
const SLAB_BACKARC: &[Param] = &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30, Param::Backarc];
const SLAB_BASIN_BACKARC: &[Param] = &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30, Param::Z2pt5, Param::Backarc];

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "AbrahamsonGulerce2020SInter": interface(INTERFACE.params) => make(Edition::Published, None),
    "AbrahamsonGulerce2020SInterAlaska": interface(INTERFACE.params) => make(Edition::Published, Some(Region::Alaska)),
    "AbrahamsonGulerce2020SInterCascadia": interface(INTERFACE_BASIN) =>
        make(Edition::Published, Some(Region::Cascadia)),
    "AbrahamsonGulerce2020SInterCentralAmericaMexico": interface(INTERFACE.params) =>
        make(Edition::Published, Some(Region::CentralAmerica)),
    "AbrahamsonGulerce2020SInterJapan": interface(INTERFACE_BASIN) => make(Edition::Published, Some(Region::Japan)),
    "AbrahamsonGulerce2020SInterNewZealand": interface(INTERFACE.params) =>
        make(Edition::Published, Some(Region::NewZealand)),
    "AbrahamsonGulerce2020SInterSouthAmerica": interface(INTERFACE.params) =>
        make(Edition::Published, Some(Region::SouthAmerica)),
    "AbrahamsonGulerce2020SInterTaiwan": interface(INTERFACE.params) => make(Edition::Published, Some(Region::Taiwan)),
    "AbrahamsonGulerce2020SSlab": slab(SLAB) => make(Edition::Published, None),
    "AbrahamsonGulerce2020SSlabAlaska": slab(SLAB) => make(Edition::Published, Some(Region::Alaska)),
    "AbrahamsonGulerce2020SSlabCascadia": slab(SLAB_BASIN) => make(Edition::Published, Some(Region::Cascadia)),
    "AbrahamsonGulerce2020SSlabCentralAmericaMexico": slab(SLAB) =>
        make(Edition::Published, Some(Region::CentralAmerica)),
    "AbrahamsonGulerce2020SSlabJapan": slab(SLAB_BASIN) => make(Edition::Published, Some(Region::Japan)),
    "AbrahamsonGulerce2020SSlabNewZealand": slab(SLAB) => make(Edition::Published, Some(Region::NewZealand)),
    "AbrahamsonGulerce2020SSlabSouthAmerica": slab(SLAB) => make(Edition::Published, Some(Region::SouthAmerica)),
    "AbrahamsonGulerce2020SSlabTaiwan": slab(SLAB) => make(Edition::Published, Some(Region::Taiwan)),
    "NZNSHM2022_AbrahamsonGulerce2020SInter": interface(INTERFACE.params) => make(Edition::NewZealand, None),
    "NZNSHM2022_AbrahamsonGulerce2020SInterAlaska": interface(INTERFACE.params) =>
        make(Edition::NewZealand, Some(Region::Alaska)),
    "NZNSHM2022_AbrahamsonGulerce2020SInterCascadia": interface(INTERFACE_BASIN) =>
        make(Edition::NewZealand, Some(Region::Cascadia)),
    "NZNSHM2022_AbrahamsonGulerce2020SInterCentralAmericaMexico": interface(INTERFACE.params) =>
        make(Edition::NewZealand, Some(Region::CentralAmerica)),
    "NZNSHM2022_AbrahamsonGulerce2020SInterJapan": interface(INTERFACE_BASIN) =>
        make(Edition::NewZealand, Some(Region::Japan)),
    "NZNSHM2022_AbrahamsonGulerce2020SInterNewZealand": interface(INTERFACE.params) =>
        make(Edition::NewZealand, Some(Region::NewZealand)),
    "NZNSHM2022_AbrahamsonGulerce2020SInterSouthAmerica": interface(INTERFACE.params) =>
        make(Edition::NewZealand, Some(Region::SouthAmerica)),
    "NZNSHM2022_AbrahamsonGulerce2020SInterTaiwan": interface(INTERFACE.params) =>
        make(Edition::NewZealand, Some(Region::Taiwan)),
    "NZNSHM2022_AbrahamsonGulerce2020SSlab": slab(SLAB_BACKARC) => make(Edition::NewZealand, None),
    "NZNSHM2022_AbrahamsonGulerce2020SSlabAlaska": slab(SLAB_BACKARC) =>
        make(Edition::NewZealand, Some(Region::Alaska)),
    "NZNSHM2022_AbrahamsonGulerce2020SSlabCascadia": slab(SLAB_BASIN_BACKARC) =>
        make(Edition::NewZealand, Some(Region::Cascadia)),
    "NZNSHM2022_AbrahamsonGulerce2020SSlabCentralAmericaMexico": slab(SLAB_BACKARC) =>
        make(Edition::NewZealand, Some(Region::CentralAmerica)),
    "NZNSHM2022_AbrahamsonGulerce2020SSlabJapan": slab(SLAB_BASIN_BACKARC) =>
        make(Edition::NewZealand, Some(Region::Japan)),
    "NZNSHM2022_AbrahamsonGulerce2020SSlabNewZealand": slab(SLAB_BACKARC) =>
        make(Edition::NewZealand, Some(Region::NewZealand)),
    "NZNSHM2022_AbrahamsonGulerce2020SSlabSouthAmerica": slab(SLAB_BACKARC) =>
        make(Edition::NewZealand, Some(Region::SouthAmerica)),
    "NZNSHM2022_AbrahamsonGulerce2020SSlabTaiwan": slab(SLAB_BACKARC) =>
        make(Edition::NewZealand, Some(Region::Taiwan)),
};

const fn interface(params: &'static [Param]) -> ModelInfo {
    ModelInfo { params, ..INTERFACE }
}

const fn slab(params: &'static [Param]) -> ModelInfo {
    ModelInfo { params, trt: Trt::SubductionIntraslab, ..INTERFACE }
}

/// A model of a region, or of the one that the arguments say.
fn make(info: &'static ModelInfo, arguments: &mut Arguments, edition: Edition, region: Option<Region>) -> Made {
    let for_new_zealand = edition == Edition::NewZealand;
    let left_out: &[Region] = if for_new_zealand { &[Region::Seattle, Region::Cascadia] } else { &[Region::Seattle] };
    let region = region.map_or_else(|| Region::read(arguments, left_out), Ok)?;
    let ergodic = arguments.flag_or("ergodic", true)?;
    let adjusted = arguments.flag_or("apply_usa_adjustment", false)?;
    let epsilon = arguments.number_or("sigma_mu_epsilon", 0.0)?;
    let basin = if for_new_zealand {
        BasinScaling::NONE
    } else {
        nga_sub::basin_scaling(arguments, region == Region::Cascadia)?
    };
    let is_global_interface = region == Region::Global && info.trt == Trt::SubductionInterface;
    let model = AbrahamsonGulerce2020 { info, edition, region, ergodic, adjusted, basin, epsilon };
    if for_new_zealand { Ok(Arc::new(model)) } else { with_bias(arguments, info, is_global_interface, model) }
}

coefficients! {
    /// The electronic supplement's table.
    struct Coeffs {
        c1i, vlin, b, a1, a2, a6, a8, a10, a11, a12, a13, a14, a16, a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27,
        a28, a29, a30, a31, a32, a33, a34, a35, a36, a37, a39, a41, usa_ak_adj, cas_adj, d1, d2, rhow, rhob, phi_s2s_g1,
        phi_s2s_g2, phi_s2s_g3, e1, e2, e3,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("AbrahamsonGulerce2020.csv");

// Coefficients that are the same for all periods and regions; a5 is 0.
const C4: f64 = 10.0;
const A3: f64 = 0.1;
const A4: f64 = 0.73;
const A9: f64 = 0.4;
const A45: f64 = 0.34;
const TAU: f64 = 0.47;
const PHI_AMP: f64 = 0.3;

/// `PGA` on rock is for this `vs30`, m/s; harder ground is taken as this.
const ROCK: f64 = 1000.0;

/// The correlation with `PGA` between and within events, for other models to take it; 1 for `PGV`.
pub(in crate::gsim) fn correlation(imt: &Imt) -> [f64; 2] {
    COEFFS.get(imt).map_or([1.0; 2], |c| [c.rhob, c.rhow])
}

/// What a region changes.
struct Regional {
    /// Where the magnitude scaling of the slab breaks.
    c1s: f64,
    a1: f64,
    /// What is added to a6 and a12.
    a6: f64,
    a12: f64,
    phi_s2s: f64,
}

fn regional(region: Region, adjusted: bool, c: &Coeffs) -> Regional {
    let adjusted = if adjusted { 1.0 } else { 0.0 };
    let (c1s, a1, a6, a12) = match region {
        Region::Alaska => (7.9, c.a31 + adjusted * c.usa_ak_adj, c.a24, c.a17),
        Region::Cascadia => (7.1, c.a32 + adjusted * c.cas_adj, c.a25, c.a18),
        Region::CentralAmerica => (7.4, c.a33, c.a26, c.a19),
        Region::Japan => (7.6, c.a34, c.a27, c.a20),
        Region::NewZealand => (8.0, c.a35, c.a28, c.a21),
        Region::SouthAmerica => (7.5, c.a36, c.a29, c.a22),
        Region::Taiwan => (7.7, c.a37, c.a30, c.a23),
        Region::Global | Region::Seattle => (7.5, c.a1, 0.0, 0.0),
    };
    let phi_s2s = match region {
        Region::CentralAmerica => c.phi_s2s_g2,
        Region::Japan | Region::SouthAmerica => c.phi_s2s_g3,
        _ => c.phi_s2s_g1,
    };
    Regional { c1s, a1, a6, a12, phi_s2s }
}

/// Abrahamson and Gulerce (2020).
#[derive(Debug)]
struct AbrahamsonGulerce2020 {
    info: &'static ModelInfo,
    edition: Edition,
    region: Region,
    ergodic: bool,
    /// Whether Alaska and Cascadia are adjusted.
    adjusted: bool,
    basin: BasinScaling,
    /// How many standard deviations of the median are added.
    epsilon: f64,
}

impl Gsim for AbrahamsonGulerce2020 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        let has_basin = matches!(self.region, Region::Cascadia | Region::Japan);
        match (self.is_slab(), has_basin, self.edition == Edition::NewZealand) {
            (false, false, _) => INTERFACE.params,
            (false, true, _) => INTERFACE_BASIN,
            (true, false, false) => SLAB,
            (true, true, false) => SLAB_BASIN,
            (true, false, true) => SLAB_BACKARC,
            (true, true, true) => SLAB_BASIN_BACKARC,
        }
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let [ztor, z2pt5, backarc] = [Param::Ztor, Param::Z2pt5, Param::Backarc].map(|param| ctx.column(param));
        let pga = self.row(&Imt::PGA);
        let rock = pga.soil.ln_amplification_of_rock(ROCK);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let depth = ztor.get(k).map_or(0.0, |&ztor| ztor - 50.0);
            let rupture = Rupture {
                mag: mag[k],
                rrup: rrup[k],
                ln_distance: ln(rrup[k] + C4 * exp(A9 * (mag[k] - 6.0))),
                depth: [depth.min(0.0), depth.clamp(0.0, 150.0)],
                backarc: backarc.get(k).map_or(0.0, |&side| f64::from(side != 0.0)),
                ln_backarc: nga_sub::ln_backarc(rrup[k]),
            };
            Terms {
                rupture,
                vs30: vs30[k].min(ROCK),
                pga1000: exp(ln_rock(&pga, &rupture) + rock),
                basin: z2pt5.get(k).map_or(0.0, |&z2pt5| self.basin_depth(z2pt5, vs30[k])),
                scatter: Scatter::new(rrup[k]),
            }
        });
    }
}

impl AbrahamsonGulerce2020 {
    fn is_slab(&self) -> bool {
        self.info.trt == Trt::SubductionIntraslab
    }

    fn row(&self, imt: &Imt) -> Row {
        let (c, pga) = (COEFFS.at(imt), COEFFS.at(&Imt::PGA));
        let r = regional(self.region, self.adjusted, &c);
        let a2 = c.a2 + if self.region == Region::Taiwan { c.a16 } else { 0.0 };
        let slab = if self.is_slab() { 1.0 } else { 0.0 };
        let a4 = A4 + slab * A45;
        let basin = match self.region {
            Region::Japan => c.a41,
            Region::Cascadia => c.a39 * self.basin.of_imt(imt),
            _ => 0.0,
        };
        // The site term of the table's first column is that of the measure itself for `PGA` too: see the module.
        let by_pga = matches!(self.region, Region::CentralAmerica | Region::Japan | Region::SouthAmerica);
        let phi_s2s_pga = if by_pga { regional(self.region, false, &pga).phi_s2s } else { r.phi_s2s };
        let [removed, removed_pga] =
            if self.ergodic { [0.0; 2] } else { [r.phi_s2s, phi_s2s_pga].map(|phi| phi * phi) };
        Row {
            constant: r.a1 + slab * (c.a10 + a4 * (r.c1s - 7.5)),
            mag: [if self.is_slab() { r.c1s } else { c.c1i }, a4, c.a13],
            spreading: a2 + slab * c.a14,
            a6: c.a6 + r.a6,
            depth: [slab * c.a8, slab * c.a11],
            soil: Soil { linear: c.a12 + r.a12, b: c.b, vlin: c.vlin },
            basin,
            backarc: nga_sub::backarc(self.edition, self.info, imt),
            epistemic: [c.e1, c.e2, c.e3].map(|e| self.epsilon * e),
            phi: Phi::new(&c, self.region, imt, removed),
            phi_pga: Phi::new(&pga, self.region, &Imt::PGA, removed_pga),
            rho: [c.rhob, c.rhow],
        }
    }

    /// Equations 2.1, 2.2 and 3.9: what the coefficient of the basin term multiplies.
    fn basin_depth(&self, z2pt5: f64, vs30: f64) -> f64 {
        let ln_reference = match self.region {
            Region::Cascadia => (8.52 - 0.88 * scalar::ln(vs30 / 200.0)).clamp(7.6, 8.52),
            Region::Japan => (7.3 - 2.066 * scalar::ln(vs30 / 170.0)).clamp(4.1, 7.3),
            _ => return 0.0,
        };
        if z2pt5 == NO_DEPTH {
            return 0.0;
        }
        let ln_depth = scalar::ln((1000.0 * z2pt5 + 50.0) / (scalar::exp(ln_reference) + 50.0));
        match self.region {
            Region::Cascadia => ln_depth.max(0.0) * self.basin.of_depth(z2pt5),
            _ => ln_depth.max(-2.0),
        }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    /// a1, with the constants of equation 3.5.
    constant: f64,
    /// The magnitude where the scaling breaks, the slope below it, and a13.
    mag: [f64; 3],
    /// a2, with a14 of the slab.
    spreading: f64,
    a6: f64,
    /// a8 and a11; 0 at the interface.
    depth: [f64; 2],
    soil: Soil,
    /// a39 or a41.
    basin: f64,
    backarc: [f64; 2],
    /// Equation 6.1, times the number of standard deviations.
    epistemic: [f64; 3],
    phi: Phi,
    phi_pga: Phi,
    /// Correlation with `PGA` between and within events.
    rho: [f64; 2],
}

/// The coefficients of the variance within events on rock, section 5.3.
#[derive(Clone, Copy)]
struct Phi {
    /// d1, with phi3 squared, less the variance between sites that is removed.
    constant: f64,
    d2: f64,
    /// Equation 5.3: f2 of phi2 is the first less the second times alpha.
    f2: [f64; 2],
}

impl Phi {
    fn new(c: &Coeffs, region: Region, imt: &Imt, removed: f64) -> Phi {
        let period = imt.period().unwrap_or(0.0);
        let has_phi2 = matches!(region, Region::CentralAmerica | Region::Japan | Region::SouthAmerica);
        let phi3 = match f2(period, 0.1, 0.3) {
            [constant, alpha] if has_phi2 && region != Region::CentralAmerica => 0.242 * (constant - 0.42 * alpha),
            _ => 0.0,
        };
        let f2 = if has_phi2 { f2(period, 0.2, 1.0) } else { [0.0; 2] };
        Phi { constant: c.d1 + phi3 - removed, d2: c.d2, f2 }
    }

    #[inline(always)]
    fn variance(&self, scatter: &Scatter) -> f64 {
        let [constant, alpha] = self.f2;
        self.constant + self.d2 * scatter.far + scatter.phi2 * (constant - alpha * scatter.alpha)
    }
}

/// Equation 5.3: a constant and the factor of -alpha; it falls from period `t3` to `t4`, s.
fn f2(period: f64, t3: f64, t4: f64) -> [f64; 2] {
    const T1: f64 = 0.03;
    const T2: f64 = 0.075;
    if period <= T1 {
        [1.0, 1.0]
    } else if period <= T2 {
        [1.0, scalar::ln(period / T2) / ln(T1 / T2)]
    } else if period <= t3 {
        [1.0, 0.0]
    } else if period < t4 {
        [scalar::ln(period / t4) / scalar::ln(t3 / t4), 0.0]
    } else {
        [0.0; 2]
    }
}

/// What the variance within events needs of the distance.
#[derive(Clone, Copy)]
struct Scatter {
    /// Equation 5.2, from 0 at 150 km to 1 at 450 km.
    far: f64,
    /// Equation 5.6.
    alpha: f64,
    /// Equation 5.4.
    phi2: f64,
}

impl Scatter {
    fn new(rrup: f64) -> Scatter {
        let beyond = ((rrup - 225.0) / 225.0).clamp(0.0, 1.0);
        Scatter {
            far: ((rrup - 150.0) / 300.0).clamp(0.0, 1.0),
            alpha: (1.0 - 0.0036 * (rrup - 250.0)).clamp(0.28, 1.0),
            phi2: 0.109 + 0.062 * beyond + 0.470 * beyond * beyond,
        }
    }
}

/// What the model needs of a rupture, its distance, and the side of the site.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rrup: f64,
    /// ln(R + C4 exp(a9 (M - 6)))
    ln_distance: f64,
    /// The top of the rupture above and below 50 km, down to 200 km.
    depth: [f64; 2],
    /// 1 behind the arc of a model that has a term for it, else 0.
    backarc: f64,
    ln_backarc: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    vs30: f64,
    pga1000: f64,
    basin: f64,
    scatter: Scatter,
}

/// Equation 3.1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let site = self.soil.ln_amplification(t.vs30, t.pga1000) + self.basin * t.basin;
        let mean = ln_rock(self, &t.rupture) + site + epistemic(self, t.rupture.rrup);
        let change = self.soil.derivative(t.vs30, t.pga1000);
        let [phi2, phi2_pga] = [self.phi.variance(&t.scatter), self.phi_pga.variance(&t.scatter)];
        let [phi_b, phi_b_pga] = [phi2, phi2_pga].map(|phi2| (phi2 - PHI_AMP * PHI_AMP).sqrt());
        let tau2 = softened(TAU * TAU, change, TAU, TAU, self.rho[0]);
        let phi2 = softened(phi2, change, phi_b_pga, phi_b, self.rho[1]);
        Estimate { mean, sig: (tau2 + phi2).sqrt(), tau: tau2.sqrt(), phi: phi2.sqrt() }
    }
}

/// Equation 3.1 without the site.
#[inline(always)]
fn ln_rock(row: &Row, r: &Rupture) -> f64 {
    let spreading = (row.spreading + A3 * (r.mag - 7.0)) * r.ln_distance + row.a6 * r.rrup;
    let depth = row.depth[0] * r.depth[0] + row.depth[1] * r.depth[1];
    let behind = (row.backarc[0] + row.backarc[1] * r.ln_backarc) * r.backarc;
    row.constant + magnitude(row, r.mag) + spreading + depth + behind
}

/// Equation 3.3.
#[inline(always)]
fn magnitude(row: &Row, mag: f64) -> f64 {
    let [c1, a4, a13] = row.mag;
    a13 * (10.0 - mag) * (10.0 - mag) + a4 * (mag - c1).min(0.0)
}

/// Equation 6.1.
#[inline(always)]
fn epistemic(row: &Row, rrup: f64) -> f64 {
    let [e1, e2, e3] = row.epistemic;
    let r = rrup.clamp(50.0, 500.0) / 100.0;
    e1 + (e2 + e3 * r) * r
}
