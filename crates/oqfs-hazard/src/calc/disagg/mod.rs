//! Disaggregation: which ruptures the hazard at a site comes from, by tectonic region type, magnitude, distance, place and epsilon.
//!
//! The calculation passes twice over the ruptures. The first pass is the classical one: its mean curves give the levels at the probabilities
//! of the job, and the curves of realizations say which of them are near the mean. The second pass makes the same contexts, and sums up by bin
//! how often each level is expected to be exceeded. These numbers add up over bins: a marginal is a sum over the other axes, and becomes a
//! probability in the end. So no array of all axes is ever made; magnitude, distance and epsilon are summed up in one array, magnitude and
//! place in another, and of both the rows that something is in.

mod bins;
mod choice;
mod epsilon;
mod results;
mod rows;
mod split;

use std::collections::BTreeSet;
use std::ops::Range;

pub use bins::DisaggBins;
pub use results::{DisaggLayout, SiteDisaggregation};

use super::calculation::{Calculation, Piece, calculate};
use super::classical::{GroupShared, Output, Summary, classical};
use super::contexts::Collector;
use super::curves::{Curves, Layout};
use super::dependence::{Combination, Sum};
use super::executor::Executor;
use super::maps::levels_at;
use super::model::Model;
use super::placed::Workload;
use super::reuse::RateStore;
use super::sources::SourceGroup;
use super::{CalcError, Monitor};
use crate::elementary::scalar::{exp_m1, ln, ln_1p};
use crate::gsim::Param;
use crate::job::{DisaggAxis, Job, Marginal, Mode};
use crate::logictree::FullLogicTree;
use crate::site::SiteCollection;
use crate::source::Dependence;
use bins::marginals_of;
use choice::Choice;
use epsilon::Epsilon;
use results::Sums;
use rows::Rows;
use split::{Binned, SiteLevels, Splitter, with_params_of_bins};

/// What a job disaggregates, and how.
#[derive(Clone, Debug)]
pub struct Disaggregation {
    /// The bins.
    pub bins: DisaggBins,
    /// The marginals that are kept.
    pub marginals: Vec<Marginal>,
    /// How many realizations are disaggregated at each site.
    pub realizations: usize,
    /// The number of intensity measures.
    imts: usize,
    /// The number of levels at each site, of all intensity measures together.
    levels: usize,
}

impl Disaggregation {
    /// That of a job; `None` if it is none.
    ///
    /// # Errors
    /// If there are more sites or fewer realizations than the job says, or no bins.
    pub fn of(
        job: &Job,
        tree: &FullLogicTree,
        groups: &[SourceGroup],
        sites: &SiteCollection,
    ) -> Result<Option<Disaggregation>, CalcError> {
        let params = &job.params;
        if params.calculation_mode != Mode::Disaggregation {
            return Ok(None);
        }
        let (lines, found) = (&params.lines, tree.realizations.len());
        if sites.len() > params.max_sites_disagg {
            let message = format!(
                "there are {} sites, and max_sites_disagg is {}; set that to {0} or leave out sites",
                sites.len(),
                params.max_sites_disagg
            );
            return Err(job.error(lines.max_sites_disagg, message).into());
        }
        if params.num_rlzs_disagg > found {
            let message = format!("num_rlzs_disagg is {}, and there are {found} realizations", params.num_rlzs_disagg);
            return Err(job.error(lines.num_rlzs_disagg, message).into());
        }
        if let Some(beyond) = params.rlz_index.iter().find(|index| **index >= found) {
            let message = format!("rlz_index: found {beyond}; there are {found} realizations, numbered from 0");
            return Err(job.error(lines.rlz_index, message).into());
        }
        // by name, as a single model has one branch set for all of them
        let trts: BTreeSet<String> = groups.iter().map(|group| group.trt.clone()).collect();
        let realizations = match (params.rlz_index.len(), params.num_rlzs_disagg) {
            (0, 0) => found,
            (0, count) => count,
            (count, _) => count,
        };
        let imts = params.imtls().len();
        Ok(Some(Disaggregation {
            bins: DisaggBins::of(job, sites, groups, trts.into_iter().collect())?,
            marginals: marginals_of(job),
            realizations,
            imts,
            levels: imts * params.poes.len().max(1),
        }))
    }

    /// How many sites are summed up at once.
    pub fn sites_at_once(&self) -> usize {
        ((SITES_BYTES / self.bytes_of_site().max(1.0)) as usize).max(1)
    }

