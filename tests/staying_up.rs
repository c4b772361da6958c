//! The daemon goes on, whatever is done to it, and does not grow. `$OQFS_STAYING_ROUNDS` (1) makes the long ones longer.

mod common;

use std::fs;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};

use common::mount::{Daemon, Small, bash, calc, has_ended, is_mounted, names, wait_until};
use oqfs::datastore::DataDir;

fn rounds() -> usize {
    std::env::var("OQFS_STAYING_ROUNDS").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

/// How many files a process has open.
fn open_files(pid: u32) -> usize {
    fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count()
}

/// The memory of a process, in KiB.
fn memory(pid: u32) -> usize {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// Elements of the array of [`calc`].
const N: usize = 500_000;

fn with_calc() -> (Daemon, DataDir, PathBuf) {
    let daemon = Daemon::start();
    let dir = DataDir::open(&daemon.point).unwrap();
    calc(&dir, N);
    let x = daemon.path("calc_1/x.npy");
    wait_until("the array", || x.exists());
    (daemon, dir, x)
}

/// The element at `i`, read from a file that is open.
fn element(file: &fs::File, i: usize) -> std::io::Result<i64> {
    let mut bytes = [0; 8];
    file.read_exact_at(&mut bytes, (128 + 8 * i) as u64)?;
    Ok(i64::from_le_bytes(bytes))
}

#[test]
fn a_thousand_readers_at_a_time() {
    need_fuse!("a_thousand_readers_at_a_time");
    let (daemon, _dir, x) = with_calc();
    let all_open = std::sync::Barrier::new(1000);
    std::thread::scope(|scope| {
        for reader in 0..1000 {
            let (x, all_open) = (&x, &all_open);
            let read = move || {
                let file = fs::File::open(x).unwrap();
                all_open.wait();
                for turn in 0..5 {
                    let i = (reader * 499 + turn * 99_991) % N;
                    assert_eq!(element(&file, i).unwrap(), i as i64);
                }
            };
            std::thread::Builder::new().stack_size(64 << 10).spawn_scoped(scope, read).unwrap();
        }
    });
    assert_eq!(fs::read_to_string(daemon.path("calc_1/status")).unwrap(), "complete\n");
}

#[test]
fn readers_that_are_killed_leave_nothing_open() {
    need_fuse!("readers_that_are_killed_leave_nothing_open");
    let (daemon, _dir, x) = with_calc();
    fs::write(daemon.path("mirrored"), vec![7; 4 << 20]).unwrap();
    let before = open_files(daemon.server());
    for _ in 0..5 {
        let start = |path: &Path| {
            // Nobody takes what they read, so that they are in the middle of it when they are killed.
            let mut cat = Command::new("cat");
            let mut child = cat.arg(path).stdout(Stdio::piped()).spawn().unwrap();
            child.stdout.as_mut().unwrap().read_exact(&mut [0; 100]).unwrap();
            child
        };
        let readers: Vec<_> = (0..20).flat_map(|_| [start(&x), start(&daemon.path("mirrored"))]).collect();
        for mut reader in readers {
            reader.kill().unwrap();
            reader.wait().unwrap();
        }
    }
    wait_until("all to be closed", || open_files(daemon.server()) <= before + 2);
    assert_eq!(element(&fs::File::open(&x).unwrap(), 3).unwrap(), 3);
}

#[test]
fn a_datastore_cut_replaced_or_removed_under_a_reader_harms_nobody_else() {
    need_fuse!("a_datastore_cut_replaced_or_removed_under_a_reader_harms_nobody_else");
    let (daemon, dir, x) = with_calc();
    calc(&dir, N);
    let other = daemon.path("calc_2/x.npy");
    wait_until("the other", || other.exists());
    let pid = daemon.server();
    let real = dir.path().join("calc_1/output.hdf5");
    let whole = fs::read(&real).unwrap();
    let file = fs::File::open(&x).unwrap();
    assert_eq!(element(&file, 1).unwrap(), 1);
    let still_up = |what: &str| {
        assert_eq!(daemon.server(), pid, "{what}");
        assert_eq!(element(&fs::File::open(&other).unwrap(), 77).unwrap(), 77, "{what}");
        names(&daemon.path("calc_1"));
        fs::read_to_string(daemon.path("calc_1/status")).unwrap();
    };

    fs::File::options().write(true).open(&real).unwrap().set_len(4096).unwrap();
    // What is gone is an error or the end, or the kernel has it still; it is not another number.
    let wrong = |i: usize| element(&file, i).is_ok_and(|value| value != i as i64);
    assert!(!(0..N).step_by(5001).any(wrong));
    // Somebody who maps it is killed by the kernel; the daemon is not.
    let script = "import mmap, sys\nf = open(sys.argv[1], 'rb')\nm = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)\nsum(m[::4096])";
    let _ = Command::new("python3").args(["-c", script]).arg(&x).stderr(Stdio::null()).status();
    still_up("cut");

    let fresh = real.with_extension("new");
    fs::write(&fresh, &whole).unwrap();
    fs::rename(&fresh, &real).unwrap();
    wait_until("the new one", || {
        fs::File::open(&x).is_ok_and(|f| element(&f, N - 1).is_ok_and(|v| v == (N - 1) as i64))
    });
    still_up("replaced");

    let open = fs::File::open(&x).unwrap();
    fs::remove_file(&real).unwrap();
    wait_until("it to be gone", || !x.exists());
    assert_eq!(element(&open, 5).unwrap(), 5, "one that was open can be read on");
    assert_eq!(fs::File::open(&other).map(|f| element(&f, 9).unwrap()).unwrap(), 9);
    assert_eq!(daemon.server(), pid);
}

#[test]
fn who_reads_the_old_one_does_not_show_its_bytes_to_others() {
    need_fuse!("who_reads_the_old_one_does_not_show_its_bytes_to_others");
    let (daemon, dir, x) = with_calc();
    let real = dir.path().join("calc_1/output.hdf5");
    let old = fs::File::open(&x).unwrap();
    assert_eq!(element(&old, 1).unwrap(), 1);
    // Another one of the same size, whose numbers are others.
    let mut bytes = fs::read(&real).unwrap();
    let numbers: Vec<u8> = (0..N as i64).flat_map(i64::to_le_bytes).collect();
    let at = bytes.windows(1 << 10).position(|w| *w == numbers[..1 << 10]).unwrap();
    bytes[at..at + 8 * N].iter_mut().skip(4).step_by(8).for_each(|byte| *byte = 1);
    fs::write(real.with_extension("new"), &bytes).unwrap();
    fs::rename(real.with_extension("new"), &real).unwrap();
    let new = |i: usize| (1i64 << 32) + i as i64;
    let shows = |i: usize| fs::File::open(&x).and_then(|file| element(&file, i)).unwrap();
    wait_until("the new one", || shows(1) == new(1));
    for i in (1000..N).step_by(50_000) {
        let said = element(&old, i);
        assert_eq!(shows(i), new(i), "after the old one said {said:?}");
    }
    drop(daemon);
}

#[test]
fn a_signal_under_load_ends_it_and_loses_nothing() {
    need_fuse!("a_signal_under_load_ends_it_and_loses_nothing");
    let (daemon, _dir, x) = with_calc();
    let pid = daemon.pid();
    let ends = AtomicBool::new(false);
    let written = std::thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let (daemon, ends) = (&daemon, &ends);
                scope.spawn(move || {
                    let path = daemon.path(&format!("w{writer}"));
                    let mut file = fs::File::create(&path).unwrap();
                    let mut written = 0;
                    while !ends.load(Ordering::Relaxed) && file.write_all(&[writer; 1000]).is_ok() {
                        written += 1000;
                    }
                    written
                })
            })
            .collect();
        for _ in 0..8 {
            let (x, ends) = (&x, &ends);
            scope.spawn(move || while !ends.load(Ordering::Relaxed) && fs::read(x).is_ok() {});
        }
        wait_until("all to work", || {
            (0..4).all(|w| fs::metadata(daemon.path(&format!("w{w}"))).is_ok_and(|m| m.len() > 0))
        });
        // SAFETY: the daemon of this test.
        unsafe { libc::kill(pid as i32, libc::SIGTERM) };
        wait_until("the daemon to end", || has_ended(pid));
        ends.store(true, Ordering::Relaxed);
        writers.into_iter().map(|writer| writer.join().unwrap()).collect::<Vec<usize>>()
    });
    assert!(!is_mounted(&daemon.point));
    for (writer, written) in written.into_iter().enumerate() {
        let there = fs::read(daemon.path(&format!("w{writer}"))).unwrap();
        assert!(there.len() >= written && there.iter().all(|b| *b == writer as u8), "{} of {written}", there.len());
    }
}

