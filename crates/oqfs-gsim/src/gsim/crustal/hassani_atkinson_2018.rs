//! Hassani and Atkinson (2018), a generic model with any stress parameter and attenuation near the site.
//!
//! Hassani B., Atkinson G.M., 2018. Adjustable generic ground-motion prediction equation based on equivalent point-source
//! simulations: accounting for kappa effects. Bulletin of the Seismological Society of America 108(2), 913-928,
//! doi:10.1785/0120170333.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//!
//! Arguments: `d_sigma`, the stress parameter, bar; `kappa0`, the attenuation near the site, s; `gamma_fle`, a file with the
//! anelastic attenuation of each intensity measure: columns `IMT` and `gamma`, separated by blanks. Without it there is none. No
//! standard deviation is given: all are 0, and one is to be added by a modification.
//!
//! As in the engine, the motion on rock that the ground depends on is e to the power of its common logarithm, and the term of the
//! ground, which is in natural logarithms, is added to common ones.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::scalar::{exp, log10};
use crate::elementary::{hypot, powi};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Coefficients, Table, coefficients, table};
use crate::gsim::crustal::boore_2014::{Site, SiteTerm};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The argument that names a file, with the model.
pub(in crate::gsim) const FILE: (&str, &str) = ("HassaniAtkinson2018", "gamma_fle");

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: FILE.0,
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag, Param::Rrup, Param::Vs30],
        std_devs: TOTAL_ONLY,
        component: Component::GeometricMean,
        reference: "Hassani and Atkinson (2018), Adjustable generic ground-motion prediction equation based on equivalent \
                    point-source simulations: accounting for kappa effects, Bulletin of the Seismological Society of America \
                    108(2), 913-928",
        doi: Some("10.1785/0120170333"),
        validity: Validity::NOT_STATED,
    },
    make,
}];

fn make(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let (stress, kappa) = (arguments.needed_number("d_sigma")?, arguments.needed_number("kappa0")?);
    for (name, value) in [("d_sigma", stress), ("kappa0", kappa)] {
        if value <= 0.0 {
            return Err(arguments.wrong(name, &value, "a number above 0"));
        }
    }
    let anelastic = match arguments.text_file(FILE.1)? {
        None => None,
        Some((text, path)) => Some(Table::of_engine(&text).map_err(|e| arguments.wrong(FILE.1, &path, e))?),
    };
    Ok(Arc::new(HassaniAtkinson2018 { info, stress: log10(stress), kappa: log10(kappa), anelastic }))
}

coefficients! {
    /// The electronic supplement's table, in common logarithms, but for the terms of stress and kappa.
    struct Coeffs { mh, e0, e1, e2, e3, b3, b4 }
}

coefficients! {
    /// Anelastic attenuation.
    struct Anelastic { gamma }
}

/// The coefficients of stress, by the power of its logarithm less 1, then by the power of magnitude.
#[derive(Clone, Copy, Debug)]
struct Stress([f64; 10]);

impl Coefficients for Stress {
    const COLUMNS: &'static [&'static str] =
        &["g1_0", "g1_1", "g1_2", "g1_3", "g1_4", "g2_0", "g2_1", "g2_2", "g2_3", "g2_4"];

    fn from_columns(value: impl FnMut(usize) -> f64) -> Stress {
        Stress(std::array::from_fn(value))
    }
}

/// The coefficients of kappa, by the power of its logarithm less 1, then by those of the logarithms of magnitude and of stress.
#[derive(Clone, Copy, Debug)]
struct Kappa([f64; 48]);

