//! The model of a job: its sites, sources in groups, ground-motion models and realizations, all read and checked.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use rayon::prelude::*;

use super::added_rates::add_rates;
use super::amplification::Amplifier;
use super::by_source::BySource;
use super::differences::{self, Meeting};
use super::disagg::Disaggregation;
use super::kernel::Kernel;
use super::sites::{read_sites, with_labels};
use super::sources::{SourceGroup, group, place_all};
use super::spectra::ConditionalSpectra;
use super::validity::beyond_validity;
use super::{CalcError, Statistic};
use crate::arrays::Open;
use crate::gsim::{Imt, Param};
use crate::job::{Gsims, Job, JobError, Oversampling};
use crate::logictree::{FullLogicTree, GsimLogicTree, SourceModelLogicTree};
use crate::nrml::NrmlError;
use crate::nrml::source_model::{self, ModelFile};
use crate::site::SiteCollection;
use crate::source::characteristic::FaultSurface;
use crate::source::{Origin, Source, Typology};

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
    /// What is disaggregated, in that mode.
    pub disaggregation: Option<Disaggregation>,
    /// What conditional spectra are wanted.
    pub spectra: Option<ConditionalSpectra>,
    /// What the user should know but that stops nothing.
    pub warnings: Vec<String>,
}

impl Model {
    /// Read everything that a job names. `open` opens the files of arrays among it.
    pub fn read(job: Job, open: Open) -> Result<Model, CalcError> {
        let mut warnings = job.warnings.clone();
        let mut tree = SourceModelLogicTree::read(&job.params.source_model_logic_tree.path)?;
        if let Some(id) = &job.params.smlt_branch {
            tree.keep(id).map_err(|e| job.error(job.params.lines.smlt_branch, format!("smlt_branch: {e}")))?;
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
        let mut labelled = match &job.params.gsims {
            Gsims::LogicTree(file) => GsimLogicTree::read(&file.path, &job.params.site_labels, open)?,
            Gsims::One { name, line } => {
                let folder = job.path.parent().unwrap_or(Path::new("."));
                vec![GsimLogicTree::one(name, folder, open).map_err(|e| job.error(*line, format!("gsim: {e}")))?]
            }
        };
        let mut gsims = labelled.remove(0);
        let (sets, line) = (&job.params.collapse_gsim_logic_tree, job.params.lines.collapse_gsim_logic_tree);
        gsims.collapse(sets).map_err(|e| job.error(line, format!("collapse_gsim_logic_tree: {e}")))?;
        check_distances(&job, &gsims, &mut warnings)?;
        let gsims = gsims.reduced(&trts)?;
        let labelled = labelled.into_iter().map(|tree| tree.reduced(&trts)).collect::<Result<Vec<_>, _>>()?;
        for (tree, label) in labelled.iter().zip(&job.params.site_labels) {
            gsims.check_like(tree, label)?;
        }
        let required = check_gsims(&job, std::iter::once(&gsims).chain(&labelled))?;
        check_sampling(&job, tree.count().saturating_mul(gsims.count()))?;
        let tree = FullLogicTree::new(tree, gsims, labelled, &job.params)?;
        let sites = with_labels(read_sites(&job, &required, &mut warnings)?, &job, &mut warnings)?;
        check_ground(&sites, &tree)?;
        let amplifier = Amplifier::of(&job, &sites)?;
        let kernel = Kernel::of(&job, &sites)?;
        check_duplicates(&job, &tree, &sources, &mut warnings)?;
        let mut groups = group(&tree, sources, &job.params.collapsed)?;
        check_magnitudes(&job, &groups, &mut warnings)?;
        place_all(&mut groups, &tree, &job, &sites)?;
        add_rates(&mut groups, &job)?;
        warnings.extend(doubts(&groups));
        warnings.extend(beyond_validity(&job.params, &tree, &groups, &sites));
        let meeting = Meeting { mode: job.params.calculation_mode, tree: &tree, groups: &groups, sites: &sites };
        warnings.extend(differences::met(&meeting).map(differences::Difference::line));
        let by_source = BySource::of(&job, &tree, &groups)?;
        let disaggregation = Disaggregation::of(&job, &tree, &groups, &sites, by_source.as_ref())?;
        let spectra = ConditionalSpectra::of(&job, &tree, &groups, &sites)?;
        let mut model =
            Model { job, sites, tree, groups, amplifier, kernel, by_source, disaggregation, spectra, warnings };
        if model.realizations() == KeptCurves::Zero {
            let message = "hcurves-rlzs and hmaps-rlzs are zero: with use_rates and the mean alone the curves of \
                           realizations are computed only if individual_rlzs = true";
            model.warnings.push(message.to_string());
        }
        Ok(model)
    }

    /// The intensity measures.
    pub fn imts(&self) -> Vec<Imt> {
        self.job.params.imts()
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
    /// Without `individual_rlzs` they are for a single site or realization: the engine does without those of a single site since 3.24, which
    /// takes from who reads them and gives nothing. With `use_rates` and the mean as the only statistic the engine takes a short cut to the
    /// mean and leaves them zero; so they are here, for the results to agree.
    pub fn realizations(&self) -> KeptCurves {
        let params = &self.job.params;
        let many = self.tree.realizations.len() > 1;
        let is_mean_alone = Statistic::of(params) == [Statistic::Mean];
        let short_cut = params.use_rates && is_mean_alone && params.site_labels.is_empty();
        match params.individual_rlzs {
            Some(true) => KeptCurves::Computed,
            found if !many || (found.is_none() && self.sites.len() == 1) => {
                if short_cut {
                    KeptCurves::Zero
                } else {
                    KeptCurves::Computed
                }
            }
            _ => KeptCurves::No,
        }
    }
}

/// What is made of the curves of realizations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeptCurves {
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
        return Err(job
            .error(job.params.lines.minimum_magnitude, format!("minimum_magnitude leaves no rupture: it is {found}")));
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
        true => {
            let message =
                format!("disagg_by_src: several sources have the same id, so they cannot be told apart: {named}");
            return Err(job.error(job.params.lines.disagg_by_src, message).into());
        }
        false => warnings.push(format!("several sources of a source model have the same id, and all count: {named}")),
    }
    Ok(())
}

