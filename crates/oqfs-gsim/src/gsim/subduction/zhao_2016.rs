//! Zhao et al. (2016), for the crust, the upper mantle, the interface and the slab of subduction in Japan.
//!
//! Zhao J.X., Zhou S., Gao P., Zhang Y., Zhou J., Lu M., Rhoades D.A., 2016. Ground-motion prediction equations for
//! shallow crustal and upper mantle earthquakes in Japan using site class and simple geometric attenuation functions.
//! Bulletin of the Seismological Society of America 106(4), 1552-1569, doi:10.1785/0120150063.
//!
//! Zhao J.X., Liang X., Jiang F., Xing H., Zhu M., et al., 2016. Ground-motion prediction equations for subduction
//! interface earthquakes in Japan using site class and simple geometric attenuation functions. Bulletin of the
//! Seismological Society of America 106(4), 1518-1534, doi:10.1785/0120150034.
//!
//! Zhao J.X., Jiang F., Shi P., Xing H., Huang H., et al., 2016. Ground-motion prediction equations for subduction slab
//! earthquakes in Japan using site class and simple geometric attenuation functions. Bulletin of the Seismological
//! Society of America 106(4), 1535-1551, doi:10.1785/0120150056.
//!
//! - Component: geometric mean. Units: g.
//! - Four site classes by `vs30`, above 600, 300 and 200 m/s and below; `rvolc` is the path through volcanic zones, km,
//!   which calculations take as 0, as in the engine.
//!
//! A `SiteSigma` model has a standard deviation within events for each class. In the slab, the top of the rupture is at
//! most at 100 km where it scales motion, as the authors' program has it. `ZhaoEtAl2016SSlabPErg` is the model for the
//! slab, where the argument `volc_arc_file` may name a file of volcanic zones that paths go through.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar::{self, powf};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Make, Model};
use crate::gsim::volcanic_zones::Zones;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for paths through volcanic zones, and the argument that names their file.
pub(in crate::gsim) const FILE: (&str, &str) = ("ZhaoEtAl2016SSlabPErg", "volc_arc_file");

/// The model for the crust.
const CRUST: ModelInfo = ModelInfo {
    name: "ZhaoEtAl2016Asc",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Ztor, Param::Rrup, Param::Rvolc, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Zhao et al. (2016), Ground-motion prediction equations for shallow crustal and upper mantle earthquakes in \
                Japan using site class and simple geometric attenuation functions, Bulletin of the Seismological Society of \
                America 106(4), 1552-1569",
    doi: Some("10.1785/0120150063"),
    validity: Validity::NOT_STATED,
};

/// The model for the upper mantle.
const MANTLE: ModelInfo = ModelInfo { name: "ZhaoEtAl2016UpperMantle", trt: Trt::UpperMantle, ..CRUST };

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "ZhaoEtAl2016SInter",
    trt: Trt::SubductionInterface,
    params: &[Param::Mag, Param::Ztor, Param::Rrup, Param::Rvolc, Param::Vs30],
    reference: "Zhao et al. (2016), Ground-motion prediction equations for subduction interface earthquakes in Japan using \
                site class and simple geometric attenuation functions, Bulletin of the Seismological Society of America \
                106(4), 1518-1534",
    doi: Some("10.1785/0120150034"),
    ..CRUST
};

