//! The view against files that h5py wrote and what numpy.save makes of them.

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use common::npy::compare_with_numpy;
use common::run_python;
use common::tree::{file, path, text};
use oqfs::datastore::{ArrayData, DType, DataDir, DataStore, JobState, State, Writer};
use oqfs::view::{Calc, Dir, Tree, ViewNode, Views};
use serde_json::{Value, json};

/// The zoo, written once: the data directory and what is expected of `calc_1`.
fn zoo() -> &'static (tempfile::TempDir, DataDir) {
    static ZOO: OnceLock<(tempfile::TempDir, DataDir)> = OnceLock::new();
    ZOO.get_or_init(|| {
        let tmp = tempfile::tempdir().unwrap();
        run_python(include_str!("python/zoo.py"), &[tmp.path().to_str().unwrap()]);
        let dir = DataDir::open(tmp.path()).unwrap();
        (tmp, dir)
    })
}

fn zoo_tree() -> Arc<Tree> {
    zoo_calc(1)
}

fn zoo_calc(id: u32) -> Arc<Tree> {
    Views::new(zoo().1.clone()).calc(id).unwrap().tree().unwrap().unwrap()
}

fn link(tree: &Tree, at: &str) -> String {
    match tree.at(&path(at)).unwrap() {
        Some(ViewNode::Link(to)) => to,
        other => panic!("{at}: {other:?}"),
    }
}

/// Every name below a directory, symlinks not followed.
fn walk(tree: &Tree, dir: &Arc<Dir>, at: &Path, found: &mut BTreeMap<PathBuf, ViewNode>) {
    for entry in tree.entries(dir).unwrap() {
        let at = at.join(&entry.name);
        if let ViewNode::Dir(dir) = &entry.node {
            walk(tree, dir, &at, found);
        }
        assert!(found.insert(at, entry.node.clone()).is_none(), "a name twice");
    }
}

#[test]
fn every_npy_is_what_numpy_saves() {
    need_python!("every_npy_is_what_numpy_saves");
    let of_calc = |id: u32, expected: &str| {
        let tree = zoo_calc(id);
        compare_with_numpy(&zoo().0.path().join(expected), |at| file(&tree, at))
    };
    let compared = of_calc(1, "expected") + of_calc(3, "expected_3");
    assert!(compared > 130, "{compared} compared");
}

#[test]
fn what_blosc_compressed_is_read() {
    use hdf5::filters::{Blosc, BloscShuffle};
    let tmp = tempfile::tempdir().unwrap();
    let expected: Vec<f64> = (0..20_000).map(|i| f64::from(i % 77) / 3.0).collect();
    let file = hdf5::File::create(tmp.path().join("calc_1.hdf5")).unwrap();
    let shuffles = [BloscShuffle::Byte, BloscShuffle::None, BloscShuffle::Bit, BloscShuffle::Byte, BloscShuffle::None];
    let compressors = [Blosc::BloscLZ, Blosc::LZ4, Blosc::LZ4HC, Blosc::ZLib, Blosc::ZStd];
    for (i, (compressor, shuffle)) in compressors.into_iter().zip(shuffles).enumerate() {
        let new = file.new_dataset_builder().with_data(&expected).chunk(1000).blosc(compressor, 5, shuffle);
        new.create(format!("by_{i}").as_str()).unwrap();
    }
    file.close().unwrap();
    let dir = DataDir::open(tmp.path()).unwrap();
    let tree = Views::new(dir).calc(1).unwrap().tree().unwrap().unwrap();
    for i in 0..5 {
        let npy = self::file(&tree, &format!("by_{i}.npy"));
        let numbers = npy[128..].chunks_exact(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap()));
        assert_eq!(numbers.collect::<Vec<_>>(), expected, "{i}");
    }
}

