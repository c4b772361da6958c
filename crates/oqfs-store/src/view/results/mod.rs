//! What a calculation says: its job, its sites, its arrays of results with the names along their axes. The exports, the pictures and
//! whoever compares calculations ask here; nothing else knows how a datastore of this program or of the engine is laid out.

pub(in crate::view) mod column;
mod disaggregated;
mod grid;
mod hazard;
mod site_array;
mod sites;
mod wrapped;

use std::sync::Arc;

use serde_json::{Map, Value};

pub(in crate::view) use self::disaggregated::{BY_PLACE, BinBounds, Disaggregated, centers};
pub(in crate::view) use self::grid::Grid;
pub(in crate::view) use self::hazard::{Hazard, SiteArrays};
pub(in crate::view) use self::site_array::SiteArray;
pub(in crate::view) use self::sites::{CUSTOM_ID, Sites};
pub(in crate::view) use self::wrapped::Wrapped;
use super::file::File;
use super::links::{Resolved, resolve};
use super::source::{DatasetFiles, Object, ViewSource};
use super::{Error, Result};
use crate::schema::{self, COLUMNS};

/// A release of the engine: its first two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::view) struct Release(pub u32, pub u32);

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

/// The job, as the datastore says it.
#[derive(Debug)]
pub(in crate::view) struct JobParams {
    /// Which release of the engine made the datastore.
    pub release: Release,
    /// The parameters; none if they cannot be read.
    pub params: Map<String, Value>,
}

impl JobParams {
    /// That of the calculation whose root has these attributes.
    pub fn read(source: &ViewSource, attrs: &Map<String, Value>) -> Result<Self> {
        let release = Release::of(attrs.get("engine_version").and_then(Value::as_str).unwrap_or(""));
        Ok(Self { release, params: params(source)?.unwrap_or_default() })
    }

    /// True if the parameter `name` is on.
    pub fn is_on(&self, name: &str) -> bool {
        match self.params.get(name) {
            Some(Value::Bool(on)) => *on,
            Some(Value::Number(n)) => n.as_f64() != Some(0.0),
            _ => false,
        }
    }

    /// The intensity measures as the engine's arrays have them: sorted by period, those without one first.
    pub fn imts(&self) -> Vec<&str> {
        let levels = |name: &str| self.params.get(name)?.as_object().filter(|levels| !levels.is_empty());
        let levels = levels("hazard_imtls").or_else(|| levels("risk_imtls"));
        let mut imts: Vec<&str> = levels.map(|levels| levels.keys().map(String::as_str).collect()).unwrap_or_default();
        imts.sort_by(|a, b| period(a).total_cmp(&period(b)));
        imts
    }

    /// The levels of the curves of an intensity measure: those on soil, if curves are amplified.
    pub fn levels(&self, imt: &str) -> Vec<f64> {
        self.soil_levels().unwrap_or_else(|| self.rock_levels(imt))
    }

    /// The levels on rock, also where curves are amplified.
    pub fn rock_levels(&self, imt: &str) -> Vec<f64> {
        let levels = self.params.get("hazard_imtls").and_then(|levels| levels.get(imt)?.as_array());
        levels.into_iter().flatten().filter_map(Value::as_f64).collect()
    }

    /// The levels of amplified curves; `None` if curves are not amplified.
    fn soil_levels(&self) -> Option<Vec<f64>> {
        self.params.get("soil_intensities").filter(|levels| levels.is_array() || levels.is_string())?;
        Some(self.numbers("soil_intensities"))
    }

    /// A parameter that is a number.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.params.get(name).and_then(Value::as_f64)
    }

    /// A parameter that is a list of numbers: as a list, or as text.
    pub fn numbers(&self, name: &str) -> Vec<f64> {
        match self.params.get(name) {
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_f64).collect(),
            Some(Value::String(text)) => {
                let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
                words.filter_map(|word| word.parse().ok()).collect()
            }
            _ => vec![],
        }
    }

    /// The text of a parameter; none is empty.
    pub fn text(&self, name: &str) -> &str {
        self.params.get(name).and_then(Value::as_str).unwrap_or("")
    }
}

/// The period of an intensity measure; 0 if it has none.
pub(in crate::view) fn period(imt: &str) -> f64 {
    let (name, argument) = imt.split_once('(').unwrap_or((imt, ""));
    let number = argument.split([',', ')']).next().and_then(|text| text.trim().parse().ok());
    match (name, number) {
        ("EAS" | "FAS" | "DRVT", Some(frequency)) => 1.0 / frequency,
        (_, number) => number.unwrap_or(0.0),
    }
}

