//! Kuehn et al. (2020), for the interface and the slab of subduction zones, worldwide and in eight regions, with the
//! changes made for New Zealand's hazard model of 2022.
//!
//! Kuehn N., Bozorgnia Y., Campbell K.W., Gregor N., 2020. Partially non-ergodic ground-motion model for subduction
//! regions using the NGA-Subduction database. Pacific Earthquake Engineering Research Center, Report 2020/04. The
//! equations are numbered as there.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`.
//! - `z2pt5`, km, is needed in Cascadia, Seattle and Japan, `z1pt0`, m, in New Zealand and Taiwan; a depth of 0 is no
//!   basin.
//! - The path is attenuated alike before and behind the volcanic arc, as in the engine.
//!
//! Arguments: `region`, of a name that says none; `m_b`, the magnitude where the scaling breaks, in place of the
//! region's; `sigma_mu_epsilon`, how many standard deviations of the median are added; of those published
//! `m9_basin_term` and `usgs_basin_scaling`, in Cascadia and Seattle, and of the hazard model of the United States for Alaska of
//! 2023 `ak23_bias_adj`, at the interface worldwide, and `ak23_cb14_sig`, standard deviations that fall as soil yields; of those of
//! New Zealand `modified_sigma`, other such standard deviations.
//!
//! The models `NZNSHM2022` have a term behind the volcanic arc in the slab, and no basin term in New Zealand.

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
use crate::gsim::subduction::abrahamson_gulerce_2020;
use crate::gsim::subduction::alaska_bias::with_bias;
use crate::gsim::subduction::kuehn_2020_sigma_mu::Grid;
use crate::gsim::subduction::nga_sub::{self, Edition, Region};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "KuehnEtAl2020SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: PLAIN,
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Kuehn et al. (2020), Partially non-ergodic ground-motion model for subduction regions using the \
                NGA-Subduction database, PEER Report 2020/04",
    doi: None,
    validity: Validity::NOT_STATED,
};

const PLAIN: &[Param] = &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30];
const WITH_Z1: &[Param] = &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30, Param::Z1pt0];
const WITH_Z25: &[Param] = &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30, Param::Z2pt5];
const BACKARC: &[Param] = &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30, Param::Backarc];
const BACKARC_Z1: &[Param] = &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30, Param::Backarc, Param::Z1pt0];
const BACKARC_Z25: &[Param] = &[Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30, Param::Backarc, Param::Z2pt5];

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "KuehnEtAl2020SInter": interface(PLAIN) => make(Edition::Published, None),
    "KuehnEtAl2020SInterAlaska": interface(PLAIN) => make(Edition::Published, Some(Region::Alaska)),
    "KuehnEtAl2020SInterCascadia": interface(WITH_Z25) => make(Edition::Published, Some(Region::Cascadia)),
    "KuehnEtAl2020SInterCascadiaSeattleBasin": interface(WITH_Z25) => make(Edition::Published, Some(Region::Seattle)),
    "KuehnEtAl2020SInterCentralAmericaMexico": interface(PLAIN) =>
        make(Edition::Published, Some(Region::CentralAmerica)),
    "KuehnEtAl2020SInterJapan": interface(WITH_Z25) => make(Edition::Published, Some(Region::Japan)),
    "KuehnEtAl2020SInterNewZealand": interface(WITH_Z1) => make(Edition::Published, Some(Region::NewZealand)),
    "KuehnEtAl2020SInterSouthAmerica": interface(PLAIN) => make(Edition::Published, Some(Region::SouthAmerica)),
    "KuehnEtAl2020SInterTaiwan": interface(WITH_Z1) => make(Edition::Published, Some(Region::Taiwan)),
    "KuehnEtAl2020SSlab": slab(PLAIN) => make(Edition::Published, None),
    "KuehnEtAl2020SSlabAlaska": slab(PLAIN) => make(Edition::Published, Some(Region::Alaska)),
    "KuehnEtAl2020SSlabCascadia": slab(WITH_Z25) => make(Edition::Published, Some(Region::Cascadia)),
    "KuehnEtAl2020SSlabCascadiaSeattleBasin": slab(WITH_Z25) => make(Edition::Published, Some(Region::Seattle)),
    "KuehnEtAl2020SSlabCentralAmericaMexico": slab(PLAIN) => make(Edition::Published, Some(Region::CentralAmerica)),
    "KuehnEtAl2020SSlabJapan": slab(WITH_Z25) => make(Edition::Published, Some(Region::Japan)),
    "KuehnEtAl2020SSlabNewZealand": slab(WITH_Z1) => make(Edition::Published, Some(Region::NewZealand)),
    "KuehnEtAl2020SSlabSouthAmerica": slab(PLAIN) => make(Edition::Published, Some(Region::SouthAmerica)),
    "KuehnEtAl2020SSlabTaiwan": slab(WITH_Z1) => make(Edition::Published, Some(Region::Taiwan)),
    "NZNSHM2022_KuehnEtAl2020SInter": interface(PLAIN) => make(Edition::NewZealand, None),
    "NZNSHM2022_KuehnEtAl2020SSlab": slab(BACKARC) => make(Edition::NewZealand, None),
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
    let left_out: &[Region] = if for_new_zealand { &[Region::Seattle] } else { &[] };
    let region = region.map_or_else(|| Region::read(arguments, left_out), Ok)?;
    let given = arguments.number("m_b")?.filter(|&m_b| m_b != 0.0);
    let m_b = given.unwrap_or(break_magnitude(region, info.trt == Trt::SubductionIntraslab));
    let epsilon = arguments.number_or("sigma_mu_epsilon", 0.0)?;
    let (mut basin, mut m9) = (BasinScaling::NONE, false);
    let yielding;
    if for_new_zealand {
        yielding = arguments.flag_or("modified_sigma", false)?.then_some(Yielding::NewZealand);
    } else {
        yielding = arguments.flag_or("ak23_cb14_sig", false)?.then_some(Yielding::Alaska);
        let is_cascadia = matches!(region, Region::Cascadia | Region::Seattle);
        basin = nga_sub::basin_scaling(arguments, is_cascadia)?;
        m9 = nga_sub::cascadia_flag(arguments, "m9_basin_term", is_cascadia)?;
    }
    let is_global_interface = region == Region::Global && info.trt == Trt::SubductionInterface;
    let model = KuehnEtAl2020 { info, edition, region, m_b, epsilon, basin, m9, yielding };
    if for_new_zealand { Ok(Arc::new(model)) } else { with_bias(arguments, info, is_global_interface, model) }
}

