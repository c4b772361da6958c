//! The types that parameters have: what is accepted, and how it is read.

use std::collections::BTreeMap;

use super::disagg::{self, BinEdges, Marginal};
use super::distance::{IntegrationDistance, MinimumMagnitude};
use super::params::{Amplified, ByteSize, Mode, Oversampling, SamplingMethod, Vs30Type};
use super::spectra::PostProcessing;
use super::values::{self, Imtls};
use crate::gsim::Imt;

/// A type of values.
pub struct ParameterKind<T> {
    /// Its name, for readers.
    pub name: &'static str,
    /// What is accepted, for readers.
    pub accepted: &'static str,
    /// Between which numbers a value is, if it is one number.
    pub range: Option<AcceptedRange>,
    /// Whether nothing behind the name is as if the parameter were not there.
    pub may_be_empty: bool,
    /// How a text is read, or what is wrong with it.
    parse: fn(&str) -> Result<T, String>,
}

impl<T> ParameterKind<T> {
    /// The value that a text stands for.
    ///
    /// # Errors
    /// Says what was found and what is accepted.
    pub fn parse(&self, text: &str) -> Result<T, String> {
        (self.parse)(text)
    }

    const fn one(name: &'static str, accepted: &'static str, parse: fn(&str) -> Result<T, String>) -> ParameterKind<T> {
        ParameterKind { name, accepted, range: None, may_be_empty: false, parse }
    }

    const fn or_nothing(
        name: &'static str,
        accepted: &'static str,
        parse: fn(&str) -> Result<T, String>,
    ) -> ParameterKind<T> {
        ParameterKind { name, accepted, range: None, may_be_empty: true, parse }
    }

    const fn within(
        range: AcceptedRange,
        name: &'static str,
        parse: fn(&str) -> Result<T, String>,
    ) -> ParameterKind<T> {
        ParameterKind { name, accepted: range.accepted, range: Some(range), may_be_empty: false, parse }
    }
}

/// As many paths through the logic trees are held in memory.
pub const MOST_PATHS: usize = 1_000_000;

