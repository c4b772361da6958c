//! The file system, called without a mount.

mod common;

use common::jobs::FakeJobs;

use std::collections::HashSet;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use oqfs::datastore::{ArrayData, DataDir, DataStore, Writer, WriterHandle};
use oqfs::fs::{
    Attributes, Caching, Caller, Errno, FileKind, Fs, Ino, LONG, Lock, LockKind, ROOT, Result, SetAttr, SetTime,
};

const ME: Caller = Caller { uid: 0, gid: 0, thread: 0, umask: 0 };

struct Here {
    fs: Fs,
    jobs: Arc<FakeJobs>,
    tmp: tempfile::TempDir,
}

fn here() -> Here {
    let tmp = tempfile::tempdir().unwrap();
    let dir = DataDir::open(tmp.path()).unwrap();
    let jobs = Arc::new(FakeJobs::new(&dir));
    Here { fs: Fs::new(dir, Some(jobs.clone())).unwrap(), jobs, tmp }
}

impl Here {
    fn real(&self, path: &str) -> PathBuf {
        self.tmp.path().join(path)
    }

    fn find(&self, path: &str) -> Result<Attributes> {
        let mut attr = self.fs.getattr(ROOT, None)?;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            attr = self.fs.lookup(attr.ino, OsStr::new(name), ME)?.attr;
        }
        Ok(attr)
    }

    fn ino(&self, path: &str) -> Ino {
        self.find(path).unwrap_or_else(|e| panic!("{path}: {e}")).ino
    }

    fn split<'a>(&self, path: &'a str) -> (Ino, &'a OsStr) {
        let (dir, name) = path.rsplit_once('/').unwrap_or(("", path));
        (self.ino(dir), OsStr::new(name))
    }

    fn read(&self, path: &str) -> Result<Vec<u8>> {
        let opened = self.fs.open(self.find(path)?.ino, libc::O_RDONLY, ME)?;
        let mut bytes = vec![0; 1 << 20];
        let n = self.fs.read(opened.fh, 0, &mut bytes)?;
        self.fs.release(opened.fh);
        bytes.truncate(n);
        Ok(bytes)
    }

    fn text(&self, path: &str) -> String {
        String::from_utf8(self.read(path).unwrap_or_else(|e| panic!("{path}: {e}"))).unwrap()
    }

    /// As `echo content > path` does.
    fn write(&self, path: &str, content: &str) -> Result<()> {
        let (dir, name) = self.split(path);
        let fh = match self.fs.lookup(dir, name, ME) {
            Ok(entry) => {
                let fh = self.fs.open(entry.attr.ino, libc::O_WRONLY, ME)?.fh;
                self.fs.setattr(entry.attr.ino, Some(fh), &SetAttr { size: Some(0), ..Default::default() })?;
                fh
            }
            Err(_) => self.fs.create(dir, name, 0o644, libc::O_WRONLY, ME)?.1.fh,
        };
        let half = content.len() / 2;
        self.fs.write(fh, 0, &content.as_bytes()[..half])?;
        self.fs.write(fh, half as u64, &content.as_bytes()[half..])?;
        let flushed = self.fs.flush(self.ino(path), fh, 0, ME);
        self.fs.release(fh);
        flushed
    }

    fn rename(&self, from: &str, to: &str) -> Result<()> {
        let ((a, name), (b, new)) = (self.split(from), self.split(to));
        self.fs.rename(a, name, b, new, 0, ME)
    }

    fn mkdir(&self, path: &str) -> Result<Ino> {
        let (dir, name) = self.split(path);
        Ok(self.fs.mkdir(dir, name, 0o755, ME)?.attr.ino)
    }

    fn unlink(&self, path: &str) -> Result<()> {
        let (dir, name) = self.split(path);
        self.fs.unlink(dir, name)
    }

    fn list(&self, path: &str) -> Vec<String> {
        let fh = self.fs.opendir(self.ino(path)).unwrap().fh;
        let entries = self.fs.readdir(fh, false).unwrap();
        self.fs.release(fh);
        let mut names: Vec<_> = entries.iter().map(|e| e.name.to_str().unwrap().to_string()).collect();
        assert_eq!(names.drain(..2).collect::<Vec<_>>(), [".", ".."]);
        names.sort();
        names
    }

    fn calc(&self) -> u32 {
        let writer = Writer::start(DataStore::create_in(&DataDir::open(self.tmp.path()).unwrap()).unwrap()).unwrap();
        let handle = writer.handle();
        handle.write_string("oqparam", r#"{"description": "x"}"#).unwrap();
        handle.write_with("sitecol/lon", vec![1.5, 2.5], vec![("unit".into(), "deg".into())]).unwrap();
        writer.finish().unwrap().id()
    }
}

