//! Kept rates are named after what can change a number, and after nothing else: of the program, which the build script of this crate
//! says, and of the job.

use std::path::Path;
use std::process::Command;

use oqfs_hazard::arrays::open_none;
use oqfs_hazard::calc::{Digests, Model};
use oqfs_hazard::job::{Job, Rates, Use, parameters};

/// The digest that the build script gives for the workspace in a folder.
fn digest(script: &Path, workspace: &Path) -> String {
    let run = Command::new(script).current_dir(workspace.join("crates/oqfs-hazard")).output().unwrap();
    assert!(run.status.success(), "{run:?}");
    let text = String::from_utf8(run.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("cargo::rustc-env=OQFS_BUILD=")).unwrap().to_string()
}

#[test]
fn a_message_of_the_program_leaves_kept_rates_valid_and_a_formula_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("script");
    let compiled = Command::new(std::env::var_os("RUSTC").unwrap_or("rustc".into()))
        .args(["--edition", "2024", "-o"])
        .arg(&script)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("build.rs"))
        .status()
        .unwrap();
    assert!(compiled.success());
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    let numbers = [
        "crates/oqfs-gsim/src/gsim/toro_1997.rs",
        "crates/oqfs-gsim/src/gsim/coeffs/toro_1997.csv",
        "crates/oqfs-gsim/Cargo.toml",
        "crates/oqfs-hazard/src/calc/classical.rs",
        "crates/oqfs-hazard/Cargo.toml",
        "Cargo.toml",
        "Cargo.lock",
    ];
    let words = ["src/cli/run.rs", "src/daemon/intake.rs", "docs/SEMANTICS.md", "tests/run.rs", "README.md"];
    numbers.iter().chain(&words).for_each(|path| write(path, "before"));
    let before = digest(&script, folder.path());
    for path in words {
        write(path, "after");
        assert_eq!(digest(&script, folder.path()), before, "{path}");
    }
    for path in numbers {
        write(path, "after");
        assert_ne!(digest(&script, folder.path()), before, "{path}");
        write(path, "before");
    }
    assert_eq!(digest(&script, folder.path()), before);
}

/// The parameters of a job of all kinds of sources.
const PARAMS: &str = "
    calculation_mode = classical
    sites = 13.3 42.3, 13.4 42.4 0.1
    reference_vs30_value = 600
    reference_depth_to_1pt0km_per_sec = 50
    source_model_logic_tree_file = tree.xml
    gsim_logic_tree_file = models.xml
    rupture_mesh_spacing = 4
    complex_fault_mesh_spacing = 8
    area_source_discretization = 20
    width_of_mfd_bin = 0.5
    maximum_distance = 200
    truncation_level = 3
    investigation_time = 50
    intensity_measure_types_and_levels = {'PGA': [0.02, 0.1], 'SA(0.3)': [0.05, 0.2]}
";

const TREE: &str = "<nrml><logicTree logicTreeID='t'><logicTreeBranchSet branchSetID='s' uncertaintyType='sourceModel'>
    <logicTreeBranch branchID='b'><uncertaintyModel>sources.xml</uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight>
    </logicTreeBranch></logicTreeBranchSet></logicTree></nrml>";

const MODELS: &str = "<nrml><logicTree logicTreeID='g'><logicTreeBranchSet branchSetID='v' uncertaintyType='gmpeModel'
    applyToTectonicRegionType='Volcanic'>
    <logicTreeBranch branchID='a'><uncertaintyModel>ChiouYoungs2008</uncertaintyModel>
    <uncertaintyWeight>0.3</uncertaintyWeight></logicTreeBranch>
    <logicTreeBranch branchID='b'><uncertaintyModel>[AkkarEtAlRjb2014]
    adjustment_factor = 1.5</uncertaintyModel><uncertaintyWeight>0.3</uncertaintyWeight></logicTreeBranch>
    <logicTreeBranch branchID='c'><uncertaintyModel>[ZhaoEtAl2016SSlabPErg]
    volc_arc_file = 'zones.json'</uncertaintyModel><uncertaintyWeight>0.4</uncertaintyWeight></logicTreeBranch>
    </logicTreeBranchSet></logicTree></nrml>";

const ZONES: &str = r#"{"features": [{"geometry": {"type": "Polygon", "coordinates":
    [[[10.3, 44.2], [10.9, 44.1], [10.7, 44.7], [10.35, 44.8]]]}}]}"#;

