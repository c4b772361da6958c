//! The parameters of a disaggregation: which marginals are wanted, the edges of bins, and what goes together.

use super::ini::IniEntry;
use super::literal::{self, Literal};
use super::parameters::{Fail, missing};
use super::params::Mode;
use super::table::Given;

/// A property of ruptures that a disaggregation tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DisaggAxis {
    /// The tectonic region type.
    Trt,
    /// Magnitude.
    Mag,
    /// The closest distance to the rupture, km.
    Dist,
    /// The longitude of the closest point of the rupture, degrees.
    Lon,
    /// The latitude of that point, degrees.
    Lat,
    /// By how many standard deviations the motion is above its mean.
    Eps,
}

impl DisaggAxis {
    /// The engine's name.
    pub fn name(self) -> &'static str {
        match self {
            DisaggAxis::Trt => "TRT",
            DisaggAxis::Mag => "Mag",
            DisaggAxis::Dist => "Dist",
            DisaggAxis::Lon => "Lon",
            DisaggAxis::Lat => "Lat",
            DisaggAxis::Eps => "Eps",
        }
    }
}

/// A marginal of a disaggregation: `Mag_Dist`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marginal {
    /// The engine's name.
    pub name: &'static str,
    /// What it tells apart, in the order of its axes.
    pub axes: &'static [DisaggAxis],
}

/// A marginal of these axes.
macro_rules! output {
    ($name:literal: $($axis:ident)+) => { Marginal { name: $name, axes: &[$(DisaggAxis::$axis),+] } };
}

impl Marginal {
    /// All of them, in the engine's order.
    pub const ALL: [Marginal; 11] = [
        output!("Mag": Mag),
        output!("Dist": Dist),
        output!("Mag_Dist": Mag Dist),
        output!("Mag_Dist_Eps": Mag Dist Eps),
        output!("Lon_Lat": Lon Lat),
        output!("Mag_Lon_Lat": Mag Lon Lat),
        output!("TRT": Trt),
        output!("TRT_Mag": Trt Mag),
        output!("TRT_Lon_Lat": Trt Lon Lat),
        output!("TRT_Mag_Dist": Trt Mag Dist),
        output!("TRT_Mag_Dist_Eps": Trt Mag Dist Eps),
    ];

    /// Whether it tells places apart.
    pub fn is_of_places(&self) -> bool {
        self.axes.contains(&DisaggAxis::Lon)
    }

    /// Those that a text names.
    pub(super) fn parse(text: &str) -> Result<Vec<Marginal>, String> {
        let mut outputs = Vec::new();
        for word in text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()) {
            let names = || Marginal::ALL.map(|output| output.name).join(", ");
            let known = Marginal::ALL.iter().find(|output| output.name == word);
            let output = known.ok_or_else(|| format!("found {word:?}; expected some of {}", names()))?;
            if !outputs.contains(output) {
                outputs.push(*output);
            }
        }
        Ok(outputs)
    }
}

/// Edges of bins that a job gives, each `None` where it does not.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BinEdges {
    /// Of magnitudes.
    pub mag: Option<Vec<f64>>,
    /// Of distances, km.
    pub dist: Option<Vec<f64>>,
    /// Of longitudes, degrees.
    pub lon: Option<Vec<f64>>,
    /// Of latitudes, degrees.
    pub lat: Option<Vec<f64>>,
    /// Of epsilon.
    pub eps: Option<Vec<f64>>,
}

impl BinEdges {
    /// `{'mag': [5.6, 6, 7], ...}`
    pub(super) fn parse(text: &str) -> Result<BinEdges, String> {
        let Literal::Dict(items) = literal::parse(text)? else {
            return Err("expected a dictionary like {'mag': [5, 6, 7], 'dist': [0, 50, 100]}".to_string());
        };
        let mut edges = BinEdges::default();
        for (name, value) in items {
            let of = match name.as_str() {
                "mag" => &mut edges.mag,
                "dist" => &mut edges.dist,
                "lon" => &mut edges.lon,
                "lat" => &mut edges.lat,
                "eps" => &mut edges.eps,
                _ => return Err(format!("found {name:?}; expected mag, dist, lon, lat or eps")),
            };
            *of = Some(ascending(&name, &value)?);
        }
        Ok(edges)
    }

