//! Arrays of records, and groups of columns, as tables of comma-separated values (RFC 4180, lines ending with a newline).
//!
//! A number is the shortest text that reads back as the same number of its type; NaN and the infinities are `NaN`, `Inf` and
//! `-Inf`. A member of an array is a column of its own, `poes[0]`, so is a field of a record within a record, `in.b`. The
//! first line has the names of the columns.

use std::io::Write;
use std::ops::Range;
use std::sync::Arc;

use super::file::{ArrayElements, File};
use super::ragged::Ragged;
use super::table::{FIELD, Rows};
use super::{Error, Result};
use crate::datastore::DType;
use crate::datastore::read::{unpadded, value_json};

/// The most columns of a table; what is wider is an array rather than a table.
const MOST_COLUMNS: usize = 1 << 14;
/// The bytes of the longest record that a table has: a row is made in memory.
const MOST_BYTES: usize = 1 << 20;

/// A column: its name, and where in an element its value is.
#[derive(Clone, Debug, PartialEq)]
struct CsvColumn {
    name: String,
    at: usize,
    dtype: DType,
}

/// One or more arrays of the same number of elements, side by side.
#[derive(Debug)]
pub(super) struct Records {
    count: u64,
    width: u64,
    /// Each with its name, if it is a column by itself.
    arrays: Vec<(String, ColumnSource)>,
}

/// Where the values of a column are, or of several.
#[derive(Clone, Debug)]
pub(super) enum ColumnSource {
    /// An `.npy` file of elements of this type.
    Array(Arc<File>, DType),
    /// Lists of any length, or references: a field is JSON.
    Lists(Arc<Ragged>),
}

impl ColumnSource {
    /// How many columns it is, and how many bytes a row takes.
    fn breadth(&self) -> (usize, usize) {
        match self {
            Self::Array(_, dtype) => (breadth(dtype), dtype.size()),
            Self::Lists(_) => (1, LIST),
        }
    }

    /// Adds the names of the columns and the fields of each row to `rows`.
    fn add(&self, name: &str, range: Range<u64>, names: &mut Vec<String>, rows: &mut [Vec<Vec<u8>>]) -> Result<()> {
        match self {
            Self::Array(file, _) => {
                let elements =
                    file.elements()?.ok_or_else(|| Error::Unsupported("a column that is no array".into()))?;
                let mut columns = vec![];
                add_columns(name, &elements.dtype, 0, &mut columns);
                let bytes = read_elements(file, &elements, range)?;
                let item = elements.dtype.size();
                for (i, fields) in rows.iter_mut().enumerate() {
                    let element = bytes.get(i * item..(i + 1) * item).unwrap_or(&[]);
                    fields.extend(columns.iter().map(|column| {
                        let mut field = vec![];
                        write_value(&column.dtype, element.get(column.at..).unwrap_or(&[]), &mut field);
                        field
                    }));
                }
                names.extend(columns.into_iter().map(|column| column.name));
            }
            Self::Lists(lists) => {
                let values = lists.values(range)?;
                for (fields, value) in rows.iter_mut().zip(values) {
                    fields.push(match value {
                        serde_json::Value::String(text) => text.into_bytes(),
                        value => value.to_string().into_bytes(),
                    });
                }
                names.push(name.into());
            }
        }
        Ok(())
    }
}

/// Bytes of a list, about.
const LIST: usize = 256;

impl Records {
    /// Of one array of `count` records.
    pub fn of_records(npy: &Arc<File>, dtype: &DType, count: u64) -> Option<Self> {
        Self::of_columns(vec![(String::new(), ColumnSource::Array(npy.clone(), dtype.clone()))], count)
    }

    /// Of columns with their names, `count` elements each; `None` if they are too many.
    pub fn of_columns(arrays: Vec<(String, ColumnSource)>, count: u64) -> Option<Self> {
        let width: usize = arrays.iter().map(|(_, source)| source.breadth().0).fold(0, usize::saturating_add);
        let bytes = arrays.iter().map(|(_, source)| source.breadth().1).fold(0, usize::saturating_add);
        let fits = (1..=MOST_COLUMNS).contains(&width) && count <= super::table::MOST_ROWS && bytes <= MOST_BYTES;
        // A long string is as much as many fields.
        fits.then_some(Self { count, width: width.max(bytes / FIELD) as u64, arrays })
    }
}

