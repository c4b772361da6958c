//! The counting of what a job would compute: the contexts of each source, without their ground motion.

use std::ops::Range;

use super::calculation::{Calculation, Piece, calculate};
use super::contexts::{Batch, Collector, Evaluate};
use super::executor::Executor;
use super::model::Model;
use super::placed::{Reach, Workload};
use super::{CalcError, Monitor};

/// Count the contexts of each source of a model, by group: the pairs of a rupture and a site that feels it.
///
/// # Errors
/// If somebody stops it.
pub fn preclassical(model: &Model, executor: &dyn Executor, monitor: &dyn Monitor) -> Result<Vec<Vec<u64>>, CalcError> {
    let reaches =
        model.groups.iter().map(|group| Reach::of(&group.trt, model.sites.len(), &model.job.params)).collect();
    let contexts = model.groups.iter().map(|group| vec![0; group.sources.len()]).collect();
    let mut counting = Preclassical { model, reaches, contexts };
    calculate(&mut counting, model, executor, monitor)?;
    Ok(counting.contexts)
}

struct Preclassical<'a> {
    model: &'a Model,
    /// By group.
    reaches: Vec<Reach>,
    /// By source, by group.
    contexts: Vec<Vec<u64>>,
}

/// Forgets contexts: the collector counts them.
struct Nobody;

impl Evaluate for Nobody {
    fn evaluate(&mut self, _: &Batch) {}
}

impl Calculation for Preclassical<'_> {
    /// The group, and the number of contexts by source.
    type Part = (usize, Vec<(usize, u64)>);

    const STAGE: &'static str = "preclassical";

    fn run(&self, piece: Piece, monitor: &dyn Monitor) -> Result<Self::Part, CalcError> {
        let (index, params) = (piece.block.group, &self.model.job.params);
        let group = &self.model.groups[index];
        let (tile, reach) = (piece.tile, &self.reaches[index]);
        let work = Workload { tile, reach, shift_hypo: params.shift_hypo, monitor };
        // no parameter is asked for, so that no distance but the closest is computed
        let mut collector =
            Collector::new(&self.model.sites, &[], params.minimum_distance, params.investigation_time, Nobody);
        let mut contexts = Vec::new();
        for unit in &piece.block.units {
            let before = collector.count;
            group.add(unit, &work, &mut collector)?;
            collector.flush();
            contexts.push((unit.source(group), collector.count - before));
        }
        Ok((index, contexts))
    }

    fn take(&mut self, _: &Range<usize>, parts: Vec<Vec<Self::Part>>) -> Result<(), CalcError> {
        for (group, counts) in parts.into_iter().flatten() {
            counts.into_iter().for_each(|(source, n)| self.contexts[group][source] += n);
        }
        Ok(())
    }
}
