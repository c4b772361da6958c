//! The model of a job: its sites, sources in groups, ground-motion models and realizations, all read and checked.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::amplification::Amplifier;
use super::by_source::BySource;
use super::demands;
use super::filter::{Area, MagnitudeDistance, straight_distance};
use super::grid::{self, Cell};
use super::kernel::Kernel;
use super::sites::read_sites;
use super::{CalcError, Statistic};
use crate::arrays::Open;
use crate::geo::Point;
use crate::geo::polygon::GeoBox;
use crate::geo::surface::Surface;
use crate::gsim::{Imt, Param};
use crate::job::{Collapsed, Gsims, Job, JobError};
use crate::logictree::{Applied, FullLogicTree, GsimLogicTree, SourceModelLogicTree, SourceModelPath};
use crate::nrml::NrmlError;
use crate::nrml::source_model::{self, ModelFile};
use crate::site::SiteCollection;
use crate::source::characteristic::FaultSurface;
use crate::source::fault::FaultRuptures;
use crate::source::point::Spread;
use crate::source::surfaces::SurfaceRuptures;
use crate::source::{
    Origin, Rule, Source, SourceError, Typology, characteristic, complex_fault, kite_fault, listed, simple_fault,
};

/// Everything that a calculation needs.
#[derive(Clone, Debug)]
pub struct Model {
    /// The job.
    pub job: Job,
    /// The sites.
    pub sites: SiteCollection,
    /// The logic trees.
    pub tree: FullLogicTree,
    /// The sources.
    pub groups: Vec<SourceGroup>,
    /// What makes curves on soil of those on rock, if the job wants that.
    pub amplifier: Option<Amplifier>,
    /// How the motion of ruptures on the ground of the sites follows from that on rock.
    pub kernel: Option<Kernel>,
    /// What the mean rates by source are made of, if they are wanted.
    pub by_source: Option<BySource>,
    /// What the user should know but that stops nothing.
    pub warnings: Vec<String>,
}

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
    pub rule: Option<Arc<Rule>>,
    /// The sources, sorted by id.
    pub sources: Vec<Source>,
    /// How many ruptures each source makes, and where.
    pub extents: Vec<Extent>,
    /// Point sources by the cells of a grid (`ps_grid_spacing`); empty where there is none.
    pub cells: Vec<Cell>,
}

impl SourceGroup {
    /// The number of ruptures.
    pub fn ruptures(&self) -> usize {
        self.extents.iter().map(Extent::ruptures).sum()
    }

    /// Two parts of the program do not agree on what a source of it is.
    pub(super) fn inconsistent(&self, source: usize, what: &'static str) -> CalcError {
        CalcError::Inconsistent { id: self.sources[source].id.clone(), what }
    }
}

/// The ruptures of a source, counted.
#[derive(Clone, Debug)]
pub enum Extent {
    /// Of a source that is a set of equal point sources.
    Points {
        /// Where they are.
        locations: Vec<(f64, f64)>,
        /// The number of ruptures at each.
        per_location: usize,
        /// The sites of the source that it is or is a part of, where that is not taken apart into points.
        whole: Option<Area>,
    },
    /// Of a fault: the number of ruptures by magnitude.
    Fault(Vec<usize>),
    /// Of a source whose ruptures are whole surfaces.
    Surfaces(Arc<SurfaceRuptures>),
}

