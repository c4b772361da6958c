//! The models of stable crust of Canada's sixth hazard model: tables, with site terms.
//!
//! `CanadaSHM6_StableCrust_AA13` is the suite of Atkinson and Adams (2013), of which `submodel` is `low`, `central` or
//! `high`. `CanadaSHM6_StableCrust_NGAEast` are the thirteen models of NGA-East for the United States' maps, `submodel`
//! `01` to `13`, on very hard rock of 3,000 m/s, with the greater of two site terms:
//!
//! Harmon J., Hashash Y.M.A., Stewart J.P., Rathje E.M., Campbell K.W., Silva W.J., Ilhan O., 2019. Site amplification
//! functions for central and eastern North America - part II: modular simulation-based models. Earthquake Spectra 35(2),
//! 815-847, doi:10.1193/091117EQS179M.
//!
//! Boore D.M., Campbell K.W., 2017. Adjusting central and eastern North America ground-motion intensity measures between
//! sites with different reference-rock site conditions. Bulletin of the Seismological Society of America 107(1), 132-148,
//! doi:10.1785/0120160208; with Atkinson and Adams (2013) from 2,000 to 760 m/s, and Boore and Atkinson (2008) below.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use super::{CRUST, check};
use crate::elementary::branchless::ln;
use crate::elementary::scalar::{self, exp10};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::boore_atkinson_2008::{SITE, Site};
use crate::gsim::hard_ground::ln_hard_rock;
use crate::gsim::hazard_models::nbcc_2015;
use crate::gsim::hazard_models::nga_east::site::SiteTerm;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::motion_table::{Between, Level, MotionTable, Place};
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, packed};

/// A model of stable crust.
const BASE: ModelInfo = ModelInfo {
    name: "CanadaSHM6_StableCrust_NGAEast",
    trt: Trt::StableShallowCrust,
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_ONLY,
    ..CRUST
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: ModelInfo {
            name: "CanadaSHM6_StableCrust_AA13",
            params: &[Param::Mag, Param::Rhypo, Param::Vs30],
            component: Component::GeometricMean,
            ..BASE
        },
        make: |info, arguments| {
            let submodel = arguments.needed_text("submodel")?;
            nbcc_2015::of_shm6(info, arguments, &format!("ENA_{submodel}_cl450"))
        },
    },
    Model { info: BASE, make: nga_east },
];

static ARCHIVE: &[u8] = include_bytes!("../../tables/canada_shm6.zip");

fn nga_east(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let submodel = arguments.needed_name("submodel")?;
    let file = format!("SHM6-trial_NGA-East_Model_{submodel}_AA13_sigma.vs3000.hdf5");
    let table = packed::table(ARCHIVE, &file).map_err(|expected| arguments.wrong("submodel", &submodel, expected))?;
    Ok(Arc::new(NgaEast { info, table }))
}

coefficients! {
    /// Harmon et al. (2019): the linear model L1.
    struct Linear { c1, c2, c3, vc, vl }
}

coefficients! {
    /// Boore and Campbell (2017): factor from 3,000 to 2,000 m/s.
    struct ToHardRock { c }
}

static LINEAR: LazyLock<Table<Linear>> = table!("HarmonEtAl2019.csv");
static TO_HARD_ROCK: LazyLock<Table<ToHardRock>> = table!("CanadaSHM6_to_hard_rock.csv");

/// A model of NGA-East.
#[derive(Debug)]
struct NgaEast {
    info: &'static ModelInfo,
    table: MotionTable,
}

