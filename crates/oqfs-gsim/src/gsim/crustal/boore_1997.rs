//! Boore, Joyner and Fumal (1997), for western North America.
//!
//! Boore D.M., Joyner W.B., Fumal T.E., 1997. Equations for estimating horizontal response spectra and peak acceleration from
//! western North American earthquakes: a summary of recent work. Seismological Research Letters 68(1), 128-153,
//! doi:10.1785/gssrl.68.1.128.
//!
//! - Component: geometric mean, or one of arbitrary direction as the names say. Units: g.
//! - Valid for magnitude 5.5 to 7.5, Joyner-Boore distances up to 80 km, active shallow crust.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::{hypot, scalar};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// With a style of faulting.
const BASE: ModelInfo = ModelInfo {
    name: "BooreEtAl1997GeometricMean",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Boore et al. (1997), Equations for estimating horizontal response spectra and peak acceleration from western \
                North American earthquakes: a summary of recent work, Seismological Research Letters 68(1), 128-153",
    doi: Some("10.1785/gssrl.68.1.128"),
    validity: Validity::NOT_STATED.magnitude(5.5, 7.5).distance(Param::Rjb, 0.0, 80.0),
};

/// Without it.
const UNSPECIFIED: ModelInfo = ModelInfo { params: &[Param::Mag, Param::Rjb, Param::Vs30], ..BASE };

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(BooreEtAl1997 { info })) },
    Model {
        info: ModelInfo { name: "BooreEtAl1997GeometricMeanUnspecified", ..UNSPECIFIED },
        make: |info, _| Ok(Arc::new(BooreEtAl1997 { info })),
    },
    Model {
        info: ModelInfo { name: "BooreEtAl1997ArbitraryHorizontal", component: Component::Horizontal, ..BASE },
        make: |info, _| Ok(Arc::new(BooreEtAl1997 { info })),
    },
    Model {
        info: ModelInfo {
            name: "BooreEtAl1997ArbitraryHorizontalUnspecified",
            component: Component::Horizontal,
            ..UNSPECIFIED
        },
        make: |info, _| Ok(Arc::new(BooreEtAl1997 { info })),
    },
];

coefficients! {
    /// Table 8.
    struct Coeffs { b1ss, b1rv, b1all, b2, b3, b5, bv, va, h, sigma1, sigma_r, sigma_e, sigma_tot }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("BooreEtAl1997.csv");

/// Boore et al. (1997).
#[derive(Debug)]
struct BooreEtAl1997 {
    info: &'static ModelInfo,
}

impl Gsim for BooreEtAl1997 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rjb, vs30] = ctx.columns([Param::Mag, Param::Rjb, Param::Vs30]);
        let known = self.info.params.contains(&Param::Rake);
        let rake = if known { ctx.column(Param::Rake) } else { &[] };
        let arbitrary = self.info.component == Component::Horizontal;
        let rows: Vec<Row> = imts.iter().map(|imt| Row::new(imt, arbitrary)).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k] - 6.0,
            rjb: rjb[k],
            style: rake.get(k).map_or([1.0, 0.0, 0.0], |&rake| style(rake)),
            ln_vs30: ln(vs30[k]),
        });
    }
}

/// All or normal, strike-slip, reverse: one of these is 1, the others 0.
fn style(rake: f64) -> [f64; 3] {
    let (normal, reverse) = (rake > -150.0 && rake < -30.0, rake > 30.0 && rake < 150.0);
    [normal, !(normal || reverse), reverse].map(f64::from)
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_va: f64,
    sig: f64,
    phi: f64,
}

impl Row {
    /// Equations 4 and 5.
    fn new(imt: &Imt, arbitrary: bool) -> Row {
        let c = COEFFS.at(imt);
        let (sig, phi) = if arbitrary { (c.sigma_tot, c.sigma_r) } else { (hypot(c.sigma_e, c.sigma1), c.sigma1) };
        Row { c, ln_va: scalar::ln(c.va), sig, phi }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// M - 6
    mag: f64,
    rjb: f64,
    style: [f64; 3],
    ln_vs30: f64,
}

/// Equation 1.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let style = c.b1all * t.style[0] + c.b1ss * t.style[1] + c.b1rv * t.style[2];
        let distance = 0.5 * c.b5 * ln(t.rjb * t.rjb + c.h * c.h);
        let mean = style + (c.b2 + c.b3 * t.mag) * t.mag + distance + c.bv * (t.ln_vs30 - self.ln_va);
        Estimate { mean, sig: self.sig, tau: c.sigma_e, phi: self.phi }
    }
}
