//! Disaggregations from outside: the numbers of the engine, and what a mount shows of them.

mod common;

use std::fs;
use std::process::Command;

use common::irpinia::{Fixture, of_engine, open};
use ndarray::ArrayD;
use serde_json::Value;

/// Every array that the engine gave agrees, but for those that are not of the calculation alone.
fn agrees(job: &str, (absolute, relative): (f64, f64), keys: &[&str]) -> Fixture {
    let fixture = Fixture::new();
    fixture.run(job).success();
    let (store, expected) = (open(&fixture.calc(1)), of_engine(job));
    assert!(keys.iter().all(|key| expected.contains_key(*key)), "{:?}", expected.keys());
    for (key, expected) in expected.iter().filter(|(key, _)| *key != "site_index") {
        let found: ArrayD<f64> = store.get(key).unwrap();
        assert_eq!(found.shape(), expected.shape(), "{key}");
        for ((index, &x), &y) in found.indexed_iter().zip(expected) {
            assert!((x - y).abs() <= absolute + relative * y.abs(), "{key} {index:?}: {x}, not {y}");
        }
    }
    fixture
}

#[test]
fn disaggregations_agree_with_the_engine() {
    let fixture =
        agrees("job_disagg.ini", (1e-7, 1e-5), &["poe4", "disagg-rlzs/TRT_Mag_Dist_Eps", "disagg-stats/Lon_Lat"]);
    let store = open(&fixture.calc(1));
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
fn disaggregations_by_source_agree_with_the_engine() {
    // the engine's pass by source makes ruptures again, and has 1.3e-7 less in one bin than its disaggregation of the same sources
    let keys = ["mean_disagg_by_src/0/array", "mean_disagg_by_src/1/array", "mean_disagg_by_src/0/mag"];
    let fixture = agrees("job_by_source.ini", (2e-7, 1e-5), &keys);
    let store = open(&fixture.calc(1));
    let names: Vec<String> = store.get_strings("mean_disagg_by_src/1/source_id").unwrap();
    assert_eq!(names, ["1694", "apennines", "irpinia"]);

    // the lines that the engine exports
    let bins = export(&fixture, "mean_disagg_by_src-0_1.csv");
    assert!(bins.contains("vs30=600.0, iml_disagg={'PGA': np.float64(0.1), 'SA(1.0)': np.float64(0.05)}"), "{bins}");
    let lines: Vec<&str> = bins.lines().skip(1).take(4).collect();
    let expected = [
        "source_id,mag,dist,eps,imt,afoe",
        "1732,5.10000E+00,2.50000E+01,2.00000E+00,PGA,3.72416E-03",
        "1732,5.10000E+00,2.50000E+01,2.00000E+00,SA(1.0),1.27940E-03",
        "1732,5.70000E+00,2.50000E+01,0.00000E+00,PGA,3.68477E-04",
    ];
    assert_eq!(lines, expected);

    let table = export(&fixture, "disagg_by_src_1.csv");
    let mut lines = table.lines().skip(1);
    assert!(lines.next().unwrap().starts_with("site_id,lon,lat,imt,iml,poe,source_id,afoe,share,mag_mean,dist_mean"));
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    // 2 sites, 2 intensity measures, 3 sources
    assert_eq!(rows.len(), 2 * 2 * 3, "{table}");
    let number = |row: &Vec<&str>, column: usize| row[column].parse::<f64>().unwrap();
    for level in rows.chunks(3) {
        let shares: f64 = level.iter().map(|row| number(row, 8)).sum();
        // the sources that are left out give little
        assert!(level[0][6] == "apennines" && (0.9..1.0).contains(&shares), "{level:?}");
        assert!(level.is_sorted_by(|a, b| number(a, 7) >= number(b, 7)), "{level:?}");
    }
    // the annual rate of the first source is that of mean_rates_by_src
    let rates: ArrayD<f64> = store.get("mean_rates_by_src/array").unwrap();
    assert!((number(&rows[0], 7) / rates[[0, 0, 0, 2]] - 1.0).abs() < 1e-5, "{:?}", rows[0]);
}

#[test]
fn a_disaggregation_by_source_at_probabilities_has_an_axis_of_them() {
    let fixture = Fixture::new();
    fixture.edit("job_disagg.ini", "num_epsilon_bins = 3", "num_epsilon_bins = 3\ndisagg_by_src = true");
    fixture.run("job_disagg.ini").success();
    let store = open(&fixture.calc(1));
    let axes: Vec<String> = store.get_strings("mean_disagg_by_src/0/shape_descr").unwrap();
    assert_eq!(axes, ["source_id", "mag", "dist", "eps", "imt", "poe"]);
    let levels: ArrayD<f64> = store.get("mean_disagg_by_src/0/iml").unwrap();
    let all: ArrayD<f64> = store.get("hmap3").unwrap();
    assert_eq!(levels, all.index_axis(ndarray::Axis(0), 0));
    let table = export(&fixture, "disagg_by_src_1.csv");
    let row: Vec<&str> = table.lines().nth(2).unwrap().split(',').collect();
    assert_eq!((row[3], row[5], row[6]), ("PGA", "1.00000E-01", "apennines"), "{table}");
    assert!(export(&fixture, "mean_disagg_by_src-1_1.csv").contains("source_id,mag,dist,eps,imt,poe,afoe"));
}

#[test]
fn conditional_spectra_agree_with_the_engine() {
    let fixture = agrees("job_spectra.ini", (1e-7, 1e-4), &["cs-rlzs/array", "cs-stats/array"]);
    let store = open(&fixture.calc(1));
    let statistics: Vec<String> = store.get_strings("cs-stats/stat").unwrap();
    assert_eq!(statistics, ["mean"]);
    assert!(export(&fixture, "conditional-spectrum-1_1.csv").contains("poe,stat,period,mea,std"));

    let given = export(&fixture, "conditional_mean_spectra_1.csv");
    let rows: Vec<Vec<&str>> = given.lines().skip(2).map(|line| line.split(',').collect()).collect();
    // 2 sites, 2 probabilities, 3 intensity measures
    assert_eq!(rows.len(), 2 * 2 * 3, "{given}");
    let maps: ArrayD<f64> = store.get("hmaps-stats").unwrap();
    for (row, level) in rows.chunks(3).zip([[0, 0], [0, 1], [1, 0], [1, 1]].map(|[n, p]| maps[[n, 0, 1, p]])) {
        // at the reference the spectrum has the level, and no scatter
        let [iml, mean] = [5, 7].map(|at| row[1][at].parse::<f64>().unwrap());
        assert!(row[1][6] == "SA(0.2)" && row[1][8] == "0.00000E+00" && row[1][5] == row[1][7], "{given}");
        assert!((iml / level - 1.0).abs() < 1e-5 && mean > 0.01, "{iml} {level}");
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
