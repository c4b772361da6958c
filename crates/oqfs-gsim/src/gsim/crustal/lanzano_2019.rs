//! Lanzano et al. (2019), for Italy, with two measures of distance.
//!
//! Lanzano G., Luzi L., Pacor F., Felicetta C., Puglia R., Sgobba S., D'Amico M., 2019. A revised ground-motion prediction
//! model for shallow crustal earthquakes in Italy. Bulletin of the Seismological Society of America 109(2), 525-540,
//! doi:10.1785/0120180210.
//!
//! Lanzano G., Felicetta C., Pacor F., Spallarossa D., Traversa P., 2022. Generic-to-reference rock scaling factors for
//! seismic ground motion in Italy. Bulletin of the Seismological Society of America 112(3), 1583-1606,
//! doi:10.1785/0120210063.
//!
//! Sgobba S., Felicetta C., Lanzano G., Ramadan F., D'Amico M., Pacor F., 2021. NESS2.0: an updated version of the worldwide
//! dataset for calibrating and adjusting ground-motion models in near source. Bulletin of the Seismological Society of America
//! 111(5), 2358-2378, doi:10.1785/0120210080.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 3.5 to 8, distances up to 250 km, `vs30` up to 1,500 m/s.
//!
//! `RJB` takes distances to the surface projection, `RUP` to the rupture; `scaled` gives the maximum component; `RefRock`
//! scales to reference rock by `vs30` and `kappa0` (the site's, or the argument `kappa0`).

use std::f64::consts::LN_10;
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_AND_PARTS;
use crate::gsim::plain::ln_unit;
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// With distances to the surface projection.
const RJB: ModelInfo = ModelInfo {
    name: "LanzanoEtAl2019_RJB_OMO",
    trt: Trt::ActiveShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Lanzano et al. (2019), A revised ground-motion prediction model for shallow crustal earthquakes in Italy, \
                Bulletin of the Seismological Society of America 109(2), 525-540",
    doi: Some("10.1785/0120180210"),
    validity: Validity::NOT_STATED.magnitude(3.5, 8.0).distance(Param::Rjb, 0.0, 250.0).vs30(0.0, 1500.0),
};

/// With distances to the rupture.
const RUP: ModelInfo = ModelInfo {
    name: "LanzanoEtAl2019_RUP_OMO",
    params: &[Param::Mag, Param::Rake, Param::Rrup, Param::Vs30],
    validity: RJB.validity.by(Param::Rrup),
    ..RJB
};

/// For reference rock.
const REFERENCE_ROCK: ModelInfo = ModelInfo {
    name: "LanzanoEtAl2019_RJB_OMO_RefRock",
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rake, Param::Rjb, Param::Vs30, Param::Kappa0],
    ..RJB
};

pub(in crate::gsim) static MODELS: &[Model] = &[
    Model { info: RJB, make: |info, _| make(info, &COEFFS_RJB, Param::Rjb, Rock::Generic) },
    Model {
        info: ModelInfo { name: "LanzanoEtAl2019_RJB_OMOscaled", ..RJB },
        make: |info, _| make(info, &COEFFS_SCALED, Param::Rjb, Rock::Generic),
    },
    Model {
        info: ModelInfo { name: "LanzanoEtAl2019_RJB_OMO_NESS2", imts: REFERENCE_ROCK.imts, ..RJB },
        make: |info, _| make(info, &COEFFS_RJB, Param::Rjb, Rock::NearSource),
    },
    Model { info: RUP, make: |info, _| make(info, &COEFFS_RUP, Param::Rrup, Rock::Generic) },
    Model {
        info: REFERENCE_ROCK,
        make: |info, arguments| {
            let kappa0 = arguments.number("kappa0")?;
            make(info, &COEFFS_RJB, Param::Rjb, Rock::Reference { kappa0 })
        },
    },
];

fn make(info: &'static ModelInfo, coeffs: &'static LazyLock<Table<Coeffs>>, distance: Param, rock: Rock) -> Made {
    Ok(Arc::new(LanzanoEtAl2019 { info, coeffs, distance, rock }))
}

coefficients! {
    /// Table 1.
    struct Coeffs { a, b1, b2, c1, c2, c3, k, f1, f2, tau, phi_s2s, phi_0, mh, mref, h }
}

coefficients! {
    /// 2022: from generic to reference rock.
    struct RockScaling { a, b, c }
}

coefficients! {
    /// Sgobba et al. (2021), equation 4: what is added near the source.
    struct NearSource { a, b, c, f1, f2, h, mref }
}

