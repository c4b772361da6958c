//! A mount comes, is whose it is, and goes.

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use common::mount::{Daemon, as_plain_user, bash, calc, has_ended, is_mounted, names, oqfs, wait_until};
use common::program::{Running, command, drop_job, says, small_job, starting, told};
use oqfs::datastore::{DataDir, DataStore};

#[test]
fn mount_returns_when_it_answers_and_umount_leaves_nothing() {
    need_fuse!("mount_returns_when_it_answers_and_umount_leaves_nothing");
    let tmp = tempfile::tempdir().unwrap();
    fs::create_dir(tmp.path().join("oqdata")).unwrap();
    fs::write(tmp.path().join("oqdata/before"), "there before").unwrap();
    let daemon = Daemon::over(tmp, &[]);
    assert!(is_mounted(&daemon.point));
    assert_eq!(fs::read_to_string(daemon.path("before")).unwrap(), "there before");
    let pid = daemon.pid();
    let again = oqfs(&["mount", daemon.point.to_str().unwrap()]);
    let said = String::from_utf8_lossy(&again.stderr).into_owned();
    assert!(!again.status.success() && said.contains(&format!("already mounted by process {pid}")), "{said}");
    fs::write(daemon.path("during"), "x").unwrap();
    assert!(daemon.umount().status.success());
    assert!(!is_mounted(&daemon.point) && has_ended(pid));
    assert_eq!(names(&daemon.point), [".oqfs", "before", "during"]);
    let said = String::from_utf8_lossy(&daemon.umount().stderr).into_owned();
    assert!(said.contains("oqfs is not mounted there"), "{said}");
}

#[test]
fn a_term_signal_unmounts() {
    need_fuse!("a_term_signal_unmounts");
    let daemon = Daemon::start();
    let pid = daemon.pid();
    // An open file does not keep it.
    fs::write(daemon.path("f"), "x").unwrap();
    let _open = fs::File::open(daemon.path("f")).unwrap();
    // SAFETY: the daemon of this test.
    unsafe { libc::kill(pid as i32, libc::SIGTERM) };
    wait_until("the daemon to end", || has_ended(pid));
    assert!(!is_mounted(&daemon.point));
}

#[test]
fn signals_that_who_starts_it_ignores_or_blocks_harm_no_mount() {
    need_fuse!("signals_that_who_starts_it_ignores_or_blocks_harm_no_mount");
    let tmp = tempfile::tempdir().unwrap();
    let daemon = Daemon { point: tmp.path().join("oqdata"), tmp };
    // as in the background of a script under nohup, by a program that leaves it to the system what becomes of its children
    let ignored = &[libc::SIGINT, libc::SIGHUP, libc::SIGTERM, libc::SIGCHLD];
    let mut mount = command(&daemon.point, &["mount", "--foreground"]);
    mount.stdout(Stdio::null()).stderr(Stdio::null());
    let mut mount = Running(starting(&mut mount, ignored, ignored).spawn().unwrap());
    wait_until("the mount", || is_mounted(&daemon.point) && daemon.server_now().is_some());
    for signal in [libc::SIGINT, libc::SIGHUP] {
        for process in [daemon.pid(), daemon.server()] {
            // SAFETY: processes of this test's mount.
            assert_eq!(unsafe { libc::kill(process as i32, signal) }, 0);
        }
    }
    let id = drop_job(&daemon, "job");
    says(&mut command(&daemon.point, &["wait", &id.to_string()]), 0);
    assert_eq!(daemon.pid(), mount.0.id());
    // SAFETY: as above.
    assert_eq!(unsafe { libc::kill(mount.0.id() as i32, libc::SIGTERM) }, 0);
    assert_eq!(mount.code(), Some(0));
    assert!(!is_mounted(&daemon.point));
}

#[test]
fn a_mount_whose_daemon_died_is_replaced() {
    need_fuse!("a_mount_whose_daemon_died_is_replaced");
    let daemon = Daemon::start();
    fs::write(daemon.path("f"), "x").unwrap();
    let pid = daemon.pid();
    // SAFETY: the daemon of this test.
    unsafe { libc::kill(pid as i32, libc::SIGKILL) };
    wait_until("the mount to be dead", || {
        fs::metadata(&daemon.point).is_err_and(|e| e.raw_os_error() == Some(libc::ENOTCONN))
    });
    daemon.mount(&[]);
    assert_eq!(fs::read_to_string(daemon.path("f")).unwrap(), "x");
    assert_ne!(daemon.pid(), pid);
}

