//! Douglas et al. (2013), for induced earthquakes in geothermal areas: simulations for three stress drops, three
//! attenuations and four kappas.
//!
//! Douglas J., Edwards B., Convertito V., Sharma N., Tramelli A., Kraaijpoel D., Cabrera B.M., Maercklin N., Troise C.,
//! 2013. Predicting ground motion from induced earthquakes in geothermal areas. Bulletin of the Seismological Society
//! of America 103(3), 1875-1897, doi:10.1785/0120120197.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 1 to 5, hypocentral distances up to 50 km, rock of 1,100 m/s.
//!
//! The names say stress drop (bar), Q and kappa (0.001 s). The standard deviations are those of the empirical model,
//! the one between events the mean of two sequences. As in the engine, `PGA` stands at 0.005 s and no period is longer
//! than 0.5 s.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::{Make, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const fn model(name: &'static str, make: Make) -> Model {
    let info = ModelInfo {
        name,
        trt: Trt::Geothermal,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rhypo],
        std_devs: TOTAL_AND_PARTS,
        component: Component::GeometricMean,
        reference: "Douglas et al. (2013), Predicting ground motion from induced earthquakes in geothermal areas, Bulletin \
                    of the Seismological Society of America 103(3), 1875-1897",
        doi: Some("10.1785/0120120197"),
        validity: Validity::NOT_STATED.magnitude(1.0, 5.0).distance(Param::Rhypo, 0.0, 50.0),
    };
    Model { info, make }
}

/// The models with their variants in the table.
macro_rules! models {
    ($($name:literal $variant:literal,)+) => {
        &[$(model($name, |info, _| {
            static COEFFS: LazyLock<Table<Coeffs>> = table!("DouglasEtAl2013.csv", $variant);
            Ok(Arc::new(DouglasEtAl2013 { info, coeffs: &COEFFS }))
        }),)+]
    };
}

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "DouglasEtAl2013StochasticSD001Q200K005" "SD001Q200K005",
    "DouglasEtAl2013StochasticSD001Q200K020" "SD001Q200K020",
    "DouglasEtAl2013StochasticSD001Q200K040" "SD001Q200K040",
    "DouglasEtAl2013StochasticSD001Q200K060" "SD001Q200K060",
    "DouglasEtAl2013StochasticSD001Q600K005" "SD001Q600K005",
    "DouglasEtAl2013StochasticSD001Q600K020" "SD001Q600K020",
    "DouglasEtAl2013StochasticSD001Q600K040" "SD001Q600K040",
    "DouglasEtAl2013StochasticSD001Q600K060" "SD001Q600K060",
    "DouglasEtAl2013StochasticSD001Q1800K005" "SD001Q1800K005",
    "DouglasEtAl2013StochasticSD001Q1800K020" "SD001Q1800K020",
    "DouglasEtAl2013StochasticSD001Q1800K040" "SD001Q1800K040",
    "DouglasEtAl2013StochasticSD001Q1800K060" "SD001Q1800K060",
    "DouglasEtAl2013StochasticSD010Q200K005" "SD010Q200K005",
    "DouglasEtAl2013StochasticSD010Q200K020" "SD010Q200K020",
    "DouglasEtAl2013StochasticSD010Q200K040" "SD010Q200K040",
    "DouglasEtAl2013StochasticSD010Q200K060" "SD010Q200K060",
    "DouglasEtAl2013StochasticSD010Q600K005" "SD010Q600K005",
    "DouglasEtAl2013StochasticSD010Q600K020" "SD010Q600K020",
    "DouglasEtAl2013StochasticSD010Q600K040" "SD010Q600K040",
    "DouglasEtAl2013StochasticSD010Q600K060" "SD010Q600K060",
    "DouglasEtAl2013StochasticSD010Q1800K005" "SD010Q1800K005",
    "DouglasEtAl2013StochasticSD010Q1800K020" "SD010Q1800K020",
    "DouglasEtAl2013StochasticSD010Q1800K040" "SD010Q1800K040",
    "DouglasEtAl2013StochasticSD010Q1800K060" "SD010Q1800K060",
    "DouglasEtAl2013StochasticSD100Q200K005" "SD100Q200K005",
    "DouglasEtAl2013StochasticSD100Q200K020" "SD100Q200K020",
    "DouglasEtAl2013StochasticSD100Q200K040" "SD100Q200K040",
    "DouglasEtAl2013StochasticSD100Q200K060" "SD100Q200K060",
    "DouglasEtAl2013StochasticSD100Q600K005" "SD100Q600K005",
    "DouglasEtAl2013StochasticSD100Q600K020" "SD100Q600K020",
    "DouglasEtAl2013StochasticSD100Q600K040" "SD100Q600K040",
    "DouglasEtAl2013StochasticSD100Q600K060" "SD100Q600K060",
    "DouglasEtAl2013StochasticSD100Q1800K005" "SD100Q1800K005",
    "DouglasEtAl2013StochasticSD100Q1800K020" "SD100Q1800K020",
    "DouglasEtAl2013StochasticSD100Q1800K040" "SD100Q1800K040",
    "DouglasEtAl2013StochasticSD100Q1800K060" "SD100Q1800K060",
};

coefficients! {
    /// The electronic supplement: medians of a simulated model.
    struct Coeffs { b1, b2, b3, b4, b5, b6, bh }
}

coefficients! {
    /// Standard deviations of the empirical model: within events, and between those of Soultz and of Basel.
    struct Sigma { phi, tau_s, tau_b }
}

static SIGMA: LazyLock<Table<Sigma>> = table!("DouglasEtAl2013_sigma.csv");

/// Douglas et al. (2013).
#[derive(Debug)]
struct DouglasEtAl2013 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
}

impl Gsim for DouglasEtAl2013 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)?;
        SIGMA.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rhypo] = ctx.columns([Param::Mag, Param::Rhypo]);
        let row = |imt: &Imt| Row { c: self.coeffs.at(imt), sigma: SIGMA.at(imt), ln_unit: ln_unit(imt) };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| [mag[k] - 3.0, rhypo[k]]);
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    sigma: Sigma,
    /// ln of the unit.
    ln_unit: f64,
}

/// Equation 1.
impl batch::Row for Row {
    /// Magnitude above 3 and hypocentral distance.
    type Terms = [f64; 2];

    #[inline(always)]
    fn estimate(&self, &[m, rhypo]: &[f64; 2]) -> Estimate {
        let c = &self.c;
        let r = rhypo + c.bh;
        let mean = c.b1 + m * (c.b2 + m * (c.b3 + m * c.b4)) + c.b5 * ln(r) + c.b6 * r - self.ln_unit;
        let (tau, phi) = (0.5 * (self.sigma.tau_s + self.sigma.tau_b), self.sigma.phi);
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}