#[test]
fn any_part_of_a_file_can_be_read() {
    need_python!("any_part_of_a_file_can_be_read");
    let tree = zoo_tree();
    for at in [
        "storage/contiguous.npy",
        "storage/gzip.npy",
        "filters/many.npy",
        "filters/across.npy",
        "strings/vlen_chunked.npy",
        "records/with_strings.npy",
        "records/gzip.csv",
        "ragged/records.json",
    ] {
        let Some(ViewNode::File(file)) = tree.at(&path(at)).unwrap() else { panic!("{at}") };
        let whole = file.read().unwrap();
        assert_eq!(file.size().unwrap(), whole.len() as u64);
        for (offset, len) in
            [(0, 1), (0, 128), (127, 2), (100, 5000), (64, 1 << 20), (whole.len() - 3, 10), (whole.len(), 9)]
        {
            let mut part = vec![0; len];
            let n = file.read_at(offset as u64, &mut part).unwrap();
            let end = (offset + len).min(whole.len());
            assert_eq!(part[..n], whole[offset..end], "{at} {offset} {len}");
        }
        assert_eq!(file.read_at(u64::MAX, &mut [0; 4]).unwrap(), 0);
    }
}

#[test]
fn many_may_read_at_a_time_in_any_order() {
    need_python!("many_may_read_at_a_time_in_any_order");
    let names = ["filters/many.npy", "filters/across.npy", "filters/all/holes.npy", "storage/scaleoffset.npy"];
    let expected = names.map(|at| fs::read(zoo().0.path().join("expected").join(at)).unwrap());
    let tree = zoo_tree();
    std::thread::scope(|scope| {
        for thread in 0..6u64 {
            let (tree, names, expected) = (&tree, &names, &expected);
            scope.spawn(move || {
                let mut random = thread;
                for turn in 0..300 {
                    // Knuth's multiplier: any order will do.
                    random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    let (at, whole) = (names[turn % 4], &expected[turn % 4]);
                    let Some(ViewNode::File(file)) = tree.at(&path(at)).unwrap() else { panic!("{at}") };
                    let offset = (random >> 33) as usize % whole.len();
                    let mut part = vec![0; 1 + (random >> 20) as usize % 50_000];
                    let n = file.read_at(offset as u64, &mut part).unwrap();
                    assert_eq!(part[..n], whole[offset..(offset + part.len()).min(whole.len())], "{at} {offset}");
                }
            });
        }
    });
}

#[test]
fn a_damaged_chunk_is_an_error_and_the_others_can_be_read() {
    need_python!("a_damaged_chunk_is_an_error_and_the_others_can_be_read");
    let tree = zoo_calc(4);
    let whole = fs::read(zoo().0.path().join("expected_4/numbers.npy")).unwrap();
    let chunk = (whole.len() - 128) / 5;
    for at in ["gzip", "fletcher32", "shuffle_fletcher32", "all", "long", "short", "cut", "swollen"] {
        let Some(ViewNode::File(file)) = tree.at(&path(&format!("{at}.npy"))).unwrap() else { panic!("{at}") };
        for n in 0..5 {
            let mut part = vec![0; chunk];
            let offset = 128 + n * chunk;
            match file.read_at(offset as u64, &mut part) {
                Ok(len) => assert!(n % 2 == 0 && part[..len] == whole[offset..][..chunk], "{at} {n}"),
                Err(e) => assert!(n % 2 == 1 && e.to_string().contains("is damaged: "), "{at} {n}: {e}"),
            }
        }
    }
}

