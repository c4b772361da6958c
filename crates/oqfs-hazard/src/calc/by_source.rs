//! Mean annual rates of exceedance by source (`disagg_by_src`).

use std::collections::HashMap;

use super::CalcError;
use super::dependence::Combination;
use super::sources::SourceGroup;
use crate::digest::Digester;
use crate::job::Job;
use crate::logictree::FullLogicTree;

/// What the mean rates by source are made of.
#[derive(Clone, Debug)]
pub struct BySource {
    /// The names of the sources, sorted: ids without the numbers of parts.
    pub names: Vec<String>,
    /// The name of each source, by group.
    of_source: Vec<Vec<usize>>,
    /// The weight of the realizations that go through each model, (models) of (M), by group.
    weights: Vec<Vec<Vec<f64>>>,
}

/// The mean annual rates (T, M, L) of a source of this name.
pub type MeanRates = (usize, Vec<f64>);

impl BySource {
    /// For the groups of a job; `None` if it does not ask for it.
    ///
    /// # Errors
    /// If sources that depend on each other are of several names: then no rate is that of one of them.
    pub fn of(job: &Job, tree: &FullLogicTree, groups: &[SourceGroup]) -> Result<Option<BySource>, CalcError> {
        if !job.params.disagg_by_src {
            return Ok(None);
        }
        let line = job.params.lines.disagg_by_src;
        let mut names: Vec<String> = groups.iter().flat_map(|g| &g.sources).map(|s| basename(&s.id)).collect();
        names.sort();
        names.dedup();
        // every name was collected above, so that each has its place
        let places: HashMap<&str, usize> =
            names.iter().enumerate().map(|(place, name)| (name.as_str(), place)).collect();
        let of_group = |g: &SourceGroup| g.sources.iter().map(|s| places[basename(&s.id).as_str()]).collect();
        let of_source: Vec<Vec<usize>> = groups.iter().map(of_group).collect();
        for (group, of_source) in groups.iter().zip(&of_source) {
            check(job, line, group, of_source)?;
        }
        Ok(Some(BySource { weights: weights(job, tree, groups), names, of_source }))
    }

    /// The place of the name of a source of a group.
    pub fn name(&self, group: usize, source: usize) -> usize {
        self.of_source[group][source]
    }

    /// The weights of the realizations that go through each model of a group, (models) of (M).
    pub fn weights(&self, group: usize) -> &[Vec<f64>] {
        &self.weights[group]
    }

    /// The mean over realizations of what a source of a group gives by each model, (models) of (T, M, L).
    pub fn mean(&self, (group, source): (usize, usize), rates: &[Vec<f64>], levels: usize) -> MeanRates {
        let mut mean = vec![0.0; rates.first().map_or(0, Vec::len)];
        for (rates, weights) in rates.iter().zip(&self.weights[group]) {
            let curves = mean.chunks_mut(levels).zip(rates.chunks(levels));
            for ((mean, rates), weight) in curves.zip(weights.iter().cycle()) {
                mean.iter_mut().zip(rates).for_each(|(sum, rate)| *sum += weight * rate);
            }
        }
        (self.name(group, source), mean)
    }

    /// Take in what the mean rates of the sources of a group depend on, beside their rates by each model.
    pub fn add_to(&self, group: usize, digester: &mut Digester) {
        digester.begin("by source");
        digester.add(&self.of_source[group]).add(&self.weights[group]);
    }

    /// The rates of all names, (T, M, L, names), of T sites with so many values each.
    pub fn all(&self, found: &[MeanRates], values: usize) -> Vec<f64> {
        let width = self.names.len();
        let mut all = vec![0.0; values * width];
        for (name, rates) in found {
            rates.iter().enumerate().for_each(|(at, rate)| all[at * width + name] += rate);
        }
        all
    }
}

/// Gathers what the sources of a block give, each when it is done.
pub struct Gathered<'a> {
    by_source: Option<&'a BySource>,
    group: usize,
    levels: usize,
    /// Where members depend on each other.
    combination: Option<Combination<'a>>,
    /// The first source that depends on others.
    first: Option<usize>,
    /// The rates of the sources before, where those by source are wanted.
    before: Vec<Vec<f64>>,
    found: Vec<MeanRates>,
}

