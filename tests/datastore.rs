//! The datastore through its public face.

mod common;

use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

use common::run_python;
use ndarray::{Array1, Array2, Array3, ArrayD, Dimension, arr0, array};
use oqfs::datastore::{self, ArrayData, Attr, CalcRef, DType, DataDir, DataStore, Error, H5Type, Writer, index};
use serde_json::json;

fn data_dir() -> (tempfile::TempDir, DataDir) {
    let tmp = tempfile::tempdir().unwrap();
    let dir = DataDir::open(&tmp.path().join("oqdata")).unwrap();
    (tmp, dir)
}

#[derive(H5Type, Clone, Debug, PartialEq)]
#[repr(C)]
struct Rupture {
    id: u32,
    mag: f32,
    hypo: [f64; 3],
}

#[test]
fn it_works_like_a_dictionary() {
    let (_tmp, dir) = data_dir();
    let store = DataStore::create_in(&dir).unwrap();
    let (a, b): (Array3<f32>, Array1<i16>) =
        (Array3::from_shape_fn((2, 3, 4), |(i, j, k)| (i + j * k) as f32), array![1, -2]);
    store.set("/some/data", &a).unwrap();
    store.set("some/more", &b).unwrap();
    store.set("/some/flag", &array![true, false]).unwrap();
    store.set_scalar("/n", &42u64).unwrap();
    store.set_string("/oqparam", r#"{"description": "Népal"}"#).unwrap();
    store.set("empty", &Array2::<f64>::zeros((0, 5))).unwrap();
    let ruptures =
        vec![Rupture { id: 1, mag: 6.5, hypo: [1.0, 2.0, 10.0] }, Rupture { id: 2, mag: 7.0, hypo: [0.0; 3] }];
    store.set("ruptures", &ruptures[..]).unwrap();
    store.set_block("names", &ArrayData::strings(["a", "bc", ""])).unwrap();
    store.set_attr("/some/data", "axes", vec!["x", "y", "z"]).unwrap();
    store.set_attr("/", "version", "0.1").unwrap();
    store.set_attr("/some", "n", 3).unwrap();
    store.set_object("trts", &["Volcanic"]).unwrap();

    for store in [store, {
        DataStore::create_in(&dir).unwrap().close().unwrap();
        reopen(&dir)
    }] {
        let Some(1) = store.id() else { continue };
        assert_eq!(store.keys("/").unwrap(), ["empty", "n", "names", "oqparam", "ruptures", "some"]);
        assert_eq!(store.keys("/some").unwrap(), ["data", "flag", "more"]);
        assert_eq!(store.get::<f32, ndarray::Ix3>("/some/data").unwrap(), a);
        assert_eq!(store.get::<f64, ndarray::IxDyn>("/some/more").unwrap(), array![1.0, -2.0].into_dyn(), "converted");
        assert_eq!(store.get::<bool, _>("some/flag").unwrap(), array![true, false]);
        assert_eq!(store.get::<u64, _>("n").unwrap(), arr0(42));
        assert_eq!(store.get_scalar::<u64>("n").unwrap(), 42);
        assert_eq!(store.get_string("oqparam").unwrap(), r#"{"description": "Népal"}"#);
        assert_eq!(store.get_strings("names").unwrap(), ["a", "bc", ""]);
        assert_eq!(store.get::<f64, ndarray::Ix2>("empty").unwrap().dim(), (0, 5));
        assert_eq!(store.get::<Rupture, ndarray::Ix1>("ruptures").unwrap().to_vec(), ruptures);
        assert_eq!(store.attrs("/some/data").unwrap(), ["axes"]);
        assert_eq!(store.get_attr_string("/", "version").unwrap(), "0.1");
        assert_eq!(store.get_attr::<i64, ndarray::Ix0>("/some", "n").unwrap(), arr0(3));
        assert_eq!(store.get_object::<Vec<String>>("trts").unwrap(), ["Volcanic"]);
        assert!(store.contains("/some/data") && store.contains("/") && store.contains("some"));
        assert!(!store.contains("/some/data/x") && !store.contains("/nothing/here"));
    }
}

fn reopen(dir: &DataDir) -> DataStore {
    DataStore::open_in(dir, -1).unwrap()
}

#[test]
fn what_is_set_again_is_replaced_and_what_is_removed_is_gone() {
    let (_tmp, dir) = data_dir();
    let store = DataStore::create_in(&dir).unwrap();
    store.set("/a/b", &array![1.0, 2.0]).unwrap();
    store.set("/a/b", &array![[1u8]]).unwrap();
    assert_eq!(store.get::<u8, ndarray::Ix2>("a/b").unwrap(), array![[1]]);
    store.remove("a/b").unwrap();
    assert!(matches!(store.get::<u8, ndarray::Ix2>("a/b"), Err(Error::NoKey { .. })));
    assert!(matches!(store.remove("a/b"), Err(Error::NoKey { .. })));
    assert!(matches!(store.set("/", &array![1]), Err(Error::BadName { .. })));
    assert!(matches!(store.keys("/none"), Err(Error::NoKey { .. })));
    store.set("x", &array![1.5]).unwrap();
    let error = store.get::<f64, ndarray::Ix2>("x").unwrap_err();
    assert!(matches!(error, Error::WrongType { .. }), "{error}");
    assert!(matches!(store.get_string("x"), Err(Error::WrongType { .. })));
    assert!(matches!(store.keys("x"), Err(Error::WrongType { .. })));
}

#[test]
fn it_is_partial_until_closed() {
    let (_tmp, dir) = data_dir();
    let names = |id| {
        let folder = dir.calc(id).unwrap().path();
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect::<BTreeSet<_>>()
    };
    let store = DataStore::create_in(&dir).unwrap();
    store.set("x", &array![1]).unwrap();
    drop(store);
    assert_eq!(names(1), ["output.hdf5.partial".to_string()].into());

    let again = DataStore::create_at(dir.calc(1).unwrap()).unwrap();
    assert_eq!(again.keys("/").unwrap(), Vec::<String>::new(), "a partial one is begun anew");
    again.set("y", &array![1]).unwrap();
    again.close().unwrap();
    assert_eq!(names(1), ["output.hdf5".to_string()].into());

    let store = DataStore::open_in(&dir, 1).unwrap();
    assert!(matches!(store.set("z", &array![1]), Err(Error::ReadOnly { .. })));
    drop(store);
    let store = DataStore::edit_in(&dir, 1).unwrap();
    store.set("z", &array![1]).unwrap();
    store.close().unwrap();
    assert_eq!(DataStore::open_in(&dir, 1).unwrap().keys("/").unwrap(), ["y", "z"]);
}

#[test]
fn each_way_a_file_cannot_be_opened_is_told_apart() {
    let (tmp, dir) = data_dir();
    assert!(matches!(DataStore::open_in(&dir, -1), Err(Error::NoCalculation { .. })));
    let writing = DataStore::create_in(&dir).unwrap();
    writing.set("x", &Array1::<f64>::zeros(1000)).unwrap();
    let error = DataStore::open_in(&dir, 1).unwrap_err();
    let said = error.to_string();
    assert!(matches!(error, Error::BeingWritten { pid: Some(_), .. }), "{said}");
    assert!(said.ends_with("oqdata/calc_1/output.hdf5.partial: being written by this process"), "{said}");
    writing.close().unwrap();

    let whole = fs::read(dir.calc(1).unwrap().datastore()).unwrap();
    let path = tmp.path().join("cut.hdf5");
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = DataStore::open(path.clone()).unwrap_err();
    assert!(matches!(error, Error::Truncated { .. }), "{error}");

    for content in ["", "PK\x03\x04 a zip file that is longer than the signature"] {
        fs::write(&path, content).unwrap();
        let error = DataStore::open(path.clone()).unwrap_err();
        assert!(matches!(error, Error::NotHdf5 { .. }), "{error}");
    }
    assert!(matches!(DataStore::open(tmp.path()), Err(Error::NotHdf5 { .. })));
    assert!(matches!(DataStore::open(tmp.path().join("none")), Err(Error::Io { .. })));
    assert!(matches!(DataStore::open_in(&dir, 7), Err(Error::NoCalculation { .. })));
}

#[test]
fn a_file_its_writer_left_open_says_so() {
    need_python!("a_file_its_writer_left_open_says_so");
    let tmp = tempfile::tempdir().unwrap();
    let path = tmp.path().join("dead.hdf5");
    let script =
        "import h5py, os, sys\nf = h5py.File(sys.argv[1], 'w', libver='latest')\nf['x'] = 1\nf.flush()\nos._exit(0)";
    run_python(script, &[path.to_str().unwrap()]);
    let error = DataStore::open(path).unwrap_err();
    assert!(matches!(error, Error::NotClosed { .. }), "{error}");
}

#[test]
fn the_engines_files_are_calculations_too() {
    let (tmp, dir) = data_dir();
    DataStore::create_in(&dir).unwrap().close().unwrap();
    fs::rename(dir.calc(1).unwrap().datastore(), tmp.path().join("oqdata/calc_30.hdf5")).unwrap();
    assert_eq!(DataStore::open_in(&dir, 30).unwrap().keys("/").unwrap(), Vec::<String>::new());
    assert_eq!(DataStore::open_in(&dir, CalcRef::Last).unwrap().path(), tmp.path().join("oqdata/calc_30.hdf5"));
    assert_eq!(DataStore::create_in(&dir).unwrap().id(), Some(31));
}

#[test]
fn workers_send_and_one_writes() {
    let (_tmp, dir) = data_dir();
    let writer = Writer::start(DataStore::create_in(&dir).unwrap()).unwrap();
    let handle = writer.handle();
    let json = Attr::from(r#"{"shape_descr": ["site_id", "imt"]}"#);
    handle.create("/hcurves-stats", DType::F32, &[40, 3], vec![("json".into(), json)]).unwrap();
    std::thread::scope(|s| {
        for tile in 0..8usize {
            let handle = writer.handle();
            s.spawn(move || {
                let rows = Array2::from_shape_fn((5, 3), |(i, j)| ((tile * 5 + i) * 3 + j) as f32);
                handle.write_rows("hcurves-stats", tile * 5, rows).unwrap();
            });
        }
    });
    let poes = |levels| ArrayData::from(Array2::from_shape_fn((40, levels), |(i, j)| (i * levels + j) as f64));
    let by_imt = ArrayData::records(vec![("PGA", poes(4)), ("SA(0.1)", poes(2))]).unwrap();
    handle.write("/0/[BooreAtkinson2008]", by_imt).unwrap();
    handle.write_string("oqparam", "{}").unwrap();
    handle.write("trt", ArrayData::fixed_strings(["Active Shallow Crust", "Volcanic"])).unwrap();
    handle.write("weights", vec![0.25, 0.75]).unwrap();
    handle.set_attrs("0", vec![("trt".into(), "Volcanic".into())]).unwrap();
    handle.set_attrs("/", vec![("engine_version".into(), "oqfs".into())]).unwrap();
    let folder = writer.finish().unwrap();
    assert!(matches!(handle.write("late", vec![1]), Err(Error::Closed { .. })));
    assert!(!folder.partial().exists());
    let index = folder.path().join(datastore::INDEX);
    let said = index::read_closed(&index, &fs::metadata(folder.datastore()).unwrap()).unwrap();
    let keys: Vec<&str> = said.keys().map(|key| &**key).collect();
    assert_eq!(keys, ["", "0", "0/[BooreAtkinson2008]", "hcurves-stats", "oqparam", "trt", "weights"]);

    let store = DataStore::open_in(&dir, folder.id()).unwrap();
    let rows: Array2<f32> = store.get("hcurves-stats").unwrap();
    assert_eq!(rows, Array2::from_shape_fn((40, 3), |(i, j)| (i * 3 + j) as f32));
    #[derive(H5Type, Clone, Copy, PartialEq, Debug)]
    #[repr(C)]
    struct Poes {
        #[hdf5(rename = "PGA")]
        pga: [f64; 4],
        #[hdf5(rename = "SA(0.1)")]
        sa: [f64; 2],
    }
    let poes: Array1<Poes> = store.get("/0/[BooreAtkinson2008]").unwrap();
    assert_eq!(poes[39], Poes { pga: [156.0, 157.0, 158.0, 159.0], sa: [78.0, 79.0] });
    assert_eq!(store.get_strings("trt").unwrap(), ["Active Shallow Crust", "Volcanic"]);
    assert_eq!(store.get_attr_string("0", "trt").unwrap(), "Volcanic");
    assert!(store.get_attr_string("hcurves-stats", "json").unwrap().contains("site_id"));
}

#[test]
fn an_error_of_the_writer_comes_back() {
    let (_tmp, dir) = data_dir();
    let writer = Writer::start(DataStore::create_in(&dir).unwrap()).unwrap();
    let handle = writer.handle();
    handle.create("a", DType::F64, &[4, 2], vec![]).unwrap();
    handle.write_rows("a", 0, Array2::<f32>::zeros((4, 2))).unwrap();
    let error = handle.flush().unwrap_err();
    assert!(
        error.to_string().contains("a: found float32 of shape [4, 2] at row 0, accepted rows of float64"),
        "{error}"
    );
    assert!(matches!(handle.write("b", vec![1.0]), Err(Error::Writer(_))));
    assert!(matches!(writer.finish(), Err(Error::Writer(_))));
    assert!(dir.calc(1).unwrap().partial().exists() && !dir.calc(1).unwrap().datastore().exists());

    type Send = fn(&datastore::WriterHandle) -> datastore::Result<()>;
    let wrong: [Send; 6] = [
        // rows that were not written would read as zeros
        |h| h.create("a", DType::F64, &[4], vec![]).and_then(|()| h.write_rows("a", 1, vec![1.0, 2.0])),
        |h| h.write_rows("none", 0, Array2::<f64>::zeros((1, 2))),
        |h| h.create("a", DType::F64, &[4], vec![]).and_then(|()| h.write_rows("a", 3, vec![1.0, 2.0])),
        |h| h.write("a", vec![1.0]).and_then(|()| h.write("/a", vec![1.0])),
        |h| h.write("/", vec![1.0]),
        |h| h.complete("none"),
    ];
    for send in wrong {
        let writer = Writer::start(DataStore::create_in(&dir).unwrap()).unwrap();
        send(&writer.handle()).unwrap();
        let error = writer.finish().unwrap_err().to_string();
        assert!(error.contains("output.hdf5.partial: "), "{error}");
    }
}

#[test]
fn a_dataset_is_published_when_it_is_complete() {
    let (_tmp, dir) = data_dir();
    let store = DataStore::create_in(&dir).unwrap();
    let folder = store.folder().unwrap().clone();
    let published = || index::read(&folder.path().join(datastore::INDEX)).unwrap();
    let writer = Writer::start(store).unwrap();
    let handle = writer.handle();
    handle.create("a/tiles", DType::int(4, true), &[4, 2], vec![("unit".into(), "g".into())]).unwrap();
    handle.write_rows("a/tiles", 2, array![[5, 6], [7, 8]]).unwrap();
    handle.flush().unwrap();
    assert!(published().is_empty(), "half of it is there");
    handle.write_rows("a/tiles", 0, array![[1, 2]]).unwrap();
    handle.write_rows("a/tiles", 1, array![[3, 4]]).unwrap();
    handle.write_string("oqparam", "{}").unwrap();
    handle.set_attrs("a/tiles", vec![("n".into(), 4.into())]).unwrap();
    handle.flush().unwrap();

    let entries = published();
    let index::IndexEntry { attrs, dataset: Some(tiles), .. } = &entries["a/tiles"] else { panic!("no dataset") };
    assert_eq!(json!(attrs), json!({"n": 4, "unit": "g"}));
    assert_eq!((&tiles.dtype, &tiles.shape[..]), (&DType::int(4, true), &[4, 2][..]));
    let index::Bytes::At(offset) = tiles.bytes else { panic!("not in the file") };
    let bytes = fs::read(folder.partial()).unwrap();
    let numbers: Vec<u8> = bytes[offset as usize..][..32].iter().copied().step_by(4).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
    let index::IndexEntry { dataset: Some(oqparam), .. } = &entries["oqparam"] else { panic!("no dataset") };
    assert_eq!(oqparam.bytes, index::Bytes::Strings(vec!["{}".into()]));
    drop((handle, writer));
}

#[test]
fn the_index_of_a_complete_datastore_is_believed_of_that_datastore_alone() {
    let (_tmp, dir) = data_dir();
    let writer = Writer::start(DataStore::create_in(&dir).unwrap()).unwrap();
    writer.handle().write("a", vec![1.0, 2.0]).unwrap();
    let folder = writer.finish().unwrap();
    let index = folder.path().join(datastore::INDEX);
    let is_believed = || index::read_closed(&index, &fs::metadata(folder.datastore()).unwrap()).is_some();
    assert!(is_believed());
    let whole = fs::read(&index).unwrap();
    let set = |bytes: &[u8]| fs::write(&index, bytes).unwrap();
    // a line that is cut, one that is none, one that names nothing, another after the last, none at all
    let without_last = whole.len() - 1 - whole[..whole.len() - 1].iter().rev().position(|b| *b == b'\n').unwrap();
    for (what, bytes) in [
        ("cut", whole[..whole.len() - 1].to_vec()),
        ("without its last line", whole[..without_last].to_vec()),
        ("spoilt", [b"nothing\n", &whole[..]].concat()),
        (
            "with a key that is none",
            String::from_utf8(whole.clone()).unwrap().replace("\"a\"", "\"a//b\"").into_bytes(),
        ),
        ("continued", [&whole[..], b"{\"key\": \"b\", \"attrs\": {}, \"dataset\": null}\n"].concat()),
        ("empty", vec![]),
        ("too long", [&b"\n".repeat(2 << 20), &whole[..]].concat()),
    ] {
        set(&bytes);
        assert!(!is_believed(), "{what}");
    }
    fs::remove_file(&index).unwrap();
    assert!(!is_believed(), "not there");
    let other = folder.path().join("other");
    fs::write(&other, &whole).unwrap();
    std::os::unix::fs::symlink(&other, &index).unwrap();
    assert!(!is_believed(), "a link");
    fs::remove_file(&index).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, &index, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    assert!(!is_believed(), "a pipe");
    fs::remove_file(&index).unwrap();
    set(&whole);
    assert!(is_believed());
    let store = DataStore::edit_in(&dir, folder.id()).unwrap();
    store.set("b", &ndarray::array![1.0]).unwrap();
    store.close().unwrap();
    assert!(!is_believed(), "the datastore has changed");

    // of a datastore in which something was before its writer began, it does not tell all; of very many strings it would be long
    let store = DataStore::create_in(&dir).unwrap();
    store.set("before", &ndarray::array![1.0]).unwrap();
    let writer = Writer::start(store).unwrap();
    writer.handle().write("a", vec![1.0]).unwrap();
    assert!(!writer.finish().unwrap().path().join(datastore::INDEX).exists());
    let writer = Writer::start(DataStore::create_in(&dir).unwrap()).unwrap();
    writer.handle().write_string("long", &"x".repeat(2 << 20)).unwrap();
    assert!(!writer.finish().unwrap().path().join(datastore::INDEX).exists());
}

#[test]
fn h5py_reads_what_the_writer_wrote() {
    need_python!("h5py_reads_what_the_writer_wrote");
    let (_tmp, dir) = data_dir();
    let writer = Writer::start(DataStore::create_in(&dir).unwrap()).unwrap();
    let handle = writer.handle();
    handle.write_string("oqparam", "Népal").unwrap();
    handle.write("flags", vec![true, false]).unwrap();
    handle.write("names", ArrayData::strings(["a", "bé"])).unwrap();
    handle.write("fixed", ArrayData::fixed_strings(["a", "bcd"])).unwrap();
    let rows =
        ArrayData::records(vec![("PGA", array![[1.0, 2.0], [3.0, 4.0]].into()), ("id", vec![7u16, 8].into())]).unwrap();
    handle.write_with("g/rows", rows, vec![("json".into(), "{}".into()), ("imts".into(), vec!["PGA"].into())]).unwrap();
    let folder = writer.finish().unwrap();
    let path = folder.shown().join("output.hdf5");
    let script = r#"
import h5py, sys
f = h5py.File(sys.argv[1])
print(f['oqparam'][()].decode(), f['oqparam'].dtype, f['oqparam'].shape, f['oqparam'].asstr()[()])
print(f['flags'][:], f['flags'].dtype, f['names'].asstr()[:], f['fixed'][:])
print(f['g/rows'][:], f['g/rows'].dtype, dict(f['g/rows'].attrs))
"#;
    let said = run_python(script, &[path.to_str().unwrap()]);
    let expected = "Népal object () Népal\n[ True False] bool ['a' 'bé'] [b'a' b'bcd']\n\
         [([1., 2.], 7) ([3., 4.], 8)] [('PGA', '<f8', (2,)), ('id', '<u2')] \
         {'imts': array(['PGA'], dtype=object), 'json': '{}'}\n";
    assert_eq!(said, expected);
}

#[test]
fn racing_processes_get_different_ids() {
    let (tmp, _) = data_dir();
    let oqdata = tmp.path().join("oqdata");
    if let Some(dir) = std::env::var_os("OQFS_TEST_TAKE_IDS") {
        let dir = DataDir::open(dir.as_ref()).unwrap();
        let ids: Vec<_> = (0..25).map(|_| dir.new_calc().unwrap().id().to_string()).collect();
        return fs::write(dir.path().join(format!("took-{}", std::process::id())), ids.join("\n")).unwrap();
    }
    let take = || {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command
            .args(["--exact", "racing_processes_get_different_ids", "-q"])
            .stdout(std::process::Stdio::null())
            .env("OQFS_TEST_TAKE_IDS", &oqdata);
        command.spawn().unwrap()
    };
    let children: Vec<_> = (0..8).map(|_| take()).collect();
    children.into_iter().for_each(|mut child| assert!(child.wait().unwrap().success()));
    let took = fs::read_dir(&oqdata).unwrap().map(|e| e.unwrap().path()).filter(|p| p.is_file());
    let ids: Vec<u32> = took
        .flat_map(|p| fs::read_to_string(p).unwrap().lines().map(|l| l.parse().unwrap()).collect::<Vec<_>>())
        .collect();
    assert_eq!(ids.len(), 200);
    assert_eq!(ids.into_iter().collect::<BTreeSet<_>>(), (1..=200).collect());
}

#[test]
fn arrays_of_any_dimension() {
    let (_tmp, dir) = data_dir();
    let store = DataStore::create_in(&dir).unwrap();
    for n in 0..7usize {
        let shape: Vec<usize> = (1..=n).map(|d| d % 3 + 1).collect();
        let array =
            ArrayD::from_shape_fn(&shape[..], |i| i.as_array_view().iter().fold(0i64, |a, x| a * 10 + *x as i64));
        store.set(&format!("d{n}"), &array).unwrap();
        assert_eq!(store.get::<i64, ndarray::IxDyn>(&format!("d{n}")).unwrap(), array);
    }
}
