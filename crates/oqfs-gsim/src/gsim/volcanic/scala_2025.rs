//! Scala et al. (2025), for the Campi Flegrei in Italy.
//!
//! Scala A., et al., 2025. Ground motion models for Campi Flegrei (Italy). Bulletin of Earthquake Engineering,
//! doi:10.1007/s10518-025-02315-6.
//!
//! - Component: greater of the two horizontal ones. Units: g, and cm/s for `PGV`.
//! - Valid for moment magnitude 1.5 to 4 (duration magnitude 2.5 to 4.4), epicentral distances up to 40 km, and classes B and C of
//!   Eurocode 8; rock is taken as B and softer soil as C.
//!
//! The names say the distance and the scale of magnitude: `MD` is for sources with duration magnitude.

use std::f64::consts::LN_10;
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::hypot;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{ln_unit, plain};
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const REPI: ModelInfo = ModelInfo {
    name: "Scala2025CampiFlegreiRepiMW",
    trt: Trt::Volcanic,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Repi, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GreaterHorizontal,
    reference: "Scala et al. (2025), Ground motion models for Campi Flegrei (Italy), Bulletin of Earthquake Engineering",
    doi: Some("10.1007/s10518-025-02315-6"),
    validity: Validity::NOT_STATED.magnitude(1.5, 4.0).distance(Param::Repi, 0.0, 40.0),
};

const RHYPO: ModelInfo = ModelInfo {
    params: &[Param::Mag, Param::Rhypo, Param::Vs30],
    validity: Validity::NOT_STATED.magnitude(1.5, 4.0),
    ..REPI
};

const DURATION_MAGNITUDE: ModelInfo = ModelInfo { validity: REPI.validity.magnitude(2.5, 4.4), ..REPI };

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "Scala2025CampiFlegreiRepiMW": REPI => make(&REPI_MW, Terms::of_epicentre),
    "Scala2025CampiFlegreiRhypoMW": RHYPO => make(&RHYPO_MW, Terms::of_hypocentre),
    "Scala2025CampiFlegreiRepiMD": DURATION_MAGNITUDE => make(&REPI_MD, Terms::of_epicentre),
};

fn make(
    info: &'static ModelInfo,
    _: &mut Arguments,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    terms: fn([f64; 3]) -> Terms,
) -> Made {
    plain(info, coeffs, Row::new, terms)
}

coefficients! {
    /// In common logarithms.
    struct Coeffs { a, b, c1, c2, sb, sc, tau, phi, sigma0, sigma }
}

static REPI_MW: LazyLock<Table<Coeffs>> = table!("Scala2025CampiFlegrei.csv", "RepiMW");
static RHYPO_MW: LazyLock<Table<Coeffs>> = table!("Scala2025CampiFlegrei.csv", "RhypoMW");
static REPI_MD: LazyLock<Table<Coeffs>> = table!("Scala2025CampiFlegrei.csv", "RepiMD");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
    phi: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        Row { c, ln_unit: ln_unit(imt), phi: hypot(c.phi, c.sigma0) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    ln_r: f64,
    /// 1 for class B and for classes C and D of Eurocode 8, else 0.
    soil: [f64; 2],
}

impl Terms {
    fn of_epicentre(context: [f64; 3]) -> Terms {
        Terms::new(context, 1.4)
    }

    fn of_hypocentre(context: [f64; 3]) -> Terms {
        Terms::new(context, 1.0)
    }

    fn new([mag, distance, vs30]: [f64; 3], h: f64) -> Terms {
        let soil = [(360.0..800.0).contains(&vs30), vs30 < 360.0].map(f64::from);
        Terms { mag, ln_r: 0.5 * ln(distance * distance + h * h), soil }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let log10 = c.a + c.b * t.mag + c.sb * t.soil[0] + c.sc * t.soil[1];
        let mean = LN_10 * log10 + (c.c1 + c.c2 * t.mag) * t.ln_r - self.ln_unit;
        let [sig, tau, phi] = [c.sigma, c.tau, self.phi].map(|sigma| LN_10 * sigma);
        Estimate { mean, sig, tau, phi }
    }
}
