//! Parker et al. (2020), for the interface and the slab of subduction zones, worldwide and in regions, with the changes
//! made for New Zealand's hazard model of 2022.
//!
//! Parker G.A., Stewart J.P., Boore D.M., Atkinson G.M., Hassani B., 2022. NGA-subduction global ground motion models
//! with regional adjustment factors. Earthquake Spectra 38(1), 456-493, doi:10.1177/87552930211034889.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - `z2pt5` is needed by the models of Cascadia and Japan and those with a `B`, `hypo_depth` in the slab.
//!
//! Arguments of names that say no region: `region`, and `saturation_region`, the zone within it by which great
//! magnitudes saturate; `basin` in Cascadia, `out` or `Seattle`. Of all: `sigma_mu_epsilon`, how many standard
//! deviations of the median are added; of those published: `m9_basin_term` and `usgs_basin_scaling`, in Cascadia; of
//! those of New Zealand: `modified_sigma`, standard deviations that fall as soil yields.
//!
//! The models `NZNSHM2022` have other coefficients of great magnitudes and of soil that yields, and in the slab a term
//! behind the volcanic arc. As in the engine, `z2pt5` in km is compared with a reference depth in m, so that every
//! basin counts as shallow; a depth of -999 is the reference depth, and 0 no basin; an uncertainty of `PGA` is that of
//! `PGV` too; and a model without a `B` that is put in Cascadia or Japan by its arguments has a basin term where
//! another model of the calculation asks for `z2pt5`.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::hypot;
use crate::elementary::scalar::{self, exp10, log10};
use crate::gsim::arguments::Arguments;
use crate::gsim::basin_scaling::BasinScaling;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::soil::softened;
use crate::gsim::subduction::abrahamson_gulerce_2020;
use crate::gsim::subduction::alaska_bias::with_bias;
use crate::gsim::subduction::nga_sub::{self, Edition, Region};
use crate::gsim::subduction::parker_2020_places::{
    ALASKA, ALEUTIAN, Basin, CASCADIA, CASCADIA_OUT, CASCADIA_SEATTLE, CENTRAL_AMERICA_NORTH, CENTRAL_AMERICA_SOUTH,
    JAPAN_PACIFIC, JAPAN_PHILIPPINE, Named, Place, SOUTH_AMERICA_NORTH, SOUTH_AMERICA_SOUTH, TAIWAN_EAST, TAIWAN_WEST,
};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "ParkerEtAl2020SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Parker et al. (2022), NGA-subduction global ground motion models with regional adjustment factors, \
                Earthquake Spectra 38(1), 456-493",
    doi: Some("10.1177/87552930211034889"),
    validity: Validity::NOT_STATED,
};

