//! Chunks of any shape, read in any order: each is decoded about once, whatever memory there is.

use std::path::Path;
use std::sync::Arc;

use oqfs_store::datastore::DataDir;
use oqfs_store::reader::{Readers, RefusedList};
use oqfs_store::view::{Cache, File, ViewNode, Views};

/// Numbers that compress a little.
fn numbers(n: usize) -> Vec<i32> {
    (0..n as i32).map(|i| i.wrapping_mul(2_654_435) / 7 % 1000 + i / 50).collect()
}

/// The views of a folder with `calc_1.hdf5`, decoding with so many bytes of memory, and what is kept of them.
fn views(dir: &Path, memory: usize) -> (Arc<Views>, Arc<Cache>) {
    let dir = DataDir::open(dir).unwrap();
    let cache = Arc::new(Cache::new(memory, dir.path().join("cache")));
    let readers = Readers::here(Some(dir.clone()), RefusedList::default());
    (Views::with_cache(dir, readers, cache.clone()), cache)
}

fn file(views: &Arc<Views>, name: &str) -> Arc<File> {
    let tree = views.calc(1).unwrap().tree().unwrap().unwrap();
    match tree.at(&[format!("{name}.npy")]).unwrap() {
        Some(ViewNode::File(file)) => file,
        other => panic!("{name}: {other:?}"),
    }
}

/// Reads all of a file in pieces of `len` bytes, in the order that `step` makes, and compares it with `expected`.
fn read_all(file: &File, expected: &[u8], len: usize, step: usize) {
    let pieces = expected.len().div_ceil(len);
    let mut piece = vec![0; len];
    for i in 0..pieces {
        let at = i * step % pieces * len;
        let n = file.read_at(128 + at as u64, &mut piece).unwrap();
        let end = (at + len).min(expected.len());
        assert!(piece[..n] == expected[at..end], "{len} bytes at {at}");
    }
}

/// A step that goes through all of `pieces` in an order of no order.
fn scattered(pieces: usize) -> usize {
    let is_prime_to = |step: usize| (2..=step).all(|d| !step.is_multiple_of(d) || !pieces.is_multiple_of(d));
    (pieces * 61 / 99 + 1..).find(|step| is_prime_to(*step)).unwrap()
}

#[test]
fn every_chunk_is_decoded_once_in_any_order() {
    let tmp = tempfile::tempdir().unwrap();
    // Rows of chunks that memory has no room for, chunks that it has no room for, and chunks that are columns.
    let cases: [(&str, Vec<usize>, Vec<usize>); 6] = [
        ("rows", vec![600, 500], vec![100, 500]),
        ("large", vec![600, 500], vec![600, 250]),
        ("squares", vec![500, 600], vec![70, 80]),
        ("columns", vec![1000, 300], vec![500, 3]),
        ("one", vec![700, 400], vec![700, 400]),
        ("cubes", vec![64, 60, 80], vec![16, 17, 80]),
    ];
    let out = hdf5::File::create(tmp.path().join("calc_1.hdf5")).unwrap();
    for (name, shape, chunk) in &cases {
        let data = numbers(shape.iter().product());
        let array = ndarray::ArrayD::from_shape_vec(shape.clone(), data).unwrap();
        for (i, made) in
            [out.new_dataset_builder().deflate(1), out.new_dataset_builder().shuffle().deflate(1).fletcher32()]
                .into_iter()
                .enumerate()
        {
            made.with_data(&array).chunk(chunk.clone()).create(format!("{name}{i}").as_str()).unwrap();
        }
    }
    out.close().unwrap();
    for (name, shape, chunk) in &cases {
        let expected: Vec<u8> = numbers(shape.iter().product()).iter().flat_map(|n| n.to_le_bytes()).collect();
        let chunks: usize = shape.iter().zip(chunk).map(|(n, c)| n.div_ceil(*c)).product();
        for dataset in [format!("{name}0"), format!("{name}1")] {
            for (memory, len) in [(800_000, 4096), (800_000, 100_000), (20_000_000, 4096)] {
                let pieces = expected.len().div_ceil(len);
                for step in [1, pieces - 1, scattered(pieces)] {
                    let (views, cache) = views(tmp.path(), memory);
                    read_all(&file(&views, &dataset), &expected, len, step);
                    let decodings = cache.decodings() as usize;
                    let said = format!("{dataset}: {decodings} of {chunks}, {memory} {len} {step}");
                    assert!(decodings >= chunks && decodings <= chunks + chunks / 8, "{said}");
                }
            }
        }
    }
}

#[test]
fn what_was_never_written_and_elements_of_any_size_are_read_once() {
    use hdf5::types::{FloatSize, TypeDescriptor};
    let tmp = tempfile::tempdir().unwrap();
    let out = hdf5::File::create(tmp.path().join("calc_1.hdf5")).unwrap();
    let large = TypeDescriptor::FixedArray(Box::new(TypeDescriptor::Float(FloatSize::U8)), 1 << 17);
    out.new_dataset_builder().empty_as(&large).shape(3).create("never").unwrap();
    out.new_dataset_builder()
        .empty::<i32>()
        .shape((2000, 1000))
        .chunk((2000, 100))
        .deflate(1)
        .fill_value(-7)
        .create("fill")
        .unwrap();
    out.close().unwrap();
    let (views, cache) = views(tmp.path(), 4_000_000);
    read_all(&file(&views, "never"), &vec![0; 3 << 20], 4096, 1);
    assert_eq!(cache.decodings(), 3);
    read_all(&file(&views, "fill"), &(-7i32).to_le_bytes().repeat(2_000_000), 100_001, 1);
    assert_eq!(cache.decodings(), 3);
}
