//! The work of a calculation cut into pieces: tiles of sites by blocks of sources.
//!
//! The cut depends on the job alone, never on the number of threads, and results are summed in its order: that is why
//! the same job gives the same bytes on any machine.

use std::ops::Range;

use super::model::Model;
use super::reuse::work;
use super::sources::{SourceGroup, Unit};

/// Rates of a tile of sites take no more than this, bytes.
const TILE_BYTES: usize = 4 << 20;

/// A tile has so many sites at least (if there are as many): placing ruptures anew for each tile must not cost.
const TILE_SITES: usize = 32;

/// A block has so many ruptures at least, if there are.
const FEWEST_RUPTURES: usize = 32;

/// Into how many pieces the work is cut, about, unless it is so much that more are worth it.
const PIECES: usize = 32;

/// Much work is cut into pieces of so much each, about: some seconds of a processor. It is counted in pairs of a rupture and a site, for
/// each intensity measure by each model.
const WORK: usize = 1 << 28;

/// The rates of a piece of much work take so much at least, about, bytes: file systems of clusters are made for large files.
const PIECE_BYTES: usize = 1 << 20;

/// Into how many pieces a large group is cut at most, about: each may become a file, and file systems of clusters count files.
const MOST_PIECES: usize = 4096;

/// Where there are many tiles, a block of a large group has so many pairs of a rupture and a site of a tile, about.
const PAIRS: usize = 1 << 22;

/// However many tiles there are, a large group is cut into so many blocks.
const FEWEST_BLOCKS: usize = 8;

/// A run of units of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The group.
    pub group: usize,
    /// Its place among the blocks of the group.
    pub place: usize,
    /// The units.
    pub units: Vec<Unit>,
    /// How many ruptures they make.
    pub weight: u64,
}

/// The tiles of the sites. Few sites are one tile; sites of different labels are in different tiles, so that each run of sites of one
/// label is near a point source or not by itself.
pub fn tiles(model: &Model) -> Vec<Range<usize>> {
    let (sites, size) = (model.sites.len(), tile_sites(model));
    let mut tiles: Vec<Range<usize>> = Vec::new();
    for site in 0..sites {
        match tiles.last_mut() {
            Some(tile) if tile.len() < size && model.sites.label(tile.start) == model.sites.label(site) => {
                tile.end += 1
            }
            _ => tiles.push(site..site + 1),
        }
    }
    tiles
}

/// How many sites a tile has, if there are as many of one label.
fn tile_sites(model: &Model) -> usize {
    let (sites, params) = (model.sites.len(), &model.job.params);
    if sites <= params.max_sites_disagg {
        return sites;
    }
    // one more model or source rarely changes the cut
    let pairs = model.pairs().len().next_power_of_two();
    let pieces = (work(model) / WORK).next_power_of_two().clamp(PIECES, MOST_PIECES);
    let bytes_a_site = (params.imtls().len() * params.levels() * size_of::<f64>()).max(1);
    let models = pairs.div_ceil(model.groups.len().max(1).next_power_of_two());
    let fewest = if pieces > PIECES { PIECE_BYTES.div_ceil(models.max(1) * bytes_a_site) } else { 0 };
    let most = TILE_BYTES / (pairs.max(1) * bytes_a_site);
    sites.div_ceil(pieces / 2).max(fewest).min(most).max(TILE_SITES)
}

/// The blocks of sources that each tile is computed in, by group. How a group is cut depends on nothing but itself, the number of sites
/// and that of a tile.
pub fn blocks(model: &Model) -> Vec<Vec<Block>> {
    let (sites, few) = (model.sites.len(), model.job.params.max_sites_disagg);
    let size = tile_sites(model);
    let tiles = if sites <= few { 1 } else { sites.div_ceil(size) };
    model.groups.iter().enumerate().map(|(index, group)| blocks_of(index, group, (tiles, size))).collect()
}

