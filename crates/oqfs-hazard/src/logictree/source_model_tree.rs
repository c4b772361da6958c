//! The source model logic tree: which source models there are, and what branches change in their sources.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::compose::Sampling;
use super::sampling::{SampledTree, draw, random};
use super::uncertainty::{Applied, TYPES, Uncertainty};
use crate::job::SamplingMethod;
use crate::nearest::nearest;
use crate::nrml::NrmlError;
use crate::nrml::logic_tree::{self, Branch, BranchSet};
use crate::nrml::xml::Values;
use crate::source::Source;
use crate::source::modify::Change;

/// A source model logic tree.
#[derive(Clone, Debug)]
pub struct SourceModelLogicTree {
    /// The file.
    pub path: PathBuf,
    /// Its branch sets, as they stand in the file.
    pub branch_sets: Vec<BranchSet>,
    /// The branch sets as they hang together, with those that stand where another does not apply.
    sets: Vec<Set>,
    branches: Vec<TreeBranch>,
    /// The files of branches that were emptied.
    unused: Vec<String>,
}

/// A branch set in its place.
#[derive(Clone, Debug)]
struct Set {
    /// Its number in the file, which is its column among the random numbers.
    ordinal: usize,
    filter: Filter,
    branches: Vec<usize>,
    /// Whether it stands where another branch set does not apply.
    is_dummy: bool,
}

#[derive(Clone, Debug)]
struct TreeBranch {
    id: String,
    weight: f64,
    says: Uncertainty,
    /// The branch set behind it.
    next: Option<usize>,
    /// Its line.
    line: usize,
}

impl TreeBranch {
    /// The source models that it names.
    fn files(&self) -> &[String] {
        match &self.says {
            Uncertainty::SourceModel(files) | Uncertainty::ExtendModel(files) => files,
            _ => &[],
        }
    }
}

/// Which sources a branch set is for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Those with these ids, if there are some.
    pub sources: Vec<String>,
    /// Those of this tectonic region type, if there is one.
    pub trt: Option<String>,
}

impl Filter {
    /// Whether a source is one of those.
    pub fn holds(&self, source: &Source) -> bool {
        self.trt.as_ref().is_none_or(|trt| *trt == source.trt)
            && (self.sources.is_empty() || self.sources.iter().any(|id| source.is_called(id)))
    }
}

/// A path through the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceModelPath {
    /// The ids of its branches; `.` where a branch set does not apply.
    pub branch_ids: Vec<String>,
    /// Its weight.
    pub weight: f64,
    /// How many realizations it stands for where the tree is sampled.
    pub samples: usize,
    /// The files of its source models, relative to the tree.
    pub files: Vec<String>,
    /// What is changed in the sources, in order.
    pub changes: Vec<Applied>,
}

/// Uncertainties that must name the one source that they are for.
const ONE_SOURCE: [&str; 7] = [
    "abGRAbsolute",
    "bGRAbsolute",
    "complexFaultGeometryAbsolute",
    "maxMagGRAbsolute",
    "simpleFaultGeometryAbsolute",
    "truncatedGRFromSlipAbsolute",
    "setMSRAbsolute",
];

impl SourceModelLogicTree {
    /// Read a tree. An uncertainty that is not known is an error that names it.
    pub fn read(path: &Path) -> Result<SourceModelLogicTree, NrmlError> {
        let branch_sets = logic_tree::read(path)?;
        let mut builder =
            Builder { path, sets: Vec::new(), branches: Vec::new(), by_id: HashMap::new(), open: Vec::new() };
        let mut ordinal = 0;
        for set in &branch_sets {
            ordinal += usize::from(builder.add(set, ordinal)?);
        }
        let Builder { sets, branches, .. } = builder;
        Ok(SourceModelLogicTree { path: path.to_path_buf(), branch_sets, sets, branches, unused: Vec::new() })
    }

