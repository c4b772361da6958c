//! What the writer thread does with a message.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

use serde_json::Value;

use super::dtype::DType;
use super::h5::{self, RawAttr, RawDataset};
use super::index::{Bytes, Complete, IndexEntry, Publisher};
use super::value::Data;
use super::writer::{Attrs, Message};
use super::{ArrayData, Error, Result};

/// The state of the writer thread.
pub(crate) struct Writing {
    file: hdf5::File,
    shown: PathBuf,
    publisher: Publisher,
    /// Datasets that are not complete yet.
    open: HashMap<String, Unfinished>,
    /// What was published: groups, and datasets when complete.
    published: HashMap<String, IndexEntry>,
}

struct Unfinished {
    raw: RawDataset,
    dtype: DType,
    shape: Vec<usize>,
    attrs: BTreeMap<String, Value>,
    /// Rows written, as ranges apart from each other, by first row.
    rows: BTreeMap<usize, usize>,
}

impl Writing {
    pub fn new(file: hdf5::File, shown: PathBuf, publisher: Publisher) -> Self {
        Self { file, shown, publisher, open: HashMap::new(), published: HashMap::new() }
    }

    pub fn handle(&mut self, message: Message) -> Result<()> {
        match message {
            Message::Create { key, dtype, shape, attrs } => self.create(trim(&key), dtype, &shape, attrs),
            Message::Rows { key, first, block } => self.rows(trim(&key), first, &block),
            Message::Complete { key } => self.complete(trim(&key), None),
            Message::Whole { key, block, attrs } => self.whole(trim(&key), block, attrs),
            Message::Attrs { key, attrs } => self.attrs(trim(&key), attrs),
            Message::Flush(_) | Message::Finish => Ok(()),
        }
    }

    /// Everything has to be written by now; a dataset without rows is.
    pub fn finish(&mut self) -> Result<()> {
        let mut keys: Vec<String> = self.open.keys().cloned().collect();
        keys.sort();
        for key in keys {
            let rows = self.open[&key].shape[0];
            if rows > 0 {
                let written = self.open[&key].rows.iter().map(|(first, end)| end - first).sum();
                return Err(Error::Unwritten { path: self.shown.clone(), key, written, rows });
            }
            self.complete(&key, None)?;
        }
        Ok(())
    }

    fn create(&mut self, key: &str, dtype: DType, shape: &[usize], attrs: Attrs) -> Result<()> {
        if shape.is_empty() || dtype.is_in_heap() {
            return Err(self.shape(
                key,
                format!("{dtype} of shape {shape:?}"),
                "rows of numbers, records or fixed strings",
            ));
        }
        self.open_dataset(key, dtype, shape, attrs)
    }

    fn open_dataset(&mut self, key: &str, dtype: DType, shape: &[usize], attrs: Attrs) -> Result<()> {
        self.good_key(key)?;
        let raw = RawDataset::create(self.file.id(), key, &dtype, shape).map_err(|e| self.hdf5(key, &e))?;
        let mut unfinished =
            Unfinished { raw, dtype, shape: shape.to_vec(), attrs: BTreeMap::new(), rows: BTreeMap::new() };
        unfinished.attrs = self.write_attrs(key, unfinished.raw.get(), attrs)?;
        self.open.insert(key.to_string(), unfinished);
        Ok(())
    }

    fn rows(&mut self, key: &str, first: usize, block: &ArrayData) -> Result<()> {
        let path = self.shown.clone();
        let Some(dataset) = self.open.get_mut(key) else {
            return Err(Error::NoKey { path, key: format!("{key} among the datasets being written") });
        };
        let end = block.shape().first().map_or(first, |rows| first.saturating_add(*rows));
        let fits = block.dtype() == &dataset.dtype
            && block.shape().get(1..) == dataset.shape.get(1..)
            && end <= dataset.shape[0];
        let (Data::Bytes(bytes), true) = (block.data(), fits) else {
            let found = format!("{block:?} at row {first}");
            let accepted = format!("rows of {} of shape {:?}", dataset.dtype, dataset.shape);
            return Err(Error::Shape { path, key: key.into(), found, accepted });
        };
        let mut start = vec![0; dataset.shape.len()];
        start[0] = first;
        let written = dataset.raw.write(&start, block.shape(), (**bytes).as_ref(), dataset.dtype.size());
        written.map_err(|e| Error::hdf5(&path, key, &e))?;
        dataset.add_rows(first, end);
        let is_whole = dataset.rows.get(&0) == Some(&dataset.shape[0]);
        if is_whole { self.complete(key, None) } else { Ok(()) }
    }

