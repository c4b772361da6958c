//! Calculations on a cluster of Slurm: two nodes on this machine, which scripts/slurm.sh starts. All tests use one cluster, one after the other.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use common::irpinia::{Fixture, assert_same};
use common::mount::{names, names_if_there, wait_until};
use common::program::{command, says, state};

const JOB: &str = "job_grid.ini";

/// How far apart sites are, kilometres, so that nodes are at work for some seconds.
const LONG: &str = "0.45";

/// The cluster, once it is started; one test at a time uses it.
static CLUSTER: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Where it is, for the end of this process.
static AT: OnceLock<PathBuf> = OnceLock::new();

/// The job with sites so far apart, kilometres, done by one process with 8 threads.
static ALONE: Mutex<BTreeMap<String, Fixture>> = Mutex::new(BTreeMap::new());

/// The cluster, with a job; its jobs end with the test.
struct Cluster {
    fixture: Fixture,
    spacing: String,
    at: MutexGuard<'static, Option<PathBuf>>,
}

fn script(args: &[&str]) -> Command {
    let mut command = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/slurm.sh"));
    command.args(args);
    command
}

/// Starts the cluster, which ends with this process.
fn start() -> PathBuf {
    let at = tempfile::tempdir().unwrap().keep();
    // what it started goes on after it, and must not keep a pipe open
    let said = fs::File::create(at.join("said")).unwrap();
    let mut start = script(&["start", at.to_str().unwrap()]);
    let started = start.stdout(said.try_clone().unwrap()).stderr(said).status().unwrap();
    assert!(started.success(), "{}", fs::read_to_string(at.join("said")).unwrap());
    assert!(AT.set(at.clone()).is_ok());
    // SAFETY: a function that may be called at the end of the process.
    assert_eq!(unsafe { libc::atexit(stop) }, 0);
    at
}

extern "C" fn stop() {
    if let Some(at) = AT.get() {
        let _ = script(&["stop", at.to_str().unwrap()]).status();
        let _ = fs::remove_dir_all(at);
    }
}

impl Cluster {
    /// With the job of Irpinia, its sites so far apart, kilometres; `None` where there can be no cluster.
    fn start(test: &str, spacing: &str) -> Option<Cluster> {
        let why_not = says(&mut script(&["why-not"]), 0);
        if !why_not.is_empty() {
            common::skip(test, &format!("no cluster of Slurm: {}", why_not.trim()));
            return None;
        }
        let mut at = CLUSTER.lock().unwrap_or_else(PoisonError::into_inner);
        at.get_or_insert_with(start);
        let cluster = Cluster { fixture: job(spacing), spacing: spacing.to_string(), at };
        // a test that failed may have left a node as it was
        let idle = ["sinfo", "-h", "-t", "idle", "-o", "%D"];
        wait_until("both nodes", || cluster.slurm(&idle).trim() == "2" || cluster.resumes());
        Some(cluster)
    }

    fn oqfs(&self, args: &[&str]) -> Command {
        let mut command = command(&self.fixture.data_dir(), args);
        command.current_dir(self.fixture.job_dir()).env("SLURM_CONF", self.conf());
        command
    }

    fn conf(&self) -> PathBuf {
        self.at.as_ref().unwrap().join("slurm.conf")
    }

    /// Has nodes that are down come back, which takes a moment.
    fn resumes(&self) -> bool {
        let mut resume = Command::new("scontrol");
        resume.args(["update", "NodeName=n1,n2", "State=RESUME"]).env("SLURM_CONF", self.conf());
        // nodes that are there refuse
        let _ = resume.output();
        false
    }

    fn slurm(&self, args: &[&str]) -> String {
        let mut command = Command::new(args[0]);
        says(command.args(&args[1..]).env("SLURM_CONF", self.conf()), 0)
    }

    /// Submits the job to two nodes of one core each.
    fn submit(&self, args: &[&str]) -> PathBuf {
        let all = [&["submit", JOB, "--tasks", "2", "--stale", "2", "--no-reuse"], args, &["--", "-c", "1"]].concat();
        assert_eq!(says(&mut self.oqfs(&all), 0).lines().next(), Some("1"));
        self.fixture.calc(1)
    }

