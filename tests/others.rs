//! Other users at root's mount: each reads what that user may read beneath, and no more.

mod common;

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use common::mount::{Daemon, calc, wait_until};
use common::program::{command, job, says, small_job};
use common::run_python;
use oqfs::datastore::{DataDir, OUTPUT, open_arrays};

const ALICE: u32 = 12_001;
const BOB: u32 = 12_002;

/// A mount that others may use, over a directory in which others may write; `None` where nobody can be somebody else.
fn shared(test: &str) -> Option<(Daemon, DataDir)> {
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } != 0 {
        common::skip(test, "only root can be somebody else");
        return None;
    }
    let tmp = tempfile::tempdir().unwrap();
    mode(tmp.path(), 0o755);
    fs::create_dir(tmp.path().join("oqdata")).unwrap();
    mode(&tmp.path().join("oqdata"), 0o1777);
    let daemon = Daemon::over(tmp, &["--allow-other"]);
    let dir = DataDir::open(&daemon.point).unwrap();
    Some((daemon, dir))
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Whether a shell command of a user succeeds.
fn can(user: u32, script: &str) -> bool {
    Command::new("bash").args(["-c", script]).uid(user).gid(user).output().unwrap().status.success()
}

fn reads(user: u32, path: &Path) -> bool {
    can(user, &format!("cat '{}' > /dev/null", path.display()))
}

/// Gives a file an access control list: what its owner, group and others may do, and one user.
fn set_list(path: &Path, name: &str, others: u16, user: (u32, u16)) {
    const ANY: u32 = u32::MAX;
    let entries = [(1u16, 7u16, ANY), (2, user.1, user.0), (4, others, ANY), (0x10, 7, ANY), (0x20, others, ANY)];
    let entry = |(tag, permissions, id): (u16, u16, u32)| {
        [&tag.to_le_bytes()[..], &permissions.to_le_bytes(), &id.to_le_bytes()].concat()
    };
    let list = [2u32.to_le_bytes().to_vec(), entries.into_iter().flat_map(entry).collect()].concat();
    rustix::fs::setxattr(path, name, &list, rustix::fs::XattrFlags::empty()).unwrap();
}

#[test]
fn a_view_is_for_those_who_may_read_the_datastore() {
    const TEST: &str = "a_view_is_for_those_who_may_read_the_datastore";
    need_fuse!(TEST);
    let Some((daemon, dir)) = shared(TEST) else { return };
    let beneath = dir.path();
    for (id, file, folder, may) in [
        (1, 0o644, 0o755, true),
        (2, 0o600, 0o755, false),
        (3, 0o644, 0o700, false),
        (4, 0o640, 0o755, false),
        (5, 0o444, 0o711, false),
    ] {
        assert_eq!(calc(&dir, 3), id);
        let at = beneath.join(format!("calc_{id}"));
        mode(&at.join(OUTPUT), file);
        mode(&at, folder);
        let shown = daemon.path(&format!("calc_{id}"));
        for name in ["x.npy", "g/y.npy", "attrs.json", "status", "output.hdf5"] {
            assert_eq!(reads(BOB, &shown.join(name)), may, "{id} {name}");
            assert!(reads(0, &shown.join(name)), "{id} {name}");
        }
        assert_eq!(can(BOB, &format!("ls '{}/g'", shown.display())), may, "{id}");
    }
    // a file of the engine, and one that leads to a private one
    let private = daemon.tmp.path().join("private.hdf5");
    fs::copy(beneath.join("calc_1").join(OUTPUT), &private).unwrap();
    chown(&private, Some(ALICE), Some(ALICE)).unwrap();
    mode(&private, 0o600);
    fs::copy(&private, beneath.join("calc_6.hdf5")).unwrap();
    symlink(&private, beneath.join("calc_7.hdf5")).unwrap();
    for (id, may) in [(6, [false, false]), (7, [true, false])] {
        let x = daemon.path(&format!("calc_{id}/x.npy"));
        assert_eq!([ALICE, BOB].map(|user| reads(user, &x)), may, "{id}");
        let folder = fs::metadata(daemon.path(&format!("calc_{id}"))).unwrap();
        assert_eq!(folder.mode() & 0o777, 0o700, "{id}");
    }
    // a change beneath counts soon, though what is final may be kept for long
    assert!(reads(BOB, &daemon.path("calc_1/x.npy")));
    mode(&beneath.join("calc_1").join(OUTPUT), 0o600);
    wait_until("the change of the mode", || !reads(BOB, &daemon.path("calc_1/x.npy")));
    mode(&beneath.join("calc_6.hdf5"), 0o644);
    wait_until("the change of the mode", || reads(BOB, &daemon.path("calc_6/x.npy")));
}

