//! The same promises through a real mount, as users and other programs see them.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::jobs::FakeJobs;
use common::mount::{Daemon, as_plain_user, bash, calc, names, wait_until};
use common::run_python;
use oqfs::datastore::{ArrayData, DType, DataDir, DataStore, Writer};
use oqfs::fs::Fs;
use oqfs::fuse::{Mounted, Options};

#[test]
fn a_calculation_is_read_as_arrays() {
    need_fuse!("a_calculation_is_read_as_arrays");
    let daemon = Daemon::start();
    let dir = DataDir::open(&daemon.point).unwrap();
    calc(&dir, 1_000_000);
    let names_there = names(&daemon.path("calc_1"));
    assert_eq!(names_there, ["attrs.json", "g", "output.hdf5", "status", "x.npy"]);
    assert_eq!(fs::read_link(daemon.path("last")).unwrap(), Path::new("calc_1"));
    let x = daemon.path("last/x.npy");
    let bytes = fs::read(&x).unwrap();
    assert_eq!(fs::metadata(&x).unwrap().len(), bytes.len() as u64);
    assert!(
        bytes[128..].chunks_exact(8).enumerate().all(|(i, b)| i64::from_le_bytes(b.try_into().unwrap()) == i as i64)
    );
    let real = fs::metadata(dir.path().join("calc_1/output.hdf5")).unwrap();
    assert_eq!(fs::metadata(&x).unwrap().mtime(), real.mtime());
    for (path, error) in [("calc_1/new", libc::EROFS), ("calc_1/x.npy", libc::EROFS), ("calc_7/x", libc::ENOENT)] {
        assert_eq!(fs::write(daemon.path(path), "").unwrap_err().raw_os_error(), Some(error), "{path}");
    }
    assert_eq!(fs::remove_dir_all(daemon.path("calc_1")).unwrap_err().raw_os_error(), Some(libc::EROFS));
    if common::python().is_none() {
        return common::skip("a_calculation_is_read_as_arrays", "the part with numpy: no Python");
    }
    let script = "import numpy, sys, h5py, os\np = sys.argv[1]\n\
        x = numpy.load(p + '/x.npy', mmap_mode='r'); print(x.shape, x[-1])\n\
        print(h5py.File(p + '/output.hdf5')['x'][5], os.getxattr(p + '/g/y.npy', 'user.unit').decode())";
    assert_eq!(run_python(script, &[daemon.path("calc_1").to_str().unwrap()]), "(1000000,) 999999\n5 g\n");
}

#[test]
fn a_calculation_is_read_while_it_is_written() {
    need_fuse!("a_calculation_is_read_while_it_is_written");
    let daemon = Daemon::start();
    let dir = DataDir::open(&daemon.point).unwrap();
    let writer = Writer::start(DataStore::create_in(&dir).unwrap()).unwrap();
    let handle = writer.handle();
    handle.create("poes", DType::F64, &[1000, 10], vec![]).unwrap();
    let tile = |i: usize| ArrayData::new(&[100, 10], vec![i as f64; 1000]).unwrap();
    for i in 0..9 {
        handle.write_rows("poes", i * 100, tile(i)).unwrap();
        handle.flush().unwrap();
        assert!(!names(&daemon.path("calc_1")).contains(&"poes.npy".into()), "half of it shows");
    }
    handle.write_rows("poes", 900, tile(9)).unwrap();
    handle.flush().unwrap();
    wait_until("the dataset", || daemon.path("calc_1/poes.npy").exists());
    let bytes = fs::read(daemon.path("calc_1/poes.npy")).unwrap();
    let expected: Vec<u8> = (0..10).flat_map(|i| [(i as f64).to_le_bytes(); 1000].concat()).collect();
    assert_eq!(bytes[128..], expected);
    let mut log = fs::File::create(dir.path().join("calc_1/log")).unwrap();
    wait_until("the log", || daemon.path("calc_1/log").exists());
    let mut follow = fs::File::open(daemon.path("calc_1/log")).unwrap();
    for line in ["first\n", "second\n"] {
        log.write_all(line.as_bytes()).unwrap();
        let mut read = String::new();
        let until = Instant::now() + Duration::from_secs(5);
        while read.len() < line.len() && Instant::now() < until {
            follow.read_to_string(&mut read).unwrap();
        }
        assert_eq!(read, line);
    }
    writer.finish().unwrap();
    wait_until("the end", || fs::read_to_string(daemon.path("calc_1/status")).unwrap() == "complete\n");
    assert_eq!(fs::read(daemon.path("calc_1/poes.npy")).unwrap(), bytes);
}

