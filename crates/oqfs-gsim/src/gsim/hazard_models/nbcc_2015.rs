//! The models of the National Building Code of Canada of 2015: tables on ground of 450 m/s, with a site term.
//!
//! Atkinson G.M., Adams J., 2013. Ground motion prediction equations for application to the 2015 Canadian national
//! seismic hazard maps. Canadian Journal of Civil Engineering 40(10), 988-998, doi:10.1139/cjce-2012-0544.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`.
//!
//! The site term is that of Boore and Atkinson (2008) on ground softer than 760 m/s, and that from hard rock to rock
//! beyond, both relative to 450 m/s. `NBCC2015_AA13` names its table by `gmpe_table`, one of those of the program; the
//! other two arguments of the engine say what the table says itself.

use std::sync::{Arc, LazyLock};

use crate::elementary::scalar::{exp, ln};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, table};
use crate::gsim::hazard_models::nrcan15::{Kind, Rock, SiteTerm};
use crate::gsim::interpolate;
use crate::gsim::model_info::TOTAL_ONLY;
use crate::gsim::motion_table::{Between, Level, MotionTable, Place};
use crate::gsim::packed;
use crate::gsim::registry::{Made, Make, Model};
use crate::gsim::{Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, Trt, Validity};

/// The model of stable crust of Canada's sixth hazard model: its tables.
pub(in crate::gsim) fn of_shm6(info: &'static ModelInfo, arguments: &mut Arguments, file: &str) -> Made {
    let made = read(info, arguments, SHM6, file)?;
    Ok(Arc::new(Nbcc2015 { velocity_factor: 9.81, ..made }))
}

/// The distances of the tables.
const RHYPO: &[Param] = &[Param::Mag, Param::Rhypo, Param::Vs30];
const RJB: &[Param] = &[Param::Mag, Param::Rjb, Param::Vs30];
const RRUP: &[Param] = &[Param::Mag, Param::Rrup, Param::Vs30];

pub(in crate::gsim) static MODELS: &[Model] = &[
    model("NBCC2015_AA13", Trt::Any, RHYPO, |info, arguments| {
        let name = arguments.needed_text("gmpe_table")?;
        arguments.ignore("REQUIRES_DISTANCES");
        arguments.ignore("DEFINED_FOR_TECTONIC_REGION_TYPE");
        make(info, arguments, &name)
    }),
    model("NBCC2015_AA13_stablecrust_low", Trt::StableShallowCrust, RHYPO, |info, a| make(info, a, "ENA_low_clC")),
    model("NBCC2015_AA13_stablecrust_central", Trt::StableShallowCrust, RHYPO, |info, a| make(info, a, "ENA_med_clC")),
    model("NBCC2015_AA13_stablecrust_high", Trt::StableShallowCrust, RHYPO, |info, a| make(info, a, "ENA_high_clC")),
    model("NBCC2015_AA13_activecrust_low", Trt::ActiveShallowCrust, RHYPO, |info, a| make(info, a, "Wcrust_low_clC")),
    model("NBCC2015_AA13_activecrust_central", Trt::ActiveShallowCrust, RHYPO, |info, a| {
        make(info, a, "Wcrust_med_clC")
    }),
    model("NBCC2015_AA13_activecrust_high", Trt::ActiveShallowCrust, RHYPO, |info, a| make(info, a, "Wcrust_high_clC")),
    model("NBCC2015_AA13_activecrustFRjb_low", Trt::ActiveShallowCrust, RJB, |info, a| {
        make(info, a, "WcrustFRjb_low_clC")
    }),
    model("NBCC2015_AA13_activecrustFRjb_central", Trt::ActiveShallowCrust, RJB, |info, a| {
        make(info, a, "WcrustFRjb_med_clC")
    }),
    model("NBCC2015_AA13_activecrustFRjb_high", Trt::ActiveShallowCrust, RJB, |info, a| {
        make(info, a, "WcrustFRjb_high_clC")
    }),
    model("NBCC2015_AA13_inslab30_low", Trt::SubductionIntraslab, RHYPO, |info, a| make(info, a, "WinslabD30_low_clC")),
    model("NBCC2015_AA13_inslab30_central", Trt::SubductionIntraslab, RHYPO, |info, a| {
        make(info, a, "WinslabD30_med_clC")
    }),
    model("NBCC2015_AA13_inslab30_high", Trt::SubductionIntraslab, RHYPO, |info, a| {
        make(info, a, "WinslabD30_high_clC")
    }),
    model("NBCC2015_AA13_inslab50_low", Trt::SubductionIntraslab, RHYPO, |info, a| make(info, a, "WinslabD50_low_clC")),
    model("NBCC2015_AA13_inslab50_central", Trt::SubductionIntraslab, RHYPO, |info, a| {
        make(info, a, "WinslabD50_med_clC")
    }),
    model("NBCC2015_AA13_inslab50_high", Trt::SubductionIntraslab, RHYPO, |info, a| {
        make(info, a, "WinslabD50_high_clC")
    }),
    model("NBCC2015_AA13_interface_low", Trt::SubductionInterface, RRUP, |info, a| {
        make(info, a, "WinterfaceCombo_lowclC")
    }),
    model("NBCC2015_AA13_interface_central", Trt::SubductionInterface, RRUP, |info, a| {
        make(info, a, "WinterfaceCombo_medclC")
    }),
    model("NBCC2015_AA13_interface_high", Trt::SubductionInterface, RRUP, |info, a| {
        make(info, a, "WinterfaceCombo_highclC")
    }),
    model("NBCC2015_AA13_offshore_low", Trt::ActiveShallowCrust, RHYPO, |info, a| make(info, a, "Woffshore_low_clC")),
    model("NBCC2015_AA13_offshore_central", Trt::ActiveShallowCrust, RHYPO, |info, a| {
        make(info, a, "Woffshore_med_clC")
    }),
    model("NBCC2015_AA13_offshore_high", Trt::ActiveShallowCrust, RHYPO, |info, a| make(info, a, "Woffshore_high_clC")),
];

