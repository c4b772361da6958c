//! Bindi et al. (2014), for Europe and the Middle East, with two measures of distance and two kinds of site terms.
//!
//! Bindi D., Massa M., Luzi L., Ameri G., Pacor F., Puglia R., Augliera P., 2014. Pan-European ground-motion prediction
//! equations for the average horizontal component of PGA, PGV, and 5%-damped PSA at spectral periods up to 3.0 s using the
//! RESORCE dataset. Bulletin of Earthquake Engineering 12(1), 391-430, doi:10.1007/s10518-013-9525-5.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 4 to 7.6, distances up to 300 km.
//!
//! `EC8` takes Eurocode 8 classes by `vs30`, the others `vs30` itself; `NoSOF` is for an unspecified style of faulting,
//! `scaled` gives the maximum component. The argument `adjustment_factor` multiplies the median.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::scalar;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::bindi_2011::style;
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// With distances to the surface projection.
pub(in crate::gsim) const RJB: ModelInfo = ModelInfo {
    name: "BindiEtAl2014Rjb",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Bindi et al. (2014), Pan-European ground-motion prediction equations for the average horizontal component of \
                PGA, PGV, and 5%-damped PSA at spectral periods up to 3.0 s using the RESORCE dataset, Bulletin of \
                Earthquake Engineering 12(1), 391-430",
    doi: Some("10.1007/s10518-013-9525-5"),
    validity: Validity::NOT_STATED.magnitude(4.0, 7.6).distance(Param::Rjb, 0.0, 300.0),
};

/// With distances to the hypocentre.
const RHYP: ModelInfo = ModelInfo {
    name: "BindiEtAl2014Rhyp",
    params: &[Param::Mag, Param::Rake, Param::Rhypo, Param::Vs30],
    validity: RJB.validity.by(Param::Rhypo),
    ..RJB
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: RJB, make: |info, a| make(info, a, &RJB_COEFFS, Site::Vs30(&RJB_SITE)) },
    Model {
        info: ModelInfo { name: "BindiEtAl2014RjbEC8", ..RJB },
        make: |info, a| make(info, a, &RJB_EC8, Site::Class(&RJB_CLASS)),
    },
    Model {
        info: ModelInfo { name: "BindiEtAl2014RjbEC8NoSOF", params: &[Param::Mag, Param::Rjb, Param::Vs30], ..RJB },
        make: |info, a| make(info, a, &RJB_EC8, Site::Class(&RJB_CLASS)),
    },
    Model { info: RHYP, make: |info, a| make(info, a, &RHYP_COEFFS, Site::Vs30(&RHYP_SITE)) },
    Model {
        info: ModelInfo { name: "BindiEtAl2014RhypEC8", ..RHYP },
        make: |info, a| make(info, a, &RHYP_EC8, Site::Class(&RHYP_CLASS)),
    },
    Model {
        info: ModelInfo { name: "BindiEtAl2014RhypEC8NoSOF", params: &[Param::Mag, Param::Rhypo, Param::Vs30], ..RHYP },
        make: |info, a| make(info, a, &RHYP_EC8, Site::Class(&RHYP_CLASS)),
    },
    Model {
        info: ModelInfo { name: "BindiEtAl2014RhypEC8scaled", ..RHYP },
        make: |info, a| make(info, a, &SCALED, Site::Class(&SCALED_CLASS)),
    },
];

fn make(
    info: &'static ModelInfo,
    arguments: &mut Arguments,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    site: Site,
) -> Made {
    let factor = arguments.number_or("adjustment_factor", 1.0)?;
    if factor <= 0.0 {
        return Err(arguments.wrong("adjustment_factor", &factor, "a number above 0"));
    }
    Ok(Arc::new(BindiEtAl2014 { info, coeffs, site, ln_factor: scalar::ln(factor) }))
}

coefficients! {
    /// Tables 1 to 4, but for the site.
    struct Coeffs { e1, c1, c2, h, c3, b1, b2, b3, sofn, sofr, sofs, tau, phi, sigma }
}

coefficients! {
    /// The site term of `vs30`.
    struct OfVs30 { gamma }
}

coefficients! {
    /// The site terms of the classes B to D.
    struct OfClass { eb, ec, ed }
}

