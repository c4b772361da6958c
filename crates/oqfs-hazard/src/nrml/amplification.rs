//! Amplification functions (`amplification_csv`): how much stronger motion is on the ground of a site than on rock.
//!
//! The first line is a comment that says the vs30 of the rock, `#,,,vs30_ref=760`; the header is `ampcode`, perhaps `level`, then
//! intensity measures, each with its median factor, and `sigma_...` of them, the standard deviation of its logarithm. For the
//! amplification of each rupture there are `from_mag` and `from_rrup` too, the least magnitude and distance that a row is for.
//!
//! Of those rows only the ones for the least magnitude and distance count: the engine looks up no others, whatever the rupture.

use std::collections::BTreeMap;
use std::path::Path;

use super::xml::parse_number;
use super::{NrmlError, text};
use crate::gsim::Imt;

/// The amplification functions of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct AmplificationTable {
    /// The vs30 of the rock, m/s.
    pub vs30_ref: f64,
    /// The functions by the code of the ground (`ampcode`).
    pub functions: BTreeMap<String, AmplificationFunction>,
    /// The greatest standard deviation of all rows.
    pub max_sigma: f64,
}

/// The factors of one ground.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AmplificationFunction {
    /// Of each intensity measure.
    pub factors: Vec<Factors>,
}

/// The factors of one ground for an intensity measure, by ascending levels of motion on rock; at level 0 alone where they are
/// the same for all levels.
#[derive(Clone, Debug, PartialEq)]
pub struct Factors {
    /// The intensity measure.
    pub imt: Imt,
    /// The median factor at each level.
    pub median: Vec<(f64, f64)>,
    /// The standard deviation of its logarithm at each level.
    pub sigma: Vec<(f64, f64)>,
}

/// What is in a column.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    Level,
    FromMag,
    FromRrup,
    Median(usize),
    Sigma(usize),
}

/// The rows of a file for a ground, a magnitude and a distance.
struct Rows {
    code: String,
    from_mag: f64,
    from_rrup: f64,
    function: AmplificationFunction,
}

/// Read a file of amplification functions, of those by magnitude and distance with `by_rupture`.
pub fn read(path: &Path, by_rupture: bool) -> Result<AmplificationTable, NrmlError> {
    let fail = |line: usize, message: String| NrmlError::new(path, line, message);
    let text = text::read(path)?;
    let vs30_ref =
        reference(&text).ok_or_else(|| fail(1, "expected a first line with vs30_ref, as #,vs30_ref=760".into()))?;
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header: Vec<String> =
        reader.headers().map_err(|e| fail(0, e.to_string()))?.iter().map(str::to_string).collect();
    let (imts, columns) = columns(&header, by_rupture).map_err(|message| fail(2, message))?;
    let mut all: Vec<Rows> = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| fail(0, format!("malformed CSV: {e}")))?;
        let line = record.position().map_or(0, |p| p.line() as usize);
        let cells: Vec<&str> = record.iter().collect();
        add(&cells, &header, &columns, &imts, &mut all).map_err(|message| fail(line, message))?;
    }
    if all.is_empty() {
        return Err(fail(0, "no amplification function found".to_string()));
    }
    let sigmas = all.iter().flat_map(|rows| &rows.function.factors).flat_map(|factors| &factors.sigma);
    let max_sigma = sigmas.map(|(_, sigma)| *sigma).fold(0.0, f64::max);
    let functions = of_least(all).map_err(|message| fail(0, message))?;
    Ok(AmplificationTable { vs30_ref, functions, max_sigma })
}

