//! `oqfs ls`, `cat` and `cp`: what a mount shows, without a mount.

mod common;

use std::fs;
use std::io::Read;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use common::mount::{Daemon, calc, hdf5_file};
use common::program::{Running, command, says, small_job};
use common::run_python;
use oqfs::datastore::DataDir;

/// What `ls -lAR` says of a directory, without links, owners, groups and totals, and with the path `shown` for its own.
fn by_ls(dir: &Path, shown: &str) -> Vec<String> {
    let mut ls = Command::new("ls");
    ls.args(["-lARgo", "--time-style=+%Y-%m-%d %H:%M", "."]).env("LC_ALL", "C").current_dir(dir);
    let output = ls.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let line = |line: &str| match line.strip_prefix('.') {
        Some(path) if line.ends_with(':') => format!("{shown}{path}"),
        _ => {
            let words: Vec<&str> = line.split_whitespace().collect();
            words
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != 1 || words.len() < 6)
                .map(|(_, w)| *w)
                .collect::<Vec<_>>()
                .join(" ")
        }
    };
    text.lines().filter(|line| !line.starts_with("total ")).map(line).collect()
}

/// What `oqfs ls -lR` says.
fn by_oqfs(data: &Path, place: &str) -> Vec<String> {
    let text = says(&mut command(data, &["ls", "-lR", place]), 0);
    text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// The files below a directory, from there; links not followed.
fn files(dir: &Path) -> Vec<PathBuf> {
    let output = Command::new("find").args([".", "-type", "f"]).current_dir(dir).output().unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(PathBuf::from).collect()
}

/// Compares what `oqfs cat` prints of the files below a place with those of a directory.
fn compare(data: &Path, place: &Path, folder: &Path) {
    let files = files(folder);
    assert!(files.len() > 4);
    let places: Vec<String> = files.iter().map(|file| place.join(file).to_str().unwrap().to_string()).collect();
    let args: Vec<&str> = ["cat"].into_iter().chain(places.iter().map(String::as_str)).collect();
    let output = command(data, &args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut rest = &output.stdout[..];
    for file in files {
        let wanted = fs::read(folder.join(&file)).unwrap();
        assert!(rest.starts_with(&wanted), "{}", file.display());
        rest = &rest[wanted.len()..];
    }
    assert!(rest.is_empty());
}

/// A mount with calculations of all kinds: odd HDF5 files as 1 to 3, one with exports, one of this program; gives the last two's ids.
fn mounted() -> (Daemon, Vec<u32>) {
    let tmp = tempfile::tempdir().unwrap();
    let point = tmp.path().join("oqdata");
    fs::create_dir(&point).unwrap();
    run_python(include_str!("python/zoo.py"), &[point.to_str().unwrap()]);
    let others = tempfile::tempdir().unwrap();
    run_python(include_str!("python/exported.py"), &[others.path().to_str().unwrap()]);
    let engine = fs::read_dir(others.path())
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "hdf5"));
    fs::copy(engine.unwrap(), point.join("calc_40.hdf5")).unwrap();
    let dir = DataDir::open(&point).unwrap();
    let ours = calc(&dir, 1000);
    let folder = dir.calc(ours).unwrap().path();
    fs::create_dir_all(folder.join("inputs/below")).unwrap();
    fs::write(folder.join("inputs/below/source model.xml"), "<nrml/>").unwrap();
    fs::write(folder.join("log"), "a line\n").unwrap();
    (Daemon::over(tmp, &[]), vec![1, 40, ours])
}

#[test]
fn listings_and_bytes_are_those_of_the_mount() {
    need_fuse!("listings_and_bytes_are_those_of_the_mount");
    need_python!("listings_and_bytes_are_those_of_the_mount");
    let (daemon, ids) = mounted();
    for id in ids {
        let folder = daemon.path(&format!("calc_{id}"));
        let listed = by_ls(&folder, &id.to_string());
        assert!(listed.len() > 5, "{listed:?}");
        assert_eq!(by_oqfs(&daemon.point, &id.to_string()), listed);
        let by_path = folder.to_str().unwrap();
        assert_eq!(by_oqfs(Path::new("/nowhere"), by_path), by_ls(&folder, by_path));
        compare(&daemon.point, Path::new(&id.to_string()), &folder);
    }
}

