//! Bahrampouri, Rodriguez-Marek and Green (2021), Arias intensity in Japan.
//!
//! Bahrampouri M., Rodriguez-Marek A., Green R.A., 2021. Ground motion prediction equations for Arias intensity using the KiK-net
//! database. Earthquake Spectra 37(1), 428-448, doi:10.1177/8755293020938815.
//!
//! - Component: geometric mean. Units: m/s. For the crust, the interface and the slab.
//!
//! A path is attenuated before and behind the volcanic fronts of Honshu and Kyushu. As in the engine: there is none of it where neither
//! front is crossed and the site lies beside none; distances from a front are in degrees where those to ruptures are in km; the
//! lengths before and behind the front are exchanged; the slab is that of the interface less its own terms. The engine takes the lengths
//! of the last site of a batch for all sites; here each site has its own.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::geo::polygon::{distance_to_segment, inside};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, debug_as_name};
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const CRUST: ModelInfo = ModelInfo {
    name: "BahrampouriEtAl2021Asc",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Ia],
    params: &[
        Param::Mag,
        Param::Ztor,
        Param::HypoLon,
        Param::HypoLat,
        Param::Rrup,
        Param::Lon,
        Param::Lat,
        Param::Vs30,
    ],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Bahrampouri et al. (2021), Ground motion prediction equations for Arias intensity using the KiK-net database, \
                Earthquake Spectra 37(1), 428-448",
    doi: Some("10.1177/8755293020938815"),
    validity: Validity::NOT_STATED,
};

const INTERFACE: ModelInfo = ModelInfo { trt: Trt::SubductionInterface, ..CRUST };
const SLAB: ModelInfo = ModelInfo { trt: Trt::SubductionIntraslab, ..CRUST };

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "BahrampouriEtAl2021Asc": CRUST => make(&OF_CRUST, 0.0),
    "BahrampouriEtAl2021SInter": INTERFACE => make(&OF_INTERFACE, 1.0),
    "BahrampouriEtAl2021SSlab": SLAB => make(&OF_SLAB, 0.0),
};

fn make(info: &'static ModelInfo, _: &mut Arguments, coeffs: &'static LazyLock<Table<Coeffs>>, interface: f64) -> Made {
    Ok(Arc::new(Arias { info, coeffs, interface }))
}

coefficients! {
    /// Table 3; a5, a6, a8 and b2 are of subduction.
    struct Coeffs {
        a1, a2, a3, a4, a5, a6, a7, a8, b1, b2, b3b, b3f, b4m, b4k, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, c1, c2, c3,
        c4, phi_ss, tau, phi_s2s, sig,
    }
}

static OF_CRUST: LazyLock<Table<Coeffs>> = table!("BahrampouriEtAl2021_arias.csv", "crust");
static OF_INTERFACE: LazyLock<Table<Coeffs>> = table!("BahrampouriEtAl2021_arias.csv", "interface");
static OF_SLAB: LazyLock<Table<Coeffs>> = table!("BahrampouriEtAl2021_arias.csv", "slab");

/// A volcanic front with the area beside it, longitudes and latitudes in degrees.
struct Front {
    line: &'static [[f64; 2]],
    area: &'static [[f64; 2]],
}

const KYUSHU: Front = Front {
    line: &[[127.067, 27.25], [128.983, 28.8], [130.217, 30.433], [130.817, 32.767], [131.6, 33.567], [131.85, 34.367]],
    area: KYUSHU_AREA,
};

const HONSHU: Front = Front {
    line: &[
        [148.583, 45.417],
        [146.917, 44.45],
        [144.717, 43.683],
        [144.017, 43.6],
        [142.683, 43.5],
        [141.517, 43.4],
        [140.667, 42.05],
        [141.117, 41.267],
        [141.0, 40.45],
        [140.583, 39.033],
        [140.133, 37.733],
        [138.367, 36.6],
        [138.733, 35.383],
        [139.75, 33.133],
        [140.3, 30.483],
        [140.567, 28.317],
        [141.267, 25.417],
    ],
    area: HONSHU_AREA,
};

impl Front {
    /// Whether the straight line between two places crosses the front.
    fn is_crossed(&self, from: [f64; 2], to: [f64; 2]) -> bool {
        let side =
            |a: [f64; 2], b: [f64; 2], p: [f64; 2]| (b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]);
        let divides = |a, b, p, q| (side(a, b, p) > 0.0) != (side(a, b, q) > 0.0);
        self.line.windows(2).any(|pair| divides(pair[0], pair[1], from, to) && divides(from, to, pair[0], pair[1]))
    }

    /// The distance of a place, degrees.
    fn distance(&self, place: [f64; 2]) -> f64 {
        let to_segment = |pair: &[[f64; 2]]| distance_to_segment(place, pair[0], pair[1]);
        self.line.windows(2).map(to_segment).fold(f64::INFINITY, f64::min)
    }
}

