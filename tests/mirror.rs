//! Mirrored files against a plain directory: the same operations on both, and the same results, errors included.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use common::disk::{Disk, Op};
use common::mount::{Daemon, the_same_as_plain_user};
use oqfs::datastore::DataDir;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A plain directory and one in a mount, both empty.
struct Both {
    plain: Disk,
    mirrored: Disk,
    beneath: PathBuf,
    /// Keeps the path of what is beneath good.
    _dir: DataDir,
}

impl Both {
    fn new(daemon: &Daemon, name: &str) -> Self {
        let plain = daemon.tmp.path().join(format!("plain_{name}"));
        let mirrored = daemon.path(name);
        fs::create_dir(&plain).unwrap();
        fs::create_dir(&mirrored).unwrap();
        let dir = DataDir::open(&daemon.point).unwrap();
        let beneath = dir.path().join(name);
        Self { plain: Disk::new(&plain), mirrored: Disk::new(&mirrored), beneath, _dir: dir }
    }

    fn play(&mut self, op: &Op) {
        let expected = self.plain.play(op);
        assert_eq!(self.mirrored.play(op), expected, "{op:?}");
    }

    fn compare_trees(&self, after: &[Op]) {
        let expected = self.plain.tree();
        assert_eq!(self.mirrored.tree(), expected, "after {after:?}");
        assert_eq!(Disk::new(&self.beneath).tree(), expected, "beneath, after {after:?}");
    }

    fn remove(self) {
        self.plain.remove();
        self.mirrored.remove();
    }
}

/// How many sequences are played: `$OQFS_MIRROR_CASES`, say 5000 for half an hour.
fn cases() -> u32 {
    std::env::var("OQFS_MIRROR_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(64)
}

#[test]
fn random_operations_do_the_same_as_in_a_plain_directory() {
    need_fuse!("random_operations_do_the_same_as_in_a_plain_directory");
    let daemon = Daemon::start();
    let mut runner = TestRunner::new(Config { cases: cases(), failure_persistence: None, ..Config::default() });
    let next = std::cell::Cell::new(0);
    let result = runner.run(&prop::collection::vec(Op::any(), 1..60), |ops| {
        next.set(next.get() + 1);
        let mut both = Both::new(&daemon, &format!("d{}", next.get()));
        for (i, op) in ops.iter().enumerate() {
            both.play(op);
            if i % 8 == 7 {
                both.compare_trees(&ops[..=i]);
            }
        }
        both.compare_trees(&ops);
        both.remove();
        Ok(())
    });
    if let Err(e) = result {
        panic!("{e}");
    }
}

#[test]
fn writing_through_a_mapping_keeps_set_id_bits() {
    need_fuse!("writing_through_a_mapping_keeps_set_id_bits");
    let daemon = Daemon::start();
    let mut both = Both::new(&daemon, "bits");
    let mut ops = vec![
        Op::Open { slot: 0, path: "c".into(), flags: libc::O_RDWR | libc::O_CREAT, mode: 0o600 },
        Op::Write { slot: 0, offset: 0, len: 9000, byte: 1 },
    ];
    for mode in [0o2755, 0o4755, 0o6755, 0o755] {
        ops.extend([Op::Chmod("c".into(), mode), Op::MapWrite { slot: 0, at: 8320, byte: 219 }]);
    }
    for n in 0..ops.len() {
        both.play(&ops[n]);
        both.compare_trees(&ops[..=n]);
    }
    both.remove();
}

/// What makes paths odd: each of these is given to each operation.
const ODD: [&str; 21] = [
    "file",
    "missing",
    "missing/x",
    "file/x",
    "file/",
    "dir",
    "dir/",
    "dir/.",
    "dir/..",
    "full",
    "full/x",
    "loop",
    "loop/x",
    "dangling",
    "to_dir",
    "to_dir/",
    "to_dir/x",
    "to_file",
    "pipe",
    "LONG",
    ".",
];

fn odd(name: &str) -> PathBuf {
    // One more than a name may have.
    if name == "LONG" { PathBuf::from("n".repeat(256)) } else { PathBuf::from(name) }
}

fn furnish(root: &Path) {
    use std::os::unix::fs::symlink;
    fs::write(root.join("file"), "content").unwrap();
    fs::create_dir(root.join("dir")).unwrap();
    fs::create_dir(root.join("full")).unwrap();
    fs::write(root.join("full/x"), "x").unwrap();
    for (target, name) in [("loop", "loop"), ("nothing", "dangling"), ("dir", "to_dir"), ("file", "to_file")] {
        symlink(target, root.join(name)).unwrap();
    }
    assert!(std::process::Command::new("mkfifo").arg(root.join("pipe")).status().unwrap().success());
}

#[test]
fn every_operation_fails_as_in_a_plain_directory() {
    need_fuse!("every_operation_fails_as_in_a_plain_directory");
    let daemon = Daemon::start();
    let mut ops: Vec<Op> = ODD.iter().flat_map(|name| Op::all_of(&odd(name))).collect();
    for from in ODD {
        ops.extend(ODD.iter().flat_map(|to| Op::all_from_to(&odd(from), &odd(to))));
    }
    let mut both = Both::new(&daemon, "odd");
    furnish(both.plain.root());
    furnish(both.mirrored.root());
    let mut failed = BTreeSet::<i32>::new();
    for op in &ops {
        let expected = both.plain.play(op);
        assert_eq!(both.mirrored.play(op), expected, "{op:?}");
        failed.extend(expected.as_ref().err());
        if expected.is_ok() && op.changes() {
            both.compare_trees(std::slice::from_ref(op));
            both.remove();
            both = Both::new(&daemon, "odd");
            furnish(both.plain.root());
            furnish(both.mirrored.root());
        }
    }
    use libc::*;
    for errno in [ENOENT, ENOTDIR, ENAMETOOLONG, EEXIST, ELOOP, ENOTEMPTY, EISDIR, EPERM, EINVAL, EBUSY] {
        assert!(failed.contains(&errno), "{errno} was never seen: {failed:?}");
    }
}

/// For them the kernel asks for every byte; root's mounts hand it the real files.
#[test]
fn the_same_holds_for_a_plain_user() {
    need_fuse!("the_same_holds_for_a_plain_user");
    the_same_as_plain_user("the_same_holds_for_a_plain_user", 3);
}