#[test]
fn access_control_lists_count_as_in_a_plain_directory() {
    const TEST: &str = "access_control_lists_count_as_in_a_plain_directory";
    need_fuse!(TEST);
    let Some((daemon, dir)) = shared(TEST) else { return };
    let beneath = dir.path();
    for name in ["closed", "open"] {
        fs::write(beneath.join(name), name).unwrap();
    }
    set_list(&beneath.join("closed"), "system.posix_acl_access", 4, (BOB, 0));
    set_list(&beneath.join("open"), "system.posix_acl_access", 0, (BOB, 4));
    for (name, alice, bob) in [("closed", true, false), ("open", false, true)] {
        let path = daemon.path(name);
        assert_eq!((reads(ALICE, &path), reads(BOB, &path)), (alice, bob), "{name}");
    }
    // set through the mount
    set_list(&daemon.path("closed"), "system.posix_acl_access", 0, (BOB, 4));
    wait_until("the new list", || reads(BOB, &daemon.path("closed")) && !reads(ALICE, &daemon.path("closed")));

    // the list of a datastore is that of its view, and the list of a folder that of the folder
    for id in [1, 2] {
        assert_eq!(calc(&dir, 3), id);
    }
    set_list(&beneath.join("calc_1").join(OUTPUT), "system.posix_acl_access", 4, (BOB, 0));
    set_list(&beneath.join("calc_2"), "system.posix_acl_access", 5, (BOB, 0));
    for id in [1, 2] {
        let x = daemon.path(&format!("calc_{id}/x.npy"));
        assert_eq!((reads(ALICE, &x), reads(BOB, &x), reads(0, &x)), (true, false, true), "{id}");
    }

    // what is made gets its mode from the list of the directory, not from a mask
    for (made, plain) in [(daemon.path("lists"), false), (daemon.tmp.path().join("lists"), true)] {
        fs::create_dir(&made).unwrap();
        mode(&made, 0o777);
        set_list(&made, "system.posix_acl_default", 0, (BOB, 6));
        let script = format!("umask 077; cd '{}' && echo x > file && mkdir folder && mkfifo pipe", made.display());
        assert!(can(ALICE, &script), "plain: {plain}");
        let modes = ["file", "folder", "pipe"].map(|name| fs::metadata(made.join(name)).unwrap().mode() & 0o777);
        assert_eq!(modes, [0o660, 0o770, 0o660], "plain: {plain}");
        assert!(reads(BOB, &made.join("file")) && !reads(BOB + 1, &made.join("file")), "plain: {plain}");
    }
    // elsewhere the mask counts
    assert!(can(ALICE, &format!("umask 027; cd '{}' && echo x > masked && mkdir dark", daemon.point.display())));
    let modes = ["masked", "dark"].map(|name| fs::metadata(daemon.path(name)).unwrap().mode() & 0o777);
    assert_eq!(modes, [0o640, 0o750]);
}

/// Writes `calc_N.hdf5` with elements in other files: `raw` as external storage, `source` as the source of a virtual dataset.
const NEIGHBOURS: &str = "
import h5py, sys
path, raw, source = sys.argv[1:]
with h5py.File(path, 'w') as f:
    f.create_dataset('raw', (4,), 'u1', external=[(raw, 0, 4)])
    layout = h5py.VirtualLayout((3,), 'i8')
    layout[:] = h5py.VirtualSource(source, 'x', (3,))
    f.create_virtual_dataset('virtual', layout, fillvalue=-1)
";

