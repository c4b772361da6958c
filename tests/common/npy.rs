//! Files of a view against what numpy saves.

use std::fs;
use std::path::Path;

use super::run_python;

/// Compares every file below `expected` with what `read` gives for its path from there; gives the number of files.
///
/// Bytes must be the same, but for those that pad a record and mean nothing: then numpy compares types and values.
pub fn compare_with_numpy(expected: &Path, read: impl Fn(&str) -> Vec<u8>) -> usize {
    let mut compared = 0;
    let mut padded = vec![];
    let copies = tempfile::tempdir().unwrap();
    let mut todo = vec![expected.to_owned()];
    while let Some(dir) = todo.pop() {
        for entry in fs::read_dir(&dir).unwrap() {
            let real = entry.unwrap().path();
            if real.is_dir() {
                todo.push(real);
                continue;
            }
            let at = real.strip_prefix(expected).unwrap().to_str().unwrap();
            let (ours, theirs) = (read(at), fs::read(&real).unwrap());
            compared += 1;
            if ours == theirs {
                continue;
            }
            let head = |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(400)]).into_owned();
            let both = format!("{}:\n{}\n{}", real.display(), head(&ours), head(&theirs));
            let same_header = ours.len() == theirs.len() && ours[..128] == theirs[..128];
            assert!(same_header && head(&ours).contains("'|V"), "{both}");
            let copy = copies.path().join(compared.to_string());
            fs::write(&copy, &ours).unwrap();
            padded.extend([copy.to_str().unwrap().to_string(), real.to_str().unwrap().to_string()]);
        }
    }
    let script = "import numpy, sys\nfor a, b in zip(sys.argv[1::2], sys.argv[2::2]):\n    x, y = numpy.load(a), numpy.load(b)\n    \
        assert x.dtype == y.dtype and (x == y).all(), b";
    run_python(script, &padded.iter().map(String::as_str).collect::<Vec<_>>());
    compared
}
