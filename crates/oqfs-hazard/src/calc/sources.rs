//! Sources in groups, as the source models of the logic tree have them, with their ruptures placed.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::CalcError;
use super::contexts::{Collector, Evaluate};
use super::demands;
use super::filter::{MagnitudeDistance, straight_distance};
use super::grid::{self, Cell, add_cells};
use super::placed::{Placed, Placing, Workload, place};
use crate::geo::Point;
use crate::geo::surface::Surface;
use crate::job::{Collapsed, Job};
use crate::logictree::{Applied, FullLogicTree, SourceModelLogicTree, SourceModelPath};
use crate::nrml::NrmlError;
use crate::nrml::delta_rates::AddedRates;
use crate::site::SiteCollection;
use crate::source::{Dependence, Source, Typology};

/// Sources of one tectonic region type that are in the same source models: they share models and realizations.
#[derive(Clone, Debug)]
pub struct SourceGroup {
    /// The tectonic region type.
    pub trt: String,
    /// Its place in the GSIM logic tree.
    pub trt_index: usize,
    /// The source model paths that have these sources.
    pub paths: Vec<usize>,
    /// How its sources depend on each other, if they do.
    pub rule: Option<Arc<Dependence>>,
    /// The sources, sorted by id.
    pub sources: Vec<Source>,
    /// The ruptures of each source.
    pub placed: Vec<Arc<dyn Placed>>,
    /// What the job adds to the rates of the ruptures of some sources, by their places.
    pub added: Vec<(usize, AddedRates)>,
    /// Point sources by the cells of a grid (`ps_grid_spacing`); empty where there is none.
    pub cells: Vec<Cell>,
}

impl SourceGroup {
    /// The number of ruptures.
    pub fn ruptures(&self) -> usize {
        self.placed.iter().map(|placed| placed.ruptures()).sum()
    }

    /// Add the contexts of a unit.
    ///
    /// # Errors
    /// If somebody stops the calculation.
    pub fn add(
        &self,
        unit: &Unit,
        work: &Workload,
        collector: &mut Collector<dyn Evaluate + '_>,
    ) -> Result<(), CalcError> {
        work.check()?;
        collector.tom = self.sources[unit.source(self)].tom;
        match unit {
            Unit::Parts { source, range } => {
                self.placed[*source].add(&self.sources[*source], range.clone(), work, collector)
            }
            Unit::Cells { range } => {
                add_cells((&self.sources, &self.placed), &self.cells[range.clone()], work, collector)
            }
        }
    }
}

/// What a block is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Unit {
    /// Parts of a source.
    Parts {
        /// The source in its group.
        source: usize,
        /// The range of its parts, see [`Placed::cut`].
        range: Range<usize>,
    },
    /// Cells of the grid that point sources are put together by.
    Cells {
        /// Which of the group's.
        range: Range<usize>,
    },
}

impl Unit {
    /// The source in its group; of cells the first source of the first.
    pub fn source(&self, group: &SourceGroup) -> usize {
        match self {
            Unit::Parts { source, .. } => *source,
            Unit::Cells { range } => group.cells[range.start].members[0].source,
        }
    }
}

/// Sources by tectonic region type and by the source model paths that have them. A source that stands in several source
/// models alike is one source.
pub fn group(
    tree: &FullLogicTree,
    sources: BTreeMap<String, Vec<Source>>,
    collapsed: &Collapsed,
) -> Result<Vec<SourceGroup>, CalcError> {
    let mut unique: Vec<(Source, Vec<usize>)> = Vec::new();
    let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
    for (path_index, path) in tree.source_model_paths.iter().enumerate() {
        for file in &path.files {
            for original in sources.get(file).into_iter().flatten() {
                let mut source = changed(original, path, &tree.source_models)?;
                if collapsed.trts.contains(&source.trt) && !collapsed.except.iter().any(|id| source.is_called(id)) {
                    source.collapse();
                }
                let alike = by_id.entry(source.id.clone()).or_default();
                // members of a group that depend on each other stay together, and twice in one model counts twice
                let is_same = |(other, paths): &(Source, Vec<usize>)| {
                    source.member.is_none() && *other == source && !paths.contains(&path_index)
                };
                match alike.iter().find(|&&i| is_same(&unique[i])) {
                    Some(&i) => unique[i].1.push(path_index),
                    None => {
                        alike.push(unique.len());
                        unique.push((source, vec![path_index]));
                    }
                }
            }
        }
    }
    let mut groups: Vec<SourceGroup> = Vec::new();
    for (source, paths) in unique {
        let rule = source.member.as_ref().map(|member| member.rule.clone());
        match groups.iter_mut().find(|g| g.trt == source.trt && g.paths == paths && g.rule == rule) {
            Some(group) => group.sources.push(source),
            None => {
                let what = "its tectonic region type is not in the reduced GSIM logic tree";
                let unknown = || CalcError::Inconsistent { id: source.id.clone(), what };
                let trt_index = tree.gsims.trt_index(&source.trt).ok_or_else(unknown)?;
                let (trt, sources) = (source.trt.clone(), vec![source]);
                groups.push(SourceGroup {
                    trt,
                    trt_index,
                    paths,
                    rule,
                    sources,
                    placed: Vec::new(),
                    added: Vec::new(),
                    cells: Vec::new(),
                });
            }
        }
    }
    for group in &mut groups {
        group.sources.sort_by(|a, b| a.id.cmp(&b.id));
    }
    Ok(groups)
}

