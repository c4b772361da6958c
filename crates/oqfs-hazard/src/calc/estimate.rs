//! What a calculation will take, before it begins: contexts, time and memory.
//!
//! The work is tried out ([`super::probe`]): all of it where that is quick, otherwise a sample. A trial is a unit of sources at a tile of
//! sites. The sample takes trials in proportion to the pairs of a rupture and a site that they have, by a sequence that fills the
//! plane of ruptures and sites evenly and is the same each time; how long it gets depends on the time that there is. What the sample says
//! of a pair of a rupture and a site holds for all, with the standard error of the mean.

use std::num::NonZero;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::costs::{PieceCosts, TriedPiece, places_of};
use super::curves::{CurveMaker, Layout};
use super::disagg::Disaggregation;
use super::executor::{Executor, gather};
use super::model::{KeptCurves, Model};
use super::pieces::{Block, blocks, tiles, units};
use super::probe::{Probe, Tried};
use super::second::second_passes;
use super::sources::Unit;
use super::{CalcError, Monitor, Piece};
use crate::elementary::{hypot, powi};

/// How much an estimate may cost, and how good it has to be.
#[derive(Clone, Copy, Debug)]
pub struct Effort {
    /// It takes this time, about, if the sample is not good enough before.
    pub time: Duration,
    /// Nor does it take more than this share of the time that it finds, about.
    pub share: f64,
    /// A sample is good enough with this standard error of the time, relative.
    pub error: f64,
    /// Whether contexts are counted, all of them, if there is time.
    pub counts: bool,
    /// So many batches of each source group go through its ground-motion models; all others are counted alone.
    pub batches: usize,
}

impl Effort {
    /// For somebody who asks.
    pub const THOROUGH: Effort =
        Effort { time: Duration::from_secs(3), share: f64::INFINITY, error: 0.02, counts: true, batches: 24 };
    /// For a calculation whose pieces others will take, in the order of what they are expected to take.
    pub const SHARED: Effort = Effort { time: Duration::from_secs(2), error: 0.02, batches: 24, ..Effort::QUICK };
    /// For a calculation that is about to begin.
    pub const QUICK: Effort =
        Effort { time: Duration::from_millis(500), share: 0.03, error: 0.1, counts: false, batches: 4 };
}

/// What a calculation will take.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// The number of ruptures.
    pub ruptures: u64,
    /// The number of contexts.
    pub contexts: f64,
    /// Its standard error; 0 if they were counted.
    pub contexts_error: f64,
    /// Whether they were counted; otherwise their number comes from a sample.
    pub is_counted: bool,
    /// How long contexts and their rates take, seconds of a processor.
    pub work: f64,
    /// How long curves, statistics and maps take, seconds of one thread.
    pub curves: f64,
    /// How long both take on the threads that there are, seconds.
    pub seconds: f64,
    /// Its standard error, relative.
    pub error: f64,
    /// What pieces of the work take.
    pub pieces: PieceCosts,
    /// How long the longest of them takes, seconds of a processor.
    pub longest: f64,
}

/// The speed of a machine varies by so much, relative.
pub const SPEED_ERROR: f64 = 0.1;

/// The sample grows by so many trials for each thread at least.
const AT_ONCE: usize = 16;

/// What pieces take follows from so many trials at most.
const MOST_TRIALS: usize = 1 << 16;

/// A sample has so many trials at least.
const FEWEST_TRIALS: usize = 64;

/// The ruptures are cut into so many units at most for the sample, about.
const UNITS: u64 = 50_000;

/// The ruptures of a unit of the sample are so many at least, if there are.
const FEWEST_RUPTURES: u64 = 64;