const INTERFACE_BASIN: &[Param] = &[Param::Mag, Param::Rrup, Param::Vs30, Param::Z2pt5];
const SLAB: &[Param] = &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30];
const SLAB_BASIN: &[Param] = &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30, Param::Z2pt5];
const SLAB_BACKARC: &[Param] = &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30, Param::Backarc];
const SLAB_BASIN_BACKARC: &[Param] =
    &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30, Param::Z2pt5, Param::Backarc];

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "ParkerEtAl2020SInter": interface(INTERFACE.params) => make(Edition::Published, None),
    "ParkerEtAl2020SInterB": interface(INTERFACE_BASIN) => make(Edition::Published, None),
    "ParkerEtAl2020SInterAleutian": interface(INTERFACE.params) => make(Edition::Published, Some(ALEUTIAN)),
    "ParkerEtAl2020SInterAlaska": interface(INTERFACE.params) => make(Edition::Published, Some(ALASKA)),
    "ParkerEtAl2020SInterCAMN": interface(INTERFACE.params) => make(Edition::Published, Some(CENTRAL_AMERICA_NORTH)),
    "ParkerEtAl2020SInterCAMS": interface(INTERFACE.params) => make(Edition::Published, Some(CENTRAL_AMERICA_SOUTH)),
    "ParkerEtAl2020SInterSAN": interface(INTERFACE.params) => make(Edition::Published, Some(SOUTH_AMERICA_NORTH)),
    "ParkerEtAl2020SInterSAS": interface(INTERFACE.params) => make(Edition::Published, Some(SOUTH_AMERICA_SOUTH)),
    "ParkerEtAl2020SInterTaiwanE": interface(INTERFACE.params) => make(Edition::Published, Some(TAIWAN_EAST)),
    "ParkerEtAl2020SInterTaiwanW": interface(INTERFACE.params) => make(Edition::Published, Some(TAIWAN_WEST)),
    "ParkerEtAl2020SInterCascadia": interface(INTERFACE_BASIN) => make(Edition::Published, Some(CASCADIA)),
    "ParkerEtAl2020SInterCascadiaOut": interface(INTERFACE_BASIN) => make(Edition::Published, Some(CASCADIA_OUT)),
    "ParkerEtAl2020SInterCascadiaSeattle": interface(INTERFACE_BASIN) =>
        make(Edition::Published, Some(CASCADIA_SEATTLE)),
    "ParkerEtAl2020SInterJapanPac": interface(INTERFACE_BASIN) => make(Edition::Published, Some(JAPAN_PACIFIC)),
    "ParkerEtAl2020SInterJapanPhi": interface(INTERFACE_BASIN) => make(Edition::Published, Some(JAPAN_PHILIPPINE)),
    "ParkerEtAl2020SSlab": slab(SLAB) => make(Edition::Published, None),
    "ParkerEtAl2020SSlabB": slab(SLAB_BASIN) => make(Edition::Published, None),
    "ParkerEtAl2020SSlabAleutian": slab(SLAB) => make(Edition::Published, Some(ALEUTIAN)),
    "ParkerEtAl2020SSlabAlaska": slab(SLAB) => make(Edition::Published, Some(ALASKA)),
    "ParkerEtAl2020SSlabCAMN": slab(SLAB) => make(Edition::Published, Some(CENTRAL_AMERICA_NORTH)),
    "ParkerEtAl2020SSlabCAMS": slab(SLAB) => make(Edition::Published, Some(CENTRAL_AMERICA_SOUTH)),
    "ParkerEtAl2020SSlabSAN": slab(SLAB) => make(Edition::Published, Some(SOUTH_AMERICA_NORTH)),
    "ParkerEtAl2020SSlabSAS": slab(SLAB) => make(Edition::Published, Some(SOUTH_AMERICA_SOUTH)),
    "ParkerEtAl2020SSlabTaiwanE": slab(SLAB) => make(Edition::Published, Some(TAIWAN_EAST)),
    "ParkerEtAl2020SSlabTaiwanW": slab(SLAB) => make(Edition::Published, Some(TAIWAN_WEST)),
    "ParkerEtAl2020SSlabCascadia": slab(SLAB_BASIN) => make(Edition::Published, Some(CASCADIA)),
    "ParkerEtAl2020SSlabCascadiaOut": slab(SLAB_BASIN) => make(Edition::Published, Some(CASCADIA_OUT)),
    "ParkerEtAl2020SSlabCascadiaSeattle": slab(SLAB_BASIN) => make(Edition::Published, Some(CASCADIA_SEATTLE)),
    "ParkerEtAl2020SSlabJapanPac": slab(SLAB_BASIN) => make(Edition::Published, Some(JAPAN_PACIFIC)),
    "ParkerEtAl2020SSlabJapanPhi": slab(SLAB_BASIN) => make(Edition::Published, Some(JAPAN_PHILIPPINE)),
    "NZNSHM2022_ParkerEtAl2020SInter": interface(INTERFACE.params) => make(Edition::NewZealand, None),
    "NZNSHM2022_ParkerEtAl2020SInterB": interface(INTERFACE_BASIN) => make(Edition::NewZealand, None),
    "NZNSHM2022_ParkerEtAl2020SInterAleutian": interface(INTERFACE.params) => make(Edition::NewZealand, Some(ALEUTIAN)),
    "NZNSHM2022_ParkerEtAl2020SInterAlaska": interface(INTERFACE.params) => make(Edition::NewZealand, Some(ALASKA)),
    "NZNSHM2022_ParkerEtAl2020SInterCAMN": interface(INTERFACE.params) =>
        make(Edition::NewZealand, Some(CENTRAL_AMERICA_NORTH)),
    "NZNSHM2022_ParkerEtAl2020SInterCAMS": interface(INTERFACE.params) =>
        make(Edition::NewZealand, Some(CENTRAL_AMERICA_SOUTH)),
    "NZNSHM2022_ParkerEtAl2020SInterSAN": interface(INTERFACE.params) =>
        make(Edition::NewZealand, Some(SOUTH_AMERICA_NORTH)),
    "NZNSHM2022_ParkerEtAl2020SInterSAS": interface(INTERFACE.params) =>
        make(Edition::NewZealand, Some(SOUTH_AMERICA_SOUTH)),
    "NZNSHM2022_ParkerEtAl2020SInterTaiwanE": interface(INTERFACE.params) =>
        make(Edition::NewZealand, Some(TAIWAN_EAST)),
    "NZNSHM2022_ParkerEtAl2020SInterTaiwanW": interface(INTERFACE.params) =>
        make(Edition::NewZealand, Some(TAIWAN_WEST)),
    "NZNSHM2022_ParkerEtAl2020SInterCascadia": interface(INTERFACE_BASIN) => make(Edition::NewZealand, Some(CASCADIA)),
    "NZNSHM2022_ParkerEtAl2020SInterCascadiaOut": interface(INTERFACE_BASIN) =>
        make(Edition::NewZealand, Some(CASCADIA_OUT)),
    "NZNSHM2022_ParkerEtAl2020SInterCascadiaSeattle": interface(INTERFACE_BASIN) =>
        make(Edition::NewZealand, Some(CASCADIA_SEATTLE)),
    "NZNSHM2022_ParkerEtAl2020SInterJapanPac": interface(INTERFACE_BASIN) =>
        make(Edition::NewZealand, Some(JAPAN_PACIFIC)),
    "NZNSHM2022_ParkerEtAl2020SInterJapanPhi": interface(INTERFACE_BASIN) =>
        make(Edition::NewZealand, Some(JAPAN_PHILIPPINE)),
    "NZNSHM2022_ParkerEtAl2020SSlab": slab(SLAB_BACKARC) => make(Edition::NewZealand, None),
    "NZNSHM2022_ParkerEtAl2020SSlabB": slab(SLAB_BASIN_BACKARC) => make(Edition::NewZealand, None),
    "NZNSHM2022_ParkerEtAl2020SSlabAleutian": slab(SLAB_BACKARC) => make(Edition::NewZealand, Some(ALEUTIAN)),
    "NZNSHM2022_ParkerEtAl2020SSlabAlaska": slab(SLAB_BACKARC) => make(Edition::NewZealand, Some(ALASKA)),
    "NZNSHM2022_ParkerEtAl2020SSlabCAMN": slab(SLAB_BACKARC) => make(Edition::NewZealand, Some(CENTRAL_AMERICA_NORTH)),
    "NZNSHM2022_ParkerEtAl2020SSlabCAMS": slab(SLAB_BACKARC) => make(Edition::NewZealand, Some(CENTRAL_AMERICA_SOUTH)),
    "NZNSHM2022_ParkerEtAl2020SSlabSAN": slab(SLAB_BACKARC) => make(Edition::NewZealand, Some(SOUTH_AMERICA_NORTH)),
    "NZNSHM2022_ParkerEtAl2020SSlabSAS": slab(SLAB_BACKARC) => make(Edition::NewZealand, Some(SOUTH_AMERICA_SOUTH)),
    "NZNSHM2022_ParkerEtAl2020SSlabTaiwanE": slab(SLAB_BACKARC) => make(Edition::NewZealand, Some(TAIWAN_EAST)),
    "NZNSHM2022_ParkerEtAl2020SSlabTaiwanW": slab(SLAB_BACKARC) => make(Edition::NewZealand, Some(TAIWAN_WEST)),
    "NZNSHM2022_ParkerEtAl2020SSlabCascadia": slab(SLAB_BASIN_BACKARC) => make(Edition::NewZealand, Some(CASCADIA)),
    "NZNSHM2022_ParkerEtAl2020SSlabCascadiaOut": slab(SLAB_BASIN_BACKARC) =>
        make(Edition::NewZealand, Some(CASCADIA_OUT)),
    "NZNSHM2022_ParkerEtAl2020SSlabCascadiaSeattle": slab(SLAB_BASIN_BACKARC) =>
        make(Edition::NewZealand, Some(CASCADIA_SEATTLE)),
    "NZNSHM2022_ParkerEtAl2020SSlabJapanPac": slab(SLAB_BASIN_BACKARC) =>
        make(Edition::NewZealand, Some(JAPAN_PACIFIC)),
    "NZNSHM2022_ParkerEtAl2020SSlabJapanPhi": slab(SLAB_BASIN_BACKARC) =>
        make(Edition::NewZealand, Some(JAPAN_PHILIPPINE)),
};

