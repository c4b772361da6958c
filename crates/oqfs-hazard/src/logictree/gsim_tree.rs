//! The GSIM logic tree: which ground-motion models there are for each tectonic region type, with their weights.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::short::letter;
use crate::arrays::Open;
use crate::digest::{Digest, Digester};
use crate::gsim::{self, Gsim, Imt};
use crate::job::Params;
use crate::nrml::NrmlError;
use crate::nrml::logic_tree::{self, BranchSet};

/// A ground-motion model with its weight.
#[derive(Clone, Debug)]
pub struct GsimBranch {
    /// The engine's id of the branch: `g`, a letter for its place, the number of the branch set.
    pub id: String,
    /// The name as it stands in the tree.
    pub name: String,
    /// The model.
    pub gsim: Arc<dyn Gsim>,
    /// Names what the model follows from, beside the program: its name, its arguments and the contents of the files that they name.
    pub identity: Digest,
    /// Its weight.
    pub weight: f64,
    /// Its weight for single intensity measures, where it is another.
    pub weights_by_imt: Vec<(Imt, f64)>,
}

impl GsimBranch {
    /// The weight that it gives for an intensity measure, if it gives one.
    pub fn weight_for(&self, imt: &Imt) -> Option<f64> {
        self.weights_by_imt.iter().find(|(other, _)| other == imt).map(|(_, weight)| *weight)
    }

    /// Whether the model is used for an intensity measure: not with a weight of 0, unless the tree is sampled, where such
    /// weights do not count (engine behaviour).
    pub fn is_used_for(&self, imt: &Imt, params: &Params) -> bool {
        params.number_of_logic_tree_samples > 0 || self.weight_for(imt) != Some(0.0)
    }
}

/// A GSIM logic tree.
#[derive(Clone, Debug)]
pub struct GsimLogicTree {
    /// The file, if there is one.
    pub path: Option<PathBuf>,
    /// The models by tectonic region type, sorted; `*` stands for every type where the job names one model.
    pub branches: BTreeMap<String, Vec<GsimBranch>>,
    /// The ids of the branch sets by tectonic region type.
    sets: BTreeMap<String, String>,
}

impl GsimLogicTree {
    /// Read the first tree of a file, and those with these ids. `open` opens tables that they name, from the folder of the file.
    pub fn read(path: &Path, ids: &[String], open: Open) -> Result<Vec<GsimLogicTree>, NrmlError> {
        let mut trees = logic_tree::read_all(path)?;
        let known: Vec<String> = trees.iter().skip(1).filter_map(|tree| tree.id.clone()).collect();
        let mut wanted = vec![trees.remove(0).sets];
        for id in ids {
            let Some(place) = trees.iter().position(|tree| tree.id.as_ref() == Some(id)) else {
                let known = if known.is_empty() { "none".to_string() } else { known.join(", ") };
                let message = format!(
                    "no logic tree behind the first has the logicTreeID {id:?} of site_labels; there are {known}"
                );
                return Err(NrmlError::new(path, 0, message));
            };
            wanted.push(trees.remove(place).sets);
        }
        wanted.into_iter().map(|sets| GsimLogicTree::of_sets(path, sets, open)).collect()
    }

