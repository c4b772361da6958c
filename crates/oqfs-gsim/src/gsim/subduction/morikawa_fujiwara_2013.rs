//! Morikawa and Fujiwara (2013), for the crust, the interface and the slab of subduction in Japan, up to magnitude 9.
//!
//! Morikawa N., Fujiwara H., 2013. A new ground motion prediction equation for Japan applicable up to M9
//! mega-earthquake. Journal of Disaster Research 8(5), 878-888, doi:10.20965/jdr.2013.p0878. This is its model 1,
//! quadratic in magnitude.
//!
//! - Component: geometric mean. Units: g, cm/s for `PGV`, and the intensity itself for `JMA`.
//! - `z1pt4`, m.
//!
//! `NE` and `SW` have the anomalous intensities of north-eastern and south-western Japan, by the distance from the volcanic
//! front of the Pacific or the Philippine Sea plate (equation 11).
//!
//! `NIED` are the models of the seismic hazard maps of Japan of 2025: the standard deviation depends on the distance in the
//! crust, and in subduction on `PGV` on ground of 600 m/s by Si and Midorikawa (1999); see
//! <https://www.j-shis.bosai.go.jp/en/labs/mf2013/>, equations 7 and 8. Their anomalous intensities of the slab are limited to
//! places, with zones of the Philippine Sea plate.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar::log10;
use crate::geo::polygon::{Polygon, Projected};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::si_midorikawa_1999;
use crate::gsim::front::Front;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the crust.
const CRUST: ModelInfo = ModelInfo {
    name: "MorikawaFujiwara2013Crustal",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa, ImtKind::Jma],
    params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30, Param::Z1pt4, Param::Lon, Param::Lat],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Morikawa and Fujiwara (2013), A new ground motion prediction equation for Japan applicable up to M9 \
                mega-earthquake, Journal of Disaster Research 8(5), 878-888",
    doi: Some("10.20965/jdr.2013.p0878"),
    validity: Validity::NOT_STATED,
};

const INTERFACE: ModelInfo = ModelInfo { trt: Trt::SubductionInterface, ..CRUST };
const SLAB: ModelInfo = ModelInfo { trt: Trt::SubductionIntraslab, ..CRUST };
const NIED_PARAMS: &[Param] = &[
    Param::Mag,
    Param::HypoDepth,
    Param::HypoLon,
    Param::HypoLat,
    Param::Rrup,
    Param::Vs30,
    Param::Z1pt4,
    Param::Lon,
    Param::Lat,
];
const NIED_INTERFACE: ModelInfo = ModelInfo { params: NIED_PARAMS, ..INTERFACE };
const NIED_SLAB: ModelInfo = ModelInfo { params: NIED_PARAMS, ..SLAB };

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "MorikawaFujiwara2013Crustal": CRUST => make(Region::Any, Sigma::Published),
    "MorikawaFujiwara2013CrustalNIED": CRUST => make(Region::Any, Sigma::OfCrust),
    "MorikawaFujiwara2013SubInterface": INTERFACE => make(Region::Any, Sigma::Published),
    "MorikawaFujiwara2013SubInterfaceNE": INTERFACE => make(Region::NorthEast, Sigma::Published),
    "MorikawaFujiwara2013SubInterfaceSW": INTERFACE => make(Region::SouthWest, Sigma::Published),
    "MorikawaFujiwara2013SubInterfaceNIED": NIED_INTERFACE => make(Region::Any, OF_INTERFACE),
    "MorikawaFujiwara2013SubInterfaceNENIED": NIED_INTERFACE => make(Region::NorthEast, OF_INTERFACE),
    "MorikawaFujiwara2013SubInterfaceSWNIED": NIED_INTERFACE => make(Region::SouthWest, OF_INTERFACE),
    "MorikawaFujiwara2013SubSlab": SLAB => make(Region::Any, Sigma::Published),
    "MorikawaFujiwara2013SubSlabNE": SLAB => make(Region::NorthEast, Sigma::Published),
    "MorikawaFujiwara2013SubSlabSW": SLAB => make(Region::SouthWest, Sigma::Published),
    "MorikawaFujiwara2013SubSlabNIED": NIED_SLAB => make(Region::Any, OF_SLAB),
    "MorikawaFujiwara2013SubSlabNENIED": NIED_SLAB => make(Region::NorthEast, OF_SLAB),
    "MorikawaFujiwara2013SubSlabSWNIED": NIED_SLAB => make(Region::SouthWest, OF_SLAB),
};