#[test]
fn a_datastore_names_no_file_that_its_owner_may_not_read() {
    const TEST: &str = "a_datastore_names_no_file_that_its_owner_may_not_read";
    need_fuse!(TEST);
    need_python!(TEST);
    let Some((daemon, dir)) = shared(TEST) else { return };
    let beneath = dir.path();
    assert_eq!(calc(&dir, 3), 1);
    let alices = beneath.join("alice");
    fs::create_dir(&alices).unwrap();
    fs::write(alices.join("notes.txt"), "notes").unwrap();
    fs::copy(beneath.join("calc_1").join(OUTPUT), alices.join("own.hdf5")).unwrap();
    for path in [alices.clone(), alices.join("notes.txt"), alices.join("own.hdf5")] {
        chown(&path, Some(ALICE), Some(ALICE)).unwrap();
    }
    mode(&alices, 0o700);
    for (id, owner, raw, source, may) in [
        (2, BOB, "alice/notes.txt", "alice/own.hdf5", false),
        (3, ALICE, "alice/notes.txt", "alice/own.hdf5", true),
        (4, BOB, ".oqfs/daemon.log", ".oqfs/said.json", false),
    ] {
        let file = beneath.join(format!("calc_{id}.hdf5"));
        let for_python = dir.path_for_others().join(format!("calc_{id}.hdf5"));
        run_python(NEIGHBOURS, &[for_python.to_str().unwrap(), raw, source]);
        chown(&file, Some(owner), Some(owner)).unwrap();
        let shown = daemon.path(&format!("calc_{id}"));
        wait_until("the calculation", || shown.join("attrs.json").exists());
        let named = ["raw.npy", "virtual.npy"].map(|name| fs::read(shown.join(name)).is_ok());
        assert_eq!(named, [may; 2], "{id} {}", fs::read_to_string(shown.join("attrs.json")).unwrap());
    }
}

#[test]
fn an_hdf5_input_leads_to_no_other_file() {
    need_python!("an_hdf5_input_leads_to_no_other_file");
    let tmp = tempfile::tempdir().unwrap();
    let at = |name: &str| tmp.path().join(name).to_str().unwrap().to_string();
    let script = "
import h5py, sys
plain, raw, linked, virtual = sys.argv[1:]
with h5py.File(plain, 'w') as f:
    f['group/x'] = [1.0, 2.0]
    f['same'] = h5py.SoftLink('/group/x')
    f['group/again'] = f['group']
with h5py.File(raw, 'w') as f:
    f.create_dataset('deep/raw', (4,), 'u1', external=[('/etc/passwd', 0, 4)])
with h5py.File(linked, 'w') as f:
    f['deep/link'] = h5py.ExternalLink(plain, '/group')
with h5py.File(virtual, 'w') as f:
    layout = h5py.VirtualLayout((2,), 'f8')
    layout[:] = h5py.VirtualSource(plain, 'group/x', (2,))
    f.create_virtual_dataset('deep/virtual', layout)
";
    let names = ["plain.hdf5", "raw.hdf5", "linked.hdf5", "virtual.hdf5"].map(at);
    run_python(script, &[&*names[0], &*names[1], &*names[2], &*names[3]]);
    assert_eq!(open_arrays(Path::new(&names[0])).unwrap().numbers("same").unwrap().len(), 2);
    for (name, said) in names[1..].iter().zip(["/deep/raw", "/deep/link", "/deep/virtual"]) {
        let Err(error) = open_arrays(Path::new(name)) else { panic!("{name}") };
        assert!(error.contains(said) && error.contains(name.as_str()), "{error}");
    }
}

/// Whose the processes are that the server has started for something.
fn owners_of(daemon: &Daemon, what: &str) -> Vec<u32> {
    let mut owners = vec![];
    for thread in fs::read_dir(format!("/proc/{}/task", daemon.server())).unwrap().flatten() {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for child in children.split_whitespace() {
            let line = fs::read_to_string(format!("/proc/{child}/cmdline")).unwrap_or_default();
            // the owner of a process in /proc may be root for its own protection
            let status = fs::read_to_string(format!("/proc/{child}/status")).unwrap_or_default();
            let uid: Option<u32> =
                status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1)?.parse().ok());
            owners.extend(uid.filter(|_| line.contains(what)));
        }
    }
    owners
}