impl<'a> Gathered<'a> {
    /// For a group, with `levels` levels of each intensity measure.
    pub fn new(
        by_source: Option<&'a BySource>,
        group: usize,
        combination: Option<Combination<'a>>,
        levels: usize,
    ) -> Gathered<'a> {
        Gathered { by_source, group, levels, combination, first: None, before: Vec::new(), found: Vec::new() }
    }

    /// Whether the rates of each source count by themselves.
    pub fn is_by_source(&self) -> bool {
        self.combination.is_some() || self.by_source.is_some()
    }

    /// A source is done; `rates` may be set back to zero.
    pub fn add(&mut self, source: usize, weight: f64, rates: &mut Vec<Vec<f64>>) {
        self.first.get_or_insert(source);
        match (&mut self.combination, self.by_source) {
            (Some(combination), _) => combination.add(weight, rates),
            (None, Some(by_source)) => {
                self.found.push(by_source.mean((self.group, source), rates, self.levels));
                let zero = rates.iter().map(|rates| vec![0.0; rates.len()]).collect();
                let of_source = std::mem::replace(rates, zero);
                if self.before.is_empty() {
                    self.before = of_source;
                } else {
                    let pairs = self.before.iter_mut().flatten().zip(of_source.iter().flatten());
                    pairs.for_each(|(sum, rate)| *sum += rate);
                }
            }
            (None, None) => {}
        }
    }

    /// The rates of all sources by each model, and the mean ones by source.
    pub fn finish(mut self, rates: Vec<Vec<f64>>) -> (Vec<Vec<f64>>, Vec<MeanRates>) {
        let Some(combination) = self.combination else {
            return (if self.before.is_empty() { rates } else { self.before }, self.found);
        };
        let rates = combination.rates();
        if let (Some(by_source), Some(first)) = (self.by_source, self.first) {
            self.found.push(by_source.mean((self.group, first), &rates, self.levels));
        }
        (rates, self.found)
    }
}

fn check(job: &Job, line: usize, group: &SourceGroup, of_source: &[usize]) -> Result<(), CalcError> {
    match of_source.iter().position(|name| *name != of_source[0]) {
        Some(other) if group.rule.is_some() => {
            let (first, other) = (&group.sources[0].id, &group.sources[other].id);
            let message = format!(
                "disagg_by_src: the sources {first} and {other} depend on each other; expected ids that are alike before a colon, \
                 as {first}:1 and {first}:2"
            );
            Err(job.error(line, message).into())
        }
        _ => Ok(()),
    }
}

/// See [`BySource::weights`].
fn weights(job: &Job, tree: &FullLogicTree, groups: &[SourceGroup]) -> Vec<Vec<Vec<f64>>> {
    let imts = job.params.imts();
    let weights: Vec<f64> = tree.realizations.iter().map(|r| r.weight).collect();
    let by_imt = tree.weights_by_imt(0, &imts, &job.params);
    let by_imt = by_imt.unwrap_or_else(|| vec![weights; imts.len()]);
    let of_model = |group: &SourceGroup, gsim: usize| {
        let through = tree.realizations_of(&group.paths, group.trt_index, gsim);
        let of_imt = |weights: &Vec<f64>| through.iter().map(|&r| weights[r as usize]).sum();
        by_imt.iter().map(of_imt).collect()
    };
    let of_group =
        |group: &SourceGroup| (0..tree.gsims.models(group.trt_index).len()).map(|gsim| of_model(group, gsim)).collect();
    groups.iter().map(of_group).collect()
}

/// The id of a source without the numbers of its parts (`:1`, `;1`, `.1`) and without what follows an exclamation mark.
fn basename(id: &str) -> String {
    let id = id.split('!').next().unwrap_or_default();
    let mut name = String::new();
    let mut rest = id.chars().peekable();
    while let Some(c) = rest.next() {
        if !matches!(c, ';' | ':' | '.') || !rest.peek().is_some_and(char::is_ascii_digit) {
            name.push(c);
            continue;
        }
        while rest.next_if(char::is_ascii_digit).is_some() {}
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_an_id_without_numbers_of_parts() {
        for (id, name) in
            [("irpinia", "irpinia"), ("a:12", "a"), ("a:1;0!b1", "a"), ("a.b", "a.b"), ("1694", "1694"), ("a.1b", "ab")]
        {
            assert_eq!(basename(id), name, "{id}");
        }
    }

    #[test]
    fn parts_of_a_source_are_summed_and_models_weighed() {
        let by_source = BySource {
            names: vec!["a".into(), "b".into()],
            of_source: vec![vec![1, 0, 1]],
            weights: vec![vec![vec![0.25, 0.5], vec![0.75, 0.5]]],
        };
        // one site, two intensity measures of one level, by two models
        let mean = |source| by_source.mean((0, source), &[vec![1.0, 2.0], vec![3.0, 4.0]], 1);
        assert_eq!(mean(0), (1, vec![2.5, 3.0]));
        assert_eq!(by_source.all(&[mean(0), mean(1), mean(2)], 2), [2.5, 5.0, 3.0, 6.0]);
    }
}
