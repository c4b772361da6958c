//! The sums of a disaggregation while the second pass over the ruptures is on its way.

use std::ops::Range;

use super::super::by_source::BySource;
use super::super::dependence::{Combination, Sum};
use super::super::model::Model;
use super::Disaggregation;
use super::by_source::{Contributions, SourceDisaggregation, SourceTally};
use super::dependent::{Members, Rule};
use super::epsilon::Epsilon;
use super::results::{SiteDisaggregation, Sums};
use super::rows::Rows;
use super::split::{Binned, Pair, SiteLevels, Splitter};

/// What a piece of work gives: annual rates by bin.
pub struct BinPart {
    pub group: usize,
    pub by_model: Pair,
    /// The mean, where it is not that of the models: where sources exclude each other.
    pub mean: Option<Pair>,
    /// The mean over all realizations by source, if it is wanted. Keys are (site and source, magnitude, distance); values (M, P, E).
    pub by_source: Option<Rows>,
}

/// The sums by bin of some sites.
pub struct BinTally<'a> {
    pub model: &'a Model,
    pub of: &'a Disaggregation,
    /// The number of models of each group.
    pub models: Vec<usize>,
    rules: Vec<Option<Rule>>,
    /// The bin of the tectonic region type of each group.
    trts: Vec<usize>,
    /// Where the pairs of each group begin.
    pub first_pair: Vec<usize>,
    levels: &'a SiteLevels,
    pub epsilon: Epsilon,
    sites: Range<usize>,
    /// By site and pair, the places of its realizations among those that are disaggregated, and their weight.
    pub places: Vec<Vec<(Vec<usize>, f64)>>,
    sums: Vec<Sums>,
    by_source: Option<SourceTally<'a>>,
}

