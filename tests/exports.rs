//! The exports, byte for byte those that `oq export` of the OpenQuake engine writes of the same datastores, of 3.23.5 and 3.26.2.

mod common;

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use common::irpinia::Fixture;
use common::run_python;
use common::tree::{path, text};
use oqfs::datastore::DataDir;
use oqfs::view::{Tree, ViewNode, Views};
use serde_json::{Value, json};

fn tree(directory: &Path, calc: u32) -> Arc<Tree> {
    Views::new(DataDir::open(directory).unwrap()).calc(calc).unwrap().tree().unwrap().unwrap()
}

/// One of the calculations of exported.py, written once.
fn exported(calc: u32) -> Arc<Tree> {
    static DATA: OnceLock<tempfile::TempDir> = OnceLock::new();
    let data = DATA.get_or_init(|| {
        let tmp = tempfile::tempdir().unwrap();
        run_python(include_str!("python/exported.py"), &[tmp.path().to_str().unwrap()]);
        tmp
    });
    tree(data.path(), calc)
}

fn names(tree: &Tree) -> Vec<String> {
    let Some(ViewNode::Dir(dir)) = tree.at(&path("export")).unwrap() else { panic!("no exports") };
    tree.entries(&dir).unwrap().iter().map(|e| e.name.clone()).collect()
}

const MADE: &str = "generated_by='OpenQuake engine 3.23.5', start_date='2026-11-23T10:45:09', checksum=997626827";

/// Compares a file with the lines after its comment, which says `more` than how it was made.
fn compare(tree: &Tree, name: &str, more: &str, lines: &str) {
    compare_made(tree, name, &format!("{MADE}{more}"), lines);
}

fn compare_made(tree: &Tree, name: &str, comment: &str, lines: &str) {
    let commas = lines.split('\n').next().unwrap().matches(',').count();
    let lines = lines.replace('\n', "\r\n");
    assert_eq!(
        text(tree, &format!("export/{name}")),
        format!("#{}\"{comment}\"\r\n{lines}", ",".repeat(commas)),
        "{name}"
    );
}

#[test]
fn exports_are_the_engines() {
    need_python!("exports_are_the_engines");
    let tmp = tempfile::tempdir().unwrap();
    run_python(include_str!("python/classical.py"), &[tmp.path().to_str().unwrap()]);
    let tree = tree(tmp.path(), 42);
    let expected = [
        "hazard_curve-mean-PGA_42.csv",
        "hazard_curve-mean-SA(0.2)_42.csv",
        "hazard_curve-rlz-000-PGA_42.csv",
        "hazard_curve-rlz-000-SA(0.2)_42.csv",
        "hazard_curve-rlz-001-PGA_42.csv",
        "hazard_curve-rlz-001-SA(0.2)_42.csv",
        "hazard_map-mean_42.csv",
        "hazard_map-mean_42.geojson",
        "hazard_map-rlz-000_42.csv",
        "hazard_map-rlz-000_42.geojson",
        "hazard_map-rlz-001_42.csv",
        "hazard_map-rlz-001_42.geojson",
        "hazard_uhs-mean_42.csv",
        "hazard_uhs-rlz-000_42.csv",
        "hazard_uhs-rlz-001_42.csv",
        "quantile_curve-0.5-PGA_42.csv",
        "quantile_curve-0.5-SA(0.2)_42.csv",
        "quantile_map-0.5_42.csv",
        "quantile_map-0.5_42.geojson",
        "quantile_uhs-0.5_42.csv",
        "realizations_42.csv",
    ];
    assert_eq!(names(&tree), expected);
    let of = |kind: &str| format!(", kind='{kind}', investigation_time=50.0");
    let curve = "\
        lon,lat,depth,poe-0.0100000,poe-0.1538009,poe-1.5000000\n\
        14.79000,40.91400,0.00000,9.056773E-01,1.142852E-01,2.290341E-05\n\
        15.17700,40.92700,0.00000,9.269205E-01,2.038807E-01,0.000000E+00\n";
    compare(&tree, "hazard_curve-mean-PGA_42.csv", &(of("mean") + ", imt='PGA'"), curve);
    let map = "\
        lon,lat,PGA-0.1,PGA-0.02,SA(0.2)-0.1,SA(0.2)-0.02\n\
        14.79000,40.91400,1.654681E-01,3.542847E-01,3.605047E-01,7.513355E-01\n\
        15.17700,40.92700,2.294906E-01,4.265899E-01,5.229876E-01,1.007828E+00\n";
    compare(&tree, "quantile_map-0.5_42.csv", &of("quantile-0.5"), map);
    let spectra = "\
        lon,lat,0.100000~PGA,0.100000~SA(0.2),0.020000~PGA,0.020000~SA(0.2)\n\
        14.79000,40.91400,1.654681E-01,3.605047E-01,3.542847E-01,7.513355E-01\n\
        15.17700,40.92700,2.294906E-01,5.229876E-01,4.265899E-01,1.007828E+00\n";
    compare(&tree, "quantile_uhs-0.5_42.csv", &of("quantile-0.5"), spectra);
    compare(
        &tree,
        "realizations_42.csv",
        "",
        "rlz_id,branch_path,weight\n0,AB~A,3.0000001e-01\n1,AA~A,6.9999999e-01\n",
    );
}

