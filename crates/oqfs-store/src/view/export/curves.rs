//! Hazard curves, maps and uniform hazard spectra: a row a site, picked from arrays of shape (N, R|S, M, L|P).
//!
//! Maps of statistics are there twice: all in one file, and a file a return period (`hmaps-stats`).

use std::ops::Range;
use std::sync::Arc;

use super::columns::NumberStyle;
use super::format::{Comment, repr, scientific};
use super::geojson::add_map;
use super::{Calculation, Exports, add, csv_writer, write_head};
use crate::schema::{self, HCURVES_RLZS, HCURVES_STATS, HMAPS_RLZS, HMAPS_STATS};
use crate::view::results::column::CellValue;
use crate::view::results::{Release, SiteArray, SiteArrays, Sites, is_spectral, misshapen};
use crate::view::source::ViewSource;
use crate::view::table::Rows;
use crate::view::{Error, Result};

/// The first release that writes a level as `5.00000e-02` where it is none of PGA, PGV or a spectral acceleration.
const LEVELS_OF_ANY_SIZE: Release = Release(3, 24);
/// The first release with a file a return period.
const BY_RETURN_PERIOD: Release = Release(3, 25);

/// The files of the statistics, and of the realizations where they are kept.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(sites) = Sites::find(source)?.map(Arc::new) else { return Ok(()) };
    for kinds in Kinds::find(source, &sites, [HCURVES_STATS, HCURVES_RLZS])? {
        kinds.curves(source, calculation, files)?;
    }
    for kinds in Kinds::find(source, &sites, [HMAPS_STATS, HMAPS_RLZS])? {
        kinds.maps(source, calculation, files)?;
    }
    if calculation.job.release >= BY_RETURN_PERIOD
        && let Some(maps) = SiteArray::read(source, &sites, &HMAPS_STATS)?
    {
        Kinds(maps).maps_by_return_period(source, calculation, files)?;
    }
    Ok(())
}

/// An array, as files.
struct Kinds(SiteArray);

impl Kinds {
    /// Of the realizations, if they are kept and not all the same, and of the statistics.
    fn find(source: &ViewSource, sites: &Arc<Sites>, keys: [schema::ArraySchema; 2]) -> Result<Vec<Self>> {
        let SiteArrays { stats, rlzs } = SiteArrays::read(source, sites, keys)?;
        Ok(rlzs.into_iter().chain(stats).map(Self).collect())
    }

    /// A file an IMT and kind.
    fn curves(&self, source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
        for (k, kind) in self.0.kinds.iter().enumerate() {
            for (i, imt) in self.0.imts.iter().enumerate() {
                let levels = calculation.job.levels(imt);
                if levels.len() != self.0.last {
                    return Err(misshapen(HCURVES_STATS.key));
                }
                let of_any_size = calculation.job.release >= LEVELS_OF_ANY_SIZE
                    && !["PGA", "PGV", "SA"].iter().any(|name| imt.starts_with(name));
                let name = |level: &f64| match of_any_size {
                    true => format!("poe-{}", scientific(*level, 5, false)),
                    false => format!("poe-{level:.7}"),
                };
                let names = levels.iter().map(name).collect();
                let places = self.0.places(k, i).collect();
                let comment = self.comment(calculation, kind).text("imt", imt);
                let name = file_name("curve", &format!("{kind}-{imt}"), calculation.calc);
                add(source, files, name, self.rows(comment, names, places, true));
            }
        }
        Ok(())
    }

    /// Two files a kind: the maps, and the spectra made of them.
    fn maps(&self, source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
        let imts = || self.0.imts.iter().enumerate();
        let poes = || self.0.poes.iter().enumerate();
        for (k, kind) in self.0.kinds.iter().enumerate() {
            let place = |i: usize, poe: usize| self.0.places(k, i).start + poe;
            if calculation.job.is_on("hazard_maps") {
                let columns =
                    imts().flat_map(|(i, imt)| poes().map(move |(j, poe)| (format!("{imt}-{}", repr(*poe)), i, j)));
                let (names, places) = columns.map(|(name, i, j)| (name, place(i, j))).unzip();
                let name = file_name("map", kind, calculation.calc);
                add_map(source, calculation, files, &name, &self.0, k);
                add(source, files, name, self.rows(self.comment(calculation, kind), names, places, false));
            }
            if calculation.job.is_on("uniform_hazard_spectra") {
                let spectral = || imts().filter(|(_, imt)| is_spectral(imt));
                let columns =
                    poes().flat_map(|(j, poe)| spectral().map(move |(i, imt)| (format!("{poe:.6}~{imt}"), i, j)));
                let (names, places) = columns.map(|(name, i, j)| (name, place(i, j))).unzip();
                let name = file_name("uhs", kind, calculation.calc);
                add(source, files, name, self.rows(self.comment(calculation, kind), names, places, false));
            }
        }
        Ok(())
    }