static NEAR_SOURCE: LazyLock<Table<NearSource>> = table!("LanzanoEtAl2019_ness2.csv");
static COEFFS_RJB: LazyLock<Table<Coeffs>> = table!("LanzanoEtAl2019_rjb_omo.csv");
static COEFFS_SCALED: LazyLock<Table<Coeffs>> = table!("LanzanoEtAl2019_rjb_omoscaled.csv");
static COEFFS_RUP: LazyLock<Table<Coeffs>> = table!("LanzanoEtAl2019_rup_omo.csv");
static ROCK_SCALING: LazyLock<Table<RockScaling>> = table!("LanzanoEtAl2019_site.csv");

/// What rock the motion is for.
#[derive(Clone, Copy, Debug)]
enum Rock {
    Generic,
    /// With what is added near the source.
    NearSource,
    Reference {
        /// In place of that of the site.
        kappa0: Option<f64>,
    },
}

/// Lanzano et al. (2019).
#[derive(Debug)]
struct LanzanoEtAl2019 {
    info: &'static ModelInfo,
    coeffs: &'static LazyLock<Table<Coeffs>>,
    distance: Param,
    rock: Rock,
}

impl Gsim for LanzanoEtAl2019 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)?;
        match self.rock {
            Rock::Generic => Ok(()),
            Rock::NearSource => NEAR_SOURCE.check(self.info, imt),
            Rock::Reference { .. } => ROCK_SCALING.check(self.info, imt),
        }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rake, distance, vs30] = ctx.columns([Param::Mag, Param::Rake, self.distance, Param::Vs30]);
        let site_kappa = ctx.column(Param::Kappa0);
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            distance: distance[k],
            strike_slip: f64::from(rake[k].abs() <= 30.0 || rake[k].abs() >= 150.0),
            reverse: f64::from(rake[k] > 30.0 && rake[k] < 150.0),
            ln_vs30: ln(vs30[k].min(1500.0) / 800.0),
            ln_rock: ln(vs30[k] / 800.0),
            kappa0: match self.rock {
                Rock::Generic | Rock::NearSource => 0.0,
                Rock::Reference { kappa0 } => kappa0.unwrap_or_else(|| site_kappa[k]),
            },
        });
    }
}

impl LanzanoEtAl2019 {
    fn row(&self, imt: &Imt) -> Row {
        let c = self.coeffs.at(imt);
        let within = c.phi_s2s * c.phi_s2s + c.phi_0 * c.phi_0;
        let rock = match self.rock {
            Rock::Generic | Rock::NearSource => RockScaling { a: 0.0, b: 0.0, c: 0.0 },
            Rock::Reference { .. } => ROCK_SCALING.at(imt),
        };
        Row {
            c,
            rock,
            near_source: matches!(self.rock, Rock::NearSource).then(|| NEAR_SOURCE.at(imt)),
            ln_unit: -ln_unit(imt),
            sig: LN_10 * (c.tau * c.tau + within).sqrt(),
            tau: LN_10 * c.tau,
            phi: LN_10 * within.sqrt(),
        }
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    rock: RockScaling,
    near_source: Option<NearSource>,
    /// ln of the unit in g or cm/s.
    ln_unit: f64,
    sig: f64,
    tau: f64,
    phi: f64,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    distance: f64,
    /// 1 for strike-slip, else 0.
    strike_slip: f64,
    /// 1 for reverse faulting, else 0.
    reverse: f64,
    /// ln(VS30 / 800), VS30 at most 1,500 m/s.
    ln_vs30: f64,
    /// ln(VS30 / 800)
    ln_rock: f64,
    kappa0: f64,
}

impl Row {
    /// What is added near the source, in log10.
    #[inline(always)]
    fn near_source(&self, t: &Terms) -> f64 {
        let Some(c) = &self.near_source else { return 0.0 };
        let r = (t.distance * t.distance + c.h * c.h).sqrt();
        let style = c.f1 * t.strike_slip + c.f2 * t.reverse;
        (c.a + c.b * (t.mag - c.mref).min(0.0) + c.c * ln(r) / LN_10 + style).max(0.0)
    }
}

/// Equation 1, in log10.
impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let above = t.mag - c.mh;
        let magnitude = c.a + if above <= 0.0 { c.b1 } else { c.b2 } * above;
        let r = (t.distance * t.distance + c.h * c.h).sqrt();
        let distance = (c.c1 * (t.mag - c.mref) + c.c2) * ln(r) / LN_10 + c.c3 * r;
        let style = c.f1 * t.strike_slip + c.f2 * t.reverse;
        let rock = self.rock.a + self.rock.b * t.ln_rock / LN_10 + self.rock.c * t.kappa0;
        let log10 = magnitude + distance + style + c.k * t.ln_vs30 / LN_10 + rock + self.near_source(t);
        Estimate { mean: LN_10 * log10 + self.ln_unit, sig: self.sig, tau: self.tau, phi: self.phi }
    }
}
