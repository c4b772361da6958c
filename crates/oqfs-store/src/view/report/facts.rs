//! What a calculation is, in a few lines.

use serde_json::Value;

use crate::schema::{GSIM_LT, RLZS, SOURCE_INFO, WEIGHTS};
use crate::view::Result;
use crate::view::results::column::ArrayColumn;
use crate::view::results::{JobParams, Sites};
use crate::view::source::ViewSource;

/// Names with what is said under them.
pub(super) type Facts = Vec<(&'static str, String)>;

/// The parameters that are told, by what a modeller calls them, with their units.
const PARAMETERS: [(&str, &str, &str); 8] = [
    ("Mode", "calculation_mode", ""),
    ("Investigation time", "investigation_time", " years"),
    ("Truncation level", "truncation_level", " standard deviations"),
    ("Maximum distance", "maximum_distance", " km"),
    ("Rupture mesh spacing", "rupture_mesh_spacing", " km"),
    ("Samples of the logic trees", "number_of_logic_tree_samples", ""),
    ("Probabilities of exceedance", "poes", ""),
    ("Quantiles", "quantiles", ""),
];

/// The description of the job, empty if there is none, and the rest.
pub(super) fn facts(source: &ViewSource) -> Result<(String, Facts)> {
    let attrs = source.attrs(&source.root()?)?;
    let job = JobParams::read(source, &attrs)?;
    let mut facts = vec![];
    let mut add = |name, text: String| {
        if !text.is_empty() {
            facts.push((name, text));
        }
    };
    for (name, parameter, unit) in PARAMETERS {
        let text = job.params.get(parameter).map(text).unwrap_or_default();
        if !text.is_empty() && text != "0" && text != "null" {
            add(name, format!("{text}{}", if text.starts_with(|c: char| c.is_ascii_digit()) { unit } else { "" }));
        }
    }
    add("Intensity measures", job.imts().join(", "));
    let sites = Sites::find(source)?.map(|sites| sites.count.to_string());
    add("Sites", sites.unwrap_or_default());
    let rows = |key: &str, column: &str| -> Result<String> {
        Ok(ArrayColumn::find(source, key, Some(column))?.map(|column| column.count.to_string()).unwrap_or_default())
    };
    add("Sources", rows(SOURCE_INFO.key, "source_id")?);
    add("Ruptures", sum(source, SOURCE_INFO.key, "num_ruptures")?);
    let realizations = match ArrayColumn::find(source, WEIGHTS.key, None)? {
        Some(weights) => weights.count.to_string(),
        None => rows(RLZS.key, "weight")?,
    };
    add("Realizations", realizations);
    add("Ground-motion models", models(source)?);
    let made_by = attrs.get("engine_version").and_then(Value::as_str).unwrap_or_default();
    let is_engine = made_by.starts_with(|c: char| c.is_ascii_digit());
    add("Computed by", if is_engine { format!("OpenQuake engine {made_by}") } else { made_by.to_string() });
    add("Agrees with", attrs.get("agrees_with").and_then(Value::as_str).unwrap_or_default().to_string());
    add("Date", attrs.get("date").and_then(Value::as_str).unwrap_or_default().to_string());
    Ok((job.text("description").to_string(), facts))
}

/// The sum of a column of numbers.
fn sum(source: &ViewSource, key: &str, column: &str) -> Result<String> {
    let Some(column) = ArrayColumn::find(source, key, Some(column))?.and_then(ArrayColumn::short) else {
        return Ok(String::new());
    };
    Ok(format!("{:.0}", column.numbers(0..column.count)?.iter().sum::<f64>()))
}

/// The ground-motion models, each once.
fn models(source: &ViewSource) -> Result<String> {
    let Some(column) = ArrayColumn::find(source, GSIM_LT.key, Some("uncertainty"))?.and_then(ArrayColumn::short) else {
        return Ok(String::new());
    };
    let mut names: Vec<String> = vec![];
    for text in column.texts(0..column.count)? {
        let name = text.trim_start_matches('[').split(']').next().unwrap_or_default().to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names.join(", "))
}

/// A parameter as text.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Array(values) => values.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Object(_) => serde_json::to_string(value).unwrap_or_default(),
        other => other.to_string(),
    }
}
