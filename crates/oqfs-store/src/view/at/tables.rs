//! The tables of a site: curves, maps and spectra, a column for each statistic and realization.

use super::{Places, is_shown};
use crate::view::csv::{double, single};
use crate::view::results::{SiteArray, SiteArrays, is_spectral, misshapen, period, return_period, unit};
use crate::view::{Error, Result};

/// The values of a site for the kinds that have columns, side by side.
struct Columns<'a> {
    /// The arrays and all values that each has of the site.
    arrays: Vec<(&'a SiteArray, Vec<f64>)>,
    /// The array that says what stands along the axes: that of the statistics.
    first: &'a SiteArray,
}

impl<'a> Columns<'a> {
    /// # Errors
    /// If an array cannot be read, or has other intensity measures or probabilities than the first.
    fn read(arrays: &'a SiteArrays, site: u64) -> Result<Self> {
        let mut read = vec![];
        for array in arrays.iter().filter(|array| is_shown(arrays, array)) {
            read.push((array, array.values(site, 0..array.stride())?));
        }
        let Some((first, _)) = read.first() else { return Err(misshapen("hcurves-stats")) };
        let same = |other: &SiteArray| (&other.imts, &other.poes, other.last) == (&first.imts, &first.poes, first.last);
        match read.iter().find(|(other, _)| !same(other)) {
            Some((other, _)) => Err(misshapen(other.key)),
            None => Ok(Self { first, arrays: read }),
        }
    }

    /// The column whose annual rates are told: the mean, or the only one.
    fn rated(&self) -> Option<usize> {
        let mean = self.kinds().position(|kind| kind == "mean");
        mean.or_else(|| (self.kinds().count() == 1).then_some(0))
    }

    fn kinds(&self) -> impl Iterator<Item = &str> {
        self.arrays.iter().flat_map(|(array, _)| &array.kinds).map(String::as_str)
    }

    /// What the kinds have of an intensity measure, at a place of the last axis.
    fn values(&self, imt: usize, last: usize) -> impl Iterator<Item = f64> {
        self.arrays.iter().flat_map(move |(array, values)| {
            let value = move |k| values.get(array.places(k, imt).start + last).copied().unwrap_or(f64::NAN);
            (0..array.kinds.len()).map(value)
        })
    }
}

/// A table of text that is made at once.
struct Table(csv::Writer<Vec<u8>>);

impl Table {
    fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut writer = csv::Writer::from_writer(vec![]);
        writer.write_record(names.into_iter().map(str::as_bytes))?;
        Ok(Self(writer))
    }

    fn row(&mut self, fields: impl IntoIterator<Item = String>) -> Result<()> {
        Ok(self.0.write_record(fields.into_iter().map(String::into_bytes))?)
    }

    fn text(self) -> Result<Vec<u8>> {
        self.0.into_inner().map_err(|error| Error::Io(error.into_error()))
    }
}

/// `curves.csv`: a row an intensity measure and level.
pub(super) fn curves(places: &Places, site: u64) -> Result<Vec<u8>> {
    let columns = Columns::read(&places.hazard.curves, site)?;
    let rated = places.hazard.time().zip(columns.rated());
    let mut table =
        Table::new(["imt", "unit", "level"].into_iter().chain(columns.kinds()).chain(rated.map(|_| "annual_rate")))?;
    for (i, imt) in columns.first.imts.iter().enumerate() {
        for (l, level) in places.hazard.job.levels(imt).into_iter().enumerate() {
            let poe = rated.and_then(|(time, column)| Some((time, columns.values(i, l).nth(column)?)));
            let rate = poe.map(|(time, poe)| single(annual_rate(poe, time)));
            let head = [imt.clone(), unit(imt).to_string(), double(level)];
            table.row(head.into_iter().chain(columns.values(i, l).map(single)).chain(rate))?;
        }
    }
    table.text()
}

/// The annual rate of what is exceeded with this probability in the investigation time, in years.
fn annual_rate(poe: f64, time: f64) -> f64 {
    // the zero of no exceedance has no sign
    -(-poe).ln_1p() / time + 0.0
}

/// `maps.csv`: a row an intensity measure and probability.
pub(super) fn maps(places: &Places, site: u64) -> Result<Vec<u8>> {
    let columns = Columns::read(&places.hazard.maps, site)?;
    let mut table = Table::new(["imt", "unit", "poe", "return_period_years"].into_iter().chain(columns.kinds()))?;
    for (i, imt) in columns.first.imts.iter().enumerate() {
        for (p, poe) in columns.first.poes.iter().enumerate() {
            let head = [imt.clone(), unit(imt).to_string(), double(*poe), years(places, *poe)];
            table.row(head.into_iter().chain(columns.values(i, p).map(single)))?;
        }
    }
    table.text()
}

/// True if maps have more than one intensity measure of a uniform hazard spectrum.
pub(super) fn has_spectra(maps: &SiteArrays) -> bool {
    maps.iter()
        .filter(|array| is_shown(maps, array))
        .any(|array| array.imts.iter().filter(|imt| is_spectral(imt)).count() > 1)
}

/// `uhs.csv`: a row a probability and period.
pub(super) fn spectra(places: &Places, site: u64) -> Result<Vec<u8>> {
    let columns = Columns::read(&places.hazard.maps, site)?;
    let names = ["poe", "return_period_years", "imt", "period_s", "unit"];
    let mut table = Table::new(names.into_iter().chain(columns.kinds()))?;
    for (p, poe) in columns.first.poes.iter().enumerate() {
        for (i, imt) in columns.first.imts.iter().enumerate().filter(|(_, imt)| is_spectral(imt)) {
            let head = [double(*poe), years(places, *poe), imt.clone(), double(period(imt)), unit(imt).to_string()];
            table.row(head.into_iter().chain(columns.values(i, p).map(single)))?;
        }
    }
    table.text()
}

/// The return period of a probability, in years with a decimal; empty where the investigation time is not known.
fn years(places: &Places, poe: f64) -> String {
    places.hazard.time().map_or(String::new(), |time| format!("{:.1}", return_period(poe, time)))
}
