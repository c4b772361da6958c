//! Rates that an earlier calculation computed: what they are used for, and that they change no number.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::irpinia::{Fixture, assert_same};
use common::mount::{Daemon, names, wait_until};
use common::program::{command, says};
use oqfs::datastore::{DataDir, KEPT, mounted_by};

/// A job large enough for its rates to be kept.
const JOB: &str = "job_grid.ini";

/// The job of Irpinia, with as many sites.
fn fixture() -> Fixture {
    let fixture = Fixture::new();
    fixture.edit(JOB, "region_grid_spacing = 10", "region_grid_spacing = 3");
    fixture
}

/// Runs the job; what its log says of rates that were used again, without the times.
fn run(fixture: &Fixture, id: u32) -> Vec<String> {
    fixture.run(JOB).success();
    reused(&fixture.calc(id))
}

fn reused(calc: &Path) -> Vec<String> {
    let log = fs::read_to_string(calc.join("log")).unwrap();
    log.lines().filter_map(|line| line.split_once(" reused of ").map(|(_, what)| what.to_string())).collect()
}

/// Runs the job without rates from before.
fn run_anew(fixture: &Fixture, id: u32) {
    let mut command = fixture.command(JOB);
    assert!(command.arg("--no-reuse").output().unwrap().status.success());
    assert_eq!(reused(&fixture.calc(id)), [""; 0]);
}

#[track_caller]
fn same_numbers(fixture: &Fixture, a: u32, b: u32) {
    assert_same(&fixture.calc(a), &fixture.calc(b));
}

fn kept(fixture: &Fixture) -> Vec<PathBuf> {
    let folder = fixture.data_dir().join(".oqfs").join(KEPT);
    names(&folder).iter().map(|name| folder.join(name)).collect()
}

const ALL: [&str; 4] = [
    "source group 0 (Active Shallow Crust): BooreAtkinson2008 100%, ChiouYoungs2008 100%",
    "source group 1 (Active Shallow Crust): BooreAtkinson2008 100%, ChiouYoungs2008 100%",
    "source group 2 (Stable Continental Crust): ToroEtAl2002 100%, Campbell2003 100%",
    "source group 3 (Active Shallow Crust): BooreAtkinson2008 100%, ChiouYoungs2008 100%",
];

#[test]
fn the_same_job_is_not_computed_twice_unless_that_is_wanted() {
    let fixture = fixture();
    assert_eq!(run(&fixture, 1), [""; 0]);
    assert_eq!(run(&fixture, 2), ALL);
    run_anew(&fixture, 3);
    same_numbers(&fixture, 1, 2);
    same_numbers(&fixture, 1, 3);
}

#[test]
fn another_weight_costs_nothing_and_another_branch_what_is_new() {
    let fixture = fixture();
    run(&fixture, 1);
    for (old, new) in [(">0.6<", ">0.7<"), (">0.4<", ">0.3<")] {
        fixture.edit("gmpe_logic_tree.xml", old, new);
    }
    fixture.edit(JOB, "poes = 0.1", "poes = 0.1 0.02\nquantiles = 0.15");
    assert_eq!(run(&fixture, 2), ALL);
    let branch = "<logicTreeBranch branchID=\"AB10\"><uncertaintyModel>AkkarBommer2010</uncertaintyModel>\
        <uncertaintyWeight>0</uncertaintyWeight></logicTreeBranch><logicTreeBranch branchID=\"CY08\">";
    fixture.edit("gmpe_logic_tree.xml", "<logicTreeBranch branchID=\"CY08\">", branch);
    assert_eq!(run(&fixture, 3), ALL);
    run_anew(&fixture, 4);
    same_numbers(&fixture, 3, 4);
    assert!(run(&fixture, 5)[0].contains("AkkarBommer2010 100%"));
}

