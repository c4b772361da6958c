//! Campbell (1997): peak acceleration near the source.
//!
//! Campbell K.W., 1997. Empirical near-source attenuation relationships for horizontal and vertical components of peak ground
//! acceleration, peak ground velocity, and pseudo-absolute acceleration response spectra. Seismological Research Letters
//! 68(1), 154-179, doi:10.1785/gssrl.68.1.154.
//!
//! - Component: geometric mean. Units: g.
//! - Valid for magnitude 5 and above, distances up to 60 km; soft rock from a `vs30` of 760 m/s, hard rock from 1,500 m/s.

use std::sync::Arc;

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "Campbell1997",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga],
        params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30],
        std_devs: TOTAL_ONLY,
        component: Component::GeometricMean,
        reference: "Campbell (1997), Empirical near-source attenuation relationships for horizontal and vertical components \
                    of peak ground acceleration, peak ground velocity, and pseudo-absolute acceleration response spectra, \
                    Seismological Research Letters 68(1), 154-179",
        doi: Some("10.1785/gssrl.68.1.154"),
        validity: Validity::NOT_STATED.magnitude(5.0, f64::INFINITY).distance(Param::Rrup, 0.0, 60.0),
    },
    make: |info, _| Ok(Arc::new(Campbell1997 { info })),
}];

/// Campbell (1997).
#[derive(Debug)]
struct Campbell1997 {
    info: &'static ModelInfo,
}

impl Gsim for Campbell1997 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rrup, vs30] = ctx.columns([Param::Mag, Param::Rake, Param::Rrup, Param::Vs30]);
        let rows = vec![Pga; imts.len()];
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            rrup: rrup[k],
            fault: fault(rake[k]),
            soft_rock: f64::from((760.0..1500.0).contains(&vs30[k])),
            hard_rock: f64::from(vs30[k] >= 1500.0),
        });
    }
}

/// Page 156: 1 for reverse, and in the engine 0.5 for normal faulting.
fn fault(rake: f64) -> f64 {
    if (45.0..=135.0).contains(&rake) {
        1.0
    } else if (-135.0..=-45.0).contains(&rake) {
        0.5
    } else {
        0.0
    }
}

#[derive(Clone, Copy)]
struct Pga;

#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    fault: f64,
    soft_rock: f64,
    hard_rock: f64,
}

/// Equation 3, and on page 166 the standard deviation by the median.
impl batch::Row for Pga {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let ln_r = ln(t.rrup);
        let near = 0.149 * exp(0.647 * t.mag);
        let path = -1.328 * 0.5 * ln(t.rrup * t.rrup + near * near);
        let style = (1.125 - 0.112 * ln_r - 0.0957 * t.mag) * t.fault;
        let site = (0.440 - 0.171 * ln_r) * t.soft_rock + (0.405 - 0.222 * ln_r) * t.hard_rock;
        let mean = -3.512 + 0.904 * t.mag + path + style + site;
        let median = exp(mean);
        let sigma = if median < 0.068 {
            0.55
        } else if median <= 0.21 {
            0.173 - 0.140 * mean
        } else {
            0.39
        };
        Estimate::total(mean, sigma)
    }
}
