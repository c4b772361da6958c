//! Tusa and Langer (2016), for the volcanic area of Mount Etna, with two forms of equation and two depths of earthquakes.
//!
//! Tusa G., Langer H., 2016. Prediction of ground motion parameters for the volcanic area of Mount Etna. Journal of
//! Seismology 20(1), 1-42, doi:10.1007/s10950-015-9508-x.
//!
//! - Component: greater of the two horizontal. Units: g.
//! - Valid for magnitude 3 to 4.3 (shallow earthquakes, `SE`) or 4.8 (deep ones, `DE`), distances up to 100 km.
//! - Eurocode 8 classes A, B and D by `vs30`. There is no term for class C, which the engine refuses; here it is refused too.
//!
//! `BA08` is after Boore and Atkinson (2008), `SP87` after Sabetta and Pugliese (1987).

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// With epicentral distances.
const REPI: ModelInfo = ModelInfo {
    name: "TusaLanger2016RepiBA08SE",
    trt: Trt::Volcanic,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Repi, Param::Vs30],
    std_devs: TOTAL_ONLY,
    component: Component::GreaterHorizontal,
    reference: "Tusa and Langer (2016), Prediction of ground motion parameters for the volcanic area of Mount Etna, Journal \
                of Seismology 20(1), 1-42",
    doi: Some("10.1007/s10950-015-9508-x"),
    validity: Validity::NOT_STATED.magnitude(3.0, 4.3).distance(Param::Repi, 0.0, 100.0),
};

/// With hypocentral distances.
const RHYPO: ModelInfo = ModelInfo {
    name: "TusaLanger2016Rhypo",
    params: &[Param::Mag, Param::Rhypo, Param::Vs30],
    validity: REPI.validity.magnitude(3.0, 4.8).by(Param::Rhypo),
    ..REPI
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: REPI, make: |info, _| make(info, &BA08_SHALLOW) },
    Model {
        info: ModelInfo { name: "TusaLanger2016RepiBA08DE", validity: REPI.validity.magnitude(3.0, 4.8), ..REPI },
        make: |info, _| make(info, &BA08_DEEP),
    },
    Model { info: ModelInfo { name: "TusaLanger2016RepiSP87SE", ..REPI }, make: |info, _| make(info, &SP87_SHALLOW) },
    Model {
        info: ModelInfo { name: "TusaLanger2016RepiSP87DE", validity: REPI.validity.magnitude(3.0, 4.8), ..REPI },
        make: |info, _| make(info, &SP87_DEEP),
    },
    Model { info: RHYPO, make: |info, _| make(info, &HYPOCENTRAL) },
];

fn make(info: &'static ModelInfo, coeffs: &'static LazyLock<Table<Coeffs>>) -> crate::gsim::registry::Made {
    Ok(Arc::new(TusaLanger2016 { info, coeffs }))
}

coefficients! {
    /// Tables 2 to 5; `b2`, `c2` and `c3` are 0 in the form of Sabetta and Pugliese (1987).
    struct Coeffs { a, b1, b2, c1, c2, h, c3, sa, sb, sd, sigmatot }
}

static BA08_SHALLOW: LazyLock<Table<Coeffs>> = table!("TusaLanger2016_repiba08se.csv");
static BA08_DEEP: LazyLock<Table<Coeffs>> = table!("TusaLanger2016_repiba08de.csv");
static SP87_SHALLOW: LazyLock<Table<Coeffs>> = table!("TusaLanger2016_repisp87se.csv");
static SP87_DEEP: LazyLock<Table<Coeffs>> = table!("TusaLanger2016_repisp87de.csv");
static HYPOCENTRAL: LazyLock<Table<Coeffs>> = table!("TusaLanger2016_rhypo.csv");

/// Tusa and Langer (2016).
#[derive(Debug)]
struct TusaLanger2016 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
}

impl Gsim for TusaLanger2016 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn check_vs30(&self, vs30: f64) -> Result<(), GsimError> {
        if vs30 > 180.0 && vs30 < 360.0 {
            let accepted = "up to 180, and from 360 m/s on";
            return Err(GsimError::Vs30OutOfRange { model: self.info.name, vs30, accepted });
        }
        Ok(())
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let distance = if self.info.params.contains(&Param::Rhypo) { Param::Rhypo } else { Param::Repi };
        let [mag, distance, vs30] = ctx.columns([Param::Mag, distance, Param::Vs30]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row(self.coeffs.at(imt))).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            distance: distance[k],
            class: [vs30[k] >= 800.0, (360.0..800.0).contains(&vs30[k]), vs30[k] < 180.0].map(f64::from),
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row(Coeffs);

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    distance: f64,
    /// 1 for the classes A, B and D, else 0.
    class: [f64; 3],
}

/// Equations 5 and 9, in log10 of cm/s^2.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        const LN_G: f64 = 6.888_230_916_953_265; // of 980.665 cm/s^2
        let c = &self.0;
        let site = c.sa * t.class[0] + c.sb * t.class[1] + c.sd * t.class[2];
        let log10 = c.a + (c.b1 + c.b2 * t.mag) * t.mag + distance(c, t) + site;
        Estimate::total(LN_10 * log10 - LN_G, LN_10 * c.sigmatot)
    }
}

/// The term of distance.
#[inline(always)]
fn distance(c: &Coeffs, t: &Terms) -> f64 {
    const MREF: f64 = 3.6;
    const RREF: f64 = 1.0;
    let r = (t.distance * t.distance + c.h * c.h).sqrt();
    (c.c1 + c.c2 * (t.mag - MREF)) * ln(r / RREF) / LN_10 + c.c3 * (r - RREF)
}