/// The magnitude where the scaling breaks.
fn break_magnitude(region: Region, is_slab: bool) -> f64 {
    let (interface, slab) = match region {
        Region::Global => (7.9, 7.6),
        Region::Alaska => (8.6, 7.2),
        Region::Cascadia | Region::Seattle => (8.0, 7.2),
        Region::CentralAmerica => (7.5, 7.4),
        Region::Japan => (8.5, 7.6),
        Region::NewZealand => (8.3, 7.6),
        Region::SouthAmerica => (8.6, 7.3),
        Region::Taiwan => (7.1, 7.7),
    };
    if is_slab { slab } else { interface }
}

coefficients! {
    /// The electronic supplement's table.
    struct Coeffs {
        c1_if, c1_if_al, c1_if_ca, c1_if_cam, c1_if_ja, c1_if_nz, c1_if_sa, c1_if_tw, c1_slab, c1_slab_al, c1_slab_ca,
        c1_slab_cam, c1_slab_ja, c1_slab_nz, c1_slab_sa, c1_slab_tw, c6, c6_al, c6_ca, c6_cam, c6_ja, c6_nz, c6_sa, c6_tw,
        c7, c7_al, c7_ca, c7_cam, c7_ja, c7_nz, c7_sa, c7_tw, c11_ca, c12_ca, c11_ja, c12_ja, c11_nz, c12_nz, c11_tw, c12_tw,
        theta_11_sea, c2_if, c2_slab, c3, cnft_1, cnft_2, c4_if, c4_slab, c5, c9_if, c9_slab, dz_b_if, dz_b_slab, k1, k2,
        dm_b, tau, phi, rho,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("KuehnEtAl2020.csv");

/// `PGA` on rock is for this `vs30`, m/s.
const ROCK: f64 = 1100.0;

/// The coefficients of a region: c1 of the interface and of the slab, c6, c7, and c11 and c12 of the basin.
struct OfRegion {
    c1: [f64; 2],
    c6: f64,
    c7: f64,
    basin: [f64; 2],
}

impl OfRegion {
    fn new(region: Region, c: &Coeffs) -> OfRegion {
        let (c1, c6, c7, basin) = match region {
            Region::Global => ([c.c1_if, c.c1_slab], c.c6, c.c7, [0.0; 2]),
            Region::Alaska => ([c.c1_if_al, c.c1_slab_al], c.c6_al, c.c7_al, [0.0; 2]),
            Region::Cascadia => ([c.c1_if_ca, c.c1_slab_ca], c.c6_ca, c.c7_ca, [c.c11_ca, c.c12_ca]),
            Region::Seattle => ([c.c1_if_ca, c.c1_slab_ca], c.c6_ca, c.c7_ca, [c.theta_11_sea, 0.0]),
            Region::CentralAmerica => ([c.c1_if_cam, c.c1_slab_cam], c.c6_cam, c.c7_cam, [0.0; 2]),
            Region::Japan => ([c.c1_if_ja, c.c1_slab_ja], c.c6_ja, c.c7_ja, [c.c11_ja, c.c12_ja]),
            Region::NewZealand => ([c.c1_if_nz, c.c1_slab_nz], c.c6_nz, c.c7_nz, [c.c11_nz, c.c12_nz]),
            Region::SouthAmerica => ([c.c1_if_sa, c.c1_slab_sa], c.c6_sa, c.c7_sa, [0.0; 2]),
            Region::Taiwan => ([c.c1_if_tw, c.c1_slab_tw], c.c6_tw, c.c7_tw, [c.c11_tw, c.c12_tw]),
        };
        OfRegion { c1, c6, c7, basin }
    }
}

/// Whose standard deviations fall as soil yields: they differ in the correlation with `PGA`.
#[derive(Clone, Copy, Debug)]
enum Yielding {
    /// Those of New Zealand's hazard model of 2022.
    NewZealand,
    /// Those of the United States' hazard model for Alaska of 2023.
    Alaska,
}

/// Kuehn et al. (2020).
#[derive(Debug)]
struct KuehnEtAl2020 {
    info: &'static ModelInfo,
    edition: Edition,
    region: Region,
    m_b: f64,
    /// How many standard deviations of the median are added.
    epsilon: f64,
    basin: BasinScaling,
    /// Whether deep basins amplify long periods by 2.
    m9: bool,
    /// Whose standard deviations fall as soil yields, if they do.
    yielding: Option<Yielding>,
}

impl Gsim for KuehnEtAl2020 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        let for_new_zealand = self.edition == Edition::NewZealand;
        match (self.region, for_new_zealand && self.is_slab()) {
            (Region::Cascadia | Region::Seattle | Region::Japan, false) => WITH_Z25,
            (Region::Cascadia | Region::Seattle | Region::Japan, true) => BACKARC_Z25,
            (Region::NewZealand, false) if !for_new_zealand => WITH_Z1,
            (Region::Taiwan, false) => WITH_Z1,
            (Region::Taiwan, true) => BACKARC_Z1,
            (_, false) => PLAIN,
            (_, true) => BACKARC,
        }
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, ztor, rrup, vs30] = ctx.columns([Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30]);
        let [z1pt0, z2pt5] = [Param::Z1pt0, Param::Z2pt5].map(|param| self.asked(ctx, param));
        let backarc = ctx.column(Param::Backarc);
        let pga = self.row(&Imt::PGA);
        let rock = pga.soil.ln_amplification_of_rock(ROCK);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture {
                mag: mag[k],
                ztor: ztor[k],
                rrup: rrup[k],
                backarc: backarc.get(k).map_or(0.0, |&side| f64::from(side != 0.0)),
                ln_backarc: nga_sub::ln_backarc(rrup[k]),
            };
            let depth = z2pt5.get(k).map_or(0.0, |&z2pt5| self.known(z2pt5, 1000.0, vs30[k]));
            let z1pt0 = z1pt0.get(k).map_or(1000.0 * depth, |&z1pt0| self.known(z1pt0, 1.0, vs30[k]));
            let terms = Terms {
                rupture,
                vs30: vs30[k],
                pga1100: exp(ln_rock(&pga, &rupture) + rock),
                basin: self.basin_depth(z1pt0, vs30[k]),
                scaling: self.basin.of_depth(depth),
                is_deep: depth >= 6.0,
                ln_pga: f64::NEG_INFINITY,
            };
            Terms { ln_pga: ln_mean(&pga, &terms), ..terms }
        });
        if self.epsilon != 0.0 {
            self.shift(mag, rrup, imts, out);
        }
    }
}