    /// Leave of the branches with source models the one with this id (`smlt_branch`). The others of a branch set are one without
    /// sources, which keeps the id of the last and the weight of all (engine behaviour).
    ///
    /// # Errors
    /// If there is no such branch.
    pub fn keep(&mut self, id: &str) -> Result<(), String> {
        let has_models =
            |branch: &TreeBranch| matches!(branch.says, Uncertainty::SourceModel(_) | Uncertainty::ExtendModel(_));
        let known: Vec<&str> = self.branches.iter().filter(|b| has_models(b)).map(|b| b.id.as_str()).collect();
        if !known.contains(&id) {
            return Err(format!("no branch with source models has the id {id:?}; there are {}", known.join(", ")));
        }
        for set in &mut self.sets {
            if !set.branches.iter().all(|&b| has_models(&self.branches[b])) {
                continue;
            }
            let (mut kept, others): (Vec<usize>, Vec<usize>) =
                set.branches.iter().partition(|&&b| self.branches[b].id == id);
            let Some(&last) = others.last() else { continue };
            for &other in &others {
                self.unused.extend(self.branches[other].files().iter().cloned());
            }
            self.branches[last].weight = others.iter().map(|&b| self.branches[b].weight).sum();
            self.branches[last].says = Uncertainty::SourceModel(Vec::new());
            kept.push(last);
            set.branches = kept;
        }
        for set in self.branch_sets.iter_mut().filter(|s| matches!(&*s.uncertainty_type, "sourceModel" | "extendModel"))
        {
            let weight = set.branches.iter().filter(|b| b.id != id).map(|b| b.weight).sum();
            let last =
                set.branches.iter().rfind(|b| b.id != id).map(|b| Branch { model: String::new(), weight, ..b.clone() });
            set.branches.retain(|b| b.id == id);
            set.branches.extend(last);
        }
        Ok(())
    }

    /// The number of paths, as far as it can be counted.
    pub fn count(&self) -> usize {
        // branch sets are attached in the order of the file: those behind a branch come later
        let mut from_set = vec![0usize; self.sets.len()];
        for (i, set) in self.sets.iter().enumerate().rev() {
            let of_branch = |&b: &usize| self.branches[b].next.map_or(1, |next| from_set[next]);
            from_set[i] = set.branches.iter().map(of_branch).fold(0, usize::saturating_add);
        }
        from_set.first().copied().unwrap_or(0)
    }

    /// Every path, sorted by its branch ids as the engine sorts them: joined by `~`.
    pub fn paths(&self) -> Vec<SourceModelPath> {
        let mut found: Vec<Vec<usize>> = Vec::new();
        let mut unfinished: Vec<(Vec<usize>, usize)> = vec![(Vec::new(), 0)];
        while let Some((path, set)) = unfinished.pop() {
            for &branch in &self.sets[set].branches {
                let longer: Vec<usize> = path.iter().copied().chain([branch]).collect();
                match self.branches[branch].next {
                    Some(next) => unfinished.push((longer, next)),
                    None => found.push(longer),
                }
            }
        }
        found.sort_by_cached_key(|path| self.joined(path));
        found.iter().map(|path| self.path(path)).collect()
    }

    /// Samples, equal paths together, sorted by their branch ids.
    pub fn sample(&self, sampling: Sampling) -> Vec<SourceModelPath> {
        let (n, method) = (sampling.samples, sampling.method);
        let columns = self.sets.iter().filter(|s| !s.is_dummy).count();
        let mut drawn: Vec<(Vec<usize>, usize)> = Vec::new();
        let mut places: HashMap<Vec<usize>, usize> = HashMap::new();
        for row in random(sampling, columns, SampledTree::SourceModels).chunks(columns) {
            let path = self.walk(row, method);
            match places.get(&path) {
                Some(&place) => drawn[place].1 += 1,
                None => {
                    places.insert(path.clone(), drawn.len());
                    drawn.push((path, 1));
                }
            }
        }
        drawn.sort_by_cached_key(|(path, _)| self.joined(path));
        let weigh = |(path, samples): &(Vec<usize>, usize)| {
            let mut path = self.path(path);
            let each = if sampling.is_early() { 1.0 / n as f64 } else { path.weight };
            path.samples = *samples;
            path.weight = (0..*samples).map(|_| each).sum();
            path
        };
        drawn.iter().map(weigh).collect()
    }

    /// The path that a row of random numbers leads along.
    fn walk(&self, row: &[f64], method: SamplingMethod) -> Vec<usize> {
        let mut path = Vec::new();
        let mut next = Some(0);
        while let Some(set) = next {
            let set = &self.sets[set];
            let weights: Vec<f64> = set.branches.iter().map(|&b| self.branches[b].weight).collect();
            let branch = set.branches[draw(&weights, row[set.ordinal], method)];
            path.push(branch);
            next = self.branches[branch].next;
        }
        path
    }

    fn joined(&self, path: &[usize]) -> String {
        path.iter().map(|&b| self.branches[b].id.as_str()).collect::<Vec<_>>().join("~")
    }

