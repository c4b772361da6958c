//! The calculation: ruptures, contexts, ground motion, rates of exceedance; then curves and maps, tile by tile.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::accumulate::{Accumulator, Levels, Part};
use super::by_source::{Gathered, MeanRates};
use super::contexts::{Collector, PointAt, PointFilter, PointScratch, add_point_of, add_point_source};
use super::curves::{CurveMaker, Curves, Layout};
use super::dependence::{Combination, Sum};
use super::fault::FloatingRuptures;
use super::filter::MagnitudeDistance;
use super::grid::{CellAt, Members};
use super::model::{Extent, Kept, Model, SourceGroup};
use super::reuse::{BlockRates, Digest, Digests, RateStore};
use super::surfaces::add_surface_ruptures;
use super::tasks::{Block, Unit, blocks, tiles};
use super::{CalcError, Monitor};
use crate::gsim::{GroundMotion, Param};
use crate::source::fault::FaultRuptures;
use crate::source::point::PointRuptures;
use crate::source::surfaces::SurfaceRuptures;
use crate::source::{Source, SourceError, Typology, complex_fault, kite_fault, simple_fault};

/// Who keeps the results.
pub trait Output {
    /// The shapes of what will come.
    fn begin(&mut self, layout: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;

    /// The results of the sites from `first_site` on; tiles come in order and each site once.
    fn tile(&mut self, first_site: usize, curves: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// What a calculation was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The number of contexts of each source, by group.
    pub contexts: Vec<Vec<u64>>,
    /// How many of its contexts each pair of a group and a model of [`Model::pairs`] did not have to compute.
    pub reused: Vec<u64>,
}

/// Tasks whose results are in memory at once, about.
const WAVE: usize = 32;

/// Compute the hazard of a model and hand the results to `output`. Rates that are in `store` are taken from there, and those
/// that are not are put there.
pub fn classical(
    model: &Model,
    output: &mut dyn Output,
    monitor: &dyn Monitor,
    store: &dyn RateStore,
) -> Result<Summary, CalcError> {
    let layout = Layout::of(model);
    if layout.realization_curves == Kept::No && layout.statistics.is_empty() {
        let message = "all statistics are off and individual_rlzs is not true: there is nothing to compute";
        return Err(model.job.error(0, message).into());
    }
    output.begin(&layout).map_err(CalcError::Output)?;
    let shared = Shared::new(model, store);
    let maker = CurveMaker::new(model, &layout);
    let tiles = tiles(model);
    let blocks = blocks(model);
    let weight: u64 = blocks.iter().flatten().map(|b| b.weight).sum();
    let progress = Progress::new(monitor, weight * tiles.len() as u64);
    let mut summary = Summary {
        contexts: model.groups.iter().map(|g| vec![0; g.sources.len()]).collect(),
        reused: vec![0; model.pairs().len()],
    };
    let mut is_zero = true;
    let at_once = (WAVE / blocks.iter().flatten().count().max(1)).max(1);
    for wave in tiles.chunks(at_once) {
        let groups = || (0..blocks.len()).into_par_iter();
        let of_tile = |tile| groups().map(|group| shared.run_group(tile, &blocks[group], group, &progress)).collect();
        let results: Vec<Vec<TaskResult>> = wave.par_iter().map(of_tile).collect::<Result<_, _>>()?;
        for (tile, results) in wave.iter().zip(results) {
            let (rates, found) = summary.take(results);
            let mut curves = maker.make(&rates, tile);
            is_zero &= curves.by_pair.iter().flatten().all(|poe| *poe == 0.0);
            if let Some(by_source) = &model.by_source {
                curves.by_source = by_source.all(&found, tile.len() * layout.all_rock_levels());
            }
            output.tile(tile.start, &curves).map_err(CalcError::Output)?;
        }
    }
    if summary.contexts.iter().flatten().all(|&n| n == 0) {
        if model.sites.len() > 1 {
            return Err(CalcError::FarFromSources);
        }
        log::warn!(
            "the site is far from all sources, no rupture being within the maximum_distance: the hazard is zero"
        );
    } else if is_zero {
        log::warn!(
            "every hazard curve is zero: no rupture within the maximum_distance exceeds the lowest level of any intensity \
             measure; are the levels in its unit, and is truncation_level as meant?"
        );
    }
    Ok(summary)
}

impl Summary {
    /// Count what the groups gave at a tile; the rates of all pairs, and those by source.
    fn take(&mut self, results: Vec<TaskResult>) -> (Vec<Vec<f64>>, Vec<MeanRates>) {
        let mut rates = Vec::with_capacity(self.reused.len());
        let mut by_source = Vec::new();
        for (contexts, result) in self.contexts.iter_mut().zip(results) {
            result.contexts.iter().for_each(|&(source, n)| contexts[source] += n);
            let reused = &mut self.reused[rates.len()..];
            reused.iter_mut().zip(&result.reused).for_each(|(sum, n)| *sum += n);
            rates.extend(result.rates);
            by_source.extend(result.by_source);
        }
        (rates, by_source)
    }
}

/// Reports how much is done.
struct Progress<'a> {
    monitor: &'a dyn Monitor,
    done: AtomicU64,
    total: u64,
}

impl<'a> Progress<'a> {
    fn new(monitor: &'a dyn Monitor, total: u64) -> Progress<'a> {
        monitor.progress("classical", 0.0);
        Progress { monitor, done: AtomicU64::new(0), total: total.max(1) }
    }

    fn add(&self, weight: u64) {
        let done = self.done.fetch_add(weight, Ordering::Relaxed) + weight;
        self.monitor.progress("classical", done as f64 / self.total as f64);
    }

    fn check(&self) -> Result<(), CalcError> {
        if self.monitor.is_cancelled() { Err(CalcError::Cancelled) } else { Ok(()) }
    }
}

/// What all tasks use.
struct Shared<'a> {
    model: &'a Model,
    levels: Levels,
    groups: Vec<GroupShared>,
    store: &'a dyn RateStore,
    /// What blocks are kept as, if they are.
    digests: Option<Digests>,
}

/// What the tasks of a group use.
struct GroupShared {
    models: usize,
    parts: Vec<Part>,
    params: Vec<Param>,
    filter: PointFilter,
}

/// What a block, or a whole group, gives at a tile.
struct TaskResult {
    /// Annual rates, (models) of (T, M, L).
    rates: Vec<Vec<f64>>,
    /// The number of contexts by source.
    contexts: Vec<(usize, u64)>,
    /// How many of them each model did not have to compute.
    reused: Vec<u64>,
    /// The mean rates by source, where they are wanted.
    by_source: Vec<MeanRates>,
}

impl TaskResult {
    fn zero(models: usize, length: usize) -> TaskResult {
        TaskResult {
            rates: vec![vec![0.0; length]; models],
            contexts: Vec::new(),
            reused: vec![0; models],
            by_source: Vec::new(),
        }
    }

