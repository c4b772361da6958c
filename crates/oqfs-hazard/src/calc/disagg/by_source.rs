//! Disaggregation by source: which source, by magnitude, distance and epsilon, from the mean over all realizations.

use super::super::by_source::BySource;
use super::rows::Rows;
use super::{Disaggregation, Keys};
use crate::job::DisaggAxis;

/// A source is kept where it gives more than this share of what the first one gives, for some level (engine behaviour).
const RELEVANT: f64 = 0.1;

/// The disaggregation of a site by the sources that matter there.
#[derive(Clone, Debug)]
pub struct SourceDisaggregation {
    /// The site.
    pub site: usize,
    /// The sources that give more than a tenth of what the first one gives at some level, sorted.
    pub sources: Vec<String>,
    /// By how many exceedances in the investigation time are expected from them, the mean over realizations: (sources, magnitudes, distances,
    /// epsilon, M, P).
    pub expected: Vec<f64>,
}

impl SourceDisaggregation {
    /// One as large as is to be expected, of zeros.
    pub fn before(of: &Disaggregation, by_source: &BySource, site: usize) -> SourceDisaggregation {
        let sources: Vec<String> = by_source.names.iter().take((1.0 / RELEVANT) as usize).cloned().collect();
        let expected = vec![0.0; sources.len() * cells(of) * of.levels];
        SourceDisaggregation { site, sources, expected }
    }
}

/// The bins of magnitude, distance and epsilon.
fn cells(of: &Disaggregation) -> usize {
    use DisaggAxis::{Dist, Eps, Mag};
    [Mag, Dist, Eps].into_iter().map(|axis| of.bins.count(axis)).product()
}

/// A source is in so many bins of magnitude and distance, about, if there are as many.
const BINS_OF_SOURCE: usize = 32;

impl Disaggregation {
    /// How many bins by source something is in at a site, about.
    pub fn bins_by_source(&self) -> usize {
        let eps = self.bins.count(DisaggAxis::Eps);
        self.sources * (cells(self) / eps.max(1)).min(BINS_OF_SOURCE) * eps
    }
}

/// What the sources of a piece of work contribute to the mean.
pub struct Contributions<'a> {
    /// Keys are (site and source, magnitude, distance); values (M, P, E).
    pub rows: Rows,
    /// The weights of the models, by intensity measure.
    weights: &'a [Vec<f64>],
    of: &'a BySource,
    group: usize,
    keys: Keys,
    /// The name of the source.
    name: usize,
    /// Where the row of each context of a batch begins.
    rowed: Vec<usize>,
}

impl<'a> Contributions<'a> {
    /// None so far, for a group and so many bins of epsilon.
    pub fn new(by_source: &'a BySource, group: usize, of: &Disaggregation, bins: usize) -> Contributions<'a> {
        Contributions {
            rows: Rows::of_width(of.levels * bins),
            weights: by_source.weights(group),
            of: by_source,
            group,
            keys: of.keys(),
            name: 0,
            rowed: Vec::new(),
        }
    }

    /// From here on contexts are those of this source.
    pub fn begin(&mut self, source: usize) {
        self.name = self.of.name(self.group, source);
    }

    /// Forget the rows of the batch before.
    pub fn clear(&mut self) {
        self.rowed.clear();
    }

    /// Find the row of the next context, or of one that does not count.
    pub fn find(&mut self, bins: Option<(usize, usize, usize)>) {
        let names = self.of.names.len();
        let at = |(site, mag, dist): (usize, usize, usize)| {
            self.rows.at(self.keys.distance(site * names + self.name, mag, dist))
        };
        self.rowed.push(bins.map_or(0, at));
    }

    /// Add the rates by epsilon that a model gives for a context, which counts, at `place` among (M, P, E).
    pub fn add(&mut self, u: usize, (model, imt): (usize, usize), place: usize, rates: &[f64]) {
        let weight = self.weights[model][imt];
        let start = self.rowed[u] + place;
        let sums = &mut self.rows.values[start..start + rates.len()];
        sums.iter_mut().zip(rates).for_each(|(sum, rate)| *sum += weight * rate);
    }
}

/// The sums by source of some sites.
pub struct SourceTally<'a> {
    pub of: &'a BySource,
    /// By site: keys are (source, magnitude, distance), values (M, P, E).
    sums: Vec<Rows>,
}

impl<'a> SourceTally<'a> {
    /// Zeros, for so many sites.
    pub fn new(by_source: &'a BySource, of: &Disaggregation, sites: usize) -> SourceTally<'a> {
        let width = of.levels * of.bins.count(DisaggAxis::Eps);
        SourceTally { of: by_source, sums: (0..sites).map(|_| Rows::of_width(width)).collect() }
    }

    /// Add what a piece gave.
    pub fn add(&mut self, rows: &Rows, keys: Keys) {
        let names = self.of.names.len();
        for (key, values) in rows.iter() {
            let [named, mag, dist] = keys.of_distance(key);
            let (site, name) = (named / names, named % names);
            let sums = &mut self.sums[site];
            let at = sums.at(keys.distance(name, mag, dist));
            sums.values[at..at + values.len()].iter_mut().zip(values).for_each(|(sum, rate)| *sum += rate);
        }
    }

    /// The results of a site, `place` among these, in `time` years.
    pub fn results(
        &self,
        of: &Disaggregation,
        bins: usize,
        (place, site): (usize, usize),
        time: f64,
    ) -> SourceDisaggregation {
        let (keys, rows) = (of.keys(), &self.sums[place]);
        let relevant = self.relevant(of, bins, rows);
        let mut expected = vec![0.0; relevant.len() * cells(of) * of.levels];
        for (key, values) in rows.iter() {
            let [name, mag, dist] = keys.of_distance(key);
            let Ok(source) = relevant.binary_search(&name) else { continue };
            let (mags, dists) = (of.bins.count(DisaggAxis::Mag), of.bins.count(DisaggAxis::Dist));
            let first = ((source * mags + mag) * dists + dist) * bins * of.levels;
            for (level, by_eps) in values.chunks(bins.max(1)).enumerate() {
                for (eps, rate) in by_eps.iter().enumerate() {
                    expected[first + eps * of.levels + level] = rate * time;
                }
            }
        }
        let sources = relevant.iter().map(|name| self.of.names[*name].clone()).collect();
        SourceDisaggregation { site, sources, expected }
    }

    /// The places of the names of the sources that matter, ascending.
    fn relevant(&self, of: &Disaggregation, bins: usize, rows: &Rows) -> Vec<usize> {
        let mut rates = vec![0.0; self.of.names.len() * of.levels];
        for (key, values) in rows.iter() {
            let [name, ..] = of.keys().of_distance(key);
            let sums = &mut rates[name * of.levels..(name + 1) * of.levels];
            let by_level = values.chunks(bins.max(1)).map(|rates| rates.iter().sum::<f64>());
            sums.iter_mut().zip(by_level).for_each(|(sum, rate)| *sum += rate);
        }
        let mut most = vec![0.0f64; of.levels];
        for of_source in rates.chunks(of.levels.max(1)) {
            most.iter_mut().zip(of_source).for_each(|(most, rate)| *most = most.max(*rate));
        }
        let matters = |rates: &[f64]| rates.iter().zip(&most).any(|(rate, most)| *rate > RELEVANT * most);
        let of_sources = rates.chunks(of.levels.max(1)).enumerate();
        of_sources.filter(|(_, rates)| matters(rates)).map(|(name, _)| name).collect()
    }
}
