//! Rows of arrays that are kept with what stands along their axes, and the sites they are of.

use super::columns::NumberStyle;
use super::combinations::CellSource;
use crate::schema::SITECOL;
use crate::view::Result;
use crate::view::results::column::{ArrayColumn, CellValue};
use crate::view::source::ViewSource;

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