#[test]
fn any_hdf5_file_is_listed_as_a_mount_lists_it() {
    need_fuse!("any_hdf5_file_is_listed_as_a_mount_lists_it");
    need_python!("any_hdf5_file_is_listed_as_a_mount_lists_it");
    let (daemon, _) = mounted();
    let elsewhere = daemon.tmp.path().join("odd.h5");
    let copied = Command::new("cp").arg("-p").arg(daemon.path("calc_1.hdf5")).arg(&elsewhere).status().unwrap();
    assert!(copied.success());
    let (odd, folder) = (elsewhere.to_str().unwrap(), daemon.path("calc_1"));
    // there are no calculations beside it to which its links could lead
    let plain = |lines: Vec<String>| lines.into_iter().filter(|line| !line.contains(" -> ")).collect::<Vec<_>>();
    assert_eq!(plain(by_oqfs(Path::new("/nowhere"), odd)), plain(by_ls(&folder, odd)));
    compare(Path::new("/nowhere"), &elsewhere, &folder);
    // the engine's file in the mount, by its own name
    let engines = daemon.path("calc_40.hdf5");
    let engines = engines.to_str().unwrap();
    assert_eq!(by_oqfs(Path::new("/nowhere"), engines), by_ls(&daemon.path("calc_40"), engines));
}

#[test]
fn copies_have_the_bytes_and_times_of_the_mount() {
    need_fuse!("copies_have_the_bytes_and_times_of_the_mount");
    need_python!("copies_have_the_bytes_and_times_of_the_mount");
    let (daemon, ids) = mounted();
    let to = daemon.tmp.path().join("copies");
    fs::create_dir(&to).unwrap();
    for id in ids {
        let place = id.to_string();
        says(&mut command(&daemon.point, &["cp", "-r", &place, to.to_str().unwrap()]), 0);
        let (copy, folder) = (to.join(format!("calc_{id}")), daemon.path(&format!("calc_{id}")));
        let times = |lines: Vec<String>| {
            // sizes of directories are the file system's business, and no copy keeps the permission to write
            let of = |line: String| line.split(' ').skip(2).map(str::to_string).collect::<Vec<_>>();
            lines
                .into_iter()
                .map(|line| if line.starts_with('d') { of(line) } else { vec![line.split(' ').skip(1).collect()] })
                .collect::<Vec<_>>()
        };
        assert_eq!(times(by_ls(&copy, "x")), times(by_ls(&folder, "x")));
        let diff = Command::new("diff").args(["-r", "--no-dereference"]).arg(&copy).arg(&folder).output().unwrap();
        assert!(diff.status.success(), "{}", String::from_utf8_lossy(&diff.stdout));
        let mtime = |path: PathBuf| fs::metadata(path).map(|m| (m.mtime(), m.mtime_nsec())).unwrap();
        assert_eq!(mtime(copy.join("attrs.json")), mtime(folder.join("attrs.json")));
    }
}

/// A data directory without a mount, with one calculation.
fn unmounted() -> (tempfile::TempDir, PathBuf) {
    let tmp = tempfile::tempdir().unwrap();
    let dir = DataDir::open(&tmp.path().join("oqdata")).unwrap();
    assert_eq!(calc(&dir, 10), 1);
    let path = dir.shown().to_owned();
    (tmp, path)
}

#[test]
fn a_copy_replaces_nothing_unless_it_is_told_to() {
    let (tmp, data) = unmounted();
    let copy = tmp.path().join("x.npy");
    let cp =
        |more: &[&str], code| says(&mut command(&data, &[&["cp"], more, &[copy.to_str().unwrap()]].concat()), code);
    cp(&["1/x.npy"], 0);
    let whole = fs::read(&copy).unwrap();
    assert_eq!(whole.len(), 128 + 80);
    fs::write(&copy, "mine").unwrap();
    let told = cp(&["last/x.npy"], 1);
    assert!(told.contains("x.npy: there is a file of this name; -f replaces it"), "{told}");
    assert_eq!(fs::read(&copy).unwrap(), b"mine");
    cp(&["-f", "1/x.npy"], 0);
    assert_eq!(fs::read(&copy).unwrap(), whole);
    let told = cp(&["1/g"], 1);
    assert!(told.contains("1/g: a directory; -r copies it"), "{told}");
    // nothing is left of a copy that cannot be made
    let into = tmp.path().join("into");
    fs::create_dir_all(into.join("calc_1/x.npy")).unwrap();
    let told = says(&mut command(&data, &["cp", "-rf", "-1", into.to_str().unwrap()]), 1);
    assert!(told.contains("x.npy: there is a directory of this name"), "{told}");
    let left: Vec<_> = fs::read_dir(into.join("calc_1")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_str().unwrap().starts_with(".oqfs")), "{left:?}");
    let told = says(&mut command(&data, &["cp", "1/x.npy", "1/log", copy.to_str().unwrap()]), 1);
    assert!(told.contains("no directory, for several copies"), "{told}");
}

