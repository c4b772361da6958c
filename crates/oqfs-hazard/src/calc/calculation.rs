//! What all calculation modes have in common: their work is cut, an executor does the pieces, and the mode puts them together.

use std::ops::Range;
use std::slice::Chunks;
use std::sync::atomic::{AtomicU64, Ordering};

use super::executor::{Executor, gather};
use super::model::Model;
use super::pieces::{Block, blocks, tiles};
use super::{CalcError, Monitor};

/// A piece of work: a block of sources at a tile of sites. It depends on the job alone.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// The sites.
    pub tile: &'a Range<usize>,
    /// The sources.
    pub block: &'a Block,
}

impl Piece<'_> {
    /// How many pairs of a rupture and a site it has, near each other or not.
    pub fn pairs(self) -> f64 {
        self.block.weight as f64 * self.tile.len() as f64
    }
}

/// A calculation mode: what a piece of work gives, and how that becomes results.
pub trait Calculation: Sync {
    /// What a piece gives.
    type Part: Send + Sync;

    /// The name of the stage, which progress is told of.
    const STAGE: &'static str;

    /// Do a piece of work.
    fn run(&self, piece: Piece, monitor: &dyn Monitor) -> Result<Self::Part, CalcError>;

    /// Take what the pieces of a tile gave, by group in the order of its blocks. Tiles come in order.
    fn take(&mut self, tile: &Range<usize>, parts: Vec<Vec<Self::Part>>) -> Result<(), CalcError>;
}

/// Pieces whose parts are in memory at once, about.
const WAVE: usize = 32;

/// The tiles that are computed at once, one wave after the other.
pub(super) fn waves<'a>(tiles: &'a [Range<usize>], blocks: &[Vec<Block>]) -> Chunks<'a, Range<usize>> {
    tiles.chunks((WAVE / blocks.iter().flatten().count().max(1)).max(1))
}

/// Do all the work of a model.
///
/// # Errors
/// Those of the mode; [`CalcError::Cancelled`] if the monitor says so.
pub fn calculate<C: Calculation>(
    calculation: &mut C,
    model: &Model,
    executor: &dyn Executor,
    monitor: &dyn Monitor,
) -> Result<(), CalcError> {
    let (tiles, blocks) = (tiles(model), blocks(model));
    let all = tiles.iter().flat_map(|tile| blocks.iter().flatten().map(move |block| Piece { tile, block }));
    let total: f64 = all.map(|piece| monitor.expected(piece)).sum();
    let progress = Progress { stage: C::STAGE, monitor, done: AtomicU64::new(0), total };
    progress.add(0.0);
    for wave in waves(&tiles, &blocks) {
        let pieces: Vec<Piece> =
            wave.iter().flat_map(|tile| blocks.iter().flatten().map(move |block| Piece { tile, block })).collect();
        let run = |i: usize| {
            let part = calculation.run(pieces[i], monitor)?;
            progress.add(monitor.expected(pieces[i]));
            Ok(part)
        };
        let mut parts = gather(executor, pieces.len(), run)?.into_iter();
        for tile in wave {
            let of_groups = blocks.iter().map(|blocks| parts.by_ref().take(blocks.len()).collect()).collect();
            calculation.take(tile, of_groups)?;
        }
    }
    Ok(())
}

/// Reports how much is done.
struct Progress<'a> {
    stage: &'static str,
    monitor: &'a dyn Monitor,
    /// In parts of the total.
    done: AtomicU64,
    total: f64,
}

/// Into so many parts the work is divided for progress.
const PARTS: f64 = (1u64 << 50) as f64;

impl Progress<'_> {
    fn add(&self, expected: f64) {
        let share = if self.total > 0.0 { expected / self.total } else { 0.0 };
        let parts = (share * PARTS) as u64;
        let done = self.done.fetch_add(parts, Ordering::Relaxed) + parts;
        self.monitor.progress(self.stage, done as f64 / PARTS);
    }
}