const fn interface(params: &'static [Param]) -> ModelInfo {
    ModelInfo { params, ..INTERFACE }
}

const fn slab(params: &'static [Param]) -> ModelInfo {
    ModelInfo { params, trt: Trt::SubductionIntraslab, ..INTERFACE }
}

/// A model of a place, or of the one that the arguments say.
fn make(info: &'static ModelInfo, arguments: &mut Arguments, edition: Edition, named: Option<Named>) -> Made {
    let place = Place::read(info, arguments, edition, named)?;
    let epsilon = arguments.number_or("sigma_mu_epsilon", 0.0)?;
    let epistemic = match place.epistemic() {
        Some(sigma) => sigma,
        None if epsilon == 0.0 || edition == Edition::NewZealand => [0.0, 0.0, 1.0, 2.0],
        None => {
            let expected = "0, as the standard deviation of the median is not given for the region";
            return Err(arguments.wrong("sigma_mu_epsilon", &epsilon, expected));
        }
    };
    let (mut basin, mut m9, mut modified_sigma) = (BasinScaling::NONE, false, false);
    if edition == Edition::NewZealand {
        modified_sigma = arguments.flag_or("modified_sigma", false)?;
    } else {
        let has_basin = place.region == Region::Cascadia && info.params.contains(&Param::Z2pt5);
        basin = nga_sub::basin_scaling(arguments, has_basin)?;
        m9 = nga_sub::cascadia_flag(arguments, "m9_basin_term", has_basin)?;
    }
    let is_global_interface = place.region == Region::Global && info.trt == Trt::SubductionInterface;
    let model = ParkerEtAl2020 { info, edition, place, epsilon, epistemic, basin, m9, modified_sigma };
    match edition {
        Edition::Published => with_bias(arguments, info, is_global_interface, model),
        Edition::NewZealand => Ok(Arc::new(model)),
    }
}