#[test]
fn whatever_changes_a_number_is_computed_again() {
    let fixture = fixture();
    run(&fixture, 1);
    let edits = [
        (JOB, "truncation_level = 3", "truncation_level = 2.5"),
        (JOB, "investigation_time = 50", "investigation_time = 30"),
        (JOB, "'default': 150", "'default': 140"),
        (JOB, "rupture_mesh_spacing = 2", "rupture_mesh_spacing = 2.5"),
        (JOB, "logscale(0.01, 1.5, 12)", "logscale(0.01, 1.6, 12)"),
        (JOB, "14.9 40.7, 14.9 41.1", "14.8 40.7, 14.8 41.1"),
        ("gmpe_logic_tree.xml", "ChiouYoungs2008", "ChiouYoungs2014"),
        ("zones.xml", "aValue=\"", "aValue=\"1"),
    ];
    let mut id = 1;
    for (file, old, new) in edits {
        fixture.edit(file, old, new);
        run(&fixture, id + 1);
        run_anew(&fixture, id + 2);
        same_numbers(&fixture, id + 1, id + 2);
        id += 2;
    }
}

#[test]
fn damaged_rates_are_noticed_and_computed_again() {
    let fixture = fixture();
    run(&fixture, 1);
    let files = kept(&fixture);
    assert!(files.len() > 3, "{files:?}");
    for (i, file) in files.iter().enumerate() {
        let mut bytes = fs::read(file).unwrap();
        match i % 3 {
            0 => bytes.truncate(bytes.len() / 2),
            1 => bytes.clear(),
            _ => {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 0x10;
            }
        }
        fs::write(file, bytes).unwrap();
    }
    assert_eq!(run(&fixture, 2), [""; 0]);
    let log = fs::read_to_string(fixture.calc(2).join("log")).unwrap();
    assert_eq!(log.matches("damaged: computed again").count(), files.len(), "{log}");
    same_numbers(&fixture, 1, 2);
    assert_eq!(run(&fixture, 3), ALL);
}

#[test]
fn rates_that_cannot_be_kept_stop_nothing() {
    let fixture = fixture();
    fs::create_dir_all(fixture.data_dir().join(".oqfs")).unwrap();
    fs::write(fixture.data_dir().join(".oqfs").join(KEPT), "a file").unwrap();
    assert_eq!(run(&fixture, 1), [""; 0]);
    let log = fs::read_to_string(fixture.calc(1).join("log")).unwrap();
    assert_eq!(log.matches("rates cannot be kept for later").count(), 1, "{log}");
}

#[test]
fn a_killed_calculation_goes_on_where_it_was() {
    need_fuse!("a_killed_calculation_goes_on_where_it_was");
    let fixture = Fixture::new();
    fixture.edit(JOB, "region_grid_spacing = 10", "region_grid_spacing = 0.7");
    let daemon = Daemon::start();
    let job = daemon.tmp.path().join("fine");
    fs::rename(fixture.job_dir(), &job).unwrap();
    for entry in fs::read_dir(&job).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "ini") && !path.ends_with(JOB) {
            fs::remove_file(path).unwrap();
        }
    }
    assert!(Command::new("cp").arg("-r").arg(&job).arg(daemon.path("new")).status().unwrap().success());
    let real = DataDir::open(&daemon.point).unwrap();
    let rates = real.path().join(".oqfs").join(KEPT);
    wait_until("rates to be kept", || fs::read_dir(&rates).is_ok_and(|files| files.count() > 2));
    // SAFETY: the daemon of this test.
    assert_eq!(unsafe { libc::kill(daemon.pid() as i32, libc::SIGKILL) }, 0);
    wait_until("it to be gone", || mounted_by(&daemon.point).is_none());
    daemon.mount(&[]);
    says(&mut command(&daemon.point, &["wait", "1"]), 0);
    let log = fs::read_to_string(daemon.path("calc_1/log")).unwrap();
    assert_eq!(log.matches("sites, ").count(), 2, "it ran twice: {log}");
    assert!(!reused(&daemon.path("calc_1")).is_empty(), "{log}");
}
