//! Frankel et al. (1996), for eastern North America: tables by magnitude and distance.
//!
//! Frankel A., Mueller C., Barnhard T., Perkins D., Leyendecker E., Dickman N., Hanson S., Hopper M., 1996. National
//! seismic-hazard maps: documentation June 1996. USGS Open-File Report 96-532, doi:10.3133/ofr96532, appendix A.
//!
//! - Component: geometric mean. Units: g.
//! - Valid for moment magnitude 4.4 to 8.2, hypocentral distances of 10 to 1,000 km, a `vs30` of 760 m/s; what is
//!   beyond counts as the nearest in the table.
//!
//! Between the points of a table a bicubic spline holds, as in the engine. There is no interpolation between periods.
//! There is a greatest median, and magnitudes are converted from the scale of the variant ([`made`]).

use std::f64::consts::{LN_10, LOG10_E};
use std::sync::{Arc, LazyLock};

use crate::elementary::branchless::ln;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::bicubic::{Axis, Bicubic};
use crate::gsim::cap::cap;
use crate::gsim::magnitude::Magnitude;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::registry::Made;
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model; a variant has a name of its own.
pub(in crate::gsim) const BASE: ModelInfo = ModelInfo {
    name: "FrankelEtAl1996",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Sa],
    params: &[Param::Mag, Param::Rhypo],
    std_devs: TOTAL_ONLY,
    component: Component::GeometricMean,
    reference: "Frankel et al. (1996), National seismic-hazard maps: documentation June 1996, USGS Open-File Report \
                96-532",
    doi: Some("10.3133/ofr96532"),
    validity: Validity::NOT_STATED.magnitude(4.4, 8.2).distance(Param::Rhypo, 10.0, 1000.0),
};

/// The model for magnitudes of a scale.
pub(in crate::gsim) fn made(info: &'static ModelInfo, magnitude: Magnitude) -> Made {
    Ok(Arc::new(FrankelEtAl1996 { info, magnitude }))
}

const MAGNITUDES: Axis = Axis { start: 4.4, step: 0.2, count: 20 };
const LOG10_DISTANCES: Axis = Axis { start: 1.0, step: 0.1, count: 21 };

/// The splines of log10 of the median, g, by the logarithm of distance and by magnitude.
static TABLES: LazyLock<Vec<(Imt, Bicubic)>> =
    LazyLock::new(|| match read(include_str!("../coeffs/FrankelEtAl1996.csv")) {
        Ok(tables) => tables,
        Err(error) => panic!("coefficient table FrankelEtAl1996.csv: {error}"),
    });

/// The intensity measures one after the other, of each the distances in ascending order.
fn read(text: &str) -> Result<Vec<(Imt, Bicubic)>, String> {
    let mut values: Vec<(Imt, Vec<f64>)> = Vec::new();
    for record in csv::Reader::from_reader(text.as_bytes()).records() {
        let record = record.map_err(|e| e.to_string())?;
        let imt = Imt::parse(&record[0]).map_err(|e| e.to_string())?;
        if values.last().is_none_or(|(last, _)| *last != imt) {
            values.push((imt, Vec::new()));
        }
        let row: Result<Vec<f64>, _> = record.iter().skip(2).map(str::parse).collect();
        values.last_mut().ok_or("no row")?.1.extend(row.map_err(|e| e.to_string())?);
    }
    let spline = |(imt, values): (Imt, Vec<f64>)| {
        let expected = LOG10_DISTANCES.count * MAGNITUDES.count;
        match values.len() == expected {
            true => Ok((imt, Bicubic::new(LOG10_DISTANCES, MAGNITUDES, &values))),
            false => Err(format!("{imt} has {} values; expected {expected}", values.len())),
        }
    };
    values.into_iter().map(spline).collect()
}

fn table(imt: &Imt) -> Option<&'static Bicubic> {
    TABLES.iter().find(|(of, _)| of == imt).map(|(_, table)| table)
}

/// Frankel et al. (1996).
#[derive(Debug)]
struct FrankelEtAl1996 {
    info: &'static ModelInfo,
    magnitude: Magnitude,
}

impl Gsim for FrankelEtAl1996 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        let defined = || TABLES.iter().map(|(imt, _)| imt.to_string()).collect::<Vec<_>>().join(", ");
        match table(imt) {
            Some(_) => Ok(()),
            None => Err(GsimError::ImtNotDefined { model: self.info.name, imt: *imt, defined: defined() }),
        }
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rhypo] = ctx.columns([Param::Mag, Param::Rhypo]);
        let row = |imt| match table(imt) {
            Some(table) => Row { table, cap: cap(imt), sigma: sigma(imt) },
            None => panic!("{}: {imt} was not checked", self.info.name),
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| Terms {
            mag: self.magnitude.to_mw(mag[k]),
            log10_rhypo: ln(rhypo[k].max(10.0)) * LOG10_E,
        });
    }
}

fn sigma(imt: &Imt) -> f64 {
    LN_10 * if imt.period().is_some_and(|period| period >= 1.0) { 0.347 } else { 0.326 }
}

/// One intensity measure.
#[derive(Clone, Copy)]
struct Row {
    table: &'static Bicubic,
    /// The greatest ln-mean.
    cap: f64,
    sigma: f64,
}

#[derive(Clone, Copy)]
struct Terms {
    mag: f64,
    log10_rhypo: f64,
}

impl batch::Row for Row {
    type Terms = Terms;

    #[inline(always)]
    fn estimate(&self, t: &Terms) -> Estimate {
        Estimate::total((LN_10 * self.table.at(t.log10_rhypo, t.mag)).min(self.cap), self.sigma)
    }
}
