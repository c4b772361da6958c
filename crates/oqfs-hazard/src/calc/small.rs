//! A small job on disk, for tests: one point source of one rupture near L'Aquila, one model, one site.

use super::{CalcError, Model};
use crate::arrays::open_none;
use crate::job::Job;

/// Its files, by their names.
const FILES: [(&str, &str); 4] = [
    (
        "job.ini",
        "[general]
        calculation_mode = classical
        sites = 13.4 42.5
        reference_vs30_value = 760
        source_model_logic_tree_file = tree.xml
        gsim_logic_tree_file = models.xml
        maximum_distance = {'default': 200}
        truncation_level = 3
        investigation_time = 50
        intensity_measure_types_and_levels = {'PGA': [0.02, 0.1, 0.3]}",
    ),
    (
        "tree.xml",
        "<nrml><logicTree logicTreeID='t'><logicTreeBranchSet branchSetID='s' uncertaintyType='sourceModel'>
        <logicTreeBranch branchID='b'><uncertaintyModel>sources.xml</uncertaintyModel>
        <uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch></logicTreeBranchSet></logicTree></nrml>",
    ),
    (
        "models.xml",
        "<nrml><logicTree logicTreeID='g'><logicTreeBranchSet branchSetID='v' uncertaintyType='gmpeModel'
        applyToTectonicRegionType='Volcanic'><logicTreeBranch branchID='b'>
        <uncertaintyModel>BooreAtkinson2008</uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight>
        </logicTreeBranch></logicTreeBranchSet></logicTree></nrml>",
    ),
    (
        "sources.xml",
        "<nrml xmlns='http://openquake.org/xmlns/nrml/0.5' xmlns:gml='http://www.opengis.net/gml'>
        <sourceModel name='m'><sourceGroup name='g' tectonicRegion='Volcanic'>
        <pointSource id='p' name='p'><pointGeometry><gml:Point><gml:pos>13.4 42.3</gml:pos></gml:Point>
        <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>20</lowerSeismoDepth></pointGeometry>
        <magScaleRel>PointMSR</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>
        <arbitraryMFD><occurRates>0.01</occurRates><magnitudes>6.5</magnitudes></arbitraryMFD>
        <nodalPlaneDist><nodalPlane probability='1' strike='0' dip='90' rake='0'/></nodalPlaneDist>
        <hypoDepthDist><hypoDepth probability='1' depth='10'/></hypoDepthDist></pointSource>
        </sourceGroup></sourceModel></nrml>",
    ),
];

/// An edit: another site.
pub const TWO_SITES: (&str, &str, &str) = ("job.ini", "13.4 42.5", "13.4 42.5, 13.5 42.5");

/// An edit: another ground-motion model.
pub const TWO_MODELS: (&str, &str, &str) = (
    "models.xml",
    "</uncertaintyModel><uncertaintyWeight>1<",
    "</uncertaintyModel><uncertaintyWeight>0.5</uncertaintyWeight></logicTreeBranch><logicTreeBranch branchID='c'>\
     <uncertaintyModel>AkkarEtAlRjb2014</uncertaintyModel><uncertaintyWeight>0.5<",
);

/// The model of the job with edits: in a file, one text in place of another.
pub fn model(edits: &[(&str, &str, &str)]) -> Result<Model, CalcError> {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        let mut text = text.replace("\n        ", "\n");
        for (_, old, new) in edits.iter().filter(|(file, ..)| *file == name) {
            assert!(text.contains(old), "{name} has no {old:?}");
            text = text.replace(old, new);
        }
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    Model::read(Job::read(&folder.path().join("job.ini"))?, &open_none)
}

/// The model of the job with more lines.
pub fn with(lines: &str) -> Result<Model, CalcError> {
    model(&[("job.ini", "truncation_level = 3", &format!("{lines}\ntruncation_level = 3"))])
}