/// Add a row.
fn add(cells: &[&str], header: &[String], columns: &[Column], imts: &[Imt], all: &mut Vec<Rows>) -> Result<(), String> {
    let code = cells.first().copied().unwrap_or_default();
    let number = |at: usize, is_good: &dyn Fn(&f64) -> bool| {
        let (cell, name) = (cells.get(at).copied().unwrap_or_default(), &header[at]);
        let value = parse_number(cell).filter(is_good);
        value.ok_or_else(|| format!("{name} is {cell:?}; expected a positive number"))
    };
    let (positive, not_negative) = (|x: &f64| *x > 0.0, |x: &f64| *x >= 0.0);
    // of a column that there need not be
    let of = |wanted: Column, is_good: &dyn Fn(&f64) -> bool| match columns.iter().position(|c| *c == wanted) {
        Some(at) => number(at + 1, is_good),
        None => Ok(0.0),
    };
    let (level, from_mag, from_rrup) =
        (of(Column::Level, &positive)?, of(Column::FromMag, &not_negative)?, of(Column::FromRrup, &not_negative)?);
    let is_it = |rows: &Rows| rows.code == code && (rows.from_mag, rows.from_rrup) == (from_mag, from_rrup);
    let at = all.iter().rposition(is_it).unwrap_or_else(|| {
        let none = |imt: &Imt| Factors { imt: *imt, median: Vec::new(), sigma: Vec::new() };
        let function = AmplificationFunction { factors: imts.iter().map(none).collect() };
        all.push(Rows { code: code.to_string(), from_mag, from_rrup, function });
        all.len() - 1
    });
    let factors = &mut all[at].function.factors;
    if factors[0].median.last().is_some_and(|(last, _)| *last >= level) {
        return Err(match level {
            0.0 => format!("ampcode {code} is there twice"),
            _ => format!("level is {level}; the levels of {code} must increase"),
        });
    }
    for (at, column) in columns.iter().enumerate().map(|(i, column)| (i + 1, column)) {
        match column {
            Column::Level | Column::FromMag | Column::FromRrup => {}
            Column::Median(m) => factors[*m].median.push((level, number(at, &positive)?)),
            Column::Sigma(m) => factors[*m].sigma.push((level, number(at, &not_negative)?)),
        }
    }
    // a factor without a standard deviation has no scatter
    for factors in factors.iter_mut().filter(|f| f.sigma.len() < f.median.len()) {
        factors.sigma.push((level, 0.0));
    }
    Ok(())
}

/// Of each ground the function for the least magnitude and distance.
fn of_least(all: Vec<Rows>) -> Result<BTreeMap<String, AmplificationFunction>, String> {
    let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
    let mag = least(&mut all.iter().map(|rows| rows.from_mag));
    let mut of_codes: BTreeMap<String, Vec<Rows>> = BTreeMap::new();
    for rows in all {
        of_codes.entry(rows.code.clone()).or_default().push(rows);
    }
    let pick = |(code, rows): (String, Vec<Rows>)| {
        let rrup = least(&mut rows.iter().map(|rows| rows.from_rrup));
        let found = rows.into_iter().find(|rows| (rows.from_mag, rows.from_rrup) == (mag, rrup));
        match found {
            Some(rows) => Ok((code, rows.function)),
            None => {
                Err(format!("ampcode {code} has no row of from_mag = {mag} and from_rrup = {rrup}, the least ones"))
            }
        }
    };
    of_codes.into_iter().map(pick).collect()
}

/// The vs30 in the comment of the first line.
fn reference(text: &str) -> Option<f64> {
    let first = text.lines().next()?.strip_prefix('#')?;
    let (_, value) = first.split_once("vs30_ref=")?;
    parse_number(value.split([',', '"']).next()?).filter(|vs30| *vs30 > 0.0)
}

