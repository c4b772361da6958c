//! Arrays that are kept with what stands along their axes, the first one being the sites.
//!
//! Such an array is a group: `array`, `shape_descr` with the names of the axes, and a dataset a name with what stands along
//! the axis, or how long it is. Of `extra` names there is one more axis, of columns.

use super::columns::NumberStyle;
use super::combinations::CellSource;
use crate::schema::SITECOL;
use crate::view::Result;
use crate::view::results::column::{ArrayColumn, CellValue};
use crate::view::source::ViewSource;
use crate::view::table::MOST_ROWS;

/// An array with its axes, the first one being the sites.
pub(super) struct Wrapped {
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

/// The cells of rows that are not all zeros, or positive where that is asked for.
#[derive(Debug)]
pub(super) struct KeptRows {
    pub array: ArrayColumn,
    /// Where those of the site start.
    pub first: u64,
    pub width: u64,
    pub positive: bool,
}

impl CellSource for KeptRows {
    fn cells(&self, place: u64) -> Result<Option<Vec<String>>> {
        let values = self.array.numbers(self.first + place..self.first + place + self.width)?;
        let kept = if self.positive { values.iter().all(|x| *x > 0.0) } else { values.iter().sum::<f64>() != 0.0 };
        Ok(kept
            .then(|| values.into_iter().map(|value| NumberStyle::Pandas.text("", &CellValue::Real(value))).collect()))
    }
}

/// A site, and what is said of it in comments.
pub(super) struct Site {
    pub id: u64,
    pub said: Vec<f64>,
}

/// The sites with these columns of the site collection; `None` if one is not there.
pub(super) fn sites(source: &ViewSource, names: &[&str]) -> Result<Option<Vec<Site>>> {
    let Some(ids) = ArrayColumn::find(source, &format!("{}/sids", SITECOL.key), None)?.and_then(ArrayColumn::short)
    else {
        return Ok(None);
    };
    let mut sites: Vec<Site> = ids.places(0..ids.count)?.into_iter().map(|id| Site { id, said: vec![] }).collect();
    for name in names {
        let found = ArrayColumn::find(source, &format!("{}/{name}", SITECOL.key), None)?;
        let Some(found) = found.and_then(ArrayColumn::short) else { return Ok(None) };
        sites.iter_mut().zip(found.numbers(0..found.count)?).for_each(|(site, value)| site.said.push(value));
    }
    Ok(Some(sites))
}
