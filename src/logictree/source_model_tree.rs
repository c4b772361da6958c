//! The source model logic tree: which source models there are, with their weights.

use std::path::{Path, PathBuf};

use super::sampling::{draw, random};
use crate::job::SamplingMethod;
use crate::nrml::NrmlError;
use crate::nrml::logic_tree::{self, BranchSet};

/// A source model logic tree.
#[derive(Clone, Debug)]
pub struct SourceModelLogicTree {
    /// The file.
    pub path: PathBuf,
    /// Its one branch set: source models.
    pub branch_set: BranchSet,
}

/// A path through the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceModelPath {
    /// The ids of its branches.
    pub branch_ids: Vec<String>,
    /// Its weight.
    pub weight: f64,
    /// How many realizations it stands for where the tree is sampled.
    pub samples: usize,
    /// The files of its source models, relative to the tree.
    pub files: Vec<String>,
}

impl SourceModelLogicTree {
    /// Read a tree. Uncertainties other than `sourceModel` are an error that names them.
    pub fn read(path: &Path) -> Result<SourceModelLogicTree, NrmlError> {
        let mut sets = logic_tree::read(path)?;
        let fail = |line: usize, message: String| Err(NrmlError::new(path, line, message));
        if let Some(other) = sets.iter().find(|s| s.uncertainty_type != "sourceModel") {
            let message =
                format!("uncertaintyType={:?} is not supported; known is sourceModel", other.uncertainty_type);
            return fail(other.line, message);
        }
        if let Some(second) = sets.get(1) {
            return fail(second.line, "sourceModel is allowed in the first branch set only".to_string());
        }
        let branch_set = sets.swap_remove(0);
        if let Some((name, _)) = branch_set.filters.first() {
            return fail(branch_set.line, format!("{name} is not allowed on uncertaintyType=\"sourceModel\""));
        }
        if let Some(branch) = branch_set.branches.iter().find(|b| b.model.is_empty()) {
            return fail(branch.line, format!("branch {:?} names no source model", branch.id));
        }
        for (i, branch) in branch_set.branches.iter().enumerate() {
            if branch_set.branches[..i].iter().any(|b| b.model == branch.model) {
                return fail(branch.line, format!("the source model {} is there twice", branch.model));
            }
        }
        Ok(SourceModelLogicTree { path: path.to_path_buf(), branch_set })
    }

    /// Every path, sorted by its branch ids.
    pub fn paths(&self) -> Vec<SourceModelPath> {
        let mut paths: Vec<_> = (0..self.branch_set.branches.len()).map(|i| self.path_of(i)).collect();
        paths.sort_by(|a, b| a.branch_ids.cmp(&b.branch_ids));
        paths
    }

    /// `n` samples, equal paths together, sorted by their branch ids.
    pub fn sample(&self, n: usize, seed: u32, method: SamplingMethod) -> Vec<SourceModelPath> {
        let weights: Vec<f64> = self.branch_set.branches.iter().map(|b| b.weight).collect();
        let early = matches!(method, SamplingMethod::EarlyWeights | SamplingMethod::EarlyLatin);
        let mut paths: Vec<SourceModelPath> = Vec::new();
        for x in random(n, 1, seed, method) {
            let drawn = self.path_of(draw(&weights, x, method));
            let weight = if early { 1.0 / n as f64 } else { drawn.weight };
            match paths.iter_mut().find(|p| p.branch_ids == drawn.branch_ids) {
                Some(path) => {
                    path.weight += weight;
                    path.samples += 1;
                }
                None => paths.push(SourceModelPath { weight, ..drawn }),
            }
        }
        paths.sort_by(|a, b| a.branch_ids.cmp(&b.branch_ids));
        paths
    }

    fn path_of(&self, index: usize) -> SourceModelPath {
        let branch = &self.branch_set.branches[index];
        SourceModelPath {
            branch_ids: vec![branch.id.clone()],
            weight: branch.weight,
            samples: 1,
            files: branch.model.split_whitespace().map(str::to_string).collect(),
        }
    }

    /// Every source model file, relative to the tree, each once.
    pub fn files(&self) -> Vec<String> {
        let mut files: Vec<String> = Vec::new();
        for file in self.branch_set.branches.iter().flat_map(|b| b.model.split_whitespace()) {
            if !files.iter().any(|f| f == file) {
                files.push(file.to_string());
            }
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(kind: &str) -> Result<SourceModelLogicTree, NrmlError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ssmLT.xml");
        let branch = |id: &str, file: &str, w: f64| {
            format!(
                "<logicTreeBranch branchID='{id}'><uncertaintyModel>{file}</uncertaintyModel><uncertaintyWeight>{w}</uncertaintyWeight></logicTreeBranch>"
            )
        };
        let (one, two) = (branch("zone", "zones.xml", 0.2), branch("grid", "grid.xml faults.xml", 0.8));
        let text = format!(
            "<nrml><logicTree><logicTreeBranchSet uncertaintyType='{kind}' branchSetID='bs'>{one}\n{two}</logicTreeBranchSet></logicTree></nrml>"
        );
        std::fs::write(&path, text).unwrap();
        SourceModelLogicTree::read(&path)
    }

    #[test]
    fn paths_are_sorted_by_branch() {
        let paths = tree("sourceModel").unwrap().paths();
        assert_eq!(paths[0].branch_ids, ["grid"]);
        assert_eq!(paths[0].files, ["grid.xml", "faults.xml"]);
        assert_eq!(paths[1].weight, 0.2);
    }

    #[test]
    fn samples_are_grouped_and_weigh_alike() {
        let paths = tree("sourceModel").unwrap().sample(10, 42, SamplingMethod::EarlyWeights);
        assert_eq!(paths.iter().map(|p| p.samples).sum::<usize>(), 10);
        assert_eq!(paths.iter().map(|p| p.branch_ids[0].as_str()).collect::<Vec<_>>(), ["grid", "zone"]);
        assert!((paths[0].weight - paths[0].samples as f64 / 10.0).abs() < 1e-15);
    }

    #[test]
    fn other_uncertainties_are_named() {
        let message = tree("bGRRelative").unwrap_err().to_string();
        assert!(message.contains("line 1: uncertaintyType=\"bGRRelative\" is not supported"), "{message}");
    }
}