    /// How many times the contexts of so many sites are made once more.
    pub fn passes(&self, sites: usize) -> usize {
        sites.div_ceil(self.sites_at_once())
    }

    fn has_places(&self) -> bool {
        self.marginals.iter().any(Marginal::is_of_places)
    }

    fn keys(&self) -> Keys {
        use DisaggAxis::{Dist, Lat, Lon, Mag};
        Keys([Mag, Dist, Lon, Lat].map(|axis| self.bins.count(axis) as u64))
    }
}

/// Numbers for combinations of bins.
#[derive(Clone, Copy)]
struct Keys([u64; 4]);

impl Keys {
    fn distance(self, site: usize, mag: usize, dist: usize) -> u64 {
        let [mags, dists, ..] = self.0;
        (site as u64 * mags + mag as u64) * dists + dist as u64
    }

    fn place(self, site: usize, mag: usize, (lon, lat): (usize, usize)) -> u64 {
        let [mags, _, lons, lats] = self.0;
        ((site as u64 * mags + mag as u64) * lons + lon as u64) * lats + lat as u64
    }

    fn all(self, site: usize, mag: usize, dist: usize, (lon, lat): (usize, usize)) -> u64 {
        let [_, _, lons, lats] = self.0;
        (self.distance(site, mag, dist) * lons + lon as u64) * lats + lat as u64
    }

    /// The site, the magnitude and the distance.
    fn of_distance(self, key: u64) -> [usize; 3] {
        let [mags, dists, ..] = self.0;
        [key / dists / mags, key / dists % mags, key % dists].map(|index| index as usize)
    }

    /// The site, the magnitude, the longitude and the latitude.
    fn of_place(self, key: u64) -> [usize; 4] {
        let [mags, _, lons, lats] = self.0;
        let row = key / lats / lons;
        [row / mags, row % mags, key / lats % lons, key % lats].map(|index| index as usize)
    }

    /// The keys of the magnitude with the distance, and of the magnitude with the place.
    fn apart(self, key: u64) -> (u64, u64) {
        let [mags, dists, lons, lats] = self.0;
        let (distance, place) = (key / (lons * lats), key % (lons * lats));
        (distance, (distance / dists / mags * mags + distance / dists % mags) * lons * lats + place)
    }
}

/// Who keeps the results.
pub trait DisaggregationOutput: Output {
    /// The shapes of what will come; the curves are there already.
    fn disaggregation(&mut self, layout: &DisaggLayout) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;

    /// The results of a site; sites come in order, each once.
    fn site(&mut self, results: &SiteDisaggregation) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// Compute the hazard of a model and what it comes from, and hand the results to `output`.
///
/// # Errors
/// Those of [`classical`]; if there is no hazard at the probabilities of the job.
pub fn disaggregation(
    model: &Model,
    disaggregation: &Disaggregation,
    output: &mut dyn DisaggregationOutput,
    executor: &dyn Executor,
    monitor: &dyn Monitor,
    store: &dyn RateStore,
) -> Result<Summary, CalcError> {
    let by_pair = vec![Vec::new(); model.pairs().len()];
    let mut tap = Tap { output, statistics: 0, width: 0, means: Vec::new(), by_pair };
    let (sites, at_once) = (model.sites.len(), disaggregation.sites_at_once());
    let passes = disaggregation.passes(sites) + 1;
    let summary = classical(model, &mut tap, executor, &Pass { monitor, pass: 0, passes }, store)?;
    let Tap { means, by_pair, .. } = tap;
    let levels = levels(model, &means)?;
    let realizations = realizations(model);
    let chosen = chosen(model, disaggregation, &realizations, &by_pair);
    let layout = DisaggLayout::of(model, disaggregation, &chosen, &levels);
    output.disaggregation(&layout).map_err(CalcError::Output)?;
    for pass in 1..passes {
        let range = (pass - 1) * at_once..(pass * at_once).min(sites);
        let mut second = Second::new(model, disaggregation, &levels, &realizations, &chosen, range);
        calculate(&mut second, model, executor, &Pass { monitor, pass, passes })?;
        for results in second.finish() {
            output.site(&results).map_err(CalcError::Output)?;
        }
    }
    Ok(summary)
}

/// The sums of so many sites are in memory at once as take this, bytes, and those of one at least.
const SITES_BYTES: f64 = 256e6;

/// Takes curves down while they pass.
struct Tap<'a> {
    output: &'a mut dyn DisaggregationOutput,
    /// The numbers of statistics and of levels of all intensity measures.
    statistics: usize,
    width: usize,
    /// The mean curves by site, (M, L).
    means: Vec<Vec<f32>>,
    /// The probabilities of exceedance by pair of a group and a model, (N, M, L).
    by_pair: Vec<Vec<f64>>,
}

