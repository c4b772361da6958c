//! The calculation: ruptures, contexts, ground motion, rates of exceedance; then curves and maps, tile by tile.

use std::ops::Range;

use super::accumulate::{Accumulator, Columns, Levels, Part};
use super::by_source::{Gathered, MeanRates};
use super::calculation::{Calculation, Piece, calculate};
use super::contexts::Collector;
use super::curves::{CurveMaker, Curves, Layout};
use super::dependence::{Combination, Sum};
use super::deposits::Column;
use super::executor::Executor;
use super::model::{KeptCurves, Model};
use super::placed::{Reach, Workload};
use super::reuse::{BlockRates, Digests, RateStore};
use super::sources::SourceGroup;
use super::{CalcError, Monitor};
use crate::digest::Digest;
use crate::gsim::{GroundMotion, Param};

/// Who keeps the results.
pub trait Output: Send + Sync {
    /// The shapes of what will come.
    fn begin(&mut self, layout: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;

    /// The results of the sites from `first_site` on; tiles come in order and each site once.
    fn tile(&mut self, first_site: usize, curves: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>>;
}

/// What a calculation was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// The number of contexts of each source, by group.
    pub contexts: Vec<Vec<u64>>,
    /// How many of its contexts each pair of a group and a model of [`Model::pairs`] did not have to compute.
    pub reused: Vec<u64>,
}

/// Compute the hazard of a model and hand the results to `output`. Rates that are in `store` are taken from there, and those
/// that are not are put there.
pub fn classical(
    model: &Model,
    output: &mut dyn Output,
    executor: &dyn Executor,
    monitor: &dyn Monitor,
    store: &dyn RateStore,
) -> Result<Summary, CalcError> {
    let layout = Layout::of(model);
    if layout.realization_curves == KeptCurves::No && layout.statistics.is_empty() {
        let message = "all statistics are off and individual_rlzs is not true: there is nothing to compute";
        return Err(model.job.error(0, message).into());
    }
    output.begin(&layout).map_err(CalcError::Output)?;
    let mut classical = Classical::new(model, &layout, output, store);
    calculate(&mut classical, model, executor, monitor)?;
    let Classical { summary, is_zero, .. } = classical;
    if summary.contexts.iter().flatten().all(|&n| n == 0) {
        if model.sites.len() > 1 {
            return Err(CalcError::FarFromSources);
        }
        log::warn!(
            "the site is far from all sources, no rupture being within the maximum_distance: the hazard is zero"
        );
    } else if is_zero {
        log::warn!(
            "every hazard curve is zero: no rupture within the maximum_distance exceeds the lowest level of any intensity \
             measure; are the levels in its unit, and is truncation_level as meant?"
        );
    }
    Ok(summary)
}

impl Summary {
    /// That of a calculation of a model that has not begun.
    pub fn none(model: &Model) -> Summary {
        Summary {
            contexts: model.groups.iter().map(|g| vec![0; g.sources.len()]).collect(),
            reused: vec![0; model.pairs().len()],
        }
    }

    /// Count what the groups gave at a tile; the rates of all pairs, and those by source.
    fn take(&mut self, results: Vec<BlockHazard>) -> (Vec<Vec<f64>>, Vec<MeanRates>) {
        let mut rates = Vec::with_capacity(self.reused.len());
        let mut by_source = Vec::new();
        for (contexts, result) in self.contexts.iter_mut().zip(results) {
            result.contexts.iter().for_each(|&(source, n)| contexts[source] += n);
            let reused = &mut self.reused[rates.len()..];
            reused.iter_mut().zip(&result.reused).for_each(|(sum, n)| *sum += n);
            rates.extend(result.rates);
            by_source.extend(result.by_source);
        }
        (rates, by_source)
    }
}

/// Nobody keeps the results.
impl Output for () {
    fn begin(&mut self, _: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }

    fn tile(&mut self, _: usize, _: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

/// A calculation on its way.
pub(super) struct Classical<'a> {
    model: &'a Model,
    layout: &'a Layout,
    levels: Levels,
    groups: Vec<GroupShared>,
    store: &'a dyn RateStore,
    /// What blocks are kept as, if they are.
    digests: Option<Digests>,
    maker: CurveMaker<'a>,
    output: &'a mut dyn Output,
    summary: Summary,
    /// Whether every curve so far is.
    is_zero: bool,
}

/// What the pieces of a group use.
pub(super) struct GroupShared {
    pub(super) models: usize,
    /// By the label of sites.
    pub(super) parts: Vec<Vec<Part>>,
    /// The parameters that the models require.
    pub(super) params: Vec<Param>,
    /// Which ruptures the sites feel.
    pub(super) reach: Reach,
}

/// What a block, or a whole group, gives at a tile.
pub(super) struct BlockHazard {
    /// Annual rates, (models) of (T, M, L).
    rates: Vec<Vec<f64>>,
    /// The number of contexts by source.
    contexts: Vec<(usize, u64)>,
    /// How many of them each model did not have to compute.
    reused: Vec<u64>,
    /// The mean rates by source, where they are wanted.
    by_source: Vec<MeanRates>,
}

impl BlockHazard {
    fn zero(models: usize, length: usize) -> BlockHazard {
        BlockHazard {
            rates: vec![vec![0.0; length]; models],
            contexts: Vec::new(),
            reused: vec![0; models],
            by_source: Vec::new(),
        }
    }