fn make(info: &'static ModelInfo, _: &mut Arguments, region: Region, sigma: Sigma) -> Made {
    Ok(Arc::new(MorikawaFujiwara2013 { info, region, sigma }))
}

coefficients! {
    /// The coefficients of model 1, in common logarithms.
    struct Coeffs { a, b1, b2, b3, c1, c2, c3, d, pd, dlmin, ps, vsmax, v0, gne, gsw, ph, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("MorikawaFujiwara2013.csv");

/// Where in Japan.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Region {
    Any,
    NorthEast,
    SouthWest,
}

/// The standard deviation.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Sigma {
    /// That of the table.
    Published,
    /// By distance.
    OfCrust,
    /// By the `PGV` of Si and Midorikawa (1999) with this difference of the type of earthquake.
    OfSubduction(f64),
}

const OF_INTERFACE: Sigma = Sigma::OfSubduction(-0.02);
const OF_SLAB: Sigma = Sigma::OfSubduction(0.12);

/// The volcanic front of the Pacific plate, of the National Research Institute for Earth Science and Disaster Resilience.
static PACIFIC: LazyLock<Front> = LazyLock::new(|| {
    Front::through(&[
        (141.6, 24.0),
        (140.2, 31.0),
        (139.7, 34.1),
        (138.7, 36.1),
        (140.1, 37.2),
        (141.0, 39.3),
        (141.2, 42.6),
        (145.0, 43.6),
        (146.9, 44.3),
        (150.0, 45.9),
    ])
});

/// That of the Philippine Sea plate.
static PHILIPPINE: LazyLock<Front> = LazyLock::new(|| {
    Front::through(&[
        (122.0, 24.5),
        (124.0, 24.5),
        (128.3, 27.9),
        (129.7, 29.5),
        (130.8, 31.5),
        (131.6, 33.4),
        (132.0, 34.9),
        (133.7, 35.3),
        (134.9, 35.3),
        (136.9, 36.2),
        (138.7, 36.2),
    ])
});

/// Zones 4 and 5 of the slab of the Philippine Sea plate, of the hazard maps of 2025.
static ZONES: LazyLock<[Projected; 2]> = LazyLock::new(|| [ZONE_4, ZONE_5].map(projected));

/// A zone that is part of the program.
///
/// # Panics
/// If it is no polygon.
fn projected(zone: &[(f64, f64)]) -> Projected {
    match Polygon::new(zone).and_then(|polygon| polygon.project()) {
        Ok(projected) => projected,
        Err(error) => panic!("zone of Morikawa and Fujiwara (2013): {error}"),
    }
}

const ZONE_4: &[(f64, f64)] = &[
    (132.133, 33.217),
    (131.917, 32.933),
    (131.7, 32.533),
    (131.517, 32.017),
    (131.483, 31.783),
    (131.083, 31.067),
    (130.9, 30.817),
    (130.3, 31.05),
    (130.0, 31.267),
    (130.4, 32.0),
    (130.6, 32.367),
    (131.0, 32.65),
    (131.283, 33.267),
];
const ZONE_5: &[(f64, f64)] = &[
    (130.3, 31.05),
    (130.9, 30.817),
    (130.467, 30.25),
    (130.067, 29.8),
    (129.6, 29.233),
    (129.2, 28.6),
    (128.8, 28.1),
    (127.767, 27.1),
    (126.817, 26.1),
    (126.267, 25.6),
    (125.3, 24.967),
    (125.0, 24.85),
    (124.5, 24.717),
    (123.7, 24.633),
    (123.0, 24.533),
    (122.5, 24.55),
    (122.233, 24.55),
    (121.5, 24.55),
    (122.233, 25.333),
    (123.0, 25.5),
    (124.0, 25.767),
    (125.0, 26.5),
    (126.0, 27.267),
    (127.0, 28.0),
    (128.0, 28.817),
    (129.0, 30.0),
    (130.0, 31.267),
];

/// Morikawa and Fujiwara (2013).
#[derive(Debug)]
struct MorikawaFujiwara2013 {
    info: &'static ModelInfo,
    region: Region,
    sigma: Sigma,
}

