//! What pieces of work are expected to take, relative to each other.
//!
//! What a pair of a rupture and a site takes depends on the distance between them most: beyond the maximum distance it is nothing, and farther than
//! the pointsource_distance one rupture stands for several. So trials say what it takes by distance, and by how much groups and blocks
//! of sources differ from that.

use super::calculation::Piece;
use super::model::Model;
use super::pieces::Block;
use super::placed::{PLACES, some_of};
use super::sources::{SourceGroup, Unit};
use crate::geo::geodetic::to_cartesian;
use crate::geo::{Vec3, norm, sub};
use std::ops::Range;

/// Distances are told apart by these, km.
const DISTANCES: [f64; 12] = [20.0, 40.0, 70.0, 100.0, 140.0, 180.0, 220.0, 260.0, 310.0, 400.0, 600.0, 1000.0];

/// Pairs by distance: the last are those beyond all.
type ByDistance = [f64; DISTANCES.len() + 1];

/// So many sites tell where those of a tile are.
const SITES: usize = 4;

/// The positions of so many sites are kept at most, about.
const MOST_SITES: usize = 1 << 14;

/// Of a block of more units so many tell where it is.
const UNITS: usize = 8;

/// The mean counts as so many trials of a sample: few trials say little of a block.
const OF_MEAN: f64 = 2.0;

/// As many of a distance, of which less is unknown.
const OF_DISTANCE: f64 = 0.1;

/// What pieces of the work take, relative to each other.
#[derive(Clone, Debug)]
pub struct PieceCosts {
    /// Each `step`-th site.
    sites: Vec<Vec3>,
    step: usize,
    /// Some places of each block, by group.
    places: Vec<Vec<Vec<Vec3>>>,
    by_distance: ByDistance,
    /// By block, by group.
    by_block: Vec<Vec<f64>>,
}

/// What was tried out: a part of a block of a group at a tile.
#[derive(Clone, Debug)]
pub(super) struct TriedPiece {
    /// The group and the block.
    pub block: (usize, usize),
    /// Some places of its sources.
    pub places: Vec<Vec3>,
    pub tile: Range<usize>,
    /// What a pair of a rupture and a site took.
    pub density: f64,
    /// How much it counts.
    pub counts: f64,
}

/// Some places of sources, spread over them.
pub(super) fn places_of(group: &SourceGroup, units: &[Unit]) -> Vec<Vec3> {
    let of_unit = |unit: &Unit| match unit {
        Unit::Parts { source, range } => group.placed[*source].places(range.clone()),
        Unit::Cells { range } => {
            some_of(range.clone(), PLACES).map(|cell| group.cells[cell].members[0].location).collect()
        }
    };
    let each = if units.len() > UNITS { 1 } else { PLACES };
    let units = some_of(0..units.len(), UNITS).map(|i| of_unit(&units[i]));
    let places = units.flat_map(|places| some_of(0..places.len(), each).map(|i| places[i]).collect::<Vec<_>>());
    places.map(|(lon, lat)| to_cartesian(lon, lat, 0.0)).collect()
}

impl PieceCosts {
    /// From trials of the work of a model, all of it or a sample.
    pub(super) fn new(model: &Model, blocks: &[Vec<Block>], trials: &[TriedPiece], is_all: bool) -> PieceCosts {
        let of_group = |(group, blocks): (&SourceGroup, &Vec<Block>)| -> Vec<Vec<Vec3>> {
            blocks.iter().map(|block| places_of(group, &block.units)).collect()
        };
        let places = model.groups.iter().zip(blocks).map(of_group).collect();
        Self::of_places(&model.sites.points.xyz, places, trials, is_all)
    }

    fn of_places(sites: &[Vec3], places: Vec<Vec<Vec<Vec3>>>, trials: &[TriedPiece], is_all: bool) -> PieceCosts {
        let step = sites.len().div_ceil(MOST_SITES).max(1);
        let by_block = places.iter().map(|blocks| vec![1.0; blocks.len()]).collect();
        let sites = sites.iter().step_by(step).copied().collect();
        let mut costs = PieceCosts { sites, step, places, by_distance: [1.0; DISTANCES.len() + 1], by_block };
        let prior = |prior: f64| if is_all { 0.0 } else { prior };
        let weight: f64 = trials.iter().map(|trial| trial.counts).sum();
        let mean = trials.iter().map(|trial| trial.counts * trial.density).sum::<f64>() / weight;
        if mean.is_nan() || mean <= 0.0 {
            return costs;
        }
        let near: Vec<ByDistance> = trials.iter().map(|trial| costs.near(&trial.places, &trial.tile)).collect();
        for (bin, relative) in costs.by_distance.iter_mut().enumerate() {
            let mut ratio = Ratio::of_one(prior(OF_DISTANCE));
            for (trial, near) in trials.iter().zip(&near) {
                ratio.add(trial.counts * near[bin], trial.density / mean, 1.0);
            }
            *relative = ratio.get();
        }
        let expected: Vec<f64> = near.iter().map(|near| costs.at(near)).collect();
        let mut of_groups = vec![Ratio::of_one(prior(OF_MEAN)); costs.places.len()];
        for (trial, expected) in trials.iter().zip(&expected) {
            of_groups[trial.block.0].add(trial.counts, trial.density / mean, *expected);
        }
        let of_block = |blocks: &Vec<f64>| vec![Ratio::of_one(prior(OF_MEAN)); blocks.len()];
        let mut of_blocks: Vec<Vec<Ratio>> = costs.by_block.iter().map(of_block).collect();
        for (trial, expected) in trials.iter().zip(&expected) {
            let (group, block) = trial.block;
            of_blocks[group][block].add(trial.counts, trial.density / mean, expected * of_groups[group].get());
        }
        let blocks = costs.by_block.iter_mut().zip(&of_blocks).zip(&of_groups);
        for ((relative, of_blocks), of_group) in blocks {
            relative.iter_mut().zip(of_blocks).for_each(|(to, of_block)| *to = of_group.get() * of_block.get());
        }
        costs
    }