/// The state of a mount is looked at until it is settled, however its daemon ended.
#[test]
fn mounting_right_after_a_kill_replaces_the_mount() {
    need_fuse!("mounting_right_after_a_kill_replaces_the_mount");
    let daemon = Daemon::start();
    fs::write(daemon.path("f"), "x").unwrap();
    for round in 0..12 {
        let (pid, server) = (daemon.pid(), daemon.server());
        // the supervisor first, the server first, or the supervisor alone
        let killed = [vec![pid, server], vec![server, pid], vec![pid]];
        for process in &killed[round % 3] {
            // SAFETY: processes of this test's mount.
            unsafe { libc::kill(*process as i32, libc::SIGKILL) };
        }
        daemon.mount(&[]);
        assert_eq!(fs::read_to_string(daemon.path("f")).unwrap(), "x");
        assert_ne!(daemon.pid(), pid);
    }
}

/// A dead mount hides the directory: a command says so and what to do, not what the system says of it.
#[test]
fn a_command_says_that_the_mount_on_its_directory_has_died() {
    need_fuse!("a_command_says_that_the_mount_on_its_directory_has_died");
    let daemon = Daemon::start();
    let (pid, server) = (daemon.pid(), daemon.server());
    for process in [pid, server] {
        // SAFETY: processes of this test's mount.
        unsafe { libc::kill(process as i32, libc::SIGKILL) };
        wait_until("it to end", || has_ended(process));
    }
    for arguments in [&["status"][..], &["wait"], &["log", "1"], &["remove", "--yes", "1"], &["queue"], &["ls", "1"]] {
        let said = says(&mut command(&daemon.point, arguments), 1);
        assert!(said.contains("has died: `oqfs mount`"), "{arguments:?}: {said}");
    }
    daemon.mount(&[]);
    says(&mut command(&daemon.point, &["status"]), 0);
}

/// No command waits for the processes of the mount.
#[test]
fn commands_answer_while_the_processes_of_the_mount_are_stopped() {
    need_fuse!("commands_answer_while_the_processes_of_the_mount_are_stopped");
    let daemon = Daemon::start();
    let id = drop_job(&daemon, "job");
    says(&mut command(&daemon.point, &["wait", &id.to_string()]), 0);
    let (pid, server) = (daemon.pid(), daemon.server());
    for process in [pid, server] {
        // SAFETY: processes of this test's mount.
        assert_eq!(unsafe { libc::kill(process as i32, libc::SIGSTOP) }, 0);
    }
    let id = id.to_string();
    let job = small_job(daemon.tmp.path(), "checked");
    let job = job.join("job.ini").display().to_string();
    let run = |arguments: &[&str], code: i32| {
        let command = command(&daemon.point, arguments);
        assert_cmd::Command::from_std(command).timeout(std::time::Duration::from_secs(20)).assert().code(code);
    };
    for (arguments, code) in [
        (&["status"][..], 0),
        (&["status", "last"], 0),
        (&["log", &id], 0),
        (&["wait", &id], 0),
        (&["check", &id], 0),
        (&["ls", "-lR", &id], 0),
        (&["ls", "-l", daemon.path("last").to_str().unwrap()], 0),
        (&["cat", &format!("{id}/hcurves-stats.npy"), &format!("{id}/log")], 0),
        (&["queue"], 0),
        (&["doctor"], 0),
        (&["cancel", &id], 1),
        (&["run", &job], 0),
        (&["remove", "--yes", &id], 0),
        (&["mount", daemon.point.to_str().unwrap()], 1),
        (&["umount", daemon.point.to_str().unwrap()], 0),
    ] {
        run(arguments, code);
    }
    assert!(!is_mounted(&daemon.point) && has_ended(pid) && has_ended(server));
}

