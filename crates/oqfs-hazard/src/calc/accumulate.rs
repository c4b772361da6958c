//! From contexts to annual rates of exceedance: ground motions by each model, and how often they exceed each level.

use std::ops::Range;
use std::sync::Arc;

use super::CalcError;
use super::contexts::{Batch, Evaluate};
use super::dependence::Sum;
use super::deposits::{Column, Destination};
use super::exceedance::{Exceedance, Motions, PaddedLevels};
use super::model::Model;
use super::sources::SourceGroup;
use crate::elementary::scalar::ln;
use crate::gsim::{Contexts, GroundMotion, Gsim, Imt, ImtKind, Param, to_geometric_mean};
use crate::job::Params;
use crate::logictree::GsimBranch;
use crate::source::Occurrence;

/// The levels whose exceedance is wanted, and how probable that is.
pub(super) struct Levels {
    /// The intensity measures.
    pub(super) imts: Vec<Imt>,
    /// Of each, its levels as motions are: natural logarithms, but of macroseismic intensities.
    log_levels: Vec<PaddedLevels>,
    exceedance: Exceedance,
}

impl Levels {
    /// Those of a job.
    pub(super) fn of(params: &Params) -> Levels {
        let logarithms = |(imt, levels): &(Imt, Vec<f64>)| {
            let is_intensity = imt.kind() == ImtKind::Mmi;
            let levels: Vec<f64> = levels.iter().map(|x| if is_intensity { *x } else { ln(*x) }).collect();
            PaddedLevels::new(&levels)
        };
        Levels {
            imts: params.imts(),
            log_levels: params.imtls().iter().map(logarithms).collect(),
            exceedance: Exceedance::new(params.truncation_level),
        }
    }

    /// Where rates of the `m`-th intensity measure at the sites of a tile are summed up.
    fn target<'a>(&'a self, m: usize, sites: usize, sums: &'a mut [f64]) -> Destination<'a> {
        let (exceedance, levels) = (&self.exceedance, &self.log_levels[m]);
        Destination { exceedance, levels, sites, stride: self.imts.len() * levels.count(), sums }
    }
}

/// One of the models whose probabilities of exceedance, weighted, are those of a model of the logic tree: in most cases
/// that model itself.
pub(super) struct Part {
    /// The place of the model among those of the group.
    pub(super) model: usize,
    pub(super) weight: f64,
    pub(super) gsim: Arc<dyn Gsim>,
    /// The intensity measures that the model is used for, and their places among all.
    pub(super) imts: Vec<Imt>,
    pub(super) places: Vec<usize>,
    /// Whether it is the first and the last part of its model.
    pub(super) is_first: bool,
    pub(super) is_last: bool,
}

impl Part {
    /// The parts of models, in their order.
    pub(super) fn of(branches: &[GsimBranch], params: &Params) -> Vec<Part> {
        let mut parts = Vec::new();
        for (model, branch) in branches.iter().enumerate() {
            let all = params.imts().into_iter().enumerate();
            let (places, imts) = all.filter(|(_, imt)| branch.is_used_for(imt, params)).unzip();
            let whole =
                Part { model, weight: 1.0, gsim: branch.gsim.clone(), imts, places, is_first: false, is_last: false };
            let start = parts.len();
            whole.flatten(&mut parts);
            parts[start..].first_mut().into_iter().for_each(|part| part.is_first = true);
            parts[start..].last_mut().into_iter().for_each(|part| part.is_last = true);
        }
        if params.horiz_comp_to_geom_mean {
            parts.iter_mut().for_each(|part| part.gsim = to_geometric_mean(part.gsim.clone()));
        }
        parts
    }

    /// Add it, or if it is made of others those.
    fn flatten(self, parts: &mut Vec<Part>) {
        for (share, gsim) in self.gsim.parts() {
            let (imts, places) = (self.imts.clone(), self.places.clone());
            Part { weight: self.weight * share, gsim: gsim.clone(), imts, places, ..self }.flatten(parts);
        }
        if self.gsim.parts().is_empty() {
            parts.push(self);
        }
    }
}

