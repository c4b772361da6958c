//! Aristeidou, Shahnazaryan and O'Reilly (2024), a neural network for many intensity measures.
//!
//! Aristeidou S., Shahnazaryan D., O'Reilly G.J., 2024. Artificial neural network-based ground motion model for
//! next-generation seismic intensity measures. Soil Dynamics and Earthquake Engineering 184, 108851,
//! doi:10.1016/j.soildyn.2024.108851.
//!
//! - Component: RotD50, RotD100 or the geometric mean, as the names say. Units: g, cm/s, cm and s; `z2pt5` in km.
//! - Valid for magnitude 4.5 to 7.9 and distances up to 300 km.
//!
//! Between periods of `FIV3` means and standard deviations are linear in the logarithm of the period. As in the engine since 3.26, the
//! spectra have the periods of the network alone.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::scalar::{exp, tanh};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Coefficients, Table, table};
use crate::gsim::crustal::campbell_bozorgnia_2014::z2pt5_or_mean;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model of the median over orientations.
const ROTD50: ModelInfo = ModelInfo {
    name: "AristeidouEtAl2024",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Pgd, ImtKind::Sa, ImtKind::SaAvg2, ImtKind::SaAvg3],
    params: &[
        Param::Rjb,
        Param::Rrup,
        Param::HypoDepth,
        Param::Mag,
        Param::Vs30,
        Param::Rake,
        Param::Z2pt5,
        Param::Rx,
        Param::Ztor,
    ],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Aristeidou et al. (2024), Artificial neural network-based ground motion model for next-generation seismic \
                intensity measures, Soil Dynamics and Earthquake Engineering 184, 108851",
    doi: Some("10.1016/j.soildyn.2024.108851"),
    validity: Validity::NOT_STATED.magnitude(4.5, 7.9).distance(Param::Rrup, 0.0, 300.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: ROTD50, make: |info, _| Ok(Arc::new(AristeidouEtAl2024 { info, spectra: &OF_ROTD50 })) },
    Model {
        info: ModelInfo {
            name: "AristeidouEtAl2024Geomean",
            imts: &[ImtKind::Sa, ImtKind::SaAvg2, ImtKind::SaAvg3, ImtKind::Rsd575, ImtKind::Rsd595, ImtKind::Fiv3],
            component: Component::GeometricMean,
            ..ROTD50
        },
        make: |info, _| Ok(Arc::new(AristeidouEtAl2024 { info, spectra: &OF_GEOMEAN })),
    },
    Model {
        info: ModelInfo {
            name: "AristeidouEtAl2024RotD100",
            imts: &[ImtKind::Sa, ImtKind::SaAvg2, ImtKind::SaAvg3],
            component: Component::RotD100,
            ..ROTD50
        },
        make: |info, _| Ok(Arc::new(AristeidouEtAl2024 { info, spectra: &OF_ROTD100 })),
    },
];

/// The number of inputs, of nodes of the first hidden layer, and of nodes of the second.
const INPUTS: usize = 9;
const NODES: usize = 150;

/// One node of the output layer, with the standard deviations, in common logarithms.
#[derive(Debug, Clone, Copy)]
struct Output {
    bias: f64,
    sigma: f64,
    tau: f64,
    phi: f64,
    weights: [f64; NODES],
}

impl Coefficients for Output {
    const COLUMNS: &'static [&'static str] = &OUTPUT_COLUMNS;

    fn from_columns(mut value: impl FnMut(usize) -> f64) -> Output {
        let [bias, sigma, tau, phi] = [0, 1, 2, 3].map(&mut value);
        Output { bias, sigma, tau, phi, weights: std::array::from_fn(|i| value(4 + i)) }
    }
}

/// A node of a hidden layer.
#[derive(Clone, Copy, Debug)]
struct Node {
    bias: f64,
    weights: [f64; INPUTS],
}

static OF_ROTD50: LazyLock<Table<Output>> = table!("AristeidouEtAl2024.csv", "RotD50");
static OF_GEOMEAN: LazyLock<Table<Output>> = table!("AristeidouEtAl2024.csv", "geomean");
static OF_ROTD100: LazyLock<Table<Output>> = table!("AristeidouEtAl2024.csv", "RotD100");
/// What is the same for all components.
static OF_ANY: LazyLock<Table<Output>> = table!("AristeidouEtAl2024.csv", "any");

/// The hidden layers: nodes of the first, then those of the second.
static HIDDEN: LazyLock<Vec<Node>> = LazyLock::new(|| {
    let text = include_str!("../coeffs/AristeidouEtAl2024_hidden.csv");
    let node = |line: &str| {
        let mut numbers = line.split(',').skip(1).map(|number| number.parse().unwrap_or(f64::NAN));
        let mut next = || numbers.next().unwrap_or(f64::NAN);
        Node { bias: next(), weights: std::array::from_fn(|_| next()) }
    };
    text.lines().skip(1).map(node).collect()
});

/// Aristeidou et al. (2024).
#[derive(Debug)]
struct AristeidouEtAl2024 {
    info: &'static ModelInfo,
    /// The outputs that depend on the component.
    spectra: &'static LazyLock<Table<Output>>,
}

