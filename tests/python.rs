//! The Python package of the wheel, with a mount and without.

mod common;

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::mount::{Daemon, oqfs};
use common::program::{Running, command, job, says, small_job, state, wait_for_stage};
use common::{python, run_python};

/// A script with the package and the program of this build at hand.
fn package_command(script: &[&str]) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let programs = Path::new(env!("CARGO_BIN_EXE_oqfs")).parent().unwrap();
    let path = std::env::join_paths(
        [programs.to_path_buf()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut command = Command::new(python().unwrap());
    command.args(script);
    command.env("PYTHONPATH", root.join("python")).env("PYTHONDONTWRITEBYTECODE", "1").env("PATH", path.unwrap());
    command.env_remove("OQ_DATADIR");
    command
}

/// What a script with the package printed, which must succeed.
fn printed(script: &[&str]) -> String {
    let Output { status, stdout, stderr } = package_command(script).output().unwrap();
    let text = String::from_utf8_lossy(&stdout).into_owned();
    assert!(status.success(), "{text}{}", String::from_utf8_lossy(&stderr));
    text
}

/// Runs the tests of the package on a data directory with the small job, and on one with HDF5 files of all kinds.
fn run_tests(jobs: &Path, zoo: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/package.py");
    printed(&[script.to_str().unwrap(), jobs.to_str().unwrap(), zoo.to_str().unwrap()]);
}

/// A directory with a data directory that has the small job as its calculation 1.
fn with_job() -> (tempfile::TempDir, PathBuf) {
    let tmp = tempfile::tempdir().unwrap();
    let data = tmp.path().join("oqdata");
    let job = small_job(tmp.path(), "One source near Avellino").join("job.ini");
    says(&mut command(&data, &["run", job.to_str().unwrap()]), 0);
    (tmp, data)
}

/// The same with the files of the zoo.
fn with_zoo() -> (tempfile::TempDir, PathBuf) {
    let tmp = tempfile::tempdir().unwrap();
    let data = tmp.path().join("oqdata");
    std::fs::create_dir(&data).unwrap();
    run_python(include_str!("python/zoo.py"), &[data.to_str().unwrap()]);
    (tmp, data)
}

#[test]
fn python_reads_calculations_without_a_mount() {
    need_python!("python_reads_calculations_without_a_mount");
    let ((_jobs, jobs), (_zoo, zoo)) = (with_job(), with_zoo());
    run_tests(&jobs, &zoo);
}

#[test]
fn python_maps_the_arrays_of_a_mount() {
    need_fuse!("python_maps_the_arrays_of_a_mount");
    need_python!("python_maps_the_arrays_of_a_mount");
    let (jobs, zoo) = (Daemon::over(with_job().0, &[]), Daemon::over(with_zoo().0, &[]));
    run_tests(&jobs.point, &zoo.point);
}

#[test]
fn a_python_that_is_interrupted_cancels_its_calculation() {
    need_python!("a_python_that_is_interrupted_cancels_its_calculation");
    let tmp = tempfile::tempdir().unwrap();
    let (data, job) = (tmp.path().join("oqdata"), job(tmp.path(), "long"));
    let script = "import oqfs, signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n\
                  try:\n oqfs.run(sys.argv[1], datadir=sys.argv[2])\nexcept KeyboardInterrupt:\n print('interrupted')";
    let mut python = package_command(&["-c", script, job.join("job.ini").to_str().unwrap(), data.to_str().unwrap()]);
    let mut python = Running(python.stdout(Stdio::piped()).spawn().unwrap());
    wait_for_stage(&data.join("calc_1"));
    // SAFETY: the process that this test started.
    unsafe { libc::kill(python.0.id() as i32, libc::SIGINT) };
    let mut told = String::new();
    python.0.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!((python.code(), told.as_str()), (Some(0), "interrupted\n"));
    assert_eq!(state(&data.join("calc_1")), "cancelled");
}

#[test]
fn python_reads_what_is_mounted_elsewhere_and_waits_for_no_dead_mount() {
    need_fuse!("python_reads_what_is_mounted_elsewhere_and_waits_for_no_dead_mount");
    need_python!("python_reads_what_is_mounted_elsewhere_and_waits_for_no_dead_mount");
    let script = "import oqfs, sys; calc = oqfs.open(1, datadir=sys.argv[1]); \
                  print(calc.folder, calc.status.mounted, calc['hcurves-stats'].shape, oqfs.open(calc.folder).id)";
    let (tmp, data) = with_job();
    let point = tmp.path().join("point");
    let output = oqfs(&["mount", data.to_str().unwrap(), "--at", point.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let elsewhere = Daemon { point: point.clone(), tmp };
    let said = printed(&["-c", script, data.to_str().unwrap()]);
    assert_eq!(said, format!("{}/calc_1 True (1, 1, 1, 2) 1\n", point.display()));
    let (server, pid) = (elsewhere.server(), elsewhere.pid());
    for process in [pid, server] {
        // SAFETY: the processes of the mount that this test made.
        unsafe { libc::kill(process as i32, libc::SIGKILL) };
    }
    let said = printed(&["-c", script, data.to_str().unwrap()]);
    assert_eq!(said, format!("{}/calc_1 False (1, 1, 1, 2) 1\n", data.display()));
}