impl Coefficients for Kappa {
    #[rustfmt::skip]
    const COLUMNS: &'static [&'static str] = &[
        "d1_0_0", "d1_0_1", "d1_0_2", "d1_1_0", "d1_1_1", "d1_1_2", "d1_2_0", "d1_2_1", "d1_2_2", "d1_3_0", "d1_3_1", "d1_3_2",
        "d2_0_0", "d2_0_1", "d2_0_2", "d2_1_0", "d2_1_1", "d2_1_2", "d2_2_0", "d2_2_1", "d2_2_2", "d2_3_0", "d2_3_1", "d2_3_2",
        "d3_0_0", "d3_0_1", "d3_0_2", "d3_1_0", "d3_1_1", "d3_1_2", "d3_2_0", "d3_2_1", "d3_2_2", "d3_3_0", "d3_3_1", "d3_3_2",
        "d4_0_0", "d4_0_1", "d4_0_2", "d4_1_0", "d4_1_1", "d4_1_2", "d4_2_0", "d4_2_1", "d4_2_2", "d4_3_0", "d4_3_1", "d4_3_2",
    ];

    fn from_columns(value: impl FnMut(usize) -> f64) -> Kappa {
        Kappa(std::array::from_fn(value))
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("HassaniAtkinson2018.csv");
static STRESS: LazyLock<Table<Stress>> = table!("HassaniAtkinson2018.csv");
static KAPPA: LazyLock<Table<Kappa>> = table!("HassaniAtkinson2018.csv");

/// Hassani and Atkinson (2018).
#[derive(Debug)]
struct HassaniAtkinson2018 {
    info: &'static ModelInfo,
    /// The common logarithms of the stress parameter and of kappa.
    stress: f64,
    kappa: f64,
    anelastic: Option<Table<Anelastic>>,
}

impl Gsim for HassaniAtkinson2018 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        SiteTerm::check(self.info, imt)?;
        match &self.anelastic {
            None => Ok(()),
            Some(table) => [imt, &Imt::PGA].iter().try_for_each(|imt| table.check(self.info, imt)),
        }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let pga = self.row(&Imt::PGA);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let point = Point::new(mag[k], rrup[k]);
            // engine behaviour: the common logarithm of the motion in cm/s^2 in place of the natural one of that in g
            Terms { point, site: Site::new(vs30[k], lg_rock(&pga, &point)) }
        });
    }
}

impl HassaniAtkinson2018 {
    fn row(&self, imt: &Imt) -> Row {
        let (Stress(g), Kappa(d)) = (STRESS.at(imt), KAPPA.at(imt));
        // the terms are 0 at 100 bar and at 0.001 s
        let stress = [self.stress - 2.0, self.stress * self.stress - 4.0];
        let power = |i: usize| powi(self.kappa, i as u32 + 1) - powi(-3.0, i as u32 + 1);
        let of_mag = |i: usize, j: usize| {
            let at = 12 * i + 3 * j;
            d[at] + self.stress * (d[at + 1] + self.stress * d[at + 2])
        };
        Row {
            c: COEFFS.at(imt),
            stress: std::array::from_fn(|i| g[i] * stress[0] + g[5 + i] * stress[1]),
            kappa: std::array::from_fn(|j| (0..4).map(|i| power(i) * of_mag(i, j)).sum()),
            gamma: self.anelastic.as_ref().map_or(0.0, |table| table.at(imt).gamma),
            site: SiteTerm::at(imt),
            ln_unit: ln_unit(imt),
        }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The factors of the powers of magnitude, of this stress over that of 100 bar.
    stress: [f64; 5],
    /// The factors of the powers of the logarithm of magnitude, of this kappa over that of 0.001 s.
    kappa: [f64; 4],
    /// Anelastic attenuation.
    gamma: f64,
    site: SiteTerm,
    ln_unit: f64,
}

/// What the model needs of a point source. Logarithms are common.
#[derive(Clone, Copy)]
struct Point {
    mag: f64,
    lg_mag: f64,
    rrup: f64,
    /// Equation 15: the geometric spreading.
    spreading: f64,
    /// The logarithm of the effective distance over that at 1 km.
    lg_ratio: f64,
}

impl Point {
    fn new(mag: f64, rrup: f64) -> Point {
        const TRANSITION: f64 = 50.0;
        // equation 17
        let h = exp(LN_10 * (0.235 * mag - 0.405));
        let r = hypot(rrup, h);
        let spreading = -1.3 * log10(r.min(TRANSITION)) - 0.5 * log10(r.max(TRANSITION) / TRANSITION);
        Point { mag, lg_mag: log10(mag), rrup, spreading, lg_ratio: log10(r / hypot(1.0, h)) }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    point: Point,
    site: Site,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let mean = LN_10 * (lg_rock(self, &t.point) + self.site.ln_amplification(&t.site)) - self.ln_unit;
        Estimate::total(mean, 0.0)
    }
}

/// The common logarithm of motion on rock.
#[inline(always)]
fn lg_rock(row: &Row, p: &Point) -> f64 {
    let c = &row.c;
    let above = p.mag - c.mh;
    let magnitude = c.e0 + if above <= 0.0 { (c.e1 + c.e2 * above) * above } else { c.e3 * above };
    let [s0, s1, s2, s3, s4] = row.stress;
    let stress = s0 + p.mag * (s1 + p.mag * (s2 + p.mag * (s3 + p.mag * s4)));
    let [k0, k1, k2, k3] = row.kappa;
    let kappa = k0 + p.lg_mag * (k1 + p.lg_mag * (k2 + p.lg_mag * k3));
    magnitude + stress + kappa + p.spreading + (c.b3 + c.b4 * p.mag) * p.lg_ratio + row.gamma * p.rrup
}