#[test]
fn what_changes_beneath_shows_though_the_kernel_was_told_for_long() {
    need_fuse!("what_changes_beneath_shows_though_the_kernel_was_told_for_long");
    let daemon = Daemon::start();
    let dir = DataDir::open(&daemon.point).unwrap();
    calc(&dir, 10);
    let x = daemon.path("calc_1/x.npy");
    assert_eq!(fs::read(&x).unwrap().len(), 128 + 80);
    let store = DataStore::edit_in(&dir, 1).unwrap();
    store.set("x", &ndarray::array![1u8, 2, 3]).unwrap();
    store.close().unwrap();
    wait_until("the new array", || fs::read(&x).is_ok_and(|bytes| bytes.ends_with(&[1, 2, 3]) && bytes.len() == 131));
    fs::remove_dir_all(dir.path().join("calc_1")).unwrap();
    wait_until("it to be gone", || !daemon.path("calc_1").exists() && !x.exists());
    assert!(!names(&daemon.point).contains(&"calc_1".into()));

    fs::write(dir.path().join("plain"), "1").unwrap();
    assert_eq!(fs::read_to_string(daemon.path("plain")).unwrap(), "1");
    fs::write(dir.path().join("plain"), "22").unwrap();
    wait_until("the new content", || fs::read_to_string(daemon.path("plain")).unwrap() == "22");
    fs::write(dir.path().join("other"), "333").unwrap();
    fs::rename(dir.path().join("other"), dir.path().join("plain")).unwrap();
    assert_eq!(fs::read_to_string(daemon.path("plain")).unwrap(), "333", "another file of that name");
    fs::remove_file(dir.path().join("plain")).unwrap();
    assert!(!daemon.path("plain").exists());
}

#[test]
fn a_datastore_may_be_somewhere_else() {
    need_fuse!("a_datastore_may_be_somewhere_else");
    let tmp = tempfile::tempdir().unwrap();
    let other = DataDir::open(&tmp.path().join("other")).unwrap();
    calc(&other, 1000);
    let (point, real) = (tmp.path().join("oqdata"), tmp.path().join("other/calc_1/output.hdf5"));
    fs::create_dir(&point).unwrap();
    fs::copy(&real, point.join("store.hdf5")).unwrap();
    for (id, target) in [(7, real.as_path()), (8, &point.join("store.hdf5")), (9, Path::new("store.hdf5"))] {
        std::os::unix::fs::symlink(target, point.join(format!("calc_{id}.hdf5"))).unwrap();
    }
    for _ in 0..5 {
        let daemon = Daemon { point: point.clone(), tmp: tempfile::tempdir().unwrap() };
        daemon.mount(&[]);
        // At the same time: each waits for the library, which must not wait for the mount.
        std::thread::scope(|scope| {
            for id in [7, 8, 9, 7, 8, 9] {
                let (daemon, real) = (&daemon, &real);
                scope.spawn(move || {
                    let calc = daemon.path(&format!("calc_{id}"));
                    assert_eq!(names(&calc), ["attrs.json", "g", "output.hdf5", "status", "x.npy"], "{id}");
                    assert_eq!(fs::read(calc.join("x.npy")).unwrap().len(), 128 + 8000, "{id}");
                    let raw = calc.join("output.hdf5");
                    assert!(fs::symlink_metadata(&raw).unwrap().is_file());
                    assert_eq!(fs::read(&raw).unwrap(), fs::read(real).unwrap(), "{id}");
                });
            }
        });
    }
}