impl Extent {
    /// `splits`: whether a source of several points is taken apart into them. `reach`: how far sites feel it, km.
    fn of(source: &Source, splits: bool, reach: f64, close: &dyn Fn(&Surface) -> bool) -> Result<Extent, SourceError> {
        // a source of one point is not taken apart either (engine behaviour)
        let whole = |points: usize, bounds: GeoBox| (!splits || points == 1).then(|| Area(bounds.enlarged(reach)));
        let points = |locations: Vec<(f64, f64)>, spread: &Spread, whole: Option<Area>| Extent::Points {
            locations,
            per_location: source.mfd.rates().len() * spread.count(),
            whole,
        };
        let by_magnitude =
            |ruptures: FaultRuptures| Extent::Fault(ruptures.floating.iter().map(|f| f.patches.len()).collect());
        Ok(match &source.typology {
            Typology::Point(point) => {
                let whole = point.part_of.and_then(|multi| whole(multi.points, multi.bounds));
                points(vec![point.location], &point.spread, whole)
            }
            Typology::Area(area) => {
                let locations = area.locations()?;
                let whole = whole(locations.len(), GeoBox::of(area.polygon.iter().copied()));
                points(locations, &area.spread, whole)
            }
            Typology::SimpleFault(fault) => by_magnitude(simple_fault::ruptures(source, fault)?),
            Typology::ComplexFault(fault) => by_magnitude(complex_fault::ruptures(source, fault)?),
            Typology::KiteFault(fault) => by_magnitude(kite_fault::ruptures(source, fault)?),
            Typology::Characteristic(fault) => Extent::Surfaces(Arc::new(characteristic::ruptures(source, fault)?)),
            Typology::Listed(list) => Extent::Surfaces(Arc::new(listed::ruptures(list, close)?)),
        })
    }

    /// The surfaces, where they are whole ones.
    fn surfaces(&self) -> &[Surface] {
        match self {
            Extent::Points { .. } | Extent::Fault(_) => &[],
            Extent::Surfaces(made) => &made.surfaces,
        }
    }

    /// The number of ruptures.
    pub fn ruptures(&self) -> usize {
        match self {
            Extent::Points { locations, per_location, .. } => locations.len() * per_location,
            Extent::Fault(by_magnitude) => by_magnitude.iter().sum(),
            Extent::Surfaces(ruptures) => ruptures.ruptures.len(),
        }
    }
}

impl Model {
    /// Read everything that a job names. `open` opens the files of arrays among it.
    pub fn read(job: Job, open: Open) -> Result<Model, CalcError> {
        let mut warnings = job.warnings.clone();
        let mut tree = SourceModelLogicTree::read(&job.params.source_model_logic_tree.path)?;
        if let Some((id, line)) = &job.params.smlt_branch {
            tree.keep(id).map_err(|e| job.error(*line, format!("smlt_branch: {e}")))?;
        }
        let sources = read_sources(&job, &tree, open)?;
        check_named_sources(&job, &tree, &sources)?;
        let mut trts: Vec<String> = sources.values().flatten().map(|s| s.trt.clone()).collect();
        trts.sort();
        trts.dedup();
        if trts.is_empty() {
            let message = "the source models hold no source that the job does not filter away";
            return Err(job.error(job.params.source_model_logic_tree.line, message).into());
        }
        let mut gsims = match &job.params.gsims {
            Gsims::LogicTree(file) => GsimLogicTree::read(&file.path, open)?,
            Gsims::One { name, line } => {
                let folder = job.path.parent().unwrap_or(Path::new("."));
                GsimLogicTree::one(name, folder, open).map_err(|e| job.error(*line, format!("gsim: {e}")))?
            }
        };
        let sets = &job.params.collapsed_sets;
        gsims.collapse(sets).map_err(|e| job.error(0, format!("collapse_gsim_logic_tree: {e}")))?;
        check_distances(&job, &gsims)?;
        let gsims = gsims.reduced(&trts)?;
        let required = check_gsims(&job, &gsims)?;
        check_sampling(&job, tree.count().saturating_mul(gsims.count()))?;
        let tree = FullLogicTree::new(tree, gsims, &job.params)?;
        let sites = read_sites(&job, &required, &mut warnings)?;
        check_ground(&sites, &tree.gsims)?;
        let amplifier = Amplifier::of(&job, &sites)?;
        let kernel = Kernel::of(&job, &sites)?;
        check_duplicates(&job, &tree, &sources, &mut warnings)?;
        let mut groups = group(&tree, sources, &job.params.collapsed)?;
        check_magnitudes(&job, &groups, &mut warnings)?;
        extend(&mut groups, &tree, &job, &sites)?;
        warnings.extend(doubts(&groups));
        let mut model = Model { job, sites, tree, groups, amplifier, kernel, by_source: None, warnings };
        model.by_source = BySource::of(&model)?;
        if model.realizations() == Kept::Zero {
            let message = "hcurves-rlzs and hmaps-rlzs are zero: with use_rates and the mean alone the curves of \
                           realizations are computed only if individual_rlzs = true";
            model.warnings.push(message.to_string());
        }
        Ok(model)
    }