/// Realizations drawn by each method, of the first calculation and those behind it.
fn compare_samples(first: u32, version: &str, by_method: [&str; 4]) {
    for (calc, rows) in (first..).zip(by_method) {
        let name = format!("realizations_{calc}.csv");
        assert_eq!(names(&exported(calc)), std::slice::from_ref(&name));
        let lines = format!("rlz_id,branch_path,weight\n{rows}");
        compare_made(&exported(calc), &name, &MADE.replace("3.23.5", version), &lines);
    }
}

#[test]
fn realizations_of_samples_are_drawn_again() {
    need_python!("realizations_of_samples_are_drawn_again");
    let early_weights = "\
         0,AB.~AB,1.6666667e-01\n\
         1,AB.~AA,1.6666667e-01\n\
         2,AB.~AB,1.6666667e-01\n\
         3,AAB~BB,1.6666667e-01\n\
         4,AAB~AB,1.6666667e-01\n\
         5,AAA~AB,1.6666667e-01\n";
    let late_weights = "\
         0,AB.~AB,2.0547946e-01\n\
         1,AB.~AA,2.0547946e-01\n\
         2,AB.~AB,2.0547946e-01\n\
         3,AAB~BB,1.2785389e-01\n\
         4,AAB~AB,1.9178082e-01\n\
         5,AAA~AB,6.3926943e-02\n";
    let early_latin = "\
         0,AB.~BA,1.6666667e-01\n\
         1,AB.~AB,1.6666667e-01\n\
         2,AB.~AA,1.6666667e-01\n\
         3,AAB~AB,1.6666667e-01\n\
         4,AAB~BB,1.6666667e-01\n\
         5,AAA~AA,1.6666667e-01\n";
    let late_latin = "\
         0,AB.~BA,1.5050167e-01\n\
         1,AB.~AB,2.2575250e-01\n\
         2,AB.~AA,2.2575250e-01\n\
         3,AAB~AB,2.1070234e-01\n\
         4,AAB~BB,1.4046822e-01\n\
         5,AAA~BA,4.6822745e-02\n";
    compare_samples(45, "3.23.5", [early_weights, late_weights, early_latin, late_latin]);
    assert!(exported(50).at(&path("export")).unwrap().is_none(), "without the seed");
}

#[test]
fn realizations_of_samples_are_drawn_as_the_release_drew_them() {
    need_python!("realizations_of_samples_are_drawn_as_the_release_drew_them");
    // numpy's new generator, and a letter less
    let early_weights = "\
         0,B.~BA,1.6666667e-01\n\
         1,B.~AB,1.6666667e-01\n\
         2,B.~AA,1.6666667e-01\n\
         3,AB~BA,1.6666667e-01\n\
         4,AB~AA,1.6666667e-01\n\
         5,AA~BB,1.6666667e-01\n";
    let late_weights = "\
         0,B.~BA,1.6274865e-01\n\
         1,B.~AB,2.4412297e-01\n\
         2,B.~BA,1.6274865e-01\n\
         3,AB~BA,1.5189873e-01\n\
         4,AB~AA,2.2784810e-01\n\
         5,AA~BB,5.0632913e-02\n";
    let early_latin = "\
         0,B.~AA,1.6666667e-01\n\
         1,B.~BA,1.6666667e-01\n\
         2,B.~AB,1.6666667e-01\n\
         3,AB~AB,1.6666667e-01\n\
         4,AB~AA,1.6666667e-01\n\
         5,AA~BB,1.6666667e-01\n";
    let late_latin = "\
         0,B.~AA,2.2575250e-01\n\
         1,B.~BA,1.5050167e-01\n\
         2,B.~AB,2.2575250e-01\n\
         3,AB~AB,2.1070234e-01\n\
         4,AB~BA,1.4046822e-01\n\
         5,AA~BB,4.6822745e-02\n";
    compare_samples(52, "3.26.2", [early_weights, late_weights, early_latin, late_latin]);
    // that of before, with the shorter names
    assert!(text(&exported(56), "export/realizations_56.csv").contains("\r\n0,B.~AB,1.6666667e-01\r\n"));
}