/// Root's mount opens nothing for another user that this user may not open.
#[test]
fn a_job_of_another_user_reads_what_that_user_may_read() {
    need_fuse!("a_job_of_another_user_reads_what_that_user_may_read");
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } != 0 {
        return common::skip("a_job_of_another_user_reads_what_that_user_may_read", "only root can be somebody else");
    }
    let tmp = tempfile::tempdir().unwrap();
    fs::set_permissions(tmp.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(tmp.path().join("oqdata")).unwrap();
    fs::set_permissions(tmp.path().join("oqdata"), fs::Permissions::from_mode(0o1777)).unwrap();
    let daemon = Daemon::over(tmp, &["--allow-other"]);
    let secret = daemon.tmp.path().join("secret.csv");
    fs::write(&secret, "15.3,40.9 the secret\n").unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let job = small_job(daemon.tmp.path(), "bobs");
    let text = fs::read_to_string(job.join("job.ini")).unwrap();
    let drop = |name: &str, text: &str, link: Option<&str>| {
        let script = format!(
            "umask 022; mkdir {new}/{name} && cp {job}/*.xml {new}/{name}/ && {link} cat > {new}/{name}/job.ini",
            new = daemon.path("new").display(),
            job = job.display(),
            link = link
                .map_or(String::new(), |to| format!("ln -s {to} {}/{name}/sites.csv &&", daemon.path("new").display())),
        );
        let mut shell = Command::new("bash");
        shell.args(["-c", &script]).uid(65534).gid(65534).stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut shell = shell.spawn().unwrap();
        std::io::Write::write_all(&mut shell.stdin.take().unwrap(), text.as_bytes()).unwrap();
        shell.wait_with_output().unwrap()
    };
    let with_sites = text.replace("sites = 15.3 40.9", "sites_csv = sites.csv");
    let linked = drop("linked", &with_sites, Some(secret.to_str().unwrap()));
    let named = drop("named", &text.replace("sites = 15.3 40.9", &format!("sites_csv = {}", secret.display())), None);
    for (name, output) in [("linked", linked), ("named", named)] {
        let error = fs::read_to_string(daemon.path(&format!("new/{name}.error"))).unwrap();
        assert!(!output.status.success() && !error.contains("the secret"), "{name}: {error}");
        assert!(error.contains("ermission denied") || error.contains("another user"), "{name}: {error}");
    }
    assert!(!daemon.path("calc_1").exists());
    assert!(drop("own", &text, None).status.success());
    says(&mut command(&daemon.point, &["wait", "1"]), 0);
    assert_eq!(fs::metadata(DataDir::open(&daemon.point).unwrap().path().join("calc_1")).unwrap().uid(), 65534);
}

#[test]
fn directories_of_the_system_are_not_mounted_over() {
    let tmp = tempfile::tempdir().unwrap();
    fs::create_dir(tmp.path().join("home")).unwrap();
    let home = tmp.path().join("home");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_oqfs")).parent().unwrap();
    let system = ["/", "/etc", "/usr/local", "/proc", "/dev/shm", "/tmp", "/home", "/var", "/usr/../etc"];
    let system = system.map(std::path::Path::new).into_iter();
    for point in system.chain([program, &home, tmp.path()]) {
        let output =
            Command::new(env!("CARGO_BIN_EXE_oqfs")).arg("mount").arg(point).env("HOME", &home).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && said.contains(": "), "{point:?}: {said}");
        assert!(said.contains("of the system") || said.contains("would not be reached"), "{point:?}: {said}");
        assert!(!is_mounted(point), "{point:?}");
    }
}

