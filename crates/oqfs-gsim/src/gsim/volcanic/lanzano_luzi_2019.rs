//! Lanzano and Luzi (2019), for volcanic areas in Italy, with shallow and deeper earthquakes.
//!
//! Lanzano G., Luzi L., 2020. A ground motion model for volcanic areas in Italy. Bulletin of Earthquake Engineering
//! 18(1), 57-76, doi:10.1007/s10518-019-00735-9. The equations are numbered as there.
//!
//! - Component: geometric mean. Units: g, and cm/s for `PGV`.
//! - Valid for local magnitude 3 to 5, distances up to 200 km. `shallow` is for foci above 5 km, `deep` below.
//!
//! `scaled` gives the maximum component.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::elementary::hypot;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model for shallow earthquakes.
const SHALLOW: ModelInfo = ModelInfo {
    name: "LanzanoLuzi2019shallow",
    trt: Trt::Volcanic,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rhypo, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::GeometricMean,
    reference: "Lanzano and Luzi (2020), A ground motion model for volcanic areas in Italy, Bulletin of Earthquake \
                Engineering 18(1), 57-76",
    doi: Some("10.1007/s10518-019-00735-9"),
    validity: Validity::NOT_STATED.magnitude(3.0, 5.0).distance(Param::Rhypo, 0.0, 200.0).depth(f64::NEG_INFINITY, 5.0),
};

/// The ranges of the model for deep earthquakes.
const DEEP: Validity = SHALLOW.validity.depth(5.0, f64::INFINITY);

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model {
        info: ModelInfo { name: "LanzanoLuzi2019deep", validity: DEEP, ..SHALLOW },
        make: |info, _| Ok(Arc::new(LanzanoLuzi2019 { info, coeffs: &COEFFS, is_deep: true })),
    },
    Model {
        info: ModelInfo { name: "LanzanoLuzi2019deep_scaled", validity: DEEP, ..SHALLOW },
        make: |info, _| Ok(Arc::new(LanzanoLuzi2019 { info, coeffs: &SCALED, is_deep: true })),
    },
    Model { info: SHALLOW, make: |info, _| Ok(Arc::new(LanzanoLuzi2019 { info, coeffs: &COEFFS, is_deep: false })) },
    Model {
        info: ModelInfo { name: "LanzanoLuzi2019shallow_scaled", ..SHALLOW },
        make: |info, _| Ok(Arc::new(LanzanoLuzi2019 { info, coeffs: &SCALED, is_deep: false })),
    },
];

coefficients! {
    /// The model's table, in common logarithms.
    struct Coeffs { a, b, c1, c2, c3, sb, sc, tau, phi, sigma }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("LanzanoLuzi2019.csv");
static SCALED: LazyLock<Table<Coeffs>> = table!("LanzanoLuzi2019_scaled.csv");

/// Lanzano and Luzi (2019).
#[derive(Debug)]
struct LanzanoLuzi2019 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    is_deep: bool,
}

impl Gsim for LanzanoLuzi2019 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rhypo, vs30] = ctx.columns([Param::Mag, Param::Rhypo, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let h = if self.is_deep { 5.0 } else { 2.0 };
        batch::compute(ctx.len(), &rows, out, |k| {
            let r = hypot(rhypo[k], h);
            let (b, c) = ((360.0..800.0).contains(&vs30[k]), vs30[k] < 360.0);
            Terms { mag: mag[k], r, ln_r: ln(r), classes: [f64::from(b), f64::from(c)] }
        });
    }
}

impl LanzanoLuzi2019 {
    fn row(&self, imt: &Imt) -> Row {
        let c = self.coeffs.at(imt);
        let unit = ln_unit(imt);
        Row { c, path: if self.is_deep { [c.c2, c.c3] } else { [c.c1, 0.0] }, unit }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// The geometric spreading and the anelastic attenuation.
    path: [f64; 2],
    /// The natural logarithm of the unit.
    unit: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    r: f64,
    ln_r: f64,
    /// 1 for a site of class B, and of C or D, else 0.
    classes: [f64; 2],
}

/// Equations 5 and 9.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        const LN_10: f64 = std::f64::consts::LN_10;
        let c = &self.c;
        let site = c.sb * t.classes[0] + c.sc * t.classes[1];
        let common = c.a + c.b * t.mag + self.path[1] * t.r + site;
        let mean = LN_10 * common + self.path[0] * t.ln_r - self.unit;
        Estimate { mean, sig: LN_10 * c.sigma, tau: LN_10 * c.tau, phi: LN_10 * c.phi }
    }
}