impl KuehnEtAl2020 {
    fn is_slab(&self) -> bool {
        self.info.trt == Trt::SubductionIntraslab
    }

    /// A column that the model asks for, else none, whatever other models ask for.
    fn asked<'a>(&self, ctx: &'a Contexts, param: Param) -> &'a [f64] {
        if self.params().contains(&param) { ctx.column(param) } else { &[] }
    }

    /// Add the standard deviations of the median.
    fn shift(&self, mag: &[f64], rrup: &[f64], imts: &[Imt], out: &mut GroundMotion) {
        for (m, imt) in imts.iter().enumerate() {
            let (grid, at) = (Grid::of(self.region, self.is_slab(), imt), out.row(m));
            for ((mean, &mag), &rrup) in out.mean[at].iter_mut().zip(mag).zip(rrup) {
                *mean += self.epsilon * grid.at(mag, rrup);
            }
        }
    }

    /// Equation 4.11: whether there is a basin, 1 or 0, and the logarithm of its depth, m, over the reference depth.
    fn basin_depth(&self, depth: f64, vs30: f64) -> [f64; 2] {
        match self.region {
            Region::Seattle => [1.0, 0.0],
            _ => match self.ln_reference(vs30) {
                Some(ln_reference) if depth > 0.0 => [1.0, scalar::ln(depth) - ln_reference],
                _ => [0.0; 2],
            },
        }
    }

    /// Equation 4.11: the logarithm of the reference depth, m, in a region with basins; that of Seattle is Cascadia's.
    fn ln_reference(&self, vs30: f64) -> Option<f64> {
        let [z1, z3, z4] = match self.region {
            Region::Cascadia | Region::Seattle => [8.294049640102028, 6.396929655216146, 0.27081458999999997],
            Region::Japan => [7.689368537500001, 6.309186400000001, 0.7528670225000001],
            Region::NewZealand => [6.859789675000001, 5.745692775, 0.91563524375],
            Region::Taiwan => [6.30560665, 6.1104992125, 0.43671101999999995],
            _ => return None,
        };
        let grown = scalar::exp((scalar::ln(vs30) - z3) / z4);
        Some(z1 + (std::f64::consts::LN_10 - z1) * grown / (1.0 + grown))
    }

    /// A depth of the ground, or where a site has none the reference depth, in units of so many metres.
    fn known(&self, depth: f64, metres: f64, vs30: f64) -> f64 {
        match self.ln_reference(vs30) {
            Some(ln_reference) if depth == NO_DEPTH => scalar::exp(ln_reference) / metres,
            _ => depth,
        }
    }

    fn row(&self, imt: &Imt) -> Row {
        let (c, pga) = (COEFFS.at(imt), COEFFS.at(&Imt::PGA));
        let OfRegion { c1, c6, c7, basin } = OfRegion::new(self.region, &c);
        let has_dm_b = !self.is_slab() && matches!(self.region, Region::Japan | Region::SouthAmerica);
        let dm_b = if has_dm_b && imt.kind() != ImtKind::Pga { c.dm_b } else { 0.0 };
        let (c1, c2, c4, c9, z_break, z_ref) = if self.is_slab() {
            (c1[1], c.c2_slab, c.c4_slab, c.c9_slab, 80.0 + c.dz_b_slab, 50.0)
        } else {
            (c1[0], c.c2_if, c.c4_if, c.c9_if, 30.0 + c.dz_b_if, 15.0)
        };
        let period = imt.period().unwrap_or(0.0);
        Row {
            constant: c1 + c4 * (self.m_b + dm_b - 6.0) + c9 * (z_break - z_ref),
            spreading: [c2, c.c3],
            near_source: [c.cnft_1, c.cnft_2].map(|power| power * std::f64::consts::LN_10),
            c6,
            magnitude: Hinge { at: self.m_b + dm_b, below: c4, above: c.c5, width: 0.1 },
            depth: Hinge { at: z_break, below: c9, above: 0.0, width: 1.0 },
            backarc: nga_sub::backarc(self.edition, self.info, imt),
            soil: Soil { linear: c7, b: c.k2, vlin: c.k1 },
            basin: basin.map(|c| self.basin.of_imt(imt) * c),
            m9: (self.m9 && period >= 1.9).then_some(self.basin.of_imt(imt) * std::f64::consts::LN_2),
            at_least_pga: imt.kind() == ImtKind::Sa && period <= 0.1,
            tau: c.tau,
            phi: c.phi,
            modified: self.yielding.map(|yielding| Modified {
                tau: pga.tau,
                phi_b: [c.phi, pga.phi].map(|phi| (phi * phi - PHI_AMP * PHI_AMP).sqrt()),
                rho: match yielding {
                    Yielding::NewZealand => abrahamson_gulerce_2020::correlation(imt),
                    Yielding::Alaska => [c.rho; 2],
                },
            }),
        }
    }
}

