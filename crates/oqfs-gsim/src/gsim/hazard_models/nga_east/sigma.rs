//! Aleatory uncertainty of the NGA-East models, with quantiles of what is not known of it.
//!
//! Al Atik L., 2015. NGA-East: ground-motion standard deviation models for central and eastern North America. PEER Report
//! 2015/07.

use std::sync::LazyLock;

use crate::elementary::{hypot, powi};
use crate::gsim::arguments::Arguments;
use crate::gsim::chi_square;
use crate::gsim::coeffs::{Table, coefficients, table};
use crate::gsim::interpolate;
use crate::gsim::{GsimError, Imt, ImtKind, ModelInfo};

coefficients! {
    /// Within events at one station: mean and standard deviation at magnitudes of 5 and 6.5.
    struct PhiSs { mean_a, var_a, mean_b, var_b }
}

coefficients! {
    /// Between stations: mean and standard deviation.
    struct PhiS2s { mean, var }
}

coefficients! {
    /// Within events at one station, at magnitudes of 5 and 6.5.
    struct Within { a, b }
}

coefficients! {
    /// One standard deviation.
    struct One { value }
}

coefficients! {
    /// The total standard deviation at up to four magnitudes.
    pub(in crate::gsim) struct Total { s1, s2, s3, s4 }
}

static PHI_GLOBAL: LazyLock<Table<PhiSs>> = table!("NGAEast_phi_global.csv");
static PHI_CENA: LazyLock<Table<PhiSs>> = table!("NGAEast_phi_cena.csv");
static PHI_CENA_CONSTANT: LazyLock<Table<PhiSs>> = table!("NGAEast_phi_cena_constant.csv");
static PHI_S2S: LazyLock<Table<PhiS2s>> = table!("NGAEast_phi_s2s.csv");

/// A number with its standard deviation.
type Uncertain = (f64, f64);

/// A model of the standard deviation between events: magnitudes, and what holds at them for `PGV` and for accelerations.
/// Between them it is linear.
#[derive(Debug)]
struct TauModel {
    magnitudes: &'static [f64],
    pgv: &'static [Uncertain],
    sa: &'static [Uncertain],
}

/// Table 5.1.
static TAU_GLOBAL: TauModel = TauModel {
    magnitudes: &[4.5, 5.0, 5.5, 6.5],
    pgv: &[(0.3733, 0.0558), (0.3639, 0.0554), (0.3434, 0.0477), (0.3236, 0.0449)],
    sa: &[(0.4518, 0.0671), (0.4270, 0.0688), (0.3863, 0.0661), (0.3508, 0.0491)],
};

static TAU_CENA: TauModel = TauModel {
    magnitudes: &[5.0, 5.5, 6.5],
    pgv: &[(0.3477, 0.0554), (0.3281, 0.0477), (0.3092, 0.0449)],
    sa: &[(0.3730, 0.0688), (0.3375, 0.0661), (0.3064, 0.0491)],
};

static TAU_CENA_CONSTANT: TauModel = TauModel { magnitudes: &[5.0], pgv: &[(0.3441, 0.0554)], sa: &[(0.3695, 0.0688)] };

impl TauModel {
    fn of(&self, imt: &Imt) -> &'static [Uncertain] {
        if imt.kind() == ImtKind::Pgv { self.pgv } else { self.sa }
    }
}

/// Equations 5.1 to 5.5: the quantile of a standard deviation by a chi-square distribution; its mean without one.
fn at_quantile((mean, sd): Uncertain, quantile: Option<f64>) -> f64 {
    let Some(quantile) = quantile else { return mean };
    let scale = sd * sd / (2.0 * mean * mean);
    let freedom = 2.0 * powi(mean, 4) / (sd * sd);
    (scale * chi_square::quantile(quantile, freedom)).sqrt()
}

/// What the arguments of a model choose.
#[derive(Debug)]
pub(in crate::gsim) struct Choice {
    tau: &'static TauModel,
    tau_quantile: Option<f64>,
    within: Table<Within>,
    phi: &'static LazyLock<Table<PhiSs>>,
    /// Between stations, of an ergodic model.
    stations: Option<Table<One>>,
}

