//! Ameri et al. (2017), for France, with two measures of distance and, as a variant, the stress of the source.
//!
//! Ameri G., Drouet S., Traversa P., Bindi D., Cotton F., 2017. Toward an empirical ground motion prediction equation
//! for France: accounting for regional differences in the source stress parameter. Bulletin of Earthquake Engineering
//! 15(11), 4681-4717, doi:10.1007/s10518-017-0171-1. The equations are numbered as there.
//!
//! - Component: geometric mean. Units: g.
//! - Standard deviations depend on magnitude up to periods of 1 s, but for `StressDrop` models.
//!
//! `Ameri2014Rjb` is an earlier version, of the project SIGMA (deliverable 2014-D2-131), which the hazard model of
//! France of 2020 took. Arguments: `norm_stress_drop`, the stress over that of the region, which the models
//! `StressDrop` heed; `adjustment_factor` of the median.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::scalar::{self, log10};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::bindi_2011::style;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// With distances to the surface projection.
const RJB: ModelInfo = ModelInfo {
    name: "AmeriEtAl2017Rjb",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Ameri et al. (2017), Toward an empirical ground motion prediction equation for France: accounting for regional \
                differences in the source stress parameter, Bulletin of Earthquake Engineering 15(11), 4681-4717",
    doi: Some("10.1007/s10518-017-0171-1"),
    validity: Validity::NOT_STATED,
};

/// With distances to the epicentre.
const REPI: ModelInfo =
    ModelInfo { name: "AmeriEtAl2017Repi", params: &[Param::Mag, Param::Rake, Param::Repi, Param::Vs30], ..RJB };

/// What the variants differ in.
#[derive(Clone, Copy, Debug)]
struct Variant {
    coeffs: &'static LazyLock<Table<Coeffs>>,
    sigma: &'static LazyLock<Table<Sigma>>,
    /// Whether the stress matters, and the standard deviations are the same for all magnitudes.
    with_stress: bool,
    default_stress: f64,
}

const BY_RJB: Variant = Variant { coeffs: &RJB_COEFFS, sigma: &RJB_SIGMA, with_stress: false, default_stress: 0.1 };
const BY_REPI: Variant = Variant { coeffs: &REPI_COEFFS, sigma: &REPI_SIGMA, ..BY_RJB };

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: ModelInfo { name: "Ameri2014Rjb", ..RJB },
        make: |info, a| make(info, a, Variant { coeffs: &COEFFS_2014, sigma: &SIGMA_2014, ..BY_RJB }),
    },
    Model { info: REPI, make: |info, a| make(info, a, BY_REPI) },
    Model {
        info: ModelInfo { name: "AmeriEtAl2017RepiStressDrop", ..REPI },
        make: |info, a| make(info, a, Variant { with_stress: true, default_stress: 1.1, ..BY_REPI }),
    },
    Model { info: RJB, make: |info, a| make(info, a, BY_RJB) },
    Model {
        info: ModelInfo { name: "AmeriEtAl2017RjbStressDrop", ..RJB },
        make: |info, a| make(info, a, Variant { with_stress: true, ..BY_RJB }),
    },
];

fn make(info: &'static ModelInfo, arguments: &mut Arguments, variant: Variant) -> Made {
    let mut positive = |name, default| -> Result<f64, GsimError> {
        let value = arguments.number_or(name, default)?;
        if value > 0.0 { Ok(value) } else { Err(arguments.wrong(name, &value, "a number above 0")) }
    };
    let stress = positive("norm_stress_drop", variant.default_stress)?;
    let ln_adjustment = scalar::ln(positive("adjustment_factor", 1.0)?);
    Ok(Arc::new(AmeriEtAl2017 { info, variant, stress, ln_adjustment }))
}

coefficients! {
    /// The electronic supplement's table, in common logarithms.
    struct Coeffs { a, c1, c2, h, b1, b2, b3, e1, e2, e3, e4, f1, f2, f3 }
}

coefficients! {
    /// Standard deviations: `tau` of all magnitudes, `tau1` up to magnitude 4, `tau2` from 5.
    struct Sigma { tau, tau1, tau2, phi }
}

coefficients! {
    /// Polynomials in magnitude: of stress below and above that of the region.
    struct Stress { s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 }
}