/// The check of a job runs with the rights of whoever dropped it.
#[test]
fn a_check_is_a_process_of_the_user() {
    const TEST: &str = "a_check_is_a_process_of_the_user";
    need_fuse!(TEST);
    let Some((daemon, _)) = shared(TEST) else { return };
    let job = small_job(daemon.tmp.path(), "bobs");
    let model = fs::read_to_string(job.join("m.xml")).unwrap();
    let (head, source) = model.split_once("<pointSource").unwrap();
    let (source, foot) = source.split_once("</pointSource>").unwrap();
    let many =
        (0..40_000).map(|i| format!("<pointSource{source}</pointSource>").replace("id='1'", &format!("id='{i}'")));
    fs::write(job.join("m.xml"), head.to_string() + &many.collect::<String>() + foot).unwrap();
    let mut copy = Command::new("cp");
    let mut copy = copy.arg("-r").arg(job).arg(daemon.path("new")).uid(BOB).gid(BOB).spawn().unwrap();
    let mut owners = vec![];
    while copy.try_wait().unwrap().is_none() {
        owners.extend(owners_of(&daemon, "inspect"));
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(copy.wait().unwrap().success());
    assert!(owners.contains(&BOB) && !owners.contains(&0), "{owners:?}");
    says(&mut command(&daemon.point, &["wait", "1"]), 0);
}

/// Has a user copy a job into `new/`.
fn drop_job(user: u32, daemon: &Daemon, job: &Path) {
    assert!(can(user, &format!("cp -r '{}' '{}/'", job.display(), daemon.path("new").display())));
}

/// Everything below a directory, itself too.
fn all_below(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut all = vec![dir.to_path_buf()];
    for entry in fs::read_dir(dir).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() { all.extend(all_below(&entry.path())) } else { all.push(entry.path()) }
    }
    all
}

/// A calculation runs with the rights of whoever dropped its job, and all of it is that user's.
#[test]
fn a_run_is_a_process_of_the_user() {
    const TEST: &str = "a_run_is_a_process_of_the_user";
    need_fuse!(TEST);
    let Some((daemon, dir)) = shared(TEST) else { return };
    drop_job(BOB, &daemon, &job(daemon.tmp.path(), "long"));
    wait_until("it to run", || !owners_of(&daemon, "run-queued").is_empty());
    assert_eq!(owners_of(&daemon, "run-queued"), [BOB]);
    // what interrupts it leaves it that user's
    assert!(daemon.umount().status.success());
    daemon.mount(&["--allow-other"]);
    wait_until("it to run again", || !owners_of(&daemon, "run-queued").is_empty());
    assert_eq!(owners_of(&daemon, "run-queued"), [BOB]);
    says(&mut command(&daemon.point, &["cancel", "1"]), 0);
    let short = job(daemon.tmp.path(), "longer");
    let long = fs::read_to_string(short.join("job.ini")).unwrap();
    fs::write(short.join("job.ini"), long.replace("region_grid_spacing = 0.2", "region_grid_spacing = 2")).unwrap();
    drop_job(BOB, &daemon, &short);
    says(&mut command(&daemon.point, &["wait", "2"]), 0);
    for id in [1, 2] {
        for path in all_below(&dir.path().join(format!("calc_{id}"))) {
            assert_eq!(fs::symlink_metadata(&path).unwrap().uid(), BOB, "{}", path.display());
        }
    }
    let log = fs::read_to_string(daemon.path("calc_2/log")).unwrap();
    assert!(!log.contains("cannot be kept"), "{log}");
    // numbers that others use are nobody's but root's to keep
    let kept = dir.path().join(".oqfs");
    assert!(!kept.join("rates").exists());
    assert!(fs::read_dir(kept.join(format!("rates-{BOB}"))).unwrap().count() > 0);
}