/// True if an intensity measure is part of a uniform hazard spectrum.
pub(in crate::view) fn is_spectral(imt: &str) -> bool {
    imt.starts_with("PGA") || imt.starts_with("SA")
}

/// The unit of an intensity measure; empty where it has none, or where models differ in it.
pub(in crate::view) fn unit(imt: &str) -> &'static str {
    match imt.split('(').next().unwrap_or(imt) {
        "PGA" | "SA" | "AvgSA" | "Sa_avg2" | "Sa_avg3" => "g",
        "PGV" | "FIV3" => "cm/s",
        "PGD" | "SDi" => "cm",
        "IA" => "m/s",
        "CAV" => "g s",
        "RSD" | "RSD595" | "RSD575" | "RSD2080" | "DRVT" => "s",
        "LSD" => "m",
        _ => "",
    }
}

/// The return period, in years, of what is exceeded with this probability in the investigation time, in years.
pub(in crate::view) fn return_period(poe: f64, investigation_time: f64) -> f64 {
    -investigation_time / (-poe).ln_1p()
}

/// Some of `count` numbers from zero, evenly chosen, with both ends.
pub(in crate::view) fn evenly(count: u64, most: u64) -> Vec<u64> {
    match most {
        _ if count <= most => (0..count).collect(),
        0 => vec![],
        1 => vec![0],
        _ => (0..most).map(|n| (u128::from(n) * u128::from(count - 1) / u128::from(most - 1)) as u64).collect(),
    }
}

/// The parameters of the job; `None` if there are none that can be read.
fn params(source: &ViewSource) -> Result<Option<Map<String, Value>>> {
    let Some((_, files)) = dataset(source, schema::OQPARAM)? else { return Ok(None) };
    let Some((_, text)) = files.files.iter().find(|(suffix, _)| *suffix == ".json") else { return Ok(None) };
    Ok(serde_json::from_slice(&text.read()?).ok())
}

/// The dataset at `path` and its files, if there is one.
pub(in crate::view) fn dataset(source: &ViewSource, path: &str) -> Result<Option<(Object, Arc<DatasetFiles>)>> {
    match resolve(source, &[], path.as_bytes())? {
        Resolved::Dataset(_, object) => {
            let files = source.files(&object)?;
            Ok(Some((object, files)))
        }
        _ => Ok(None),
    }
}

/// The array of the dataset at `path`, if there is one.
pub(in crate::view) fn array(source: &ViewSource, path: &str) -> Result<Option<(Object, Arc<File>)>> {
    let found = dataset(source, path)?;
    Ok(found.and_then(|(object, files)| Some((object, files.npy()?.clone()))))
}

/// An attribute of the group or dataset at `path` that is a text.
pub(in crate::view) fn text_attr(source: &ViewSource, path: &str, name: &str) -> Result<Option<String>> {
    let (Resolved::Group(_, object) | Resolved::Dataset(_, object)) = resolve(source, &[], path.as_bytes())? else {
        return Ok(None);
    };
    Ok(source.attrs(&object)?.get(name).and_then(Value::as_str).map(String::from))
}

/// The names of the columns of a group that is a table, in their order.
pub(in crate::view) fn names_of_columns(source: &ViewSource, group: &str) -> Result<Option<Vec<String>>> {
    let names = text_attr(source, group, COLUMNS)?;
    Ok(names.map(|names| names.split_whitespace().map(String::from).collect()))
}

/// An array whose shape is not that of its axes.
pub(in crate::view) fn misshapen(path: &str) -> Error {
    Error::Unsupported(format!("{path} is no array with the axes of its kind"))
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
        let job = JobParams { release: Release(3, 26), params: params.as_object().cloned().unwrap() };
        assert_eq!(job.imts(), ["PGV", "PGA", "FAS(4.000000)", "SA(2.0)", "SA(10.0)"]);
        assert_eq!((period("SDi(0.5,2.0)"), period("MMI")), (0.5, 0.0));
    }

    #[test]
    fn units_and_return_periods_are_those_of_the_field() {
        let units = ["PGA", "SA(0.2)", "PGV", "MMI"].map(unit);
        assert_eq!(units, ["g", "g", "cm/s", ""]);
        assert_eq!(return_period(0.1, 50.0).round(), 475.0);
    }

    #[test]
    fn some_of_many_are_chosen_evenly() {
        assert_eq!((evenly(3, 5), evenly(5, 0), evenly(9, 1)), (vec![0, 1, 2], vec![], vec![0]));
        assert_eq!(evenly(101, 3), [0, 50, 100]);
        let many = evenly(100_000, 777);
        assert!(many.len() == 777 && many[776] == 99_999 && many.windows(2).all(|two| two[0] < two[1]));
    }
}
