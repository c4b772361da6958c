//! The verification tests of P. Thomas, I. Wong and N. Abrahamson (2010), Verification of Probabilistic Seismic Hazard Analysis
//! Computer Programs, PEER Report 2010/106, Set 1: the curves of the report's tables, which were computed by hand or are means
//! of those that several programs gave.
//!
//! Motion has no scatter in these cases, so that a curve is a count of the ruptures whose median is over a level. How near a
//! program comes to the report depends on how finely it cuts magnitudes, the fault and the area; the jobs cut them by 0.02, 0.25 km
//! and 2 km.

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::irpinia::{Fixture, open};
use ndarray::{Array1, Array4};

/// Site by site, longitude, latitude and the annual probabilities of exceedance of the report.
fn report(case: &Path) -> Vec<Vec<f64>> {
    let text = fs::read_to_string(case.with_extension("csv")).unwrap();
    text.lines().skip(1).map(|line| line.split(',').map(|cell| cell.parse().unwrap()).collect()).collect()
}

/// The largest difference from the report at any level of any site.
fn largest_difference(case: u32) -> f64 {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jobs/peer");
    let job = folder.join(format!("case_{case}.ini"));
    let fixture = Fixture::new();
    fixture.run(&job).success();
    let store = open(&fixture.calc(1));
    let [lons, lats]: [Array1<f64>; 2] = ["sitecol/lon", "sitecol/lat"].map(|key| store.get(key).unwrap());
    let curves: Array4<f32> = store.get("hcurves-stats").unwrap();
    let sites = report(&job);
    assert_eq!(curves.shape(), [sites.len(), 1, 1, sites[0].len() - 2]);
    let mut largest = 0.0f64;
    for site in &sites {
        let is_here = |&i: &usize| (lons[i] - site[0]).abs() < 1e-4 && (lats[i] - site[1]).abs() < 1e-4;
        let place = (0..sites.len()).find(is_here).unwrap();
        let found = (0..site.len() - 2).map(|level| f64::from(curves[[place, 0, 0, level]]));
        let differences = found.zip(&site[2..]).map(|(found, expected)| (found - expected).abs());
        largest = differences.fold(largest, f64::max);
    }
    largest
}

/// The curve is a staircase of 0.016 in all, and a step is as high as the rate of the ruptures at one distance: a few of its
/// hundredths where the programs place them otherwise.
#[test]
fn case_2_a_fault_of_one_magnitude() {
    assert!(largest_difference(2) < 1e-3);
}

/// As for the case before, with ruptures of many sizes; the report gives three digits of 0.04.
#[test]
fn case_5_a_fault_of_many_magnitudes() {
    assert!(largest_difference(5) < 4e-4);
}

/// The rate of the area is that of the report, 0.0395 a year from magnitude 5 on; what is left comes from its grid.
#[test]
fn case_10_an_area_with_one_depth() {
    assert!(largest_difference(10) < 2e-4);
}

/// The depths of the report are equally probable from 5 to 10 km.
#[test]
fn case_11_an_area_with_six_depths() {
    assert!(largest_difference(11) < 3e-4);
}
