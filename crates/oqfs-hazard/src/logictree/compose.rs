//! Both trees composed by the weights of their branches alone: the realizations in the engine's order.

use super::generator::Generator;
use super::sampling::{SampledTree, draw, random};
use crate::job::{Params, SamplingMethod};

/// One path through both trees.
#[derive(Clone, Debug, PartialEq)]
pub struct Realization {
    /// The index of its source model path.
    pub source_model: usize,
    /// The index of the model for each tectonic region type, in the order of the GSIM tree.
    pub gsims: Vec<usize>,
    /// Its weight; all weights sum to one.
    pub weight: f64,
}

/// How trees are sampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// How many paths are drawn.
    pub samples: usize,
    /// The seed for the source model tree; that for the GSIM tree is the next one.
    pub seed: u32,
    /// How they are drawn.
    pub method: SamplingMethod,
    /// Where the random numbers come from.
    pub generator: Generator,
}

impl Sampling {
    /// As the job says, with the numbers of the engine's current release; `None` if it wants every path.
    pub fn of(params: &Params) -> Option<Sampling> {
        let (samples, seed, method) = (params.number_of_logic_tree_samples, params.random_seed, params.sampling_method);
        (samples > 0).then_some(Sampling { samples, seed, method, generator: Generator::Pcg64 })
    }

    /// By the name of the method, as `sampling_method` of a job has it; an error says which there are.
    pub fn named(samples: usize, seed: u32, method: &str, generator: Generator) -> Result<Sampling, String> {
        Ok(Sampling { samples, seed, method: method.parse()?, generator })
    }

    /// Whether branches are drawn by their weights, so that all samples weigh the same.
    pub(super) fn is_early(&self) -> bool {
        matches!(self.method, SamplingMethod::EarlyWeights | SamplingMethod::EarlyLatin)
    }
}

/// A choice of one model for each tectonic region type.
#[derive(Clone, Debug, PartialEq)]
struct GsimPath {
    choice: Vec<usize>,
    weight: f64,
}

/// The realizations of source model paths, given by their weights and the samples they stand for, and of the branch sets of a
/// GSIM tree, given by the weights of their branches: every path of the one with every path of the other, or samples of
/// both side by side.
pub fn realizations(
    source_models: &[(f64, usize)],
    gsims: &[Vec<f64>],
    sampling: Option<Sampling>,
) -> Vec<Realization> {
    let paths = (0..).zip(source_models);
    let mut realizations: Vec<Realization> = match sampling {
        Some(sampling) => {
            let expanded = paths.flat_map(|(i, (weight, samples))| std::iter::repeat_n((i, weight), *samples));
            let of_sample = |((source_model, weight), gsim): ((usize, &f64), GsimPath)| {
                let weight = if sampling.is_early() { 1.0 / sampling.samples as f64 } else { weight * gsim.weight };
                Realization { source_model, gsims: gsim.choice, weight }
            };
            expanded.zip(sampled(gsims, sampling)).map(of_sample).collect()
        }
        None => {
            let gsims = products(gsims);
            let with_each = |(source_model, (weight, _)): (usize, &(f64, usize))| {
                let weight = *weight;
                let of_gsim = move |gsim: &GsimPath| Realization {
                    source_model,
                    gsims: gsim.choice.clone(),
                    weight: weight * gsim.weight,
                };
                gsims.iter().map(of_gsim).collect::<Vec<_>>()
            };
            paths.flat_map(with_each).collect()
        }
    };
    let total: f64 = realizations.iter().map(|r| r.weight).sum();
    if total != 1.0 {
        realizations.iter_mut().for_each(|r| r.weight /= total);
    }
    realizations
}

/// Every path: the last tectonic region type changes fastest.
fn products(sets: &[Vec<f64>]) -> Vec<GsimPath> {
    let mut paths = vec![GsimPath { choice: Vec::new(), weight: 1.0 }];
    for weights in sets {
        let longer = |path: &GsimPath| {
            let with = |(i, weight): (usize, &f64)| {
                let choice = path.choice.iter().copied().chain([i]).collect();
                GsimPath { choice, weight: path.weight * weight }
            };
            weights.iter().enumerate().map(with).collect::<Vec<_>>()
        };
        paths = paths.iter().flat_map(longer).collect();
    }
    paths
}

/// Sampled paths, with the seed after that of the source model tree.
fn sampled(sets: &[Vec<f64>], sampling: Sampling) -> Vec<GsimPath> {
    let (columns, method) = (sets.len(), sampling.method);
    let numbers = random(sampling, columns, SampledTree::Gsims);
    let path = |row: usize| {
        let choose = |(column, weights): (usize, &Vec<f64>)| draw(weights, numbers[row * columns + column], method);
        let choice: Vec<usize> = sets.iter().enumerate().map(choose).collect();
        let weight = choice.iter().zip(sets).filter_map(|(&i, weights)| weights.get(i)).product();
        GsimPath { choice, weight }
    };
    (0..sampling.samples).map(path).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_there_and_the_last_set_changes_fastest() {
        let all = realizations(&[(0.25, 4), (0.75, 4)], &[vec![0.5, 0.5], vec![0.2, 0.8]], None);
        let gsims: Vec<&[usize]> = all.iter().map(|r| &r.gsims[..]).collect();
        assert_eq!(gsims[..5], [[0, 0], [0, 1], [1, 0], [1, 1], [0, 0]]);
        assert_eq!((all.len(), all[4].source_model, all[4].weight), (8, 1, 0.75 * (0.5 * 0.2)));
    }

    #[test]
    fn weights_that_do_not_sum_to_one_are_made_to() {
        // Of the late methods the samples weigh by their branches.
        let sampling = Sampling::named(3, 42, "late_weights", Generator::Pcg64).unwrap();
        let drawn = realizations(&[(0.7, 2), (0.3, 1)], &[vec![0.1, 0.9]], Some(sampling));
        assert_eq!(drawn.iter().map(|r| r.source_model).collect::<Vec<_>>(), [0, 0, 1]);
        assert!((drawn.iter().map(|r| r.weight).sum::<f64>() - 1.0).abs() < 1e-15, "{drawn:?}");
        assert!(Sampling::named(3, 42, "late", Generator::Pcg64).unwrap_err().contains("late_latin"));
    }

    #[test]
    fn a_set_without_branches_has_no_paths() {
        assert!(realizations(&[(1.0, 1)], &[vec![]], None).is_empty());
    }
}
