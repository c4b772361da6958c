//! Kotha, Weatherill, Bindi and Cotton (2020), for shallow crust in Europe, with the site terms and regions of Weatherill,
//! Kotha and Cotton (2020).
//!
//! Kotha S.R., Weatherill G., Bindi D., Cotton F., 2020. A regionally-adaptable ground-motion model for shallow crustal
//! earthquakes in Europe. Bulletin of Earthquake Engineering 18, 4091-4125, doi:10.1007/s10518-020-00869-1.
//!
//! Weatherill G., Kotha S.R., Cotton F., 2020. A regionally-adaptable "scaled backbone" ground motion logic tree for
//! shallow seismicity in Europe: application to the 2020 European seismic hazard model. Bulletin of Earthquake
//! Engineering 18, 5087-5117, doi:10.1007/s10518-020-00899-9. Standard deviations that depend on magnitude are after Al
//! Atik (2015).
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 3 to 7.4, Joyner-Boore distances up to 545 km.
//!
//! `Site` and `Slope` have a site term of `vs30` or of `slope`; `ESHM20` one of `vs30`, measured or inferred, and the
//! attenuation of the `region` of the site (0 is no region); `SlopeGeology` one of slope and geological era. The models
//! `Weatherill2024` are the same for average spectral acceleration between 0.2 and 1.5 times a period. Arguments:
//! `sigma_mu_epsilon`, `c3_epsilon`, `ergodic`, and by intensity measure `dl2l` and (ESHM20) `c3`. The branches of a hazard
//! model are made by [`branch`].

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::{hypot, scalar};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model without a site term.
const BASE: ModelInfo = ModelInfo {
    name: "KothaEtAl2020",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::HypoDepth, Param::Rjb],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Kotha et al. (2020), A regionally-adaptable ground-motion model for shallow crustal earthquakes in Europe, \
                Bulletin of Earthquake Engineering 18, 4091-4125",
    doi: Some("10.1007/s10518-020-00869-1"),
    validity: Validity::NOT_STATED.magnitude(3.0, 7.4).distance(Param::Rjb, 0.0, 545.0),
};

const BY_VS30: ModelInfo =
    ModelInfo { name: "KothaEtAl2020Site", params: &[Param::Mag, Param::HypoDepth, Param::Rjb, Param::Vs30], ..BASE };

const BY_SLOPE: ModelInfo =
    ModelInfo { name: "KothaEtAl2020Slope", params: &[Param::Mag, Param::HypoDepth, Param::Rjb, Param::Slope], ..BASE };

/// The model with regions.
pub(in crate::gsim) const ESHM20: ModelInfo = ModelInfo {
    name: "KothaEtAl2020ESHM20",
    params: &[Param::Mag, Param::HypoDepth, Param::Rjb, Param::Vs30, Param::Vs30Measured, Param::Region],
    reference: "Weatherill et al. (2020), A regionally-adaptable \"scaled backbone\" ground motion logic tree for shallow \
                seismicity in Europe: application to the 2020 European seismic hazard model, Bulletin of Earthquake \
                Engineering 18, 5087-5117",
    doi: Some("10.1007/s10518-020-00899-9"),
    ..BASE
};

const GEOLOGY: ModelInfo = ModelInfo {
    name: "KothaEtAl2020ESHM20SlopeGeology",
    params: &[Param::Mag, Param::HypoDepth, Param::Rjb, Param::Slope, Param::Geology, Param::Region],
    ..ESHM20
};

