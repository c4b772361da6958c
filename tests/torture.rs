//! Jobs under fire: processes killed at any moment, disks that are full or fail, readers that are slow. `$OQFS_TORTURE` is how
//! many times what serves the mount is killed.

mod common;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, SystemTime};

use common::mount::{Daemon, Small, bash, has_ended, oqfs, wait_until};
use common::program::{command, drop_job, job, says, small_job, state, wait_for_stage};
use oqfs::datastore::{DataDir, mounted_by};
use rand_mt::Mt64;
use serde_json::Value;

fn rounds() -> u64 {
    std::env::var("OQFS_TORTURE").ok().map_or(12, |text| text.parse().expect("OQFS_TORTURE is a number"))
}

/// A number below `below`.
fn any(random: &mut Mt64, below: u64) -> u64 {
    random.next_u64() % below
}

/// Copies a job into `new/`; true if that was accepted.
fn is_accepted(daemon: &Daemon, folder: &Path) -> bool {
    let mut cp = Command::new("cp");
    cp.arg("-r").arg(folder).arg(daemon.path("new")).stderr(Stdio::null());
    cp.status().unwrap().success()
}

/// Mounts again, if nobody serves the mount any more.
fn mount_again(daemon: &Daemon) {
    let until = Instant::now() + Duration::from_secs(20);
    while mounted_by(&daemon.point).is_none() {
        assert!(Instant::now() < until, "it does not come back");
        // The one in charge may be about to, which is as good.
        oqfs(&["mount", daemon.point.to_str().unwrap()]);
    }
}

/// Drops jobs until told to stop; gives the names of those that were accepted.
fn drop_jobs(daemon: &Daemon, who: &str, stop: &AtomicBool, dropped: &Mutex<u64>) -> Vec<String> {
    let mut accepted = vec![];
    for n in 0.. {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        let name = format!("{who}-{n}");
        let folder = small_job(daemon.tmp.path(), &name);
        if is_accepted(daemon, &folder) {
            accepted.push(name);
        } else {
            std::thread::sleep(Duration::from_millis(10));
        }
        fs::remove_dir_all(folder).unwrap();
        *dropped.lock().unwrap() += 1;
    }
    accepted
}

/// Kills what serves the mount, or the one in charge, at random moments.
fn kill_at_random(daemon: &Daemon, random: &mut Mt64) {
    for _ in 0..rounds() {
        std::thread::sleep(Duration::from_millis(any(random, 250)));
        let victim = match any(random, 2) {
            0 => mounted_by(&daemon.point),
            _ => daemon.server_now(),
        };
        if let Some(victim) = victim {
            // SAFETY: a process of the daemon of this test, which may be gone already.
            unsafe { libc::kill(victim as i32, libc::SIGKILL) };
            // until then the mount table names it as if it lived
            wait_until("the killed process to end", || has_ended(victim));
        }
        mount_again(daemon);
    }
    // however slow the machine is: of two who drop jobs, one has seen one of three accepted
    let count = || DataDir::open(&daemon.point).unwrap().ids().unwrap().len();
    let before = count();
    wait_until("jobs to be accepted after the last death", || count() >= before + 3);
}

/// The calculations by description: their numbers and states.
fn calculations(dir: &DataDir) -> BTreeMap<String, Vec<(u32, String)>> {
    let mut found = BTreeMap::<_, Vec<_>>::new();
    for id in dir.ids().unwrap() {
        let text = fs::read(dir.path().join(format!("calc_{id}/job.json"))).expect("none is half accepted");
        let state: Value = serde_json::from_slice(&text).unwrap();
        let word = |key: &str| state[key].as_str().unwrap().to_string();
        found.entry(word("description")).or_default().push((id, word("state")));
    }
    found
}

/// What is in the spool, and the log: why a job may not be there.
fn left(dir: &DataDir) -> String {
    let spool = bash(&dir.path_for_others(), "find .oqfs/new -ls; cat .oqfs/said.json .oqfs/daemon.log");
    String::from_utf8_lossy(&spool.stdout).into_owned()
}