/// What a user puts in place of a file of a calculation does not lead root elsewhere.
#[test]
fn root_follows_no_link_in_the_folder_of_another() {
    const TEST: &str = "root_follows_no_link_in_the_folder_of_another";
    need_fuse!(TEST);
    let Some((daemon, _)) = shared(TEST) else { return };
    drop_job(BOB, &daemon, &job(daemon.tmp.path(), "long"));
    wait_until("it to run", || !owners_of(&daemon, "run-queued").is_empty());
    assert!(daemon.umount().status.success());
    let private = daemon.tmp.path().join("private");
    fs::write(&private, "untouched").unwrap();
    mode(&private, 0o600);
    let calc = daemon.path("calc_1");
    for name in ["log", "output.hdf5.partial", "output.hdf5.index", "job.lock"] {
        assert!(can(BOB, &format!("cd '{}' && ln -sf '{}' {name}", calc.display(), private.display())), "{name}");
    }
    daemon.mount(&["--allow-other"]);
    let _ = command(&daemon.point, &["cancel", "1"]).output().unwrap();
    wait_until("it to end", || owners_of(&daemon, "run-queued").is_empty());
    assert_eq!(fs::read_to_string(&private).unwrap(), "untouched");
    says(&mut command(&daemon.point, &["status"]), 0);
}

/// Who dropped a job cancels and removes it, through the mount; others do not.
#[test]
fn a_user_lists_and_prints_what_the_mount_of_root_shows() {
    const TEST: &str = "a_user_lists_and_prints_what_the_mount_of_root_shows";
    need_fuse!(TEST);
    let Some((daemon, dir)) = shared(TEST) else { return };
    assert_eq!((calc(&dir, 3), calc(&dir, 3)), (1, 2));
    mode(&dir.path().join("calc_2").join(OUTPUT), 0o600);
    let by = |user: u32, args: &[&str], code: i32| {
        let mut command = command(&daemon.point, args);
        says(command.uid(user).gid(user), code)
    };
    assert_eq!(by(BOB, &["ls", "-lR", "1"], 0), by(0, &["ls", "-lR", "1"], 0));
    assert_eq!(by(BOB, &["cat", "1/attrs.json"], 0), by(0, &["cat", "1/attrs.json"], 0));
    assert!(by(BOB, &["cat", "2/x.npy"], 1).contains("2/x.npy"));
}

#[test]
fn a_user_moves_calculations_among_those_of_that_user_alone() {
    const TEST: &str = "a_user_moves_calculations_among_those_of_that_user_alone";
    need_fuse!(TEST);
    let Some((daemon, _)) = shared(TEST) else { return };
    let by = |user: u32, args: &[&str], code: i32| {
        let mut command = command(&daemon.point, args);
        says(command.uid(user).gid(user), code)
    };
    drop_job(BOB, &daemon, &job(daemon.tmp.path(), "long"));
    wait_until("it to run", || !owners_of(&daemon, "run-queued").is_empty());
    for (user, name) in [(ALICE, "a"), (BOB, "b"), (ALICE, "c"), (BOB, "d")] {
        drop_job(user, &daemon, &job(daemon.tmp.path(), name));
    }
    // as everybody sees it
    let order = |wanted: [&str; 4]| {
        for user in [0, ALICE, BOB] {
            let table = by(user, &["queue"], 0);
            let ids: Vec<_> = table.lines().skip(1).map(|line| line.split_whitespace().next().unwrap()).collect();
            assert_eq!(ids[ids.len() - 4..], wanted, "{user}: {table}");
        }
    };
    order(["2", "3", "4", "5"]);
    by(ALICE, &["queue", "--first", "4"], 0);
    order(["4", "3", "2", "5"]);
    by(BOB, &["queue", "--before", "5", "3"], 0);
    order(["4", "5", "2", "3"]);
    assert!(by(BOB, &["queue", "--first", "2"], 1).contains("calculation 2 belongs to another user"));
    assert!(by(BOB, &["queue", "--before", "3", "2"], 1).contains("calculation 2 does not wait"));
    order(["4", "5", "2", "3"]);
    by(0, &["queue", "--first", "3"], 0);
    order(["3", "4", "5", "2"]);
    by(BOB, &["cancel", "1"], 0);
}

