//! A calculation that several processes share: each does pieces of its work, and one of them puts together what all have kept.

use std::ops::Range;
use std::sync::OnceLock;

use super::calculation::{Calculation, Piece};
use super::classical::Classical;
use super::curves::Layout;
use super::estimate::Estimate;
use super::executor::Executor;
use super::model::Model;
use super::pieces::{Block, blocks, tiles};
use super::reuse::{BUILD, Digests, RateStore};
use super::{CalcError, Digest, Monitor};

/// The work of a calculation, piece by piece, each with the name under which a store keeps its rates. The process that finishes the
/// calculation looks for the same names.
pub struct SharedWork<'a> {
    model: &'a Model,
    tiles: Vec<Range<usize>>,
    blocks: Vec<Vec<Block>>,
    names: Vec<Digest>,
}

impl<'a> SharedWork<'a> {
    /// That of a model.
    pub fn of(model: &'a Model) -> SharedWork<'a> {
        let mut work = SharedWork { model, tiles: tiles(model), blocks: blocks(model), names: Vec::new() };
        let digests = Digests::of(model, BUILD);
        work.names = work.pieces().map(|piece| digests.piece(piece)).collect();
        work
    }

    /// The names of the pieces, in the order of the cut. Two of one name give the same.
    pub fn names(&self) -> &[Digest] {
        &self.names
    }

    /// How much work each piece is, about, in whatever unit: what can be said without an estimate.
    pub fn weights(&self) -> Vec<f64> {
        let models = |piece: &Piece| {
            let group = &self.model.groups[piece.block.group];
            self.model.tree.gsims.models(group.trt_index).len() as f64
        };
        self.pieces().map(|piece| piece.pairs() * models(&piece)).collect()
    }

    /// What each piece is expected to take, seconds of a processor.
    pub fn expected(&self, estimate: &Estimate) -> Vec<f64> {
        let costs: Vec<f64> = self.pieces().map(|piece| estimate.pieces.of(piece)).collect();
        let all: f64 = costs.iter().sum();
        costs.into_iter().map(|cost| if all > 0.0 { cost / all * estimate.work } else { 0.0 }).collect()
    }

    /// Do the pieces for which `executor` calls, each by its place among the names, for the sake of what `store` keeps of them: all.
    ///
    /// # Errors
    /// The first that occurred; the executor's other calls do nothing then.
    pub fn keep(&self, executor: &dyn Executor, monitor: &dyn Monitor, store: &dyn RateStore) -> Result<(), CalcError> {
        let (layout, mut nobody) = (Layout::of(self.model), ());
        let calculation = Classical::new(self.model, &layout, &mut nobody, store);
        let pieces: Vec<Piece> = self.pieces().collect();
        let failure = OnceLock::new();
        executor.each(pieces.len(), &|i| {
            if failure.get().is_none()
                && let Err(error) = calculation.run(pieces[i], monitor)
            {
                let _ = failure.set(error);
            }
        });
        failure.into_inner().map_or(Ok(()), Err)
    }

    fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        self.tiles.iter().flat_map(|tile| self.blocks.iter().flatten().map(move |block| Piece { tile, block }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Mutex;

    use super::super::classical::Output;
    use super::super::curves::Curves;
    use super::super::executor::OneByOne;
    use super::super::reuse::BlockRates;
    use super::super::{classical, small};
    use super::*;

    /// Keeps everything, and says what it was asked for.
    #[derive(Default)]
    struct Memory {
        kept: Mutex<Vec<(Digest, BlockRates)>>,
        missed: Mutex<usize>,
    }

    impl RateStore for Memory {
        fn keeps_all(&self) -> bool {
            true
        }

        fn get(&self, piece: &Digest) -> Option<BlockRates> {
            let kept = self.kept.lock().unwrap();
            let found = kept.iter().find(|(name, _)| name == piece).map(|(_, rates)| rates.clone());
            *self.missed.lock().unwrap() += usize::from(found.is_none());
            found
        }

        fn put(&self, piece: &Digest, rates: &BlockRates) {
            self.kept.lock().unwrap().push((*piece, rates.clone()));
        }
    }

    /// Keeps the rates by source.
    #[derive(Debug, Default, PartialEq)]
    struct BySourceKept(Vec<f64>);

    impl Output for BySourceKept {
        fn begin(&mut self, _: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            Ok(())
        }

        fn tile(&mut self, _: usize, curves: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            self.0.extend(&curves.by_source);
            Ok(())
        }
    }

    #[test]
    fn what_several_keep_is_all_that_the_last_one_needs() {
        // one site is too far for any context
        let far = ("job.ini", "sites = 13.4 42.5", "sites = 13.4 42.5, 40 42.5");
        let by_source = ("job.ini", "truncation_level = 3", "truncation_level = 3\ndisagg_by_src = true");
        for edits in [&[far][..], &[far, by_source]] {
            let model = small::model(edits).unwrap();
            let (work, store) = (SharedWork::of(&model), Memory::default());
            work.keep(&OneByOne, &(), &store).unwrap();
            let kept: HashSet<Digest> = store.kept.lock().unwrap().iter().map(|(name, _)| *name).collect();
            assert_eq!(kept, work.names().iter().copied().collect());
            *store.missed.lock().unwrap() = 0;
            let (mut found, mut alone) = (BySourceKept::default(), BySourceKept::default());
            let summary = classical(&model, &mut found, &OneByOne, &(), &store).unwrap();
            assert_eq!(*store.missed.lock().unwrap(), 0);
            assert_eq!(summary.contexts, classical(&model, &mut alone, &OneByOne, &(), &()).unwrap().contexts);
            assert_eq!(found, alone);
            assert_eq!(found.0.iter().any(|rate| *rate > 0.0), model.by_source.is_some());
        }
    }

    #[test]
    fn pieces_with_rates_by_source_are_of_all_their_models_and_weights() {
        let by_source = ("job.ini", "truncation_level = 3", "truncation_level = 3\ndisagg_by_src = true");
        let other_model = ("models.xml", "AkkarEtAlRjb2014", "AkkarEtAlRepi2014");
        let other_weights = [
            (
                "models.xml",
                "2008</uncertaintyModel><uncertaintyWeight>0.5",
                "2008</uncertaintyModel><uncertaintyWeight>0.25",
            ),
            (
                "models.xml",
                "2014</uncertaintyModel><uncertaintyWeight>0.5",
                "2014</uncertaintyModel><uncertaintyWeight>0.75",
            ),
        ];
        let [first, last] = other_weights;
        let names = |edits: &[(&str, &str, &str)]| {
            let edits = [&[small::TWO_MODELS], edits].concat();
            SharedWork::of(&small::model(&edits).unwrap()).names().to_vec()
        };
        let plain = names(&[]);
        assert_eq!((names(&[other_model]), names(&[first, last])), (plain.clone(), plain.clone()));
        let with = names(&[by_source]);
        assert_ne!(with, plain);
        assert_ne!(names(&[by_source, other_model]), with);
        assert_ne!(names(&[by_source, first, last]), with);
    }
}
