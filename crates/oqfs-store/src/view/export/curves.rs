//! Hazard curves, maps and uniform hazard spectra: a row a site, picked from arrays of shape (N, R|S, M, L|P).
//!
//! Maps of statistics are there twice: all in one file, and a file a return period (`hmaps-stats`).

use std::ops::Range;
use std::sync::Arc;

use serde_json::Value;

use super::column::CellValue;
use super::columns::NumberStyle;
use super::format::{Comment, repr, scientific};
use super::sites::Sites;
use super::{Calculation, Exports, Release, add, array, csv_writer, misshapen, write_head};
use crate::datastore::DType;
use crate::datastore::dtype::Order;
use crate::schema::{self, Axis, HCURVES_RLZS, HCURVES_STATS, HMAPS_RLZS, HMAPS_STATS};
use crate::view::csv::read_elements;
use crate::view::file::{ArrayElements, File};
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
    if calculation.release >= BY_RETURN_PERIOD
        && let Some(kinds) = Kinds::read(source, &sites, &HMAPS_STATS)?
    {
        kinds.maps_by_return_period(source, calculation, files)?;
    }
    Ok(())
}

/// An array of curves or maps and the names along its axes.
struct Kinds {
    sites: Arc<Sites>,
    npy: Arc<File>,
    elements: ArrayElements,
    /// `mean`, `quantile-0.1`, `rlz-000`: those that are exported, with their places on the second axis.
    kinds: Vec<(u64, String)>,
    imts: Vec<String>,
    poes: Vec<f64>,
    /// The extents of the axes after the first.
    extents: [u64; 3],
}

impl Kinds {
    /// Of the realizations, if they are kept and not all the same, and of the statistics.
    fn find(source: &ViewSource, sites: &Arc<Sites>, [stats, rlzs]: [schema::ArraySchema; 2]) -> Result<Vec<Self>> {
        let stats = Self::read(source, sites, &stats)?;
        let rlzs = Self::read(source, sites, &rlzs)?;
        let rlzs = rlzs.filter(|rlzs| rlzs.extents[0] > 1 || stats.is_none());
        Ok(rlzs.into_iter().chain(stats).collect())
    }

    fn read(source: &ViewSource, sites: &Arc<Sites>, kept: &schema::ArraySchema) -> Result<Option<Self>> {
        let Some((object, npy)) = array(source, kept.key)? else { return Ok(None) };
        let Some(elements) = npy.elements()? else { return Ok(None) };
        let attrs = source.attrs(&object)?;
        let axes =
            attrs.get(schema::JSON).and_then(Value::as_str).and_then(|text| serde_json::from_str::<Value>(text).ok());
        let Some(axes) = axes.filter(|_| matches!(elements.dtype, DType::Float { size: 4 | 8, .. })) else {
            return Ok(None);
        };
        let names = |axis: &str| match &axes[axis] {
            Value::Array(names) => names.iter().filter_map(|name| name.as_str().map(String::from)).collect(),
            Value::Number(n) => (0..n.as_u64().unwrap_or(0)).map(|r| format!("rlz-{r:03}")).collect(),
            _ => vec![],
        };
        let extent = |axis: &str| match &axes[axis] {
            Value::Array(values) => values.len() as u64,
            other => other.as_u64().unwrap_or(0),
        };
        // The engine's event-based calculations name the axis by its plural.
        let poe = if axes[Axis::Poe.name()].is_null() { "poes" } else { Axis::Poe.name() };
        let poes = axes[poe].as_array().map(|poes| poes.iter().filter_map(Value::as_f64).collect()).unwrap_or_default();
        let imts: Vec<String> = names(Axis::Imt.name());
        let last = if axes[poe].is_null() { extent(Axis::Level.name()) } else { extent(poe) };
        let kinds: Vec<(u64, String)> = (0..).zip(names(kept.axes[1].name())).collect();
        let extents = [kinds.len() as u64, imts.len() as u64, last];
        Ok(Some(Self { sites: sites.clone(), npy, elements, kinds, imts, poes, extents }))
    }

    /// A file an IMT and kind.
    fn curves(&self, source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
        let [_, m, l] = self.extents;
        for (k, kind) in &self.kinds {
            for (i, imt) in (0..).zip(&self.imts) {
                let levels = soil_levels(calculation).unwrap_or_else(|| calculation.levels(imt));
                if levels.len() as u64 != l {
                    return Err(misshapen(HCURVES_STATS.key));
                }
                let of_any_size = calculation.release >= LEVELS_OF_ANY_SIZE
                    && !["PGA", "PGV", "SA"].iter().any(|name| imt.starts_with(name));
                let name = |level: &f64| match of_any_size {
                    true => format!("poe-{}", scientific(*level, 5, false)),
                    false => format!("poe-{level:.7}"),
                };
                let names = levels.iter().map(name).collect();
                let places = (0..l).map(|level| (k * m + i) * l + level).collect();
                let comment = self.comment(calculation, kind).text("imt", imt);
                let name = file_name("curve", &format!("{kind}-{imt}"), calculation.calc);
                add(source, files, name, self.rows(comment, names, places, true)?);
            }
        }
        Ok(())
    }

