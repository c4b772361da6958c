//! `oqfs run` from outside: what a job leaves behind, its numbers, and what happens to jobs that are wrong.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::irpinia::{Content, Fixture, contents, of_engine, open};
use common::program::{Running, small_job, starting, wait_for_stage};
use ndarray::{ArrayD, Axis, IxDyn, Slice, s};
use oqfs::calc::{Model, SourceShapes, group_curves};
use oqfs::datastore::{DataDir, DataStore, open_arrays};
use oqfs::job::Job;
use oqfs::schema;
use oqfs::view::{Dir, Tree, ViewNode, Views};
use serde_json::Value;

#[test]
fn a_job_that_ends_nowhere_is_not_read() {
    let fixture = Fixture::new();
    let refused = fixture.run("/dev/zero").code(1);
    let said = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(said.contains("/dev/zero: cannot be read") && said.contains("expected a regular file"), "{said}");
}

#[test]
fn a_job_leaves_curves_maps_and_its_inputs() {
    let fixture = Fixture::new();
    let run = fixture.run("job.ini").success();
    let told = String::from_utf8(run.get_output().stdout.clone()).unwrap();
    assert_eq!(told.trim_end(), fixture.calc(1).join("output.hdf5").to_str().unwrap());

    let shapes: BTreeMap<String, Vec<usize>> = contents(&fixture.calc(1))
        .into_iter()
        .filter_map(|(key, content)| match content {
            Content::Array(shape, _) => Some((key, shape)),
            Content::Text(_) => None,
        })
        .collect();
    // 3 sites; 2 source models, 2 GSIMs for each of 2 tectonic region types: 8 realizations; 3 IMTs of 12 levels; 2 PoEs
    for (key, shape) in [
        ("/hcurves-rlzs", vec![3, 8, 3, 12]),
        ("/hcurves-stats", vec![3, 4, 3, 12]),
        ("/hmaps-rlzs", vec![3, 8, 3, 2]),
        ("/hmaps-stats", vec![3, 4, 3, 2]),
        ("/weights", vec![8]),
        ("/full_lt/rlzs", vec![8]),
        ("/full_lt/sm_data", vec![2]),
        ("/sitecol/lon", vec![3]),
        ("/source_info", vec![5]),
        ("/source_shapes", vec![5]),
    ] {
        assert_eq!(shapes.get(key), Some(&shape), "{key}");
    }
    let by_gsim = |gsim: &str| shapes.keys().filter(|k| k.ends_with(gsim)).count();
    assert_eq!((by_gsim("/ChiouYoungs2008"), by_gsim("/ToroEtAl2002")), (3, 1), "{:?}", shapes.keys());

    let store = open(&fixture.calc(1));
    let axes: Value = serde_json::from_str(&store.get_attr_string("hcurves-stats", "json").unwrap()).unwrap();
    assert_eq!(axes["stat"], serde_json::json!(["mean", "quantile-0.16", "quantile-0.5", "quantile-0.84"]));
    let oqparam: Value = serde_json::from_str(&store.get_string("oqparam").unwrap()).unwrap();
    assert_eq!(oqparam["inputs"]["gsim_logic_tree"], "inputs/gmpe_logic_tree.xml");
    for file in ["inputs/job.ini", "inputs/zones.xml", "inputs/epicentres.xml", "job.ini", "log"] {
        assert!(fixture.calc(1).join(file).is_file(), "{file}");
    }
    assert_eq!((&fixture.state(1)["state"], &fixture.state(1)["progress"]), (&"complete".into(), &1.0.into()));
}