/// The models of average spectral acceleration.
const AVERAGE: ModelInfo = ModelInfo {
    name: "Weatherill2024ESHM20AvgSA",
    imts: &[ImtKind::AvgSa],
    reference: "Weatherill (2024), A regionalised direct AvgSA ground motion model for Europe, in preparation",
    doi: None,
    validity: Validity::NOT_STATED,
    ..ESHM20
};

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "KothaEtAl2020": BASE => make(Kind::Base, Sigma::Same),
    "KothaEtAl2020Site": BY_VS30 => make(Kind::Vs30, Sigma::Same),
    "KothaEtAl2020Slope": BY_SLOPE => make(Kind::Slope, Sigma::Same),
    "KothaEtAl2020ESHM20": ESHM20 => make(Kind::Eshm20, Sigma::ByMagnitude),
    "KothaEtAl2020ESHM20SlopeGeology": GEOLOGY => make(Kind::Geology, Sigma::ByMagnitude),
    "Weatherill2024ESHM20AvgSA": AVERAGE => make(Kind::Eshm20, Sigma::ByMagnitude),
    "Weatherill2024ESHM20AvgSAHomoskedastic": AVERAGE => make(Kind::Eshm20, Sigma::Same),
    "Weatherill2024ESHM20SlopeGeologyAvgSA": AVERAGE_GEOLOGY => make(Kind::Geology, Sigma::ByMagnitude),
};

const AVERAGE_GEOLOGY: ModelInfo = ModelInfo { params: GEOLOGY.params, ..AVERAGE };

/// A branch of a hazard model: the model with regions, what is added for the region of the earthquake, and how many standard
/// deviations the attenuation of the regions is from its mean.
pub(in crate::gsim) fn branch(info: &'static ModelInfo, source: Source, c3_epsilon: f64) -> Made {
    let (kind, sigma) = (Kind::Eshm20, Sigma::ByMagnitude);
    Ok(Arc::new(KothaEtAl2020 { info, kind, sigma, source, c3_epsilon, c3: None, ergodic: true }))
}

fn make(info: &'static ModelInfo, arguments: &mut Arguments, kind: Kind, sigma: Sigma) -> Made {
    let table =
        |values: Vec<(Imt, f64)>| Table::of(values.into_iter().map(|(imt, value)| (imt, vec![value])).collect());
    let epsilon = arguments.number_or("sigma_mu_epsilon", 0.0)?;
    let source = arguments.by_imt("dl2l")?.map_or(Source::Epsilon(epsilon), |values| Source::Given(table(values)));
    let c3 = if kind.is_regional() { arguments.by_imt("c3")?.map(table) } else { None };
    let c3_epsilon = arguments.number_or("c3_epsilon", 0.0)?;
    let ergodic = arguments.flag_or("ergodic", true)?;
    Ok(Arc::new(KothaEtAl2020 { info, kind, sigma, source, c3_epsilon, c3, ergodic }))
}

coefficients! {
    /// The electronic supplement's table, but for the site.
    struct Coeffs { e1, b1, b2, b3, c1, c2, c3, tau_c3, tau_event_0, tau_l2l, phi_0 }
}

coefficients! {
    /// The site terms of 2020, of `vs30` and of slope, and the standard deviation between sites without one.
    struct SiteCoeffs {
        phis2s, g0_vs30, g1_vs30, g2_vs30, phi_s2s_vs30, g0_slope, g1_slope, g2_slope, phi_s2s_slope,
    }
}

coefficients! {
    /// The site terms of the hazard model, of measured and of inferred `vs30`.
    struct Eshm20Site { d0_obs, d1_obs, phi_s2s_obs, d0_inf, d1_inf, phi_s2s_inf }
}

coefficients! {
    /// The site terms of slope and geological era.
    struct GeologySite {
        v1, v2, phi_s2s, int_cenozoic, int_holocene, int_jurassic_triassic, int_cretaceous, int_paleozoic, int_pleistocene,
        int_precambrian, int_unknown, grad_cenozoic, grad_holocene, grad_jurassic_triassic, grad_cretaceous, grad_paleozoic,
        grad_pleistocene, grad_precambrian, grad_unknown,
    }
}

coefficients! {
    /// The attenuation of five regions.
    struct Regions {
        region_1, tau_region_1, region_2, tau_region_2, region_3, tau_region_3, region_4, tau_region_4, region_5,
        tau_region_5,
    }
}

