//! Exposure models: of the assets at risk only where they are, which is what hazard asks for.
//!
//! A file is XML, `<exposureModel>`; its `<assets>` hold the assets themselves or the names of CSV files that do, one asset a row.
//! `<exposureFields>` may give the columns of these other names.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::site_model::round5;
use super::xml::{Cursor, Step, Values, XmlNode, parse_number};
use super::{NrmlError, text};

/// Longitude and latitude of an asset, degrees.
pub type Location = (f64, f64);

/// The CSV files that an exposure model names, relative ones resolved from its folder; none if it holds its assets itself.
///
/// # Errors
/// If the file is no exposure model.
pub fn data_files(path: &Path) -> Result<Vec<PathBuf>, NrmlError> {
    let (_, _, content) = open(path)?;
    Ok(match content {
        Content::Files(files) => files,
        Content::Asset(_) => Vec::new(),
    })
}

/// The places of all assets of an exposure model, rounded to five digits, in the order of the files.
///
/// # Errors
/// If a file is malformed, an asset has no place on the globe, two have the same id, or there is none.
pub fn read(path: &Path) -> Result<Vec<Location>, NrmlError> {
    let (mut cursor, fields, content) = open(path)?;
    let mut assets = Assets::default();
    match content {
        Content::Asset(first) => {
            read_xml(path, &mut cursor, first, &mut assets)?;
            finish(&mut cursor)?;
        }
        Content::Files(files) => {
            finish(&mut cursor)?;
            files.iter().try_for_each(|file| read_csv(file, &fields, &mut assets))?;
        }
    }
    Ok(assets.places)
}

/// Go from the end of `<assets>` to that of the file.
fn finish(cursor: &mut Cursor) -> Result<(), NrmlError> {
    while let Step::Open(_) = cursor.step()? {
        cursor.skip()?;
    }
    cursor.finish()
}

/// What `<assets>` hold.
enum Content {
    /// The first asset, whose start was just met.
    Asset(XmlNode),
    Files(Vec<PathBuf>),
}

/// The columns of the CSV files.
struct Fields {
    id: String,
    lon: String,
    lat: String,
}

/// Go to the first asset, or to the end of the names of files.
fn open(path: &Path) -> Result<(Cursor, Fields, Content), NrmlError> {
    let mut cursor = Cursor::open(path)?;
    cursor.enter("exposureModel")?;
    let mut fields = Fields { id: "id".into(), lon: "lon".into(), lat: "lat".into() };
    loop {
        match cursor.step()? {
            Step::Open(node) if node.tag == "assets" => {
                let content = content(path, &mut cursor, node)?;
                return Ok((cursor, fields, content));
            }
            Step::Open(node) if node.tag == "exposureFields" => {
                let values = Values::new(path);
                for field in cursor.subtree(node)?.children {
                    let input = values.attribute(&field, "input")?.to_string();
                    match values.attribute(&field, "oq")? {
                        "id" => fields.id = input,
                        "lon" => fields.lon = input,
                        "lat" => fields.lat = input,
                        _ => {}
                    }
                }
            }
            Step::Open(_) => cursor.skip()?,
            Step::Close | Step::End => {
                return Err(cursor.error("<exposureModel> lacks <assets>; expected assets, or the names of CSV files"));
            }
        }
    }
}

fn content(path: &Path, cursor: &mut Cursor, assets: XmlNode) -> Result<Content, NrmlError> {
    let mut names = String::new();
    match cursor.step_with_text(&mut names)? {
        Step::Open(node) if node.tag == "asset" => Ok(Content::Asset(node)),
        Step::Open(node) => Err(cursor.error(format!("found <{}> inside <assets>; expected <asset>", node.tag))),
        Step::Close | Step::End => {
            let folder = path.parent().unwrap_or(Path::new("."));
            let files: Vec<PathBuf> = names.split_whitespace().map(|name| folder.join(name)).collect();
            if files.is_empty() {
                let message = "<assets> is empty; expected assets, or the names of CSV files";
                return Err(NrmlError::new(path, assets.line, message));
            }
            Ok(Content::Files(files))
        }
    }
}

/// The assets from the one on whose start tag the cursor stands.
fn read_xml(path: &Path, cursor: &mut Cursor, first: XmlNode, assets: &mut Assets) -> Result<(), NrmlError> {
    let values = Values::new(path);
    let mut next = Step::Open(first);
    while let Step::Open(node) = next {
        if node.tag != "asset" {
            return Err(values.error(&node, format!("found <{}> inside <assets>; expected <asset>", node.tag)));
        }
        let asset = cursor.subtree(node)?;
        let id = values.attribute(&asset, "id")?;
        let location = values.descendant(&asset, &["location"])?;
        let place = (values.number(location, "lon")?, values.number(location, "lat")?);
        assets.add(id, place).map_err(|message| values.error(location, message))?;
        next = cursor.step()?;
    }
    Ok(())
}