impl Estimate {
    /// Estimate what a model takes, on so many threads.
    ///
    /// # Errors
    /// If somebody stops it.
    pub fn of(
        model: &Model,
        effort: Effort,
        threads: usize,
        executor: &dyn Executor,
        monitor: &dyn Monitor,
    ) -> Result<Estimate, CalcError> {
        let start = Instant::now();
        let work = Work { tiles: tiles(model), blocks: blocks(model) };
        let (probe, frame) = (Probe::new(model, effort.batches), Frame::of(model, &work));
        let run = |trial: &Trial| {
            let (unit, tile) = (&frame.units[trial.unit], &work.tiles[trial.tile]);
            let tried = probe.run((unit.group, &unit.unit), tile, monitor)?;
            Ok(Some(Found { unit: trial.unit, tile: trial.tile, tried }))
        };
        let left = || effort.time.saturating_sub(start.elapsed()).as_secs_f64();
        // some trials there have to be, however long they take
        let in_time = |n: usize, trial: &Trial| if n < threads || left() > 0.0 { run(trial) } else { Ok(None) };
        let mut found = Vec::new();
        let mut is_counted = frame.trials() <= FEWEST_TRIALS;
        while !is_counted && frame.ruptures > 0 {
            let more = (AT_ONCE * threads).max(found.len() / 4);
            let next: Vec<Trial> = (found.len()..found.len() + more).map(|n| frame.trial(n)).collect();
            let before = found.len();
            found.extend(gather(executor, next.len(), |i| in_time(before + i, &next[i]))?.into_iter().flatten());
            let sample = Sample::new(model, &frame, &probe, &found, false);
            let all = sample.making / threads as f64;
            is_counted = effort.counts && all < left();
            let is_spent = start.elapsed().as_secs_f64() > effort.share * sample.cost / threads as f64;
            if is_counted
                || is_spent
                || left() == 0.0
                || (found.len() >= FEWEST_TRIALS && sample.cost_error() <= effort.error)
            {
                break;
            }
        }
        if is_counted {
            let all: Vec<Trial> = frame.all_trials().collect();
            found = gather(executor, all.len(), |i| run(&all[i]))?.into_iter().flatten().collect();
        }
        let sample = Sample::new(model, &frame, &probe, &found, is_counted);
        let pieces = PieceCosts::new(model, &work.blocks, &sample.trials, is_counted);
        let curves = curves(model);
        let computing = work.time(&pieces, sample.cost, threads) * probe.slowdown();
        // a second pass makes the contexts again, and sums up by bin instead of by level
        let passes = 1 + second_passes(model);
        let seconds = passes as f64 * computing + curves / threads.min(model.sites.len()).max(1) as f64;
        Ok(Estimate {
            ruptures: frame.ruptures,
            contexts: sample.contexts,
            contexts_error: sample.contexts_error,
            is_counted,
            work: sample.cost,
            curves,
            seconds,
            error: hypot(sample.cost_error(), SPEED_ERROR),
            longest: work.longest(&pieces, sample.cost),
            pieces,
        })
    }

    /// How long the pieces take if they are shared by so many threads, wherever these are: nobody waits for a wave to end.
    pub fn seconds_shared(&self, threads: NonZero<usize>) -> f64 {
        (self.work / threads.get() as f64).max(self.longest)
    }
}

/// How long the curves of all sites take, seconds of one thread: those of the first one tell.
fn curves(model: &Model) -> f64 {
    /// Rates that give probabilities between 0 and 1.
    const SOME: f64 = 1e-3;
    let layout = Layout::of(model);
    let maker = CurveMaker::new(model, &layout);
    let rates = vec![vec![SOME; layout.all_rock_levels()]; layout.pairs.len()];
    let first = Instant::now();
    maker.make(&rates, &(0..1));
    first.elapsed().as_secs_f64() * layout.sites as f64
}

/// The work of a calculation, as it is cut.
struct Work {
    tiles: Vec<Range<usize>>,
    /// By group.
    blocks: Vec<Vec<Block>>,
}

impl Work {
    /// What the longest piece takes, if all take `all`.
    fn longest(&self, pieces: &PieceCosts, all: f64) -> f64 {
        let costs = self
            .tiles
            .iter()
            .flat_map(|tile| self.blocks.iter().flatten().map(move |block| pieces.of(Piece { tile, block })));
        let (sum, longest) = costs.fold((0.0, 0.0), |(sum, longest): (f64, f64), cost| (sum + cost, longest.max(cost)));
        if sum > 0.0 { longest / sum * all } else { 0.0 }
    }

    /// How long the pieces take on so many threads, if one thread takes `all` for them: no wave ends before its longest piece.
    fn time(&self, pieces: &PieceCosts, all: f64, threads: usize) -> f64 {
        let costs_of = |tile| {
            let all = self.blocks.iter().flatten();
            all.map(move |block| pieces.of(Piece { tile, block }))
        };
        let (mut sum, mut time) = (0.0, 0.0);
        for wave in super::calculation::waves(&self.tiles, &self.blocks) {
            let costs = wave.iter().flat_map(costs_of);
            let (of_wave, longest) = costs.fold((0.0, 0.0), |(sum, longest), cost| (sum + cost, cost.max(longest)));
            sum += of_wave;
            time += longest.max(of_wave / threads as f64);
        }
        if sum > 0.0 { time / sum * all } else { 0.0 }
    }
}