const SOURCES: &str = "<nrml xmlns='http://openquake.org/xmlns/nrml/0.5' xmlns:gml='http://www.opengis.net/gml'>
    <sourceModel name='m' investigation_time='50'><sourceGroup name='g' tectonicRegion='Volcanic'>
    <areaSource id='zone' name='of the area'><areaGeometry><gml:Polygon><gml:exterior><gml:LinearRing><gml:posList>
    12.9 42.0 13.9 42.0 13.9 42.8 12.9 42.8</gml:posList></gml:LinearRing></gml:exterior></gml:Polygon>
    <upperSeismoDepth>0</upperSeismoDepth><lowerSeismoDepth>15</lowerSeismoDepth></areaGeometry>
    <magScaleRel>WC1994</magScaleRel><ruptAspectRatio>1.25</ruptAspectRatio>
    <truncGutenbergRichterMFD aValue='2.5' bValue='0.9' minMag='5' maxMag='6.5'/>
    <nodalPlaneDist><nodalPlane probability='0.5' strike='135' dip='45' rake='-90'/>
    <nodalPlane probability='0.5' strike='315' dip='60' rake='-80'/></nodalPlaneDist>
    <hypoDepthDist><hypoDepth probability='0.4' depth='9'/><hypoDepth probability='0.6' depth='11'/></hypoDepthDist></areaSource>
    <simpleFaultSource id='paganica' name='of the fault'><simpleFaultGeometry><gml:LineString>
    <gml:posList>13.35 42.42 13.55 42.28</gml:posList></gml:LineString><dip>50</dip>
    <upperSeismoDepth>1</upperSeismoDepth><lowerSeismoDepth>13</lowerSeismoDepth></simpleFaultGeometry>
    <magScaleRel>PeerMSR</magScaleRel><ruptAspectRatio>1.75</ruptAspectRatio>
    <incrementalMFD minMag='5.8' binWidth='0.4'><occurRates>0.002 0.001</occurRates></incrementalMFD>
    <rake>-95</rake></simpleFaultSource>
    <complexFaultSource id='complex' name='of edges'><complexFaultGeometry>
    <faultTopEdge><gml:LineString><gml:posList>13.0 42.5 1 13.4 42.5 1.5</gml:posList></gml:LineString></faultTopEdge>
    <faultBottomEdge><gml:LineString><gml:posList>13.0 42.4 20 13.4 42.4 21</gml:posList></gml:LineString></faultBottomEdge>
    </complexFaultGeometry><magScaleRel>StrasserInterface</magScaleRel><ruptAspectRatio>1.3</ruptAspectRatio>
    <arbitraryMFD><occurRates>0.003</occurRates><magnitudes>6.1</magnitudes></arbitraryMFD><rake>75</rake></complexFaultSource>
    <characteristicFaultSource id='whole' name='of a plane'>
    <arbitraryMFD><occurRates>0.004</occurRates><magnitudes>6.6</magnitudes></arbitraryMFD><rake>85</rake>
    <surface><simpleFaultGeometry><gml:LineString><gml:posList>13.2 42.1 13.5 41.9</gml:posList></gml:LineString>
    <dip>55</dip><upperSeismoDepth>2</upperSeismoDepth><lowerSeismoDepth>14</lowerSeismoDepth></simpleFaultGeometry>
    </surface></characteristicFaultSource>
    <nonParametricSeismicSource id='listed' name='of one rupture'><singlePlaneRupture probs_occur='0.9 0.1'>
    <magnitude>6.7</magnitude><rake>15</rake><hypocenter lon='13.45' lat='42.2' depth='8'/>
    <planarSurface><topLeft lon='13.4' lat='42.1' depth='3'/><topRight lon='13.4' lat='42.3' depth='3'/>
    <bottomLeft lon='13.4' lat='42.1' depth='12'/><bottomRight lon='13.4' lat='42.3' depth='12'/></planarSurface>
    </singlePlaneRupture></nonParametricSeismicSource>
    <kiteFaultSource id='kite' name='of profiles'><kiteSurface>
    <profile><gml:LineString><gml:posList>13.6 42.5 0 13.6 42.6 14</gml:posList></gml:LineString></profile>
    <profile><gml:LineString><gml:posList>13.9 42.5 0 13.9 42.6 15</gml:posList></gml:LineString></profile></kiteSurface>
    <magScaleRel>Leonard2014_Interplate</magScaleRel><ruptAspectRatio>1.1</ruptAspectRatio>
    <arbitraryMFD><occurRates>0.005</occurRates><magnitudes>6.25</magnitudes></arbitraryMFD><rake>65</rake></kiteFaultSource>
    <multiPointSource id='points' name='of points'><multiPointGeometry><gml:posList>13.1 42.25 13.2 42.35</gml:posList>
    <upperSeismoDepth>0.25</upperSeismoDepth><lowerSeismoDepth>18</lowerSeismoDepth></multiPointGeometry>
    <magScaleRel>CEUS2011</magScaleRel><ruptAspectRatio>1</ruptAspectRatio>
    <multiMFD kind='incrementalMFD' size='2'><min_mag>5.25</min_mag><bin_width>0.2</bin_width>
    <occurRates>0.3 0.2 0.1</occurRates><lengths>2 1</lengths></multiMFD>
    <nodalPlaneDist><nodalPlane probability='1' strike='12' dip='88' rake='1'/></nodalPlaneDist>
    <hypoDepthDist><hypoDepth probability='1' depth='7'/></hypoDepthDist></multiPointSource>
    </sourceGroup></sourceModel></nrml>";

