//! Taherian et al. (2024), a neural network for the west of Iberia, inland and offshore.
//!
//! Taherian A., Silva V., Kalakonas P., Vicente R., 2024. An earthquake ground-motion model for southwest Iberia. Bulletin of the
//! Seismological Society of America 114(5), 2613-2638, doi:10.1785/0120230250.
//!
//! - Component: median of the horizontal ones. Units: g, and cm/s for `PGV`. On rock of 760 m/s.
//! - Valid for magnitude 3 to 8.5 and Joyner-Boore distances up to 600 km, the ranges of the inputs of the network.
//!
//! The engine computes the network in single precision. Between the periods of the network its output is linear in the period. The engine goes on beyond the longest, 4 s, along the same
//! line; here such periods are refused.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::exp;
use crate::elementary::scalar::ln;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Coefficients, Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, debug_as_name};
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "Taherian2024Inland",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::HypoDepth, Param::Rjb],
    std_devs: TOTAL_AND_PARTS,
    component: Component::MedianHorizontal,
    reference: "Taherian et al. (2024), An earthquake ground-motion model for southwest Iberia, Bulletin of the Seismological \
                Society of America 114(5), 2613-2638",
    doi: Some("10.1785/0120230250"),
    validity: Validity::NOT_STATED.magnitude(3.0, 8.5).distance(Param::Rjb, 0.0, 600.0),
};

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "Taherian2024Inland": BASE => make(0.0),
    "Taherian2024Offshore": BASE => make(1.0),
};

fn make(info: &'static ModelInfo, _: &mut Arguments, offshore: f64) -> Made {
    Ok(Arc::new(TaherianEtAl2024 { info, offshore }))
}

coefficients! {
    /// The output layer, ln of cm/s^2 and cm/s, and the standard deviations.
    struct Coeffs { w_1, w_2, w_3, w_4, w_5, w_6, bias, sigma, tau, phi }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("TaherianEtAl2024.csv");

/// The weights and the bias of the hidden layer: offshore, magnitude, distance, depth and normal faulting.
const HIDDEN: [([f64; 5], f64); 6] = [
    (
        [-0.016299033537507057, -1.6419003009796143, -22.109283447265625, -2.1139204502105713, -0.016000380739569664],
        -0.9780406355857849,
    ),
    (
        [-3.562645435333252, 0.03437362238764763, 0.26910051703453064, 0.46491730213165283, 0.016119517385959625],
        4.274231910705566,
    ),
    (
        [-0.10336779057979584, 5.7091779708862305, -1.1425325870513916, 0.16271676123142242, 0.033006127923727036],
        0.10107211023569107,
    ),
    (
        [-0.28989309072494507, 10.311469078063965, -0.34113699197769165, 0.1333014816045761, 0.019439786672592163],
        -0.8428406715393066,
    ),
    (
        [-0.36084267497062683, -0.5273622870445251, -3.5419716835021973, 0.05657823011279106, -0.006012339144945145],
        0.5025321841239929,
    ),
    (
        [-0.10394410789012909, 6.249729156494141, -0.9493799805641174, -0.021897634491324425, -0.04713515192270279],
        -2.7997584342956543,
    ),
];

/// Taherian et al. (2024).
struct TaherianEtAl2024 {
    info: &'static ModelInfo,
    /// 1 offshore, 0 inland.
    offshore: f64,
}

debug_as_name!(TaherianEtAl2024);

impl Gsim for TaherianEtAl2024 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, depth, rjb] = ctx.columns([Param::Mag, Param::Rake, Param::HypoDepth, Param::Rjb]);
        let rows: Vec<Row> = imts.iter().map(Row::new).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms::new(self.offshore, mag[k], rjb[k], depth[k], rake[k]));
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
}

impl Row {
    /// Of an intensity measure that has passed the check.
    fn new(imt: &Imt) -> Row {
        let ln_unit = if imt.kind() == ImtKind::Pgv { 0.0 } else { ln(981.0) };
        Row { c: linear(imt).unwrap_or_else(|| COEFFS.at(imt)), ln_unit }
    }
}

/// The coefficients at a period, on the line between its neighbours.
fn linear(imt: &Imt) -> Option<Coeffs> {
    let at = imt.period().filter(|_| imt.kind() == ImtKind::Sa)?;
    let periods = || COEFFS.imts().filter(|row| row.kind() == ImtKind::Sa).filter_map(Imt::period);
    let (below, above) = (periods().rfind(|&period| period <= at)?, periods().find(|&period| period >= at)?);
    let ratio = if above > below { (at - below) / (above - below) } else { 0.0 };
    let [from, to] = [below, above].map(|period| Imt::sa(period).and_then(|imt| COEFFS.row(&imt)));
    let (from, to) = (from?.values(), to?.values());
    Some(Coeffs::from_columns(|i| from[i] + ratio * (to[i] - from[i])))
}

impl Coeffs {
    /// In the order of the columns.
    fn values(&self) -> [f64; 10] {
        let c = self;
        [c.w_1, c.w_2, c.w_3, c.w_4, c.w_5, c.w_6, c.bias, c.sigma, c.tau, c.phi]
    }
}

/// The hidden layer, which is the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms([f64; 6]);

impl Terms {
    fn new(offshore: f64, mag: f64, rjb: f64, depth: f64, rake: f64) -> Terms {
        let normal = if (-120.0..=-60.0).contains(&rake) { 1.0 } else { 0.0 };
        let inputs =
            [offshore, (mag - 3.0) / 5.5, rjb / 600.0, depth * 0.035807897789936545 - 0.07248234670638956, normal];
        Terms(HIDDEN.map(|(weights, bias)| {
            let sum: f64 = weights.iter().zip(&inputs).map(|(weight, input)| weight * input).sum();
            1.0 / (1.0 + exp(-(sum + bias)))
        }))
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let [h1, h2, h3, h4, h5, h6] = t.0;
        let output = c.w_1 * h1 + c.w_2 * h2 + c.w_3 * h3 + c.w_4 * h4 + c.w_5 * h5 + c.w_6 * h6 + c.bias;
        Estimate { mean: output - self.ln_unit, sig: c.sigma, tau: c.tau, phi: c.phi }
    }
}