    /// The intensity measures.
    pub fn imts(&self) -> Vec<Imt> {
        self.job.params.imtls.iter().map(|(imt, _)| *imt).collect()
    }

    /// Every pair of a group and one of its models, in order: the columns of the rates.
    pub fn pairs(&self) -> Vec<(usize, usize)> {
        let of = |(g, group): (usize, &SourceGroup)| {
            (0..self.tree.gsims.models(group.trt_index).len()).map(move |m| (g, m)).collect::<Vec<_>>()
        };
        self.groups.iter().enumerate().flat_map(of).collect()
    }

    /// Whether the curves of each realization are kept, and whether they are computed.
    ///
    /// Without `individual_rlzs` they are for a single site or realization. With `use_rates` and the mean as the only
    /// statistic the engine takes a short cut to the mean and leaves them zero; so they are here, for the results to agree.
    pub fn realizations(&self) -> Kept {
        let params = &self.job.params;
        let many = self.tree.realizations.len() > 1;
        let short_cut = params.use_rates && Statistic::of(params) == [Statistic::Mean];
        match params.individual_rlzs {
            Some(true) => Kept::Computed,
            found if !many || (found.is_none() && self.sites.len() == 1) => {
                if short_cut {
                    Kept::Zero
                } else {
                    Kept::Computed
                }
            }
            _ => Kept::No,
        }
    }
}

/// What is made of the curves of realizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// They are not kept.
    No,
    /// There is a place for them, filled with zeros.
    Zero,
    /// They are computed and kept.
    Computed,
}

/// The sources of every file of the tree.
fn read_sources(
    job: &Job,
    tree: &SourceModelLogicTree,
    open: Open,
) -> Result<BTreeMap<String, Vec<Source>>, CalcError> {
    let base = tree.path.parent().unwrap_or(Path::new("."));
    let mut sources = BTreeMap::new();
    let mut sections: HashMap<String, FaultSurface> = HashMap::new();
    let files = tree.files();
    let read = |file: &String| source_model::read(&base.join(file), &job.params.source_settings, open);
    let read: Vec<Result<ModelFile, NrmlError>> = files.par_iter().map(read).collect();
    for (file, found) in files.into_iter().zip(read) {
        let (path, found) = (base.join(&file), found?);
        for (id, surface) in found.sections {
            if sections.insert(id.clone(), surface).is_some() {
                let message = format!("the section {id:?} is there twice");
                return Err(NrmlError::new(&path, 0, message).into());
            }
        }
        sources.insert(file, found.sources);
    }
    for (file, sources) in &mut sources {
        for source in sources {
            let Typology::Listed(list) = &mut source.typology else { continue };
            list.resolve(&sections).map_err(|id| {
                let message = format!("source {}: no geometry model has the section {id:?}", source.id);
                NrmlError::new(&base.join(file), 0, message)
            })?;
        }
    }
    Ok(sources)
}

/// There must be ruptures of the minimum magnitude at least; tectonic region types that have none are told.
fn check_magnitudes(job: &Job, groups: &[SourceGroup], warnings: &mut Vec<String>) -> Result<(), JobError> {
    let Some(minimum) = &job.params.minimum_magnitude else { return Ok(()) };
    let mut largest: BTreeMap<&str, f64> = BTreeMap::new();
    for group in groups {
        let of_group = group.sources.iter().filter_map(Source::largest_magnitude).fold(f64::NEG_INFINITY, f64::max);
        let so_far = largest.entry(&group.trt).or_insert(of_group);
        *so_far = so_far.max(of_group);
    }
    let none: Vec<String> = largest
        .iter()
        .filter(|(trt, mag)| **mag < minimum.for_trt(trt))
        .map(|(trt, mag)| format!("{} for {trt:?}, whose largest magnitude is {mag:.2}", minimum.for_trt(trt)))
        .collect();
    if none.is_empty() {
        return Ok(());
    }
    let found = none.join("; ");
    if none.len() == largest.len() {
        return Err(job.error(minimum.line, format!("minimum_magnitude leaves no rupture: it is {found}")));
    }
    warnings.push(format!("minimum_magnitude leaves no rupture of some sources: it is {found}"));
    Ok(())
}