#[test]
fn what_is_not_there_is_told_with_what_is_near() {
    let (tmp, data) = unmounted();
    for (args, wanted) in [
        (&["cat", "1/g/yy.npy"][..], "1/g/yy.npy: there is no yy.npy; did you mean y.npy?"),
        (&["cat", "1/attrs"], "did you mean attrs.json?"),
        (&["cat", "1/x.npy/y"], "1/x.npy/y: Not a directory"),
        (&["cat", "1/g"], "1/g: a directory; oqfs ls 1/g lists it"),
        (&["ls", "7"], "there is no calculation 7 in "),
        (
            &["ls", "nothing.hdf5"],
            "expected a number, calc_N, last, the path of a calculation's folder, or an HDF5 file",
        ),
    ] {
        let told = says(&mut command(&data, args), 1);
        assert!(told.contains(wanted), "{told}");
    }
    let text = tmp.path().join("text");
    fs::write(&text, "no HDF5").unwrap();
    assert!(says(&mut command(&data, &["ls", text.to_str().unwrap()]), 1).contains("not an HDF5 file"));
    // the others are printed all the same
    let told = says(&mut command(&data, &["cat", "1/no", "1/status", "1/none"]), 1);
    assert!(told.starts_with("complete\n") && told.contains("no no") && told.contains("no none"), "{told}");
    let names: Vec<String> = says(&mut command(&data, &["ls", "1"]), 0).lines().map(String::from).collect();
    assert_eq!(names, ["attrs.json", "g", "output.hdf5", "status", "x.npy"]);
    assert_eq!(says(&mut command(&data, &["ls", "1/g", "last/x.npy"]), 0), "1/g:\ny.npy\nlast/x.npy\n");
    // nothing is made in the data directory
    let mut there: Vec<_> = fs::read_dir(&data).unwrap().map(|e| e.unwrap().file_name()).collect();
    there.sort();
    assert_eq!(there, [".oqfs", "calc_1"], "as it was");
    assert_eq!(fs::read_dir(data.join(".oqfs")).unwrap().count(), 1, "the number of the layout");
}

