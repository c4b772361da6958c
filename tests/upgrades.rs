//! A data directory and the versions of the program that use it.

mod common;

use std::fs;

use common::irpinia::{Fixture, assert_same};
use common::program::{command, says};

#[test]
fn a_newer_layout_refuses_an_older_program() {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    let layout = fixture.data_dir().join(".oqfs/layout");
    assert_eq!(fs::read_to_string(&layout).unwrap(), "1\n");
    for newer in ["2\n", "1000000000000\n", "next\n"] {
        fs::write(&layout, newer).unwrap();
        let point = fixture.data_dir().display().to_string();
        let commands: [&[&str]; 7] = [
            &["status"],
            &["log", "1"],
            &["cite", "1"],
            &["rerun", "1"],
            &["remove", "--yes", "1"],
            &["mount", &point],
            &["umount", &point],
        ];
        for args in commands {
            let said = says(&mut command(&fixture.data_dir(), args), 1);
            let is_told =
                said.contains(&format!("its layout is {}", newer.trim())) && said.contains("use a newer oqfs");
            assert!(is_told || args[0] == "umount", "{args:?}: {said}");
        }
        let said = fixture.run("job.ini").code(1);
        assert!(String::from_utf8_lossy(&said.get_output().stderr).contains("use a newer oqfs"));
        assert!(!fixture.calc(2).exists() && fixture.calc(1).join("output.hdf5").exists());
        assert_eq!(fs::read_to_string(&layout).unwrap(), newer);
    }
    fs::write(&layout, "1\n").unwrap();
    assert!(says(&mut command(&fixture.data_dir(), &["status"]), 0).contains("complete"));
}

/// Version 0.1.0 wrote no layout, no provenance, and names of kept rates without a build.
#[test]
fn a_directory_of_the_first_version_opens() {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    let hidden = fixture.data_dir().join(".oqfs");
    fs::remove_dir_all(&hidden).unwrap();
    fs::create_dir_all(hidden.join("rates")).unwrap();
    fs::write(hidden.join("rates/0123456789abcdef"), "kept").unwrap();
    fs::remove_file(fixture.calc(1).join("provenance.json")).unwrap();
    assert!(says(&mut command(&fixture.data_dir(), &["status", "1"]), 0).contains("complete"));
    fixture.run("job.ini").success();
    assert_same(&fixture.calc(1), &fixture.calc(2));
    assert_eq!(fs::read_to_string(hidden.join("layout")).unwrap(), "1\n");
}

#[test]
fn rates_of_another_build_are_told_once() {
    let fixture = Fixture::new();
    let kept = fixture.data_dir().join(".oqfs/rates");
    fs::create_dir_all(&kept).unwrap();
    fs::write(kept.join("0123456789abcdef-00"), vec![0; 200_000]).unwrap();
    // enough work to be worth keeping
    let sites: Vec<String> =
        (0..400).map(|i| format!("{} {}", 14.6 + 0.05 * f64::from(i % 20), 40.4 + 0.04 * f64::from(i / 20))).collect();
    let job = fs::read_to_string(fixture.job_dir().join("job.ini")).unwrap();
    let line = job.lines().find(|line| line.starts_with("sites")).unwrap();
    fixture.edit("job.ini", line, &format!("sites = {}", sites.join(", ")));
    let said = "rates that another build of oqfs kept are not used";
    for (calc, times) in [(1, 1), (2, 0)] {
        fixture.run("job.ini").success();
        let log = fs::read_to_string(fixture.calc(calc).join("log")).unwrap();
        assert_eq!(log.matches(said).count(), times, "{log}");
    }
    assert!(fs::read_to_string(fixture.calc(2).join("log")).unwrap().contains("reused of source group"));
}
