//! The site collection.

use std::sync::OnceLock;

use super::column::ArrayColumn;
use super::misshapen;
use crate::schema::SITECOL;
use crate::view::Result;
use crate::view::source::ViewSource;

/// The columns of the site collection that are exported.
#[derive(Debug)]
pub(in crate::view) struct Sites {
    pub count: u64,
    /// The identifier if there is one, longitude, latitude, depth.
    pub columns: Vec<(&'static str, ArrayColumn)>,
    /// True if no site has a depth, found when first asked for.
    at_sea_level: OnceLock<bool>,
}

impl Sites {
    /// Those of the calculation; `None` if it has none.
    pub fn find(source: &ViewSource) -> Result<Option<Self>> {
        let mut columns = vec![];
        for name in ["custom_site_id", "lon", "lat", "depth"] {
            let found = ArrayColumn::find(source, &format!("{}/{name}", SITECOL.key), None)?;
            columns.extend(found.map(|column| (name, column)));
        }
        let whole = columns.iter().filter(|(name, _)| *name != "custom_site_id").count() == 3;
        let count = columns.first().map(|(_, column)| column.count);
        let count = count.filter(|n| whole && columns.iter().all(|(_, column)| column.count == *n));
        Ok(count.map(|count| Self { count, columns, at_sea_level: OnceLock::new() }))
    }

    pub fn at_sea_level(&self) -> Result<bool> {
        if let Some(known) = self.at_sea_level.get() {
            return Ok(*known);
        }
        let (_, depth) = self.columns.last().ok_or_else(|| misshapen(SITECOL.key))?;
        let none = depth.numbers(0..self.count)?.iter().all(|depth| *depth == 0.0);
        Ok(*self.at_sea_level.get_or_init(|| none))
    }
}
