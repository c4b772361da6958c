//! Ghofrani and Atkinson (2014), for great earthquakes of the interface, after those of Japan.
//!
//! Ghofrani H., Atkinson G.M., 2014. Ground motion prediction equations for interface earthquakes of M7 to M9 based on
//! empirical data from Japan. Bulletin of Earthquake Engineering 12(2), 549-571, doi:10.1007/s10518-013-9533-5.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 7 to 9; `backarc` is 1 behind the volcanic arc.
//!
//! `Cascadia` has the factors of table 2 to Cascadia; `Upper` and `Lower` are the branches of page 567.

use std::sync::{Arc, LazyLock};

use crate::elementary::hypot;
use crate::elementary::scalar::log10;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for Japan.
const BASE: ModelInfo = ModelInfo {
    name: "GhofraniAtkinson2014",
    trt: Trt::SubductionInterface,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Vs30, Param::Backarc],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Ghofrani and Atkinson (2014), Ground motion prediction equations for interface earthquakes of M7 to M9 \
                based on empirical data from Japan, Bulletin of Earthquake Engineering 12(2), 549-571",
    doi: Some("10.1007/s10518-013-9533-5"),
    validity: Validity::NOT_STATED.magnitude(7.0, 9.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(GhofraniAtkinson2014 { info, cascadia: 0.0, branch: 0.0 })) },
    Model {
        info: ModelInfo { name: "GhofraniAtkinson2014Cascadia", ..BASE },
        make: |info, _| Ok(Arc::new(GhofraniAtkinson2014 { info, cascadia: 1.0, branch: 0.0 })),
    },
    Model {
        info: ModelInfo { name: "GhofraniAtkinson2014CascadiaLower", ..BASE },
        make: |info, _| Ok(Arc::new(GhofraniAtkinson2014 { info, cascadia: 1.0, branch: -1.0 })),
    },
    Model {
        info: ModelInfo { name: "GhofraniAtkinson2014CascadiaUpper", ..BASE },
        make: |info, _| Ok(Arc::new(GhofraniAtkinson2014 { info, cascadia: 1.0, branch: 1.0 })),
    },
    Model {
        info: ModelInfo { name: "GhofraniAtkinson2014Lower", ..BASE },
        make: |info, _| Ok(Arc::new(GhofraniAtkinson2014 { info, cascadia: 0.0, branch: -1.0 })),
    },
    Model {
        info: ModelInfo { name: "GhofraniAtkinson2014Upper", ..BASE },
        make: |info, _| Ok(Arc::new(GhofraniAtkinson2014 { info, cascadia: 0.0, branch: 1.0 })),
    },
];

coefficients! {
    /// Table 2, in common logarithms; `af` is the factor to Cascadia.
    struct Coeffs { a, b, c1, c2, c3, af, sigma, tau }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("GhofraniAtkinson2014.csv");

/// Ghofrani and Atkinson (2014).
#[derive(Debug)]
struct GhofraniAtkinson2014 {
    info: &'static ModelInfo,
    /// 1 if the factors to Cascadia apply, else 0.
    cascadia: f64,
    /// 1 of the upper branch, -1 of the lower one, else 0.
    branch: f64,
}

impl Gsim for GhofraniAtkinson2014 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30, backarc] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30, Param::Backarc]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            before: if backarc[k] == 0.0 { rrup[k] } else { 0.0 },
            behind: if backarc[k] == 0.0 { 0.0 } else { rrup[k] },
            common: self.branch * (0.15 + 0.0007 * rrup[k]).min(0.35) - log10(hypot(rrup[k], 60.0)),
            stiffness: log10(vs30[k] / 760.0),
        });
    }
}

impl GhofraniAtkinson2014 {
    fn row(&self, imt: &Imt) -> Row {
        const G: f64 = 980.665; // cm/s^2
        let c = COEFFS.at(imt);
        let unit = if imt.kind() == ImtKind::Pgv { 0.0 } else { log10(G) };
        Row { c, constant: c.a + self.cascadia * c.af - unit }
    }
}

/// The factor of ln(vs30), for other models to take it.
pub(in crate::gsim) fn slope(imt: &Imt) -> f64 {
    COEFFS.at(imt).c3
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// a, with the factor to Cascadia and the unit.
    constant: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    /// The distance of a site before the arc and of one behind it, km, else 0.
    before: f64,
    behind: f64,
    /// The geometric spreading and the branch.
    common: f64,
    /// lg(vs30 / 760)
    stiffness: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        const LN_10: f64 = std::f64::consts::LN_10;
        let c = &self.c;
        let mean = self.constant + c.b * t.mag + t.common + c.c1 * t.before + c.c2 * t.behind + c.c3 * t.stiffness;
        let (tau, phi) = (LN_10 * c.tau, LN_10 * c.sigma);
        Estimate { mean: LN_10 * mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi }
    }
}
