//! Site models: places with their site parameters, in XML (`<siteModel>`) or CSV (with a header, or bare coordinates).

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::xml::{Cursor, Step, Values, parse_number};
use super::{NrmlError, text};
use crate::gsim::Param;
use crate::nearest::nearest;

/// Places with parameters, structure of arrays: every column is as long as `lon`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteModel {
    /// Longitudes, degrees.
    pub lon: Vec<f64>,
    /// Latitudes, degrees.
    pub lat: Vec<f64>,
    /// Depths, km; zero where the file gives none.
    pub depth: Vec<f64>,
    /// Whether the file names its columns, unlike a list of bare coordinates.
    pub has_header: bool,
    /// The parameters that models of this program may require.
    pub params: BTreeMap<Param, Vec<f64>>,
    /// The codes of the amplification functions; empty where the file gives none.
    pub ampcodes: Vec<String>,
    /// What the user calls each place (`custom_site_id`); empty where the file does not say it.
    pub custom_ids: Vec<String>,
    /// Which GSIM logic tree each place has (`ilabel`); empty where the file does not say it.
    pub labels: Vec<u8>,
}

/// What a column of a site model may be.
enum Column {
    Lon,
    Lat,
    Depth,
    Param(Param),
    Ampcode,
    CustomId,
    Label,
    /// Known to the engine, of no use to any model here.
    Unused,
}

/// As many bytes as the engine has for the id of a site.
const LONGEST_ID: usize = 8;

/// Columns that the engine knows and no ground-motion model of this program asks for.
const UNUSED: &[&str] = &[
    "site_id",
    "geohash",
    "friction_mid",
    "cohesion_mid",
    "saturation",
    "dry_density",
    "Fs",
    "crit_accel",
    "unit",
    "liq_susc_cat",
    "dw",
    "yield_acceleration",
    "relief",
    "gwd",
    "cti",
    "dc",
    "dr",
    "dwb",
    "zwb",
    "tri",
    "hwater",
    "precip",
    "lithology",
    "landcover",
];

impl Column {
    fn of(name: &str) -> Result<Column, String> {
        match name {
            "lon" => Ok(Column::Lon),
            "lat" => Ok(Column::Lat),
            "depth" => Ok(Column::Depth),
            "ampcode" => Ok(Column::Ampcode),
            "custom_site_id" => Ok(Column::CustomId),
            "ilabel" => Ok(Column::Label),
            "vs30Type" => Ok(Column::Param(Param::Vs30Measured)),
            _ if UNUSED.contains(&name) => Ok(Column::Unused),
            _ => Param::from_name(name).map(Column::Param).ok_or_else(|| {
                let known = Param::ALL.iter().map(|p| p.name()).chain(UNUSED.iter().copied()).chain([
                    "depth",
                    "custom_site_id",
                    "ilabel",
                ]);
                let close = nearest(name, known);
                let hint =
                    if close.is_empty() { String::new() } else { format!("; did you mean {}?", close.join(", ")) };
                format!("{name:?} is not a site parameter{hint}")
            }),
        }
    }
}

impl Column {
    /// The texts that stand for values, if the column has no numbers.
    fn categories(&self) -> &'static [&'static str] {
        if let Column::Param(param) = self { param.categories() } else { &[] }
    }

    fn category(&self, cell: &str) -> Option<f64> {
        if let Column::Param(param) = self { param.parse(cell.trim()) } else { None }
    }
}

/// Read a site model by its extension: `.xml`, or else CSV.
pub fn read(path: &Path) -> Result<SiteModel, NrmlError> {
    let is_xml = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("xml"));
    let model = if is_xml { read_xml(path)? } else { read_csv(path)? };
    if model.lon.is_empty() {
        return Err(NrmlError::new(path, 0, "no site found"));
    }
    Ok(model)
}

fn read_xml(path: &Path) -> Result<SiteModel, NrmlError> {
    let mut cursor = Cursor::open(path)?;
    cursor.enter("siteModel")?;
    let values = Values::new(path);
    let mut rows = Rows::new(path);
    rows.model.has_header = true;
    while let Step::Open(node) = cursor.step()? {
        let (names, cells): (Vec<&str>, Vec<&str>) =
            node.attributes.iter().map(|(n, v)| (n.as_str(), v.as_str())).unzip();
        values.attribute(&node, "lon")?;
        values.attribute(&node, "lat")?;
        rows.header(&names, node.line)?;
        rows.push(&cells, node.line)?;
        cursor.skip()?;
    }
    cursor.finish()?;
    Ok(rows.model)
}

