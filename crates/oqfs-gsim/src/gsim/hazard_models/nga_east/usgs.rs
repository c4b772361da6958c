//! The NGA-East models as the United States' national maps take them.
//!
//! Petersen M.D., Shumway A.M., Powers P.M., Mueller C.S., et al., 2020. The 2018 update of the US National Seismic
//! Hazard Model: overview of model and implications. Earthquake Spectra 36(1), 5-41, doi:10.1177/8755293019878199. That
//! of 2023: doi:10.1177/87552930231215428.
//!
//! The argument `sigma_model` chooses `COLLAPSED`, the mean of two models of the total standard deviation, or one of
//! them in parts, `EPRI` or `PANEL`; with `epistemic_site` the median is averaged over the epistemic uncertainty of the
//! site term. `usgs_2023_bias_adj` and `coastal_plains_site_amp` are the adjustments of 2023, the latter after Chapman
//! and Guo (2021); `z_sed_scaling` has them depend on the thickness of sediments (`z_sed`), without which no ground is
//! taken as that of the Coastal Plain. `NGAEastUSGSGMPE` names its table, one of those of the program, by `gmpe_table`.

use std::sync::{Arc, LazyLock};

use super::coastal_plain::{self, Ratios};
use super::sigma::Stations;
use super::site::SiteTerm;
use super::{BASE, HardRock};
use crate::elementary::hypot;
use crate::elementary::scalar::{cosh, ln};
use crate::gsim::arguments::Arguments;
use crate::gsim::batch::{self, Estimate};
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::contexts::NO_DEPTH;
use crate::gsim::interpolate;
use crate::gsim::model_info::{TOTAL_AND_PARTS, TOTAL_ONLY};
use crate::gsim::motion_table::{Between, Level, Place, in_hundredths};
use crate::gsim::registry::{Made, Make, Model};
use crate::gsim::{Contexts, GroundMotion, Gsim, GsimError, Imt, ModelInfo, Param, StdDev};

const fn model(name: &'static str, make: Make) -> Model {
    let info = ModelInfo {
        name,
        std_devs: TOTAL_ONLY,
        reference: "Petersen et al. (2020), The 2018 update of the US National Seismic Hazard Model: overview of model and \
                    implications, Earthquake Spectra 36(1), 5-41",
        doi: Some("10.1177/8755293019878199"),
        ..BASE
    };
    Model { info, make }
}

macro_rules! models {
    ($($name:literal $table:literal,)+) => {
        &[
            model("NGAEastUSGSGMPE", |info, a| {
                let name = a.needed_text("gmpe_table")?;
                make(info, a, &name)
            }),
            $(model($name, |info, a| make(info, a, $table)),)+
        ]
    };
}

pub(in crate::gsim) static MODELS: &[Model] = models! {
    "NGAEastUSGSSeedSP15" "nga_east_SP15",
    "NGAEastUSGSSeed1CCSP" "nga_east_1CCSP",
    "NGAEastUSGSSeed2CVSP" "nga_east_2CVSP",
    "NGAEastUSGSSeed1CVSP" "nga_east_1CVSP",
    "NGAEastUSGSSeed2CCSP" "nga_east_2CCSP",
    "NGAEastUSGSSeedGraizer" "nga_east_Graizer",
    "NGAEastUSGSSeedB_ab95" "nga_east_B_ab95",
    "NGAEastUSGSSeedB_bca10d" "nga_east_B_bca10d",
    "NGAEastUSGSSeedB_sgd02" "nga_east_B_sgd02",
    "NGAEastUSGSSeedB_a04" "nga_east_B_a04",
    "NGAEastUSGSSeedB_bs11" "nga_east_B_bs11",
    "NGAEastUSGSSeedB_ab14" "nga_east_B_ab14",
    "NGAEastUSGSSeedHA15" "nga_east_HA15",
    "NGAEastUSGSSeedPEER_EX" "nga_east_PEER_EX",
    "NGAEastUSGSSeedPEER_GP" "nga_east_PEER_GP",
    "NGAEastUSGSSeedGraizer16" "nga_east_Graizer16",
    "NGAEastUSGSSeedGraizer17" "nga_east_Graizer17",
    "NGAEastUSGSSeedFrankel" "nga_east_Frankel",
    "NGAEastUSGSSeedYA15" "nga_east_YA15",
    "NGAEastUSGSSeedPZCT15_M1SS" "nga_east_PZCT15_M1SS",
    "NGAEastUSGSSeedPZCT15_M2ES" "nga_east_PZCT15_M2ES",
    "NGAEastUSGSSammons1" "nga_east_usgs_1",
    "NGAEastUSGSSammons2" "nga_east_usgs_2",
    "NGAEastUSGSSammons3" "nga_east_usgs_3",
    "NGAEastUSGSSammons4" "nga_east_usgs_4",
    "NGAEastUSGSSammons5" "nga_east_usgs_5",
    "NGAEastUSGSSammons6" "nga_east_usgs_6",
    "NGAEastUSGSSammons7" "nga_east_usgs_7",
    "NGAEastUSGSSammons8" "nga_east_usgs_8",
    "NGAEastUSGSSammons9" "nga_east_usgs_9",
    "NGAEastUSGSSammons10" "nga_east_usgs_10",
    "NGAEastUSGSSammons11" "nga_east_usgs_11",
    "NGAEastUSGSSammons12" "nga_east_usgs_12",
    "NGAEastUSGSSammons13" "nga_east_usgs_13",
    "NGAEastUSGSSammons14" "nga_east_usgs_14",
    "NGAEastUSGSSammons15" "nga_east_usgs_15",
    "NGAEastUSGSSammons16" "nga_east_usgs_16",
    "NGAEastUSGSSammons17" "nga_east_usgs_17",
};