/// The model for the slab.
const SLAB: ModelInfo = ModelInfo {
    name: "ZhaoEtAl2016SSlab",
    trt: Trt::SubductionIntraslab,
    reference: "Zhao et al. (2016), Ground-motion prediction equations for subduction slab earthquakes in Japan using site \
                class and simple geometric attenuation functions, Bulletin of the Seismological Society of America 106(4), \
                1535-1551",
    doi: Some("10.1785/0120150056"),
    ..INTERFACE
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: CRUST, make: PLAIN },
    Model { info: ModelInfo { name: "ZhaoEtAl2016AscSiteSigma", ..CRUST }, make: SITE_SIGMA },
    Model { info: MANTLE, make: PLAIN },
    Model { info: ModelInfo { name: "ZhaoEtAl2016UpperMantleSiteSigma", ..MANTLE }, make: SITE_SIGMA },
    Model { info: INTERFACE, make: PLAIN },
    Model { info: ModelInfo { name: "ZhaoEtAl2016SInterSiteSigma", ..INTERFACE }, make: SITE_SIGMA },
    Model { info: SLAB, make: PLAIN },
    Model {
        info: ModelInfo { name: FILE.0, ..SLAB },
        make: |info, arguments| {
            let Some((text, path)) = arguments.text_file(FILE.1)? else { return PLAIN(info, arguments) };
            let zones = Zones::of_geojson(&text);
            let zones =
                zones.map_err(|message| arguments.wrong(FILE.1, &path, format!("a GeoJSON file; {message}")))?;
            let params = Param::union(SLAB.params, &[Param::Clon, Param::Clat, Param::Lon, Param::Lat]);
            Ok(Arc::new(ZhaoEtAl2016 { info, site_sigma: false, zones: Some(zones), params }))
        },
    },
    Model { info: ModelInfo { name: "ZhaoEtAl2016SSlabSiteSigma", ..SLAB }, make: SITE_SIGMA },
];

const PLAIN: Make = |info, _| Ok(Arc::new(without_zones(info, false)));
const SITE_SIGMA: Make = |info, _| Ok(Arc::new(without_zones(info, true)));

fn without_zones(info: &'static ModelInfo, site_sigma: bool) -> ZhaoEtAl2016 {
    ZhaoEtAl2016 { info, site_sigma, zones: None, params: info.params.to_vec() }
}

coefficients! {
    /// The crust and the upper mantle.
    struct Crust {
        c1, c2, ccr, dcr, fn_cr, frv_um, fn_um, bcr, gcr, gum, gcrn, gcrl, ecr, eum, ecrv, gamma_s,
    }
}

coefficients! {
    /// The interface.
    struct Interface {
        alpha, beta, cint, cints, dint, gamma_ints, bint, gint, gintld, gintls, eintv, eints, gammaint, s5, s6, s7,
    }
}

coefficients! {
    /// The slab.
    struct Slab { alpha, beta, csl, csl2, dsl, bslh, gsl, gll, eslv, esl, eslh, gamma }
}

coefficients! {
    /// What the tables of all sources have: the rock site, the site classes, and the standard deviations.
    struct Common { lnsc1am, s2, s3, s4, sigma, tau, sigma1, sigma2, sigma3, sigma4 }
}

coefficients! {
    /// Amplification by the site classes, and the factor of the spectral ratio by source.
    struct Classes {
        ln_amax1, ln_amax2, ln_amax3, ln_amax4, src1, src2, src3, src4, fsr1, fsr2_crust, fsr3_crust, fsr4_crust,
        fsr2_mantle, fsr3_mantle, fsr4_mantle, fsr2_interface, fsr3_interface, fsr4_interface, fsr2_slab, fsr3_slab,
        fsr4_slab,
    }
}

static CRUST_COEFFS: LazyLock<Table<Crust>> = table!("ZhaoEtAl2016_crust.csv");
static INTERFACE_COEFFS: LazyLock<Table<Interface>> = table!("ZhaoEtAl2016_interface.csv");
static SLAB_COEFFS: LazyLock<Table<Slab>> = table!("ZhaoEtAl2016_slab.csv");
static CRUST_COMMON: LazyLock<Table<Common>> = table!("ZhaoEtAl2016_crust.csv");
static INTERFACE_COMMON: LazyLock<Table<Common>> = table!("ZhaoEtAl2016_interface.csv");
static SLAB_COMMON: LazyLock<Table<Common>> = table!("ZhaoEtAl2016_slab.csv");
static CLASSES: LazyLock<Table<Classes>> = table!("ZhaoEtAl2016_site.csv");