    fn add(&mut self, other: TaskResult) {
        for (sum, rates) in self.rates.iter_mut().zip(other.rates) {
            sum.iter_mut().zip(rates).for_each(|(sum, rate)| *sum += rate);
        }
        self.contexts.extend(other.contexts);
        self.by_source.extend(other.by_source);
        self.reused.iter_mut().zip(other.reused).for_each(|(sum, n)| *sum += n);
    }
}

impl<'a> Shared<'a> {
    fn new(model: &'a Model, store: &'a dyn RateStore) -> Shared<'a> {
        let groups = model.groups.iter().map(|g| group_shared(model, g)).collect();
        Shared { model, levels: Levels::of(&model.job.params), groups, store, digests: Digests::of(model, store) }
    }

    /// What a group gives at a tile of sites: the sum over its blocks, in their order.
    fn run_group(
        &self,
        tile: &Range<usize>,
        blocks: &[Block],
        group: usize,
        progress: &Progress,
    ) -> Result<TaskResult, CalcError> {
        let length = tile.len() * self.levels.imts.len() * self.model.job.params.levels();
        let run = |block: &Block| match &self.digests {
            Some(digests) => self.run_kept(tile, block, digests, progress),
            None => self.run(tile, block, &|_| true, progress),
        };
        let results: Vec<TaskResult> = blocks.par_iter().map(run).collect::<Result<_, _>>()?;
        let mut results = results.into_iter();
        // a group whose sources make no rupture has no block
        let mut sum = results.next().unwrap_or_else(|| TaskResult::zero(self.groups[group].models, length));
        results.for_each(|result| sum.add(result));
        Ok(sum)
    }

