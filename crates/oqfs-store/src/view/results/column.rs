//! One-dimensional parts of arrays: whole datasets, fields of records, or every so many elements.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::{array, misshapen};
use crate::datastore::DType;
use crate::datastore::read::value_json;
use crate::view::Result;
use crate::view::csv::{read_elements, write_value};
use crate::view::file::{ArrayElements, File};
use crate::view::source::ViewSource;
use crate::view::table::MOST_ROWS;

/// A value of a column.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::view) enum CellValue {
    Text(String),
    Integer(i128),
    Real(f64),
    Flag(bool),
}

/// Elements of a dataset, or of a field of its records.
#[derive(Clone, Debug)]
pub(in crate::view) struct ArrayColumn {
    npy: Arc<File>,
    elements: ArrayElements,
    /// Where in an element its value is.
    at: usize,
    dtype: DType,
    /// The first element, and how many lie from one to the next.
    first: u64,
    step: u64,
    pub count: u64,
}

impl ArrayColumn {
    /// The dataset at `path`, or that field of its records; `None` if it is not there.
    pub fn find(source: &ViewSource, path: &str, field: Option<&str>) -> Result<Option<Self>> {
        let Some((_, npy)) = array(source, path)? else { return Ok(None) };
        let Some(elements) = npy.elements()? else { return Ok(None) };
        let count = npy.size()?.saturating_sub(elements.start) / elements.dtype.size().max(1) as u64;
        let (at, dtype) = match (field, &elements.dtype) {
            (None, dtype) => (0, dtype.clone()),
            (Some(name), DType::Compound { fields, .. }) => match fields.iter().find(|f| f.name == name) {
                Some(found) => (found.offset, found.dtype.clone()),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        Ok(Some(Self { npy, elements, at, dtype, first: 0, step: 1, count }))
    }

    /// The columns of a dataset of records, by their names; `None` if it is none.
    pub fn fields(source: &ViewSource, path: &str) -> Result<Option<Vec<(String, Self)>>> {
        let Some(whole) = Self::find(source, path, None)? else { return Ok(None) };
        let DType::Compound { fields, .. } = &whole.dtype else { return Ok(None) };
        let field = |f: &crate::datastore::dtype::Field| {
            (f.name.clone(), Self { at: f.offset, dtype: f.dtype.clone(), ..whole.clone() })
        };
        Ok(Some(fields.iter().map(field).collect()))
    }

    /// Every `step`th of the elements from `first` on, `count` in all; `None` if they are not there.
    pub fn strided(&self, first: u64, step: u64, count: u64) -> Option<Self> {
        let last = count.checked_sub(1).map_or(Some(0), |n| n.checked_mul(step)?.checked_add(first))?;
        (count == 0 || last < self.count).then(|| Self { first, step, count, ..self.clone() })
    }

    /// Itself, unless it is longer than any table.
    pub fn short(self) -> Option<Self> {
        (self.count <= MOST_ROWS).then_some(self)
    }

    pub fn is_integer(&self) -> bool {
        matches!(self.dtype, DType::Int { .. })
    }

    /// Some of the values as JSON; a number that is none is a text there.
    pub fn json(&self, rows: Range<u64>) -> Result<Vec<Value>> {
        let value = |element: &[u8]| value_json(&self.dtype, element.get(self.at..).unwrap_or(&[]));
        let bytes = self.bytes(&rows)?;
        Ok(bytes.chunks_exact(self.size()).step_by(self.step.max(1) as usize).map(value).collect())
    }

    /// Some of the values as the fields of a table.
    pub fn csv_fields(&self, rows: Range<u64>) -> Result<Vec<Vec<u8>>> {
        let field = |element: &[u8]| {
            let mut text = Vec::new();
            write_value(&self.dtype, element.get(self.at..).unwrap_or(&[]), &mut text);
            text
        };
        let bytes = self.bytes(&rows)?;
        Ok(bytes.chunks_exact(self.size()).step_by(self.step.max(1) as usize).map(field).collect())
    }

    /// Some of the values.
    pub fn cells(&self, rows: Range<u64>) -> Result<Vec<CellValue>> {
        let bytes = self.bytes(&rows)?;
        let records = bytes.chunks_exact(self.size()).step_by(self.step.max(1) as usize);
        Ok(records.map(|record| self.cell(record)).collect())
    }

    /// The values at some places, which are read in one piece.
    pub fn cells_at(&self, places: &[u64]) -> Result<Vec<CellValue>> {
        let (Some(from), Some(last)) = (places.iter().min(), places.iter().max()) else { return Ok(vec![]) };
        if *last >= self.count {
            return Err(misshapen("a column"));
        }
        let (bytes, stride) = (self.bytes(&(*from..last + 1))?, self.size() * self.step as usize);
        let cell = |place: &u64| self.cell(bytes.get((place - from) as usize * stride..).unwrap_or(&[]));
        Ok(places.iter().map(cell).collect())
    }

    /// The bytes of an element.
    fn size(&self) -> usize {
        self.elements.dtype.size().max(1)
    }

    /// The elements from the first to the last one of some rows, those between them too.
    fn bytes(&self, rows: &Range<u64>) -> Result<Vec<u8>> {
        if rows.is_empty() {
            return Ok(vec![]);
        }
        let place = |row: u64| self.first + row * self.step;
        read_elements(&self.npy, &self.elements, place(rows.start)..place(rows.end - 1) + 1)
    }

    fn cell(&self, element: &[u8]) -> CellValue {
        match (value_json(&self.dtype, element.get(self.at..).unwrap_or(&[])), &self.dtype) {
            // In single precision, what it stands for, not what its shortest text says.
            (value, DType::Float { size, .. }) => {
                let number = value.as_f64().or_else(|| value.as_str()?.parse().ok()).unwrap_or(f64::NAN);
                CellValue::Real(if *size == 4 { f64::from(number as f32) } else { number })
            }
            (Value::Bool(flag), _) => CellValue::Flag(flag),
            (Value::Number(n), _) => {
                let integer = n.as_i64().map(i128::from).or_else(|| n.as_u64().map(i128::from));
                integer.map_or(CellValue::Text(n.to_string()), CellValue::Integer)
            }
            (Value::String(text), _) => CellValue::Text(text),
            (value, _) => CellValue::Text(value.to_string()),
        }
    }

    /// The values as numbers.
    pub fn numbers(&self, rows: Range<u64>) -> Result<Vec<f64>> {
        let number = |cell: &CellValue| match cell {
            CellValue::Integer(n) => Ok(*n as f64),
            CellValue::Real(x) => Ok(*x),
            _ => Err(misshapen("a column of numbers")),
        };
        self.cells(rows)?.iter().map(number).collect()
    }

    /// The values as texts; what is none is empty.
    pub fn texts(&self, rows: Range<u64>) -> Result<Vec<String>> {
        let text = |cell: CellValue| if let CellValue::Text(text) = cell { text } else { String::new() };
        Ok(self.cells(rows)?.into_iter().map(text).collect())
    }

    /// The values as places in another column.
    pub fn places(&self, rows: Range<u64>) -> Result<Vec<u64>> {
        places(&self.cells(rows)?)
    }
}

/// Integers as places.
pub(in crate::view) fn places(cells: &[CellValue]) -> Result<Vec<u64>> {
    let place = |cell: &CellValue| match cell {
        CellValue::Integer(n) => u64::try_from(*n).ok(),
        _ => None,
    };
    cells.iter().map(|cell| place(cell).ok_or_else(|| misshapen("a column of places"))).collect()
}