/// Where the scaling with magnitude breaks.
const M_C: f64 = 7.1;

/// Zhao et al. (2016).
#[derive(Debug)]
struct ZhaoEtAl2016 {
    info: &'static ModelInfo,
    /// Whether the standard deviation within events depends on the site class.
    site_sigma: bool,
    /// In place of `rvolc`.
    zones: Option<Zones>,
    params: Vec<Param>,
}

impl Gsim for ZhaoEtAl2016 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        CLASSES.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, ztor, rrup, rvolc, vs30] =
            ctx.columns([Param::Mag, Param::Ztor, Param::Rrup, Param::Rvolc, Param::Vs30]);
        let rake = ctx.column(Param::Rake);
        let [lon, lat, clon, clat] = [Param::Lon, Param::Lat, Param::Clon, Param::Clat].map(|param| ctx.column(param));
        let volcanic = |k: usize| match &self.zones {
            Some(zones) => zones.path((lon[k], lat[k]), (clon[k], clat[k])),
            None => rvolc[k],
        };
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let interface = self.info.trt == Trt::SubductionInterface;
        batch::compute(ctx.len(), &rows, out, |k| {
            let rake = rake.get(k).copied().unwrap_or(0.0);
            let class = [600.0, 300.0, 200.0].iter().take_while(|&&bound| vs30[k] <= bound).count();
            // Below 25 km the softer classes of the interface have other factors.
            let is_deep = interface && ztor[k] > 25.0;
            Terms {
                mag: mag[k],
                ztor: ztor[k],
                rrup: rrup[k],
                rvolc: volcanic(k),
                ln_far: ln(rrup[k] + 200.0),
                deep: [usize::from(is_deep), usize::from(interface && ztor[k] >= 25.0)],
                normal: f64::from((-135.0..=-45.0).contains(&rake)),
                reverse: f64::from(rake > 45.0 && rake < 135.0),
                class,
                site: if is_deep && class > 0 { class + 3 } else { class },
            }
        });
    }
}

impl ZhaoEtAl2016 {
    fn row(&self, imt: &Imt) -> Row {
        let classes = CLASSES.at(imt);
        let s = &classes;
        let (source, common, deep, [fsr2, fsr3, fsr4]) = match self.info.trt {
            Trt::SubductionInterface => {
                let i = INTERFACE_COEFFS.at(imt);
                let fsr = [s.fsr2_interface, s.fsr3_interface, s.fsr4_interface];
                (interface(&i), INTERFACE_COMMON.at(imt), [i.s5, i.s6, i.s7], fsr)
            }
            Trt::SubductionIntraslab => {
                let fsr = [s.fsr2_slab, s.fsr3_slab, s.fsr4_slab];
                (slab(&SLAB_COEFFS.at(imt)), SLAB_COMMON.at(imt), [0.0; 3], fsr)
            }
            Trt::UpperMantle => {
                let fsr = [s.fsr2_mantle, s.fsr3_mantle, s.fsr4_mantle];
                (mantle(&CRUST_COEFFS.at(imt)), CRUST_COMMON.at(imt), [0.0; 3], fsr)
            }
            _ => {
                let fsr = [s.fsr2_crust, s.fsr3_crust, s.fsr4_crust];
                (crust(&CRUST_COEFFS.at(imt)), CRUST_COMMON.at(imt), [0.0; 3], fsr)
            }
        };
        let c = &common;
        let amplified = [0.0, c.s2, c.s3, c.s4, deep[0], deep[1], deep[2]];
        let by_class = |i: usize| if i < 4 { i } else { i - 3 };
        let (ln_amax, src) = ([s.ln_amax1, s.ln_amax2, s.ln_amax3, s.ln_amax4], [s.src1, s.src2, s.src3, s.src4]);
        let fsr = [s.fsr1, fsr2, fsr3, fsr4];
        let site = std::array::from_fn(|i| {
            let class = by_class(i);
            SiteRow::new(class, amplified[i], c.lnsc1am, ln_amax[class], src[class], fsr[class])
        });
        let phi = if self.site_sigma { [c.sigma1, c.sigma2, c.sigma3, c.sigma4] } else { [c.sigma; 4] };
        Row { source, site, tau: c.tau, phi }
    }
}