fn read_csv(path: &Path) -> Result<SiteModel, NrmlError> {
    let text = text::read(path)?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .comment(Some(b'#'))
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut rows = Rows::new(path);
    for record in reader.records() {
        let record = record.map_err(|e| NrmlError::new(path, 0, format!("malformed CSV: {e}")))?;
        let line = record.position().map_or(0, |p| p.line() as usize);
        let mut cells: Vec<&str> = record.iter().collect();
        if rows.columns.is_empty() {
            if cells.first().is_some_and(|c| parse_number(c).is_none()) {
                rows.header(&cells, line)?;
                rows.model.has_header = true;
                continue;
            }
            rows.header(&["lon", "lat", "depth"], line)?;
        }
        if !rows.model.has_header && cells.len() == 2 {
            cells.push("0");
        }
        rows.push(&cells, line)?;
    }
    Ok(rows.model)
}

/// Rows being collected under a header that stays the same.
struct Rows<'a> {
    path: &'a Path,
    names: Vec<String>,
    columns: Vec<Column>,
    model: SiteModel,
    seen: HashSet<(u64, u64)>,
}

impl<'a> Rows<'a> {
    fn new(path: &'a Path) -> Rows<'a> {
        Rows { path, names: Vec::new(), columns: Vec::new(), model: SiteModel::default(), seen: HashSet::new() }
    }

    fn error(&self, line: usize, message: impl Into<String>) -> NrmlError {
        NrmlError::new(self.path, line, message)
    }

    fn header(&mut self, names: &[&str], line: usize) -> Result<(), NrmlError> {
        if !self.columns.is_empty() {
            if self.names != names {
                let message =
                    format!("the parameters are {}; expected {}, as before", names.join(", "), self.names.join(", "));
                return Err(self.error(line, message));
            }
            return Ok(());
        }
        self.names = names.iter().map(|n| n.to_string()).collect();
        for name in names {
            let column = Column::of(name).map_err(|message| self.error(line, message))?;
            if let Column::Param(param) = column {
                self.model.params.insert(param, Vec::new());
            }
            self.columns.push(column);
        }
        for needed in ["lon", "lat"] {
            if !names.contains(&needed) {
                return Err(self.error(line, format!("the header lacks {needed}; found {}", names.join(", "))));
            }
        }
        Ok(())
    }

    fn push(&mut self, cells: &[&str], line: usize) -> Result<(), NrmlError> {
        if cells.len() != self.columns.len() {
            let message =
                format!("found {} values; expected {}: {}", cells.len(), self.columns.len(), self.names.join(", "));
            return Err(self.error(line, message));
        }
        let (mut lon, mut lat, mut depth) = (f64::NAN, f64::NAN, 0.0);
        for ((cell, column), name) in cells.iter().zip(&self.columns).zip(&self.names) {
            match column {
                Column::Unused => continue,
                Column::Ampcode => {
                    self.model.ampcodes.push(cell.trim().to_string());
                    continue;
                }
                Column::CustomId => {
                    let id = cell.trim();
                    if id.len() > LONGEST_ID {
                        let message = format!("{name} is {id:?}; expected no more than {LONGEST_ID} bytes");
                        return Err(self.error(line, message));
                    }
                    self.model.custom_ids.push(id.to_string());
                    continue;
                }
                Column::Label => {
                    let label = cell.trim().parse().map_err(|_| {
                        self.error(line, format!("{name} is {cell:?}; expected a whole number within [0, 255]"))
                    })?;
                    self.model.labels.push(label);
                    continue;
                }
                _ => {}
            }
            let categories = column.categories();
            let value = match categories {
                // any word but one means that it was not (engine behaviour)
                [] if name == "vs30Type" => number(cell).or(Some(0.0)),
                [] => number(cell),
                _ => column.category(cell),
            };
            let value = value.ok_or_else(|| {
                let accepted = match categories {
                    [] => "a finite number".to_string(),
                    categories => format!("one of {}", categories.join(", ")),
                };
                NrmlError::new(self.path, line, format!("{name} is {cell:?}; expected {accepted}"))
            })?;
            match column {
                Column::Lon => lon = round5(value),
                Column::Lat => lat = round5(value),
                Column::Depth => depth = value,
                Column::Param(param) => self.model.params.entry(*param).or_default().push(value),
                // passed over above
                Column::Ampcode | Column::CustomId | Column::Label | Column::Unused => {}
            }
        }
        if !(-180.0..=180.0).contains(&lon) || !(-90.0..=90.0).contains(&lat) {
            let message = format!(
                "the site {lon} {lat} is not on the globe; expected longitude in [-180, 180], latitude in [-90, 90]"
            );
            return Err(self.error(line, message));
        }
        if !self.seen.insert((lon.to_bits(), lat.to_bits())) {
            return Err(self.error(line, format!("the site {lon} {lat} is there twice")));
        }
        self.model.lon.push(lon);
        self.model.lat.push(lat);
        self.model.depth.push(depth);
        Ok(())
    }
}

/// A number, or a truth value as 0 or 1 (`vs30Type` and `vs30measured` come as words too).
fn number(cell: &str) -> Option<f64> {
    match cell.trim().to_ascii_lowercase().as_str() {
        "true" | "measured" => Some(1.0),
        "false" | "inferred" => Some(0.0),
        _ => parse_number(cell),
    }
}

/// Coordinates of sites are rounded to five digits, about a metre, as numpy rounds: by way of the product. Those of sources are as Python
/// rounds, see [`five_digits`](super::xml::five_digits).
pub fn round5(x: f64) -> f64 {
    (x * 1e5).round_ties_even() / 1e5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(name: &str, text: &str) -> Result<SiteModel, NrmlError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn csv_and_xml_agree() {
        let csv = parse("s.csv", "lon,lat,vs30,vs30measured\n13.4,42.35,620,1\n13.5,42.4,300,0\n").unwrap();
        let xml = "<nrml><siteModel>\
            <site lon='13.4' lat='42.35' vs30='620' vs30measured='true'/>\
            <site lon='13.5' lat='42.4' vs30='300' vs30measured='false'/></siteModel></nrml>";
        assert_eq!(parse("s.xml", xml).unwrap(), csv);
        let words = xml.replace("vs30measured='true'", "vs30Type='measured'");
        let words = words.replace("vs30measured='false'", "vs30Type='inferred'");
        assert_eq!(parse("s.xml", &words).unwrap(), csv);
        assert_eq!(csv.params[&Param::Vs30], [620.0, 300.0]);
    }

    #[test]
    fn what_a_model_asks_for_is_read() {
        for name in UNUSED {
            assert!(Param::from_name(name).is_none(), "{name}");
        }
        assert_eq!(parse("s.csv", "lon,lat,bas\n11.5,44.8,1\n").unwrap().params[&Param::Bas], [1.0]);
    }

    #[test]
    fn ids_of_places_are_kept() {
        let csv =
            parse("s.csv", "custom_site_id,lon,lat,vs30\nAmatrice,13.29,42.63,760\n b1 ,13.1,42.7,300\n").unwrap();
        assert_eq!(csv.custom_ids, ["Amatrice", "b1"]);
        let xml = "<nrml><siteModel><site custom_site_id='x' lon='13.4' lat='42.35'/></siteModel></nrml>";
        assert_eq!(parse("s.xml", xml).unwrap().custom_ids, ["x"]);
    }

    #[test]
    fn bare_coordinates() {
        let model = parse("s.csv", "13.4,42.35,-0.5\n13.123456,42.4\n").unwrap();
        assert_eq!((model.lon[1], &model.depth[..]), (13.12346, &[-0.5, 0.0][..]));
    }

    #[test]
    fn mistakes_are_named() {
        let cases = [
            ("lon,lat,vs3O\n1,2,3\n", "line 1: \"vs3O\" is not a site parameter; did you mean vs30"),
            ("lon,lat,vs30\n1,2\n", "line 2: found 2 values; expected 3"),
            ("lon,lat,vs30\n1,2,fast\n", "line 2: vs30 is \"fast\""),
            ("lon,lat,vs30\n1,92,300\n", "line 2: the site 1 92 is not on the globe"),
            ("lon,lat,siteclass\n1,2,F\n", "line 2: siteclass is \"F\"; expected one of A, B, C, D, E"),
            ("lon,lat\n1,2\n1,2\n", "line 3: the site 1 2 is there twice"),
            ("lat,vs30\n1,2\n", "the header lacks lon"),
            (
                "lon,lat,custom_site_id\n1,2,Amatrice\n1,3,Accumoli2\n",
                "line 3: custom_site_id is \"Accumoli2\"; expected no",
            ),
            ("", "no site found"),
        ];
        for (text, expected) in cases {
            let message = parse("s.csv", text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
    }
}
