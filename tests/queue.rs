//! The queue as users see and change it, and calculations removed by age.

mod common;

use std::fs::{self, File, FileTimes};
use std::path::Path;
use std::time::{Duration, SystemTime};

use common::mount::{Daemon, wait_until};
use common::program::{command, drop_job, says, wait_for_stage};
use oqfs::daemon::Submission;
use oqfs::datastore::{DataDir, JobState, SUBMISSION, State};
use serde_json::Value;

/// The numbers of the calculations in the queue, in its order.
fn queue(data: &Path) -> Vec<u64> {
    let text = says(&mut command(data, &["queue", "--json"]), 0);
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    rows.iter().map(|row| row["id"].as_u64().unwrap()).collect()
}

fn signal(daemon: &Daemon, signal: i32) {
    for pid in [daemon.pid(), daemon.server()] {
        // SAFETY: the processes of a mount that this test made.
        unsafe { libc::kill(pid as i32, signal) };
    }
}

#[test]
fn the_order_of_the_queue_is_changed_whether_a_daemon_answers_or_not() {
    need_fuse!("the_order_of_the_queue_is_changed_whether_a_daemon_answers_or_not");
    let daemon = Daemon::start();
    assert_eq!(["long", "a", "b", "c"].map(|name| drop_job(&daemon, name)), [1, 2, 3, 4]);
    wait_for_stage(&daemon.path("calc_1"));
    let data = &daemon.point;
    let moves = |args: &[&str], code| says(&mut command(data, &[&["queue"], args].concat()), code);
    assert_eq!(queue(data), [1, 2, 3, 4]);
    signal(&daemon, libc::SIGSTOP);
    assert_eq!(moves(&["--first", "4"], 0), "");
    assert_eq!(moves(&["--before", "3", "calc_2"], 0), "");
    assert_eq!(queue(data), [1, 4, 3, 2]);
    signal(&daemon, libc::SIGCONT);
    for (args, wanted) in [
        (&["--first", "1"][..], "calculation 1 does not wait to be run: it is executing"),
        (&["--before", "4", "1"], "calculation 1 does not wait to be run"),
        (&["--last", "9"], "there is no calculation 9"),
    ] {
        let said = moves(args, 1);
        assert!(said.contains(wanted), "{said}");
    }
    assert!(moves(&["--first", "2", "--last", "3"], 2).contains("cannot be used with"));
    // without a daemon the order is the same, what was interrupted is next, and it can be changed again
    assert!(daemon.umount().status.success());
    wait_until("the end of the daemon", || queue(data) == [1, 4, 3, 2]);
    assert_eq!(moves(&["--last", "4"], 0), "");
    assert_eq!(queue(data), [1, 3, 2, 4]);
    assert_eq!(moves(&["--first", "4"], 0), "");
    let table = moves(&[], 0);
    let firsts: Vec<_> = table.lines().skip(1).map(|line| line.split_whitespace().next().unwrap()).collect();
    assert_eq!(firsts, ["4", "1", "3", "2"], "{table}");
    says(&mut command(data, &["cancel", "1"]), 0);

    daemon.mount(&[]);
    says(&mut command(data, &["wait", "2", "3", "4"]), 0);
    assert_eq!(queue(data), [0u64; 0]);
    let ended = |id: u32| fs::metadata(daemon.path(&format!("calc_{id}/output.hdf5"))).unwrap().modified().unwrap();
    assert!(ended(4) < ended(3) && ended(3) < ended(2), "they ran in that order");
}

/// A calculation in this state, that came through the queue and changed so many days ago.
fn calc(dir: &DataDir, state: State, days: u64) -> u32 {
    let folder = dir.new_calc().unwrap();
    let came = Submission { name: "job".into(), job_file: "inputs/job.ini".into() };
    folder.set_object(SUBMISSION, &came).unwrap();
    folder.set_state(&JobState { state, description: format!("{days} days"), ..JobState::default() }).unwrap();
    let at = SystemTime::now() - Duration::from_secs(days * 24 * 3600);
    File::open(folder.path()).unwrap().set_times(FileTimes::new().set_modified(at)).unwrap();
    folder.id()
}

#[test]
fn old_calculations_are_removed_and_none_that_waits_or_is_among_the_last() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = DataDir::open(&tmp.path().join("oqdata")).unwrap();
    let states = [
        (State::Complete, 200),
        (State::Queued, 200),
        (State::Failed, 100),
        (State::Complete, 10),
        (State::Cancelled, 91),
        (State::Checking, 300),
        (State::Complete, 95),
        (State::Complete, 95),
    ];
    for (state, days) in states {
        calc(&dir, state, days);
    }
    let ids = || dir.ids().unwrap().into_iter().collect::<Vec<_>>();
    let remove = |args: &[&str], code| says(&mut command(dir.shown(), &[&["remove"], args].concat()), code);
    let chosen = |said: &str| -> Vec<u32> {
        said.lines().skip(1).map(|line| line.split_whitespace().next().unwrap().parse().unwrap()).collect()
    };
    let both = ["--older-than", "90d", "--keep-last", "2"];
    assert_eq!(chosen(&remove(&[&both[..], &["--dry-run"]].concat(), 0)), [1, 3, 5]);
    assert_eq!(chosen(&remove(&["--older-than", "14w", "--dry-run"], 0)), [1, 3]);
    assert_eq!(chosen(&remove(&["--keep-last", "4", "--dry-run"], 0)), [1, 3, 4]);
    assert_eq!(chosen(&remove(&["--dry-run", "2"], 0)), [2]);
    let said = remove(&both, 1);
    assert!(said.contains("3 calculations are deleted without a question only with --yes"), "{said}");
    assert_eq!(ids(), [1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(chosen(&remove(&[&both[..], &["--yes"]].concat(), 0)), [1, 3, 5]);
    assert_eq!(ids(), [2, 4, 6, 7, 8]);
    remove(&["--older-than", "1y", "--yes"], 2);
    remove(&["--older-than", "1d", "4"], 2);
    assert_eq!(ids(), [2, 4, 6, 7, 8]);
}