static RJB_COEFFS: LazyLock<Table<Coeffs>> = table!("BindiEtAl2014_rjb.csv");
static RJB_SITE: LazyLock<Table<OfVs30>> = table!("BindiEtAl2014_rjb.csv");
static RHYP_COEFFS: LazyLock<Table<Coeffs>> = table!("BindiEtAl2014_rhyp.csv");
static RHYP_SITE: LazyLock<Table<OfVs30>> = table!("BindiEtAl2014_rhyp.csv");
static RJB_EC8: LazyLock<Table<Coeffs>> = table!("BindiEtAl2014_rjb_ec8.csv");
static RJB_CLASS: LazyLock<Table<OfClass>> = table!("BindiEtAl2014_rjb_ec8.csv");
static RHYP_EC8: LazyLock<Table<Coeffs>> = table!("BindiEtAl2014_rhyp_ec8.csv");
static RHYP_CLASS: LazyLock<Table<OfClass>> = table!("BindiEtAl2014_rhyp_ec8.csv");
static SCALED: LazyLock<Table<Coeffs>> = table!("BindiEtAl2014_rhyp_ec8_scaled.csv");
static SCALED_CLASS: LazyLock<Table<OfClass>> = table!("BindiEtAl2014_rhyp_ec8_scaled.csv");

/// Which site term a model has.
#[derive(Clone, Copy, Debug)]
enum Site {
    Vs30(&'static LazyLock<Table<OfVs30>>),
    Class(&'static LazyLock<Table<OfClass>>),
}

/// Bindi et al. (2014).
#[derive(Debug)]
struct BindiEtAl2014 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    site: Site,
    /// What is added to the ln-mean.
    ln_factor: f64,
}

impl Gsim for BindiEtAl2014 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let distance = if self.info.params.contains(&Param::Rjb) { Param::Rjb } else { Param::Rhypo };
        let [mag, distance, vs30] = ctx.columns([Param::Mag, distance, Param::Vs30]);
        // a model without a style of faulting does not ask for the rake
        let known = self.info.params.contains(&Param::Rake);
        let rake = if known { ctx.column(Param::Rake) } else { &[] };
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            distance: distance[k],
            style: rake.get(k).map_or([0.0; 3], |&rake| style(rake)),
            ln_vs30: ln(vs30[k] / 800.0),
            class: [360.0..800.0, 180.0..360.0, f64::NEG_INFINITY..180.0]
                .map(|class| f64::from(class.contains(&vs30[k]))),
        });
    }
}

impl BindiEtAl2014 {
    fn row(&self, imt: &Imt) -> Row {
        let (gamma, class) = match self.site {
            Site::Vs30(table) => (table.at(imt).gamma, [0.0; 3]),
            Site::Class(table) => {
                let c = table.at(imt);
                (0.0, [c.eb, c.ec, c.ed])
            }
        };
        let ln_unit = -ln_unit(imt);
        Row { c: self.coeffs.at(imt), gamma, class, constant: ln_unit + self.ln_factor }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// Of log10(VS30 / 800).
    gamma: f64,
    /// Of the classes B to D.
    class: [f64; 3],
    /// ln of the unit in g or cm/s, with the factor of the model.
    constant: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    distance: f64,
    style: [f64; 3],
    /// ln(VS30 / 800)
    ln_vs30: f64,
    /// 1 for the classes B to D, else 0.
    class: [f64; 3],
}

/// Equation 1, in log10.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let class = self.class[0] * t.class[0] + self.class[1] * t.class[1] + self.class[2] * t.class[2];
        let site = self.gamma * t.ln_vs30 / LN_10 + class;
        let style = c.sofn * t.style[0] + c.sofr * t.style[1] + c.sofs * t.style[2];
        let log10 = magnitude(c, t) + distance(c, t) + site + style;
        Estimate { mean: LN_10 * log10 + self.constant, sig: LN_10 * c.sigma, tau: LN_10 * c.tau, phi: LN_10 * c.phi }
    }
}

/// Equation 2.
#[inline(always)]
fn distance(c: &Coeffs, t: &Terms) -> f64 {
    const MREF: f64 = 5.5;
    const RREF: f64 = 1.0;
    let r = (t.distance * t.distance + c.h * c.h).sqrt();
    (c.c1 + c.c2 * (t.mag - MREF)) * ln(r / RREF) / LN_10 - c.c3 * (r - RREF)
}

/// Equation 3.
#[inline(always)]
fn magnitude(c: &Coeffs, t: &Terms) -> f64 {
    let above = t.mag - 6.75;
    c.e1 + if above < 0.0 { (c.b1 + c.b2 * above) * above } else { c.b3 * above }
}
