//! `export/`: the engine's CSV exports of a calculation, made from its arrays when they are read, and its maps for GIS (`geojson`).
//!
//! Of the CSV files, the names, the columns, the number format, the comment in the first line and the CRLF at the ends of lines are those of
//! `oq export KEY -e csv` for the keys that each file here names, of the release of the OpenQuake engine that made the datastore, from
//! 3.23 to 3.26. Where releases differ, a constant says since which one. This program's own calculations have the exports of 3.26.

mod by_source;
mod columns;
mod combinations;
mod curves;
mod disagg;
mod disagg_summary;
mod events;
mod format;
mod geojson;
mod gmf;
mod kept_rows;
mod mfd;
mod numpy;
mod rates;
mod realizations;
mod site_model;
mod spectra;

use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};

use self::format::{Comment, repr};
use super::file::File;
use super::results::{JobParams, Release};
use super::source::ViewSource;
use super::table::TextTable;
use super::{Error, Result};

/// The first release whose comments leave out what is not known.
const NONE_LEFT_OUT: Release = Release(3, 26);

/// Files with their names.
type Exports = Vec<(String, Arc<File>)>;

/// Adds the files of one kind, if there is what they are made of.
type Export = fn(&ViewSource, &Calculation, &mut Exports) -> Result<()>;

/// Every kind, by the engine's keys.
const KINDS: [(&str, Export); 12] = [
    ("hcurves, hmaps, uhs", curves::export),
    ("realizations", realizations::export),
    ("disagg-rlzs, disagg-stats", disagg::export),
    ("a summary of disaggregations", disagg_summary::export),
    ("events", events::export),
    ("gmf_data", gmf::export),
    ("avg_gmf", gmf::export_averages),
    ("event_based_mfd", mfd::export),
    ("mean_rates_by_src", rates::export),
    ("mean_disagg_by_src", by_source::export),
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
    job: JobParams,
}

impl Calculation {
    fn new(source: &ViewSource, calc: u32) -> Result<Self> {
        let attrs = source.attrs(&source.root()?)?;
        Ok(Self { calc, comment: comment(&attrs), job: JobParams::read(source, &attrs)? })
    }

    /// The engine's name of a file with this stem.
    fn file_name(&self, stem: &str) -> String {
        format!("{stem}_{}.csv", self.calc)
    }

    /// The comment with the investigation time, if there is one.
    fn with_time(&self, comment: Comment) -> Comment {
        let time = self.job.number("investigation_time");
        if time.is_none() && self.job.release >= NONE_LEFT_OUT {
            return comment;
        }
        comment.bare("investigation_time", &time.map_or("None".into(), repr))
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

/// A writer of some rows of a table, which has written the first two lines if these are the first rows.
fn table_writer<'a>(
    text: &'a mut Vec<u8>,
    rows: &Range<u64>,
    comment: &Comment,
    names: &[impl AsRef<[u8]>],
) -> Result<csv::Writer<&'a mut Vec<u8>>> {
    let mut writer = csv_writer(text);
    if rows.start == 0 {
        write_head(&mut writer, comment, names)?;
    }
    Ok(writer)
}

fn csv_writer(text: &mut Vec<u8>) -> csv::Writer<&mut Vec<u8>> {
    csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(text)
}

fn add(source: &ViewSource, files: &mut Exports, name: String, rows: impl super::table::Rows + 'static) {
    files.push((name, Arc::new(File::of_table(TextTable::new(rows, source.cache())))));
}
