//! Zhao et al. (2006), for the crust, the interface and the slab of subduction in Japan.
//!
//! Zhao J.X., Zhang J., Asano A., Ohno Y., Oouchi T., Takahashi T., Ogawa H., Irikura K., Thio H.K., Somerville P.G.,
//! Fukushima Y., Fukushima Y., 2006. Attenuation relations of strong ground motion in Japan using site classification based
//! on predominant period. Bulletin of the Seismological Society of America 96(3), 898-913, doi:10.1785/0120050122.
//!
//! - Component: geometric mean. Units: g.
//! - Valid for magnitude 5 to 8.3, rupture distances up to 300 km, hypocentres down to 125 km; five site classes by `vs30`.
//!
//! The names say what is different: `NSHMP2014` takes magnitudes of at most 7.8, `SGS` distances of at least 5 km;
//! `Cascadia` has the site factors of Atkinson (2012) from Japan to Cascadia. Hazard models have variants ([`Variant`]). The arguments
//! `cb14_basin_term` and `m9_basin_term` add the basin term of Campbell and Bozorgnia (2014), and in deep basins in its place that of
//! Moschetti et al. (2024).

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::adjustment::{self, Adjusted};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::borrowed_basins::BorrowedBasins;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::{TOTAL_AND_PARTS, debug_as_name};
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the crust.
pub(in crate::gsim) const CRUST: ModelInfo = ModelInfo {
    name: "ZhaoEtAl2006Asc",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::HypoDepth, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Zhao et al. (2006), Attenuation relations of strong ground motion in Japan using site classification based \
                on predominant period, Bulletin of the Seismological Society of America 96(3), 898-913",
    doi: Some("10.1785/0120050122"),
    validity: Validity::NOT_STATED
        .magnitude(5.0, 8.3)
        .distance(Param::Rrup, 0.0, 300.0)
        .depth(f64::NEG_INFINITY, 125.0),
};

/// The model for the interface.
pub(in crate::gsim) const INTERFACE: ModelInfo = ModelInfo {
    name: "ZhaoEtAl2006SInter",
    trt: Trt::SubductionInterface,
    params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30],
    ..CRUST
};

/// The model for the slab.
const SLAB: ModelInfo = ModelInfo { name: "ZhaoEtAl2006SSlab", trt: Trt::SubductionIntraslab, ..INTERFACE };

/// What the variants differ in.
#[derive(Clone, Copy)]
pub(in crate::gsim) struct Variant {
    pub(in crate::gsim) source: SourceType,
    /// Whether the factors from Japan to Cascadia apply.
    pub(in crate::gsim) cascadia: bool,
    /// The greatest magnitude that counts.
    pub(in crate::gsim) max_mag: f64,
    /// The least distance that counts, km.
    pub(in crate::gsim) min_rrup: f64,
    /// In place of that of the hypocentre, km.
    pub(in crate::gsim) depth: Option<f64>,
    pub(in crate::gsim) adjusted: Option<Adjusted>,
}

pub(in crate::gsim) const OF_CRUST: Variant = Variant {
    source: SourceType::Crust,
    cascadia: false,
    max_mag: f64::INFINITY,
    min_rrup: 0.0,
    depth: None,
    adjusted: None,
};
const OF_INTERFACE: Variant = Variant { source: SourceType::Interface(&INTERFACE_COEFFS), ..OF_CRUST };
const OF_SLAB: Variant = Variant { source: SourceType::Slab, ..OF_CRUST };

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "ZhaoEtAl2006Asc": CRUST => make(OF_CRUST),
    "ZhaoEtAl2006AscSGS": CRUST => make(Variant { min_rrup: 5.0, ..OF_CRUST }),
    "ZhaoEtAl2006SInter": INTERFACE => make(OF_INTERFACE),
    "ZhaoEtAl2006SInterCascadia": INTERFACE => make(Variant { cascadia: true, ..OF_INTERFACE }),
    "ZhaoEtAl2006SSlab": SLAB => make(OF_SLAB),
    "ZhaoEtAl2006SSlabCascadia": SLAB => make(Variant { cascadia: true, ..OF_SLAB }),
    "ZhaoEtAl2006SSlabNSHMP2014": SLAB => make(Variant { max_mag: 7.8, ..OF_SLAB }),
};

/// A variant of the model.
pub(in crate::gsim) fn make(info: &'static ModelInfo, arguments: &mut Arguments, variant: Variant) -> Made {
    let basins = if variant.adjusted.is_none() { BorrowedBasins::read(arguments)? } else { BorrowedBasins::NONE };
    let params = Param::union(info.params, basins.params());
    Ok(Arc::new(ZhaoEtAl2006 { info, params, variant, basins }))
}

coefficients! {
    /// Tables 4 and 5, and the columns of the crust of table 6.
    struct Coeffs { a, b, c, d, e, fr, ch, c1, c2, c3, c4, sigma, qc, wc, tauc }
}

coefficients! {
    /// The columns of the interface of tables 4 and 6.
    pub(in crate::gsim) struct OfInterface { si, qi, wi, taui }
}

coefficients! {
    /// The columns of the slab of tables 4 and 6.
    struct OfSlab { ss, ssl, ps, qs, ws, taus }
}

