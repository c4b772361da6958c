//! The OpenQuake engine beside a mount, unchanged; and the files it writes through the view.
//!
//! The engine is the Python environment in `$OQFS_ENGINE_VENV`, which `scripts/test.sh --engine` installs; without it these
//! tests leave themselves out.

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use common::irpinia::irpinia;
use common::mount::{Daemon, names, oqfs};
use common::npy::compare_with_numpy;
use common::run_python;
use common::tree::{file, path, text};
use ndarray::ArrayD;
use oqfs::datastore::{DataDir, DataStore};
use oqfs::view::compare::{CalcPair, Tolerance};
use oqfs::view::{ViewNode, Views};
use serde_json::Value;

/// Where the engine is installed.
fn engine() -> Option<PathBuf> {
    let venv = PathBuf::from(std::env::var_os("OQFS_ENGINE_VENV")?);
    venv.join("bin/oq").exists().then_some(venv)
}

macro_rules! need_engine {
    ($test:expr) => {
        match engine() {
            Some(venv) => venv,
            None => return common::skip($test, "no OpenQuake engine; set OQFS_ENGINE_VENV"),
        }
    };
}

/// The engine with a home of its own, in which `oqdata`, with its database, is mounted.
struct Beside {
    venv: PathBuf,
    daemon: Daemon,
}

impl Beside {
    fn new(venv: PathBuf) -> Self {
        Self { venv, daemon: Daemon::start() }
    }

    fn home(&self) -> &Path {
        self.daemon.tmp.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(self.venv.join("bin/oq"));
        command.args(args).env("HOME", self.home()).env("OQ_DATADIR", &self.daemon.point).current_dir(self.home());
        command
    }

    fn oq(&self, args: &[&str]) -> String {
        said(&format!("oq {args:?}"), self.command(args).output().unwrap())
    }

