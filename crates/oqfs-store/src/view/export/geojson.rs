//! `hazard_map-STAT_N.geojson`, `quantile_map-Q_N.geojson`: a map as features for GIS (RFC 7946), beside the CSV file of its name. No
//! export of the engine has it.
//!
//! A feature is a site: a point, or a cell if the sites are on a [`Grid`]. A cell across the date line is two polygons. The properties are
//! the number of the site, its id, and the level for each intensity measure and probability, under the names of the columns of the CSV file.
//! Members of the collection say the units and the return periods.

use std::ops::Range;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};

use super::format::repr;
use super::{Calculation, Exports, add};
use crate::view::Result;
use crate::view::csv::single;
use crate::view::results::{CUSTOM_ID, Grid, SiteArray, return_period, unit};
use crate::view::source::ViewSource;
use crate::view::table::Rows;

/// The text that a feature has beside the values, in fields, about.
const GEOMETRY: u64 = 12;

/// Adds the map of a kind, the `k`th of an array of maps, beside the CSV file of this name.
pub(super) fn add_map(
    source: &ViewSource,
    calculation: &Calculation,
    files: &mut Exports,
    csv_name: &str,
    maps: &SiteArray,
    k: usize,
) {
    let stem = csv_name.trim_end_matches(".csv");
    let names = maps.imts.iter().flat_map(|imt| maps.poes.iter().map(move |poe| format!("{imt}-{}", repr(*poe))));
    let features = Features {
        head: head(stem, calculation, maps),
        // as they stand in the text
        names: names.map(|name| Value::from(name).to_string()).collect(),
        places: maps.places(k, 0).start..maps.places(k, maps.imts.len().saturating_sub(1)).end,
        maps: maps.clone(),
        grid: OnceLock::new(),
    };
    add(source, files, format!("{stem}.geojson"), features);
}

/// The members of the collection before its features.
fn head(stem: &str, calculation: &Calculation, maps: &SiteArray) -> String {
    let units = maps.imts.iter().map(|imt| (imt.clone(), unit(imt).into()));
    let mut members =
        Map::from_iter([("type".to_string(), "FeatureCollection".into()), ("name".to_string(), stem.into())]);
    members.insert("units".into(), Value::Object(units.collect()));
    if let Some(time) = calculation.job.number("investigation_time") {
        // a decimal of a year
        let years = |poe: f64| (return_period(poe, time) * 10.0).round() / 10.0;
        let periods = maps.poes.iter().map(|poe| (repr(*poe), years(*poe).into()));
        members.insert("investigation_time_years".into(), time.into());
        members.insert("return_period_years".into(), Value::Object(periods.collect()));
    }
    let text = Value::Object(members).to_string();
    format!("{},\"features\":[\n", text.strip_suffix('}').unwrap_or(&text))
}

/// A feature a site.
#[derive(Debug)]
struct Features {
    head: String,
    /// Of the properties that are levels.
    names: Vec<String>,
    /// Where the levels are among the elements of a site.
    places: Range<usize>,
    maps: SiteArray,
    /// The grid that the sites are on, found when first asked for.
    grid: OnceLock<Option<Grid>>,
}

impl Features {
    fn grid(&self) -> Result<Option<&Grid>> {
        if let Some(grid) = self.grid.get() {
            return Ok(grid.as_ref());
        }
        let mut places = Vec::with_capacity(self.maps.sites.count as usize);
        self.maps.sites.each_position(|_, [lon, lat, _]| places.push((lon, lat)))?;
        Ok(self.grid.get_or_init(|| Grid::of(&places)).as_ref())
    }
}

impl Rows for Features {
    fn count(&self) -> u64 {
        self.maps.sites.count
    }