/// What there is of each context of a batch, for all intensity measures.
#[derive(Default)]
pub(super) struct Columns {
    /// Its annual rate, weighted as the part of a model is.
    rates: Vec<f64>,
    /// The place of its site in the tile, and where that begins among sums, (T, M, L).
    sites: Vec<u32>,
    starts: Vec<usize>,
}

impl Columns {
    /// Those of a batch, if sums of rates will do for all of its contexts; whether they do.
    fn fill(&mut self, batch: &Batch, weight: f64, first_site: usize, stride: usize) -> bool {
        self.sites.clear();
        self.sites.extend(batch.sites.iter().map(|&site| site - first_site as u32));
        self.starts.clear();
        self.starts.extend(self.sites.iter().map(|&site| site as usize * stride));
        self.rates.clear();
        self.rates.extend(batch.occurrences.iter().map_while(|occurrence| match occurrence {
            Occurrence::Rate(rate) => Some(weight * rate),
            Occurrence::Counts(_) => None,
        }));
        self.rates.len() == batch.sites.len()
    }
}

/// Sums up rates of exceedance.
pub(super) struct Accumulator<'a> {
    pub(super) model: &'a Model,
    pub(super) levels: &'a Levels,
    pub(super) parts: Vec<&'a Part>,
    pub(super) tile: Range<usize>,
    /// Contexts that wait to be summed up, by part and intensity measure of it.
    pub(super) waiting: Vec<Vec<Column>>,
    /// How ruptures are summed up.
    pub(super) sum: Sum,
    pub(super) motion: GroundMotion,
    /// Buffers.
    pub(super) columns: Columns,
    /// Probabilities of exceedance of the batch, (U, M, L), where sums of rates will not do.
    pub(super) poes: Vec<f64>,
    /// (models) of (T, M, L).
    pub(super) rates: Vec<Vec<f64>>,
    /// The first motion of which there are no probabilities.
    pub(super) refused: Option<Refused>,
}

impl Evaluate for Accumulator<'_> {
    fn evaluate(&mut self, batch: &Batch) {
        if self.refused.is_some() {
            return;
        }
        let needs_scatter = self.model.job.params.truncation_level > 0.0;
        let a_site = self.levels.imts.len() * self.model.job.params.levels();
        for place in 0..self.parts.len() {
            let part = self.parts[place];
            let are_rates = self.columns.fill(batch, part.weight, self.tile.start, a_site) && self.sum == Sum::Rates;
            part.gsim.compute(&batch.contexts, &part.imts, &mut self.motion);
            for k in 0..part.places.len() {
                let row = self.motion.row(k);
                let (mean, sigma) = (&self.motion.mean[row.clone()], &self.motion.sig[row]);
                if !are_motions(mean, sigma, needs_scatter) {
                    self.refused = Refused::first(part, k, &batch.contexts, (mean, sigma), needs_scatter);
                    return;
                }
                self.accumulate(batch, (place, k), are_rates);
            }
        }
    }
}

/// Whether every mean is a finite number, and every standard deviation one that is not negative, nor zero where motions have to
/// scatter. One pass without a branch: it runs over every motion that is computed.
pub(super) fn are_motions(mean: &[f64], sigma: &[f64], needs_scatter: bool) -> bool {
    let least = if needs_scatter { f64::MIN_POSITIVE } else { 0.0 };
    let all =
        |ok: bool, (mean, sigma): (&f64, &f64)| ok & mean.is_finite() & (*sigma >= least) & (*sigma < f64::INFINITY);
    mean.iter().zip(sigma).fold(true, all)
}

/// A motion that is none: what a model gave where it is not defined.
pub(super) struct Refused {
    /// The model, among those of the group.
    model: usize,
    /// The intensity measure.
    place: usize,
    mean: f64,
    sigma: f64,
    /// Why, if the model knows.
    outside: Option<String>,
    /// The context, in words.
    context: String,
}

