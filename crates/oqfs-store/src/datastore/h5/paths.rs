//! Where references lead, as paths.

use std::collections::{HashMap, VecDeque};
use std::sync::OnceLock;

use hdf5_sys::h5i::hid_t;
use hdf5_sys::h5p::H5P_DEFAULT;
use hdf5_sys::h5r::{H5R_type_t, H5Rdereference2};
use serde_json::{Value, json};

use super::{Id, ObjectKind, Target, Token, links_of, object_of, open};

/// The most objects whose paths are kept.
const MOST: usize = 1 << 18;

/// The path of each object of a file, found when the first one is asked for.
#[derive(Debug, Default)]
pub(crate) struct Paths(OnceLock<HashMap<Token, String>>);

impl Paths {
    /// What a reference in the file of the object `id` leads to: its path; of a region, the object that it is of; `null` if it leads
    /// nowhere.
    pub fn json(&self, id: hid_t, reference: &[u8]) -> Value {
        if reference.iter().all(|byte| *byte == 0) {
            return Value::Null;
        }
        let path = |token: Token| match self.0.get_or_init(|| find(id)).get(&token) {
            Some(path) => json!(path),
            None => json!("a reference to an object without a path"),
        };
        match reference.first_chunk::<8>() {
            Some(address) if reference.len() == 8 => path(Token::at(u64::from_ne_bytes(*address))),
            Some(_) if reference.len() == REGION => match region(id, reference) {
                Ok(token) => json!({ "region_of": path(token) }),
                Err(e) => json!(format!("a reference to a region that cannot be read: {e}")),
            },
            _ => json!("a reference of an unknown kind"),
        }
    }
}

/// Bytes of a reference to a region in memory.
const REGION: usize = 12;

/// The object that a region is of.
fn region(id: hid_t, reference: &[u8]) -> hdf5::Result<Token> {
    // SAFETY: `id` is live by the contract of the caller; the reference is as long as one of that kind, which was made by the library.
    let object = Id::new(|| unsafe {
        H5Rdereference2(id, H5P_DEFAULT, H5R_type_t::H5R_DATASET_REGION1, reference.as_ptr().cast())
    })?;
    Ok(object_of(object.get())?.token)
}

/// The paths of what is in the file of the object `id`; of several to an object, the first of the shortest.
fn find(id: hid_t) -> HashMap<Token, String> {
    let mut paths = HashMap::new();
    let root = super::links::root_of(id).and_then(|root| Ok((object_of(root.get())?.token, root)));
    let Ok((token, root)) = root else { return paths };
    paths.insert(token, "/".to_string());
    let mut groups = VecDeque::from([(token, String::new())]);
    while let Some((group, path)) = groups.pop_front()
        && paths.len() < MOST
    {
        let links = open(root.get(), group).and_then(|group| links_of(group.get()));
        for link in links.into_iter().flatten() {
            let Target::Hard(object) = link.target else { continue };
            if paths.contains_key(&object.token) {
                continue;
            }
            let path = format!("{path}/{}", String::from_utf8_lossy(&link.name));
            paths.insert(object.token, path.clone());
            if object.kind == ObjectKind::Group {
                groups.push_back((object.token, path));
            }
        }
    }
    paths
}
