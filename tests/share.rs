//! A calculation whose work several processes share, on this machine and without a cluster.

mod common;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::irpinia::{Fixture, assert_same, contents};
use common::mount::{names, wait_until};
use common::program::{Running, command, says, state};

const JOB: &str = "job_grid.ini";

/// The job of Irpinia with sites so far apart, kilometres: the closer, the longer it takes.
fn fixture(spacing: &str) -> Fixture {
    let fixture = Fixture::new();
    fixture.edit(JOB, "region_grid_spacing = 10", &format!("region_grid_spacing = {spacing}"));
    fixture
}

fn oqfs(fixture: &Fixture, args: &[&str]) -> Command {
    let mut command = command(&fixture.data_dir(), args);
    command.current_dir(fixture.job_dir());
    command
}

/// Shares the job; the folder of its calculation.
fn submit(fixture: &Fixture, args: &[&str]) -> PathBuf {
    submit_job(fixture, JOB, args)
}

/// Shares a job; the folder of its calculation.
fn submit_job(fixture: &Fixture, job: &str, args: &[&str]) -> PathBuf {
    let id = says(&mut oqfs(fixture, &[&["submit", job, "--by-hand"], args].concat()), 0);
    fixture.data_dir().join(format!("calc_{}", id.trim()))
}

/// A worker of calculation 1 that is at it.
fn worker(fixture: &Fixture) -> Running {
    let mut command = oqfs(fixture, &["work", "--share", "1", "--threads", "1"]);
    Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
}

fn leases(calc: &Path) -> Vec<String> {
    names(&calc.join("share/leases")).into_iter().filter(|name| name.len() > 60).collect()
}

fn pieces(calc: &Path) -> Vec<String> {
    names(&calc.join("share/pieces")).into_iter().filter(|name| !name.ends_with(".tmp")).collect()
}

fn signal(child: &Child, signal: i32) {
    // SAFETY: a process of this test.
    assert_eq!(unsafe { libc::kill(child.id() as i32, signal) }, 0);
}

/// The same job in one process is calculation `id`; calculation 1 has the same bytes.
#[track_caller]
fn same_as_one_process(fixture: &Fixture, id: u32) {
    same_as_one_process_of(fixture, JOB, id);
}

#[track_caller]
fn same_as_one_process_of(fixture: &Fixture, job: &str, id: u32) {
    let mut alone = fixture.command(job);
    assert!(alone.args(["--no-reuse", "--threads", "8"]).output().unwrap().status.success());
    assert_same(&fixture.calc(1), &fixture.calc(id));
}

#[test]
fn workers_and_a_finisher_give_the_bytes_of_one_process() {
    let fixture = fixture("3");
    let calc = submit(&fixture, &[]);
    assert_eq!(says(&mut oqfs(&fixture, &["status", "1"]), 0), "queued\n");
    let mut workers = [worker(&fixture), worker(&fixture)];
    workers.iter_mut().for_each(|worker| assert_eq!(worker.code(), Some(0)));
    let share: serde_json::Value = serde_json::from_slice(&fs::read(calc.join("share/share.json")).unwrap()).unwrap();
    assert_eq!(pieces(&calc).len() as u64, share["pieces"].as_u64().unwrap());
    assert_eq!(leases(&calc), [""; 0]);
    assert!(says(&mut oqfs(&fixture, &["finish", "1"]), 0).ends_with("/calc_1/output.hdf5\n"));
    assert_eq!(state(&calc), "complete");
    assert!(!calc.join("share").exists() && !names(&calc).iter().any(|name| name.starts_with("job.claim")));
    let log = fs::read_to_string(calc.join("log")).unwrap();
    assert_eq!(log.matches("none is left that nobody does").count(), 2, "{log}");
    // what the workers computed is kept for later
    fixture.run(JOB).success();
    let log = fs::read_to_string(fixture.calc(2).join("log")).unwrap();
    assert!(log.contains("reused of source group 0 (Active Shallow Crust): BooreAtkinson2008 100%"), "{log}");
    same_as_one_process(&fixture, 3);
}