/// What volcanic fronts do to a path.
#[derive(Clone, Copy)]
struct Volcanic {
    /// The lengths before and behind the front.
    before: f64,
    behind: f64,
    /// 1 if the front of Honshu, or of Kyushu, is crossed, else 0.
    honshu: f64,
    kyushu: f64,
}

impl Volcanic {
    fn new(hypocentre: [f64; 2], site: [f64; 2], rrup: f64) -> Volcanic {
        let [honshu, kyushu] = [HONSHU, KYUSHU].map(|front| front.is_crossed(hypocentre, site));
        // the area beside Honshu is behind its front, that beside Kyushu before it
        let [is_behind, is_before] = [HONSHU, KYUSHU].map(|front| inside(front.area, site));
        let part = |front: &Front| (front.distance(site), rrup - front.distance(site));
        let (before, behind) = if honshu || (!kyushu && is_behind) {
            let (of_site, rest) = part(&HONSHU);
            if is_behind { (rest, of_site) } else { (of_site, rest) }
        } else if kyushu || is_before {
            let (of_site, rest) = part(&KYUSHU);
            if is_before { (of_site, rest) } else { (rest, of_site) }
        } else {
            (0.0, 0.0)
        };
        Volcanic { before, behind, honshu: f64::from(honshu), kyushu: f64::from(kyushu) }
    }
}

/// Bahrampouri et al. (2021).
struct Arias {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    /// 1 at the interface, else 0.
    interface: f64,
}

debug_as_name!(Arias);

impl Gsim for Arias {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, ztor, rrup, vs30] = ctx.columns([Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30]);
        let [hypo_lon, hypo_lat] = ctx.columns([Param::HypoLon, Param::HypoLat]);
        let [lon, lat] = ctx.columns([Param::Lon, Param::Lat]);
        let row = |imt| Row { c: self.coeffs.at(imt), interface: self.interface };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            ln_ztor: ln(ztor[k] + 1.0),
            rrup: rrup[k],
            vs30: vs30[k],
            volcanic: Volcanic::new([hypo_lon[k], hypo_lat[k]], [lon[k], lat[k]], rrup[k]),
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    interface: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// ln(Ztor + 1)
    ln_ztor: f64,
    rrup: f64,
    vs30: f64,
    volcanic: Volcanic,
}

/// Equation 5.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let linear = source(self, t) + path(self, t) + c.c1 * ln(t.vs30);
        let soft = exp(c.c3 * (t.vs30.min(1100.0) - 280.0)) - exp(c.c3 * (1100.0 - 280.0));
        let mean = linear + c.c2 * soft * ln((exp(linear) + c.c4) / c.c4);
        let phi = (c.phi_ss * c.phi_ss + c.phi_s2s * c.phi_s2s).sqrt();
        Estimate { mean, sig: c.sig, tau: c.tau, phi }
    }
}

/// Equations 7 and 9.
#[inline(always)]
fn source(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    let magnitude = c.a1 + c.a2 * t.mag + c.a3 * (t.mag - c.a4).max(0.0) + c.a5 * (t.mag - c.a6).max(0.0);
    magnitude + c.a7 * t.ln_ztor + c.a8 * row.interface
}

/// Equations 8, 10 and 11.
#[inline(always)]
fn path(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    let above = t.mag - c.b7;
    let saturation = if above <= 0.0 {
        c.b5 + c.b6 * above
    } else if t.mag <= c.b8 {
        c.b9 + above * (c.b10 + above * (c.b11 + above * c.b12))
    } else {
        c.b13 + c.b14 * (t.mag - c.b8)
    };
    let spreading = (c.b1 + c.b2 * row.interface) * 0.5 * ln(t.rrup * t.rrup + exp(2.0 * LN_10 * saturation));
    let v = &t.volcanic;
    // engine behaviour: each length has the coefficient of the other
    spreading + c.b3b * v.before + c.b3f * v.behind + c.b4m * v.honshu + c.b4k * v.kyushu
}