impl Refused {
    /// The first of a batch by a part of a model, in its `k`-th intensity measure.
    pub(super) fn first(
        part: &Part,
        k: usize,
        contexts: &Contexts,
        (mean, sigma): (&[f64], &[f64]),
        needs_scatter: bool,
    ) -> Option<Refused> {
        let at = (0..mean.len()).find(|&u| !are_motions(&mean[u..=u], &sigma[u..=u], needs_scatter))?;
        let value = |param: &Param| Some(format!("{} {}", param.name(), contexts.column(*param).get(at)?));
        Some(Refused {
            model: part.model,
            place: part.places[k],
            mean: mean[at],
            sigma: sigma[at],
            outside: part.gsim.outside(contexts, at),
            context: part.gsim.params().iter().filter_map(value).collect::<Vec<_>>().join(", "),
        })
    }

    /// The error that stops the calculation; `source` is of `group`, of which these are the models.
    pub(super) fn error(self, models: &[GsimBranch], imts: &[Imt], group: &SourceGroup, source: usize) -> CalcError {
        let model = models[self.model].gsim.info().name.to_string();
        let (imt, id) = (imts[self.place].to_string(), group.sources[source].id.clone());
        if let Some(reason) = self.outside {
            return CalcError::Outside { model, imt, id, reason, context: self.context };
        }
        if self.mean.is_finite() && self.sigma == 0.0 {
            return CalcError::NoScatter { model, imt };
        }
        let (mean, sigma) = (self.mean, self.sigma);
        CalcError::NotFinite { model, imt, id, mean, sigma, context: self.context }
    }
}

impl Accumulator<'_> {
    /// Sum up what waits for it: after that the rates are all there.
    pub(super) fn finish(&mut self) {
        let levels = self.model.job.params.levels();
        for (part, columns) in self.parts.iter().zip(&mut self.waiting) {
            for (column, m) in columns.iter_mut().zip(&part.places) {
                let sums = &mut self.rates[part.model][m * levels..];
                column.finish(&mut self.levels.target(*m, self.tile.len(), sums));
            }
        }
    }

    /// Add what a part of a model says of a batch in the `k`-th of its intensity measures.
    fn accumulate(&mut self, batch: &Batch, (place, k): (usize, usize), are_rates: bool) {
        let part = self.parts[place];
        let Levels { imts, log_levels, exceedance } = self.levels;
        let (row, m, levels) = (self.motion.row(k), part.places[k], self.model.job.params.levels());
        let (mean, sigma) = (&self.motion.mean[row.clone()], &self.motion.sig[row]);
        let Columns { rates, sites, starts } = &self.columns;
        let sums = &mut self.rates[part.model];
        if are_rates && self.model.kernel.is_none() {
            let motions = Motions { mean, sigma, rate: rates, start: starts };
            let mut target = self.levels.target(m, self.tile.len(), &mut sums[m * levels..]);
            return self.waiting[place][k].add(motions, sites, &mut target);
        }
        let (time, all) = (self.model.job.params.investigation_time, batch.sites.len() * imts.len() * levels);
        for (u, (&site, occurrence)) in batch.sites.iter().zip(&batch.occurrences).enumerate() {
            let start = starts[u] + m * levels;
            let sums = &mut sums[start..start + levels];
            let exceed = |rate: f64, sums: &mut [f64]| match &self.model.kernel {
                None => exceedance.accumulate_one(&log_levels[m], (mean[u], sigma[u]), rate, sums),
                Some(kernel) => kernel.accumulate(exceedance, (site as usize, m), (mean[u], sigma[u]), rate, sums),
            };
            if let (Occurrence::Rate(rate), Sum::Rates) = (occurrence, self.sum) {
                exceed(part.weight * rate, sums);
                continue;
            }
            // the probabilities of all parts of a model come before what follows from them
            if self.poes.len() < all {
                self.poes.resize(all, 0.0);
            }
            let start = (u * imts.len() + m) * levels;
            let poes = &mut self.poes[start..start + levels];
            if part.is_first {
                poes.fill(0.0);
            }
            exceed(part.weight, poes);
            if part.is_last {
                // a sum of shares may be above 1 by its last digit
                poes.iter_mut().for_each(|poe| *poe = poe.min(1.0));
                self.sum.add(occurrence, time, poes, sums);
            }
        }
    }
}
