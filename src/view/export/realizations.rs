//! `realizations_N.csv`.
//!
//! This program keeps the realizations as a table. The engine keeps the trees: without sampling the realizations are every
//! path through the source model tree with every path through the GSIM tree, the last tectonic region type changing fastest.

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::format::{Comment, scientific};
use super::{add, array, comment, csv_writer, misshapen, write_head};
use crate::datastore::DType;
use crate::datastore::read::value_json;
use crate::logictree::{ShortNames, short_gsim_path};
use crate::view::csv::read_elements;
use crate::view::file::{Elements, File};
use crate::view::links::{Resolved, resolve};
use crate::view::source::Source;
use crate::view::table::{MOST_ROWS, Rows};
use crate::view::{Error, Result};

const TABLE: &str = "full_lt/rlzs";
const COLUMNS: [&str; 3] = ["rlz_id", "branch_path", "weight"];

/// The file, if the paths of the realizations are kept: by this program always, by the engine unless they are samples.
pub(super) fn export(source: &Source, calc: u32) -> Result<Vec<(String, Arc<File>)>> {
    let mut files = vec![];
    let kept = (Column::find(source, TABLE, Some("branch_path"))?, Column::find(source, TABLE, Some("weight"))?);
    let paths = match kept {
        (Some(paths), Some(weights)) => Some(Paths::Kept(paths, weights)),
        _ => trees(source)?,
    };
    if let Some(paths) = paths {
        let rows = Realizations { comment: comment(source)?, paths };
        add(source, &mut files, format!("realizations_{calc}.csv"), rows);
    }
    Ok(files)
}

#[derive(Debug)]
struct Realizations {
    comment: Comment,
    paths: Paths,
}

#[derive(Debug)]
enum Paths {
    /// With the weights.
    Kept(Column, Column),
    /// The paths through either tree, in short, with their weights.
    Product(Vec<(String, f64)>, Vec<(String, f64)>),
}

impl Paths {
    fn count(&self) -> u64 {
        match self {
            Self::Kept(paths, _) => paths.count,
            Self::Product(source_models, gsims) => source_models.len() as u64 * gsims.len() as u64,
        }
    }

    fn read(&self, rows: Range<u64>) -> Result<Vec<(String, f64)>> {
        match self {
            Self::Kept(paths, weights) => {
                Ok(paths.texts(rows.clone())?.into_iter().zip(weights.numbers(rows)?).collect())
            }
            Self::Product(source_models, gsims) => {
                let n = gsims.len().max(1);
                let row = |i: u64| {
                    let ((source_model, weight), (gsim, of_gsim)) =
                        (source_models.get(i as usize / n)?, gsims.get(i as usize % n)?);
                    Some((format!("{source_model}~{gsim}"), weight * of_gsim))
                };
                rows.map(|i| row(i).ok_or_else(|| misshapen("full_lt"))).collect()
            }
        }
    }
}

/// The paths by the tables of both trees, unless they were sampled.
fn trees(source: &Source) -> Result<Option<Paths>> {
    let Resolved::Group(_, group) = resolve(source, &[], b"full_lt")? else { return Ok(None) };
    let sampled = source.attrs(&group)?.get("num_samples").is_none_or(|n| n.as_i64() != Some(0));
    let column = |path: &str, field| Column::find(source, path, Some(field));
    let texts = |path: &str, field| column(path, field)?.map(|c| c.texts(0..c.count)).transpose();
    let numbers = |path: &str, field| column(path, field)?.map(|c| c.numbers(0..c.count)).transpose();
    if sampled {
        return Ok(None);
    }
    let (Some(sets), Some(ids), Some(paths), Some(weights), Some(trts), Some(gsims), Some(of_gsims)) = (
        texts("full_lt/source_model_lt", "branchset")?,
        texts("full_lt/source_model_lt", "branch")?,
        texts("full_lt/sm_data", "path")?,
        numbers("full_lt/sm_data", "weight")?,
        texts("full_lt/gsim_lt", "trt")?,
        texts("full_lt/gsim_lt", "branch")?,
        numbers("full_lt/gsim_lt", "weight")?,
    ) else {
        return Ok(None);
    };
    let sets = grouped(&sets, ids.iter().map(String::as_str));
    let branches = sets.iter().enumerate().flat_map(|(n, set)| set.iter().enumerate().map(move |(i, id)| (n, i, *id)));
    let names = ShortNames::new(branches);
    let source_models = paths.iter().map(|path| names.path(path.split('~'))).zip(weights).collect();
    let gsim_sets = grouped(&trts, gsims.iter().map(String::as_str).zip(of_gsims));
    if gsim_sets.iter().try_fold(1u64, |n, set| n.checked_mul(set.len() as u64)).is_none_or(|n| n > MOST_ROWS) {
        return Ok(None);
    }
    let gsim_paths = products(&gsim_sets);
    let short = |(path, weight): (Vec<&str>, f64)| (short_gsim_path(path, gsims.len()), weight);
    let gsim_paths = gsim_paths.into_iter().map(short).collect();
    Ok(Some(Paths::Product(source_models, gsim_paths)))
}