    /// What a piece takes.
    pub fn of(&self, piece: Piece) -> f64 {
        self.of_block((piece.block.group, piece.block.place), piece.tile) * piece.pairs()
    }

    /// What a pair of a block at a tile takes.
    fn of_block(&self, (group, block): (usize, usize), tile: &Range<usize>) -> f64 {
        let places = self.places.get(group).and_then(|blocks| blocks.get(block));
        let relative = self.by_block.get(group).and_then(|blocks| blocks.get(block)).copied().unwrap_or(1.0);
        relative * places.map_or(1.0, |places| self.at(&self.near(places, tile)))
    }

    /// Which parts of the pairs of some places and a tile are how far; none if nothing is known of the places.
    fn near(&self, places: &[Vec3], tile: &Range<usize>) -> ByDistance {
        let mut near = [0.0; DISTANCES.len() + 1];
        let last = tile.end.saturating_sub(1) / self.step;
        let sites: Vec<Vec3> =
            some_of(tile.start / self.step..last + 1, SITES).filter_map(|i| self.sites.get(i).copied()).collect();
        let part = 1.0 / (places.len() * sites.len()).max(1) as f64;
        for place in places {
            for site in &sites {
                let distance = norm(sub(*place, *site));
                near[DISTANCES.partition_point(|edge| *edge <= distance)] += part;
            }
        }
        near
    }

    /// What a pair takes of those that are so far.
    fn at(&self, near: &ByDistance) -> f64 {
        let known: f64 = near.iter().sum();
        let of_known: f64 = near.iter().zip(&self.by_distance).map(|(part, relative)| part * relative).sum();
        if known > 0.0 { of_known } else { 1.0 }
    }
}

/// What was found over what was expected.
#[derive(Clone, Copy, Debug)]
struct Ratio {
    found: f64,
    expected: f64,
}

impl Ratio {
    /// One, which counts so much.
    fn of_one(counts: f64) -> Ratio {
        Ratio { found: counts, expected: counts }
    }

    fn add(&mut self, counts: f64, found: f64, expected: f64) {
        self.found += counts * found;
        self.expected += counts * expected;
    }

    fn get(&self) -> f64 {
        if self.expected > 0.0 { self.found / self.expected } else { 1.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sites on a parallel, a degree apart, in tiles of two; two blocks, at the first and at the last site, of which the second one takes
    /// three times as long; nothing is felt beyond 200 km.
    fn costs(is_all: bool) -> (PieceCosts, Vec<TriedPiece>) {
        let at = |lon: usize| to_cartesian(lon as f64, 0.0, 0.0);
        let (sites, blocks) = ((0..20).map(at).collect::<Vec<_>>(), [at(0), at(19)]);
        let mut trials = Vec::new();
        for tile in 0..10 {
            for (block, place) in blocks.iter().enumerate() {
                let is_near = |lon: usize| if norm(sub(*place, at(lon))) < 200.0 { 1.0 } else { 0.0 };
                let near = [2 * tile, 2 * tile + 1].map(is_near).iter().sum::<f64>() / 2.0;
                let density = near * if block == 0 { 1.0 } else { 3.0 };
                let tile = 2 * tile..2 * tile + 2;
                trials.push(TriedPiece { block: (0, block), places: vec![*place], tile, density, counts: 1.0 });
            }
        }
        (PieceCosts::of_places(&sites, vec![blocks.map(|place| vec![place]).to_vec()], &trials, is_all), trials)
    }

    #[test]
    fn what_all_trials_say_is_expected() {
        let (costs, trials) = costs(true);
        let unit = costs.of_block((0, 0), &(0..2));
        for trial in trials {
            let found = costs.of_block(trial.block, &trial.tile) / unit;
            assert!((found - trial.density).abs() < 0.35 * trial.density.max(0.1), "{trial:?} {found}");
        }
    }

    #[test]
    fn a_sample_says_what_is_near_and_what_is_far() {
        let (costs, _) = costs(false);
        let of = |block, tile: usize| costs.of_block((0, block), &(2 * tile..2 * tile + 2));
        assert!(of(0, 0) > 3.0 * of(0, 9) && of(1, 9) > 3.0 * of(1, 0));
        assert!(of(1, 9) > 1.3 * of(0, 0));
    }
}