coefficients! {
    /// The electronic supplement's table, but for what a place changes.
    struct Coeffs {
        c1, c1slab, c4, c5, c4slab, c5slab, c6slab, d, m, db, v2, j_e1, j_e2, j_e3, c_e1, c_e2, c_e3, del_none,
        del_seattle, tau, phi21, phi22, phi2v,
    }
}

coefficients! {
    /// What New Zealand's hazard model changes.
    struct Changed { c6, f4, f5 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ParkerEtAl2020.csv");
static PUBLISHED: LazyLock<Table<Changed>> = table!("ParkerEtAl2020.csv");
static NEW_ZEALAND: LazyLock<Table<Changed>> = table!("ParkerEtAl2020_nz.csv");

/// Parker et al. (2020).
#[derive(Debug)]
struct ParkerEtAl2020 {
    info: &'static ModelInfo,
    edition: Edition,
    place: Place,
    /// How many standard deviations of the median are added.
    epsilon: f64,
    /// The standard deviation of the median at short and at long periods, and the periods where each ends and begins, s.
    epistemic: [f64; 4],
    basin: BasinScaling,
    /// Whether deep basins amplify long periods by 2.
    m9: bool,
    /// Whether the standard deviations fall as soil yields.
    modified_sigma: bool,
}

impl Gsim for ParkerEtAl2020 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let [depth, backarc, z2pt5] = [Param::HypoDepth, Param::Backarc, Param::Z2pt5].map(|param| ctx.column(param));
        let pga = self.row(&Imt::PGA);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let near_source = self.near_source();
        batch::compute(ctx.len(), &rows, out, |k| {
            let h = near_source.km(mag[k]);
            let r = hypot(rrup[k], h);
            let rupture = Rupture {
                mag: mag[k],
                above: mag[k] - self.place.m_b,
                depth: depth.get(k).map_or(f64::INFINITY, |&depth| depth.max(20.0)),
                r,
                ln_r: ln(r),
                ln_r_ratio: ln(r / hypot(1.0, h)),
                backarc: backarc.get(k).map_or(0.0, |&side| f64::from(side != 0.0)),
                ln_backarc: nga_sub::ln_backarc(rrup[k]),
            };
            Terms {
                rupture,
                pga_rock: exp(ln_rock(&pga, &rupture)),
                vs30: vs30[k],
                ln_soft: ln(vs30[k].min(V1) / V1),
                far: (ln(rrup[k] / 200.0) / LN_2_5).clamp(0.0, 1.0),
                soft: (ln(500.0 / vs30[k]) / LN_2_5).clamp(0.0, 1.0),
                basin: z2pt5.get(k).map_or(Depth::NONE, |&z2pt5| self.depth(z2pt5, vs30[k])),
            }
        });
    }
}

