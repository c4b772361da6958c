//! What all calculation modes have in common: their work is cut, an executor does the pieces, and the mode puts them together.

use std::ops::Range;
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
    let weight: u64 = blocks.iter().flatten().map(|block| block.weight).sum();
    let progress = Progress { stage: C::STAGE, monitor, done: AtomicU64::new(0), total: weight * tiles.len() as u64 };
    progress.add(0);
    let at_once = (WAVE / blocks.iter().flatten().count().max(1)).max(1);
    for wave in tiles.chunks(at_once) {
        let pieces: Vec<Piece> =
            wave.iter().flat_map(|tile| blocks.iter().flatten().map(move |block| Piece { tile, block })).collect();
        let run = |i: usize| {
            let part = calculation.run(pieces[i], monitor)?;
            progress.add(pieces[i].block.weight);
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
    done: AtomicU64,
    total: u64,
}

impl Progress<'_> {
    fn add(&self, weight: u64) {
        let done = self.done.fetch_add(weight, Ordering::Relaxed) + weight;
        self.monitor.progress(self.stage, done as f64 / self.total.max(1) as f64);
    }
}