/// The engine's arithmetic of 1 minus a float32 (6e-8) is what differs, and what it rounds.
#[test]
fn numbers_agree_with_the_engine() {
    for (job, tolerance) in [
        ("job.ini", 1e-6),
        ("job_sampled.ini", 1e-6),
        ("job_grid.ini", 1e-5),
        ("job_faults.ini", 1e-5),
        ("job_cells.ini", 1e-5),
        ("job_geometry.ini", 1e-5),
        ("job_listed.ini", 1e-5),
        ("job_whole.ini", 1e-5),
        ("job_apart.ini", 1e-5),
        ("job_assets.ini", 1e-5),
        ("job_hull.ini", 1e-5),
        ("job_kernel.ini", 1e-5),
        ("job_sources.ini", 1e-5),
    ] {
        let fixture = Fixture::new();
        fixture.run(job).success();
        let store = open(&fixture.calc(1));
        let expected = of_engine(job);
        let keys = ["hcurves-stats", "hcurves-rlzs", "hmaps-stats", "hmaps-rlzs", "mean_rates_by_src/array", "weights"];
        for key in keys {
            let Some(expected) = expected.get(key) else {
                assert!(!store.contains(key), "{job}: the engine has no {key}");
                continue;
            };
            let found: ArrayD<f64> = store.get(key).unwrap();
            assert_eq!(found.shape(), expected.shape(), "{job} {key}");
            for ((index, &x), &y) in found.indexed_iter().zip(expected) {
                assert!((x - y).abs() <= 1e-7 + tolerance * y, "{job} {key} {index:?}: {x}, not {y}");
            }
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let fixture = Fixture::new();
    for threads in ["1", "2", "5"] {
        let mut command = fixture.command("job_grid.ini");
        command.args(["--no-reuse", "--threads", threads]);
        assert_cmd::Command::from_std(command).assert().success();
    }
    let first = contents(&fixture.calc(1));
    assert!(first.len() > 15, "{:?}", first.keys());
    for other in [2, 3].map(|id| contents(&fixture.calc(id))) {
        assert!(first.keys().eq(other.keys()));
        for (key, content) in &first {
            // how long it took is the one thing that may differ
            assert!(key == "/performance_data" || *content == other[key], "{key} differs");
        }
    }
}

/// The curves of a realization come from those of the groups, by the models that it goes through.
#[test]
fn groups_make_up_the_realizations() {
    let fixture = Fixture::new();
    fixture.run("job.ini").success();
    let contents = contents(&fixture.calc(1));
    let curves: ArrayD<f64> = open(&fixture.calc(1)).get("hcurves-rlzs").unwrap();
    let model = Model::read(Job::read(&fixture.job_dir().join("job.ini")).unwrap(), &open_arrays).unwrap();
    let mut no_exceedance = ArrayD::<f64>::ones(curves.shape());
    for (g, group) in model.groups.iter().enumerate() {
        for (m, found) in group_curves(&model, group, &()).unwrap().into_iter().enumerate() {
            let Content::Array(_, bytes) = &contents[&format!("/{g}/{}", found.gsim)] else { panic!("no array") };
            let kept = bytes.chunks_exact(8).map(|b| f64::from_ne_bytes(b.try_into().unwrap()));
            let poes = ndarray::Array3::from_shape_vec((3, 3, 12), kept.collect()).unwrap();
            for (i, (imt, alone)) in found.poes.iter().enumerate() {
                let difference = (&poes.slice(s![.., i, ..]) - alone).mapv(f64::abs);
                assert!(difference.iter().all(|&d| d < 1e-14), "/{g}/{} {imt}", found.gsim);
            }
            for r in model.tree.realizations_of(&group.paths, group.trt_index, m) {
                let mut of_rlz = no_exceedance.slice_axis_mut(Axis(1), Slice::from(r as usize..r as usize + 1));
                of_rlz.index_axis_mut(Axis(1), 0).zip_mut_with(&poes, |q, p| *q *= 1.0 - p);
            }
        }
    }
    for (found, q) in curves.iter().zip(&no_exceedance) {
        assert!((found - (1.0 - q)).abs() < 1e-7, "{found} {}", 1.0 - q);
    }
}

#[test]
fn a_job_that_cannot_be_right_is_refused_and_leaves_nothing() {
    type Edit = (&'static str, &'static str, &'static str);
    let cases: [(Edit, &[&str]); 12] = [
        (
            ("job.ini", "calculation_mode = classical", "calculation_mode = event_based"),
            &["job.ini, line 3", "event_based", "classical"],
        ),
        (
            ("job.ini", "logscale(0.01, 1.5, 12)", "[0.2, 0.1]"),
            &["job.ini", "intensity_measure_types_and_levels", "PGA"],
        ),
        (("job.ini", "investigation_time = 50", ""), &["job.ini", "investigation_time is missing"]),
        (
            ("job.ini", "investigation_time = 50", "investigation_time = -50"),
            &["job.ini, line 24", "investigation_time", "-50"],
        ),
        (
            ("job.ini", "= gmpe_logic_tree.xml", "= gsims.xml"),
            &["job.ini, line 19", "gsim_logic_tree_file", "gsims.xml"],
        ),
        (
            ("gmpe_logic_tree.xml", "BooreAtkinson2008", "BooreAtkinson2080"),
            &["gmpe_logic_tree.xml, line", "BooreAtkinson2080", "did you mean BooreAtkinson2008"],
        ),
        (("source_model_logic_tree.xml", "zones.xml", "zoned.xml"), &["zoned.xml"]),
        (
            ("source_model_logic_tree.xml", "<uncertaintyWeight>0.7", "<uncertaintyWeight>0.8"),
            &["source_model_logic_tree.xml, line", "sum to 1.1", "must sum to 1"],
        ),
        (
            ("job.ini", "width_of_mfd_bin = 0.2", "width_of_mfd_bin = 0.2\nsmlt_branch = zone"),
            &["job.ini, line 16", "smlt_branch", "\"zone\"", "there are zones, epicentres"],
        ),
        (
            (
                "job.ini",
                "width_of_mfd_bin = 0.2",
                "width_of_mfd_bin = 0.2\nnumber_of_logic_tree_samples = 8\noversampling = forbid",
            ),
            &["job.ini, line 17", "oversampling = forbid", "8 samples of 8 paths"],
        ),
        (("zones.xml", "</areaSource>", ""), &["zones.xml, line"]),
        (("zones.xml", "<dip>60</dip>", "<dip>160</dip>"), &["zones.xml, line", "dip", "160"]),
    ];
    for ((file, old, new), parts) in cases {
        let fixture = Fixture::new();
        fixture.edit(file, old, new);
        let run = fixture.run("job.ini").failure().stdout("");
        let message = String::from_utf8(run.get_output().stderr.clone()).unwrap();
        for part in parts {
            assert!(message.contains(part), "{new:?}: {message:?} does not say {part:?}");
        }
        assert!(!message.contains("/proc/") && !fixture.calc(1).exists(), "{new:?}: {message}");
    }
    let fixture = Fixture::new();
    let run = fixture.run("jobs.ini").failure();
    let message = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(message.contains("jobs.ini") && !fixture.calc(1).exists(), "{message}");
}

#[test]
fn a_job_that_fails_keeps_the_reason() {
    let fixture = Fixture::new();
    fixture.edit("job.ini", "sites = 14.7900 40.9140, 15.1770 40.9270", "sites = -140.0 10.0, -141.0 10.0");
    fixture.edit("job.ini", "15.8050 40.6400", "-142.0 10.0");
    let run = fixture.run("job.ini").failure().stdout("");
    let message = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(message.contains("far from all sources"), "{message}");
    let state = fixture.state(1);
    assert_eq!(state["state"], "failed");
    assert!(state["error"].as_str().unwrap().contains("far from all sources"), "{state}");
    assert!(fs::read_to_string(fixture.calc(1).join("log")).unwrap().contains("far from all sources"));
    assert!(!fixture.calc(1).join("output.hdf5").exists());
    // its id stays taken
    fixture.run("job_sampled.ini").success();
    assert_eq!(fixture.state(2)["state"], "complete");
}

/// What the sources give adds up to the mean, and the axes have the names that the engine gives them.
#[test]
fn mean_rates_by_source_make_up_the_mean() {
    let fixture = Fixture::new();
    fixture.edit("job_sources.ini", "smlt_branch = zones\n", "use_rates = true\n");
    fixture.run("job_sources.ini").success();
    let store = open(&fixture.calc(1));
    let rates: ArrayD<f64> = store.get("mean_rates_by_src/array").unwrap();
    assert_eq!(rates.shape(), [1, 2, 8, 5]);
    let curves: ArrayD<f64> = store.get("hcurves-stats").unwrap();
    let sums = rates.sum_axis(Axis(3));
    for (rate, poe) in sums.iter().zip(&curves) {
        assert!((1.0 - (-50.0 * rate).exp() - poe).abs() < 1e-6, "{rate} {poe}");
    }
    drop(store);
    let file = hdf5::File::open(fixture.calc(1).join("output.hdf5")).unwrap();
    let names = file.dataset("mean_rates_by_src/src_id").unwrap().read_1d::<hdf5::types::VarLenUnicode>().unwrap();
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    assert_eq!(names, ["1694", "1732", "apennines", "irpinia", "murge"]);
    let axes = file.dataset("mean_rates_by_src/shape_descr").unwrap();
    let axes = axes.read_1d::<hdf5::types::FixedAscii<7>>().unwrap();
    assert_eq!(axes.iter().map(|axis| axis.as_str()).collect::<Vec<_>>(), ["site_id", "imt", "lvl", "src_id"]);
}

/// Every array that the schema declares is there, filled, and described; nothing is there that the schema does not declare.
#[test]
fn every_dataset_is_as_declared_and_filled() {
    let fixture = Fixture::new();
    fixture.edit("job_sources.ini", "smlt_branch = zones\n", "uniform_hazard_spectra = true\n");
    fixture.run("job_sources.ini").success();
    let found = contents(&fixture.calc(1));
    let store = open(&fixture.calc(1));
    for array in schema::ARRAYS {
        let key = array.dataset();
        let Some(Content::Array(shape, bytes)) = found.get(&format!("/{key}")) else { panic!("{key} is not there") };
        assert_eq!(
            (shape.len(), bytes.len()),
            (array.axes.len(), array.size * shape.iter().product::<usize>()),
            "{key}"
        );
        let values: ArrayD<f64> = store.get(&key).unwrap();
        for (site, values) in values.axis_iter(Axis(0)).enumerate() {
            assert!(
                values.iter().all(|x| x.is_finite()) && values.iter().any(|x| *x > 0.0),
                "{key}, row {site}: {values}"
            );
        }
        if array.axes_in == schema::AxesIn::Attribute {
            let axes: Value = serde_json::from_str(&store.get_attr_string(array.key, schema::JSON).unwrap()).unwrap();
            for (axis, extent) in array.axes.iter().zip(shape) {
                let said = &axes[axis.name()];
                assert_eq!(
                    said.as_array().map_or(said.as_u64(), |all| Some(all.len() as u64)),
                    Some(*extent as u64),
                    "{key}"
                );
            }
        }
    }
    let is_declared = |key: &str| {
        let key = key.trim_start_matches('/');
        let group = key.split('/').next().unwrap();
        key == schema::OQPARAM
            || group.parse::<usize>().is_ok()
            || group == schema::SITECOL.key
            || schema::ARRAYS.iter().any(|array| array.key == group)
            || schema::TABLES.iter().any(|table| table.key == key)
    };
    let undeclared: Vec<&String> = found.keys().filter(|key| !is_declared(key)).collect();
    assert!(undeclared.is_empty(), "{undeclared:?}");
    // a spectrum is the maps of one probability, by period
    for kind in ["stats", "rlzs"] {
        let of = |key: &str| -> ArrayD<f64> { store.get(&format!("{key}-{kind}")).unwrap() };
        let axes: Value =
            serde_json::from_str(&store.get_attr_string(&format!("hmaps-{kind}"), "json").unwrap()).unwrap();
        let (maps, spectra) = (of("hmaps"), of("uhs"));
        let all: Vec<&str> = axes["imt"].as_array().unwrap().iter().map(|imt| imt.as_str().unwrap()).collect();
        let spectral = |imt: &&str| *imt == "PGA" || imt.starts_with("SA");
        for (i, imt) in all.iter().filter(|imt| spectral(imt)).enumerate() {
            let at = all.iter().position(|other| other == imt).unwrap();
            assert_eq!(spectra.index_axis(Axis(3), i), maps.index_axis(Axis(2), at), "{kind} {imt}");
        }
    }
}

/// What a view shows: of each path, what it is, its bytes, and its attributes.
fn shown(dir: &Path) -> BTreeMap<String, (String, Vec<u8>, String)> {
    fn walk(tree: &Tree, dir: &Arc<Dir>, at: &[String], shown: &mut BTreeMap<String, (String, Vec<u8>, String)>) {
        for entry in tree.entries(dir).unwrap() {
            let at: Vec<String> = at.iter().chain([&entry.name]).cloned().collect();
            let (what, bytes) = match &entry.node {
                ViewNode::Dir(below) => {
                    walk(tree, below, &at, shown);
                    ("directory".to_string(), vec![])
                }
                ViewNode::File(file) => (format!("file of {}", file.size().unwrap()), file.read().unwrap()),
                ViewNode::Link(to) => (format!("link to {to}"), vec![]),
            };
            let attrs = serde_json::to_string(&tree.attrs_at(&at).unwrap()).unwrap();
            shown.insert(at.join("/"), (what, bytes, attrs));
        }
    }
    let calc = Views::new(DataDir::open(dir).unwrap()).calc(1).unwrap();
    assert!(calc.see().unwrap().is_final);
    let tree = calc.tree().unwrap().unwrap();
    let mut shown = BTreeMap::new();
    walk(&tree, tree.root(), &[], &mut shown);
    shown.insert("attrs.json".into(), (String::new(), tree.attrs().unwrap().read().unwrap(), String::new()));
    shown
}

/// A complete calculation is read by what its writer said of it, and looks as the HDF5 library says.
#[test]
fn the_index_of_a_complete_calculation_says_what_the_library_says() {
    for job in ["job_sources.ini", "job_disagg.ini"] {
        let fixture = Fixture::new();
        fixture.run(job).success();
        let (datastore, index) = (fixture.calc(1).join("output.hdf5"), fixture.calc(1).join("output.hdf5.index"));
        let by_index = shown(&fixture.data_dir());
        // the superblock, without which the library reads nothing, is not needed
        let bytes = fs::read(&datastore).unwrap();
        let modified = fs::metadata(&datastore).unwrap().modified().unwrap();
        let set_time =
            |path: &Path| fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
        let mut spoilt = bytes.clone();
        spoilt[8..48].fill(255);
        fs::write(&datastore, &spoilt).unwrap();
        set_time(&datastore);
        assert_eq!(shown(&fixture.data_dir()).keys().collect::<Vec<_>>(), by_index.keys().collect::<Vec<_>>(), "{job}");
        fs::write(&datastore, &bytes).unwrap();
        // the time tells that it was written since: the index is not believed
        fs::write(&index, fs::read_to_string(&index).unwrap().replace("\"sitecol/lon\"", "\"sitecol/lom\"")).unwrap();
        let by_library = shown(&fixture.data_dir());
        assert!(by_library.len() > 60, "{job}: {:?}", by_library.keys());
        assert_eq!(by_library.keys().collect::<Vec<_>>(), by_index.keys().collect::<Vec<_>>(), "{job}");
        for (path, of_library) in &by_library {
            assert_eq!(of_library.0, by_index[path].0, "{job}: {path}");
            assert_eq!(of_library.2, by_index[path].2, "{job}: {path}");
            assert!(of_library.1 == by_index[path].1, "{job}: {path} has other bytes");
        }
        // with the time of its datastore it is
        set_time(&datastore);
        assert!(shown(&fixture.data_dir()).contains_key("sitecol/lom.npy"), "{job}");
    }
}

/// The fields of the records of a table by their names, each the bytes of a row after the other.
fn columns(calc: &Path, table: &schema::TableSchema) -> BTreeMap<&'static str, Vec<Vec<u8>>> {
    let file = hdf5::File::open(calc.join("output.hdf5")).unwrap();
    let hdf5::types::TypeDescriptor::Compound(records) =
        file.dataset(table.key).unwrap().dtype().unwrap().to_descriptor().unwrap()
    else {
        panic!("{} has no records", table.key)
    };
    let Content::Array(_, bytes) = &contents(calc)[&format!("/{}", table.key)] else { panic!("{}", table.key) };
    let column = |name: &'static str| {
        let field = records.fields.iter().find(|field| field.name == name).unwrap();
        let cells = bytes.chunks(records.size).map(|row| row[field.offset..][..field.ty.size()].to_vec());
        (name, cells.collect())
    };
    table.columns.iter().map(|of| column(of.name)).collect()
}

/// The sources of every job have outlines and distributions, row by row those of `source_info`.
#[test]
fn pictures_of_sources_need_the_datastore_alone() {
    let jobs = ["job.ini", "job_sampled.ini", "job_faults.ini", "job_geometry.ini", "job_listed.ini", "job_whole.ini"];
    for job in jobs {
        let fixture = Fixture::new();
        fixture.run(job).success();
        let calc = fixture.calc(1);
        let [sources, shapes, parts, vertices, bins] = [
            schema::SOURCE_INFO,
            schema::SOURCE_SHAPES,
            schema::SOURCE_OUTLINES,
            schema::SOURCE_VERTICES,
            schema::SOURCE_MFD,
        ]
        .map(|table| columns(&calc, &table));
        let whole = |cell: &Vec<u8>| u32::from_ne_bytes(cell[..].try_into().unwrap()) as usize;
        let single = |cell: &Vec<u8>| f32::from_ne_bytes(cell[..].try_into().unwrap());
        let number = |cell: &Vec<u8>| f64::from_ne_bytes(cell[..].try_into().unwrap());
        let text = |cell: &Vec<u8>| String::from_utf8(cell.clone()).unwrap().trim_end_matches('\0').to_string();
        assert_eq!(shapes["trt"].len(), sources["trt"].len(), "{job}");
        for row in 0..shapes["trt"].len() {
            let id = format!("{job}, source {}", text(&sources["source_id"][row]));
            assert_eq!(text(&shapes["trt"][row]), text(&sources["trt"][row]), "{id}");
            let range = |start: &str, end: &str| whole(&shapes[start][row])..whole(&shapes[end][row]);
            let (outline, mfd) = (range("first_part", "end_part"), range("first_bin", "end_bin"));
            assert!(!outline.is_empty() && outline.end <= parts["kind"].len(), "{id}: {outline:?}");
            assert!(!mfd.is_empty() && mfd.end <= bins["mag"].len(), "{id}: {mfd:?}");
            for part in outline {
                let of_part = whole(&parts["first"][part])..whole(&parts["end"][part]);
                assert!(
                    parts["kind"][part][0] < 4 && !of_part.is_empty() && of_part.end <= vertices["lon"].len(),
                    "{id}"
                );
                let places = of_part.map(|i| (single(&vertices["lon"][i]), single(&vertices["lat"][i])));
                // all of them are in Italy
                assert!(
                    places.into_iter().all(|(lon, lat)| (7.0..19.0).contains(&lon) && (36.0..47.0).contains(&lat)),
                    "{id}"
                );
            }
            let factor = number(&shapes["factor"][row]);
            let rates = mfd.map(|bin| (number(&bins["mag"][bin]), factor * number(&bins["rate"][bin])));
            assert!(
                rates.into_iter().all(|(mag, rate)| (3.0..10.0).contains(&mag) && rate > 0.0 && rate < 10.0),
                "{id}"
            );
        }
        // a job that has not run is drawn from the same
        let model = Model::read(Job::read(&fixture.job_dir().join(job)).unwrap(), &open_arrays).unwrap();
        let made = SourceShapes::of(&model);
        let singles = |name: &str| vertices[name].iter().map(single).collect::<Vec<f32>>();
        assert!(singles("lon") == made.lon && singles("lat") == made.lat, "{job}");
        let numbers = |name: &str| bins[name].iter().map(number).collect::<Vec<f64>>();
        assert!(numbers("mag") == made.mag && numbers("rate") == made.rate, "{job}");
        assert_eq!(parts["kind"].len(), made.parts.kind.len(), "{job}");
    }
}

/// The tables of an exposure model are inputs of the job; in an archive they come with the model.
#[test]
fn assets_are_inputs_as_tables_or_in_an_archive() {
    let fixture = Fixture::new();
    fixture.run("job_hull.ini").success();
    for name in ["exposure.xml", "houses_west.csv", "houses_east.csv", "exposure_town.xml"] {
        assert!(fixture.calc(1).join("inputs").join(name).is_file(), "{name}");
    }
    let mut archive = zip::ZipWriter::new(fs::File::create(fixture.job_dir().join("houses.zip")).unwrap());
    for name in ["exposure.xml", "houses_west.csv", "houses_east.csv"] {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(&fs::read(fixture.job_dir().join(name)).unwrap()).unwrap();
        fs::remove_file(fixture.job_dir().join(name)).unwrap();
    }
    archive.finish().unwrap();
    let refused = fixture.run("job_hull.ini").failure();
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("exposure_file: there is no file"));
    fixture.edit("job_hull.ini", "= exposure.xml", "= houses.zip");
    fixture.run("job_hull.ini").success();
    assert!(fixture.calc(2).join("inputs/houses.zip").is_file());
    let curves = |id: u32| -> ArrayD<f64> { open(&fixture.calc(id)).get("hcurves-stats").unwrap() };
    assert_eq!(curves(1), curves(2));
}