/// All that may be tried out: units of sources, finer than those of the pieces, by tiles of sites.
struct Frame {
    units: Vec<FrameUnit>,
    /// How many ruptures there are up to the end of each unit.
    ends: Vec<u64>,
    ruptures: u64,
    /// Where each tile of sites ends.
    tile_ends: Vec<usize>,
    sites: usize,
}

struct FrameUnit {
    group: usize,
    /// The place of its block among those of the group.
    block: usize,
    unit: Unit,
    ruptures: u64,
}

/// A unit at a tile, by their places in the frame.
#[derive(Clone, Copy)]
struct Trial {
    unit: usize,
    tile: usize,
}

/// What a trial gave.
struct Found {
    unit: usize,
    tile: usize,
    tried: Tried,
}

impl Frame {
    fn of(model: &Model, work: &Work) -> Frame {
        let ruptures: u64 = model.groups.iter().map(|group| group.ruptures() as u64).sum();
        let target = (ruptures / UNITS).max(FEWEST_RUPTURES);
        let mut all = Vec::new();
        for (index, (group, blocks)) in model.groups.iter().zip(&work.blocks).enumerate() {
            // units stand in the order of the blocks
            let (mut block, mut before, mut end) = (0, 0, blocks.first().map_or(0, |block| block.weight));
            for (unit, ruptures) in units(group, target).into_iter().filter(|(_, ruptures)| *ruptures > 0) {
                while before >= end && block + 1 < blocks.len() {
                    block += 1;
                    end += blocks[block].weight;
                }
                before += ruptures;
                all.push(FrameUnit { group: index, block, unit, ruptures });
            }
        }
        let up_to = |sum: &mut u64, unit: &FrameUnit| {
            *sum += unit.ruptures;
            Some(*sum)
        };
        let ends: Vec<u64> = all.iter().scan(0, up_to).collect();
        Frame {
            ruptures: ends.last().copied().unwrap_or_default(),
            units: all,
            ends,
            tile_ends: work.tiles.iter().map(|tile| tile.end).collect(),
            sites: model.sites.len(),
        }
    }

    fn trials(&self) -> usize {
        self.units.len().saturating_mul(self.tile_ends.len())
    }

    fn all_trials(&self) -> impl Iterator<Item = Trial> {
        (0..self.tile_ends.len()).flat_map(|tile| (0..self.units.len()).map(move |unit| Trial { unit, tile }))
    }

    /// The n-th trial of the sample.
    fn trial(&self, n: usize) -> Trial {
        // multiples of 1/p and 1/p², where p³ = p + 1, fill a square evenly
        const PLASTIC: f64 = 1.324_717_957_244_746;
        let place = |step: f64| (0.5 + (n + 1) as f64 * step).fract();
        let rupture = (place(1.0 / PLASTIC) * self.ruptures as f64) as u64;
        let site = (place(1.0 / (PLASTIC * PLASTIC)) * self.sites as f64) as usize;
        Trial {
            unit: self.ends.partition_point(|end| *end <= rupture).min(self.units.len() - 1),
            tile: self.tile_ends.partition_point(|end| *end <= site).min(self.tile_ends.len() - 1),
        }
    }

    /// The sites of a tile.
    fn tile(&self, tile: usize) -> Range<usize> {
        tile.checked_sub(1).map_or(0, |before| self.tile_ends[before])..self.tile_ends[tile]
    }

    /// The pairs of a rupture and a site.
    fn pairs(&self, found: &Found) -> f64 {
        self.units[found.unit].ruptures as f64 * self.tile(found.tile).len() as f64
    }
}

/// What trials say of all.
struct Sample {
    contexts: f64,
    contexts_error: f64,
    /// How long it takes to make all contexts, seconds of a processor.
    making: f64,
    /// How long all takes, seconds of a processor.
    cost: f64,
    /// The standard error of that.
    cost_error: f64,
    trials: Vec<TriedPiece>,
}

