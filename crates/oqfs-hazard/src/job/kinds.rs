//! The types that parameters have: what is accepted, and how it is read.

use std::collections::BTreeMap;

use super::distance::{IntegrationDistance, MinimumMagnitude};
use super::params::{Amplified, Mode, Oversampling, SamplingMethod, Vs30Type};
use super::values::{self, Imtls};

/// A type of values.
pub struct Kind<T> {
    /// Its name, for readers.
    pub name: &'static str,
    /// What is accepted, for readers.
    pub accepted: &'static str,
    /// Between which numbers a value is, if it is one number.
    pub range: Option<Range>,
    /// Whether nothing behind the name is as if the parameter were not there.
    pub may_be_empty: bool,
    /// How a text is read, or what is wrong with it.
    parse: fn(&str) -> Result<T, String>,
}

impl<T> Kind<T> {
    /// The value that a text stands for.
    ///
    /// # Errors
    /// Says what was found and what is accepted.
    pub fn parse(&self, text: &str) -> Result<T, String> {
        (self.parse)(text)
    }

    const fn one(name: &'static str, accepted: &'static str, parse: fn(&str) -> Result<T, String>) -> Kind<T> {
        Kind { name, accepted, range: None, may_be_empty: false, parse }
    }

    const fn or_nothing(name: &'static str, accepted: &'static str, parse: fn(&str) -> Result<T, String>) -> Kind<T> {
        Kind { name, accepted, range: None, may_be_empty: true, parse }
    }

    const fn within(range: Range, name: &'static str, parse: fn(&str) -> Result<T, String>) -> Kind<T> {
        Kind { name, accepted: range.accepted, range: Some(range), may_be_empty: false, parse }
    }
}

/// A range of numbers.
#[derive(Clone, Copy, Debug)]
pub struct Range {
    /// Where it begins.
    pub least: f64,
    /// Whether the number where it begins is outside.
    pub is_open: bool,
    /// Where it ends; this number is inside.
    pub most: f64,
    /// Whether it holds whole numbers alone.
    pub is_whole: bool,
    accepted: &'static str,
}

const FROM_ZERO: Range =
    Range { least: 0.0, is_open: false, most: f64::MAX, is_whole: false, accepted: "a number that is not negative" };
const ABOVE_ZERO: Range = Range { is_open: true, accepted: "a positive number", ..FROM_ZERO };
const FINITE: Range = Range { least: f64::MIN, accepted: "a number", ..FROM_ZERO };
const COUNT: Range =
    Range { most: usize::MAX as f64, is_whole: true, accepted: "a whole number that is not negative", ..FROM_ZERO };
const SEEDS: Range = Range { most: u32::MAX as f64, accepted: "a whole number from 0 to 2^32 - 1", ..COUNT };

fn unexpected<T>(text: &str, accepted: &str) -> Result<T, String> {
    Err(format!("found {text:?}; expected {accepted}"))
}

fn number(text: &str, range: &Range) -> Result<f64, String> {
    let is_inside =
        |x: f64| x.is_finite() && range.least <= x && x <= range.most && !(range.is_open && x == range.least);
    match text.parse::<f64>() {
        Ok(x) if is_inside(x) => Ok(x),
        _ => unexpected(text, range.accepted),
    }
}

fn whole<T: std::str::FromStr>(text: &str, range: &Range) -> Result<T, String> {
    text.parse().or_else(|_| unexpected(text, range.accepted))
}

/// Words, cut where this says so.
fn words(text: &str, is_between: fn(char) -> bool) -> Vec<String> {
    text.split(is_between).map(str::trim).filter(|word| !word.is_empty()).map(str::to_string).collect()
}

pub const TEXT: Kind<String> = Kind::or_nothing("text", "any text", |text| Ok(text.to_string()));
pub const FILE: Kind<String> =
    Kind::or_nothing("file", "a path, from the folder of the job", |text| Ok(text.to_string()));
pub const FILES: Kind<Vec<String>> =
    Kind::or_nothing("files", "paths separated by spaces, from the folder of the job", |text| {
        Ok(words(text, char::is_whitespace))
    });