/// Site-to-site amplification in the standard deviations within events.
const PHI_AMP: f64 = 0.3;

/// Equation 4.3: two slopes with a rounded bend, 0 where they would meet.
#[derive(Clone, Copy)]
struct Hinge {
    at: f64,
    below: f64,
    above: f64,
    width: f64,
}

impl Hinge {
    #[inline(always)]
    fn of(&self, x: f64) -> f64 {
        let beyond = x - self.at;
        self.below * beyond + (self.above - self.below) * self.width * ln(1.0 + exp(beyond / self.width))
    }
}

/// What standard deviations that fall as soil yields need.
#[derive(Clone, Copy)]
struct Modified {
    /// Between events, of `PGA`.
    tau: f64,
    /// Within events on rock, of the measure and of `PGA`.
    phi_b: [f64; 2],
    /// The correlation with `PGA` between and within events.
    rho: [f64; 2],
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    /// c1, with the values of the hinges where they bend.
    constant: f64,
    /// c2 and c3.
    spreading: [f64; 2],
    /// The natural logarithm of the saturation near the source at magnitude 6, and its slope.
    near_source: [f64; 2],
    c6: f64,
    magnitude: Hinge,
    depth: Hinge,
    backarc: [f64; 2],
    soil: Soil,
    /// c11 and c12, or theta11.
    basin: [f64; 2],
    /// What deep basins add in place of the basin term, where they do.
    m9: Option<f64>,
    /// Whether the ln-mean is at least that of `PGA`.
    at_least_pga: bool,
    tau: f64,
    phi: f64,
    modified: Option<Modified>,
}

