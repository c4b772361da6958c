//! The commands for jobs, through the program: with a mount, without one, and for `oqfs run` in another terminal.

mod common;

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::mount::{Daemon, names, wait_until};
use common::program::{Running, command, drop_job, job, says, small_job, state, wait_for_stage};
use oqfs::daemon::{Dropped, Finding, Queue, Runner, Submission, accept, look};
use oqfs::datastore::{CANCEL, CalcFolder, DataDir, DataStore, JobState, SUBMISSION, State};
use serde_json::{Value, json};

/// A data directory, and jobs.
struct Here {
    tmp: tempfile::TempDir,
}

impl Here {
    fn new() -> Here {
        Here { tmp: tempfile::tempdir().unwrap() }
    }

    fn data_dir(&self) -> PathBuf {
        self.tmp.path().join("oqdata")
    }

    fn dir(&self) -> DataDir {
        DataDir::open(&self.data_dir()).unwrap()
    }

    fn calc(&self, id: u32) -> PathBuf {
        self.data_dir().join(format!("calc_{id}"))
    }

    /// A calculation that is over, or whatever its state is.
    fn with_state(&self, state: State) -> CalcFolder {
        let folder = self.dir().new_calc().unwrap();
        folder.set_state(&JobState { state, description: "Étna".into(), ..JobState::default() }).unwrap();
        folder
    }

    fn command(&self, args: &[&str]) -> Command {
        command(&self.data_dir(), args)
    }

    /// What a command says that succeeds, or fails with `code`.
    fn says(&self, args: &[&str], code: i32) -> String {
        says(&mut self.command(args), code)
    }