coefficients! {
    /// Atkinson (2012), page 16: factor from Japan to Cascadia.
    struct Cascadia { mf }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("ZhaoEtAl2006.csv");
static INTERFACE_COEFFS: LazyLock<Table<OfInterface>> = table!("ZhaoEtAl2006_interface.csv");
static SLAB_COEFFS: LazyLock<Table<OfSlab>> = table!("ZhaoEtAl2006_slab.csv");
static CASCADIA: LazyLock<Table<Cascadia>> = table!("ZhaoEtAl2006_cascadia.csv");

/// Where an earthquake is, with what the models for the interface differ in.
#[derive(Clone, Copy)]
pub(in crate::gsim) enum SourceType {
    Crust,
    Interface(&'static LazyLock<Table<OfInterface>>),
    Slab,
}

/// Zhao et al. (2006).
struct ZhaoEtAl2006 {
    info: &'static ModelInfo,
    params: Vec<Param>,
    variant: Variant,
    basins: BorrowedBasins,
}

debug_as_name!(ZhaoEtAl2006);

impl Gsim for ZhaoEtAl2006 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        self.basins.check(self.info, imt)?;
        self.variant.adjusted.map_or(Ok(()), |adjusted| adjusted.check(self.info, imt))
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let Variant { source, max_mag, min_rrup, depth, adjusted, .. } = self.variant;
        let [mag, hypo_depth, rrup, vs30] = ctx.columns([Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30]);
        let rake = ctx.column(Param::Rake);
        let rows: Vec<Row> = imts.iter().map(|imt| Row::new(imt, &self.variant)).collect();
        let at_zero = if matches!(source, SourceType::Slab) { 0.1 } else { 0.0 };
        batch::compute(ctx.len(), &rows, out, |k| {
            let rrup = if rrup[k] == 0.0 { at_zero } else { rrup[k] }.max(min_rrup);
            Terms {
                mag: mag[k].min(max_mag),
                rrup,
                ln_rrup: if at_zero > 0.0 { scalar::ln(rrup) } else { 0.0 },
                depth: (depth.unwrap_or(hypo_depth[k]).min(125.0) - 15.0).max(0.0),
                reverse: rake.get(k).map_or(0.0, |&rake| f64::from(rake > 45.0 && rake < 135.0)),
                class: class(adjusted.map_or(vs30[k], |adjusted| adjusted.vs30)),
            }
        });
        for (m, imt) in imts.iter().enumerate() {
            let row = out.row(m);
            self.basins.add(imt, ctx, &mut out.mean[row]);
        }
    }
}

/// Table 2: hard rock, rock, hard, medium and soft soil: one of these is 1, the others 0.
fn class(vs30: f64) -> [f64; 5] {
    let index = [1100.0, 600.0, 300.0, 200.0].iter().take_while(|&&bound| vs30 <= bound).count();
    std::array::from_fn(|i| f64::from(i == index))
}

/// What the classes of [`class`] amplify, for other models to take it.
pub(in crate::gsim) fn classes(imt: &Imt) -> [f64; 5] {
    let c = COEFFS.at(imt);
    [c.ch, c.c1, c.c2, c.c3, c.c4]
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The coefficient of reverse faulting, of the crust alone.
    reverse: f64,
    /// SI or SS, with W of equation 5, the units and the factor of the variant.
    constant: f64,
    /// SSL of the slab, else 0.
    ln_rrup: f64,
    /// The magnitude, P and Q of equation 5.
    squared: [f64; 3],
    tau: f64,
    adjustment: Option<adjustment::OfImt>,
}

impl Row {
    fn new(imt: &Imt, variant: &Variant) -> Row {
        const G: f64 = 980.665;
        let c = COEFFS.at(imt);
        let (reverse, constant, ln_rrup, squared, tau) = match variant.source {
            SourceType::Crust => (c.fr, c.wc, 0.0, [6.3, 0.0, c.qc], c.tauc),
            SourceType::Interface(table) => {
                let i = table.at(imt);
                (0.0, i.si + i.wi, 0.0, [6.3, 0.0, i.qi], i.taui)
            }
            SourceType::Slab => {
                let s = SLAB_COEFFS.at(imt);
                (0.0, s.ss + s.ws, s.ssl, [6.5, s.ps, s.qs], s.taus)
            }
        };
        let factor = if variant.cascadia { CASCADIA.at(imt).mf } else { 1.0 };
        let adjustment = variant.adjusted.map(|adjusted| adjusted.at(imt));
        Row { c, reverse, constant: constant + scalar::ln(factor / G), ln_rrup, squared, tau, adjustment }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
    /// ln(Rrup) of the slab, else 0.
    ln_rrup: f64,
    /// The hypocentre below 15 km, at most that at 125 km.
    depth: f64,
    /// 1 for reverse faulting, else 0.
    reverse: f64,
    class: [f64; 5],
}

/// Equation 1, with the correction of equation 5.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let mean = c.a * t.mag + distance(self, t) + c.e * t.depth + self.reverse * t.reverse + site(c, t);
        let mean = mean + magnitude_squared(self, t) + self.constant;
        let (tau, phi) = (self.tau, c.sigma);
        match &self.adjustment {
            None => Estimate { mean, sig: (tau * tau + phi * phi).sqrt(), tau, phi },
            Some(adjustment) => adjustment.estimate(mean, tau, t.mag, t.rrup),
        }
    }
}

/// Equations 1 and 2: distance, and the path through the slab.
#[inline(always)]
fn distance(row: &Row, t: &Terms) -> f64 {
    let c = &row.c;
    c.b * t.rrup - ln(t.rrup + c.c * exp(c.d * t.mag)) + row.ln_rrup * t.ln_rrup
}

/// The site class in equation 1.
#[inline(always)]
fn site(c: &Coeffs, t: &Terms) -> f64 {
    let [hard_rock, rock, hard, medium, soft] = t.class;
    c.ch * hard_rock + c.c1 * rock + c.c2 * hard + c.c3 * medium + c.c4 * soft
}

/// Equation 5, without its constant.
#[inline(always)]
fn magnitude_squared(row: &Row, t: &Terms) -> f64 {
    let [mag, p, q] = row.squared;
    let above = t.mag - mag;
    (p + q * above) * above
}
