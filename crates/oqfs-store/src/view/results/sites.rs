//! The site collection.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::column::ArrayColumn;
use super::{misshapen, names_of_columns};
use crate::geo::geodetic::{distance_of_units, to_unit};
use crate::geo::{Vec3, dot, sub};
use crate::schema::SITECOL;
use crate::view::Result;
use crate::view::cache::{Cache, FileId};
use crate::view::file::next_id;
use crate::view::source::ViewSource;

/// The column of the ids that users give to sites.
pub(in crate::view) const CUSTOM_ID: &str = "custom_site_id";
/// The column of the numbers of sites.
const NUMBERS: &str = "sids";
/// Sites that are read at a time.
const SITES: u64 = 1 << 16;
/// The bytes of a unit vector.
const UNIT: usize = size_of::<Vec3>();

/// The columns of the site collection that are exported.
#[derive(Debug)]
pub(in crate::view) struct Sites {
    pub count: u64,
    /// The identifier if there is one, longitude, latitude, depth.
    pub columns: Vec<(&'static str, ArrayColumn)>,
    /// True if no site has a depth, found when first asked for.
    at_sea_level: OnceLock<bool>,
    /// For what the cache keeps of them.
    id: FileId,
}

impl Sites {
    /// Those of the calculation; `None` if it has none.
    pub fn find(source: &ViewSource) -> Result<Option<Self>> {
        let mut columns = vec![];
        for name in [CUSTOM_ID, "lon", "lat", "depth"] {
            let found = ArrayColumn::find(source, &format!("{}/{name}", SITECOL.key), None)?;
            columns.extend(found.map(|column| (name, column)));
        }
        let whole = columns.iter().filter(|(name, _)| *name != CUSTOM_ID).count() == 3;
        let count = columns.first().map(|(_, column)| column.count);
        let count = count.filter(|n| whole && columns.iter().all(|(_, column)| column.count == *n));
        Ok(count.map(|count| Self { count, columns, at_sea_level: OnceLock::new(), id: next_id() }))
    }

    pub fn at_sea_level(&self) -> Result<bool> {
        if let Some(known) = self.at_sea_level.get() {
            return Ok(*known);
        }
        let (_, depth) = self.columns.last().ok_or_else(|| misshapen(SITECOL.key))?;
        let none = depth.numbers(0..self.count)?.iter().all(|depth| *depth == 0.0);
        Ok(*self.at_sea_level.get_or_init(|| none))
    }

    /// What is known of the ground below the sites: the other columns of the site collection with their names.
    pub fn parameters(&self, source: &ViewSource) -> Result<Vec<(String, ArrayColumn)>> {
        let is_place = |name: &String| name == NUMBERS || self.columns.iter().any(|(known, _)| name == known);
        let names = names_of_columns(source, SITECOL.key)?.unwrap_or_default();
        let mut parameters = vec![];
        for name in names.into_iter().filter(|name| !is_place(name)) {
            let found = ArrayColumn::find(source, &format!("{}/{name}", SITECOL.key), None)?;
            parameters.extend(found.filter(|column| column.count == self.count).map(|column| (name, column)));
        }
        Ok(parameters)
    }

    /// A column: `custom_site_id`, `lon`, `lat` or `depth`.
    pub fn column(&self, name: &str) -> Option<&ArrayColumn> {
        self.columns.iter().find(|(known, _)| *known == name).map(|(_, column)| column)
    }

    /// Longitude, latitude and depth of some sites.
    pub fn positions(&self, rows: Range<u64>) -> Result<Vec<Vec3>> {
        let numbers =
            |name| self.column(name).ok_or_else(|| misshapen(SITECOL.key)).and_then(|c| c.numbers(rows.clone()));
        let (lons, lats, depths) = (numbers("lon")?, numbers("lat")?, numbers("depth")?);
        Ok(lons.into_iter().zip(lats).zip(depths).map(|((lon, lat), depth)| [lon, lat, depth]).collect())
    }

    /// Calls `take` with the number and position of each site; less than all are in memory at a time.
    pub fn each_position(&self, mut take: impl FnMut(u64, Vec3)) -> Result<()> {
        for first in (0..self.count).step_by(SITES as usize) {
            let positions = self.positions(first..(first + SITES).min(self.count))?;
            (first..).zip(positions).for_each(|(site, position)| take(site, position));
        }
        Ok(())
    }

    /// The site that is nearest to a place on the sphere, the first one of several, and its distance in km. Depths do not count. `None` if
    /// no site has a place.
    pub fn nearest(&self, cache: &Cache, lon: f64, lat: f64) -> Result<Option<(u64, f64)>> {
        let place = to_unit(lon, lat);
        let units = self.units(cache)?;
        let mut best = (f64::INFINITY, None);
        for (site, unit) in vectors(&units).enumerate() {
            let chord = sub(unit, place);
            let square = dot(chord, chord);
            if square < best.0 {
                best = (square, Some((site, unit)));
            }
        }
        Ok(best.1.map(|(site, unit)| (site as u64, distance_of_units(unit, place))))
    }

    /// The unit vectors of all sites, which the cache keeps as it keeps blocks.
    fn units(&self, cache: &Cache) -> Result<Arc<Vec<u8>>> {
        let weight = (self.count as usize).saturating_mul(UNIT);
        cache.block(self.id, 0, weight, || {
            let mut bytes = Vec::with_capacity(weight);
            self.each_position(|_, [lon, lat, _]| {
                to_unit(lon, lat).iter().for_each(|x| bytes.extend(x.to_ne_bytes()));
            })?;
            Ok(bytes)
        })
    }

    /// The first site with this `custom_site_id`.
    pub fn of_custom_id(&self, id: &[u8]) -> Result<Option<u64>> {
        let Some(column) = self.column(CUSTOM_ID) else { return Ok(None) };
        for first in (0..self.count).step_by(SITES as usize) {
            let ids = column.csv_fields(first..(first + SITES).min(self.count))?;
            if let Some(at) = ids.iter().position(|found| found == id) {
                return Ok(Some(first + at as u64));
            }
        }
        Ok(None)
    }
}

/// Vectors from their bytes.
fn vectors(bytes: &[u8]) -> impl Iterator<Item = Vec3> {
    let (numbers, _) = bytes.as_chunks::<{ size_of::<f64>() }>();
    let (vectors, _) = numbers.as_chunks::<3>();
    vectors.iter().map(|[x, y, z]| [f64::from_ne_bytes(*x), f64::from_ne_bytes(*y), f64::from_ne_bytes(*z)])
}