#[test]
fn a_job_too_small_for_kept_rates_and_a_site_far_from_sources_are_shared_too() {
    let fixture = fixture("20");
    fixture.edit(JOB, "region = 14.9 40.7, 14.9 41.1, 15.5 41.1, 15.5 40.7\n", "sites = 15.2 40.9, 35 40.9\n");
    fixture.edit(
        JOB,
        "region_grid_spacing = 20\nsite_model_file = site_model.csv",
        "reference_vs30_value = 600\nreference_depth_to_1pt0km_per_sec = 100",
    );
    let calc = submit(&fixture, &[]);
    assert_eq!(worker(&fixture).code(), Some(0));
    says(&mut oqfs(&fixture, &["finish", "1"]), 0);
    assert_eq!(state(&calc), "complete");
    same_as_one_process(&fixture, 2);
}

#[test]
fn a_disaggregation_is_shared_too() {
    const JOB: &str = "job_disagg.ini";
    let fixture = Fixture::new();
    let calc = submit_job(&fixture, JOB, &[]);
    assert_eq!(worker(&fixture).code(), Some(0));
    assert!(!pieces(&calc).is_empty());
    says(&mut oqfs(&fixture, &["finish", "1"]), 0);
    assert_eq!(state(&calc), "complete");
    same_as_one_process_of(&fixture, JOB, 2);
}

#[test]
fn a_worker_of_another_program_refuses() {
    let fixture = fixture("10");
    let calc = submit(&fixture, &[]);
    let about = calc.join("share/share.json");
    let text = fs::read_to_string(&about).unwrap();
    let program = text.split("\"program\":\"").nth(1).unwrap().split('"').next().unwrap();
    fs::write(&about, text.replace(program, "another")).unwrap();
    for args in [&["work", "--share", "1"][..], &["finish", "1"]] {
        let said = says(&mut oqfs(&fixture, args), 1);
        assert!(said.contains("computed by another build of oqfs") && said.contains("(another)"), "{said}");
    }
    assert_eq!(pieces(&calc), [""; 0]);
}

#[test]
fn a_worker_that_is_told_to_stop_gives_back_what_it_was_at() {
    let fixture = fixture("0.7");
    let calc = submit(&fixture, &[]);
    let mut stopped = worker(&fixture);
    wait_until("a piece", || !pieces(&calc).is_empty() && !leases(&calc).is_empty());
    assert!(says(&mut oqfs(&fixture, &["status", "1"]), 0).starts_with("executing "));
    signal(&stopped.0, libc::SIGTERM);
    assert_ne!(stopped.code(), Some(0));
    assert_eq!(leases(&calc), [""; 0]);
    assert_eq!(says(&mut oqfs(&fixture, &["status", "1"]), 0), "queued\n");
    let said = says(&mut oqfs(&fixture, &["log", "1"]), 0);
    assert!(said.contains("begins: 0 of") && said.contains("cancelled"), "{said}");
}

#[test]
fn a_worker_that_is_killed_costs_its_leases_and_nothing_else() {
    let fixture = fixture("1.5");
    let calc = submit(&fixture, &["--stale", "1"]);
    let mut killed = worker(&fixture);
    wait_until("a piece", || !pieces(&calc).is_empty() && !leases(&calc).is_empty());
    signal(&killed.0, libc::SIGKILL);
    killed.code();
    assert_eq!(leases(&calc).len(), 1);
    std::thread::sleep(Duration::from_millis(2500));
    // what is left of it does not look as if somebody were at work
    assert_eq!(says(&mut oqfs(&fixture, &["status", "1"]), 0), "queued\n");
    assert_eq!(worker(&fixture).code(), Some(0));
    assert_eq!(leases(&calc), [""; 0]);
    says(&mut oqfs(&fixture, &["finish", "1"]), 0);
    same_as_one_process(&fixture, 2);
}