    /// What a block gives at a tile: as it is kept from before by the models that it is kept for, computed by the others.
    fn run_kept(
        &self,
        tile: &Range<usize>,
        block: &Block,
        digests: &Digests,
        progress: &Progress,
    ) -> Result<TaskResult, CalcError> {
        let (name, models) = (digests.block(block, tile), digests.models(block.group));
        let mut kept = self.store.get(&name).unwrap_or_default();
        let length = tile.len() * self.levels.imts.len() * self.model.job.params.levels();
        kept.by_model.retain(|(_, rates)| rates.len() == length);
        let place = |kept: &BlockRates, model: &Digest| kept.by_model.iter().position(|(of, _)| of == model);
        let places: Vec<Option<usize>> = models.iter().map(|model| place(&kept, model)).collect();
        let mut result = match places.contains(&None) {
            true => self.run(tile, block, &|model| places[model].is_none(), progress)?,
            false => {
                progress.add(block.weight);
                TaskResult { contexts: kept.contexts.clone(), ..TaskResult::zero(models.len(), 0) }
            }
        };
        let contexts: u64 = result.contexts.iter().map(|(_, n)| n).sum();
        let mut is_new = false;
        for (model, place) in places.iter().enumerate() {
            match place {
                Some(place) => {
                    result.rates[model].clone_from(&kept.by_model[*place].1);
                    result.reused[model] = contexts;
                }
                None => {
                    kept.by_model.push((models[model], result.rates[model].clone()));
                    is_new = true;
                }
            }
        }
        if is_new && contexts > 0 {
            kept.contexts.clone_from(&result.contexts);
            self.store.put(&name, &kept);
        }
        Ok(result)
    }

    /// What a block gives at a tile by the models that `is_wanted` says; by the others nothing.
    fn run(
        &self,
        tile: &Range<usize>,
        block: &Block,
        is_wanted: &dyn Fn(usize) -> bool,
        progress: &Progress,
    ) -> Result<TaskResult, CalcError> {
        let (group, shared) = (&self.model.groups[block.group], &self.groups[block.group]);
        let params = &self.model.job.params;
        let length = tile.len() * self.levels.imts.len() * params.levels();
        let rule = group.rule.as_deref();
        let accumulator = Accumulator {
            model: self.model,
            levels: &self.levels,
            parts: shared.parts.iter().filter(|part| !part.imts.is_empty() && is_wanted(part.model)).collect(),
            first_site: tile.start,
            sum: rule.map_or(Sum::Rates, Combination::sum),
            motion: GroundMotion::default(),
            poes: Vec::new(),
            rates: vec![vec![0.0; length]; shared.models],
            refused: None,
        };
        let time = params.investigation_time;
        let sites = &self.model.sites;
        let mut collector = Collector::new(sites, &shared.params, params.minimum_distance, time, accumulator);
        let combination = rule.map(|rule| Combination::new(rule, time, shared.models, length));
        let mut gathered = Gathered::new(self.model, block.group, combination, params.levels());
        let mut contexts = Vec::new();
        let mut prepared: Option<(usize, Prepared)> = None;
        for (i, unit) in block.units.iter().enumerate() {
            progress.check()?;
            let source = unit.source(group);
            if prepared.as_ref().is_none_or(|(of, _)| *of != source) {
                let error = |error| CalcError::of_source(&group.sources[source], error);
                let new =
                    Prepared::new(&group.sources[source], &group.extents[source], params.shift_hypo).map_err(error)?;
                prepared = Some((source, new));
                collector.tom = group.sources[source].tom;
            }
            let before = collector.count;
            if let Some((_, prepared)) = &prepared {
                self.add_unit(unit, prepared, group, shared, tile, &mut collector, progress)?;
            }
            collector.flush();
            if let Some(refused) = collector.evaluator.refused.take() {
                return Err(refused.error(self.model, &self.levels.imts, group, source));
            }
            contexts.push((source, collector.count - before));
            if block.units.get(i + 1).is_none_or(|next| next.source(group) != source) {
                let weight = group.sources[source].member.as_ref().map_or(1.0, |member| member.weight);
                gathered.add(source, weight, &mut collector.evaluator.rates);
            }
        }
        progress.add(block.weight);
        let (rates, by_source) = gathered.finish(collector.evaluator.rates);
        Ok(TaskResult { rates, contexts, reused: vec![0; shared.models], by_source })
    }

