//! Datasets whose elements are in other files, against what h5py reads of them.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use common::mount::{Daemon, wait_until};
use common::npy::compare_with_numpy;
use common::run_python;
use oqfs::datastore::DataDir;
use oqfs::fs::{Caching, Caller, Fs, ROOT, SHORT};
use oqfs::reader::{Readers, RefusedFile, RefusedList};
use oqfs::view::{File, Tree, ViewNode, Views};
use serde_json::Value;

const ME: Caller = Caller { uid: 0, gid: 0, thread: 0, umask: 0 };
const SCRIPT: &str = include_str!("python/elsewhere.py");

/// What h5py wrote, once.
fn written() -> &'static tempfile::TempDir {
    static WRITTEN: OnceLock<tempfile::TempDir> = OnceLock::new();
    WRITTEN.get_or_init(|| {
        let tmp = tempfile::tempdir().unwrap();
        run_python(SCRIPT, &[tmp.path().to_str().unwrap()]);
        tmp
    })
}

fn views(dir: &Path) -> Arc<Views> {
    Views::new(DataDir::open(dir).unwrap())
}

fn tree(views: &Arc<Views>) -> Arc<Tree> {
    views.calc(1).unwrap().tree().unwrap().unwrap()
}

fn found(tree: &Tree, at: &str) -> Option<Arc<File>> {
    let path: Vec<String> = at.split('/').map(String::from).collect();
    match tree.at(&path).unwrap() {
        Some(ViewNode::File(file)) => Some(file),
        None => None,
        other => panic!("{at}: {other:?}"),
    }
}

fn file(tree: &Tree, at: &str) -> Arc<File> {
    found(tree, at).unwrap_or_else(|| panic!("{at}: not there; {}", attrs(tree)))
}

fn attrs(tree: &Tree) -> Value {
    serde_json::from_slice(&tree.attrs().unwrap().read().unwrap()).unwrap()
}

fn reasons(tree: &Tree, group: &str) -> BTreeMap<String, String> {
    let all = attrs(tree);
    let below = all.as_object().unwrap().iter().filter_map(|(path, said)| Some((path.strip_prefix(group)?, said)));
    below.map(|(name, said)| (name.to_string(), said["oqfs:not_shown"].as_str().unwrap().to_string())).collect()
}

#[test]
fn elements_in_other_files_are_what_h5py_reads() {
    need_python!("elements_in_other_files_are_what_h5py_reads");
    let tree = tree(&views(written().path()));
    let compared = compare_with_numpy(&written().path().join("expected"), |at| file(&tree, at).read().unwrap());
    assert!(compared > 15, "{compared} compared");
}

#[test]
fn any_part_of_them_can_be_read() {
    need_python!("any_part_of_them_can_be_read");
    let tree = tree(&views(written().path()));
    for at in ["external/segments.npy", "external/short.npy", "external/padded.npy"] {
        let whole = fs::read(written().path().join("expected").join(at)).unwrap();
        let file = file(&tree, at);
        assert_eq!(file.size().unwrap(), whole.len() as u64);
        for offset in (0..whole.len()).step_by(13) {
            for len in [1, 14, 3000] {
                let mut part = vec![1; len];
                let n = file.read_at(offset as u64, &mut part).unwrap();
                assert_eq!(part[..n], whole[offset..whole.len().min(offset + len)], "{at} {offset} {len}");
            }
        }
    }
}

#[test]
fn what_may_not_be_read_is_told_with_the_reason() {
    need_python!("what_may_not_be_read_is_told_with_the_reason");
    let tree = tree(&views(written().path()));
    let expected = [
        ("above", "its elements are in another file, ../out.raw: outside the data directory"),
        ("absolute", "its elements are in another file, /etc/passwd: outside the data directory"),
        ("folder", "its elements are in another file, parts: not a regular file"),
        ("link", "its elements are in another file, out.raw: outside the data directory"),
        ("missing", "its elements are in another file, nowhere.raw: no such file"),
        ("pipe", "its elements are in another file, pipe.raw: not a regular file"),
        ("pointers", "string of any length, of which the pointers are in another file"),
        (
            "virtual_etc",
            "a virtual dataset, its elements are in another file, /etc/out.hdf5: outside the data directory",
        ),
        ("virtual_endless", "its elements are in another file, parts/a.hdf5: no dataset nothing there"),
        ("virtual_itself", "a virtual dataset of too many virtual datasets, or of itself"),
        ("virtual_numbered", "its elements are in another file, ../out0.hdf5: outside the data directory"),
        ("virtual_out", "a virtual dataset, its elements are in another file, ../out.hdf5: outside the data directory"),
        (
            "virtual_way_out",
            "a virtual dataset, its elements are in another file, out.hdf5: outside the data directory",
        ),
    ];
    let expected: BTreeMap<String, String> = expected.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    // What was found by opening a dataset is told with the file.
    let mut told = reasons(&tree, "/unshown/");
    let prefix = format!("{}: a dataset: ", written().path().join("calc_1.hdf5").display());
    told.values_mut().for_each(|why| *why = why.trim_start_matches(&prefix).to_string());
    assert_eq!(told, expected);
    let Some(ViewNode::Dir(unshown)) = tree.at(&["unshown".into()]).unwrap() else { panic!() };
    assert!(tree.entries(&unshown).unwrap().is_empty());
}