    fn add(&mut self, other: BlockHazard) {
        for (sum, rates) in self.rates.iter_mut().zip(other.rates) {
            sum.iter_mut().zip(rates).for_each(|(sum, rate)| *sum += rate);
        }
        self.contexts.extend(other.contexts);
        self.by_source.extend(other.by_source);
        self.reused.iter_mut().zip(other.reused).for_each(|(sum, n)| *sum += n);
    }
}

impl Calculation for Classical<'_> {
    type Part = BlockHazard;

    const STAGE: &'static str = "classical";

    fn run(&self, piece: Piece, monitor: &dyn Monitor) -> Result<BlockHazard, CalcError> {
        match &self.digests {
            Some(digests) => self.run_kept(piece, digests, monitor),
            None => self.compute(piece, &|_| true, monitor),
        }
    }

    fn take(&mut self, tile: &Range<usize>, parts: Vec<Vec<BlockHazard>>) -> Result<(), CalcError> {
        let results = parts.into_iter().zip(&self.groups).map(|(blocks, group)| {
            let mut blocks = blocks.into_iter();
            // a group whose sources make no rupture has no block
            let mut sum = blocks.next().unwrap_or_else(|| BlockHazard::zero(group.models, self.length(tile)));
            blocks.for_each(|block| sum.add(block));
            sum
        });
        let (rates, found) = self.summary.take(results.collect());
        let mut curves = self.maker.make(&rates, tile);
        self.is_zero &= curves.by_pair.iter().flatten().all(|poe| *poe == 0.0);
        if let Some(by_source) = &self.model.by_source {
            curves.by_source = by_source.all(&found, tile.len() * self.layout.all_rock_levels());
        }
        self.output.tile(tile.start, &curves).map_err(CalcError::Output)
    }
}

impl<'a> Classical<'a> {
    pub(super) fn new(
        model: &'a Model,
        layout: &'a Layout,
        output: &'a mut dyn Output,
        store: &'a dyn RateStore,
    ) -> Classical<'a> {
        Classical {
            model,
            layout,
            levels: Levels::of(&model.job.params),
            groups: model.groups.iter().map(|group| GroupShared::of(model, group)).collect(),
            store,
            digests: Digests::for_store(model, store),
            maker: CurveMaker::new(model, layout),
            output,
            summary: Summary::none(model),
            is_zero: true,
        }
    }

    /// The number of rates of a tile by one model.
    fn length(&self, tile: &Range<usize>) -> usize {
        tile.len() * self.levels.imts.len() * self.model.job.params.levels()
    }

    /// What a block gives at a tile: as it is kept from before by the models that it is kept for, computed by the others.
    fn run_kept(&self, piece: Piece, digests: &Digests, monitor: &dyn Monitor) -> Result<BlockHazard, CalcError> {
        let Piece { tile, block } = piece;
        let (name, models) = (digests.piece(piece), digests.models(block.group, self.model.sites.label(tile.start)));
        let mut kept = self.store.get(&name).unwrap_or_default();
        let length = self.length(tile);
        kept.by_model.retain(|(_, rates)| rates.len() == length);
        let place = |kept: &BlockRates, model: &Digest| kept.by_model.iter().position(|(of, _)| of == model);
        let places: Vec<Option<usize>> = models.iter().map(|model| place(&kept, model)).collect();
        let (contexts, by_source) = (kept.contexts.clone(), kept.by_source.clone());
        // mean rates by source are of all models
        let is_wanted = |model: usize| places[model].is_none() || self.model.by_source.is_some();
        let mut result = match places.contains(&None) {
            true => self.compute(piece, &is_wanted, monitor)?,
            false => BlockHazard { contexts, by_source, ..BlockHazard::zero(models.len(), 0) },
        };
        let contexts: u64 = result.contexts.iter().map(|(_, n)| n).sum();
        let mut is_new = false;
        for (model, place) in places.iter().enumerate() {
            match place {
                Some(place) => {
                    result.rates[model].clone_from(&kept.by_model[*place].1);
                    result.reused[model] = contexts;
                }
                None => {
                    kept.by_model.push((models[model], result.rates[model].clone()));
                    is_new = true;
                }
            }
        }
        if self.store.keeps_all() || (is_new && contexts > 0) {
            kept.contexts.clone_from(&result.contexts);
            kept.by_source.clone_from(&result.by_source);
            self.store.put(&name, &kept);
        }
        Ok(result)
    }

