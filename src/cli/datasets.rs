//! `oqfs datasets`: what a calculation of this program has in its datastore.

use anyhow::{Result, bail};
use clap::Args;

use super::out;
use crate::nearest::nearest;
use crate::schema::{
    ARRAYS, ArraySchema, AxesIn, Axis, BY_GROUP_AND_GSIM, CONDITIONAL_SPECTRA, DISAGG, KeyedSchema, LEFT_OUT, OQPARAM,
    RELEASE, TABLES, TableSchema,
};

/// List the datasets of a calculation, or tell of one: its axes, type and meaning.
#[derive(Debug, Args)]
pub struct Datasets {
    /// The key of a dataset.
    key: Option<String>,
    /// Write all as a page
    #[arg(long, conflicts_with = "key")]
    markdown: bool,
}

impl Datasets {
    /// Print the keys, or what is known of one.
    pub fn execute(self) -> Result<()> {
        if self.markdown {
            return out::print(page());
        }
        let Some(key) = self.key else {
            let lines: String = keys().map(|(key, meaning)| format!("{key:24} {meaning}\n")).collect();
            return out::print(lines);
        };
        out::print(description(&key)?)
    }
}

/// The dataset of each source group and ground-motion model.
const PAIR: &str = "GROUP/GSIM";
const PARAMETERS: &str = "the parameters of the job as this program understood them: a text, JSON";

/// Every key with what the dataset is.
fn keys() -> impl Iterator<Item = (&'static str, String)> {
    let arrays = ARRAYS.iter().map(|array| (array.key, array.meaning.to_string()));
    let tables = TABLES.iter().map(|table| (table.key, format!("a row: {}", table.meaning)));
    let at_levels = DISAGG.iter().chain(CONDITIONAL_SPECTRA).map(|dataset| (dataset.key, dataset.meaning.to_string()));
    let others = [(PAIR, BY_GROUP_AND_GSIM.to_string()), (OQPARAM, PARAMETERS.to_string())];
    arrays.chain(at_levels).chain(tables).chain(others)
}

/// What is known of a dataset.
fn description(key: &str) -> Result<String> {
    let key = key.trim_matches('/').trim_end_matches(".npy").trim_end_matches("/array");
    if let Some(array) = ARRAYS.iter().find(|array| array.key == key) {
        return Ok(of_array(array));
    }
    if let Some(dataset) = DISAGG.iter().chain(CONDITIONAL_SPECTRA).find(|dataset| is_of(dataset, key)) {
        let KeyedSchema { key, axes, dtype, meaning, when } = dataset;
        return Ok(format!("key      {key}\nmeaning  {meaning}\ntype     {dtype}\nthere    {when}\naxes     {axes}\n"));
    }
    if let Some(table) = TABLES.iter().find(|table| table.key == key) {
        let columns = table.columns.iter().map(|c| format!("  {:16} {:8} {}\n", c.name, c.dtype, c.meaning));
        let remark = if table.remark.is_empty() { String::new() } else { format!("{}\n", table.remark) };
        return Ok(format!(
            "key      {key}\na row    {}\ncolumns\n{}{remark}",
            table.meaning,
            columns.collect::<String>()
        ));
    }
    match keys().find(|(known, _)| *known == key) {
        Some((_, meaning)) => Ok(format!("key      {key}\nmeaning  {meaning}\n")),
        None => {
            let close = nearest(key, keys().map(|(known, _)| known));
            let hint = if close.is_empty() { String::new() } else { format!("; did you mean {}?", close.join(", ")) };
            bail!("no calculation of this program has a dataset {key}{hint}")
        }
    }
}

/// Whether a key is that of a dataset, or of one of several that stand under one key: `disagg-rlzs/Mag_Dist`.
fn is_of(dataset: &KeyedSchema, key: &str) -> bool {
    let of_group = |key: &str| key.split_once('/').map_or_else(|| key.to_string(), |(group, _)| group.to_string());
    dataset.key == key || (dataset.key.contains('/') && of_group(dataset.key) == of_group(key))
}

fn of_array(array: &ArraySchema) -> String {
    let axes = array.axes.iter().map(|axis| format!("  {:16} {}\n", axis.name(), axis.meaning()));
    format!(
        "key      {}\nmeaning  {}\ntype     {}\nthere    {}\naxes     {}\n{}",
        array.key,
        array.meaning,
        array.dtype(),
        array.when,
        axes_in(array.axes_in),
        axes.collect::<String>()
    )
}

