//! Hazard curves on the ground of sites from those on rock, by convolution with amplification functions.
//!
//! The rate at which motion on rock is in a small interval, times the probability that amplified it exceeds a level on soil, summed
//! over the intervals (Bazzurro and Cornell, 2004, Nonlinear soil-site effects in probabilistic seismic-hazard analysis, Bulletin of
//! the Seismological Society of America 94(6), 2110-2123). Intervals are those of the engine.

use super::CalcError;
use super::exceedance::normal_cdf;
use crate::elementary::scalar::{exp10, ln, log10};
use crate::gsim::{Imt, Param, interpolate};
use crate::job::{AmplificationMethod, Job};
use crate::nrml::amplification::{self, AmplificationFunction, AmplificationTable};
use crate::site::SiteCollection;

/// Probabilities below this are none on rock.
const LEAST: f64 = 1e-100;

/// Makes curves on soil of those on rock.
#[derive(Clone, Debug)]
pub struct Amplifier {
    /// The levels on rock, the same for all intensity measures.
    rock: Vec<f64>,
    /// The levels on soil.
    soil: Vec<f64>,
    /// Ends of the intervals that motion on rock is cut into.
    ends: Vec<f64>,
    /// The function of each site.
    of_site: Vec<usize>,
    functions: Vec<AmplificationFunction>,
}

impl Amplifier {
    /// For a job and its sites; `None` if the job amplifies no curves.
    ///
    /// # Errors
    /// If the functions do not fit the intensity measures or the sites.
    pub fn of(job: &Job, sites: &SiteCollection) -> Result<Option<Amplifier>, CalcError> {
        let Some(params) = &job.params.amplification else { return Ok(None) };
        let AmplificationMethod::Convolution { soil_intensities, vs30_tolerance } = &params.method else {
            return Ok(None);
        };
        let fail = |message: String| CalcError::from(job.error(params.file.line, message));
        let table = amplification::read(&params.file.path, false)?;
        check_rock(sites, *vs30_tolerance, table.vs30_ref).map_err(fail)?;
        let imtls = job.params.imtls();
        let rock = imtls[0].1.clone();
        if let Some((imt, _)) = imtls.iter().find(|(imt, levels)| !imt.is_spectral() || *levels != rock) {
            let message = format!("{imt}: only PGA and SA can be amplified, and all must have the same levels");
            return Err(fail(message));
        }
        let (functions, of_site) = of_sites(table, imtls, sites).map_err(fail)?;
        let ends = ends(&rock, soil_intensities);
        Ok(Some(Amplifier { rock, soil: soil_intensities.clone(), ends, of_site, functions }))
    }

    /// The curves of a site on soil, (M, A), from those on rock, (M, L): probabilities of exceedance.
    pub fn amplify(&self, site: usize, on_rock: &[f64], on_soil: &mut [f64]) {
        let function = &self.functions[self.of_site[site]];
        let curves = on_rock.chunks(self.rock.len()).zip(on_soil.chunks_mut(self.soil.len()));
        for ((rock, soil), factors) in curves.zip(&function.factors) {
            soil.fill(0.0);
            let mut hazard = self.rock.iter().zip(rock).filter(|(_, poe)| **poe > LEAST);
            let curve: Vec<(f64, f64)> = hazard.clone().map(|(level, poe)| (log10(*level), log10(*poe))).collect();
            let highest = hazard.next_back().map_or(0.0, |(level, _)| *level);
            let ends = &self.ends[..self.ends.partition_point(|end| *end <= highest)];
            let poes: Vec<f64> = ends.iter().map(|end| exp10(interpolate(&curve, log10(*end)))).collect();
            for (ends, poes) in ends.windows(2).zip(poes.windows(2)) {
                let middle = (ends[1] - ends[0]) / 2.0 + ends[0];
                let (factor, scatter) = (interpolate(&factors.median, middle), interpolate(&factors.sigma, middle));
                for (poe, level) in soil.iter_mut().zip(&self.soil) {
                    *poe += (1.0 - cdf(ln(level / middle), ln(factor), scatter)) * (poes[0] - poes[1]);
                }
            }
        }
    }
}

/// The functions of a table, with the intensity measures of a job, and which one each site has.
pub(super) fn of_sites(
    table: AmplificationTable,
    imtls: &[(Imt, Vec<f64>)],
    sites: &SiteCollection,
) -> Result<(Vec<AmplificationFunction>, Vec<usize>), String> {
    let (codes, functions): (Vec<String>, Vec<AmplificationFunction>) = table.functions.into_iter().unzip();
    let functions = functions.into_iter().map(|f| for_imts(f, imtls)).collect::<Result<_, _>>()?;
    let place = |code: &String| match codes.iter().position(|known| known == code) {
        Some(place) => Ok(place),
        None if code.is_empty() && codes.len() == 1 => Ok(0),
        None => Err(format!("a site has the ampcode {code:?}; the functions are for {}", codes.join(", "))),
    };
    Ok((functions, sites.ampcodes().iter().map(place).collect::<Result<_, _>>()?))
}

