//! `attrs.json`: the attributes of every object of an HDF5 file.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Map, Value, json};

use super::Result;
use super::names::{NAME_MAX, file_name};
use super::source::{Object, ViewSource, What};

/// Said of an object that is no file, with the reason.
pub const NOT_SHOWN: &str = "oqfs:not_shown";
/// Said of a dataset that has the fill value where elements of other files should be, with the files that are missing.
pub const FILLED: &str = "oqfs:filled";
/// The reason for a named datatype.
pub(super) const DATATYPE: &str = "a named datatype";
/// Said of an object whose attributes cannot be read, with the reason.
pub const ATTRIBUTES: &str = "oqfs:attributes_not_shown";
/// Said of a link, with where it leads.
pub const LINK: &str = "oqfs:link";
/// Said of an object whose file name cannot be turned back into its name, with the file name.
pub const SHOWN_AS: &str = "oqfs:shown_as";

/// The text: an object by path, each an object of attributes; those without attributes left out. What is no file is in it
/// with the reason, links with where they lead. What is in a group is said under the path for which `is_home` says that it is the directory.
pub(super) fn attrs_json(source: &ViewSource, is_home: &dyn Fn(&Object, &[Vec<u8>]) -> bool) -> Result<Vec<u8>> {
    let mut objects = BTreeMap::new();
    let root = source.root()?;
    objects.insert("/".to_string(), source.attrs(&root)?);
    let mut groups = VecDeque::from([(String::new(), vec![], root)]);
    while let Some((path, names, group)) = groups.pop_front() {
        let children = match source.children(&group) {
            Ok(children) => children,
            Err(e) => {
                objects
                    .entry(if path.is_empty() { "/".into() } else { path })
                    .or_default()
                    .insert(NOT_SHOWN.into(), json!(e.to_string()));
                continue;
            }
        };
        for child in children.iter() {
            let at = format!("{path}/{}", String::from_utf8_lossy(&child.name));
            let mut said = describe(source, &child.what)?;
            let shown = file_name(&child.name, "", path.is_empty());
            if shown.len() + ".json".len() > NAME_MAX {
                said.insert(SHOWN_AS.into(), json!(shown));
            }
            objects.insert(at.clone(), said);
            if let What::Group(object) = &child.what {
                let names: Vec<_> = names.iter().cloned().chain([child.name.clone()]).collect();
                if is_home(object, &names) {
                    groups.push_back((at, names, object.clone()));
                }
            }
        }
    }
    objects.retain(|_, said| !said.is_empty());
    let mut text = serde_json::to_vec_pretty(&objects).map_err(std::io::Error::from)?;
    text.push(b'\n');
    Ok(text)
}

fn describe(source: &ViewSource, what: &What) -> Result<Map<String, Value>> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let said = |key: &str, value: String| Map::from_iter([(key.to_string(), json!(value))]);
    Ok(match what {
        What::Group(object) => source.attrs(object)?,
        What::Datatype(object) => {
            let mut attrs = source.attrs(object)?;
            attrs.insert(NOT_SHOWN.into(), json!(DATATYPE));
            attrs
        }
        What::Dataset(object) => {
            let mut attrs = source.attrs(object)?;
            let files = source.files(object)?;
            if let Some(reason) = &files.refused {
                attrs.insert(NOT_SHOWN.into(), json!(reason));
            }
            if !files.missing.is_empty() {
                let missing = files.missing.join(", ");
                attrs.insert(
                    FILLED.into(),
                    json!(format!("fill values stand for the elements of files that are missing: {missing}")),
                );
            }
            attrs
        }
        What::Soft(path) => said(LINK, text(path)),
        What::External { file, path } => said(LINK, format!("{}:{}", text(file), text(path))),
        What::Other(reason) => said(NOT_SHOWN, reason.clone()),
    })
}