#[test]
fn fill_values_for_a_missing_file_are_told() {
    need_python!("fill_values_for_a_missing_file_are_told");
    let all = attrs(&tree(&views(written().path())));
    let told: BTreeMap<_, _> = all
        .as_object()
        .unwrap()
        .iter()
        .filter_map(|(path, said)| Some((path.as_str(), said.get("oqfs:filled")?)))
        .collect();
    let names: Vec<_> = told.keys().copied().collect();
    assert_eq!(names, ["/virtual/endless_no_file", "/virtual/no_file"]);
    assert_eq!(told["/virtual/no_file"], "fill values stand for the elements of files that are missing: nowhere.hdf5");
}

#[test]
fn sources_that_do_not_fit_are_errors() {
    need_python!("sources_that_do_not_fit_are_errors");
    let tree = tree(&views(written().path()));
    for (name, why) in [
        ("small", "a source of shape [3], which is not as large as what is mapped to it"),
        ("rank", "a source of shape [40, 50], which"),
        ("type", "conversion"),
        ("no_dataset_nothing", "its elements are in another file, parts/a.hdf5: no dataset nothing there"),
        ("no_dataset_deep", "no dataset nothing/at/all there"),
        ("no_dataset_dangling", "no dataset dangling there"),
        ("no_dataset_group", "no dataset group there"),
        ("no_dataset_through", "no dataset x/y there"),
        ("no_dataset_here", "its elements are in the same file: no dataset nothing there"),
        ("garbage", "not an HDF5 file"),
        ("round", "a virtual dataset of too many virtual datasets, or of itself"),
        ("many_rounds", "a virtual dataset of too many virtual datasets, or of itself"),
    ] {
        let file = file(&tree, &format!("errors/{name}.npy"));
        assert_eq!(file.read_at(0, &mut [0; 64]).unwrap(), 64, "the header");
        let said = file.read().unwrap_err().to_string();
        assert!(said.contains(why), "{name}: {said}");
    }
    assert_eq!(String::from_utf8(file(&tree, "lists.json").read().unwrap()).unwrap(), "[\n[1,2],\n[],\n[]\n]\n");
}

#[test]
fn a_source_that_is_written_or_refused_is_an_error_as_long_as_it_is() {
    need_python!("a_source_that_is_written_or_refused_is_an_error_as_long_as_it_is");
    let tmp = tempfile::tempdir().unwrap();
    let script = "import h5py, os, sys\nos.chdir(sys.argv[1])\nh5py.File('a.hdf5', 'w')['x'] = [1., 2.]\n\
                  layout = h5py.VirtualLayout(shape=(2,), dtype='f8')\n\
                  layout[:] = h5py.VirtualSource('a.hdf5', 'x', shape=(2,))\n\
                  h5py.File('calc_1.hdf5', 'w').create_virtual_dataset('x', layout)";
    run_python(script, &[tmp.path().to_str().unwrap()]);
    let x = file(&tree(&views(tmp.path())), "x.npy");
    let source = fs::File::open(tmp.path().join("a.hdf5")).unwrap();
    source.lock().unwrap();
    let said = x.read().unwrap_err().to_string();
    assert!(said.contains("a.hdf5: being written by this process"), "{said}");
    source.unlock().unwrap();
    assert!(x.read().unwrap().ends_with(&2f64.to_le_bytes()));

    let refused = RefusedFile { file: (&source.metadata().unwrap()).into(), why: "it crashed".into() };
    let dir = DataDir::open(tmp.path()).unwrap();
    let readers = Readers::here(Some(dir.clone()), RefusedList::of(vec![refused]));
    let x = file(&tree(&Views::with_readers(dir, readers)), "x.npy");
    let said = x.read().unwrap_err().to_string();
    assert!(said.ends_with("its elements are in another file, a.hdf5: it crashed"), "{said}");
}

/// What a file system says of a file of calculation 1: inode, size, how it may be kept, and its bytes.
struct Seen {
    ino: u64,
    size: u64,
    kept: (std::time::Duration, Caching),
    bytes: Vec<u8>,
}

