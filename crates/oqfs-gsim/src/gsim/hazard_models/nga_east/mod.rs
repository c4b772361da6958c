//! The models of the NGA-East project for central and eastern North America: tables of motion on very hard rock, with a
//! site term and standard deviations.
//!
//! Goulet C.A., Bozorgnia Y., Kuehn N., Al Atik L., Youngs R.R., Graves R.W., Atkinson G.M., 2021. NGA-East ground-motion
//! characterization model part I: summary of products and model development. Earthquake Spectra 37(S1), 1231-1282,
//! doi:10.1177/87552930211018723. The median models: PEER Report 2015/04.
//!
//! - Component: RotD50. Units: g, and cm/s for `PGV`.
//! - Valid for magnitude 4 to 8.2, rupture distances up to 1,500 km, central and eastern North America.
//!
//! `TotalSigma` has the total standard deviation alone. Arguments choose the standard deviations (`tau_model`,
//! `phi_model`, `phi_s2ss_model`) and quantiles of what is not known of them, and with `site_epsilon` how many
//! epistemic standard deviations of the site term are added. `NGAEastGMPE` and `NGAEastGMPETotalSigma` name their
//! table, one of those of the program, by `gmpe_table`. The models of the United States' national maps are in `usgs`.

mod coastal_plain;
pub(in crate::gsim) mod craton;
mod sigma;
pub(in crate::gsim) mod site;
pub(in crate::gsim) mod usgs;

use std::sync::Arc;

use self::sigma::AtImt;
pub(in crate::gsim) use self::sigma::{Choice, Sigma, Stations};
use self::site::SiteTerm;
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::motion_table::{Between, Level, MotionTable, Place, in_hundredths};
use crate::gsim::packed;
use crate::gsim::registry::{Made, Make, Model};
use crate::gsim::{
    Component, Contexts, GroundMotion, Gsim, GsimError, Imt, ImtKind, ModelInfo, Param, StdDev, Trt, Validity,
};

/// What is the same for all.
const BASE: ModelInfo = ModelInfo {
    name: "NGAEastGMPE",
    trt: Trt::StableShallowCrust,
    imts: &[ImtKind::Pga, ImtKind::Pgv, ImtKind::Sa],
    params: &[Param::Mag, Param::Rrup, Param::Vs30],
    std_devs: TOTAL_AND_PARTS,
    component: Component::RotD50,
    reference: "Goulet et al. (2021), NGA-East ground-motion characterization model part I: summary of products and model \
                development, Earthquake Spectra 37(S1), 1231-1282",
    doi: Some("10.1177/87552930211018723"),
    validity: Validity::NOT_STATED.magnitude(4.0, 8.2).distance(Param::Rrup, 0.0, 1500.0),
};

const fn model(name: &'static str, std_devs: &'static [StdDev], make: Make) -> Model {
    Model { info: ModelInfo { name, std_devs, ..BASE }, make }
}

/// The models of tables: their names, with the standard deviations in parts and in total.
macro_rules! models {
    ($($parts:literal $total:literal $table:literal,)+) => {
        &[
            model("NGAEastGMPE", TOTAL_AND_PARTS, |info, a| named(info, a)),
            model("NGAEastGMPETotalSigma", TOTAL_ONLY, |info, a| named(info, a)),
            $(model($parts, TOTAL_AND_PARTS, |info, a| make(info, a, $table)),
            model($total, TOTAL_ONLY, |info, a| make(info, a, $table)),)+
        ]
    };
}

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "AlNomanCramer2015NGAEast" "AlNomanCramer2015NGAEastTotalSigma" "NGAEast_ALNOMAN_CRAMER",
    "Boore2015NGAEastA04" "Boore2015NGAEastA04TotalSigma" "NGAEast_BOORE_A04_J15",
    "Boore2015NGAEastAB14" "Boore2015NGAEastAB14TotalSigma" "NGAEast_BOORE_AB14_J15",
    "Boore2015NGAEastAB95" "Boore2015NGAEastAB95TotalSigma" "NGAEast_BOORE_AB95_J15",
    "Boore2015NGAEastBCA10D" "Boore2015NGAEastBCA10DTotalSigma" "NGAEast_BOORE_BCA10D_J15",
    "Boore2015NGAEastBS11" "Boore2015NGAEastBS11TotalSigma" "NGAEast_BOORE_BS11_J15",
    "Boore2015NGAEastSGD02" "Boore2015NGAEastSGD02TotalSigma" "NGAEast_BOORE_SGD02_J15",
    "DarraghEtAl2015NGAEast1CCSP" "DarraghEtAl2015NGAEast1CCSPTotalSigma" "NGAEast_DARRAGH_1CCSP",
    "DarraghEtAl2015NGAEast1CVSP" "DarraghEtAl2015NGAEast1CVSPTotalSigma" "NGAEast_DARRAGH_1CVSP",
    "DarraghEtAl2015NGAEast2CCSP" "DarraghEtAl2015NGAEast2CCSPTotalSigma" "NGAEast_DARRAGH_2CCSP",
    "DarraghEtAl2015NGAEast2CVSP" "DarraghEtAl2015NGAEast2CVSPTotalSigma" "NGAEast_DARRAGH_2CVSP",
    "Frankel2015NGAEast" "Frankel2015NGAEastTotalSigma" "NGAEast_FRANKEL_J15",
    "Graizer2015NGAEast" "Graizer2015NGAEastTotalSigma" "NGAEast_GRAIZER",
    "HassaniAtkinson2015NGAEast" "HassaniAtkinson2015NGAEastTotalSigma" "NGAEast_HASSANI_ATKINSON",
    "HollenbackEtAl2015NGAEastEX" "HollenbackEtAl2015NGAEastEXTotalSigma" "NGAEast_PEER_EX",
    "HollenbackEtAl2015NGAEastGP" "HollenbackEtAl2015NGAEastGPTotalSigma" "NGAEast_PEER_GP",
    "PezeschkEtAl2015NGAEastM1SS" "PezeschkEtAl2015NGAEastM1SSTotalSigma" "NGAEast_PEZESCHK_M1SS",
    "PezeschkEtAl2015NGAEastM2ES" "PezeschkEtAl2015NGAEastM2ESTotalSigma" "NGAEast_PEZESCHK_M2ES",
    "ShahjoueiPezeschk2015NGAEast" "ShahjoueiPezeschk2015NGAEastTotalSigma" "NGAEast_SHAHJOUEI_PEZESCHK",
    "YenierAtkinson2015NGAEast" "YenierAtkinson2015NGAEastTotalSigma" "NGAEast_YENIER_ATKINSON",
};