#[test]
fn realizations_of_a_scenario_are_its_models() {
    need_python!("realizations_of_a_scenario_are_its_models");
    let made = format!("#,,\"{MADE}\"\r\nrlz_id,branch_path,weight\r\n0,[AkkarEtAlRjb2014],7.5000000e-01\r\n");
    let lines = made + "1,\"[AbrahamsonEtAl2014]\nregion = \"\"\"\"CHN\",2.5000000e-01\r\n";
    assert_eq!(text(&exported(49), "export/realizations_49.csv"), lines);
}

#[test]
fn exports_of_events_and_their_motion_are_the_engines() {
    need_python!("exports_of_events_and_their_motion_are_the_engines");
    let tree = exported(43);
    let expected = [
        "avg_gmf_43.csv",
        "event_based_mfd_43.csv",
        "events_43.csv",
        "gmf-data_43.csv",
        "hazard_curve-mean-PGA_43.csv",
        "hazard_curve-mean-SA(0.2)_43.csv",
        "hazard_map-mean_43.csv",
        "hazard_map-mean_43.geojson",
        "realizations_43.csv",
        "sigma_epsilon_43.csv",
        "site_model_43.csv",
        "sitemesh_43.csv",
    ];
    assert_eq!(names(&tree), expected);
    let lines = "\
         event_id,rup_id,rlz_id,year,ses_id\n\
         0,7,2,1980,40\n\
         1,7,0,113,3\n\
         2,8589934592,5,5111,103\n";
    compare(&tree, "events_43.csv", "", lines);
    let lines = "\
         event_id,gmv_PGA,gmv_SA(0.2),sep_LiqProb,custom_site_id\n\
         0,3.11000E-01,7.02000E-01,2.50000E-01,Avellino\n\
         0,2.77100E-01,6.15500E-01,nan,S.Angelo\n\
         1,1.80000E-01,4.00000E-01,1.00000E+00,Avellino\n\
         1,2.20400E-01,5.00100E-01,-0.00000E+00,S.Angelo\n\
         2,5.23000E-02,1.10000E-01,0.00000E+00,S.Angelo\n";
    compare(&tree, "gmf-data_43.csv", "", lines);
    let lines = "\
         custom_site_id,lon,lat\n\
         Avellino,14.79000,40.91400\n\
         S.Angelo,15.17700,40.92700\n";
    compare(&tree, "sitemesh_43.csv", "", lines);
    let lines = "\
         event_id,rlz_id,sig_inter_PGA,eps_inter_PGA\n\
         0,2,2.600000E-01,8.492000E-01\n\
         1,0,NAN,1.490000E-02\n\
         2,5,2.600000E-01,-1.500000E+00\n";
    compare(&tree, "sigma_epsilon_43.csv", "", lines);
    let lines = "\
         custom_site_id,lon,lat,gmv_PGA,gsd_PGA,gmv_SA(0.2),gsd_SA(0.2)\n\
         Avellino,1.47900E+01,4.09140E+01,2.36590E-01,1.47200E+00,5.29910E-01,1.48800E+00\n\
         S.Angelo,1.51770E+01,4.09270E+01,1.47290E-01,2.33100E+00,3.23510E-01,2.39900E+00\n";
    compare(&tree, "avg_gmf_43.csv", "", lines);
    let lines = "\
         mag,freq\n\
         6.1000000e+00,1.6666667e-04\n\
         6.9000000e+00,3.3333333e-04\n";
    compare(&tree, "event_based_mfd_43.csv", "", lines);
    let lines = "\
         custom_site_id,lon,lat,PGA-0.1,SA(0.2)-0.1\n\
         Avellino,14.79000,40.91400,3.000000E-01,2.666667E-01\n\
         S.Angelo,15.17700,40.92700,2.333333E-01,2.000000E-01\n";
    compare(&tree, "hazard_map-mean_43.csv", ", kind='mean', investigation_time=50.0", lines);
    let lines = "\
         sids,lon,lat,depth,vs30,vs30measured,custom_site_id\n\
         0,14.79000,40.91400,0.00000,7.60000E+02,1,Avellino\n\
         1,15.17700,40.92700,0.00000,4.75500E+02,0,S.Angelo\n";
    compare(&tree, "site_model_43.csv", "", lines);
    let lines = "\
         rlz_id,branch_path,weight\n\
         0,AB.~BA,1.5050167e-01\n\
         1,AB.~AB,2.2575250e-01\n\
         2,AB.~AA,2.2575250e-01\n\
         3,AAB~AB,2.1070234e-01\n\
         4,AAB~BB,1.4046822e-01\n\
         5,AAA~BA,4.6822745e-02\n";
    compare(&tree, "realizations_43.csv", "", lines);
}