    fn width(&self) -> u64 {
        self.names.len() as u64 + GEOMETRY
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let sites = &self.maps.sites;
        if rows.start == 0 {
            text.extend(self.head.as_bytes());
        }
        let positions = sites.positions(rows.clone())?;
        let ids = sites.column(CUSTOM_ID).map(|column| column.json(rows.clone())).transpose()?;
        for (i, (site, [lon, lat, _])) in rows.clone().zip(positions).enumerate() {
            let geometry = geometry(self.grid()?, lon, lat);
            let mut feature = format!(
                "{{\"type\":\"Feature\",\"id\":{site},\"geometry\":{geometry},\"properties\":{{\"site_id\":{site}"
            );
            if let Some(id) = ids.as_ref().and_then(|ids| ids.get(i)) {
                feature += &format!(",\"{CUSTOM_ID}\":{id}");
            }
            for (name, level) in self.names.iter().zip(self.maps.values(site, self.places.clone())?) {
                // JSON has no number for what is none
                let level = if level.is_finite() { single(level) } else { "null".to_string() };
                feature += &format!(",{name}:{level}");
            }
            feature += if site + 1 < sites.count { "}},\n" } else { "}}\n" };
            text.extend(feature.as_bytes());
        }
        if rows.end == sites.count {
            text.extend(b"]}\n");
        }
        Ok(())
    }
}

/// The geometry of a site: a cell of the grid, else a point; null if it has no place.
fn geometry(grid: Option<&Grid>, lon: f64, lat: f64) -> Value {
    if !lon.is_finite() || !lat.is_finite() {
        return Value::Null;
    }
    let Some(cell) = grid.and_then(|grid| grid.cell(lon, lat)) else {
        return json!({"type": "Point", "coordinates": [rounded(lon), rounded(lat)]});
    };
    let ring = |west: f64, east: f64| {
        let [west, south, east, north] = [west, cell.south, east, cell.north].map(rounded);
        json!([[[west, south], [east, south], [east, north], [west, north], [west, south]]])
    };
    let parts = if cell.west < -180.0 {
        [ring(cell.west + 360.0, 180.0), ring(-180.0, cell.east)]
    } else if cell.east > 180.0 {
        [ring(cell.west, 180.0), ring(-180.0, cell.east - 360.0)]
    } else {
        return json!({"type": "Polygon", "coordinates": ring(cell.west, cell.east)});
    };
    json!({"type": "MultiPolygon", "coordinates": parts})
}

/// Degrees to a decimetre, west of the date line above 180.
fn rounded(degrees: f64) -> f64 {
    let degrees = if degrees > 180.0 { degrees - 360.0 } else { degrees };
    (degrees * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_across_the_date_line_is_two_polygons() {
        let places: Vec<_> = (0..6).map(|i| (f64::from(i % 3) * 0.5 - 0.5, f64::from(i / 3))).collect();
        let at_line: Vec<_> =
            places.iter().map(|(x, lat)| (if *x > 0.0 { x - 180.0 } else { x + 180.0 }, *lat)).collect();
        let grid = Grid::of(&at_line).unwrap();
        let found = geometry(Some(&grid), 180.0, 0.0);
        assert_eq!(found["type"], "MultiPolygon");
        assert_eq!(found["coordinates"][0][0][0], json!([179.75, -0.5]));
        assert_eq!(found["coordinates"][1][0][1], json!([-179.75, -0.5]));
        // from the south-west corner against the clock
        let plain = geometry(Some(&grid), 179.5, 0.0);
        let ring = json!([[179.25, -0.5], [179.75, -0.5], [179.75, 0.5], [179.25, 0.5], [179.25, -0.5]]);
        assert_eq!(plain, json!({"type": "Polygon", "coordinates": [ring]}));
    }

    #[test]
    fn a_place_that_is_on_no_grid_is_a_point() {
        assert_eq!(geometry(None, 190.0, -17.0), json!({"type": "Point", "coordinates": [-170.0, -17.0]}));
        assert_eq!(geometry(None, f64::NAN, -17.0), Value::Null);
    }
}