    fn start(&self, args: &[&str]) -> Child {
        self.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// A copy of one of the engine's demonstrations; its job file.
    fn job(&self, name: &str) -> String {
        let from = self.venv.join("demos/hazard").join(name);
        assert!(Command::new("cp").arg("-r").args([&from, self.home()]).status().unwrap().success());
        format!("{name}/job.ini")
    }

    fn status(&self, id: u32) -> String {
        fs::read_to_string(self.daemon.path(&format!("calc_{id}/status"))).unwrap_or_default()
    }
}

fn said(what: &str, output: Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{what}:\n{}\n{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

#[test]
fn the_engine_runs_exports_and_shows_as_ever() {
    need_fuse!("the_engine_runs_exports_and_shows_as_ever");
    let beside = Beside::new(need_engine!("the_engine_runs_exports_and_shows_as_ever"));
    let job = beside.job("LogicTreeCase1ClassicalPSHA");
    let mut running = beside.start(&["engine", "--run", &job]);
    let pid = running.id();
    let mut seen_executing = false;
    while running.try_wait().unwrap().is_none() {
        // No request fails while the engine writes.
        if names(&beside.daemon.point).contains(&"calc_1".to_string()) {
            let status = fs::read_to_string(beside.daemon.path("calc_1/status")).unwrap();
            seen_executing |= status.starts_with("executing: ") && status.ends_with(&format!("process {pid}\n"));
            names(&beside.daemon.path("calc_1"));
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    said("oq engine --run", running.wait_with_output().unwrap());
    assert!(seen_executing);
    assert_eq!(beside.status(1), "complete\n");
    assert!(names(&beside.daemon.point).contains(&"db.sqlite3".into()), "its database is in the mount");

    let calc = beside.daemon.path("last");
    let oqparam: Value = serde_json::from_slice(&fs::read(calc.join("oqparam.json")).unwrap()).unwrap();
    assert_eq!(oqparam["calculation_mode"], "classical");
    let here = |at: &str| fs::read(calc.join(at)).unwrap_or_else(|e| panic!("{at}: {e}")).len();
    for at in ["full_lt/gsim_lt.npy", "full_lt/source_model_lt.npy", "source_info.npy", "sitecol/lon.npy"] {
        assert!(here(at) > 128, "{at}");
    }
    assert!(here("performance_data.npy") > 128 && here("hcurves-stats.npy") > 128);

    assert!(beside.oq(&["engine", "--list-hazard-calculations"]).contains("complete"));
    assert!(beside.oq(&["engine", "--list-outputs", "1"]).contains("Hazard Curves"));
    assert!(beside.oq(&["show", "contents", "1"]).contains("hcurves-stats"));
    let (above, beneath) = (beside.daemon.path("exported"), beside.home().join("exported"));
    fs::create_dir_all(&above).unwrap();
    fs::create_dir_all(&beneath).unwrap();
    beside.oq(&["engine", "--export-outputs", "1", above.to_str().unwrap()]);
    assert!(above.join("hazard_curve-mean-PGA_1.csv").exists() && above.join("realizations_1.csv").exists());
    // It is no output of its own, but can be exported.
    beside.oq(&["export", "site_model", "1", "--export-dir", above.to_str().unwrap()]);
    // `export/` has the same, without the engine.
    let mut compared = 0;
    for name in names(&calc.join("export")) {
        let (ours, engines) = (fs::read(calc.join("export").join(&name)), fs::read(above.join(&name)));
        assert_eq!(ours.unwrap(), engines.unwrap_or_else(|e| panic!("{name}: {e}")), "{name}");
        compared += 1;
    }
    assert!(compared > 5, "{compared}");
    assert!(here("source_info.csv") > 0 && here("sitecol.csv") > 0 && here("performance_data.csv") > 0);
    // The same from the file itself, without a mount.
    assert!(oqfs(&["umount", beside.daemon.point.to_str().unwrap()]).status.success());
    beside.oq(&["export", "hcurves", "1", "--exports", "csv", "--export-dir", beneath.to_str().unwrap()]);
    let mut compared = 0;
    for name in names(&beneath) {
        let (a, b) = (fs::read_to_string(above.join(&name)), fs::read_to_string(beneath.join(&name)));
        let data = |text: std::io::Result<String>| text.unwrap().lines().skip(1).map(String::from).collect::<Vec<_>>();
        assert_eq!(data(a), data(b), "{name}");
        compared += 1;
    }
    assert!(compared > 5, "{compared}");
}

#[test]
fn two_calculations_of_the_engine_at_a_time() {
    need_fuse!("two_calculations_of_the_engine_at_a_time");
    let beside = Beside::new(need_engine!("two_calculations_of_the_engine_at_a_time"));
    // By default the engine has the second one wait.
    fs::write(beside.home().join("openquake.cfg"), "[distribution]\nserialize_jobs = 0\n").unwrap();
    // So that they need not race for making the database, which is not ours.
    beside.oq(&["engine", "--upgrade-db", "--yes"]);
    let jobs = ["PointSourceClassicalPSHA", "SimpleFaultSourceClassicalPSHA"].map(|name| beside.job(name));
    let mut running = jobs.each_ref().map(|job| beside.start(&["run", job]));
    let mut at_a_time = false;
    while running.iter_mut().any(|child| child.try_wait().unwrap().is_none()) {
        let executing =
            |id| beside.daemon.path(&format!("calc_{id}")).exists() && beside.status(id).starts_with("executing");
        at_a_time |= executing(1) && executing(2);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    running.into_iter().for_each(|child| drop(said("oq run", child.wait_with_output().unwrap())));
    assert!(at_a_time);
    assert_eq!([beside.status(1), beside.status(2)], ["complete\n", "complete\n"]);
    let description = |id: u32| -> String {
        let text = fs::read(beside.daemon.path(&format!("calc_{id}/oqparam.json"))).unwrap();
        serde_json::from_slice::<Value>(&text).unwrap()["description"].to_string()
    };
    let mut both = [description(1), description(2)];
    both.sort();
    assert!(both[0].contains("Point") && both[1].contains("Fault"), "{both:?}");
    assert!(names(&beside.daemon.path("calc_1")).contains(&"hcurves-stats.npy".into()));
}

/// Jobs of the engine with datastores of every kind: classical, event based, scenarios, disaggregation, with exposures.
const JOBS: [&str; 12] = [
    "hazard/AreaSourceClassicalPSHA/job.ini",
    "hazard/Disaggregation/job.ini",
    "hazard/EventBasedPSHA/job.ini",
    "hazard/GMPETablePSHA/job.ini",
    "hazard/LatinSamplingClassicalPSHA/job.ini",
    "hazard/LogicTreeCase1ClassicalPSHA/job.ini",
    "hazard/MultiPointClassicalPSHA/job.ini",
    "hazard/NonparametricSourcesClassicalPSHA/job.ini",
    "hazard/ScenarioCase1/job.ini",
    "hazard/ScenarioCase2/job.ini",
    "risk/ClassicalRisk/job_hazard.ini",
    "risk/ScenarioDamage/job_hazard.ini",
];

/// A job whose logic tree is sampled, and the methods it is sampled by after [`JOBS`]; its own one is the fourth there is.
const SAMPLED: (&str, [&str; 3]) =
    ("hazard/LatinSamplingClassicalPSHA", ["early_weights", "late_weights", "late_latin"]);

/// A directory with the results of [`JOBS`] and of [`SAMPLED`], `calc_1.hdf5` and so on: computed once, and kept until
/// `target/` is removed.
fn results(venv: &Path) -> &'static Path {
    static RESULTS: OnceLock<PathBuf> = OnceLock::new();
    RESULTS.get_or_init(|| {
        let release = said("oq --version", Command::new(venv.join("bin/oq")).arg("--version").output().unwrap());
        let name = format!("engine-results-{}-{COUNT}", release.trim());
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        if !kept.exists() {
            let home = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            let data = home.path().join("oqdata");
            fs::create_dir(&data).unwrap();
            let mut python = Command::new(venv.join("bin/python"));
            python.args(["-c", include_str!("python/run_jobs.py")]);
            python.args(JOBS.map(|job| venv.join("demos").join(job)));
            python.args(SAMPLED.1.map(|method| sampled(venv, home.path(), method)));
            python.env("HOME", home.path()).env("OQ_DATADIR", &data).current_dir(home.path());
            said("run_jobs.py", python.output().unwrap());
            fs::rename(data, &kept).unwrap();
        }
        kept
    })
}

/// The calculations there are.
const COUNT: usize = JOBS.len() + SAMPLED.1.len();

/// A copy of the sampled job with another method, in `home`.
fn sampled(venv: &Path, home: &Path, method: &str) -> PathBuf {
    let copy = home.join(method);
    let from = venv.join("demos").join(SAMPLED.0);
    assert!(Command::new("cp").arg("-r").args([&from, &copy]).status().unwrap().success());
    let job = copy.join("job.ini");
    let text = fs::read_to_string(&job).unwrap();
    assert!(text.contains("early_latin"), "{text}");
    fs::write(&job, text.replace("early_latin", method)).unwrap();
    job
}

#[test]
fn exports_are_what_oq_export_writes() {
    let venv = need_engine!("exports_are_what_oq_export_writes");
    let tmp = tempfile::tempdir().unwrap();
    let data = results(&venv);
    let mut python = Command::new(venv.join("bin/python"));
    python.args(["-c", include_str!("python/export.py")]).arg(tmp.path().join("exported"));
    python.args((1..=COUNT).map(|id| id.to_string()));
    python.env("HOME", tmp.path()).env("OQ_DATADIR", data).current_dir(tmp.path());
    said("export.py", python.output().unwrap());
    let views = Views::new(DataDir::open(data).unwrap());
    let mut compared = BTreeMap::new();
    for id in 1..=COUNT {
        let tree = views.calc(id as u32).unwrap().tree().unwrap().unwrap();
        let exported = tmp.path().join("exported").join(id.to_string());
        let Some(ViewNode::Dir(dir)) = tree.at(&path("export")).unwrap() else { panic!("no exports of {id}") };
        for entry in tree.entries(&dir).unwrap() {
            // the curves of realizations that are kept unasked, the engine exports by another key; maps for GIS it has not
            let is_apart = entry.name.contains("-rlz-") || entry.name.ends_with(".geojson");
            assert!(exported.join(&entry.name).exists() || is_apart, "{} is ours alone", entry.name);
        }
        for entry in fs::read_dir(exported).unwrap() {
            let engines = entry.unwrap();
            let name = engines.file_name().into_string().unwrap();
            let ours = file(&tree, &format!("export/{name}"));
            assert!(ours == fs::read(engines.path()).unwrap(), "{name}");
            let kind = name.split(['-', '_', '.']).next().unwrap_or_default().to_string();
            *compared.entry(kind).or_insert(0) += 1;
        }
    }
    println!("{compared:?}");
    for kind in ["hazard", "realizations", "events", "gmf", "sitemesh", "sigma", "avg", "event", "Mag", "TRT", "site"] {
        assert!(compared.contains_key(kind), "no {kind} among {compared:?}");
    }
    assert!(compared["realizations"] == COUNT, "{compared:?}");
}

#[test]
fn the_hazard_at_a_place_is_that_of_the_engines_exports() {
    let venv = need_engine!("the_hazard_at_a_place_is_that_of_the_engines_exports");
    let views = Views::new(DataDir::open(results(&venv)).unwrap());
    let (mut compared, mut with_places) = (0, vec![]);
    for (id, job) in (1..).zip(JOBS) {
        let tree = views.calc(id).unwrap().tree().unwrap().unwrap();
        if tree.at(&path("at")).unwrap().is_none() {
            continue;
        }
        with_places.push(job);
        let sites = text(&tree, "at/sites.csv");
        let last: Vec<&str> = sites.lines().last().unwrap().split(',').collect();
        let column = |name| last[sites.lines().next().unwrap().split(',').position(|found| found == name).unwrap()];
        let curves = text(&tree, &format!("at/{},{}/curves.csv", column("lon"), column("lat")));
        let rows: Vec<Vec<&str>> = curves.lines().map(|line| line.split(',').collect()).collect();
        assert_eq!(rows[0][..4], ["imt", "unit", "level", "mean"], "{job}");
        let imts: BTreeSet<&str> = rows[1..].iter().map(|row| row[0]).collect();
        for imt in imts {
            let exported = text(&tree, &format!("export/hazard_curve-mean-{imt}_{id}.csv"));
            let exported = exported.lines().last().unwrap().split(',');
            let ours: Vec<f64> = rows.iter().filter(|row| row[0] == imt).map(|row| row[3].parse().unwrap()).collect();
            let theirs: Vec<f64> = exported.map(|x| x.parse().unwrap()).collect();
            let theirs = &theirs[theirs.len() - ours.len()..];
            assert!(
                ours.iter().zip(theirs).all(|(a, b)| (a - b).abs() <= 1e-6 * b),
                "{job} {imt}: {ours:?} {theirs:?}"
            );
            compared += ours.len();
        }
        let pair = CalcPair::new(&tree, &tree).unwrap();
        let told = pair.compare(Tolerance { relative: 0.0, poe_floor: 0.0 }).unwrap();
        assert!(told.agrees && told.sites.both == told.sites.a, "{job}: {told:?}");
    }
    assert!(compared > 100 && with_places.len() > 4, "{compared} of {with_places:?}");
    assert!(!with_places.iter().any(|job| job.contains("EventBased") || job.contains("Scenario")), "{with_places:?}");
}

#[test]
fn every_dataset_of_the_engine_is_what_h5py_reads() {
    need_fuse!("every_dataset_of_the_engine_is_what_h5py_reads");
    need_python!("every_dataset_of_the_engine_is_what_h5py_reads");
    let venv = need_engine!("every_dataset_of_the_engine_is_what_h5py_reads");
    let tmp = tempfile::tempdir().unwrap();
    fs::create_dir(tmp.path().join("oqdata")).unwrap();
    let ids = 1..=JOBS.len();
    for id in ids.clone() {
        let name = format!("calc_{id}.hdf5");
        fs::copy(results(&venv).join(&name), tmp.path().join("oqdata").join(&name)).unwrap();
    }
    let daemon = Daemon::over(tmp, &[]);
    let (mut compared, mut unshown) = (0, 0);
    for id in ids {
        let calc = daemon.path(&format!("calc_{id}"));
        let expected = daemon.tmp.path().join(format!("expected_{id}"));
        let raw = calc.join("output.hdf5");
        let args = [raw.to_str().unwrap(), expected.to_str().unwrap()];
        let cannot = run_python(include_str!("python/expected.py"), &args);
        compared += compare_with_numpy(&expected, |at| {
            fs::read(calc.join(at)).unwrap_or_else(|e| panic!("{} of {}: {e}", at, JOBS[id - 1]))
        });
        let attrs: Value = serde_json::from_slice(&fs::read(calc.join("attrs.json")).unwrap()).unwrap();
        for path in cannot.lines() {
            unshown += 1;
            if let Ok(lists) = fs::read(calc.join(format!("{}.json", &path[1..]))) {
                let lists: Value = serde_json::from_slice(&lists).unwrap();
                assert!(lists.is_array(), "{path} of {}: {lists}", JOBS[id - 1]);
                continue;
            }
            let reason = attrs[path]["oqfs:not_shown"].as_str().unwrap_or_default();
            assert!(reason.starts_with("an .npy file cannot hold "), "{path} of {}: {reason}", JOBS[id - 1]);
        }
    }
    assert!(compared > 500 && unshown > 10, "{compared} compared, {unshown} no arrays");
    println!("{compared} datasets compared, {unshown} lists or told not to be shown");
}

/// The second calculation has the sources, the sites and the models of the first one, and the numbers that the engine gives it.
#[test]
fn a_disaggregation_goes_on_from_a_calculation_of_the_engine() {
    let venv = need_engine!("a_disaggregation_goes_on_from_a_calculation_of_the_engine");
    let home = tempfile::tempdir().unwrap();
    let (jobs, data) = (home.path().join("irpinia"), home.path().join("oqdata"));
    fs::create_dir(&data).unwrap();
    assert!(Command::new("cp").arg("-r").args([&irpinia(), &jobs]).status().unwrap().success());
    let second = fs::read_to_string(jobs.join("job_disagg.ini")).unwrap();
    let (first, own) = second.split_once("[disaggregation]").unwrap();
    let first = first.replace("= disaggregation", "= classical") + "poes = 0.3\n";
    fs::write(jobs.join("first.ini"), first).unwrap();
    // ours says what it disaggregates alone, the engine's has to say where its inputs are as well
    let third = format!("[general]\ndescription = third\ncalculation_mode = disaggregation\n{own}");
    fs::write(jobs.join("third.ini"), third).unwrap();
    let engine = |args: &[&str]| {
        let mut command = Command::new(venv.join("bin/oq"));
        // no server listens at this address: the engine then works without its database server
        command.args(args).env("HOME", home.path()).env("OQ_DATADIR", &data).env("OQ_DATABASE", "127.0.0.1");
        said(&format!("oq {args:?}"), command.current_dir(&jobs).output().unwrap())
    };
    engine(&["run", "first.ini"]);
    engine(&["run", "job_disagg.ini", "--hc", "1"]);
    let mut ours = Command::new(env!("CARGO_BIN_EXE_oqfs"));
    ours.args(["run", "--hc", "1", "third.ini"]).env("OQ_DATADIR", &data).current_dir(&jobs);
    said("oqfs run --hc", ours.output().unwrap());

    let stores = [data.join("calc_2.hdf5"), data.join("calc_3/output.hdf5")].map(|file| DataStore::open(file).unwrap());
    let keys = ["hmap3", "poe4", "best_rlzs", "disagg-rlzs/TRT_Mag_Dist_Eps", "disagg-stats/Mag_Dist_Eps"];
    for key in keys.into_iter().chain(["disagg-stats/Mag_Lon_Lat", "disagg-bins/Mag"]) {
        let [expected, found]: [ArrayD<f64>; 2] = [&stores[0], &stores[1]].map(|store| store.get(key).unwrap());
        assert_eq!(found.shape(), expected.shape(), "{key}");
        for (x, y) in found.iter().zip(&expected) {
            assert!((x - y).abs() <= 1e-7 + 1e-5 * y.abs(), "{key}: {x}, not {y}");
        }
    }
}
