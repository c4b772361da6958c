//! SecondMotions of the second pass: computed once, for all that asks for them.

use super::super::CalcError;
use super::super::accumulate::{Part, Refused, are_motions};
use super::super::contexts::{Batch, Evaluate};
use super::super::disagg::Splitter;
use super::super::model::Model;
use super::super::spectra::MomentSums;
use crate::gsim::GroundMotion;

/// Computes the motions of batches, and hands them on.
pub struct SecondMotions<'a> {
    /// The parts of the models that are wanted.
    pub parts: Vec<&'a Part>,
    pub splitter: Option<Splitter<'a>>,
    pub moments: Option<MomentSums<'a>>,
    pub motion: GroundMotion,
    pub refused: Option<Refused>,
}

impl Evaluate for SecondMotions<'_> {
    fn evaluate(&mut self, batch: &Batch) {
        if self.refused.is_some() {
            return;
        }
        let splits = self.splitter.as_mut().is_some_and(|splitter| splitter.find_rows(batch));
        let sums = self.moments.as_ref().is_some_and(|moments| moments.counts(batch));
        if !splits && !sums {
            return;
        }
        for part in &self.parts {
            part.gsim.compute(&batch.contexts, &part.imts, &mut self.motion);
            for k in 0..part.places.len() {
                let row = self.motion.row(k);
                let (mean, sigma) = (&self.motion.mean[row.clone()], &self.motion.sig[row]);
                if !are_motions(mean, sigma, true) {
                    self.refused = Refused::first(part, k, &batch.contexts, (mean, sigma), true);
                    return;
                }
            }
            self.splitter.iter_mut().for_each(|splitter| splitter.split(batch, part, &self.motion));
            self.moments.iter_mut().for_each(|moments| moments.add(batch, part, &self.motion));
        }
    }
}

impl SecondMotions<'_> {
    /// From here on contexts are those of this source.
    pub fn begin(&mut self, source: usize) {
        self.splitter.iter_mut().for_each(|splitter| splitter.begin(source));
    }

    /// An error if a motion was none; `source` is of `group`.
    pub fn check(&mut self, model: &Model, group: usize, source: usize) -> Result<(), CalcError> {
        let Some(refused) = self.refused.take() else { return Ok(()) };
        let group = &model.groups[group];
        Err(refused.error(model.tree.gsims.models(group.trt_index), &model.imts(), group, source))
    }
}