    /// A file a kind and return period.
    fn maps_by_return_period(&self, source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
        let Some(time) = calculation.job.number("investigation_time") else { return Ok(()) };
        // whole years; of probabilities that come to the same the engine's last file stays
        let periods: Vec<f64> = self.0.poes.iter().map(|poe| (-time / (1.0 - poe).ln()).round_ties_even()).collect();
        let last = |(j, years): &(usize, &f64)| !periods.iter().skip(j + 1).any(|other| other == *years);
        for (k, kind) in self.0.kinds.iter().enumerate() {
            for (j, years) in periods.iter().enumerate().filter(last) {
                let places = (0..self.0.imts.len()).map(|i| self.0.places(k, i).start + j).collect();
                let rows = self.rows(calculation.comment.clone(), self.0.imts.clone(), places, false);
                let name = file_name("map", &format!("{kind}-{years:.0}y"), calculation.calc);
                add(source, files, name, rows);
            }
        }
        Ok(())
    }

    fn comment(&self, calculation: &Calculation, kind: &str) -> Comment {
        calculation.with_time(calculation.comment.clone().text("kind", kind))
    }

    fn rows(&self, comment: Comment, names: Vec<String>, places: Vec<usize>, of_curves: bool) -> SiteRows {
        SiteRows { comment, names, places, of_curves, array: self.0.clone() }
    }
}

/// The engine's name of a file: what it is of, for what kind, of which calculation.
fn file_name(what: &str, kind: &str, calc: u32) -> String {
    let stem = match kind.strip_prefix("quantile-") {
        Some(quantile) => format!("quantile_{what}-{quantile}"),
        None => format!("hazard_{what}-{kind}"),
    };
    format!("{stem}_{calc}.csv")
}

/// A row a site: where it is, then some elements of its part of an array.
#[derive(Debug)]
struct SiteRows {
    comment: Comment,
    /// Of the columns after those of the site.
    names: Vec<String>,
    /// Their places among the elements of a site.
    places: Vec<usize>,
    /// Curves have the depth always, and positions in single precision; maps the depth if a site has one.
    of_curves: bool,
    array: SiteArray,
}

impl SiteRows {
    /// The columns of the sites, for some of them.
    fn site_cells(&self, rows: Range<u64>) -> Result<Vec<(&'static str, Vec<String>)>> {
        let with_depth = self.of_curves || !self.array.sites.at_sea_level()?;
        let shown = self.array.sites.columns.iter().filter(|(name, ..)| with_depth || *name != "depth");
        let cells = shown.map(|(name, column)| {
            let text = |cell: CellValue| match cell {
                CellValue::Real(x) if self.of_curves => format!("{:.5}", x as f32),
                cell => NumberStyle::Own(6).text(name, &cell),
            };
            Ok((*name, column.cells(rows.clone())?.into_iter().map(text).collect()))
        });
        cells.collect()
    }

    /// The values of the columns at a site.
    fn values(&self, site: u64) -> Result<Vec<f64>> {
        let first = self.places.iter().min().copied().unwrap_or(0);
        let end = self.places.iter().max().map_or(0, |last| last + 1);
        let values = self.array.values(site, first..end)?;
        Ok(self.places.iter().map(|place| values[place - first]).collect())
    }
}

impl Rows for SiteRows {
    fn count(&self) -> u64 {
        self.array.sites.count
    }

    fn width(&self) -> u64 {
        self.names.len() as u64 + 3
    }

    fn write(&self, rows: Range<u64>, text: &mut Vec<u8>) -> Result<()> {
        let cells = self.site_cells(rows.clone())?;
        let mut writer = csv_writer(text);
        if rows.start == 0 {
            let names: Vec<_> =
                cells.iter().map(|(name, _)| name.to_string()).chain(self.names.iter().cloned()).collect();
            write_head(&mut writer, &self.comment, &names)?;
        }
        for (i, site) in rows.enumerate() {
            for (_, column) in &cells {
                writer.write_field(column.get(i).map_or("", |cell| cell))?;
            }
            for value in self.values(site)? {
                writer.write_field(scientific(value, 6, true))?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        writer.flush().map_err(Error::Io)
    }
}
