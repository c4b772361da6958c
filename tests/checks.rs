//! Checks of jobs that take long: they hold up nobody but whoever dropped the job, and that one not for ever.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::mount::{Daemon, wait_until};
use common::program::{Running, command, says, small_job, state};

/// A process that is stopped until it is told to go on; it goes on when the test ends, too.
struct Stopped(i32);

impl Stopped {
    fn go_on(&self) {
        signal(self.0, libc::SIGCONT);
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        self.go_on();
    }
}

fn signal(process: i32, signal: i32) {
    // SAFETY: a plain system call, for a process that the daemon of this test started.
    unsafe { libc::kill(process, signal) };
}

/// The processes that the server of a mount has started.
fn children(daemon: &Daemon) -> Vec<i32> {
    let Some(server) = daemon.server_now() else { return vec![] };
    let threads = fs::read_dir(format!("/proc/{server}/task")).into_iter().flatten().flatten();
    let of = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("children")).unwrap_or_default();
    threads
        .map(of)
        .flat_map(|pids| pids.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<_>>())
        .collect()
}

/// The processes of the server that check a job.
fn checks(daemon: &Daemon) -> Vec<i32> {
    let is_check =
        |pid: &i32| fs::read_to_string(format!("/proc/{pid}/cmdline")).is_ok_and(|line| line.contains("inspect"));
    children(daemon).into_iter().filter(is_check).collect()
}

/// A job with so many sources that a check takes a while; `ratio` is their aspect ratio.
fn large_job(above: &Path, name: &str, ratio: &str) -> PathBuf {
    let folder = small_job(above, name);
    let model = fs::read_to_string(folder.join("m.xml")).unwrap();
    let (head, source) = model.split_once("<pointSource").unwrap();
    let (source, foot) = source.split_once("</pointSource>").unwrap();
    let source = format!("<pointSource{source}</pointSource>");
    let mut text = head.to_string();
    for i in 0..40_000 {
        text += &source.replace("id='1'", &format!("id='{i}'"));
    }
    // the last one says whether the job is right
    text += &source.replace("id='1'", "id='last'").replace(">1.5<", &format!(">{ratio}<"));
    fs::write(folder.join("m.xml"), text + foot).unwrap();
    folder
}

/// Copies a large job into `new/`, and stops the process that checks it.
fn stopped_in_its_check(daemon: &Daemon, name: &str, ratio: &str) -> (Running, Stopped) {
    let folder = large_job(daemon.tmp.path(), name, ratio);
    let cp: Child =
        Command::new("cp").arg("-r").arg(folder).arg(daemon.path("new")).stderr(Stdio::piped()).spawn().unwrap();
    let cp = Running(cp);
    let until = Instant::now() + Duration::from_secs(60);
    let check = loop {
        if let Some(check) = children(daemon).first() {
            break *check;
        }
        assert!(Instant::now() < until, "no check has begun");
        std::thread::sleep(Duration::from_millis(1));
    };
    signal(check, libc::SIGSTOP);
    (cp, Stopped(check))
}

fn said(daemon: &Daemon, name: &str) -> String {
    fs::read_to_string(daemon.path(&format!("new/{name}"))).unwrap_or_default()
}

#[test]
fn a_check_holds_up_nobody_and_whoever_waits_for_it_can_be_killed() {
    need_fuse!("a_check_holds_up_nobody_and_whoever_waits_for_it_can_be_killed");
    let daemon = Daemon::start();
    let (mut cp, check) = stopped_in_its_check(&daemon, "large", "1.5");
    assert_eq!(said(&daemon, "large.status"), "checking\n");
    let other = small_job(daemon.tmp.path(), "other");
    let began = Instant::now();
    assert!(Command::new("cp").arg("-r").arg(other).arg(daemon.path("new")).status().unwrap().success());
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    says(&mut command(&daemon.point, &["wait", "1"]), 0);
    assert!(said(&daemon, "other.status").starts_with("calc_1 complete"));

    let began = Instant::now();
    signal(cp.0.id().cast_signed(), libc::SIGTERM);
    assert_eq!(cp.code(), None, "killed");
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    // nothing that was copied is lost: the check goes on
    check.go_on();
    wait_until("the job to be accepted", || said(&daemon, "large.status").starts_with("calc_2"));
    says(&mut command(&daemon.point, &["wait", "2"]), 0);
}