/// Branch sets may name only sources that are there (those that the job filters away aside), and without `applyToBranches` only
/// sources of one branch; so it is with tectonic region types.
fn check_named_sources(
    job: &Job,
    tree: &SourceModelLogicTree,
    sources: &BTreeMap<String, Vec<Source>>,
) -> Result<(), CalcError> {
    let settings = &job.params.source_settings;
    let filters = settings.source_ids.len() + settings.source_nodes.len() + settings.discard_trts.len();
    let is_there = |id: &str| filters > 0 || sources.values().flatten().any(|s| s.is_called(id));
    let has = |file: &str, id: &str| sources.get(file).into_iter().flatten().any(|source| source.is_called(id));
    for set in &tree.branch_sets {
        let fail = |message: String| Err(NrmlError::new(&tree.path, set.line, message).into());
        if let Some(trt) = set.trt.as_ref().filter(|_| filters == 0)
            && !sources.values().flatten().any(|source| source.trt == *trt)
        {
            return fail(format!("applyToTectonicRegionType: no source model has a source of {trt:?}"));
        }
        for id in set.sources() {
            if !is_there(id) {
                return fail(format!("applyToSources: no source model has a source with the id {id:?}"));
            }
            let branches: Vec<&str> = tree
                .model_branches()
                .filter(|branch| branch.model.split_whitespace().any(|file| has(file, id)))
                .map(|branch| branch.id.as_str())
                .collect();
            if branches.len() > 1 && !set.has_branches() {
                return fail(format!(
                    "applyToSources: the source {id:?} is in several branches, {}; say in applyToBranches for which",
                    branches.join(", ")
                ));
            }
        }
    }
    Ok(())
}

/// Say which ids several sources of a source model have: all of them count, as in the engine. By source their rates cannot be told
/// apart.
fn check_duplicates(
    job: &Job,
    tree: &FullLogicTree,
    sources: &BTreeMap<String, Vec<Source>>,
    warnings: &mut Vec<String>,
) -> Result<(), CalcError> {
    const MOST: usize = 5;
    let mut found: BTreeMap<&str, Vec<&Origin>> = BTreeMap::new();
    for path in &tree.source_model_paths {
        let mut here: HashMap<&str, Vec<&Origin>> = HashMap::new();
        for source in path.files.iter().filter_map(|file| sources.get(file)).flatten() {
            here.entry(&source.id).or_default().push(&source.origin);
        }
        found.extend(here.into_iter().filter(|(_, origins)| origins.len() > 1));
    }
    let places = |(id, origins): (&&str, &Vec<&Origin>)| {
        let origins: Vec<String> = origins.iter().map(|origin| origin.to_string()).collect();
        format!("{id:?} ({})", origins.join("; "))
    };
    let mut named: Vec<String> = found.iter().take(MOST).map(places).collect();
    if found.len() > MOST {
        named.push(format!("and {} more ids", found.len() - MOST));
    }
    let named = named.join(", ");
    match job.params.disagg_by_src {
        _ if found.is_empty() => {}
        Some(line) => {
            let message =
                format!("disagg_by_src: several sources have the same id, so they cannot be told apart: {named}");
            return Err(job.error(line, message).into());
        }
        None => warnings.push(format!("several sources of a source model have the same id, and all count: {named}")),
    }
    Ok(())
}

