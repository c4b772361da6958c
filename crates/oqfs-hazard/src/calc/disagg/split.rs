//! From contexts to expected numbers of exceedances by bin.

use std::ops::Range;

use super::super::CalcError;
use super::super::accumulate::{Part, Refused, are_motions};
use super::super::contexts::{Batch, Evaluate};
use super::super::dependence::Sum;
use super::super::model::Model;
use super::epsilon::Epsilon;
use super::rows::Rows;
use super::{Disaggregation, Pair};
use crate::elementary::scalar::ln;
use crate::gsim::{GroundMotion, ImtKind, Param};
use crate::job::DisaggAxis;
use crate::source::Occurrence;

/// The levels that are disaggregated, as motions are: natural logarithms, but of macroseismic intensities.
pub struct SiteLevels {
    /// By site, (M, P); minus infinity where there is no hazard.
    by_site: Vec<Vec<f64>>,
}

impl SiteLevels {
    /// Of levels (M, P) by site, 0 where there is no hazard.
    pub fn of(model: &Model, levels: &[Vec<f64>]) -> SiteLevels {
        let imts = model.imts();
        let of_site = |levels: &Vec<f64>| {
            let count = levels.len() / imts.len().max(1);
            let as_motion = |(i, level): (usize, &f64)| {
                let is_intensity = imts[i / count].kind() == ImtKind::Mmi;
                if is_intensity && *level > 0.0 { *level } else { ln(*level) }
            };
            levels.iter().enumerate().map(as_motion).collect()
        };
        SiteLevels { by_site: levels.iter().map(of_site).collect() }
    }

    fn has_hazard(&self, site: usize) -> bool {
        self.by_site[site].iter().any(|level| level.is_finite())
    }
}

/// The parameters that bins ask for, with those of models, sorted.
pub fn with_params_of_bins(params: &[Param]) -> Vec<Param> {
    let mut all = params.to_vec();
    all.extend([Param::Mag, Param::Rrup, Param::Clon, Param::Clat]);
    all.sort();
    all.dedup();
    all
}

/// The rows that a context is in.
#[derive(Clone, Copy)]
enum Rowed {
    /// Of its magnitude and distance, and of its magnitude and place.
    Apart(usize, Option<usize>),
    /// Of all of these together.
    Together(usize),
}

/// What is summed up by bin, each value a model, an intensity measure, a probability and, but for places, a bin of epsilon.
pub enum Binned {
    /// Of independent ruptures: by magnitude and distance, and by magnitude and place if that is wanted.
    Apart(Pair),
    /// Of ruptures that depend on each other, whose sums are not those of their marginals: keys are (site, magnitude, distance, longitude,
    /// latitude).
    Together(Rows),
}

/// Sums up what ruptures contribute.
pub struct Splitter<'a> {
    pub disaggregation: &'a Disaggregation,
    pub levels: &'a SiteLevels,
    pub epsilon: &'a Epsilon,
    pub parts: Vec<&'a Part>,
    /// The sites that count.
    pub sites: Range<usize>,
    /// The investigation time, years.
    pub time: f64,
    /// How ruptures are summed up, and what their probabilities are multiplied by before.
    pub sum: Sum,
    pub share: f64,
    pub binned: Binned,
    /// The sites (from the first that counts) and bins of magnitude of the contexts since this was emptied.
    pub met: Vec<bool>,
    pub refused: Option<Refused>,
    motion: GroundMotion,
    rowed: Vec<Option<Rowed>>,
    /// The probabilities of a batch by models that are made of several, (U, M, P, E).
    mixed: Vec<f64>,
    /// Those of a context, (E).
    poes: Vec<f64>,
}