    /// Two files a kind: the maps, and the spectra made of them.
    fn maps(&self, source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
        let [_, m, p] = self.extents;
        let imts = || (0..).zip(&self.imts);
        let poes = || (0..).zip(&self.poes);
        for (k, kind) in &self.kinds {
            let place = |i: u64, poe: u64| (k * m + i) * p + poe;
            if calculation.is_on("hazard_maps") {
                let columns =
                    imts().flat_map(|(i, imt)| poes().map(move |(j, poe)| (format!("{imt}-{}", repr(*poe)), i, j)));
                let (names, places) = columns.map(|(name, i, j)| (name, place(i, j))).unzip();
                let name = file_name("map", kind, calculation.calc);
                add(source, files, name, self.rows(self.comment(calculation, kind), names, places, false)?);
            }
            if calculation.is_on("uniform_hazard_spectra") {
                let spectral = || imts().filter(|(_, imt)| imt.starts_with("PGA") || imt.starts_with("SA"));
                let columns =
                    poes().flat_map(|(j, poe)| spectral().map(move |(i, imt)| (format!("{poe:.6}~{imt}"), i, j)));
                let (names, places) = columns.map(|(name, i, j)| (name, place(i, j))).unzip();
                let name = file_name("uhs", kind, calculation.calc);
                add(source, files, name, self.rows(self.comment(calculation, kind), names, places, false)?);
            }
        }
        Ok(())
    }

    /// A file a kind and return period.
    fn maps_by_return_period(&self, source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
        let Some(time) = calculation.number("investigation_time") else { return Ok(()) };
        let [_, m, p] = self.extents;
        // whole years; of probabilities that come to the same the engine's last file stays
        let periods: Vec<f64> = self.poes.iter().map(|poe| (-time / (1.0 - poe).ln()).round_ties_even()).collect();
        let last = |(j, years): &(u64, &f64)| !periods.iter().skip(*j as usize + 1).any(|other| other == *years);
        for (k, kind) in &self.kinds {
            for (j, years) in (0..).zip(&periods).filter(last) {
                let places = (0..m).map(|i| (k * m + i) * p + j).collect();
                let rows = self.rows(calculation.comment.clone(), self.imts.clone(), places, false)?;
                let name = file_name("map", &format!("{kind}-{years:.0}y"), calculation.calc);
                add(source, files, name, rows);
            }
        }
        Ok(())
    }

    fn comment(&self, calculation: &Calculation, kind: &str) -> Comment {
        calculation.with_time(calculation.comment.clone().text("kind", kind))
    }

    fn rows(&self, comment: Comment, names: Vec<String>, places: Vec<u64>, of_curves: bool) -> Result<SiteRows> {
        let stride = self.extents.iter().product::<u64>();
        let sites = self.sites.clone();
        let elements = ArrayElements { dtype: self.elements.dtype.clone(), start: self.elements.start };
        if self.npy.size()?.saturating_sub(elements.start) != sites.count * stride * elements.dtype.size() as u64 {
            return Err(misshapen("hcurves or hmaps"));
        }
        Ok(SiteRows { comment, names, places, stride, of_curves, sites, npy: self.npy.clone(), elements })
    }
}

/// The levels of amplified curves: a list, or the text of the job, as this program keeps it; `None` if curves are not amplified.
fn soil_levels(calculation: &Calculation) -> Option<Vec<f64>> {
    match calculation.params.get("soil_intensities")? {
        Value::Array(levels) => Some(levels.iter().filter_map(Value::as_f64).collect()),
        Value::String(text) => {
            let words = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|word| !word.is_empty());
            words.map(|word| word.parse().ok()).collect()
        }
        _ => None,
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
    /// Their places among the `stride` elements of a site.
    places: Vec<u64>,
    stride: u64,
    /// Curves have the depth always, and positions in single precision; maps the depth if a site has one.
    of_curves: bool,
    sites: Arc<Sites>,
    npy: Arc<File>,
    elements: ArrayElements,
}

impl SiteRows {
    /// The columns of the sites, for some of them.
    fn site_cells(&self, rows: Range<u64>) -> Result<Vec<(&'static str, Vec<String>)>> {
        let with_depth = self.of_curves || !self.sites.at_sea_level()?;
        let shown = self.sites.columns.iter().filter(|(name, ..)| with_depth || *name != "depth");
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
        let from = site * self.stride;
        let bytes = read_elements(&self.npy, &self.elements, from + first..from + end)?;
        let size = self.elements.dtype.size();
        let value = |place: &u64| {
            let at = (place - first) as usize * size;
            single(&self.elements.dtype, bytes.get(at..at + size).unwrap_or(&[]))
        };
        Ok(self.places.iter().map(value).collect())
    }
}

impl Rows for SiteRows {
    fn count(&self) -> u64 {
        self.sites.count
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

/// A number in single precision, as the engine's exports have them.
fn single(dtype: &DType, bytes: &[u8]) -> f64 {
    let swap = matches!(dtype, DType::Float { order: Order::Big, .. });
    let mut bytes = bytes.to_vec();
    if swap {
        bytes.reverse();
    }
    match bytes.len() {
        4 => f64::from(f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])),
        8 => f64::from(f64::from_le_bytes(std::array::from_fn(|i| bytes[i])) as f32),
        _ => f64::NAN,
    }
}