impl Gsim for MorikawaFujiwara2013 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, depth, rrup] = ctx.columns([Param::Mag, Param::HypoDepth, Param::Rrup]);
        let [vs30, z1pt4, lon, lat] = ctx.columns([Param::Vs30, Param::Z1pt4, Param::Lon, Param::Lat]);
        let [hypo_lon, hypo_lat] = [Param::HypoLon, Param::HypoLat].map(|param| ctx.column(param));
        let by_zone = self.is_by_zone();
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let below = mag[k].min(8.2);
            let in_zones = by_zone.then(|| ZONES.iter().any(|zone| zone.contains(hypo_lon[k], hypo_lat[k])));
            Terms {
                below: (below - 16.0) * (below - 16.0),
                near_source: exp(0.5 * LN_10 * below),
                rrup: rrup[k],
                anomaly: self.anomaly(depth[k], (lon[k], lat[k]), in_zones),
                shallow: f64::from(depth[k] < 80.0 && in_zones != Some(true)),
                z1pt4: z1pt4[k],
                vs30: vs30[k],
                sigma: match self.sigma {
                    Sigma::Published => None,
                    Sigma::OfCrust => Some(si_midorikawa_1999::sigma_of_crust(rrup[k])),
                    Sigma::OfSubduction(d) => {
                        Some(si_midorikawa_1999::sigma_of_pgv_on_rock(mag[k], depth[k], rrup[k], d))
                    }
                },
            }
        });
    }
}

impl MorikawaFujiwara2013 {
    fn row(&self, imt: &Imt) -> Row {
        let c = COEFFS.at(imt);
        let (b, constant) = match self.info.trt {
            Trt::SubductionInterface => (c.b2, c.c2),
            Trt::SubductionIntraslab => (c.b3, c.c3),
            _ => (c.b1, c.c1),
        };
        let (gamma, shallow) = match self.region {
            Region::Any => (0.0, 0.0),
            Region::NorthEast => (c.gne, 0.0),
            Region::SouthWest => (c.gsw, if self.info.trt == Trt::SubductionIntraslab { c.ph } else { 0.0 }),
        };
        let (unit, scale) = match imt.kind() {
            // the model gives half the intensity (equation 2)
            ImtKind::Jma => (0.0, 2.0),
            ImtKind::Pgv => (0.0, LN_10),
            _ => (log10(980.665), LN_10),
        };
        Row { c, b, constant: constant - unit, gamma, shallow, scale }
    }

    /// Whether anomalous intensities depend on zones and on the place of the site.
    fn is_by_zone(&self) -> bool {
        self.region != Region::Any && self.sigma == OF_SLAB
    }

    /// What gamma multiplies in equation 11, for a site; in the model by zone with whether the hypocentre is in one.
    fn anomaly(&self, depth: f64, (lon, lat): (f64, f64), in_zones: Option<bool>) -> f64 {
        let below = (depth - 30.0).max(0.0);
        match self.region {
            Region::Any => 0.0,
            Region::NorthEast => {
                let taper = if in_zones.is_some() { (lat - 35.5).clamp(0.0, 1.0) } else { 1.0 };
                PACIFIC.to_the_right(lon, lat) * below * taper
            }
            Region::SouthWest => {
                let is_out = in_zones.is_some_and(|in_zones| !in_zones || lon >= 136.9);
                if depth < 60.0 || is_out { 0.0 } else { PHILIPPINE.to_the_right(lon, lat).min(75.0) * below }
            }
        }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    b: f64,
    /// c, with the unit.
    constant: f64,
    gamma: f64,
    /// What hypocentres above 80 km in the slab add in the south-west.
    shallow: f64,
    /// From the common logarithm to what is given.
    scale: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// (M - 16)^2
    below: f64,
    /// What d multiplies.
    near_source: f64,
    rrup: f64,
    /// What gamma multiplies.
    anomaly: f64,
    /// 1 if the term of shallow hypocentres applies, else 0.
    shallow: f64,
    z1pt4: f64,
    vs30: f64,
    /// In place of that of the table, in common logarithms.
    sigma: Option<f64>,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let source =
            self.constant + c.a * t.below + self.b * t.rrup + self.shallow * t.shallow + self.gamma * t.anomaly;
        let path = ln(t.rrup + c.d * t.near_source);
        let basin = c.pd * ln(t.z1pt4.max(c.dlmin) / 300.0);
        let site = c.ps * ln(t.vs30.min(c.vsmax) / c.v0);
        let log10 = source + (basin + site - path) / LN_10;
        Estimate::total(self.scale * log10, self.scale * t.sigma.unwrap_or(c.sigma))
    }
}
