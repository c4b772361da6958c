//! HDF5 files as [`ArrayFile`]s, for the inputs of a job.

use std::collections::HashSet;
use std::path::Path;

use ndarray::{ArrayD, IxDyn};

use super::read::{H5File, LinkedObject, ObjectKind, Storage, Target};
use super::{Beside, DataStore};
use crate::arrays::ArrayFile;

/// Open an HDF5 file all of whose data is in it: a job's inputs are copies, and whoever runs the job may have other rights than whoever wrote
/// the file, so that no name in it is followed to another file.
///
/// # Errors
/// Those of [`DataStore::open`], as text, and what leads to another file.
pub fn open_arrays(path: &Path) -> Result<Box<dyn ArrayFile>, String> {
    let file = Beside::around(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let file = H5File::open(path, path, file).map_err(|e| e.to_string())?;
    let root = file.root();
    if let Some(what) = root.and_then(|root| leads_elsewhere(&file, root)).map_err(|e| e.to_string())? {
        return Err(format!("{}: {what}; an HDF5 file of a job has all its data in it", path.display()));
    }
    DataStore::open(path).map(|store| Box::new(store) as Box<dyn ArrayFile>).map_err(|e| e.to_string())
}

/// What below a group has its data in another file.
fn leads_elsewhere(file: &H5File, root: LinkedObject) -> super::Result<Option<String>> {
    let (mut seen, mut todo) = (HashSet::from([root.token]), vec![(String::new(), root.token)]);
    while let Some((at, group)) = todo.pop() {
        for link in file.links(group)? {
            let name = format!("{at}/{}", String::from_utf8_lossy(&link.name));
            let object = match link.target {
                Target::External { file, .. } => {
                    return Ok(Some(format!("{name} leads to the file {}", String::from_utf8_lossy(&file))));
                }
                Target::Soft(_) | Target::Unknown(_) => continue,
                Target::Hard(object) => object,
            };
            match object.kind {
                ObjectKind::Group if seen.insert(object.token) => todo.push((name, object.token)),
                ObjectKind::Dataset => match file.dataset(object.token, 0)?.storage() {
                    Storage::External(_) => return Ok(Some(format!("the elements of {name} are in other files"))),
                    Storage::Virtual => return Ok(Some(format!("{name} is a virtual dataset"))),
                    Storage::Contiguous(_) | Storage::Chunked(_) | Storage::Inside | Storage::Unreadable(_) => {}
                },
                ObjectKind::Group | ObjectKind::Datatype | ObjectKind::Unknown => {}
            }
        }
    }
    Ok(None)
}

impl ArrayFile for DataStore {
    fn numbers(&self, key: &str) -> Result<ArrayD<f64>, String> {
        self.get::<f64, IxDyn>(key).map_err(|e| e.to_string())
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        self.get_strings(key).map_err(|e| e.to_string())
    }

    fn attribute(&self, key: &str, name: &str) -> Result<String, String> {
        self.get_attr_string(key, name).map_err(|e| e.to_string())
    }

    fn contains(&self, key: &str) -> bool {
        DataStore::contains(self, key)
    }
}
