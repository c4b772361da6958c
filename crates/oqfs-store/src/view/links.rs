//! Where symlinks of a view lead.
//!
//! A soft link becomes a symlink to the files its target becomes, so the kernel follows it and finds cycles; a dangling one
//! becomes a dangling symlink. A further hard link to a group that has a directory already becomes a symlink to that
//! directory: no group is a directory twice, so that walking a view ends, whatever the file.

use std::collections::VecDeque;

use super::Result;
use super::names::file_name;
use super::source::{Object, ViewSource, What};
use crate::datastore::read::steps;

/// Soft links followed before a path is given up.
const HOPS: usize = 40;

/// What a path in a file leads to.
#[derive(Debug)]
pub(super) enum Resolved {
    /// A group, and the names on the way to it.
    Group(Vec<Vec<u8>>, Object),
    /// A dataset, and the names on the way to it.
    Dataset(Vec<Vec<u8>>, Object),
    /// Nothing: a name is missing, too many links, another file.
    Nothing,
}

/// Follows `path` from the group `from`, named by the names on the way to it, without opening another file.
pub(super) fn resolve(source: &ViewSource, from: &[Vec<u8>], path: &[u8]) -> Result<Resolved> {
    let mut todo: VecDeque<Vec<u8>> = from.iter().cloned().chain(steps(path)).collect();
    if path.starts_with(b"/") {
        todo = steps(path).collect();
    }
    let root = source.root()?;
    let (mut at, mut groups) = (vec![], vec![root]);
    let mut hops = 0;
    while let Some(name) = todo.pop_front() {
        let Some(group) = groups.last() else { return Ok(Resolved::Nothing) };
        let children = source.children(group)?;
        let Ok(found) = children.binary_search_by(|c| c.name.cmp(&name)) else { return Ok(Resolved::Nothing) };
        match &children[found].what {
            What::Group(object) => {
                groups.push(object.clone());
                at.push(name);
            }
            What::Dataset(object) if todo.is_empty() => {
                at.push(name);
                return Ok(Resolved::Dataset(at, object.clone()));
            }
            What::Soft(path) => {
                hops += 1;
                if hops > HOPS {
                    return Ok(Resolved::Nothing);
                }
                if path.starts_with(b"/") {
                    groups.truncate(1);
                    at.clear();
                }
                steps(path).rev().for_each(|step| todo.push_front(step));
            }
            What::Dataset(_) | What::Datatype(_) | What::External { .. } | What::Other(_) => {
                return Ok(Resolved::Nothing);
            }
        }
    }
    Ok(groups.pop().map_or(Resolved::Nothing, |group| Resolved::Group(at, group)))
}

/// The file path, from the top of a view, of the object with these names on the way to it.
pub(super) fn file_path(names: &[Vec<u8>], suffix: &str) -> String {
    let last = names.len().saturating_sub(1);
    let name = |(i, name): (usize, &Vec<u8>)| file_name(name, if i == last { suffix } else { "" }, i == 0);
    names.iter().enumerate().map(name).collect::<Vec<_>>().join("/")
}

/// The way from a directory `depth` levels below the top of a view to `path` from the top.
pub(super) fn relative(depth: usize, path: &str) -> String {
    let up = "../".repeat(depth) + path;
    if up.is_empty() { ".".into() } else { up }
}
