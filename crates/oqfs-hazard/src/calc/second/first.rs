//! What the first pass leaves for the second: mean curves, and the levels at the probabilities of the job.

use super::super::calculation::Piece;
use super::super::classical::Output;
use super::super::curves::{Curves, Layout};
use super::super::maps::levels_at;
use super::super::model::Model;
use super::super::{CalcError, Monitor};
use super::SecondOutput;
use crate::elementary::scalar::ln;

/// Takes curves down while they pass.
pub struct Tap<'a> {
    output: &'a mut dyn SecondOutput,
    /// The numbers of statistics and of levels of all intensity measures.
    statistics: usize,
    width: usize,
    /// The mean curves by site, (M, L).
    pub means: Vec<Vec<f32>>,
    /// The probabilities of exceedance by pair of a group and a model, (N, M, L), if the model is disaggregated.
    pub by_pair: Vec<Vec<f64>>,
}

impl<'a> Tap<'a> {
    /// Nothing so far.
    pub fn new(model: &Model, output: &'a mut dyn SecondOutput) -> Tap<'a> {
        let pairs = if model.disaggregation.is_some() { model.pairs().len() } else { 0 };
        Tap { output, statistics: 0, width: 0, means: Vec::new(), by_pair: vec![Vec::new(); pairs] }
    }
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
pub struct Pass<'a> {
    pub monitor: &'a dyn Monitor,
    pub pass: usize,
    pub passes: usize,
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

/// The levels of the second pass, (M, P) by site; 0 where there is no hazard.
pub fn levels(model: &Model, means: &[Vec<f32>]) -> Result<Vec<Vec<f64>>, CalcError> {
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