impl Output for Tap<'_> {
    fn begin(&mut self, layout: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        (self.statistics, self.width) = (layout.statistics.len(), layout.all_levels());
        self.output.begin(layout)
    }

    fn tile(&mut self, first_site: usize, curves: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.by_pair.iter_mut().zip(&curves.by_pair).for_each(|(all, poes)| all.extend(poes));
        // the mean is the first statistic
        let of_sites = curves.curves_stats.chunks((self.statistics * self.width).max(1));
        self.means.extend(of_sites.map(|of_site| of_site[..self.width].to_vec()));
        self.output.tile(first_site, curves)
    }
}

/// Tells progress of one pass of several.
struct Pass<'a> {
    monitor: &'a dyn Monitor,
    pass: usize,
    passes: usize,
}

impl Monitor for Pass<'_> {
    fn progress(&self, stage: &str, done: f64) {
        self.monitor.progress(stage, (self.pass as f64 + done) / self.passes as f64);
    }

    fn expected(&self, piece: Piece) -> f64 {
        self.monitor.expected(piece)
    }

    fn is_cancelled(&self) -> bool {
        self.monitor.is_cancelled()
    }
}

/// The levels to disaggregate at, (M, P) by site; 0 where there is no hazard.
fn levels(model: &Model, means: &[Vec<f32>]) -> Result<Vec<Vec<f64>>, CalcError> {
    let params = &model.job.params;
    let given: Vec<f64> = params.imtls().iter().map(|(_, levels)| levels[0]).collect();
    if params.iml_disagg.is_some() {
        return Ok(vec![given; means.len()]);
    }
    let log_poes: Vec<f64> = params.poes.iter().map(|poe| ln(*poe)).collect();
    let of_imt = |(curve, (_, levels)): (&[f32], &(_, Vec<f64>))| {
        let log_levels: Vec<f64> = levels.iter().map(|level| ln(*level)).collect();
        levels_at(curve, &log_levels, &log_poes)
    };
    let of_site = |mean: &Vec<f32>| mean.chunks(params.levels()).zip(params.imtls()).flat_map(of_imt).collect();
    let found: Vec<Vec<f64>> = means.iter().map(of_site).collect();
    if found.iter().flatten().all(|level| *level == 0.0) {
        let poes = &params.poes;
        let message = format!(
            "no site has a hazard to disaggregate: every mean curve stays below the probabilities {poes:?}; are the lowest levels of \
             intensity_measure_types_and_levels low enough?"
        );
        return Err(model.job.error(params.lines.poes_disagg.max(params.lines.poes), message).into());
    }
    Ok(found)
}

/// The realizations of each pair of a group and a model.
fn realizations(model: &Model) -> Vec<Vec<u32>> {
    let of_pair = |(group, gsim): (usize, usize)| {
        let group = &model.groups[group];
        model.tree.realizations_of(&group.paths, group.trt_index, gsim)
    };
    model.pairs().into_iter().map(of_pair).collect()
}

/// The realizations that are disaggregated, by site.
fn chosen(model: &Model, of: &Disaggregation, realizations: &[Vec<u32>], by_pair: &[Vec<f64>]) -> Vec<Vec<u32>> {
    let (params, sites) = (&model.job.params, model.sites.len());
    if !params.rlz_index.is_empty() {
        return vec![params.rlz_index.iter().map(|index| *index as u32).collect(); sites];
    }
    if model.tree.realizations.len() == 1 {
        return vec![vec![0]; sites];
    }
    let choice = Choice::new(model, realizations);
    let width = params.imtls().len() * params.levels();
    let of_site = |site: usize| {
        let here: Vec<&[f64]> = by_pair.iter().map(|poes| &poes[site * width..(site + 1) * width]).collect();
        let mut order = choice.order(&here);
        order.truncate(of.realizations);
        order
    };
    (0..sites).map(of_site).collect()
}

/// The rows of a piece of work or of a part of it.
struct Pair {
    /// Keys are (site, magnitude, distance); values (models, M, P, E).
    distances: Rows,
    /// Keys are (site, magnitude, longitude, latitude); values (models, M, P).
    places: Option<Rows>,
}

