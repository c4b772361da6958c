//! `realizations_N.csv`.
//!
//! This program keeps the realizations as a table. The engine keeps the trees, and makes the realizations of them again: every
//! path through the source model tree with every path through the GSIM tree, or samples of both. Of the source model tree
//! it keeps the paths, with the samples each stands for; those of the GSIM tree follow from the seed.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use serde_json::Value;

use super::format::{Comment, scientific};
use super::{Calculation, Exports, add, table_writer};
use crate::logictree::{FirstLetters, Generator, Realization, Sampling, ShortNames, realizations};
use crate::schema::{GSIM_LT, RLZS, SM_DATA, SOURCE_MODEL_LT};
use crate::view::links::{Resolved, resolve};
use crate::view::results::column::ArrayColumn;
use crate::view::results::{Release, array, misshapen};
use crate::view::source::ViewSource;
use crate::view::table::{MOST_ROWS, Rows};
use crate::view::{Error, Result};

/// The most branches of the GSIM tree that are chosen, in all realizations.
const MOST_CHOICES: u64 = 1 << 23;
/// The first release that draws with numpy's new generator.
const NEW_GENERATOR: Release = Release(3, 26);
/// The first release with one letter for a source model, where there were two.
const ONE_LETTER: Release = Release(3, 24);
const HEADER: [&str; 3] = ["rlz_id", "branch_path", "weight"];

/// The file, if the realizations are kept or follow from what is.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let kept = (
        ArrayColumn::find(source, RLZS.key, Some("branch_path"))?,
        ArrayColumn::find(source, RLZS.key, Some("weight"))?,
    );
    let paths = match kept {
        (Some(paths), Some(weights)) => Some(Paths::KeptRows(paths, weights)),
        _ => Trees::find(source, calculation)?.map(Paths::Composed),
    };
    if let Some(paths) = paths {
        let rows = RealizationRows { comment: calculation.comment.clone(), paths };
        add(source, files, calculation.file_name("realizations"), rows);
    }
    Ok(())
}

#[derive(Debug)]
struct RealizationRows {
    comment: Comment,
    paths: Paths,
}

#[derive(Debug)]
enum Paths {
    /// With the weights.
    KeptRows(ArrayColumn, ArrayColumn),
    Composed(Trees),
}

impl Paths {
    fn count(&self) -> u64 {
        match self {
            Self::KeptRows(paths, _) => paths.count,
            Self::Composed(trees) => trees.count,
        }
    }

    fn read(&self, rows: Range<u64>) -> Result<Vec<(String, f64)>> {
        match self {
            Self::KeptRows(paths, weights) => {
                Ok(paths.texts(rows.clone())?.into_iter().zip(weights.numbers(rows)?).collect())
            }
            Self::Composed(trees) => rows.map(|i| trees.row(i).ok_or_else(|| misshapen("full_lt"))).collect(),
        }
    }
}

/// The engine's tables of both trees.
#[derive(Debug)]
struct Trees {
    /// How many realizations there are.
    count: u64,
    /// The paths through the source model tree, in short, with their weights and the samples they stand for.
    source_models: Vec<(String, f64, usize)>,
    /// The branch sets of the GSIM tree: short names and weights.
    gsims: Vec<Vec<(String, f64)>>,
    /// Whether the name of the model alone stands for the path.
    model_alone: bool,
    sampling: Option<Sampling>,
    /// Made when first asked for.
    realizations: OnceLock<Vec<Realization>>,
}

impl Trees {
    /// By the tables of the calculation; `None` if they are not those of a calculation that can be composed again.
    fn find(source: &ViewSource, calculation: &Calculation) -> Result<Option<Self>> {
        let Some(sampling) = sampling(source, calculation.job.release)? else { return Ok(None) };
        let Some(source_models) = source_models(source, calculation.job.release)? else { return Ok(None) };
        let trts = texts(source, GSIM_LT.key, "trt")?;
        let model_alone = calculation.job.text("calculation_mode").contains("scenario")
            && trts.as_ref().is_some_and(|trts| trts.windows(2).all(|two| two[0] == two[1]));
        let names = if model_alone { models(source, calculation)? } else { letters(source)? };
        let weights = numbers(source, GSIM_LT.key, "weight")?;
        let (Some(trts), Some(names), Some(weights)) = (trts, names, weights) else { return Ok(None) };
        let gsims = grouped(&trts, names.into_iter().zip(weights));
        let count = match sampling {
            Some(sampling) => sampling.samples as u64,
            None => {
                let sets = gsims.iter().map(|set| set.len() as u64);
                sets.fold(source_models.len() as u64, u64::saturating_mul)
            }
        };
        let drawn = source_models.iter().fold(0usize, |sum, (.., samples)| sum.saturating_add(*samples));
        let choices = count.saturating_mul(gsims.len() as u64);
        let all_are_there = sampling.is_none_or(|sampling| sampling.samples == drawn && !model_alone);
        let trees = Self { count, source_models, gsims, model_alone, sampling, realizations: OnceLock::new() };
        Ok((count <= MOST_ROWS && choices <= MOST_CHOICES && all_are_there).then_some(trees))
    }

    fn realizations(&self) -> &[Realization] {
        self.realizations.get_or_init(|| {
            let source_models: Vec<_> = self.source_models.iter().map(|(_, weight, n)| (*weight, *n)).collect();
            let weights: Vec<_> = self.gsims.iter().map(|set| set.iter().map(|(_, w)| *w).collect()).collect();
            realizations(&source_models, &weights, self.sampling)
        })
    }

