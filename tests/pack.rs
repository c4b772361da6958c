//! A calculation in one file, moved to another data directory.

mod common;

use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::Path;

use common::irpinia::{Fixture, contents};
use common::mount::{Daemon, bash, names};
use common::program::{command, says};
use zip::ZipArchive;
use zip::write::{SimpleFileOptions, ZipWriter};

/// A calculation, packed into `packed.zip`.
fn packed() -> Fixture {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    pack(&fixture, "1", "packed.zip");
    fixture
}

fn pack(fixture: &Fixture, calc: &str, name: &str) {
    let to = fixture.tmp.path().join(name).display().to_string();
    assert_eq!(says(&mut command(&fixture.data_dir(), &["pack", calc, "-o", &to]), 0), format!("{to}\n"));
}

/// The same archive with some entries changed.
fn changed(archive: &Path, to: &Path, change: impl Fn(&str, Vec<u8>) -> Vec<u8>) {
    let mut from = ZipArchive::new(File::open(archive).unwrap()).unwrap();
    let mut zip = ZipWriter::new(File::create(to).unwrap());
    for i in 0..from.len() {
        let mut entry = from.by_index(i).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = vec![];
        entry.read_to_end(&mut bytes).unwrap();
        zip.start_file(&name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&change(&name, bytes)).unwrap();
    }
    zip.finish().unwrap();
}

fn files_of(folder: &Path) -> Vec<String> {
    let said = bash(folder, "find . -type f ! -name '*.lock' | sort | xargs sha256sum");
    String::from_utf8(said.stdout).unwrap().lines().map(str::to_string).collect()
}

#[test]
fn a_packed_calculation_is_one_elsewhere() {
    let fixture = packed();
    let other = tempfile::tempdir().unwrap();
    let dir = other.path().join("oqdata");
    let archive = fixture.tmp.path().join("packed.zip").display().to_string();
    for id in [1, 2] {
        let told = says(&mut command(&dir, &["unpack", &archive]), 0);
        assert_eq!(told, format!("{}\n", dir.join(format!("calc_{id}")).display()));
        let calc = dir.join(format!("calc_{id}"));
        assert!(contents(&fixture.calc(1)) == contents(&calc));
        assert_eq!(files_of(&fixture.calc(1)), files_of(&calc));
    }
    assert!(says(&mut command(&dir, &["status", "2"]), 0).contains("complete"));
    // it goes on as if it had been computed there
    says(&mut command(&dir, &["rerun", "2", "--set", "poes=0.05"]), 0);
    assert!(says(&mut command(&dir, &["cite", "2"]), 0).contains("oqfs"));
}

#[test]
fn a_packed_calculation_is_dropped() {
    need_fuse!("a_packed_calculation_is_dropped");
    let fixture = packed();
    let daemon = Daemon::start();
    fs::copy(fixture.calc(1).join("output.hdf5"), fixture.data_dir().join("calc_7.hdf5")).unwrap();
    pack(&fixture, "7", "engine.zip");
    for (name, id) in [("packed", 1), ("engine", 2)] {
        let from = fixture.tmp.path().join(format!("{name}.zip"));
        let copied = bash(&daemon.point, &format!("cp {} new/", from.display()));
        assert!(copied.status.success(), "{copied:?}");
        let said = fs::read_to_string(daemon.path(&format!("new/{name}.status"))).unwrap();
        assert!(said.starts_with(&format!("calc_{id} complete")), "{said}");
        let status = fs::read_to_string(daemon.path(&format!("calc_{id}/status"))).unwrap();
        assert!(status.starts_with("complete"), "{status}");
        assert_eq!(
            fs::read(daemon.path(&format!("calc_{id}/output.hdf5"))).unwrap(),
            fs::read(fixture.calc(1).join("output.hdf5")).unwrap()
        );
        assert_eq!(names(&daemon.path("new")), ["README".into(), format!("{name}.status")], "the archive is not kept");
        fs::remove_file(daemon.path(&format!("new/{name}.status"))).unwrap();
    }
    // what is damaged on the way is refused
    let bad = fixture.tmp.path().join("bad.zip");
    let damage = |name: &str, bytes: Vec<u8>| if name.ends_with("log") { b"other".to_vec() } else { bytes };
    changed(&fixture.tmp.path().join("packed.zip"), &bad, damage);
    assert!(!bash(&daemon.point, &format!("cp {} new/", bad.display())).status.success());
    let error = fs::read_to_string(daemon.path("new/bad.error")).unwrap();
    assert!(error.contains("calc/log: it is not what was packed"), "{error}");
    assert!(!daemon.path("calc_3").exists());
}