/// Distances may be given for no tectonic region type that the GSIM logic tree has not. Say which of its types have none: the
/// greatest of the others is theirs (engine behaviour).
fn check_distances(job: &Job, gsims: &GsimLogicTree, warnings: &mut Vec<String>) -> Result<(), CalcError> {
    let distances = &job.params.maximum_distance;
    if let Some(trt) = distances.trts().find(|trt| gsims.trt_index(trt).is_none()) {
        let known: Vec<&str> = gsims.branches.keys().map(String::as_str).collect();
        let message = format!(
            "maximum_distance is given for {trt:?}, which is not in the GSIM logic tree; there are {}",
            known.join(", ")
        );
        return Err(job.error(0, message).into());
    }
    let discarded = &job.params.source_settings.discard_trts;
    let lacks = |trt: &&String| *trt != "*" && !distances.is_given_for(trt) && !discarded.contains(trt);
    warnings.extend(gsims.branches.keys().filter(lacks).map(|trt| {
        let greatest = distances.for_trt(trt).iter().map(|pair| pair.1).fold(0.0, f64::max);
        format!("maximum_distance: there is none for {trt:?}; the greatest, {greatest} km, is taken")
    }));
    Ok(())
}

/// There may not be as many samples as paths where the job forbids it.
fn check_sampling(job: &Job, paths: usize) -> Result<(), JobError> {
    let samples = job.params.number_of_logic_tree_samples;
    if job.params.oversampling == Oversampling::Tolerated || samples == 0 || samples < paths {
        return Ok(());
    }
    let message = format!(
        "oversampling = forbid: {samples} samples of {paths} paths; expected fewer, or number_of_logic_tree_samples = 0"
    );
    Err(job.error(job.params.lines.oversampling, message))
}

/// Every model must be defined for the ground of every site that it is for, and know its depths.
fn check_ground(sites: &SiteCollection, tree: &FullLogicTree) -> Result<(), CalcError> {
    for (label, gsims) in tree.all_gsims().enumerate() {
        let of_label = if tree.labelled.is_empty() { sites } else { &sites.labelled(label) };
        let vs30 = of_label.param(Param::Vs30).unwrap_or_default();
        for branch in gsims.branches.values().flatten() {
            vs30.iter().try_for_each(|&vs30| branch.gsim.check_vs30(vs30))?;
            of_label.check_depths(&branch.name, &*branch.gsim)?;
        }
    }
    Ok(())
}

