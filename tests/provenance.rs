//! What a calculation was made of and by, what to cite for it, and running it again from that.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use common::irpinia::{Content, Fixture, assert_same, contents, open};
use common::program::{command, says};
use serde_json::Value;
use sha2::{Digest, Sha256};

fn provenance(calc: &Path) -> Value {
    serde_json::from_slice(&fs::read(calc.join("provenance.json")).unwrap()).unwrap()
}

fn oqfs(fixture: &Fixture, args: &[&str], code: i32) -> String {
    says(&mut command(&fixture.data_dir(), args), code)
}

#[test]
fn a_calculation_says_what_it_was_made_of() {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    let calc = fixture.calc(1);
    let found = provenance(&calc);
    assert_eq!(found["program"], concat!("oqfs ", env!("CARGO_PKG_VERSION")));
    assert_eq!(found["agrees_with"], "OpenQuake engine 3.26.2");
    assert!(found["processor"].as_str().is_some_and(|name| !name.is_empty()) && found["threads"].as_u64() > Some(0));
    let time = |name: &str| found[name].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    assert!(time("started") <= time("finished"));
    assert_eq!(found["job_file"], "inputs/job.ini");
    // every input, with the digest of its bytes
    let inputs = found["inputs"].as_object().unwrap();
    let kept = fs::read_dir(calc.join("inputs")).unwrap().map(|entry| entry.unwrap().path());
    assert_eq!(inputs.len(), kept.count());
    for (path, file) in inputs {
        let bytes = fs::read(calc.join(path)).unwrap();
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            (file["sha256"].as_str(), file["bytes"].as_u64()),
            (Some(&*digest), Some(bytes.len() as u64)),
            "{path}"
        );
    }
    assert_eq!(
        found["ground_motion_models"],
        serde_json::json!(["BooreAtkinson2008", "Campbell2003", "ChiouYoungs2008", "ToroEtAl2002"])
    );
    assert!(found["scaling_relations"].as_array().unwrap().contains(&"WC1994".into()));
    // the datastore has the same, but for its end
    let attribute = open(&calc).get_attr_string("/", "provenance").unwrap();
    let mut attribute: Value = serde_json::from_str(&attribute).unwrap();
    attribute["finished"] = found["finished"].clone();
    assert_eq!(attribute, found);
}

#[test]
fn a_calculation_is_run_again_with_other_parameters() {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    let told = oqfs(&fixture, &["rerun", "1"], 0);
    assert!(told.contains("calc_2/output.hdf5"), "{told}");
    assert_same(&fixture.calc(1), &fixture.calc(2));
    oqfs(&fixture, &["rerun", "calc_1", "--set", "poes=0.05", "--set", "quantiles="], 0);
    let job = |id: u32| fs::read_to_string(fixture.calc(id).join("job.ini")).unwrap();
    let changed: Vec<String> = job(3).lines().filter(|line| !job(1).contains(line)).map(str::to_string).collect();
    assert_eq!(changed, ["poes = 0.05"]);
    let shape = |id: u32| match &contents(&fixture.calc(id))["/hmaps-stats"] {
        Content::Array(shape, _) => shape.clone(),
        Content::Text(text) => panic!("{text}"),
    };
    assert_eq!((shape(1), shape(3)), (vec![3, 4, 3, 2], vec![3, 1, 3, 1]));
    // the inputs are its own, and it can be run again like any other
    fs::remove_dir_all(fixture.calc(1)).unwrap();
    oqfs(&fixture, &["rerun", "last"], 0);
    assert_same(&fixture.calc(3), &fixture.calc(4));
}

#[test]
fn what_cannot_be_run_again_is_told() {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    let refused: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("there is no calculation 7", &["rerun", "7"][..]),
        (
            "there is no parameter truncation_levl; the nearest are truncation_level",
            &["rerun", "1", "--set", "truncation_levl=3"],
        ),
        ("truncation_level: found \"abc\"", &["rerun", "1", "--set", "truncation_level=abc"]),
    ]);
    for (why, args) in refused {
        let said = oqfs(&fixture, args, 1);
        assert!(said.contains(why), "{said}");
        assert!(!why.contains("abc") || said.contains("/oqdata/calc_1/inputs/job.ini, line"), "{said}");
    }
    assert!(oqfs(&fixture, &["rerun", "1", "--set", "poes"], 2).contains("PARAM=VALUE"));
    fs::copy(fixture.calc(1).join("output.hdf5"), fixture.data_dir().join("calc_5.hdf5")).unwrap();
    assert!(oqfs(&fixture, &["rerun", "5"], 1).contains("its inputs are not here"));
    assert_eq!(
        fs::read_dir(fixture.data_dir()).unwrap().filter(|e| e.as_ref().unwrap().path().is_dir()).count(),
        2,
        "calc_1, .oqfs"
    );
    // a calculation may come from somebody else: what it names is its own
    let kept = fixture.calc(1).join("provenance.json");
    let text = fs::read_to_string(&kept).unwrap();
    for elsewhere in ["inputs/../../job.ini", "/etc/job.ini"] {
        fs::write(&kept, text.replace("\"job_file\": \"inputs/job.ini\"", &format!("\"job_file\": \"{elsewhere}\"")))
            .unwrap();
        assert!(oqfs(&fixture, &["rerun", "1"], 1).contains("names a job file elsewhere"), "{elsewhere}");
    }
    // one of before there was provenance
    fs::remove_file(fixture.calc(1).join("provenance.json")).unwrap();
    oqfs(&fixture, &["rerun", "1"], 0);
}

#[test]
fn a_calculation_says_what_to_cite() {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    let cited = oqfs(&fixture, &["cite", "1"], 0);
    for part in [
        "@software{oqfs,",
        "@article{Pagani2014,",
        "doi = {10.1785/0220130087}",
        "note = {BooreAtkinson2008}",
        "@article{Wells1994,",
        "note = {ToroEtAl2002}",
    ] {
        assert!(cited.contains(part), "{part}: {cited}");
    }
    // the same without provenance; the models alone of a calculation of the engine
    fs::remove_file(fixture.calc(1).join("provenance.json")).unwrap();
    assert_eq!(oqfs(&fixture, &["cite", "1"], 0), cited);
    fs::copy(fixture.calc(1).join("output.hdf5"), fixture.data_dir().join("calc_5.hdf5")).unwrap();
    let engines = oqfs(&fixture, &["cite", "calc_5"], 0);
    assert!(engines.contains("note = {BooreAtkinson2008}") && !engines.contains("@software{oqfs"), "{engines}");
}