/// Where a reader finds the axes of an array.
fn axes_in(place: AxesIn) -> &'static str {
    match place {
        AxesIn::Attribute => "in the attribute `json`",
        AxesIn::Group => "in datasets beside `array`",
        AxesIn::Meaning => "as listed",
    }
}

/// The head of the page.
fn head() -> String {
    format!(
        "\
# Datasets of a calculation

What a calculation of this program has in `output.hdf5`. In a mount each is a file: `hcurves-stats.npy`, `full_lt/rlzs.npy`. Keys
and names are those of OpenQuake engine {RELEASE}, but for the four tables that pictures of sources are made of. Arrays are contiguous,
row-major and little-endian. This page is made by `oqfs datasets --markdown`; `oqfs datasets KEY` tells of one.

## Arrays

| key | shape | type | what | there |
|---|---|---|---|---|
"
    )
}

/// All datasets.
fn page() -> String {
    let mut page = head();
    for array in ARRAYS {
        let shape: Vec<&str> = array.axes.iter().map(|axis| axis.name()).collect();
        let (key, dtype) = (array.dataset(), array.dtype());
        page += &format!("| `{key}` | ({}) | {dtype} | {} | {} |\n", shape.join(", "), array.meaning, array.when);
    }
    page += &format!("| `{PAIR}` | (site_id) | record | {BY_GROUP_AND_GSIM} | always |\n");
    page += "\n## Disaggregations\n\nWith `calculation_mode = disaggregation` these are there besides.\n\n| key | axes | type | what | there |\n|---|---|---|---|---|\n";
    page.extend(DISAGG.iter().map(of_keyed));
    page += "\n## Conditional spectra\n\n| key | axes | type | what | there |\n|---|---|---|---|---|\n";
    page.extend(CONDITIONAL_SPECTRA.iter().map(of_keyed));
    page += "\n## Axes\n\nThe attribute `json` of an array says what stands along each axis: names, values, or a number of elements. The axes of \
             `mean_rates_by_src` are\ndatasets beside `array`.\n\n| name | what stands along it |\n|---|---|\n";
    let mut told: Vec<Axis> = Vec::new();
    for axis in ARRAYS.iter().flat_map(|array| array.axes) {
        if !told.contains(axis) {
            told.push(*axis);
            page += &format!("| `{}` | {} |\n", axis.name(), axis.meaning());
        }
    }
    page += &format!("\n## Text\n\n`{OQPARAM}` is {PARAMETERS}.\n\n## Tables\n");
    page.extend(TABLES.iter().map(of_table));
    page += "\nThe attributes of the file itself: `date`, when the calculation began, `engine_version`, which program made it, and \
             `agrees_with`, which release of the engine that follows.\n";
    page += &format!("\n## What engine {RELEASE} has besides\n\n| what | why it is not here |\n|---|---|\n");
    page.extend(LEFT_OUT.iter().map(|(what, why)| format!("| {what} | {why} |\n")));
    page
}

fn of_keyed(KeyedSchema { key, axes, dtype, meaning, when }: &KeyedSchema) -> String {
    format!("| `{key}` | ({axes}) | {dtype} | {meaning} | {when} |\n")
}

fn of_table(table: &TableSchema) -> String {
    let key = table.key;
    let rows = table.columns.iter().map(|c| format!("| `{}` | {} | {} |\n", c.name, c.dtype, c.meaning));
    let rows: String = rows.collect();
    let more = if table.remark.is_empty() { String::new() } else { format!("\n{}\n", table.remark) };
    format!("\n### `{key}`\n\nA row is {}.\n{more}\n| column | type | what |\n|---|---|---|\n{rows}", table.meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dataset_is_told_of_by_its_key_or_file() {
        for key in ["hcurves-stats", "/hcurves-stats.npy", "mean_rates_by_src/array"] {
            let told = description(key).unwrap();
            assert!(told.contains("type     float") && told.contains("site_id"), "{told}");
        }
        for key in ["disagg-rlzs/Mag_Dist.npy", "disagg-bins/Lon", "poe4"] {
            assert!(description(key).unwrap().contains("type     float64"), "{key}");
        }
        assert!(description("full_lt/rlzs").unwrap().contains("branch_path"));
        let error = description("hcurves-stat").unwrap_err().to_string();
        assert!(error.contains("did you mean hcurves-stats"), "{error}");
    }
}
