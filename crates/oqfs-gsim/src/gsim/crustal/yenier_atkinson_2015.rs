//! Yenier and Atkinson (2015), a generic model adjusted to central and eastern North America.
//!
//! Yenier E., Atkinson G.M., 2015. Regionally adjustable generic ground-motion prediction equation based on equivalent
//! point-source simulations: application to central and eastern North America. Bulletin of the Seismological Society of
//! America 105(4), 1989-2009, doi:10.1785/0120140332.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 3 to 8, rupture distances up to 600 km.
//!
//! The median alone is given, as the paper gives no aleatory uncertainty: all standard deviations are 0, and one is to
//! be added by a modification. The site term is that of Boore et al. (2014); as in the engine, the motion on rock that
//! it depends on is that of the intensity measure itself, with the calibration of `PGA`. The argument `focal_depth`
//! (km) stands for the depth of every hypocentre; `region` is `CENA`, the only one that the engine has all terms of.
//! The model `ACME2019` takes hypocentres at 10 km and `vs30` as 760 m/s, and has a term of the style of faulting after
//! Bommer et al. (2003).

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::boore_2014::{Site, SiteTerm};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "YenierAtkinson2015BSSA",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::HypoDepth, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Yenier and Atkinson (2015), Regionally adjustable generic ground-motion prediction equation based on \
                equivalent point-source simulations: application to central and eastern North America, Bulletin of the \
                Seismological Society of America 105(4), 1989-2009",
    doi: Some("10.1785/0120140332"),
    validity: Validity::NOT_STATED.magnitude(3.0, 8.0).distance(Param::Rrup, 0.0, 600.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: bssa },
    Model {
        info: ModelInfo {
            name: "YenierAtkinson2015ACME2019",
            imts: &[ImtKind::Pga, ImtKind::Sa],
            params: &[Param::Mag, Param::Rake, Param::Rrup],
            ..BASE
        },
        make: |info, _| Ok(Arc::new(YenierAtkinson2015 { info, depth: Some(10.0), adapted: true })),
    },
];

fn bssa(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let depth = arguments.number("focal_depth")?;
    arguments.choice("region", [("CENA", ())])?;
    Ok(Arc::new(YenierAtkinson2015 { info, depth, adapted: false }))
}

coefficients! {
    /// Table 2: magnitude and geometrical spreading.
    struct Source { mh, e0, e1, e2, e3, b3, b4 }
}

coefficients! {
    /// Table 3: the effect of stress.
    struct Stress { s0, s1, s2, s3, s4, s5, s6, s7, s8, s9 }
}

coefficients! {
    /// Table 4: anelastic attenuation.
    struct Anelastic { gcena }
}

static SOURCE: LazyLock<Table<Source>> = table!("YenierAtkinson2015_source.csv");
static STRESS: LazyLock<Table<Stress>> = table!("YenierAtkinson2015_stress.csv");
static ANELASTIC: LazyLock<Table<Anelastic>> = table!("YenierAtkinson2015_anelastic.csv");

/// Yenier and Atkinson (2015).
#[derive(Debug)]
struct YenierAtkinson2015 {
    info: &'static ModelInfo,
    /// In place of the depth of the hypocentre, km.
    depth: Option<f64>,
    /// Whether it is the model of 2019: on rock of 760 m/s, by style of faulting.
    adapted: bool,
}

impl Gsim for YenierAtkinson2015 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        SOURCE.check(self.info, imt)?;
        SiteTerm::check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup] = ctx.columns([Param::Mag, Param::Rrup]);
        let (depth, vs30, rake) = (ctx.column(Param::HypoDepth), ctx.column(Param::Vs30), ctx.column(Param::Rake));
        let rows: Vec<Row> = imts.iter().map(|imt| Row::at(imt, self.adapted)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let depth = self.depth.or(depth.get(k).copied()).unwrap_or_default();
            let path = Path::new(mag[k], rrup[k], depth);
            let vs30 = if self.adapted { 760.0 } else { vs30[k] };
            let style = rake.get(k).map_or([0.0; 2], |&rake| style(rake));
            Terms { path, vs30, style }
        });
    }
}

/// Bommer et al. (2003): normal and reverse.
fn style(rake: f64) -> [f64; 2] {
    [rake > -135.0 && rake <= -45.0, rake > 45.0 && rake <= 135.0].map(f64::from)
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    source: Source,
    stress: Stress,
    anelastic: f64,
    calibration: Calibration,
    site: SiteTerm,
    /// ln of the factors of strike-slip, and of normal and reverse to strike-slip.
    style: [f64; 3],
}

