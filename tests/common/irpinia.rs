//! The job of Irpinia, run from outside.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use assert_cmd::assert::Assert;
use ndarray::{ArrayD, IxDyn};
use oqfs::datastore::DataStore;
use serde_json::Value;

/// A job, the folder it is in and an empty data directory.
pub struct Fixture {
    pub tmp: tempfile::TempDir,
}

impl Fixture {
    /// With a copy of the job of Irpinia, free to be changed.
    pub fn new() -> Fixture {
        let fixture = Fixture { tmp: tempfile::tempdir().unwrap() };
        fs::create_dir(fixture.job_dir()).unwrap();
        for entry in fs::read_dir(irpinia()).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), fixture.job_dir().join(entry.file_name())).unwrap();
        }
        fixture
    }

    pub fn job_dir(&self) -> PathBuf {
        self.tmp.path().join("irpinia")
    }

    pub fn data_dir(&self) -> PathBuf {
        self.tmp.path().join("oqdata")
    }

    pub fn calc(&self, id: u32) -> PathBuf {
        self.data_dir().join(format!("calc_{id}"))
    }

    /// Put `new` in the place of `old`, which must be there.
    pub fn edit(&self, file: &str, old: &str, new: &str) {
        let path = self.job_dir().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "{file} has no {old:?}");
        fs::write(path, text.replacen(old, new, 1)).unwrap();
    }

    pub fn command(&self, job: impl AsRef<Path>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oqfs"));
        command.arg("run").arg(job.as_ref()).env("OQ_DATADIR", self.data_dir()).env_remove("OQFS_LOG");
        command.current_dir(self.job_dir());
        command
    }

    pub fn run(&self, job: impl AsRef<Path>) -> Assert {
        assert_cmd::Command::from_std(self.command(job)).timeout(Duration::from_secs(120)).assert()
    }

    pub fn state(&self, id: u32) -> Value {
        serde_json::from_slice(&fs::read(self.calc(id).join("job.json")).unwrap()).unwrap()
    }
}

pub fn irpinia() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jobs/irpinia")
}

/// What the engine computed for a job, kept by `scripts/compare_engine.sh -k`.
pub fn of_engine(job: &str) -> BTreeMap<String, ArrayD<f64>> {
    let text = fs::read_to_string(irpinia().join(job).with_extension("engine.json")).unwrap();
    let arrays: BTreeMap<String, Value> = serde_json::from_str(&text).unwrap();
    let numbers = |v: &Value| v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect::<Vec<_>>();
    let array = |v: &Value| {
        let shape: Vec<usize> = numbers(&v["shape"]).iter().map(|&x| x as usize).collect();
        ArrayD::from_shape_vec(IxDyn(&shape), numbers(&v["values"])).unwrap()
    };
    arrays.iter().map(|(key, v)| (key.clone(), array(v))).collect()
}

pub fn open(calc: &Path) -> DataStore {
    DataStore::open(calc.join("output.hdf5")).unwrap()
}

/// What a dataset consists of: the bytes of an array as they stand in the file, or a string.
#[derive(PartialEq)]
pub enum Content {
    Array(Vec<usize>, Vec<u8>),
    Text(String),
}

/// Every dataset of a calculation by its key.
pub fn contents(calc: &Path) -> BTreeMap<String, Content> {
    pub fn walk(group: &hdf5::Group, file: &fs::File, found: &mut BTreeMap<String, Content>) {
        for name in group.member_names().unwrap() {
            if let Ok(inner) = group.group(&name) {
                walk(&inner, file, found);
                continue;
            }
            let dataset = group.dataset(&name).unwrap();
            let key = dataset.name();
            let content = if let Ok(text) = dataset.read_scalar::<hdf5::types::VarLenUnicode>() {
                Content::Text(text.to_string())
            } else {
                let mut bytes = vec![0; dataset.storage_size() as usize];
                let offset = dataset.offset().unwrap_or_else(|| panic!("{key} is not contiguous"));
                file.read_exact_at(&mut bytes, offset).unwrap();
                Content::Array(dataset.shape(), bytes)
            };
            found.insert(key, content);
        }
    }
    let path = calc.join("output.hdf5");
    let mut found = BTreeMap::new();
    walk(&hdf5::File::open(&path).unwrap(), &fs::File::open(&path).unwrap(), &mut found);
    found
}

/// Both calculations have the same bytes in every dataset but the times.
#[allow(dead_code, reason = "not every test file compares calculations")]
pub fn assert_same(a: &Path, b: &Path) {
    let (a, b) = (contents(a), contents(b));
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (key, content) in &a {
        assert!(key == "/performance_data" || *content == b[key], "{key} differs");
    }
}