#[test]
fn exports_of_events_are_those_of_the_release() {
    need_python!("exports_of_events_are_those_of_the_release");
    let tree = exported(57);
    let made = MADE.replace("3.23.5", "3.26.2");
    // what shaking leads to has its own name
    let lines = "\
         event_id,gmv_PGA,gmv_SA(0.2),Jibson2007ALandslides_Disp,custom_site_id\n\
         0,3.11000E-01,7.02000E-01,2.50000E-01,Avellino\n\
         0,2.77100E-01,6.15500E-01,nan,S.Angelo\n\
         1,1.80000E-01,4.00000E-01,1.00000E+00,Avellino\n\
         1,2.20400E-01,5.00100E-01,-0.00000E+00,S.Angelo\n\
         2,5.23000E-02,1.10000E-01,0.00000E+00,S.Angelo\n";
    compare_made(&tree, "gmf-data_57.csv", &made, lines);
    // the means alone, of the site that shakes
    let lines = "\
         custom_site_id,lon,lat,PGA,SA(0.2),Jibson2007ALandslides_Disp\n\
         Avellino,1.47900E+01,4.09140E+01,2.36590E-01,5.29910E-01,1.18295E-01\n";
    compare_made(&tree, "avg_gmf_57.csv", &made, lines);
    // of the events that are felt
    let lines = "\
         event_id,rlz_id,sig_inter_PGA,eps_inter_PGA\n\
         1,2,2.600000E-01,8.492000E-01\n\
         2,0,NAN,1.490000E-02\n\
         5,5,2.600000E-01,-1.500000E+00\n";
    compare_made(&tree, "sigma_epsilon_57.csv", &made, lines);
}

#[test]
fn maps_have_a_file_a_return_period_since_3_25() {
    need_python!("maps_have_a_file_a_return_period_since_3_25");
    let tree = exported(58);
    let expected = [
        "hazard_curve-mean-IA_58.csv",
        "hazard_curve-mean-PGA_58.csv",
        "hazard_map-mean-2475y_58.csv",
        "hazard_map-mean-475y_58.csv",
        "quantile_curve-0.5-IA_58.csv",
        "quantile_curve-0.5-PGA_58.csv",
        "quantile_map-0.5-2475y_58.csv",
        "quantile_map-0.5-475y_58.csv",
        "site_model_58.csv",
    ];
    assert_eq!(names(&tree), expected);
    // of two probabilities with one return period the last
    let lines = "\
         lon,lat,PGA,IA\n\
         14.79000,40.91400,1.909091E-01,3.272727E-01\n\
         15.17700,40.92700,3.818182E-01,6.545454E-01\n";
    compare_made(&tree, "hazard_map-mean-2475y_58.csv", &MADE.replace("3.23.5", "3.26.2"), lines);
    assert!(!names(&exported(59)).iter().any(|name| name.contains("_map-")), "{:?}", names(&exported(59)));
}

#[test]
fn levels_are_written_by_the_intensity_measure_since_3_24() {
    need_python!("levels_are_written_by_the_intensity_measure_since_3_24");
    for (calc, version) in [(58, "3.26.2"), (59, "3.24.1")] {
        let comment = |imt: &str| {
            let made = MADE.replace("3.23.5", version);
            format!("{made}, kind='mean', investigation_time=50.0, imt='{imt}'")
        };
        let lines = "\
             lon,lat,depth,poe-1.25000e-04,poe-2.50000e+00\n\
             14.79000,40.91400,0.00000,8.000000E-01,3.000000E-01\n\
             15.17700,40.92700,0.00000,4.000000E-01,1.500000E-01\n";
        compare_made(&exported(calc), &format!("hazard_curve-mean-IA_{calc}.csv"), &comment("IA"), lines);
        let lines = "\
             lon,lat,depth,poe-0.0100000,poe-0.2500000\n\
             14.79000,40.91400,0.00000,9.000000E-01,4.000000E-01\n\
             15.17700,40.92700,0.00000,4.500000E-01,2.000000E-01\n";
        compare_made(&exported(calc), &format!("hazard_curve-mean-PGA_{calc}.csv"), &comment("PGA"), lines);
    }
}

