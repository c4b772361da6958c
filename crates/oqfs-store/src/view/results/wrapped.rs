//! Arrays that are kept with what stands along their axes, the first one being the sites.
//!
//! Such an array is a group: `array`, `shape_descr` with the names of the axes, and a dataset a name with what stands along
//! the axis, or how long it is. Of `extra` names there is one more axis, of columns.

use super::column::{ArrayColumn, CellValue};
use crate::view::Result;
use crate::view::source::ViewSource;
use crate::view::table::MOST_ROWS;

/// An array with its axes, the first one being the sites.
pub(in crate::view) struct Wrapped {
    pub array: ArrayColumn,
    /// What stands along each axis.
    pub axes: Vec<(String, Vec<CellValue>)>,
    pub extra: Vec<String>,
}

impl Wrapped {
    /// `None` if there is no such group, or its array has another shape than its axes say.
    pub fn find(source: &ViewSource, group: &str) -> Result<Option<Self>> {
        let column = |name: &str| ArrayColumn::find(source, &format!("{group}/{name}"), None);
        let short = |name: &str| -> Result<Option<ArrayColumn>> { Ok(column(name)?.and_then(ArrayColumn::short)) };
        let texts = |name: &str| short(name)?.map(|found| found.texts(0..found.count)).transpose();
        let (Some(array), Some(names), Some(extra)) = (column("array")?, texts("shape_descr")?, texts("extra")?) else {
            return Ok(None);
        };
        let mut axes = vec![];
        for name in names {
            let Some(found) = short(&name)? else { return Ok(None) };
            let cells = match &found.cells(0..found.count)?[..] {
                [CellValue::Integer(extent @ 1..)] if *extent <= i128::from(array.count.min(MOST_ROWS)) => {
                    (0..*extent).map(CellValue::Integer).collect()
                }
                cells => cells.to_vec(),
            };
            axes.push((name, cells));
        }
        let extents = axes.iter().map(|(_, cells)| cells.len() as u64).chain([extra.len() as u64]);
        let fits = extents.fold(1, u64::saturating_mul) == array.count && !axes.is_empty() && array.count > 0;
        Ok(fits.then_some(Self { array, axes, extra }))
    }
}