impl Gsim for NgaEast {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        check(self.info, imt)?;
        self.table.check(self.info, &Imt::PGA)?;
        self.table.check(self.info, imt)
    }

    fn outside(&self, ctx: &Contexts, at: usize) -> Option<String> {
        self.table.outside(ctx.column(Param::Mag)[at])
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let row = |imt: &Imt| Row {
            imt: *imt,
            median: self.table.at(imt),
            sigma: self.table.sigma(imt),
            linear: LINEAR.get(imt).filter(|_| imt.kind() == ImtKind::Sa),
            to_hard_rock: TO_HARD_ROCK.get(imt).map(|factor| scalar::ln(factor.c)),
            ln_rock: ln_hard_rock(imt),
            soil: SITE.at(imt),
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        let pga = self.table.at(&Imt::PGA);
        batch::compute(ctx.len(), &rows, out, |k| {
            let place = self.table.place(mag[k], rrup[k], Between::Linear);
            let ln_pga = pga.ln_median(&place, Between::Linear);
            let to_hard_rock = [&HARDER_PGA, &HARDER_PGV].map(|table| scalar::ln(harder(table, mag[k], rrup[k])));
            Terms { place, vs30: vs30[k], ln_pga, to_hard_rock, ln_repi: scalar::ln(epicentral(mag[k], rrup[k])) }
        });
    }
}

#[derive(Clone, Copy)]
struct Row<'a> {
    imt: Imt,
    median: Level<'a>,
    sigma: Option<Level<'a>>,
    /// None for what the linear model does not define.
    linear: Option<Linear>,
    /// The ln-amplification from 3,000 to 2,000 m/s of spectral acceleration.
    to_hard_rock: Option<f64>,
    /// That of hard rock of 2,000 m/s relative to rock of 760 m/s.
    ln_rock: f64,
    soil: Site,
}

#[derive(Clone, Copy)]
struct Terms {
    place: Place,
    vs30: f64,
    /// `PGA` on very hard rock.
    ln_pga: f64,
    /// The ln-amplification from 3,000 to 2,000 m/s of `PGA` and `PGV`.
    to_hard_rock: [f64; 2],
    ln_repi: f64,
}

impl batch::Row for Row<'_> {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        const G: f64 = 980.665;
        let unit = if self.imt.kind() == ImtKind::Pgv { ln(G) } else { 0.0 };
        let mean = self.median.ln_median(&t.place, Between::Linear) - unit + site(self, t);
        Estimate::total(mean, self.sigma.map_or(0.0, |sigma| sigma.sigma(&t.place)))
    }
}

/// The greater of the two terms.
fn site(row: &Row, t: &Terms) -> f64 {
    let by_steps = by_steps(row, t);
    match &row.linear {
        Some(c) => by_steps.max(linear(c, t.vs30) + SiteTerm::ln_nonlinear(&row.imt, t.vs30, t.ln_pga)),
        None => by_steps,
    }
}

/// Harmon et al. (2019).
fn linear(c: &Linear, vs30: f64) -> f64 {
    if vs30 >= c.vc {
        return 0.0;
    }
    let below = scalar::ln(vs30 / c.vl).min(0.0);
    c.c1 * scalar::ln(vs30 / c.vc) + (c.c2 + c.c3 * below) * below
}

/// From 3,000 to 2,000, to 760 m/s and below.
fn by_steps(row: &Row, t: &Terms) -> f64 {
    const VERY_HARD: f64 = 3000.0;
    const HARD: f64 = 2000.0;
    const ROCK: f64 = 760.0;
    let to_hard = match row.imt.kind() {
        ImtKind::Pga => t.to_hard_rock[0],
        ImtKind::Pgv => t.to_hard_rock[1],
        _ => row.to_hard_rock.unwrap_or(0.0),
    };
    let to_rock = if row.imt.kind() == ImtKind::Pga { -0.690775 + 0.15 * t.ln_repi } else { -row.ln_rock };
    if t.vs30 >= VERY_HARD {
        0.0
    } else if t.vs30 >= HARD {
        to_hard * scalar::ln(VERY_HARD / t.vs30) / ln(VERY_HARD / HARD)
    } else if t.vs30 > ROCK {
        to_hard + to_rock * scalar::ln(HARD / t.vs30) / ln(HARD / ROCK)
    } else {
        let ln_pga = t.ln_pga + t.to_hard_rock[0] - 0.3 * LN_10 + 0.15 * t.ln_repi;
        to_hard + to_rock + row.soil.ln_amplification(t.vs30, ln_pga)
    }
}