    /// What a block gives at a tile by the models that `is_wanted` says; by the others nothing.
    fn compute(
        &self,
        piece: Piece,
        is_wanted: &dyn Fn(usize) -> bool,
        monitor: &dyn Monitor,
    ) -> Result<BlockHazard, CalcError> {
        let Piece { tile, block } = piece;
        let (group, shared) = (&self.model.groups[block.group], &self.groups[block.group]);
        let params = &self.model.job.params;
        let length = self.length(tile);
        let rule = group.rule.as_deref();
        let label = self.model.sites.label(tile.start);
        let accumulator = shared.accumulator(self.model, &self.levels, (group, tile), is_wanted);
        let time = params.investigation_time;
        let sites = &self.model.sites;
        let mut collector = Collector::new(sites, &shared.params, params.minimum_distance, time, accumulator);
        let combination = rule.map(|rule| Combination::new(rule, time, shared.models, length));
        let mut gathered = Gathered::new(self.model.by_source.as_ref(), block.group, combination, params.levels());
        let mut contexts = Vec::new();
        let work = Workload { tile, reach: &shared.reach, shift_hypo: params.shift_hypo, monitor };
        for (i, unit) in block.units.iter().enumerate() {
            let source = unit.source(group);
            let before = collector.count;
            group.add(unit, &work, &mut collector)?;
            collector.flush();
            if let Some(refused) = collector.evaluator.refused.take() {
                let models = self.model.tree.gsims_for(label).models(group.trt_index);
                return Err(refused.error(models, &self.levels.imts, group, source));
            }
            contexts.push((source, collector.count - before));
            if block.units.get(i + 1).is_none_or(|next| next.source(group) != source) {
                if gathered.is_by_source() {
                    collector.evaluator.finish();
                }
                let weight = group.sources[source].member.as_ref().map_or(1.0, |member| member.weight);
                gathered.add(source, weight, &mut collector.evaluator.rates);
            }
        }
        collector.evaluator.finish();
        let (rates, by_source) = gathered.finish(collector.evaluator.rates);
        Ok(BlockHazard { rates, contexts, reused: vec![0; shared.models], by_source })
    }
}

impl GroupShared {
    /// For a group of a model.
    pub(super) fn of(model: &Model, group: &SourceGroup) -> GroupShared {
        let by_label: Vec<_> = model.tree.all_gsims().map(|gsims| gsims.models(group.trt_index)).collect();
        let branches = by_label.iter().copied().flatten();
        let mut required: Vec<Param> = branches.flat_map(|b| b.gsim.params().iter().copied()).collect();
        required.sort();
        required.dedup();
        GroupShared {
            models: by_label[0].len(),
            parts: by_label.iter().map(|branches| Part::of(branches, &model.job.params)).collect(),
            params: required,
            reach: Reach::of(&group.trt, model.sites.len(), &model.job.params),
        }
    }