    fn is_empty(&self) -> bool {
        *self == BinEdges::default()
    }
}

fn ascending(name: &str, value: &Literal) -> Result<Vec<f64>, String> {
    let numbers = match value {
        Literal::List(items) => items.iter().map(|item| if let Literal::Number(x) = item { Some(*x) } else { None }),
        other => return Err(format!("{name}: found {other}; expected a list of edges")),
    };
    let edges = numbers.collect::<Option<Vec<f64>>>().filter(|edges| edges.len() > 1);
    let ascends = |edges: &Vec<f64>| edges.windows(2).all(|two| two[0] < two[1]);
    edges.filter(ascends).ok_or_else(|| format!("{name}: found {value}; expected two edges at least, which increase"))
}

/// Whole numbers separated by spaces or commas.
pub(super) fn whole_numbers(text: &str) -> Result<Vec<usize>, String> {
    let words = text.split(|c: char| c.is_whitespace() || "[],".contains(c)).filter(|word| !word.is_empty());
    words.map(|w| w.parse().map_err(|_| format!("found {w:?}; expected whole numbers that are not negative"))).collect()
}

/// The entry of the levels that `iml_disagg` stands for: a level of each intensity measure.
///
/// # Errors
/// If both are there.
pub(super) fn levels_of(entries: &[IniEntry]) -> Result<Option<IniEntry>, Fail> {
    const LEVELS: &str = "intensity_measure_types_and_levels";
    let of = |key: &str| entries.iter().find(|entry| entry.key == key && !entry.value.is_empty());
    let Some(entry) = of("iml_disagg") else { return Ok(None) };
    let fail = |message: String| (entry.line, format!("iml_disagg: {message}"));
    let Literal::Dict(items) = literal::parse(&entry.value).map_err(fail)? else {
        return Err(fail(format!("found {:?}; expected {ONE_LEVEL}", entry.value)));
    };
    if of(LEVELS).is_some() {
        let message = format!("iml_disagg: {LEVELS} is there too; leave that out: the levels are those of iml_disagg");
        return Err((entry.line, message));
    }
    let list = |(imt, level): (String, Literal)| match level {
        Literal::Number(x) if x > 0.0 && x.is_finite() => Ok((imt, Literal::List(vec![Literal::Number(x)]))),
        other => Err(fail(format!("{imt}: found {other}; expected a positive number"))),
    };
    let levels = Literal::Dict(items.into_iter().map(list).collect::<Result<_, _>>()?);
    Ok(Some(IniEntry { key: LEVELS.to_string(), value: levels.to_string(), line: entry.line }))
}

/// What `iml_disagg` is.
pub(super) const ONE_LEVEL: &str = "{'PGA': 0.1, ...}: a level of each intensity measure";

/// The probabilities that a disaggregation is at: `poes` and `poes_disagg` are the same there.
///
/// # Errors
/// If both are there and differ.
pub(super) fn poes(given: &Given) -> Result<&[f64], Fail> {
    let (poes, poes_disagg) = (&given.poes, &given.poes_disagg);
    if given.calculation_mode != Mode::Disaggregation || poes_disagg.is_empty() {
        return Ok(poes);
    }
    if !poes.is_empty() && poes != poes_disagg {
        let message = format!("poes_disagg is {poes_disagg:?} and poes {poes:?}; they are one thing: leave out one");
        return Err((given.lines.poes_disagg, message));
    }
    Ok(poes_disagg)
}