/// What the model needs of a rupture, its distance, and the side of the site.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    ztor: f64,
    rrup: f64,
    /// 1 behind the arc of a model that has a term for it, else 0.
    backarc: f64,
    ln_backarc: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    vs30: f64,
    pga1100: f64,
    /// What c11 and c12 multiply.
    basin: [f64; 2],
    scaling: f64,
    is_deep: bool,
    /// The ln-mean of `PGA` on soil.
    ln_pga: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let mean = ln_mean(self, t);
        let mean = if self.at_least_pga { mean.max(t.ln_pga) } else { mean };
        let (tau2, phi2) = (self.tau * self.tau, self.phi * self.phi);
        let (tau2, phi2) = match &self.modified {
            None => (tau2, phi2),
            Some(pga) => {
                let change = self.soil.derivative(t.vs30, t.pga1100);
                let phi2 = softened(phi2, change, pga.phi_b[1], pga.phi_b[0], pga.rho[1]);
                (softened(tau2, change, pga.tau, self.tau, pga.rho[0]), phi2)
            }
        };
        Estimate { mean, sig: (tau2 + phi2).sqrt(), tau: tau2.sqrt(), phi: phi2.sqrt() }
    }
}

/// Equation 4.1.
#[inline(always)]
fn ln_mean(row: &Row, t: &Terms) -> f64 {
    let basin = match row.m9 {
        Some(deep) if t.is_deep => deep,
        _ => row.basin[0] * t.basin[0] + row.basin[1] * t.basin[1],
    };
    ln_rock(row, &t.rupture) + row.soil.ln_amplification(t.vs30, t.pga1100) + basin * t.scaling
}

/// Equation 4.1 without the site.
#[inline(always)]
fn ln_rock(row: &Row, r: &Rupture) -> f64 {
    let near_source = exp(row.near_source[0] + row.near_source[1] * (r.mag - 6.0));
    let path = (row.spreading[0] + row.spreading[1] * r.mag) * ln(r.rrup + near_source) + row.c6 * r.rrup;
    let behind = (row.backarc[0] + row.backarc[1] * r.ln_backarc) * r.backarc;
    row.constant + row.magnitude.of(r.mag) + row.depth.of(r.ztor) + path + behind
}