    /// The numbers of the jobs of calculation 1: those that work, and the one that finishes.
    fn jobs(&self) -> [String; 2] {
        let text = fs::read(self.fixture.calc(1).join("objects/slurm.json")).unwrap();
        let known: serde_json::Value = serde_json::from_slice(&text).unwrap();
        [0, 1].map(|i| known["jobs"][i].as_str().unwrap().to_string())
    }

    /// Waits for the end of calculation 1, which is complete.
    fn wait(&self) {
        wait_until("the end", || is_over(&self.fixture.calc(1)));
        let folder = self.fixture.data_dir().join("slurm");
        let said: String =
            names(&folder).into_iter().map(|name| fs::read_to_string(folder.join(name)).unwrap()).collect();
        assert_eq!(state(&self.fixture.calc(1)), "complete", "{said}");
    }

    /// Calculation 1 has the bytes of one process with 8 threads.
    #[track_caller]
    fn same_as_one_process(&self) {
        let mut alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let alone = alone.entry(self.spacing.clone()).or_insert_with(|| {
            let fixture = job(&self.spacing);
            let output = fixture.command(JOB).args(["--no-reuse", "--threads", "8"]).output().unwrap();
            assert!(output.status.success(), "{output:?}");
            fixture
        });
        assert_same(&self.fixture.calc(1), &alone.calc(1));
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let mut cancel = Command::new("scancel");
        let _ = cancel.args(["-p", "main"]).env("SLURM_CONF", self.conf()).status();
    }
}

/// The job of Irpinia, its sites so far apart, kilometres.
fn job(spacing: &str) -> Fixture {
    let fixture = Fixture::new();
    fixture.edit(JOB, "region_grid_spacing = 10", &format!("region_grid_spacing = {spacing}"));
    fixture
}

/// The processes that are at pieces of a calculation, as their leases say.
fn at_work(calc: &Path) -> Vec<i32> {
    let folder = calc.join("share/leases");
    let of = |name: String| {
        let lease: serde_json::Value = serde_json::from_slice(&fs::read(folder.join(name)).ok()?).ok()?;
        lease["pid"].as_i64().map(|pid| pid as i32)
    };
    let mut pids: Vec<i32> =
        names_if_there(&folder).into_iter().flatten().filter(|name| name.len() > 60).filter_map(of).collect();
    pids.sort_unstable();
    pids.dedup();
    pids
}

fn is_over(calc: &Path) -> bool {
    ["complete", "failed", "cancelled"].contains(&state(calc).as_str())
}

fn pieces(calc: &Path) -> usize {
    names_if_there(&calc.join("share/pieces")).unwrap_or_default().len()
}

fn kill(pid: i32) {
    // SAFETY: a worker of this test.
    assert_eq!(unsafe { libc::kill(pid, libc::SIGKILL) }, 0);
}

#[test]
fn two_nodes_give_the_bytes_of_one_process() {
    let Some(cluster) = Cluster::start("two_nodes_give_the_bytes_of_one_process", LONG) else { return };
    let calc = cluster.submit(&[]);
    wait_until("both nodes to work", || at_work(&calc).len() == 2);
    let status = says(&mut cluster.oqfs(&["status", "1"]), 0);
    assert!(status.starts_with("executing "), "{status}");
    cluster.wait();
    let log = says(&mut cluster.oqfs(&["log", "1"]), 0);
    assert_eq!(log.matches(" begins: ").count(), 2, "{log}");
    cluster.same_as_one_process();
}

#[test]
fn a_killed_worker_costs_its_leases() {
    let Some(cluster) = Cluster::start("a_killed_worker_costs_its_leases", LONG) else { return };
    let calc = cluster.submit(&[]);
    wait_until("both nodes to work", || at_work(&calc).len() == 2 && pieces(&calc) > 1);
    kill(at_work(&calc)[0]);
    cluster.wait();
    cluster.same_as_one_process();
}

