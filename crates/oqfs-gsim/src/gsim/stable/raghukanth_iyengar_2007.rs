//! Raghukanth and Iyengar (2007), for peninsular India.
//!
//! Raghukanth S.T.G., Iyengar R.N., 2007. Estimation of seismic spectral acceleration in peninsular India. Journal of Earth
//! System Science 116(3), 199-214, doi:10.1007/s12040-007-0020-8.
//!
//! - Component: geometric mean. Units: g. Valid for magnitude 4 to 8 and hypocentral distances up to 300 km.
//! - Bedrock is above 3,600 m/s; ground of the classes A to D by `vs30`, so from 180 m/s on.
//!
//! The models are for all of the peninsula, for Koyna-Warna, for the south, and for the west and centre.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "RaghukanthIyengar2007",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rhypo, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Raghukanth and Iyengar (2007), Estimation of seismic spectral acceleration in peninsular India, Journal of \
                Earth System Science 116(3), 199-214",
    doi: Some("10.1007/s12040-007-0020-8"),
    validity: Validity::NOT_STATED.magnitude(4.0, 8.0).distance(Param::Rhypo, 0.0, 300.0),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| made(info, &PENINSULA) },
    Model { info: ModelInfo { name: "RaghukanthIyengar2007KoynaWarna", ..BASE }, make: |info, _| made(info, &KOYNA) },
    Model { info: ModelInfo { name: "RaghukanthIyengar2007Southern", ..BASE }, make: |info, _| made(info, &SOUTH) },
    Model {
        info: ModelInfo { name: "RaghukanthIyengar2007WesternCentral", ..BASE },
        make: |info, _| made(info, &WEST),
    },
];

fn made(info: &'static ModelInfo, coeffs: &'static LazyLock<Table<Coeffs>>) -> Made {
    Ok(Arc::new(RaghukanthIyengar2007 { info, coeffs }))
}

coefficients! {
    /// Table 2: bedrock.
    struct Coeffs { c1, c2, c3, c4, sigma_bedrock }
}

coefficients! {
    /// Table 5: the classes of ground.
    struct Classes { a1_a, a1_b, a1_c, a1_d, a2_a, a2_b, a2_c, a2_d, sigma_a, sigma_b, sigma_c, sigma_d }
}

static PENINSULA: LazyLock<Table<Coeffs>> = table!("RaghukanthIyengar2007.csv", "peninsula");
static KOYNA: LazyLock<Table<Coeffs>> = table!("RaghukanthIyengar2007.csv", "koyna");
static SOUTH: LazyLock<Table<Coeffs>> = table!("RaghukanthIyengar2007.csv", "south");
static WEST: LazyLock<Table<Coeffs>> = table!("RaghukanthIyengar2007.csv", "west");
static CLASSES: LazyLock<Table<Classes>> = table!("RaghukanthIyengar2007_site.csv");

/// The softest ground that the model is for, m/s.
const SOFTEST: f64 = 180.0;

/// Raghukanth and Iyengar (2007).
#[derive(Debug)]
struct RaghukanthIyengar2007 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
}

impl Gsim for RaghukanthIyengar2007 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)?;
        CLASSES.check(self.info, imt)
    }

    /// As the engine gives no number on softer ground.
    fn check_vs30(&self, vs30: f64) -> Result<(), GsimError> {
        if vs30 >= SOFTEST {
            return Ok(());
        }
        Err(GsimError::Vs30OutOfRange { model: self.info.name, vs30, accepted: "180 m/s and more" })
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rhypo, vs30] = ctx.columns([Param::Mag, Param::Rhypo, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row::new(self.coeffs.at(imt), &CLASSES.at(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| {
            let class = [3600.0, 1500.0, 760.0, 360.0].iter().take_while(|&&bound| vs30[k] < bound).count();
            // Rock of 3,600 m/s is of class A.
            let class = if vs30[k] == 3600.0 { 1 } else { class };
            Terms { mag: mag[k] - 6.0, rhypo: rhypo[k], ln_rhypo: ln(rhypo[k]), class }
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    /// a1, a2 and sigma of bedrock and of the classes.
    site: [[f64; 3]; 5],
}

impl Row {
    fn new(c: Coeffs, s: &Classes) -> Row {
        let site = [
            [0.0; 3],
            [s.a1_a, s.a2_a, s.sigma_a],
            [s.a1_b, s.a2_b, s.sigma_b],
            [s.a1_c, s.a2_c, s.sigma_c],
            [s.a1_d, s.a2_d, s.sigma_d],
        ];
        Row { c, site }
    }
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    /// M - 6
    mag: f64,
    rhypo: f64,
    ln_rhypo: f64,
    /// 0 on bedrock, else 1 to 4 for A to D.
    class: usize,
}

/// Equations 8 to 11.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let [a1, a2, sigma] = self.site[t.class];
        let bedrock = c.c1 + (c.c2 + c.c3 * t.mag) * t.mag - t.ln_rhypo - c.c4 * t.rhypo;
        let total = (c.sigma_bedrock * c.sigma_bedrock + sigma * sigma).sqrt();
        Estimate::total(bedrock + a1 * exp(bedrock) + a2, total)
    }
}
