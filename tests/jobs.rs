//! Jobs of a mount, each in a process of its own.

mod common;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

use common::mount::{Daemon, bash, names, wait_until};
use common::program::{command, drop_job, says, small_job, state, wait_for_stage};
use oqfs::datastore::DataDir;

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

/// Packs a folder as the zip archive beside it; false without Python.
fn packed(folder: &Path) -> bool {
    common::python().is_some_and(|python| {
        let folder = folder.to_str().unwrap();
        Command::new(python).args(["-m", "zipfile", "-c", &format!("{folder}.zip"), folder]).status().unwrap().success()
    })
}

#[test]
fn an_archive_is_a_job_or_says_what_it_lacks() {
    need_fuse!("an_archive_is_a_job_or_says_what_it_lacks");
    need_python!("an_archive_is_a_job_or_says_what_it_lacks");
    let daemon = Daemon::start();
    let (whole, cut) = (small_job(daemon.tmp.path(), "whole"), small_job(daemon.tmp.path(), "cut"));
    fs::remove_file(cut.join("m.xml")).unwrap();
    assert!(packed(&whole) && packed(&cut));
    let drop = |name: &str| bash(daemon.tmp.path(), &format!("cp {name}.zip oqdata/new/"));
    assert!(drop("whole").status.success());
    says(&mut command(&daemon.point, &["wait", "1"]), 0);
    assert!(fs::read_to_string(daemon.path("new/whole.status")).unwrap().starts_with("calc_1 complete"));
    assert_eq!(names(&daemon.path("calc_1/inputs/whole")), ["job.ini", "m.xml", "ssmLT.xml"]);
    assert!(fs::read(daemon.path("calc_1/hcurves-stats.npy")).unwrap().len() > 128);
    assert_eq!(names(&daemon.path("new")), ["README", "whole.status"]);

    let refused = drop("cut");
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("Invalid argument"));
    assert_eq!(fs::read_to_string(daemon.path("new/cut.error")).unwrap(), "new/cut.zip: it waits for cut/m.xml\n");
    let dir = DataDir::open(&daemon.point).unwrap();
    assert!(!names(&dir.path().join(".oqfs")).iter().any(|name| name.starts_with("unpacked")), "nothing is left");

    let run = |name: &str, code| {
        let archive = daemon.tmp.path().join(format!("{name}.zip"));
        says(&mut command(&daemon.point, &["run", archive.to_str().unwrap()]), code)
    };
    assert!(run("whole", 0).ends_with("calc_2/output.hdf5\n"));
    assert!(run("cut", 1).contains("m.xml"));
}