#[test]
fn no_kill_loses_a_job_or_runs_it_twice() {
    need_fuse!("no_kill_loses_a_job_or_runs_it_twice");
    let seed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seed {seed}");
    let mut random = Mt64::new(seed);
    // More deaths within a minute than are taken for a fault.
    // SAFETY: nothing else in this file reads the environment meanwhile.
    unsafe { std::env::set_var("OQFS_DEATHS", u32::MAX.to_string()) };
    let daemon = Daemon::start();
    let (stop, dropped) = (AtomicBool::new(false), Mutex::new(0));
    let accepted: Vec<String> = std::thread::scope(|scope| {
        let droppers = ["a", "b"].map(|who| scope.spawn(|| drop_jobs(&daemon, who, &stop, &dropped)));
        let killed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| kill_at_random(&daemon, &mut random)));
        stop.store(true, Ordering::Relaxed);
        let accepted = droppers.map(|dropper| dropper.join().unwrap());
        killed.unwrap();
        accepted.concat()
    });
    mount_again(&daemon);
    // Those that were over before are not waited for.
    command(&daemon.point, &["wait"]).output().unwrap();
    let dir = DataDir::open(&daemon.point).unwrap();
    let found = calculations(&dir);
    for name in &accepted {
        let [(id, state)] = &found.get(name).unwrap_or_else(|| panic!("{name} was lost: {}", left(&dir)))[..] else {
            panic!("{name} is there more than once")
        };
        let log = || fs::read_to_string(daemon.path(&format!("calc_{id}/log"))).unwrap_or_default();
        assert_eq!(state, "complete", "{name}, calc_{id}: {}", log());
    }
    assert!(found.values().all(|these| these.len() == 1), "{found:?}");
    let mut curves: Option<Vec<u8>> = None;
    for (id, _) in found.values().flatten() {
        let these = fs::read(daemon.path(&format!("calc_{id}/hcurves-stats.npy"))).unwrap();
        assert_eq!(*curves.get_or_insert_with(|| these.clone()), these, "calc_{id}");
        assert!(!dir.path().join(format!("calc_{id}/output.hdf5.partial")).exists());
    }
    assert!(!accepted.is_empty(), "none was accepted: this tests nothing");
    println!(
        "{} kills; {} jobs dropped, {} accepted, {} complete, none lost, none twice",
        rounds(),
        dropped.lock().unwrap(),
        accepted.len(),
        found.len()
    );
}

#[test]
fn a_job_whose_disk_is_full_fails_alone_and_harms_nothing_complete() {
    need_fuse!("a_job_whose_disk_is_full_fails_alone_and_harms_nothing_complete");
    let small = match Small::new() {
        Ok(small) => small,
        Err(why) => return common::skip("a_job_whose_disk_is_full_fails_alone_and_harms_nothing_complete", &why),
    };
    let daemon = Daemon::over(tempfile::tempdir_in(small.path()).unwrap(), &[]);
    assert_eq!(drop_job(&daemon, "first"), 1);
    says(&mut command(&daemon.point, &["wait", "1"]), 0);
    let whole = fs::read(daemon.path("calc_1/output.hdf5")).unwrap();
    let folder = small_job(daemon.tmp.path(), "large");
    let job = fs::read_to_string(folder.join("job.ini")).unwrap();
    let grid = "region = 14 40, 16 40, 16 42, 14 42\nregion_grid_spacing = 1";
    let job = job.replace("sites = 15.3 40.9", grid);
    fs::write(folder.join("job.ini"), job.replace("[0.1, 0.2]", "logscale(0.01, 1, 60)")).unwrap();
    assert!(!is_accepted(&daemon, &folder), "its results are larger than the disk");
    let said = fs::read_to_string(daemon.path("new/large.error")).unwrap();
    assert!(
        said.contains("and the disk has ") && said.contains(" free") && said.contains("region_grid_spacing"),
        "{said}"
    );
    // Its curves fit, its sites do not.
    fs::write(folder.join("job.ini"), job).unwrap();
    let fills = vec![0; small.free().saturating_sub(3 << 19)];
    fs::write(daemon.path("fills"), fills).unwrap();
    assert!(is_accepted(&daemon, &folder));
    let status = || fs::read_to_string(daemon.path("calc_2/status")).unwrap();
    wait_until("it to fail", || status().starts_with("failed"));
    let status = status();
    assert!(status.contains("No space left on device"), "{status}");
    assert!(!daemon.path("calc_2/output.hdf5").exists());
    assert_eq!(fs::read(daemon.path("calc_1/output.hdf5")).unwrap(), whole);
    says(&mut command(&daemon.point, &["remove", "--yes", "2"]), 0);
    // the same by itself, with other amounts of space left: what does not fit gets no number
    let mut next = 3;
    for left in [1 << 19, 1 << 20] {
        let fills = vec![0; small.free().saturating_sub(left)];
        fs::write(daemon.path("more"), fills).unwrap();
        let said = says(&mut command(&daemon.point, &["run", folder.join("job.ini").to_str().unwrap()]), 1);
        if said.contains("and the disk has") {
            assert!(!daemon.path(&format!("calc_{next}")).exists(), "{said}");
        } else {
            assert!(said.ends_with("No space left on device\n"), "{said}");
            assert_eq!(state(&daemon.path(&format!("calc_{next}"))), "failed");
            says(&mut command(&daemon.point, &["remove", "--yes", &next.to_string()]), 0);
            next += 1;
        }
        fs::remove_file(daemon.path("more")).unwrap();
    }
    assert_eq!(drop_job(&daemon, "third"), next);
    says(&mut command(&daemon.point, &["wait", &next.to_string()]), 0);
}