coefficients! {
    /// Statistical uncertainty of great earthquakes, by depth.
    struct SigmaMu {
        sigma_mu_m8_shallow, sigma_mu_m8_intermediate, sigma_mu_m8_deep, sigma_mu_m7p4_shallow,
        sigma_mu_m7p4_intermediate, sigma_mu_m7p4_deep,
    }
}

coefficients! {
    /// The standard deviation within events of small and of great earthquakes, and that between events at magnitudes
    /// 4.5, 5, 5.5 and 6.5: of accelerations and velocity it is the global one of Al Atik (2015).
    struct ByMagnitude { a, b, tau1, tau2, tau3, tau4 }
}

coefficients! {
    /// A number for an intensity measure.
    pub(in crate::gsim) struct Value { value }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("KothaEtAl2020.csv");
static SITE: LazyLock<Table<SiteCoeffs>> = table!("KothaEtAl2020.csv");
static ESHM20_SITE: LazyLock<Table<Eshm20Site>> = table!("KothaEtAl2020_eshm20.csv");
static GEOLOGY_SITE: LazyLock<Table<GeologySite>> = table!("KothaEtAl2020_geology.csv");
static REGIONS: LazyLock<Table<Regions>> = table!("KothaEtAl2020_regions.csv");
static SIGMA_MU: LazyLock<Table<SigmaMu>> = table!("KothaEtAl2020_sigma_mu.csv");
static BY_MAGNITUDE: LazyLock<Table<ByMagnitude>> = table!("KothaEtAl2020_phi0.csv");

/// Which site term a model has.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Base,
    Vs30,
    Slope,
    Eshm20,
    Geology,
}

impl Kind {
    /// Whether the attenuation depends on the region.
    fn is_regional(self) -> bool {
        matches!(self, Kind::Eshm20 | Kind::Geology)
    }
}

/// Whether the standard deviations depend on magnitude.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sigma {
    Same,
    ByMagnitude,
}

/// What is added for the region of the earthquake.
#[derive(Debug)]
pub(in crate::gsim) enum Source {
    /// So many standard deviations of the regions.
    Epsilon(f64),
    /// A number for each intensity measure.
    Given(Table<Value>),
}

/// Kotha et al. (2020).
#[derive(Debug)]
struct KothaEtAl2020 {
    info: &'static ModelInfo,
    kind: Kind,
    sigma: Sigma,
    source: Source,
    /// How many standard deviations the attenuation is from its mean.
    c3_epsilon: f64,
    /// In place of c3 and of the regions.
    c3: Option<Table<Value>>,
    ergodic: bool,
}

impl Gsim for KothaEtAl2020 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        let given = |table: &Table<Value>| {
            let defined = || table.imts().map(Imt::to_string).collect::<Vec<_>>().join(", ");
            let error = || GsimError::ImtNotDefined { model: self.info.name, imt: *imt, defined: defined() };
            table.get(imt).map(|_| ()).ok_or_else(error)
        };
        self.c3.as_ref().map_or(Ok(()), given)?;
        match &self.source {
            Source::Epsilon(_) => Ok(()),
            Source::Given(table) => given(table),
        }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, depth, rjb] = ctx.columns([Param::Mag, Param::HypoDepth, Param::Rjb]);
        let column = |param| ctx.column(param);
        let [vs30, measured, slope, geology, region] =
            [Param::Vs30, Param::Vs30Measured, Param::Slope, Param::Geology, Param::Region].map(column);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let (site, kind) = match self.kind {
                Kind::Base => (0.0, 0),
                Kind::Vs30 => (scalar::ln(vs30[k] / 800.0), 0),
                Kind::Slope => (scalar::ln(slope[k] / 0.1), 0),
                Kind::Eshm20 => (scalar::ln(vs30[k].min(1100.0)), usize::from(measured[k] != 0.0)),
                Kind::Geology => (scalar::ln(slope[k].clamp(0.0005, 0.3)), geology[k] as usize),
            };
            Terms::new(mag[k], depth[k], rjb[k], site, kind, region.get(k).map_or(0, |&region| region as usize))
        });
    }
}