pub const WORDS: Kind<Vec<String>> = Kind::or_nothing("names", "names separated by spaces or commas", |text| {
    Ok(words(text, |c| c.is_whitespace() || c == ','))
});
pub const TRTS: Kind<Vec<String>> =
    Kind::or_nothing("tectonic region types", "names separated by commas", |text| Ok(words(text, |c| c == ',')));
pub const FLAG: Kind<bool> =
    Kind::or_nothing("truth value", "true or false", |text| match text.to_lowercase().as_str() {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => unexpected(text, "true or false"),
    });
pub const NUMBER: Kind<f64> = Kind::within(FINITE, "number", |text| number(text, &FINITE));
pub const POSITIVE: Kind<f64> = Kind::within(ABOVE_ZERO, "number", |text| number(text, &ABOVE_ZERO));
/// The engine takes nothing for none of these.
pub const POSITIVE_OR_NOTHING: Kind<f64> = Kind { may_be_empty: true, ..POSITIVE };
pub const NOT_NEGATIVE: Kind<f64> = Kind::within(FROM_ZERO, "number", |text| number(text, &FROM_ZERO));
pub const WHOLE: Kind<usize> = Kind::within(COUNT, "whole number", |text| whole(text, &COUNT));
pub const SEED: Kind<u32> = Kind::within(SEEDS, "whole number", |text| whole(text, &SEEDS));
pub const POSITIVES: Kind<Vec<f64>> =
    Kind::or_nothing("numbers", "positive numbers separated by spaces or commas", values::numbers);
pub const PROBABILITIES: Kind<Vec<f64>> =
    Kind::or_nothing("probabilities", "numbers within [0, 1] separated by spaces or commas", values::probabilities);
pub const PLACES: Kind<Vec<(f64, f64, f64)>> =
    Kind::or_nothing("places", "longitude latitude [depth], ...: degrees and km", values::coordinates);
pub const PART: Kind<(usize, usize)> =
    Kind::or_nothing("pair of whole numbers", "[part, number of parts]", values::part);
pub const NUMBER_BY_NAME: Kind<BTreeMap<String, f64>> =
    Kind::or_nothing("number", "a number that is not negative, or {'name': number, ...}", values::by_name);
pub const DISTANCES: Kind<IntegrationDistance> = Kind::or_nothing(
    "distances",
    "a number that is not negative, [(magnitude, km), ...], or {'tectonic region type': one of both, ...}",
    IntegrationDistance::parse,
);
pub const MAGNITUDES: Kind<MinimumMagnitude> =
    Kind::or_nothing("magnitudes", "a magnitude, or {'tectonic region type': magnitude, ...}", MinimumMagnitude::parse);
pub const LEVELS: Kind<Imtls> =
    Kind::or_nothing("levels", "{'PGA': [0.1, 0.2], ...}, or logscale(min, max, n) for a list", values::imtls);
pub const FILES_BY_TRT: Kind<Vec<(String, String)>> =
    Kind::or_nothing("files", "{'tectonic region type': 'file.hdf5', ...}", values::files_by_trt);
pub const MODE: Kind<Mode> =
    Kind::one("choice", "classical", |text| Mode::by_name(text).map_or_else(|| unexpected(text, "classical"), Ok));
pub const AMPLIFIED: Kind<Amplified> = Kind::one("choice", "convolution or kernel", |text| match text {
    "convolution" => Ok(Amplified::Curves),
    "kernel" => Ok(Amplified::Motion),
    _ => Err(format!("found {text:?}; accepted are convolution and kernel")),
});
pub const OVERSAMPLING: Kind<Oversampling> = Kind::one("choice", "forbid or tolerate", |text| match text {
    "forbid" => Ok(Oversampling::Forbidden),
    "tolerate" => Ok(Oversampling::Tolerated),
    _ => unexpected(text, "forbid or tolerate"),
});
pub const VS30_TYPE: Kind<Vs30Type> = Kind::one("choice", "measured or inferred", |text| match text {
    "measured" => Ok(Vs30Type::Measured),
    "inferred" => Ok(Vs30Type::Inferred),
    _ => unexpected(text, "measured or inferred"),
});
pub const SAMPLING: Kind<SamplingMethod> =
    Kind::one("choice", "early_weights, late_weights, early_latin or late_latin", str::parse);