/// An asset that no site is near is an error, unless the job leaves such out.
#[test]
fn assets_far_from_every_site_are_refused_unless_left_out() {
    let fixture = Fixture::new();
    fixture.edit("job_assets.ini", "discard_assets = true", "");
    let said = |fixture: &Fixture| {
        let run = fixture.run("job_assets.ini").failure();
        String::from_utf8_lossy(&run.get_output().stderr).into_owned()
    };
    let message = said(&fixture);
    for part in
        ["job_assets.ini, line 6", "2 assets are over 4 km from every site", "14.79032 40.9141", "discard_assets"]
    {
        assert!(message.contains(part), "{message}\n lacks {part}");
    }
    fixture.edit("job_assets.ini", "region = 14.7 40.5, 15.6 40.5", "region = 24.7 40.5, 25.6 40.5");
    fixture.edit("job_assets.ini", "15.6 41.1, 14.7 41.1", "25.6 41.1, 24.7 41.1");
    assert!(said(&fixture).contains("none of 6 assets is in the region"));
    fixture.edit("exposure_town.xml", "lat=\"40.8490000\"", "lat=\"140.849\"");
    assert!(said(&fixture).contains("exposure_town.xml, line 7"));
}

/// A calculation of minutes, which computes.
fn long_run(fixture: &Fixture, ignored: &'static [i32], blocked: &'static [i32]) -> Running {
    fixture.edit("job_grid.ini", "region_grid_spacing = 10", "region_grid_spacing = 0.2");
    let mut command = fixture.command("job_grid.ini");
    let run = starting(&mut command, ignored, blocked).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for_stage(&fixture.calc(1));
    Running(run)
}