impl Sample {
    fn new(model: &Model, frame: &Frame, probe: &Probe, found: &[Found], is_counted: bool) -> Sample {
        let all = frame.ruptures as f64 * frame.sites as f64;
        let known: Vec<Option<f64>> = {
            let groups = frame.units.last().map_or(0, |unit| unit.group + 1);
            (0..groups).map(|group| probe.seconds_a_context(group)).collect()
        };
        let cost = |found: &Found| {
            let a_context = known[frame.units[found.unit].group].unwrap_or_default();
            found.tried.making + found.tried.contexts as f64 * a_context
        };
        // a trial of the sample stands for as many pairs as any other; of all trials each stands for its own
        let counts = |found: &Found| if is_counted { frame.pairs(found) } else { 1.0 };
        let total = |value: &dyn Fn(&Found) -> f64| {
            let n = found.len() as f64;
            let weight: f64 = found.iter().map(counts).sum();
            if weight == 0.0 {
                return (0.0, 0.0);
            }
            let density = |found: &Found| value(found) / frame.pairs(found);
            let mean = found.iter().map(|found| counts(found) * density(found)).sum::<f64>() / weight;
            if is_counted {
                return (found.iter().map(value).sum(), 0.0);
            }
            let spread = found.iter().map(|found| powi(density(found) - mean, 2)).sum::<f64>() / (n - 1.0).max(1.0);
            (mean * all, (spread / n).sqrt() * all)
        };
        let (contexts, contexts_error) = total(&|found| found.tried.contexts as f64);
        let (making, _) = total(&|found| found.tried.making);
        let (cost_of_all, cost_error) = total(&cost);
        let tried = |found: &Found| {
            let FrameUnit { group, block, .. } = frame.units[found.unit];
            TriedPiece {
                block: (group, block),
                places: places_of(&model.groups[group], std::slice::from_ref(&frame.units[found.unit].unit)),
                tile: frame.tile(found.tile),
                density: cost(found) / frame.pairs(found),
                counts: counts(found),
            }
        };
        Sample {
            contexts,
            contexts_error,
            making,
            cost: cost_of_all,
            cost_error,
            trials: found.iter().step_by(found.len().div_ceil(MOST_TRIALS).max(1)).map(tried).collect(),
        }
    }

    /// The standard error of what all takes, relative.
    fn cost_error(&self) -> f64 {
        if self.cost > 0.0 { self.cost_error / self.cost } else { 0.0 }
    }
}

/// Bytes that a calculation holds at once beside its model, on so many threads: the rates of a wave of pieces, the curves of its tiles, and
/// those that wait to be written.
pub fn working_memory(model: &Model, threads: usize, waiting: usize) -> f64 {
    const NUMBER: f64 = size_of::<f64>() as f64;
    let (layout, blocks, tiles) = (Layout::of(model), blocks(model), tiles(model));
    let longest = tiles.iter().map(Range::len).max().unwrap_or_default() as f64;
    let rock = layout.all_rock_levels() as f64;
    let models = |block: &Block| model.tree.gsims.models(model.groups[block.group].trt_index).len() as f64;
    let of_blocks: f64 = blocks.iter().flatten().map(models).sum();
    let at_once = super::calculation::waves(&tiles, &blocks).map(<[_]>::len).max().unwrap_or_default() as f64;
    let by_source = layout.sources.len() as f64;
    let rates = at_once * longest * rock * (of_blocks + by_source);
    // of each site the curves of all realizations, while its statistics are made
    let width = rock.max(layout.all_levels() as f64);
    let of_sites = threads.min(layout.sites) as f64 * layout.realizations as f64 * width * 2.0;
    let of_tile = longest * layout.bytes_of_site();
    // what is kept for later is made into bytes by each thread
    let kept = threads as f64 * longest * rock * of_blocks / blocks.iter().flatten().count().max(1) as f64 * 2.0;
    // the blocks of one group at a time
    let most_models = blocks.iter().flatten().map(models).fold(0.0, f64::max);
    let columns = most_models * model.job.params.imtls().len() as f64;
    let deposits = threads as f64 * longest * columns * super::deposits::bytes_of_site(model.job.params.levels());
    let is_kept = layout.realization_curves != KeptCurves::No;
    let arrays = (layout.pairs.len() + if is_kept { 6 } else { 3 }) as f64;
    let tiles_waiting = (waiting as f64 / arrays).ceil().min(tiles.len() as f64);
    // the sums by bin, what is made of them, and what pieces give, which have but a part of the bins each
    let sites_at_once = |of: &Disaggregation| of.sites_at_once().min(layout.sites) as f64;
    let by_bin = model.disaggregation.as_ref().map_or(0.0, |of| 3.0 * of.bytes_of_site() * sites_at_once(of));
    NUMBER * (rates + of_sites + kept) + deposits + of_tile * (2.0 + tiles_waiting) + by_bin
}