/// The intensity measures, and what is in each column but the first.
fn columns(header: &[String], by_rupture: bool) -> Result<(Vec<Imt>, Vec<Column>), String> {
    if header.first().map(String::as_str) != Some("ampcode") {
        return Err(format!("found the columns {}; expected ampcode as the first", header.join(", ")));
    }
    let plain = |name: &str| match name {
        "level" => Some(Column::Level),
        "from_mag" => Some(Column::FromMag),
        "from_rrup" => Some(Column::FromRrup),
        _ => None,
    };
    let mut imts: Vec<Imt> = Vec::new();
    for name in header[1..].iter().filter(|name| plain(name).is_none() && !name.starts_with("sigma_")) {
        imts.push(Imt::parse(name).map_err(|e| e.to_string())?);
    }
    let place = |name: &str| {
        let imt = Imt::parse(name).map_err(|e| e.to_string())?;
        imts.iter().position(|known| *known == imt).ok_or_else(|| format!("sigma_{name} without {name}"))
    };
    let column = |name: &String| match (plain(name), name.strip_prefix("sigma_")) {
        (Some(column), _) => Ok(column),
        (None, Some(of)) => Ok(Column::Sigma(place(of)?)),
        (None, None) => Ok(Column::Median(place(name)?)),
    };
    let columns = header[1..].iter().map(column).collect::<Result<Vec<_>, String>>()?;
    if imts.is_empty() {
        return Err("no intensity measure found".to_string());
    }
    if !by_rupture && let Some(at) = columns.iter().position(|c| matches!(c, Column::FromMag | Column::FromRrup)) {
        let name = &header[at + 1];
        return Err(format!("{name}: functions of magnitude and distance are for amplification_method = kernel"));
    }
    let mut required = vec![Column::FromMag, Column::FromRrup, Column::Level];
    required.extend((0..imts.len()).map(Column::Sigma));
    match required.iter().find(|required| by_rupture && !columns.contains(required)) {
        Some(_) => Err(format!(
            "found the columns {}; amplification_method = kernel requires from_mag, from_rrup, level, and of each intensity \
             measure a sigma_...",
            header.join(", ")
        )),
        None => Ok((imts, columns)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<AmplificationTable, String> {
        table_of(text, false)
    }

    fn table_of(text: &str, by_rupture: bool) -> Result<AmplificationTable, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path(), by_rupture).map_err(|e| e.to_string())
    }

    #[test]
    fn of_functions_by_magnitude_and_distance_the_least_count() {
        let text = "#vs30_ref=760\nampcode,from_mag,from_rrup,level,PGA,sigma_PGA\nA,6,0,0.1,9,0.4\nA,4,20,0.1,9,0.1\n\
            A,4,0,0.1,1.5,0.2\nA,4,0,0.5,1.2,0.3\nB,4,10,0.1,2,0\n";
        let table = table_of(text, true).unwrap();
        assert_eq!(table.max_sigma, 0.4);
        assert_eq!(table.functions["A"].factors[0].median, [(0.1, 1.5), (0.5, 1.2)]);
        assert_eq!(table.functions["B"].factors[0].median, [(0.1, 2.0)]);
        let error = table_of(&format!("{text}C,6,0,0.1,2,0\n"), true).unwrap_err();
        assert!(error.contains("ampcode C has no row of from_mag = 4 and from_rrup = 0"), "{error}");
        let error = table_of("#vs30_ref=760\nampcode,level,PGA,sigma_PGA\nA,0.1,1,0\n", true).unwrap_err();
        assert!(error.contains("kernel requires from_mag, from_rrup"), "{error}");
    }

    #[test]
    fn factors_by_level_or_for_all() {
        let by_level = table(
            "#,,,\"vs30_ref=760\"\nampcode,level,PGA,SA(0.2),sigma_PGA\nA,0.1,1.5,2,0.3\nA,0.4,1.2,1.6,0.2\nB,0.2,1,1,0\n",
        );
        let by_level = by_level.unwrap();
        assert_eq!(by_level.vs30_ref, 760.0);
        let soil = &by_level.functions["A"];
        assert_eq!(soil.factors[0].imt, Imt::PGA);
        assert_eq!(soil.factors[0].median, [(0.1, 1.5), (0.4, 1.2)]);
        assert_eq!(soil.factors[0].sigma, [(0.1, 0.3), (0.4, 0.2)]);
        assert_eq!(soil.factors[1].sigma, [(0.1, 0.0), (0.4, 0.0)]);
        assert_eq!(by_level.functions["B"].factors[0].median, [(0.2, 1.0)]);
        let for_all = table("#vs30_ref=800\nampcode,PGA\nA,2\n").unwrap();
        assert_eq!(for_all.functions["A"].factors[0].median, [(0.0, 2.0)]);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, expected) in [
            ("ampcode,PGA\nA,2\n", "line 1: expected a first line with vs30_ref"),
            ("#vs30_ref=760\nPGA,ampcode\n2,A\n", "expected ampcode as the first"),
            ("#vs30_ref=760\nampcode,PGAA\nA,2\n", "PGAA"),
            ("#vs30_ref=760\nampcode,PGA,sigma_PGV\nA,2,1\n", "sigma_PGV without PGV"),
            ("#vs30_ref=760\nampcode,PGA\nA,0\n", "line 3: PGA is \"0\"; expected a positive number"),
            ("#vs30_ref=760\nampcode,PGA\nA,1\nA,2\n", "line 4: ampcode A is there twice"),
            (
                "#vs30_ref=760\nampcode,level,PGA\nA,0.2,1\nA,0.1,2\n",
                "line 4: level is 0.1; the levels of A must increase",
            ),
            ("#vs30_ref=760\nampcode,from_mag,from_rrup,PGA\nA,5,0,1\n", "amplification_method = kernel"),
            ("#vs30_ref=760\nampcode,PGA\n", "no amplification function"),
        ] {
            let error = table(text).unwrap_err();
            assert!(error.contains(expected), "{error}\n  lacks {expected}");
        }
    }
}
