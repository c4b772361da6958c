//! Bora, Cotton and Scherbaum (2019), Fourier amplitude spectra and durations adjusted to them.
//!
//! Bora S.S., Cotton F., Scherbaum F., 2019. NGA-West2 empirical Fourier and duration models to generate adjustable response
//! spectra. Earthquake Spectra 35(1), 61-93.
//!
//! - Component: horizontal. Units: those of the engine's `FAS`; `DRVT` in s.
//!
//! Between the frequencies of a table its coefficients are cubic splines, as in the engine.

use std::sync::LazyLock;

use crate::elementary::scalar::ln;
use crate::elementary::{hypot, powi};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::plain;
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

const AMPLITUDE: ModelInfo = ModelInfo {
    name: "BoraEtAl2019",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Fas],
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::Horizontal,
    reference: "Bora, Cotton and Scherbaum (2019), NGA-West2 empirical Fourier and duration models to generate \
                adjustable response spectra, Earthquake Spectra 35(1), 61-93",
    doi: None,
    validity: Validity::NOT_STATED,
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: AMPLITUDE, make: |info, _| plain(info, &COEFFS, |_, c| Amplitude { c }, Terms::new) },
    Model {
        info: ModelInfo { name: "BoraEtAl2019Drvt", imts: &[ImtKind::Drvt], ..AMPLITUDE },
        make: |info, _| plain(info, &OF_DURATION, |_, c| Duration { c }, Terms::new),
    },
];

coefficients! {
    struct Coeffs { c0, c1, c2, c3, c4, c5, c6, c7, b1, b2, tau, phi_s2s, phi_ss }
}

coefficients! {
    struct OfDuration { d0, d1, d2, d3, d4, d5, tau, phi_s2s, phi }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!(spline "BoraEtAl2019.csv");
static OF_DURATION: LazyLock<Table<OfDuration>> = table!(spline "BoraEtAl2019_duration.csv");

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    vs30: f64,
}

impl Terms {
    fn new([mag, rrup, vs30]: [f64; 3]) -> Terms {
        Terms { mag, rrup, vs30 }
    }
}

fn estimate(mean: f64, tau: f64, phi: f64) -> Estimate {
    Estimate { mean, sig: hypot(tau, phi), tau, phi }
}

/// The coefficients of one frequency.
#[derive(Clone, Copy)]
struct Amplitude {
    c: Coeffs,
}

impl batch::Row for Amplitude {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let hinge = t.mag - 5.0;
        let source = c.c2 * powi(8.5 - t.mag, 2) + hinge * if hinge > 0.0 { c.c3 } else { c.c1 };
        // The depth grows to that of a finite fault between magnitudes 4 and 5; below it is 2 km.
        let depth = if t.mag <= 4.0 { 2.0 } else { c.c4 - (c.c4 - 1.0) * (5.0 - t.mag).max(0.0) };
        let (near, far) = (hypot(t.rrup, depth), hypot(50.0, depth));
        let slope = c.c7 * (t.mag - 4.5);
        let spreading = if t.rrup <= 50.0 {
            (c.b1 + slope) * ln(near)
        } else {
            (c.b1 + slope) * ln(far) + (c.b2 + slope) * ln(near / far)
        };
        let site = c.c6 * ln(t.vs30.min(1100.0) / 800.0);
        let mean = c.c0 + source + spreading + c.c5 * (near - 1.0) + site;
        estimate(mean, c.tau, hypot(c.phi_ss, c.phi_s2s))
    }
}

/// The coefficients of one frequency.
#[derive(Clone, Copy)]
struct Duration {
    c: OfDuration,
}

impl batch::Row for Duration {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let source = c.d1 * t.mag.min(5.3) + c.d2 * (t.mag - 5.3).max(0.0);
        let path = (c.d3 + c.d4 * (t.mag - 6.0)) * ln(t.rrup);
        let mean = c.d0 + source + path + c.d5 * ln(t.vs30.min(450.0));
        estimate(mean, c.tau, hypot(c.phi, c.phi_s2s))
    }
}
