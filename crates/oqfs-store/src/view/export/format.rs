//! Numbers and comments as the engine's exports have them, which are Python's.

use std::fmt::Write;

/// `%.6E` (or `%.7e` with 7 digits and `upper` false) of a number; a zero has no sign.
pub(super) fn scientific(value: f64, digits: usize, upper: bool) -> String {
    let text = if value.is_nan() {
        "nan".to_string()
    } else if value.is_infinite() {
        if value > 0.0 { "inf" } else { "-inf" }.to_string()
    } else {
        let value = if value == 0.0 { 0.0 } else { value };
        let text = format!("{value:.digits$e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, size) = exponent.strip_prefix('-').map_or(("+", exponent), |size| ("-", size));
        format!("{mantissa}e{sign}{size:0>2}")
    };
    if upper { text.to_uppercase() } else { text }
}

/// Python's `repr` of a float: the shortest text that reads back, with an exponent below 1e-4 and from 1e16 on.
pub(super) fn repr(value: f64) -> String {
    if !value.is_finite() {
        return scientific(value, 0, false);
    }
    let size = value.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{value:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, size) = exponent.strip_prefix('-').map_or(("+", exponent), |size| ("-", size));
        return format!("{mantissa}e{sign}{size:0>2}");
    }
    format!("{value:?}")
}

/// A string as Python's `repr` has it.
pub(super) fn quoted(value: &str) -> String {
    let quote = if value.contains('\'') && !value.contains('"') { '"' } else { '\'' };
    format!("{quote}{value}{quote}")
}

/// A list as Python's `repr` has it, of what its members are.
pub(super) fn list(members: impl Iterator<Item = String>) -> String {
    format!("[{}]", members.collect::<Vec<_>>().join(", "))
}

/// The comment of the first line: `name=value` pairs, strings in quotes.
#[derive(Clone, Debug, Default)]
pub(super) struct Comment(String);

impl Comment {
    /// Adds a string.
    pub fn text(self, name: &str, value: &str) -> Self {
        self.bare(name, &quoted(value))
    }

    /// Adds what needs no quotes.
    pub fn bare(mut self, name: &str, value: &str) -> Self {
        let comma = if self.0.is_empty() { "" } else { ", " };
        let _ = write!(self.0, "{comma}{name}={value}");
        self
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_python_writes_them() {
        // Python 3.11: '%.6E' % x, '%.7e' % x, repr(x)
        for (value, text) in [
            (0.905_677_3, "9.056773E-01"),
            (-0.0, "0.000000E+00"),
            (1.0078279, "1.007828E+00"),
            (1e-120, "1.000000E-120"),
            (f64::NAN, "NAN"),
            (f64::NEG_INFINITY, "-INF"),
        ] {
            assert_eq!(scientific(value, 6, true), text);
        }
        assert_eq!(scientific(f64::from(0.09f32), 7, false), "9.0000004e-02");
        for (value, text) in [(50.0, "50.0"), (0.1, "0.1"), (0.0001, "0.0001"), (1e-5, "1e-05"), (1e16, "1e+16")] {
            assert_eq!(repr(value), text);
        }
    }

    #[test]
    fn strings_in_a_comment_are_quoted() {
        let comment = Comment::default().text("kind", "mean").bare("time", "50.0").text("imt", "it's");
        assert_eq!(comment.as_str(), "kind='mean', time=50.0, imt=\"it's\"");
    }
}
