//! Parts of a calculation's work tried out: how many contexts they make, how long these take to make, and how long the ground-motion
//! models of the job take for them, on this machine and now.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::accumulate::{Accumulator, Levels};
use super::classical::GroupShared;
use super::contexts::{Batch, Collector, Evaluate};
use super::model::Model;
use super::placed::Workload;
use super::sources::Unit;
use super::{CalcError, Monitor};

/// So many batches of a group go through its ground-motion models; all others are counted alone.
const TIMED_BATCHES: usize = 24;

/// Tries out parts of the work of a model.
pub struct Probe<'a> {
    model: &'a Model,
    levels: Levels,
    groups: Vec<(GroupShared, Speed)>,
}

/// How long the contexts of a group take from ground motion to rates.
#[derive(Default)]
struct Speed {
    begun: AtomicUsize,
    contexts: AtomicU64,
    nanoseconds: AtomicU64,
}

/// What a part of the work gave.
#[derive(Clone, Copy, Debug)]
pub struct Tried {
    /// The number of its contexts.
    pub contexts: u64,
    /// How long it took to make them, seconds.
    pub making: f64,
}

impl<'a> Probe<'a> {
    /// For a model.
    pub fn new(model: &'a Model) -> Probe<'a> {
        let groups = model.groups.iter().map(|group| (GroupShared::of(model, group), Speed::default())).collect();
        Probe { model, levels: Levels::of(&model.job.params), groups }
    }

    /// Make the contexts of a unit of a group at a tile.
    ///
    /// # Errors
    /// If somebody stops it.
    pub fn run(
        &self,
        (index, unit): (usize, &Unit),
        tile: &Range<usize>,
        monitor: &dyn Monitor,
    ) -> Result<Tried, CalcError> {
        let (group, (shared, speed)) = (&self.model.groups[index], &self.groups[index]);
        let params = &self.model.job.params;
        let wanted = speed.begun.load(Ordering::Relaxed) < TIMED_BATCHES;
        let accumulator = wanted.then(|| shared.accumulator(self.model, &self.levels, (group, tile), &|_| true));
        let timed = Timed { accumulator, speed, spent: Duration::ZERO };
        let (time, minimum) = (params.investigation_time, params.minimum_distance);
        let mut collector = Collector::new(&self.model.sites, &shared.params, minimum, time, timed);
        let work = Workload { tile, reach: &shared.reach, shift_hypo: params.shift_hypo, monitor };
        let start = Instant::now();
        group.add(unit, &work, &mut collector)?;
        collector.flush();
        let making = start.elapsed().saturating_sub(collector.evaluator.spent).as_secs_f64();
        Ok(Tried { contexts: collector.count, making })
    }

    /// How long a context of a group takes in all its ground-motion models, seconds; `None` if there was none yet.
    pub fn seconds_a_context(&self, group: usize) -> Option<f64> {
        let Speed { contexts, nanoseconds, .. } = &self.groups[group].1;
        let contexts = contexts.load(Ordering::Relaxed);
        (contexts > 0).then(|| nanoseconds.load(Ordering::Relaxed) as f64 * 1e-9 / contexts as f64)
    }
}

/// Times the first batches, and forgets the others: the collector counts them.
struct Timed<'a> {
    accumulator: Option<Accumulator<'a>>,
    speed: &'a Speed,
    /// The time that batches took here.
    spent: Duration,
}

impl Evaluate for Timed<'_> {
    fn evaluate(&mut self, batch: &Batch) {
        let Some(accumulator) = &mut self.accumulator else { return };
        if self.speed.begun.fetch_add(1, Ordering::Relaxed) >= TIMED_BATCHES {
            self.accumulator = None;
            return;
        }
        let start = Instant::now();
        // the first time there are buffers to make
        accumulator.evaluate(batch);
        let first = start.elapsed();
        accumulator.evaluate(batch);
        self.spent += start.elapsed();
        let second = start.elapsed() - first;
        self.speed.contexts.fetch_add(batch.sites.len() as u64, Ordering::Relaxed);
        self.speed.nanoseconds.fetch_add(first.min(second).as_nanos() as u64, Ordering::Relaxed);
    }
}