    /// A tree with the models of all its tectonic region types.
    fn of_sets(path: &Path, found: Vec<BranchSet>, open: Open) -> Result<GsimLogicTree, NrmlError> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut branches: BTreeMap<String, Vec<GsimBranch>> = BTreeMap::new();
        let mut sets = BTreeMap::new();
        for (number, set) in found.into_iter().enumerate() {
            let fail = |line: usize, message: String| NrmlError::new(path, line, message);
            if set.uncertainty_type != "gmpeModel" {
                let message =
                    format!("uncertaintyType={:?}; expected gmpeModel in a GSIM logic tree", set.uncertainty_type);
                return Err(fail(set.line, message));
            }
            let trt =
                set.trt.ok_or_else(|| fail(set.line, "the branch set lacks applyToTectonicRegionType".to_string()))?;
            let mut models: Vec<GsimBranch> = Vec::new();
            for (place, branch) in set.branches.iter().enumerate() {
                let (gsim, identity) = model(&branch.model, folder, open).map_err(|e| fail(branch.line, e))?;
                if models.iter().any(|m| m.name == branch.model) {
                    return Err(fail(branch.line, format!("{} is there twice", branch.model)));
                }
                let id = format!("g{}{number}", letter(place));
                let by_imt = |(imt, weight): &(String, f64)| {
                    let imt = Imt::parse(imt).map_err(|e| fail(branch.line, e.to_string()))?;
                    Ok((imt, *weight))
                };
                let weights_by_imt = branch.weights_by_imt.iter().map(by_imt).collect::<Result<_, NrmlError>>()?;
                let (name, weight) = (branch.model.clone(), branch.weight);
                models.push(GsimBranch { id, name, gsim, identity, weight, weights_by_imt });
            }
            sets.insert(trt.clone(), set.id);
            if branches.insert(trt.clone(), models).is_some() {
                return Err(fail(set.line, format!("the tectonic region type {trt:?} has two branch sets")));
            }
        }
        Ok(GsimLogicTree { path: Some(path.to_path_buf()), branches, sets })
    }

    /// Put in the place of the models of these branch sets the one whose probabilities of exceedance are their weighted
    /// averages. An error names a set that is not there.
    pub fn collapse(&mut self, sets: &[String]) -> Result<(), String> {
        if let Some(unknown) = sets.iter().find(|set| !self.sets.values().any(|known| known == *set)) {
            let known: Vec<&str> = self.sets.values().map(String::as_str).collect();
            return Err(format!("the GSIM logic tree has no branch set {unknown:?}; it has {}", known.join(", ")));
        }
        for (trt, models) in &mut self.branches {
            if models.len() > 1 && self.sets.get(trt).is_some_and(|set| sets.contains(set)) {
                let collapsed = collapsed(models);
                *models = vec![collapsed];
            }
        }
        Ok(())
    }

    /// One model for every tectonic region type. `open` opens a table that it names, from a folder. An error says what is wrong
    /// with it.
    pub fn one(name: &str, folder: &Path, open: Open) -> Result<GsimLogicTree, String> {
        let (gsim, identity) = model(name, folder, open)?;
        let branch = GsimBranch {
            id: "gA0".into(),
            name: name.to_string(),
            gsim,
            identity,
            weight: 1.0,
            weights_by_imt: Vec::new(),
        };
        let branches = BTreeMap::from([("*".to_string(), vec![branch])]);
        Ok(GsimLogicTree { path: None, branches, sets: BTreeMap::new() })
    }

    /// Keep the models of the tectonic region types that the sources have; an error names one that has no models.
    pub fn reduced(mut self, trts: &[String]) -> Result<GsimLogicTree, NrmlError> {
        if let Some(any) = self.branches.remove("*") {
            return Ok(GsimLogicTree { branches: BTreeMap::from([("*".to_string(), any)]), ..self });
        }
        if let Some(missing) = trts.iter().find(|trt| !self.branches.contains_key(*trt)) {
            let known: Vec<&str> = self.branches.keys().map(String::as_str).collect();
            let path = self.path.clone().unwrap_or_default();
            let message = format!(
                "no models for the tectonic region type {missing:?} of the sources; there are some for {}",
                known.join(", ")
            );
            return Err(NrmlError::new(&path, 0, message));
        }
        self.branches.retain(|trt, _| trts.contains(trt));
        Ok(self)
    }

    /// The place of a tectonic region type among those of the tree.
    pub fn trt_index(&self, trt: &str) -> Option<usize> {
        self.branches.keys().position(|known| known == trt || known == "*")
    }

    /// The models for the tectonic region type at a place.
    pub fn models(&self, trt_index: usize) -> &[GsimBranch] {
        self.branches.values().nth(trt_index).map_or(&[], Vec::as_slice)
    }

    /// The number of paths.
    pub fn count(&self) -> usize {
        self.branches.values().map(Vec::len).fold(1, usize::saturating_mul)
    }

    /// An error where another tree has not the same tectonic region types, each with as many models.
    pub fn check_like(&self, other: &GsimLogicTree, label: &str) -> Result<(), NrmlError> {
        let counts = |tree: &GsimLogicTree| {
            let counts: Vec<String> =
                tree.branches.iter().map(|(trt, models)| format!("{trt}: {}", models.len())).collect();
            counts.join(", ")
        };
        if counts(self) == counts(other) {
            return Ok(());
        }
        let message = format!(
            "the logic tree {label:?} has other tectonic region types or numbers of models ({}) than the first ({}); expected the same: \
             add DummyGMPE with a weight of 0",
            counts(other),
            counts(self)
        );
        Err(NrmlError::new(&self.path.clone().unwrap_or_default(), 0, message))
    }

    /// The weights of the models of each tectonic region type, in the order of the types.
    pub fn weights(&self) -> Vec<Vec<f64>> {
        self.branches.values().map(|models| models.iter().map(|model| model.weight).collect()).collect()
    }
}

/// The model that a tree names, and what names it.
fn model(text: &str, folder: &Path, open: Open) -> Result<(Arc<dyn Gsim>, Digest), String> {
    let made = gsim::with_files(text, folder, open).map_err(|e| e.to_string())?;
    let mut digester = Digester::default();
    digester.begin("GsimBranch");
    digester.bytes(&made.identity.bytes());
    for path in &made.identity.files {
        let mut contents = blake3::Hasher::new();
        let read = File::open(path).and_then(|file| contents.update_reader(file).map(drop));
        read.map_err(|e| format!("{}: {e}", path.display()))?;
        digester.add(&contents.finalize());
    }
    Ok((made.gsim, digester.finish()))
}