/// Distances must be given for the tectonic region types of the GSIM logic tree, and may be given for no others.
fn check_distances(job: &Job, gsims: &GsimLogicTree) -> Result<(), CalcError> {
    let discarded = &job.params.source_settings.discard_trts;
    let is_given =
        |trt: &str| job.params.maximum_distance.is_given_for(trt) || discarded.iter().any(|other| other == trt);
    let unknown = job.params.maximum_distance.trts().find(|trt| gsims.trt_index(trt).is_none());
    match unknown {
        Some(trt) => {
            let known: Vec<&str> = gsims.branches.keys().map(String::as_str).collect();
            let message = format!(
                "maximum_distance is given for {trt:?}, which is not in the GSIM logic tree; there are {}",
                known.join(", ")
            );
            Err(job.error(0, message).into())
        }
        None => match gsims.branches.keys().find(|trt| *trt != "*" && !is_given(trt)) {
            Some(trt) => {
                let message = format!("maximum_distance: there is none for {trt:?}; give it, or one for 'default'");
                Err(job.error(0, message).into())
            }
            None => Ok(()),
        },
    }
}

/// There may not be as many samples as paths where the job forbids it.
fn check_sampling(job: &Job, paths: usize) -> Result<(), JobError> {
    let samples = job.params.number_of_logic_tree_samples;
    match job.params.forbids_oversampling {
        Some(line) if samples > 0 && samples >= paths => {
            let message = format!(
                "oversampling = forbid: {samples} samples of {paths} paths; expected fewer, or number_of_logic_tree_samples = 0"
            );
            Err(job.error(line, message))
        }
        _ => Ok(()),
    }
}

/// Every model must be defined for the ground of every site.
fn check_ground(sites: &SiteCollection, gsims: &GsimLogicTree) -> Result<(), CalcError> {
    let vs30 = sites.param(Param::Vs30).unwrap_or_default();
    let models = gsims.branches.values().flatten();
    models.flat_map(|branch| vs30.iter().map(|&vs30| branch.gsim.check_vs30(vs30))).collect::<Result<(), _>>()?;
    Ok(())
}

/// Every model must define every intensity measure. Returns the parameters that the models require.
fn check_gsims(job: &Job, gsims: &GsimLogicTree) -> Result<Vec<Param>, CalcError> {
    let mut required = Vec::new();
    for branch in gsims.branches.values().flatten() {
        for (imt, _) in job.params.imtls.iter().filter(|(imt, _)| branch.is_used_for(imt, &job.params)) {
            branch.gsim.check(imt).map_err(|e| job.error(0, format!("intensity_measure_types_and_levels: {e}")))?;
        }
        for &param in branch.gsim.params() {
            if !required.contains(&param) {
                required.push(param);
            }
        }
    }
    required.sort();
    Ok(required)
}

/// Sources by tectonic region type and by the source model paths that have them. A source that stands in several source
/// models alike is one source.
fn group(
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
                    extents: Vec::new(),
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

/// Count the ruptures of the sources, and place those that are whole surfaces.
fn extend(
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
        let close = |surface: &Surface| !few || is_close(surface, sites, reach);
        let models = tree.gsims.models(group.trt_index);
        for source in &group.sources {
            let in_source = |error| CalcError::of_source(source, error);
            let extent = Extent::of(source, splits, reach, &close).map_err(in_source)?;
            demands::check(source, extent.surfaces(), models).map_err(in_source)?;
            group.extents.push(extent);
        }
        if on_grid && group.rule.is_none() {
            group.cells = grid::cells(group, job.params.ps_grid_spacing)?;
        }
    }
    Ok(())
}

/// A line for the log if sources have lengths near a step of the spacing of their mesh: the first, and how many there are.
fn doubts(groups: &[SourceGroup]) -> Option<String> {
    let sources = groups.iter().flat_map(|group| &group.sources);
    let mut found = sources.filter_map(|source| Some((&source.id, source.doubt()?)));
    let (id, doubt) = found.next()?;
    let others = match found.count() {
        0 => String::new(),
        others => format!(" ({others} more sources have such a length)"),
    };
    Some(format!("source {id}: {doubt}{others}"))
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