#[test]
fn how_jobs_are_dropped_is_told_in_new() {
    need_fuse!("how_jobs_are_dropped_is_told_in_new");
    let daemon = Daemon::start();
    let text = fs::read_to_string(daemon.path("new/README")).unwrap();
    assert!(text.lines().count() <= 10 && text.contains("cp -r demo new/"), "{text}");
    let no = bash(&daemon.path("new"), "rm README; echo >> README");
    assert_eq!(String::from_utf8_lossy(&no.stderr).matches("Read-only file system").count(), 2);
    fs::write(daemon.path("new/NOTES"), "of a user").unwrap();
    assert_eq!(names(&daemon.path("new")), ["NOTES", "README"]);
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

/// A folder whose only `.ini` has a name of its own starts when nothing more arrives.
#[test]
fn a_folder_with_an_ini_of_another_name_starts_by_itself() {
    need_fuse!("a_folder_with_an_ini_of_another_name_starts_by_itself");
    let daemon = Daemon::start();
    let job = small_job(daemon.tmp.path(), "quake");
    std::fs::rename(job.join("job.ini"), job.join("quake.ini")).unwrap();
    bash(daemon.tmp.path(), &format!("cp -r {} {}", job.display(), daemon.path("new/").display()));
    let waits = std::fs::read_to_string(daemon.path("new/quake.status")).unwrap();
    assert!(waits.contains("quake.ini"), "{waits}");
    wait_until("the job to start", || daemon.path("calc_1").exists());
    says(&mut command(&daemon.point, &["wait", "1"]), 0);
    // of several none is the job
    std::fs::copy(job.join("quake.ini"), job.join("other.ini")).unwrap();
    bash(daemon.tmp.path(), &format!("cp -r {} {}", job.display(), daemon.path("new/second").display()));
    wait_until("a word", || daemon.path("new/second.error").exists());
    let said = std::fs::read_to_string(daemon.path("new/second.error")).unwrap();
    assert!(said.contains("other.ini, quake.ini"), "{said}");
}

/// Two shells that drop the same name have one calculation each, or one of them is told.
#[test]
fn of_two_that_drop_the_same_name_one_wins() {
    need_fuse!("of_two_that_drop_the_same_name_one_wins");
    let daemon = Daemon::start();
    let job = small_job(daemon.tmp.path(), "twice");
    bash(daemon.tmp.path(), &format!("cp {}/*.xml {}", job.display(), daemon.path("new/").display()));
    let ini = daemon.path("new/twice.ini");
    let text = std::fs::read_to_string(job.join("job.ini")).unwrap();
    let mut first = std::fs::File::create(&ini).unwrap();
    first.write_all(&text.as_bytes()[..50]).unwrap();
    let copy = std::process::Command::new("cp").arg(job.join("job.ini")).arg(&ini).output().unwrap();
    let said = String::from_utf8_lossy(&copy.stderr);
    assert!(!copy.status.success() && said.contains("busy"), "{said}");
    first.write_all(&text.as_bytes()[50..]).unwrap();
    drop(first);
    wait_until("the job", || daemon.path("calc_1").exists());
    says(&mut command(&daemon.point, &["wait", "1"]), 0);
    assert!(!daemon.path("calc_2").exists());
}

/// A child has a copy of the descriptor until it starts its program: its close says nothing of the file, and waits for nobody.
#[test]
fn a_child_that_gives_up_its_copy_delivers_nothing() {
    need_fuse!("a_child_that_gives_up_its_copy_delivers_nothing");
    let daemon = Daemon::start();
    let job = small_job(daemon.tmp.path(), "slow");
    bash(daemon.tmp.path(), &format!("cp {}/*.xml {}", job.display(), daemon.path("new/").display()));
    let text = fs::read_to_string(job.join("job.ini")).unwrap();
    let mut file = fs::File::create(daemon.path("new/slow.ini")).unwrap();
    for part in text.as_bytes().chunks(60) {
        file.write_all(part).unwrap();
        assert!(Command::new("true").status().unwrap().success());
    }
    assert!(!daemon.path("new/slow.error").exists() && !daemon.path("calc_1").exists());
    drop(file);
    wait_until("the job", || daemon.path("calc_1").exists());
    says(&mut command(&daemon.point, &["wait", "1"]), 0);
}

/// In every order of their files.
#[test]
fn jobs_that_share_files_all_run() {
    need_fuse!("jobs_that_share_files_all_run");
    let daemon = Daemon::start();
    let made = small_job(daemon.tmp.path(), "made");
    fs::copy(made.join("job.ini"), made.join("job_b.ini")).unwrap();
    fs::rename(made.join("job.ini"), made.join("job_a.ini")).unwrap();
    let orders = [
        ["job_a.ini", "job_b.ini", "m.xml", "ssmLT.xml"],
        ["m.xml", "job_b.ini", "ssmLT.xml", "job_a.ini"],
        ["ssmLT.xml", "job_b.ini", "job_a.ini", "m.xml"],
    ];
    let mut last = 0;
    for (i, order) in orders.iter().enumerate() {
        for folder in [format!("shared-{i}"), String::new()] {
            let new = daemon.path("new").join(&folder);
            fs::create_dir_all(&new).unwrap();
            let both_first =
                order.iter().position(|name| *name == "job_a.ini").max(order.iter().position(|n| *n == "job_b.ini"));
            for name in order {
                fs::copy(made.join(name), new.join(name)).unwrap();
            }
            // what comes when a job is complete without it waits for files of its own
            let expected = if both_first < Some(order.len() - 1) { 2 } else { 1 };
            let calcs =
                (last + 1..last + 5).take_while(|id| daemon.path(&format!("calc_{id}")).exists()).count() as u32;
            assert_eq!(calcs, expected, "{order:?} in {folder:?}");
            last += calcs;
            if expected == 1 {
                for name in ["m.xml", "ssmLT.xml"] {
                    fs::copy(made.join(name), new.join(name)).unwrap();
                }
                last += 1;
                assert!(daemon.path(&format!("calc_{last}")).exists(), "{order:?} in {folder:?}");
            }
            let left = names(&daemon.path("new")).into_iter().filter(|name| !name.contains('.') && name != "README");
            assert_eq!(left.collect::<Vec<_>>(), [""; 0]);
        }
    }
    says(&mut command(&daemon.point, &["wait"]), 0);
}

#[test]
fn a_command_is_called_when_a_job_has_ended() {
    need_fuse!("a_command_is_called_when_a_job_has_ended");
    let tmp = tempfile::tempdir().unwrap();
    let told = tmp.path().join("told");
    // a command with a word of its own, and one that fails: neither keeps the next job from running
    let script = tmp.path().join("tell.sh");
    fs::write(&script, format!("echo \"$@ $OQFS_CALC $OQFS_STATE\" >> {}\nexit 3\n", told.display())).unwrap();
    let daemon = Daemon::over(tmp, &["--on-end", &format!("sh '{}' 'a word'", script.display())]);
    for (name, id) in [("long", 1), ("second", 2), ("third", 3)] {
        assert_eq!(drop_job(&daemon, name), id);
    }
    says(&mut command(&daemon.point, &["cancel", "1"]), 0);
    says(&mut command(&daemon.point, &["wait", "3"]), 0);
    let lines = || fs::read_to_string(&told).unwrap_or_default();
    wait_until("all have ended", || lines().lines().count() == 3);
    let line =
        |id: u32, state: &str| format!("a word {} {state} {id} {state}", daemon.path(&format!("calc_{id}")).display());
    let mut found: Vec<_> = lines().lines().map(str::to_string).collect();
    found.sort();
    assert_eq!(found, [line(1, "cancelled"), line(2, "complete"), line(3, "complete")]);
}
