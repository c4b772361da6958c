//! The second pass over the ruptures, of some sites.

use std::ops::Range;

use super::super::calculation::{Calculation, Piece};
use super::super::classical::GroupShared;
use super::super::contexts::Collector;
use super::super::disagg::{BinPart, BinTally, SiteLevels, with_params_of_bins};
use super::super::model::Model;
use super::super::placed::Workload;
use super::super::spectra::{MomentPart, MomentTally};
use super::super::{CalcError, Monitor};
use super::motions::SecondMotions;
use crate::gsim::{GroundMotion, Param};

/// The second pass.
pub struct Second<'a> {
    model: &'a Model,
    groups: Vec<GroupShared>,
    /// What each group asks contexts for.
    params: Vec<Vec<Param>>,
    /// What a disaggregation sums up.
    pub bins: Option<BinTally<'a>>,
    /// What conditional spectra sum up.
    pub spectra: Option<MomentTally<'a>>,
}

/// What a piece of work gives.
pub struct SecondPart {
    bins: Option<BinPart>,
    spectra: Option<MomentPart>,
}

impl<'a> Second<'a> {
    /// Of some sites. `realizations` are those of each pair of a group and a model, `chosen` those that are disaggregated at each site.
    pub fn new(
        model: &'a Model,
        levels: &'a SiteLevels,
        (realizations, chosen): (&[Vec<u32>], &[Vec<u32>]),
        sites: Range<usize>,
    ) -> Second<'a> {
        let groups: Vec<GroupShared> = model.groups.iter().map(|group| GroupShared::of(model, group)).collect();
        let disaggregation = model.disaggregation.as_ref();
        let params = |shared: &GroupShared| match disaggregation {
            Some(_) => with_params_of_bins(&shared.params),
            None => shared.params.clone(),
        };
        let bins = |of| BinTally::new(model, of, levels, (realizations, chosen), sites.clone());
        Second {
            params: groups.iter().map(params).collect(),
            groups,
            bins: disaggregation.map(bins),
            spectra: model.spectra.as_ref().map(|of| MomentTally::new(model, of, levels, sites.clone())),
            model,
        }
    }

    fn motions(&self, group: usize) -> SecondMotions<'_> {
        let is_wanted =
            |model: usize| self.spectra.is_some() || self.bins.as_ref().is_some_and(|bins| bins.wants(group, model));
        // sites of such a job have no labels
        let parts = self.groups[group].parts[0].iter();
        SecondMotions {
            parts: parts.filter(|part| !part.imts.is_empty() && is_wanted(part.model)).collect(),
            splitter: self.bins.as_ref().map(|bins| bins.splitter(group)),
            moments: self.spectra.as_ref().map(|spectra| spectra.sums(group)),
            motion: GroundMotion::default(),
            refused: None,
        }
    }
}

impl Calculation for Second<'_> {
    type Part = SecondPart;

    const STAGE: &'static str = "second pass";

    fn run(&self, piece: Piece, monitor: &dyn Monitor) -> Result<SecondPart, CalcError> {
        let Piece { tile, block } = piece;
        let (group, shared, params) =
            (&self.model.groups[block.group], &self.groups[block.group], &self.model.job.params);
        let (sites, asked) = (&self.model.sites, &self.params[block.group]);
        let time = params.investigation_time;
        let mut collector = Collector::new(sites, asked, params.minimum_distance, time, self.motions(block.group));
        collector.has_exact_rrup = asked.contains(&Param::Rrup) && !shared.params.contains(&Param::Rrup);
        let mut members = self.bins.as_ref().and_then(|bins| bins.members(block.group));
        let work = Workload { tile, reach: &shared.reach, shift_hypo: params.shift_hypo, monitor };
        for (i, unit) in block.units.iter().enumerate() {
            let source = unit.source(group);
            collector.evaluator.begin(source);
            group.add(unit, &work, &mut collector)?;
            collector.flush();
            collector.evaluator.check(self.model, block.group, source)?;
            let is_last = block.units.get(i + 1).is_none_or(|next| next.source(group) != source);
            if let (true, Some(members), Some(splitter)) = (is_last, &mut members, &mut collector.evaluator.splitter) {
                let weight = group.sources[source].member.as_ref().map_or(1.0, |member| member.weight);
                members.add(source, weight, splitter);
            }
        }
        let SecondMotions { splitter, moments, .. } = collector.evaluator;
        let tally = self.bins.as_ref().zip(splitter);
        let bins = tally.map(|(bins, splitter)| bins.part(block.group, splitter, members));
        Ok(SecondPart { bins, spectra: moments.map(|moments| moments.part()) })
    }

    fn take(&mut self, _: &Range<usize>, parts: Vec<Vec<SecondPart>>) -> Result<(), CalcError> {
        for SecondPart { bins, spectra } in parts.into_iter().flatten() {
            self.bins.iter_mut().zip(bins).for_each(|(tally, part)| tally.take(part));
            self.spectra.iter_mut().zip(spectra).for_each(|(tally, part)| tally.take(part));
        }
        Ok(())
    }
}