impl Choice {
    /// Of single stations: the arguments `tau_model`, `phi_model` and their quantiles.
    pub(in crate::gsim) fn of_stations(arguments: &mut Arguments) -> Result<Choice, GsimError> {
        let taus = [("global", &TAU_GLOBAL), ("cena", &TAU_CENA), ("cena_constant", &TAU_CENA_CONSTANT)];
        let phis = [("global", &PHI_GLOBAL), ("cena", &PHI_CENA), ("cena_constant", &PHI_CENA_CONSTANT)];
        let (tau, phi) = (arguments.choice("tau_model", taus)?, arguments.choice("phi_model", phis)?);
        let tau_quantile = quantile(arguments, "tau_quantile")?;
        let phi_quantile = quantile(arguments, "phi_ss_quantile")?;
        let within = phi.imts().map(|imt| {
            let c = phi.at(imt);
            let ends = [(c.mean_a, c.var_a), (c.mean_b, c.var_b)];
            (*imt, ends.map(|end| at_quantile(end, phi_quantile)).to_vec())
        });
        Ok(Choice { tau, tau_quantile, within: Table::of(within.collect()), phi, stations: None })
    }

    /// With the arguments `phi_s2ss_model` and its quantile too.
    fn read(arguments: &mut Arguments) -> Result<Choice, GsimError> {
        let choice = Choice::of_stations(arguments)?;
        let is_ergodic = arguments.choice("phi_s2ss_model", [("None", false), ("cena", true)])?;
        let quantile = quantile(arguments, "phi_s2ss_quantile")?;
        let station = |imt: &Imt| {
            let c = PHI_S2S.at(imt);
            (*imt, vec![at_quantile((c.mean, c.var), quantile)])
        };
        let stations = is_ergodic.then(|| Table::of(PHI_S2S.imts().map(station).collect()));
        Ok(Choice { stations, ..choice })
    }

    /// The total standard deviation by intensity measure at the magnitudes of tau; the argument `sigma_quantile`.
    fn total(&self, arguments: &mut Arguments) -> Result<Table<Total>, GsimError> {
        let quantile = quantile(arguments, "sigma_quantile")?;
        if self.tau.magnitudes.len() == 1 {
            return Err(arguments.wrong(
                "tau_model",
                &"cena_constant",
                "global or cena, for a total standard deviation",
            ));
        }
        let imts: Vec<Imt> = match &self.stations {
            Some(stations) => stations.imts().copied().collect(),
            None => self.within.imts().copied().collect(),
        };
        let row = |imt: &Imt| {
            let (within, spread) = (self.within.at(imt), self.phi.at(imt));
            let station = self.stations.as_ref().map_or((0.0, 0.0), |_| (PHI_S2S.at(imt).mean, PHI_S2S.at(imt).var));
            let at = |(&mag, &(mean, sd)): (&f64, &Uncertain)| {
                let tau = at_quantile((mean, sd), self.tau_quantile);
                let phi = hypot(between(within.a, within.b, mag), station.0);
                let phi_sd = hypot(between(spread.var_a, spread.var_b, mag), station.1);
                at_quantile((hypot(tau, phi), hypot(sd, phi_sd)), quantile)
            };
            let mut values: Vec<f64> = self.tau.magnitudes.iter().zip(self.tau.of(imt)).map(at).collect();
            values.resize(4, f64::NAN);
            (*imt, values)
        };
        Ok(Table::of(imts.iter().map(row).collect()))
    }
}

fn quantile(arguments: &mut Arguments, name: &'static str) -> Result<Option<f64>, GsimError> {
    match arguments.number(name)? {
        Some(number) if !(0.0 < number && number < 1.0) => Err(arguments.wrong(name, &number, "a number from 0 to 1")),
        found => Ok(found),
    }
}