/// The natural logarithm of 2.5.
const LN_2_5: f64 = 0.916_290_731_874_155;

// Constants of the site terms, m/s and g.
const V1: f64 = 270.0;
const VREF: f64 = 760.0;
const F3: f64 = 0.05;

/// Site-to-site amplification in the standard deviations within events.
const PHI_AMP: f64 = 0.3;

/// The factor of magnitude in the geometric spreading.
const B4: f64 = 0.1;

/// How the near-source saturation grows with magnitude, as powers of 10.
struct NearSource {
    slope: f64,
    constant: f64,
    largest: f64,
}

impl NearSource {
    fn km(&self, mag: f64) -> f64 {
        exp10((self.constant + self.slope * mag).min(self.largest))
    }
}

impl ParkerEtAl2020 {
    fn is_slab(&self) -> bool {
        self.info.trt == Trt::SubductionIntraslab
    }

    fn near_source(&self) -> NearSource {
        if !self.is_slab() {
            return NearSource { slope: 0.252, constant: -0.82, largest: f64::INFINITY };
        }
        let (largest, m_b) = (log10(35.0), self.place.m_b);
        let slope = (largest - log10(3.12)) / (m_b - 4.0);
        NearSource { slope, constant: largest - slope * m_b, largest }
    }

    /// The standard deviation of the median, equation 27.
    fn sigma_mu(&self, imt: &Imt) -> f64 {
        let [short, long, t1, t2] = self.epistemic;
        let period = imt.period().unwrap_or(0.0).clamp(t1, t2);
        short + (long - short) * scalar::ln(period / t1) / scalar::ln(t2 / t1)
    }

    /// The basin by its reference depth, as the engine compares them.
    fn depth(&self, z2pt5: f64, vs30: f64) -> Depth {
        let [theta0, theta1, v_mu, v_sigma] = match self.place.region {
            Region::Japan => [3.05, -0.8, 500.0, 0.33],
            Region::Cascadia => [3.94, -0.42, 200.0, 0.2],
            _ => return Depth::NONE,
        };
        if z2pt5 == 0.0 {
            return Depth::NONE;
        }
        let place = libm::erf(log10(vs30 / v_mu) / (v_sigma * std::f64::consts::SQRT_2));
        let reference = exp10(theta0 + theta1 * (1.0 + place));
        let depth = if z2pt5 == NO_DEPTH { reference } else { z2pt5 };
        Depth {
            weight: self.basin.of_depth(depth),
            ln_ratio: scalar::ln(depth / reference),
            is_deep: depth >= 6.0,
            ln_m9: scalar::ln(depth * 1000.0 / 1279.0),
        }
    }

