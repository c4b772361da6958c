//! Files of named arrays, which whoever computes is given and never opens himself.
//!
//! Source models keep listed ruptures in such files, and logic trees name tables of ground motion. `nrml` and `gsim` read them by
//! [`ArrayFile`]; who sits on top says with an [`Open`] how they are opened.

use std::collections::BTreeMap;
use std::path::Path;

use ndarray::ArrayD;

/// A file of arrays, by keys like `group/name`. Errors name the key.
pub trait ArrayFile {
    /// Numbers of any type.
    fn numbers(&self, key: &str) -> Result<ArrayD<f64>, String>;

    /// Texts in row-major order.
    fn texts(&self, key: &str) -> Result<Vec<String>, String>;

    /// A text that is an attribute of an array.
    fn attribute(&self, key: &str, name: &str) -> Result<String, String>;

    /// Whether there is an array or a group of this key.
    fn contains(&self, key: &str) -> bool;
}

/// Opens the file at a path.
pub type Open<'a> = &'a (dyn Fn(&Path) -> Result<Box<dyn ArrayFile>, String> + Sync);

/// How to open files where there are none.
pub fn open_none(path: &Path) -> Result<Box<dyn ArrayFile>, String> {
    Err(format!("{}: no file can be read here", path.display()))
}

/// A file in memory: for tests, and for whoever has arrays and no file.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Numbers by key.
    pub numbers: BTreeMap<String, ArrayD<f64>>,
    /// Texts by key.
    pub texts: BTreeMap<String, Vec<String>>,
    /// Attributes by `key@name`.
    pub attributes: BTreeMap<String, String>,
}

impl Memory {
    /// The same with one more array.
    pub fn with<D: ndarray::Dimension>(mut self, key: &str, array: ndarray::Array<f64, D>) -> Memory {
        self.numbers.insert(key.into(), array.into_dyn());
        self
    }
}

impl ArrayFile for Memory {
    fn numbers(&self, key: &str) -> Result<ArrayD<f64>, String> {
        self.numbers.get(key).cloned().ok_or_else(|| format!("no {key}"))
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        self.texts.get(key).cloned().ok_or_else(|| format!("no {key}"))
    }

    fn attribute(&self, key: &str, name: &str) -> Result<String, String> {
        self.attributes.get(&format!("{key}@{name}")).cloned().ok_or_else(|| format!("no {name} of {key}"))
    }

    fn contains(&self, key: &str) -> bool {
        self.numbers.keys().chain(self.texts.keys()).any(|known| known == key)
    }
}