/// A range of numbers.
#[derive(Clone, Copy, Debug)]
pub struct AcceptedRange {
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

const FROM_ZERO: AcceptedRange = AcceptedRange {
    least: 0.0,
    is_open: false,
    most: f64::MAX,
    is_whole: false,
    accepted: "a number that is not negative",
};
const DEPTHS: AcceptedRange = AcceptedRange {
    accepted: "a number that is not negative, or -999 for the model's own relation with vs30",
    ..FROM_ZERO
};
const ABOVE_ZERO: AcceptedRange = AcceptedRange { is_open: true, accepted: "a positive number", ..FROM_ZERO };
const FINITE: AcceptedRange = AcceptedRange { least: f64::MIN, accepted: "a number", ..FROM_ZERO };
const COUNT: AcceptedRange = AcceptedRange {
    most: usize::MAX as f64,
    is_whole: true,
    accepted: "a whole number that is not negative",
    ..FROM_ZERO
};
const SEEDS: AcceptedRange =
    AcceptedRange { most: u32::MAX as f64, accepted: "a whole number from 0 to 2^32 - 1", ..COUNT };

const FROM_ONE: AcceptedRange =
    AcceptedRange { least: 1.0, most: MOST_THREADS as f64, accepted: "a whole number from 1 to 1024", ..COUNT };
/// More threads than this are a mistake.
const MOST_THREADS: usize = 1024;
/// More bins of epsilon than this are as well.
const MOST_BINS: usize = MOST_THREADS;

const PATHS: AcceptedRange =
    AcceptedRange { most: MOST_PATHS as f64, accepted: "a whole number from 0 to 1000000", ..COUNT };

fn unexpected<T>(text: &str, accepted: &str) -> Result<T, String> {
    Err(format!("found {text:?}; expected {accepted}"))
}

fn number(text: &str, range: &AcceptedRange) -> Result<f64, String> {
    let is_inside =
        |x: f64| x.is_finite() && range.least <= x && x <= range.most && !(range.is_open && x == range.least);
    match text.parse::<f64>() {
        Ok(x) if is_inside(x) => Ok(x),
        _ => unexpected(text, range.accepted),
    }
}

fn whole<T: std::str::FromStr>(text: &str, range: &AcceptedRange) -> Result<T, String> {
    text.parse().or_else(|_| unexpected(text, range.accepted))
}

/// Words, cut where this says so.
fn words(text: &str, is_between: fn(char) -> bool) -> Vec<String> {
    text.split(is_between).map(str::trim).filter(|word| !word.is_empty()).map(str::to_string).collect()
}

pub const TEXT: ParameterKind<String> = ParameterKind::or_nothing("text", "any text", |text| Ok(text.to_string()));
pub const FILE: ParameterKind<String> =
    ParameterKind::or_nothing("file", "a path, from the folder of the job", |text| Ok(text.to_string()));
pub const FILES: ParameterKind<Vec<String>> =
    ParameterKind::or_nothing("files", "paths separated by spaces, from the folder of the job", |text| {
        Ok(words(text, char::is_whitespace))
    });
pub const WORDS: ParameterKind<Vec<String>> =
    ParameterKind::or_nothing("names", "names separated by spaces or commas", |text| {
        Ok(words(text, |c| c.is_whitespace() || c == ','))
    });
pub const TRTS: ParameterKind<Vec<String>> =
    ParameterKind::or_nothing("tectonic region types", "names separated by commas", |text| {
        Ok(words(text, |c| c == ','))
    });
pub const FLAG: ParameterKind<bool> =
    ParameterKind::or_nothing("truth value", "true or false", |text| match text.to_lowercase().as_str() {
        "1" | "true" | "yes" => Ok(true),
        "0" | "false" | "no" => Ok(false),
        _ => unexpected(text, "true or false"),
    });
pub const NUMBER: ParameterKind<f64> = ParameterKind::within(FINITE, "number", |text| number(text, &FINITE));
pub const POSITIVE: ParameterKind<f64> = ParameterKind::within(ABOVE_ZERO, "number", |text| number(text, &ABOVE_ZERO));
/// The engine takes nothing for none of these.
pub const POSITIVE_OR_NOTHING: ParameterKind<f64> = ParameterKind { may_be_empty: true, ..POSITIVE };
pub const NOT_NEGATIVE: ParameterKind<f64> =
    ParameterKind::within(FROM_ZERO, "number", |text| number(text, &FROM_ZERO));
pub const DEPTH: ParameterKind<f64> = ParameterKind::within(DEPTHS, "number", |text| match text.parse::<f64>() {
    Ok(depth) if depth == -999.0 => Ok(depth),
    _ => number(text, &DEPTHS),
});
pub const WHOLE: ParameterKind<usize> = ParameterKind::within(COUNT, "whole number", |text| whole(text, &COUNT));
pub const PATH_COUNT: ParameterKind<usize> =
    ParameterKind::within(PATHS, "whole number", |text| match whole(text, &PATHS)? {
        count if count <= MOST_PATHS => Ok(count),
        _ => unexpected(text, PATHS.accepted),
    });
pub const THREADS: ParameterKind<usize> =
    ParameterKind::within(FROM_ONE, "whole number", |text| match whole(text, &FROM_ONE)? {
        count if (1..=MOST_THREADS).contains(&count) => Ok(count),
        _ => unexpected(text, FROM_ONE.accepted),
    });
pub const SIZE: ParameterKind<ByteSize> = ParameterKind::one("size", ByteSize::ACCEPTED, str::parse);
pub const SEED: ParameterKind<u32> = ParameterKind::within(SEEDS, "whole number", |text| whole(text, &SEEDS));
pub const POSITIVES: ParameterKind<Vec<f64>> =
    ParameterKind::or_nothing("numbers", "positive numbers separated by spaces or commas", values::numbers);
pub const PROBABILITIES: ParameterKind<Vec<f64>> = ParameterKind::or_nothing(
    "probabilities",
    "numbers within [0, 1] separated by spaces or commas",
    values::probabilities,
);
pub const PLACES: ParameterKind<Vec<(f64, f64, f64)>> =
    ParameterKind::or_nothing("places", "longitude latitude [depth], ...: degrees and km", values::coordinates);
pub const PART: ParameterKind<(usize, usize)> =
    ParameterKind::or_nothing("pair of whole numbers", "[part, number of parts]", values::part);
pub const NUMBER_BY_NAME: ParameterKind<BTreeMap<String, f64>> =
    ParameterKind::or_nothing("number", "a number that is not negative, or {'name': number, ...}", values::by_name);
pub const DISTANCES: ParameterKind<IntegrationDistance> = ParameterKind::or_nothing(
    "distances",
    "a number that is not negative, [(magnitude, km), ...], or {'tectonic region type': one of both, ...}",
    IntegrationDistance::parse,
);
pub const MAGNITUDES: ParameterKind<MinimumMagnitude> = ParameterKind::or_nothing(
    "magnitudes",
    "a magnitude, or {'tectonic region type': magnitude, ...}",
    MinimumMagnitude::parse,
);
pub const LEVELS: ParameterKind<Imtls> =
    ParameterKind::or_nothing("levels", "{'PGA': [0.1, 0.2], ...}, or logscale(min, max, n) for a list", values::imtls);
pub const FILES_BY_TRT: ParameterKind<Vec<(String, String)>> =
    ParameterKind::or_nothing("files", "{'tectonic region type': 'file.hdf5', ...}", values::files_by_trt);
pub const LABELS: ParameterKind<Vec<String>> =
    ParameterKind::or_nothing("labels", "{'name': 1, 'other': 2, ...}: numbered from 1, in order", values::labels);
pub const MODE: ParameterKind<Mode> = ParameterKind::one("choice", "classical or disaggregation", |text| {
    Mode::by_name(text).map_or_else(|| unexpected(text, "classical or disaggregation"), Ok)
});
pub const LEVEL_BY_IMT: ParameterKind<BTreeMap<String, f64>> =
    ParameterKind::or_nothing("levels", disagg::ONE_LEVEL, values::by_name);
pub const EDGES: ParameterKind<BinEdges> =
    ParameterKind::or_nothing("edges", "{'mag': [5, 6, 7], 'dist': [0, 50, 100], ...}", BinEdges::parse);
pub const OUTPUTS: ParameterKind<Vec<Marginal>> =
    ParameterKind::or_nothing("marginals", "names separated by spaces or commas", Marginal::parse);
pub const BIN_COUNT: ParameterKind<usize> =
    ParameterKind::within(FROM_ONE, "whole number", |text| match whole(text, &FROM_ONE)? {
        count if (1..=MOST_BINS).contains(&count) => Ok(count),
        _ => unexpected(text, FROM_ONE.accepted),
    });
pub const WHOLE_NUMBERS: ParameterKind<Vec<usize>> =
    ParameterKind::or_nothing("whole numbers", "whole numbers separated by spaces or commas", disagg::whole_numbers);
pub const IMT: ParameterKind<Imt> =
    ParameterKind::or_nothing("intensity measure", "an intensity measure, like SA(0.2)", |text| {
        text.parse().map_err(|error| format!("{error}"))
    });
pub const POST_PROCESSING: ParameterKind<PostProcessing> = ParameterKind::or_nothing(
    "text",
    "conditional_spectrum.main, or another function of the engine's",
    PostProcessing::parse,
);
pub const AMPLIFIED: ParameterKind<Amplified> =
    ParameterKind::one("choice", "convolution or kernel", |text| match text {
        "convolution" => Ok(Amplified::Curves),
        "kernel" => Ok(Amplified::Motion),
        _ => Err(format!("found {text:?}; accepted are convolution and kernel")),
    });
pub const OVERSAMPLING: ParameterKind<Oversampling> =
    ParameterKind::one("choice", "forbid or tolerate", |text| match text {
        "forbid" => Ok(Oversampling::Forbidden),
        "tolerate" => Ok(Oversampling::Tolerated),
        _ => unexpected(text, "forbid or tolerate"),
    });
pub const VS30_TYPE: ParameterKind<Vs30Type> =
    ParameterKind::one("choice", "measured or inferred", |text| match text {
        "measured" => Ok(Vs30Type::Measured),
        "inferred" => Ok(Vs30Type::Inferred),
        _ => unexpected(text, "measured or inferred"),
    });
pub const SAMPLING: ParameterKind<SamplingMethod> =
    ParameterKind::one("choice", "early_weights, late_weights, early_latin or late_latin", str::parse);