#[test]
fn a_job_whose_check_takes_long_is_accepted_and_refused_later() {
    need_fuse!("a_job_whose_check_takes_long_is_accepted_and_refused_later");
    let daemon = Daemon::start();
    let (mut cp, check) = stopped_in_its_check(&daemon, "large", "-1.5");
    assert_eq!(cp.code(), Some(0));
    assert!(said(&daemon, "large.status").starts_with("calc_1 checking"), "{}", said(&daemon, "large.status"));
    assert!(daemon.path("calc_1/inputs/m.xml").is_file() && !daemon.path("new/large").exists());
    let status = says(&mut command(&daemon.point, &["status"]), 0);
    assert!(status.contains("checking"), "{status}");
    check.go_on();
    wait_until("the job to be refused", || said(&daemon, "large.error").contains("ruptAspectRatio"));
    assert!(said(&daemon, "large.error").contains("new/large/m.xml"), "{}", said(&daemon, "large.error"));
    assert_eq!(state(&daemon.path("calc_1")), "failed");
    let status = fs::read_to_string(daemon.path("calc_1/status")).unwrap();
    assert!(status.starts_with("failed") && status.contains("ruptAspectRatio"), "{status}");

    // one that is cancelled during its check is over, and its process too
    let (mut cp, check) = stopped_in_its_check(&daemon, "another", "1.5");
    assert_eq!(cp.code(), Some(0));
    says(&mut command(&daemon.point, &["cancel", "2"]), 0);
    wait_until("the check to end", || checks(&daemon).is_empty());
    assert_eq!(state(&daemon.path("calc_2")), "cancelled");
    assert!(said(&daemon, "another.status").starts_with("calc_2 cancelled"));
    drop(check);
}

#[test]
fn a_job_whose_check_was_broken_off_runs_in_the_next_mount() {
    need_fuse!("a_job_whose_check_was_broken_off_runs_in_the_next_mount");
    let daemon = Daemon::start();
    let (mut cp, check) = stopped_in_its_check(&daemon, "large", "1.5");
    assert_eq!(cp.code(), Some(0));
    // SAFETY: the processes of this test's mount.
    unsafe { libc::kill(daemon.pid().cast_signed(), libc::SIGKILL) };
    drop(check);
    daemon.mount(&[]);
    says(&mut command(&daemon.point, &["wait", "1"]), 0);
    assert_eq!(state(&daemon.path("calc_1")), "complete");
}

#[test]
fn what_is_changed_during_its_check_is_checked_again() {
    need_fuse!("what_is_changed_during_its_check_is_checked_again");
    let daemon = Daemon::start();
    let (mut cp, check) = stopped_in_its_check(&daemon, "large", "1.5");
    let job = daemon.path("new/large/job.ini");
    let text = fs::read_to_string(&job).unwrap();
    // the second writer waits for a check of its own
    let mut writer = Running(
        Command::new("sh")
            .args(["-c", &format!("sed 's/^description = .*/description = changed/' > '{}'", job.display())])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    std::io::Write::write_all(&mut writer.0.stdin.take().unwrap(), text.as_bytes()).unwrap();
    assert_eq!(writer.code(), Some(0));
    check.go_on();
    cp.code();
    says(&mut command(&daemon.point, &["wait"]), 0);
    let calcs: Vec<_> = (1..5).filter(|id| daemon.path(&format!("calc_{id}")).exists()).collect();
    assert_eq!(calcs, [1], "one job is one calculation");
    assert!(fs::read_to_string(daemon.path("calc_1/job.ini")).unwrap().contains("description = changed"));
}

/// Few programs expect that closing a file is interrupted.
#[test]
fn a_signal_that_a_program_takes_note_of_does_not_interrupt_its_close() {
    const TEST: &str = "a_signal_that_a_program_takes_note_of_does_not_interrupt_its_close";
    need_fuse!(TEST);
    need_python!(TEST);
    let daemon = Daemon::start();
    let (mut cp, check) = stopped_in_its_check(&daemon, "large", "1.5");
    let script = "
import os, shutil, signal, sys
beats = []
signal.signal(signal.SIGALRM, lambda *_: beats.append(1))
signal.setitimer(signal.ITIMER_REAL, 0.05, 0.05)
file = os.open(sys.argv[1], os.O_WRONLY | os.O_TRUNC)
os.write(file, open(sys.argv[2], 'rb').read())
os.close(file)
# the interpreter gives its handlers up before it ends
signal.setitimer(signal.ITIMER_REAL, 0)
assert beats
";
    let (to, from) = (daemon.path("new/large/job.ini"), daemon.tmp.path().join("large/job.ini"));
    let python = common::python().unwrap();
    let mut python = Running(Command::new(python).args(["-c", script]).args([to, from]).spawn().unwrap());
    std::thread::sleep(Duration::from_millis(500));
    check.go_on();
    assert_eq!(python.code(), Some(0));
    cp.code();
    says(&mut command(&daemon.point, &["wait"]), 0);
    assert!(daemon.path("calc_1").exists() && !daemon.path("calc_2").exists());
}