/// Equation 5.14: linear between magnitudes of 5 and 6.5.
fn between(a: f64, b: f64, mag: f64) -> f64 {
    a + ((mag - 5.0) / 1.5).clamp(0.0, 1.0) * (b - a)
}

/// The standard deviations of a model.
#[derive(Debug)]
pub(in crate::gsim) enum Sigma {
    /// Between and within events.
    Parts(Choice),
    /// The total, at these magnitudes.
    Total(Table<Total>, &'static [f64]),
}

impl Sigma {
    /// Those that the arguments choose, in parts or in total.
    pub(super) fn read(arguments: &mut Arguments, is_total: bool) -> Result<Sigma, GsimError> {
        let choice = Choice::read(arguments)?;
        if !is_total {
            return Ok(Sigma::Parts(choice));
        }
        Ok(Sigma::Total(choice.total(arguments)?, choice.tau.magnitudes))
    }

    /// Whether there are standard deviations for an intensity measure.
    pub(in crate::gsim) fn check(&self, info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        match self {
            Sigma::Total(table, _) => table.check(info, imt),
            Sigma::Parts(choice) => {
                choice.within.check(info, imt)?;
                choice.stations.as_ref().map_or(Ok(()), |stations| stations.check(info, imt))
            }
        }
    }

    /// Those of an intensity measure that has passed [`Sigma::check`].
    pub(in crate::gsim) fn at(&self, imt: &Imt) -> AtImt {
        match self {
            Sigma::Total(table, magnitudes) => {
                let c = table.at(imt);
                AtImt::new(magnitudes, &[c.s1, c.s2, c.s3, c.s4], None)
            }
            Sigma::Parts(choice) => {
                let tau = choice.tau.of(imt);
                let mut values = [f64::NAN; 4];
                for (value, &mean) in values.iter_mut().zip(tau) {
                    *value = at_quantile(mean, choice.tau_quantile);
                }
                let within = choice.within.at(imt);
                let station = choice.stations.as_ref().map_or(0.0, |stations| stations.at(imt).value);
                AtImt::new(choice.tau.magnitudes, &values, Some([within.a, within.b, station]))
            }
        }
    }
}

coefficients! {
    /// Stewart et al. (2019): between stations on soft and on hard ground.
    pub(in crate::gsim) struct Stations { s2s1, s2s2 }
}

static STATIONS: LazyLock<Table<Stations>> = table!("NGAEastUSGS.csv");

impl Stations {
    /// Of an intensity measure that the models of the United States' maps define.
    pub(in crate::gsim) fn at(imt: &Imt) -> Stations {
        STATIONS.at(imt)
    }

    /// The standard deviation between stations of a `vs30`, m/s.
    pub(in crate::gsim) fn sigma(&self, vs30: f64) -> f64 {
        interpolate(&[(1200.0, self.s2s1), (1500.0, self.s2s2)], vs30)
    }
}

/// The standard deviations of one intensity measure.
#[derive(Clone, Copy, Debug)]
pub(in crate::gsim) struct AtImt {
    /// The total or that between events, at up to four magnitudes.
    points: [(f64, f64); 4],
    count: usize,
    /// Within events at magnitudes of 5 and 6.5, and between stations, if they stand apart.
    within: Option<[f64; 3]>,
}

impl AtImt {
    fn new(magnitudes: &[f64], values: &[f64; 4], within: Option<[f64; 3]>) -> AtImt {
        let mut points = [(f64::NAN, f64::NAN); 4];
        for ((point, &mag), &value) in points.iter_mut().zip(magnitudes).zip(values) {
            *point = (mag, value);
        }
        AtImt { points, count: magnitudes.len(), within }
    }

    /// Total, between and within events; 0 for the parts where there is the total alone.
    pub(in crate::gsim) fn at(&self, mag: f64) -> [f64; 3] {
        let first = interpolate(&self.points[..self.count], mag);
        match self.within {
            None => [first, 0.0, 0.0],
            Some([a, b, station]) => {
                let phi = hypot(between(a, b, mag), station);
                [hypot(first, phi), first, phi]
            }
        }
    }
}