#[test]
fn a_calculation_is_cancelled_and_removed_by_its_owner() {
    const TEST: &str = "a_calculation_is_cancelled_and_removed_by_its_owner";
    need_fuse!(TEST);
    let Some((daemon, dir)) = shared(TEST) else { return };
    let by = |user: u32, args: &[&str], code: i32| {
        let mut command = command(&daemon.point, args);
        says(command.uid(user).gid(user), code)
    };
    drop_job(BOB, &daemon, &job(daemon.tmp.path(), "long"));
    wait_until("it to run", || !owners_of(&daemon, "run-queued").is_empty());
    wait_until("it to say so", || by(0, &["status", "1"], 0).starts_with("executing"));
    for args in [&["cancel", "1"][..], &["remove", "--yes", "1"]] {
        let said = by(ALICE, args, 1);
        assert!(said.contains("another user") || said.contains("is executing"), "{said}");
    }
    assert!(by(BOB, &["remove", "--yes", "1"], 1).contains("is executing"));
    by(BOB, &["cancel", "1"], 0);
    assert_eq!(by(BOB, &["cancel", "1"], 1), "oqfs: calculation 1 is cancelled\n");
    assert!(by(ALICE, &["remove", "--yes", "1"], 1).contains("another user"));
    by(BOB, &["remove", "--yes", "1"], 0);
    assert!(!dir.path().join("calc_1").exists());
    // root does all of it beneath, to anybody's
    drop_job(ALICE, &daemon, &job(daemon.tmp.path(), "longer"));
    by(0, &["cancel", "2"], 0);
    by(0, &["remove", "--yes", "2"], 0);
    // one of root's is root's alone
    assert_eq!(calc(&dir, 3), 3);
    assert!(by(BOB, &["remove", "--yes", "3"], 1).contains("another user"));
    assert!(daemon.path("calc_3/x.npy").exists());
}

#[test]
fn a_shared_calculation_is_cancelled_and_removed_by_its_owner() {
    const TEST: &str = "a_shared_calculation_is_cancelled_and_removed_by_its_owner";
    need_fuse!(TEST);
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } != 0 {
        return common::skip(TEST, "only root can be somebody else");
    }
    let tmp = tempfile::tempdir().unwrap();
    mode(tmp.path(), 0o755);
    let data = tmp.path().join("oqdata");
    fs::create_dir(&data).unwrap();
    mode(&data, 0o1777);
    let by = |user: u32, args: &[&str], code: i32| {
        let mut command = command(&data, args);
        says(command.uid(user).gid(user), code)
    };
    let job = small_job(tmp.path(), "shared").join("job.ini");
    for id in ["1", "2", "3"] {
        assert_eq!(by(BOB, &["submit", job.to_str().unwrap(), "--by-hand"], 0).trim(), id);
    }
    for args in [&["work", "--share", "2"][..], &["finish", "2"], &["submit", "--again", "2", "--by-hand"]] {
        let said = by(ALICE, args, 1);
        assert!(said.contains("Permission denied"), "{args:?}: {said}");
    }
    by(BOB, &["work", "--share", "2"], 0);
    let refused = |how: &str| {
        for (args, why) in [(&["cancel", "2"][..], "cancel"), (&["remove", "--yes", "2"], "remove")] {
            let said = by(ALICE, args, 1);
            assert!(
                ["another user", "Permission denied", "cancel it first"].iter().any(|text| said.contains(text)),
                "{how} {why}: {said}"
            );
        }
        assert_eq!(by(ALICE, &["status", "2"], 0).split(' ').next().unwrap().trim(), "executing", "{how}");
    };
    refused("without a mount");
    by(BOB, &["cancel", "1"], 0);
    assert!(by(ALICE, &["remove", "--yes", "1"], 1).contains("Permission denied"));
    by(BOB, &["remove", "--yes", "1"], 0);
    assert!(!data.join("calc_1").exists());
    // root's mount asks on behalf of its users
    let daemon = Daemon::over(tmp, &["--allow-other"]);
    refused("in a mount");
    assert!(can(BOB, &format!("grep -q begins '{}'", daemon.path("calc_2/log").display())));
    by(BOB, &["cancel", "2"], 0);
    assert!(by(ALICE, &["remove", "--yes", "2"], 1).contains("another user"));
    by(BOB, &["remove", "--yes", "2"], 0);
    by(0, &["cancel", "3"], 0);
    by(0, &["remove", "--yes", "3"], 0);
    assert!(!daemon.path("calc_2").exists() && !daemon.path("calc_3").exists());
}
