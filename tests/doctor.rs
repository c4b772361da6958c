//! `oqfs doctor`, on this machine.

mod common;

use std::fs;
use std::path::Path;

use common::mount::{Daemon, is_mounted, wait_until};
use common::program::{command, says};
use oqfs::fuse;
use serde_json::Value;

/// What the doctor says of a data directory, by check.
fn found(data: &Path, check: &str) -> Value {
    let output = command(data, &["doctor", "--json"]).output().unwrap();
    let rows: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
    let problems = rows.iter().filter(|row| row["state"] == "problem").count();
    assert_eq!(output.status.code(), Some(i32::from(problems > 0)), "{rows:?}");
    rows.into_iter().find(|row| row["check"] == check).unwrap()
}

#[test]
fn a_problem_is_told_with_its_command_and_is_status_1() {
    let tmp = tempfile::tempdir().unwrap();
    let data = tmp.path().join("oqdata");
    fs::write(&data, "a file").unwrap();
    let row = found(&data, "directory");
    assert!(row["state"] == "problem" && row["mend"].as_str().unwrap().contains("mkdir"), "{row}");
    let said = says(&mut command(&data, &["doctor"]), 1);
    assert!(said.contains("problem  directory") && said.contains("mend: mv "), "{said}");
    fs::remove_file(&data).unwrap();
    assert_eq!(found(&data, "directory")["state"], "note");
    assert!(!data.exists(), "nothing is made");
    let program = found(&data, "program")["found"].as_str().unwrap().to_string();
    assert!(
        program.contains(env!("CARGO_PKG_VERSION"))
            && program.contains(" with HDF5 ")
            && program.contains("OpenQuake engine 3.")
    );
}

#[test]
fn a_mount_that_nobody_serves_is_told_though_it_does_not_answer() {
    need_fuse!("a_mount_that_nobody_serves_is_told_though_it_does_not_answer");
    let daemon = Daemon::start();
    let (pid, server) = (daemon.pid(), daemon.server());
    assert!(found(&daemon.point, "mount")["found"].as_str().unwrap().contains(&format!("by process {pid}")));
    assert_eq!(
        (&found(&daemon.point, "lock")["state"], &found(&daemon.point, "layout")["state"]),
        (&"ok".into(), &"ok".into())
    );
    for pid in [pid, server] {
        // SAFETY: the processes of a mount that this test made.
        unsafe { libc::kill(pid as i32, libc::SIGKILL) };
    }
    wait_until("its end", || found(&daemon.point, "mount")["state"] == "problem");
    let mend = found(&daemon.point, "mount")["mend"].as_str().unwrap().to_string();
    assert_eq!(mend, format!("oqfs mount {}", daemon.point.display()));
    fuse::unmount(&daemon.point).unwrap();
    assert!(!is_mounted(&daemon.point) && found(&daemon.point, "mount")["state"] == "ok");
}
