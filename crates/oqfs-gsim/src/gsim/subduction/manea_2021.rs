//! Manea, Cioflan and Danciu (2022), for intermediate-depth earthquakes of Vrancea.
//!
//! Manea E.F., Cioflan C.O., Danciu L., 2022. Ground-motion models for Vrancea intermediate-depth earthquakes. Earthquake Spectra
//! 38(1), 407-431, doi:10.1177/87552930211032985.
//!
//! - Component: geometric mean. Units: g. `backarc` is 0 before the arc, 1 behind it and 2 along it; `f0` in Hz. Classes of
//!   Eurocode 8 by `vs30`.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{LN_G, plain};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "ManeaEtAl2021",
        trt: Trt::SubductionIntraslab,
        imts: &[ImtKind::Pga, ImtKind::Sa],
        params: &[Param::Mag, Param::HypoDepth, Param::Rhypo, Param::Backarc, Param::Vs30, Param::F0],
        std_devs: TOTAL_AND_PARTS,
        component: Component::GeometricMean,
        reference: "Manea et al. (2022), Ground-motion models for Vrancea intermediate-depth earthquakes, \
                Earthquake Spectra 38(1), 407-431",
        doi: Some("10.1177/87552930211032985"),
        validity: Validity::NOT_STATED,
    },
    make: |info, _| plain(info, &COEFFS, |_, c| Row(c), Terms::new),
}];

coefficients! {
    /// The coefficients of the model.
    struct Coeffs { phi0, phi1, phi2, phi3, phi4, phi5, phi6, phi7, phi8, phi9, phi10, phi11, phi, tau, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ManeaEtAl2021.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// M - 5.7
    mag: f64,
    depth: f64,
    rhypo: f64,
    ln_rhypo: f64,
    /// Along, behind and before the arc: one of these is 1.
    side: [f64; 3],
    /// Classes A, B and C: one of these is 1, or none.
    class: [f64; 3],
    /// ln(f0 / 15 Hz)
    ln_f0: f64,
}

impl Terms {
    fn new([mag, depth, rhypo, backarc, vs30, f0]: [f64; 6]) -> Terms {
        let side = [backarc == 2.0, backarc == 1.0, backarc == 0.0].map(f64::from);
        let class = [vs30 >= 800.0, (360.0..800.0).contains(&vs30), (180.0..360.0).contains(&vs30)].map(f64::from);
        Terms { mag: mag - 5.7, depth, rhypo, ln_rhypo: ln(rhypo), side, class, ln_f0: ln(f0 / 15.0) }
    }
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let magnitude = c.phi0 + (c.phi1 + c.phi2 * t.mag) * t.mag;
        let [along, behind, before] = t.side;
        let path = c.phi3 * t.ln_rhypo + (c.phi5 * along + c.phi6 * behind + c.phi7 * before) * t.rhypo;
        let [a, b, class_c] = t.class;
        let site = c.phi9 * a + c.phi10 * b + c.phi11 * class_c + c.phi8 * t.ln_f0;
        let mean = magnitude + path + c.phi4 * t.depth + site - LN_G;
        Estimate { mean, sig: c.sigma, tau: c.tau, phi: c.phi }
    }
}