#[test]
fn other_files_are_mirrored() {
    let here = here();
    fs::write(here.real("db.sqlite3"), "data").unwrap();
    assert_eq!(here.text("db.sqlite3"), "data");
    here.write("new.txt", "hello").unwrap();
    assert_eq!(fs::read_to_string(here.real("new.txt")).unwrap(), "hello");
    here.mkdir("sub").unwrap();
    here.rename("new.txt", "sub/moved").unwrap();
    assert_eq!(here.text("sub/moved"), "hello");
    let ino = here.ino("sub/moved");
    let at = std::time::UNIX_EPOCH + Duration::new(1_000_000, 5);
    let set = SetAttr { mode: Some(0o600), mtime: Some(SetTime::At(at)), size: Some(3), ..Default::default() };
    let attr = here.fs.setattr(ino, None, &set).unwrap();
    assert_eq!((attr.perm, attr.mtime, attr.size), (0o600, at, 3));
    assert_eq!(here.fs.link(ino, ROOT, OsStr::new("hard"), ME).unwrap().attr.ino, ino);
    assert_eq!(here.fs.getattr(ino, None).unwrap().nlink, 2);
    let link = here.fs.symlink(ROOT, OsStr::new("soft"), OsStr::new("sub/moved"), ME).unwrap().attr;
    assert_eq!((link.kind, here.fs.readlink(link.ino).unwrap()), (FileKind::Symlink, b"sub/moved".to_vec()));
    assert_eq!(here.fs.rmdir(ROOT, OsStr::new("sub")).unwrap_err(), Errno::ENOTEMPTY);
    here.unlink("sub/moved").unwrap();
    here.fs.rmdir(ROOT, OsStr::new("sub")).unwrap();
    assert_eq!(here.list(""), ["db.sqlite3", "hard", "new", "soft"]);
    assert!(here.fs.statfs().unwrap().f_blocks > 0);
}

#[test]
fn a_file_that_was_removed_can_be_used_while_it_is_open() {
    let here = here();
    let (entry, opened) = here.fs.create(ROOT, OsStr::new("x"), 0o644, libc::O_RDWR, ME).unwrap();
    here.unlink("x").unwrap();
    here.write("x", "another").unwrap();
    here.fs.write(opened.fh, 0, b"still").unwrap();
    let mut bytes = [0; 9];
    assert_eq!(here.fs.read(opened.fh, 0, &mut bytes).unwrap(), 5);
    assert_eq!(here.fs.getattr(entry.attr.ino, Some(opened.fh)).unwrap().size, 5);
    assert_ne!(here.ino("x"), entry.attr.ino);
}