coefficients! {
    /// Ramos-Sepulveda et al. (2023): bias and what hard ground adds; Goulet et al. (2017), table 5.5; the model of the
    /// panel.
    struct Coeffs {
        nga_adj, vs30_b, tau_m5, phi_m5, tau_m6, phi_m6, tau_m7, phi_m7, t1, t2, t3, t4, ss_a, ss_b,
    }
}

static COEFFS: LazyLock<Table<Coeffs>> = table!("NGAEastUSGS.csv");
static ARCHIVE: &[u8] = include_bytes!("../../tables/nga_east_usgs.zip");

/// Which standard deviations a model has.
#[derive(Clone, Copy, Debug, PartialEq)]
enum SigmaModel {
    Collapsed,
    Epri,
    Panel,
}

fn make(info: &'static ModelInfo, arguments: &mut Arguments, file: &str) -> Made {
    let choices = [("COLLAPSED", SigmaModel::Collapsed), ("EPRI", SigmaModel::Epri), ("PANEL", SigmaModel::Panel)];
    let sigma = arguments.choice("sigma_model", choices)?;
    let averages_site = arguments.flag_or("epistemic_site", true)?;
    let has_bias = arguments.flag_or("usgs_2023_bias_adj", false)?;
    let has_coast = arguments.flag_or("coastal_plains_site_amp", false)?;
    let scales = arguments.flag_or("z_sed_scaling", false)?;
    let rock = HardRock::read(arguments, ARCHIVE, file)?;
    let mut params = info.params.to_vec();
    params.extend(scales.then_some(Param::ZSed));
    let coast = if has_coast { Some(coastal_plain::ratios()) } else { None };
    let rock = HardRock { between: Between::Logarithmic, ..rock };
    Ok(Arc::new(Usgs { info, rock, params, sigma, averages_site, has_bias, coast }))
}

/// A model of the maps.
#[derive(Debug)]
struct Usgs {
    info: &'static ModelInfo,
    rock: HardRock,
    params: Vec<Param>,
    sigma: SigmaModel,
    /// Whether the median is averaged over the epistemic uncertainty of the site.
    averages_site: bool,
    /// Whether the bias is taken off.
    has_bias: bool,
    coast: Option<&'static Ratios>,
}

impl Gsim for Usgs {
    fn info(&self) -> &ModelInfo {
        self.info
    }

    fn params(&self) -> &[Param] {
        &self.params
    }

    fn std_devs(&self) -> &'static [StdDev] {
        if self.sigma == SigmaModel::Collapsed { TOTAL_ONLY } else { TOTAL_AND_PARTS }
    }

    fn check(&self, imt: &Imt) -> Result<(), GsimError> {
        self.rock.check(self.info, imt)?;
        COEFFS.check(self.info, imt)?;
        self.coast.map_or(Ok(()), |coast| coast.check(self.info, imt))
    }

    fn outside(&self, ctx: &Contexts, at: usize) -> Option<String> {
        self.rock.table.outside(ctx.column(Param::Mag)[at])
    }

    fn infers_depths(&self) -> bool {
        true
    }

    fn compute(&self, ctx: &Contexts, imts: &[Imt], out: &mut GroundMotion) {
        let [mag, rrup, vs30] = ctx.columns([Param::Mag, Param::Rrup, Param::Vs30]);
        let sediments = if self.params.contains(&Param::ZSed) { ctx.column(Param::ZSed) } else { &[] };
        let HardRock { table, between, strength } = &self.rock;
        let rows: Vec<Row> = imts.iter().map(|imt| self.row(imt)).collect();
        let strength = table.at(strength);
        batch::compute(ctx.len(), &rows, out, |k| {
            let place = table.place(mag[k], rrup[k], *between);
            // without a depth there are no sediments
            let depth = sediments.get(k).copied().filter(|depth| *depth != NO_DEPTH).unwrap_or_default();
            Terms {
                place,
                mag: mag[k],
                rrup: rrup[k],
                vs30: vs30[k],
                depth,
                depth_scale: coastal_plain::depth_scale(depth),
                ln_pga_rock: strength.ln_median(&place, *between),
            }
        });
    }
}

