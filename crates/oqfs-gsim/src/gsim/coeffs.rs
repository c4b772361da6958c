//! Coefficient tables: one row an intensity measure, interpolated between periods.
//!
//! A family of models declares the columns it uses as a struct ([`coefficients!`]) and its tables, which are CSV files
//! in `coeffs/` with the header `imt,COLUMN,...`, as statics ([`table!`]). What a lookup gives is that struct.

use super::spline;
use super::{GsimError, Imt, ModelInfo};
use crate::elementary::scalar::ln;

/// The coefficients of one intensity measure: a struct of numbers, made by [`coefficients!`].
pub(super) trait Coefficients: Copy {
    /// The names of the columns.
    const COLUMNS: &'static [&'static str];

    /// From the value of each column, in the order of `COLUMNS`.
    fn from_columns(value: impl FnMut(usize) -> f64) -> Self;
}

/// Declare the coefficients of one intensity measure: a struct whose fields are the columns of a table.
macro_rules! coefficients {
    ($(#[$doc:meta])* $vis:vis struct $name:ident { $($column:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        $vis struct $name { $($vis $column: f64),+ }

        impl $crate::gsim::coeffs::Coefficients for $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];

            fn from_columns(mut value: impl FnMut(usize) -> f64) -> Self {
                let mut columns = 0..;
                let mut next = || value(columns.next().unwrap_or_default());
                $name { $($column: next()),+ }
            }
        }
    };
}

/// A table read from a file of `coeffs/`, parsed when first used: all of it, or the rows of one variant of a model.
macro_rules! table {
    ($file:literal, $variant:literal) => {
        std::sync::LazyLock::new(|| {
            let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/gsim/coeffs/", $file));
            $crate::gsim::coeffs::Table::parse_variant($file, text, $variant)
        })
    };
    (spline $file:literal) => {
        std::sync::LazyLock::new(|| {
            let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/gsim/coeffs/", $file));
            $crate::gsim::coeffs::Table::parse($file, text).with_splines()
        })
    };
    ($file:literal) => {
        std::sync::LazyLock::new(|| {
            let text = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/gsim/coeffs/", $file));
            $crate::gsim::coeffs::Table::parse($file, text)
        })
    };
}

pub(super) use {coefficients, table};

/// Where an intensity measure stands between two rows.
struct Found<'a> {
    below: &'a [f64],
    above: &'a [f64],
    /// From 0 at the row below to 1 at that above.
    ratio: f64,
    /// Where splines hold.
    slopes: Option<Slopes<'a>>,
}

/// The slopes of splines at two rows, and the distance of the rows.
struct Slopes<'a> {
    start: &'a [f64],
    end: &'a [f64],
    length: f64,
}

impl Found<'_> {
    /// The value of a column.
    fn value(&self, i: usize) -> f64 {
        let (below, above) = (self.below[i], self.above[i]);
        let Some(slopes) = &self.slopes else { return (above - below) * self.ratio + below };
        let [from, to] = spline::hermite(self.ratio);
        let [start, end] = [slopes.start[i], slopes.end[i]].map(|slope| slope * slopes.length);
        below * from[0] + start * from[1] + above * to[0] + end * to[1]
    }
}

/// A table of coefficients.
#[derive(Debug)]
pub(super) struct Table<C> {
    file: &'static str,
    /// Ascending; measures of one kind stand together, by period.
    rows: Vec<(Imt, Vec<f64>)>,
    /// By row, the slope of each coefficient in the logarithm of the period, where splines hold between the rows; else none.
    slopes: Vec<Vec<f64>>,
    coefficients: std::marker::PhantomData<fn() -> C>,
}

impl<C: Coefficients> Table<C> {
    /// Read a CSV with the columns `imt` and at least those of `C`.
    ///
    /// # Panics
    /// If the text is not such a table. It is part of the program, and a test reads every one of them.
    pub(super) fn parse(file: &'static str, csv: &str) -> Table<C> {
        match Table::read(file, csv, None) {
            Ok(table) => table,
            Err(error) => panic!("coefficient table {file}: {error}"),
        }
    }