/// Sends a signal to a run, which has to be cancelled within a second.
fn cancels(fixture: &Fixture, run: &mut Running, signal: i32) {
    let asked = Instant::now();
    // SAFETY: the process is our child and has not been waited for, so the id is its.
    assert_eq!(unsafe { libc::kill(run.0.id() as i32, signal) }, 0);
    let code = run.code();
    assert!(code == Some(1) && asked.elapsed() < Duration::from_secs(1), "{code:?} after {:?}", asked.elapsed());
    assert_eq!(fixture.state(1)["state"], "cancelled");
    assert!(!fixture.calc(1).join("output.hdf5").exists());
}

#[test]
fn ctrl_c_cancels_within_a_second() {
    let fixture = Fixture::new();
    let mut run = long_run(&fixture, &[], &[libc::SIGINT, libc::SIGTERM]);
    cancels(&fixture, &mut run, libc::SIGINT);
}

#[test]
fn a_running_calculation_shows_its_sources() {
    let fixture = Fixture::new();
    let mut run = long_run(&fixture, &[], &[]);
    let until = Instant::now() + Duration::from_secs(60);
    let complete = || fs::read_to_string(fixture.calc(1).join("output.hdf5.index")).unwrap_or_default();
    let keys = ["source_shapes", "source_outlines", "source_vertices", "source_mfd"];
    while !keys.iter().all(|key| complete().contains(key)) {
        assert!(Instant::now() < until && fixture.state(1)["state"] == "executing", "{}", complete());
        std::thread::sleep(Duration::from_millis(20));
    }
    cancels(&fixture, &mut run, libc::SIGTERM);
}