impl Usgs {
    fn row(&self, imt: &Imt) -> Row<'_> {
        let site = SiteTerm::at(imt);
        let of_2023 = self.has_bias || self.coast.is_some();
        Row {
            c: COEFFS.at(imt),
            stations: Stations::at(imt),
            median: self.rock.table.at(imt),
            site: if of_2023 { site.of_2023() } else { site },
            on_coast: self.coast.and_then(|coast| Some((site, coast.at(imt)?))),
            sigma: self.sigma,
            averages_site: self.averages_site,
            has_bias: self.has_bias,
        }
    }
}

#[derive(Clone, Copy)]
struct Row<'a> {
    c: Coeffs,
    stations: Stations,
    median: Level<'a>,
    site: SiteTerm,
    /// The site term that the ratios of the Coastal Plain replace, and the ratios.
    on_coast: Option<(SiteTerm, coastal_plain::AtImt)>,
    sigma: SigmaModel,
    averages_site: bool,
    has_bias: bool,
}

#[derive(Clone, Copy)]
struct Terms {
    place: Place,
    mag: f64,
    rrup: f64,
    vs30: f64,
    /// Thickness of sediments, km.
    depth: f64,
    /// How far they are those of the Coastal Plain, from 0 to 1.
    depth_scale: f64,
    ln_pga_rock: f64,
}

impl batch::Row for Row<'_> {
    type Terms = Terms;

    fn estimate(&self, t: &Terms) -> Estimate {
        let bias = if self.has_bias { (1.0 - t.depth_scale) * bias(&self.c, t.vs30) } else { 0.0 };
        let ln_pga_rock = t.ln_pga_rock + bias;
        let median = self.median.ln_median(&t.place, Between::Logarithmic) + bias;
        let mut mean = median + self.site.ln_amplification(t.vs30, ln_pga_rock);
        if self.averages_site {
            let sigma = self.site.sigma(t.vs30, ln_pga_rock);
            mean += ln(0.63 + 2.0 * 0.185 * cosh(sigma));
        }
        if let Some((site, ratios)) = self.on_coast.filter(|_| t.depth_scale > 0.0) {
            let replaced = site.ln_amplification(1000.0, ln_pga_rock) * t.depth_scale;
            mean += ratios.ln_ratio(t.depth, t.mag, t.rrup) - replaced;
        }
        let [sig, tau, phi] = self.sigma(in_hundredths(t.mag), t.vs30);
        Estimate { mean, sig, tau, phi }
    }
}

/// Ramos-Sepulveda et al. (2023).
fn bias(c: &Coeffs, vs30: f64) -> f64 {
    c.nga_adj + c.vs30_b * ln(vs30.clamp(1000.0, 2000.0) / 1000.0)
}

impl Row<'_> {
    /// Total, between and within events; 0 for the parts where both models are averaged.
    fn sigma(&self, mag: f64, vs30: f64) -> [f64; 3] {
        let parts = |[tau, phi]: [f64; 2]| [hypot(tau, phi), tau, phi];
        match self.sigma {
            SigmaModel::Epri => parts(epri(&self.c, mag)),
            SigmaModel::Panel => parts(self.panel(mag, vs30)),
            SigmaModel::Collapsed => {
                let [of_epri, of_panel] = [epri(&self.c, mag), self.panel(mag, vs30)].map(|[tau, phi]| hypot(tau, phi));
                [0.8 * of_epri + 0.2 * of_panel, 0.0, 0.0]
            }
        }
    }

    /// Between and within events after the panel.
    fn panel(&self, mag: f64, vs30: f64) -> [f64; 2] {
        let c = &self.c;
        let tau = interpolate(&[(4.5, c.t1), (5.0, c.t2), (5.5, c.t3), (6.5, c.t4)], mag);
        [tau, hypot(interpolate(&[(5.0, c.ss_a), (6.5, c.ss_b)], mag), self.stations.sigma(vs30))]
    }
}

/// Between and within events after EPRI (2013), as updated.
fn epri(c: &Coeffs, mag: f64) -> [f64; 2] {
    let of = |values: [f64; 3]| interpolate(&[(5.0, values[0]), (6.0, values[1]), (7.0, values[2])], mag);
    [of([c.tau_m5, c.tau_m6, c.tau_m7]), of([c.phi_m5, c.phi_m6, c.phi_m7])]
}