#[test]
fn a_slow_reader_keeps_no_job_waiting() {
    need_fuse!("a_slow_reader_keeps_no_job_waiting");
    let daemon = Daemon::start();
    assert_eq!(drop_job(&daemon, "long"), 1);
    wait_for_stage(&daemon.path("calc_1"));
    // A byte of what is being written, and no more until the end.
    let mut slow = ["calc_1/log", "calc_1/sitecol/lon.npy"].map(|name| File::open(daemon.path(name)).unwrap());
    slow.iter_mut().for_each(|file| file.read_exact(&mut [0]).unwrap());
    says(&mut command(&daemon.point, &["cancel", "1"]), 0);
    assert_eq!(drop_job(&daemon, "second"), 2);
    says(&mut command(&daemon.point, &["wait", "2"]), 0);
    let mut rest = vec![];
    slow[1].read_to_end(&mut rest).unwrap();
    assert!(rest.len() > 128);
}

/// Makes `fsync` fail while the file `$FAIL` is there.
const FAILING: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
int fsync(int fd) {
    if (access(getenv("FAIL"), F_OK) == 0) { errno = EIO; return -1; }
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}
"#;

#[test]
fn a_disk_that_fails_to_sync_takes_no_job() {
    need_fuse!("a_disk_that_fails_to_sync_takes_no_job");
    let tmp = tempfile::tempdir().unwrap();
    let (source, shim, fail) = (tmp.path().join("f.c"), tmp.path().join("f.so"), tmp.path().join("fail"));
    fs::write(&source, FAILING).unwrap();
    let cc = Command::new("cc").args(["-shared", "-fPIC", "-o"]).args([&shim, &source]).arg("-ldl").status();
    if !cc.is_ok_and(|status| status.success()) {
        return common::skip("a_disk_that_fails_to_sync_takes_no_job", "no C compiler");
    }
    let point = tmp.path().join("oqdata");
    fs::create_dir(&point).unwrap();
    let mut mount = command(&point, &["mount"]);
    says(mount.env("LD_PRELOAD", &shim).env("FAIL", &fail), 0);
    let daemon = Daemon { point, tmp };
    let folder = job(daemon.tmp.path(), "job");
    fs::write(&fail, "").unwrap();
    assert!(!is_accepted(&daemon, &folder));
    let said = fs::read_to_string(daemon.path("new/job.error")).unwrap();
    assert!(said.contains("cannot be kept") && said.contains("Input/output error"), "{said}");
    assert!(DataDir::open(&daemon.point).unwrap().ids().unwrap().is_empty());
    fs::remove_file(&fail).unwrap();
    assert!(is_accepted(&daemon, &folder));
    says(&mut command(&daemon.point, &["wait"]), 0);
}