/// The places within 3 degrees on the north-west of the front of Honshu.
#[rustfmt::skip]
const HONSHU_AREA: &[[f64; 2]] = &[
    [137.963023, 40.756609], [137.931557, 40.818193], [137.823675, 41.093179], [137.743361, 41.377443], [137.691391, 41.668227],
    [137.668270, 41.962712], [137.674222, 42.258043], [137.709190, 42.551358], [137.772834, 42.839811], [137.864537, 43.120608],
    [137.983410, 43.391024], [138.128301, 43.648440], [138.978301, 44.998440], [139.155348, 45.250027], [139.357229, 45.482160],
    [139.581821, 45.692397], [139.826764, 45.878528], [140.089480, 46.038596], [140.367208, 46.170917], [140.657027, 46.274099],
    [140.955889, 46.347059], [141.260651, 46.389027], [142.426651, 46.489027], [142.458742, 46.491606], [143.728116, 46.586762],
    [144.038588, 46.623575], [145.658825, 47.188448], [147.077007, 48.011607], [148.583000, 45.417000], [146.917000, 44.450000],
    [144.717000, 43.683000], [144.017000, 43.600000], [142.683000, 43.500000], [141.517000, 43.400000], [140.667000, 42.050000],
    [141.117000, 41.267000], [141.000000, 40.450000], [140.583000, 39.033000], [140.133000, 37.733000], [138.367000, 36.600000],
    [138.733000, 35.383000], [139.750000, 33.133000], [140.300000, 30.483000], [140.567000, 28.317000], [141.267000, 25.417000],
    [138.350753, 24.713078], [137.650753, 27.613078], [137.589536, 27.949972], [137.337591, 29.993840], [136.879893, 32.199114],
    [135.999285, 34.147361], [135.860107, 34.519007], [135.494107, 35.736007], [135.422534, 36.025438], [135.380044, 36.320544],
    [135.367056, 36.618409], [135.383699, 36.916093], [135.429807, 37.210655], [135.504926, 37.499186], [135.608314, 37.778835],
    [135.738949, 38.046841], [135.895541, 38.300556], [136.076544, 38.537476], [136.280170, 38.755258], [136.504407, 38.951754],
    [136.747040, 39.125021], [137.638086, 39.696683], [137.724957, 39.947641],
];

/// The places within 3 degrees on the south-east of the front of Kyushu.
#[rustfmt::skip]
const KYUSHU_AREA: &[[f64; 2]] = &[
    [127.067000, 27.250000], [128.983000, 28.800000], [130.217000, 30.433000], [130.817000, 32.767000], [131.600000, 33.567000],
    [131.850000, 34.367000], [134.713440, 33.472175], [134.463440, 32.672175], [134.366397, 32.406376], [134.244744, 32.150903],
    [134.099562, 31.908027], [133.932144, 31.679911], [133.743978, 31.468582], [133.522617, 31.242415], [133.122530, 29.686077],
    [133.034609, 29.402912], [132.919164, 29.129809], [132.777325, 28.869435], [132.610477, 28.624335], [131.376477, 26.991335],
    [131.139109, 26.714049], [130.869824, 26.467642], [128.953824, 24.917642],
];

#[cfg(test)]
mod tests {
    use crate::gsim::{Contexts, GroundMotion, Imt, Param, by_name};

    /// Hypocentre, site and `rrup`, with what the engine gives of each alone for the crust and the interface, at magnitude 6.5.
    const PATHS: [([f64; 5], [f64; 2]); 7] = [
        ([142.0, 38.0, 139.0, 39.5, 335.0], [-8.991073388, -11.214344925]),
        ([138.0, 39.0, 142.0, 38.0, 360.0], [-8.471757000, -11.043250162]),
        ([132.5, 31.5, 130.3, 31.5, 209.0], [-6.803781082, -8.270749696]),
        ([130.0, 32.5, 131.6, 31.9, 165.0], [-5.589508846, -7.132601026]),
        ([139.0, 40.0, 139.5, 39.8, 50.0], [-1.951132095, -2.994068959]),
        ([132.5, 32.0, 132.2, 32.5, 65.0], [-2.563096912, -3.740584768]),
        ([144.0, 36.0, 144.5, 36.5, 71.0], [-2.697252564, -3.805756326]),
    ];

    #[test]
    fn volcanic_fronts_attenuate_each_path_by_itself() {
        let mut ctx = Contexts::default();
        ctx.reset(PATHS.len());
        let same = [(Param::Mag, 6.5), (Param::Ztor, 5.0), (Param::Vs30, 400.0)];
        same.iter().for_each(|(param, value)| ctx.column_mut(*param).resize(PATHS.len(), *value));
        for (i, param) in [Param::HypoLon, Param::HypoLat, Param::Lon, Param::Lat, Param::Rrup].into_iter().enumerate()
        {
            ctx.column_mut(param).extend(PATHS.iter().map(|(path, _)| path[i]));
        }
        for (i, name) in ["BahrampouriEtAl2021Asc", "BahrampouriEtAl2021SInter"].into_iter().enumerate() {
            let mut found = GroundMotion::default();
            by_name(name).unwrap().compute(&ctx, &[Imt::parse("IA").unwrap()], &mut found);
            for (found, (path, expected)) in found.mean.iter().zip(PATHS) {
                assert!((found - expected[i]).abs() < 1e-6, "{name}, {path:?}: {found}, not {}", expected[i]);
            }
        }
    }
}
