//! A small job on disk, and what it gives.

use std::path::Path;

use oqfs_hazard::arrays::open_none;
use oqfs_hazard::calc::{CalcError, GroupCurves, Model, group_curves};
use oqfs_hazard::job::Job;

/// The root element of a document.
pub const NRML: &str =
    r#"<?xml version="1.0"?><nrml xmlns="http://openquake.org/xmlns/nrml/0.5" xmlns:gml="http://www.opengis.net/gml">"#;

/// Write a source model with its logic tree of one branch; `files` are all that the branch names.
pub fn write_model(folder: &Path, sources: &str, files: &str) {
    let write = |name: &str, text: String| std::fs::write(folder.join(name), text).unwrap();
    let group = format!("<sourceGroup name='g' tectonicRegion='Active Shallow Crust'>{sources}</sourceGroup>");
    write("sources.xml", format!("{NRML}<sourceModel name='m' investigation_time='50'>{group}</sourceModel></nrml>"));
    let branch = format!(
        "<logicTreeBranch branchID='b'><uncertaintyModel>{files}</uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch>"
    );
    let set =
        format!("<logicTreeBranchSet branchSetID='s' uncertaintyType='sourceModel'>{branch}</logicTreeBranchSet>");
    write("tree.xml", format!("{NRML}<logicTree logicTreeID='t'>{set}</logicTree></nrml>"));
}

/// Write a job of that model. `params` are lines `name = value`.
pub fn write_job(folder: &Path, params: &str) {
    let job = "[general]\ndescription = small\ncalculation_mode = classical\nsource_model_logic_tree_file = tree.xml\n\
        rupture_mesh_spacing = 4\ncomplex_fault_mesh_spacing = 15\narea_source_discretization = 20\nwidth_of_mfd_bin = 1\n\
        investigation_time = 50\ntruncation_level = 3\nmaximum_distance = 200\nmean = true\nindividual_rlzs = true\n";
    std::fs::write(folder.join("job.ini"), format!("{job}{params}\n")).unwrap();
}

/// Read the job of a folder.
pub fn read(folder: &Path) -> Result<Model, CalcError> {
    Model::read(Job::read(&folder.join("job.ini"))?, &open_none)
}

/// The curves of the first group of the job of a folder, by each of its models.
#[allow(dead_code, reason = "not every test file asks for curves by model")]
pub fn curves(folder: &Path) -> Vec<GroupCurves> {
    let model = read(folder).unwrap_or_else(|e| panic!("{e}"));
    group_curves(&model, &model.groups[0], &()).unwrap_or_else(|e| panic!("{e}"))
}
