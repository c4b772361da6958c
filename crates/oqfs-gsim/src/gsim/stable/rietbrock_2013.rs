//! Rietbrock et al. (2013) and Rietbrock and Edwards (2019), for the United Kingdom.
//!
//! Rietbrock A., Strasser F., Edwards B., 2013. A stochastic earthquake ground-motion prediction model for the United
//! Kingdom. Bulletin of the Seismological Society of America 103(1), 57-77, doi:10.1785/0120110231.
//!
//! Rietbrock A., Edwards B., 2019. Update of the UK stochastic ground motion model using a decade of broadband data.
//! Proceedings of the SECED conference.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`. Valid for magnitude 3 to 7, distances up to 300 km, hard rock.
//!
//! The names say how the stress drop scales with magnitude (2013), and which branch it is (2019).

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::hypot;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{ln_unit, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model of 2013.
const BASE: ModelInfo = ModelInfo {
    name: "RietbrockEtAl2013SelfSimilar",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Rietbrock et al. (2013), A stochastic earthquake ground-motion prediction model for the United Kingdom, \
                Bulletin of the Seismological Society of America 103(1), 57-77",
    doi: Some("10.1785/0120110231"),
    validity: Validity::NOT_STATED.magnitude(3.0, 7.0).distance(Param::Rjb, 0.0, 300.0),
};

/// The model of 2019.
const UPDATE: ModelInfo = ModelInfo {
    name: "RietbrockEdwards2019Mean",
    reference: "Rietbrock and Edwards (2019), Update of the UK stochastic ground motion model using a decade of broadband \
                data, Proceedings of the SECED conference",
    doi: None,
    validity: Validity::NOT_STATED,
    ..BASE
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| plain(info, &SELF_SIMILAR, Row::new, Terms::new) },
    Model {
        info: ModelInfo { name: "RietbrockEtAl2013MagDependent", ..BASE },
        make: |info, _| plain(info, &BY_MAGNITUDE, Row::new, Terms::new),
    },
    Model { info: UPDATE, make: |info, _| plain(info, &MEAN, Row::new, Terms::new) },
    Model {
        info: ModelInfo { name: "RietbrockEdwards2019Low", ..UPDATE },
        make: |info, _| plain(info, &LOW, Row::new, Terms::new),
    },
    Model {
        info: ModelInfo { name: "RietbrockEdwards2019Up", ..UPDATE },
        make: |info, _| plain(info, &UP, Row::new, Terms::new),
    },
];

coefficients! {
    /// Tables 5 and 6 of 2013, in common logarithms; the total standard deviation is given in 2019 alone.
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, sigma, tau, phi }
}

static SELF_SIMILAR: LazyLock<Table<Coeffs>> = table!("RietbrockEtAl2013.csv", "self_similar");
static BY_MAGNITUDE: LazyLock<Table<Coeffs>> = table!("RietbrockEtAl2013.csv", "mag_dependent");
static MEAN: LazyLock<Table<Coeffs>> = table!("RietbrockEtAl2013.csv", "mean_2019");
static LOW: LazyLock<Table<Coeffs>> = table!("RietbrockEtAl2013.csv", "low_2019");
static UP: LazyLock<Table<Coeffs>> = table!("RietbrockEtAl2013.csv", "up_2019");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_unit: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        let sigma = if c.sigma == 0.0 { hypot(c.tau, c.phi) } else { c.sigma };
        let c = Coeffs { sigma, ..c };
        Row { c, ln_unit: ln_unit(imt) }
    }
}

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
}

impl Terms {
    fn new([mag, rjb]: [f64; 2]) -> Terms {
        Terms { mag, rjb }
    }
}

/// Equation 10.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let log10 = c.c1 + (c.c2 + c.c3 * t.mag) * t.mag + path(c, t);
        let [sig, tau, phi] = [c.sigma, c.tau, c.phi].map(|sigma| LN_10 * sigma);
        Estimate { mean: LN_10 * log10 - self.ln_unit, sig, tau, phi }
    }
}

/// Equations 11 and 12: up to 10 km, to 50 km, and beyond 100 km.
#[inline(always)]
fn path(c: &Coeffs, t: &Terms) -> f64 {
    let r = (t.rjb * t.rjb + c.c11 * c.c11).sqrt();
    let log10 = |x: f64| LOG10_E * ln(x);
    let (f0, f1, f2) = (log10(10.0 / r.min(10.0)), log10(r.min(50.0)), log10(r.max(100.0) / 100.0));
    (c.c4 + c.c5 * t.mag) * f0 + (c.c6 + c.c7 * t.mag) * f1 + (c.c8 + c.c9 * t.mag) * f2 + c.c10 * r
}