#[test]
fn programs_are_told_kinds_and_the_shapes_of_arrays() {
    let (tmp, data) = unmounted();
    let folder = data.join("calc_1/inputs");
    fs::create_dir_all(folder.join("a\nb:")).unwrap();
    fs::write(folder.join("a\nb:/x.npy"), "no array").unwrap();
    fs::write(folder.join("cut.npy"), b"\x93NUMPY\x01\x00\xff").unwrap();
    std::os::unix::fs::symlink("x.npy", folder.join("link.npy")).unwrap();
    let rows = |args: &[&str]| -> Vec<serde_json::Value> {
        let text = says(&mut command(&data, &[&["ls", "--json"], args].concat()), 0);
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let array = "{'descr': '<i8', 'fortran_order': False, 'shape': (10,), }";
    let known = |rows: Vec<serde_json::Value>| {
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
        rows.iter().map(|row| ["path", "kind", "link", "npy"].map(|key| text(&row[key]))).collect::<Vec<_>>()
    };
    let all = known(rows(&["-R", "last"]));
    for wanted in [
        ["last/x.npy", "file", "", array],
        ["last/g", "directory", "", ""],
        ["last/attrs.json", "file", "", ""],
        ["last/inputs/a\nb:", "directory", "", ""],
        ["last/inputs/a\nb:/x.npy", "file", "", ""],
        ["last/inputs/cut.npy", "file", "", ""],
        ["last/inputs/link.npy", "link", "x.npy", ""],
    ] {
        assert!(all.iter().any(|row| *row == wanted), "{wanted:?}: {all:?}");
    }
    assert_eq!(known(rows(&["1/g/y.npy"])), [["1/g/y.npy", "file", "", &array.replace("i8", "f8").replace("10", "1")]]);
    let [row] = &rows(&["-l", "1/x.npy"])[..] else { panic!("one file") };
    let modified: jiff::Timestamp = row["modified"].as_str().unwrap().parse().unwrap();
    let datastore = fs::metadata(data.join("calc_1/output.hdf5")).unwrap();
    assert_eq!((row["size"].as_u64(), modified.as_second()), (Some(128 + 80), datastore.mtime()));
    assert!(says(&mut command(&data, &["ls", "--json", "1/no"]), 1).contains("there is no no"));
    drop(tmp);
}

#[test]
fn a_large_dataset_takes_no_memory_and_a_reader_that_goes_ends_it() {
    let tmp = tempfile::tempdir().unwrap();
    let id = 1;
    let file = hdf5_file(&tmp.path().join("calc_1.hdf5"));
    // contiguous, and nothing on disk: 16 GiB of zeros in a hole; and in chunks that are decoded
    let hole =
        file.new_dataset::<f64>().shape(2usize << 30).alloc_time(Some(hdf5::plist::dataset_create::AllocTime::Early));
    hole.fill_time(hdf5::plist::dataset_create::FillTime::Never).create("hole").unwrap();
    let data = vec![1.5f64; 30_000_000];
    file.new_dataset_builder().with_data(&data).chunk(1 << 16).deflate(1).create("chunks").unwrap();
    file.close().unwrap();
    for (name, most) in [("hole", 1usize << 30), ("chunks", 200 << 20)] {
        let mut cat = command(tmp.path(), &["cat", &format!("{id}/{name}.npy")]);
        let mut cat = Running(cat.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
        let mut out = cat.0.stdout.take().unwrap();
        let (mut read, mut buffer) = (0, vec![0; 1 << 20]);
        while read < most {
            let n = out.read(&mut buffer).unwrap();
            assert!(n > 0, "{name} ends after {read} bytes");
            read += n;
        }
        let status = fs::read_to_string(format!("/proc/{}/status", cat.0.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        let peak: usize = peak.trim().strip_suffix(" kB").unwrap().trim().parse().unwrap();
        assert!(peak < 160 << 10, "{name}: {peak} kB");
        drop(out);
        let mut told = String::new();
        cat.0.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        assert_eq!((cat.code(), told.as_str()), (Some(0), ""), "{name}");
    }
}

/// Whoever owns the folder of a calculation may put anything in the place of its files. No command waits for that.
#[test]
fn what_is_put_in_the_place_of_a_file_of_a_calculation_keeps_nobody_waiting() {
    let tmp = tempfile::tempdir().unwrap();
    let data = tmp.path().join("data");
    let job = small_job(tmp.path(), "job").join("job.ini");
    says(&mut command(&data, &["run", job.to_str().unwrap()]), 0);
    let folder = data.join("calc_1");
    let names: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(
        ["job.json", "job.lock", "log", "output.hdf5", "output.hdf5.index"]
            .iter()
            .all(|n| names.iter().any(|m| m == n))
    );
    let put: [fn(&Path); 2] = [
        |path| rustix::fs::mknodat(rustix::fs::CWD, path, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap(),
        |path| std::os::unix::fs::symlink("/dev/zero", path).unwrap(),
    ];
    for name in names {
        let (path, kept) = (folder.join(&name), data.join("kept"));
        for put in put {
            fs::rename(&path, &kept).unwrap();
            put(&path);
            for args in [&["ls", "-lR", "1"][..], &["wait", "1"], &["check", "1"]] {
                let mut bounded = Command::new("timeout");
                bounded.arg("20").arg(env!("CARGO_BIN_EXE_oqfs")).args(args);
                let output = bounded.env("OQ_DATADIR", &data).stdin(Stdio::null()).output().unwrap();
                let code = output.status.code();
                assert!(code.is_some_and(|code| code < 100), "{name}: {args:?}: {code:?}");
            }
            fs::remove_file(&path).unwrap();
            fs::rename(&kept, &path).unwrap();
        }
    }
    assert!(says(&mut command(&data, &["status", "1"]), 0).contains("complete"));
}