    /// A command that goes on; what it prints is read by the test.
    fn start(&self, args: &[&str]) -> Running {
        Running(self.command(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// `oqfs run` of a job that takes long, when it computes.
    fn run_long(&self) -> Running {
        let id = self.dir().ids().unwrap().last().map_or(1, |last| last + 1);
        let job = job(self.tmp.path(), "long");
        let mut command = self.command(&["run", job.join("job.ini").to_str().unwrap()]);
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let running = Running(child);
        wait_for_stage(&self.calc(id));
        running
    }

    /// A job accepted as in `new/`, with nobody to run it.
    fn submit(&self, name: &str) -> CalcFolder {
        let spool = self.data_dir().join(".oqfs/new");
        fs::create_dir_all(&spool).unwrap();
        job(&spool, name);
        let scope = PathBuf::from("new").join(name);
        let dropped = Dropped {
            dir: self.dir(),
            file: scope.join("job.ini"),
            label: scope.clone(),
            scope,
            is_folder: true,
            unfinished: Vec::new(),
            rights: None,
            settled: false,
        };
        let Finding::Complete(complete) = look(&dropped, &BTreeSet::new()) else { panic!("not complete") };
        complete.stage.copy().unwrap();
        accept(&dropped, &complete, name, Some("")).unwrap().folder
    }
}

#[test]
fn a_run_in_another_terminal_is_cancelled() {
    let here = Here::new();
    let mut run = here.run_long();
    assert_eq!(here.says(&["cancel", "1"], 0), "");
    assert_eq!((state(&here.calc(1)).as_str(), run.code()), ("cancelled", Some(1)));
    assert!(!here.calc(1).join("output.hdf5").exists() && !here.calc(1).join(CANCEL).exists());
    assert_eq!(here.says(&["cancel", "last"], 1), "oqfs: calculation 1 is cancelled\n");
    here.with_state(State::Complete);
    File::create(here.data_dir().join("calc_3.hdf5")).unwrap();
    let said = here.says(&["cancel", "1", "2", "calc_3"], 1);
    let expected = ["1 is cancelled", "2 is complete", "3 is another program's: failed"];
    assert_eq!(said, expected.map(|end| format!("oqfs: calculation {end}\n")).concat());
}

#[test]
fn a_queued_job_that_was_cancelled_is_not_run() {
    let here = Here::new();
    let (cancelled, asked, other) = (here.submit("first"), here.submit("second"), here.submit("third"));
    assert_eq!(here.says(&["cancel", "1"], 0), "");
    assert_eq!(cancelled.state().unwrap().unwrap().state, State::Cancelled);
    // as left by somebody who asked and was killed
    asked.ask_to_cancel().unwrap();
    let queue = Queue::start(here.dir(), 1, Runner::Here).unwrap();
    assert!(here.says(&["wait", "3"], 0).starts_with("calc_3: complete, "));
    drop(queue);
    assert_eq!([1, 2, 3].map(|id| state(&here.calc(id))), ["cancelled", "cancelled", "complete"]);
    assert!(!cancelled.log().exists() && !asked.log().exists() && other.log().exists());
}

#[test]
fn nobody_works_on_what_another_has_claimed() {
    let here = Here::new();
    let folder = here.submit("job");
    let claim = folder.claim().unwrap().unwrap();
    let said = here.says(&["remove", "--yes", "1"], 1);
    assert_eq!(said, "oqfs: calculation 1 is in use by another oqfs\n");
    let queue = Queue::start(here.dir(), 1, Runner::Here).unwrap();
    let mut cancel = Running(here.command(&["cancel", "1"]).spawn().unwrap());
    wait_until("the wish", || folder.is_asked_to_cancel());
    assert_eq!(state(&here.calc(1)), "queued");
    drop(claim);
    assert_eq!(cancel.code(), Some(0));
    drop(queue);
    assert_eq!(state(&here.calc(1)), "cancelled");
    assert!(!folder.log().exists(), "it never ran");
}

/// Jobs are cancelled and removed at any moment of their life: what is said is what becomes of them.
#[test]
fn what_is_said_of_a_race_is_true() {
    let here = Here::new();
    let folders: Vec<_> = (0..16).map(|i| here.submit(&format!("job{i}"))).collect();
    let queue = Queue::start(here.dir(), 3, Runner::Here).unwrap();
    let act = |folder: &CalcFolder| {
        std::thread::sleep(Duration::from_millis(u64::from(folder.id()) * 97 % 1000));
        let id = folder.id().to_string();
        let args = if folder.id().is_multiple_of(3) { vec!["remove", "--yes", &id] } else { vec!["cancel", &id] };
        here.command(&args).output().unwrap()
    };
    let outcomes: Vec<_> = std::thread::scope(|s| {
        let threads: Vec<_> = folders.iter().map(|folder| s.spawn(|| act(folder))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    here.command(&["wait"]).output().unwrap();
    drop(queue);
    for (folder, output) in folders.iter().zip(outcomes) {
        let (done, said) = (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned());
        if folder.id().is_multiple_of(3) {
            assert_eq!(folder.path().exists(), !done, "{said}");
            assert!(done || said.contains("is executing") || said.contains("in use"), "{said}");
        } else {
            assert_eq!(state(&folder.path()), if done { "cancelled" } else { "complete" }, "{said}");
            assert!(done || said.contains("is complete"), "{said}");
        }
    }
}

#[test]
fn a_job_whose_process_was_killed_is_over() {
    let here = Here::new();
    let mut run = here.run_long();
    assert!(here.says(&["status", "1"], 0).starts_with("executing "));
    let mut wait = here.start(&["wait", "1"]);
    run.0.kill().unwrap();
    assert_eq!(wait.code(), Some(1));
    let said = std::io::read_to_string(wait.0.stdout.take().unwrap()).unwrap();
    assert!(said.starts_with("calc_1: failed, ") && said.contains("interrupted"), "{said}");
    assert!(here.says(&["status"], 0).contains("failed"));
    // one of the queue runs again
    let folder = here.submit("job");
    folder.set_state(&JobState { state: State::Executing, ..JobState::default() }).unwrap();
    assert_eq!(here.says(&["status", "2"], 0), "queued\n");
    let queue = Queue::start(here.dir(), 1, Runner::Here).unwrap();
    here.says(&["wait", "2"], 0);
    drop(queue);
    // neither keeps it from being removed
    here.says(&["remove", "-y", "1", "2"], 0);
    assert_eq!(names(&here.data_dir()), [".oqfs"]);
}

#[test]
fn wait_says_how_each_ended_and_fails_unless_all_are_complete() {
    let here = Here::new();
    here.dir();
    assert_eq!(here.says(&["wait"], 0), "");
    for state in [State::Complete, State::Failed, State::Complete] {
        here.with_state(state);
    }
    assert_eq!(here.says(&["wait"], 0), "", "all are over");
    let said = here.says(&["wait", "last", "calc_1"], 0);
    assert_eq!(said, "calc_1: complete, 00:00:00 elapsed\ncalc_3: complete, 00:00:00 elapsed\n");
    let said = here.says(&["wait", "1", "2"], 1);
    assert!(
        said.contains("calc_2: failed, 00:00:00 elapsed\n") && said.contains("1 of 2 calculations are not complete")
    );
    let run = here.run_long();
    let mut wait = here.start(&["wait"]);
    here.says(&["cancel", "4"], 0);
    assert_eq!(wait.code(), Some(1));
    drop(run);
    let said = std::io::read_to_string(wait.0.stdout.take().unwrap()).unwrap();
    assert!(said.starts_with("calc_4: cancelled, ") && said.lines().count() == 1, "{said}");
}

#[test]
fn the_log_is_followed_until_the_job_is_over() {
    let here = Here::new();
    let run = here.run_long();
    let mut follow = here.start(&["log", "-f", "1"]);
    let mut out = follow.0.stdout.take().unwrap();
    let mut first = [0; 10];
    out.read_exact(&mut first).unwrap();
    let so_far = here.says(&["log", "1"], 0);
    assert!(so_far.contains("realizations") && !so_far.contains("cancelled"), "{so_far}");
    here.says(&["cancel", "1"], 0);
    assert_eq!(follow.code(), Some(0));
    drop(run);
    let followed = String::from_utf8(first.to_vec()).unwrap() + &std::io::read_to_string(out).unwrap();
    assert_eq!(followed, here.says(&["log", "last"], 0));
    assert!(followed.starts_with(&so_far) && followed.ends_with("cancelled\n"), "{followed}");
    File::create(here.data_dir().join("calc_2.hdf5")).unwrap();
    assert!(here.says(&["log", "2"], 1).contains("calculation 2 is another program's"));
    here.with_state(State::Queued);
    assert!(here.says(&["log", "3"], 1).contains("calculation 3 has no log yet: queued"));
}

#[test]
fn the_status_is_a_table_or_json() {
    let here = Here::new();
    assert!(here.says(&["status", "--json"], 0).starts_with("[]\n"));
    here.dir();
    assert_eq!(here.says(&["status", "--json"], 0), "[]\n");
    here.with_state(State::Complete);
    here.with_state(State::Queued);
    File::create(here.data_dir().join("calc_7.hdf5")).unwrap();
    let table = here.says(&["status"], 0);
    let lines: Vec<_> = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>()).collect();
    assert_eq!(lines[0], ["calc", "state", "done", "elapsed", "left", "description"]);
    assert_eq!(lines[1], ["1", "complete", "0%", "00:00:00", "Étna"]);
    assert_eq!(lines[2], ["2", "queued", "Étna"]);
    assert_eq!(lines[3][..5], ["7", "failed", "(of", "another", "program)"]);
    let all: Value = serde_json::from_str(&here.says(&["status", "--json"], 0)).unwrap();
    let mut kept: Value = serde_json::from_slice(&fs::read(here.calc(2).join("job.json")).unwrap()).unwrap();
    kept["id"] = json!(2);
    kept["folder"] = json!(here.calc(2));
    kept["mounted"] = json!(false);
    assert_eq!((all.as_array().unwrap().len(), &all[1]), (3, &kept));
    let one: Value = serde_json::from_str(&here.says(&["status", "2", "--json"], 0)).unwrap();
    assert_eq!(one, kept);
}

#[test]
fn a_calculation_is_removed_with_all_that_is_in_it() {
    let here = Here::new();
    here.submit("job");
    here.with_state(State::Complete);
    File::create(here.data_dir().join("calc_8.hdf5")).unwrap();
    fs::write(here.data_dir().join("notes.txt"), "").unwrap();
    let said = here.says(&["remove", "2"], 1);
    assert!(said.contains("calculation 2 is deleted without a question only with --yes"), "{said}");
    assert_eq!(names(&here.data_dir()), [".oqfs", "calc_1", "calc_2", "calc_8.hdf5", "notes.txt"]);
    assert_eq!(here.says(&["remove", "--yes", "1", "last"], 0), "");
    assert_eq!(names(&here.data_dir()), [".oqfs", "calc_2", "notes.txt"]);
    assert!(here.says(&["remove", "-y", "1"], 1).contains("there is no calculation 1"));
    // neither number is given again, though 8 was the highest
    assert_eq!(here.dir().new_calc().unwrap().id(), 9);

    let run = here.run_long();
    let said = here.says(&["remove", "--yes", "10"], 1);
    assert_eq!(said, "oqfs: calculation 10 is executing; cancel it first: oqfs cancel 10\n");
    here.says(&["cancel", "10"], 0);
    here.says(&["remove", "--yes", "10"], 0);
    drop(run);
    assert_eq!(names(&here.data_dir()), [".oqfs", "calc_2", "calc_9", "notes.txt"]);
}

#[test]
fn the_engines_calculation_is_not_removed_while_it_is_written() {
    let here = Here::new();
    let path = here.dir().shown().join("calc_1.hdf5");
    hdf5::File::create(&path).unwrap().new_dataset::<i32>().create("x").unwrap();
    // As HDF5 locks what it writes; its own descriptor would stay with programs that other tests start meanwhile.
    let file = File::open(&path).unwrap();
    file.lock().unwrap();
    let said = here.says(&["remove", "--yes", "1"], 1);
    assert!(said.contains(&format!("being written by process {}", std::process::id())), "{said}");
    file.unlock().unwrap();
    here.says(&["remove", "--yes", "1"], 0);
    assert!(!path.exists());
}

#[test]
fn on_a_terminal_a_question_is_asked() {
    let here = Here::new();
    here.with_state(State::Complete);
    for (answer, is_there) in [("\n", true), ("no\n", true), ("y\n", false)] {
        let (mut ours, mut theirs) = (0, 0);
        let null = std::ptr::null_mut();
        // SAFETY: the descriptors are written, nothing else is asked for.
        assert_eq!(unsafe { libc::openpty(&mut ours, &mut theirs, null, null.cast(), null.cast()) }, 0);
        // SAFETY: each new descriptor has one owner.
        let (ours, theirs) = unsafe { (OwnedFd::from_raw_fd(ours), OwnedFd::from_raw_fd(theirs)) };
        File::from(ours.try_clone().unwrap()).write_all(answer.as_bytes()).unwrap();
        let said = says(here.command(&["remove", "1"]).stdin(Stdio::from(theirs)), 0);
        assert_eq!(said, "Delete calculation 1 (complete, \"Étna\")? [y/N] ");
        assert_eq!(here.calc(1).exists(), is_there, "{answer:?}");
    }
}

#[test]
fn a_wrong_command_line_is_status_2() {
    let here = Here::new();
    for args in [&["cancel"][..], &["remove", "x"], &["wait", "calc_x"], &["log"], &["status", "--xml"], &["halt"]] {
        here.says(args, 2);
    }
    assert!(here.says(&["--help"], 0).contains("Exit status: 0"));
    for args in [&["cancel", "1"][..], &["remove", "-y", "last"], &["wait", "7"], &["log", "1"], &["status", "last"]] {
        assert!(here.says(args, 1).contains("there is no calculation"), "{args:?}");
    }
}

#[test]
fn jobs_of_a_mount_are_cancelled() {
    need_fuse!("jobs_of_a_mount_are_cancelled");
    let daemon = Daemon::start();
    assert_eq!(["long", "second", "third"].map(|name| drop_job(&daemon, name)), [1, 2, 3]);
    wait_for_stage(&daemon.path("calc_1"));
    let cancel = |id: &str| says(&mut command(&daemon.point, &["cancel", id]), 0);
    assert_eq!(cancel("2"), "");
    assert_eq!(cancel("1"), "");
    let said = says(&mut command(&daemon.point, &["wait", "3"]), 0);
    assert!(said.starts_with("calc_3: complete, "), "{said}");
    for (id, expected) in [(1, "cancelled"), (2, "cancelled"), (3, "complete")] {
        let status = fs::read_to_string(daemon.path(&format!("calc_{id}/status"))).unwrap();
        assert!(status.starts_with(expected), "{status}");
        assert_eq!(state(&daemon.path(&format!("calc_{id}"))), expected);
    }
    assert!(!daemon.path("calc_2/log").exists(), "it never ran");
    assert!(fs::read(daemon.path("calc_1/sitecol/lon.npy")).unwrap().len() > 128, "what it has computed can be read");
    assert!(!names(&daemon.path("calc_1")).iter().any(|name| ["job.lock", CANCEL].contains(&&**name)));
}

#[test]
fn a_job_interrupted_by_the_end_of_the_mount_is_queued_and_can_be_cancelled() {
    need_fuse!("a_job_interrupted_by_the_end_of_the_mount_is_queued_and_can_be_cancelled");
    let daemon = Daemon::start();
    drop_job(&daemon, "long");
    wait_for_stage(&daemon.path("calc_1"));
    assert!(daemon.umount().status.success());
    assert_eq!(says(&mut command(&daemon.point, &["status", "1"]), 0), "queued\n");
    daemon.mount(&[]);
    wait_for_stage(&daemon.path("calc_1"));
    assert!(daemon.umount().status.success());
    says(&mut command(&daemon.point, &["cancel", "1"]), 0);
    daemon.mount(&[]);
    assert!(fs::read_to_string(daemon.path("calc_1/status")).unwrap().starts_with("cancelled"));
}

#[test]
fn a_calculation_removed_under_a_mount_is_gone_and_can_be_read_on() {
    need_fuse!("a_calculation_removed_under_a_mount_is_gone_and_can_be_read_on");
    let daemon = Daemon::start();
    assert_eq!(drop_job(&daemon, "first"), 1);
    says(&mut command(&daemon.point, &["wait", "1"]), 0);
    let whole = fs::read(daemon.path("calc_1/hcurves-stats.npy")).unwrap();
    let raw = fs::read(daemon.path("calc_1/output.hdf5")).unwrap();
    let mut open = ["hcurves-stats.npy", "output.hdf5"].map(|f| File::open(daemon.path("calc_1").join(f)).unwrap());
    assert_eq!(names(&daemon.point), ["calc_1", "last", "new"]);
    assert_eq!(says(&mut command(&daemon.point, &["remove", "--yes", "1"]), 0), "");
    wait_until("it is gone", || !daemon.path("calc_1").exists());
    assert_eq!(names(&daemon.point), ["new"]);
    for (file, expected) in open.iter_mut().zip([&whole, &raw]) {
        let mut read = vec![];
        file.read_to_end(&mut read).unwrap();
        assert!(&read == expected);
    }
    assert_eq!(fs::read_to_string(daemon.path("new/first.status")).unwrap(), "calc_1 removed\n");
    // a queued one is never run, and numbers go on
    assert_eq!(["long", "second"].map(|name| drop_job(&daemon, name)), [2, 3]);
    wait_for_stage(&daemon.path("calc_2"));
    says(&mut command(&daemon.point, &["remove", "--yes", "3"]), 0);
    assert!(says(&mut command(&daemon.point, &["remove", "--yes", "2"]), 1).contains("cancel it first"));
    says(&mut command(&daemon.point, &["cancel", "2"]), 0);
    assert_eq!(drop_job(&daemon, "third"), 4);
    says(&mut command(&daemon.point, &["wait", "4"]), 0);
    wait_until("it is gone", || names(&daemon.point) == ["calc_2", "calc_4", "last", "new"]);
}

#[test]
fn how_a_job_came_is_kept() {
    let here = Here::new();
    let folder = here.submit("étna");
    let submission: Submission = folder.get_object(SUBMISSION).unwrap();
    assert_eq!((submission.name.as_str(), folder.is_submitted()), ("étna", true));
    assert!(!here.with_state(State::Queued).is_submitted());
}

/// Whoever reads may go at any time, and a disk may be full: a word and a status, never a panic.
#[test]
fn output_that_nobody_takes_ends_quietly_or_with_a_word() {
    let here = Here::new();
    here.submit("one");
    let job = small_job(here.tmp.path(), "small");
    let job = job.join("job.ini").display().to_string();
    let commands: [&[&str]; 9] = [
        &["status"],
        &["status", "--json"],
        &["status", "1"],
        &["gsims"],
        &["gsims", "--markdown"],
        &["parameters"],
        &["datasets", "--markdown"],
        &["log", "2"],
        &["run", &job],
    ];
    says(&mut here.command(&["run", &job]), 0);
    for arguments in commands {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = here.command(arguments).stdout(full).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains("standard output: No space left") && !said.contains("panicked"), "{arguments:?}: {said}");
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = here.command(arguments).stdout(writer).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
        assert!(!said.contains("panicked") && !said.contains("oqfs:"), "{arguments:?}: {said}");
    }
    // an error is told to nobody where that cannot be written
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    assert_eq!(here.command(&["status", "99"]).stderr(full).output().unwrap().status.code(), Some(1));
}

#[test]
fn a_mistyped_data_directory_is_not_made() {
    let tmp = tempfile::tempdir().unwrap();
    let missing = tmp.path().join("oqdatta");
    for (arguments, code) in [
        (&["status"][..], 0),
        (&["wait"], 0),
        (&["status", "last"], 1),
        (&["log", "1"], 1),
        (&["cancel", "1"], 1),
        (&["remove", "--yes", "1"], 1),
        (&["check", "1"], 1),
    ] {
        let said = says(&mut command(&missing, arguments), code);
        assert!(said.contains("oqdatta"), "{arguments:?}: {said}");
        assert!(!missing.exists(), "{arguments:?}");
    }
}

#[test]
fn which_engine_the_numbers_are_those_of_is_said() {
    let here = Here::new();
    assert!(here.says(&["--version"], 0).contains("OpenQuake engine 3.26.2"));
    let job = small_job(here.tmp.path(), "small");
    here.says(&["run", job.join("job.ini").to_str().unwrap()], 0);
    let store = DataStore::open_in(&here.dir(), 1).unwrap();
    assert_eq!(store.get_attr_string("/", "agrees_with").unwrap(), "OpenQuake engine 3.26.2");
}

#[test]
fn a_calculation_is_named_by_its_path_too() {
    let here = Here::new();
    let other = DataDir::open(&here.tmp.path().join("other")).unwrap();
    for _ in 0..2 {
        here.with_state(State::Complete);
        other.new_calc().unwrap().set_state(&JobState { state: State::Failed, ..JobState::default() }).unwrap();
    }
    let (ours, others) = (here.data_dir(), here.tmp.path().join("other"));
    let says_of = |named: &[&str], code| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oqfs"));
        let none = here.tmp.path().join("none");
        command.arg("status").args(named).current_dir(&ours).env("HOME", none).env_remove("OQ_DATADIR");
        says(&mut command, code)
    };
    let path = |of: &std::path::Path, name: &str| of.join(name).to_str().unwrap().to_string();
    for (name, state) in [
        (path(&ours, "calc_1"), "complete"),
        (path(&ours, "calc_2") + "/", "complete"),
        (path(&others, "calc_2"), "failed"),
        ("./calc_1".into(), "complete"),
        ("../other/calc_1".into(), "failed"),
        (path(&others, "last"), "failed"),
    ] {
        assert!(says_of(&[&name], 0).starts_with(state), "{name}");
    }
    assert!(says_of(&["./calc_7"], 1).contains("there is no calculation 7"));
    assert!(says_of(&["./x"], 2).contains("the path of a calculation's folder"));
    let both = [path(&ours, "calc_1"), path(&others, "calc_1")];
    let mut wait = here.command(&["wait", &both[0], &both[1]]);
    assert!(says(&mut wait, 1).contains("calculations of one data directory at a time"));
}

#[test]
fn inside_a_mount_its_data_directory_is_meant() {
    need_fuse!("inside_a_mount_its_data_directory_is_meant");
    let daemon = Daemon::start();
    drop_job(&daemon, "demo");
    let command = |args: &[&str], at: PathBuf| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oqfs"));
        command.args(args).current_dir(at).env("HOME", daemon.tmp.path()).env_remove("OQ_DATADIR");
        says(&mut command, 0)
    };
    assert!(command(&["wait", "1"], daemon.point.clone()).contains("calc_1: complete"));
    assert!(command(&["status", "last"], daemon.path("calc_1")).starts_with("complete"));
    assert!(command(&["check", "../calc_1"], daemon.path("calc_1")).contains("all of them can be read"));
    assert!(command(&["check", "1"], daemon.path("calc_1/inputs")).contains("all of them can be read"));
}
