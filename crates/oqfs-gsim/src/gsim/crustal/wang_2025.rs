//! Wang et al. (2025), Arias intensity, cumulative absolute velocity and durations in Türkiye.
//!
//! Wang M.-X., Leung A.Y.F., Zhu C., Güryuva B., Sandıkkaya M.A., Ji K., 2025. Ground-motion models for Arias intensity,
//! cumulative absolute velocity, and duration parameters in Türkiye. Soil Dynamics and Earthquake Engineering 196, 109440,
//! doi:10.1016/j.soildyn.2025.109440.
//!
//! - Component: geometric mean. Units: those of the engine's intensity measures.
//!
//! No earthquake is an aftershock. As in the engine, outside the magnitudes between which the standard deviations change, they
//! are the magnitudes themselves: tau is 6 up to 6 and 6.5 above 6.5, phi 5 up to 5 and 6.5 above 6.5. Nobody should take them for
//! those of the publication.

use std::sync::LazyLock;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::{plain, style_of_faulting};
use crate::gsim::registry::Model;
use crate::gsim::{Component, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "WangEtAl2025",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Ia, ImtKind::Cav, ImtKind::Rsd575, ImtKind::Rsd595],
        params: &[Param::Mag, Param::Rake, Param::Ztor, Param::Rjb, Param::Vs30],
        std_devs: TOTAL_AND_PARTS,
        component: Component::GeometricMean,
        reference: "Wang et al. (2025), Ground-motion models for Arias intensity, cumulative absolute velocity, and duration \
                    parameters in Türkiye, Soil Dynamics and Earthquake Engineering 196, 109440",
        doi: Some("10.1016/j.soildyn.2025.109440"),
        validity: Validity::NOT_STATED,
    },
    make: |info, _| plain(info, &COEFFS, |_, c| Row(c), Terms::new),
}];

coefficients! {
    struct Coeffs {
        c0, c1, c2, c3, c4, c5, c6, c7, c8, c9, c11, c12, b1, b2, b3, b4, b6, vref, tau1, tau2, phi1, phi2,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("WangEtAl2025.csv");

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// 1 for normal and for reverse faulting, else 0.
    style: [f64; 2],
    /// ln(Ztor + 1)
    ln_ztor: f64,
    rjb: f64,
    vs30: f64,
}

impl Terms {
    fn new([mag, rake, ztor, rjb, vs30]: [f64; 5]) -> Terms {
        let [_, normal, reverse] = style_of_faulting(rake);
        Terms { mag, style: [normal, reverse], ln_ztor: ln(ztor + 1.0), rjb, vs30 }
    }
}

/// Equation 7.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        // equations 8 and 9
        let magnitude = c.c0 + c.c1 * t.mag + c.c2 * (t.mag - c.b1).max(0.0) + c.c3 * (t.mag - c.b2).max(0.0);
        let distance = (c.c4 + c.c5 * t.mag) * 0.5 * ln(t.rjb * t.rjb + c.c6 * c.c6);
        // equation 10
        let ramp = ((t.mag - c.b3) / (c.b4 - c.b3)).clamp(0.0, 1.0);
        let style = c.c7 * ramp * t.style[0] + c.c8 * t.style[1];
        // equations 11, 13 and 14
        let site = c.c11 * ln(t.vs30.min(c.b6) / c.vref);
        let mean = magnitude + distance + style + c.c9 * t.ln_ztor + site + c.c12 * (t.rjb - 80.0).max(0.0);
        let (tau, phi) = (sigma(t.mag, [6.0, 6.5], [c.tau1, c.tau2]), sigma(t.mag, [5.0, 6.5], [c.phi1, c.phi2]));
        Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}

/// A standard deviation between two magnitudes.
#[inline(always)]
fn sigma(mag: f64, [from, to]: [f64; 2], [at_from, at_to]: [f64; 2]) -> f64 {
    // engine behaviour: beyond, it is the magnitude
    if mag <= from {
        from
    } else if mag > to {
        to
    } else {
        at_from + (at_to - at_from) * (mag - from) / (to - from)
    }
}