    /// What a path of branches means. Behind a branch set that does not apply nothing is changed (engine behaviour).
    fn path(&self, path: &[usize]) -> SourceModelPath {
        let mut out = SourceModelPath {
            branch_ids: path.iter().map(|&b| self.branches[b].id.clone()).collect(),
            weight: path.iter().map(|&b| self.branches[b].weight).product(),
            samples: 1,
            files: Vec::new(),
            changes: Vec::new(),
        };
        let mut set = Some(0);
        for &branch in path {
            let (Some(place), branch) = (set, &self.branches[branch]) else { break };
            match &branch.says {
                Uncertainty::SourceModel(files) | Uncertainty::ExtendModel(files) => {
                    out.files.extend(files.iter().cloned())
                }
                Uncertainty::Change(change) => {
                    let filter = self.sets[place].filter.clone();
                    out.changes.push(Applied { filter, change: Change::clone(change), line: branch.line });
                }
                Uncertainty::None => {}
            }
            set = branch.next.filter(|&next| !self.sets[next].is_dummy);
        }
        out
    }

    /// Every source model file, relative to the tree, each once; those of branches that were emptied too.
    pub fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = Vec::new();
        for file in self.branches.iter().flat_map(TreeBranch::files).chain(&self.unused) {
            if !files.contains(file) {
                files.push(file.clone());
            }
        }
        files
    }

    /// The branches that name source models.
    pub fn model_branches(&self) -> impl Iterator<Item = &Branch> {
        let name = |set: &&BranchSet| matches!(set.uncertainty_type.as_str(), "sourceModel" | "extendModel");
        self.branch_sets.iter().filter(name).flat_map(|set| &set.branches)
    }
}

/// Hangs branch sets together as they are read.
struct Builder<'a> {
    path: &'a Path,
    sets: Vec<Set>,
    branches: Vec<TreeBranch>,
    by_id: HashMap<String, usize>,
    /// The branches that the next branch set applies to unless it says otherwise.
    open: Vec<usize>,
}