impl Row {
    fn at(imt: &Imt, adapted: bool) -> Row {
        let period = imt.period().filter(|_| imt.kind() == ImtKind::Sa);
        let calibration = match period {
            None if imt.kind() == ImtKind::Pgv => Calibration { ce: -0.21, delta_b3: 0.052 },
            None => PGA,
            Some(period) => {
                let delta_b3 = (0.030 + (0.095 * scalar::ln(period / 0.065)).max(0.0)).min(0.095);
                Calibration { ce: -0.25 + (0.39 * scalar::ln(period / 2.0)).max(0.0), delta_b3 }
            }
        };
        Row {
            source: SOURCE.at(imt),
            stress: STRESS.at(imt),
            anelastic: ANELASTIC.at(imt).gcena,
            calibration,
            site: SiteTerm::at(imt),
            style: if adapted { style_factors(period.unwrap_or_default()) } else { [0.0; 3] },
        }
    }
}

/// Equations 23 to 25.
#[derive(Clone, Copy)]
struct Calibration {
    /// Of the source.
    ce: f64,
    /// Of the path.
    delta_b3: f64,
}

/// The calibration of `PGA`.
const PGA: Calibration = Calibration { ce: -0.25, delta_b3: 0.030 };

impl Calibration {
    #[inline(always)]
    fn at(&self, p: &Path) -> f64 {
        self.ce + self.delta_b3 * p.ln_near
    }
}

/// Bommer et al. (2003): with shares of 0.68 and 0.02 of reverse and normal earthquakes in the data.
fn style_factors(period: f64) -> [f64; 3] {
    const REVERSE_SHARE: f64 = 0.68;
    const NORMAL_SHARE: f64 = 0.02;
    let place = (scalar::ln(period.clamp(0.4, 3.0) / 0.4) / ln(3.0 / 0.4)).min(1.0);
    let [reverse, normal] = [1.2 - 0.3 * place, 0.95].map(scalar::ln);
    [-REVERSE_SHARE * reverse - NORMAL_SHARE * normal, normal, reverse]
}

/// What the motion on rock depends on.
#[derive(Clone, Copy)]
struct Path {
    mag: f64,
    rrup: f64,
    /// ln of the stress parameter over 100 bar.
    ln_stress: f64,
    /// Equation 7: ln of geometrical spreading.
    ln_spreading: f64,
    /// Equation 8: ln(R / Rref).
    ln_ratio: f64,
    /// ln(R / 150 km), at most 0, of equation 24.
    ln_near: f64,
}

impl Path {
    fn new(mag: f64, rrup: f64, depth: f64) -> Path {
        const TRANSITION: f64 = 50.0;
        // equations 5 and 6
        let pseudo_depth = exp(std::f64::consts::LN_10 * (-0.405 + 0.235 * mag));
        let ln_r = 0.5 * ln(rrup * rrup + pseudo_depth * pseudo_depth);
        let ln_far = ln_r - ln(TRANSITION);
        let ln_spreading = if ln_far > 0.0 { -1.3 * ln(TRANSITION) - 0.5 * ln_far } else { -1.3 * ln_r };
        // equation 21
        let ln_stress = 5.704 + (0.290 * (depth - 10.0)).min(0.0) + (0.229 * (mag - 5.0)).min(0.0) - ln(100.0);
        Path {
            mag,
            rrup,
            ln_stress,
            ln_spreading,
            ln_ratio: ln_r - 0.5 * ln(1.0 + pseudo_depth * pseudo_depth),
            ln_near: (ln_r - ln(150.0)).min(0.0),
        }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    path: Path,
    vs30: f64,
    /// 1 for normal and for reverse faulting, else 0.
    style: [f64; 2],
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let [strike_slip, normal, reverse] = self.style;
        let style = strike_slip + normal * t.style[0] + reverse * t.style[1];
        let uncalibrated = ln_uncalibrated(self, &t.path);
        let site = Site::new(t.vs30, uncalibrated + PGA.at(&t.path));
        let ln_rock = uncalibrated + self.calibration.at(&t.path);
        Estimate::total(ln_rock + self.site.ln_amplification(&site) + style, 0.0)
    }
}

/// Equation 26, without the calibration.
#[inline(always)]
fn ln_uncalibrated(row: &Row, p: &Path) -> f64 {
    let spreading = p.ln_spreading + (row.source.b3 + row.source.b4 * p.mag) * p.ln_ratio;
    magnitude(&row.source, p.mag) + stress(&row.stress, p) + spreading + row.anelastic * p.rrup
}

/// Equation 3.
#[inline(always)]
fn magnitude(c: &Source, mag: f64) -> f64 {
    let above = mag - c.mh;
    c.e0 + if above > 0.0 { c.e3 * above } else { (c.e1 + c.e2 * above) * above }
}

/// Equations 4 and 17.
#[inline(always)]
fn stress(c: &Stress, p: &Path) -> f64 {
    let m = p.mag;
    let low = c.s0 + m * (c.s1 + m * (c.s2 + m * (c.s3 + m * c.s4)));
    let high = c.s5 + m * (c.s6 + m * (c.s7 + m * (c.s8 + m * c.s9)));
    (if p.ln_stress > 0.0 { high } else { low }) * p.ln_stress
}
