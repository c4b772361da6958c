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
    /// Levels of motion on rock, ascending; none where the factors are the same for all.
    pub levels: Vec<f64>,
    /// Of each intensity measure the median factor and the standard deviation of its logarithm, at each level.
    pub factors: Vec<(Imt, Vec<f64>, Vec<f64>)>,
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
    let mut functions: BTreeMap<String, AmplificationFunction> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|e| fail(0, format!("malformed CSV: {e}")))?;
        let line = record.position().map_or(0, |p| p.line() as usize);
        let code = record.get(0).unwrap_or_default();
        let function = functions.entry(code.to_string()).or_insert_with(|| AmplificationFunction {
            levels: Vec::new(),
            factors: imts.iter().map(|imt| (*imt, Vec::new(), Vec::new())).collect(),
        });
        let is_first = function.factors.first().is_none_or(|(_, median, _)| median.is_empty());
        if !is_first && !header.iter().any(|name| name == "level") {
            return Err(fail(line, format!("ampcode {code} is there twice")));
        }
        for ((cell, name), column) in record.iter().zip(&header).skip(1).zip(&columns) {
            let is_good = |x: &f64| if matches!(column, Column::Sigma(_)) { *x >= 0.0 } else { *x > 0.0 };
            let value = parse_number(cell).filter(is_good);
            let value = value.ok_or_else(|| fail(line, format!("{name} is {cell:?}; expected a positive number")))?;
            match column {
                Column::Level if function.levels.last().is_some_and(|last| *last >= value) => {
                    return Err(fail(line, format!("level is {value}; the levels of {code} must increase")));
                }
                Column::Level => function.levels.push(value),
                Column::Median(m) => function.factors[*m].1.push(value),
                Column::Sigma(m) => function.factors[*m].2.push(value),
            }
        }
    }
    if functions.is_empty() {
        return Err(fail(0, "no amplification function found".to_string()));
    }
    // a factor without a standard deviation has no scatter
    for (_, median, sigma) in functions.values_mut().flat_map(|f| &mut f.factors) {
        sigma.resize(median.len(), 0.0);
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
        assert_eq!(soil.levels, [0.1, 0.4]);
        assert_eq!(soil.factors[0], (Imt::parse("PGA").unwrap(), vec![1.5, 1.2], vec![0.3, 0.2]));
        assert_eq!(soil.factors[1].2, [0.0, 0.0]);
        assert_eq!(by_level.functions["B"].levels, [0.2]);
        let for_all = table("#vs30_ref=800\nampcode,PGA\nA,2\n").unwrap();
        assert_eq!(for_all.functions["A"].factors[0].1, [2.0]);
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
