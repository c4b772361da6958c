//! Chao et al. (2020), for the crust, the interface and the slab of Taiwan.
//!
//! Chao S.H., Chiou B., Hsu C.C., Lin P.S., 2020. A horizontal ground-motion model for crustal and subduction
//! earthquakes in Taiwan. Earthquake Spectra 36(2), 463-506, doi:10.1177/8755293019891711.
//!
//! - Component: geometric mean. Units: g, cm/s for `PGV`, cm for `PGD`. A `z1pt0` below 0 stands for an unknown one.
//!
//! Arguments: `manila`, whether the subduction zone is that of Manila, not of Ryukyu; `aftershocks`; `geology`, whether
//! an inferred `vs30` comes from geology (the default), not from receiver functions.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::hypot;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Make, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "ChaoEtAl2020SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Pgd, ImtKind::Sa],
    params: &SUBDUCTION,
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Chao et al. (2020), A horizontal ground-motion model for crustal and subduction earthquakes in Taiwan, \
                Earthquake Spectra 36(2), 463-506",
    doi: Some("10.1177/8755293019891711"),
    validity: Validity::NOT_STATED,
};

const SUBDUCTION: [Param; 6] = [Param::Mag, Param::Ztor, Param::Rrup, Param::Vs30, Param::Vs30Measured, Param::Z1pt0];

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: ModelInfo {
            name: "ChaoEtAl2020Asc",
            trt: Trt::ActiveShallowCrust,
            params: &[
                Param::Mag,
                Param::Rake,
                Param::Ztor,
                Param::Rrup,
                Param::Vs30,
                Param::Vs30Measured,
                Param::Z1pt0,
            ],
            ..INTERFACE
        },
        make: MAKE,
    },
    Model { info: INTERFACE, make: MAKE },
    Model { info: ModelInfo { name: "ChaoEtAl2020SSlab", trt: Trt::SubductionIntraslab, ..INTERFACE }, make: MAKE },
];

const MAKE: Make = |info, arguments| {
    let manila = arguments.flag_or("manila", false)?;
    let aftershocks = arguments.flag_or("aftershocks", false)?;
    let geology = arguments.flag_or("geology", true)?;
    Ok(Arc::new(ChaoEtAl2020 { info, manila, aftershocks, geology }))
};

