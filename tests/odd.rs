//! What few programs write into HDF5 files: each is shown as h5py reads it, and what cannot be read takes nothing else with it.

mod common;

use std::sync::{Arc, OnceLock};

use common::npy::compare_with_numpy;
use common::run_python;
use common::tree::{file, path, text};
use oqfs::datastore::DataDir;
use oqfs::view::{Tree, ViewNode, Views};
use serde_json::{Value, json};

fn odd() -> &'static (tempfile::TempDir, DataDir) {
    static ODD: OnceLock<(tempfile::TempDir, DataDir)> = OnceLock::new();
    ODD.get_or_init(|| {
        let tmp = tempfile::tempdir().unwrap();
        run_python(include_str!("python/odd.py"), &[tmp.path().to_str().unwrap()]);
        let dir = DataDir::open(tmp.path()).unwrap();
        (tmp, dir)
    })
}

fn tree(id: u32) -> Arc<Tree> {
    Views::new(odd().1.clone()).calc(id).unwrap().tree().unwrap().unwrap()
}

fn attrs(tree: &Tree) -> Value {
    serde_json::from_slice(&tree.attrs().unwrap().read().unwrap()).unwrap()
}

#[test]
fn unusual_types_are_what_h5py_reads() {
    need_python!("unusual_types_are_what_h5py_reads");
    let tree = tree(1);
    assert!(compare_with_numpy(&odd().0.path().join("expected"), |at| file(&tree, at)) >= 9);
}

#[test]
fn bitfields_times_and_bytes_are_text_as_they_are() {
    need_python!("bitfields_times_and_bytes_are_text_as_they_are");
    let tree = tree(1);
    assert_eq!(text(&tree, "bits.csv"), "flag,mask,x\n1,255,1.5\n0,3,2.0\n");
    assert_eq!(text(&tree, "times.csv"), "t,n\n2020-01-01T12:00:00,1\nNaT,2\n");
    assert_eq!(file(&tree, "latin1.csv"), b"name,n\n\xe9\0b,1\n");
    let root = &attrs(&tree)["/"];
    assert_eq!((&root["bits"], &root["nul"]), (&json!(15), &json!("ab\0cd")));
    assert_eq!((&root["latin1"], &root["when"]), (&json!({"bytes": "e9"}), &json!(["2020-01-01T00:00:00.000000"])));
}

#[test]
fn references_are_the_paths_that_they_lead_to() {
    need_python!("references_are_the_paths_that_they_lead_to");
    let tree = tree(1);
    let json_of = |at: &str| serde_json::from_slice::<Value>(&file(&tree, at)).unwrap();
    assert_eq!(json_of("cell.json"), json!([["/cells/one", "/cells/two"], [null, null]]));
    assert_eq!(json_of("where.json"), json!([{"n": 1, "to": "/measured"}]));
    assert_eq!(json_of("region.json"), json!([{"region_of": "/measured"}]));
    let attrs = attrs(&tree);
    assert_eq!(attrs["/measured"]["DIMENSION_LIST"], json!([["/sizes"], []]));
    assert_eq!(attrs["/sizes"]["REFERENCE_LIST"], json!([{"dataset": "/measured", "dimension": 0}]));
}

#[test]
fn a_column_of_lists_is_in_the_table_of_its_group() {
    need_python!("a_column_of_lists_is_in_the_table_of_its_group");
    assert_eq!(text(&tree(1), "rup.csv"), "id,mag,probs\n3,5.5,\"[0.5,0.25]\"\n4,6.5,[]\n");
}

#[test]
fn attributes_are_under_the_path_that_is_a_directory() {
    need_python!("attributes_are_under_the_path_that_is_a_directory");
    for looked_at_first in ["a/b", "t/u"] {
        let tree = tree(1);
        let Some(ViewNode::Dir(dir)) = tree.at(&path(looked_at_first)).unwrap() else { panic!("{looked_at_first}") };
        tree.entries(&dir).unwrap();
        let attrs = attrs(&tree);
        for (at, said) in attrs.as_object().unwrap() {
            let there = tree.at(&path(at)).unwrap();
            let is_alias = matches!(there, Some(ViewNode::Link(_)));
            if said.get("x").is_some() && matches!(there, None | Some(ViewNode::Link(_))) {
                assert!(is_alias, "{at} is not there: {attrs}");
            }
        }
        let home = if looked_at_first == "a/b" { "/a/b/c" } else { "/t/u/y/c" };
        assert_eq!(attrs[home]["x"], 1, "{attrs}");
        let parent = &home[..home.len() - 2];
        assert!(matches!(tree.at(&path(parent)).unwrap(), Some(ViewNode::Dir(_))), "{parent}");
        assert_eq!(
            (&attrs["/type"]["units"], &attrs["/type"]["oqfs:not_shown"]),
            (&json!("g"), &json!("a named datatype"))
        );
    }
}

#[test]
fn an_attribute_that_cannot_be_decoded_is_named_and_the_rest_shows() {
    need_python!("an_attribute_that_cannot_be_decoded_is_named_and_the_rest_shows");
    for (id, on) in [(2, "/bad"), (3, "/dataset"), (4, "/")] {
        let tree = tree(id);
        let names: Vec<&str> = tree.entries(tree.root()).unwrap().iter().map(|entry| &*entry.name).collect();
        assert_eq!(names, ["bad", "dataset.npy", "good.npy"], "{on}");
        assert_eq!(file(&tree, "bad/below/x.npy").len(), 128 + 8);
        assert_eq!(file(&tree, "dataset.npy").len(), 128 + 8);
        let attrs = attrs(&tree);
        let reason = attrs[on]["marker_attr"].as_str().unwrap_or_else(|| panic!("{on}: {attrs}"));
        assert!(reason.starts_with("unreadable: "), "{reason}");
        assert_eq!(attrs[on]["first"], 1, "{on}: {attrs}");
        assert!(attrs[on].get("oqfs:not_shown").is_none(), "{attrs}");
    }
}
