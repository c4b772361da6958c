//! Gülerce and Abrahamson (2011), the ratio of vertical to horizontal motion.
//!
//! Gülerce Z., Abrahamson N.A., 2011. Site-specific design spectra for vertical ground motion. Earthquake Spectra 27(4),
//! 1023-1047, doi:10.1193/1.3651317.
//!
//! - Component: the ratio of vertical to horizontal. Valid for magnitude 5 to 8.5 and distances up to 200 km.
//!
//! `gmpe_name` names a model of horizontal motion, whose `PGA` on rock of 1,100 m/s soil yields by.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::hypot;
use crate::elementary::scalar::{self, exp};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::{self, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: "GulerceAbrahamson2011",
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30],
        std_devs: TOTAL_AND_PARTS,
        component: Component::VerticalRatio,
        reference: "Gülerce and Abrahamson (2011), Site-specific design spectra for vertical ground motion, Earthquake \
                    Spectra 27(4), 1023-1047",
        doi: Some("10.1193/1.3651317"),
        validity: Validity::NOT_STATED.magnitude(5.0, 8.5).distance(Param::Rrup, 0.0, 200.0),
    },
    make: |info, arguments| {
        let name = arguments.needed_text("gmpe_name")?;
        let horizontal = registry::by_name(&name)?;
        if horizontal.component() == Component::Vertical || horizontal.check(&Imt::PGA).is_err() {
            let reason = "it gives no horizontal PGA";
            return Err(GsimError::Unsuitable { model: info.name, wrapped: name, reason });
        }
        let params = Param::union(info.params, horizontal.params());
        Ok(Arc::new(GulerceAbrahamson2011 { info, horizontal, params }))
    },
}];

coefficients! {
    /// Table 3.
    struct Coeffs { vlin, b, a1, a2, a6, a7, a8, a10, s1, s2, s3, s4 }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("GulerceAbrahamson2011.csv");

/// Gülerce and Abrahamson (2011).
#[derive(Debug)]
struct GulerceAbrahamson2011 {
    info: &'static ModelInfo,
    horizontal: Arc<dyn Gsim>,
    params: Vec<Param>,
}

impl Gsim for GulerceAbrahamson2011 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rrup, vs30] = ctx.columns([Param::Mag, Param::Rake, Param::Rrup, Param::Vs30]);
        let mut rock = GroundMotion::default();
        self.horizontal.compute(&ctx.with(Param::Vs30, 1100.0), &[Imt::PGA], &mut rock);
        let rows: Vec<Row> = imts.iter().map(Row::new).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            ln_r: ln(hypot(rrup[k], 10.0)),
            reverse: f64::from(rake[k] > 30.0 && rake[k] < 150.0),
            normal: f64::from(rake[k] > -120.0 && rake[k] < -60.0),
            vs30: vs30[k],
            pga1100: exp(rock.mean[k]),
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// Equation 5: above this there is no more site effect, m/s.
    v1: f64,
}

impl Row {
    fn new(imt: &Imt) -> Row {
        let v1 = match imt.period() {
            None => 862.0,
            Some(period) if period <= 0.5 => 1500.0,
            Some(period) if period <= 1.0 => exp(8.0 - 0.795 * scalar::ln(period / 0.21)),
            Some(period) if period < 2.0 => exp(6.76 - 0.297 * scalar::ln(period)),
            Some(_) => 700.0,
        };
        Row { c: COEFFS.at(imt), v1 }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// ln(sqrt(R^2 + c4^2))
    ln_r: f64,
    /// 1 for the style of faulting, else 0.
    reverse: f64,
    normal: f64,
    vs30: f64,
    /// `PGA` on rock of 1,100 m/s, g.
    pga1100: f64,
}

/// Equation 6.
impl batch::Row for Row {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let faulting = c.a6 * t.reverse + c.a7 * t.normal;
        // Equations 7 and 8.
        let great = (t.mag.clamp(5.0, 7.0) - 5.0) / 2.0;
        let (phi, tau) = (c.s1 + (c.s2 - c.s1) * great, c.s3 + (c.s4 - c.s3) * great);
        Estimate { mean: base(c, t) + faulting + site(self, t), sig: hypot(phi, tau), tau, phi }
    }
}

/// Equation 1.
fn base(c: &Coeffs, t: &Terms) -> f64 {
    const C1: f64 = 6.75;
    let above = t.mag - C1;
    let slope = if above <= 0.0 { 0.0334 } else { -0.034 };
    c.a1 + c.a8 * (8.5 - t.mag) * (8.5 - t.mag) + (c.a2 + 0.0147 * above) * t.ln_r + slope * above
}

/// Equations 3 and 4.
fn site(row: &Row, t: &Terms) -> f64 {
    const N: f64 = 1.18;
    const C: f64 = 1.88;
    let c = &row.c;
    let ratio = t.vs30.min(row.v1) / c.vlin;
    let ln_ratio = scalar::ln(ratio);
    if ratio < 1.0 {
        c.a10 * ln_ratio + c.b * scalar::ln((t.pga1100 + C) / (t.pga1100 + C * exp(N * ln_ratio)))
    } else {
        (c.a10 - c.b * N) * ln_ratio
    }
}
