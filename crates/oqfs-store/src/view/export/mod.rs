//! `export/`: the engine's CSV exports of a calculation, made from its arrays when they are read.
//!
//! The names, the columns, the number format, the comment in the first line and the CRLF at the ends of lines are those of
//! `oq export KEY -e csv` for the keys that each file here names, of the release of the OpenQuake engine that made the datastore, from
//! 3.23 to 3.26. Where releases differ, a constant says since which one. This program's own calculations have the exports of 3.26.

mod column;
mod columns;
mod combinations;
mod curves;
mod disagg;
mod events;
mod format;
mod gmf;
mod mfd;
mod numpy;
mod rates;
mod realizations;
mod site_model;
mod sites;
mod spectra;
mod wrapped;

use std::sync::Arc;

use serde_json::{Map, Value};

use self::format::{Comment, repr};
use super::file::File;
use super::links::{Resolved, resolve};
use super::source::{DatasetFiles, Object, ViewSource};
use super::table::TextTable;
use super::{Error, Result};
use crate::schema::{self, COLUMNS};

/// The first release whose comments leave out what is not known.
const NONE_LEFT_OUT: Release = Release(3, 26);

/// Files with their names.
type Exports = Vec<(String, Arc<File>)>;

/// Adds the files of one kind, if there is what they are made of.
type Export = fn(&ViewSource, &Calculation, &mut Exports) -> Result<()>;

/// Every kind, by the engine's keys.
const KINDS: [(&str, Export); 10] = [
    ("hcurves, hmaps, uhs", curves::export),
    ("realizations", realizations::export),
    ("disagg-rlzs, disagg-stats", disagg::export),
    ("events", events::export),
    ("gmf_data", gmf::export),
    ("avg_gmf", gmf::export_averages),
    ("event_based_mfd", mfd::export),
    ("mean_rates_by_src", rates::export),
    ("cs-stats", spectra::export),
    ("site_model", site_model::export),
];

/// The files, by name; none if the calculation has nothing to export. What cannot be exported is no reason to leave out the
/// rest.
pub(super) fn exports(source: &ViewSource, calc: u32) -> Exports {
    let mut files = vec![];
    let told = |key: &str, e: Error| log::warn!("calc_{calc}: no export of {key}: {e}");
    match Calculation::new(source, calc) {
        Ok(calculation) => {
            for (keys, export) in KINDS {
                export(source, &calculation, &mut files).unwrap_or_else(|e| told(keys, e));
            }
        }
        Err(e) => told("anything", e),
    }
    files
}

/// What all files have in common.
struct Calculation {
    calc: u32,
    comment: Comment,
    /// Which release of the engine made it.
    release: Release,
    /// The parameters of the job; none if they cannot be read.
    params: Map<String, Value>,
}

/// A release of the engine: its first two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Release(u32, u32);

impl Release {
    /// Of a version like `3.26.2`; that of another program, or none, counts as the current one.
    fn of(version: &str) -> Self {
        let mut numbers = version.split('.').map(|number| number.parse().ok());
        match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(major), Some(minor)) => Self(major, minor),
            _ => Self(u32::MAX, 0),
        }
    }
}

impl Calculation {
    fn new(source: &ViewSource, calc: u32) -> Result<Self> {
        let attrs = source.attrs(&source.root()?)?;
        let release = Release::of(attrs.get("engine_version").and_then(Value::as_str).unwrap_or(""));
        Ok(Self { calc, comment: comment(&attrs), release, params: params(source)?.unwrap_or_default() })
    }

    /// True if the parameter `name` is on.
    fn is_on(&self, name: &str) -> bool {
        match self.params.get(name) {
            Some(Value::Bool(on)) => *on,
            Some(Value::Number(n)) => n.as_f64() != Some(0.0),
            _ => false,
        }
    }

    /// The engine's name of a file with this stem.
    fn file_name(&self, stem: &str) -> String {
        format!("{stem}_{}.csv", self.calc)
    }

    /// The intensity measures as the engine's arrays have them: sorted by period, those without one first.
    fn imts(&self) -> Vec<&str> {
        let levels = |name: &str| self.params.get(name)?.as_object().filter(|levels| !levels.is_empty());
        let levels = levels("hazard_imtls").or_else(|| levels("risk_imtls"));
        let mut imts: Vec<&str> = levels.map(|levels| levels.keys().map(String::as_str).collect()).unwrap_or_default();
        imts.sort_by(|a, b| period(a).total_cmp(&period(b)));
        imts
    }

    /// The levels of an intensity measure.
    fn levels(&self, imt: &str) -> Vec<f64> {
        let levels = self.params.get("hazard_imtls").and_then(|levels| levels.get(imt)?.as_array());
        levels.into_iter().flatten().filter_map(Value::as_f64).collect()
    }

    /// A parameter of the job that is a number.
    fn number(&self, name: &str) -> Option<f64> {
        self.params.get(name).and_then(Value::as_f64)
    }

    /// The comment with the investigation time, if there is one.
    fn with_time(&self, comment: Comment) -> Comment {
        let time = self.number("investigation_time");
        if time.is_none() && self.release >= NONE_LEFT_OUT {
            return comment;
        }
        comment.bare("investigation_time", &time.map_or("None".into(), repr))
    }