    /// What sums up the rates of a tile by the models that `is_wanted` says.
    pub(super) fn accumulator<'a>(
        &'a self,
        model: &'a Model,
        levels: &'a Levels,
        (group, tile): (&SourceGroup, &Range<usize>),
        is_wanted: &dyn Fn(usize) -> bool,
    ) -> Accumulator<'a> {
        // all sites of a tile have one label
        let parts = &self.parts[model.sites.label(tile.start)];
        let length = tile.len() * levels.imts.len() * model.job.params.levels();
        let parts: Vec<&Part> = parts.iter().filter(|part| !part.imts.is_empty() && is_wanted(part.model)).collect();
        let columns = |part: &&Part| part.imts.iter().map(|_| Column::default()).collect();
        Accumulator {
            model,
            levels,
            waiting: parts.iter().map(columns).collect(),
            parts,
            tile: tile.clone(),
            sum: group.rule.as_deref().map_or(Sum::Rates, Combination::sum),
            motion: GroundMotion::default(),
            columns: Columns::default(),
            poes: Vec::new(),
            rates: vec![vec![0.0; length]; self.models],
            refused: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::super::executor::OneByOne;
    use super::super::{Exceedance, small};
    use super::*;
    use crate::gsim::{Contexts, by_name};

    /// Keeps the curves by pair.
    #[derive(Default)]
    struct Kept(Vec<f64>);

    impl Output for Kept {
        fn begin(&mut self, _: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            Ok(())
        }

        fn tile(&mut self, _: usize, curves: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            self.0.extend(curves.by_pair.iter().flatten());
            Ok(())
        }
    }

    fn run(model: &Model, store: &dyn RateStore) -> Result<(Vec<f64>, Summary), CalcError> {
        let mut kept = Kept::default();
        let summary = classical(model, &mut kept, &OneByOne, &(), store)?;
        Ok((kept.0, summary))
    }

    #[test]
    fn one_rupture_gives_its_rate_times_the_probability_of_exceedance() {
        let model = small::model(&[]).unwrap();
        let (curve, summary) = run(&model, &()).unwrap();
        assert_eq!((summary.contexts, summary.reused), (vec![vec![1]], vec![0]));
        // a fifth of a degree to the north of a vertical rupture that is as good as a point
        let mut context = Contexts::default();
        context.set_len(1);
        for (param, value) in
            [(Param::Mag, 6.5), (Param::Rake, 0.0), (Param::Rjb, 0.2 * 111.194_926_6), (Param::Vs30, 760.0)]
        {
            context.column_mut(param).push(value);
        }
        let mut motion = GroundMotion::default();
        by_name("BooreAtkinson2008").unwrap().compute(&context, &model.imts(), &mut motion);
        let (mean, sigma) = (motion.mean[0], motion.sig[0]);
        let exceedance = Exceedance::new(3.0);
        for (level, found) in [0.02f64, 0.1, 0.3].into_iter().zip(curve) {
            let expected = 1.0 - (-0.01 * 50.0 * exceedance.of((level.ln() - mean) / sigma)).exp();
            assert!((found / expected - 1.0).abs() < 1e-3, "{level}: {found} {expected}");
        }
    }

    #[test]
    fn a_calculation_of_nothing_is_refused() {
        let off = ("job.ini", "truncation_level = 3", "truncation_level = 3\nmean = false");
        let model = small::model(&[off, small::TWO_SITES, small::TWO_MODELS]).unwrap();
        let error = run(&model, &()).unwrap_err().to_string();
        assert!(error.contains("there is nothing to compute"), "{error}");
    }

    #[test]
    fn a_single_site_far_from_sources_has_no_hazard_and_several_are_an_error() {
        let far = |sites: &str| small::model(&[("job.ini", "sites = 13.4 42.5", sites)]).unwrap();
        let (curve, summary) = run(&far("sites = 23.4 42.5"), &()).unwrap();
        assert_eq!((curve, summary.contexts), (vec![0.0; 3], vec![vec![0]]));
        let error = run(&far("sites = 23.4 42.5, 24 42.5"), &()).unwrap_err();
        assert!(matches!(error, CalcError::FarFromSources), "{error}");
    }

    /// Keeps everything.
    #[derive(Default)]
    struct Memory(Mutex<Vec<(Digest, BlockRates)>>);

    impl RateStore for Memory {
        fn get(&self, piece: &Digest) -> Option<BlockRates> {
            self.0.lock().unwrap().iter().find(|(name, _)| name == piece).map(|(_, rates)| rates.clone())
        }

        fn put(&self, piece: &Digest, rates: &BlockRates) {
            self.0.lock().unwrap().push((*piece, rates.clone()));
        }
    }

    /// Runs with a store although the job is too small for one to pay.
    fn run_kept(model: &Model, store: &Memory) -> (Vec<f64>, Summary) {
        let (layout, mut kept) = (Layout::of(model), Kept::default());
        let mut calculation = Classical::new(model, &layout, &mut kept, store);
        assert!(calculation.digests.is_none());
        calculation.digests = Some(Digests::of(model, "a program"));
        calculate(&mut calculation, model, &OneByOne, &()).unwrap();
        let summary = calculation.summary;
        (kept.0, summary)
    }

    #[test]
    fn kept_rates_are_used_again_and_only_by_the_model_that_they_are_of() {
        let (model, store) = (small::model(&[]).unwrap(), Memory::default());
        let (curve, summary) = run_kept(&model, &store);
        assert_eq!((&curve, &summary.reused[..]), (&run(&model, &()).unwrap().0, &[0][..]));
        assert_eq!(run_kept(&model, &store), (curve, Summary { reused: vec![1], ..summary }));
        assert_eq!(store.0.lock().unwrap().len(), 1);
        let other = small::model(&[("models.xml", "BooreAtkinson2008", "AkkarEtAlRjb2014")]).unwrap();
        let (curve, summary) = run_kept(&other, &store);
        assert_eq!((&curve, &summary.reused[..]), (&run(&other, &()).unwrap().0, &[0][..]));
        // both models are of one piece
        let pieces = store.0.lock().unwrap();
        assert_eq!((pieces.len(), pieces[1].0), (2, pieces[0].0));
        assert_eq!(pieces[1].1.by_model.len(), 2);
    }
}
