//! Amplification functions (`amplification_csv`): how much stronger motion is on the ground of a site than on rock.
//!
//! The first line is a comment that says the vs30 of the rock, `#,,,vs30_ref=760`; the header is `ampcode`, perhaps `level`, then
//! intensity measures, each with its median factor, and `sigma_...` of them, the standard deviation of its logarithm.

use std::collections::BTreeMap;
use std::path::Path;

use super::NrmlError;
use super::xml::parse_number;
use crate::gsim::Imt;

/// The amplification functions of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct AmplificationTable {
    /// The vs30 of the rock, m/s.
    pub vs30_ref: f64,
    /// The functions by the code of the ground (`ampcode`).
    pub functions: BTreeMap<String, AmplificationFunction>,
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
enum Column {
    Level,
    Median(usize),
    Sigma(usize),
}

/// Read a file of amplification functions.
pub fn read(path: &Path) -> Result<AmplificationTable, NrmlError> {
    let fail = |line: usize, message: String| NrmlError::new(path, line, message);
    let text = std::fs::read_to_string(path).map_err(|e| fail(0, format!("cannot be read: {e}")))?;
    let vs30_ref =
        reference(&text).ok_or_else(|| fail(1, "expected a first line with vs30_ref, as #,vs30_ref=760".into()))?;
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
    let header: Vec<String> =
        reader.headers().map_err(|e| fail(0, e.to_string()))?.iter().map(str::to_string).collect();
    let (imts, columns) = columns(&header).map_err(|message| fail(2, message))?;
    let level = header.iter().position(|name| name == "level");
    let mut functions: BTreeMap<String, AmplificationFunction> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|e| fail(0, format!("malformed CSV: {e}")))?;
        let line = record.position().map_or(0, |p| p.line() as usize);
        let code = record.get(0).unwrap_or_default();
        let none = |imt: &Imt| Factors { imt: *imt, median: Vec::new(), sigma: Vec::new() };
        let function = functions
            .entry(code.to_string())
            .or_insert_with(|| AmplificationFunction { factors: imts.iter().map(none).collect() });
        let number = |at: usize, is_good: &dyn Fn(&f64) -> bool| {
            let (cell, name) = (record.get(at).unwrap_or_default(), &header[at]);
            let value = parse_number(cell).filter(is_good);
            value.ok_or_else(|| fail(line, format!("{name} is {cell:?}; expected a positive number")))
        };
        let level = level.map_or(Ok(0.0), |at| number(at, &|x| *x > 0.0))?;
        let last = function.factors[0].median.last();
        if last.is_some_and(|(last, _)| *last >= level) {
            let message = match level {
                0.0 => format!("ampcode {code} is there twice"),
                _ => format!("level is {level}; the levels of {code} must increase"),
            };
            return Err(fail(line, message));
        }
        for (at, column) in columns.iter().enumerate().map(|(i, column)| (i + 1, column)) {
            match column {
                Column::Level => {}
                Column::Median(m) => function.factors[*m].median.push((level, number(at, &|x| *x > 0.0)?)),
                Column::Sigma(m) => function.factors[*m].sigma.push((level, number(at, &|x| *x >= 0.0)?)),
            }
        }
    }
    if functions.is_empty() {
        return Err(fail(0, "no amplification function found".to_string()));
    }
    // a factor without a standard deviation has no scatter
    for factors in functions.values_mut().flat_map(|f| &mut f.factors).filter(|f| f.sigma.is_empty()) {
        factors.sigma = factors.median.iter().map(|(level, _)| (*level, 0.0)).collect();
    }
    Ok(AmplificationTable { vs30_ref, functions })
}

/// The vs30 in the comment of the first line.
fn reference(text: &str) -> Option<f64> {
    let first = text.trim_start_matches('\u{feff}').lines().next()?.strip_prefix('#')?;
    let (_, value) = first.split_once("vs30_ref=")?;
    parse_number(value.split([',', '"']).next()?).filter(|vs30| *vs30 > 0.0)
}

/// The intensity measures, and what is in each column but the first.
fn columns(header: &[String]) -> Result<(Vec<Imt>, Vec<Column>), String> {
    if header.first().map(String::as_str) != Some("ampcode") {
        return Err(format!("found the columns {}; expected ampcode as the first", header.join(", ")));
    }
    let mut imts: Vec<Imt> = Vec::new();
    for name in header[1..].iter().filter(|name| *name != "level" && !name.starts_with("sigma_")) {
        if name == "from_mag" || name == "from_rrup" {
            let message =
                "functions of magnitude and distance are for amplification_method = kernel, which is not supported";
            return Err(format!("{name}: {message}"));
        }
        imts.push(Imt::parse(name).map_err(|e| e.to_string())?);
    }
    let place = |name: &str| {
        let imt = Imt::parse(name).map_err(|e| e.to_string())?;
        imts.iter().position(|known| *known == imt).ok_or_else(|| format!("sigma_{name} without {name}"))
    };
    let column = |name: &String| match name.strip_prefix("sigma_") {
        _ if name == "level" => Ok(Column::Level),
        Some(of) => Ok(Column::Sigma(place(of)?)),
        None => Ok(Column::Median(place(name)?)),
    };
    let columns = header[1..].iter().map(column).collect::<Result<Vec<_>, String>>()?;
    if imts.is_empty() { Err("no intensity measure found".to_string()) } else { Ok((imts, columns)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<AmplificationTable, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path()).map_err(|e| e.to_string())
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
