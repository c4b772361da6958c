//! How far sites feel ruptures, by tectonic region type and magnitude.

use std::collections::BTreeMap;

use super::literal::{self, Literal};
use super::values::by_name;
use crate::digest::digested;

/// Distances by tectonic region type and magnitude.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegrationDistance {
    by_trt: BTreeMap<String, Vec<(f64, f64)>>,
    /// Whether the job says what holds for all other tectonic region types.
    has_default: bool,
}

digested!(struct IntegrationDistance { by_trt, has_default });

/// Below which magnitude ruptures do not count, by tectonic region type.
#[derive(Clone, Debug, PartialEq)]
pub struct MinimumMagnitude {
    by_trt: BTreeMap<String, f64>,
    /// For all others: where the job does not say it, the least of those that it says (engine behaviour).
    default: f64,
}

digested!(struct MinimumMagnitude { by_trt, default });

impl MinimumMagnitude {
    /// Parse the value of `minimum_magnitude`.
    pub(super) fn parse(text: &str) -> Result<MinimumMagnitude, String> {
        let by_trt = by_name(text)?;
        let least = by_trt.values().copied().reduce(f64::min).ok_or("found {}; expected a magnitude")?;
        Ok(MinimumMagnitude { default: by_trt.get(DEFAULT).copied().unwrap_or(least), by_trt })
    }

    /// For a tectonic region type.
    pub fn for_trt(&self, trt: &str) -> f64 {
        self.by_trt.get(trt).copied().unwrap_or(self.default)
    }
}

/// Magnitudes outside this range are no earthquakes (the engine's limits).
const MAGNITUDES: (f64, f64) = (2.5, 10.2);

/// The key of what holds for all other tectonic region types.
pub(super) const DEFAULT: &str = "default";

impl IntegrationDistance {
    /// The (magnitude, km) pairs for a tectonic region type; distances between are interpolated, outside they are 0.
    pub fn for_trt(&self, trt: &str) -> &[(f64, f64)] {
        self.by_trt.get(trt).or_else(|| self.by_trt.get(DEFAULT)).map_or(&[], Vec::as_slice)
    }

    /// The farthest that a rupture of the largest magnitude is felt, whichever its tectonic region type, km.
    pub fn farthest(&self) -> f64 {
        self.by_trt.values().filter_map(|pairs| pairs.last()).map(|pair| pair.1).fold(0.0, f64::max)
    }

    /// The tectonic region types that have distances of their own.
    pub fn trts(&self) -> impl Iterator<Item = &str> {
        self.by_trt.keys().map(String::as_str).filter(|&t| t != DEFAULT)
    }

    /// Whether the job gives distances for a tectonic region type, by its name or by `default`.
    pub fn is_given_for(&self, trt: &str) -> bool {
        self.has_default || self.by_trt.contains_key(trt)
    }

    /// The same distance for everything, km.
    pub(super) fn everywhere(km: f64) -> IntegrationDistance {
        IntegrationDistance { by_trt: BTreeMap::from([(DEFAULT.to_string(), constant(km))]), has_default: true }
    }

    /// Parse the value of `maximum_distance` or of `pointsource_distance`.
    pub(super) fn parse(text: &str) -> Result<IntegrationDistance, String> {
        if text == "magdist" {
            let pairs = vec![(3.0, 0.0), (6.0, 150.0), (10.0, 600.0)];
            return Ok(IntegrationDistance {
                by_trt: BTreeMap::from([(DEFAULT.to_string(), pairs)]),
                has_default: true,
            });
        }
        let mut by_trt = BTreeMap::new();
        match literal::parse(text)? {
            Literal::Dict(items) => {
                for (trt, value) in items {
                    by_trt.insert(trt, distances(&value)?);
                }
            }
            value => {
                by_trt.insert(DEFAULT.to_string(), distances(&value)?);
            }
        }
        let reach = |pairs: &Vec<(f64, f64)>| pairs.iter().map(|p| p.1).fold(0.0, f64::max);
        let widest = by_trt.values().max_by(|a, b| reach(a).total_cmp(&reach(b))).cloned();
        let widest = widest.ok_or("no distance found")?;
        let has_default = by_trt.contains_key(DEFAULT);
        by_trt.entry(DEFAULT.to_string()).or_insert(widest);
        Ok(IntegrationDistance { by_trt, has_default })
    }