    /// The same with a column `variant`, of the rows that have this one there.
    ///
    /// # Panics
    /// As [`Table::parse`], and if there is no such row.
    pub(super) fn parse_variant(file: &'static str, csv: &str, variant: &str) -> Table<C> {
        match Table::read(file, csv, Some(variant)) {
            Ok(table) if !table.rows.is_empty() => table,
            Ok(_) => panic!("coefficient table {file}: no variant {variant}"),
            Err(error) => panic!("coefficient table {file}: {error}"),
        }
    }

    fn read(file: &'static str, csv: &str, variant: Option<&str>) -> Result<Table<C>, String> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(csv.as_bytes());
        let header = reader.headers().map_err(|e| e.to_string())?.clone();
        if header.get(0) != Some("imt") {
            return Err("the first column is not imt".to_owned());
        }
        let place = |name: &&str| header.iter().position(|h| h == *name).ok_or_else(|| format!("no column {name}"));
        let places: Vec<usize> = C::COLUMNS.iter().map(place).collect::<Result<_, _>>()?;
        let variant = variant.map(|wanted| place(&"variant").map(|at| (at, wanted))).transpose()?;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|e| e.to_string())?;
            if variant.is_some_and(|(at, wanted)| &record[at] != wanted) {
                continue;
            }
            let imt = Imt::parse(&record[0]).map_err(|e| e.to_string())?;
            let value = |&at: &usize| record[at].parse::<f64>().map_err(|e| format!("{imt}, {:?}: {e}", &record[at]));
            rows.push((imt, places.iter().map(value).collect::<Result<Vec<_>, _>>()?));
        }
        rows.sort_by_key(|(imt, _)| (imt.kind(), *imt));
        if let Some(pair) = rows.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            return Err(format!("{} stands twice", pair[0].0));
        }
        Ok(Table { file, rows, slopes: Vec::new(), coefficients: std::marker::PhantomData })
    }

    /// The same with a cubic spline through each coefficient, in the logarithm of the period, in place of lines.
    ///
    /// # Panics
    /// If there are not at least 4 rows, all with a period. It is part of the program.
    pub(super) fn with_splines(mut self) -> Table<C> {
        let at: Vec<f64> = self.rows.iter().filter_map(|(imt, _)| imt.period()).map(ln).collect();
        assert!(at.len() == self.rows.len() && at.len() >= 4, "coefficient table {}: no splines", self.file);
        let of_column = |i: usize| spline::slopes(&at, &self.rows.iter().map(|(_, row)| row[i]).collect::<Vec<_>>());
        let columns: Vec<Vec<f64>> = (0..C::COLUMNS.len()).map(of_column).collect();
        self.slopes = (0..at.len()).map(|row| columns.iter().map(|column| column[row]).collect()).collect();
        self
    }

    /// The coefficients of an intensity measure: its row, or between two rows of the same kind, linear in the
    /// logarithm of the period or on its splines. `None` outside the periods of the table.
    pub(super) fn get(&self, imt: &Imt) -> Option<C> {
        let found = self.find(imt)?;
        Some(C::from_columns(|i| found.value(i)))
    }

    /// The coefficients of an intensity measure that has a row of its own.
    pub(super) fn row(&self, imt: &Imt) -> Option<C> {
        let (_, values) = self.rows.iter().find(|(row, _)| row == imt)?;
        Some(C::from_columns(|i| values[i]))
    }

    /// So far on the way from the coefficients here to those of another table. `None` outside the periods of one of them.
    pub(super) fn towards(&self, other: &Table<C>, imt: &Imt, place: f64) -> Option<C> {
        let (from, to) = (self.find(imt)?, other.find(imt)?);
        Some(C::from_columns(|i| from.value(i) + (to.value(i) - from.value(i)) * place))
    }

    fn find(&self, imt: &Imt) -> Option<Found<'_>> {
        let above = match self.rows.binary_search_by_key(&(imt.kind(), *imt), |(row, _)| (row.kind(), *row)) {
            Ok(at) => {
                return Some(Found { below: &self.rows[at].1, above: &self.rows[at].1, ratio: 0.0, slopes: None });
            }
            Err(at) => at,
        };
        let slopes = above.checked_sub(1).and_then(|below| Some((self.slopes.get(below)?, self.slopes.get(above)?)));
        let (below, above) = (self.rows.get(above.checked_sub(1)?)?, self.rows.get(above)?);
        if below.0.kind() != imt.kind() || above.0.kind() != imt.kind() {
            return None;
        }
        let ln_period = |imt: &Imt| imt.period().map(ln);
        let (at, low, high) = (ln_period(imt)?, ln_period(&below.0)?, ln_period(&above.0)?);
        let slopes = slopes.map(|(start, end)| Slopes { start, end, length: high - low });
        Some(Found { below: &below.1, above: &above.1, ratio: (at - low) / (high - low), slopes })
    }

    /// The coefficients of an intensity measure that has passed [`Table::check`].
    ///
    /// # Panics
    /// If it has not.
    pub(super) fn at(&self, imt: &Imt) -> C {
        match self.get(imt) {
            Some(coefficients) => coefficients,
            None => panic!("coefficient table {}: {imt} was not checked", self.file),
        }
    }

    /// Read a table as the engine writes it: a header `IMT` and the columns, then lines, all separated by blanks; periods stand for
    /// `SA`, and case does not matter in the names of intensity measures.
    ///
    /// # Errors
    /// Says what is wrong in which line.
    pub(super) fn of_engine(text: &str) -> Result<Table<C>, String> {
        let mut lines = text.lines().map(str::trim).enumerate().filter(|(_, line)| !line.is_empty());
        let header: Vec<&str> = lines.next().map(|(_, line)| line.split_whitespace().collect()).unwrap_or_default();
        if !header.first().is_some_and(|first| first.eq_ignore_ascii_case("imt")) {
            return Err("a table whose first column is IMT".to_owned());
        }
        let place = |name: &&str| header.iter().position(|h| h == name).ok_or_else(|| format!("a column {name}"));
        let places: Vec<usize> = C::COLUMNS.iter().map(place).collect::<Result<_, _>>()?;
        let mut rows: Vec<(Imt, Vec<f64>)> = Vec::new();
        for (number, line) in lines {
            let values: Vec<&str> = line.split_whitespace().collect();
            let wrong = |what: &str| format!("{what} in line {}, not {line:?}", number + 1);
            let imt = Imt::parse(&values[0].to_ascii_uppercase()).map_err(|_| wrong("an intensity measure"))?;
            let value = |&at: &usize| values.get(at)?.parse().ok().filter(|value: &f64| value.is_finite());
            let found: Option<Vec<f64>> = places.iter().map(value).collect();
            if rows.iter().any(|(known, _)| *known == imt) {
                return Err(wrong("an intensity measure that stands there once"));
            }
            rows.push((imt, found.ok_or_else(|| wrong("a number in each column"))?));
        }
        if rows.is_empty() { Err("a table with rows".to_owned()) } else { Ok(Table::of(rows)) }
    }

    /// A table of rows that are not in a file, each with the columns of `C`.
    pub(super) fn of(mut rows: Vec<(Imt, Vec<f64>)>) -> Table<C> {
        rows.sort_by_key(|(imt, _)| (imt.kind(), *imt));
        Table { file: "of arguments", rows, slopes: Vec::new(), coefficients: std::marker::PhantomData }
    }

    /// The intensity measures that have a row.
    pub(super) fn imts(&self) -> impl DoubleEndedIterator<Item = &Imt> {
        self.rows.iter().map(|(imt, _)| imt)
    }

    /// Whether the table has coefficients for the intensity measure.
    ///
    /// # Errors
    /// Names the model, the intensity measure and what is accepted.
    pub(super) fn check(&self, info: &ModelInfo, imt: &Imt) -> Result<(), GsimError> {
        info.check_kind(imt)?;
        if self.get(imt).is_some() {
            return Ok(());
        }
        let same_kind = self.rows.iter().filter(|(row, _)| row.kind() == imt.kind());
        let mut periods = same_kind.filter_map(|(row, _)| row.period());
        let Some(min) = periods.next() else { return Err(info.not_defined(imt)) };
        Err(GsimError::PeriodOutOfRange { model: info.name, imt: *imt, min, max: periods.next_back().unwrap_or(min) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    coefficients! {
        struct Ab { a, b }
    }

    const CSV: &str = "imt,b,a\nPGA,2,1\nSA(1.0),40,10\nSA(0.1),20,0\nSA(10.0),60,100\n";

    fn table() -> Table<Ab> {
        Table::parse("test", CSV)
    }

    fn imt(text: &str) -> Imt {
        text.parse().unwrap()
    }

    #[test]
    fn rows_are_found_whatever_the_order_of_rows_and_columns() {
        let [pga, sa] = ["PGA", "SA(10.0)"].map(|text| table().get(&imt(text)).unwrap());
        assert_eq!((pga.a, pga.b, sa.a, sa.b), (1.0, 2.0, 100.0, 60.0));
    }

    #[test]
    fn between_rows_it_is_linear_in_the_logarithm_of_the_period() {
        let c = table().get(&imt("SA(0.2)")).unwrap();
        assert!((c.a - 10.0 * 2f64.log10()).abs() < 1e-14, "{}", c.a);
        assert!((c.b - (20.0 + 20.0 * 2f64.log10())).abs() < 1e-14, "{}", c.b);
    }

    #[test]
    fn outside_the_table_there_is_nothing() {
        for text in ["PGV", "SA(0.09)", "SA(10.1)", "SA(0)", "AvgSA(0.5)"] {
            assert!(table().get(&imt(text)).is_none(), "{text}");
        }
    }

    #[test]
    fn tables_of_the_engine_are_read_and_what_is_none_is_named_with_its_line() {
        let table = Table::<Ab>::of_engine("\n IMT  b  c  a\npga 2 7 1\n\n1.0 40 7 10\n0.1 20 7 0\n").unwrap();
        let [pga, sa] = ["PGA", "SA(0.1)"].map(|text| table.row(&imt(text)).unwrap());
        assert_eq!((pga.a, pga.b, sa.a, sa.b), (1.0, 2.0, 0.0, 20.0));
        assert!(table.row(&imt("SA(0.2)")).is_none() && table.get(&imt("SA(0.2)")).is_some());
        let error = |text: &str| Table::<Ab>::of_engine(text).unwrap_err();
        assert_eq!(error(""), "a table whose first column is IMT");
        assert_eq!(error("IMT a b"), "a table with rows");
        assert_eq!(error("IMT a\nPGA 1"), "a column b");
        assert_eq!(error("IMT a b\nPGA 1 x"), "a number in each column in line 2, not \"PGA 1 x\"");
        assert_eq!(error("IMT a b\nPGX 1 2"), "an intensity measure in line 2, not \"PGX 1 2\"");
        assert!(error("IMT a b\nPGA 1 2\n\npga 1 2").contains("there once in line 4"));
    }

    #[test]
    fn a_variant_has_its_rows_alone() {
        let csv = "imt,variant,a,b\nPGA,x,1,2\nPGA,y,3,4\nPGV,y,5,6\n";
        let [x, y] = ["x", "y"].map(|variant| Table::<Ab>::parse_variant("test", csv, variant));
        assert_eq!((x.at(&imt("PGA")).b, y.at(&imt("PGA")).b, x.get(&imt("PGV")).is_none()), (2.0, 4.0, true));
        assert_eq!(Table::<Ab>::read("test", "imt,a,b\n", Some("x")).unwrap_err(), "no column variant");
    }

    #[test]
    fn a_broken_table_says_what_is_wrong() {
        let error = |csv: &str| Table::<Ab>::read("test", csv, None).unwrap_err();
        assert_eq!(error("x,a,b\n"), "the first column is not imt");
        assert_eq!(error("imt,a\n"), "no column b");
        assert_eq!(error("imt,a,b\nPGA,1,2\nPGA,1,2\n"), "PGA stands twice");
        assert_eq!(error("imt,a,b\nPGA,1,x\n"), "PGA, \"x\": invalid float literal");
        assert!(error("imt,a,b\nPGX,1,2\n").starts_with("unknown intensity measure type \"PGX\""));
    }
}
