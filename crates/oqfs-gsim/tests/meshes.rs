//! Meshes have as many points as the engine's, also where a length is a whole number of steps of the spacing.
//!
//! `data/geo/meshes.csv` is what the engine 3.26.2 gives (`python/meshes.py`): surfaces whose sides are whole or half steps, and that
//! by some millimetres to metres more or less.

use std::collections::HashMap;
use std::path::Path;

use oqfs_gsim::geo::mesh::RectMesh;
use oqfs_gsim::geo::{Point, profiles};

fn lines(text: &str) -> Vec<Vec<Point>> {
    let numbers = |line: &str| line.split(' ').map(|word| word.parse().unwrap()).collect::<Vec<f64>>();
    let points = |line: &str| numbers(line).chunks(3).map(|p| Point::new(p[0], p[1], p[2])).collect();
    text.split(';').map(points).collect()
}

#[test]
fn meshes_have_the_points_of_the_engines_at_under_and_over_a_multiple_of_the_spacing() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/geo/meshes.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let (mut count, mut different) = (0, Vec::new());
    for row in reader.deserialize::<HashMap<String, String>>() {
        let row = row.unwrap();
        let number = |column: &str| row[column].parse::<f64>().unwrap();
        let (lines, spacing) = (lines(&row["lines"]), number("spacing"));
        let mesh = match row["kind"].as_str() {
            "kite" => profiles::mesh(&lines, spacing, spacing).map_err(|e| e.to_string()),
            "simple" => {
                let depths = (number("upper"), number("lower"));
                RectMesh::of_simple_fault(&lines[0], depths, number("dip"), spacing).map_err(|e| e.to_string())
            }
            "complex" => RectMesh::of_complex_fault(&lines, spacing).map_err(|e| e.to_string()),
            other => panic!("{other} is no kind of surface"),
        };
        let found = mesh.map(|mesh| (mesh.rows as f64, mesh.cols as f64));
        if found != Ok((number("rows"), number("cols"))) {
            different.push(format!("{row:?}: found {found:?}"));
        }
        count += 1;
    }
    assert!(count > 200 && different.is_empty(), "{} of {count}:\n{}", different.len(), different.join("\n"));
}