    /// Leave out the magnitudes below a minimum by tectonic region type.
    pub(super) fn cut(&mut self, minimum: &MinimumMagnitude) {
        let trts: Vec<String> = self.by_trt.keys().chain(minimum.by_trt.keys()).cloned().collect();
        for trt in trts {
            let min_mag = minimum.for_trt(&trt);
            let pairs = self.for_trt(&trt);
            if min_mag <= 0.0 || self.by_trt.get(&trt).is_some_and(|p| p.first().is_some_and(|f| f.0 == min_mag)) {
                continue;
            }
            let first = (min_mag, interpolate(pairs, min_mag));
            let mut kept: Vec<(f64, f64)> = pairs.iter().copied().filter(|p| p.0 >= min_mag).collect();
            if kept.first().is_none_or(|p| min_mag < p.0) {
                kept.insert(0, first);
            }
            self.by_trt.insert(trt, kept);
        }
    }
}

/// Linear interpolation in (x, y) pairs with ascending x; 0 outside.
pub fn interpolate(pairs: &[(f64, f64)], x: f64) -> f64 {
    pairs
        .windows(2)
        .find(|w| w[0].0 <= x && x <= w[1].0)
        .map_or(0.0, |w| w[0].1 + (w[1].1 - w[0].1) / (w[1].0 - w[0].0) * (x - w[0].0))
}

fn constant(km: f64) -> Vec<(f64, f64)> {
    vec![(MAGNITUDES.0, km), (MAGNITUDES.1, km)]
}

/// A number of km, or pairs of magnitude and km.
fn distances(value: &Literal) -> Result<Vec<(f64, f64)>, String> {
    match value {
        Literal::Number(km) if *km >= 0.0 => Ok(constant(*km)),
        Literal::List(items) => {
            let mut pairs = Vec::new();
            for item in items {
                match item {
                    Literal::List(pair) => match pair[..] {
                        [Literal::Number(mag), Literal::Number(km)]
                            if km >= 0.0 && (MAGNITUDES.0..=MAGNITUDES.1).contains(&mag) =>
                        {
                            pairs.push((mag, km));
                        }
                        _ => {
                            return Err(format!(
                                "found {item}; expected (magnitude, km), magnitudes in {MAGNITUDES:?}"
                            ));
                        }
                    },
                    other => return Err(format!("found {other}; expected a pair (magnitude, km)")),
                }
            }
            if pairs.len() < 2 || pairs.windows(2).any(|w| w[0].0 >= w[1].0) {
                return Err("expected two pairs (magnitude, km) at least, with ascending magnitudes".to_string());
            }
            Ok(pairs)
        }
        other => Err(format!("found {other}; expected km >= 0 or pairs of magnitude and km")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interpolation_is_zero_outside() {
        let pairs = [(5.0, 100.0), (7.0, 300.0)];
        assert_eq!([4.9, 5.0, 6.0, 7.0, 7.1].map(|m| interpolate(&pairs, m)), [0.0, 100.0, 200.0, 300.0, 0.0]);
    }

    #[test]
    fn what_is_no_distance_is_refused() {
        for text in ["-1", "[(5, 100)]", "[(7, 100), (6, 200)]", "[(1, 100), (6, 200)]", "{'a': 'far'}", "{}"] {
            assert!(IntegrationDistance::parse(text).is_err(), "{text}");
        }
        assert_eq!(IntegrationDistance::parse("magdist").unwrap().for_trt("x").len(), 3);
    }
}
