//! Tables of arrays of several axes: a row for every combination of what stands along them.

use std::ops::Range;

use super::format::Comment;
use super::table_writer;
use crate::view::table::{MOST_ROWS, Rows};
use crate::view::{Error, Result};

/// What stands along an axis: the cells of the rows, and how far into the array it leads.
pub(super) type AxisCells = Vec<(Vec<String>, u64)>;

/// An axis of one cell a place, `step` apart in the array.
pub(super) fn axis(cells: impl IntoIterator<Item = String>, step: u64) -> AxisCells {
    (0..).zip(cells).map(|(i, cell)| (vec![cell], i * step)).collect()
}

/// The axes of an array whose last one has its places `step` apart, by the cells along each; and how long the array is.
pub(super) fn axes(cells: impl DoubleEndedIterator<Item = Vec<String>>, mut step: u64) -> (Vec<AxisCells>, u64) {
    let of_cells = |cells: Vec<String>| {
        let (extent, apart) = (cells.len() as u64, step);
        step *= extent;
        axis(cells, apart)
    };
    let mut axes: Vec<AxisCells> = cells.rev().map(of_cells).collect();
    axes.reverse();
    (axes, step)
}

/// The cells after those of the axes.
pub(super) trait CellSource: std::fmt::Debug + Send + Sync {
    /// Those at a place of the array; `None` if there is no such row.
    ///
    /// # Errors
    /// If the array cannot be read.
    fn cells(&self, place: u64) -> Result<Option<Vec<String>>>;
}

/// A row for every combination of what stands along axes, the last axis changing fastest.
#[derive(Debug)]
pub(super) struct Combinations<V> {
    comment: Comment,
    header: Vec<String>,
    axes: Vec<AxisCells>,
    values: V,
    count: u64,
}

impl<V: CellSource> Combinations<V> {
    /// `None` if they are too many for a table.
    pub fn new(comment: Comment, header: Vec<String>, axes: Vec<AxisCells>, values: V) -> Option<Self> {
        let count = axes.iter().map(|axis| axis.len() as u64).fold(1, u64::saturating_mul);
        (count <= MOST_ROWS).then_some(Self { comment, header, axes, values, count })
    }

    /// What stands along the axes for a row, and where in the array that is.
    fn chosen(&self, row: u64) -> (Vec<&[String]>, u64) {
        let (mut rest, mut place) = (row, 0);
        let mut chosen = vec![];
        for axis in self.axes.iter().rev() {
            let extent = axis.len().max(1) as u64;
            if let Some((cells, offset)) = axis.get((rest % extent) as usize) {
                chosen.push(cells.as_slice());
                place += offset;
            }
            rest /= extent;
        }
        chosen.reverse();
        (chosen, place)
    }
}

impl<V: CellSource> Rows for Combinations<V> {
    fn count(&self) -> u64 {
        self.count
    }

    fn width(&self) -> u64 {
        self.header.len() as u64
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let mut writer = table_writer(text, &rows, &self.comment, &self.header)?;
        for row in rows {
            let (chosen, place) = self.chosen(row);
            if let Some(values) = self.values.cells(place)? {
                writer.write_record(chosen.into_iter().flatten().chain(&values))?;
            }
        }
        writer.flush().map_err(Error::Io)
    }
}
