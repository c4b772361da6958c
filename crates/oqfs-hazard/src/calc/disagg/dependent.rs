//! Ruptures that depend on each other: the sources of a group are put together bin by bin, by the rule of the group.

use super::super::dependence::Combination;
use super::rows::Rows;
use super::split::{Binned, Pair, Splitter};
use super::tally::{BinPart, BinTally};
use crate::elementary::scalar::{exp_m1, ln_1p};
use crate::job::DisaggAxis;
use crate::source::Dependence;

/// How the members of a group are put together.
pub struct Rule {
    pub dependence: Dependence,
    /// What probabilities of exceedance are multiplied by before.
    pub share: f64,
}

impl Rule {
    /// Of sources that exclude each other the engine disaggregates motions that exceed with the probability of the group.
    pub fn of(dependence: &Dependence) -> Rule {
        let is_inside = dependence.sources_exclude && !dependence.ruptures_exclude && dependence.cluster.is_none();
        let share = if is_inside { dependence.probability } else { 1.0 };
        let probability = if is_inside { 1.0 } else { dependence.probability };
        Rule { dependence: Dependence { probability, ..dependence.clone() }, share }
    }
}

/// The sources of a group that depend on each other, put together one after the other.
pub struct Members<'a> {
    rule: &'a Rule,
    combination: Combination<'a>,
    /// The weight of the sources that have been met, by site and bin of magnitude.
    met: Vec<f64>,
    /// A source that has been met.
    source: usize,
}

impl<'a> Members<'a> {
    /// None so far.
    pub fn new(rule: &'a Rule, time: f64) -> Members<'a> {
        Members { rule, combination: Combination::new(&rule.dependence, time, 1, 0), met: Vec::new(), source: 0 }
    }

    /// A source is done; its sums are set back to zero.
    pub fn add(&mut self, source: usize, weight: f64, splitter: &mut Splitter) {
        self.source = source;
        let Binned::Together(rows) = &mut splitter.binned else { return };
        self.combination.grow(rows.values.len());
        self.combination.add(weight, std::slice::from_mut(&mut rows.values));
        self.met.resize(splitter.met.len(), 0.0);
        self.met.iter_mut().zip(&mut splitter.met).filter(|(_, met)| **met).for_each(|(sum, met)| {
            *sum += weight;
            *met = false;
        });
    }
}

/// The weight of a model of a group for an intensity measure, by site.
type Weight<'a> = &'a dyn Fn(usize, usize, usize) -> f64;

impl BinTally<'_> {
    /// What the members of a group give together.
    pub fn combined(&self, group: usize, mut rows: Rows, members: Members) -> BinPart {
        let Members { rule, combination, met, source } = members;
        rows.values = combination.rates().pop().unwrap_or_default();
        let by_model = self.apart(&rows, self.models[group]);
        let excludes = rule.dependence.sources_exclude;
        let mean_of = |weight: Weight| {
            let rows = self.mean(&rows, if excludes { Some(&met) } else { None }, weight);
            self.apart(&rows, 1)
        };
        let chosen = |site: usize, model: usize, _: usize| self.places[site][self.first_pair[group] + model].1;
        let mean = (excludes && self.of.realizations > 1).then(|| mean_of(&chosen));
        // all members have one name
        let by_source = self.sources().map(|sources| {
            let weights = sources.weights(group);
            let rows = mean_of(&|_, model, imt| weights[model][imt]).distances;
            self.renamed(&rows, (sources.names.len(), sources.name(group, source)))
        });
        BinPart { group, by_model, mean, by_source }
    }

    /// The mean over models of rates by all bins. Of sources that exclude each other it is the mean of probabilities, times the weight of the
    /// sources with such a magnitude, which `met` has (engine behaviour), as rates.
    fn mean(&self, rows: &Rows, met: Option<&[f64]>, weight: Weight) -> Rows {
        let (keys, width) = (self.of.keys(), self.of.levels * self.epsilon.count());
        let mags = self.of.bins.count(DisaggAxis::Mag);
        let (time, of_imt) = (self.model.job.params.investigation_time, width / self.of.imts.max(1));
        let mut mean = Rows::of_width(width);
        for (key, values) in rows.iter() {
            let [site, mag, _] = keys.of_distance(keys.apart(key).0);
            let at = mean.at(key);
            let mean = &mut mean.values[at..at + width];
            for (model, rates) in values.chunks(width.max(1)).enumerate() {
                let by_imt = mean.chunks_mut(of_imt.max(1)).zip(rates.chunks(of_imt.max(1))).enumerate();
                for (imt, (mean, rates)) in by_imt {
                    let weight = weight(site, model, imt) * met.map_or(1.0, |met| met[site * mags + mag]);
                    let of_rate = |rate: &f64| if met.is_some() { -exp_m1(-rate * time) } else { *rate };
                    mean.iter_mut().zip(rates).for_each(|(sum, rate)| *sum += weight * of_rate(rate));
                }
            }
            if met.is_some() {
                mean.iter_mut().for_each(|poe| *poe = -ln_1p(-poe.min(MOST_PROBABLE)) / time);
            }
        }
        mean
    }

    /// Rows by site as those of one of so many sources.
    fn renamed(&self, rows: &Rows, (names, name): (usize, usize)) -> Rows {
        let keys = self.of.keys();
        let mut renamed = Rows::of_width(self.of.levels * self.epsilon.count());
        for (key, values) in rows.iter() {
            let [site, mag, dist] = keys.of_distance(key);
            let at = renamed.at(keys.distance(site * names + name, mag, dist));
            renamed.values[at..at + values.len()].copy_from_slice(values);
        }
        renamed
    }

    /// Rows of all bins together, summed up to their marginals.
    pub fn apart(&self, rows: &Rows, models: usize) -> Pair {
        let (keys, bins) = (self.of.keys(), self.epsilon.count());
        let width = models * self.of.levels;
        let mut pair = Pair {
            distances: Rows::of_width(width * bins),
            places: self.of.has_places().then(|| Rows::of_width(width)),
        };
        for (key, values) in rows.iter() {
            let (distance, place) = keys.apart(key);
            let at = pair.distances.at(distance);
            pair.distances.values[at..].iter_mut().zip(values).for_each(|(sum, rate)| *sum += rate);
            let Some(places) = &mut pair.places else { continue };
            let at = places.at(place);
            let by_level = values.chunks(bins.max(1)).map(|rates| rates.iter().sum::<f64>());
            places.values[at..].iter_mut().zip(by_level).for_each(|(sum, rate)| *sum += rate);
        }
        pair
    }
}

/// No exceedance has this probability at least, as for curves.
const MOST_PROBABLE: f64 = 1.0 - 1.11e-16;
