//! Dowrick and Rhoades (2005): macroseismic intensity in New Zealand, for four kinds of earthquakes.
//!
//! Dowrick D.J., Rhoades D.A., 2005. Revised models for attenuation of Modified Mercalli intensity in New Zealand earthquakes.
//! Bulletin of the New Zealand Society for Earthquake Engineering 38(4), 185-214, doi:10.5459/bnzsee.38.4.185-214.
//!
//! - Units: degrees of Modified Mercalli Intensity; mean and standard deviation are not of logarithms.
//! - Valid for magnitude 4.6 to 8.2, distances up to 400 km; five classes of ground by `vs30`.
//!
//! The engine takes the ground of the first site for all; here each site has its own.

use std::f64::consts::LN_10;
use std::sync::Arc;

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the crust.
const CRUST: ModelInfo = ModelInfo {
    name: "DowrickRhoades2005Asc",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Mmi],
    params: &[Param::Mag, Param::Rake, Param::HypoDepth, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::Horizontal,
    reference: "Dowrick and Rhoades (2005), Revised models for attenuation of Modified Mercalli intensity in New Zealand \
                earthquakes, Bulletin of the New Zealand Society for Earthquake Engineering 38(4), 185-214",
    doi: Some("10.5459/bnzsee.38.4.185-214"),
    validity: Validity::NOT_STATED.magnitude(4.6, 8.2).distance(Param::Rrup, 0.0, 400.0),
};

/// The others, for which the style of faulting does not count.
const OTHERS: ModelInfo = ModelInfo { params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30], ..CRUST };

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: CRUST, make: |info, _| Ok(Arc::new(DowrickRhoades2005 { info, row: SHALLOW, deltas: NONE })) },
    Model {
        info: ModelInfo { name: "DowrickRhoades2005SInter", trt: Trt::SubductionInterface, ..OTHERS },
        make: |info, _| {
            let deltas = Deltas { reverse: 1.0, interface: 1.0, ..NONE };
            Ok(Arc::new(DowrickRhoades2005 { info, row: SHALLOW, deltas }))
        },
    },
    Model {
        info: ModelInfo { name: "DowrickRhoades2005SSlab", trt: Trt::SubductionIntraslab, ..OTHERS },
        make: |info, _| Ok(Arc::new(DowrickRhoades2005 { info, row: DEEP, deltas: NONE })),
    },
    Model {
        info: ModelInfo { name: "DowrickRhoades2005Volc", trt: Trt::Volcanic, ..OTHERS },
        make: |info, _| {
            let deltas = Deltas { volcanic: 1.0, ..NONE };
            Ok(Arc::new(DowrickRhoades2005 { info, row: SHALLOW, deltas }))
        },
    },
];

/// The coefficients of table 5 or 7.
#[derive(Clone, Copy, Debug)]
struct Row {
    a1: f64,
    a2: f64,
    a2r: f64,
    a2v: f64,
    a3: f64,
    a3s: f64,
    a3v: f64,
    a4: f64,
    a5: f64,
    d: f64,
    tau: f64,
    sigma: f64,
}

/// Table 5.
const SHALLOW: Row = Row {
    a1: 4.74,
    a2: 1.23,
    a2r: 0.042,
    a2v: 0.292,
    a3: -3.613,
    a3s: 0.100,
    a3v: -1.76,
    a4: 0.007,
    a5: -0.42,
    d: 10.28,
    tau: 0.21,
    sigma: 0.38,
};

/// Table 7.
const DEEP: Row = Row {
    a1: 3.76,
    a2: 1.48,
    a2r: 0.0,
    a2v: 0.0,
    a3: -3.50,
    a3s: 0.0,
    a3v: 0.0,
    a4: 0.0031,
    a5: 0.0,
    d: 0.0,
    tau: 0.27,
    sigma: 0.42,
};

/// What an earthquake is: each is 1 or 0.
#[derive(Clone, Copy, Debug)]
struct Deltas {
    reverse: f64,
    strike_slip: f64,
    volcanic: f64,
    interface: f64,
}

const NONE: Deltas = Deltas { reverse: 0.0, strike_slip: 0.0, volcanic: 0.0, interface: 0.0 };

/// Dowrick and Rhoades (2005).
#[derive(Debug)]
struct DowrickRhoades2005 {
    info: &'static ModelInfo,
    row: Row,
    /// But for the style of faulting in the crust.
    deltas: Deltas,
}

impl Gsim for DowrickRhoades2005 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, depth, rrup, vs30] = ctx.columns([Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30]);
        let of_crust = self.info.params.contains(&Param::Rake);
        let rake = if of_crust { ctx.column(Param::Rake) } else { &[] };
        let rows = vec![self.row; imts.len()];
        batch::compute(ctx.len(), &rows, out, |k| {
            let (mut deltas, style) = (self.deltas, rake.get(k).map(|rake| rake.abs()));
            if let Some(style) = style {
                deltas.reverse = f64::from(rake[k] > 45.0 && rake[k] < 135.0);
                deltas.strike_slip = f64::from(style <= 45.0 || (135.0..=180.0).contains(&style));
            }
            Terms { mag: mag[k], depth: depth[k], rrup: rrup[k], deltas, ground: ground(vs30[k]) }
        });
    }
}

/// The classes A to E of ground: what is added below intensity 7, how fast that shrinks, and what is added from 9.5.
fn ground(vs30: f64) -> [f64; 3] {
    if vs30 < 180.0 {
        [1.0, 0.5, -0.25]
    } else if vs30 <= 360.0 {
        [0.5, 0.25, -0.125]
    } else if vs30 <= 760.0 {
        [0.0, 0.0, 0.0]
    } else if vs30 <= 1500.0 {
        [-0.5, -0.25, 0.125]
    } else {
        [-1.0, -0.5, 0.25]
    }
}

/// The terms of a context.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    depth: f64,
    rrup: f64,
    deltas: Deltas,
    ground: [f64; 3],
}

/// The equations of tables 5 and 7, and the ground.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let d = &t.deltas;
        let ln_r = ln(t.rrup * t.rrup * t.rrup + self.d * self.d * self.d) / 3.0;
        let magnitude = (self.a2 + self.a2r * d.reverse + self.a2v * d.volcanic) * t.mag;
        let path = (self.a3 + self.a3s * d.strike_slip + self.a3v * d.volcanic) * ln_r / LN_10;
        let rock = self.a1 + magnitude + path + self.a4 * t.depth + self.a5 * d.interface;
        let [weak, slope, strong] = t.ground;
        let ground = if rock < 9.5 { weak - slope * (rock - 7.0).max(0.0) } else { strong };
        let (tau, phi) = (self.tau, self.sigma);
        Estimate { mean: rock + ground, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}