#[test]
fn what_is_no_packed_calculation_is_told() {
    let fixture = packed();
    let archive = fixture.tmp.path().join("packed.zip");
    let text =
        |change: &dyn Fn(String) -> String, bytes: Vec<u8>| change(String::from_utf8(bytes).unwrap()).into_bytes();
    type Change<'a> = (&'a str, &'a str, &'a dyn Fn(String) -> String);
    let label = "oqfs-calculation.json";
    let changes: [Change; 4] = [
        ("it was packed by a newer oqfs: found 2", label, &|t| {
            t.replace("\"oqfs_calculation\": 1", "\"oqfs_calculation\": 2")
        }),
        ("a path that leaves the archive", label, &|t| t.replace("\"calc/log\"", "\"calc/../../log\"")),
        ("calc/job.ini: it is not what was packed", "calc/job.ini", &|t| t.replace('=', ":")),
        (label, label, &|_| "{}".into()),
    ];
    let bad = fixture.tmp.path().join("bad.zip");
    let unpack = |code| says(&mut command(&fixture.data_dir(), &["unpack", bad.to_str().unwrap()]), code);
    for (why, entry, change) in changes {
        changed(&archive, &bad, |name, bytes| if name == entry { text(change, bytes) } else { bytes });
        let said = unpack(1);
        assert!(said.contains(why), "{said}");
    }
    let mut zip = ZipWriter::new(File::create(&bad).unwrap());
    zip.start_file("job.ini", SimpleFileOptions::default()).unwrap();
    zip.finish().unwrap();
    assert!(unpack(1).contains("is no packed calculation; a job is run with `oqfs run"));
    assert!(!fixture.calc(2).exists());
    let left = fs::read_dir(fixture.data_dir().join(".oqfs")).unwrap();
    assert!(!left.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("unpacked")));
}

#[test]
fn what_cannot_be_packed_is_told() {
    let fixture = packed();
    let archive = fixture.tmp.path().join("packed.zip");
    let before = fs::read(&archive).unwrap();
    let to = archive.display().to_string();
    assert!(says(&mut command(&fixture.data_dir(), &["pack", "1", "-o", &to]), 1).contains("is there already"));
    assert_eq!(fs::read(&archive).unwrap(), before);
    let job = fixture.calc(1).join("job.json");
    let state = fs::read_to_string(&job).unwrap().replace("complete", "queued");
    fs::write(&job, state).unwrap();
    let new = fixture.tmp.path().join("new.zip").display().to_string();
    assert!(
        says(&mut command(&fixture.data_dir(), &["pack", "1", "-o", &new]), 1)
            .contains("what is not over is not packed")
    );
    assert!(!Path::new(&new).exists());
}

/// Zeros are packed a thousand times: they are stored, so that the archive is not taken for a bomb.
#[test]
fn what_packs_too_well_can_be_unpacked() {
    let fixture = packed();
    File::create(fixture.calc(1).join("output.hdf5")).unwrap().set_len(200 << 20).unwrap();
    pack(&fixture, "1", "zeros.zip");
    let to = fixture.tmp.path().join("zeros.zip").display().to_string();
    says(&mut command(&fixture.data_dir(), &["unpack", &to]), 0);
    assert_eq!(fs::metadata(fixture.calc(2).join("output.hdf5")).unwrap().len(), 200 << 20);
}
