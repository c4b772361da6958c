//! Conditional spectra: what motion goes with the level of one intensity measure, at the periods of the others.
//!
//! A rupture that exceeds the level of the reference measure is `eps` standard deviations above its mean there, and at another period
//! `rho eps` above the mean at that (Baker, 2011, Conditional mean spectrum: tool for ground-motion selection, Journal of Structural
//! Engineering 137(3), 322-331, doi 10.1061/(ASCE)ST.1943-541X.0000215). Ruptures and models weigh by the rate at which they exceed the level;
//! mean and variance over them are equations 14 and 15 of Lin, Harmsen, Baker and Luco (2013, Conditional spectrum computation incorporating
//! multiple causal earthquakes and ground-motion prediction models, Bulletin of the Seismological Society of America 103(2A), 1103-1116, doi
//! 10.1785/0120110293).

mod tally;

pub use tally::{MomentPart, MomentSums, MomentTally};

use super::CalcError;
use super::model::Model;
use super::sources::SourceGroup;
use crate::elementary::scalar::{exp, ln_1p};
use crate::gsim::CrossCorrelation;
use crate::job::{Job, PostProcessing};
use crate::logictree::FullLogicTree;
use crate::site::SiteCollection;

/// What conditional spectra a job wants.
#[derive(Clone, Debug)]
pub struct ConditionalSpectra {
    /// The place of the reference measure among the intensity measures.
    reference: usize,
    /// The correlation of each intensity measure with it.
    correlations: Vec<f64>,
    /// The number of probabilities.
    poes: usize,
}

impl ConditionalSpectra {
    /// Those of a job; `None` if it wants none.
    ///
    /// # Errors
    /// If there are more sites than the job says, if sources depend on each other, if models weigh by intensity measure, or if an intensity
    /// measure has no correlation with the reference.
    pub fn of(
        job: &Job,
        tree: &FullLogicTree,
        groups: &[SourceGroup],
        sites: &SiteCollection,
    ) -> Result<Option<ConditionalSpectra>, CalcError> {
        let (params, lines) = (&job.params, &job.params.lines);
        if params.postproc_func.as_ref() != Some(&PostProcessing::ConditionalSpectrum) {
            return Ok(None);
        }
        let refused = |message: String| Err(job.error(lines.postproc_func, format!("postproc_func: {message}")).into());
        if sites.len() > params.max_sites_disagg {
            let message = format!(
                "conditional spectra are of {} sites at most (max_sites_disagg), and there are {}",
                params.max_sites_disagg,
                sites.len()
            );
            return refused(message);
        }
        if let Some(source) = groups.iter().find(|group| group.rule.is_some()).and_then(|group| group.sources.first()) {
            let message = format!(
                "conditional spectra are of independent ruptures, and the source {} is of a group whose members depend on each other",
                source.id
            );
            return refused(message);
        }
        let imts = params.imts();
        if tree.weights_by_imt(0, &imts, params).is_some() {
            return refused(
                "conditional spectra are of models that weigh the same at all periods, and the GSIM logic tree has weights by intensity measure"
                    .to_string(),
            );
        }
        // that both are there was checked with the other parameters
        let (Some(reference), Some(model)) = (params.imt_ref.as_ref(), params.cross_correlation.as_deref()) else {
            return refused("conditional spectra need imt_ref and cross_correlation".to_string());
        };
        let model = CrossCorrelation::by_name(model)
            .ok_or_else(|| job.error(lines.cross_correlation, format!("cross_correlation: found {model:?}")))?;
        let Some(place) = imts.iter().position(|imt| imt == reference) else {
            return refused(format!("imt_ref {reference} is none of the intensity measures"));
        };
        let correlation = |imt| {
            model.between(reference, imt).ok_or_else(|| {
                let message = format!(
                    "cross_correlation: {} has none between {reference} and {imt}; leave out one or take another model",
                    model.name()
                );
                job.error(lines.cross_correlation, message)
            })
        };
        let correlations = imts.iter().map(correlation).collect::<Result<_, _>>()?;
        Ok(Some(ConditionalSpectra { reference: place, correlations, poes: params.poes.len() }))
    }

    /// The number of sums of a site and a model: for each probability the weights, and by intensity measure the weighted means and squares.
    fn width(&self) -> usize {
        self.poes * (1 + 2 * self.correlations.len())
    }
}

/// Conditional spectra, row-major. A mean is that of the engine: the exponential of the mean logarithm, g, which counts the weights of all
/// motion above the level as 1 together; what they are is [`Spectra::shares`].
#[derive(Clone, Debug)]
pub struct Spectra {
    /// N: the number of sites.
    pub sites: usize,
    /// The probabilities.
    pub poes: Vec<f64>,
    /// R: the number of realizations.
    pub realizations: usize,
    /// The periods of the intensity measures, s.
    pub periods: Vec<f64>,
    /// Mean and standard deviation of the logarithm by realization, (N, P, R, M, 2).
    pub by_realization: Vec<f64>,
    /// The same of the mean over realizations, (N, P, M, 2).
    pub mean: Vec<f64>,
    /// The rate of motion above the level over that of the probability, (N, P, R). The mean over realizations is 1 but for the interpolation of
    /// the level between those of the curve.
    pub shares: Vec<f64>,
}

