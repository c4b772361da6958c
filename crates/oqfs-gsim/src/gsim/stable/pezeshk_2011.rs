//! Pezeshk, Zandieh and Tavakoli (2011), for eastern North America.
//!
//! Pezeshk S., Zandieh A., Tavakoli B., 2011. Hybrid empirical ground-motion prediction equations for eastern North America
//! using NGA models and updated seismological parameters. Bulletin of the Seismological Society of America 101(4),
//! 1859-1870, doi:10.1785/0120100144.
//!
//! - Component: GMRotI50. Units: g.
//! - Valid for magnitude 5 to 8, rupture distances up to 1,000 km, hard rock of 2,000 m/s and more.
//!
//! `NEHRPBC` amplifies to rock of 760 m/s with the factors of Atkinson and Adams (2013), doi:10.1139/cjce-2012-0544.

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Model;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const BASE: ModelInfo = ModelInfo {
    name: "PezeshkEtAl2011",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup],
    std_devs: TOTAL_ONLY,
    component: Component::GmRotI50,
    reference: "Pezeshk et al. (2011), Hybrid empirical ground-motion prediction equations for eastern North America using \
                NGA models and updated seismological parameters, Bulletin of the Seismological Society of America 101(4), \
                1859-1870",
    doi: Some("10.1785/0120100144"),
    validity: Validity::NOT_STATED.magnitude(5.0, 8.0).distance(Param::Rrup, 0.0, 1000.0).vs30(2000.0, f64::INFINITY),
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: BASE, make: |info, _| Ok(Arc::new(PezeshkEtAl2011 { info, amplified: false })) },
    Model {
        info: ModelInfo { name: "PezeshkEtAl2011NEHRPBC", validity: BASE.validity.on_any_ground(), ..BASE },
        make: |info, _| Ok(Arc::new(PezeshkEtAl2011 { info, amplified: true })),
    },
];

coefficients! {
    /// Table 2.
    struct Coeffs { c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, sigmareg }
}

coefficients! {
    /// log10 of the factor from hard rock to rock.
    struct Amplification { f }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("PezeshkEtAl2011.csv");
static AMPLIFICATION: LazyLock<Table<Amplification>> = table!("PezeshkEtAl2011_nehrp_bc.csv");

/// Pezeshk et al. (2011).
#[derive(Debug)]
struct PezeshkEtAl2011 {
    info: &'static ModelInfo,
    amplified: bool,
}

impl Gsim for PezeshkEtAl2011 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        COEFFS.check(self.info, imt)?;
        if self.amplified { AMPLIFICATION.check(self.info, imt) } else { Ok(()) }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup] = ctx.columns([Param::Mag, Param::Rrup]);
        let row = |imt| Row { c: COEFFS.at(imt), f: if self.amplified { AMPLIFICATION.at(imt).f } else { 0.0 } };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms { mag: mag[k], rrup: rrup[k] });
    }
}

#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    f: f64,
}

#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    rrup: f64,
}

/// Equations 3 and 6.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let r = (t.rrup * t.rrup + c.c11 * c.c11).sqrt();
        let log10 = c.c1 + (c.c2 + c.c3 * t.mag) * t.mag + attenuation(c, t.mag, r) + c.c10 * r + self.f;
        let sigma = if t.mag <= 7.0 { c.c12 * t.mag + c.c13 } else { -0.00695 * t.mag + c.c14 };
        Estimate::total(LN_10 * log10, LN_10 * (sigma * sigma + c.sigmareg * c.sigmareg).sqrt())
    }
}

/// Equation 3: geometric spreading up to 70, from 70 to 140 and beyond 140 km.
#[inline(always)]
fn attenuation(c: &Coeffs, mag: f64, r: f64) -> f64 {
    let near = ln(r.min(70.0));
    let middle = ln(r.clamp(70.0, 140.0) / 70.0);
    let far = ln(r.max(140.0) / 140.0);
    ((c.c4 + c.c5 * mag) * near + (c.c6 + c.c7 * mag) * middle + (c.c8 + c.c9 * mag) * far) / LN_10
}
