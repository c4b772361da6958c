//! Macedo, Abrahamson and Bray (2019), Arias intensity in subduction zones, conditional on `PGA` and `SA(1.0)`.
//!
//! Macedo J., Abrahamson N., Bray J.D., 2019. Arias intensity conditional scaling ground-motion models for subduction zones.
//! Bulletin of the Seismological Society of America 109(4), 1343-1357, doi:10.1785/0120180297.
//!
//! - Component: median over all orientations. Units: m/s.
//!
//! Arguments: `region`, `Global` (the default), `Japan`, `Taiwan`, `South America` or `New Zealand`; `rho_pga_sa1`, the correlation of
//! the standard deviations of `PGA` and `SA(1.0)`, 0.52 by default.

use crate::elementary::hypot;
use crate::elementary::scalar::ln;
use crate::gsim::adapt::conditional::{Conditional, MadeConditional, Maker, alone};
use crate::gsim::arguments::Arguments;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the interface.
const INTERFACE: ModelInfo = ModelInfo {
    name: "MacedoEtAl2019SInter",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Ia],
    params: &[Param::Mag, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Macedo et al. (2019), Arias intensity conditional scaling ground-motion models for subduction zones, Bulletin of \
                the Seismological Society of America 109(4), 1343-1357",
    doi: Some("10.1785/0120180297"),
    validity: Validity::NOT_STATED,
};

/// The model for the slab.
const SLAB: ModelInfo = ModelInfo { name: "MacedoEtAl2019SSlab", trt: Trt::SubductionIntraslab, ..INTERFACE };

pub(in crate::gsim) static MODELS: &[Model] =
    &[Model { info: INTERFACE, make: alone }, Model { info: SLAB, make: alone }];

pub(in crate::gsim) static MAKERS: &[Maker] = &[
    (INTERFACE.name, |info, arguments| make(info, arguments, &OF_INTERFACE, 0.36)),
    (SLAB.name, |info, arguments| make(info, arguments, &OF_SLAB, 0.33)),
];

/// The coefficients of a region in tables 1 to 3.
#[derive(Clone, Copy, Debug)]
struct Region {
    c1: f64,
    c2: f64,
    tau_region: f64,
    tau: f64,
    phi: f64,
}

/// The regions of one kind of subduction, with the coefficients that all have.
#[derive(Debug)]
struct Coeffs {
    /// Of magnitude, `PGA` and `SA(1.0)`.
    common: [f64; 3],
    regions: [(&'static str, Region); 5],
}

static OF_INTERFACE: Coeffs = Coeffs {
    common: [0.53, 1.54, 0.17],
    regions: [
        ("Global", Region { c1: 0.85, c2: -0.36, tau_region: 0.04, tau: 0.18, phi: 0.30 }),
        ("Japan", Region { c1: 0.98, c2: -0.38, tau_region: 0.0, tau: 0.16, phi: 0.30 }),
        ("Taiwan", Region { c1: 0.75, c2: -0.35, tau_region: 0.0, tau: 0.15, phi: 0.27 }),
        ("South America", Region { c1: 0.95, c2: -0.36, tau_region: 0.0, tau: 0.19, phi: 0.32 }),
        ("New Zealand", Region { c1: 0.82, c2: -0.36, tau_region: 0.0, tau: 0.17, phi: 0.28 }),
    ],
};

static OF_SLAB: Coeffs = Coeffs {
    common: [0.66, 1.58, 0.14],
    regions: [
        ("Global", Region { c1: -0.74, c2: -0.24, tau_region: 0.03, tau: 0.16, phi: 0.28 }),
        ("Japan", Region { c1: -0.22, c2: -0.32, tau_region: 0.0, tau: 0.15, phi: 0.26 }),
        ("Taiwan", Region { c1: -1.02, c2: -0.20, tau_region: 0.0, tau: 0.17, phi: 0.29 }),
        ("South America", Region { c1: -0.75, c2: -0.24, tau_region: 0.0, tau: 0.14, phi: 0.30 }),
        ("New Zealand", Region { c1: -0.84, c2: -0.22, tau_region: 0.0, tau: 0.13, phi: 0.30 }),
    ],
};

fn make(info: &'static ModelInfo, arguments: &mut Arguments, coeffs: &'static Coeffs, sigma: f64) -> MadeConditional {
    let region = arguments.choice("region", coeffs.regions)?;
    let correlation = arguments.number_or("rho_pga_sa1", 0.52)?;
    let given = [Imt::PGA].into_iter().chain(Imt::sa(1.0)).collect();
    Ok(Box::new(MacedoEtAl2019 { info, common: coeffs.common, region, sigma, correlation, given }))
}

/// Macedo et al. (2019).
#[derive(Debug)]
struct MacedoEtAl2019 {
    info: &'static ModelInfo,
    common: [f64; 3],
    region: Region,
    /// The total standard deviation, were `PGA` and `SA(1.0)` known.
    sigma: f64,
    /// Of the standard deviations of `PGA` and `SA(1.0)`.
    correlation: f64,
    given: Vec<Imt>,
}

impl Conditional for MacedoEtAl2019 {
    fn info(&self) -> &'static ModelInfo {
        self.info
    }

    fn given(&self) -> &[Imt] {
        &self.given
    }

    /// Equation 2, and equation 6 for each standard deviation.
    fn motion(&self, ctx: &Contexts, given: &GroundMotion, k: usize) -> [f64; 4] {
        let ([c3, c4, c5], region) = (self.common, &self.region);
        let (mag, vs30) = (ctx.column(Param::Mag)[k], ctx.column(Param::Vs30)[k]);
        let [pga, sa1] = [0, 1].map(|m| given.row(m).start + k);
        let mean = region.c1 + region.c2 * ln(vs30) + c3 * mag + c4 * given.mean[pga] + c5 * given.mean[sa1];
        let deviation = |conditional: f64, values: &[f64]| {
            let (of_pga, of_sa1) = (c4 * values[pga], c5 * values[sa1]);
            (conditional * conditional + of_pga * of_pga + of_sa1 * of_sa1 + 2.0 * self.correlation * of_pga * of_sa1)
                .sqrt()
        };
        let tau = deviation(hypot(region.tau, region.tau_region), &given.tau);
        [mean, deviation(self.sigma, &given.sig), tau, deviation(region.phi, &given.phi)]
    }
}