#[test]
fn scalar_strings_are_text_too() {
    need_python!("scalar_strings_are_text_too");
    let tree = zoo_tree();
    assert_eq!(text(&tree, "strings/json.json"), r#"{"a": [1, 2]}"#);
    assert_eq!(text(&tree, "strings/scalar.txt"), "plain text\n");
    assert_eq!(text(&tree, "strings/number.txt"), "42");
    assert_eq!(text(&tree, "strings/empty.txt"), "");
}

#[test]
fn records_and_groups_of_columns_are_tables_too() {
    need_python!("records_and_groups_of_columns_are_tables_too");
    let tree = zoo_tree();
    assert_eq!(text(&tree, "records/aligned.csv"), "a,b,c\n1,2.5,3\n4,5.5,6\n");
    let strings = "id,name,w,trt\n1,a,0.5,Volcanic\n2,bé,0.25,\n3,,0.25,Active Shallow Crust\n";
    assert_eq!(text(&tree, "records/with_strings.csv"), strings);
    let sites = "sid,lon,vs30measured,code\n0,15.1,true,a\n1,-70.5,false,\"b,\"\"c\"\"\"\n2,1e-7,true,\n";
    assert_eq!(text(&tree, "tables/sites.csv"), sites);
    let kinds =
        "color,x,z,big,n\nRED,0.1,1.0-2.0j,-5,18446744073709551615\n7,NaN,0.0+0.0j,0,0\nGREEN,-Inf,0.0+1e-300j,1,1\n";
    assert_eq!(text(&tree, "tables/kinds.csv"), kinds);
    assert_eq!(text(&tree, "tables/empty.csv"), "a,b[0][0],b[0][1],b[1][0],b[1][1]\n");
    let nested = text(&tree, "records/nested.csv");
    let head = "in.a,in.b,in.c,flag,z,m[0].x[0][0],m[0].x[0][1],m[0].x[1][0],m[0].x[1][1],m[0].it's,m[1].x[0][0]";
    assert!(nested.starts_with(head) && nested.contains("\n0,1.5,0,true,1.0+2.0j,7.0,7.0,7.0,7.0,,7.0"), "{nested}");
    let packed = text(&tree, "records/gzip.csv");
    assert_eq!(packed.lines().count(), 5001);
    assert!(packed.lines().nth(4998).unwrap().starts_with("1,6.5,xyz,0."), "{packed}");
    // More rows than a spreadsheet has, two dimensions, columns of different length, columns that are not there.
    for none in ["tables/long.csv", "tables/square.csv", "tables/uneven.csv", "records.csv"] {
        assert!(tree.at(&path(none)).unwrap().is_none(), "{none}");
    }
}

#[test]
fn lists_of_any_length_are_json() {
    need_python!("lists_of_any_length_are_json");
    let tree = zoo_tree();
    assert_eq!(text(&tree, "ragged/lists.json"), "[\n[1.0,2.5],\n[],\n[\"NaN\"]\n]\n");
    assert_eq!(text(&tree, "ragged/square.json"), "[\n[[],[7]],\n[[],[]]\n]\n");
    assert_eq!(text(&tree, "ragged/scalar.json"), "[1,2]\n");
    assert_eq!(text(&tree, "ragged/none.json"), "[\n]\n");
    let records: Value = serde_json::from_str(&text(&tree, "ragged/records.json")).unwrap();
    let expected = |i: u64| json!({"id": i, "sites": (0..i % 3).collect::<Vec<_>>()});
    assert_eq!(records, Value::Array((0..600).map(expected).collect()));
    assert!(tree.at(&path("ragged/lists.npy")).unwrap().is_none());
}

#[test]
fn links_are_symlinks_and_no_group_is_a_directory_twice() {
    need_python!("links_are_symlinks_and_no_group_is_a_directory_twice");
    let tree = zoo_tree();
    for (at, to) in [
        ("links/deep/soft.npy", "../../storage/contiguous.npy"),
        ("links/relative.npy", "../storage/contiguous.npy"),
        ("links/group", "../records"),
        ("links/json.json", "../strings/json.json"),
        ("links/json.npy", "../strings/json.npy"),
        ("links/dangling", "%dangling/%2Fno%2Fsuch%2Fthing"),
        ("links/round", "%dangling/%2Flinks%2Fabout"),
        ("links/deep/up", "../../links"),
        ("links/deep/root", "../../"),
        ("links/other.npy", "../../calc_2/sub/x.npy"),
        ("links/other_group", "../../calc_2/sub"),
        ("links/elsewhere", "%dangling/%2Fetc%2Fpasswd:%2Fx"),
        ("links/itself", "%dangling/calc_2.hdf5:%2Fback"),
        ("names/...npy", "../opaque.npy"),
    ] {
        assert_eq!(link(&tree, at), to, "{at}");
    }
    assert_eq!(file(&tree, "links/same.npy"), file(&tree, "opaque.npy"));
    let again = [tree.at(&path("links/again")).unwrap(), tree.at(&path("numbers")).unwrap()];
    assert!(matches!(
        again,
        [Some(ViewNode::Link(_)), Some(ViewNode::Dir(_))] | [Some(ViewNode::Dir(_)), Some(ViewNode::Link(_))]
    ));
    let mut found = BTreeMap::new();
    walk(&tree, tree.root(), Path::new(""), &mut found);
    assert!(found.len() > 100, "{}", found.len());
}

#[test]
fn a_group_may_have_a_hundred_thousand_members() {
    need_python!("a_group_may_have_a_hundred_thousand_members");
    let tmp = tempfile::tempdir().unwrap();
    // The newest format keeps them by name in a B-tree and not in the order they came; all are links to one dataset.
    let script = "import h5py, sys\nf = h5py.File(sys.argv[1], 'w', libver='latest')\nf['x'] = 1.5\ng = f.create_group('g')\n\
                  for i in range(100_000): g[f'm{i}'] = f['x']\nf.close()";
    run_python(script, &[tmp.path().join("calc_1.hdf5").to_str().unwrap()]);
    let tree = Views::new(DataDir::open(tmp.path()).unwrap()).calc(1).unwrap().tree().unwrap().unwrap();
    let Some(ViewNode::Dir(group)) = tree.at(&path("g")).unwrap() else { panic!() };
    assert_eq!(tree.entries(&group).unwrap().len(), 100_000);
    assert_eq!(file(&tree, "g/m99999.npy"), file(&tree, "x.npy"));
}

#[test]
fn names_are_escaped() {
    need_python!("names_are_escaped");
    let tree = zoo_tree();
    for at in
        ["names/100%25.npy", "names/a%0Ab.npy", "names/x%2Enpy/y.npy", "names/x.npy", "%69nputs/x.npy", "%61ttrs.json"]
    {
        assert!(tree.at(&path(at)).unwrap().is_some(), "{at}");
    }
    let attrs: Value = serde_json::from_slice(&tree.attrs().unwrap().read().unwrap()).unwrap();
    let long = &attrs[format!("/names/{}", "é".repeat(200))]["oqfs:shown_as"];
    let stem = long.as_str().unwrap().split("%~").nth(1).unwrap();
    let Some(ViewNode::Dir(names)) = tree.at(&path("names")).unwrap() else { panic!() };
    assert!(tree.entries(&names).unwrap().iter().any(|e| e.name.ends_with(&format!("%~{stem}.npy"))));
}

#[test]
fn attributes_are_json_and_nothing_vanishes() {
    need_python!("attributes_are_json_and_nothing_vanishes");
    let tree = zoo_tree();
    let attrs: Value = serde_json::from_slice(&tree.attrs().unwrap().read().unwrap()).unwrap();
    assert_eq!(attrs["/"], json!({"date": "2020", "version": "3.23"}));
    let expected = json!({
        "json": "{\"shape_descr\": [\"site_id\"]}", "int": 42, "f4": 0.1, "nan": "NaN", "bool": true,
        "list": [[1, 2], [3, 4]], "texts": ["a", "bé"], "empty": null, "ragged": [[0, 1], [0, 1, 2]],
        "u8": u64::MAX, "z": [1.0, 2.0],
    });
    let mut contiguous = attrs["/storage/contiguous"].clone();
    let record = contiguous.as_object_mut().unwrap().remove("record").unwrap();
    assert_eq!(contiguous, expected);
    assert_eq!((&record[0]["id"], &record[0]["mag"], &record[0]["name"]), (&json!(0), &json!(6.5), &json!("xyz")));
    assert_eq!(Value::Object(tree.attrs_at(&path("storage/contiguous.npy")).unwrap())["int"], 42);
    assert_eq!(Value::Object(tree.attrs_at(&[]).unwrap())["version"], "3.23");

    let reason = |at: &str| attrs[at]["oqfs:not_shown"].as_str().unwrap_or_else(|| panic!("{at}: {attrs}")).to_string();
    assert_eq!(reason("/unshown/datatype"), "a named datatype");
    assert!(reason("/unshown/zfp").starts_with("compressed with filter 32013"), "{}", reason("/unshown/zfp"));
    assert_eq!(reason("/unshown/external"), "its elements are in another file, other.raw: no such file");
    let outside = "a virtual dataset, its elements are in another file, ../other.hdf5: outside the data directory";
    assert_eq!(reason("/unshown/virtual"), outside);
    assert_eq!(attrs["/links/dangling"]["oqfs:link"], "/no/such/thing");
    assert_eq!(attrs["/links/elsewhere"]["oqfs:link"], "/etc/passwd:/x");
    let Some(ViewNode::Dir(unshown)) = tree.at(&path("unshown")).unwrap() else { panic!() };
    let names: Vec<&str> = tree.entries(&unshown).unwrap().iter().map(|entry| &*entry.name).collect();
    assert_eq!(names, ["lists_of_references.json", "reference.json"]);
    assert_eq!(text(&tree, "unshown/reference.json"), "\"/opaque\"\n");
}

#[test]
fn the_engines_calculation_is_a_folder() {
    need_python!("the_engines_calculation_is_a_folder");
    let calc = Views::new(zoo().1.clone()).calc(1).unwrap();
    assert_eq!(calc.status(), "complete\n");
    assert!(calc.see().unwrap().is_final);
    let reals: Vec<_> = calc.reals().into_iter().map(|r| (r.name, r.path)).collect();
    assert_eq!(reals, [("output.hdf5".to_string(), PathBuf::from("calc_1.hdf5"))]);
    assert!(Views::new(zoo().1.clone()).calc(99).is_none());
}

fn new_dir() -> (tempfile::TempDir, DataDir, Arc<Views>) {
    let tmp = tempfile::tempdir().unwrap();
    let dir = DataDir::open(tmp.path()).unwrap();
    let views = Views::new(dir.clone());
    (tmp, dir, views)
}

fn names(calc: &Calc) -> Vec<String> {
    let tree = calc.tree().unwrap().unwrap();
    tree.entries(tree.root()).unwrap().iter().map(|e| e.name.clone()).collect()
}

#[test]
fn what_is_complete_shows_while_the_rest_is_written() {
    let (_tmp, dir, views) = new_dir();
    let writer = Writer::start(DataStore::create_in(&dir).unwrap()).unwrap();
    let calc = views.calc(1).unwrap();
    assert_eq!(names(&calc), Vec::<String>::new());
    assert_eq!(calc.status(), "executing\n");
    let handle = writer.handle();
    handle.create("hcurves", DType::F32, &[4, 2], vec![("json".into(), "{}".into())]).unwrap();
    handle.write_rows("hcurves", 0, ArrayData::new(&[2, 2], vec![1f32, 2., 3., 4.]).unwrap()).unwrap();
    handle.write_string("oqparam", r#"{"a": 1}"#).unwrap();
    handle.write("sitecol/lon", vec![1.0, 2.0]).unwrap();
    handle.flush().unwrap();
    assert_eq!(names(&calc), ["oqparam.json", "oqparam.npy", "plots", "sitecol"]);
    let tree = calc.tree().unwrap().unwrap();
    assert!(Arc::ptr_eq(&tree, &calc.tree().unwrap().unwrap()), "nothing changed");
    let lon = tree.at(&path("sitecol/lon.npy")).unwrap().unwrap();
    handle.write_rows("hcurves", 2, ArrayData::new(&[2, 2], vec![5f32, 6., 7., 8.]).unwrap()).unwrap();
    handle.flush().unwrap();
    assert_eq!(names(&calc), ["hcurves.npy", "oqparam.json", "oqparam.npy", "plots", "sitecol"]);

    let while_written: Vec<_> = ["hcurves.npy", "oqparam.json", "oqparam.npy", "sitecol/lon.npy"]
        .map(|at| file(&calc.tree().unwrap().unwrap(), at))
        .to_vec();
    let attrs_while_written = calc.tree().unwrap().unwrap().attrs().unwrap().read().unwrap();
    assert!(!calc.see().unwrap().is_final);
    writer.finish().unwrap();
    assert!(calc.see().unwrap().is_final);
    assert_eq!(calc.status(), "complete\n");
    let tree = calc.tree().unwrap().unwrap();
    let complete = ["hcurves.npy", "oqparam.json", "oqparam.npy", "sitecol/lon.npy"].map(|at| file(&tree, at)).to_vec();
    assert_eq!(while_written, complete, "a file does not change when the datastore becomes complete");
    assert_eq!(attrs_while_written, tree.attrs().unwrap().read().unwrap());
    let ViewNode::File(lon) = lon else { panic!() };
    assert_eq!(lon.read().unwrap(), complete[3], "one that was open before can be read on");
}

#[test]
fn a_file_another_program_writes_is_told_and_shown_when_it_is_consistent() {
    need_python!("a_file_another_program_writes_is_told_and_shown_when_it_is_consistent");
    let (tmp, _dir, views) = new_dir();
    // The second time as the engine does: others may read along, so that no lock tells.
    let script = "import h5py, sys\nf = h5py.File(sys.argv[1], 'a', libver='latest')\nf[sys.argv[2]] = range(1000)\n\
                  if sys.argv[2] == 'second': f.swmr_mode = True\nf.flush()\nprint('ready', flush=True)\nsys.stdin.read()\nf.close()";
    let target = tmp.path().join("calc_5.hdf5");
    for (turn, expected) in [("first", vec!["first.npy"]), ("second", vec!["first.npy", "second.npy"])] {
        let mut python = std::process::Command::new(common::python().unwrap());
        python.args(["-c", script, target.to_str().unwrap(), turn]);
        let mut child =
            python.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        use std::io::BufRead;
        std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let calc = views.calc(5).unwrap();
        let status = calc.status();
        let expected_status = format!("being written by process {}\n", child.id());
        assert!(status.starts_with("executing: ") && status.ends_with(&expected_status), "{status}");
        assert!(calc.tree().is_err());
        assert_eq!(calc.reals().len(), 1, "the raw file stays");
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
        assert_eq!(names(&calc), expected);
        assert_eq!(calc.status(), "complete\n");
        file(&calc.tree().unwrap().unwrap(), "first.npy");
    }
}

#[test]
fn the_status_of_a_calculation_of_ours() {
    let (tmp, dir, views) = new_dir();
    let folder = dir.new_calc().unwrap();
    let calc = views.calc(1).unwrap();
    assert_eq!(calc.status(), "waiting\n");
    assert!(calc.tree().unwrap().is_none());
    let state = JobState { state: State::Executing, progress: 0.5, stage: "classical".into(), ..Default::default() };
    folder.set_state(&state).unwrap();
    assert_eq!(calc.status(), "executing 50% classical, 00:00:00 elapsed\n");
    drop(DataStore::create_at(folder.clone()).unwrap());
    assert_eq!(calc.status(), "executing 50% classical, 00:00:00 elapsed\n", "its writer may be between two steps");
    let partial = fs::File::options().write(true).open(folder.partial()).unwrap();
    partial.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(100)).unwrap();
    // a process that another test starts has the lock too until it is another program
    let interrupted = |status: String| status.starts_with("failed") && status.contains("interrupted");
    common::mount::wait_until("interrupted", || interrupted(calc.status()));
    fs::write(tmp.path().join("calc_1/job.ini"), "[general]").unwrap();
    fs::write(tmp.path().join("calc_1/x.tmp"), "").unwrap();
    let names: Vec<_> = calc.reals().into_iter().map(|r| r.name).collect();
    assert_eq!(names, ["job.ini", "job.json", "output.hdf5.partial"]);
    fs::remove_dir_all(tmp.path().join("calc_1")).unwrap();
    assert!(views.calc(1).is_none());
}

#[test]
fn a_broken_file_says_why() {
    let (tmp, _dir, views) = new_dir();
    fs::write(tmp.path().join("calc_3.hdf5"), "garbage").unwrap();
    let calc = views.calc(3).unwrap();
    let status = calc.status();
    assert!(
        status.starts_with("failed: ")
            && status.ends_with("calc_3.hdf5: not an HDF5 file: no HDF5 signature in its 7 bytes\n"),
        "{status}"
    );
    assert!(calc.tree().is_err());
}