impl AristeidouEtAl2024 {
    fn table(&self, imt: &Imt) -> &'static LazyLock<Table<Output>> {
        match imt.kind() {
            ImtKind::Sa | ImtKind::SaAvg2 | ImtKind::SaAvg3 => self.spectra,
            _ => &OF_ANY,
        }
    }
}

impl Gsim for AristeidouEtAl2024 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.table(imt).check(self.info, imt)?;
        let is_spectrum = matches!(imt.kind(), ImtKind::Sa | ImtKind::SaAvg2 | ImtKind::SaAvg3);
        if is_spectrum && self.spectra.imts().all(|row| row != imt) {
            return Err(self.info.not_defined(imt));
        }
        Ok(())
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [rjb, rrup, depth] = ctx.columns([Param::Rjb, Param::Rrup, Param::HypoDepth]);
        let [mag, vs30, rake] = ctx.columns([Param::Mag, Param::Vs30, Param::Rake]);
        let [z2pt5, rx, ztor] = ctx.columns([Param::Z2pt5, Param::Rx, Param::Ztor]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row(self.table(imt).at(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let style = style(rake[k]);
            let z2pt5 = 1000.0 * z2pt5_or_mean(false, z2pt5[k], vs30[k]);
            let inputs = [rjb[k], rrup[k], depth[k], mag[k], vs30[k], style, z2pt5, rx[k], ztor[k]];
            Terms(hidden(inputs))
        });
    }
}

/// Strike-slip, normal, reverse, reverse-oblique and normal-oblique: 0 to 4.
pub(in crate::gsim) fn style(rake: f64) -> f64 {
    if rake > -120.0 && rake <= -60.0 {
        1.0
    } else if rake > 60.0 && rake <= 120.0 {
        2.0
    } else if (rake > 30.0 && rake <= 60.0) || (rake > 120.0 && rake <= 150.0) {
        3.0
    } else if (rake > -150.0 && rake <= -120.0) || (rake > -60.0 && rake <= -30.0) {
        4.0
    } else {
        0.0
    }
}

/// What the second hidden layer gives: the inputs are scaled to -3 to 3, the first layer is a softmax, the second a
/// hyperbolic tangent.
fn hidden(inputs: [f64; INPUTS]) -> [f64; NODES] {
    const LIMITS: [[f64; 2]; INPUTS] = [
        [0.0, 299.44],
        [0.07, 299.59],
        [2.3, 18.65],
        [4.5, 7.9],
        [106.83, 1269.78],
        [0.0, 4.0],
        [0.0, 7780.0],
        [-297.13, 292.39],
        [0.0, 16.23],
    ];
    let (first, second) = HIDDEN.split_at(INPUTS);
    let scaled: [f64; INPUTS] = std::array::from_fn(|i| {
        let [min, max] = LIMITS[i];
        (inputs[i] - min) / (max - min) * 6.0 - 3.0
    });
    let sums: [f64; INPUTS] = std::array::from_fn(|i| first[i].bias + dot(&first[i].weights, &scaled));
    let greatest = sums.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers = sums.map(|sum| exp(sum - greatest));
    let total: f64 = powers.iter().sum();
    let shares = powers.map(|power| power / total);
    std::array::from_fn(|i| tanh(second[i].bias + dot(&second[i].weights, &shares)))
}

#[inline(always)]
fn dot<const N: usize>(a: &[f64; N], b: &[f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The output of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Output);

/// The second hidden layer, which is the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms([f64; NODES]);

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let [sig, tau, phi] = [c.sigma, c.tau, c.phi].map(|sigma| LN_10 * sigma);
        Estimate { mean: LN_10 * (c.bias + dot(&c.weights, &t.0)), sig, tau, phi }
    }
}

/// The names of the columns of an output.
#[rustfmt::skip]
const OUTPUT_COLUMNS: [&str; 4 + NODES] = [
    "bias", "sigma", "tau", "phi",
    "w0", "w1", "w2", "w3", "w4", "w5", "w6", "w7", "w8", "w9", "w10", "w11", "w12", "w13", "w14",
    "w15", "w16", "w17", "w18", "w19", "w20", "w21", "w22", "w23", "w24", "w25", "w26", "w27", "w28", "w29",
    "w30", "w31", "w32", "w33", "w34", "w35", "w36", "w37", "w38", "w39", "w40", "w41", "w42", "w43", "w44",
    "w45", "w46", "w47", "w48", "w49", "w50", "w51", "w52", "w53", "w54", "w55", "w56", "w57", "w58", "w59",
    "w60", "w61", "w62", "w63", "w64", "w65", "w66", "w67", "w68", "w69", "w70", "w71", "w72", "w73", "w74",
    "w75", "w76", "w77", "w78", "w79", "w80", "w81", "w82", "w83", "w84", "w85", "w86", "w87", "w88", "w89",
    "w90", "w91", "w92", "w93", "w94", "w95", "w96", "w97", "w98", "w99", "w100", "w101", "w102", "w103", "w104",
    "w105", "w106", "w107", "w108", "w109", "w110", "w111", "w112", "w113", "w114", "w115", "w116", "w117", "w118", "w119",
    "w120", "w121", "w122", "w123", "w124", "w125", "w126", "w127", "w128", "w129", "w130", "w131", "w132", "w133", "w134",
    "w135", "w136", "w137", "w138", "w139", "w140", "w141", "w142", "w143", "w144", "w145", "w146", "w147", "w148", "w149",
];