static ARCHIVE: &[u8] = include_bytes!("../../tables/nga_east.zip");

fn named(info: &'static ModelInfo, arguments: &mut Arguments) -> Made {
    let name = arguments.needed_text("gmpe_table")?;
    make(info, arguments, &name)
}

fn make(info: &'static ModelInfo, arguments: &mut Arguments, file: &str) -> Made {
    let sigma = Sigma::read(arguments, info.std_devs == TOTAL_ONLY)?;
    let epsilon = arguments.number_or("site_epsilon", 0.0)?;
    let rock = HardRock::read(arguments, ARCHIVE, file)?;
    Ok(Arc::new(NgaEast { info, rock, sigma, epsilon }))
}

/// The motion on very hard rock.
#[derive(Debug)]
struct HardRock {
    table: MotionTable,
    between: Between,
    /// What nonlinear sites depend on: `PGA`, or the shortest period of a table without it.
    strength: Imt,
}

impl HardRock {
    fn read(arguments: &Arguments, archive: &'static [u8], file: &str) -> Result<HardRock, GsimError> {
        let table = packed::table(archive, file).map_err(|expected| arguments.wrong("gmpe_table", &file, expected))?;
        let strength = match (table.median(&Imt::PGA), Imt::sa(0.01)) {
            (None, Some(short)) => short,
            _ => Imt::PGA,
        };
        Ok(HardRock { table, between: Between::Linear, strength })
    }

    /// Whether motion and site term are defined for an intensity measure.
    fn check(&self, info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        self.table.check(info, &self.strength)?;
        self.table.check(info, imt)?;
        SiteTerm::check(info, imt)
    }
}

/// A model of the project.
#[derive(Debug)]
struct NgaEast {
    info: &'static ModelInfo,
    rock: HardRock,
    sigma: Sigma,
    /// How many epistemic standard deviations the site term is off its mean.
    epsilon: f64,
}

impl Gsim for NgaEast {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.rock.check(self.info, imt)?;
        self.sigma.check(self.info, imt)
    }

    fn outside(&self, ctx: &Contexts, at: usize) -> Option<String> {
        self.rock.table.outside(ctx.column(Param::Mag)[at])
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let HardRock { table, between, strength } = &self.rock;
        let row = |imt| Row {
            median: table.at(imt),
            site: SiteTerm::at(imt),
            epsilon: self.epsilon,
            sigma: self.sigma.at(imt),
        };
        let rows: Vec<Row> = imts.iter().map(row).collect();
        let strength = table.at(strength);
        let is_total = self.info.std_devs == TOTAL_ONLY;
        batch::compute(ctx.len(), &rows, out, |k| {
            let place = table.place(mag[k], rrup[k], *between);
            Terms {
                place,
                mag: if is_total { in_hundredths(mag[k]) } else { mag[k] },
                vs30: vs30[k],
                ln_pga_rock: strength.ln_median(&place, *between),
            }
        });
    }
}

#[derive(Clone, Copy)]
struct Row<'a> {
    median: Level<'a>,
    site: SiteTerm,
    epsilon: f64,
    sigma: AtImt,
}

#[derive(Clone, Copy)]
struct Terms {
    place: Place,
    mag: f64,
    vs30: f64,
    ln_pga_rock: f64,
}

impl batch::Row for Row<'_> {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        let median = self.median.ln_median(&t.place, Between::Linear);
        let site = self.site.ln_amplification(t.vs30, t.ln_pga_rock);
        let epistemic = if self.epsilon == 0.0 { 0.0 } else { self.epsilon * self.site.sigma(t.vs30, t.ln_pga_rock) };
        let [sig, tau, phi] = self.sigma.at(t.mag);
        Estimate { mean: median + site + epistemic, sig, tau, phi }
    }
}
