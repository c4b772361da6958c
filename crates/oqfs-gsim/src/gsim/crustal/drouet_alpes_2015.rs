//! Drouet and Cotton (2015), for the French Alps, with four measures of distance, on rock and on hard rock.
//!
//! Drouet S., Cotton F., 2015. Regional stochastic GMPEs in low-seismicity areas: scaling and aleatory variability
//! analysis - application to the French Alps. Bulletin of the Seismological Society of America 105(4), 1883-1902,
//! doi:10.1785/0120140240, with its erratum.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 3 to 8, distances up to 250 km, rock of 800 m/s, or of 2,000 m/s in the models `HR`.
//!
//! The stress parameter of great earthquakes is 100 bar, as the authors recommend, or 50 bar in the models `50bars`.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{Make, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const fn model(name: &'static str, params: &'static [Param; 2], make: Make) -> Model {
    let info = ModelInfo {
        name,
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params,
        std_devs: TOTAL_AND_PARTS,
        component: Component::GeometricMean,
        reference: "Drouet and Cotton (2015), Regional stochastic GMPEs in low-seismicity areas: scaling and aleatory \
                    variability analysis - application to the French Alps, Bulletin of the Seismological Society of America \
                    105(4), 1883-1902",
        doi: Some("10.1785/0120140240"),
        validity: Validity::NOT_STATED.magnitude(3.0, 8.0).distance(params[1], 0.0, 250.0),
    };
    Model { info, make }
}

/// The models with their variants in the table and their distances.
macro_rules! models {
    ($($name:literal $variant:literal $distance:ident,)+) => {
        &[$(model($name, &[Param::Mag, Param::$distance], |info, _| {
            static COEFFS: LazyLock<Table<Coeffs>> = table!("DrouetAlpes2015.csv", $variant);
            Ok(Arc::new(DrouetAlpes2015 { info, coeffs: &COEFFS, distance: Param::$distance }))
        }),)+]
    };
}

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "DrouetAlpes2015Repi" "Repi" Repi,
    "DrouetAlpes2015RepiHR" "RepiHR" Repi,
    "DrouetAlpes2015Repi_50bars" "Repi_50bars" Repi,
    "DrouetAlpes2015Rhyp" "Rhyp" Rhypo,
    "DrouetAlpes2015RhypHR" "RhypHR" Rhypo,
    "DrouetAlpes2015Rhyp_50bars" "Rhyp_50bars" Rhypo,
    "DrouetAlpes2015Rjb" "Rjb" Rjb,
    "DrouetAlpes2015RjbHR" "RjbHR" Rjb,
    "DrouetAlpes2015RjbHR_50bars" "RjbHR_50bars" Rjb,
    "DrouetAlpes2015Rjb_50bars" "Rjb_50bars" Rjb,
    "DrouetAlpes2015Rrup" "Rrup" Rrup,
    "DrouetAlpes2015RrupHR" "RrupHR" Rrup,
    "DrouetAlpes2015RrupHR_50bars" "RrupHR_50bars" Rrup,
    "DrouetAlpes2015Rrup_50bars" "Rrup_50bars" Rrup,
};

coefficients! {
    /// The electronic supplement.
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7, sigma, tau }
}

/// Drouet and Cotton (2015).
#[derive(Debug)]
struct DrouetAlpes2015 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    distance: Param,
}

impl Gsim for DrouetAlpes2015 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        const G: f64 = 9.80665;
        let [mag, distance] = ctx.columns([Param::Mag, self.distance]);
        let row = |imt: &Imt| Row {
            c: self.coeffs.at(imt),
            ln_unit: if imt.kind() == ImtKind::Pgv { ln(0.01) } else { ln(G) },
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| [mag[k], distance[k]]);
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// ln of the unit in m/s^2 or m/s.
    ln_unit: f64,
}

/// Equation 8.
impl batch::Row for Row {
    /// Magnitude and distance.
    type Terms = [f64; 2];

    #[inline(always)]
    fn estimate(&self, &[mag, r]: &[f64; 2]) -> Estimate {
        let c = &self.c;
        let below = mag - 8.0;
        let source = c.c1 + (c.c2 + c.c3 * below) * below;
        let path = (c.c4 + c.c5 * mag) * 0.5 * ln(r * r + c.c6 * c.c6) + c.c7 * r;
        let sig = (c.sigma * c.sigma + c.tau * c.tau).sqrt();
        Estimate { mean: source + path - self.ln_unit, sig, tau: c.tau, phi: c.sigma }
    }
}