#[test]
fn what_is_missing_is_told_and_nothing_is_lost() {
    let fixture = fixture("3");
    let calc = submit(&fixture, &[]);
    assert_eq!(worker(&fixture).code(), Some(0));
    let all = pieces(&calc);
    let (lost, damaged) = all.split_at(all.len() / 2);
    lost.iter().for_each(|name| fs::remove_file(calc.join("share/pieces").join(name)).unwrap());
    let said = says(&mut oqfs(&fixture, &["finish", "1"]), 1);
    let expected = format!("{} pieces missing; to go on: oqfs submit --again 1", lost.len());
    assert!(said.contains(&expected), "{said}");
    let status = says(&mut oqfs(&fixture, &["status", "1"]), 0);
    assert!(status.starts_with("failed") && status.contains(&expected), "{status}");
    let said = says(&mut oqfs(&fixture, &["work", "--share", "1"]), 1);
    assert!(said.contains("calculation 1 is failed"), "{said}");
    says(&mut oqfs(&fixture, &["submit", "--again", "1", "--by-hand"]), 0);
    assert_eq!(worker(&fixture).code(), Some(0));
    // one that is not what was kept is noticed, and computed again
    fs::write(calc.join("share/pieces").join(&damaged[0]), "no rates").unwrap();
    says(&mut oqfs(&fixture, &["finish", "1"]), 0);
    same_as_one_process(&fixture, 2);
}

#[test]
fn a_finisher_that_is_killed_can_be_followed_by_another() {
    let fixture = fixture("1.5");
    let calc = submit(&fixture, &["--stale", "1"]);
    let mut killed = Running(oqfs(&fixture, &["finish", "1", "--all"]).stderr(Stdio::null()).spawn().unwrap());
    wait_until("a piece", || !pieces(&calc).is_empty());
    let said = says(&mut oqfs(&fixture, &["finish", "1"]), 1);
    assert!(said.contains("is being finished by another process"), "{said}");
    signal(&killed.0, libc::SIGKILL);
    killed.code();
    says(&mut oqfs(&fixture, &["finish", "1", "--all"]), 0);
    same_as_one_process(&fixture, 2);
}

#[test]
fn a_shared_calculation_is_cancelled_and_removed_as_others_are() {
    let fixture = fixture("0.7");
    let calc = submit(&fixture, &[]);
    let mut stopped = worker(&fixture);
    wait_until("a lease", || !leases(&calc).is_empty());
    let said = says(&mut oqfs(&fixture, &["remove", "1", "--yes"]), 1);
    assert!(said.contains("cancel it first: oqfs cancel 1"), "{said}");
    says(&mut oqfs(&fixture, &["cancel", "1"]), 0);
    assert_eq!(state(&calc), "cancelled");
    assert_ne!(stopped.code(), Some(0));
    assert_eq!(state(&calc), "cancelled", "a worker says nothing else");
    let said = says(&mut oqfs(&fixture, &["finish", "1"]), 1);
    assert!(said.contains("is cancelled; to go on: oqfs submit --again 1"), "{said}");
    says(&mut oqfs(&fixture, &["submit", "--again", "1", "--by-hand"]), 0);
    assert_eq!(state(&calc), "queued");
    says(&mut oqfs(&fixture, &["cancel", "1"]), 0);
    says(&mut oqfs(&fixture, &["remove", "1", "--yes"]), 0);
    assert!(!calc.exists());
}

#[test]
fn rates_by_source_are_shared_too() {
    let fixture = fixture("3");
    fixture.edit(JOB, "truncation_level = 3", "truncation_level = 3\ndisagg_by_src = true");
    submit(&fixture, &[]);
    assert_eq!(worker(&fixture).code(), Some(0));
    says(&mut oqfs(&fixture, &["finish", "1"]), 0);
    assert!(contents(&fixture.calc(1)).keys().any(|key| key.starts_with("/mean_rates_by_src")));
    same_as_one_process(&fixture, 2);
    // what the workers computed is kept for later
    fixture.run(JOB).success();
    let log = fs::read_to_string(fixture.calc(3).join("log")).unwrap();
    assert!(log.contains("reused of source group 0"), "{log}");
    assert_same(&fixture.calc(1), &fixture.calc(3));
}