#[test]
fn a_node_that_is_down_and_a_job_that_is_queued_again_lose_nothing() {
    let Some(cluster) = Cluster::start("a_node_that_is_down_and_a_job_that_is_queued_again_lose_nothing", LONG) else {
        return;
    };
    let calc = cluster.submit(&[]);
    wait_until("both nodes to work", || at_work(&calc).len() == 2 && pieces(&calc) > 1);
    let [workers, _] = cluster.jobs();
    cluster.slurm(&["scontrol", "requeue", &format!("{workers}_1")]);
    cluster.slurm(&["scontrol", "update", "NodeName=n2", "State=DOWN", "Reason=test"]);
    wait_until("nobody to work", || at_work(&calc).is_empty());
    cluster.slurm(&["scontrol", "update", "NodeName=n2", "State=RESUME"]);
    cluster.wait();
    cluster.same_as_one_process();
}

#[test]
fn a_killed_finisher_and_jobs_that_were_cancelled_in_slurm_are_submitted_again() {
    let test = "a_killed_finisher_and_jobs_that_were_cancelled_in_slurm_are_submitted_again";
    let Some(cluster) = Cluster::start(test, LONG) else { return };
    let calc = cluster.submit(&[]);
    wait_until("a piece", || pieces(&calc) > 0);
    let jobs = cluster.jobs();
    cluster.slurm(&["scancel", &jobs[0], &jobs[1]]);
    wait_until("nobody to work", || at_work(&calc).is_empty());
    assert_eq!(says(&mut cluster.oqfs(&["status", "1"]), 0), "queued\n");
    let before = pieces(&calc);
    says(&mut cluster.oqfs(&["submit", "--again", "1"]), 0);
    wait_until("the finisher", || calc.join("output.hdf5.partial").exists());
    let claim = names(&calc).into_iter().find(|name| name.starts_with("job.claim")).unwrap();
    let holder: serde_json::Value = serde_json::from_slice(&fs::read(calc.join(claim)).unwrap()).unwrap();
    kill(holder["pid"].as_i64().unwrap() as i32);
    wait_until("it to be gone", || cluster.slurm(&["squeue", "-h"]).is_empty());
    assert!(pieces(&calc) > before);
    assert_eq!(says(&mut cluster.oqfs(&["status", "1"]), 0), "queued\n");
    says(&mut cluster.oqfs(&["submit", "--again", "1"]), 0);
    cluster.wait();
    cluster.same_as_one_process();
}

#[test]
fn cancelling_takes_the_jobs_out_of_slurm() {
    let Some(cluster) = Cluster::start("cancelling_takes_the_jobs_out_of_slurm", LONG) else { return };
    let calc = cluster.submit(&[]);
    wait_until("both nodes to work", || at_work(&calc).len() == 2);
    says(&mut cluster.oqfs(&["cancel", "1"]), 0);
    wait_until("the queue to be empty", || cluster.slurm(&["squeue", "-h"]).is_empty());
    assert_eq!(state(&calc), "cancelled");
    says(&mut cluster.oqfs(&["submit", "--again", "1"]), 0);
    cluster.wait();
    cluster.same_as_one_process();
}

#[test]
fn workers_that_fail_are_started_again_twice_and_then_it_is_told_how_to_go_on() {
    let test = "workers_that_fail_are_started_again_twice_and_then_it_is_told_how_to_go_on";
    let Some(cluster) = Cluster::start(test, "3") else { return };
    // a script that was edited is submitted as it is
    says(&mut cluster.oqfs(&["submit", JOB, "--tasks", "2", "--", "--hold"]), 0);
    let calc = cluster.fixture.calc(1);
    says(&mut cluster.oqfs(&["cancel", "1"]), 0);
    let edit = |old: &str, new: &str| {
        for name in ["workers.sh", "finish.sh"] {
            let path = calc.join("slurm").join(name);
            fs::write(&path, fs::read_to_string(&path).unwrap().replace(old, new)).unwrap();
        }
    };
    edit("#SBATCH --hold", "#SBATCH -c 1");
    edit("work --share", "work --shares");
    says(&mut cluster.oqfs(&["submit", "--again", "1"]), 0);
    wait_until("the end", || is_over(&calc));
    let said = says(&mut cluster.oqfs(&["status", "1"]), 0);
    assert!(said.contains("pieces missing; to go on: oqfs submit --again 1"), "{said}");
    let starts =
        names(&cluster.fixture.data_dir().join("slurm")).into_iter().filter(|name| name.contains("-finish-")).count();
    assert_eq!(starts, 3);
    edit("work --shares", "work --share");
    says(&mut cluster.oqfs(&["submit", "--again", "1"]), 0);
    cluster.wait();
    cluster.same_as_one_process();
}

