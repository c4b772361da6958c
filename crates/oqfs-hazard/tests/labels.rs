//! Sites with labels: each has the ground-motion models and the weights of the GSIM logic tree of its label, and nothing of the others.

use std::path::Path;

use oqfs_hazard::calc::{Curves, Layout, Output, Threads, classical};

mod common;
use common::{NRML, read, write_job, write_model};

/// Keeps the curves of realizations and the statistics.
#[derive(Default)]
struct Kept {
    realizations: Vec<f32>,
    statistics: Vec<f32>,
}

impl Output for Kept {
    fn begin(&mut self, _: &Layout) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }

    fn tile(&mut self, _: usize, curves: &Curves) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        self.realizations.extend(&curves.curves_rlzs);
        self.statistics.extend(&curves.curves_stats);
        Ok(())
    }
}

const SOURCE: &str = "<pointSource id='amatrice' name='p'><pointGeometry><gml:Point><gml:pos>13.25 42.65</gml:pos></gml:Point>\
    <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>14</lowerSeismoDepth></pointGeometry>\
    <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.5</ruptAspectRatio>\
    <incrementalMFD minMag='5.5' binWidth='0.5'><occurRates>0.01 0.004</occurRates></incrementalMFD>\
    <nodalPlaneDist><nodalPlane probability='1' strike='155' dip='50' rake='-90'/></nodalPlaneDist>\
    <hypoDepthDist><hypoDepth probability='1' depth='8'/></hypoDepthDist></pointSource>";

/// Levels of two sites with three models and two trees for statistics.
const PARAMS: &str = "reference_vs30_value = 500\nintensity_measure_types_and_levels = {'PGA': [0.02, 0.05, 0.1, 0.2, 0.4]}\n\
    quantiles = 0.4";

/// A GSIM logic tree of these models with their weights.
fn tree(id: &str, models: [(&str, f64); 2]) -> String {
    let branch = |(model, weight): (&str, f64)| {
        format!(
            "<logicTreeBranch branchID='{model}'><uncertaintyModel>{model}</uncertaintyModel>\
             <uncertaintyWeight>{weight}</uncertaintyWeight></logicTreeBranch>"
        )
    };
    format!(
        "<logicTree logicTreeID='{id}'><logicTreeBranchSet branchSetID='s' uncertaintyType='gmpeModel' \
         applyToTectonicRegionType='Active Shallow Crust'>{}</logicTreeBranchSet></logicTree>",
        models.map(branch).concat()
    )
}

fn plain() -> String {
    tree("Default", [("BooreAtkinson2008", 0.5), ("AkkarEtAlRjb2014", 0.5)])
}

fn marche() -> String {
    tree("Marche", [("AkkarEtAlRjb2014", 0.2), ("CauzziEtAl2014", 0.8)])
}

fn write(folder: &Path, trees: &str, sites: &str, params: &str) {
    write_model(folder, SOURCE, "sources.xml");
    std::fs::write(folder.join("models.xml"), format!("{NRML}{trees}</nrml>")).unwrap();
    std::fs::write(folder.join("sites.csv"), sites).unwrap();
    write_job(folder, &format!("gsim_logic_tree_file = models.xml\nsite_model_file = sites.csv\n{PARAMS}\n{params}"));
}

fn run(trees: &str, sites: &str, params: &str) -> Kept {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), trees, sites, params);
    let model = read(folder.path()).unwrap_or_else(|e| panic!("{e}"));
    let mut kept = Kept::default();
    classical(&model, &mut kept, &Threads, &(), &()).unwrap();
    kept
}

const LABELS: &str = "site_labels = {'Marche': 1}";

