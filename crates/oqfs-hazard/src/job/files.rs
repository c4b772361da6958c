//! The files that a job consists of: those that it names, and those that its logic trees name.

use std::path::{Path, PathBuf};

use super::{Gsims, Job, JobError, is_archive};
use crate::gsim;
use crate::nrml::{NrmlError, exposure, logic_tree};

/// The files of a job.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Needed {
    /// Those that are there, the job file first.
    pub present: Vec<PathBuf>,
    /// Those that are not there yet.
    pub missing: Vec<PathBuf>,
    /// Those that count if they are there, and are not.
    pub optional: Vec<PathBuf>,
}

/// Whether a file name is that of a job: it ends in `.ini` and is not hidden.
pub fn is_job_file(path: &Path) -> bool {
    let visible = path.file_name().is_some_and(|n| !n.to_string_lossy().starts_with('.'));
    visible && path.extension().is_some_and(|e| e.eq_ignore_ascii_case("ini"))
}

/// The job files of a folder, at any depth, sorted: those whose name starts with `job`.
pub fn job_files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let starts_with_job = entry.file_name().to_string_lossy().to_lowercase().starts_with("job");
            if entry.file_type().is_ok_and(|t| t.is_dir()) {
                folders.push(path);
            } else if is_job_file(&path) && starts_with_job && path.is_file() {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

impl Job {
    /// The files that the job needs, there or not.
    ///
    /// The source models are known only once the logic tree that names them is there.
    ///
    /// # Errors
    /// If a file that names others is not well formed.
    pub fn needed_files(&self) -> Result<Needed, JobError> {
        let mut needed = Needed { present: vec![self.path.clone()], ..Needed::default() };
        let mut optional = Vec::new();
        let mut add = |path: PathBuf| {
            let list = if path.is_file() { &mut needed.present } else { &mut needed.missing };
            if !list.contains(&path) {
                list.push(path);
            }
        };
        for file in self.params.files() {
            add(file.path.clone());
        }
        let tree = &self.params.source_model_logic_tree.path;
        if tree.is_file() {
            let sets = logic_tree::read(tree).map_err(of_input)?;
            for path in source_model_paths(tree, &sets) {
                // ruptures that a source model does not list itself are in a file of the same name
                let beside = path.with_extension("hdf5");
                add(path);
                if beside.is_file() { add(beside) } else { optional.push(beside) }
            }
        }
        for file in self.params.exposure.iter().flat_map(|exposure| &exposure.files) {
            // an archive has them in it
            if file.path.is_file() && !is_archive(&file.path) {
                exposure::data_files(&file.path).map_err(of_input)?.into_iter().for_each(&mut add);
            }
        }
        gsim_files(&self.path, &self.params.gsims)?.into_iter().for_each(add);
        needed.optional = optional;
        Ok(needed)
    }
}

/// The files that the ground-motion models of a job name. None while the logic tree is not there.
fn gsim_files(job_file: &Path, gsims: &Gsims) -> Result<Vec<PathBuf>, JobError> {
    let (file, models): (&Path, Vec<String>) = match gsims {
        Gsims::One { name, .. } => (job_file, vec![name.clone()]),
        Gsims::LogicTree(tree) if !tree.path.is_file() => return Ok(Vec::new()),
        Gsims::LogicTree(tree) => {
            let trees = logic_tree::read_all(&tree.path).map_err(of_input)?;
            let sets = trees.into_iter().flat_map(|tree| tree.sets);
            (&tree.path, sets.flat_map(|set| set.branches).map(|branch| branch.model).collect())
        }
    };
    let folder = file.parent().unwrap_or(Path::new("."));
    Ok(models.iter().flat_map(|model| gsim::files_of(model)).map(|name| folder.join(name)).collect())
}

fn of_input(error: NrmlError) -> JobError {
    JobError { path: error.path, line: error.line, message: error.message }
}

/// The source model files that a source model logic tree names, relative ones resolved from its folder.
pub fn source_model_paths(tree: &Path, sets: &[logic_tree::BranchSet]) -> Vec<PathBuf> {
    let base = tree.parent().unwrap_or(Path::new("."));
    sets.iter()
        .filter(|set| matches!(set.uncertainty_type.as_str(), "sourceModel" | "extendModel"))
        .flat_map(|set| &set.branches)
        .flat_map(|branch| branch.model.split_whitespace())
        .map(|name| base.join(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed_files(job: &Path) -> Result<Needed, JobError> {
        Job::read_without_inputs(job)?.needed_files()
    }

    const JOB: &str = "[general]\ncalculation_mode = classical\nsites = 13.4 42.35\ninvestigation_time = 50\n\
        truncation_level = 3\nmaximum_distance = 200\nintensity_measure_types_and_levels = {'PGA': [0.1]}\n\
        source_model_logic_tree_file = ssmLT.xml\ngsim = BooreAtkinson2008\n";
    const TREE: &str = "<nrml><logicTree><logicTreeBranchSet uncertaintyType='sourceModel' branchSetID='a'>\
        <logicTreeBranch branchID='b'><uncertaintyModel>sub/m1.xml m2.xml</uncertaintyModel>\
        <uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch></logicTreeBranchSet></logicTree></nrml>";

    #[test]
    fn files_are_found_as_they_arrive() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("job.ini"), JOB).unwrap();
        assert_eq!(needed_files(&at("job.ini")).unwrap().missing, [at("ssmLT.xml")]);
        std::fs::write(at("ssmLT.xml"), TREE).unwrap();
        assert_eq!(needed_files(&at("job.ini")).unwrap().missing, [at("sub/m1.xml"), at("m2.xml")]);
        std::fs::write(at("m2.xml"), "").unwrap();
        let needed = needed_files(&at("job.ini")).unwrap();
        assert_eq!(needed.present, [at("job.ini"), at("ssmLT.xml"), at("m2.xml")]);
        std::fs::write(at("m2.hdf5"), "").unwrap();
        assert!(needed_files(&at("job.ini")).unwrap().present.contains(&at("m2.hdf5")));
    }

    #[test]
    fn files_of_ground_motion_models_are_files_of_the_job() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let branch = |id: &str, model: &str| {
            format!(
                "<logicTreeBranch branchID='{id}'><uncertaintyModel{model}</uncertaintyModel>\
                 <uncertaintyWeight>0.2</uncertaintyWeight></logicTreeBranch>"
            )
        };
        let branches = branch("a", " gmpe_table='t/a.hdf5'>GMPETable")
            + &branch(
                "b",
                ">[ModifiableGMPE]\ngmpe.GMPETable.gmpe_table = 'b.hdf5'\nset_between_epsilon.epsilon_tau = 1",
            )
            + &branch("c", ">[CY14SiteTerm]\ngmpe_name = 'GMPETable'\ngmpe_table = 'c.hdf5'")
            + &branch("d", ">[NGAEastGMPE]\ngmpe_table = 'NGAEast_GRAIZER.hdf5'")
            + &branch("e", ">[ZhaoEtAl2016SSlabPErg]\nvolc_arc_file = 'zones.geojson'");
        let tree = format!(
            "<nrml><logicTree><logicTreeBranchSet uncertaintyType='gmpeModel' branchSetID='a' \
             applyToTectonicRegionType='Volcanic'>{branches}</logicTreeBranchSet></logicTree></nrml>"
        );
        std::fs::create_dir(at("gsim")).unwrap();
        std::fs::write(at("gsim/tree.xml"), tree).unwrap();
        let job = JOB.replace("gsim = BooreAtkinson2008", "gsim_logic_tree_file = gsim/tree.xml");
        std::fs::write(at("job.ini"), job).unwrap();
        let missing = needed_files(&at("job.ini")).unwrap().missing;
        let files = ["ssmLT.xml", "gsim/t/a.hdf5", "gsim/b.hdf5", "gsim/c.hdf5", "gsim/zones.geojson"];
        assert_eq!(missing, files.map(at));
    }

    #[test]
    fn tables_of_assets_are_files_of_the_job() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        let job = JOB.replace("sites = 13.4 42.35", "exposure_file = assets/old.xml assets/new.xml assets/more.zip");
        std::fs::write(at("job.ini"), job).unwrap();
        std::fs::write(at("ssmLT.xml"), TREE).unwrap();
        std::fs::create_dir(at("assets")).unwrap();
        let missing = || {
            let mut missing = needed_files(&at("job.ini")).unwrap().missing;
            missing.retain(|path| path.starts_with(at("assets")));
            missing
        };
        assert_eq!(missing(), [at("assets/old.xml"), at("assets/new.xml"), at("assets/more.zip")]);
        let with = |assets: &str| format!("<nrml><exposureModel><assets>{assets}</assets></exposureModel></nrml>");
        std::fs::write(at("assets/old.xml"), with("north.csv\nsouth.csv")).unwrap();
        std::fs::write(at("assets/new.xml"), with("<asset id='a'><location lon='13' lat='42'/></asset>")).unwrap();
        std::fs::write(at("assets/more.zip"), "").unwrap();
        assert_eq!(missing(), [at("assets/north.csv"), at("assets/south.csv")]);
        std::fs::write(at("assets/old.xml"), with("")).unwrap();
        let error = needed_files(&at("job.ini")).unwrap_err();
        assert!(error.path == at("assets/old.xml") && error.message.contains("<assets> is empty"), "{error}");
    }

    #[test]
    fn a_job_that_was_read_moves_with_its_files() {
        let dir = tempfile::tempdir().unwrap();
        let (from, to) = (dir.path().join("models"), dir.path().join("inputs"));
        std::fs::create_dir_all(from.join("aquila")).unwrap();
        let elsewhere = dir.path().join("elsewhere/sites.csv");
        let job = JOB.replace("ssmLT.xml", "../ssmLT.xml").replace(
            "sites = 13.4 42.35",
            &format!("sites_csv = {}\namplification_csv = a.csv\nsoil_intensities = 0.1 1", elsewhere.display()),
        );
        std::fs::write(from.join("aquila/job.ini"), job).unwrap();
        let mut job = Job::read_without_inputs(&from.join("aquila/job.ini")).unwrap();
        job.move_to(|path| Some(to.join(path.strip_prefix(&from).ok()?)));
        assert_eq!(job.path, to.join("aquila/job.ini"));
        let files: Vec<&Path> = job.params.files().into_iter().map(|file| &*file.path).collect();
        assert_eq!(files, [&to.join("aquila/../ssmLT.xml"), &elsewhere, &to.join("aquila/a.csv")]);
    }

    #[test]
    fn job_files_by_name() {
        assert!(is_job_file(Path::new("a/job.INI")) && is_job_file(Path::new("x.ini")));
        assert!(!is_job_file(Path::new(".job.ini")) && !is_job_file(Path::new("job.ini.swp")));
    }
}