/// Atkinson (2012): the epicentral distance that is usual at a distance to the rupture, km.
fn epicentral(mag: f64, rrup: f64) -> f64 {
    const FOCUS: f64 = 10.0;
    let [length, width] = [exp10(0.59 * mag - 2.44), exp10(0.32 * mag - 1.01)].map(|size| 0.6 * size);
    let top = (FOCUS - 0.5 * width).max(0.0);
    let rrup = if rrup < top { top + 0.001 } else { rrup };
    (rrup * rrup - top * top).sqrt() + 0.3 * length
}

/// A factor of Boore and Campbell (2017) by magnitude and distance.
fn harder(table: &[[f64; 6]; 30], mag: f64, rrup: f64) -> f64 {
    let mag = mag.clamp(3.0, 8.0) - 3.0;
    let low = (mag as usize).min(4);
    let of = |row: &[f64; 6]| row[low] + (row[low + 1] - row[low]) * (mag - low as f64);
    let above = DISTANCES.iter().position(|distance| rrup < *distance);
    match above {
        None => of(&table[29]),
        Some(0) => of(&table[0]),
        Some(above) => {
            let (from, to) = (DISTANCES[above - 1], DISTANCES[above]);
            let (near, far) = (of(&table[above - 1]), of(&table[above]));
            near + (far - near) / (to - from) * (rrup - from)
        }
    }
}

/// The distances of the tables below, km.
const DISTANCES: [f64; 30] = [
    2., 2.49, 3.11, 3.88, 4.83, 6.03, 7.51, 9.37, 11.68, 14.56, 18.16, 22.64, 28.22, 35.19, 43.87, 54.7, 68.2, 85.04,
    106.02, 132.19, 164.81, 205.49, 256.21, 319.44, 398.28, 496.58, 619.14, 771.94, 962.46, 1200.,
];

