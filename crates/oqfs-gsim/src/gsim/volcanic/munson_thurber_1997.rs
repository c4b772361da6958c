//! Munson and Thurber (1997): peak acceleration on Hawaii, and the extension of the national map of 1998.
//!
//! Munson C.G., Thurber C.H., 1997. Analysis of the attenuation of strong ground motion on the island of Hawaii. Bulletin of
//! the Seismological Society of America 87(4), 945-960.
//!
//! Klein F.W., Frankel A.D., Mueller C.S., Wesson R.L., Okubo P.G., 2001. Seismic hazard in Hawaii: high rate of large
//! earthquakes and probabilistic ground-motion maps. Bulletin of the Seismological Society of America 91(3), 479-498,
//! doi:10.1785/0120000060.
//!
//! - Component: larger horizontal. Units: g.
//! - Valid for magnitude 4 to 7.2, distances up to 88 km; ash below a `vs30` of 200 m/s, lava above.
//!
//! `Hawaii` has a correction for great magnitudes and factors from `PGA` to 0.2 and 0.3 s. As in the engine, spectral
//! acceleration at other periods is `PGA`, and `Vector` gives the same numbers as the unadorned model.

use std::f64::consts::LN_10;
use std::sync::Arc;

use crate::elementary::branchless::ln;
use crate::elementary::hypot;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "MunsonThurber1997",
    trt: Trt::Volcanic,
    imts: &[ImtKind::Pga],
    params: &[Param::Mag, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::Horizontal,
    reference: "Munson and Thurber (1997), Analysis of the attenuation of strong ground motion on the island of Hawaii, \
                Bulletin of the Seismological Society of America 87(4), 945-960",
    doi: None,
    validity: Validity::NOT_STATED.magnitude(4.0, 7.2).distance(Param::Rjb, 0.0, 88.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(MunsonThurber1997 { info, hawaii: false })) },
    Model {
        info: ModelInfo { name: "MunsonThurber1997Vector", component: Component::Vectorial, ..BASE },
        make: |info, _| Ok(Arc::new(MunsonThurber1997 { info, hawaii: false })),
    },
    Model {
        info: ModelInfo { name: "MunsonThurber1997Hawaii", imts: &[ImtKind::Pga, ImtKind::Sa], ..BASE },
        make: |info, _| Ok(Arc::new(MunsonThurber1997 { info, hawaii: true })),
    },
];

/// Munson and Thurber (1997).
#[derive(Debug)]
struct MunsonThurber1997 {
    info: &'static ModelInfo,
    hawaii: bool,
}

impl Gsim for MunsonThurber1997 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rjb, vs30] = ctx.columns([Param::Mag, Param::Rjb, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row { ln_factor: ln_factor(imt) }).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let great = if self.hawaii { great(mag[k]) } else { 0.0 };
            let r = hypot(rjb[k], 11.29);
            let ash = f64::from(vs30[k] <= 200.0);
            let path = ln(r) / LN_10 + 0.00256 * r;
            Terms { ln_pga: LN_10 * (0.518 + 0.387 * (mag[k] - 6.0) - path + 0.335 * ash + great) }
        });
    }
}

/// From `PGA` to two periods.
fn ln_factor(imt: &Imt) -> f64 {
    match imt.period() {
        Some(0.2) => ln(2.5),
        Some(0.3) => ln(2.2),
        _ => 0.0,
    }
}

/// Klein et al. (2001): the correction for magnitudes above 7 and 7.7, log10.
fn great(mag: f64) -> f64 {
    if mag > 7.7 {
        0.1512 + 0.387 * (7.0 - mag)
    } else if mag > 7.0 {
        0.171 * (7.0 - mag)
    } else {
        0.0
    }
}

#[derive(Clone, Copy)]
struct Row {
    ln_factor: f64,
}

#[derive(Clone, Copy)]
struct Terms {
    ln_pga: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        Estimate::total(t.ln_pga + self.ln_factor, LN_10 * 0.237)
    }
}