/// Those of a group, for so many tiles of so many sites.
fn blocks_of(index: usize, group: &SourceGroup, (tiles, size): (usize, usize)) -> Vec<Block> {
    let ruptures = group.ruptures();
    let most_blocks = (MOST_PIECES / tiles.max(1)).max(FEWEST_BLOCKS);
    let large = (PAIRS / size.max(1)).max(ruptures.div_ceil(most_blocks));
    let target = (ruptures * tiles.min(PIECES) / PIECES).min(large).max(FEWEST_RUPTURES) as u64;
    let mut blocks: Vec<Block> = Vec::new();
    let empty = |place| Block { group: index, place, units: Vec::new(), weight: 0 };
    let mut current = empty(0);
    for (unit, weight) in units(group, target) {
        current.units.push(unit);
        current.weight += weight;
        // members that depend on each other are computed together
        if current.weight >= target && group.rule.is_none() {
            let next = empty(current.place + 1);
            blocks.push(std::mem::replace(&mut current, next));
        }
    }
    if !current.units.is_empty() {
        blocks.push(current);
    }
    blocks
}

/// The units of the sources of a group with their weights, none of points much heavier than `target`.
pub(super) fn units(group: &SourceGroup, target: u64) -> Vec<(Unit, u64)> {
    let mut units = cells(group, target);
    for (source, placed) in group.placed.iter().enumerate() {
        let is_in_cells = placed.points().is_some_and(|points| points.whole.is_none()) && !group.cells.is_empty();
        if !is_in_cells {
            units.extend(placed.cut(target).into_iter().map(|(range, weight)| (Unit::Parts { source, range }, weight)));
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
    use std::sync::Arc;

    use super::*;
    use crate::calc::placed::Placed;
    use crate::calc::points::PlacedPoints;
    use crate::calc::surfaces::PlacedSurfaces;
    use crate::source::point::Spread;
    use crate::source::surfaces::SurfaceRuptures;

    /// A group of a source of points, of 20 ruptures each, and one without ruptures.
    fn group_of(points: usize) -> SourceGroup {
        let spread =
            Spread { depths: (0.0, 20.0), nodal_planes: Vec::new(), hypo_depths: Vec::new(), down_dip: Vec::new() };
        let points =
            PlacedPoints { locations: vec![(0.0, 0.0); points], spread, per_location: 20, whole: None, added: None };
        let nothing = PlacedSurfaces(SurfaceRuptures::new(Vec::new()));
        let placed: Vec<Arc<dyn Placed>> = vec![Arc::new(points), Arc::new(nothing)];
        SourceGroup {
            trt: String::new(),
            trt_index: 0,
            paths: Vec::new(),
            rule: None,
            sources: Vec::new(),
            placed,
            added: Vec::new(),
            cells: Vec::new(),
        }
    }

    #[test]
    fn more_tiles_are_fewer_blocks_except_of_large_groups() {
        let blocks = |points: usize, tiles: usize| blocks_of(0, &group_of(points), (tiles, TILE_SITES)).len();
        let (small, large) = (1000, 500_000);
        assert!(blocks(small, 1) > FEWEST_BLOCKS && blocks(large, 1) > FEWEST_BLOCKS);
        assert_eq!([32, 1000].map(|tiles| blocks(small, tiles)), [1, 1]);
        let pieces = [32, 400].map(|tiles| blocks(large, tiles) * tiles);
        assert!(pieces.iter().all(|n| (1000..=MOST_PIECES).contains(n)), "{pieces:?}");
        assert_eq!(blocks(large, 10_000), FEWEST_BLOCKS);
    }

    #[test]
    fn points_are_cut_and_nothing_is_lost() {
        let units = units(&group_of(103), 200);
        assert_eq!(units.iter().map(|u| u.1).sum::<u64>(), 103 * 20);
        assert!(units.iter().all(|(_, weight)| *weight <= 200));
        let parts = units.iter().map(|(unit, _)| match unit {
            Unit::Parts { source: 0, range } => range.clone(),
            other @ (Unit::Parts { .. } | Unit::Cells { .. }) => panic!("{other:?}"),
        });
        assert!(parts.flatten().eq(0..103));
    }
}
