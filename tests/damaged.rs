//! A mount goes on though the HDF5 library loops for ever, or crashes, and though the process that serves it dies.

mod common;

use std::fs;
use std::path::Path;
use std::process::{Child, Command};

use common::mount::{Daemon, calc, has_ended, is_mounted, names, wait_until};
use oqfs::datastore::{DataDir, DataStore, Writer};

/// A mount whose limit for one call of the HDF5 library is short.
fn mounted() -> (Daemon, DataDir) {
    // SAFETY: all tests of this file set the same value, and nothing else here reads the environment meanwhile.
    unsafe { std::env::set_var("OQFS_HDF5_SECONDS", "1") };
    let daemon = Daemon::start();
    let dir = DataDir::open(&daemon.point).unwrap();
    (daemon, dir)
}

/// A datastore with a string, and the same one damaged so that the HDF5 library does not return from reading the string: the
/// first object of its global heap is said to be of size 0.
fn string_that_hangs(dir: &DataDir) -> (Vec<u8>, Vec<u8>) {
    let writer = Writer::start(DataStore::create_in(dir).unwrap()).unwrap();
    writer.handle().write_string("text", "some text").unwrap();
    let id = writer.finish().unwrap().id();
    let whole = fs::read(dir.path().join(format!("calc_{id}/output.hdf5"))).unwrap();
    let heap = whole.windows(4).position(|w| w == b"GCOL").expect("a global heap");
    let mut damaged = whole.clone();
    // After the header of 16 bytes: index 2, references 2, reserved 4, size 8. Free space, index 0, of no size is never passed.
    damaged[heap + 16..heap + 32].fill(0);
    (whole, damaged)
}

/// Another program, ended however the test ends.
struct Other(Child);

impl Other {
    fn start(command: &mut Command) -> Self {
        Self(command.spawn().unwrap())
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Replaces the datastore of calculation `id`.
fn replace(dir: &DataDir, id: u32, bytes: &[u8]) {
    let real = dir.path().join(format!("calc_{id}/output.hdf5"));
    fs::write(real.with_extension("tmp"), bytes).unwrap();
    fs::rename(real.with_extension("tmp"), real).unwrap();
}

fn status(daemon: &Daemon, id: u32) -> String {
    fs::read_to_string(daemon.path(&format!("calc_{id}/status"))).unwrap_or_default()
}

fn is_whole(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| bytes.len() == 128 + 8 * 1000 && bytes[128 + 8 * 999..] == 999i64.to_le_bytes())
}

#[test]
fn a_file_the_library_never_returns_from_is_told_and_the_rest_goes_on() {
    need_fuse!("a_file_the_library_never_returns_from_is_told_and_the_rest_goes_on");
    let (daemon, dir) = mounted();
    let (whole, damaged) = string_that_hangs(&dir);
    calc(&dir, 1000);
    replace(&dir, 1, &damaged);
    let mut check = Command::new(env!("CARGO_BIN_EXE_oqfs"));
    // Its own limit is one that this test does not reach: it shows that the file does harm.
    check.arg("check").arg(dir.path_for_others().join("calc_1/output.hdf5")).env("OQFS_HDF5_SECONDS", "600");
    let mut check = Other::start(&mut check);
    let (server, pid) = (daemon.server(), daemon.pid());
    let mut held = fs::File::open(daemon.path("calc_2/g/y.npy")).unwrap();
    let mut reader = Other::start(Command::new("ls").arg("-lR").arg(daemon.path("calc_1")));
    wait_until("the library to be in there", || busy_reader(&daemon).is_some());
    // Meanwhile another file is looked at for the first time, and nobody waits for the bad one.
    calc(&dir, 1000);
    assert!(is_whole(&daemon.path("calc_3/x.npy")));
    assert!(reader.0.try_wait().unwrap().is_none(), "it is over already: this tests nothing");
    wait_until("it to be noted", || status(&daemon, 1).contains("the HDF5 library did not come back within 1 s"));
    reader.0.wait().unwrap();
    let mut bytes = vec![];
    std::io::Read::read_to_end(&mut held, &mut bytes).unwrap();
    assert!(!bytes.is_empty(), "what was open stays so");
    assert!(check.0.try_wait().unwrap().is_none(), "the file does no harm: this tests nothing");
    // a check of its own ends by itself, with a word
    let mut check = Command::new(env!("CARGO_BIN_EXE_oqfs"));
    check.arg("check").arg(dir.path_for_others().join("calc_1/output.hdf5")).env("OQFS_HDF5_SECONDS", "0.5");
    let said = check.output().unwrap();
    assert_eq!(said.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&said.stderr).contains("did not come back within 0.5 s"), "{said:?}");
    assert!(status(&daemon, 1).starts_with("failed: "));
    assert_eq!((daemon.pid(), daemon.server()), (pid, server));
    wait_until("the kernel to be told", || names(&daemon.path("calc_1")).len() == 2);
    assert_eq!(names(&daemon.path("calc_1")), ["output.hdf5", "status"]);
    assert_eq!(fs::read(daemon.path("calc_1/output.hdf5")).unwrap(), damaged);
    assert!(is_whole(&daemon.path("calc_2/x.npy")));

