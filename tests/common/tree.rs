//! What is in a view, by path.

use oqfs::view::{Tree, ViewNode};

/// The names on the way.
pub fn path(text: &str) -> Vec<String> {
    text.split('/').filter(|s| !s.is_empty()).map(String::from).collect()
}

/// The bytes of a file.
pub fn file(tree: &Tree, at: &str) -> Vec<u8> {
    match tree.at(&path(at)).unwrap() {
        Some(ViewNode::File(file)) => file.read().unwrap(),
        other => panic!("{at}: {other:?}"),
    }
}

/// The text of a file.
pub fn text(tree: &Tree, at: &str) -> String {
    String::from_utf8(file(tree, at)).unwrap()
}