/// Place the ruptures of the sources, and put point sources on a grid where the job wants one.
pub fn place_all(
    groups: &mut [SourceGroup],
    tree: &FullLogicTree,
    job: &Job,
    sites: &SiteCollection,
) -> Result<(), CalcError> {
    for group in groups {
        let reach = MagnitudeDistance::new(job.params.maximum_distance.for_trt(&group.trt)).last();
        let few = sites.len() <= job.params.max_sites_disagg;
        // those on a grid are taken apart before, those that depend on each other never (engine behaviour)
        let on_grid = job.params.ps_grid_spacing > 0.0;
        let splits = group.rule.is_none() && (job.params.split_sources || on_grid);
        let is_close = |surface: &Surface| !few || is_close(surface, sites, reach);
        let how = Placing { splits, reach, is_close: &is_close };
        let placed = |source: &Source| {
            let in_source = |error| CalcError::of_source(source, error);
            let placed = place(source, &how).map_err(in_source)?;
            for gsims in tree.all_gsims() {
                demands::check(&*placed, gsims.models(group.trt_index)).map_err(in_source)?;
            }
            Ok(placed)
        };
        // whichever thread fails first, the error is that of the first source
        let all: Vec<Result<Arc<dyn Placed>, CalcError>> = group.sources.par_iter().map(placed).collect();
        group.placed = all.into_iter().collect::<Result<_, _>>()?;
        if on_grid && group.rule.is_none() {
            group.cells = grid::cells(&group.sources, &group.placed, job.params.ps_grid_spacing);
        }
    }
    Ok(())
}

/// Whether an end of the top edge of a section is within reach (km) of a site: with few sites only such sections count
/// for the parameters of multi-fault ruptures (engine behaviour).
fn is_close(section: &Surface, sites: &SiteCollection, reach: f64) -> bool {
    let Some(trace) = &section.trace else { return true };
    let ends = trace.ends().map(|(lon, lat)| Point::new(f64::from(lon as f32), f64::from(lat as f32), 0.0).xyz());
    let near = |site: usize| ends.iter().any(|&end| straight_distance(&sites.points, site as u32, end) <= reach);
    (0..sites.len()).any(near)
}

/// A source as it is on a path through the logic tree. Of the points of a multi-point source only the last change of their
/// distributions counts (engine behaviour).
fn changed(source: &Source, path: &SourceModelPath, tree: &SourceModelLogicTree) -> Result<Source, CalcError> {
    let mut changed = source.clone();
    let is_part = matches!(&source.typology, Typology::Point(point) if point.part_of.is_some());
    let is_of_mfd = |applied: &&Applied| applied.change.is_of_mfd() && applied.filter.holds(source);
    let last = path.changes.iter().rposition(|applied| is_of_mfd(&applied)).filter(|_| is_part);
    let is_superseded = |(i, applied): &(usize, &Applied)| last.is_some_and(|last| *i < last) && is_of_mfd(applied);
    for (_, applied) in path.changes.iter().enumerate().filter(|change| !is_superseded(change)) {
        let in_branch = |error| {
            let message = format!("the branch does not fit source {} ({}): {error}", source.id, source.origin);
            NrmlError::new(&tree.path, applied.line, message)
        };
        applied.apply(&mut changed).map_err(in_branch)?;
    }
    Ok(changed)
}