    fn row(&self, imt: &Imt) -> Row {
        let c = COEFFS.at(imt);
        let of_place = self.place.at(imt);
        let for_new_zealand = self.edition == Edition::NewZealand;
        let changed = if for_new_zealand { &NEW_ZEALAND } else { &PUBLISHED }.at(imt);
        let (c1, magnitude) =
            if self.is_slab() { (c.c1slab, [c.c4slab, c.c5slab, c.c6slab]) } else { (c.c1, [c.c4, c.c5, changed.c6]) };
        let in_slab = |value: f64| if self.is_slab() { value } else { 0.0 };
        let at_reference = scalar::exp(changed.f5 * (VREF - 200.0));
        let (pga, rho) = if self.modified_sigma {
            (COEFFS.at(&Imt::PGA), abrahamson_gulerce_2020::correlation(imt))
        } else {
            (c, [0.0; 2])
        };
        Row {
            constant: of_place.c0,
            c1,
            a0: of_place.a0,
            magnitude,
            depth: [in_slab(c.d), in_slab(c.m), c.db],
            backarc: nga_sub::backarc(self.edition, self.info, imt),
            soft: of_place.s1,
            stiff: of_place.s2,
            v2: c.v2,
            yielding: [changed.f4, changed.f5, at_reference],
            basin: self.basin_row(imt, &c),
            shift: if self.epsilon == 0.0 { 0.0 } else { self.epsilon * self.sigma_mu(imt) },
            tau: c.tau,
            phi: [c.phi21, c.phi22, c.phi2v],
            modified: self.modified_sigma.then_some(Modified { tau: pga.tau, phi: [pga.phi21, pga.phi22], rho }),
        }
    }

    fn basin_row(&self, imt: &Imt, c: &Coeffs) -> BasinRow {
        let cascadia = [c.c_e1, c.c_e2, c.c_e3];
        let added = match self.place.basin {
            Basin::Any => 0.0,
            Basin::Out => c.del_none,
            Basin::Seattle => c.del_seattle,
        };
        let e = match self.place.region {
            Region::Japan => [c.j_e1, c.j_e2, c.j_e3],
            _ => [c.c_e1, c.c_e2 + added, c.c_e3 + added],
        };
        let is_long = imt.period().is_some_and(|period| period >= 1.9);
        BasinRow { e, factor: self.basin.of_imt(imt), m9: (self.m9 && is_long).then_some(cascadia) }
    }
}

/// A basin's depth.
#[derive(Clone, Copy)]
struct Depth {
    /// 0 without a basin.
    weight: f64,
    /// The logarithm of the depth over the reference depth.
    ln_ratio: f64,
    is_deep: bool,
    /// The logarithm of the depth over 1,279 m.
    ln_m9: f64,
}

impl Depth {
    const NONE: Depth = Depth { weight: 0.0, ln_ratio: 0.0, is_deep: false, ln_m9: 0.0 };
}

/// The coefficients of the basin term.
#[derive(Clone, Copy)]
struct BasinRow {
    e: [f64; 3],
    factor: f64,
    /// The coefficients that deep basins are adjusted with, where they are.
    m9: Option<[f64; 3]>,
}

/// Standard deviations of `PGA`, and the correlation with it between and within events.
#[derive(Clone, Copy)]
struct Modified {
    tau: f64,
    phi: [f64; 2],
    rho: [f64; 2],
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    /// c0
    constant: f64,
    c1: f64,
    a0: f64,
    /// c4, c5 and c6.
    magnitude: [f64; 3],
    /// d, m and db; the first two are 0 at the interface.
    depth: [f64; 3],
    backarc: [f64; 2],
    /// s1
    soft: f64,
    /// s2
    stiff: f64,
    v2: f64,
    /// f4, f5, and what the exponential is at the reference velocity.
    yielding: [f64; 3],
    basin: BasinRow,
    /// What is added to the ln-mean.
    shift: f64,
    tau: f64,
    /// The variance within events near and far, and what soft soil adds near.
    phi: [f64; 3],
    modified: Option<Modified>,
}