    /// Add the ruptures of a unit.
    #[allow(clippy::too_many_arguments)]
    fn add_unit(
        &self,
        unit: &Unit,
        prepared: &Prepared,
        group: &SourceGroup,
        shared: &GroupShared,
        tile: &Range<usize>,
        collector: &mut Collector<Accumulator>,
        progress: &Progress,
    ) -> Result<(), CalcError> {
        match (unit, prepared) {
            (Unit::Points { source, locations }, Prepared::Points(ruptures)) => {
                let Extent::Points { locations: all, whole, .. } = &group.extents[*source] else {
                    return Err(group.inconsistent(*source, "its points are not counted"));
                };
                let mut scratch = PointScratch::default();
                for &location in &all[locations.clone()] {
                    progress.check()?;
                    let (point, filter) = (PointAt { ruptures, location }, &shared.filter);
                    match whole {
                        Some(area) => add_point_of(&point, area, tile.clone(), filter, collector, &mut scratch),
                        None => add_point_source(&point, tile.clone(), filter, collector, &mut scratch),
                    }
                }
            }
            (Unit::Fault { magnitude, .. }, Prepared::Fault { ruptures, around }) => {
                let floating = &ruptures.floating[*magnitude];
                if shared.filter.maximum_distance.has(floating.mag) {
                    let mut floating = FloatingRuptures::new(ruptures, floating, &shared.params);
                    floating.add(around, tile.clone(), &shared.filter.maximum_distance, collector);
                }
            }
            (Unit::Cells { range }, _) => {
                let mut scratch = PointScratch::default();
                let mut members = Members::default();
                for cell in &group.cells[range.clone()] {
                    progress.check()?;
                    members.prepare(group, cell, self.model.job.params.shift_hypo)?;
                    let (tile, filter) = (tile.clone(), &shared.filter);
                    match (&cell.mean, cell.members.first()) {
                        (Some(mean), _) => {
                            let cell = CellAt { cell, mean, members: &members };
                            add_point_source(&cell, tile, filter, collector, &mut scratch);
                        }
                        (None, Some(only)) => {
                            let ruptures = members.of(only.source);
                            let ruptures =
                                ruptures.ok_or_else(|| group.inconsistent(only.source, "it has no points"))?;
                            let point = PointAt { ruptures, location: only.location };
                            add_point_source(&point, tile, filter, collector, &mut scratch);
                        }
                        (None, None) => {}
                    }
                }
            }
            (Unit::Ruptures { range, .. }, Prepared::Surfaces(ruptures)) => {
                let distance = &shared.filter.maximum_distance;
                add_surface_ruptures(ruptures, range.clone(), tile.clone(), distance, collector);
            }
            (unit, _) => return Err(group.inconsistent(unit.source(group), "it is cut otherwise than prepared")),
        }
        Ok(())
    }
}

fn group_shared(model: &Model, group: &SourceGroup) -> GroupShared {
    let params = &model.job.params;
    let branches = model.tree.gsims.models(group.trt_index);
    let mut required: Vec<Param> = branches.iter().flat_map(|b| b.gsim.params().iter().copied()).collect();
    required.sort();
    required.dedup();
    GroupShared {
        models: branches.len(),
        parts: Part::of(branches, params),
        params: required,
        filter: PointFilter {
            maximum_distance: MagnitudeDistance::new(params.maximum_distance.for_trt(&group.trt)),
            pointsource_distance: MagnitudeDistance::new(params.pointsource_distance.for_trt(&group.trt)),
            few_sites: model.sites.len() <= params.max_sites_disagg,
        },
    }
}

/// A source ready to place its ruptures.
enum Prepared {
    Points(PointRuptures),
    Fault { ruptures: FaultRuptures, around: Vec<(f64, f64)> },
    Surfaces(Arc<SurfaceRuptures>),
    Nothing,
}

impl Prepared {
    fn new(source: &Source, extent: &Extent, shift_hypo: bool) -> Result<Prepared, SourceError> {
        let points = |ruptures: PointRuptures| Prepared::Points(ruptures.shifting(shift_hypo));
        if let Extent::Surfaces(ruptures) = extent {
            return Ok(Prepared::Surfaces(ruptures.clone()));
        }
        Ok(match &source.typology {
            Typology::Point(point) => points(PointRuptures::new(source, &point.spread, &source.mfd.rates())),
            Typology::Area(area) => {
                let rates = source.mfd.shared(area.locations()?.len());
                points(PointRuptures::new(source, &area.spread, &rates))
            }
            Typology::SimpleFault(fault) => Prepared::Fault {
                ruptures: simple_fault::ruptures(source, fault)?,
                around: fault.projection_vertices(),
            },
            Typology::ComplexFault(fault) => Prepared::Fault {
                ruptures: complex_fault::ruptures(source, fault)?,
                around: fault.projection_vertices(),
            },
            Typology::KiteFault(fault) => {
                let ruptures = kite_fault::ruptures(source, fault)?;
                Prepared::Fault { around: fault.projection_vertices(&ruptures.mesh), ruptures }
            }
            // those have an extent of surfaces, which is above; a unit of something else is an error
            Typology::Characteristic(_) | Typology::Listed(_) => Prepared::Nothing,
        })
    }
}
