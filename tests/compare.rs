//! `oqfs compare`: how the hazard of two calculations differs.

mod common;

use std::fs;
use std::path::Path;

use common::irpinia::Fixture;
use common::mount::{Daemon, calc};
use common::program::{command, says};
use common::run_python;
use oqfs::datastore::DataDir;
use serde_json::{Value, json};

/// The calculations of places.py.
fn places() -> tempfile::TempDir {
    let tmp = tempfile::tempdir().unwrap();
    run_python(include_str!("python/places.py"), &[tmp.path().to_str().unwrap()]);
    tmp
}

fn compare(data: &Path, args: &[&str], code: i32) -> String {
    says(&mut command(data, &[&["compare"], args].concat()), code)
}

fn compare_json(data: &Path, args: &[&str], code: i32) -> Value {
    serde_json::from_str(&compare(data, &[args, &["--json"]].concat(), code)).unwrap()
}

/// The difference of a statistic and what it is of.
fn of<'a>(told: &'a Value, quantity: &str, statistic: &str, of: &str) -> &'a Value {
    let all = told["differences"].as_array().unwrap();
    let is_it = |d: &&Value| [&d["quantity"], &d["statistic"], &d["of"]] == [quantity, statistic, of];
    all.iter().find(is_it).unwrap_or_else(|| panic!("no {quantity} {statistic} {of}: {told}"))
}

#[test]
fn calculations_agree_or_differ_and_the_status_says_so() {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    fixture.edit("job.ini", "investigation_time = 50", "investigation_time = 50.1");
    fixture.run("job.ini").success();
    let data = fixture.data_dir();
    let told = compare(&data, &["1", "1"], 0);
    assert!(told.starts_with("sites: 3 and 3, 3 in both\n") && told.contains("They agree"), "{told}");
    let told = compare(&data, &["1", "last"], 1);
    assert!(
        told.contains("differs") && told.contains("They differ: ") && told.contains("investigation times differ"),
        "{told}"
    );
    assert!(compare(&data, &["1", "-1", "--rtol", "0.01"], 0).contains("They agree"));
    // two parts in a thousand of small probabilities
    let told = compare_json(&data, &["1", "2"], 1);
    let mean = of(&told, "curves", "mean", "PGA");
    let [relative, absolute, rms] = ["relative", "absolute", "rms"].map(|name| mean[name].as_f64().unwrap());
    assert!((relative - 0.002).abs() < 1e-4 && absolute < 1e-3 && rms <= absolute && rms > 0.0, "{mean}");
    assert_eq!((&mean["agrees"], &mean["unit"]), (&json!(false), &json!("")));
    // the curves at the site where they differ most have the values that do
    let (worst, curves) = (&mean["worst"], &mean["curves"]);
    let at = curves["levels"].as_array().unwrap().iter().position(|level| *level == worst["at"]).unwrap();
    assert_eq!([&curves["poes"][0][at], &curves["poes"][1][at]], [&worst["values"][0], &worst["values"][1]]);
    assert!(of(&told, "spectra", "quantile-0.84", "poe 0.1")["worst"]["at"].is_number());
}

