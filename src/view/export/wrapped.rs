//! Arrays that are kept with what stands along their axes: `mean_rates_by_src-SITE_N.csv`, the annual rates by source, and
//! `conditional-spectrum-SITE_N.csv`.
//!
//! Such an array is a group: `array`, `shape_descr` with the names of the axes, and a dataset a name with what stands along
//! the axis, or how long it is. Of `extra` names there is one more axis, of columns.

use super::column::{Cell, Column, places};
use super::columns::Style;
use super::combinations::{Axis, Combinations, Values, axis};
use super::format::{repr, scientific};
use super::{Calculation, Exports, add};
use crate::view::Result;
use crate::view::source::Source;

/// An array with its axes, the first one being the sites.
struct Wrapped {
    array: Column,
    /// What stands along each axis.
    axes: Vec<(String, Vec<Cell>)>,
    extra: Vec<String>,
}

impl Wrapped {
    /// `None` if there is no such group, or its array has another shape than its axes say.
    fn find(source: &Source, group: &str) -> Result<Option<Self>> {
        let column = |name: &str| Column::find(source, &format!("{group}/{name}"), None);
        let texts = |name: &str| column(name)?.map(|found| found.texts(0..found.count)).transpose();
        let (Some(array), Some(names), Some(extra)) = (column("array")?, texts("shape_descr")?, texts("extra")?) else {
            return Ok(None);
        };
        let mut axes = vec![];
        for name in names {
            let Some(found) = column(&name)? else { return Ok(None) };
            let cells = match &found.cells(0..found.count)?[..] {
                [Cell::Integer(extent @ 1..)] if *extent <= i128::from(array.count) => {
                    (0..*extent).map(Cell::Integer).collect()
                }
                cells => cells.to_vec(),
            };
            axes.push((name, cells));
        }
        let extents = axes.iter().map(|(_, cells)| cells.len() as u64).chain([extra.len() as u64]);
        let fits = extents.fold(1, u64::saturating_mul) == array.count && !axes.is_empty() && array.count > 0;
        Ok(fits.then_some(Self { array, axes, extra }))
    }
}

/// The cells of rows that are not all zeros, or positive where that is asked for.
#[derive(Debug)]
struct Kept {
    array: Column,
    /// Where those of the site start.
    first: u64,
    width: u64,
    positive: bool,
}

impl Values for Kept {
    fn cells(&self, place: u64) -> Result<Option<Vec<String>>> {
        let values = self.array.numbers(self.first + place..self.first + place + self.width)?;
        let kept = if self.positive { values.iter().all(|x| *x > 0.0) } else { values.iter().sum::<f64>() != 0.0 };
        Ok(kept.then(|| values.into_iter().map(|value| Style::Pandas.text("", &Cell::Real(value))).collect()))
    }
}

/// The sites by their ids, each with what is said of it in the comment.
fn sites(source: &Source, names: &[&str]) -> Result<Option<Vec<(u64, Vec<f64>)>>> {
    let Some(ids) = Column::find(source, "sitecol/sids", None)? else { return Ok(None) };
    let mut sites: Vec<(u64, Vec<f64>)> = ids.places(0..ids.count)?.into_iter().map(|id| (id, vec![])).collect();
    for name in names {
        let Some(found) = Column::find(source, &format!("sitecol/{name}"), None)? else { return Ok(None) };
        sites.iter_mut().zip(found.numbers(0..found.count)?).for_each(|((_, said), value)| said.push(value));
    }
    Ok(Some(sites))
}

/// The annual rates of exceeding each level, by source: those that are positive.
pub(super) fn export_rates(source: &Source, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(rates) = Wrapped::find(source, "mean_rates_by_src")? else { return Ok(()) };
    let Some(sites) = sites(source, &["lon", "lat", "vs30"])? else { return Ok(()) };
    let names: Vec<&str> = rates.axes.iter().map(|(name, _)| name.as_str()).collect();
    let [(_, ids), (_, imts), (_, levels), (_, sources)] = &rates.axes[..] else { return Ok(()) };
    if names != ["site_id", "imt", "lvl", "src_id"] || rates.extra.len() != 1 {
        return Ok(());
    }
    let [n, m, l, of_level] = [ids, imts, levels, sources].map(|cells| cells.len() as u64);
    let text = |cell: &Cell| Style::Pandas.text("", cell);
    let mut by_source = axis(sources.iter().map(text), 1);
    by_source.sort();
    let mut by_level: Vec<(String, f64, u64)> = vec![];
    for (i, imt) in (0..).zip(imts.iter().map(text)) {
        let of_imt = calculation.levels(&imt);
        if of_imt.len() as u64 != l {
            return Ok(());
        }
        by_level.extend((0..).zip(of_imt).map(|(j, level)| (imt.clone(), level, (i * l + j) * of_level)));
    }
    by_level.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let by_level: Axis =
        by_level.into_iter().map(|(imt, level, at)| (vec![imt, scientific(level, 5, true)], at)).collect();
    for (id, said) in sites.into_iter().filter(|(id, _)| *id < n) {
        let [lon, lat, vs30] = said[..] else { continue };
        let rounded = |degrees: f64| repr(format!("{degrees:.5}").parse().unwrap_or(degrees));
        let comment = calculation.comment.clone().bare("lon", &rounded(lon)).bare("lat", &rounded(lat));
        let comment = comment.bare("vs30", &repr(vs30));
        let header = ["source_id", "imt", "iml", "afoe"].map(String::from).to_vec();
        let first = id * m * l * of_level;
        let values = Kept { array: rates.array.clone(), first, width: 1, positive: true };
        if let Some(rows) = Combinations::new(comment, header, vec![by_source.clone(), by_level.clone()], values) {
            add(source, files, calculation.file_name(&format!("mean_rates_by_src-{id}")), rows);
        }
    }
    Ok(())
}

/// The conditional spectra: of each site by probability, statistics and period.
pub(super) fn export_spectra(source: &Source, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(spectra) = Wrapped::find(source, "cs-stats")? else { return Ok(()) };
    let Some(sites) = sites(source, &["lon", "lat"])? else { return Ok(()) };
    let Some(((first, ids), others)) = spectra.axes.split_first() else { return Ok(()) };
    let width = spectra.extra.len() as u64;
    let (mut step, mut axes) = (width, vec![]);
    for (_, cells) in others.iter().rev() {
        axes.insert(0, axis(cells.iter().map(|cell| Style::Pandas.text("", cell)), step));
        step *= cells.len() as u64;
    }
    let names = others.iter().map(|(name, _)| name.clone());
    let header: Vec<String> = names.chain(spectra.extra.iter().cloned()).collect();
    for (place, id) in (0..).zip(places(ids)?).filter(|_| first == "site_id") {
        let Some([lon, lat]) = sites.get(id as usize).map(|(_, said)| &said[..]) else { continue };
        let comment = calculation.comment.clone().bare("site_id", &id.to_string());
        let comment = comment.bare("lon", &repr(*lon)).bare("lat", &repr(*lat));
        let values = Kept { array: spectra.array.clone(), first: place * step, width, positive: false };
        if let Some(rows) = Combinations::new(comment, header.clone(), axes.clone(), values) {
            add(source, files, calculation.file_name(&format!("conditional-spectrum-{id}")), rows);
        }
    }
    Ok(())
}