fn read_csv(path: &Path, fields: &Fields, assets: &mut Assets) -> Result<(), NrmlError> {
    let fail = |line: usize, message: String| NrmlError::new(path, line, message);
    let text = text::read(path)?;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::Headers).from_reader(text.as_bytes());
    let malformed = |e: csv::Error| {
        let line = e.position().map_or(0, |p| p.line() as usize);
        fail(line, format!("malformed CSV: {e}"))
    };
    let header = reader.headers().map_err(malformed)?.clone();
    let column = |name: &str| {
        header.iter().position(|found| found == name).ok_or_else(|| {
            let found: Vec<&str> = header.iter().collect();
            let message = format!("the header lacks {name}; found {}", found.join(", "));
            fail(1, format!("{message}. Other names are given by <exposureFields> of the exposure model"))
        })
    };
    let (id, lon, lat) = (column(&fields.id)?, column(&fields.lon)?, column(&fields.lat)?);
    let before = assets.places.len();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(malformed)? {
        let line = record.position().map_or(0, |p| p.line() as usize);
        let cell = |column: usize| record.get(column).unwrap_or_default();
        let number = |column: usize| {
            let wrong = || fail(line, format!("{} is {:?}; expected degrees", &header[column], cell(column)));
            parse_number(cell(column)).ok_or_else(wrong)
        };
        assets.add(cell(id), (number(lon)?, number(lat)?)).map_err(|message| fail(line, message))?;
    }
    if assets.places.len() == before { Err(fail(0, "no asset found".to_string())) } else { Ok(()) }
}

/// Assets being collected.
#[derive(Default)]
struct Assets {
    places: Vec<Location>,
    ids: HashSet<String>,
}

impl Assets {
    fn add(&mut self, id: &str, (lon, lat): Location) -> Result<(), String> {
        if !(-180.0..=180.0).contains(&lon) || !(-90.0..=90.0).contains(&lat) {
            return Err(format!(
                "the asset {id:?} at {lon} {lat} is not on the globe; expected longitude in [-180, 180], latitude in [-90, 90]"
            ));
        }
        if !self.ids.insert(id.to_string()) {
            return Err(format!("the asset {id:?} is there twice"));
        }
        self.places.push((round5(lon), round5(lat)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An exposure model with these contents of `<exposureModel>`, and a CSV file beside it.
    fn exposure(inside: &str, csv: &str) -> Result<Vec<Location>, String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("exposure.xml");
        std::fs::write(&path, format!("<nrml>\n<exposureModel id='e'>{inside}</exposureModel></nrml>")).unwrap();
        std::fs::write(dir.path().join("houses.csv"), csv).unwrap();
        read(&path).map_err(|e| e.to_string())
    }

    #[test]
    fn assets_stand_in_the_model_or_in_tables() {
        let inside = "<tagNames>district</tagNames><assets>\
            <asset id='a' taxonomy='W'><location lon='14.250001' lat='40.85'/></asset>\
            <asset id='b'><costs><cost type='structural' value='1'/></costs><location lon='14.3' lat='40.8'/></asset></assets>";
        assert_eq!(exposure(inside, "").unwrap(), [(14.25, 40.85), (14.3, 40.8)]);
        let csv = "id,lon,lat,taxonomy\na,14.250004,40.85,\"W, old\"\nb,14.3,40.8,W\n";
        assert_eq!(exposure("<assets> houses.csv\n</assets>", csv).unwrap(), [(14.25, 40.85), (14.3, 40.8)]);
    }

    #[test]
    fn columns_have_the_names_that_the_model_gives_them() {
        let inside = "<exposureFields><field oq='id' input='ASSET'/><field oq='lon' input='X'/><field oq='lat' input='Y'/>\
            <field oq='number' input='N'/></exposureFields><assets>houses.csv</assets>";
        assert_eq!(exposure(inside, "\u{feff}ASSET,N,Y,X\na,3,40.85,14.25\n").unwrap(), [(14.25, 40.85)]);
        let error = exposure(inside, "id,lon,lat\na,14.25,40.85\n").unwrap_err();
        assert!(error.contains("houses.csv, line 1: the header lacks ASSET; found id, lon, lat"), "{error}");
    }

    #[test]
    fn mistakes_are_named() {
        let files = "<assets>houses.csv</assets>";
        let asset = |id: &str, location: &str| format!("<asset id='{id}'>{location}</asset>");
        let here = "<location lon='14' lat='40'/>";
        for (inside, csv, expected) in [
            ("<assets/>".to_string(), "", "line 2: <assets> is empty"),
            ("<tagNames/>".to_string(), "", "lacks <assets>"),
            ("<assets><house/></assets>".to_string(), "", "found <house> inside <assets>"),
            (format!("<assets>{}</assets>", asset("a", "")), "", "<asset> lacks <location>"),
            (format!("<assets>{}{}</assets>", asset("a", here), asset("a", here)), "", "asset \"a\" is there twice"),
            (files.to_string(), "id,lon,lat\n", "houses.csv: no asset found"),
            (files.to_string(), "id,lon,lat\na,14,40\nb,14,north\n", "houses.csv, line 3: lat is \"north\""),
            (files.to_string(), "id,lon,lat\na,40,140\n", "line 2: the asset \"a\" at 40 140 is not on the globe"),
            (files.to_string(), "id,lon,lat\na,14,40\na,14,41\n", "line 3: the asset \"a\" is there twice"),
            (files.to_string(), "id,lon,lat\na,14\n", "line 2: malformed CSV"),
        ] {
            let error = exposure(&inside, csv).unwrap_err();
            assert!(error.contains(expected), "{error}\n  lacks {expected}");
        }
    }
}