impl Builder<'_> {
    fn error(&self, line: usize, message: impl Into<String>) -> NrmlError {
        NrmlError::new(self.path, line, message)
    }

    /// Add a branch set; false if it applies to no source and is passed over.
    fn add(&mut self, set: &BranchSet, ordinal: usize) -> Result<bool, NrmlError> {
        let attribute = |name: &str| set.filters.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let words = |name: &str| attribute(name).map(|v| v.split_whitespace().map(str::to_string).collect::<Vec<_>>());
        let filter = Filter { sources: words("applyToSources").unwrap_or_default(), trt: set.trt.clone() };
        if attribute("applyToSources").is_some() && filter.sources.is_empty() {
            return Ok(false);
        }
        self.check(set, &filter, ordinal)?;
        let branches = self.add_branches(set)?;
        let place = self.sets.len();
        self.sets.push(Set { ordinal, filter, branches: branches.clone(), is_dummy: false });
        let all: Vec<String> = self.open.iter().map(|&b| self.branches[b].id.clone()).collect();
        let wanted = words("applyToBranches").filter(|w| !w.is_empty()).unwrap_or_else(|| all.clone());
        let open = std::mem::replace(&mut self.open, branches);
        if all.iter().all(|id| wanted.contains(id)) {
            open.iter().for_each(|&b| self.branches[b].next = Some(place));
            return Ok(true);
        }
        for id in &wanted {
            let branch = *self.by_id.get(id).ok_or_else(|| {
                self.error(set.line, format!("applyToBranches: the branch {id:?} is not defined yet"))
            })?;
            if self.branches[branch].next.is_some_and(|next| !self.sets[next].is_dummy) {
                return Err(self.error(set.line, format!("the branch {id:?} has a branch set behind it already")));
            }
            self.branches[branch].next = Some(place);
        }
        for branch in open {
            if !wanted.contains(&self.branches[branch].id) {
                self.add_dummy(branch);
            }
        }
        Ok(true)
    }

    /// A branch set without meaning behind a branch.
    fn add_dummy(&mut self, behind: usize) {
        let (set, branch) = (self.sets.len(), self.branches.len());
        self.branches.push(TreeBranch {
            id: ".".to_string(),
            weight: 1.0,
            says: Uncertainty::None,
            next: None,
            line: 0,
        });
        self.sets.push(Set { ordinal: 0, filter: Filter::default(), branches: vec![branch], is_dummy: true });
        self.branches[behind].next = Some(set);
        self.open.push(branch);
    }

    fn add_branches(&mut self, set: &BranchSet) -> Result<Vec<usize>, NrmlError> {
        let mut added = Vec::new();
        for (i, branch) in set.branches.iter().enumerate() {
            if !branch.weights_by_imt.is_empty() {
                let message = "a weight for one intensity measure (imt=...) is for GSIM logic trees";
                return Err(self.error(branch.line, message));
            }
            if self.by_id.contains_key(&branch.id) {
                return Err(self.error(branch.line, format!("the branchID {:?} is there twice", branch.id)));
            }
            if !branch.model.is_empty() && set.branches[..i].iter().any(|b| b.model == branch.model) {
                return Err(self.error(branch.line, format!("{} is there twice in the branch set", branch.model)));
            }
            let says = Uncertainty::parse(&set.uncertainty_type, branch, &Values::new(self.path))?;
            if matches!(&says, Uncertainty::SourceModel(files) if files.is_empty()) {
                return Err(self.error(branch.line, format!("branch {:?} names no source model", branch.id)));
            }
            added.push(self.branches.len());
            self.by_id.insert(branch.id.clone(), self.branches.len());
            let (id, weight, line) = (branch.id.clone(), branch.weight, branch.line);
            self.branches.push(TreeBranch { id, weight, says, next: None, line });
        }
        Ok(added)
    }

    /// What the engine demands of a branch set.
    fn check(&self, set: &BranchSet, filter: &Filter, ordinal: usize) -> Result<(), NrmlError> {
        let kind = set.uncertainty_type.as_str();
        let fail = |message: String| Err(self.error(set.line, message));
        if !TYPES.contains(&kind) {
            let close = nearest(kind, TYPES);
            let known = if close.is_empty() { TYPES.to_vec() } else { close };
            return fail(format!("uncertaintyType={kind:?} is not supported; known are {}", known.join(", ")));
        }
        if (kind == "sourceModel") != (ordinal == 0) {
            return fail("the first branch set must be of type sourceModel, and only the first".to_string());
        }
        if let Some((name, _)) = set.filters.iter().find(|(n, _)| n != "applyToSources" && n != "applyToBranches") {
            return fail(format!(
                "{name} is not supported; known are applyToSources, applyToBranches, applyToTectonicRegionType"
            ));
        }
        if kind == "sourceModel" && (filter.trt.is_some() || !filter.sources.is_empty()) {
            return fail("applyTo... is not allowed on uncertaintyType=\"sourceModel\"".to_string());
        }
        if filter.trt.is_some() && !filter.sources.is_empty() {
            return fail("only one of applyToSources and applyToTectonicRegionType is allowed".to_string());
        }
        if ONE_SOURCE.contains(&kind) && filter.sources.len() != 1 {
            return fail(format!("{kind} must have applyToSources with one source id"));
        }
        if kind.starts_with("simpleFaultDip") && filter.sources.is_empty() {
            return fail(format!("{kind} must have applyToSources"));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Generator;
    use super::*;

    fn branch(id: &str, model: &str, w: f64) -> String {
        format!(
            "<logicTreeBranch branchID='{id}'><uncertaintyModel>{model}</uncertaintyModel>\
             <uncertaintyWeight>{w}</uncertaintyWeight></logicTreeBranch>\n"
        )
    }

    fn set(id: &str, attributes: &str, branches: &[(&str, &str, f64)]) -> String {
        let branches: String = branches.iter().map(|(id, model, w)| branch(id, model, *w)).collect();
        format!("<logicTreeBranchSet branchSetID='{id}' {attributes}>\n{branches}</logicTreeBranchSet>\n")
    }

    fn models() -> String {
        set("a", "uncertaintyType='sourceModel'", &[("zone", "zones.xml", 0.2), ("grid", "grid.xml faults.xml", 0.8)])
    }

    fn read(sets: &str) -> Result<SourceModelLogicTree, NrmlError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ssmLT.xml");
        std::fs::write(&path, format!("<nrml><logicTree>\n{sets}</logicTree></nrml>")).unwrap();
        SourceModelLogicTree::read(&path)
    }

    #[test]
    fn paths_are_sorted_by_branch() {
        let tree = read(&models()).unwrap();
        let paths = tree.paths();
        assert_eq!((tree.count(), &paths[0].branch_ids[..]), (2, &["grid".to_string()][..]));
        assert_eq!(paths[0].files, ["grid.xml", "faults.xml"]);
        assert_eq!(paths[1].weight, 0.2);
    }

    #[test]
    fn one_branch_is_kept_and_the_others_are_one_without_sources() {
        let three = [("zone", "zones.xml", 0.2), ("grid", "grid.xml", 0.5), ("line", "faults.xml", 0.3)];
        let mut tree = read(&set("a", "uncertaintyType='sourceModel'", &three)).unwrap();
        let error = tree.keep("faults").unwrap_err();
        assert!(error.contains("there are zone, grid, line"), "{error}");
        tree.keep("grid").unwrap();
        let paths: Vec<_> = tree.paths().into_iter().map(|p| (p.branch_ids.join("~"), p.weight, p.files)).collect();
        assert_eq!(paths, [("grid".into(), 0.5, vec!["grid.xml".to_string()]), ("line".into(), 0.5, vec![])]);
        assert_eq!(tree.files(), ["zones.xml", "grid.xml", "faults.xml"], "the others tell which regions there are");
        assert_eq!(tree.branch_sets[0].branches.iter().map(|b| b.weight).collect::<Vec<_>>(), [0.5, 0.5]);
    }

    #[test]
    fn samples_are_grouped_and_weigh_alike() {
        let sampling = Sampling::named(10, 42, "early_weights", Generator::Pcg64).unwrap();
        let paths = read(&models()).unwrap().sample(sampling);
        assert_eq!(paths.iter().map(|p| p.samples).sum::<usize>(), 10);
        assert_eq!(paths.iter().map(|p| p.branch_ids[0].as_str()).collect::<Vec<_>>(), ["grid", "zone"]);
        assert!((paths[0].weight - paths[0].samples as f64 / 10.0).abs() < 1e-15);
    }

    #[test]
    fn a_branch_set_on_some_branches_leaves_the_others_as_they_are() {
        let sets = models()
            + &set(
                "b",
                "uncertaintyType='bGRRelative' applyToBranches='grid'",
                &[("lo", "-0.1", 0.5), ("hi", "0.1", 0.5)],
            )
            + &set("c", "uncertaintyType='maxMagGRRelative'", &[("m", "0.2", 1.0)]);
        let paths = read(&sets).unwrap().paths();
        let ids: Vec<String> = paths.iter().map(|p| p.branch_ids.join("~")).collect();
        assert_eq!(ids, ["grid~hi~m", "grid~lo~m", "zone~.~m"]);
        assert_eq!(paths[0].changes.len(), 2);
        // the engine stops changing sources where a branch set does not apply
        assert!(paths[2].changes.is_empty());
    }

    #[test]
    fn changes_are_for_the_sources_they_name() {
        let sets = models() + &set("b", "uncertaintyType='abGRAbsolute' applyToSources='7'", &[("x", "4.5 1.0", 1.0)]);
        let tree = read(&sets).unwrap();
        assert_eq!((tree.branch_sets[1].sources().collect::<Vec<_>>(), tree.branch_sets[1].line), (vec!["7"], 6));
        assert!(!tree.branch_sets[1].has_branches());
        assert_eq!(tree.paths()[0].changes[0].change, Change::SetAb(4.5, 1.0));
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let cases = [
            (
                set("b", "uncertaintyType='bGRRelativ'", &[("x", "1", 1.0)]),
                "line 6: uncertaintyType=\"bGRRelativ\" is not supported; known are bGRRelative",
            ),
            (
                set("b", "uncertaintyType='bGRRelative'", &[("x", "much", 1.0)]),
                "bGRRelative: found \"much\"; expected a number",
            ),
            (set("b", "uncertaintyType='bGRRelative'", &[("zone", "1", 1.0)]), "the branchID \"zone\" is there twice"),
            (
                set("b", "uncertaintyType='bGRRelative'", &[("x", "1", 0.5), ("x", "2", 0.5)]),
                "the branchID \"x\" is there twice",
            ),
            (
                set("b", "uncertaintyType='abGRAbsolute'", &[("x", "4 1", 1.0)]),
                "must have applyToSources with one source",
            ),
            (
                set("b", "uncertaintyType='bGRRelative' applyToBranches='none'", &[("x", "1", 1.0)]),
                "the branch \"none\" is not defined",
            ),
            (set("b", "uncertaintyType='sourceModel'", &[("x", "m.xml", 1.0)]), "only the first"),
        ];
        for (more, expected) in cases {
            let message = read(&(models() + &more)).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
    }
}