impl KothaEtAl2020 {
    fn row(&self, imt: &Imt) -> Row {
        let c = COEFFS.at(imt);
        let (tau, phi) = if self.sigma == Sigma::ByMagnitude {
            let s = BY_MAGNITUDE.at(imt);
            ([s.tau1, s.tau2, s.tau3, s.tau4], [s.a, s.b])
        } else {
            ([c.tau_event_0; 4], [c.phi_0; 2])
        };
        let epsilon = if let Source::Epsilon(epsilon) = self.source { epsilon } else { 0.0 };
        let dl2l = match &self.source {
            Source::Epsilon(_) => 0.0,
            Source::Given(table) => table.at(imt).value,
        };
        Row {
            c,
            c3: self.c3(imt, &c),
            site: self.site(imt),
            sigma_mu: SIGMA_MU.at(imt),
            epsilon,
            constant: dl2l - ln_unit(imt),
            tau,
            phi,
            ergodic: if self.ergodic { 1.0 } else { 0.0 },
        }
    }

    /// The attenuation without a region and in five.
    fn c3(&self, imt: &Imt, c: &Coeffs) -> [f64; 6] {
        if let Some(table) = &self.c3 {
            return [table.at(imt).value; 6];
        }
        let everywhere = [c.c3, c.tau_c3];
        let by_region = match REGIONS.get(imt).filter(|_| self.kind.is_regional()) {
            None => [everywhere; 6],
            Some(r) => [
                everywhere,
                [r.region_1, r.tau_region_1],
                [r.region_2, r.tau_region_2],
                [r.region_3, r.tau_region_3],
                [r.region_4, r.tau_region_4],
                [r.region_5, r.tau_region_5],
            ],
        };
        by_region.map(|[c3, tau]| c3 + self.c3_epsilon * tau)
    }

    fn site(&self, imt: &Imt) -> [SiteTerm; KINDS] {
        let site = || SITE.at(imt);
        let same = |g, phi_s2s| [SiteTerm { g, phi_s2s }; KINDS];
        match self.kind {
            Kind::Base => same([0.0; 3], site().phis2s),
            Kind::Vs30 => same([site().g0_vs30, site().g1_vs30, site().g2_vs30], site().phi_s2s_vs30),
            Kind::Slope => same([site().g0_slope, site().g1_slope, site().g2_slope], site().phi_s2s_slope),
            Kind::Eshm20 => {
                let e = ESHM20_SITE.at(imt);
                let mut terms = same([e.d0_inf, e.d1_inf, 0.0], e.phi_s2s_inf);
                terms[1] = SiteTerm { g: [e.d0_obs, e.d1_obs, 0.0], phi_s2s: e.phi_s2s_obs };
                terms
            }
            Kind::Geology => geology(&GEOLOGY_SITE.at(imt)),
        }
    }
}

/// By the place of the era among the categories of the parameter; first that of none.
fn geology(c: &GeologySite) -> [SiteTerm; KINDS] {
    let eras = [
        [0.0, 0.0],
        [c.int_cenozoic, c.grad_cenozoic],
        [c.int_holocene, c.grad_holocene],
        [c.int_jurassic_triassic, c.grad_jurassic_triassic],
        [c.int_cretaceous, c.grad_cretaceous],
        [c.int_paleozoic, c.grad_paleozoic],
        [c.int_pleistocene, c.grad_pleistocene],
        [c.int_precambrian, c.grad_precambrian],
        [c.int_unknown, c.grad_unknown],
    ];
    eras.map(|[constant, slope]| SiteTerm { g: [c.v1 + constant, c.v2 + slope, 0.0], phi_s2s: c.phi_s2s })
}

/// How many kinds of sites there are: geological eras and none.
const KINDS: usize = 9;

