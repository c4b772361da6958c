//! Abrahamson and Bhasin (2020), `PGV` in active crust, conditional on spectral acceleration.
//!
//! Abrahamson N., Bhasin S., 2020. Conditional ground-motion model for peak ground velocity for active crustal regions. PEER Report
//! 2020/05, Pacific Earthquake Engineering Research Center, University of California, Berkeley.
//!
//! - Component: median over all orientations. Units: cm/s.
//!
//! The general model takes the acceleration at a period that follows from the magnitude of the rupture (table 3.1). The two others
//! take `PGA` and `SA(1.0)`.

use crate::elementary::hypot;
use crate::elementary::scalar::{exp, ln};
use crate::gsim::adapt::conditional::{Conditional, Maker, alone};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The general model.
const GENERAL: ModelInfo = ModelInfo {
    name: "AbrahamsonBhasin2020",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pgv],
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Abrahamson and Bhasin (2020), Conditional ground-motion model for peak ground velocity for active crustal \
                regions, PEER Report 2020/05",
    doi: None,
    validity: Validity::NOT_STATED,
};

const OF_PGA: ModelInfo = ModelInfo { name: "AbrahamsonBhasin2020PGA", ..GENERAL };
const OF_SA1: ModelInfo = ModelInfo { name: "AbrahamsonBhasin2020SA1", ..GENERAL };

pub(in crate::gsim) static MODELS: &[Model] =
    &[Model { info: GENERAL, make: alone }, Model { info: OF_PGA, make: alone }, Model { info: OF_SA1, make: alone }];

pub(in crate::gsim) static MAKERS: &[Maker] = &[
    (GENERAL.name, |info, _| Ok(made(info, &BY_PERIOD, PERIODS.into_iter().filter_map(Imt::sa).collect()))),
    (OF_PGA.name, |info, _| Ok(made(info, &BY_PGA, vec![Imt::PGA]))),
    (OF_SA1.name, |info, _| Ok(made(info, &BY_SA1, Imt::sa(1.0).into_iter().collect()))),
];

fn made(info: &'static ModelInfo, coeffs: &'static Coeffs, given: Vec<Imt>) -> Box<dyn Conditional> {
    Box::new(AbrahamsonBhasin2020 { info, coeffs, given })
}

/// The periods of table 3.1, s.
const PERIODS: [f64; 6] = [0.2, 0.28, 0.4, 0.95, 1.4, 2.8];

/// Up to these magnitudes all of them but the last are taken.
const MAGNITUDES: [f64; 5] = [3.5, 4.5, 5.5, 6.5, 7.5];

/// Tables 3.2 to 3.4.
#[derive(Debug)]
struct Coeffs {
    a: [f64; 8],
    /// Total, between and within events, up to magnitude 5 and from magnitude 7 on.
    deviations: [[f64; 2]; 3],
}

static BY_PERIOD: Coeffs = Coeffs {
    a: [5.39, 0.799, 0.654, 0.479, -0.062, -0.359, -0.134, 0.023],
    deviations: [[0.33, 0.33], [0.16, 0.16], [0.29, 0.29]],
};

static BY_PGA: Coeffs = Coeffs {
    a: [4.77, 0.738, 0.484, 0.275, -0.036, -0.332, -0.44, 0.0],
    deviations: [[0.34, 0.49], [0.12, 0.26], [0.32, 0.42]],
};

static BY_SA1: Coeffs = Coeffs {
    a: [4.80, 0.82, 0.55, 0.27, 0.054, -0.382, -0.21, 0.0],
    deviations: [[0.30, 0.42], [0.12, 0.17], [0.28, 0.38]],
};

/// Abrahamson and Bhasin (2020).
#[derive(Debug)]
struct AbrahamsonBhasin2020 {
    info: &'static ModelInfo,
    coeffs: &'static Coeffs,
    given: Vec<Imt>,
}

impl Conditional for AbrahamsonBhasin2020 {
    fn info(&self) -> &'static ModelInfo {
        self.info
    }

    fn given(&self) -> &[Imt] {
        &self.given
    }

    /// Equations 3.7 to 3.9.
    fn motion(&self, ctx: &Contexts, given: &GroundMotion, k: usize) -> [f64; 4] {
        let [mag, rrup, vs30] = [Param::Mag, Param::Rrup, Param::Vs30].map(|param| ctx.column(param)[k]);
        let [a1, a2, a3, a4, a5, a6, a7, a8] = self.coeffs.a;
        let period = MAGNITUDES.iter().filter(|&&largest| mag > largest).count().min(self.given.len() - 1);
        let at = given.row(period).start + k;
        let slope = a2 + (a3 - a2) * ((mag - 5.0) / 2.5).clamp(0.0, 1.0);
        let mean = a1
            + slope * given.mean[at]
            + a4 * (mag - 6.0)
            + a5 * (8.5 - mag) * (8.5 - mag)
            + a6 * ln(rrup + 5.0 * exp(0.4 * (mag - 6.0)))
            + (a7 + a8 * (mag - 5.0)) * ln(vs30 / 425.0);
        let deviation = |[small, large]: [f64; 2], of_given: f64| {
            hypot(small + (large - small) * ((mag - 5.0) / 2.0).clamp(0.0, 1.0), slope * of_given)
        };
        let [sigma, tau, phi] = self.coeffs.deviations;
        [mean, deviation(sigma, given.sig[at]), deviation(tau, given.tau[at]), deviation(phi, given.phi[at])]
    }
}
