//! From contexts to expected numbers of exceedances by bin.

use std::ops::Range;

use super::super::accumulate::Part;
use super::super::contexts::Batch;
use super::super::dependence::Sum;
use super::super::model::Model;
use super::Disaggregation;
use super::by_source::Contributions;
use super::epsilon::Epsilon;
use super::rows::Rows;
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

    /// Those of a site, (M, P).
    pub fn of_site(&self, site: usize) -> &[f64] {
        &self.by_site[site]
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

/// The rows of a piece of work or of a part of it.
pub struct Pair {
    /// Keys are (site, magnitude, distance); values (models, M, P, E).
    pub distances: Rows,
    /// Keys are (site, magnitude, longitude, latitude); values (models, M, P).
    pub places: Option<Rows>,
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
    disaggregation: &'a Disaggregation,
    levels: &'a SiteLevels,
    epsilon: &'a Epsilon,
    /// Which models count.
    wanted: Vec<bool>,
    /// The sites that count.
    sites: Range<usize>,
    /// The investigation time, years.
    time: f64,
    /// How ruptures are summed up, and what their probabilities are multiplied by before.
    sum: Sum,
    share: f64,
    pub binned: Binned,
    /// By source too, if that is wanted and ruptures are independent.
    pub contributions: Option<Contributions<'a>>,
    /// The sites (from the first that counts) and bins of magnitude of the contexts since this was emptied.
    pub met: Vec<bool>,
    rowed: Vec<Option<Rowed>>,
    /// The probabilities of a batch by models that are made of several, (U, M, P, E).
    mixed: Vec<f64>,
    /// Those of a context, (E).
    poes: Vec<f64>,
}

/// The levels and bins of epsilon, and the sites that count.
type What<'a> = ((&'a SiteLevels, &'a Epsilon), Range<usize>);

impl<'a> Splitter<'a> {
    /// Empty. `wanted` says which models count, `how` how ruptures are summed up.
    pub fn new(
        disaggregation: &'a Disaggregation,
        ((levels, epsilon), sites): What<'a>,
        wanted: Vec<bool>,
        time: f64,
        (sum, share): (Sum, f64),
        (is_apart, contributions): (bool, Option<Contributions<'a>>),
    ) -> Splitter<'a> {
        let (mags, width) = (disaggregation.bins.count(DisaggAxis::Mag), wanted.len() * disaggregation.levels);
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
            wanted,
            met: vec![false; sites.len() * mags],
            sites,
            time,
            sum,
            share,
            binned,
            contributions,
            rowed: Vec::new(),
            mixed: Vec::new(),
            poes: vec![0.0; epsilon.count()],
        }
    }

    /// From here on contexts are those of this source.
    pub fn begin(&mut self, source: usize) {
        self.contributions.iter_mut().for_each(|contributions| contributions.begin(source));
    }

    /// Find the rows of the contexts of a batch; whether any counts.
    pub fn find_rows(&mut self, batch: &Batch) -> bool {
        let bins = &self.disaggregation.bins;
        let mags = bins.count(DisaggAxis::Mag);
        let columns = [Param::Mag, Param::Rrup, Param::Clon, Param::Clat].map(|param| batch.contexts.column(param));
        self.rowed.clear();
        self.contributions.iter_mut().for_each(Contributions::clear);
        for (u, &site) in batch.sites.iter().enumerate() {
            let site = site as usize;
            let [mag, dist, lon, lat] = columns.map(|column| column[u]);
            let counts = self.sites.contains(&site) && self.levels.has_hazard(site);
            let binned = counts.then(|| bins.of_mag(mag)).flatten();
            let binned = binned.map(|mag| (site - self.sites.start, mag, bins.of_dist(dist)));
            self.contributions.iter_mut().for_each(|contributions| contributions.find(binned));
            let Some((here, mag, dist)) = binned else {
                self.rowed.push(None);
                continue;
            };
            self.met[here * mags + mag] = true;
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
        self.rowed.iter().any(Option::is_some)
    }

    /// Add what a part of a model says of a batch.
    pub fn split(&mut self, batch: &Batch, part: &Part, motion: &GroundMotion) {
        if self.wanted[part.model] {
            (0..part.places.len()).for_each(|k| self.split_one(batch, part, k, motion));
        }
    }

    /// The same in the `k`-th of its intensity measures.
    fn split_one(&mut self, batch: &Batch, part: &Part, k: usize, motion: &GroundMotion) {
        let (row, m) = (motion.row(k), part.places[k]);
        let (means, sigmas) = (&motion.mean[row.clone()], &motion.sig[row]);
        let (bins, all) = (self.epsilon.count(), self.disaggregation.levels);
        let count = all / self.disaggregation.imts.max(1);
        let is_whole = part.is_first && part.is_last;
        if !is_whole {
            self.mixed.resize(self.mixed.len().max(batch.sites.len() * all * bins), 0.0);
        }
        for (u, occurrence) in batch.occurrences.iter().enumerate() {
            let Some(rowed) = self.rowed[u] else { continue };
            let (mean, sigma) = (means[u], sigmas[u]);
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
                        let sum = to_rates(occurrence, self.time, poes);
                        let sums = &mut distances.values[row + of_model * bins..][..bins];
                        sums.iter_mut().zip(&*poes).for_each(|(sum, rate)| *sum += rate);
                        if let (Some(places), Some(row)) = (places, by_place) {
                            places.values[row + of_model] += sum;
                        }
                        if let Some(contributions) = &mut self.contributions {
                            contributions.add(u, (part.model, m), at * bins, poes);
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

/// Make probabilities of exceedance by bin of epsilon the annual rates that a rupture contributes; their sum.
fn to_rates(occurrence: &Occurrence, time: f64, poes: &mut [f64]) -> f64 {
    let mut all = 0.0;
    for poe in poes {
        *poe = match occurrence {
            Occurrence::Rate(rate) => rate * *poe,
            Occurrence::Counts(_) => -ln(occurrence.no_exceedance(*poe, time)) / time,
        };
        all += *poe;
    }
    all
}
