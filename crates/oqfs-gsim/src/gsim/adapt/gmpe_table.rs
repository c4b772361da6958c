//! Ground motion from a table in a file, which the argument `gmpe_table` names.
//!
//! The file holds `Mw`, `Distances` (with the attribute `metric`: `rrup`, `rjb`, `rhypo` or `repi`), and in the groups
//! `IMLs` and `Total` medians and total standard deviations of `PGA`, `PGV` and `SA`, by distance, period (`T`) and
//! magnitude. As in the engine, a group `Amplification` does nothing.

use std::sync::Arc;

use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::motion_table::{Between, Level, MotionTable, Place};
use crate::gsim::registry::{Made, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model, and the argument that names its file.
pub(in crate::gsim) const FILE: (&str, &str) = ("GMPETable", "gmpe_table");

pub(in crate::gsim) static MODELS: &[Model] = &[Model {
    info: ModelInfo {
        name: FILE.0,
        trt: Trt::ActiveShallowCrust,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params: &[Param::Mag],
        std_devs: TOTAL_ONLY,
        component: Component::Any,
        reference: "a table in a file",
        doi: None,
        validity: Validity::NOT_STATED,
    },
    make,
}];

fn make(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let (file, path) = arguments.file(FILE.1)?;
    let table = MotionTable::of_file(&*file);
    let table =
        table.map_err(|message| arguments.wrong(FILE.1, &path, format!("a table of ground motion; {message}")))?;
    Ok(of(info, table))
}

/// The model of a table.
pub(in crate::gsim) fn of(info: &'static ModelInfo, table: MotionTable) -> Arc<dyn Gsim> {
    let params = [Param::Mag, table.metric];
    Arc::new(GmpeTable { info, table, params })
}

#[derive(Debug)]
struct GmpeTable {
    info: &'static ModelInfo,
    table: MotionTable,
    params: [Param; 2],
}

impl Gsim for GmpeTable {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.table.check(self.info, imt)
    }

    fn outside(&self, ctx: &Contexts, at: usize) -> Option<String> {
        self.table.outside(ctx.column(Param::Mag)[at])
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, distance] = ctx.columns(self.params);
        let row = |imt| Row { median: self.table.at(imt), sigma: self.table.sigma(imt) };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        batch::compute(ctx.len(), &rows, out, |k| self.table.place(mag[k], distance[k], Between::Linear));
    }
}

#[derive(Clone, Copy)]
struct Row<'a> {
    median: Level<'a>,
    sigma: Option<Level<'a>>,
}

impl batch::Row for Row<'_> {
    type Terms = Place;

    fn estimate(&self, place: &Place) -> Estimate {
        let sigma = self.sigma.map_or(0.0, |sigma| sigma.sigma(place));
        Estimate::total(self.median.ln_median(place, Between::Linear), sigma)
    }
}
