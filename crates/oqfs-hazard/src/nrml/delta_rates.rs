//! Rates that are added to those of single ruptures, as aftershocks add to them: a CSV file with the columns `source_id`, `rup_id` and
//! `delta`.

use std::collections::BTreeMap;
use std::path::Path;

use super::xml::parse_number;
use super::{NrmlError, text};

/// What is added to the annual rates of the ruptures of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AddedRates {
    /// The number of a rupture, from 0, and what is added to its rate.
    pub by_rupture: BTreeMap<usize, f64>,
    /// The line of the first.
    pub line: usize,
}

/// The columns, in their order.
const COLUMNS: [&str; 3] = ["source_id", "rup_id", "delta"];

/// Read the file: what is added, by the id of the source.
pub fn read(path: &Path) -> Result<BTreeMap<String, AddedRates>, NrmlError> {
    let text = text::read(path)?;
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).trim(csv::Trim::All).from_reader(text.as_bytes());
    let malformed = |e: csv::Error| {
        let line = e.position().map_or(0, |position| position.line() as usize);
        NrmlError::new(path, line, format!("malformed CSV: {e}"))
    };
    let header = reader.headers().map_err(malformed)?.clone();
    if header != COLUMNS[..] {
        let found: Vec<&str> = header.iter().collect();
        return Err(NrmlError::new(path, 1, format!("found {}; expected {}", found.join(","), COLUMNS.join(","))));
    }
    let mut sources: BTreeMap<String, AddedRates> = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(malformed)?;
        let line = record.position().map_or(0, |position| position.line() as usize);
        let wrong = |column: usize, expected: &str| {
            let message = format!("{} is {:?}; expected {expected}", COLUMNS[column], &record[column]);
            NrmlError::new(path, line, message)
        };
        let rupture: usize = record[1].parse().map_err(|_| wrong(1, "the number of a rupture, from 0"))?;
        let rate = parse_number(&record[2]).filter(|rate| *rate >= 0.0);
        let rate = rate.ok_or_else(|| wrong(2, "an annual rate, a number that is not negative"))?;
        let source =
            sources.entry(record[0].to_string()).or_insert_with(|| AddedRates { line, ..AddedRates::default() });
        if source.by_rupture.insert(rupture, rate).is_some() {
            return Err(wrong(1, "each rupture of a source once"));
        }
    }
    if sources.is_empty() { Err(NrmlError::new(path, 0, "no rate found")) } else { Ok(sources) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<BTreeMap<String, AddedRates>, NrmlError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deltas.csv");
        std::fs::write(&path, text).unwrap();
        read(&path)
    }

    #[test]
    fn rates_are_read_by_source() {
        let found = parse("source_id,rup_id,delta\n7,0,0.01\nnorcia,2,1e-3\n7,3,0\n").unwrap();
        assert_eq!(found["7"], AddedRates { by_rupture: BTreeMap::from([(0, 0.01), (3, 0.0)]), line: 2 });
        assert_eq!(found["norcia"].by_rupture[&2], 1e-3);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, expected) in [
            ("id,rup_id,delta\n1,0,0.1\n", "line 1: found id,rup_id,delta; expected source_id,rup_id,delta"),
            ("source_id,rup_id,delta\n1,-1,0.1\n", "line 2: rup_id is \"-1\"; expected the number of a rupture"),
            ("source_id,rup_id,delta\n1,0,-0.1\n", "line 2: delta is \"-0.1\"; expected an annual rate"),
            (
                "source_id,rup_id,delta\n1,0,0.1\n1,0,0.2\n",
                "line 3: rup_id is \"0\"; expected each rupture of a source once",
            ),
            ("source_id,rup_id,delta\n1,0\n", "malformed CSV"),
            ("source_id,rup_id,delta\n", "no rate found"),
        ] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.contains(expected), "{message}\n  lacks {expected}");
        }
    }
}