/// Check what a disaggregation requires and what does not go together with one.
pub(super) fn check(given: &Given) -> Result<(), Fail> {
    if given.calculation_mode != Mode::Disaggregation {
        return Ok(());
    }
    let lines = &given.lines;
    on_rock_alone(given, "calculation_mode = disaggregation")?;
    match (given.poes.is_empty(), &given.iml_disagg) {
        (true, None) => return Err(missing("poes_disagg (or iml_disagg)")),
        (false, Some(_)) => {
            let message = "iml_disagg and poes_disagg (or poes) are both there; leave out one";
            return Err((lines.iml_disagg, message.to_string()));
        }
        _ => {}
    }
    if given.rlz_index.is_empty() {
        return widths(given);
    }
    if given.num_rlzs_disagg > 1 {
        let message = "num_rlzs_disagg and rlz_index are both there; leave out one";
        return Err((lines.num_rlzs_disagg, message.to_string()));
    }
    widths(given)
}

/// Check what does not go together with a second pass over the ruptures at the levels of the mean curves, which `what` asks for.
pub(super) fn on_rock_alone(given: &Given, what: &str) -> Result<(), Fail> {
    let lines = &given.lines;
    let refused = [
        ("mean", !given.mean, lines.mean, "the levels follow from the mean curves: set it to true"),
        ("amplification_csv", given.amplification_csv.is_some(), lines.amplification_csv, "it is on rock"),
        ("site_labels", !given.site_labels.is_empty(), lines.site_labels, "all its sites have one logic tree"),
        ("tile_spec", given.tile_spec.is_some(), lines.tile_spec, "it is of all sites"),
    ];
    if let Some((name, _, line, why)) = refused.into_iter().find(|(_, is_there, ..)| *is_there) {
        return Err((line, format!("{name} does not go together with {what}: {why}")));
    }
    if given.truncation_level == 0.0 {
        let message = format!("truncation_level is 0; {what} requires motions that scatter: a positive number");
        return Err((lines.truncation_level, message));
    }
    Ok(())
}

/// Without edges of bins, widths have to be there.
fn widths(given: &Given) -> Result<(), Fail> {
    let edges = given.disagg_bin_edges.as_ref();
    let required = [
        ("mag_bin_width", given.lines.mag_bin_width),
        ("distance_bin_width", given.lines.distance_bin_width),
        ("coordinate_bin_width", given.lines.coordinate_bin_width),
        ("num_epsilon_bins", given.lines.num_epsilon_bins),
    ];
    match required.into_iter().find(|(_, line)| *line == 0) {
        Some((name, _)) if edges.is_none_or(BinEdges::is_empty) => Err(missing(name)),
        _ => match edges {
            Some(edges) if edges.lon.is_some() != edges.lat.is_some() => {
                let message = "disagg_bin_edges: lon and lat belong together; give both or none";
                Err((given.lines.disagg_bin_edges, message.to_string()))
            }
            _ => Ok(()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_named_by_its_axes() {
        for output in Marginal::ALL {
            let names: Vec<&str> = output.axes.iter().map(|axis| axis.name()).collect();
            assert_eq!(output.name, names.join("_"));
            assert!(output.axes.is_sorted());
        }
        let names = |text| Marginal::parse(text).map(|all| all.iter().map(|o| o.name).collect::<Vec<_>>());
        assert_eq!(names("TRT, Mag_Dist TRT"), Ok(vec!["TRT", "Mag_Dist"]));
        assert!(names("Dist_Mag").unwrap_err().contains("Mag_Dist_Eps"));
    }

    #[test]
    fn edges_increase() {
        let edges = BinEdges::parse("{'mag': [5, 6.5], 'eps': [-1, 1]}").unwrap();
        assert_eq!(edges, BinEdges { mag: Some(vec![5.0, 6.5]), eps: Some(vec![-1.0, 1.0]), ..BinEdges::default() });
        for wrong in ["{'mag': [5]}", "{'mag': [6, 5]}", "{'mag': 5}", "{'depth': [1, 2]}", "[5, 6]"] {
            let error = BinEdges::parse(wrong).unwrap_err();
            assert!(error.contains("expected"), "{wrong}: {error}");
        }
    }
}
