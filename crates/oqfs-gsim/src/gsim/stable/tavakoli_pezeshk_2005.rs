//! Tavakoli and Pezeshk (2005), for eastern North America.
//!
//! Tavakoli B., Pezeshk S., 2005. Empirical-stochastic ground-motion prediction for eastern North America. Bulletin of the
//! Seismological Society of America 95(6), 2283-2296, doi:10.1785/0120050030.
//!
//! - Component: horizontal. Units: g.
//! - Valid for magnitude 5 to 8.2, rupture distances up to 1,000 km, hard rock. The engine refuses magnitudes above 8.5; here
//!   they have the curvature of 8.5.
//!
//! Hazard models have variants ([`capped`]): for other rock, with magnitudes that are converted and a greatest median.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::cap::cap;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::magnitude::Magnitude;
use crate::gsim::model_info::{TOTAL_ONLY, debug_as_name};
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model as published.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "TavakoliPezeshk2005",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup],
    std_devs: TOTAL_ONLY,
    component: Component::Horizontal,
    reference: "Tavakoli and Pezeshk (2005), Empirical-stochastic ground-motion prediction for eastern North America, \
                Bulletin of the Seismological Society of America 95(6), 2283-2296",
    doi: Some("10.1785/0120050030"),
    validity: Validity::NOT_STATED.magnitude(5.0, 8.2).distance(Param::Rrup, 0.0, 1000.0),
};

pub(in crate::gsim) static MODELS: &[Model] =
    &[Model { info: BASE, make: |info, _| Ok(Arc::new(TavakoliPezeshk2005 { info, coeffs: &COEFFS, capped: None })) }];

/// The model with other coefficients and a greatest median, for magnitudes of a scale.
pub(in crate::gsim) fn capped(
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    magnitude: Magnitude,
) -> Made {
    Ok(Arc::new(TavakoliPezeshk2005 { info, coeffs, capped: Some(magnitude) }))
}

coefficients! {
    /// Table 5.
    pub(in crate::gsim) struct Coeffs { c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("TavakoliPezeshk2005.csv");

/// Tavakoli and Pezeshk (2005).
struct TavakoliPezeshk2005 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    /// The scale of magnitudes of a variant with a greatest median.
    capped: Option<Magnitude>,
}

debug_as_name!(TavakoliPezeshk2005);

impl Gsim for TavakoliPezeshk2005 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup] = ctx.columns([Param::Mag, Param::Rrup]);
        let highest = |imt| if self.capped.is_some() { cap(imt) } else { f64::INFINITY };
        let rows: Vec<Row> = imts.iter().map(|imt| Row { c: self.coeffs.at(imt), cap: highest(imt) }).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let mag = self.capped.map_or(mag[k], |scale| scale.to_mw(mag[k]));
            let below = (8.5 - mag).max(0.0);
            Terms {
                mag,
                rrup: rrup[k],
                curvature: below * below * below.sqrt(),
                ln_near: ln(rrup[k] + 4.5),
                ln_70: ln(rrup[k].max(70.0) / 70.0),
                ln_130: ln(rrup[k].max(130.0) / 130.0),
            }
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

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// (8.5 - M)^2.5
    curvature: f64,
    /// ln(R + 4.5)
    ln_near: f64,
    /// ln(R / 70), at least 0.
    ln_70: f64,
    /// ln(R / 130), at least 0.
    ln_130: f64,
}

/// Equation 18.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let magnitude = c.c1 + c.c2 * t.mag + c.c3 * t.curvature;
        let spreading = c.c9 * t.ln_near + c.c10 * t.ln_70 + c.c11 * t.ln_130;
        let sigma = if t.mag < 7.2 { c.c14 + c.c15 * t.mag } else { c.c16 };
        Estimate::total((magnitude + spreading + attenuation(c, t)).min(self.cap), sigma)
    }
}

/// Equation 21.
#[inline(always)]
fn attenuation(c: &Coeffs, t: &Terms) -> f64 {
    let near = c.c5 * exp(c.c6 * t.mag + c.c7 * t.curvature);
    let r = (t.rrup * t.rrup + near * near).sqrt();
    (c.c4 + c.c13 * t.mag) * ln(r) + (c.c8 + c.c12 * t.mag) * r
}
