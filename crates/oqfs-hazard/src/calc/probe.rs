//! Parts of a calculation's work tried out: how many contexts they make, how long these take to make, and how long the ground-motion
//! models of the job take for them, on this machine and now.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

use super::accumulate::{Accumulator, Levels};
use super::classical::GroupShared;
use super::contexts::{Batch, Collector, Evaluate};
use super::model::Model;
use super::placed::Workload;
use super::sources::Unit;
use super::{CalcError, Monitor};

/// A group of so many ruptures has several contexts to deposit for each site.
const MANY_RUPTURES: usize = 100;

/// Tries out parts of the work of a model.
pub struct Probe<'a> {
    model: &'a Model,
    levels: Levels,
    groups: Vec<(GroupShared, Speed)>,
    batches: usize,
    /// How long all took: on processors, and by the clock on the wall.
    spent: [AtomicU64; 2],
}

/// How long the contexts of a group take from ground motion to rates.
#[derive(Default)]
struct Speed {
    begun: AtomicUsize,
    /// Contexts and nanoseconds of each batch.
    batches: Mutex<Vec<(u64, u64)>>,
}

/// How long this thread has been on a processor, nanoseconds: what else the machine does changes nothing.
fn on_processor() -> u64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// What a part of the work gave.
#[derive(Clone, Copy, Debug)]
pub struct Tried {
    /// The number of its contexts.
    pub contexts: u64,
    /// How long it took to make them, seconds of a processor.
    pub making: f64,
}

impl<'a> Probe<'a> {
    /// For a model. So many batches of each group go through its ground-motion models.
    pub fn new(model: &'a Model, batches: usize) -> Probe<'a> {
        let groups = model.groups.iter().map(|group| (GroupShared::of(model, group), Speed::default())).collect();
        Probe { model, levels: Levels::of(&model.job.params), groups, batches, spent: Default::default() }
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
        let wanted = speed.begun.load(Ordering::Relaxed) < self.batches;
        let accumulator = wanted.then(|| {
            let mut accumulator = shared.accumulator(self.model, &self.levels, (group, tile), &|_| true);
            // as most contexts of a piece are, if they are many
            let are_many = group.ruptures() >= MANY_RUPTURES;
            accumulator.waiting.iter_mut().flatten().for_each(|column| column.expects_many = are_many);
            accumulator
        });
        let timed = Timed { accumulator, speed, most: self.batches, spent: 0 };
        let (time, minimum) = (params.investigation_time, params.minimum_distance);
        let mut collector = Collector::new(&self.model.sites, &shared.params, minimum, time, timed);
        let work = Workload { tile, reach: &shared.reach, shift_hypo: params.shift_hypo, monitor };
        let (clock, start) = (Instant::now(), on_processor());
        group.add(unit, &work, &mut collector)?;
        collector.flush();
        let spent = on_processor() - start;
        self.spent[0].fetch_add(spent, Ordering::Relaxed);
        self.spent[1].fetch_add(clock.elapsed().as_nanos() as u64, Ordering::Relaxed);
        let making = spent.saturating_sub(collector.evaluator.spent) as f64 * 1e-9;
        Ok(Tried { contexts: collector.count, making })
    }

    /// How much longer work takes by the clock than it is on a processor: what else the machine does.
    pub fn slowdown(&self) -> f64 {
        let [on_processor, by_clock] = self.spent.each_ref().map(|time| time.load(Ordering::Relaxed) as f64);
        if on_processor > 0.0 { (by_clock / on_processor).max(1.0) } else { 1.0 }
    }

    /// How long a context of a group takes in all its ground-motion models, seconds of a processor; `None` if there was none yet.
    pub fn seconds_a_context(&self, group: usize) -> Option<f64> {
        let batches = self.groups[group].1.batches.lock().unwrap_or_else(PoisonError::into_inner);
        // the median: a few batches take many times as long as others, because nothing of what comes after them is deposited with them
        let mut speeds: Vec<(f64, u64)> =
            batches.iter().map(|(n, time)| (*time as f64 * 1e-9 / *n as f64, *n)).collect();
        speeds.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut left = speeds.iter().map(|(_, contexts)| contexts).sum::<u64>() / 2;
        let median = speeds.iter().find(|(_, contexts)| {
            let is_it = left < *contexts;
            left = left.saturating_sub(*contexts);
            is_it
        });
        median.map(|(speed, _)| *speed)
    }
}

/// Times the first batches, and forgets the others: the collector counts them.
struct Timed<'a> {
    accumulator: Option<Accumulator<'a>>,
    speed: &'a Speed,
    /// So many batches of the group are timed.
    most: usize,
    /// How long batches took here, nanoseconds.
    spent: u64,
}

impl Evaluate for Timed<'_> {
    fn evaluate(&mut self, batch: &Batch) {
        let Some(accumulator) = &mut self.accumulator else { return };
        if self.speed.begun.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.accumulator = None;
            return;
        }
        let start = on_processor();
        // the first time there are buffers to make
        accumulator.evaluate(batch);
        let middle = on_processor();
        accumulator.evaluate(batch);
        let end = on_processor();
        self.spent += end - start;
        let mut batches = self.speed.batches.lock().unwrap_or_else(PoisonError::into_inner);
        batches.push((batch.sites.len() as u64, (middle - start).min(end - middle)));
    }
}
