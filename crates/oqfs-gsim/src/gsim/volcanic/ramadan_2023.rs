//! Ramadan, Lanzano and Sgobba (2023), vertical motion in the volcanic areas of Italy.
//!
//! Ramadan F., Lanzano G., Sgobba S., 2023. Vertical seismic ground shaking in the volcanic areas of Italy: prediction equations
//! and PSHA examples. Soil Dynamics and Earthquake Engineering.
//!
//! - Component: as the engine says, the geometric mean; the title says vertical. Units: g, and cm/s for `PGV`.
//! - Valid for local magnitude 3 to 5 and hypocentral distances up to 200 km.
//!
//! `shallow` is for foci down to 5 km, `deep` for those below.

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

const BASE: ModelInfo = ModelInfo {
    name: "RamadanEtAl2023shallow",
    trt: Trt::Volcanic,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rhypo, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Ramadan et al. (2023), Vertical seismic ground shaking in the volcanic areas of Italy: prediction equations and \
                PSHA examples, Soil Dynamics and Earthquake Engineering",
    doi: None,
    validity: Validity::NOT_STATED.magnitude(3.0, 5.0).distance(Param::Rhypo, 0.0, 200.0),
};

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "RamadanEtAl2023shallow": BASE => make(Row::shallow),
    "RamadanEtAl2023deep": BASE => make(Row::deep),
};

fn make(info: &'static ModelInfo, _: &mut Arguments, row: fn(&Imt, Coeffs) -> Row) -> Made {
    plain(info, &COEFFS, row, Terms::new)
}

coefficients! {
    /// In common logarithms: c1 and c2 of shallow foci, c3 to c5 of deep ones.
    struct Coeffs { a, b, c1, c2, c3, c4, c5, sb, sc, tau, phi_s2s, phi0 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("RamadanEtAl2023.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The pseudo-depth, km, the spreading at the reference magnitude, its slope, and the attenuation.
    path: [f64; 4],
    ln_unit: f64,
    /// Total, between and within events, of common logarithms.
    sigmas: [f64; 3],
}

impl Row {
    fn shallow(imt: &Imt, c: Coeffs) -> Row {
        Row::new(imt, c, [1.0, c.c1, c.c2, 0.0])
    }

    fn deep(imt: &Imt, c: Coeffs) -> Row {
        Row::new(imt, c, [5.0, c.c3, c.c4, c.c5])
    }

    fn new(imt: &Imt, c: Coeffs, path: [f64; 4]) -> Row {
        let phi = hypot(c.phi_s2s, c.phi0);
        Row { c, path, ln_unit: ln_unit(imt), sigmas: [hypot(c.tau, phi), c.tau, phi] }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rhypo: f64,
    /// 1 for class B and for classes C and D of Eurocode 8, else 0.
    soil: [f64; 2],
}

impl Terms {
    fn new([mag, rhypo, vs30]: [f64; 3]) -> Terms {
        Terms { mag, rhypo, soil: [(360.0..800.0).contains(&vs30), vs30 < 360.0].map(f64::from) }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let [h, spreading, slope, attenuation] = self.path;
        let r = (t.rhypo * t.rhypo + h * h).sqrt();
        let log10 = c.a + c.b * t.mag + attenuation * r + c.sb * t.soil[0] + c.sc * t.soil[1];
        let mean = LN_10 * log10 + (spreading + slope * (t.mag - 4.8)) * ln(r) - self.ln_unit;
        let [sig, tau, phi] = self.sigmas.map(|sigma| LN_10 * sigma);
        Estimate { mean, sig, tau, phi }
    }
}
