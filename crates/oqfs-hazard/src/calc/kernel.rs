//! The motion of each rupture on the ground of sites from that on rock (`amplification_method = kernel`).
//!
//! The probability that a rupture's motion on rock is in an interval, times the probability that amplified it exceeds a level on
//! soil, summed over the intervals (Cramer, 2003, Site-specific seismic-hazard analysis that is completely probabilistic, Bulletin
//! of the Seismological Society of America 93(4), 1841-1846). Intervals are those of the engine.

use super::CalcError;
use super::amplification::{cdf, of_sites};
use super::exceedance::{Exceedance, PaddedLevels};
use crate::digest::digested;
use crate::elementary::scalar::{exp, ln};
use crate::gsim::{Imt, interpolate};
use crate::job::{AmplificationMethod, Job};
use crate::nrml::amplification::{self, Factors};
use crate::site::SiteCollection;

/// How many ends of intervals there are.
const ENDS: usize = 40;

/// The intervals reach so many of the greatest standard deviations of amplification beyond the levels.
const REACH: f64 = 4.0;

/// Makes probabilities of exceedance on soil of the distribution of motion on rock.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// The logarithms of the ends of intervals of motion on rock, of each intensity measure.
    ends: Vec<PaddedLevels>,
    /// The function of each site.
    of_site: Vec<usize>,
    /// Of each function and intensity measure the probability that motion of an interval exceeds a level, (ENDS - 1, L).
    shares: Vec<Vec<Vec<f64>>>,
}

digested!(struct Kernel { ends, of_site, shares });

impl Kernel {
    /// For a job and its sites; `None` if the job amplifies no ruptures.
    ///
    /// # Errors
    /// If the functions do not fit the intensity measures or the sites.
    pub fn of(job: &Job, sites: &SiteCollection) -> Result<Option<Kernel>, CalcError> {
        let params = job.params.amplification.as_ref();
        let Some(params) = params.filter(|a| a.method == AmplificationMethod::Kernel) else { return Ok(None) };
        let fail = |message: String| CalcError::from(job.error(params.file.line, message));
        let table = amplification::read(&params.file.path, true)?;
        let imtls = job.params.imtls();
        if let Some((imt, _)) = imtls.iter().find(|(imt, _)| !imt.is_spectral()) {
            return Err(fail(format!("{imt}: only PGA and SA can be amplified")));
        }
        let reach = REACH * table.max_sigma;
        let (functions, of_site) = of_sites(table, imtls, sites).map_err(fail)?;
        let ends: Vec<[f64; ENDS]> = imtls.iter().map(|(_, levels)| ends(levels, reach)).collect();
        let of_imt = |((factors, (_, levels)), ends): ((&Factors, &(Imt, Vec<f64>)), _)| shares(factors, levels, ends);
        let of_function = |factors: &Vec<Factors>| factors.iter().zip(imtls).zip(&ends).map(of_imt).collect();
        let shares = functions.iter().map(|function| of_function(&function.factors)).collect();
        let ends = ends.iter().map(|ends| PaddedLevels::new(ends)).collect();
        Ok(Some(Kernel { ends, of_site, shares }))
    }

    /// Add `rate` times the probability of exceeding each level of the `m`-th intensity measure at a site to `rates`. `mean` and
    /// `sigma` are of the logarithm of motion on rock.
    pub fn accumulate(
        &self,
        rock: &Exceedance,
        (site, m): (usize, usize),
        (mean, sigma): (f64, f64),
        rate: f64,
        rates: &mut [f64],
    ) {
        let mut exceedances = [0.0; ENDS];
        rock.accumulate_one(&self.ends[m], (mean, sigma), rate, &mut exceedances);
        let shares = self.shares[self.of_site[site]][m].chunks_exact(rates.len());
        for (ends, shares) in exceedances.windows(2).zip(shares) {
            let inside = ends[0] - ends[1];
            if inside > 0.0 {
                rates.iter_mut().zip(shares).for_each(|(sum, share)| *sum += inside * share);
            }
        }
    }
}

fn ends(levels: &[f64], reach: f64) -> [f64; ENDS] {
    let first = ln(levels[0]) - reach;
    let last = ln(levels[levels.len() - 1]) + reach;
    let step = (last - first) / (ENDS - 1) as f64;
    std::array::from_fn(|i| if i == ENDS - 1 { last } else { first + step * i as f64 })
}

/// See [`Kernel::shares`].
fn shares(factors: &Factors, levels: &[f64], ends: &[f64; ENDS]) -> Vec<f64> {
    let of_interval = |ends: &[f64]| {
        let middle = (exp(ends[0]) + exp(ends[1])) / 2.0;
        let (factor, scatter) = (interpolate(&factors.median, middle), interpolate(&factors.sigma, middle));
        let share = |level: &f64| 1.0 - cdf(ln(level / middle), ln(factor), scatter);
        levels.iter().map(share).collect::<Vec<f64>>()
    };
    ends.windows(2).flat_map(of_interval).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kernel(factor: f64, scatter: f64, levels: &[f64]) -> Kernel {
        let factors = Factors { imt: Imt::PGA, median: vec![(0.1, factor)], sigma: vec![(0.1, scatter)] };
        let ends = ends(levels, REACH * scatter);
        Kernel {
            ends: vec![PaddedLevels::new(&ends)],
            of_site: vec![0],
            shares: vec![vec![shares(&factors, levels, &ends)]],
        }
    }

    #[test]
    fn a_log_normal_factor_moves_and_widens_a_log_normal_motion() {
        let levels: Vec<f64> = (0..12).map(|i| 0.01 * 1.5f64.powi(i)).collect();
        let (mean, sigma, factor, scatter) = (0.05f64.ln(), 0.6, 1.7f64, 0.3);
        let mut rates = vec![1.0; levels.len()];
        let rock = Exceedance::new(99.0);
        kernel(factor, scatter, &levels).accumulate(&rock, (0, 0), (mean, sigma), 0.01, &mut rates);
        for (level, rate) in levels.iter().zip(rates) {
            let x = (level.ln() - mean - factor.ln()) / f64::hypot(sigma, scatter);
            // the intervals are a fifth wide, and what is below the first one does not count
            assert!(((rate - 1.0) / 0.01 - rock.of(x)).abs() < 0.02, "{level}: {rate}");
        }
    }

    #[test]
    fn motion_far_below_the_levels_gives_nothing() {
        let mut rates = vec![0.0; 2];
        kernel(2.0, 0.2, &[0.5, 1.0]).accumulate(&Exceedance::new(3.0), (0, 0), (-12.0, 0.5), 1.0, &mut rates);
        assert_eq!(rates, [0.0, 0.0]);
    }
}