#[test]
fn the_engines_way_of_working() {
    need_fuse!("the_engines_way_of_working");
    need_python!("the_engines_way_of_working");
    let daemon = Daemon::start();
    // A datastore written, read and locked as by the engine, its database beside it.
    let script = r#"
import h5py, os, sqlite3, subprocess, sys, time
d = sys.argv[1]
path = os.path.join(d, 'calc_5.hdf5')
f = h5py.File(path, 'w', libver='latest')
f['oqparam'] = '{"description": "engine"}'
f.create_dataset('gmf', (100, 3), 'f4', chunks=(10, 3), compression='gzip')[:] = 7
f.flush()
child = [sys.executable, '-c', "import h5py, sys; h5py.File(sys.argv[1])"]
beneath = os.getxattr(d, 'user.oqfs.beneath').decode()
for p in [path, os.path.join(beneath, 'calc_5.hdf5'), os.path.join(d, 'calc_5', 'output.hdf5')]:
    done = subprocess.run(child + [p], capture_output=True, text=True)
    print('unable to lock file' in done.stderr or done.stderr[-300:])
print(open(d + '/calc_5/status').read().endswith(f'written by process {os.getpid()}\n'), sorted(os.listdir(d + '/calc_5')))
f.close()
print(open(d + '/calc_5/oqparam.json').read(), open(d + '/calc_5/status').read().strip())
with h5py.File(path, 'r+') as f:
    f['more'] = [1, 2, 3]
print(sorted(os.listdir(d + '/calc_5')))
# Written beneath, it is locked for those at the mount.
real = h5py.File(os.path.join(beneath, 'calc_6.hdf5'), 'w')
done = subprocess.run(child + [os.path.join(d, 'calc_6.hdf5')], capture_output=True, text=True)
print('unable to lock file' in done.stderr or done.stderr[-300:])
real.close()
until = time.time() + 10  # what changes beneath shows within about a second
while subprocess.run(child + [os.path.join(d, 'calc_6.hdf5')], capture_output=True).returncode and time.time() < until:
    pass
print(subprocess.run(child + [os.path.join(d, 'calc_6.hdf5')]).returncode)
other = """
import sqlite3, sys
b = sqlite3.connect(sys.argv[1], timeout=0)
try:
    b.execute('begin immediate')
    print('not locked')
except sqlite3.OperationalError as e:
    print(e)
input()
b.rollback()
print(b.execute('select count(*) from job').fetchone(), b.execute('pragma integrity_check').fetchone())
b.execute('insert into job values (-1)')
b.commit()
"""
for mode in 'delete', 'wal':
    db = os.path.join(d, f'{mode}.sqlite3')
    a = sqlite3.connect(db, timeout=5)
    a.execute(f'pragma journal_mode={mode}')
    a.execute('create table job (id integer)')
    a.execute('begin immediate')
    a.executemany('insert into job values (?)', [(i,) for i in range(1000)])
    b = subprocess.Popen([sys.executable, '-c', other, db], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    print(b.stdout.readline().strip())
    a.commit()
    print(b.communicate('go\n')[0].strip(), a.execute('select count(*), min(id) from job').fetchone())
"#;
    let said = run_python(script, &[daemon.point.to_str().unwrap()]);
    let expected = "True\nTrue\nTrue\nTrue ['output.hdf5', 'status']\n{\"description\": \"engine\"} complete\n\
        ['attrs.json', 'gmf.npy', 'more.npy', 'oqparam.json', 'oqparam.npy', 'output.hdf5', 'status']\n\
        True\n0\ndatabase is locked\n(1000,) ('ok',) (1001, -1)\ndatabase is locked\n(1000,) ('ok',) (1001, -1)\n";
    assert_eq!(said, expected);
}

#[test]
fn common_tools_work_on_mirrored_files() {
    need_fuse!("common_tools_work_on_mirrored_files");
    let daemon = Daemon::start();
    let script = r#"
set -ex
cd "$1"
mkdir -p a/b && echo one > a/b/x && ln -s x a/b/link && ln a/b/x a/hard
chmod 640 a/b/x && touch -d '2001-02-03 04:05:06.5' a/b/x
cp -a a copy
test "$(stat -c '%a %Y' copy/b/x)" = "$(stat -c '%a %Y' a/b/x)"
test "$(readlink copy/b/link)" = x
test copy/hard -ef copy/b/x
echo two >> a/hard && test "$(cat a/b/x | tr '\n' ' ')" = 'one two '
tar cf t.tar copy && tar xf t.tar --one-top-level=untar && diff -r copy untar/copy
sed -i s/one/1/ copy/b/x && grep -q 1 copy/b/x
mv -T copy moved && test ! -e copy
head -c 3000000 /dev/urandom > big && cp big big2 && cmp big big2
dd if=big of=sparse bs=1000 count=1 seek=5000 2>/dev/null && test "$(stat -c %s sparse)" = 5001000
truncate -s 10 big && test "$(stat -c %s big)" = 10
mkfifo pipe && rm pipe
(umask 027; touch masked; mkdir maskeddir) && test "$(stat -c '%a' masked maskeddir | tr '\n' ' ')" = '640 750 '
rm -r a moved untar big big2 sparse t.tar masked maskeddir
test "$(ls)" = new
"#;
    let output = Command::new("bash").args(["-c", script, "bash"]).arg(&daemon.point).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A mount in this process, with somebody who takes jobs.
fn with_jobs() -> (tempfile::TempDir, Mounted) {
    let tmp = tempfile::tempdir().unwrap();
    let dir = DataDir::open(tmp.path()).unwrap();
    let fs = Fs::new(dir.clone(), Some(Arc::new(FakeJobs::new(&dir)))).unwrap();
    let mounted = Mounted::new(fs, tmp.path(), Options::default()).unwrap();
    (tmp, mounted)
}

#[test]
fn jobs_are_dropped_with_any_tool() {
    need_fuse!("jobs_are_dropped_with_any_tool");
    let (tmp, mounted) = with_jobs();
    let outside = tempfile::tempdir().unwrap();
    for folder in ["demo", "Été à Bâle"] {
        fs::create_dir_all(outside.path().join(folder)).unwrap();
        fs::write(outside.path().join(folder).join("job.ini"), "needs model.xml").unwrap();
        fs::write(outside.path().join(folder).join("model.xml"), "<x/>").unwrap();
    }
    fs::write(outside.path().join("job.ini"), "[general]").unwrap();
    let new = mounted.point().join("new");
    let mut ways = vec![
        "cp -r demo NEW/",
        "cp -rp demo NEW/",
        "cp demo/job.ini demo/model.xml NEW/",
        "cp job.ini NEW/",
        "cp -p job.ini NEW/",
        "cat job.ini > NEW/job.ini",
        "install -m 644 job.ini NEW/job.ini",
        "dd if=job.ini of=NEW/job.ini",
        "tee NEW/job.ini < job.ini",
        "cp job.ini x && mv x NEW/job.ini",
        "cp -r demo x && mv x NEW/moved",
        "tar cf - demo | tar xf - -C NEW",
        "cp -r 'Été à Bâle' NEW/",
        "rsync_like() { cp $1 NEW/.$1.x7Yz && mv NEW/.$1.x7Yz NEW/$1; }; rsync_like job.ini",
        "cp demo/job.ini NEW/job.ini && sed -i 's/$//' NEW/job.ini && cp demo/model.xml NEW/",
        "cp job.ini NEW/.tmp && mv NEW/.tmp NEW/job.ini",
        "mkdir NEW/d && cp job.ini NEW/d/",
        "cp --preserve=all --attributes-only job.ini NEW/ && cp job.ini NEW/",
    ];
    if common::python().is_some() {
        ways.push("$PY -c 'import shutil; shutil.copy2(\"job.ini\", \"NEW/job.ini\")'");
        ways.push("$PY -c 'import shutil; shutil.copytree(\"demo\", \"NEW/tree\")'");
        ways.push("$PY -c 'with open(\"NEW/job.ini\", \"w\") as f: f.write(\"[general]\")'");
    }
    let may_lack = [
        ("rsync", "rsync job.ini NEW/"),
        ("rsync", "rsync -a job.ini NEW/"),
        ("rsync", "rsync --inplace job.ini NEW/"),
        ("rsync", "rsync -a demo NEW/"),
        ("rsync", "rsync -a --inplace demo NEW/"),
        ("curl", "curl -sS -R -o NEW/job.ini file://$PWD/job.ini"),
        ("vim", "vim -es -u NONE -c 'normal i[general]' -c 'w! NEW/job.ini' -c 'q!'"),
        ("make", "printf 'all: NEW/job.ini\n\t@echo made\nNEW/job.ini:\n\t@cp job.ini $@\n' | make -f - all"),
    ];
    let here = tools("jobs_are_dropped_with_any_tool", may_lack.iter().map(|(tool, _)| *tool));
    ways.extend(may_lack.iter().filter(|(tool, _)| here.contains(tool)).map(|(_, way)| *way));
    for (i, way) in ways.iter().enumerate() {
        drops_a_job(&mounted, outside.path(), way, i + 1);
        let left: Vec<_> = names(&new).into_iter().filter(|n| !n.ends_with(".status")).collect();
        assert!(left == ["README"], "{way}: {left:?} left");
    }
    assert!(fs::read_to_string(new.join("job.status")).unwrap().starts_with("calc_"));
    mounted.unmount().unwrap();
    drop(tmp);
}

/// The tools of these that are here; says that parts of a test are left out for want of the others.
fn tools<'a>(test: &str, tools: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
    let is_there = |tool: &&str| bash(Path::new("/"), &format!("command -v {tool}")).status.success();
    let (here, lacking): (BTreeSet<_>, BTreeSet<_>) = tools.into_iter().partition(is_there);
    if !lacking.is_empty() {
        common::skip(test, &format!("the parts with {}", Vec::from_iter(lacking).join(", ")));
    }
    here
}

/// Runs a command in `dir` that drops a job, which has to be calculation `id`. `NEW` stands for `new/`, `$PY` for a Python.
fn drops_a_job(mounted: &Mounted, dir: &Path, way: &str, id: usize) {
    let new = mounted.point().join("new");
    let python = common::python().map(|p| p.display().to_string()).unwrap_or_default();
    let output = bash(dir, &way.replace("NEW", new.to_str().unwrap()).replace("$PY", &python));
    assert!(output.status.success(), "{way}: {}", String::from_utf8_lossy(&output.stderr));
    let calc = mounted.point().join(format!("calc_{id}/inputs/job.ini"));
    assert!(calc.exists(), "{way}: no calculation {id}; {:?}", names(&new));
    assert!(!mounted.point().join(format!("calc_{}", id + 1)).exists(), "{way}: more than one");
}

/// Tools that copy what is not there yet, or is another.
const SYNCHRONISERS: [(&str, &str); 16] = [
    ("rsync", "rsync -a job.ini NEW/"),
    ("rsync", "rsync --inplace job.ini NEW/"),
    ("rsync", "rsync -au job.ini NEW/"),
    ("rsync", "rsync -ac job.ini NEW/"),
    ("rsync", "rsync -a --size-only job.ini NEW/"),
    ("rsync", "rsync -a --ignore-existing job.ini NEW/"),
    ("rsync", "rsync -a --append job.ini NEW/"),
    ("rsync", "rsync -a --inplace --no-whole-file job.ini NEW/"),
    ("rsync", "rsync -a --delay-updates demo/ NEW/demo/"),
    ("rsync", "rsync -a --delete demo/ NEW/demo/"),
    ("cp", "cp -u job.ini NEW/"),
    ("cp", "cp -ru demo NEW/"),
    ("cp", "cp -n job.ini NEW/"),
    ("mv", "cp -p job.ini x && mv -n x NEW/job.ini"),
    ("make", "printf 'NEW/job.ini: job.ini\n\t@cp -p job.ini $@\n' | make -f -"),
    ("unison", "HOME=$PWD unison \"$PWD\" NEW -path demo -force \"$PWD\" -confirmbigdel=false -batch -silent"),
];

#[test]
fn what_is_dropped_again_at_once_starts_again() {
    need_fuse!("what_is_dropped_again_at_once_starts_again");
    let (tmp, mounted) = with_jobs();
    let outside = tempfile::tempdir().unwrap();
    let at = |name: &str| outside.path().join(name);
    fs::create_dir(at("demo")).unwrap();
    fs::write(at("demo/job.ini"), "needs model.xml").unwrap();
    fs::write(at("demo/model.xml"), "<x/>").unwrap();
    fs::write(at("job.ini"), "[general]").unwrap();
    let mut id = 0;
    let here = tools("what_is_dropped_again_at_once_starts_again", SYNCHRONISERS.map(|(tool, _)| tool));
    for (_, way) in SYNCHRONISERS.iter().filter(|(tool, _)| here.contains(tool)) {
        let mut again = |what: &str| {
            id += 1;
            drops_a_job(&mounted, outside.path(), &format!("{way} # {what}"), id);
        };
        again("first");
        again("again");
        // of a folder that tools know, one file is another
        fs::write(at("demo/job.ini"), format!("needs model.xml {}", " ".repeat(way.len()))).unwrap();
        fs::write(at("job.ini"), format!("[general] # {way}")).unwrap();
        again("changed");
        let inputs = mounted.point().join(format!("calc_{id}/inputs"));
        let job = if way.contains("demo") { at("demo/job.ini") } else { at("job.ini") };
        assert_eq!(fs::read(inputs.join("job.ini")).unwrap(), fs::read(job).unwrap(), "{way}");
        assert_eq!(inputs.join("model.xml").exists(), way.contains("demo"), "{way}");
    }
    // one that carries over what is gone, too, does not do so without a word
    if here.contains("unison") {
        let unison =
            format!("HOME=$PWD unison \"$PWD\" {} -path demo -batch -silent", mounted.point().join("new").display());
        assert!(!bash(outside.path(), &unison).status.success() && at("demo/model.xml").exists());
    }
    // one after the other, as one who tries does
    let mixed = ["cp job.ini NEW/", "rsync --inplace job.ini NEW/", "cp -u job.ini NEW/", "cat job.ini > NEW/job.ini"];
    for way in mixed.iter().filter(|way| !way.starts_with("rsync") || here.contains("rsync")) {
        id += 1;
        drops_a_job(&mounted, outside.path(), way, id);
    }
    mounted.unmount().unwrap();
    drop(tmp);
}

#[test]
fn what_was_taken_answers_those_that_wrote_it_alone() {
    need_fuse!("what_was_taken_answers_those_that_wrote_it_alone");
    let (tmp, mounted) = with_jobs();
    let new = mounted.point().join("new");
    let job = new.join("job.ini");
    // this process wrote it
    fs::write(&job, "[general]").unwrap();
    assert_eq!(fs::read_to_string(&job).unwrap(), "[general]");
    let other = |script: &str| bash(&new, script).status.success();
    assert!(!other("test -e job.ini") && !other("cat job.ini") && !other("chmod 600 job.ini"));
    // who holds it open reads on
    let open = fs::File::open(&job).unwrap();
    assert!(other("echo again > job.ini"));
    assert_eq!(std::io::read_to_string(open).unwrap(), "[general]");
    assert!(mounted.point().join("calc_2/inputs/job.ini").exists());
    assert!(other("echo x > job.ini; test -e job.ini"), "it wrote it itself");
    assert!(!other("cp /etc/hostname job.ini; test job.ini -nt /etc/hostname"), "one that started a writer is not it");
    fs::create_dir(new.join("demo")).unwrap();
    fs::write(new.join("demo/job.ini"), "[general]").unwrap();
    assert!(new.join("demo/job.ini").exists() && !other("test -e demo"));
    assert!(other("mkdir demo && echo needs m.xml > demo/job.ini && test -e demo/job.ini"), "a folder of its own");
    assert_eq!(names(&new.join("demo")), ["job.ini"]);
    mounted.unmount().unwrap();
    drop(tmp);
}

#[test]
fn a_refused_job_makes_the_tool_fail() {
    need_fuse!("a_refused_job_makes_the_tool_fail");
    let (tmp, mounted) = with_jobs();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("job.ini"), "refuse").unwrap();
    let new = mounted.point().join("new");
    let ways = ["cp job.ini NEW/", "cat job.ini > NEW/job.ini", "dd if=job.ini of=NEW/job.ini", "mv job.ini NEW/"];
    for way in ways {
        let output = bash(outside.path(), &way.replace("NEW", new.to_str().unwrap()));
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("Invalid argument"), "{way}: {said}");
        assert_eq!(fs::read_to_string(new.join("job.error")).unwrap(), "job.ini:1: found refuse\n");
        fs::remove_file(new.join("job.error")).unwrap();
        let _ = fs::remove_file(new.join("job.ini"));
    }
    assert!(outside.path().join("job.ini").exists(), "mv keeps the source it could not move");
    mounted.unmount().unwrap();
    drop(tmp);
}