/// What the model needs of a rupture, its distance, and the side of the site.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    /// The magnitude less that where the scaling breaks.
    above: f64,
    /// The hypocentre, at least that at 20 km; without end at the interface.
    depth: f64,
    r: f64,
    ln_r: f64,
    /// The same over that at a rupture distance of 1 km.
    ln_r_ratio: f64,
    /// 1 behind the arc of a model that has a term for it, else 0.
    backarc: f64,
    ln_backarc: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    pga_rock: f64,
    vs30: f64,
    /// The logarithm of `vs30` over V1 on softer ground, else 0.
    ln_soft: f64,
    /// 0 up to 200 km, 1 from 500 km.
    far: f64,
    /// 1 up to 200 m/s, 0 from 500 m/s.
    soft: f64,
    basin: Depth,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let yielding = yielding(self, t.vs30);
        let mean = ln_rock(self, &t.rupture) + yielding * ln((t.pga_rock + F3) / F3) + linear_site(self, t);
        let mean = mean + basin(&self.basin, &t.basin) + self.shift;
        let [near, far, soft] = self.phi;
        let on_rock = near + (far - near) * t.far;
        let (tau2, phi2) = match &self.modified {
            None => (self.tau * self.tau, on_rock + soft * t.soft * (1.0 - t.far)),
            Some(pga) => {
                let change = yielding * t.pga_rock / (t.pga_rock + F3);
                let phi2_pga = pga.phi[0] + (pga.phi[1] - pga.phi[0]) * t.far;
                let [phi_b, phi_b_pga] = [on_rock, phi2_pga].map(|phi2| (phi2 - PHI_AMP * PHI_AMP).sqrt());
                let tau2 = softened(self.tau * self.tau, change, pga.tau, self.tau, pga.rho[0]);
                (tau2, softened(on_rock, change, phi_b_pga, phi_b, pga.rho[1]))
            }
        };
        Estimate { mean, sig: (tau2 + phi2).sqrt(), tau: tau2.sqrt(), phi: phi2.sqrt() }
    }
}

/// Source and path.
#[inline(always)]
fn ln_rock(row: &Row, r: &Rupture) -> f64 {
    let [c4, c5, c6] = row.magnitude;
    let magnitude = if r.above > 0.0 { c6 * r.above } else { (c4 + c5 * r.above) * r.above };
    let path = row.c1 * r.ln_r + B4 * r.mag * r.ln_r_ratio + row.a0 * r.r;
    let behind = (row.backarc[0] + row.backarc[1] * r.ln_backarc) * r.backarc;
    row.constant + magnitude + path + depth(&row.depth, r.depth) + behind
}

/// Depth in the slab. Where db is less than 20 km, between two rows of the table, shallow earthquakes are those at 20 km.
#[inline(always)]
fn depth(&[d, m, db]: &[f64; 3], depth: f64) -> f64 {
    let km = if depth <= 20.0 { 20.0 } else { depth.min(db) };
    d + m * (km - db)
}

/// The site term that does not depend on the motion.
#[inline(always)]
fn linear_site(row: &Row, t: &Terms) -> f64 {
    row.soft * t.ln_soft + row.stiff * ln(t.vs30.max(V1).min(row.v2) / VREF)
}

/// The factor of the site term that depends on the motion.
#[inline(always)]
fn yielding(row: &Row, vs30: f64) -> f64 {
    let [f4, f5, at_reference] = row.yielding;
    f4 * (exp(f5 * (vs30.min(VREF) - 200.0)) - at_reference)
}

#[inline(always)]
fn basin(row: &BasinRow, t: &Depth) -> f64 {
    let between = |[e1, e2, e3]: [f64; 3], x: f64| {
        if x <= e1 / e3 {
            e1
        } else if x >= e2 / e3 {
            e2
        } else {
            e3 * x
        }
    };
    let term = match row.m9 {
        Some(e) if t.is_deep => std::f64::consts::LN_2 - between(e, t.ln_m9),
        _ => between(row.e, t.ln_ratio),
    };
    if t.weight == 0.0 { 0.0 } else { term * t.weight * row.factor }
}
