//! Disaggregations from outside: the numbers of the engine, and what a mount shows of them.

mod common;

use std::fs;
use std::process::Command;

use common::irpinia::{Fixture, of_engine, open};
use ndarray::ArrayD;
use serde_json::Value;

#[test]
fn disaggregations_agree_with_the_engine() {
    let fixture = Fixture::new();
    fixture.run("job_disagg.ini").success();
    let store = open(&fixture.calc(1));
    let expected = of_engine("job_disagg.ini");
    assert_eq!(expected.keys().filter(|key| key.starts_with("disagg-")).count(), 27, "{:?}", expected.keys());
    for (key, expected) in expected.iter().filter(|(key, _)| *key != "site_index") {
        let found: ArrayD<f64> = store.get(key).unwrap();
        assert_eq!(found.shape(), expected.shape(), "{key}");
        for ((index, &x), &y) in found.indexed_iter().zip(expected) {
            assert!((x - y).abs() <= 1e-7 + 1e-5 * y.abs(), "{key} {index:?}: {x}, not {y}");
        }
    }
    let oqparam: Value = serde_json::from_str(&store.get_string("oqparam").unwrap()).unwrap();
    assert_eq!(oqparam["poes"], serde_json::json!([0.1, 0.02]));
}

/// The export of a calculation, as the program prints it.
fn export(fixture: &Fixture, name: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oqfs"));
    command.arg("cat").arg(fixture.calc(1).join("export").join(name)).env("OQ_DATADIR", fixture.data_dir());
    let out = command.output().unwrap();
    assert!(out.status.success(), "{name}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

#[test]
fn exports_tell_of_bins_and_of_their_means_and_modes() {
    let fixture = Fixture::new();
    fixture.run("job_disagg.ini").success();
    let mean = export(&fixture, "Mag_Dist-mean-1_1.csv");
    let mut lines = mean.lines();
    assert!(lines.next().unwrap().contains("mag_bin_edges="), "{mean}");
    assert_eq!(lines.next().unwrap(), "imt,iml,poe,mag,dist,mean");
    assert!(export(&fixture, "TRT_Mag_Dist_Eps-traditional-0_1.csv").lines().count() > 100);

    let summary = export(&fixture, "disagg_summary_1.csv");
    let lines: Vec<&str> = summary.lines().skip(1).collect();
    assert_eq!(lines[0], "site_id,lon,lat,imt,iml,poe,mag_mean,dist_mean,eps_mean,mag_mode,dist_mode,eps_mode");
    // 2 sites, 2 intensity measures, 2 probabilities
    assert_eq!(lines.len(), 1 + 2 * 2 * 2, "{summary}");
    for line in &lines[1..] {
        let cells: Vec<&str> = line.split(',').collect();
        let [mag, dist, eps] = [6, 7, 8].map(|at| cells[at].parse::<f64>().unwrap());
        assert!((4.5..7.5).contains(&mag) && (0.0..250.0).contains(&dist) && (-3.0..3.0).contains(&eps), "{line}");
        // rarer motion is farther above the mean
        assert!(cells[5] != "2.00000E-02" || eps > 0.0, "{line}");
    }
}

#[test]
fn a_job_goes_on_from_an_earlier_calculation() {
    let fixture = Fixture::new();
    fixture.run("job_disagg.ini").success();
    fixture.edit("job_disagg.ini", "= disaggregation", "= classical");
    fixture.edit("job_disagg.ini", "poes_disagg = 0.1 0.02", "poes = 0.3");
    fixture.run("job_disagg.ini").success();
    let second = "[general]\ncalculation_mode = disaggregation\nhazard_calculation_id = 2\npoes_disagg = 0.1 0.02\n\
        num_rlzs_disagg = 2\nmag_bin_width = 0.6\ndistance_bin_width = 50\ncoordinate_bin_width = 1.5\nnum_epsilon_bins = 3\n";
    fs::write(fixture.job_dir().join("second.ini"), second).unwrap();
    fixture.run("second.ini").success();
    fs::write(fixture.job_dir().join("third.ini"), second.replace("hazard_calculation_id = 2\n", "")).unwrap();
    let mut third = fixture.command("third.ini");
    third.args(["--hc", "2"]);
    assert!(third.status().unwrap().success());
    let [first, others @ ..] = [1, 3, 4].map(|calc| open(&fixture.calc(calc)));
    for other in others {
        for key in ["disagg-rlzs/TRT_Mag_Dist_Eps", "disagg-stats/Lon_Lat", "poe4", "hmap3"] {
            let [expected, found]: [ArrayD<f64>; 2] = [&first, &other].map(|store| store.get(key).unwrap());
            assert_eq!(found, expected, "{key}");
        }
    }
    // without one, the sources are missing
    let refused = fixture.run("third.ini").failure();
    let told = String::from_utf8_lossy(&refused.get_output().stderr).to_string();
    assert!(told.contains("is missing"), "{told}");
}
