//! What there is little of: descriptors, space on the disk, time for very many calculations, a file system that may be written.

mod common;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::mount::{Daemon, Small, bash, calc, names, oqfs, wait_until};
use common::program::{command, job, says, small_job, state, wait_for_stage};
use oqfs::datastore::DataDir;

/// A directory with some thousand calculations, each with inputs, that are complete without results.
fn many_calculations(n: usize) -> (tempfile::TempDir, PathBuf) {
    let tmp = tempfile::tempdir().unwrap();
    let point = tmp.path().join("oqdata");
    for i in 1..=n {
        let folder = point.join(format!("calc_{i}"));
        fs::create_dir_all(folder.join("inputs/more")).unwrap();
        fs::write(folder.join("job.json"), "{\"state\": \"complete\", \"progress\": 1}\n").unwrap();
    }
    (tmp, point)
}

/// Mounts with a limit of descriptors.
fn limited(tmp: tempfile::TempDir, point: PathBuf, limit: u32) -> Daemon {
    let daemon = Daemon { point, tmp };
    let program = env!("CARGO_BIN_EXE_oqfs");
    let mounted = bash(daemon.tmp.path(), &format!("ulimit -n {limit} && {program} mount oqdata"));
    assert!(mounted.status.success(), "{}", String::from_utf8_lossy(&mounted.stderr));
    daemon
}

fn open_files(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

#[test]
fn there_may_be_more_directories_than_descriptors() {
    need_fuse!("there_may_be_more_directories_than_descriptors");
    let n = 10_000;
    let (tmp, point) = many_calculations(n);
    let daemon = limited(tmp, point, 1024);
    let listed = bash(&daemon.point, "find calc_* -type d | wc -l");
    let said = String::from_utf8_lossy(&listed.stderr).into_owned();
    assert!(listed.status.success() && said.is_empty(), "{said}");
    // the folder, its inputs, those below
    assert_eq!(String::from_utf8_lossy(&listed.stdout).trim(), (3 * n).to_string());
    let at = |name: &str| daemon.path(&format!("d/{name}"));
    fs::create_dir(daemon.path("d")).unwrap();
    let make = |name: &str| {
        fs::create_dir(at(name)).unwrap();
        fs::write(at(name).join("x"), name).unwrap();
    };
    make("first");
    fs::create_dir(at("first/below")).unwrap();
    // one who is in a directory stays in it, though it is renamed, and renamed above, and so many others come
    let script = "cd d/first/below && echo here && read && echo more > ../x && cat ../x && ls .. && read && ls && pwd -P && cat ../x";
    let mut inside = Command::new("bash");
    inside.args(["-c", script]).current_dir(&daemon.point);
    inside.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut inside = inside.spawn().unwrap();
    let (mut to, from) = (inside.stdin.take().unwrap(), inside.stdout.take().unwrap());
    let mut from = std::io::BufRead::lines(std::io::BufReader::new(from));
    let mut next = || from.next().unwrap().unwrap();
    assert_eq!(next(), "here");
    for i in 0..n {
        make(&i.to_string());
    }
    fs::rename(at("first"), at("renamed")).unwrap();
    fs::rename(daemon.path("d"), daemon.path("e")).unwrap();
    std::io::Write::write_all(&mut to, b"\n").unwrap();
    assert_eq!([next(), next(), next()], ["more", "below", "x"]);
    let listed = bash(&daemon.point, "ls -lR e >/dev/null && cat e/*/x | wc -c");
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    std::io::Write::write_all(&mut to, b"\n").unwrap();
    let inside_now = daemon.point.canonicalize().unwrap().join("e/renamed/below");
    assert_eq!([next(), next()], [inside_now.to_str().unwrap(), "more"]);
    assert!(inside.wait().unwrap().success());
    for i in (0..n).step_by(7) {
        let dir = daemon.path(&format!("e/{i}"));
        fs::set_permissions(&dir, fs::Permissions::from_mode(0o700)).unwrap();
        fs::rename(dir.join("x"), dir.join("y")).unwrap();
        assert_eq!(fs::read_to_string(dir.join("y")).unwrap(), i.to_string());
    }
    assert!(open_files(daemon.server()) < 1024 / 2, "{}", open_files(daemon.server()));
}

#[test]
fn who_opens_too_much_is_told_and_others_go_on() {
    need_fuse!("who_opens_too_much_is_told_and_others_go_on");
    let (tmp, point) = many_calculations(1);
    let daemon = limited(tmp, point, 512);
    fs::create_dir(daemon.path("many")).unwrap();
    let mut open = vec![];
    let refused = loop {
        match fs::File::create(daemon.path(&format!("many/{}", open.len()))) {
            Ok(file) => open.push(file),
            Err(e) => break e,
        }
        assert!(open.len() < 512, "all are open");
    };
    assert_eq!(refused.raw_os_error(), Some(libc::ENFILE));
    assert!(open.len() > 100, "{} are open", open.len());
    let script = "ls -lR . >/dev/null && mkdir other && mv other other2 && cat calc_1/status";
    let others = bash(&daemon.point, script);
    assert_eq!(
        (String::from_utf8_lossy(&others.stderr).into_owned(), String::from_utf8_lossy(&others.stdout).into_owned()),
        (String::new(), "complete, 00:00:00 elapsed\n".into())
    );
    open.clear();
    wait_until("there to be room again", || fs::write(daemon.path("many/more"), "x").is_ok());
    let log = fs::read_to_string(daemon.path(".oqfs/daemon.log")).or_else(|_| {
        let dir = DataDir::open(&daemon.point).unwrap();
        fs::read_to_string(dir.path().join(".oqfs/daemon.log"))
    });
    assert_eq!(log.unwrap().matches("as many as `ulimit -n` (512) lets it serve").count(), 1);
}

#[test]
fn a_mount_with_too_few_descriptors_is_refused() {
    let tmp = tempfile::tempdir().unwrap();
    fs::create_dir(tmp.path().join("oqdata")).unwrap();
    let refused = bash(tmp.path(), &format!("ulimit -n 100 && {} mount oqdata", env!("CARGO_BIN_EXE_oqfs")));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("the limit of open files is 100 (ulimit -n)"), "{said}");
    assert!(said.contains("256"), "{said}");
}