/// The digests of the sources and of the models of the job with edits: in a file, one text in place of another.
fn digests(edits: &[(&str, &str, &str)]) -> (String, Vec<String>) {
    digests_by("a program", edits)
}

fn digests_by(program: &str, edits: &[(&str, &str, &str)]) -> (String, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let job = format!("[general]{PARAMS}");
    let files = [
        ("job.ini", &*job),
        ("tree.xml", TREE),
        ("models.xml", MODELS),
        ("zones.json", ZONES),
        ("sources.xml", SOURCES),
    ];
    for (name, text) in files {
        let mut text = text.replace("\n    ", "\n");
        for (_, old, new) in edits.iter().filter(|(file, ..)| *file == name) {
            assert!(text.contains(old), "{name} has no {old:?}");
            text = text.replacen(old, new, 1);
        }
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let job = Job::read(&folder.path().join("job.ini"));
    let job = job.unwrap_or_else(|e| panic!("{edits:?}: {e}"));
    let model = Model::read(job, &open_none).unwrap_or_else(|e| panic!("{edits:?}: {e}"));
    let digests = Digests::of(&model, program);
    assert_eq!(model.groups.len(), 1);
    (digests.sources(0).to_string(), digests.models(0, 0).iter().map(ToString::to_string).collect())
}

/// Those of the job with another value of a parameter.
fn with(name: &str, value: &str) -> (String, Vec<String>) {
    let old = PARAMS.lines().map(str::trim).find(|line| line.starts_with(&format!("{name} =")));
    let line = format!("{name} = {value}");
    let (old, new) = match old {
        Some(old) => (old, line),
        None => ("[general]", format!("[general]\n{line}")),
    };
    // the source model says for how long its probabilities are
    let time = format!("investigation_time='{value}'");
    let of_sources = ("sources.xml", "investigation_time='50'", &*time);
    let edits = [("job.ini", old, &*new), of_sources];
    digests(if name == "investigation_time" { &edits } else { &edits[..1] })
}

/// The format of the bytes is a promise to the rates that are kept. Whoever changes it counts [`oqfs_hazard::digest::VERSION`] up,
/// and puts the digests that this test finds here.
#[test]
fn the_digests_of_a_job_stay_what_they_are() {
    let (sources, models) = digests(&[]);
    assert_eq!(sources, "10b2f7be4b64db9231f96ff111f8aa2b080610ddb3c20181376558cf1bdb9e6b");
    assert_eq!(
        models,
        [
            "0cc9fa2ae89c78e7e31a94bd2445967600ab73a4deac599dbbff778002e1ff5c",
            "44c525e453d9d544f09d118b4bde8171d56be6aef9ea12c6bcf89ff471284ee3",
            "8ad4273f6bb2b09836e75cf6f6a8b7c8a3d4573b451cc9f9e3935c99ddf2e5b0",
        ]
    );
}

/// Another value of each parameter that is a part of the digest itself.
const DIRECT: &[(&str, &str)] = &[
    ("horiz_comp_to_geom_mean", "true"),
    ("intensity_measure_types_and_levels", "{'PGA': [0.02, 0.1], 'SA(0.3)': [0.05, 0.21]}"),
    ("investigation_time", "51"),
    ("max_sites_disagg", "1"),
    ("maximum_distance", "201"),
    ("minimum_distance", "1"),
    ("minimum_magnitude", "5.5"),
    ("pointsource_distance", "99"),
    ("ps_grid_spacing", "10"),
    ("shift_hypo", "true"),
    ("split_sources", "false"),
    ("tile_spec", "[1, 1]"),
    ("truncation_level", "3.5"),
];

/// Another value of some that rates depend on through sources, sites and models.
const THROUGH: &[(&str, &str)] = &[
    ("area_source_discretization", "21"),
    ("complex_fault_mesh_spacing", "9"),
    ("override_vs30", "700"),
    ("reference_depth_to_1pt0km_per_sec", "51"),
    ("reference_vs30_type", "measured"),
    ("reference_vs30_value", "601"),
    ("rupture_mesh_spacing", "3"),
    ("sites", "13.3 42.3, 13.4 42.4 0.2"),
    ("source_id", "zone"),
    ("source_nodes", "areaSource"),
    ("width_of_mfd_bin", "0.25"),
];

/// Another value of each parameter that no rate depends on.
const WITHOUT: &[(&str, &str)] = &[
    ("coordinate_bin_width", "0.5"),
    ("cross_correlation", "BakerJayaram2008"),
    ("description", "another"),
    ("disagg_bin_edges", "{'mag': [5, 6]}"),
    ("disagg_by_src", "true"),
    ("disagg_outputs", "Mag"),
    ("distance_bin_width", "5"),
    ("epsilon_star", "true"),
    ("hazard_maps", "true\npoes = 0.1"),
    ("imt_ref", "PGA"),
    ("individual_rlzs", "true"),
    ("mag_bin_width", "0.5"),
    ("max", "true"),
    ("max_potential_paths", "100"),
    ("mean", "false"),
    ("num_epsilon_bins", "3"),
    ("num_rlzs_disagg", "1"),
    ("oqfs_memory", "1T"),
    ("oqfs_threads", "1"),
    ("oversampling", "forbid"),
    ("poes", "0.1 0.02"),
    ("poes_disagg", "0.1"),
    ("postproc_func", "median_spectrum.main"),
    ("quantiles", "0.15 0.85"),
    ("return_periods", "475"),
    ("rlz_index", "0"),
    ("soil_intensities", "0.1 0.2"),
    ("std", "true"),
    ("uniform_hazard_spectra", "true\npoes = 0.1"),
    ("use_rates", "true"),
    ("vs30_tolerance", "10"),
];

/// The parameters that are read of which this is so.
fn declared(which: fn(Rates) -> bool) -> Vec<&'static str> {
    let is_it = |usage: Use| matches!(usage, Use::Read(declaration) if which(declaration.rates));
    parameters().filter(|(_, usage)| is_it(*usage)).map(|(name, _)| name).collect()
}

