//! The input files of a job, kept with the calculation.

use std::fs::{self, File};
use std::io;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result};

use super::copy::copy;
use crate::job::Job;

/// Where the files of a job were copied to.
#[derive(Debug)]
pub struct Copied {
    from: PathBuf,
    to: PathBuf,
}

impl Copied {
    /// The copy of a file; `None` of one that stayed where it is.
    pub fn of(&self, file: &Path) -> Option<PathBuf> {
        let file = absolute(file).ok()?;
        Some(self.to.join(file.strip_prefix(&self.from).ok()?))
    }
}

/// Copy a job with the files that it names into `inputs`, so that they stand to each other as before. Files given by absolute paths
/// stay where they are.
///
/// # Errors
/// If a file cannot be read, or not be copied.
pub fn copy_inputs(job: &Job, inputs: &Path) -> Result<Copied> {
    let job_file = absolute(&job.path)?;
    let needed = job.needed_files()?;
    let files = needed.present.iter().map(std::path::absolute).collect::<io::Result<Vec<PathBuf>>>()?;
    let base = job_file.parent().unwrap_or(Path::new("/")).to_path_buf();
    let copied = Copied { from: common_folder(&base, &files), to: inputs.to_path_buf() };
    for original in &files {
        let Some(to) = copied.of(original) else { continue };
        let folder = to.parent().unwrap_or(inputs);
        fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        File::open(original)
            .and_then(|file| copy(&file, &to))
            .with_context(|| format!("cannot copy {} to {}", original.display(), to.display()))?;
    }
    Ok(copied)
}

/// The deepest folder that holds the job, every file near it and the way there: a job may name `../model.xml`, or in a folder
/// `job` the file `../job/model.xml`. Files somewhere else altogether do not count.
pub fn common_folder(base: &Path, files: &[PathBuf]) -> PathBuf {
    const UP: usize = 3;
    let mut root = base.to_path_buf();
    let limit = base.ancestors().nth(UP).unwrap_or(Path::new("/")).to_path_buf();
    for place in files.iter().flat_map(|file| places_of(file)).filter(|place| place.starts_with(&limit)) {
        while !place.starts_with(&root) {
            root.pop();
        }
    }
    root
}

/// A path, and the folders that the way there goes back to.
fn places_of(path: &Path) -> Vec<PathBuf> {
    let mut parts: Vec<Component> = path.components().collect();
    let mut places = vec![normalized(path)];
    while let Some(last) = parts.pop() {
        if last == Component::ParentDir {
            places.push(normalized(&parts.iter().chain([&last]).collect::<PathBuf>()));
        }
    }
    places
}

fn absolute(path: &Path) -> io::Result<PathBuf> {
    Ok(normalized(&std::path::absolute(path)?))
}

/// Whether a path leads below where it starts, as it is written.
pub fn is_plain(path: &Path) -> bool {
    path.components().all(|part| matches!(part, Component::Normal(_)))
}

/// The path without `.` and `..`, as it is written, links not followed.
pub fn normalized(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_above_the_job_keep_their_place() {
        let dir = tempfile::tempdir().unwrap();
        let job = dir.path().join("models/aquila/job.ini");
        fs::create_dir_all(job.parent().unwrap()).unwrap();
        fs::write(dir.path().join("models/ssmLT.xml"), "<nrml/>").unwrap();
        let text = "[general]\ncalculation_mode = classical\nsites = 13.4 42.35\ninvestigation_time = 50\n\
            truncation_level = 3\nmaximum_distance = 200\nintensity_measure_types_and_levels = {'PGA': [0.1]}\n\
            source_model_logic_tree_file = ../ssmLT.xml\ngsim = BooreAtkinson2008\n";
        fs::write(&job, text).unwrap();
        let inputs = dir.path().join("inputs");
        // the logic tree is not one: the job can be copied all the same only if it can be read
        let read = || Job::read_without_inputs(&job).unwrap();
        assert!(copy_inputs(&read(), &inputs).is_err());
        let tree = "<nrml><logicTree><logicTreeBranchSet uncertaintyType='sourceModel' branchSetID='a'>\
            <logicTreeBranch branchID='b'><uncertaintyModel>m.xml</uncertaintyModel>\
            <uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch></logicTreeBranchSet></logicTree></nrml>";
        fs::write(dir.path().join("models/ssmLT.xml"), tree).unwrap();
        fs::write(dir.path().join("models/m.xml"), "<nrml/>").unwrap();
        let copied = copy_inputs(&read(), &inputs).unwrap();
        assert_eq!(copied.of(&job), Some(inputs.join("aquila/job.ini")));
        assert_eq!(copied.of(&dir.path().join("other.xml")), None);
        assert!(inputs.join("ssmLT.xml").is_file() && inputs.join("m.xml").is_file());
    }

    #[test]
    fn a_way_there_through_the_folder_above_stays_open() {
        let base = Path::new("/home/somebody/models/italy/aquila");
        let folder = |file: &str| common_folder(base, &[base.join(file)]);
        assert_eq!(folder("table.hdf5"), base);
        assert_eq!(folder("tables/../table.hdf5"), base);
        assert_eq!(folder("../aquila/table.hdf5"), Path::new("/home/somebody/models/italy"));
        assert_eq!(folder("../../italy/aquila/table.hdf5"), Path::new("/home/somebody/models"));
        assert_eq!(folder("/elsewhere/at/all/../table.hdf5"), base);
    }
}