#[test]
fn a_state_that_cannot_be_told_is_not_failed() {
    let tmp = tempfile::tempdir().unwrap();
    let dir = DataDir::open(tmp.path()).unwrap();
    let (ours, engines) = (calc(&dir, 10), calc(&dir, 10));
    dir.calc(ours)
        .unwrap()
        .set_state(&serde_json::from_str(r#"{"state": "complete", "progress": 1}"#).unwrap())
        .unwrap();
    fs::rename(dir.calc(engines).unwrap().datastore(), tmp.path().join("calc_7.hdf5")).unwrap();
    let mut unknown = 0;
    for (id, limit) in [ours, 7].into_iter().flat_map(|id| (3..14).map(move |limit| (id, limit))) {
        let script = format!("ulimit -n {limit}; exec {} status {id} --json", env!("CARGO_BIN_EXE_oqfs"));
        let output = Command::new("bash").args(["-c", &script]).env("OQ_DATADIR", tmp.path()).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            continue; // nothing is said of the calculation
        }
        let is_unknown = said.contains("\"unknown\"") && said.contains("Too many open files");
        assert!(is_unknown || said.contains("\"complete\""), "{id} {limit}: {said}");
        assert!(!said.contains("/proc/"), "{said}");
        unknown += usize::from(is_unknown);
    }
    assert!(unknown > 0, "no limit is in between");
    for id in [ours, 7] {
        assert!(says(&mut command(tmp.path(), &["status", &id.to_string()]), 0).starts_with("complete"));
    }
}

#[test]
fn a_queued_job_runs_when_a_full_disk_has_space_again() {
    let name = "a_queued_job_runs_when_a_full_disk_has_space_again";
    need_fuse!("a_queued_job_runs_when_a_full_disk_has_space_again");
    let small = match Small::new() {
        Ok(small) => small,
        Err(why) => return common::skip(name, &why),
    };
    let daemon = Daemon::over(tempfile::tempdir_in(small.path()).unwrap(), &[]);
    let jobs = tempfile::tempdir().unwrap();
    // the first has little to write and much to compute
    let first = job(jobs.path(), "first");
    let text = fs::read_to_string(first.join("job.ini")).unwrap();
    let fine = text.replace("area_source_discretization = 15", "area_source_discretization = 0.5");
    assert_ne!(fine, text);
    fs::write(first.join("job.ini"), fine).unwrap();
    let drop_in = |folder: &Path| {
        let output = Command::new("cp").arg("-r").arg(folder).arg(daemon.path("new")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    drop_in(&first);
    wait_for_stage(&daemon.path("calc_1"));
    drop_in(&small_job(jobs.path(), "second"));
    assert_eq!(state(&daemon.path("calc_2")), "queued");
    let full = AtomicBool::new(true);
    let fills = small.path().join("fills");
    std::thread::scope(|scope| {
        let fill = || {
            let mut file = fs::File::create(&fills).unwrap();
            while full.load(Ordering::Relaxed) {
                let _ = (0..16).map(|_| std::io::Write::write_all(&mut file, &[0; 1 << 20])).find(|done| done.is_err());
                std::thread::sleep(Duration::from_millis(1));
            }
        };
        scope.spawn(fill);
        wait_until("the disk to be full", || small.free() < 4096);
        let server = daemon.server();
        let tasks = fs::read_dir(format!("/proc/{server}/task")).unwrap().flatten();
        let children = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
        for worker in children.flat_map(|text| text.split_whitespace().map(str::to_string).collect::<Vec<_>>()) {
            // SAFETY: a process that the daemon of this test started.
            unsafe { libc::kill(worker.parse().unwrap(), libc::SIGKILL) };
        }
        std::thread::sleep(Duration::from_secs(3));
        full.store(false, Ordering::Relaxed);
    });
    fs::remove_file(&fills).unwrap();
    // It failed, or is tried again as well.
    wait_until("the first to be dealt with", || state(&daemon.path("calc_1")) != "queued");
    let _ = command(&daemon.point, &["cancel", "1"]).output();
    let until = Instant::now() + Duration::from_secs(40);
    while state(&daemon.path("calc_2")) != "complete" {
        assert!(Instant::now() < until, "{}", fs::read_to_string(daemon.path("calc_2/status")).unwrap());
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Makes a file system read-only as a whole.
fn make_read_only(path: &Path, read_only: bool) {
    let how = if read_only { "remount,ro" } else { "remount,rw" };
    // busy as long as a process that another test has just started holds what was open here
    wait_until(how, || Command::new("mount").args(["-o", how]).arg(path).status().unwrap().success());
}

#[test]
fn a_read_only_mount_needs_nothing_to_write_to() {
    let name = "a_read_only_mount_needs_nothing_to_write_to";
    need_fuse!("a_read_only_mount_needs_nothing_to_write_to");
    let small = match Small::new() {
        Ok(small) => small,
        Err(why) => return common::skip(name, &why),
    };
    let point = small.path().join("oqdata");
    let dir = DataDir::open(&point).unwrap();
    calc(&dir, 100);
    drop(dir);
    fs::write(point.join("plain"), "text").unwrap();
    for has_hidden in [false, true] {
        make_read_only(small.path(), true);
        let plain = oqfs(&["mount", point.to_str().unwrap()]);
        assert!(!plain.status.success());
        assert!(String::from_utf8_lossy(&plain.stderr).contains("Read-only file system"));
        let daemon = Daemon { point: point.clone(), tmp: tempfile::tempdir().unwrap() };
        daemon.mount(&["--read-only"]);
        assert_eq!(fs::read_to_string(daemon.path("calc_1/status")).unwrap(), "complete\n");
        assert_eq!(fs::read(daemon.path("calc_1/x.npy")).unwrap().len(), 128 + 800);
        assert_eq!(fs::read_to_string(daemon.path("plain")).unwrap(), "text");
        assert_eq!(names(&daemon.path("new")), ["README"]);
        let refused = fs::write(daemon.path("new/job.ini"), "").unwrap_err();
        assert_eq!(refused.raw_os_error(), Some(libc::EROFS));
        let second = oqfs(&["mount", "--read-only", point.to_str().unwrap()]);
        assert!(!second.status.success() && String::from_utf8_lossy(&second.stderr).contains("already mounted"));
        assert!(daemon.umount().status.success());
        make_read_only(small.path(), false);
        if !has_hidden {
            // what another mount left there
            fs::create_dir_all(point.join(".oqfs/new")).unwrap();
            fs::write(point.join(".oqfs/lock"), "1\n").unwrap();
        }
    }
}

#[test]
fn what_is_asked_of_ten_times_as_many_takes_no_more_than_ten_times_as_long() {
    // engine files and job folders, for which every command looks whether there is the other
    let measured = [400, 4000].map(|n| {
        let (tmp, point) = many_calculations(n);
        for i in n + 1..=2 * n {
            fs::write(point.join(format!("calc_{i}.hdf5")), "no datastore").unwrap();
        }
        let start = Instant::now();
        says(&mut command(&point, &["status"]), 0);
        let status = start.elapsed();
        let start = Instant::now();
        let queue = oqfs::daemon::Queue::start(DataDir::open(&point).unwrap(), 1, oqfs::daemon::Runner::Here).unwrap();
        let queued = start.elapsed();
        drop((queue, tmp));
        (status, queued)
    });
    let [(few_status, few_queue), (many_status, many_queue)] = measured;
    let some = Duration::from_millis(30);
    assert!(many_status < 20 * (few_status + some), "{few_status:?}, {many_status:?}");
    assert!(many_queue < 20 * (few_queue + some), "{few_queue:?}, {many_queue:?}");
}

/// `oqfs run` of a job in a folder, which may not have so much memory; gives what it says.
fn refused_with_little_memory(folder: &Path) -> String {
    let script = format!("ulimit -v 4000000; exec timeout 60 {} run job.ini", env!("CARGO_BIN_EXE_oqfs"));
    let mut bash = Command::new("bash");
    let output =
        bash.args(["-c", &script]).current_dir(folder).env("OQ_DATADIR", folder.join("oqdata")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    said
}

#[test]
fn more_paths_than_can_be_held_are_refused_by_name() {
    let tmp = tempfile::tempdir().unwrap();
    let folder = job(tmp.path(), "demo");
    let plain = fs::read_to_string(folder.join("job.ini")).unwrap();
    for samples in ["1000001", "1000000000", "100000000000", "18446744073709551615", "1e11"] {
        fs::write(folder.join("job.ini"), format!("{plain}\nnumber_of_logic_tree_samples = {samples}\n")).unwrap();
        let said = refused_with_little_memory(&folder);
        assert!(said.contains("number_of_logic_tree_samples"), "{samples}: {said}");
        assert!(said.contains("expected a whole number from 0 to 1000000"), "{samples}: {said}");
    }
    let branch = |set: usize, i: usize| {
        format!(
            "<logicTreeBranch branchID='b{set}x{i}'><uncertaintyModel>0.0{i}</uncertaintyModel>\
             <uncertaintyWeight>0.25</uncertaintyWeight></logicTreeBranch>"
        )
    };
    let set = |set: usize| {
        let branches: String = (1..=4).map(|i| branch(set, i)).collect();
        format!(
            "<logicTreeBranchSet uncertaintyType='bGRRelative' branchSetID='s{set}'>{branches}</logicTreeBranchSet>"
        )
    };
    let tree = fs::read_to_string(folder.join("source_model_logic_tree.xml")).unwrap();
    let sets: String = (0..30).map(set).collect();
    fs::write(folder.join("source_model_logic_tree.xml"), tree.replace("</logicTree>", &(sets + "</logicTree>")))
        .unwrap();
    fs::write(folder.join("job.ini"), format!("{plain}\nmax_potential_paths = 18446744073709551615\n")).unwrap();
    let said = refused_with_little_memory(&folder);
    assert!(
        said.contains("over the 1000000 that can be held") && said.contains("number_of_logic_tree_samples"),
        "{said}"
    );
}

#[test]
fn a_type_of_any_length_takes_no_memory_to_list() {
    need_python!("a_type_of_any_length_takes_no_memory_to_list");
    need_fuse!("a_type_of_any_length_takes_no_memory_to_list");
    let tmp = tempfile::tempdir().unwrap();
    let point = tmp.path().join("oqdata");
    fs::create_dir(&point).unwrap();
    let script = "import h5py, numpy, sys\nlong = h5py.h5t.C_S1.copy()\nlong.set_size(2**31 - 1)\nwith h5py.File(sys.argv[1], 'w') as f:\n    \
        one, some = h5py.h5s.create(h5py.h5s.SCALAR), h5py.h5s.create_simple((3,))\n    h5py.h5d.create(f.id, b'scalar', long, one)\n    \
        h5py.h5d.create(f.id, b'list', long, some)\n    record = h5py.h5t.create(h5py.h5t.COMPOUND, 2**31 - 1)\n    \
        short = h5py.h5t.C_S1.copy()\n    short.set_size(2**31 - 9)\n    record.insert(b'a', 0, short)\n    \
        h5py.h5d.create(f.id, b'records', record, some)\n    f['small'] = 'text'\n";
    let mut python = Command::new(common::python().unwrap());
    let made = python.args(["-c", script]).arg(point.join("calc_1.hdf5")).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(fs::metadata(point.join("calc_1.hdf5")).unwrap().len() < 20_000);
    let daemon = Daemon::over(tmp, &[]);
    let listed = bash(&daemon.point, "ls -lR . && cat calc_1/small.txt");
    let said = String::from_utf8_lossy(&[listed.stdout, listed.stderr].concat()).into_owned();
    assert!(listed.status.success() && said.ends_with("text") && said.contains("scalar.npy"), "{said}");
    let status = fs::read_to_string(format!("/proc/{}/status", daemon.server())).unwrap();
    let most = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim().trim_end_matches(" kB");
    assert!(most.parse::<usize>().unwrap() < 300 << 10, "{most} KiB");
}

#[test]
fn what_is_said_of_a_disk_that_is_nearly_full_is_true_and_has_paths_that_exist() {
    let name = "what_is_said_of_a_disk_that_is_nearly_full_is_true_and_has_paths_that_exist";
    need_fuse!("what_is_said_of_a_disk_that_is_nearly_full_is_true_and_has_paths_that_exist");
    let small = match Small::new() {
        Ok(small) => small,
        Err(why) => return common::skip(name, &why),
    };
    let daemon = Daemon::over(tempfile::tempdir_in(small.path()).unwrap(), &[]);
    let (jobs, fills) = (tempfile::tempdir().unwrap(), small.path().join("fills"));
    let dir = DataDir::open(&daemon.point).unwrap();
    for kilobytes in (0..72).step_by(4) {
        let name = format!("job{kilobytes}");
        let folder = small_job(jobs.path(), &name);
        let _ = fs::remove_file(&fills);
        fs::write(&fills, vec![0; small.free().saturating_sub(kilobytes << 10)]).unwrap();
        let output = Command::new("cp").arg("-r").arg(&folder).arg(daemon.path("new")).output().unwrap();
        let error = fs::read_to_string(daemon.path(&format!("new/{name}.error"))).unwrap_or_default();
        if output.status.success() {
            wait_for_all(&dir);
        }
        fs::remove_file(&fills).unwrap();
        let log = fs::read_to_string(dir.path().join(".oqfs/daemon.log")).unwrap();
        let states: String =
            dir.ids().unwrap().iter().map(|id| format!("{:?}", dir.calc(*id).unwrap().state())).collect();
        for said in [error, log, states] {
            assert!(!said.contains("panicked") && !said.contains("fault of the program"), "{kilobytes} kB: {said}");
            assert!(!said.contains("/proc/"), "{kilobytes} kB: {said}");
        }
        let _ = fs::remove_dir_all(daemon.path("new").join(&name));
    }
}

/// Waits until all calculations are over.
fn wait_for_all(dir: &DataDir) {
    let state = |id: &u32| dir.calc(*id).unwrap().state().ok().flatten().unwrap_or_default().state;
    wait_until("all to be over", || dir.ids().unwrap().iter().all(|id| state(id).is_final()));
}