    /// The path and the weight of a realization.
    fn row(&self, realization: u64) -> Option<(String, f64)> {
        let realization = self.realizations().get(realization as usize)?;
        let chosen = self.gsims.iter().zip(&realization.gsims);
        let gsims: String = chosen.filter_map(|(set, i)| Some(set.get(*i)?.0.as_str())).collect();
        let (source_model, ..) = self.source_models.get(realization.source_model)?;
        let path = if self.model_alone { gsims } else { format!("{source_model}~{gsims}") };
        Some((path, realization.weight))
    }
}

/// How the trees were sampled, if they were; `None` if that is not known.
fn sampling(source: &ViewSource, release: Release) -> Result<Option<Option<Sampling>>> {
    let Resolved::Group(_, group) = resolve(source, &[], b"full_lt")? else { return Ok(None) };
    let Some(samples) = source.attrs(&group)?.get("num_samples").and_then(Value::as_u64) else { return Ok(None) };
    if samples == 0 {
        return Ok(Some(None));
    }
    let Some((tree, _)) = array(source, SOURCE_MODEL_LT.key)? else { return Ok(None) };
    let attrs = source.attrs(&tree)?;
    let seed = attrs.get("seed").and_then(Value::as_u64).and_then(|seed| u32::try_from(seed).ok());
    let method = attrs.get("sampling_method").and_then(Value::as_str);
    let generator = if release >= NEW_GENERATOR { Generator::Pcg64 } else { Generator::Mt19937 };
    let named = |(seed, method)| Sampling::named(samples as usize, seed, method, generator).ok();
    Ok(seed.zip(method).and_then(named).map(Some))
}

/// The paths through the source model tree, in short, with their weights and the samples they stand for.
fn source_models(source: &ViewSource, release: Release) -> Result<Option<Vec<(String, f64, usize)>>> {
    let letters = if release >= ONE_LETTER { FirstLetters::One } else { FirstLetters::Two };
    let (Some(sets), Some(ids), Some(paths), Some(weights), Some(samples)) = (
        texts(source, SOURCE_MODEL_LT.key, "branchset")?,
        texts(source, SOURCE_MODEL_LT.key, "branch")?,
        texts(source, SM_DATA.key, "path")?,
        numbers(source, SM_DATA.key, "weight")?,
        numbers(source, SM_DATA.key, "samples")?,
    ) else {
        return Ok(None);
    };
    let names = short_names(0, letters, &sets, &ids);
    let paths = paths.iter().map(|path| names.path(path.split('~')));
    Ok(Some(paths.zip(weights).zip(samples).map(|((path, weight), n)| (path, weight, n as usize)).collect()))
}

/// The short names of the branches of the GSIM tree.
fn letters(source: &ViewSource) -> Result<Option<Vec<String>>> {
    let sets = texts(source, GSIM_LT.key, "trt")?;
    let ids = texts(source, GSIM_LT.key, "branch")?;
    let (Some(sets), Some(ids)) = (sets, ids) else { return Ok(None) };
    let names = short_names(1, FirstLetters::One, &sets, &ids);
    Ok(Some(ids.iter().map(|id| names.path([id.as_str()])).collect()))
}

/// The names of the models as the engine writes them for spreadsheets: quotes twice, and no name longer than the longest was
/// before. Of a ShakeMap it writes none.
fn models(source: &ViewSource, calculation: &Calculation) -> Result<Option<Vec<String>>> {
    if calculation.job.params.get("inputs").is_some_and(|inputs| inputs.get("shakemap").is_some()) {
        return Ok(None);
    }
    let models = texts(source, GSIM_LT.key, "uncertainty")?.unwrap_or_default();
    let longest = models.iter().map(String::len).max().unwrap_or(0);
    let name = |model: String| {
        let quoted = model.replace('"', "\"\"");
        let fits = |(at, c): &(usize, char)| at + c.len_utf8() <= longest;
        quoted.char_indices().take_while(fits).map(|(_, c)| c).collect()
    };
    Ok(Some(models.into_iter().map(name).collect()))
}

/// Of branches by their branch sets, which are numbered from `first` on.
fn short_names(first: usize, letters: FirstLetters, sets: &[String], ids: &[String]) -> ShortNames {
    let sets = grouped(sets, ids.iter().map(String::as_str));
    let branches = (first..).zip(&sets).flat_map(|(n, set)| set.iter().enumerate().map(move |(i, id)| (n, i, *id)));
    ShortNames::new(branches, letters)
}

fn texts(source: &ViewSource, path: &str, field: &str) -> Result<Option<Vec<String>>> {
    let column = ArrayColumn::find(source, path, Some(field))?.and_then(ArrayColumn::short);
    column.map(|column| column.texts(0..column.count)).transpose()
}

fn numbers(source: &ViewSource, path: &str, field: &str) -> Result<Option<Vec<f64>>> {
    let column = ArrayColumn::find(source, path, Some(field))?.and_then(ArrayColumn::short);
    column.map(|column| column.numbers(0..column.count)).transpose()
}

/// The values by their keys, in the order the keys come.
fn grouped<T>(keys: &[String], values: impl IntoIterator<Item = T>) -> Vec<Vec<T>> {
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut groups: Vec<Vec<T>> = vec![];
    for (key, value) in keys.iter().zip(values) {
        let place = *places.entry(key).or_insert(groups.len());
        if place == groups.len() {
            groups.push(vec![]);
        }
        groups[place].push(value);
    }
    groups
}

impl Rows for RealizationRows {
    fn count(&self) -> u64 {
        self.paths.count()
    }

    fn width(&self) -> u64 {
        HEADER.len() as u64
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let mut writer = table_writer(text, &rows, &self.comment, &HEADER)?;
        for (id, (path, weight)) in rows.clone().zip(self.paths.read(rows)?) {
            writer.write_record([id.to_string(), path, scientific(f64::from(weight as f32), 7, false)])?;
        }
        writer.flush().map_err(Error::Io)
    }
}
