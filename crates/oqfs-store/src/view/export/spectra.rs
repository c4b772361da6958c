//! `conditional-spectrum-SITE_N.csv`: the mean and the standard deviation of conditional spectra by probability, statistics and
//! period. And `conditional_mean_spectra_N.csv`, which the engine has not: of the mean over the realizations, given motion at the level itself.
//!
//! The engine's spectra count the weights of all motion above a level as 1 together, which they are but for the interpolation of the level. The
//! other file divides by what they are, so that the spectrum has the level at the period of `imt_ref` (Baker, 2011, doi
//! 10.1061/(ASCE)ST.1943-541X.0000215).

use std::ops::Range;

use super::columns::NumberStyle;
use super::combinations::{Combinations, axes};
use super::format::{Comment, repr, scientific};
use super::kept_rows::{KeptRows, Site, sites};
use super::{Calculation, Exports, add, table_writer};
use crate::schema::{CS_SHARES, CS_STATS, WEIGHTS};
use crate::view::results::Wrapped;
use crate::view::results::column::{ArrayColumn, CellValue, places};
use crate::view::source::ViewSource;
use crate::view::table::Rows;
use crate::view::{Error, Result};

/// A file a site, if there are such spectra.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(spectra) = Wrapped::find(source, CS_STATS)? else { return Ok(()) };
    let Some(sites) = sites(source, &["lon", "lat"])? else { return Ok(()) };
    let Some(((first, ids), others)) = spectra.axes.split_first() else { return Ok(()) };
    let width = spectra.extra.len() as u64;
    let texts =
        |(_, cells): &(String, Vec<CellValue>)| cells.iter().map(|cell| NumberStyle::Pandas.text("", cell)).collect();
    let (axes, of_site) = axes(others.iter().map(texts), width);
    let names = others.iter().map(|(name, _)| name.clone());
    let header: Vec<String> = names.chain(spectra.extra.iter().cloned()).collect();
    for (place, id) in (0..).zip(places(ids)?).filter(|_| first == "site_id") {
        let Some([lon, lat]) = sites.get(id as usize).map(|site| &site.said[..]) else { continue };
        let comment = calculation.comment.clone().bare("site_id", &id.to_string());
        let comment = comment.bare("lon", &repr(*lon)).bare("lat", &repr(*lat));
        let values = KeptRows { array: spectra.array.clone(), first: place * of_site, width, positive: false };
        if let Some(rows) = Combinations::new(comment, header.clone(), axes.clone(), values) {
            add(source, files, calculation.file_name(&format!("conditional-spectrum-{id}")), rows);
        }
    }
    if let Some(given) = GivenSpectra::find(source, calculation, spectra, &sites)? {
        add(source, files, calculation.file_name("conditional_mean_spectra"), given);
    }
    Ok(())
}

/// The spectra given motion at a level: a row a site, probability and period.
#[derive(Debug)]
struct GivenSpectra {
    comment: Comment,
    /// By site its number, longitude and latitude.
    sites: Vec<(u64, Vec<f64>)>,
    poes: Vec<f64>,
    imts: Vec<String>,
    /// The place of the reference measure.
    reference: usize,
    array: ArrayColumn,
    /// What the weights are together, of the mean, by site and probability.
    shares: Vec<f64>,
}

/// The names of the columns.
const HEADER: [&str; 9] = ["site_id", "lon", "lat", "poe", "imt_ref", "iml", "imt", "mean", "std"];

impl GivenSpectra {
    /// `None` without what the weights are together.
    fn find(source: &ViewSource, calculation: &Calculation, spectra: Wrapped, sites: &[Site]) -> Result<Option<Self>> {
        let all = |key: &str| -> Result<Option<Vec<f64>>> {
            let found = ArrayColumn::find(source, key, None)?.and_then(ArrayColumn::short);
            found.map(|column| column.numbers(0..column.count)).transpose()
        };
        let (Some(shares), Some(weights)) = (all(CS_SHARES)?, all(WEIGHTS.key)?) else { return Ok(None) };
        let imts: Vec<String> = calculation.job.imts().into_iter().map(String::from).collect();
        let Some(reference) = imts.iter().position(|imt| imt == calculation.job.text("imt_ref")) else {
            return Ok(None);
        };
        let poes = calculation.job.numbers("poes");
        let rows = sites.len() * poes.len();
        let has_shape = spectra.array.count == (rows * imts.len() * 2) as u64 && shares.len() == rows * weights.len();
        if !has_shape || weights.is_empty() {
            return Ok(None);
        }
        let mean = |shares: &[f64]| shares.iter().zip(&weights).map(|(share, weight)| share * weight).sum();
        Ok(Some(GivenSpectra {
            comment: calculation.with_time(calculation.comment.clone()),
            sites: sites.iter().map(|site| (site.id, site.said.clone())).collect(),
            shares: shares.chunks(weights.len()).map(mean).collect(),
            array: spectra.array,
            poes,
            imts,
            reference,
        }))
    }

    /// The mean logarithm and its standard deviation, of which the engine counts the weights as 1.
    fn given((mean, std): (f64, f64), share: f64) -> (f64, f64) {
        let log = mean.ln();
        let of_share = log / share;
        let (all, off) = (std * std / share, (of_share - log) * (of_share - log));
        // the difference of equal numbers is their rounding
        let variance = if all - off > 1e-12 * (1.0 + log * log) { all - off } else { 0.0 };
        (of_share, variance.sqrt())
    }
}

impl Rows for GivenSpectra {
    fn count(&self) -> u64 {
        (self.shares.len() * self.imts.len()) as u64
    }

    fn width(&self) -> u64 {
        HEADER.len() as u64
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let mut writer = table_writer(text, &rows, &self.comment, &HEADER)?;
        for row in rows {
            let (at, imt) = (row as usize / self.imts.len(), row as usize % self.imts.len());
            let (site, poe) = (at / self.poes.len(), at % self.poes.len());
            let share = self.shares[at];
            // no spectrum is where there is no hazard
            if share <= 0.0 {
                continue;
            }
            let first = (at * self.imts.len() * 2) as u64;
            let values = self.array.numbers(first..first + self.imts.len() as u64 * 2)?;
            let of_imt = |imt: usize| GivenSpectra::given((values[2 * imt], values[2 * imt + 1]), share);
            let ((level, _), (mean, std)) = (of_imt(self.reference), of_imt(imt));
            let (id, place) = &self.sites[site];
            let mut record = vec![id.to_string()];
            record.extend(place.iter().map(|degrees| format!("{degrees:.5}")));
            record.extend([scientific(self.poes[poe], 5, true), self.imts[self.reference].clone()]);
            record.extend([scientific(level.exp(), 5, true), self.imts[imt].clone()]);
            record.extend([mean.exp(), std].map(|x| scientific(x, 5, true)));
            writer.write_record(record)?;
        }
        writer.flush().map_err(Error::Io)
    }
}