#[test]
fn a_site_has_the_models_and_weights_of_its_label() {
    let sites = "lon,lat,vs30,ilabel\n13.3,42.6,400,1\n13.4,42.5,400,0\n13.2,42.8,400,1\n";
    // branches are drawn alike where samples weigh by them
    for more in ["", "number_of_logic_tree_samples = 5\nsampling_method = late_weights"] {
        let together = run(&(plain() + &marche()), sites, &format!("{LABELS}\n{more}"));
        let default = run(&plain(), "lon,lat,vs30\n13.4,42.5,400\n", more);
        let labelled = run(&marche(), "lon,lat,vs30\n13.3,42.6,400\n13.2,42.8,400\n", more);
        for (all, of_default, of_label) in [
            (&together.realizations, &default.realizations, &labelled.realizations),
            (&together.statistics, &default.statistics, &labelled.statistics),
        ] {
            let width = of_default.len();
            assert_eq!(all[..width], of_label[..width], "{more}");
            assert_eq!(all[width..2 * width], of_default[..], "{more}");
            assert_eq!(all[2 * width..], of_label[width..], "{more}");
            assert!(all[0] != all[width]);
        }
    }
}

#[test]
fn without_labels_the_first_tree_counts() {
    let sites = "lon,lat,vs30,ilabel\n13.3,42.6,400,1\n";
    let found = run(&(plain() + &marche()), sites, "");
    let expected = run(&plain(), "lon,lat,vs30\n13.3,42.6,400\n", "");
    assert_eq!((found.realizations, found.statistics), (expected.realizations, expected.statistics));
}

#[test]
fn rates_of_a_label_are_kept_by_its_models() {
    let folder = tempfile::tempdir().unwrap();
    let sites = "lon,lat,vs30,ilabel\n13.3,42.6,400,1\n13.4,42.5,400,0\n";
    write(folder.path(), &(plain() + &marche()), sites, LABELS);
    let digests = oqfs_hazard::calc::Digests::of(&read(folder.path()).unwrap(), "a program");
    assert_eq!(digests.models(0, 0)[1], digests.models(0, 1)[0]);
    assert_ne!(digests.models(0, 0)[0], digests.models(0, 1)[0]);
}

#[test]
fn what_does_not_go_together_with_labels_is_named() {
    let labelled = "lon,lat,vs30,ilabel\n13.3,42.6,400,1\n";
    let few = tree("Marche", [("AkkarEtAlRjb2014", 0.2), ("CauzziEtAl2014", 0.8)]).replace(
        "</logicTreeBranchSet>",
        "<logicTreeBranch branchID='z'><uncertaintyModel>DummyGMPE</uncertaintyModel>\
            <uncertaintyWeight>0</uncertaintyWeight></logicTreeBranch></logicTreeBranchSet>",
    );
    let both = plain() + &marche();
    let cases = [
        (
            &both,
            "lon,lat,vs30\n13.3,42.6,400\n",
            LABELS,
            "the sites have no labels; expected a site model with the column ilabel",
        ),
        (&both, "lon,lat,vs30,ilabel\n13.3,42.6,400,2\n", LABELS, "a site has the ilabel 2; expected 0 to 1"),
        (&both, "lon,lat,vs30,ilabel\n13.3,42.6,400,north\n", LABELS, "ilabel is \"north\"; expected a whole number"),
        (
            &both,
            labelled,
            "site_labels = {'Umbria': 1}",
            "has the logicTreeID \"Umbria\" of site_labels; there are Marche",
        ),
        (&plain(), labelled, LABELS, "there are none"),
        (&(plain() + &few), labelled, LABELS, "add DummyGMPE with a weight of 0"),
        (&(plain() + &plain()), labelled, LABELS, "the logicTreeID \"Default\" is there twice"),
        (&both, labelled, "site_labels = {'Marche': 1}\ncollapse_gsim_logic_tree = s", "do not go together"),
    ];
    for (trees, sites, params, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), trees, sites, params);
        let error = read(folder.path()).expect_err(expected).to_string();
        assert!(error.contains(expected), "{error}\n  lacks {expected}");
    }
}