/// Opens, reads, lists, asks for attributes; makes, locks and removes files, and calculations beneath.
fn requests(daemon: &Daemon, dir: &DataDir, x: &Path, n: usize) {
    for i in 0..n {
        let file = fs::File::open(x).unwrap();
        assert_eq!(element(&file, i % N).unwrap(), (i % N) as i64);
        fs::metadata(daemon.path("calc_1/g")).unwrap();
        names(&daemon.path("calc_1"));
        fs::read_to_string(daemon.path("calc_1/status")).unwrap();
        assert!(fs::metadata(daemon.path(&format!("missing{i}"))).is_err());
        let path = daemon.path(&format!("f{i}"));
        fs::write(&path, "x").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "x");
        let locked = fs::File::options().write(true).open(&path).unwrap();
        // SAFETY: the descriptor is open, and zeros are a lock on the whole file but for its kind.
        let lock = libc::flock { l_type: libc::F_WRLCK as i16, l_len: 1, ..unsafe { std::mem::zeroed() } };
        // SAFETY: the descriptor is open, the lock only read.
        assert_eq!(unsafe { libc::fcntl(locked.as_raw_fd(), libc::F_SETLK, &raw const lock) }, 0);
        drop(locked);
        fs::remove_file(&path).unwrap();
        if i % 50 == 0 {
            let id = calc(dir, 1000);
            let new = daemon.path(&format!("calc_{id}"));
            wait_until("the new calculation", || new.join("x.npy").exists());
            fs::read(new.join("x.npy")).unwrap();
            fs::read(new.join("attrs.json")).unwrap();
            fs::remove_dir_all(dir.path().join(format!("calc_{id}"))).unwrap();
            wait_until("it to be gone", || !new.exists());
        }
    }
}