impl<'a> Splitter<'a> {
    /// With what it needs; `binned` is empty.
    #[allow(clippy::too_many_arguments, reason = "each is a field")]
    pub fn new(
        disaggregation: &'a Disaggregation,
        (levels, epsilon): (&'a SiteLevels, &'a Epsilon),
        parts: Vec<&'a Part>,
        models: usize,
        sites: Range<usize>,
        time: f64,
        (sum, share): (Sum, f64),
        is_apart: bool,
    ) -> Splitter<'a> {
        let (mags, width) = (disaggregation.bins.count(DisaggAxis::Mag), models * disaggregation.levels);
        let by_eps = Rows::of_width(width * epsilon.count());
        let binned = match is_apart {
            true => {
                let places = disaggregation.has_places().then(|| Rows::of_width(width));
                Binned::Apart(Pair { distances: by_eps, places })
            }
            false => Binned::Together(by_eps),
        };
        Splitter {
            disaggregation,
            levels,
            epsilon,
            parts,
            met: vec![false; sites.len() * mags],
            sites,
            time,
            sum,
            share,
            binned,
            refused: None,
            motion: GroundMotion::default(),
            rowed: Vec::new(),
            mixed: Vec::new(),
            poes: vec![0.0; epsilon.count()],
        }
    }

    /// Find the rows of the contexts of a batch.
    fn find_rows(&mut self, batch: &Batch) {
        let bins = &self.disaggregation.bins;
        let mags = bins.count(DisaggAxis::Mag);
        let columns = [Param::Mag, Param::Rrup, Param::Clon, Param::Clat].map(|param| batch.contexts.column(param));
        self.rowed.clear();
        for (u, &site) in batch.sites.iter().enumerate() {
            let site = site as usize;
            let [mag, dist, lon, lat] = columns.map(|column| column[u]);
            let counts = self.sites.contains(&site) && self.levels.has_hazard(site);
            let Some(mag) = counts.then(|| bins.of_mag(mag)).flatten() else {
                self.rowed.push(None);
                continue;
            };
            let here = site - self.sites.start;
            self.met[here * mags + mag] = true;
            let dist = bins.of_dist(dist);
            let keys = self.disaggregation.keys();
            let place = || bins.of_place(site, (lon, lat));
            self.rowed.push(Some(match &mut self.binned {
                Binned::Apart(Pair { distances, places }) => {
                    let at = distances.at(keys.distance(here, mag, dist));
                    Rowed::Apart(at, places.as_mut().map(|places| places.at(keys.place(here, mag, place()))))
                }
                Binned::Together(rows) => Rowed::Together(rows.at(keys.all(here, mag, dist, place()))),
            }));
        }
    }

    /// Add what a part of a model says of a batch in the `k`-th of its intensity measures.
    fn split(&mut self, batch: &Batch, place: usize, k: usize) {
        let part = self.parts[place];
        let (row, m) = (self.motion.row(k), part.places[k]);
        let (bins, all) = (self.epsilon.count(), self.disaggregation.levels);
        let count = all / self.disaggregation.imts.max(1);
        let is_whole = part.is_first && part.is_last;
        if !is_whole {
            self.mixed.resize(self.mixed.len().max(batch.sites.len() * all * bins), 0.0);
        }
        for (u, occurrence) in batch.occurrences.iter().enumerate() {
            let Some(rowed) = self.rowed[u] else { continue };
            let (mean, sigma) = (self.motion.mean[row.clone()][u], self.motion.sig[row.clone()][u]);
            let levels = &self.levels.by_site[batch.sites[u] as usize][m * count..(m + 1) * count];
            for (p, level) in levels.iter().enumerate().filter(|(_, level)| level.is_finite()) {
                let at = m * count + p;
                let poes = match is_whole {
                    true => &mut self.poes[..],
                    false => &mut self.mixed[(u * all + at) * bins..][..bins],
                };
                if part.is_first {
                    poes.fill(0.0);
                }
                self.epsilon.share((level - mean) / sigma, self.share * part.weight, poes);
                if !part.is_last {
                    continue;
                }
                // a sum of shares may be above 1 by its last digit
                poes.iter_mut().for_each(|poe| *poe = poe.min(1.0));
                match (&mut self.binned, rowed) {
                    (Binned::Apart(Pair { distances, places }), Rowed::Apart(row, by_place)) => {
                        let of_model = part.model * all + at;
                        let sums = &mut distances.values[row + of_model * bins..][..bins];
                        let sum = expected(occurrence, self.time, poes, sums);
                        if let (Some(places), Some(row)) = (places, by_place) {
                            places.values[row + of_model] += sum;
                        }
                    }
                    (Binned::Together(rows), Rowed::Together(row)) => {
                        let sums = &mut rows.values[row + (part.model * all + at) * bins..][..bins];
                        self.sum.add(occurrence, self.time, poes, sums);
                    }
                    // rows are found for what is summed up
                    _ => {}
                }
            }
        }
    }
}

/// Add the annual rates that a rupture contributes to bins of epsilon; their sum.
fn expected(occurrence: &Occurrence, time: f64, poes: &[f64], sums: &mut [f64]) -> f64 {
    let mut all = 0.0;
    for (sum, &poe) in sums.iter_mut().zip(poes) {
        let rate = match occurrence {
            Occurrence::Rate(rate) => rate * poe,
            Occurrence::Counts(_) => -ln(occurrence.no_exceedance(poe, time)) / time,
        };
        *sum += rate;
        all += rate;
    }
    all
}

impl Evaluate for Splitter<'_> {
    fn evaluate(&mut self, batch: &Batch) {
        if self.refused.is_some() {
            return;
        }
        self.find_rows(batch);
        if self.rowed.iter().all(Option::is_none) {
            return;
        }
        for place in 0..self.parts.len() {
            let part = self.parts[place];
            part.gsim.compute(&batch.contexts, &part.imts, &mut self.motion);
            for k in 0..part.places.len() {
                let row = self.motion.row(k);
                let (mean, sigma) = (&self.motion.mean[row.clone()], &self.motion.sig[row]);
                if !are_motions(mean, sigma, true) {
                    self.refused = Refused::first(part, k, &batch.contexts, (mean, sigma), true);
                    return;
                }
                self.split(batch, place, k);
            }
        }
    }
}

impl Splitter<'_> {
    /// An error if a motion was none; `source` is of `group`.
    pub fn check(&mut self, model: &Model, group: usize, source: usize) -> Result<(), CalcError> {
        let Some(refused) = self.refused.take() else { return Ok(()) };
        let group = &model.groups[group];
        Err(refused.error(model.tree.gsims.models(group.trt_index), &model.imts(), group, source))
    }
}