#[test]
fn amplified_curves_of_this_program_have_the_levels_on_soil() {
    need_python!("amplified_curves_of_this_program_have_the_levels_on_soil");
    let curves = text(&exported(60), "export/hazard_curve-mean-PGA_60.csv");
    assert_eq!(curves.lines().nth(1), Some("lon,lat,depth,poe-0.0200000,poe-0.5000000"));
}

#[test]
fn a_calculation_of_this_program_has_the_exports_of_the_current_release() {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    let tree = tree(&fixture.data_dir(), 1);
    let names = names(&tree);
    for name in ["hazard_map-mean_1.csv", "hazard_map-mean-475y_1.csv", "quantile_map-0.16-2475y_1.csv"] {
        assert!(names.iter().any(|found| found == name), "{name} is not among {names:?}");
    }
    let all = text(&tree, "export/hazard_map-mean_1.csv");
    let one = text(&tree, "export/hazard_map-mean-2475y_1.csv");
    let cells =
        |text: &str, line: usize| text.lines().nth(line).unwrap().split(',').map(String::from).collect::<Vec<_>>();
    let imts = cells(&one, 1).split_off(2);
    for line in 2..5 {
        let found: Vec<String> = imts
            .iter()
            .map(|imt| {
                let column = cells(&all, 1).iter().position(|name| *name == format!("{imt}-0.02")).unwrap();
                cells(&all, line)[column].clone()
            })
            .collect();
        assert_eq!(cells(&one, line)[2..], found, "site {line}");
    }
    let sources = text(&tree, "source_info.csv");
    assert_eq!(sources.lines().next(), Some("source_id,grp_id,code,num_ctxs,num_ruptures,trt"));
}

fn features(tree: &Tree, name: &str) -> Value {
    serde_json::from_str(&text(tree, &format!("export/{name}"))).unwrap_or_else(|e| panic!("{name}: {e}"))
}

#[test]
fn a_map_of_towns_is_points() {
    need_python!("a_map_of_towns_is_points");
    let tmp = tempfile::tempdir().unwrap();
    run_python(include_str!("python/classical.py"), &[tmp.path().to_str().unwrap()]);
    let map = features(&tree(tmp.path(), 42), "quantile_map-0.5_42.geojson");
    assert_eq!((&map["type"], &map["name"]), (&json!("FeatureCollection"), &json!("quantile_map-0.5_42")));
    assert_eq!(map["return_period_years"], json!({"0.1": 474.6, "0.02": 2474.9}));
    assert_eq!((&map["units"]["SA(0.2)"], &map["investigation_time_years"]), (&json!("g"), &json!(50.0)));
    let expected = json!({
        "type": "Feature", "id": 1, "geometry": {"type": "Point", "coordinates": [15.177, 40.927]},
        "properties": {"site_id": 1, "PGA-0.1": 0.2294906, "PGA-0.02": 0.4265899, "SA(0.2)-0.1": 0.5229876, "SA(0.2)-0.02": 1.007828},
    });
    assert_eq!(map["features"][1], expected);
    let with_ids = features(&exported(43), "hazard_map-mean_43.geojson");
    assert_eq!(with_ids["features"][0]["properties"]["custom_site_id"], "Avellino");
}

/// What `ogrinfo` says of a file; `None`, which is told, if there is no such program.
fn ogrinfo(test: &str, file: &Path, more: &[&str]) -> Option<String> {
    match Command::new("ogrinfo").args(["-ro", "-al"]).args(more).arg(file).output() {
        Ok(output) => {
            let said = [output.stdout, output.stderr].concat();
            let said = String::from_utf8(said).unwrap();
            assert!(output.status.success() && !said.contains("ERROR") && !said.contains("Warning"), "{said}");
            Some(said)
        }
        Err(error) => {
            common::skip(test, &format!("no ogrinfo, of GDAL: {error}"));
            None
        }
    }
}

