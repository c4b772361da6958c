//! The site collection.

use std::sync::{Arc, OnceLock};

use super::{array, misshapen};
use crate::datastore::read::value_json;
use crate::view::Result;
use crate::view::csv::read_elements;
use crate::view::file::{Elements, File};
use crate::view::source::Source;

/// The columns of the site collection that are exported.
#[derive(Debug)]
pub(super) struct Sites {
    pub count: u64,
    /// The identifier if there is one, longitude, latitude, depth.
    pub columns: Vec<(&'static str, Arc<File>, Elements)>,
    /// True if no site has a depth, found when first asked for.
    at_sea_level: OnceLock<bool>,
}

impl Sites {
    /// Those of the calculation; `None` if it has none.
    pub fn find(source: &Source) -> Result<Option<Self>> {
        let mut columns = vec![];
        let mut counts = vec![];
        for name in ["custom_site_id", "lon", "lat", "depth"] {
            let found = array(source, &format!("sitecol/{name}"))?;
            let Some((_, npy)) = found else { continue };
            let Some(elements) = npy.elements()? else { continue };
            counts.push(npy.size()?.saturating_sub(elements.start) / elements.dtype.size().max(1) as u64);
            columns.push((name, npy, elements));
        }
        let whole = columns.iter().filter(|(name, ..)| *name != "custom_site_id").count() == 3;
        let count = counts.first().copied().filter(|n| whole && counts.iter().all(|other| other == n));
        Ok(count.map(|count| Self { count, columns, at_sea_level: OnceLock::new() }))
    }

    pub fn at_sea_level(&self) -> Result<bool> {
        if let Some(known) = self.at_sea_level.get() {
            return Ok(*known);
        }
        let (_, depth, elements) = self.columns.last().ok_or_else(|| misshapen("sitecol"))?;
        let bytes = read_elements(depth, elements, 0..self.count)?;
        let none =
            bytes.chunks_exact(elements.dtype.size()).all(|x| value_json(&elements.dtype, x).as_f64() == Some(0.0));
        Ok(*self.at_sea_level.get_or_init(|| none))
    }
}