    fn whole(&mut self, key: &str, block: ArrayData, attrs: Attrs) -> Result<()> {
        self.open_dataset(key, block.dtype().clone(), block.shape(), attrs)?;
        let Some(dataset) = self.open.get(key) else { return Ok(()) };
        let written = match block.data() {
            Data::Bytes(bytes) => {
                let zeros = vec![0; block.shape().len()];
                dataset.raw.write(&zeros, block.shape(), (**bytes).as_ref(), dataset.dtype.size())
            }
            Data::Strings(strings) => dataset.raw.write_strings(strings),
        };
        written.map_err(|e| self.hdf5(key, &e))?;
        self.complete(key, block.into_strings())
    }

    /// Flushes the dataset and publishes it.
    fn complete(&mut self, key: &str, strings: Option<Vec<String>>) -> Result<()> {
        let Some(dataset) = self.open.remove(key) else {
            return Err(Error::NoKey {
                path: self.shown.clone(),
                key: format!("{key} among the datasets being written"),
            });
        };
        dataset.raw.flush().map_err(|e| self.hdf5(key, &e))?;
        let bytes = match (strings, dataset.raw.offset()) {
            (Some(strings), _) => Bytes::Strings(strings),
            (None, Some(offset)) => Bytes::At(offset),
            // Space is given to a dataset with its first element.
            (None, None) => Bytes::Unwritten,
        };
        let shape = dataset.shape.iter().map(|d| *d as u64).collect();
        let complete = Complete { dtype: dataset.dtype, shape, bytes };
        self.publish(IndexEntry { key: key.into(), attrs: dataset.attrs, dataset: Some(complete) })
    }

    fn attrs(&mut self, key: &str, attrs: Attrs) -> Result<()> {
        if let Some(dataset) = self.open.get(key) {
            let written = self.write_attrs(key, dataset.raw.get(), attrs)?;
            if let Some(dataset) = self.open.get_mut(key) {
                dataset.attrs.extend(written);
            }
            return Ok(());
        }
        let known = self.published.get(key).cloned();
        let written = match &known {
            Some(IndexEntry { dataset: Some(_), .. }) => {
                let dataset = self.file.dataset(key).map_err(|e| self.hdf5(key, &e))?;
                self.write_attrs(key, dataset.id(), attrs)?
            }
            _ if key.is_empty() => self.write_attrs(key, self.file.id(), attrs)?,
            _ => {
                let group = self.file.group(key).or_else(|_| self.file.create_group(key));
                let group = group.map_err(|e| self.hdf5(key, &e))?;
                self.write_attrs(key, group.id(), attrs)?
            }
        };
        let mut entry = known.unwrap_or_else(|| IndexEntry { key: key.into(), attrs: BTreeMap::new(), dataset: None });
        entry.attrs.extend(written);
        self.publish(entry)
    }

    fn publish(&mut self, entry: IndexEntry) -> Result<()> {
        self.publisher.publish(&entry).map_err(|error| Error::Io { path: self.shown.clone(), error })?;
        self.published.insert(entry.key.clone(), entry);
        Ok(())
    }

    /// Writes attributes; gives them back as JSON.
    fn write_attrs(&self, key: &str, on: i64, attrs: Attrs) -> Result<BTreeMap<String, Value>> {
        let mut written = BTreeMap::new();
        for (name, value) in attrs {
            let block = value.to_block();
            let raw = match block.data() {
                Data::Bytes(bytes) => RawAttr::Bytes((**bytes).as_ref()),
                Data::Strings(strings) => RawAttr::Strings(strings),
            };
            h5::write_attr(on, &name, block.dtype(), block.shape(), raw)
                .map_err(|e| self.hdf5(&format!("{key}@{name}"), &e))?;
            written.insert(name, value.to_json());
        }
        Ok(written)
    }

    fn good_key(&self, key: &str) -> Result<()> {
        let reason = if key.is_empty() {
            "it is the file itself"
        } else if self.open.contains_key(key) || self.published.contains_key(key) {
            "it is there already"
        } else {
            return Ok(());
        };
        Err(Error::BadName { path: self.shown.clone(), key: key.into(), reason: reason.into() })
    }

    fn shape(&self, key: &str, found: String, accepted: &str) -> Error {
        Error::Shape { path: self.shown.clone(), key: key.into(), found, accepted: accepted.into() }
    }

    fn hdf5(&self, key: &str, error: &hdf5::Error) -> Error {
        Error::hdf5(&self.shown, key, error)
    }
}

impl Unfinished {
    fn add_rows(&mut self, mut first: usize, mut end: usize) {
        // Ranges that touch the new one are merged into it.
        while let Some((&a, &b)) = self.rows.range(..=end).next_back().filter(|(_, b)| **b >= first) {
            self.rows.remove(&a);
            (first, end) = (first.min(a), end.max(b));
        }
        self.rows.insert(first, end);
    }
}

/// A key without slashes around it.
fn trim(key: &str) -> &str {
    key.trim_matches('/')
}