/// A polynomial in the logarithm of what is known of a site, and the standard deviation between sites.
#[derive(Clone, Copy, Debug)]
struct SiteTerm {
    g: [f64; 3],
    phi_s2s: f64,
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// By region.
    c3: [f64; 6],
    /// By kind of site.
    site: [SiteTerm; KINDS],
    sigma_mu: SigmaMu,
    epsilon: f64,
    /// What is added for the region of the earthquake, and the unit.
    constant: f64,
    tau: [f64; 4],
    phi: [f64; 2],
    /// 1 if the standard deviation is that of all sites, else 0.
    ergodic: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// Shallow, intermediate and deep earthquakes: 0, 1 or 2.
    depth: usize,
    /// ln(R / Rref)
    ln_distance: f64,
    /// (R - Rref) / 100
    distance: f64,
    site: f64,
    kind: usize,
    region: usize,
}

impl Terms {
    fn new(mag: f64, hypo_depth: f64, rjb: f64, site: f64, kind: usize, region: usize) -> Terms {
        const RREF: f64 = 30.0;
        let h = if hypo_depth <= 10.0 {
            4.0
        } else if hypo_depth <= 20.0 {
            8.0
        } else {
            12.0
        };
        let (r, reference) = (hypot(rjb, h), hypot(RREF, h));
        Terms {
            mag,
            depth: usize::from(hypo_depth >= 10.0) + usize::from(hypo_depth >= 20.0),
            ln_distance: ln(r / reference),
            distance: (r - reference) / 100.0,
            site,
            kind: kind.min(KINDS - 1),
            region: if region < 6 { region } else { 0 },
        }
    }
}

/// Equations 1 to 3.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let site = &self.site[t.kind];
        let [g0, g1, g2] = site.g;
        let path = (c.c1 + c.c2 * (t.mag - 4.5)) * t.ln_distance + self.c3[t.region] * t.distance;
        let source = magnitude(c, t.mag) + self.epsilon * sigma_mu(self, t) + self.constant;
        let mean = source + path + g0 + (g1 + g2 * t.site) * t.site;
        let (tau, phi_0) = (tau(&self.tau, t.mag), self.phi[0] + (self.phi[1] - self.phi[0]) * ramp(t.mag, 5.0, 6.5));
        let phi = (phi_0 * phi_0 + self.ergodic * site.phi_s2s * site.phi_s2s).sqrt();
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Equation 2.
#[inline(always)]
fn magnitude(c: &Coeffs, mag: f64) -> f64 {
    let above = mag - 5.7;
    c.e1 + if above <= 0.0 { (c.b1 + c.b2 * above) * above } else { c.b3 * above }
}

/// The standard deviation of regions, and for great magnitudes that of the statistics if it is greater.
#[inline(always)]
fn sigma_mu(row: &Row, t: &Terms) -> f64 {
    let s = &row.sigma_mu;
    let at_7p4 = [s.sigma_mu_m7p4_shallow, s.sigma_mu_m7p4_intermediate, s.sigma_mu_m7p4_deep][t.depth];
    let at_8 = [s.sigma_mu_m8_shallow, s.sigma_mu_m8_intermediate, s.sigma_mu_m8_deep][t.depth];
    let of_statistics = at_7p4 + (at_8 - at_7p4) * ramp(t.mag, 7.4, 8.0);
    if t.mag < 7.4 { row.c.tau_l2l } else { row.c.tau_l2l.max(of_statistics) }
}

/// Al Atik (2015), equation 5.6.
#[inline(always)]
fn tau(tau: &[f64; 4], mag: f64) -> f64 {
    tau[0]
        + (tau[1] - tau[0]) * ramp(mag, 4.5, 5.0)
        + (tau[2] - tau[1]) * ramp(mag, 5.0, 5.5)
        + (tau[3] - tau[2]) * ramp(mag, 5.5, 6.5)
}

/// From 0 at the first to 1 at the second bound, constant beyond.
#[inline(always)]
fn ramp(x: f64, from: f64, to: f64) -> f64 {
    ((x - from) / (to - from)).clamp(0.0, 1.0)
}