#[test]
fn sites_are_matched_by_place_and_what_one_has_alone_is_told() {
    need_python!("sites_are_matched_by_place_and_what_one_has_alone_is_told");
    let data = places();
    let told = compare_json(data.path(), &["1", "7"], 1);
    assert_eq!(told["sites"], json!({"a": 6, "b": 3, "both": 3}));
    // the one that was changed by a hundredth, at the date line
    let curves = of(&told, "curves", "mean", "PGA");
    assert!((curves["relative"].as_f64().unwrap() - 0.01 / 1.01).abs() < 1e-5, "{curves}");
    let worst = &curves["worst"];
    assert_eq!((&worst["site_ids"], &worst["lon"], &worst["at"]), (&json!([1, 2]), &json!(-179.97), &json!(0.1)));
    assert_eq!(curves["values"], 9);
    // equal levels alone, equal statistics alone
    assert_eq!(of(&told, "curves", "mean", "SA(0.2)")["values"], 6);
    assert_eq!(of(&told, "maps", "mean", "SA(0.2)")["agrees"], json!(true));
    let notes: Vec<&str> = told["notes"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    for wanted in [
        "3 sites of the first calculation: the other has none within 10 m",
        "curves of SA(0.2): 2 of 3 levels are the same",
        "curves of quantile-0.15: the first calculation alone has them",
        "maps of quantile-0.85: the second calculation alone has them",
    ] {
        assert!(notes.contains(&wanted), "{notes:?}");
    }
    // the same the other way round
    let back = compare_json(data.path(), &["7", "1"], 1);
    assert_eq!(of(&back, "curves", "mean", "PGA")["relative"], curves["relative"]);
    // the only realization is the mean
    let told = compare_json(data.path(), &["3", "4"], 0);
    assert!(of(&told, "curves", "mean", "PGA")["agrees"].as_bool().unwrap(), "{told}");
}

#[test]
fn what_is_no_number_differs_from_everything() {
    need_python!("what_is_no_number_differs_from_everything");
    let data = places();
    let script = "import h5py, numpy, sys\nwith h5py.File(sys.argv[1], 'r+') as f:\n    f['hcurves-stats'][0, 0, 0, 1] = numpy.nan";
    run_python(script, &[data.path().join("calc_3.hdf5").to_str().unwrap()]);
    let told = compare(data.path(), &["3", "3"], 1);
    assert!(told.contains("1 nan") && told.contains("differs"), "{told}");
    let told = compare_json(data.path(), &["3", "3"], 1);
    let curves = of(&told, "curves", "mean", "PGA");
    assert_eq!(
        (&curves["not_numbers"], &curves["relative"], &curves["agrees"]),
        (&json!(1), &Value::Null, &json!(false))
    );
}

#[test]
fn what_cannot_be_compared_is_told_with_status_2() {
    need_python!("what_cannot_be_compared_is_told_with_status_2");
    let data = places();
    for (args, wanted) in [
        (&["1", "9"][..], "there is no calculation 9"),
        (&["1", "5"], "1 and 5: the second calculation has no hazard curves or maps of a classical calculation"),
        (&["6", "1"], "the first calculation has no hazard"),
        (&["2", "4"], "the calculations have no site in common"),
        (&["1", "1/export"], "1/export: expected a calculation or an HDF5 file, and nothing below it"),
        (&["1", "1", "--rtol=-1"], "expected a number that is not negative"),
        (&["1"], "required"),
    ] {
        let told = compare(data.path(), args, 2);
        assert!(told.contains(wanted), "{args:?}: {told}");
    }
}

#[test]
fn calculations_are_named_by_paths_in_a_mount_and_elsewhere() {
    need_fuse!("calculations_are_named_by_paths_in_a_mount_and_elsewhere");
    need_python!("calculations_are_named_by_paths_in_a_mount_and_elsewhere");
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    fs::copy(fixture.calc(1).join("output.hdf5"), fixture.tmp.path().join("copy.h5")).unwrap();
    let others = places();
    let engines = others.path().join("calc_1.hdf5");
    calc(&DataDir::open(&fixture.data_dir()).unwrap(), 10);
    let daemon = Daemon::over(fixture.tmp, &[]);
    let (folder, copy) = (daemon.path("calc_1"), daemon.tmp.path().join("copy.h5"));
    let nowhere = Path::new("/nowhere");
    for (a, b) in [
        (&folder, &copy),
        (&copy, &folder.join("output.hdf5")),
        (&engines, &engines),
        (&engines, &others.path().join("calc_1")),
    ] {
        compare(nowhere, &[a.to_str().unwrap(), b.to_str().unwrap()], 0);
    }
    // from the directory of the mount
    let told = compare(&daemon.point, &["calc_1", "2"], 2);
    assert!(told.contains("the second calculation has no hazard"), "{told}");
}

#[test]
fn a_comparison_as_a_page_has_both_curves_and_their_ratio() {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    fixture.edit("job.ini", "truncation_level = 3", "truncation_level = 2");
    fixture.run("job.ini").success();
    let page = compare(&fixture.data_dir(), &["1", "2", "--html"], 1);
    assert!(
        page.starts_with("<!DOCTYPE html>") && page.contains("They differ: ") && page.contains("default-src 'none'")
    );
    // the mean and three quantiles of three intensity measures, twelve pairs at most
    assert_eq!(page.matches("<svg ").count(), 24);
    assert!(page.contains("Ratio of the second to the first") && page.contains("Hazard curves, PGA"));
    assert!(!page.contains("NaN") && !page.contains("src="));
    let same = compare(&fixture.data_dir(), &["1", "1", "--html"], 0);
    assert!(same.contains("They agree") && !same.contains("<svg "));
    compare(&fixture.data_dir(), &["1", "2", "--html", "--json"], 2);
}