#[test]
fn listing_a_large_calculation_is_quick() {
    need_fuse!("listing_a_large_calculation_is_quick");
    let daemon = Daemon::start();
    let dir = DataDir::open(&daemon.point).unwrap();
    let writer = Writer::start(DataStore::create_in(&dir).unwrap()).unwrap();
    let handle = writer.handle();
    for i in 0..10_000 {
        handle.write(&format!("g{}/d{i}", i / 100), vec![i as f64; 3]).unwrap();
    }
    writer.finish().unwrap();
    // A process another test starts just now may have got the lock for a moment.
    wait_until("it to be complete", || names(&daemon.path("calc_1")).len() > 100);
    let start = Instant::now();
    let output = Command::new("ls").args(["-lR"]).arg(daemon.path("calc_1")).output().unwrap();
    let took = start.elapsed();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stdout).matches(".npy").count(), 10_000);
    assert!(took < Duration::from_secs(5), "ls -lR took {took:?}");
}

#[test]
fn a_plain_user_is_told_that_calculations_are_read_only() {
    need_fuse!("a_plain_user_is_told_that_calculations_are_read_only");
    let script = r#"
mkdir -p data/calc_1/inputs && echo x > data/calc_1/job.ini && echo x > data/calc_1/inputs/a && chmod 444 data/calc_1/inputs/a
trap '"$OQFS" umount data' EXIT
"$OQFS" mount data || exit 1
cd data
say() { LC_ALL=C "$@" 2>&1 | sed 's/.*: //'; }
for path in calc_1/new calc_1/status calc_1/job.ini calc_1/inputs/a calc_1/inputs/new; do
    say bash -c "echo > $path"
    say bash -c "echo >> $path"
done
say rm calc_1/status calc_1/inputs/a
say rm -r calc_1/inputs
say rmdir calc_1
say mkdir calc_1/x calc_1/inputs/x calc_2
say mv calc_1/job.ini calc_1/other
say touch calc_1/job.ini
say chmod 600 calc_1/status
say ln calc_1/job.ini calc_1/hard
say ln -s x calc_1/soft
say truncate -s 0 calc_1/status
stat -c '%A %n' calc_1 calc_1/status calc_1/inputs calc_1/inputs/a
cd ..
"#;
    let output = match as_plain_user(script) {
        Ok(output) => output,
        Err(why) => return common::skip("a_plain_user_is_told_that_calculations_are_read_only", &why),
    };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let (refused, modes): (Vec<_>, Vec<_>) = said.lines().partition(|line| *line == "Read-only file system");
    assert_eq!(refused.len(), 23, "{said}{}", String::from_utf8_lossy(&output.stderr));
    let expected =
        ["drwxr-xr-x calc_1", "-rw-r--r-- calc_1/status", "drwxr-xr-x calc_1/inputs", "-rw-r--r-- calc_1/inputs/a"];
    assert_eq!(modes, expected);
}

