//! Lists of any length and references, which no `.npy` file holds, as JSON: a line an element.

use std::ops::Range;
use std::sync::Arc;

use super::file::Store;
use super::table::{MOST_ROWS, Rows};
use super::{Error, Result};
use crate::datastore::DType;
use crate::datastore::read::{Description, Token};

/// A dataset whose elements are lists of any length or references, or records with such.
#[derive(Debug)]
pub(super) struct Ragged {
    store: Arc<Store>,
    dataset: Token,
    shape: Vec<u64>,
}

impl Ragged {
    /// The dataset with this identity; `None` if it is nothing of the kind, or too long for a text.
    pub fn of_dataset(store: &Arc<Store>, dataset: Token, described: &Description) -> Option<Self> {
        let shape = described.shape.clone()?;
        let elements = shape.iter().try_fold(1u64, |n, d| n.checked_mul(*d))?;
        let readable = described.refusal.is_none() && described.packing.is_ok();
        let shown = is_sayable_alone(&described.dtype) && readable && elements <= MOST_ROWS;
        shown.then(|| Self { store: store.clone(), dataset, shape })
    }
}

impl Ragged {
    fn json(&self, rows: Range<u64>) -> Result<serde_json::Value> {
        let (mut start, mut count) = (vec![0; self.shape.len()], self.shape.clone());
        if let (Some(start), Some(count)) = (start.first_mut(), count.first_mut()) {
            (*start, *count) = (rows.start, rows.end - rows.start);
        }
        self.store.h5()?.ask(|h5| h5.json(self.dataset, &start, &count))
    }

    /// Some of the elements of a dataset of one dimension.
    pub fn values(&self, range: Range<u64>) -> Result<Vec<serde_json::Value>> {
        match self.json(range)? {
            serde_json::Value::Array(values) => Ok(values),
            value => Ok(vec![value]),
        }
    }
}

/// True if there are lists or references in it, and nothing that no text can say.
fn is_sayable_alone(dtype: &DType) -> bool {
    fn sayable(dtype: &DType) -> bool {
        match dtype {
            DType::Other { nearest, .. } => nearest.is_some(),
            DType::VarArray { base } | DType::Array { base, .. } => sayable(base),
            DType::Compound { fields, .. } => fields.iter().all(|f| sayable(&f.dtype)),
            _ => true,
        }
    }
    fn lists(dtype: &DType) -> bool {
        match dtype {
            DType::VarArray { .. } | DType::Reference { .. } => true,
            DType::Array { base, .. } => lists(base),
            DType::Compound { fields, .. } => fields.iter().any(|f| lists(&f.dtype)),
            _ => false,
        }
    }
    lists(dtype) && sayable(dtype)
}

impl Rows for Arc<Ragged> {
    fn count(&self) -> u64 {
        self.shape.first().copied().unwrap_or(1)
    }

    fn width(&self) -> u64 {
        // A list is taken to have some elements.
        self.shape.iter().skip(1).product::<u64>().saturating_mul(64)
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let value = self.json(rows.clone())?;
        let value = match value {
            serde_json::Value::Array(elements) if !self.shape.is_empty() => elements,
            scalar => {
                serde_json::to_writer(&mut *text, &scalar).map_err(|e| Error::Io(e.into()))?;
                text.push(b'\n');
                return Ok(());
            }
        };
        if rows.start == 0 {
            text.extend(b"[");
        }
        for (i, element) in (rows.start..).zip(&value) {
            text.extend_from_slice(if i == 0 { b"\n" } else { b",\n" });
            serde_json::to_writer(&mut *text, element).map_err(|e| Error::Io(e.into()))?;
        }
        if rows.end == self.count() {
            text.extend(b"\n]\n");
        }
        Ok(())
    }
}
