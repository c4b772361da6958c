//! Akkar, Sandıkkaya and Bommer (2014), for Europe and the Middle East, with three measures of distance.
//!
//! Akkar S., Sandıkkaya M.A., Bommer J.J., 2014. Empirical ground-motion models for point- and extended-source crustal
//! earthquake scenarios in Europe and the Middle East. Bulletin of Earthquake Engineering 12(1), 359-387,
//! doi:10.1007/s10518-013-9461-4. Site term: Sandıkkaya M.A., Akkar S., Bard P.-Y., 2013. A nonlinear site-amplification
//! model for the next pan-European ground-motion prediction equations. Bulletin of the Seismological Society of America
//! 103(1), 19-32, doi:10.1785/0120120008.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 4 to 8, distances up to 200 km, `vs30` of 150 to 1,200 m/s, active shallow crust.
//!
//! The argument `adjustment_factor` multiplies the median.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::scalar::{self, exp};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// With distances to the surface projection.
pub(in crate::gsim) const RJB: ModelInfo = ModelInfo {
    name: "AkkarEtAlRjb2014",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Akkar et al. (2014), Empirical ground-motion models for point- and extended-source crustal earthquake \
                scenarios in Europe and the Middle East, Bulletin of Earthquake Engineering 12(1), 359-387",
    doi: Some("10.1007/s10518-013-9461-4"),
    validity: Validity::NOT_STATED.magnitude(4.0, 8.0).distance(Param::Rjb, 0.0, 200.0).vs30(150.0, 1200.0),
};

/// With distances to the epicentre.
const REPI: ModelInfo = ModelInfo {
    name: "AkkarEtAlRepi2014",
    params: &[Param::Mag, Param::Rake, Param::Repi, Param::Vs30],
    validity: RJB.validity.by(Param::Repi),
    ..RJB
};

/// With distances to the hypocentre.
const RHYPO: ModelInfo = ModelInfo {
    name: "AkkarEtAlRhyp2014",
    params: &[Param::Mag, Param::Rake, Param::Rhypo, Param::Vs30],
    validity: RJB.validity.by(Param::Rhypo),
    ..RJB
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: RJB, make: |info, arguments| make(info, arguments, &COEFFS_RJB, Param::Rjb) },
    // The name in models older than the final paper.
    Model {
        info: ModelInfo { name: "AkkarEtAl2013", ..RJB },
        make: |info, arguments| make(info, arguments, &COEFFS_RJB, Param::Rjb),
    },
    Model { info: REPI, make: |info, arguments| make(info, arguments, &COEFFS_REPI, Param::Repi) },
    Model { info: RHYPO, make: |info, arguments| make(info, arguments, &COEFFS_RHYPO, Param::Rhypo) },
];

fn make(
    info: &'static ModelInfo,
    arguments: &mut crate::gsim::arguments::Arguments,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    distance: Param,
) -> crate::gsim::registry::Made {
    let factor = arguments.number_or("adjustment_factor", 1.0)?;
    if factor <= 0.0 {
        return Err(arguments.wrong("adjustment_factor", &factor, "a number above 0"));
    }
    Ok(Arc::new(AkkarEtAl2014 { info, coeffs, distance, ln_factor: scalar::ln(factor) }))
}

coefficients! {
    /// Tables 3 and 4, but for coefficients that are the same for all periods.
    struct Coeffs { a1, a3, a4, a8, a9, b1, b2, sigma, tau }
}

static COEFFS_RJB: LazyLock<Table<Coeffs>> = table!("AkkarEtAl2014_rjb.csv");
static COEFFS_REPI: LazyLock<Table<Coeffs>> = table!("AkkarEtAl2014_repi.csv");
static COEFFS_RHYPO: LazyLock<Table<Coeffs>> = table!("AkkarEtAl2014_rhypo.csv");

// Coefficients that are the same for all periods.
const A2: f64 = 0.0029;
const A5: f64 = 0.2529;
const A6: f64 = 7.5;
const A7: f64 = -0.5096;
const C1: f64 = 6.75;
const VREF: f64 = 750.0;
const VCON: f64 = 1000.0;
const C: f64 = 2.5;
const N: f64 = 3.2;

/// Akkar et al. (2014).
#[derive(Debug)]
struct AkkarEtAl2014 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    distance: Param,
    /// What is added to the ln-mean.
    ln_factor: f64,
}

impl Gsim for AkkarEtAl2014 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, distance, vs30] = ctx.columns([Param::Mag, Param::Rake, self.distance, Param::Vs30]);
        let pga = self.coeffs.at(&Imt::PGA);
        let row = |imt| {
            let c = self.coeffs.at(imt);
            Row { c, ln_factor: self.ln_factor, sig: (c.sigma * c.sigma + c.tau * c.tau).sqrt() }
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let rupture = Rupture {
                mag: mag[k],
                ln_distance: 0.5 * ln(distance[k] * distance[k] + A6 * A6),
                normal: f64::from(rake[k] > -135.0 && rake[k] < -45.0),
                reverse: f64::from(rake[k] > 45.0 && rake[k] < 135.0),
            };
            Terms::new(rupture, ln_reference(&pga, &rupture), vs30[k])
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    ln_factor: f64,
    sig: f64,
}

/// What the model needs of a rupture and its distance.
#[derive(Clone, Copy)]
struct Rupture {
    mag: f64,
    /// ln(sqrt(R^2 + a6^2))
    ln_distance: f64,
    /// 1 for normal faulting, else 0.
    normal: f64,
    /// 1 for reverse faulting, else 0.
    reverse: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    rupture: Rupture,
    /// ln(VS30 / Vref), VS30 at most Vcon.
    ln_vs30: f64,
    /// What b2 multiplies in equation 3: 0 on stiff ground.
    nonlinear: f64,
}

impl Terms {
    /// Equation 3.
    fn new(rupture: Rupture, ln_pga: f64, vs30: f64) -> Terms {
        let ln_vs30 = scalar::ln(vs30.min(VCON) / VREF);
        let (pga, power) = (exp(ln_pga), exp(N * ln_vs30));
        let soft = scalar::ln((pga + C * power) / ((pga + C) * power));
        Terms { rupture, ln_vs30, nonlinear: if vs30 < VREF { soft } else { 0.0 } }
    }
}

/// Equations 1 and 3.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let mean = ln_reference(c, &t.rupture) + c.b1 * t.ln_vs30 + c.b2 * t.nonlinear + self.ln_factor;
        Estimate { mean, sig: self.sig, tau: c.tau, phi: c.sigma }
    }
}

/// Equation 2.
#[inline(always)]
fn ln_reference(c: &Coeffs, r: &Rupture) -> f64 {
    let above = r.mag - C1;
    let slope = if above <= 0.0 { A2 } else { A7 };
    let source = c.a1 + slope * above + c.a3 * (8.5 - r.mag) * (8.5 - r.mag);
    source + (c.a4 + A5 * above) * r.ln_distance + c.a8 * r.normal + c.a9 * r.reverse
}