/// What names the average of the probabilities of models.
fn identity_of_average(models: &[GsimBranch]) -> Digest {
    let mut digester = Digester::default();
    digester.begin("average of probabilities");
    for model in models {
        digester.add(&model.weight).add(&model.identity);
    }
    digester.finish()
}

/// Branches in one, under the id of the first.
fn collapsed(models: &[GsimBranch]) -> GsimBranch {
    let name = |model: &GsimBranch| {
        let mut lines = model.name.lines();
        let first = lines.next().unwrap_or_default().trim_matches(['[', ']']);
        let arguments: String = lines.map(|line| format!("\n{line}")).collect();
        format!("[AvgPoeGMPE.{}.{first}]\nweight = {}{arguments}", model.id, model.weight)
    };
    let mut imts: Vec<Imt> = models.iter().flat_map(|m| &m.weights_by_imt).map(|(imt, _)| *imt).collect();
    imts.sort();
    imts.dedup();
    let weight_for = |imt: Imt| (imt, models.iter().map(|m| m.weight_for(&imt).unwrap_or(m.weight)).sum());
    GsimBranch {
        id: models[0].id.clone(),
        name: models.iter().map(name).collect::<Vec<_>>().join("\n"),
        gsim: gsim::average_of_probabilities(models.iter().map(|m| (m.weight, m.gsim.clone())).collect()),
        identity: identity_of_average(models),
        weight: models.iter().map(|m| m.weight).sum(),
        weights_by_imt: imts.into_iter().map(weight_for).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::open_none;

    fn tree(second: &str) -> Result<GsimLogicTree, NrmlError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gmmLT.xml");
        let set = |id: &str, trt: &str, models: &[(&str, f64)]| {
            let branches: String = models
                .iter()
                .map(|(m, w)| format!("<logicTreeBranch branchID='{m}'><uncertaintyModel>{m}</uncertaintyModel><uncertaintyWeight>{w}</uncertaintyWeight></logicTreeBranch>\n"))
                .collect();
            format!(
                "<logicTreeBranchSet uncertaintyType='gmpeModel' branchSetID='{id}' applyToTectonicRegionType='{trt}'>\n{branches}</logicTreeBranchSet>"
            )
        };
        let sets = set("1", "Volcanic", &[("SadighEtAl1997", 1.0)])
            + &set("2", "Active Shallow Crust", &[("BooreAtkinson2008", 0.3), (second, 0.7)]);
        std::fs::write(&path, format!("<nrml><logicTree>{sets}</logicTree></nrml>")).unwrap();
        Ok(GsimLogicTree::read(&path, &[], &open_none)?.remove(0))
    }

    #[test]
    fn a_collapsed_branch_set_is_one_model_that_can_be_written_in_a_tree() {
        let mut tree = tree("[AkkarEtAlRjb2014]\nadjustment_factor = 1.5").unwrap();
        let error = tree.collapse(&["3".to_string()]).unwrap_err();
        assert!(error.ends_with("no branch set \"3\"; it has 2, 1"), "{error}");
        tree.collapse(&["1".to_string(), "2".to_string()]).unwrap();
        assert_eq!(tree.count(), 1);
        let [collapsed] = tree.models(0) else { panic!("{tree:?}") };
        assert_eq!((collapsed.id.as_str(), collapsed.weight), ("gA1", 1.0));
        assert_eq!(collapsed.gsim.parts().iter().map(|(weight, _)| *weight).collect::<Vec<_>>(), [0.3, 0.7]);
        let written = gsim::by_name(&collapsed.name).unwrap();
        assert_eq!(format!("{written:?}"), format!("{:?}", collapsed.gsim));
        assert_eq!(tree.models(1)[0].name, "SadighEtAl1997");
    }

    #[test]
    fn regions_are_sorted() {
        let tree = tree("SadighEtAl1997").unwrap();
        assert_eq!(tree.branches.keys().collect::<Vec<_>>(), ["Active Shallow Crust", "Volcanic"]);
        assert_eq!((tree.count(), tree.weights()), (2, vec![vec![0.3, 0.7], vec![1.0]]));
        assert_eq!(tree.models(0)[1].id, "gB1");
    }

    #[test]
    fn a_model_nobody_knows_is_named_with_its_line() {
        let message = tree("SadighEtAl1979").unwrap_err().to_string();
        assert!(message.contains("SadighEtAl1979") && message.contains("SadighEtAl1997"), "{message}");
        assert!(message.contains("line 5"), "{message}");
    }

    #[test]
    fn a_region_without_models_is_named() {
        let message = tree("SadighEtAl1997").unwrap().reduced(&["Craton".to_string()]).unwrap_err().to_string();
        assert!(message.contains("\"Craton\"") && message.contains("Volcanic"), "{message}");
    }
}
