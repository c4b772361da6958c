//! Megawati, Pan and Koketsu (2003), for Singapore and the Malay Peninsula, of distant earthquakes of the Sumatran fault.
//!
//! Megawati K., Pan T.-C., Koketsu K., 2003. Response spectral attenuation relationships for Singapore and the Malay Peninsula due
//! to distant Sumatran-fault earthquakes. Earthquake Engineering and Structural Dynamics 32, 2241-2265, doi:10.1002/eqe.326.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`. Valid for magnitude 4.5 to 8 and distances of 174 to 1,379 km.
//!
//! The correction for direction is that of each site; the engine gives all sites of a rupture the greatest of theirs.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::scalar::sin_cos;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::{ln_unit, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "MegawatiEtAl2003",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rhypo, Param::Azimuth],
        std_devs: TOTAL_ONLY,
        component: Component::GeometricMean,
        reference: "Megawati et al. (2003), Response spectral attenuation relationships for Singapore and \
                the Malay Peninsula due to distant Sumatran-fault earthquakes, Earthquake Engineering \
                and Structural Dynamics 32, 2241-2265",
        doi: Some("10.1002/eqe.326"),
        validity: Validity::NOT_STATED.magnitude(4.5, 8.0).distance(Param::Rhypo, 174.0, 1379.0),
    },
    make: |info, _| plain(info, &COEFFS, Row::new, Terms::new),
}];

coefficients! {
    /// The coefficients of the paper.
    struct Coeffs { a0, a1, a2, a3, a4, a5, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("MegawatiEtAl2003.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        Row { c, ln_unit: ln_unit(imt) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rhypo: f64,
    ln_rhypo: f64,
    /// |cos(2 azimuth)| and |sin(2 azimuth)|
    cos: f64,
    sin: f64,
}

impl Terms {
    fn new([mag, rhypo, azimuth]: [f64; 3]) -> Terms {
        let (sin, cos) = sin_cos((2.0 * azimuth).to_radians());
        Terms { mag, rhypo, ln_rhypo: ln(rhypo), cos: cos.abs(), sin: sin.abs() }
    }
}

/// Equation 3.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let source = c.a0 + (c.a1 + c.a2 * t.mag) * t.mag;
        let direction = ln(t.cos.max(c.a5 * t.sin));
        Estimate::total(source + c.a3 * t.ln_rhypo + c.a4 * t.rhypo + direction - self.ln_unit, c.sigma)
    }
}
