//! Yu, Li and Xiao (2013), for four regions of China, in surface-wave and in moment magnitude.
//!
//! Yu Y., Li S., Xiao L., 2013. Development of ground motion attenuation relations for the new seismic hazard map of China.
//! Technology for Earthquake Disaster Prevention 8(1), 24-33 (in Chinese). Magnitudes are converted after Cheng J., Rong Y.,
//! Magistrale H., Chen G., Xu X., 2017. An Mw-based historical earthquake catalog for mainland China. Bulletin of the
//! Seismological Society of America 107(5), 2490-2500, doi:10.1785/0120170102.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 5 to 8.5, epicentral distances up to 200 km.
//!
//! Isoseismals are ellipses along the strike: the distances at which motion along the long and the short axis is that of the
//! site are found by bisection, with the engine's steps.

use std::sync::{Arc, LazyLock};

use crate::elementary::powi;
use crate::elementary::scalar::{exp, ln, sin_cos};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for the whole of China.
const BASE: ModelInfo = ModelInfo {
    name: "YuEtAl2013Ms",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv],
    params: &[Param::Mag, Param::Repi, Param::Azimuth],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Yu et al. (2013), Development of ground motion attenuation relations for the new seismic hazard map of \
                China, Technology for Earthquake Disaster Prevention 8(1), 24-33",
    doi: None,
    validity: Validity::NOT_STATED.magnitude(5.0, 8.5).distance(Param::Repi, 0.0, 200.0),
};

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "YuEtAl2013Ms": BASE => make(&CHINA, false),
    "YuEtAl2013MsTibet": BASE => make(&TIBET, false),
    "YuEtAl2013MsEastern": STABLE_CRUST => make(&EASTERN, false),
    "YuEtAl2013MsStable": STABLE_CRUST => make(&STABLE, false),
    "YuEtAl2013Mw": MOMENT => make(&CHINA, true),
    "YuEtAl2013MwTibet": MOMENT => make(&TIBET, true),
    "YuEtAl2013MwEastern": MOMENT_STABLE => make(&EASTERN, true),
    "YuEtAl2013MwStable": MOMENT_STABLE => make(&STABLE, true),
};

/// The models that take moment magnitudes.
const MOMENT: ModelInfo = ModelInfo { validity: BASE.validity.of_any_magnitude(), ..BASE };
const MOMENT_STABLE: ModelInfo = ModelInfo { trt: Trt::StableShallowCrust, ..MOMENT };
const STABLE_CRUST: ModelInfo = ModelInfo { trt: Trt::StableShallowCrust, ..BASE };

fn make(info: &'static ModelInfo, _: &mut Arguments, coeffs: &'static LazyLock<Table<Coeffs>>, moment: bool) -> Made {
    Ok(Arc::new(YuEtAl2013 { info, coeffs, moment }))
}

coefficients! {
    /// Along the long axis, `a` to `e`, and the short one, `ma` to `me`; above magnitude 6.5 `ua` to `ue` and `ia` to `ie`.
    struct Coeffs { a, b, c, d, e, ua, ub, uc, ud, ue, ma, mb, mc, md, me, ia, ib, ic, id, ie, sigma }
}

static CHINA: LazyLock<Table<Coeffs>> = table!("YuEtAl2013.csv");
static TIBET: LazyLock<Table<Coeffs>> = table!("YuEtAl2013_tibet.csv");
static EASTERN: LazyLock<Table<Coeffs>> = table!("YuEtAl2013_eastern.csv");
static STABLE: LazyLock<Table<Coeffs>> = table!("YuEtAl2013_stable.csv");

/// Yu et al. (2013).
#[derive(Debug)]
struct YuEtAl2013 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    /// Whether magnitudes are moment magnitudes, to be converted.
    moment: bool,
}

impl Gsim for YuEtAl2013 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, repi, azimuth] = ctx.columns([Param::Mag, Param::Repi, Param::Azimuth]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row::new(imt, self.coeffs.at(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let (sin, cos) = sin_cos(azimuth[k].to_radians());
            Terms { mag: if self.moment { surface_wave(mag[k]) } else { mag[k] }, repi: repi[k], sin, cos }
        });
    }
}

/// Cheng et al. (2017): surface-wave magnitude.
fn surface_wave(mw: f64) -> f64 {
    if mw < 6.58 { (mw - 0.59) / 0.86 } else { (mw + 2.42) / 1.28 }
}

/// Motion along one axis.
#[derive(Clone, Copy)]
struct Axis {
    constant: f64,
    mag: f64,
    ln_distance: f64,
    saturation: [f64; 2],
}

impl Axis {
    /// ln-motion at a distance along the axis.
    fn ln_motion(&self, mag: f64, distance: f64) -> f64 {
        self.constant + self.mag * mag + self.ln_distance * ln(distance + self.near(mag))
    }

    /// The distance along the axis at which there is this ln-motion.
    fn distance(&self, mag: f64, ln_motion: f64) -> f64 {
        exp((ln_motion - self.constant - self.mag * mag) / self.ln_distance) - self.near(mag)
    }

    fn near(&self, mag: f64) -> f64 {
        let [factor, exponent] = self.saturation;
        factor * exp(exponent * mag)
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    /// The long and the short axis of small earthquakes.
    small: [Axis; 2],
    /// Those of magnitudes above 6.5.
    great: [Axis; 2],
    /// ln of the unit in g or cm/s.
    ln_unit: f64,
    sigma: f64,
}

impl Row {
    fn new(imt: &Imt, c: Coeffs) -> Row {
        let axis = |constant, mag, ln_distance, d, e| Axis { constant, mag, ln_distance, saturation: [d, e] };
        Row {
            small: [axis(c.a, c.b, c.c, c.d, c.e), axis(c.ma, c.mb, c.mc, c.md, c.me)],
            great: [axis(c.ua, c.ub, c.uc, c.ud, c.ue), axis(c.ia, c.ib, c.ic, c.id, c.ie)],
            ln_unit: -ln_unit(imt),
            sigma: c.sigma,
        }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    repi: f64,
    /// Of the angle from the strike to the site.
    sin: f64,
    cos: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        let axes = if t.mag > 6.5 { &self.great } else { &self.small };
        let semi_axes = semi_axes(axes, t);
        let [long, short] = [0, 1].map(|i| {
            let distance: f64 = semi_axes[i];
            axes[i].ln_motion(t.mag, (distance * distance + 225.0).sqrt())
        });
        Estimate::total(on_ellipse(long, short, t) + self.ln_unit, self.sigma)
    }
}

/// The radius of an ellipse, of its long and short semi-axis, towards the site.
fn on_ellipse(long: f64, short: f64, t: &Terms) -> f64 {
    long * short / (powi(long * t.sin, 2) + powi(short * t.cos, 2)).sqrt()
}

/// The semi-axes of the ellipse of equal motion that goes through the site, the long one between 0 and 400 km.
fn semi_axes(axes: &[Axis; 2], t: &Terms) -> [f64; 2] {
    const ENOUGH: f64 = 1e-3;
    let [along, across] = axes;
    let (mut long, mut step) = (200.0, 100.0);
    loop {
        let short = across.distance(t.mag, along.ln_motion(t.mag, long));
        let beyond = on_ellipse(long, short, t) - t.repi;
        // the last step is not judged again (engine behaviour)
        if beyond.abs() <= ENOUGH || step < ENOUGH {
            return [long, short];
        }
        long += if beyond > 0.0 { -step } else { step };
        step /= 2.0;
    }
}
