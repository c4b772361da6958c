//! Jobs of a mount, each in a process of its own.

mod common;

use std::fs;

use common::mount::{Daemon, wait_until};
use common::program::{command, drop_job, says, state, wait_for_stage};

/// The process that computes for a mount, if one does.
fn worker(daemon: &Daemon) -> Option<i32> {
    let server = daemon.server_now()?;
    fs::read_dir(format!("/proc/{server}/task")).ok()?.flatten().find_map(|task| {
        let children = fs::read_to_string(task.path().join("children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    })
}

/// A mount with a job that computes.
fn computing() -> (Daemon, i32) {
    let daemon = Daemon::start();
    assert_eq!(drop_job(&daemon, "long"), 1);
    wait_for_stage(&daemon.path("calc_1"));
    let worker = worker(&daemon).expect("a process for the job");
    (daemon, worker)
}

fn signal(process: i32, signal: i32) {
    // SAFETY: a process that the daemon of this test started.
    assert_eq!(unsafe { libc::kill(process, signal) }, 0);
}

fn status(daemon: &Daemon, id: u32) -> String {
    fs::read_to_string(daemon.path(&format!("calc_{id}/status"))).unwrap()
}

#[test]
fn a_job_whose_process_dies_fails_alone_and_says_why() {
    need_fuse!("a_job_whose_process_dies_fails_alone_and_says_why");
    let daemon = Daemon::start();
    let server = daemon.server();
    for (name, deadly, why) in [
        ("long", libc::SIGFPE, "its process crashed (signal 8); this is a fault of the program"),
        ("long-2", libc::SIGABRT, "its process gave up (signal 6), for want of memory if the log says so"),
        ("long-3", libc::SIGKILL, "its process was killed (signal 9): by the system if memory ran out"),
    ] {
        let id = drop_job(&daemon, name);
        wait_for_stage(&daemon.path(&format!("calc_{id}")));
        let next = drop_job(&daemon, &format!("after-{name}"));
        signal(worker(&daemon).expect("a process for the job"), deadly);
        wait_until("it to be told", || status(&daemon, id).starts_with("failed"));
        assert!(status(&daemon, id).contains(why), "{}", status(&daemon, id));
        let log = fs::read_to_string(daemon.path(&format!("calc_{id}/log"))).unwrap();
        assert!(log.ends_with(&format!("ERROR {why}\n")), "{log}");
        assert!(!daemon.path(&format!("calc_{id}/output.hdf5")).exists(), "it is not complete");
        says(&mut command(&daemon.point, &["wait", &next.to_string()]), 0);
    }
    assert_eq!(daemon.server(), server);
}

#[test]
fn a_job_that_does_not_listen_is_cancelled_all_the_same() {
    need_fuse!("a_job_that_does_not_listen_is_cancelled_all_the_same");
    let (daemon, worker) = computing();
    signal(worker, libc::SIGSTOP);
    says(&mut command(&daemon.point, &["cancel", "1"]), 0);
    wait_until("it to be told", || state(&daemon.path("calc_1")) == "cancelled");
}

#[test]
fn a_job_ends_with_its_mount_and_runs_again_with_the_next() {
    need_fuse!("a_job_ends_with_its_mount_and_runs_again_with_the_next");
    let (daemon, worker) = computing();
    let is_there = |process: i32| fs::exists(format!("/proc/{process}")).unwrap();
    assert!(daemon.umount().status.success());
    assert!(!is_there(worker));
    assert_eq!(state(&daemon.path("calc_1")), "queued");
    daemon.mount(&[]);
    wait_for_stage(&daemon.path("calc_1"));
    let worker = self::worker(&daemon).unwrap();
    signal(daemon.pid() as i32, libc::SIGKILL);
    wait_until("it to end", || !is_there(worker));
}
