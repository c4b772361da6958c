//! The values of parameters: lists, coordinates, intensity measures with their levels.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::distance::DEFAULT;
use super::literal::{self, Literal};
use crate::digest::digested;
use crate::gsim::Imt;

/// Positive numbers separated by spaces or commas.
pub fn numbers(text: &str) -> Result<Vec<f64>, String> {
    text.split(|c: char| c.is_whitespace() || "[],".contains(c))
        .filter(|w| !w.is_empty())
        .map(|w| match w.parse::<f64>() {
            Ok(x) if x.is_finite() && x > 0.0 => Ok(x),
            _ => Err(format!("found {w:?}; expected positive numbers")),
        })
        .collect()
}

/// Numbers within [0, 1] separated by spaces or commas.
pub fn probabilities(text: &str) -> Result<Vec<f64>, String> {
    text.split(|c: char| c.is_whitespace() || "[],".contains(c))
        .filter(|w| !w.is_empty())
        .map(|w| match w.parse::<f64>() {
            Ok(x) if (0.0..=1.0).contains(&x) => Ok(x),
            _ => Err(format!("found {w:?}; expected probabilities, within [0, 1]")),
        })
        .collect()
}

/// A number, or numbers by name, as of tectonic region types.
pub fn by_name(text: &str) -> Result<BTreeMap<String, f64>, String> {
    let number = |value: &Literal| match value {
        Literal::Number(x) if *x >= 0.0 => Ok(*x),
        other => Err(format!("found {other}; expected a number that is not negative")),
    };
    match literal::parse(text)? {
        Literal::Dict(items) => items.iter().map(|(trt, value)| Ok((trt.clone(), number(value)?))).collect(),
        value => Ok(BTreeMap::from([(DEFAULT.to_string(), number(&value)?)])),
    }
}

/// Tectonic region types, each with a file.
pub fn files_by_trt(text: &str) -> Result<Vec<(String, String)>, String> {
    let Literal::Dict(items) = literal::parse(text)? else {
        return Err("expected a dictionary like {\"Stable Continental\": \"lookup.hdf5\"}".to_string());
    };
    let file = |(trt, value): (String, Literal)| match value {
        Literal::Text(name) => Ok((trt, name)),
        other => Err(format!("{trt}: found {other}; expected the name of a file")),
    };
    items.into_iter().map(file).collect()
}

/// Labels, which are numbered from 1 in their order: the engine goes by their order alone.
pub fn labels(text: &str) -> Result<Vec<String>, String> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let Literal::Dict(items) = literal::parse(text)? else {
        return Err("expected a dictionary like {'Cascadia': 1, 'LosAngeles': 2}".to_string());
    };
    if items.len() > usize::from(u8::MAX) {
        return Err(format!("found {} labels; expected 255 at most", items.len()));
    }
    let label = |(number, (name, value)): (usize, (String, Literal))| match value {
        Literal::Number(x) if x == number as f64 => Ok(name),
        other => Err(format!("{name}: found {other}; expected {number}: labels are numbered from 1, in order")),
    };
    (1..).zip(items).map(label).collect()
}

/// One of so many parts, counted from 1: `[1, 4]`.
pub fn part(text: &str) -> Result<(usize, usize), String> {
    let wrong = || format!("found {text:?}; expected [part, number of parts], as [1, 4]");
    let Literal::List(items) = literal::parse(text).map_err(|_| wrong())? else { return Err(wrong()) };
    match items[..] {
        [Literal::Number(part), Literal::Number(of)]
            if 1.0 <= part && part <= of && part.fract() == 0.0 && of.fract() == 0.0 =>
        {
            Ok((part as usize, of as usize))
        }
        _ => Err(wrong()),
    }
}