/// Every model must define every intensity measure. Returns the parameters that the models require.
fn check_gsims<'a>(job: &Job, trees: impl Iterator<Item = &'a GsimLogicTree>) -> Result<Vec<Param>, CalcError> {
    let mut required = Vec::new();
    for branch in trees.flat_map(|gsims| gsims.branches.values().flatten()) {
        for (imt, _) in job.params.imtls().iter().filter(|(imt, _)| branch.is_used_for(imt, &job.params)) {
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

#[cfg(test)]
mod tests {
    use super::super::small::{TWO_MODELS, TWO_SITES, model, with};
    use super::*;

    #[test]
    fn a_model_has_what_its_files_say() {
        let model = model(&[]).unwrap();
        assert_eq!((model.sites.len(), model.groups.len(), model.tree.realizations.len()), (1, 1, 1));
        let group = &model.groups[0];
        assert_eq!((group.trt.as_str(), group.sources.len(), group.ruptures()), ("Volcanic", 1, 1));
        assert_eq!(model.imts(), [Imt::PGA]);
        assert_eq!(model.pairs(), [(0, 0)]);
        assert!(model.warnings.is_empty(), "{:?}", model.warnings);
    }

    #[test]
    fn what_does_not_go_together_is_named() {
        let grouped = "applyToSources='q' uncertaintyType='bGRRelative'";
        let other_set = format!(
            "</logicTreeBranchSet><logicTreeBranchSet branchSetID='r' {grouped}><logicTreeBranch branchID='c'>\
             <uncertaintyModel>0.1</uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch>\
             </logicTreeBranchSet></logicTree>"
        );
        let two = "</pointSource>";
        let source = "<pointSource id='p' name='again'><pointGeometry><gml:Point><gml:pos>13.5 42.3</gml:pos></gml:Point>\
            <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>20</lowerSeismoDepth></pointGeometry>\
            <magScaleRel>PointMSR</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>\
            <arbitraryMFD><occurRates>0.01</occurRates><magnitudes>6.5</magnitudes></arbitraryMFD>\
            <nodalPlaneDist><nodalPlane probability='1' strike='0' dip='90' rake='0'/></nodalPlaneDist>\
            <hypoDepthDist><hypoDepth probability='1' depth='10'/></hypoDepthDist></pointSource>";
        let twice = format!("{two}{source}");
        let level = "truncation_level = 3";
        let cases: [(&str, &str, &str, &str); 11] = [
            ("job.ini", level, "truncation_level = 3\nsmlt_branch = z", "line 9: smlt_branch:"),
            (
                "job.ini",
                level,
                "truncation_level = 3\ndiscard_trts = Volcanic",
                "line 5: the source models hold no source",
            ),
            ("job.ini", "200}", "200, 'Craton': 50}", "maximum_distance is given for \"Craton\""),
            ("job.ini", "'default'", "'Craton'", "\"Craton\", which is not in the GSIM logic tree; there are Volcanic"),
            (
                "job.ini",
                level,
                "truncation_level = 3\nminimum_magnitude = 7",
                "minimum_magnitude leaves no rupture: it is 7 for \"Volcanic\", whose largest magnitude is 6.50",
            ),
            (
                "job.ini",
                level,
                "truncation_level = 3\noversampling = forbid\nnumber_of_logic_tree_samples = 5",
                "line 9: oversampling = forbid: 5 samples of 1 paths",
            ),
            ("job.ini", "'PGA'", "'PGD'", "intensity_measure_types_and_levels: "),
            (
                "job.ini",
                level,
                "truncation_level = 3\ncollapse_gsim_logic_tree = z",
                "line 9: collapse_gsim_logic_tree: the GSIM logic tree has no branch set \"z\"",
            ),
            (
                "tree.xml",
                "</logicTreeBranchSet></logicTree>",
                &other_set,
                "no source model has a source with the id \"q\"",
            ),
            ("models.xml", "'Volcanic'", "'Craton'", "no models for the tectonic region type \"Volcanic\""),
            ("job.ini", "reference_vs30_value = 760\n", "", "vs30"),
        ];
        for (file, old, new, expected) in cases {
            let error = model(&[(file, old, new)]).expect_err(expected).to_string();
            assert!(error.contains(expected), "{error}\n  lacks {expected}");
        }
        let error =
            model(&[("sources.xml", two, &twice), ("job.ini", level, "truncation_level = 3\ndisagg_by_src = true")])
                .unwrap_err()
                .to_string();
        assert!(error.contains("line 9: disagg_by_src: several sources have the same id"), "{error}");
        let model = model(&[("sources.xml", two, &twice)]).unwrap();
        assert!(model.groups[0].sources.len() == 2 && model.warnings[0].contains("have the same id, and all count"));
    }

    #[test]
    fn curves_of_realizations_are_kept_as_the_job_says_or_for_a_single_site() {
        let kept = |edits: &[(&str, &str, &str)]| model(edits).unwrap().realizations();
        let asked = |value: &str| {
            let line = format!("truncation_level = 3\nindividual_rlzs = {value}");
            kept(&[TWO_MODELS, ("job.ini", "truncation_level = 3", &line)])
        };
        assert_eq!(kept(&[TWO_MODELS]), KeptCurves::Computed);
        assert_eq!(kept(&[TWO_SITES]), KeptCurves::Computed);
        assert_eq!(kept(&[TWO_SITES, TWO_MODELS]), KeptCurves::No);
        assert_eq!([asked("true"), asked("false")], [KeptCurves::Computed, KeptCurves::No]);
        assert_eq!(with("individual_rlzs = false").unwrap().realizations(), KeptCurves::Computed);
        let fast = with("use_rates = true").unwrap();
        assert_eq!(fast.realizations(), KeptCurves::Zero);
        assert!(fast.warnings[0].contains("individual_rlzs = true"), "{:?}", fast.warnings);
        assert_eq!(with("use_rates = true\nindividual_rlzs = true").unwrap().realizations(), KeptCurves::Computed);
        assert_eq!(with("use_rates = true\nstd = true").unwrap().realizations(), KeptCurves::Computed);
    }
}
