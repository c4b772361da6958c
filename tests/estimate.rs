//! What a job takes is said before it runs, and what does not fit is refused by the parameter to change.

mod common;

use std::fs;
use std::path::Path;
use std::process::Command;

use common::mount::{Daemon, Small, wait_until};
use common::program::{command, job, says, small_job, state, told};
use serde_json::Value;

/// What `oqfs estimate` says of the job in a folder.
fn estimate(folder: &Path, more: &[&str]) -> Value {
    let (job, data) = (folder.join("job.ini"), folder.join("oqdata"));
    let arguments = [&["estimate", job.to_str().unwrap(), "--json"], more].concat();
    serde_json::from_str(&says(&mut command(&data, &arguments), 0)).unwrap()
}

/// Adds lines to a job.
fn add(folder: &Path, lines: &str) {
    let file = folder.join("job.ini");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(file, text.replacen("[general]\n", &format!("[general]\n{lines}\n"), 1)).unwrap();
}

#[test]
fn a_job_is_estimated_without_being_run() {
    let tmp = tempfile::tempdir().unwrap();
    let folder = job(tmp.path(), "irpinia");
    let said = estimate(&folder, &["--threads", "1"]);
    // 3 sites; 2 source models, 2 GSIMs for each of 2 tectonic region types: 8 realizations; 3 IMTs of 12 levels
    for (key, expected) in [("sites", 3), ("realizations", 8), ("imts", 3), ("levels", 12), ("threads", 1)] {
        assert_eq!(said[key], expected, "{key}: {said}");
    }
    assert_eq!(said["counted"], true);
    assert!(!folder.join("oqdata").exists(), "an estimate leaves nothing behind");
    let text = says(&mut command(&folder.join("oqdata"), &["estimate", folder.join("job.ini").to_str().unwrap()]), 0);
    for line in ["sites          3\n", ", counted\n", "peak memory ", "datastore ", "time "] {
        assert!(text.contains(line), "{text}\n  lacks {line:?}");
    }
    let data = folder.join("oqdata");
    says(&mut command(&data, &["run", folder.join("job.ini").to_str().unwrap()]), 0);
    let calc = data.join("calc_1");
    let size = fs::metadata(calc.join("output.hdf5")).unwrap().len() as f64;
    let disk = said["disk"].as_f64().unwrap();
    assert!(disk < 2.0 * size && size < 2.0 * disk, "{disk} expected, {size} found");
}

#[test]
fn a_job_that_takes_more_memory_than_it_may_is_refused() {
    let tmp = tempfile::tempdir().unwrap();
    let folder = small_job(tmp.path(), "small");
    let (job, data) = (folder.join("job.ini"), folder.join("oqdata"));
    for verb in ["run", "estimate"] {
        let said = says(&mut command(&data, &[verb, job.to_str().unwrap(), "--memory", "2M"]), 1);
        assert!(said.contains("of memory, and oqfs_memory or --memory allows 2.1 MB"), "{said}");
    }
    assert!(!data.join("calc_1").exists(), "a job that is refused leaves nothing behind");
    let said = says(&mut command(&data, &["run", job.to_str().unwrap(), "--memory", "much"]), 2);
    assert!(said.contains("expected a positive number with K, M, G or T"), "{said}");
    add(&folder, "oqfs_memory = 3M");
    let said = says(&mut command(&data, &["run", job.to_str().unwrap(), "--memory", "8G"]), 1);
    assert!(said.contains("allows 3.1 MB: 1 sites, 1 realizations"), "{said}");
    add(&folder, "oqfs_threads = 0");
    let said = says(&mut command(&data, &["run", job.to_str().unwrap()]), 1);
    assert!(said.contains("line 2: oqfs_threads: found \"0\"; expected a whole number from 1 to 1024"), "{said}");
}

#[test]
fn more_samples_than_the_memory_holds_are_refused_by_name() {
    let tmp = tempfile::tempdir().unwrap();
    let folder = job(tmp.path(), "irpinia");
    add(&folder, "number_of_logic_tree_samples = 200000");
    let (job, data) = (folder.join("job.ini"), folder.join("oqdata"));
    let said = says(&mut command(&data, &["run", job.to_str().unwrap(), "--memory", "300M"]), 1);
    assert!(said.contains("lower number_of_logic_tree_samples from 200000"), "{said}");
}

#[test]
fn a_job_that_does_not_fit_onto_the_disk_is_refused() {
    let name = "a_job_that_does_not_fit_onto_the_disk_is_refused";
    let small = match Small::new() {
        Ok(small) => small,
        Err(why) => return common::skip(name, &why),
    };
    let tmp = tempfile::tempdir().unwrap();
    let folder = small_job(tmp.path(), "wide");
    add(&folder, "individual_rlzs = true");
    let text = fs::read_to_string(folder.join("job.ini")).unwrap();
    let wide = text
        .replace("sites = 15.3 40.9", "region = 14 40, 16 40, 16 42, 14 42\nregion_grid_spacing = 1")
        .replace("[0.1, 0.2]", "logscale(0.01, 1, 50)");
    fs::write(folder.join("job.ini"), wide).unwrap();
    for verb in ["estimate", "run"] {
        let said = says(&mut command(small.path(), &[verb, folder.join("job.ini").to_str().unwrap()]), 1);
        assert!(said.contains("and the disk has") && said.contains("region_grid_spacing"), "{said}");
    }
}

#[test]
fn what_a_job_of_a_mount_takes_is_in_its_state() {
    need_fuse!("what_a_job_of_a_mount_takes_is_in_its_state");
    let tmp = tempfile::tempdir().unwrap();
    let jobs = tempfile::tempdir().unwrap();
    let daemon = Daemon::over(tmp, &["--threads", "2", "--memory", "1G"]);
    let folder = job(jobs.path(), "irpinia");
    let grid = fs::read_to_string(common::irpinia::irpinia().join("job_grid.ini")).unwrap();
    let fine = grid.replace("region_grid_spacing = 10", "region_grid_spacing = 3");
    assert_ne!(fine, grid);
    fs::write(folder.join("job.ini"), fine).unwrap();
    let copied = Command::new("cp").arg("-r").arg(&folder).arg(daemon.path("new")).output().unwrap();
    told(copied, 0);
    let calc = daemon.path("calc_1");
    wait_until("the job to be over", || state(&calc) == "complete");
    let said: Value = serde_json::from_str(&says(&mut command(&daemon.point, &["status", "1", "--json"]), 0)).unwrap();
    let of = |key: &str| said["estimate"][key].as_f64().unwrap();
    assert!(of("seconds") > 0.0 && of("contexts") > 1000.0 && of("memory") > 1e6, "{said}");
    let size = fs::metadata(calc.join("output.hdf5")).unwrap().len() as f64;
    assert!(of("disk") < 2.0 * size && size < 2.0 * of("disk"), "{said} {size}");
    assert!(fs::read_to_string(calc.join("log")).unwrap().contains("expected: "));
    // a job that may not have what it takes is refused while it is copied
    let other = small_job(jobs.path(), "other");
    add(&other, "oqfs_memory = 1M");
    let refused = Command::new("cp").arg("-r").arg(&other).arg(daemon.path("new")).output().unwrap();
    assert!(!refused.status.success());
    let why = fs::read_to_string(daemon.path("new/other.error")).unwrap();
    assert!(why.contains("oqfs_memory or --memory allows 1.0 MB"), "{why}");
}