/// The coefficients of source and path of one intensity measure. Of two numbers, the second is for depths of 25 km and more
/// at the interface.
#[derive(Clone, Copy)]
struct SourceRow {
    /// The slope of magnitude up to M_C.
    magnitude: [f64; 2],
    /// The factor of the squared magnitude above 6.3, up to M_C.
    squared: f64,
    /// The slope of magnitude above M_C.
    great: f64,
    /// Of the top of the rupture, at most so deep, km.
    depth: [f64; 2],
    normal: f64,
    reverse: f64,
    /// The saturation near the source: a length, km, and the constant and slope in magnitude of a logarithm.
    saturation: [f64; 3],
    spreading: f64,
    /// Of ln(R + 200).
    far: [f64; 2],
    anelastic: [f64; 2],
    /// What deep earthquakes in the slab add to the attenuation.
    deep_anelastic: f64,
    /// Spreading within 30 km, and the length that it saturates at, km.
    near: [f64; 2],
    volcanic: f64,
    constant: [f64; 2],
}

fn crust(c: &Crust) -> SourceRow {
    SourceRow {
        magnitude: [c.ccr; 2],
        squared: 0.0,
        great: c.dcr,
        depth: [c.bcr, f64::INFINITY],
        normal: c.fn_cr,
        reverse: 0.0,
        saturation: [2.0, c.c1, c.c2],
        spreading: c.gcr,
        far: [c.gcrl; 2],
        anelastic: [c.ecr; 2],
        deep_anelastic: 0.0,
        near: [c.gcrn, 2.0 + scalar::exp(c.c1 + 6.5 * c.c2)],
        volcanic: c.ecrv,
        constant: [c.gamma_s; 2],
    }
}

fn mantle(c: &Crust) -> SourceRow {
    SourceRow {
        depth: [0.0; 2],
        normal: c.fn_um,
        reverse: c.frv_um,
        spreading: c.gum,
        anelastic: [c.eum; 2],
        ..crust(c)
    }
}

fn interface(c: &Interface) -> SourceRow {
    SourceRow {
        magnitude: [c.cints, c.cint],
        squared: 0.0,
        great: c.dint,
        depth: [c.bint, f64::INFINITY],
        normal: 0.0,
        reverse: 0.0,
        saturation: [10.0, c.alpha, c.beta],
        spreading: c.gint,
        far: [c.gintls, c.gintld],
        anelastic: [c.eints, 0.0],
        deep_anelastic: 0.0,
        near: [0.0, 1.0],
        volcanic: c.eintv,
        constant: [c.gammaint + c.gamma_ints, c.gammaint],
    }
}

fn slab(c: &Slab) -> SourceRow {
    SourceRow {
        magnitude: [c.csl; 2],
        squared: c.csl2,
        great: c.dsl,
        depth: [c.bslh, 100.0],
        normal: 0.0,
        reverse: 0.0,
        saturation: [0.0, c.alpha, c.beta],
        spreading: c.gsl,
        far: [c.gll; 2],
        anelastic: [c.esl; 2],
        deep_anelastic: c.eslh,
        near: [0.0, 1.0],
        volcanic: c.eslv,
        constant: [c.gamma; 2],
    }
}

/// The amplification by a site class: a constant, and less of it as the motion on rock grows.
#[derive(Clone, Copy)]
struct SiteRow {
    constant: f64,
    factor: f64,
    /// The spectral ratio over the motion on rock.
    ratio: f64,
}

/// The numbers of the same names.
const ALPHA: f64 = 2.0;
const BETA: f64 = 0.6;