    assert!(daemon.umount().status.success());
    daemon.mount(&[]);
    let server = daemon.server();
    assert!(status(&daemon, 1).starts_with("failed: the HDF5 library"));
    assert_eq!(names(&daemon.path("calc_1")), ["output.hdf5", "status"]);
    assert!(is_whole(&daemon.path("calc_2/x.npy")));
    replace(&dir, 1, &whole);
    wait_until("the good one", || fs::read(daemon.path("calc_1/text.txt")).is_ok_and(|text| text == b"some text"));
    assert_eq!(status(&daemon, 1), "complete\n");
    assert_eq!(daemon.server(), server, "it was known before");
}

/// The process that reads HDF5 files for the server, if it has been at it for a while.
fn busy_reader(daemon: &Daemon) -> Option<i32> {
    fs::read_dir(format!("/proc/{}/task", daemon.server())).ok()?.flatten().find_map(|task| {
        let children = fs::read_to_string(task.path().join("children")).ok()?;
        children.split_whitespace().find_map(|child| {
            let stat = fs::read_to_string(format!("/proc/{child}/stat")).ok()?;
            let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
            let is_busy = fields[0] == "R" && fields[11].parse::<u32>().ok()? > 10;
            is_busy.then(|| child.parse().ok())?
        })
    })
}

#[test]
fn a_reader_that_crashes_inside_the_library_blames_the_file() {
    need_fuse!("a_reader_that_crashes_inside_the_library_blames_the_file");
    let (daemon, dir) = mounted();
    let (_, damaged) = string_that_hangs(&dir);
    replace(&dir, 1, &damaged);
    let server = daemon.server();
    let mut reader = Other::start(Command::new("ls").arg("-lR").arg(daemon.path("calc_1")));
    // While it is in there it gets the signal, as from a crash of its own.
    wait_until("the library to be in there", || busy_reader(&daemon).is_some());
    // SAFETY: a process of the daemon of this test.
    unsafe { libc::kill(busy_reader(&daemon).unwrap(), libc::SIGABRT) };
    wait_until("it to be noted", || {
        status(&daemon, 1) == format!("failed: the HDF5 library crashed reading it (signal {})\n", libc::SIGABRT)
    });
    reader.0.wait().unwrap();
    assert_eq!(daemon.server(), server);
}

#[test]
fn a_reader_that_is_killed_is_replaced_and_blames_nobody() {
    need_fuse!("a_reader_that_is_killed_is_replaced_and_blames_nobody");
    let (daemon, dir) = mounted();
    for id in 1..4 {
        assert_eq!(calc(&dir, 1000), id);
        assert!(is_whole(&daemon.path(&format!("calc_{id}/x.npy"))));
        for task in fs::read_dir(format!("/proc/{}/task", daemon.server())).unwrap().flatten() {
            for child in fs::read_to_string(task.path().join("children")).unwrap_or_default().split_whitespace() {
                // SAFETY: a process of the daemon of this test.
                unsafe { libc::kill(child.parse().unwrap(), libc::SIGKILL) };
            }
        }
    }
    assert!(
        (1..4).all(|id| status(&daemon, id) == "complete\n" && is_whole(&daemon.path(&format!("calc_{id}/x.npy"))))
    );
    assert!(!dir.path().join(".oqfs/damaged.json").exists());
}

#[test]
fn a_server_that_dies_elsewhere_comes_back_and_blames_nobody() {
    need_fuse!("a_server_that_dies_elsewhere_comes_back_and_blames_nobody");
    let (daemon, dir) = mounted();
    calc(&dir, 1000);
    let x = daemon.path("calc_1/x.npy");
    let pid = daemon.pid();
    for signal in [libc::SIGILL, libc::SIGABRT, libc::SIGKILL] {
        wait_until("the array", || is_whole(&x));
        let server = daemon.server();
        // SAFETY: the daemon of this test.
        unsafe { libc::kill(server as i32, signal) };
        wait_until("the next", || daemon.server_now().is_some_and(|now| now != server) && is_whole(&x));
    }
    assert_eq!(status(&daemon, 1), "complete\n");
    assert_eq!(daemon.pid(), pid);
    assert!(!dir.path().join(".oqfs/damaged.json").exists());
}

#[test]
fn servers_that_die_again_and_again_are_given_up() {
    need_fuse!("servers_that_die_again_and_again_are_given_up");
    let (daemon, dir) = mounted();
    let pid = daemon.pid();
    for n in 0..6 {
        let server = daemon.server();
        // SAFETY: the daemon of this test.
        unsafe { libc::kill(server as i32, libc::SIGKILL) };
        if n < 5 {
            wait_until("the next", || daemon.server_now().is_some_and(|now| now != server));
        }
    }
    wait_until("the end", || has_ended(pid));
    assert!(!is_mounted(&daemon.point));
    let log = fs::read_to_string(dir.path().join(".oqfs/daemon.log")).unwrap();
    assert!(log.contains("given up: 6 servers died within a minute"), "{log}");
}