/// Many realizations take long to write, and nobody looks for signals meanwhile.
#[test]
fn a_calculation_that_does_not_listen_is_cancelled_all_the_same() {
    let fixture = Fixture::new();
    fixture.edit("job_sampled.ini", "number_of_logic_tree_samples = 10", "number_of_logic_tree_samples = 400000");
    let mut command = fixture.command("job_sampled.ini");
    let mut run = Running(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    let until = Instant::now() + Duration::from_secs(60);
    while !fixture.calc(1).join("job.json").exists() {
        assert!(Instant::now() < until, "it does not start");
        std::thread::sleep(Duration::from_millis(5));
    }
    // SAFETY: the process is our child and has not been waited for, so the id is its.
    assert_eq!(unsafe { libc::kill(run.0.id() as i32, libc::SIGINT) }, 0);
    assert_eq!(run.code(), Some(1));
    assert_eq!(fixture.state(1)["state"], "cancelled");
    assert!(!fixture.calc(1).join("output.hdf5").exists());
}

#[test]
fn ctrl_c_that_is_ignored_is_not_heard_and_sigterm_is() {
    let fixture = Fixture::new();
    let mut run = long_run(&fixture, &[libc::SIGINT, libc::SIGTERM], &[]);
    // SAFETY: as in `cancels`.
    assert_eq!(unsafe { libc::kill(run.0.id() as i32, libc::SIGINT) }, 0);
    std::thread::sleep(Duration::from_millis(500));
    assert!(run.0.try_wait().unwrap().is_none() && fixture.state(1)["state"] == "executing");
    cancels(&fixture, &mut run, libc::SIGTERM);
}

/// A table of ground motion in an HDF5 file: it is kept with the job, and its levels are those of the curves.
#[test]
fn a_table_of_ground_motion_is_an_input() {
    let fixture = Fixture::new();
    let data = DataDir::open(&fixture.tmp.path().join("tables")).unwrap();
    let store = DataStore::create_in(&data).unwrap();
    let filled = |value: f32, imts: usize| ArrayD::from_elem(IxDyn(&[2, imts, 2]), value);
    store.set("Mw", &ndarray::arr1(&[4f32, 8.0])).unwrap();
    store.set("Distances", &ndarray::arr3(&[[[0f32, 0.0]], [[500.0, 500.0]]])).unwrap();
    store.set_attr("Distances", "metric", "rrup").unwrap();
    for (group, value) in [("IMLs", 0.11), ("Total", 1e-3)] {
        store.set(&format!("{group}/PGA"), &filled(value, 1)).unwrap();
        store.set(&format!("{group}/SA"), &filled(value, 2)).unwrap();
        store.set(&format!("{group}/T"), &ndarray::arr1(&[0.05f32, 5.0])).unwrap();
    }
    let written = store.folder().unwrap().datastore();
    store.close().unwrap();
    let set = |trt: &str| {
        format!(
            "<logicTreeBranchSet uncertaintyType='gmpeModel' branchSetID='{trt}' applyToTectonicRegionType='{trt}'>\
             <logicTreeBranch branchID='b'><uncertaintyModel gmpe_table='../irpinia/table.hdf5'>GMPETable\
             </uncertaintyModel><uncertaintyWeight>1</uncertaintyWeight></logicTreeBranch></logicTreeBranchSet>"
        )
    };
    let sets = set("Active Shallow Crust") + &set("Stable Continental Crust");
    fs::write(fixture.job_dir().join("gmpe_logic_tree.xml"), format!("<nrml><logicTree>{sets}</logicTree></nrml>"))
        .unwrap();
    let refused = fixture.run("job.ini").failure();
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("irpinia/table.hdf5"));
    fs::copy(written, fixture.job_dir().join("table.hdf5")).unwrap();
    fixture.run("job.ini").success();
    assert!(fixture.calc(1).join("inputs/irpinia/table.hdf5").is_file());
    let curves: ArrayD<f64> = open(&fixture.calc(1)).get("hcurves-stats").unwrap();
    // every rupture makes 0.11 g, so that each site has one probability up to there and none beyond
    for curve in curves.rows() {
        let first = curve[0];
        assert!(first > 0.0 && curve.iter().all(|poe| *poe == 0.0 || (poe - first).abs() < 1e-6), "{curve}");
        assert_eq!(curve.iter().last(), Some(&0.0));
    }
}

#[test]
fn ids_of_sites_are_in_the_results() {
    let (fixture, tmp) = (Fixture::new(), tempfile::tempdir().unwrap());
    let folder = small_job(tmp.path(), "job");
    let job = fs::read_to_string(folder.join("job.ini")).unwrap();
    fs::write(folder.join("job.ini"), job.replace("sites = 15.3 40.9", "sites_csv = sites.csv")).unwrap();
    fs::write(folder.join("sites.csv"), "custom_site_id,lon,lat\nRoma,15.6,40.9\nNapoli,15.3,40.9\n").unwrap();
    fixture.run(folder.join("job.ini")).success();
    let store = open(&fixture.calc(1));
    assert_eq!(store.get_strings("sitecol/custom_site_id").unwrap(), ["Roma", "Napoli"]);
    let columns = store.get_attr_string("sitecol", "__pdcolumns__").unwrap();
    assert!(columns.contains("depth custom_site_id"), "{columns}");
}