impl Rows for Records {
    fn count(&self) -> u64 {
        self.count
    }

    fn width(&self) -> u64 {
        self.width
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let (mut names, mut fields) = (vec![], vec![vec![]; (rows.end - rows.start) as usize]);
        for (name, source) in &self.arrays {
            source.add(name, rows.clone(), &mut names, &mut fields)?;
        }
        let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(text);
        if rows.start == 0 {
            writer.write_record(&names)?;
        }
        for row in fields {
            writer.write_record(&row)?;
        }
        writer.flush()?;
        Ok(())
    }
}

impl From<csv::Error> for Error {
    fn from(error: csv::Error) -> Self {
        Self::Io(error.into())
    }
}

/// The bytes of some elements of an `.npy` file.
pub(super) fn read_elements(file: &File, elements: &ArrayElements, range: Range<u64>) -> Result<Vec<u8>> {
    let item = elements.dtype.size() as u64;
    let mut bytes = vec![0; ((range.end - range.start) * item) as usize];
    let read = file.read_at(elements.start + range.start * item, &mut bytes)?;
    if read < bytes.len() {
        return Err(Error::Unsupported("an array that is shorter than its shape says".into()));
    }
    Ok(bytes)
}

/// How many columns values of a type take.
fn breadth(dtype: &DType) -> usize {
    match dtype {
        DType::Compound { fields, .. } => fields.iter().map(|f| breadth(&f.dtype)).fold(0, usize::saturating_add),
        DType::Array { base, dims } => dims.iter().fold(breadth(base), |n, d| n.saturating_mul(*d)),
        _ => 1,
    }
}

fn add_columns(name: &str, dtype: &DType, at: usize, columns: &mut Vec<CsvColumn>) {
    match dtype {
        DType::Compound { fields, .. } => {
            for field in fields {
                let dot = if name.is_empty() { "" } else { "." };
                add_columns(&format!("{name}{dot}{}", field.name), &field.dtype, at + field.offset, columns);
            }
        }
        DType::Array { base, dims } => {
            let count: usize = dims.iter().product();
            for i in 0..count {
                let mut rest = i;
                let mut place = String::new();
                for d in dims.iter().rev() {
                    place.insert_str(0, &format!("[{}]", rest % d));
                    rest /= d;
                }
                add_columns(&format!("{name}{place}"), base, at + i * base.size(), columns);
            }
        }
        other => columns.push(CsvColumn { name: name.into(), at, dtype: other.clone() }),
    }
}

/// The text of a number, kept in single precision.
pub(super) fn single(value: f64) -> String {
    number(&DType::F32, &(value as f32).to_ne_bytes())
}

/// The text of a number.
pub(super) fn double(value: f64) -> String {
    number(&DType::F64, &value.to_ne_bytes())
}

fn number(dtype: &DType, bytes: &[u8]) -> String {
    let mut text = Vec::new();
    write_value(dtype, bytes, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// The text of one value.
pub(super) fn write_value(dtype: &DType, bytes: &[u8], cell: &mut Vec<u8>) {
    // Writing to memory does not fail.
    let _ = match (dtype, value_json(dtype, bytes)) {
        // its bytes, whatever they are
        (DType::FixedString { size, .. }, _) => cell.write_all(unpadded(bytes.get(..*size).unwrap_or(bytes))),
        (DType::Enum { members, .. }, value) => {
            let name = members.iter().find(|(_, n)| value.as_i64().map(i128::from) == Some(*n));
            match name {
                Some((name, _)) => cell.write_all(name.as_bytes()),
                None => write!(cell, "{value}"),
            }
        }
        (DType::Float { .. }, serde_json::Value::String(special)) => cell.write_all(match &*special {
            "inf" => b"Inf",
            "-inf" => b"-Inf",
            _ => b"NaN",
        }),
        (DType::Complex { .. }, serde_json::Value::Array(parts)) => match &parts[..] {
            [re, im] => {
                let (re, im) = (re.to_string(), im.to_string());
                write!(cell, "{re}{}{im}j", if im.starts_with('-') { "" } else { "+" })
            }
            _ => Ok(()),
        },
        (_, serde_json::Value::String(text)) => cell.write_all(text.as_bytes()),
        (_, value) => write!(cell, "{value}"),
    };
}