/// Every choice of one branch a set, with its weight; the last set changes fastest.
fn products<'a>(sets: &[Vec<(&'a str, f64)>]) -> Vec<(Vec<&'a str>, f64)> {
    let mut paths: Vec<(Vec<&str>, f64)> = vec![(vec![], 1.0)];
    for set in sets {
        let mut longer = Vec::with_capacity(paths.len() * set.len());
        for (path, weight) in &paths {
            let with = |(id, of_id): &(&'a str, f64)| (path.iter().copied().chain([*id]).collect(), weight * of_id);
            longer.extend(set.iter().map(with));
        }
        paths = longer;
    }
    paths
}

/// The values by their keys, in the order the keys come.
fn grouped<T>(keys: &[String], values: impl Iterator<Item = T>) -> Vec<Vec<T>> {
    let mut known: Vec<&String> = vec![];
    let mut groups: Vec<Vec<T>> = vec![];
    for (key, value) in keys.iter().zip(values) {
        match known.iter().position(|other| *other == key) {
            Some(at) => groups[at].push(value),
            None => {
                known.push(key);
                groups.push(vec![value]);
            }
        }
    }
    groups
}

/// A one-dimensional dataset, or a field of its records.
#[derive(Debug)]
struct Column {
    npy: Arc<File>,
    elements: Elements,
    at: usize,
    dtype: DType,
    count: u64,
}

impl Column {
    fn find(source: &Source, path: &str, field: Option<&str>) -> Result<Option<Self>> {
        let Some((_, npy)) = array(source, path)? else { return Ok(None) };
        let Some(elements) = npy.elements()? else { return Ok(None) };
        let count = npy.size()?.saturating_sub(elements.start) / elements.dtype.size().max(1) as u64;
        let (at, dtype) = match (field, &elements.dtype) {
            (None, dtype) => (0, dtype.clone()),
            (Some(name), DType::Compound { fields, .. }) => match fields.iter().find(|f| f.name == name) {
                Some(found) => (found.offset, found.dtype.clone()),
                None => return Ok(None),
            },
            _ => return Ok(None),
        };
        Ok(Some(Self { npy, elements, at, dtype, count }))
    }

    fn values(&self, rows: Range<u64>) -> Result<Vec<Value>> {
        let bytes = read_elements(&self.npy, &self.elements, rows)?;
        let records = bytes.chunks_exact(self.elements.dtype.size().max(1));
        Ok(records.map(|record| value_json(&self.dtype, record.get(self.at..).unwrap_or(&[]))).collect())
    }

    /// Numbers; those in single precision are what they stand for, not what their shortest text says.
    fn numbers(&self, rows: Range<u64>) -> Result<Vec<f64>> {
        let single =
            |value: &Value| value.as_f64().map(|x| if self.dtype.size() == 4 { f64::from(x as f32) } else { x });
        self.values(rows)?.iter().map(|value| single(value).ok_or_else(|| misshapen("weights"))).collect()
    }

    fn texts(&self, rows: Range<u64>) -> Result<Vec<String>> {
        Ok(self.values(rows)?.iter().map(|value| value.as_str().unwrap_or("").to_string()).collect())
    }
}

impl Rows for Realizations {
    fn count(&self) -> u64 {
        self.paths.count()
    }

    fn width(&self) -> u64 {
        COLUMNS.len() as u64
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let mut writer = csv_writer(text);
        if rows.start == 0 {
            write_head(&mut writer, &self.comment, &COLUMNS.map(String::from))?;
        }
        for (id, (path, weight)) in rows.clone().zip(self.paths.read(rows)?) {
            writer.write_record([id.to_string(), path, scientific(f64::from(weight as f32), 7, false)])?;
        }
        writer.flush().map_err(Error::Io)
    }
}