/// Takes the mount away however the test ends.
struct Mounted<'a>(&'a Cluster);

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = self.0.oqfs(&["umount"]).status();
    }
}

#[test]
fn jobs_that_are_dropped_into_a_mount_go_to_slurm() {
    let test = "jobs_that_are_dropped_into_a_mount_go_to_slurm";
    need_fuse!(test);
    let Some(cluster) = Cluster::start(test, "3") else { return };
    let job = cluster.fixture.job_dir();
    for name in names(&job).into_iter().filter(|name| name.ends_with(".ini") && name != JOB) {
        fs::remove_file(job.join(name)).unwrap();
    }
    let told = cluster.fixture.tmp.path().join("told");
    let tell = format!("echo >>'{}'", told.display());
    // its output is not read, because the daemon keeps it open
    let mut mount = cluster.oqfs(&["mount", "--slurm", "2", "--no-reuse", "--on-end", &tell, "--", "-c", "1"]);
    assert!(mount.status().unwrap().success());
    let mounted = Mounted(&cluster);
    let data = cluster.fixture.data_dir();
    assert!(Command::new("cp").arg("-r").arg(&job).arg(data.join("new")).status().unwrap().success());
    let calc = cluster.fixture.calc(1);
    wait_until("its jobs", || calc.join("objects/slurm.json").exists());
    assert!(calc.join("slurm/workers.sh").exists() && !calc.join("share").exists());
    cluster.wait();
    cluster.same_as_one_process();
    let said = fs::read_to_string(data.join("new/irpinia.status")).unwrap();
    assert!(said.starts_with("calc_1 complete"), "{said}");
    wait_until("the command for its end", || told.exists());
    assert_eq!(fs::read_to_string(&told).unwrap(), format!("{} complete\n", calc.display()));
    let printed = || names(&data.join("slurm"));
    assert!(printed().iter().all(|name| name.starts_with("calc_1-")) && printed().len() == 3, "{:?}", printed());
    says(&mut cluster.oqfs(&["remove", "1", "--yes"]), 0);
    assert_eq!(printed(), [""; 0]);
    drop(mounted);
}

#[test]
fn what_slurm_does_not_take_leaves_nothing_behind() {
    let Some(cluster) = Cluster::start("what_slurm_does_not_take_leaves_nothing_behind", "10") else { return };
    let said = says(&mut cluster.oqfs(&["submit", JOB, "--tasks", "2", "--", "--partition=none"]), 1);
    assert!(said.contains("sbatch: ") && said.contains("invalid partition"), "{said}");
    assert!(!cluster.fixture.calc(1).exists());
}

/// A disk that is taken away however the test ends.
struct Disk<'a>(&'a Path);

impl Drop for Disk<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).status();
    }
}

#[test]
fn a_full_disk_stops_the_workers_and_what_they_kept_stays() {
    let Some(cluster) = Cluster::start("a_full_disk_stops_the_workers_and_what_they_kept_stays", LONG) else { return };
    let data = cluster.fixture.data_dir();
    fs::create_dir(&data).unwrap();
    let disk = |options: &str| {
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", options, "oqfs-test"]).arg(&data).status().is_ok_and(|status| status.success())
    };
    if !disk("size=160m") {
        return common::skip("a_full_disk_stops_the_workers_and_what_they_kept_stays", "no tmpfs can be mounted");
    }
    let disk = Disk(&data);
    let calc = cluster.submit(&[]);
    wait_until("a piece", || pieces(&calc) > 0);
    // somebody else fills it
    let mut fill = Command::new("dd");
    drop(fill.args(["if=/dev/zero", "bs=64k"]).arg(format!("of={}", data.join("other").display())).output());
    wait_until("the end", || is_over(&calc));
    let status = says(&mut cluster.oqfs(&["status", "1"]), 0);
    assert!(status.starts_with("failed"), "{status}");
    let before = pieces(&calc);
    fs::remove_file(data.join("other")).unwrap();
    says(&mut cluster.oqfs(&["submit", "--again", "1"]), 0);
    cluster.wait();
    cluster.same_as_one_process();
    drop(disk);
    assert!(before > 0, "{status}");
}