#[test]
fn requests_without_end_leave_nothing_behind() {
    need_fuse!("requests_without_end_leave_nothing_behind");
    let (daemon, dir, x) = with_calc();
    let pid = daemon.server();
    requests(&daemon, &dir, &x, 500);
    let before = (open_files(pid), memory(pid));
    requests(&daemon, &dir, &x, 2500 * rounds());
    // The kernel forgets inodes when it likes; each mirrored one that it knows is a descriptor.
    wait_until("inodes to be forgotten", || open_files(pid) <= before.0 + 20);
    let grown = memory(pid).saturating_sub(before.1);
    println!("{} requests or so: {before:?} before, {:?} after", 25_000 * rounds(), (open_files(pid), memory(pid)));
    assert!(grown < 8 << 10, "{} KiB more than the {} before", grown, before.1);
}

#[test]
fn there_may_be_more_files_than_descriptors() {
    need_fuse!("there_may_be_more_files_than_descriptors");
    let tmp = tempfile::tempdir().unwrap();
    let point = tmp.path().join("oqdata");
    fs::create_dir_all(point.join("many")).unwrap();
    let daemon = Daemon { point, tmp };
    let mounted = bash(daemon.tmp.path(), &format!("ulimit -n 400 && {} mount oqdata", env!("CARGO_BIN_EXE_oqfs")));
    assert!(mounted.status.success(), "{}", String::from_utf8_lossy(&mounted.stderr));
    let path = |i: usize| daemon.path(&format!("many/{i}"));
    for i in 0..1000 {
        fs::write(path(i), i.to_string()).unwrap();
        std::os::unix::fs::symlink(i.to_string(), daemon.path(&format!("many/to{i}"))).unwrap();
    }
    let (open, removed) =
        (fs::File::options().read(true).write(true).open(path(0)).unwrap(), fs::File::open(path(1)).unwrap());
    fs::remove_file(path(1)).unwrap();
    for turn in 0..2 {
        let listed = bash(&daemon.point, "ls -l many && find . -type l -printf '%l\\n' && cat many/[2-9]* >/dev/null");
        let said = String::from_utf8_lossy(&listed.stderr).into_owned();
        assert!(listed.status.success() && said.is_empty(), "{turn}: {said}");
        for i in (2..1000).rev() {
            assert_eq!(fs::read_to_string(daemon.path(&format!("many/to{i}"))).unwrap(), i.to_string());
            fs::set_permissions(path(i), fs::Permissions::from_mode(0o600)).unwrap();
        }
    }
    // What is open was kept, and goes on without a name too.
    open.set_permissions(fs::Permissions::from_mode(0o640)).unwrap();
    open.set_len(100).unwrap();
    assert_eq!((open.metadata().unwrap().len(), open.metadata().unwrap().mode() & 0o777), (100, 0o640));
    removed.set_permissions(fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!((removed.metadata().unwrap().nlink(), removed.metadata().unwrap().mode() & 0o777), (0, 0o640));
    assert!(open_files(daemon.server()) < 400);
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    need_fuse!("a_full_disk_is_told_and_nothing_is_lost");
    let small = match Small::new() {
        Ok(small) => small,
        Err(why) => return common::skip("a_full_disk_is_told_and_nothing_is_lost", &why),
    };
    let tmp = tempfile::tempdir_in(small.path()).unwrap();
    let daemon = Daemon::over(tmp, &[]);
    let job = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jobs/irpinia");
    let drop_job = || Command::new("cp").arg("-r").arg(&job).arg(daemon.path("new")).output().unwrap();

    fs::write(daemon.path("before"), "kept").unwrap();
    let mut file = fs::File::create(daemon.path("fills")).unwrap();
    let mut written = 0u64;
    let error = loop {
        match file.write(&[9; 10_000]) {
            Ok(n) => written += n as u64,
            Err(e) => break e,
        }
    };
    assert_eq!(error.raw_os_error(), Some(libc::ENOSPC));
    drop(file);
    assert_eq!(fs::metadata(daemon.path("fills")).unwrap().len(), written);
    assert!(fs::read(daemon.path("fills")).unwrap().iter().all(|b| *b == 9));
    assert_eq!(fs::read_to_string(daemon.path("before")).unwrap(), "kept");

    let output = drop_job();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("No space left on device"), "{said}");
    assert!(!names(&daemon.point).iter().any(|name| name.starts_with("calc_")), "nothing was accepted");
    fs::remove_file(daemon.path("fills")).unwrap();
    let output = drop_job();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    // which of the jobs in it arrives first is up to cp
    assert!(daemon.path("calc_1/job.ini").exists());
    drop(daemon);
}
