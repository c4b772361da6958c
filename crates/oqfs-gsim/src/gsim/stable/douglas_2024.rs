//! Douglas et al. (2024), for the United Kingdom, in 162, 5 or 3 branches.
//!
//! Douglas J., Aldama-Bustos G., Tallett-Williams S., Daví M., Tromans I., 2024. Ground-motion models for earthquakes occurring in
//! the United Kingdom. Bulletin of Earthquake Engineering 22, 4265-4302, doi:10.1007/s10518-024-01943-8, with its errata.
//!
//! - Component: geometric mean. Units: g.
//!
//! The names say the distance and how many branches there are. Arguments: `branch`, its number; `weightopt`, for those of 5 and 3
//! branches: whether the coefficients are of the `original` weights of the 162, or `updated` by records. The publication has no
//! standard deviation; that of Al Atik (2015), which is ergodic, stands in its place. As in the engine, it changes twice as fast
//! with magnitude as it should between 5.5 and 6.5.

use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::{exp, ln};
use crate::elementary::scalar;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::plain::LN_G;
use crate::gsim::registry::{Made, Model, models};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

const RJB: ModelInfo = ModelInfo {
    name: "Douglas_Et_Al_2024Rjb",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rjb],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Douglas et al. (2024), Ground-motion models for earthquakes occurring in the United Kingdom, Bulletin of \
                Earthquake Engineering 22, 4265-4302",
    doi: Some("10.1007/s10518-024-01943-8"),
    validity: Validity::NOT_STATED,
};

const RRUP: ModelInfo = ModelInfo { params: &[Param::Mag, Param::Rrup], ..RJB };

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "Douglas_Et_Al_2024Rjb": RJB => make(Branches::All),
    "Douglas_Et_Al_2024Rjb_5branch": RJB => make(Branches::Few(5)),
    "Douglas_Et_Al_2024Rjb_3branch": RJB => make(Branches::Few(3)),
    "Douglas_Et_Al_2024Rrup": RRUP => make(Branches::AllFromFirst),
    "Douglas_Et_Al_2024Rrup_5branch": RRUP => make(Branches::Few(5)),
    "Douglas_Et_Al_2024Rrup_3branch": RRUP => make(Branches::Few(3)),
};

/// The branches of a model.
#[derive(Clone, Copy)]
enum Branches {
    /// All 162.
    All,
    /// All 162, the first by default.
    AllFromFirst,
    /// So many that stand for all.
    Few(u8),
}

fn make(info: &'static ModelInfo, arguments: &mut Arguments, branches: Branches) -> Made {
    let weights = arguments.choice("weightopt", [("original", "original"), ("updated", "updated")])?;
    let count = if let Branches::Few(count) = branches { count } else { 162 };
    let branch = match branches {
        Branches::AllFromFirst => arguments.number_or("branch", 1.0)?,
        _ => arguments.needed_number("branch")?,
    };
    if branch.fract() != 0.0 || !(1.0..=f64::from(count)).contains(&branch) {
        return Err(arguments.wrong("branch", &branch, format!("a whole number from 1 to {count}")));
    }
    let variant = match branches {
        Branches::Few(count) => format!("{count}-{weights}-{branch}"),
        _ => format!("162-{branch}"),
    };
    let coeffs = if info.params.contains(&Param::Rjb) {
        Table::parse_variant("DouglasEtAl2024_rjb.csv", include_str!("../coeffs/DouglasEtAl2024_rjb.csv"), &variant)
    } else {
        Table::parse_variant("DouglasEtAl2024_rrup.csv", include_str!("../coeffs/DouglasEtAl2024_rrup.csv"), &variant)
    };
    Ok(Arc::new(DouglasEtAl2024 { info, coeffs }))
}

coefficients! {
    struct Coeffs { b1, b2, b3, b4, b5, b6, b7, b8, b9, b10 }
}

coefficients! {
    /// Al Atik (2015), table 5.22, between periods too.
    struct Sigma { s1, s2, s3, s4 }
}

static SIGMA: LazyLock<Table<Sigma>> = table!("DouglasEtAl2024_sigma.csv");

/// Douglas et al. (2024).
#[derive(Debug)]
struct DouglasEtAl2024 {
    info: &'static ModelInfo,
    coeffs: Table<Coeffs>,
}

impl Gsim for DouglasEtAl2024 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.coeffs.check(self.info, imt)
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let kind = if self.info.params.contains(&Param::Rjb) { Param::Rjb } else { Param::Rrup };
        let [mag, distance] = ctx.columns([Param::Mag, kind]);
        let rows: Vec<Row> = imts.iter().map(|imt| Row { c: self.coeffs.at(imt), sigma: SIGMA.at(imt) }).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: mag[k],
            distance: distance[k],
            ln_beyond: [50.0, 100.0].map(|from| ln(distance[k].max(from) / from)),
        });
    }
}

/// The coefficients of one intensity measure.
#[derive(Clone, Copy)]
struct Row {
    c: Coeffs,
    sigma: Sigma,
}

/// The terms of a context that are the same for every intensity measure.
#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    distance: f64,
    /// The logarithms of the distance over 50 and 100 km, at least 0.
    ln_beyond: [f64; 2],
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        let c = &self.c;
        let near = c.b7 * exp(c.b8 * t.mag);
        let magnitude = c.b2 * t.mag + c.b3 * (8.5 - t.mag) * (8.5 - t.mag);
        let path = c.b4 * 0.5 * ln(t.distance * t.distance + near * near) + (c.b5 + c.b6 * t.mag) * t.distance;
        let far = c.b9 * t.ln_beyond[0] + c.b10 * t.ln_beyond[1];
        Estimate::total(c.b1 + magnitude + path + far - LN_G + const { scalar::ln(100.0) }, sigma(&self.sigma, t.mag))
    }
}

/// Al Atik (2015), equation 5.20, but for what the head of this file says.
#[inline(always)]
fn sigma(s: &Sigma, mag: f64) -> f64 {
    let at = |from: f64, to: f64, start: f64| from + (to - from) * (mag - start) / 0.5;
    if mag <= 4.5 {
        s.s1
    } else if mag <= 5.0 {
        at(s.s1, s.s2, 4.5)
    } else if mag <= 5.5 {
        at(s.s2, s.s3, 5.0)
    } else if mag <= 6.5 {
        at(s.s3, s.s4, 5.5) // engine behaviour
    } else {
        s.s4
    }
}