impl SiteRow {
    /// `amplified` is the logarithm of the elastic amplification over that of rock, `ln_rock` that of rock over hard rock.
    fn new(class: usize, amplified: f64, ln_rock: f64, ln_amax: f64, src: f64, fsr: f64) -> SiteRow {
        // The ratio of impedances of a class.
        const IMPEDANCE: [f64; 4] =
            [(1.0 + 0.8 * 2.73) / 3.5, 3.07 / 3.0, (1.0 + 0.9 * 1.76) / 2.5, (1.0 + 0.6 * 2.02) / 3.0];
        let impedance = IMPEDANCE[class];
        let src = src * impedance;
        let (ln_beta, ln_src) = (ln(BETA), scalar::ln(powf(src, ALPHA) + BETA));
        let ln_elastic = ln_rock + amplified;
        let ln_sf = ln_elastic - ln_amax;
        let snc = if scalar::exp(ln_elastic) < 1.25 {
            let a = ln_amax / (ln_beta - ln_src);
            let (b, ln_10_beta) = (-a * ln_src, ln(10.0 * BETA));
            let above = a * (ALPHA - 1.0) * ln_beta * ln_10_beta - std::f64::consts::LN_10 * (b + ln_sf);
            scalar::exp(above / (a * (ALPHA * ln_10_beta - ln_beta)))
        } else {
            powf(scalar::exp((ln_elastic * ln_src - ln_sf * ln_beta) / ln_amax) - BETA, 1.0 / ALPHA)
        };
        let ratio = impedance * snc / src * fsr * scalar::exp(-ln_rock);
        // Without a root the ground does not yield.
        let ratio = if ratio.is_nan() { 0.0 } else { ratio };
        SiteRow { constant: amplified, factor: ln_amax / (ln_src - ln_beta), ratio }
    }

    #[inline(always)]
    fn ln_amplification(&self, ln_rock: f64) -> f64 {
        let spectral_ratio = self.ratio * exp(ln_rock);
        self.constant - self.factor * ln(spectral_ratio * spectral_ratio / BETA + 1.0)
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    source: SourceRow,
    /// The four classes, and the three softer ones below 25 km at the interface.
    site: [SiteRow; 7],
    tau: f64,
    /// By class.
    phi: [f64; 4],
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    ztor: f64,
    rrup: f64,
    rvolc: f64,
    /// ln(R + 200)
    ln_far: f64,
    /// Which of two numbers holds at the depth: of the source and of the path.
    deep: [usize; 2],
    /// 1 for normal and for reverse faulting, else 0.
    normal: f64,
    reverse: f64,
    /// From hard to soft, 0 to 3.
    class: usize,
    /// The place of the class in the site terms.
    site: usize,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let rock = source(&self.source, t) + path(&self.source, t);
        let (tau, phi) = (self.tau, self.phi[t.class]);
        let mean = rock + self.site[t.site].ln_amplification(rock);
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

#[inline(always)]
fn source(c: &SourceRow, t: &Terms) -> f64 {
    const M_SC: f64 = 6.3;
    let mag = t.mag.min(M_C);
    let magnitude = c.magnitude[t.deep[0]] * mag + c.squared * (mag - M_SC) * (mag - M_SC);
    let faulting = c.normal * t.normal + c.reverse * t.reverse;
    magnitude + c.great * (t.mag - mag) + c.depth[0] * t.ztor.min(c.depth[1]) + faulting
}

#[inline(always)]
fn path(c: &SourceRow, t: &Terms) -> f64 {
    let [km, constant, slope] = c.saturation;
    let saturated = km + t.rrup + exp(constant + slope * t.mag.min(M_C));
    let near = c.near[0] * ln(t.rrup.min(30.0) + c.near[1]);
    let deep = t.deep[1];
    let anelastic = c.anelastic[deep] + c.deep_anelastic * (0.02 * t.ztor - 1.0).max(0.0);
    c.spreading * ln(saturated)
        + c.far[deep] * t.ln_far
        + near
        + anelastic * t.rrup
        + c.volcanic * t.rvolc
        + c.constant[deep]
}
