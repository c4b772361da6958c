//! Mounts at a directory of their own: a data directory that is shown elsewhere, and one HDF5 file.

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::mount::{bash, calc, has_ended, hdf5_file, is_mounted, names, oqfs, wait_until};
use common::program::{command, says, small_job, told};
use common::run_python;
use oqfs::datastore::{DataDir, mounted_by};
use oqfs::fuse;

/// Two directories, of which the second shows the first.
struct Shown {
    tmp: tempfile::TempDir,
    dir: PathBuf,
    point: PathBuf,
}

impl Shown {
    fn new() -> Self {
        let tmp = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(tmp.path()).unwrap();
        let shown = Self { dir: top.join("oqdata"), point: top.join("shown"), tmp };
        fs::create_dir(&shown.dir).unwrap();
        shown
    }

    fn mount(&self, code: i32) -> String {
        told(oqfs(&["mount", text(&self.dir), "--at", text(&self.point)]), code)
    }
}

impl Drop for Shown {
    fn drop(&mut self) {
        let pid = mounted_by(&self.point);
        if pid.is_some() && !oqfs(&["umount", text(&self.point)]).status.success() {
            let _ = fuse::unmount(&self.point);
        }
        if let Some(pid) = pid {
            // SAFETY: the process this test started.
            unsafe { libc::kill(pid as i32, libc::SIGKILL) };
        }
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_data_directory_is_shown_elsewhere_with_everything_as_usual() {
    need_fuse!("a_data_directory_is_shown_elsewhere_with_everything_as_usual");
    let shown = Shown::new();
    calc(&DataDir::open(&shown.dir).unwrap(), 10);
    shown.mount(0);
    let pid = mounted_by(&shown.point).unwrap();
    assert_eq!(mounted_by(&shown.dir), Some(pid), "the directory says where it is shown");
    assert!(!is_mounted(&shown.dir) && names(&shown.point) == ["calc_1", "last", "new"]);
    assert_eq!(fs::metadata(shown.point.join("calc_1/x.npy")).unwrap().len(), 128 + 80);

    let job = small_job(shown.tmp.path(), "small");
    assert!(Command::new("cp").arg("-r").arg(&job).arg(shown.point.join("new")).status().unwrap().success());
    assert!(says(&mut command(&shown.point, &["wait", "2"]), 0).starts_with("calc_2: complete"));
    // by either name, and by where one is, what is beneath is meant
    let table = says(&mut command(&shown.dir, &["status"]), 0);
    assert!(table.contains("small"), "{table}");
    assert_eq!(says(&mut command(&shown.point, &["status"]), 0), table);
    let mut inside = command(Path::new(""), &["status"]);
    assert_eq!(says(inside.current_dir(&shown.point), 0), table);
    assert_eq!(says(&mut command(&shown.point, &["remove", "--yes", "1"]), 0), "");
    assert!(!shown.dir.join("calc_1").exists());
    wait_until("it to be gone", || !shown.point.join("calc_1").exists());
    // a copy to where the spool is not served makes no file
    assert!(fs::write(shown.dir.join("new"), "").is_err());

    let again = told(oqfs(&["mount", text(&shown.dir)]), 1);
    assert!(again.contains(&format!("already mounted by process {pid}, at {}", shown.point.display())), "{again}");
    assert!(shown.mount(1).contains(&format!("already mounted by process {pid}")));

    told(oqfs(&["umount", text(&shown.dir)]), 0);
    assert!(has_ended(pid) && !is_mounted(&shown.point));
    assert_eq!((names(&shown.point), names(&shown.dir)), (vec![], vec![".oqfs".to_string(), "calc_2".to_string()]));
    shown.mount(0);
    told(oqfs(&["umount", text(&shown.point)]), 0);
    assert!(!is_mounted(&shown.point));
}

#[test]
fn symlinks_to_where_it_is_shown_lead_beneath() {
    need_fuse!("symlinks_to_where_it_is_shown_lead_beneath");
    let shown = Shown::new();
    hdf5::File::create(shown.dir.join("store.hdf5"))
        .unwrap()
        .new_dataset_builder()
        .with_data(&[1.0])
        .create("x")
        .unwrap();
    // a process of the mount that went there by the mount would wait for itself
    std::os::unix::fs::symlink(shown.point.join("store.hdf5"), shown.dir.join("calc_3.hdf5")).unwrap();
    shown.mount(0);
    assert_eq!(fs::read(shown.point.join("calc_3/x.npy")).unwrap().len(), 128 + 8);
}

#[test]
fn a_crash_or_a_kill_is_survived_where_it_is_shown() {
    need_fuse!("a_crash_or_a_kill_is_survived_where_it_is_shown");
    let shown = Shown::new();
    shown.mount(0);
    let pid = mounted_by(&shown.point).unwrap();
    let server = || -> Option<i32> {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    };
    let first = server().unwrap();
    // SAFETY: a process of the mount that this test made.
    unsafe { libc::kill(first, libc::SIGKILL) };
    wait_until("the next server", || server().is_some_and(|next| next != first) && shown.point.join("new").is_dir());
    // SAFETY: the same.
    unsafe { libc::kill(pid as i32, libc::SIGKILL) };
    shown.mount(0);
    assert_ne!(mounted_by(&shown.point).unwrap(), pid);
    assert!(shown.point.join("new/README").exists());
}

#[test]
fn points_that_would_hide_something_are_refused() {
    let shown = Shown::new();
    let (dir, top) = (text(&shown.dir), shown.tmp.path());
    let at = |point: &Path| told(oqfs(&["mount", dir, "--at", text(point)]), 1);
    for (point, wanted) in [
        (shown.dir.clone(), "the data directory itself"),
        (shown.dir.join("below"), "within the data directory"),
        (fs::canonicalize(top).unwrap(), "is in it, and would be hidden"),
        ("/etc/oqfs".into(), "a directory of the system"),
    ] {
        let said = at(&point);
        assert!(said.contains(wanted), "{said}");
    }
    fs::create_dir(&shown.point).unwrap();
    for (file, wanted) in [
        ("mine", "not empty: mine would be hidden"),
        ("b", "b, mine would"),
        ("c", "b, c, mine would"),
        ("d", "b, c, d and 1 more"),
    ] {
        fs::write(shown.point.join(file), "").unwrap();
        let said = at(&shown.point);
        assert!(said.contains(wanted), "{said}");
    }
    let both = told(oqfs(&["mount", dir, text(&shown.point)]), 1);
    assert!(both.contains("a data directory is shown elsewhere by --at"), "{both}");
    assert!(!is_mounted(&shown.point));
}

/// An odd HDF5 file, and a directory that is not there.
fn odd() -> Shown {
    let made = Shown::new();
    run_python(include_str!("python/zoo.py"), &[text(&made.dir)]);
    let mut odd = Shown::new();
    fs::remove_dir(&odd.dir).unwrap();
    odd.dir = odd.tmp.path().join("odd.h5");
    fs::copy(made.dir.join("calc_1.hdf5"), &odd.dir).unwrap();
    odd
}

#[test]
fn one_file_is_shown_at_a_directory_of_its_own() {
    need_fuse!("one_file_is_shown_at_a_directory_of_its_own");
    need_python!("one_file_is_shown_at_a_directory_of_its_own");
    let odd = odd();
    let (file, point) = (text(&odd.dir), text(&odd.point));
    told(oqfs(&["mount", file, point]), 0);
    let listed = says(&mut command(Path::new("/nowhere"), &["ls", file]), 0);
    assert_eq!(names(&odd.point), listed.lines().collect::<Vec<_>>());
    let same = bash(
        &odd.point,
        &format!(
            "OQFS={}; find . -type f | while read -r f; do \"$OQFS\" cat '{file}'/\"$f\" | cmp - \"$f\" || exit 1; done",
            env!("CARGO_BIN_EXE_oqfs")
        ),
    );
    assert!(same.status.success(), "{}", String::from_utf8_lossy(&[same.stdout, same.stderr].concat()));
    let refused = bash(&odd.point, "touch x; rm attrs.json; mkdir y; echo >status; true");
    assert_eq!(String::from_utf8_lossy(&refused.stderr).matches("Read-only file system").count(), 4);
    // it is no data directory
    let mut inside = command(Path::new(""), &["status"]);
    let inside = says(inside.current_dir(&odd.point).env("HOME", odd.tmp.path()), 0);
    assert!(
        inside.contains(&format!("{}: there is no such directory", odd.tmp.path().join("oqdata").display())),
        "{inside}"
    );
    assert!(told(oqfs(&["mount", file, point]), 1).contains("already mounted by process"));
    // what takes its place shows
    let data: Vec<f64> = vec![2.0];
    let other = odd.tmp.path().join("other.h5");
    hdf5_file(&other).new_dataset_builder().with_data(&data).create("other").unwrap();
    fs::rename(&other, &odd.dir).unwrap();
    wait_until("the new file", || odd.point.join("other.npy").exists());
    let pid = mounted_by(&odd.point).unwrap();
    told(oqfs(&["umount", point]), 0);
    assert!(has_ended(pid) && names(&odd.point).is_empty());
    assert!(!odd.tmp.path().join(".oqfs").exists(), "nothing is made beside it");
}

#[test]
fn what_is_no_hdf5_file_is_not_mounted() {
    let shown = Shown::new();
    let file = shown.tmp.path().join("text");
    fs::write(&file, "no HDF5").unwrap();
    let said = told(oqfs(&["mount", text(&file), text(&shown.point)]), 1);
    assert!(said.contains("not an HDF5 file"), "{said}");
    let said = told(oqfs(&["mount", text(&file)]), 1);
    assert!(said.contains("a file, which is shown at a directory: oqfs mount"), "{said}");
}