const fn model(name: &'static str, trt: Trt, params: &'static [Param], make: Make) -> Model {
    let info = ModelInfo {
        name,
        trt,
        imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
        params,
        std_devs: TOTAL_ONLY,
        component: Component::RotD50,
        reference: "Atkinson and Adams (2013), Ground motion prediction equations for application to the 2015 Canadian \
                    national seismic hazard maps, Canadian Journal of Civil Engineering 40(10), 988-998",
        doi: Some("10.1139/cjce-2012-0544"),
        validity: Validity::NOT_STATED,
    };
    Model { info, make }
}

static ARCHIVE: &[u8] = include_bytes!("../tables/nbcc_2015.zip");
/// The tables of [`of_shm6`].
static SHM6: &[u8] = include_bytes!("../tables/canada_shm6.zip");
static ROCK: LazyLock<Table<Rock>> = table!("NBCC2015_rock.csv");

fn make(info: &'static ModelInfo, arguments: &mut Arguments, file: &str) -> Made {
    Ok(Arc::new(read(info, arguments, ARCHIVE, file)?))
}

fn read(
    info: &'static ModelInfo,
    arguments: &mut Arguments,
    archive: &'static [u8],
    file: &str,
) -> Result<Nbcc2015, GsimError> {
    let table = packed::table(archive, file).map_err(|expected| arguments.wrong("gmpe_table", &file, expected))?;
    let params = [Param::Mag, table.metric, Param::Vs30];
    // `check` asks for both
    let rock = [Imt::PGA, Imt::parse("SA(0.2)").unwrap_or(Imt::PGA)];
    Ok(Nbcc2015 { info, table, params, rock, velocity_factor: 1.0 })
}

#[derive(Debug)]
struct Nbcc2015 {
    info: &'static ModelInfo,
    table: MotionTable,
    params: [Param; 3],
    /// What the motion on rock is made of.
    rock: [Imt; 2],
    /// What `PGV` of the tables is in cm/s.
    velocity_factor: f64,
}

impl Gsim for Nbcc2015 {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        for imt in self.rock.iter().chain([imt]) {
            self.table.check(self.info, imt)?;
        }
        ROCK.check(self.info, imt)?;
        SiteTerm::check(self.info, imt)
    }

    fn outside(&self, ctx: &Contexts, at: usize) -> Option<String> {
        self.table.outside(ctx.column(Param::Mag)[at])
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, distance, vs30] = ctx.columns(self.params);
        let row = |imt| Row {
            median: self.table.at(imt),
            sigma: self.table.sigma(imt),
            site: SiteTerm::with(Kind::Linear, imt, ROCK.at(imt)),
            ln_unit: if imt.kind() == ImtKind::Pgv { ln(self.velocity_factor) } else { 0.0 },
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        let rock = self.rock.each_ref().map(|imt| self.table.at(imt));
        batch::compute(ctx.len(), &rows, out, |k| {
            let place = self.table.place(mag[k], distance[k], Between::Linear);
            let [pga, sa] = rock.map(|level| level.ln_median(&place, Between::Linear));
            Terms { place, vs30: vs30[k], ln_rock: ln(if vs30[k] > GROUND { 0.1f64 } else { rock_pga(pga, sa) }) }
        });
    }
}

/// The `vs30` of the tables, m/s.
const GROUND: f64 = 450.0;

/// `PGA` on rock of 760 m/s, g, by `PGA` and `SA(0.2)` on the ground of the tables, natural logarithms.
fn rock_pga(ln_pga: f64, ln_sa: f64) -> f64 {
    const POINTS: [(f64, f64); 5] = [(0.1, 0.083), (0.2, 0.165), (0.3, 0.248), (0.4, 0.331), (0.5, 0.414)];
    let pga = exp(ln_pga);
    interpolate(&POINTS, if ln_sa - ln_pga < std::f64::consts::LN_2 { 0.8 * pga } else { pga })
}

#[derive(Clone, Copy)]
struct Row<'a> {
    median: Level<'a>,
    sigma: Option<Level<'a>>,
    site: SiteTerm,
    ln_unit: f64,
}

#[derive(Clone, Copy)]
struct Terms {
    place: Place,
    vs30: f64,
    /// ln of `PGA` on rock of 760 m/s.
    ln_rock: f64,
}

impl batch::Row for Row<'_> {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        let [site, reference] = [t.vs30, GROUND].map(|vs30| self.site.ln_amplification(vs30, t.ln_rock));
        let sigma = self.sigma.map_or(0.0, |sigma| sigma.sigma(&t.place));
        Estimate::total(self.median.ln_median(&t.place, Between::Linear) - self.ln_unit + site - reference, sigma)
    }
}