#[test]
fn a_map_of_a_region_is_cells_that_gis_programs_open() {
    let test = "a_map_of_a_region_is_cells_that_gis_programs_open";
    let fixture = Fixture::new();
    fixture.run("job_grid.ini").success();
    let tree = tree(&fixture.data_dir(), 1);
    let bytes = text(&tree, "export/hazard_map-mean_1.geojson");
    let csv = text(&tree, "export/hazard_map-mean_1.csv");
    let names: Vec<&str> = csv.lines().nth(1).unwrap().split(',').collect();
    let rows: Vec<Vec<f64>> =
        csv.lines().skip(2).map(|line| line.split(',').map(|x| x.parse().unwrap()).collect()).collect();
    let map: Value = serde_json::from_str(&bytes).unwrap();
    let all = map["features"].as_array().unwrap();
    assert!(all.len() > 40 && all.len() == rows.len(), "{} features", all.len());
    for (feature, row) in all.iter().zip(&rows) {
        // a cell is around its site, and about as wide and high as the sites are apart
        let ring = feature["geometry"]["coordinates"][0].as_array().unwrap();
        let corner = |i: usize| [0, 1].map(|k| ring[i][k].as_f64().unwrap());
        let ([west, south], [east, north]) = (corner(0), corner(2));
        assert!(ring.len() == 5 && west < row[0] && row[0] < east && south < row[1] && row[1] < north, "{feature}");
        let width = (east - west) * row[1].to_radians().cos();
        assert!((width - 0.09).abs() < 1e-3 && (north - south - 0.09).abs() < 1e-3, "{width} {}", north - south);
        for (name, level) in names.iter().zip(row).skip(2) {
            let ours = feature["properties"][*name].as_f64().unwrap();
            assert!((ours - level).abs() <= 1e-6 * level, "{name}: {ours} {level}");
        }
    }
    let file = fixture.tmp.path().join("map.geojson");
    std::fs::write(&file, &bytes).unwrap();
    let Some(said) = ogrinfo(test, &file, &["-so"]) else { return };
    assert!(said.contains(&format!("Feature Count: {}", rows.len())) && said.contains("Geometry: Polygon"), "{said}");
    assert!(said.contains("Layer name: hazard_map-mean_1") && said.contains("PGA-0.1: Real"), "{said}");
    let Some(said) = ogrinfo(test, &file, &["-where", "site_id = 7", "-geom=NO"]) else { return };
    let found = said.lines().find_map(|line| line.trim().strip_prefix("PGA-0.1 (Real) = ")).unwrap();
    let level: f64 = found.parse().unwrap();
    assert!((level - rows[7][2]).abs() < 1e-6, "{said}");
}

#[test]
fn a_map_across_the_date_line_is_cut_there() {
    let test = "a_map_across_the_date_line_is_cut_there";
    need_python!("a_map_across_the_date_line_is_cut_there");
    let tmp = tempfile::tempdir().unwrap();
    run_python(include_str!("python/places.py"), &[tmp.path().to_str().unwrap()]);
    let map = features(&tree(tmp.path(), 2), "hazard_map-mean_2.geojson");
    let all = map["features"].as_array().unwrap();
    let kinds: Vec<_> = all.iter().map(|feature| feature["geometry"]["type"].as_str().unwrap()).collect();
    // the sites at 180 degrees, one a row; the first row begins a site later
    assert_eq!(
        kinds.iter().enumerate().filter(|(_, kind)| **kind == "MultiPolygon").map(|(i, _)| i).collect::<Vec<_>>(),
        [1, 6, 11]
    );
    assert_eq!(kinds.iter().filter(|kind| **kind == "Polygon").count(), 11);
    let file = tmp.path().join("map.geojson");
    std::fs::write(&file, text(&tree(tmp.path(), 2), "export/hazard_map-mean_2.geojson")).unwrap();
    let Some(said) = ogrinfo(test, &file, &["-so"]) else { return };
    assert!(
        said.contains("Feature Count: 14")
            && said.contains("Extent: (-180.000000, -17.050000) - (180.000000, -16.750000)"),
        "{said}"
    );
    // a site that is nowhere has no geometry, and the others are points
    let map = features(&tree(tmp.path(), 1), "hazard_map-mean_1.geojson");
    assert_eq!(
        (&map["features"][4]["geometry"], &map["features"][3]["geometry"]["type"]),
        (&Value::Null, &json!("Point"))
    );
}