impl Spectra {
    /// Zeros, before anything is known.
    pub fn before(model: &Model) -> Spectra {
        let params = &model.job.params;
        let (sites, realizations) = (model.sites.len(), model.tree.realizations.len());
        let (rows, imts) = (sites * params.poes.len(), params.imtls().len());
        Spectra {
            sites,
            poes: params.poes.clone(),
            realizations,
            periods: params.imts().iter().map(|imt| imt.period().unwrap_or(0.0)).collect(),
            by_realization: vec![0.0; rows * realizations * imts * 2],
            mean: vec![0.0; rows * imts * 2],
            shares: vec![0.0; rows * realizations],
        }
    }

    /// Those of sums by site, each of all pairs of a group and a model; zeros where a level, (M, P) by site, is none. `realizations` are those of
    /// each pair.
    ///
    /// # Errors
    /// If no site has a hazard at a probability.
    pub fn of(
        model: &Model,
        of: &ConditionalSpectra,
        realizations: &[Vec<u32>],
        moments: &[Vec<f64>],
        levels: &[Vec<f64>],
    ) -> Result<Spectra, CalcError> {
        let params = &model.job.params;
        let mut out = Spectra::before(model);
        let (imts, count) = (out.periods.len(), out.realizations);
        // the engine keeps weights in single precision
        let weights: Vec<f64> = model.tree.realizations.iter().map(|r| f64::from(r.weight as f32)).collect();
        let mut is_none = true;
        for (site, moments) in moments.iter().enumerate() {
            let by_realization = added(moments, realizations, count, of.width());
            for (p, poe) in params.poes.iter().enumerate() {
                let level = levels[site][of.reference * of.poes + p];
                if level == 0.0 {
                    continue;
                }
                is_none = false;
                let rate = -ln_1p(-poe) / params.investigation_time;
                let width = 1 + 2 * imts;
                let at = |r: usize| &by_realization[r * of.width() + p * width..][..width];
                let mut mean = vec![0.0; width];
                for (r, weight) in weights.iter().enumerate() {
                    mean.iter_mut().zip(at(r)).for_each(|(sum, x)| *sum += weight * x / rate);
                }
                let row = site * of.poes + p;
                spectrum(&mean, &mean, &mut out.mean[row * imts * 2..][..imts * 2]);
                for r in 0..count {
                    let sums: Vec<f64> = at(r).iter().map(|x| x / rate).collect();
                    out.shares[row * count + r] = sums[0];
                    let start = (row * count + r) * imts * 2;
                    spectrum(&sums, &mean, &mut out.by_realization[start..start + imts * 2]);
                }
                warn_of_levels(model, site, (p, level), exp(mean[1 + 2 * of.reference]));
            }
        }
        if is_none {
            let message = format!(
                "imt_ref: no site has a hazard of it at the probabilities {:?}; are its lowest levels low enough?",
                params.poes
            );
            return Err(model.job.error(params.lines.imt_ref, message).into());
        }
        Ok(out)
    }
}

/// A mean that is off the level by more than this share is told, as by the engine.
const FAR: f64 = 0.03;

fn warn_of_levels(model: &Model, site: usize, (p, level): (usize, f64), found: f64) {
    if (1.0 - level / found).abs() > FAR {
        let (poe, levels) = (model.job.params.poes[p], "intensity_measure_types_and_levels");
        log::warn!(
            "site {site}, probability {poe}: the conditional spectrum has {found:.5} where the mean curve has {level:.5}; more \
             {levels} bring them together"
        );
    }
}

/// The sums by realization, (R, width), of those by pair.
fn added(moments: &[f64], realizations: &[Vec<u32>], count: usize, width: usize) -> Vec<f64> {
    let mut sums = vec![0.0; count * width];
    for (of_pair, through) in moments.chunks(width.max(1)).zip(realizations) {
        for &realization in through {
            let row = &mut sums[realization as usize * width..][..width];
            row.iter_mut().zip(of_pair).for_each(|(sum, x)| *sum += x);
        }
    }
    sums
}

/// The means and the standard deviations of sums (weight; means, squares by intensity measure), these about the means of `center`.
fn spectrum(sums: &[f64], center: &[f64], out: &mut [f64]) {
    let by_imt = out.chunks_mut(2).zip(sums[1..].chunks(2)).zip(center[1..].chunks(2));
    for ((out, of_imt), center) in by_imt {
        out[0] = exp(of_imt[0]);
        let variance = of_imt[1] - 2.0 * center[0] * of_imt[0] + center[0] * center[0] * sums[0];
        out[1] = variance.max(0.0).sqrt();
    }
}