static RJB_COEFFS: LazyLock<Table<Coeffs>> = table!("AmeriEtAl2017_rjb.csv");
static RJB_SIGMA: LazyLock<Table<Sigma>> = table!("AmeriEtAl2017_rjb_sigma.csv");
static REPI_COEFFS: LazyLock<Table<Coeffs>> = table!("AmeriEtAl2017_repi.csv");
static REPI_SIGMA: LazyLock<Table<Sigma>> = table!("AmeriEtAl2017_repi_sigma.csv");
static COEFFS_2014: LazyLock<Table<Coeffs>> = table!("AmeriEtAl2017_2014.csv");
static SIGMA_2014: LazyLock<Table<Sigma>> = table!("AmeriEtAl2017_2014_sigma.csv");
static STRESS: LazyLock<Table<Stress>> = table!("AmeriEtAl2017_stress.csv");

/// Ameri et al. (2017).
#[derive(Debug)]
struct AmeriEtAl2017 {
    info: &'static ModelInfo,
    variant: Variant,
    /// Over that of the region.
    stress: f64,
    ln_adjustment: f64,
}

impl Gsim for AmeriEtAl2017 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.variant.coeffs.check(self.info, imt)?;
        self.variant.sigma.check(self.info, imt)?;
        STRESS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let epicentral = self.info.params.contains(&Param::Repi);
        let distance = if epicentral { Param::Repi } else { Param::Rjb };
        let [mag, rake, r, vs30] = ctx.columns([Param::Mag, Param::Rake, distance, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            r: r[k],
            style: style(rake[k]),
            class: [800.0, 360.0, 180.0].iter().take_while(|&&bound| vs30[k] < bound).count(),
            large: (mag[k] - 4.0).clamp(0.0, 1.0),
        });
    }
}

impl AmeriEtAl2017 {
    fn row(&self, imt: &Imt) -> Row {
        const G: f64 = 981.0; // cm/s^2
        let (c, sigma, s) = (self.variant.coeffs.at(imt), self.variant.sigma.at(imt), STRESS.at(imt));
        let with_stress = if self.variant.with_stress { log10(self.stress) } else { 0.0 };
        let polynomial =
            if self.stress <= 1.0 { [s.s0, s.s1, s.s2, s.s3, s.s4] } else { [s.s5, s.s6, s.s7, s.s8, s.s9] };
        let tau = if self.variant.with_stress { [sigma.tau; 2] } else { [sigma.tau1, sigma.tau2] };
        Row {
            c,
            unit: ln(G) - self.ln_adjustment,
            style: [c.f1, c.f2, c.f3],
            class: [c.e1, c.e2, c.e3, c.e4],
            stress: polynomial.map(|s| with_stress * s),
            tau: tau.map(|tau| LN_10 * tau),
            phi: LN_10 * sigma.phi,
        }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The natural logarithm of the unit, less the adjustment.
    unit: f64,
    style: [f64; 3],
    class: [f64; 4],
    /// The polynomial in magnitude of the stress.
    stress: [f64; 5],
    tau: [f64; 2],
    phi: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    r: f64,
    /// Normal, reverse and strike-slip: one of these is 1, the others 0.
    style: [f64; 3],
    /// Class A to D of Eurocode 8: 0 to 3.
    class: usize,
    /// From 0 at magnitude 4 to 1 at 5.
    large: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let common = self.c.a + magnitude(self, t.mag) + faulting(self, t) + self.class[t.class];
        let (tau, phi) = (self.tau[0] + (self.tau[1] - self.tau[0]) * t.large, self.phi);
        let mean = LN_10 * common + distance(&self.c, t) - self.unit;
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Equation 2, in natural logarithms.
#[inline(always)]
fn distance(c: &Coeffs, t: &Terms) -> f64 {
    (c.c1 + c.c2 * (t.mag - 5.5)) * 0.5 * ln(t.r * t.r + c.h * c.h)
}

/// Equation 3, and the stress.
#[inline(always)]
fn magnitude(row: &Row, mag: f64) -> f64 {
    let (c, above) = (&row.c, mag - 6.75);
    let [s0, s1, s2, s3, s4] = row.stress;
    let stress = s0 + mag * (s1 + mag * (s2 + mag * (s3 + mag * s4)));
    stress + if above <= 0.0 { (c.b1 + c.b2 * above) * above } else { c.b3 * above }
}

/// Equation 4.
#[inline(always)]
fn faulting(row: &Row, t: &Terms) -> f64 {
    let ([f1, f2, f3], [normal, reverse, strike_slip]) = (row.style, t.style);
    f1 * normal + f2 * reverse + f3 * strike_slip
}