/// What the comments of a disaggregation say, of a site.
fn of_site(site: usize) -> String {
    let (lon_edges, place) =
        [("14.4, 14.8, 15.2", "lon=14.79, lat=40.914"), ("14.8, 15.2, 15.6", "lon=15.177, lat=40.927")][site];
    format!(
        ", investigation_time=50.0, mag_bin_edges=[5.0, 6.0, 7.0], dist_bin_edges=[0, 30, 60], \
         lon_bin_edges=[{lon_edges}], lat_bin_edges=[40.6, 40.9, 41.2], eps_bin_edges=[-3.0, 0.0, 3.0], \
         tectonic_region_types=['Active Shallow Crust', 'Volcanic'], {place}"
    )
}

#[test]
fn a_disaggregation_has_a_file_a_site_and_kind_of_bins() {
    need_python!("a_disaggregation_has_a_file_a_site_and_kind_of_bins");
    let tree = exported(44);
    let expected = [
        "Lon_Lat-0_44.csv",
        "Lon_Lat-mean-0_44.csv",
        "Lon_Lat-traditional-0_44.csv",
        "Mag-0_44.csv",
        "Mag-1_44.csv",
        "Mag-mean-0_44.csv",
        "Mag-mean-1_44.csv",
        "Mag-traditional-0_44.csv",
        "Mag-traditional-1_44.csv",
        "TRT_Dist-0_44.csv",
        "TRT_Dist-1_44.csv",
        "TRT_Dist-mean-0_44.csv",
        "TRT_Dist-mean-1_44.csv",
        "TRT_Dist-traditional-0_44.csv",
        "TRT_Dist-traditional-1_44.csv",
        "conditional-spectrum-0_44.csv",
        "conditional-spectrum-1_44.csv",
        "mean_rates_by_src-0_44.csv",
        "mean_rates_by_src-1_44.csv",
        "site_model_44.csv",
    ];
    // The second site has nothing in any bin of places: the engine writes no file.
    assert_eq!(names(&tree), expected);
}

#[test]
fn exports_of_a_disaggregation_are_the_engines() {
    need_python!("exports_of_a_disaggregation_are_the_engines");
    let tree = exported(44);
    let lines = "\
         imt,iml,poe,trt,dist,rlz1,rlz0\n\
         PGA,7.51300E-01,2.00000E-02,Active Shallow Crust,1.50000E+01,5.25000E-03,0\n\
         PGA,7.51300E-01,2.00000E-02,Active Shallow Crust,4.50000E+01,1.57500E-02,0\n\
         PGA,7.51300E-01,2.00000E-02,Volcanic,1.50000E+01,0.00000E+00,0\n\
         PGA,7.51300E-01,2.00000E-02,Volcanic,4.50000E+01,0.00000E+00,0\n\
         PGA,3.60500E-01,1.00000E-01,Active Shallow Crust,1.50000E+01,2.50000E-02,0\n\
         PGA,3.60500E-01,1.00000E-01,Active Shallow Crust,4.50000E+01,7.50000E-02,0\n\
         PGA,3.60500E-01,1.00000E-01,Volcanic,1.50000E+01,0.00000E+00,0\n\
         PGA,3.60500E-01,1.00000E-01,Volcanic,4.50000E+01,0.00000E+00,0\n\
         SA(0.2),3.54300E-01,2.00000E-02,Active Shallow Crust,1.50000E+01,5.00000E-03,0\n\
         SA(0.2),3.54300E-01,2.00000E-02,Active Shallow Crust,4.50000E+01,1.50000E-02,0\n\
         SA(0.2),3.54300E-01,2.00000E-02,Volcanic,1.50000E+01,0.00000E+00,0\n\
         SA(0.2),3.54300E-01,2.00000E-02,Volcanic,4.50000E+01,0.00000E+00,0\n\
         SA(0.2),1.65500E-01,1.00000E-01,Active Shallow Crust,1.50000E+01,2.52500E-02,0\n\
         SA(0.2),1.65500E-01,1.00000E-01,Active Shallow Crust,4.50000E+01,7.57500E-02,0\n\
         SA(0.2),1.65500E-01,1.00000E-01,Volcanic,1.50000E+01,0.00000E+00,0\n\
         SA(0.2),1.65500E-01,1.00000E-01,Volcanic,4.50000E+01,0.00000E+00,0\n";
    compare(&tree, "TRT_Dist-0_44.csv", &(of_site(0) + ", weights=[0.625, 0.375], rlz_ids=[1, 0]"), lines);
    let lines = "\
         imt,iml,poe,mag,mean\n\
         PGA,1.00780E+00,2.00000E-02,5.50000E+00,5.05000E-03\n\
         PGA,1.00780E+00,2.00000E-02,6.50000E+00,1.51500E-02\n\
         PGA,5.23000E-01,1.00000E-01,5.50000E+00,2.39875E-02\n\
         PGA,5.23000E-01,1.00000E-01,6.50000E+00,7.19625E-02\n\
         SA(0.2),4.26600E-01,2.00000E-02,5.50000E+00,4.79750E-03\n\
         SA(0.2),4.26600E-01,2.00000E-02,6.50000E+00,1.43925E-02\n\
         SA(0.2),2.29500E-01,1.00000E-01,5.50000E+00,2.51238E-02\n\
         SA(0.2),2.29500E-01,1.00000E-01,6.50000E+00,7.53713E-02\n";
    compare(&tree, "Mag-mean-1_44.csv", &of_site(1), lines);
    let lines = "\
         imt,iml,poe,mag,rlz2,rlz1\n\
         PGA,1.00780E+00,2.00000E-02,5.50000E+00,2.47997E-01,2.48189E-01\n\
         PGA,1.00780E+00,2.00000E-02,6.50000E+00,7.47983E-01,7.48178E-01\n\
         PGA,5.23000E-01,1.00000E-01,5.50000E+00,2.40196E-01,2.41208E-01\n\
         PGA,5.23000E-01,1.00000E-01,6.50000E+00,7.39842E-01,7.40925E-01\n\
         SA(0.2),4.26600E-01,2.00000E-02,5.50000E+00,2.48093E-01,2.48285E-01\n\
         SA(0.2),4.26600E-01,2.00000E-02,6.50000E+00,7.48080E-01,7.48275E-01\n\
         SA(0.2),2.29500E-01,1.00000E-01,5.50000E+00,2.40095E-01,2.40399E-01\n\
         SA(0.2),2.29500E-01,1.00000E-01,6.50000E+00,7.39733E-01,7.40060E-01\n";
    let weights = ", weights=[0.2857142984867096, 0.7142857313156128], rlz_ids=[2, 1]";
    compare(&tree, "Mag-traditional-1_44.csv", &(of_site(1) + weights), lines);
}