fn see(fs: &Fs, path: &str) -> Seen {
    let lookup = |at: u64, name: &str| fs.lookup(at, name.as_ref(), ME).unwrap();
    let entry = path.split('/').fold(lookup(ROOT, "calc_1"), |at, name| lookup(at.attr.ino, name));
    let opened = fs.open(entry.attr.ino, libc::O_RDONLY, ME).unwrap();
    let mut bytes = vec![0; 1 << 20];
    let n = fs.read(opened.fh, 0, &mut bytes).unwrap();
    bytes.truncate(n);
    assert_eq!(entry.ttl, entry.attr.ttl);
    Seen { ino: entry.attr.ino, size: entry.attr.size, kept: (entry.ttl, opened.caching), bytes }
}

#[test]
fn what_changes_in_another_file_shows_and_the_kernel_keeps_none_of_it() {
    need_python!("what_changes_in_another_file_shows_and_the_kernel_keeps_none_of_it");
    let tmp = tempfile::tempdir().unwrap();
    let script = "import h5py, os, sys\nos.chdir(sys.argv[1])\nf = h5py.File('calc_1.hdf5', 'w')\n\
                  f.create_dataset('a/x', (4,), 'u1', external=[('x.raw', 0, 4)])\n\
                  f.create_dataset('b/y', (4,), 'u1', external=[('y.raw', 0, 4)])\nf['c/z'] = [1]\nf.close()\n\
                  open('x.raw', 'wb').write(b'1234')";
    run_python(script, &[tmp.path().to_str().unwrap()]);
    let raw = |name: &str| tmp.path().join(name);
    let fs = Fs::new(DataDir::open(tmp.path()).unwrap(), None).unwrap();
    assert_eq!(see(&fs, "c/z.npy").kept, (SHORT, Caching::Fresh), "the file as a whole is not all there is");
    let first = see(&fs, "a/x.npy");
    assert_eq!((&first.bytes[128..], first.kept), (&b"1234"[..], (SHORT, Caching::Fresh)));
    assert_eq!(see(&fs, "a/x.npy").ino, first.ino);

    fs::write(raw("x.raw"), "ab").unwrap();
    wait_until("the new bytes", || see(&fs, "a/x.npy").ino != first.ino);
    let second = see(&fs, "a/x.npy");
    assert_eq!((&second.bytes[128..], second.size), (&b"ab\0\0"[..], 132));
    assert_eq!(fs.getattr(first.ino, None).unwrap_err().0, libc::ESTALE, "who opens it now gets another inode");

    let lookup = |at: u64, name: &str| fs.lookup(at, name.as_ref(), ME);
    let calc = lookup(ROOT, "calc_1").unwrap().attr.ino;
    let group = lookup(calc, "b").unwrap().attr.ino;
    let told = || String::from_utf8(see(&fs, "attrs.json").bytes).unwrap();
    assert!(lookup(group, "y.npy").is_err() && told().contains("y.raw: no such file"));
    assert_eq!(see(&fs, "attrs.json").kept, (SHORT, Caching::Fresh));
    fs::write(raw("y.raw"), "5678").unwrap();
    wait_until("the file that came", || lookup(group, "y.npy").is_ok());
    assert!(!told().contains("y.raw"));
    let open = fs.open(lookup(group, "y.npy").unwrap().attr.ino, libc::O_RDONLY, ME).unwrap();
    fs::remove_file(raw("y.raw")).unwrap();
    assert_eq!(fs.read(open.fh, 0, &mut [0; 4096]).unwrap_err().0, libc::EIO);
    wait_until("the file to be gone", || lookup(group, "y.npy").is_err());
}

#[test]
fn another_file_is_read_through_a_mount() {
    need_fuse!("another_file_is_read_through_a_mount");
    need_python!("another_file_is_read_through_a_mount");
    let daemon = Daemon::start();
    let dir = DataDir::open(&daemon.point).unwrap();
    // Written as users see it, so that absolute paths lead through the mount.
    run_python(SCRIPT, &[daemon.point.to_str().unwrap()]);
    let calc = daemon.path("calc_1");
    wait_until("the calculation", || calc.join("attrs.json").exists());
    let compared = compare_with_numpy(&dir.path().join("expected"), |at| {
        fs::read(calc.join(at)).unwrap_or_else(|e| panic!("{at}: {e}"))
    });
    assert!(compared > 15, "{compared} compared");
    let short = calc.join("external/short.npy");
    let before = fs::read(&short).unwrap();
    fs::write(daemon.path("short.raw"), [1; 240]).unwrap();
    wait_until("the new bytes", || {
        fs::read(&short).is_ok_and(|now| now[..128] == before[..128] && now[128..] == [1; 240])
    });
    fs::remove_file(daemon.path("short.raw")).unwrap();
    symlink(&short, daemon.path("short.raw")).unwrap();
    wait_until("an end", || !short.exists());
}