/// What a piece of work gives: annual rates by bin.
struct Part {
    group: usize,
    by_model: Pair,
    /// The mean, where it is not that of the models: where sources exclude each other.
    mean: Option<Pair>,
}

/// How the members of a group are put together.
struct Rule {
    dependence: Dependence,
    /// What probabilities of exceedance are multiplied by before.
    share: f64,
}

impl Rule {
    /// Of sources that exclude each other the engine disaggregates motions that exceed with the probability of the group.
    fn of(dependence: &Dependence) -> Rule {
        let is_inside = dependence.sources_exclude && !dependence.ruptures_exclude && dependence.cluster.is_none();
        let share = if is_inside { dependence.probability } else { 1.0 };
        let probability = if is_inside { 1.0 } else { dependence.probability };
        Rule { dependence: Dependence { probability, ..dependence.clone() }, share }
    }
}

/// The second pass, of some sites.
struct Second<'a> {
    model: &'a Model,
    of: &'a Disaggregation,
    groups: Vec<GroupShared>,
    /// What each group asks contexts for.
    params: Vec<Vec<Param>>,
    rules: Vec<Option<Rule>>,
    /// The bin of the tectonic region type of each group.
    trts: Vec<usize>,
    /// Where the pairs of each group begin.
    first_pair: Vec<usize>,
    levels: SiteLevels,
    epsilon: Epsilon,
    sites: Range<usize>,
    /// By site and pair, the places of its realizations among those that are disaggregated, and their weight.
    places: Vec<Vec<(Vec<usize>, f64)>>,
    sums: Vec<Sums>,
}

impl<'a> Second<'a> {
    fn new(
        model: &'a Model,
        of: &'a Disaggregation,
        levels: &[Vec<f64>],
        realizations: &[Vec<u32>],
        chosen: &[Vec<u32>],
        sites: Range<usize>,
    ) -> Second<'a> {
        let groups: Vec<GroupShared> = model.groups.iter().map(|group| GroupShared::of(model, group)).collect();
        let first_pair = |sum: &mut usize, shared: &GroupShared| {
            let first = *sum;
            *sum += shared.models;
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
        Second {
            trts: model.groups.iter().map(|group| of.bins.trts.partition_point(|trt| *trt < group.trt)).collect(),
            first_pair: groups.iter().scan(0, first_pair).collect(),
            params: groups.iter().map(|shared| with_params_of_bins(&shared.params)).collect(),
            rules: model.groups.iter().map(|group| group.rule.as_deref().map(Rule::of)).collect(),
            groups,
            levels: SiteLevels::of(model, levels),
            epsilon: Epsilon::new(&of.bins.eps, params.truncation_level, params.epsilon_star),
            places: sites.clone().map(of_site).collect(),
            sums: sites.clone().map(|_| Sums::new(of)).collect(),
            model,
            of,
            sites,
        }
    }

    /// The results of the sites.
    fn finish(self) -> Vec<SiteDisaggregation> {
        let time = self.model.job.params.investigation_time;
        self.sites.zip(self.sums).map(|(site, sums)| sums.results(self.of, site, time)).collect()
    }

    /// Whether a realization that is disaggregated goes through a model of a group.
    fn is_wanted(&self, group: usize, model: usize) -> bool {
        self.places.iter().any(|by_pair| !by_pair[self.first_pair[group] + model].0.is_empty())
    }