#[test]
fn sizes_times_owners_and_space_are_those_beneath() {
    need_fuse!("sizes_times_owners_and_space_are_those_beneath");
    let daemon = Daemon::start();
    let dir = DataDir::open(&daemon.point).unwrap();
    calc(&dir, 10);
    let real = dir.path().join("calc_1/output.hdf5");
    // SAFETY: a plain system call.
    if unsafe { libc::geteuid() } == 0 {
        std::os::unix::fs::chown(&real, Some(65534), Some(65533)).unwrap();
    }
    let old = std::time::UNIX_EPOCH + Duration::new(1_000_000_000, 123_456_789);
    fs::File::options().write(true).open(&real).unwrap().set_modified(old).unwrap();
    let expected = fs::metadata(&real).unwrap();
    let of = |m: &fs::Metadata| (m.uid(), m.gid(), m.mtime(), m.mtime_nsec());
    for (path, mode) in
        [("", 0o40755), ("/x.npy", 0o100644), ("/g", 0o40755), ("/g/y.npy", 0o100644), ("/attrs.json", 0o100644)]
    {
        let path = daemon.path(&format!("calc_1{path}"));
        wait_until("the new owner", || fs::metadata(&path).is_ok_and(|m| of(&m) == of(&expected)));
        let shown = fs::metadata(&path).unwrap();
        assert_eq!(shown.mode(), mode, "{}", path.display());
        assert!(shown.is_dir() || shown.len() == fs::read(&path).unwrap().len() as u64, "{}", path.display());
    }
    let space = |path: &Path| {
        let output = Command::new("stat").args(["-f", "-c", "%b %S %l"]).arg(path).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(space(&daemon.point), space(daemon.tmp.path()));
    assert!(space(&daemon.point).len() > 5);
}
