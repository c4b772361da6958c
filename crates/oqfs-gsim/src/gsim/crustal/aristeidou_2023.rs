//! Aristeidou, Tarbali and O'Reilly (2023), inelastic spectral displacement.
//!
//! Aristeidou S., Tarbali K., O'Reilly G.J., 2023. A ground motion model for orientation-independent inelastic spectral
//! displacements from shallow crustal earthquakes. Earthquake Spectra 39(3), 1601-1624, doi:10.1177/87552930231180228.
//!
//! - Component: RotD50 or RotD100, as the names say. Units: cm; `z2pt5` in km.
//!
//! Strength ratios from 1.5 to 6; between those of the tables, coefficients are linear in the logarithm of the ratio.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::crustal::aristeidou_2024::style;
use crate::gsim::crustal::campbell_bozorgnia_2014::z2pt5_or_mean;
use crate::gsim::model_info::{TOTAL_AND_PARTS, debug_as_name};
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const ROTD50: ModelInfo = ModelInfo {
    name: "AristeidouEtAl2023",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Sdi],
    params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30, Param::Z2pt5],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Aristeidou et al. (2023), A ground motion model for orientation-independent inelastic spectral displacements \
                from shallow crustal earthquakes, Earthquake Spectra 39(3), 1601-1624",
    doi: Some("10.1177/87552930231180228"),
    validity: Validity::NOT_STATED,
};

const ROTD100: ModelInfo = ModelInfo { component: Component::RotD100, ..ROTD50 };

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "AristeidouEtAl2023": ROTD50 => make(&OF_ROTD50),
    "AristeidouEtAl2023RotD100": ROTD100 => make(&OF_ROTD100),
};

fn make(info: &'static ModelInfo, _: &mut Arguments, tables: &'static [LazyLock<Table<Coeffs>>; 5]) -> Made {
    Ok(Arc::new(AristeidouEtAl2023 { info, tables }))
}

coefficients! {
    struct Coeffs {
        a, b1, b2, c11, c21, c12, c22, c13, c23, f1, f2, s1, s2, s3, s4, d1, d2, c3, phi, tau, sigma,
    }
}

/// The strength ratios of the tables.
const RATIOS: [f64; 5] = [1.5, 2.0, 3.0, 4.0, 6.0];

static OF_ROTD50: [LazyLock<Table<Coeffs>>; 5] = [
    table!("AristeidouEtAl2023.csv", "RotD50-1.5"),
    table!("AristeidouEtAl2023.csv", "RotD50-2"),
    table!("AristeidouEtAl2023.csv", "RotD50-3"),
    table!("AristeidouEtAl2023.csv", "RotD50-4"),
    table!("AristeidouEtAl2023.csv", "RotD50-6"),
];

static OF_ROTD100: [LazyLock<Table<Coeffs>>; 5] = [
    table!("AristeidouEtAl2023.csv", "RotD100-1.5"),
    table!("AristeidouEtAl2023.csv", "RotD100-2"),
    table!("AristeidouEtAl2023.csv", "RotD100-3"),
    table!("AristeidouEtAl2023.csv", "RotD100-4"),
    table!("AristeidouEtAl2023.csv", "RotD100-6"),
];

/// Aristeidou et al. (2023).
struct AristeidouEtAl2023 {
    info: &'static ModelInfo,
    /// One a strength ratio. The rows are periods, under the name of `SA`.
    tables: &'static [LazyLock<Table<Coeffs>>; 5],
}

debug_as_name!(AristeidouEtAl2023);

impl AristeidouEtAl2023 {
    /// The coefficients of an intensity measure; `None` at a strength ratio or a period outside the tables.
    fn coeffs(&self, imt: &Imt) -> Option<Coeffs> {
        let (period, ratio) = (Imt::sa(imt.period()?)?, imt.strength_ratio()?);
        let below = RATIOS.iter().rposition(|known| *known <= ratio)?;
        let table: &Table<Coeffs> = self.tables.get(below)?;
        if RATIOS[below] == ratio {
            return table.get(&period);
        }
        let place = scalar::ln(ratio / RATIOS[below]) / scalar::ln(RATIOS.get(below + 1)? / RATIOS[below]);
        table.towards(self.tables.get(below + 1)?, &period, place)
    }
}

impl Gsim for AristeidouEtAl2023 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.info.check_kind(imt)?;
        if self.coeffs(imt).is_some() {
            return Ok(());
        }
        let defined = "SDi(0.04,1.5) to SDi(5.0,6.0)".to_owned();
        Err(GsimError::ImtNotDefined { model: self.info.name, imt: *imt, defined })
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, rrup] = ctx.columns([Param::Mag, Param::Rake, Param::Rrup]);
        let [vs30, z2pt5] = ctx.columns([Param::Vs30, Param::Z2pt5]);
        let row = |imt| self.coeffs(imt).unwrap_or_else(|| panic!("{}: {imt} was not checked", self.info.name));
        let rows: Vec<Row> = imts.iter().map(|imt| Row(row(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let style = style(rake[k]);
            let z2pt5 = z2pt5_or_mean(false, z2pt5[k], vs30[k]);
            Terms {
                mag: mag[k] - 6.0,
                rrup: rrup[k],
                normal: f64::from(style == 1.0 || style == 4.0),
                reverse: f64::from(style == 2.0 || style == 3.0),
                vs30: vs30[k],
                ln_vs30: ln(vs30[k]),
                shallow: (z2pt5 - 1.0).min(0.0),
                deep: 1.0 - exp(-0.25 * (z2pt5 - 3.0).max(0.0)),
            }
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// Magnitude beyond 6.
    mag: f64,
    rrup: f64,
    /// 1 for normal and for reverse faulting, oblique or not, else 0.
    normal: f64,
    reverse: f64,
    vs30: f64,
    ln_vs30: f64,
    /// Z2.5 beyond 1 km if it is less, else 0.
    shallow: f64,
    /// 0 up to a Z2.5 of 3 km, then towards 1.
    deep: f64,
}

/// Equations 3 to 9.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.0;
        let r = (t.rrup * t.rrup + c.c3 * c.c3).sqrt();
        let [spreading, slope] = if r <= 15.0 {
            [c.c11, c.c21]
        } else if r <= 150.0 {
            [c.c12, c.c22]
        } else {
            [c.c13, c.c23]
        };
        let site = if t.vs30 < 400.0 {
            c.s1
        } else if t.vs30 < 650.0 {
            c.s2
        } else if t.vs30 < 1000.0 {
            c.s3
        } else {
            c.s4
        };
        let mean = c.a
            + (c.b1 + c.b2 * t.mag) * t.mag
            + (spreading + slope * t.mag) * ln(r / 150.0)
            + c.f1 * t.normal
            + c.f2 * t.reverse
            + site * t.ln_vs30
            + c.d1 * t.shallow
            + c.d2 * t.deep;
        Estimate { mean, sig: c.sigma, tau: c.tau, phi: c.phi }
    }
}
