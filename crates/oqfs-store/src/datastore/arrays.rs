//! HDF5 files as [`ArrayFile`]s, for the inputs of a job.

use std::path::Path;

use ndarray::{ArrayD, IxDyn};

use super::DataStore;
use crate::arrays::ArrayFile;

/// Open an HDF5 file.
///
/// # Errors
/// Those of [`DataStore::open`], as text.
pub fn open_arrays(path: &Path) -> Result<Box<dyn ArrayFile>, String> {
    DataStore::open(path).map(|store| Box::new(store) as Box<dyn ArrayFile>).map_err(|e| e.to_string())
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