/// Anybody may make a directory with any extended attribute: where a command works is taken from the mount table alone.
#[test]
fn an_attribute_of_a_plain_directory_leads_no_command_elsewhere() {
    let tmp = tempfile::tempdir().unwrap();
    let (bait, other) = (tmp.path().join("bait"), tmp.path().join("other"));
    for dir in [&bait, &other] {
        fs::create_dir_all(dir.join("calc_1")).unwrap();
        fs::write(dir.join("calc_1/job.json"), r#"{"state": "complete"}"#).unwrap();
    }
    let name = std::ffi::CString::new("user.oqfs.beneath").unwrap();
    if rustix::fs::setxattr(&bait, &name, other.as_os_str().as_encoded_bytes(), rustix::fs::XattrFlags::empty())
        .is_err()
    {
        return common::skip(
            "an_attribute_of_a_plain_directory_leads_no_command_elsewhere",
            "no extended attributes here",
        );
    }
    says(&mut command(&bait, &["remove", "--yes", "1"]), 0);
    assert!(other.join("calc_1").exists() && !bait.join("calc_1").exists());
}

#[test]
fn a_program_given_the_mount_as_data_directory_works_beneath_it() {
    need_fuse!("a_program_given_the_mount_as_data_directory_works_beneath_it");
    let daemon = Daemon::start();
    let dir = DataDir::open(&daemon.point).unwrap();
    let store = DataStore::create_in(&dir).unwrap();
    store.set_string("greeting", "hello").unwrap();
    assert_eq!(fs::read_to_string(daemon.path("calc_1/status")).unwrap(), "executing\n");
    store.close().unwrap();
    wait_until("the dataset", || daemon.path("calc_1/greeting.txt").exists());
    assert_eq!(fs::read_to_string(daemon.path("calc_1/greeting.txt")).unwrap(), "hello");
    let reopened = DataStore::open_in(&dir, -1).unwrap();
    assert_eq!(reopened.path(), daemon.path("calc_1/output.hdf5"), "the path told is the one users know");
}

#[test]
fn only_who_mounted_it_may_look_unless_told_otherwise() {
    need_fuse!("only_who_mounted_it_may_look_unless_told_otherwise");
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } != 0 {
        return common::skip("only_who_mounted_it_may_look_unless_told_otherwise", "only root can be somebody else");
    }
    let as_nobody = |daemon: &Daemon| {
        let mut command = Command::new("ls");
        command.arg(&daemon.point).uid(65534).gid(65534).output().unwrap().status.success()
    };
    for (options, may) in [(&[][..], false), (&["--allow-other"][..], true)] {
        let tmp = tempfile::tempdir().unwrap();
        fs::set_permissions(tmp.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let daemon = Daemon::over(tmp, options);
        assert_eq!(as_nobody(&daemon), may, "{options:?}");
        if may {
            fs::set_permissions(&daemon.point, fs::Permissions::from_mode(0o777)).unwrap();
            let mut touch = Command::new("touch");
            let file = daemon.path("theirs");
            assert!(touch.arg(&file).uid(65534).gid(65534).status().unwrap().success());
            assert_eq!(fs::metadata(&file).unwrap().uid(), 65534);
        }
    }
}

#[test]
fn two_users_drop_jobs_at_once() {
    need_fuse!("two_users_drop_jobs_at_once");
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } != 0 {
        return common::skip("two_users_drop_jobs_at_once", "nobody but root can be two users");
    }
    let tmp = tempfile::tempdir().unwrap();
    fs::set_permissions(tmp.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let point = tmp.path().join("oqdata");
    fs::create_dir(&point).unwrap();
    fs::set_permissions(&point, fs::Permissions::from_mode(0o777)).unwrap();
    let daemon = Daemon::over(tmp, &["--allow-other"]);
    let program = daemon.tmp.path().join("oqfs");
    fs::copy(env!("CARGO_BIN_EXE_oqfs"), &program).unwrap();
    let drop = |uid: u32, name: &str| {
        let job = small_job(daemon.tmp.path(), name);
        Command::new("cp").arg("-r").arg(job).arg(daemon.path("new")).uid(uid).gid(uid).spawn().unwrap()
    };
    let dropped: Vec<_> =
        (0..4).flat_map(|k| [drop(0, &format!("ours-{k}")), drop(65534, &format!("theirs-{k}"))]).collect();
    for mut copy in dropped {
        assert!(copy.wait().unwrap().success());
    }
    let told = |args: &[&str], code| {
        let mut command = Command::new(&program);
        told(command.args(args).env("OQ_DATADIR", &daemon.point).uid(65534).gid(65534).output().unwrap(), code)
    };
    assert_eq!(told(&["wait", "1", "2", "3", "4", "5", "6", "7", "8"], 0).matches(" complete").count(), 8);
    assert_eq!(told(&["status"], 0).matches("complete").count(), 8);
    let read = Command::new("cat").arg(daemon.path("calc_1/hcurves-stats.npy")).uid(65534).gid(65534).output().unwrap();
    assert!(read.status.success() && read.stdout.starts_with(b"\x93NUMPY"));
    // what another user runs is another user's to remove
    let owner = |id: u32| fs::metadata(daemon.path(&format!("calc_{id}"))).unwrap().uid();
    let ours = (1..9).find(|id| owner(*id) == 0).unwrap();
    let refused = told(&["remove", "--yes", &ours.to_string()], 1);
    assert_eq!(refused, format!("oqfs: calculation {ours} belongs to another user\n"));
}

#[test]
fn a_mount_that_cannot_be_taken_away_goes_on_and_umount_fails() {
    need_fuse!("a_mount_that_cannot_be_taken_away_goes_on_and_umount_fails");
    let script = r#"
mkdir data bin && echo there > data/f
cat >bin/fusermount3 <<'S'
#!/bin/bash
[[ $1 != -u || -e works ]] || { echo "no mtab here" >&2; exit 1; }
exec "$real" "$@"
S
chmod +x bin/fusermount3
real=$(command -v fusermount3) PATH=$PWD/bin:$PATH
export real PATH
trap 'touch works; "$OQFS" umount data; echo "then $?"; cat data/f' EXIT
"$OQFS" mount data || exit 1
"$OQFS" umount data 2>&1
echo "status $?"
cat data/f
"#;
    let output = match as_plain_user(script) {
        Ok(output) => output,
        Err(why) => {
            return common::skip("a_mount_that_cannot_be_taken_away_goes_on_and_umount_fails", &why);
        }
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (first, rest) = said.split_once('\n').unwrap();
    assert!(first.starts_with("oqfs: /") && first.ends_with("/data: cannot unmount: no mtab here"), "{said}");
    assert_eq!(rest, "status 1\nthere\nthen 0\nthere\n", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn who_uses_a_mount_is_told_and_it_is_taken_away() {
    need_fuse!("who_uses_a_mount_is_told_and_it_is_taken_away");
    let daemon = Daemon::start();
    fs::write(daemon.path("f"), "x").unwrap();
    fs::write(daemon.path("mapped"), "y").unwrap();
    let mut sleeper = Command::new("sleep").arg("100").current_dir(&daemon.point).spawn().unwrap();
    let open = fs::File::open(daemon.path("f")).unwrap();
    let file = fs::File::open(daemon.path("mapped")).unwrap();
    let (sharing, fd) = (libc::MAP_SHARED, std::os::fd::AsRawFd::as_raw_fd(&file));
    // SAFETY: a new mapping of an open file, unmapped below and not used after.
    let map = unsafe { libc::mmap(std::ptr::null_mut(), 1, libc::PROT_READ, sharing, fd, 0) };
    drop(file);
    // What is open beneath is no use of the mount.
    let beneath = fs::File::open(DataDir::open(&daemon.point).unwrap().path().join("f")).unwrap();
    let output = daemon.umount();
    // SAFETY: mapped above.
    unsafe { libc::munmap(map, 1) };
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    assert!(output.status.success() && !is_mounted(&daemon.point), "{said}");
    let line = |pid: u32| said.lines().find(|line| line.contains(&format!("process {pid} "))).unwrap_or_default();
    assert_eq!(
        line(sleeper.id()),
        format!("oqfs: in use by process {} (sleep): {}", sleeper.id(), daemon.point.display())
    );
    let ours = line(std::process::id());
    assert!(ours.ends_with(&format!(": {} and 1 more", daemon.path("f").display())), "{said}");
    drop((open, beneath));
}

#[test]
fn a_read_only_mount_takes_nothing() {
    need_fuse!("a_read_only_mount_takes_nothing");
    let tmp = tempfile::tempdir().unwrap();
    fs::create_dir(tmp.path().join("oqdata")).unwrap();
    fs::write(tmp.path().join("oqdata/f"), "there").unwrap();
    calc(&DataDir::open(&tmp.path().join("oqdata")).unwrap(), 10);
    let daemon = Daemon::over(tmp, &["--read-only"]);
    assert_eq!(fs::read_to_string(daemon.path("f")).unwrap(), "there");
    assert_eq!(fs::read(daemon.path("last/x.npy")).unwrap().len(), 128 + 80);
    let ways = [
        "echo > f",
        "echo >> f",
        "echo > g",
        "rm f",
        "mv f g",
        "ln f g",
        "ln -s f g",
        "mkdir d",
        "mkfifo p",
        "chmod 600 f",
        "touch f",
        "truncate -s 0 f",
        "echo > new/job.ini",
        "mkdir new/d",
        "echo > calc_1/x",
        "rmdir calc_1",
    ];
    for way in ways {
        let output = bash(&daemon.point, way);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("Read-only file system"), "{way}: {said}");
    }
    assert_eq!(names(&daemon.point), ["calc_1", "f", "last", "new"]);
    assert!(daemon.umount().status.success());
    fs::write(daemon.path("f"), "after").unwrap();
}