/// Longitude, latitude and perhaps depth of points that are separated by commas.
pub fn coordinates(text: &str) -> Result<Vec<(f64, f64, f64)>, String> {
    let mut points: Vec<(f64, f64, f64)> = Vec::new();
    let mut known = HashSet::new();
    for part in text.split(',').map(str::trim) {
        let numbers: Vec<f64> = part
            .split_whitespace()
            .map(|w| w.parse().map_err(|_| format!("found {w:?}; expected longitude latitude [depth], ...")))
            .collect::<Result<_, _>>()?;
        let (lon, lat, depth) = match numbers[..] {
            [lon, lat] => (lon, lat, 0.0),
            [lon, lat, depth] => (lon, lat, depth),
            _ => return Err(format!("found {part:?}; expected longitude latitude [depth], ...")),
        };
        if !(-180.0..=180.0).contains(&lon) || !(-90.0..=90.0).contains(&lat) || !(-10.0..=1000.0).contains(&depth) {
            return Err(format!(
                "found {part:?}; expected longitude in [-180, 180], latitude in [-90, 90], depth in km"
            ));
        }
        // 0 and -0 are one place
        if !known.insert([lon, lat].map(|degrees| (degrees + 0.0).to_bits())) {
            return Err(format!("the point {lon} {lat} is there twice"));
        }
        points.push((lon, lat, depth));
    }
    Ok(points)
}

/// The lowest level where a job says 0 (engine behaviour).
const MIN_LEVEL: f64 = 1e-10;

/// Intensity measures with their levels.
#[derive(Clone, Debug, PartialEq)]
pub struct Imtls {
    /// Each with its levels, which ascend; all have as many. They are sorted as the engine sorts them.
    pub by_imt: Vec<(Imt, Vec<f64>)>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

digested!(struct Imtls { by_imt } without { warnings: "they are for the log" });

/// Intensity measures with their levels. One may be there in several spellings, `SA(0.3)` and `SA(0.30)`: of these the last counts
/// that is not spelt as the engine spells it (engine behaviour), and a warning says it where the levels differ.
pub fn imtls(text: &str) -> Result<Imtls, String> {
    let Literal::Dict(items) = literal::parse(text)? else {
        return Err("expected a dictionary like {\"PGA\": [0.1, 0.2]}".to_string());
    };
    let mut out: Vec<(Imt, Vec<f64>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut warnings = Vec::new();
    for (name, value) in items {
        let imt = Imt::parse(&name).map_err(|e| e.to_string())?;
        let Literal::List(values) = value else {
            return Err(format!("{name}: expected a list of levels, or logscale(min, max, n)"));
        };
        let mut levels = Vec::new();
        for level in values {
            match level {
                Literal::Number(x) if x >= 0.0 => levels.push(x),
                other => {
                    return Err(format!("{name}: found the level {other}; expected numbers that are not negative"));
                }
            }
        }
        if levels.is_empty() || levels.windows(2).any(|w| w[0] >= w[1]) {
            return Err(format!("{name}: the levels must increase; found {levels:?}"));
        }
        if levels[0] == 0.0 {
            levels[0] = MIN_LEVEL;
        }
        let usual = imt.to_string();
        match places.get(&usual).map(|place| &mut out[*place]) {
            None => {
                places.insert(usual, out.len());
                out.push((imt, levels));
            }
            Some((_, others)) if *others == levels => {}
            Some((_, others)) => {
                let is_usual = name == usual;
                let which = if is_usual { "another spelling" } else { &name };
                warnings
                    .push(format!("{imt} is there in several spellings with different levels; those of {which} count"));
                if !is_usual {
                    *others = levels;
                }
            }
        }
    }
    if out.is_empty() {
        return Err("no intensity measure found".to_string());
    }
    if let Some((imt, levels)) = out.iter().find(|(_, levels)| levels.len() != out[0].1.len()) {
        let (first, n) = (out[0].0, out[0].1.len());
        return Err(format!("{imt} has {} levels but {first} has {n}; all must have as many", levels.len()));
    }
    out.sort_by(|a, b| a.0.by_period(&b.0));
    Ok(Imtls { by_imt: out, warnings })
}