#[test]
fn a_calculation_is_a_folder_that_cannot_be_changed() {
    let here = here();
    let id = here.calc();
    fs::write(here.real("calc_1/job.ini"), "[general]").unwrap();
    fs::create_dir(here.real("calc_1/inputs")).unwrap();
    fs::write(here.real("calc_1/inputs/a.xml"), "<a/>").unwrap();
    fs::write(here.real("calc_1/job.json"), "{\"state\": \"complete\"}\n").unwrap();
    for own in ["job.lock", "job.cancel", "output.hdf5.index", "job.json.1.tmp"] {
        fs::write(here.real("calc_1").join(own), "").unwrap();
    }
    assert_eq!((id, here.list("")), (1, ["calc_1", "last", "new"].map(String::from).to_vec()));
    let names =
        "attrs.json inputs job.ini job.json oqparam.json oqparam.npy output.hdf5 plots report.html sitecol status";
    assert_eq!(here.list("calc_1").join(" "), names);
    assert_eq!(here.list("calc_1/sitecol"), ["lon.npy"]);
    assert_eq!(here.text("calc_1/status"), "complete, 00:00:00 elapsed\n");
    assert_eq!(here.text("calc_1/job.json"), "{\"state\": \"complete\"}\n");
    assert_eq!(here.text("calc_1/oqparam.json"), r#"{"description": "x"}"#);
    assert_eq!(here.text("calc_1/inputs/a.xml"), "<a/>");
    assert_eq!(here.read("calc_1/sitecol/lon.npy").unwrap().len(), 128 + 16);
    assert!(here.text("calc_1/attrs.json").contains("deg"));
    assert_eq!(here.fs.getxattr(here.ino("calc_1/sitecol/lon.npy"), OsStr::new("user.unit")).unwrap(), b"deg");
    assert_eq!(here.fs.listxattr(here.ino("calc_1/sitecol/lon.npy")).unwrap(), b"user.unit\0");

    let dir = here.ino("calc_1");
    let rofs = Errno::EROFS;
    assert_eq!(here.mkdir("calc_1/x").unwrap_err(), rofs);
    assert_eq!(here.mkdir("calc_7").unwrap_err(), rofs);
    assert_eq!(here.write("calc_1/x", "y").unwrap_err(), rofs);
    assert_eq!(here.write("calc_1/sitecol/x", "y").unwrap_err(), rofs);
    assert_eq!(here.write("calc_1/inputs/x", "y").unwrap_err(), rofs);
    for file in ["sitecol/lon.npy", "status", "job.ini", "job.json", "inputs/a.xml", "attrs.json"]
        .map(|f| format!("calc_1/{f}"))
    {
        let file = &file[..];
        assert_eq!(here.fs.open(here.ino(file), libc::O_RDWR, ME).unwrap_err(), rofs, "{file}");
        assert_eq!(here.unlink(file).unwrap_err(), rofs, "{file}");
        let set = SetAttr { mode: Some(0o777), ..Default::default() };
        assert_eq!(here.fs.setattr(here.ino(file), None, &set).unwrap_err(), rofs, "{file}");
        assert_eq!(here.fs.setxattr(here.ino(file), OsStr::new("user.x"), b"", 0).unwrap_err(), rofs);
        assert_eq!(
            here.find(file).unwrap().perm & 0o222,
            0o200,
            "{file}: its owner is told that it is read-only, by us"
        );
    }
    assert_eq!(here.fs.rmdir(ROOT, OsStr::new("calc_1")).unwrap_err(), rofs);
    assert_eq!(here.rename("calc_1", "x").unwrap_err(), rofs);
    assert_eq!(here.rename("calc_1/job.ini", "x").unwrap_err(), rofs);
    assert_eq!(here.fs.link(here.ino("calc_1/job.ini"), ROOT, OsStr::new("x"), ME).unwrap_err(), rofs);
    for own in ["job.lock", "job.cancel", "output.hdf5.index", "job.json.1.tmp"] {
        assert_eq!(here.fs.lookup(dir, OsStr::new(own), ME).unwrap_err(), Errno::ENOENT, "{own}");
    }
}

#[test]
fn names_of_its_own_are_kept() {
    let here = here();
    fs::write(here.real(".oqfs/secret"), "").unwrap();
    assert_eq!(here.find(".oqfs").unwrap_err(), Errno::ENOENT);
    assert_eq!(here.find("last").unwrap_err(), Errno::ENOENT, "there is no calculation yet");
    for name in ["new", "last", ".oqfs", "calc_3"] {
        assert_eq!(here.mkdir(name).unwrap_err(), Errno::EROFS, "{name}");
        assert_eq!(here.fs.rmdir(ROOT, OsStr::new(name)).unwrap_err(), Errno::EROFS, "{name}");
    }
    here.mkdir("calc_03").unwrap();
    here.calc();
    here.calc();
    assert_eq!(here.fs.readlink(here.ino("last")).unwrap(), b"calc_2");
}

#[test]
fn without_somebody_who_runs_jobs_there_is_no_new() {
    let tmp = tempfile::tempdir().unwrap();
    let fs = Fs::new(DataDir::open(tmp.path()).unwrap(), None).unwrap();
    assert_eq!(fs.lookup(ROOT, OsStr::new("new"), ME).unwrap_err(), Errno::ENOENT);
}

#[test]
fn the_kernel_may_keep_what_is_final_and_nothing_else() {
    let here = here();
    here.calc();
    let lon = here.ino("calc_1/sitecol/lon.npy");
    assert_eq!(here.fs.getattr(lon, None).unwrap().ttl, LONG);
    let opened = here.fs.open(lon, libc::O_RDONLY, ME).unwrap();
    assert_eq!((opened.caching, opened.no_flush), (Caching::Keep, true));
    assert!(here.fs.opendir(here.ino("calc_1")).unwrap().cache);
    assert_eq!(here.fs.open(here.ino("calc_1/status"), libc::O_RDONLY, ME).unwrap().caching, Caching::Direct);

    let dir = DataDir::open(here.tmp.path()).unwrap();
    let writer = Writer::start(DataStore::create_in(&dir).unwrap()).unwrap();
    writer.handle().write("x", vec![1]).unwrap();
    writer.handle().flush().unwrap();
    let x = here.ino("calc_2/x.npy");
    assert!(here.fs.getattr(x, None).unwrap().ttl < Duration::from_secs(5));
    assert_eq!(here.fs.open(x, libc::O_RDONLY, ME).unwrap().caching, Caching::Fresh);
    assert!(!here.fs.opendir(here.ino("calc_2")).unwrap().cache);
    assert_eq!(here.list("calc_2"), ["attrs.json", "output.hdf5.partial", "status", "x.npy"]);
    fs::write(here.real("calc_2/job.json"), "{\"state\": \"executing\"}\n").unwrap();
    let job = here.fs.lookup(here.ino("calc_2"), OsStr::new("job.json"), ME).unwrap();
    assert_eq!(job.ttl, Duration::ZERO, "the next state is another file");
}

#[test]
fn what_takes_reading_arrays_is_told_before_it_is_asked() {
    let here = here();
    let writer = Writer::start(DataStore::create_in(&DataDir::open(here.tmp.path()).unwrap()).unwrap()).unwrap();
    // many objects, so that it takes a while to tell their attributes
    for i in 0..1200 {
        writer.handle().write_with(&format!("sitecol/x{i}"), vec![1.5], vec![("unit".into(), "deg".into())]).unwrap();
    }
    writer.finish().unwrap();
    let calc = here.ino("calc_1");
    let lookup = |parent, name: &str| here.fs.lookup_at_once(parent, OsStr::new(name), ME).map(|found| found.attr.ino);
    assert_eq!(lookup(calc, "attrs.json"), Err(Errno::EAGAIN));
    let fh = here.fs.opendir(calc).unwrap().fh;
    let mut listed = std::collections::HashMap::new();
    let take = |listing: &oqfs::fs::DirEntry, found: &oqfs::fs::Entry| {
        listed.insert(listing.name.to_str().unwrap().to_string(), found.attr.ino);
        true
    };
    here.fs.readdir_plus(calc, &here.fs.readdir(fh, false).unwrap(), ME, take).unwrap();
    let attrs = listed["attrs.json"];
    assert_eq!(here.fs.getattr_at_once(attrs, None).unwrap_err(), Errno::EAGAIN);
    let size = here.fs.getattr(attrs, None).unwrap().size;
    assert_eq!(here.fs.getattr_at_once(attrs, None).unwrap().size, size, "it is known now");
    assert_eq!(lookup(calc, "attrs.json"), Ok(attrs));
    assert_eq!(lookup(calc, "sitecol"), Ok(listed["sitecol"]));
    assert!(lookup(ROOT, "new").is_ok());
}

/// Writes sites, and a curve of three levels that is known by the site.
fn write_hazard(handle: &WriterHandle, sites: usize) {
    let job =
        r#"{"calculation_mode": "classical", "investigation_time": 50, "hazard_imtls": {"PGA": [0.1, 0.2, 0.4]}}"#;
    handle.write_string("oqparam", job).unwrap();
    let along = |step: f64| (0..sites).map(|site| site as f64 * step).collect::<Vec<_>>();
    for (name, values) in [("lon", along(0.01)), ("lat", along(0.005)), ("depth", along(0.0))] {
        handle.write(&format!("sitecol/{name}"), values).unwrap();
    }
    let curves = (0..sites).flat_map(|site| [3.0, 2.0, 1.0].map(|level| level / (4 + site) as f32)).collect();
    let axes = format!(
        r#"{{"shape_descr": ["site_id", "stat", "imt", "lvl"], "site_id": {sites}, "stat": ["mean"], "imt": ["PGA"], "lvl": 3}}"#
    );
    let curves = ArrayData::new(&[sites, 1, 1, 3], curves).unwrap();
    handle.write_with("hcurves-stats", curves, vec![("json".into(), axes.into())]).unwrap();
}

#[test]
fn the_hazard_at_a_place_is_there_before_the_calculation_has_ended() {
    let here = here();
    let writer = Writer::start(DataStore::create_in(&DataDir::open(here.tmp.path()).unwrap()).unwrap()).unwrap();
    assert!(!here.list("calc_1").contains(&"at".to_string()));
    write_hazard(&writer.handle(), 2);
    writer.handle().flush().unwrap();
    let curves = "imt,unit,level,mean,annual_rate\nPGA,g,0.1,0.6,0.018325815\nPGA,g,0.2,0.4,0.010216513\nPGA,g,0.4,0.2,0.0044628712\n";
    assert_eq!(here.text("calc_1/at/0.01,0.01/curves.csv"), curves);
    writer.finish().unwrap();
    assert_eq!(here.text("calc_1/at/0.01,0.01/curves.csv"), curves);
    assert_eq!(here.list("calc_1/at"), ["README", "sites.csv"]);
    assert_eq!(here.text("calc_1/at/sites.csv"), "site_id,lon,lat,depth\n0,0.0,0.0,0.0\n1,0.01,0.005,0.0\n");
}

#[test]
fn no_listing_looks_for_sites_and_each_name_of_a_place_is_a_file_of_its_own() {
    let here = here();
    let writer = Writer::start(DataStore::create_in(&DataDir::open(here.tmp.path()).unwrap()).unwrap()).unwrap();
    write_hazard(&writer.handle(), 5000);
    writer.finish().unwrap();
    let at = here.ino("calc_1/at");
    let fh = here.fs.opendir(at).unwrap().fh;
    let entries = here.fs.readdir(fh, false).unwrap();
    let mut known = vec![];
    let take = |listed: &oqfs::fs::DirEntry, found: &oqfs::fs::Entry| {
        known.push((listed.name.to_str().unwrap().to_string(), found.ttl > Duration::ZERO));
        true
    };
    here.fs.readdir_plus(at, &entries, ME, take).unwrap();
    assert_eq!(
        known[2..],
        [("README".to_string(), true), ("sites.csv".to_string(), false)],
        "nobody has asked for its size"
    );
    // who must not wait is told so, until somebody has found the site
    let at_once = |name: &str| here.fs.lookup_at_once(at, OsStr::new(name), ME).map(|found| found.attr.ino);
    assert_eq!(
        (at_once("0.5,0.25"), at_once("0.5"), at_once("README").is_ok()),
        (Err(Errno::EAGAIN), Err(Errno::ENOENT), true)
    );
    let found = here.ino("calc_1/at/0.5,0.25");
    assert_eq!(at_once("0.5,0.25"), Ok(found));
    let names = ["0.5,0.25", "0.50,0.25", "+0.5,0.25", "360,0", "0,0", "-0,0", "site-50", "site-050"];
    for below in ["", "/site.json", "/curves.csv"] {
        let inodes: HashSet<Ino> = names.iter().map(|name| here.ino(&format!("calc_1/at/{name}{below}"))).collect();
        assert_eq!(inodes.len(), names.len(), "{below}");
    }
    // many names, and the first is what it was
    let first = here.text("calc_1/at/0.5,0.25/curves.csv");
    for i in 0..200 {
        let site: serde_json::Value =
            serde_json::from_str(&here.text(&format!("calc_1/at/{:.4},0.0/site.json", i as f64 / 1e4))).unwrap();
        // the sites are on a line through the first one: the nearest is the foot of a perpendicular
        let foot = (i as f64 / 1e4 * 0.8 / 0.01).round() as i64;
        assert_eq!(site["site_id"].as_i64(), Some(foot), "{site}");
    }
    assert_eq!((here.ino("calc_1/at/0.5,0.25"), here.text("calc_1/at/0.5,0.25/curves.csv")), (found, first));
    for wrong in ["0.5,0.25/nothing", "0.5,0.25/at", "90,0", "0.5,0.25/site.json/x"] {
        assert!(here.find(&format!("calc_1/at/{wrong}")).is_err(), "{wrong}");
    }
    assert_eq!(here.mkdir("calc_1/at/mine").unwrap_err(), Errno(libc::EROFS));
}

#[test]
fn inodes_are_forgotten_and_come_back_with_their_numbers() {
    let here = here();
    here.calc();
    fs::write(here.real("f"), "").unwrap();
    for path in ["f", "calc_1/sitecol/lon.npy"] {
        let ino = here.ino(path);
        here.fs.forget(ino, 1);
        assert_eq!(here.fs.getattr(ino, None).unwrap_err(), Errno(libc::ESTALE), "{path}");
        assert_eq!(here.ino(path), ino);
    }
}

#[test]
fn a_listing_with_attributes_counts_what_the_kernel_takes() {
    let here = here();
    here.calc();
    let dir = here.ino("calc_1");
    let fh = here.fs.opendir(dir).unwrap().fh;
    let entries = here.fs.readdir(fh, false).unwrap();
    let mut taken = vec![];
    let take_four = |_: &oqfs::fs::DirEntry, found: &oqfs::fs::Entry| {
        taken.push(found.attr.ino);
        taken.len() < 5
    };
    here.fs.readdir_plus(dir, &entries, ME, take_four).unwrap();
    assert_eq!(taken.len(), 5, "the fifth was offered and did not fit");
    assert_eq!(here.fs.getattr(taken[4], None).unwrap_err(), Errno(libc::ESTALE));
    assert!(here.fs.getattr(taken[3], None).is_ok());
}

#[test]
fn a_job_is_told_of_when_it_is_closed() {
    let here = here();
    let (entry, opened) = here.fs.create(here.ino("new"), OsStr::new("job.ini"), 0o644, libc::O_WRONLY, ME).unwrap();
    here.fs.flush(entry.attr.ino, opened.fh, 0, ME).unwrap();
    assert!(here.jobs.seen.lock().unwrap().is_empty(), "a redirection closes before it writes");
    here.fs.write(opened.fh, 0, b"[general]").unwrap();
    here.fs.flush(entry.attr.ino, opened.fh, 0, ME).unwrap();
    here.fs.flush(entry.attr.ino, opened.fh, 0, ME).unwrap();
    here.fs.release(opened.fh);
    assert_eq!(*here.jobs.seen.lock().unwrap(), [Path::new("job.ini")], "once");

    assert_eq!(here.list("new"), ["README", "job.status"]);
    assert_eq!(here.text("new/job.status"), "calc_1 waiting\n");
    assert_eq!(here.text("calc_1/inputs/job.ini"), "[general]");
    // It is not listed, but it answers.
    assert_eq!(here.fs.getattr(entry.attr.ino, None).unwrap().size, 9);
    assert_eq!(here.text("new/job.ini"), "[general]");
    here.fs.setattr(entry.attr.ino, None, &SetAttr { mode: Some(0o600), ..Default::default() }).unwrap();
    here.rename("new/job.ini", "new/renamed.ini").unwrap();
    assert_eq!(here.find("new/job.ini").unwrap_err(), Errno::ENOENT);
    assert_eq!(here.text("new/renamed.ini"), "[general]");
    here.unlink("new/renamed.ini").unwrap();
    assert_eq!(here.find("new/renamed.ini").unwrap_err(), Errno::ENOENT);
    assert_eq!(here.text("calc_1/inputs/job.ini"), "[general]", "the input stays");
    here.unlink("new/job.status").unwrap();
    assert_eq!(here.list("new"), ["README"]);
}

#[test]
fn writing_to_a_file_that_was_taken_makes_a_new_one() {
    let here = here();
    here.mkdir("new/demo").unwrap();
    here.write("new/demo/job.ini", "first").unwrap();
    assert_eq!(here.list("new"), ["README", "demo.status"]);
    assert_eq!(here.find("new/demo").unwrap().kind, FileKind::Dir);
    here.write("new/demo/job.ini", "second").unwrap();
    assert_eq!(here.text("calc_1/inputs/job.ini"), "first");
    assert_eq!(here.text("calc_2/inputs/job.ini"), "second");
    assert_eq!(here.text("new/demo.status"), "calc_2 waiting\n");
    // Not a byte of the old one is lost when only a part is written.
    let ino = here.ino("new/demo/job.ini");
    let fh = here.fs.open(ino, libc::O_WRONLY, ME).unwrap().fh;
    here.fs.write(fh, 0, b"THI").unwrap();
    here.fs.flush(ino, fh, 0, ME).unwrap();
    assert_eq!(here.text("calc_3/inputs/job.ini"), "THIond");
    assert_eq!(here.text("calc_2/inputs/job.ini"), "second");
}

#[test]
fn a_job_waits_for_its_files_in_any_order() {
    let here = here();
    here.write("new/job.ini", "needs model.xml").unwrap();
    assert_eq!(here.text("new/job.status"), "waiting: model.xml\n");
    assert_eq!(here.list("new"), ["README", "job.ini", "job.status"]);
    here.write("new/model.xml", "<x/>").unwrap();
    assert_eq!(here.list("new"), ["README", "job.status"]);
    assert_eq!(here.text("new/job.status"), "calc_1 waiting\n");
    here.mkdir("new/demo").unwrap();
    here.write("new/demo/model.xml", "<x/>").unwrap();
    here.write("new/demo/job.ini", "needs model.xml").unwrap();
    assert_eq!(here.list("calc_2/inputs"), ["job.ini", "model.xml"]);
}

#[test]
fn a_job_that_cannot_be_right_fails_to_close() {
    let here = here();
    assert_eq!(here.write("new/job.ini", "refuse me").unwrap_err(), Errno::EINVAL);
    assert_eq!(here.list("new"), ["README", "job.error", "job.ini"]);
    assert_eq!(here.text("new/job.error"), "job.ini:1: found refuse\n");
    assert_eq!(here.find("new/job.status").unwrap_err(), Errno::ENOENT);
    here.write("new/job.ini", "better").unwrap();
    assert_eq!(here.list("new"), ["README", "job.status"]);
}

#[test]
fn what_is_renamed_into_place_arrives() {
    let here = here();
    fs::write(here.real("outside.ini"), "x").unwrap();
    here.rename("outside.ini", "new/job.ini").unwrap();
    assert!(!here.real("outside.ini").exists());
    here.write("new/.job.ini.tmp", "y").unwrap();
    here.rename("new/.job.ini.tmp", "new/job.ini").unwrap();
    assert_eq!(here.text("calc_2/inputs/job.ini"), "y");

    fs::create_dir(here.real("demo")).unwrap();
    fs::write(here.real("demo/job.ini"), "needs b.xml").unwrap();
    fs::write(here.real("demo/b.xml"), "<b/>").unwrap();
    here.rename("demo", "new/demo").unwrap();
    assert_eq!(here.list("calc_3/inputs"), ["b.xml", "job.ini"]);

    fs::write(here.real("bad.ini"), "refuse").unwrap();
    assert_eq!(here.rename("bad.ini", "new/job.ini").unwrap_err(), Errno::EINVAL);
    assert_eq!(fs::read_to_string(here.real("bad.ini")).unwrap(), "refuse", "it stays where it was");
    here.write("new/draft", "refuse").unwrap();
    assert_eq!(here.rename("new/draft", "new/job.ini").unwrap_err(), Errno::EINVAL);
    assert_eq!(here.text("new/draft"), "refuse");
}

#[test]
fn the_spool_outlives_the_daemon() {
    let here = here();
    here.write("new/job.ini", "needs model.xml").unwrap();
    let dir = DataDir::open(here.tmp.path()).unwrap();
    let jobs = Arc::new(FakeJobs::new(&dir));
    let again = Here { fs: Fs::new(dir, Some(jobs.clone())).unwrap(), jobs, tmp: here.tmp };
    assert_eq!(again.list("new"), ["README", "job.ini", "job.status"]);
    assert_eq!(again.text("new/job.status"), "waiting: model.xml\n");
    again.write("new/model.xml", "<x/>").unwrap();
    assert_eq!(again.list("calc_1/inputs"), ["job.ini", "model.xml"]);
}

#[test]
fn a_spooled_file_that_is_replaced_is_another_one() {
    let here = here();
    let (old, opened) = here.fs.create(here.ino("new"), OsStr::new("a"), 0o644, libc::O_RDWR, ME).unwrap();
    here.write("new/b", "b").unwrap();
    here.rename("new/b", "new/a").unwrap();
    here.fs.write(opened.fh, 0, b"old").unwrap();
    here.fs.flush(old.attr.ino, opened.fh, 0, ME).unwrap();
    assert_eq!(here.text("new/a"), "b");
    assert_ne!(here.ino("new/a"), old.attr.ino);
    let sub = here.mkdir("new/d").unwrap();
    here.write("new/d/x", "x").unwrap();
    here.rename("new/d", "new/e").unwrap();
    assert_eq!((here.ino("new/e"), here.text("new/e/x")), (sub, "x".to_string()));
}

#[test]
fn nothing_in_a_request_can_panic_it() {
    let here = here();
    here.calc();
    let odd = [OsStr::new(""), OsStr::new("a\0b"), OsStr::new("%"), OsStr::new("x/../y")];
    let inodes = ["", "calc_1", "calc_1/sitecol", "calc_1/sitecol/lon.npy", "calc_1/status", "new", "last"];
    for ino in inodes.map(|path| here.ino(path)).into_iter().chain([0, 99, u64::MAX]) {
        for name in odd {
            let _ = here.fs.lookup(ino, name, ME);
            let _ = here.fs.unlink(ino, name);
            let _ = here.fs.rmdir(ino, name);
            let _ = here.fs.rename(ino, name, ino, name, u32::MAX, ME);
            let _ = here.fs.getxattr(ino, name);
        }
        let (opened, dir) = (here.fs.open(ino, libc::O_RDONLY, ME), here.fs.opendir(ino));
        for fh in opened.map(|o| o.fh).into_iter().chain(dir.map(|d| d.fh)).chain([0, u64::MAX]) {
            let _ = here.fs.read(fh, u64::MAX, &mut [0; 9]);
            let _ = here.fs.write(fh, u64::MAX, b"x");
            let _ = here.fs.lseek(fh, -1, 99);
            let _ = here.fs.fallocate(fh, -1, u64::MAX, u64::MAX);
            let _ = here.fs.readdir(fh, true);
            let lock = Lock { kind: LockKind::Exclusive, start: u64::MAX, end: 0, owner: 1, pid: 0 };
            let _ = here.fs.lock(ino, fh, &lock);
            let _ = here.fs.lock_in_the_way(ino, fh, &lock);
            here.fs.release(fh);
        }
        let _ = here.fs.readlink(ino);
        here.fs.forget(ino, u64::MAX);
    }
    assert_eq!(here.text("calc_1/status"), "complete\n");
}

/// Those of mirrored files are those on disk, whatever their length.
#[test]
fn extended_attributes_are_mirrored() {
    let here = here();
    here.write("file", "x").unwrap();
    here.mkdir("folder").unwrap();
    for name in ["file", "folder"] {
        let ino = here.ino(name);
        if here.fs.setxattr(ino, OsStr::new("user.a"), b"", 0).is_err() {
            return common::skip("extended_attributes_are_mirrored", "no extended attributes here");
        }
        let long = [7; 2000];
        here.fs.setxattr(ino, OsStr::new("user.b"), &long, 0).unwrap();
        assert_eq!(here.fs.getxattr(ino, OsStr::new("user.a")).unwrap(), b"");
        assert_eq!(here.fs.getxattr(ino, OsStr::new("user.b")).unwrap(), long);
        let listed = here.fs.listxattr(ino).unwrap();
        let mut names: Vec<_> = listed.split(|byte| *byte == 0).filter(|name| name.starts_with(b"user.")).collect();
        names.sort();
        assert_eq!(names, [b"user.a", b"user.b"], "{name}");
        let mut beneath = vec![0; 4096];
        let n = rustix::fs::getxattr(here.real(name), "user.b", &mut beneath).unwrap();
        assert_eq!(beneath[..n], long);
        here.fs.removexattr(ino, OsStr::new("user.b")).unwrap();
        assert_eq!(here.fs.getxattr(ino, OsStr::new("user.b")).unwrap_err(), Errno::ENODATA);
    }
}