#[test]
fn a_disaggregation_at_a_level_has_the_probability_of_the_mean() {
    need_python!("a_disaggregation_at_a_level_has_the_probability_of_the_mean");
    let lines = "imt,iml,poe,mag,rlz0\r\n\
                 SA(0.2),3.00000E-01,9.99763E-02,5.50000E+00,2.50000E-02\r\n\
                 SA(0.2),3.00000E-01,9.99763E-02,6.50000E+00,7.50000E-02\r\n";
    let written = text(&exported(51), "export/Mag-0_51.csv");
    assert_eq!(written.split_once("\"\r\n").unwrap().1, lines);
}

#[test]
fn exports_of_rates_and_spectra_of_a_site_are_the_engines() {
    need_python!("exports_of_rates_and_spectra_of_a_site_are_the_engines");
    let tree = exported(44);
    let lines = "\
         source_id,imt,iml,afoe\n\
         faults,PGA,5.00000E-02,5.00000E-05\n\
         faults,SA(0.2),3.00000E-01,1.65000E-05\n\
         zone;1,PGA,5.00000E-02,2.75000E-03\n\
         zone;1,PGA,1.50000E-01,3.62500E-04\n\
         zone;1,SA(0.2),1.00000E-01,1.05000E-03\n\
         zone;1,SA(0.2),3.00000E-01,2.00000E-04\n";
    compare(&tree, "mean_rates_by_src-1_44.csv", ", lon=15.177, lat=40.927, vs30=475.5", lines);
    let lines = "\
         poe,stat,period,mea,std\n\
         1.00000E-01,mean,0.00000E+00,2.87000E-01,3.07700E-01\n\
         1.00000E-01,mean,2.00000E-01,5.97000E-01,2.73000E-02\n\
         2.00000E-02,mean,0.00000E+00,5.78400E-01,2.95300E-01\n";
    compare(&tree, "conditional-spectrum-0_44.csv", ", site_id=0, lon=14.79, lat=40.914", lines);
    let lines = "\
         sids,lon,lat,depth,vs30,vs30measured\n\
         0,14.79000,40.91400,0.00000,7.60000E+02,1\n\
         1,15.17700,40.92700,0.00000,4.75500E+02,0\n";
    compare(&tree, "site_model_44.csv", "", lines);
}