#[test]
fn a_shared_calculation_is_estimated_first_and_then_measured() {
    let fixture = fixture("0.7");
    let calc = submit(&fixture, &[]);
    let number = |value: &serde_json::Value| value.as_f64().unwrap();
    let estimate = || fixture.state(1)["estimate"].clone();
    let first = estimate();
    let said: serde_json::Value =
        serde_json::from_str(&says(&mut oqfs(&fixture, &["estimate", JOB, "--json"]), 0)).unwrap();
    let ratio = number(&first["contexts"]) / number(&said["contexts"]);
    assert!((0.5..2.0).contains(&ratio), "{first} {said}");
    let mut at_work = worker(&fixture);
    wait_until("some pieces", || estimate()["seconds"] != first["seconds"]);
    let state = fixture.state(1);
    if state["state"] == "executing" {
        assert!(state["left"].as_f64().is_none_or(|left| left < number(&state["estimate"]["seconds"])), "{state}");
    }
    assert_eq!(at_work.code(), Some(0));
    let measured: serde_json::Value =
        serde_json::from_slice(&fs::read(calc.join("share/measured.json")).unwrap()).unwrap();
    assert_eq!(number(&measured["pieces"]) as usize, pieces(&calc).len());
    says(&mut oqfs(&fixture, &["finish", "1"]), 0);
    // what was measured stays, with what is not measured
    let last = estimate();
    assert_eq!((&last["memory"], &last["contexts"]), (&first["memory"], &first["contexts"]));
    let ratio = number(&last["seconds"]) / number(&fixture.state(1)["elapsed"]);
    assert!((0.3..3.0).contains(&ratio), "{last} {}", fixture.state(1));
}

#[test]
fn the_log_of_workers_is_followed_in_a_mount() {
    need_fuse!("the_log_of_workers_is_followed_in_a_mount");
    let fixture = fixture("1.5");
    let calc = submit(&fixture, &[]);
    assert!(oqfs(&fixture, &["mount"]).status().unwrap().success());
    let _mounted = Mounted(&fixture);
    let log = calc.join("log");
    assert_eq!(fs::read_to_string(&log).unwrap(), "");
    let mut followed = fs::File::open(&log).unwrap();
    let mut more = || {
        let mut text = String::new();
        followed.read_to_string(&mut text).unwrap();
        text
    };
    assert_eq!(worker(&fixture).code(), Some(0));
    let said = more();
    assert!(said.contains(" begins: 0 of ") && said.contains("none is left that nobody does"), "{said}");
    assert_eq!(said, says(&mut oqfs(&fixture, &["log", "1"]), 0));
    assert_eq!(fs::metadata(&log).unwrap().len(), said.len() as u64);
    assert_eq!(worker(&fixture).code(), Some(0));
    let second = more();
    assert!(second.contains(" begins: ") && second.lines().count() == 2, "{second}");
    says(&mut oqfs(&fixture, &["finish", "1"]), 0);
    // what was open tells the rest, and what is opened has all in order
    let rest = more();
    assert!(rest.contains(" complete after "), "{rest}");
    let mut lines: Vec<String> = [said, second, rest].concat().lines().map(str::to_string).collect();
    let whole = || fs::read_to_string(&log).unwrap().lines().map(str::to_string).collect::<Vec<_>>();
    wait_until("the file on disk", || whole().len() == lines.len());
    let mut whole = whole();
    whole.sort();
    lines.sort();
    assert_eq!(whole, lines);
}

/// Takes the mount away however the test ends.
struct Mounted<'a>(&'a Fixture);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = oqfs(self.0, &["umount"]).status();
    }
}

#[test]
fn without_slurm_nothing_is_submitted_and_nothing_left() {
    let fixture = fixture("10");
    let empty = fixture.tmp.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let mut submit = oqfs(&fixture, &["submit", JOB, "--tasks", "2"]);
    let said = says(submit.env("PATH", &empty), 1);
    assert!(said.contains("there is no sbatch here; without Slurm: oqfs submit --by-hand"), "{said}");
    assert!(!fixture.calc(1).exists());
}
