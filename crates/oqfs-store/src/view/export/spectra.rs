//! `conditional-spectrum-SITE_N.csv`: the mean and the standard deviation of conditional spectra by probability, statistics and
//! period.

use super::columns::NumberStyle;
use super::combinations::{Combinations, axes};
use super::format::repr;
use super::kept_rows::{KeptRows, sites};
use super::{Calculation, Exports, add};
use crate::view::Result;
use crate::view::results::Wrapped;
use crate::view::results::column::{CellValue, places};
use crate::view::source::ViewSource;

/// A file a site, if there are such spectra.
pub(super) fn export(source: &ViewSource, calculation: &Calculation, files: &mut Exports) -> Result<()> {
    let Some(spectra) = Wrapped::find(source, "cs-stats")? else { return Ok(()) };
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
    Ok(())
}