/// Boore and Campbell (2017): the factors from 3,000 to 2,000 m/s of `PGA` and `PGV`, of magnitude 3 to 8.
#[expect(clippy::approx_constant, reason = "a factor that looks like one")]
const HARDER_PGA: [[f64; 6]; 30] = [
    [1.2776, 1.275, 1.2685, 1.2608, 1.2548, 1.2495],
    [1.2776, 1.275, 1.2684, 1.2609, 1.2548, 1.2495],
    [1.2776, 1.275, 1.2684, 1.2608, 1.2548, 1.2493],
    [1.2776, 1.275, 1.2683, 1.2607, 1.2546, 1.2493],
    [1.2776, 1.275, 1.2682, 1.2606, 1.2545, 1.2493],
    [1.2776, 1.2749, 1.268, 1.2604, 1.2544, 1.2492],
    [1.2776, 1.2748, 1.2679, 1.2601, 1.2542, 1.2491],
    [1.2776, 1.2747, 1.2676, 1.2598, 1.2539, 1.2488],
    [1.2776, 1.2746, 1.2674, 1.2592, 1.2535, 1.2485],
    [1.2775, 1.2745, 1.2669, 1.2586, 1.2528, 1.248],
    [1.2775, 1.2744, 1.2664, 1.2577, 1.2519, 1.2473],
    [1.2775, 1.2741, 1.2657, 1.2566, 1.2508, 1.2462],
    [1.2775, 1.2738, 1.2649, 1.2553, 1.2492, 1.2448],
    [1.2775, 1.2735, 1.2639, 1.2535, 1.2467, 1.2428],
    [1.2774, 1.2731, 1.2626, 1.2513, 1.2442, 1.2399],
    [1.2772, 1.2725, 1.261, 1.2483, 1.2405, 1.2362],
    [1.2771, 1.2718, 1.2588, 1.2445, 1.2359, 1.2312],
    [1.2769, 1.2708, 1.256, 1.2396, 1.2298, 1.2249],
    [1.2765, 1.2695, 1.2523, 1.2334, 1.222, 1.2163],
    [1.2762, 1.2677, 1.2476, 1.2254, 1.212, 1.2058],
    [1.2755, 1.2653, 1.2417, 1.2157, 1.1998, 1.1925],
    [1.2746, 1.2621, 1.2342, 1.2038, 1.185, 1.1762],
    [1.273, 1.2577, 1.2249, 1.1897, 1.168, 1.1574],
    [1.2707, 1.252, 1.2136, 1.1734, 1.1488, 1.1369],
    [1.267, 1.2444, 1.2002, 1.1553, 1.1283, 1.1153],
    [1.261, 1.2344, 1.1846, 1.1362, 1.1076, 1.0939],
    [1.2518, 1.2214, 1.1671, 1.1168, 1.0879, 1.074],
    [1.2372, 1.2046, 1.148, 1.0981, 1.0699, 1.0565],
    [1.2158, 1.1834, 1.1278, 1.0807, 1.0544, 1.0421],
    [1.186, 1.1577, 1.1074, 1.0652, 1.0417, 1.0307],
];
const HARDER_PGV: [[f64; 6]; 30] = [
    [1.2722, 1.2482, 1.188, 1.1161, 1.0664, 1.0395],
    [1.2721, 1.2481, 1.1878, 1.116, 1.0664, 1.0395],
    [1.2721, 1.2479, 1.1874, 1.1159, 1.0664, 1.0395],
    [1.272, 1.2477, 1.1871, 1.1157, 1.0663, 1.0395],
    [1.272, 1.2475, 1.1868, 1.1155, 1.0663, 1.0395],
    [1.272, 1.2472, 1.1863, 1.1152, 1.0662, 1.0394],
    [1.2719, 1.2469, 1.1857, 1.1147, 1.0661, 1.0394],
    [1.2717, 1.2465, 1.185, 1.1142, 1.0657, 1.0393],
    [1.2716, 1.2461, 1.1842, 1.1134, 1.065, 1.0391],
    [1.2714, 1.2456, 1.1832, 1.1124, 1.0643, 1.039],
    [1.2712, 1.2447, 1.1813, 1.1104, 1.0634, 1.0387],
    [1.2709, 1.2439, 1.1796, 1.1084, 1.0622, 1.0383],
    [1.2705, 1.2429, 1.1778, 1.1065, 1.061, 1.0378],
    [1.2701, 1.2417, 1.1758, 1.1045, 1.0597, 1.0373],
    [1.2696, 1.2404, 1.1737, 1.1025, 1.0583, 1.0366],
    [1.2689, 1.2387, 1.1712, 1.1003, 1.057, 1.0361],
    [1.2679, 1.2366, 1.1683, 1.098, 1.0557, 1.0355],
    [1.2667, 1.2341, 1.1649, 1.0953, 1.0541, 1.0347],
    [1.2651, 1.2308, 1.1608, 1.0922, 1.0523, 1.0337],
    [1.2628, 1.2269, 1.156, 1.0884, 1.05, 1.0324],
    [1.2597, 1.2217, 1.1502, 1.0841, 1.0473, 1.0307],
    [1.2554, 1.2155, 1.1433, 1.0791, 1.0442, 1.0287],
    [1.2495, 1.2076, 1.1353, 1.0735, 1.0406, 1.0262],
    [1.2411, 1.1977, 1.1264, 1.0674, 1.0366, 1.0233],
    [1.2293, 1.1856, 1.1164, 1.0609, 1.0325, 1.0202],
    [1.2131, 1.1709, 1.1051, 1.0543, 1.0283, 1.017],
    [1.1916, 1.153, 1.0934, 1.0476, 1.0242, 1.0141],
    [1.1645, 1.1325, 1.081, 1.0412, 1.0205, 1.0114],
    [1.1333, 1.1097, 1.0685, 1.035, 1.0173, 1.0092],
    [1.1011, 1.0862, 1.0561, 1.0293, 1.0144, 1.0074],
];
