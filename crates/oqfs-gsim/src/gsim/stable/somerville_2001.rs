//! Somerville et al. (2001), for central and eastern North America.
//!
//! Somerville P., Collins N., Abrahamson N., Graves R., Saikia C., 2001. Ground motion attenuation relations for the central and
//! eastern United States. Final report to the U.S. Geological Survey, award 99HQGR0098.
//!
//! - Component: geometric mean. Units: g.
//! - Valid for magnitude 6 to 7.5, Joyner-Boore distances up to 500 km, rock of 760 m/s. There is a greatest median.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::scalar;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::cap::cap;
use crate::gsim::coeffs::{Table, coefficients};
use crate::gsim::model_info::{TOTAL_ONLY, debug_as_name};
use crate::gsim::registry::Made;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model; a variant has a name of its own.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "SomervilleEtAl2001",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Somerville et al. (2001), Ground motion attenuation relations for the central and eastern United States, \
                Final report to the U.S. Geological Survey, award 99HQGR0098",
    doi: None,
    validity: Validity::NOT_STATED.magnitude(6.0, 7.5).distance(Param::Rjb, 0.0, 500.0),
};

/// The model with the coefficients of a table.
pub(in crate::gsim) fn made(info: &'static ModelInfo, coeffs: &'static LazyLock<Table<Coeffs>>) -> Made {
    Ok(Arc::new(SomervilleEtAl2001 { info, coeffs }))
}

coefficients! {
    /// Table 8.
    pub(in crate::gsim) struct Coeffs { a1, a2, a3, a4, a5, a6, a7, sigma }
}

/// Somerville et al. (2001).
struct SomervilleEtAl2001 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
}

debug_as_name!(SomervilleEtAl2001);

impl Gsim for SomervilleEtAl2001 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rjb] = ctx.columns([Param::Mag, Param::Rjb]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row { c: self.coeffs.at(imt), cap: cap(imt) }).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            rjb: rjb[k],
            ln_distance: 0.5 * ln(rjb[k] * rjb[k] + 36.0),
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The greatest ln-mean.
    cap: f64,
}

#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
    /// ln(sqrt(R^2 + 6^2))
    ln_distance: f64,
}

/// Table 8: the slope of distance changes at 50 km.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let ln_50 = 0.5 * const { scalar::ln(2536.0) };
        let magnitude = c.a1 + c.a2 * (t.mag - 6.4) + c.a7 * (8.5 - t.mag) * (8.5 - t.mag);
        let near = c.a3 * t.ln_distance.min(ln_50) + c.a6 * (t.ln_distance - ln_50).max(0.0);
        let mean = magnitude + near + c.a4 * (t.mag - 6.4) * t.ln_distance + c.a5 * t.rjb;
        Estimate::total(mean.min(self.cap), c.sigma)
    }
}
