//! Tables of columns side by side.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::OnceLock;

use super::format::{Comment, scientific};
use super::{csv_writer, write_head};
use crate::view::results::column::{ArrayColumn, CellValue, places};
use crate::view::results::misshapen;
use crate::view::table::{MOST_ROWS, Rows};
use crate::view::{Error, Result};

/// How the engine writes the values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum NumberStyle {
    /// As its own writer does, with so many digits, but of positions with five decimals.
    Own(usize),
    /// As pandas does.
    Pandas,
}

impl NumberStyle {
    /// The text of a value of the column `name`.
    pub fn text(self, name: &str, cell: &CellValue) -> String {
        match (cell, self) {
            (CellValue::Text(text), _) => text.clone(),
            (CellValue::Integer(n), _) => n.to_string(),
            (CellValue::Real(x), NumberStyle::Own(_)) if matches!(name, "lon" | "lat" | "depth") => format!("{x:.5}"),
            (CellValue::Real(x), NumberStyle::Own(digits)) => scientific(*x, digits, true),
            (CellValue::Real(x), NumberStyle::Pandas) if x.is_nan() => "nan".into(),
            (CellValue::Real(x), NumberStyle::Pandas) if *x == 0.0 && x.is_sign_negative() => "-0.00000E+00".into(),
            (CellValue::Real(x), NumberStyle::Pandas) => scientific(*x, 5, true),
            (CellValue::Flag(flag), NumberStyle::Own(_)) => u8::from(*flag).to_string(),
            (CellValue::Flag(true), NumberStyle::Pandas) => "True".into(),
            (CellValue::Flag(false), NumberStyle::Pandas) => "False".into(),
        }
    }
}

/// A column with its name.
#[derive(Debug)]
pub(super) struct Shown {
    name: String,
    column: ArrayColumn,
    /// Where the values stand if those of the column are places in it.
    lookup: Option<ArrayColumn>,
}

impl Shown {
    pub fn new(name: impl Into<String>, column: ArrayColumn) -> Self {
        Self { name: name.into(), column, lookup: None }
    }

    /// The values of `lookup` at the places that the column has.
    pub fn through(name: impl Into<String>, column: ArrayColumn, lookup: ArrayColumn) -> Self {
        Self { name: name.into(), column, lookup: Some(lookup) }
    }

    fn cells_at(&self, at: &[u64]) -> Result<Vec<CellValue>> {
        let cells = self.column.cells_at(at)?;
        match &self.lookup {
            Some(lookup) => lookup.cells_at(&places(&cells)?),
            None => Ok(cells),
        }
    }
}

/// Which rows there are: those where a number is positive, but for those of some ids.
#[derive(Debug)]
pub(super) struct Positive {
    pub numbers: ArrayColumn,
    pub ids: ArrayColumn,
    pub without: Vec<u64>,
}

impl Positive {
    /// Those of some places.
    fn of(&self, at: &[u64]) -> Result<Vec<u64>> {
        let (numbers, ids) = (self.numbers.cells_at(at)?, places(&self.ids.cells_at(at)?)?);
        let positive = |cell: &CellValue| matches!(cell, CellValue::Real(x) if *x > 0.0);
        let found = at.iter().zip(&numbers).zip(&ids);
        Ok(found.filter(|((_, x), id)| positive(x) && !self.without.contains(id)).map(|((at, _), _)| *at).collect())
    }
}

/// A row for each place of columns of one length.
#[derive(Debug)]
pub(super) struct ColumnRows {
    comment: Comment,
    style: NumberStyle,
    columns: Vec<Shown>,
    /// What the rows are sorted by, the most significant first; nothing if they stand as they are.
    keys: Vec<Shown>,
    /// The place of each row, if they are sorted: found when first asked for.
    order: OnceLock<Vec<u32>>,
    /// Which rows there are; all of them if it is nothing.
    positive: Option<Positive>,
    count: u64,
}

impl ColumnRows {
    /// `None` if the columns are not of one length, or too long for a table.
    pub fn new(comment: &Comment, style: NumberStyle, columns: Vec<Shown>) -> Option<Self> {
        let count = columns.first()?.column.count;
        let fit = count <= MOST_ROWS && columns.iter().all(|shown| shown.column.count == count);
        let (comment, keys, order) = (comment.clone(), vec![], OnceLock::new());
        fit.then_some(Self { comment, style, columns, keys, order, positive: None, count })
    }

    /// Some of the rows alone.
    pub fn only(mut self, positive: Positive) -> Option<Self> {
        let fit = [&positive.numbers, &positive.ids].iter().all(|column| column.count == self.count);
        self.positive = Some(positive);
        fit.then_some(self)
    }

    /// Rows sorted by integers.
    pub fn sorted_by(mut self, keys: Vec<Shown>) -> Option<Self> {
        let fit = keys.iter().all(|key| key.column.count == self.count);
        self.keys = keys;
        fit.then_some(self)
    }

    /// The places of some rows.
    fn places(&self, rows: Range<u64>) -> Result<Vec<u64>> {
        if self.keys.is_empty() {
            return Ok(rows.collect());
        }
        if self.order.get().is_none() {
            let keys = self.keys.iter().map(|key| self.all_places(key)).collect::<Result<Vec<_>>>()?;
            let mut order: Vec<u32> = (0..self.count as u32).collect();
            let compare = |key: &Vec<u64>, a: u32, b: u32| key.get(a as usize).cmp(&key.get(b as usize));
            order.sort_by(|a, b| keys.iter().fold(Ordering::Equal, |found, key| found.then(compare(key, *a, *b))));
            self.order.get_or_init(|| order);
        }
        let order = self.order.get().and_then(|order| order.get(rows.start as usize..rows.end as usize));
        Ok(order.ok_or_else(|| misshapen("a column"))?.iter().map(|row| u64::from(*row)).collect())
    }

    /// All values of a key, read a part at a time.
    fn all_places(&self, key: &Shown) -> Result<Vec<u64>> {
        const PART: u64 = 1 << 16;
        let mut all = Vec::with_capacity(self.count as usize);
        for start in (0..self.count).step_by(PART as usize) {
            let part: Vec<u64> = (start..self.count.min(start + PART)).collect();
            all.extend(places(&key.cells_at(&part)?)?);
        }
        Ok(all)
    }
}

impl Rows for ColumnRows {
    fn count(&self) -> u64 {
        self.count
    }

    fn width(&self) -> u64 {
        self.columns.len() as u64
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let mut writer = csv_writer(text);
        if rows.start == 0 {
            let names: Vec<&str> = self.columns.iter().map(|shown| shown.name.as_str()).collect();
            write_head(&mut writer, &self.comment, &names)?;
        }
        let mut at = self.places(rows)?;
        if let Some(positive) = &self.positive {
            at = positive.of(&at)?;
        }
        let cells = self.columns.iter().map(|shown| shown.cells_at(&at)).collect::<Result<Vec<_>>>()?;
        for row in 0..at.len() {
            for (shown, cells) in self.columns.iter().zip(&cells) {
                writer.write_field(cells.get(row).map_or(String::new(), |cell| self.style.text(&shown.name, cell)))?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush().map_err(Error::Io)
    }
}
