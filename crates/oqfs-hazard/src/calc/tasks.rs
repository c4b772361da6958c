//! The work of a calculation cut into pieces: tiles of sites by blocks of sources.
//!
//! The cut depends on the job alone, never on the number of threads, and results are summed in its order: that is why
//! the same job gives the same bytes on any machine.

use std::ops::Range;

use super::model::{Extent, Model, SourceGroup};

/// Rates of a tile of sites take no more than this, bytes.
const TILE_BYTES: usize = 4 << 20;

/// A tile has so many sites at least (if there are as many): placing ruptures anew for each tile must not cost.
const TILE_SITES: usize = 32;

/// A unit of ruptures of whole surfaces has so many at least, if there are: they share distances to the surfaces.
const FEWEST_OF_SURFACES: usize = 256;

/// A block has so many ruptures at least, if there are.
const FEWEST_RUPTURES: usize = 32;

/// Into how many tasks the work is cut, about.
const TASKS: usize = 32;

/// A part of a source.
#[derive(Clone, Debug, PartialEq)]
pub enum Unit {
    /// Point sources at a range of the source's locations.
    Points {
        /// The source in its group.
        source: usize,
        /// Its locations.
        locations: Range<usize>,
    },
    /// Ruptures of whole surfaces.
    Ruptures {
        /// The source in its group.
        source: usize,
        /// Which of its ruptures.
        range: Range<usize>,
    },
    /// Cells of the grid that point sources are put together by.
    Cells {
        /// Which of the group's.
        range: Range<usize>,
    },
    /// The ruptures of one magnitude of a fault.
    Fault {
        /// The source in its group.
        source: usize,
        /// The index of the magnitude.
        magnitude: usize,
    },
}

impl Unit {
    /// The source in its group; of cells the first source of the first.
    pub fn source(&self, group: &SourceGroup) -> usize {
        match self {
            Unit::Points { source, .. } | Unit::Ruptures { source, .. } | Unit::Fault { source, .. } => *source,
            Unit::Cells { range } => group.cells[range.start].members[0].source,
        }
    }
}

/// A run of units of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The group.
    pub group: usize,
    /// The units.
    pub units: Vec<Unit>,
    /// How many ruptures they make.
    pub weight: u64,
}

/// The tiles of the sites. Few sites are one tile.
pub fn tiles(model: &Model) -> Vec<Range<usize>> {
    let (sites, params) = (model.sites.len(), &model.job.params);
    // one more model rarely changes the cut
    let pairs = model.pairs().len().next_power_of_two();
    let bytes_a_site = pairs * params.imtls.len() * params.levels() * size_of::<f64>();
    let most = (TILE_BYTES / bytes_a_site.max(1)).max(1);
    let even = sites.div_ceil(TASKS / 2);
    let size = if sites <= params.max_sites_disagg { sites } else { even.max(TILE_SITES).min(most.max(TILE_SITES)) };
    (0..sites).step_by(size.max(1)).map(|start| start..(start + size).min(sites)).collect()
}

/// The blocks of sources that each tile is computed in, by group. How a group is cut depends on nothing but itself and the
/// number of sites.
pub fn blocks(model: &Model) -> Vec<Vec<Block>> {
    let (sites, few) = (model.sites.len(), model.job.params.max_sites_disagg);
    let tiles = if sites <= few { 1 } else { sites.div_ceil(TILE_SITES) };
    model.groups.iter().enumerate().map(|(index, group)| blocks_of(index, group, tiles)).collect()
}

fn blocks_of(index: usize, group: &SourceGroup, tiles: usize) -> Vec<Block> {
    let target = (group.ruptures() * tiles.min(TASKS) / TASKS).max(FEWEST_RUPTURES) as u64;
    let mut blocks: Vec<Block> = Vec::new();
    let mut current = Block { group: index, units: Vec::new(), weight: 0 };
    for (unit, weight) in units(group, target) {
        current.units.push(unit);
        current.weight += weight;
        // members that depend on each other are computed together
        if current.weight >= target && group.rule.is_none() {
            let next = Block { group: index, units: Vec::new(), weight: 0 };
            blocks.push(std::mem::replace(&mut current, next));
        }
    }
    if !current.units.is_empty() {
        blocks.push(current);
    }
    blocks
}

/// The units of the sources of a group with their weights, none of points much heavier than `target`.
fn units(group: &SourceGroup, target: u64) -> Vec<(Unit, u64)> {
    let mut units = cells(group, target);
    for (source, extent) in group.extents.iter().enumerate() {
        match extent {
            // they are in the cells
            Extent::Points { whole: None, .. } if !group.cells.is_empty() => {}
            Extent::Points { locations, per_location, .. } => {
                let per_location = (*per_location).max(1) as u64;
                let step = target.div_ceil(per_location).max(1) as usize;
                for start in (0..locations.len()).step_by(step) {
                    let stop = (start + step).min(locations.len());
                    let weight = (stop - start) as u64 * per_location;
                    units.push((Unit::Points { source, locations: start..stop }, weight));
                }
            }
            Extent::Surfaces(ruptures) => {
                let step = (target as usize).max(FEWEST_OF_SURFACES);
                let count = ruptures.ruptures.len();
                for start in (0..count).step_by(step) {
                    let range = start..(start + step).min(count);
                    let weight = range.len() as u64;
                    units.push((Unit::Ruptures { source, range }, weight));
                }
            }
            Extent::Fault(by_magnitude) => {
                let of = |(magnitude, &n): (usize, &usize)| (Unit::Fault { source, magnitude }, n as u64);
                units.extend(by_magnitude.iter().enumerate().map(of));
            }
        }
    }
    units
}

/// The units of the cells of a group. Those of a unit have the same temporal occurrence model.
fn cells(group: &SourceGroup, target: u64) -> Vec<(Unit, u64)> {
    let tom = |cell: usize| group.sources[group.cells[cell].members[0].source].tom;
    let mut units = Vec::new();
    let (mut start, mut weight) = (0, 0);
    for (i, cell) in group.cells.iter().enumerate() {
        weight += cell.ruptures;
        let is_last = i + 1 == group.cells.len();
        if is_last || weight >= target || tom(i) != tom(i + 1) {
            units.push((Unit::Cells { range: start..i + 1 }, weight));
            (start, weight) = (i + 1, 0);
        }
    }
    units
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_cut_and_nothing_is_lost() {
        let extents = [
            Extent::Points { locations: vec![(0.0, 0.0); 103], per_location: 20, whole: None },
            Extent::Fault(vec![500, 3]),
        ];
        let group = SourceGroup {
            trt: String::new(),
            trt_index: 0,
            paths: Vec::new(),
            rule: None,
            sources: Vec::new(),
            extents: extents.to_vec(),
            cells: Vec::new(),
        };
        let units = units(&group, 200);
        assert_eq!(units.iter().map(|u| u.1).sum::<u64>(), 103 * 20 + 503);
        assert!(units.iter().all(|(u, w)| matches!(u, Unit::Fault { .. }) || *w <= 200));
        assert_eq!(units.len(), 11 + 2);
    }
}