impl<'a> BinTally<'a> {
    /// Zeros, for some sites. `realizations` are those of each pair of a group and a model, `chosen` those that are disaggregated at each
    /// site.
    pub fn new(
        model: &'a Model,
        of: &'a Disaggregation,
        levels: &'a SiteLevels,
        (realizations, chosen): (&[Vec<u32>], &[Vec<u32>]),
        sites: Range<usize>,
    ) -> BinTally<'a> {
        let models: Vec<usize> =
            model.groups.iter().map(|group| model.tree.gsims.models(group.trt_index).len()).collect();
        let first_pair = |sum: &mut usize, models: &usize| {
            let first = *sum;
            *sum += models;
            Some(first)
        };
        // the engine keeps weights in single precision
        let weight = |realization: u32| f64::from(model.tree.realizations[realization as usize].weight as f32);
        let of_pair = |chosen: &[u32], pair: &[u32]| {
            let here = chosen.iter().enumerate().filter(|(_, realization)| pair.binary_search(realization).is_ok());
            let places: Vec<usize> = here.map(|(place, _)| place).collect();
            let weight = places.iter().map(|place| weight(chosen[*place])).sum();
            (places, weight)
        };
        let of_site = |site: usize| realizations.iter().map(|pair| of_pair(&chosen[site], pair)).collect();
        let params = &model.job.params;
        BinTally {
            trts: model.groups.iter().map(|group| of.bins.trts.partition_point(|trt| *trt < group.trt)).collect(),
            first_pair: models.iter().scan(0, first_pair).collect(),
            models,
            rules: model.groups.iter().map(|group| group.rule.as_deref().map(Rule::of)).collect(),
            levels,
            epsilon: Epsilon::new(&of.bins.eps, params.truncation_level, params.epsilon_star),
            places: sites.clone().map(of_site).collect(),
            sums: sites.clone().map(|_| Sums::new(of)).collect(),
            by_source: model.by_source.as_ref().map(|by_source| SourceTally::new(by_source, of, sites.len())),
            model,
            of,
            sites,
        }
    }

    /// Whether a realization that is disaggregated goes through a model of a group, or any if there are sums by source.
    pub fn wants(&self, group: usize, model: usize) -> bool {
        let is_chosen = |by_pair: &Vec<(Vec<usize>, f64)>| !by_pair[self.first_pair[group] + model].0.is_empty();
        self.by_source.is_some() || self.places.iter().any(is_chosen)
    }

    /// What sums up what the ruptures of a group contribute.
    pub fn splitter(&self, group: usize) -> Splitter<'_> {
        let rule = self.rules[group].as_ref();
        let how = rule.map_or((Sum::Rates, 1.0), |rule| (Combination::sum(&rule.dependence), rule.share));
        let (time, models) = (self.model.job.params.investigation_time, self.models[group]);
        let wanted = (0..models).map(|model| self.wants(group, model)).collect();
        let by_source = self.by_source.as_ref().filter(|_| rule.is_none());
        let contributions = by_source.map(|tally| Contributions::new(tally.of, group, self.of, self.epsilon.count()));
        let of = ((self.levels, &self.epsilon), self.sites.clone());
        Splitter::new(self.of, of, wanted, time, how, (rule.is_none(), contributions))
    }

    /// What puts the sources of a group together, if they depend on each other.
    pub fn members(&self, group: usize) -> Option<Members<'_>> {
        self.rules[group].as_ref().map(|rule| Members::new(rule, self.model.job.params.investigation_time))
    }

    /// What a piece of work of a group gives.
    pub fn part(&self, group: usize, splitter: Splitter, members: Option<Members>) -> BinPart {
        let by_source = splitter.contributions.map(|contributions| contributions.rows);
        match (splitter.binned, members) {
            (Binned::Together(rows), Some(members)) => self.combined(group, rows, members),
            (Binned::Apart(by_model), _) => BinPart { group, by_model, mean: None, by_source },
            // rows are apart where there is no rule
            (Binned::Together(rows), None) => {
                BinPart { group, by_model: self.apart(&rows, self.models[group]), mean: None, by_source }
            }
        }
    }

    /// Take what a piece gave.
    pub fn take(&mut self, part: BinPart) {
        self.add(part.group, &part.by_model, false, part.mean.is_some());
        if let Some(mean) = &part.mean {
            self.add(part.group, mean, true, true);
        }
        if let (Some(tally), Some(rows)) = (&mut self.by_source, &part.by_source) {
            tally.add(rows, self.of.keys());
        }
    }

    /// Add rows to the sums: those of the models to their realizations, or those of the mean.
    fn add(&mut self, group: usize, pair: &Pair, is_mean: bool, has_mean: bool) {
        let keys = self.of.keys();
        let (trt, first, models) = (self.trts[group], self.first_pair[group], self.models[group]);
        let mean = (self.of.realizations > 1).then_some(self.of.realizations);
        let of_site =
            |by_pair: &Vec<(Vec<usize>, f64)>| columns(&by_pair[first..first + models], mean, (is_mean, has_mean));
        let columns: Vec<_> = self.places.iter().map(of_site).collect();
        for (key, values) in pair.distances.iter() {
            let [site, mag, dist] = keys.of_distance(key);
            self.sums[site].add_distance((trt, mag, dist), self.epsilon.count(), values, &columns[site]);
        }
        for (key, values) in pair.places.iter().flat_map(Rows::iter) {
            let [site, mag, lon, lat] = keys.of_place(key);
            self.sums[site].add_place((trt, mag, lon, lat), values, &columns[site]);
        }
    }

    /// The sources, if there are sums by source.
    pub fn sources(&self) -> Option<&'a BySource> {
        self.by_source.as_ref().map(|tally| tally.of)
    }

    /// The results of the sites, and of each by source.
    pub fn finish(self) -> Vec<(SiteDisaggregation, Option<SourceDisaggregation>)> {
        let time = self.model.job.params.investigation_time;
        let (of, by_source, bins) = (self.of, &self.by_source, self.epsilon.count());
        let of_site = |(place, (site, sums)): (usize, (usize, Sums))| {
            let by_source = by_source.as_ref().map(|tally| tally.results(of, bins, (place, site), time));
            (sums.results(of, site, time), by_source)
        };
        self.sites.zip(self.sums).enumerate().map(of_site).collect()
    }
}

/// For each model the columns that its values are added to, with factors. The column of the mean is `mean`.
fn columns(
    by_model: &[(Vec<usize>, f64)],
    mean: Option<usize>,
    (is_mean, has_mean): (bool, bool),
) -> Vec<Vec<(usize, f64)>> {
    if is_mean {
        return vec![mean.map(|column| (column, 1.0)).into_iter().collect()];
    }
    let of_model = |(places, weight): &(Vec<usize>, f64)| {
        let of_mean = mean.filter(|_| !has_mean && *weight > 0.0).map(|column| (column, *weight));
        places.iter().map(|place| (*place, 1.0)).chain(of_mean).collect()
    };
    by_model.iter().map(of_model).collect()
}
