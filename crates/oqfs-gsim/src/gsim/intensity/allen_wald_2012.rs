//! Allen, Wald and Worden (2012): macroseismic intensity in active crust, by rupture or hypocentral distance.
//!
//! Allen T.I., Wald D.J., Worden C.B., 2012. Intensity attenuation for active crustal regions. Journal of Seismology 16(3),
//! 409-433, doi:10.1007/s10950-012-9278-7.
//!
//! - Units: degrees of Modified Mercalli Intensity; mean and standard deviation are not of logarithms.
//! - Valid for magnitude 5 to 7.9, distances up to 300 km.

use std::sync::Arc;

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// With rupture distances.
const RRUP: ModelInfo = ModelInfo {
    name: "AllenEtAl2012",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Mmi],
    params: &[Param::Mag, Param::Rrup],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Allen et al. (2012), Intensity attenuation for active crustal regions, Journal of Seismology 16(3), 409-433",
    doi: Some("10.1007/s10950-012-9278-7"),
    validity: Validity::NOT_STATED.magnitude(5.0, 7.9).distance(Param::Rrup, 0.0, 300.0),
};

/// With hypocentral distances.
const RHYPO: ModelInfo = ModelInfo {
    name: "AllenEtAl2012Rhypo",
    params: &[Param::Mag, Param::Rhypo],
    validity: RRUP.validity.by(Param::Rhypo),
    ..RRUP
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: RRUP, make: |info, _| Ok(Arc::new(AllenEtAl2012 { info, distance: Param::Rrup, row: OF_RRUP })) },
    Model { info: RHYPO, make: |info, _| Ok(Arc::new(AllenEtAl2012 { info, distance: Param::Rhypo, row: OF_RHYPO })) },
];

/// Table 3: the coefficients, of equation 2 or 3.
const OF_RRUP: Row =
    Row { c0: 3.950, c1: 0.913, c2: -1.107, near: [1.0, 0.813], c4: 0.0, s1: 0.72, s2: 0.23, s3: 44.7 };
const OF_RHYPO: Row =
    Row { c0: 2.085, c1: 1.428, c2: -1.402, near: [-0.209, 2.042], c4: 0.078, s1: 0.82, s2: 0.37, s3: 22.9 };

/// Allen et al. (2012).
#[derive(Debug)]
struct AllenEtAl2012 {
    info: &'static ModelInfo,
    distance: Param,
    row: Row,
}

impl Gsim for AllenEtAl2012 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, distance] = ctx.columns([Param::Mag, self.distance]);
        let rows = vec![self.row; imts.len()];
        batch::compute(ctx.len(), &rows, out, |k| Terms { mag: mag[k], distance: distance[k] });
    }
}

#[derive(Clone, Copy, Debug)]
struct Row {
    c0: f64,
    c1: f64,
    c2: f64,
    /// The distance added in quadrature: a constant and the factor of exp(M - 5).
    near: [f64; 2],
    /// Beyond 50 km.
    c4: f64,
    s1: f64,
    s2: f64,
    s3: f64,
}

#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    distance: f64,
}

/// Equations 2 to 4.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let near = self.near[0] + self.near[1] * exp(t.mag - 5.0);
        let spreading = 0.5 * self.c2 * ln(t.distance * t.distance + near * near);
        let far = self.c4 * ln((t.distance / 50.0).max(1.0));
        let ratio = t.distance / self.s3;
        Estimate::total(self.c0 + self.c1 * t.mag + spreading + far, self.s1 + self.s2 / (1.0 + ratio * ratio))
    }
}
