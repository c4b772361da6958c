//! Bindi et al. (2017), for areas of moderate seismicity outside cratons.
//!
//! Bindi D., Cotton F., Kotha S.R., Bosse C., Stromeyer D., Grünthal G., 2017. Application-driven ground motion prediction
//! equation for seismic hazard assessments in non-cratonic moderate-seismicity areas. Journal of Seismology 21(5),
//! 1201-1218, doi:10.1007/s10950-017-9661-5.
//!
//! - Component: geometric mean. Units: g. Valid for magnitude 3 to 7.4 and distances up to 300 km.
//!
//! `Rjb` and `Rhypo` take the distance of that name. The argument `adjustment_factor` multiplies the median.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::scalar;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::LN_G;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// With distances to the surface projection.
const RJB: ModelInfo = ModelInfo {
    name: "BindiEtAl2017Rjb",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Bindi et al. (2017), Application-driven ground motion prediction equation for seismic hazard assessments in \
                non-cratonic moderate-seismicity areas, Journal of Seismology 21(5), 1201-1218",
    doi: Some("10.1007/s10950-017-9661-5"),
    validity: Validity::NOT_STATED.magnitude(3.0, 7.4).distance(Param::Rjb, 0.0, 300.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: RJB, make },
    Model {
        info: ModelInfo {
            name: "BindiEtAl2017Rhypo",
            params: &[Param::Mag, Param::Rhypo, Param::Vs30],
            validity: RJB.validity.by(Param::Rhypo),
            ..RJB
        },
        make,
    },
];

fn make(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let factor = arguments.number_or("adjustment_factor", 1.0)?;
    if factor <= 0.0 {
        return Err(arguments.wrong("adjustment_factor", &factor, "a number above 0"));
    }
    Ok(Arc::new(BindiEtAl2017 { info, ln_factor: scalar::ln(factor) }))
}

coefficients! {
    /// Tables 2 and 3; h is 0 for distances to the hypocentre.
    struct Coeffs { e1, b1, b2, b3, c1, c2, c3, h, sa, tau, phi }
}

static COEFFS_RJB: LazyLock<Table<Coeffs>> = table!("BindiEtAl2017_rjb.csv");
static COEFFS_RHYPO: LazyLock<Table<Coeffs>> = table!("BindiEtAl2017_rhypo.csv");

/// Bindi et al. (2017).
#[derive(Debug)]
struct BindiEtAl2017 {
    info: &'static ModelInfo,
    /// ln of what the median is multiplied by.
    ln_factor: f64,
}

impl BindiEtAl2017 {
    fn coeffs(&self) -> &'static LazyLock<Table<Coeffs>> {
        if self.info.params == RJB.params { &COEFFS_RJB } else { &COEFFS_RHYPO }
    }
}

impl Gsim for BindiEtAl2017 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs().check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, distance, vs30] = ctx.columns([Param::Mag, self.info.params[1], Param::Vs30]);
        let row = |imt: &Imt| Row { c: self.coeffs().at(imt), constant: self.ln_factor - LN_G + ln(100.0) };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            distance: distance[k],
            ln_vs30: ln(vs30[k] / 800.0),
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The factor, and the unit: m/s^2.
    constant: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    distance: f64,
    ln_vs30: f64,
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        const MREF: f64 = 4.5;
        const MH: f64 = 6.5;
        let c = &self.c;
        let (below, above) = (t.mag.min(MH) - MREF, (t.mag - MH).max(0.0));
        let magnitude = c.e1 + (c.b1 + c.b2 * below) * below + c.b3 * above;
        let r = (t.distance * t.distance + c.h * c.h).sqrt();
        let path = (c.c1 + c.c2 * (t.mag - MREF)) * ln(r) + c.c3 * (r - 1.0);
        let mean = magnitude + path + c.sa * t.ln_vs30 + self.constant;
        Estimate { mean, sig: (c.tau * c.tau + c.phi * c.phi).sqrt(), tau: c.tau, phi: c.phi }
    }
}