    /// The text of a parameter; none is empty.
    fn text(&self, name: &str) -> &str {
        self.params.get(name).and_then(Value::as_str).unwrap_or("")
    }
}

/// The period of an intensity measure; 0 if it has none.
fn period(imt: &str) -> f64 {
    let (name, argument) = imt.split_once('(').unwrap_or((imt, ""));
    let number = argument.split([',', ')']).next().and_then(|text| text.trim().parse().ok());
    match (name, number) {
        ("EAS" | "FAS" | "DRVT", Some(frequency)) => 1.0 / frequency,
        (_, number) => number.unwrap_or(0.0),
    }
}

/// What the comment of every file starts with.
fn comment(attrs: &Map<String, Value>) -> Comment {
    let text = |name: &str| attrs.get(name).and_then(Value::as_str).unwrap_or("");
    let version = text("engine_version");
    let engine = version.starts_with(|c: char| c.is_ascii_digit());
    let made_by = if engine { format!("OpenQuake engine {version}") } else { version.to_string() };
    let comment = Comment::default().text("generated_by", &made_by).text("start_date", text("date"));
    match attrs.get("checksum32") {
        Some(checksum) => comment.bare("checksum", &checksum.to_string()),
        None => comment,
    }
}

/// The parameters of the job; `None` if there are none that can be read.
fn params(source: &ViewSource) -> Result<Option<Map<String, Value>>> {
    let Some((_, files)) = dataset(source, schema::OQPARAM)? else { return Ok(None) };
    let Some((_, text)) = files.files.iter().find(|(suffix, _)| *suffix == ".json") else { return Ok(None) };
    Ok(serde_json::from_slice(&text.read()?).ok())
}

/// The dataset at `path` and its files, if there is one.
fn dataset(source: &ViewSource, path: &str) -> Result<Option<(Object, Arc<DatasetFiles>)>> {
    match resolve(source, &[], path.as_bytes())? {
        Resolved::Dataset(_, object) => {
            let files = source.files(&object)?;
            Ok(Some((object, files)))
        }
        _ => Ok(None),
    }
}

/// The array of the dataset at `path`, if there is one.
fn array(source: &ViewSource, path: &str) -> Result<Option<(Object, Arc<File>)>> {
    let found = dataset(source, path)?;
    Ok(found.and_then(|(object, files)| Some((object, files.npy()?.clone()))))
}

/// An attribute of the group or dataset at `path` that is a text.
fn text_attr(source: &ViewSource, path: &str, name: &str) -> Result<Option<String>> {
    let (Resolved::Group(_, object) | Resolved::Dataset(_, object)) = resolve(source, &[], path.as_bytes())? else {
        return Ok(None);
    };
    Ok(source.attrs(&object)?.get(name).and_then(Value::as_str).map(String::from))
}

/// The names of the columns of a group that is a table, in their order.
fn names_of_columns(source: &ViewSource, group: &str) -> Result<Option<Vec<String>>> {
    let names = text_attr(source, group, COLUMNS)?;
    Ok(names.map(|names| names.split_whitespace().map(String::from).collect()))
}

/// Writes the first two lines: the comment at the end of a line of empty cells, then the names.
fn write_head<W: std::io::Write>(
    writer: &mut csv::Writer<W>,
    comment: &Comment,
    names: &[impl AsRef<[u8]>],
) -> Result<()> {
    let empty = std::iter::repeat_n("", names.len().saturating_sub(2));
    writer.write_record(std::iter::once("#").chain(empty).chain([comment.as_str()]))?;
    writer.write_record(names)?;
    Ok(())
}

fn csv_writer(text: &mut Vec<u8>) -> csv::Writer<&mut Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(text)
}

fn add(source: &ViewSource, files: &mut Exports, name: String, rows: impl super::table::Rows + 'static) {
    files.push((name, Arc::new(File::of_table(TextTable::new(rows, source.cache())))));
}

/// An array whose shape is not that of its axes.
fn misshapen(path: &str) -> Error {
    Error::Unsupported(format!("{path} is no array with the axes of an export"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_have_an_order() {
        let releases = ["3.9.0", "3.23.5", "3.24.1", "3.26.2", "oqfs 0.1.0"].map(Release::of);
        assert!(releases.is_sorted() && releases[3] == Release(3, 26), "{releases:?}");
    }

    #[test]
    fn intensity_measures_are_sorted_by_period() {
        let params = serde_json::json!({"risk_imtls": {"SA(10.0)": [], "SA(2.0)": [], "FAS(4.000000)": [], "PGV": [], "PGA": []}});
        let params = params.as_object().cloned().unwrap();
        let release = Release(3, 26);
        let calculation = Calculation { calc: 1, comment: Comment::default(), release, params };
        assert_eq!(calculation.imts(), ["PGV", "PGA", "FAS(4.000000)", "SA(2.0)", "SA(10.0)"]);
        assert_eq!((period("SDi(0.5,2.0)"), period("MMI")), (0.5, 0.0));
    }
}
