//! Kale et al. (2015), for Iran and Turkey.
//!
//! Kale Ö., Akkar S., Ansari A., Hamzehloo H., 2015. A ground-motion predictive model for Iran and Turkey for horizontal PGA, PGV
//! and 5%-damped response spectrum: investigation of possible regional effects. Bulletin of the Seismological Society of America
//! 105(2A), 963-980, doi:10.1785/0120140134.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 4 to 8, Joyner-Boore distances up to 200 km, depths up to 35 km.

use std::sync::LazyLock;

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for Turkey.
pub(in crate::gsim) const TURKEY: ModelInfo = ModelInfo {
    name: "KaleEtAl2015Turkey",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Kale et al. (2015), A ground-motion predictive model for Iran and Turkey for horizontal PGA, PGV and \
                5%-damped response spectrum: investigation of possible regional effects, Bulletin of the Seismological \
                Society of America 105(2A), 963-980",
    doi: Some("10.1785/0120140134"),
    validity: Validity::NOT_STATED.magnitude(4.0, 8.0).distance(Param::Rjb, 0.0, 200.0).depth(f64::NEG_INFINITY, 35.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: TURKEY,
        make: |info, _| {
            plain(info, &OF_TURKEY, |_, c| Row { c, c1: 6.75 }, |context| Terms::new(&OF_TURKEY, 6.75, context))
        },
    },
    Model {
        info: ModelInfo { name: "KaleEtAl2015Iran", ..TURKEY },
        make: |info, _| plain(info, &OF_IRAN, |_, c| Row { c, c1: 7.0 }, |context| Terms::new(&OF_IRAN, 7.0, context)),
    },
];

coefficients! {
    /// Tables 2 to 4.
    struct Coeffs { b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, a1, a2, sd1, sd2, sb1, sb2 }
}

static OF_TURKEY: LazyLock<Table<Coeffs>> = table!("KaleEtAl2015_turkey.csv");
static OF_IRAN: LazyLock<Table<Coeffs>> = table!("KaleEtAl2015_iran.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The magnitude where scaling breaks.
    c1: f64,
}

/// What the motion on rock depends on.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    rjb: f64,
    /// 1 for normal and for reverse faulting, else 0.
    normal: f64,
    reverse: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    /// ln(vs30 / 750), at most that of 1,000 m/s.
    ln_vs30: f64,
    pga: f64,
}

impl Terms {
    fn new(coeffs: &Table<Coeffs>, c1: f64, [mag, rake, rjb, vs30]: [f64; 4]) -> Terms {
        let normal = f64::from(rake > -135.0 && rake < -45.0);
        let reverse = f64::from(rake > 45.0 && rake < 135.0);
        let rupture = Rupture { mag, rjb, normal, reverse };
        let pga = scalar::exp(ln_rock(&coeffs.at(&Imt::PGA), c1, &rupture));
        Terms { rupture, ln_vs30: scalar::ln(vs30.min(1000.0) / 750.0), pga }
    }
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let mean = ln_rock(c, self.c1, &t.rupture) + site(c, t);
        // Equations 8 and 9.
        let weight = c.a1 + (c.a2 - c.a1) * ((t.rupture.mag - 6.0) / 0.5).clamp(0.0, 1.0);
        let (phi, tau) = (weight * c.sd1, weight * c.sd2);
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// Equations 2 to 5.
#[inline(always)]
fn ln_rock(c: &Coeffs, c1: f64, r: &Rupture) -> f64 {
    let above = r.mag - c1;
    let slope = if above <= 0.0 { c.b2 } else { c.b7 };
    let magnitude = c.b1 + slope * above + c.b3 * (8.5 - r.mag) * (8.5 - r.mag);
    let path = (c.b4 + c.b5 * above) * 0.5 * ln(r.rjb * r.rjb + c.b6 * c.b6) + c.b10 * (r.rjb - 80.0).max(0.0);
    magnitude + path + c.b8 * r.normal + c.b9 * r.reverse
}

/// Equation 6.
#[inline(always)]
fn site(c: &Coeffs, t: &Terms) -> f64 {
    const C: f64 = 2.5;
    const N: f64 = 3.2;
    let softness = exp(N * t.ln_vs30);
    let nonlinear = c.sb2 * (ln((t.pga + C * softness) / (t.pga + C)) - N * t.ln_vs30);
    c.sb1 * t.ln_vs30 + if t.ln_vs30 < 0.0 { nonlinear } else { 0.0 }
}
