//! Silva, Gregor and Darragh (2002), for central and eastern North America.
//!
//! Silva W., Gregor N., Darragh R., 2002. Development of regional hard rock attenuation relations for central and eastern North
//! America. Pacific Engineering and Analysis, El Cerrito.
//!
//! - Component: geometric mean. Units: g.
//! - Valid for magnitude 4.5 to 8.5, Joyner-Boore distances up to 400 km, hard rock.
//!
//! The models have single or double corners of the source spectrum, with saturation. Hazard models have variants
//! ([`capped`]): for other rock, with magnitudes that are converted and a greatest median.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::scalar::exp;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::cap::cap;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::magnitude::Magnitude;
use crate::gsim::model_info::{TOTAL_ONLY, debug_as_name};
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// What is the same for all.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "SilvaEtAl2002",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Silva et al. (2002), Development of regional hard rock attenuation relations for central and eastern North \
                America, Pacific Engineering and Analysis",
    doi: None,
    validity: Validity::NOT_STATED.magnitude(4.5, 8.5).distance(Param::Rjb, 0.0, 400.0),
};

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "SilvaEtAl2002DoubleCornerSaturation": BASE => published(&DOUBLE_CORNER),
    "SilvaEtAl2002SingleCornerSaturation": BASE => published(&SINGLE_CORNER),
};

fn published(info: &'static ModelInfo, _: &mut Arguments, coeffs: &'static LazyLock<Table<Coeffs>>) -> Made {
    Ok(Arc::new(SilvaEtAl2002 { info, coeffs, magnitude: Magnitude::Mw, capped: false }))
}

/// The model with other coefficients and a greatest median, for magnitudes of a scale.
pub(in crate::gsim) fn capped(
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    magnitude: Magnitude,
) -> Made {
    Ok(Arc::new(SilvaEtAl2002 { info, coeffs, magnitude, capped: true }))
}

coefficients! {
    /// The coefficients that are not 0.
    pub(in crate::gsim) struct Coeffs { c1, c2, c4, c6, c7, c10, sigma }
}

static DOUBLE_CORNER: LazyLock<Table<Coeffs>> = table!("SilvaEtAl2002_double.csv");
static SINGLE_CORNER: LazyLock<Table<Coeffs>> = table!("SilvaEtAl2002_single.csv");

/// Silva et al. (2002).
struct SilvaEtAl2002 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    magnitude: Magnitude,
    /// Whether there is a greatest median.
    capped: bool,
}

debug_as_name!(SilvaEtAl2002);

impl Gsim for SilvaEtAl2002 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rjb] = ctx.columns([Param::Mag, Param::Rjb]);
        let row = |imt| {
            let c = self.coeffs.at(imt);
            Row { c, near: exp(c.c4), cap: if self.capped { cap(imt) } else { f64::INFINITY } }
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms { mag: self.magnitude.to_mw(mag[k]), rjb: rjb[k] });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// exp(c4)
    near: f64,
    /// The greatest ln-mean.
    cap: f64,
}

#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rjb: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let magnitude = c.c1 + c.c2 * t.mag + c.c10 * (t.mag - 6.0) * (t.mag - 6.0);
        let mean = magnitude + (c.c6 + c.c7 * t.mag) * ln(t.rjb + self.near);
        Estimate::total(mean.min(self.cap), c.sigma)
    }
}