coefficients! {
    /// The electronic supplement's table: `cr` of the crust, `sb` of subduction, `if` of the interface, `is` of the slab.
    struct Coeffs {
        c1, c2, c3, c4_if, c4_is, c6, c7, c8_cr, c8_sb, c10, c11_cr, c11_sb, c13, c14_cr, c14_if, c14_is, c17_cr, c17_sb,
        c19_cr, c19_sb, c21_cr, c21_sb, c23, c24, c25, c26, c27, c28, c29_if, c29_is, tau1_cr, tau2_cr, tau1_sb, tau2_sb,
        phiss1_cr, phiss2_cr, phiss1_sb, phiss2_sb, phis2s,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ChaoEtAl2020.csv");

const MAG_REF: f64 = 6.5;
const VS30_REF: f64 = 760.0;

/// Chao et al. (2020).
#[derive(Debug)]
struct ChaoEtAl2020 {
    info: &'static ModelInfo,
    manila: bool,
    aftershocks: bool,
    geology: bool,
}

impl Gsim for ChaoEtAl2020 {
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
        let [mag, ztor, rrup, vs30, measured, z1pt0] = ctx.columns(SUBDUCTION);
        let rake = ctx.column(Param::Rake);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let in_crust = self.info.trt == Trt::ActiveShallowCrust;
        let reference = if self.info.trt == Trt::SubductionIntraslab { 35.0 } else { 0.0 };
        batch::compute(ctx.len(), &rows, out, |k| {
            let great = (mag[k] - if in_crust { 7.6 } else { 7.1 }).max(0.0);
            let near_source = if self.info.trt == Trt::SubductionInterface { 10.0 * exp(0.3 * great) } else { 10.0 };
            let scaled = if in_crust { mag[k] } else { mag[k] - great } - MAG_REF;
            let style = match rake.get(k) {
                Some(rake) if in_crust && (30.0..=150.0).contains(rake) => 0,
                Some(rake) if in_crust && (-150.0..=-30.0).contains(rake) => 2,
                _ => 1,
            };
            Terms {
                style,
                depth: ztor[k] - reference,
                mag: mag[k] - MAG_REF,
                small: (5.0 - mag[k]).max(0.0),
                moderate: (6.0 - mag[k]).max(0.0),
                great,
                ln_r: ln(hypot(rrup[k], near_source) / near_source),
                scaled,
                rrup: rrup[k],
                inferred: usize::from(measured[k] == 0.0),
                ln_vs30: ln(vs30[k] / VS30_REF),
                basin: if z1pt0[k] < 0.0 { 0.0 } else { ln(z1pt0[k]) - ln_mean_z1(vs30[k]) },
                sigma: 0.5 * (mag[k].clamp(4.5, 6.5) - 4.5),
            }
        });
    }
}

/// The depth expected of a `vs30`, m.
fn ln_mean_z1(vs30: f64) -> f64 {
    const V: f64 = 355.4;
    -4.08 / 2.0 * ln((vs30 * vs30 + V * V) / (1750.0 * 1750.0 + V * V))
}

impl ChaoEtAl2020 {
    fn row(&self, imt: &Imt) -> Row {
        let c = COEFFS.at(imt);
        let in_crust = self.info.trt == Trt::ActiveShallowCrust;
        let (style, c14, c29) = match self.info.trt {
            Trt::ActiveShallowCrust => ([c.c1, c.c2, c.c3], c.c14_cr, 0.0),
            Trt::SubductionInterface => ([c.c4_if; 3], c.c14_if, c.c29_if),
            _ => ([c.c4_is; 3], c.c14_is, c.c29_is),
        };
        let added = if self.aftershocks { c.c6 } else { 0.0 } + if self.manila { c.c7 } else { 0.0 };
        let of = |crust: f64, subduction: f64| if in_crust { crust } else { subduction };
        Row {
            style: style.map(|constant| constant + added),
            c14,
            c8: of(c.c8_cr, c.c8_sb),
            small: of(c.c11_cr, c.c11_sb),
            moderate: of(0.0, c.c13),
            great: c29,
            squared: of(c.c10, 0.0),
            path: [of(c.c17_cr, c.c17_sb), of(c.c19_cr, c.c19_sb), of(c.c21_cr, c.c21_sb)],
            vs30: [c.c26, if self.geology { c.c27 } else { c.c28 }],
            yielding: [c.c23, if matches!(imt.kind(), ImtKind::Pgv | ImtKind::Pgd) { 2400.0 } else { 2.4 }],
            linear: c.c24,
            ln_rock: ln(1180.0 / VS30_REF),
            basin: c.c25,
            tau: [of(c.tau1_cr, c.tau1_sb), of(c.tau2_cr, c.tau2_sb)],
            phi_ss: [of(c.phiss1_cr, c.phiss1_sb), of(c.phiss2_cr, c.phiss2_sb)],
            phi_s2s: c.phis2s,
        }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    /// The constant by style of faulting: reverse, strike-slip, normal.
    style: [f64; 3],
    c14: f64,
    c8: f64,
    /// Below magnitude 5.
    small: f64,
    /// Below magnitude 6, in subduction.
    moderate: f64,
    /// Of great earthquakes, in subduction.
    great: f64,
    /// Of the squared magnitude, in the crust.
    squared: f64,
    /// c17, c19 and c21.
    path: [f64; 3],
    /// Of a measured and of an inferred `vs30`.
    vs30: [f64; 2],
    /// c23 and c.
    yielding: [f64; 2],
    /// c24
    linear: f64,
    /// The logarithm of the rock's `vs30` over the reference.
    ln_rock: f64,
    basin: f64,
    /// At magnitude 4.5 and 6.5.
    tau: [f64; 2],
    phi_ss: [f64; 2],
    phi_s2s: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// Reverse, strike-slip, normal: 0, 1, 2.
    style: usize,
    depth: f64,
    /// The magnitude less that of reference.
    mag: f64,
    /// How far the magnitude is below 5, below 6, and above that of great earthquakes.
    small: f64,
    moderate: f64,
    great: f64,
    ln_r: f64,
    /// The magnitude that scales the spreading, less that of reference.
    scaled: f64,
    rrup: f64,
    /// 0 if `vs30` is measured, else 1.
    inferred: usize,
    ln_vs30: f64,
    basin: f64,
    /// From 0 at magnitude 4.5 to 1 at 6.5.
    sigma: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let reference = source(self, t) + path(self, t) + self.vs30[t.inferred];
        let [c23, c] = self.yielding;
        let sa1180 = exp(reference + self.ln_rock * self.linear);
        let soft = t.ln_vs30.min(0.0);
        let yielding = c23 * (ln(sa1180 + c * exp(1.5 * soft)) - ln(sa1180 + c) - 1.5 * soft);
        let mean = reference + yielding + self.linear * t.ln_vs30 + self.basin * t.basin;
        let tau = self.tau[0] + (self.tau[1] - self.tau[0]) * t.sigma;
        let phi_ss = self.phi_ss[0] + (self.phi_ss[1] - self.phi_ss[0]) * t.sigma;
        let phi2 = phi_ss * phi_ss + self.phi_s2s * self.phi_s2s;
        Estimate { mean, sig: (tau * tau + phi2).sqrt(), tau, phi: phi2.sqrt() }
    }
}

#[inline(always)]
fn source(c: &Row, t: &Terms) -> f64 {
    let magnitude = c.c8 * t.mag + c.small * t.small + c.moderate * t.moderate + c.great * t.great;
    c.style[t.style] + c.c14 * t.depth + magnitude + c.squared * (t.mag * t.mag - t.great * t.great)
}

#[inline(always)]
fn path(c: &Row, t: &Terms) -> f64 {
    let [c17, c19, c21] = c.path;
    (c17 + c19 * t.scaled) * t.ln_r + c21 * t.rrup
}