/// The sites must be on the rock of the functions.
fn check_rock(sites: &SiteCollection, tolerance: f64, vs30_ref: f64) -> Result<(), String> {
    let mut vs30 = sites.param(Param::Vs30).into_iter().flatten();
    match vs30.find(|vs30| tolerance >= 0.0 && (*vs30 - vs30_ref).abs() > tolerance) {
        Some(vs30) => Err(format!(
            "the functions are for rock of vs30_ref = {vs30_ref}; a site has {vs30}, beyond vs30_tolerance = {tolerance} (-1 for \
             any)"
        )),
        None => Ok(()),
    }
}

/// A function with the intensity measures of a job, in their order.
fn for_imts(function: AmplificationFunction, imtls: &[(Imt, Vec<f64>)]) -> Result<AmplificationFunction, String> {
    let of = |(imt, _): &(Imt, Vec<f64>)| {
        let found = function.factors.iter().find(|factors| factors.imt == *imt);
        found.cloned().ok_or_else(|| format!("the amplification functions have no {imt}"))
    };
    Ok(AmplificationFunction { factors: imtls.iter().map(of).collect::<Result<_, _>>()? })
}

/// The ends of intervals over the levels on rock, each a tenth of the least step on soil closer (engine behaviour).
fn ends(rock: &[f64], soil: &[f64]) -> Vec<f64> {
    let least = soil.windows(2).map(|w| w[1] / w[0]).fold(f64::INFINITY, f64::min);
    let ratio = (least * 0.9).clamp(1.05, 1.1);
    let (first, last) = (rock[0], rock[rock.len() - 1]);
    let next = |end: &f64| (*end < last).then_some(end * ratio);
    std::iter::successors(Some(first), next).collect()
}

/// The normal distribution; a step for a standard deviation of zero.
pub(super) fn cdf(x: f64, mean: f64, sigma: f64) -> f64 {
    match sigma == 0.0 {
        true if x == mean => 0.5,
        true => f64::from(x > mean),
        false => normal_cdf((x - mean) / sigma),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nrml::amplification::Factors;

    fn function(imt: f64, factor: f64, scatter: f64) -> AmplificationFunction {
        let (median, sigma) = (vec![(0.0, factor)], vec![(0.0, scatter)]);
        AmplificationFunction { factors: vec![Factors { imt: Imt::sa(imt).unwrap(), median, sigma }] }
    }

    /// A curve on soil of one on rock that falls with the square of the level, for one factor and scatter.
    fn amplified(factor: f64, scatter: f64) -> (Vec<f64>, Vec<f64>) {
        let rock: Vec<f64> = (0..60).map(|i| 0.005 * 1.12f64.powi(i)).collect();
        let soil = vec![0.02, 0.05, 0.1, 0.2];
        let ends = ends(&rock, &soil);
        let poes: Vec<f64> = rock.iter().map(|level| 1e-6 / (level * level)).collect();
        let amplifier = Amplifier {
            rock,
            soil: soil.clone(),
            ends,
            of_site: vec![0],
            functions: vec![function(0.2, factor, scatter)],
        };
        let mut on_soil = vec![0.0; soil.len()];
        amplifier.amplify(0, &poes, &mut on_soil);
        (soil, on_soil)
    }

    // an interval is as wide as 10 % of its level
    const WIDTH: f64 = 0.1;

    #[test]
    fn a_factor_without_scatter_moves_the_curve() {
        for factor in [1.0, 2.0, 0.5] {
            let (levels, poes) = amplified(factor, 0.0);
            for (level, poe) in levels.iter().zip(poes) {
                let expected = 1e-6 * (factor / level).powi(2);
                assert!((poe / expected - 1.0).abs() < 2.0 * WIDTH, "{factor} {level}: {poe}, {expected}");
            }
        }
    }

    #[test]
    fn scatter_adds_to_a_curve_as_the_log_normal_moment_says() {
        // the convolution of a power law of slope k with a log-normal factor: exp(k² σ² / 2) times more
        let (levels, poes) = amplified(1.5, 0.4);
        for (level, poe) in levels.iter().zip(poes) {
            let expected = 1e-6 * (1.5 / level).powi(2) * (4.0f64 * 0.16 / 2.0).exp();
            assert!((poe / expected - 1.0).abs() < 2.0 * WIDTH, "{level}: {poe}, {expected}");
        }
    }

    #[test]
    fn no_hazard_stays_none() {
        let amplifier = Amplifier {
            rock: vec![0.1, 0.2],
            soil: vec![0.1, 0.2],
            ends: ends(&[0.1, 0.2], &[0.1, 0.2]),
            of_site: vec![0],
            functions: vec![function(1.0, 2.0, 0.3)],
        };
        let mut on_soil = vec![1.0; 2];
        amplifier.amplify(0, &[0.0, 0.0], &mut on_soil);
        assert_eq!(on_soil, [0.0, 0.0]);
    }
}
