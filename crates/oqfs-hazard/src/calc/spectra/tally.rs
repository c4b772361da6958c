//! The sums of conditional spectra while the second pass over the ruptures is on its way.

use std::ops::Range;

use super::super::accumulate::Part;
use super::super::contexts::Batch;
use super::super::disagg::SiteLevels;
use super::super::exceedance::Exceedance;
use super::super::model::Model;
use super::ConditionalSpectra;
use crate::elementary::scalar::ln;
use crate::gsim::GroundMotion;
use crate::source::Occurrence;

/// What a piece of work gives: sums of a group, (sites, models, P, 1 + 2 M).
pub struct MomentPart {
    group: usize,
    sums: Vec<f64>,
}

/// The sums of some sites.
pub struct MomentTally<'a> {
    of: &'a ConditionalSpectra,
    levels: &'a SiteLevels,
    exceedance: Exceedance,
    /// The investigation time, years.
    time: f64,
    /// The number of models of each group, and where its pairs begin.
    groups: Vec<(usize, usize)>,
    pairs: usize,
    sites: Range<usize>,
    /// By site, (pairs, P, 1 + 2 M).
    sums: Vec<Vec<f64>>,
}

impl<'a> MomentTally<'a> {
    /// Zeros, for some sites.
    pub fn new(
        model: &'a Model,
        of: &'a ConditionalSpectra,
        levels: &'a SiteLevels,
        sites: Range<usize>,
    ) -> MomentTally<'a> {
        let mut pairs = 0;
        let of_group = |group: &super::super::sources::SourceGroup| {
            let models = model.tree.gsims.models(group.trt_index).len();
            pairs += models;
            (models, pairs - models)
        };
        let groups = model.groups.iter().map(of_group).collect();
        let params = &model.job.params;
        MomentTally {
            of,
            levels,
            exceedance: Exceedance::new(params.truncation_level),
            time: params.investigation_time,
            groups,
            pairs,
            sums: sites.clone().map(|_| vec![0.0; pairs * of.width()]).collect(),
            sites,
        }
    }

    /// What sums up what the ruptures of a group contribute.
    pub fn sums(&self, group: usize) -> MomentSums<'_> {
        let (models, _) = self.groups[group];
        MomentSums { of: self, group, models, sums: vec![0.0; self.sites.len() * models * self.of.width()] }
    }

    /// Take what a piece gave.
    pub fn take(&mut self, part: MomentPart) {
        let (models, first) = self.groups[part.group];
        let width = self.of.width();
        for (of_site, sums) in self.sums.iter_mut().zip(part.sums.chunks((models * width).max(1))) {
            of_site[first * width..].iter_mut().zip(sums).for_each(|(sum, x)| *sum += x);
        }
    }

    /// The sums by site, (pairs, P, 1 + 2 M).
    pub fn finish(self) -> Vec<Vec<f64>> {
        debug_assert!(self.sums.iter().all(|sums| sums.len() == self.pairs * self.of.width()));
        self.sums
    }
}

/// Sums up what ruptures of a group contribute.
pub struct MomentSums<'a> {
    of: &'a MomentTally<'a>,
    group: usize,
    models: usize,
    /// (sites, models, P, 1 + 2 M): the weights, and by intensity measure the weighted means and squares.
    sums: Vec<f64>,
}

impl MomentSums<'_> {
    /// Whether a site of a batch counts.
    pub fn counts(&self, batch: &Batch) -> bool {
        batch.sites.iter().any(|site| self.of.sites.contains(&(*site as usize)))
    }

    /// Add what a part of a model says of a batch.
    pub fn add(&mut self, batch: &Batch, part: &Part, motion: &GroundMotion) {
        let MomentTally { of, levels, exceedance, time, sites, .. } = self.of;
        let (width, imts) = (of.width(), of.correlations.len());
        // all models are used for all intensity measures
        let reference = motion.row(of.reference);
        for (u, occurrence) in batch.occurrences.iter().enumerate() {
            let site = batch.sites[u] as usize;
            if !sites.contains(&site) {
                continue;
            }
            let rate = part.weight * rate(occurrence, *time);
            let (mean, sigma) = (motion.mean[reference.clone()][u], motion.sig[reference.clone()][u]);
            let levels = &levels.of_site(site)[of.reference * of.poes..][..of.poes];
            let start = ((site - sites.start) * self.models + part.model) * width;
            for (level, sums) in levels.iter().zip(self.sums[start..start + width].chunks_mut(1 + 2 * imts)) {
                let epsilon = (level - mean) / sigma;
                let weight = rate * exceedance.of(epsilon);
                // a level that is none is minus infinity
                if weight == 0.0 || !epsilon.is_finite() {
                    continue;
                }
                sums[0] += weight;
                for (m, (sums, rho)) in sums[1..].chunks_mut(2).zip(&of.correlations).enumerate() {
                    let (mean, sigma) = (motion.mean[motion.row(m)][u], motion.sig[motion.row(m)][u]);
                    let given = mean + rho * epsilon * sigma;
                    sums[0] += weight * given;
                    sums[1] += weight * (given * given + sigma * sigma * (1.0 - rho * rho));
                }
            }
        }
    }

    /// What there is.
    pub fn part(self) -> MomentPart {
        MomentPart { group: self.group, sums: self.sums }
    }
}

/// The annual rate of a rupture. Of one that lists numbers of occurrences it is that of a Poisson process with the same probability of
/// none (engine behaviour).
fn rate(occurrence: &Occurrence, time: f64) -> f64 {
    match occurrence {
        Occurrence::Rate(rate) => *rate,
        Occurrence::Counts(_) => -ln(occurrence.no_exceedance(1.0, time)) / time,
    }
}