#[test]
fn a_parameter_changes_the_digest_if_rates_depend_on_it() {
    let plain = digests(&[]);
    for (name, value) in DIRECT.iter().chain(THROUGH) {
        assert_ne!(with(name, value), plain, "{name} = {value}");
    }
    for (name, value) in WITHOUT {
        assert_eq!(with(name, value), plain, "{name} = {value}");
    }
    let names = |tried: &[(&'static str, &str)]| tried.iter().map(|(name, _)| *name).collect::<Vec<_>>();
    assert_eq!(names(DIRECT), declared(|rates| rates == Rates::Direct));
    let mut without = declared(|rates| rates == Rates::No);
    // another calculation is of other pieces
    without.retain(|name| *name != "calculation_mode");
    assert_eq!(names(WITHOUT), without);
}

#[test]
fn whatever_a_source_has_changes_the_digest_but_its_names() {
    let plain = digests(&[]);
    let edit = |old: &str, new: &str| digests(&[("sources.xml", old, new)]);
    // values that are there once
    for (old, new) in [
        ("12.9 42.0 13.9", "12.9 42.1 13.9"),
        ("<upperSeismoDepth>0<", "<upperSeismoDepth>0.5<"),
        ("<lowerSeismoDepth>15<", "<lowerSeismoDepth>16<"),
        ("WC1994", "Leonard2014_SCR"),
        ("1.25", "1.26"),
        ("aValue='2.5'", "aValue='2.500001'"),
        ("bValue='0.9'", "bValue='1'"),
        ("minMag='5'", "minMag='5.5'"),
        ("maxMag='6.5'", "maxMag='7'"),
        ("strike='135'", "strike='136'"),
        ("dip='45'", "dip='46'"),
        ("rake='-80'", "rake='-81'"),
        (
            "probability='0.5' strike='135' dip='45' rake='-90'/>\n<nodalPlane probability='0.5'",
            "probability='0.25' strike='135' dip='45' rake='-90'/>\n<nodalPlane probability='0.75'",
        ),
        ("depth='9'", "depth='9.5'"),
        (
            "probability='0.4' depth='9'/><hypoDepth probability='0.6'",
            "probability='0.5' depth='9'/><hypoDepth probability='0.5'",
        ),
        ("13.35 42.42", "13.35 42.43"),
        ("<dip>50<", "<dip>51<"),
        ("<upperSeismoDepth>1<", "<upperSeismoDepth>1.5<"),
        ("<lowerSeismoDepth>13<", "<lowerSeismoDepth>12<"),
        ("PeerMSR", "WC1994"),
        ("1.75", "1.76"),
        ("minMag='5.8'", "minMag='5.9'"),
        ("binWidth='0.4'", "binWidth='0.3'"),
        ("0.002 0.001", "0.002 0.0011"),
        ("<rake>-95<", "<rake>-94<"),
        ("42.5 1 13.4", "42.5 1.1 13.4"),
        ("42.4 20 13.4", "42.4 20.1 13.4"),
        ("StrasserInterface", "StrasserIntraslab"),
        ("1.3<", "1.4<"),
        ("0.003", "0.0031"),
        ("6.1<", "6.2<"),
        ("<rake>75<", "<rake>76<"),
        ("0.004", "0.0041"),
        ("6.6<", "6.61<"),
        ("<rake>85<", "<rake>86<"),
        ("13.2 42.1", "13.21 42.1"),
        ("<dip>55<", "<dip>56<"),
        ("0.9 0.1", "0.8 0.2"),
        ("6.7<", "6.71<"),
        ("<rake>15<", "<rake>16<"),
        ("lon='13.45'", "lon='13.46'"),
        ("13.6 42.6 14", "13.6 42.6 14.5"),
        ("<rake>65<", "<rake>66<"),
        ("42.25 13.2", "42.26 13.2"),
        ("0.3 0.2 0.1", "0.3 0.2 0.11"),
        ("strike='12'", "strike='13'"),
        (
            "lat='42.1' depth='3'/><topRight lon='13.4' lat='42.3' depth='3'",
            "lat='42.1' depth='4'/><topRight lon='13.4' lat='42.3' depth='4'",
        ),
    ] {
        let (sources, models) = edit(old, new);
        assert_ne!(sources, plain.0, "{old} -> {new}");
        assert_eq!(models, plain.1, "{old} -> {new}");
    }
    for (old, new) in [("id='zone'", "id='zona'"), ("of the area", "otherwise"), ("name='m'", "name='n'")] {
        assert_eq!(edit(old, new), plain, "{old} -> {new}");
    }
}

#[test]
fn a_model_is_named_by_what_it_is_made_of_and_not_by_its_weight() {
    let plain = digests(&[]);
    // the edit, and the model that it changes
    for (file, old, new, changed) in [
        ("models.xml", "ChiouYoungs2008", "BooreAtkinson2008", 0),
        ("models.xml", "= 1.5", "= 1.6", 1),
        (
            "models.xml",
            "adjustment_factor",
            "mixture_model.factors = [0.8, 1.2]\nmixture_model.weights = [0.5, 0.5]\nadjustment_factor",
            1,
        ),
        ("zones.json", "10.9, 44.1", "10.9, 44.11", 2),
    ] {
        let (sources, models) = digests(&[(file, old, new)]);
        assert_eq!(sources, plain.0, "{new}");
        let differing: Vec<usize> = (0..3).filter(|&i| models[i] != plain.1[i]).collect();
        assert_eq!(differing, [changed], "{new}");
    }
    for edits in [
        [("models.xml", "= 1.5", "= 1.50 # as published"), ("models.xml", "branchID='a'", "branchID='z'")],
        [("models.xml", "Weight>0.3<", "Weight>0.2<"), ("models.xml", "Weight>0.4<", "Weight>0.5<")],
    ] {
        assert_eq!(digests(&edits), plain, "{edits:?}");
    }
    // a site parameter that one of them uses
    let (_, models) = with("reference_depth_to_1pt0km_per_sec", "51");
    assert_ne!(models[0], plain.1[0]);
    assert_eq!(models[1..], plain.1[1..]);
}

#[test]
fn what_another_program_computes_is_not_used() {
    let (sources, models) = digests_by("another", &[]);
    let plain = digests(&[]);
    assert_ne!(sources, plain.0);
    assert_eq!(models, plain.1);
}
