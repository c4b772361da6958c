//! Which realizations are disaggregated: those whose curves at a site are nearest to the mean ones.

use super::super::model::Model;
use super::super::stats::Statistic;
use super::Disaggregation;
use crate::elementary::scalar::{exp, exp_m1, ln, ln_1p};

/// Probabilities below this count as this, so that they have a logarithm.
const LEAST: f64 = 1e-12;

/// More expected exceedances than this are certainty.
const CERTAIN: f64 = 700.0;

/// The realizations that are disaggregated, by site; `by_pair` are the probabilities of exceedance of each pair of a group and a model,
/// (N, M, L).
pub fn chosen(model: &Model, of: &Disaggregation, realizations: &[Vec<u32>], by_pair: &[Vec<f64>]) -> Vec<Vec<u32>> {
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

/// What orders the realizations at a site.
struct Choice<'a> {
    model: &'a Model,
    /// The realizations of each pair of a group and a model.
    realizations: &'a [Vec<u32>],
    weights: Vec<f64>,
    weights_by_imt: Option<Vec<Vec<f64>>>,
}

impl<'a> Choice<'a> {
    /// Of a model.
    fn new(model: &'a Model, realizations: &'a [Vec<u32>]) -> Choice<'a> {
        Choice {
            model,
            realizations,
            weights: model.tree.weights_for(0),
            weights_by_imt: model.tree.weights_by_imt(0, &model.imts(), &model.job.params),
        }
    }

    /// The realizations, the nearest first, by the probabilities of exceedance (M, L) of each pair at a site. Near is what differs little
    /// in the logarithms of probabilities: with `use_rates` alone level by level. Otherwise the engine takes the difference of each level of a
    /// curve from each of the mean (`closest_to_ref` by arrays of two shapes), which puts them in the order of their squared differences from
    /// the mean over all levels.
    fn order(&self, by_pair: &[&[f64]]) -> Vec<u32> {
        let count = self.weights.len();
        let width = by_pair.first().map_or(0, |poes| poes.len());
        let mut curves = vec![0.0; count * width];
        for (poes, realizations) in by_pair.iter().zip(self.realizations) {
            let expected: Vec<f64> = poes.iter().map(|poe| (-ln_1p(-poe)).min(CERTAIN)).collect();
            for &realization in realizations {
                let curve = &mut curves[realization as usize * width..][..width];
                curve.iter_mut().zip(&expected).for_each(|(sum, x)| *sum += x);
            }
        }
        // with use_rates alone the mean is of rates
        let of_rates = self.model.job.params.has_fast_mean();
        let mut mean = vec![0.0; width];
        if of_rates {
            self.mean(&curves, &mut mean);
        }
        curves.iter_mut().for_each(|x| *x = -exp_m1(-*x));
        match of_rates {
            // in single precision, as the engine does it: what is below its last digit is none
            true => mean.iter_mut().for_each(|x| *x = f64::from(1.0 - exp(-f64::from(*x as f32)) as f32)),
            false => self.mean(&curves, &mut mean),
        }
        let logarithm = |poe: &f64| ln(poe.max(LEAST));
        let mut mean: Vec<f64> = mean.iter().map(logarithm).collect();
        if !of_rates {
            let over_levels = mean.iter().sum::<f64>() / width.max(1) as f64;
            mean.fill(over_levels);
        }
        let distance = |curve: &[f64]| {
            let squares = curve.iter().map(logarithm).zip(&mean).map(|(x, mean)| (x - mean) * (x - mean));
            squares.sum::<f64>()
        };
        let mut order: Vec<(f64, u32)> = curves.chunks(width.max(1)).map(distance).zip(0..).collect();
        order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        order.into_iter().map(|(_, realization)| realization).collect()
    }

    /// The mean of the curves (R, M, L).
    fn mean(&self, curves: &[f64], out: &mut [f64]) {
        let Some(by_imt) = &self.weights_by_imt else { return Statistic::Mean.compute(curves, &self.weights, out) };
        let (levels, width) = (self.model.job.params.levels(), out.len());
        for (m, (weights, out)) in by_imt.iter().zip(out.chunks_mut(levels)).enumerate() {
            if weights.iter().sum::<f64>() > 0.0 {
                let of_imt = curves.chunks(width).flat_map(|curve| &curve[m * levels..(m + 1) * levels]);
                Statistic::Mean.compute(&of_imt.copied().collect::<Vec<f64>>(), weights, out);
            }
        }
    }
}