    fn splitter(&self, group: usize) -> Splitter<'_> {
        let (shared, rule) = (&self.groups[group], self.rules[group].as_ref());
        // sites of a disaggregation have no labels
        let parts = shared.parts[0].iter().filter(|part| !part.imts.is_empty() && self.is_wanted(group, part.model));
        let how = rule.map_or((Sum::Rates, 1.0), |rule| (Combination::sum(&rule.dependence), rule.share));
        let time = self.model.job.params.investigation_time;
        let (of, sites) = ((&self.levels, &self.epsilon), self.sites.clone());
        Splitter::new(self.of, of, parts.collect(), shared.models, sites, time, how, rule.is_none())
    }

    /// Add rows to the sums: those of the models to their realizations, or those of the mean.
    fn add(&mut self, group: usize, pair: &Pair, is_mean: bool, has_mean: bool) {
        let keys = self.of.keys();
        let (trt, first, models) = (self.trts[group], self.first_pair[group], self.groups[group].models);
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

impl Calculation for Second<'_> {
    type Part = Part;

    const STAGE: &'static str = "disaggregation";

    fn run(&self, piece: Piece, monitor: &dyn Monitor) -> Result<Part, CalcError> {
        let Piece { tile, block } = piece;
        let (group, shared, params) =
            (&self.model.groups[block.group], &self.groups[block.group], &self.model.job.params);
        let (sites, asked) = (&self.model.sites, &self.params[block.group]);
        let time = params.investigation_time;
        let mut collector = Collector::new(sites, asked, params.minimum_distance, time, self.splitter(block.group));
        collector.has_exact_rrup = !shared.params.contains(&Param::Rrup);
        let mut members = self.rules[block.group].as_ref().map(|rule| Members::new(rule, time));
        let work = Workload { tile, reach: &shared.reach, shift_hypo: params.shift_hypo, monitor };
        for (i, unit) in block.units.iter().enumerate() {
            let source = unit.source(group);
            group.add(unit, &work, &mut collector)?;
            collector.flush();
            collector.evaluator.check(self.model, block.group, source)?;
            let is_last = block.units.get(i + 1).is_none_or(|next| next.source(group) != source);
            if let Some(members) = members.as_mut().filter(|_| is_last) {
                let weight = group.sources[source].member.as_ref().map_or(1.0, |member| member.weight);
                members.add(weight, &mut collector.evaluator);
            }
        }
        let (group, splitter) = (block.group, collector.evaluator);
        Ok(match (splitter.binned, members) {
            (Binned::Together(rows), Some(members)) => self.combined(group, rows, members),
            (Binned::Apart(by_model), _) => Part { group, by_model, mean: None },
            // rows are apart where there is no rule
            (Binned::Together(rows), None) => Part { group, by_model: self.apart(&rows, shared.models), mean: None },
        })
    }

    fn take(&mut self, _: &Range<usize>, parts: Vec<Vec<Part>>) -> Result<(), CalcError> {
        for part in parts.into_iter().flatten() {
            self.add(part.group, &part.by_model, false, part.mean.is_some());
            if let Some(mean) = &part.mean {
                self.add(part.group, mean, true, true);
            }
        }
        Ok(())
    }
}

/// The sources of a group that depend on each other, put together one after the other.
struct Members<'a> {
    rule: &'a Rule,
    combination: Combination<'a>,
    /// The weight of the sources that have been met, by site and bin of magnitude.
    met: Vec<f64>,
}

impl<'a> Members<'a> {
    fn new(rule: &'a Rule, time: f64) -> Members<'a> {
        Members { rule, combination: Combination::new(&rule.dependence, time, 1, 0), met: Vec::new() }
    }

    /// A source is done; its sums are set back to zero.
    fn add(&mut self, weight: f64, splitter: &mut Splitter) {
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

impl Second<'_> {
    /// What the members of a group give together.
    fn combined(&self, group: usize, mut rows: Rows, members: Members) -> Part {
        let Members { rule, combination, met } = members;
        rows.values = combination.rates().pop().unwrap_or_default();
        let by_model = self.apart(&rows, self.groups[group].models);
        let mean = (rule.dependence.sources_exclude && self.of.realizations > 1)
            .then(|| self.apart(&self.mean_of_exclusive(group, &rows, &met), 1));
        Part { group, by_model, mean }
    }

    /// Of sources that exclude each other the mean of probabilities, times the weight of the sources with such a magnitude (engine
    /// behaviour), as rates.
    fn mean_of_exclusive(&self, group: usize, rows: &Rows, met: &[f64]) -> Rows {
        let (keys, width) = (self.of.keys(), self.of.levels * self.epsilon.count());
        let mags = self.of.bins.count(DisaggAxis::Mag);
        let time = self.model.job.params.investigation_time;
        let mut mean = Rows::of_width(width);
        for (key, values) in rows.iter() {
            let [site, mag, _] = keys.of_distance(keys.apart(key).0);
            let at = mean.at(key);
            let mean = &mut mean.values[at..at + width];
            let by_model = &self.places[site][self.first_pair[group]..];
            for (rates, (_, weight)) in values.chunks(width.max(1)).zip(by_model) {
                let weight = weight * met[site * mags + mag];
                mean.iter_mut().zip(rates).for_each(|(sum, rate)| *sum -= weight * exp_m1(-rate * time));
            }
            mean.iter_mut().for_each(|poe| *poe = -ln_1p(-poe.min(MOST_PROBABLE)) / time);
        }
        mean
    }

    /// Rows of all bins together, summed up to their marginals.
    fn apart(&self, rows: &Rows, models: usize) -> Pair {
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
