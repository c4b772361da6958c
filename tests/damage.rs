//! Damaged HDF5 files: whatever bytes are wrong, reading ends with an error or without one, and this program never panics.
//!
//! Each file is read by a process of its own, `oqfs check`, as a mount reads it. The HDF5 library itself loops or crashes on some
//! files (a global heap object of no size, about one file in 400): those are told, and may not become more. `$OQFS_DAMAGE` is the number of files, for
//! longer runs; `$OQFS_DAMAGE_SEED` tries others.

mod common;

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::run_python;
use oqfs::datastore::{ArrayData, DataDir, DataStore, Writer};

/// The address space a reader may take, in bytes.
const MEMORY: u64 = 4 << 30;
/// A reader that takes longer hangs.
const LONG: Duration = Duration::from_secs(20);

/// A generator of numbers without much structure (xorshift64*, Vigna 2016, doi:10.1145/2845077).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % below
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

/// Files to damage: one of this program's, and h5py's, old format, new, and with elements in other files, if there is a Python.
fn files(dir: &Path) -> Vec<Vec<u8>> {
    let data = DataDir::open(&dir.join("ours")).unwrap();
    let writer = Writer::start(DataStore::create_in(&data).unwrap()).unwrap();
    let handle = writer.handle();
    handle.write("hcurves", vec![0.5f32; 60]).unwrap();
    let table = ArrayData::records(vec![("id", vec![1u32, 2].into()), ("name", ArrayData::fixed_strings(["a", "bc"]))])
        .unwrap();
    handle.write("sites/table", table).unwrap();
    handle.write_string("oqparam", "{\"a\": 1}").unwrap();
    handle.set_attrs("hcurves", vec![("json".into(), "{}".into())]).unwrap();
    writer.finish().unwrap();
    let mut files = vec![std::fs::read(data.path().join("calc_1/output.hdf5")).unwrap()];
    if common::python().is_some() {
        run_python(include_str!("python/small.py"), &[dir.to_str().unwrap()]);
        files.extend(
            ["earliest.hdf5", "latest.hdf5", "elsewhere.hdf5"].map(|name| std::fs::read(dir.join(name)).unwrap()),
        );
    }
    files
}

/// Damages some bytes: a few anywhere, a run of them, or the end is cut off.
fn damage(bytes: &mut Vec<u8>, numbers: &mut Numbers) {
    let len = bytes.len() as u64;
    match numbers.next(10) {
        0 => bytes.truncate(numbers.next(len) as usize),
        1 => {
            let start = numbers.next(len) as usize;
            let end = (start + 1 + numbers.next(64) as usize).min(bytes.len());
            let value = [0, 0xff, numbers.next(256) as u8][numbers.next(3) as usize];
            bytes[start..end].fill(value);
        }
        _ => {
            for _ in 0..1 + numbers.next(6) {
                let at = numbers.next(len) as usize;
                bytes[at] = match numbers.next(4) {
                    0 => bytes[at] ^ 1 << numbers.next(8),
                    1 => 0xff,
                    2 => bytes[at].wrapping_add(1),
                    _ => numbers.next(256) as u8,
                };
            }
        }
    }
}

/// One in so many files may be beyond the library.
const BEYOND: usize = 50;

/// How reading a file ended, where that is neither good nor an error that was told.
#[derive(Debug)]
enum End {
    /// By a panic.
    Panic,
    /// By a signal, or never, in the library.
    InLibrary(String),
}

/// Reads all of the file in a process.
fn read(path: &Path) -> Result<(), End> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_oqfs"));
    command.arg("check").arg(path).stdout(Stdio::null()).stderr(Stdio::null());
    // SAFETY: setrlimit may be called between fork and exec.
    unsafe {
        command.pre_exec(|| {
            let limit = libc::rlimit { rlim_cur: MEMORY, rlim_max: MEMORY };
            libc::setrlimit(libc::RLIMIT_AS, &limit);
            Ok(())
        })
    };
    let mut child = command.spawn().unwrap();
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return match (status.code(), status.signal()) {
                (Some(0 | 1), _) => Ok(()),
                (Some(_), _) => Err(End::Panic),
                (None, signal) => Err(End::InLibrary(format!("signal {signal:?}"))),
            };
        }
        if started.elapsed() > LONG {
            child.kill().unwrap();
            child.wait().unwrap();
            return Err(End::InLibrary(format!("not read in {LONG:?}")));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn no_damage_does_more_than_fail() {
    let tmp = tempfile::tempdir().unwrap();
    let files = files(tmp.path());
    let mut numbers = Numbers(number("OQFS_DAMAGE_SEED", 1) | 1);
    let path = tmp.path().join("damaged.hdf5");
    for whole in &files {
        std::fs::write(&path, whole).unwrap();
        read(&path).unwrap();
    }
    let cases = number("OQFS_DAMAGE", 300);
    let (mut panics, mut in_library) = (vec![], vec![]);
    for n in 0..cases {
        let mut bytes = files[n as usize % files.len()].clone();
        damage(&mut bytes, &mut numbers);
        std::fs::write(&path, &bytes).unwrap();
        let Err(end) = read(&path) else { continue };
        let kept = std::env::temp_dir().join(format!("oqfs_damaged_{n}.hdf5"));
        std::fs::copy(&path, &kept).unwrap();
        match end {
            End::Panic => panics.push(kept),
            End::InLibrary(how) => in_library.push(format!("{}: {how}", kept.display())),
        }
    }
    eprintln!("{} of {cases} files are beyond the library: {in_library:#?}", in_library.len());
    assert!(panics.is_empty(), "panics: {panics:#?}");
    assert!(in_library.len() <= 1 + cases as usize / BEYOND, "{in_library:#?}");
}
