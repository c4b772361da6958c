//! Arroyo et al. (2010), for the interface below Mexico.
//!
//! Arroyo D., García D., Ordaz M., Mora M.A., Singh S.K., 2010. Strong ground-motion relations for Mexican interplate earthquakes.
//! Journal of Seismology 14, 769-785, doi:10.1007/s10950-010-9200-0.
//!
//! - Component: geometric mean. Units: g. Rock before the arc. Valid for magnitude 5 to 8.5 and distances of 16 to 400 km.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::elementary::scalar::{self, exp};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "ArroyoEtAl2010SInter",
        trt: Trt::SubductionInterface,
        imts: &[ImtKind::Pga, ImtKind::Sa],
        params: &[Param::Mag, Param::Rrup],
        std_devs: TOTAL_AND_PARTS,
        component: Component::GeometricMean,
        reference: "Arroyo et al. (2010), Strong ground-motion relations for Mexican interplate earthquakes, \
                Journal of Seismology 14, 769-785",
        doi: Some("10.1007/s10950-010-9200-0"),
        validity: Validity::NOT_STATED.magnitude(5.0, 8.5).distance(Param::Rrup, 16.0, 400.0),
    },
    make: |info, _| plain(info, &COEFFS, |_, c| Row(c), Terms::new),
}];

coefficients! {
    /// Table 2.
    struct Coeffs { c1, c2, c3, c4, sigma, tau, phi }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ArroyoEtAl2010.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// The square of the size of the source, km^2.
    size: f64,
}

impl Terms {
    #[expect(clippy::approx_constant, reason = "the digits of the engine")]
    fn new([mag, rrup]: [f64; 2]) -> Terms {
        Terms { mag, rrup, size: 1.4447e-5 * exp(2.3026 * mag) }
    }
}

/// Equation 8a.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let far = (t.rrup * t.rrup + t.size).sqrt();
        let path = c.c3 * ln((exponential_integral(c.c4 * t.rrup) - exponential_integral(c.c4 * far)) / t.size);
        Estimate { mean: c.c1 + c.c2 * t.mag + path - LN_G, sig: c.sigma, tau: c.tau, phi: c.phi }
    }
}

/// E1(x), x positive: its series up to 1, its continued fraction beyond.
fn exponential_integral(x: f64) -> f64 {
    const EULER_GAMMA: f64 = 0.577_215_664_901_532_9;
    if x <= 1.0 {
        let (mut sum, mut power) = (0.0, 1.0);
        for n in 1..=25 {
            let n = f64::from(n);
            power *= -x / n;
            sum -= power / n;
        }
        return sum - EULER_GAMMA - scalar::ln(x);
    }
    // Of two terms a step, from far out.
    let fraction = (1..=100).rev().map(f64::from).fold(0.0, |rest, n| n / (1.0 + n / (x + rest)));
    exp(-x) / (x + fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exponential_integral_is_that_of_tables() {
        for (x, expected) in [
            (0.01, 4.037929576538114),
            (1.0, 0.21938393439552029),
            (1.5, 0.10001958240663265),
            (10.0, 4.156968929685324e-6),
        ] {
            assert!((exponential_integral(x) / expected - 1.0).abs() < 1e-10, "{x}");
        }
    }
}
